"""The parts of a ViT that a learner writes: what each is called, where it is asked for, what it is held against.

A part is a class. The learner's has the arguments of the package's class and its parameters' names
(timm's), so that published weights fit and either can stand where the other stood.
"""

import importlib
import zlib
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Part:
    name: str  # of the class
    package: str  # the module whose class it is held against
    file: str  # in the learner's own package
    exercise: str = ""  # the one that asks for it; empty: none does yet
    arguments: dict = field(default_factory=dict)  # what it is built with to be checked
    inputs: tuple = ()  # shape of what `construct` is given
    drop_rates: dict = field(default_factory=dict)  # built with these, too: in evaluation they change nothing

    @property
    def reference(self) -> type:
        """The package's class."""
        return getattr(importlib.import_module(self.package), self.name)


PARTS = {
    part.name: part
    for part in (
        Part("PatchEmbedding", "vit.patch_embedding", "patch_embedding.py"),
        Part(
            "Attention",
            "vit.attention",
            "attention.py",
            "04.3",
            {"embed_dim": 12, "num_heads": 3},
            (2, 5, 12),  # (B, N, D)
            {"attn_drop_rate": 0.5, "drop_rate": 0.5},
        ),
        Part("MLP", "vit.encoder", "mlp.py"),
        Part("Block", "vit.encoder", "block.py"),
        Part("ViT", "vit.model", "model.py"),
    )
}


def part_of(exercise: str) -> Part | None:
    return next((part for part in PARTS.values() if exercise and part.exercise == exercise), None)


def parameter_shapes(cell) -> dict[str, tuple]:
    return {parameter.name: tuple(parameter.shape) for parameter in cell.get_parameters()}


def fill(cell) -> None:
    """Give every parameter fixed numbers, which depend on its name and shape alone."""
    import mindspore as ms

    for parameter in cell.get_parameters():
        rng = np.random.default_rng(zlib.crc32(parameter.name.encode()))
        spread = 1.5 * parameter.shape[-1] ** -0.5 if len(parameter.shape) > 1 else 0.4
        parameter.set_data(ms.Tensor(rng.normal(0, spread, parameter.shape).astype(np.float32)))


def input_of(part: Part) -> np.ndarray:
    return np.random.default_rng(5).normal(size=part.inputs).astype(np.float32)
