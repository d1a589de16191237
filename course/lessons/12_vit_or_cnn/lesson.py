# %% [markdown] lang="zh" slide="slide" section="A"
# # 12 · ViT 还是 CNN？
#
# ![ViT 全图，各部分全部点亮](../../course/figures/map_whole.zh.svg)
#
# 第 00 课一开始就有这个问题：已经有了卷积网络，为什么还要 ViT？论文的回答是：图片**足够多**时 ViT 更好，不够多时卷积网络更好。“足够多”是多少？差多少？为什么？
#
# ![上：卷积层层叠起来，一个位置看到的像素逐层变大；自注意力一层就看到全部。下：平移等变](../../course/figures/fields.zh.svg)
#
# 本课不引用别人的结论，自己量：**由你写出**一个残差网络的 `ResidualBlock` 和一个卷积的词元入口 `ConvStem`，让三个网络（ViT、CNN、两者的混合）在同样的图片上、花同样多的更新、同样多的运算比一场。先猜，再跑，再看哪一句话由此得出。
#
# **需要**：第 03 到 07 课的网络和训练（会用即可）；可单独运行，不用联网。**三节**：A 卷积假定了什么，B 拿走它、换上它，C 比赛。每节阅读不超过 15 分钟，练习另算；三次探究每次训练约两分钟，只在你写下预测之后才运行。
# %% [markdown] lang="en" slide="slide" section="A"
# # 12 · ViT or CNN?
#
# ![Map of the whole ViT, every part lit](../../course/figures/map_whole.en.svg)
#
# The question stood at the beginning of lesson 00: there are convolutional networks, why a ViT? The paper's answer: given **enough** pictures the ViT is better, given fewer the convolutional network. How many are enough? How much does it matter? And why?
#
# ![Above: stacked convolutions, a place sees more pixels with every layer, while one block of self-attention sees everything. Below: translation equivariance](../../course/figures/fields.en.svg)
#
# This lesson quotes nobody's verdict; it measures. **You write** the `ResidualBlock` of a residual network and `ConvStem`, a convolutional way from picture to tokens; then three networks (ViT, CNN, and one that is both) compete on the same pictures, with as many updates and as much arithmetic. Guess first, run, then say what follows.
#
# **You need** network and training of lessons 03 to 07 (to use, not to have written); the lesson runs alone and works offline. **Three sections**: A what a convolution assumes, B taking it away and putting it in, C the contest. Each takes at most 15 minutes to read, not counting exercises; each of three investigations trains for about two minutes, and only once you have written down what you expect.
# %%
import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, checkin, hint, investigate
from vit.kernels.convolution import quick_convolutions

begin("12")
quick_convolutions()  # 每种处理器上卷积都要快，A·1 的末尾说为什么 ¦ quick on every processor; the end of A·1 says why


# %% [markdown] lang="zh" note=true
# 三节，各约 25 分钟，练习在内；探究的训练可以在讲解时跑。开讲前让每人写下：500 张图、5,000 张图、50,000 张图，谁赢？写在黑板上，C 节再看。A·2 的感受野图让人先猜 ViT 的那一格。没有 CIFAR-10 时，12.6 换成画来做。
# %% [markdown] lang="en" note=true
# Three sections of about 25 minutes, exercises included; trainings of investigations can run while you talk. Before anything else let everybody write down who wins with 500, 5,000 and 50,000 pictures, and keep it on the blackboard for section C. At A·2, have them guess the ViT's panel. Where CIFAR-10 is missing, 12.6 is done on drawings.
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 卷积：同样的九个数，用在每一处
#
# 卷积把一个小的**核**放在图像的每个位置上，对应相乘再求和。手算一次：左黑右白的图，核是“右边减左边”，结果只在边缘处不是零：
# %% [markdown] lang="en" slide="slide"
# ## A · 1. Convolution: the same nine numbers everywhere
#
# A convolution lays a small **kernel** on every place of the image, multiplies, and adds up. By hand, once: an image dark on the left and bright on the right, a kernel "right minus left"; the result is nonzero only at the edge:
# %%
image = np.zeros((6, 6), np.float32)
image[:, 3:] = 1  # 左黑右白 ¦ dark left, bright right
kernel = np.array([[-1, 0, 1]] * 3, np.float32)  # (3, 3)
by_loop = np.zeros((4, 4), np.float32)
for y in range(4):
    for x in range(4):
        by_loop[y, x] = (image[y : y + 3, x : x + 3] * kernel).sum()
conv = nn.Conv2d(1, 1, 3, pad_mode="valid", has_bias=False)
conv.weight.set_data(ms.Tensor(kernel[None, None]))  # (C', C, 3, 3)
by_mindspore = conv(ms.Tensor(image[None, None])).asnumpy()[0, 0]  # (4, 4)
print(by_loop.astype(int))
print(T("循环与 nn.Conv2d 最多相差", "loop and nn.Conv2d differ by up to"), np.abs(by_loop - by_mindspore).max())
# %% [markdown] lang="zh"
# 两个假定，都写死在结构里：
#
# - **局部**（locality）：一个数只由近旁的像素决定；
# - **处处相同**（权重共享）：在左上角学会的，右下角也会用。
#
# 它们省下多少参数？把 3×64×64 的图变成 48×16×16 的特征图，用一个卷积（核 7×7，步长 4），或者用一个全连接层：
# %% [markdown] lang="en"
# Two assumptions, both built into the structure:
#
# - **locality**: a number is decided by pixels near it;
# - **the same everywhere** (shared weights): what is learned top left is used bottom right.
#
# How many parameters do they save? From an image of 3 x 64 x 64 to a map of 48 x 16 x 16, by a convolution (kernel 7 x 7, stride 4) or by a fully connected layer:
# %%
print(
    T("卷积", "convolution"), f"{48 * 3 * 7 * 7:,}", T("全连接", "fully connected"), f"{48 * 16 * 16 * 3 * 64 * 64:,}"
)


