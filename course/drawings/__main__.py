"""Write the drawings to course/figures/, or with --check say which of them are not what the code draws."""

import argparse
import re
import sys
from functools import partial

import matplotlib as mpl

from course.drawings import after, attention, block, fields, heads, patches, positions, schedule, shapes, training_step
from course.drawings import map as vit_map
from course.drawings.style import DRAWN_WITH
from course.language import LANGUAGES
from vit.runtime.atomic import atomic_path
from vit.runtime.paths import ROOT

FIGURES = ROOT / "course" / "figures"
DRAWINGS = {f"map_{part}": partial(vit_map.draw, part=part) for part in vit_map.MAPS}
DRAWINGS |= {"qkv": attention.draw, "heads": heads.draw}
DRAWINGS |= {"patches": patches.draw, "positions": positions.draw, "block": block.draw, "shapes": shapes.draw}
DRAWINGS |= {"fields": fields.draw, "after": after.draw}
DRAWINGS |= {"training_step": training_step.draw, "schedule": schedule.draw}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?|-?\.\d+")


def file(name: str, language: str):
    return FIGURES / f"{name}.{language}.svg"


def same(one: str, other: str) -> bool:
    """Equal but for the last digit of a coordinate, which may be rounded otherwise on another machine."""
    if NUMBER.sub("#", one) != NUMBER.sub("#", other):
        return False
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(a == b or abs(float(a) - float(b)) < 0.1 for a, b in pairs)


def differing() -> list[str]:
    """The names of files that are missing or show something else."""
    wrong = []
    for name, draw in DRAWINGS.items():
        for language in LANGUAGES:
            path = file(name, language)
            if not path.exists() or not same(path.read_text(encoding="utf-8"), draw(language).svg()):
                wrong.append(path.name)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m course.drawings", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file differs")
    if parser.parse_args().check:
        if not mpl.__version__.startswith(f"{DRAWN_WITH}."):
            print(f"drawn with matplotlib {DRAWN_WITH}, this is {mpl.__version__}: not compared")
            return 0
        wrong = differing()
        for name in wrong:
            print(f"not what the code draws: course/figures/{name}")
        return 1 if wrong else 0
    for name, draw in DRAWINGS.items():
        for language in LANGUAGES:
            with atomic_path(file(name, language)) as path:
                path.write_bytes(draw(language).svg().encode())
    print(f"{len(DRAWINGS)} drawings in {len(LANGUAGES)} languages: course/figures/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
