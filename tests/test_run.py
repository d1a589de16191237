"""The one loop: stopped anywhere, killed anywhere, run again with other numbers, by two at once."""

import os
import signal
from contextlib import contextmanager

import mindspore as ms
import numpy as np
import pytest

from vit.runtime.errors import UserError
from vit.runtime.signals import CtrlC
from vit.training import train
from vit.training.run import Run, Stopped
from vit.training.state import Damaged, OtherRun, Progress, load_state, previous_state, save_state

STEPS, EPOCHS = 4, 3


class Cell:
    """As much of a training step as a run needs: parameters, one of them a single number."""

    def __init__(self, value=1.0):
        self.weight = ms.Parameter(ms.Tensor([value, 2 * value], ms.float32), name="weight")
        self.steps = ms.Parameter(ms.Tensor(0, ms.int32), name="adamw_steps")

    def cells_and_names(self):
        return []

    def parameters_and_names(self):
        return [("weight", self.weight), ("optimizer.adamw_steps", self.steps)]

    def values(self):
        return [p.asnumpy().tolist() for _, p in self.parameters_and_names()]


def step_of(cell):
    """Each loss depends on every batch before, and on the count of steps."""

    def step(images, labels):
        count = int(cell.steps.asnumpy())
        weight = cell.weight.asnumpy() * np.float32(0.9) + images * np.float32(1 + count) + labels
        cell.weight.set_data(ms.Tensor(weight))
        cell.steps.set_data(ms.Tensor(count + 1, ms.int32))
        return ms.Tensor(weight.sum())

    return step


def batches(epoch, skip):
    rng = np.random.default_rng(epoch)
    every = [(rng.normal(size=2).astype(np.float32), np.float32(rng.normal())) for _ in range(STEPS)]
    yield from every[skip:]


def go(state, cell, at=None, act=None, resume=None, settings=None):
    """Run to the end; `act` is called at the moment `at`: (epoch, batch), or (epoch, "evaluation")."""

    def watched(epoch, skip):
        for number, batch in enumerate(batches(epoch, skip), skip):
            if (epoch, number) == at:
                act()
            yield batch

    run = Run(cell, watched, epochs=EPOCHS, steps=STEPS, state=state, settings=settings or {"lr": 1}, resume=resume)
    with run:
        for epoch in run:
            for loss in train(step_of(cell), epoch):
                epoch.note(loss)
            if (epoch.number, "evaluation") == at:
                act()
            epoch.end(losses=list(epoch.losses), top1=float(cell.weight.asnumpy()[0]))
    return run


@pytest.fixture
def whole(tmp_path):
    """An unbroken run: its rows and its parameters."""
    cell = Cell()
    return go(tmp_path / "whole" / "state.safetensors", cell).rows, cell.values()


def press():
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("kind", ["stopped", "failed", "failed in the same kernel"])
def test_broken_off_anywhere_it_ends_as_an_unbroken_run(tmp_path, whole, kind):
    """To the bit. The first epoch and the evaluation are no exceptions."""

    def fail():
        raise ZeroDivisionError

    moments = [(epoch, place) for epoch in range(EPOCHS) for place in (*range(STEPS), "evaluation")]
    for number, at in enumerate(moments):
        state, cell = tmp_path / str(number) / "state.safetensors", Cell()
        with pytest.raises(Stopped if kind == "stopped" else ZeroDivisionError):
            go(state, cell, at, press if kind == "stopped" else fail)
        again = cell if kind == "failed in the same kernel" else Cell()
        assert (go(state, again).rows, again.values()) == whole, at
        third = Cell()  # and once more: nothing to do, the trained parameters are back
        assert (go(state, third).rows, third.values()) == whole


def test_a_second_and_a_third_ctrl_c_while_the_state_is_written_lose_nothing(tmp_path, whole, monkeypatch):
    from vit.training import run as run_module

    def saved(*arguments):
        press()
        save_state(*arguments)
        press()

    state = tmp_path / "state.safetensors"
    with monkeypatch.context() as patch:
        patch.setattr(run_module, "save_state", saved)
        with pytest.raises(Stopped):
            go(state, Cell(), (1, 1), press)
    cell = Cell()
    assert (go(state, cell).rows, cell.values()) == whole


class Killed(BaseException):
    """Nothing catches it."""


