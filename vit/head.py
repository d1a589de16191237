"""From tokens to class scores: (B, 1+N, D) -> (B, K).

Dosovitskiy et al. (arXiv:2010.11929), equation 4, whose norm comes before, in `vit.model`; appendix D.3 for mean
pooling, where the class token takes part in attention and nobody reads it.
"""

from mindspore import nn


class Pool(nn.Cell):
    """One vector for the whole image: the class token, or the mean of the patch tokens.

    Args:
        kind: "token" or "mean".

    Shapes: (B, 1+N, D) -> (B, D).
    """

    def __init__(self, kind: str = "token"):
        super().__init__()
        self.kind = kind

    def construct(self, x):
        if self.kind == "mean":
            return x[:, 1:].mean(axis=1)  # (B, D), without the class token
        return x[:, 0]  # (B, D)


def head(embed_dim: int, num_classes: int) -> nn.Cell:
    """The linear classifier (B, D) -> (B, K), which starts as 0; with `num_classes` 0 the features pass unchanged."""
    if not num_classes:
        return nn.Identity()
    return nn.Dense(embed_dim, num_classes, weight_init="zeros", bias_init="zeros")
