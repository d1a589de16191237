"""Layer norm over the last axis: its sums, and the same as one kernel.

    scale = 1 / sqrt(variance + eps),  xhat = (x - mean) scale,  y = gamma xhat + beta

Means and variance are over D. For the gradient g of y, with d = gamma g:

    dx = (d - mean(d) - xhat mean(d xhat)) scale
    dgamma = sum over tokens of g xhat,  dbeta = sum over tokens of g
"""

import mindspore as ms
from mindspore import nn, ops

from vit.kernels.custom import kernel, rows


class WrittenOutLayerNorm(nn.Cell):
    """In place of an `nn.LayerNorm`, with its parameters: x (..., D) -> (..., D).

    MindSpore's gradient takes several times as long as its forward pass on a CPU
    (`benchmarks/upstream/layer_norm_gradient.py`).
    """

    def __init__(self, plain: nn.LayerNorm):
        super().__init__(auto_prefix=False)  # the parameters keep their names
        self.gamma, self.beta = plain.gamma, plain.beta
        self.normalise = _Normalise(plain.gamma.shape[0], plain.epsilon)

    def construct(self, x):
        y, _, _ = self.normalise(x.reshape(-1, x.shape[-1]), self.gamma, self.beta)  # (M, D), M tokens in all
        return y.reshape(x.shape)


class _Normalise(nn.Cell):
    """x (M, D), gamma (D,), beta (D,) -> y (M, D), and xhat (M, D), scale (M, 1) for the gradient.

    Columns and rows are tiled before use: MindSpore's CPU kernels, asked to stretch (M, 1) to (M, D)
    themselves, take 5 times as long and keep 16 bytes for every number, each op its own
    (`benchmarks/upstream/broadcasting.py`).
    """

    def __init__(self, dim: int, epsilon: float):
        super().__init__()
        self.across = (1, dim)
        self.epsilon = epsilon
        self.mean = ops.ReduceMean(keep_dims=True)
        self.sum = ops.ReduceSum()
        self.tile = ops.Tile()

    def construct(self, x, gamma, beta):
        down = (x.shape[0], 1)
        centred = x - self.tile(self.mean(x, 1), self.across)  # (M, D)
        scale = ops.rsqrt(self.mean(centred * centred, 1) + self.epsilon)  # (M, 1)
        xhat = centred * self.tile(scale, self.across)
        return xhat * self.tile(gamma, down) + self.tile(beta, down), xhat, scale

    def bprop(self, x, gamma, beta, out, dout):
        _, xhat, scale = out
        g = dout[0]  # (M, D)
        d = g * self.tile(gamma, (x.shape[0], 1))
        dx = d - self.tile(self.mean(d, 1), self.across) - xhat * self.tile(self.mean(d * xhat, 1), self.across)
        return dx * self.tile(scale, self.across), self.sum(g * xhat, 0), self.sum(g, 0)  # (M, D), (D,), (D,)


class FusedLayerNorm(nn.Cell):
    """In place of an `nn.LayerNorm`, with its parameters: x (..., D) -> (..., D)."""

    def __init__(self, plain: nn.LayerNorm):
        super().__init__(auto_prefix=False)  # the parameters keep their names
        self.gamma, self.beta = plain.gamma, plain.beta
        self.normalise = _FusedNormalise(plain.epsilon)

    def construct(self, x):
        y, _ = self.normalise(x, self.gamma, self.beta)
        return y


class _FusedNormalise(nn.Cell):
    """x (..., D), gamma (D,), beta (D,) -> y, and mean and scale (M, 2) for the gradient."""

    def __init__(self, epsilon: float):
        super().__init__()
        self.epsilon = ms.Tensor([epsilon], ms.float32)
        self.forward = kernel("LayerNorm", _with_stats, 2)
        self.backward = kernel("LayerNormGrad", _like_inputs, 3)

    def construct(self, x, gamma, beta):
        return self.forward(x, gamma, beta, self.epsilon)

    def bprop(self, x, gamma, beta, out, dout):
        return self.backward(x, gamma, out[1], dout[0])


def _with_stats(x, gamma, beta, epsilon):
    return x, [rows(x), 2]


def _like_inputs(x, gamma, stats, dy):
    return x, gamma, gamma
