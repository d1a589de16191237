"""Where each number goes when a token's channels are shared out to heads and put back side by side."""

import numpy as np

from course.drawings.style import GREEN, GREY, ORANGE, RED, SKY, Page, shade, tint

N, D, H = 4, 6, 2
HEAD_DIM = D // H
W, HIGH = 42, 24  # a cell


def labels() -> np.ndarray:
    """(N, D) of (token, channel): reshape and transpose are numpy's, so that the drawing cannot be wrong."""
    return np.array([[[n, c] for c in range(D)] for n in range(N)])


def draw(language: str) -> Page:
    page = Page(language, 552)
    page.view(0, 10, 20, 560, 240)
    page.view(2, 280, 2, 470, 310)
    page.view(3, 430, 2, 462, 310)
    page.view(4, 470, 250, 422, 296)
    page.view(5, 8, 206, 462, 340)
    page.view(6)
    _split(page)
    with page.step(3):
        _attend(page)
    with page.step(4):
        _merge(page)
    with page.step(5):
        _wrong(page)
    return page


def _cells(page, block, x, y, strength=0.18):
    """Each cell coloured by its channel's head, and darker from token to token."""
    for i, row in enumerate(block):
        for j, (n, c) in enumerate(row):
            fill = tint((SKY, ORANGE)[c // HEAD_DIM], strength + 0.17 * n)
            page.cell(x + W * j, y + HIGH * i, W, HIGH, fill)
            page.text(x + W * (j + 0.5), y + HIGH * (i + 0.5), f"n{n} c{c}", size=12)
    page.cell(x, y, W * len(block[0]), HIGH * len(block), "none", edge=GREY, lw=1)


def _step(page, x, y, words, shape):
    page.text(x, y, words, size=14, bold=True)
    page.text(x, y + 20, shape, size=13)


def _split(page):
    top = 124
    x = labels()
    _step(page, 144, 84, ("q（k、v 同样）", "q (k and v alike)"), "(B, N, D)")
    _cells(page, x, 18, top)
    page.text(144, top + 112, ("N = 4 个 token，D = 6 个通道", "N = 4 tokens, D = 6 channels"), size=12, colour=GREY)
    parts = x.reshape(N, H, HEAD_DIM, 2)
    with page.step(1):
        page.arrow(273, top + 48, 297, top + 48)
        _step(page, 434, 84, "reshape", "(B, N, h, d)")
        for head in range(H):
            _cells(page, parts[:, head], 300 + head * (W * HEAD_DIM + 14), top)
        page.text(434, top + 112, ("每行切成 h = 2 段", "each row cut into h = 2 pieces"), size=12, colour=GREY)
    blocks = parts.transpose(1, 0, 2, 3)
    with page.step(2):
        _step(page, 671, 16, "transpose", "(B, h, N, d)")
        for head, y in enumerate((62, 186)):
            page.arrow(569, top + 48, 604, y + 48)
            _cells(page, blocks[head], 608, y)
            page.text(671, y + 108, (f"头 {head}：全部 4 个 token", f"head {head}: all 4 tokens"), size=12, colour=GREY)


def _attend(page):
    for head, y in enumerate((62, 186)):
        page.arrow(736, y + 48, 758, y + 48)
        words = (f"头 {head} 里的\n注意力", f"attention\nin head {head}")
        page.box(762, y + 20, 112, 56, (SKY, ORANGE)[head], text=words, size=13)


def _merge(page):
    page.way([(874, 110), (888, 110), (888, 324), (818, 324), (818, 346)])
    page.way([(818, 262), (818, 346)])
    page.box(478, 350, 406, 188, GREEN, fill=tint(GREEN, 0.06))
    page.text(681, 370, ("合并：transpose，再 reshape", "merge: transpose, then reshape"), size=14, bold=True)
    page.text(681, 391, "(B, h, N, d) → (B, N, h, d) → (B, N, D)", size=13)
    out = labels().reshape(N, H, HEAD_DIM, 2).transpose(1, 0, 2, 3)
    _cells(page, out.transpose(1, 0, 2, 3).reshape(N, D, 2), 555, 408)
    page.text(681, 521, ("同一个 token 的各头又并排在一行", "the heads of each token side by side again"), size=12)


def _wrong(page):
    page.box(18, 350, 436, 188, RED, fill=tint(RED, 0.05))
    page.text(
        236, 370, ("错：直接 reshape 成 (B, h, N, d)", "wrong: reshape straight to (B, h, N, d)"), size=14, bold=True
    )
    blocks = labels().reshape(H, N, HEAD_DIM, 2)
    for head in range(H):
        x = 78 + 190 * head
        page.text(x + 63, 393, (f"头 {head}", f"head {head}"), size=12)
        _cells(page, blocks[head], x, 408)
        page.line([(x + 92, 386), (x + 106, 400)], RED, 2.4)
        page.line([(x + 92, 400), (x + 106, 386)], RED, 2.4)
    words = ("形状对，内容错：头 0 只看到 token 0 和 1", "right shape, wrong numbers: head 0 sees only tokens 0 and 1")
    page.text(236, 524, words, size=12, colour=shade(RED))
    page.way([(60, 224), (60, 346)], RED)
    page.text(70, 300, ("没有 transpose", "without transpose"), size=12, ha="left", colour=shade(RED))
