"""Six investigations by short trainings: positions, heads, where the norm stands, depth, warm-up, and noise itself."""

from statistics import mean

from course.investigations.experiment import Choice, Experiment
from course.investigations.measured import told_apart
from course.investigations.short_training import Setup, equal_width, top1

_TOP1 = ("两轮之后的验证准确率", "accuracy on val after two epochs")
_RATE = Choice(("峰值学习率", "peak rate"), 1e-3, least=1e-5, most=0.1)


def _run(settings: dict, seed: int) -> float:
    return top1(Setup(**settings), seed)


def _of_depth(settings: dict, seed: int) -> float:
    return top1(Setup(depth=settings["depth"], dim=equal_width(settings["depth"])), seed)


def _width(settings: dict) -> tuple[str, str]:
    width = equal_width(settings["depth"])
    return f"宽 {width}", f"width {width}"


def _positions(found: list[list[float]]) -> str:
    """A: all three are better than none. B: large ones do as well as waves. C: waves alone are told apart."""
    large, random, none = 1, 2, 3
    if not told_apart(found, 0, large):
        return "B"
    if told_apart(found, large, none) and told_apart(found, random, none):
        return "A"
    others = told_apart(found, large, random) or told_apart(found, large, none) or told_apart(found, random, none)
    return "C" if all(told_apart(found, 0, one) for one in (large, random, none)) and not others else "?"


def _heads(found: list[list[float]]) -> str:
    """A: each step up counts. B: one head is behind, the others are not told apart. C: none are told apart."""
    if not told_apart(found, 0, 1):
        return "C"
    return "B" if not any(told_apart(found, *pair) for pair in ((1, 2), (2, 3), (1, 3))) else "A"


def _norm(found: list[list[float]]) -> str:
    """A: post-norm is behind at both rates, further at the higher. B: only there. C: it catches up there."""
    pre, post, pre_fast, post_fast = map(mean, found)
    if not told_apart(found, 2, 3) or post_fast > pre_fast:
        return "C"
    if not told_apart(found, 0, 1):
        return "B"
    return "A" if post < pre and pre - pre_fast < post - post_fast else "?"


def _depth(found: list[list[float]]) -> str:
    """A: deeper is better. B: none are told apart. C: one block or two are alike, from there the deeper the worse."""
    means = list(map(mean, found))
    steps = [told_apart(found, one, one + 1) for one in range(4)]
    if not any(steps):
        return "B"
    falling = means[1:] == sorted(means[1:], reverse=True) and all(steps[1:])
    return "C" if falling and not steps[0] else "A" if means == sorted(means) else "?"


def _warmup(found: list[list[float]]) -> str:
    """A: ahead without at the usual rate. B: no difference there, behind at the higher one. C: behind at both."""
    usual, without, fast, fast_without = map(mean, found)
    if not (told_apart(found, 2, 3) and fast_without < fast):
        return "?"
    if not told_apart(found, 0, 1):
        return "B"
    return "A" if without > usual else "C"


def _noise(found: list[list[float]]) -> str:
    """A: smoothing is better. B: it is worse. C: the runs do not tell."""
    if not told_apart(found, 0, 1):
        return "C"
    return "A" if mean(found[1]) > mean(found[0]) else "B"


TRAINING = (
    Experiment(
        number="03.6",
        kind="training",
        measures=_TOP1,
        choices={"positions": Choice(("位置", "positions"), "waves", options=("waves", "random", "large", "none"))},
        table=({}, {"positions": "large"}, {"positions": "random"}, {"positions": "none"}),
        seeds=3,
        run=_run,
        follows=_positions,
    ),
    Experiment(
        number="04.6",
        kind="training",
        measures=_TOP1,
        choices={"heads": Choice(("头数", "heads"), 3, options=(1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 96))},
        table=({"heads": 1}, {}, {"heads": 6}, {"heads": 12}),
        seeds=3,
        run=_run,
        follows=_heads,
    ),
    Experiment(
        number="05.6",
        kind="training",
        measures=_TOP1,
        choices={"norm": Choice(("norm", "norm"), "pre", options=("pre", "post")), "rate": _RATE},
        table=({}, {"norm": "post"}, {"rate": 3e-3}, {"norm": "post", "rate": 3e-3}),
        seeds=3,
        run=_run,
        follows=_norm,
    ),
    Experiment(
        number="06.5",
        kind="training",
        measures=_TOP1,
        choices={"depth": Choice(("层数", "blocks"), 6, least=1, most=24)},
        table=({"depth": 1}, {"depth": 2}, {}, {"depth": 11}, {"depth": 24}),
        seeds=3,
        run=_of_depth,
        follows=_depth,
        besides=_width,
    ),
    Experiment(
        number="07.8",
        kind="training",
        measures=_TOP1,
        choices={"warmup": Choice(("预热", "warm-up"), 0.1, least=0, most=0.9), "rate": _RATE},
        table=({}, {"warmup": 0.0}, {"rate": 3e-3}, {"rate": 3e-3, "warmup": 0.0}),
        seeds=6,
        run=_run,
        follows=_warmup,
    ),
    Experiment(
        number="08.6",
        kind="training",
        measures=_TOP1,
        choices={"smoothing": Choice(("标签平滑", "smoothing"), 0.0, least=0, most=0.9)},
        table=({}, {"smoothing": 0.1}),
        seeds=6,
        run=_run,
        follows=_noise,
    ),
)
