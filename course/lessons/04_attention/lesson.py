# %% [markdown] lang="zh" slide="slide" section="A"
# # 04 · 自注意力：让每个 token 看见其他 token
#
# 一张猫的照片被切成了 196 个图像块（patch）。有的块里只有胡须，有的只有背景。胡须那一块怎么知道旁边是一只耳朵？
#
# ![ViT 全图，亮的部分是本课要写的自注意力](../../course/figures/map_attention.zh.svg)
#
# 靠**自注意力**（self-attention）。本课先徒手算三个 token，再把循环改写成矩阵乘法，然后**由你写出 `Attention` 类**，装进一个训练好的 ViT，看它的预测变不变。
#
# ![左：一张画；其余：训练好的小 ViT 里，以红框块为查询，三个注意力头的权重](../../course/lessons/04_attention/figures/opening.zh.png)
#
# *终点的样子：训练好的小 ViT 里，以红框块为查询，三个注意力头看的地方各不相同。C 节会画出这张图。*
#
# **需要**：Python、矩阵乘法（C·7 另用到方差和求导，可跳过）；可单独运行。**三节**：A 徒手算与矩阵写法，B 你的 `Attention`，C 验证、解释与排错。每节阅读不超过 15 分钟（练习另计），运行时间见 `notebooks/TIMINGS.md`。
# %% [markdown] lang="en" slide="slide" section="A"
# # 04 · Self-attention: every token sees the others
#
# A photograph of a cat has been cut into 196 patches. One holds whiskers, another nothing but background. How does the patch with the whiskers find out that there is an ear next to it?
#
# ![Map of the whole ViT; the lit part is self-attention, which this lesson builds](../../course/figures/map_attention.en.svg)
#
# By **self-attention**. In this lesson you work out three tokens by hand, turn the loops into matrix products, and then **write the class `Attention`**, put it into a trained ViT and see whether its answers stay the same.
#
# ![Left: a drawing; then the attention of three heads of a trained small ViT, seen from one patch (red frame)](../../course/lessons/04_attention/figures/opening.en.png)
#
# *Where we end: in a trained small ViT, three heads look from the same patch (red frame) at different places. Section C draws this figure.*
#
# **You need** Python and matrix products (C·7 also variance and derivatives; it may be skipped); the lesson runs alone. **Three sections**: A by hand and as matrices, B your `Attention`, C tests, reasons, debugging. Each takes at most 15 minutes to read, not counting exercises; running times are in `notebooks/TIMINGS.md`.
# %%
import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, checkin, explore, hint, investigate, signature

begin("04")
# %% [markdown] lang="zh" note=true
# 三节，每节约 30 分钟（含练习）。最容易卡住的是 A 节 softmax 的轴和 B 节的拆头。A 节先让学员在纸上算三个权重再运行；B 节把“拆头”那张图投出来，请一位学员指出 (n2, c4) 换轴后在哪里。C 节运行“√d”之前先举手表决。
# %% [markdown] lang="en" note=true
# Three sections of about 30 minutes each, exercises included. Learners get stuck at the axis of softmax (A) and at splitting into heads (B). In A, let them work out the three weights on paper first. In B, project the figure of the heads and ask somebody where (n2, c4) goes. In C, have a show of hands before running the cell on √d.
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 三个 token，徒手算
#
# 一个 token 是一个向量。它提出一个**查询**（query）$q$，和每个 token 的**键**（key）$k$ 比较，再按相似程度取各 token 的**值**（value）$v$ 的加权平均：
#
# $$w_j = \frac{e^{\,q\cdot k_j/\sqrt{d}}}{\sum_m e^{\,q\cdot k_m/\sqrt{d}}},\qquad \text{out} = \sum_j w_j\, v_j$$
#
# 把分数变成和为 1 的正数，这一步叫 **softmax**。$d$ 是 $q$、$k$ 的长度（[Vaswani 等，2017](https://arxiv.org/abs/1706.03762)，式 1），除以 $\sqrt d$ 的道理在 C 节。先取 $d=4$，这样 $\sqrt{d}=2$，分数心算就行。想象三个图像块：两块天空、一块草地，查询来自“天空 1”。
#
# **先预测**：三个权重里，草地的会是 0 吗？
# %% [markdown] lang="en" slide="slide"
# ## A · 1. Three tokens, by hand
#
# A token is a vector. It asks with a **query** $q$, compares it with the **key** $k$ of every token, and takes the mean of all **values** $v$, weighted by how well query and key match:
#
# $$w_j = \frac{e^{\,q\cdot k_j/\sqrt{d}}}{\sum_m e^{\,q\cdot k_m/\sqrt{d}}},\qquad \text{out} = \sum_j w_j\, v_j$$
#
# Turning scores into positive numbers with sum 1 is called **softmax**. $d$ is the length of $q$ and $k$ ([Vaswani et al., 2017](https://arxiv.org/abs/1706.03762), equation 1); section C says why scores are divided by $\sqrt d$. We begin with $d=4$, so $\sqrt{d}=2$ and the scores can be done in your head. Imagine three patches, two of sky and one of grass; the query comes from "sky 1".
#
# **Predict first**: will the weight of the grass be 0?
# %% values="score1 = 天空 1：分数 # ¦ sky 1: score #; score2 = 天空 2：分数 # ¦ sky 2: score #; score3 = 草地：分数 # ¦ grass: score #; weight1 = 天空 1：分数 ~ -> 权重 # ¦ sky 1: score ~ -> weight #; weight2 = 天空 2：分数 ~ -> 权重 # ¦ sky 2: score ~ -> weight #; weight3 = 草地：分数 ~ -> 权重 # ¦ grass: score ~ -> weight #; blue = [# ; green = [~ #]"
names = [T("天空 1", "sky 1"), T("天空 2", "sky 2"), T("草地", "grass")]
q = np.array([2, 0, 1, 0], np.float32)  # (d,)，“天空 1”的查询 ¦ (d,), what "sky 1" asks
K = np.array(
    [[2, 0, 1, 0], [2, 0, 0, 1], [0, 2, 0, 0]], np.float32
)  # (N, d)，各 token 的键 ¦ (N, d), what each is found by
V = np.array([[0.9, 0.1], [0.7, 0.1], [0.0, 0.8]], np.float32)  # (N, 2)，多蓝、多绿 ¦ (N, 2), how blue, how green

