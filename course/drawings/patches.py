"""From a picture to the encoder's input: patches, flattened, times E, the class token in front, positions added."""

import numpy as np
from matplotlib.colors import to_hex, to_rgb

from course.drawings.attention import sign_shade
from course.drawings.map import cat
from course.drawings.positions import place_colours
from course.drawings.style import BLUE, GREEN, GREY, INK, ORANGE, PAPER, PINK, RED, YELLOW, Page, shade, tint

SIDE = 4  # the grid that is drawn; the network's is 14 x 14
N = SIDE * SIDE
FOLLOWED = 9  # the patch with half an eye and half the nose, counted from 0
# that patch with 4 x 4 pixels in place of 16 x 16
PIXELS = [
    [to_rgb({"o": ORANGE, "w": PAPER, "k": INK, "p": PINK, "h": shade(ORANGE, 0.5)}[letter]) for letter in row]
    for row in ("okko", "owwo", "hoop", "hooo")
]
ROW, TOP = 12, 322  # height of a row of a matrix, and where the first begins
NUMBERS, WIDTH = 5, 3  # columns drawn for 768 and for D


def numbers() -> dict[str, np.ndarray]:
    """The matrices of the lower half: the patches are drawn by lot, the rest follows."""
    rng = np.random.default_rng(16)
    x, e = rng.normal(size=(N, NUMBERS)), rng.normal(size=(NUMBERS, WIDTH)) * 0.55
    return {"patches": x, "E": e, "tokens": x @ e + rng.normal(size=WIDTH) * 0.2, "class": rng.normal(size=(1, WIDTH))}


def draw(language: str) -> Page:
    page, made = Page(language, 584), numbers()
    page.view(0, 8, 4, 280, 280)
    page.view(1, 228, 4, 664, 236)
    page.view(2, 10, 266, 440, 304)
    page.view(3, 252, 246, 640, 336)
    page.view(4)
    _picture(page)
    with page.step(1):
        _flattened(page)
    with page.step(2):
        _tokens(page, made)
    with page.step(3):
        _input(page, made)
    return page


def _picture(page):
    page.text(124, 20, ("图片，切成图像块（patch）", "Picture, cut into patches"), 14, bold=True)
    x, y, side = 48, 62, 152
    page.text(124, 43, "(3, 224, 224)", 12)
    cat(page, x, y, side)
    cell = side / SIDE
    for i in range(1, SIDE):
        page.line([(x + cell * i, y), (x + cell * i, y + side)], PAPER, 6)
        page.line([(x, y + cell * i), (x + side, y + cell * i)], PAPER, 6)
    for i in range(SIDE):
        page.arrow(x - 22, y + cell * (i + 0.5), x - 6, y + cell * (i + 0.5), GREY, 1.2)
        page.text(x - 27, y + cell * (i + 0.5), str(SIDE * i), 11, GREY, ha="right")
        page.text(x + side + 7, y + cell * (i + 0.5), str(SIDE * (i + 1) - 1), 11, GREY, ha="left")
    row, col = divmod(FOLLOWED, SIDE)
    page.follow(x + cell * col + 3, y + cell * row + 3, cell - 6, cell - 6)
    words = (
        "顺序：逐行，从左到右\n画成 4 × 4 = 16 块；\nViT-Ti/16 是 14 × 14 = 196 块",
        "order: row by row, left to right\ndrawn with 4 × 4 = 16 patches;\nViT-Ti/16 has 14 × 14 = 196",
    )
    page.text(124, 246, words, 12)
    gutter = y + cell * (row + 1)
    page.way([(x + cell * (col + 1) - 3, gutter - 1.5), (258, gutter - 1.5)], RED, 2, radius=0)


def _flattened(page):
    """The patch as pixels, as three channels, and as one row."""
    pixels = np.array(PIXELS)  # (4, 4, 3)
    page.text(306, 20, ("第 9 块", "Patch 9"), 14, bold=True)
    page.text(306, 43, "(3, 16, 16)", 12)
    for i, line in enumerate(pixels):
        for j, colour in enumerate(line):
            page.cell(262 + 22 * j, 114 + 22 * i, 22, 22, to_hex(colour), edge="none")
    page.follow(262, 114, 88, 88)
    page.text(306, 218, ("像素画成 4 × 4", "drawn with 4 × 4 pixels"), 12)
    page.way([(356, 158), (372, 158), (372, 190), (388, 190)], RED, 2)
    page.text(632, 20, ("展平成一行", "Flattened to one row"), 14, bold=True)
    page.text(632, 43, ("3 × 16 × 16 = 768 个数", "3 × 16 × 16 = 768 numbers"), 12)
    for c, (name, colour) in enumerate((("R", RED), ("G", GREEN), ("B", BLUE))):
        middle = 472 + 160 * c
        page.text(middle - 48, 97, name, 13, shade(colour), bold=True)
        for (i, j), value in np.ndenumerate(pixels[:, :, c]):
            fill = tint(colour, 0.06 + 0.84 * value)
            page.cell(middle - 34 + 17 * j, 64 + 17 * i, 17, 17, fill)
            page.cell(middle - 80 + 10 * (4 * i + j), 178, 10, 24, fill)
        page.arrow(middle, 138, middle, 172)
    page.follow(392, 178, 480, 24)
    words = (
        "逐个通道，逐行展平",
        "each channel row by row, one channel after the other",
    )
    page.text(632, 218, words, 12)


