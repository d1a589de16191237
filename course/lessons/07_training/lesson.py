# %% [markdown] lang="zh" slide="slide"
# # 07 · 训练：从随机数到认得出东西
#
# ![ViT 全图，亮的部分是训练](../../course/figures/map_training.zh.svg)
#
# 前面的课搭好了网络；本课让它学。训练的一步只有五件事：前向、损失、反向、裁剪梯度、更新参数。我们先用手算弄清损失、更新和学习率，再把五件事编译成一张计算图，从随机数开始训练一个小 ViT，最后停在半路，再原样接上。
#
# ![左：每一步的损失；中：学习率；右：每轮之后在验证集上的正确率](../../course/lessons/07_training/figures/opening.png)
#
# *终点的样子：本机从零训练出来的曲线。第 6 步会画出这张图。*
#
# **需要**：知道梯度是什么；第 06 课的模型（会用即可）。**阅读** 约 25 分钟，**运行** 约两分半（两核 CPU，见 `notebooks/TIMINGS.md`），其中一分多钟是真正的训练。可单独运行，不需要网络。
# %% [markdown] lang="en" slide="slide"
# # 07 · Training: from random numbers to something that recognises
#
# ![Map of the whole ViT; the lit part is training](../../course/figures/map_training.en.svg)
#
# The lessons before built the network; now it learns. A training step is five things: forward, loss, backward, clipping, update. We work out loss, update and learning rate by hand, compile all into one graph, train a small ViT from random numbers, and at last stop half-way and go on as if nothing had happened.
#
# ![Left: the loss of each step; middle: the learning rate; right: accuracy on the validation set after each epoch](../../course/lessons/07_training/figures/opening.png)
#
# *Where we end: the curves of a training from scratch, on this machine. Step 6 draws this figure.*
#
# **You need**: to know what a gradient is; the model of lesson 06 (to use). About 25 minutes **to read**, about two and a half minutes **to run** (two CPU cores, see `notebooks/TIMINGS.md`), of which more than one is real training. Runs alone, without a network.
# %%
import math
import time

import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, checkin, hint, signature

begin("07")
# %% [markdown] lang="zh" note=true
# 约 50 分钟。上课前先运行一遍，第 6 步的训练可以在讲第 1 到 3 步时让它在后台跑。第 2 步先问：第一步更新走多远？（答案与梯度大小无关，几乎就是学习率。）练习 07.2 占时间最多，可以两人一组。
# %% [markdown] lang="en" note=true
# About 50 minutes. Run it once before class; the training of step 6 can go on while you teach steps 1 to 3. In step 2 ask first: how far does the first update go? (Almost exactly the learning rate, whatever the size of the gradient.) Exercise 07.2 takes longest and suits pairs.
# %% [markdown] lang="zh" slide="slide"
# ## 1. 损失：给正确答案的概率有多小
#
# 网络对一张图给出 $K$ 个 logits $z$。softmax 把它们变成概率，**交叉熵**是正确类别 $y$ 的概率的负对数：
#
# $$\mathcal L=-\log\frac{e^{z_y}}{\sum_k e^{z_k}}=\log\sum_k e^{z_k}-z_y$$
#
# 概率 1 时损失是 0；概率 $1/K$（瞎猜）时是 $\log K$。三个类别，徒手算：
# %% [markdown] lang="en" slide="slide"
# ## 1. The loss: how little probability the right answer got
#
# For an image the network gives $K$ logits $z$. Softmax makes them probabilities, and the **cross-entropy** is minus the logarithm of what the right class $y$ got:
#
# $$\mathcal L=-\log\frac{e^{z_y}}{\sum_k e^{z_k}}=\log\sum_k e^{z_k}-z_y$$
#
# With probability 1 the loss is 0; with $1/K$, a blind guess, it is $\log K$. Three classes, by hand:
# %%
z, y = np.array([2.0, 1.0, -1.0]), 0  # logits (K=3,), the right class
e = np.exp(z)  # 7.389, 2.718, 0.368
print("probabilities", (e / e.sum()).round(3), " loss", round(-np.log(e[y] / e.sum()), 4))
framework = nn.CrossEntropyLoss()(ms.Tensor(z[None], ms.float32), ms.Tensor([y], ms.int32))
print("nn.CrossEntropyLoss", framework.asnumpy().round(4), " blind guess", round(math.log(3), 4))
# %% [markdown] lang="zh"
# 两件实用的事：
#
# - **开始时的损失应当接近 $\log K$**（10 类是 2.303）。训练还没开始就远大于它，多半是初始化或标签有错。这是最便宜的检查。
# - **标签平滑**（label smoothing）$s$：目标不再是“正确类 1，其余 0”，而是“正确类 $1-s+s/K$，其余 $s/K$”。网络不必把 logits 推向无穷，训练更稳，也不那么过分自信。
# %% [markdown] lang="en"
# Two things of practical use:
#
# - **At the start the loss should be near $\log K$** (2.303 for ten classes). If it is far above before anything was learned, initialisation or labels are likely wrong. No check is cheaper.
# - **Label smoothing** $s$: the target is no longer "1 for the right class, 0 for the others" but "$1-s+s/K$ and $s/K$". The network need not push its logits towards infinity, which makes training steadier and the model less cocksure.


# %% [markdown] lang="zh" exercise="07.1" slide="subslide"
# ### 练习 07.1 · 带标签平滑的交叉熵（★★，8 分钟）
#
# 写 `cross_entropy(logits, labels, s)`：`logits (B, K)`，`labels (B,)`，返回整批的**平均**损失（一个数）。要经得起很大的 logits：检查会给所有 logits 加上 1000，答案不应改变。
# %% [markdown] lang="en" exercise="07.1" slide="subslide"
# ### Exercise 07.1 · Cross-entropy with label smoothing (★★, 8 minutes)
#
# Write `cross_entropy(logits, labels, s)`: `logits (B, K)`, `labels (B,)`; it returns the **mean** loss of the batch, one number. It must cope with large logits: the check adds 1000 to all of them, which should change nothing.
# %% exercise="07.1"
def cross_entropy(logits, labels, s):
    return 0.0  # your turn


# %% solution="07.1"
def cross_entropy(logits, labels, s):
    B, K = logits.shape
    z = logits - logits.max(-1, keepdims=True)  # (B, K), the largest is 0
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))  # (B, K)
    right = log_p[np.arange(B), labels]  # (B,)
    return -((1 - s) * right + s * log_p.mean(-1)).mean()


