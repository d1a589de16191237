# %% [markdown] lang="zh" slide="slide"
# # 00 · 开工：认识你的机器和 MindSpore
#
# ![整个 ViT 的地图](../../course/figures/map_whole.zh.svg)
#
# 这门课只需要一台笔记本的 CPU。本课先请“医生”检查环境，再用几分钟认识 MindSpore 的张量、它的两种运行方式，以及三个会悄悄坑人的地方，最后完成第一次打卡。
#
# ![同样的矩阵乘法，每秒浮点运算次数随矩阵大小的变化](../../course/lessons/00_setup/figures/opening.png)
#
# *终点的样子：量出你这台机器每秒能算多少次。第 4 步会画出这张图。*
#
# **需要**：会一点 Python 和 numpy。**阅读** 约 15 分钟，**运行** 不到半分钟（两核 CPU，见 `notebooks/TIMINGS.md`）。
# %% [markdown] lang="en" slide="slide"
# # 00 · Setting up: your machine and MindSpore
#
# ![map of the whole ViT](../../course/figures/map_whole.en.svg)
#
# All this course needs is the CPU of a laptop. In this lesson the "doctor" examines your environment; then you meet MindSpore's tensors, its two ways to run, and three of its traps; and you make the first check-in. (`vit` is the package that the course teaches, a Vision Transformer, ViT for short; `course` has the helpers for exercises. Both were installed by the README's command.)
#
# ![Operations per second of a matrix product, against the size of the matrix](../../course/lessons/00_setup/figures/opening.png)
#
# *Where we end: how much your machine computes in a second, measured. Step 4 draws this figure.*
#
# **You need**: a little Python and numpy. About 15 minutes **to read**, less than half a minute **to run** (two CPU cores, see `notebooks/TIMINGS.md`).
# %%
import time

import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, checkin, hint, join, signature

begin("00")
# %% [markdown] lang="zh" note=true
# 约 30 分钟，其中一半时间留给装不上的人。先让所有人运行医生那一格，把红的、黄的读出来；箭头后面就是解法。网络慢时提前准备好镜像（`pip config set global.index-url …`）。云环境自带 MindSpore 的，用 `python start.py --here`。
# %% [markdown] lang="en" note=true
# About 30 minutes, half of them for those whose installation fails. Let everybody run the doctor's cell and read out what is not "ok"; the fix follows the arrow. Behind a slow network have a mirror ready (`pip config set global.index-url ...`). Cloud images with their own MindSpore: `python start.py --here`.
# %% [markdown] lang="zh" slide="slide"
# ## 1. 请医生看看
#
# 下面这一格和命令行里的 `vit doctor` 是同一回事：检查 Python、各个包的版本、设备、磁盘和内存，还真的做一次小计算。每一行是 `ok`、`note`（能用，但要知道）或 `FAIL`（箭头后面是怎么修）。
# %% [markdown] lang="en" slide="slide"
# ## 1. Ask the doctor
#
# The next cell is what `vit doctor` does on the command line: it looks at Python, the versions of packages, the device, disk and memory, and really computes something. Each line is `ok`, `note` (works, but know this) or `FAIL` (the fix follows the `->`).
# %%
from vit.runtime.doctor import examine, report