# %% [markdown] lang="zh"
# 这样的假定叫**归纳偏置**（inductive bias）：看数据之前就站好的立场。自注意力没有这两条：哪个 token 看哪个，全由数据学来。图像块嵌入倒是有：每块乘同一个矩阵。
#
# <details><summary>第一个单元格里的 <code>quick_convolutions</code> 是什么？</summary>
#
# MindSpore 在 CPU 上把卷积交给 oneDNN。在有 AVX-512 的处理器上，oneDNN 对 `(B, C, H, W)` 这种排法没有快的卷积，只好用逐个相乘的参考实现，比矩阵乘慢几十倍到上百倍；环境变量 `ONEDNN_MAX_CPU_ISA=AVX2` 让它改用矩阵乘的办法。MindSpore 自己的矩阵乘不受影响。第 03 课和第 11 课里那个慢得出奇的卷积，原因就是它。变量在进程第一次用到 oneDNN 时读取，所以要在第一个单元格里设。量它的命令：`python -m benchmarks.upstream.convolution`。
#
# </details>
# %% [markdown] lang="en"
# Such an assumption is an **inductive bias**: a stand taken before any data is seen. Self-attention takes neither: which token looks at which is learned from data. (The patch embedding does share its weights: every patch is multiplied by the same matrix.)
#
# <details><summary>What is <code>quick_convolutions</code> in the first cell?</summary>
#
# On a CPU, MindSpore hands convolutions to oneDNN. On a processor with AVX-512, oneDNN has no quick convolution for the layout `(B, C, H, W)` and falls back on its reference loops, tens of times to a hundred times as slow as a matrix product; the environment variable `ONEDNN_MAX_CPU_ISA=AVX2` makes it take the way by matrix products. MindSpore's own matrix products are not affected. It is the reason for the strangely slow convolution of lessons 03 and 11. The variable is read when the process first uses oneDNN, hence the first cell. To measure it: `python -m benchmarks.upstream.convolution`.
#
# </details>
# %% [markdown] lang="zh" exercise="12.1" slide="subslide"
# ### 练习 12.1 · 感受野（★★，8 分钟）
#
# 一个位置的**感受野**（receptive field）：输入里能影响它的正方形区域，边长记为 $r$（像素）。写 `receptive_field(layers)`：`layers` 是 `[(核边长 k, 步长 s), ...]`，从靠近图像的一层排起，返回最后一层一个位置的 $r$。
#
# 记两个数：感受野 $r$，一开始是 1；相邻两个位置相隔多少像素 $j$，一开始也是 1。每一层的核横跨 $k$ 个位置，于是 $r$ 变大；步长 $s$ 让位置变稀，于是 $j$ 变大。先用纸算两层 3×3、步长 1：应当是 5。
# %% [markdown] lang="en" exercise="12.1" slide="subslide"
# ### Exercise 12.1 · The receptive field (★★, 8 minutes)
#
# The **receptive field** of a place is the square of the input that can influence it, $r$ pixels wide. Write `receptive_field(layers)`: `layers` is `[(kernel's side k, stride s), ...]`, the layer nearest the image first; it returns $r$ of one place of the last layer.
#
# Keep two numbers: the field $r$, 1 at first, and how many pixels lie between two neighbouring places, $j$, also 1 at first. A layer's kernel spans $k$ places, so $r$ grows; its stride $s$ thins places out, so $j$ grows. On paper first, two layers of 3 x 3 with stride 1: it should be 5.
# %% exercise="12.1"
def receptive_field(layers):
    return 1  # 像素，轮到你了 ¦ in pixels, your turn


# %%
toy_layers = [[(3, 1), (3, 1)], [(7, 4), (3, 1)], [(3, 2), (3, 2), (5, 1)], [(2, 2), (3, 1), (3, 3), (3, 1)]]
check("12.1", [receptive_field(layers) for layers in toy_layers])


# hint("12.1")
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. 残差网络
#
# 卷积叠深了同样难训练；**残差连接**就是为它发明的（[He 等，2015](https://arxiv.org/abs/1512.03385)），ViT 是后来借去的。它的一个块：
#
# $$y=\mathrm{ReLU}\bigl(x+\mathrm{BN}_2(\mathrm{conv}_2(\mathrm{ReLU}(\mathrm{BN}_1(\mathrm{conv}_1(x)))))\bigr)$$
#
# BN 是**批归一化**（batch normalisation）：训练时，每个通道用**整批图**所有位置的均值和方差归一化，同时记下它们的滑动平均；评估时用记下的。这一点和第 05 课的层归一化不同：训练时一张图的结果和同批的别的图有关，所以 `set_train` 忘不得。MindSpore 的 `nn.BatchNorm2d(momentum=0.9)` 是“旧的占九成”，PyTorch 写同样的意思是 `momentum=0.1`。
# %% [markdown] lang="en" slide="slide"
# ## A · 2. A residual network
#
# Deep stacks of convolutions are hard to train, too; **skip connections** were invented for them ([He et al., 2015](https://arxiv.org/abs/1512.03385)), and ViT borrowed them later. One block:
#
# $$y=\mathrm{ReLU}\bigl(x+\mathrm{BN}_2(\mathrm{conv}_2(\mathrm{ReLU}(\mathrm{BN}_1(\mathrm{conv}_1(x)))))\bigr)$$
#
# BN is **batch normalisation**: in training, each channel is normalised by mean and variance over all places of **the whole batch**, and running averages of both are kept; in evaluation those are used. Unlike the layer normalisation of lesson 05, in training a picture's result depends on the others in its batch, so `set_train` matters. MindSpore's `nn.BatchNorm2d(momentum=0.9)` keeps nine tenths of the old average; PyTorch writes `momentum=0.1` for the same.
# %% [markdown] lang="zh" exercise="12.2" slide="subslide"
# ### 练习 12.2 · 写出 `ResidualBlock`（★★，10 分钟）
#
# `channels` 个通道进，同样多的通道出，大小不变：
#
# - `conv1`、`conv2`：3×3，步长 1，不改变高和宽，没有偏置（后面的 BN 自己有）；
# - `norm1`、`norm2`：`nn.BatchNorm2d(channels)`；
# - `construct`：照上面的式子，`x (B, C, H, W)` → `(B, C, H, W)`。
# %% [markdown] lang="en" exercise="12.2" slide="subslide"
# ### Exercise 12.2 · Write `ResidualBlock` (★★, 10 minutes)
#
# `channels` channels in, as many out, and no change of size:
#
# - `conv1`, `conv2`: 3 x 3, stride 1, height and width kept, no bias (the BN behind has its own);
# - `norm1`, `norm2`: `nn.BatchNorm2d(channels)`;
# - `construct`: the formula above, `x (B, C, H, W)` → `(B, C, H, W)`.
# %% exercise="12.2"
class ResidualBlock(nn.Cell):
    def __init__(self, channels):
        super().__init__()
        # 轮到你了：conv1、norm1、conv2、norm2 ¦ your turn: conv1, norm1, conv2, norm2

    def construct(self, x):
        return x  # (B, C, H, W)，轮到你了 ¦ (B, C, H, W), your turn


