"""A certificate's number, which only the organiser's keys make, and by which they look it up."""

from course.camp.camp import Camp, Learner
from course.learner.camp_code import SYMBOLS

_SYMBOLS = 8


def serial(learner: Learner) -> str:
    """ "K7QM-94HD-TN3W": the camp, and forty bits that tell nothing of the key"""
    number, symbols = int.from_bytes(learner.keys[0].derive("certificate"), "big"), ""
    for _ in range(_SYMBOLS):
        number, place = divmod(number, len(SYMBOLS))
        symbols += SYMBOLS[place]
    return f"{learner.keys[0].camp}-{symbols[:4]}-{symbols[4:]}"


def holder(camp: Camp, text: str) -> Learner | None:
    """Whose certificate has this number, however it is typed; None if nobody's."""
    wanted = "".join(text.upper().replace("NO.", "").split()).replace("-", "")
    return next((one for one in camp.learners if serial(one).replace("-", "") == wanted), None)