print(report([line for line in examine() if line.name != "system"]))
# %% [markdown] lang="zh"
# 课程在 CPU 上写成并测过。GPU 和 Ascend 的路径写好了，但**这里还没有人跑过**；如果你跑了，请告诉我们结果。
# %% [markdown] lang="en"
# The course was written and tested on CPUs. The paths for GPU and Ascend exist, but **nobody has run them here yet**; if you do, tell us how it went.
# %% [markdown] lang="zh" slide="slide"
# ## 2. 第一个张量
#
# MindSpore 的张量 `Tensor` 很像 numpy 的数组：有形状、有类型、能做运算；`asnumpy()` 变回数组。整门课都在和形状打交道，所以养成习惯，每一步都看形状：
# %% [markdown] lang="en" slide="slide"
# ## 2. A first tensor
#
# MindSpore's `Tensor` is much like numpy's array: it has a shape, a type, and arithmetic; `asnumpy()` turns it back. This whole course is about shapes, so make it a habit to look at them at every step:
# %%
a = ms.Tensor(np.arange(6, dtype=np.float32).reshape(2, 3))  # (2, 3)
b = ops.ones((3, 4), ms.float32)  # (3, 4)
product = ops.matmul(a, b)  # (2, 3) @ (3, 4) -> (2, 4)
print(a.shape, "@", b.shape, "->", product.shape, product.dtype)
print(product.asnumpy())
print("mean of each row:", product.mean(axis=1).asnumpy())
# %% [markdown] lang="zh" exercise="00.1" slide="subslide"
# ### 练习 00.1 · 图像的形状（★，4 分钟）
#
# 图像解码后是 `(H, W, 3)` 的 0 到 255 的整数；网络要的是 `(3, H, W)` 的浮点数，在 −1 到 1 之间：$x = (p/255 - 0.5)/0.5$。把 `pixels` 变成 `image`。在写着 *your turn* 的格子里作答并运行，再运行下面那格，它会马上回答；要提示，就去掉 `hint` 前的 `#`。
# %% [markdown] lang="en" exercise="00.1" slide="subslide"
# ### Exercise 00.1 · The shape of an image (★, 4 minutes)
#
# A decoded picture is `(H, W, 3)`, whole numbers from 0 to 255; a network wants `(3, H, W)`, floating point, between −1 and 1: $x = (p/255 - 0.5)/0.5$. Turn `pixels` into `image`. Write in the cell marked *your turn*, run it, then the cell below, which answers; for a hint take the `#` away before `hint`.
# %%
pixels = np.random.default_rng(1).integers(0, 256, (4, 6, 3), dtype=np.uint8)  # (H=4, W=6, 3)
# %% exercise="00.1"
image = np.zeros((3, 4, 6), np.float32)  # (3, H, W), your turn
# %% solution="00.1"
image = (pixels.transpose(2, 0, 1).astype(np.float32) / 255 - 0.5) / 0.5  # (3, H, W)
# %% [markdown] hint="00.1" lang="zh"
# 两件事：换轴的次序，换数的范围。哪件先做都行。
# %% [markdown] hint="00.1" lang="en"
# Two things: the order of the axes and the range of the numbers. Either may come first.
# %% [markdown] hint="00.1" lang="zh"
# 换轴用 `transpose`：原来的第 2 轴（通道）要到最前面。
# %% [markdown] hint="00.1" lang="en"
# `transpose` changes the order: axis 2, the channels, goes to the front.
# %% [markdown] hint="00.1" lang="zh"
# `pixels.transpose(2, 0, 1)`，除以 255，减 0.5，再除以 0.5。
# %% [markdown] hint="00.1" lang="en"
# `pixels.transpose(2, 0, 1)`, divided by 255, minus 0.5, divided by 0.5.
# %% wrong="00.1" mistake="reshape"
# zh: 用 reshape 代替了 transpose：形状对了，颜色全串了
# en: reshape in the place of transpose: the shape is right, the colours are scrambled
image = (pixels.reshape(3, 4, 6) / 255 - 0.5) / 0.5
# %% wrong="00.1" mistake="0 to 1"
# zh: 范围还是 0 到 1；再减 0.5、除以 0.5
# en: the range is 0 to 1 still; subtract 0.5 and divide by 0.5
image = pixels.transpose(2, 0, 1) / 255
# %% wrong="00.1" mistake="0 to 255"
# zh: 轴对了，但数还在 0 到 255
# en: the axes are right, but the numbers still go from 0 to 255
image = pixels.transpose(2, 0, 1)
# %% wrong="00.1" mistake="height and width exchanged"
# zh: 高和宽换了位（2, 1, 0）；次序应为通道、高、宽
# en: height and width are exchanged (2, 1, 0); the order is channels, height, width
image = (pixels.transpose(2, 1, 0) / 255 - 0.5) / 0.5
# %% wrong="00.1" mistake="half"
# zh: 减了 0.5，但没有除以 0.5：范围是 −0.5 到 0.5
# en: 0.5 was subtracted but not divided by: the range is -0.5 to 0.5
image = pixels.transpose(2, 0, 1) / 255 - 0.5
# %%
check("00.1", image)
# hint("00.1")
# %% [markdown] lang="zh" slide="slide"
# ## 3. 两种运行方式：逐行，和编译成图
#
# **逐行执行**（PyNative）像 numpy：写一行，算一行，随时可以 `print`，适合看和学。**图模式**先把整个网络编译成一张计算图，再一次跑完：第一次调用要等编译（大网络要十几秒），之后更快，适合训练。本课程的习惯是：看东西用逐行，训练用图，第一次编译的时间单独报告。
# %% [markdown] lang="en" slide="slide"
# ## 3. Two ways to run: line by line, and compiled
#
# **Eager** execution (PyNative) is like numpy: a line is written, a line is run, `print` works anywhere; good for looking and learning. **Graph mode** compiles the whole network into one graph and runs that: the first call waits for the compiler (ten seconds and more for a large network), later calls are faster; good for training. Behind `in_graph_mode` stands `ms.set_context(mode=ms.GRAPH_MODE)`; everywhere else this course is eager. Its habit: look eagerly, train compiled, and report the first compile apart.
# %%
from vit.encoder import Block
from vit.runtime.graph_mode import in_graph_mode


