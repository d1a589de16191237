"""One run of lesson 12's contest: a network, so many distinct pictures, always as many updates; and what it then knows."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mindspore as ms
import numpy as np
from PIL import Image

from course.investigations.rivals import NETWORKS
from course.language import say
from vit.config import named_model
from vit.data.images import read_image
from vit.data.labels import Labelled, from_folders
from vit.data.pipeline import evaluation_batches, framing, training_batches
from vit.data.sample.dataset import make_sample
from vit.data.training_set import classes_of
from vit.inference import make_forward
from vit.kernels.convolution import quick_convolutions
from vit.runtime.bars import bar
from vit.runtime.errors import UserError
from vit.runtime.paths import DATA, shown
from vit.training import make_train_step, train
from vit.training.optimizer import warmup_cosine
from vit.training.recipe import Recipe

MODELS = {"drawings": "vit_sample_patch8_64", "cifar10": "vit_cifar_patch4_32"}
BATCH = 64
UPDATES = 781  # so that every run is given 50,000 pictures, repeated or not
RECIPE = Recipe(batch_size=BATCH, weight_decay=0.1)
# of 1e-3, 2e-3, 4e-3 (and 8e-3 where that was best) the best mean of drawings and CIFAR-10, on pictures kept for it
# (`python -m benchmarks.vit_or_cnn --rates`)
RATES = {"vit": 2e-3, "cnn": 4e-3, "hybrid": 2e-3}
SHIFTS = (0.0625, 0.125, 0.25)  # of the picture's side
TURNS = (15, 30, 60, 90, 180)  # degrees


@dataclass(frozen=True)
class Entry:
    """What takes part in a run."""

    data: str = "drawings"  # or "cifar10"
    network: str = "vit"  # or "cnn", "hybrid"
    pictures: int = 5000  # distinct ones
    crops: str = "random"  # and mirror images; or "none": every picture is always the same
    patches: str = "in order"  # or "shuffled": in another order, the same for all pictures, in training and after it
    updates: int = UPDATES


def folder_of(data: str, pictures: int) -> Path:
    """Where the pictures lie; drawn where they can be.

    Raises:
        UserError: CIFAR-10 is not there.
    """
    if data == "cifar10":
        if not (DATA / data / "train").is_dir():
            raise UserError(
                say(
                    f"没有 {shown(DATA / data)}：先运行 vit data cifar10（下载 170 MB）",
                    f"{shown(DATA / data)} is not there: run `vit data cifar10` first (it fetches 170 MB)",
                )
            )
        return DATA / data
    if pictures <= 5000:
        make_sample(DATA / "sample")
        return DATA / "sample"
    make_sample(DATA / "sample_50000", {"train": 5000})  # the first 500 of a class are those of data/sample
    return DATA / "sample_50000"


def chosen(data: str, pictures: int, beyond: bool = False) -> Labelled:
    """So many of train, the first of each class: a smaller choice is part of every larger one.

    Args:
        beyond: the 100 of each class that follow the first 500 instead, kept for choosing a rate.
    """
    folder = folder_of(data, 50_000 if beyond else pictures)
    everything = from_folders(folder / "train", classes_of(folder / "train"))
    each = pictures // len(set(everything.labels))
    first, last = (500, 600) if beyond else (0, each)
    known: dict[int, int] = {}
    places = []
    for place, label in enumerate(everything.labels):
        known[label] = known.get(label, -1) + 1
        if first <= known[label] < last:
            places.append(place)
    return Labelled([everything.paths[i] for i in places], [everything.labels[i] for i in places], {})


def network(entry: Entry, seed: int, *parts: type):
    """One as it starts, its parameters from the seed; made of `parts`, if any, in the place of ours."""
    quick_convolutions()
    known = named_model(MODELS[entry.data])
    ms.set_seed(seed)
    model = NETWORKS[entry.network](known.config, *parts)
    model.preprocessing = known.preprocessing()
    return model


def order_of(config) -> np.ndarray:
    """The other order of patches, (N,): the same in every run."""
    return np.random.default_rng(12).permutation(config.num_patches)


def reordered(images: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Patches of pictures (B, 3, S, S) in another order (N,), or in one for each picture (B, N)."""
    batch, channels, size, _ = images.shape
    side = math.isqrt(order.shape[-1])
    p = size // side
    x = images.reshape(batch, channels, side, p, side, p).transpose(0, 2, 4, 1, 3, 5)  # (B, rows, cols, 3, P, P)
    x = x.reshape(batch, side * side, channels, p, p)  # (B, N, 3, P, P)
    x = x[:, order] if order.ndim == 1 else np.take_along_axis(x, order[:, :, None, None, None], axis=1)
    x = x.reshape(batch, side, side, channels, p, p).transpose(0, 3, 1, 4, 2, 5)
    return np.ascontiguousarray(x.reshape(images.shape))