# %%
ResidualBlock = check("12.2", ResidualBlock)
# hint("12.2")
# %% [markdown] lang="zh"
# 用你的块搭一个网络：一个 7×7、步长 4 的卷积，到 16×16 个位置；一个块；一个步长 2 的卷积，到 8×8；两个块；对位置求平均，接分类头。它的每个位置看到多少像素？用**你的** `receptive_field` 算，再用梯度量：最后一层中间那个位置对图像求导，哪些像素的导数不是零？
# %% [markdown] lang="en"
# Build a network from your block: a 7 x 7 convolution of stride 4 down to 16 x 16 places; a block; a convolution of stride 2 down to 8 x 8; two blocks; the mean over places, and a head. How many pixels does a place of it see? **Your** `receptive_field` says; then measure by gradients: which pixels have a derivative at the middle place that is not zero?
# %%
from course.investigations.rivals import CNN
from vit.config import named_model
from vit.data.pipeline import preprocess
from vit.data.sample.dataset import picture
from vit.model import ViT

config = named_model("vit_sample_patch8_64").config
ms.set_seed(0)
cnn, model = CNN(config, ResidualBlock).set_train(False), ViT(config).set_train(False)
drawing = preprocess(np.asarray(picture("infer", 3, 0)[0]), named_model("vit_sample_patch8_64").preprocessing())
x = ms.Tensor(drawing[None])  # (1, 3, 64, 64)
blocks = [[(7, 4)], [(3, 1)] * 2, [(3, 2)], [(3, 1)] * 2, [(3, 1)] * 2]
names = [T("入口", "stem"), T("块 1", "block 1"), T("下采样", "down"), T("块 2", "block 2"), T("块 3", "block 3")]


# %%
def cnn_upto(stage):
    # 网络的前几步 ¦ the first steps of the network
    steps = [lambda x: ops.relu(cnn.norm(cnn.stem(x))), cnn.early, lambda x: ops.relu(cnn.down_norm(cnn.down(x)))]
    steps += list(cnn.late)

    def run(x):
        for step in steps[:stage]:
            x = step(x)
        return x  # (1, C, H', W')

    return run


def vit_upto(depth):
    def run(x):
        tokens = ops.concat((model.cls_token, model.patch_embed(x)), axis=1) + model.pos_embed  # (1, 1+N, D)
        for block in list(model.blocks)[:depth]:
            tokens = block(tokens)
        return tokens[:, 1:].swapaxes(1, 2).reshape(1, -1, 8, 8)  # (1, D, 8, 8)

    return run


# %%
def seen(run):
    # 中间那个位置对每个像素的导数，(64, 64) ¦ derivative of the middle place by each pixel, (64, 64)
    def middle(x):
        places = run(x)
        centre = places.shape[-1] // 2
        return places[:, :, centre, centre].sum()

    return np.abs(ms.grad(middle)(x).asnumpy()[0]).sum(0)


figure, axes = plt.subplots(1, 6, figsize=(12, 2.5))
for stage in range(6):
    found = seen(cnn_upto(stage + 1) if stage < 5 else vit_upto(1))
    side = np.ptp(np.flatnonzero(found.any(0))) + 1  # 像素 ¦ pixels
    said = receptive_field([layer for part in blocks[: stage + 1] for layer in part]) if stage < 5 else "-"
    title = f"CNN · {names[stage]}" if stage < 5 else T("ViT · 1 层", "ViT · block 1")
    axes[stage].imshow(np.log10(found + found[found > 0].min() / 10), cmap="viridis")
    axes[stage].set_title(T(f"{title}\n算得 {said}，量得 {side}", f"{title}\nsays {said}, measured {side}"), fontsize=9)
    axes[stage].axis("off")
plt.show()
# %% [markdown] lang="zh"
# 量得的比算得的小，是因为图像只有 64 像素宽，感受野伸出了边界。颜色是对数：理论上的感受野很大，但分量集中在中间（[Luo 等，2016](https://arxiv.org/abs/1701.04128)）。ViT 的第一层就已经看到全部，近处和远处的分量差不多：它没有“近”的概念，除了同一块之内。
# %% [markdown] lang="en"
# Where less is measured than computed, the field reaches beyond the image, which is 64 pixels wide. Colours are logarithmic: a field is large in theory, but its weight sits in the middle ([Luo et al., 2016](https://arxiv.org/abs/1701.04128)). The ViT sees everything in its first block, near and far with similar weight: it has no idea of "near", except within a patch.
# %% [markdown] lang="zh"
# **A 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section A**:
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 3. 平移等变：移动图像，特征图跟着移动
#
# “处处相同”有一个准确的说法，**平移等变**（translation equivariance）：先移动再卷积，等于先卷积再移动。量一量：把一张画缩到灰底的中央，右移几个像素，看 CNN 的 8×8 特征图、ViT 刚切好的 token、ViT 最后一层的 token 是不是照样右移。8 个像素正好是一格：
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 3. Translation equivariance: move the image, and the map moves along
#
# "The same everywhere" has an exact form, **translation equivariance**: moving and then convolving equals convolving and then moving. Measure it: a drawing, small, in the middle of grey; move it some pixels to the right, and see whether the CNN's 8 x 8 map, the ViT's tokens as they are cut, and the ViT's tokens after its last block move likewise. Eight pixels are exactly one place:
# %%
small = np.zeros(
    (3, 64, 64), np.float32
)  # 灰底，和卷积补的边一样是 0 ¦ grey, 0, like what convolutions put around the border
small[:, 20:44, 20:44] = drawing[:, 8:56:2, 8:56:2]