# %% [markdown] hint="07.1" lang="zh"
# 先算 `log_p (B, K)`，每类概率的对数；损失是目标与它的乘积之和，再取负。
# %% [markdown] hint="07.1" lang="en"
# First `log_p (B, K)`, the logarithm of each probability; the loss is minus the sum of target times `log_p`.
# %% [markdown] hint="07.1" lang="zh"
# `np.exp(1000)` 是无穷大。softmax 不怕平移：先减去每行的最大值。
# %% [markdown] hint="07.1" lang="en"
# `np.exp(1000)` is infinite. Softmax does not mind a shift: subtract each row's maximum first.
# %% [markdown] hint="07.1" lang="zh"
# 每张图：`-((1 - s) * log_p[正确类] + s * log_p 的平均)`，最后对批取平均。
# %% [markdown] hint="07.1" lang="en"
# For each image `-((1 - s) * log_p[right class] + s * mean of log_p)`, then the mean over the batch.
# %% wrong="07.1" mistake="sum over the batch"
# zh: 这是整批的和；题目要平均
# en: this is the sum over the batch; the mean is wanted
def cross_entropy(logits, labels, s):
    z = logits - logits.max(-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -((1 - s) * log_p[np.arange(len(z)), labels] + s * log_p.mean(-1)).sum()


# %% wrong="07.1" mistake="no smoothing"
# zh: 没有用到标签平滑 s
# en: the smoothing s was not used
def cross_entropy(logits, labels, s):
    z = logits - logits.max(-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -log_p[np.arange(len(z)), labels].mean()


# %% wrong="07.1" mistake="smoothing over the wrong classes only"
# zh: s 只分给了错的类（s/(K−1)）；这里的定义是所有类都分，正确类也得 s/K
# en: s went to the wrong classes only, s/(K-1) each; here all classes get s/K, the right one too
def cross_entropy(logits, labels, s):
    B, K = logits.shape
    z = logits - logits.max(-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    right = log_p[np.arange(B), labels]
    return -((1 - s) * right + s * (log_p.sum(-1) - right) / (K - 1)).mean()


# %% wrong="07.1" mistake="sum of the smoothed part"
# zh: 平滑的部分要乘 s/K（取平均），现在像是乘了 s（取和）
# en: the smoothed part has the factor s/K (a mean); it looks as if it were s (a sum)
def cross_entropy(logits, labels, s):
    z = logits - logits.max(-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -((1 - s) * log_p[np.arange(len(z)), labels] + s * log_p.sum(-1)).mean()


# %% wrong="07.1" mistake="sign"
# zh: 符号反了：损失是负对数，应当为正
# en: the sign: the loss is minus the logarithm, a positive number
def cross_entropy(logits, labels, s):
    z = logits - logits.max(-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return ((1 - s) * log_p[np.arange(len(z)), labels] + s * log_p.mean(-1)).mean()


# %%
toy_logits = np.array([[2.0, 1, -1, 0], [0, 3, 0.5, 1], [1, 1, 4, -2]])  # (B=3, K=4)
toy_labels = np.array([0, 3, 2])
check("07.1", [cross_entropy(toy_logits + shift, toy_labels, 0.1) for shift in (0, 1000)])
# hint("07.1")
# %% [markdown] lang="zh" slide="slide"
# ## 2. AdamW：每个参数自己的步长
#
# 最朴素的办法是 $p \leftarrow p-\eta g$：所有参数共用一个学习率 $\eta$。Adam 给每个参数记两个滑动平均，梯度的 $m$ 和梯度平方的 $v$；更新用 $\hat m/\sqrt{\hat v}$，即修正后的 $m$ 除以修正后的 $v$ 的平方根：
#
# $$m\leftarrow\beta_1 m+(1-\beta_1)g\qquad v\leftarrow\beta_2 v+(1-\beta_2)g^2$$
# $$\hat m=\frac{m}{1-\beta_1^t}\qquad \hat v=\frac{v}{1-\beta_2^t}\qquad p\leftarrow p-\eta\Big(\frac{\hat m}{\sqrt{\hat v}+\epsilon}+\lambda p\Big)$$
#
# $m,v$ 从 0 开始，头几步偏小，所以要除以 $1-\beta^t$（**偏差修正**）。最后一项是**权重衰减**：每步把 $p$ 缩小一点，与梯度无关。“W”说的就是这件事：衰减和梯度分开（decoupled；Loshchilov 与 Hutter，2019）。
#
# 手算第一步，$g=0.5$ 和 $g=0.001$：
# %% [markdown] lang="en" slide="slide"
# ## 2. AdamW: a step size for each parameter
#
# The plainest way is $p \leftarrow p-\eta g$, with one learning rate $\eta$ for all parameters. Adam keeps two running means for each of them, $m$ of the gradient and $v$ of its square; the update is $\hat m/\sqrt{\hat v}$, the corrected $m$ over the root of the corrected $v$:
#
# $$m\leftarrow\beta_1 m+(1-\beta_1)g\qquad v\leftarrow\beta_2 v+(1-\beta_2)g^2$$
# $$\hat m=\frac{m}{1-\beta_1^t}\qquad \hat v=\frac{v}{1-\beta_2^t}\qquad p\leftarrow p-\eta\Big(\frac{\hat m}{\sqrt{\hat v}+\epsilon}+\lambda p\Big)$$
#
# $m$ and $v$ start from 0 and are too small in the first steps, hence the division by $1-\beta^t$ (**bias correction**). The last term is **weight decay**: each step shrinks $p$ a little, whatever the gradient. That is the "W": decay apart from the gradient (decoupled; Loshchilov and Hutter, 2019).
#
# The first step by hand, for $g=0.5$ and for $g=0.001$:
# %%
for g in (0.5, 0.001):
    m, v = 0.1 * g, 0.001 * g**2  # beta1 = 0.9, beta2 = 0.999
    corrected = (m / (1 - 0.9)) / (math.sqrt(v / (1 - 0.999)) + 1e-8)
    uncorrected = m / (math.sqrt(v) + 1e-8)
    print(f"g = {g}: with bias correction {corrected:.4f} learning rates, without {uncorrected:.4f}")
# %% [markdown] lang="zh"
# 梯度差 500 倍，第一步却一样长：正好一个学习率。没有偏差修正时，第一步是三倍多长，而且头几百步都偏长，恰好在网络最脆弱的时候。这不是空谈：MindSpore 的 `nn.AdamWeightDecay` 就**没有**偏差修正，`nn.Adam(weight_decay=…)` 则把衰减加进了梯度。`vit/optimizer.py` 仍调用它背后的融合算子 `ops.AdamWeightDecay`，但把偏差修正折算进传给它的学习率、$\epsilon$ 和衰减，得到真正的 AdamW。
# %% [markdown] lang="en"
# Gradients that differ 500 times make the same first step: one learning rate exactly. Without bias correction it is more than three times as long, and the first hundreds of steps are all too long, just when the network is most fragile. This is no mere theory: MindSpore's `nn.AdamWeightDecay` has **no** bias correction, and `nn.Adam(weight_decay=...)` adds the decay to the gradient. `vit/optimizer.py` calls the fused kernel behind it, `ops.AdamWeightDecay`, with the bias correction worked into the rate, $\epsilon$ and decay that it is given, which makes it a true AdamW.


# %% [markdown] lang="zh" exercise="07.2" slide="subslide"
# ### 练习 07.2 · 一步 AdamW（★★★，12 分钟）
#
# 写 `adamw(p, g, m, v, t, lr, decay)`，返回更新后的 `(p, m, v)`。$\beta_1=0.9,\ \beta_2=0.999,\ \epsilon=10^{-8}$；`t` 从 1 数起。检查会连走三步，每步的梯度不同。
# %% [markdown] lang="en" exercise="07.2" slide="subslide"
# ### Exercise 07.2 · A step of AdamW (★★★, 12 minutes)
#
# Write `adamw(p, g, m, v, t, lr, decay)`, which returns the new `(p, m, v)`. $\beta_1=0.9,\ \beta_2=0.999,\ \epsilon=10^{-8}$; `t` counts from 1. The check takes three steps with different gradients.
# %% exercise="07.2"
def adamw(p, g, m, v, t, lr, decay):
    return p, m, v  # your turn


# %% solution="07.2"
def adamw(p, g, m, v, t, lr, decay):
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return p - lr * (m_hat / (np.sqrt(v_hat) + 1e-8) + decay * p), m, v


# %% [markdown] hint="07.2" lang="zh"
# 先更新 `m` 和 `v`，再由新的 `m`、`v` 算带帽子的，最后更新 `p`。
# %% [markdown] hint="07.2" lang="en"
# First new `m` and `v`, from these the ones with hats, then `p`.
# %% [markdown] hint="07.2" lang="zh"
# 返回的是**没有**除过的 `m`、`v`；带帽子的只在这一步用。
# %% [markdown] hint="07.2" lang="en"
# Return `m` and `v` **without** the division; those with hats are for this step only.
# %% [markdown] hint="07.2" lang="zh"
# `p - lr * (m_hat / (np.sqrt(v_hat) + 1e-8) + decay * p)`
# %% [markdown] hint="07.2" lang="en"
# `p - lr * (m_hat / (np.sqrt(v_hat) + 1e-8) + decay * p)`
# %% wrong="07.2" mistake="no bias correction"
# zh: m、v 对了，p 没有用偏差修正
# en: m and v are right, but p was moved without bias correction
def adamw(p, g, m, v, t, lr, decay):
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return p - lr * (m / (np.sqrt(v) + 1e-8) + decay * p), m, v


# %% wrong="07.2" mistake="decay in the gradient"
# zh: 衰减加进了梯度：这是 L2 正则，不是 AdamW
# en: the decay was added to the gradient: that is L2, not AdamW
def adamw(p, g, m, v, t, lr, decay):
    g = g + decay * p
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return p - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), m, v


# %% wrong="07.2" mistake="decay without the learning rate"
# zh: 衰减没有乘学习率
# en: the decay was not multiplied by the learning rate
def adamw(p, g, m, v, t, lr, decay):
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return p - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8) - decay * p, m, v


# %% wrong="07.2" mistake="corrected means kept"
# zh: 返回了修正过的 m、v，下一步会被再修正一次
# en: the corrected m and v were returned; the next step corrects them once more
def adamw(p, g, m, v, t, lr, decay):
    m = (0.9 * m + 0.1 * g) / (1 - 0.9**t)
    v = (0.999 * v + 0.001 * g**2) / (1 - 0.999**t)
    return p - lr * (m / (np.sqrt(v) + 1e-8) + decay * p), m, v


# %% wrong="07.2" mistake="betas exchanged"
# zh: β₁ 和 β₂ 用反了：梯度用 0.9，平方用 0.999
# en: the betas are exchanged: 0.9 is for the gradient, 0.999 for its square
def adamw(p, g, m, v, t, lr, decay):
    m, v = 0.999 * m + 0.001 * g, 0.9 * v + 0.1 * g**2
    return p - lr * ((m / (1 - 0.999**t)) / (np.sqrt(v / (1 - 0.9**t)) + 1e-8) + decay * p), m, v


# %% wrong="07.2" mistake="no square root"
# zh: v 没有开根号
# en: the square root of v is missing
def adamw(p, g, m, v, t, lr, decay):
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return p - lr * ((m / (1 - 0.9**t)) / (v / (1 - 0.999**t) + 1e-8) + decay * p), m, v


# %%
toy_p, toy_m, toy_v = np.array([1.0, -2.0, 3.0]), np.zeros(3), np.zeros(3)
for t, toy_g in enumerate(([0.5, -1.0, 0.1], [0.4, 2.0, 0.1], [-0.9, 0.3, 0.2]), 1):
    toy_p, toy_m, toy_v = adamw(toy_p, np.array(toy_g), toy_m, toy_v, t, lr=0.1, decay=0.2)
check("07.2", (toy_p, toy_m, 100 * toy_v))
# hint("07.2")
# %% [markdown] lang="zh" slide="slide"
# ## 3. 学习率：先升后降
#
# 头几步的 $v$ 只看过几个梯度，不可靠，所以学习率从小升起（**预热**，warm-up）；快结束时要走小步才能停稳，所以沿半个余弦降到 0：
#
# $$\eta_t=\eta_{\max}\cdot\begin{cases}(t+1)/W & t<W\\ \tfrac12\big(1+\cos\pi\tfrac{t-W}{S-W}\big) & t\ge W\end{cases}$$
#
# $t=0,\dots,S-1$ 是步数，$W$ 是预热的步数。
# %% [markdown] lang="en" slide="slide"
# ## 3. The learning rate: first up, then down
#
# In the first steps $v$ has seen a few gradients only and cannot be trusted, so the rate rises from small (**warm-up**). Towards the end small steps are needed to settle, so it falls to 0 along half a cosine:
#
# $$\eta_t=\eta_{\max}\cdot\begin{cases}(t+1)/W & t<W\\ \tfrac12\big(1+\cos\pi\tfrac{t-W}{S-W}\big) & t\ge W\end{cases}$$
#
# $t=0,\dots,S-1$ counts the steps, and the first $W$ of them are the warm-up.


# %% [markdown] lang="zh" exercise="07.3" slide="subslide"
# ### 练习 07.3 · 第 t 步的学习率（★，6 分钟）
#
# 写 `rate(t, peak, warmup, steps)`，返回一个数。
# %% [markdown] lang="en" exercise="07.3" slide="subslide"
# ### Exercise 07.3 · The rate of step t (★, 6 minutes)
#
# Write `rate(t, peak, warmup, steps)`, which returns a number.
# %% exercise="07.3"
def rate(t, peak, warmup, steps):
    return peak  # your turn


# %% solution="07.3"
def rate(t, peak, warmup, steps):
    if t < warmup:
        return peak * (t + 1) / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (t - warmup) / (steps - warmup)))


# %% [markdown] hint="07.3" lang="zh"
# 两段：`t < warmup` 是直线，其余是半个余弦。
# %% [markdown] hint="07.3" lang="en"
# Two pieces: a line for `t < warmup`, half a cosine for the rest.
# %% [markdown] hint="07.3" lang="zh"
# 余弦那段从 `t = warmup` 数起：分子、分母都要减 `warmup`。
# %% [markdown] hint="07.3" lang="en"
# The cosine counts from `t = warmup`: subtract it above and below.
# %% [markdown] hint="07.3" lang="zh"
# `peak * 0.5 * (1 + math.cos(math.pi * (t - warmup) / (steps - warmup)))`
# %% [markdown] hint="07.3" lang="en"
# `peak * 0.5 * (1 + math.cos(math.pi * (t - warmup) / (steps - warmup)))`
# %% wrong="07.3" mistake="first step zero"
# zh: 第 0 步的学习率是 0，白走一步：直线应是 (t+1)/W
# en: step 0 has rate 0 and is wasted: the line is (t+1)/W
def rate(t, peak, warmup, steps):
    if t < warmup:
        return peak * t / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (t - warmup) / (steps - warmup)))


