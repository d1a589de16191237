# %% [markdown] lang="zh" slide="slide" section="A"
# # 00 · 先跑通全程：图片进去，名字出来
#
# 一张 224×224 的彩色照片，在计算机里只是十五万个数。网络凭什么说“这是一只猫”？
#
# 这门课的回答是：**把这个网络亲手写一遍**。先跑通全程，看图片怎样变成名字；然后从第 03 课起，一个部件一个部件地写出你自己的 Vision Transformer（ViT），装上公开的权重，再从零训练它。
#
# **需要**：会一点 Python 和 numpy，一台笔记本的 CPU。**两节**：A 跑通全程与第一次打卡，B 用十分钟认识 MindSpore。每节阅读不超过 15 分钟，运行时间见 `notebooks/TIMINGS.md`。
# %% [markdown] lang="en" slide="slide" section="A"
# # 00 · The whole game: a picture goes in, a name comes out
#
# To a computer a colour photograph of 224 × 224 pixels is a hundred and fifty thousand numbers. On what grounds does a network say "this is a cat"?
#
# The answer of this course: **write that network yourself**. First the whole game is played once, and you see how a picture becomes a name. Then, from lesson 03 on, you write your own Vision Transformer (ViT) part by part, load published weights into it, and train it from scratch.
#
# **You need** a little Python and numpy, and the CPU of a laptop. **Two sections**: A the whole game and the first check-in, B MindSpore in ten minutes. Each takes at most 15 minutes to read; running times are in `notebooks/TIMINGS.md`.
# %%
import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, checkin, hint, join, say, signature

begin("00")
# %% [markdown] lang="zh" note=true
# 两节，共约 40 分钟，其中留十分钟给装不上的人：让大家在终端运行 `python start.py doctor`，箭头后面就是解法。A 节第 1 步先让全班猜网络会说什么。网络慢时提前准备好镜像（`pip config set global.index-url …`）；云环境自带 MindSpore 的，用 `python start.py --here`。
# %% [markdown] lang="en" note=true
# Two sections, about 40 minutes in all, ten of them for those whose installation fails: let them run `python start.py doctor` in a terminal; the fix follows the arrow. In step 1 of A let the class guess first what the network will say. Behind a slow network have a mirror ready (`pip config set global.index-url ...`); cloud images with their own MindSpore: `python start.py --here`.
# %% [markdown] lang="zh"
# <details><summary>这个单元格报错了？</summary>
#
# 打开终端，在课程的文件夹里运行 `python start.py doctor`：它检查系统、Python、各个包的版本、设备、磁盘和内存，每个问题的箭头后面是解法。最常见的是装了 numpy 2：MindSpore 要 `numpy<2`。
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Did that cell fail?</summary>
#
# Open a terminal in the course's folder and run `python start.py doctor`: it looks at the system, Python, the versions of packages, device, disk and memory, and the fix follows the arrow. The most frequent one is numpy 2: MindSpore wants `numpy<2`.
#
# </details>
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 图片进去，名字出来
#
# ViT-Ti 是最小的一种标准 ViT（Ti 即 Tiny）；它的**权重**是训练得到的 570 万个数，别人先用 ImageNet-21k（约两万类、一千四百万张照片）、再用 ImageNet（一千类、128 万张）训练好后公开，所以叫**预训练权重**。本机有这些权重（`vit weights get vit_tiny_patch16_224`，23 MB）时，下面用真实的照片；没有时，用课程自带的小模型和课程自己画的画，照片的结果看下面存好的那张图。先看图，**先猜**：它会说什么，有百分之几的把握？
# %% [markdown] lang="en" slide="slide"
# ## A · 1. A picture goes in, a name comes out
#
# ViT-Ti is the smallest standard ViT (Ti for tiny); its **weights** are the 5.7 million numbers that training found, published by others who trained it on ImageNet-21k (some 21,000 classes, 14 million photographs) and then on ImageNet (a thousand classes, 1.28 million). With them on this machine (`vit weights get vit_tiny_patch16_224`, 23 MB) the pictures below are real photographs; without, they are drawings by the course and the model is its own small one, and for photographs there is a stored figure below. Look, and **guess first**: what will it say, and how sure will it be, in percent?
# %%
from course.learner.assets import model_at_hand, pictures_at_hand
from vit.inference import predict

