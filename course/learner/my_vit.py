"""The learner's own ViT: a small package in which every part has a file.

FOLDER/my_vit/attention.py   the part as it passed, to read, keep and edit; or a single import of the package's
FOLDER/my_vit/.snapshots/    what MindSpore compiles: named by content, never overwritten
FOLDER/progress.json         see course/learner/progress.py

FOLDER is `outputs/`, or VIT_LEARNER.
"""

import os
from pathlib import Path

from course.learner.own_source import Source
from course.learner.parts import PARTS, Part
from vit.runtime.atomic import atomic_path
from vit.runtime.paths import OUTPUTS


def learner_folder() -> Path:
    return Path(os.environ.get("VIT_LEARNER") or OUTPUTS)


def package_folder() -> Path:
    return learner_folder() / "my_vit"


def snapshots() -> Path:
    return package_folder() / ".snapshots"


def stand_in(part: Part) -> str:
    """The file of a part that the learner has not written."""
    return f"from {part.package} import {part.name}  # noqa: F401  the course's own, until yours has passed\n"


def keep(part: Part, source: Source) -> Path:
    """Write a part that has passed to its file; parts not there yet become an import of the package's."""
    folder = package_folder()
    for other in PARTS.values():
        if not (folder / other.file).is_file():
            _write(folder / other.file, stand_in(other))
    path = folder / part.file
    if not path.is_file() or path.read_text(encoding="utf-8") != source.module:
        _write(path, source.module)
    return path


def _write(path: Path, text: str) -> None:
    with atomic_path(path) as staged:
        staged.write_text(text, encoding="utf-8", newline="\n")
