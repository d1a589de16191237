# %% [markdown] lang="zh" slide="slide" section="A"
# # 11 · 速度：慢在哪里，能快多少
#
# ![ViT 全图，亮的部分是本课要加速的训练](../../course/figures/map_speed.zh.svg)
#
# 一次前向该做多少次运算，可以算出来；实际用了多久，可以量出来。两者之间常常差好几倍，差在哪里？猜是猜不中的。本课先用分析器（profiler）找出**这台机器上**什么慢，再用一条定律**预测**换掉它能快多少，换掉，量一量，看预测准不准；然后看代价怎样随图像块数和批大小增长；让两个进程共同训练一个模型；最后（可选）亲手写几行 C++，把几个算子合成一个。
#
# ![左：一次前向的时间随图像块数的增长；右：每秒图数随批大小的变化](../../course/lessons/11_speed/figures/opening.zh.png)
#
# *终点的样子：左边，时间和运算次数随图像块数的增长；右边，批大小和每秒图数。B·5 会画出这张图。*
#
# **需要**：第 03 课的图像块嵌入，第 06 课的模型，第 07 课的训练步（会用即可）；可单独运行，不用联网。**四节**：A 怎样量、该做多少次运算，B 哪里慢、能快多少，C 两个进程，D（可选）自己写一个融合的循环。每节阅读不超过 15 分钟，练习另算；运行时间见 `notebooks/TIMINGS.md`。这一课里所有的秒数都因机器而异，看**比值**；正文里的数来自随课保存的那次运行。
# %% [markdown] lang="en" slide="slide" section="A"
# # 11 · Speed: what is slow, and how much there is to gain
#
# ![Map of the whole ViT; training, which today gets faster, is lit](../../course/figures/map_speed.en.svg)
#
# How many operations a forward pass should take can be counted; how long it takes can be measured. The two often differ by a factor of several, and guesses at the reason are mostly wrong. In this lesson a profiler finds what is slow **on this machine**, a law **predicts** what replacing it will give, and you replace it, measure, and see how good the prediction was. Then: how cost grows with patches and batch size; two processes that train one model; and finally (optional) a few lines of C++ of your own that fuse several ops into one.
#
# ![Left: the time of a forward pass as the patches grow; right: images per second against batch size](../../course/lessons/11_speed/figures/opening.en.png)
#
# *Where we end: left, time and operations as patches grow; right, images per second for several batch sizes. B·5 draws this figure.*
#
# **You need** patch embedding (lesson 03), the model (06), the training step (07), all to use; the lesson runs alone and works offline. **Four sections**: A how to measure, and how many operations a forward pass should take, B what is slow and what there is to gain, C two processes, D (optional) a fused loop of your own. Each takes at most 15 minutes to read, not counting exercises; running times are in `notebooks/TIMINGS.md`. All seconds of this lesson depend on the machine; look at **ratios**. Numbers in the text are of the stored run.
# %%
import statistics
import time
from itertools import pairwise

import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn

from course import begin, check, checked, checkin, hint, investigate, signature
from vit.runtime.graph_mode import in_graph_mode

begin("11")


# %% [markdown] lang="zh" note=true
# 四节，各约 20 分钟，练习在内；D 可选。B·3 运行前让大家押注：哪一种算子最慢？（多数人会说注意力。）练习 11.2（阿姆达尔定律）适合在黑板上一起推，推完各人写下预测，再运行 B·4。C·6 在没有 msrun 的系统（Windows）上会说明并跳过，D·7 在没有编译器的机器上也一样。
# %% [markdown] lang="en" note=true
# Four sections of about 20 minutes each, exercises included; D is optional. Before B·3 take bets: which kind of op is slowest? (Most say attention.) Exercise 11.2, Amdahl's law, is good on the blackboard; let everybody write a prediction down before B·4 runs. Where there is no msrun (Windows), C·6 says so and is skipped, and so is D·7 where there is no compiler.
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 怎样量时间
#
# 三条规矩，每条都常有人违反：
#
# 1. **等结果算完**再看表：MindSpore 的调用可能先返回、后计算；`.asnumpy()` 会等到结果。
# 2. **第一次不算**：第一次要编译。MindSpore 的 CPU 算子还会在头几次试用不同的线程数。
# 3. **看中位数和散布**，不看一次；要比较就在同一次运行里交替测量。（只有“这台机器最快能多快”这样的参考速度，才取最快的一次。）
#
# 拿矩阵乘法试手，顺便量一个**参考速度**：一次乘法加一次加法算一次“乘加”（MAC），$(M,K)$ 乘 $(K,N)$ 是 $MKN$ 次。大小不同，速度也不同，所以试好几种（头两种就是 ViT-Ti 里的：8 张图共 1576 个 token），一个接一个地乘，整图编译，取最快的。后面的一切都拿它当尺子。（常说的 FLOPs 约是乘加的两倍。）
# %% [markdown] lang="en" slide="slide"
# ## A · 1. How to measure time
#
# Three rules, all of them often broken:
#
# 1. **Wait for the result** before looking at the clock: a call of MindSpore may return first and compute later; `.asnumpy()` waits.
# 2. **The first call does not count**: it compiles. And MindSpore's CPU kernels try several numbers of threads in their first calls.
# 3. **Median and spread**, not one reading; and what is compared is measured alternately in one run. (Only a reference, "how fast can this machine be", takes the best.)
#
# We warm up with matrix products, which also give a **reference speed** of this machine: one multiplication with one addition is a multiply-add (MAC), and $(M,K)$ times $(K,N)$ takes $MKN$ of them. Speed depends on the size, so we try several (the first two are those of ViT-Ti: 8 images have 1576 tokens), one product after the other, compiled to one graph, and take the fastest. Everything below is compared with it. (FLOPs, as often quoted, are about twice the multiply-adds.)
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


