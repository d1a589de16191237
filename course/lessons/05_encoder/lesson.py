# %% [markdown] lang="zh" slide="slide"
# # 05 · 编码器：能叠很深的块
#
# ![ViT 全图，亮的部分是编码器层](../../course/figures/map_encoder.zh.svg)
#
# 注意力让 token 互相看见，但光有注意力叠不深、也学不好。ViT 的一个**块**（block）还有三样东西：逐 token 的 MLP、残差连接、层归一化；训练深的网络时，后来的配方常再加一样：随机深度（drop path）。本课一样一样装上去，并且**量一量**：24 个块叠起来，信号和梯度各还剩多少。结果和许多教程说的不一样。
#
# ![左：24 个块之后 token 之间还剩多少差别；右：每一块收到的梯度](../../course/lessons/05_encoder/figures/opening.png)
#
# *终点的样子：四种搭法，左边看 token 之间的差别，右边看梯度。第 4 步会画出这张图。*
#
# **需要**：第 04 课的注意力（会用，不要求会写）。**阅读** 约 20 分钟，**运行** 约半分钟（两核 CPU，见 `notebooks/TIMINGS.md`）。可单独运行。
# %% [markdown] lang="en" slide="slide"
# # 05 · The encoder: blocks that can be stacked
#
# ![Map of the whole ViT; the lit part is the encoder block](../../course/figures/map_encoder.en.svg)
#
# Attention lets tokens see each other, but attention alone can neither be stacked deep nor learn well. One **block** of ViT has three more things: an MLP applied to each token, residual connections, layer normalisation; and recipes for training deep ones add a fourth, drop path. This lesson adds them one by one, and **measures** what is left of signal and gradient in a stack of 24. The result is not what many tutorials say.
#
# ![Left: how much tokens still differ after each of 24 blocks; right: the gradient each block receives](../../course/lessons/05_encoder/figures/opening.png)
#
# *Where we end: four ways to build the stack; left, how much tokens still differ; right, the gradients. Step 4 draws this figure.*
#
# **You need**: attention as in lesson 04 (to use, not to write). About 20 minutes **to read**, about half a minute **to run** (two CPU cores, see `notebooks/TIMINGS.md`). Runs alone.
# %%
import math

import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, checkin, hint, signature

begin("05")
# %% [markdown] lang="zh" note=true
# 约 45 分钟。第 1 步先在黑板上写出一个 token 的三个数，手算均值和方差。第 4 步运行前让学员猜：没有残差时，先坏的是梯度，还是信号？练习 05.2 最容易错在第二个分支用了旧的 x，值得当众讲。
# %% [markdown] lang="en" note=true
# About 45 minutes. In step 1, put one token of three numbers on the board and work out mean and variance by hand. Before running step 4 ask for a bet: without residuals, what breaks first, the gradient or the signal? In exercise 05.2 many feed the old x to the second branch; worth discussing together.
# %% [markdown] lang="zh" slide="slide"
# ## 1. 层归一化：每个 token 自己跟自己比
#
# 层归一化（layer normalisation）把**每个 token** 的 $D$ 个数变成均值 0、方差 1，再乘上学来的 $\gamma$、加上学来的 $\beta$（各 $D$ 个数）：
#
# $$\mathrm{LN}(x) = \gamma\,\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta,\qquad \mu,\sigma^2 \text{ 取自 } x \text{ 自己的 } D \text{ 个数}$$
#
# 它不看别的 token，也不看别的图像，所以批大小是 1 也一样。循环版：
# %% [markdown] lang="en" slide="slide"
# ## 1. Layer normalisation: each token compared with itself
#
# Layer normalisation gives the $D$ numbers of **each token** mean 0 and variance 1, then multiplies by a learned $\gamma$ and adds a learned $\beta$ ($D$ numbers each):
#
# $$\mathrm{LN}(x) = \gamma\,\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta,\qquad \mu,\sigma^2 \text{ over the } D \text{ numbers of } x \text{ itself}$$
#
# It looks at no other token and no other image, so a batch of one is as good as any. With loops:
# %%
rng = np.random.default_rng(0)
x = rng.normal(3, 2, size=(2, 5, 8)).astype(np.float32)  # (B=2, N=5, D=8)

by_loop = np.zeros_like(x)
for b in range(2):
    for n in range(5):  # each token alone
        token = x[b, n]  # (D,)
        by_loop[b, n] = (token - token.mean()) / np.sqrt(token.var() + 1e-6)

