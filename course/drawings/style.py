"""One style for all drawings: 900 wide as a notebook shows them, opaque, colours that the colour-blind tell apart."""

from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from course.learner.fonts import use_course_font
from vit.runtime.atomic import atomic_path

# Okabe and Ito's colours
BLUE, ORANGE, GREEN, YELLOW, PINK, SKY = "#0072B2", "#D55E00", "#009E73", "#E6A700", "#CC79A7", "#56B4E9"
INK, GREY, PALE, PAPER = "#1a202c", "#718096", "#e8edf3", "#ffffff"
TOKENS = (SKY, BLUE, GREEN, YELLOW, PINK)
WIDTH = 900


@dataclass
class Sheet:
    """A drawing under way; measures in pixels from the upper left corner."""

    axes: object
    language: str

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def text(self, x, y, text, size=13, color=INK, ha="center", va="center", **more):
        self.axes.text(x, y, text, fontsize=size * 0.75, color=color, ha=ha, va=va, **more)

    def box(self, x, y, width, height, fill=PALE, edge=GREY, line=1.0):
        shape = FancyBboxPatch(
            (x, y),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=6",
            facecolor=fill,
            edgecolor=edge,
            linewidth=line,
        )
        self.axes.add_patch(shape)

    def cell(self, x, y, side, fill, edge="white", height=None, line=1.0):
        self.axes.add_patch(Rectangle((x, y), side, height or side, facecolor=fill, edgecolor=edge, linewidth=line))

    def arrow(self, x, y, to_x, to_y, color=INK, bend=0.0):
        style = {"arrowstyle": "-|>", "color": color, "linewidth": 1.3, "shrinkA": 0, "shrinkB": 0}
        if bend:
            style["connectionstyle"] = f"arc3,rad={bend}"
        self.axes.annotate("", xy=(to_x, to_y), xytext=(x, y), arrowprops=style)


def draw(function, height: int, language: str, path: Path) -> None:
    """Write what `function(sheet)` draws as an SVG; the same code gives the same bytes."""
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "vit"}):
        use_course_font(language)
        figure = Figure(figsize=(WIDTH / 100, height / 100), dpi=100, facecolor=PAPER)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, WIDTH), ylim=(height, 0))
        axes.axis("off")
        function(Sheet(axes, language))
        with atomic_path(path) as staged:
            figure.savefig(staged, format="svg", metadata={"Date": None, "Creator": None})
