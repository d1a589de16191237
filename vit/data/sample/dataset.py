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

from vit.data.sample.render import CALM, HARD, draw
from vit.data.sample.shapes import THINGS
from vit.runtime.atomic import atomic_folder, one_writer
from vit.runtime.bars import bar
from vit.runtime.errors import UserError
from vit.runtime.language import say

VERSION = 2  # of the drawings: another number, other pixels
HARD_VERSION = 1  # the first version turned things freely, made them small and hid more of them
_STYLES = {VERSION: CALM, HARD_VERSION: HARD}
PER_CLASS = {"train": 500, "val": 100, "infer": 2}
_SPLITS = list(PER_CLASS)  # the place of a split here is part of the seed of its pictures


def picture(split: str, thing: int, number: int, seed: int = 0, version: int = VERSION):
    """One drawing: (RGB picture, mask, JPEG quality). The five arguments decide every pixel."""
    rng = np.random.default_rng([seed, _SPLITS.index(split), thing, number])
    image, mask = draw(rng, THINGS[thing], _STYLES[version])
    return image, mask, int(rng.integers(60, 95))


def _write(task) -> None:
    folder, split, thing, number, seed, version = task
    image, mask, quality = picture(split, thing, number, seed, version)
    image.save(folder / split / THINGS[thing].wnid / f"{number:04}.jpg", quality=quality)
    if split == "val":
        mask.save(folder / "masks" / split / THINGS[thing].wnid / f"{number:04}.png")


def make_sample(
    folder, per_class: dict[str, int] | None = None, seed: int = 0, hard: bool = False, progress: bool = True
) -> bool:
    """Draw the sample data into a folder; a folder that already has it is left alone.

    All is drawn beside it first and renamed at the end, so an interrupted run leaves no half of it.

    Args:
        folder: for instance data/sample.
        per_class: pictures of each class by split; default 500, 100, 2.
        seed: the same seed draws the same pixels.
        hard: the first version of the drawings: turned freely, smaller, half hidden.
        progress: draw a bar on standard error.

    Returns:
        Whether anything was drawn.

    Raises:
        UserError: the folder holds something else, or cannot be written.
    """
    folder = Path(folder).absolute()
    if seed < 0:
        raise UserError(say(f"种子不能是负数，现在是 {seed}", f"the seed must not be negative, not {seed}"))
    about = {"version": HARD_VERSION if hard else VERSION, "seed": seed, "per_class": per_class or PER_CLASS}
    if _is_drawn(folder, about, hard):
        return False
    with one_writer(folder):
        if _is_drawn(folder, about, hard):  # by another notebook, meanwhile
            return False
        with atomic_folder(folder) as staged:
            _draw_all(staged, about, progress)
            (staged / "about.json").write_text(json.dumps(about), encoding="utf-8")
    return True


def _is_drawn(folder: Path, about: dict, hard: bool) -> bool:
    """Whether these drawings are there; other ones are an error."""
    if (folder / "about.json").is_file():
        found = _read_about(folder / "about.json")
        if found == about:
            return True
        if not hard and found.get("version") == HARD_VERSION:
            raise UserError(
                say(
                    f"{folder}: 里面是第一版的画（现在的命令：vit data sample --hard）；请把它改名或删除，再运行一次",
                    f"{folder}: holds the first version of the drawings (today: vit data sample --hard); "
                    "rename or remove that folder, then run this again",
                )
            )
        raise UserError(
            say(
                f"{folder}: 里面是另一份示例数据（版本、数量或种子不同）；请先删除这个文件夹",
                f"{folder}: holds other sample data (another version, number or seed); remove that folder first",
            )
        )
    return False


def _read_about(path: Path) -> dict:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


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


def _draw_all(folder: Path, about: dict, progress: bool) -> None:
    tasks = []
    for split, count in about["per_class"].items():
        for thing, known in enumerate(THINGS):
            (folder / split / known.wnid).mkdir(parents=True)
            if split == "val":
                (folder / "masks" / split / known.wnid).mkdir(parents=True)
            tasks += [(folder, split, thing, number, about["seed"], about["version"]) for number in range(count)]
    # "spawn": MindSpore's threads do not survive a fork
    with _without_main(), multiprocessing.get_context("spawn").Pool(min(os.cpu_count() or 1, 8)) as pool:
        done = pool.imap_unordered(_write, tasks, chunksize=50)
        for _ in bar(done, total=len(tasks), desc=say("绘制", "draw"), unit="img", disable=not progress):
            pass
