"""Queries, keys and values of five tokens, with numbers that are computed; one row is followed to its output."""

import numpy as np

from course.drawings.style import BLUE, GREEN, GREY, INK, ORANGE, PAPER, PINK, RED, SKY, Page, shade, tint

TOKENS = [BLUE, ORANGE, GREEN, PINK, SKY]
FOLLOWED = 2  # whose query is followed
N, D, HEAD_DIM = 5, 6, 3
CELL = 33  # of the grids with numbers


def numbers() -> dict[str, np.ndarray]:
    """One attention head worked out; the inputs are drawn, the rest follows."""
    rng = np.random.default_rng(1981)
    x = rng.normal(size=(N, D))
    w = {name: rng.normal(size=(D, HEAD_DIM)) * 0.62 for name in "qkv"}
    q, k, v = (x @ w[name] for name in "qkv")
    scores = q @ k.T / np.sqrt(HEAD_DIM)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return {"x": x, "w": w, "q": q, "k": k, "v": v, "scores": scores, "weights": weights, "out": weights @ v}


def draw(language: str) -> Page:
    page, made = Page(language, 450), numbers()
    page.view(0, 4, 30, 180, 345)
    page.view(1, 0, 32, 350, 402)
    page.view(2, 180, 8, 390, 280)
    page.view(3, 330, 8, 562, 280)
    page.view(4, 290, 240, 602, 200)
    page.view(5)
    _tokens(page, made["x"])
    with page.step(1):
        for name, middle in (("q", 98), ("k", 232), ("v", 366)):
            _projection(page, made, name, middle)
    with page.step(2):
        _scores(page, made["scores"])
    with page.step(3):
        _weights(page, made["weights"])
    with page.step(4):
        _output(page, made)
    return page


def sign_shade(value: float) -> str:
    """Positive blue, negative orange, the stronger the larger."""
    return tint(BLUE if value > 0 else ORANGE, min(abs(value) / 2.4, 1) * 0.85 + 0.05)


def _matrix(page, values, x, y, cell_w, cell_h, follow=None):
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            page.cell(x + j * cell_w, y + i * cell_h, cell_w, cell_h, sign_shade(value))
    rows, cols = values.shape
    page.cell(x, y, cols * cell_w, rows * cell_h, "none", edge=GREY, lw=1)
    if follow is not None:
        page.follow(x, y + follow * cell_h, cols * cell_w, cell_h)


def _label(page, x, y, base, below, size=14):
    """A letter with a small one at its foot."""
    page.text(x - 3, y, base, size=size, bold=True)
    page.text(x + 7, y + 5, below, size=13)


def _tokens(page, x):
    page.text(98, 142, ("token x", "tokens x"), size=14, bold=True)
    for i, colour in enumerate(TOKENS):
        page.disc(38, 184 + 24 * i, 9, colour)
        page.text(38, 183.5 + 24 * i, str(i), size=12, colour=PAPER if colour in (BLUE, GREEN) else INK)
    _matrix(page, x, 54, 172, 15, 24, FOLLOWED)
    page.text(98, 306, "(N, D)")
    page.text(
        98,
        56,
        ("跟着 token 2 的\n查询走到它的输出", "follow the query of\ntoken 2 to its output"),
        colour=shade(RED),
    )
    page.line([(40, 78), (156, 78)], RED, 2.6)
    page.text(98, 354, ("蓝：正数\n橙：负数", "blue: positive\norange: negative"), size=12, colour=GREY)


def _projection(page, made, name, middle):
    page.line([(149, 174), (154, 174), (154, 290), (149, 290)])  # from all rows, not only the one followed
    page.way([(154, 232), (170, 232), (170, middle), (190, middle)], radius=7 if middle != 232 else 0)
    _matrix(page, made["w"][name], 194, middle - 33, 11, 11)
    _label(page, 210, middle - 46, "W", name)
    page.arrow(232, middle, 258, middle)
    _matrix(page, made[name], 262, middle - 40, 16, 16, FOLLOWED if name == "q" else None)
    page.text(286, middle - 53, name.upper(), size=15, bold=True)
    page.text(286, middle + 54, "(N, d)")


def _grid(page, values, x, y, words, tints):
    """A table with a disc for each row (query) and each column (key)."""
    for i, colour in enumerate(TOKENS):
        page.disc(x - 12, y + CELL * (i + 0.5), 6, colour)
        page.disc(x + CELL * (i + 0.5), y - 12, 6, colour)
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            fill = tints(value)
            page.cell(x + j * CELL, y + i * CELL, CELL, CELL, fill)
            page.text(x + (j + 0.5) * CELL, y + (i + 0.5) * CELL, words(value), size=12)
    page.cell(x, y, N * CELL, N * CELL, "none", edge=GREY, lw=1)
    page.follow(x, y + FOLLOWED * CELL, N * CELL, CELL)


def _scores(page, scores):
    page.way([(314, 98), (336, 98), (336, 165), (362, 165)])
    page.way([(314, 232), (336, 232), (336, 165), (362, 165)])
    page.text(470, 28, ("分数  Q Kᵀ / √d", "scores  Q Kᵀ / √d"), size=15, bold=True)
    page.text(470, 48, ("行：查询，列：键", "rows: queries, columns: keys"), size=12)
    _grid(page, scores, 388, 82, lambda value: f"{value:.1f}".replace("-", "−"), lambda value: sign_shade(value * 0.75))
    page.text(470, 262, "(N, N)")


def _weights(page, weights):
    page.arrow(558, 165, 622, 165)
    page.text(588, 143, "softmax", size=13, bold=True)
    page.text(588, 183, ("每一行", "each row"), size=12)
    page.text(730, 28, ("权重", "weights"), size=15, bold=True)
    page.text(730, 48, ("每行之和为 1", "each row sums to 1"), size=12)
    _grid(page, weights, 648, 82, lambda value: f"{value:.2f}", lambda value: tint(GREEN, value * 0.85 + 0.04))
    page.text(730, 262, "(N, N)")
    for i, total in enumerate(weights.sum(axis=1)):
        how = {"colour": shade(RED), "bold": True} if i == FOLLOWED else {"colour": GREY}
        page.text(820, 82 + CELL * (i + 0.5), f"Σ = {total:.0f}", size=12, ha="left", **how)


def _output(page, made):
    page.arrow(314, 366, 497, 366)
    page.way([(690, 249), (690, 290), (512, 290), (512, 351)])
    page.disc(512, 366, 13, PAPER, edge=INK, lw=1.3)
    page.text(512, 365, "×", size=18)
    page.text(404, 352, ("值", "values"), size=12)
    page.text(600, 303, ("权重 × V", "weights × V"), size=12)
    page.arrow(526, 366, 566, 366)
    _matrix(page, made["out"], 572, 326, 16, 16, FOLLOWED)
    page.text(596, 420, ("输出 (N, d)", "output (N, d)"), size=13)
    page.text(
        650, 322, ("第 2 行是值的加权和：", "row 2, a weighted sum of values:"), size=12, ha="left", colour=shade(RED)
    )
    for i, weight in enumerate(made["weights"][FOLLOWED]):
        y = 343 + 18 * i
        page.text(652, y, ("= " if i == 0 else "+ ") + f"{weight:.2f} ×", size=12, ha="left")
        page.disc(722, y, 6, TOKENS[i])
        for j, value in enumerate(made["v"][i]):
            page.cell(734 + 16 * j, y - 7, 16, 14, sign_shade(value))
        page.text(788, y, ("值 {}" if page.language == "zh" else "value {}").format(i), size=12, ha="left")
