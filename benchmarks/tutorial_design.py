"""The design of the published MindSpore ViT tutorial, rewritten plainly: what ours is compared with.

Its choices: a convolution cuts the patches, GELU is the operator with its default (tanh), q, k and
v are sliced out of one tensor, everything runs eagerly unless graph mode is asked for.
"""

import mindspore as ms
import numpy as np
from mindspore import nn, ops


class Attention(nn.Cell):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.scale = heads, (dim // heads) ** -0.5
        self.qkv = nn.Dense(dim, 3 * dim)
        self.softmax = nn.Softmax(axis=-1)
        self.out = nn.Dense(dim, dim)

    def construct(self, x):
        b, n, c = x.shape
        qkv = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).transpose(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]  # (B, h, N, d)
        attention = self.softmax(ops.matmul(q, k.swapaxes(-2, -1)) * self.scale)
        return self.out(ops.matmul(attention, v).transpose(0, 2, 1, 3).reshape(b, n, c))


class Block(nn.Cell):
    def __init__(self, dim, heads, hidden):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm((dim,)), Attention(dim, heads)
        self.norm2, self.dense1 = nn.LayerNorm((dim,)), nn.Dense(dim, hidden)
        self.activation, self.dense2 = nn.GELU(), nn.Dense(hidden, dim)

    def construct(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.dense2(self.activation(self.dense1(self.norm2(x))))


class TutorialViT(nn.Cell):
    """images (B, 3, H, W) -> logits (B, K); `config` is a `vit.model.ViTConfig`."""

    def __init__(self, config):
        super().__init__()
        dim = config.embed_dim
        self.patches = nn.Conv2d(3, dim, config.patch_size, config.patch_size, pad_mode="valid", has_bias=True)
        rng = np.random.default_rng(0)
        self.cls = ms.Parameter(ms.Tensor(np.zeros((1, 1, dim), np.float32)), name="cls")
        positions = rng.normal(0, 0.02, (1, config.num_patches + 1, dim)).astype(np.float32)
        self.positions = ms.Parameter(ms.Tensor(positions), name="positions")
        hidden = int(dim * config.mlp_ratio)
        self.blocks = nn.SequentialCell([Block(dim, config.num_heads, hidden) for _ in range(config.depth)])
        self.norm, self.dense = nn.LayerNorm((dim,)), nn.Dense(dim, config.num_classes)

    def construct(self, images):
        x = self.patches(images)  # (B, D, H/P, W/P)
        b, dim, rows, cols = x.shape
        x = x.reshape(b, dim, rows * cols).transpose(0, 2, 1)  # (B, N, D)
        x = ops.concat((ops.tile(self.cls, (b, 1, 1)), x), axis=1) + self.positions  # (B, 1+N, D)
        return self.dense(self.norm(self.blocks(x))[:, 0])  # (B, K)
