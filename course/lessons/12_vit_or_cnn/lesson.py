# %% [markdown] lang="zh" slide="slide" section="A"
# # 12 · ViT 还是 CNN？
#
# ![ViT 全图，各部分全部点亮](../../course/figures/map_whole.zh.svg)
#
# 第 00 课一开始就有这个问题：已经有了卷积网络，为什么还要 ViT？论文（[Dosovitskiy 等，2020](https://arxiv.org/abs/2010.11929)）的回答是：图片**足够多**时 ViT 更好，不够多时卷积网络更好。“足够多”是多少？差多少？为什么？
#
# ![上：卷积层层叠起来，一个位置看到的像素逐层变大；自注意力一层就看到全部。下：平移等变](../../course/figures/fields.zh.svg)
#
# 这一回不只引用，自己量：**由你写出**一个残差网络的 `ResidualBlock` 和一个卷积入口（stem）`ConvStem`，让三个网络（ViT、CNN、两者的混合）在同样的图片上、花同样多的更新、同样多的运算比一场。先猜，再跑，再看哪一句话由此得出。
#
# **需要**：第 03 到 07 课的网络和训练（会用即可）；可单独运行，不用联网。**三节**：A 卷积假定了什么，B 拿走它、换上它，C 比赛。每节阅读不超过 15 分钟，练习另算；三次探究每次训练约两分钟，只在你写下预测之后才运行。
# %% [markdown] lang="en" slide="slide" section="A"
# # 12 · ViT or CNN?
#
# ![Map of the whole ViT, every part lit](../../course/figures/map_whole.en.svg)
#
# The question stood at the beginning of lesson 00: there are convolutional networks, why a ViT? The answer of the paper ([Dosovitskiy et al., 2020](https://arxiv.org/abs/2010.11929)): given **enough** pictures the ViT is better, given fewer the convolutional network. How many are enough? How much does it matter? And why?
#
# ![Above: stacked convolutions, a place sees more pixels with every layer, while one block of self-attention sees everything. Below: translation equivariance](../../course/figures/fields.en.svg)
#
# This time we do not only quote; we measure. **You write** the `ResidualBlock` of a residual network and `ConvStem`, a patch embedding made of convolutions; then three networks (ViT, CNN, and one that is both) compete on the same pictures, with the same number of updates and about the same arithmetic. Guess first, run, then say what follows.
#
# **You need** network and training of lessons 03 to 07 (to use, not to have written); the lesson runs alone and works offline. **Three sections**: A what a convolution assumes, B taking it away and putting it in, C the contest. Each takes at most 15 minutes to read, not counting exercises; each of three investigations trains for about two minutes, and only once you have written down what you expect.
# %%
import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, checked, checkin, hint, investigate
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
# 这样的假定叫**归纳偏置**（inductive bias）：看数据之前就有的假定。自注意力没有“局部”这一条：不加位置，它连哪些 token 相邻都不知道，谁看谁由学来的权重根据图片算出。“处处相同”它倒有：每个 token 乘同样的 $W_q,W_k,W_v$，每个图像块乘同一个矩阵。
#
# <details><summary>第一个单元格里的 <code>quick_convolutions</code> 是什么？</summary>
#
# MindSpore 在 CPU 上把卷积交给 oneDNN。在有 AVX-512 的处理器上，oneDNN 对 `(B, C, H, W)` 这种排法没有快的卷积，只好用逐个相乘的参考实现，比矩阵乘慢几十倍到上百倍；环境变量 `ONEDNN_MAX_CPU_ISA=AVX2` 让它改用矩阵乘的办法。MindSpore 自己的矩阵乘不受影响。第 03 课和第 11 课里那个慢得出奇的卷积，原因就是它。变量在进程第一次用到 oneDNN 时读取，所以要在第一个单元格里设。量它的命令：`python -m benchmarks.upstream.convolution`。
#
# </details>
# %% [markdown] lang="en"
# Such an assumption is an **inductive bias**: an assumption made before any data is seen. Self-attention does not assume locality: without positions it does not even know which tokens are neighbours, and who looks at whom is computed from the picture by learned weights. It does share weights: every token meets the same $W_q,W_k,W_v$, every patch the same matrix.
#
# <details><summary>What is <code>quick_convolutions</code> in the first cell?</summary>
#
# On a CPU, MindSpore hands convolutions to oneDNN. On a processor with AVX-512, oneDNN has no quick convolution for the layout `(B, C, H, W)` and falls back on its reference loops, tens of times to a hundred times as slow as a matrix product; the environment variable `ONEDNN_MAX_CPU_ISA=AVX2` makes it use matrix products. MindSpore's own matrix products are not affected. It is the reason for the strangely slow convolution of lessons 03 and 11. The variable is read when the process first uses oneDNN, hence the first cell. To measure it: `python -m benchmarks.upstream.convolution`.
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
# 卷积叠深了同样难训练；**残差连接**由残差网络发扬光大（[He 等，2015](https://arxiv.org/abs/1512.03385)），Transformer 先借去，ViT 随它继承。它的一个块：
#
# $$y=\mathrm{ReLU}\bigl(x+\mathrm{BN}_2(\mathrm{conv}_2(\mathrm{ReLU}(\mathrm{BN}_1(\mathrm{conv}_1(x)))))\bigr)$$
#
# BN 是**批归一化**（batch normalisation）：训练时，每个通道用**整批图**所有位置的均值和方差归一化，同时记下它们的滑动平均；评估时用记下的。这一点和第 05 课的层归一化不同：训练时一张图的结果和同批的别的图有关，所以别忘了切换 `set_train`。MindSpore 的 `nn.BatchNorm2d(momentum=0.9)` 是“旧的占九成”，PyTorch 写同样的意思是 `momentum=0.1`。
# %% [markdown] lang="en" slide="slide"
# ## A · 2. A residual network
#
# Deep stacks of convolutions are hard to train, too; residual networks made **skip connections** popular ([He et al., 2015](https://arxiv.org/abs/1512.03385)); Transformers took them over, and the ViT has them from there. One block:
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
# - `conv1`, `conv2`: 3 x 3, stride 1, height and width kept, no bias (the BN that follows has its own);
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
# 用你的块搭一个网络，和课程的小 ViT 差不多大（64×64 的图，块边长 $P=8$，宽 $D=96$，6 层）：一个 7×7、步长 4 的卷积，到 16×16 个位置、48 个通道；一个块；一个步长 2 的卷积，到 8×8、96 个通道；两个块；对位置求平均，接分类头（小 ViT 也是对 token 求平均）。它的每个位置看到多少像素？用**你的** `receptive_field` 算，再用梯度量：最后一层中间那个位置对图像求导，哪些像素的导数不是零？
# %% [markdown] lang="en"
# Build a network from your block, about as large as the course's small ViT (pictures of 64 x 64, patches of $P=8$, width $D=96$, 6 blocks): a 7 x 7 convolution of stride 4 down to 16 x 16 places of 48 channels; a block; a convolution of stride 2 down to 8 x 8 places of 96; two blocks; the mean over places (the small ViT, too, takes the mean of its tokens) and a head. How many pixels does a place of it see? **Your** `receptive_field` says; then measure by gradients: which pixels have a derivative at the middle place that is not zero?
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


