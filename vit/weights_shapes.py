"""What the tensors of a file tell of their network, and which networks they are not of."""

import math
import re

import numpy as np

from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.weights_file import WeightsFile


def told_by_tensors(file: WeightsFile) -> dict:
    """The settings that the shapes of the tensors decide.

    Raises:
        UserError: they are of a kind of network that `vit.model.ViT` is not.
    """
    _refuse_strangers(file)
    kernel = _tensor(file, "patch_embed.proj.weight", 2, 4)  # (D, C, P, P), or laid flat (D, C*P*P)
    dim, side = kernel.shape[0], _side_of_positions(file)
    told = {"image_size": side}
    if kernel.ndim == 4:
        if kernel.shape[2] != kernel.shape[3]:
            raise _stranger(file, say("图像块不是正方形", "patches that are not square"), "patch_embed.proj.weight")
        told = {"image_size": side * kernel.shape[2], "patch_size": kernel.shape[2], "in_channels": kernel.shape[1]}
    else:
        del told["image_size"]
    numbers = {int(match[1]) for name in file.tensors if (match := re.match(r"blocks\.(\d+)\.", name))}
    missing = next((i for i in range(len(numbers) + 1) if i not in numbers), 0)
    if missing < len(numbers) or not numbers:
        _tensor(file, f"blocks.{missing}.norm1.weight", 1)
    fc1, fc2 = _tensor(file, "blocks.0.mlp.fc1.weight", 2), _tensor(file, "blocks.0.mlp.fc2.weight", 2)
    if fc1.shape[0] == 2 * fc2.shape[1]:  # (2*hidden, D), (D, hidden)
        raise _stranger(file, say("带门控的 MLP（SwiGLU）", "an MLP with gates (SwiGLU)"), "blocks.0.mlp.fc1.weight")
    heads = {"num_heads": file.num_heads} if file.num_heads else {}
    return (
        told
        | heads
        | {
            "embed_dim": dim,
            "depth": len(numbers),
            "mlp_ratio": fc1.shape[0] / max(dim, 1),
            "qkv_bias": any(name.endswith("attn.qkv.bias") for name in file.tensors),
            "num_classes": file.num_classes,
        }
    )


def _side_of_positions(file: WeightsFile) -> int:
    """n, of n * n patches and one class token."""
    positions = _tensor(file, "pos_embed", 3)  # (1, 1+N, D)
    count = positions.shape[1]
    side = math.isqrt(max(count - 1, 0))
    if side and side * side + 1 == count:
        return side
    own = file.layout.spelling("pos_embed")
    if math.isqrt(count) ** 2 == count:
        why = say("没有类别 token 的位置", "none for a class token")
    else:
        why = say(
            "还有别的 token 排在图像块之前（蒸馏、寄存器），或者图片不是正方形",
            "more tokens before the patches, of distillation or registers, or pictures that are not square",
        )
    raise UserError(
        say(
            f"{file.path}: {own} 有 {count} 个位置；应当是一个类别 token 和一个正方形（{why}？）",
            f"{file.path}: {own} has {count} positions; a class token and a square were expected ({why}?)",
        )
    )


_STRANGERS = {  # what only another kind of network has
    r"dist_token|distillation_token|head_dist\.|distillation_classifier\.": lambda: say(
        "蒸馏 token（DeiT 的蒸馏版）", "a distillation token (distilled DeiT)"
    ),
    r"reg_token|register_tokens?$": lambda: say("寄存器 token", "register tokens"),
    r"\.ls\d\.|layer_scale|\.gamma_\d$|lambda1$": lambda: say("逐层缩放（LayerScale）", "layer scale"),
    r"\.(q|k)_norm\.": lambda: say("查询和键的归一化", "normalised queries and keys"),
    r"\.mlp\.(w\d|fc1_\w|gate)": lambda: say("带门控的 MLP（SwiGLU）", "an MLP with gates (SwiGLU)"),
    r"rel_pos|relative_position": lambda: say("相对位置", "relative positions"),
    r"(^|\.)rope|rotary|freqs": lambda: say("旋转位置编码", "rotary positions"),
    r"^fc_norm\.": lambda: say("池化之后的归一化（fc_norm）", "a norm after pooling (fc_norm)"),
    r"^norm_pre\.|^patch_embed\.norm\.": lambda: say("编码器之前的归一化", "a norm before the encoder"),
    r"^pre_logits": lambda: say("分类头之前的一层（pre_logits）", "a layer before the head (pre_logits)"),
    r"mask_token|^decoder": lambda: say("遮挡预训练的部件", "parts of pretraining by masking"),
}


def _refuse_strangers(file: WeightsFile) -> None:
    for pattern, what in _STRANGERS.items():
        found = next((name for name in file.tensors if re.search(pattern, name)), None)
        if found:
            raise _stranger(file, what(), found)
    if "cls_token" not in file.tensors and "pos_embed" in file.tensors:
        raise _stranger(file, say("没有类别 token", "no class token"), "cls_token")


def _stranger(file: WeightsFile, what: str, name: str) -> UserError:
    name = file.layout.spelling(name)
    return UserError(
        say(
            f"{file.path}: 是另一种网络的权重：{what}（{name}），这里的 ViT 装不下；请换普通 ViT 或 DeiT 的权重",
            f"{file.path}: weights of another kind of network: {what} ({name}), which the ViT here is not made for; "
            "take those of a plain ViT or DeiT",
        )
    )


def _tensor(file: WeightsFile, name: str, *axes: int) -> np.ndarray:
    value = file.tensors.get(name)
    own = file.layout.spelling(name)
    if value is None:
        raise UserError(say(f"{file.path}: 缺少张量 {own}", f"{file.path}: tensor {own} is missing"))
    if value.ndim not in axes or not value.size:
        wanted = say(" 或 ", " or ").join(map(str, axes))
        raise UserError(
            say(
                f"{file.path}: 张量 {own} 的形状是 {value.shape}，应当有 {wanted} 个轴，并且不是空的",
                f"{file.path}: tensor {own} has shape {value.shape}; {wanted} axes were expected, and none of length 0",
            )
        )
    return value
