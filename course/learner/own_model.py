"""The learner's whole ViT: built like a model of the package, filled with weights, asked what pictures show."""

import argparse
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

import mindspore as ms

from course.language import say, system_language
from course.learner.assets import PUBLISHED, SMALL, published_file
from course.learner.home import trained_weights
from course.learner.own_part import own_part
from vit.inference import predict
from vit.model import ViT
from vit.runtime.errors import UserError
from vit.weights import create_model, load_model


def with_weights(cls: type, donor: ViT):
    """A network of the learner's class with the numbers of a model, its settings, preprocessing and class names.

    Args:
        cls: takes a ViTConfig; its parameters have timm's names.
        donor: of the package.

    Raises:
        UserError: the class has other parameters than the donor.
    """
    model = cls(donor.config)
    theirs, mine = dict(donor.parameters_and_names()), dict(model.parameters_and_names())
    if different := sorted(theirs.keys() ^ mine.keys()):
        raise UserError(
            say(
                f"{cls.__name__} 的参数名不一致：{'、'.join(different[:3])}",
                f"{cls.__name__} has other parameters: {', '.join(different[:3])}",
            )
        )
    for name, parameter in mine.items():
        parameter.set_data(ms.Tensor(theirs[name].asnumpy().copy()))
    model.config, model.preprocessing, model.classes = donor.config, donor.preprocessing, donor.classes
    return model.set_train(False)


def name_pictures(home: Path, arguments: list[str] | None = None) -> int:
    """The program `python -m my_vit`: the learner's ViT names pictures; 0, or 2 with a line for what it cannot read.

    With the published ViT-Ti where it is on this machine, else with the weights of lesson 07, else with
    the small ones of the course.

    Args:
        home: the learner's package; a part in it that is missing or wrong is named, and the course's stands in.
        arguments: of the command line.
    """
    os.environ["VIT_LANG"] = system_language()
    os.environ["VIT_LEARNER"] = str(home.resolve().parent)
    parser = argparse.ArgumentParser(prog="my_vit", description=say("说出图片里是什么", "names what pictures show"))
    parser.add_argument("pictures", nargs="+", metavar="PICTURE")
    parser.add_argument("--weights", metavar="FILE")
    given = parser.parse_args(arguments)
    trained = trained_weights() if trained_weights().is_file() else SMALL
    try:
        if given.weights is None and (published := published_file()):
            donor = create_model(PUBLISHED, weights=published)
        else:
            donor = load_model(given.weights or trained)
        with redirect_stdout(sys.stderr):  # what is said of the parts; the answers alone go to standard output
            cls = own_part("ViT").cls
        model = with_weights(cls, donor)
        for path in given.pictures:
            guesses = ", ".join(f"{guess.class_name} {guess.probability:.0%}" for guess in predict(model, path, 3))
            print(f"{path}: {guesses}")
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0
