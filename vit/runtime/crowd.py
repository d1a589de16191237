"""Room on a busy machine: MindSpore's threads on fewer cores while other programs need the rest.

Its threads wait for each other by giving up the processor. On a core that another program keeps busy
each such wait lasts until that program's share of time is over, several milliseconds, hundreds of
times a training step. Side by side on a core of their own they give way to each other instead.
Measured by `python -m benchmarks.crowd`. Linux only: elsewhere nothing happens.
"""

import contextlib
import os
import random
import threading
import time

import psutil

PERIOD = 1.0  # seconds between two looks
BUSY = 0.5  # cores: so much taken by others is worth giving way to
QUIET = 0.25  # cores: so little is not

ALL = "VIT_CORES"  # in the environment while fewer are used: a child process would inherit the few

_watch: threading.Thread | None = None


def give_way() -> None:
    """From now on, give way to other programs while they keep the machine busy. Called again: nothing to do."""
    global _watch
    if _watch is not None or not hasattr(os, "sched_setaffinity"):
        return
    if inherited := os.environ.pop(ALL, ""):
        os.sched_setaffinity(0, map(int, inherited.split(",")))
    cores = os.sched_getaffinity(0)
    # the processes of msrun would give way to each other
    if len(cores) > 1 and max(cores) < (os.cpu_count() or 1) and "MS_ROLE" not in os.environ:
        _watch = threading.Thread(target=_keep_watch, args=(sorted(cores),), daemon=True, name="crowd")
        _watch.start()


def cores_to_use(cores: int, others: float, now: int) -> int:
    """On how many cores to compute, at least one.

    Args:
        cores: what this process may use.
        others: cores that other programs kept busy, on average.
        now: how many are in use until now; between QUIET and BUSY it stays so.
    """
    if others < QUIET:
        return cores
    return max(1, int(cores - others + 0.5)) if others > BUSY else now


def which_cores(busy: dict[int, float], mine: list[int], own: float, many: int) -> list[int]:
    """On which cores to compute: where others work least; moved only if that gains.

    Args:
        busy: core -> how busy it was, this process included.
        mine: the cores in use until now.
        own: cores that this process kept busy, on those.
        many: how many to use.
    """
    others = {core: load - (own / len(mine) if core in mine else 0) for core, load in busy.items()}
    best = sorted(others, key=others.get)[:many]
    stay = len(mine) == many and sum(others[core] for core in mine) - sum(others[core] for core in best) < QUIET
    return mine if stay else best


def _keep_watch(cores: list[int]) -> None:
    using = cores
    process, before = psutil.Process(), None
    while True:
        now = time.monotonic(), _busy(cores), sum(process.cpu_times()[:2])
        if before is not None:
            seconds, own = now[0] - before[0], now[2] - before[2]
            busy = {core: (now[1][core] - before[1][core]) / seconds for core in cores}
            wanted = cores_to_use(len(cores), sum(busy.values()) - own / seconds, len(using))
            to = which_cores(busy, using, own / seconds, wanted)
            # two programs of ours on one core would both leave it, and meet again: each tosses a coin
            if sorted(to) != sorted(using) and (len(to) != len(using) or random.random() < 0.5):
                using = to
                _move(process, using)
                os.environ.pop(ALL, None)
                if len(using) < len(cores):
                    os.environ[ALL] = ",".join(map(str, cores))
        before = now
        time.sleep(PERIOD)


def _move(process: psutil.Process, cores: list[int]) -> None:
    for thread in process.threads():
        with contextlib.suppress(OSError):  # a thread that has ended
            os.sched_setaffinity(thread.id, cores)


def _busy(cores: list[int]) -> dict[int, float]:
    """Core -> seconds that it has been at work."""
    times = psutil.cpu_times(percpu=True)
    return {core: times[core].user + times[core].nice + times[core].system for core in cores}
