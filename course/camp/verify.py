"""What a line is worth: accepted, or why not; and what the organiser should know of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from course.camp.camp import Camp, Learner, known_places
from course.camp.folder import Kept
from course.camp.sources import Found, Problem
from course.camp.text import plain
from course.learner.code import Key
from course.learner.line import Record, Sealed, Unreadable, take_apart
from course.learner.question import close, question
from course.lesson import read_lesson
from vit.runtime.language import say


@dataclass
class Verdict:
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

    @property
    def time(self) -> datetime:
        """When the check-in was made: by the learner's clock, but not after the line was seen."""
        return min(datetime.fromtimestamp(self.record.time, timezone.utc), self.seen)


def asked(verdict: Verdict) -> tuple[str, float]:
    """The personal question of a line's section as its learner saw it, and the right answer."""
    return question(read_lesson(verdict.record.lesson), verdict.record.section, key=verdict.key)


class Judge:
    """Says of lines what they are worth in one camp."""

    def __init__(self, camp: Camp):
        self.camp = camp
        self.places = known_places()
        self.holders = {  # public number -> learner, key, when it was replaced
            key.learner: (learner, key, learner.replaced[number] if number < len(learner.replaced) else None)
            for learner in camp.learners
            for number, key in enumerate(learner.keys)
        }

    def judge(self, sealed: Sealed, where: str, seen: datetime) -> Verdict:
        """A line that was seen at `seen` for the first time."""
        verdict = Verdict(where, line=sealed.symbols, seen=seen)
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
        verdict.refused = self._refused(verdict, replaced)
        if not verdict.refused:
            verdict.right = close(verdict.record.answer, asked(verdict)[1])
            verdict.notes = self._notes(verdict)
        return verdict

    def _refused(self, verdict: Verdict, replaced: str | None) -> str:
        learner, record = verdict.learner, verdict.record
        if record.place not in self.places:
            return say(f"课程里没有小节 {plain(record.place)}", f"the course has no section {plain(record.place)}")
        if replaced is not None and verdict.seen > datetime.fromisoformat(replaced):
            return say(
                f"用的是已更换的旧营码（{replaced[:10]}）", f"made with a code that was replaced on {replaced[:10]}"
            )
        if learner.left and verdict.seen.astimezone(self.camp.zone).date().isoformat() > learner.left:
            return say(f"已在 {learner.left} 退营", f"left the camp on {learner.left}")
        return ""

    def _notes(self, verdict: Verdict) -> list[str]:
        record, camp, notes = verdict.record, self.camp, []
        verdict.known_version = record.version.hex() in camp.versions.get(record.lesson, [])
        if not verdict.known_version:
            notes.append(say("课程版本不在接受之列", "made with a version of the lesson that is not listed"))
        made = datetime.fromtimestamp(record.time, timezone.utc)
        if made > verdict.seen + timedelta(hours=12):
            days = round((made - verdict.seen) / timedelta(days=1), 1)
            notes.append(say(f"时钟快了 {days} 天", f"clock {days} days ahead"))
        elif camp.day(made) < 1:
            notes.append(
                say(f"时间早于开营 {1 - camp.day(made)} 天", f"dated {1 - camp.day(made)} day(s) before the camp")
            )
        elif (due := camp.due(record.place)) and made.astimezone(camp.zone).date() > due:
            notes.append(say(f"晚于 {due}", f"later than {due}"))
        if verdict.right is False:
            notes.append(say("专属问题答错", "the personal question is answered wrongly"))
        return notes

    def kept(self, lines: Iterable[Kept]) -> list[Verdict]:
        """The lines of the camp's own file, opened anew: whatever has come into it is not believed."""
        verdicts = []
        for one in lines:
            try:
                verdict = self.judge(take_apart(one.line), one.source, one.seen)
            except Unreadable:
                continue
            if not verdict.refused:
                verdicts.append(verdict)
        return verdicts


def verify(
    camp: Camp, found: Iterable[Found | Problem], kept: list[Kept], seen: datetime
) -> tuple[list[Verdict], list[Kept]]:
    """Judge all that was found.

    Returns:
        A verdict for each line and each source left out, and all lines to keep.
    """
    judge, verdicts = Judge(camp), []
    known = {one.line: one for one in kept}
    earlier = {one.line for one in kept}
    have = {(v.learner.id, v.record.place) for v in judge.kept(kept)}
    for one in found:
        if isinstance(one, Problem):
            verdicts.append(Verdict(one.where, refused=one.sentence))
            continue
        if one.sealed is None:
            cut = say("不完整：这一行后面少了一截", "cut off: the rest of the line is missing")
            damaged = say("不是完好的一行：有改动或损坏", "no sound line: altered or damaged")
            verdicts.append(Verdict(one.where, refused=cut if one.why == "cut off" else damaged))
            continue
        first = known.get(one.sealed.symbols)
        verdict = judge.judge(one.sealed, one.where, first.seen if first else seen)
        verdicts.append(verdict)
        if verdict.refused:
            continue
        if first:
            old = one.sealed.symbols in earlier
            verdict.notes.append(
                say("以前已经收过", "known from before")
                if old
                else say(f"重复（{first.source}）", f"posted twice ({first.source})")
            )
        else:
            known[verdict.line] = Kept(verdict.line, seen, one.where)
        have.add((verdict.learner.id, verdict.record.place))
    for verdict in verdicts:
        if not verdict.refused and (missing := _before(camp, verdict, have)):
            verdict.notes.append(say(f"前面还缺 {missing}", f"{missing} is missing before it"))
    return verdicts, list(known.values())


def _before(camp: Camp, verdict: Verdict, have: set) -> str:
    """The section just before this one, if the learner has not handed it in."""
    core = camp.core
    if verdict.record.place not in core:
        return ""
    before = core[: core.index(verdict.record.place)][-1:]
    return before[0] if before and (verdict.learner.id, before[0]) not in have else ""


def told(verdict: Verdict) -> str:
    """A verdict in a line."""
    if verdict.refused:
        return f"🔸 {verdict.where} · {verdict.refused}"
    passed = sum(one.passed for one in verdict.record.exercises)
    name, count = plain(verdict.learner.name), len(verdict.record.exercises)
    notes = "".join(f" · {note}" for note in verdict.notes)
    return f"✅ {name} · {verdict.record.place} · {passed}/{count}{notes} · {verdict.where}"


def latest(verdicts: list[Verdict]) -> list[Verdict]:
    """Of several lines of a learner for one section the later; on time by the first of them."""
    chosen: dict[tuple, Verdict] = {}
    for verdict in sorted(verdicts, key=lambda v: v.time):
        place = (verdict.learner.id, verdict.record.place)
        first = chosen[place].first if place in chosen else verdict.time
        chosen[place] = replace(verdict, first=first)
    return list(chosen.values())