by_mindspore = nn.LayerNorm((8,), epsilon=1e-6)(ms.Tensor(x)).asnumpy()
print("before:", x[0, 0].mean().round(3), x[0, 0].var().round(3))
print("after: ", by_loop[0, 0].mean().round(3), by_loop[0, 0].var().round(3))
print(f"loops and nn.LayerNorm differ by at most {np.abs(by_loop - by_mindspore).max():.1e}")
# %% [markdown] lang="zh"
# 一个真实的陷阱：`nn.LayerNorm` 的默认 $\epsilon$ 是 $10^{-7}$，公开的 ViT 权重要的是 $10^{-6}$。当 token 的方差像这里一样小（输入缩到千分之一）时，差别就出来了；平常的输入上影响很小（第 06 课会量）：
# %% [markdown] lang="en"
# A real trap: the default $\epsilon$ of `nn.LayerNorm` is $10^{-7}$; published ViT weights want $10^{-6}$. Where a token's variance is as small as here (inputs scaled by a thousandth), it shows; with ordinary inputs the effect is tiny (lesson 06 measures it):
# %%
faint = ms.Tensor(x * 1e-3)
wide, narrow = nn.LayerNorm((8,), epsilon=1e-6)(faint), nn.LayerNorm((8,))(faint)
print("largest difference:", np.abs((wide - narrow).asnumpy()).max())


# %% [markdown] lang="zh" exercise="05.1" slide="subslide"
# ### 练习 05.1 · 不用循环的层归一化（★，6 分钟）
#
# 写 `layer_norm(x, gamma, beta, eps)`：`x (B, N, D)`，`gamma, beta (D,)`，返回 `(B, N, D)`。方差用有偏的（除以 $D$），和上面一样。
# %% [markdown] lang="en" exercise="05.1" slide="subslide"
# ### Exercise 05.1 · Layer normalisation without loops (★, 6 minutes)
#
# Write `layer_norm(x, gamma, beta, eps)`: `x (B, N, D)`, `gamma, beta (D,)`, returns `(B, N, D)`. The variance divides by $D$, as above.
# %% exercise="05.1"
def layer_norm(x, gamma, beta, eps):
    return x  # (B, N, D), your turn


# %% solution="05.1"
def layer_norm(x, gamma, beta, eps):
    mean = x.mean(-1, keepdims=True)  # (B, N, 1)
    variance = x.var(-1, keepdims=True)  # (B, N, 1)
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta  # (B, N, D)


# %% [markdown] hint="05.1" lang="zh"
# 均值和方差都沿最后一个轴。怎样让结果还能和 `x` 相减？
# %% [markdown] hint="05.1" lang="en"
# Mean and variance both go along the last axis. How can the result still be subtracted from `x`?
# %% [markdown] hint="05.1" lang="zh"
# `keepdims=True` 让形状是 `(B, N, 1)`，可以广播。
# %% [markdown] hint="05.1" lang="en"
# `keepdims=True` gives the shape `(B, N, 1)`, which broadcasts.
# %% [markdown] hint="05.1" lang="zh"
# `gamma * (x - 均值) / np.sqrt(方差 + eps) + beta`。
# %% [markdown] hint="05.1" lang="en"
# `gamma * (x - mean) / np.sqrt(variance + eps) + beta`.
# %% wrong="05.1" mistake="over the tokens"
# zh: 看起来沿 token 的轴归一化了；应当沿最后一个轴，每个 token 各算各的
# en: it looks as if you normalised along the tokens; it is the last axis, each token by itself
def layer_norm(x, gamma, beta, eps):
    return gamma * (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps) + beta


# %% wrong="05.1" mistake="over the image"
# zh: 看起来把一张图的所有 token 放在一起算了均值和方差
# en: it looks as if mean and variance were taken over all tokens of an image together
def layer_norm(x, gamma, beta, eps):
    return gamma * (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + eps) + beta


# %% wrong="05.1" mistake="over the batch"
# zh: 这是批归一化：沿批的轴算了；层归一化不看别的图像
# en: this is batch normalisation, along the batch; layer normalisation does not look at other images
def layer_norm(x, gamma, beta, eps):
    return gamma * (x - x.mean((0, 1))) / np.sqrt(x.var((0, 1)) + eps) + beta


# %% wrong="05.1" mistake="no gamma and beta"
# zh: 少了 gamma 和 beta
# en: gamma and beta are missing
def layer_norm(x, gamma, beta, eps):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)


# %% wrong="05.1" mistake="divided by the variance"
# zh: 除以了方差，应当除以标准差（开根号）
# en: divided by the variance; it is the standard deviation, the square root
def layer_norm(x, gamma, beta, eps):
    return gamma * (x - x.mean(-1, keepdims=True)) / (x.var(-1, keepdims=True) + eps) + beta


# %% wrong="05.1" mistake="divided by D - 1"
# zh: 方差除以了 D−1（ddof=1）；这里除以 D
# en: the variance was divided by D - 1 (ddof=1); here it is D
def layer_norm(x, gamma, beta, eps):
    return gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True, ddof=1) + eps) + beta


