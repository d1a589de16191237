"""The picture of a check-in, good enough to post: 1200 x 630 pixels."""

import hashlib
import textwrap
from functools import cache

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from course.language import say
from course.learner.fonts import use_course_font
from vit.plots import save_figure

INK, BLUE, PALE, GREEN = "#1a202c", "#2b6cb0", "#e8eef5", "#2f855a"


@cache
def font_for(text: str) -> FontProperties | None:
    """A font on this machine that has every character of the text, None if there is none."""
    own = FontProperties("DejaVu Sans")
    # matplotlib's own "Last Resort" has every character, all of them as boxes
    known = [entry.fname for entry in font_manager.fontManager.ttflist if "Last Resort" not in entry.name]
    for path in [font_manager.findfont(own), *known]:
        if set(map(ord, text)) <= set(font_manager.get_font(path).get_charmap()):
            return FontProperties(fname=path)
    return None


def draw_card(receipt: dict, title: str, path) -> None:
    """Draw the card of a receipt. The patches at the right are the nickname's own pattern."""
    with matplotlib.rc_context():
        use_course_font(receipt["language"])
        _draw(receipt, title, path)


def _draw(receipt: dict, title: str, path) -> None:
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 1200), ylim=(0, 630))
    axes.axis("off")
    axes.add_patch(Rectangle((0, 0), 18, 630, color=BLUE))
    nickname, digest = receipt["nickname"], hashlib.sha256(receipt["nickname"].encode()).hexdigest()
    font = font_for(nickname)
    axes.text(70, 545, "Vision Transformer on MindSpore", fontsize=17, color=BLUE)
    title, _, subtitle = title.replace("：", ": ").partition(": ")
    title += receipt["section"] and f" · {receipt['section']}"
    axes.text(70, 470, title, fontsize=33, color=INK, weight="bold")
    axes.text(70, 432, subtitle, fontsize=16, color=INK)
    axes.text(70, 385, nickname if font else f"learner {digest[:8]}", fontsize=25, color=INK, fontproperties=font)
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
    versions = f"MindSpore {receipt['versions']['mindspore']} · {receipt['device']} · {receipt['seconds'] // 60} min"
    axes.text(70, 62, f"{receipt['time'][:10]} · {versions}", fontsize=13, color="#718096")
    _pattern(axes, digest)
    save_figure(figure, path)


def _pattern(axes, digest: str) -> None:
    """14 x 14 patches, as a picture of 224 pixels is cut by ViT, shaded by the hash; symmetric."""
    rng = np.random.default_rng(int(digest[:8], 16))
    half = rng.random((14, 7))
    shade = np.concatenate([half, half[:, ::-1]], axis=1)  # (14, 14)
    for row, line in enumerate(shade):
        for column, value in enumerate(line):
            axes.add_patch(
                Rectangle((850 + 22 * column, 160 + 22 * row), 20, 20, color=BLUE, alpha=0.1 + 0.9 * value**2)
            )
