"""The map of the whole ViT, with the part lit that a lesson is about."""

from matplotlib.patches import Ellipse

from course.drawings.style import BLUE, GREEN, GREY, INK, ORANGE, PALE, PINK, SKY, YELLOW, Sheet

FADED, FAINT = "#f4f6f9", "#a0aec0"
# what is lit in the map of each lesson
PARTS = (
    "whole",
    "data",
    "patches",
    "attention",
    "encoder",
    "model",
    "training",
    "evaluation",
    "inference",
    "finetuning",
    "speed",
)


def vit_map(s: Sheet, lit: str) -> None:
    def on(*names):
        return lit == "whole" or lit in names

    def part(x, y, width, height, names, zh, en, color, below=""):
        bright = on(*names)
        s.box(
            x,
            y,
            width,
            height,
            color if bright else FADED,
            INK if bright else FAINT,
            2.2 if bright and lit != "whole" else 1,
        )
        s.text(x + width / 2, y + height / 2, s.say(zh, en), 12.5, INK if bright else FAINT)
        if below:
            s.text(x + width / 2, y + height + 13, below, 12, GREY if bright else FAINT)

    picture(s, 20, 75, 126, on("data", "patches", "inference", "finetuning"), on("patches"))
    s.text(83, 62, s.say("图像", "picture"), 13, INK if on("data", "patches") else GREY)
    s.text(83, 214, "(3, 224, 224)", 12, GREY)
    s.arrow(152, 138, 178, 138)
    part(
        182,
        75,
        96,
        126,
        ("patches", "model"),
        "切块、投影\n＋位置\n＋类别 token",
        "patches,\nprojection,\n+ positions,\n+ class token",
        "#fbe9c6",
        "(197, 192)",
    )
    s.arrow(282, 138, 308, 138)
    outer = on("encoder", "model")
    s.box(
        312,
        40,
        330,
        196,
        "#eaf4fb" if outer else FADED,
        INK if outer else FAINT,
        2.2 if outer and lit != "whole" else 1,
    )
    s.text(322, 56, s.say("编码器层（Block）", "encoder block"), 13, INK if outer else GREY, ha="left")
    s.text(632, 56, "× 12", 15, ORANGE if outer else FAINT, ha="right", weight="bold")
    part(322, 110, 42, 56, ("encoder",), "归一\n化", "norm", "#ffffff")
    part(374, 110, 84, 56, ("attention", "encoder"), "自注意力", "attention", "#f6c9a8")
    s.text(471, 138, "+", 18, INK if on("encoder", "attention") else FAINT)
    part(486, 110, 42, 56, ("encoder",), "归一\n化", "norm", "#ffffff")
    part(538, 110, 62, 56, ("encoder",), "MLP", "MLP", "#c9e7dc")
    s.text(616, 138, "+", 18, INK if on("encoder") else FAINT)
    for x, to in ((316, 471), (480, 616)):
        color = BLUE if on("encoder") else FAINT
        s.axes.plot([x, x, to, to], [138, 190, 190, 150], color=color, linewidth=1.3)
    s.text(393, 205, s.say("残差连接", "skip connection"), 12, BLUE if on("encoder") else FAINT)
    s.text(548, 205, s.say("残差连接", "skip connection"), 12, BLUE if on("encoder") else FAINT)
    s.arrow(646, 138, 668, 138)
    part(
        676, 92, 80, 92, ("model",), "归一化、\n类别 token、\n分类头", "norm,\nclass token,\nhead", "#f3d9e8", "(1000)"
    )
    s.arrow(760, 138, 784, 138)
    bright = on("inference", "model", "evaluation")
    for row, (zh, en, share) in enumerate(
        (("虎斑猫", "tabby", 0.87), ("虎猫", "tiger cat", 0.08), ("猞猁", "lynx", 0.02))
    ):
        y = 104 + 28 * row
        s.cell(792, y + 9, 90 * share + 1, GREEN if bright else FAINT, height=8)
        s.text(792, y, s.say(zh, en), 12, INK if bright else GREY, ha="left")
        s.text(886, y, f"{share:.0%}", 12, GREY, ha="right")
    strip = (
        (("data",), "数据", "data", "#fbe9c6"),
        (("training", "speed"), "训练：损失、梯度、AdamW", "training: loss, gradient, AdamW", "#d7e8f5"),
        (("evaluation",), "评估", "evaluation", "#c9e7dc"),
        (("inference",), "推理", "inference", "#f3d9e8"),
        (("finetuning",), "微调", "fine-tuning", "#f6c9a8"),
    )
    x = 20
    for (names, zh, en, color), width in zip(strip, (110, 300, 130, 130, 130), strict=True):
        part(x, 262, width, 34, names, zh, en, color)
        x += width + 15


def picture(s: Sheet, x, y, side, bright, cut):
    """A cat's head, cut by the lines of the patches."""
    sky, cat, ear, eye = (SKY, ORANGE, YELLOW, INK) if bright else ("#e2ecf4", "#efd9cb", "#f3ead2", "#a0aec0")
    s.cell(x, y, side, sky, INK if bright else FAINT)
    p = side / 14
    for points in (((3, 6), (4, 1.5), (7, 4)), ((11, 6), (10, 1.5), (7, 4))):
        s.axes.fill([x + p * a for a, _ in points], [y + p * b for _, b in points], color=ear, linewidth=0)
    s.axes.add_patch(Ellipse((x + 7 * p, y + 8 * p), 9 * p, 8.5 * p, facecolor=cat, linewidth=0))
    for a in (5.2, 8.8):
        s.axes.add_patch(Ellipse((x + a * p, y + 7 * p), 1.2 * p, 1.6 * p, facecolor=eye, linewidth=0))
    s.axes.add_patch(
        Ellipse((x + 7 * p, y + 9 * p), 1.2 * p, 0.9 * p, facecolor=PINK if bright else FAINT, linewidth=0)
    )
    for k in range(1, 14):
        color = "white" if cut or bright else PALE
        s.axes.plot([x + k * p] * 2, [y, y + side], color=color, linewidth=0.7)
        s.axes.plot([x, x + side], [y + k * p] * 2, color=color, linewidth=0.7)
