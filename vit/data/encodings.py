"""Bytes of a list that some spreadsheet or editor has saved -> text; a guess is known for one.

What the bytes prove is taken as proved: a byte order mark, NULs between letters, valid UTF-8. All else is weighed
by what the text would say. A list of names is too short for detectors (charset-normalizer 3.5 takes the GBK of
小明 for Big5 and the Latin of Müller for Central European), so there are few candidates, each with what speaks
against it, and where two make sense the reader is asked.
"""

import codecs
import re
import unicodedata

from vit.runtime.errors import UserError
from vit.runtime.language import say

_MARKS = [  # the longer first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_MIXED = re.compile(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")


def decode(data: bytes, encoding: str | None = None, how: str = "") -> tuple[str, str, bool]:
    """The text, its encoding, and whether that was guessed.

    Args:
        encoding: what the reader says it is; nothing is guessed then.
        how: to mend what cannot be told, for the error's end.

    Raises:
        UserError: it is no text, or nobody can tell which.
    """
    how = how or say("请另存为“CSV UTF-8”", "save it as 'CSV UTF-8'")
    if encoding:
        return _as_told(data, encoding), encoding, False
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _whole(data, name, how), name, False
    if b"\0" in data:
        return _between_nuls(data, how)
    try:
        text = data.decode("utf-8")
        if _one_script(text) or not _readings(data):
            return text, "utf-8", False
        readings = {"utf-8": text} | _readings(data)
    except UnicodeDecodeError:
        readings = _readings(data)
    if len(readings) == 1:
        ((name, text),) = readings.items()
        return text, name, True
    shown = {name: samples(text) for name, text in readings.items()}
    if not shown:
        raise UserError(
            say(f"不是 UTF-8，也认不出是什么编码：{how}", f"no UTF-8, and no encoding that makes sense of it: {how}")
        )
    listed = say("；", "; ").join(f"{name}: {text}" for name, text in shown.items())
    raise UserError(
        say(
            f"看不出是哪种编码，都说得通（{listed}）：{how}",
            f"more than one encoding makes sense of it ({listed}): {how}",
        )
    )


def samples(text: str, most: int = 5) -> str:
    """The words that another encoding would read in another way, some of them, fit for a terminal."""
    words = dict.fromkeys(w for w in re.findall(r"[^\s,;|\"]+", text) if not w.isascii())
    listed = say("、", ", ").join("".join(c if c.isprintable() else "?" for c in w[:20]) for w in list(words)[:most])
    return listed + ("…" if len(words) > most else "")


def _as_told(data: bytes, encoding: str) -> str:
    try:
        return data.decode("utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding)
    except LookupError:
        raise UserError(
            say(f"没有编码 {encoding!r}；例如 gb18030", f"no encoding {encoding!r}; for instance gb18030")
        ) from None
    except ValueError:
        raise UserError(say(f"不是 {encoding}", f"is not {encoding}")) from None


def _whole(data: bytes, name: str, how: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise UserError(
            say(f"第 {error.start} 字节处损坏（{name}）：{how}", f"damaged at byte {error.start} ({name}): {how}")
        ) from None


def _between_nuls(data: bytes, how: str) -> tuple[str, str, bool]:
    """UTF-16 without its mark: separators and line ends have a NUL, all on the same side."""
    for name, letters in (("utf-16-le", data[::2]), ("utf-16-be", data[1::2])):
        if len(data) % 2 == 0 and 0 not in letters and "\n" in (text := data.decode(name, "replace")):
            return (_whole(data, name, how) if "\ufffd" in text else text), name, False
    place = data.index(0)
    raise UserError(
        say(f"第 {place} 字节是 NUL，不是文字文件：{how}", f"byte {place} is a NUL, so it is no text file: {how}")
    )


def _readings(data: bytes) -> dict[str, str]:
    """The candidates that make sense, name -> text."""
    found = {}
    for name, sense in _SENSE.items():
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if sense([c for c in text if not c.isascii()], text):
            found[name] = text
    return found


def _simplified(letters: list[str], _) -> bool:
    """Chinese characters and their punctuation, most of them of the 6763 in daily use (GB 2312)."""
    daily = sum(len(c.encode("gb2312", "ignore")) == 2 for c in letters)
    return all(map(_chinese, letters)) and 2 * daily > len(letters)


def _traditional(letters: list[str], _) -> bool:
    """The same of Big5, whose 5401 in daily use stand before 0xC6A1."""
    daily = sum(c.encode("big5") < b"\xc6\xa1" for c in letters)
    return all(map(_chinese, letters)) and 10 * daily >= 9 * len(letters)


def _chinese(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff" or letter in "\u3000、。·《》「」“”‘’—…" or "\uff00" < letter < "\uff5f"


def _korean(letters: list[str], _) -> bool:
    """Syllables in daily use (KS X 1001)."""
    return all("\uac00" <= c <= "\ud7a3" and len(c.encode("euc_kr")) == 2 for c in letters)


def _russian(letters: list[str], text: str) -> bool:
    """Words in Cyrillic letters alone, capitals at the beginning if at all."""
    words = all(word in (word.lower(), word.upper(), word.capitalize()) for word in _FOREIGN.findall(text))
    return words and all("\u0410" <= c <= "\u044f" or c in "Ёё" for c in letters) and not _MIXED.search(text)


def _western(letters: list[str], text: str) -> bool:
    """Letters with accents, most of them alone between plain ones: two bytes side by side are rather Chinese."""
    allowed = all(c.isalpha() or c in "·’‘“”–—…¡¿´\xa0" for c in letters)
    runs = [len(run) for run in _FOREIGN.findall(text)]
    return allowed and 2 * runs.count(1) >= len(runs)


_SENSE = {"gb18030": _simplified, "big5": _traditional, "cp949": _korean, "cp1251": _russian, "cp1252": _western}


def _one_script(text: str) -> bool:
    """Whether letters that stand together belong together: in valid UTF-8 that is GBK by accident they do not (路一)."""
    return all(
        len({unicodedata.name(c, "?").split()[0] for c in run}) == 1 or max(run) > "\u07ff"
        for run in _FOREIGN.findall(text)
    )
