"""A check-in in one line for any chat: what it says, and that a certain learner's key made it.

    VITLINE1 + base32 of: length, camp, learner, record, seal

A section in which something was investigated has VITLINE2, and in its record what was predicted and found.
`seal` is the first 12 bytes of HMAC-SHA-256 over all before it. Only A-Z and 2-7 carry anything, so a line
may be wrapped, quoted, widened to full-width letters or strewn with invisible ones. The format, byte by
byte: course/CHECKIN.md.
"""

import base64
import hashlib
import hmac
import math
import re
import struct
from dataclasses import dataclass, field
from functools import cache

from course.learner.camp_code import CAMP, SYMBOLS, Key

STEM = "VITLINE"
MARKS = {"VITLINE1": "line", "VITLINE2": "line2"}  # -> what its seal's key is derived by
MARK_LENGTH = 8
_MARK = re.compile("|".join(MARKS))
LONGEST = 300  # characters
SEAL = 12  # bytes
_BYTES = (LONGEST - MARK_LENGTH) * 5 // 8  # that fit
_HEAD = struct.Struct(">B3s4s")  # length of all that follows it, camp, learner
_RECORD = struct.Struct(">BcI4sBHBdB")  # lesson, section, time, version, flags, seconds, parts, answer, exercises
SHORTEST = MARK_LENGTH + (_HEAD.size + _RECORD.size + SEAL) * 8 // 5  # characters
_FOUND = struct.Struct(">ee")  # of an investigation: predicted, result; two NaN where nothing was run
_LANGUAGES, _DEVICES = ("zh", "en"), ("CPU", "GPU", "Ascend")
_MISTAKES = 4  # of an exercise, the last different ones


