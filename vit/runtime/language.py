"""Chinese or English: what the reader speaks. A sentence for people stands in both where it is said."""

import locale
import os
import sys

LANGUAGES = ("zh", "en")


def language(otherwise: str = "en") -> str:
    """VIT_LANG if it is "zh" or "en", else the system's: "zh" for any Chinese, "en" for all others.

    Args:
        otherwise: the answer where the system names no language (no locale, or "C").
    """
    if (named := os.environ.get("VIT_LANG")) in LANGUAGES:
        return named
    system = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if not system and sys.platform == "win32":
        system = locale.getlocale()[0] or ""  # "zh_CN", or "Chinese (Simplified)_China"
    if system.partition(".")[0] in ("", "C", "POSIX"):
        return otherwise
    return "zh" if system.lower().startswith(("zh", "chinese")) else "en"


def say(zh: str, en: str) -> str:
    """The side that the reader speaks; both hold the same expressions, which a test looks after."""
    return zh if language() == "zh" else en
