"""Broken versions of a part, as black boxes, for exercises in finding bugs: made of the mistakes that `check` knows."""

import linecache

import mindspore as ms
from mindspore import nn, ops

from course.document.lesson import read_lesson
from course.learner.home import snapshots
from course.learner.my_vit import package_of, siblings
from course.learner.own_source import imported, source_of
from course.learner.part import fill
from course.learner.parts import part_of

# in the order of the exercise that asks about them
FAULTS = {"04.3": ("no scale", "heads by reshape", "no proj", "q and k exchanged")}


def boxes(exercise: str, number: int, **arguments) -> tuple[nn.Cell, nn.Cell]:
    """A broken part and the package's sound one, with the same weights, ready for evaluation.

    Args:
        exercise: which part, by the exercise that asks for it.
        number: which fault; the exercise that uses the boxes does not say.
        arguments: what the class is built with.
    """
    part = part_of(exercise)
    text = read_lesson(exercise.split(".")[0]).exercises[exercise].wrong[FAULTS[exercise][number]]
    name = f"<box {exercise} {number}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space = {"ms": ms, "nn": nn, "ops": ops, "__name__": "lesson"}
    exec(compile(text, name, "exec"), space)
    source = source_of(space[part.name], siblings(part))
    module = imported(package_of(part, source.module, {}), part.stem, snapshots())
    cells = getattr(module, part.name)(**arguments), part.reference(**arguments)
    for cell in cells:
        fill(cell)
        cell.set_train(False)
    return cells
