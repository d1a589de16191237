"""Which of the two languages a notebook speaks."""

import os
from pathlib import Path

from vit.runtime.language import LANGUAGES, chosen
from vit.runtime.language import language as system_language

__all__ = ["LANGUAGES", "language", "say", "spoken", "system_language"]


def language() -> str:
    """VIT_LANG's, else that of the notebook's folder (notebooks/en/ or notebooks/zh/), else the system's."""
    for name in (chosen(), Path(os.environ.get("JPY_SESSION_NAME", "")).parent.name, Path.cwd().name):
        if name in LANGUAGES:
            return name
    return system_language()


def say(zh: str, en: str) -> str:
    return zh if language() == "zh" else en


def spoken(pair: tuple[str, str]) -> str:
    """The side of (Chinese, English) that is wanted here, of words that are kept elsewhere."""
    return pair[0 if language() == "zh" else 1]
