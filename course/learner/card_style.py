"""How cards and certificates look: colours, and a font for any name."""

from functools import cache

import matplotlib
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties

from course.learner.fonts import register

INK, BLUE, PALE, GREEN = "#1a202c", "#2b6cb0", "#e8eef5", "#2f855a"


def plain_text():
    """Inside `with`, every text is drawn as it stands: a `$` in somebody's name begins no formula."""
    return matplotlib.rc_context({"text.parse_math": False, "text.usetex": False})


@cache
def font_for(text: str) -> FontProperties | None:
    """A font of the course or of this machine that has every character of the text, None if there is none."""
    register()
    own = FontProperties("DejaVu Sans")
    # matplotlib's own "Last Resort" has every character, all of them as boxes
    known = [entry.fname for entry in font_manager.fontManager.ttflist if "Last Resort" not in entry.name]
    for path in [font_manager.findfont(own), *known]:
        if set(map(ord, text)) <= set(font_manager.get_font(path).get_charmap()):
            return FontProperties(fname=path)
    return None


def drawn_name(name: str, otherwise: str) -> tuple[str, FontProperties | None]:
    """A name as it can be drawn, and in which font: without the characters that this font lacks, or `otherwise`."""
    best, font = "", font_for(name)
    if font is not None:
        return name, font
    for one in filter(None, map(font_for, dict.fromkeys(name))):
        has = font_manager.get_font(one.get_file()).get_charmap()
        left = " ".join("".join(c for c in name if ord(c) in has).split())
        if len(left) > len(best):
            best, font = left, one
    return (best, font) if best else (otherwise, None)
