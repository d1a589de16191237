"""The learner's whole ViT: built like a model of the package, filled with weights, asked what pictures show."""

import argparse
import sys
from pathlib import Path

from course.language import say
from course.learner.assets import SMALL, published_file
from course.learner.my_vit import package_folder
from vit.config import ViTConfig
from vit.inference import predict
from vit.model import initialise
from vit.runtime.errors import UserError
from vit.weights import load_model


def built(cls: type, config: ViTConfig):
    """A network of the learner's class that the package's functions take: initialised as theirs, nothing loaded."""
    model = cls(config)
    model.config, model.preprocessing, model.classes = config, None, None
    initialise(model)
    return model


def with_weights(cls: type, weights):
    """A network of the learner's class with trained weights.

    Args:
        cls: takes a ViTConfig; its parameters have timm's names.
        weights: a file, or a name, as `vit.weights.load_model` takes them.

    Raises:
        UserError: the weights cannot be read, or the class has other parameters than they.
    """
    donor = load_model(weights)
    model = built(cls, donor.config)
    theirs = {name: parameter for name, parameter in donor.parameters_and_names()}
    mine = dict(model.parameters_and_names())
    if different := sorted(theirs.keys() ^ mine.keys()):
        raise UserError(
            say(
                f"{cls.__name__} 的参数名与权重不一致：{'、'.join(different[:3])}",
                f"{cls.__name__} and the weights differ in parameters: {', '.join(different[:3])}",
            )
        )
    for name, parameter in mine.items():
        parameter.set_data(theirs[name])
    model.preprocessing, model.classes = donor.preprocessing, donor.classes
    return model.set_train(False)


def own_weights() -> Path:
    """Where lesson 07 leaves what the learner's network has learned."""
    return package_folder() / "weights.safetensors"


def name_pictures(cls: type, arguments: list[str] | None = None) -> int:
    """The program `python -m my_vit`: the learner's class names pictures; 0, or 2 with a line for what it cannot read.

    With the published ViT-Ti where it is on this machine, else with the weights of lesson 07, else with
    the small ones of the course.
    """
    parser = argparse.ArgumentParser(prog="my_vit", description=say("说出图片里是什么", "names what pictures show"))
    parser.add_argument("pictures", nargs="+", metavar="PICTURE")
    parser.add_argument("--weights", metavar="FILE")
    given = parser.parse_args(arguments)
    trained = own_weights() if own_weights().is_file() else SMALL
    weights = given.weights or published_file() or trained
    try:
        model = with_weights(cls, weights)
        print(say(f"权重：{weights}", f"weights: {weights}"), file=sys.stderr)
        for path in given.pictures:
            guesses = ", ".join(f"{guess.class_name} {guess.probability:.0%}" for guess in predict(model, path, 3))
            print(f"{path}: {guesses}")
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0
