# %% [markdown] lang="zh" slide="slide" section="A"
# # 03 · 图像块嵌入：把图像变成一串 token
#
# Transformer 读的是序列，图像却是一张网格。怎样把一张照片变成一个“句子”？
#
# ![ViT 全图，亮的部分是从图片到 token](../../course/figures/map_patches.zh.svg)
#
# ViT 的做法很简单：切成小方块，每块**展平**（flatten），乘同一个矩阵。本课从 16 个数的“图像”开始，然后**由你写出 `PatchEmbedding` 类**，加上类别 token 和位置，最后做两个实验：没有位置的网络到底分不清什么。
#
# ![左：一张 64×64 的画；右：切成的 8×8 个图像块](../../course/lessons/03_patch_embedding/figures/opening.zh.png)
#
# *左：模型看到的一张画。右：它真正得到的东西，64 个图像块（patch），从左到右、从上到下。*
#
# **需要**：Python、numpy 的 `reshape`；可单独运行。**三节**：A 切块，B 你的 `PatchEmbedding`，C 类别 token 与位置。每节阅读不超过 15 分钟（练习另计），运行时间见 `notebooks/TIMINGS.md`。
# %% [markdown] lang="en" slide="slide" section="A"
# # 03 · Patch embedding: an image becomes a sequence of tokens
#
# A Transformer reads sequences; an image is a grid. How does a photograph become a "sentence"?
#
# ![Map of the whole ViT; the lit part leads from the picture to tokens](../../course/figures/map_patches.en.svg)
#
# ViT's answer is surprisingly plain: cut it into small squares, **flatten** each, multiply by one matrix. This lesson begins with an "image" of 16 numbers; then **you write the class `PatchEmbedding`**, add the class token and the positions, and run two experiments on what a network without positions cannot tell apart.
#
# ![Left: a drawing of 64 x 64 pixels; right: its 8 x 8 patches](../../course/lessons/03_patch_embedding/figures/opening.en.png)
#
# *Left: a drawing as the model sees it. Right: what it really gets, 64 patches, left to right, then top to bottom.*
#
# **You need** Python and numpy's `reshape`; the lesson runs alone. **Three sections**: A cutting, B your `PatchEmbedding`, C class token and positions. Each takes at most 15 minutes to read, not counting exercises; running times are in `notebooks/TIMINGS.md`.
# %%
import time

import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, checkin, explore, hint, investigate, say, signature

begin("03")
# %% [markdown] lang="zh" note=true
# 三节，约 20、22、33 分钟（含练习）。A 节：在黑板上画 4×4 的图，让学员说出第 2 个块里有哪四个数，再看 reshape 给出的是哪四个。B 节：请一位学员边写边说每个轴是什么。C 节：先让学员打赌“打乱块的顺序，模型的答案会不会变”，再运行。
# %% [markdown] lang="en" note=true
# Three sections of about 20, 22 and 33 minutes, exercises included. In A, draw the 4 x 4 image on the board, ask which four numbers are in patch 1, then look at what reshape gives. In B, have somebody write aloud, naming each axis. In C, take bets on whether shuffled patches change the model's answer, then run the cell.
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 先用 16 个数
#
# 论文的式 1（[Dosovitskiy 等，2021](https://arxiv.org/abs/2010.11929)）是本课要实现的全部：
#
# $$z_0 = [x_\text{class};\; x_p^1 E;\; x_p^2 E;\;\dots;\; x_p^N E] + E_\text{pos},\qquad E\in\mathbb{R}^{(P^2 C)\times D}$$
#
# 从里往外读。$x_p^1,\dots,x_p^N$ 是图像块：边长 $P$ 的小方块，展平成 $P^2C$ 个数（$C$ 是通道数，彩色图为 3），一共 $N = \frac{H}{P}\cdot\frac{W}{P}$ 个。矩阵 $E$ 把每块变成 $D$ 个数，即一个 **token**（B 节）。$x_\text{class}$ 和 $E_\text{pos}$ 在 C 节。
#
# 取 4×4、单通道、$P=2$ 的“图像”，先写循环版，不容易出错：
# %% [markdown] lang="en" slide="slide"
# ## A · 1. Sixteen numbers first
#
# Equation 1 of the paper ([Dosovitskiy et al., 2021](https://arxiv.org/abs/2010.11929)) is all that this lesson builds:
#
# $$z_0 = [x_\text{class};\; x_p^1 E;\; x_p^2 E;\;\dots;\; x_p^N E] + E_\text{pos},\qquad E\in\mathbb{R}^{(P^2 C)\times D}$$
#
# Read it from the inside. $x_p^1,\dots,x_p^N$ are the patches: squares of side $P$, flattened to $P^2C$ numbers ($C$ is the number of channels, 3 for colour), $N = \frac{H}{P}\cdot\frac{W}{P}$ of them. The matrix $E$ turns each into $D$ numbers, a **token** (section B). $x_\text{class}$ and $E_\text{pos}$ come in section C.
#
# With an "image" of 4 × 4, one channel and $P=2$, a loop cannot be misread:
# %%
toy = np.arange(16).reshape(1, 4, 4)  # (C=1, H=4, W=4)
print(toy[0])


def patches_loop(image, p):
    C, H, W = image.shape
    patches = []
    for row in range(0, H, p):  # 从上到下 ¦ top to bottom
        for col in range(0, W, p):  # 从左到右 ¦ left to right
            patches.append(image[:, row : row + p, col : col + p].flatten())  # (C*P*P,)
    return np.stack(patches)  # (N, C*P*P)


