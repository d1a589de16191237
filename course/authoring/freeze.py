"""Run an exercise's solution, placeholder and wrong answers, and keep their fingerprints.

The code that an answer needs is the lesson's own: every code cell before the exercise's, in order.
"""

import contextlib
import io
import json
import re

import matplotlib

from course.learner.digest import fingerprint, same
from course.lesson import Lesson, shown_source


def answers_of(lesson: Lesson) -> dict:
    """{exercise: {"right": fingerprint, "placeholder": ..., mistake: ...}}, computed now.

    Cells are run in order in one namespace, with the solutions in place; each wrong answer runs in a
    copy of what stood before its exercise. Cells marked `slow` are left out: no exercise needs them.
    """
    found: dict[str, dict] = {}
    space: dict = {"__name__": "lesson"}
    matplotlib.use("agg")
    for cell in lesson.cells:
        if cell.kind == "markdown" or cell.marks.keys() & {"solution", "wrong", "slow"}:
            continue
        number = cell.marks.get("exercise")
        text = shown_source(cell.marks["show"]) if "show" in cell.marks else cell.text
        if number is None:
            _run(text, space)
            continue
        exercise = lesson.exercises[number]
        variants = {"right": exercise.solution, "placeholder": exercise.placeholder, **exercise.wrong}
        found[number] = {}
        for name, code in variants.items():
            copy = dict(space)
            _run(code, copy)
            _run(exercise.check, copy)
            found[number][name] = fingerprint(eval(exercise.value, copy))
        _run(exercise.solution, space)
    return found


def _run(text: str, space: dict) -> None:
    text = re.sub(r"^(check|checkin)\(.*\)$", "", text, flags=re.MULTILINE)  # nothing is frozen yet
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, "lesson", "exec"), space)


def freeze(lesson: Lesson) -> None:
    """Write answers.json; two answers that cannot be told apart are an error."""
    found = answers_of(lesson)
    for number, prints in found.items():
        names = list(prints)
        for i, one in enumerate(names):
            for other in names[i + 1 :]:
                if same(prints[one], prints[other]):
                    raise ValueError(f"{number}: {one} and {other} give the same answer")
    (lesson.folder / "answers.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