def vit_upto(depth, positions=1):
    def run(x):
        tokens = ops.concat((model.cls_token, model.patch_embed(x)), axis=1)  # (1, 1+N, D)
        tokens = tokens + positions * model.pos_embed  # 0：不加位置 ¦ 0: no positions
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


field_of = checked("12.1", receptive_field)
figure, axes = plt.subplots(1, 6, figsize=(12, 2.5))
for stage in range(6):
    found = seen(cnn_upto(stage + 1) if stage < 5 else vit_upto(1))
    side = np.ptp(np.flatnonzero(found.any(0))) + 1  # 像素 ¦ pixels
    said = field_of([layer for part in blocks[: stage + 1] for layer in part]) if stage < 5 else "-"
    title = f"CNN · {names[stage]}" if stage < 5 else T("ViT · 1 层", "ViT · block 1")
    axes[stage].imshow(np.log10(found + found[found > 0].min() / 10), cmap="viridis")
    axes[stage].set_title(T(f"{title}\n算得 {said}，量得 {side}", f"{title}\nsays {said}, measured {side}"), fontsize=9)
    axes[stage].axis("off")
plt.show()
# %% [markdown] lang="zh"
# 量得的比算得的小（块 3），是因为图像只有 64 像素宽，感受野伸出了边界。颜色是对数：理论上的感受野很大，但影响集中在中间（[Luo 等，2016](https://arxiv.org/abs/1701.04128)）。两个网络都还没有训练：刚初始化的 ViT，第一层就已经看到全部，近处和远处差不多；自己那一块特别亮，是残差连接。
# %% [markdown] lang="en"
# Where less is measured than computed (block 3), the field reaches beyond the image, which is 64 pixels wide. Colours are logarithmic: a field is large in theory, but what counts sits in the middle ([Luo et al., 2016](https://arxiv.org/abs/1701.04128)). Neither network has been trained: a new ViT sees everything in its first block, near and far about equally; its own patch stands out because of the skip connection.
# %% [markdown] lang="zh"
# **A 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section A**:
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 3. 平移等变：移动图像，特征图跟着移动
#
# “处处相同”有一个准确的说法，**平移等变**（translation equivariance）：先移动再卷积，等于先卷积再移动。量一量：把一张画缩到灰底的中央，右移几个像素，看 CNN 的 8×8 特征图、ViT 刚切好的 token、ViT 最后一层的 token（加位置和不加）是不是照样右移。两个网络都没有训练。8 个像素正好是一格：
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 3. Translation equivariance: move the image, and the map moves along
#
# "The same everywhere" has an exact form, **translation equivariance**: moving and then convolving equals convolving and then moving. Measure it: a drawing, small, in the middle of grey; move it some pixels to the right, and see whether the CNN's 8 x 8 map, the ViT's tokens as they are cut, and the ViT's tokens after its last block (with positions and without) move likewise. Neither network has been trained. Eight pixels are exactly one place:
# %%
small = np.zeros(
    (3, 64, 64), np.float32
)  # 灰底，和卷积补的边一样是 0 ¦ grey, 0, like what convolutions put around the border
small[:, 20:44, 20:44] = drawing[:, 8:56:2, 8:56:2]


