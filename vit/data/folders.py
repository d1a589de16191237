"""Folders of pictures: which files are pictures, and what is passed over, which is told."""

import functools
import os
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageFile

from vit.runtime.errors import UserError, reason
from vit.runtime.language import say
from vit.runtime.notes import Notes
from vit.runtime.text import plain_name

# what systems and programs leave behind, never anybody's pictures: not worth a word
_CLUTTER = frozenset(
    ["__macosx", "@eadir", "thumbs.db", "desktop.ini", "icon\r", "lost+found", "$recycle.bin"]
    + [".ds_store", ".ipynb_checkpoints", ".git", ".cache", ".thumbnails"]
)


@functools.cache
def _formats() -> tuple[frozenset[str], tuple[str, ...]]:
    """Endings of the formats that Pillow opens and decodes; and the formats that it knows by their first bytes."""
    Image.init()
    opened = {
        name: accept
        for name, (factory, accept) in Image.OPEN.items()
        if not (isinstance(factory, type) and issubclass(factory, ImageFile.StubImageFile))
    }
    endings = frozenset(ending for ending, name in Image.registered_extensions().items() if name in opened)
    return endings, tuple(name for name, accept in opened.items() if accept)


def is_picture(path: Path) -> bool:
    """By its ending, or by its first bytes where the ending is another or none. No pipe is waited for."""
    endings, formats = _formats()
    if not os.path.isfile(path):
        return False
    if path.suffix.lower() in endings:
        return True
    try:
        with Image.open(path, formats=formats):
            return True
    except Exception:  # whatever Pillow makes of what is no picture
        return False


def entries(folder: Path, notes: Notes) -> Iterator[Path]:
    """What lies in a folder, sorted by name, without clutter and hidden things.

    Raises:
        UserError: there is no such folder, or it cannot be opened.
    """
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise UserError(say(f"{folder}: 没有这个文件夹", f"{folder}: no such folder")) from None
    except OSError as error:
        raise UserError(
            say(
                f"{folder}: 文件夹打不开（{reason(error)}）", f"{folder}: the folder cannot be opened ({reason(error)})"
            )
        ) from None
    for path in map(folder.joinpath, names):
        name = path.name.lower()
        if name in _CLUTTER or name.startswith("._"):
            continue
        if not name.startswith("."):
            yield path
        elif os.path.isdir(path) or is_picture(path):
            notes.add(say("已略过：名字以点开头，是隐藏的", "passed over: hidden, as its name begins with a dot"), path)


def pictures_under(folder: Path, notes: Notes) -> list[Path]:
    """The pictures in a folder and its sub-folders, sorted. Links are followed, into each folder once.

    Args:
        notes: what was passed over is put here.

    Raises:
        UserError: the folder itself cannot be opened.
    """
    found, waiting, seen = [], [folder], set()
    while waiting:
        here = waiting.pop()
        try:
            inside = list(entries(here, notes))
        except UserError as error:
            if here == folder:
                raise
            why = str(error).removeprefix(f"{here}: ")
            notes.add(say(f"已略过：{why}", f"passed over: {why}"), here)
            continue
        status = os.stat(here)
        if (status.st_dev, status.st_ino) in seen:
            notes.add(say("已略过：链接指向的文件夹已经读过", "passed over: a link to a folder that was read"), here)
            continue
        seen.add((status.st_dev, status.st_ino))
        for path in inside:
            if os.path.isdir(path):
                waiting.insert(0 if path.is_symlink() else len(waiting), path)  # folders themselves come first
            elif not os.path.isfile(path):
                notes.add(say("已略过：不是文件，或者是断开的链接", "passed over: no file, or a link to nothing"), path)
            elif is_picture(path):
                found.append(path)
            else:
                kind = path.suffix.lower() or say("没有扩展名的文件", "a file without an ending")
                notes.add(
                    say(
                        f"已略过：读不了 {kind}；如果是图片，请先存成 JPEG",
                        f"passed over: {kind} cannot be read; if it is a picture, save it as JPEG first",
                    ),
                    path,
                )
    return sorted(found)


def pictures_by_class(folder, notes: Notes) -> dict[str, list[Path]]:
    """The pictures in each sub-folder of a data set, one a class, in the order of the folders' names.

    Args:
        notes: what was passed over is put here.

    Raises:
        UserError: no such folder, no class in it, a class without a picture, or two of the same name.
    """
    folder = Path(folder)
    classes: dict[str, Path] = {}
    for path in entries(folder, notes):
        if not os.path.isdir(path):
            if is_picture(path):
                notes.add(say("已略过：不在任何类别文件夹里", "passed over: in no class folder"), path)
            continue
        name = plain_name(path.name)
        if name in classes:
            raise UserError(
                say(
                    f"{folder}: 两个文件夹都叫 {name}，只是编码写法不同；请合成一个",
                    f"{folder}: two folders are called {name}, spelled in two ways of Unicode; make one of them",
                )
            )
        classes[name] = path
    if not classes:
        raise UserError(
            say(
                f"{folder}: 里面没有类别文件夹；应当一类一个文件夹，里面放图片",
                f"{folder}: no class folders in it; expected one folder of pictures for each class",
            )
        )
    pictures, folded, homes = {}, {}, {}
    for name, path in classes.items():
        if (twin := homes.setdefault(os.path.realpath(path), name)) != name:
            notes.add(say(f"与 {twin} 是同一个文件夹", f"the same folder as {twin}"), path)
        if (twin := folded.setdefault(name.casefold(), name)) != name:
            notes.add(
                say(f"与 {twin} 只差大小写，算作另一类", f"a class of its own, though {twin} differs in case only"),
                path,
            )
        here = Notes()
        pictures[name] = pictures_under(path, here)
        if not pictures[name]:
            why = "".join(f"; {line}" for line in here.lines()[:1])
            raise UserError(
                say(
                    f"{folder}: 类别文件夹“{name}”里没有图片{why}；放进图片，或者把它移走",
                    f"{folder}: no picture in class folder {name!r}{why}; put some in, or move it away",
                )
            )
        notes.take(here)
    return pictures
