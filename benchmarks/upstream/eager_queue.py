"""For MindSpore's developers: on a CPU of two cores eager operations wait in queues for most of their time; done where
they are called (`pynative_synchronize`), the same forward pass takes a fraction of it."""

import statistics
import subprocess
import sys
import time

import mindspore as ms
import numpy as np
from mindspore import nn

if len(sys.argv) == 1:  # a process for each: what is set later changes nothing
    for word in ("queued", "synchronous") * 2:
        subprocess.run([sys.executable, __file__, word], check=True)
    sys.exit()
ms.set_context(pynative_synchronize=sys.argv[1] == "synchronous")
attention = nn.TransformerEncoderLayer(96, 3, 192, batch_first=True)
net = nn.SequentialCell([attention for _ in range(6)]).set_train(False)
x = ms.Tensor(np.random.default_rng(0).normal(size=(16, 65, 96)).astype(np.float32))
seconds = []
for _ in range(15):
    start = time.perf_counter()
    net(x).asnumpy()
    seconds.append(time.perf_counter() - start)
print(f"{sys.argv[1]:12}{1e3 * statistics.median(seconds[5:]):8.1f} ms (MindSpore {ms.__version__})")
