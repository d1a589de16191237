"""A Vision Transformer in PyTorch with nothing to spare: fused attention, timm's names. A contestant."""

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, dim: int, heads: int, hidden: int, eps: float, gelu: str):
        super().__init__()
        self.heads = heads
        self.approximate = {"exact": "none", "tanh": "tanh"}[gelu]
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps), nn.LayerNorm(dim, eps)
        self.attn = nn.ModuleDict({"qkv": nn.Linear(dim, 3 * dim), "proj": nn.Linear(dim, dim)})
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(dim, hidden), "fc2": nn.Linear(hidden, dim)})

    def forward(self, x):
        batch, tokens, dim = x.shape
        qkv = self.attn["qkv"](self.norm1(x)).view(batch, tokens, 3, self.heads, dim // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, h, N, d)
        out = F.scaled_dot_product_attention(q, k, v)  # (B, h, N, d)
        x = x + self.attn["proj"](out.transpose(1, 2).reshape(batch, tokens, dim))
        hidden = F.gelu(self.mlp["fc1"](self.norm2(x)), approximate=self.approximate)  # (B, N, hidden)
        return x + self.mlp["fc2"](hidden)  # (B, N, D)


class TorchViT(nn.Module):
    """images (B, C, H, W) -> logits (B, K); `config` is a `vit.ViTConfig` with class token pooling."""

    def __init__(self, config):
        super().__init__()
        dim, side = config.embed_dim, config.image_size // config.patch_size
        patch = nn.Conv2d(config.in_channels, dim, config.patch_size, config.patch_size)
        self.patch_embed = nn.ModuleDict({"proj": patch})
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + side**2, dim))
        hidden = round(dim * config.mlp_ratio)
        self.blocks = nn.Sequential(
            *(Block(dim, config.num_heads, hidden, config.norm_eps, config.gelu) for _ in range(config.depth))
        )
        self.norm = nn.LayerNorm(dim, config.norm_eps)
        self.head = nn.Linear(dim, config.num_classes)

    def forward(self, images):
        x = self.patch_embed["proj"](images).flatten(2).transpose(1, 2)  # (B, N, D)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], dim=1) + self.pos_embed  # (B, 1+N, D)
        return self.head(self.norm(self.blocks(x))[:, 0])  # (B, K)
