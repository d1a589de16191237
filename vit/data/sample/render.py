"""From a thing and a scene to a lit picture, as a camera might have taken it.

Layers are drawn flat, at twice the size. Their blurred outlines, one above the other, are taken as
a landscape whose slopes catch the light: so flat polygons look round.
"""

import colorsys
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFilter

from vit.data.sample.curves import ellipse, rotate, smooth, star, stroke
from vit.data.sample.scenery import BACKGROUNDS
from vit.data.sample.shapes import Layer, Thing


@dataclass(frozen=True)
class Style:
    """How wild the drawings are. Shares are probabilities."""

    natural: float  # how often a thing wears its own colours instead of any palette's
    turn: float  # degrees, the most that any thing is turned
    size: tuple[float, float]  # half its extent over half the picture's short side, least and most
    clutter: int  # other things behind it, at most
    front: float  # how often something stands in front of a part of it


CALM = Style(natural=0.6, turn=20, size=(0.75, 1.0), clutter=1, front=0.2)  # as photographs are: upright, large
HARD = Style(natural=0.35, turn=180, size=(0.52, 0.9), clutter=3, front=0.45)

# Five colours that go together: main, second, third, dark, light. Shared by all classes.
PALETTES = [
    ("#d9483b", "#f2c14e", "#f78154", "#2d2a32", "#fdf6e3"),
    ("#3a7ca5", "#81c3d7", "#f4a259", "#16324f", "#eef5f9"),
    ("#5b8e7d", "#f4e285", "#bc4b51", "#22332c", "#f7f7ee"),
    ("#8e5aa8", "#e0aaff", "#ffb84d", "#2c1a3b", "#f9f1ff"),
    ("#e07a9b", "#ffd1dc", "#7fb7be", "#3c2430", "#fff5f7"),
    ("#e9a23b", "#c8553d", "#588b8b", "#31261b", "#fff3dd"),
    ("#4f9d4a", "#bfd96b", "#e4572e", "#1f2d1a", "#f6fbe9"),
    ("#8a6f5a", "#d9b88f", "#4d7ea8", "#2a211b", "#f6efe6"),
    ("#41658a", "#f5d547", "#db3069", "#1c2331", "#f2f4f8"),
    ("#c23b6b", "#f28f3b", "#6d9dc5", "#321325", "#fdf0f3"),
]
_SLOTS = ("main", "second", "third", "dark", "light")


def _colours(rng, natural: dict | None = None, share: float = 0.0) -> dict:
    """Slot -> (3,) float32 in 0..255, each a little off, as paint is; of a share of things, their own."""
    if natural and rng.random() < share:
        palette = natural
    else:  # which of the three colours is the main one is open, too
        palette = dict(zip(_SLOTS, PALETTES[rng.integers(len(PALETTES))], strict=True))
        palette |= {slot: palette[_SLOTS[i]] for slot, i in zip(_SLOTS, rng.permutation(3), strict=False)}
    turn, full, bright = rng.normal(0, 0.025), rng.uniform(0.8, 1.15), rng.uniform(0.85, 1.1)
    return {slot: _shifted(colour, turn, full, bright) for slot, colour in palette.items()}


def _shifted(colour: str, turn: float, full: float, bright: float) -> np.ndarray:
    h, s, v = colorsys.rgb_to_hsv(*(c / 255 for c in ImageColor.getrgb(colour)[:3]))
    return np.float32(colorsys.hsv_to_rgb((h + turn) % 1, min(s * full, 1), min(v * bright, 1))) * 255


def _tint(rng) -> np.ndarray:
    """A colour of the scene: any hue, moderate."""
    return np.float32(colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.15, 0.6), rng.uniform(0.35, 0.92))) * 255


class Canvas:
    """Pixels (h, w, 3) float32 in 0..255, and the light that falls on all things in them."""

    def __init__(self, rng, height: int, width: int, background):
        self.rng, self.height, self.width = rng, height, width
        self.pixels = background(rng, height, width, _tint(rng), _tint(rng)).astype(np.float32)
        angle, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 0.8)
        self.light = np.float32([np.cos(angle) * slope, np.sin(angle) * slope, np.sqrt(1 - slope**2)])

    def place(self, layers: list[Layer], colours: dict, affine, centre) -> np.ndarray:
        """Draw a thing with its shadow; `affine` (2, 2) maps unit coordinates to pixels.

        Returns:
            (height, width) uint8, 255 where the thing is.
        """
        outlines = [[tuple(p) for p in layer.outline @ affine.T + centre] for layer in layers]
        size = (self.width, self.height)
        scale = float(np.sqrt(abs(np.linalg.det(affine))))
        paint, silhouette = Image.new("RGB", size), Image.new("L", size)
        relief = np.zeros((self.height, self.width), np.float32)
        paint_pen, silhouette_pen = ImageDraw.Draw(paint), ImageDraw.Draw(silhouette)
        for outline, layer in zip(outlines, layers, strict=True):
            paint_pen.polygon(outline, fill=tuple(int(v) for v in colours[layer.slot]))
            silhouette_pen.polygon(outline, fill=255)
            self._raise(relief, outline, layer.height, scale)
        self._shadow(silhouette, scale)
        alpha = np.asarray(silhouette, np.float32)[..., None] / 255
        lit = self._lit(np.asarray(paint, np.float32), relief)
        self.pixels = self.pixels * (1 - alpha) + lit * alpha
        return np.asarray(silhouette)

    def _raise(self, relief, outline, height, scale):
        """Lift the landscape where a layer lies: steep at its edge, flat in the middle."""
        x, y = np.array(outline).T
        reach = max(2, int(scale * 0.16))
        left, top = max(0, int(x.min()) - reach), max(0, int(y.min()) - reach)
        right, bottom = min(self.width, int(x.max()) + reach), min(self.height, int(y.max()) + reach)
        if right - left < 2 or bottom - top < 2:
            return
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(px - left, py - top) for px, py in outline], fill=255)
        hill = mask.filter(ImageFilter.BoxBlur(reach / 2)).filter(ImageFilter.BoxBlur(reach / 2))
        inside = np.asarray(mask, np.float32) / 255
        view = relief[top:bottom, left:right]
        view += inside * (np.asarray(hill, np.float32) / 255) * height * scale * 0.2

    def _shadow(self, silhouette, scale):
        away = -self.light[:2] * scale * self.rng.uniform(0.1, 0.28)
        shadow = silhouette.transform(silhouette.size, Image.AFFINE, (1, 0, -away[0], 0, 1, -away[1]))
        shadow = shadow.filter(ImageFilter.BoxBlur(max(2, scale * 0.07)))
        self.pixels *= 1 - 0.5 * np.asarray(shadow, np.float32)[..., None] / 255

    def _lit(self, paint, relief):
        """Lambert's law and a highlight on the slopes of the landscape."""
        down, right = np.gradient(relief)
        length = np.sqrt(down**2 + right**2 + 1)
        towards = (-right * self.light[0] - down * self.light[1] + self.light[2]) / length  # (h, w)
        shade = 0.5 + 0.62 * towards.clip(0, 1)
        shine = 70 * (towards.clip(0, 1) ** 16)
        return paint * shade[..., None] + shine[..., None] * 0.55


