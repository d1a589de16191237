# %% [markdown] lang="zh" slide="slide" section="A"
# # 05 · 编码器：能叠很深的层
#
# 注意力让 token 互相看见。那么把 24 层注意力叠起来，就是一个好网络吗？
#
# ![ViT 全图，亮的部分是编码器层](../../course/figures/map_encoder.zh.svg)
#
# 不是：叠到 24 层，它会坏掉。先坏的是什么，C 节来量，答案和常听说的不一样。ViT 的一个**编码器层**（encoder block）还有三样东西：逐 token 的 MLP、层归一化、残差连接。本课**由你写出 `MLP` 和 `Block` 两个类**，然后量一量：24 层叠起来，信号和梯度各还剩多少。
#
# ![左：24 层之后 token 之间还剩多少差别；右：每一层收到的梯度](../../course/lessons/05_encoder/figures/opening.zh.png)
#
# *终点的样子：四种搭法，左边看 token 之间的差别，右边看梯度。C 节会画出这张图。*
#
# **需要**：第 04 课的注意力（会用，不要求写过）；可单独运行。**三节**：A 归一化与你的 `MLP`，B 残差与你的 `Block`，C 量一量。每节阅读不超过 15 分钟（练习另计），运行时间见 `notebooks/TIMINGS.md`。
# %% [markdown] lang="en" slide="slide" section="A"
# # 05 · The encoder: layers that can be stacked
#
# Attention lets tokens see each other. So are 24 layers of attention, stacked, a good network?
#
# ![Map of the whole ViT; the lit part is the encoder block](../../course/figures/map_encoder.en.svg)
#
# No: stacked 24 deep, it breaks. What breaks first, section C measures, and the answer is not what one usually hears. An **encoder block** of ViT has three more things: an MLP applied to each token, layer normalisation, skip connections. In this lesson **you write two classes, `MLP` and `Block`**, and then measure what is left of signal and gradient after 24 blocks.
#
# ![Left: how much tokens still differ after each of 24 blocks; right: the gradient each block receives](../../course/lessons/05_encoder/figures/opening.en.png)
#
# *Where we end: four ways to build the stack; left, how much tokens still differ; right, the gradients. Section C draws this figure.*
#
# **You need** attention as in lesson 04 (to use, not to have written); the lesson runs alone. **Three sections**: A normalisation and your `MLP`, B skip connections and your `Block`, C measuring. Each takes at most 15 minutes to read, not counting exercises; running times are in `notebooks/TIMINGS.md`.
# %%
import math

import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, checkin, explore, hint, investigate, signature

begin("05")
# %% [markdown] lang="zh" note=true
# 三节，每节约 25 分钟（含练习）。A 节先在黑板上写出一个 token 的三个数，手算均值和方差。B 节最容易错的是第二个分支用了旧的 x，值得当众讲。C 节运行前让学员押注：没有残差时，先坏的是梯度，还是信号？
# %% [markdown] lang="en" note=true
# Three sections of about 25 minutes, exercises included. In A, put one token of three numbers on the board and work out mean and variance by hand. In B many feed the old x to the second branch; worth discussing together. In C, ask for a bet before running the cell: without skip connections, what breaks first, the gradient or the signal?
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 层归一化：每个 token 只用自己的均值和方差
#
# **层归一化**（layer normalisation，[Ba 等，2016](https://arxiv.org/abs/1607.06450)）把**每个 token** 的 $D$ 个数变成均值 0、方差 1，再乘可学习的 $\gamma$、加可学习的 $\beta$（各 $D$ 个数）：
#
# $$\mathrm{LN}(x) = \gamma\,\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta,\qquad \mu,\sigma^2 \text{ 取自 } x \text{ 自己的 } D \text{ 个数}$$
#
# 它不看别的 token，也不看别的图像，所以批大小是 1 也一样。循环版：
# %% [markdown] lang="en" slide="slide"
# ## A · 1. Layer normalisation: each token on its own
#
# **Layer normalisation** ([Ba et al., 2016](https://arxiv.org/abs/1607.06450)) gives the $D$ numbers of **each token** mean 0 and variance 1, then multiplies by a learned $\gamma$ and adds a learned $\beta$ ($D$ numbers each):
#
# $$\mathrm{LN}(x) = \gamma\,\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta,\qquad \mu,\sigma^2 \text{ over the } D \text{ numbers of } x \text{ itself}$$
#
# It looks at no other token and no other image, so a batch of one is as good as any. With loops:
# %%
rng = np.random.default_rng(0)
x = rng.normal(3, 2, size=(2, 5, 8)).astype(np.float32)  # (B=2, N=5, D=8)

by_loop = np.zeros_like(x)
for b in range(2):
    for n in range(5):  # 每个 token 各算各的 ¦ each token alone
        token = x[b, n]  # (D,)
        by_loop[b, n] = (token - token.mean()) / np.sqrt(token.var() + 1e-6)

