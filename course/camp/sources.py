"""Lines found in anything: a chat's export, pasted text, a folder of receipts, a zip, a word processor's file.

Nothing is unpacked to disk, no link is followed, nothing is parsed: every source is a stream of text in which
the mark is looked for. So deep nesting, scripts and paths in archives have nothing to work on. Whatever is
left out is named.
"""

import gzip
import os
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from course.camp.readable import readable
from course.camp.text import plain
from course.learner.line import (
    LONGEST,
    MARK_LENGTH,
    SHORTEST,
    Sealed,
    UnreadableLine,
    find_mark,
    take_apart,
)
from vit.runtime.errors import UserError, reason
from vit.runtime.language import say

MOST_BYTES = 200_000_000  # of a file, or of all that a zip unpacks to
_CHUNK = 1 << 20
MOST_TOLD = 20  # lines that are none, of one source
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf")
_OTHER = re.compile(r"[^0-9A-Za-z]+")
_BASE64 = re.compile(rb"^content-transfer-encoding:\s*base64", re.IGNORECASE | re.MULTILINE)
_OF_A_DOCUMENT = {"[Content_Types].xml", "mimetype"}  # a word processor's or a spreadsheet's
_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OSError)


@dataclass(frozen=True)
class Found:
    """A line in a source, or what looks like one."""

    where: str  # "chat.txt:12"
    sealed: Sealed | None
    why: str = ""  # "cut off" or "damaged", where it is none


@dataclass(frozen=True)
class Problem:
    """A source that was left out, broke off, or has no line."""

    where: str
    sentence: str
    count: int = 1  # how many are meant; 0 where there was just nothing
    pictures: bool = False  # cards, which an archive of progress holds beside the lines


def look_through(source: str) -> Iterator[Found | Problem]:
    """All lines of a file, a folder, a zip, or of standard input ("-").

    Raises:
        UserError: there is nothing of that name.
    """
    if source == "-":
        if sys.stdin is None:
            raise UserError(say("没有标准输入", "there is no standard input"))
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
    pictures = 0
    for folder, folders, names in os.walk(top):  # links to folders are not followed
        folders.sort()
        for name in sorted(names):
            path = Path(folder) / name
            if path.suffix.lower() in _PICTURES and not path.is_symlink():
                pictures += 1
            else:
                yield from _file(path, plain(path.relative_to(top).as_posix(), 120), follow=False)
    yield from _pictures(plain(str(top)), pictures)


def _pictures(where: str, count: int) -> Iterator[Problem]:
    if count:
        text = say(f"{count} 张图片没有看：要的是那一行文字", f"{count} pictures not read: it takes the line, as text")
        yield Problem(where, text, pictures=True)


def _file(path: Path, where: str, follow: bool = True) -> Iterator[Found | Problem]:
    try:
        if not path.is_file() or (path.is_symlink() and not follow):
            yield Problem(where, say("是链接或不是普通文件，没有看", "a link, or no ordinary file: left out"))
        elif path.stat().st_size > MOST_BYTES:
            yield Problem(where, _too_large())
        else:
            with path.open("rb") as stream:
                begin = stream.read(4)
            if begin.startswith(b"PK\x03\x04"):  # a word processor's files are zips, too
                yield from _zip(path, where)
                return
            with (gzip.open if begin.startswith(b"\x1f\x8b") else open)(path, "rb") as stream:
                yield from _stream(stream, where)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield Problem(where, say("损坏的压缩文件，读到这里为止", "a damaged archive: read up to here"))
    except OSError as error:
        yield Problem(where, reason(error))


def _too_large() -> str:
    return say(f"超过 {MOST_BYTES // 10**6} MB，没有看", f"more than {MOST_BYTES // 10**6} MB: left out")


