"""For MindSpore's developers: on a CPU, Transpose keeps an 8-byte index for each of its elements as long as the graph lives."""

import resource

import mindspore as ms
from mindspore import nn, ops

ms.set_context(mode=ms.GRAPH_MODE, device_target="CPU")


class Chain(nn.Cell):
    def __init__(self, transposes):
        super().__init__()
        self.transposes = transposes

    def construct(self, x):
        for _ in range(50):
            x = ops.transpose(x, (0, 2, 1, 3)) if self.transposes else ops.abs(x)
        return x


x = ops.ones((16, 197, 197, 3))
for transposes in (False, True):
    chain = Chain(transposes)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    chain(x).asnumpy()
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / 50
    print(f"{'transpose' if transposes else 'abs':10} {memory / x.size:5.1f} bytes an element and op")
