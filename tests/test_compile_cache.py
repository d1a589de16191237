"""vit/runtime/compile_cache.py: the right graph comes back, and only the right one."""

import json
import os
import subprocess
import sys

import mindspore as ms
import numpy as np
import pytest

from vit.model import ViT, ViTConfig
from vit.runtime.compile_cache import compile_cache
from vit.training import make_train_step

# trains a few steps in a process of its own, as MindSpore reads its cache once in a process and graph
PROGRAM = """
import json, sys
import mindspore as ms, numpy as np
from vit.runtime.compile_cache import compile_cache
from vit.inference import make_forward
from vit.model import ViT, ViTConfig
from vit.training import make_train_step
folder, lr, depth, before = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "before"
ms.set_seed(0)
x, y = np.random.default_rng(0).normal(size=(4, 3, 16, 16)).astype(np.float32), np.arange(4)
model = ViT(ViTConfig(16, 8, num_classes=4, embed_dim=16, depth=depth, num_heads=2))
if before:  # another graph compiled first
    make_forward(model)(x)
step = make_train_step(model, lr=lr)
with compile_cache(folder, {"lr": lr, "depth": depth}):
    step.compile(4)
print(json.dumps([float(step(x, y).asnumpy()) for _ in range(4)]))
"""


def losses(program, folder, lr=1e-2, depth=1, before=""):
    arguments = [sys.executable, program, str(folder), str(lr), str(depth), before]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr + done.stdout
    return json.loads(done.stdout)


def graphs(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.mindir")}


def without(lr, depth):
    """The same in this process, which has no cache."""
    ms.set_seed(0)
    x, y = np.random.default_rng(0).normal(size=(4, 3, 16, 16)).astype(np.float32), np.arange(4)
    step = make_train_step(ViT(ViTConfig(16, 8, num_classes=4, embed_dim=16, depth=depth, num_heads=2)), lr=lr)
    return [float(step(x, y).asnumpy()) for _ in range(4)]


@pytest.mark.slow
def test_the_second_start_uses_the_cache_and_others_do_not(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    folder = tmp_path / "cache"
    expected = without(1e-2, 1)
    assert losses(program, folder) == pytest.approx(expected, abs=1e-5)
    first = graphs(folder)
    assert len(first) == 1
    assert losses(program, folder, before="before") == pytest.approx(expected, abs=1e-5)
    assert graphs(folder) == first  # read, not written again
    for key in ((1e-3, 1), (1e-2, 2)):  # another rate, another shape: never the old graph
        assert losses(program, folder, *key) == pytest.approx(without(*key), abs=1e-5)
        assert len(graphs(folder)) == 1
        assert graphs(folder).keys() != first.keys()


def test_the_user_s_own_cache_settings_stay(tmp_path, monkeypatch):
    monkeypatch.setenv("MS_COMPILER_CACHE_ENABLE", "0")
    monkeypatch.setenv("MS_COMPILER_CACHE_PATH", "/mine")
    with compile_cache(tmp_path / "cache", {}):
        pass
    assert (os.environ["MS_COMPILER_CACHE_ENABLE"], os.environ["MS_COMPILER_CACHE_PATH"]) == ("0", "/mine")