scores = [float(q @ k) / 2 for k in K]  # q·k / √4
powers = [np.exp(s) for s in scores]
weights_by_hand = [p / sum(powers) for p in powers]
for name, s, w in zip(names, scores, weights_by_hand, strict=True):
    print(T(f"{name}：分数 {s:.1f} -> 权重 {w:.3f}", f"{name}: score {s:.1f} -> weight {w:.3f}"))
print(T("输出：", "out:"), sum(w * v for w, v in zip(weights_by_hand, V, strict=True)).round(3))


# %% [markdown] lang="zh"
# 分数是 {{score1}}、{{score2}}、{{score3}}，softmax 给出 `{{weight1}} + {{weight2}} + {{weight3}}`。输出是“{{blue:.2f}} 的蓝、{{green:.2f}} 的绿”：主要来自两块天空，草地只占 {{weight3:.0%}}。
#
# 注意两点。分数为 0 的 token，权重**不是** 0；权重只取决于分数之**差**，给所有分数加同一个数，结果不变。
# %% [markdown] lang="en"
# The scores are {{score1}}, {{score2}} and {{score3}}; softmax makes them `{{weight1}} + {{weight2}} + {{weight3}}`. The output, "{{blue:.2f}} blue, {{green:.2f}} green", comes mostly from the two sky patches; the grass has a share of {{weight3:.0%}}.
#
# Note two things. A token with score 0 does **not** get weight 0; and only the **differences** between scores matter: the same number added to all of them changes nothing.
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. 从循环到矩阵乘法
#
# 每个 token 既是查询的一方，也是被查询的一方。全部 $N$ 个查询叠成矩阵 $Q$（图左边的 $x$ 和三个矩阵 $W$ 在 B 节，先看右半）：
#
# ![从 token 到 Q、K、V，再到分数、权重和输出，以其中一行为例](../../course/figures/qkv.zh.svg)
#
# | 量 | 形状 |
# |---|---|
# | $Q, K, V$ | $(N, d)$ |
# | 分数 $QK^\top/\sqrt d$ | $(N, N)$：第 $i$ 行是第 $i$ 个 token 的提问 |
# | 权重 | $(N, N)$：**每一行**之和为 1 |
# | 输出 | $(N, d)$ |
#
# 值的长度可以和 $d$ 不同（上面是 2），在 ViT 里取相同。先写循环版，它慢，但不容易写错；之后拿它检验矩阵版。
# %% [markdown] lang="en" slide="slide"
# ## A · 2. From loops to matrix products
#
# Every token asks, and every token is asked. All $N$ queries stacked make the matrix $Q$ (leave the $x$ and the three matrices $W$ on the left of the drawing for section B):
#
# ![From tokens to Q, K, V, to scores, weights and output; one row is followed in colour](../../course/figures/qkv.en.svg)
#
# | what | shape |
# |---|---|
# | $Q, K, V$ | $(N, d)$ |
# | scores $QK^\top/\sqrt d$ | $(N, N)$: row $i$ is what token $i$ asks |
# | weights | $(N, N)$: **each row** sums to 1 |
# | output | $(N, d)$ |
#
# (Values may have another length than $d$, 2 above; in ViT it is the same.) Loops first: slow, but hard to get wrong. We then check the matrix version against them.
# %%
def attention_loops(Q, K, V):
    N, d = Q.shape
    out = np.zeros_like(V)  # (N, d)
    for i in range(N):  # 第 i 个 token 提问 ¦ token i asks
        scores = [sum(Q[i, c] * K[j, c] for c in range(d)) / d**0.5 for j in range(N)]
        powers = [np.exp(s) for s in scores]
        for j in range(N):  # 从第 j 个 token 取一份 ¦ and takes a share of token j
            out[i] += powers[j] / sum(powers) * V[j]
    return out  # (N, d)


rng = np.random.default_rng(0)
Q5, K5, V5 = rng.normal(size=(3, 5, 4)).astype(np.float32)  # 三个 (N=5, d=4) ¦ three times (N=5, d=4)
print(attention_loops(Q5, K5, V5).shape)


# %%
def softmax(x, axis=-1):
    # 先减去最大值：exp(1000) 会溢出，而平移不改变结果 ¦ minus the largest: exp(1000) would be infinite, and a shift changes nothing
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def attention_matrix(Q, K, V):
    scores = Q @ K.T / Q.shape[-1] ** 0.5  # (N, N)
    return softmax(scores) @ V  # (N, N) @ (N, d) -> (N, d)


difference_loops = np.abs(attention_matrix(Q5, K5, V5) - attention_loops(Q5, K5, V5)).max()
print(T(f"循环与矩阵最多相差 {difference_loops:.1e}", f"loops and matrices differ by at most {difference_loops:.1e}"))
assert difference_loops < 1e-5
# %% [markdown] lang="zh" exercise="04.1" slide="subslide"
# ### 练习 04.1 · 一行注意力（★，5 分钟）
#
# 用第 1 步的 `K`（形状 `(3, 4)`），算出“草地”提问时的三个权重：查询是 `grass_q`，不许用循环。结果放进 `grass_weights`，形状 `(3,)`。现在的占位值让三个 token 平分，换掉它。
# %% [markdown] lang="en" exercise="04.1" slide="subslide"
# ### Exercise 04.1 · One row of attention (★, 5 minutes)
#
# With `K` of step 1, shape `(3, 4)`, work out the three weights when "grass" asks: the query is `grass_q`; no loops. Put the result into `grass_weights`, shape `(3,)`. The placeholder gives each token the same share; replace it.
# %% exercise="04.1"
grass_q = np.array([1, 2, 0, -1], np.float32)  # (d,)
grass_weights = np.full(3, 1 / 3)  # (N,)，轮到你了 ¦ (N,), your turn
# %%
check("04.1", grass_weights)


