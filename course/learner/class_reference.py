"""What the package's class answers at every setting of a part: worked out once in a process, however many classes
are held against it."""

from dataclasses import replace
from functools import cache

import mindspore as ms
import numpy as np

from course.learner import class_dropout
from course.learner.part import Part, Setting, input_of, parameter_shapes


@cache
def shapes(part: Part, setting: Setting) -> dict[str, tuple]:
    """Parameter -> its shape."""
    return parameter_shapes(part.build(part.reference, setting))


@cache
def evaluated(part: Part, setting: Setting) -> np.ndarray:
    """The answer in evaluation."""
    return part.respond(part.build(part.reference, setting), False, setting).asnumpy()


@cache
def trained(part: Part, setting: Setting) -> np.ndarray:
    """The answer in training, where dropout bends."""
    return class_dropout.bent(part, part.reference, setting)


@cache
def varied(part: Part, setting: Setting) -> tuple[float, float]:
    return class_dropout.variation(part, part.reference, setting)


@cache
def differentiated(part: Part, setting: Setting) -> dict[str, np.ndarray]:
    return gradients(part, part.reference, setting)


def gradients(part: Part, cls: type, setting: Setting) -> dict[str, np.ndarray]:
    """In training, where dropout bends: of a sum of the answers, for each parameter, and for the "input"."""
    cell = part.build(cls, setting).set_train(True)
    x = ms.Tensor(input_of(part, setting))
    with class_dropout.dropout_bends():
        shape = cell(x).shape
        away = ms.Tensor(np.cos(np.arange(np.prod(shape), dtype=np.float32)).reshape(shape))
        weights = cell.trainable_params()
        of_input, found = ms.grad(lambda x: (cell(x) * away).sum(), 0, weights=weights)(x)
    named = {parameter.name: gradient.asnumpy() for parameter, gradient in zip(weights, found, strict=True)}
    return named | {"input": of_input.asnumpy()}


@cache
def other_gelu(part: Part, setting: Setting, training: bool) -> np.ndarray | None:
    """The answer with the other form of GELU; None where the part has none."""
    if part.near is None:
        return None
    arguments = part.built_with(setting.changes)
    form = arguments["config"].gelu if "config" in arguments else arguments.get("gelu", "exact")
    other = replace(setting, changes=setting.changes | {"gelu": "exact" if form == "tanh" else "tanh"})
    return (trained if training else evaluated)(part, other)
