"""The rivals of lesson 12: a small residual network, and a ViT whose first layers are convolutions.

Both have about as many parameters and multiply-adds as the small ViT, take the same pictures, and train by the same
step. He et al., "Deep Residual Learning for Image Recognition" (arXiv:1512.03385); Xiao et al., "Early Convolutions
Help Transformers See Better" (arXiv:2106.14881).
"""

import math
from dataclasses import replace

import mindspore as ms
import numpy as np
from mindspore import nn

from vit.config import ViTConfig
from vit.model import ViT
from vit.runtime.initial import fill


def convolution(channels_in: int, channels_out: int, kernel: int, stride: int = 1, bias: bool = False) -> nn.Conv2d:
    """(B, C, H, W) -> (B, C', H/stride, W/stride); zeros around the border."""
    padding = (kernel - 1) // 2
    return nn.Conv2d(channels_in, channels_out, kernel, stride=stride, pad_mode="pad", padding=padding, has_bias=bias)


class ResidualBlock(nn.Cell):
    """relu(x + norm2(conv2(relu(norm1(conv1(x)))))), 3 x 3 kernels: (B, C, H, W) -> (B, C, H, W)."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = convolution(channels, channels, 3)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = convolution(channels, channels, 3)
        self.norm2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()

    def construct(self, x):
        y = self.relu(self.norm1(self.conv1(x)))  # (B, C, H, W)
        return self.relu(x + self.norm2(self.conv2(y)))


class ConvStem(nn.Cell):
    """Tokens by convolutions instead of cut patches: (B, 3, H, W) -> (B, N, D), N = H/P * W/P.

    log2(P) convolutions of stride 2, 3 x 3, with batch norm and ReLU, each with twice the channels of the one before,
    the last with D; then one of 1 x 1. P is a power of two.
    """

    def __init__(self, patch_size: int = 8, in_channels: int = 3, embed_dim: int = 96):
        super().__init__()
        layers = int(math.log2(patch_size))
        channels = [in_channels, *(embed_dim // 2 ** (layers - 1 - i) for i in range(layers))]
        self.convs = nn.CellList([convolution(channels[i], channels[i + 1], 3, stride=2) for i in range(layers)])
        self.norms = nn.CellList([nn.BatchNorm2d(channels[i + 1]) for i in range(layers)])
        self.relu = nn.ReLU()
        self.proj = convolution(embed_dim, embed_dim, 1, bias=True)

    def construct(self, images):
        x = images
        for i in range(len(self.convs)):
            x = self.relu(self.norms[i](self.convs[i](x)))  # (B, C, H/2, W/2), and so on
        x = self.proj(x)  # (B, D, H/P, W/P)
        batch, dim, rows, cols = x.shape
        return x.reshape(batch, dim, rows * cols).transpose(0, 2, 1)  # (B, N, D)


class CNN(nn.Cell):
    """A residual network: images (B, 3, S, S) -> 16 x 16 places -> 8 x 8 -> mean -> logits (B, K).

    Args:
        config: image_size S, in_channels, num_classes K; embed_dim is the number of channels at the end.
        block: number of channels -> what stands at a skip connection.
    """

    def __init__(self, config: ViTConfig, block: type[nn.Cell] = ResidualBlock):
        super().__init__()
        self.config, self.preprocessing, self.classes = config, None, None
        stride, wide, narrow = config.image_size // 16, config.embed_dim, config.embed_dim // 2
        self.stem = convolution(config.in_channels, narrow, 2 * stride - 1, stride)
        self.norm = nn.BatchNorm2d(narrow)
        self.early = block(narrow)
        self.down = convolution(narrow, wide, 3, 2)
        self.down_norm = nn.BatchNorm2d(wide)
        self.late = nn.CellList([block(wide) for _ in range(2)])
        self.relu = nn.ReLU()
        self.head = nn.Dense(wide, config.num_classes)
        start(self, np.random.default_rng(ms.get_seed()))

    def construct(self, images):
        x = self.relu(self.norm(self.stem(images)))  # (B, C/2, 16, 16)
        x = self.early(x)
        x = self.relu(self.down_norm(self.down(x)))  # (B, C, 8, 8)
        for block in self.late:
            x = block(x)
        return self.head(x.mean((2, 3)))  # (B, K)


def start(cell: nn.Cell, rng: np.random.Generator) -> None:
    """Convolutions from normal numbers of variance 2 / (inputs of a number) (He et al., arXiv:1502.01852); head 0.01."""
    for _, part in cell.cells_and_names():
        if isinstance(part, nn.Conv2d):
            shape = part.weight.shape  # (C', C, k, k)
            fill(part.weight, rng.normal(0, math.sqrt(2 / math.prod(shape[1:])), shape))
        if isinstance(part, nn.Conv2d | nn.Dense) and part.has_bias:
            fill(part.bias, 0)
        if isinstance(part, nn.Dense):
            fill(part.weight, rng.normal(0, 0.01, part.weight.shape))


def hybrid(config: ViTConfig, stem: type[nn.Cell] = ConvStem) -> ViT:
    """The ViT with a convolutional stem and one block less, so that it costs as much."""
    model = ViT(replace(config, depth=config.depth - 1))
    model.patch_embed = stem(config.patch_size, config.in_channels, config.embed_dim)
    start(model.patch_embed, np.random.default_rng(ms.get_seed()))
    return model


NETWORKS = {"vit": ViT, "cnn": CNN, "hybrid": hybrid}  # (ViTConfig, a part in the place of ours) -> a network
PART = {"cnn": "ResidualBlock", "hybrid": "ConvStem"}  # which part that may be