# %% wrong="07.3" mistake="cosine from step 0"
# zh: 余弦从第 0 步数起了，预热结束时会突然掉一截
# en: the cosine counts from step 0, so there is a drop where the warm-up ends
def rate(t, peak, warmup, steps):
    return peak * (t + 1) / warmup if t < warmup else peak * 0.5 * (1 + math.cos(math.pi * t / steps))


# %% wrong="07.3" mistake="not halved"
# zh: 1+cos 没有除以 2，峰值成了两倍
# en: 1 + cos was not halved, so the peak is twice as high
def rate(t, peak, warmup, steps):
    if t < warmup:
        return peak * (t + 1) / warmup
    return peak * (1 + math.cos(math.pi * (t - warmup) / (steps - warmup)))


# %% wrong="07.3" mistake="a straight line down"
# zh: 下降的一段是直线；应是半个余弦
# en: the way down is a straight line; it should be half a cosine
def rate(t, peak, warmup, steps):
    return peak * (t + 1) / warmup if t < warmup else peak * (steps - t) / (steps - warmup)


# %% wrong="07.3" mistake="no warm-up"
# zh: 没有预热
# en: there is no warm-up
def rate(t, peak, warmup, steps):
    return peak * 0.5 * (1 + math.cos(math.pi * max(t - warmup, 0) / (steps - warmup)))


