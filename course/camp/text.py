"""Somebody else's text, made harmless: for a terminal or a page, and for a spreadsheet."""

import re


def plain(text: str, most: int = 60) -> str:
    """Somebody's text for a terminal or a page: no line breaks, nothing invisible, nothing that turns the direction."""
    text = "".join(c if c.isprintable() else " " for c in text)
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= most else text[: most - 1] + "…"


_FORMULA = re.compile(r"(^|[;|\t])(?=[ \"']*[=+\-@\t\r＝＋－＠])")  # also where a spreadsheet takes another separator
_MARKED = re.compile(_FORMULA.pattern.replace("(?=", "'(?="))


def cell(text: str) -> str:
    """A text for a spreadsheet, which would run one that begins like a formula; `uncell` takes it back."""
    return _FORMULA.sub(r"\1'", text)


def uncell(text: str) -> str:
    return _MARKED.sub(r"\1", text)
