"""Schematic drawings, made by code: `python -m course.drawings` writes course/figures/NAME.zh.svg and .en.svg.

    ![the alt text](../../course/figures/qkv.en.svg)

in a notebook; `alt(name, language)` is the text for those who do not see the drawing.
"""

_MAP = {
    "zh": "ViT 全图：图片 (3, 224, 224) 切成 14 × 14 个图像块，变成 197 个 192 维 token，经过 12 个编码器层、归一化和分类头，得到 1000 个 logits；编码器层里依次是归一化、多头自注意力、残差相加、归一化、MLP、残差相加；下方是数据、训练、评估、推理与微调、速度。",
    "en": "Map of the ViT: a picture (3, 224, 224) is cut into 14 x 14 patches, becomes 197 tokens of width 192, passes 12 encoder blocks, a norm and the head, and gives 1000 logits. A block holds norm, multi-head attention, skip connection, norm, MLP, skip connection. Below: data, training, evaluation, inference and fine-tuning, speed.",
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
    "zh": "5 个 token 的矩阵 x (N, D) 分别乘 W_q、W_k、W_v，得到 Q、K、V (N, d)；Q 乘 K 的转置再除以根号 d 得到分数 (N, N)；对每一行做 softmax 得到权重，每行之和为 1；权重乘 V 得到输出 (N, d)。红框跟着 token 2（从 0 数）的查询走到它的输出：五个值的加权和。",
    "en": "The matrix x (N, D) of 5 tokens times W_q, W_k and W_v gives Q, K and V (N, d). Q times K transposed, divided by the root of d, gives the scores (N, N); a softmax along each row gives weights, each row summing to 1; the weights times V give the output (N, d). A red frame follows the query of token 2, counted from 0, to its output, a weighted sum of the five values.",
}
ALT["heads"] = {
    "zh": "拆成多头：4 个 token、6 个通道的矩阵 (B, N, D) 先 reshape 成 (B, N, h, d)，再 transpose 成 (B, h, N, d)，每个头都有全部 4 个 token 的 3 个通道；各头做注意力后，transpose 再 reshape 合并回 (B, N, D)。打叉的是错误做法：直接 reshape 成 (B, h, N, d)，形状对，但头 0 只有 token 0 和 1 的数。",
    "en": "Splitting into heads: the matrix (B, N, D) of 4 tokens and 6 channels is reshaped to (B, N, h, d), then transposed to (B, h, N, d), so that each head has 3 channels of all 4 tokens; after attention in each head, transpose and reshape merge them back to (B, N, D). Crossed out is the mistake: a bare reshape to (B, h, N, d) has the right shape, but head 0 holds only the numbers of tokens 0 and 1.",
}
ALT["patches"] = {
    "zh": "图片 (3, 224, 224) 逐行、从左到右切成图像块，画成 4 × 4 块，ViT-Ti/16 是 14 × 14 块。红框跟着第 9 块（从 0 数）：三个通道各自逐行展平，首尾相接成一行 768 个数；这一行是矩阵 (N, 768) 的第 9 行，乘 E (768, D) 再加 b，成为 D 个数的 token；N 个 token 叠成 (N, D)，前面放上类别 token，成为 (N + 1, D)，再加上各自的位置，就是编码器的输入。",
    "en": "A picture (3, 224, 224) is cut into patches, row by row and left to right: drawn with 4 x 4 of them, where ViT-Ti/16 has 14 x 14. A red frame follows patch 9, counted from 0: its three channels are flattened row by row and laid end to end, a row of 768 numbers. It is row 9 of the matrix (N, 768), which times E (768, D) plus b gives tokens of D numbers, (N, D). The class token goes in front, (N + 1, D), each row's position is added, and that is the encoder's input.",
}
ALT["positions"] = {
    "zh": "换分辨率时的位置：学到的 (1, 1 + 14 × 14, D) 中，类别 token 的位置原样保留；其余排成 14 × 14 的网格（画成 4 × 4），每个通道当作一张图，用双三次插值放大到 24 × 24（画成 6 × 6），再展平成 (1, 1 + 24 × 24, D)。红框里的一个新位置是 16 个旧位置的加权和，权重写在旧网格里，和为 1。",
    "en": "Positions at another resolution. Of the learned ones, (1, 1 + 14 x 14, D), the class token's is carried over untouched. The others are laid out as a 14 x 14 grid (drawn as 4 x 4), each channel is enlarged like a picture, bicubic, to 24 x 24 (drawn as 6 x 6), and flattened to (1, 1 + 24 x 24, D). A new position, framed in red, is a weighted sum of the 16 old ones; the weights stand in the old grid and sum to 1.",
}
ALT["block"] = {
    "zh": "两种编码器层。左，pre-norm（ViT）：x = x + MSA(LN(x))，x = x + MLP(LN(x))，LN 在分支里，残差连接从输入到输出没有中断。右，post-norm（2017 年的 Transformer）：x = LN(x + MSA(x))，x = LN(x + MLP(x))，每次相加之后残差连接都要穿过一个 LN。MLP 打开看：Dense D → 4D，GELU，Dense 4D → D。",
    "en": "Two encoder blocks. Left, pre-norm (ViT): x = x + MSA(LN(x)), x = x + MLP(LN(x)); the norms are inside the branches and the skip connection is unbroken from input to output. Right, post-norm (the Transformer of 2017): x = LN(x + MSA(x)), x = LN(x + MLP(x)); after every sum the skip connection goes through an LN. The MLP opened: Dense D to 4D, GELU, Dense 4D to D.",
}
ALT["shapes"] = {
    "zh": "ViT-Ti/16 每一步的形状和参数量：图片 (B, 3, 224, 224)；图像块 (B, 196, 768)；Dense 之后 (B, 196, 192)，147,648 个参数；加类别 token (B, 197, 192)，192 个；加位置，37,824 个；12 个编码器层，5,338,368 个；归一化，384 个；取类别 token (B, 192)；分类头 (B, 1000)，193,000 个；一共 5,717,416 个。一个编码器层打开看：q、k、v 各 (B, 3, 197, 64)，注意力权重 (B, 3, 197, 197)，MLP 中间 (B, 197, 768)，一层 444,864 个参数。",
    "en": "Shapes and parameters of each step of ViT-Ti/16: pictures (B, 3, 224, 224); patches (B, 196, 768); after Dense (B, 196, 192), 147,648 parameters; with the class token (B, 197, 192), 192; positions, 37,824; 12 encoder blocks, 5,338,368; norm, 384; the class token taken (B, 192); head (B, 1000), 193,000; 5,717,416 in all. A block opened: q, k and v (B, 3, 197, 64) each, attention weights (B, 3, 197, 197), the middle of the MLP (B, 197, 768), 444,864 parameters.",
}
ALT["training_step"] = {
    "zh": "训练的一步是一个循环：一批图片和标签；① 前向，得到 logits (B, K)；② 损失，交叉熵；③ 反向，每个参数一个梯度；④ 按全局范数裁剪梯度；⑤ AdamW 用第 t 步的学习率更新，参数原地改变，下一步用新的参数。虚线框内从前向到更新是一张计算图，第一次调用时编译；框外是数据、训练前算好的学习率（预热和余弦）、记进日志的损失，以及取下一批的 Python 循环。",
    "en": "A training step is a cycle: a batch of pictures and labels; 1 forward, which gives logits (B, K); 2 loss, cross entropy; 3 backward, a gradient for each parameter; 4 clipping by the global norm; 5 the AdamW update with the learning rate of step t, which changes the parameters in place for the next step. A dashed frame from forward to update is one graph, compiled at the first call. Outside it are the data, the learning rates computed beforehand (warm-up and cosine), the loss that goes to the log, and the Python loop that fetches the next batch.",
}
ALT["schedule"] = {
    "zh": "学习率随步数的曲线：前 10 % 的步是预热，从峰值 / W 沿直线升到峰值，峰值 × (t + 1) / W；然后沿半个余弦降到 0，峰值 × ½ (1 + cos(π (t − W) / (S − W)))，在第 (W + S) / 2 步正好是峰值的一半。",
    "en": "The learning rate over the steps: in the first 10 % of them, the warm-up, a straight line from peak / W up to the peak, peak × (t + 1) / W; then half a cosine down to 0, peak × ½ (1 + cos(π (t − W) / (S − W))), which is half the peak at step (W + S) / 2.",
}
ALT["fields"] = {
    "zh": "上：11 × 11 的格子，红框是中间的一个位置。3 × 3 卷积一层之后它由 3 × 3 个像素决定，两层 5 × 5，三层 7 × 7；自注意力的一层之后，它由全部位置决定。下：平移等变，一张小图先右移 2、下移 1 再卷积，和先卷积再移动，得到同一张特征图。",
    "en": "Above: grids of 11 x 11 places with a red frame around the middle one. After one 3 x 3 convolution it is decided by 3 x 3 pixels, after two by 5 x 5, after three by 7 x 7; after one block of self-attention by all places. Below, translation equivariance: a small picture moved by 2 to the right and 1 down and then convolved gives the same map as the picture convolved and then moved.",
}
ALT["after"] = {
    "zh": "ViT 之后的六个想法，各一格。DeiT：多一个 token，学老师（CNN）的答案。MAE：遮住 16 块里的 12 块，只编码剩下的 4 个 token，再把整张图补出来。DINO：一张图的两个视角分别给老师和学生，答案要一致，老师是学生的慢速平均。Swin：8 × 8 的 token 分成 4 × 4 的窗口，只在窗口里做注意力，下一层把窗口错开两格。CLIP：四张图和四句话两两比较，4 × 4 的表里对角线要大。寄存器：序列末尾多四个 token，编码器之后丢掉。",
    "en": "Six ideas after ViT, a panel each. DeiT: one more token, which learns a teacher's answer, a CNN's. MAE: 12 of 16 patches are hidden, only the 4 tokens left are encoded, and the picture is filled in. DINO: two views of a picture go to teacher and student, whose answers should be equal; the teacher is a slow mean of the student. Swin: 8 x 8 tokens in windows of 4 x 4, attention within each; the next layer shifts the windows by two. CLIP: four pictures against four captions, and the diagonal of the 4 x 4 table should win. Registers: four more tokens at the end of the sequence, dropped after the encoder.",
}


def alt(name: str, language: str) -> str:
    """What the drawing shows, in words."""
    return ALT[name][language]
