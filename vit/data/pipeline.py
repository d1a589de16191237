"""From files to batches (B, 3, H, W) float32: Pillow opens, MindSpore's dataset engine does the rest."""

import os
from collections.abc import Iterator, Sequence

import mindspore.dataset as ds
import numpy as np
from mindspore.dataset import vision

from vit.data.images import read_image
from vit.data.preprocessing import Preprocessing
from vit.errors import UserError

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


class _Files:
    """The source of the dataset: an unreadable file gives a black dot, and its place is noted."""

    def __init__(self, paths):
        self.paths = paths
        self.unreadable = {}  # index -> why

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        try:
            image = read_image(self.paths[index])
        except UserError as error:
            self.unreadable[int(index)] = str(error)
            image = np.zeros((1, 1, 3), np.uint8)
        return image, np.int32(index)


def evaluation_batches(
    paths: Sequence, preprocessing: Preprocessing, batch_size: int, unreadable: dict[int, str]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Preprocess pictures in their order, on all cores.

    Every batch has `batch_size` rows, so that nothing is compiled again for the last one: its
    spare rows, and the rows of unreadable pictures, hold no picture and are not in `rows`.

    Args:
        paths: picture files.
        batch_size: B.
        unreadable: filled on the way: index in `paths` -> why it could not be read.

    Yields:
        images (B, 3, S, S) float32, and indices (B,) int32 into `paths`, -1 where there is no picture.
    """
    files = _Files(paths)
    workers = min(os.cpu_count() or 1, len(paths), 8)
    dataset = ds.GeneratorDataset(
        files, ["image", "index"], shuffle=False, num_parallel_workers=workers, python_multiprocessing=False
    )
    dataset = dataset.map(evaluation_transforms(preprocessing), "image", num_parallel_workers=workers)
    dataset = dataset.batch(batch_size)
    for images, index in dataset.create_tuple_iterator(num_epochs=1, output_numpy=True):
        unreadable.update(files.unreadable)
        index = np.where(np.isin(index, list(files.unreadable)), -1, index)
        spare = batch_size - len(images)
        if spare:
            images = np.pad(images, ((0, spare), (0, 0), (0, 0), (0, 0)))
            index = np.pad(index, (0, spare), constant_values=-1)
        yield images, index
