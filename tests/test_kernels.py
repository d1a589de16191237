"""vit/kernels: values and every gradient of both ways against MindSpore's own cells and PyTorch, and how they get in."""

import ctypes
import os
import stat
import subprocess
import sys
import threading
from contextlib import nullcontext, suppress

import mindspore as ms
import numpy as np
import psutil
import pytest
from conftest import SMALL, randomise
from mindspore import nn

import vit
from vit.attention import Attention
from vit.attention_maps import attention_weights
from vit.encoder import GELU, MLP
from vit.inference import make_forward
from vit.kernels import Swap, chosen, library, swap
from vit.kernels.custom import first, kernel
from vit.kernels.library import NoLibrary
from vit.layer_norm import LayerNorm
from vit.runtime.graph_mode import in_graph_mode
from vit.training import make_train_step

WAYS = ("fused", "written out")
ONE = SMALL | {"depth": 1}
needs_fused = pytest.mark.skipif(chosen().way != "fused", reason=chosen().sentence)


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Each of the ways, the fused one where it can be had."""
    if request.param == "fused" and chosen().way != "fused":
        pytest.skip(chosen().sentence)
    if request.param == "written out":
        monkeypatch.setenv("VIT_KERNELS", "0")
    return request.param


class Weighted(nn.Cell):
    """A number whose gradient differs at each place: the sum of weights times f(x)."""

    def __init__(self, f, shape):
        super().__init__()
        self.f = f
        self.weights = ms.Tensor(np.random.default_rng(7).normal(1, 1, shape).astype(np.float32))

    def construct(self, x):
        return (self.f(x) * self.weights).sum()


def gradients(f, x, swapped: bool, graph: bool = False) -> dict[str, np.ndarray]:
    """f(x), and the gradients of x and of every parameter of f."""
    f.set_train()
    paths = {id(parameter): path for path, parameter in f.parameters_and_names()}
    holder = Weighted(f, f(ms.Tensor(x)).shape)
    with Swap(holder, trains=True) if swapped else nullcontext(), in_graph_mode() if graph else nullcontext():
        value = holder.f(ms.Tensor(x))
        parameters = list(holder.trainable_params())
        if parameters:
            of_x, rest = ms.grad(holder, 0, weights=ms.ParameterTuple(parameters))(ms.Tensor(x))
        else:
            of_x, rest = ms.grad(holder)(ms.Tensor(x)), ()
    named = {paths[id(p)]: g.asnumpy() for p, g in zip(parameters, rest, strict=True)}
    return named | {"value": value.asnumpy(), "x": of_x.asnumpy()}


def alike(mine: dict, other: dict, tolerance=2e-5) -> None:
    assert mine.keys() == other.keys()
    for name, wanted in other.items():
        room = tolerance * max(np.abs(wanted[np.isfinite(wanted)]).max(initial=0), 1e-6)
        np.testing.assert_allclose(mine[name], wanted, rtol=tolerance, atol=room, err_msg=name)


def numbers(*shape, scale=1.0):
    return (np.random.default_rng(sum(shape)).normal(0.3, 1, shape) * scale).astype(np.float32)


SHAPES = [(1, 1, 4), (1, 1, 7), (1, 5, 3), (3, 5, 7), (2, 9, 8), (1, 33, 17), (2, 3, 48), (40, 70, 33)]
CELLS = {
    "norm": lambda d: LayerNorm(d),
    "norm, large epsilon": lambda d: nn.LayerNorm((d,), epsilon=1e-2),
    "exact": lambda d: GELU("exact"),
    "tanh": lambda d: nn.GELU(),
    "dense": lambda d: nn.Dense(d, 2 * d + 1),
    "mlp": lambda d: MLP(d, 3 * d + 2),
    "mlp, tanh": lambda d: MLP(d, 5, gelu="tanh"),
    "attention": lambda d: Attention(16 * d, 1 + d % 2),  # heads of 16 times something, or of half that
    "attention, no bias": lambda d: Attention(16 * d, d, qkv_bias=False),
    "attention, narrow": lambda d: Attention(d * 3, 3),
}


def case(name, shape):
    cell = randomise(CELLS[name](shape[2]))
    width = {"attention": 16, "attention, no bias": 16, "attention, narrow": 3}.get(name, 1)
    return cell, numbers(shape[0], shape[1], shape[2] * width)


@pytest.mark.parametrize("name", CELLS)
def test_as_mindspore_s_own(name, way):
    # of a single token and head MindSpore's eager gradient of `@` fails, and all gradients after it are wrong
    for shape in [shape for shape in SHAPES[:-1] if shape[1] > 1] if "attention" in name else SHAPES:
        cell, x = case(name, shape)
        plain = gradients(cell, x, swapped=False)
        alike(gradients(cell, x, swapped=True), plain)
    alike(gradients(cell, x, swapped=True, graph=True), plain)


def torch_twin(name, torch, cell):
    """The same sums, by PyTorch, and its parameters by our names."""
    given = {name: torch.tensor(p.asnumpy(), requires_grad=True) for name, p in cell.parameters_and_names()}
    f = torch.nn.functional
    if name == "norm":
        return given, lambda x: f.layer_norm(x, x.shape[-1:], given["gamma"], given["beta"], 1e-6)
    if name in ("mlp", "mlp, tanh"):
        kind = "tanh" if "tanh" in name else "none"

        def mlp(x):
            hidden = f.gelu(f.linear(x, given["fc1.weight"], given["fc1.bias"]), approximate=kind)
            return f.linear(hidden, given["fc2.weight"], given["fc2.bias"])

        return given, mlp

    def attention(x):
        b, n, d = x.shape
        qkv = f.linear(x, given["qkv.weight"], given["qkv.bias"]).reshape(b, n, 3, cell.num_heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        out = f.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, d)
        return f.linear(out, given["proj.weight"], given["proj.bias"])

    return given, attention


@pytest.mark.parametrize("name", ["norm", "mlp", "mlp, tanh", "attention"])
def test_as_pytorch(name, way):
    torch = pytest.importorskip("torch")
    for shape in SHAPES[:-1] if "attention" in name else SHAPES:
        cell, x = case(name, shape)
        given, f = torch_twin(name, torch, cell)
        tensor = torch.tensor(x, requires_grad=True)
        value = f(tensor)
        weights = np.random.default_rng(7).normal(1, 1, value.shape).astype(np.float32)
        (value * torch.tensor(weights)).sum().backward()
        theirs = {name: p.grad.numpy() for name, p in given.items()}
        theirs |= {"value": value.detach().numpy(), "x": tensor.grad.numpy()}
        alike(gradients(cell, x, swapped=True), theirs, 1e-4)


@needs_fused
@pytest.mark.parametrize("scale", [1e-30, 1e-6, 30.0, 1e4])
def test_tiny_and_large_numbers(scale):
    for name in ("norm", "exact", "tanh", "mlp", "attention"):
        cell, x = case(name, (3, 5, 8))
        plain = gradients(cell, x * np.float32(scale), swapped=False)
        if not all(np.isfinite(g).all() for g in plain.values()):
            continue
        # at 1e4 a softmax is a choice between two numbers that differ in their last digit
        alike(gradients(cell, x * np.float32(scale), swapped=True), plain, 1e-4 if scale < 1e3 else 2e-2)


@needs_fused
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["norm", "exact", "tanh", "mlp", "dense", "attention"])
def test_what_is_no_number_is_passed_on(name, bad):
    """To the very places where MindSpore's own cells have it, in value and gradients."""
    cell, x = case(name, (2, 5, 8))
    x[1, 3, 2] = bad
    plain, mine = gradients(cell, x, swapped=False), gradients(cell, x, swapped=True)
    for key in plain:
        wrong, wanted = ~np.isfinite(mine[key]), ~np.isfinite(plain[key])
        assert (wrong >= wanted).all(), key  # nothing is made a number that was none
        if name not in ("exact", "tanh", "mlp"):  # GELU of infinity is 0 or NaN, as it is written
            assert (wrong == wanted).all(), key