by_mindspore = nn.LayerNorm((8,), epsilon=1e-6)(ms.Tensor(x)).asnumpy()
print(T("之前：均值、方差", "before: mean, variance"), x[0, 0].mean().round(3), x[0, 0].var().round(3))
print(T("之后：均值、方差", "after:  mean, variance"), by_loop[0, 0].mean().round(3), by_loop[0, 0].var().round(3))
difference = np.abs(by_loop - by_mindspore).max()
print(T(f"循环与 nn.LayerNorm 最多相差 {difference:.1e}", f"loops and nn.LayerNorm differ by up to {difference:.1e}"))
# %% [markdown] lang="zh"
# 一个真实的陷阱：`nn.LayerNorm` 的默认 $\epsilon$ 是 $10^{-7}$，公开的 ViT 权重要的是 $10^{-6}$。token 的方差很小时（这里把输入缩到千分之一）差别才看得见，平常的输入上影响极小，所以更难发现：
# %% [markdown] lang="en"
# A real trap: the default $\epsilon$ of `nn.LayerNorm` is $10^{-7}$; published ViT weights want $10^{-6}$. It shows only where the variance of a token is small (here inputs are scaled by a thousandth); with ordinary inputs the effect is tiny, and so the harder to find:
# %%
faint = ms.Tensor(x * 1e-3)
wide, narrow = nn.LayerNorm((8,), epsilon=1e-6)(faint), nn.LayerNorm((8,))(faint)
print(T("最多相差：", "largest difference:"), np.abs((wide - narrow).asnumpy()).max())


# %% [markdown] lang="zh" exercise="05.1" slide="subslide"
# ### 练习 05.1 · 不用循环的层归一化（★，6 分钟）
#
# 用 numpy 写 `layer_norm(x, gamma, beta, eps)`：`x (B, N, D)`，`gamma, beta (D,)`，返回 `(B, N, D)`。方差除以 $D$，和上面一样。
# %% [markdown] lang="en" exercise="05.1" slide="subslide"
# ### Exercise 05.1 · Layer normalisation without loops (★, 6 minutes)
#
# In numpy, write `layer_norm(x, gamma, beta, eps)`: `x (B, N, D)`, `gamma, beta (D,)`, returns `(B, N, D)`. The variance divides by $D$, as above.
# %% exercise="05.1"
def layer_norm(x, gamma, beta, eps):
    return x  # (B, N, D)，轮到你了 ¦ (B, N, D), your turn


# %%
toy_gamma, toy_beta = np.linspace(0.5, 2, 8), np.linspace(-1, 1, 8)
# 输入很小或 ε 很大时，ε 才看得出来 ¦ epsilon shows where the input is tiny or epsilon large
check("05.1", [layer_norm(part, toy_gamma, toy_beta, eps) for part, eps in ((x / 1000, 1e-6), (x, 0.1))])
# hint("05.1")
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. MLP：每个 token 各自加工
#
# 注意力在 token 之间搬运信息，但除了线性变换，它只会加权平均。真正的“加工”在 **MLP**（多层感知机）：升维到 $4D$，过一个非线性函数 GELU，再降维到 $D$。同一个 MLP 用于每个 token，token 之间互不相干：
#
# $$\mathrm{MLP}(x)=W_2\,\mathrm{GELU}(W_1x+b_1)+b_2,\qquad \mathrm{GELU}(x)=x\,\Phi(x)$$
#
# 代码里 $W_1, b_1$ 叫 `fc1`，$W_2, b_2$ 叫 `fc2`。$\Phi$ 是标准正态分布的累积概率（[Hendrycks 与 Gimpel，2016](https://arxiv.org/abs/1606.08415)）；也有人用 `tanh` 的近似式，`nn.GELU` 的**默认**（2.10）就是它。第 06 课的权重，作者的 JAX 程序当初也是用近似式训练的；timm 发布它们时用精确式，而我们拿 timm 的数值作对照，所以也要用精确式。差多少？
# %% [markdown] lang="en" slide="slide"
# ## A · 2. MLP: each token is worked on by itself
#
# Attention carries information between tokens, but apart from linear maps all it can do is take weighted means. The work on what was carried happens in the **MLP** (multi-layer perceptron): widen to $4D$, apply the non-linear GELU, return to $D$. The same MLP serves every token, and tokens do not meet in it:
#
# $$\mathrm{MLP}(x)=W_2\,\mathrm{GELU}(W_1x+b_1)+b_2,\qquad \mathrm{GELU}(x)=x\,\Phi(x)$$
#
# In code $W_1, b_1$ are `fc1` and $W_2, b_2$ are `fc2`. $\Phi$ is the cumulative probability of the standard normal distribution ([Hendrycks and Gimpel, 2016](https://arxiv.org/abs/1606.08415)). Some use an approximation by `tanh`, which is the **default** of `nn.GELU` (2.10). The authors' JAX program trained the weights of lesson 06 with it, too; timm, which publishes them for PyTorch and is our reference, computes the exact form, so to match its numbers we must as well. How far apart are they?
# %%
from vit.encoder import GELU

grid = np.linspace(-4, 4, 401, dtype=np.float32)
by_definition = np.array([v * 0.5 * (1 + math.erf(v / math.sqrt(2))) for v in grid])
exact, tanh = GELU("exact")(ms.Tensor(grid)).asnumpy(), nn.GELU()(ms.Tensor(grid)).asnumpy()
print(T("与定义最多相差：", "largest difference from the definition:"))
print(f"GELU('exact') {np.abs(exact - by_definition).max():.1e}   nn.GELU() {np.abs(tanh - by_definition).max():.1e}")