# %%
toy_gamma, toy_beta = np.linspace(0.5, 2, 8), np.linspace(-1, 1, 8)
check("05.1", layer_norm(x, toy_gamma, toy_beta, 1e-6))
# hint("05.1")
# %% [markdown] lang="zh" slide="slide"
# ## 2. MLP：每个 token 各想各的
#
# 注意力在 token 之间搬运信息，但除了线性变换，它只会加权平均；真正的“加工”在 MLP：放宽到 $4D$，过一个非线性函数 GELU，再收回 $D$。同一个 MLP 用于每个 token，token 之间互不相干：
#
# $$\mathrm{MLP}(x)=W_2\,\mathrm{GELU}(W_1x+b_1)+b_2,\qquad \mathrm{GELU}(x)=x\,\Phi(x)$$
#
# 代码里 $W_1, b_1$ 叫 `fc1`，$W_2, b_2$ 叫 `fc2`。$\Phi$ 是标准正态分布的累积概率。用 `tanh` 的近似式也常见，`nn.GELU` 的**默认**就是它；本课程载入的公开权重，参考程序（timm）用的是精确式。差多少？
# %% [markdown] lang="en" slide="slide"
# ## 2. MLP: each token thinks for itself
#
# Attention carries information between tokens, but apart from linear maps all it can do is take weighted means; the work on what was carried happens in the MLP: widen to $4D$, apply the non-linear GELU, go back to $D$. The same MLP serves every token, and tokens do not meet in it:
#
# $$\mathrm{MLP}(x)=W_2\,\mathrm{GELU}(W_1x+b_1)+b_2,\qquad \mathrm{GELU}(x)=x\,\Phi(x)$$
#
# In code $W_1, b_1$ are `fc1` and $W_2, b_2$ are `fc2`. $\Phi$ is the cumulative probability of the standard normal distribution. An approximation by `tanh` is common, and is the **default** of `nn.GELU`; the reference program of the published weights used here (timm) has the exact form. How far apart are they?
# %%
from vit.encoder import GELU

grid = np.linspace(-4, 4, 401, dtype=np.float32)
exact = np.array([v * 0.5 * (1 + math.erf(v / math.sqrt(2))) for v in grid])
ours, tanh = GELU("exact")(ms.Tensor(grid)).asnumpy(), nn.GELU()(ms.Tensor(grid)).asnumpy()
print(f"ours and math.erf differ by at most {np.abs(ours - exact).max():.1e}")
print(f"the default nn.GELU and math.erf by {np.abs(tanh - exact).max():.1e}")


# %% [markdown] lang="zh"
# 每次最多差万分之几，但逐层累积，logits 就不会和参考程序逐位对上；正确率受不受影响，要另外量。“差不多”的网络载入别人的权重，不会报错，这是最难查的错。
# %% [markdown] lang="en"
# At most a few ten-thousandths each time; but they add up over the layers, and the logits no longer match those of the reference digit by digit (whether accuracy suffers is another measurement). A network that is almost the same loads published weights without any complaint: the hardest kind of error to find.
# %% [markdown] lang="zh" slide="slide"
# ## 3. 残差：加上去，而不是换掉
#
# 每个分支的输出**加**到输入上：$x \leftarrow x + f(x)$。分支只需要学“改什么”，输入原样有一条直路通到底，梯度也有。归一化放哪里，有两种写法：
#
# | | 公式 |
# |---|---|
# | post-norm（原始 Transformer，2017） | $x \leftarrow \mathrm{LN}(x+f(x))$ |
# | pre-norm（ViT，2021） | $x \leftarrow x+f(\mathrm{LN}(x))$ |
#
# 差别在于直路：post-norm 的每个分支都要穿过一次 LN，pre-norm 的直路上什么也没有。ViT 的块就是两个 pre-norm 分支（论文式 2、3）：
#
# $$z' = z + \mathrm{MSA}(\mathrm{LN}_1(z)),\qquad z'' = z' + \mathrm{MLP}(\mathrm{LN}_2(z'))$$
#
# MSA 就是第 04 课的多头自注意力。
# %% [markdown] lang="en" slide="slide"
# ## 3. Residuals: added, not replaced
#
# The output of a branch is **added** to its input: $x \leftarrow x + f(x)$. The branch learns only what to change; the input has a straight road to the end, and so has the gradient. Where does the normalisation go? There are two ways:
#
# | | formula |
# |---|---|
# | post-norm (the first Transformer, 2017) | $x \leftarrow \mathrm{LN}(x+f(x))$ |
# | pre-norm (ViT, 2021) | $x \leftarrow x+f(\mathrm{LN}(x))$ |
#
# The difference is the road: with post-norm it goes through an LN at every branch, with pre-norm there is nothing on it. A block of ViT is two pre-norm branches (equations 2 and 3 of the paper; MSA is the multi-head self-attention of lesson 04):
#
# $$z' = z + \mathrm{MSA}(\mathrm{LN}_1(z)),\qquad z'' = z' + \mathrm{MLP}(\mathrm{LN}_2(z'))$$
# %% [markdown] lang="zh" exercise="05.2" slide="subslide"
# ### 练习 05.2 · 装一个块（★★，6 分钟）
#
# 给定四个函数 `attn, mlp, norm1, norm2`，写 `block(x, attn, mlp, norm1, norm2)`，照论文式 2、3 的 pre-norm。占位的代码什么也不做。
# %% [markdown] lang="en" exercise="05.2" slide="subslide"
# ### Exercise 05.2 · Put a block together (★★, 6 minutes)
#
# Given four functions `attn, mlp, norm1, norm2`, write `block(x, attn, mlp, norm1, norm2)`: pre-norm, equations 2 and 3. The placeholder does nothing.
# %% exercise="05.2"
def block(x, attn, mlp, norm1, norm2):
    return x  # (B, N, D), your turn


