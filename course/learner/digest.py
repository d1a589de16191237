"""An answer in a few numbers, so that a notebook can compare without holding the solution."""

import numpy as np

FEW = 8  # numbers; so many are compared one by one
MOST = 2_000_000  # numbers; a larger answer is not looked at


class Unreadable(Exception):
    """Why a value is no answer: zh and en."""

    def __init__(self, zh: str, en: str):
        super().__init__(en)
        self.words = {"zh": zh, "en": en}


def fingerprint(value) -> dict:
    """The letters of a text answer, a few numbers as they are, or weighted sums of a larger array.

    The weights are irregular waves, so that a changed order of the numbers changes the sums.

    Args:
        value: MindSpore Tensor, numpy array, list, number, or str ("A", "b, d": which letters).

    Returns:
        {"letters": "AD"}, {"parts": [...]} of a tuple of arrays, {"shape": [...], "values": [...]} or {"shape": [...], "sums": [s0, s1, s2], "size": rms}.

    Raises:
        Unreadable: it is None, not numeric, has NaN, or is far too large.
    """
    if isinstance(value, tuple) and value and all(hasattr(part, "shape") for part in value):
        return {"parts": [fingerprint(part) for part in value]}
    if isinstance(value, (list, tuple, set)) and value and all(isinstance(part, str) for part in value):
        value = "".join(value)
    if isinstance(value, str):
        return {"letters": "".join(sorted({c for c in value.upper() if c.isalpha()}))}
    if value is None or (callable(value) and not hasattr(value, "asnumpy")):
        raise Unreadable(
            "这里得到的是 None 或函数本身，而不是结果", "this is None, or a function instead of its result"
        )
    size = getattr(value, "size", 0)
    if isinstance(size, int) and size > MOST:
        raise Unreadable(f"有 {size:,} 个数，太大了", f"{size:,} numbers are far too many")
    try:
        array = np.asarray(value.asnumpy() if hasattr(value, "asnumpy") else value)
        array = array.astype(np.float64) if array.dtype.kind in "biuf" else None
    except (TypeError, ValueError):
        array = None
    if array is None:
        raise Unreadable("这不是数字组成的数组", "this is not an array of numbers")
    if not (np.abs(array) < 1e30).all():
        raise Unreadable("里面有 NaN、无穷大或大得离谱的数", "there are NaN, infinite or absurdly large numbers in it")
    if array.size <= FEW:
        return {"shape": list(array.shape), "values": array.reshape(-1).tolist()}
    flat, place = array.reshape(-1), np.arange(array.size)
    sums = [float(flat @ np.cos((k + 1) * 1.7 * place**1.1 + k)) for k in range(3)]
    return {"shape": list(array.shape), "sums": sums, "size": float(np.sqrt(np.mean(flat**2)))}


def same(one: dict, other: dict, tolerance: float = 1e-4) -> bool:
    """Whether two fingerprints are of the same answer; the tolerance is relative."""
    if one.keys() != other.keys() or one.get("letters") != other.get("letters"):
        return False
    if "letters" in one:
        return True
    if "parts" in one:
        pairs = zip(one["parts"], other["parts"], strict=False)
        return len(one["parts"]) == len(other["parts"]) and all(same(a, b, tolerance) for a, b in pairs)
    if one["shape"] != other["shape"]:
        return False
    if "values" in one:
        return bool(np.allclose(one["values"], other["values"], rtol=tolerance, atol=6e-4))  # three decimals will do
    count = int(np.prod(one["shape"]))
    limit = tolerance * (1e-6 + max(one["size"], other["size"])) * count**0.5
    return all(abs(a - b) <= limit for a, b in zip(one["sums"], other["sums"], strict=True))
