# %% [markdown] lang="zh" slide="slide"
# # 03 · 块嵌入：把图像变成一串 token
#
# ![ViT 全图，亮的部分是切块、位置与类别 token](../../course/figures/map_patches.zh.svg)
#
# Transformer 读的是序列，图像却是网格。ViT 的办法简单得惊人：把图像切成小方块，每块拉直，乘一个矩阵，就成了一串 token。本课用三种写法完成它（循环、reshape、卷积）并验证三者一致，再加上**类别 token** 和**位置**，最后做两个实验：没有位置的网络到底分不清什么。
#
# ![一张 64×64 的画，切成 8×8 个块](../../course/lessons/03_patch_embedding/figures/opening.png)
#
# *左：模型看到的一张画。右：它真正得到的东西，64 个小块，从左到右、从上到下。*
#
# **需要**：会用 numpy 的 reshape。**阅读** 约 20 分钟，**运行** 约一分钟（两核 CPU，见 `notebooks/TIMINGS.md`）。可单独运行，不依赖前面的课。
# %% [markdown] lang="en" slide="slide"
# # 03 · Patch embedding: an image becomes a sequence of tokens
#
# ![Map of the whole ViT; lit are patches, positions and class token](../../course/figures/map_patches.en.svg)
#
# A Transformer reads sequences; an image is a grid. ViT's answer is surprisingly plain: cut the image into small squares, lay each one flat, multiply by a matrix, and there is the sequence. This lesson writes that in three ways (loop, reshape, convolution), checks that they agree, adds the **class token** and the **positions**, and ends with two experiments on what a network without positions cannot tell apart.
#
# ![A drawing of 64 x 64 pixels, cut into 8 x 8 patches](../../course/lessons/03_patch_embedding/figures/opening.png)
#
# *Left: a drawing as the model sees it. Right: what it really gets, 64 small patches, left to right, then top to bottom.*
#
# **You need**: numpy's reshape. About 20 minutes **to read**, about a minute **to run** (two CPU cores, see `notebooks/TIMINGS.md`). Runs alone, without the earlier lessons.
# %%
import time

import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, checkin, hint, signature

begin("03")
# %% [markdown] lang="zh" note=true
# 约 45 分钟。第 2 步的六维 reshape 是难点：在黑板上画 4×4 的图，让学员说出第 2 个块里有哪四个数。第 6、7 步的两个实验最有意思，先让学员打赌“打乱块的次序，模型的答案会不会变”，再运行。
# %% [markdown] lang="en" note=true
# About 45 minutes. The reshape with six axes in step 2 is the hard part: draw the 4 x 4 image on the board and ask which four numbers are in patch 1. The experiments of steps 6 and 7 are the fun: take bets on whether shuffled patches change the model's answer, then run them.
# %% [markdown] lang="zh" slide="slide"
# ## 1. 先用 16 个数
#
# 论文的式 1（Dosovitskiy 等，2021）：
#
# $$z_0 = [x_\text{class};\; x_p^1 E;\; x_p^2 E;\;\dots;\; x_p^N E] + E_\text{pos},\qquad E\in\mathbb{R}^{(P^2 C)\times D}$$
#
# 下标 0 表示这是进入第一个块之前的序列。$x_\text{class}$ 和 $E_\text{pos}$ 留到第 5 步，把小块变成 $D$ 个数（一个 **token**）的矩阵 $E$ 在第 3 步。先要 $x_p^1,\dots,x_p^N$：边长为 $P$ 的小块，拉直成 $P^2C$ 个数，一共 $N = \frac{H}{P}\cdot\frac{W}{P}$ 个。取 4×4、单通道、$P=2$ 的“图像”，循环版不会看错：
# %% [markdown] lang="en" slide="slide"
# ## 1. Sixteen numbers first
#
# Equation 1 of the paper (Dosovitskiy et al., 2021):
#
# $$z_0 = [x_\text{class};\; x_p^1 E;\; x_p^2 E;\;\dots;\; x_p^N E] + E_\text{pos},\qquad E\in\mathbb{R}^{(P^2 C)\times D}$$
#
# The subscript 0: this is what enters the first block. $x_\text{class}$ and $E_\text{pos}$ come in step 5, the matrix $E$, which makes of a patch a **token** of $D$ numbers, in step 3. First of all $x_p^1,\dots,x_p^N$: squares of side $P$, each laid flat to $P^2C$ numbers, $N = \frac{H}{P}\cdot\frac{W}{P}$ of them. With an "image" of 4 × 4, one channel and $P=2$, a loop cannot be misread:
# %%
toy = np.arange(16).reshape(1, 4, 4)  # (C=1, H=4, W=4)
print(toy[0])


def patches_loop(image, p):
    C, H, W = image.shape
    patches = []
    for row in range(0, H, p):  # top to bottom
        for col in range(0, W, p):  # left to right
            patches.append(image[:, row : row + p, col : col + p].reshape(-1))  # (C*P*P,)
    return np.stack(patches)  # (N, C*P*P)