# %% [markdown] lang="zh"
# 每次最多差万分之几，但逐层累积，logits 的差就远远超出舍入误差（第 06 课量得出来）。结构只差一点，权重照样能载入、程序照样不报错，这类错误最难查。
#
# `vit.encoder.GELU` 两种形式都有，名字写明是哪一种：`"exact"` 或 `"tanh"`；下面写 `MLP` 时用它。
# %% [markdown] lang="en"
# At most a few ten-thousandths each time; but they add up over the layers, and logits end up much further from the reference's than rounding explains (lesson 06 measures it). A network that is almost the same loads published weights without any complaint: the hardest kind of error to find.
#
# `vit.encoder.GELU` has both forms, and is told which by name, `"exact"` or `"tanh"`; use it when you write `MLP`.
# %% [markdown] lang="zh" exercise="05.2" slide="subslide"
# ### 练习 05.2 · 写出 `MLP`（★★，10 分钟）
#
# 你的 ViT 的又一个部件（`nn.Cell` 的子类：`__init__` 准备参数，`construct` 做计算；dropout 是训练时随机把一些元素置零，见第 04 课）：
#
# - 两个 `nn.Dense`：`fc1`，$D\to$ `hidden_dim`；`fc2`，`hidden_dim` $\to D$；
# - 中间是 `GELU(gelu)`，`gelu` 是 `"exact"` 或 `"tanh"`；
# - 两层之后各有一个 dropout（`nn.Dropout(p=drop_rate)`），第一个在 GELU 之后；
# - `construct`：`x (B, N, D)` → `(B, N, D)`。
# %% [markdown] lang="en" exercise="05.2" slide="subslide"
# ### Exercise 05.2 · Write `MLP` (★★, 10 minutes)
#
# Another part of your ViT (a subclass of `nn.Cell`: `__init__` prepares the parameters, `construct` computes; dropout sets some numbers to zero at random in training, see lesson 04):
#
# - two `nn.Dense`: `fc1` from $D$ to `hidden_dim`, `fc2` from `hidden_dim` to $D$;
# - between them `GELU(gelu)`, where `gelu` is `"exact"` or `"tanh"`;
# - a dropout after each layer (`nn.Dropout(p=drop_rate)`), the first one after GELU;
# - `construct`: `x (B, N, D)` → `(B, N, D)`.
# %% exercise="05.2"
class MLP(nn.Cell):
    def __init__(self, embed_dim, hidden_dim, drop_rate=0.0, gelu="exact"):
        super().__init__()
        # 轮到你了：fc1、GELU、fc2 和两个 dropout ¦ your turn: fc1, GELU, fc2 and two dropouts

    def construct(self, x):
        return x  # (B, N, D)，轮到你了 ¦ (B, N, D), your turn


# %%
MLP = check("05.2", MLP)
# hint("05.2")
# %% [markdown] lang="zh"
# **A 节打卡**：汇总两道练习，再给你一道只属于你的小题；算出后写成 `checkin("A", answer=数值)` 再运行一次。
# %% [markdown] lang="en"
# **Check-in for section A**: it sums up both exercises and poses a question made for you; work it out and run `checkin("A", answer=number)`.
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 3. 残差连接：加上去，而不是换掉
#
# 每个分支的输出**加**到输入上：$x \leftarrow x + f(x)$。分支只需要学“改什么”；输入和梯度另有一条**残差连接**（skip connection，[He 等，2015](https://arxiv.org/abs/1512.03385)）直通到底。归一化放哪里，有两种写法：
#
# ![左：pre-norm，残差连接上没有任何运算；右：post-norm，每个分支之后都有一次归一化](../../course/figures/block.zh.svg)
#
# post-norm（[2017 年的 Transformer](https://arxiv.org/abs/1706.03762)）的残差连接每过一个分支都要穿过一次 LN；pre-norm（ViT）的残差连接上没有任何运算。ViT 的一层就是两个 pre-norm 分支（[论文](https://arxiv.org/abs/2010.11929)式 2、3，MSA 是第 04 课的多头自注意力）：
#
# $$z' = z + \mathrm{MSA}(\mathrm{LN}_1(z)),\qquad z'' = z' + \mathrm{MLP}(\mathrm{LN}_2(z'))$$
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 3. Skip connections: added, not replaced
#
# The output of a branch is **added** to its input: $x \leftarrow x + f(x)$. The branch learns only what to change; input and gradient have a **skip connection** ([He et al., 2015](https://arxiv.org/abs/1512.03385)) that leads straight to the end. Where does the normalisation go? There are two ways:
#
# ![Left: pre-norm, nothing on the skip connection; right: post-norm, a normalisation after every branch](../../course/figures/block.en.svg)
#
# With post-norm ([the Transformer of 2017](https://arxiv.org/abs/1706.03762)) the skip connection passes through an LN at every branch; with pre-norm (ViT) there is no operation on it at all. A block of ViT is two pre-norm branches (equations 2 and 3 of [the paper](https://arxiv.org/abs/2010.11929); MSA is the multi-head self-attention of lesson 04):
#
# $$z' = z + \mathrm{MSA}(\mathrm{LN}_1(z)),\qquad z'' = z' + \mathrm{MLP}(\mathrm{LN}_2(z'))$$
# %%
from course.learner.own_part import own_part
from vit.layer_norm import LayerNorm