# %%
check("07.3", [rate(t, 2.0, 10, 110) for t in (0, 4, 9, 10, 35, 60, 109)])
# hint("07.3")
# %% [markdown] lang="zh" slide="slide"
# ## 4. 一步，一批：先过拟合一次
#
# 数据是第 01 课的画（十类，每类 500 张），网络是 64 像素的小 ViT，参数是随机数。训练之前先做一个检查：**拿一批 32 张反复训练，损失应当很快接近 0**。做不到，就说明程序有错，不必浪费时间跑完整的训练。
# %% [markdown] lang="en" slide="slide"
# ## 4. One step, one batch: overfit first
#
# The data are the drawings of lesson 01 (ten classes, 500 of each), the network is the small ViT for 64 pixels, its parameters are random. One check before training: **on one batch of 32, again and again, the loss should soon be near 0**. If it is not, the program is wrong, and a whole training would be a waste of time.
# %% slow=true
from course.learner.assets import task_at_hand
from vit.data.pipeline import training_batches
from vit.data.training_set import training_set
from vit.models import model_for
from vit.training import make_train_step

task = task_at_hand()
pictures, val, classes = training_set(task.folder, task.batch_size, progress=False)
model = model_for(classes, task.model, task.weights)
batches = training_batches(pictures, model.preprocessing, task.batch_size, epoch=0)
images, labels = next(batches)
print(
    f"{len(pictures.paths)} training images, {len(val.paths)} for validation; a batch: {images.shape}, {labels.shape}"
)
# %% [markdown] lang="zh"
# `make_train_step` 把五件事装进一个 Cell，并在第一次调用时编译成**一张计算图**。编译要几秒，之后每步都快。先不编译（逐个算子执行，MindSpore 叫 PyNative）走两步，再用编译好的走六步，看前两步的损失是否一样、各要多久：
# %% [markdown] lang="en"
# `make_train_step` puts the five things into one cell and compiles it to **one graph** at its first call. That takes seconds; then each step is fast. We take two steps without compiling (op by op, which MindSpore calls PyNative) and six compiled ones: are the first two losses the same, and how long does a step take?
# %% slow=true
from vit.optimizer import AdamW
from vit.training import TrainStep


def copy_values(source, target):
    """Not `load_param_into_net`: that shares memory, and training one model would move the other."""
    for p, q in zip(source.get_parameters(), target.get_parameters(), strict=True):
        q.set_data(ms.Tensor(p.asnumpy().copy()))


