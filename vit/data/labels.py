"""Which picture belongs to which class: from folders named after classes, or from a CSV file.

A label is the index of a class in the order of the weights' logits. The alphabetical place of a
folder is not a label: of ten ImageNet folders the first is hardly ever class 0.
"""

import csv
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vit.data.class_names import ClassName
from vit.data.images import IMAGE_SUFFIXES
from vit.runtime.digest import digest
from vit.runtime.errors import UserError
from vit.runtime.language import say


@dataclass(frozen=True)
class Labelled:
    """Pictures with their labels."""

    paths: list[Path]
    labels: list[int]
    folders: dict[str, int]  # which folder was taken for which class
    needs_pillow: frozenset[int] = frozenset()  # places of pictures that MindSpore's decoder reads wrongly or not

    @property
    def digest(self) -> str:
        """Of which pictures bear which labels, wherever their folder lies."""
        names = [f"{path.parent.name}/{path.name} {label}" for path, label in zip(self.paths, self.labels, strict=True)]
        return digest(*names)


def image_files(folder: Path) -> list[Path]:
    """The pictures under a folder, by their suffix, sorted; hidden files are left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in IMAGE_SUFFIXES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )


def class_folders(folder) -> list[Path]:
    """The sub-folders of a data set, one a class, sorted by name.

    Raises:
        UserError: no such folder, no class in it, or a class without a picture.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(say(f"{folder}: 没有这个文件夹", f"{folder}: no such folder"))
    classes = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not classes:
        raise UserError(
            say(
                f"{folder}: 里面没有类别文件夹；应当一类一个文件夹，里面放图片",
                f"{folder}: no class folders in it; expected one folder of pictures for each class",
            )
        )
    empty = ", ".join(path.name for path in classes if not image_files(path))
    if empty:
        raise UserError(
            say(f"{folder}: 类别文件夹 {empty} 里没有图片", f"{folder}: no picture in class folder {empty}")
        )
    return classes


def class_index(folder_name: str, classes: Sequence[ClassName]) -> int:
    """The class that a folder's name means: its WordNet id, or one of its English names.

    Names are compared without regard to case, `_` and a plural s ("bees" is "bee").

    Raises:
        UserError: no class is called so, or several are.
    """
    for index, known in enumerate(classes):
        if known.wnid == folder_name:
            return index
    plain = folder_name.replace("_", " ").strip().lower()
    names: dict[str, set[int]] = {}
    for index, known in enumerate(classes):
        for name in known.name.split(","):
            names.setdefault(name.strip().lower(), set()).add(index)
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


def from_folders(folder, classes: Sequence[ClassName]) -> Labelled:
    """Pictures in one folder a class, labelled by what the folder's name means to the weights."""
    paths, labels, folders = [], [], {}
    for class_folder in class_folders(folder):
        index = class_index(class_folder.name, classes)
        if index in folders.values():
            raise UserError(
                say(
                    f"{folder}: 有两个文件夹都指第 {index} 类，{classes[index]}",
                    f"{folder}: two folders mean class {index}, {classes[index]}",
                )
            )
        folders[class_folder.name] = index
        files = image_files(class_folder)
        paths += files
        labels += [index] * len(files)
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
