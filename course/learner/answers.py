"""The frozen answers of a lesson, and a learner's answer read as its exercise asks."""

import json
from functools import cache

from course.document.lesson import read_lesson
from course.learner.digest import fingerprint

IN_ORDER = {"04.4", "07.7"}  # letters for box 0, 1, 2, 3; for run 1, 2, ...: which comes first is the point


@cache
def answers(lesson: str) -> dict:
    """The frozen answers: {exercise: {"right": ..., "placeholder": ..., mistake: ...}}."""
    return json.loads((read_lesson(lesson).folder / "answers.json").read_text(encoding="utf-8"))


def read_answer(number: str, value) -> dict:
    """The fingerprint of an answer to an exercise that asks for no class.

    Raises:
        UnreadableAnswer: it is no answer.
    """
    given = fingerprint(value)
    if number in IN_ORDER and "order" in given:
        return {"shape": [len(given["order"])], "values": [ord(letter) - ord("A") for letter in given["order"]]}
    return {name: part for name, part in given.items() if name != "order"}
