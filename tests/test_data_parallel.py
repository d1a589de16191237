"""Two processes with half a batch each do the work of one with all of it: losses, gradients, weights."""

import sys
from pathlib import Path

import mindspore as ms
import numpy as np
import pytest
from safetensors.numpy import load_file
from test_trainer import make_data

from vit.cli import main
from vit.model import ViT, ViTConfig
from vit.runtime.graph_mode import in_graph_mode
from vit.runtime.msrun import MSRUN, run_together
from vit.training import TrainStep
from vit.training.optimizer import AdamW

CONFIG = ViTConfig(16, 8, num_classes=4, embed_dim=16, depth=1, num_heads=2)

PROGRAM = """
import mindspore as ms, numpy as np
from mindspore.communication import get_group_size, get_rank, init
from vit import ViT, ViTConfig
from vit.training.data_parallel import DataParallelStep
from vit.runtime.graph_mode import in_graph_mode
from vit.runtime.msrun import MSRUN, run_together
from vit.training.optimizer import AdamW
init()
data, rank, size = np.load("data.npz"), get_rank(), get_group_size()
model = ViT(ViTConfig(16, 8, num_classes=4, embed_dim=16, depth=1, num_heads=2))
for name, p in model.parameters_and_names():
    p.set_data(ms.Tensor(data[name]))
step = DataParallelStep(model, AdamW(model, 1e-2, epsilon=1e-3), clip_norm=float(data["clip_norm"])).set_train()
x, y = (ms.Tensor(data[key][rank::size]) for key in ("images", "labels"))
with in_graph_mode():
    losses = [float(step(x, y).asnumpy()) for _ in range(3)]
np.savez(f"result{rank}.npz", losses=losses, **{n: p.asnumpy() for n, p in step.parameters_and_names()})
"""


@pytest.mark.slow
@pytest.mark.skipif(MSRUN is None, reason="no msrun on this system")
def test_two_processes_are_as_one(tmp_path):
    rng = np.random.default_rng(0)
    ms.set_seed(0)
    model = ViT(CONFIG)
    start = {name: p.asnumpy().copy() for name, p in model.parameters_and_names()}
    images = rng.normal(size=(8, 3, 16, 16)).astype(np.float32)
    labels = rng.integers(0, 4, 8).astype(np.int32)
    # No clipping: it, and AdamW itself, would hide gradients that are all too large by one factor.
    # A large epsilon: with the usual one, AdamW makes a whole step even of a gradient that is 0 but for
    # rounding (of the keys' biases it always is), and the two sums round differently.
    np.savez(tmp_path / "data.npz", images=images, labels=labels, clip_norm=1e9, **start)
    (tmp_path / "program.py").write_text(PROGRAM)
    run_together(["program.py"], tmp_path)

    alone = TrainStep(model, AdamW(model, 1e-2, epsilon=1e-3), clip_norm=1e9, label_smoothing=0.0).set_train()
    with in_graph_mode():
        losses = [float(alone(ms.Tensor(images), ms.Tensor(labels)).asnumpy()) for _ in range(3)]
    for rank in range(2):
        result = np.load(tmp_path / f"result{rank}.npz")
        np.testing.assert_allclose(result["losses"], losses, rtol=1e-5)
        for name, p in alone.parameters_and_names():  # weights, and the optimizer's means of the gradients
            np.testing.assert_allclose(result[name], p.asnumpy(), rtol=1e-3, atol=1e-5, err_msg=name)


@pytest.mark.slow
@pytest.mark.skipif(MSRUN is None, reason="no msrun on this system")
def test_vit_train_shared_by_two_processes(tmp_path, monkeypatch):
    """With clipping that bites: the losses of one process, and one set of files."""
    make_data(tmp_path / "data")
    train = ["train", "--data", "data", "--model", "vit_sample_patch8_64", "--epochs", "2", "--batch-size", "8"]
    train += ["--clip-norm", "0.1"]
    monkeypatch.chdir(tmp_path)
    assert main([*train, "--out", "alone"]) == 0
    run_together([str(Path(sys.executable).with_name("vit")), *train, "--out", "shared"], tmp_path)
    one, two = (np.genfromtxt(tmp_path / name / "log.csv", delimiter=",", names=True) for name in ("alone", "shared"))
    for column in ("epoch", "steps", "lr", "val_top1"):
        np.testing.assert_array_equal(one[column], two[column])
    np.testing.assert_allclose(one["train_loss"], two["train_loss"], atol=2e-4)
    weights = [load_file(tmp_path / name / "last.safetensors") for name in ("alone", "shared")]
    assert weights[0].keys() == weights[1].keys()
    for name in weights[0]:
        np.testing.assert_allclose(weights[0][name], weights[1][name], atol=3e-3, err_msg=name)