def vit_cut(x):
    return model.patch_embed(x).swapaxes(1, 2).reshape(1, -1, 8, 8)


def gap(run, pixels):
    # 移动之后，离“特征图也右移”差多少，与特征图本身的起伏相比 ¦ how far from the map having moved along, against the map's own range
    still, moved = (run(ms.Tensor(np.roll(small, by, axis=-1)[None])).asnumpy() for by in (0, pixels))
    inside = np.s_[:, :, 3:6, 3:6]  # 远离边界 ¦ away from the border
    places = (
        (1,) if pixels == 8 else (0, 1)
    )  # 3 像素：0 格或 1 格，取近的 ¦ 3 pixels: 0 places or 1, whichever is nearer
    off = min(np.abs(moved - np.roll(still, by, axis=-1))[inside].max() for by in places)
    return off / np.ptp(still[inside])


# %%
for name, run in (
    (T("CNN 下采样之后（感受野 31）", "CNN after down (field of 31)"), cnn_upto(3)),
    (T("CNN 最后（感受野 95）", "CNN at the end (field of 95)"), cnn_upto(5)),
    (T("ViT 刚切的 token", "ViT, tokens as cut"), vit_cut),
    (T("ViT 最后一层", "ViT, last block"), vit_upto(6)),
    (T("ViT 最后一层，不加位置", "ViT, last block, no positions"), vit_upto(6, positions=0)),
):
    print(
        T(
            f"{name}：8 像素 {gap(run, 8):.0e}，3 像素 {gap(run, 3):.0e}",
            f"{name}: 8 pixels {gap(run, 8):.0e}, 3 pixels {gap(run, 3):.0e}",
        )
    )
# %% [markdown] lang="zh"
# 8 像素的一列里，三个是 0（或只有浮点误差）：
#
# - 卷积对**总步长**（这里是 8）的整数倍移动是准确等变的；3 像素不是，因为每 8 个像素才取一个位置；
# - 层数再多，感受野伸到边界，补的零也参与进来，就只剩近似了（CNN 最后）；
# - ViT 切块时也准确等变，块边长就是它的步长；**不加位置**，整个 ViT 都是：移动整块只是把 token 换个次序，注意力不看次序。打破它的是位置嵌入。
#
# 行与行之间不要比（各自和自己的起伏相比）。训练之后谁更经得起移动，C 节量。
# %% [markdown] lang="en"
# Of the numbers for 8 pixels, three are 0 (or rounding errors):
#
# - convolutions are exactly equivariant to moves by multiples of the **total stride**, here 8; not by 3 pixels, since only every eighth has a place;
# - further up the field reaches the border, the zeros around it take part, and what is left is approximate (the CNN at its end);
# - a ViT's patches are exactly equivariant, too: their side is its stride. **Without positions** the whole ViT is: moving by whole patches puts tokens in another order, and attention does not see order. What breaks it are positions.
#
# Do not compare rows with each other; each is relative to the range of its own map. Who copes better with moved pictures after training is for section C to measure.
# %% [markdown] lang="zh" slide="slide"
# ## B · 4. 把卷积装进 ViT
#
# 归纳偏置不必全有或全无。[Xiao 等，2021](https://arxiv.org/abs/2106.14881) 把 ViT 的入口换成几个小卷积（再去掉一层编码器，好让运算相当；我们也这样），发现训练更稳、学得更快。一个块边长为 $P$ 的入口：$\log_2P$ 个 3×3、步长 2 的卷积，通道数逐层翻倍，最后到 $D$；再加一个 1×1 的卷积。图像 `(B, 3, H, W)` 先变成 `(B, D, H/P, W/P)`，再排成 token `(B, N, D)`。
#
# 动手之前，一个 MindSpore 的陷阱。`nn.Conv2d` 的默认是 `pad_mode="same"`。步长为 1 时它和四周补一圈零（`pad_mode="pad", padding=1`）一样；3×3 的核、步长为 2、边长是偶数时，它**只补右边和下边**，整个偏了一个输入像素，和 PyTorch 的权重也就对不上。全 1 的图、全 1 的核，输出就是“盖住了几个真实像素”：
# %% [markdown] lang="en" slide="slide"
# ## B · 4. Convolutions inside a ViT
#
# Inductive bias is not all or nothing. [Xiao et al., 2021](https://arxiv.org/abs/2106.14881) replaced the ViT's patch embedding by a few small convolutions (and left out one block to keep the cost, as we do) and found it to train more steadily and learn faster. Such a stem for patches of side $P$: $\log_2P$ convolutions of 3 x 3 with stride 2, the channels doubling each time up to $D$; then one of 1 x 1. An image `(B, 3, H, W)` becomes `(B, D, H/P, W/P)`, and that is laid out as tokens `(B, N, D)`.
#
# Before you start, a trap of MindSpore's: `nn.Conv2d` has `pad_mode="same"` by default. With stride 1 it is the same as a ring of zeros (`pad_mode="pad", padding=1`); with a 3 x 3 kernel, stride 2 and an even side it pads **on the right and below only**, so that everything sits one input pixel off, and weights from PyTorch do not fit. With an image of ones and a kernel of ones, the output says how many real pixels were covered:
# %%
ones = ops.ones((1, 1, 4, 4), ms.float32)
for how in ({"pad_mode": "same"}, {"pad_mode": "pad", "padding": 1}):
    conv = nn.Conv2d(1, 1, 3, stride=2, has_bias=False, weight_init="ones", **how)
    print(how, conv(ones).asnumpy()[0, 0].astype(int).tolist())


