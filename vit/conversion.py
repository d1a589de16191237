"""Four ways to name the tensors of one network, and the way between them and ours.

| naming     | example                                             | where it is met                     |
|------------|-----------------------------------------------------|-------------------------------------|
| timm       | blocks.0.attn.qkv.weight                            | timm, mindcv, DeiT; this program    |
| hf         | vit.encoder.layer.0.attention.attention.query.weight| Hugging Face transformers           |
| jax        | Transformer/encoderblock_0/.../query/kernel         | google-research/vision_transformer  |
| tutorial   | transformer.layers.0.0.cell.1.qkv.weight            | the published MindSpore tutorial    |

Everything is turned into timm's names and shapes: PyTorch's (out, in) matrices, q, k and v in one.
"""

import re

import numpy as np

from vit.runtime.errors import UserError
from vit.runtime.language import say

_MARKS = {  # a tensor that only this naming has
    "timm": "patch_embed.proj.weight",
    "hf": "vit.embeddings.patch_embeddings.projection.weight",
    "jax": "Transformer/posembed_input/pos_embedding",
    "tutorial": "patch_embedding.conv.weight",
}

_RULES = {
    "timm": [(r"\.gamma$", ".weight"), (r"\.beta$", ".bias")],  # MindSpore's words for a norm's, in mindcv
    "hf": [
        (r"^vit\.embeddings\.cls_token$", "cls_token"),
        (r"^vit\.embeddings\.position_embeddings$", "pos_embed"),
        (r"^vit\.embeddings\.patch_embeddings\.projection\.", "patch_embed.proj."),
        (r"^vit\.encoder\.layer\.(\d+)\.layernorm_before\.", r"blocks.\1.norm1."),
        (r"^vit\.encoder\.layer\.(\d+)\.layernorm_after\.", r"blocks.\1.norm2."),
        (r"^vit\.encoder\.layer\.(\d+)\.attention\.attention\.(query|key|value)\.", r"blocks.\1.attn.\2."),
        (r"^vit\.encoder\.layer\.(\d+)\.attention\.output\.dense\.", r"blocks.\1.attn.proj."),
        (r"^vit\.encoder\.layer\.(\d+)\.intermediate\.dense\.", r"blocks.\1.mlp.fc1."),
        (r"^vit\.encoder\.layer\.(\d+)\.output\.dense\.", r"blocks.\1.mlp.fc2."),
        (r"^vit\.layernorm\.", "norm."),
        (r"^classifier\.", "head."),
    ],
    "jax": [
        (r"^cls$", "cls_token"),
        (r"^Transformer/posembed_input/pos_embedding$", "pos_embed"),
        (r"^embedding/", "patch_embed.proj/"),
        (r"^Transformer/encoderblock_(\d+)/LayerNorm_0/", r"blocks.\1.norm1/"),
        (r"^Transformer/encoderblock_(\d+)/LayerNorm_2/", r"blocks.\1.norm2/"),
        (r"^Transformer/encoderblock_(\d+)/MultiHeadDotProductAttention_1/(query|key|value)/", r"blocks.\1.attn.\2/"),
        (r"^Transformer/encoderblock_(\d+)/MultiHeadDotProductAttention_1/out/", r"blocks.\1.attn.proj/"),
        (r"^Transformer/encoderblock_(\d+)/MlpBlock_3/Dense_0/", r"blocks.\1.mlp.fc1/"),
        (r"^Transformer/encoderblock_(\d+)/MlpBlock_3/Dense_1/", r"blocks.\1.mlp.fc2/"),
        (r"^Transformer/encoder_norm/", "norm/"),
        (r"/(scale|kernel)$", ".weight"),
        (r"/bias$", ".bias"),
    ],
    "tutorial": [
        (r"^cls$", "cls_token"),
        (r"^pos_embedding$", "pos_embed"),
        (r"^patch_embedding\.conv\.", "patch_embed.proj."),
        (r"^transformer\.layers\.(\d+)\.0\.cell\.0\.", r"blocks.\1.norm1."),
        (r"^transformer\.layers\.(\d+)\.0\.cell\.1\.qkv\.", r"blocks.\1.attn.qkv."),
        (r"^transformer\.layers\.(\d+)\.0\.cell\.1\.out\.", r"blocks.\1.attn.proj."),
        (r"^transformer\.layers\.(\d+)\.1\.cell\.0\.", r"blocks.\1.norm2."),
        (r"^transformer\.layers\.(\d+)\.1\.cell\.1\.dense1\.", r"blocks.\1.mlp.fc1."),
        (r"^transformer\.layers\.(\d+)\.1\.cell\.1\.dense2\.", r"blocks.\1.mlp.fc2."),
        (r"^dense\.", "head."),
        (r"\.gamma$", ".weight"),
        (r"\.beta$", ".bias"),
    ],
}

