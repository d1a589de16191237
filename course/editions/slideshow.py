"""Where a deck breaks: what does not fit on the page goes to the next one down."""

import math
import unicodedata

PAGE = 30  # lines of code that fit on a page of 1280 x 800 pixels


def break_pages(cells) -> None:
    """Give cells without a place of their own the mark "subslide" where the page would overflow.

    Args:
        cells: a notebook's; their metadata is changed.
    """
    used = 0.0
    for cell in cells:
        place = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if place in ("notes", "skip"):
            continue
        lines = height(cell)
        if place != "-":
            used = lines
        elif used + lines > PAGE:
            cell.metadata["slideshow"] = {"slide_type": "subslide"}
            used = lines
        else:
            used += lines


def height(cell) -> float:
    """About how many lines of code a cell is high, its output included."""
    lines = cell.source.splitlines()
    if cell.cell_type == "code":
        return len(lines) + 2.5 + (16 if "plt.show()" in cell.source else 0)
    return sum(_prose(line) for line in lines)


def _prose(line: str) -> float:
    if not line.strip():
        return 0.4
    if line.startswith("#"):
        return 4
    if line.startswith("!["):
        return 13
    width = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)
    return 1.3 * math.ceil(width / 140)
