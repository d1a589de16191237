"""What the ten things look like: each a list of layers, from the back to the front.

A layer is an outline and the slot of the palette that fills it. Poses vary from one drawing to the
next: how far wings open, how a banana bends, how many stripes a balloon has.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vit.data.sample.curves import Points, ellipse, rotate, smooth, star, stroke


@dataclass
class Layer:
    outline: Points  # (n, 2), unit coordinates
    slot: str  # "main", "second", "third", "dark" or "light"
    height: float = 1.0  # how far it bulges towards the light


@dataclass(frozen=True)
class Thing:
    """A class: its WordNet id, its drawing, its own colours, and how far it may turn (degrees)."""

    wnid: str
    draw: object  # (rng) -> list[Layer]
    natural: dict
    turn: float


def goldfish(rng) -> list[Layer]:
    fat, fork, lift = rng.uniform(0.36, 0.5), rng.uniform(0.25, 0.5), rng.uniform(-0.15, 0.15)
    body = smooth(
        [(-0.85, 0.02), (-0.5, -fat * 0.8), (0.0, -fat), (0.45, -0.12), (0.45, 0.14), (0, fat), (-0.5, fat * 0.8)]
    )
    tail = smooth(
        [
            (0.38, 0),
            (0.7, -fork + lift),
            (1.0, -fork - 0.15 + lift),
            (0.82, lift),
            (1.0, fork + 0.15 + lift),
            (0.7, fork + lift),
        ]
    )
    fin = smooth([(-0.35, -fat * 0.7), (0.0, -fat - rng.uniform(0.2, 0.35)), (0.3, -fat - 0.1), (0.25, -fat * 0.5)])
    layers = [Layer(tail, "second", 0.5), Layer(fin, "second", 0.5), Layer(body, "main")]
    layers += [Layer(smooth([(-0.1, 0.1), (0.2, 0.12), (0.25, 0.35 + fat / 4), (0.0, 0.28)]), "second", 0.4)]
    for i in range(rng.integers(2, 4)):  # the gill and bands of scales
        x = -0.42 + 0.24 * i
        layers.append(
            Layer(stroke(ellipse(x - 0.12, 0, 0.16, fat * 0.62, start=-65, stop=65, n=9), 0.045), "third", 0.2)
        )
    return [*layers, Layer(ellipse(-0.62, -0.1, 0.1), "light", 0.3), Layer(ellipse(-0.64, -0.1, 0.055), "dark", 0.2)]


def ladybug(rng) -> list[Layer]:
    layers = []
    for side in (-1, 1):
        for y, reach in ((-0.3, 0.3), (0.1, 0.36), (0.45, 0.3)):
            knee = 0.75 + reach * rng.uniform(0.25, 0.6)
            layers.append(
                Layer(
                    stroke([(side * 0.5, y), (side * knee, y - 0.1), (side * (knee + 0.14), y + 0.16)], 0.07),
                    "dark",
                    0.3,
                )
            )
        layers.append(
            Layer(stroke([(side * 0.12, -0.85), (side * 0.26, -1.0), (side * 0.42, -1.05)], 0.05), "dark", 0.2)
        )
    layers.append(Layer(ellipse(0, -0.68, 0.36, 0.3), "dark", 0.6))
    layers.append(Layer(ellipse(0, 0.1, 0.74, 0.8), "main", 1.3))
    spots = [(0.34, -0.22, 0.15), (0.42, 0.28, 0.17), (0.22, 0.62, 0.12)][: rng.integers(2, 4)]
    for x, y, r in spots:
        r *= rng.uniform(0.85, 1.2)
        layers += [Layer(ellipse(side * x, y, r, r * 1.1), "dark", 0.05) for side in (-1, 1)]
    layers.append(Layer(stroke([(0, -0.68), (0, 0.1), (0, 0.9)], 0.05), "dark", 0.05))
    return [*layers, *(Layer(ellipse(side * 0.2, -0.76, 0.075), "light", 0.1) for side in (-1, 1))]


def starfish(rng) -> list[Layer]:
    inner = rng.uniform(0.34, 0.46)
    layers = [Layer(star(5, 1.0, inner), "main", 1.2)]
    for arm in range(5):
        for distance in np.linspace(0.2, 0.75, rng.integers(3, 6)):
            point = rotate(np.array([[0.0, -distance]]), arm * 72)[0]
            layers.append(Layer(ellipse(*point, 0.065 * (1.25 - distance), n=14), "second", 0.5))
    return [*layers, Layer(ellipse(0, 0, 0.09, n=16), "second", 0.5)]


def monarch(rng) -> list[Layer]:
    spread, droop = rng.uniform(0.75, 1.0), rng.uniform(-0.1, 0.15)
    layers = []
    for side in (-1, 1):
        upper = np.array(
            [(0.05, -0.2), (0.45, -0.75 + droop), (0.95, -0.85 + droop), (1.0, -0.45 + droop), (0.7, 0.0), (0.2, 0.1)]
        )
        lower = np.array([(0.05, 0.05), (0.5, 0.05), (0.8, 0.3), (0.68, 0.72), (0.35, 0.82), (0.1, 0.45)])
        for wing, centre in ((lower, (0.45, 0.38)), (upper, (0.58, -0.4 + droop / 2))):
            centre = np.array(centre)
            squeeze = np.array([side * spread, 1.0])
            layers.append(Layer(smooth(wing) * squeeze, "dark", 0.7))
            inner = smooth((wing - centre) * 0.76 + centre) * squeeze
            layers.append(Layer(inner, "main", 0.15))
            for target in (1, 3):  # veins
                line = np.linspace((0.08, 0.0), wing[target + 1] * 0.92, 5) * squeeze
                layers.append(Layer(stroke(line, 0.05), "dark", 0.05))
        for t in np.linspace(0.1, 0.9, 4):
            dot = np.array([0.93, -0.78 + droop]) * (1 - t) + np.array([0.78, -0.08]) * t
            layers.append(Layer(ellipse(dot[0] * side * spread, dot[1], 0.045, n=12), "light", 0.05))
        layers.append(
            Layer(stroke([(0.02 * side, -0.5), (0.12 * side, -0.8), (0.25 * side, -0.95)], 0.035), "dark", 0.1)
        )
    return [*layers, Layer(ellipse(0, 0.0, 0.09, 0.58), "dark", 0.8)]


def balloon(rng) -> list[Layer]:
    r, neck = rng.uniform(0.62, 0.72), rng.uniform(0.42, 0.52)
    layers = [Layer(stroke([(x * 0.28, neck - 0.12), (x * 0.15, 0.8)], 0.03), "dark", 0.1) for x in (-1, 1)]
    outline = smooth(
        [
            (-0.16, neck),
            (-r * 0.82, 0.08),
            (-r, -0.38),
            (-r * 0.6, -0.86),
            (0, -1.0),
            (r * 0.6, -0.86),
            (r, -0.38),
            (r * 0.82, 0.08),
            (0.16, neck),
        ]
    )
    layers.append(Layer(outline, "main", 1.5))
    gores = rng.integers(2, 4)
    for i in range(gores):  # stripes that run from the crown to the neck
        a, b = (np.array([-1, -1]) + 2 * (np.array([2 * i + 0.5, 2 * i + 1.5])) / (2 * gores)).clip(-1, 1)
        t = np.linspace(-1, 1, 14)
        width = np.interp(t, [-1, -0.85, -0.55, 0, 0.35, 0.7, 1], [0, 0.5, 0.85, 0.98, 0.9, 0.55, 0.2]) * r
        y = -0.99 + (t + 1) / 2 * (neck + 0.97)
        layers.append(
            Layer(np.concatenate([np.stack([a * width, y], 1), np.stack([b * width, y], 1)[::-1]]), "second", 0.1)
        )
    basket = np.array([(-0.17, 0.76), (0.17, 0.76), (0.14, 1.02), (-0.14, 1.02)])
    return [*layers, Layer(basket, "third", 0.7), Layer(stroke([(-0.19, 0.77), (0.19, 0.77)], 0.06), "dark", 0.3)]


def teapot(rng) -> list[Layer]:
    fat, lid = rng.uniform(0.48, 0.6), rng.uniform(0.3, 0.42)
    spout = smooth([(0.4, 0.28), (0.68, 0.05), (0.78, -0.28), (1.02, -0.36), (0.94, -0.05), (0.78, 0.3), (0.45, 0.52)])
    handle = ellipse(-0.58, 0.05, 0.4, 0.36, start=70, stop=290, n=18)
    body = smooth(
        [
            (-0.62, 0.15),
            (-0.48, -fat * 0.6),
            (0, -fat * 0.8),
            (0.48, -fat * 0.6),
            (0.62, 0.15),
            (0.42, 0.62),
            (0, 0.68),
            (-0.42, 0.62),
        ]
    )
    layers = [Layer(stroke(handle, 0.12), "second", 0.8), Layer(spout, "main", 0.9), Layer(body, "main", 1.4)]
    layers.append(
        Layer(
            smooth([(-lid, -0.36), (-lid * 0.7, -0.56), (0, -0.63), (lid * 0.7, -0.56), (lid, -0.36), (0, -0.28)]),
            "second",
            0.8,
        )
    )
    layers.append(Layer(ellipse(0, -0.7, 0.1), "third", 0.9))
    if rng.random() < 0.7:
        layers += [
            Layer(ellipse(x, 0.2, 0.085, n=16), "third", 0.05) for x in np.linspace(-0.36, 0.36, rng.integers(3, 5))
        ]
    return [*layers, Layer(smooth([(-0.34, 0.6), (0.34, 0.6), (0.38, 0.72), (-0.38, 0.72)]), "second", 0.5)]


def umbrella(rng) -> list[Layer]:
    ribs, deep = rng.integers(4, 7), rng.uniform(0.75, 0.95)
    hook = np.concatenate([[(0, -0.1), (0, 0.4), (0, 0.74)], ellipse(0.16, 0.76, 0.16, start=180, stop=10, n=9)])
    layers = [Layer(stroke([(0, -1.04), (0, -0.8)], 0.06), "dark", 0.4), Layer(stroke(hook, 0.085), "third", 0.7)]
    edges = np.linspace(-1, 1, ribs + 1)
    dome = ellipse(0, 0.0, 1.0, deep, start=180, stop=360, n=30)
    scallops = [ellipse((a + b) / 2, 0.0, (b - a) / 2, 0.13, start=0, stop=-180, n=8) for a, b in pairwise(edges)][::-1]
    layers.append(Layer(np.concatenate([dome, *scallops]), "main", 1.3))
    for i, (a, b) in enumerate(pairwise(edges)):
        if i % 2:
            t = np.linspace(0, np.pi / 2, 12)
            left, right = (np.stack([x * np.sin(t), -deep * np.cos(t)], 1) for x in (a, b))
            arch = ellipse((a + b) / 2, 0.0, (b - a) / 2, 0.13, start=180, stop=360, n=8)
            layers.append(Layer(np.concatenate([left, arch, right[::-1]]), "second", 0.1))
    return layers


def mushroom(rng) -> list[Layer]:
    high, wide, lean = rng.uniform(0.65, 0.95), rng.uniform(0.8, 1.0), rng.uniform(-0.15, 0.15)
    stem = smooth(
        [
            (-0.2, -0.1),
            (0.2, -0.1),
            (0.22 + lean, 0.5),
            (0.34 + lean, 0.95),
            (lean, 1.02),
            (-0.34 + lean, 0.95),
            (-0.22 + lean, 0.5),
        ]
    )
    cap = smooth(
        [
            (-wide, 0.02),
            (-wide * 0.75, -high * 0.7),
            (0, -high),
            (wide * 0.75, -high * 0.7),
            (wide, 0.02),
            (wide * 0.5, 0.14),
            (0, 0.18),
            (-wide * 0.5, 0.14),
        ]
    )
    layers = [
        Layer(stem, "light", 0.9),
        Layer(smooth([(-0.27, 0.2), (0.27, 0.2), (0.34, 0.36), (0, 0.42), (-0.34, 0.36)]), "light", 0.5),
    ]
    layers.append(Layer(cap, "main", 1.4))
    for x, y, r in [
        (-0.5, -0.22, 0.13),
        (0.0, -0.52, 0.16),
        (0.48, -0.26, 0.14),
        (-0.08, -0.1, 0.11),
        (0.72, -0.02, 0.07),
        (-0.28, -0.62, 0.08),
    ]:
        if rng.random() < 0.85:
            layers.append(
                Layer(ellipse(x * wide, y * high / 0.8, r * rng.uniform(0.8, 1.2), r * 0.85, n=18), "light", 0.3)
            )
    return layers


def banana(rng) -> list[Layer]:
    layers = []
    for i in range(rng.integers(1, 4)):  # one, or a small hand of them
        bend, turn = rng.uniform(95, 140), (i - 0.5) * 22 if i else 0
        arc = ellipse(0, -0.75, 1.0, 1.0, start=90 - bend / 2, stop=90 + bend / 2, n=24)  # a smile
        arc = rotate(arc - arc[0], turn) + arc[0]
        t = np.linspace(0, 1, 24)
        width = np.interp(t, [0, 0.08, 0.16, 0.5, 0.86, 0.96, 1], [0.1, 0.11, 0.26, 0.46, 0.27, 0.12, 0.08])
        layers.append(Layer(stroke(arc, width), "main", 1.1))
        layers.append(Layer(stroke(arc[3:-2] + (0, 0.02), 0.045), "second", 0.15))
        layers.append(Layer(stroke(arc[:3], 0.12), "dark", 0.3))
        layers.append(Layer(ellipse(*arc[-1], 0.06, n=12), "dark", 0.2))
    return layers


def clock(rng) -> list[Layer]:
    layers = []
    if rng.random() < 0.6:  # an alarm clock: bells and feet
        for side in (-1, 1):
            layers.append(Layer(ellipse(side * 0.5, -0.82, 0.3, 0.2, turn=side * 35), "second", 0.9))
            layers.append(Layer(stroke([(side * 0.45, 0.6), (side * 0.65, 1.0)], 0.14), "second", 0.5))
    layers += [Layer(ellipse(0, 0, 0.86), "main", 1.0), Layer(ellipse(0, 0, 0.68), "light", 0.3)]
    for hour in range(12):
        a, b = rotate(np.array([[0, -0.62], [0, -0.5 if hour % 3 == 0 else -0.56]]), hour * 30)
        layers.append(Layer(stroke([a, b], 0.08 if hour % 3 == 0 else 0.045), "dark", 0.1))
    minute = rng.uniform(0, 360)
    for length, angle, width in ((0.34, rng.uniform(0, 360), 0.1), (0.5, minute, 0.065)):
        layers.append(Layer(rotate(stroke([(0, 0.06), (0, -length)], width), angle), "dark", 0.2))
    return [*layers, Layer(ellipse(0, 0, 0.07, n=16), "third", 0.3)]


def _colours(main, second, third, dark="#2b2420", light="#f7f3e8"):
    return {"main": main, "second": second, "third": third, "dark": dark, "light": light}


THINGS = [
    Thing("n01443537", goldfish, _colours("#f08a24", "#e2661a", "#fbc15e"), 60),
    Thing("n02165456", ladybug, _colours("#d3302f", "#a81f24", "#f2b632"), 180),
    Thing("n02279972", monarch, _colours("#e8852a", "#f3b04a", "#c95f17"), 70),
    Thing("n02317335", starfish, _colours("#e0703c", "#f6c89a", "#c0522a"), 180),
    Thing("n02708093", clock, _colours("#3f7fb5", "#c9a24b", "#c23b33"), 30),
    Thing("n02782093", balloon, _colours("#d8433b", "#f3c94d", "#9a6a3c"), 30),
    Thing("n04398044", teapot, _colours("#5f93a8", "#d9b65c", "#f4efe2"), 30),
    Thing("n04507155", umbrella, _colours("#3a6fa6", "#e7b93c", "#7a4f2b"), 50),
    Thing("n07734744", mushroom, _colours("#c9302c", "#a32524", "#e9dcc3"), 35),
    Thing("n07753592", banana, _colours("#f2d13e", "#d3a823", "#8c6a1c"), 180),
]