@contextmanager
def killed_at(number):
    """The process ends just before its `number`-th rename or link, counted from 1; yields how many there were."""
    counts, real = [0], {name: getattr(os, name) for name in ("replace", "link")}

    def counted(name):
        def call(*arguments, **options):
            counts[0] += 1
            if counts[0] == number:
                raise Killed
            return real[name](*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in real:
            patch.setattr(os, name, counted(name))
        yield counts


def test_killed_at_any_rename_it_ends_as_an_unbroken_run(tmp_path, whole):
    with killed_at(0) as counts:
        go(tmp_path / "count" / "state.safetensors", Cell())
    assert counts[0] > 15
    for number in range(1, counts[0] + 1):
        state, cell = tmp_path / str(number) / "state.safetensors", Cell()
        with killed_at(number), pytest.raises(Killed):
            go(state, Cell())
        leftover = state.with_name(".state-abcd_123.safetensors")  # a real kill cleans nothing up
        leftover.write_text("half")
        assert (go(state, cell).rows, cell.values()) == whole, number
        assert not leftover.exists()


def test_other_settings_are_named_and_nothing_changes(tmp_path):
    state = tmp_path / "state.safetensors"
    go(state, Cell(), settings={"lr": 1, "classes": "a"})
    before, cell = state.read_bytes(), Cell()
    with pytest.raises(OtherRun, match="lr was 1, now 2") as error:
        go(state, cell, settings={"lr": 2, "classes": "a"})
    assert error.value.changes == {"lr": (1, 2)}
    assert (state.read_bytes(), cell.values()) == (before, Cell().values())


def test_two_at_once_are_one_too_many(tmp_path):
    state = tmp_path / "state.safetensors"

    def second():
        with pytest.raises(UserError, match="another process is training here"):
            go(state, Cell())

    go(state, Cell(), (1, 1), second)
    go(state, Cell())  # the lock is gone with the run


def test_other_kernels_are_said_and_gone_on_with(tmp_path, capsys):
    state = tmp_path / "state.safetensors"
    with pytest.raises(Stopped):
        go(state, Cell(), (1, 2), press, settings={"lr": 1, "kernels": "fused 12ab"})
    assert "kernels" not in capsys.readouterr().err
    go(state, Cell(), settings={"lr": 1, "kernels": "written out"})
    assert "kernels were fused 12ab, now written out" in capsys.readouterr().err


def test_a_run_is_begun_or_resumed_as_was_asked(tmp_path):
    state = tmp_path / "state.safetensors"
    with pytest.raises(UserError, match="no run to resume"):
        go(state, Cell(), resume=True)
    go(state, Cell(), resume=False)
    with pytest.raises(UserError, match="holds a run already"):
        go(state, Cell(), resume=False)
    go(state, Cell(), resume=True)


def test_a_trained_network_whose_state_is_gone_does_not_pass_for_a_new_one(tmp_path):
    state, cell = tmp_path / "state.safetensors", Cell()
    go(state, cell)
    state.unlink()
    previous_state(state).unlink()
    with pytest.raises(UserError, match="trained for 12 steps"):
        go(state, cell)


@pytest.mark.parametrize("damage", ["cut", "gone", "noise"])
def test_a_damaged_state_gives_way_to_the_one_before(tmp_path, capsys, damage, whole):
    state = tmp_path / "state.safetensors"
    go(state, Cell())
    if damage == "gone":
        state.unlink()
    else:
        state.write_bytes(state.read_bytes()[:40] if damage == "cut" else b"\xff" * 200)
    cell = Cell()
    assert (go(state, cell).rows, cell.values()) == whole
    assert "going on from the state before, after epoch 2" in capsys.readouterr().err
    for path in (state, previous_state(state)):
        path.write_bytes(b"")
    with pytest.raises(Damaged):
        go(state, cell)


def test_a_state_goes_round_and_round(tmp_path):
    path, cell = tmp_path / "state.safetensors", Cell(3)
    for _ in range(3):
        save_state(path, cell, Progress(epoch=1), {})
        cell = Cell(0)
        assert load_state(path, cell, {}).epoch == 1
        assert (cell.steps.shape, cell.values()) == ((), [[3.0, 6.0], 0])


def test_signals_are_noted_and_where_wanted_obeyed_once():
    with CtrlC() as ctrl_c:
        press()
        os.kill(os.getpid(), signal.SIGTERM)
        assert ctrl_c.heard
    with CtrlC() as ctrl_c:
        with pytest.raises(KeyboardInterrupt), ctrl_c.obeyed():
            press()
        with ctrl_c.obeyed() if not ctrl_c.heard else pytest.raises(KeyboardInterrupt), ctrl_c.obeyed():
            pass
    with CtrlC() as ctrl_c, ctrl_c.obeyed():
        try:
            press()
        except KeyboardInterrupt:
            press()  # while the first is being obeyed
