"""The teacher's edition of a lesson: the stored run, and with each exercise its answer, what goes wrong, and its hints."""

import re
from collections.abc import Iterator
from statistics import mean

import nbformat
from nbformat.v4 import new_markdown_cell

from course.document.bilingual import in_language
from course.document.lesson import Exercise, Lesson
from course.editions.bound import fill
from course.editions.notebook import keep_outputs, make_notebook, notebook_path
from course.editions.reading import minutes
from course.investigations import measured
from course.investigations.experiment import key
from course.investigations.known import EXPERIMENTS
from course.language import LANGUAGES

_WORDS = {
    "edition": ("教师版", "Teacher's edition"),
    "plan": (
        "| 节 | 阅读 | 练习 | 合计 |\n|---|---|---|---|",
        "| section | reading | exercises | together |\n|---|---|---|---|",
    ),
    "minutes": ("{:.0f} 分钟", "{:.0f} min"),
    "answer": ("{} 的答案", "The answer to {}"),
    "wrong": ("常见的错，和检查对它说的话", "What goes wrong, and what the check says of it"),
    "hints": ("三条提示", "The three hints"),
    "other": ("另一种写法", "Another right answer"),
    "table": ("表", "The table"),
}
_LENGTH = re.compile(r"（★+，(\d+) 分钟）|\(★+, (\d+) minutes?\)")


def make_teacher(lesson: Lesson, language: str):
    """The notebook, with the outputs of the learner's edition as it stands in notebooks/."""
    notebook = make_notebook(lesson, language, teacher=True)
    keep_outputs(nbformat.read(notebook_path(lesson, language), 4), notebook)
    fill(notebook, lesson.folder.name, language)
    notebook.cells = list(_cells(notebook.cells, lesson, language))
    return notebook


def _say(name: str, language: str) -> str:
    return _WORDS[name][LANGUAGES.index(language)]


def _cells(cells: list, lesson: Lesson, language: str) -> Iterator:
    waiting: Exercise | None = None
    for number, cell in enumerate(cells):
        yield cell
        if number == 0:
            yield new_markdown_cell(_plan(lesson, language), id="teacher-plan")
        waiting = lesson.exercises.get(cell.metadata.get("exercise"), waiting) if cell.cell_type == "code" else waiting
        if waiting and cell.cell_type == "code" and f'check("{waiting.number}"' in cell.source:
            yield new_markdown_cell(_about(waiting, language), id=f"teacher-{waiting.number.replace('.', '-')}")
            waiting = None


def exercise_minutes(lesson: Lesson, language: str) -> dict[str, int]:
    """Exercise -> minutes, as its heading says."""
    found = {}
    for cell in lesson.cells:
        if cell.kind == "markdown" and cell.marks.get("lang") == language and "exercise" in cell.marks:
            length = _LENGTH.search(cell.text)
            found[cell.marks["exercise"]] = int(next(filter(None, length.groups()))) if length else 0
    return found


def _plan(lesson: Lesson, language: str) -> str:
    """What each section takes."""
    reading, exercises, form = minutes(lesson, language), exercise_minutes(lesson, language), _say("minutes", language)
    rows = [f"**{_say('edition', language)}**", "", _say("plan", language)]
    for section in lesson.sections:
        of_section = [number for number, one in lesson.exercises.items() if one.section == section]
        long = sum(exercises.get(number, 0) for number in of_section)
        each = ", ".join(f"{number} ({exercises.get(number, 0)})" for number in of_section) or "-"
        rows.append(
            f"| {section} | {form.format(reading[section])} | {each} | {form.format(reading[section] + long)} |"
        )
    return "\n".join(rows)


def _about(exercise: Exercise, language: str) -> str:
    """Answer, mistakes and hints of one exercise."""
    code = in_language(exercise.solution, language).strip()
    parts = [f"**{_say('answer', language).format(exercise.number)}**", f"```python\n{code}\n```"]
    if exercise.investigation:
        parts.append(_measured(exercise.number, language))
    parts.append(f"**{_say('wrong', language)}**")
    for name, message in exercise.messages.items():
        wrong = in_language(exercise.wrong[name], language).strip()
        parts.append(f"<details><summary>{message[language]}</summary>\n\n```python\n{wrong}\n```\n\n</details>")
    hints = "\n".join(f"{place}. {hint[language]}" for place, hint in enumerate(exercise.hints, 1))
    parts.append(f"<details><summary>{_say('hints', language)}</summary>\n\n{hints}\n\n</details>")
    for other in exercise.right:
        text = in_language(other, language).strip()
        parts.append(f"<details><summary>{_say('other', language)}</summary>\n\n```python\n{text}\n```\n\n</details>")
    return "\n\n".join(parts)


def _measured(number: str, language: str) -> str:
    """The table of an investigation."""
    one = EXPERIMENTS[number]
    lines = [f"**{_say('table', language)}**", ""]
    for change in one.table:
        found = measured.results(one.kind, key(change))[: one.seeds]
        if found:
            each = ", ".join(map(one.form.format, found))
            lines.append(f"- `{key(change)}`: {one.form.format(mean(found))} ({each})")
    return "\n".join(lines)
