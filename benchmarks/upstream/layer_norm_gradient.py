"""For MindSpore's developers: on a CPU, the gradient of LayerNorm takes several times as long as LayerNorm."""

import time

import mindspore as ms
from mindspore import nn, ops

norm = nn.LayerNorm((192,), epsilon=1e-6)
x = ops.standard_normal((3152, 192))
gradient = ms.grad(lambda x: norm(x).sum(), 0, norm.trainable_params())
for name, run in (("forward", lambda: norm(x)), ("forward and gradient", lambda: gradient(x)[0])):
    times = []
    for _ in range(12):
        start = time.perf_counter()
        run()[0, 0].asnumpy()
        times.append((time.perf_counter() - start) * 1e3)
    print(f"{name:21} {min(times):.1f} ms (MindSpore {ms.__version__})")