def _zip(path: Path, where: str) -> Iterator[Found | Problem]:
    """The small members first: none is kept from being read by what others have filled it with."""
    budget, nothing, anything = [MOST_BYTES], [], False
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            document = {member.filename for member in members} & _OF_A_DOCUMENT
            pictures = sum(member.filename.lower().endswith(_PICTURES) for member in members)
            for member in sorted(members, key=lambda m: m.file_size):
                if member.filename.lower().endswith(_PICTURES):
                    continue
                for one in _member(archive, member, f"{where}!{plain(member.filename, 80)}", budget):
                    if isinstance(one, Problem) and not one.count:
                        nothing.append(one)
                    else:
                        anything = True
                        yield one
                if budget[0] <= 0:
                    return
            if document:  # one thing to whoever sent it
                nothing = [] if anything or not nothing else [Problem(where, nothing[0].sentence, 0)]
            yield from nothing
            yield from _pictures(where, 0 if document else pictures)
    except _BROKEN:
        yield Problem(where, say("损坏的压缩包，没有看", "a damaged zip: left out"))


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, inside: str, budget: list[int]
) -> Iterator[Found | Problem]:
    try:
        with archive.open(member) as stream:
            packed = stream.peek(4).startswith((b"PK\x03\x04", b"\x1f\x8b"))
            if packed or member.filename.lower().endswith(".zip"):
                yield Problem(inside, say("压缩包里的压缩包，没有看", "a zip within a zip: left out"))
            else:
                yield from _stream(stream, inside, budget)
    except _BROKEN:  # of a damaged or encrypted one each may come
        yield Problem(inside, say("损坏或加密，读到这里为止", "damaged or encrypted: read up to here"))


def _stream(stream: BinaryIO, where: str, budget: list[int] | None = None) -> Iterator[Found | Problem]:
    """Lines in a stream of bytes, piece by piece."""
    budget = [MOST_BYTES] if budget is None else budget
    begin, symbols, places, line, broken, any_ = b"", "", [(0, 1)], 1, 0, False

    def spent(data: bytes) -> bool:
        nonlocal begin
        begin = begin or data[:100_000]
        budget[0] -= len(data)
        return budget[0] <= 0

    for text, last in readable(stream, _CHUNK, spent):
        pieces, length = [symbols], len(symbols)
        for physical in text.splitlines(keepends=True):
            places.append((length, line))
            pieces.append(_OTHER.sub("", physical).upper())
            length += len(pieces[-1])
            line += physical.endswith(("\n", "\r"))
        symbols = "".join(pieces)
        start, done, place = find_mark(symbols), 0, 0
        while start >= 0 and (last or len(symbols) - start >= LONGEST):
            any_ = True
            after = find_mark(symbols, start + MARK_LENGTH)
            one = _found(symbols, start, after)
            done = start + (len(one.sealed.symbols) if one.sealed else MARK_LENGTH)
            if one.sealed or (broken := broken + 1) <= MOST_TOLD:
                while place + 1 < len(places) and places[place + 1][0] <= start:
                    place += 1
                yield Found(f"{where}:{places[place][1]}", one.sealed, one.why)
            start = after if after < 0 or after >= done else find_mark(symbols, done)
        done = start if start >= 0 else max(done, len(symbols) - MARK_LENGTH + 1, 0)
        first = next(n for at, n in reversed(places) if at <= done)
        symbols, places = symbols[done:], [(0, first), *((at - done, n) for at, n in places if at > done)]
    if broken > MOST_TOLD:
        more = broken - MOST_TOLD
        yield Problem(where, say(f"这样的还有 {more} 处", f"and {more} more refused"), more)
    if budget[0] <= 0:
        yield Problem(where, _too_large())
    elif not any_:
        coded = say(
            "没有找到打卡行；内容是 base64 编码的邮件，请另存为文本", "no line found; a mail in base64: save it as text"
        )
        nothing = say("没有找到打卡行", "no line found")
        yield Problem(where, coded if _BASE64.search(begin) else nothing, 0)


def _found(symbols: str, start: int, after: int) -> Found:
    """What begins at `start`; the next mark, if any, is at `after`, and so this one has ended before."""
    if 0 <= after < start + SHORTEST:
        return Found("", None, "cut off")
    try:
        return Found("", _taken(symbols[start : start + LONGEST]))
    except UnreadableLine as error:
        return Found("", None, error.why)


_taken = lru_cache(1000)(take_apart)  # the same line again and again is soon dealt with