# %%
class Products(nn.Cell):
    # 一个接一个的矩阵乘法 ¦ one matrix product after another

    def __init__(self, widths):
        super().__init__()
        # 最后变成一列，免得把复制结果的时间也算进去 ¦ one column at the end, so that copying the result does not count
        pairs = pairwise((*widths, 1))
        self.layers = nn.SequentialCell([nn.Dense(a, b, has_bias=False) for a, b in pairs])

    def construct(self, x):
        return self.layers(x)


rng = np.random.default_rng(0)
# %% slow=true timed=true values="best = 每秒 # ×10⁹ 次乘加，最快 ¦ # billion MAC/s, the best"
reference = 0.0  # 每秒乘加次数，取最快的 ¦ multiply-adds per second, the best of all
for tokens, widths in ((1576, (192, 768) * 8), (1576, (192, 576) * 8), (512, (512,) * 16), (2048, (2048,) * 4)):
    products, x = Products(widths), ms.Tensor(rng.normal(size=(tokens, widths[0])).astype(np.float32))
    count = tokens * sum(a * b for a, b in pairwise(widths))
    with in_graph_mode():
        first, median, least = seconds_of(lambda products=products, x=x: products(x).asnumpy(), repeats=10)
    reference = max(reference, count / least)
    print(
        T(
            f"{tokens:5} × {widths[0]:4} × {widths[1]:4}：第一次 {first * 1e3:4.0f} 毫秒，中位数 {median * 1e3:5.1f} 毫秒，最快 {least * 1e3:5.1f} 毫秒：每秒 {count / least / 1e9:.0f}×10⁹ 次",
            f"{tokens:5} x {widths[0]:4} x {widths[1]:4}: first {first * 1e3:4.0f} ms, median {median * 1e3:5.1f} ms, fastest {least * 1e3:5.1f} ms: {count / least / 1e9:.0f} billion a second",
        )
    )
print(
    T(f"每秒 {reference / 1e9:.0f} ×10⁹ 次乘加，最快的一种", f"{reference / 1e9:.0f} billion MAC/s, the best of them")
)


# %% [markdown] lang="zh" slide="slide"
# ## A · 2. 该做多少次运算
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
# ## A · 2. How many operations it should take
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
# 写 `macs(side, P, D, L, K)`：一张 `side`×`side` 的图，图像块边长 `P`，宽 `D`，`L` 个编码器层（MLP 宽 4 倍），`K` 类（类别 token 分类），一次前向多少次乘加？算上图像块嵌入和分类头，不算归一化、softmax、激活和加法。
# %% [markdown] lang="en" exercise="11.1" slide="subslide"
# ### Exercise 11.1 · Counting multiply-adds (★★, 8 minutes)
#
# Write `macs(side, P, D, L, K)`: one image of `side` × `side`, patches of `P`, width `D`, `L` blocks (the MLP four times as wide), `K` classes (by the class token): how many multiply-adds does a forward pass take? Include patch embedding and head; leave out norms, softmax, activations and additions.
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
# ## B · 3. 这台机器上，什么慢？
#
# 搭一个 ViT-Ti，图像块嵌入照许多程序的写法用**卷积**（核和步长都是 $P$，数学上和“展平再乘”完全一样，第 03 课用数值核对过）。其余都是 `vit` 的部件。先按运算次数估计，卷积应当占多少时间？
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 3. What is slow on this machine?
#
# We build ViT-Ti with a **convolution** for the patch embedding, as many programs write it (kernel and stride both $P$; mathematically the same as "flatten and multiply", as lesson 03 checked by numbers). All other parts are `vit`'s. By the number of operations, what fraction of the time should the convolution take?
# %%
from vit import create_model


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
passed_macs = checked("11.1", macs)
embedding = 196 * 768 * D
counted = embedding, passed_macs(224, 16, D, 12, 0) - embedding  # 不算分类头 ¦ without the head
print(
    T(
        f"按次数算：共 {sum(counted) / 1e9:.2f}×10⁹ 次乘加，图像块嵌入占 {counted[0] / sum(counted):.1%}",
        f"counted: patch embedding {counted[0] / sum(counted):.1%} of {sum(counted) / 1e9:.2f} billion multiply-adds",
    )
)
# %% [markdown] lang="zh"
# 再用分析器看它**实际**把时间花在哪里。**先下注**：前两名各是谁？
# %% [markdown] lang="en"
# And a profiler shows where the time **really** goes. **Place a bet first**: which two kinds of op lead?
# %% slow=true timed=true values="op = 份额 @ ¦ share @; share = 份额 * ~ ~ #% ¦ share * ~ ~ #%"
from vit.runtime.profiling import op_times

