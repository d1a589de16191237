"""The map of the whole ViT, ViT-Ti/16's shapes, with the part of a lesson lit."""

from course.drawings.style import BLUE, GREEN, GREY, INK, ORANGE, PAPER, PINK, RED, SKY, YELLOW, Page, shade, tint

# which pieces of the map each part lights; "whole" lights all
LIT = {
    "data": {"picture", "data"},
    "patches": {"picture", "patches", "tokens"},
    "attention": {"attention"},
    "encoder": {"stack", "block", "attention", "norm", "mlp", "residual"},
    "model": {"patches", "tokens", "stack", "final", "head", "answer"},
    "training": {"training"},
    "evaluation": {"evaluation"},
    "inference": {"answer", "inference"},
    "finetuning": {"head", "finetuning"},
    "speed": {"speed"},
}

MAPS = ("whole", *LIT)
LETTERS = 16.8  # their size: 18 px on the first page of a deck, where the map is 506 px high instead of 470


class _Map:
    """The pieces, each drawn pale unless the part lights it."""

    def __init__(self, page: Page, part: str):
        self.page, self.part = page, part
        self.all = part == "whole"

    def lit(self, piece: str) -> bool:
        return self.all or piece in LIT[self.part]

    def strong(self, piece: str) -> bool:
        return not self.all and self.lit(piece)

    def box(self, piece, *place, **how):
        with self.page.faded(not self.lit(piece)):
            self.page.box(*place, size=LETTERS, strong=self.strong(piece), **how)

    def text(self, piece, *place, **how):
        with self.page.faded(not self.lit(piece)):
            self.page.text(*place, size=LETTERS, **how)

    def arrow(self, *place):
        with self.page.faded(not self.all):
            self.page.arrow(*place)


def draw(language: str, part: str) -> Page:
    page = Page(language, 470)
    m = _Map(page, part)
    _input(m)
    _tokens(m)
    _after_tokens(m)
    _answer(m)
    _block(m)
    _strip(m)
    return page


def cat(page: Page, x: float, y: float, side: float) -> None:
    """A cat's head before a wall and a floor."""
    u = side / 112

    def at(*points):
        return [(x + px * u, y + py * u) for px, py in points]

    page.cell(x, y, side, side, tint(SKY, 0.55), edge="none")
    page.cell(x, y + 84 * u, side, 28 * u, tint(GREEN, 0.55), edge="none")
    page.disc(x + 93 * u, y + 19 * u, 11 * u, YELLOW)
    page.shape(at((24, 56), (27, 14), (54, 36)), ORANGE)
    page.shape(at((88, 56), (85, 14), (58, 36)), ORANGE)
    page.disc(x + 56 * u, y + 66 * u, 36 * u, ORANGE)
    for px in (46, 56, 66):
        page.line(at((px, 34), (px, 46)), shade(ORANGE, 0.55), 2.4 * u + 0.4)
    for px in (42, 70):
        page.disc(x + px * u, y + 60 * u, 6.5 * u, PAPER)
        page.disc(x + px * u, y + 60 * u, 3.5 * u, INK)
    page.shape(at((51, 73), (61, 73), (56, 79)), PINK)
    for dy in (-3, 4):
        page.line(at((36, 79 + dy / 2), (14, 77 + dy * 2)), INK, 1.0)
        page.line(at((76, 79 + dy / 2), (98, 77 + dy * 2)), INK, 1.0)


TOP = 44  # where the pictures of the first row begin


