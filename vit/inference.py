"""Using a trained model: fast forward passes, and names for what a picture shows."""

from dataclasses import dataclass

import mindspore as ms
import numpy as np
from mindspore import nn

from vit.data.class_names import ClassName
from vit.data.images import read_image
from vit.data.pipeline import preprocess
from vit.kernels import Swap
from vit.model import ViT
from vit.runtime.errors import UserError
from vit.runtime.graph_mode import before_first_call, in_graph_mode
from vit.runtime.language import say


def make_forward(model: ViT):
    """Compile a model for evaluation.

    Returns:
        forward(images (B, C, H, W) float32 Tensor or array) -> logits (B, K) Tensor. The first call
        with a new shape compiles, which takes seconds; keep B fixed.
    """
    if not isinstance(model, nn.Cell):  # an .onnx file: compiled already
        return model
    model.set_train(False)
    parts = [id(cell) for _, cell in model.cells_and_names()]
    cell = model.__dict__.get("_forward")
    if cell is None or cell.parts != parts:  # one graph a model, as long as it is made of the same parts
        cell = model.__dict__["_forward"] = _Forward(model, parts)

    def forward(images):
        before_first_call(cell)
        with in_graph_mode(), cell.kernels:
            return cell(ms.Tensor(images, ms.float32))

    return forward


class _Forward(nn.Cell):
    """A graph of its own: whoever compiles the model itself, with MindSpore's own operators, has another."""

    def __init__(self, model: ViT, parts: list[int]):
        super().__init__(auto_prefix=False)  # the parameters keep their names
        self.model, self.parts = model, parts
        self.kernels = Swap(self, trains=False)
        self.set_train(False)

    def construct(self, images):
        return self.model(images)


@dataclass(frozen=True)
class Guess:
    """One of the top-k answers: `probability` is the softmax over all classes."""

    index: int
    probability: float
    class_name: ClassName

    def as_dict(self) -> dict:
        return {
            "class_index": self.index,
            "wnid": self.class_name.wnid,
            "name": str(self.class_name),
            "name_zh": self.class_name.name_zh,
            "probability": self.probability,
        }


def class_names(model: ViT) -> tuple[ClassName, ...]:
    """The model's class names; "class 0", "class 1" ... where its weights do not tell them."""
    if model.classes:
        return model.classes
    return tuple(ClassName(f"class {i}", f"class {i}") for i in range(model.config.num_classes))


def predict(model: ViT, image, top: int = 5) -> list[Guess]:
    """Name what a picture shows.

    Args:
        model: with `preprocessing`, as `load_model` returns it.
        image: a path, or pixels (H, W, 3) uint8.
        top: how many answers, at most K are given.

    Returns:
        The most probable classes, the best first.

    Raises:
        UserError: the file is no readable picture, or the model has no preprocessing.
    """
    if model.preprocessing is None:
        raise UserError(
            say(
                "这个模型没有说明图片怎样预处理：请设置 model.preprocessing，或者装入权重",
                "this model does not say how its pictures are prepared: set model.preprocessing, or load weights",
            )
        )
    pixels = image if isinstance(image, np.ndarray) else read_image(image)
    x = preprocess(pixels, model.preprocessing)[np.newaxis]  # (1, 3, S, S)
    model.set_train(False)
    logits = model(ms.Tensor(x)).asnumpy()[0].astype(np.float64)  # (K,)
    probabilities = np.exp(logits - logits.max())
    probabilities /= probabilities.sum()
    names = class_names(model)
    best = np.argsort(-probabilities, kind="stable")[:top]
    return [Guess(int(i), float(probabilities[i]), names[i]) for i in best]
