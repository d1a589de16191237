"""One step of training as a cycle, and which part of it is compiled into one graph."""

from course.drawings.schedule import curve
from course.drawings.style import BLUE, GREEN, GREY, ORANGE, PAPER, PINK, SKY, YELLOW, Page, shade, tint

LEFT, RIGHT, WIDE, HIGH = 222, 518, 168, 60  # the two columns of boxes inside the graph
ROWS = (112, 206, 300)  # tops of the boxes


def draw(language: str) -> Page:
    page = Page(language, 500)
    page.view(0, 0, 84, 560, 310)
    page.view(2, 240, 4, 652, 310)
    page.view(3, 300, 90, 592, 310)
    page.view(5, 184, 180, 540, 290)
    page.view(6)
    _graph(page)
    _steps(page)
    _around(page)
    with page.step(5):
        _rate(page)
    return page


def _graph(page):
    """The dashed frame."""
    page.box(196, 40, 516, 344, GREEN, fill=tint(GREEN, 0.05), edge="none")
    corners = [(196, 40), (712, 40), (712, 384), (196, 384), (196, 40)]
    page.line(corners, shade(GREEN), 1.8, dash=(5, 3))
    words = ("虚线框内：一张计算图，第一次调用时编译", "dashed frame: one graph, compiled at the first call")
    page.text(454, 20, words, 14, shade(GREEN), bold=True)


def _step(page, x, row, colour, words, below):
    y = ROWS[row]
    page.box(x, y, WIDE, HIGH, colour)
    page.text(x + WIDE / 2, y + 20, words, 14, bold=True)
    page.text(x + WIDE / 2, y + 42, below, 12)


def _steps(page):
    """The five of them, one press of a key each in a deck; the parameters stand in the middle of the cycle."""
    middle = {row: ROWS[row] + HIGH / 2 for row in range(3)}
    page.box(LEFT, ROWS[1], WIDE, HIGH, GREY, fill=PAPER)
    page.text(LEFT + WIDE / 2, ROWS[1] + 20, ("参数", "parameters"), 14, bold=True)
    page.text(LEFT + WIDE / 2, ROWS[1] + 42, ("原地改变", "changed in place"), 12)
    page.text(454, middle[1], ("第 t 步", "step t"), 17, GREY, bold=True)
    with page.step(1):
        _step(page, LEFT, 0, SKY, ("① 前向", "① forward"), ("模型", "the model"))
        page.arrow(LEFT + WIDE / 2, ROWS[1], LEFT + WIDE / 2, ROWS[0] + HIGH)
        page.arrow(LEFT + WIDE, middle[0], RIGHT, middle[0])
        page.text(454, middle[0] - 13, "logits", 13, bold=True)
        page.text(454, middle[0] + 13, "(B, K)", 12)
    with page.step(2):
        _step(page, RIGHT, 0, ORANGE, ("② 损失", "② loss"), ("交叉熵", "cross entropy"))
    with page.step(3):
        page.arrow(RIGHT + WIDE / 2, ROWS[0] + HIGH, RIGHT + WIDE / 2, ROWS[1])
        _step(page, RIGHT, 1, PINK, ("③ 反向", "③ backward"), ("损失对每个参数求导", "derivatives of the loss"))
        page.text(RIGHT + WIDE / 2 - 10, 283, ("每个参数一个梯度", "a gradient for each parameter"), 12, ha="right")
    with page.step(4):
        page.arrow(RIGHT + WIDE / 2, ROWS[1] + HIGH, RIGHT + WIDE / 2, ROWS[2])
        _step(page, RIGHT, 2, YELLOW, ("④ 梯度裁剪", "④ clip"), ("按全局范数，至多为 1", "global norm at most 1"))
    with page.step(5):
        page.arrow(RIGHT, middle[2], LEFT + WIDE, middle[2])
        page.text(454, middle[2] - 14, ("裁剪后的梯度", "clipped"), 12)
        page.text(454, middle[2] + 14, ("形状不变", "same shapes"), 12)
        _step(page, LEFT, 2, GREEN, ("⑤ AdamW 更新", "⑤ AdamW update"), ("滑动平均 m、v", "running means m, v"))
        page.arrow(LEFT + WIDE / 2, ROWS[2], LEFT + WIDE / 2, ROWS[1] + HIGH)
        page.text(LEFT + WIDE / 2 + 10, 189, ("下一步用新的参数", "used by the next step"), 12, ha="left")


def _around(page):
    """What Python does: it fetches a batch, calls the step, and looks at the loss."""
    page.box(18, 100, 132, 84, BLUE, fill=tint(BLUE, 0.12))
    page.text(84, 118, ("一批数据", "batch"), 14, bold=True)
    page.text(84, 143, ("图片 (B, 3, H, W)", "pictures (B, 3, H, W)"), 12)
    page.text(84, 165, ("标签 (B)", "labels (B)"), 12)
    with page.step(1):
        page.arrow(150, 142, LEFT, 142)
    with page.step(2):
        page.way([(84, 100), (84, 72), (602, 72), (602, ROWS[0])])
        page.text(330, 60, ("标签", "labels"), 12)
        page.arrow(RIGHT + WIDE, 142, 752, 142)
        page.box(754, 108, 128, 68, BLUE, fill=tint(BLUE, 0.12))
        page.text(818, 128, ("损失，一个数", "loss, a number"), 13, bold=True)
        page.text(818, 153, ("记进日志", "to the log"), 12)
    with page.step(6):
        _loop(page)


def _loop(page):
    page.way([(818, 176), (818, 478), (84, 478), (84, 186)], BLUE)
    page.text(640, 464, ("Python 循环：取下一批，t + 1", "Python loop: next batch, t + 1"), 16, shade(BLUE))


def _rate(page):
    """The table of learning rates, made before the first step; the update takes the entry of its step."""
    page.box(196, 400, 320, 60, GREY, fill=PAPER)
    page.line(curve(208, 410, 84, 40), BLUE, 2)
    page.line([(208, 408), (208, 450), (294, 450)], GREY, 1)
    words = (
        "预热 + 余弦：训练前算好，\n每步一个学习率",
        "warm-up and cosine: one rate\nper step, computed beforehand",
    )
    page.text(306, 430, words, 12, ha="left")
    page.arrow(LEFT + WIDE / 2, 400, LEFT + WIDE / 2, ROWS[2] + HIGH)
    page.text(LEFT + WIDE / 2 + 10, 373, ("第 t 步的学习率", "the rate of step t"), 12, ha="left")