print(patches_loop(toy, 2))
# %% [markdown] lang="zh" slide="slide"
# ## 2. 同一件事，不用循环
#
# `reshape` 只能拆开一个轴或合并相邻的轴；要换轴的次序，得用 `transpose`。所以分三步：
#
# | 步骤 | 形状 |
# |---|---|
# | 把高拆成（块行，块内行），宽拆成（块列，块内列） | $(C,\ H/P,\ P,\ W/P,\ P)$ |
# | 把两个“第几块”的轴移到最前 | $(H/P,\ W/P,\ C,\ P,\ P)$ |
# | 前两个轴合成 $N$，后三个合成一个块 | $(N,\ C P^2)$ |
#
# 中间那步是关键。没有它，形状照样对，数却全乱了：
# %% [markdown] lang="en" slide="slide"
# ## 2. The same without a loop
#
# `reshape` can split an axis or join neighbours; changing the order of axes takes `transpose`. Hence three steps:
#
# | step | shape |
# |---|---|
# | split the height into (which row of patches, which row inside), the width likewise | $(C,\ H/P,\ P,\ W/P,\ P)$ |
# | move the two axes that say "which patch" to the front | $(H/P,\ W/P,\ C,\ P,\ P)$ |
# | join the first two to $N$, the last three to one patch | $(N,\ C P^2)$ |
#
# The middle one matters. Without it the shape is right and the numbers are not:
# %%
split = toy.reshape(1, 2, 2, 2, 2)  # (C, rows, P, cols, P)
right = split.transpose(1, 3, 0, 2, 4).reshape(4, 4)  # (rows, cols, C, P, P) -> (N, C*P*P)
wrong = toy.reshape(4, 4)  # same shape: rows of the image, not patches
print("right\n", right)
print("wrong\n", wrong)
assert (right == patches_loop(toy, 2)).all()