@needs_fused
def test_rows_without_variance():
    cell = randomise(LayerNorm(6))
    x = np.repeat(numbers(4, 1), 6, axis=1)
    mine, plain = gradients(cell, x, swapped=True), gradients(cell, x, swapped=False)
    for name, wanted in plain.items():
        # x - mean is 0 but for rounding, and that is multiplied by 1 / sqrt(epsilon) = 1000, in "x" once more
        np.testing.assert_allclose(mine[name], wanted, atol=1.0 if name == "x" else 2e-3, err_msg=name)


def test_the_commonest_mistakes_would_show(monkeypatch):
    """A wrong factor in one gradient, and the gradients of weight and bias exchanged."""
    cell, x = case("norm", (3, 5, 7))
    plain = gradients(cell, x, swapped=False)
    for wrong in ({"x": plain["x"] * 1.001}, {"gamma": plain["beta"], "beta": plain["gamma"]}):
        with pytest.raises(AssertionError):
            alike(plain | wrong, plain)


ON_ONE_CORE = """
import os, sys, ctypes, hashlib, numpy as np
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[2])])
library = ctypes.CDLL(sys.argv[1])
rng = np.random.default_rng(0)
x, g = rng.normal(size=(2, 3000, 192)).astype(np.float32)
gamma, stats = np.ones(192, np.float32), np.abs(rng.normal(size=(3000, 2))).astype(np.float32)
dx, dgamma, dbeta = np.zeros_like(x), np.zeros_like(gamma), np.zeros_like(gamma)
arrays = [x, gamma, stats, g, dx, dgamma, dbeta]
shapes = [(ctypes.c_int64 * a.ndim)(*a.shape) for a in arrays]
library.LayerNormGrad(7, (ctypes.c_void_p * 7)(*(a.ctypes.data for a in arrays)),
    (ctypes.c_int * 7)(*(a.ndim for a in arrays)), (ctypes.c_void_p * 7)(*map(ctypes.addressof, shapes)), None, None, None)
print(hashlib.sha256(dx.tobytes() + dgamma.tobytes() + dbeta.tobytes()).hexdigest())
"""


