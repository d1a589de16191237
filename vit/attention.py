"""Multi-head self-attention: every token looks at every other, (B, N, D) -> (B, N, D).

Here and in the encoder N counts all tokens, the class token among them.

Vaswani et al., "Attention Is All You Need" (arXiv:1706.03762), section 3.2.
"""

import numpy as np
from mindspore import nn, ops

from vit.runtime.initial import fill, xavier


class Attention(nn.Cell):
    """Each head compares queries with keys and takes the weighted mean of the values.

        weights = softmax(q k^T / sqrt(d)),  out = weights v,  d = D / h

    Args:
        embed_dim: D, the width of a token.
        num_heads: h, must divide D.
        qkv_bias: whether the query, key and value projections have a bias.
        attn_drop_rate: dropout on the attention weights, a probability in [0, 1).
        drop_rate: dropout on the output, a probability in [0, 1).

    Shapes:
        x (B, N, D) -> (B, N, D). The weights (B, h, N, N) are the output of the child `softmax`:
        `vit.inside.record` reads them without a second copy of this code.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        qkv_bias: bool = True,
        attn_drop_rate: float = 0.0,
        drop_rate: float = 0.0,
    ):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim {embed_dim} cannot be shared by {num_heads} heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.scale = self.head_dim**-0.5
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.softmax = nn.Softmax(axis=-1)
        self.attn_drop = nn.Dropout(p=attn_drop_rate)
        self.proj = nn.Dense(embed_dim, embed_dim)
        self.proj_drop = nn.Dropout(p=drop_rate)

    def initialise(self, rng):
        """Xavier uniform, of q, k and v each, (D, D); biases 0."""
        dim = self.proj.weight.shape[0]
        fill(self.qkv.weight, np.concatenate([xavier(rng, dim, dim) for _ in "qkv"]))
        fill(self.proj.weight, xavier(rng, dim, dim))
        for bias in (self.qkv.bias, self.proj.bias):
            if bias is not None:
                fill(bias, 0)

    def construct(self, x):
        batch, tokens, dim = x.shape
        qkv = self.qkv(x)  # (B, N, 3*D)
        qkv = qkv.reshape(batch, tokens, 3, self.num_heads, self.head_dim)  # (B, N, 3, h, d)
        qkv = qkv.transpose(2, 0, 3, 1, 4)  # (3, B, h, N, d)
        q, k, v = ops.unstack(qkv, axis=0)  # each (B, h, N, d); qkv[0] would copy
        scores = (q * self.scale) @ k.swapaxes(-2, -1)  # (B, h, N, N); scaling q touches fewer numbers
        weights = self.softmax(scores)  # (B, h, N, N), each row sums to 1
        out = self.attn_drop(weights) @ v  # (B, h, N, d)
        out = out.transpose(0, 2, 1, 3).reshape(batch, tokens, dim)  # (B, N, D), heads side by side
        return self.proj_drop(self.proj(out))  # (B, N, D)
