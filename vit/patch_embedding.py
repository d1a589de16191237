"""An image becomes a sequence of tokens: (B, C, H, W) -> (B, N, D).

Dosovitskiy et al., "An Image is Worth 16x16 Words" (arXiv:2010.11929), equation 1.
"""

import math

import mindspore as ms
import numpy as np
from mindspore import nn

from vit.runtime.initial import cut_normal, fill


class PatchEmbedding(nn.Cell):
    """Cut the image into P x P patches and map each one linearly to D numbers.

    The paper and most programs write this as a convolution whose kernel and stride are both P.
    The sums are the same; here they are one matrix product over flattened patches, because
    MindSpore's convolutions are many times slower on CPUs with AVX-512 (lesson 03 measures it).

    Args:
        patch_size: P, the side of a square patch, in pixels.
        in_channels: C, 3 for RGB.
        embed_dim: D, the width of a token.

    Shapes:
        images (B, C, H, W), H and W multiples of P -> tokens (B, N, D), N = H/P * W/P,
        the patches in reading order: left to right, then top to bottom.

    Raises:
        ValueError: a side of the image is not a multiple of P.
    """

    def __init__(self, patch_size: int = 16, in_channels: int = 3, embed_dim: int = 768):
        super().__init__()
        self.patch_size = patch_size
        # weight (D, C*P*P): a convolution kernel (D, C, P, P) with its last three axes laid flat
        self.proj = nn.Dense(in_channels * patch_size**2, embed_dim)

    def initialise(self, rng):
        """Normal cut at 2 sigma, variance 1 / (C*P*P); bias 0."""
        shape = self.proj.weight.shape
        fill(self.proj.weight, cut_normal(rng, shape) / math.sqrt(shape[1]))
        fill(self.proj.bias, 0)

    def construct(self, images):
        batch, channels, height, width = images.shape
        p = self.patch_size
        if height % p or width % p:
            raise ValueError(f"an image of {height} x {width} pixels cannot be cut into patches of {p} x {p}")
        rows, cols = height // p, width // p
        x = images.reshape(batch, channels, rows, p, cols, p)  # (B, C, rows, P, cols, P)
        x = x.transpose(0, 2, 4, 1, 3, 5)  # (B, rows, cols, C, P, P)
        x = x.reshape(batch, rows * cols, channels * p * p)  # (B, N, C*P*P)
        return self.proj(x)  # (B, N, D)


def sincos_positions(side: int, dim: int) -> np.ndarray:
    """Waves of many lengths along both axes of the grid, and zeros for the class token.

    A start from which neighbours are alike, unlike random numbers ("Better plain ViT baselines for
    ImageNet-1k", arXiv:2205.01580, which keeps them fixed; here they are learned on). The base of
    the wavelengths is 100 instead of 10000, because a grid has tens of places, not thousands; the height 0.5 is
    about that of an embedded patch.

    Returns:
        (1, 1 + side*side, dim), a quarter each of sin and cos along x and along y.
    """
    angle = np.arange(side)[:, np.newaxis] / 100 ** (np.arange(dim // 4) * 4 / dim)  # (side, dim/4)
    waves = 0.5 * np.concatenate([np.sin(angle), np.cos(angle)], axis=1)  # (side, dim/2)
    x, y = np.tile(waves, (side, 1)), np.repeat(waves, side, axis=0)  # both (side*side, dim/2)
    positions = np.zeros((1, 1 + side * side, dim))
    positions[0, 1:, : x.shape[1] * 2] = np.concatenate([x, y], axis=1)
    return positions


def cubic_matrix(size_in: int, size_out: int) -> np.ndarray:
    """The matrix (size_out, size_in) that resamples a line of numbers by cubic convolution.

    Keys (1981), a = -0.75, pixel centres aligned, borders repeated: what PyTorch's
    `interpolate(mode="bicubic", align_corners=False)` computes along one axis.
    """
    a = -0.75
    centre = (np.arange(size_out) + 0.5) * size_in / size_out - 0.5
    first = np.floor(centre).astype(int)
    matrix = np.zeros((size_out, size_in))
    for offset in (-1, 0, 1, 2):
        source = first + offset
        d = np.abs(centre - source)
        near = (a + 2) * d**3 - (a + 3) * d**2 + 1
        far = a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
        weight = np.where(d <= 1, near, far)
        np.add.at(matrix, (np.arange(size_out), source.clip(0, size_in - 1)), weight)
    return matrix.astype(np.float32)


def resample_positions(pos_embed, grid: tuple[int, int]):
    """Stretch learned position embeddings to another grid of patches (bicubic).

    Resampling is linear, so it is two small matrix products and gradients pass through it.

    Args:
        pos_embed: (1, 1 + n*n, D), the class token's position first.
        grid: (rows, columns) wanted.

    Returns:
        (1, 1 + rows*columns, D); `pos_embed` itself where the grid is already right.
    """
    side = math.isqrt(pos_embed.shape[1] - 1)
    rows, cols = grid
    if (rows, cols) == (side, side):
        return pos_embed
    dim = pos_embed.shape[2]
    vertical = ms.Tensor(cubic_matrix(side, rows))  # (rows, n)
    horizontal = ms.Tensor(cubic_matrix(side, cols))  # (columns, n)
    x = pos_embed[:, 1:].reshape(side, side * dim)  # (n, n*D)
    x = ms.ops.matmul(vertical, x).reshape(rows, side, dim)  # (rows, n, D)
    x = ms.ops.matmul(horizontal, x)  # (rows, columns, D)
    return ms.ops.concat((pos_embed[:, :1], x.reshape(1, rows * cols, dim)), axis=1)
