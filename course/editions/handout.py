"""The hand-out of a lesson: a page or two to print, with gaps; and the same with the gaps filled, for the teacher.

`[[N, d]]` in handout.py is a gap whose answer is "N, d".
"""

import html
import re
from pathlib import Path

from course.document.classroom import read_handout
from course.document.lesson import Lesson
from course.editions.paper import Paper, style_of_code

HERE = Path(__file__).parent
_GAP = re.compile(r"\[\[(.+?)\]\]")
NAME = {"zh": "姓名：", "en": "Name: "}


def make_handout(lesson: Lesson, language: str, key: bool = False) -> str:
    """The file's text.

    Args:
        key: with what belongs into the gaps.
    """
    paper = Paper(lesson, language)
    made = paper.html(read_handout(lesson.folder)[language])
    gap = (
        r'<b class="filled">\1</b>'
        if key
        else lambda gap: f'<span class="gap" style="min-width:{_wide(gap[1])}em"></span>'
    )
    made = _GAP.sub(gap, made)
    name = "" if key else f'<p class="name">{NAME[language]}<span class="gap" style="min-width:14em"></span></p>'
    return sheet(f"{name}{made}", lesson.title(language), language)


def sheet(body: str, title: str, language: str) -> str:
    """An HTML file for A4."""
    style = (HERE / "paper" / "sheet.css").read_text(encoding="utf-8") + style_of_code()
    lang = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title>'
        f"<style>{style}</style></head><body><main>{body}</main></body></html>\n"
    )


def _wide(answer: str) -> int:
    return max(4, min(len(answer) + 2, 22))
