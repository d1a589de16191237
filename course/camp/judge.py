"""What one line is worth in a camp: accepted, or why not; and what the organiser should know of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from course.camp.camp import PART_COUNT, Camp, Learner, exercises_of, investigations_of, known_places
from course.camp.folder import Kept, aware
from course.camp.text import plain
from course.document.lesson import read_lesson
from course.learner.camp_code import Key
from course.learner.line import Record, Sealed, UnreadableLine, take_apart
from course.learner.question import close, question
from vit.runtime.language import say

STILL = timedelta(days=7)  # in which lines made before a code was replaced are still taken
UNSEEN = timedelta(days=2)  # between a line's date and its first sight, before it is worth a word


@dataclass
class LineVerdict:
    where: str
    learner: Learner | None = None
    record: Record | None = None
    key: Key | None = None  # that made it: not the learner's newest where a code was reissued
    refused: str = ""  # why; empty where the line is accepted
    right: bool | None = None  # the answer to the personal question
    notes: list[str] = field(default_factory=list)
    line: str = ""
    seen: datetime | None = None
    known_version: bool = True  # of the lesson
    first: datetime | None = None  # when the learner first handed in this section, see `latest`
    count: int = 1  # of what was refused: several that are alike; 0 for a source without a line
    new: bool = False  # kept for the first time
    old: bool = False  # known from before

    @property
    def made(self) -> datetime:
        """By the learner's clock."""
        return datetime.fromtimestamp(self.record.time, timezone.utc)

    @property
    def time(self) -> datetime:
        """When the check-in was made: by the learner's clock, but not after the line was seen."""
        return min(self.made, self.seen)

    @property
    def passed(self) -> int:
        """Exercises that count: not more than the section has."""
        return min(sum(tried.passed for tried in self.record.exercises), len(exercises_of(self.record.place)))


def asked(verdict: LineVerdict) -> tuple[str, float]:
    """The personal question of a line's section as its learner saw it, and the right answer."""
    return _asked(verdict.record.lesson, verdict.record.section, verdict.key)


@lru_cache(100_000)
def _asked(lesson: str, section: str, key: Key) -> tuple[str, float]:
    return question(read_lesson(lesson), section, key=key)


class Judge:
    """Says of lines what they are worth in one camp."""

    def __init__(self, camp: Camp):
        self.camp = camp
        self.places = known_places()
        self.holders = {  # public number -> learner, key, when it was replaced
            key.learner: (learner, key, aware(learner.replaced[n]) if n < len(learner.replaced) else None)
            for learner in camp.learners
            for n, key in enumerate(learner.keys)
        }

    def judge(self, sealed: Sealed, where: str, seen: datetime) -> LineVerdict:
        """A line that was seen at `seen` for the first time."""
        verdict = LineVerdict(where, line=sealed.symbols, seen=seen)
        if sealed.camp != self.camp.id:
            verdict.refused = say(
                f"是另一个营（{sealed.camp}）的，或者被改动过", f"of another camp ({sealed.camp}), or it was altered"
            )
            return verdict
        holder = self.holders.get(sealed.learner)
        if holder is None:
            verdict.refused = say(
                "不是本营任何一个营码打出的，或者被改动过", "no code of this camp made it, or it was altered"
            )
            return verdict
        learner, key, replaced = holder
        verdict.record = sealed.opened(key)
        if verdict.record is None:
            name = plain(learner.name)
            verdict.refused = say(
                f"写着是 {name} 的，但被改动过或损坏了", f"says it is {name}'s, but was altered or damaged"
            )
            return verdict
        verdict.learner, verdict.key = learner, key
        verdict.refused = self._refused(verdict, replaced) or beyond(verdict.record)
        if not verdict.refused:
            verdict.right = close(verdict.record.answer, asked(verdict)[1])
            verdict.notes = self._notes(verdict, replaced)
        return verdict

    def _refused(self, verdict: LineVerdict, replaced: datetime | None) -> str:
        learner, record, seen = verdict.learner, verdict.record, verdict.seen
        if record.place not in self.places:
            return say(f"课程里没有小节 {plain(record.place)}", f"the course has no section {plain(record.place)}")
        if replaced is not None and seen > replaced and (verdict.made > replaced or seen > replaced + STILL):
            day = replaced.date()
            return say(f"用的是已更换的旧营码（{day}）", f"made with a code that was replaced on {day}")
        if learner.left and seen.astimezone(self.camp.zone).date().isoformat() > learner.left:
            return say(f"已在 {learner.left} 退营", f"left the camp on {learner.left}")
        return ""

    def _notes(self, verdict: LineVerdict, replaced: datetime | None) -> list[str]:
        record, camp, made, notes = verdict.record, self.camp, verdict.made, []
        verdict.known_version = record.version.hex() in camp.versions.get(record.lesson, [])
        if not verdict.known_version:
            notes.append(say("课程版本不在接受之列", "made with a version of the lesson that is not listed"))
        if replaced is not None and verdict.seen > replaced:
            day = replaced.date()
            notes.append(
                say(f"旧营码（{day} 更换）打的，日期在更换之前", f"by the code replaced on {day}, dated before that")
            )
        if made > verdict.seen + timedelta(hours=12):
            days = round((made - verdict.seen) / timedelta(days=1), 1)
            notes.append(say(f"时钟快了 {days} 天", f"clock {days} days ahead"))
        elif camp.day(made) < 1:
            notes.append(
                say(f"时间早于开营 {1 - camp.day(made)} 天", f"dated {1 - camp.day(made)} day(s) before the camp")
            )
        elif (due := camp.due(record.place)) and made.astimezone(camp.zone).date() > due:
            notes.append(say(f"晚于 {due}", f"later than {due}"))
        if verdict.seen - made > UNSEEN:
            days = (verdict.seen - made).days
            notes.append(say(f"所写日期的 {days} 天之后才第一次见到", f"first seen {days} days after its date"))
        if verdict.right is False:
            notes.append(say("专属问题答错", "the personal question is answered wrongly"))
        return notes

    def kept(self, lines: Iterable[Kept]) -> list[LineVerdict]:
        """The lines of the camp's own file that count, opened anew: whatever has come into it is not believed."""
        return [verdict for verdict in self.every(lines) if not verdict.refused]

    def every(self, lines: Iterable[Kept]) -> list[LineVerdict]:
        """The same, with those that are refused by now."""
        verdicts = []
        for one in lines:
            try:
                verdicts.append(self.judge(take_apart(one.line), one.source, one.seen))
            except UnreadableLine:
                verdicts.append(LineVerdict(one.source, refused=say("不是完好的一行", "no sound line"), line=one.line))
        return verdicts


def beyond(record: Record) -> str:
    """What a line says that cannot be: whoever holds a key can seal anything."""
    if record.parts > PART_COUNT:
        return say(
            f"写着 {record.parts} 个部件，一共只有 {PART_COUNT} 个", f"says {record.parts} parts of {PART_COUNT}"
        )
    have, there = len(record.exercises), len(exercises_of(record.place))
    if have != there and read_lesson(record.lesson).hash.startswith(record.version.hex()):
        return say(
            f"写着 {have} 道练习，这一版的 {record.place} 有 {there} 道",
            f"says {have} exercises, {record.place} of this version has {there}",
        )
    have, there = len(record.found), len(investigations_of(record.place))
    if have != there and read_lesson(record.lesson).hash.startswith(record.version.hex()):
        return say(
            f"写着 {have} 项探究，这一版的 {record.place} 有 {there} 项",
            f"says {have} investigations, {record.place} of this version has {there}",
        )
    return ""
