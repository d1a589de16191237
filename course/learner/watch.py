"""Training before the learner's eyes: a bar, curves that grow, stopped by the interrupt button and gone on with later."""

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from tqdm.auto import tqdm

from course.language import say
from vit.data.labels import Labelled
from vit.kernels import chosen
from vit.runtime.digest import digest
from vit.runtime.errors import UserError
from vit.runtime.paths import shown
from vit.training import Step, train
from vit.training.run import Epoch, Run, Stopped
from vit.training.state import Damaged, OtherRun, previous_state


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

    def take(self, run: Run) -> None:
        """As far as the run has come."""
        self.losses = [loss for row in run.rows for loss in row["losses"]] + run.progress.losses
        self.accuracies = [row["top1"] for row in run.rows]
        self.seconds = run.progress.seconds

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


def watched(
    step: Step,
    pictures: Labelled,
    batches: Callable[[int, int], Iterable],
    accuracy: Callable[[], float],
    curves: Curves,
    state: Path,
) -> Curves:
    """Train to the end, or until the interrupt button; run again, it goes on.

    Args:
        step: what `make_train_step` returns.
        pictures: what is trained on.
        batches: (epoch, skip) -> the batches (images, labels) of that epoch, without the first `skip`.
        accuracy: measures the network as it is.
        curves: filled with what this run, and an earlier one that it goes on with, has done.
        state: the file that keeps the run.

    Returns:
        The curves. A state that was made with other numbers, classes or pictures is put aside, and it is said: what
        has changed begins anew.

    Raises:
        UserError: this network was trained already, and the state of that training is gone.
    """
    settings = step.settings | {
        "pictures": pictures.digest,
        "batches": digest(*next(iter(batches(0, 0)))),  # the first one tells the crops, their order, their number
        "labels": curves.classes,
    }
    run = Run(step.cell, batches, epochs=curves.epochs, steps=curves.steps, state=state, settings=settings)
    try:
        _watch(run, step, accuracy, curves)
    except (OtherRun, Damaged) as error:
        _put_aside(state, error)
        _watch(run, step, accuracy, curves)
    return curves


def _watch(run: Run, step: Step, accuracy, curves: Curves) -> None:
    try:
        with run:
            curves.take(run)
            print(chosen().sentence)
            if run.progress.epoch or run.progress.batch:
                print(_how_far(run))
            screen = display(curves.draw(), display_id=True)
            for epoch in run:
                _one(epoch, step, curves)
                epoch.end(losses=epoch.losses, top1=accuracy())
                curves.take(run)
                if screen is not None:
                    screen.update(curves.draw())
    except Stopped:
        curves.take(run)
        print(say("已停下；再运行这个单元格，就从这里接着训练", "stopped; run the cell again to go on from here"))


def _one(epoch: Epoch, step: Step, curves: Curves) -> None:
    title = say(f"第 {epoch.number + 1}/{curves.epochs} 轮", f"epoch {epoch.number + 1} of {curves.epochs}")
    for loss in tqdm(train(step, epoch), initial=epoch.first, total=curves.steps, desc=title, leave=False):
        epoch.note(loss)


def _how_far(run: Run) -> str:
    done = run.progress
    batches = say(f"，又 {done.batch} 步", f" and {done.batch} steps") if done.batch else ""
    return say(f"接着训练：已完成 {done.epoch} 轮", f"going on: done are {done.epoch} epochs") + batches


def _put_aside(state: Path, error: UserError) -> None:
    for old in (state, previous_state(state)):
        if old.is_file():
            os.replace(old, old.with_suffix(".other"))
    if isinstance(error, OtherRun):
        names = say("、", ", ").join(map(_name, error.changes))
        why = say(f"与之前那次训练不同：{names}", f"other than in the training before: {names}")
    else:
        why = str(error)
    kept = shown(state.with_suffix(".other"))
    print(
        say(
            f"{why}。从头开始一次新的训练；之前的留在 {kept}",
            f"{why}. A new training begins; the one before is kept in {kept}",
        )
    )


def _name(setting: str) -> str:
    """A setting in words, where its own name is none."""
    return {
        "classes": say("类的代码", "the text of a class"),
        "start": say("初始参数（或种子）", "the parameters to start from (or the seed)"),
        "lr": say("学习率", "the learning rate"),
        "weight_decay": say("权重衰减", "weight decay"),
        "clip_norm": say("梯度裁剪", "clipping"),
        "label_smoothing": say("标签平滑", "label smoothing"),
        "pictures": say("图片", "the pictures"),
        "batches": say("批次（大小、裁剪、翻转）", "the batches (size, crops, flips)"),
        "epochs": say("轮数", "the number of epochs"),
        "steps": say("每轮的步数", "the steps of an epoch"),
        "labels": say("类别数", "the number of classes"),
    }.get(setting, setting)
