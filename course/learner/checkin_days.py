"""Days with a check-in: how many, and how many in a row."""

from collections.abc import Iterable
from datetime import datetime


def days(times: Iterable[str]) -> tuple[int, int]:
    """Of check-ins' times (ISO 8601): on how many days there was one, and how many in a row the last one ends."""
    there = sorted({datetime.fromisoformat(time).astimezone().date().toordinal() for time in times})
    return len(there), streak(there)


def streak(there: list[int]) -> int:
    """How many days in a row the last one ends; `there` are days counted through, in order, each once."""
    row = 0
    while row < len(there) and there[-1 - row] == there[-1] - row:
        row += 1
    return row
