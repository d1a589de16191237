"""Text in the columns of a terminal, where a Chinese character takes two."""

import re
import unicodedata

# blanks, or what stays on one line: a Chinese character or a word, with the brackets and stops at its sides
_OPEN, _CLOSE, _CHINESE = "（《“‘「", "，。；：、！？）》”’」…", "\u2e80-\u9fff\uff00-\uffef"
_PIECE = re.compile(rf"\s+|[{_OPEN}]*(?:[^\s{_CHINESE}{_OPEN}{_CLOSE}]+|[{_CHINESE}])?[{_CLOSE}]*")


def columns(text: str) -> int:
    """How wide a terminal draws it."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text, width: int) -> str:
    """The text, and blanks up to the width; one that is wider stays as it is."""
    return f"{text}{' ' * (width - columns(str(text)))}"


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most so many columns, broken at blanks and between Chinese characters."""
    lines = [""]
    for piece in filter(None, _PIECE.findall(" ".join(text.split()))):
        if columns(lines[-1] + piece.rstrip()) > width and lines[-1]:
            lines.append("")
        if lines[-1] or piece.strip():
            lines[-1] += piece
    return [line.rstrip() for line in lines]