def vit_cut(x):
    return model.patch_embed(x).swapaxes(1, 2).reshape(1, -1, 8, 8)


def gap(run, pixels):
    # 移动之后，离“特征图也右移（0 或 1 格）”差多少，与特征图本身的起伏相比 ¦ how far from the map moved along (by 0 or 1 places), against the map's own range
    still, moved = (run(ms.Tensor(np.roll(small, by, axis=-1)[None])).asnumpy() for by in (0, pixels))
    inside = np.s_[:, :, 3:6, 3:6]  # 远离边界 ¦ away from the border
    off = min(np.abs(moved - np.roll(still, by, axis=-1))[inside].max() for by in (0, 1))
    return off / np.ptp(still[inside])


# %%
for name, run in (
    (T("CNN 下采样之后（感受野 31）", "CNN after down (field of 31)"), cnn_upto(3)),
    (T("CNN 最后（感受野 95）", "CNN at the end (field of 95)"), cnn_upto(5)),
    (T("ViT 刚切的 token", "ViT, tokens as cut"), vit_cut),
    (T("ViT 最后一层", "ViT, last block"), vit_upto(6)),
):
    print(
        T(
            f"{name}：8 像素 {gap(run, 8):.0e}，3 像素 {gap(run, 3):.0e}",
            f"{name}: 8 pixels {gap(run, 8):.0e}, 3 pixels {gap(run, 3):.0e}",
        )
    )
# %% [markdown] lang="zh"
# 四行里两个 0：
#
# - 卷积对**总步长**（这里是 8）的整数倍移动是准确等变的；3 像素不是，因为每 8 个像素才取一个位置；
# - 层数再多，感受野伸到边界，补的零也参与进来，就只剩近似了（CNN 最后一行）；
# - ViT 切块时也准确等变，块边长就是它的步长；加上位置、过了注意力，就没有这条保证了。
#
# 数值之间不要横着比（各自和自己的起伏相比）。训练之后谁更经得起移动，C 节量。
# %% [markdown] lang="en"
# Two zeros in four rows:
#
# - convolutions are exactly equivariant to moves by multiples of the **total stride**, here 8; not by 3 pixels, since only every eighth has a place;
# - further up the field reaches the border, the zeros around it take part, and what is left is approximate (the CNN's last row);
# - a ViT's patches are exactly equivariant, too: their side is its stride. Once positions are added and attention has mixed, there is no such guarantee.
#
# Do not compare the other numbers with each other; each is relative to the range of its own map. Who copes better with moved pictures after training is for section C to measure.
# %% [markdown] lang="zh" slide="slide"
# ## B · 4. 把卷积装进 ViT
#
# 归纳偏置不必全有或全无。[Xiao 等，2021](https://arxiv.org/abs/2106.14881) 只把 ViT 的入口换成几个小卷积，发现训练更稳、学得更快。一个块边长为 $P$ 的入口：$\log_2P$ 个 3×3、步长 2 的卷积，通道数逐层翻倍，最后到 $D$；再加一个 1×1 的卷积。图像 `(B, 3, H, W)` 先变成 `(B, D, H/P, W/P)`，再排成 token `(B, N, D)`。
#
# 动手之前，一个 MindSpore 的陷阱。`nn.Conv2d` 的默认是 `pad_mode="same"`。步长为 1 时它和四周补一圈零（`pad_mode="pad", padding=1`）一样；步长为 2 时它**只补右边和下边**，输出整个偏了一格，和 PyTorch 的权重也就对不上。全 1 的图、全 1 的核，输出就是“盖住了几个真实像素”：
# %% [markdown] lang="en" slide="slide"
# ## B · 4. Convolutions inside a ViT
#
# Inductive bias is not all or nothing. [Xiao et al., 2021](https://arxiv.org/abs/2106.14881) replaced nothing but the ViT's way in by a few small convolutions and found it to train more steadily and learn faster. Such a stem for patches of side $P$: $\log_2P$ convolutions of 3 x 3 with stride 2, the channels doubling each time up to $D$; then one of 1 x 1. An image `(B, 3, H, W)` becomes `(B, D, H/P, W/P)`, and that is laid out as tokens `(B, N, D)`.
#
# Before you start, a trap of MindSpore's: `nn.Conv2d` has `pad_mode="same"` by default. With stride 1 it is the same as a ring of zeros (`pad_mode="pad", padding=1`); with stride 2 it pads **on the right and below only**, so that its output sits elsewhere, and weights from PyTorch do not fit. With an image of ones and a kernel of ones, the output says how many real pixels were covered:
# %%
ones = ops.ones((1, 1, 4, 4), ms.float32)
for how in ({"pad_mode": "same"}, {"pad_mode": "pad", "padding": 1}):
    conv = nn.Conv2d(1, 1, 3, stride=2, has_bias=False, weight_init="ones", **how)
    print(how, conv(ones).asnumpy()[0, 0].astype(int).tolist())


# %% [markdown] lang="zh" exercise="12.3" slide="subslide"
# ### 练习 12.3 · 写出 `ConvStem`（★★★，15 分钟）
#
# 和 `PatchEmbedding` 的参数、形状都一样，所以能放进它的位置。
#
# - `convs`：`nn.CellList`，$\log_2P$ 个 3×3、步长 2 的卷积，四周各补 1，没有偏置；通道数依次是 `in_channels`，……，$D/4$，$D/2$，$D$；
# - `norms`：`nn.CellList`，每个卷积后面一个 `nn.BatchNorm2d`，再接 ReLU；
# - `proj`：1×1 的卷积，$D\to D$，有偏置，后面什么也不接；
# - `construct`：`images (B, C, H, W)` → token `(B, N, D)`，顺序和图像块一样：从左到右，从上到下。
#
# （`nn.CellList` 要在 `__init__` 里先用列表推导式做好整个列表再交给它，参数才叫 `convs.0.weight`。$P$ 是 2 的幂，$\log_2P$ 可以写成 `patch_size.bit_length() - 1`。）
# %% [markdown] lang="en" exercise="12.3" slide="subslide"
# ### Exercise 12.3 · Write `ConvStem` (★★★, 15 minutes)
#
# Same arguments and shapes as `PatchEmbedding`, so that it can stand in its place.
#
# - `convs`: an `nn.CellList` of $\log_2P$ convolutions, 3 x 3, stride 2, padded by 1 on every side, no bias; channels `in_channels`, ..., $D/4$, $D/2$, $D$;
# - `norms`: an `nn.CellList` with an `nn.BatchNorm2d` for each of them, followed by ReLU;
# - `proj`: a 1 x 1 convolution $D\to D$ with bias, and nothing behind it;
# - `construct`: `images (B, C, H, W)` → tokens `(B, N, D)` in the order of patches: left to right, top to bottom.
#
# (Make the whole list first, by a comprehension, and hand it to `nn.CellList`; then parameters are called `convs.0.weight`. $P$ is a power of two, and $\log_2P$ is `patch_size.bit_length() - 1`.)
# %% exercise="12.3"
class ConvStem(nn.Cell):
    def __init__(self, patch_size, in_channels, embed_dim):
        super().__init__()
        # 轮到你了：convs、norms、proj ¦ your turn: convs, norms, proj

    def construct(self, images):
        return images  # (B, N, D)，轮到你了 ¦ (B, N, D), your turn


