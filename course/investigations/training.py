"""Six investigations by short trainings: positions, heads, where the norm stands, depth, warm-up, and noise itself."""

from statistics import mean

from course.investigations.experiment import Choice, Experiment
from course.investigations.measured import differ
from course.investigations.short_training import Setup, equal_width, top1

_TOP1 = ("两轮之后的验证准确率", "top-1 on val after two epochs")
_RATE = Choice(("峰值学习率", "peak rate"), 1e-3, least=1e-5, most=0.1)


def _run(settings: dict, seed: int) -> float:
    return top1(Setup(**settings), seed)


def _of_depth(settings: dict, seed: int) -> float:
    return top1(Setup(depth=settings["depth"], dim=equal_width(settings["depth"])), seed)


def _width(settings: dict) -> tuple[str, str]:
    width = equal_width(settings["depth"])
    return f"宽 {width}", f"width {width}"


def _positions(found: list[list[float]]) -> str:
    """A: without positions it guesses. B: those that start at random are ahead of none. C: only waves are."""
    waves, random, none = found
    if mean(none) < 0.2:
        return "A"
    return "B" if differ(random, none) else "C" if differ(waves, random) and differ(waves, none) else "?"


def _heads(found: list[list[float]]) -> str:
    """A: each step up is better. C: all the same. B: one head is behind, the others are alike."""
    one, three, six, twelve = found
    if any(differ(*pair) for pair in ((three, six), (six, twelve), (three, twelve))):
        return "A"
    return "B" if differ(one, three) and mean(one) < mean(three) else "C"


def _norm(found: list[list[float]]) -> str:
    """C: post-norm catches up at the higher rate. B: it is behind only there. A: behind at both, and further there."""
    pre, post, pre_fast, post_fast = found
    if not differ(pre_fast, post_fast) or mean(post_fast) > mean(pre_fast):
        return "C"
    if not differ(pre, post):
        return "B"
    return "A" if mean(pre) - mean(pre_fast) < mean(post) - mean(post_fast) else "?"


def _depth(found: list[list[float]]) -> str:
    """A: deeper is better. B: all the same. C: the deeper the worse."""
    shallow, _, usual, _, deep = found
    if not differ(shallow, usual) and not differ(usual, deep):
        return "B"
    means = [mean(group) for group in found[1:]]  # one block or two: no matter
    return "C" if means == sorted(means, reverse=True) else "A" if means == sorted(means) else "?"


def _warmup(found: list[list[float]]) -> str:
    """A: ahead without. C: close to guessing without. B: no difference at the usual rate, behind at the higher one."""
    usual, without, fast, fast_without = found
    if max(map(mean, (without, fast_without))) < 0.2:
        return "C"
    if mean(without) > mean(usual) and differ(usual, without):
        return "A"
    behind = differ(fast, fast_without) and mean(fast_without) < mean(fast)
    return "B" if behind and not differ(usual, without) else "?"


def _noise(found: list[list[float]]) -> str:
    """A: smoothing is better. C: the runs do not tell. (B, that it is useless, no table can say.)"""
    plain, smoothed = found
    return "C" if not differ(plain, smoothed) else "A" if mean(smoothed) > mean(plain) else "?"


TRAINING = (
    Experiment(
        number="03.6",
        kind="training",
        measures=_TOP1,
        choices={"positions": Choice(("位置", "positions"), "waves", options=("waves", "random", "none"))},
        table=({}, {"positions": "random"}, {"positions": "none"}),
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
