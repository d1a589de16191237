"""Training watched in a notebook: what has changed begins a new run, what has not goes on; `tests/test_run.py` has the rest."""

import os
import signal

import mindspore as ms
import numpy as np
import pytest
from test_run import Cell, step_of

from course.learner.watch import Curves, watch, watched
from vit.config import ViTConfig
from vit.data.labels import Labelled
from vit.model import ViT
from vit.runtime.errors import RunFailed, UserError
from vit.training import TrainStep, make_train_step
from vit.training.optimizer import warmup_cosine

STEPS, EPOCHS = 3, 2


class Step:
    """As much of `make_train_step`'s as is watched."""

    def __init__(self, **changes):
        self.cell, self.settings = Cell(), {"lr": "1e-2", "weight_decay": 0.3, "classes": "a1", "start": "b2"} | changes
        self.take = step_of(self.cell)

    def __call__(self, images, labels):
        return self.take(images.mean((0, 1, 2))[:2], np.float32(labels.sum()))


def batches_of(size=4, scale=1.0, stop_at=None):
    def batches(epoch, skip=0):
        rng = np.random.default_rng(epoch)
        for number in range(STEPS):
            images, labels = rng.normal(0, scale, (size, 2, 2, 2)).astype(np.float32), rng.integers(0, 3, size)
            if number < skip:
                continue
            if (epoch, number) == stop_at:
                os.kill(os.getpid(), signal.SIGINT)
            yield images, labels

    return batches


def pictures_of(tmp_path, labels=(0, 1, 2)):
    return Labelled([tmp_path / "train" / "a" / f"{i}.jpg" for i in range(len(labels))], list(labels), {})


def loop(run, step, validate, keep):
    """As a learner writes it."""
    for epoch in run:
        for images, labels in epoch:
            epoch.note(float(step(images, labels).asnumpy()))
        epoch.end(*validate())


def other_loop(run, step, validate, keep):
    """Its curve is twice as high."""
    for epoch in run:
        for images, labels in epoch:
            epoch.note(2 * float(step(images, labels).asnumpy()))
        epoch.end(*validate())


def other_inside(run, step, validate, keep):
    """As `loop`, but for a function inside it."""
    for epoch in run:
        for images, labels in epoch:
            epoch.note((lambda loss: 3 * float(loss))(step(images, labels).asnumpy()))
        epoch.end(*validate())


def run(tmp_path, step, batches=None, pictures=None, epochs=EPOCHS, fit=loop):
    curves, state = Curves(STEPS, epochs, 3), tmp_path / "training.safetensors"
    return watch(
        fit, step, batches or batches_of(), lambda: (1.5, 0.5), list, curves, pictures or pictures_of(tmp_path), state
    )


@pytest.mark.parametrize("stop_at", [(0, 1), (1, 2)])
def test_stopped_and_gone_on_with_it_ends_where_an_unbroken_run_ends(tmp_path, capsys, stop_at):
    whole, broken = Step(), Step()
    unbroken = run(tmp_path / "one", whole)
    stopped = run(tmp_path / "two", broken, batches_of(stop_at=stop_at))
    assert not stopped.finished
    assert len(stopped.losses) == stop_at[0] * STEPS + stop_at[1] + 1
    assert "stopped; run the cell again" in capsys.readouterr().out
    for step in (broken, Step()):  # in the same kernel; the second time, nothing is left to do
        curves = run(tmp_path / "two", step)
        assert "going on" in capsys.readouterr().out
        assert curves.losses == unbroken.losses
        assert step.cell.values() == whole.cell.values()


class Other(TrainStep):
    """A class of another text."""


def test_a_step_knows_all_that_decides_a_training():
    """Decay, peak, length, betas, clipping, smoothing, seed, class: each changes its settings, and nothing else does."""
    config = ViTConfig(16, 8, num_classes=3, embed_dim=12, depth=1, num_heads=3)

    def settings(peak=1e-2, steps=6, seed=0, kind=TrainStep, **options):
        ms.set_seed(seed)
        return make_train_step(ViT(config), warmup_cosine(peak, steps, 2), kind=kind, **options).settings

    usual = settings()
    assert settings() == usual
    for name, change in (
        ("lr", {"peak": 2e-2}),
        ("lr", {"steps": 7}),
        ("weight_decay", {"weight_decay": 0.2}),
        ("betas", {"betas": (0.9, 0.9)}),
        ("clip_norm", {"clip_norm": 0.1}),
        ("label_smoothing", {"label_smoothing": 0.1}),
        ("start", {"seed": 1}),
        ("classes", {"kind": Other}),
    ):
        other = settings(**change)
        assert [key for key in usual if usual[key] != other[key]] == [name]


