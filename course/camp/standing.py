"""Where everybody stands, from the accepted lines: points, streaks, who is missing, what fails, what is alike."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from course.camp.camp import Camp, Learner
from course.camp.folder import read_kept
from course.camp.verify import Judge, Verdict, asked, latest
from course.learner.checkin_days import streak
from course.learner.line import tag
from course.lesson import read_lesson

# outcomes that any exercise may have (course/CHECKIN.md), beside its own mistakes
OUTCOMES = {
    "placeholder": ("没有作答", "not answered"),
    "unreadable": ("答案的类型不对", "not the kind of answer wanted"),
    "shape": ("形状不对", "a wrong shape"),
    "not yet": ("其他错误", "another mistake"),
    "error": ("代码出错", "their code raises an error"),
    "package": ("没有作答", "not answered"),
    "parameters": ("参数的名字或形状不对", "names or shapes of parameters"),
    "leans": ("用了 vit 包里的类", "leans on the package's own class"),
    "half": ("只写了一半", "half written"),
    "dropout": ("评估时有随机失活", "dropout active in evaluation"),
    "no dropout": ("没有随机失活", "no dropout"),
    "dropout elsewhere": ("随机失活的位置不对", "dropout in another place"),
    "other arguments": ("换了参数就不对", "wrong for other arguments"),
    "no gradient": ("梯度传不过去", "no gradient passes"),
    "not compilable": ("不能编译", "does not compile"),
    "compiled differs": ("编译后结果不同", "another result once compiled"),
    "not finite": ("结果不是有限的数", "not a finite number"),
}


@dataclass
class Standing:
    """One learner."""

    learner: Learner
    done: dict[str, Verdict] = field(default_factory=dict)  # place -> the line that stands
    late: set[str] = field(default_factory=set)
    points: int = 0
    streak: int = 0  # days in a row with a check-in, up to the last
    days: set[int] = field(default_factory=set)  # of the camp, with a check-in
    parts: int = 0  # of the ViT that are their own
    share: float = 0.0  # of the core
    missing: list[str] = field(default_factory=list)  # due and not handed in


@dataclass
class Failing:
    """How an exercise goes."""

    number: str
    handed_in: int
    passed: int
    attempts: float  # on average
    mistake: tuple[str, str] | None  # the one most often met, zh and en
    met: int  # by how many


@dataclass
class Likeness:
    place: str
    kind: tuple[str, str]  # zh, en
    names: list[str]


def standings(camp: Camp, when: datetime) -> list[Standing]:
    """Of all who are still in the camp, the most points first."""
    found = {learner.id: Standing(learner) for learner in camp.learners if not learner.left}
    verdicts = every_line(camp)
    for verdict in latest(verdicts):
        if verdict.learner.id in found:
            found[verdict.learner.id].done[verdict.record.place] = verdict
    for verdict in verdicts:
        if verdict.learner.id in found:
            found[verdict.learner.id].days.add(camp.day(verdict.time))
    for one in found.values():
        _sum_up(camp, one, when)
    return sorted(found.values(), key=lambda one: (-one.points, -one.share, one.learner.name))


def _sum_up(camp: Camp, one: Standing, when: datetime) -> None:
    core = set(camp.core)
    for place in core | set(camp.optional):
        due = camp.due(place)
        if (verdict := one.done.get(place)) is None:
            if due and when.astimezone(camp.zone).date() > due:
                one.missing.append(place)
            continue
        if due and verdict.first.astimezone(camp.zone).date() > due:
            one.late.add(place)
        one.points += camp.points["section"] + (camp.points["on_time"] if due and place not in one.late else 0)
        one.points += camp.points["exercise"] * sum(tried.passed for tried in verdict.record.exercises)
        one.points += camp.points["question"] * (verdict.right is True)
        one.parts = max(one.parts, verdict.record.parts)
    one.missing.sort()
    one.share = len(core & one.done.keys()) / len(core)
    one.streak = streak(sorted(camp.date(day) for day in one.days)) if one.days else 0


def earned(camp: Camp, one: Standing) -> bool:
    return one.share >= camp.needed


def every_line(camp: Camp) -> list[Verdict]:
    """All accepted lines, those that a later one has replaced among them."""
    return Judge(camp).kept(read_kept(camp))


def lines(found: list[Standing]) -> list[Verdict]:
    return [verdict for one in found for verdict in one.done.values()]


def names_of(number: str) -> dict[bytes, tuple[str, str]]:
    """Tag -> sentence of each outcome of an exercise, zh and en."""
    own = read_lesson(number[:2]).exercises[number].messages
    return {tag(name): pair for name, pair in OUTCOMES.items()} | {
        tag(name): (said["zh"], said["en"]) for name, said in own.items()
    }


def exercises(verdict: Verdict) -> list[tuple[str, object]]:
    """(number, how it went) of a line; none of a version whose exercises we do not know."""
    record = verdict.record
    numbers = [n for n, e in read_lesson(record.lesson).exercises.items() if e.section == record.section]
    if not verdict.known_version or len(numbers) != len(record.exercises):
        return []
    return list(zip(numbers, record.exercises, strict=True))


def failing(verdicts: list[Verdict]) -> list[Failing]:
    """Exercises, that which fails most often first."""
    gathered = defaultdict(list)
    for verdict in verdicts:
        for number, tried in exercises(verdict):
            gathered[number].append(tried)
    found = []
    for number, all_ in sorted(gathered.items()):
        known = names_of(number)
        met = Counter(
            m for tried in all_ for m in {*tried.mistakes, tried.outcome} - {tag("passed"), tag("placeholder")}
        )
        mistake, count = met.most_common(1)[0] if met else (None, 0)
        passed = sum(tried.passed for tried in all_)
        attempts = sum(tried.attempts for tried in all_) / len(all_)
        found.append(Failing(number, len(all_), passed, attempts, known.get(mistake), count))
    return sorted(found, key=lambda one: (one.passed / one.handed_in, -one.met / one.handed_in))


def machines(verdicts: list[Verdict]) -> list[tuple[str, str, int, int]]:
    """(lesson, device, lines, median seconds), of lines that say how long."""
    gathered = defaultdict(list)
    for verdict in verdicts:
        gathered[verdict.record.lesson, verdict.record.device].append(verdict.record.seconds)
    return [(lesson, device, len(s), round(median(s))) for (lesson, device), s in sorted(gathered.items())]


def alike(verdicts: list[Verdict]) -> list[Likeness]:
    """Lines of different learners that are more alike than right answers are by nature. A list, not a judgement."""
    notes, ways, found = defaultdict(set), defaultdict(set), []
    for verdict in verdicts:
        record, name = verdict.record, verdict.learner.name
        if len(note := " ".join(record.texts[2].lower().split())) >= 8:
            notes[record.place, note].add(name)
        if sum(len(tried.mistakes) for tried in record.exercises) >= 2:
            ways[record.place, record.exercises, record.seconds // 60].add(name)
    for (place, *_), names in notes.items():
        if len(names) > 1:
            found.append(Likeness(place, ("同样的留言", "the same note"), sorted(names)))
    for (place, *_), names in ways.items():
        if len(names) > 1:
            kind = ("同样的错误、次数与时长", "the same mistakes, attempts and minutes")
            found.append(Likeness(place, kind, sorted(names)))
    found += _answers_of_others(verdicts)
    return [one for place, one in enumerate(found) if one not in found[:place]]


def _answers_of_others(verdicts: list[Verdict]) -> list[Likeness]:
    """A wrong answer that is right for somebody else's numbers; small whole numbers meet by chance and are left out."""
    right, found = defaultdict(lambda: defaultdict(set)), []
    for verdict in verdicts:
        record = verdict.record
        right[record.place][f"{asked(verdict)[1]:.4g}"].add(verdict.learner.name)
    for verdict in verdicts:
        answer = verdict.record.answer
        if verdict.right is not False or (abs(answer) < 1000 and float(answer).is_integer()):
            continue
        others = right[verdict.record.place].get(f"{answer:.4g}", set()) - {verdict.learner.name}
        if others:
            kind = ("答案是别人那道题的", "the answer to another's question")
            found.append(Likeness(verdict.record.place, kind, [verdict.learner.name, *sorted(others)[:5]]))
    return found
