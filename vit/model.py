"""The Vision Transformer, whole: images (B, C, H, W) -> logits (B, K).

Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale"
(arXiv:2010.11929). DeiT (Touvron et al., arXiv:2012.12877) is the same network with other
preprocessing.
"""

import math

import mindspore as ms
import numpy as np
from mindspore import nn, ops

from vit.config import ViTConfig
from vit.encoder import encoder
from vit.head import Pool, head
from vit.layer_norm import LayerNorm
from vit.patch_embedding import PatchEmbedding, resample_positions, sincos_positions


class ViT(nn.Cell):
    """Patches, class token, positions, encoder, head.

    Shapes:
        images (B, C, H, W) float32 -> logits (B, K). H and W may be any multiples of the patch
        size: positions are resampled (bicubic) to the grid at hand.

    Initialisation, as in the authors' program (google-research/vision_transformer,
    `vit_jax/models_vit.py`):

    | parameter                         | values                                            |
    |-----------------------------------|---------------------------------------------------|
    | patch_embed.proj weight           | normal cut at 2 sigma, variance 1 / (C*P*P)       |
    | pos_embed                         | normal, sigma 0.02 (or "sincos", see below)       |
    | cls_token                         | 0                                                 |
    | attn.qkv weight                   | Xavier uniform, of q, k and v each: (D, D)        |
    | attn.proj, mlp.fc1, mlp.fc2 weight| Xavier uniform                                    |
    | mlp.fc1, mlp.fc2 bias             | normal, sigma 1e-6                                |
    | norms: gamma, beta                | 1, 0 (timm's weight and bias)                     |
    | head weight, all other biases     | 0                                                 |

    positions="sincos" starts them as `vit.patch_embedding.sincos_positions`.
    """

    def __init__(self, config: ViTConfig):
        super().__init__()
        self.config = config
        # both travel with weights (`vit.weights.load_model`); None: nobody has said yet
        self.preprocessing = None
        self.classes = None
        dim = config.embed_dim
        self.patch_embed = PatchEmbedding(config.patch_size, config.in_channels, dim)
        self.cls_token = ms.Parameter(ops.zeros((1, 1, dim), ms.float32), name="cls_token")
        self.pos_embed = ms.Parameter(ops.zeros((1, 1 + config.num_patches, dim), ms.float32), name="pos_embed")
        self.pos_drop = nn.Dropout(p=config.drop_rate)
        self.blocks = encoder(config)
        self.norm = LayerNorm(dim, config.norm_eps)
        self.pool = Pool(config.pool)
        self.head = head(dim, config.num_classes)
        initialise(self)

    def construct(self, images):
        batch, _, height, width = images.shape
        p = self.config.patch_size
        x = self.patch_embed(images)  # (B, N, D)
        cls = ops.broadcast_to(self.cls_token, (batch, 1, self.config.embed_dim))  # (B, 1, D)
        x = ops.concat((cls, x), axis=1)  # (B, 1+N, D)
        x = x + resample_positions(self.pos_embed, (height // p, width // p))  # (B, 1+N, D)
        x = self.pos_drop(x)
        for block in self.blocks:
            x = block(x)  # (B, 1+N, D)
        x = self.norm(x)
        x = self.pool(x)  # (B, D)
        return self.head(x)  # (B, K)


def initialise(model: ViT) -> None:
    """Fill the parameters as the table of `ViT` says, from the seed given to `ms.set_seed`."""
    rng = np.random.default_rng(ms.get_seed())

    def xavier(rows, cols):
        limit = math.sqrt(6 / (rows + cols))
        return rng.uniform(-limit, limit, (rows, cols))

    for name, parameter in model.parameters_and_names():
        shape = parameter.shape
        if name == "pos_embed" and model.config.positions == "sincos":
            values = sincos_positions(math.isqrt(shape[1] - 1), shape[2])
        elif name == "pos_embed":
            values = rng.normal(0, 0.02, shape)
        elif name == "patch_embed.proj.weight":
            # 0.8796 is the standard deviation of a standard normal cut at 2
            values = rng.normal(0, 1, shape)
            while (far := np.abs(values) > 2).any():
                values[far] = rng.normal(0, 1, far.sum())
            values *= math.sqrt(1 / shape[1]) / 0.87962566
        elif name.endswith("qkv.weight"):
            values = np.concatenate([xavier(shape[1], shape[1]) for _ in "qkv"])
        elif name.startswith("blocks") and name.endswith("weight"):
            values = xavier(*shape)
        elif ".mlp." in name and name.endswith("bias"):
            values = rng.normal(0, 1e-6, shape)
        elif name.endswith("gamma"):
            values = np.ones(shape)
        elif name == "cls_token" or name.startswith("head.") or name.endswith(("bias", "beta")):
            values = np.zeros(shape)
        else:
            raise ValueError(f"no rule says how parameter {name} starts")
        parameter.set_data(ms.Tensor(values.astype(np.float32)))
