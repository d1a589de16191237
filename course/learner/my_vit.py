"""The learner's own ViT: a small package in which every part has a file.

FOLDER/my_vit/attention.py   the part as it passed, to read, keep and edit; or a single import of the package's
FOLDER/my_vit/__main__.py    `python -m my_vit PICTURE` in FOLDER names what a picture shows
FOLDER/my_vit/.snapshots/    what MindSpore compiles: named by content, never overwritten
FOLDER/progress.json         see course/learner/progress.py

FOLDER is `outputs/`, or VIT_LEARNER.
"""

import os
from pathlib import Path

from filelock import FileLock

from course.learner.own_source import Source, digest
from course.learner.parts import PARTS, Part
from vit.runtime.atomic import atomic_path
from vit.runtime.paths import OUTPUTS


def learner_folder() -> Path:
    return Path(os.environ.get("VIT_LEARNER") or OUTPUTS)


def package_folder() -> Path:
    return learner_folder() / "my_vit"


def snapshots() -> Path:
    return package_folder() / ".snapshots"


_PROGRAM = {
    "__init__.py": '"""My own ViT. Each file is a part: mine once it has passed, until then the course\'s."""\n',
    "__main__.py": """\
\"\"\"Names what pictures show: python -m my_vit PICTURE ... [--weights FILE]\"\"\"

from course.learner.own_model import name_pictures

from .model import ViT

if __name__ == "__main__":
    raise SystemExit(name_pictures(ViT))
""",
}


def stand_in(part: Part) -> str:
    """The file of a part that the learner has not written."""
    return f"from {part.package} import {part.name}  # noqa: F401  the course's own, until yours has passed\n"


def siblings(part: Part) -> dict[str, str]:
    """The other parts, class -> module, that this one may be made of."""
    return {other.name: other.stem for other in PARTS.values() if other is not part}


def package_of(part: Part, text: str, passed: dict[str, str]) -> dict[str, str]:
    """The modules that make a whole of a part: its own text, and the parts it needs, each as it passed.

    Args:
        part: which.
        text: of its module.
        passed: class -> digest of the text that passed, as `progress` has them.
    """
    modules = {part.stem: text}
    for name in part.needs:
        other = PARTS[name]
        modules |= package_of(other, _passed_text(other, passed), passed)
    return modules


def _passed_text(part: Part, passed: dict[str, str]) -> str:
    try:
        text = (package_folder() / part.file).read_text(encoding="utf-8")
        return text if digest(text) == passed.get(part.name) else stand_in(part)
    except (OSError, UnicodeDecodeError):
        return stand_in(part)


def keep(part: Part, source: Source) -> Path:
    """Write a part that has passed to its file; parts not there yet become an import of the package's."""
    folder = package_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / part.file
    others = {other.file: stand_in(other) for other in PARTS.values()} | _PROGRAM
    with FileLock(folder / ".lock", timeout=10):  # another kernel may be keeping a part of its own
        for name, text in others.items():
            if not (folder / name).is_file():
                _write(folder / name, text)
        if path.read_text(encoding="utf-8") != source.module:
            _write(path, source.module)
    return path


def _write(path: Path, text: str) -> None:
    with atomic_path(path) as staged:
        staged.write_text(text, encoding="utf-8", newline="\n")