# %% [markdown] lang="zh" exercise="03.1" slide="subslide"
# ### 练习 03.1 · 切块（★★，8 分钟）
#
# 写 `patchify(image, p)`：`(C, H, W)` → `(N, C*p*p)`，块按阅读次序，块内先通道、再行、再列（与上面的循环相同），不许用循环。第 2 步写的是单通道、$P=2$，你的要对任何大小都成立。检查用的是一张 2 通道、不是正方形的图。
# %% [markdown] lang="en" exercise="03.1" slide="subslide"
# ### Exercise 03.1 · Cut into patches (★★, 8 minutes)
#
# Write `patchify(image, p)`: `(C, H, W)` → `(N, C*p*p)`, patches in reading order, the numbers within each patch ordered by channel, then row, then column (as in the loop above), without loops. Step 2 has it for one channel and $P=2$; yours works for any. The check uses an image of 2 channels that is not square.
# %% exercise="03.1"
def patchify(image, p):
    C, H, W = image.shape
    return np.zeros((H // p * (W // p), C * p * p))  # (N, C*p*p), your turn


# %% solution="03.1"
def patchify(image, p):
    C, H, W = image.shape
    x = image.reshape(C, H // p, p, W // p, p)  # (C, rows, P, cols, P)
    return x.transpose(1, 3, 0, 2, 4).reshape(-1, C * p * p)  # (N, C*P*P)


# %% [markdown] hint="03.1" lang="zh"
# 就是第 2 步的三个动作，只是 `2` 换成了变量，`C` 也不再是 1。
# %% [markdown] hint="03.1" lang="en"
# It is step 2's three moves, with variables instead of `2`, and `C` no longer 1.
# %% [markdown] hint="03.1" lang="zh"
# 拆开后的轴是 `0: C, 1: 块行, 2: 块内行, 3: 块列, 4: 块内列`。想要的次序是哪五个数字？
# %% [markdown] hint="03.1" lang="en"
# After the split the axes are `0: C, 1: row of patches, 2: row inside, 3: column of patches, 4: column inside`. Which order of these five is wanted?
# %% [markdown] hint="03.1" lang="zh"
# `transpose(1, 3, 0, 2, 4)`，然后 `reshape(-1, C * p * p)`。
# %% [markdown] hint="03.1" lang="en"
# `transpose(1, 3, 0, 2, 4)`, then `reshape(-1, C * p * p)`.
# %% wrong="03.1" mistake="reshape only"
# zh: 只有 reshape，没有 transpose：每一“块”其实是图像里连续的一段，不是方块
# en: a bare reshape, no transpose: each "patch" is a run of consecutive pixels, not a square
def patchify(image, p):
    return image.reshape(-1, image.shape[0] * p * p)


# %% wrong="03.1" mistake="column by column"
# zh: 块的次序是先上下、后左右；应当先左右、后上下
# en: the patches run top to bottom first; they should run left to right first
def patchify(image, p):
    C, H, W = image.shape
    return image.reshape(C, H // p, p, W // p, p).transpose(3, 1, 0, 2, 4).reshape(-1, C * p * p)


# %% wrong="03.1" mistake="channels last"
# zh: 块内把通道放在了最后；这里应当先通道、再行、再列（与卷积核的次序相同）
# en: inside a patch the channels come last; here they come first, then rows, then columns (as in a convolution kernel)
def patchify(image, p):
    C, H, W = image.shape
    return image.reshape(C, H // p, p, W // p, p).transpose(1, 3, 2, 4, 0).reshape(-1, C * p * p)


# %% wrong="03.1" mistake="inside transposed"
# zh: 块内的行和列换了位：每个小块都被沿对角线翻转了
# en: rows and columns inside the patches are exchanged: each patch is flipped along its diagonal
def patchify(image, p):
    C, H, W = image.shape
    return image.reshape(C, H // p, p, W // p, p).transpose(1, 3, 0, 4, 2).reshape(-1, C * p * p)


# %%
test_image = np.random.default_rng(1).normal(size=(2, 6, 9))  # (C=2, H=6, W=9)
check("03.1", patchify(test_image, 3))
# hint("03.1")
# %% [markdown] lang="zh" slide="slide"
# ## 3. 第三种写法：卷积
#
# 每块乘同一个矩阵 $E$，就是一个步长等于核边长的卷积：核每次跳过一整块，互不重叠。论文和多数程序都这样写。MindSpore 的 `Dense` 存的是转置后的矩阵 `(D, C*P*P)`，所以代码里的 `E` 是公式里的 $E^\top$。把它折成卷积核 `(D, C, P, P)`，三种写法的结果应当一致：
# %% [markdown] lang="en" slide="slide"
# ## 3. The third way: a convolution
#
# Every patch is multiplied by the same matrix $E$: that is a convolution whose stride equals the side of its kernel, so that it jumps from patch to patch. The paper and most programs write it so. MindSpore keeps the matrix of a `Dense` transposed, `(D, C*P*P)`, so what the code calls `E` is the $E^\top$ of the equation. Folded to a kernel `(D, C, P, P)`, it makes the three ways agree:
# %%
rng = np.random.default_rng(0)
images = rng.normal(size=(4, 3, 224, 224)).astype(np.float32)  # (B, C, H, W)
E = rng.normal(size=(192, 3 * 16 * 16)).astype(np.float32) / 28  # (D, C*P*P), D = 192 as in ViT-Ti
x = ms.Tensor(images)

by_loop = np.stack([patches_loop(image, 16) @ E.T for image in images])  # (B, N, D)

dense = nn.Dense(3 * 16 * 16, 192, weight_init=ms.Tensor(E), has_bias=False)
cut = ops.transpose(x.reshape(4, 3, 14, 16, 14, 16), (0, 2, 4, 1, 3, 5))  # (B, rows, cols, C, P, P)
by_reshape = dense(cut.reshape(4, 196, 768)).asnumpy()  # (B, N, D)
# %%
conv = nn.Conv2d(3, 192, 16, stride=16, pad_mode="valid", has_bias=False)
conv.weight.set_data(ms.Tensor(E.reshape(192, 3, 16, 16)))
by_conv = conv(x).reshape(4, 192, 196).swapaxes(1, 2).asnumpy()  # (B, D, 14, 14) -> (B, N, D)

for name, other in (("reshape", by_reshape), ("convolution", by_conv)):
    difference = np.abs(other - by_loop).max()
    print(f"loop and {name} differ by at most {difference:.1e}")
    assert difference < 1e-3


# %% [markdown] lang="zh"
# 数学上相等，速度却不一定。量一量同样的 4 张图：
# %% [markdown] lang="en"
# Equal in mathematics is not equal in time. Measured, on the same 4 images:
# %%
def milliseconds(function, times=3):
    function()  # the first call prepares
    start = time.perf_counter()
    for _ in range(times):
        function()
    return (time.perf_counter() - start) / times * 1000


def dense_way():
    cut = ops.transpose(x.reshape(4, 3, 14, 16, 14, 16), (0, 2, 4, 1, 3, 5))
    return dense(cut.reshape(4, 196, 768)).asnumpy()


t_conv, t_dense = milliseconds(lambda: conv(x).asnumpy()), milliseconds(dense_way)
print(f"convolution {t_conv:.1f} ms, reshape and Dense {t_dense:.1f} ms: {t_conv / t_dense:.0f} times as long")
# %% [markdown] lang="zh"
# 运算一样多，差别只能在实现：这个版本的 MindSpore 在 CPU 上怎样算这种形状（大核、大步长）的卷积。在整个前向里，单这一层就可能占掉大半时间（第 11 课会量）。所以 `vit` 用 reshape 加 `Dense`。在 GPU 或 Ascend 上可能不是这样（这里还没有跑过）：换了机器，再量一次。
# %% [markdown] lang="en"
# The arithmetic is the same, so the difference lies in how this version of MindSpore computes a convolution of this shape (large kernel, large stride) on a CPU. In a whole forward pass this one layer can take most of the time (lesson 11 measures it). So `vit` uses reshape and `Dense`. On a GPU or Ascend it may be otherwise (not yet run here): measure again on another machine.
# %% [markdown] lang="zh" slide="slide"
# ## 4. 完整实现
#
# 下面是 `vit/patch_embedding.py` 里的类，原样放进来。
# %% [markdown] lang="en" slide="slide"
# ## 4. The real thing
#
# The class as it stands in `vit/patch_embedding.py`.
# %% show="vit.patch_embedding:PatchEmbedding"
# %%
import vit.patch_embedding
from vit.runtime.graph_mode import in_graph_mode

here, packaged = PatchEmbedding(16, 3, 192), vit.patch_embedding.PatchEmbedding(16, 3, 192)
here.proj.weight.set_data(ms.Tensor(E))
ms.load_param_into_net(packaged, here.parameters_dict())
with in_graph_mode():
    compiled = packaged(x).asnumpy()
bias = here.proj.bias.asnumpy()
print(here(x).shape, "this class and the packaged one, compiled, differ by", np.abs(here(x).asnumpy() - compiled).max())
assert np.abs(compiled - (by_loop + bias)).max() < 1e-3
# %% [markdown] lang="zh" exercise="03.2" slide="subslide"
# ### 练习 03.2 · 数一数（★，5 分钟）
#
# ViT-B/32，输入 384×384 的 RGB 图，$D=768$。填三个整数：`n` 块的个数 $N$；`length` 一块拉直后有几个数；`parameters` 块嵌入层的参数个数（含偏置，不含位置和类别 token）。
# %% [markdown] lang="en" exercise="03.2" slide="subslide"
# ### Exercise 03.2 · Counting (★, 5 minutes)
#
# ViT-B/32 on RGB images of 384 × 384, $D=768$. Three whole numbers: `n`, how many patches; `length`, how many numbers one patch has when laid flat; `parameters`, how many the patch embedding layer has (with bias; positions and class token not counted).
# %% exercise="03.2"
n, length, parameters = 0, 0, 0  # your turn
# %% solution="03.2"
n = (384 // 32) ** 2  # 12 x 12
length = 3 * 32 * 32
parameters = length * 768 + 768  # weight and bias
# %% [markdown] hint="03.2" lang="zh"
# “/32”是块的边长，不是块的个数。
# %% [markdown] hint="03.2" lang="en"
# "/32" is the side of a patch, not the number of patches.
# %% [markdown] hint="03.2" lang="zh"
# 每边有 384/32 块；一块有三个通道。
# %% [markdown] hint="03.2" lang="en"
# Each side has 384/32 patches; a patch has three channels.
# %% [markdown] hint="03.2" lang="zh"
# 参数：矩阵 `length × 768`，再加 768 个偏置。
# %% [markdown] hint="03.2" lang="en"
# Parameters: a matrix `length × 768`, and 768 biases.
# %% wrong="03.2" mistake="one channel"
# zh: 一块的长度少算了三个通道
# en: the length of a patch leaves out that there are three channels
n, length, parameters = 144, 1024, 1024 * 768 + 768
# %% wrong="03.2" mistake="no bias"
# zh: n 和 length 都对；parameters 少了 768 个偏置
# en: n and length are right; parameters lacks the 768 biases
n, length, parameters = 144, 3072, 3072 * 768
# %% wrong="03.2" mistake="class token counted"
# zh: n 只数块；145 是加上类别 token 之后的序列长度
# en: n counts patches; 145 is the length of the sequence with the class token
n, length, parameters = 145, 3072, 3072 * 768 + 768
# %% wrong="03.2" mistake="one side"
# zh: n 只数了一条边上的块，应当是两边相乘
# en: n counts the patches along one side; it is the product of both sides
n, length, parameters = 12, 3072, 3072 * 768 + 768
# %%
check("03.2", [n, length, parameters])


# hint("03.2")
# %% [markdown] lang="zh" slide="slide"
# ## 5. 类别 token 与位置
#
# 式 1 还差两样东西，都是学来的参数：
#
# - **类别 token** $x_\text{class}$，形状 `(1, 1, D)`：放在序列**最前面**的一个额外向量，每张图用同一个。它自己没有内容，靠注意力从各块收集信息，最后由它做分类。序列从 $N$ 变成 $1+N$。
# - **位置** $E_\text{pos}$，形状 `(1, 1+N, D)`：每个位置一个向量，**加**到 token 上。
#
# 两者都是一份，由一批里的所有图像共用。
# %% [markdown] lang="en" slide="slide"
# ## 5. The class token and the positions
#
# Equation 1 lacks two things still, both of them learned parameters:
#
# - the **class token** $x_\text{class}$, `(1, 1, D)`: one more vector, put **in front** of the sequence, the same for every image. It has no content of its own; through attention it collects from the patches, and in the end it is what gets classified. The sequence grows from $N$ to $1+N$.
# - the **positions** $E_\text{pos}$, `(1, 1+N, D)`: a vector for each place, **added** to the token there.
#
# There is one of each, shared by all images of a batch.
# %% [markdown] lang="zh" exercise="03.3" slide="subslide"
# ### 练习 03.3 · 拼出 $z_0$（★★，6 分钟）
#
# 给定 `tokens (B, N, D)`、`cls (1, 1, D)`、`pos (1, 1+N, D)`（numpy 数组），写出 `assemble`，返回 $z_0$，形状 `(B, 1+N, D)`。
# %% [markdown] lang="en" exercise="03.3" slide="subslide"
# ### Exercise 03.3 · Put $z_0$ together (★★, 6 minutes)
#
# Given `tokens (B, N, D)`, `cls (1, 1, D)` and `pos (1, 1+N, D)`, numpy arrays, write `assemble`, which returns $z_0$, `(B, 1+N, D)`.
# %% exercise="03.3"
def assemble(tokens, cls, pos):
    B, N, D = tokens.shape
    return np.zeros((B, 1 + N, D))  # (B, 1+N, D), your turn


# %% solution="03.3"
def assemble(tokens, cls, pos):
    B, N, D = tokens.shape
    first = np.broadcast_to(cls, (B, 1, D))  # the same for every image
    return np.concatenate([first, tokens], axis=1) + pos  # (B, 1+N, D)


# %% [markdown] hint="03.3" lang="zh"
# 先拼接，再加位置：位置比块多一个，正好给类别 token。
# %% [markdown] hint="03.3" lang="en"
# First concatenate, then add the positions: there is one more of them than patches, for the class token.
# %% [markdown] hint="03.3" lang="zh"
# `np.concatenate` 要求批的大小相同。`np.broadcast_to` 或 `np.repeat` 可以把 `cls` 变成 `(B, 1, D)`。
# %% [markdown] hint="03.3" lang="en"
# `np.concatenate` wants equal batch sizes. `np.broadcast_to` or `np.repeat` makes `cls` `(B, 1, D)`.
# %% [markdown] hint="03.3" lang="zh"
# `np.concatenate([类别, 块], axis=1) + pos`：类别在前，沿第 1 轴。
# %% [markdown] hint="03.3" lang="en"
# `np.concatenate([class, patches], axis=1) + pos`: the class token first, along axis 1.
# %% wrong="03.3" mistake="class token last"
# zh: 类别 token 放到了最后；它应当在最前面（第 0 个）
# en: the class token stands last; it belongs in front, at index 0
def assemble(tokens, cls, pos):
    return np.concatenate([tokens, np.broadcast_to(cls, (len(tokens), 1, cls.shape[2]))], axis=1) + pos


# %% wrong="03.3" mistake="no positions"
# zh: 还没有加位置
# en: the positions have not been added
def assemble(tokens, cls, pos):
    return np.concatenate([np.broadcast_to(cls, (len(tokens), 1, cls.shape[2])), tokens], axis=1)


# %% wrong="03.3" mistake="class token without position"
# zh: 类别 token 没有得到它的位置 pos[:, 0]
# en: the class token did not get its own position, pos[:, 0]
def assemble(tokens, cls, pos):
    first = np.broadcast_to(cls, (len(tokens), 1, cls.shape[2]))
    return np.concatenate([first, tokens + pos[:, 1:]], axis=1)


# %% wrong="03.3" mistake="positions shifted"
# zh: 块用了 pos[:, :-1]，错开了一位：pos[:, 0] 属于类别 token
# en: the patches took pos[:, :-1], one place off: pos[:, 0] belongs to the class token
def assemble(tokens, cls, pos):
    first = np.broadcast_to(cls, (len(tokens), 1, cls.shape[2]))
    return np.concatenate([first + pos[:, -1:], tokens + pos[:, :-1]], axis=1)


# %%
toy_pos = np.random.default_rng(5).normal(size=(1, 5, 3))
toy_tokens, toy_cls = np.sin(np.arange(24.0)).reshape(2, 4, 3), np.cos(np.arange(3.0)).reshape(1, 1, 3)
check("03.3", assemble(toy_tokens, toy_cls, toy_pos))
# hint("03.3")
# %% [markdown] lang="zh" slide="slide"
# ## 6. 没有位置，ViT 分不清什么（一）：打乱块
#
# 取随课程提供的小 ViT 和一张它没见过的画。把 64 个块的次序打乱，就成了一张谁也认不出的图。然后做两次：位置照旧；位置全部置零。
# %% [markdown] lang="en" slide="slide"
# ## 6. What a ViT without positions cannot tell (1): shuffled patches
#
# We take the small ViT that comes with the course and a drawing it has not seen. Its 64 patches in another order make an image that nobody recognises. Then twice: with the positions as they are, and with all of them set to zero.
# %%
from vit import create_model
from vit.data.pipeline import preprocess
from vit.data.sample.dataset import picture
from vit.inference import class_names

model = create_model("vit_sample_patch8_64", weights="vit_sample_patch8_64")
drawing = preprocess(np.asarray(picture("infer", thing=7, number=1)[0]), model.preprocessing)  # (3, 64, 64)
shuffle = np.random.default_rng(0).permutation(64)


def from_patches(patches, side=8, p=8):
    """(N, C*P*P) -> (C, H, W), the way back from `patches_loop`."""
    return patches.reshape(side, side, 3, p, p).transpose(2, 0, 3, 1, 4).reshape(3, side * p, side * p)


shuffled = from_patches(patches_loop(drawing, 8)[shuffle])  # (3, 64, 64)
both = ms.Tensor(np.stack([drawing, shuffled]))  # (2, 3, 64, 64)


# %%
def show(ax, image, title):
    ax.imshow(image.transpose(1, 2, 0) / 2 + 0.5)
    ax.set_title(title, fontsize=10)
    ax.axis("off")


def answers(logits):
    """The name and the probability of the best class, for each image."""
    shares = ops.softmax(logits, axis=-1).asnumpy()
    return [f"{class_names(model)[row.argmax()]} {row.max():.0%}" for row in shares]


positions = model.pos_embed.asnumpy().copy()
logits = {}
for name, values in (("without", 0 * positions), ("with positions", positions)):
    model.pos_embed.set_data(ms.Tensor(values))  # the second time as it was
    logits[name] = model(both)
# %%
figure, axes = plt.subplots(1, 2, figsize=(6, 3.4))
for i, title in enumerate(("in order", "shuffled")):
    said = "\n".join(f"{name}: {answers(of)[i]}" for name, of in logits.items())
    show(axes[i], both.asnumpy()[i], f"{title}\n{said}")
plt.show()
for name, of in logits.items():
    a, b = of.asnumpy()
    print(f"{name}: logits of the two images differ by at most {np.abs(a - b).max():.1e}")


# %% [markdown] lang="zh"
# 没有位置时，两张图的 logits **完全相同**（只差浮点误差）：注意力是加权平均，MLP 对每个 token 各做各的，取平均或类别 token 也不看次序，整个网络对块的次序是盲的。没有位置的 ViT 看到的不是图像，而是**一袋小块**。
#
# 有位置时 logits 不同了，可这一张的答案未必会变：也许一袋小块已经够认出它。一张图说明不了什么，换 100 张新画，数一数答对多少：
# %% [markdown] lang="en"
# Without positions the logits of both images are **the same** (rounding aside): attention is a weighted mean, the MLP treats each token by itself, and neither pooling nor the class token minds the order. The whole network is blind to it. A ViT without positions sees not an image but **a bag of patches**.
#
# With positions the logits differ; yet the answer for this one picture may be the same, because a bag of patches may be enough to know it by. One picture proves little. On 100 new drawings, how many answers are right?
# %%
drawings = np.stack(
    [preprocess(np.asarray(picture("infer", t, n)[0]), model.preprocessing) for t in range(10) for n in range(10, 20)]
)  # (100, 3, 64, 64)
mixed = np.stack([from_patches(patches_loop(one, 8)[shuffle]) for one in drawings])
truth = np.repeat(np.arange(10), 10)  # (100,)
for name, values in (("without", 0 * positions), ("with positions", positions)):
    model.pos_embed.set_data(ms.Tensor(values))
    right = [(model(ms.Tensor(x)).asnumpy().argmax(-1) == truth).mean() for x in (drawings, mixed)]
    print(f"{name:15} in order {right[0]:.0%}, shuffled {right[1]:.0%}")


# %% [markdown] lang="zh"
# 读这张表：“without” 一行的两个数必然相等，道理上面说了；“with positions” 一行的差，是**这一种**打乱让这个模型损失的。在我们的运行里几乎没有损失，这也许出人意料：位置照旧时，只凭小块里面的内容，这个模型同样能分清这十类画。“without” 的数低，是另一回事：那是把训练好的位置临时拿走，不等于一个从来没有位置的模型的水平。从头就不给位置的网络，`python -m benchmarks.learning` 训练过一个（“no positions”一行）。这些画靠内容就能认；下一节换一个只有次序才能回答的任务。
# %% [markdown] lang="en"
# How to read the table: the two numbers in the row "without" must be equal, as explained above; the gap in the row "with positions" is what **this one** shuffle costs this model. In our run it is next to nothing, which may surprise: with its positions in place, the model tells these ten kinds of drawings apart by what is inside the patches just as well. The lower numbers of "without" are another matter: there, a model that was trained with positions has had them taken away, which is not how it would do had it never had any. A network that never had positions is trained by `python -m benchmarks.learning` (the row "no positions"). These drawings can be told apart by content; the next section takes a task that only the order can answer.
# %% [markdown] lang="zh" slide="slide"
# ## 7. 没有位置，ViT 分不清什么（二）：次序就是标签
#
# 一个只能靠次序解决的任务：图像有 16 块，其中一块亮，其余是噪声。标签：亮块是否排在**前 8 个**（也就是图的上半部）。把亮块挪个地方，标签可能变，那一袋小块却没有变。同一个小网络训练两次：一次有位置，一次把位置固定为零。
# %% [markdown] lang="en" slide="slide"
# ## 7. What a ViT without positions cannot tell (2): order is the label
#
# A task that only order can solve: images of 16 patches, one bright, the others noise. The label: is the bright one among the **first eight**, the upper half of the image? Move the bright patch elsewhere: the label may change, the bag of patches does not. One small network is trained twice: with positions, and with positions held at zero.
# %%
def order_images(count, seed):
    """(count, 3, 32, 32) and the labels (count,): 1 where the bright patch is among the first 8."""
    rng = np.random.default_rng(seed)
    patches = rng.normal(0, 0.3, (count, 16, 3 * 8 * 8))  # (count, N, C*P*P)
    places = rng.integers(0, 16, count)  # (count,): where the bright one stands
    patches[np.arange(count), places] += 1
    images = np.stack([from_patches(one, side=4) for one in patches])
    return images.astype(np.float32), (places < 8).astype(np.int32)


examples, example_labels = order_images(6, seed=1)
figure, axes = plt.subplots(1, 6, figsize=(9, 1.8))
for ax, image, label in zip(axes, examples, example_labels, strict=True):
    show(ax, image.clip(-1, 1), f"label {label}")
plt.show()
# %%
from tqdm.auto import tqdm

from vit import ViT, ViTConfig
from vit.inference import make_forward
from vit.training import make_train_step

test_images, test_labels = order_images(1000, seed=99)
config = ViTConfig(image_size=32, patch_size=8, num_classes=2, embed_dim=48, depth=2, num_heads=4, mlp_ratio=2.0)


def train_on_order(positions: bool, steps=250):
    ms.set_seed(0)
    net = ViT(config)
    if not positions:
        net.pos_embed.set_data(ops.zeros_like(net.pos_embed))
        net.pos_embed.requires_grad = False  # and they stay zero
    step = make_train_step(net, lr=3e-3, weight_decay=0.01)
    for i in tqdm(range(steps), desc="with positions" if positions else "without", leave=False):
        step(*order_images(64, seed=1000 + i))
    guesses = make_forward(net)(test_images).asnumpy().argmax(-1)
    return (guesses == test_labels).mean()


# %% slow=true
accuracy = {positions: train_on_order(positions) for positions in (True, False)}
signature(f"order task, 1000 new images: {accuracy[True]:.1%} with positions, {accuracy[False]:.1%} without")
assert accuracy[True] > 0.9 > 0.6 > accuracy[False]
# %% [markdown] lang="zh"
# 没有位置的网络停在猜硬币的水平。这不是训练得不够：不看次序时，两类图像的**分布完全相同**，没有任何东西可以用来区分，再训练多久也没有用。
# %% [markdown] lang="en"
# The network without positions does no better than tossing a coin. More training would not help: with the order left out, the images of both classes have the **same distribution**, and nothing is left to tell them apart by.
# %% [markdown] lang="zh" slide="slide"
# ## 8. 学到的位置长什么样
#
# 取小 ViT 为 64 个块学到的位置向量（类别 token 的不算），算其中一个与所有位置的余弦相似度，排回 8×8 的网格。亮处是“模型认为相近”的位置（红框是被比较的那个）：
# %% [markdown] lang="en" slide="slide"
# ## 8. What learned positions look like
#
# The small ViT has 64 position vectors for patches (the class token's is left out here). We compare one with all, by cosine, and lay the results out as the 8 × 8 grid. Bright are the places that the model takes to be alike (the red frame is the one compared):
# %%
unit = positions[0, 1:] / np.linalg.norm(positions[0, 1:], axis=1, keepdims=True)  # (N, D)
figure, axes = plt.subplots(1, 4, figsize=(9, 2.5))
for ax, (row, col) in zip(axes, [(0, 0), (3, 3), (3, 6), (7, 2)], strict=True):
    ax.imshow((unit @ unit[8 * row + col]).reshape(8, 8), cmap="viridis", vmin=-0.5, vmax=1)
    ax.add_patch(plt.Rectangle((col - 0.5, row - 0.5), 1, 1, fill=False, ec="red", lw=2))
    ax.set_title(f"row {row}, column {col}", fontsize=10)
    ax.axis("off")
plt.show()


# %% [markdown] lang="zh"
# 相近的位置相似，同行同列也较亮。公平地说：这个模型的位置是从正弦波**开始**学的（`positions="sincos"`），起点就有这种结构；论文里从随机数开始的 ViT 学到了类似的图样（Dosovitskiy 等，2021，图 7）。
# %% [markdown] lang="en"
# Nearby places are alike; so, to a lesser degree, are places in the same row or column. In fairness: this model's positions **started** from sine waves (`positions="sincos"`), which have such a structure; the paper's ViT, started from random numbers, learned a similar pattern (Dosovitskiy et al., 2021, figure 7).
# %% [markdown] lang="zh" exercise="03.4" slide="subslide"
# ### 练习 03.4 · 拼回去（★★，8 分钟）
#
# 写 `unpatchify(patches, rows, cols, p)`：`(N, C*p*p)` → `(C, rows*p, cols*p)`，是 `patches_loop` 的逆，图像不一定是正方形。（第 6 步的 `from_patches` 只会处理正方形、3 通道。）
# %% [markdown] lang="en" exercise="03.4" slide="subslide"
# ### Exercise 03.4 · And back (★★, 8 minutes)
#
# Write `unpatchify(patches, rows, cols, p)`: `(N, C*p*p)` → `(C, rows*p, cols*p)`, the inverse of `patches_loop`; the image need not be square. (Step 6's `from_patches` knows only squares of 3 channels.)
# %% exercise="03.4"
def unpatchify(patches, rows, cols, p):
    C = patches.shape[1] // (p * p)
    return np.zeros((C, rows * p, cols * p))  # (C, H, W), your turn


# %% solution="03.4"
def unpatchify(patches, rows, cols, p):
    C = patches.shape[1] // (p * p)
    x = patches.reshape(rows, cols, C, p, p)  # (rows, cols, C, P, P)
    return x.transpose(2, 0, 3, 1, 4).reshape(C, rows * p, cols * p)  # (C, H, W)


# %% [markdown] hint="03.4" lang="zh"
# 倒着走第 2 步的表：先拆，再换轴，最后合并。
# %% [markdown] hint="03.4" lang="en"
# Walk step 2's table backwards: split, exchange axes, join.
# %% [markdown] hint="03.4" lang="zh"
# 拆成 `(rows, cols, C, p, p)` 之后，要得到 `(C, rows, p, cols, p)`。
# %% [markdown] hint="03.4" lang="en"
# Split to `(rows, cols, C, p, p)`; wanted is `(C, rows, p, cols, p)`.
# %% [markdown] hint="03.4" lang="zh"
# `transpose(2, 0, 3, 1, 4)`，再 `reshape(C, rows * p, cols * p)`。
# %% [markdown] hint="03.4" lang="en"
# `transpose(2, 0, 3, 1, 4)`, then `reshape(C, rows * p, cols * p)`.
# %% wrong="03.4" mistake="reshape only"
# zh: 只有 reshape：小块没有被放回方格，而是一个接一个铺成了长条
# en: a bare reshape: the patches were laid out as long strips instead of squares
def unpatchify(patches, rows, cols, p):
    return patches.reshape(-1, rows * p, cols * p)


# %% wrong="03.4" mistake="rows and columns exchanged"
# zh: rows 和 cols 用反了：块按列排了
# en: rows and cols are exchanged: the patches were laid out column by column
def unpatchify(patches, rows, cols, p):
    C = patches.shape[1] // (p * p)
    return patches.reshape(cols, rows, C, p, p).transpose(2, 1, 3, 0, 4).reshape(C, rows * p, cols * p)


# %% wrong="03.4" mistake="inside transposed"
# zh: 块内的行和列换了位
# en: rows and columns inside the patches are exchanged
def unpatchify(patches, rows, cols, p):
    C = patches.shape[1] // (p * p)
    return patches.reshape(rows, cols, C, p, p).transpose(2, 0, 4, 1, 3).reshape(C, rows * p, cols * p)


# %% wrong="03.4" mistake="channels last inside"
# zh: 把块读成了 (p, p, C)；这里的次序是先通道
# en: the patches were read as (p, p, C); here channels come first
def unpatchify(patches, rows, cols, p):
    C = patches.shape[1] // (p * p)
    return patches.reshape(rows, cols, p, p, C).transpose(4, 0, 2, 1, 3).reshape(C, rows * p, cols * p)


# %%
test_patches = np.random.default_rng(2).normal(size=(6, 2 * 3 * 3))  # 2 x 3 patches of 3 x 3, 2 channels
check("03.4", unpatchify(test_patches, 2, 3, 3))
# hint("03.4")
# %% [markdown] lang="zh" slide="slide"
# ## 9. 常见的错误说法
#
# **“224 的图切成 16 的块，得到一个长度 196 的向量。”** 得到的是 **196 个向量**，每个长 768（拉直时）或 $D$（嵌入后）：
# %% [markdown] lang="en" slide="slide"
# ## 9. Wrong statements people repeat
#
# **"An image of 224 in patches of 16 becomes a vector of length 196."** It becomes **196 vectors**, each of length 768 (laid flat) or $D$ (embedded):
# %%
print("laid flat:", patches_loop(images[0], 16).shape, " embedded:", here(x[:1]).shape)
# %% [markdown] lang="zh"
# **“每个块有一个类别 token，共 14×14 个。”** 只有一个，全部图像共用；加上它，序列长 197：
# %% [markdown] lang="en"
# **"Every patch has a class token, 14 × 14 of them."** There is one, shared by all images; with it the sequence has 197 tokens:
# %%
tiny = create_model("vit_tiny_patch16_224")
print("cls_token", tiny.cls_token.shape, " pos_embed", tiny.pos_embed.shape)
# %% [markdown] lang="zh"
# **“卷积版和矩阵版学到的东西不同。”** 它们是同一个函数，参数可以互换，第 3 步验证过。
#
# ## 记住三句话
#
# 1. 块嵌入 = 切块、拉直、乘同一个矩阵；和步长等于核边长的卷积是一回事。
# 2. 切块要 `reshape → transpose → reshape`；少了中间一步，形状对而内容错。
# 3. 没有位置，ViT 看到的是一袋小块；位置是加上去的，类别 token 是放在最前面的。
#
# <details><summary>问题一：块边长从 16 改成 8，序列、注意力的权重、块嵌入的参数各怎样变？</summary>
#
# 块数变成 4 倍；权重是 $N\times N$，约变成 16 倍；块嵌入的矩阵从 $768\times D$ 缩小到 $192\times D$，是原来的 1/4。所以小块贵在注意力，不在嵌入。
#
# </details>
#
# <details><summary>问题二：推理时图像变大（比如从 224 到 384），为什么权重还能用？哪一样要处理？</summary>
#
# 矩阵 $E$ 与块数无关，编码器也不在乎序列长短。只有位置是按 14×14 学的，要重采样成 24×24（第 10 课）。
#
# </details>
#
# **下一课**（04）：让这些 token 互相看见。（下面一格画的是开头那张图。）
# %% [markdown] lang="en"
# **"The convolution learns something else than the matrix."** They are the same function, with interchangeable parameters, as step 3 showed.
#
# ## Three sentences to remember
#
# 1. Patch embedding is cut, lay flat, multiply by one matrix; a convolution whose stride is its kernel's side is the same thing.
# 2. To cut takes `reshape → transpose → reshape`; without the middle step the shape is right and the content wrong.
# 3. Without positions a ViT sees a bag of patches; positions are added, the class token is put in front.
#
# <details><summary>Question 1: patches of 8 instead of 16. What happens to the sequence, the attention weights, the embedding's parameters?</summary>
#
# Four times the patches; the weights are $N\times N$, so about sixteen times; the embedding's matrix shrinks from $768\times D$ to $192\times D$, a quarter. Small patches are expensive in attention, not in the embedding.
#
# </details>
#
# <details><summary>Question 2: larger images at inference, 384 instead of 224, say. Why do the weights still fit, and what needs care?</summary>
#
# The matrix $E$ does not depend on the number of patches, and the encoder does not mind the length. Only the positions were learned for 14 × 14; they are resampled to 24 × 24 (lesson 10).
#
# </details>
#
# **Next** (04): these tokens see each other. (The cell below draws the figure of the opening.)
# %% figure="opening"
figure = plt.figure(figsize=(6.4, 3.2))
left = figure.add_axes((0.02, 0.05, 0.45, 0.9))
show(left, drawing, "")
for i, patch in enumerate(patches_loop(drawing, 8).reshape(64, 3, 8, 8)):
    ax = figure.add_axes((0.53 + 0.057 * (i % 8), 0.84 - 0.113 * (i // 8), 0.05, 0.1))
    show(ax, patch, "")
plt.show()
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