Tensors = dict[str, np.ndarray]


def detect(tensors: Tensors) -> str:
    """Which naming these tensors have: "timm", "hf", "jax" or "tutorial".

    Raises:
        UserError: none of them.
    """
    for naming, mark in _MARKS.items():
        if mark in tensors:
            return naming
    some = ", ".join(list(tensors)[:3])
    raise UserError(
        say(
            f"不是 Vision Transformer 的权重：{len(tensors)} 个张量里没有图像块嵌入（{some} ……）",
            f"not the weights of a Vision Transformer: no patch embedding among its {len(tensors)} tensors ({some} ...)",
        )
    )


def to_timm(tensors: Tensors, naming: str) -> Tensors:
    """Rename and reshape to timm's names and shapes. Names no rule knows are kept as they are."""
    out = {}
    for name, value in tensors.items():
        new = name
        for pattern, replacement in _RULES[naming]:
            new = re.sub(pattern, replacement, new)
        out[new] = _from_jax(new, value) if naming == "jax" else value
    return _join_qkv(out) if naming in ("hf", "jax") else out


def _from_jax(name: str, value: np.ndarray) -> np.ndarray:
    """JAX keeps kernels as (in, out), and those of attention with the heads apart."""
    if name == "patch_embed.proj.weight" and value.ndim == 4:
        return value.transpose(3, 2, 0, 1)  # (P, P, C, D) -> (D, C, P, P)
    if re.search(r"attn\.(query|key|value)\.weight$", name) and value.ndim == 3:
        return value.reshape(value.shape[0], -1).T  # (D, h, d) -> (D, h*d) -> transposed
    if re.search(r"attn\.(query|key|value)\.bias$", name) and value.ndim == 2:
        return value.reshape(-1)  # (h, d) -> (D,)
    if name.endswith("attn.proj.weight") and value.ndim == 3:
        return value.reshape(-1, value.shape[-1]).T  # (h, d, D) -> (h*d, D) -> transposed
    if name.endswith(".weight") and value.ndim == 2:
        return value.T  # (in, out) -> (out, in)
    return value


def _join_qkv(tensors: Tensors) -> Tensors:
    """query, key and value, one below the other, are timm's qkv."""
    out = {}
    for name, value in tensors.items():
        match = re.fullmatch(r"(blocks\.\d+\.attn\.)(query|key|value)\.(weight|bias)", name)
        if not match:
            out[name] = value
            continue
        parts = [tensors.get(f"{match[1]}{part}.{match[3]}") for part in ("query", "key", "value")]
        if any(part is None or part.shape != value.shape for part in parts):
            out[name] = value  # left apart, so that the loader names what is wrong
        elif match[2] == "query":
            out[f"{match[1]}qkv.{match[3]}"] = np.concatenate(parts)  # (3*D, D) or (3*D,)
    return out


def jax_num_heads(tensors: Tensors) -> int | None:
    """JAX's attention kernels (D, h, d) tell the number of heads; the other namings do not."""
    kernel = tensors.get("Transformer/encoderblock_0/MultiHeadDotProductAttention_1/query/kernel")
    return kernel.shape[1] if kernel is not None and kernel.ndim == 3 else None


def from_mindspore(name: str) -> str:
    """Our parameter's name -> timm's: MindSpore says gamma and beta of a norm's weight and bias."""
    return re.sub(r"\.beta$", ".bias", re.sub(r"\.gamma$", ".weight", name))