table = op_times(lambda: forward_of(theirs))
print(T("算子            次数     毫秒    份额", "op             times       ms   share"))
for row in table[:7]:
    print(f"{row.op:14}{row.count:6.0f}{row.milliseconds:9.1f}{row.share:8.1%}")


# %% [markdown] lang="zh"
# 看你自己的表：排第一的是谁，它的份额和按次数算的差多少？（随课保存的那次运行里是 `{{op}}`，{{share}} %。）两者差得远的地方，就是值得动手的地方。可是动手之前，先算一算**最多**能快多少。
# %% [markdown] lang="en"
# Look at your own table: what leads, and how far is its share from the one that was counted? (In the stored run it is `{{op}}` with {{share}} %.) Where the two are far apart, there is something to gain. But before doing anything, work out **how much at most**.
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
# ## B · 4. 预测，换掉，再量
#
# 假如卷积能以参考速度做完它那些乘加，它自己会快多少倍，整个前向又会快多少倍？用你的 `speedup` 预测：
# %% [markdown] lang="en" slide="slide"
# ## B · 4. Predict, replace, measure
#
# If the convolution did its multiply-adds at the reference speed, how many times as fast would it be, and how many times the whole forward pass? Predicted with your `speedup`:
# %% slow=true timed=true values="predicted = 整体 # 倍 ¦ whole # times"
passed_speedup = checked("11.2", speedup)
convolution = next((row for row in table if row.op == "Conv2D"), table[0])
factor = convolution.milliseconds / (counted[0] * 8 / reference * 1e3)
predicted = passed_speedup(convolution.share, factor)
print(
    T(
        f"预测：卷积快 {factor:.0f} 倍，整体 {predicted:.1f} 倍",
        f"predicted: the convolution {factor:.0f} times as fast, the whole {predicted:.1f} times",
    )
)


# %% [markdown] lang="zh"
# 换成展平加一次矩阵乘（`vit/patch_embedding.py`），交替测量：
# %% [markdown] lang="en"
# Replaced by flattening and one matrix product (`vit/patch_embedding.py`), and measured alternately:
# %% slow=true
def by_turns(forwards, turns=13):
    # 各自的中位数，前五次是热身 ¦ the median of each; the first five warm up
    readings = {forward: [] for forward in forwards}
    for _ in range(turns):
        for forward, seconds in readings.items():
            start = time.perf_counter()
            forward()
            seconds.append(time.perf_counter() - start)
    return [statistics.median(seconds[5:]) for seconds in readings.values()]


difference = np.abs(forward_of(ours) - forward_of(theirs)).max()
assert 0 < difference < 1e-3
# %% slow=true timed=true values="measured = 实测 # 倍 ¦ measured #"
slow, fast = by_turns((lambda: forward_of(theirs), lambda: forward_of(ours)))
print(
    T(
        f"8 张图：用卷积 {slow:.2f} 秒，用矩阵乘 {fast:.2f} 秒；特征最多相差 {difference:.1e}",
        f"8 images: {slow:.2f} s with the convolution, {fast:.2f} s with the product; features differ by at most {difference:.1e}",
    )
)
signature(
    T(
        f"换掉一层：预测 {predicted:.1f} 倍，实测 {slow / fast:.1f} 倍",
        f"one layer replaced: predicted {predicted:.1f} times as fast, measured {slow / fast:.1f}",
    )
)
# %% [markdown] lang="zh"
# 预测（{{predicted}} 倍）和实测（{{measured}} 倍）差多少？差得不多，说明分析器给的**份额**是对的（倍数几乎没有受到检验：把卷积的倍数换成 30，预测也变不了多少，自己算一算）；差得很多，就是还有没想到的事：份额是算子之间的份额，不含算子之间的空当；分析器自己也要时间；两次量的时候，机器的忙闲也可能不同。慢的不是卷积本身，是 oneDNN 在有 AVX-512 的处理器上退回了参考实现（第 03 课 B·4；启动前设 `ONEDNN_VERBOSE=1`，它自己会说 `ref:any`）；启动前设 `ONEDNN_MAX_CPU_ISA=AVX2`，它就改走矩阵乘，快几十倍：`python -m benchmarks.upstream.convolution`。换了设备要重新量。
#
# 剩下的时间花在哪里？再看一次，这回把矩阵乘法和其余的分开：
# %% [markdown] lang="en"
# How far is the prediction ({{predicted}} times) from what was measured ({{measured}})? If they are near, the profiler's **share** was right (the factor is hardly tested: put 30 in its place and see how little the prediction changes); if not, something else is at work: shares are shares among ops, and leave out the gaps between them; the profiler takes time itself; and the machine may have been busier for one of the two. What is slow is not convolution as such but oneDNN's reference loops, on a processor with AVX-512 (lesson 03 B·4; started with `ONEDNN_VERBOSE=1` it says so itself, `ref:any`). With `ONEDNN_MAX_CPU_ISA=AVX2` set before the start it takes matrix products, tens of times as fast: `python -m benchmarks.upstream.convolution`. Another device has to be measured anew.
#
# Where does the rest of the time go? Another look, with matrix products set apart from all else:
# %% slow=true timed=true values="rest = 其余 #%； ¦ all else #%; most = 最多快 # 倍 ¦ at most # times"
table = op_times(lambda: forward_of(ours))
for row in table[:8]:
    print(f"{row.op:14}{row.count:6.0f}{row.milliseconds:9.1f}{row.share:8.1%}")
