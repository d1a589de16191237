"""What a camp is: its plan of days, its rules, its learners."""

import os
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from course.document.lesson import read_lesson
from course.learner.camp_code import Key
from course.manifest import lesson_numbers
from vit.runtime.errors import UserError, unknown
from vit.runtime.language import say

PART_COUNT = 6  # that a learner writes; course.learner.parts knows them, and needs MindSpore
POINTS = {"section": 10, "on_time": 2, "exercise": 2, "question": 3}


@dataclass(frozen=True)
class Rule:
    """What earns a certificate: shares of all that the plan's days have.

    The defaults: four fifths of the sections, and in those three quarters of the exercises and questions right.
    """

    sections: float = 0.8  # handed in
    exercises: float = 0.6  # passed
    questions: float = 0.6  # answered rightly


@dataclass
class Learner:
    name: str
    keys: list[Key]  # the last is the one in use
    replaced: list[str] = field(default_factory=list)  # when each earlier one was
    left: str | None = None  # the day, "2026-11-25"
    code: str | None = None  # that makes the key in use; None in camps made before codes were kept

    @property
    def key(self) -> Key:
        return self.keys[-1]

    @property
    def id(self) -> bytes:
        """The same for one learner whatever code they have; names may come again."""
        return self.keys[0].learner


@dataclass
class Camp:
    folder: Path
    id: str
    title: str
    start: date
    plan: dict[int, list[str]]  # day, from 1 -> places, "04A"
    optional: list[str]
    zone: ZoneInfo
    versions: dict[str, list[str]]  # lesson -> first 8 digits of the hashes of accepted versions
    grace: int = 1  # days
    rule: Rule = Rule()
    ranking: bool = True
    notes: bool = True  # learners' notes stand in the report
    points: dict[str, int] = field(default_factory=POINTS.copy)
    holidays: frozenset[date] = frozenset()  # dates between the days, on which none is counted
    learners: list[Learner] = field(default_factory=list)

    @property
    def days(self) -> int:
        return max(self.plan)

    @property
    def core(self) -> list[str]:
        return [place for _, places in sorted(self.plan.items()) for place in places]

    def due(self, place: str) -> date | None:
        """The last day on which a section is in time; None for optional ones."""
        day = next((day for day, places in self.plan.items() if place in places), None)
        return None if day is None else self.date(day + self.grace)

    def date(self, day: int) -> date:
        when = self.start + timedelta(days=day - 1)
        for holiday in sorted(self.holidays):
            when += timedelta(days=self.start <= holiday <= when)
        return when

    def day(self, when: datetime) -> int:
        """The camp's day at a moment, in its time zone; before the start 0 or less; on a holiday the day before it."""
        today = when.astimezone(self.zone).date()
        return (today - self.start).days + 1 - sum(self.start <= holiday <= today for holiday in self.holidays)

    def learner(self, name: str) -> Learner:
        """Who is called so now, in whichever form of Unicode.

        Raises:
            UserError: nobody; with the nearest names.
        """
        there = {learner.name: learner for learner in self.learners if not learner.left}
        for known, learner in there.items():
            if unicodedata.normalize("NFC", known) == unicodedata.normalize("NFC", name.strip()):
                return learner
        raise unknown(say("名单里没有", "not on the roster:"), name, there)


def known_places() -> list[str]:
    """Every section of the course, "00A", ... "08", in order."""
    return [lesson.number + section for lesson in all_lessons() for section in lesson.sections]


def all_lessons() -> list:
    return [read_lesson(number) for number in lesson_numbers()]


@cache
def exercises_of(place: str) -> tuple[str, ...]:
    """The numbers of a section's exercises, "04.1"; none where the course has no such section."""
    lesson, section = place[:2], place[2:]
    if lesson not in lesson_numbers():
        return ()
    return tuple(number for number, one in read_lesson(lesson).exercises.items() if one.section == section)


@cache
def investigations_of(place: str) -> tuple[str, ...]:
    """Those of its exercises that predict and run something."""
    return tuple(n for n in exercises_of(place) if read_lesson(place[:2]).exercises[n].investigation)


def now() -> datetime:
    """To the second; VIT_CAMP_NOW (ISO 8601) stands in for the clock when a camp is simulated."""
    told = os.environ.get("VIT_CAMP_NOW")
    try:
        moment = datetime.fromisoformat(told) if told else datetime.now(timezone.utc)
    except ValueError:
        raise UserError(say("VIT_CAMP_NOW 不是时间", "VIT_CAMP_NOW is no time")) from None
    return moment.astimezone(timezone.utc).replace(microsecond=0)