# hint("04.1")
# %% [markdown] lang="zh" exercise="04.2" slide="subslide"
# ### 练习 04.2 · 一批图像（★★，8 分钟）
#
# 真正的输入带有批维度：`Q, K, V` 都是 `(B, N, d)`。写出 `batched_attention`，返回 `(B, N, d)`，每张图各算各的，不许用循环。占位的代码原样返回 `V`。
# %% [markdown] lang="en" exercise="04.2" slide="subslide"
# ### Exercise 04.2 · A batch of images (★★, 8 minutes)
#
# Real input has a batch axis: `Q, K, V` are `(B, N, d)`. Write `batched_attention`, which returns `(B, N, d)`, every image by itself, without loops. The placeholder returns `V` as it is.
# %% exercise="04.2"
def batched_attention(Q, K, V):
    return V  # (B, N, d)，轮到你了 ¦ (B, N, d), your turn


# %%
q_batch, k_batch, v_batch = np.random.default_rng(1).normal(size=(3, 2, 5, 4))  # (B=2, N=5, d=4)
check("04.2", batched_attention(q_batch, k_batch, v_batch))
# hint("04.2")
# %% [markdown] lang="zh"
# **A 节打卡**：汇总两道练习，再给你一道只属于你的小题；算出后写成 `checkin("A", answer=数值)` 再运行一次。（还没报过名？先在新单元格里运行 `from course import join; join()`。）
# %% [markdown] lang="en"
# **Check-in for section A**: it sums up both exercises and poses a question made for you; work it out and run `checkin("A", answer=number)`. (Not joined yet? Run `from course import join; join()` in a new cell first.)
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 3. 查询、键、值从哪里来
#
# 到此为止 $Q, K, V$ 都是给定的。在网络里，三者都由**同一串** token $x$ 乘以可学习的矩阵得到，所以叫**自**注意力（偏置略去不写）：
#
# $$[q, k, v] = x\,W_{qkv},\qquad W_{qkv}\in\mathbb{R}^{D\times 3D}$$
#
# （[Dosovitskiy 等，2021](https://arxiv.org/abs/2010.11929)，附录 A 式 5，那里写的是一个头。）三个矩阵合成一个 `Dense`，一次乘完。比较用的 $W_q, W_k$ 与取信息用的 $W_v$ 分开学：**“看谁”和“拿什么”是两回事**。
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 3. Where queries, keys and values come from
#
# So far $Q, K, V$ were given. In a network all three are made from the **same** tokens $x$ by learned matrices, hence **self**-attention (biases left out):
#
# $$[q, k, v] = x\,W_{qkv},\qquad W_{qkv}\in\mathbb{R}^{D\times 3D}$$
#
# ([Dosovitskiy et al., 2021](https://arxiv.org/abs/2010.11929), appendix A, equation 5, there for a single head.) One `Dense` layer holds all three matrices, so one product suffices. $W_q, W_k$, which compare, and $W_v$, which fetches, are learned separately: **whom to look at and what to take are two questions**.
# %%
x = ms.Tensor(rng.normal(size=(2, 5, 12)).astype(np.float32))  # (B=2, N=5, D=12)
dense = nn.Dense(12, 3 * 12)
print(
    T("输入、参数矩阵、输出的形状：", "shapes of input, weight and output:"),
    x.shape,
    dense.weight.shape,
    dense(x).shape,
)


# %% [markdown] lang="zh"
# `nn.Dense` 就是 $xW^\top+b$，参数矩阵按“输出 × 输入”存放，和 timm（PyTorch 的视觉模型库，本课程的公开权重来自它）发布的一致。
#
# 网络的部件在 MindSpore 里是 `nn.Cell` 的子类：`__init__` 准备参数，`construct` 做计算（相当于 PyTorch 的 `Module` 和 `forward`）。看一个最小的例子，它把 token 乘上一个学来的矩阵，再随机把一些元素置零（dropout，只在训练时起作用，留下的乘以 $1/(1-p)$）：
# %% [markdown] lang="en"
# `nn.Dense` is $xW^\top+b$; its weight is stored as output × input, as in the weights published by timm (the PyTorch library of vision models that this course's weights come from).
#
# Parts of a network are subclasses of `nn.Cell` in MindSpore: `__init__` prepares the parameters, `construct` computes (PyTorch's `Module` and `forward`). The smallest example multiplies tokens with a learned matrix and then drops some numbers at random (dropout: in training only; what survives is multiplied by $1/(1-p)$):
# %%
class Smallest(nn.Cell):
    def __init__(self, width, drop_rate=0.0):
        super().__init__()
        self.fc = nn.Dense(
            width, width
        )  # 参数名成为 fc.weight、fc.bias ¦ its parameters are called fc.weight and fc.bias
        self.drop = nn.Dropout(p=drop_rate)

    def construct(self, x):
        return self.drop(self.fc(x))  # (B, N, width)


smallest = Smallest(12, drop_rate=0.5)
print({parameter.name: parameter.shape for parameter in smallest.get_parameters()})
print(
    T("训练时置零的比例：", "share of zeros in training:"),
    float((smallest.set_train(True)(x) == 0).astype(ms.float32).mean()),
)
print(T("评估时：", "in evaluation:"), float((smallest.set_train(False)(x) == 0).astype(ms.float32).mean()))


# %% [markdown] lang="zh" slide="slide"
# ## B · 4. 多头：同时看几个地方
#
# 一个 token 的注意力权重是一行和为 1 的数：一个 token 若想“一半看左边的轮廓、一半看同色的块”，只能把两者混在一起。**多头**（multi-head）把宽度 $D$ 分成 $h$ 份，每份 $d=D/h$，各做各的注意力，再并排拼回去，最后乘一个 $D\times D$ 的矩阵 `proj`，让各头的结果混合。第 $k$ 个头拿第 $kd$ 到 $(k+1)d-1$ 个通道。
#
# 用循环写，一个头接一个头：
# %% [markdown] lang="en" slide="slide"
# ## B · 4. Several heads: looking at several places at once
#
# The attention weights of a token are one row that sums to 1: a token that wants half of its attention on an outline and half on patches of its own colour can only mix the two. **Multi-head** attention shares the width $D$ among $h$ heads of $d=D/h$ each, lets each attend by itself, puts the results side by side and mixes them by a last $D\times D$ matrix, `proj`. Head $k$ gets channels $kd$ to $(k+1)d-1$.
#
# As a loop, one head after the other:
# %%
def heads_by_loops(x, W, b, W_proj, b_proj, h):
    """x (N, D) -> (N, D)"""
    D = x.shape[1]
    d = D // h
    qkv = x @ W.T + b  # (N, 3D)
    Q, K, V = qkv[:, :D], qkv[:, D : 2 * D], qkv[:, 2 * D :]  # (N, D)
    outs = []
    for k in range(h):
        mine = slice(k * d, (k + 1) * d)  # 第 k 个头的通道 ¦ the channels of head k
        outs.append(attention_matrix(Q[:, mine], K[:, mine], V[:, mine]))  # (N, d)
    return np.concatenate(outs, axis=1) @ W_proj.T + b_proj  # (N, D)


