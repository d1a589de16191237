"""Somebody else's text, made harmless: for a terminal or a page, and for a spreadsheet."""

import re


def plain(text: str, most: int = 60) -> str:
    """Somebody's text for a terminal or a page: no line breaks, nothing invisible, nothing that turns the direction."""
    text = "".join(c if c.isprintable() else " " for c in text)
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= most else text[: most - 1] + "…"


def cell(text: str) -> str:
    """A text for a spreadsheet, which would run one that begins like a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def uncell(text: str) -> str:
    return text[1:] if text == "'" + text[1:] == cell(text[1:]) else text
