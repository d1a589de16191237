"""ViT in 90 minutes: a notebook outside the course, in both languages the same program, whose checks are the lessons'."""

import re

import nbformat
import pytest

from course.document.bilingual import in_language, skeleton
from course.document.lesson import read_lesson
from course.editions.notebook import build, notebook_path
from course.language import LANGUAGES
from course.manifest import lesson_numbers, notebook_numbers, singles

NUMBERS = [entry.number for entry in singles()]


def test_it_is_no_lesson():
    assert NUMBERS == ["90"]
    assert not set(NUMBERS) & set(lesson_numbers())
    assert notebook_numbers() == lesson_numbers() + NUMBERS
    assert not read_lesson("90").exercises


def test_it_is_in_step_with_its_source():
    assert build(NUMBERS, check=True) == []


@pytest.mark.parametrize("number", NUMBERS)
def test_both_languages_are_the_same_program(number):
    cells = [cell for cell in read_lesson(number).cells if cell.runs]
    for cell in cells:
        zh, en = (skeleton(in_language(cell.text, language)) for language in LANGUAGES)
        assert zh == en
    assert all(len(cell.text.splitlines()) <= 18 for cell in cells)


@pytest.mark.parametrize("number", NUMBERS)
def test_what_it_checks_are_exercises_of_the_lessons_and_nothing_is_given_away(number):
    code = "\n".join(in_language(cell.text, "en") for cell in read_lesson(number).cells if cell.runs)
    asked = re.findall(r'(?:check|investigate)\("([\d.]+)"', code)
    assert set(asked) == {"04.1", "04.3", "04.6"}
    for one in set(asked):
        solution = in_language(read_lesson(one[:2]).exercises[one].solution, "en")
        lines = {re.sub(r"\s|#.*", "", line) for line in solution.splitlines()}
        mine = {re.sub(r"\s|#.*", "", line) for line in code.splitlines()}
        given = {re.sub(r"\s|#.*", "", line) for line in read_lesson(one[:2]).exercises[one].placeholder.splitlines()}
        free = ("class", "def", "import", "from", "super", "self.attn_drop=", "self.proj_drop=", "B,N,D=")
        telling = {line for line in lines - given - {""} if not line.startswith(free)}
        assert not telling & mine, telling & mine


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_been_run(language):
    notebook = nbformat.read(notebook_path(read_lesson("90"), language), 4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    assert sum("image/png" in output.get("data", {}) for cell in cells for output in cell.outputs) >= 2