def seconds(function, times=5):
    start = time.perf_counter()
    for _ in range(times):
        function()
    return (time.perf_counter() - start) / times


block = Block(192, num_heads=3)  # one block of ViT-Ti; lesson 05 builds it
tokens = ms.Tensor(np.random.default_rng(0).normal(size=(4, 197, 192)).astype(np.float32))
with in_graph_mode():
    first = seconds(lambda: block(tokens).asnumpy(), times=1)
    compiled = seconds(lambda: block(tokens).asnumpy())
block(tokens)  # the first call prepares
eager = seconds(lambda: block(tokens).asnumpy())
print(f"compiled: first call {first:.2f} s, later {1000 * compiled:.0f} ms; eager {1000 * eager:.0f} ms")
# %% [markdown] lang="zh" slide="slide"
# ## 4. 你的机器有多快
#
# 神经网络的大部分时间花在矩阵乘法上。$(m,k)$ 乘 $(k,n)$ 要做 $m\,k\,n$ 次乘和差不多同样多次加，习惯上算 $2mkn$ 次浮点运算。量一量不同大小：
# %% [markdown] lang="en" slide="slide"
# ## 4. How fast is your machine?
#
# A network spends most of its time on matrix products. $(m,k)$ times $(k,n)$ takes $m\,k\,n$ multiplications and nearly as many additions; one counts $2mkn$ operations. Measured for several sizes:
# %%
sides, speeds = (16, 32, 64, 128, 256, 512, 1024, 2048), []
for side in sides:
    x = ms.Tensor(np.ones((side, side), np.float32))
    ops.matmul(x, x).asnumpy()  # the first call prepares
    took = min(seconds(lambda x=x: ops.matmul(x, x).asnumpy(), times=3) for _ in range(3))
    speeds.append(2 * side**3 / took / 1e9)
