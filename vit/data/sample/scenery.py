"""What lies behind the things: ten kinds of background, chosen without regard to the class."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from vit.data.sample.curves import ellipse


def noise(rng, height, width, cell) -> np.ndarray:
    """Smooth random values (height, width) in 0..1, with lumps of about `cell` pixels."""
    small = rng.random((max(2, height // cell + 2), max(2, width // cell + 2))).astype(np.float32)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.BICUBIC)).clip(0, 1)


def _mix(a, b, share) -> np.ndarray:
    """Colours a and b (3,) mixed by share (height, width), 0 is a -> (height, width, 3)."""
    share = share[..., np.newaxis]
    return a * (1 - share) + b * share


def sky(rng, h, w, a, b):
    ramp = np.linspace(0, 1, h, dtype=np.float32)[:, None] * np.ones((1, w), np.float32)
    clouds = (noise(rng, h, w, 60) * 0.6 + noise(rng, h, w, 20) * 0.4 - 0.5).clip(0, 0.4) * 2
    return (
        _mix(_mix(a, b, ramp), np.float32([245, 245, 248]), 1 - (1 - clouds * 0.9))
        if rng.random() < 0.7
        else _mix(a, b, ramp)
    )


def grass(rng, h, w, a, b):
    image = Image.fromarray(_mix(a, b, noise(rng, h, w, 30)).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for x, y, lean, share in rng.random((h * w // 220, 4)):
        colour = tuple(int(v) for v in a * share + b * (1 - share) + 18 * (share - 0.5))
        pen.line([(x * w, y * h), (x * w + 14 * (lean - 0.5), y * h - 16)], fill=colour, width=2)
    return np.asarray(image, np.float32)


def wood(rng, h, w, a, b):
    y = np.arange(h, dtype=np.float32)[:, None] + 22 * noise(rng, h, w, 90)
    rings = 0.5 + 0.5 * np.sin(y / rng.uniform(2.5, 6)) * noise(rng, h, w, 45)
    planks = (np.arange(h)[:, None] % (h // rng.integers(2, 5)) < 3) * 0.5
    return _mix(a, b, (rings * 0.7 + 0.15).clip(0, 1)) * (1 - planks)[..., None]


def gingham(rng, h, w, a, b):
    step = rng.integers(14, 40)
    across = (np.arange(w) // step % 2)[None, :] * 0.5
    down = (np.arange(h) // step % 2)[:, None] * 0.5
    return _mix(a, np.float32([240, 236, 226]), (1 - across - down).astype(np.float32))


def water(rng, h, w, a, b):
    y, bend = np.arange(h, dtype=np.float32)[:, None], 30 * noise(rng, h, w, 50)
    return _mix(a, b, 0.5 + 0.5 * np.sin((y + bend) / rng.uniform(3, 8)) * noise(rng, h, w, 18))


def studio(rng, h, w, a, b):
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    far = np.hypot((x / w - rng.uniform(0.2, 0.8)), (y / h - rng.uniform(0.1, 0.6)))
    return _mix(a, b, far.clip(0, 1))


def brick(rng, h, w, a, b):
    tall, long = rng.integers(16, 34), rng.integers(36, 74)
    y, x = np.mgrid[0:h, 0:w]
    row = y // tall
    x = x + (row % 2) * (long // 2)
    shade = rng.random((h // tall + 2, w // long + 3)).astype(np.float32)[row, x // long]
    wall = _mix(a, b, shade)
    wall[(y % tall < 3) | (x % long < 3)] = rng.uniform(120, 215)
    return wall + 14 * (noise(rng, h, w, 5)[..., None] - 0.5)


def bokeh(rng, h, w, a, b):
    image = Image.fromarray(_mix(a * 0.6, b * 0.6, noise(rng, h, w, 70)).clip(0, 255).astype(np.uint8))
    light = Image.new("RGB", image.size)
    pen = ImageDraw.Draw(light)
    for x, y, r, share in rng.random((rng.integers(10, 26), 4)):
        radius = 6 + r * 26
        colour = tuple(int(v * 0.55) for v in a * share + b * (1 - share))
        pen.ellipse([x * w - radius, y * h - radius, x * w + radius, y * h + radius], fill=colour)
    light = light.filter(ImageFilter.BoxBlur(2))
    return np.asarray(image, np.float32) + np.asarray(light, np.float32)


def leaves(rng, h, w, a, b):
    image = Image.fromarray(_mix(a * 0.5, b * 0.5, noise(rng, h, w, 40)).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for x, y, turn, share, size in rng.random((h * w // 900, 5)):
        leaf = ellipse(x * w, y * h, 10 + size * 22, 4 + size * 8, turn * 360, n=12)
        colour = tuple(int(v) for v in (a * share + b * (1 - share)) * (0.6 + 0.5 * size))
        pen.polygon([tuple(point) for point in leaf], fill=colour)
    return np.asarray(image.filter(ImageFilter.BoxBlur(1)), np.float32)


def dots(rng, h, w, a, b):
    step, r = rng.integers(24, 52), rng.uniform(0.18, 0.36)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    x = x + (y // step % 2) * step / 2
    near = np.hypot(x % step - step / 2, y % step - step / 2) < r * step
    return _mix(a, b, near.astype(np.float32))


BACKGROUNDS = (sky, grass, wood, gingham, water, studio, brick, bokeh, leaves, dots)