# %%
ConvStem = check("12.3", ConvStem)
# hint("12.3")
# %% [markdown] lang="zh"
# 三位选手到齐了。混合的那个（hybrid）用你的入口，少一层编码器，好让运算次数相当。参数和乘加（一张 64×64 的图，数法同第 11 课；卷积是 $H'W'k^2CC'$）：
# %% [markdown] lang="en"
# All three contestants are there. The hybrid has your stem and one block less, so that it costs as much. Parameters and multiply-adds (an image of 64 x 64, counted as in lesson 11; a convolution takes $H'W'k^2CC'$):
# %%
from course.investigations.rivals import hybrid

ms.set_seed(0)
networks = {"ViT": model, "CNN": cnn, T("混合", "hybrid"): hybrid(config, ConvStem)}


def conv_macs(side, kernel, channels_in, channels_out):
    return side**2 * kernel**2 * channels_in * channels_out


block = 65 * 8 * 96**2 + 2 * 65**2 * 96  # 一层，MLP 宽 2 倍 ¦ a block, its MLP twice as wide
stem = conv_macs(32, 3, 3, 24) + conv_macs(16, 3, 24, 48) + conv_macs(8, 3, 48, 96) + conv_macs(8, 1, 96, 96)
macs = [64 * 192 * 96 + 6 * block]
macs += [conv_macs(16, 7, 3, 48) + 2 * conv_macs(16, 3, 48, 48) + conv_macs(8, 3, 48, 96) + 4 * conv_macs(8, 3, 96, 96)]
macs += [stem + 5 * block]
for (name, network), count in zip(networks.items(), macs, strict=True):
    size = sum(p.size for p in network.trainable_params())
    print(
        name,
        T(f"{size:,} 个参数，{count / 1e6:.1f} 百万次乘加", f"{size:,} parameters, {count / 1e6:.1f} million MACs"),
    )
