"""Where a training step's memory goes: what is resident after each stage of a run, and what a picture adds.

    python -m benchmarks.memory --model vit_tiny_patch16_224 --batches 2 4 8 16

Each program and batch in a process of its own, one after another. A straight line through the batches tells
what is fixed (libraries, weights, the compiled graph) from what every further picture takes (activations,
and what kernels keep beside them). `recomputed` computes each block again in the backward pass; `O1` is
MindSpore's other memory_optimize_level. Prints a table; writes outputs/benchmarks/memory-MODEL.json.
"""

import argparse
import importlib
import importlib.util
import json
import sys

import numpy as np
from tqdm import tqdm

from benchmarks.processes import Players
from benchmarks.programs import KINDS, PYTORCH, make
from vit.runtime.atomic import atomic_path
from vit.runtime.machine import machine
from vit.runtime.paths import OUTPUTS, shown

STAGES = ("import", "build", "step", "steps", "forward")
PROGRAMS = {
    **{kind: KINDS[kind] for kind in ("vit", *PYTORCH)},
    "recomputed": "this program, blocks recomputed",
    "O1": "this program, memory_optimize_level O1",
}


def stages(program: str, model: str, batch: int):
    """A run in its own process, stage by stage; each answers with the bytes that are resident after it."""
    import psutil

    run = {}

    def load():
        importlib.import_module("torch" if program in PYTORCH else "mindspore")
        if program == "recomputed":
            recompute_blocks()
        if program == "O1":
            importlib.import_module("mindspore").runtime.set_memory(optimize_level="O1")

    def build():
        run["step"], run["forward"] = make(program if program in KINDS else "vit", model, batch)

    work = {
        "import": load,
        "build": build,
        "step": lambda: run["step"](),  # compiles
        "steps": lambda: [run["step"]() for _ in range(4)],  # MindSpore tries out numbers of threads
        "forward": lambda: run["forward"](),  # another graph
    }

    def resident(stage):
        work[stage]()
        return psutil.Process().memory_info().rss

    return {stage: lambda stage=stage: resident(stage) for stage in STAGES}


def recompute_blocks() -> None:
    """Let every block that is made from now on keep its input only."""
    from vit.encoder import Block

    plain = Block.__init__

    def recomputed(self, *arguments, **named):
        plain(self, *arguments, **named)
        self.recompute()

    Block.__init__ = recomputed


def measure(program: str, model: str, batch: int) -> dict:
    with Players({program: (stages, (program, model, batch))}) as player:
        answers = {stage: player.run(program, stage) for stage in STAGES}
    return {
        "program": program,
        "batch": batch,
        **{stage: round(turn.result / 2**20) for stage, turn in answers.items()},
        "peak_step": round(answers["steps"].memory / 2**20),
        "peak": round(answers["forward"].memory / 2**20),
        "seconds_a_step": round(answers["steps"].seconds / 4, 3),  # of the second to the fifth
    }


def line(rows) -> tuple[float, float]:
    """(MiB a picture, MiB at batch 0) of the peak of training, by least squares."""
    slope, fixed = np.polyfit([row["batch"] for row in rows], [row["peak_step"] for row in rows], 1)
    return float(slope), float(fixed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="vit_tiny_patch16_224")
    parser.add_argument("--batches", type=int, nargs="+", default=[2, 4, 8, 16])
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, help="default: all that are installed")
    arguments = parser.parse_args()
    installed = all(importlib.util.find_spec(name) for name in ("torch", "transformers"))
    programs = arguments.programs or [name for name in PROGRAMS if name not in PYTORCH or installed]
    print(f"{machine()}\n{arguments.model}, MiB resident after each stage of a run")
    print(f"{'':40}{'batch':>6}{'import':>8}{'build':>8}{'1 step':>8}{'5 steps':>8}{'forward':>8}{'peak':>8}")
    rows, lines = [], {}
    bar = tqdm(total=len(programs) * len(arguments.batches), desc="memory", file=sys.stderr)
    for program in programs:
        own = []
        for batch in arguments.batches:
            own.append(row := measure(program, arguments.model, batch))
            bar.update()
            values = "".join(f"{row[key]:8}" for key in (*STAGES, "peak"))
            print(f"{PROGRAMS[program]:40}{batch:6}{values}", flush=True)
        if len(own) > 1:
            slope, fixed = lines[program] = line(own)
            print(f"{'':40}peak of training: {fixed:.0f} MiB + {slope:.0f} MiB a picture", flush=True)
        rows += own
    bar.close()
    result = {"machine": machine(), "model": arguments.model, "rows": rows, "lines": lines}
    with atomic_path(OUTPUTS / "benchmarks" / f"memory-{arguments.model}.json") as staged:
        staged.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(f"-> {shown(OUTPUTS / 'benchmarks' / f'memory-{arguments.model}.json')}")


if __name__ == "__main__":
    main()
