"""An investigation: networks of as many parameters, deep and narrow or shallow and wide, against the clock."""

import time
from statistics import mean, median

import mindspore as ms
import numpy as np

from course.investigations.experiment import Choice, Experiment
from course.investigations.measured import told_apart
from course.investigations.short_training import Setup, equal_width, network
from vit.inference import make_forward

BATCH, WARM, ROUNDS = 16, 10, 60


def _run(settings: dict, seed: int) -> float:
    """Pictures a second, as a multiple of the small ViT's in the same seconds."""
    ms.set_seed(seed)
    images = np.random.default_rng(seed).normal(size=(BATCH, 3, 64, 64)).astype(np.float32)
    usual = make_forward(network(Setup()))
    other = make_forward(network(Setup(depth=settings["depth"], dim=equal_width(settings["depth"]))))
    seconds = {usual: [], other: []}
    for turn in range(WARM + ROUNDS):
        for forward in (usual, other):  # in turn: whatever else the machine does meets both
            start = time.perf_counter()
            forward(images).asnumpy()
            if turn >= WARM:  # the first compile, and try numbers of threads
                seconds[forward].append(time.perf_counter() - start)
    return median(seconds[usual]) / median(seconds[other])


def _follows(found: list[list[float]]) -> str:
    """A: many narrow blocks are clearly slower than one wide one. B: faster. C: within twenty percent alike."""
    means = [mean(group) for group in found]
    if max(means) < 1.2 * min(means):
        return "C"
    return "A" if told_apart(found, 0, 4) and means[4] < means[0] else "B"


SPEED = Experiment(
    number="11.6",
    kind="speed",
    measures=("每秒图数，是小 ViT 的几倍", "pictures a second, relative to the small ViT"),
    choices={"depth": Choice(("层数", "blocks"), 6, least=1, most=24)},
    table=({"depth": 1}, {"depth": 2}, {}, {"depth": 11}, {"depth": 24}),
    seeds=3,
    run=_run,
    follows=_follows,
    form="{:.2f}",
    bounds=(0.0, 50.0),
    besides=lambda settings: (f"宽 {equal_width(settings['depth'])}", f"width {equal_width(settings['depth'])}"),
)