@needs_fused
def test_the_same_bits_on_any_number_of_cores():
    import conftest

    def answer(cores):
        command = [sys.executable, "-c", ON_ONE_CORE, library.library().path, str(cores)]
        before = lambda: os.sched_setaffinity(0, conftest.ALL_CORES)  # noqa: E731
        return subprocess.run(command, check=True, capture_output=True, preexec_fn=before).stdout

    assert answer(1) == answer(2) == answer(64)


def called(name, *arrays) -> None:
    """A kernel, without MindSpore."""
    shapes = [(ctypes.c_int64 * a.ndim)(*a.shape) for a in arrays]
    many = len(arrays)
    getattr(ctypes.CDLL(library.library().path), name)(
        many,
        (ctypes.c_void_p * many)(*(a.ctypes.data for a in arrays)),
        (ctypes.c_int * many)(*(a.ndim for a in arrays)),
        (ctypes.c_void_p * many)(*map(ctypes.addressof, shapes)),
        None,
        None,
        None,
    )


@needs_fused
def test_several_threads_at_once():
    """One of them has the pool, the others work alone."""
    x = numbers(900, 192)
    wanted = np.zeros_like(x)
    called("GeluExact", x, wanted)
    wrong = []

    def work():
        for _ in range(30):
            y = np.zeros_like(x)
            called("GeluExact", x, y)
            wrong.append(not np.array_equal(y, wanted))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wrong) == 120
    assert not any(wrong)


@needs_fused
def test_memory_does_not_grow():
    qkv = numbers(2, 33, 3, 2, 16)
    out, kept = np.zeros((2, 33, 2, 16), np.float32), np.zeros((2, 2, 33, 48), np.float32)

    def many():
        for _ in range(1000):
            called("AttentionKept", qkv, out, kept)
            called("AttentionGrad", qkv, kept, out, np.zeros_like(qkv))

    many()
    before = psutil.Process().memory_info().rss  # not the highest so far, which other tests have raised
    many()
    assert psutil.Process().memory_info().rss - before < 2e6  # bytes: a thousand leaked answers would be 8e6


