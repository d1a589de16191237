"""Outlines as arrays of points (n, 2), in unit coordinates: the thing fills about [-1, 1] x [-1, 1], y down."""

import numpy as np

Points = np.ndarray


def ellipse(x=0.0, y=0.0, rx=1.0, ry=None, turn=0.0, start=0.0, stop=360.0, n=40) -> Points:
    """An ellipse or, with `start` and `stop` in degrees, the arc of one."""
    t = np.radians(np.linspace(start, stop, n))
    points = np.stack([rx * np.cos(t), (rx if ry is None else ry) * np.sin(t)], axis=1)  # (n, 2)
    return rotate(points, turn) + (x, y)


def rotate(points: Points, degrees: float) -> Points:
    a = np.radians(degrees)
    return points @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])


def smooth(corners, n=8) -> Points:
    """A closed curve through the corners (Catmull-Rom)."""
    p = np.asarray(corners, float)  # (k, 2)
    t = np.linspace(0, 1, n, endpoint=False)[:, None]  # (n, 1)
    pieces = []
    for a, b, c, d in zip(np.roll(p, 1, 0), p, np.roll(p, -1, 0), np.roll(p, -2, 0), strict=True):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(pieces)  # (k*n, 2)


def stroke(line, width) -> Points:
    """The outline of a line drawn with a brush; `width` is a number, or one for each point."""
    line = np.asarray(line, float)
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * (np.broadcast_to(width, len(line))[:, None] / 2)
    return np.concatenate([line + across, (line - across)[::-1]])


def star(arms, outer, inner, soft=True) -> Points:
    """A star with round arms (or pointed ones), the first arm up."""
    t = np.radians(np.arange(2 * arms) * 180 / arms - 90)
    radius = np.where(np.arange(2 * arms) % 2 == 0, outer, inner)
    points = np.stack([radius * np.cos(t), radius * np.sin(t)], axis=1)
    return smooth(points) if soft else points
