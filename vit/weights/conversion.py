"""How other programs call the tensors of this network, and the way from their names and shapes to ours.

- timm: timm, DeiT, this program; mindcv since 0.3, where a norm has `gamma` and `beta`
- hf: Hugging Face transformers, as it saves
- hf5: the same since version 5, as it holds them in memory
- jax: google-research/vision_transformer
- tutorial: the published MindSpore tutorial, and mindcv before 0.3

Everything is turned into timm's names and shapes: PyTorch's (out, in) matrices, q, k and v in one.
"""

import re
from collections.abc import Callable

import numpy as np

from vit.runtime.errors import UserError
from vit.runtime.language import say

Tensors = dict[str, np.ndarray]

_NETWORK = """
timm              hf                                      hf5                                     jax                                       tutorial
cls_token         embeddings.cls_token                    embeddings.cls_token                    cls                                       cls
pos_embed         embeddings.position_embeddings          embeddings.position_embeddings          Transformer/posembed_input/pos_embedding  pos_embedding
patch_embed.proj  embeddings.patch_embeddings.projection  embeddings.patch_embeddings.projection  embedding                                 patch_embedding.conv
norm              layernorm                               layernorm                               Transformer/encoder_norm                  norm
head              classifier                              classifier                              head                                      dense
"""
_BLOCK = """
timm        hf                                     hf5                     jax                                               tutorial
blocks.#.   encoder.layer.#.                       layers.#.               Transformer/encoderblock_#/                       transformer.layers.#.
norm1       layernorm_before                       layernorm_before        LayerNorm_0                                       0.cell.0
attn.qkv    attention.attention.(query|key|value)  attention.(q|k|v)_proj  MultiHeadDotProductAttention_1/(query|key|value)  0.cell.1.qkv
attn.query  attention.attention.query              attention.q_proj        MultiHeadDotProductAttention_1/query              -
attn.key    attention.attention.key                attention.k_proj        MultiHeadDotProductAttention_1/key                -
attn.value  attention.attention.value              attention.v_proj        MultiHeadDotProductAttention_1/value              -
attn.proj   attention.output.dense                 attention.o_proj        MultiHeadDotProductAttention_1/out                0.cell.1.out
norm2       layernorm_after                        layernorm_after         LayerNorm_2                                       1.cell.0
mlp.fc1     intermediate.dense                     mlp.fc1                 MlpBlock_3/Dense_0                                1.cell.1.dense1
mlp.fc2     output.dense                           mlp.fc2                 MlpBlock_3/Dense_1                                1.cell.1.dense2
"""


def _columns(table: str) -> dict[str, list[str]]:
    head, *rows = (line.split() for line in table.strip().split("\n"))
    return {naming: [row[i] for row in rows] for i, naming in enumerate(head)}


NAMINGS = tuple(_columns(_NETWORK))
# what stands before the number of a block
_BEFORE = {naming: column[0] for naming, column in _columns(_BLOCK).items()}
_ROWS = {
    naming: [*_columns(_NETWORK)[naming], *(f"{_BEFORE[naming]}{row}" for row in column[1:])]
    for naming, column in _columns(_BLOCK).items()
}
_OURS = {naming: dict(zip(rows, _ROWS["timm"], strict=True)) for naming, rows in _ROWS.items()}
_OURS["tutorial"]["cls_token"] = "cls_token"  # once wrapped, MindSpore calls it by the cell's attribute
_THEIRS = {naming: dict(zip(_ROWS["timm"], rows, strict=True)) for naming, rows in _ROWS.items()}
LEAVES = {"weight": "weight", "gamma": "weight", "scale": "weight", "kernel": "weight", "bias": "bias", "beta": "bias"}


def our_name(theirs: str, naming: str) -> str | None:
    """A tensor's name in some naming -> timm's, or None where the table has no such row."""
    before, after = _BEFORE[naming].split("#")
    number = re.match(rf"{re.escape(before)}(\d+){re.escape(after)}", theirs)
    row = f"{before}#{theirs[number.end(1) :]}" if number else theirs
    part, _, leaf = row.rpartition("/" if naming == "jax" else ".")
    if row in _OURS[naming]:
        ours = _OURS[naming][row]
    elif part in _OURS[naming] and leaf in LEAVES:
        ours = f"{_OURS[naming][part]}.{LEAVES[leaf]}"
    else:
        return None
    return ours.replace("#", number[1]) if number else ours


def their_name(ours: str, naming: str, in_mindspore_words: bool = False) -> str:
    """timm's name -> that of some naming; itself where the table has no such row."""
    number = re.match(r"blocks\.(\d+)\.", ours)
    row = f"blocks.#.{ours[number.end() :]}" if number else ours
    part, _, leaf = row.rpartition(".")
    is_norm = part.rpartition(".")[2].startswith("norm")
    if naming == "jax":
        leaf = "bias" if leaf == "bias" else "scale" if is_norm else "kernel"
    elif in_mindspore_words and is_norm:
        leaf = "gamma" if leaf == "weight" else "beta"
    if row in _THEIRS[naming]:
        theirs = _THEIRS[naming][row]
    elif part not in _THEIRS[naming]:
        return ours
    else:
        theirs = f"{_THEIRS[naming][part]}{'/' if naming == 'jax' else '.'}{leaf}"
    return theirs.replace("#", number[1]) if number else theirs


def to_timm(tensors: Tensors, naming: str, spelling: Callable[[str], str] = str) -> Tensors:
    """Tensors that have timm's names, and the shapes of their own naming -> timm's shapes, and q, k and v in one.

    Args:
        spelling: how a message calls a tensor.

    Raises:
        UserError: query, key and value are apart, and one is missing or of another shape.
    """
    if naming == "jax":
        tensors = {name: _from_jax(name, value) for name, value in tensors.items()}
    out = {}
    for name, value in tensors.items():
        match = re.fullmatch(r"(blocks\.\d+\.attn\.)(query|key|value)(\.weight|\.bias)", name)
        if not match:
            out[name] = value
            continue
        parts = [f"{match[1]}{part}{match[3]}" for part in ("query", "key", "value")]
        for part in parts:
            if part not in tensors:
                raise UserError(say(f"缺少张量 {spelling(part)}", f"tensor {spelling(part)} is missing"))
            if tensors[part].shape != value.shape:
                one, other = (f"{spelling(each)} {tensors[each].shape}" for each in (part, name))
                raise UserError(
                    say(f"{one} 与 {other} 的形状应当相同", f"{one} and {other} ought to have the same shape")
                )
        if match[2] == "query":
            out[f"{match[1]}qkv{match[3]}"] = np.concatenate([tensors[part] for part in parts])  # (3*D, D) or (3*D,)
    return out


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


def jax_num_heads(tensors: Tensors) -> int | None:
    """JAX's attention kernels (D, h, d) tell the number of heads; the other namings do not."""
    kernel = tensors.get("blocks.0.attn.query.weight")
    return kernel.shape[1] if kernel is not None and kernel.ndim == 3 else None


def from_mindspore(name: str) -> str:
    """Our parameter's name -> timm's: MindSpore says gamma and beta of a norm's weight and bias."""
    return re.sub(r"\.beta$", ".bias", re.sub(r"\.gamma$", ".weight", name))