# %% [markdown] lang="zh" slide="subslide"
# 循环要启动许多小算子，通常更慢；所有的头要**一次**算完。难点只在形状变换：先把最后一个轴拆成 $(h, d)$，再把头换到前面。
#
# ![把通道分给各头再合并，每个数都写着它来自哪个 token、哪个通道；直接 reshape 得到的形状对，数是错的](../../course/figures/heads.zh.svg)
#
# 为什么不能直接 `reshape` 成 `(h, N, d)`？因为 `reshape` 保持各数逐行的顺序，只是换一种切法：
# %% [markdown] lang="en" slide="subslide"
# A loop launches many small operations, which is usually slower, so all heads are computed **at once**. The only difficulty is the shapes: the last axis is split into $(h, d)$, then the heads move to the front.
#
# ![Sharing channels among heads and merging them again; every number says which token and channel it comes from. A bare reshape gives the right shape and wrong numbers](../../course/figures/heads.en.svg)
#
# Why not `reshape` to `(h, N, d)` at once? Because `reshape` keeps the row-by-row order of the numbers and only cuts it up differently:
# %%
tokens = np.array([[10 * n + c for c in range(6)] for n in range(4)])  # (N=4, D=6)
print(
    T("每行一个 token（十位是 token，个位是通道）", "one row for each token (tens: token, ones: channel)"),
    tokens,
    sep="\n",
)
print(T("直接 reshape，“头 0”里是：", "after a bare reshape, 'head 0' holds:"), tokens.reshape(2, 4, 3)[0], sep="\n")


# %% [markdown] lang="zh" exercise="04.3" slide="subslide"
# ### 练习 04.3 · 写出 `Attention`（★★★，20 分钟）
#
# 你的 ViT 的第一个大部件。签名已经给好，和 `vit` 包里的一样，所以它能放进本课程的任何一个 ViT：
#
# - 两个子层：`qkv`（`Dense`，$D\to 3D$，`has_bias=qkv_bias`；这 $3D$ 个数先分 q、k、v，再分头，再分通道）和 `proj`（`Dense`，$D\to D$），timm 发布的权重就叫这两个名字；
# - `attn_drop_rate`：注意力权重（softmax 之后）上的 dropout；`drop_rate`：输出上的 dropout；
# - `construct`：`x (B, N, D)` → `(B, N, D)`，用 `ops` 和 `nn`，不用 numpy。逐头循环也能通过检查，只是慢。`ops.softmax`、`ops.matmul`（或 `@`）、`reshape`、`transpose` 够用了。
#
# 检查会用固定的数填满参数，先逐行执行（动态图）、再编译（静态图），和标准答案比较；常见的错会说出是哪一种，认不出的会告诉你只有一个头时对不对。通过的类存进 `outputs/my_vit/attention.py`，第 05 到 07 课用它。
# %% [markdown] lang="en" exercise="04.3" slide="subslide"
# ### Exercise 04.3 · Write `Attention` (★★★, 20 minutes)
#
# The first large part of your ViT. The signature is given; it is that of the package `vit`, so your class fits into any ViT of this course:
#
# - two layers: `qkv` (`Dense`, $D\to 3D$, `has_bias=qkv_bias`; the $3D$ numbers are ordered by q, k, v, then head, then channel) and `proj` (`Dense`, $D\to D$), as timm's published weights call them;
# - `attn_drop_rate`: dropout on the attention weights, after softmax; `drop_rate`: dropout on the output;
# - `construct`: `x (B, N, D)` → `(B, N, D)`, with `ops` and `nn`, no numpy. A loop over heads passes the check, too, but is slow. `ops.softmax`, `ops.matmul` (or `@`), `reshape` and `transpose` are enough.
#
# The check fills the parameters with fixed numbers, runs the class eagerly (PyNative) and compiled (graph mode), compares, and names common mistakes; of others it says whether your class is right with a single head. A class that passes is kept in `outputs/my_vit/attention.py`; lessons 05 to 07 use it.
# %% exercise="04.3"
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        # 轮到你了：qkv、proj 和两个 dropout ¦ your turn: qkv, proj and two dropouts

    def construct(self, x):
        return x  # (B, N, D)，轮到你了 ¦ (B, N, D), your turn


# %%
Attention = check("04.3", Attention)
# hint("04.3")
# %% [markdown] lang="zh" slide="slide"
# ## B · 5. 和循环对照
#
# 下面的 `Attention` 是你的（通过之后），否则是包里的。拿逐头的循环来检验它：
# %% [markdown] lang="en" slide="slide"
# ## B · 5. Checked against the loops
#
# From here on `Attention` is yours once it has passed, else the package's. We check it against the loop over heads:
# %%
layer = Attention(12, num_heads=3).set_train(False)
arrays = {parameter.name: parameter.asnumpy() for parameter in layer.get_parameters()}
loops = [
    heads_by_loops(image, arrays["qkv.weight"], arrays["qkv.bias"], arrays["proj.weight"], arrays["proj.bias"], h=3)
    for image in x.asnumpy()
]
difference = np.abs(layer(x).asnumpy() - np.stack(loops)).max()
assert difference < 1e-4
signature(
    T(
        f"Attention 与逐头循环最多相差 {difference:.1e}",
        f"Attention and the loop over heads differ by at most {difference:.1e}",
    )
)
# %% [markdown] lang="zh"
# 写完之后，再展开看包里的写法。有什么和你的不同？它先缩放 `q` 再做点积：结果一样，$N>d$ 时乘法次数更少；取 q、k、v 用 `ops.unstack`，一次拆成三份，和 `qkv[0]`、`qkv[1]`、`qkv[2]` 是一回事。
# %% [markdown] lang="en"
# With yours written, unfold the package's. What differs from yours? It scales `q` instead of the scores: same result, fewer multiplications when $N>d$; and `ops.unstack` takes q, k and v apart at once, where `qkv[0]`, `qkv[1]`, `qkv[2]` would give the same.
# %% show="vit.attention:Attention" folded=true
# %% [markdown] lang="zh"
# **B 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section B**:
# %%
checkin("B")
# %% [markdown] lang="zh" slide="slide" section="C"
# ## C · 6. 装进训练好的 ViT
#
# 取课程自带的小 ViT（6 层、3 个头、8×8 个图像块），把它每一层的注意力换成 `Attention`，参数照搬，看它对几张没见过的画的预测变不变：
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 6. Into a trained ViT
#
# We take the small ViT that comes with the course (6 layers, 3 heads, 8×8 patches), replace the attention of every layer by `Attention`, carry the weights over, and compare its answers to drawings it has never seen:
# %%
import vit
from vit.data.pipeline import preprocess
from vit.data.sample.dataset import picture
from vit.inside import record

