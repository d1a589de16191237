"""The deck of a lesson: one HTML file, reveal.js inside, that asks no network."""

import html
import json
import re
from pathlib import Path

from course.document.classroom import DeckPage, read_deck
from course.document.lesson import Lesson
from course.editions.paper import Paper, style_of_code

HERE = Path(__file__).parent
BET = {"zh": "先猜再看", "en": "Bet first"}


def make_deck(lesson: Lesson, language: str, explorer: str | None = None, still: str = "") -> str:
    """The file's text.

    Args:
        explorer: the page to touch, as `course.explorer.build.page_of` gives it, where a page of the deck wants it.
        still: an <img> of it, for paper.
    """
    paper = Paper(lesson, language)
    pages = "\n".join(_page(paper, page, number) for number, page in enumerate(read_deck(lesson.folder), 1))
    pages = re.sub(r'(<div class="explorer"[^>]*>)', lambda place: place[1] + still, pages)
    filled = {
        "LANG": "zh-CN" if language == "zh" else "en",
        "TITLE": html.escape(lesson.title(language)),
        "REVEAL": _text("reveal/reveal.css"),
        "STYLE": "\n".join((style_of_code(), _text("paper/deck.css"))),
        "PAGES": pages,
        "EXPLORER": json.dumps(explorer if "data-state=" in pages else None).replace("<", "\\u003c"),
        "SCRIPT": "\n".join(map(_text, ("reveal/reveal.js", "reveal/notes.js", "paper/deck.js"))),
    }
    page = _text("paper/deck.html")
    for name, text in filled.items():
        page = page.replace(f"%{name}%", text, 1)
    return page


def _page(paper: Paper, page: DeckPage, number: int) -> str:
    language = paper.language
    bet = f'<p class="bet">{BET[language]}</p>' if page.bet else ""
    kind = ' class="first"' if number == 1 else ' class="touch"' if "{explorer " in page.texts[language] else ""
    note = paper.html(page.notes[language])
    lengths = " ".join(map(str, page.minutes))
    return f'<section{kind} id="p{number}" data-minutes="{lengths}">{bet}{paper.html(page.texts[language])}<aside class="notes">{note}</aside></section>'


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
