"""The folder that a run trains on: train/ and val/, one folder a class in each."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from vit.data.class_names import ClassName, imagenet_classes
from vit.data.decoders import SAID
from vit.data.folders import entries, pictures_by_class
from vit.data.labels import Labelled, from_folders
from vit.data.pipeline import Scan, scan
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.runtime.notes import Notes
from vit.runtime.text import one_line


def classes_of(folder) -> tuple[ClassName, ...]:
    """The classes of a training folder in alphabetical order of its sub-folders, with ImageNet's names."""
    return named_classes(pictures_by_class(folder, Notes()))


def named_classes(folders: Iterable[str]) -> tuple[ClassName, ...]:
    """Classes called after folders; those of ImageNet have its names."""
    known = {known.wnid: known for known in imagenet_classes()}
    return tuple(known.get(name, ClassName(name, name)) for name in folders)


def training_set(folder, batch_size: int, progress: bool = True) -> tuple[Labelled, Labelled, tuple[ClassName, ...]]:
    """Pictures to train on, all readable; pictures to evaluate on, at least one readable; and their classes.

    What is left out, passed over or assumed is told on standard error. The `digest` of either tells whether
    a later run has the same files with the same labels and contents.

    Raises:
        UserError: a folder is missing, there is one class only, the pictures do not fill a batch, or not
            one of val can be read.
    """
    folder, notes = Path(folder), Notes()
    classes, train, val = both_splits(folder, notes, progress)
    notes.tell()
    for line in (*train.left_out(), *val.left_out()):
        print(line, file=sys.stderr)
    kept = train.readable()
    if (many := len(kept.paths)) < batch_size:
        raise UserError(
            say(
                f"{folder / 'train'}: 能读的图片只有 {many} 张，不够一批 {batch_size} 张；请用小一些的批次",
                f"{folder / 'train'}: {many} readable pictures do not fill a batch of {batch_size}; use a smaller one",
            )
        )
    return kept, val.pictures, classes


@dataclass(frozen=True)
class Split:
    """All the pictures of train/ or of val/, and what a look at every file has found."""

    pictures: Labelled
    scan: Scan

    def left_out(self) -> list[str]:
        """Which pictures cannot be read, and why: the first few, and how many."""
        why = [reason for _, reason in sorted(self.scan.unreadable.items())]
        lines = [say(f"已略过：{reason}", f"left out: {reason}") for reason in why[:SAID]]
        if (many := len(why)) > SAID:
            lines.append(say(f"这样略过的一共 {many} 张", f"so left out: {many} in all"))
        return [one_line(line) for line in lines]

    def readable(self) -> Labelled:
        """The pictures without those that cannot be read."""
        kept = [place for place in range(len(self.pictures.paths)) if place not in self.scan.unreadable]
        checksums = {new: self.scan.checksums[old] for new, old in enumerate(kept)}
        return replace(
            self.pictures,
            paths=[self.pictures.paths[place] for place in kept],
            labels=[self.pictures.labels[place] for place in kept],
            checksums=checksums,
            proved={new: checksums[new] for new, old in enumerate(kept) if old not in self.scan.needs_pillow},
        )


def both_splits(folder: Path, notes: Notes, progress: bool = True) -> tuple[tuple[ClassName, ...], Split, Split]:
    """The classes of a training folder, train and val; `notes` takes what was passed over, assumed or is odd.

    Raises:
        UserError: as for `training_set`, but for the batch.
    """
    there = {path.name for path in entries(folder, Notes()) if os.path.isdir(path)}
    for split in ("train", "val"):
        if split not in there:
            raise UserError(
                say(
                    f"{folder}: 里面没有 {split}/；应当有 train/ 和 val/，各自一类一个文件夹",
                    f"{folder}: no folder {split}/ in it; expected train/ and val/, one folder a class in each",
                )
            )
    classes = classes_of(folder / "train")
    if len(classes) < 2:
        raise UserError(
            say(
                f"{folder / 'train'}: 只有一类，没有什么可以区分",
                f"{folder / 'train'}: one class only; there is nothing to tell apart",
            )
        )
    train, val = (look_through(folder / split, classes, notes, progress) for split in ("train", "val"))
    if os.path.samefile(folder / "train", folder / "val"):
        notes.add(say("与 train/ 是同一个文件夹", "the same folder as train/"), folder / "val")
    return classes, train, val


def look_through(folder: Path, classes: tuple[ClassName, ...], notes: Notes, progress: bool = True) -> Split:
    """The pictures of train/ or of val/, each of them decoded once.

    Raises:
        UserError: a folder is in no order, a class is unknown, or not one picture can be read.
    """
    pictures = from_folders(folder, classes, notes)
    found = scan(pictures.paths, progress, notes)
    if len(found.unreadable) == len(pictures.paths):
        first = found.unreadable[0]
        raise UserError(
            say(
                f"{folder}: 没有一张图片能读；第一张：{first}",
                f"{folder}: not one picture can be read; the first: {first}",
            )
        )
    present = {label for place, label in enumerate(pictures.labels) if place not in found.unreadable}
    for index in sorted({*range(len(classes))} - present):
        absent = say("这一类没有能读的图片，结果不涉及它", "no readable picture of this class; results leave it out")
        notes.add(absent, folder / classes[index].wnid)
    return Split(replace(pictures, checksums=found.checksums), found)
