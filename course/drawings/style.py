"""One look for all schematic drawings: a page measured in pixels, a few colours, boxes, arrows, text.

The colours are Okabe and Ito's, which the colour-blind tell apart; the page is white, so that a notebook
with a dark theme shows the same picture. Letters are outlines in the SVG: no machine needs the font.
"""

import colorsys
import io
import itertools
import re
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from course.learner.fonts import FAMILY, register

DRAWN_WITH = "3.11"  # matplotlib's version; another may round the outlines of letters otherwise

INK, GREY, PAPER = "#1f2933", "#5f6b76", "#ffffff"
ORANGE, SKY, GREEN, YELLOW = "#e69f00", "#56b4e9", "#009e73", "#f0e442"
BLUE, RED, PINK = "#0072b2", "#d55e00", "#cc79a7"


def tint(colour: str, share: float) -> str:
    """The colour mixed with white; share 1 is the colour itself."""
    return to_hex([1 - share * (1 - part) for part in to_rgb(colour)])


def shade(colour: str, share: float = 0.62) -> str:
    """The colour darkened, for text and outlines."""
    hue, light, saturation = colorsys.rgb_to_hls(*to_rgb(colour))
    return to_hex(colorsys.hls_to_rgb(hue, light * share, saturation))


class Page:
    """A drawing: x to the right and y down, in pixels. A text is a string or a pair (Chinese, English)."""

    def __init__(self, language: str, height: int, width: int = 900):
        self.language, self.width, self.height = language, width, height
        self.pale = False
        self.press, self.counted = 0, itertools.count()
        self.views = {}
        register()
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=72, facecolor=PAPER)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(height, 0))
        self.axes.axis("off")

    @contextmanager
    def faded(self, fade: bool = True):
        """What is drawn inside is pale but can still be read."""
        before, self.pale = self.pale, fade
        yield
        self.pale = before

    @contextmanager
    def step(self, press: int):
        """What is drawn inside appears in a deck at this press of a key (course/editions/deck.py); elsewhere it is there."""
        before, self.press = self.press, press
        yield
        self.press = before

    def view(self, press: int, *place: float):
        """Where a deck looks from this press on: x, y, width, height, large enough to be read; without: at the whole."""
        self.views[press] = " ".join(f"{number:g}" for number in place or (0, 0, self.width, self.height))

    def _named(self, artist):
        if self.press:
            artist.set_gid(f"step{self.press}-{next(self.counted)}")

    def _add(self, patch):
        self._named(self.axes.add_patch(patch))

    def _text(self, *where, **how):
        self._named(self.axes.text(*where, **how))

    def _colour(self, colour: str, role: str) -> str:
        if not self.pale or colour in ("none", PAPER):
            return colour
        return {"text": "#6f7983", "line": "#c3cad0", "fill": tint(colour, 0.28)}[role]

    def say(self, text) -> str:
        return text if isinstance(text, str) else text[self.language == "en"]

    def text(self, x, y, text, size=13, colour=INK, ha="center", va="center", bold=False):
        colour = self._colour(colour, "text")
        how = {"fontsize": size, "color": colour, "ha": ha, "va": va, "linespacing": 1.25}
        for shift in (-0.3, 0.3) if bold else (0,):  # the font has no bold face: twice, a little apart
            self._text(x + shift, y, self.say(text), fontfamily=[FAMILY, "DejaVu Sans"], **how)

    def box(self, x, y, w, h, colour=SKY, text="", size=13, strong=False, radius=6, fill=None, edge=None, ink=INK):
        """A rounded box with its text in the middle; `strong` gives it the outline of what matters today."""
        style = f"round,pad=0,rounding_size={radius}"
        fill = self._colour(fill or tint(colour, 0.3), "fill")
        edge = self._colour(edge or shade(colour), "line")
        self._add(
            FancyBboxPatch((x, y), w, h, boxstyle=style, facecolor=fill, edgecolor=edge, lw=2.6 if strong else 1.1)
        )
        if text:
            self.text(x + w / 2, y + h / 2, text, size, ink)

    def cell(self, x, y, w, h, fill, edge=PAPER, lw=1.0):
        fill, edge = self._colour(fill, "fill"), self._colour(edge, "line")
        self._add(Rectangle((x, y), w, h, facecolor=fill, edgecolor=edge, lw=lw))

    def disc(self, x, y, radius, fill, edge="none", lw=1.0):
        fill, edge = self._colour(fill, "fill"), self._colour(edge, "line")
        self._add(Circle((x, y), radius, facecolor=fill, edgecolor=edge, lw=lw))

    def shape(self, points, fill, edge="none", lw=1.0):
        fill, edge = self._colour(fill, "fill"), self._colour(edge, "line")
        self._add(Polygon(points, closed=True, facecolor=fill, edgecolor=edge, lw=lw, joinstyle="round"))

    def follow(self, x, y, w, h):
        """The red frame round what the reader follows through a drawing."""
        self.box(x - 2, y - 1, w + 4, h + 2, fill="none", edge=RED, strong=True, radius=3)

    def line(self, points, colour=GREY, lw=1.3, dash=None):
        """Straight from point to point; `way` is for connections, with rounded corners."""
        style = (0, dash) if dash else "-"
        path = Path(points)
        colour = self._colour(colour, "line")
        self._add(PathPatch(path, facecolor="none", edgecolor=colour, lw=lw, ls=style, capstyle="round"))

    def arrow(self, x0, y0, x1, y1, colour=GREY, lw=1.5, bend=0.0):
        self._add(
            FancyArrowPatch(
                (x0, y0),
                (x1, y1),
                arrowstyle="-|>,head_length=6,head_width=3.2",
                mutation_scale=1,
                connectionstyle=f"arc3,rad={bend}",
                shrinkA=0,
                shrinkB=0,
                color=self._colour(colour, "line"),
                lw=lw,
            )
        )

    def way(self, points, colour=GREY, lw=1.5, radius=7, head=True):
        """An arrow round corners: horizontal and vertical stretches, each corner rounded."""
        vertices, codes = [points[0]], [Path.MOVETO]
        for before, corner, after in zip(points, points[1:], points[2:], strict=False):
            vertices += [_towards(corner, before, radius), corner, _towards(corner, after, radius)]
            codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
        end = _towards(points[-1], points[-2], 5) if head else points[-1]
        path = Path([*vertices, end], [*codes, Path.LINETO])
        self._add(PathPatch(path, facecolor="none", edgecolor=self._colour(colour, "line"), lw=lw))
        if head:
            self.arrow(*_towards(points[-1], points[-2], 7), *points[-1], colour, lw)

    def svg(self) -> str:
        """The same drawing gives the same text: no date, no random names, no address of anything outside."""
        buffer = io.StringIO()
        for artist in self.axes.get_children():
            artist.set_clip_on(False)
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "course"}):
            self.figure.savefig(buffer, format="svg", metadata=nothing, facecolor=PAPER)
        views = ";".join(f"{press}:{place}" for press, place in sorted(self.views.items()))
        return _tidy(buffer.getvalue()).replace("<svg", f'<svg data-views="{views}"' if views else "<svg", 1)


