"""Which number is black, and which is white: pictures whose samples are not simply 0 to 255.

What the file says is used. What it does not say is assumed where only one reading makes sense, and then
told; else the picture is refused. A guess without a word would turn a panda into a black square.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from vit.runtime.language import say


@dataclass(frozen=True)
class Samples:
    """The numbers in a file, and what it says of them."""

    values: np.ndarray  # (H, W, C), C = 1 to 4: grey or three colours, then perhaps opacity
    bits: int  # of a sample
    signed: bool = False
    said: tuple[float, float] | None = None  # what is black and what is white
    significant: int = 0  # how many of the bits count, by PNG's sBIT; 0: it has none
    inverted: bool = False  # the least number is white
    transparent: int | tuple | None = None  # a pixel of these samples shows nothing

    def as_image(self) -> tuple[Image.Image, str]:
        """A picture of 8 bits (mode L, LA, RGB or RGBA), and what was assumed for it, "" if nothing.

        Raises:
            ValueError: the range cannot be known.
        """
        colours = 3 if self.values.shape[2] > 2 else 1
        shown, opacity = self.values[..., :colours], self.values[..., colours:]
        black, white, assumed = self._range(shown.min().item(), shown.max().item())
        bands = [_scaled(shown, white, black) if self.inverted else _scaled(shown, black, white)]
        if opacity.size:
            bands.append(_scaled(opacity, 0, white if opacity.max() <= white else 2**self.bits - 1))
        elif self.transparent is not None:
            clear = (shown == self.transparent).all(axis=2, keepdims=True)
            bands.append(np.where(clear, 0, 255).astype(np.uint8))
        pixels = np.concatenate(bands, axis=2)
        return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels), assumed

    def _range(self, low, high) -> tuple[float, float, str]:
        """Black, white, and what was assumed; of numbers from `low` to `high`."""
        if not np.isfinite([low, high]).all():
            raise ValueError(say("有的像素不是数", "pixels that are not numbers"))
        if self.said is None:
            return _fractions(low, high) if self.values.dtype.kind == "f" else self._integers(low, high)
        black, white = self.said
        if low < black or high > white:
            raise ValueError(
                say(
                    f"像素值从 {low:g} 到 {high:g}，超出了文件自己注明的 {black:g} 到 {white:g}；请存成 8 位",
                    f"its numbers go from {low:g} to {high:g}, beyond the {black:g} to {white:g} that it states; "
                    "save it with 8 bits",
                )
            )
        return black, white, ""

    def _integers(self, low: int, high: int) -> tuple[float, float, str]:
        if low < 0:
            raise _unknown(low, high)
        bits, full = self.bits, 2 ** (self.bits - self.signed) - 1
        used = next((n for n in (8, 10, 12, 14, 16) if high < 2**n), bits)
        if self.significant:
            # the standard has the bits that count at the top; some programs leave them at the bottom
            at_the_top = high >= 2**self.significant or not (self.values % 2 ** (bits - self.significant)).any()
            used = bits if at_the_top else self.significant
        if high == 0 or bits not in (16, 32) or (2**used > full and high > full // 4):
            return 0, full, ""  # all bits are used, as the file has it
        if 2**used > full:
            raise _unknown(low, high)
        return (
            0,
            2**used - 1,
            say(
                f"每个样本有 {bits} 位，最大的数却只用到 {used} 位：按 {used} 位理解；不对的话，请存成 8 位",
                f"{bits} bits a sample, but the largest number needs {used}: taken as {used} bits; "
                "if that is wrong, save it with 8",
            ),
        )


def _fractions(low: float, high: float) -> tuple[float, float, str]:
    """Black and white of floating point numbers: 0 to 1 by custom; resampling may have gone a little beyond."""
    if low >= 0 and high <= 1:
        return 0, 1, ""
    for white, least in ((1, 0), (255, 16)):
        if -0.1 * white <= low and least <= high <= 1.1 * white:
            return 0, white, say(f"浮点数：0 当作黑，{white} 当作白", f"fractions: 0 taken as black, {white} as white")
    raise _unknown(low, high)


def _unknown(low, high) -> ValueError:
    return ValueError(
        say(
            f"像素值从 {low:g} 到 {high:g}，文件没有说明哪个数是黑、哪个是白；请存成 8 位",
            f"its numbers go from {low:g} to {high:g}, and it does not say which is black and which white; "
            "save it with 8 bits",
        )
    )


def _scaled(values: np.ndarray, black: float, white: float) -> np.ndarray:
    """Numbers to uint8, `black` to 0 and `white` to 255."""
    exact = np.float32 if values.dtype.itemsize <= 2 else np.float64
    return np.rint((values.astype(exact) - exact(black)) * 255 / exact(white - black)).clip(0, 255).astype(np.uint8)