products = sum(row.share for row in table if row.op == "MatMul")
print(
    T(
        f"MatMul {products:.0%}，其余 {1 - products:.0%}；其余若不花时间，整体最多快 {passed_speedup(1 - products, 1e9):.1f} 倍",
        f"MatMul {products:.0%}, all else {1 - products:.0%}; if all else took no time: at most {passed_speedup(1 - products, 1e9):.1f} times as fast",
    )
)
# %% [markdown] lang="zh"
# 其余的（`BatchMatMul` 除外）在乘加的账上几乎看不见，连它在内却占了 {{rest}} %：`BiasAdd`、`Transpose` 这样简单的，时间花在搬运内存；`Erf`（GELU 里的）和 `Softmax`，每个数要算一个复杂的函数；`BatchMatMul` 是注意力的两个乘积；而且**每个算子都把所有的数搬进搬出一遍**。办法是把相邻的几个合成一个（**融合**，fusion），内存只走一趟。`vit/kernels/` 里就是这样的几小段 C++：归一化、GELU 连同它前面的偏置、注意力的中间部分。有编译器的 Linux 上，`make_forward` 和 `make_train_step` 在编译时把它们换进去，网络的代码一行不变；`MatMul` 仍是 MindSpore 的。其余若全不花时间，至多 {{most}} 倍；实际拿到多少？（第一行说明用的是哪一种算子；“动态图”是逐个算子执行。）
# %% [markdown] lang="en"
# All else, `BatchMatMul` apart, hardly appears in the count of multiply-adds, and yet, with it, takes {{rest}} % of the time: simple ops (`BiasAdd`, `Transpose`) mostly move memory; `Erf` (GELU's) and `Softmax` work out a complicated function for each number; `BatchMatMul` is attention's two products; and **each op carries all the numbers in and out once**. The remedy is to fuse neighbouring ops into one (**fusion**) that passes over memory once. `vit/kernels/` holds a few such pieces of C++: the norms, GELU with the bias before it, the middle of attention. On Linux with a compiler `make_forward` and `make_train_step` put them in when they compile; not a line of the network changes; `MatMul` is left to MindSpore. If all else took no time it would be {{most}} times; how much of that do they get? (The first line says which kernels are used; "eager" runs op by op.)
# %% slow=true timed=true
from vit.inference import make_forward
from vit.kernels import chosen

quick = make_forward(ours)
plain, fused = by_turns((lambda: forward_of(ours), lambda: quick(images).asnumpy()))
eager = seconds_of(lambda: ours(images).asnumpy(), repeats=3)[1]
difference = np.abs(quick(images).asnumpy() - forward_of(ours)).max()
print(chosen().sentence)
print(
    T(
        f"逐个算子（动态图）{eager:.2f} 秒，整图编译（静态图）{plain:.2f} 秒，make_forward {fused:.2f} 秒：速度是静态图的 {plain / fused:.1f} 倍；特征最多相差 {difference:.1e}",
        f"op by op (eager) {eager:.2f} s, one graph {plain:.2f} s, make_forward {fused:.2f} s: {plain / fused:.1f} times as fast as the graph; features differ by at most {difference:.1e}",
    )
)
# %% [markdown] lang="zh" slide="slide"
# ## B · 5. 代价怎样增长
#
# 两个可调的量：图像块数（图变大，或图像块变小）和批大小。用一个浅的 ViT（$D=192$，两个编码器层）量一量，和运算次数放在一起。**先预测**：批大小加倍，每秒的图数会一直加倍吗？
# %% [markdown] lang="en" slide="slide"
# ## B · 5. How cost grows
#
# Two quantities can be varied: the number of patches (larger images or smaller patches) and the batch size. A shallow ViT ($D=192$, two blocks), measured, beside its count of operations. **Predict first**: will the images per second double with every doubling of the batch?
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
    return passed_macs(side, 16, 192, 2, 10)


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
# 左图：虚线是“如果只有乘加，而且总以参考速度做”；实线在它上面，差距就是别的一切。看上面那张表的最后一列：token 很少时份额低，每个算子的固定开销占了大头；token 多了份额升高；最后一点也许又低一些，那可能只是起伏。右图（横轴每格加倍）：批大小加倍，每秒的图数加倍了吗？批把固定开销分摊到更多的图上，核越忙，剩下可省的越少，内存占用却一直上涨。你的曲线从哪里开始变平？（每点只量了几次，上下几成的起伏是机器的忙闲，A·1 的第三条说的就是它。）
#
# 训练步要再算上反向传播。`python -m benchmarks.cost` 把 token 数、宽度、批大小各变一遍，连内存一起量（四个编码器层，每点一个进程）：
#
# ![上排：训练一步的秒数随 token 数、宽度、批大小的增长，以及按运算次数该用的时间；下排：多占的内存](../../course/lessons/11_speed/figures/cost.zh.png)
#
# *两核 AMD EPYC，MindSpore 2.10；百分数是达到大矩阵乘法速度的几成。每个算子要做的事越多（更宽、更多 token、更大的批），离矩阵乘法的速度越近；token 数和宽度两栏到后来不再升，批大小到 32 还在升。（训练时反向传播要用注意力权重，融合的算子也得存 $T\times T$ 个：785 个 token 时约 230 MiB，所以内存后来涨得比 token 数快。最左边，不管多小都有约 200 MiB。）*
# %% [markdown] lang="en"
# Left: the dashed line is "if there were multiply-adds only, always at reference speed"; the solid one lies above it, and the gap is everything else. The last column of the table above says how much: with few tokens the share is low, for the fixed cost of each op has most of the time; it rises with the tokens; the last point may be lower again, perhaps by chance. Right (the axis doubles from tick to tick): does doubling the batch double the images per second? A batch shares the fixed cost among more images, and the busier the cores are, the less is left to gain, while memory goes on growing. Where does your own curve flatten? (Each point is a few readings; ups and downs of some tens of percent are the machine being busy, which is what rule 3 of A·1 is about.)
#
# A training step has the backward pass as well. `python -m benchmarks.cost` varies tokens, width and batch one at a time, and measures memory, too (four blocks, a process for each point):
#
# ![Above: seconds of a training step as tokens, width and batch grow, and what the operations alone would take; below: the memory that it adds](../../course/lessons/11_speed/figures/cost.en.png)
#
# *Two cores of an AMD EPYC, MindSpore 2.10; the percentages: how much of the speed of a large matrix product is reached. The more there is to do in each op (wider, more tokens, a larger batch), the closer it comes to their speed; with more tokens and more width that levels off, with batch it is still rising at 32. (For the gradient the fused kernels do keep the $T\times T$ attention weights, about 230 MiB at 785 tokens, so memory grows faster than the tokens in the end. At the left some 200 MiB are there whatever the size.)*
# %% [markdown] lang="zh"
# **B 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section B**:
# %%
checkin("B")


