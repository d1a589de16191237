"""A run is killed as often as life wants, and ends as if it had not been."""

import os
import random
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors.numpy import load_file
from test_trainer import MODEL, make_data

KILLS = int(os.environ.get("VIT_KILLS", "2"))  # 30 in .ci/full; every rename in `tests/test_run.py`

# `kill -9` may come at any moment after the start: compiling, a step, writing a file
PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
from vit.config import MODELS
from vit.training.fit import Recipe, fit
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


@pytest.mark.slow
def test_training_needs_no_main_script_that_mindspore_knows(tmp_path):
    data = make_data(tmp_path / "data")
    text = PROGRAM.partition("data, out, name = sys.argv[1:]")
    text = text[0] + f"data, out, name = {str(data)!r}, {str(tmp_path / 'out')!r}, {MODEL!r}" + text[2]
    text = text.replace("epochs=40", "epochs=1")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("import mindspore")  # while sys.argv[0] is "-m"
    (tmp_path / "package" / "job.py").write_text(text)
    for command in ([sys.executable, "-"], [sys.executable, "-m", "package.job"]):  # `-c` is as `-`
        done = subprocess.run(command, cwd=tmp_path, input=text, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        shutil.rmtree(tmp_path / "out")
