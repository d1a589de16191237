"""What a busy machine costs, and what giving way to it (`vit.runtime.crowd`) gains.

    python -m benchmarks.crowd [--loops 2] [--rounds 4]

Beside LOOPS endless loops the small ViT trains, in a new process each time, by turns as MindSpore
does by itself and with `give_way`; and once alone. Prints images a second.
"""

import argparse
import multiprocessing
import subprocess
import sys
import time

from benchmarks.programs import make
from vit.runtime.crowd import give_way
from vit.runtime.machine import machine

BATCH = 32
WARM_UP, SECONDS = 9, 8


def speed(kind: str, gives_way: bool, pipe) -> None:
    """Images a second, in this process."""
    if gives_way:
        give_way()
    step, _ = make(kind, "vit_sample_patch8_64", BATCH, None)
    for _ in range(WARM_UP):
        step()
    start, steps = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        step()
        steps += 1
    pipe.send(BATCH * steps / (time.perf_counter() - start))


def ask(kind: str, gives_way: bool) -> float:
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    process = context.Process(target=speed, args=(kind, gives_way, other))
    process.start()
    answer = pipe.recv()
    process.join()
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loops", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=4)
    arguments = parser.parse_args()
    print(machine())
    print(
        f"alone: {ask('vit', False):.0f} images/s as MindSpore does, {ask('vit', True):.0f} with give_way", flush=True
    )
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(arguments.loops)]
    try:
        for _ in range(arguments.rounds):
            plain, polite = ask("vit", False), ask("vit", True)
            print(
                f"beside {arguments.loops} loops: {plain:.0f} as MindSpore does, {polite:.0f} with give_way", flush=True
            )
    finally:
        for loop in loops:
            loop.kill()


if __name__ == "__main__":
    main()
