"""What this kernel is at: `begin` in a lesson's first cell, `signature` for its one result."""

import os
import time
from dataclasses import dataclass, field

import matplotlib
import mindspore as ms
import numpy as np
from IPython import get_ipython
from matplotlib.figure import Figure

from course.document.lesson import read_lesson
from course.language import language
from course.learner import progress
from course.learner.fonts import use_course_font
from vit.runtime.crowd import give_way
from vit.runtime.graph_mode import eager_without_queues


@dataclass
class Session:
    """Gone with the kernel; what has been done is in `progress`."""

    lesson: str = ""
    started: float = 0.0
    signature: str = ""
    picture: str = ""  # base64 of a PNG: the last figure that a cell showed, for the card
    passed: set = field(default_factory=set)  # numbers of exercises that passed in this kernel

    def restart(self, lesson: str) -> None:
        """Begin a lesson."""
        self.lesson, self.started, self.signature, self.picture = lesson, time.time(), "", ""
        self.passed.clear()


session = Session()


def _remember_figures(formatter) -> None:
    """Keep a copy of each figure as it is shown; `formatter` is IPython's for PNG."""
    draw = formatter.for_type(Figure)

    def drawn(figure):
        shown = draw(figure)
        session.picture = shown[0] if isinstance(shown, tuple) else shown
        return shown

    formatter.for_type(Figure, drawn)


def begin(number: str) -> None:
    """The first cell of a lesson: remembers when it started and says where it runs."""
    lesson = read_lesson(number)
    session.restart(number)
    os.environ["VIT_LANG"] = language()  # the errors of `vit` too, whatever the system speaks
    with progress.changing() as known:
        known["lessons"].setdefault(number, {"begun": progress.now()})
    give_way()
    eager_without_queues()
    ms.set_seed(0)
    np.random.seed(0)
    if (shell := get_ipython()) is not None:
        shell.run_line_magic("matplotlib", "inline")  # figures made without pyplot show as well
        _remember_figures(shell.display_formatter.formatters["image/png"])  # the magic above set it afresh
    matplotlib.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
    use_course_font(language())
    print(f"{lesson.title(language())} · MindSpore {ms.__version__} · {ms.get_context('device_target')}")


def signature(text: str) -> None:
    """Print the one result that this lesson is about, and keep it for the check-in."""
    session.signature = text
    print(text)
