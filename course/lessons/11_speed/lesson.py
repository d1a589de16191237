# %% [markdown] lang="zh" slide="slide" section="A"
# # 11 · 速度：找到慢的那一层
#
# ![ViT 全图，亮的部分是本课要加速的训练](../../course/figures/map_speed.zh.svg)
#
# “不要在 CPU 上运行”，[公开的教程](https://www.mindspore.cn/tutorials/zh-CN/master/cv/vit.html)这样写，因为它的网络在两个核上每秒只能训练两三张图。本课会看到，ViT-Ti 的一次前向里，**一层**就用掉了大部分时间。我们用分析器（profiler）找到它，换掉它，量出收益；再看代价怎样随图像块数和批大小增长；最后让两个进程合训一个模型，和多张卡的做法一样。
#
# ![左：一次前向的时间随图像块数的增长；右：每秒图数随批大小的变化](../../course/lessons/11_speed/figures/opening.zh.png)
#
# *终点的样子：左边，时间和运算次数随图像块数的增长；右边，批大小和每秒图数。B·4 会画出这张图。*
#
# **需要**：第 03 课的图像块嵌入，第 06 课的模型，第 07 课的训练步（会用即可）；可单独运行，不需要网络。**三节**：A 怎样量、该做多少次运算，B 哪里慢、代价怎样增长，C 两个进程。每节阅读不超过 15 分钟，练习另算；运行时间见 `notebooks/TIMINGS.md`。这一课里所有的秒数都因机器而异，看**比值**。
# %% [markdown] lang="en" slide="slide" section="A"
# # 11 · Speed: find the slow layer
#
# ![Map of the whole ViT; lit is training, which today gets faster](../../course/figures/map_speed.en.svg)
#
# "Do not run this on a CPU", [published tutorials](https://www.mindspore.cn/tutorials/en/master/cv/vit.html) say, because their network trains two or three images a second on two cores. In a forward pass of ViT-Ti, we shall see, **one layer** takes most of the time. With a profiler we find it, replace it and measure the gain; then see how cost grows with patches and batch size; and at last let two processes train one model, as several cards do.
#
# ![Left: the time of a forward pass as the patches grow; right: images per second against batch size](../../course/lessons/11_speed/figures/opening.en.png)
#
# *Where we end: left, time and operations as patches grow; right, images per second for several batch sizes. B·4 draws this figure.*
#
# **You need** patch embedding (lesson 03), the model (06), the training step (07), all to use; the lesson runs alone, without a network. **Three sections**: A how to measure, and how many operations a forward pass should take, B what is slow and how cost grows, C two processes. Each takes at most 15 minutes to read, not counting exercises; running times are in `notebooks/TIMINGS.md`. All seconds of this lesson depend on the machine; look at **ratios**.
# %%
import statistics
import time

import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn

from course import begin, check, checkin, hint, signature

begin("11")


# %% [markdown] lang="zh" note=true
# 三节，各约 20 分钟，练习在内。B·3 运行前让大家押注：哪一种算子最慢？（多数人会说注意力。）练习 11.2（阿姆达尔定律）适合在黑板上一起推。C·5 在没有 msrun 的系统（Windows）上会说明并跳过。
# %% [markdown] lang="en" note=true
# Three sections of about 20 minutes each, exercises included. Before B·3 take bets: which kind of op is slowest? (Most say attention.) Exercise 11.2, Amdahl's law, is good on the blackboard. Where there is no msrun (Windows), C·5 says so and is skipped.
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 怎样量时间
#
# 三条规矩，每条都有人犯：
#
# 1. **等结果算完**再看表：MindSpore 的调用可能先返回、后计算；`.asnumpy()` 会等到结果。
# 2. **第一次不算**：第一次要编译。MindSpore 的 CPU 算子还会在头几次试用不同的线程数。
# 3. **看中位数和散布**，不看一次；要比较就在同一次运行里轮流量。
#
# 拿矩阵乘法试手，顺便量一个**参考速度**：一次乘法加一次加法算一次“乘加”（MAC），$n\times n$ 的两个矩阵相乘是 $n^3$ 次。形状不同，速度也不同，所以试几种大小，取最快的。
# %% [markdown] lang="en" slide="slide"
# ## A · 1. How to measure time
#
# Three rules, all of them often broken:
#
# 1. **Wait for the result** before looking at the clock: a call of MindSpore may return first and compute later; `.asnumpy()` waits.
# 2. **The first call does not count**: it compiles. And MindSpore's CPU kernels try several numbers of threads in their first calls.
# 3. **Median and spread**, not one reading; and what is compared is measured by turns in one run.
#
# To warm up, products of matrices, which also give a **reference speed** of this machine: one multiplication with one addition is a multiply-add (MAC), and two matrices of $n\times n$ take $n^3$ of them. Speed depends on the shape, so we try several sizes and take the fastest.
# %%
def seconds_of(run, repeats=5, warm_up=5):
    # 第一次、之后几次的中位数和最小值，单位秒 ¦ first call, median and least of some later ones, in seconds
    times = []
    for _ in range(1 + warm_up + repeats):
        start = time.perf_counter()
        run()  # 必须等到结果 ¦ must wait for its result
        times.append(time.perf_counter() - start)
    later = times[1 + warm_up :]
    return times[0], statistics.median(later), min(later)