def _towards(point, other, distance):
    (x, y), (to_x, to_y) = point, other
    length = max(abs(to_x - x) + abs(to_y - y), 1e-9)
    return x + (to_x - x) / length * distance, y + (to_y - y) / length * distance


def _tidy(svg: str) -> str:
    """Sizes in pixels instead of points; half as long: no comments, short names, steps counted from the last point."""
    svg = re.sub(r"<!DOCTYPE.*?>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(width|height)="(\d+)pt"', r'\1="\2"', svg, count=2)
    svg = svg.replace(FAMILY.replace(" ", "") + "-Regular-", "c")
    svg = re.sub(r' d="([^"]*)"', lambda path: f' d="{_relative(path[1])}"', svg)
    return re.sub(r"\s*\n\s*", "\n", svg).strip() + "\n"


def _relative(path: str) -> str:
    """The same path with each step measured from where the last one ended, two decimals."""
    out, at, start = [], (0.0, 0.0), (0.0, 0.0)
    for command, rest in re.findall(r"([MLCQz])([^MLCQz]*)", path):
        numbers = [float(number) for number in rest.split()]
        steps = [round(number - at[i % 2], 2) for i, number in enumerate(numbers)]
        if steps:
            at = (at[0] + steps[-2], at[1] + steps[-1])
        if command == "M":
            start = at
        elif command == "z":
            at = start
        out.append(command.lower() + " ".join(f"{step:g}" for step in steps).replace(" -", "-"))
    return "".join(out)
