"""What an investigation is: what may be changed, how one run goes, and what follows from the table."""

from collections.abc import Callable
from dataclasses import dataclass

from course.language import say, spoken
from vit.runtime.errors import UserError, unknown

OWN = 100  # the seed of a learner's own run: none of the table's
Words = tuple[str, str]  # Chinese, English


@dataclass(frozen=True)
class Choice:
    """One thing that may be changed."""

    words: Words
    usual: object  # as it is when nothing is changed
    options: tuple = ()  # the names to choose from; or
    least: float = 0.0  # a number between these two, whole where `usual` is
    most: float = 0.0
    step: int = 1  # whole numbers are multiples of it

    def read(self, name: str, value):
        """The value asked for.

        Raises:
            UserError: it cannot be had; says which can.
        """
        if self.options:
            if value not in self.options:
                raise unknown(say(f"{name} 没有", f"{name} cannot be"), str(value), [str(one) for one in self.options])
            return value
        whole = isinstance(self.usual, int)
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.least <= value <= self.most:
            raise UserError(
                say(
                    f"{name} 要在 {self.least:g} 和 {self.most:g} 之间，而不是 {value!r}",
                    f"{name} lies between {self.least:g} and {self.most:g}, and is not {value!r}",
                )
            )
        if whole and value % self.step:
            raise UserError(
                say(f"{name} 要是 {self.step} 的倍数", f"{name} is a multiple of {self.step}")
                if self.step > 1
                else say(f"{name} 要是整数", f"{name} is a whole number")
            )
        return int(value) if whole else float(value)


@dataclass(frozen=True)
class Experiment:
    """One investigation.

    Attributes:
        number: of the exercise.
        kind: of its runs; experiments of one kind share what has been measured.
        measures: what a run's result is.
        choices: name -> what may be changed.
        table: the changes that the table holds, {} for none.
        seeds: how many runs of each it takes.
        run: (all settings, seed) -> the result.
        follows: the letter of the statement that fits, given the results of each change of the table, in its order.
        form: how a result is written.
        bounds: no result lies beyond.
        besides: what else follows from the settings, in words.
        command: what has measured the table, where `python -m benchmarks.investigations` has not.
    """

    number: str
    kind: str
    measures: Words
    choices: dict[str, Choice]
    table: tuple[dict, ...]
    seeds: int
    run: Callable[[dict, int], float]
    follows: Callable[[list[list[float]]], str]
    form: str = "{:.1%}"
    bounds: tuple[float, float] = (0.0, 1.0)
    besides: Callable[[dict], Words] | None = None
    command: str = ""

    def read(self, change: dict) -> dict:
        """A change as it will be run, what is as usual left out.

        Raises:
            UserError: it names what there is not, or asks for what cannot be had.
        """
        for name in change:
            if name not in self.choices:
                raise unknown(say("这里没有可改的", "nothing here is called"), name, list(self.choices))
        found = {name: self.choices[name].read(name, value) for name, value in change.items()}
        return {name: value for name, value in found.items() if value != self.choices[name].usual}

    def settings(self, change: dict) -> dict:
        """All of them, changed or not."""
        return {name: choice.usual for name, choice in self.choices.items()} | change

    def called(self, change: dict) -> str:
        """A change in words."""
        parts = [f"{spoken(self.choices[name].words)} {_shown(value)}" for name, value in self.settings(change).items()]
        parts += [spoken(self.besides(self.settings(change)))] if self.besides else []
        return say("，", ", ").join(parts)


def _shown(value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def key(change: dict) -> str:
    """A change as measured.json and progress.json name it."""
    return ", ".join(f"{name}={_shown(value)}" for name, value in sorted(change.items())) or "as it is"