# %% solution="05.2"
def block(x, attn, mlp, norm1, norm2):
    x = x + attn(norm1(x))  # (B, N, D)
    return x + mlp(norm2(x))  # (B, N, D)


# %% [markdown] hint="05.2" lang="zh"
# 两行，一行一个分支。
# %% [markdown] hint="05.2" lang="en"
# Two lines, one for each branch.
# %% [markdown] hint="05.2" lang="zh"
# 第二个分支的输入是第一个分支之后的结果，不是最初的 `x`。
# %% [markdown] hint="05.2" lang="en"
# The second branch starts from the result of the first, not from the original `x`.
# %% [markdown] hint="05.2" lang="zh"
# `x = x + attn(norm1(x))`，第二行同样。
# %% [markdown] hint="05.2" lang="en"
# `x = x + attn(norm1(x))`, and the second line likewise.
# %% wrong="05.2" mistake="post-norm"
# zh: 这是 post-norm：先加再归一化；ViT 是先归一化、再变换、最后加
# en: this is post-norm, added and then normalised; ViT normalises, transforms, then adds
def block(x, attn, mlp, norm1, norm2):
    x = norm1(x + attn(x))
    return norm2(x + mlp(x))


# %% wrong="05.2" mistake="no residual"
# zh: 没有残差：分支的输出要加到输入上
# en: no residuals: what a branch puts out is added to its input
def block(x, attn, mlp, norm1, norm2):
    return mlp(norm2(attn(norm1(x))))


# %% wrong="05.2" mistake="parallel"
# zh: 第二个分支用了最初的 x；它应当接在第一个分支之后
# en: the second branch starts from the original x; it should start from the first branch's result
def block(x, attn, mlp, norm1, norm2):
    return x + attn(norm1(x)) + mlp(norm2(x))


# %% wrong="05.2" mistake="residual after the norm"
# zh: 加上去的是归一化之后的 x；直路上应当是原来的 x
# en: what was added is the normalised x; the straight road carries x itself
def block(x, attn, mlp, norm1, norm2):
    y = norm1(x)
    x = y + attn(y)
    y = norm2(x)
    return y + mlp(y)


# %% wrong="05.2" mistake="second residual missing"
# zh: 第二个分支没有残差
# en: the second branch has no residual
def block(x, attn, mlp, norm1, norm2):
    x = x + attn(norm1(x))
    return mlp(norm2(x))


# %%
toy = np.sin(np.arange(24.0)).reshape(1, 4, 6)  # (B=1, N=4, D=6)
tools = (lambda t: t.mean(1, keepdims=True) + 0 * t, lambda t: t**2, lambda t: 2 * t + 1, lambda t: t - 0.5)
check("05.2", block(toy, *tools))
# hint("05.2")
# %% [markdown] lang="zh" slide="slide"
# ## 4. 量一量：24 个块之后还剩什么
#
# 常听说“没有残差，梯度会消失”。我们来量。四种 24 块的网络，权重按 ViT 的方式初始化，还没有训练：**bare**（块里既无归一化也无残差）、**no residual**（有归一化、无残差）、**post-norm**、**pre-norm**；每个网络的最后都像 ViT 一样有一个 LN。喂随机 token，量两件事：
#
# 1. 每块之后，**token 之间的差别**占总平方和的多少。是 0 就说明所有 token 都一样了，后面的层再也分不清哪块是哪块；
# 2. 从最后的损失传回来，每块的 `fc1` 权重收到的**梯度**有多大。
# %% [markdown] lang="en" slide="slide"
# ## 4. Measured: what is left after 24 blocks?
#
# "Without residuals gradients vanish", one often hears. Let us measure. Four networks of 24 blocks, initialised as ViT is (biases 0) and not trained: **bare** (neither normalisation nor residuals in the blocks), **no residual** (normalisation only), **post-norm**, **pre-norm**; each ends in one LN, as ViT does. We feed random tokens and measure two things:
#
# 1. after each block, what share of the sum of squares is the **difference between tokens**. At 0 all tokens are the same, and no later block can tell one patch from another;
# 2. the **gradient** that each block's `fc1` weight receives from a loss at the end.
# %%
from vit.attention import Attention
from vit.encoder import MLP