class UnreadableLine(ValueError):
    """These symbols are no line; `why` is "cut off" or "damaged"."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Tried:
    """How an exercise went. Names of mistakes travel as two bytes each, `tag`."""

    outcome: bytes
    attempts: int  # 31 means 31 or more
    hints: int  # 4: the solution
    mistakes: tuple[bytes, ...] = ()

    @property
    def passed(self) -> bool:
        return self.outcome == tag("passed")


@dataclass(frozen=True)
class Record:
    """What a line says of one section."""

    lesson: str  # "04"
    section: str  # "A", or ""
    time: int  # seconds since 1970, by the learner's clock
    version: bytes  # of the lesson: the first 4 bytes of its hash
    language: str
    device: str
    seconds: int  # since the lesson was begun in this kernel; 65535 means as long or longer
    parts: int  # of the ViT that are the learner's own
    answer: float | None  # to the personal question
    exercises: tuple[Tried, ...] = ()
    texts: tuple[str, str, str] = field(default=("", "", ""))  # nickname, the lesson's result, note; cut where long
    found: tuple[tuple[float, float] | None, ...] = ()  # of each investigation: predicted, result, to three digits

    @property
    def place(self) -> str:
        return self.lesson + self.section


def find_mark(symbols: str, start: int = 0) -> int:
    """Where the next mark begins; -1 where there is none."""
    found = _MARK.search(symbols, start)
    return found.start() if found else -1


@cache
def tag(name: str) -> bytes:
    """Two bytes that stand for the name of an outcome or a mistake."""
    return hashlib.sha256(name.partition(":")[0].encode()).digest()[:2]


def tried(outcome: str, attempts: int, hints: int, mistakes: list[str]) -> Tried:
    different = list(dict.fromkeys(mistakes))[-_MISTAKES:]
    return Tried(tag(outcome), min(attempts, 31), min(hints, 4), tuple(map(tag, different)))


def pack(record: Record, key: Key) -> str:
    """The line, at most 300 characters. The texts get what room is left, the note last."""
    mark = "VITLINE2" if record.found else "VITLINE1"
    room = _BYTES - SEAL - _HEAD.size - len(_binary(record)) - 3
    texts = []
    for text, most in zip(record.texts, (24, 60, room), strict=True):
        texts.append(_cut(text, min(most, room)))
        room -= len(texts[-1])
    body = _binary(record) + b"".join(bytes([len(text)]) + text for text in texts)
    head = _HEAD.pack(_HEAD.size - 1 + len(body) + SEAL, _camp_bytes(key.camp), key.learner)
    return mark + base64.b32encode(head + body + _seal(head + body, key, mark)).decode().rstrip("=")


def _binary(record: Record) -> bytes:
    flags = _LANGUAGES.index(record.language) | _DEVICES.index(record.device) << 1
    flags |= (record.answer is not None) << 3
    numbers = (min(record.seconds, 65535), record.parts, record.answer or 0.0, len(record.exercises))
    section = (record.section or " ").encode("ascii")
    parts = [_RECORD.pack(int(record.lesson), section, record.time, record.version, flags, *numbers)]
    for one in record.exercises:
        parts += [one.outcome, bytes([one.attempts | one.hints << 5, len(one.mistakes)]), *one.mistakes]
    if record.found:
        parts += [bytes([len(record.found)]), *(_FOUND.pack(*(one or (math.nan, math.nan))) for one in record.found)]
    return b"".join(parts)


def _cut(text: str, most: int) -> bytes:
    """UTF-8 of at most so many bytes, no character halved, an ellipsis where it was cut."""
    whole = text.encode("utf-8", "replace")
    if len(whole) <= most:
        return whole
    return whole[: most - 3].decode("utf-8", "ignore").encode() + "…".encode() if most >= 3 else b""


def _camp_bytes(camp: str) -> bytes:
    number = 0
    for symbol in camp:
        number = number * len(SYMBOLS) + SYMBOLS.index(symbol)
    return number.to_bytes(3, "big")


def _camp(data: bytes) -> str:
    number, symbols = int.from_bytes(data, "big"), ""
    for _ in range(CAMP):
        number, place = divmod(number, len(SYMBOLS))
        symbols = SYMBOLS[place] + symbols
    return symbols if number == 0 else "?" * CAMP


def _seal(data: bytes, key: Key, mark: str) -> bytes:
    return hmac.new(key.derive(MARKS[mark]), data, hashlib.sha256).digest()[:SEAL]


@dataclass(frozen=True)
class Sealed:
    """A line taken apart, its seal not yet looked at: nothing in it is to be believed."""

    camp: str
    learner: bytes
    data: bytes  # all of it, the seal last
    symbols: str  # what stands in the chat, without what wrapping added

    @property
    def mark(self) -> str:
        return self.symbols[:MARK_LENGTH]

    def opened(self, key: Key) -> Record | None:
        """What it says; None where this key did not make it."""
        if not hmac.compare_digest(self.data[-SEAL:], _seal(self.data[:-SEAL], key, self.mark)):
            return None
        return _unpack(self.data[_HEAD.size : -SEAL], self.mark == "VITLINE2")


def take_apart(symbols: str) -> Sealed:
    """`symbols`: upper-case letters and digits from the mark on; what follows the line's end is ignored.

    Raises:
        UnreadableLine: it is cut off, or was never a line.
    """
    mark, rest = symbols[:MARK_LENGTH], symbols[MARK_LENGTH:LONGEST]
    text = _MARK.split(rest)[0]  # where the next line begins, this one has ended
    first = _decode(text[:2])
    if not first:
        raise UnreadableLine("cut off" if len(text) < 2 else "damaged")
    if not _HEAD.size - 1 + _RECORD.size + SEAL < first[0] < _BYTES:
        raise UnreadableLine("damaged")
    needed = math.ceil((1 + first[0]) * 8 / 5)
    if len(text) < needed:
        raise UnreadableLine("cut off")
    data = _decode(text[:needed])
    if data is None:
        raise UnreadableLine("damaged")
    _, camp, learner = _HEAD.unpack_from(data)
    return Sealed(_camp(camp), learner, data, mark + text[:needed])


def _decode(text: str) -> bytes | None:
    """Base32 without its padding; None for other symbols, or where spare bits are not zero."""
    try:
        data = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        return None
    return data if len(text) == 2 or base64.b32encode(data).decode().rstrip("=") == text else None


def _unpack(body: bytes, investigated: bool) -> Record | None:
    """None for what `pack` cannot have made: whoever holds a key can seal anything."""
    try:
        lesson, section, time, version, flags, seconds, parts, answer, count = _RECORD.unpack_from(body)
        place, exercises = _RECORD.size, []
        for _ in range(count):
            outcome, (how, mistakes) = body[place : place + 2], body[place + 2 : place + 4]
            place += 4
            tags = tuple(body[place + 2 * i : place + 2 * i + 2] for i in range(mistakes))
            place += 2 * mistakes
            exercises.append(Tried(outcome, how & 31, how >> 5, tags))
        found = []
        if investigated:
            for n in range(body[place]):
                one = _FOUND.unpack_from(body, place + 1 + n * _FOUND.size)
                found.append(None if math.isnan(one[0]) else one)
            place += 1 + len(found) * _FOUND.size
        texts = []
        for _ in range(3):
            texts.append(body[place + 1 : place + 1 + body[place]].decode("utf-8"))
            place += 1 + body[place]
        odd = any(one and not all(map(math.isfinite, one)) for one in found)
        if place != len(body) or not math.isfinite(answer) or odd or (investigated and not found):
            return None
        language, device = _LANGUAGES[flags & 1], _DEVICES[flags >> 1 & 3]
        return Record(
            f"{lesson:02}",
            section.decode("ascii").strip(),
            time,
            version,
            language,
            device,
            seconds,
            parts,
            answer if flags & 8 else None,
            tuple(exercises),
            tuple(texts),
            tuple(found),
        )
    except (struct.error, ValueError, IndexError):
        return None
