# %% [markdown] lang="zh" slide="slide"
# # 04 · 自注意力：让每个 token 看见其他 token
#
# 上一课把图像切成了一串 token，但每个 token 只知道自己那一小块。本课造出让它们互相交换信息的部件：**多头自注意力**（multi-head self-attention）。学完后你能徒手算出三个 token 的注意力，把循环改写成矩阵乘法，说清楚为什么要除以 $\sqrt{d}$，并读懂 `vit/attention.py` 的每一行。
#
# ![左：一张画；其余：训练好的小 ViT 中三个头从同一块（红框）看出去的注意力](../../course/lessons/04_attention/figures/opening.png)
#
# *终点的样子：训练好的小 ViT 里，从同一小块（红框）看出去，三个头各看各的地方。第 7 步会画出这张图。*
#
# **需要**：会用 Python 和矩阵乘法。**阅读** 约 20 分钟，**运行** 不到半分钟（两核 CPU，见 `notebooks/TIMINGS.md`）。可单独运行，不依赖前面的课。
# %% [markdown] lang="en" slide="slide"
# # 04 · Self-attention: every token sees the others
#
# The last lesson cut an image into a sequence of tokens, but each token knows only its own patch. This lesson builds the part through which they exchange what they know: **multi-head self-attention**. Afterwards you can work out the attention of three tokens by hand, turn the loops into matrix products, say why there is a $\sqrt{d}$, and read every line of `vit/attention.py`.
#
# ![Left: a drawing; then the attention of three heads of a trained small ViT, seen from one patch (red frame)](../../course/lessons/04_attention/figures/opening.png)
#
# *Where we end: in a trained small ViT, three heads look from the same patch (red frame) at different places. Step 7 draws this figure.*
#
# **You need**: Python and matrix products. About 20 minutes **to read**, less than half a minute **to run** (two CPU cores, see `notebooks/TIMINGS.md`). Runs alone, without the earlier lessons.
# %%
import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, checkin, hint, signature

begin("04")
# %% [markdown] lang="zh" note=true
# 约 45 分钟。最容易卡住的是第 2 步的轴（softmax 沿哪一维）和第 5 步的 reshape。建议先让学员在纸上算第 1 步的三个数，再运行。投影时第 3 步的图最有说服力：先问“d 变大会怎样”，再运行。
# %% [markdown] lang="en" note=true
# About 45 minutes. Learners get stuck at the axis in step 2 (softmax along which one?) and at the reshape in step 5. Let them work out the three numbers of step 1 on paper before running the cell. On a projector, step 3's plot convinces most: ask what a larger d will do, then run it.
# %% [markdown] lang="zh" slide="slide"
# ## 1. 三个 token，徒手算
#
# 一个 token 是一个向量。注意力让它提出一个**查询**（query）$q$，和每个 token 的**键**（key）$k$ 比较，再按相似程度取各 token 的**值**（value）$v$ 的加权平均：
#
# $$w_j = \frac{e^{\,q\cdot k_j/\sqrt{d}}}{\sum_m e^{\,q\cdot k_m/\sqrt{d}}},\qquad \text{out} = \sum_j w_j\, v_j$$
#
# $d$ 是 $q$、$k$ 的长度（Vaswani 等，2017，式 1）。先取 $d=4$，这样 $\sqrt{d}=2$，心算就行。想象三块图：两块天空、一块草地。查询来自“天空 1”。
# %% [markdown] lang="en" slide="slide"
# ## 1. Three tokens, by hand
#
# A token is a vector. Each token asks with a **query** $q$, compares it with the **key** $k$ of every token, and takes the mean of all **values** $v$, weighted by how well query and key match:
#
# $$w_j = \frac{e^{\,q\cdot k_j/\sqrt{d}}}{\sum_m e^{\,q\cdot k_m/\sqrt{d}}},\qquad \text{out} = \sum_j w_j\, v_j$$
#
# $d$ is the length of $q$ and $k$ (Vaswani et al., 2017, equation 1). We begin with $d=4$, so $\sqrt{d}=2$ and mental arithmetic will do. Imagine three patches: two of sky, one of grass. The query comes from "sky 1".
# %%
names = ["sky 1", "sky 2", "grass"]
q = np.array([2, 0, 1, 0], np.float32)  # (d,), what "sky 1" asks
K = np.array([[2, 0, 1, 0], [2, 0, 0, 1], [0, 2, 0, 0]], np.float32)  # (N, d), what each one offers
V = np.array([[0.9, 0.1], [0.7, 0.1], [0.0, 0.8]], np.float32)  # (N, 2): how blue, how green

scores = [float(q @ k) / 2 for k in K]  # q·k / sqrt(4)
powers = [np.exp(s) for s in scores]
weights_by_hand = [p / sum(powers) for p in powers]
for name, s, w in zip(names, scores, weights_by_hand, strict=True):
    print(f"{name}: score {s:.1f} -> weight {w:.3f}")
print("out:", sum(w * v for w, v in zip(weights_by_hand, V, strict=True)))