def timed_losses(step, count):
    losses, seconds = [], []
    for _ in range(count):
        start = time.perf_counter()
        losses.append(float(step(ms.Tensor(images), ms.Tensor(labels)).asnumpy()))
        seconds.append(time.perf_counter() - start)
    return losses, seconds


# %% slow=true
copies = [model_for(classes, task.model, task.weights) for _ in range(2)]
copy_values(*copies)  # the same start
eager = TrainStep(copies[0], AdamW(copies[0], lr=1e-3), clip_norm=1.0, label_smoothing=0.0)
compiled = make_train_step(copies[1], lr=1e-3)
start_values = {name: p.asnumpy().copy() for name, p in compiled.cell.parameters_and_names()}
for name, step, count in (("op by op", eager, 2), ("compiled", compiled, 6)):
    losses, seconds = timed_losses(step, count)
    print(f"{name}: losses {losses[0]:.4f}, {losses[1]:.4f}; first step {seconds[0]:.2f} s, last {seconds[-1]:.2f} s")
# %% [markdown] lang="zh"
# 损失相同；从零训练时，第一步的损失正好是 $\log 10$（分类头全是 0，十个 logits 相等，等于瞎猜）。编译换来的是每一步都快得多：训练几百步，几秒的编译马上就赚回来了。现在过拟合这一批；顺便也用**乱编的标签**试一次：
# %% [markdown] lang="en"
# The losses agree, and the first, when training from scratch, is $\log 10$ exactly (the head is all zeros and the ten logits are equal, a blind guess). What compiling buys is that each step is far faster: over hundreds of steps a few seconds of compiling are soon earned back. Now we overfit this batch; and, while at it, once more with **labels made up at random**:
# %% slow=true
overfit = {}
for name, targets in (("true labels", labels), ("random labels", np.random.default_rng(0).permutation(labels))):
    for key, p in compiled.cell.parameters_and_names():
        p.set_data(ms.Tensor(start_values[key]))  # weights and optimizer as before
    overfit[name] = [float(compiled(images, targets).asnumpy()) for _ in range(50)]
    print(f"{name}: loss {overfit[name][0]:.3f} -> {overfit[name][-1]:.3f} after 50 steps on one batch")
assert overfit["true labels"][-1] < 0.3 * overfit["true labels"][0]
# %% [markdown] lang="zh"
# 两个都降下去了！**损失下降只说明优化在工作，不说明学到了东西**：乱编的标签也能背下来。学没学到，只能用没见过的图来问，那是第 08 课。
# %% [markdown] lang="en"
# Both go down! **A falling loss proves that the optimisation works, not that anything was learned**: labels made up at random can be learned by heart as well. Whether something was learned only images never seen can tell; that is lesson 08.
# %% [markdown] lang="zh" slide="slide"
# ## 5. 完整实现
#
# `vit/training.py` 里的 Cell，原样放进来。`construct` 的第一行做三件事（`value_and_grad`：前向、损失、反向），然后裁剪梯度，最后更新。梯度裁剪（`clip_by_global_norm`）把所有梯度当成一个长向量，长度超过 1 就整体缩到长度为 1：偶尔一批怪图，不至于把网络踢飞。
# %% [markdown] lang="en" slide="slide"
# ## 5. The real thing
#
# The cell as it stands in `vit/training.py`. The first line of `construct` does three of the five (`value_and_grad`: forward, loss, backward); then come clipping and the update. Clipping (`clip_by_global_norm`) takes all gradients as one long vector and, if it is longer than 1, shrinks it to 1: an occasional odd batch cannot throw the network off course.
# %% slow=true
from vit import ViT, ViTConfig

# %% show="vit.training:TrainStep" slow=true
# %% slow=true
import vit.training

small = ViTConfig(16, 8, num_classes=4, embed_dim=16, depth=1, num_heads=2)
pair = [ViT(small), ViT(small)]
copy_values(*pair)
rng = np.random.default_rng(0)
some = ms.Tensor(rng.normal(size=(8, 3, 16, 16)).astype(np.float32)), ms.Tensor(rng.integers(0, 4, 8), ms.int32)
here = TrainStep(pair[0], AdamW(pair[0], lr=1e-2), clip_norm=1.0, label_smoothing=0.1)
package = vit.training.make_train_step(pair[1], lr=1e-2, label_smoothing=0.1)
losses = np.array([[float(here(*some).asnumpy()), float(package(*some).asnumpy())] for _ in range(3)])
print("this cell, op by op:  ", losses[:, 0].round(5))
print("the package, compiled:", losses[:, 1].round(5))
assert np.abs(losses[:, 0] - losses[:, 1]).max() < 1e-4
# %% [markdown] lang="zh" slide="slide"
# ## 6. 训练
#
# 循环就是这么短：每一轮（epoch）把训练图看一遍，裁切的位置和图的次序由种子决定；每轮之后在没见过的验证图上数一数。学习率的峰值从哪来？从更短的试验来：太大损失会弹起来，太小走不动；下面用的值是这样挑出来的。
# %% [markdown] lang="en" slide="slide"
# ## 6. The training
#
# The loop is as short as this: an epoch goes once through the training images, in crops and an order that the seed decides; after each, we count on validation images never trained on. Where does the peak of the rate come from? From shorter trials: too high and the loss jumps up, too low and it hardly moves; the value below was chosen that way.
# %% slow=true
from tqdm.auto import tqdm

from vit.evaluation import evaluate
from vit.optimizer import warmup_cosine
from vit.training import train


