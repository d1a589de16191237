"""A learner's name on the roster: what it may be, and when two are the same."""

import unicodedata

from course.camp.text import plain
from vit.data.tables import invisible
from vit.runtime.language import say

LONGEST = 40  # characters


def composed(name: str) -> str:
    """In one form of Unicode, whichever system wrote it."""
    return unicodedata.normalize("NFC", name.strip())


def same(name: str) -> str:
    """What two names share that nobody could tell apart."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def strange(name: str) -> list[str]:
    """Why a name cannot be used; nothing if it can."""
    shown, found = plain(name, LONGEST), []
    if not 1 <= len(name) <= LONGEST:
        found.append(
            say(
                f"名字 {shown!r} 应有 1 到 {LONGEST} 个字符",
                f"the name {shown!r} should have 1 to {LONGEST} characters",
            )
        )
    if hidden := ", ".join(invisible(name)):
        found.append(
            say(f"名字 {shown!r} 里有看不见的字符 {hidden}", f"the name {shown!r} holds what cannot be seen: {hidden}")
        )
    return found
