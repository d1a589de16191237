"""Where everybody stands, from the accepted lines: points, streaks, who is missing, who has earned a certificate."""

from dataclasses import dataclass, field
from datetime import datetime

from course.camp.camp import Camp, Learner, exercises_of
from course.camp.folder import read_kept
from course.camp.judge import Judge, LineVerdict
from course.camp.verify import latest
from course.learner.checkin_days import streak
from vit.runtime.language import say


@dataclass
class Standing:
    """One learner."""

    learner: Learner
    done: dict[str, LineVerdict] = field(default_factory=dict)  # place -> the line that stands
    late: set[str] = field(default_factory=set)
    points: int = 0
    streak: int = 0  # days in a row with a check-in, up to the last
    days: set[int] = field(default_factory=set)  # of the camp, with a check-in
    parts: int = 0  # of the ViT that are their own
    share: float = 0.0  # of the plan's sections that are handed in
    exercises: float = 0.0  # of all their exercises that have passed
    questions: float = 0.0  # of their personal questions that are answered rightly
    missing: list[str] = field(default_factory=list)  # due and not handed in


def standings(camp: Camp, when: datetime, verdicts: list[LineVerdict] | None = None) -> list[Standing]:
    """Of all who are still in the camp, the most points first.

    Args:
        verdicts: every line that counts, where the caller has them.
    """
    found = {learner.id: Standing(learner) for learner in camp.learners if not learner.left}
    verdicts = every_line(camp) if verdicts is None else verdicts
    for verdict in latest(verdicts):
        if verdict.learner.id in found:
            found[verdict.learner.id].done[verdict.record.place] = verdict
    for verdict in verdicts:
        if verdict.learner.id in found and 1 <= (day := camp.day(verdict.time)) <= camp.days:
            found[verdict.learner.id].days.add(day)
    for one in found.values():
        _sum_up(camp, one, when)
    return sorted(found.values(), key=lambda one: (-one.points, one.learner.name))


def _sum_up(camp: Camp, one: Standing, when: datetime) -> None:
    core, today = set(camp.core), when.astimezone(camp.zone).date()
    for place in core | set(camp.optional):
        due = camp.due(place)
        if (verdict := one.done.get(place)) is None:
            if due and today > due:
                one.missing.append(place)
            continue
        if due and verdict.first.astimezone(camp.zone).date() > due:
            one.late.add(place)
        one.points += camp.points["section"] + (camp.points["on_time"] if due and place not in one.late else 0)
        one.points += camp.points["exercise"] * verdict.passed + camp.points["question"] * (verdict.right is True)
        one.parts = max(one.parts, verdict.record.parts)
    one.missing.sort()
    done = [one.done[place] for place in core & one.done.keys()]
    one.share = len(done) / len(core)
    one.questions = sum(verdict.right is True for verdict in done) / len(core)
    there = sum(len(exercises_of(place)) for place in core)
    one.exercises = sum(verdict.passed for verdict in done) / there if there else 1.0
    one.streak = streak(sorted(one.days)) if one.days else 0


def lacking(camp: Camp, one: Standing) -> list[str]:
    """What the camp's rule still asks of a learner, in the reader's words; nothing for who has earned a certificate."""
    asked = [
        (one.share, camp.rule.sections, say("小节", "sections handed in")),
        (one.exercises, camp.rule.exercises, say("练习", "exercises passed")),
        (one.questions, camp.rule.questions, say("专属问题", "questions answered right")),
    ]
    return [
        say(f"{what} {have:.0%}（要 {least:.0%}）", f"{what}: {have:.0%} of {least:.0%}")
        for have, least, what in asked
        if have < least - 1e-9
    ]


def earned(camp: Camp, one: Standing) -> bool:
    return not lacking(camp, one)


def every_line(camp: Camp) -> list[LineVerdict]:
    """All accepted lines, those that a later one has replaced among them."""
    return Judge(camp).kept(read_kept(camp))


def lines(found: list[Standing]) -> list[LineVerdict]:
    return [verdict for one in found for verdict in one.done.values()]