rng = np.random.default_rng(0)
# %% timed=true
reference = 0.0  # 每秒乘加次数，取最快的 ¦ multiply-adds per second, the best of all
for n in (500, 1000, 2000):
    a, b = (ms.Tensor(rng.normal(size=(n, n)).astype(np.float32)) for _ in range(2))
    # 只取一个数，免得把复制结果的时间也算进去 ¦ one number is fetched, so that copying the result does not count
    first, median, least = seconds_of(lambda a=a, b=b: ms.ops.matmul(a, b)[0, 0].asnumpy(), repeats=10)
    reference = max(reference, n**3 / least)
    print(
        T(
            f"{n:5}：第一次 {first * 1e3:.0f} 毫秒，之后 {median * 1e3:.1f} 毫秒，最快每秒 {n**3 / least / 1e9:.0f}×10⁹ 次乘加",
            f"{n:5}: first {first * 1e3:.0f} ms, later {median * 1e3:.1f} ms, {n**3 / least / 1e9:.0f} billion MAC/s at best",
        )
    )


# %% [markdown] lang="zh" slide="slide"
# ## 2. 该做多少次运算
#
# 量时间之前先**算**：$T=1+N$ 个 token、宽 $D$ 的一个编码器层（Block），乘加的次数是
#
# | 哪里 | 乘加 |
# |---|---|
# | `qkv` 和 `proj` | $4TD^2$ |
# | $QK^\top$ 和 $AV$（所有的头加起来） | $2T^2D$ |
# | MLP（隐藏层宽 4 倍） | $8TD^2$ |
#
# 只有注意力的两个乘积随 $T$ 的平方增长。图像块嵌入是 $N\cdot3P^2\cdot D$。
# %% [markdown] lang="en" slide="slide"
# ## 2. How many operations it should take
#
# Before measuring, **count**. A block of width $D$ on $T=1+N$ tokens takes, in multiply-adds,
#
# | where | multiply-adds |
# |---|---|
# | `qkv` and `proj` | $4TD^2$ |
# | $QK^\top$ and $AV$ (all heads together) | $2T^2D$ |
# | MLP (four times as wide) | $8TD^2$ |
#
# Only the two products of attention grow with the square of $T$. The patch embedding takes $N\cdot3P^2\cdot D$.
# %% [markdown] lang="zh" exercise="11.1" slide="subslide"
# ### 练习 11.1 · 数乘加（★★，8 分钟）
#
# 写 `macs(side, P, D, L, K)`：一张 `side`×`side` 的图，图像块边长 `P`，宽 `D`，`L` 个编码器层，`K` 类（类别 token 分类），一次前向多少次乘加？算上图像块嵌入和分类头，不算归一化、softmax、激活和加法。
# %% [markdown] lang="en" exercise="11.1" slide="subslide"
# ### Exercise 11.1 · Counting multiply-adds (★★, 8 minutes)
#
# Write `macs(side, P, D, L, K)`: one image of `side` × `side`, patches of `P`, width `D`, `L` blocks, `K` classes (by the class token): how many multiply-adds does a forward pass take? Include patch embedding and head; leave out norms, softmax, activations and additions.
# %% exercise="11.1"
def macs(side, P, D, L, K):
    return 0  # 轮到你了 ¦ your turn


# %%
check("11.1", [macs(224, 16, 192, 12, 1000), macs(64, 8, 96, 6, 10), macs(384, 32, 768, 12, 21843)])
# hint("11.1")
# %% [markdown] lang="zh"
# **A 节打卡**：汇总上面的练习，再给你一道只属于你的小题；算出后写成 `checkin("A", answer=数值)` 再运行一次。（还没报过名？先在新单元格里运行 `from course import join; join()`。）隔天再学下一节时，先把前面的单元格运行一遍。
# %% [markdown] lang="en"
# **Check-in for section A**: it sums up the exercise above and poses a question made for you; work it out and run `checkin("A", answer=number)`. (Not joined yet? Run `from course import join; join()` in a new cell first.) On another day, run the cells above before the next section.
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 3. 哪个算子慢？
#
# 按公开教程的写法搭一个 ViT-Ti：图像块嵌入用**卷积**（核和步长都是 $P$ 的卷积，数学上和“展平再乘”完全一样，第 03 课用数值核对过）。其余都是 `vit` 的零件。先按运算次数估计，卷积应当占多少时间？
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 3. Which op is slow?
#
# We build ViT-Ti as the published tutorial does, with a **convolution** for the patch embedding (kernel and stride both $P$; mathematically the same as "flatten and multiply", as lesson 03 checked by numbers). All other parts are `vit`'s. By the number of operations, what fraction of the time should the convolution take?
# %%
from vit import create_model
from vit.runtime.graph_mode import in_graph_mode


