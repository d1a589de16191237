"""What learners hand in, read without running any of it: archives of `progress hand-in`, check-in lines, notebooks.

One entry of the folder is one learner: a folder of theirs, or a single file. (nbgrader's submitted/NAME/LESSON/ is
taken as it is.) No link is followed, nothing is unpacked to disk, and whatever is left out is named.
"""

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from course.camp.sources import Found, look_through
from course.camp.text import plain
from course.document.bilingual import in_language
from course.document.lesson import read_lesson
from course.learner.progress import of_this_version
from course.learner.transfer import contents_of
from course.manifest import lesson_numbers
from vit.runtime.errors import UserError
from vit.runtime.language import say

OF_A_SYSTEM = ("Thumbs.db", "desktop.ini", "__MACOSX")  # laid beside by Windows and macOS
MOST_FILES, MOST_BYTES = 300, 30_000_000  # of one learner, and of one of their files
SAID = re.compile(r"^(✅|🔸|⬜) (\d\d\.\d): (.*)$", re.MULTILINE)  # what `check` prints


@dataclass
class HandedIn:
    """Of one learner."""

    name: str
    archives: list[dict] = field(default_factory=list)  # progress, with "texts": part's file -> its text
    lines: list[Found] = field(default_factory=list)
    said: dict = field(default_factory=dict)  # exercise -> (sign, sentence), the best that stored outputs say
    code: dict = field(default_factory=dict)  # exercise or part's file -> what they wrote
    files: dict = field(default_factory=dict)  # file -> SHA-256
    left_out: list[str] = field(default_factory=list)


def read_class(top: Path) -> list[HandedIn]:
    """All learners, by name.

    Raises:
        UserError: there is no such folder, or nothing in it.
    """
    if not top.is_dir():
        raise UserError(say(f"{top}：没有这个文件夹", f"{top}: there is no such folder"))
    if (top / "submitted").is_dir():  # nbgrader's course folder
        top = top / "submitted"
    entries = sorted(path for path in top.iterdir() if not path.name.startswith(".") and path.name not in OF_A_SYSTEM)
    if not entries:
        raise UserError(say(f"{top}：里面什么也没有", f"{top}: there is nothing in it"))
    of_name: dict[str, list[Path]] = {}  # anna.zip and anna.ipynb are one learner's
    for path in entries:
        of_name.setdefault(path.name if path.is_dir() else path.stem, []).append(path)
    return [_learner(name, paths) for name, paths in of_name.items()]


def _learner(name: str, paths: list[Path]) -> HandedIn:
    found = HandedIn(plain(name))
    for file in [file for path in paths for file in _files(path, found)]:
        where = plain(file.relative_to(paths[0].parent).as_posix(), 120)
        try:
            if file.stat().st_size > MOST_BYTES:
                found.left_out.append(say(f"{where}：太大，没有看", f"{where}: too large, left out"))
                continue
            found.files[where] = hashlib.sha256(file.read_bytes()).hexdigest()
            if file.suffix == ".ipynb":
                _notebook(file, found)
            elif file.suffix == ".zip":
                _archive(file, where, found)
            else:
                _lines(file, where, found)
        except UserError as error:
            found.left_out.append(plain(f"{where}: {error}", 300))
        except OSError as error:
            found.left_out.append(f"{where}: {error.strerror}")
    return found


def _files(path: Path, found: HandedIn) -> list[Path]:
    if not path.is_dir() or path.is_symlink():
        files = [path]
    else:
        files = [Path(folder) / name for folder, _, names in sorted(os.walk(path)) for name in sorted(names)]
    kept = [file for file in files if file.is_file() and not file.is_symlink()]
    if len(kept) < len(files):
        gone = len(files) - len(kept)
        found.left_out.append(say(f"{gone} 个链接或特殊文件没有看", f"{gone} links or special files left out"))
    if len(kept) > MOST_FILES:
        gone = len(kept) - MOST_FILES
        found.left_out.append(say(f"文件太多，{gone} 个没有看", f"too many files, {gone} left out"))
    return kept[:MOST_FILES]


def _archive(file: Path, where: str, found: HandedIn) -> None:
    """A `progress hand-in` or `save`, its receipts with their lines included; any other zip is looked through for lines."""
    try:
        contents = contents_of(file)
    except UserError as error:
        if not _lines(file, where, found, quiet=True):
            raise error from None
        return
    texts = {name.removeprefix("my_vit/"): data.decode() for name, data in contents.items() if name.endswith(".py")}
    found.archives.append(of_this_version(json.loads(contents["progress.json"])) | {"texts": texts})
    found.code |= texts
    _lines(file, where, found, quiet=True)


def _lines(file: Path, where: str, found: HandedIn, quiet: bool = False) -> int:
    """How many there are; what was no line is named, unless it is no wonder that a file has none."""
    before = len(found.lines)
    for one in look_through(str(file)):
        if isinstance(one, Found):
            found.lines.append(Found(where, one.sealed, one.why))
        elif not quiet or (one.count and not one.pictures):
            found.left_out.append(plain(f"{where}: {one.sentence}", 300))
    return len(found.lines) - before


def _notebook(file: Path, found: HandedIn) -> None:
    """What its stored outputs say of exercises, and what stands in the cells of exercises."""
    broken = UserError(say("不是完好的笔记本", "no sound notebook"))
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        cells = [cell for cell in cells if cell.get("cell_type") == "code"]
        for cell in cells:
            source = _joined(cell.get("source"))
            number = cell.get("metadata", {}).get("exercise")
            if isinstance(number, str) and _answered(number, source):
                found.code[number] = source
            for out in cell.get("outputs", ()):
                for sign, exercise, sentence in SAID.findall(_joined(out.get("text"))):
                    before = found.said.get(exercise, ("⬜", ""))
                    if "⬜🔸✅".index(sign) >= "⬜🔸✅".index(before[0]):
                        found.said[exercise] = (sign, plain(sentence, 200))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise broken from None


def _joined(text) -> str:
    return "".join(text) if isinstance(text, list) else text if isinstance(text, str) else ""


def _answered(number: str, source: str) -> bool:
    """Whether there is more than the placeholder."""
    if number[:2] not in lesson_numbers() or number not in read_lesson(number[:2]).exercises:
        return False
    placeholder = read_lesson(number[:2]).exercises[number].placeholder
    return all(_squeezed(source) != _squeezed(in_language(placeholder, one)) for one in ("zh", "en"))


def _squeezed(code: str) -> str:
    return re.sub(r"\s|#.*", "", code)