def _input(m: _Map) -> None:
    page = m.page
    m.text("picture", 74, 22, ("图片", "Picture"), bold=True)
    with page.faded(not m.lit("picture")):
        cat(page, 18, TOP, 112)
        edge = INK if m.strong("picture") else GREY
        page.cell(18, TOP, 112, 112, "none", edge=edge, lw=2.6 if m.strong("picture") else 1)
    m.text("picture", 74, TOP + 130, "(3, 224, 224)")
    m.arrow(131, 100, 147, 100)
    m.text("patches", 205, 22, ("图像块 (patch)", "Patches"), bold=True)
    with page.faded(not m.lit("patches")):
        cat(page, 149, TOP, 112)
        for i in range(15):
            page.line([(149 + 8 * i, TOP), (149 + 8 * i, TOP + 112)], PAPER, 1.3)
            page.line([(149, TOP + 8 * i), (261, TOP + 8 * i)], PAPER, 1.3)
        if m.strong("patches"):
            page.cell(149, TOP, 112, 112, "none", edge=INK, lw=2.6)
    m.text(
        "patches",
        205,
        TOP + 141,
        ("14 × 14 块\n(196, 768)", "14 × 14\n(196, 768)"),
    )


def _tokens(m: _Map) -> None:
    page = m.page
    m.arrow(263, 100, 299, 100)
    m.text("tokens", 364, 22, ("Token", "Tokens"), bold=True)
    if m.strong("tokens"):
        page.box(302, TOP - 6, 131, 124, fill=PAPER, edge=INK, strong=True)
    with page.faded(not m.lit("tokens")):
        for row, name in enumerate(["cls", "0", "1", "2", "⋮", "195"]):
            y = TOP + 2 + 18.5 * row
            page.text(316, y + 7, name, LETTERS)
            if name == "⋮":
                page.text(352, y + 7, name, LETTERS)
                page.text(406, y + 7, name, LETTERS)
                continue
            page.box(332, y, 40, 14, RED if name == "cls" else ORANGE, radius=3, fill=tint(_token(name), 0.75))
            page.text(379, y + 7, "+", LETTERS)
            page.box(386, y, 40, 14, BLUE, radius=3, fill=tint(BLUE, 0.2 + 0.1 * row))
    positions = ("＋类别 token ＋位置\n(196, 192) → (197, 192)", "+ class token + positions\n(196, 192) → (197, 192)")
    m.text("tokens", 354, TOP + 141, positions)


def _token(name: str) -> str:
    return {"cls": RED, "0": SKY, "1": tint(SKY, 0.8), "2": YELLOW, "195": GREEN}[name]


def _after_tokens(m: _Map) -> None:
    m.arrow(434, 100, 458, 100)
    m.text("stack", 508, 22, ("编码器", "Encoder"), bold=True)
    for i in range(4, -1, -1):
        m.box("stack", 462 + 5 * i, TOP + 4 + 5 * (4 - i), 70, 84, colour=GREEN)
    m.text("stack", 497, TOP + 66, ("编码器层\n× 12", "block\n× 12"))
    m.text("stack", 514, TOP + 130, "(197, 192)")
    m.arrow(555, 100, 574, 100)
    m.box("final", 576, 76, 52, 48, colour=SKY, text=("归一化", "Norm"))
    m.arrow(629, 100, 648, 100)
    m.text("final", 643, 62, ("类别 token：(192)", "class token: (192)"))
    m.box("head", 650, 76, 64, 48, colour=PINK, text=("分类头", "Head"))
    m.arrow(715, 100, 734, 100)


def _answer(m: _Map) -> None:
    m.text("answer", 812, 22, ("答案", "Answer"), bold=True)
    if m.strong("answer"):
        m.page.box(737, TOP - 6, 150, 124, fill=PAPER, edge=INK, strong=True)
    # no names and no numbers: lesson 00 asks for them before the network has spoken
    rows = [(1, 0.04), (2, 0.62), (3, 0.17), (1000, 0.09)]
    with m.page.faded(not m.lit("answer")):
        for i, (number, share) in enumerate(rows):
            y = TOP + 1 + 28 * i
            m.page.text(744, y + 6, (f"名字 {number}", f"name {number}"), LETTERS, ha="left")
            m.page.box(744, y + 17, 136, 6, radius=1, fill="#eceff1", edge="#eceff1")
            m.page.box(744, y + 17, 136 * share, 6, radius=1, fill=RED if i == 1 else SKY, edge="none")
        m.page.text(880, TOP + 78, "⋮", LETTERS, ha="right")
    m.text("answer", 812, TOP + 130, "logits (1000)")


