"""Attention: from tokens to Q, K, V, to an N x N table of weights, to the output; and how heads are split and merged."""

import matplotlib
import numpy as np

from course.drawings.style import BLUE, GREY, INK, ORANGE, TOKENS, Sheet

N, D = 5, 4
ROW = 1  # the token that is followed


def qkv(s: Sheet) -> None:
    rng = np.random.default_rng(3)
    queries, keys = rng.normal(size=(2, N, D))
    scores = queries @ keys.T / D**0.5
    weights = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    tokens(s, 20, 175, s.say("token x", "tokens x"), "(N, D)", 5)
    for y, name, letter, what in (
        (32, "Q", "q", s.say("查询", "queries")),
        (177, "K", "k", s.say("键", "keys")),
        (322, "V", "v", s.say("值", "values")),
    ):
        s.arrow(124, 230, 170, y + 55)
        s.text(148, y + {32: 62, 177: 38, 322: 50}[y], f"$W_{letter}$", 14)
        tokens(s, 175, y, f"{what} {name} (N, d)", "", 4)
    s.text(395, 75, s.say("每个查询和每个键比", "each query with each key"), 13)
    table(s, 330, 145, scores, s.say("分数 QKᵀ / √d", "scores QKᵀ / √d"), "(N, N)", signed=True)
    s.arrow(260, 87, 324, 180)
    s.arrow(260, 232, 324, 215)
    s.arrow(466, 210, 534, 210)
    s.text(500, 195, "softmax", 13)
    s.text(500, 227, s.say("逐行", "row by row"), 12, GREY)
    table(s, 540, 145, weights, s.say("权重", "weights"), "(N, N)")
    s.text(673, 145 + 26 * ROW + 13, "= 1", 13, ORANGE, ha="left")
    s.text(605, 306, s.say("每行之和为 1", "each row has sum 1"), 12, ORANGE)
    s.arrow(706, 210, 762, 210)
    s.text(734, 192, "× V", 14)
    s.axes.plot([260, 734], [377, 377], color=INK, linewidth=1.3)
    s.arrow(734, 377, 734, 226)
    tokens(s, 770, 155, s.say("输出", "output"), "(N, d)", 4, mixed=weights)
    s.text(815, 314, s.say("V 各行的\n加权平均", "weighted mean\nof V's rows"), 12, ORANGE)


def tokens(s: Sheet, x, y, title, shape, width, mixed=None):
    """N rows of little squares, each token in its colour; `mixed`: in the mixture of colours that the weights make."""
    palette = np.array([matplotlib.colors.to_rgb(color) for color in TOKENS])
    for row in range(N):
        color = palette[row] if mixed is None else mixed[row] @ palette
        for column in range(width):
            shade = color + (1 - color) * 0.12 * ((row + 2 * column) % 4)
            s.cell(x + 20 * column, y + 22 * row, 20, tuple(shade), height=22)
    s.cell(x, y + 22 * ROW, 20 * width, "none", ORANGE, height=22, line=2)
    s.text(x + 10 * width, y - 14, title, 13)
    s.text(x + 10 * width, y + 22 * N + 13, shape, 12, GREY)


def table(s: Sheet, x, y, values, title, shape, signed=False):
    """An N x N table in shades of blue, with its numbers."""
    low, high = values.min(), values.max()
    for i in range(N):
        for j in range(N):
            share = (values[i, j] - low) / (high - low)
            color = tuple(1 - share * (1 - c) for c in matplotlib.colors.to_rgb(BLUE))
            s.cell(x + 26 * j, y + 26 * i, 26, color)
            number = f"{values[i, j]:.1f}" if signed else f"{values[i, j]:.2f}".lstrip("0")
            s.text(x + 26 * j + 13, y + 26 * i + 13, number, 10, "white" if share > 0.55 else INK)
    s.cell(x, y + 26 * ROW, 26 * N, "none", ORANGE, height=26, line=2)
    s.text(x + 65, y - 14, title, 13)
    s.text(x + 65, y + 26 * N + 13, shape, 12, GREY)


HEADS, WIDTH_OF_HEAD, ROWS = 2, 3, 4


def heads(s: Sheet) -> None:
    matrix(
        s,
        20,
        80,
        [[(n, c) for c in range(6)] for n in range(ROWS)],
        s.say("token 与通道", "tokens and channels"),
        "(N, D) = (4, 6)",
        side=34,
    )
    s.arrow(236, 132, 334, 132)
    s.text(285, 104, s.say("拆开最后一个轴", "split the last axis"), 12)
    s.text(285, 120, "reshape", 12, BLUE)
    s.text(285, 150, s.say("再换轴", "then exchange axes"), 12)
    s.text(285, 166, "transpose", 12, BLUE)
    for head in range(HEADS):
        rows = [[(n, c) for c in range(3 * head, 3 * head + 3)] for n in range(ROWS)]
        matrix(s, 345 + 150 * head, 80, rows, s.say(f"头 {head}", f"head {head}"), "")
    s.text(475, 205, "(h, N, d) = (2, 4, 3)", 12, GREY)
    s.arrow(625, 132, 690, 132)
    s.text(658, 104, s.say("各做注意力", "attend, then"), 12)
    s.text(658, 120, s.say("再合并", "merge"), 12)
    s.text(658, 150, "transpose", 12, BLUE)
    s.text(658, 166, "reshape", 12, BLUE)
    matrix(
        s,
        700,
        80,
        [[(n, c) for c in range(6)] for n in range(ROWS)],
        s.say("并排拼回", "side by side again"),
        "(N, D)",
        side=30,
    )
    s.box(20, 245, 860, 190, "#fdf3ec", ORANGE)
    s.text(
        40,
        272,
        s.say("直接 reshape 成 (h, N, d)：形状对，数是错的", "a bare reshape to (h, N, d): right shape, wrong numbers"),
        14,
        ORANGE,
        ha="left",
        weight="bold",
    )
    flat = [(n, c) for n in range(ROWS) for c in range(6)]
    for head in range(HEADS):
        rows = [[flat[12 * head + 3 * n + c] for c in range(3)] for n in range(ROWS)]
        matrix(s, 345 + 150 * head, 316, rows, s.say(f"“头 {head}”", f"'head {head}'"), "")
    s.text(
        40,
        365,
        s.say(
            "头 0 里只有 token 0 和 1，\n而且它们的六个通道都在里面：\n别的 token 全看不到了",
            "head 0 holds tokens 0 and 1 only,\nwith all six of their channels:\nthe other tokens are out of its sight",
        ),
        13,
        ha="left",
    )
    s.text(
        20,
        28,
        s.say(
            "每格写着它来自哪个 token（颜色）、哪个通道（c）",
            "each square says which token (colour) and which channel (c) it comes from",
        ),
        13,
        ha="left",
    )


def matrix(s: Sheet, x, y, rows, title, shape, side=36):
    height = 26
    for i, row in enumerate(rows):
        for j, (n, c) in enumerate(row):
            s.cell(
                x + side * j,
                y + height * i,
                side,
                (*matplotlib.colors.to_rgb(TOKENS[n]), 0.35 if c < 3 else 0.6),
                height=height,
            )
            s.text(x + side * j + side / 2, y + height * i + height / 2, f"n{n} c{c}" if side > 30 else f"c{c}", 10)
    middle = x + side * len(rows[0]) / 2
    s.text(middle, y - 14, title, 13)
    s.text(middle, y + height * len(rows) + 14, shape, 12, GREY)
