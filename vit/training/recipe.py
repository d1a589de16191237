"""How to train: the numbers of a run, with their defaults in one place."""

from dataclasses import dataclass

from vit.runtime.errors import UserError
from vit.runtime.language import say

_RANGES = {  # name: (least, most); NaN lies in none of them
    "epochs": (1, 1_000_000),
    "batch_size": (1, 1_000_000),
    "lr": (1e-12, 1e3),
    "warmup": (0, 1),
    "weight_decay": (0, 1e3),
    "clip_norm": (1e-9, 1e9),
    "label_smoothing": (0, 0.999),
    "beta2": (0, 0.99999),
    "crop_scale": (1e-3, 1),
    "flip": (0, 1),
    "seed": (0, 2**31 - 1),
}


@dataclass
class Recipe:
    """The defaults suit the sample data; the command's options and their help are made from this."""

    epochs: int = 12
    batch_size: int = 16
    lr: float = 1e-3  # the highest learning rate
    warmup: float = 0.1  # share of the steps in which it rises
    weight_decay: float = 0.3
    clip_norm: float = 1.0  # the longest that all gradients together may be
    label_smoothing: float = 0.0  # share of the target spread over all classes
    beta2: float = 0.95  # of AdamW
    crop_scale: float = 0.65  # least share of a picture in a random crop
    flip: float = 0.5  # how often a picture is mirrored
    seed: int = 0

    def __post_init__(self):
        for name, (least, most) in _RANGES.items():
            if not least <= getattr(self, name) <= most:
                raise UserError(
                    say(
                        f"{name} 要在 {least:g} 和 {most:g} 之间，而不是 {getattr(self, name)}",
                        f"{name} must lie between {least:g} and {most:g}, not {getattr(self, name)}",
                    )
                )
