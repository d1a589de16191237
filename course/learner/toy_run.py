"""A training loop is played on a run of three epochs that says what the loop does."""

from collections.abc import Callable

import numpy as np

LOSSES = ((2.5, 2.25, 2.0, 1.75), (1.5, 1.25, 1.125, 1.0), (0.875, 0.75, 0.625, 0.5))  # of the batches
VALIDATED = ((1.5, 0.375), (1.0, 0.75), (0.75, 0.625))  # loss and accuracy after each epoch
EARLIER = 0.5  # the accuracy of an epoch before: this run has been resumed


class Loss:
    """As a step returns it."""

    def __init__(self, value: float):
        self.value = value

    def asnumpy(self) -> np.ndarray:
        return np.float32(self.value)

    def __float__(self) -> float:
        return self.value


class _Epoch:
    def __init__(self, number: int, rows: list):
        self.number, self.rows, self.noted, self.told = number, rows, [], (0.0, 0.0)

    def __iter__(self):
        yield from ((self.number, place) for place in range(len(LOSSES[self.number])))  # (images, labels)

    def note(self, loss) -> None:
        self.noted.append(float(loss))

    def end(self, val_loss, top1) -> None:
        self.told = float(val_loss), float(top1)
        self.rows.append({"val_loss": self.told[0], "top1": self.told[1]})


class _Run:
    def __init__(self):
        self.rows, self.epochs = [{"val_loss": 1.75, "top1": EARLIER}], []

    def __iter__(self):
        for number in range(len(LOSSES)):
            self.epochs.append(_Epoch(number, self.rows))
            yield self.epochs[-1]


def played(fit: Callable) -> np.ndarray:
    """What a loop `fit(run, step, validate, keep)` does, in numbers.

    Returns:
        (3, 6): a row for each epoch: how many steps were made before the validation, the sum of the losses noted, how
        often it was validated, what was told of it (loss, accuracy), whether the weights were kept; below it all
        what the loop returned.
    """
    run, done = _Run(), {"steps": 0, "validations": 0}
    before, validations, kept = ([0] * len(LOSSES) for _ in range(3))

    def step(images, labels):
        done["steps"] += 1
        return Loss(LOSSES[images][labels])

    def validate():
        now = len(run.epochs) - 1
        before[now], validations[now] = done["steps"], validations[now] + 1
        return VALIDATED[now]

    def keep():
        kept[len(run.epochs) - 1] += 1

    best = fit(run, step, validate, keep)
    epochs = run.epochs + [_Epoch(number, []) for number in range(len(run.epochs), len(LOSSES))]
    rows = [[before[n], sum(epoch.noted), validations[n], *epoch.told, kept[n]] for n, epoch in enumerate(epochs)]
    return np.array([*rows, [0.0 if best is None else float(best)] * 6])
