"""Two decoders that must agree: Pillow looks at every file, MindSpore's own is quick and knows little.

What it was not seen to read as Pillow does goes to it as a BMP that Pillow's pixels were written to.
"""

import io
import sys
import zlib
from itertools import chain

import numpy as np
from mindspore.dataset import vision
from PIL import Image

from vit.data.images import Picture, decode, read_bytes
from vit.data.labels import Labelled
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.runtime.text import one_line

SAID = 5  # of pictures that cannot be read, so many are named


def shortened(image: np.ndarray, most: int = 32) -> np.ndarray:
    """A strip (H, W, 3) more than `most` times as long as wide loses its ends, which a centre crop never shows.

    Enlarged whole, one of 1 by 20,000 pixels would take gigabytes, more than MindSpore can hold in a picture.
    """
    sides = np.array(image.shape[:2])
    cut = np.maximum(sides - most * sides.min(), 0) // 2
    return image[cut[0] : sides[0] - cut[0], cut[1] : sides[1] - cut[1]]


def mindspore_agrees(data: bytes, picture: Picture) -> bool:
    """Whether MindSpore decodes these bytes as Pillow does; one that it cannot decode would end an epoch.

    Only upright JPEGs in colour are tried: it knows neither WebP nor GIF, ignores EXIF, cuts 16 bits off,
    and a PNG that Pillow forgives a wrong checksum makes it stop.
    """
    if not picture.plain_jpeg or shortened(picture.pixels).shape != picture.pixels.shape:
        return False
    try:
        pixels = vision.Decode()(np.frombuffer(data, np.uint8))
    except Exception:  # whatever its decoder raises
        return False
    same = pixels.shape == picture.pixels.shape
    return same and np.abs(np.subtract(pixels, picture.pixels, dtype=np.int16)).max() <= 3  # two builds of one library


class Encoded:
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
            if not mindspore_agrees(data, picture):
                return _as_bmp(shortened(picture.pixels))
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
