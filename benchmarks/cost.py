"""How the cost of a training step grows with tokens, width and batch, beside its count of operations.

    python -m benchmarks.cost

A ViT of four blocks; from the middle (224 px in patches of 16: 197 tokens, width 192, batch 8) one of the
three is changed at a time. Each point is measured in a process of its own, so that its memory is its own,
by turns with matrix products, whose best speed in the whole run is what the counted multiply-adds are held against.
Prints a table; writes outputs/benchmarks/cost.json, cost.zh.png and cost.en.png.
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import time
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from benchmarks.processes import Players
from vit.runtime.atomic import atomic_path
from vit.runtime.language import say
from vit.runtime.machine import machine
from vit.runtime.paths import OUTPUTS, shown

PATCH, DEPTH, CLASSES = 16, 4, 1000
WARM_UP, TURNS = 5, 5


@dataclass(frozen=True)
class Point:
    side: int = 224  # pixels
    width: int = 192
    batch: int = 8

    @property
    def tokens(self) -> int:
        return 1 + (self.side // PATCH) ** 2

    @property
    def macs(self) -> int:
        """Multiply-adds of matrix products in a training step: the backward pass takes twice the forward's."""
        t, d = self.tokens, self.width
        forward = (t - 1) * 3 * PATCH**2 * d + DEPTH * (12 * t * d * d + 2 * t * t * d) + d * CLASSES
        return 3 * self.batch * forward


ALONG = {
    "tokens": [Point(side=side) for side in (64, 128, 224, 320, 448)],
    "width": [Point(width=width) for width in (64, 128, 192, 384, 768)],
    "batch": [Point(batch=batch) for batch in (1, 2, 4, 8, 16, 32)],
}


