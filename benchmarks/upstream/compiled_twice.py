"""For MindSpore's developers: when a compiled cell is collected, a living one that is called with the same shapes is
compiled all over again at its next call, since the key of these shapes is forgotten with the dead one."""

import gc
import time

import mindspore as ms
import numpy as np
from mindspore import nn

ms.set_context(mode=ms.GRAPH_MODE)
x = ms.Tensor(np.ones((4, 8), np.float32))
first, second = (nn.SequentialCell([nn.Dense(8, 8) for _ in range(40)]) for _ in range(2))
first(x)
for call in ("first call", "again", "again, the other collected"):
    if "collected" in call:
        del first
        gc.collect()
    start = time.perf_counter()
    second(x)
    seconds = time.perf_counter() - start
    print(f"{call:28}{seconds:6.2f} s, compiled {len(second.compile_cache)} times (MindSpore {ms.__version__})")
