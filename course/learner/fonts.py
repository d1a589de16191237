"""Chinese in figures, with a font that comes with the course and not with the machine."""

import dataclasses
import warnings
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager

FAMILY = "ViT Course Sans SC"
FILE = Path(__file__).resolve().parents[1] / "fonts" / "NotoSansSC-subset.otf"

# for characters that the course's font lacks, where the machine has one of these
SYSTEM = [
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "SimHei",
    "WenQuanYi Zen Hei",
]


def register() -> None:
    """Make the course's font known to matplotlib, under its name; nothing else changes."""
    if all(entry.name != FAMILY for entry in font_manager.fontManager.ttflist):
        font_manager.fontManager.addfont(FILE)


def use_course_font(language: str) -> None:
    """Let matplotlib write Chinese, each character with the first font of the list that has it.

    What no font has is drawn as a box, without a warning in the notebook. English needs nothing.
    """
    if language != "zh":
        return
    register()
    fonts = font_manager.fontManager.ttflist
    installed = {entry.name for entry in fonts}
    families = ["DejaVu Sans", FAMILY, *(name for name in SYSTEM if name in installed)]
    for name in families[1:]:
        _lend_bold(fonts, name)
    mpl.rcParams["font.family"] = families
    warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")


def _lend_bold(fonts: list, name: str) -> None:
    """A family without a bold face writes bold titles with its regular one; else matplotlib warns of it."""
    own = [entry for entry in fonts if entry.name == name]
    if all(entry.weight != 700 for entry in own):
        fonts.append(dataclasses.replace(own[0], weight=700))
