"""What a place sees: of a stack of 3 x 3 convolutions a field that grows, of a ViT everything at once; and what moving
the picture does to a convolution."""

from course.drawings.style import BLUE, GREY, INK, ORANGE, PAPER, RED, Page, shade, tint

SIDE, CELL = 11, 14  # places along a side of a grid, and how large one is drawn
MIDDLE = SIDE // 2
LEFT = (40, 226, 412)  # left edges of the three grids of the CNN
TOP = 104


def draw(language: str) -> Page:
    page = Page(language, 606)
    page.view(1, 10, 0, 586, 314)
    page.view(2, 600, 0, 290, 314)
    page.view(3, 130, 322, 640, 284)
    _cnn(page)
    _vit(page)
    page.line([(30, 318), (870, 318)], tint(GREY, 0.4), 1)
    _moving(page)
    return page


def _lines(page, x, y, side, cell):
    """White lines that make squares of a surface."""
    for n in range(1, side):
        page.line([(x + cell * n, y), (x + cell * n, y + cell * side)], PAPER)
        page.line([(x, y + cell * n), (x + cell * side, y + cell * n)], PAPER)


def _grid(page, x, y, reach, colour):
    """A grid in which the places at most `reach` from the middle are seen; rings, the outermost first."""
    page.cell(x, y, CELL * SIDE, CELL * SIDE, "#eef1f4", edge="none")
    for far in range(min(reach, MIDDLE), -1, -1):
        first, side = CELL * (MIDDLE - far), CELL * (2 * far + 1)
        page.cell(x + first, y + first, side, side, tint(colour, 0.75 - 0.12 * far), edge="none")
    _lines(page, x, y, SIDE, CELL)
    page.follow(x + CELL * MIDDLE, y + CELL * MIDDLE, CELL, CELL)


def _cnn(page):
    page.text(303, 24, ("3 × 3 卷积，一层接一层", "3 × 3 convolutions, one after another"), 15, bold=True)
    page.text(303, 50, ("红框里的一个数，由多少像素决定？", "How many pixels decide the number in the red frame?"), 12)
    for layer, x in enumerate(LEFT, start=1):
        _grid(page, x, TOP, layer, BLUE)
        seen = 2 * layer + 1
        words = (f"{layer} 层：{seen} × {seen}", f"layer {layer}: {seen} × {seen}")
        page.text(x + CELL * SIDE / 2, TOP - 20, words, 13, shade(BLUE))
    words = (
        "先看近处，层层变大；同一个核，用在每个位置",
        "near things first, wider with every layer; the same nine numbers everywhere",
    )
    page.text(303, TOP + CELL * SIDE + 26, words, 12, GREY)


def _vit(page):
    x = 666
    page.text(x + 77, 24, ("自注意力", "Self-attention"), 15, bold=True)
    page.text(x + 77, 50, ("一个位置就是一个 token", "a place is a token"), 12)
    page.cell(x, TOP, CELL * SIDE, CELL * SIDE, tint(ORANGE, 0.5), edge="none")
    _lines(page, x, TOP, SIDE, CELL)
    page.follow(x + CELL * MIDDLE, TOP + CELL * MIDDLE, CELL, CELL)
    page.text(x + 77, TOP - 20, ("1 层：全部", "block 1: everything"), 13, shade(ORANGE))
    words = ("看哪里，由学来的权重决定", "learned weights decide where to look")
    page.text(x + 77, TOP + CELL * SIDE + 26, words, 12, GREY)


def _picture(page, x, y, col, row, colour, cell=16):
    """A small grid, with a thing of three places in it."""
    page.cell(x, y, 6 * cell, 6 * cell, "#eef1f4", edge="none")
    _lines(page, x, y, 6, cell)
    for dx, dy in ((0, 0), (1, 0), (0, 1)):
        page.cell(x + cell * (col + dx), y + cell * (row + dy), cell, cell, colour)
    page.cell(x, y, 6 * cell, 6 * cell, "none", edge=GREY)


def _moving(page):
    title = (
        "平移等变：先移动再卷积 = 先卷积再移动",
        "Translation equivariance: move, then convolve = convolve, then move",
    )
    page.text(450, 342, title, 15, bold=True)
    top, bottom, left, right = 368, 480, 250, 556
    small = 13
    _picture(page, left, top, 1, 1, INK, small)
    _picture(page, left, bottom, 3, 2, INK, small)
    _picture(page, right, top, 1, 1, tint(BLUE, 0.8), small)
    _picture(page, right, bottom, 3, 2, tint(BLUE, 0.8), small)
    side = 6 * small
    for y in (top, bottom):
        page.arrow(left + side + 14, y + side / 2, right - 14, y + side / 2, BLUE, 2)
        page.text((left + side + right) / 2, y + side / 2 - 13, ("卷积", "convolution"), 13, shade(BLUE))
    for x, words_x, ha in ((left, left - 14, "right"), (right, right + side + 14, "left")):
        page.arrow(x + side / 2, top + side + 3, x + side / 2, bottom - 3, RED, 2)
        words = ("右移 2，下移 1", "2 to the right,\n1 down")
        page.text(words_x, (top + side + bottom) / 2, words, 12, shade(RED), ha=ha)
    words = (
        "能认出左上角的猫，就能认出右下角的。",
        "A kernel that answers to a cat top left answers to it bottom right.",
    )
    page.text(450, 588, words, 12, GREY)
