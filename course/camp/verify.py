"""What was found in chats, judged: a verdict for each line, and the lines to keep."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from course.camp.camp import Camp
from course.camp.folder import Kept
from course.camp.judge import Judge, LineVerdict
from course.camp.sources import Found, Problem
from course.camp.text import plain
from vit.runtime.language import say

MOST = 50  # lines of one learner for one section; more are no check-ins


def verify(
    camp: Camp,
    found: Iterable[Found | Problem],
    kept: list[Kept],
    seen: datetime,
    dropped: dict[str, str] | None = None,
) -> tuple[list[LineVerdict], list[Kept]]:
    """Judge all that was found.

    Args:
        dropped: lines that the organiser has dropped, and why.

    Returns:
        A verdict for each line and each source left out, and all lines to keep.
    """
    judge, verdicts, dropped = Judge(camp), [], dropped or {}
    known = {one.line: one for one in kept}
    earlier = set(known)
    standing = judge.kept(kept)
    have = Counter((v.learner.id, v.record.place) for v in standing)
    gone = judge.kept(Kept(line, seen, "") for line in dropped)
    room = have + Counter((v.learner.id, v.record.place) for v in gone)
    for one in seldom(found):
        if isinstance(one, Problem):
            verdicts.append(LineVerdict(one.where, refused=one.sentence, count=one.count))
            continue
        if one.sealed is None:
            cut = say("不完整：这一行后面少了一截", "cut off: the rest of the line is missing")
            damaged = say("不是完好的一行：有改动或损坏", "no sound line: altered or damaged")
            verdicts.append(LineVerdict(one.where, refused=cut if one.why == "cut off" else damaged))
            continue
        line = one.sealed.symbols
        first = known.get(line)
        verdict = judge.judge(one.sealed, one.where, first.seen if first else seen)
        verdicts.append(verdict)
        if verdict.refused:
            continue
        place = (verdict.learner.id, verdict.record.place)
        if line in dropped:
            verdict.refused = say(f"组织者已撤下：{dropped[line]}", f"dropped by the organiser: {dropped[line]}")
        elif first:
            verdict.old = line in earlier
            known_ = say("以前已经收过", "known from before")
            twice = say(f"重复（{first.source}）", f"posted twice ({first.source})")
            verdict.notes.append(known_ if verdict.old else twice)
        elif room[place] >= MOST:
            verdict.refused = say(f"这一节已经交过 {MOST} 行", f"there are {MOST} lines for this section already")
        else:
            known[line], verdict.new = Kept(line, seen, one.where), True
            room[place] += 1
    have += Counter((v.learner.id, v.record.place) for v in verdicts if v.new)
    for verdict in verdicts:
        if not verdict.refused and (missing := _before(camp, verdict, have)):
            verdict.notes.append(say(f"前面还缺 {missing}", f"{missing} is missing before it"))
    _name_backdated(verdicts, standing)
    return verdicts, list(known.values())


def seldom(found: Iterable[Found | Problem]) -> Iterator[Found | Problem]:
    """All that was found, but a line that is posted a million times no more than twice."""
    times = Counter()
    for one in found:
        if isinstance(one, Found) and one.sealed:
            times[one.sealed.symbols] += 1
            if times[one.sealed.symbols] > 2:
                continue
        yield one


def _before(camp: Camp, verdict: LineVerdict, have: Counter) -> str:
    """The section just before this one, if the learner has not handed it in."""
    core = camp.core
    if verdict.record.place not in core:
        return ""
    before = core[: core.index(verdict.record.place)][-1:]
    return before[0] if before and not have[verdict.learner.id, before[0]] else ""


def _name_backdated(verdicts: list[LineVerdict], standing: list[LineVerdict]) -> None:
    """A line dated before one of the same section that came first: it mends nothing, see `latest`."""
    first = {(v.learner.id, v.record.place): v.first for v in latest(standing)}
    for verdict in verdicts:
        if verdict.new and verdict.made < first.get((verdict.learner.id, verdict.record.place), verdict.made):
            verdict.notes.append(say("日期早于先交的那一行", "dated before the line that came first"))


def told(verdict: LineVerdict) -> str:
    """A verdict in a line."""
    if verdict.refused:
        return f"🔸 {verdict.where} · {verdict.refused}"
    name, count = plain(verdict.learner.name), len(verdict.record.exercises)
    notes = "".join(f" · {note}" for note in verdict.notes)
    return f"✅ {name} · {verdict.record.place} · {verdict.passed}/{count}{notes} · {verdict.where}"


def latest(verdicts: list[LineVerdict]) -> list[LineVerdict]:
    """Of several lines of a learner for one section the later; on time by the one that was seen first.

    Which of them came first is what the organiser saw, not what the lines' own dates say.
    """
    groups: dict[tuple, list[LineVerdict]] = {}
    for verdict in verdicts:
        groups.setdefault((verdict.learner.id, verdict.record.place), []).append(verdict)
    found = []
    for group in groups.values():
        seen = min(verdict.seen for verdict in group)
        first = min(verdict.time for verdict in group if verdict.seen == seen)
        found.append(replace(max(group, key=lambda v: v.time), first=first))
    return found