model = vit.create_model("vit_sample_patch8_64", weights="vit_sample_patch8_64")
drawings = [np.asarray(picture("infer", thing=thing, number=1)[0]) for thing in range(4)]  # (H, W, 3)
batch = ms.Tensor(np.stack([preprocess(one, model.preprocessing) for one in drawings]))  # (4, 3, 64, 64)
pixels = np.asarray(picture("infer", thing=4, number=1)[0])
inside = record(model, ms.Tensor(preprocess(pixels, model.preprocessing)[None]))
before = model.set_train(False)(batch).asnumpy()  # (4, 10)
# %%
for block in model.blocks:
    theirs = {parameter.name.split("attn.")[-1]: parameter for parameter in block.attn.get_parameters()}
    mine = Attention(model.config.embed_dim, model.config.num_heads)
    for parameter in mine.get_parameters():
        parameter.set_data(theirs[parameter.name])
    block.attn = mine.set_train(False)
after = model(batch).asnumpy()
print(T("装进去的类：", "the class inside:"), Attention.__module__)
print(
    T(
        f"logits 最多相差 {np.abs(after - before).max():.1e}",
        f"logits differ by at most {np.abs(after - before).max():.1e}",
    )
)
print(T("预测不变的画：", "drawings with the same answer:"), int((after.argmax(1) == before.argmax(1)).sum()), "/ 4")


# %% [markdown] lang="zh"
# 如果装进去的是 `vit.attention`，那是包里的类换成它自己，差必然是 0；写出你的再运行，才是检验。
#
# 换掉之前，`record` 已经读出了每一层的注意力权重，形状 `(B, h, 1+N, 1+N)`。多出的 1 是类别 token，排在第 0 行、第 0 列（这个小模型最后用各块的平均分类，不靠它；ViT-Ti 等靠它）。从红框那一块出发，三个头各把权重给了谁？
# %% [markdown] lang="en"
# If the class inside is that of `vit.attention`, the package's was exchanged for itself and the difference must be 0; it is a test once yours is in.
#
# Before the exchange `record` had read the attention weights of every layer, `(B, h, 1+N, 1+N)`. The extra 1 is the class token, row 0 and column 0 (this small model classifies by the mean of the patches and does not need it; ViT-Ti and others do). From the framed patch, to whom does each head give its weight?
# %%
def look_from(patch, layer, axes):
    # 从 8×8 网格的一块（行, 列）看出去 ¦ what the heads see from one patch (row, column) of the 8 x 8 grid
    seen = inside[f"blocks.{layer}.attn.softmax"].asnumpy()[0]  # (h, 1+N, 1+N)
    for head, ax in enumerate(axes):
        row = seen[head, 1 + 8 * patch[0] + patch[1]]  # (1+N,)
        ax.imshow(
            row[1:].reshape(8, 8) ** 0.5, cmap="inferno", vmin=0
        )  # 开方，让小的也看得见 ¦ root, so that small ones show
        ax.add_patch(plt.Rectangle((patch[1] - 0.5, patch[0] - 0.5), 1, 1, fill=False, ec="red", lw=2))
        title = T(f"头 {head}，最大 {row[1:].max():.0%}", f"head {head}, largest {row[1:].max():.0%}")
        ax.set_title(title, fontsize=10)
        ax.axis("off")


