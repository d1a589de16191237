"""Training watched in a notebook: stopped by the interrupt button it goes on, and ends where an unbroken run ends."""

import os
import signal

import mindspore as ms
import numpy as np
import pytest

from course.learner.watch import Curves, epochs_wanted, watched
from vit.config import ViTConfig
from vit.model import ViT
from vit.optimizer import warmup_cosine
from vit.runtime.errors import UserError
from vit.training import make_train_step

CONFIG = ViTConfig(16, 8, num_classes=3, embed_dim=12, depth=1, num_heads=3)
STEPS, EPOCHS = 4, 3


def new_step():
    ms.set_seed(0)
    return make_train_step(ViT(CONFIG), warmup_cosine(1e-2, STEPS * EPOCHS, 2))


def batches(epoch, stop_at=None):
    rng = np.random.default_rng(epoch)
    for number in range(STEPS):
        if (epoch, number) == stop_at:
            os.kill(os.getpid(), signal.SIGINT)
        yield rng.normal(size=(4, 3, 16, 16)).astype(np.float32), rng.integers(0, 3, 4)


def values(step):
    return {name: parameter.asnumpy().copy() for name, parameter in step.cell.parameters_and_names()}


def run(step, state, stop_at=None):
    curves = Curves(STEPS, EPOCHS, 3)
    return watched(step, lambda epoch: batches(epoch, stop_at), lambda: 0.5, curves, state)


def test_stopped_and_gone_on_with_it_ends_where_an_unbroken_run_ends(tmp_path, capsys):
    whole = new_step()
    unbroken = run(whole, tmp_path / "one.safetensors")
    assert unbroken.finished
    state = tmp_path / "two.safetensors"
    stopped = run(new_step(), state, stop_at=(1, 2))
    assert not stopped.finished
    assert len(stopped.losses) == STEPS
    assert "stopped in epoch 2" in capsys.readouterr().out
    resumed = new_step()  # the kernel was restarted
    curves = run(resumed, state)
    assert "1 epochs are done" in capsys.readouterr().out
    assert curves.finished
    # to the bit in `tests/test_survival.py`; here kernels may still be trying numbers of threads
    np.testing.assert_allclose(curves.losses, unbroken.losses, rtol=1e-5)
    for name, value in values(whole).items():
        np.testing.assert_allclose(values(resumed)[name], value, rtol=1e-4, atol=1e-6)
    again = new_step()  # the cell run once more: nothing to do, and the network is the trained one
    assert run(again, state).losses == curves.losses
    np.testing.assert_array_equal(values(again)["model.head.weight"], values(resumed)["model.head.weight"])


@pytest.mark.parametrize("what", ["other settings", "damaged"])
def test_a_state_that_does_not_fit_is_put_aside(tmp_path, capsys, what):
    state = tmp_path / "state.safetensors"
    run(new_step(), state)
    kept = state.read_bytes()
    if what == "damaged":
        for file in tmp_path.glob("*.safetensors"):
            file.write_bytes(b"damaged")
        kept = b"damaged"
    curves = Curves(STEPS, 1, 3) if what == "other settings" else Curves(STEPS, EPOCHS, 3)
    watched(new_step(), batches, lambda: 0.5, curves, state)
    assert "put aside" in capsys.readouterr().out
    assert state.with_suffix(".other").read_bytes() == kept
    assert curves.finished


def test_the_figure_knows_guessing_and_the_accuracies():
    curves = Curves(10, 3, 10, losses=[2.3] * 30, accuracies=[0.4, 0.6, 0.7], seconds=1.0)
    left, right = curves.draw().axes
    assert left.get_lines()[2].get_ydata()[0] == pytest.approx(np.log(10))
    assert list(right.get_lines()[0].get_ydata()) == [0.4, 0.6, 0.7]


def test_fewer_epochs_by_the_environment(monkeypatch):
    assert epochs_wanted(12) == 12
    monkeypatch.setenv("VIT_EPOCHS", "1")
    assert epochs_wanted(12) == 1
    for nonsense in ("0", "-1", "many", ""):
        monkeypatch.setenv("VIT_EPOCHS", nonsense)
        with pytest.raises(UserError, match="positive whole number"):
            epochs_wanted(12)
