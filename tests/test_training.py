"""One step of training, and the optimizer against its definition."""

import math

import mindspore as ms
import numpy as np
import pytest
from conftest import SMALL, randomise
from mindspore import nn

import vit
from vit.encoder import GELU
from vit.inference import make_forward
from vit.runtime.errors import RunFailed
from vit.runtime.graph_mode import in_graph_mode
from vit.training import make_train_step, train
from vit.training.optimizer import AdamW, decays, warmup_cosine

ONE = SMALL | {"depth": 1}  # a block is enough, and compiles in a third of the time


class Apply(nn.Cell):
    """Gives an optimizer gradients by hand."""

    def __init__(self, optimizer):
        super().__init__()
        self.optimizer = optimizer

    def construct(self, *gradients):
        return self.optimizer(gradients)


def adamw_by_definition(values, gradients, rates, decay, names):
    """Algorithm 2 of arXiv:1711.05101, in float64."""
    values = [value.astype(np.float64) for value in values]
    m, v = [0.0] * len(values), [0.0] * len(values)
    for t, (rate, step) in enumerate(zip(rates, gradients, strict=True), 1):
        for i, g in enumerate(step):
            m[i] = 0.9 * m[i] + 0.1 * g
            v[i] = 0.999 * v[i] + 0.001 * np.square(g, dtype=np.float64)
            m_hat, v_hat = m[i] / (1 - 0.9**t), v[i] / (1 - 0.999**t)
            share = decay if values[i].ndim > 1 and names[i] not in ("cls_token", "pos_embed") else 0
            values[i] = values[i] - rate * (m_hat / (np.sqrt(v_hat) + 1e-8) + share * values[i])
    return values


def test_adamw_over_20_steps():
    model = randomise(vit.ViT(vit.ViTConfig(**ONE)))
    names = [name for name, _ in model.parameters_and_names()]
    start = [parameter.asnumpy().copy() for parameter in model.get_parameters()]  # asnumpy() is a view
    rng = np.random.default_rng(0)
    # gradients over many orders of magnitude: epsilon in the wrong place shows
    gradients = [
        [rng.normal(0, 10.0 ** rng.uniform(-9, 0), value.shape).astype(np.float32) for value in start]
        for _ in range(20)
    ]
    rates = warmup_cosine(1e-2, steps=18, warmup=4)
    optimizer = Apply(AdamW(model, rates, weight_decay=0.1))
    with in_graph_mode():
        for step in gradients:
            optimizer(*map(ms.Tensor, step))
    rates = [*rates, rates[-1], rates[-1]]  # past its end, the last rate stays
    expected = adamw_by_definition(start, gradients, rates, 0.1, names)
    for name, parameter, value in zip(names, model.get_parameters(), expected, strict=True):
        np.testing.assert_allclose(parameter.asnumpy(), value, atol=2e-6, err_msg=name)


def test_what_decays():
    model = vit.ViT(vit.ViTConfig(**ONE))
    assert {name for name, parameter in model.parameters_and_names() if decays(name, parameter)} == {
        "patch_embed.proj.weight",
        "blocks.0.attn.qkv.weight",
        "blocks.0.attn.proj.weight",
        "blocks.0.mlp.fc1.weight",
        "blocks.0.mlp.fc2.weight",
        "head.weight",
    }


def test_warmup_and_cosine():
    rates = warmup_cosine(2.0, steps=14, warmup=4)
    np.testing.assert_allclose(rates[:5], [0.5, 1, 1.5, 2, 2])
    np.testing.assert_allclose(rates[9], 1.0, atol=1e-6)  # half-way down
    assert rates[-1] < 0.06
    assert (np.diff(rates[4:]) < 0).all()


def batch(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(8, 3, 32, 32)).astype(np.float32), rng.integers(0, 7, 8)


def test_a_step_returns_the_loss_before_it_and_learns():
    ms.set_seed(0)
    model = vit.ViT(vit.ViTConfig(**ONE))
    images, labels = batch()
    step = make_train_step(model, lr=1e-3)
    first = step(images, labels)
    assert first.shape == ()
    np.testing.assert_allclose(first.asnumpy(), np.log(7), rtol=1e-5)  # the head starts at zero
    for _ in range(30):
        last = step(images, labels)
    assert last.asnumpy() < 0.5 * first.asnumpy()


