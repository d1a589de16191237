"""Run an exercise's solution, placeholder and wrong answers, and keep their fingerprints.

The code that an answer needs is the lesson's own: every code cell before the exercise's, in order.
"""

import contextlib
import io
import itertools
import json
import linecache
import re

import matplotlib

from course.document.bilingual import T
from course.document.lesson import Lesson, shown_source
from course.learner.answers import read_answer
from course.learner.class_check import distance, run_part, stand_alone
from course.learner.digest import frozen, same
from course.learner.parts import part_of


def answers_of(lesson: Lesson) -> dict:
    """{exercise: {"right": fingerprint, "placeholder": ..., mistake: ...}}, computed now.

    Of a part (a class) it is not a fingerprint but all numbers that the class answers with.

    Cells are run in order in one namespace, with the solutions in place; each wrong answer runs in a
    copy of what stood before its exercise. Cells marked `slow` are left out: no exercise needs them.
    """
    found: dict[str, dict] = {}
    space: dict = {"__name__": "lesson", "T": T}
    matplotlib.use("agg")
    for cell in lesson.cells:
        if not cell.runs or "slow" in cell.marks:
            continue
        number = cell.marks.get("exercise")
        text = shown_source(cell.marks["show"]) if "show" in cell.marks else cell.text
        if number is None:
            _run(text, space)
            continue
        exercise = lesson.exercises[number]
        variants = {"right": exercise.solution, "placeholder": exercise.placeholder, **exercise.wrong}
        found[number] = {name: _answer(exercise, code, dict(space)) for name, code in variants.items()}
        _run(exercise.solution, space)
        if part := part_of(number):  # as `check` hands it back
            _, space[part.name] = stand_alone(part, space[part.name], {})
    return found


def _answer(exercise, code: str, space: dict) -> dict:
    _run(code, space)
    _run(exercise.check, space)
    value = eval(exercise.value, space)
    part = part_of(exercise.number)
    return run_part(part, value) if part else frozen(read_answer(exercise.number, value))


_count = itertools.count()


def _run(text: str, space: dict) -> None:
    # nothing is frozen yet
    text = re.sub(r"^((\w+ = )?check|checkin|join)\(.*\)$", "", text, flags=re.MULTILINE)
    name = f"<lesson {next(_count)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)  # as IPython does with its cells
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, name, "exec"), space)


def freeze(lesson: Lesson) -> None:
    """Write answers.json; two answers that cannot be told apart are an error."""
    found = answers_of(lesson)
    for number, prints in found.items():
        for one, other in itertools.combinations(prints, 2):
            if alike(number, prints[one], prints[other]):
                raise ValueError(f"{number}: {one} and {other} give the same answer")
    text = re.sub(r"\[[^][{}]*\]", lambda numbers: " ".join(numbers[0].split()), json.dumps(found, indent=1))
    (lesson.folder / "answers.json").write_text(text + "\n", encoding="utf-8")  # a line for each array


def alike(number: str, one: dict, other: dict) -> bool:
    """Whether two frozen answers cannot be told apart; those of classes must be 50 tolerances apart."""
    return distance(one, other) < 50 if part_of(number) else same(one, other)
