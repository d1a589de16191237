"""Where a training step and a forward pass spend their time, op by op.

    python -m benchmarks.ops --model vit_tiny_patch16_224 --batch 16

MindSpore's own profiler, read into a table (`vit.runtime.profiling`). Prints it, and writes
outputs/benchmarks/ops-MODEL.json. The machine is named, for milliseconds mean nothing without it.
"""

import argparse
import json

from benchmarks.programs import make
from vit.runtime.atomic import atomic_path
from vit.runtime.machine import machine
from vit.runtime.paths import OUTPUTS, shown
from vit.runtime.profiling import op_times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="vit_tiny_patch16_224")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=5, help="calls that are profiled, after five to warm up")
    arguments = parser.parse_args()
    step, forward = make("vit", arguments.model, arguments.batch)
    print(f"{machine()}\n{arguments.model}, batch {arguments.batch}")
    tables = {}
    for title, work in (("training step", step), ("forward", forward)):
        for _ in range(5):
            work()
        rows = tables[title] = op_times(work, arguments.repeats)
        print(f"\n{title}: {sum(row.milliseconds for row in rows):.0f} ms in ops")
        print(f"{'op':24}{'times':>6}{'ms':>9}{'share':>8}")
        for row in rows[:16]:
            print(f"{row.op:24}{row.count:6.0f}{row.milliseconds:9.1f}{row.share:8.1%}")
    result = {
        "model": arguments.model,
        "batch": arguments.batch,
        "machine": machine(),
        "ops": {title: [row.__dict__ for row in rows] for title, rows in tables.items()},
    }
    path = OUTPUTS / "benchmarks" / f"ops-{arguments.model}.json"
    with atomic_path(path) as staged:
        staged.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(f"\nwrote {shown(path)}")


if __name__ == "__main__":
    main()