model = model_at_hand()
pictures = pictures_at_hand(model)  # 名字 -> (H, W, 3) 的整数 ¦ name -> integers (H, W, 3)
figure, axes = plt.subplots(1, len(pictures), figsize=(9, 2.6))
for ax, pixels in zip(axes, pictures.values(), strict=True):
    ax.imshow(pixels)
    ax.axis("off")
plt.show()
# %% figure="opening"
figure, axes = plt.subplots(len(pictures), 2, figsize=(7, 2.2 * len(pictures)), layout="constrained")
for row, pixels in zip(axes, pictures.values(), strict=True):
    guesses = predict(model, pixels, top=5)[::-1]
    row[0].imshow(pixels)
    row[0].axis("off")
    row[1].barh(
        [guess.class_name.called[:22] for guess in guesses], [guess.probability for guess in guesses], color="#0072B2"
    )
    row[1].set(xlim=(0, 1))
plt.show()
# %% [markdown] lang="zh"
# ![几张图片，旁边是网络给出的五个答案](../../course/lessons/00_whole_game/figures/opening.zh.png)
#
# *存好的一张：ViT-Ti 对真实照片的回答。*
#
# 条形是网络给每个名字的概率。它只会从自己学过的名字里选（ViT-Ti 学过 1000 个），就算图里的东西一个都不在其中，也得选一个。
# %% [markdown] lang="en"
# ![Some pictures, beside each the five answers of the network](../../course/lessons/00_whole_game/figures/opening.en.png)
#
# *A stored one: ViT-Ti's answers to real photographs.*
#
# The bars are the probabilities that the network gives to names. It can only choose among the names it has learned (1000 for ViT-Ti), and must choose one even if nothing in the picture is among them.
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. 中间发生了什么
#
# ![整个 ViT 的地图](../../course/figures/map_whole.zh.svg)
#
# 每一课的开头都有这张地图，亮的部分是那一课要写的。读一遍：图片切成小方块（**图像块**，patch）；每块变成一个向量（**token**）；token 们一层一层地互相看、各自加工（**注意力**和 **MLP**）；最后由一个向量给每个名字打分（**logits**），分数变成概率。看看各步的形状：
# %% [markdown] lang="en" slide="slide"
# ## A · 2. What happens between
#
# ![map of the whole ViT](../../course/figures/map_whole.en.svg)
#
# Every lesson begins with this map; the part that the lesson builds is lit. Read it once: the picture is cut into small squares (**patches**); each becomes a vector (a **token**); layer by layer the tokens look at each other (**attention**), and each is worked on by itself (**MLP**); in the end one vector gives each name a score (**logits**), and scores become probabilities. The shapes on the way:
# %%
from vit.data.pipeline import preprocess
from vit.inside import record

x = ms.Tensor(preprocess(next(iter(pictures.values())), model.preprocessing)[None])  # (1, 3, S, S)
inside = record(model, x)
last = f"blocks.{model.config.depth - 1}"
print(T("图片", "picture"), x.shape)
for name in ("patch_embed", "pos_drop", "blocks.0", last, "logits"):
    print(f"{name:12}", inside[name].shape)