def train_for(model, epochs, size):
    """Returns the loss of each step, the rates, and the accuracy on val after each epoch."""
    steps = epochs * (len(pictures.paths) // size)
    rates = warmup_cosine(task.peak, steps, warmup=steps // 10)
    step = make_train_step(model, rates, weight_decay=0.05, label_smoothing=0.1, betas=(0.9, 0.98))
    losses, accuracies = [], []
    for epoch in range(epochs):
        batches = training_batches(pictures, model.preprocessing, size, epoch, crop_scale=(0.5, 1))
        bar = tqdm(train(step, batches), total=steps // epochs, desc=f"epoch {epoch + 1}", leave=False)
        losses += list(bar)
        accuracies.append(evaluate(model, val, batch_size=50, progress=False)["top1"])
    return losses, rates, accuracies


# %% slow=true
from vit.weights import save_model

ms.set_seed(0)
model = model_for(classes, task.model, task.weights)
start = time.time()
losses, rates, accuracies = train_for(model, task.epochs, task.batch_size)
save_model(model, task.trained)  # lesson 08 looks at it closely
print(f"{len(losses)} steps in {time.time() - start:.0f} s; top-1 after each epoch: {[f'{a:.1%}' for a in accuracies]}")
signature(
    f"{task.model}: top-1 {accuracies[-1]:.1%} after {task.epochs} epochs of {len(pictures.paths)} images; guessing {1 / len(classes):.1%}"
)
assert accuracies[-1] > 2 / len(classes)
# %% figure="opening" slow=true
figure, axes = plt.subplots(1, 3, figsize=(10, 2.8))
smooth = np.convolve(losses, np.ones(15) / 15, "valid")
axes[0].plot(losses, color="#cbd5e0", lw=0.8)
axes[0].plot(np.arange(len(smooth)) + 7, smooth, color="#2b6cb0", label="mean of 15")
axes[0].axhline(math.log(len(classes)), ls="--", color="#718096", lw=1, label="guessing: log K")
axes[0].set(title="training loss", xlabel="step", ylim=(min(losses) - 0.1, max(losses) + 0.1))
axes[0].legend(frameon=False, fontsize=8)
axes[1].plot(rates, color="#c05621")
axes[1].set(title="learning rate", xlabel="step")
axes[2].plot(range(1, len(accuracies) + 1), accuracies, "o-", color="#2f855a")
axes[2].axhline(1 / len(classes), ls="--", color="#718096", lw=1)
axes[2].set(title="top-1 on val (dashed: guessing)", xlabel="epoch", ylim=(0, 1), xticks=range(1, len(accuracies) + 1))
plt.tight_layout()
plt.show()
# %% [markdown] lang="zh"
# 一两分钟，从随机数到远好于瞎猜；还没有练完：`python start.py` 的配方是 12 轮。同一个网络、同一份配方，多看图、多训练几轮就继续变好：课程自带的权重先看了 20 000 张画、40 轮，又看了 60 000 张、6 轮，最后 24 000 张、8 轮，配方和日志在 `data/weights/`。ViT 没有卷积那样的先验（邻近的像素相关；平移等变，即物体移动，特征跟着移动），这些要从数据里学，所以论文认为它比卷积网络**更费数据**，用三亿张图预训练（本课没有训练卷积网络来比较）。
# %% [markdown] lang="en"
# In a minute or two it goes from random numbers to far better than guessing, and it is not done: the recipe of `python start.py` takes twelve epochs. The same network with the same recipe goes on improving with more images and more epochs: the weights that come with the course saw 20,000 drawings in 40 epochs, 60,000 more in 6, and 24,000 more in 8; recipe and log are in `data/weights/`. A ViT does not have the priors of convolution built in (neighbouring pixels belong together; where the object moves, its features move along) and has to learn them from data, so the paper found that it **needs more data** than a convolutional network, and pretrained on three hundred million images (no convolutional network is trained here to compare).
# %% [markdown] lang="zh" slide="slide"
# ## 7. 停下，再接上
#
# 云上的会话两小时就断，训练必须能接着跑。要存什么才算“接上”？只存权重够吗？做个实验：走 10 步，存档，再走 5 步，记下损失；然后分别用**完整的状态**和**只有权重**重走这 5 步。
# %% [markdown] lang="en" slide="slide"
# ## 7. Stop, and go on
#
# Cloud sessions end after two hours, so a training must be able to go on. What has to be saved for that? Are the weights enough? An experiment: ten steps, save, five more, and note the losses; then take these five steps again, once from the **whole state** and once from the **weights only**.
# %% slow=true
from vit.runtime.paths import OUTPUTS
from vit.checkpoint import Progress, load_state, save_state

state_file = OUTPUTS / "lessons" / "state.safetensors"
toy_rates = warmup_cosine(1e-2, 15, warmup=5)


def five_more(step):
    return [round(float(step(*some).asnumpy()), 6) for _ in range(5)]


first = make_train_step(ViT(small), toy_rates)
for _ in range(10):
    first(*some)
save_state(state_file, first.cell, Progress(batch=10), settings={"rates": 15})
weights_only = {name: p.asnumpy().copy() for name, p in first.cell.model.parameters_and_names()}
print("never stopped:  ", unbroken := five_more(first))
# %% slow=true
resumed = make_train_step(ViT(small), toy_rates)
load_state(state_file, resumed.cell, settings={"rates": 15})
print("whole state:    ", whole := five_more(resumed))

restarted = make_train_step(ViT(small), toy_rates)
for name, p in restarted.cell.model.parameters_and_names():
    p.set_data(ms.Tensor(weights_only[name]))
print("weights only:   ", five_more(restarted))
assert whole == unbroken
kinds = {name.split(".")[0] for name, _ in resumed.cell.parameters_and_names()}
print("what the state holds:", sorted(kinds))
# %% [markdown] lang="zh"
# 完整的状态接得一模一样，一位小数都不差。只有权重时，第一步的损失还一样（权重相同），然后就走上了别的路：$m$、$v$ 归零，步数归零，学习率重新预热。（最后一个损失反而更低，不要误会：原来的训练已到余弦的末尾，步子很小；重新开始的又升回峰值，在同一批图上自然降得快。这里要的是“接上”，不是“更低”。）所以存档要有：权重、$m$ 和 $v$、步数（学习率跟着它走），还有数据走到哪一批（次序由种子和轮数决定，种子在设置里，所以只要再记轮数和批号）。
#
# 在命令行里，这些都是现成的（按 Ctrl-C 停，再加 `--resume` 接上；文件先写完再改名，断电也不会留下半个）：
#
# ```
# vit train --data data/sample --model vit_sample_patch8_64 --epochs 8 --out outputs/mine
# vit train --data data/sample --model vit_sample_patch8_64 --epochs 8 --out outputs/mine --resume
# ```
# %% [markdown] lang="en"
# From the whole state the run goes on exactly, to the last digit. With the weights only, the first loss is still the same (so are the weights), and then it takes another way: $m$ and $v$ are zero again, so is the count of steps, and the rate warms up anew. (That its last loss is even lower should not mislead: the unbroken run is at the end of its cosine, where steps are small, while the restarted one climbs to the peak again and on one and the same batch falls faster. The aim was to go on, not to be lower.) What has to be saved is therefore: weights, $m$ and $v$, the number of steps (the rate follows it), and how far the data have come (their order follows from seed and epoch; the seed is among the settings, so epoch and batch are all it takes).
#
# On the command line all this is there (stop with Ctrl-C, go on with `--resume`; files are finished first and renamed then, so not even a power cut leaves half a file):
#
# ```
# vit train --data data/sample --model vit_sample_patch8_64 --epochs 8 --out outputs/mine
# vit train --data data/sample --model vit_sample_patch8_64 --epochs 8 --out outputs/mine --resume
# ```
# %% [markdown] lang="zh" slide="slide"
# ## 8. 精度和设备
#
# 代码不变，换设备只是换一个参数；能用的数值精度不同：
#
# | | CPU | GPU | Ascend |
# |---|---|---|---|
# | 选择 | `--device cpu` | `--device gpu` | `--device ascend` |
# | 精度 | `fp32` | `fp32`、`fp16` | `fp32`、`fp16`、`bf16` |
# | 第一步 | 编译几秒 | 编译，通常更久 | 编译，通常更久 |
# | 本课程里 | 全部运行过 | **还没有在这里运行过** | **还没有在这里运行过** |
#
# 16 位的数省内存、算得快，但有代价。`float16` 只有 5 位指数：比 $2^{-25}\approx3\times10^{-8}$ 更小的都成了 0，而梯度里可能有这么小的。补救是**损失缩放**（loss scaling）：先把损失乘一个大数 $S$（梯度跟着大 $S$ 倍），裁剪和更新之前再除回去。`bfloat16` 的指数和 `float32` 一样多，不需要这一手；所以 `vit train --precision` 只有 `fp32` 和 `bf16`，没有 `fp16`。
# %% [markdown] lang="en" slide="slide"
# ## 8. Precision and devices
#
# The code stays; another device is another argument. What differs is the precision that can be used:
#
# | | CPU | GPU | Ascend |
# |---|---|---|---|
# | choose | `--device cpu` | `--device gpu` | `--device ascend` |
# | precision | `fp32` | `fp32`, `fp16` | `fp32`, `fp16`, `bf16` |
# | first step | compiles for seconds | compiles, usually longer | compiles, usually longer |
# | in this course | all of it was run | **not yet run here** | **not yet run here** |
#
# Numbers of 16 bits save memory and time, at a price. `float16` has five bits of exponent: everything below $2^{-25}\approx3\times10^{-8}$ becomes 0, and some gradients may be that small. The remedy is **loss scaling**: the loss is multiplied by a large $S$ (and so are all gradients), and before clipping and update they are divided by it again. `bfloat16` has as many bits of exponent as `float32` and does not need this; so `vit train --precision` offers `fp32` and `bf16`, and no `fp16`.
# %% slow=true
loss_fn = ms.value_and_grad(lambda x, t: nn.CrossEntropyLoss()(model(x), t), None, model.trainable_params())
_, found = loss_fn(ms.Tensor(images), ms.Tensor(labels))
gradients = np.concatenate([g.asnumpy().ravel() for g in found])  # (P,): of every parameter
biases = [g.asnumpy() for p, g in zip(model.trainable_params(), found, strict=True) if p.name.endswith("qkv.bias")]
keys = np.concatenate([bias.reshape(3, -1)[1] for bias in biases])  # softmax does not see a constant: truly 0
alive = np.abs(gradients[gradients != 0])
print(f"{len(gradients):,} gradients of the model just trained; typical size {np.median(alive):.1e}")
for scale in (1, 1024):
    gone, gone_keys = (((x * scale).astype(np.float16) == 0).sum() for x in (alive, keys))
    print(f"times {scale}, then float16: {gone} become 0, of which {gone_keys} are biases of keys")


# %% [markdown] lang="zh"
# 读这个输出：丢掉的多半是注意力里**键的偏置**。它们的梯度在数学上就是 0（给所有分数加同一个数，softmax 不变），算出来的只是舍入误差，丢了也无妨。其余真正丢失的几十个，放大 1024 倍之后几乎都救回来了。这个小网络里丢失的很少；真正用 16 位训练时，反向传播的中间结果也会这样丢失，所以仍要放大。
# %% [markdown] lang="en"
# How to read it: most of what is lost are **biases of keys**. Their gradient is truly 0 (one number added to all scores changes no softmax), what was computed is rounding, and losing it does no harm. Of the few dozen others, really lost, a factor of 1024 saves nearly all. In this small network little is lost; in training with 16 bits, intermediate results of the backward pass are lost in the same way, so scaling is needed all the same.


# %% [markdown] lang="zh" exercise="07.4" slide="subslide"
# ### 练习 07.4 · 丢了多少（★★，8 分钟）
#
# 写 `lost(gradients, scale)`：本来**不是** 0 的梯度里，乘 `scale`、转成 `float16` 之后变成 0 的占多大比例（0 到 1）？
# %% [markdown] lang="en" exercise="07.4" slide="subslide"
# ### Exercise 07.4 · How many are lost (★★, 8 minutes)
#
# Write `lost(gradients, scale)`: of the gradients that are **not** 0, which share is 0 after being multiplied by `scale` and cast to `float16`?
# %% exercise="07.4"
def lost(gradients, scale):
    return 0.0  # your turn


# %% solution="07.4"
def lost(gradients, scale):
    alive = gradients[gradients != 0]
    return ((alive * scale).astype(np.float16) == 0).mean()


# %% [markdown] hint="07.4" lang="zh"
# 先挑出不是 0 的。分母是它们的个数。
# %% [markdown] hint="07.4" lang="en"
# First pick those that are not 0. Their number is the denominator.
# %% [markdown] hint="07.4" lang="zh"
# 先乘，再转成 `float16`；反过来就晚了。
# %% [markdown] hint="07.4" lang="en"
# Multiply first, cast then; the other way round is too late.
# %% [markdown] hint="07.4" lang="zh"
# `((alive * scale).astype(np.float16) == 0).mean()`
# %% [markdown] hint="07.4" lang="en"
# `((alive * scale).astype(np.float16) == 0).mean()`
# %% wrong="07.4" mistake="zeros counted"
# zh: 把本来就是 0 的也算了进去
# en: gradients that were 0 from the start were counted, too
def lost(gradients, scale):
    return ((gradients * scale).astype(np.float16) == 0).mean()


# %% wrong="07.4" mistake="cast first"
# zh: 先转成了 float16 再乘：小的已经丢了，放大没有用
# en: cast to float16 before multiplying: the small ones are gone by then, and scaling is of no use
def lost(gradients, scale):
    alive = gradients[gradients != 0]
    return (alive.astype(np.float16) * np.float16(scale) == 0).mean()


# %% wrong="07.4" mistake="share of all"
# zh: 分母用了全部梯度的个数；应当只用不是 0 的
# en: the denominator is the number of all gradients; it should be of those that are not 0
def lost(gradients, scale):
    alive = gradients[gradients != 0]
    return ((alive * scale).astype(np.float16) == 0).sum() / len(gradients)


# %% wrong="07.4" mistake="share that survives"
# zh: 这是留下来的份额，题目问丢掉的
# en: this is the share that survives; the share lost is wanted
def lost(gradients, scale):
    alive = gradients[gradients != 0]
    return ((alive * scale).astype(np.float16) != 0).mean()


# %%
toy_gradients = np.array([0, 0, 0, 1e-9, -4e-9, 2e-8, -2.5e-8, 3e-7, 1e-5, -0.2])
check("07.4", [lost(toy_gradients, scale) for scale in (1, 4, 1024)])


# hint("07.4")
# %% [markdown] lang="zh" slide="slide"
# ## 9. 常见的错误说法
#
# **“权重衰减就是 L2 正则。”** 对 SGD 是的；对 Adam 不是。两个参数都等于 1，梯度的大小不同，各走 200 步（梯度是平均为 0 的噪声，所以变化只来自衰减）：
# %% [markdown] lang="en" slide="slide"
# ## 9. Wrong statements people repeat
#
# **"Weight decay is L2 regularisation."** With SGD it is, with Adam it is not. Two parameters of value 1 with gradients of different size, 200 steps each (the gradients are noise of mean 0, so what shrinks, shrinks by the decay):
# %%
def walk(decoupled, size, lr=0.01, decay=0.1):
    noise, (p, m, v) = np.random.default_rng(0), (np.ones(2000), 0.0, 0.0)  # 2000 walks at once
    for t in range(1, 201):
        g = noise.normal(0, size, 2000) + (0 if decoupled else decay * p)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        p = p - lr * ((m / (1 - 0.9**t)) / np.sqrt(v / (1 - 0.999**t)) + (decay * p if decoupled else 0))
    return p.mean()


for name, decoupled in (("AdamW", True), ("Adam with L2", False)):
    print(f"{name:13}: gradients of size 0.1: {walk(decoupled, 0.1):.2f}, of size 10: {walk(decoupled, 10):.2f}")
# %% [markdown] lang="zh"
# AdamW 让两个参数缩得一样多；L2 写进梯度后，也被 $\sqrt{\hat v}$ 除了：梯度大的参数几乎不缩，梯度小的却缩得过头。
#
# **“所有参数都要衰减。”** 偏置、归一化、位置和类别 token 不衰减（`vit/optimizer.py` 的 `decays`）：把归一化的 $\gamma$ 往 0 拉，没有道理。
# %% [markdown] lang="en"
# AdamW shrinks both parameters alike. L2 inside the gradient is divided by $\sqrt{\hat v}$ as well: with large gradients the parameter hardly shrinks, with small ones it shrinks far too much.
#
# **"All parameters decay."** Biases, norms, positions and class token do not (`decays` in `vit/optimizer.py`): there is no reason to pull the $\gamma$ of a norm towards 0.
# %% slow=true
from vit.optimizer import decays

named = list(model.parameters_and_names())
for title, wanted in (("decay", True), ("no decay", False)):
    some_names = [name for name, p in named if decays(name, p) is wanted]
    print(f"{title:9}{len(some_names):4} parameters, for instance", some_names[:4])
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 一步 = 前向、损失、反向、裁剪、更新，编译成一张计算图；开始时的损失应是 $\log K$，先能过拟合一批，再谈训练。
# 2. 不算衰减，AdamW 的第一步里每个参数都移动一个学习率，靠的是偏差修正；衰减不进梯度。
# 3. 接着训练要存的不只是权重：还有 $m$、$v$、步数和数据走到哪里。
#
# <details><summary>问题一：训练损失为什么离 0 还很远？</summary>
#
# 首先是还没学够：只训练了三轮。另外两个原因让它即使学够了也到不了 0：标签平滑（$s=0.1$、10 类时最小约 0.5）；训练图是随机裁切的，比验证时的图难认。所以训练损失和验证正确率不能直接比。
#
# </details>
#
# <details><summary>问题二：最后一批不满 32 张，训练时丢掉，评估时却一张也不能丢，为什么？</summary>
#
# 训练每轮重新打乱，丢掉的每次不同，没有哪张图永远轮不到；而且新的形状要重新编译。评估丢掉的每次都是同样几张，报告的就不是这个数据集的正确率了。
#
# </details>
#
# **下一课**（08）：刚训练好的模型到底学到了什么？证明评估的就是它，再和基线、和乱编的标签比。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. A step is forward, loss, backward, clipping, update, compiled to one graph; the loss starts at $\log K$, and one batch must be overfitted before any training makes sense.
# 2. Decay aside, AdamW's first step moves each parameter by one learning rate, thanks to bias correction; its decay stays out of the gradient.
# 3. To go on with a training, weights are not enough: $m$, $v$, the count of steps and the place in the data belong to it.
#
# <details><summary>Question 1: why is the training loss still far from 0?</summary>
#
# First, three epochs are too few. Two more reasons would keep it from 0 in any case: label smoothing (with $s=0.1$ and ten classes the least possible is about 0.5), and training images are random crops, harder than those of validation. So training loss and validation accuracy cannot be compared directly.
#
# </details>
#
# <details><summary>Question 2: training drops the last, partial batch; evaluation may not lose one image. Why?</summary>
#
# Training shuffles anew each epoch, so other images are dropped each time and none is left out for ever; and a new shape would have to be compiled. Evaluation would drop the same ones every time, and what it reports would not be the accuracy on this data set.
#
# </details>
#
# **Next** (08): what has the model just trained really learned? Proof that it is the one evaluated, and a comparison with baselines and made-up labels.
# %% [markdown] lang="zh" slide="slide"
# ## 打卡
#
# 运行它。它会重新检查上面的练习，给你一道只属于你的小题；算出后把 `answer=数值` 加进括号再运行一次。
# %% [markdown] lang="en" slide="slide"
# ## Check-in
#
# Run it. It checks the exercises above again and poses a question made for you; work it out, add `answer=number` and run once more.
# %%
checkin()
