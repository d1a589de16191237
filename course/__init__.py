"""The course. A notebook takes from it `begin`, `check`, `checked`, `hint`, `investigate`, `explore`, `signature`, `say`, `join` and `checkin`."""

from course.language import say
from vit.runtime.on_demand import on_demand

# fetched when first asked for: `python -m course camp` need not wait for MindSpore
_HOMES = {
    "begin": "course.learner.session",
    "check": "course.learner.check",
    "checked": "course.learner.own_function",
    "checkin": "course.learner.checkin",
    "explore": "course.explorer.in_notebook",
    "hint": "course.learner.check",
    "investigate": "course.learner.investigate",
    "join": "course.learner.checkin",
    "signature": "course.learner.session",
}
__all__ = ["begin", "check", "checked", "checkin", "explore", "hint", "investigate", "join", "say", "signature"]
__getattr__ = on_demand(__name__, _HOMES)
