"""The numbers in a file whose samples have more than 8 bits, a sign or fractions, where Pillow alone would lose them."""

import io
import struct
import sys

import numpy as np
from PIL import Image

from vit.data.pixel_range import Samples
from vit.runtime.language import say

_GREY = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")  # Pillow's modes of one deep channel
_BITS, _PHOTOMETRIC, _PLANAR, _SAMPLE_FORMAT = 258, 262, 284, 339  # tags of TIFF
_LEAST, _MOST = (340, 280), (341, 281)  # S(igned)MinSampleValue, MinSampleValue; the same of Max


def deep_samples(image: Image.Image, data: bytes) -> Samples | None:
    """The samples of a picture with more than 8 bits, signed ones, or fractions; None for all others.

    Args:
        image: opened, not yet loaded.
        data: its file.

    Raises:
        ValueError: Pillow would read other numbers than the file holds.
    """
    tags = image.tag_v2 if image.format == "TIFF" else {}
    raw, bits = _raw_mode(image), tags.get(_BITS, (1,))[0] if tags else 16 if image.mode != "F" else 32
    colours = ";16" in raw and not raw.startswith("RGBa") and image.mode in ("RGB", "RGBA")
    signed = tags.get(_SAMPLE_FORMAT, (1,))[0] == 2
    if (
        (tags.get(_PLANAR) == 2 and bits > 8)  # colours one after the other
        or (raw.endswith(("BS", "BF")) and image.tile[0][0] == "libtiff")  # bytes turned round twice
        or (image.mode in _GREY[:-1] and image.format not in ("PNG", "TIFF", "PPM", "JPEG2000"))
    ):
        raise ValueError(
            say("Pillow 会读错这样的像素；请存成 8 位", "pixels that Pillow misreads; save it with 8 bits")
        )
    if image.mode not in _GREY and not colours and not (signed and bits == 8):
        return None

    if colours:
        values = _sixteen_bit_colours(data, raw)
    else:
        image.load()
        values = np.asarray(image)[..., np.newaxis]
        if signed and bits == 8:
            values = values.view(np.int8)
        elif bits == 32 and not signed and values.dtype == np.int32:
            values = values.view(np.uint32)
    return Samples(
        values,
        bits,
        signed,
        said=_stated(tags) or ((0, 65535) if image.format in ("PPM", "JPEG2000") and image.mode != "F" else None),
        significant=_significant_bits(data) if image.format == "PNG" else 0,
        inverted=tags.get(_PHOTOMETRIC) == 0,
        transparent=image.info.get("transparency") if image.format == "PNG" else None,
    )


def _raw_mode(image: Image.Image) -> str:
    """How the samples lie in the file, in Pillow's words: "RGB;16B" are three of 16 bits, the upper 8 first."""
    arguments = image.tile[0][3] if image.tile else ""
    return str(arguments[0] if isinstance(arguments, tuple) and arguments else arguments)


def _sixteen_bit_colours(data: bytes, raw: str) -> np.ndarray:
    """Samples (H, W, C) uint16, of which Pillow itself keeps the upper 8 bits only."""
    if raw == "LA;16B":  # 4 bytes a pixel, as they lie in the file
        halves = _as_if(data, "RGBA").astype(np.uint16)
        return halves[..., 0::2] << 8 | halves[..., 1::2]
    name, order = raw.split(";16")
    big = order == "B" or (order == "N" and sys.byteorder == "big")
    upper, lower = (_as_if(data, f"{name};16{byte}").astype(np.uint16) for byte in ("BL" if big else "LB"))
    return upper << 8 | lower


def _as_if(data: bytes, raw: str) -> np.ndarray:
    """Pixels (H, W, C) uint8 of a file whose samples are taken to lie as `raw` says."""
    with Image.open(io.BytesIO(data)) as image:
        tiles = []
        for tile in image.tile:
            *where, arguments = tile
            parts = (*where, (raw, *arguments[1:]) if isinstance(arguments, tuple) else raw)
            tiles.append(parts if type(tile) is tuple else type(tile)(*parts))  # since Pillow 11 they have names
        image.tile = tiles
        image.load()
        return np.asarray(image)


def _stated(tags) -> tuple[float, float] | None:
    """Black and white by a TIFF's tags, where both ends of a range are there."""
    least, most = (next((tags[tag] for tag in kind if tag in tags), None) for kind in (_LEAST, _MOST))
    if most is None:
        return None
    black, white = np.min(0 if least is None else least), np.max(most)
    return (black.item(), white.item()) if black < white else None


def _significant_bits(data: bytes) -> int:
    """The most that any channel has by a PNG's chunk sBIT, 0 without one."""
    at = 8
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if name == b"sBIT":
            return max(data[at + 8 : at + 8 + length], default=0)
        if name == b"IDAT":
            break
        at += 12 + length
    return 0
