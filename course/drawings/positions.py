"""Learned positions stretched to another grid: each channel resampled as a picture, the class token's left alone."""

import numpy as np
from matplotlib.colors import to_hex, to_rgb

from course.drawings.style import GREEN, GREY, INK, ORANGE, PINK, RED, SKY, YELLOW, Page, shade, tint
from vit.patch_embedding import cubic_matrix

OLD, NEW = 4, 6  # the grids that are drawn; the network's are 14 x 14 and 24 x 24
FOLLOWED = (1, 2)  # row and column of a new place
CELL, OLD_CELL = 38, 42
LEFT, RIGHT, TOP = 72, 596, 172  # where the grids begin


def place_colours(side: int) -> np.ndarray:
    """(side, side, 3): three channels of a position, shown as red, green and blue; neighbours are alike."""
    corners = np.array([[to_rgb(tint(colour, 0.8)) for colour in row] for row in ((SKY, GREEN), (PINK, ORANGE))])
    t = np.linspace(0, 1, side)
    mix = np.stack([1 - t, t], axis=1)  # (side, 2)
    return np.einsum("ra,cb,abk->rck", mix, mix, corners)


def stretched() -> tuple[np.ndarray, np.ndarray]:
    """The new grid's colours (6, 6, 3), and the weights (4, 4) of the old places in the one that is followed."""
    m = cubic_matrix(OLD, NEW)  # (6, 4), the package's own
    row, col = FOLLOWED
    return np.einsum("ar,bc,rck->abk", m, m, place_colours(OLD)).clip(0, 1), np.outer(m[row], m[col])


def draw(language: str) -> Page:
    page = Page(language, 444)
    new, weights = stretched()
    _sequences(page, new)
    _old_grid(page, weights)
    _new_grid(page, new)
    _between(page)
    return page


def _grid(page, colours, x, y, cell):
    side = len(colours)
    for r in range(side):
        for c in range(side):
            page.cell(x + cell * c, y + cell * r, cell, cell, to_hex(colours[r, c]))
    page.cell(x, y, cell * side, cell * side, "none", edge=GREY)


def _strip(page, colours, x, w, y=78):
    """The positions as the network keeps them: one row, the class token's first."""
    page.cell(x, y, w, 20, YELLOW)
    for i, colour in enumerate(colours.reshape(-1, 3)):
        page.cell(x + w * (i + 1), y, w, 20, to_hex(colour), lw=0.7)
    page.cell(x + w, y, w * len(colours) ** 2, 20, "none", edge=GREY)
    page.cell(x, y, w, 20, "none", edge=INK, lw=1.6)


def _sequences(page, new):
    page.text(148, 20, ("学到的位置（图片 224 × 224）", "Learned (pictures of 224 × 224)"), 15, bold=True)
    page.text(710, 20, ("重采样之后（图片 384 × 384）", "Resampled (pictures of 384 × 384)"), 15, bold=True)
    _strip(page, place_colours(OLD), 20, 15)
    _strip(page, new, 534, 9.5)
    page.text(148, 112, "(1, 1 + 14 × 14, D)", 14)
    page.text(710, 112, "(1, 1 + 24 × 24, D)", 14)
    page.way([(27, 76), (27, 56), (539, 56), (539, 75)], INK)
    words = ("类别 token 的位置：原样保留", "the class token's position: carried over untouched")
    page.text(424, 43, words, 14)


def _old_grid(page, weights):
    page.arrow(156, 126, 156, 166)
    page.text(166, 146, ("排成网格", "as a grid"), 14, ha="left")
    _grid(page, place_colours(OLD), LEFT, TOP, OLD_CELL)
    for (r, c), weight in np.ndenumerate(weights):
        x, y = LEFT + OLD_CELL * (c + 0.5), TOP + OLD_CELL * (r + 0.5)
        page.text(x, y, f"{weight:.2f}".replace("-0.00", "0.00").replace("-", "−"), 14)
    words = (
        "(14, 14, D)，画成 4 × 4\n一格：一个位置的 D 个数\n颜色：其中 3 个通道",
        "(14, 14, D), drawn as 4 × 4\na cell: the D numbers of a position\nits colour: 3 of the D channels",
    )
    page.text(LEFT + OLD_CELL * 2, 374, words, 14)


def _between(page):
    y = TOP + CELL * (FOLLOWED[0] + 0.5)
    left, right = LEFT + OLD_CELL * OLD, RIGHT + CELL * FOLLOWED[1]
    page.follow(LEFT, TOP, OLD_CELL * OLD, OLD_CELL * OLD)
    page.way([(left + 3, y), (right - 3, y)], RED, 2, radius=0)
    page.text(416, y - 36, ("双三次插值（bicubic）", "bicubic resampling"), 14, bold=True)
    page.text(416, y - 16, ("每个通道当作一张图，各自放大", "each channel enlarged like a picture"), 14)
    words = (
        "红框里的新位置 = 16 个旧位置的\n加权和；左图的数字就是权重，\n它们的和为 1",
        "the new position in red: a weighted\nsum of the 16 old ones. The numbers\nare its weights; they sum to 1",
    )
    page.text(416, y + 38, words, 14, shade(RED))
    words = (
        "沿行、沿列各乘一次\n同一个矩阵 M (24, 14)",
        "the same matrix M (24, 14)\nalong the rows and along the columns",
    )
    page.text(416, y + 108, words, 14)


def _new_grid(page, new):
    _grid(page, new, RIGHT, TOP, CELL)
    row, col = FOLLOWED
    page.follow(RIGHT + CELL * col, TOP + CELL * row, CELL, CELL)
    middle = RIGHT + CELL * NEW / 2
    page.arrow(middle, 166, middle, 126)
    page.text(middle + 10, 146, ("展平", "flatten"), 14, ha="left")
    page.text(middle, 420, ("(24, 24, D)，画成 6 × 6", "(24, 24, D), drawn as 6 × 6"), 14)
