"""The one file that knows how MindSpore calls a function of ours: `ops.Custom`, which it calls experimental."""

from functools import cache

import mindspore as ms
import numpy as np
from mindspore import ops

from vit.kernels.library import NoLibrary, library
from vit.runtime.language import say


@cache
def kernel(name: str, shapes, outputs: int = 1):
    """An operator of float32 tensors.

    Args:
        name: of the function in `source/`.
        shapes: shapes of the inputs -> shape of the output, or a tuple of shapes.
        outputs: how many.

    Returns:
        A primitive; with several outputs it gives a tuple. It has no gradient: cells with a `bprop` call it.
    """
    kinds = ms.float32 if outputs == 1 else (ms.float32,) * outputs
    return ops.Custom(f"{library().path}:{name}", shapes, lambda *_: kinds, func_type="aot")


def first(shape, *_):
    """The output is shaped like the first input."""
    return shape


def rows(shape) -> int:
    """The product of all axes but the last."""
    return int(np.prod(shape[:-1], dtype=int))


@cache
def try_one() -> None:
    """Run one through MindSpore: before a graph is built is the time to find out.

    Raises:
        NoLibrary: this MindSpore cannot.
    """
    x = np.linspace(-2, 2, 16, dtype=np.float32)
    try:
        y = kernel("GeluTanh", first)(ms.Tensor(x)).asnumpy()
    except Exception as error:  # whatever this version raises
        line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise NoLibrary(f"MindSpore {ms.__version__}: {line}") from None
    if not np.allclose(y, 0.5 * x * (1 + np.tanh(0.7978846 * (x + 0.044715 * x**3))), atol=1e-5):
        raise NoLibrary(say(f"MindSpore {ms.__version__} 算错", f"MindSpore {ms.__version__} computes otherwise"))
