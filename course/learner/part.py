"""A part of a ViT that a learner writes: how it is built and asked, and the fixed numbers it is filled with.

A part is a class. The learner's has the arguments of the package's class and its parameters' names
(timm's), so that published weights fit and either can stand where the other stood.
"""

import importlib
import re
import zlib
from dataclasses import dataclass, field

import mindspore as ms
import numpy as np

from course.language import say
from vit.config import ViTConfig
from vit.model import ViT
from vit.runtime.errors import UserError
from vit.training.optimizer import AdamW


@dataclass(frozen=True, eq=False)
class Setting:
    """One way to build a part and ask it; what is written for another setting shows here."""

    changes: dict = field(default_factory=dict)  # of the part's arguments; of a config, its fields
    inputs: tuple = ()  # shape of what `construct` is given; empty: the part's own
    tiny: bool = False  # input and what is added to it are tiny, so that the epsilon of each norm shows


USUAL = Setting()  # that of the frozen answers


@dataclass(frozen=True, eq=False)
class Part:
    name: str  # of the class
    package: str  # the module whose class it is held against
    file: str  # in the learner's own package
    exercise: str  # the one that asks for it; empty: none does yet
    arguments: dict  # what it is built with to be checked
    inputs: tuple  # shape of what `construct` is given
    others: tuple[Setting, ...] = ()  # compared in evaluation
    rates: tuple[Setting, ...] = ()  # compared in training, where dropout acts; the last one's gradients, too
    simpler: dict = field(default_factory=dict)  # arguments for which half of the task falls away
    near: tuple[str, str] | None = None  # zh, en: what to look at where the numbers are nearly right; it has a GELU
    needs: tuple[str, ...] = ()  # the parts that it is made of

    @property
    def reference(self) -> type:
        """The package's class."""
        return getattr(importlib.import_module(self.package), self.name)

    @property
    def stem(self) -> str:
        return self.file.removesuffix(".py")

    def built_with(self, changes: dict) -> dict:
        """The arguments; a config is one of them, and its fields are what is changed."""
        if "config" in self.arguments:
            return {"config": ViTConfig(**vars(self.arguments["config"]) | changes)}
        return self.arguments | changes

    def build(self, cls: type, setting: Setting = USUAL):
        """One of that class, its parameters filled with fixed numbers."""
        arguments = self.built_with(setting.changes)
        cell = cls(*arguments.values()) if "config" in arguments else cls(**arguments)
        fill(cell, setting.tiny)
        return cell

    def respond(self, cell, training: bool = False, setting: Setting = USUAL):
        """What it answers to the fixed input of a setting."""
        return cell.set_train(training)(ms.Tensor(input_of(self, setting)))


class StepPart(Part):
    """The training step: it answers with the losses of some steps and with where they have taken some parameters."""

    def build(self, cls: type, setting: Setting = USUAL):
        settings = {name: value for name, value in setting.changes.items() if name in self.arguments["settings"]}
        config = {name: value for name, value in setting.changes.items() if name not in settings}
        ms.set_seed(0)
        model = ViT(ViTConfig(**vars(self.arguments["config"]) | config))
        fill(model)
        followed = [
            p for p in model.get_parameters() if p.name in ("head.weight", "blocks.0.mlp.fc1.bias", "pos_embed")
        ]
        # a large epsilon, so that the length of the gradients shows in the first steps, too
        optimizer = AdamW(model, lr=0.1, weight_decay=0.5, epsilon=0.01)
        cell = cls(model, optimizer, **self.arguments["settings"] | settings)
        object.__setattr__(cell, "followed", followed)  # not as a child of the cell
        return cell

    def respond(self, cell, training: bool = False, setting: Setting = USUAL):
        cell.set_train(True)
        images = ms.Tensor(input_of(self, setting))
        labels = ms.Tensor([0, 2, 1, 2, 0, 1][: len(images)], ms.int32)
        losses = [cell(images, labels) for _ in range(3 if setting is USUAL else 1)]
        if not all(isinstance(loss, ms.Tensor) and loss.ndim == 0 for loss in losses):
            return losses[0]  # the check says what is wrong with it
        numbers = [np.array([loss.asnumpy() for loss in losses])]
        numbers += [parameter.asnumpy().reshape(-1)[:24] for parameter in cell.followed]
        return ms.Tensor(np.concatenate(numbers).astype(np.float32))


def parameter_shapes(cell) -> dict[str, tuple]:
    return {parameter.name: tuple(parameter.shape) for parameter in cell.get_parameters()}


# what is added to the tokens on their way
_ADDED = re.compile(r"cls_token|pos_embed|patch_embed\.|.*attn\.proj\.|.*mlp\.fc2\.")


def fill(cell, tiny: bool = False) -> None:
    """Give every parameter fixed numbers, which depend on its name and shape alone.

    Args:
        tiny: a thousandth of that for what is added to the tokens: their variance is then about 1e-6.

    Raises:
        UserError: a parameter is not of 32 bits.
    """
    for parameter in cell.get_parameters():
        if parameter.dtype != ms.float32:
            raise UserError(
                say(
                    f"参数 {parameter.name} 是 {parameter.dtype}，应为 float32",
                    f"parameter {parameter.name} is {parameter.dtype}; it should be float32",
                )
            )
        rng = np.random.default_rng(zlib.crc32(parameter.name.encode()))
        spread = 1.5 * parameter.shape[-1] ** -0.5 if len(parameter.shape) > 1 else 0.4
        spread *= 1e-3 if tiny and _ADDED.match(parameter.name) else 1
        values = rng.normal(0, spread, parameter.shape)
        if parameter.name.endswith("moving_variance"):  # of batch norm
            values = 0.5 + np.abs(values)
        parameter.set_data(ms.Tensor(values.astype(np.float32)))


def input_of(part: Part, setting: Setting = USUAL) -> np.ndarray:
    numbers = np.random.default_rng(5).normal(size=setting.inputs or part.inputs).astype(np.float32)
    return numbers * np.float32(1e-3 if setting.tiny else 1)
