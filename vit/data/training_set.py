"""The folder that a run trains on: train/ and val/, one folder a class in each."""

import sys
from pathlib import Path

from vit.data.class_names import ClassName, imagenet_classes
from vit.data.labels import Labelled, class_folders, from_folders
from vit.data.pipeline import scan
from vit.runtime.errors import UserError
from vit.runtime.language import say


def classes_of(folder) -> tuple[ClassName, ...]:
    """The classes of a training folder in alphabetical order of its sub-folders, with ImageNet's names."""
    known = {known.wnid: known for known in imagenet_classes()}
    return tuple(known.get(path.name, ClassName(path.name, path.name)) for path in class_folders(folder))


def training_set(folder, batch_size: int, progress: bool = True) -> tuple[Labelled, Labelled, tuple[ClassName, ...]]:
    """Pictures to train on, all readable; pictures to evaluate on; and their classes.

    What cannot be read is left out of the first, and named on standard error.

    Raises:
        UserError: a folder is missing, there is one class only, or the pictures do not fill a batch.
    """
    folder = Path(folder)
    for split in ("train", "val"):
        if not (folder / split).is_dir():
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
    train, val = (from_folders(folder / split, classes) for split in ("train", "val"))
    unreadable, needs_pillow = scan(train.paths, progress)
    for index in sorted(unreadable)[:5]:
        print(say(f"已略过：{unreadable[index]}", f"left out: {unreadable[index]}"), file=sys.stderr)
    good = [i for i in range(len(train.paths)) if i not in unreadable]
    if len(good) < batch_size:
        raise UserError(
            say(
                f"{folder / 'train'}: 能读的图片只有 {len(good)} 张，不够一批 {batch_size} 张；请用小一些的批次",
                f"{folder / 'train'}: {len(good)} readable pictures do not fill a batch of {batch_size}; "
                "use a smaller one",
            )
        )
    kept = Labelled(
        paths=[train.paths[i] for i in good],
        labels=[train.labels[i] for i in good],
        folders=train.folders,
        needs_pillow=frozenset(new for new, old in enumerate(good) if old in needs_pillow),
    )
    return kept, val, classes
