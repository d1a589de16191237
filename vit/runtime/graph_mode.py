"""MindSpore's two modes: eager (PyNative) for looking, one compiled graph for speed."""

import gc
import logging
from contextlib import contextmanager

import mindspore as ms

from vit.runtime.signals import take_ctrl_c_back


@contextmanager
def in_graph_mode():
    """Compile the cells called inside; outside, everything stays eager.

    A whole cell in graph mode takes 1.15 s for a training step of ViT-Ti/16 (batch 16, two cores)
    where the same cell under `ms.jit` takes 1.83 s; see `benchmarks/`.
    """
    with _in(ms.GRAPH_MODE):
        try:
            yield
        finally:
            take_ctrl_c_back()


def in_eager_mode():
    """The other way round."""
    return _in(ms.PYNATIVE_MODE)


@contextmanager
def _in(wanted: int):
    mode = ms.get_context("mode")
    ms.set_context(mode=wanted)
    try:
        yield
    finally:
        ms.set_context(mode=mode)


def eager_without_queues() -> None:
    """On a CPU, let an eager operation be done where it is called.

    MindSpore hands it from thread to thread, for a device that computes meanwhile. A CPU has nothing to compute
    meanwhile with, and the threads wait for each other: six encoder layers of the small ViT's size (batch 16, two
    cores of an AMD EPYC) take 1.0 s, without them 0.12 s: `benchmarks/upstream/eager_queue.py`. Graphs do not change.
    It counts if it is said before the first operation of a process, so it is said below, when this is imported.
    """
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # that the setting will be deprecated; its successor slows graphs, too
    try:
        ms.set_context(pynative_synchronize=ms.get_context("device_target") == "CPU")
    finally:
        logging.disable(before)


eager_without_queues()


def before_first_call(cell) -> None:
    """Let cells that nobody holds any more go, before this one is compiled.

    When a compiled cell goes, MindSpore forgets the key of the shapes it was called with, for every cell that is
    called with these: one that is in use compiles all over again, see `benchmarks/upstream/compiled_twice.py`. And
    compiling collects garbage. So a second model in a process was compiled twice.
    """
    if not cell.compile_cache:
        gc.collect()
