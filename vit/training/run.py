"""The one training loop that goes on: stopped, killed or run again, it ends as if nothing had been::

    with Run(step.cell, batches, epochs=12, steps=312, state="state.safetensors", settings={...}) as run:
        for epoch in run:  # those done before are not seen again
            for loss in train(step, epoch):  # nor the batches done before
                epoch.note(loss)
            epoch.end(top1=accuracy())

Ctrl-C is heard between two steps: the state is written and `Stopped` is raised. A state exists from before
the first step, and holds what is known of each finished epoch, so that nothing else must be written with it.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from filelock import FileLock, Timeout

from vit.runtime.atomic import remove_leftovers
from vit.runtime.errors import OneLine, UserError, reason
from vit.runtime.language import say
from vit.runtime.signals import CtrlC
from vit.training.state import Progress, has_state, load_state, previous_state, save_state


class Stopped(OneLine, KeyboardInterrupt):
    """Somebody stopped the run, and its state is on disk."""

    def __str__(self) -> str:
        return say("已停下；再运行这个单元格，就从这里接着训练", "stopped; run the cell again to go on from here")


def check_resume(state: Path, resume: bool | None) -> None:
    """Refuse to resume what is not there, and to begin where something is; None: either will do.

    Raises:
        UserError: with the mend.
    """
    out = Path(state).parent
    if resume and not has_state(state):
        raise UserError(
            say(f"{out}: 这里没有可以接着进行的训练；请从头开始", f"{out}: no run to resume here; start it anew")
        )
    if resume is False and has_state(state):
        raise UserError(
            say(
                f"{out}: 里面已经有一次训练；请接着训练（--resume），或者换一个文件夹",
                f"{out}: holds a run already; resume it, or choose another folder",
            )
        )


class Run:
    """A training, as far as it has come.

    Args:
        cell: the training step; its parameters, the optimizer's included, are what is kept.
        batches: (epoch, skip) -> the batches of that epoch, without its first `skip`; the same ones whenever asked.
        epochs: how many in all.
        steps: batches of an epoch.
        state: the file that is written at the start, at each stop, and twice an epoch: before the evaluation and
            after it.
        settings: all that decides the result, as JSON can hold it; a state with others is refused.
        resume: True: go on from the state, which must be there; False: begin, and there must be none; None: go on
            where there is one.
        writes: False in the processes of `msrun` that leave the files to the first.
        agree: makes "somebody wants to stop" out of "here somebody wants to stop", for several processes.

    Raises:
        UserError: on entering: the state is of another run or broken, another process is at work on it, or `cell`
            has been trained and the state of that training is gone.
    """

    def __init__(
        self,
        cell,
        batches: Callable[[int, int], Iterable],
        *,
        epochs: int,
        steps: int,
        state,
        settings: dict,
        resume: bool | None = None,
        writes: bool = True,
        agree: Callable[[bool], bool] = bool,
    ):
        self.cell, self.batches, self.epochs, self.steps = cell, batches, epochs, steps
        self.state, self.settings, self.resume = Path(state), settings | {"epochs": epochs, "steps": steps}, resume
        self.writes, self.agree = writes, agree
        self.progress = Progress()
        self.ctrl_c = CtrlC()
        self._lock = FileLock(self.state.with_name(f".{self.state.stem}.lock"))

    @property
    def rows(self) -> list[dict]:
        """What `Epoch.end` was told of each finished epoch."""
        return self.progress.rows

    @property
    def finished(self) -> bool:
        return self.progress.epoch >= self.epochs

    def __enter__(self):
        with ExitStack() as undone:  # whatever fails in here leaves no lock and no handler behind
            if self.writes:
                self._take_lock()
                undone.callback(self._lock.release)
                check_resume(self.state, self.resume)  # before the lock was ours, another may have been at work
            undone.enter_context(self.ctrl_c)
            if self.resume is not False and has_state(self.state):
                self.progress = load_state(self.state, self.cell, self.settings)
            else:
                self._begin()
            self._leave = undone.pop_all().close
        return self

    def __exit__(self, *_):
        self._leave()

    def _take_lock(self) -> None:
        try:
            self.state.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise UserError(
                say(
                    f"{self.state.parent}: 另一个进程正在这里训练；等它结束，或者换一个文件夹",
                    f"{self.state.parent}: another process is training here; wait for it, or choose another folder",
                )
            ) from None
        except OSError as error:
            raise UserError(
                say(
                    f"{self.state.parent}: 无法写入（{reason(error)}）",
                    f"{self.state.parent}: cannot be written ({reason(error)})",
                )
            ) from None
        for path in (self.state, previous_state(self.state)):
            remove_leftovers(path)

    def _begin(self) -> None:
        taken = next((int(p.asnumpy()) for _, p in self.cell.parameters_and_names() if p.name == "adamw_steps"), 0)
        if taken:
            raise UserError(
                say(
                    f"{self.state}: 网络已经训练过 {taken} 步，而那次训练的状态不在了；先重新建立网络和训练步",
                    f"{self.state}: the network has been trained for {taken} steps, and the state of that training is "
                    "gone; make network and step anew first",
                )
            )
        self.save()

    def save(self) -> None:
        if self.writes:
            save_state(self.state, self.cell, self.progress, self.settings)

    def stop_if_asked(self) -> None:
        if self.agree(self.ctrl_c.heard):
            self.save()
            raise Stopped

    def __iter__(self) -> Iterator["Epoch"]:
        while not self.finished:
            yield Epoch(self)


class Epoch:
    """One epoch of a run: iterated, it gives the batches not done yet."""

    def __init__(self, run: Run):
        self.run, self.number = run, run.progress.epoch  # from 0
        self.losses = run.progress.losses  # of its batches so far
        self.first = run.progress.batch  # the batch at which it begins, later than 0 if it was stopped

    def __iter__(self) -> Iterator:
        run = self.run
        if self.first == run.steps:
            return  # stopped in its evaluation
        begun = time.perf_counter()
        for batch in run.batches(self.number, self.first):
            yield batch
            run.progress.batch += 1
            run.progress.seconds, begun = run.progress.seconds + time.perf_counter() - begun, time.perf_counter()
            run.stop_if_asked()
        run.save()  # the evaluation that follows may be stopped or fail

    def note(self, loss: float) -> None:
        """The loss of the batch just given out."""
        self.losses.append(loss)

    def end(self, before: Callable[[], None] = lambda: None, **row) -> None:
        """The epoch is finished, its evaluation included.

        Args:
            before: writes the files that must be there once the state says that the epoch is done.
            row: what is to be known of it later, as JSON can hold it.
        """
        run, done = self.run, self.run.progress
        before()
        run.progress = Progress(done.epoch + 1, 0, done.seconds, [], [*done.rows, row])
        run.save()
        run.stop_if_asked()