print(patches_loop(toy, 2))
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. 同一件事，不用循环
#
# **先预测**：`toy` 已经有 16 个数，想要的是 `(4, 4)`：4 个块，每块 4 个数。直接 `toy.reshape(4, 4)`，第 0 行会是第 0 个块吗？
# %% [markdown] lang="en" slide="slide"
# ## A · 2. The same without a loop
#
# **Predict first**: `toy` has 16 numbers, and we want `(4, 4)`: 4 patches of 4 numbers. Is row 0 of `toy.reshape(4, 4)` patch 0?
# %%
print(toy.reshape(4, 4))
print(T("第 0 块应当是", "patch 0 should be"), patches_loop(toy, 2)[0])


# %% [markdown] lang="zh"
# 形状对，内容错：每“块”其实是图像的一**行**。`reshape` 从不改变各数逐行的顺序，只换一种切法；要让上下两行的数凑到一起，得用 `transpose` 换轴。所以是三个动作：
#
# | 动作 | 形状 |
# |---|---|
# | 拆：高拆成（块的行号，块内的行号），宽也一样 | $(C,\ H/P,\ P,\ W/P,\ P)$ |
# | 换轴：两个“第几块”的轴移到最前 | $(H/P,\ W/P,\ C,\ P,\ P)$ |
# | 合：前两个轴合成 $N$，后三个合成一块 | $(N,\ C P^2)$ |
#
# ![图片切成图像块，展平，乘矩阵，成为 token](../../course/figures/patches.zh.svg)
#
# *图的右下部分（类别 token、位置）在 C 节讲。*
# %% [markdown] lang="en"
# The shape is right and the content is not: each "patch" is a **row** of the image. `reshape` never changes the row-by-row order of the numbers, it only cuts it up differently. Bringing numbers of two rows together takes `transpose`, which exchanges axes. Hence three moves:
#
# | move | shape |
# |---|---|
# | split: the height into (row of patches, row inside), the width likewise | $(C,\ H/P,\ P,\ W/P,\ P)$ |
# | exchange axes: the two that say "which patch" go to the front | $(H/P,\ W/P,\ C,\ P,\ P)$ |
# | join: the first two become $N$, the last three one patch | $(N,\ C P^2)$ |
#
# ![A picture is cut into patches; each is flattened, multiplied by a matrix, and becomes a token](../../course/figures/patches.en.svg)
#
# *The lower right part (class token, positions) is the subject of section C.*
# %% [markdown] lang="zh"
# 一张真正的画，切成 8×8 块，按阅读顺序排开：
# %% [markdown] lang="en"
# A real drawing, cut into 8 × 8 patches, laid out in reading order:
# %% figure="opening"
from vit import create_model
from vit.data.pipeline import preprocess
from vit.data.sample.dataset import picture
from vit.inference import class_names

model = create_model("vit_sample_patch8_64", weights="vit_sample_patch8_64").set_train(False)
drawing = preprocess(np.asarray(picture("infer", thing=7, number=1)[0]), model.preprocessing)  # (3, 64, 64)


def show(ax, image, title=""):
    ax.imshow(image.transpose(1, 2, 0).clip(-1, 1) / 2 + 0.5)
    ax.set_title(title, fontsize=10)
    ax.axis("off")