# %% [markdown] lang="zh" slide="slide" section="C"
# ## C · 6. 两个进程，一个模型
#
# **数据并行**：每个进程（每张卡）拿批的一部分，各自算梯度，再**求平均**（AllReduce：求和，再除以进程数），然后各自做同样的更新。各部分一样多时，平均损失的梯度就是各部分梯度的平均，所以结果应当和一个进程用整批**相同**，只差浮点误差。这在一台笔记本上就能验证。训练步比第 07 课的只多一件事：
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 6. Two processes, one model
#
# **Data parallel**: each process (each card) takes a part of the batch, computes its gradients, these are **averaged** (AllReduce: their sum, divided by the number of processes), and all make the same update. If the parts are equally large, the gradient of the mean loss is the mean of the parts' gradients, so the result should be **the same** as that of one process with the whole batch, rounding aside. A laptop is enough to verify it. The step does one thing more than that of lesson 07:
# %% show="vit.training.data_parallel:DataParallelStep" read=true
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
# %% [markdown] lang="zh"
# 每个进程运行的程序；它读哪些图，由你的 `shard` 决定（下面存进 `data.npz`）：
# %% [markdown] lang="en"
# The program that each process runs; your `shard` decides which images it reads (kept in `data.npz` below):
# %% slow=true
program = b"""
import mindspore as ms, numpy as np
from mindspore.communication import get_rank, init
from vit import ViT, ViTConfig
from vit.runtime.graph_mode import in_graph_mode
from vit.training.data_parallel import DataParallelStep
from vit.training.optimizer import AdamW
init()
data, rank = np.load("data.npz"), get_rank()
model = ViT(ViTConfig(16, 8, num_classes=4, embed_dim=16, depth=1, num_heads=2))
[p.set_data(ms.Tensor(data[name])) for name, p in model.parameters_and_names()]
step = DataParallelStep(model, AdamW(model, 1e-2), clip_norm=1.0).set_train()
mine = data[f"part{rank}"]
x, y = (ms.Tensor(data[key][mine]) for key in ("images", "labels"))
with in_graph_mode():
    print("RESULT", *[f"{float(step(x, y).asnumpy()):.6f}" for _ in range(5)])
"""
# %% [markdown] lang="zh"
# 一个进程用整批训练五步；再让两个进程各用一半，从同样的参数出发：
# %% [markdown] lang="en"
# One process makes five steps with the whole batch; then two with half of it each, from the same parameters:
# %% slow=true
from course.learner.home import lessons_folder
from vit.runtime.msrun import MSRUN, run_together
from vit.training import make_train_step

