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
from vit.runtime.initial import fill


class ViT(nn.Cell):
    """Patches, class token, positions, encoder, head.

    Shapes:
        images (B, C, H, W) float32 -> logits (B, K). H and W may be any multiples of the patch
        size: positions are resampled (bicubic) to the grid at hand.

    Initialisation, as in the authors' program (google-research/vision_transformer,
    `vit_jax/models_vit.py`): each part says its own; positions normal, sigma 0.02, class token 0.
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
        self.initialise(np.random.default_rng(ms.get_seed()))

    def initialise(self, rng):
        """From the seed given to `ms.set_seed`."""
        fill(self.cls_token, 0)
        _, tokens, dim = self.pos_embed.shape
        if self.config.positions == "sincos":
            fill(self.pos_embed, sincos_positions(math.isqrt(tokens - 1), dim))
        else:
            fill(self.pos_embed, rng.normal(0, 0.02, self.pos_embed.shape))
        for part in (self.patch_embed, *self.blocks):
            part.initialise(rng)

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
