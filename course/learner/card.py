"""The picture of a check-in, good enough to post: 1200 x 630 pixels."""

import base64
import binascii
import hashlib
import io
import textwrap

import numpy as np
import segno
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image, ImageChops, UnidentifiedImageError

from course.language import say
from course.learner.card_style import BLUE, GREEN, INK, PALE, drawn_name, plain_text
from course.learner.fonts import use_course_font
from vit.plots import save_figure


def draw_card(receipt: dict, title: str, path, picture: str = "") -> None:
    """Draw the card of a receipt.

    Args:
        picture: base64 of a PNG, the learner's own result; without it the nickname's pattern is drawn.
    """
    with plain_text():
        use_course_font(receipt["language"])
        _draw(receipt, title, path, picture)


def _draw(receipt: dict, title: str, path, picture: str) -> None:
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 1200), ylim=(0, 630))
    axes.axis("off")
    axes.add_patch(Rectangle((0, 0), 18, 630, color=BLUE))
    nickname, digest = receipt["nickname"], hashlib.sha256(receipt["nickname"].encode()).hexdigest()
    name, font = drawn_name(nickname, f"learner {digest[:8]}")
    axes.text(70, 545, "Vision Transformer on MindSpore", fontsize=17, color=BLUE)
    title, _, subtitle = title.replace("：", ": ").partition(": ")
    title += receipt["section"] and f" · {receipt['section']}"
    axes.text(70, 470, title, fontsize=33, color=INK, weight="bold")
    axes.text(70, 432, subtitle, fontsize=16, color=INK)
    axes.text(70, 385, name, fontsize=25, color=INK, fontproperties=font)
    for place, (number, one) in enumerate(receipt["exercises"].items()):
        good = one["outcome"] == "passed"
        axes.add_patch(Rectangle((70 + 105 * place, 270), 90, 58, color=GREEN if good else PALE))
        axes.text(115 + 105 * place, 299, number, fontsize=17, color="white" if good else INK, ha="center", va="center")
    good, every = [one["outcome"] for one in receipt["exercises"].values()].count("passed"), len(receipt["exercises"])
    asked = {True: say("答对了", "right"), False: say("还不对", "not yet"), None: say("未答", "open")}
    asked = asked[receipt["question"]["right"]]
    yours, parts = receipt["parts"]["yours"], receipt["parts"]["all"]
    lines = [
        say(f"练习 {good}/{every}    专属问题：{asked}", f"{good} of {every} exercises    my own question: {asked}"),
        say(f"我的 ViT：{parts} 个部件中有 {yours} 个是自己写的", f"{yours} of {parts} parts of my ViT are my own"),
    ]
    axes.text(70, 228, lines[0], fontsize=17, color=INK)
    axes.text(70, 190, lines[1], fontsize=17, color=GREEN if yours else INK)
    lines = textwrap.wrap(receipt["signature"], say(38, 70))[:2]
    axes.text(70, 150, "\n".join(lines), fontsize=15, color=BLUE, va="top", linespacing=1.5)
    day, streak = receipt["day"], receipt["streak"]
    days = say(f"第 {day} 天 · 连续 {streak} 天", f"day {day} · {streak} in a row")
    axes.text(70, 592, days, fontsize=17, color=GREEN)
    versions = f"MindSpore {receipt['versions']['mindspore']} · {receipt['device']} · {receipt['seconds'] // 60} min"
    axes.text(70, 62, f"{receipt['time'][:10]} · {versions}", fontsize=13, color="#718096")
    if not _picture(axes, picture):
        _pattern(axes, digest)
    if receipt["line"]:
        _code(axes, receipt["line"])
    save_figure(figure, path)


def _picture(axes, data: str) -> bool:
    """The learner's last figure, in a box of 420 x 300; False where there is none."""
    try:
        image = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
    except (UnidentifiedImageError, binascii.Error, OSError):
        return False
    white = Image.new("RGB", image.size, "white")
    image = image.crop(ImageChops.difference(image, white).getbbox())  # without its margin
    image.thumbnail((1020, 780))
    scale = min(420 / image.width, 300 / image.height)
    width, height = scale * image.width, scale * image.height
    left, bottom = 750 + (420 - width) / 2, 295 + (300 - height) / 2
    axes.imshow(image, extent=(left, left + width, bottom, bottom + height), aspect="auto", interpolation="lanczos")
    axes.set(xlim=(0, 1200), ylim=(0, 630))
    return True


def _code(axes, line: str) -> None:
    """The line as a QR code, 3 or 4 pixels a module."""
    matrix = np.array([list(row) for row in segno.make(line, error="m").matrix])  # 1 is dark
    side = (4 if len(matrix) <= 56 else 3) * len(matrix)
    box = (960 - side / 2, 960 + side / 2, 40, 40 + side)
    axes.imshow(1 - matrix, extent=box, cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    axes.set(xlim=(0, 1200), ylim=(0, 630))


def _pattern(axes, digest: str) -> None:
    """14 x 14 patches, as a picture of 224 pixels is cut by ViT, shaded by the hash; symmetric."""
    rng = np.random.default_rng(int(digest[:8], 16))
    half = rng.random((14, 7))
    shade = np.concatenate([half, half[:, ::-1]], axis=1)  # (14, 14)
    for row, line in enumerate(shade):
        for column, value in enumerate(line):
            axes.add_patch(
                Rectangle((834 + 18 * column, 320 + 18 * row), 16, 16, color=BLUE, alpha=0.1 + 0.9 * value**2)
            )
