"""`vit data check`: a look through a folder of pictures before anything is trained or evaluated on it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from vit.data.class_names import ClassName
from vit.data.folders import entries, pictures_by_class
from vit.data.training_set import Split, both_splits, look_through, named_classes
from vit.runtime.language import say
from vit.runtime.notes import Notes
from vit.runtime.text import one_line, unicode_text


def check(folder: Path, progress: bool = True) -> tuple[dict, str]:
    """What a run would find in a folder: one with train/ and val/, or one folder a class.

    Returns:
        {"folder": its path, "splits": {name: {"pictures": the readable ones, "classes": {folder: the same},
        "left_out": {file: why}}}, "notes": [what is passed over, assumed or odd]}, and the same in lines.
        Without train/ and val/ the only split is "all".

    Raises:
        UserError: no run could start on it.
    """
    notes = Notes()
    if {path.name for path in entries(folder, Notes())} & {"train", "val"}:
        classes, train, val = both_splits(folder, notes, progress)
        splits = {"train": train, "val": val}
    else:
        classes = named_classes(pictures_by_class(folder, Notes()))
        splits = {"all": look_through(folder, classes, notes, progress)}
    result = {
        "folder": unicode_text(folder),
        "splits": {name: _counted(split, classes) for name, split in splits.items()},
        "notes": notes.lines(),
    }
    left_out = [line for split in splits.values() for line in split.left_out()]
    return result, "\n".join([*_table(result["splits"], classes), *result["notes"], *left_out])


def _counted(split: Split, classes: Sequence[ClassName]) -> dict:
    pictures, unreadable = split.pictures, sorted(split.scan.unreadable.items())
    count = Counter(split.readable().labels)
    return {
        "pictures": count.total(),
        "classes": {known.wnid: count[index] for index, known in enumerate(classes)},
        "left_out": {unicode_text(pictures.paths[place]): unicode_text(why) for place, why in unreadable},
    }


def _table(splits: dict, classes: Sequence[ClassName]) -> list[str]:
    """A line for each class with its pictures in each split."""
    lines = ["  ".join([say("合计", "in all"), *(f"{name} {split['pictures']}" for name, split in splits.items())])]
    for known in classes:
        name = known.wnid if known.wnid == known.name else f"{known.wnid} ({known})"
        counts = (f"{split} {found['classes'][known.wnid]}" for split, found in splits.items())
        lines.append("  ".join([one_line(name), *counts]))
    return lines