def test_clipping_and_smoothing_and_seed():
    def losses(**options):
        ms.set_seed(0)
        model = randomise(vit.ViT(vit.ViTConfig(**SMALL | {"depth": 1}, drop_path_rate=0.3)))
        step = make_train_step(model, lr=1e-3, **options)
        return [float(step(*batch(i)).asnumpy()) for i in range(4)]

    plain = losses()
    assert plain == losses(), "the seed repeats a run exactly, drop path too"
    # Adam forgets the size of gradients all scaled alike, not that of ever different ones
    assert plain[3] != losses(clip_norm=None)[3]
    assert abs(plain[0] - losses(label_smoothing=0.3)[0]) > 1e-3


def test_a_step_is_that_of_the_numbers(small_model):
    """The loss, and the direction in which the head's bias moves, from the softmax of the logits before."""
    images, labels = batch(3)
    bias = small_model.head.bias.asnumpy().copy()
    logits = small_model(ms.Tensor(images)).asnumpy().astype(np.float64)
    shares = np.exp(logits - logits.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    loss = make_train_step(small_model, lr=1e-3, weight_decay=0.0, clip_norm=None)(images, labels)
    np.testing.assert_allclose(loss.asnumpy(), -np.log(shares[np.arange(8), labels]).mean(), rtol=1e-4)
    gradient = (shares - np.eye(7)[labels]).mean(0)  # of the head's bias
    moved = small_model.head.bias.asnumpy() - bias
    np.testing.assert_allclose(moved, -1e-3 * np.sign(gradient), atol=2e-5)  # Adam's first step is the sign


@pytest.mark.parametrize("mode", [ms.PYNATIVE_MODE, ms.GRAPH_MODE])
def test_the_mode_outside_is_left_as_it_was(mode, small_model):
    before = ms.get_context("mode")
    try:
        ms.set_context(mode=mode)
        make_train_step(small_model)(*batch())
        assert ms.get_context("mode") == mode
    finally:
        ms.set_context(mode=before)


def test_the_loop_hands_out_losses_and_stops_at_nan(small_model):
    step = make_train_step(small_model)
    losses = list(train(step, [batch(0), batch(1)]))
    assert len(losses) == 2
    assert all(isinstance(loss, float) for loss in losses)
    images, labels = batch(2)
    with pytest.raises(RunFailed, match="the loss is nan"):
        list(train(step, [(images * np.nan, labels)]))


def gelu_by_definition(x):
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("kind", ["exact", "tanh"])
def test_gelu_and_its_gradient(kind, graph):
    """Against the definition and its central differences in float64: finite differences see a wrong sign or factor."""
    x = np.linspace(-5, 5, 41).reshape(1, 41)

    def tanh_form(x):
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))

    form = gelu_by_definition if kind == "exact" else tanh_form
    slope = (form(x + 1e-5) - form(x - 1e-5)) / 2e-5
    cell = GELU(kind)
    weights = ms.Tensor(np.linspace(1, 2, 41).reshape(1, 41).astype(np.float32))
    argument = ms.Tensor(x.astype(np.float32))
    if graph:
        with in_graph_mode():
            value, gradient = cell(argument), ms.grad(GradientOf(cell, weights))(argument)
    else:
        value, gradient = cell(argument), ms.grad(GradientOf(cell, weights))(argument)
    np.testing.assert_allclose(value.asnumpy(), form(x), atol=2e-6)
    np.testing.assert_allclose(gradient.asnumpy(), slope * weights.asnumpy(), atol=5e-6)
    assert np.abs(tanh_form(x) - gelu_by_definition(x)).max() < 5e-4


class GradientOf(nn.Cell):
    """A number whose gradient is weights times the derivative of the cell."""

    def __init__(self, cell, weights):
        super().__init__()
        self.cell, self.weights = cell, weights

    def construct(self, x):
        return (self.cell(x) * self.weights).sum()


def test_a_second_model_is_compiled_once():
    """The first is garbage by then; MindSpore forgets the shapes of a compiled cell when another of the same goes."""
    for _ in range(2):
        step = make_train_step(vit.ViT(vit.ViTConfig(**SMALL | {"depth": 1})))
        for i in range(2):
            step(*batch(i))
        for i in range(2):
            make_forward(step.cell.model)(batch(i)[0])
        assert len(step.cell.compile_cache) == len(step.cell.model.__dict__["_forward"].compile_cache) == 1
