"""The course. A notebook takes from it `begin`, `check`, `hint`, `signature`, `say`, `join` and `checkin`."""

import importlib

from course.language import say

# fetched when first asked for: `python -m course camp` need not wait for MindSpore
_HOMES = {
    "begin": "course.learner.session",
    "check": "course.learner.check",
    "checkin": "course.learner.checkin",
    "hint": "course.learner.check",
    "join": "course.learner.checkin",
    "signature": "course.learner.session",
}
__all__ = ["begin", "check", "checkin", "hint", "join", "say", "signature"]


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'course' has no attribute {name!r}")