# %% [markdown] lang="zh" slide="slide"
# ## B · 5. 拿走“近”：把图像块换个顺序
#
# 最直接的检验：把**所有**图片的 64 个块按同一个新顺序排好（每张图都用同一种打乱），训练和验证都这样。图里的信息一点没少，只是相邻的块不再相邻。谁靠“近处相关”，谁就吃亏。
# %% [markdown] lang="en" slide="slide"
# ## B · 5. Taking "near" away: patches in another order
#
# The most direct test: rearrange the 64 patches of **every** picture in one and the same new order, in training and in validation. No information is lost; only, neighbours are neighbours no more. Whoever relies on "near things belong together" will suffer.
# %% [markdown] lang="zh" exercise="12.4" slide="subslide"
# ### 练习 12.4 · 探究：谁离不开“近”（★★，10 分钟）
#
# 做法同第 03 课的探究：先原样运行一次，写下预测，再运行：5,000 张画，781 步，每批 64 张，约两分钟。`network` 是 `"vit"`、`"cnn"` 或 `"hybrid"`（后两个用**你的** `ResidualBlock`、`ConvStem`，通过了的话），`patches` 是 `"in order"` 或 `"shuffled"`。
#
# 先预测 CNN 看打乱的图时的验证准确率。
# %% [markdown] lang="en" exercise="12.4" slide="subslide"
# ### Exercise 12.4 · Investigation: who cannot do without "near" (★★, 10 minutes)
#
# As in lesson 03's investigation: run the cell once as it is, write down what you expect, run again: 5,000 drawings, 781 steps of 64, about two minutes. `network` is `"vit"`, `"cnn"` or `"hybrid"` (these two made of **your** `ResidualBlock` and `ConvStem`, if they have passed); `patches` is `"in order"` or `"shuffled"`.
#
# Predict the accuracy on val of the CNN with shuffled pictures.
# %% investigation="12.4" slow=true
predicted = ...  # 你的预测（0 到 1），轮到你了 ¦ what you expect (between 0 and 1), your turn
investigate("12.4", predicted, network="cnn", patches="shuffled")
# %% [markdown] lang="zh"
# **哪一句由此得出？**
#
# - **A** 打乱图像块，两个网络的准确率掉得一样多
# - **B** CNN 掉得比 ViT 多
# - **C** ViT 掉得比 CNN 多
# %% [markdown] lang="en"
# **Which statement follows?**
#
# - **A** Shuffling the patches costs both networks the same
# - **B** It costs the CNN more than the ViT
# - **C** It costs the ViT more than the CNN
# %% exercise="12.4"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("12.4", conclusion)
# hint("12.4")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 打乱之后，图里的信息一个像素也没少，对一个不知道“近”的网络来说，任务几乎没有变：位置嵌入是学来的，哪一块和哪一块相邻，可以重新学。CNN 的核却只看 3×3 的近旁，打乱以后，近旁是不相干的块。这就是归纳偏置的两面：假定对了，省数据；假定错了，绕不过去。（ViT 掉的那一点从哪里来？它的位置是从正弦波开始的，“相邻的位置像”本身就是一点偏置。）
#
# </details>
#
# **B 节打卡**：
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# Shuffling takes no pixel away, and for a network that has no idea of "near" the task is nearly the same: positions are learned, and which patch neighbours which can be learned anew. The CNN's kernels see 3 x 3 neighbours, and after shuffling those are strangers. That is inductive bias from both sides: where the assumption holds it saves data; where it does not, there is no way round it. (Where does the little come from that the ViT loses? Its positions start as waves; "neighbouring places are alike" is a little bias of its own.)
#
# </details>
#
# **Check-in for section B**:
# %%
checkin("B")
# %% [markdown] lang="zh" slide="slide" section="C"
# ## C · 6. 怎样比才公平
#
# | 一样的 | 怎样 |
# |---|---|
# | 参数、乘加 | 相差 10 % 以内（B·4） |
# | 更新次数 | 都是 781 步，每批 64 张：一共看五万张次，图少就重复看 |
# | 图片 | 5,000 张里包含那 500 张，50,000 张里包含那 5,000 张；同样的裁剪和翻转 |
# | 优化 | 同样的 AdamW、预热、余弦、权重衰减；**学习率各自挑**，在没有用来训练、也不是 val 的图上挑 |
#
# 为什么学习率要各挑各的？同一个数对一方合适，对另一方就是让它输。挑的结果：ViT 0.002，CNN 0.004（命令见 `benchmarks/vit_or_cnn.py`，加 `--rates`）。不公平的地方也说清楚：781 步很短，论文训练几十倍长；只有一种大小；CNN 是 2015 年的写法。
#
# 50,000 张画从哪里来？画是程序画的，要多少有多少：**全是新图，没有一张重复**，这是现成的数据集做不到的比较。
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 6. What a fair contest is
#
# | the same | how |
# |---|---|
# | parameters, multiply-adds | within 10 % (B·4) |
# | updates | 781 steps of 64 for everybody: fifty thousand pictures are seen, repeated where there are fewer |
# | pictures | the 500 are among the 5,000, and those among the 50,000; the same crops and mirror images |
# | optimisation | the same AdamW, warm-up, cosine and decay; **each its own learning rate**, chosen on pictures that are neither trained on nor val |
#
# Why a rate of its own? One number for all would suit one side and make the other lose. They came to 0.002 for the ViT and 0.004 for the CNN (`benchmarks/vit_or_cnn.py` with `--rates`). What is not fair: 781 steps are few, papers train dozens of times longer; there is one size only; and the CNN is of the kind of 2015.
#
# Where do 50,000 drawings come from? A program draws them, as many as one likes: **all of them new, not one repeated**, a comparison that no ready-made data set allows.
# %% [markdown] lang="zh" exercise="12.5" slide="subslide"
# ### 练习 12.5 · 探究：图少图多，谁领先（★★，10 分钟）
#
# `network` 和 `pictures`（500 到 50,000）可改，还有 `crops`：`"none"` 是不裁剪、不翻转，每张图总是一个样。表里是两个网络各三种张数。约两分钟一次；张数超过 5,000 时，第一次要先画图，再多几分钟。
#
# 先预测 CNN 只有 500 张画时的验证准确率。
# %% [markdown] lang="en" exercise="12.5" slide="subslide"
# ### Exercise 12.5 · Investigation: few pictures or many, who is ahead (★★, 10 minutes)
#
# You can change `network` and `pictures` (500 to 50,000), and `crops`: `"none"` neither crops nor mirrors, so that a picture is always the same. The table has three numbers of pictures for each of two networks. About two minutes a run; beyond 5,000 pictures more have to be drawn the first time, some minutes more.
#
# Predict the accuracy on val of the CNN with 500 drawings.
# %% investigation="12.5" slow=true
predicted = ...  # 你的预测（0 到 1），轮到你了 ¦ what you expect (between 0 and 1), your turn
investigate("12.5", predicted, network="cnn", pictures=500)
# %% [markdown] lang="zh"
# **哪一句由此得出？**
#
# - **A** 图少时 CNN 领先，50,000 张时 ViT 反超
# - **B** CNN 处处领先；两个网络看 50,000 张不同的图，都比反复看 5,000 张好
# - **C** CNN 处处领先；两个网络看 50,000 张不同的图，都不比反复看 5,000 张好
# %% [markdown] lang="en"
# **Which statement follows?**
#
# - **A** With few pictures the CNN is ahead, with 50,000 the ViT has overtaken it
# - **B** The CNN is ahead throughout; 50,000 different pictures do better than 5,000 seen again and again, for both networks
# - **C** The CNN is ahead throughout; 50,000 different pictures do no better than 5,000 seen again and again, for either network
# %% exercise="12.5"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("12.5", conclusion)
# hint("12.5")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 这和论文说的不一样，原因要到**训练集**上去找。`measured.json` 也记下了每次运行在训练过的图上的准确率：500 张画，ViT 几乎全认得（背下来了），验证集上却差得多；5,000 张时，它在训练过的图上也只有 86 % 左右，和验证集差不多。没有背下来的人，换新题也帮不了他：这时缺的不是图，是更新。781 步对 ViT 太短，论文里“图多则 ViT 更好”说的是几十万步。CNN 则相反，781 步里就学会了 5,000 张，再多也没有余地。
#
# 所以“ViT 需要更多数据”里有两件事：**更多不同的图**，和**更多的更新**。这里量到的瓶颈是后者。更长的训练没有量。
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# This is not what papers say, and the reason is found on the **training set**. `measured.json` also has each run's accuracy on pictures it was trained on: with 500 drawings the ViT knows nearly all of them (by heart) and is far worse on val; with 5,000 it knows only about 86 % of those, no better than val. Who has not learned the old questions is not helped by new ones: what is missing is not pictures but updates. 781 steps are too few for a ViT; "with many pictures the ViT is better" is said of hundreds of thousands. The CNN is the opposite: it has learned its 5,000 within 781 steps, and has no room left.
#
# So "a ViT needs more data" holds two things, **more different pictures** and **more updates**. What limits it here is the second. Longer training was not measured.
#
# </details>
# %% [markdown] lang="zh" slide="slide"
# ## C · 7. 真实的图片：CIFAR-10
#
# 画是程序画的，背景、光线都有限。换成照片：[CIFAR-10](https://www.cs.toronto.edu/~kriz/cifar.html)，五万张 32×32 的照片，十类。网络一样大，块边长改成 4，还是 64 个 token。下载一次 170 MB：`vit data cifar10`；没有也行，下面可以改回 `data="drawings"`。
# %% [markdown] lang="en" slide="slide"
# ## C · 7. Real pictures: CIFAR-10
#
# Drawings come from a program, and their backgrounds and light are limited. Photographs instead: [CIFAR-10](https://www.cs.toronto.edu/~kriz/cifar.html), fifty thousand of 32 x 32 pixels in ten classes. The networks are as large, with patches of 4 pixels, 64 tokens again. Fetched once, 170 MB: `vit data cifar10`; without it, put `data="drawings"` below.
# %% [markdown] lang="zh" exercise="12.6" slide="subslide"
# ### 练习 12.6 · 探究：卷积的假定值多少张照片（★★，10 分钟）
#
# 给 ViT 十倍于 CNN 的照片，它追得上吗？先预测 ViT 只有 500 张照片时的验证准确率（10,000 张验证照片，瞎猜是 10 %）。
# %% [markdown] lang="en" exercise="12.6" slide="subslide"
# ### Exercise 12.6 · Investigation: how many photographs are a convolution's assumptions worth (★★, 10 minutes)
#
# Given ten times as many photographs as the CNN, does the ViT catch up with it? Predict the accuracy of the ViT with 500 photographs (val has 10,000; guessing gives 10 %).
# %% investigation="12.6" slow=true
predicted = ...  # 你的预测（0 到 1），轮到你了 ¦ what you expect (between 0 and 1), your turn
investigate("12.6", predicted, data="cifar10", pictures=500)
# %% [markdown] lang="zh"
# **哪一句由此得出？** 比的是：ViT 用 5,000 张对 CNN 用 500 张，ViT 用 50,000 张对 CNN 用 5,000 张。
#
# - **A** 不到十倍：两处 ViT 都不落后
# - **B** 图少时不到十倍，图多时十倍也不够：ViT 第一处领先，第二处落后
# - **C** 超过十倍：两处 ViT 都落后
# %% [markdown] lang="en"
# **Which statement follows?** Compare the ViT's 5,000 with the CNN's 500, and the ViT's 50,000 with the CNN's 5,000.
#
# - **A** Less than tenfold: the ViT is not behind in either
# - **B** Less than tenfold with few pictures, more with many: the ViT is ahead in the first and behind in the second
# - **C** More than tenfold: the ViT is behind in both
# %% exercise="12.6"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("12.6", conclusion)
# hint("12.6")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 拿画来比（12.5 的表）：CNN 用 500 张画，就超过了用 50,000 张的 ViT，假定在那里值一百倍以上的图。画的类别由形状决定，形状在哪里都一样，正合卷积的假定；照片里的东西不只是近处的形状。“归纳偏置值多少数据”没有一个数，要看数据、看张数、看训练多久。
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# Set it against drawings (the table of 12.5): there 500 were enough for the CNN to be ahead of a ViT with 50,000, and the assumptions were worth more than a hundredfold. A drawing's class is its shape, the same wherever it stands, just what a convolution assumes; a photograph is more than shapes close by. "How much data an inductive bias is worth" is not one number: it depends on the data, on how many there are, and on how long one trains.
#
# </details>
# %% [markdown] lang="zh" slide="slide"
# ## C · 8. 整场比赛
#
# 写下三个结论之后再往下看：所有的运行都在这里，每个种子一个点。
# %% [markdown] lang="en" slide="slide"
# ## C · 8. The whole contest
#
# Read on once you have written your three conclusions: here are all the runs, a dot for each seed.
# %%
from course.investigations import measured
from course.investigations.experiment import key


