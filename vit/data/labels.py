"""Which picture belongs to which class: from folders named after classes, or from a CSV file.

A label is the index of a class in the order of the weights' logits. The alphabetical place of a
folder is not a label: of ten ImageNet folders the first is hardly ever class 0.
"""

import csv
import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vit.data.class_names import ClassName
from vit.data.folders import pictures_by_class
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
        told = hashlib.sha256()
        for place, (path, label) in enumerate(zip(self.paths, self.labels, strict=True)):
            name = plain_name(f"{path.parent.name}/{path.name}")
            told.update(f"{name}\0{label}\0{self.checksums.get(place)}\n".encode())
        return told.hexdigest()[:12]


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
    """Pictures listed in a CSV file with the columns `file` (seen from `folder`) and `class_index`.

    Raises:
        UserError: no such file, a column is missing, an index is not a class, a file leaves the folder.
    """
    csv_file, folder = Path(csv_file), Path(folder)
    if not folder.is_dir():
        raise UserError(say(f"{folder}: 没有这个文件夹", f"{folder}: no such folder"))
    paths, labels = [], []
    try:
        with open(csv_file, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = say("、", " and ").join(sorted({"file", "class_index"} - set(reader.fieldnames or ())))
            if missing:
                raise UserError(say(f"{csv_file}: 缺少列 {missing}", f"{csv_file}: no column {missing}"))
            for row in reader:
                where = say(f"{csv_file} 第 {reader.line_num} 行", f"{csv_file}, line {reader.line_num}")
                try:
                    label = int(row["class_index"])
                except (TypeError, ValueError):
                    raise UserError(
                        say(
                            f"{where}: class_index {row['class_index']!r} 不是数",
                            f"{where}: class_index {row['class_index']!r} is not a number",
                        )
                    ) from None
                if not 0 <= label < num_classes:
                    raise UserError(
                        say(
                            f"{where}: class_index {label} 不在 0..{num_classes - 1} 之内",
                            f"{where}: class_index {label} is not in 0..{num_classes - 1}",
                        )
                    )
                inside = Path(row["file"] or "/")
                path = folder / inside
                if inside.is_absolute() or ".." in inside.parts or "\0" in str(inside):
                    raise UserError(
                        say(
                            f"{where}: 文件 {row['file']!r} 不在 {folder} 里面",
                            f"{where}: file {row['file']!r} is not inside {folder}",
                        )
                    )
                paths.append(path)
                labels.append(label)
    except FileNotFoundError:
        raise UserError(say(f"{csv_file}: 没有这个文件", f"{csv_file}: no such file")) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            say(f"{csv_file}: 不能按 CSV 读取（{error}）", f"{csv_file}: cannot be read as CSV ({error})")
        ) from None
    if not paths:
        raise UserError(say(f"{csv_file}: 一张图片也没有列出", f"{csv_file}: lists no pictures"))
    return Labelled(paths, labels, {})
