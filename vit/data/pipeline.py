"""From files to batches (B, 3, H, W) float32: Pillow opens, MindSpore's dataset engine does the rest."""

import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import mindspore.dataset as ds
import numpy as np
from mindspore.dataset import vision

from vit.data.decoders import Encoded, mindspore_agrees, shortened
from vit.data.images import decode, read_bytes, read_image
from vit.data.labels import Labelled
from vit.data.preprocessing import Preprocessing
from vit.runtime.bars import bar
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.language import say
from vit.runtime.notes import TOLD, Notes

_INTERPOLATION = {
    "bicubic": vision.Inter.PILCUBIC,  # antialiased; Inter.BICUBIC is not
    "bilinear": vision.Inter.LINEAR,
}


def evaluation_transforms(preprocessing: Preprocessing) -> list:
    """The transforms of `vit eval` and `vit predict`: (H, W, 3) uint8 -> (3, S, S) float32."""
    return [*framing(preprocessing), *normalisation(preprocessing)]


def framing(preprocessing: Preprocessing) -> list:
    """Resize and centre crop, still a picture: (H, W, 3) uint8 -> (S, S, 3) uint8."""
    return [
        vision.Resize(preprocessing.resize, _INTERPOLATION[preprocessing.interpolation]),
        vision.CenterCrop(preprocessing.size),
    ]


def normalisation(preprocessing: Preprocessing) -> list:
    """(S, S, 3) uint8 -> (3, S, S) float32."""
    mean, std = ([255 * value for value in values] for values in (preprocessing.mean, preprocessing.std))
    return [vision.Normalize(mean, std, is_hwc=True), vision.HWC2CHW()]


