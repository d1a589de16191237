"""Training before the learner's eyes: a bar, curves that grow, stopped by the interrupt button and gone on with later."""

import math
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType

import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from tqdm.auto import tqdm

from course.language import say
from course.learner.home import epochs_folder, training_state
from vit.config import ViTConfig
from vit.data.labels import Labelled
from vit.kernels import chosen
from vit.runtime.digest import digest
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.paths import shown
from vit.training import Step, train
from vit.training.run import Epoch, Run, Stopped
from vit.training.state import Damaged, OtherRun, previous_state
from vit.weights import save_model


@dataclass
class Curves:
    """What is known of a run: the loss of each step; after each epoch, loss and accuracy on the validation set."""

    steps: int  # of an epoch
    epochs: int  # in all
    classes: int
    losses: list = field(default_factory=list)
    val_losses: list = field(default_factory=list)
    accuracies: list = field(default_factory=list)
    seconds: float = 0.0  # spent in training steps

    @property
    def finished(self) -> bool:
        return len(self.accuracies) >= self.epochs

    def take(self, run: Run) -> None:
        """As far as the run has come."""
        self.losses = [loss for row in run.rows for loss in row["losses"]] + run.progress.losses
        self.val_losses = [row["val_loss"] for row in run.rows]
        self.accuracies = [row["top1"] for row in run.rows]
        self.seconds = run.progress.seconds

    def draw(self) -> Figure:
        figure = Figure(figsize=(9, 2.9), layout="constrained")
        left, right = figure.subplots(1, 2)
        smooth = np.convolve(self.losses, np.ones(25) / 25, "valid") if len(self.losses) > 25 else []
        left.plot(self.losses, color="#cbd5e0", lw=0.6)
        left.plot(
            np.arange(len(smooth)) + 12, smooth, color="#0072B2", label=say("训练，25 步的平均", "training, mean of 25")
        )
        guess = math.log(self.classes)
        left.axhline(guess, ls="--", color="#718096", lw=1, label=say("瞎猜：log K", "guessing: log K"))
        ends = self.steps * np.arange(1, len(self.val_losses) + 1)
        left.plot(ends, self.val_losses, "o-", color="#009E73", ms=4, label=say("验证集", "validation"))
        left.set(title=say("损失", "loss"), xlim=(0, self.steps * self.epochs), ylim=(0, guess * 1.25))
        left.set_xlabel(say("步", "step"))
        left.legend(frameon=False, fontsize=8)
        right.plot(range(1, len(self.accuracies) + 1), self.accuracies, "o-", color="#009E73")
        right.axhline(1 / self.classes, ls="--", color="#718096", lw=1)
        right.set(
            title=say("验证集准确率（虚线：瞎猜）", "top-1 on val (dashed: guessing)"), xlim=(0.5, self.epochs + 0.5)
        )
        right.set(xlabel=say("轮", "epoch"), ylim=(0, 1))
        return figure


class Watched:
    """A run as a learner's loop sees it: its epochs show a bar, and the figure grows at the end of each."""

    def __init__(self, run: Run, curves: Curves, screen):
        self.run, self.curves, self.screen = run, curves, screen

    @property
    def rows(self) -> list[dict]:
        """What `end` was told of each finished epoch."""
        return self.run.rows

    def __iter__(self) -> Iterator["WatchedEpoch"]:
        for epoch in self.run:
            yield WatchedEpoch(epoch, self)
            if self.run.progress.epoch == epoch.number:
                raise UserError(say("循环没有调用 epoch.end(…)", "the loop has not called epoch.end(...)"))


