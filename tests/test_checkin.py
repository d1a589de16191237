"""What a check-in says of exercises that have not passed: the learner's mistake, not what a lesson put in its place."""

import sys
from types import ModuleType

import pytest

from course.document.lesson import read_lesson
from course.learner import check, progress
from course.learner.checkin import _results
from course.learner.parts import part_of


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A kernel's main module, empty, and a learner of its own."""
    monkeypatch.setenv("VIT_LEARNER", str(tmp_path))
    module = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", module)
    return vars(module)


def test_the_last_mistake_is_told_though_the_lesson_goes_on_with_the_package(kernel):
    """A failed check returns the package's class, and the cell binds it to the learner's name."""
    lesson = read_lesson("04")
    number = next(number for number in lesson.exercises if part_of(number))
    name, section = lesson.exercises[number].value, lesson.exercises[number].section
    kernel[name] = part_of(number).reference
    assert _results(lesson, section)[number]["outcome"] == "package"  # nothing of their own was ever checked
    check._tell(number, "wrong axis", "…")
    assert _results(lesson, section)[number]["outcome"] == "wrong axis"
    check._tell(number, "package", "…")  # the cell once more, untouched
    assert _results(lesson, section)[number]["outcome"] == "wrong axis"
    del kernel[name]  # another day, another kernel
    assert _results(lesson, section)[number]["outcome"] == "wrong axis"
    check._tell(number, "passed", "…")
    assert _results(lesson, section)[number]["outcome"] == "passed"
    assert progress.read()["exercises"][number]["last"] == "passed"


def test_what_the_kernel_holds_goes_before_the_last_check(kernel):
    lesson = read_lesson("00")
    number, exercise = next((n, e) for n, e in lesson.exercises.items() if not part_of(n))
    check._tell(number, "some mistake", "…")
    exec(exercise.solution, kernel)
    assert _results(lesson, exercise.section)[number]["outcome"] == "passed"
