"""Days with a check-in: how many, and how many in a row."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta


def days(times: Iterable[str]) -> tuple[int, int]:
    """Of check-ins' times (ISO 8601): on how many days there was one, and how many in a row the last one ends."""
    there = sorted({datetime.fromisoformat(time).astimezone().date() for time in times})
    return len(there), streak(there)


def streak(there: list[date]) -> int:
    """How many days in a row the last day ends; `there` in order, each once."""
    row = 0
    while row < len(there) and there[-1 - row] == there[-1] - timedelta(days=row):
        row += 1
    return row
