"""Six investigations by short trainings: positions, heads, where the norm stands, depth, warm-up, and noise itself."""

from course.investigations.experiment import Choice, Experiment
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


TRAINING = (
    Experiment(
        number="03.6",
        kind="training",
        measures=_TOP1,
        choices={"positions": Choice(("位置", "positions"), "waves", options=("waves", "random", "none"))},
        table=({}, {"positions": "random"}, {"positions": "none"}),
        seeds=3,
        run=_run,
        follows=lambda found: "?",
    ),
    Experiment(
        number="04.6",
        kind="training",
        measures=_TOP1,
        choices={"heads": Choice(("头数", "heads"), 3, options=(1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 96))},
        table=({"heads": 1}, {}, {"heads": 6}, {"heads": 12}),
        seeds=3,
        run=_run,
        follows=lambda found: "?",
    ),
    Experiment(
        number="05.6",
        kind="training",
        measures=_TOP1,
        choices={"norm": Choice(("norm", "norm"), "pre", options=("pre", "post")), "rate": _RATE},
        table=({}, {"norm": "post"}, {"rate": 3e-3}, {"norm": "post", "rate": 3e-3}),
        seeds=3,
        run=_run,
        follows=lambda found: "?",
    ),
    Experiment(
        number="06.5",
        kind="training",
        measures=_TOP1,
        choices={"depth": Choice(("层数", "blocks"), 6, least=1, most=24)},
        table=({"depth": 1}, {"depth": 2}, {}, {"depth": 11}, {"depth": 24}),
        seeds=3,
        run=_of_depth,
        follows=lambda found: "?",
        besides=_width,
    ),
    Experiment(
        number="07.8",
        kind="training",
        measures=_TOP1,
        choices={"warmup": Choice(("预热", "warm-up"), 0.1, least=0, most=0.9), "rate": _RATE},
        table=({}, {"warmup": 0.0}, {"rate": 3e-3}, {"rate": 3e-3, "warmup": 0.0}),
        seeds=3,
        run=_run,
        follows=lambda found: "?",
    ),
    Experiment(
        number="08.6",
        kind="training",
        measures=_TOP1,
        choices={"smoothing": Choice(("标签平滑", "smoothing"), 0.0, least=0, most=0.9)},
        table=({}, {"smoothing": 0.1}),
        seeds=6,
        run=_run,
        follows=lambda found: "?",
    ),
)
