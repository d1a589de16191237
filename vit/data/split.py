"""`vit data split`: a folder of class folders becomes one with train/ and val/, doubles on one side."""

import shutil
from collections import Counter
from pathlib import Path

import numpy as np

from vit.data.doubles import doubles, looks
from vit.data.folders import pictures_by_class
from vit.runtime.atomic import atomic_folder
from vit.runtime.bars import bar
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.runtime.notes import Notes


def split(folder: Path, out: Path, share: float = 0.2, seed: int = 0, progress: bool = True) -> tuple[dict, str]:
    """Copy the readable pictures of a folder, one sub-folder a class, into train/ and val/ of a new one.

    Of each class the same share goes to val, chosen by lot; pictures that are alike (`vit.data.doubles`) stay together.

    Args:
        share: of each class's pictures that val gets, at least one.
        seed: the same seed, the same split, wherever the folder lies.

    Returns:
        {"folder": of the split, "train": {class: pictures}, "val": {class: pictures}, "left_out": [files that cannot be
        read], "notes": [what was passed over]}, and the same in lines.

    Raises:
        UserError: the folder is in no order, a class has no two pictures that differ, or `out` is not empty.
    """
    if not 0 < share < 1:
        raise UserError(
            say(f"val 的份额要在 0 和 1 之间，而不是 {share:g}", f"val's share lies between 0 and 1, not {share:g}")
        )
    notes = Notes()
    classes = pictures_by_class(folder, notes)
    if len(classes) < 2:
        raise UserError(
            say(f"{folder}: 只有一类，没有什么可以区分", f"{folder}: one class only; there is nothing to tell apart")
        )
    paths = [path for files in classes.values() for path in files]
    labels = [name for name, files in classes.items() for _ in files]
    found = looks(paths, progress)
    readable = [place for place, look in enumerate(found) if look]
    together = {place: group.places[0] for group in doubles(found) for place in group.places}
    wanted = Counter(labels[place] for place in readable)
    for name in classes:
        if len({together.get(place, place) for place in readable if labels[place] == name}) < 2:
            raise UserError(
                say(
                    f"{folder}: 类别“{name}”里没有两张不同的、能读的图片，分不出 train 和 val；多放几张，或者把这个文件夹移走",
                    f"{folder}: class {name!r} has no two readable pictures that differ, one for train and one for val; "
                    "add some, or move the folder away",
                )
            )
    of_val = _chosen(
        readable, labels, together, {name: max(1, round(share * many)) for name, many in wanted.items()}, seed
    )
    counts, taken = {"train": Counter(), "val": Counter()}, set()
    with atomic_folder(out) as staged:
        for place in bar(readable, desc=say("复制", "copy"), unit="img", disable=not progress):
            side, name = "val" if place in of_val else "train", labels[place]
            counts[side][name] += 1
            target = staged / side / name / paths[place].name
            target.parent.mkdir(parents=True, exist_ok=True)
            if (name, target.name) in taken:  # by another sub-folder of the class
                target = target.with_stem(f"{target.stem}_{place}")
            taken.add((name, target.name))
            shutil.copyfile(paths[place], target)
    left_out = [str(paths[place]) for place, look in enumerate(found) if not look]
    result = {
        "folder": str(out),
        **{side: {name: count[name] for name in classes} for side, count in counts.items()},
        "left_out": left_out,
        "notes": notes.lines(),
    }
    lines = [f"{name}  train {counts['train'][name]}  val {counts['val'][name]}" for name in classes]
    kept = len(together)
    lines += [
        say(
            f"{kept} 张和别的相像，查得出的都放在同一边",
            f"{kept} pictures resemble another; those that were found are kept on one side",
        )
    ] * bool(kept)
    lines += [say(f"读不了，没有复制：{file}", f"cannot be read, not copied: {file}") for file in left_out]
    return result, "\n".join([*lines, *result["notes"]])


def _chosen(readable, labels, together, wanted: dict[str, int], seed: int) -> set[int]:
    """The places of val: groups of doubles by lot, until each class has what it should, and train keeps one of each."""
    groups: dict[int, list[int]] = {}
    for place in readable:
        groups.setdefault(together.get(place, place), []).append(place)
    left = Counter(labels[place] for group in groups.values() for place in group)
    lot, chosen = list(groups.values()), set()
    missing = Counter(wanted)
    for number in np.random.default_rng(seed).permutation(len(lot)):
        inside = Counter(labels[place] for place in lot[number])
        fits = all(missing[name] >= 1 and left[name] > many for name, many in inside.items())
        if fits:
            chosen.update(lot[number])
            missing.subtract(inside)
            left.subtract(inside)
    for name, many in wanted.items():
        if missing[name] == many:
            raise UserError(
                say(
                    f"类别 {name} 的图片和别的类的太像，分不出 val；先运行 vit data check 看看是哪些",
                    f"class {name} resembles other classes so much that val gets none of it; `vit data check` says which",
                )
            )
    return chosen
