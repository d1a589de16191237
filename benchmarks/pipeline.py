"""Does the pipeline keep up with the model? Training pictures a second, beside a PyTorch DataLoader.

    python -m benchmarks.pipeline [--data data/sample] [--model vit_sample_patch8_64] [--batch 32]

The same JPEGs, the same work (decode, random crop, resize, flip, normalise, batch), as many workers as
cores: MindSpore's engine as `vit train` uses it, and a DataLoader whose workers use Pillow and numpy.
They take turns with the model's own training step. Prints a table; writes outputs/benchmarks/pipeline-MODEL.json.
"""

import argparse
import importlib.util
import json
import math
import os
import statistics
import sys
from pathlib import Path

from tqdm import tqdm

from benchmarks.processes import Players
from vit.runtime.atomic import atomic_path
from vit.runtime.machine import machine
from vit.runtime.paths import DATA, OUTPUTS, shown


def engine(data, model, batch, limit):
    """MindSpore's dataset engine, one epoch a turn."""
    from vit.data.labels import Labelled
    from vit.data.pipeline import scan, training_batches

    paths, labels, preprocessing = _pictures(data, model, limit)
    found = scan(paths, progress=False)
    assert not found.unreadable, found.unreadable
    proved = {place: checksum for place, checksum in found.checksums.items() if place not in found.needs_pillow}
    pictures = Labelled(paths, labels, {}, proved=proved)
    epochs = iter(range(1_000_000))

    def epoch():
        batches = training_batches(pictures, preprocessing, batch, next(epochs))
        return sum(len(images) for images, _ in batches)

    return {"turn": epoch}


def dataloader(data, model, batch, limit):
    """PyTorch's DataLoader with Pillow, one epoch a turn; its workers live on between the epochs."""
    import torch

    paths, labels, preprocessing = _pictures(data, model, limit)
    torch.set_num_threads(1)
    loader = torch.utils.data.DataLoader(
        PillowCrops(paths, labels, preprocessing),
        batch,
        shuffle=True,
        drop_last=True,
        num_workers=os.cpu_count() or 1,
        persistent_workers=True,
        multiprocessing_context="spawn",
    )
    return {"turn": lambda: sum(len(images) for images, _ in loader)}


def training(data, model, batch, limit):
    """The model's training step on pictures that are there already; ten steps a turn."""
    from benchmarks.programs import make

    step, _ = make("vit", model, batch)

    def ten_steps():
        for _ in range(10):
            step()
        return 10 * batch

    return {"turn": ten_steps}


class PillowCrops:
    """What `training_transforms` does, with Pillow and numpy: index -> (3, S, S) float32, label."""

    def __init__(self, paths, labels, preprocessing):
        self.paths, self.labels, self.preprocessing = paths, labels, preprocessing

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        import numpy as np
        from PIL import Image

        size, p = self.preprocessing.size, self.preprocessing
        rng = np.random.default_rng()
        with Image.open(self.paths[index]) as file:
            image = file.convert("RGB")
        width, height = image.size
        for _ in range(10):  # a crop of 8 to 100 % of the area, its sides 3:4 to 4:3
            area = width * height * rng.uniform(0.08, 1.0)
            ratio = math.exp(rng.uniform(math.log(3 / 4), math.log(4 / 3)))
            w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < w <= width and 0 < h <= height:
                break
        else:
            w = h = min(width, height)
        left, top = rng.integers(0, width - w + 1), rng.integers(0, height - h + 1)
        filters = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
        image = image.resize((size, size), filters[p.interpolation], box=(left, top, left + w, top + h))
        x = np.asarray(image, np.float32)  # (S, S, 3)
        if rng.random() < 0.5:
            x = x[:, ::-1]
        x = (x / 255 - np.array(p.mean, np.float32)) / np.array(p.std, np.float32)
        return np.ascontiguousarray(x.transpose(2, 0, 1)), self.labels[index]  # (3, S, S)


def _pictures(data, model, limit):
    from vit.config import named_model
    from vit.data.labels import from_folders
    from vit.data.training_set import classes_of

    labelled = from_folders(Path(data), classes_of(Path(data)))
    stride = max(1, len(labelled.paths) // limit)
    preprocessing = named_model(model).preprocessing()
    return labelled.paths[::stride][:limit], labelled.labels[::stride][:limit], preprocessing


PROGRAMS = {"engine": engine, "DataLoader, Pillow": dataloader, "training step": training}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA / "sample" / "train", help="a folder of class folders")
    parser.add_argument("--model", default="vit_sample_patch8_64")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    names = [name for name in PROGRAMS if "Pillow" not in name or importlib.util.find_spec("torch")]
    makers = {
        name: (PROGRAMS[name], (arguments.data, arguments.model, arguments.batch, arguments.pictures)) for name in names
    }
    speeds = {name: [] for name in names}
    with Players(makers) as players:
        turns = [(turn, name) for turn in range(1 + arguments.rounds) for name in names]
        for turn, name in tqdm(turns, desc="pipeline", file=sys.stderr):
            turn = players.run(name, "turn")
            seconds, images = turn.seconds, turn.result
            if turn:  # the first one warms up
                speeds[name].append(images / seconds)
    print(f"{machine()}\n{arguments.model}, batch {arguments.batch}, {shown(arguments.data)}")
    print(f"{'':24}{'images/s':>10}  (slowest .. fastest)")
    for name, values in speeds.items():
        print(f"{name:24}{statistics.median(values):10.0f}  ({min(values):.0f} .. {max(values):.0f})")
    ours = statistics.median(speeds["engine"])
    for name in names[1:]:
        print(f"engine / {name}: {ours / statistics.median(speeds[name]):.1f}")
    path = OUTPUTS / "benchmarks" / f"pipeline-{arguments.model}.json"
    with atomic_path(path) as staged:
        result = {"machine": machine(), "model": arguments.model, "batch": arguments.batch, "images_per_s": speeds}
        staged.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
