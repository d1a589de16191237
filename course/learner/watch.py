"""Training before the learner's eyes: a bar, curves that grow, stopped by the interrupt button and gone on with later."""

import math
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from tqdm.auto import tqdm

from course.language import say
from vit.checkpoint import Progress, has_state, load_state, previous_state, save_state
from vit.runtime.errors import UserError
from vit.runtime.paths import shown
from vit.runtime.signals import CtrlC
from vit.training import Step, train


@dataclass
class Curves:
    """What is known of a run: the loss of each step, the accuracy after each epoch."""

    steps: int  # of an epoch
    epochs: int  # in all
    classes: int
    losses: list = field(default_factory=list)
    accuracies: list = field(default_factory=list)
    seconds: float = 0.0  # spent in training steps

    @property
    def finished(self) -> bool:
        return len(self.accuracies) >= self.epochs

    def draw(self) -> Figure:
        figure = Figure(figsize=(9, 2.9), layout="constrained")
        left, right = figure.subplots(1, 2)
        smooth = np.convolve(self.losses, np.ones(25) / 25, "valid") if len(self.losses) > 25 else []
        left.plot(self.losses, color="#cbd5e0", lw=0.6)
        left.plot(np.arange(len(smooth)) + 12, smooth, color="#0072B2", label=say("25 步的平均", "mean of 25"))
        guess = math.log(self.classes)
        left.axhline(guess, ls="--", color="#718096", lw=1, label=say("瞎猜：log K", "guessing: log K"))
        left.set(title=say("训练损失", "training loss"), xlim=(0, self.steps * self.epochs), ylim=(0, guess * 1.25))
        left.set_xlabel(say("步", "step"))
        left.legend(frameon=False, fontsize=8)
        right.plot(range(1, len(self.accuracies) + 1), self.accuracies, "o-", color="#009E73")
        right.axhline(1 / self.classes, ls="--", color="#718096", lw=1)
        right.set(
            title=say("验证集准确率（虚线：瞎猜）", "top-1 on val (dashed: guessing)"), xlim=(0.5, self.epochs + 0.5)
        )
        right.set(xlabel=say("轮", "epoch"), ylim=(0, 1))
        return figure


def epochs_wanted(usual: int) -> int:
    """As many as usual, or VIT_EPOCHS: for a quick look, a class in a hurry, a test."""
    wanted = os.environ.get("VIT_EPOCHS", str(usual))
    if not (wanted.isascii() and wanted.isdigit() and int(wanted) > 0):
        raise UserError(
            say(f"VIT_EPOCHS 应是正整数，不是 {wanted!r}", f"VIT_EPOCHS is a positive whole number, not {wanted!r}")
        )
    return int(wanted)


def watched(
    step: Step, batches: Callable[[int], Iterable], accuracy: Callable[[], float], curves: Curves, state: Path
) -> Curves:
    """Train to the end, or until the interrupt button; run again, it goes on.

    Args:
        step: what `make_train_step` returns.
        batches: epoch -> the batches (images, labels) of that epoch.
        accuracy: measures the network as it is.
        curves: new ones; with what an earlier run has done, where there is a state of it.
        state: a file that is rewritten after each epoch.

    Returns:
        The curves. A state of another run (other length, other classes) is left aside, and it is said.
    """
    settings = {"epochs": curves.epochs, "steps": curves.steps, "classes": curves.classes}
    begun = _go_on(step, curves, state, settings)
    screen = display(curves.draw(), display_id=True)
    with CtrlC() as ctrl_c:
        for epoch in range(begun, curves.epochs):
            title = say(f"第 {epoch + 1}/{curves.epochs} 轮", f"epoch {epoch + 1} of {curves.epochs}")
            start, losses = time.perf_counter(), []
            for loss in tqdm(train(step, batches(epoch)), total=curves.steps, desc=title, leave=False):
                losses.append(loss)
                if ctrl_c.heard:
                    break
            if ctrl_c.heard:
                print(
                    say(
                        f"停在第 {epoch + 1} 轮；再运行这个单元，从这一轮的开头接着训练",
                        f"stopped in epoch {epoch + 1}; run the cell again to go on from the beginning of that epoch",
                    )
                )
                break
            curves.losses += losses
            curves.seconds += time.perf_counter() - start
            curves.accuracies.append(accuracy())
            done = {"epoch": epoch + 1, "seconds": curves.seconds, "losses": (curves.losses, curves.accuracies)}
            save_state(state, step.cell, Progress(**done), settings)
            if screen is not None:
                screen.update(curves.draw())
    return curves


def _go_on(step: Step, curves: Curves, state: Path, settings: dict) -> int:
    """Put an earlier run back, if there is one that fits; returns the epochs it has done."""
    if not has_state(state):
        return 0
    try:
        progress = load_state(state, step.cell, settings)
    except UserError:  # other settings, another class of step, or damaged
        for old in (state, previous_state(state)):
            if old.is_file():
                os.replace(old, old.with_suffix(".other"))
        print(
            say(
                f"{shown(state)} 是另一次训练的（设置或类不同），已放到一边，从头开始",
                f"{shown(state)} is of another run (other settings or classes); it is put aside, and this one begins anew",
            )
        )
        return 0
    curves.losses[:], curves.accuracies[:] = progress.losses
    curves.seconds = progress.seconds
    print(say(f"接着训练：已完成 {progress.epoch} 轮", f"going on: {progress.epoch} epochs are done"))
    return progress.epoch
