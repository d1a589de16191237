"""The parts of a ViT that a learner writes: what each is called, where it is asked for, what it is held against.

A part is a class. The learner's has the arguments of the package's class and its parameters' names
(timm's), so that published weights fit and either can stand where the other stood.
"""

import importlib
import zlib
from dataclasses import dataclass, field

import mindspore as ms
import numpy as np

from vit.config import ViTConfig
from vit.model import ViT
from vit.optimizer import AdamW


@dataclass(frozen=True)
class Part:
    name: str  # of the class
    package: str  # the module whose class it is held against
    file: str  # in the learner's own package
    exercise: str  # the one that asks for it; empty: none does yet
    arguments: dict  # what it is built with to be checked
    inputs: tuple  # shape of what `construct` is given
    drop_rates: dict = field(default_factory=dict)  # built with these: they act in training, and in training only
    others: tuple[dict, ...] = ()  # other arguments that it must take
    simpler: dict = field(default_factory=dict)  # arguments for which half of the task falls away
    draws: int = 24  # how often it is asked in training, to measure its dropout
    faint: bool = False  # asked with tiny input, too: there the epsilon of a norm shows
    needs: tuple[str, ...] = ()  # the parts that it is made of

    @property
    def reference(self) -> type:
        """The package's class."""
        return getattr(importlib.import_module(self.package), self.name)

    @property
    def stem(self) -> str:
        return self.file.removesuffix(".py")

    def build(self, cls: type, **changes):
        """One of that class, its parameters filled with fixed numbers."""
        cell = cls(**(self.arguments | changes))
        fill(cell)
        return cell

    def respond(self, cell, training: bool = False, scale: float = 1.0):
        """What it answers to the fixed input, or to a multiple of it."""
        return cell.set_train(training)(ms.Tensor(input_of(self) * np.float32(scale)))


class StepPart(Part):
    """The training step: it answers with the losses of three steps and with where they have taken some parameters."""

    def build(self, cls: type, **changes):
        ms.set_seed(0)
        model = ViT(self.arguments["config"])
        fill(model)
        followed = [
            p for p in model.get_parameters() if p.name in ("head.weight", "blocks.0.mlp.fc1.bias", "pos_embed")
        ]
        # a large epsilon, so that the length of the gradients shows in the first steps, too
        cell = cls(model, AdamW(model, lr=0.1, weight_decay=0.5, epsilon=0.01), **self.arguments["settings"])
        object.__setattr__(cell, "followed", followed)  # not as a child of the cell
        return cell

    def respond(self, cell, training: bool = False, scale: float = 1.0):
        cell.set_train(True)
        images, labels = ms.Tensor(input_of(self)), ms.Tensor([0, 2, 1, 2], ms.int32)
        losses = [cell(images, labels) for _ in range(3)]
        if not all(isinstance(loss, ms.Tensor) and loss.ndim == 0 for loss in losses):
            return losses[0]  # the check says what is wrong with it
        numbers = [np.array([loss.asnumpy() for loss in losses])]
        numbers += [parameter.asnumpy().reshape(-1)[:24] for parameter in cell.followed]
        return ms.Tensor(np.concatenate(numbers).astype(np.float32))


_SMALL = {"image_size": 16, "patch_size": 8, "num_classes": 3, "embed_dim": 12, "depth": 2, "num_heads": 3}
_ENCODED = (2, 5, 12)  # (B, N, D)

PARTS = {
    part.name: part
    for part in (
        Part(
            "PatchEmbedding",
            "vit.patch_embedding",
            "patch_embedding.py",
            "03.3",
            {"patch_size": 2, "in_channels": 3, "embed_dim": 12},
            (2, 3, 4, 6),  # (B, C, H, W), no square
        ),
        Part(
            "Attention",
            "vit.attention",
            "attention.py",
            "04.3",
            {"embed_dim": 12, "num_heads": 3},
            _ENCODED,
            {"attn_drop_rate": 0.3, "drop_rate": 0.3},
            ({"qkv_bias": False},),
            {"num_heads": 1},
        ),
        Part(
            "MLP",
            "vit.encoder",
            "mlp.py",
            "05.2",
            {"embed_dim": 12, "hidden_dim": 20},
            _ENCODED,
            {"drop_rate": 0.3},
            ({"gelu": "tanh"},),
        ),
        Part(
            "Block",
            "vit.encoder",
            "block.py",
            "05.3",
            {"embed_dim": 12, "num_heads": 3, "mlp_ratio": 2.0},
            _ENCODED,
            {"drop_rate": 0.3, "attn_drop_rate": 0.3},
            ({"gelu": "tanh"}, {"mlp_ratio": 3.0}),
            faint=True,
            needs=("Attention", "MLP"),
        ),
        Part(
            "ViT",
            "vit.model",
            "model.py",
            "06.2",
            {"config": ViTConfig(**_SMALL)},
            (2, 3, 16, 16),  # (B, C, H, W)
            {"config": ViTConfig(**_SMALL, drop_rate=0.3, attn_drop_rate=0.3)},
            tuple(
                {"config": ViTConfig(**_SMALL | change)}
                for change in ({"pool": "mean"}, {"gelu": "tanh"}, {"mlp_ratio": 2.0})
            ),
            draws=10,
            needs=("PatchEmbedding", "Block"),
        ),
        StepPart(
            "TrainStep",
            "vit.training",
            "train_step.py",
            "07.3",
            {
                "config": ViTConfig(**_SMALL | {"depth": 1}),
                "settings": {"clip_norm": 0.5, "label_smoothing": 0.1},
            },
            (4, 3, 16, 16),  # (B, C, H, W)
        ),
    )
}


def part_of(exercise: str) -> Part | None:
    return next((part for part in PARTS.values() if exercise and part.exercise == exercise), None)


def parameter_shapes(cell) -> dict[str, tuple]:
    return {parameter.name: tuple(parameter.shape) for parameter in cell.get_parameters()}


def fill(cell) -> None:
    """Give every parameter fixed numbers, which depend on its name and shape alone."""
    for parameter in cell.get_parameters():
        rng = np.random.default_rng(zlib.crc32(parameter.name.encode()))
        spread = 1.5 * parameter.shape[-1] ** -0.5 if len(parameter.shape) > 1 else 0.4
        parameter.set_data(ms.Tensor(rng.normal(0, spread, parameter.shape).astype(np.float32)))


def input_of(part: Part) -> np.ndarray:
    return np.random.default_rng(5).normal(size=part.inputs).astype(np.float32)