def _block(m: _Map) -> None:
    """One encoder block, opened."""
    page, y = m.page, 282
    with page.faded(not m.lit("stack")):
        page.line([(462, 154), (454, 200), (212, 222)], GREY, 1.1, dash=(4, 3))
        page.line([(552, 134), (566, 200), (884, 222)], GREY, 1.1, dash=(4, 3))
    m.box("block", 212, 222, 672, 112, colour=GREEN, fill=tint(GREEN, 0.06))
    m.text("block", 106, 262, ("一个编码器层，打开看", "One encoder block,\nopened up"), bold=True)
    m.text(
        "block",
        106,
        312,
        ("ViT-Ti/16，3 个头，\n省去批次的轴", "ViT-Ti/16, 3 heads,\nbatch axis left out"),
    )
    with page.faded(not m.lit("residual")):
        for start, plus in ((237, 499), (534, 833)):
            page.way([(start, y), (start, 240), (plus, 240), (plus, y - 13)], RED, 1.8)
        page.text(284, 251, ("残差连接", "skip"), LETTERS, colour=shade(RED))
        page.text(582, 251, ("残差连接", "skip"), LETTERS, colour=shade(RED))
        stops = [(218, 254), (312, 328), (470, 486), (512, 552), (610, 630), (800, 820), (846, 879)]
        for start, end in stops:
            page.arrow(start, y, end, y)
        for plus in (499, 833):
            page.disc(plus, y, 12, tint(RED, 0.25), edge=shade(RED), lw=1.3)
            page.text(plus, y, "+", size=17)
    for x in (256, 554):
        m.box("norm", x, y - 19, 56, 38, colour=SKY, text=("归一化", "Norm"))
    m.box("attention", 329, y - 25, 141, 50, colour=ORANGE, text=("多头自注意力", "Multi-head\nattention"))
    m.text("attention", 400, y + 39, ("权重 (3, 197, 197)", "weights (3, 197, 197)"))
    m.box("mlp", 632, y - 19, 168, 38, colour=YELLOW, text="MLP: 192→768→192")
    m.text("residual", 220, y + 39, "(197, 192)", ha="left")
    m.text("residual", 876, y + 39, "(197, 192)", ha="right")


def _strip(m: _Map) -> None:
    """What is done with the network."""
    page, y = m.page, 366
    m.box("data", 18, y, 128, 44, colour=SKY, text=("数据", "Data"))
    m.arrow(147, y + 22, 172, y + 22)
    m.box("training", 174, y - 8, 366, 60, colour=GREEN, fill=tint(GREEN, 0.12))
    m.text("training", 216, y + 22, ("训练", "Training"))
    for i, words in enumerate([("损失", "loss"), ("梯度", "gradient"), "AdamW"]):
        m.box("training", 259 + 93 * i, y + 4, 78, 30, colour=GREEN, fill=PAPER, text=words)
    with page.faded(not m.lit("training")):
        page.arrow(337, y + 19, 351, y + 19)
        page.arrow(430, y + 19, 444, y + 19)
        page.way([(482, y + 35), (482, y + 44), (298, y + 44), (298, y + 35)])
    m.arrow(541, y + 22, 566, y + 22)
    m.box("evaluation", 568, y, 108, 44, colour=ORANGE, text=("评估", "Evaluation"))
    with page.faded(not m.all):
        page.way([(677, y + 22), (698, y + 22), (698, y + 5), (718, y + 5)])
        page.way([(677, y + 22), (698, y + 22), (698, y + 39), (718, y + 39)])
    m.box("inference", 720, y - 9, 164, 28, colour=PINK, text=("推理", "Inference"))
    m.box("finetuning", 720, y + 25, 164, 28, colour=PINK, text=("微调", "Fine-tuning"))
    words = (
        "速度：找出慢在哪里 · 批大小 · 融合 · 数据并行",
        "Speed: find what is slow · batch size · fusion · data parallel",
    )
    m.box("speed", 18, y + 64, 866, 28, colour=YELLOW, text=words)
