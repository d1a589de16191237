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
    assert not any(f"<summary>{NOTES[language]}" in cell.source for cell in notebook.cells)
    assert f"> **{NOTES[language]}**" in "\n".join(cell.source for cell in notebook.cells)
    learners = nbformat.read(notebook_path(lesson, language), 4)
    kept = [cell for cell in notebook.cells if not cell.id.startswith("teacher-")]
    assert [cell.id for cell in kept] == [cell.id for cell in learners.cells]  # nothing is lost


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