figure = plt.figure(figsize=(6.4, 3.2))
show(figure.add_axes((0.02, 0.05, 0.45, 0.9)), drawing)
for i, patch in enumerate(patches_loop(drawing, 8).reshape(64, 3, 8, 8)):
    show(figure.add_axes((0.53 + 0.057 * (i % 8), 0.84 - 0.113 * (i // 8), 0.05, 0.1)), patch)
plt.show()


# %% [markdown] lang="zh" exercise="03.1" slide="subslide"
# ### 练习 03.1 · 切块（★★，8 分钟）
#
# 写 `patchify(image, p)`：`(C, H, W)` → `(N, C*p*p)`，块按阅读顺序，块内先通道、再行、再列（与循环版相同），不许用循环。检查用的是一张 2 通道、不是正方形的图。
# %% [markdown] lang="en" exercise="03.1" slide="subslide"
# ### Exercise 03.1 · Cut into patches (★★, 8 minutes)
#
# Write `patchify(image, p)`: `(C, H, W)` → `(N, C*p*p)`, patches in reading order, the numbers inside a patch ordered by channel, row, column (as in the loop), without loops. The check uses an image of 2 channels that is not square.
# %% exercise="03.1"
def patchify(image, p):
    C, H, W = image.shape
    return np.zeros((H // p * (W // p), C * p * p))  # (N, C*P*P)，轮到你了 ¦ (N, C*P*P), your turn


# %%
test_image = np.random.default_rng(1).normal(size=(2, 6, 9))  # (C=2, H=6, W=9)
check("03.1", patchify(test_image, 3))
# hint("03.1")
# %% [markdown] lang="zh" exercise="03.2" slide="subslide"
# ### 练习 03.2 · 数一数（★，5 分钟）
#
# ViT-B/32，输入 384×384 的彩色图，$D=768$（“/32”是图像块的边长）。填三个整数：`n` 图像块的个数 $N$；`length` 一块展平后有几个数；`parameters` 把它变成 token 的那一层（矩阵 $E$ 和 $D$ 个偏置）有几个参数。
# %% [markdown] lang="en" exercise="03.2" slide="subslide"
# ### Exercise 03.2 · Counting (★, 5 minutes)
#
# ViT-B/32 on colour images of 384 × 384, $D=768$ ("/32" is the side of a patch). Three integers: `n`, the number of patches $N$; `length`, how many numbers a flattened patch has; `parameters`, how many the layer has that makes it a token (the matrix $E$ and $D$ biases).
# %% exercise="03.2"
n, length, parameters = 0, 0, 0  # 轮到你了 ¦ your turn
# %%
check("03.2", [n, length, parameters])
# hint("03.2")
# %% [markdown] lang="zh"
# **A 节打卡**：汇总两道练习，再给你一道只属于你的小题；算出后写成 `checkin("A", answer=数值)` 再运行一次。
# %% [markdown] lang="en"
# **Check-in for section A**: it sums up both exercises and poses a question made for you; work it out and run `checkin("A", answer=number)`.
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 3. 乘同一个矩阵，就是一个卷积
#
# 每块乘同一个矩阵 $E$：$x_p^i E$。换个角度看，这是一个**步长等于核边长**的卷积：核从一块跳到下一块，互不重叠。论文和多数程序（包括 [MindSpore 官方教程](https://www.mindspore.cn/tutorials/zh-CN/master/cv/vit.html)）都写成 `Conv2d`。两者是同一个函数吗？把矩阵折成卷积核，和循环版比一比：
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 3. One matrix for all patches is a convolution
#
# Every patch is multiplied by the same matrix: $x_p^i E$. Seen from another side, that is a convolution whose **stride equals the side of its kernel**: it jumps from patch to patch and they never overlap. The paper and most programs, [MindSpore's own tutorial](https://www.mindspore.cn/tutorials/en/master/cv/vit.html) among them, write a `Conv2d`. Is it the same function? Fold the matrix into a kernel and compare with the loop:
# %%
rng = np.random.default_rng(0)
images = rng.normal(size=(4, 3, 224, 224)).astype(np.float32)  # (B, C, H, W)
E = (
    rng.normal(size=(3 * 16 * 16, 192)).astype(np.float32) / 28
)  # (C*P*P, D)，ViT-Ti 的 D = 192 ¦ (C*P*P, D), D = 192 as in ViT-Ti
by_loop = np.stack([patches_loop(image, 16) @ E for image in images])  # (B, N, D)

conv = nn.Conv2d(3, 192, 16, stride=16, pad_mode="valid", has_bias=False)
conv.weight.set_data(ms.Tensor(E.T.reshape(192, 3, 16, 16)))  # (D, C, P, P)
x = ms.Tensor(images)
by_conv = conv(x)  # (B, D, 14, 14)
print(by_conv.shape)
by_conv = by_conv.reshape(4, 192, 196).swapaxes(1, 2)  # (B, N, D)
difference = np.abs(by_conv.asnumpy() - by_loop).max()
print(T(f"循环与卷积最多相差 {difference:.1e}", f"loop and convolution differ by at most {difference:.1e}"))
assert difference < 1e-3


# %% [markdown] lang="zh"
# 同一个函数，参数可以互换。你将用“切块 + `nn.Dense`”的写法，原因稍后实测。`nn.Dense` 的权重按“输出 × 输入”存放，形状 $(D, CP^2)$，正好是卷积核 $(D, C, P, P)$ 的后三个轴展平，所以块内必须**先通道、再行、再列**，公开权重才装得进去。
# %% [markdown] lang="en"
# The same function, with interchangeable parameters. Yours will be "cut, then `nn.Dense`", for a reason that section B·4 measures. A `Dense` keeps its weight as output × input, $(D, CP^2)$, which is the kernel $(D, C, P, P)$ with its last three axes flattened. So inside a patch the order must be **channel, row, column**, or published weights would not fit.
# %% [markdown] lang="zh"
# 网络的部件在 MindSpore 里是 `nn.Cell` 的子类：`__init__` 准备参数，`construct` 做计算（相当于 PyTorch 的 `Module` 和 `forward`）。最小的例子，一个线性层用两次：
# %% [markdown] lang="en"
# In MindSpore the parts of a network are subclasses of `nn.Cell`: `__init__` prepares the parameters, `construct` computes (PyTorch's `Module` and `forward`). A small example, one linear layer applied twice:
# %%
class Twice(nn.Cell):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Dense(width, width)  # 参数名成为 fc.weight、fc.bias ¦ its parameters become fc.weight, fc.bias

    def construct(self, x):
        return self.fc(self.fc(x))  # (..., width)


twice = Twice(4)
print({parameter.name: parameter.shape for parameter in twice.get_parameters()})
print(twice(ops.ones((2, 3, 4), ms.float32)).shape)


# %% [markdown] lang="zh" exercise="03.3" slide="subslide"
# ### 练习 03.3 · 写出 `PatchEmbedding`（★★★，15 分钟）
#
# 你的 ViT 的一个部件，写法同上。
#
# - 参数名：`proj`，一个 `nn.Dense`，$CP^2\to D$，带偏置；
# - `construct`：`images (B, C, H, W)` → `(B, N, D)`，对任何大小的图都成立（$H$、$W$ 是 $P$ 的倍数）；张量也有 `.shape`、`.reshape`、`.transpose`，不用 numpy。
#
# 就是 03.1 的三个动作，多了批的轴，最后过 `proj`。检查会用固定的数填满参数，先逐行执行（动态图）、再编译（静态图），和标准答案比较，错了会说像哪一种错。通过的类存进 `outputs/my_vit/patch_embedding.py`，后面的课都用它。
# %% [markdown] lang="en" exercise="03.3" slide="subslide"
# ### Exercise 03.3 · Write `PatchEmbedding` (★★★, 15 minutes)
#
# A part of your ViT, written as above.
#
# - parameter: `proj`, an `nn.Dense` from $CP^2$ to $D$, with bias;
# - `construct`: `images (B, C, H, W)` → `(B, N, D)`, for images of any size ($H$ and $W$ multiples of $P$); tensors have `.shape`, `.reshape` and `.transpose`, too; no numpy.
#
# These are the three moves of 03.1 with an extra batch axis, and `proj` at the end. The check fills the parameters with fixed numbers, runs the class eagerly (PyNative) and compiled (graph mode), compares, and says which mistake it looks like. A class that passes is kept in `outputs/my_vit/patch_embedding.py`; the lessons to come use it.
# %% exercise="03.3"
class PatchEmbedding(nn.Cell):
    def __init__(self, patch_size=16, in_channels=3, embed_dim=768):
        super().__init__()
        # 轮到你了：proj，还有 construct 要用的数 ¦ your turn: proj, and the numbers that construct needs

    def construct(self, images):
        return images  # 应为 (B, N, D)，轮到你了 ¦ should be (B, N, D), your turn


# %%
PatchEmbedding = check("03.3", PatchEmbedding)
# hint("03.3")
# %% [markdown] lang="zh" slide="slide"
# ## B · 4. 和循环、卷积对照，再量时间
#
# 下面的 `PatchEmbedding` 是你的（通过之后），否则是包里的。装进同一个矩阵，三种写法应当一致：
# %% [markdown] lang="en" slide="slide"
# ## B · 4. Against loop and convolution, and against the clock
#
# From here on `PatchEmbedding` is yours once it has passed, else the package's. With the same matrix inside, all three ways should agree:
# %%
embed = PatchEmbedding(16, 3, 192)
embed.proj.weight.set_data(ms.Tensor(E.T.copy()))  # (D, C*P*P)
embed.proj.bias.set_data(ops.zeros((192,), ms.float32))
difference = np.abs(embed(x).asnumpy() - by_loop).max()
assert difference < 1e-3
signature(
    T(
        f"PatchEmbedding {tuple(embed(x).shape)}，与循环最多相差 {difference:.1e}",
        f"PatchEmbedding {tuple(embed(x).shape)}, differs from the loop by at most {difference:.1e}",
    )
)


# %% slow=true timed=true values="ratio = ：# 倍 ¦ ms: # times"
def milliseconds(function, times=3):
    for _ in range(5):  # MindSpore 前几次会试各种线程数 ¦ MindSpore tries numbers of threads in its first calls
        function()
    start = time.perf_counter()
    for _ in range(times):
        function()
    return (time.perf_counter() - start) / times * 1000


slow, quick = milliseconds(lambda: conv(x).asnumpy()), milliseconds(lambda: embed(x).asnumpy())
print(
    T(
        f"卷积 {slow:.1f} 毫秒，切块加 Dense {quick:.1f} 毫秒：{slow / quick:.0f} 倍",
        f"convolution {slow:.1f} ms, cut and Dense {quick:.1f} ms: {slow / quick:.0f} times as long",
    )
)
# %% [markdown] lang="zh"
# 运算一样多，差别（随课保存的那次运行里是 {{ratio}} 倍）只在实现。MindSpore 在 CPU 上把卷积交给 oneDNN；在有 AVX-512 的处理器上，oneDNN 对 `(B, C, H, W)` 这种排法没有快的卷积，退回逐个相乘的参考实现，单这一层就可能占掉整个前向的大半时间（第 11 课会量，也说怎样绕开）。没有 AVX-512 的处理器上，差别可能很小。只试过卷积写法的人，会以为 CPU 跑不动 ViT；其实换一种写法就行。GPU、昇腾上可能不是这样（这里还没有跑过），换了机器再量一次。
#
# 写完之后，再展开看包里的写法。它多做两件事：`initialise` 给参数初始值（第 06 课），大小除不尽时用一句话报错（你的 `reshape` 会以元素个数不符报错，卷积则悄悄丢掉边上的像素）。
# %% [markdown] lang="en"
# The arithmetic is the same; the difference ({{ratio}} times as long in the stored run) lies in who does it. On a CPU, MindSpore hands convolutions to oneDNN; on a processor with AVX-512, oneDNN has no quick one for the layout `(B, C, H, W)` and falls back on its reference loops, and this one layer can take most of a forward pass (lesson 11 measures it, and says how to get round it). On a processor without AVX-512 there may be little difference. Anyone who tries only the convolution may conclude that a CPU is too slow for a ViT; writing it differently is enough. On a GPU or Ascend it may be otherwise (not yet run here): measure again on another machine.
#
# With yours written, unfold the package's. It does two things more: `initialise` draws the starting parameters (lesson 06), and a size that does not divide is refused in plain words, where your `reshape` stops with a message about element counts and a convolution silently drops the border.
# %% show="vit.patch_embedding:PatchEmbedding" folded=true
# %% [markdown] lang="zh"
# **B 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section B**:
# %%
checkin("B")


# %% [markdown] lang="zh" slide="slide" section="C"
# ## C · 5. 类别 token 与位置
#
# 式 1 只差两样东西，都是学来的参数：
#
# - **类别 token** $x_\text{class}$，形状 `(1, 1, D)`：放在序列**最前面**的一个额外向量，每张图用同一个。它起初与图像无关，靠注意力（第 04 课）从各块收集信息，论文里最后由它做分类。（课程的小 ViT 也有它，但改用各图像块的平均来分类：第 06 课。）序列从 $N$ 变成 $1+N$。
# - **位置嵌入**（position embedding，也叫位置编码，下文简称“位置”）$E_\text{pos}$，形状 `(1, 1+N, D)`：每个位置一个向量，**加**到 token 上，告诉网络它原来在哪里。类别 token 也有自己的位置。
#
# 两者各只有一份，由一批里的所有图像共用。
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 5. The class token and the positions
#
# Equation 1 still lacks two things, both of them learned parameters:
#
# - the **class token** $x_\text{class}$, `(1, 1, D)`: one more vector, put **in front** of the sequence, the same for every image. At first it knows nothing of the image; by attention (lesson 04) it collects from the patches, and in the end the paper's ViT classifies by it. (The course's small ViT has one, too, but classifies by the mean of the patches: lesson 06.) The sequence grows from $N$ to $1+N$.
# - the **positions** (position embedding) $E_\text{pos}$, `(1, 1+N, D)`: a vector for each place, **added** to the token there, which tells the network where in the image that token came from. The class token has one, too.
#
# There is one of each, shared by all images of a batch.
# %% [markdown] lang="zh" exercise="03.4" slide="subslide"
# ### 练习 03.4 · 拼出 $z_0$（★★，8 分钟）
#
# 给定三个 MindSpore 张量 `tokens (B, N, D)`、`cls (1, 1, D)`、`pos (1, 1+N, D)`，写出 `assemble`，返回 $z_0$，形状 `(B, 1+N, D)`。第 06 课里，这几行会成为你的 `ViT` 的一部分。
# %% [markdown] lang="en" exercise="03.4" slide="subslide"
# ### Exercise 03.4 · Put $z_0$ together (★★, 8 minutes)
#
# Given three MindSpore tensors, `tokens (B, N, D)`, `cls (1, 1, D)` and `pos (1, 1+N, D)`, write `assemble`, which returns $z_0$, `(B, 1+N, D)`. In lesson 06 these lines become part of your `ViT`.
# %% exercise="03.4"
def assemble(tokens, cls, pos):
    B, N, D = tokens.shape
    return ops.zeros((B, 1 + N, D), ms.float32)  # (B, 1+N, D)，轮到你了 ¦ (B, 1+N, D), your turn


# %%
toy_tokens = ms.Tensor(np.sin(np.arange(24)).reshape(2, 4, 3), ms.float32)  # (B=2, N=4, D=3)
toy_cls = ms.Tensor(np.cos(np.arange(3)).reshape(1, 1, 3), ms.float32)  # (1, 1, D)
toy_pos = ms.Tensor(np.random.default_rng(5).normal(size=(1, 5, 3)), ms.float32)  # (1, 1+N, D)
check("03.4", assemble(toy_tokens, toy_cls, toy_pos))
# hint("03.4")
# %% [markdown] lang="zh" slide="slide"
# ## C · 6. 没有位置，ViT 分不清什么（一）：打乱图像块
#
# 取随课程提供的小 ViT 和一张它没见过的画，把 64 个块的顺序打乱，成了一张谁也认不出的图。两张图各给模型看两次：位置全部置零；位置照旧。**先预测**：没有位置时，打乱前后的 logits（各类别的得分）会不会一样？
# %% [markdown] lang="en" slide="slide"
# ## C · 6. What a ViT without positions cannot tell (1): shuffled patches
#
# We take the small ViT that comes with the course and a drawing it has not seen. Its 64 patches in another order make an image that nobody recognises. The model sees both images twice: with all positions set to zero, and with the positions as they are. **Predict first**: without positions, are the logits (the scores of the classes) the same before and after shuffling?
# %%
shuffle = np.random.default_rng(0).permutation(64)


def from_patches(patches, side=8, p=8):
    # (N, C*P*P) -> (C, H, W)，`patches_loop` 的逆 ¦ (N, C*P*P) -> (C, H, W), the way back from `patches_loop`
    return patches.reshape(side, side, 3, p, p).transpose(2, 0, 3, 1, 4).reshape(3, side * p, side * p)


shuffled = from_patches(patches_loop(drawing, 8)[shuffle])  # (3, 64, 64)
both = ms.Tensor(np.stack([drawing, shuffled]))  # (2, 3, 64, 64)
learned = model.pos_embed.asnumpy().copy()  # (1, 1+N, D)


# %% slow=true
figure, axes = plt.subplots(1, 2, figsize=(5, 2.6))
show(axes[0], drawing, T("原来的顺序", "in order"))
show(axes[1], shuffled, T("打乱", "shuffled"))
plt.show()
for name, values in ((T("没有位置", "without positions"), 0 * learned), (T("有位置", "with positions"), learned)):
    model.pos_embed.set_data(ms.Tensor(values))  # 第二次恢复原样 ¦ the second time as it was
    logits = model(both).asnumpy()  # (2, K)
    guesses = [class_names(model)[row.argmax()] for row in logits]
    said = [guess.called for guess in guesses]
    gap = np.abs(logits[0] - logits[1]).max()
    print(
        T(f"{name}：回答 {said}，logits 最多相差 {gap:.1e}", f"{name}: says {said}, logits differ by up to {gap:.1e}")
    )
# %% [markdown] lang="zh"
# 没有位置时，两张图的 logits **完全相同**（只差浮点误差）。注意力是加权平均，其余各层对每个 token 各做各的，取平均或取类别 token 也不看顺序，于是整个网络感知不到块的顺序：它看到的不是图像，而是**一袋图像块**。
#
# 有位置时 logits 不同了，可答案未必会变。一张图说明不了什么，换 100 张新画，数一数答对多少：
# %% [markdown] lang="en"
# Without positions the logits of both images are **the same** (rounding aside). Attention is **permutation-equivariant** then: reorder the patches, and its outputs are reordered likewise. All other layers treat each token by itself, and what is read at the end, the class token or the mean of the patches, does not depend on the order: the logits are **permutation-invariant**. The network sees not an image but **a bag of patches**.
#
# With positions the logits differ, yet the answer need not. One picture proves little. On 100 new drawings, how many answers are right?
# %% slow=true values="without = 没有位置：原序 #% ¦ without positions: in order #%; ordered = 打乱 ~% 有位置：原序 #% ¦ shuffled ~% with positions: in order #%; shuffled = 打乱 ~% 有位置：原序 ~%，打乱 #% ¦ shuffled ~% with positions: in order ~%, shuffled #%"
drawings = np.stack(
    [preprocess(np.asarray(picture("infer", t, n)[0]), model.preprocessing) for t in range(10) for n in range(10, 20)]
)  # (100, 3, 64, 64)
mixed = np.stack([from_patches(patches_loop(one, 8)[shuffle]) for one in drawings])
truth = np.repeat(np.arange(10), 10)  # (100,)
for name, values in ((T("没有位置", "without positions"), 0 * learned), (T("有位置", "with positions"), learned)):
    model.pos_embed.set_data(ms.Tensor(values))
    right = [(model(ms.Tensor(x)).asnumpy().argmax(-1) == truth).mean() for x in (drawings, mixed)]
    print(
        T(
            f"{name}：原序 {right[0]:.0%}，打乱 {right[1]:.0%}",
            f"{name}: in order {right[0]:.0%}, shuffled {right[1]:.0%}",
        )
    )


# %% [markdown] lang="zh"
# “没有位置”一行的两个数必然相等，道理上面说了；{{without}} % 不代表不带位置训练的模型只有这个水平：这里是把训练好的位置临时拿走。“有位置”一行，**这一种**打乱前后是 {{ordered}} % 和 {{shuffled}} %，几乎没有差别：这些画靠块里的内容就能认。下面换一个只有顺序才能回答的任务。
# %% [markdown] lang="en"
# The two numbers without positions must be equal, as explained above; they are lower, {{without}} %, because a trained model has had its positions taken away, which says little about one that never had any. In the row with positions **this one** shuffle makes hardly any difference, {{ordered}} % and {{shuffled}} %: these drawings can be told by what is inside the patches. Now for a task that only the order can answer.
# %% [markdown] lang="zh" slide="slide"
# ## C · 7. 没有位置，ViT 分不清什么（二）：顺序就是标签
#
# 图像有 16 块，其中一块亮，其余是噪声。标签：亮块是否在**前 8 个**（图的上半部）。把亮块挪个地方，标签可能变，那一袋图像块却没有变。同一个小网络训练两次：一次有位置，一次把位置固定为零。
# %% [markdown] lang="en" slide="slide"
# ## C · 7. What a ViT without positions cannot tell (2): the order is the label
#
# Images of 16 patches, one bright, the others noise. The label: is the bright one among the **first eight**, the upper half? Move it elsewhere, and the label may change while the bag of patches does not. One small network is trained twice: with positions, and with positions held at zero.
# %%
def order_images(count, seed):
    # 图像 (count, 3, 32, 32) 与标签 (count,)，亮块在前 8 个时为 1 ¦ images (count, 3, 32, 32) and labels (count,), 1 where the bright patch is among the first 8
    rng = np.random.default_rng(seed)
    patches = rng.normal(0, 0.3, (count, 16, 3 * 8 * 8))  # (count, N, C*P*P)
    places = rng.integers(0, 16, count)  # (count,)，亮块的位置 ¦ (count,), where the bright one is
    patches[np.arange(count), places] += 1
    images = np.stack([from_patches(one, side=4) for one in patches])
    return images.astype(np.float32), (places < 8).astype(np.int32)


examples, example_labels = order_images(6, seed=1)
figure, axes = plt.subplots(1, 6, figsize=(9, 1.8))
for ax, image, label in zip(axes, examples, example_labels, strict=True):
    show(ax, image, T(f"标签 {label}", f"label {label}"))
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
        net.pos_embed.requires_grad = False  # 并且一直为零 ¦ and they stay zero
    step = make_train_step(net, lr=3e-3, weight_decay=0.01)  # 第 07 课由你来写 ¦ yours to write in lesson 07
    name = T("有位置", "with positions") if positions else T("没有位置", "without positions")
    for i in tqdm(range(steps), desc=name, leave=False):
        step(*order_images(64, seed=1000 + i))
    guesses = make_forward(net)(test_images).asnumpy().argmax(-1)
    return (guesses == test_labels).mean()


# %% slow=true
accuracy = {positions: train_on_order(positions) for positions in (True, False)}
print(
    T(
        f"1000 张新图：有位置 {accuracy[True]:.1%}，没有位置 {accuracy[False]:.1%}",
        f"1000 new images: {accuracy[True]:.1%} with positions, {accuracy[False]:.1%} without",
    )
)
assert accuracy[True] > 0.9 > 0.6 > accuracy[False]
# %% [markdown] lang="zh"
# 没有位置的网络停在抛硬币的水平。再训练多久也没有用：不看顺序时，两类图像的**分布完全相同**，没有任何东西可以用来区分。
# %% [markdown] lang="en"
# The network without positions does no better than tossing a coin. More training would not help: with the order left out, the images of both classes have the **same distribution**, and nothing is left to tell them apart by.
# %% [markdown] lang="zh" exercise="03.6" slide="subslide"
# ### 练习 03.6 · 探究：位置值多少（★★，10 分钟）
#
# 探究题要你自己量：**先写下预测，再运行，最后说由此能得出什么**。预测没有对错，结论 `check` 会核对。C·6 的网络是训练好以后才拿走位置的；如果从头训练时就没有位置，还是那十类画，会差多少？
#
# 运行的是：小 ViT 从随机数开始，把 5000 张画看两遍（两**轮**；训练在第 07 课讲，这里只用它），再认 1000 张没见过的画，约一分钟。`positions` 有四种，别的都一样：
#
# - `"waves"`：默认，一开始是横竖两个方向的正弦波（C·8 有图），之后随训练改变；
# - `"random"`：从很小的随机数（标准差 0.02，论文的做法）开始，随训练改变；
# - `"large"`：从与波浪一样大的随机数开始，随训练改变；
# - `"none"`：没有位置。
#
# **先原样运行一次**：它说明规则，并告诉你默认的结果。然后把预测写进 `predicted`，再运行。
# %% [markdown] lang="en" exercise="03.6" slide="subslide"
# ### Exercise 03.6 · Investigation: what are positions worth? (★★, 10 minutes)
#
# An investigation is answered by measuring: **write down what you expect, run it, say what follows**. A prediction is neither right nor wrong; the conclusion is checked. In C·6 positions were taken from a network that had been trained with them. What if there are none from the start, on the same drawings of ten classes?
#
# What runs: the small ViT, from random numbers, sees the 5,000 drawings twice (two **epochs**; training is the subject of lesson 07, here it is only used) and then names 1,000 it has never seen, in about a minute. `positions` can be one of four, and nothing else differs:
#
# - `"waves"`: the usual, sine waves along both axes at the start (C·8 shows them), changed by training;
# - `"random"`: small random numbers at the start (standard deviation 0.02, as in the paper), changed by training;
# - `"large"`: random numbers as large as the waves at the start, changed by training;
# - `"none"`: no positions.
#
# **Run the cell once as it is**: it tells the rules, and what the usual network reaches. Then write what you expect into `predicted` and run it again.
# %% investigation="03.6" slow=true
predicted = ...  # 你的预测（0 到 1），轮到你了 ¦ what you expect (between 0 and 1), your turn
investigate("03.6", predicted, positions="none")
# %% [markdown] lang="zh"
# **哪一句由此得出？**
#
# - **A** 三种位置都比没有好，与“没有”分得开
# - **B** 起步时一样大就一样好：`large` 与 `waves` 分不开
# - **C** `waves` 领先，与另外三种分得开；另外三种之间分不开
# %% [markdown] lang="en"
# **Which statement follows?**
#
# - **A** All three kinds of positions are better than none, and told apart from it
# - **B** What starts equally large does equally well: `large` and `waves` are not told apart
# - **C** `waves` are ahead and told apart from the other three; those are not told apart from each other
# %% exercise="03.6"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("03.6", conclusion)
# hint("03.6")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 不看顺序也认对一半左右：这些画靠块里的颜色和边缘就能认；C·7 的任务只能靠顺序，才停在抛硬币。波浪的好处不在大小（`large` 一样大，却分不开于 `random`），可能在图样：相邻的位置一开始就相似。随机开始的位置两轮之内看不出好处，训练更久会怎样，这张表没有说：C·7 的位置也从小随机数开始，任务简单，250 步就够；论文训练得久得多，附录 D.4 里也只有“没有位置”明显差。
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# About half are told without any order, by colours and edges inside the patches; the task of C·7 could be answered by the order alone, and there it stayed at coin-tossing. The merit of the waves is not their size (`large` is as large and not told apart from `random`) but perhaps their pattern: neighbouring places are alike from the start. Positions that start at random show no gain within two epochs; what a longer training would do, this table does not say. Those of C·7 started small and random as well, and 250 steps were enough for so simple a task; the paper trains far longer, and in its appendix D.4 only "none" is clearly worse.
#
# </details>
# %% [markdown] lang="zh" slide="slide" optional=true
# ## C · 8. 学到的位置长什么样
#
# 取一个位置的向量，算它与所有位置的余弦相似度，排回网格：亮处是“模型认为相近”的位置（红框是被比较的那个）。小 ViT 的位置不是从随机数、而是从正弦波开始学的（`positions="sincos"`），所以要看训练**前后**各一行；本机有 ViT-Ti 的公开权重时再加一行，它的位置是从随机数学来的：
# %% [markdown] lang="en" slide="slide" optional=true
# ## C · 8. What learned positions look like
#
# Take the vector of one place, compare it with those of all places by their cosine, and lay the results out as a grid: places that the model takes to be alike are bright (the red frame is the one compared). The small ViT's positions did not begin as random numbers but as sine waves (`positions="sincos"`), so there is a row **before** and one **after** training; with ViT-Ti's published weights on this machine there is one more row, and its positions did begin at random:
# %%
from course.learner.assets import published_file
from vit.patch_embedding import sincos_positions

grids = {T("小 ViT，训练前", "small, before"): sincos_positions(8, 96), T("小 ViT，训练后", "small, after"): learned}
if published_file():
    grids["ViT-Ti"] = create_model("vit_tiny_patch16_224", weights=published_file()).pos_embed.asnumpy()
figure, axes = plt.subplots(len(grids), 4, figsize=(7, 1.8 * len(grids)))
for axes_row, (name, grid) in zip(axes, grids.items(), strict=True):
    side = int((grid.shape[1] - 1) ** 0.5)
    unit = grid[0, 1:] / np.linalg.norm(grid[0, 1:], axis=1, keepdims=True)  # (N, D)
    for ax, (down, right) in zip(axes_row, [(0, 0), (0.45, 0.45), (0.45, 0.9), (0.9, 0.25)], strict=True):
        row, col = int(down * side), int(right * side)
        ax.imshow((unit @ unit[side * row + col]).reshape(side, side), cmap="viridis", vmin=-0.5, vmax=1)
        ax.add_patch(plt.Rectangle((col - 0.5, row - 0.5), 1, 1, fill=False, ec="red", lw=2))
        ax.axis("off")
    axes_row[0].set_title(name, fontsize=10)
plt.show()
# %% [markdown] lang="zh"
# 小 ViT 的两行是同一种图样，训练只让它更鲜明：结构来自初始化。更说明问题的是 ViT-Ti 的位置（本机有它的权重时是第三行，没有就看论文的图 7，是同样的图样）：从随机数出发，它自己学出了“相邻的相似、同行同列也相似”。图像换了大小，网格就变了，位置要重采样（第 10 课）。
# %% [markdown] lang="en"
# The small ViT's two rows show the same pattern, which training has only sharpened: the structure comes from the initialisation. ViT-Ti's positions are more telling (the third row, where its weights are on this machine; if not, figure 7 of the paper shows the same): from random numbers it learned by itself that neighbours are alike, and places of one row or column, too. A different image size means a different grid, so the positions are resampled (lesson 10).
# %% [markdown] lang="zh" slide="slide"
# ## C · 9. 常见误解
#
# **“224 的图切成 16 的块，得到一个长度 196 的向量。”** 得到的是 **196 个向量**，每个长 768（展平时）或 $D$（嵌入后）：
# %% [markdown] lang="en" slide="slide"
# ## C · 9. Common misconceptions
#
# **"An image of 224 in patches of 16 becomes a vector of length 196."** It becomes **196 vectors**, each of length 768 (flattened) or $D$ (embedded):
# %%
print(patches_loop(images[0], 16).shape, embed(x[:1]).shape)
# %% [markdown] lang="zh"
# **“每个图像块有一个类别 token，共 14×14 个。”** 只有一个，全部图像共用；加上它，序列长 197：
# %% [markdown] lang="en"
# **"Every patch has a class token, 14 × 14 of them."** There is one, shared by all images; with it the sequence has 197 tokens:
# %%
tiny = create_model("vit_tiny_patch16_224")
print("cls_token", tiny.cls_token.shape, " pos_embed", tiny.pos_embed.shape)
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 图像块嵌入 = 切块、展平、乘同一个矩阵；和步长等于核边长的卷积是同一个函数。
# 2. 切块要“拆轴、换轴、合轴”；只有 `reshape`，形状对而内容错。
# 3. 没有位置，ViT 看到的是一袋图像块；位置是加上去的，类别 token 是放在最前面的。
#
# <details><summary>问题一：块边长从 16 改成 8，序列、注意力的权重、嵌入层的参数各怎样变？</summary>
#
# 块数变成 4 倍；注意力的权重是 $N\times N$，约变成 16 倍；嵌入的矩阵从 $768\times D$ 缩小到 $192\times D$，是原来的 1/4。所以小块贵在编码器：token 多到 4 倍，线性层的运算也是 4 倍，注意力的两个乘积约 16 倍；嵌入反而没有变贵。
#
# </details>
#
# <details><summary>问题二：推理时图像变大（比如从 224 到 384），为什么权重还能用？哪一样要处理？</summary>
#
# 矩阵 $E$ 与块数无关，编码器也不在乎序列长短。只有位置是按 14×14 学的，要重采样成 24×24（第 10 课）。
#
# </details>
#
# **论文**：[An Image is Worth 16x16 Words](https://arxiv.org/abs/2010.11929)（式 1，图 7）；[Better plain ViT baselines](https://arxiv.org/abs/2205.01580)（正弦位置）。**对照阅读**：[MindSpore 官方 ViT 教程](https://www.mindspore.cn/tutorials/zh-CN/master/cv/vit.html)里的 `PatchEmbedding`。
#
# **亲手试试**：课末的那一页（整页：`python start.py explore`）。
#
# **下一课**（04）：让这些 token 互相看见。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. Patch embedding is cut, flatten, multiply by one matrix; it is the same function as a convolution whose stride is its kernel's side.
# 2. Cutting means split, exchange and join axes; with `reshape` alone the shape is right and the content wrong.
# 3. Without positions a ViT sees a bag of patches; positions are added, the class token is put in front.
#
# <details><summary>Question 1: patches of 8 instead of 16. What happens to the sequence, the attention weights, the embedding's parameters?</summary>
#
# Four times the patches; the attention weights are $N\times N$, so about sixteen times; the embedding's matrix shrinks from $768\times D$ to $192\times D$, a quarter. Small patches are expensive in attention, not in the embedding.
#
# </details>
#
# <details><summary>Question 2: larger images at inference, 384 instead of 224, say. Why do the weights still fit, and what needs care?</summary>
#
# The matrix $E$ does not depend on the number of patches, and the encoder does not mind the length. Only the positions were learned for 14 × 14; they are resampled to 24 × 24 (lesson 10).
#
# </details>
#
# **Papers**: [An Image is Worth 16x16 Words](https://arxiv.org/abs/2010.11929) (equation 1, figure 7); [Better plain ViT baselines](https://arxiv.org/abs/2205.01580) (sine positions). **To compare**: `PatchEmbedding` in [MindSpore's own ViT tutorial](https://www.mindspore.cn/tutorials/en/master/cv/vit.html).
#
# **Touch it**: at the end of this lesson (whole page: `python start.py explore`).
#
# **Next** (04): these tokens see each other.
# %%
explore(lesson="03")
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