small = preprocess(pixels, model.preprocessing).transpose(1, 2, 0) / 2 + 0.5  # (64, 64, 3)
# %% figure="opening"
figure, axes = plt.subplots(1, 4, figsize=(9, 2.5))
axes[0].imshow(small)
axes[0].add_patch(plt.Rectangle((31.5, 31.5), 8, 8, fill=False, ec="red", lw=2))
axes[0].set_title(T("模型看到的图", "as the model sees it"), fontsize=10)
axes[0].axis("off")
look_from((4, 4), layer=2, axes=axes[1:])
plt.show()
# %% [markdown] lang="zh"
# 亮处是权重大的块（亮度是权重的平方根，每格标度不同，最大的权重写在标题里）；分给类别 token 的权重不在图里。三个头的分布各不相同。别急着讲故事，说“这个头在找边缘”：这里只有一张图、一层、一个起点。换一换 `look_from` 里的块和 `layer`，看看说法是否还成立。第 09 课会用 200 张验证图来检验这种图说得准不准。
# %% [markdown] lang="en"
# Bright patches have large weights (brightness is the square root; each panel has its own scale, its largest weight is in the title); what goes to the class token is not drawn. Don't jump to a story ("this head looks for edges"): this is one picture, one layer, one starting point. Change the patch and the `layer` given to `look_from` and see whether the story stands. Lesson 09 scores such maps on 200 validation pictures.
# %% [markdown] lang="zh" slide="slide" optional=true
# ## C · 7. 为什么是 $\sqrt{d}$：去掉它看看
#
# 设 $q$、$k$ 的各分量相互独立，均值 0、方差 1。点积 $q\cdot k$ 是 $d$ 项之和，每项方差为 1，所以方差是 $d$，标准差是 $\sqrt d$。不缩放的话，$d$ 越大，分数差得越远，softmax 就越接近“赢者通吃”：一个权重约为 1，其余约为 0。
#
# Vaswani 等的 3.2.1 节由此推测：不缩放，softmax 会被推到梯度极小的区域。**先预测**：在 ViT 常用的 $d=64$，不缩放时传到 $q$ 的梯度比缩放时更小，还是更大？然后运行：取 200 组、每组 64 个查询和 64 个键，给注意力权重 $w$ 一个随机的梯度 $g$（当作从后面各层传来的），按 softmax 的导数 $\partial/\partial s_j = w_j\,(g_j-\sum_m w_m g_m)$ 算出分数的梯度，再传到 $q$，看它的范数。
# %% [markdown] lang="en" slide="slide" optional=true
# ## C · 7. Why $\sqrt{d}$: take it away and see
#
# Let the components of $q$ and $k$ be independent, with mean 0 and variance 1. The dot product $q\cdot k$ is a sum of $d$ terms of variance 1 each, so its variance is $d$, its standard deviation $\sqrt d$. Without scaling, the larger $d$ is, the further apart the scores, and softmax comes close to "winner takes all": one weight near 1, the others near 0.
#
# Section 3.2.1 of Vaswani et al. suspects that without scaling softmax is pushed to where its gradients are extremely small. **Predict first**: at ViT's usual $d=64$, is the gradient that reaches $q$ smaller or larger without scaling? Then run the cell: 200 groups of 64 queries and 64 keys; the attention weights $w$ receive a random gradient $g$ (as if from the layers behind), the derivative of softmax, $\partial/\partial s_j = w_j\,(g_j-\sum_m w_m g_m)$, gives that of the scores, and we measure the norm of what reaches $q$.
# %%
rows = []
for d in (4, 16, 64, 256, 1024):
    queries, keys = rng.normal(size=(2, 200, 64, d))  # (200, 64, d)
    dots = queries @ keys.swapaxes(-1, -2)  # (200, 64, 64)
    above = rng.normal(size=dots.shape)  # 权重收到的梯度 ¦ the gradient that the weights receive
    for scale in (1, d**0.5):
        w = softmax(dots / scale)
        to_scores = w * (above - (w * above).sum(-1, keepdims=True))  # softmax 的导数 ¦ the derivative of softmax
        to_q = np.linalg.norm(to_scores @ keys / scale, axis=-1)  # (200, 64)
        rows.append((d, scale, dots.std() / scale, w.max(-1).mean(), np.median(to_q), to_q.mean()))
print(
    T(
        "   d     除以  分数标准差  最大权重   q 的梯度：中位数    平均",
        "   d  divisor  std of scores  largest weight  gradient of q: median   mean",
    )
)
for d, scale, std, largest, median, mean in rows:
    print(f"{d:4} {scale:8.1f} {std:11.2f} {largest:12.3f} {median:18.5f} {mean:11.5f}")
# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 3), sharex=True)
d_values = [row[0] for row in rows[::2]]
labels = (T("不缩放", "not scaled"), T("除以 √d", "divided by √d"))
for offset, color in ((0, "#D55E00"), (1, "#0072B2")):
    axes[0].plot(d_values, [row[3] for row in rows[offset::2]], "o-", color=color, label=labels[offset])
    axes[1].plot(d_values, [row[4] for row in rows[offset::2]], "o-", color=color)
    axes[1].plot(d_values, [row[5] for row in rows[offset::2]], "--", color=color)
axes[0].set(xscale="log", xlabel="d", title=T("64 个权重中最大的（平均）", "largest of 64 weights (mean)"), ylim=(0, 1))
axes[1].set(
    xscale="log", yscale="log", xlabel="d", title=T("传到 q 的梯度（虚线：平均）", "gradient reaching q (dashed: mean)")
)
axes[0].set_xticks(d_values, d_values)
axes[0].minorticks_off()
axes[0].legend(frameon=False)
plt.show()


# %% [markdown] lang="zh"
# 表中“分数标准差”一列证实了推导：不缩放时约为 2、4、8、16、32，即 $\sqrt d$；缩放后约为 1。左图：不缩放时（橙），$d$ 变大，最大权重趋近 1；缩放后（蓝）不随 $d$ 变化。
#
# 右图比那个推测有意思：不缩放时，梯度先**变大**（它没有除以 $\sqrt d$），到 $d$ 很大、多数查询都饱和（一个权重几乎是 1）以后才骤降；在 $d=64$ 处它并没有消失，而是更大。可这只是**中位数**：平均（虚线）一直在涨。也就是说 $d$ 很大时，多数查询几乎收不到梯度，少数查询收到很大的。缩放后，中位数和平均都几乎不变。所以对这样的 $q$、$k$，除以 $\sqrt d$ 的作用是：**让 softmax 和它的梯度几乎都与 $d$ 无关**。ViT-Ti、S、B、L 的每个头都是 $d=64$，除以 8（上面的小 ViT 是 32）。
# %% [markdown] lang="en"
# The column "std of scores" confirms the argument: not scaled, it is about 2, 4, 8, 16, 32, which is $\sqrt d$; scaled, about 1. On the left, not scaled (orange), the largest weight goes to 1 as $d$ grows; scaled (blue), it does not depend on $d$.
#
# The right plot is subtler than that. Not scaled, the gradient first **grows** (it is not divided by $\sqrt d$) and collapses only when $d$ is so large that most queries are saturated; at $d=64$ it has not vanished, it is larger. But that is the **median**: the mean (dashed) keeps growing. At large $d$ most queries receive almost nothing and a few receive a great deal. Scaled, median and mean hardly change. So dividing by $\sqrt d$ makes **softmax and its gradient nearly independent of $d$** for such $q$ and $k$. In ViT-Ti, S, B and L each head has $d=64$; they divide by 8 (the small ViT above has 32).
# %% [markdown] lang="zh" exercise="04.4" slide="subslide"
# ### 练习 04.4 · 找出毛病（★★★，12 分钟）
#
# 四个黑盒都是写坏了的 `Attention`，各有一处错，参数与正确的完全相同。看不到源码，只能做试验。下面的表是与正确实现的最大差：3 个头、1 个头、12 个头（这时 $d=1$）、只有一个 token；小于 1e-5 就算没有差别。最后一列不比正确实现，只比盒子自己：打乱 token 后的输出，与原输出按同样顺序打乱后的差。
#
# 四种错：**A** q、k 互换；**B** 没有除以 $\sqrt d$；**C** 最后没有经过 `proj`；**D** 拆头时直接 `reshape`。
#
# 把盒 0 到盒 3 的错依次写进 `diagnosis`，四个字母，例如 `"ABCD"`。四种错各占一盒。想自己加试验：`box, sound = boxes("04.3", 2, embed_dim=12, num_heads=4)` 给出盒 2 和参数相同的正确的类（04.3 是写这个类的那道题）。
# %% [markdown] lang="en" exercise="04.4" slide="subslide"
# ### Exercise 04.4 · Find the bug (★★★, 12 minutes)
#
# Four black boxes are broken versions of `Attention`, one fault each, with exactly the parameters of the right one. The table says by how much each differs from the right one: with 3 heads, with 1, with 12 (so $d=1$), with a single token; below 1e-5 counts as no difference. The last column looks at the box alone: with shuffled tokens, do its outputs merely move along?
#
# The faults: **A** q and k exchanged; **B** not divided by $\sqrt d$; **C** `proj` left out; **D** heads split by a bare `reshape`.
#
# Write the faults of box 0 to box 3 into `diagnosis`, four letters, for instance `"ABCD"`. Each fault is in one box. To try more: `box, sound = boxes("04.3", 2, embed_dim=12, num_heads=4)` gives box 2 and the right class, with the same parameters (04.3 is the exercise that asks for the class).
# %%
from course.learner.broken import boxes

