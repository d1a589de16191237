"""MindSpore's two modes: eager (PyNative) for looking, one compiled graph for speed."""

import gc
from contextlib import contextmanager

import mindspore as ms

from vit.runtime.signals import take_ctrl_c_back


@contextmanager
def in_graph_mode():
    """Compile the cells called inside; outside, everything stays eager.

    A whole cell in graph mode takes 1.15 s for a training step of ViT-Ti/16 (batch 16, two cores)
    where the same cell under `ms.jit` takes 1.83 s; see `benchmarks/`.
    """
    mode = ms.get_context("mode")
    ms.set_context(mode=ms.GRAPH_MODE)
    try:
        yield
    finally:
        ms.set_context(mode=mode)
        take_ctrl_c_back()


def before_first_call(cell) -> None:
    """Let cells that nobody holds any more go, before this one is compiled.

    When a compiled cell goes, MindSpore forgets the key of the shapes it was called with, for every cell that is
    called with these: one that is in use compiles all over again, see `benchmarks/upstream/compiled_twice.py`. And
    compiling collects garbage. So a second model in a process was compiled twice.
    """
    if not cell.compile_cache:
        gc.collect()
