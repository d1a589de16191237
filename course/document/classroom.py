"""What a lesson has for a class, beside lesson.py: deck.py (pages), handout.py, quiz.toml. The format: course/LESSON_FORMAT.md."""

import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from course.document.lesson import Lesson
from course.document.percent import Cell, read_cells
from course.language import LANGUAGES
from vit.runtime.errors import UserError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LENGTHS = (45, 90, 180)  # minutes of a class


@dataclass
class DeckPage:
    texts: dict  # language -> Markdown, with {code ...}, {output ...}, {figure ...}, {exercise ...}, {explorer ...}
    notes: dict  # language -> what is said and done
    minutes: dict  # length of a class -> minutes on this page; not there: left out
    bet: bool = False  # asks for a prediction that the next page settles


@dataclass
class Question:
    asked: dict  # language -> text
    choices: list = field(default_factory=list)  # of {"right": bool, "zh": ..., "en": ..., "why": {language: text}}


def has_classroom(lesson: Lesson) -> bool:
    return (lesson.folder / "deck.py").is_file()


@cache
def read_deck(folder: Path) -> list[DeckPage]:
    """The pages of a lesson's deck.

    Raises:
        UserError: a page lacks its other language, its notes or its minutes.
    """
    pages = []
    for where, zh, en in pairs(folder / "deck.py"):
        texts = dict(zip(LANGUAGES, (zh.text, en.text), strict=True))
        if "note" in zh.marks:
            if not pages or pages[-1].notes:
                raise UserError(f"{where}: a note follows its page")
            pages[-1].notes = texts
        else:
            spent = zh.marks.get("minutes", "").split()
            if len(spent) != len(LENGTHS):
                raise UserError(
                    f'{where}: a page has minutes="2 3 5", for classes of {LENGTHS}; - where it is left out'
                )
            minutes = {length: int(one) for length, one in zip(LENGTHS, spent, strict=True) if one != "-"}
            pages.append(DeckPage(texts, {}, minutes, "bet" in zh.marks))
    silent = [page.texts["en"].splitlines()[0] for page in pages if not page.notes]
    if silent:
        raise UserError(f"{folder.name}/deck.py: no note for {silent[0]!r}")
    return pages


def pairs(path: Path) -> list[tuple[str, Cell, Cell]]:
    """[(where it stands, Chinese cell, English cell)]; the marks of a pair stand on the Chinese one."""
    cells = read_cells(path)
    found = []
    for number in range(0, len(cells), 2):
        zh, en = (cells + [None])[number : number + 2]
        where = f"{path.parent.name}/{path.name}, {zh.text[:30]!r}"
        if en is None or (zh.marks.get("lang"), en.marks.get("lang")) != LANGUAGES:
            raise UserError(f"{where}: a Chinese cell is followed by its English one")
        if ("note" in zh.marks) != ("note" in en.marks):
            raise UserError(f"{where}: one of the two is a note")
        found.append((where, zh, en))
    return found


def read_handout(folder: Path) -> dict:
    """Language -> Markdown of the hand-out."""
    parts = pairs(folder / "handout.py")
    return {
        language: "\n\n".join(pair[place].text for pair in parts) for place, language in enumerate(LANGUAGES, start=1)
    }


def read_quiz(folder: Path) -> list[Question]:
    """Five questions, with a reason for each choice.

    Raises:
        UserError: a question has not exactly one right choice, or a text is there in one language only.
    """
    told = tomllib.loads((folder / "quiz.toml").read_text(encoding="utf-8"))
    questions = []
    for one in told["question"]:
        choices = [
            {
                "right": bool(c.get("right")),
                **{lang: c[lang] for lang in LANGUAGES},
                "why": {lang: c["why"][lang] for lang in LANGUAGES},
            }
            for c in one["choice"]
        ]
        if sum(choice["right"] for choice in choices) != 1:
            raise UserError(f"{folder.name}/quiz.toml: {one['en'][:40]!r} has not exactly one right choice")
        questions.append(Question({lang: one[lang] for lang in LANGUAGES}, choices))
    return questions
