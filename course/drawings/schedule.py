"""The learning rate of each step: warm-up along a straight line, then half a cosine down to 0."""

from course.drawings.style import BLUE, GREY, INK, ORANGE, Page, shade, tint
from vit.training.optimizer import warmup_cosine

STEPS, WARMUP = 100, 10
RATES = warmup_cosine(1, STEPS, WARMUP)
LEFT, TOP, WIDE, HIGH = 96, 84, 756, 232  # of the axes


def curve(x, y, wide, high) -> list[tuple[float, float]]:
    """The rates as points of the page, in a rectangle; the last step's is all but 0."""
    return [(x + wide * t / STEPS, y + high * (1 - float(rate))) for t, rate in enumerate(RATES)]


def draw(language: str) -> Page:
    page = Page(language, 388)
    points = curve(LEFT, TOP, WIDE, HIGH)
    end = points[WARMUP][0]
    page.cell(LEFT, TOP - 34, end - LEFT, HIGH + 34, tint(ORANGE, 0.16), edge="none")
    _axes(page, end)
    page.line(points[WARMUP - 1 :], BLUE, 3)
    page.line(points[:WARMUP], shade(ORANGE, 0.8), 3)
    for x, y in points[:WARMUP]:
        page.disc(x, y, 3.6, shade(ORANGE, 0.8))
    _words(page, points)
    return page


def _axes(page, end):
    bottom = TOP + HIGH
    page.line([(LEFT, TOP), (LEFT + WIDE, TOP)], tint(GREY, 0.5), 1, dash=(3, 3))
    page.line([(end, TOP), (end, bottom)], tint(GREY, 0.5), 1, dash=(3, 3))
    page.arrow(LEFT, bottom, LEFT, TOP - 44)
    page.arrow(LEFT, bottom, LEFT + WIDE + 24, bottom)
    page.text(LEFT - 6, TOP - 58, ("学习率", "learning rate"), 14, bold=True)
    page.text(LEFT - 10, TOP, ("峰值", "peak"), 14, ha="right")
    page.text(LEFT - 10, bottom - HIGH / 2, ("峰值 / 2", "peak / 2"), 14, ha="right")
    page.text(LEFT - 10, bottom, "0", 14, ha="right")
    for t, words in ((0, "0"), (WARMUP, "W = S / 10"), ((WARMUP + STEPS) / 2, "(W + S) / 2"), (STEPS, "S")):
        x = LEFT + WIDE * t / STEPS
        page.line([(x, bottom), (x, bottom + 6)], GREY, 1.3)
        page.text(x, bottom + 20, words, 14)
    page.text(
        LEFT + WIDE / 2,
        bottom + 52,
        ("步数 t = 0, 1, …, S − 1（本图：S = 100，W = 10）", "step t = 0, 1, …, S − 1 (here: S = 100, W = 10)"),
        14,
    )


def _words(page, points):
    brown, x = shade(ORANGE), points[WARMUP][0]
    page.text(
        x + 14,
        28,
        ("预热：前 10 % 的步，沿直线上升", "warm-up: a straight line, the first 10 % of the steps"),
        14,
        brown,
        "left",
    )
    page.text(x + 14, 52, ("峰值 × (t + 1) / W", "peak × (t + 1) / W"), 14, brown, "left")
    middle = points[(WARMUP + STEPS) // 2]
    page.line([(LEFT, middle[1]), middle, (middle[0], TOP + HIGH)], tint(GREY, 0.5), 1, dash=(3, 3))
    page.disc(*middle, 4.5, BLUE)
    page.text(520, 112, ("然后沿半个余弦降到 0", "then half a cosine, down to 0"), 14, BLUE, "left")
    words = ("峰值 × ½ (1 + cos(π (t − W) / (S − W)))", "peak × ½ (1 + cos(π (t − W) / (S − W)))")
    page.text(520, 136, words, 14, BLUE, "left")
    page.text(x + 24, 262, ("t = 0：峰值 / W，不是 0", "t = 0: peak / W, not 0"), 14, INK, "left")
    page.line([(x + 20, 262), (points[0][0] + 6, points[0][1] - 1)], GREY, 1)
    words = (
        "开头：AdamW 的 v 只看过几个梯度",
        "early on, AdamW's v has seen few gradients",
    )
    page.text(x + 24, 288, words, 14, GREY, "left")
    page.text(LEFT + WIDE, 216, ("结尾：步子小，才停得稳", "at the end small steps, to settle"), 14, GREY, "right")