signature(  # 打印本课的一个结果，也记进打卡的卡片 ¦ prints the one result of this lesson, and keeps it for the check-in's card
    T(
        f"{x.size:,} 个数进去，{inside['logits'].shape[1]} 个分数出来",
        f"{x.size:,} numbers go in, {inside['logits'].shape[1]} scores come out",
    )
)
# %% [markdown] lang="zh"
# `patch_embed`：每个图像块一个 token；`pos_drop`：前面又加上一个类别 token，所以多 1，再加上位置（第 03 课）；之后每一层的形状都不变。
# %% [markdown] lang="en"
# `patch_embed`: a token for each patch; `pos_drop`: one more, the class token, has been put in front, and positions are added (lesson 03); from there on every layer keeps the shape.
# %% [markdown] lang="zh" slide="slide"
# ## A · 3. 为什么不用卷积网络
#
# 2012 年到 2020 年前后，看图的网络多是**卷积网络**（CNN）：小窗口在图上滑动，一层只看邻近的像素，越往上看得越宽。这些约定（邻近的像素相关；物体移动，特征跟着移动）叫**归纳偏置**，是写死在结构里的。
#
# ViT（[Dosovitskiy 等，2021](https://arxiv.org/abs/2010.11929)）几乎不带这种约定：从第一层起，每个图像块就能看整张图，看哪里由数据学出来。代价是更费数据：论文里只用 ImageNet 的一百多万张图训练时，ViT 不如同样大的卷积网络；先用三亿张图训练（预训练），就反超了。另一个好处：它和语言模型是同一种结构（[Transformer](https://arxiv.org/abs/1706.03762)），你在这里写的注意力，在那里也用得着。
# %% [markdown] lang="en" slide="slide"
# ## A · 3. Why not a convolutional network?
#
# From 2012 to about 2020 most vision networks were **convolutional** (CNNs): small windows slide over the image, a layer sees neighbouring pixels only, and the view widens from layer to layer. Assumptions like these (neighbouring pixels belong together; shift the object, and its features shift with it) are an **inductive bias**, built into the architecture.
#
# ViT ([Dosovitskiy et al., 2021](https://arxiv.org/abs/2010.11929)) has hardly any such bias: from the first layer on each patch can see the whole image, and where to look is learned from data. The price is that it needs more data: trained on ImageNet's million images alone, the paper's ViTs are behind convolutional networks of their size; pretrained on three hundred million, they overtake. One more merit: it has the structure of language models (the [Transformer](https://arxiv.org/abs/1706.03762)), and the attention that you write here serves there as well.
# %% [markdown] lang="zh" slide="slide"
# ## A · 4. 练习和打卡怎样用
#
# 每道练习有一个写着“轮到你了”的单元格，后面跟着 `check(…)`：它马上回答，不用联网；写错了，会尽量说出像哪一种错。（题号只是名字，不表示先后。）去掉 `hint(…)` 前的 `#` 再运行：每运行一次给下一级提示，共三级，第四次给出参考答案。先看我们做一遍，**故意先错一次**：
# %% [markdown] lang="en" slide="slide"
# ## A · 4. How exercises and check-ins work
#
# An exercise has a cell marked "your turn" and after it `check(...)`, which answers at once, offline, and tries to tell you which mistake a wrong answer looks like. (The numbers of exercises are names, not an order.) Uncomment `hint(...)` and run it: each run gives one more hint, the fourth the solution. Watch us do one, **wrong at first, on purpose**:
# %% [markdown] lang="zh" exercise="00.1" slide="subslide"
# ### 练习 00.1 · 示范：有几个图像块（★，1 分钟）
#
# 224×224 的图切成 16×16 的图像块，一共几块？
# %% [markdown] lang="en" exercise="00.1" slide="subslide"
# ### Exercise 00.1 · A demonstration: how many patches (★, 1 minute)
#
# An image of 224 × 224 is cut into patches of 16 × 16. How many are there?
# %%
# 故意答错 ¦ wrong on purpose
check("00.1", 224 // 16)
# 改对了 ¦ corrected
check("00.1", 196)
# %% exercise="00.1"
patches = 0  # 轮到你了：写出算式 ¦ your turn: write it as a formula
# %%
check("00.1", patches)
# %% [markdown] lang="zh"
# 🔸 说出了错在哪里，✅ 是通过，⬜ 是还没有作答。
# %% [markdown] lang="en"
# 🔸 names the mistake, ✅ means passed, ⬜ not answered yet.
# %% [markdown] lang="zh" exercise="00.2" slide="subslide"
# ### 练习 00.2 · 图像的形状（★，5 分钟）
#
# 图像读进来是 `(H, W, 3)` 的 0 到 255 的整数；网络要的是 `(3, H, W)` 的浮点数，在 −1 到 1 之间：$x = (p/255 - 0.5)/0.5$。用 numpy 把 `pixels` 变成 `image`。
# %% [markdown] lang="en" exercise="00.2" slide="subslide"
# ### Exercise 00.2 · The shape of an image (★, 5 minutes)
#
# A picture is read as `(H, W, 3)`, integers from 0 to 255; a network wants `(3, H, W)`, floating point, between −1 and 1: $x = (p/255 - 0.5)/0.5$. With numpy, turn `pixels` into `image`.
# %%
pixels = np.random.default_rng(1).integers(0, 256, (4, 6, 3), dtype=np.uint8)  # (H=4, W=6, 3)
# %% exercise="00.2"
image = np.zeros((3, 4, 6), np.float32)  # (3, H, W)，轮到你了 ¦ (3, H, W), your turn
# %%
check("00.2", image)
# hint("00.2")
# %% [markdown] lang="zh"
# **A 节打卡。** 全课程只要报一次名：去掉 `# join()` 前面的 `# ` 再运行，它会问你的昵称（和学习营的营码，没有就留空），只记在本机的 `outputs/` 里。然后 `checkin("A")` 汇总本节的练习，给你一道只属于你的小题；算出后写成 `checkin("A", answer=数值)` 再运行一次。想留言就加 `note="…"`。打卡记录、卡片和可以粘贴的帖子写在 `outputs/checkin/`，不上传任何东西；里面记的是昵称、练习结果和用时。
# %% [markdown] lang="en"
# **Check-in for section A.** Say who you are once for the whole course: take the `# ` away from `# join()` and run it; it asks for a nickname (and your study camp's code, if you have one) and keeps both in `outputs/` on this machine only. Then `checkin("A")` sums up the exercises of this section and poses a question made for you; work it out and run `checkin("A", answer=number)`. `note="..."` adds a remark. A receipt, a card and a text to paste are written to `outputs/checkin/`, and nothing is sent; they hold your nickname, results and time.
# %%
# join()
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 5. 张量：每一步都看形状
#
# MindSpore 的张量 `Tensor` 很像 numpy 的数组：有形状、有类型、能做运算；`asnumpy()` 变回数组。`ops` 里是函数，`nn` 里是网络的部件。整门课都在和形状打交道，所以养成习惯，每一步都看形状：
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 5. Tensors: look at the shape at every step
#
# MindSpore's `Tensor` is much like numpy's array: it has a shape, a type, and arithmetic; `asnumpy()` turns it back. Functions are in `ops`, parts of networks in `nn`. This whole course is about shapes, so make it a habit to look at them at every step:
# %%
a = ms.Tensor(np.arange(6, dtype=np.float32).reshape(2, 3))  # (2, 3)
b = ops.ones((3, 4), ms.float32)  # (3, 4)
product = ops.matmul(a, b)  # (2, 3) @ (3, 4) -> (2, 4)
print(a.shape, "@", b.shape, "->", product.shape, product.dtype)
print(T("各行的平均：", "mean of each row:"), product.mean(axis=1).asnumpy())
# %% [markdown] lang="zh" slide="slide"
# ## B · 6. 两种运行方式：动态图和静态图
#
# **动态图**（PyNative）像 numpy：写一行，算一行，随时可以 `print`。**静态图**（Graph）先把整个网络编译成一张计算图，再一次跑完：第一次调用要等编译，之后更快。本课程的习惯：调试用动态图，训练用静态图（`in_graph_mode` 里做的就是 `ms.set_context(mode=ms.GRAPH_MODE)`）。
# %% [markdown] lang="en" slide="slide"
# ## B · 6. Two ways to run: eager and compiled
#
# **Eager** execution (MindSpore calls it PyNative) is like numpy: a line is written, a line is run, `print` works anywhere. **Graph mode** compiles the whole network into one graph and runs that: the first call waits for the compiler, later ones are faster. The habit of this course: eager for debugging, graphs for training (`in_graph_mode` does `ms.set_context(mode=ms.GRAPH_MODE)`).
# %% slow=true
import time

from vit.runtime.graph_mode import in_graph_mode


def seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


eager = [
    seconds(lambda: model(x).asnumpy()) for _ in range(8)
]  # 前几次会试各种线程数 ¦ the first ones try numbers of threads
with in_graph_mode():
    compiled = [seconds(lambda: model(x).asnumpy()) for _ in range(8)]
print(T(f"动态图：{eager[-1]:.3f} 秒", f"eager: {eager[-1]:.3f} s"))
print(
    T(
        f"静态图：第一次 {compiled[0]:.2f} 秒，之后 {compiled[-1]:.3f} 秒",
        f"graph: {compiled[0]:.2f} s at first, then {compiled[-1]:.3f} s",
    )
)
# %% [markdown] lang="zh" slide="slide"
# ## B · 7. 三个陷阱
#
# **一：参数的 `asnumpy()` 不复制数据**，它与参数共享内存（CPU 上如此，别处还没有运行过；`.copy()` 在哪里都对）；参数**原地**更新时（训练就是），你“之前存下”的那份也跟着变了。要留底，就 `.copy()`：
# %% [markdown] lang="en" slide="slide"
# ## B · 7. Three traps
#
# **One: a parameter's `asnumpy()` is a window.** On a CPU it copies nothing (elsewhere not yet run here; `.copy()` is right everywhere); where the parameter is updated **in place**, as in training, what you "kept from before" has changed as well. To keep it, `.copy()`:
# %%
weight = ms.Parameter(ops.ones((3,), ms.float32), name="weight")
window, kept = weight.asnumpy(), weight.asnumpy().copy()
ops.assign_add(weight, ops.ones((3,), ms.float32))
weight.asnumpy()  # 等上一行算完：在 GPU、昇腾上，动态图把运算排进队列就往下走 ¦ waits for the line before: on a GPU or Ascend an eager operation is only put in a queue
print(T("共享内存：", "shared:"), window, T("副本：", "copy:"), kept)
# %% [markdown] lang="zh"
# **二：默认值不一定是你要的。** `nn.GELU`、`nn.LayerNorm` 的默认值都和我们对照的程序（timm 的 ViT）不同（第 05 课会量），所以本课程一律写明参数。**三：静态图按输入的形状编译**，换一个批大小就要重新编译：
# %% [markdown] lang="en"
# **Two: defaults need not be what you want.** Those of `nn.GELU` and `nn.LayerNorm` differ from the program that we compare with, timm's ViT (lesson 05 measures it), so this course always writes settings out. **Three: a graph is compiled for the shapes of its input**; another batch size compiles again:
# %% slow=true timed=true
two = ops.concat((x, x))  # (2, 3, S, S)
with in_graph_mode():
    times = [round(seconds(lambda: model(two).asnumpy()), 2) for _ in range(8)]
print(
    T(f"两张图：第一次 {times[0]} 秒，之后 {times[-1]} 秒", f"two pictures: {times[0]} s at first, then {times[-1]} s")
)
# %% [markdown] lang="zh" exercise="00.3" slide="subslide"
# ### 练习 00.3 · 哪些说法是对的（★★，5 分钟）
#
# 把对的字母写进 `true`，例如 `"AB"`。
#
# - **A** 静态图的第一次调用慢，是因为要编译
# - **B** `reshape` 可以把 `(H, W, 3)` 变成 `(3, H, W)` 而不弄乱图像
# - **C** 训练之后，`kept = p.asnumpy()` 存下的数可能已经变了
# - **D** ViT 从第一层起，每个图像块就能看到整张图
# - **E** 图里没有它认识的东西时，各个名字的概率加起来小于 1
# %% [markdown] lang="en" exercise="00.3" slide="subslide"
# ### Exercise 00.3 · What is true (★★, 5 minutes)
#
# Write the letters of what is true into `true`, for instance `"AB"`.
#
# - **A** the first call of a graph is slow because it compiles
# - **B** `reshape` turns `(H, W, 3)` into `(3, H, W)` without scrambling the image
# - **C** after training, what `kept = p.asnumpy()` has kept may have changed
# - **D** in a ViT each patch can see the whole image from the first layer on
# - **E** where the picture holds nothing the network knows, its probabilities sum to less than 1
# %% exercise="00.3"
true = ""  # 轮到你了 ¦ your turn
# %%
check("00.3", true)
# hint("00.3")
# %% [markdown] lang="zh" slide="slide"
# ## B · 8. 常见误解
#
# **“不要在 CPU 上跑 ViT。”** 慢的往往不是 CPU，是某一种写法：同样的图像块嵌入，卷积与矩阵乘法的速度能差十倍以上（第 03 课会量）。这门课的每一课都能在两核 CPU 上几分钟内跑完。课程在 CPU 上写成并测过；GPU 和昇腾的路径写好了，但**这里还没有运行过**。
#
# ## 记住三句话
#
# 1. ViT：图片切块，每块变成 token，一层层互相看、各自加工，最后给每个名字打分。
# 2. 调试用动态图，训练用静态图；第一次调用慢，是在编译。
# 3. 每一步都看形状；出了问题先问 `vit doctor`。
#
# <details><summary>问题一：网络怎么知道“猫”这个名字？</summary>
#
# 它不知道。它只会给第 285 号打高分；号码对应的名字是一张表，随权重一起发布。训练数据里，285 号的图都是人标成“埃及猫”的。
#
# </details>
#
# <details><summary>问题二：1 张图和 32 张图一起算，哪个每张更快？</summary>
#
# 多半是一起算：每次调用都有固定的开销，由一批图分摊。但要量了才知道：ViT-Ti 一张图的 197 个 token 已经让两个核很忙，两张一起算未必更快（看陷阱三的输出）；网络越小，成批的好处越大（第 11 课）。
#
# </details>
#
# **论文**：[An Image is Worth 16x16 Words](https://arxiv.org/abs/2010.11929)。**对照阅读**：[MindSpore 官方 ViT 教程](https://www.mindspore.cn/tutorials/zh-CN/master/cv/vit.html)：一篇文章讲完全程，适合先通读一遍（[逐项对照](../../course/pages/beside_the_tutorial.zh.md)）；会 PyTorch 的，看[两种框架的对照表](../../course/pages/pytorch_and_mindspore.zh.md)。
#
# **下一课**（01）：数据。想先写网络，可以直接去第 03 课。
# %% [markdown] lang="en" slide="slide"
# ## B · 8. Common misconceptions
#
# **"Do not run a ViT on a CPU."** Often it is not the CPU that is slow but the way the code is written: for the same patch embedding, a convolution may take more than ten times as long as a matrix product (lesson 03 measures it). Every lesson of this course runs in minutes on two CPU cores. It was written and tested on CPUs; the paths for GPU and Ascend exist, but are **not yet run here**.
#
# ## Three sentences to remember
#
# 1. ViT: the picture is cut into patches, each becomes a token, layer by layer they look at each other and are worked on, and in the end every name gets a score.
# 2. Eager for debugging, graphs for training; the first call is slow because it compiles.
# 3. Look at the shape at every step; when something fails, ask `vit doctor` first.
#
# <details><summary>Question 1: how does the network know the name "cat"?</summary>
#
# It does not. It gives a high score to number 285; what that number is called is a table that comes with the weights. In the training data, people had labelled the pictures of number 285 "Egyptian cat".
#
# </details>
#
# <details><summary>Question 2: one picture at a time, or 32 together: which takes less time for each?</summary>
#
# Often together: each call has a fixed cost, which a batch shares. But measure it: a single picture's 197 tokens keep two cores busy in ViT-Ti, and two at once may gain little (see trap three); the smaller the network, the more a batch gains (lesson 11).
#
# </details>
#
# **Paper**: [An Image is Worth 16x16 Words](https://arxiv.org/abs/2010.11929). **To compare**: [MindSpore's own ViT tutorial](https://www.mindspore.cn/tutorials/en/master/cv/vit.html), the whole way in one article, good to read through first ([piece by piece beside this course](../../course/pages/beside_the_tutorial.en.md)); for those who know PyTorch: [both frameworks side by side](../../course/pages/pytorch_and_mindspore.en.md).
#
# **Next** (01): the data. To write the network at once, go to lesson 03.
# %% [markdown] lang="zh" slide="slide"
# ## B 节打卡
#
# 报过名以后，只要运行它：
# %% [markdown] lang="en" slide="slide"
# ## Check-in for section B
#
# Once you have joined, this is all:
# %%
checkin("B")
