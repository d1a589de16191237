"""From files to batches (B, 3, H, W) float32: Pillow opens, MindSpore's dataset engine does the rest."""

import io
import os
import sys
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import mindspore.dataset as ds
import numpy as np
from mindspore.dataset import vision
from PIL import Image

from vit.data.images import Picture, decode, read_bytes, read_image
from vit.data.labels import Labelled
from vit.data.preprocessing import Preprocessing
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.language import say
from vit.runtime.notes import TOLD, Notes
from vit.runtime.progress import bar
from vit.runtime.text import one_line

SAID = 5  # of pictures that cannot be read, so many are named
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
    image = _shortened(image)
    for transform in evaluation_transforms(preprocessing):
        image = transform(image)
    return image


def _shortened(image: np.ndarray, most: int = 32) -> np.ndarray:
    """A strip (H, W, 3) more than `most` times as long as wide loses its ends, which a centre crop never shows.

    Enlarged whole, one of 1 by 20,000 pixels would take gigabytes, more than MindSpore can hold in a picture.
    """
    sides = np.array(image.shape[:2])
    cut = np.maximum(sides - most * sides.min(), 0) // 2
    return image[cut[0] : sides[0] - cut[0], cut[1] : sides[1] - cut[1]]


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
            return _shortened(read_image(paths[index], notes)), index
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
        if not _mindspore_agrees(data, picture):
            found.needs_pillow.add(index)
        if picture.assumed:
            notes.add(picture.assumed, paths[index])

    with ThreadPoolExecutor(workers()) as pool:
        looks = pool.map(look, range(len(paths)))
        for _ in bar(looks, total=len(paths), desc="scan", unit="img", disable=not progress):
            pass
    return found


def _mindspore_agrees(data: bytes, picture: Picture) -> bool:
    """Whether MindSpore decodes these bytes as Pillow does; one that it cannot decode would end an epoch.

    Only upright JPEGs in colour are tried: it knows neither WebP nor GIF, ignores EXIF, cuts 16 bits off,
    and a PNG that Pillow forgives a wrong checksum makes it stop.
    """
    if not picture.plain_jpeg or _shortened(picture.pixels).shape != picture.pixels.shape:
        return False
    try:
        pixels = vision.Decode()(np.frombuffer(data, np.uint8))
    except Exception:  # whatever its decoder raises
        return False
    same = pixels.shape == picture.pixels.shape
    return same and np.abs(np.subtract(pixels, picture.pixels, dtype=np.int16)).max() <= 3  # two builds of one library


class _Encoded:
    """Where training takes its pictures from: bytes that MindSpore decodes, and labels."""

    def __init__(self, pictures: Labelled):
        self.pictures = pictures
        self.failed = False  # not one picture can be read any more

    def read(self, first):
        """A picture that went away after the scan is replaced by the next in the list, with that one's label."""
        first, many = int(first), len(self.pictures.paths)
        for index in () if self.failed else chain(range(first, many), range(first)):
            try:
                return self._encoded(index), np.int32(self.pictures.labels[index])
            except UserError as error:
                self._miss(index, error)
        self.failed = True
        return _as_bmp(np.zeros((1, 1, 3), np.uint8)), np.int32(0)  # it must give something; it is not trained on

    def _encoded(self, index) -> np.ndarray:
        """Bytes that MindSpore decodes as Pillow does: the file's own where that is proved, else a BMP."""
        path = self.pictures.paths[index]
        data = read_bytes(path)
        checksum = zlib.crc32(data)
        if self.pictures.proved.get(index) != checksum:
            picture = decode(data, path)
            if not _mindspore_agrees(data, picture):
                return _as_bmp(_shortened(picture.pixels))
            self.pictures.proved[index] = checksum
        return np.frombuffer(data, np.uint8)

    def _miss(self, index, error: UserError) -> None:
        gone = self.pictures.gone
        if index not in gone and len(gone) < SAID:
            line = say(f"{error}；改用列表里的下一张", f"{error}; the next in the list stands in for it")
            print(one_line(line), file=sys.stderr)
        gone[index] = str(error)


def _as_bmp(pixels: np.ndarray) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "BMP")
    return np.frombuffer(buffer.getvalue(), np.uint8)


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
        source = _Encoded(pictures)
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
