"""Everything that a training run needs to go on where it stopped, in one safetensors file.

The state before it stays beside it, for the day on which the newest is damaged.
"""

import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import mindspore as ms
import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.language import say

KERNELS = "kernels"  # the setting that may differ: two ways to the same numbers, but for their last bits
WRITTEN_OUT = "written out"  # the only way before there was a setting


@dataclass
class Progress:
    """How far a run has come."""

    epoch: int = 0  # epochs finished, their evaluation included
    batch: int = 0  # batches of the current epoch done
    seconds: float = 0.0  # spent in training steps
    losses: list = field(default_factory=list)  # of the current epoch's batches so far
    rows: list = field(default_factory=list)  # what is known of each finished epoch: a dict of numbers


class OtherRun(UserError):
    """The state is of a run with other settings: {setting: (what it was, what it is now)} in `changes`."""

    def __init__(self, path, changes: dict):
        self.changes = changes
        told = say("；", ", ").join(
            say(f"{key} 原来是 {was!r}，现在是 {now!r}", f"{key} was {was!r}, now {now!r}")
            for key, (was, now) in list(changes.items())[:4]
        )
        super().__init__(
            say(
                f"{path}: 那次训练的设置不同（{told}）；请用同样的设置接着训练，或者换一个 --out",
                f"{path}: a run with other settings ({told}); resume with the same, or choose another --out",
            )
        )


class Damaged(UserError):
    """A state that cannot be read."""


def previous_state(path) -> Path:
    """Where the state before the newest lies: beside it."""
    path = Path(path)
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def has_state(path) -> bool:
    """Whether there is a run to resume."""
    return Path(path).is_file() or previous_state(path).is_file()


def save_state(path, cell, progress: Progress, settings: dict) -> None:
    """Write parameters, optimizer and progress in one step.

    Args:
        cell: the training step: its parameters are the model's and the optimizer's.
        settings: what must be the same when the run goes on.
    """
    path = Path(path)
    tensors = {name: parameter.asnumpy() for name, parameter in cell.parameters_and_names()}
    metadata = {"progress": json.dumps(progress.__dict__), "settings": json.dumps(settings)}
    with atomic_path(path) as staged:
        save_file(tensors, staged, metadata=metadata)
        if path.is_file():
            _keep(path)


def _keep(path: Path) -> None:
    """Let the newest state be the previous one as well: at no moment is `path` missing."""
    with atomic_path(previous_state(path)) as second:
        second.unlink()
        try:
            os.link(path, second)  # a second name costs nothing
        except OSError:  # a file system without them
            shutil.copyfile(path, second)


def load_state(path, cell, settings: dict) -> Progress:
    """Put a run's parameters and optimizer back; all or nothing. A damaged state gives way to the one before.

    Raises:
        Damaged: there is no state, or both are broken.
        OtherRun: of a run with other settings, or of another model.
    """
    try:
        saved, progress, tensors = _read(path)
    except Damaged as error:
        if not previous_state(path).is_file():
            raise
        saved, progress, tensors = _read(previous_state(path))
        print(
            say(
                f"{error}；改从之前的状态接着训练，第 {progress.epoch} 轮之后",
                f"{error}; going on from the state before, after epoch {progress.epoch}",
            ),
            file=sys.stderr,
        )
    keys = sorted(saved.keys() | settings.keys())
    changes = {key: (saved.get(key), settings.get(key)) for key in keys if saved.get(key) != settings.get(key)}
    kernels = changes.pop(KERNELS, None)
    if changes:
        raise OtherRun(path, changes)
    parameters = dict(cell.parameters_and_names())
    if tensors.keys() != parameters.keys() or any(tensors[n].shape != p.shape for n, p in parameters.items()):
        raise OtherRun(path, {"model": (len(tensors), len(parameters))})
    for name, parameter in parameters.items():
        # a copy of the same shape; np.ascontiguousarray would make a row of one out of a single number
        parameter.set_data(ms.Tensor(np.array(tensors[name])))
    if kernels:
        was, now = kernels[0] or WRITTEN_OUT, kernels[1]
        print(
            say(
                f"算子原来是 {was}，现在是 {now}：接着训练的结果仍然可靠，但不再逐位相同",
                f"kernels were {was}, now {now}: going on is as good, but not the same to the last bit",
            ),
            file=sys.stderr,
        )
    return progress


def _read(path) -> tuple[dict, Progress, dict[str, np.ndarray]]:
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            saved, progress = json.loads(metadata["settings"]), Progress(**json.loads(metadata["progress"]))
            return saved, progress, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise Damaged(say(f"{path}: 没有这个训练状态", f"{path}: there is no such state of a run")) from None
    except Exception as error:  # the reader raises whatever a broken file drives it to
        why = str(error).splitlines()[0]
        raise Damaged(say(f"{path}: 不是训练状态的文件（{why}）", f"{path}: not the state of a run ({why})")) from None