class ToyBlock(nn.Cell):
    def __init__(self, kind, dim=48):
        super().__init__()
        self.kind = kind
        self.norm1, self.norm2 = nn.LayerNorm((dim,), epsilon=1e-6), nn.LayerNorm((dim,), epsilon=1e-6)
        self.attn, self.mlp = Attention(dim, num_heads=4), MLP(dim, 4 * dim)

    def construct(self, x):
        return self.half(self.half(x, self.norm1, self.attn), self.norm2, self.mlp)

    def half(self, x, norm, branch):
        if self.kind == "bare":
            return branch(x)
        if self.kind == "no residual":
            return branch(norm(x))
        return x + branch(norm(x)) if self.kind == "pre-norm" else norm(x + branch(x))


# %%
def make_stack(kind, depth=24):
    stack = nn.SequentialCell([ToyBlock(kind) for _ in range(depth)] + [nn.LayerNorm((48,), epsilon=1e-6)])
    init = np.random.default_rng(1)
    for p in stack.get_parameters():
        if p.ndim == 2:  # Xavier uniform, as the table in vit/model.py says; biases 0
            limit = math.sqrt(6 / sum(p.shape if "qkv" not in p.name else (48, 48)))
            p.set_data(ms.Tensor(init.uniform(-limit, limit, p.shape).astype(np.float32)))
        elif p.name.endswith("bias"):
            p.set_data(ops.zeros_like(p))
    return stack


tokens = ms.Tensor(rng.normal(size=(8, 17, 48)).astype(np.float32))  # (B, N, D)
target = ms.Tensor(rng.normal(size=(8, 17, 48)).astype(np.float32))


# %%
def difference_between_tokens(stack):
    """After each block: the share of the sum of squares that is not common to all tokens."""
    shares, x = [], tokens
    for one in list(stack)[:-1]:
        x = one(x)
        a = x.asnumpy()  # (B, N, D)
        shares.append(((a - a.mean(1, keepdims=True)) ** 2).sum() / (a**2).sum())
    return shares


def gradients(stack):
    """The length of the gradient of each block's fc1 weight, the first block first."""
    weights = [p for p in stack.get_parameters() if p.name.endswith("fc1.weight")]
    found = ms.grad(lambda t: ((stack(t) - target) ** 2).mean(), None, weights=weights)(tokens)
    return [float(g.norm().asnumpy()) for g in found]


# %% slow=true
kinds = ("bare", "no residual", "post-norm", "pre-norm")
shares = {kind: difference_between_tokens(make_stack(kind)) for kind in kinds}
sizes = {kind: gradients(make_stack(kind)) for kind in kinds}
print("              differ between tokens after block    gradient of fc1 in block")
print("                   1       4      12      24           1        12        24")
for kind in kinds:
    a, g = shares[kind], sizes[kind]
    print(f"{kind:12} {a[0]:7.4f} {a[3]:7.4f} {a[11]:7.4f} {a[23]:7.4f}     {g[0]:.1e}   {g[11]:.1e}   {g[23]:.1e}")
assert shares["no residual"][3] < 1e-3 < 0.1 < shares["pre-norm"][23]
signature(
    f"tokens still differ after 24 blocks: pre-norm {shares['pre-norm'][23]:.1%}, no residual {shares['no residual'][23]:.1%}"
)
# %% figure="opening" slow=true
figure, axes = plt.subplots(1, 2, figsize=(9, 3.2))
colors = dict(zip(kinds, ("#c05621", "#d69e2e", "#718096", "#2b6cb0"), strict=True))
for kind in kinds:
    axes[0].plot(range(1, 25), np.maximum(shares[kind], 1e-8), ".-", color=colors[kind], label=kind)
    axes[1].plot(range(1, 25), sizes[kind], ".-", color=colors[kind], label=kind)
