"""Programs that take turns: each in a process of its own, only one of them at work at a time.

So whatever else the machine does hits all of them, and none sees another's threads or memory.
"""

import contextlib
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from vit.runtime.memory import peak_memory


@dataclass(frozen=True)
class Turn:
    seconds: float
    result: object
    memory: int  # the most bytes that the process has held so far
    others: float  # cores that other programs kept busy meanwhile


def _busy() -> float:
    """Seconds that all cores together have been at work."""
    times = psutil.cpu_times()
    return times.user + times.nice + times.system


class Players:
    """Processes by name; use as a context manager, which ends them.

    Args:
        makers: name -> (function, arguments). The function is called in the new process and returns
            what can be ordered there: {"step": function without arguments, ...}.
    """

    def __init__(self, makers: dict[str, tuple[Callable, tuple]]):
        context = multiprocessing.get_context("spawn")
        self.pipes = {}
        for name, (maker, arguments) in makers.items():
            pipe, other = context.Pipe()
            context.Process(target=_serve, args=(other, maker, arguments)).start()
            other.close()  # so that a dead process is noticed
            self.pipes[name] = pipe

    def run(self, name: str, order: str) -> "Turn":
        before = _busy()
        self.pipes[name].send(order)
        seconds, own, result, memory = self.pipes[name].recv()
        return Turn(seconds, result, memory, max(0.0, _busy() - before - own) / seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pipe in self.pipes.values():
            pipe.close()


def _serve(pipe, maker, arguments):
    work = maker(*arguments)
    with contextlib.suppress(EOFError):  # nobody orders any more
        while True:
            order = pipe.recv()
            start, own = time.perf_counter(), time.process_time()
            result = work[order]()
            pipe.send((time.perf_counter() - start, time.process_time() - own, result, peak_memory()))