Attention = own_part("Attention").cls
print(T("Attention 来自", "Attention comes from"), Attention.__module__)


# %% [markdown] lang="zh" exercise="05.3" slide="subslide"
# ### 练习 05.3 · 写出 `Block`（★★★，15 分钟）
#
# 把部件装成一个编码器层。上面取回了**你的** `Attention`（第 04 课通过过的话），`MLP` 是刚才那个；没有写过的，由包里的顶替，照样能做这一题。
#
# - 四个子层：`norm1`、`attn`、`norm2`、`mlp`，公开权重就叫这些名字；
# - 归一化用 `LayerNorm(embed_dim)`（就是 `nn.LayerNorm`，参数名也一样，只是 $\epsilon=10^{-6}$）；
# - MLP 的隐藏层宽 `round(embed_dim * mlp_ratio)`；
# - `drop_rate` 传给 `Attention` 和 `MLP`，`attn_drop_rate` 传给 `Attention`，`gelu` 传给 `MLP`；
# - `construct`：论文的式 2 和式 3。
# %% [markdown] lang="en" exercise="05.3" slide="subslide"
# ### Exercise 05.3 · Write `Block` (★★★, 15 minutes)
#
# Put the parts together into an encoder block. The cell above fetched **your** `Attention` (if it has passed in lesson 04), and `MLP` is the one you have just written; for what you have not written the package's stands in, and you can do this exercise all the same.
#
# - four layers: `norm1`, `attn`, `norm2`, `mlp`, as published weights call them;
# - normalise with `LayerNorm(embed_dim)` (`nn.LayerNorm` with its parameter names, and $\epsilon=10^{-6}$);
# - the MLP's hidden width is `round(embed_dim * mlp_ratio)`;
# - `drop_rate` goes to `Attention` and `MLP`, `attn_drop_rate` to `Attention`, `gelu` to `MLP`;
# - `construct`: equations 2 and 3.
# %% exercise="05.3"
class Block(nn.Cell):
    def __init__(self, embed_dim, num_heads, mlp_ratio=4.0, drop_rate=0.0, attn_drop_rate=0.0, gelu="exact"):
        super().__init__()
        # 轮到你了：norm1、attn、norm2、mlp ¦ your turn: norm1, attn, norm2, mlp

    def construct(self, x):
        return x  # (B, N, D)，轮到你了 ¦ (B, N, D), your turn


# %%
Block = check("05.3", Block)
# hint("05.3")
# %% [markdown] lang="zh" slide="slide"
# ## B · 4. 与包里的对照
#
# 同样的参数，你的层（编译成静态图）和包里的应当给出同样的数。下面的 `Block` 是你的（通过之后），否则是包里的（那样就是自己比自己，差必然是 0）：
# %% [markdown] lang="en" slide="slide"
# ## B · 4. Against the package's
#
# With the same parameters your block, compiled to a graph, and the package's should give the same numbers. `Block` is yours once it has passed, else the package's (compared with itself, the difference must be 0):
# %%
import vit.encoder
from vit.runtime.graph_mode import in_graph_mode

tokens = ms.Tensor(rng.normal(size=(8, 17, 48)).astype(np.float32))  # (B, N, D)
mine, theirs = Block(48, num_heads=4), vit.encoder.Block(48, num_heads=4)
ms.load_param_into_net(theirs, mine.parameters_dict())
with in_graph_mode():
    compiled = mine.set_train(False)(tokens).asnumpy()
difference = np.abs(theirs.set_train(False)(tokens).asnumpy() - compiled).max()
print(
    Block.__module__, T(f"与包里的最多相差 {difference:.1e}", f"differs from the package's by up to {difference:.1e}")
)
assert difference < 1e-4
# %% [markdown] lang="zh"
# 写完之后，再展开看包里的写法。它多了 `drop_path`（C 节讲）、两个设置（`qkv_bias`、`norm_eps`）和初始化；`construct` 的骨架应当和你的一样。
# %% [markdown] lang="en"
# With yours written, unfold the package's. It has `drop_path` (section C), two settings (`qkv_bias`, `norm_eps`) and initialisation besides; its `construct` should have the bones of yours.
# %% show="vit.encoder:Block" folded=true
# %% [markdown] lang="zh" exercise="05.4" slide="subslide"
# ### 练习 05.4 · 数参数（★★，8 分钟）
#
# 宽 $D$、MLP 的隐藏层宽 4 倍、所有 `Dense` 都有偏置的一层。取 $D=192$（ViT-Ti），写出三个整数：`attention`（`qkv` 和 `proj`）、`mlp`（`fc1` 和 `fc2`）、`norms`（两个归一化）。先写出公式再代数，别让程序替你数。
# %% [markdown] lang="en" exercise="05.4" slide="subslide"
# ### Exercise 05.4 · Counting parameters (★★, 8 minutes)
#
# One block of width $D$, an MLP four times as wide, biases in every `Dense`. For $D=192$ (ViT-Ti) give three integers: `attention` (`qkv` and `proj`), `mlp` (`fc1` and `fc2`), `norms` (both). Find the formula first, then put in the number; do not let the program count for you.
# %% exercise="05.4"
attention, mlp, norms = 0, 0, 0  # 轮到你了 ¦ your turn
# %%
check("05.4", [attention, mlp, norms])
# hint("05.4")
# %% [markdown] lang="zh"
# **B 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section B**:
# %%
checkin("B")