class WatchedEpoch:
    """One epoch: iterated, it gives the batches not done yet."""

    def __init__(self, epoch: Epoch, watched: Watched):
        self.epoch, self.watched = epoch, watched

    def __iter__(self) -> Iterator:
        curves, number = self.watched.curves, self.epoch.number + 1
        title = say(f"第 {number}/{curves.epochs} 轮", f"epoch {number} of {curves.epochs}")
        yield from tqdm(self.epoch, initial=self.epoch.first, total=curves.steps, desc=title, leave=False)

    def note(self, loss: float) -> None:
        """The loss of the batch just given out."""
        if not math.isfinite(loss):
            raise RunFailed(say(f"损失是 {loss}", f"the loss is {loss}"))
        self.epoch.note(float(loss))

    def end(self, val_loss: float, top1: float) -> None:
        """All batches are through, and so is the evaluation."""
        curves, batches = self.watched.curves, len(self.epoch.losses)
        if batches != curves.steps:
            raise UserError(
                say(
                    f"这一轮记下了 {batches} 个损失，应当是 {curves.steps} 个",
                    f"{batches} losses of this epoch were noted; there should be {curves.steps}",
                )
            )
        self.epoch.end(losses=self.epoch.losses, val_loss=float(val_loss), top1=float(top1))
        _snapshot(self.watched.run, number=self.epoch.number + 1)
        curves.take(self.watched.run)
        if self.watched.screen is not None:
            self.watched.screen.update(curves.draw())


def _snapshot(run: Run, number: int) -> None:
    """The network after an epoch, for the explorer; of the learner's own training only."""
    networks = (part for _, part in run.cell.cells_and_names() if isinstance(getattr(part, "config", None), ViTConfig))
    model = next(networks, None)
    if run.state != training_state() or model is None:
        return
    if number == 1:
        shutil.rmtree(epochs_folder(), ignore_errors=True)
    save_model(model, epochs_folder() / f"{number:02}.safetensors")


def watch(
    fit: Callable[[Watched, Step, Callable, Callable], object],
    step: Step,
    batches: Callable[[int, int], Iterable],
    validate: Callable[[], tuple[float, float]],
    keep: Callable[[], None],
    curves: Curves,
    pictures: Labelled,
    state: Path | None = None,
) -> Curves:
    """Let a loop train to the end, or until the interrupt button; run again, it goes on.

    Args:
        fit: the loop, which is called with a run, `step`, `validate` and `keep`.
        step: what `make_train_step` returns.
        batches: (epoch, skip) -> the batches (images, labels) of that epoch, without the first `skip`.
        validate: loss and accuracy on the validation set.
        keep: keeps the parameters as they are.
        curves: filled with what this run, and an earlier one that it goes on with, has done.
        pictures: what is trained on.
        state: the file that keeps the run; default: the learner's.

    Returns:
        The curves. A state that was made with other numbers, classes or pictures, or another loop, is put aside, and
        it is said: what has changed begins anew.

    Raises:
        UserError: this network was trained already, and the state of that training is gone; the loop leaves something
            out.
        RunFailed: the loss is no longer a number.
    """
    state = state or training_state()
    settings = step.settings | {
        "pictures": pictures.digest,
        "batches": digest(*next(iter(batches(0, 0)))),  # the first one tells the crops, their order, their number
        "labels": curves.classes,
        "loop": digest(*_program(fit.__code__)),
    }
    run = Run(step.cell, batches, epochs=curves.epochs, steps=curves.steps, state=state, settings=settings)

    def loop(watched: Watched) -> None:
        fit(watched, step, validate, keep)

    try:
        _watch(run, loop, curves)
    except (OtherRun, Damaged) as error:
        _put_aside(state, error)
        _watch(run, loop, curves)
    return curves


def _program(code: CodeType) -> list:
    """What decides what a function does, with the functions and comprehensions inside it."""
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    plain = [const for const in code.co_consts if not isinstance(const, CodeType)]
    return [code.co_code, repr((code.co_names, plain)), *(part for one in inner for part in _program(one))]


def watched(step: Step, pictures: Labelled, batches, accuracy: Callable[[], float], curves: Curves, state: Path):
    """As copies of lesson 07 from before 0.4.0 call it: the loop is the course's."""

    def fit(run, step, validate, keep):
        for epoch in run:
            for loss in train(step, epoch):
                epoch.note(loss)
            epoch.end(*validate())

    return watch(fit, step, batches, lambda: (math.nan, accuracy()), lambda: None, curves, pictures, state)


def _watch(run: Run, loop, curves: Curves) -> None:
    try:
        with run:
            curves.take(run)
            print(chosen().sentence)
            if run.progress.epoch or run.progress.batch:
                print(_how_far(run))
            loop(Watched(run, curves, display(curves.draw(), display_id=True)))
    except Stopped as stopped:
        curves.take(run)
        print(stopped)


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
        "loop": say("训练循环", "the loop"),
    }.get(setting, setting)