# %% [markdown] lang="zh"
# 分数是 2.5、2.0、0.0。`softmax` 把它们变成正数，且和为 1：`0.592 + 0.359 + 0.049`。输出是“0.78 的蓝、0.13 的绿”：主要来自两块天空，草地只占 5%。
#
# 注意两点。分数 0 的 token 权重**不是** 0；权重只取决于分数之**差**，给所有分数加同一个数，结果不变。
# %% [markdown] lang="en"
# The scores are 2.5, 2.0 and 0.0. `softmax` makes them positive with sum 1: `0.592 + 0.359 + 0.049`. The output, "0.78 blue, 0.13 green", comes mostly from the two sky patches; the grass has a share of 5 %.
#
# Note two things. A token with score 0 does **not** get weight 0; and only the **differences** between scores matter: the same number added to all of them changes nothing.
# %% [markdown] lang="zh" slide="slide"
# ## 2. 从循环到矩阵乘法
#
# 每个 token 都既提问、也被问。全部 $N$ 个查询叠成矩阵 $Q$，想要的形状是：
#
# | 量 | 形状 |
# |---|---|
# | $Q, K, V$ | $(N, d)$ |
# | 分数 $QK^\top/\sqrt d$ | $(N, N)$：第 $i$ 行是第 $i$ 个 token 的提问 |
# | 权重 | $(N, N)$：**每一行**之和为 1 |
# | 输出 | $(N, d)$ |
#
# 先写循环版，它慢但不会错；之后拿它检验矩阵版。
# %% [markdown] lang="en" slide="slide"
# ## 2. From loops to matrix products
#
# Every token asks, and every token is asked. All $N$ queries stacked make the matrix $Q$. The shapes wanted:
#
# | what | shape |
# |---|---|
# | $Q, K, V$ | $(N, d)$ |
# | scores $QK^\top/\sqrt d$ | $(N, N)$: row $i$ is what token $i$ asks |
# | weights | $(N, N)$: **each row** has sum 1 |
# | output | $(N, d)$ |
#
# Loops first: slow, but hard to get wrong. They then judge the matrix version.
# %%
def attention_loops(Q, K, V):
    N, d = Q.shape
    out = np.zeros_like(V)  # (N, d)
    for i in range(N):  # token i asks
        scores = [sum(Q[i, c] * K[j, c] for c in range(d)) / d**0.5 for j in range(N)]
        powers = [np.exp(s) for s in scores]
        for j in range(N):  # and takes a share of token j
            out[i] += powers[j] / sum(powers) * V[j]
    return out  # (N, d)


rng = np.random.default_rng(0)
Q5, K5, V5 = rng.normal(size=(3, 5, 4)).astype(np.float32)  # three times (N=5, d=4)
print(attention_loops(Q5, K5, V5).shape)


# %%
def softmax(x, axis=-1):
    # minus the largest: exp(1000) would be infinite, and a shift changes nothing
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def attention_matrix(Q, K, V):
    scores = Q @ K.T / Q.shape[-1] ** 0.5  # (N, N)
    return softmax(scores) @ V  # (N, N) @ (N, d) -> (N, d)


difference_loops = np.abs(attention_matrix(Q5, K5, V5) - attention_loops(Q5, K5, V5)).max()
print(f"loops and matrices differ by at most {difference_loops:.1e}")
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
grass_weights = np.full(3, 1 / 3)  # (N,), your turn
# %% solution="04.1"
grass_q = np.array([1, 2, 0, -1], np.float32)  # (d,)
grass_weights = softmax(K @ grass_q / 4**0.5)  # (N, d) @ (d,) -> (N,)
# %% [markdown] hint="04.1" lang="zh"
# 一个查询和三个键的点积，可以写成一个矩阵乘向量。
# %% [markdown] hint="04.1" lang="en"
# The dot products of one query with three keys are one matrix times one vector.
# %% [markdown] hint="04.1" lang="zh"
# `K @ grass_q` 的形状正好是 `(3,)`。接下来除以什么？
# %% [markdown] hint="04.1" lang="en"
# `K @ grass_q` has just the shape `(3,)`. What is it divided by?
# %% [markdown] hint="04.1" lang="zh"
# 这里 $d=4$。除以 $\sqrt d$，再用上面的 `softmax`。
# %% [markdown] hint="04.1" lang="en"
# Here $d=4$. Divide by $\sqrt d$, then use `softmax` from above.
# %% wrong="04.1" mistake="no scale"
# zh: 看起来没有除以 √d：权重太尖了
# en: it looks as if the scores were not divided by √d: the weights are too peaked
grass_q = np.array([1, 2, 0, -1], np.float32)
grass_weights = softmax(K @ grass_q)
# %% wrong="04.1" mistake="divided by d"
# zh: 看起来除以了 d，而不是 √d：权重太平了
# en: it looks as if the scores were divided by d instead of √d: the weights are too flat
grass_q = np.array([1, 2, 0, -1], np.float32)
grass_weights = softmax(K @ grass_q / 4)
# %% wrong="04.1" mistake="scores"
# zh: 这还是分数，不是权重：少了 softmax（权重之和应为 1）
# en: these are scores, not weights: softmax is missing (weights have sum 1)
grass_q = np.array([1, 2, 0, -1], np.float32)
grass_weights = K @ grass_q / 4**0.5
# %% wrong="04.1" mistake="plain share"
# zh: 分数直接除以了总和；权重要先取指数
# en: the scores were divided by their sum; weights take the exponential first
grass_q = np.array([1, 2, 0, -1], np.float32)
grass_weights = K @ grass_q / (K @ grass_q).sum()
# %% wrong="04.1" mistake="not normalised"
# zh: 取了指数，但没有除以它们的和：权重之和应为 1
# en: exponentials, but not divided by their sum: weights have sum 1
grass_q = np.array([1, 2, 0, -1], np.float32)
grass_weights = np.exp(K @ grass_q / 4**0.5)
# %% wrong="04.1" mistake="old query"
# zh: 用了第 1 步的 q（天空 1 的提问），而不是 grass_q
# en: this is step 1's q (asked by "sky 1"), not grass_q
grass_weights = softmax(K @ q / 4**0.5)
# %%
check("04.1", grass_weights)
# hint("04.1")
# %% [markdown] lang="zh" slide="slide"
# ## 3. 为什么是 $\sqrt{d}$：去掉它看看
#
# 设 $q$、$k$ 的各分量相互独立，均值 0、方差 1。点积 $q\cdot k$ 是 $d$ 项之和，每项方差为 1，所以方差是 $d$，标准差是 $\sqrt d$。不缩放的话，$d$ 越大，分数差得越远，softmax 就越接近“赢者通吃”：一个权重约为 1，其余约为 0。
#
# 这有什么坏处？softmax 的导数是 $\partial w_i/\partial s_j = w_i([i=j]-w_j)$。权重一旦贴近 0 或 1，导数就几乎为 0。常有人由此断言“不缩放，梯度就消失”。真的吗？测一测再下结论：给权重一个随机的上游梯度，看传到 $q$ 的梯度有多长，取 12 800 个查询的中位数和平均。
# %% [markdown] lang="en" slide="slide"
# ## 3. Why $\sqrt{d}$: take it away and see
#
# Let the components of $q$ and $k$ be independent, with mean 0 and variance 1. The dot product $q\cdot k$ is a sum of $d$ terms of variance 1 each, so its variance is $d$, its standard deviation $\sqrt d$. Without scaling, the larger $d$ is, the further apart the scores, and softmax comes close to "winner takes all": one weight near 1, the others near 0.
#
# What is bad about that? The derivative of softmax is $\partial w_i/\partial s_j = w_i([i=j]-w_j)$. Once weights are close to 0 or 1 it almost vanishes. "Without scaling gradients vanish", people conclude. Do they? Measured before it is believed: we give the weights a random gradient from above and measure the norm of the gradient that reaches $q$, as median and mean over 12 800 queries.
# %%
rows = []
for d in (4, 16, 64, 256, 1024):
    queries, keys = rng.normal(size=(2, 200, 64, d))  # 200 times 64 tokens
    dots = queries @ keys.swapaxes(-1, -2)  # (200, 64, 64)
    above = rng.normal(size=dots.shape)  # the gradient that the weights receive
    for scale in (1, d**0.5):
        w = softmax(dots / scale)
        to_scores = w * (above - (w * above).sum(-1, keepdims=True))  # softmax's derivative
        to_q = np.linalg.norm(to_scores @ keys / scale, axis=-1)  # (200, 64): one length for each query
        rows.append((d, scale, dots.std() / scale, w.max(-1).mean(), np.median(to_q), to_q.mean()))