# %% [markdown] lang="zh" slide="slide" section="C"
# ## C · 5. 量一量：24 层之后还剩什么
#
# 常听说“没有残差，梯度会消失”。我们来量。四种 24 层的网络，按 ViT 的方式初始化（偏置为 0），还没有训练：**裸层**（既无归一化也无残差）、**无残差**（只有归一化）、**post-norm**、**pre-norm**；每个网络最后都像 ViT 一样有一个 LN。喂随机 token，量两件事：
#
# 1. 每层之后，**token 之间的差别**占总平方和的多少。是 0 就说明所有 token 都一样了，后面的层再也分不清哪块是哪块；
# 2. 从最后的损失传回来，每层的 `fc1` 参数收到的**梯度**有多大。
#
# **先预测**：“无残差”（no skip）那一种，先坏的是梯度，还是信号？
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 5. Measured: what is left after 24 blocks?
#
# "Without skip connections gradients vanish", one often hears. Let us measure. Four networks of 24 blocks, initialised as ViT is (biases 0) and not trained: **bare** (neither normalisation nor skip connections in the blocks), **no skip** (normalisation only), **post-norm**, **pre-norm**; each ends in one LN, as ViT does. We feed random tokens and measure two things:
#
# 1. after each block, what share of the sum of squares is the **difference between tokens**. At 0 all tokens are the same, and no later block can tell one patch from another;
# 2. the **gradient** that each block's `fc1` weight receives from a loss at the end.
#
# **Predict first**: in **no skip**, what breaks first, the gradient or the signal?
# %%
class ToyBlock(nn.Cell):
    def __init__(self, kind, dim=48):
        super().__init__()
        self.kind = kind
        self.norms = nn.CellList([LayerNorm(dim), LayerNorm(dim)])
        self.branches = nn.CellList([Attention(dim, num_heads=4), MLP(dim, 4 * dim)])

    def construct(self, x):
        for norm, f in zip(self.norms, self.branches, strict=True):
            if self.kind == "bare":
                x = f(x)
            elif self.kind == "no_skip":
                x = f(norm(x))
            else:
                x = x + f(norm(x)) if self.kind == "pre-norm" else norm(x + f(x))
        return x


# %%
def make_stack(kind, depth=24):
    stack = nn.SequentialCell([ToyBlock(kind) for _ in range(depth)] + [LayerNorm(48)])
    init = np.random.default_rng(1)
    for p in stack.get_parameters():
        if (
            p.ndim == 2
        ):  # Xavier 均匀分布，宽窄由输入输出的个数决定；偏置为 0 ¦ Xavier uniform, its width set by inputs and outputs; biases 0
            limit = math.sqrt(6 / sum(p.shape if "qkv" not in p.name else (48, 48)))
            p.set_data(ms.Tensor(init.uniform(-limit, limit, p.shape).astype(np.float32)))
        elif p.name.endswith("bias"):
            p.set_data(ops.zeros_like(p))
    return stack


target = ms.Tensor(rng.normal(size=(8, 17, 48)).astype(np.float32))


# %%
def difference_between_tokens(stack):
    # 每层之后：总平方和里，不是所有 token 共有的那一份 ¦ after each block: the share of the sum of squares that is not common to all tokens
    shares, x = [], tokens
    for one in list(stack)[:-1]:
        x = one(x)
        a = x.asnumpy()  # (B, N, D)
        shares.append(((a - a.mean(1, keepdims=True)) ** 2).sum() / (a**2).sum())
    return shares


def gradients(stack):
    # 各层 fc1 参数的梯度的范数，从前到后 ¦ the norm of the gradient of each block's fc1 weight, the first block first
    weights = [p for p in stack.get_parameters() if p.name.endswith("fc1.weight")]
    found = ms.grad(lambda t: ((stack(t) - target) ** 2).mean(), None, weights=weights)(tokens)
    return [float(g.norm().asnumpy()) for g in found]


# %% slow=true values="kept = pre-norm #%"
kinds = {"bare": T("裸层", "bare"), "no_skip": T("无残差", "no skip"), "post-norm": "post-norm", "pre-norm": "pre-norm"}
shares = {kind: difference_between_tokens(make_stack(kind)) for kind in kinds}
sizes = {kind: gradients(make_stack(kind)) for kind in kinds}
print(
    T(
        "token 间的差别：第 1、4、12、24 层之后；fc1 的梯度：第 1、12、24 层",
        "difference between tokens after block 1, 4, 12, 24; gradient of fc1 in block 1, 12, 24",
    )
)
for kind in kinds:
    a, g = shares[kind], sizes[kind]
    print(f"{kind:10} {a[0]:.0e} {a[3]:.0e} {a[11]:.0e} {a[23]:.0e}   {g[0]:.0e} {g[11]:.0e} {g[23]:.0e}", kinds[kind])