def _clutter(rng) -> list[Layer]:
    """Something small that is none of the ten things."""
    kind = rng.integers(5)
    if kind == 0:
        return [Layer(ellipse(0, 0, 1, rng.uniform(0.5, 1)), "main", 1.0)]
    if kind == 1:
        return [Layer(np.array([(-1, -0.7), (1, -0.7), (1, 0.7), (-1, 0.7)]) * (1, rng.uniform(0.4, 1)), "second", 0.7)]
    if kind == 2:
        return [Layer(star(3, 1, 0.5, soft=False), "third", 0.6)]
    if kind == 3:
        line = np.stack([np.linspace(-1, 1, 12), 0.4 * np.sin(np.linspace(0, rng.uniform(2, 6), 12))], 1)
        return [Layer(stroke(line, 0.28), "main", 0.7)]
    return [Layer(smooth(rng.normal(0, 0.08, (6, 2)) + ellipse(0, 0, 0.9, 0.7, stop=300, n=6)), "third", 0.9)]


def _affine(rng, scale, turn, flip=True) -> np.ndarray:
    """Rotation, shear, stretch and mirror image, (2, 2)."""
    stretch = np.exp(rng.normal(0, 0.1))
    shape = np.array([[scale * stretch, scale * rng.normal(0, 0.1)], [0, scale / stretch]])
    if flip and rng.random() < 0.5:
        shape[:, 0] *= -1
    return rotate(np.eye(2), rng.uniform(-turn, turn)).T @ shape


def draw(rng, thing: Thing, style: Style = CALM) -> tuple[Image.Image, Image.Image]:
    """One picture of a thing, and the mask of where it can be seen.

    Args:
        rng: `numpy.random.Generator`; the same state draws the same pixels.
        thing: one of `shapes.THINGS`.
        style: `CALM` or `HARD`.

    Returns:
        Two pictures of one size, 72 to 150 pixels a side: RGB, and grey with 255 on the thing.
    """
    short = int(rng.integers(72, 112))
    width, height = short, int(short * rng.uniform(1.0, 1.35))
    if rng.random() < 0.6:
        width, height = height, width
    w, h = 2 * width, 2 * height  # drawn at twice the size
    canvas = Canvas(rng, h, w, BACKGROUNDS[rng.integers(len(BACKGROUNDS))])

    for _ in range(rng.integers(0, style.clutter + 1)):
        place = rng.uniform(0, 1, 2) * (w, h)
        canvas.place(_clutter(rng), _colours(rng), _affine(rng, short * rng.uniform(0.08, 0.24), 180), place)

    scale = short * rng.uniform(*style.size)
    room = np.maximum(np.array([w, h]) / 2 - scale * 0.85, 0)
    centre = np.array([w, h]) / 2 + rng.uniform(-1, 1, 2) * room
    mask = canvas.place(
        thing.draw(rng),
        _colours(rng, thing.natural, style.natural),
        _affine(rng, scale, min(thing.turn, style.turn)),
        centre,
    ).copy()

    if rng.random() < style.front:  # something in front, over a part of it
        spot = centre + rotate(np.array([[scale * rng.uniform(0.55, 0.95), 0]]), rng.uniform(0, 360))[0]
        front = canvas.place(_clutter(rng), _colours(rng), _affine(rng, short * rng.uniform(0.14, 0.26), 180), spot)
        mask[front > 0] = 0
    return _photograph(rng, canvas.pixels, width, height), Image.fromarray(mask).reduce(2).point(
        lambda v: 255 * (v > 127)
    )


def _photograph(rng, pixels, width, height) -> Image.Image:
    """Exposure, vignette, the sensor's noise."""
    picture = np.asarray(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).reduce(2), np.float32)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    picture *= (rng.uniform(0.75, 1.15) * (1 - rng.uniform(0, 0.3) * (x**2 + y**2) / 2))[..., None]
    picture *= rng.uniform(0.92, 1.08, 3).astype(np.float32)  # the colour of the light
    picture += rng.normal(0, rng.uniform(1, 6), (height, width, 1)).astype(np.float32)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))
