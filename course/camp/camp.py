"""What a camp is: its plan of days, its rules, its learners."""

import os
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from course.learner.code import Key
from course.lesson import lesson_folders, read_lesson
from vit.runtime.errors import UserError, unknown
from vit.runtime.language import say

CORE = ("00", "03", "04", "05", "06", "07", "08")  # the lessons everybody does
PARTS = 6  # that a learner writes; course.learner.parts knows them, and needs MindSpore
POINTS = {"section": 10, "on_time": 2, "exercise": 2, "question": 3}


@dataclass
class Learner:
    name: str
    keys: list[Key]  # the last is the one in use
    replaced: list[str] = field(default_factory=list)  # when each earlier one was
    left: str | None = None  # the day, "2026-11-25"

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
    grace: int  # days
    needed: float  # share of the plan's sections for a certificate
    ranking: bool
    points: dict[str, int]
    versions: dict[str, list[str]]  # lesson -> first 8 digits of the hashes of accepted versions
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
        return None if day is None else self.date(day) + timedelta(days=self.grace)

    def date(self, day: int) -> date:
        return self.start + timedelta(days=day - 1)

    def day(self, when: datetime) -> int:
        """The camp's day at a moment, in its time zone; before the start 0 or less."""
        return (when.astimezone(self.zone).date() - self.start).days + 1

    def learner(self, name: str) -> Learner:
        for learner in self.learners:
            if learner.name == name and not learner.left:
                return learner
        there = [learner.name for learner in self.learners if not learner.left]
        raise unknown(say("名单里没有", "not on the roster:"), name, there)


def known_places() -> list[str]:
    """Every section of the course, "00A", ... "08", in order."""
    return [lesson.number + section for lesson in all_lessons() for section in lesson.sections]


def all_lessons() -> list:
    return [read_lesson(folder.name[:2]) for folder in lesson_folders()]


def now() -> datetime:
    """To the second; VIT_CAMP_NOW (ISO 8601) stands in for the clock when a camp is simulated."""
    told = os.environ.get("VIT_CAMP_NOW")
    try:
        moment = datetime.fromisoformat(told) if told else datetime.now(timezone.utc)
    except ValueError:
        raise UserError(say("VIT_CAMP_NOW 不是时间", "VIT_CAMP_NOW is no time")) from None
    return moment.astimezone(timezone.utc).replace(microsecond=0)