axes[0].set(yscale="log", xlabel="block", title="difference between tokens (share)", ylim=(1e-8, 2))
axes[1].set(yscale="log", xlabel="block", title="gradient of fc1, before training")
axes[1].legend(frameon=False)
plt.show()
# %% [markdown] lang="zh"
# 看图，再对照那句话：
#
# - **bare**：每一块的梯度都小到没法用（右图橙线），大概是因为每一块都在缩小信号（这里没有量）；但前后几乎一样小，不是“越往前越小”。
# - **no residual**：梯度**没有**消失，归一化把尺度救了回来（右图黄线甚至最大）。坏的是信号：四块之后，所有 token 已经一模一样。注意力是加权平均，没有残差时一层层地平均下去，差别就抹平了。差别已不到总平方和的万分之一：这只说明起点很坏，训练之后会怎样，这里没有量。（Dong 等，2021，《Attention is not all you need》对没有残差、没有 MLP 的纯注意力，从理论上证明了这种坍缩。）
# - **post-norm**：有残差，坍缩慢得多，但仍在继续：直路每过一层都被归一化缩小一次。
# - **pre-norm**：24 块之后 token 之间仍有明显的差别，前面的块收到的梯度也不比后面的小。ViT 用的就是它。
#
# 所以残差在这里的第一个功劳是**让 token 之间的差别留得更久**；要到 24 块之后还有明显的差别，这四种里只有残差加 pre-norm 做到了。这张图只说初始化时的事；训练中 pre-norm 的另一个好处，是深的网络不需要很长的预热也稳定（Xiong 等，2020）。
# %% [markdown] lang="en"
# Compare the figure with that sentence:
#
# - **bare**: here the gradients of all blocks are too small to be of use (orange, right), presumably because every block shrinks the signal (not measured here); but early and late ones are about equally small, not "smaller towards the front".
# - **no residual**: gradients do **not** vanish; normalisation restores their size (yellow, right, is even the largest). It is the signal that breaks: after four blocks all tokens are the same. Attention takes weighted means, and without residuals mean upon mean wipes out all differences. The differences are below a ten-thousandth of the sum of squares. That says how bad the start is; what training would make of it is not measured here. (Dong et al., 2021, "Attention is not all you need", prove such a collapse for attention without residuals and MLPs.)
# - **post-norm**: with residuals the collapse is much slower but goes on: each normalisation shrinks the straight road once more.
# - **pre-norm**: after 24 blocks tokens still differ clearly, and the early blocks receive no less gradient than the late ones. This is what ViT uses.
#
# So the first merit of residuals here is that they **keep tokens different for longer**; of these four, only pre-norm with residuals keeps them clearly different after 24 blocks. The figure speaks of initialisation only; in training, pre-norm has another merit: deep networks stay stable without a long warm-up (Xiong et al., 2020).
# %% [markdown] lang="zh" slide="slide"
# ## 5. 随机深度：训练时随机跳过分支
#
# 网络深而数据少时，后来训练 ViT 的配方（例如 DeiT）还用**随机深度**（stochastic depth，程序里叫 drop path）：训练时，每张图各自以概率 $p$ 丢掉整个分支，只走直路；留下的分支乘 $1/(1-p)$，让期望不变；评估时什么也不做。它和 dropout 不同：dropout 丢的是一个个数，它丢的是**一张图的整个分支**。
# %% [markdown] lang="en" slide="slide"
# ## 5. Drop path: branches skipped at random
#
# For deep networks and little data, later recipes for training ViT (DeiT, for instance) add **stochastic depth** (drop path in programs): in training, each image loses the whole branch with probability $p$ and takes the straight road only; branches that stay are multiplied by $1/(1-p)$, which keeps the expectation; in evaluation nothing happens. It is not dropout: dropout drops single numbers, this drops **the whole branch of an image**.
# %%
from vit.encoder import DropPath

branch = ops.ones((10, 3, 4), ms.float32)  # (B=10, N, D), all ones
drop = DropPath(0.3)
drop.set_train(True)
kept = drop(branch).asnumpy()
print("training, a number for each image:", kept[:, 0, 0].round(2))
print("one image, one number:", all(len(set(image.ravel())) == 1 for image in kept))
print("mean over 20000 images:", drop(ops.ones((20000, 1, 1), ms.float32)).mean().asnumpy().round(3))
drop.set_train(False)
print("evaluation:", drop(branch).asnumpy()[:, 0, 0])


# %% [markdown] lang="zh" exercise="05.3" slide="subslide"
# ### 练习 05.3 · 用给定的掩码做 drop path（★★，6 分钟）
#
# `keep` 是 `(B,)` 的 0/1 数组，1 表示保留；`rate` 是丢弃的概率 $p$。写 `drop_path(branch, keep, rate)`，`branch (B, N, D)`，返回同样的形状。
# %% [markdown] lang="en" exercise="05.3" slide="subslide"
# ### Exercise 05.3 · Drop path with a given mask (★★, 6 minutes)
#
# `keep` is `(B,)`, 0 or 1, where 1 means stay; `rate` is $p$, the probability to be dropped. Write `drop_path(branch, keep, rate)`, `branch (B, N, D)`, which returns the same shape.
# %% exercise="05.3"
def drop_path(branch, keep, rate):
    return branch  # (B, N, D), your turn


# %% solution="05.3"
def drop_path(branch, keep, rate):
    return branch * keep[:, None, None] / (1 - rate)  # (B, N, D) * (B, 1, 1)


# %% [markdown] hint="05.3" lang="zh"
# 一张图一个数：把 `keep` 变成可以和 `(B, N, D)` 相乘的形状。
# %% [markdown] hint="05.3" lang="en"
# One number for each image: give `keep` a shape that multiplies `(B, N, D)`.
# %% [markdown] hint="05.3" lang="zh"
# `keep[:, None, None]` 的形状是 `(B, 1, 1)`。
# %% [markdown] hint="05.3" lang="en"
# `keep[:, None, None]` has the shape `(B, 1, 1)`.
# %% [markdown] hint="05.3" lang="zh"
# 保留的概率是 $1-p$。要让期望不变，留下的应当除以它。
# %% [markdown] hint="05.3" lang="en"
# A branch stays with probability $1-p$. To keep the expectation, what stays is divided by that.
# %% wrong="05.3" mistake="not rescaled"
# zh: 留下的分支没有除以 1−p，期望变小了
# en: what stays was not divided by 1 - p, so the expectation shrinks
def drop_path(branch, keep, rate):
    return branch * keep[:, None, None]


