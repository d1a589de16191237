"""Which exercises fail, with which mistake, and on which machines the lessons run how long."""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median

from course.camp.camp import exercises_of, investigations_of
from course.camp.judge import LineVerdict
from course.document.lesson import read_lesson
from course.learner.line import tag

# outcomes that any exercise may have (course/CHECKIN.md), beside its own mistakes
OUTCOMES = {
    "placeholder": ("没有作答", "not answered"),
    "unreadable": ("答案的类型不对", "not the kind of answer wanted"),
    "shape": ("形状不对", "a wrong shape"),
    "not yet": ("其他错误", "another mistake"),
    "error": ("代码出错", "the code raises an error"),
    "package": ("没有作答", "not answered"),
    "not run": ("还没有预测和运行", "not predicted and run yet"),
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
class Failing:
    """How an exercise goes."""

    number: str
    handed_in: int
    passed: int
    attempts: float  # on average
    mistake: tuple[str, str] | None  # the one most often met, zh and en
    met: int  # by how many


def names_of(number: str) -> dict[bytes, tuple[str, str]]:
    """Tag -> sentence of each outcome of an exercise, zh and en."""
    own = read_lesson(number[:2]).exercises[number].messages
    return {tag(name): pair for name, pair in OUTCOMES.items()} | {
        tag(name): (said["zh"], said["en"]) for name, said in own.items()
    }


def exercises(verdict: LineVerdict) -> list[tuple[str, object]]:
    """(number, how it went) of a line; none of a version whose exercises we do not know."""
    record = verdict.record
    numbers = exercises_of(record.place)
    if not verdict.known_version or len(numbers) != len(record.exercises):
        return []
    return list(zip(numbers, record.exercises, strict=True))


def investigated(verdict: LineVerdict) -> list[tuple[str, tuple[float, float] | None]]:
    """(number, what was predicted and found) of a line; none of a version that we do not know."""
    numbers = investigations_of(verdict.record.place)
    if not verdict.known_version or len(numbers) != len(verdict.record.found):
        return []
    return list(zip(numbers, verdict.record.found, strict=True))


@dataclass
class Investigated:
    """How an investigation goes."""

    number: str
    handed_in: int
    done: int  # predicted and run
    predicted: float  # medians of those
    found: float


def investigations(verdicts: list[LineVerdict]) -> list[Investigated]:
    """What was predicted and found in each."""
    gathered = defaultdict(list)
    for verdict in verdicts:
        for number, run in investigated(verdict):
            gathered[number].append(run)
    rows = []
    for number, all_ in sorted(gathered.items()):
        done = [run for run in all_ if run]
        predicted, found = (median(column) for column in zip(*done, strict=True)) if done else (math.nan, math.nan)
        rows.append(Investigated(number, len(all_), len(done), predicted, found))
    return rows


def failing(verdicts: list[LineVerdict]) -> list[Failing]:
    """Exercises, that which fails most often first."""
    gathered = defaultdict(list)
    for verdict in verdicts:
        for number, tried in exercises(verdict):
            gathered[number].append(tried)
    found = []
    for number, all_ in sorted(gathered.items()):
        known = names_of(number)
        met = Counter(
            m
            for tried in all_
            for m in {*tried.mistakes, tried.outcome} - set(map(tag, ("passed", "placeholder", "package")))
        )
        mistake, count = met.most_common(1)[0] if met else (None, 0)
        passed = sum(tried.passed for tried in all_)
        attempts = sum(tried.attempts for tried in all_) / len(all_)
        found.append(Failing(number, len(all_), passed, attempts, known.get(mistake), count))
    return sorted(found, key=lambda one: (one.passed / one.handed_in, -one.met / one.handed_in))


def machines(verdicts: list[LineVerdict]) -> list[tuple[str, str, int, int]]:
    """(lesson, device, lines, median seconds), of lines that say how long."""
    gathered = defaultdict(list)
    for verdict in verdicts:
        gathered[verdict.record.lesson, verdict.record.device].append(verdict.record.seconds)
    return [(lesson, device, len(s), round(median(s))) for (lesson, device), s in sorted(gathered.items())]
