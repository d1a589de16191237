"""Bytes of any chat, page or file -> its text piece by piece, without what such files put inside a line."""

import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import BinaryIO

from course.learner.line import STEM, find_mark

_TAG = re.compile(r"</?[A-Za-z][\w:.-]{0,40}(?:\s[^<>]{0,300})?/?>")
_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}|\\[nrt]|&#?[0-9A-Za-z]{1,10};")
# how one that goes on in the next piece may begin
_TAG_BEGINS = re.compile(r"(?:<[^<>]{0,345}|\r)\Z")
_ESCAPE_BEGINS = re.compile(r"(?:\\(?:u[0-9a-fA-F]{0,3})?|&#?[0-9A-Za-z]{0,10})\Z")
_OTHER = re.compile(r"[^0-9A-Za-z]+")


def readable(stream: BinaryIO, chunk: int, spent: Callable[[bytes], bool]) -> Iterator[tuple[str, bool]]:
    """(text, whether it is the last) of each piece.

    Tags are dropped, escapes resolved, letters of any width are plain ones; lines end where they did. What is
    dropped never contains a mark: text that only looks like a tag may stand around somebody's line.

    Args:
        chunk: bytes to read at once.
        spent: told of what was read; when it answers True, reading ends.
    """
    decoder, coded, tagged, last = None, "", "", False
    while not last:
        data = stream.read(chunk)
        last = not data or spent(data)
        decoder = decoder or _decoder(data)
        whole, coded = _split(coded + decoder.decode(data, last), _ESCAPE_BEGINS, last)
        if "\\" in whole or "&" in whole:
            whole = _ESCAPE.sub(_unescaped, whole)
        whole, tagged = _split(tagged + whole, _TAG_BEGINS, last)
        if "<" in whole:
            whole = _TAG.sub(_untagged, whole)
        yield (whole if whole.isascii() else unicodedata.normalize("NFKD", whole)), last


def _split(text: str, begins: re.Pattern, last: bool) -> tuple[str, str]:
    """What can be looked at now, and what the next piece goes on with."""
    near = max(0, len(text) - 400)
    found = None if last else begins.search(text, near)
    return (text[: found.start()], text[found.start() :]) if found else (text, "")


def _untagged(match: re.Match) -> str:
    inside = _OTHER.sub("", unicodedata.normalize("NFKD", match[0])).upper()
    begun = any(inside.endswith(STEM[:n]) for n in range(4, len(STEM) + 1))  # a mark wrapped by a quotation's ">"
    return match[0] if find_mark(inside) >= 0 or begun else " " + "\n" * match[0].count("\n")


def _unescaped(match: re.Match) -> str:
    said = match[0]
    if said.startswith("&"):
        return html.unescape(said).replace("\n", " ")
    return chr(int(said[2:], 16)).replace("\n", " ") if said.startswith("\\u") else " "


def _decoder(data: bytes) -> codecs.IncrementalDecoder:
    """By the first bytes: a byte order mark, NULs between letters, valid UTF-8, else GB 18030."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16"
    elif data[1:200:2].count(0) > 40 or data[0:200:2].count(0) > 40:
        name = "utf-16-le" if data[1:200:2].count(0) > 40 else "utf-16-be"
    else:
        try:
            codecs.getincrementaldecoder("utf-8")().decode(data)
            name = "utf-8-sig"
        except UnicodeDecodeError:
            name = "gb18030"
    return codecs.getincrementaldecoder(name)("replace")
