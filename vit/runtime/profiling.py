"""Which op takes how much time: MindSpore's own profiler, read into a table."""

import contextlib
import csv
import io
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mindspore as ms

from vit.runtime.errors import RunFailed
from vit.runtime.language import say

WARM_UP = 6  # calls: the first compiles, and kernels try a number of threads in each of the next four


@dataclass(frozen=True)
class OpTime:
    """One kind of op in one call of what was profiled."""

    op: str  # "MatMul", "Conv2D" ...
    count: float  # how often it ran
    milliseconds: float  # all of them together
    share: float  # of the time of all ops


def op_times(run: Callable[[], object], repeats: int = 3) -> list[OpTime]:
    """Profile a function on the CPU, once it has compiled and MindSpore has tried its numbers of threads.

    Args:
        run: does the work and waits for its result (`.asnumpy()`).
        repeats: calls that are profiled; the table holds their mean.

    Returns:
        The kinds of ops, the slowest first. Between ops the machine may rest, so their sum is less
        than the time on the clock; and ops that run side by side count each for itself.

    Raises:
        RunFailed: the profiler left no table, as on devices other than the CPU.
    """
    for _ in range(WARM_UP):
        run()
    with tempfile.TemporaryDirectory() as folder:
        with _quiet():
            handler = ms.profiler.tensorboard_trace_handler(folder)
            activities = [ms.profiler.ProfilerActivity.CPU]
            with ms.profiler.profile(activities=activities, on_trace_ready=handler) as profiler:
                for _ in range(repeats):
                    run()
                profiler.step()
        tables = sorted(Path(folder).rglob("cpu_op_type_info_*.csv"))
        if not tables:
            device = ms.get_context("device_target")
            raise RunFailed(
                say(
                    f"MindSpore 的性能分析没有留下算子表（{device}）",
                    f"MindSpore's profiler left no table of ops ({device})",
                )
            )
        with open(tables[0], encoding="utf-8") as file:
            rows = [
                (row["op_type"], int(row["type_occurrences"]) / repeats, float(row["total_compute_time"]) / repeats)
                for row in csv.DictReader(file)
            ]
    total = sum(milliseconds for *_, milliseconds in rows)
    rows.sort(key=lambda row: -row[2])
    return [OpTime(op, count, milliseconds, milliseconds / total) for op, count, milliseconds in rows]


@contextlib.contextmanager
def _quiet():
    """The profiler, and the process that it starts to read its files, talk on both streams."""
    kept = [os.dup(stream) for stream in (1, 2)]
    silence = io.StringIO()
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)
        try:
            yield
        finally:
            for stream, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, stream)
                os.close(copy)
