"""How much a share of right answers says, and whether one network is better than another on the same pictures."""

from math import comb, sqrt


def interval(right: int, many: int, z: float = 1.96) -> list[float]:
    """Where the true accuracy lies, 19 times of 20 (Wilson, 1927): [low, high]."""
    if not many:
        return [0.0, 1.0]
    share, wide = right / many, z * z / many
    middle = (share + wide / 2) / (1 + wide)
    half = z / (1 + wide) * sqrt(share * (1 - share) / many + wide / (4 * many))
    return [max(0.0, middle - half), min(1.0, middle + half)]


def mcnemar(one: list[bool], other: list[bool]) -> dict:
    """The same pictures, two networks: only pictures count on which one is right and the other wrong (McNemar, 1947).

    Returns:
        {"one": right by the first alone, "other": by the second alone, "p": how often chance would split so many as
        unevenly or more, by the binomial distribution, both sides}.
    """
    first = sum(a and not b for a, b in zip(one, other, strict=True))
    second = sum(b and not a for a, b in zip(one, other, strict=True))
    many, fewer = first + second, min(first, second)
    p = min(1.0, 2 * sum(comb(many, k) for k in range(fewer + 1)) / 2**many)
    return {"one": first, "other": second, "p": p}