def test_whatever_is_changed_begins_a_new_run_and_says_so(tmp_path, capsys):
    changes = {
        "weight decay": {"step": {"weight_decay": 0.2}},
        "the learning rate": {"step": {"lr": "2e-2"}},
        "the parameters to start from": {"step": {"start": "c3"}},
        "the text of a class": {"step": {"classes": "d4"}},
        "the batches": {"batches": batches_of(scale=0.9)},
        "the batches ": {"batches": batches_of(size=5)},
        "the pictures": {"pictures": pictures_of(tmp_path, (0, 2, 1))},
        "the number of epochs": {"epochs": 1},
        "the loop": {"fit": other_loop},
        "the loop ": {"fit": other_inside},
    }
    for number, (name, change) in enumerate(changes.items()):
        home = tmp_path / str(number)
        run(home, Step())
        kept = (home / "training.safetensors").read_bytes()
        capsys.readouterr()
        changed = Step(**change.pop("step", {}))
        curves = run(home, changed, **change)
        said = capsys.readouterr().out
        assert name.strip() in said, said
        assert "A new training begins" in said
        assert "going on" not in said
        assert curves.finished
        assert int(changed.cell.steps.asnumpy()) == STEPS * curves.epochs  # it was trained, and from the beginning
        assert (home / "training.other").read_bytes() == kept


def test_a_damaged_state_is_put_aside(tmp_path, capsys):
    run(tmp_path, Step())
    for file in tmp_path.glob("*.safetensors"):
        file.write_bytes(b"damaged")
    assert run(tmp_path, Step()).finished
    assert "A new training begins" in capsys.readouterr().out
    assert (tmp_path / "training.other").read_bytes() == b"damaged"


def test_state_gone_and_the_step_not_made_anew(tmp_path):
    step = Step()
    run(tmp_path, step)
    for file in tmp_path.glob("*.safetensors"):
        file.unlink()
    with pytest.raises(UserError, match="make network and step anew"):
        run(tmp_path, step)


def test_a_loop_that_leaves_something_out_is_told(tmp_path):
    def no_end(run, step, validate, keep):
        for epoch in run:
            for images, labels in epoch:
                epoch.note(float(step(images, labels).asnumpy()))

    def no_batches(run, step, validate, keep):
        for epoch in run:
            epoch.end(*validate())

    def no_number(run, step, validate, keep):
        for epoch in run:
            for images, labels in epoch:
                step(images, labels)
                epoch.note(float("nan"))

    for number, (fit, said) in enumerate(((no_end, "has not called"), (no_batches, "0 losses"), (no_number, "is nan"))):
        with pytest.raises((UserError, RunFailed), match=said):
            run(tmp_path / str(number), Step(), fit=fit)


def test_as_older_copies_of_the_lesson_call_it(tmp_path):
    curves, state = Curves(STEPS, EPOCHS, 3), tmp_path / "training.safetensors"
    watched(Step(), pictures_of(tmp_path), batches_of(), lambda: 0.5, curves, state)
    assert curves.accuracies == [0.5, 0.5]
    assert len(curves.losses) == STEPS * EPOCHS


def test_the_figure_knows_guessing_and_the_accuracies():
    curves = Curves(10, 3, 10, losses=[2.3] * 30, accuracies=[0.4, 0.6, 0.7], seconds=1.0)
    curves.val_losses = [1.5, 1.0, 0.9]
    left, right = curves.draw().axes
    assert left.get_lines()[2].get_ydata()[0] == pytest.approx(np.log(10))
    assert list(left.get_lines()[3].get_ydata()) == [1.5, 1.0, 0.9]
    assert list(right.get_lines()[0].get_ydata()) == [0.4, 0.6, 0.7]
