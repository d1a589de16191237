"""What happens to a picture between its file and the network. It travels with the weights."""

import math
from dataclasses import dataclass, fields
from typing import NamedTuple

from vit.runtime.errors import UserError
from vit.runtime.language import say


class Normalisation(NamedTuple):
    """Mean and standard deviation of each channel (RGB), of pixels in 0..1."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


HALF = Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
IMAGENET = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


@dataclass(frozen=True)
class Preprocessing:
    """Resize the shorter side to `resize`, cut `size` x `size` from the centre, normalise.

    A pixel x in 0..255 becomes (x / 255 - mean) / std, channel by channel (RGB).
    """

    size: int  # pixels, the side the network sees
    resize: int  # pixels, the shorter side before the centre is cut out
    interpolation: str  # "bicubic": antialiased, as Pillow's; "bilinear": MindSpore's default, not antialiased
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def __post_init__(self):
        if type(self.size) is not int or type(self.resize) is not int or not 0 < self.size <= self.resize:
            raise UserError(
                say(
                    f"预处理：要求 0 < size <= resize，得到的是 {self.size} 和 {self.resize}",
                    f"preprocessing: need 0 < size <= resize, got {self.size} and {self.resize}",
                )
            )
        if self.interpolation not in ("bicubic", "bilinear"):
            raise UserError(
                say(
                    f'预处理：interpolation 只能是 "bicubic" 或 "bilinear"，而不是 {self.interpolation!r}',
                    f'preprocessing: interpolation must be "bicubic" or "bilinear", not {self.interpolation!r}',
                )
            )
        for name in ("mean", "std"):
            values = tuple(float(value) for value in getattr(self, name))
            if len(values) != 3 or not all(map(math.isfinite, values)) or (name == "std" and min(values) <= 0):
                raise UserError(
                    say(
                        f"预处理：{name} 应当是三个数（std 都大于 0），而不是 {values}",
                        f"preprocessing: {name} must be three numbers (std positive), not {values}",
                    )
                )
            object.__setattr__(self, name, values)

    @classmethod
    def from_dict(cls, values: dict) -> "Preprocessing":
        """The inverse of `dataclasses.asdict`, for metadata out of a file.

        Raises:
            UserError: a field is missing, unknown or of the wrong kind.
        """
        names = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or values.keys() != names:
            wanted = ", ".join(sorted(names))
            raise UserError(say(f"预处理的字段应当正好是 {wanted}", f"preprocessing needs exactly the fields {wanted}"))
        try:
            return cls(**values)
        except UserError:
            raise
        except (TypeError, ValueError) as error:
            raise UserError(say(f"预处理：{error}", f"preprocessing: {error}")) from None


def tutorial_preprocessing(size: int) -> Preprocessing:
    """What the published MindSpore tutorial does: shorter side to 256 for 224, ImageNet's mean and std."""
    return Preprocessing(size, size * 256 // 224, "bilinear", *IMAGENET)
