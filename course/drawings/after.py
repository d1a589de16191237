"""What came after ViT: six ideas, a panel each, and what each of them changes."""

import numpy as np

from course.drawings.map import cat
from course.drawings.style import BLUE, GREEN, GREY, ORANGE, PINK, RED, SKY, YELLOW, Page, shade, tint

WIDE, HIGH = 286, 246  # of a panel
MASKED = np.random.default_rng(4).permutation(16)[:12]  # three quarters of 16 patches


def draw(language: str) -> Page:
    page = Page(language, 2 * HIGH + 40)
    for number in range(6):
        row, column = divmod(number, 3)
        page.view(number + 1, 8 + column * (WIDE + 6), 8 + row * (HIGH + 8), WIDE + 12, HIGH + 12)
    for number, panel in enumerate((_deit, _mae, _dino, _swin, _clip, _registers)):
        row, column = divmod(number, 3)
        x, y = 14 + column * (WIDE + 6), 14 + row * (HIGH + 8)
        page.box(x, y, WIDE, HIGH, fill="#ffffff", edge=tint(GREY, 0.35))
        panel(page, x, y)
    return page


def _title(page, x, y, name, words):
    page.text(x + 14, y + 22, name, 16, ha="left", bold=True)
    page.text(x + 14, y + HIGH - 24, words, 12, GREY, ha="left")


def _tokens(page, x, y, colours, size=20, gap=4):
    for n, colour in enumerate(colours):
        page.box(x + n * (size + gap), y, size, size, radius=3, fill=tint(colour, 0.6), edge=shade(colour))


def _deit(page, x, y):
    _title(page, x, y, "DeiT", ("多一个 token，向老师学", "one more token learns from a teacher"))
    _tokens(page, x + 30, y + 150, [RED, *[SKY] * 6, GREEN])
    page.box(x + 26, y + 96, 198, 34, ORANGE, ("编码器", "encoder"))
    page.arrow(x + 40, y + 96, x + 40, y + 66, RED)
    page.arrow(x + 208, y + 96, x + 208, y + 66, GREEN)
    page.text(x + 46, y + 54, ("标签", "label"), 12, shade(RED))
    page.text(x + 200, y + 54, ("老师（CNN）的答案", "teacher's answer (CNN)"), 12, shade(GREEN))
    page.text(x + 40, y + 184, "cls", 12, shade(RED))
    page.text(x + 208, y + 184, "dist", 12, shade(GREEN))


def _mae(page, x, y):
    _title(page, x, y, "MAE", ("遮住四分之三，只编码看得见的", "hide three quarters, encode what is left"))
    side, cell = 88, 22
    cat(page, x + 22, y + 62, side)
    for place in MASKED:
        row, col = divmod(int(place), 4)
        page.cell(x + 22 + cell * col, y + 62 + cell * row, cell, cell, "#c9d0d6")
    page.arrow(x + 118, y + 106, x + 144, y + 106)
    for n in range(4):
        _tokens(page, x + 150, y + 62 + 23 * n, [SKY], 19)
    page.arrow(x + 174, y + 106, x + 192, y + 106)
    cat(page, x + 196, y + 70, 72)
    page.text(x + 160, y + 168, ("4 个 token", "4 tokens"), 12)
    page.text(x + 232, y + 158, ("补出来", "filled in"), 12)


def _dino(page, x, y):
    _title(page, x, y, "DINO", ("没有标签：两个视角，答案要一致", "no labels: two views, one answer"))
    cat(page, x + 24, y + 56, 64)
    cat(page, x + 24, y + 138, 40)
    page.box(x + 114, y + 68, 82, 34, ORANGE, ("老师", "teacher"))
    page.box(x + 114, y + 142, 82, 34, SKY, ("学生", "student"))
    page.arrow(x + 90, y + 85, x + 112, y + 85)
    page.arrow(x + 68, y + 159, x + 112, y + 159)
    page.way([(x + 198, y + 85), (x + 232, y + 85), (x + 232, y + 110)], GREY)
    page.way([(x + 198, y + 159), (x + 232, y + 159), (x + 232, y + 134)], GREY)
    page.text(x + 232, y + 122, ("一致？", "equal?"), 13, shade(RED))
    page.arrow(x + 155, y + 142, x + 155, y + 104, GREEN)
    page.text(x + 150, y + 122, ("慢慢平均", "slow mean"), 12, shade(GREEN), ha="right")


def _swin(page, x, y):
    _title(page, x, y, "Swin", ("只在窗口里看，下一层错开半个窗口", "attention in windows, shifted in layer 2"))
    cell = 15
    for left, shift in ((x + 22, 0), (x + 158, 2)):
        for row in range(8):
            for col in range(8):
                window = ((row + shift) // 4 + 2 * ((col + shift) // 4)) % 4
                page.cell(
                    left + cell * col, y + 54 + cell * row, cell, cell, tint((SKY, ORANGE, GREEN, PINK)[window], 0.5)
                )
        for line in (4 - shift, 8 - shift):
            if 0 < line < 8:
                page.line([(left + cell * line, y + 54), (left + cell * line, y + 174)], shade(BLUE), 2.4)
                page.line([(left, y + 54 + cell * line), (left + 120, y + 54 + cell * line)], shade(BLUE), 2.4)
    page.text(x + 82, y + 190, ("第 1 层", "layer 1"), 12)
    page.text(x + 218, y + 190, ("第 2 层", "layer 2"), 12)


def _clip(page, x, y):
    _title(page, x, y, "CLIP", ("图和文配对：对角线要大", "pictures and captions: the diagonal should win"))
    left, top, cell = x + 128, y + 72, 30
    for row in range(4):
        for col in range(4):
            page.cell(left + cell * col, top + cell * row, cell, cell, tint(BLUE, 0.75 if row == col else 0.12))
    for n in range(4):
        page.box(left + cell * n + 4, top - 24, 22, 18, radius=3, fill=tint(GREEN, 0.5), edge=shade(GREEN))
        page.box(left - 28, top + cell * n + 6, 22, 18, radius=3, fill=tint(ORANGE, 0.5), edge=shade(ORANGE))
    page.text(left + 60, top - 36, ("文字编码器", "text encoder"), 12, shade(GREEN))
    page.text(x + 94, top + 60, ("图像\n编码器\n(ViT)", "image\nencoder\n(ViT)"), 12, shade(ORANGE), ha="right")


def _registers(page, x, y):
    _title(
        page,
        x,
        y,
        ("寄存器", "Registers"),
        ("给它几个草稿 token，末了丢掉", "a few scratch tokens, dropped at the end"),
    )
    for row, height in ((0, 150), (1, 62)):
        colours = [RED, *[SKY] * 5, *[YELLOW] * 4]
        with page.faded(False):
            _tokens(page, x + 26, y + height, colours if row == 0 else colours[:6])
    page.box(x + 22, y + 100, 242, 34, ORANGE, ("编码器", "encoder"))
    for n in range(4):
        page.line([(x + 172 + 24 * n, y + 66), (x + 186 + 24 * n, y + 80)], RED, 2)
        page.line([(x + 186 + 24 * n, y + 66), (x + 172 + 24 * n, y + 80)], RED, 2)
    page.text(x + 36, y + 184, "cls", 12, shade(RED))
    page.text(x + 216, y + 184, ("寄存器", "registers"), 12)