def test_a_model_is_as_it_was_outside(way):
    model = randomise(vit.ViT(vit.ViTConfig(**SMALL)))
    before = [(name, type(cell), id(cell)) for name, cell in model.cells_and_names()]
    places = Swap(model, trains=True)
    # in each block both norms, attention and MLP or its GELU; the last norm; where it is fused, patches and head
    assert len(places.places) == 3 * 4 + 1 + 2 * (way == "fused")
    with suppress(ZeroDivisionError), places:
        assert [(name, type(cell), id(cell)) for name, cell in model.cells_and_names()] != before
        1 / 0  # noqa: B018
    assert [(name, type(cell), id(cell)) for name, cell in model.cells_and_names()] == before


def test_parameters_keep_their_names(way):
    model = vit.ViT(vit.ViTConfig(**SMALL))
    before = {name: id(p) for name, p in model.parameters_and_names()}
    with Swap(model, trains=True):
        assert {name: id(p) for name, p in model.parameters_and_names()} == before


@pytest.mark.parametrize("config", [ONE, ONE | {"num_heads": 3, "gelu": "tanh", "qkv_bias": False, "pool": "mean"}])
def test_a_whole_model_compiled(config, way, images):
    """Logits as eagerly, attention maps after it, and a training that goes the same way."""
    model = randomise(vit.ViT(vit.ViTConfig(**config)))
    model.set_train(False)
    eager, maps = model(ms.Tensor(images)).asnumpy(), attention_weights(model, images)
    np.testing.assert_allclose(make_forward(model)(images).asnumpy(), eager, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(attention_weights(model, images), maps)
    step = make_train_step(model, lr=1e-3)
    losses = [float(step(images, [1, 2]).asnumpy()) for _ in range(3)]
    plain = make_train_step(randomise(vit.ViT(vit.ViTConfig(**config))), lr=1e-3)
    plain.kernels = nullcontext()
    np.testing.assert_allclose(losses, [float(plain(images, [1, 2]).asnumpy()) for _ in range(3)], rtol=1e-4)


def test_who_compiles_the_model_itself_has_another_graph(images):
    """And a model that is made of other parts has a new one."""
    model = randomise(vit.ViT(vit.ViTConfig(**ONE))).set_train(False)
    with in_graph_mode():
        plain = model(ms.Tensor(images)).asnumpy()
    quick = make_forward(model)(images).asnumpy()
    np.testing.assert_allclose(quick, plain, rtol=1e-4, atol=1e-4)
    if chosen().way == "fused":
        assert (quick != plain).any()
    assert len(model.compile_cache) == len(model.__dict__["_forward"].compile_cache) == 1
    model.head = randomise(nn.Dense(48, 3))
    assert make_forward(model)(images).shape == (2, 3)


class Derived(nn.Dense):
    def construct(self, x):
        return super().construct(x) * 2


class Theirs(nn.Cell):
    """A network such as a learner writes, with what must be left alone."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm((8,), epsilon=1e-6)
        self.twice = self.norm
        self.over_two = nn.LayerNorm((5, 8), begin_norm_axis=1, begin_params_axis=1, epsilon=1e-6)
        self.row = nn.SequentialCell(nn.Dense(8, 8), nn.GELU())
        self.derived = Derived(8, 8)
        self.active = nn.Dense(8, 8, activation="relu")
        self.free = nn.Dense(8, 8, has_bias=False)
        self.asked = nn.Dense(8, 8)

    def construct(self, x):
        x = self.asked(x) * self.asked.out_channels + self.norm.epsilon
        return self.free(self.active(self.derived(self.row(self.over_two(self.twice(self.norm(x)))))))


def test_a_learner_s_own_network(way):
    x = numbers(2, 5, 8)
    theirs = randomise(Theirs())
    alike(gradients(theirs, x, swapped=True), gradients(theirs, x, swapped=False))
    with Swap(theirs, trains=True):
        assert theirs.norm is theirs.twice
        assert type(theirs.norm) is not nn.LayerNorm
        kept = (theirs.over_two, theirs.derived, theirs.active, theirs.free)
        assert [type(cell) for cell in kept] == [nn.LayerNorm, Derived, nn.Dense, nn.Dense]


@needs_fused
def test_a_kernel_s_shapes_are_not_constants():
    """The same operator, called with one shape and then another."""
    op = kernel("GeluTanh", first)
    for shape in ((3, 4), (50, 7)):
        x = numbers(*shape)
        wanted = 0.5 * x * (1 + np.tanh(0.79788456 * (x + 0.044715 * x**3)))
        np.testing.assert_allclose(op(ms.Tensor(x)).asnumpy(), wanted, atol=2e-6)


# where there are none

ASK = "from vit.kernels import chosen; print(chosen().sentence)"


def asked(tmp_path, **environment) -> str:
    """What a new process with a cache of its own says of its kernels."""
    here = {name: value for name, value in os.environ.items() if name != "VIT_KERNELS"}
    own = here | {"XDG_CACHE_HOME": str(tmp_path / "cache"), "VIT_LANG": "en"} | environment
    done = subprocess.run([sys.executable, "-c", ASK], env=own, capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout.strip()


@needs_fused
@pytest.mark.slow
def test_compiled_once_by_whoever_comes_first(tmp_path):
    own = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache"), "VIT_LANG": "en"}
    both = [subprocess.Popen([sys.executable, "-c", ASK], env=own, stdout=subprocess.PIPE, text=True) for _ in "ab"]
    assert [process.communicate()[0] for process in both] == [f"{chosen().sentence}\n"] * 2
    (made,) = (tmp_path / "cache").rglob("*.so")
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700
    before = made.stat().st_mtime_ns
    assert asked(tmp_path) == chosen().sentence
    assert made.stat().st_mtime_ns == before
    assert {path.suffix for path in made.parent.iterdir()} <= {".so", ".sha256", ".lock"}
    made.write_bytes(made.read_bytes()[:5000])  # a disk that was full: loading it would end the process
    assert asked(tmp_path) == chosen().sentence
    assert made.stat().st_size > 5000
    made.parent.chmod(0o777)
    assert "can be written to by others" in asked(tmp_path)


def test_without_a_compiler(tmp_path, monkeypatch):
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoLibrary, match="no C\\+\\+ compiler"):
        library._compiler()


def test_a_compiler_that_fails(tmp_path):
    (tmp_path / "cxx").write_text(
        '#!/bin/sh\n[ "$1" = -dumpfullversion ] && echo 1 && exit\necho "fatal error: no" >&2\nexit 1'
    )
    (tmp_path / "cxx").chmod(0o755)
    said = asked(tmp_path, CXX=str(tmp_path / "cxx"))
    assert (
        said
        == f"kernels: written out ({tmp_path / 'cxx'} failed: fatal error: no; with g++ installed it would be faster)"
    )
    assert [path.suffix for path in (tmp_path / "cache").rglob("*") if path.is_file()] in ([], [".lock"])


def test_a_compiler_that_fails_is_asked_once(monkeypatch):
    monkeypatch.delenv("VIT_KERNELS", raising=False)
    asked = []

    def fails():
        asked.append(1)
        raise NoLibrary("it fails")

    monkeypatch.setattr(swap, "library", fails)
    swap._tried.cache_clear()
    try:
        assert [chosen().way, chosen().way, chosen().way] == ["written out"] * 3
        assert len(asked) == 1
    finally:
        swap._tried.cache_clear()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_written(tmp_path):
    (tmp_path / "cache").mkdir(mode=0o500)
    assert asked(tmp_path).startswith("kernels: written out (")


def test_a_cache_that_is_a_file(tmp_path):
    (tmp_path / "cache").write_text("")
    assert asked(tmp_path).startswith("kernels: written out (")


def test_switched_off(tmp_path):
    assert asked(tmp_path, VIT_KERNELS="0") == "kernels: written out (VIT_KERNELS=0)"
    assert not (tmp_path / "cache").exists()
