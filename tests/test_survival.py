"""A run is killed as often as life wants, and ends as if it had not been."""

import os
import random
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors.numpy import load_file
from test_trainer import MODEL, make_data

import vit
from vit.checkpoint import Progress, load_state, previous_state, save_state

KILLS = int(os.environ.get("VIT_KILLS", "8"))  # 30 in .ci/full

# `kill -9` may come at any moment after the start: compiling, a step, writing a file
PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
from vit.config import MODELS
from vit.trainer import Recipe, fit
data, out, name = sys.argv[1:]
line = MODELS[name]
MODELS[name] = replace(line, config=replace(line.config, depth=1))
print("ready", flush=True)
resume = (Path(out) / "state.safetensors").exists() or (Path(out) / "state.previous.safetensors").exists()
fit(data, out, name, recipe=Recipe(epochs=40, batch_size=8), resume=resume, progress=False)
"""


def launch(program, data, out):
    process = subprocess.Popen(
        [sys.executable, program, data, out, MODEL], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.readline()  # "ready": from here on it may be killed
    return process


def same_run(one, other):
    for name in ("last", "best"):
        a, b = (load_file(folder / f"{name}.safetensors") for folder in (one, other))
        assert a.keys() == b.keys()
        assert all(np.array_equal(a[key], b[key]) for key in a), name
    logs = [np.genfromtxt(folder / "log.csv", delimiter=",", names=True) for folder in (one, other)]
    for column in ("epoch", "steps", "lr", "train_loss", "val_top1", "val_top5"):
        assert np.array_equal(logs[0][column], logs[1][column]), column


@pytest.mark.slow
def test_kills_change_nothing(tmp_path):
    data, program = make_data(tmp_path / "data"), tmp_path / "program.py"
    program.write_text(PROGRAM)
    alone = launch(program, data, tmp_path / "alone")
    started = time.monotonic()
    _, error = alone.communicate(timeout=300)
    assert alone.returncode == 0, error
    length = time.monotonic() - started  # only to aim by: the kills fall anywhere in a run
    rng, kills, run = random.Random(0), 0, 0
    while kills < KILLS:  # run after run, each killed until it is done all the same
        run += 1
        out, done = tmp_path / f"run {run}", False
        while not done:
            process = launch(program, data, out)
            try:
                _, error = process.communicate(timeout=rng.uniform(0, 0.6) * length if kills < KILLS else 300)
                assert process.returncode == 0, error
                done = True
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
        same_run(tmp_path / "alone", out)
    print(f"{kills} kills in {run} runs")


class Cell:
    """As much of a training step as a state needs: its parameters, one of them a single number."""

    def __init__(self, value):
        import mindspore as ms

        self.steps = ms.Parameter(ms.Tensor(value, ms.int32), name="steps")

    def parameters_and_names(self):
        return [("steps", self.steps)]


def test_a_state_goes_round_and_round(tmp_path):
    path = tmp_path / "state.safetensors"
    cell = Cell(3)
    for _ in range(3):
        save_state(path, cell, Progress(epoch=1), {})
        cell = Cell(0)
        assert load_state(path, cell, {}).epoch == 1
        assert (cell.steps.shape, int(cell.steps)) == ((), 3)


@pytest.mark.parametrize("damage", ["cut", "gone", "noise"])
def test_a_damaged_state_gives_way_to_the_one_before(tmp_path, capsys, damage):
    path = tmp_path / "state.safetensors"
    for epoch in (1, 2):
        save_state(path, Cell(epoch), Progress(epoch=epoch), {})
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:40] if damage == "cut" else b"\xff" * 200)
    cell = Cell(0)
    assert load_state(path, cell, {}).epoch == 1
    assert int(cell.steps) == 1
    assert "the state before, epoch 1" in capsys.readouterr().err
    previous_state(path).write_bytes(b"")
    with pytest.raises(vit.UserError):
        load_state(path, cell, {})


def test_another_precision_or_start_is_another_run(tmp_path):
    path = tmp_path / "state.safetensors"
    save_state(path, Cell(1), Progress(), {"precision": "fp32", "start": None})
    with pytest.raises(vit.UserError, match="precision was 'fp32', now 'bf16'"):
        load_state(path, Cell(1), {"precision": "bf16", "start": None})
    with pytest.raises(vit.UserError, match="start was None, now 'abc'"):
        load_state(path, Cell(1), {"precision": "fp32", "start": "abc"})


@pytest.mark.slow
def test_training_needs_no_main_script_that_mindspore_knows(tmp_path):
    data = make_data(tmp_path / "data")
    text = f"from vit.trainer import *; fit({str(data)!r}, {str(tmp_path / 'out')!r}, {MODEL!r}, recipe=Recipe(1, 8), progress=False)"
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("import mindspore")  # while sys.argv[0] is "-m"
    (tmp_path / "package" / "job.py").write_text(text)
    for command in ([sys.executable, "-c", text], [sys.executable, "-"], [sys.executable, "-m", "package.job"]):
        done = subprocess.run(command, cwd=tmp_path, input=text, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        for path in (tmp_path / "out").iterdir():
            if path.is_file():
                path.unlink()
