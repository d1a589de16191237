"""Which picture belongs to which class: from folders named after classes, or from a CSV file.

A label is the index of a class in the order of the weights' logits. The alphabetical place of a
folder is not a label: of ten ImageNet folders the first is hardly ever class 0.
"""

import difflib
import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from vit.data.class_names import ClassName
from vit.data.folders import pictures_by_class
from vit.data.tables import Row, Table, invisible, read_table
from vit.runtime.digest import digest
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.runtime.notes import Notes
from vit.runtime.text import plain_name


@dataclass(frozen=True)
class Labelled:
    """Pictures with their labels."""

    paths: list[Path]
    labels: list[int]
    folders: dict[str, int]  # which folder was taken for which class
    # of some places: the CRC-32 of the file, where a scan has looked
    checksums: dict[int, int] = field(default_factory=dict)
    # the same of JPEGs that MindSpore's decoder was seen to read as Pillow does; filled on the way
    proved: dict[int, int] = field(default_factory=dict)
    gone: dict[int, str] = field(default_factory=dict)  # why training could not read it; filled on the way

    @property
    def digest(self) -> str:
        """Of which pictures, with which contents where they are known, bear which labels; wherever they lie."""
        pairs = enumerate(zip(self.paths, self.labels, strict=True))
        return digest(
            *(f"{plain_name(f'{p.parent.name}/{p.name}')}\0{label}\0{self.checksums.get(i)}" for i, (p, label) in pairs)
        )


def class_index(folder_name: str, classes: Sequence[ClassName]) -> int:
    """The class that a folder's name means: its WordNet id, or one of its English names.

    Names are compared without regard to case, `_`, a plural s ("bees" is "bee") and the spelling of é in Unicode.

    Raises:
        UserError: no class is called so, or several are.
    """
    same = (folder_name, plain_name(folder_name))
    for index, known in enumerate(classes):
        if known.wnid in same:
            return index
    plain = _plain(folder_name)
    names: dict[str, set[int]] = {}
    for index, known in enumerate(classes):
        for name in known.synonyms:
            names.setdefault(_plain(name), set()).add(index)
    found = names.get(plain) or names.get(plain.removesuffix("s")) or names.get(plain.removesuffix("es")) or set()
    if len(found) == 1:
        return found.pop()
    if found:
        ids = ", ".join(f"{classes[index].wnid} ({classes[index]})" for index in sorted(found))
        raise UserError(
            say(
                f"文件夹 {folder_name!r} 可能指 {ids}；请用 WordNet id 命名",
                f"folder {folder_name!r} may mean {ids}; name it by the WordNet id",
            )
        )
    near = say(" 或 ", " or ").join(difflib.get_close_matches(plain, names, n=3))
    hint = say(f"；是不是想用 {near}？", f"; did you mean {near}?") if near else ""
    raise UserError(
        say(
            f"文件夹 {folder_name!r} 不是这些权重的类别：既不是 WordNet id，也不是它们的类别名{hint}",
            f"folder {folder_name!r} is no class of these weights: neither a WordNet id nor a name of theirs{hint}",
        )
    )


def _plain(name: str) -> str:
    return plain_name(name).replace("_", " ").strip().lower()


def from_folders(folder, classes: Sequence[ClassName], notes: Notes | None = None) -> Labelled:
    """Pictures in one folder a class, labelled by what the folder's name means to the weights.

    Args:
        notes: where to put what was passed over; else standard error is told.
    """
    told = notes or Notes()
    paths, labels, folders = [], [], {}
    for name, files in pictures_by_class(folder, told).items():
        index = class_index(name, classes)
        if index in folders.values():
            raise UserError(
                say(
                    f"{folder}: 有两个文件夹都指第 {index} 类，{classes[index]}",
                    f"{folder}: two folders mean class {index}, {classes[index]}",
                )
            )
        folders[name] = index
        paths += files
        labels += [index] * len(files)
    if notes is None:
        told.tell()
    return Labelled(paths, labels, folders)


def from_csv(csv_file, folder, num_classes: int) -> Labelled:
    """Pictures listed in a table with the columns `file` (seen from `folder`) and `class_index`.

    A file that stands there twice with one label counts once, and that is said on standard error.

    Raises:
        UserError: no such file or column; or, all at once, an index that is no class, a file outside the folder,
            a file with two labels.
    """
    csv_file, folder = Path(csv_file), Path(folder)
    if not folder.is_dir():
        raise UserError(say(f"{folder}: 没有这个文件夹", f"{folder}: no such folder"))
    table = read_table(csv_file, {"file": (), "class_index": ()})
    found: dict[Path, tuple[int, int]] = {}  # picture -> its label, the row that said so
    again = 0
    for row in table.rows:
        label, path = _label(table, row, num_classes), _inside(table, row, folder)
        if label is None or path is None:
            continue
        known, first = found.setdefault(path, (label, row.number))
        if known != label:
            name = row.cells["file"]
            table.wrong(
                row.number,
                say(
                    f"文件 {name!r} 的类别是 {label}，第 {first} 行写的是 {known}",
                    f"file {name!r} is of class {label}, of class {known} in row {first}",
                ),
            )
        again += first != row.number
    table.refuse()
    if not found:
        raise UserError(say(f"{csv_file}: 一张图片也没有列出", f"{csv_file}: lists no pictures"))
    if again:
        print(
            say(
                f"{csv_file}: 有 {again} 行重复列出了同一张图片，只算一次",
                f"{csv_file}: {again} rows list a picture again; it counts once",
            ),
            file=sys.stderr,
        )
    return Labelled(list(found), [label for label, _ in found.values()], {})


def _label(table: Table, row: Row, num_classes: int) -> int | None:
    """A whole number, as 3 or as spreadsheets write it, 3.0."""
    said = row.cells["class_index"]
    number = re.fullmatch(r"([+-]?[0-9]{1,9})(?:\.0*)?", unicodedata.normalize("NFKC", said))
    if number is None:
        table.wrong(row.number, say(f"class_index {said!r} 不是整数", f"class_index {said!r} is not a whole number"))
        return None
    if not 0 <= (label := int(number[1])) < num_classes:
        last = num_classes - 1
        table.wrong(
            row.number, say(f"class_index {label} 不在 0..{last} 之内", f"class_index {label} is not in 0..{last}")
        )
        return None
    return label


def _inside(table: Table, row: Row, folder: Path) -> Path | None:
    """A listed picture in the folder: the name as it stands there, with / or \\, in either form of Unicode."""
    said = row.cells["file"]
    if not said or invisible(said):
        strange = ", ".join(invisible(said))
        table.wrong(row.number, say(f"没有可用的文件名 {strange}", f"no usable file name {strange}").rstrip())
        return None
    names = dict.fromkeys([said, said.replace("\\", "/")])
    names = dict.fromkeys([*names, *(unicodedata.normalize(form, name) for name in names for form in ("NFC", "NFD"))])
    ways = [_way(folder, name) for name in names]
    there = next((folder / way for way in ways if way and (folder / way).exists()), None)
    if there is None and (None in ways or (PureWindowsPath(said).drive and not Path(said).drive)):
        table.wrong(row.number, say(f"文件 {said!r} 不在 {folder} 里面", f"file {said!r} is not inside {folder}"))
        return None
    return there or folder / ways[0]


def _way(folder: Path, name: str) -> str | None:
    """The way from the folder to a file in it, by the names alone or through links; None for one outside."""
    for full in (os.path.abspath, os.path.realpath):
        top, path = full(folder), full(os.path.join(folder, name))
        if Path(top) in Path(path).parents:
            return os.path.relpath(path, top)
    return None
