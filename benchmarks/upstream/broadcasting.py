"""For MindSpore's developers: on a CPU, in graph mode, (M, D) * (M, 1) is far slower than tile and (M, D) * (M, D)."""

import resource
import time

import mindspore as ms
from mindspore import nn, ops

ms.set_context(mode=ms.GRAPH_MODE, device_target="CPU")


class Chain(nn.Cell):
    def __init__(self, tiled):
        super().__init__()
        self.tiled = tiled

    def construct(self, x, column):
        for _ in range(50):
            x = x * (ops.tile(column, (1, 192)) if self.tiled else column)
        return x


x, column = ops.ones((3152, 192)), ops.ones((3152, 1))
for tiled in (True, False):
    chain, times = Chain(tiled), []
    chain.compile(x, column)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(12):
        start = time.perf_counter()
        chain(x, column).asnumpy()
        times.append((time.perf_counter() - start) / 50 * 1e3)
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 / 50
    print(f"{'tiled' if tiled else 'broadcast':10} {min(times):.2f} ms and {memory:.1f} MiB an op")
