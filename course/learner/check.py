"""`check` and `hint`: an answer to an exercise at once, in the notebook's language, without a network."""

import json
import time
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from course.language import language, say
from course.learner.digest import Unreadable, fingerprint, same
from course.lesson import lesson_folders, read_lesson


@dataclass
class Session:
    """What happened in this kernel since it started."""

    lesson: str = ""
    started: float = 0.0
    mistakes: dict = field(default_factory=dict)  # exercise -> names of mistakes met, in order
    hints: dict = field(default_factory=dict)  # exercise -> how many were unfolded
    signature: str = ""

    def restart(self, lesson: str) -> None:
        """Forget, and begin a lesson."""
        self.lesson, self.started, self.signature = lesson, time.time(), ""
        self.mistakes.clear()
        self.hints.clear()


session = Session()


@cache
def answers(lesson: str) -> dict:
    """The frozen fingerprints: {exercise: {"right": ..., "placeholder": ..., mistake: ...}}."""
    return json.loads((read_lesson(lesson).folder / "answers.json").read_text(encoding="utf-8"))


def judge(number: str, value) -> tuple[str, str]:
    """Compare an answer with the frozen ones.

    Args:
        number: of the exercise, "04.2".
        value: the learner's.

    Returns:
        (outcome, sentence): "passed", "placeholder", "unreadable", "shape", "not yet", or the name of
        a mistake.
    """
    known = answers(number.split(".")[0])[number]
    try:
        given = fingerprint(value)
    except Unreadable as error:
        return "unreadable", error.words[language()]
    if same(given, known["right"]):
        return "passed", say("通过", "passed")
    for name, print_ in known.items():
        if name not in ("right", "placeholder") and same(given, print_):
            return name, read_lesson(number.split(".")[0]).exercises[number].messages[name][language()]
    if same(given, known["placeholder"]):
        return "placeholder", say("还没有作答：这里仍是占位的值", "not answered yet: the placeholder is still there")
    wanted, got = shapes(known["right"]), shapes(given)
    if not wanted or not got or len(wanted) != len(got):
        if wanted != got:
            return "unreadable", say("答案的类型不对", "this is not the kind of answer wanted")
    elif wanted != got:
        a, b = next((a, b) for a, b in zip(wanted, got, strict=True) if a != b)
        return "shape", say(f"形状应为 {a}，现在是 {b}", f"the shape should be {a}, it is {b}")
    if (good := _right_places(given, known["right"])) and 0 < sum(good) < len(good):
        right, wrong = ([str(i + 1) for i, ok in enumerate(good) if ok is wanted] for wanted in (True, False))
        return "not yet", say(
            f"对了一部分：第 {'、'.join(right)} 个对了，第 {'、'.join(wrong)} 个还不对",
            f"partly: right are no. {', '.join(right)}; not yet no. {', '.join(wrong)}",
        )
    return "not yet", say("还不对；需要时用 hint 看提示", "not yet; hint(...) helps when you are stuck")


def _right_places(given: dict, right: dict) -> list[bool]:
    """Of an answer in several parts, or a few numbers, which are right; empty for other kinds."""
    if "parts" in right and len(given.get("parts", ())) == len(right["parts"]):
        return [same(a, b) for a, b in zip(given["parts"], right["parts"], strict=True)]
    if "values" in right and given.get("shape") == right["shape"] and len(right["shape"]) == 1:
        return [
            bool(np.isclose(a, b, rtol=1e-4, atol=6e-4)) for a, b in zip(given["values"], right["values"], strict=True)
        ]
    return []


def shapes(print_: dict) -> list[tuple]:
    """The shape of an array's fingerprint, or of each part's; empty for letters."""
    if "parts" in print_:
        return [shape for part in print_["parts"] for shape in shapes(part)]
    return [tuple(print_["shape"])] if "shape" in print_ else []


def _known(number) -> bool:
    """Whether there is such an exercise; says so where there is none."""
    lesson = str(number).split(".")[0].zfill(2)  # "4.1" shows those of 04
    found = any(lesson == folder.name[:2] for folder in lesson_folders())
    numbers = list(read_lesson(lesson).exercises) if found else []
    if number in numbers:
        return True
    there = say("；有 ", "; there are ") + ", ".join(numbers) if numbers else ""
    print(say(f"🔸 没有练习 {number!r}", f"🔸 there is no exercise {number!r}") + there)
    return False


def check(number: str, value) -> None:
    """Say at once whether an answer is right, or which mistake it looks like."""
    if not _known(number):
        return
    outcome, sentence = judge(number, value)
    if outcome not in ("passed", "placeholder"):
        session.mistakes.setdefault(number, []).append(outcome)
    sign = {"passed": "✅", "placeholder": "⬜"}.get(outcome, "🔸")
    print(f"{sign} {number}: {sentence}")


def hint(number: str) -> None:
    """The next of three hints; asked a fourth time, the solution."""
    from IPython.display import Markdown, display

    if not _known(number):
        return
    exercise = read_lesson(number.split(".")[0]).exercises[number]
    count = session.hints.get(number, 0)
    session.hints[number] = min(count + 1, 4)
    if count < 3:
        display(Markdown(f"💡 {count + 1}/3 {exercise.hints[count][language()]}"))
    else:
        display(Markdown(f"{say('参考答案', 'The solution')}:\n\n```python\n{exercise.solution}\n```"))
