"""vit/runtime/compile_cache.py: the right graph comes back, and only the right one."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

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
if folder != "none":
    with compile_cache(folder, {"lr": lr, "depth": depth}, step.cell):
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


@pytest.mark.slow
def test_the_second_start_uses_the_cache_and_others_do_not(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    folder = tmp_path / "cache"
    without = {key: losses(program, "none", *key) for key in ((1e-2, 1), (1e-3, 1), (1e-2, 2))}
    assert losses(program, folder) == pytest.approx(without[1e-2, 1], abs=1e-5)
    first = graphs(folder)
    assert len(first) == 1
    assert losses(program, folder) == pytest.approx(without[1e-2, 1], abs=1e-5)
    assert losses(program, folder, before="before") == pytest.approx(without[1e-2, 1], abs=1e-5)
    for key in ((1e-3, 1), (1e-2, 2)):  # another rate, another shape: never the old graph
        assert losses(program, folder, *key) == pytest.approx(without[key], abs=1e-5)
        assert len(graphs(folder)) == 1
        assert graphs(folder).keys() != first.keys()


def test_the_key_covers_the_source_of_every_cell(tmp_path):
    """A learner's class of the same name and shapes, changed in one line, is another graph."""
    from mindspore import nn

    from vit.runtime import compile_cache

    def cell_of(line):
        file = tmp_path / f"{abs(hash(line))}.py"
        file.write_text(
            f"from mindspore import nn\nclass Part(nn.Cell):\n    def construct(self, x):\n        {line}\n"
        )
        spec = importlib.util.spec_from_file_location(file.stem, file)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return nn.SequentialCell(module.Part())

    keys = {line: compile_cache._key({}, cell_of(line)) for line in ("return x + 1", "return x + 2")}
    assert len(set(keys.values())) == 2
    assert compile_cache._key({}, cell_of("return x + 1")) == keys["return x + 1"]
    space = {"nn": nn, "__name__": "__main__"}
    made = []
    for number in (1, 2):  # as in a cell of a notebook: no file tells its source
        exec(f"class Part(nn.Cell):\n    def construct(self, x):\n        return x * {number}.5", space)
        made.append(compile_cache._key({}, nn.SequentialCell(space["Part"]())))
    assert made[0] != made[1]


def test_the_user_s_own_cache_settings_stay(tmp_path, monkeypatch):
    from mindspore import nn

    from vit.runtime.compile_cache import compile_cache

    monkeypatch.setenv("MS_COMPILER_CACHE_ENABLE", "0")
    monkeypatch.setenv("MS_COMPILER_CACHE_PATH", "/mine")
    with compile_cache(tmp_path / "cache", {}, nn.SequentialCell()):
        pass
    assert (os.environ["MS_COMPILER_CACHE_ENABLE"], os.environ["MS_COMPILER_CACHE_PATH"]) == ("0", "/mine")
