"""Writing the sample data: the folders of the ImageNet subset, filled with drawings.

train/<WordNet id>/0000.jpg ...   val/...   infer/...   masks/val/<WordNet id>/0000.png
"""

import json
import multiprocessing
import os
import sys
import types
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from vit.atomic import atomic_folder
from vit.data.sample.render import draw
from vit.data.sample.shapes import THINGS
from vit.errors import UserError

VERSION = 1  # of the drawings: another number, other pixels
PER_CLASS = {"train": 500, "val": 100, "infer": 2}
_SPLITS = list(PER_CLASS)  # the place of a split here is part of the seed of its pictures


def picture(split: str, thing: int, number: int, seed: int = 0):
    """One drawing: (RGB picture, mask, JPEG quality). The four numbers decide every pixel."""
    rng = np.random.default_rng([seed, _SPLITS.index(split), thing, number])
    image, mask = draw(rng, THINGS[thing])
    return image, mask, int(rng.integers(60, 95))


def _write(task) -> None:
    folder, split, thing, number, seed = task
    image, mask, quality = picture(split, thing, number, seed)
    image.save(folder / split / THINGS[thing].wnid / f"{number:04}.jpg", quality=quality)
    if split == "val":
        mask.save(folder / "masks" / split / THINGS[thing].wnid / f"{number:04}.png")


def make_sample(folder, per_class: dict[str, int] | None = None, seed: int = 0, progress: bool = True) -> bool:
    """Draw the sample data into a folder; a folder that already has it is left alone.

    All is drawn beside it first and renamed at the end, so an interrupted run leaves no half of it.

    Args:
        folder: for instance data/sample.
        per_class: pictures of each class by split; default 500, 100, 2.
        seed: the same seed draws the same pixels.
        progress: draw a bar on standard error.

    Returns:
        Whether anything was drawn.

    Raises:
        UserError: the folder holds something else, or cannot be written.
    """
    folder = Path(folder).absolute()
    if seed < 0:
        raise UserError(f"--seed must not be negative, not {seed}")
    about = {"version": VERSION, "seed": seed, "per_class": per_class or PER_CLASS}
    if (folder / "about.json").is_file():
        try:
            if json.loads((folder / "about.json").read_text(encoding="utf-8")) == about:
                return False
        except ValueError:
            pass
        raise UserError(f"{folder}: holds other sample data (another version or seed); remove that folder first")
    with atomic_folder(folder) as staged:
        _draw_all(staged, about["per_class"], seed, progress)
        (staged / "about.json").write_text(json.dumps(about), encoding="utf-8")
    return True


@contextmanager
def _without_main():
    """New processes run the caller's script once more, unless they do not know it; they need not here.

    It may have no guard (`if __name__ == "__main__"`), or be no file (standard input).
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _draw_all(folder: Path, per_class, seed, progress) -> None:
    tasks = []
    for split, count in per_class.items():
        for thing, known in enumerate(THINGS):
            (folder / split / known.wnid).mkdir(parents=True)
            if split == "val":
                (folder / "masks" / split / known.wnid).mkdir(parents=True)
            tasks += [(folder, split, thing, number, seed) for number in range(count)]
    # "spawn": MindSpore's threads do not survive a fork
    with _without_main(), multiprocessing.get_context("spawn").Pool(min(os.cpu_count() or 1, 8)) as pool:
        done = pool.imap_unordered(_write, tasks, chunksize=50)
        for _ in tqdm(done, total=len(tasks), desc="draw", unit="img", file=sys.stderr, disable=not progress):
            pass