def _matrix(page, values, x, w, h=ROW, y=TOP):
    for (i, j), value in np.ndenumerate(values):
        page.cell(x + w * j, y + h * i, w, h, value if isinstance(value, str) else sign_shade(value))
    page.cell(x, y, w * values.shape[1], h * len(values), "none", edge=GREY)


def _heading(page, x, words, shape):
    page.text(x, TOP - 34, words, 14, bold=True)
    page.text(x, TOP + ROW * N + 18, shape, 12)


def _tokens(page, made):
    """Every patch's row times the same matrix."""
    red = TOP + ROW * FOLLOWED
    page.way([(876, 190), (888, 190), (888, 250), (224, 250), (224, red + ROW / 2), (197, red + ROW / 2)], RED, 2)
    _heading(page, 118, ("全部图像块", "All patches"), "(N, 768)")
    for n in (0, FOLLOWED, N - 1):
        colour = {"colour": shade(RED), "bold": True} if n == FOLLOWED else {"colour": GREY}
        page.text(41, TOP + ROW * (n + 0.5), str(n), 11, ha="right", **colour)
    _matrix(page, made["patches"], 48, 144 / NUMBERS)
    page.follow(48, red, 144, ROW)
    middle = TOP + ROW * N / 2
    page.text(240, middle, "×", 20)
    tall = 28  # of a row of E: as high as the patches' rows are long
    _heading(page, 288, "E", "(768, D)")
    _matrix(page, made["E"], 258, 20, tall, middle - tall * NUMBERS / 2)
    page.text(345, middle, "+ b =", 16)
    page.text(300, TOP + ROW * N + 38, ("Dense：y = x E + b", "Dense: y = x E + b"), 12, GREY)
    _heading(page, 402, ("token", "Tokens"), "(N, D)")
    _matrix(page, made["tokens"], 372, 20)
    page.follow(372, red, 60, ROW)


def _input(page, made):
    """The class token in front, and a position for each row."""
    up, red = TOP - ROW - 4, TOP + ROW * FOLLOWED
    middle = TOP + ROW * N / 2
    page.arrow(440, middle, 480, middle)
    _heading(page, 518, ("类别 token 在前", "Class token first"), "(N + 1, D)")
    _matrix(page, made["class"], 488, 20, y=up)
    page.cell(488, up, 60, ROW, "none", edge=shade(PINK), lw=2)
    page.text(480, up + ROW / 2, "cls", 11, shade(PINK), ha="right")
    _matrix(page, made["tokens"], 488, 20)
    page.text(569, middle, "+", 20)
    _heading(page, 620, ("位置", "Positions"), "(N + 1, D)")
    colours = np.array([to_hex(one) for one in place_colours(SIDE).reshape(N, 3)])[:, None]
    own = np.array([[YELLOW]])
    _matrix(page, own, 590, 60, y=up)
    _matrix(page, colours, 590, 60)
    page.text(671, middle, "=", 20)
    _heading(page, 722, ("编码器的输入", "Encoder input"), "(N + 1, D)")
    for values, marks, y in ((made["class"], own, up), (made["tokens"], colours, TOP)):
        sums = [[_mixed(sign_shade(v), mark) for v in row] for row, (mark,) in zip(values, marks, strict=True)]
        _matrix(page, np.array(sums, object), 692, 20, y=y)
    for x in (488, 590, 692):
        page.follow(x, red, 60, ROW)
    page.arrow(760, middle, 792, middle)
    page.box(796, middle - 36, 88, 72, GREEN, ("编码器", "encoder"), 14)
    words = (
        "768 画成 5 列，D 画成 3 列；蓝：正数，橙：负数",
        "768 drawn as 5 columns, D as 3; blue: positive, orange: negative",
    )
    page.text(450, 570, words, 12, GREY)


def _mixed(one: str, other: str) -> str:
    return to_hex([(a + b) / 2 for a, b in zip(to_rgb(one), to_rgb(other), strict=True)])
