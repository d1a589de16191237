"""The lessons in their order, as course/manifest.toml has them."""

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vit.runtime.errors import UserError
from vit.runtime.paths import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LESSONS = ROOT / "course" / "lessons"


@dataclass(frozen=True)
class Entry:
    folder: str  # "04_attention"
    core: bool  # everybody in a camp does it
    map: str  # the part of the map that it lights
    zh: str  # what the README says it is
    en: str

    @property
    def number(self) -> str:
        return self.folder[:2]

    @property
    def path(self) -> Path:
        return LESSONS / self.folder


@cache
def lessons() -> tuple[Entry, ...]:
    """All of them.

    Raises:
        UserError: the manifest and the folder of the lessons do not hold the same.
    """
    found = _entries("lesson")
    there = {path.parent.name for path in LESSONS.glob("*/lesson.py")}
    if wrong := there ^ {entry.folder for entry in (*found, *singles())}:
        raise UserError(f"course/manifest.toml and course/lessons/ do not agree on {', '.join(sorted(wrong))}")
    return found


@cache
def singles() -> tuple[Entry, ...]:
    """Notebooks outside the course, each for a class that stands alone; their exercises are those of the lessons."""
    return _entries("single")


def _entries(kind: str) -> tuple[Entry, ...]:
    table = tomllib.loads((ROOT / "course" / "manifest.toml").read_text(encoding="utf-8"))
    return tuple(Entry(**entry) for entry in table[kind])


def lesson_numbers() -> list[str]:
    return [entry.number for entry in lessons()]


def notebook_numbers() -> list[str]:
    """Of the lessons, and of what stands outside them."""
    return [entry.number for entry in (*lessons(), *singles())]


def readme_table() -> str:
    """The README's rows, one for each lesson."""
    links = "| {0.number} | [{0.zh}](notebooks/zh/{0.folder}.ipynb) | [{0.en}](notebooks/en/{0.folder}.ipynb) |"
    return "\n".join(links.format(entry) for entry in lessons())
