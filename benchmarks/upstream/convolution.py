"""For MindSpore's developers: on a CPU with AVX-512 oneDNN has no quick convolution for the layout (B, C, H, W) and falls
back on its reference loops; held to AVX2 (ONEDNN_MAX_CPU_ISA, read when oneDNN is first used) it takes GEMM."""

import os
import subprocess
import sys

SHAPES = ((64, 48, 48, 3, 1, 1, 16), (64, 96, 96, 3, 1, 1, 8), (16, 3, 192, 16, 16, 0, 224), (64, 3, 96, 8, 8, 0, 64))


def measure() -> None:
    import time

    import mindspore as ms
    import numpy as np
    from mindspore import nn

    ms.set_context(mode=ms.GRAPH_MODE, device_target="CPU")
    for batch, c_in, c_out, kernel, stride, padding, side in SHAPES:
        cell = nn.Conv2d(c_in, c_out, kernel, stride=stride, pad_mode="pad", padding=padding)
        x = ms.Tensor(np.ones((batch, c_in, side, side), np.float32))
        times = []
        for _ in range(12):
            start = time.perf_counter()
            cell(x).asnumpy()
            times.append(time.perf_counter() - start)
        flop = 2 * batch * (side // stride) ** 2 * kernel**2 * c_in * c_out
        what = f"{batch} x {c_in} -> {c_out}, {kernel} x {kernel} / {stride}, {side} px"
        print(f"    {what:36}{min(times) * 1e3:9.1f} ms{flop / min(times) / 1e9:8.1f} GFLOP/s", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        measure()
    else:
        from vit.runtime.machine import machine

        print(machine())
        for isa in ("", "AVX2"):
            print(f"ONEDNN_MAX_CPU_ISA={isa}", flush=True)
            settings = os.environ | {"ONEDNN_MAX_CPU_ISA": isa or "DEFAULT"}
            subprocess.run([sys.executable, __file__, "measure"], env=settings, check=True)