folder = lessons_folder() / "two_processes"
folder.mkdir(parents=True, exist_ok=True)
model = ViT(ViTConfig(16, 8, num_classes=4, embed_dim=16, depth=1, num_heads=2))
values = {name: p.asnumpy().copy() for name, p in model.parameters_and_names()}
whole_x, whole_y = rng.normal(size=(8, 3, 16, 16)).astype(np.float32), rng.integers(0, 4, 8).astype(np.int32)
cut = checked("11.3", shard)
parts = {f"part{rank}": np.asarray(cut(8, rank, 2), int) for rank in range(2)}
np.savez(folder / "data.npz", images=whole_x, labels=whole_y, **parts, **values)
(folder / "program.py").write_bytes(program)
step = make_train_step(model, lr=1e-2)
alone = [f"{float(step(whole_x, whole_y).asnumpy()):.6f}" for _ in range(5)]
print(T("一个进程，8 张图：        ", "one process, 8 images:  "), *alone)
# %% slow=true
if not MSRUN:
    print(T("这个系统上没有 msrun：略过", "no msrun on this system: left out"))
for said in run_together(["program.py"], folder) if MSRUN else ():
    losses = next(line for line in said.splitlines() if line.startswith("RESULT")).split()[1:]
    print(T("两个进程之一，4 张图：    ", "one of two, 4 images:   "), *losses)
    assert np.allclose([float(x) for x in losses], [float(x) for x in alone], atol=2e-5)


