"""Numbers that parameters start from."""

import math

import mindspore as ms
import numpy as np

import vit.runtime.graph_mode  # noqa: F401  how eager operations are done is settled before the first of them


def fill(parameter: ms.Parameter, values) -> None:
    """Set a parameter to an array of its shape, or to one number."""
    parameter.set_data(ms.Tensor(np.broadcast_to(np.asarray(values, np.float32), parameter.shape).copy()))


def xavier(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Uniform between -a and a, a = sqrt(6 / (rows + columns)); Glorot and Bengio, AISTATS 2010, equation 16."""
    limit = math.sqrt(6 / (rows + columns))
    return rng.uniform(-limit, limit, (rows, columns))


def cut_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers, drawn again where they are beyond 2 sigma, scaled to variance 1."""
    values = rng.normal(0, 1, shape)
    while (far := np.abs(values) > 2).any():
        values[far] = rng.normal(0, 1, far.sum())
    return values / 0.87962566  # the standard deviation of a standard normal cut at 2