class ConvPatches(nn.Cell):
    # 同样的图像块嵌入，写成卷积：(B, 3, H, W) -> (B, N, D) ¦ the same patch embedding as a convolution: (B, 3, H, W) -> (B, N, D)

    def __init__(self, ours):
        super().__init__()
        weight, p = ours.proj.weight, ours.patch_size
        self.conv = nn.Conv2d(3, weight.shape[0], p, stride=p, pad_mode="valid", has_bias=True)
        self.conv.weight.set_data(ms.Tensor(weight.asnumpy().reshape(-1, 3, p, p)))  # (D, 3, P, P)
        self.conv.bias.set_data(ms.Tensor(ours.proj.bias.asnumpy()))

    def construct(self, images):
        x = self.conv(images)  # (B, D, H/P, W/P)
        B, D, H, W = x.shape
        return x.reshape(B, D, H * W).transpose(0, 2, 1)  # (B, N, D)


# %% slow=true
# 不带分类头：它从零开始，会让所有答案都相同 ¦ without a head, which starts as zeros and would make all answers equal
ours, theirs = (create_model("vit_tiny_patch16_224", num_classes=0) for _ in range(2))
for p, q in zip(ours.get_parameters(), theirs.get_parameters(), strict=True):
    q.set_data(ms.Tensor(p.asnumpy().copy()))  # 同样的权重 ¦ the same weights
theirs.patch_embed = ConvPatches(ours.patch_embed)
images = ms.Tensor(rng.normal(size=(8, 3, 224, 224)).astype(np.float32))


def forward_of(model):
    model.set_train(False)
    with in_graph_mode():
        return model(images).asnumpy()


T, D = 197, 192
counted = 196 * 768 * D, 12 * (12 * T * D * D + 2 * T * T * D)
print(
    T(
        f"按次数算：共 {sum(counted) / 1e9:.2f}×10⁹ 次乘加，图像块嵌入占 {counted[0] / sum(counted):.1%}",
        f"counted: patch embedding {counted[0] / sum(counted):.1%} of {sum(counted) / 1e9:.2f} billion multiply-adds",
    )
)
# %% slow=true timed=true
from vit.runtime.profiling import op_times

table = op_times(lambda: forward_of(theirs))
print(T("算子            次数     毫秒    份额", "op             times       ms   share"))
for row in table[:7]:
    print(f"{row.op:14}{row.count:6.0f}{row.milliseconds:9.1f}{row.share:8.1%}")
# %% [markdown] lang="zh"
# 按运算次数只占百分之几的一层，用掉了大部分的时间。MindSpore 的 CPU 卷积在这个形状上很慢；原因在它的实现里，这里没有深究。换成展平加一次矩阵乘（`vit/patch_embedding.py`）：
# %% [markdown] lang="en"
# A layer that has a few per cent of the operations takes most of the time. MindSpore's CPU convolution is slow at this shape; the reason lies in its implementation and is not looked into here. Replace it by flattening and one matrix product (`vit/patch_embedding.py`):
# %% slow=true
difference = np.abs(forward_of(ours) - forward_of(theirs)).max()
times = {theirs: [], ours: []}
for _ in range(8):
    for model, readings in times.items():  # 轮流量 ¦ by turns
        start = time.perf_counter()
        forward_of(model)
        readings.append(time.perf_counter() - start)
# 前五次是热身 ¦ the first five warm up
slow, fast = (statistics.median(readings[5:]) for readings in times.values())
# %% slow=true timed=true
print(T(f"特征最多相差 {difference:.1e}", f"features differ by at most {difference:.1e}"))
print(
    T(
        f"8 张图：用卷积 {slow:.2f} 秒，我们的 {fast:.2f} 秒：速度是 {slow / fast:.1f} 倍",
        f"8 images: with the convolution {slow:.2f} s, ours {fast:.2f} s: {slow / fast:.1f} times as fast",
    )
)
before, now = (sum(counted) * 8 / seconds / reference for seconds in (slow, fast))
print(
    T(
        f"每秒乘加，与参考速度相比：之前 {before:.0%}，现在 {now:.0%}",
        f"multiply-adds per second, against the reference: {before:.0%} before, {now:.0%} now",
    )
)
# %% slow=true timed=true
signature(
    T(
        f"换掉一层：ViT-Ti 前向的速度是原来的 {slow / fast:.1f} 倍，特征不变",
        f"one layer replaced: the forward pass of ViT-Ti is {slow / fast:.1f} times as fast, with the same features",
    )
)
assert 0 < difference < 1e-3
# %% slow=true timed=true
for row in op_times(lambda: forward_of(ours))[:8]:
    print(f"{row.op:14}{row.count:6.0f}{row.milliseconds:9.1f}{row.share:8.1%}")