assert shares["no_skip"][3] < 1e-3 < 0.1 < shares["pre-norm"][23]
with_, without = shares["pre-norm"][23], shares["no_skip"][23]
signature(
    T(
        f"24 层后 token 间的差别：pre-norm {with_:.1%}，无残差 {without:.1%}",
        f"tokens still differ after 24 blocks: pre-norm {with_:.1%}, no skip {without:.1%}",
    )
)
# %% figure="opening" slow=true
figure, axes = plt.subplots(1, 2, figsize=(9, 3.2))
colors = dict(zip(kinds, ("#D55E00", "#E69F00", "#56B4E9", "#0072B2"), strict=True))
for kind, name in kinds.items():
    axes[0].plot(range(1, 25), np.maximum(shares[kind], 1e-8), ".-", color=colors[kind])
    axes[1].plot(range(1, 25), sizes[kind], ".-", color=colors[kind], label=name)
axes[0].set(
    yscale="log",
    xlabel=T("层", "block"),
    title=T("token 之间的差别（占比）", "difference between tokens (share)"),
    ylim=(1e-8, 2),
)
axes[1].set(
    yscale="log", xlabel=T("层", "block"), title=T("fc1 的梯度（训练之前）", "gradient of fc1, before training")
)
axes[1].legend(frameon=False)
plt.show()
# %% [markdown] lang="zh"
# 看图，再对照那句话：
#
# - **裸层**（红橙）：每一层的梯度都小到没法用，但前后几乎一样小，不是“越往前越小”：一层参数的梯度，是传到这里的信号乘传回这里的梯度；一个往后缩，一个往前缩，乘积就几乎不变。
# - **无残差**（橙黄）：梯度**没有**消失，归一化把尺度救了回来，甚至最大。坏的是信号：四层之后所有 token 已经一模一样，差别已小到图的下限（亿分之一）以下。注意力是加权平均，一层层地平均下去，差别就抹平了（[Dong 等，2021](https://arxiv.org/abs/2103.03404) 对没有残差和 MLP 的纯注意力证明了这种坍缩）。
# - **post-norm**（浅蓝）：坍缩慢得多，但仍在继续：每个分支加上的东西里有所有 token 共有的一份，归一化再把总和缩小，差别也跟着缩小。它的梯度并不小，处处大于 pre-norm。
# - **pre-norm**（深蓝）：24 层之后 token 之间仍有明显的差别，前面的层收到的梯度也不比后面的小。ViT 用的就是它。
#
# 所以残差在这里的第一个功劳是**让 token 之间的差别留得更久**。这张图只说初始化时的事；训练中 pre-norm 的另一个好处，是深的网络不需要很长的预热也稳定（[Xiong 等，2020](https://arxiv.org/abs/2002.04745)）。
# %% [markdown] lang="en"
# Compare the figure with "gradients vanish":
#
# - **bare** (vermilion): the gradients of all blocks are too small to be of use, but early and late ones about equally so, not "smaller towards the front": a weight's gradient is what comes in times what comes back; along the stack the first shrinks and the second grows, so the product hardly changes.
# - **no skip** (orange): gradients do **not** vanish; normalisation restores their size, they are even the largest. It is the signal that breaks: after four blocks all tokens are the same, their differences below the plot's floor of 1e-8. Attention takes weighted means, and mean upon mean wipes out all differences ([Dong et al., 2021](https://arxiv.org/abs/2103.03404), prove such a collapse for attention without skip connections and MLPs).
# - **post-norm** (light blue): the collapse is much slower but goes on: each branch adds something that all tokens share, and the norm then shrinks the whole sum, the differences with it. Its gradients are not small; everywhere they are larger than pre-norm's.
# - **pre-norm** (dark blue): after 24 blocks tokens still differ clearly, and early blocks receive no less gradient than late ones. This is what ViT uses.
#
# So the first merit of skip connections here is that they **keep tokens different for longer**. The figure speaks of initialisation only; in training, pre-norm has another merit: deep networks stay stable without a long warm-up ([Xiong et al., 2020](https://arxiv.org/abs/2002.04745)).
# %% [markdown] lang="zh" slide="slide"
# ## C · 6. 随机深度：训练时随机跳过分支
#
# 网络深而数据少时，后来训练 ViT 的配方（例如 DeiT）还用**随机深度**（stochastic depth，程序里叫 drop path，[Huang 等，2016](https://arxiv.org/abs/1603.09382)）：训练时，每张图各自以概率 $p$ 丢掉整个分支，只走残差连接；留下的分支乘 $1/(1-p)$，让期望不变；评估时什么也不做。（原论文是一批图一起丢、评估时再缩放；每张图各自丢、训练时就缩放，是后来程序里的做法。）它和 dropout 不同：dropout 丢的是一个个数，它丢的是**一张图的整个分支**。
# %% [markdown] lang="en" slide="slide"
# ## C · 6. Drop path: branches skipped at random
#
# For deep networks and little data, later recipes for training ViT (DeiT, for instance) add **stochastic depth** (drop path in programs, [Huang et al., 2016](https://arxiv.org/abs/1603.09382)): in training, each image loses the whole branch with probability $p$ and takes the skip connection only; branches that stay are multiplied by $1/(1-p)$, which keeps the expectation; in evaluation nothing happens. (The paper drops a block for the whole batch and scales in evaluation; image by image, scaled in training, is how later programs do it.) It is not dropout: dropout drops single numbers, this drops **the whole branch of an image**.
# %%
from vit.encoder import DropPath

