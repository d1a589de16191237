"""A certificate for each who earned it: A4 across, PNG for a chat or PDF for paper."""

import re
from datetime import datetime
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.camp.camp import PART_COUNT, Camp
from course.camp.serial import serial
from course.camp.standing import Standing, earned, standings
from course.camp.text import plain
from course.learner.card_style import BLUE, GREEN, INK, PALE, drawn_name, plain_text
from course.learner.fonts import use_course_font
from vit.runtime.atomic import atomic_path
from vit.runtime.bars import bar
from vit.runtime.language import LANGUAGES, say


def write(camp: Camp, when: datetime, kind: str, language: str) -> list[Path]:
    """certificates/NAME.png (or .pdf); names that a file system will not have are mended."""
    found = [one for one in standings(camp, when) if earned(camp, one)]
    folder = camp.folder / "certificates"
    written = []
    for one in bar(found, desc=say("证书", "certificates"), unit="", leave=False):
        path = folder / f"{_file_name(one.learner.name)}-{one.learner.id.hex()}.{kind}"
        with plain_text():
            use_course_font("zh")  # names are Chinese in an English certificate, too
            with atomic_path(path) as staged:
                _draw(camp, one, language).savefig(staged, format=kind)
        written.append(path)
    return written


def _file_name(name: str) -> str:
    return re.sub(r"[^\w-]+", "_", plain(name), flags=re.UNICODE).strip("_")[:40] or "learner"


def _draw(camp: Camp, one: Standing, language: str) -> Figure:
    def tell(zh, en):
        return (zh, en)[LANGUAGES.index(language)]

    figure = Figure(figsize=(11.7, 8.27), dpi=120, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 1170), ylim=(0, 827))
    axes.axis("off")
    axes.add_patch(Rectangle((30, 30), 1110, 767, fill=False, ec=BLUE, lw=3))
    _patches(axes, one)
    title = plain(camp.title, 40)
    name, font = drawn_name(plain(one.learner.name, 40), f"learner {one.learner.id.hex()}")

    def text(height, what, size, **options):
        axes.text(585, height, what, fontsize=size, ha="center", va="center", **({"color": INK} | options))

    text(690, tell("结 业 证 书", "Certificate"), 40, color=BLUE, weight="bold")
    text(635, tell("动手学 Vision Transformer（MindSpore）", "Vision Transformer on MindSpore, hands on"), 17)
    text(525, name, 34, fontproperties=font)
    axes.plot([335, 835], [485, 485], color=BLUE, lw=1)
    core = round(one.share * len(camp.core))
    text(
        435,
        tell(
            f"在“{title}”中完成了 {len(camp.core)} 个必做小节中的 {core} 个，",
            f'has completed {core} of the {len(camp.core)} sections of "{title}",',
        ),
        17,
    )
    right = tell(
        f"通过练习 {one.exercises:.0%}，答对专属问题 {one.questions:.0%}，",
        f"passed {one.exercises:.0%} of their exercises, answered {one.questions:.0%} of the questions,",
    )
    text(398, right, 17)
    own = tell(
        f"亲手写出了 ViT {PART_COUNT} 个部件中的 {one.parts} 个。",
        f"and written {one.parts} of the {PART_COUNT} parts of a ViT.",
    )
    text(361, own, 17, color=GREEN if one.parts else INK)
    first, last = camp.start.isoformat(), camp.date(camp.days).isoformat()
    text(310, f"{first} – {last}", 15, color="#718096")
    axes.text(60, 52, f"No. {serial(one.learner)}", fontsize=12, va="center", color="#718096")
    axes.plot([760, 1030], [150, 150], color=INK, lw=0.8)
    axes.text(895, 125, tell("组织者", "organiser"), fontsize=13, ha="center", va="center", color="#718096")
    return figure


def _patches(axes, one: Standing) -> None:
    """A patch for each part of the ViT, filled where it is their own."""
    for place in range(PART_COUNT):
        color = GREEN if place < one.parts else PALE
        axes.add_patch(Rectangle((140 + 52 * place, 125), 44, 44, color=color))