shuffled = [3, 0, 4, 1, 2]
print(T("      3 个头   1 个头    d = 1  1 个 token  打乱", "      3 heads  1 head    d = 1  1 token    shuffled"))
for number in range(4):
    gaps = []
    for heads, tokens_used in ((3, 5), (1, 5), (12, 5), (3, 1)):
        box, sound = boxes("04.3", number, embed_dim=12, num_heads=heads)
        gaps.append(np.abs((box(x[:, :tokens_used]) - sound(x[:, :tokens_used])).asnumpy()).max())
    box, _ = boxes("04.3", number, embed_dim=12, num_heads=3)
    gaps.append(np.abs(box(x[:, shuffled]).asnumpy() - box(x).asnumpy()[:, shuffled]).max())
    print(T(f"盒 {number}", f"box {number}"), *(f"{gap:8.1e}" for gap in gaps), sep="  ")
# %% exercise="04.4"
diagnosis = ""  # 盒 0、1、2、3，轮到你了 ¦ boxes 0, 1, 2, 3, your turn
# %%
check("04.4", diagnosis)
# hint("04.4")
# %% [markdown] lang="zh" exercise="04.6" slide="subslide"
# ### 练习 04.6 · 探究：要几个头（★★，10 分钟）
#
# 宽度 $D=96$ 不变，参数量与头数无关，变的只是宽度怎样分：1 个头有 96 维，12 个头每头 8 维。哪一种学得好？做法同第 03 课的探究：先原样运行一次（它说明规则和默认的结果），写下预测，再运行（训练两轮，约一分钟）。
#
# `heads` 可以是 96 的任何因数，默认是 3。先预测 1 个头在 1000 张没见过的画上的准确率；有兴趣再换一个。
# %% [markdown] lang="en" exercise="04.6" slide="subslide"
# ### Exercise 04.6 · Investigation: how many heads? (★★, 10 minutes)
#
# At a fixed width of $D=96$ the number of parameters does not depend on the heads; only the sharing of the width does: one head has 96 numbers, each of twelve has 8. Which learns best? As in lesson 03's investigation: run the cell once as it is (it tells the rules and the usual result), write down what you expect, run again (a training of two epochs, about a minute).
#
# `heads` can be any divisor of 96; usually it is 3. Predict the accuracy with 1 head on 1,000 drawings it has not seen; then try another, if you like.
# %% investigation="04.6" slow=true
predicted = ...  # 你的预测（0 到 1），轮到你了 ¦ what you expect (between 0 and 1), your turn
investigate("04.6", predicted, heads=1)
# %% [markdown] lang="zh"
# **哪一句由此得出？**
#
# - **A** 头越多越好：从 1 到 3、到 6、到 12，每一步的提高都分得开
# - **B** 1 个头落后，与另外三种分得开；3、6、12 个头之间分不开
# - **C** 参数一样多，四种头数之间都分不开
# %% [markdown] lang="en"
# **Which statement follows?**
#
# - **A** More heads are better: from 1 to 3 to 6 to 12, each step is told apart
# - **B** One head is behind and told apart from the rest; 3, 6 and 12 heads are not told apart
# - **C** The number of parameters is the same, and none of the four are told apart
# %% exercise="04.6"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("04.6", conclusion)
# hint("04.6")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 一种可能的解释：1 个头时，每个 token 在一层里只有一套注意力权重，找颜色和找形状得用同一套；有 3 个头就够了。这张表没有检验它。“分不开”也不等于“没有差别”：要分辨 1 个百分点，得跑几十个种子。（ViT-Ti、S、B、L 每个头 64 维，那是另外的数据和宽度。）
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# A possible reason: with one head a token has a single set of attention weights in a layer, and must look up colour and shape by the same one; three heads are enough. This table does not test it. And "not told apart" is not "no difference": to resolve one percentage point takes dozens of seeds. (ViT-Ti, S, B and L have heads of 64; those are other data and widths.)
#
# </details>
# %% [markdown] lang="zh" slide="slide" optional=true
# ## C · 8. 代价：$N^2$
#
# 权重是 $(B, h, N, N)$：token 数翻倍，注意力权重的内存变成四倍。训练时各层的注意力权重都要留着，等反向传播用（FlashAttention 这类融合算子除外：不存，反向时重算）。用公式算一算 ViT-B（12 层、12 个头，float32），一张图、不同边长，图像块边长 16：
# %% [markdown] lang="en" slide="slide" optional=true
# ## C · 8. The price: $N^2$
#
# The weights are $(B, h, N, N)$: twice the tokens, four times the memory. In training all layers' are kept for the backward pass (unless a fused kernel such as FlashAttention recomputes them). By formula, for ViT-B (12 layers, 12 heads, float32), one image of several sizes, patches of 16:
# %%
for side in (224, 384, 512, 1024):
    n = (side // 16) ** 2 + 1
    mib = 12 * 12 * n * n * 4 / 2**20
    print(
        T(
            f"{side:4} 像素：{n:5} 个 token，各层的注意力权重共 {mib:7.0f} MiB",
            f"{side:4} px: {n:5} tokens, attention weights of all layers {mib:7.0f} MiB",
        )
    )
# %% [markdown] lang="zh" slide="slide"
# ## C · 9. 常见误解
#
# **“注意力知道 token 的位置。”** 不知道。打乱 token，输出的各行跟着换了顺序，数值只差浮点误差：
# %% [markdown] lang="en" slide="slide"
# ## C · 9. Common misconceptions
#
# **"Attention knows where tokens are."** It does not. Shuffle the tokens: the output's rows move along, their numbers stay (rounding aside):
# %%
print(np.abs(layer(x[:, shuffled]).asnumpy() - layer(x).asnumpy()[:, shuffled]).max())
# %% [markdown] lang="zh"
# **“头越多，参数越多。”** 参数量与头数无关，头只是把同样的宽度分开用：
# %% [markdown] lang="en"
# **"More heads, more parameters."** The number of parameters does not depend on the heads; they only share out the same width:
# %%
for heads in (1, 3, 12):
    count = sum(parameter.size for parameter in Attention(12, heads).get_parameters())
    print(T(f"{heads} 个头：{count} 个参数", f"{heads} heads: {count} parameters"))
# %% [markdown] lang="zh"
# **“权重矩阵是对称的：i 看 j 多少，j 就看 i 多少。”** 不对称：一般 $q_i\cdot k_j\ne q_j\cdot k_i$，而且 softmax 按行归一化，不按列：
# %% [markdown] lang="en"
# **"The weights are symmetric: as much as i looks at j, j looks at i."** They are not: in general $q_i\cdot k_j\ne q_j\cdot k_i$, and the rows are normalised, not the columns:
# %%
w5 = softmax(Q5 @ K5.T / 2)
print(T("各行之和：", "sums of rows:   "), w5.sum(1).round(3))
print(T("各列之和：", "sums of columns:"), w5.sum(0).round(3))
print("0 -> 1:", w5[0, 1].round(3), "  1 -> 0:", w5[1, 0].round(3))
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 注意力是加权平均：$\mathrm{softmax}(QK^\top/\sqrt d)\,V$，每个 token 一行权重，每行之和为 1。
# 2. 若 $q$、$k$ 的各分量独立、方差为 1，除以 $\sqrt d$ 后分数的标准差约为 1，与每个头的宽度 $d$ 无关。
# 3. 多头不增加参数，只是把 $D$ 个通道分成几组，各组分别计算注意力权重；拆头是拆轴加换轴，光 `reshape` 不行。
#
# <details><summary>问题一：既然点积越大越相似，为什么不直接用余弦相似度？</summary>
#
# 余弦把长度除掉了，分数只能在 −1 到 1 之间。64 个 token 时，就算一个是 1、其余都是 −1，最大权重也只有 $e/(e+63e^{-1})\approx 0.10$，权重无法集中到一个 token（除非再乘一个可学习的系数）。点积让网络可以用长度表达“有多确定”。
#
# </details>
#
# <details><summary>问题二：如果所有键都相同，注意力输出什么？</summary>
#
# 一行里的分数全相等，权重都是 $1/N$，输出是所有值的平均，与查询无关。
#
# </details>
#
# **论文**：[Attention Is All You Need](https://arxiv.org/abs/1706.03762)（注意力与多头，3.2 节）；[An Image is Worth 16x16 Words](https://arxiv.org/abs/2010.11929)（ViT，附录 A）。**对照阅读**：[MindSpore 官方 ViT 教程](https://www.mindspore.cn/tutorials/zh-CN/master/cv/vit.html)里的 `Attention`。
#
# **亲手试试**：课末的那一页（整页：`python start.py explore`）。
#
# **下一课**（05）：给注意力配上 MLP、残差和归一化，叠成编码器。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. Attention is a weighted mean, $\mathrm{softmax}(QK^\top/\sqrt d)\,V$: a row of weights for each token, each row with sum 1.
# 2. If the components of $q$ and $k$ are independent with variance 1, dividing by $\sqrt d$ gives scores a standard deviation of about 1, whatever the head width $d$.
# 3. Several heads add no parameters; they share the width among weights of their own. Splitting takes an axis apart and exchanges axes; `reshape` alone will not do.
#
# <details><summary>Question 1: if a larger dot product means more alike, why not use the cosine?</summary>
#
# The cosine divides the lengths away, so scores lie between −1 and 1. With 64 tokens, even if one score is 1 and all others are −1, the largest weight is $e/(e+63e^{-1})\approx 0.10$: it can never concentrate (unless multiplied by a learned factor). With the dot product, length can say how sure the network is.
#
# </details>
#
# <details><summary>Question 2: if all keys are the same, what is the output?</summary>
#
# All scores of a row are equal, so all weights are $1/N$: the mean of the values, whatever the query.
#
# </details>
#
# **Papers**: [Attention Is All You Need](https://arxiv.org/abs/1706.03762) (attention and heads, section 3.2); [An Image is Worth 16x16 Words](https://arxiv.org/abs/2010.11929) (ViT, appendix A). **Compare** `Attention` in [MindSpore's own ViT tutorial](https://www.mindspore.cn/tutorials/en/master/cv/vit.html).
#
# **Touch it** below.
#
# **Next** (05): attention is joined by an MLP, skip connections and normalisation, and stacked to an encoder.
# %%
explore(lesson="04")
# %% [markdown] lang="zh" slide="slide"
# ## C 节打卡
#
# 本课到此结束。卡片里会写着：你的 ViT 里有几个部件出自你手。
# %% [markdown] lang="en" slide="slide"
# ## Check-in for section C
#
# The card says how many parts of your ViT are yours.
# %%
checkin("C")