def preprocess(image: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    """One picture (H, W, 3) uint8, as `read_image` gives it -> (3, S, S) float32."""
    image = shortened(image)
    for transform in evaluation_transforms(preprocessing):
        image = transform(image)
    return image


def evaluation_batches(
    paths: Sequence,
    preprocessing: Preprocessing,
    batch_size: int,
    unreadable: dict[int, str],
    notes: Notes = TOLD,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Preprocess the readable pictures in their order, on all cores.

    Every batch has `batch_size` rows, so that nothing is compiled again for the last one: it is padded.

    Args:
        paths: picture files.
        batch_size: B.
        unreadable: filled on the way, as `scan` returns it: index in `paths` -> why it could not be read.
        notes: filled on the way with what had to be assumed of pixels.

    Yields:
        images (B, 3, S, S) float32, and indices (B,) int32 into `paths`, -1 in the rows that only pad.
    """

    def read(index):
        try:
            return shortened(read_image(paths[index], notes)), index
        except UserError as error:
            unreadable[int(index)] = str(error)
            return np.zeros((1, 1, 3), np.uint8), np.int32(-1)  # it must give something; filtered out below

    threads = min(workers(), len(paths))
    # a GeneratorDataset with two threads is slower than with one (`benchmarks/upstream/generator_workers.py`)
    dataset = ds.NumpySlicesDataset({"index": np.arange(len(paths), dtype=np.int32)}, shuffle=False)
    dataset = dataset.map(read, "index", ["image", "index"], num_parallel_workers=threads)
    dataset = dataset.filter(lambda index: index >= 0, "index")
    dataset = dataset.map(evaluation_transforms(preprocessing), "image", num_parallel_workers=threads)
    dataset = dataset.batch(batch_size)
    for images, index in dataset.create_tuple_iterator(num_epochs=1, output_numpy=True):
        padding = batch_size - len(images)
        if padding:
            images = np.pad(images, ((0, padding), (0, 0), (0, 0), (0, 0)))
            index = np.pad(index, (0, padding), constant_values=-1)
        yield images, index


# --- training -------------------------------------------------------------------------------


def training_transforms(
    preprocessing: Preprocessing, crop_scale: tuple[float, float] = (0.08, 1.0), flip: float = 0.5
) -> list:
    """The transforms of training, one by one: encoded bytes (n,) uint8 -> (3, S, S) float32.

    Args:
        crop_scale: the share of the picture's area that a random crop takes.
        flip: the probability of a mirror image.
    """
    interpolation = _INTERPOLATION[preprocessing.interpolation]
    return [
        # decodes only the part that it cuts out; the crop's shape varies from 3:4 to 4:3
        vision.RandomCropDecodeResize(preprocessing.size, crop_scale, (3 / 4, 4 / 3), interpolation),
        vision.RandomHorizontalFlip(flip),
        *normalisation(preprocessing),
    ]


@dataclass(frozen=True)
class Scan:
    """What a look at every file has found; each by its place among them."""

    unreadable: dict[int, str]  # place -> why
    needs_pillow: set[int]  # readable, but no JPEG that MindSpore's own decoder reads the same
    checksums: dict[int, int]  # place -> CRC-32 of the bytes of a readable file

    def __iter__(self):
        """`unreadable, needs_pillow = scan(paths)` is what a lesson wants to see."""
        return iter((self.unreadable, self.needs_pillow))


def scan(paths: Sequence, progress: bool = True, notes: Notes = TOLD) -> Scan:
    """Decode every file once, before training, with all decoders that training will use on it.

    Args:
        paths: picture files.
        progress: draw a bar on standard error.
        notes: where to put what had to be assumed of pixels.
    """
    found = Scan({}, set(), {})

    def look(index):
        try:
            data = read_bytes(paths[index])
            picture = decode(data, paths[index])
        except UserError as error:
            found.unreadable[index] = str(error)
            return
        found.checksums[index] = zlib.crc32(data)
        if not mindspore_agrees(data, picture):
            found.needs_pillow.add(index)
        if picture.assumed:
            notes.add(picture.assumed, paths[index])

    with ThreadPoolExecutor(workers()) as pool:
        looks = pool.map(look, range(len(paths)))
        for _ in bar(looks, total=len(paths), desc=say("检查", "scan"), unit="img", disable=not progress):
            pass
    return found


def workers() -> int:
    """Threads that prepare pictures. Random crops depend on it: each thread draws its own."""
    return min(os.cpu_count() or 1, 8)


def training_batches(
    pictures: Labelled,
    preprocessing: Preprocessing,
    batch_size: int,
    epoch: int,
    *,
    seed: int = 0,
    crop_scale: tuple[float, float] = (0.08, 1.0),
    flip: float = 0.5,
    skip: int = 0,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """One epoch of random crops in random order; what does not fill the last batch is left out.

    The same seed, epoch and number of `workers` give the same pictures in the same order, so a run can be resumed.

    Args:
        pictures: what `scan` has proved of them need not be proved again.
        batch_size: B, at most the number of pictures.
        epoch: 0, 1, 2 ...: each has another order and other crops.
        crop_scale: least and most share of a picture in a random crop.
        flip: how often a picture is mirrored.
        skip: batches to leave out at the start.

    Yields:
        images (B, 3, S, S) float32, labels (B,) int32.

    Raises:
        RunFailed: no picture can be read any more.
    """
    order = np.random.default_rng([seed, epoch]).permutation(len(pictures.paths))
    before = ds.config.get_seed()
    ds.config.set_seed((seed * 1_000_003 + epoch) % 2**31)  # the random crops'
    try:
        source = Encoded(pictures)
        dataset = ds.NumpySlicesDataset({"index": order}, shuffle=False)
        dataset = dataset.map(source.read, "index", ["image", "label"], num_parallel_workers=workers())
        transforms = training_transforms(preprocessing, crop_scale, flip)
        dataset = dataset.map(transforms, "image", num_parallel_workers=workers())
        dataset = dataset.batch(batch_size, drop_remainder=True).skip(skip)
        iterator = dataset.create_tuple_iterator(num_epochs=1, output_numpy=True)
    finally:
        ds.config.set_seed(before)
    for batch in iterator:
        if source.failed:
            raise RunFailed(say("训练图片一张也读不了了", "not one picture of train can be read any more"))
        yield batch
