"""What the shapes of a file's tensors tell of their network."""

import math
import re

import numpy as np

from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.weights.opened import WeightsFile
from vit.weights.strangers import stranger


def told_by_tensors(file: WeightsFile, patch_size=None) -> dict:
    """The settings that the shapes of the tensors decide.

    Args:
        patch_size: as others say it, for kernels laid flat, as ours are in memory; they do not tell it.

    Raises:
        UserError: they are of a kind of network that `vit.model.ViT` is not.
    """
    kernel = _tensor(file, "patch_embed.proj.weight", 2, 4)  # (D, C, P, P), or (D, C*P*P)
    dim, side, told = kernel.shape[0], _side_of_positions(file), {}
    if kernel.ndim == 4:
        if kernel.shape[2] != kernel.shape[3]:
            what = say("图像块不是正方形", "patches that are not square")
            raise stranger(what, file.layout.spelling("patch_embed.proj.weight"), file.path)
        told = {"image_size": side * kernel.shape[2], "patch_size": kernel.shape[2], "in_channels": kernel.shape[1]}
    elif isinstance(patch_size, int) and patch_size > 0:
        told = {"image_size": side * patch_size}
    numbers = {int(match[1]) for name in file.tensors if (match := re.match(r"blocks\.(\d+)\.", name))}
    missing = next((i for i in range(len(numbers) + 1) if i not in numbers), 0)
    if missing < len(numbers) or not numbers:
        _tensor(file, f"blocks.{missing}.norm1.weight", 1)
    fc1, fc2 = _tensor(file, "blocks.0.mlp.fc1.weight", 2), _tensor(file, "blocks.0.mlp.fc2.weight", 2)
    if fc1.shape[0] == 2 * fc2.shape[1]:  # (2*hidden, D), (D, hidden)
        what = say("带门控的 MLP（SwiGLU）", "an MLP with gates (SwiGLU)")
        raise stranger(what, file.layout.spelling("blocks.0.mlp.fc1.weight"), file.path)
    if file.num_heads:
        told["num_heads"] = file.num_heads
    return told | {
        "embed_dim": dim,
        "depth": len(numbers),
        "mlp_ratio": fc1.shape[0] / dim,
        "qkv_bias": any(name.endswith("attn.qkv.bias") for name in file.tensors),
        "num_classes": file.num_classes,
    }


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