def training(point: Point):
    """A model's training step, in its own process."""
    import mindspore as ms

    from vit.model import ViT, ViTConfig
    from vit.training import make_train_step

    config = ViTConfig(point.side, PATCH, 3, CLASSES, point.width, DEPTH, num_heads=point.width // 64)
    step = make_train_step(ViT(config), lr=1e-4)
    rng = np.random.default_rng(0)
    images = ms.Tensor(rng.normal(size=(point.batch, 3, point.side, point.side)).astype(np.float32))
    labels = ms.Tensor(rng.integers(0, CLASSES, point.batch).astype(np.int32))
    return {"begin": lambda: None, "step": lambda: float(step(images, labels).asnumpy())}


def matrix_products():
    """Chains of products, compiled; the sizes are those of a network, and larger ones."""
    import mindspore as ms
    from mindspore import nn

    from vit.runtime.graph_mode import in_graph_mode

    class Chain(nn.Cell):
        def __init__(self, widths):
            super().__init__()
            self.layers = nn.SequentialCell([nn.Dense(a, b, has_bias=False) for a, b in itertools.pairwise(widths)])

        def construct(self, x):
            return self.layers(x)[0, 0]  # one number, so that copying the result does not count

    sizes = ((1576, (192, 768) * 4), (512, (512,) * 8), (2048, (2048,) * 2))
    chains = [(Chain(widths), ms.ops.ones((tokens, widths[0])), widths) for tokens, widths in sizes]

    def run() -> float:
        """Multiply-adds a second, of the fastest."""
        speeds = []
        for chain, x, widths in chains:
            start = time.perf_counter()
            with in_graph_mode():
                chain(x).asnumpy()
            seconds = time.perf_counter() - start
            speeds.append(len(x) * sum(a * b for a, b in itertools.pairwise(widths)) / seconds)
        return max(speeds)

    return {"products": run}


def measure(point: Point) -> dict:
    times, speeds = [], []
    with Players({"vit": (training, (point,)), "matmul": (matrix_products, ())}) as players:
        before = players.run("vit", "begin").memory
        for turn in range(WARM_UP + TURNS):
            step = players.run("vit", "step")
            seconds, peak = step.seconds, step.memory
            for _ in range(3):
                speeds.append(players.run("matmul", "products").result)
            if turn >= WARM_UP:
                times.append(seconds)
    seconds = statistics.median(times)
    return {
        "tokens": point.tokens,
        "width": point.width,
        "batch": point.batch,
        "macs": point.macs,
        "seconds": seconds,
        "slowest": max(times),
        "memory_mib": (peak - before) / 2**20,
        "matmul_macs_per_s": max(speeds),
    }


def plot(rows: dict[str, list[dict]]):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6), layout="constrained", dpi=110)
    grid = figure.subplots(2, 3, sharey="row")
    for (knob, points), (above, below) in zip(rows.items(), grid.T, strict=True):
        x = [point[knob] for point in points]
        seconds = [point["seconds"] for point in points]
        above.loglog(x, seconds, "o-", color="#2b6cb0", label=say("实测", "measured"))
        counted = [point["at_matmul_speed"] for point in points]
        label = say("按次数，以矩阵乘法的速度", "operations at matmul speed")
        above.loglog(x, counted, "--", color="#c05621", label=label)
        for place, second, point in zip(x, seconds, points, strict=True):
            share = f"{point['share_of_matmul_speed']:.0%}"
            above.annotate(share, (place, second), (0, 6), textcoords="offset points", ha="center", fontsize=8)
        below.loglog(x, [point["memory_mib"] for point in points], "o-", color="#2f855a")
        below.set_yticks(ticks := [300, 1000, 3000], [str(value) for value in ticks])
        above.margins(y=0.12)
        for axes in (above, below):
            axes.set_xticks(x, [str(value) for value in x])
            axes.minorticks_off()
            axes.grid(alpha=0.3)
        below.set_xlabel(
            {"tokens": say("token 数", "tokens"), "width": say("宽", "width")}.get(knob, say("批大小", "batch"))
        )
    grid[0, 0].set_ylabel(say("一步训练的秒数", "seconds per training step"))
    grid[1, 0].set_ylabel(say("多占的内存，MiB", "memory it adds, MiB"))
    grid[0, 0].legend(frameon=False, fontsize=9)
    figure.suptitle(
        say(
            "四个编码器层的 ViT；百分数：大矩阵乘法速度的几成",
            "ViT of four blocks; share: of the speed of a large matrix product",
        )
    )
    return figure


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    points = sorted({point for along in ALONG.values() for point in along}, key=lambda point: point.macs)
    measured = {point: measure(point) for point in tqdm(points, desc="cost", file=sys.stderr)}
    reference = max(row["matmul_macs_per_s"] for row in measured.values())
    for row in measured.values():
        row["at_matmul_speed"] = row["macs"] / reference
        row["share_of_matmul_speed"] = row["at_matmul_speed"] / row["seconds"]
    rows = {knob: [measured[point] for point in along] for knob, along in ALONG.items()}
    print(machine())
    print(f"{'tokens':>6}{'width':>7}{'batch':>7}{'billion MAC':>13}{'s a step':>10}{'of matmul':>11}{'MiB':>8}")
    for row in [row for along in rows.values() for row in along]:
        print(
            f"{row['tokens']:6}{row['width']:7}{row['batch']:7}{row['macs'] / 1e9:13.1f}{row['seconds']:10.3f}"
            f"{row['share_of_matmul_speed']:11.0%}{row['memory_mib']:8.0f}"
        )
    with atomic_path(OUTPUTS / "benchmarks" / "cost.json") as staged:
        staged.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1), encoding="utf-8")
    from course.learner.fonts import use_course_font
    from vit.plots import save_figure

    for language in ("zh", "en"):  # for lesson 11
        os.environ["VIT_LANG"] = language
        use_course_font(language)
        print(f"-> {shown(save_figure(plot(rows), OUTPUTS / 'benchmarks' / f'cost.{language}.png'))}")


if __name__ == "__main__":
    main()
