"""An encoder block with the norms in the branches (ViT), and with the norms on the skip path (Transformer of 2017)."""

from course.drawings.style import GREY, ORANGE, RED, SKY, YELLOW, Page, shade, tint

SKIP, BRANCH, WORDS = 42, 176, 268  # from a half's left edge: the skip path, the middle of a branch, the formulas
TOP, BOTTOM = 94, 524  # of the skip path


def draw(language: str) -> Page:
    page = Page(language, 600)
    for press, (x, y) in enumerate(((0, 0), (0, 276), (450, 0), (450, 276)), start=1):
        page.view(press, x, y, 450, 324)
    page.view(5)
    page.line([(450, 16), (450, 584)], tint(GREY, 0.4), 1)
    _pre_norm(page, 14)
    _post_norm(page, 466)
    return page


def _pre_norm(page, x):
    _ends(
        page,
        x,
        ("pre-norm：ViT（2021）", "Pre-norm: ViT (2021)"),
        ("LN（层归一化）在分支里", "LN (layer norm) inside the branches"),
    )
    _skip(page, x, TOP, BOTTOM)
    _branch(page, x, start=112, first=132, last=224, end=244)
    _norm(page, x + BRANCH, 132)
    page.arrow(x + BRANCH, 164, x + BRANCH, 184)
    _attention(page, x + BRANCH, 184)
    _branch(page, x, start=276, first=296, last=452, end=472)
    _norm(page, x + BRANCH, 296)
    page.arrow(x + BRANCH, 328, x + BRANCH, 348)
    _mlp(page, x + BRANCH, 348)
    _formula(page, x, 178, "x = x + MSA(LN(x))")
    _formula(page, x, 374, "x = x + MLP(LN(x))")
    words = (
        "残差连接上没有任何运算，信号和梯度原样通过。\n相加的结果从未归一化，所以最后一层之后还有一个 LN。",
        "No layer on the skip connection: signal and gradient pass unchanged.\nThe sum is never normalised, so one more LN follows the last block.",
    )
    page.text(x + 210, 566, words, 12)


def _post_norm(page, x):
    _ends(
        page,
        x,
        ("post-norm：最初的 Transformer（2017）", "Post-norm: the first Transformer (2017)"),
        ("LN 在残差连接上", "LN on the skip connection"),
    )
    for start, end in ((TOP, 248), (280, 472), (504, BOTTOM)):
        _skip(page, x, start, end)
    _branch(page, x, start=112, first=146, last=186, end=210)
    _attention(page, x + BRANCH, 146)
    _norm(page, x + SKIP, 248)
    _branch(page, x, start=298, first=314, last=418, end=438)
    _mlp(page, x + BRANCH, 314)
    _norm(page, x + SKIP, 472)
    _formula(page, x, 166, "x = LN(x + MSA(x))")
    _formula(page, x, 366, "x = LN(x + MLP(x))")
    words = (
        "每次相加之后，残差连接都要穿过一个 LN：\n每层两次，L 层一共 2L 次。",
        "After every sum the skip connection goes through an LN:\ntwice in a block, 2L times in L blocks.",
    )
    page.text(x + 210, 566, words, 12)


def _ends(page, x, title, below):
    page.text(x + 210, 22, title, 15, bold=True)
    page.text(x + 210, 46, below, 13, shade(RED))
    page.text(x + SKIP + 12, TOP + 62, ("残差\n连接", "skip"), 12, shade(RED), ha="left")
    page.text(x + SKIP, TOP - 16, "x", 17, bold=True)
    page.text(x + SKIP + 18, TOP - 14, "(B, N, D)", 12, ha="left")
    page.text(x + SKIP + 18, BOTTOM - 6, "(B, N, D)", 12, ha="left")


def _skip(page, x, start, end):
    page.way([(x + SKIP, start), (x + SKIP, end)], RED, 3, radius=0)


def _branch(page, x, start, first, last, end):
    """Out of the skip path, down through the boxes between `first` and `last`, and back to the sum at `end`."""
    page.way([(x + SKIP, start), (x + BRANCH, start), (x + BRANCH, first)])
    page.way([(x + BRANCH, last), (x + BRANCH, end), (x + SKIP + 13, end)])
    page.disc(x + SKIP, end, 12, tint(RED, 0.25), edge=shade(RED), lw=1.3)
    page.text(x + SKIP, end, "+", 17)


def _norm(page, middle, y):
    page.box(middle - 34, y, 68, 32, SKY, "LN", 14)


def _attention(page, middle, y):
    page.box(middle - 78, y, 156, 40, ORANGE, ("多头自注意力 (MSA)", "Multi-head attention\n(MSA)"), 13)


def _mlp(page, middle, y):
    page.box(middle - 78, y, 156, 104, YELLOW, fill=tint(YELLOW, 0.15))
    page.text(middle - 70, y + 13, "MLP", 12, ha="left", bold=True)
    for i, words in enumerate(("Dense  D → 4D", "GELU", "Dense  4D → D")):
        top = y + 8 + 32 * i
        page.box(middle - 32, top, 102, 23, YELLOW, words, 12, radius=4, fill=tint(YELLOW, 0.6))
        if i:
            page.arrow(middle + 19, top - 9, middle + 19, top, lw=1.2)


def _formula(page, x, y, words):
    page.text(x + WORDS, y, words, 14, ha="left", bold=True)
