"""Which of the two languages a notebook speaks."""

import os
from pathlib import Path

from vit.runtime import language as of_vit

LANGUAGES = of_vit.LANGUAGES


def language() -> str:
    """VIT_LANG if set, else the notebook's own folder (notebooks/en/ or notebooks/zh/), else Chinese."""
    for name in (os.environ.get("VIT_LANG"), Path(os.environ.get("JPY_SESSION_NAME", "")).parent.name, Path.cwd().name):
        if name in LANGUAGES:
            return name
    return "zh"


def say(zh: str, en: str) -> str:
    return zh if language() == "zh" else en


def system_language() -> str:
    """As `vit` speaks; but Chinese where the system names no language."""
    return of_vit.language(otherwise="zh")
