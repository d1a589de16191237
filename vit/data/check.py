"""`vit data check`: a look through a folder of pictures before anything is trained or evaluated on it."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from vit.data.class_names import ClassName
from vit.data.decoders import SAID
from vit.data.doubles import Doubles, Look, doubles, looks
from vit.data.folders import entries, pictures_by_class
from vit.data.training_set import Split, both_splits, look_through, named_classes
from vit.runtime.language import say
from vit.runtime.notes import Notes
from vit.runtime.text import one_line, unicode_text


def check(folder: Path, progress: bool = True) -> tuple[dict, str]:
    """What a run would find in a folder: one with train/ and val/, or one folder a class.

    Returns:
        {"folder": its path, "splits": {name: {"pictures": the readable ones, "classes": {folder: the same},
        "left_out": {file: why}}}, "sizes": {"least", "median", "most": [width, height], by the shorter side},
        "doubles": [{"files": [...], "same": whether of the same pixels, "splits": [...], "classes": [...]}], those
        between splits first, then those between classes; "notes": [what is passed over, assumed or odd]}, and the
        same in lines. Without train/ and val/ the only split is "all".

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
    every = [
        (name, split.pictures, place) for name, split in splits.items() for place in range(len(split.pictures.paths))
    ]
    found = looks([pictures.paths[place] for _, pictures, place in every], progress)
    twice = [_described(group, every, classes) for group in doubles(found)]
    result = {
        "folder": unicode_text(folder),
        "splits": {name: _counted(split, classes) for name, split in splits.items()},
        "sizes": _sizes(found),
        "doubles": sorted(twice, key=lambda one: (len(one["splits"]) == 1, len(one["classes"]) == 1, not one["same"])),
        "notes": notes.lines(),
    }
    left_out = [line for split in splits.values() for line in split.left_out()]
    odd = _doubles_told(result["doubles"], folder)
    return result, "\n".join(
        [*_table(result["splits"], classes), _sizes_told(result["sizes"]), *odd, *result["notes"], *left_out]
    )


def _described(group: Doubles, every: list, classes: Sequence[ClassName]) -> dict:
    members = [every[place] for place in group.places]
    return {
        "files": [unicode_text(pictures.paths[place]) for _, pictures, place in members],
        "same": group.same,
        "splits": list(dict.fromkeys(name for name, _, _ in members)),
        "classes": list(dict.fromkeys(classes[pictures.labels[place]].wnid for _, pictures, place in members)),
    }


def _sizes(found: Sequence[Look | None]) -> dict:
    sizes = sorted((look.size for look in found if look), key=min)
    return {"least": list(sizes[0]), "median": list(sizes[len(sizes) // 2]), "most": list(sizes[-1])}


def _sizes_told(sizes: dict) -> str:
    least, median, most = (f"{width} x {height}" for width, height in sizes.values())
    return say(
        f"大小：最小 {least}，中位数 {median}，最大 {most}", f"sizes: least {least}, median {median}, most {most}"
    )


def _doubles_told(twice: list[dict], folder: Path) -> list[str]:
    """The first few groups of each kind, and how many there are."""
    kinds = {
        say("train 和 val 里都有", "in train and in val"): [one for one in twice if len(one["splits"]) > 1],
        say("在两类里", "in two classes"): [one for one in twice if len(one["splits"]) == 1 < len(one["classes"])],
        say("在同一类里", "in one class"): [one for one in twice if len(one["splits"]) == 1 == len(one["classes"])],
    }
    lines = []
    for kind, groups in kinds.items():
        for one in groups[:SAID]:
            alike = say("相同", "the same") if one["same"] else say("几乎相同", "nearly the same")
            names = [os.path.relpath(file, unicode_text(folder)) for file in one["files"]]
            more = say(f"，等 {len(names)} 张", f", {len(names)} in all") if len(names) > 3 else ""
            lines.append(one_line(say(f"{kind}，{alike}：", f"{kind}, {alike}: ") + ", ".join(names[:3]) + more))
        if len(groups) > SAID:
            lines.append(say(f"{kind}的一共 {len(groups)} 组", f"{kind}: {len(groups)} groups in all"))
    return lines or [say("没有发现相同或相像的图片", "no pictures that are the same or alike were found")]


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
    called = {name: "" if len(splits) == 1 else f"{name} " for name in splits}  # the only split needs no name
    total = (f"{called[name]}{split['pictures']}" for name, split in splits.items())
    lines = ["  ".join([say("合计", "in all"), *total])]
    for known in classes:
        name = known.wnid if known.wnid == known.name else f"{known.wnid} ({known})"
        counts = (f"{called[split]}{found['classes'][known.wnid]}" for split, found in splits.items())
        lines.append("  ".join([one_line(name), *counts]))
    return lines
