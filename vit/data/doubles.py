"""Pictures that are there twice: of the same pixels, or so alike that a perceptual hash hardly tells them apart.

A picture of val that training has seen makes the accuracy untrue. The hash is pHash (Zauner, "Implementation and
Benchmarking of Perceptual Image Hash Functions", 2010) from the library ImageHash, 64 bits of the coarse shape: it
stays the same when a picture is saved anew or made smaller, not when it is cropped; quarter turns and mirror images are
looked for one by one.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from PIL import Image

from vit.data.images import read_image
from vit.data.pipeline import workers
from vit.runtime.bars import bar
from vit.runtime.digest import digest
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.runtime.notes import Notes

NEAR = (
    6  # bits of 64 in which near doubles may differ; of 398 photographs of ants and bees no two differ by fewer than 14
)
FLAT = 2.0  # grey levels; a picture whose levels spread less has no shape for a hash to hold


_WAYS = (
    *(Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270),
    *(Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM),
    *(Image.Transpose.TRANSPOSE, Image.Transpose.TRANSVERSE),
)


@dataclass(frozen=True)
class Look:
    """What a picture is known by."""

    size: tuple[int, int]  # width, height
    pixels: str  # a digest of them
    bits: (
        np.ndarray | None
    )  # (8, 64) bool: as it is, then turned by quarters, then these mirrored; None: too flat to say


def looks(paths: Sequence, progress: bool = True) -> list[Look | None]:
    """Of each picture; None of one that cannot be read."""

    def look(path) -> Look | None:
        import imagehash

        try:
            pixels = read_image(path, Notes())  # (H, W, 3) uint8
        except UserError:
            return None
        image = Image.fromarray(pixels)
        small = image.convert("L").resize((32, 32), Image.Resampling.LANCZOS)  # what pHash makes of it first
        flat, bits = np.asarray(small, np.float32).std() < FLAT, None
        if not flat:
            ways = [small, *(small.transpose(way) for way in _WAYS)]
            bits = np.stack([imagehash.phash(one).hash.reshape(-1) for one in ways])
        return Look(image.size, digest(str(pixels.shape), pixels), bits)

    with ThreadPoolExecutor(workers()) as pool:
        found = pool.map(look, paths)
        return list(bar(found, total=len(paths), desc=say("找重复", "doubles"), unit="img", disable=not progress))


@dataclass(frozen=True)
class Doubles:
    """Pictures that are alike, by their places: each is a near double of another one of them."""

    places: tuple[int, ...]
    same: bool  # of the same pixels, all of them


def doubles(found: Sequence[Look | None]) -> list[Doubles]:
    """All groups of two and more, in the order of their first pictures."""
    group = list(range(len(found)))

    def root(place: int) -> int:
        while group[place] != place:
            group[place] = group[group[place]]
            place = group[place]
        return place

    for one, other in _pairs(found):
        group[max(root(one), root(other))] = min(root(one), root(other))
    members = defaultdict(list)
    for place in range(len(found)):
        members[root(place)].append(place)
    return [
        Doubles(tuple(places), len({found[place].pixels for place in places}) == 1)
        for places in members.values()
        if len(places) > 1
    ]


def _pairs(found: Sequence[Look | None]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for place, look in enumerate(found):
        if look and (earlier := first.setdefault(look.pixels, place)) != place:
            yield earlier, place
    places = np.array([place for place, look in enumerate(found) if look and look.bits is not None], int)
    if not len(places):
        return
    signs = np.where([found[place].bits for place in places], np.float32(1), np.float32(-1))  # (n, 8, 64)
    for start in range(0, len(signs), 256):
        part = signs[start : start + 256]
        differ = (64 - part @ signs[start:, 0].T) / 2  # (256, 8, n - start), bits in which two differ, however turned
        for row, column in zip(*np.nonzero((differ <= NEAR).any(1)), strict=True):
            if column > row:
                yield int(places[start + row]), int(places[start + column])
