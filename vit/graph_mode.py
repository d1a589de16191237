"""MindSpore's two modes: eager (PyNative) for looking, one compiled graph for speed."""

import signal
import threading
from contextlib import contextmanager

import mindspore as ms


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
        # a graph run leaves MindSpore's own handler of Ctrl-C behind, which kills the process (or
        # the notebook's kernel) at the next Ctrl-C: put Python's back
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))