# %% wrong="05.3" mistake="multiplied"
# zh: 留下的分支乘了 1−p，应当除以它
# en: what stays was multiplied by 1 - p; it is divided by it
def drop_path(branch, keep, rate):
    return branch * keep[:, None, None] * (1 - rate)


# %% wrong="05.3" mistake="divided by p"
# zh: 除以了丢弃的概率 p，应当除以保留的概率 1−p
# en: divided by p, the probability to be dropped; it is 1 - p, to stay
def drop_path(branch, keep, rate):
    return branch * keep[:, None, None] / rate


# %% wrong="05.3" mistake="mask inverted"
# zh: 掩码反了：keep 为 1 的应当留下
# en: the mask is inverted: those with keep 1 stay
def drop_path(branch, keep, rate):
    return branch * (1 - keep)[:, None, None] / (1 - rate)


# %%
toy_branch = np.cos(np.arange(48.0)).reshape(4, 3, 4)  # (B=4, N=3, D=4)
check("05.3", drop_path(toy_branch, np.array([1, 0, 1, 1]), 0.2))
# hint("05.3")
# %% [markdown] lang="zh" slide="slide"
# ## 6. 完整实现
#
# `vit/encoder.py` 里的块，原样放进来。注意它的 `construct` 只有两行，就是论文的式 2 和式 3。其中的 `LayerNorm` 和 `nn.LayerNorm` 数值相同，参数名也相同，只是在 CPU 上更快（第 11 课讲怎样做到的）。
# %% [markdown] lang="en" slide="slide"
# ## 6. The real thing
#
# The block as it stands in `vit/encoder.py`. Its `construct` is two lines: equations 2 and 3. `LayerNorm` there gives the numbers of `nn.LayerNorm` under the same parameter names, only sooner on a CPU (lesson 11 tells how).
# %%
from vit.layer_norm import LayerNorm

# %% show="vit.encoder:Block"
# %%
import vit.encoder
from vit.runtime.graph_mode import in_graph_mode

here, packaged = Block(48, num_heads=4), vit.encoder.Block(48, num_heads=4)
ms.load_param_into_net(packaged, here.parameters_dict())
with in_graph_mode():
    compiled = packaged(tokens).asnumpy()
difference = np.abs(here(tokens).asnumpy() - compiled).max()
print(f"this cell's class and the package's, compiled, differ by at most {difference:.1e}")
assert difference < 1e-5
# %% [markdown] lang="zh" exercise="05.4" slide="subslide"
# ### 练习 05.4 · 数参数（★★，8 分钟）
#
# 宽 $D$、MLP 放宽 4 倍、所有 `Dense` 都有偏置的一个块。取 $D=192$（ViT-Ti），写出三个整数：`attention`（`qkv` 和 `proj`）、`mlp`（`fc1` 和 `fc2`）、`norms`（两个）。用公式算，别让程序替你数。
# %% [markdown] lang="en" exercise="05.4" slide="subslide"
# ### Exercise 05.4 · Counting parameters (★★, 8 minutes)
#
# One block of width $D$, an MLP four times as wide, biases in every `Dense`. For $D=192$ (ViT-Ti) give three whole numbers: `attention` (`qkv` and `proj`), `mlp` (`fc1` and `fc2`), `norms` (both). By formula; do not let the program count for you.
# %% exercise="05.4"
attention, mlp, norms = 0, 0, 0  # your turn
# %% solution="05.4"
D = 192
attention = 3 * D * D + 3 * D + D * D + D  # qkv, proj: 4 D² + 4 D
mlp = 4 * D * D + 4 * D + 4 * D * D + D  # fc1, fc2: 8 D² + 5 D
norms = 2 * 2 * D  # gamma and beta, twice
# %% [markdown] hint="05.4" lang="zh"
# 一个 `Dense(a, b)` 有 `a*b + b` 个参数。
# %% [markdown] hint="05.4" lang="en"
# A `Dense(a, b)` has `a*b + b` parameters.
# %% [markdown] hint="05.4" lang="zh"
# `qkv` 是 D → 3D，`proj` 是 D → D，`fc1` 是 D → 4D，`fc2` 是 4D → D。
# %% [markdown] hint="05.4" lang="en"
# `qkv` is D → 3D, `proj` D → D, `fc1` D → 4D, `fc2` 4D → D.
# %% [markdown] hint="05.4" lang="zh"
# 注意力 $4D^2+4D$，MLP $8D^2+5D$，一个归一化 $2D$。
# %% [markdown] hint="05.4" lang="en"
# Attention $4D^2+4D$, MLP $8D^2+5D$, one normalisation $2D$.
# %% wrong="05.4" mistake="no biases"
# zh: 两个大的都少了偏置
# en: the biases are missing in both of the large ones
attention, mlp, norms = 4 * 192**2, 8 * 192**2, 4 * 192
# %% wrong="05.4" mistake="one norm"
# zh: 一个块里有两个归一化，每个有 gamma 和 beta
# en: a block has two normalisations, each with gamma and beta
attention, mlp, norms = 4 * 192**2 + 4 * 192, 8 * 192**2 + 5 * 192, 2 * 192
# %% wrong="05.4" mistake="proj forgotten"
# zh: 注意力少了最后的 proj
# en: attention lacks proj, its last layer
attention, mlp, norms = 3 * 192**2 + 3 * 192, 8 * 192**2 + 5 * 192, 4 * 192
# %% wrong="05.4" mistake="one matrix"
# zh: MLP 有两个矩阵：放宽一个，收回一个
# en: the MLP has two matrices, one to widen and one to come back
attention, mlp, norms = 4 * 192**2 + 4 * 192, 4 * 192**2 + 4 * 192, 4 * 192
# %%
check("05.4", [attention, mlp, norms])
# hint("05.4")
# %% [markdown] lang="zh" slide="slide"
# ## 7. 常见的错误说法
#
# **“Transformer 的参数主要在注意力里。”** 恰好相反，MLP 是注意力的两倍：
# %% [markdown] lang="en" slide="slide"
# ## 7. Wrong statements people repeat
#
# **"Most parameters of a Transformer are in attention."** The other way round: the MLP has twice as many:
# %%
tiny = vit.encoder.Block(192, num_heads=3)
counts = {}
for name, part in (("attention", tiny.attn), ("MLP", tiny.mlp)):
    counts[name] = sum(p.size for p in part.get_parameters())
