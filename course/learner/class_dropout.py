"""Where dropout acts in a class, at which rate and how often: compared exactly, without drawing.

For the comparison every dropout bends the numbers it is given instead of dropping some, x -> x (1 + rate cos 5x),
in the package's class and in the learner's. That is no matter of chance, of the order of the numbers or of how they
are cut into heads; but it is not linear, so it tells the attention weights from the values, and before from after.
"""

from contextlib import contextmanager

import mindspore as ms
import numpy as np
from mindspore import ops

from course.learner.class_run import built, run
from course.learner.part import Part, Setting

DRAWS = 24  # how often a class that draws by itself is asked


@contextmanager
def dropout_bends():
    """While inside, all of MindSpore's dropouts (`nn.Dropout`, `ops.dropout`, `ops.Dropout`) bend; yields what they
    were given: for each call, whether all numbers were the same, as of a mask that is made of ones."""
    usual, given = ops.Dropout.__call__, []

    def bend(primitive, x):
        values = x.asnumpy() if isinstance(x, ms.Tensor) else np.zeros(1)
        given.append(values.size > 1 and values.min() == values.max())
        return x * (1 + (1 - primitive.keep_prob) * ops.cos(5 * x)), x

    ops.Dropout.__call__ = bend
    try:
        yield given
    finally:
        ops.Dropout.__call__ = usual


def bent(part: Part, cls: type, setting: Setting) -> np.ndarray:
    """What a class answers in training while dropout bends."""
    with dropout_bends():
        return run(part, cls, built(part, cls, setting), True, setting)


def draws_by_itself(part: Part, cls: type, setting: Setting) -> bool:
    """Whether bending is not all of its dropout: it draws numbers, or has a mask of ones dropped and multiplies."""
    with dropout_bends() as given:
        answers = [run(part, cls, built(part, cls, setting), True, setting) for _ in range(2)]
    return any(given) or not np.array_equal(*answers)


def variation(part: Part, cls: type, setting: Setting) -> tuple[float, float]:
    """The mean square by which answers in training differ from the one in evaluation, and the share of zeros."""
    ms.set_seed(0)
    cell = built(part, cls, setting)
    calm = run(part, cls, cell, False, setting)
    answers = np.stack([run(part, cls, cell, True, setting) for _ in range(DRAWS)])
    noise = np.mean((answers - calm) ** 2)
    return (0.0 if np.allclose(answers, calm, atol=1e-6) else float(noise)), float((answers == 0).mean())
