"""python -m course.drawings [--check]: write course/figures/NAME.LANG.svg, or say which are not what the code draws."""

import argparse
import re
import sys
import tempfile
from functools import partial
from pathlib import Path

from course.drawings.attention import heads, qkv
from course.drawings.style import draw
from course.drawings.vit_map import PARTS, vit_map
from course.language import LANGUAGES
from vit.runtime.paths import ROOT

FIGURES = ROOT / "course" / "figures"
# name -> (what draws it, height)
DRAWINGS = {
    "qkv": (qkv, 465),
    "heads": (heads, 450),
    **{f"map_{part}": (partial(vit_map, lit=part), 312) for part in PARTS},
}


def write(folder: Path) -> list[Path]:
    paths = []
    for name, (function, height) in DRAWINGS.items():
        for language in LANGUAGES:
            paths.append(folder / f"{name}.{language}.svg")
            draw(function, height, language, paths[-1])
    return paths


def differing(names=None) -> list[str]:
    """Which files are not what the code draws; the last digits may differ between versions of matplotlib."""

    def rounded(path: Path) -> str:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        return re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.0f}", text)

    with tempfile.TemporaryDirectory() as folder:
        return [path.name for path in write(Path(folder)) if rounded(path) != rounded(FIGURES / path.name)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m course.drawings", description=__doc__)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        write(FIGURES)
        return 0
    if wrong := differing():
        print(f"not what the code draws: {', '.join(wrong)}", file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
