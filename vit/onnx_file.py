"""A model as an .onnx file for other programs, written from its config and weights; and such a file run by onnxruntime.

Opset 20 and IR 10, which every onnxruntime for Python 3.10 to 3.12 reads. Preprocessing, class names and config stand in
the file's metadata. Operators: https://onnx.ai/onnx/operators/.
"""

import json
from dataclasses import asdict, fields
from pathlib import Path

import mindspore as ms
import numpy as np

from vit.config import ViTConfig
from vit.data.class_names import ClassName
from vit.data.preprocessing import Preprocessing
from vit.export import check_equal, check_target
from vit.inference import class_names, make_forward
from vit.model import ViT
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.weights import conversion

OPSET, IR = 20, 10
ABOUT = "vit"  # the key of our metadata


class _Graph:
    """Nodes and constants, as they are added."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, values, name: str | None = None) -> str:
        from onnx import numpy_helper

        if any(one.name == name for one in self.constants):  # a part that is used twice
            return name
        name = name or f"c{len(self.constants)}"
        self.constants.append(
            numpy_helper.from_array(np.array(values, order="C"), name)
        )  # `ascontiguousarray` has no 0-d
        return name

    def __call__(self, kind: str, *inputs: str, name: str | None = None, outputs: int = 1, **attributes):
        """Add a node; the name of what it puts out, or names where there are several."""
        from onnx import helper

        names = [name] if name else [f"n{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if len(names) == 1 else names


def graph_of(model: ViT, inside: bool = False, changes: bool = False):
    """The ONNX model: images (B, 3, S, S) float32, any B -> logits (B, K).

    Args:
        model: with `preprocessing`, as `load_model` returns it.
        inside: also put out "tokens.0" ... "tokens.L" (B, T, D), "attention.0" ... (B, h, T, T), and with `changes`
            "by_block" (L + 1, K) of the first picture, as `vit.inside`.
        changes: also take what `vit.inside.inspect` may change, as inputs: "positions" (1,), by which positions are
            multiplied, "heads" (L, h) and "layers" (L,), 1 or 0 for off, and "temperature" (1,).
    """
    import onnx
    from onnx import helper

    config, graph = model.config, _Graph()
    weights = {conversion.from_mindspore(n): p.asnumpy() for n, p in model.parameters_and_names()}
    dim, heads, tokens = config.embed_dim, config.num_heads, config.num_patches + 1
    size, p = config.image_size, config.patch_size

    def dense(x: str, name: str, out: str | None = None) -> str:  # (..., from) -> (..., to)
        bias = weights.get(f"{name}.bias")
        y = graph("MatMul", x, graph.constant(weights[f"{name}.weight"].T), name=None if bias is not None else out)
        return y if bias is None else graph("Add", y, graph.constant(bias, f"{name}.bias"), name=out)

    def norm(x: str, name: str) -> str:
        scale, bias = (graph.constant(weights[f"{name}.{part}"], f"{name}.{part}") for part in ("weight", "bias"))
        return graph("LayerNormalization", x, scale, bias, axis=-1, epsilon=config.norm_eps)

    kernel = graph.constant(weights["patch_embed.proj.weight"].reshape(dim, config.in_channels, p, p))
    bias = graph.constant(weights["patch_embed.proj.bias"])
    x = graph("Conv", "images", kernel, bias, kernel_shape=[p, p], strides=[p, p])  # (B, D, rows, columns)
    x = graph("Reshape", x, graph.constant(np.array([0, dim, tokens - 1])))
    x = graph("Transpose", x, perm=[0, 2, 1])  # (B, N, D)
    batch = graph("Shape", "images", start=0, end=1)  # (1,)
    shape = graph("Concat", batch, graph.constant(np.array([1, dim])), axis=0)
    cls = graph("Expand", graph.constant(weights["cls_token"], "cls_token"), shape)  # (B, 1, D)
    x = graph("Concat", cls, x, axis=1)
    positions = graph.constant(weights["pos_embed"], "pos_embed")
    if changes:
        positions = graph("Mul", positions, "positions")
    x = graph("Add", x, positions, name="tokens.0")  # (B, T, D)
    for block in range(config.depth):
        at = f"blocks.{block}"
        qkv = dense(norm(x, f"{at}.norm1"), f"{at}.attn.qkv")  # (B, T, 3*D)
        qkv = graph("Reshape", qkv, graph.constant(np.array([0, tokens, 3, heads, dim // heads])))
        q, k, v = graph("Split", graph("Transpose", qkv, perm=[2, 0, 3, 1, 4]), axis=0, num_outputs=3, outputs=3)
        q, k, v = (graph("Squeeze", one, graph.constant(np.array([0]))) for one in (q, k, v))  # each (B, h, T, d)
        q = graph("Mul", q, graph.constant(np.float32((dim // heads) ** -0.5)))
        scores = graph("MatMul", q, graph("Transpose", k, perm=[0, 1, 3, 2]))
        if changes:
            scores = graph("Div", scores, "temperature")
        shares = graph("Softmax", scores, axis=-1, name=f"attention.{block}")  # (B, h, T, T)
        out = graph("MatMul", shares, v)  # (B, h, T, d)
        if changes:
            heard = graph("Gather", "heads", graph.constant(np.array(block)), axis=0)  # (h,)
            out = graph("Mul", out, graph("Reshape", heard, graph.constant(np.array([1, heads, 1, 1]))))
        out = graph("Transpose", out, perm=[0, 2, 1, 3])
        out = graph("Reshape", out, graph.constant(np.array([0, tokens, dim])))
        before, x = x, graph("Add", x, dense(out, f"{at}.attn.proj"))
        hidden = dense(norm(x, f"{at}.norm2"), f"{at}.mlp.fc1")
        hidden = graph("Gelu", hidden, approximate="tanh" if config.gelu == "tanh" else "none")
        if not changes:
            x = graph("Add", x, dense(hidden, f"{at}.mlp.fc2"), name=f"tokens.{block + 1}")
            continue
        x = graph("Add", x, dense(hidden, f"{at}.mlp.fc2"))
        on = graph(
            "Greater", graph("Gather", "layers", graph.constant(np.array(block)), axis=0), graph.constant(np.float32(0))
        )
        x = graph("Where", on, x, before, name=f"tokens.{block + 1}")

    def answer(x: str, name: str) -> str:  # (B, T, D) -> (B, K)
        x = norm(x, "norm")
        if config.pool == "mean":
            x = graph("Slice", x, *(graph.constant(np.array([value])) for value in (1, tokens, 1)))  # (B, N, D)
            x = graph("ReduceMean", x, graph.constant(np.array([1])), keepdims=0)  # (B, D)
        else:
            x = graph("Gather", x, graph.constant(np.array(0)), axis=1)
        return dense(x, "head", name)

    answer(x, "logits")
    if inside and changes:
        first = graph.constant(np.array([0]))
        stages = [graph("Gather", f"tokens.{i}", first, axis=0) for i in range(config.depth + 1)]  # each (1, T, D)
        answer(graph("Concat", *stages, axis=0), "by_block")

    def value(name: str, *shape, batch="batch"):
        return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [*([batch] if batch else []), *shape])

    inputs, outputs = [value("images", config.in_channels, size, size)], [value("logits", config.num_classes)]
    if changes:
        shapes = {"positions": (1,), "heads": (config.depth, heads), "layers": (config.depth,), "temperature": (1,)}
        inputs += [value(name, *shape, batch=None) for name, shape in shapes.items()]
    if inside:
        outputs += [value(f"tokens.{i}", tokens, dim) for i in range(config.depth + 1)]
        outputs += [value(f"attention.{i}", heads, tokens, tokens) for i in range(config.depth)]
    if inside and changes:
        outputs += [value("by_block", config.num_classes, batch=config.depth + 1)]
    made = helper.make_model(
        helper.make_graph(graph.nodes, "vit", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR,
        producer_name="mindspore-vit-course",
    )
    about = {
        "config": asdict(config),
        "preprocessing": asdict(model.preprocessing),
        "classes": [asdict(known) for known in class_names(model)],
    }
    helper.set_model_props(made, {ABOUT: json.dumps(about, ensure_ascii=False)})
    onnx.checker.check_model(made, full_check=True)
    return made


def export_onnx(model: ViT, path, inside: bool = False) -> float:
    """Write FILE.onnx, and hold its answers, by onnxruntime, against the model's.

    Returns:
        The largest difference between two logits on random pictures, in units of the largest logit.

    Raises:
        UserError: the path does not end in .onnx or cannot be written; onnx or onnxruntime is not installed.
        RunFailed: the file answers otherwise; nothing is left on disk.
    """
    path = Path(path)
    check_target(path, ".onnx")
    _installed("onnx", "onnxruntime")
    made = graph_of(model, inside)
    size = model.config.image_size
    images = np.random.default_rng(0).normal(size=(2, model.config.in_channels, size, size)).astype(np.float32)
    wanted = make_forward(model)(images).asnumpy()
    with atomic_path(path) as staged:
        staged.write_bytes(made.SerializeToString())
        found = load_onnx(staged)(images).asnumpy()
        difference = float(np.abs(found - wanted).max() / max(np.abs(wanted).max(), 1e-6))
        check_equal(path, difference)
    return difference


class OnnxModel:
    """An .onnx file that answers like a model: images (B, 3, S, S) -> logits (B, K)."""

    def __init__(self, session, about: dict):
        self.session = session
        self.preprocessing = Preprocessing.from_dict(about["preprocessing"])
        self.classes = tuple(ClassName(**entry) for entry in about["classes"])
        known = {field.name for field in fields(ViTConfig)}
        self.config = ViTConfig(**{name: value for name, value in about["config"].items() if name in known})

    def __call__(self, images) -> ms.Tensor:
        array = images.asnumpy() if isinstance(images, ms.Tensor) else images
        return ms.Tensor(self.session.run(["logits"], {"images": np.asarray(array, np.float32)})[0])

    def set_train(self, mode=False):
        """There is nothing to train."""
        return self


def load_onnx(path) -> OnnxModel:
    """Read what `export_onnx` wrote.

    Raises:
        UserError: no such file, no ONNX model, not one of ours; onnxruntime is not installed.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(say(f"{path}: 没有这个文件", f"{path}: no such file"))
    _installed("onnxruntime")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
        about = json.loads(session.get_modelmeta().custom_metadata_map.get(ABOUT, "null"))
    except Exception as error:  # onnxruntime raises classes of its own, ValueError, RuntimeError
        why = (str(error).strip().splitlines() or ["unreadable"])[0][:200]
        raise UserError(
            say(f"{path}: 不是能用的 ONNX 文件（{why}）", f"{path}: no ONNX file that works ({why})")
        ) from None
    if about is None:
        raise UserError(
            say(
                f"{path}: 这个 ONNX 文件不是 vit export 写的，没有说明怎样预处理图片",
                f"{path}: this ONNX file is not one of vit export's: it does not say how pictures are prepared",
            )
        )
    try:
        return OnnxModel(session, about)
    except (UserError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(say(f"{path}: 元数据已损坏（{error}）", f"{path}: broken metadata ({error})")) from None


def _installed(*names: str) -> None:
    from importlib.util import find_spec

    if missing := [name for name in names if find_spec(name) is None]:
        told = " ".join(missing)
        raise UserError(
            say(
                f"还没有装 {told}：pip install {told} 'numpy<2'", f"not installed: {told}; pip install {told} 'numpy<2'"
            )
        )
