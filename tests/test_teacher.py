"""The teacher's edition: every exercise with its answer, mistakes and hints; the learner's edition has none of it."""

import re

import nbformat
import pytest

from course.cli import make_kit
from course.document.bilingual import in_language
from course.document.lesson import read_lesson
from course.editions.notebook import NOTES, notebook_path
from course.editions.teacher import exercise_minutes, make_teacher
from course.language import LANGUAGES
from course.manifest import lesson_numbers


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", lesson_numbers())
def test_a_teacher_finds_answer_mistakes_and_hints_where_the_exercise_is(number, language):
    lesson = read_lesson(number)
    notebook = make_teacher(lesson, language)
    nbformat.validate(notebook)
    about = {cell.id: cell.source for cell in notebook.cells if cell.id.startswith("teacher-")}
    for one, exercise in lesson.exercises.items():
        text = about[f"teacher-{one.replace('.', '-')}"]
        assert in_language(exercise.solution, language).strip() in text
        assert all(message[language] in text for message in exercise.messages.values())
        assert all(hint[language] in text for hint in exercise.hints)
    learners = nbformat.read(notebook_path(lesson, language), 4)
    for_instructors = [cell for cell in notebook.cells if NOTES[language] in cell.source]
    assert for_instructors
    assert not any(NOTES[language] in cell.source for cell in learners.cells)
    kept = [cell for cell in notebook.cells if not cell.id.startswith("teacher-") and cell not in for_instructors]
    assert [cell.source for cell in kept] == [cell.source for cell in learners.cells]  # nothing is lost
    assert [cell.get("outputs") for cell in kept] == [cell.get("outputs") for cell in learners.cells]


@pytest.mark.parametrize("number", lesson_numbers())
def test_both_languages_give_an_exercise_as_long(number):
    zh, en = (exercise_minutes(read_lesson(number), language) for language in LANGUAGES)
    assert zh == en
    assert all(zh.values())


def test_a_kit_carries_its_drawings(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")
    assert make_kit(tmp_path / "kit", ["zh", "en"], ["04"]) == 0
    for language in LANGUAGES:
        notebook = nbformat.read(tmp_path / "kit" / language / "04_attention" / "teacher.ipynb", 4)
        text = "\n".join(cell.source for cell in notebook.cells)
        assert "../../course" not in text
        names = re.findall(r"attachment:([^)]+)\)", text)
        held = {name for cell in notebook.cells for name in cell.get("attachments", {})}
        assert set(names) == held
        assert len(names) >= 3
    assert "2 " in capsys.readouterr().out
    assert make_kit(tmp_path / "kit", ["zh"], ["99"]) == 2
