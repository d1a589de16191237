"""Opening pictures: the one place where a file becomes pixels.

Pillow opens them, because MindSpore's decoder ignores the EXIF rotation and cannot read WebP or GIF.
"""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from vit.runtime.errors import UserError
from vit.runtime.language import say

IMAGE_SUFFIXES = frozenset([".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm"])


def read_image(path) -> np.ndarray:
    """Read any common picture as RGB.

    Rotates as EXIF says, spreads grey to three channels, scales 16 bits to 8, lays transparent
    pictures on white, takes the first frame of a moving one.

    Returns:
        (H, W, 3) uint8.

    Raises:
        UserError: no such file, not a picture, cut off, or too many pixels to be honest.
    """
    path = Path(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures long before it refuses
            with Image.open(path) as image:
                image.load()
                image = ImageOps.exif_transpose(image)
                return np.asarray(_rgb(image))
    except FileNotFoundError:
        raise UserError(say(f"{path}: 没有这个文件", f"{path}: no such file")) from None
    except IsADirectoryError:
        raise UserError(say(f"{path}: 是文件夹，不是图片", f"{path}: is a folder, not a picture")) from None
    except Image.UnidentifiedImageError:
        raise UserError(say(f"{path}: 不是 Pillow 认识的图片", f"{path}: not a picture that Pillow knows")) from None
    except Image.DecompressionBombError:
        most = f"{2 * Image.MAX_IMAGE_PIXELS:,}"
        raise UserError(
            say(f"{path}: 超过 {most} 像素；请先缩小", f"{path}: more than {most} pixels; make it smaller first")
        ) from None
    except Exception as error:  # Pillow's decoders raise whatever a broken file drives them to
        raise UserError(say(f"{path}: 无法解码（{error}）", f"{path}: cannot be decoded ({error})")) from None


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":  # 16-bit grey; `convert` would cut it off at 255
        grey = np.asarray(image).astype(np.float64)
        if not np.isfinite(grey).all():
            raise ValueError(say("有的像素不是数", "pixels that are not numbers"))
        if grey.max(initial=0) > 255:
            grey = grey / 257  # 65535 -> 255
        image = Image.fromarray(np.rint(grey).clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")
