"""An independent ViT in plain numpy, written from the paper: loops and float64, no MindSpore.

It takes weights under timm's names, as `vit.weights.save_model` writes them.
"""

import numpy as np
from scipy.special import erf


def vit_reference(weights: dict, images: np.ndarray, num_heads: int, eps: float = 1e-6) -> np.ndarray:
    """images (B, C, H, W) -> logits (B, K)."""
    w = {name: value.astype(np.float64) for name, value in weights.items()}
    depth = 1 + max(int(name.split(".")[1]) for name in w if name.startswith("blocks."))
    return np.stack([_one(w, image.astype(np.float64), num_heads, depth, eps) for image in images])


def _one(w, image, num_heads, depth, eps):
    kernel = w["patch_embed.proj.weight"]  # (D, C, P, P)
    p = kernel.shape[-1]
    tokens = [w["cls_token"][0, 0]]
    for top in range(0, image.shape[1], p):
        for left in range(0, image.shape[2], p):
            patch = image[:, top : top + p, left : left + p]
            tokens.append((kernel * patch).sum(axis=(1, 2, 3)) + w["patch_embed.proj.bias"])
    x = np.stack(tokens) + w["pos_embed"][0]  # (1+N, D)
    for i in range(depth):
        block = {name.removeprefix(f"blocks.{i}."): v for name, v in w.items() if name.startswith(f"blocks.{i}.")}
        x = x + _attention(block, _norm(x, block, "norm1", eps), num_heads)
        hidden = _linear(block, "mlp.fc1", _norm(x, block, "norm2", eps))
        hidden = hidden * 0.5 * (1 + erf(hidden / np.sqrt(2)))
        x = x + _linear(block, "mlp.fc2", hidden)
    return _linear(w, "head", _norm(x, w, "norm", eps)[0])


def _linear(w, name, x):
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def _norm(x, w, name, eps):
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps) * w[f"{name}.weight"] + w[f"{name}.bias"]


def _attention(w, x, num_heads):
    dim = x.shape[1]
    d = dim // num_heads
    query, key, value = np.split(_linear(w, "attn.qkv", x), 3, axis=1)
    out = np.empty_like(x)
    for head in range(num_heads):
        part = slice(head * d, (head + 1) * d)
        for n in range(len(x)):
            scores = np.array([query[n, part] @ key[m, part] for m in range(len(x))]) / np.sqrt(d)
            shares = np.exp(scores - scores.max())
            out[n, part] = (shares / shares.sum()) @ value[:, part]
    return _linear(w, "attn.proj", out)
