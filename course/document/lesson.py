"""The source of a lesson, course/lessons/NN_name/, taken apart. The format: course/LESSON_FORMAT.md."""

import ast
import hashlib
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from course.document.percent import read_cells
from course.language import LANGUAGES, say
from course.manifest import lesson_numbers, lessons, singles
from vit.runtime.errors import UserError
from vit.runtime.paths import ROOT

SOURCES = ("exercises.py", "lesson.py", "question.py")  # what a learner's notebook is made of


@dataclass
class Exercise:
    """What `check` and `hint` know of an exercise."""

    number: str  # "04.2"
    placeholder: str = ""  # code as the learner finds it
    solution: str = ""
    section: str = ""  # "A"
    right: list = field(default_factory=list)  # other right answers, as code
    hints: list = field(default_factory=list)  # of {"zh": ..., "en": ...}
    wrong: dict = field(default_factory=dict)  # name -> code that makes this mistake
    messages: dict = field(default_factory=dict)  # name -> {"zh": ..., "en": ...}
    investigation: str = ""  # of one that investigates: the cell with the prediction, written
    check: str = ""  # the cell with the notebook's own check("04.2", ...)
    value: str = ""  # the expression that this check is given


@dataclass
class Lesson:
    folder: Path
    cells: list
    exercises: dict

    @property
    def sections(self) -> list[str]:
        """["A", "B", ...], one check-in each."""
        return list(dict.fromkeys(cell.marks["section"] for cell in self.cells if "section" in cell.marks))

    @property
    def number(self) -> str:
        return self.folder.name[:2]

    @property
    def hash(self) -> str:
        """Of its source, whatever the line ends."""
        files = [self.folder / name for name in SOURCES]
        texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
        return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]

    def title(self, language: str) -> str:
        first = next(cell for cell in self.cells if cell.marks.get("lang") == language)
        return first.text.splitlines()[0].lstrip("# ")


@cache
def read_lesson(number: str) -> Lesson:
    """The lesson with this number ("04").

    Raises:
        UserError: there is none, or its source breaks the format.
    """
    folder = next((entry.path for entry in (*lessons(), *singles()) if entry.number == str(number)), None)
    if folder is None:
        known = ", ".join(lesson_numbers())
        raise UserError(say(f"没有第 {number!r} 课；有 {known}", f"there is no lesson {number!r}; there are {known}"))
    cells = read_cells(folder / "lesson.py")
    if not (folder / "exercises.py").is_file():  # outside the course: what it checks are exercises of the lessons
        return Lesson(folder, cells, {})
    return Lesson(folder, cells, _exercises(cells, read_cells(folder / "exercises.py"), folder))


def _exercises(cells, apart, folder) -> dict[str, Exercise]:
    found: dict[str, Exercise] = {}
    section = ""
    for cell in cells + apart:
        section = cell.marks.get("section", section)
        for mark in ("exercise", "solution", "right", "wrong", "hint", "investigation"):
            if mark not in cell.marks or (mark == "exercise" and cell.kind == "markdown"):
                continue
            exercise = found.setdefault(cell.marks[mark], Exercise(cell.marks[mark]))
            if mark == "exercise":
                exercise.placeholder, exercise.section = cell.text, section
            elif mark == "investigation":  # last stands what the exercises' file has
                exercise.investigation = cell.text
            elif mark == "solution":
                exercise.solution = cell.text
            elif mark == "right":
                exercise.right.append(cell.text)
            elif mark == "wrong":
                name = cell.marks["mistake"]
                exercise.messages[name], exercise.wrong[name] = _message(cell.text, f"{folder.name}, {name}")
            elif cell.marks["lang"] == LANGUAGES[0]:
                exercise.hints.append({"zh": cell.text})
            elif exercise.hints and "en" not in exercise.hints[-1]:
                exercise.hints[-1]["en"] = cell.text
            else:
                raise UserError(f"{folder.name}: a hint of {exercise.number} has no Chinese before its English")
        if cell.kind == "code":
            for number, value in re.findall(r'^(?:\w+ = )?check\("([\d.]+)", (.+)\)$', cell.text, re.MULTILINE):
                exercise = found.setdefault(number, Exercise(number))
                exercise.check, exercise.value = cell.text, value
    for exercise in found.values():
        if not (exercise.placeholder and exercise.solution and exercise.value and len(exercise.hints) == 3):
            raise UserError(
                f"{folder.name}: exercise {exercise.number} needs a placeholder, a solution, 3 hints, a check"
            )
    return found


def _message(text: str, where: str) -> tuple[dict, str]:
    """The first two lines of a wrong answer say, as comments, what is wrong with it."""
    lines = text.splitlines()
    if len(lines) < 3 or not (lines[0].startswith("# zh: ") and lines[1].startswith("# en: ")):
        raise UserError(f"{where}: a wrong answer begins with the lines '# zh: ...' and '# en: ...'")
    return {"zh": lines[0][6:], "en": lines[1][6:]}, "\n".join(lines[2:])


def shown_source(name: str) -> str:
    """The text of a class or function of `vit`, "vit.attention:Attention", as it stands in its file."""
    module, wanted = name.split(":")
    text = (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if getattr(node, "name", None) == wanted:
            return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])  # with the comment on the last line
    raise UserError(f"{module} has no {wanted}")