# %% [markdown] lang="zh"
# 三行相同，至多差在第五位小数：两个进程各看一半，得到的就是一个进程看整批的训练。（两个核分给两个进程，核还是那两个；要快，得有两张卡。）八张卡上，训练步的代码不变，外围要改这些：
#
# | | 一个进程 | 八张卡 |
# |---|---|---|
# | 启动 | `python program.py` | `msrun --worker_num=8 --local_worker_num=8 program.py` |
# | 一步看多少张 | $B$ | 每张卡 $B/8$，训练不变；若每张卡仍看 $B$ 张，整批是 $8B$，学习率和预热要重新挑 |
# | 每个进程读哪些图 | 全部 | 各读各的，不重复，一样多（11.3） |
# | 每步多出来的时间 | 无 | AllReduce：传一遍所有梯度 |
# | 谁存盘、谁打印 | 自己 | 只有 0 号 |
#
# GPU 和 Ascend 上的多卡：**还没有在这里运行过**。
# %% [markdown] lang="en"
# The three lines agree to the fifth decimal at least: two processes with half of the images each do the training of one with all of them. (Two cores are two cores, however many processes share them; to be faster takes two cards.) On eight cards the code of the step stays, and around it this changes:
#
# | | one process | eight cards |
# |---|---|---|
# | start | `python program.py` | `msrun --worker_num=8 --local_worker_num=8 program.py` |
# | images a step | $B$ | $B/8$ a card, and the training is the same; with $B$ a card the batch is $8B$, and rate and warm-up are chosen anew |
# | who reads which images | all of them | each its own, none twice, all equally many (11.3) |
# | extra time a step | none | AllReduce: all gradients travel once |
# | who saves and prints | itself | number 0 only |
#
# Several cards, GPU or Ascend: **not yet run here**.
# %% [markdown] lang="zh" slide="slide"
# ## 常见误解
#
# **“运算次数少就快。”** B·3 的卷积和矩阵乘，运算次数一模一样。
#
# **“量一次就知道快慢。”** 同一个东西量十次：
# %% [markdown] lang="en" slide="slide"
# ## Common misconceptions
#
# **"Fewer operations are faster."** The convolution and the matrix product of B·3 have exactly the same number.
#
# **"One reading tells."** The same thing measured ten times:
# %% slow=true timed=true
readings = []
for _ in range(10):
    start = time.perf_counter()
    ours(images).asnumpy()
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
# 两种写法若只差一成，各量一次分不出来（头一次要编译，不在内）。
#
# **“瓶颈总在网络里。”** 也可能在喂数据：第 02 课量过管道每秒多少张，它必须大于网络每秒用掉的张数。
# %% [markdown] lang="en"
# Two ways that differ by a tenth cannot be told apart by one reading of each (the first call, which compiles, is not among these).
#
# **"The bottleneck is in the network."** It may be in feeding it: lesson 02 measured how many images the pipeline gives in a second, which must be more than the network uses up.
# %% [markdown] lang="zh" exercise="11.6" slide="subslide"
# ### 练习 11.6 · 探究：一样多的参数，一样快吗（★★，10 分钟）
#
# 第 06 课的探究比过几个参数差不多的网络：1 层宽 240 到 24 层宽 48。各层的乘加与参数成正比（图像块嵌入和注意力的两个乘积另外添一点：宽 240 时一共约 17 %，宽 48 时约 36 %）。那么它们一样快吗？
#
# 做法同第 03 课的探究：先原样运行一次，写下预测，再运行，十几秒。在同一次运行里轮流量 `depth` 层的网络和小 ViT，一批 16 张，结果是每秒图数的**倍数**：2 是两倍的速度，0.5 是一半的速度。先预测 `depth=24`，再试 `depth=1`。
# %% [markdown] lang="en" exercise="11.6" slide="subslide"
# ### Exercise 11.6 · Investigation: equally many parameters, equally fast? (★★, 10 minutes)
#
# Lesson 06 compared networks with about as many parameters, from 1 block of width 240 to 24 of width 48. The multiply-adds of the blocks are in proportion to their parameters (patch embedding and attention's two products add about 17 % at width 240, about 36 % at width 48). Are they equally fast, then?
#
# As in lesson 03's investigation: run the cell once as it is, write down what you expect, run again, some ten seconds. In one and the same run the network of `depth` blocks and the small ViT take turns, 16 images a batch, and the result is the **ratio** of images a second: 2 is twice as fast, 0.5 half as fast. Predict `depth=24`, then try `depth=1`.
# %% investigation="11.6" slow=true
predicted = ...  # 你的预测（倍数），轮到你了 ¦ what you expect (a ratio), your turn
investigate("11.6", predicted, depth=24)
# %% [markdown] lang="zh"
# **表说的是哪一句？**（你的机器若不一样，以表为准，把不一样写进打卡的 `note`。）
#
# - **A** 24 个窄层明显比 1 个宽层慢，分得开
# - **B** 24 个窄层比 1 个宽层快，分得开
# - **C** 五种形状的速度都差不多，最快的不比最慢的快两成
# %% [markdown] lang="en"
# **Which statement does the table make?** (Should your machine differ, go by the table, and say so in the `note` of your check-in.)
#
# - **A** 24 narrow blocks are clearly slower than one wide one, and told apart
# - **B** 24 narrow blocks are faster than one wide one, and told apart
# - **C** All five are about equally fast: the fastest is within twenty percent of the slowest
# %% exercise="11.6"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("11.6", conclusion)
# hint("11.6")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 为什么，表没有说。可能的原因：24 层要启动的算子约是 6 层的四倍，每个做的事少；小矩阵喂不饱处理器；归一化、GELU、加法这些逐元素的运算与 $L\cdot D$ 成正比（24×48 是 6×96 的两倍），softmax 与层数成正比（四倍）。还有一处不同：宽 72 和 168 时每头 24、56 维，不是 16 的倍数，本课程的注意力算子要走慢一些的写法。想知道各占多少，用 `op_times` 数一数。GPU、昇腾上还没有在这里运行过。
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# Why, the table does not say. Likely causes: 24 blocks start about four times as many ops as six, each with less to do; small matrices do not keep the processor busy; element-wise work (norms, GELU, sums) grows with $L\cdot D$ (twice as much for 24 × 48 as for 6 × 96), softmax with the number of blocks (four times). One more difference: at widths 72 and 168 a head has 24 and 56 numbers, no multiple of 16, and this course's attention kernel takes a slower way. How much each accounts for, `op_times` would tell. GPU and Ascend: not yet run here.
#
# </details>
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
# **课程的主线到此走完**（D 节可选）。从一个数到一个会看图的网络，每一步都量过。接下来是两课更自由的：[12 · ViT 还是 CNN](12_vit_or_cnn.ipynb)，同样的条件下比一场；[13 · 你的项目](13_project.ipynb)，换上你自己的照片。也可以去读 `vit/`：网络的几个文件里就是你写过的那些类，另外还有初始化和位置的重采样。
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
# **Here the main road ends** (section D is optional). From one number to a network that sees, and every step was measured. Two freer lessons follow: [12 · ViT or CNN](12_vit_or_cnn.ipynb), a contest on equal terms, and [13 · a project of your own](13_project.ipynb) with your photographs. Or read `vit/`: the files of its network hold the classes you have written, and besides them initialisation and the resampling of positions.
# %% [markdown] lang="zh" slide="slide"
# ## C 节打卡
#
# 必做的部分到此结束；D 节可选。
# %% [markdown] lang="en" slide="slide"
# ## Check-in for section C
#
# What everybody does ends here; section D is optional.
# %%
checkin("C")
# %% [markdown] lang="zh" slide="slide" section="D"
# ## D · 7. 可选：自己写一个融合的循环
#
# MLP 的第一层之后是“加偏置、GELU”。MindSpore 用两个算子来做（GELU 若是精确的形式，要好几个），每个都把 $M\times4D$ 个数读一遍、写一遍（$M$ 是一批里 token 的总数）。你来写**一个**循环，一趟做完。用的是 GELU 的 tanh 形式（课程的小 ViT 用它，ViT-Ti 用精确的形式），它也可以写成（$\sigma$ 是 sigmoid）：
#
# $$u=x+b,\qquad \mathrm{GELU}(u)\approx u\cdot\sigma\big(1.5957691\,(u+0.044715\,u^3)\big)$$
#
# 编译器会把没有分支的循环变成**向量指令**，一次算 4 个、8 个或 16 个数。`tanh` 是库函数，一次只算一个；这里备好的 `sigmoid(z)` 只有加减乘除。差多少，写完就知道。
# %% [markdown] lang="en" slide="slide" section="D"
# ## D · 7. Optional: a fused loop of your own
#
# After the MLP's first layer come "add the bias, then GELU". MindSpore takes two ops for it (several, where GELU is the exact one), and each reads and writes all $M\times4D$ numbers ($M$ is the number of tokens in the batch). You write **one** loop that does it in a single pass. It uses GELU's tanh form (that of the course's small ViT; ViT-Ti has the exact one), which can also be written as ($\sigma$ is the sigmoid)
#
# $$u=x+b,\qquad \mathrm{GELU}(u)\approx u\cdot\sigma\big(1.5957691\,(u+0.044715\,u^3)\big)$$
#
# A compiler turns a loop without branches into **vector instructions**, 4, 8 or 16 numbers at a time. `tanh` is a function of a library, one number at a time; the `sigmoid(z)` that is provided here has nothing but arithmetic. What that is worth you will see.
# %% [markdown] lang="zh" exercise="11.5" slide="subslide"
# ### 练习 11.5 · 一个 C++ 循环（★★，12 分钟）
#
# `x` 和 `y` 是 `rows`×`width` 个 `float`，按行存放；`bias` 有 `width` 个。改写循环里面那一行，让 `y` 是 GELU(x + bias)。`float` 的常数写成 `0.5f`；`sigmoid(z)` 可以直接用。它在另一个进程里编译、运行，写错了也不会弄坏这个笔记本。没有编译器（`g++` 或 `clang++`）时会说明，可以跳过。
# %% [markdown] lang="en" exercise="11.5" slide="subslide"
# ### Exercise 11.5 · A loop in C++ (★★, 12 minutes)
#
# `x` and `y` are `rows` × `width` numbers of type `float`, row by row; `bias` has `width`. Rewrite the line inside the loop so that `y` is GELU(x + bias). Constants of type `float` are written `0.5f`; `sigmoid(z)` is there. It is compiled and run in another process, so a mistake cannot harm this notebook. Without a compiler (`g++` or `clang++`) a line says so, and you can go on.
# %% exercise="11.5"
# 改写循环里面那一行，轮到你了 ¦ rewrite the line inside the loop, your turn
loop = """
for (long r = 0; r < rows; ++r) {
    for (long i = 0; i < width; ++i) {
        y[r * width + i] = x[r * width + i];
    }
}
"""
# %%
from course.learner.own_loop import run_loop

