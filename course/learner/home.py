"""Every file of a learner, and where it lies.

HOME/progress.json                 what has been done: course/learner/progress.py
HOME/my_vit/attention.py, …        the parts as they passed, to read, keep and edit: course/learner/my_vit.py
HOME/my_vit/weights.safetensors    the network that lesson 07 trained, and beside it the state to go on from
HOME/my_vit/epochs/03.safetensors  the same after each of its epochs, for the explorer
HOME/my_vit/.snapshots/            what MindSpore compiles: named by content, never overwritten
HOME/checkin/                      receipts, texts and cards
HOME/lessons/                      what the lessons train on the way
HOME/explorer.html                 the explorer with all of these: course/explorer/
HOME/projects/NAME/                a project of their own: course/project/
OUTPUTS/lab/                       the working copies that JupyterLab opens: course/learner/workspace.py

HOME is VIT_LEARNER, else OUTPUTS: VIT_OUTPUTS, or outputs/ (vit/runtime/paths.py).
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from vit.runtime.paths import OUTPUTS

LAB = OUTPUTS / "lab"
TRAVELS = re.compile(r"progress\.json|my_vit/[a-z_]+\.py|checkin/[\w.-]+\.(json|md|png)")  # to another machine


def home() -> Path:
    return Path(os.environ.get("VIT_LEARNER") or OUTPUTS)


def progress_file() -> Path:
    return home() / "progress.json"


def package_folder() -> Path:
    return home() / "my_vit"


def snapshots() -> Path:
    return package_folder() / ".snapshots"


def trained_weights() -> Path:
    return package_folder() / "weights.safetensors"


def training_state() -> Path:
    return package_folder() / "training.safetensors"


def epochs_folder() -> Path:
    return package_folder() / "epochs"


def snapshots_of_epochs() -> list[tuple[int, Path]]:
    """(epoch, file) of the training so far, in order."""
    return [(int(path.stem), path) for path in sorted(epochs_folder().glob("[0-9]*.safetensors"))]


def explorer_file() -> Path:
    return home() / "explorer.html"


def checkin_folder() -> Path:
    return home() / "checkin"


def lessons_folder() -> Path:
    return home() / "lessons"


def projects_folder() -> Path:
    return home() / "projects"


def travelling() -> Iterator[tuple[str, Path]]:
    """(name in an archive, file) of what goes to another machine, sorted; not what can be made again."""
    folder = home()
    for path in sorted([progress_file(), *package_folder().glob("*.py"), *checkin_folder().glob("*.*")]):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and TRAVELS.fullmatch(name):
            yield name, path