# %% [markdown] lang="zh"
# 现在排在前面的是矩阵乘法（本来就该是它），其余的在乘加的账上几乎看不见，合起来却占不少时间：简单的（`BiasAdd`、`Transpose`）主要在搬运内存；`Erf`（GELU 里的）和 `Softmax` 每个数要算一个复杂的函数。没有哪一个单独占绝大部分，只能一项一项地改。（每行只是几次调用的平均，两张表里同样的算子会差不少。）
#
# `vit/kernels/` 就是一项一项改的：归一化、GELU 连同它前面的偏置、注意力的中间部分，各写成一小段 C++，一次走完，不再每做一步都把所有的数搬进搬出。有编译器的 Linux 上，`make_forward` 和 `make_train_step` 在编译时把它们换进去，网络的代码一行不变。值多少？
# %% [markdown] lang="en"
# Matrix products lead now, as they should. The others hardly appear in the count of multiply-adds, and yet take a good part of the time: simple ones (`BiasAdd`, `Transpose`) mostly move memory; `Erf` (GELU's) and `Softmax` work out a complicated function for each number. None of them has most of the time, so they can only be improved one by one. (Each row is a mean of a few calls; the same op may differ a good deal between the two tables.)
#
# `vit/kernels/` improves them one by one: the norms, GELU with the bias before it, the middle of attention, each a little C++ that goes through the numbers once, where op after op carries all of them in and out. On Linux with a compiler `make_forward` and `make_train_step` put them in when they compile; not a line of the network changes. What is it worth?
# %% slow=true timed=true
from vit.inference import make_forward
from vit.kernels import chosen

quick = make_forward(ours)
readings = {forward_of: [], quick: []}
for _ in range(9):
    for forward, seconds in readings.items():  # 轮流量 ¦ by turns
        start = time.perf_counter()
        answer = forward(ours) if forward is forward_of else forward(images).asnumpy()
        seconds.append(time.perf_counter() - start)
# 前五次是热身 ¦ the first five warm up
plain, fused = (statistics.median(seconds[5:]) for seconds in readings.values())
print(chosen().sentence)
print(
    T(
        f"MindSpore 自带的算子 {plain:.2f} 秒，make_forward {fused:.2f} 秒：{plain / fused:.1f} 倍；特征最多相差 {np.abs(answer - forward_of(ours)).max():.1e}",
        f"MindSpore's own ops {plain:.2f} s, make_forward {fused:.2f} s: {plain / fused:.1f} times; features differ by at most {np.abs(answer - forward_of(ours)).max():.1e}",
    )
)
# %% [markdown] lang="zh"
# 没有 C++，也可以换一种写法。归一化要让每个 token 的 $D$ 个数都减去**同一个**均值，即 $(M,D)$ 和 $(M,1)$ 相减。让算子自己去广播，还是先用 `tile` 把那一列铺开再算？
# %% [markdown] lang="en"
# Without C++, writing it otherwise may help. A norm subtracts **one** mean from all $D$ numbers of a token: $(M,D)$ minus $(M,1)$. Shall the op broadcast the column by itself, or is the column first laid out with `tile`?
# %% slow=true
from mindspore import ops

rows, column = (ms.Tensor(rng.normal(size=(3152, n)).astype(np.float32)) for n in (192, 1))


class Subtract(nn.Cell):
    # 做二十次 (M, D) - (M, 1)：由算子广播，或先用 tile 铺开 ¦ twenty times (M, D) - (M, 1): broadcast by the op itself, or tiled before

    def __init__(self, tiled):
        super().__init__()
        self.tiled = tiled

    def construct(self, x, column):
        for _ in range(20):
            x = x - (ops.tile(column, (1, 192)) if self.tiled else column)
        return x


# %% slow=true timed=true
def subtract(cell):
    with in_graph_mode():
        return cell(rows, column).asnumpy()


broadcast, tiled = Subtract(False), Subtract(True)
assert (subtract(broadcast) == subtract(tiled)).all()
by_broadcast, by_tile = (seconds_of(lambda c=c: subtract(c), repeats=15)[1] for c in (broadcast, tiled))
print(
    T(
        f"广播 {by_broadcast * 1e3:.1f} 毫秒，先铺开 {by_tile * 1e3:.1f} 毫秒：{by_broadcast / by_tile:.1f} 倍",
        f"broadcast {by_broadcast * 1e3:.1f} ms, tiled first {by_tile * 1e3:.1f} ms: {by_broadcast / by_tile:.1f} times",
    )
)