branch = ops.ones((10, 3, 4), ms.float32)  # (B=10, N, D)，全是 1 ¦ (B=10, N, D), all ones
drop = DropPath(0.3)
print(
    T("训练，每张图一个数：", "training, a number for each image:"),
    drop.set_train(True)(branch).asnumpy()[:, 0, 0].round(2),
)
print(
    T("20000 张图的平均：", "mean over 20000 images:"),
    drop(ops.ones((20000, 1, 1), ms.float32)).mean().asnumpy().round(3),
)
print(T("评估：", "evaluation:"), drop.set_train(False)(branch).asnumpy()[:, 0, 0])


# %% [markdown] lang="zh" exercise="05.5" slide="subslide"
# ### 练习 05.5 · 用给定的掩码做随机深度（★★，6 分钟）
#
# `keep` 是 `(B,)` 的 0/1 数组，1 表示保留；`rate` 是丢弃的概率 $p$。用 numpy 写 `drop_path(branch, keep, rate)`，`branch (B, N, D)`，返回同样的形状。
# %% [markdown] lang="en" exercise="05.5" slide="subslide"
# ### Exercise 05.5 · Drop path with a given mask (★★, 6 minutes)
#
# `keep` is `(B,)`, 0 or 1, where 1 means stay; `rate` is $p$, the probability to be dropped. In numpy, write `drop_path(branch, keep, rate)`, `branch (B, N, D)`, which returns the same shape.
# %% exercise="05.5"
def drop_path(branch, keep, rate):
    return branch  # (B, N, D)，轮到你了 ¦ (B, N, D), your turn


# %%
toy_branch = np.cos(np.arange(48.0)).reshape(4, 3, 4)  # (B=4, N=3, D=4)
check("05.5", drop_path(toy_branch, np.array([1, 0, 1, 1]), 0.2))
# hint("05.5")
# %% [markdown] lang="zh" exercise="05.6" slide="subslide"
# ### 练习 05.6 · 探究：post-norm 和学习率（★★，10 分钟）
#
# C·5 量的是训练**之前**；训练起来差多少？做法同第 03 课的探究：先原样运行一次，写下预测，再运行（6 层的小 ViT 训练两轮，约一分钟）。这次有两样可改，表里是四种组合，比的时候每次只看一样不同的两行：
#
# - `norm`：`"pre"`（默认）或 `"post"`；
# - `rate`：峰值学习率，默认 0.001。（学习率决定一步走多远；它先升到峰值，叫预热，再降下去，第 07 课讲。）
#
# 先预测 `norm="post"`、`rate=0.003` 的准确率；有兴趣再试 `norm="post"`、`rate=0.0003`，表里没有。
# %% [markdown] lang="en" exercise="05.6" slide="subslide"
# ### Exercise 05.6 · Investigation: post-norm and the learning rate (★★, 10 minutes)
#
# C·5 measured what is there **before** training; and in training? As in lesson 03's investigation: run the cell once as it is, write down what you expect, run again (the small ViT of 6 blocks, two epochs, about a minute). Two things can be changed this time, and the table has four combinations; compare rows that differ in one of them only:
#
# - `norm`: `"pre"` (the usual) or `"post"`;
# - `rate`: the peak learning rate, usually 0.001. (The rate says how far a step moves the parameters; it climbs to its peak, the warm-up, and then falls: lesson 07.)
#
# Predict the accuracy with `norm="post"` and `rate=0.003`; then, if you like, try `norm="post"` with `rate=0.0003`, which the table does not have.
# %% investigation="05.6" slow=true
predicted = ...  # 你的预测（0 到 1），轮到你了 ¦ what you expect (between 0 and 1), your turn
investigate("05.6", predicted, norm="post", rate=0.003)
# %% [markdown] lang="zh"
# **哪一句由此得出？**
#
# - **A** 两种学习率下 post-norm 都落后；学习率提高三倍，它的准确率掉得比 pre-norm 多
# - **B** 学习率 0.001 时两种 norm 分不开，提高三倍以后 post-norm 才落后
# - **C** 学习率 0.001 时 post-norm 落后，提高三倍以后就追上来了
# %% [markdown] lang="en"
# **Which statement follows?**
#
# - **A** Post-norm is behind at both rates, and at three times the rate it falls further than pre-norm does
# - **B** At the rate 0.001 the two are not told apart; only at three times that rate is post-norm behind
# - **C** At the rate 0.001 post-norm is behind; at three times that rate it has caught up
# %% exercise="05.6"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("05.6", conclusion)
# hint("05.6")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 为什么？不是因为梯度太小：C·5 量到 post-norm 的梯度处处比 pre-norm 大。[Xiong 等，2020](https://arxiv.org/abs/2002.04745) 证明它在初始化时靠近输出的层梯度大，学习率一高就不稳，所以这样的 Transformer 要靠预热。这里是不是同一个原因，更小的学习率、更长的预热能不能救它，这张表没有说。（表里正好 0.100 的一格，损失变成了 NaN 或全猜一类。）
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# Why? Not because gradients are too small: C·5 measured larger ones with post-norm than with pre-norm everywhere. [Xiong et al., 2020](https://arxiv.org/abs/2002.04745) show that at initialisation those near the output are large, so that a high rate does damage, and take this to be why such Transformers need warm-up. Whether it is the reason here, and whether a smaller rate or a longer warm-up would save post-norm, this table does not say. (Where it has exactly 0.100, the loss was no number any more, or one class was guessed for all.)
#
# </details>
# %% [markdown] lang="zh" slide="slide"
# ## C · 7. 常见误解
#
# **“Transformer 的参数主要在注意力里。”** 恰好相反，MLP 大约是注意力的两倍：
# %% [markdown] lang="en" slide="slide"
# ## C · 7. Common misconceptions
#
# **"Most parameters of a Transformer are in attention."** The other way round: the MLP has about twice as many:
# %%
for name, part in (("Attention", Attention(48, 4)), ("MLP", MLP(48, 192))):
    print(name, sum(p.size for p in part.get_parameters()))
