"""The learner's own ViT: a small package in which every part has a file.

my_vit/attention.py   the part as it passed, to read, keep and edit; or a single import of the package's
my_vit/__main__.py    `python -m my_vit PICTURE` in the folder above names what a picture shows
"""

from pathlib import Path

from filelock import FileLock, Timeout

from course.language import say
from course.learner.home import package_folder
from course.learner.own_source import Source, digest
from course.learner.part import Part
from course.learner.parts import EVERY, PARTS
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.paths import shown

_PROGRAM = {
    "__init__.py": '"""My own ViT. Each file is a part: mine once it has passed, until then the course\'s."""\n',
    "__main__.py": """\
\"\"\"Names what pictures show: python -m my_vit PICTURE ... [--weights FILE]\"\"\"

from pathlib import Path

from course.learner.own_model import name_pictures

if __name__ == "__main__":
    raise SystemExit(name_pictures(Path(__file__).parent))
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
        passed: class -> digest of the text that passed, as `progress` has them; {}: the package's parts.
    """
    modules = {part.stem: text}
    for name in part.needs:
        other = EVERY[name]
        modules |= package_of(other, as_it_passed(other, passed) or stand_in(other), passed)
    return modules


def as_it_passed(part: Part, passed: dict[str, str]) -> str | None:
    """The text of a part that the learner has written; None: there is none, or it has been changed since it passed."""
    try:
        text = (package_folder() / part.file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return text if digest(text) == passed.get(part.name) else None


def keep(part: Part, source: Source) -> Path:
    """Write a part that has passed to its file; parts not there yet become an import of the package's.

    Raises:
        UserError: the folder cannot be written, or another program holds it.
    """
    folder = package_folder()
    path = folder / part.file
    others = {other.file: stand_in(other) for other in PARTS.values()} | _PROGRAM
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=10):  # another kernel may be keeping a part of its own
            for name, text in others.items():
                if not (folder / name).is_file():
                    _write(folder / name, text)
            if _differs(path, source.module):
                _write(path, source.module)
    except (OSError, Timeout) as error:
        raise UserError(
            say(
                f"通过，但存不进 {shown(path)}（{error}）；解决后再运行这个单元格",
                f"passed, but {shown(path)} cannot be written ({error}); mend that and run the cell again",
            )
        ) from None
    return path


def _differs(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") != text
    except UnicodeDecodeError:
        return True


def _write(path: Path, text: str) -> None:
    with atomic_path(path) as staged:
        staged.write_text(text, encoding="utf-8", newline="\n")
