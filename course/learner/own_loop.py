"""A loop in C++ that a learner writes: compiled where it runs, and run in a process of its own, which may crash."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from course.language import say
from vit.kernels.library import NoLibrary, compile_to
from vit.runtime.errors import UserError

LONGEST = 20  # seconds, for a loop that does not end
PROGRAM = """#include <cmath>
#include "exponential.h"
inline float sigmoid(float z) {  // without a branch, so that a loop with it becomes vector instructions
  const float small = exp_of(-std::fabs(z));
  return (z < 0 ? small : 1.0f) / (1.0f + small);
}
extern "C" void learner(const float* x, const float* bias, float* y, long rows, long width) {
#line 1 "loop"
%s
}
"""
CHILD = """
import ctypes, json, sys, time
import numpy as np
library, folder, repeats = ctypes.CDLL(sys.argv[1]), sys.argv[2], int(sys.argv[3])
x, bias = np.load(folder + "/x.npy"), np.load(folder + "/bias.npy")
y, times = np.zeros_like(x), []
places = [ctypes.c_void_p(a.ctypes.data) for a in (x, bias, y)]
for _ in range(repeats):
    start = time.perf_counter()
    library.learner(*places, ctypes.c_long(x.shape[0]), ctypes.c_long(x.shape[1]))
    times.append(time.perf_counter() - start)
np.save(folder + "/y.npy", y)
print(json.dumps(min(times)))
"""


def run_loop(loop: str, x: np.ndarray, bias: np.ndarray, repeats: int = 1) -> tuple[np.ndarray, float]:
    """Compile a loop over x (rows, width) and bias (width,) that fills y (rows, width), and run it.

    Args:
        loop: C++; `x`, `bias`, `y` are float pointers, `rows` and `width` integers; there is `sigmoid(z)`.
        x, bias: float32.
        repeats: how often it runs, for the time.

    Returns:
        y, and the seconds of the fastest run; where it does not compile or run, x as it is and 0, and a line why.
    """
    try:
        return _run(loop, x, bias, repeats)
    except (NoLibrary, UserError) as error:
        print(error)
        return x, 0.0


def _run(loop: str, x: np.ndarray, bias: np.ndarray, repeats: int) -> tuple[np.ndarray, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "loop.cc").write_text(PROGRAM % loop, encoding="utf-8")
        compile_to(folder / "loop.so", [folder / "loop.cc"])
        for what, array in (("x", x), ("bias", bias)):
            np.save(folder / f"{what}.npy", np.ascontiguousarray(array, np.float32))
        command = [sys.executable, "-c", CHILD, str(folder / "loop.so"), name, str(repeats)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=LONGEST)
        except subprocess.TimeoutExpired:
            raise UserError(
                say(f"循环 {LONGEST} 秒还没有结束", f"the loop has not ended after {LONGEST} seconds")
            ) from None
        if done.returncode > 0:  # not the loop: numpy cannot be imported, the disk is full
            raise UserError((done.stderr.decode(errors="replace").strip().splitlines() or ["?"])[-1])
        if done.returncode:
            raise UserError(
                say(
                    "循环读或写到了数组外面，进程被系统终止了",
                    "the loop reads or writes outside the arrays; the system has ended its process",
                )
            )
        return np.load(folder / "y.npy"), json.loads(done.stdout)
