"""Layer normalisation: each token's numbers shifted to mean 0 and scaled to variance 1, (…, D) -> (…, D).

Ba, Kiros and Hinton, "Layer Normalization" (arXiv:1607.06450).
"""

from mindspore import nn


class LayerNorm(nn.LayerNorm):
    """`nn.LayerNorm` over the last axis, with the epsilon that ViT weights want.

        y = gamma (x - mean) / sqrt(variance + epsilon) + beta

    Its sums and their gradient, step by step: `vit/kernels/layer_norm.py`.

    Args:
        dim: D, the length of the axis.
        epsilon: added to the variance.
    """

    def __init__(self, dim: int, epsilon: float = 1e-6):
        super().__init__((dim,), epsilon=epsilon)
