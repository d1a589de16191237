"""The shape of the numbers after each step of ViT-Ti/16, all drawn to one scale, and the parameters of each step."""

from course.drawings.style import BLUE, GREEN, GREY, ORANGE, PINK, SKY, YELLOW, Page, shade, tint

SCALE = 0.112  # pixels of the page for one number
TOP, STEP = 62, 48  # the middle of the first row, and from row to row
WIDE = 148  # of a step's box

# what is done, the shape that it gives, its parameters, its colour
NETWORK = [
    (("一批图片", "pictures"), (3, 224, 224), None, SKY),
    (("切成图像块", "cut into patches"), (196, 768), 0, SKY),
    (("Dense 768 → 192", "Dense 768 → 192"), (196, 192), 147_648, ORANGE),
    (("类别 token 放在前面", "class token in front"), (197, 192), 192, PINK),
    (("加上位置", "add positions"), (197, 192), 37_824, BLUE),
    (("编码器层 × 12", "encoder block × 12"), (197, 192), 5_338_368, GREEN),
    (("归一化", "norm"), (197, 192), 384, SKY),
    (("取类别 token*", "take the class token*"), (192,), 0, PINK),
    (("分类头 192 → 1000", "head 192 → 1000"), (1000,), 193_000, PINK),
]
BLOCK = [
    (("归一化", "norm"), (197, 192), 384, SKY),
    (("Dense → q, k, v", "Dense → q, k, v"), (3, 197, 64), 111_168, ORANGE),
    (("分数，再 softmax", "scores, then softmax"), (3, 197, 197), 0, ORANGE),
    (("权重 × v", "weights × v"), (3, 197, 64), 0, ORANGE),
    (("合并各头，Dense，+ x", "merge, Dense, + x"), (197, 192), 37_056, ORANGE),
    (("归一化", "norm"), (197, 192), 384, SKY),
    (("Dense 192 → 768，GELU", "Dense 192 → 768, GELU"), (197, 768), 148_224, YELLOW),
    (("Dense 768 → 192，+ x", "Dense 768 → 192, + x"), (197, 192), 147_648, YELLOW),
]
TOTAL, BLOCK_TOTAL = 5_717_416, 444_864


def draw(language: str) -> Page:
    page = Page(language, 552)
    for press, (x, y) in enumerate(((0, 0), (0, 256), (456, 0), (456, 256)), start=1):
        page.view(press, x, y, 452 if x == 0 else 444, 296)
    page.box(466, 8, 424, 492, GREEN, fill=tint(GREEN, 0.06))
    last = TOP + STEP * (len(NETWORK) - 1)
    y = TOP + 5 * STEP  # the block's row, which the panel opens
    page.box(8, y - 19, 446, 38, GREEN, fill=tint(GREEN, 0.06))
    page.line([(454, y - 16), (466, 16)], GREY, 1.1, dash=(4, 3))
    page.line([(454, y + 16), (466, 492)], GREY, 1.1, dash=(4, 3))
    page.text(90, 27, "ViT-Ti/16", 15, bold=True)
    page.text(552, 27, ("一个编码器层", "One encoder block"), 15, bold=True)
    _column(page, NETWORK, 16, 232, 296, 448)
    _column(page, BLOCK, 478, 677, 726, 884)
    page.text(448, last + 40, (f"全部参数：{TOTAL:,}", f"all parameters: {TOTAL:,}"), 13, ha="right", bold=True)
    y = TOP + STEP * len(BLOCK) - 8
    page.text(
        884, y, (f"一层的参数：{BLOCK_TOTAL:,}", f"parameters of a block: {BLOCK_TOTAL:,}"), 13, ha="right", bold=True
    )
    words = (
        "x：这个分支的输入（残差连接）\nMLP 的中间一层最宽：768 = 4 × 192",
        "x: the input of the branch (skip connection)\nthe MLP is widest in its middle: 768 = 4 × 192",
    )
    page.text(677, y + 44, words, 12, GREY)
    words = (
        "B：一批的图片数；矩形：一张图片的数，全部按同一比例（向量画成条）。\n* 或取各图像块 token 的平均",
        "B: pictures in the batch; rectangles: the numbers of one picture,\nall to one scale (a vector is a bar).  * or the mean of the patch tokens",
    )
    page.text(16, 524, words, 12, GREY, ha="left")
    return page


def _column(page, rows, x, drawn, written, right):
    """The steps one below the other: name, numbers drawn, shape, parameters."""
    page.text(drawn, 28, ("张量", "tensor"), 12, GREY)
    page.text(written, 28, ("形状", "shape"), 12, GREY, ha="left")
    page.text(right, 28, ("参数量", "parameters"), 12, GREY, ha="right")
    for i, (words, shape, parameters, colour) in enumerate(rows):
        y, copies = TOP + STEP * i, 3 if "q, k, v" in words[0] else 1
        page.box(x, y - 14, WIDE, 28, colour, words, 12)
        if i:
            page.arrow(x + WIDE / 2, y - STEP + 14, x + WIDE / 2, y - 14)
        _drawn(page, shape, copies, drawn, y, colour)
        text = "(B, " + ", ".join(map(str, shape)) + ")"
        page.text(written, y, f"3 × {text}" if copies == 3 else text, 12, ha="left")
        if parameters:
            page.text(right, y, f"{parameters:,}", 12, shade(GREEN), ha="right")


def _drawn(page, shape, copies, middle, y, colour):
    """The numbers of one picture as a rectangle; channels or heads are side by side."""
    high, wide = (max(side * SCALE, 4) for side in ((1, *shape) if len(shape) == 1 else shape[-2:]))
    layers = shape[0] if len(shape) == 3 else 1
    gap, between = 2, 5
    x = middle - (copies * (layers * (wide + gap) - gap) + (copies - 1) * between) / 2
    for _ in range(copies):
        for _ in range(layers):
            page.cell(x, y - high / 2, wide, high, tint(colour, 0.55), edge=shade(colour), lw=0.9)
            x += wide + gap
        x += between - gap