toy = np.random.default_rng(9)
toy_x, toy_bias = (2 * toy.normal(size=shape).astype(np.float32) for shape in ((5, 7), 7))
check("11.5", run_loop(loop, toy_x, toy_bias)[0])
# hint("11.5")
# %% [markdown] lang="zh"
# **先预测**：同样的偏置和 GELU，像 8 张图的 ViT-Ti 那么多数（1576×768 个），你的循环（一个线程）比 MindSpore 的算子（所有的核）快还是慢？
# %% [markdown] lang="en"
# **Predict first**: for as many numbers as ViT-Ti has there with 8 images (1576 × 768), will your loop (one thread) be faster or slower than MindSpore's ops (all cores)?
# %% slow=true
from vit.encoder import GELU


class BiasGELU(nn.Cell):
    # 网络里的写法：先加偏置，再 GELU ¦ as the network has it: add the bias, then GELU

    def __init__(self):
        super().__init__()
        self.act = GELU("tanh")

    def construct(self, x, bias):
        return self.act(x + bias)


# %% slow=true timed=true
x, bias = rng.normal(size=(1576, 768)).astype(np.float32), rng.normal(size=768).astype(np.float32)
cell, tensors = BiasGELU(), (ms.Tensor(x), ms.Tensor(bias))
with in_graph_mode():  # 算子用的时间，不算复制结果 ¦ the time of the ops, without copying the result
    theirs_seconds = sum(row.milliseconds for row in op_times(lambda: cell(*tensors).asnumpy())) / 1e3
_, own_seconds = run_loop(loop, x, bias, repeats=20)  # 最快的一次 ¦ the fastest of them
print(
    T(
        f"MindSpore 的算子 {theirs_seconds * 1e3:.2f} 毫秒，你的循环 {own_seconds * 1e3 or float('nan'):.2f} 毫秒",
        f"MindSpore's ops {theirs_seconds * 1e3:.2f} ms, your loop {own_seconds * 1e3 or float('nan'):.2f} ms",
    )
)
# %% [markdown] lang="zh"
# （还没有写的话，量到的只是复制。两边的口径不同：算子是几次的平均，循环是最快一次；差距大到这不要紧，而且大部分来自 MindSpore 的 tanh GELU 本身慢，不全是融合的功劳。）再试试右边换成 `0.5f * u * (1 + std::tanh(0.7978846f * (u + 0.044715f * u * u * u)))`，从写循环的那个单元格起重新运行：除了舍入，数值一样，时间差多少？`vit/kernels/source/gelu.cc` 里就是这个循环，另有精确的形式、梯度和线程。
# %% [markdown] lang="en"
# (As long as you have not written it, what is timed is a copy. The two are not measured alike: the ops are a mean of some calls, the loop is the fastest of twenty; the gap is too wide for that to matter, and most of it is MindSpore's tanh GELU being slow, not the merit of fusing.) Now put `0.5f * u * (1 + std::tanh(0.7978846f * (u + 0.044715f * u * u * u)))` on the right and run the cells again from the loop on: rounding aside the numbers are the same, and the time? `vit/kernels/source/gelu.cc` holds this loop, and besides it the exact form, gradients and threads.
# %% [markdown] lang="zh"
# **D 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section D**:
# %%
checkin("D")
