"""The Transformer encoder: blocks of attention and MLP, each on a residual branch.

Dosovitskiy et al. (arXiv:2010.11929), equations 2 and 3: normalise first, then transform, then add.
"""

from mindspore import nn, ops

from vit.attention import Attention
from vit.layer_norm import LayerNorm
from vit.runtime.initial import fill, xavier


class GELU(nn.Cell):
    """x times the probability that a standard normal number is smaller than x, (…) -> (…).

    Hendrycks and Gimpel, "Gaussian Error Linear Units" (arXiv:1606.08415).

    Args:
        kind: "exact" (the error function, as published weights want) or "tanh" (its approximation,
            at most 0.0005 away, and quicker).
    """

    def __init__(self, kind: str = "exact"):
        super().__init__()
        self.approximate = "tanh" if kind == "tanh" else "none"

    def construct(self, x):
        return ops.gelu(x, approximate=self.approximate)


class MLP(nn.Cell):
    """Two layers with GELU between them, applied to each token alone: (B, N, D) -> (B, N, D).

    Args:
        embed_dim: D, the width of a token.
        hidden_dim: the width between the two layers, 4 * D in the paper.
        drop_rate: dropout after each layer, a probability in [0, 1).
        gelu: "exact" or "tanh".
    """

    def __init__(self, embed_dim: int, hidden_dim: int, drop_rate: float = 0.0, gelu: str = "exact"):
        super().__init__()
        self.fc1 = nn.Dense(embed_dim, hidden_dim)
        self.act = GELU(gelu)
        self.drop1 = nn.Dropout(p=drop_rate)
        self.fc2 = nn.Dense(hidden_dim, embed_dim)
        self.drop2 = nn.Dropout(p=drop_rate)

    def initialise(self, rng):
        """Xavier uniform; biases normal, sigma 1e-6."""
        for layer in (self.fc1, self.fc2):
            fill(layer.weight, xavier(rng, *layer.weight.shape))
            fill(layer.bias, rng.normal(0, 1e-6, layer.bias.shape))

    def construct(self, x):
        x = self.drop1(self.act(self.fc1(x)))  # (B, N, hidden_dim)
        return self.drop2(self.fc2(x))  # (B, N, D)


class DropPath(nn.Cell):
    """Drop a whole residual branch for some of the pictures of a batch, in training only.

    Huang et al., "Deep Networks with Stochastic Depth" (arXiv:1603.09382). What is kept is
    multiplied by 1 / (1 - rate), so that the expected value stays; evaluation changes nothing.

    Args:
        rate: the probability that a picture's branch is dropped, in [0, 1).
    """

    def __init__(self, rate: float = 0.0):
        super().__init__()
        self.mask = nn.Dropout(p=rate)

    def construct(self, x):
        # dropout of B ones is exactly the mask wanted: 0 or 1 / (1 - rate), one for each picture
        return x * self.mask(ops.ones((x.shape[0], 1, 1), x.dtype))  # (B, N, D) * (B, 1, 1)


class Block(nn.Cell):
    """One pre-norm encoder block: x + attention(norm(x)), then x + MLP(norm(x)).

    Shapes: (B, N, D) -> (B, N, D). Arguments as in `vit.config.ViTConfig`; `drop_path_rate` is
    this block's own.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        mlp_ratio: float = 4.0,
        qkv_bias: bool = True,
        drop_rate: float = 0.0,
        attn_drop_rate: float = 0.0,
        drop_path_rate: float = 0.0,
        norm_eps: float = 1e-6,
        gelu: str = "exact",
    ):
        super().__init__()
        self.norm1 = LayerNorm(embed_dim, norm_eps)
        self.attn = Attention(embed_dim, num_heads, qkv_bias, attn_drop_rate=attn_drop_rate, drop_rate=drop_rate)
        self.drop_path1 = DropPath(drop_path_rate) if drop_path_rate else nn.Identity()
        self.norm2 = LayerNorm(embed_dim, norm_eps)
        self.mlp = MLP(embed_dim, round(embed_dim * mlp_ratio), drop_rate, gelu)
        self.drop_path2 = DropPath(drop_path_rate) if drop_path_rate else nn.Identity()

    def initialise(self, rng):
        """Each part as it says; norms are 1 and 0 from the start."""
        self.attn.initialise(rng)
        self.mlp.initialise(rng)

    def construct(self, x):
        x = x + self.drop_path1(self.attn(self.norm1(x)))  # (B, N, D)
        return x + self.drop_path2(self.mlp(self.norm2(x)))  # (B, N, D)


_OF_CONFIG = ("embed_dim", "num_heads", "mlp_ratio", "qkv_bias", "drop_rate", "attn_drop_rate", "norm_eps", "gelu")


def encoder(config) -> nn.CellList:
    """The stack of `config.depth` blocks; drop path grows linearly from 0 to `drop_path_rate`."""
    last = max(config.depth - 1, 1)
    return nn.CellList(
        [
            Block(
                **{name: getattr(config, name) for name in _OF_CONFIG}, drop_path_rate=config.drop_path_rate * i / last
            )
            for i in range(config.depth)
        ]
    )