print("    d   divided by   std of scores   largest weight   gradient of q: median      mean")
for d, scale, std, largest, median, mean in rows:
    print(f"{d:5}   {scale:10.1f}   {std:13.2f}   {largest:14.3f}   {median:23.5f}   {mean:7.5f}")
# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 3), sharex=True)
d_values = [row[0] for row in rows[::2]]
for offset, label, color in ((0, "not scaled", "#c05621"), (1, "divided by sqrt(d)", "#2b6cb0")):
    axes[0].plot(d_values, [row[3] for row in rows[offset::2]], "o-", color=color, label=label)
    axes[1].plot(d_values, [row[4] for row in rows[offset::2]], "o-", color=color, label=label)
axes[0].set(xscale="log", xlabel="d", title="largest of 64 weights (mean)", ylim=(0, 1))
axes[1].set(xscale="log", yscale="log", xlabel="d", title="gradient that reaches q (median)")
axes[0].legend(frameon=False)
plt.show()


# %% [markdown] lang="zh"
# 表中“分数的标准差”一列证实了推导：不缩放时约为 2、4、8、16、32，即 $\sqrt d$；缩放后约为 1。左图：不缩放时（橙），$d$ 变大，最大权重趋近 1；缩放后（蓝）不随 $d$ 变化。
#
# 右图比那句断言有意思：不缩放时，梯度先**变大**（它没有除以 $\sqrt d$），到 $d$ 很大、多数查询都饱和以后才塌下去，只剩峰值的约两百分之一；在 ViT 常用的 $d=64$ 处，它并没有消失，而是更大。可这只是**中位数**：表里的平均一直在涨。也就是说 $d$ 很大时，多数查询几乎收不到梯度，少数查询收到很大的。缩放后，中位数和平均都几乎不变。所以除以 $\sqrt d$ 的作用是：**在训练之初，让 softmax 和它的梯度都与宽度无关**，并在 $d$ 很大时不让多数查询“挨饿”。（训练中分数仍可以变大，那是网络自己学来的。）ViT-Ti、ViT-B 和 ViT-L 的每个头都是 $d=64$，除以 8。
# %% [markdown] lang="en"
# The column "std of scores" confirms the argument: not scaled, it is about 2, 4, 8, 16, 32, which is $\sqrt d$; scaled, about 1. On the left, not scaled (orange), the largest weight goes to 1 as $d$ grows; scaled (blue), it does not depend on $d$.
#
# The right plot is subtler than the slogan. Not scaled, the gradient first **grows** (it is not divided by $\sqrt d$) and collapses only when $d$ is so large that most queries are saturated, two hundred times below its peak; at ViT's usual $d=64$ it has not vanished, it is larger. But that is the **median**: the mean in the table keeps growing. At large $d$ most queries receive almost nothing and a few receive a great deal. Scaled, median and mean hardly change. So dividing by $\sqrt d$ makes **softmax and its gradient independent of the width when training starts**, and at large $d$ it keeps most queries from starving. (Scores may grow in training; then the network has learned it.) In ViT-Ti, ViT-B and ViT-L alike each head has $d=64$; they divide by 8.
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
    return V  # (B, N, d), your turn


# %% solution="04.2"
def batched_attention(Q, K, V):
    scores = Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5  # (B, N, N)
    return softmax(scores, axis=-1) @ V  # (B, N, d)


# %% [markdown] hint="04.2" lang="zh"
# numpy 的 `@` 只乘最后两维，前面的维度逐个对应。所以 $QK^\top$ 那一行几乎不用改。
# %% [markdown] hint="04.2" lang="en"
# numpy's `@` multiplies the last two axes and walks through the others. The line with $QK^\top$ needs almost no change.
# %% [markdown] hint="04.2" lang="zh"
# `K.T` 会把三个轴全部倒过来。只想交换最后两个轴，用 `swapaxes`。
# %% [markdown] hint="04.2" lang="en"
# `K.T` would reverse all three axes. To exchange only the last two there is `swapaxes`.
# %% [markdown] hint="04.2" lang="zh"
# 分数的形状是 `(B, N, N)`：倒数第二维是提问者，最后一维是被问者。softmax 沿被问者那一维。
# %% [markdown] hint="04.2" lang="en"
# The scores are `(B, N, N)`: the last axis but one asks, the last is asked. Softmax goes along the asked.
# %% wrong="04.2" mistake="wrong axis"
# zh: softmax 沿了错误的轴：应当每一行（最后一维）之和为 1
# en: softmax ran along the wrong axis: each row (the last axis) should have sum 1
def batched_attention(Q, K, V):
    return softmax(Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5, axis=-2) @ V


