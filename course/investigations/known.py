"""The investigations by their numbers."""

from course.investigations.experiment import Experiment
from course.investigations.fine_tuning import FINE_TUNING
from course.investigations.layers import LAYERS
from course.investigations.speed import SPEED
from course.investigations.training import TRAINING
from course.investigations.vit_or_cnn import VIT_OR_CNN
from course.language import say
from vit.runtime.errors import unknown

EXPERIMENTS = {one.number: one for one in (*TRAINING, LAYERS, FINE_TUNING, SPEED, *VIT_OR_CNN)}


def experiment(number: str) -> Experiment:
    """That of an exercise.

    Raises:
        UserError: it has none.
    """
    if number not in EXPERIMENTS:
        raise unknown(say("没有探究", "there is no investigation"), str(number), list(EXPERIMENTS))
    return EXPERIMENTS[number]