signature(f"matrix products: {max(speeds):.0f} GFLOP/s at best, {speeds[0]:.4f} for 16 x 16")
# %% figure="opening"
figure, ax = plt.subplots(figsize=(6.4, 3))
ax.plot(sides, speeds, "o-", color="#2b6cb0")
ax.set(xscale="log", yscale="log", xlabel="side of the matrices", title="matrix product: billion operations per second")
ax.set_xticks(sides, sides)
plt.show()
# %% [markdown] lang="zh"
# 小矩阵慢得出奇：每次调用都有固定的开销，算得再少也要付。大矩阵才喂得饱 CPU。这就是为什么要成批（batch）地喂数据，也是第 11 课的主题。
# %% [markdown] lang="en"
# Small matrices are surprisingly slow: each call has a fixed price, however little is computed. Only large ones keep a CPU busy. That is why data are batched; lesson 11 is about it.
# %% [markdown] lang="zh" exercise="00.2" slide="subslide"
# ### 练习 00.2 · 估算（★★，5 分钟）
#
# 一层 `Dense(192, 768)` 作用于 64 张图、每张 197 个 token：`(64·197, 192) @ (192, 768)`。写出 `operations`（浮点运算次数，乘和加都算，不算偏置）和 `seconds_needed`（机器每秒 100 GFLOP 时要多少秒）。
# %% [markdown] lang="en" exercise="00.2" slide="subslide"
# ### Exercise 00.2 · An estimate (★★, 5 minutes)
#
# A layer `Dense(192, 768)` on 64 images of 197 tokens each: `(64·197, 192) @ (192, 768)`. Give `operations` (floating point; multiplications and additions both count, the bias does not) and `seconds_needed` on a machine of 100 GFLOP/s.
# %% exercise="00.2"
operations, seconds_needed = 0, 0  # your turn
# %% solution="00.2"
operations = 2 * 64 * 197 * 192 * 768
seconds_needed = operations / 100e9
# %% [markdown] hint="00.2" lang="zh"
# 公式就在上面：$2mkn$。$m$ 是多少？
# %% [markdown] hint="00.2" lang="en"
# The formula stands above: $2mkn$. What is $m$?
# %% [markdown] hint="00.2" lang="zh"
# $m = 64\times197$，$k = 192$，$n = 768$。
# %% [markdown] hint="00.2" lang="en"
# $m = 64\times197$, $k = 192$, $n = 768$.
# %% [markdown] hint="00.2" lang="zh"
# 100 GFLOP/s 是每秒 $10^{11}$ 次。
# %% [markdown] hint="00.2" lang="en"
# 100 GFLOP/s are $10^{11}$ operations per second.
# %% wrong="00.2" mistake="multiplications only"
# zh: 只算了乘法；乘和加都算，要乘 2
# en: multiplications only; with the additions it is twice as many
operations = 64 * 197 * 192 * 768
seconds_needed = operations / 100e9
# %% wrong="00.2" mistake="one image"
# zh: 只算了一张图
# en: this is for one image
operations = 2 * 197 * 192 * 768
seconds_needed = operations / 100e9
# %% wrong="00.2" mistake="milliseconds"
# zh: 次数对了；时间的单位应当是秒，你的像是毫秒
# en: the operations are right; the time should be in seconds, yours looks like milliseconds
operations = 2 * 64 * 197 * 192 * 768
seconds_needed = operations / 100e9 * 1000
# %%
check("00.2", [operations / 1e9, seconds_needed])
# hint("00.2")
# %% [markdown] lang="zh" slide="slide"
# ## 5. 三个坑
#
# **坑一：参数的 `asnumpy()` 只是个窗口。** 它不复制数据；训练之后，你“之前存下”的那份也跟着变了。要留底，就 `.copy()`：
# %% [markdown] lang="en" slide="slide"
# ## 5. Three traps
#
# **One: a parameter's `asnumpy()` is a window.** It copies nothing; after training, what you "kept from before" has changed as well. To keep it, `.copy()`:
# %%
weight = ms.Parameter(ops.ones((3,), ms.float32), name="weight")
window, kept = weight.asnumpy(), weight.asnumpy().copy()
ops.assign_add(weight, ops.ones((3,), ms.float32))
print("window:", window, " kept:", kept, " weight:", weight.asnumpy())
# %% [markdown] lang="zh"
# **坑二：默认值不一定是论文的。** `nn.GELU()` 默认是近似式，`nn.LayerNorm` 默认 $\epsilon=10^{-7}$，而公开的 ViT 要精确式和 $10^{-6}$（第 05、06 课）。本课程一律写明参数。
#
# **坑三：numpy 2。** MindSpore 要 numpy 1.x；装了 numpy 2，MindSpore 的 `reshape` 会报错。`requirements.txt` 已经写了 `numpy<2`，医生也会查。
#
# 下面一格说的是坑二：两种 GELU 从第四位小数起不同。
# %% [markdown] lang="en"
# **Two: defaults need not be the paper's.** `nn.GELU()` defaults to the approximation, `nn.LayerNorm` to $\epsilon=10^{-7}$; published ViTs want the exact form and $10^{-6}$ (lessons 05 and 06). This course always writes such settings out.
#
# **Three: numpy 2.** MindSpore wants numpy 1.x; under numpy 2 MindSpore's own `reshape` raises an error. `requirements.txt` says `numpy<2`, and the doctor looks.
#
# The cell below belongs to the second trap: the two forms of GELU differ in the fourth decimal.
# %%
small = ms.Tensor(np.linspace(-2, 2, 5).astype(np.float32))
print("default GELU:", nn.GELU()(small).asnumpy())
print("exact GELU:  ", nn.GELU(approximate=False)(small).asnumpy())
# %% [markdown] lang="zh" slide="slide"
# ## 6. 常见的错误说法
#
# **“不要在 CPU 上跑 ViT。”** 慢的往往不是 CPU，是某一种写法。同样的块嵌入，卷积与矩阵乘法的速度能差几十倍（第 03 课会量）。这门课的每一课都能在两核 CPU 上几分钟内跑完。
#
# ## 记住三句话
#
# 1. 出了问题先问 `vit doctor`，箭头后面就是解法。
# 2. 看用逐行，训练用图；第一次调用慢，是在编译。
# 3. 每一步都看形状。
#
# <details><summary>问题一：为什么同一个函数第一次调用特别慢，换一个批大小又慢一次？</summary>
#
# 图是按输入的形状编译的。新的形状要重新编译，所以最后不满一批的数据最好补齐或跳过（`vit` 在评估时会补齐）。
#
# </details>
#
# <details><summary>问题二：1024×1024 的乘法，运算量是 512×512 的几倍？时间呢？</summary>
#
# 运算量 $2^3=8$ 倍。若 CPU 已经喂饱，时间也约为 8 倍；没喂饱时不到 8 倍。看看你的图属于哪种。
#
# </details>
#
# **下一课**（01）：数据。
# %% [markdown] lang="en" slide="slide"
# ## 6. Wrong statements people repeat
#
# **"Do not run ViT on a CPU."** Often it is not the CPU that is slow but the way the code is written: for the same patch embedding, a convolution and a matrix product differ in speed by tens of times (lesson 03 measures it). Every lesson of this course runs in minutes on two CPU cores.
#
# ## Three sentences to remember
#
# 1. When something fails, ask `vit doctor` first; the fix follows the `->`.
# 2. Look eagerly, train compiled; the first call is slow because it compiles.
# 3. Look at the shape at every step.
#
# <details><summary>Question 1: why is the first call in graph mode so slow, and again with another batch size?</summary>
#
# A graph is compiled for the shapes of its input. Another shape compiles again, so a last batch that is not full is better filled up or left out (`vit` fills it up in evaluation).
#
# </details>
#
# <details><summary>Question 2: a product of 1024 × 1024 has how many times the operations of 512 × 512? And the time?</summary>
#
# $2^3=8$ times the operations. If the CPU is fully used in both cases, the time grows about eightfold, too; if it is not, less. See which your figure shows.
#
# </details>
#
# **Next** (01): the data.
# %% [markdown] lang="zh" slide="slide"
# ## 打卡
#
# 每一课的最后都是打卡。全课程只要报一次名：去掉 `# join()` 前面的 `# ` 再运行，它会问你的昵称（和学习营的营码，没有就留空），只记在本机的 `outputs/` 里。然后运行 `checkin()`：它会汇总上面的练习，给你一道只属于你的小题；算出后把 `answer=数值` 加进括号再运行一次。想留言就加 `note="…"`。它会在 `outputs/checkin/` 写下收据、卡片和可以粘贴的帖子，不上传任何东西。
# %% [markdown] lang="en" slide="slide"
# ## Check-in
#
# Every lesson ends with one. Say who you are once for the whole course: take the `# ` away from `# join()` and run it; it asks for a nickname (and your study camp's code, if you have one) and keeps both in `outputs/` on this machine only. Then run `checkin()`: it sums up the exercises above and poses a question made for you; work it out, add `answer=number` and run once more. `note="..."` adds a remark. It writes a receipt, a card and a text to paste to `outputs/checkin/`, and sends nothing.
# %%
# join()
checkin()
