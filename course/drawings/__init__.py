"""Schematic drawings, made by code: `python -m course.drawings` writes course/figures/NAME.zh.svg and .en.svg.

    ![the alt text](../../course/figures/qkv.en.svg)

in a notebook; `alt(name, language)` is the text for those who do not see the drawing.
"""

_MAP = {
    "zh": "ViT 全图：图片 (3, 224, 224) 切成 14 × 14 个图像块，变成 197 个 192 维 token，经过 12 个编码器层、归一化和分类头，得到 1000 个 logits；编码器层里依次是归一化、多头自注意力、残差相加、归一化、MLP、残差相加；下方是数据、训练、评估、推理与微调、速度。",
    "en": "Map of the ViT: a picture (3, 224, 224) is cut into 14 x 14 patches, becomes 197 tokens of width 192, passes 12 encoder blocks, a norm and the head, and gives 1000 logits. A block holds norm, multi-head attention, residual sum, norm, MLP, residual sum. Below: data, training, evaluation, inference and fine-tuning, speed.",
}
_PARTS = {
    "whole": ("各部分全部点亮。", "Every part is lit."),
    "data": ("本课点亮：图片与数据。", "Lit in this lesson: the picture and the data."),
    "patches": (
        "本课点亮：从图片、图像块到 token。",
        "Lit in this lesson: from the picture through patches to tokens.",
    ),
    "attention": ("本课点亮：多头自注意力。", "Lit in this lesson: multi-head attention."),
    "encoder": ("本课点亮：整个编码器层。", "Lit in this lesson: the whole encoder block."),
    "model": (
        "本课点亮：从图像块到答案的整个模型。",
        "Lit in this lesson: the whole model, from patches to the answer.",
    ),
    "training": (
        "本课点亮：训练，即损失、梯度、AdamW 的循环。",
        "Lit in this lesson: training, the cycle of loss, gradient and AdamW.",
    ),
    "evaluation": ("本课点亮：评估。", "Lit in this lesson: evaluation."),
    "inference": ("本课点亮：答案与推理。", "Lit in this lesson: the answer, and inference."),
    "finetuning": ("本课点亮：分类头与微调。", "Lit in this lesson: the head, and fine-tuning."),
    "speed": ("本课点亮：速度。", "Lit in this lesson: speed."),
}

ALT = {f"map_{part}": {"zh": _MAP["zh"] + zh, "en": f"{_MAP['en']} {en}"} for part, (zh, en) in _PARTS.items()}
ALT["qkv"] = {
    "zh": "5 个 token 的矩阵 x (N, D) 分别乘 W_q、W_k、W_v，得到 Q、K、V (N, d)；Q 乘 K 的转置再除以根号 d 得到分数 (N, N)；对每一行做 softmax 得到权重，每行之和为 1；权重乘 V 得到输出 (N, d)。红框跟着第 3 个 token 的查询走到它的输出：五个值的加权和。",
    "en": "The matrix x (N, D) of 5 tokens times W_q, W_k and W_v gives Q, K and V (N, d). Q times K transposed, divided by the root of d, gives the scores (N, N); a softmax along each row gives weights, each row summing to 1; the weights times V give the output (N, d). A red frame follows the query of token 3 to its output, a weighted sum of the five values.",
}
ALT["heads"] = {
    "zh": "拆成多头：4 个 token、6 个通道的矩阵 (B, N, D) 先 reshape 成 (B, N, h, d)，再 transpose 成 (B, h, N, d)，每个头都有全部 4 个 token 的 3 个通道；各头做注意力后，transpose 再 reshape 合并回 (B, N, D)。打叉的是错误做法：直接 reshape 成 (B, h, N, d)，形状对，但头 0 只有 token 0 和 1 的数。",
    "en": "Splitting into heads: the matrix (B, N, D) of 4 tokens and 6 channels is reshaped to (B, N, h, d), then transposed to (B, h, N, d), so that each head has 3 channels of all 4 tokens; after attention in each head, transpose and reshape merge them back to (B, N, D). Crossed out is the mistake: a bare reshape to (B, h, N, d) has the right shape, but head 0 holds only the numbers of tokens 0 and 1.",
}


def alt(name: str, language: str) -> str:
    """What the drawing shows, in words."""
    return ALT[name][language]