# %% wrong="04.2" mistake="no scale"
# zh: 看起来没有除以 √d
# en: it looks as if the scores were not divided by √d
def batched_attention(Q, K, V):
    return softmax(Q @ K.swapaxes(-1, -2)) @ V


# %% wrong="04.2" mistake="scaled by N"
# zh: 看起来除以了 √N（token 数），应当除以 √d（最后一维的长度）
# en: it looks as if √N (number of tokens) was the divisor; it is √d (length of the last axis)
def batched_attention(Q, K, V):
    return softmax(Q @ K.swapaxes(-1, -2) / Q.shape[1] ** 0.5) @ V


# %% wrong="04.2" mistake="keys for values"
# zh: 取了键 K 的加权平均，应当取值 V 的
# en: this is the weighted mean of the keys K; it should be that of the values V
def batched_attention(Q, K, V):
    return softmax(Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5) @ K


# %% wrong="04.2" mistake="Q and K exchanged"
# zh: 分数矩阵转置了：第 i 行应当是第 i 个查询，即 Q @ K 转置，不是 K @ Q 转置
# en: the scores are transposed: row i belongs to query i, so Q times K transposed, not K times Q transposed
def batched_attention(Q, K, V):
    return softmax(K @ Q.swapaxes(-1, -2) / Q.shape[-1] ** 0.5) @ V


# %% wrong="04.2" mistake="divided by d"
# zh: 除以了 d，而不是 √d
# en: divided by d instead of √d
def batched_attention(Q, K, V):
    return softmax(Q @ K.swapaxes(-1, -2) / Q.shape[-1]) @ V


# %% wrong="04.2" mistake="no softmax"
# zh: 没有 softmax：分数直接乘了 V
# en: no softmax: the scores themselves multiply V
def batched_attention(Q, K, V):
    return Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5 @ V


# %% wrong="04.2" mistake="not normalised"
# zh: 取了指数，但每一行没有除以它的和
# en: exponentials, but the rows were not divided by their sums
def batched_attention(Q, K, V):
    return np.exp(Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5) @ V


# %% wrong="04.2" mistake="softmax over the batch"
# zh: softmax 沿了批的轴：不同图像混在了一起
# en: softmax ran along the batch: different images were mixed
def batched_attention(Q, K, V):
    return softmax(Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5, axis=0) @ V


# %% wrong="04.2" mistake="images mixed"
# zh: 把所有图像的 token 排成了一队：每张图像的 token 只应看自己图里的
# en: the tokens of all images stood in one row: those of an image see only that image's
def batched_attention(Q, K, V):
    q, k, v = (x.reshape(-1, x.shape[-1]) for x in (Q, K, V))
    return (softmax(q @ k.T / q.shape[-1] ** 0.5) @ v).reshape(Q.shape)


# %%
q_batch, k_batch, v_batch = np.random.default_rng(1).normal(size=(3, 2, 5, 4))  # each (B=2, N=5, d=4)
check("04.2", batched_attention(q_batch, k_batch, v_batch))
# hint("04.2")
# %% [markdown] lang="zh" slide="slide"
# ## 4. 查询、键、值从哪里来
#
# 到此为止 $Q, K, V$ 都是给定的。在网络里，三者都由**同一串** token $x$ 乘上学来的矩阵得到，所以叫**自**注意力：
#
# $$[q, k, v] = x\,W_{qkv},\qquad W_{qkv}\in\mathbb{R}^{D\times 3D}$$
#
# （Dosovitskiy 等，2021，附录 A 式 5。）三个矩阵合成一个 `Dense`，一次乘完。比较用的 $W_q, W_k$ 与取信息用的 $W_v$ 分开学：**“看谁”和“拿什么”是两回事**。
# %% [markdown] lang="en" slide="slide"
# ## 4. Where queries, keys and values come from
#
# So far $Q, K, V$ were given. In a network all three are made from the **same** tokens $x$ by learned matrices, hence **self**-attention:
#
# $$[q, k, v] = x\,W_{qkv},\qquad W_{qkv}\in\mathbb{R}^{D\times 3D}$$
#
# (Dosovitskiy et al., 2021, appendix A, equation 5.) The three matrices are one `Dense`, one product. $W_q, W_k$, which compare, and $W_v$, which fetches, are learned apart: **whom to look at and what to take are two questions**.
# %%
x = ms.Tensor(rng.normal(size=(2, 5, 12)).astype(np.float32))  # (B=2, N=5, D=12)
qkv = nn.Dense(12, 3 * 12)(x)  # (B, N, 3*D)
print(x.shape, "->", qkv.shape)
# %% [markdown] lang="zh" slide="slide"
# ## 5. 多头：同时看几个地方
#
# 一组权重是一行和为 1 的数：一个 token 若想“一半看左边的轮廓、一半看同色的块”，只能把两者混在一起。**多头**把宽度 $D$ 分成 $h$ 份，每份 $d=D/h$，各做各的注意力，再并排拼回去，最后乘一个 $D\times D$ 的矩阵 `proj` 让各头的结果混合。
#
# 麻烦只在形状上。目标是每个头拿到自己的 `(N, d)`：
#
# `(B, N, 3D)` → `(B, N, 3, h, d)` → `(3, B, h, N, d)` → 拆成 `q, k, v`，各 `(B, h, N, d)`
#
# 为什么不能直接 `reshape` 成 `(B, h, N, d)`？因为 `reshape` 从不移动数据，只改变读法：
# %% [markdown] lang="en" slide="slide"
# ## 5. Several heads: looking at several places at once
#
# One set of weights is one row with sum 1: a token that wants half of its attention on an outline and half on patches of its own colour can only mix the two. **Multi-head** attention shares the width $D$ among $h$ heads of $d=D/h$ each, lets each attend by itself, puts the results side by side and mixes them by a last $D\times D$ matrix, `proj`.
#
# Only the shapes are troublesome. Each head should get its own `(N, d)`:
#
# `(B, N, 3D)` → `(B, N, 3, h, d)` → `(3, B, h, N, d)` → taken apart into `q, k, v`, each `(B, h, N, d)`
#
# Why not `reshape` to `(B, h, N, d)` at once? Because `reshape` never moves data; it only reads it in another way:
# %%
tokens = np.array([[10 * n + c for c in range(6)] for n in range(4)])[None]  # (B=1, N=4, D=6)
print("tokens, one row each (tens: token, ones: channel)\n", tokens[0])
right = tokens.reshape(1, 4, 2, 3).transpose(0, 2, 1, 3)  # (B, h=2, N, d=3)
wrong = tokens.reshape(1, 2, 4, 3)  # same shape, other meaning
print("head 0, rightly: channels 0-2 of every token\n", right[0, 0])
print("head 0, wrongly: all of tokens 0 and 1, nothing of 2 and 3\n", wrong[0, 0])