def batches(entry: Entry, pictures: Labelled, model, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """As many as there are updates: every picture as often as every other, give or take once, all in one random order."""
    repeats = math.ceil(entry.updates * BATCH / len(pictures.paths))
    paths, labels = pictures.paths * repeats, pictures.labels * repeats
    if entry.crops == "random":
        options = {"seed": seed, "crop_scale": (RECIPE.crop_scale, 1.0), "flip": RECIPE.flip}
        made = training_batches(Labelled(paths, labels, {}), model.preprocessing, BATCH, 0, **options)
    else:
        order = np.random.default_rng([seed, 0]).permutation(len(paths))
        in_order, of_order = [paths[i] for i in order], np.array(labels, np.int32)[order]
        made = (
            (images, of_order[index]) for images, index in evaluation_batches(in_order, model.preprocessing, BATCH, {})
        )
    for images, of_batch in itertools.islice(made, entry.updates):
        yield (reordered(images, order_of(model.config)) if entry.patches == "shuffled" else images), of_batch


def trained(entry: Entry, seed: int, *parts: type, rate: float | None = None):
    """The network after its updates of BATCH pictures each."""
    model = network(entry, seed, *parts)
    rates = warmup_cosine(rate or RATES[entry.network], entry.updates, round(entry.updates * RECIPE.warmup))
    step = make_train_step(model, rates, RECIPE.weight_decay, RECIPE.clip_norm, betas=(0.9, RECIPE.beta2))
    pictures = chosen(entry.data, entry.pictures)
    losses = train(step, batches(entry, pictures, model, seed))
    for _ in bar(losses, total=entry.updates, desc=say("训练", "training"), leave=False):
        pass
    return model


class Pictures:
    """Pictures framed as for evaluation, kept as pixels: (n, S, S, 3) uint8 and labels (n,)."""

    def __init__(self, pictures: Labelled, preprocessing):
        self.preprocessing, self.labels = preprocessing, np.array(pictures.labels)
        frames = framing(preprocessing)
        made = []
        for path in bar(pictures.paths, desc=say("读取", "read"), leave=False):
            image = read_image(path)
            for transform in frames:
                image = transform(image)
            made.append(image)
        self.pixels = np.stack(made)

    def some(self, most: int) -> "Pictures":
        """At most so many of them, spread over all."""
        other = object.__new__(Pictures)
        every = np.linspace(0, len(self.labels) - 1, min(most, len(self.labels))).astype(int)
        other.preprocessing, other.labels, other.pixels = self.preprocessing, self.labels[every], self.pixels[every]
        return other

    def moved(self, right: int, down: int) -> np.ndarray:
        """All of them, so many pixels over; what comes in repeats the border."""
        reach = max(abs(right), abs(down))
        padded = np.pad(self.pixels, ((0, 0), (reach, reach), (reach, reach), (0, 0)), mode="edge")
        size = self.pixels.shape[1]
        return padded[:, reach - down : reach - down + size, reach - right : reach - right + size]

    def turned(self, degrees: float) -> np.ndarray:
        """All of them, turned about their middle, counter-clockwise; corners grey."""
        turn = (
            Image.fromarray(one).rotate(degrees, Image.Resampling.BILINEAR, fillcolor=(128,) * 3) for one in self.pixels
        )
        return np.stack([np.asarray(one) for one in turn])

    def accuracy(self, model, pixels: np.ndarray | None = None, order: np.ndarray | None = None) -> float:
        """Of a model on these, or on what has been made of them, patches perhaps in another order."""
        pixels = self.pixels if pixels is None else pixels
        mean, std = (np.array(values, np.float32) for values in (self.preprocessing.mean, self.preprocessing.std))
        forward, right = make_forward(model), 0
        for first in range(0, len(pixels), 100):
            part = pixels[first : first + 100]
            images = np.zeros((100, 3, *pixels.shape[1:3]), np.float32)
            images[: len(part)] = ((part / np.float32(255) - mean) / std).transpose(0, 3, 1, 2)
            if order is not None:
                images = reordered(images, order if order.ndim == 1 else _rows(order[first : first + 100]))
            guesses = forward(images).asnumpy()[: len(part)].argmax(1)
            right += int((guesses == self.labels[first : first + 100]).sum())
        return right / len(pixels)


def _rows(order: np.ndarray) -> np.ndarray:
    return np.concatenate([order, np.repeat(order[:1], 100 - len(order), axis=0)])


def validation(entry: Entry, preprocessing) -> Pictures:
    """All of val."""
    folder = folder_of(entry.data, 500)
    return Pictures(from_folders(folder / "val", classes_of(folder / "train")), preprocessing)


def top1(entry: Entry, seed: int, *parts: type) -> float:
    """Accuracy on val after one run."""
    model = trained(entry, seed, *parts)
    order = order_of(model.config) if entry.patches == "shuffled" else None
    return validation(entry, model.preprocessing).accuracy(model, order=order)


def examined(entry: Entry, seed: int) -> dict:
    """One run, and more than its accuracy: {"result", "train", "moved", "turned", "patches"}."""
    model = trained(entry, seed)
    order = order_of(model.config) if entry.patches == "shuffled" else None
    val = validation(entry, model.preprocessing)
    known = Pictures(_some(chosen(entry.data, entry.pictures), 1000), model.preprocessing)
    found = {"result": val.accuracy(model, order=order), "train": known.accuracy(model, order=order)}
    if order is not None:
        return found
    few, size = val.some(2000), val.pixels.shape[1]
    shuffles = np.random.default_rng(seed).permuted(
        np.tile(np.arange(model.config.num_patches), (len(few.labels), 1)), axis=1
    )
    ways = ((1, 0), (-1, 0), (0, 1), (0, -1))
    found["moved"] = {
        f"{shift:g}": float(
            np.mean([few.accuracy(model, few.moved(*(round(shift * size) * w for w in way))) for way in ways])
        )
        for shift in SHIFTS
    }
    found["turned"] = {
        str(angle): float(np.mean([few.accuracy(model, few.turned(sign * angle)) for sign in (1, -1)]))
        for angle in TURNS
    }
    found["patches"] = few.accuracy(model, order=shuffles)
    return found


def _some(pictures: Labelled, most: int) -> Labelled:
    every = np.linspace(0, len(pictures.paths) - 1, min(most, len(pictures.paths))).astype(int)
    return Labelled([pictures.paths[i] for i in every], [pictures.labels[i] for i in every], {})
