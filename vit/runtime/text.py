"""Names that come from outside (of files, folders, classes), fit to be stored and to be shown."""

import unicodedata

# marks that turn the direction of what follows: with one, a name reads as another
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def unicode_text(name) -> str:
    """A name that any encoding of Unicode holds: bytes that are no UTF-8, lone surrogates in Python, as \\udcff."""
    return str(name).encode("utf-8", "backslashreplace").decode("utf-8")


def one_line(text) -> str:
    """Text that stays in its line of a terminal or a figure: what would break, turn or colour it is written out."""
    return "".join(
        c.encode("unicode_escape").decode("ascii")
        if c in _TURNING or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")
        else c
        for c in str(text)
    )


def plain_name(name) -> str:
    """A folder's name as the name of a class: é is one sign, however the file system spells it."""
    return unicodedata.normalize("NFC", unicode_text(name))
