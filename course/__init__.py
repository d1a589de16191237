"""The course. A notebook takes from it `begin`, `check`, `hint`, `signature`, `say` and `checkin`."""

from course.language import say
from course.learner.check import check, hint
from course.learner.checkin import begin, checkin, signature

__all__ = ["begin", "check", "checkin", "hint", "say", "signature"]