print(f"the MLP has {counts['MLP'] / counts['attention']:.3f} times as many as attention")
# %% [markdown] lang="zh"
# **“层归一化之后，每个通道的均值都是 0。”** 均值为 0 的是每个 **token**，不是每个通道：
# %% [markdown] lang="en"
# **"After layer normalisation each of the $D$ channels has mean 0."** It is each **token** that has mean 0, not each channel:
# %%
print("means of tokens:  ", by_loop[0].mean(-1).round(2))
print("means of channels:", by_loop[0].mean(0).round(2))
# %% [markdown] lang="zh"
# **“MLP 也让 token 之间交换信息。”** 不。只改动一个 token，MLP 的输出只有那一个变：
# %% [markdown] lang="en"
# **"The MLP exchanges information between tokens, too."** No. Change one token, and the MLP's output changes for that token only:
# %%
changed = tokens.asnumpy().copy()
changed[:, 3] += 1
moved = np.abs((here.mlp(ms.Tensor(changed)) - here.mlp(tokens)).asnumpy()).max(-1)[0]
print("tokens whose MLP output moved:", np.flatnonzero(moved > 0))
moved = np.abs((here.attn(ms.Tensor(changed)) - here.attn(tokens)).asnumpy()).max(-1)[0]
print("tokens whose attention output moved:", len(np.flatnonzero(moved > 0)), "of 17")
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 一个块 = 两个 pre-norm 分支：注意力在 token 之间搬运，MLP 在每个 token 里加工。
# 2. 残差让 token 更久地保持不同：没有它，四块之后所有 token 几乎都一样了，尽管梯度并没有消失；有它再加 pre-norm，24 块之后仍然不同。这是量出来的（初始化时）。
# 3. 细节要对：$\epsilon=10^{-6}$、精确 GELU；差一点，就和参考程序对不上，而且不会报错。
#
# <details><summary>问题一：pre-norm 的网络为什么在最后还要一个归一化（<code>norm</code>）？</summary>
#
# 直路上没有归一化，每个块都往上加，token 的大小随深度增长。最后的 `norm` 把它拉回固定的尺度，分类头才好用。
#
# </details>
#
# <details><summary>问题二：drop path 为什么常让后面的块丢得多、前面的少？</summary>
#
# 前面的块提取的是后面所有块都要用的东西，丢了损失大。`vit` 里的概率从 0 线性增加到 `drop_path_rate`。
#
# </details>
#
# **下一课**（06）：把块嵌入、编码器和分类头装成完整的 ViT，载入公开的权重，认出真实的照片。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. A block is two pre-norm branches: attention carries between tokens, the MLP works within each.
# 2. Residuals keep tokens different for longer: without them all tokens are nearly the same after four blocks, although gradients have not vanished; with pre-norm they still differ after 24. That was measured (at initialisation).
# 3. Details matter: $\epsilon=10^{-6}$, exact GELU. A little off, and the numbers no longer match the reference, without any error.
#
# <details><summary>Question 1: why does a pre-norm network need one more normalisation (<code>norm</code>) at its end?</summary>
#
# The road has no normalisation; each block adds to it, and tokens grow with depth. The last `norm` brings them back to a fixed size, which the head can use.
#
# </details>
#
# <details><summary>Question 2: why do later blocks often have a higher drop path rate than early ones?</summary>
#
# What early blocks extract is needed by all that follow, so losing it costs more. In `vit` the rate grows linearly from 0 to `drop_path_rate`.
#
# </details>
#
# **Next** (06): patch embedding, encoder and head become a whole ViT, which loads published weights and recognises real photographs.
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
