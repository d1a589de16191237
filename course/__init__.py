"""What a notebook takes from the course: `begin`, `check`, `hint`, `signature`, `checkin`."""

from course.checkin import begin, checkin, signature
from course.checks import check, hint

__all__ = ["begin", "check", "checkin", "hint", "signature"]
