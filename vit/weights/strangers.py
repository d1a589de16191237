"""Networks that resemble a Vision Transformer, and have what it has not: each is called by its name."""

import re

from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.weights.layout import Layout

_STRANGERS = {  # what only another kind of network has
    r"dist_token|distillation_token|head_dist\.|distillation_classifier\.": lambda: say(
        "蒸馏 token（DeiT 的蒸馏版）", "a distillation token (distilled DeiT)"
    ),
    r"reg_token|register_tokens?$": lambda: say("寄存器 token", "register tokens"),
    r"\.ls\d\.|layer_scale|\.gamma_\d$|lambda_?\d$": lambda: say("逐层缩放（LayerScale）", "layer scale"),
    r"\.(q|k)_norm\.": lambda: say("查询和键的归一化", "normalised queries and keys"),
    r"\.mlp\.(w\d|fc1_\w|gate)": lambda: say("带门控的 MLP（SwiGLU）", "an MLP with gates (SwiGLU)"),
    r"rel_pos|relative_position": lambda: say("相对位置", "relative positions"),
    r"(^|\.)rope|rotary|freqs": lambda: say("旋转位置编码", "rotary positions"),
    r"^fc_norm\.": lambda: say("池化之后的归一化（fc_norm）", "a norm after pooling (fc_norm)"),
    r"^norm_pre\.|^patch_embed\.norm\.": lambda: say("编码器之前的归一化", "a norm before the encoder"),
    r"^pre_logits": lambda: say("分类头之前的一层（pre_logits）", "a layer before the head (pre_logits)"),
    r"mask_token|^decoder": lambda: say("遮挡预训练的部件", "parts of pretraining by masking"),
}


def refuse_strangers(layout: Layout) -> None:
    """Raise where the names of the tensors are those of another kind of network."""
    for pattern, what in _STRANGERS.items():
        found = next((own for name, own in layout.names.items() if re.search(pattern, name)), None)
        if found:
            raise stranger(what(), found)
    if "cls_token" not in layout.names and "pos_embed" in layout.names:
        raise stranger(say("没有类别 token", "no class token"), layout.spelling("cls_token"))


def stranger(what: str, name: str, path=None) -> UserError:
    """The error for weights of another kind of network, of which a tensor bears witness."""
    where = f"{path}: " if path else ""
    return UserError(
        say(
            f"{where}是另一种网络的权重：{what}（{name}），这里的 ViT 没有这种结构；请换用普通 ViT 或 DeiT 的权重",
            f"{where}weights of another kind of network: {what} ({name}), which the ViT here is not made for; "
            "take those of a plain ViT or DeiT",
        )
    )
