"""From files to batches (B, 3, H, W) float32: Pillow opens, MindSpore's dataset engine does the rest."""

import io
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import mindspore.dataset as ds
import numpy as np
from mindspore.dataset import vision
from PIL import Image

from vit.data.images import read_image
from vit.data.labels import Labelled
from vit.data.preprocessing import Preprocessing
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.runtime.progress import bar

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
    for transform in evaluation_transforms(preprocessing):
        image = transform(image)
    return image


def evaluation_batches(
    paths: Sequence, preprocessing: Preprocessing, batch_size: int, unreadable: dict[int, str]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Preprocess the readable pictures in their order, on all cores.

    Every batch has `batch_size` rows, so that nothing is compiled again for the last one: it is padded.

    Args:
        paths: picture files.
        batch_size: B.
        unreadable: filled on the way, as `scan` returns it: index in `paths` -> why it could not be read.

    Yields:
        images (B, 3, S, S) float32, and indices (B,) int32 into `paths`, -1 in the rows that only pad.
    """

    def read(index):
        try:
            return read_image(paths[index]), index
        except UserError as error:
            unreadable[int(index)] = str(error)
            return np.zeros((1, 1, 3), np.uint8), np.int32(-1)  # it must give something; filtered out below

    workers = min(os.cpu_count() or 1, len(paths), 8)
    # a GeneratorDataset with two threads is slower than with one (`benchmarks/upstream/generator_workers.py`)
    dataset = ds.NumpySlicesDataset({"index": np.arange(len(paths), dtype=np.int32)}, shuffle=False)
    dataset = dataset.map(read, "index", ["image", "index"], num_parallel_workers=workers)
    dataset = dataset.filter(lambda index: index >= 0, "index")
    dataset = dataset.map(evaluation_transforms(preprocessing), "image", num_parallel_workers=workers)
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


def scan(paths: Sequence, progress: bool = True) -> tuple[dict[int, str], set[int]]:
    """Open every file once, before training: which cannot be read, and which only Pillow reads rightly.

    Returns:
        unreadable: index -> why; and the indices of pictures that MindSpore's decoder would get wrong
        (rotated by EXIF, CMYK, transparent, 16 bit) or cannot open (WebP, GIF).
    """
    unreadable: dict[int, str] = {}
    needs_pillow: set[int] = set()

    def look(index):
        try:
            read_image(paths[index])
            with Image.open(paths[index]) as image:
                plain = image.format in ("JPEG", "PNG", "BMP") and image.mode == "RGB"
                if not plain or image.has_transparency_data or image.getexif().get(0x0112, 1) != 1:
                    needs_pillow.add(index)
        except UserError as error:
            unreadable[index] = str(error)

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        looks = pool.map(look, range(len(paths)))
        for _ in bar(looks, total=len(paths), desc=say("检查", "scan"), unit="img", disable=not progress):
            pass
    return unreadable, needs_pillow


class _Encoded:
    """The source of training: encoded bytes and label, in an order of our own."""

    def __init__(self, pictures: Labelled, order):
        self.pictures, self.order = pictures, order

    def __len__(self):
        return len(self.order)

    def __getitem__(self, place):
        index = int(self.order[place])
        path = self.pictures.paths[index]
        if index in self.pictures.needs_pillow:  # opened by it, and handed on without loss
            buffer = io.BytesIO()
            Image.fromarray(read_image(path)).save(buffer, "BMP")
            data = np.frombuffer(buffer.getvalue(), np.uint8)
        else:
            data = np.fromfile(path, np.uint8)
        return data, np.int32(self.pictures.labels[index])


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

    The same seed and epoch give the same pictures in the same order, so a run can be resumed.

    Args:
        pictures: readable ones; of which kinds MindSpore needs to be spared, `scan` finds out.
        batch_size: B, at most the number of pictures.
        epoch: 0, 1, 2 ...: each has another order and other crops.
        crop_scale: least and most share of a picture in a random crop.
        flip: how often a picture is mirrored.
        skip: batches to leave out at the start.

    Yields:
        images (B, 3, S, S) float32, labels (B,) int32.
    """
    order = np.random.default_rng([seed, epoch]).permutation(len(pictures.paths))
    before = ds.config.get_seed()
    ds.config.set_seed((seed * 1_000_003 + epoch) % 2**31)  # the random crops'
    try:
        workers = min(os.cpu_count() or 1, 8)
        dataset = ds.GeneratorDataset(
            _Encoded(pictures, order),
            ["image", "label"],
            shuffle=False,
            num_parallel_workers=1,  # it only reads bytes
            python_multiprocessing=False,
        )
        transforms = training_transforms(preprocessing, crop_scale, flip)
        dataset = dataset.map(transforms, "image", num_parallel_workers=workers)
        dataset = dataset.batch(batch_size, drop_remainder=True).skip(skip)
        iterator = dataset.create_tuple_iterator(num_epochs=1, output_numpy=True)
    finally:
        ds.config.set_seed(before)
    yield from iterator
