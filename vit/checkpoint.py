"""Everything that a training run needs to go on where it stopped, in one safetensors file.

The state before it stays beside it, for the day on which the newest is damaged.
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import mindspore as ms
import numpy as np

from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.language import say


@dataclass
class Progress:
    """How far a run has come."""

    epoch: int = 0  # epochs finished
    batch: int = 0  # batches of the current epoch done
    best_top1: float = -1.0
    seconds: float = 0.0  # spent in training steps
    losses: tuple = ()  # of the current epoch's batches so far


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
    from safetensors.numpy import save_file

    tensors = {name: parameter.asnumpy() for name, parameter in cell.parameters_and_names()}
    metadata = {"progress": json.dumps(progress.__dict__), "settings": json.dumps(settings)}
    with atomic_path(path) as staged:
        save_file(tensors, staged, metadata=metadata)
        if Path(path).is_file():  # at any moment one of the two is whole
            os.replace(path, previous_state(path))


def load_state(path, cell, settings: dict) -> Progress:
    """Put a run's parameters and optimizer back; all or nothing. A damaged state gives way to the one before.

    Raises:
        UserError: no state, both broken, or of a run with other settings (they are named).
    """
    try:
        saved, progress, tensors = _read(path)
    except UserError as error:
        if not previous_state(path).is_file():
            raise
        saved, progress, tensors = _read(previous_state(path))
        print(
            say(
                f"{error}；改从之前的状态接着训练，第 {progress.epoch} 轮",
                f"{error}; going on from the state before, epoch {progress.epoch}",
            ),
            file=sys.stderr,
        )
    other = sorted(key for key in saved.keys() | settings.keys() if saved.get(key) != settings.get(key))
    if other:
        changes = say("；", ", ").join(
            say(
                f"{key} 原来是 {saved.get(key)!r}，现在是 {settings.get(key)!r}",
                f"{key} was {saved.get(key)!r}, now {settings.get(key)!r}",
            )
            for key in other[:4]
        )
        raise UserError(
            say(
                f"{path}: 那次训练的设置不同（{changes}）；请用同样的设置接着训练，或者换一个 --out",
                f"{path}: a run with other settings ({changes}); resume with the same, or choose another --out",
            )
        )
    parameters = dict(cell.parameters_and_names())
    if tensors.keys() != parameters.keys() or any(tensors[n].shape != p.shape for n, p in parameters.items()):
        raise UserError(say(f"{path}: 是另一个模型的训练状态", f"{path}: the state of another model"))
    for name, parameter in parameters.items():
        # a copy of the same shape; np.ascontiguousarray would make a row of one out of a single number
        parameter.set_data(ms.Tensor(np.array(tensors[name])))
    return progress


def _read(path) -> tuple[dict, Progress, dict[str, np.ndarray]]:
    from safetensors import safe_open

    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            saved, progress = json.loads(metadata["settings"]), Progress(**json.loads(metadata["progress"]))
            return saved, progress, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise UserError(
            say(
                f"{path}: 这里没有可以接着进行的训练；请去掉 --resume",
                f"{path}: no run to resume here; leave --resume out",
            )
        ) from None
    except Exception as error:  # the reader raises whatever a broken file drives it to
        why = str(error).splitlines()[0]
        raise UserError(
            say(f"{path}: 不是训练状态的文件（{why}）", f"{path}: not the state of a run ({why})")
        ) from None
