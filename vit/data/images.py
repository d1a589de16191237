"""Opening pictures: the one place where a file becomes pixels.

Pillow opens them, because MindSpore's decoder ignores the EXIF rotation and cannot read WebP or GIF.
"""

import io
import os
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps

from vit.data.deep_samples import deep_samples
from vit.runtime.errors import UserError, reason
from vit.runtime.language import say
from vit.runtime.notes import TOLD, Notes

# of large pictures long before it refuses, and of odd tags; set once, since threads would undo each other's settings
warnings.filterwarnings("ignore", module=r"PIL\.")
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")  # brands, as its format calls them


@dataclass(frozen=True)
class Picture:
    """What a file becomes."""

    pixels: np.ndarray  # (H, W, 3) uint8
    assumed: str  # of its pixels, in a sentence; "": nothing
    plain_jpeg: bool  # three colours, upright: what a decoder that knows nothing else reads, too


def read_image(path, notes: Notes = TOLD) -> np.ndarray:
    """Read any common picture as RGB.

    Rotates as EXIF says, spreads grey to three channels, scales what has other than 8 bits
    (`vit.data.pixel_range`), lays transparent pictures on white, takes the first frame of a moving one.

    Args:
        notes: where to put what had to be assumed; else standard error is told, once of each kind.

    Returns:
        (H, W, 3) uint8.

    Raises:
        UserError: no such file, not a picture, cut off, of unknown range, or too many pixels to be honest.
    """
    picture = decode(read_bytes(path), path)
    if picture.assumed:
        notes.add(picture.assumed, path)
    return picture.pixels


def read_bytes(path) -> bytes:
    """The contents of a file.

    Raises:
        UserError: no such file, a folder, or not to be read.
    """
    path = Path(path)
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a name with a zero byte
        raise UserError(say(f"{path}: 没有这个文件", f"{path}: no such file")) from None
    except OSError as error:
        if os.path.isdir(path):  # Windows speaks of rights
            raise UserError(say(f"{path}: 是文件夹，不是图片", f"{path}: is a folder, not a picture")) from None
        raise UserError(
            say(f"{path}: 无法读取（{reason(error)}）", f"{path}: cannot be read ({reason(error)})")
        ) from None


def decode(data: bytes, path) -> Picture:
    """The picture in the bytes of a file; `path` is for the messages, which are those of `read_image`."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            samples = deep_samples(image, data)
            image.load()
            turn = image.getexif().get(ExifTags.Base.Orientation, 1)
            plain = image.format == "JPEG" and image.mode == "RGB" and turn == 1
            shown, assumed = samples.as_image() if samples else (image, "")
            if samples:
                shown.getexif()[ExifTags.Base.Orientation] = turn
            return Picture(np.asarray(_rgb(ImageOps.exif_transpose(shown))), assumed, plain)
    except Image.UnidentifiedImageError:
        if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
            raise UserError(
                say(
                    f"{path}: 是 HEIC 图片，Pillow 打不开；请存成 JPEG",
                    f"{path}: a HEIC picture, which Pillow cannot open; save it as JPEG",
                )
            ) from None
        raise UserError(f"{path}: {_instead(data)}") from None
    except Image.DecompressionBombError:
        most = f"{2 * Image.MAX_IMAGE_PIXELS:,}"
        raise UserError(
            say(f"{path}: 超过 {most} 像素；请先缩小", f"{path}: more than {most} pixels; make it smaller first")
        ) from None
    except Exception as error:  # Pillow's decoders raise whatever a broken file drives them to
        if "truncated" in str(error):
            error = say("文件不完整，可能没有传完", "the file is cut short, perhaps a transfer that broke off")
        raise UserError(say(f"{path}: 无法解码（{error}）", f"{path}: cannot be decoded ({error})")) from None


def _instead(data: bytes) -> str:
    """What a file is that is no picture to Pillow."""
    if not data:
        return say("文件是空的", "the file is empty")
    if re.match(rb"\s*(<!doctype html|<html|<\?xml)", data[:200], re.IGNORECASE):
        return say(
            "内容是网页，不是图片；多半是下载时出了错", "holds a web page, no picture; most likely a failed download"
        )
    return say("不是 Pillow 认识的图片", "not a picture that Pillow knows")


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "La":  # opacity multiplied in; Pillow knows no other way out of it
        image = image.convert("LA")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")