# %% [markdown] lang="zh"
# 答案一个字节不差，快慢却不同：MindSpore 2.10 的 CPU 算子在广播时要为每个数算下标。没有编译器的地方，`vit/kernels/layer_norm.py` 就这样把层归一化和它的梯度写出来；公式写在文件开头。
# %% [markdown] lang="en"
# The same answer to the byte, at another speed: MindSpore 2.10's CPU kernels, when they broadcast, work out an index for each number. Where there is no compiler, `vit/kernels/layer_norm.py` writes layer normalisation and its gradient out in this way; the formulas stand at its beginning.
# %% [markdown] lang="zh" exercise="11.2" slide="subslide"
# ### 练习 11.2 · 能快多少（★★，6 分钟）
#
# 阿姆达尔定律（Amdahl's law）：一部分占总时间的份额是 `share`，它的速度变为原来的 `factor` 倍，整体的速度变为原来的多少倍？写 `speedup(share, factor)`。
# %% [markdown] lang="en" exercise="11.2" slide="subslide"
# ### Exercise 11.2 · How much faster can it be (★★, 6 minutes)
#
# Amdahl's law: one part takes `share` of the whole time and is made `factor` times as fast. How many times as fast is the whole? Write `speedup(share, factor)`.
# %% exercise="11.2"
def speedup(share, factor):
    return 1.0  # 轮到你了 ¦ your turn


# %%
check("11.2", [speedup(0.8, 4), speedup(0.8, 1000), speedup(0.05, 1000)])
# hint("11.2")
# %% [markdown] lang="zh"
# 看检查里的三组数：占 80 % 的部分哪怕快 1000 倍，整体也快不到 5 倍；占 5 % 的部分，怎么优化都几乎没有用。**先量，再改**，说的就是这件事。
# %% [markdown] lang="en"
# Look at the three cases of the check: where 80 % becomes 1000 times as fast the whole gains less than 5 times; where 5 % does, next to nothing. That is why one **measures first and changes then**.
# %% [markdown] lang="zh" slide="slide"
# ## 4. 代价怎样增长
#
# 两个可调的量：图像块数（图变大，或图像块变小）和批大小。用一个浅的 ViT（$D=192$，两个编码器层）量一量，和运算次数放在一起：
# %% [markdown] lang="en" slide="slide"
# ## 4. How cost grows
#
# Two quantities can be varied: the number of patches (larger images or smaller patches) and the batch size. A shallow ViT ($D=192$, two blocks), measured, beside its count of operations:
# %% slow=true
from vit import ViT, ViTConfig


def time_of(side, batch):
    net = ViT(ViTConfig(side, 16, num_classes=10, embed_dim=192, depth=2, num_heads=3)).set_train(False)
    x = ms.Tensor(rng.normal(size=(batch, 3, side, side)).astype(np.float32))

    def run():
        with in_graph_mode():
            return net(x).asnumpy()

    return seconds_of(run, repeats=5, warm_up=4)[1]