# %% [markdown] lang="zh" exercise="12.3" slide="subslide"
# ### 练习 12.3 · 写出 `ConvStem`（★★★，15 分钟）
#
# 构造参数、输入和输出的形状都和 `PatchEmbedding` 一样，所以能放进它的位置。
#
# - `convs`：`nn.CellList`，$\log_2P$ 个 3×3、步长 2 的卷积，四周各补 1，没有偏置；最后一个输出 $D$ 个通道，往前每个减半（$P=8$、$D=96$：3 → 24 → 48 → 96）；
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
# - `convs`: an `nn.CellList` of $\log_2P$ convolutions, 3 x 3, stride 2, padded by 1 on every side, no bias; the last has $D$ channels, each one before it half as many ($P=8$, $D=96$: 3 → 24 → 48 → 96);
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
# 三个网络齐了。混合网络（hybrid）用你的入口，少一层编码器，好让运算次数相当。参数和乘加（一张 64×64 的图，数法同第 11 课；卷积是 $H'W'k^2CC'$）：
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
# 一个直接的检验：把**所有**图片的 64 个块按同一个新顺序排好（每张图都用同一种打乱），训练和验证都这样。图里的信息一点没少，只是相邻的块不再相邻。也要说清楚：打乱的块正是 ViT 的图像块，它的每个 token 完好无损，卷积的核却会跨过接缝；换一种切法，ViT 的 token 也会被切碎（没有量）。
# %% [markdown] lang="en" slide="slide"
# ## B · 5. Taking "near" away: patches in another order
#
# A direct test: rearrange the 64 patches of **every** picture in one and the same new order, in training and in validation. No information is lost, but neighbours are no longer neighbours. To be fair: these are just the patches that the ViT cuts, so its tokens stay whole, while kernels reach across the seams; cut otherwise, its tokens would break as well (not measured).
# %% [markdown] lang="zh" exercise="12.4" slide="subslide"
# ### 练习 12.4 · 探究：谁更依赖局部性（★★，10 分钟）
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
# 对位置嵌入来说，哪一块和哪一块相邻可以重新学；卷积的核却写死了 3×3 的近旁，打乱以后，近旁有一半是不相干的块。所以 CNN 掉得多。但是**掉得多不等于输**：打乱之后的 CNN 仍然高于打乱之后的 ViT，甚至高于没有打乱的 ViT。块里面的近旁没有动，几层之后感受野又盖住了整张图。假定错了一半，优势小了，没有翻过来。（ViT 掉的那一点从哪里来？它的位置从正弦波开始，“相邻的位置像”本身就是一点偏置。）
#
# </details>
#
# **B 节打卡**：
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# Which patch neighbours which can be learned anew by positions; a convolution's kernels have their 3 x 3 neighbourhood built in, and after shuffling half of what they see at a seam are strangers. So the CNN loses more. Yet **losing more is not losing**: the shuffled CNN is still ahead of the shuffled ViT, and even of the ViT in order. Within a patch neighbours have stayed, and a few layers up the field covers the picture anyway. An assumption that half fails makes the lead smaller; it has not turned it round. (Where does the little come from that the ViT loses? Its positions start as waves; "neighbouring places are alike" is a little bias of its own.)
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
# | 参数、乘加 | 参数相差 12 % 以内，CNN 最少；乘加 5 % 以内（B·4） |
# | 更新次数 | 都是 781 步，每批 64 张：一共看五万张次，图少就重复看 |
# | 图片 | 5,000 张里包含那 500 张，50,000 张里包含那 5,000 张；同样的裁剪和翻转 |
# | 优化 | 同样的 AdamW、预热、余弦、权重衰减；**学习率各自挑**，用 5,000 张训练、一个种子，在另外 1,000 张训练集的图上挑，不看 val |
#
# 为什么学习率要各挑各的？同一个数对一方合适，对另一方就是让它输。挑的结果（两种数据平均最好的）：ViT 和混合 0.002，CNN 0.004（命令见 `benchmarks/vit_or_cnn.py`，加 `--rates`）。不公平的地方也说清楚：781 步很短，论文训练几百倍长，而“同样的步数”本来就偏向学得快的；只挑了学习率，其余的设置来自 ViT；只有一种大小；CNN 是 2015 年的写法（后来的如 [ConvNeXt](https://arxiv.org/abs/2201.03545) 没有比）。
#
# 50,000 张画从哪里来？画是程序画的，要多少有多少：**全是新图，没有一张重复**。
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 6. What a fair contest is
#
# | the same | how |
# |---|---|
# | parameters, multiply-adds | parameters within 12 %, the CNN with the fewest; multiply-adds within 5 % (B·4) |
# | updates | 781 steps of 64 for everybody: fifty thousand pictures are seen, repeated where there are fewer |
# | pictures | the 500 are among the 5,000, and those among the 50,000; the same crops and mirror images |
# | optimisation | the same AdamW, warm-up, cosine and decay; **each its own learning rate**, chosen with 5,000 pictures and one seed on 1,000 others of the training set, without a look at val |
#
# Why a rate of its own? One number for all would suit one side and make the other lose. The best on average over both kinds of data: 0.002 for the ViT and the hybrid, 0.004 for the CNN (`benchmarks/vit_or_cnn.py` with `--rates`). What is not fair: 781 steps are few, papers train hundreds of times longer, and equal steps favour whoever learns fast; nothing but the rate was chosen for each, the other settings come from the ViT; there is one size only; and the CNN is of the kind of 2015 (later ones, such as [ConvNeXt](https://arxiv.org/abs/2201.03545), were not tried).
#
# Where do 50,000 drawings come from? A program draws them, as many as one likes: **all of them new, not one repeated**.
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
# - **C** CNN 处处领先；两个网络看 50,000 张不同的图，都分不出比反复看 5,000 张好
# %% [markdown] lang="en"
# **Which statement follows?**
#
# - **A** With few pictures the CNN is ahead, with 50,000 the ViT has overtaken it
# - **B** The CNN is ahead throughout; 50,000 different pictures do better than 5,000 seen again and again, for both networks
# - **C** The CNN is ahead throughout; 50,000 different pictures cannot be told from 5,000 seen again and again, or do worse, for either network
# %% exercise="12.5"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("12.5", conclusion)
# hint("12.5")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 这和论文说的不一样，原因要到**训练集**上去找（C·8 有每次运行在训练过的图上的准确率）。500 张画，ViT 几乎全认得，也就是背下来了，验证集上却差得多：这时缺的是图，从 500 张到 5,000 张，它涨了十几个百分点。5,000 张以上，它在训练过的图上也不比验证集高多少：它**欠拟合**，再多的图也帮不上忙。缺的可能是更新，也可能是容量，单凭这两个数分不清；C·8 里有四倍长的训练。CNN 则相反，781 步里就学会了 5,000 张画，没有余地了。
#
# 所以“ViT 需要更多数据”里至少有两件事：**更多不同的图**，和**更多的更新**。论文里“图多则 ViT 更好”，说的是一千四百万到三亿张图、几十万步。
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# This is not what papers say, and the reason is found on the **training set** (C·8 has each run's accuracy on pictures it was trained on). With 500 drawings the ViT knows nearly all of them, by heart, and is far worse on val: what it lacks is pictures, and from 500 to 5,000 it gains more than ten points. From 5,000 on it is hardly better on what it was trained on than on val: it **underfits**, and more pictures cannot help. What is missing may be updates or may be capacity; these two numbers cannot tell, and C·8 has trainings of four times the length. The CNN is the opposite: it has learned its 5,000 drawings within 781 steps and has no room left.
#
# So "a ViT needs more data" holds at least two things, **more different pictures** and **more updates**. Where papers find the ViT ahead, it had 14 to 300 million pictures and hundreds of thousands of steps.
#
# </details>
# %% [markdown] lang="zh" slide="slide"
# ## C · 7. 真实的图片：CIFAR-10
#
# 画是程序画的，背景、光线都有限。换成照片：[CIFAR-10](https://www.cs.toronto.edu/~kriz/cifar.html)，五万张 32×32 的照片，十类。ViT 的块边长改成 4，还是 64 个 token；CNN 的入口改成 3×3、步长 2，还是 16×16 个位置。下载一次 170 MB：`vit data cifar10`；没有也行，你的那一次可以改成 `data="drawings"`，结论看表。
# %% [markdown] lang="en" slide="slide"
# ## C · 7. Real pictures: CIFAR-10
#
# Drawings come from a program, and their backgrounds and light are limited. Photographs instead: [CIFAR-10](https://www.cs.toronto.edu/~kriz/cifar.html), fifty thousand of 32 x 32 pixels in ten classes. The ViT has patches of 4 pixels, 64 tokens again; the CNN begins with 3 x 3 and stride 2, 16 x 16 places again. Fetched once, 170 MB: `vit data cifar10`; without it, put `data="drawings"` into your own run and conclude from the table.
# %% [markdown] lang="zh" exercise="12.6" slide="subslide"
# ### 练习 12.6 · 探究：十倍的照片补得上吗（★★，10 分钟）
#
# 给 ViT 十倍于 CNN 的照片，它追得上吗？先预测 ViT 有 5,000 张照片时的验证准确率（10,000 张验证照片，瞎猜是 10 %；781 步很短，别拿训练上百轮的数来比）。
# %% [markdown] lang="en" exercise="12.6" slide="subslide"
# ### Exercise 12.6 · Investigation: do ten times as many photographs make up for it (★★, 10 minutes)
#
# Given ten times as many photographs as the CNN, does the ViT catch up with it? Predict the accuracy of the ViT with 5,000 photographs (val has 10,000; guessing gives 10 %; 781 steps are few, so do not think of trainings of a hundred epochs).
# %% investigation="12.6" slow=true
predicted = ...  # 你的预测（0 到 1），轮到你了 ¦ what you expect (between 0 and 1), your turn
investigate("12.6", predicted, data="cifar10")
# %% [markdown] lang="zh"
# **哪一句由此得出？** 比的是：ViT 用 5,000 张对 CNN 用 500 张，ViT 用 50,000 张对 CNN 用 5,000 张。
#
# - **A** 补得上：两处 ViT 都不落后
# - **B** 图少时补得上，图多时补不上：ViT 第一处领先，第二处落后
# - **C** 补不上：两处 ViT 都落后
# %% [markdown] lang="en"
# **Which statement follows?** Compare the ViT's 5,000 with the CNN's 500, and the ViT's 50,000 with the CNN's 5,000.
#
# - **A** They do: the ViT is not behind in either
# - **B** With few pictures they do, with many they do not: the ViT is ahead in the first and behind in the second
# - **C** They do not: the ViT is behind in both
# %% exercise="12.6"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("12.6", conclusion)
# hint("12.6")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 四五成的准确率看上去很低：781 步只是把五万张照片看**一遍**。别处训练上百遍的数：[UvA 教程 15](https://uvadlc-notebooks.readthedocs.io/en/latest/tutorial_notebooks/tutorial15/Vision_Transformer.html) 的 ViT（320 万个参数，180 轮）75.6 %，那里的卷积网络约 90 %。课程的小 ViT（47 万个参数，图是 CIFAR-10 的 JPEG 副本）训练 36 轮，是 78.0 %（`python -m benchmarks.learning --data cifar10`，一个种子，两核约一个多小时）。
#
# 拿画来比（12.5 的表）：两处 ViT 都落后，连 CNN 的 500 张都追不上。不过第二处要小心：ViT 用 50,000 张并不比 5,000 张好，差的不是图，“十倍”在那里换算不出什么，只能说“781 步之内，再多图也追不上”。画和照片为什么不同？也许因为画的类别几乎只由形状决定，正合卷积的假定；我们没有检验。
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# Forty to sixty percent look low: 781 steps see fifty thousand photographs **once**. After a hundred passes and more others report, in [UvA's tutorial 15](https://uvadlc-notebooks.readthedocs.io/en/latest/tutorial_notebooks/tutorial15/Vision_Transformer.html), 75.6 % for a ViT (3.2 million parameters, 180 epochs) and about 90 % for convolutional networks. The course's small ViT (0.47 million parameters; a JPEG copy of CIFAR-10) has 78.0 % after 36 passes (`python -m benchmarks.learning --data cifar10`, one seed, more than an hour on two cores).
#
# Set it against drawings (the table of 12.5): there the ViT is behind in both, even against 500. But take care with the second pair: with 50,000 the ViT is no better than with 5,000, so it is not pictures that it lacks, and "tenfold" converts nothing; all one can say is that within 781 steps no number of pictures catches up. Why do drawings and photographs differ? Perhaps because a drawing's class is nearly all shape, which suits a convolution; we have not tested it.
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
# 混合网络在两者之间（一个种子）：只换入口、再少一层，到 CNN 的差距在 5,000 张画上少了一半多，在 5,000 张照片上少了三分之一。
#
# **缺图，还是缺更新？** ViT 看画，训练过的图（最多 1,000 张）和验证图上的准确率；后两列训练了四倍长（3,124 步，各一个种子）：
# %% [markdown] lang="en"
# The hybrid lies between them (one seed): with nothing but another way in and one block less, more than half of the distance to the CNN is gone with 5,000 drawings, a third with 5,000 photographs.
#
# **Short of pictures, or of updates?** The ViT on drawings: accuracy on what it was trained on (1,000 pictures at most) and on val; the last two columns trained four times as long (3,124 steps, one seed each):
# %%
from vit.runtime.columns import columns, pad


