"""GELU, x times the probability that a standard normal number is smaller than x: its sums, and one kernel.

Hendrycks and Gimpel, "Gaussian Error Linear Units" (arXiv:1606.08415). With share = P(z < x), or its approximation
by tanh (at most 0.0005 away):  y = x share,  dy/dx = share + x share'.
"""

import math

from mindspore import nn, ops

from vit.kernels.custom import first, kernel


def form(plain) -> str:
    """Which of the two a `vit.encoder.GELU` or an `nn.GELU` is: "Exact" or "Tanh"."""
    return "Tanh" if plain.approximate in ("tanh", True) else "Exact"  # of MindSpore 2.7 and 2.10


class WrittenOutGELU(nn.Cell):
    """In place of a GELU, where MindSpore's takes longer and more memory: (…) -> (…)."""

    def __init__(self, plain):
        super().__init__()
        self.gated = _TanhGELU() if form(plain) == "Tanh" else _ExactGELU()

    def construct(self, x):
        y, _ = self.gated(x)
        return y


class _ExactGELU(nn.Cell):
    """x -> x * share, and share = (1 + erf(x / sqrt(2))) / 2; share' is the normal density."""

    def construct(self, x):
        share = 0.5 + 0.5 * ops.erf(x * 0.5**0.5)
        return x * share, share

    def bprop(self, x, out, dout):
        density = ops.exp(x * x * -0.5) * (1 / math.sqrt(2 * math.pi))
        return (dout[0] * (out[1] + x * density),)


class _TanhGELU(nn.Cell):
    """The same with share = (1 + tanh(u)) / 2, u = sqrt(2/pi) (x + 0.044715 x^3).

    It is sigmoid(2 u), and so written: MindSpore's tanh is 1e-4 off on a CPU, its sigmoid 8e-7.
    share' is 2 u' share (1 - share).
    """

    def construct(self, x):
        share = ops.sigmoid(x * (_A + _B * (x * x)))
        return x * share, share

    def bprop(self, x, out, dout):
        share = out[1]
        slope = (_A + 3 * _B * (x * x)) * (share - share * share)
        return (dout[0] * (share + x * slope),)


_A, _B = 2 * math.sqrt(2 / math.pi), 2 * math.sqrt(2 / math.pi) * 0.044715  # 2 u = A x + B x^3


class FusedGELU(nn.Cell):
    """In place of a GELU: (…) -> (…)."""

    def __init__(self, plain):
        super().__init__()
        self.forward = kernel(f"Gelu{form(plain)}", first)
        self.backward = kernel(f"Gelu{form(plain)}Grad", first)

    def construct(self, x):
        return self.forward(x)

    def bprop(self, x, out, dout):
        return (self.backward(x, dout),)


class BiasGELU(nn.Cell):
    """x (M, H), bias (H,) -> GELU(x + bias): the bias costs no pass of its own, nor does its gradient."""

    def __init__(self, plain):
        super().__init__()
        self.forward = kernel(f"BiasGelu{form(plain)}", first)
        self.backward = kernel(f"BiasGelu{form(plain)}Grad", _like_inputs, 2)

    def construct(self, x, bias):
        return self.forward(x, bias)

    def bprop(self, x, bias, out, dout):
        return self.backward(x, bias, dout)


def _like_inputs(x, bias, dy):
    return x, bias