def found(of="result", **change):
    # 每个种子一个；只有一个种子的列也在内 ¦ one for each seed; some columns have one seed only
    usual = {"data": "drawings", "network": "vit", "pictures": 5000}
    changed = {name: value for name, value in change.items() if value != usual.get(name)}
    return measured.results("contest", key(changed), of)


# %%
figure, axes = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
marks = {
    "vit": ("ViT", "o-", "#0072B2"),
    "cnn": ("CNN", "s-", "#D55E00"),
    "hybrid": (T("混合", "hybrid"), "^--", "#009E73"),
}
for axis, data, title in zip(axes, ("drawings", "cifar10"), (T("画", "drawings"), "CIFAR-10"), strict=True):
    for network, (name, mark, colour) in marks.items():
        runs = {n: found(data=data, network=network, pictures=n) for n in (500, 5000, 50_000)}
        axis.plot(list(runs), [np.mean(results) for results in runs.values()], mark, color=colour, label=name)
        for n, results in runs.items():
            axis.plot([n] * len(results), results, ".", color=colour, alpha=0.5)
    axis.set(
        title=title,
        xscale="log",
        xlabel=T("不同的图片", "different pictures"),
        ylabel=T("验证准确率", "accuracy on val"),
    )
    axis.grid(color="#e2e8f0")
axes[0].legend()
plt.show()


# %% [markdown] lang="zh"
# 混合的那个在中间：几层卷积放在入口，就补上了差距的一大半，而它的其余部分和 ViT 一模一样。
#
# 别的问题，同样的网络（5,000 张）：增强去掉会怎样？把验证图移动、旋转、打乱，而训练时从没有过？
# %% [markdown] lang="en"
# The hybrid lies between them: a few convolutions at the way in make up most of the difference, and everything behind them is the ViT's.
#
# Other questions to the same networks (5,000 pictures). Without augmentation? With val pictures moved, turned or shuffled, when training never had any such?
# %%
from vit.runtime.columns import columns, pad


def percent(values):
    return f"{100 * np.mean(values):.1f}" if values else "-"


titles = [T("验证图", "on val"), T("不增强", "no crops"), T("移 1/8", "moved 1/8"), T("移 1/4", "moved 1/4")]
titles += [T("转 30°", "turned 30"), T("转 60°", "turned 60"), T("各自打乱", "each shuffled")]
print(pad("", 18), *titles, sep="  ")
for data in ("drawings", "cifar10"):
    for network, (name, *_) in marks.items():
        one = {"data": data, "network": network}
        moved, turned = found("moved", **one), found("turned", **one)
        cells = [found(**one), found(**one, crops="none")]
        cells += [[run[by] for run in moved] for by in ("0.125", "0.25")]
        cells += [[run[by] for run in turned] for by in ("30", "60")] + [found("patches", **one)]
        wide = zip(cells, titles, strict=True)
        print(pad(f"{data} {name}", 18), *(f"  {percent(cell):>{columns(title)}}" for cell, title in wide), sep="")