def counted_macs(side):
    n = (side // 16) ** 2
    return n * 768 * 192 + 2 * (12 * (n + 1) * 192**2 + 2 * (n + 1) ** 2 * 192) + 1920


sides = (64, 128, 224, 320, 448)
tokens = [(side // 16) ** 2 + 1 for side in sides]
by_side = [time_of(side, batch=2) / 2 for side in sides]  # 每张图的秒数 ¦ seconds an image
batches = (1, 2, 4, 8, 16, 32, 64)
by_batch = [batch / time_of(128, batch) for batch in batches]  # 每秒图数 ¦ images per second
# %% slow=true timed=true
print(
    T(
        " token    每张图毫秒             百万次乘加     参考速度的份额",
        "tokens  ms per image  million multiply-adds  share of reference",
    )
)
for side, n, seconds in zip(sides, tokens, by_side, strict=True):
    print(f"{n:6}{seconds * 1e3:14.1f}{counted_macs(side) / 1e6:23.0f}{counted_macs(side) / seconds / reference:19.0%}")
print(
    T("批大小：每秒图数 ", "batch: images per second "),
    ", ".join(f"{n}: {v:.0f}" for n, v in zip(batches, by_batch, strict=True)),
)
# %% figure="opening" slow=true
figure, axes = plt.subplots(1, 2, figsize=(9, 3))
axes[0].loglog(tokens, np.array(by_side) * 1e3, "o-", color="#2b6cb0", label=T("实测", "measured"))
expected = [counted_macs(s) / reference * 1e3 for s in sides]
counted_label = T("按次数，以参考速度", "counted, at reference speed")
axes[0].loglog(tokens, expected, "--", color="#c05621", label=counted_label)
axes[0].set(xlabel=T("token 数", "tokens"), ylabel=T("每张图毫秒", "ms per image"), xticks=tokens, xticklabels=tokens)
axes[0].set_title(T("两个编码器层，宽 192", "two blocks, width 192"))
axes[0].minorticks_off()
axes[0].legend(frameon=False, fontsize=9)
axes[1].plot(batches, by_batch, "o-", color="#2f855a")
axes[1].set(xlabel=T("批大小", "batch size"), ylabel=T("每秒图数", "images per second"), ylim=(0, None))
axes[1].set_title(T("65 个 token", "65 tokens"))
axes[1].set_xscale("log", base=2)
axes[1].set_xticks(batches, [str(n) for n in batches])
plt.tight_layout()
plt.show()
# %% [markdown] lang="zh"
# 左图：虚线是“如果总以参考速度做乘加”；实线在它上面，差距就是乘加之外的一切：搬运内存、复杂的函数、每个算子的固定开销。右图（横轴每格加倍）：批大小把固定开销分摊到更多的图上；开头几次加倍有收益，之后曲线就平了，核已经忙满，内存却一直在多占。
#
# 训练步也一样。`python -m benchmarks.cost` 把 token 数、宽度、批大小各变一遍，连内存一起量（四个编码器层，每点一个进程；数字是达到大矩阵乘法速度的百分之几）：
#
# ![上排：训练一步的秒数随 token 数、宽度、批大小的增长，以及按运算次数该用的时间；下排：多占的内存](../../course/lessons/11_speed/figures/cost.png)
#
# *两核 AMD EPYC，MindSpore 2.10。越宽，矩阵乘法占得越多，离它的速度越近；token 越多，注意力的 $T^2$ 越要紧，内存也长得更快。*
# %% [markdown] lang="en"
# Left: the dashed line is "if there were multiply-adds only, at reference speed"; the solid one lies above it, and the gap is all the rest: moving memory, complicated functions, the fixed cost of each op. Right (the axis doubles from tick to tick): a batch shares the fixed cost among more images; the first doublings gain, then the curve is flat, for the cores are busy, while memory goes on growing.
#
# So it is for training steps. `python -m benchmarks.cost` varies tokens, width and batch one at a time, and measures memory as well (four blocks, a process for each point; the percentages: how much of the speed of a large matrix product is reached):
#
# ![Above: seconds of a training step as tokens, width and batch grow, and what the operations alone would take; below: the memory that it adds](../../course/lessons/11_speed/figures/cost.png)
#
# *Two cores of an AMD EPYC, MindSpore 2.10. The wider, the more of the time are matrix products, and the closer it comes to their speed; with more tokens the $T^2$ of attention counts, and memory grows faster.*
# %% [markdown] lang="zh"
# **B 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section B**:
# %%
checkin("B")
# %% [markdown] lang="zh" slide="slide" section="C"
# ## C · 5. 两个进程，一个模型
#
# **数据并行**：每个进程（每张卡）拿批的一部分，各自算梯度，再**求平均**（AllReduce），然后各自做同样的更新。各部分一样多时，平均损失的梯度就是各部分梯度的平均，所以结果应当和一个进程用整批**相同**，只差浮点误差。这在一台笔记本上就能验证。
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 5. Two processes, one model
#
# **Data parallel**: each process (each card) takes a part of the batch, computes its gradients, these are **averaged** (AllReduce), and all make the same update. If the parts are equally large, the gradient of the mean loss is the mean of the parts' gradients, so the result should be **the same** as that of one process with the whole batch, rounding aside. A laptop is enough to verify it.
# %% slow=true
from mindspore.communication import get_group_size

from vit.training.optimizer import AdamW
from vit.training import TrainStep

# %% show="vit.training.data_parallel:DataParallelStep" slow=true
# %% slow=true
from vit.runtime.paths import OUTPUTS, ROOT

folder = OUTPUTS / "lessons" / "two_processes"
folder.mkdir(parents=True, exist_ok=True)
# %% slow=true
# [rank::size] 取这个进程的那一份 ¦ [rank::size] takes this process's part
program = b"""
import mindspore as ms, numpy as np
from mindspore.communication import get_group_size, get_rank, init
from vit import ViT, ViTConfig
from vit.training.data_parallel import DataParallelStep
from vit.runtime.graph_mode import in_graph_mode
from vit.training.optimizer import AdamW
init()
data, rank, size = np.load("data.npz"), get_rank(), get_group_size()
model = ViT(ViTConfig(16, 8, num_classes=4, embed_dim=16, depth=1, num_heads=2))
[p.set_data(ms.Tensor(data[name])) for name, p in model.parameters_and_names()]
step = DataParallelStep(model, AdamW(model, 1e-2), clip_norm=1.0).set_train()
x, y = (ms.Tensor(data[key][rank::size]) for key in ("images", "labels"))
with in_graph_mode():
    print("RESULT", rank, len(y), *[f"{float(step(x, y).asnumpy()):.6f}" for _ in range(5)])
"""
# %% slow=true
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from vit.training import make_train_step

model = ViT(ViTConfig(16, 8, num_classes=4, embed_dim=16, depth=1, num_heads=2))
values = {name: p.asnumpy().copy() for name, p in model.parameters_and_names()}
whole_x, whole_y = rng.normal(size=(8, 3, 16, 16)).astype(np.float32), rng.integers(0, 4, 8).astype(np.int32)
np.savez(folder / "data.npz", images=whole_x, labels=whole_y, **values)
(folder / "program.py").write_bytes(program)
step = make_train_step(model, lr=1e-2)
alone = [f"{float(step(whole_x, whole_y).asnumpy()):.6f}" for _ in range(5)]
print(T("一个进程，8 张图：              ", "one process, 8 images:       "), *alone)
# %% slow=true
here = Path(sys.executable).parent
environment = os.environ | {"PATH": f"{here}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "GLOG_v": "3"}
msrun = shutil.which("msrun", path=environment["PATH"])
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
# %% slow=true
if msrun is None:
    print(T("这个系统上没有 msrun：略过", "no msrun on this system: left out"))
else:
    command = [
        msrun,
        "--worker_num=2",
        "--local_worker_num=2",
        f"--master_port={port}",
        "--join=True",
        "--log_dir=logs",
    ]
    subprocess.run([*command, "program.py"], cwd=folder, env=environment, capture_output=True, timeout=300, check=True)
    for log in sorted((folder / "logs").glob("worker_*.log")):
        rank, count, *losses = next(x for x in log.read_text().splitlines() if x.startswith("RESULT")).split()[1:]
        print(T(f"进程 {rank}（共 2 个），每个 {count} 张图：", f"process {rank} of 2, {count} images each:"), *losses)
        assert np.allclose([float(x) for x in losses], [float(x) for x in alone], atol=2e-5)


# %% [markdown] lang="zh"
# 三行相同，至多差最后一位小数：两个进程各看一半，得到的就是一个进程看整批的训练。（两个核分给两个进程，核还是那两个；要快，得有两张卡。）八张卡上，训练步的代码不变，外围要改这些：
#
# | | 一个进程 | 八张卡 |
# |---|---|---|
# | 启动 | `python program.py` | `msrun --worker_num=8 --local_worker_num=8 program.py` |
# | 一步看多少张 | $B$ | 每张卡 $B/8$，训练不变；若每张卡仍看 $B$ 张，整批是 $8B$，学习率和预热要重新挑 |
# | 每个进程读哪些图 | 全部 | 各读各的，不重不漏 |
# | 每步多出来的时间 | 无 | AllReduce：传一遍所有梯度 |
# | 谁存盘、谁打印 | 自己 | 只有 0 号 |
#
# GPU 和 Ascend 上的多卡：**还没有在这里运行过**。
# %% [markdown] lang="en"
# The three lines agree, but for the last decimal at most: two processes with half of the images each do the training of one with all of them. (Two cores are two cores, however many processes share them; to be faster takes two cards.) On eight cards the code of the step stays, and around it this changes:
#
# | | one process | eight cards |
# |---|---|---|
# | start | `python program.py` | `msrun --worker_num=8 --local_worker_num=8 program.py` |
# | images a step | $B$ | $B/8$ a card, and the training is the same; with $B$ a card the batch is $8B$, and rate and warm-up are chosen anew |
# | who reads which images | all of them | each its own, none twice, none left out |
# | extra time a step | none | AllReduce: all gradients travel once |
# | who saves and prints | itself | number 0 only |
#
# Several cards, GPU or Ascend: **not yet run here**.
# %% [markdown] lang="zh" exercise="11.3" slide="subslide"
# ### 练习 11.3 · 各读各的（★★，6 分钟）
#
# 写 `shard(n, rank, size)`：`n` 张图编号 $0\dots n-1$，返回第 `rank` 个进程的编号（数组）。交错着取（0 号取 0、size、2·size……），而且**每个进程一样多**（多出来的最后几张，这一轮不用；否则有的进程会一直等）。
# %% [markdown] lang="en" exercise="11.3" slide="subslide"
# ### Exercise 11.3 · To each its own (★★, 6 minutes)
#
# Write `shard(n, rank, size)`: there are `n` images, numbered $0\dots n-1$; return the numbers (an array) of process `rank`. Take turns (process 0 takes 0, size, 2·size ...), and **all take equally many** (the last few that are left over are not used in this epoch; otherwise one process would wait for ever).
# %% exercise="11.3"
def shard(n, rank, size):
    return np.zeros(n // size)  # 轮到你了 ¦ your turn


# %%
check("11.3", (shard(10, 0, 4), shard(11, 1, 3), shard(10, 2, 4)))
# hint("11.3")
# %% [markdown] lang="zh" slide="slide"
# ## 6. 常见误解
#
# **“运算次数少就快。”** B·3 的卷积和矩阵乘，运算次数一模一样。
#
# **“量一次就知道快慢。”** 同一个东西量十次：
# %% [markdown] lang="en" slide="slide"
# ## 6. Common misconceptions
#
# **"Fewer operations are faster."** The convolution and the matrix product of B·3 have exactly the same number.
#
# **"One reading tells."** The same thing measured ten times:
# %% timed=true
readings = []
for _ in range(10):
    start = time.perf_counter()
    ms.ops.matmul(a, b).asnumpy()
    readings.append((time.perf_counter() - start) * 1e3)
print(
    T("毫秒：", "ms:"),
    np.round(readings, 1),
    T(
        f" 最大的是最小的 {max(readings) / min(readings):.1f} 倍",
        f" the largest is {max(readings) / min(readings):.1f} times the smallest",
    ),
)
# %% [markdown] lang="zh"
# **“瓶颈总在网络里。”** 也可能在喂数据：第 02 课量过管道每秒多少张，它必须大于网络每秒吃掉的张数。
# %% [markdown] lang="en"
# **"The bottleneck is in the network."** It may be in feeding it: lesson 02 measured how many images the pipeline gives in a second, which must be more than the network eats.
# %% [markdown] lang="zh" exercise="11.4" slide="subslide"
# ### 练习 11.4 · 哪些说得对（★，5 分钟）
#
# - A 第一次调用比后面慢很多，所以 MindSpore 很慢
# - B 分析器说 softmax 占 4 %，所以把它优化到 0，整体最多快大约 4 %
# - C 图的边长加倍，注意力的 $QK^\top$ 的运算大约是原来的 16 倍
# - D 八张卡一定快八倍
# - E 两个进程各用半批（一样多）、梯度求平均，和一个进程用整批，更新是一样的（不计浮点误差）
# - F 批加倍，每秒的图数也加倍
#
# 写成字母，如 `"AB"`。
# %% [markdown] lang="en" exercise="11.4" slide="subslide"
# ### Exercise 11.4 · Which are right (★, 5 minutes)
#
# - A the first call is much slower than later ones, so MindSpore is slow
# - B the profiler gives softmax 4 %, so optimising it to nothing makes the whole about 4 % faster at most
# - C twice the side of the image makes about 16 times the operations of attention's $QK^\top$
# - D eight cards are always eight times as fast
# - E two processes with equal halves of a batch and averaged gradients make the same update as one with the whole batch (rounding aside)
# - F twice the batch gives twice the images per second
#
# Answer by letters, such as `"AB"`.
# %% exercise="11.4"
right = "?"  # 轮到你了 ¦ your turn
# %%
check("11.4", right)
# hint("11.4")
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 先量再改：等结果、去掉第一次、看中位数，在同一次运行里比。
# 2. 运算次数说应该多快，分析器说实际慢在哪里；两者对不上的地方就是机会。
# 3. 整批的大小不变时，数据并行不改变训练：各算各的梯度，求平均，结果和整批一样。
#
# <details><summary>问题一：为什么逐元素的算子运算很少，却占那么多时间？</summary>
#
# 简单的（加、乘）每读一个数只做一两次运算，时间花在内存的读写上；`Erf` 这样的函数，每个数要算很多步。矩阵乘法读一个数要用很多次，才用得上处理器的峰值。把几个逐元素的算子合成一个（融合），内存就只走一趟。
#
# </details>
#
# <details><summary>问题二：八张卡，每张的批不变，为什么学习率常常要跟着变？</summary>
#
# 一步看的图变成八倍，梯度的噪声小了，看同样多的图，步数只有原来的八分之一。常见的做法是把学习率适当放大并加长预热，但要在验证集上重新挑，没有一定的倍数。
#
# </details>
#
# **这是最后一课。** 从一个数到一个会看图的网络，每一步都量过。接下来：换上你自己的照片（第 10 课），或者去读 `vit/`：其中网络部分不到五百行，你都见过了。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. Measure, then change: wait for the result, leave out the first call, take medians, compare within one run.
# 2. Counting says how fast it should be, the profiler where it is slow; where the two disagree, there is something to gain.
# 3. With the whole batch as large as before, data parallel does not change the training: each process computes its own gradients, these are averaged, and the result is that of the whole batch.
#
# <details><summary>Question 1: why do element-wise ops take so much time for so few operations?</summary>
#
# Simple ones (sums, products) do one or two operations for each number they read, so their time goes into memory; a function such as `Erf` takes many steps for each. A matrix product uses each number many times and so comes near the processor's peak. Several element-wise ops in one (fusion) walk through memory once.
#
# </details>
#
# <details><summary>Question 2: eight cards, each with the same batch as before: why does the learning rate often change?</summary>
#
# A step sees eight times the images, its gradient is less noisy, and the same number of images makes an eighth of the steps. Usually the rate is raised somewhat and the warm-up made longer, but it has to be chosen again on validation images; there is no fixed factor.
#
# </details>
#
# **This is the last lesson.** From one number to a network that sees, and every step was measured. What next: photographs of your own (lesson 10), or read `vit/`: its network has fewer than five hundred lines, and you have seen them all.
# %% [markdown] lang="zh" slide="slide"
# ## C 节打卡
#
# 本课到此结束。
# %% [markdown] lang="en" slide="slide"
# ## Check-in for section C
#
# The lesson ends here.
# %%
checkin("C")
