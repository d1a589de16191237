"""Training steps and forward passes of several programs, side by side in one run.

    python -m benchmarks.steps --model vit_tiny_patch16_224 --batch 16 --rounds 5

Each program lives in a process of its own and works only when it is its turn; the turns go round,
so that whatever else the machine does hits all of them. Turns in which other programs took more than
0.15 of a core are left out. The first call (compiling) is timed apart, four more warm up; over these
five steps the losses of this program and of the PyTorch ones, from the same weights, are compared.
Prints a table; writes outputs/benchmarks/steps-MODEL.json and .png.
"""

import argparse
import importlib.util
import json
import multiprocessing
import os
import statistics
import sys
import tempfile

from tqdm import tqdm

from benchmarks.processes import Players
from benchmarks.programs import KINDS, PYTORCH, SAME_WORK, make, save_start
from vit.runtime.machine import machine
from vit.runtime.paths import OUTPUTS, shown

# MindSpore tries out numbers of threads for each of its kernels in the first four calls
WARM_UP = 5
BUSY = 0.15  # cores: a turn in which other programs took more is left out, as long as another is left


def work(kind, model, batch, start):
    """A contestant, in its own process."""
    step, forward = make(kind, model, batch, start)

    def answer_nothing():  # logits need not travel
        forward()

    return {"step": step, "forward": answer_nothing}


def measure(kinds, model, batch, rounds) -> list[dict]:
    """A row for each program: first call, median and spread of the others, in seconds; its first losses."""
    with tempfile.TemporaryDirectory() as folder:
        start = None
        if any(kind in PYTORCH for kind in kinds):
            start = os.path.join(folder, "model.safetensors")
            writer = multiprocessing.get_context("spawn").Process(target=save_start, args=(model, folder))
            writer.start()
            writer.join()
        with Players({kind: (work, (kind, model, batch, start)) for kind in kinds}) as players:
            return _measure(players, kinds, batch, rounds)


def _measure(players, kinds, batch, rounds) -> list[dict]:
    times = {(kind, order): [] for kind in kinds for order in ("step", "forward")}
    first, memory, losses = {}, {}, {kind: [] for kind in kinds}
    turns = [(turn, order, kind) for turn in range(WARM_UP + rounds) for order in ("step", "forward") for kind in kinds]
    with tqdm(turns, file=sys.stderr, desc="benchmark") as bar:
        for turn, order, kind in bar:
            bar.set_description(f"{kind}, {order}" + (" (first call)" if not turn else ""))
            done = players.run(kind, order)
            memory[kind] = done.memory
            if turn >= WARM_UP:
                times[kind, order].append(done)
            elif not turn:
                first[kind, order] = done.seconds
            if order == "step" and turn < WARM_UP:
                losses[kind].append(done.result)
    rows = []
    for kind in kinds:
        row = {"program": kind, "what": KINDS[kind], "peak_mib": round(memory[kind] / 2**20), "losses": losses[kind]}
        for order in ("step", "forward"):
            turns = times[kind, order]
            quiet = [turn for turn in turns if turn.others < BUSY]
            seconds = [turn.seconds for turn in quiet or turns]
            row[order] = {
                "first_s": round(first[kind, order], 2),
                "median_s": round(statistics.median(seconds), 4),
                "min_s": round(min(seconds), 4),
                "max_s": round(max(seconds), 4),
                "images_per_s": round(batch / statistics.median(seconds), 2),
                "turns": len(turns),
                "quiet_turns": len(quiet),
                "others_cores": round(statistics.median(turn.others for turn in turns), 2),
            }
        rows.append(row)
    return rows


def table(rows) -> str:
    ours = rows[0]
    lines = [f"{'':40} {'training':>36}   {'inference':>30}"]
    lines.append(
        f"{'':40} {'img/s':>8} {'s (min..max)':>21} {'ours x':>6}   {'img/s':>8} {'first s':>8} {'ours x':>6}  peak MiB"
    )
    for row in rows:
        step, forward = row["step"], row["forward"]
        spread = f"{step['median_s']:.3f} ({step['min_s']:.3f}..{step['max_s']:.3f})"
        lines.append(
            f"{row['what']:40} {step['images_per_s']:8.1f} {spread:>21} {step['median_s'] / ours['step']['median_s']:6.2f}"
            f"   {forward['images_per_s']:8.1f} {step['first_s']:8.1f}"
            f" {forward['median_s'] / ours['forward']['median_s']:6.2f}  {row['peak_mib']:8}"
        )
    quiet = [row[order]["quiet_turns"] for row in rows for order in ("step", "forward")]
    turns = ours["step"]["turns"]
    lines.append(
        f"medians of {min(quiet)} to {max(quiet)} quiet turns of {turns}"
        if min(quiet)
        else "a busy machine: all turns kept where none was quiet"
    )
    return "\n".join(lines)


def plot(rows, title):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 0.9 + 0.8 * len(rows)), layout="constrained", dpi=110)
    for axes, order, name in zip(
        figure.subplots(1, 2, sharey=True), ("step", "forward"), ("training", "inference"), strict=True
    ):
        speeds = [row[order]["images_per_s"] for row in rows]
        bars = axes.barh([row["what"] for row in rows], speeds, color=["#2b6cb0"] + ["#a9c4de"] * (len(rows) - 1))
        axes.bar_label(bars, fmt="%.1f", padding=3)
        axes.set_title(f"{name}, images/s")
        axes.set_xlim(0, max(speeds) * 1.2)
        axes.spines[["top", "right"]].set_visible(False)
    axes.invert_yaxis()
    figure.suptitle(title)
    return figure


def largest_difference(rows) -> float | None:
    """Of the first losses of the programs that do the same work, relative to ours; None: nothing to compare."""
    losses = [row["losses"] for row in rows if row["program"] in SAME_WORK]
    if len(losses) < 2 or rows[0]["program"] != "vit":
        return None
    return max(abs(other / ours - 1) for row in losses[1:] for ours, other in zip(losses[0], row, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="vit_tiny_patch16_224")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--programs", nargs="+", choices=KINDS, help="default: all that are installed")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    installed = all(importlib.util.find_spec(name) for name in ("torch", "transformers"))
    kinds = arguments.programs or [kind for kind in KINDS if kind not in PYTORCH or installed]
    rows = measure(kinds, arguments.model, arguments.batch, arguments.rounds)
    from vit.plots import save_figure

    result = {"machine": machine(), "model": arguments.model, "batch": arguments.batch, "rows": rows}
    result["largest_difference_of_losses"] = difference = largest_difference(rows)
    folder = OUTPUTS / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"steps-{arguments.model}.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    picture = save_figure(
        plot(rows, f"{arguments.model}, batch {arguments.batch}"), folder / f"steps-{arguments.model}.png"
    )
    if arguments.json:
        print(json.dumps(result))
    else:
        print(f"{machine()}\n{arguments.model}, batch {arguments.batch}\n{table(rows)}")
        if difference is not None:
            print(f"losses of the first {WARM_UP} steps, this program's and PyTorch's: at most {difference:.1e} apart")
        print(f"-> {shown(picture)}")


if __name__ == "__main__":
    main()
