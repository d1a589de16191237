"""An answer in numbers that JSON can keep, and when two of them are the same answer.

Whole numbers are the same only if equal. Others may differ as float32 sums in another order do, or by being
rounded to three decimals or more, as long as little of the number is lost by that.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

import numpy as np

MOST = 2_000_000  # numbers; a larger answer is not looked at
CLOSE = 1e-4  # of a number's own size
FAINT = 3e-6  # of the answer's largest number: what cancels out is no more exact than this
HALF = 2e-3  # instead of both, where the answer came in 16 bits
ROUNDED = 0.01  # of a number's own size: so much may be lost by rounding


class UnreadableAnswer(Exception):
    """Why a value is no answer: zh and en."""

    def __init__(self, zh: str, en: str):
        super().__init__(en)
        self.words = {"zh": zh, "en": en}


def fingerprint(value) -> dict:
    """The letters of a text answer, or the numbers of any other.

    Args:
        value: MindSpore Tensor, numpy array, number, list, tuple, set or iterator of such, or str ("A", "b、d", "A and D").

    Returns:
        {"letters": "AD", "order": "DA"} (each letter once, sorted; and as they came),
        {"shape": [...], "values": [...]} (integers stay integers), with "half" where they came in 16 bits,
        or {"parts": [...]} of arrays that differ in shape.

    Raises:
        UnreadableAnswer: it is None, not numeric, has NaN, or is far too large.
    """
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=lambda part: (isinstance(part, str), part if isinstance(part, (int, float)) else 0))
    if isinstance(value, (range, Iterator)):
        value = list(islice(value, MOST + 1))
    if isinstance(value, (list, tuple)) and value and all(isinstance(part, str) for part in value):
        value = " ".join(value)
    if isinstance(value, str):
        order = _letters(value)
        return {"letters": "".join(sorted(set(order))), "order": order}
    if isinstance(value, (list, tuple)) and len(value) <= MOST and any(_is_sequence(part) for part in value):
        return _together([fingerprint(part) for part in value])
    return _numbers(value)


def _letters(text: str) -> str:
    """The letters chosen: "Ａ、Ｃ", "a and c" and "选 A 和 C" are all AC."""
    words = re.findall("[A-Z]+", unicodedata.normalize("NFKC", text).upper())
    # a word with a letter that no list of choices reaches is prose, unless there is nothing else
    chosen = [word for word in words if len(word) == 1 or max(word) <= "H"]
    return "".join(chosen or words)


def _is_sequence(part) -> bool:
    return isinstance(part, (list, tuple, set, frozenset, range)) or getattr(part, "ndim", 0) > 0


def _together(parts: list[dict]) -> dict:
    """Arrays of one shape are one array, however they were packed."""
    if any("values" not in part for part in parts) or len({tuple(part["shape"]) for part in parts}) > 1:
        return {"parts": parts}
    half = {"half": True} if any("half" in part for part in parts) else {}
    values = [number for part in parts for number in part["values"]]
    return {"shape": [len(parts), *parts[0]["shape"]], "values": values} | half


def _numbers(value) -> dict:
    if value is None or (callable(value) and not hasattr(value, "asnumpy")):
        raise UnreadableAnswer(
            "这里得到的是 None 或函数本身，而不是结果", "this is None, or a function instead of its result"
        )
    size = len(value) if isinstance(value, (list, tuple)) else getattr(value, "size", 0)
    if isinstance(size, int) and size > MOST:
        raise UnreadableAnswer(f"至少有 {size:,} 个数，太多了", f"{size:,} numbers or more are far too many")
    try:
        if isinstance(value, (list, tuple)):  # of numbers, or of 0-d tensors
            value = [part.asnumpy() if hasattr(part, "asnumpy") else part for part in value]
        array = np.asarray(value.asnumpy() if hasattr(value, "asnumpy") else value)
        whole = array.dtype.kind in "biu"
        flat = array.reshape(-1).astype(np.float64, casting="unsafe" if array.dtype.kind == "O" else "safe")
    except (TypeError, ValueError, RuntimeError):
        raise UnreadableAnswer("这不是数字组成的数组", "this is not an array of numbers") from None
    if not (np.abs(flat) < 1e30).all():
        raise UnreadableAnswer(
            "里面有 NaN、无穷大或大得离谱的数", "there are NaN, infinite or absurdly large numbers in it"
        )
    values = [int(n) for n in array.reshape(-1)] if whole else flat.tolist()
    return {"shape": list(array.shape), "values": values} | ({"half": True} if array.dtype == np.float16 else {})


def same(given: dict, known: dict) -> bool:
    """Whether a fingerprint is of a known answer."""
    if "letters" in known:
        return given.get("letters") == known["letters"]
    if "parts" in known:
        pairs = zip(given.get("parts", ()), known["parts"], strict=False)
        return len(given.get("parts", ())) == len(known["parts"]) and all(same(a, b) for a, b in pairs)
    return "values" in given and given["shape"] == known["shape"] and all(right_places(given, known))


def right_places(given: dict, known: dict) -> list[bool]:
    """Of two arrays of equally many numbers, which numbers are right."""
    close, faint = (HALF, HALF) if "half" in given else (CLOSE, FAINT)
    faint *= max(map(abs, known["values"]), default=0.0)
    return [_right(a, b, close, faint) for a, b in zip(given["values"], known["values"], strict=True)]


def _right(given: float, known: float, close: float, faint: float) -> bool:
    off = abs(given - known)
    if isinstance(known, int):
        return off <= 1e-13 * abs(known)
    if off <= close * abs(known) + faint:
        return True
    rounded = any(abs(given - round(known, places)) <= 1e-7 for places in (3, 4, 5))
    return rounded and off <= ROUNDED * abs(known)


def squeezed(print_: dict) -> dict:
    """Without axes of length 1: (3, 1) and (1, 3) as (3,), and (1,) as a single number."""
    if "parts" in print_:
        return _together([squeezed(part) for part in print_["parts"]])
    if "shape" in print_:
        return print_ | {"shape": [length for length in print_["shape"] if length != 1]}
    return print_


def frozen(print_: dict) -> dict:
    """As it is kept in a file: nine digits, so that every machine writes the same."""
    if "parts" in print_:
        return {"parts": [frozen(part) for part in print_["parts"]]}
    if "values" not in print_:
        return print_
    return print_ | {"values": [n if isinstance(n, int) else float(f"{n:.9g}") for n in print_["values"]]}