def percent(values):
    return f"{100 * np.mean(values):.1f}" if values else "-"


runs = [{"pictures": n} for n in (500, 5000, 50_000)] + [{"pictures": n, "updates": 3124} for n in (5000, 50_000)]
print(pad("", 14), *(f"{n:>10,}" for n in (500, 5000, 50_000)), *(f"{n:>7,} x4" for n in (5000, 50_000)))
for of, name in (("train", T("训练过的图", "trained on")), ("result", T("验证图", "val"))):
    print(pad(name, 14), *(f"{percent(found(of, **run)):>10}" for run in runs))
# %% [markdown] lang="zh"
# 同样的 5,000 张画，四倍的更新：训练过的图和验证图上都高了八到十个百分点。所以 781 步的 ViT 缺的主要是**更新**，不是图，也不是容量。更新够了，不同的图才开始有用：50,000 张比 5,000 张又高一点（各一个种子，说不准多少）。而 781 步就满分的 CNN，这些都用不着。
#
# 别的问题，同样的网络（5,000 张）：增强去掉会怎样？把验证图移动、旋转、打乱，而训练时从没有过？
# %% [markdown] lang="en"
# The same 5,000 drawings, four times the updates: eight to ten points more on what it was trained on and on val. So what the ViT lacked at 781 steps was mainly **updates**, neither pictures nor capacity. Once there are enough of them, different pictures begin to count: 50,000 are somewhat ahead of 5,000 (one seed each, so how much is not certain). And the CNN, with full marks after 781 steps, needs none of it.
#
# Other questions to the same networks (5,000 pictures). Without augmentation? With val pictures moved, turned or shuffled, when training never had any such?
# %%
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
# 横着看，和各自的第一列比；竖着看，谁高（移动、旋转和打乱用最多 2,000 张验证图，差一两个百分点不算数）：
#
# - **不增强**：验证准确率只变一两个百分点（各一个种子），训练过的图上却明显高了：ViT 看画从 86 % 到 94 %。没有裁剪和翻转，每张图总是一个样，更容易背；
# - **移动**：画上 CNN 掉得少，照片上两个掉得差不多。这两种移动都是总步长的整数倍，掉的不怪步长：边上的东西移出去了，新进来的是复制的边，核又看到补的零；
# - **旋转**：30° 以上谁也没有学过，谁都掉得厉害。照片转 60°，CNN 掉得更多，ViT 略高；
# - **各自打乱**（每张验证图一个顺序，只在验证时）：CNN 只剩两三成（瞎猜一成），ViT 还认得不少。它有位置，但不全靠位置（第 03 课）；而且打乱的正是它的图像块。
#
# 那么，什么时候 ViT 胜过 CNN？这里量到的只有：训练时按原序、验证时才打乱（以及照片转了 60°）；训练时就打乱（12.4），赢的仍是 CNN。论文量到的：图多、训练长的时候（更新多到四倍，这里的差距也小了一大半，C·8）。还有一种你已经见过：**别人训练好**的 ViT，只要几张照片就能微调（第 10 课），“更多的图、更多的更新”已经有人付过了。
# %% [markdown] lang="en"
# Read along a row, against its first column; read down, who is higher (moved, turned and shuffled use at most 2,000 pictures of val, so a point or two means nothing):
#
# - **no crops**: a point or two on val (one seed each), but clearly more on what it was trained on, from 86 % to 94 % for the ViT with drawings: without crops and mirror images a picture is always the same and is easier to learn by heart;
# - **moved**: with drawings the CNN loses less, with photographs both lose about as much. Both moves are multiples of the total stride, so the stride is not to blame: what was at the edge is gone, what came in is a copied border, and kernels see padding;
# - **turned**: beyond 30 degrees nobody has learned it, and everybody loses a lot. With photographs turned by 60 degrees the CNN loses more, and the ViT is slightly ahead;
# - **each shuffled** (an order for each val picture, at validation only): the CNN is left with two or three in ten (guessing gives one), while the ViT still knows many. It has positions and does not live by them alone (lesson 03); besides, what was shuffled are just its patches.
#
# So when does a ViT beat a CNN? Measured here: only if patches are shuffled at validation and were in order in training (and with photographs turned by 60 degrees); shuffled in training, too (12.4), the CNN stays ahead. Measured in papers: with many pictures and long training (with four times the updates most of the distance is gone here, too). And a third you have met: a ViT that **somebody else has trained** needs only a few photographs (lesson 10); "more pictures, more updates" have been paid for.
# %% [markdown] lang="zh" slide="slide"
# ## C · 9. 常见误解
#
# **“CNN 对平移不变，所以图片移一移，答案不变。”** 等变只对总步长的倍数、远离边界处准确（B·3）；不变还要再对位置求平均。上面的表里，移动 1/4，CNN 在画上掉了几个百分点，在照片上掉了约十个。
#
# **“ViT 没有归纳偏置。”** 有，少一些：$W_q,W_k,W_v$、MLP 和图像块的矩阵，处处是同一个；位置从正弦波开始。
#
# **“数据多了，ViT 自然更好。”** 781 步时，50,000 张不同的画并不比 5,000 张好；四倍的更新之后才好一点。图、更新、网络大小，缺哪一样，哪一样就是瓶颈；先看训练集上的准确率，再说缺图。
#
# **“一张表定输赢。”** 这里的赢家只属于：42 至 47 万个参数、781 步、这两种数据。换一样，重新量。
# %% [markdown] lang="en" slide="slide"
# ## C · 9. Common misconceptions
#
# **"A CNN is invariant to translation, so moving a picture leaves the answer alone."** Equivariance is exact for multiples of the total stride and away from the border (B·3), and invariance takes a mean over places besides. In the table above a move of a quarter cost the CNN some points with drawings and about ten with photographs.
#
# **"A ViT has no inductive bias."** It has less: $W_q,W_k,W_v$, MLP and the matrix of patches are the same everywhere, and positions begin as waves.
#
# **"With more data, the ViT is better, of course."** At 781 steps 50,000 different drawings did no better than 5,000; only after four times as many were they somewhat ahead. Pictures, updates, size of network: whichever is short is the limit. Look at the accuracy on the training set before you ask for pictures.
#
# **"One table decides."** This winner holds only for 0.42 to 0.47 million parameters, 781 steps and these two kinds of pictures. Change one, and measure again.
# %% [markdown] lang="zh" slide="slide"
# ## 三句话总结
#
# 1. 卷积假定了局部和处处相同；自注意力处处相同，却不假定局部，谁该看谁要从数据和更新里学。
# 2. 假定对了，省图、省更新；假定错了，优势变小。错到什么程度才会输，只有量了才知道。
# 3. 比较要公平：同样的参数、运算、更新、图片，各自的学习率；结论只属于量过的范围。
#
# <details><summary>问题：把图切成别的大小（比如 4×4 像素的小块）再打乱，你猜 12.4 的结果会怎样变？</summary>
#
# 我们没有量，只有论证：现在打乱的正是 ViT 的图像块，它的 token 完好无损；切得更小，ViT 的每个 token 里就混进四个不相干的小块，图像块嵌入得重新学会怎样读它，CNN 的 3×3 近旁也几乎全是接缝。两者都该掉得更多。检验：`course/investigations/contest.py` 的 `reordered` 里换一个块边长，各跑一次。
#
# </details>
#
# 练习 12.2、12.3 的类已经收进 `outputs/my_vit/`。下一课：[13 · 你的项目](13_project.ipynb)，用你自己的照片从头做到一页报告。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. A convolution assumes locality and sameness everywhere; self-attention is the same everywhere but assumes no locality: who should look at whom is learned from data and updates.
# 2. An assumption that holds saves pictures and updates; where it does not hold, the lead shrinks. How wrong it must be before one loses, only a measurement can tell.
# 3. A fair comparison has equal parameters, arithmetic, updates and pictures, and each network's own learning rate; its verdict holds only for what was measured.
#
# <details><summary>A question: cut pictures otherwise (into squares of 4 x 4 pixels, say) and shuffle those. What do you expect of 12.4?</summary>
#
# We have not measured it; there is only an argument. What is shuffled now are just the ViT's patches, and its tokens stay whole; cut smaller, four strangers meet in every token, which the patch embedding must learn to read anew, and nearly every 3 x 3 neighbourhood of the CNN lies on a seam. Both should lose more. To tell: another side of the squares in `reordered` of `course/investigations/contest.py`, and a run of each.
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