# %% [markdown] lang="zh"
# **“层归一化之后，每个通道的均值都是 0。”** 均值为 0 的是每个 **token**，不是每个通道：
# %% [markdown] lang="en"
# **"After layer normalisation each of the $D$ channels has mean 0."** It is each **token** that has mean 0, not each channel:
# %%
print(T("各 token 的均值：", "means of tokens:  "), by_loop[0].mean(-1).round(2))
print(T("各通道的均值：  ", "means of channels:"), by_loop[0].mean(0).round(2))
# %% [markdown] lang="zh"
# **“MLP 也让 token 之间交换信息。”** 不。只改动一个 token，MLP 的输出只有那一个变：
# %% [markdown] lang="en"
# **"The MLP exchanges information between tokens, too."** No. Change one token, and the MLP's output changes for that token only:
# %%
changed = tokens.asnumpy().copy()
changed[:, 3] += 1
for name, part in (("MLP", mine.mlp), ("Attention", mine.attn)):
    moved = np.abs((part(ms.Tensor(changed)) - part(tokens)).asnumpy()).max(-1)[0]  # (N,)
    print(name, T("输出变了的 token：", "tokens whose output moved:"), np.flatnonzero(moved > 0))
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 一个编码器层 = 两个 pre-norm 分支：注意力在 token 之间搬运，MLP 在每个 token 里加工。
# 2. 残差让 token 更久地保持不同：没有它，四层之后所有 token 几乎都一样了，哪怕归一化让梯度保持得很大；有它再加 pre-norm，24 层之后仍有 {{kept}} % 的不同（平方和里的份额，初始化时量的）。
# 3. 细节要对：$\epsilon=10^{-6}$、精确 GELU；差一点，就和参考程序对不上，而且不会报错。
#
# <details><summary>问题一：pre-norm 的网络为什么在最后还要一个归一化（<code>norm</code>）？</summary>
#
# 残差连接上没有归一化，每一层都往上加，token 的大小随深度增长。最后的 `norm` 把它拉回固定的尺度，分类头才好用。
#
# </details>
#
# <details><summary>问题二：随机深度为什么常让后面的层丢得多、前面的少？</summary>
#
# 前面的层提取的是后面所有层都要用的东西，丢了损失大。`vit` 里的概率从 0 线性增加到 `drop_path_rate`。
#
# </details>
#
# **对照阅读**：[MindSpore 官方 ViT 教程](https://www.mindspore.cn/tutorials/zh-CN/master/cv/vit.html)里的 `TransformerEncoder`，它同样是 pre-norm。
#
# **亲手试试**：课末的那一页（整页：`python start.py explore`）。
#
# **下一课**（06）：把图像块嵌入、编码器和分类头装成完整的 ViT，载入公开的权重，认出真实的照片。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. An encoder block is two pre-norm branches: attention moves information between tokens, the MLP works on each token by itself.
# 2. Skip connections keep tokens different for longer: without them all tokens are nearly the same after four blocks, even where normalisation keeps gradients large; with pre-norm {{kept}} % of the sum of squares still differs after 24 (measured at initialisation).
# 3. Details matter: $\epsilon=10^{-6}$, exact GELU. A little off, and the numbers no longer match the reference, without any error.
#
# <details><summary>Question 1: why does a pre-norm network need one more normalisation (<code>norm</code>) at its end?</summary>
#
# The skip connection has no normalisation; each block adds to it, and tokens grow with depth. The last `norm` brings them back to a fixed size, which the head can use.
#
# </details>
#
# <details><summary>Question 2: why do later blocks often have a higher drop path rate than early ones?</summary>
#
# What early blocks extract is needed by all that follow, so losing it costs more. In `vit` the rate grows linearly from 0 to `drop_path_rate`.
#
# </details>
#
# **To compare**: `TransformerEncoder` in [MindSpore's own ViT tutorial](https://www.mindspore.cn/tutorials/en/master/cv/vit.html), which is pre-norm as well.
#
# **Touch it**: at the end of this lesson (whole page: `python start.py explore`).
#
# **Next** (06): patch embedding, encoder and head become a whole ViT, which loads published weights and recognises real photographs.
# %%
explore(lesson="05")
# %% [markdown] lang="zh" slide="slide"
# ## C 节打卡
#
# 卡片里会写着：你的 ViT 里有几个部件出自你手。
# %% [markdown] lang="en" slide="slide"
# ## Check-in for section C
#
# The card says how many parts of your ViT are yours.
# %%
checkin("C")