# %% [markdown] lang="zh"
# 横着看，和各自的第一列比；竖着看，谁高：
#
# - **移动**：画上 CNN 掉得少，照片上两个掉得差不多。卷积的等变只对总步长的倍数准确，训练时的裁剪也教会了 ViT 一部分；
# - **旋转**：谁都没有学过，谁都掉得厉害。照片转 60°，CNN 掉得更多，ViT 反而略高；
# - **各自打乱**（每张验证图一个顺序，训练时没有过）：CNN 几乎只剩瞎猜，ViT 还认得一大半。它有位置，但不全靠位置（第 03 课）。
#
# 那么，什么时候 ViT 胜过 CNN？这里量到的：图的各部分不在老地方的时候。论文量到的：图多、训练长的时候。还有一种你已经见过：**别人训练好**的 ViT，几张照片就能微调（第 10 课），那时“更多的图、更多的更新”已经有人付过了。
# %% [markdown] lang="en"
# Read along a row, against its first column; read down, who is higher:
#
# - **moved**: with drawings the CNN loses less, with photographs both lose about as much. A convolution is exactly equivariant to multiples of its total stride only, and random crops have taught the ViT a part of it;
# - **turned**: nobody has learned it, everybody loses a lot. With photographs turned by 60 degrees the CNN loses more, and the ViT is slightly ahead;
# - **each shuffled** (an order for each val picture, never seen in training): the CNN is not far from guessing, while the ViT still knows most. It has positions and does not live by them alone (lesson 03).
#
# So when does a ViT beat a CNN? Measured here: when parts of the picture are not where they used to be. Measured in papers: with many pictures and long training. And a third you have met: a ViT that **somebody else has trained** needs a few photographs (lesson 10); "more pictures, more updates" have been paid for.
# %% [markdown] lang="zh" slide="slide"
# ## C · 9. 常见误解
#
# **“CNN 对平移不变，所以图片移一移，答案不变。”** 等变只对总步长的倍数、远离边界处准确（B·3）；不变要再对位置求平均。上面的表里，移动 1/4，CNN 也掉了几个百分点。
#
# **“ViT 没有归纳偏置。”** 有，少一些：每块乘同一个矩阵，位置从正弦波开始，每个 token 用同一个 MLP。
#
# **“数据多了，ViT 自然更好。”** 这里 50,000 张不同的画并不比 5,000 张好：它还没有学完那 5,000 张。图、更新、网络大小，缺哪一样，哪一样就是瓶颈；先看训练集上的准确率，再说缺图。
#
# **“一张表定输赢。”** 这里的赢家只属于：47 万个参数、781 步、这两种数据。换一样，重新量。
# %% [markdown] lang="en" slide="slide"
# ## C · 9. Common misconceptions
#
# **"A CNN is invariant to translation, so moving a picture leaves the answer alone."** Equivariance is exact for multiples of the total stride and away from the border (B·3), and invariance takes a mean over places besides. In the table above, the CNN, too, lost some points to a move of a quarter.
#
# **"A ViT has no inductive bias."** It has less: every patch meets the same matrix, positions begin as waves, every token has the same MLP.
#
# **"With more data, the ViT is better, of course."** Here 50,000 different drawings did no better than 5,000: it had not finished with those. Pictures, updates, size of network: whichever is short is the limit. Look at the accuracy on the training set before you ask for pictures.
#
# **"One table decides."** This winner is one for 0.47 million parameters, 781 steps and these two kinds of pictures. Change one, and measure again.
# %% [markdown] lang="zh" slide="slide"
# ## 三句话总结
#
# 1. 卷积假定了局部和处处相同；自注意力不假定，要从数据和更新里学。
# 2. 假定对了，省图、省更新；假定错了（打乱），绕不过去。
# 3. 比较要公平：同样的参数、运算、更新、图片，各自的学习率；结论只属于量过的范围。
#
# <details><summary>问题：同样的 5,000 张图，训练十倍的步数，你猜差距变大还是变小？怎样用一次最便宜的运行检验？</summary>
#
# 我们没有量，所以只有论证：CNN 在训练集上已经接近满分（画），ViT 还差得远，多训练，ViT 能涨的多，差距应当变小；但 ViT 也可能开始死记，训练集升、验证集不升。检验：只跑 ViT 一次，比如 3,000 步，看训练集和验证集两个数怎样变（`course/investigations/contest.py` 里的 `UPDATES`、`SEEN` 改大）。
#
# </details>
#
# 练习 12.2、12.3 的类已经收进 `outputs/my_vit/`。下一课：[13 · 你的项目](13_project.ipynb)，用你自己的照片从头做到一页报告。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. A convolution assumes locality and sameness everywhere; self-attention assumes neither and has to learn them from data and updates.
# 2. An assumption that holds saves pictures and updates; where it does not hold (shuffled patches), there is no way round it.
# 3. A fair comparison has equal parameters, arithmetic, updates and pictures, and each network's own learning rate; its verdict is good for what was measured.
#
# <details><summary>A question: with the same 5,000 pictures and ten times as many steps, do you expect the gap to widen or to close? What is the cheapest run that would tell?</summary>
#
# We have not measured it; there is only an argument. The CNN is near full marks on its training set (drawings), the ViT far from it, so that longer training has more to give the ViT and the gap should close. Or the ViT begins to learn by heart, and the training set goes up without val. To tell: one run of the ViT alone, of 3,000 steps, say, and both numbers (make `UPDATES` and `SEEN` in `course/investigations/contest.py` larger).
#
# </details>
#
# The classes of exercises 12.2 and 12.3 are kept in `outputs/my_vit/`. Next: [13 · A project of your own](13_project.ipynb), from your own photographs to a page of report.
# %% [markdown] lang="zh" slide="slide"
# ## C 节打卡
# %% [markdown] lang="en" slide="slide"
# ## Check-in for section C
# %%
checkin("C")
