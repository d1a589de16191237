"""A few learners at random, and for each a question to ask aloud, made of their own answers."""

import random

from course.camp.difficulty import exercises, names_of
from course.camp.judge import LineVerdict, asked
from course.camp.standing import Standing
from course.learner.line import tag
from vit.runtime.language import LANGUAGES, language, say


def choose(found: list[Standing], count: int, seed: int | None) -> list[tuple[Standing, str]]:
    """(who, what to ask) of `count` learners who have handed something in."""
    rng = random.Random(seed)
    there = [one for one in found if one.done]
    return [(one, ask(rng.choice(list(one.done.values())), rng)) for one in rng.sample(there, min(count, len(there)))]


def ask(verdict: LineVerdict, rng: random.Random) -> str:
    """About a mistake they met and mended, else about the numbers of their personal question."""
    record, tongue = verdict.record, LANGUAGES.index(language())
    mended = [
        (number, names_of(number)[mistake][tongue])
        for number, tried in exercises(verdict)
        for mistake in tried.mistakes
        if tried.passed and mistake in names_of(number) and mistake not in (tag("not yet"), tag("error"))
    ]
    if mended:
        number, sentence = rng.choice(mended)
        return say(
            f"练习 {number}：你有一次得到的回答是“{sentence}”。当时哪里想错了，怎么改的？",
            f'Exercise {number}: once you were told "{sentence}". What had you thought, and what did you change?',
        )
    what, right = asked(verdict)
    told = say("没有作答", "no answer") if record.answer is None else f"{record.answer:g}"
    return say(
        f"{record.place} 的专属问题：{what} 你答 {told}（应为 {right:.6g}）。请讲讲怎么算出来的。",
        f"The question of {record.place}: {what} Your answer was {told} (right: {right:.6g}). How do you work it out?",
    )
