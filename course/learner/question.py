"""The personal question at the end of a section: other numbers for each learner and each camp."""

import hashlib
import importlib.util
from functools import cache

import numpy as np

from course.document.lesson import Lesson
from course.language import say
from course.learner.camp_code import Key


def question(lesson: Lesson, section: str, *, nickname: str = "", key: Key | None = None) -> tuple[str, float]:
    """The question in the notebook's language, and its right answer.

    Args:
        nickname: decides the numbers where there is no camp.
        key: of the learner in their camp: decides them, and nobody else can work them out.
    """
    if key is not None:
        seed = key.derive(f"question|{lesson.number}{section}")
    else:
        seed = hashlib.sha256((nickname.strip().lower() + section).encode()).digest()
    ask = _asked(lesson.folder)[section]
    zh, en, answer = ask(np.random.default_rng(int.from_bytes(seed[:4], "big")))
    return say(zh, en), float(answer)


@cache
def _asked(folder) -> dict:
    """Section -> function, of a lesson's question.py."""
    spec = importlib.util.spec_from_file_location(f"question_{folder.name[:2]}", folder / "question.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SECTIONS


def close(answer: float | None, right: float) -> bool | None:
    """Whether the answer is right: a whole number exactly, else to 1 %; None: not given."""
    if answer is None:
        return None
    return abs(answer - right) <= (0 if right.is_integer() else 0.01 * abs(right))
