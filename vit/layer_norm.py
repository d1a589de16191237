"""Layer normalisation: each token's numbers shifted to mean 0 and scaled to variance 1, (…, D) -> (…, D).

Ba, Kiros and Hinton, "Layer Normalization" (arXiv:1607.06450).
"""

import mindspore as ms
from mindspore import nn, ops


class LayerNorm(nn.LayerNorm):
    """`nn.LayerNorm` over the last axis, written out where MindSpore's own kernels are slow: on a CPU.

    There the gradient takes several times as long as the forward pass
    (`benchmarks/upstream/layer_norm_gradient.py`). Written out in element-wise operations, a training
    step of ViT-Ti/16 (batch 16, two cores) takes 0.8 times as long.
    Other devices keep their kernels.

    Args:
        dim: D, the length of the axis.
        epsilon: added to the variance; published ViT weights want 1e-6.
    """

    def __init__(self, dim: int, epsilon: float = 1e-6):
        super().__init__((dim,), epsilon=epsilon)
        self.normalise = Normalise(dim, epsilon) if ms.get_context("device_target") == "CPU" else None

    def construct(self, x):
        if self.normalise is None:
            return super().construct(x)
        y, _, _ = self.normalise(x.reshape(-1, x.shape[-1]), self.gamma, self.beta)  # (M, D), M tokens in all
        return y.reshape(x.shape)


class Normalise(nn.Cell):
    """x (M, D), gamma (D,), beta (D,) -> y (M, D), and xhat (M, D), scale (M, 1) for the gradient.

        scale = 1 / sqrt(variance + eps),  xhat = (x - mean) scale,  y = gamma xhat + beta

    Means and variance are over D. For the gradient g of y, with d = gamma g:

        dx = (d - mean(d) - xhat mean(d xhat)) scale
        dgamma = sum over tokens of g xhat,  dbeta = sum over tokens of g

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
