"""Lines found in anything: a chat's export, pasted text, a folder of receipts, a zip.

Nothing is unpacked to disk, no link is followed, nothing is parsed: every source is a stream of text in which
the mark is looked for. So deep nesting, scripts and paths in archives have nothing to work on.
"""

import codecs
import html
import os
import re
import sys
import unicodedata
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from course.camp.text import plain
from course.learner.line import LONGEST, MARK, Sealed, Unreadable, take_apart
from vit.runtime.errors import UserError, reason
from vit.runtime.language import say

MOST_BYTES = 200_000_000  # of a file, or of all that a zip unpacks to
MOST_FILES = 20_000
_CHUNK = 1 << 20
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf")
# what pages and files put inside a text: tags, entities, escapes
_TAGS = re.compile(r"</?(?:a|b|br|code|div|em|font|i|li|p|pre|span|strong|td|tr|wbr)\b[^<>]{0,300}>", re.IGNORECASE)
_ESCAPES = re.compile(r"\\u[0-9a-fA-F]{4}|\\[nrt]|&#?[0-9A-Za-z]{1,10};")
_OTHER = re.compile(r"[^0-9A-Za-z]+")


@dataclass(frozen=True)
class Found:
    """A line in a source, or what looks like one."""

    where: str  # "chat.txt:12"
    sealed: Sealed | None
    why: str = ""  # "cut off" or "damaged", where it is none


@dataclass(frozen=True)
class Problem:
    """A source that was left out, or broke off."""

    where: str
    sentence: str


def look_through(source: str) -> Iterator[Found | Problem]:
    """All lines of a file, a folder, a zip, or of standard input ("-").

    Raises:
        UserError: there is nothing of that name.
    """
    if source == "-":
        yield from _stream(sys.stdin.buffer, "-")
        return
    path = Path(source)
    if not path.exists():
        raise UserError(say(f"{source}：没有这个文件或文件夹", f"{source}: no such file or folder"))
    if path.is_dir():
        yield from _folder(path)
    else:
        yield from _file(path, plain(path.name))


def _folder(top: Path) -> Iterator[Found | Problem]:
    seen = pictures = 0
    for folder, folders, names in os.walk(top):  # links to folders are not followed
        folders.sort()
        for name in sorted(names):
            path = Path(folder) / name
            where = plain(path.relative_to(top).as_posix(), 120)
            seen += 1
            if seen > MOST_FILES:
                text = say(
                    f"超过 {MOST_FILES} 个文件，后面的没有看", f"more than {MOST_FILES} files, the rest was not read"
                )
                yield Problem(plain(str(top)), text)
                return
            if path.is_symlink() or not path.is_file():
                yield Problem(where, say("是链接或不是普通文件，没有看", "a link, or no ordinary file: left out"))
            elif path.suffix.lower() in _PICTURES:
                pictures += 1
            else:
                yield from _file(path, where)
    if pictures:
        yield Problem(
            plain(str(top)),
            say(
                f"{pictures} 张图片没有看：要的是那一行文字",
                f"{pictures} pictures not read: it takes the line, as text",
            ),
        )


def _file(path: Path, where: str) -> Iterator[Found | Problem]:
    try:
        if path.suffix.lower() == ".zip":
            yield from _zip(path, where)
            return
        if path.stat().st_size > MOST_BYTES:
            yield Problem(where, _too_large())
            return
        with path.open("rb") as stream:
            yield from _stream(stream, where)
    except OSError as error:
        yield Problem(where, reason(error))


def _too_large() -> str:
    return say(f"超过 {MOST_BYTES // 10**6} MB，没有看", f"more than {MOST_BYTES // 10**6} MB: left out")


def _zip(path: Path, where: str) -> Iterator[Found | Problem]:
    budget = [MOST_BYTES]
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_FILES:
                yield Problem(
                    where, say(f"超过 {MOST_FILES} 个文件，没有看", f"more than {MOST_FILES} files: left out")
                )
                return
            for member in members:
                if member.is_dir() or member.filename.lower().endswith(_PICTURES):
                    continue
                inside = f"{where}!{plain(member.filename, 80)}"
                if member.filename.lower().endswith(".zip"):
                    yield Problem(inside, say("压缩包里的压缩包，没有看", "a zip within a zip: left out"))
                    continue
                with archive.open(member) as stream:
                    yield from _stream(stream, inside, budget)
                if budget[0] <= 0:
                    return
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OSError):
        # of a damaged or encrypted one each may come
        yield Problem(where, say("损坏或加密的压缩包，读到这里为止", "a damaged or encrypted zip: read up to here"))


def _stream(stream: BinaryIO, where: str, budget: list[int] | None = None) -> Iterator[Found | Problem]:
    """Lines in a stream of bytes, piece by piece."""
    symbols, places, line, decoder, rest = "", [(0, 1)], 1, None, ""
    budget = [MOST_BYTES] if budget is None else budget
    while True:
        data = stream.read(_CHUNK)
        budget[0] -= len(data)
        if budget[0] <= 0:
            yield Problem(where, _too_large())
            return
        decoder = decoder or _decoder(data)
        text = rest + decoder.decode(data, not data)
        # a piece ends at a line's end, where there is one, so that no tag is cut
        cut = text.rfind("\n") + 1 if data and "\n" in text[-65536:] else len(text)
        text, rest = text[:cut], text[cut:]
        for physical in _readable(text).splitlines(keepends=True):
            places.append((len(symbols), line))
            symbols += _OTHER.sub("", physical).upper()
            line += physical.endswith(("\n", "\r"))
        found, done = [], 0
        while (start := symbols.find(MARK, done)) >= 0 and (not data or len(symbols) - start >= LONGEST):
            number = places[bisect_right(places, (start, sys.maxsize)) - 1][1]
            found.append(_found(symbols[start : start + LONGEST], f"{where}:{number}"))
            done = start + (len(found[-1].sealed.symbols) if found[-1].sealed else len(MARK))
        yield from found
        if not data:
            return
        done = start if start >= 0 else max(done, len(symbols) - len(MARK) + 1, 0)
        first = places[bisect_right(places, (done, sys.maxsize)) - 1][1]
        symbols, places = symbols[done:], [(0, first), *((at - done, n) for at, n in places if at > done)]


def _readable(text: str) -> str:
    """Without what belongs to a page or a file; letters of any width become plain ones."""
    if "<" in text:
        text = _TAGS.sub(" ", text)
    if "\\" in text or "&" in text:
        text = _ESCAPES.sub(_unescaped, text)
    return text if text.isascii() else unicodedata.normalize("NFKD", text)


def _unescaped(match: re.Match) -> str:
    said = match[0]
    if said.startswith("&"):
        return html.unescape(said).replace("\n", " ")
    return chr(int(said[2:], 16)) if said.startswith("\\u") else " "


def _found(symbols: str, where: str) -> Found:
    try:
        return Found(where, take_apart(symbols))
    except Unreadable as error:
        return Found(where, None, error.why)


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