# %% [markdown] lang="zh" exercise="04.3" slide="subslide"
# ### 练习 04.3 · 分头再拼回（★★，8 分钟）
#
# 写 `split_heads`：`(B, N, D)` → `(B, h, N, d)`，第 $k$ 个头拿第 $kd$ 到 $(k+1)d-1$ 个通道。再写 `merge_heads` 把它拼回 `(B, N, D)`，必须得回原来的数组。检查看的是两者的结果。
# %% [markdown] lang="en" exercise="04.3" slide="subslide"
# ### Exercise 04.3 · Split into heads, and merge (★★, 8 minutes)
#
# Write `split_heads`: `(B, N, D)` → `(B, h, N, d)`, where head $k$ gets channels $kd$ to $(k+1)d-1$. Then write `merge_heads`, which puts it back to `(B, N, D)` and must give the original array again. The check looks at the results of both.
# %% exercise="04.3"
def split_heads(x, h):
    B, N, D = x.shape
    return np.zeros((B, h, N, D // h))  # (B, h, N, d), your turn


def merge_heads(x):
    B, h, N, d = x.shape
    return np.zeros((B, N, h * d))  # (B, N, D), your turn


# %% solution="04.3"
def split_heads(x, h):
    B, N, D = x.shape
    return x.reshape(B, N, h, D // h).transpose(0, 2, 1, 3)  # (B, h, N, d)


def merge_heads(x):
    B, h, N, d = x.shape
    return x.transpose(0, 2, 1, 3).reshape(B, N, h * d)  # (B, N, D)


# %% [markdown] hint="04.3" lang="zh"
# 每个方向都是两步：一步 `reshape`，一步 `transpose`。次序相反。
# %% [markdown] hint="04.3" lang="en"
# Each direction has two steps, one `reshape` and one `transpose`, in opposite order.
# %% [markdown] hint="04.3" lang="zh"
# 只有相邻的轴可以用 `reshape` 拆开或合并。`D` 拆成 `h, d` 后，`h` 在 `N` 的后面。
# %% [markdown] hint="04.3" lang="en"
# `reshape` can split an axis or join neighbours, nothing else. Once `D` is split into `h, d`, `h` stands behind `N`.
# %% [markdown] hint="04.3" lang="zh"
# 分头：先 `reshape(B, N, h, d)`，再 `transpose(0, 2, 1, 3)`。合并时先把 `N` 和 `h` 换回来。
# %% [markdown] hint="04.3" lang="en"
# To split: `reshape(B, N, h, d)`, then `transpose(0, 2, 1, 3)`. To merge, first exchange `N` and `h` again.
# %% wrong="04.3" mistake="reshape only"
# zh: 直接 reshape 了：形状对了，但头 0 拿到的是前几个 token，而不是前几个通道
# en: a bare reshape: the shape is right, but head 0 got the first tokens instead of the first channels
def split_heads(x, h):
    B, N, D = x.shape
    return x.reshape(B, h, N, D // h)


def merge_heads(x):
    B, h, N, d = x.shape
    return x.reshape(B, N, h * d)


# %% wrong="04.3" mistake="interleaved"
# zh: 通道被隔着取了：头 k 应当拿相邻的 d 个通道，所以先拆成 (h, d)，不是 (d, h)
# en: channels were dealt out in turn: head k takes d neighbours, so split into (h, d), not (d, h)
def split_heads(x, h):
    B, N, D = x.shape
    return x.reshape(B, N, D // h, h).transpose(0, 3, 1, 2)


def merge_heads(x):
    B, h, N, d = x.shape
    return x.transpose(0, 2, 3, 1).reshape(B, N, h * d)


# %% wrong="04.3" mistake="merge without reshape"
# zh: split_heads 对了；merge_heads 换回了轴，但没有用 reshape 把 h 和 d 合成 D
# en: split_heads is right; merge_heads exchanged the axes but did not join h and d to D with a reshape
def split_heads(x, h):
    B, N, D = x.shape
    return x.reshape(B, N, h, D // h).transpose(0, 2, 1, 3)


def merge_heads(x):
    return x.transpose(0, 2, 1, 3)


# %% wrong="04.3" mistake="split without transpose"
# zh: split_heads 还停在 (B, N, h, d)：拆开之后要把 N 和 h 换位
# en: split_heads stops at (B, N, h, d): after the split, N and h change places
def split_heads(x, h):
    B, N, D = x.shape
    return x.reshape(B, N, h, D // h)


def merge_heads(x):
    B, h, N, d = x.shape
    return x.transpose(0, 2, 1, 3).reshape(B, N, h * d)


# %% wrong="04.3" mistake="merge without transpose"
# zh: split_heads 对了；merge_heads 在 reshape 之前忘了把 N 和 h 换回来
# en: split_heads is right; merge_heads forgot to exchange N and h again before the reshape
def split_heads(x, h):
    B, N, D = x.shape
    return x.reshape(B, N, h, D // h).transpose(0, 2, 1, 3)


def merge_heads(x):
    B, h, N, d = x.shape
    return x.reshape(B, N, h * d)


# %%
toy = np.random.default_rng(2).normal(size=(2, 5, 12))  # (B=2, N=5, D=12)
check("04.3", (split_heads(toy, 3), merge_heads(split_heads(toy, 3))))
# hint("04.3")
# %% [markdown] lang="zh" slide="slide"
# ## 6. 完整实现
#
# 下面这个单元**就是** `vit/attention.py` 里的类，制作笔记本时从源文件原样放进来，所以两者不会不同。`nn.Cell` 是 MindSpore 里网络的基类，`__init__` 准备参数，`construct` 做计算（相当于 PyTorch 的 `Module` 和 `forward`）。认一认每一行：`qkv`、分头、`compare` 即 $QK^\top$（缩放移到了 `q` 上，结果一样，乘的次数更少）、softmax、乘 $V$、拼回、`proj`。
# %% [markdown] lang="en" slide="slide"
# ## 6. The real thing
#
# The next cell **is** the class in `vit/attention.py`, put here from its source when the notebook was made, so the two cannot differ. `nn.Cell` is MindSpore's base class of networks: `__init__` prepares the parameters, `construct` computes (PyTorch's `Module` and `forward`). Recognise each line: `qkv`, the split, `compare`, which is $QK^\top$ (the scaling has moved to `q`: same result, fewer products), softmax, times $V$, the merge, `proj`.
# %% show="vit.attention:Attention"
# %% [markdown] lang="zh"
# 三方对照（`Dense` 的权重按“输出 × 输入”存放，还带偏置，所以是 `x @ W.T + b`）：这个单元里的类（逐行执行）、`vit` 包里的类（编译成计算图执行）、用前面几步的 numpy 写法算出来的结果。
# %% [markdown] lang="en"
# We compare three implementations (`Dense` stores its weight as output × input, and has a bias, hence `x @ W.T + b`): the class of this cell (run eagerly), the class in the package (compiled to a graph), and numpy as in the steps above.
# %%
import vit.attention
from vit.runtime.graph_mode import in_graph_mode

here, packaged = Attention(12, num_heads=3), vit.attention.Attention(12, num_heads=3)
ms.load_param_into_net(packaged, here.parameters_dict())
W, b = here.qkv.weight.asnumpy(), here.qkv.bias.asnumpy()  # (3*D, D), (3*D,)

z = (x.asnumpy() @ W.T + b).reshape(2, 5, 3, 3, 4).transpose(2, 0, 3, 1, 4)  # (3, B, h, N, d)
mixed = softmax(z[0] @ z[1].swapaxes(-1, -2) / 4**0.5) @ z[2]  # (B, h, N, d)
mixed = mixed.transpose(0, 2, 1, 3).reshape(2, 5, 12)  # (B, N, D)
by_numpy = mixed @ here.proj.weight.asnumpy().T + here.proj.bias.asnumpy()
# %%
eager = here(x).asnumpy()
with in_graph_mode():
    compiled = packaged(x).asnumpy()
difference = max(np.abs(eager - by_numpy).max(), np.abs(compiled - by_numpy).max())
assert difference < 1e-5
signature(f"eager, compiled and numpy differ by at most {difference:.1e}")
# %% [markdown] lang="zh" slide="slide"
# ## 7. 训练好的注意力看哪里
#
# 取随课程提供的小 ViT（6 层、3 个头、8×8 个块），给它一张训练时没见过的画，用 `record` 读出每层的权重，形状 `(B, h, 1+N, 1+N)`（多出的 1 是类别 token，第 0 行、第 0 列）。从红框那一块出发，看三个头各把权重给了谁：
# %% [markdown] lang="en" slide="slide"
# ## 7. Where trained attention looks
#
# We take the small ViT that comes with the course (6 layers, 3 heads, 8×8 patches), give it a drawing that it has not been trained on, and read the weights of every layer with `record`: `(B, h, 1+N, 1+N)`, where the extra 1 is the class token, row 0 and column 0. From the framed patch, to whom does each head give its weight?
# %%
import vit
from vit.data.pipeline import preprocess
from vit.data.sample.dataset import picture
from vit.inference import predict
from vit.intermediates import record

model = vit.create_model("vit_sample_patch8_64", weights="vit_sample_patch8_64")
pixels = np.asarray(picture("infer", thing=4, number=1)[0])  # (H, W, 3)
inside = record(model, ms.Tensor(preprocess(pixels, model.preprocessing)[None]))
for name in ("patch_embed", "blocks.2.attn.softmax", "blocks.2", "pool", "logits"):
    print(f"{name:22}", inside[name].shape)
print("answer:", predict(model, pixels, top=1)[0].class_name)


# %%
def look_from(patch, layer, axes):
    """Draw what the heads of a layer see from one patch (row, column) of the 8 x 8 grid."""
    seen = inside[f"blocks.{layer}.attn.softmax"].asnumpy()[0]  # (h, 1+N, 1+N)
    for head, ax in enumerate(axes):
        ax.imshow(seen[head, 1 + 8 * patch[0] + patch[1], 1:].reshape(8, 8), cmap="inferno", vmin=0)
        ax.add_patch(plt.Rectangle((patch[1] - 0.5, patch[0] - 0.5), 1, 1, fill=False, ec="red", lw=2))
        to_class_token = seen[head, 1 + 8 * patch[0] + patch[1], 0]
        ax.set_title(f"layer {layer}, head {head} (cls {to_class_token:.0%})", fontsize=10)
        ax.axis("off")


small = preprocess(pixels, model.preprocessing).transpose(1, 2, 0) / 2 + 0.5  # (64, 64, 3), as the model sees it
# %% figure="opening"
figure, axes = plt.subplots(1, 4, figsize=(9, 2.5))
axes[0].imshow(small)
axes[0].add_patch(plt.Rectangle((31.5, 31.5), 8, 8, fill=False, ec="red", lw=2))
axes[0].set_title("as the model sees it", fontsize=10)
axes[0].axis("off")
look_from((4, 4), layer=2, axes=axes[1:])
plt.show()
# %% [markdown] lang="zh"
# 亮处是权重大的块；层和头都从 0 数起，每格各有自己的亮度标度，给类别 token 的那一份没有画出来，写在标题里（cls）。三个头的图样各不相同，这正是多头的意义。别急着讲故事，说“这个头在找表盘的边”：这里只有一张图、一层、一个起点。换一换 `patch` 和 `layer`，看看说法是否还成立。第 09 课会用整个验证集来打分。
# %% [markdown] lang="en"
# Bright patches have large weights; layers and heads count from 0, each panel has its own scale, and what goes to the class token is not drawn but given in the title (cls). The three heads show different patterns, which is what several heads are for. Do not be quick with a story ("this head looks for the rim"): this is one picture, one layer, one starting point. Change `patch` and `layer` and see whether the story stands. Lesson 09 scores attention on the whole validation set.
# %% [markdown] lang="zh" slide="slide"
# ## 8. 代价：$N^2$
#
# 权重是 $(B, h, N, N)$：token 数翻倍，权重的内存变成四倍。训练时各层的权重都要留着，等反向传播用。用公式算一算 ViT-B（12 层、12 个头，float32），一张图、不同边长，块边长 16：
# %% [markdown] lang="en" slide="slide"
# ## 8. The price: $N^2$
#
# The weights are $(B, h, N, N)$: twice the tokens, four times the memory for them. In training those of all layers are kept for the backward pass. By formula, for ViT-B (12 layers, 12 heads, float32), one image of several sizes, patches of 16:
# %%
for side in (224, 384, 512, 1024):
    n = (side // 16) ** 2 + 1
    print(f"{side:4} px: {n:5} tokens, attention weights of all layers {12 * 12 * n * n * 4 / 2**20:7.0f} MiB")
# %% [markdown] lang="zh" exercise="04.4" slide="subslide"
# ### 练习 04.4 · 哪些改动不改变输出（★★★，10 分钟）
#
# 对 `attention_matrix(Q, K, V)`，下面哪些改动**不改变**输出（浮点误差除外）？先想，再用 `Q5, K5, V5` 试。把字母写进 `unchanged`，例如 `"AC"`。
#
# - **A** 用同一个次序打乱 `K` 和 `V` 的行
# - **B** 只打乱 `K` 的行
# - **C** 用同一个次序打乱 `Q`、`K`、`V` 的行
# - **D** 给 `K` 的每一行加上同一个向量
# - **E** 把 `Q` 乘以 2
# - **F** 把 `Q` 乘以 2，同时把 `K` 除以 2
# %% [markdown] lang="en" exercise="04.4" slide="subslide"
# ### Exercise 04.4 · What leaves the output as it is (★★★, 10 minutes)
#
# For `attention_matrix(Q, K, V)`: which of these changes leave the output **as it is** (rounding aside)? Think first, then try with `Q5, K5, V5`. Write the letters into `unchanged`, for instance `"AC"`.
#
# - **A** shuffle the rows of `K` and `V` in the same way
# - **B** shuffle the rows of `K` only
# - **C** shuffle the rows of `Q`, `K` and `V` in the same way
# - **D** add the same vector to every row of `K`
# - **E** multiply `Q` by 2
# - **F** multiply `Q` by 2 and divide `K` by 2
# %% exercise="04.4"
unchanged = ""  # your turn
# %% solution="04.4"
order = np.random.default_rng(3).permutation(5)
before = attention_matrix(Q5, K5, V5)
changes = {
    "A": (Q5, K5[order], V5[order]),
    "B": (Q5, K5[order], V5),
    "C": (Q5[order], K5[order], V5[order]),
    "D": (Q5, K5 + np.float32([1, -2, 3, 0.5]), V5),
    "E": (2 * Q5, K5, V5),
    "F": (2 * Q5, K5 / 2, V5),
}
unchanged = "".join(letter for letter, qkv in changes.items() if np.allclose(attention_matrix(*qkv), before, atol=1e-5))
# %% [markdown] hint="04.4" lang="zh"
# 输出的第 $i$ 行属于第 $i$ 个查询。加权平均与各项相加的次序无关。
# %% [markdown] hint="04.4" lang="en"
# Row $i$ of the output belongs to query $i$. A weighted mean does not care in which order its terms are added.
# %% [markdown] hint="04.4" lang="zh"
# 给 $K$ 每行加 $c$：分数变成 $q\cdot k_j + q\cdot c$。对同一个查询，后一项与 $j$ 有关吗？
# %% [markdown] hint="04.4" lang="en"
# Add $c$ to each row of $K$: the scores become $q\cdot k_j + q\cdot c$. For one query, does the second term depend on $j$?
# %% [markdown] hint="04.4" lang="zh"
# 六个都用 `np.allclose(attention_matrix(...), attention_matrix(Q5, K5, V5), atol=1e-5)` 试一遍。C 的输出变了吗，还是只是换了行的次序？
# %% [markdown] hint="04.4" lang="en"
# Try all six with `np.allclose(attention_matrix(...), attention_matrix(Q5, K5, V5), atol=1e-5)`. Did C's output stay, or did its rows move?
# %% wrong="04.4" mistake="C counted"
# zh: C 不算：打乱 Q，输出的行也跟着打乱了。这叫置换等变，不是不变
# en: not C: with Q shuffled, the rows of the output are shuffled too. That is equivariance, not invariance
unchanged = "ACDF"
# %% wrong="04.4" mistake="D missed"
# zh: 再想想 D：加在每个键上的同一个向量，给一行里的所有分数加了同一个数
# en: think again of D: the same vector added to every key adds the same number to all scores of a row
unchanged = "AF"
# %% wrong="04.4" mistake="E counted"
# zh: E 不算：分数的差也翻了倍，softmax 变尖了
# en: not E: the differences between scores double as well, and softmax becomes more peaked
unchanged = "ADEF"
# %% wrong="04.4" mistake="only A"
# zh: A 对了，但不止它一个：看看哪些改动让同一行分数的差保持不变
# en: A is right, but not alone: which changes keep the differences within a row of scores?
unchanged = "A"
# %% wrong="04.4" mistake="F missed"
# zh: A、D 对了；再看 F：每个分数 q·k 变了吗？
# en: A and D are right; look at F again: does any score q·k change?
unchanged = "AD"
# %% wrong="04.4" mistake="E for F"
# zh: E 让分数的差翻倍，不算；F 却让每个分数保持原样
# en: E doubles the differences between scores, so it does not count; F leaves each score as it is
unchanged = "ADE"
# %% wrong="04.4" mistake="C counted, D missed"
# zh: C 的输出换了行序，不算；D 却算：同一行的分数都加了同一个数
# en: C's output has its rows moved, so it does not count; D does: all scores of a row gain the same number
unchanged = "ACF"
# %%
check("04.4", unchanged)
# hint("04.4")
# %% [markdown] lang="zh" slide="slide"
# ## 9. 常见的错误说法
#
# **“注意力知道 token 的位置。”** 不知道。打乱 token，输出的各行跟着换了次序，数值只差浮点误差：
# %% [markdown] lang="en" slide="slide"
# ## 9. Wrong statements people repeat
#
# **"Attention knows where tokens are."** It does not. Shuffle the tokens: the rows of the output move along, and their numbers stay, rounding aside:
# %%
order = np.array([3, 0, 4, 1, 2])
print("largest difference:", np.abs(here(x[:, order.tolist()]).asnumpy() - eager[:, order]).max())
# %% [markdown] lang="zh"
# **“头越多，参数越多。”** 参数量与头数无关，头只是把同样的宽度分开用：
# %% [markdown] lang="en"
# **"More heads, more parameters."** The number of parameters does not depend on the heads; they only share out the same width:
# %%
for heads in (1, 3, 12):
    print(heads, "heads:", sum(p.size for p in Attention(12, heads).get_parameters()), "parameters")
# %% [markdown] lang="zh"
# **“权重矩阵是对称的：i 看 j 多少，j 就看 i 多少。”** 不对称：$q_i\cdot k_j\ne q_j\cdot k_i$，而且是按行归一化：
# %% [markdown] lang="en"
# **"The weights are symmetric: as much as i looks at j, j looks at i."** They are not: $q_i\cdot k_j\ne q_j\cdot k_i$, and the rows are normalised, not the columns:
# %%
w5 = softmax(Q5 @ K5.T / 2)
print("sums of rows:   ", w5.sum(1).round(3))
print("sums of columns:", w5.sum(0).round(3))
print("weight 0->1:", w5[0, 1].round(3), "  1->0:", w5[1, 0].round(3))
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 注意力是加权平均：$\mathrm{softmax}(QK^\top/\sqrt d)\,V$，每个 token 一行权重，每行之和为 1。
# 2. 除以 $\sqrt d$，训练之初分数的标准差约为 1，softmax 和它的梯度就与宽度无关。
# 3. 多头不增加参数，只是把宽度分给几组各自独立的权重；分头要先 `reshape` 再 `transpose`。
#
# <details><summary>问题一：既然点积越大越像，为什么不直接用余弦相似度？</summary>
#
# 余弦把长度除掉了，分数只能在 −1 到 1 之间。64 个 token 时，就算一个是 1、其余都是 −1，最大权重也只有 $e/(e+63e^{-1})\approx 0.10$，永远无法专注。点积让网络可以用长度表达“有多确定”。（也有网络用余弦，但会再乘一个学来的温度。）
#
# </details>
#
# <details><summary>问题二：如果所有键都相同，注意力输出什么？</summary>
#
# 一行里的分数全相等，权重都是 $1/N$，输出是所有值的平均，与查询无关。
#
# </details>
#
# **下一课**（05）：给注意力配上 MLP、残差和归一化，叠成编码器。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. Attention is a weighted mean, $\mathrm{softmax}(QK^\top/\sqrt d)\,V$: a row of weights for each token, each row with sum 1.
# 2. Divided by $\sqrt d$, scores start with a standard deviation of about 1, and neither softmax nor its gradient depends on the width.
# 3. Several heads add no parameters; they share the width among weights of their own. To split: first `reshape`, then `transpose`.
#
# <details><summary>Question 1: if a larger dot product means more alike, why not use the cosine?</summary>
#
# The cosine divides the lengths away, so scores lie between −1 and 1. With 64 tokens, even if one score is 1 and all others are −1, the largest weight is $e/(e+63e^{-1})\approx 0.10$: it can never concentrate. With the dot product, length can say how sure the network is. (Some networks do use the cosine, and multiply it by a learned temperature.)
#
# </details>
#
# <details><summary>Question 2: if all keys are the same, what does attention put out?</summary>
#
# All scores of a row are equal, so all weights are $1/N$: the mean of the values, whatever the query.
#
# </details>
#
# **Next** (05): attention is joined by an MLP, residuals and normalisation, and stacked to an encoder.
# %% [markdown] lang="zh" slide="slide"
# ## 打卡
#
# 把 `"nickname"` 换成你的昵称后运行。它会重新检查上面的练习，给你一道只属于你的小题；算出后把 `answer=数值` 加进括号再运行一次。
# %% [markdown] lang="en" slide="slide"
# ## Check-in
#
# Replace `"nickname"` with your own and run. It checks the exercises above again and poses a question made for you; work it out, add `answer=number` and run once more.
# %%
checkin("nickname")
