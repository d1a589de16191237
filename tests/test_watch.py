"""Training watched in a notebook: what has changed begins a new run, what has not goes on; `tests/test_run.py` has the rest."""

import os
import signal

import mindspore as ms
import numpy as np
import pytest

from course.learner.watch import Curves, epochs_wanted, watched
from vit.config import ViTConfig
from vit.data.labels import Labelled
from vit.model import ViT
from vit.optimizer import warmup_cosine
from vit.runtime.errors import UserError
from vit.training import TrainStep, make_train_step

CONFIG = ViTConfig(16, 8, num_classes=3, embed_dim=12, depth=1, num_heads=3)
STEPS, EPOCHS = 3, 2


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """Nothing is compiled: it is the loop that is looked at."""
    from contextlib import nullcontext

    from vit import training

    monkeypatch.setattr(training, "in_graph_mode", nullcontext)


def new_step(peak=1e-2, seed=0, kind=TrainStep, **options):
    ms.set_seed(seed)
    return make_train_step(ViT(CONFIG), warmup_cosine(peak, STEPS * EPOCHS, 2), kind=kind, **options)


def batches_of(size=4, scale=1.0, stop_at=None):
    def batches(epoch, skip=0):
        rng = np.random.default_rng(epoch)
        for number in range(STEPS):
            images, labels = rng.normal(0, scale, (size, 3, 16, 16)).astype(np.float32), rng.integers(0, 3, size)
            if number < skip:
                continue
            if (epoch, number) == stop_at:
                os.kill(os.getpid(), signal.SIGINT)
            yield images, labels

    return batches


def pictures_of(tmp_path, labels=(0, 1, 2)):
    return Labelled([tmp_path / "train" / "a" / f"{i}.jpg" for i in range(len(labels))], list(labels), {})


def run(tmp_path, step, batches=None, pictures=None, epochs=EPOCHS):
    curves, state = Curves(STEPS, epochs, 3), tmp_path / "training.safetensors"
    return watched(step, pictures or pictures_of(tmp_path), batches or batches_of(), lambda: 0.5, curves, state)


def head(step):
    return step.cell.model.head.weight.asnumpy().copy()


@pytest.mark.parametrize("stop_at", [(0, 1), (1, 2)])
def test_stopped_and_gone_on_with_it_ends_where_an_unbroken_run_ends(tmp_path, capsys, stop_at):
    whole, broken = new_step(), new_step()
    unbroken = run(tmp_path / "one", whole)
    stopped = run(tmp_path / "two", broken, batches_of(stop_at=stop_at))
    assert not stopped.finished
    assert len(stopped.losses) == stop_at[0] * STEPS + stop_at[1] + 1
    assert "stopped; run the cell again" in capsys.readouterr().out
    for step in (broken, new_step()):  # in the same kernel; the second time, nothing is left to do
        curves = run(tmp_path / "two", step)
        assert "going on" in capsys.readouterr().out
        assert curves.losses == unbroken.losses
        np.testing.assert_array_equal(head(step), head(whole))


class Other(TrainStep):
    def construct(self, images, labels):
        return super().construct(images, labels)


def test_whatever_is_changed_begins_a_new_run_and_says_so(tmp_path, capsys):
    """Decay, peak, betas, clipping, seed, class, crops, batch size, labels, epochs: nothing old passes for new."""
    changes = {
        "weight decay": {"step": new_step(weight_decay=0.2)},
        "the learning rate": {"step": new_step(2e-2)},
        "betas": {"step": new_step(betas=(0.9, 0.9))},
        "clipping": {"step": new_step(clip_norm=0.1)},
        "label smoothing": {"step": new_step(label_smoothing=0.1)},
        "the parameters to start from": {"step": new_step(seed=1)},
        "the text of a class": {"step": new_step(kind=Other)},
        "the batches": {"batches": batches_of(scale=0.9)},
        "the batches ": {"batches": batches_of(size=5)},
        "the pictures": {"pictures": pictures_of(tmp_path, (0, 2, 1))},
        "the number of epochs": {"epochs": 1},
    }
    for number, (name, change) in enumerate(changes.items()):
        home = tmp_path / str(number)
        first = run(home, new_step())
        kept = (home / "training.safetensors").read_bytes()
        capsys.readouterr()
        arguments = {"step": new_step()} | change
        curves = run(home, **arguments)
        said = capsys.readouterr().out
        assert name.strip() in said, said
        assert "A new training begins" in said
        assert curves.finished
        assert curves.losses != first.losses or name in ("the pictures", "the number of epochs", "the text of a class")
        assert (home / "training.other").read_bytes() == kept
        fresh = {"step": new_step()} | change
        assert "going on" in (run(home, **fresh), capsys.readouterr().out)[1]  # it is that run now


def test_a_damaged_state_is_put_aside(tmp_path, capsys):
    run(tmp_path, new_step())
    for file in tmp_path.glob("*.safetensors"):
        file.write_bytes(b"damaged")
    assert run(tmp_path, new_step()).finished
    assert "A new training begins" in capsys.readouterr().out
    assert (tmp_path / "training.other").read_bytes() == b"damaged"


def test_state_gone_and_the_step_not_made_anew(tmp_path):
    step = new_step()
    run(tmp_path, step)
    for file in tmp_path.glob("*.safetensors"):
        file.unlink()
    with pytest.raises(UserError, match="make network and step anew"):
        run(tmp_path, step)


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
