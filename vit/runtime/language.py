"""Chinese or English: what the reader speaks. A sentence for people stands in both where it is said."""

import locale
import os
import sys

LANGUAGES = ("zh", "en")


def chosen() -> str | None:
    """What VIT_LANG names ("zh", "zh_CN", "EN" ...), or None: then the system decides."""
    named = os.environ.get("VIT_LANG", "").lower()[:2]
    return named if named in LANGUAGES else None


def language() -> str:
    """VIT_LANG's, else the system's: "zh" for any Chinese, "en" for all others and where none is named ("C")."""
    if named := chosen():
        return named
    system = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if not system and sys.platform == "win32":
        system = locale.getlocale()[0] or ""  # "zh_CN", or "Chinese (Simplified)_China"
    return "zh" if system.lower().startswith(("zh", "chinese")) else "en"


def say(zh: str, en: str) -> str:
    """The side that the reader speaks; both hold the same expressions, which a test looks after."""
    return zh if language() == "zh" else en


def speak_utf8() -> None:
    """Both languages on standard output and error, whatever code page Windows has. For a process of our own."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not where there is none, nor where it was replaced
            stream.reconfigure(encoding="utf-8", errors="replace")
