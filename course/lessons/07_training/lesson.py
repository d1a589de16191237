# %% [markdown] lang="zh" slide="slide" section="A"
# # 07 · 训练：你的网络，在你眼前学会
#
# 第 06 课装上了别人训练好的数。如果只有随机数，你的网络要看多少张图，才能从瞎猜变成认得出东西？
#
# ![ViT 全图，亮的部分是训练](../../course/figures/map_training.zh.svg)
#
# 训练的一步只有五件事：前向、损失、反向、裁剪梯度、更新参数。本课先用手算弄清损失、更新和学习率，再**由你写出 `TrainStep` 和训练循环**，用它们训练**你的 `ViT`**：从随机数开始，5000 张画看 12 遍（12 **轮**，epoch：把训练图全看一遍叫一轮），准确率接近九成。
#
# ![左：每一步的损失；右：每轮之后在验证集上的准确率](../../course/lessons/07_training/figures/opening.zh.png)
#
# *终点的样子：从零训练出来的曲线。C 节里，这张图会在你眼前长出来。*
#
# **需要**：知道梯度是什么；没有写过的部件由包里的顶替，可单独运行，不用联网。**四节**：A 损失与 AdamW，B 你的 `TrainStep`，C 训练，D 断点续训与 MindSpore 的 `Model`。每节阅读不超过 15 分钟（练习另计）。C 节的训练在两核 CPU 上要几分钟（见 `notebooks/TIMINGS.md`），可以跳过，也可以随时停下、再接着训练。
# %% [markdown] lang="en" slide="slide" section="A"
# # 07 · Training: your network learns before your eyes
#
# Lesson 06 put somebody else's trained numbers into your network. With nothing but random numbers, how many pictures must it see before it recognises things instead of guessing?
#
# ![Map of the whole ViT; the lit part is training](../../course/figures/map_training.en.svg)
#
# A training step is five things: forward, loss, backward, clipping, update. In this lesson you work out loss, update and learning rate by hand, then **write `TrainStep` and the loop** and train **your `ViT`** with them: from random numbers, in twelve **epochs** (an epoch is one pass over all training images) of 5,000 drawings, to an accuracy of nearly ninety percent.
#
# ![Left: the loss of each step; right: accuracy on the validation set after each epoch](../../course/lessons/07_training/figures/opening.en.png)
#
# *Where we end: the curves of a training from scratch. In section C this figure grows before your eyes.*
#
# **You need** to know what a gradient is; the package's version stands in for any part you have not written, so the lesson runs alone, and offline. **Four sections**: A loss and AdamW, B your `TrainStep`, C the training, D stopping and going on, and MindSpore's `Model`. Each takes at most 15 minutes to read, not counting exercises. The training of section C takes some minutes on two CPU cores (see `notebooks/TIMINGS.md`); it can be skipped, or stopped and resumed at any time.
# %%
import math
import time

import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, checked, checkin, explore, hint, investigate, signature

begin("07")
# %% [markdown] lang="zh" note=true
# 四节，每节 25 到 35 分钟（含练习）。C 节的训练可以在上课前在 `python start.py lab` 里先跑一遍，开着别关，课上展示它的输出。A 节先问：第一步更新走多远？（与梯度大小无关，几乎就是学习率。）B 节过拟合一批时，先让学员猜打乱的标签会不会也降。时间紧时设环境变量 VIT_EPOCHS=1，C 节只训练一轮。
# %% [markdown] lang="en" note=true
# Four sections of 25 to 35 minutes, exercises included. Run the notebook once before class in `python start.py lab` and keep it open, so that the training of section C is there to be shown. In A ask first: how far does the first update go? (Almost exactly the learning rate, whatever the gradient.) In B, before overfitting one batch, ask whether made-up labels will go down, too. In a hurry, set the environment variable VIT_EPOCHS=1: section C then trains for one epoch.
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 损失：给正确答案的概率有多小
#
# 网络对一张图给出 $K$ 个 logits $z$。softmax 把它们变成概率，**交叉熵**（cross-entropy）是正确类别 $y$ 的概率的负对数：
#
# $$\mathcal L=-\log\frac{e^{z_y}}{\sum_k e^{z_k}}=\log\sum_k e^{z_k}-z_y$$
#
# 概率 1 时损失是 0；概率 $1/K$（瞎猜）时是 $\log K$。三个类别，徒手算：
# %% [markdown] lang="en" slide="slide"
# ## A · 1. The loss: how little probability the right answer got
#
# For an image the network gives $K$ logits $z$. Softmax makes them probabilities, and the **cross-entropy** is minus the logarithm of what the right class $y$ got:
#
# $$\mathcal L=-\log\frac{e^{z_y}}{\sum_k e^{z_k}}=\log\sum_k e^{z_k}-z_y$$
#
# With probability 1 the loss is 0; with $1/K$, a blind guess, it is $\log K$. Three classes, by hand:
# %%
z, y = np.array([2.0, 1.0, -1.0]), 0  # logits (K=3,)，正确类别 ¦ logits (K=3,), the right class
e = np.exp(z)  # 7.389, 2.718, 0.368
print(T("概率", "probabilities"), (e / e.sum()).round(3), T("损失", "loss"), round(-np.log(e[y] / e.sum()), 4))
framework = nn.CrossEntropyLoss()(ms.Tensor(z[None], ms.float32), ms.Tensor([y], ms.int32))
print("nn.CrossEntropyLoss", framework.asnumpy().round(4), T("瞎猜", "blind guess"), round(math.log(3), 4))
# %% [markdown] lang="zh"
# 两件实用的事：
#
# - **开始时的损失应当接近 $\log K$**（10 类是 2.303）。远大于它，先查分类头的初始值，和交给损失的是不是 logits。（输入的尺度它查不出来：ViT 在分类头之前归一化。标签错了它查不出来：瞎猜时，什么标签的损失都是 $\log K$。）这是成本最低的检查。
# - **标签平滑**（label smoothing，[Szegedy 等，2015](https://arxiv.org/abs/1512.00567)）$s$：目标不再是“正确类 1，其余 0”，而是“正确类 $1-s+s/K$，其余 $s/K$”。网络不必把 logits 推向无穷，训练更稳，也不那么过分自信。
# %% [markdown] lang="en"
# Two things of practical use:
#
# - **At the start the loss should be near $\log K$** (2.303 for ten classes). If it is far above, look at how the head is initialised, and whether the loss is given logits. (The scale of the inputs does not show: a ViT normalises before its head. Of wrong labels it says nothing: a blind guess loses $\log K$ whatever they are.) No check is cheaper.
# - **Label smoothing** ([Szegedy et al., 2015](https://arxiv.org/abs/1512.00567)) by $s$: the target is no longer "1 for the right class, 0 for the others" but "$1-s+s/K$ and $s/K$". The network need not push its logits towards infinity, which makes training steadier and the model less overconfident.


# %% [markdown] lang="zh" exercise="07.1" slide="subslide"
# ### 练习 07.1 · 带标签平滑的交叉熵（★★，8 分钟）
#
# 用 numpy 写 `cross_entropy(logits, labels, s)`：`logits (B, K)`，`labels (B,)`，返回整批的**平均**损失（一个数）。要经得起很大的 logits：检查会给所有 logits 加上 1000，答案不应改变。
# %% [markdown] lang="en" exercise="07.1" slide="subslide"
# ### Exercise 07.1 · Cross-entropy with label smoothing (★★, 8 minutes)
#
# In numpy, write `cross_entropy(logits, labels, s)`: `logits (B, K)`, `labels (B,)`; it returns the **mean** loss of the batch, one number. It must be numerically stable: the check adds 1000 to every logit, and the result must not change.
# %% exercise="07.1"
def cross_entropy(logits, labels, s):
    return 0.0  # 轮到你了 ¦ your turn


# %%
toy_logits = np.array([[2.0, 1, -1, 0], [0, 3, 0.5, 1], [1, 1, 4, -2]])  # (B=3, K=4)
toy_labels = np.array([0, 3, 2])
check("07.1", [cross_entropy(toy_logits + shift, toy_labels, s) for shift, s in ((0, 0.1), (1000, 0.1), (0, 0.4))])
# hint("07.1")
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. AdamW：每个参数自己的步长
#
# 最朴素的办法是 $p \leftarrow p-\eta g$：所有参数共用一个学习率 $\eta$。Adam 给每个参数记两个滑动平均，梯度的 $m$ 和梯度平方的 $v$；更新用 $\hat m/\sqrt{\hat v}$：
#
# $$m\leftarrow\beta_1 m+(1-\beta_1)g\qquad v\leftarrow\beta_2 v+(1-\beta_2)g^2$$
# $$\hat m=\frac{m}{1-\beta_1^t}\qquad \hat v=\frac{v}{1-\beta_2^t}\qquad p\leftarrow p-\eta\Big(\frac{\hat m}{\sqrt{\hat v}+\epsilon}+\lambda p\Big)$$
#
# $m,v$ 从 0 开始，头几步偏小，所以要除以 $1-\beta^t$（**偏差修正**，bias correction）。最后一项是**权重衰减**（weight decay）：每步把 $p$ 缩小一点，与梯度无关。“W”说的就是衰减和梯度分开（decoupled，[Loshchilov 与 Hutter，2019](https://arxiv.org/abs/1711.05101)）。手算第一步，$g=0.5$ 和 $g=0.001$：
# %% [markdown] lang="en" slide="slide"
# ## A · 2. AdamW: a step size for each parameter
#
# The plainest way is $p \leftarrow p-\eta g$, with one learning rate $\eta$ for all parameters. Adam keeps two running means for each of them, $m$ of the gradient and $v$ of its square, and moves by $\hat m/\sqrt{\hat v}$:
#
# $$m\leftarrow\beta_1 m+(1-\beta_1)g\qquad v\leftarrow\beta_2 v+(1-\beta_2)g^2$$
# $$\hat m=\frac{m}{1-\beta_1^t}\qquad \hat v=\frac{v}{1-\beta_2^t}\qquad p\leftarrow p-\eta\Big(\frac{\hat m}{\sqrt{\hat v}+\epsilon}+\lambda p\Big)$$
#
# $m$ and $v$ start from 0 and are too small in the first steps, hence the division by $1-\beta^t$ (**bias correction**). The last term is **weight decay**: each step shrinks $p$ a little, whatever the gradient. That is the "W": decay apart from the gradient (decoupled, [Loshchilov and Hutter, 2019](https://arxiv.org/abs/1711.05101)). The first step by hand, for $g=0.5$ and for $g=0.001$:
# %%
for g in (0.5, 0.001):
    first_m, first_v = 0.1 * g, 0.001 * g**2  # beta1 = 0.9, beta2 = 0.999
    corrected = (first_m / (1 - 0.9)) / (math.sqrt(first_v / (1 - 0.999)) + 1e-8)
    uncorrected = first_m / (math.sqrt(first_v) + 1e-8)
    print(
        T(
            f"g = {g}：有修正，步长 = {corrected:.4f}×学习率；没有修正，{uncorrected:.4f}×学习率",
            f"g = {g}: {corrected:.4f} learning rates with bias correction, {uncorrected:.4f} without",
        )
    )
# %% [markdown] lang="zh"
# 梯度差 500 倍，第一步却一样长：正好一个学习率。没有偏差修正时，$m$ 只有应有值的 1/10，$\sqrt v$ 只有约 1/32，相除后步长反而是 3 倍多；之后还会更长：梯度不变的话，第 10 步是 6.5 倍，偏偏是网络最脆弱的时候；第 500 步仍有 1.6 倍，第 1000 步 1.26 倍。MindSpore 里的选择：
#
# | | 偏差修正 | 衰减与梯度分开 | 能编进整步的计算图 |
# |---|---|---|---|
# | `nn.AdamWeightDecay` | 没有 | 是 | 能 |
# | `nn.Adam(weight_decay=…)` | 有 | 不是（加进梯度，L2） | 能 |
# | `mindspore.experimental.optim.AdamW` | 有 | 是 | 不能（MindSpore 2.10，CPU 上试过） |
# | `mint.optim.AdamW` | 有 | 是 | CPU 上没有它的算子 |
# | `vit.training.optimizer.AdamW` | 有 | 是 | 能 |
#
# 最后一个调用第一个背后的融合算子（一个算子做完整个更新），但把偏差修正折算进学习率、$\epsilon$ 和衰减。
# %% [markdown] lang="en"
# Gradients that differ by a factor of 500 make the same first step: one learning rate exactly. Without bias correction $m$ is 10 times too small and $\sqrt v$ 32 times, so their quotient is more than three times too long; it gets longer still: for a constant gradient 6.5 times at step 10, just when the network is most fragile; after 500 steps it is 1.6 times too long, after 1000 still 1.26 times. The choice in MindSpore:
#
# | | bias correction | decoupled decay | works inside a compiled step |
# |---|---|---|---|
# | `nn.AdamWeightDecay` | no | yes | yes |
# | `nn.Adam(weight_decay=...)` | yes | no (added to the gradient, L2) | yes |
# | `mindspore.experimental.optim.AdamW` | yes | yes | no (MindSpore 2.10, tried on a CPU) |
# | `mint.optim.AdamW` | yes | yes | no kernel on a CPU |
# | `vit.training.optimizer.AdamW` | yes | yes | yes |
#
# The last calls the kernel behind the first (one that does the whole update at once), with the bias correction worked into rate, $\epsilon$ and decay.


# %% [markdown] lang="zh" exercise="07.2" slide="subslide"
# ### 练习 07.2 · 一步 AdamW（★★★，12 分钟）
#
# 用 numpy 写 `adamw(p, g, m, v, t, lr, decay)`，返回更新后的 `(p, m, v)`。$\beta_1=0.9,\ \beta_2=0.999,\ \epsilon=10^{-8}$；`t` 从 1 数起。检查会连走三步，每步的梯度不同。
# %% [markdown] lang="en" exercise="07.2" slide="subslide"
# ### Exercise 07.2 · A step of AdamW (★★★, 12 minutes)
#
# In numpy, write `adamw(p, g, m, v, t, lr, decay)`, which returns the new `(p, m, v)`. $\beta_1=0.9,\ \beta_2=0.999,\ \epsilon=10^{-8}$; `t` counts from 1. The check takes three steps with different gradients.
# %% exercise="07.2"
def adamw(p, g, m, v, t, lr, decay):
    return p, m, v  # 轮到你了 ¦ your turn


# %%
# 最后一个参数的梯度和 ε 差不多大 ¦ the gradients of the last parameter are about as small as epsilon
toy_p, toy_m, toy_v = np.array([1.0, -2.0, 3.0, 0.5]), np.zeros(4), np.zeros(4)
for t, toy_g in enumerate(([0.5, -1.0, 0.1, 2e-8], [0.4, 2.0, 0.1, 1e-8], [-0.9, 0.3, 0.2, 3e-8]), 1):
    toy_p, toy_m, toy_v = adamw(toy_p, np.array(toy_g), toy_m, toy_v, t, lr=0.1, decay=0.2)
check("07.2", (toy_p, toy_m, 100 * toy_v))
# hint("07.2")
# %% [markdown] lang="zh"
# **A 节打卡**：汇总两道练习，再给你一道只属于你的小题；算出后写成 `checkin("A", answer=数值)` 再运行一次。
# %% [markdown] lang="en"
# **Check-in for section A**: it sums up both exercises and poses a question made for you; work it out and run `checkin("A", answer=number)`.
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 3. 五件事，一张计算图
#
# ![训练的一步：前向、损失、反向、裁剪、更新，编译成一张计算图](../../course/figures/training_step.zh.svg)
#
# 五件事在 MindSpore 里只要三个函数：
#
# - `ms.value_and_grad(函数, None, weights=参数)` 造出一个新函数，同时返回函数的值和它对每个参数的梯度（**前向、损失、反向**）；
# - `ops.clip_by_global_norm(梯度, 1.0)`：把所有梯度当成一个长向量，长度超过 1 就整体缩到 1（**裁剪**）：偶尔遇到异常的一批，参数也不会一步走得太远；
# - 优化器也是 `Cell`：`optimizer(梯度)` 就地**更新**参数。
#
# 用一个参数试试，$f(w)=(w-3)^2$，在 $w=1$ 处的梯度应是 $-4$：
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 3. Five things, one graph
#
# ![A training step: forward, loss, backward, clipping, update, compiled to one graph](../../course/figures/training_step.en.svg)
#
# MindSpore does the five with three functions:
#
# - `ms.value_and_grad(function, None, weights=parameters)` makes a new function that returns the function's value and its gradient with respect to each parameter (**forward, loss, backward**);
# - `ops.clip_by_global_norm(gradients, 1.0)` takes all gradients as one long vector and, if it is longer than 1, shrinks it to 1 (**clipping**): an occasional odd batch cannot throw the network off course;
# - an optimizer is a `Cell`, too: `optimizer(gradients)` **updates** the parameters in place.
#
# Tried with a single parameter and $f(w)=(w-3)^2$; at $w=1$ the gradient should be $-4$:
# %%
w = ms.Parameter(ms.Tensor([1.0], ms.float32), name="w")
square = ms.value_and_grad(lambda target: ((w - target) ** 2).sum(), None, weights=ms.ParameterTuple([w]))
value, gradient = square(3.0)
print(value, gradient[0], ops.clip_by_global_norm((gradient[0],), 1.0)[0])


# %% [markdown] lang="zh" exercise="07.3" slide="subslide"
# ### 练习 07.3 · 写出 `TrainStep`（★★★，20 分钟）
#
# 你的 ViT 的最后一个部件：训练它的那一步。`__init__` 收到模型、优化器（要更新的参数在 `optimizer.parameters` 里）、裁剪的长度和标签平滑；`construct` 收到一批图像 `(B, C, H, W)` 和标签 `(B,)`，返回更新**之前**的损失（一个数），参数就地改变。
#
# - 损失：`nn.CrossEntropyLoss(label_smoothing=…)`；
# - 求导的函数在 `__init__` 里造一次，不要每步都造；
# - 先裁剪，再更新。
#
# 检查会让它走三步，比较损失和参数，逐行执行一遍、编译一遍。
# %% [markdown] lang="en" exercise="07.3" slide="subslide"
# ### Exercise 07.3 · Write `TrainStep` (★★★, 20 minutes)
#
# The last part of your ViT: the step that trains it. `__init__` receives the model, the optimizer (the parameters to update are its `optimizer.parameters`), the length for clipping and the label smoothing; `construct` receives a batch of images `(B, C, H, W)` and labels `(B,)`, returns the loss **before** the update, one number, and the parameters move in place.
#
# - loss: `nn.CrossEntropyLoss(label_smoothing=...)`;
# - make the function that differentiates once, in `__init__`, not at every step;
# - clip first, then update.
#
# The check lets it take three steps and compares losses and parameters, eagerly and compiled.
# %% exercise="07.3"
class TrainStep(nn.Cell):
    def __init__(self, model, optimizer, clip_norm=1.0, label_smoothing=0.0):
        super().__init__()
        self.model = model
        self.optimizer = optimizer
        # 轮到你了：损失，以及同时给出损失和梯度的函数 ¦ your turn: the loss, and the function that gives loss and gradients

    def construct(self, images, labels):
        return ops.zeros((), ms.float32)  # 损失，轮到你了 ¦ the loss, your turn


# %%
TrainStep = check("07.3", TrainStep)
# hint("07.3")
# %% [markdown] lang="zh"
# 写完之后，再展开看包里的写法。那里的 `ops.depend(loss, …)` 明说“返回损失之前，更新必须做完”。
# %% [markdown] lang="en"
# With yours written, unfold the package's. Its `ops.depend(loss, ...)` says outright that the update must be done before the loss is returned.
# %% show="vit.training.step:TrainStep" folded=true
# %% [markdown] lang="zh" slide="slide"
# ## B · 4. 训练之前：先过拟合一批
#
# 数据是第 01 课的画（十类，每类 500 张），网络是**你的** `ViT`（没有写过就用包里的），参数是随机数。训练之前先做一个检查：**拿一批 16 张反复训练，损失应当很快降下去**。做不到，就说明程序有错，不必浪费时间跑完整的训练。
#
# 三个帮手：`own_part("ViT")` 取出你通过的 `ViT`（没有就是包里的）；`with_weights(类, 模型)` 用你的类建一个网络，放进那个模型的参数；`task_at_hand()` 说明用哪些图、训练哪个网络（这里是画和小 ViT）。
# %% [markdown] lang="en" slide="slide"
# ## B · 4. Before training: overfit one batch
#
# The data are the drawings of lesson 01 (ten classes, 500 of each), the network is **your** `ViT` (or the package's, if there is none yet), its parameters are random. One check before training: **on one batch of 16, again and again, the loss should soon be far down**. If it is not, the program is wrong, and a whole training would be a waste of time.
#
# Three helpers: `own_part("ViT")` fetches your `ViT` as it passed (or the package's); `with_weights(cls, model)` builds a network of your class and puts that model's parameters into it; `task_at_hand()` says which pictures and which network are trained (here the drawings and the small ViT).
# %% slow=true
from course.learner.assets import task_at_hand
from course.learner.own_model import with_weights
from course.learner.own_part import own_part
from vit.data.pipeline import training_batches
from vit.data.training_set import training_set
from vit.weights import model_for
from vit.training import make_train_step

task = task_at_hand()
pictures, val, classes = training_set(task.folder, task.batch_size, progress=False)
ViT = own_part("ViT").cls


def new_model():
    ms.set_seed(0)  # 你的类，包里的初始值（第 06 课的表） ¦ your class, the package's initial values
    return with_weights(ViT, model_for(classes, task.model, task.weights))


model = new_model()
images, labels = next(training_batches(pictures, model.preprocessing, task.batch_size, epoch=0))
print(ViT.__module__, len(pictures.paths), len(val.paths), images.shape, labels.shape)
# %% [markdown] lang="zh"
# `make_train_step(…, kind=TrainStep)` 用你的类造出训练步，第一次调用时编译成**一张计算图**（静态图，Graph）。调试时也可以逐个算子执行（动态图，PyNative）。两种各走几步，损失一样吗，各要多久？
# %% [markdown] lang="en"
# `make_train_step(..., kind=TrainStep)` makes the step of your class and compiles it to **one graph** at its first call. For debugging it can also be run op by op (MindSpore calls that PyNative). A few steps of each: are the losses the same, and how long does a step take?
# %% slow=true
from vit.training.optimizer import AdamW, warmup_cosine

eager_model, compiled_model = new_model(), new_model()
eager = TrainStep(eager_model, AdamW(eager_model, lr=1e-3), clip_norm=1.0, label_smoothing=0.0)
compiled = make_train_step(compiled_model, lr=1e-3, kind=TrainStep)
start_values = {name: p.asnumpy().copy() for name, p in compiled.cell.parameters_and_names()}
for name, step, count in ((T("动态图", "PyNative"), eager, 2), (T("静态图", "graph"), compiled, 6)):
    some_losses, seconds = [], []
    for _ in range(count):
        begun = time.perf_counter()
        some_losses.append(round(float(step(ms.Tensor(images), ms.Tensor(labels)).asnumpy()), 4))
        seconds.append(time.perf_counter() - begun)
    print(
        name,
        some_losses[:2],
        T(
            f"，第一步 {seconds[0]:.2f} 秒，最后一步 {seconds[-1]:.2f} 秒",
            f", first step {seconds[0]:.2f} s, last {seconds[-1]:.2f} s",
        ),
    )
# %% [markdown] lang="zh"
# 损失相同；第一步正好是 $\log 10$（分类头从 0 开始，十个 logits 相等，等于瞎猜）。编译要几秒，之后每步都快得多（静态图里还换上了融合的算子，第 11 课）。现在过拟合这一批；顺便也用**打乱的标签**试一次。**先预测**：打乱的标签，损失会降吗？
# %% [markdown] lang="en"
# The losses agree, and the first is $\log 10$ exactly (the head starts at 0, the ten logits are equal, a blind guess). Compiling takes seconds, then each step is far faster (the graph has fused kernels, too: lesson 11). Now we overfit this batch; and, while at it, once more with **labels made up at random**. **Predict first**: will the loss go down for those?
# %% slow=true
overfit = {}
for name, targets in (
    (T("真标签", "true labels"), labels),
    (T("打乱的标签", "random labels"), np.random.default_rng(0).permutation(labels)),
):
    for key, p in compiled.cell.parameters_and_names():
        p.set_data(ms.Tensor(start_values[key]))  # 参数和优化器都回到起点 ¦ parameters and optimizer as before
    overfit[name] = [float(compiled(images, targets).asnumpy()) for _ in range(50)]
    print(name, f"{overfit[name][0]:.3f} -> {overfit[name][-1]:.3f}")
assert max(curve[-1] for curve in overfit.values()) < 0.5 * math.log(10)
# %% [markdown] lang="zh"
# 两个都降下去了！**损失下降只说明优化在工作，不说明学到了东西**：打乱的标签也能**背下来**（memorise，[Zhang 等，2017](https://arxiv.org/abs/1611.03530)）。学没学到、能不能**泛化**（generalise），只能用没见过的图来问。
# %% [markdown] lang="en"
# Both go down! **A falling loss proves that the optimisation works, not that anything was learned**: made-up labels can be **memorised** as well ([Zhang et al., 2017](https://arxiv.org/abs/1611.03530)). Whether the network **generalises**, only images never seen can tell.
# %% [markdown] lang="zh"
# **B 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section B**:
# %%
checkin("B")
# %% [markdown] lang="zh" slide="slide" section="C"
# ## C · 5. 学习率：先升后降
#
# ![学习率随步数的曲线：先沿直线升到峰值，再沿半个余弦降到 0](../../course/figures/schedule.zh.svg)
#
# 头几步的 $v$ 只看过几个梯度，不可靠，所以学习率从小升起（**预热**，warm-up）；快结束时要走小步才能停稳，所以沿半个余弦降到 0（[Loshchilov 与 Hutter，2016](https://arxiv.org/abs/1608.03983)）：
#
# $$\eta_t=\eta_{\max}\cdot\begin{cases}(t+1)/W & t<W\\ \tfrac12\big(1+\cos\pi\tfrac{t-W}{S-W}\big) & t\ge W\end{cases}$$
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 5. The learning rate: first up, then down
#
# ![The learning rate over the steps: in a straight line up to its peak, then along half a cosine down to 0](../../course/figures/schedule.en.svg)
#
# In the first steps $v$ has seen a few gradients only and cannot be trusted, so the rate rises from small (**warm-up**). Towards the end small steps are needed to settle, so it falls to 0 along half a cosine ([Loshchilov and Hutter, 2016](https://arxiv.org/abs/1608.03983)):
#
# $$\eta_t=\eta_{\max}\cdot\begin{cases}(t+1)/W & t<W\\ \tfrac12\big(1+\cos\pi\tfrac{t-W}{S-W}\big) & t\ge W\end{cases}$$


# %% [markdown] lang="zh" exercise="07.4" slide="subslide"
# ### 练习 07.4 · 第 t 步的学习率（★，6 分钟）
#
# 写 `rate(t, peak, warmup, steps)`，返回一个数（$t=0,\dots,S-1$，$W$ 是 `warmup`，$S$ 是 `steps`）。
# %% [markdown] lang="en" exercise="07.4" slide="subslide"
# ### Exercise 07.4 · The rate of step t (★, 6 minutes)
#
# Write `rate(t, peak, warmup, steps)`, which returns a number ($t=0,\dots,S-1$; $W$ is `warmup`, $S$ is `steps`).
# %% exercise="07.4"
def rate(t, peak, warmup, steps):
    return peak  # 轮到你了 ¦ your turn


# %%
check("07.4", [rate(t, 2.0, 10, 110) for t in (0, 4, 9, 10, 35, 60, 109)])


# hint("07.4")
# %% [markdown] lang="zh" slide="slide"
# ## C · 6. 训练循环由你来写
#
# 训练步管一批，**循环**管其余的一切：一轮又一轮，一批又一批；每轮之后在验证集上量一次；记下走到哪里。它只有十来行，却常出错：评估时忘了切换模式，每轮少走一批，把许多次验证里最好的一次当成结果来报告。
#
# 循环收到的 `run` 像一串轮（epoch），每轮像一串批：`for epoch in run`、`for images, labels in epoch`。它记得走到哪里：中断后再来，已经走过的轮和批不会再给你。另外三样是现成的：
#
# - `epoch.note(损失)`：记下这一批的损失（一个数），进度条和曲线由它来画；
# - `epoch.end(验证损失, 准确率)`：这一轮结束，图长出一段；
# - `run.rows`：以前各轮的结果，每轮一个字典，例如 `{"val_loss": 1.2, "top1": 0.6}`；从头开始时是空的，每次 `epoch.end` 增加一个。
# %% [markdown] lang="en" slide="slide"
# ## C · 6. The loop is yours
#
# The step takes care of one batch, the **loop** of everything else: epoch after epoch, batch after batch, a look at the validation set after each epoch, and a note of how far it has come. It has about ten lines, and mistakes are easily made in them: evaluating in training mode, stepping one batch too few, reporting the best of many validations as the result.
#
# The loop is handed a `run`, which is like a list of epochs, each of them like a list of batches: `for epoch in run`, `for images, labels in epoch`. It remembers how far it has come: after an interruption, epochs and batches that are done are not given out again. Three more things are there:
#
# - `epoch.note(loss)` keeps the loss of this batch, a number; bar and curve are drawn from it;
# - `epoch.end(validation_loss, accuracy)`: the epoch is over, and the figure grows;
# - `run.rows`: the results of earlier epochs, a dictionary each, for instance `{"val_loss": 1.2, "top1": 0.6}`; empty at the beginning, and one more with each `epoch.end`.
# %% [markdown] lang="zh" exercise="07.6" slide="subslide"
# ### 练习 07.6 · 写出训练循环（★★，15 分钟）
#
# 写 `fit(run, step, validate, keep)`：
#
# - 每一批走一步：`step(images, labels)` 返回损失（张量，`.asnumpy()` 变成数），记下它；
# - 一轮的批都走完后，`validate()` **量一次**，返回（验证损失, 准确率），交给 `epoch.end`；
# - 准确率**超过以往所有各轮**（包括 `run.rows` 里的）时，调用 `keep()`，它存下当时的参数；
# - 返回留下的那一轮的准确率（只为知道存档里是什么；要报告的是最后一轮，C·7 说为什么）。
#
# 检查让它跑三轮假的训练，看它每一步做了什么。
# %% [markdown] lang="en" exercise="07.6" slide="subslide"
# ### Exercise 07.6 · Write the training loop (★★, 15 minutes)
#
# Write `fit(run, step, validate, keep)`:
#
# - one step for each batch: `step(images, labels)` returns the loss (a tensor; `.asnumpy()` makes it a number); note it;
# - when all batches of an epoch are through, `validate()` measures **once** and returns (validation loss, accuracy), which go to `epoch.end`;
# - where the accuracy is **above that of every epoch before** (those in `run.rows` included), call `keep()`, which keeps the parameters of that moment;
# - return the accuracy of the epoch that was kept (to know what lies in the file; what is reported is the last epoch's, as C·7 explains).
#
# The check lets it play three epochs of a toy training and watches what it does.
# %% exercise="07.6"
def fit(run, step, validate, keep):
    for epoch in run:
        epoch.end(
            0.0, 0.0
        )  # 轮到你了：走完各批，验证，留下最好的 ¦ your turn: the batches, the validation, the best kept
    return 0.0


# %%
from course.learner.toy_run import played

check("07.6", played(fit))
# hint("07.6")
# %% [markdown] lang="zh"
# 写完之后，再展开看 `vit train` 用的循环。它只管一轮的批，一边走一边交出损失；轮次、验证和存档在 `vit/training/fit.py`。
# %% [markdown] lang="en"
# With yours written, unfold the loop of `vit train`. It takes care of one epoch's batches and hands out each loss; epochs, validation and files are in `vit/training/fit.py`.
# %% show="vit.training.step:train" folded=true
# %% [markdown] lang="zh" slide="slide"
# ## C · 7. 训练你的网络
#
# 用了什么，一样一样说清楚：
#
# | 设置 | 值 | 从哪里来 |
# |---|---|---|
# | 网络 | 64 像素，块边长 8，$D=96$，6 层，3 个头，MLP 的隐藏层宽 2 倍 | 小到两核 CPU 几分钟能训练完 |
# | 池化 | 各图像块的平均 | 第 06 课 |
# | 位置 | 从正弦波开始，随训练改变 | 第 03 课 |
# | 数据增强（augmentation） | 随机裁剪（面积 65 % 到 100 %）、左右翻转 | 第 02 课 |
# | AdamW | $\beta_1=0.9$，$\beta_2=0.95$（步数少，$v$ 要跟得快些），衰减 0.3 | A 节 |
# | 学习率 | 峰值 $10^{-3}$，前 10 % 预热，余弦 | 上面和下面这些数，都在**另一个种子画的图**上比较挑出，没有看过验证集 |
# | 其余 | 批大小 16，12 轮，不做标签平滑（$s=0$），裁剪 1.0，种子 0 | |
#
# 训练步、学习率和循环都是你的（没有通过的用课程的）；验证损失用你的 `cross_entropy` 来算。
# %% [markdown] lang="en" slide="slide"
# ## C · 7. Your network is trained
#
# What is used, item by item:
#
# | setting | value | where it comes from |
# |---|---|---|
# | network | 64 px, patches of 8, $D=96$, 6 blocks, 3 heads, an MLP twice as wide | small enough for minutes on two CPU cores |
# | pooling | the mean of the patches | lesson 06 |
# | positions | start as sine waves, then trained | lesson 03 |
# | data augmentation | random crops (65 % to 100 % of the area), mirrored half the time | lesson 02 |
# | AdamW | $\beta_1=0.9$, $\beta_2=0.95$ (few steps, so $v$ must follow faster), decay 0.3 | section A |
# | learning rate | peak $10^{-3}$, warm-up in the first 10 %, cosine | this and the other numbers were chosen on **drawings of another seed**, without a look at the validation set |
# | the rest | batches of 16, 12 epochs, no label smoothing ($s=0$), clipping 1.0, seed 0 | |
#
# Step, learning rate and loop are yours (or the course's, for any that has not passed its check); the validation loss is worked out by your `cross_entropy`.
# %% slow=true
from course.epochs import epochs_wanted
from course.learner.home import lessons_folder
from course.learner.watch import Curves, watch
from vit.evaluation import logits_of
from vit.weights import save_model

passed_rate, passed_loss = checked("07.4", rate), checked("07.1", cross_entropy)
passed_fit = checked("07.6", fit)
epochs, steps = epochs_wanted(task.epochs), len(pictures.paths) // task.batch_size
S = epochs * steps
rates = np.array([passed_rate(t, task.peak, S // 10, S) for t in range(S)], np.float32)  # (S,)
model = new_model()
step = make_train_step(model, rates, weight_decay=0.3, betas=(0.9, 0.95), kind=TrainStep)


# %% slow=true
def batches(epoch, skip=0):
    settings = {"crop_scale": (0.65, 1), "flip": 0.5, "skip": skip}
    return training_batches(pictures, model.preprocessing, task.batch_size, epoch, **settings)


def validate():
    # 评估模式，每张图都数到 ¦ in evaluation mode, every image counted
    logits, _ = logits_of(network, val.paths, batch_size=50, progress=False)  # (n, K)
    return passed_loss(logits, np.array(val.labels), 0), (logits.argmax(1) == val.labels).mean()


def keep():
    save_model(
        network, lessons_folder() / "best.safetensors"
    )  # 最好的一轮，接着训练时还在 ¦ the best epoch; it outlives an interruption


# %% [markdown] lang="zh"
# 现在训练。`watch` 把你的循环放在进度条和图里跑，每轮之后图会长出一段。**随时可以停**（上方的 ■）：再运行这个单元格，就从停下的那一步接着训练；内核重启以后也一样（先把前面的单元格运行一遍）。改了学习率、裁剪、你的类、循环或别的设置，再运行上面两个单元格，就是**一次新的训练**（屏幕上会说改了什么）。**没有时间**：把 `train_it` 改成 `False`，后面用课程自带的权重。
# %% [markdown] lang="en"
# Now train. `watch` runs your loop with a bar and a figure, which grows after each epoch. **Stop whenever you like** (■ above): run the cell again, and it resumes at that step, even after the kernel was restarted (run the cells above first). Change the rate, the crops, your class, the loop or anything else, run the cells from there on, and it is **a new training** (a line says what has changed). **No time**: set `train_it` to `False`, and what follows uses the weights that come with the course.
# %% figure="opening" slow=true
from vit.weights import create_model

train_it = True
curves = Curves(steps, epochs, len(classes))
network = model
if train_it:
    watch(passed_fit, step, batches, validate, keep, curves, pictures)
else:
    network = with_weights(ViT, create_model(task.model, weights=task.model))
# %% slow=true values="top1 = top-1 #%，瞎猜 ¦ top-1 #% after; epochs = 我的 ViT：# 轮 ¦ after # epochs"
from course.learner.home import trained_weights

val_loss, top1 = validate()
if train_it:
    for file in (task.trained, trained_weights()):  # 第 08 课要用；my_vit 也用 ¦ for lesson 08, and for my_vit
        save_model(network, file)
    print(
        [f"{a:.1%}" for a in curves.accuracies],
        T(f"训练 {curves.seconds:.0f} 秒", f"{curves.seconds:.0f} s of training"),
    )
whose = T("我的 ViT", "my ViT") if train_it else T("课程自带的权重", "the weights that come with the course")
signature(
    T(
        f"{whose}：{len(curves.accuracies)} 轮之后 top-1 {top1:.1%}，瞎猜 {1 / len(classes):.0%}",
        f"{whose}: top-1 {top1:.1%} after {len(curves.accuracies)} epochs; guessing {1 / len(classes):.0%}",
    )
)
assert top1 > 2 / len(classes)
# %% [markdown] lang="zh"
# 开头问要看多少张：一轮（5000 张）之后认对四成多，{{epochs}} 轮（6 万张次）之后是 {{top1}} %（随课保存的那次运行；瞎猜 10 %），用的是**你的网络、你的训练步、你的循环**。`best.safetensors` 里留着最好的一轮，可以拿去用；报告的却是最后一轮：在验证集上挑出来的那个数偏高，要换一批图再量才算数（第 08 课）。左图是训练图（随机裁剪过的）上的损失，右图是验证图上的准确率：两个不同的量，不能互相比较。所以左图里还有验证图上的损失（绿点）：若它不再下降而训练损失还在降，就是在背训练图，叫**过拟合**（overfitting）；这一次它一直跟到最后，看不出。
#
# 还能更好吗？同一个网络看更多的图：课程自带的权重分三个阶段看了 135 万张次（包括更难的画），在同一份验证集上是 99 %，配方和日志在 `vit/weights/shipped/`。ViT 的**归纳偏置**比卷积少得多（inductive bias；卷积的是：邻近的像素相关，物体移动，特征跟着移动），这些它要从数据里学，所以论文发现它比卷积网络更费数据；先用三亿张图预训练，才反超（这里没有训练卷积网络来比较）。
#
# 现在进入 `outputs/`，运行 `python -m my_vit 图片`：没有 ViT-Ti 的公开权重时，它用的就是你刚训练好的。
# %% [markdown] lang="en"
# How many pictures does it take? After one pass over 5,000 it is right in more than forty percent, after {{epochs}} epochs (60,000 seen) in {{top1}} % (in the stored run; guessing gives 10 %), with **your network, your step and your loop**. `best.safetensors` holds the best epoch, for use; what is reported is the last one: a number chosen on the validation set flatters, and counts only once it is measured on other images (lesson 08). The left plot is the loss on training images (random crops), the right one the accuracy on validation images: two different quantities, which cannot be compared. So the left plot has the loss on validation images, too (green): where it stops falling while the training loss goes on, training images are being memorised, which is called **overfitting**; here it follows to the end, and none is seen.
#
# Could it be better? The same network, shown more: the weights that come with the course were shown 1.35 million pictures in three stages (repeats counted, harder drawings among them) and reach 99 % on the same validation set; recipe and logs are in `vit/weights/shipped/`. A ViT does not have the **inductive bias** of convolution (neighbouring pixels belong together; where the object moves, its features move along) and has to learn it from data, so the paper found that it needs more data than a convolutional network does; pretrained on three hundred million images, it overtakes (no convolutional network is trained here to compare).
#
# Now go to `outputs/` and run `python -m my_vit PICTURE`: without ViT-Ti's published weights it uses what you have just trained.
# %% [markdown] lang="zh" slide="slide"
# ## C · 8. 不对劲的训练
#
# 训练出错，多半不报错。下面是同一个网络的六次实际训练，每次埋了一个错（`python -m benchmarks.failing` 算出，两轮，一个种子）；灰线是做对的那一次；训练损失每点是 12 步的平均，两轮里一共验证六次。左边是训练损失，中间和右边是验证损失与准确率。表里是第一步的损失，和**同一组参数验证两次**的准确率：
# %% [markdown] lang="en" slide="slide"
# ## C · 8. Training runs gone wrong
#
# Mistakes in training mostly raise no error. Here are six real training runs of the same network, each with one thing done wrong (computed by `python -m benchmarks.failing`, two epochs, one seed); grey is the one that was done right; a point of the training loss is the mean of 12 steps, and there are six validations in the two epochs. From left to right: training loss, validation loss, validation accuracy. The table has the loss of the first step, and the accuracy of **the same parameters validated twice**:
# %%
import json

from vit.runtime.paths import ROOT

stored = json.loads((ROOT / "course" / "lessons" / "07_training" / "failing.json").read_text(encoding="utf-8"))
sound, *others = stored["runs"].values()
runs = dict(enumerate((others[i] for i in (4, 1, 5, 0, 3, 2)), 1))  # 换了顺序 ¦ in another order
print(T("第几次  第一步的损失  验证第一次  第二次", "run   first loss   validated   again"))
for number, run in {T("做对的", "sound"): sound, **runs}.items():
    print(f"{number:<5}{run['first']:11.2f}{run['top1'][-1]:12.1%}{run['again']:8.1%}")
# %%
names = T("训练损失", "training"), T("验证损失", "validation"), T("准确率", "top-1")
figure, axes = plt.subplots(6, 3, figsize=(8, 8.4), dpi=75, sharex="col", layout="constrained")
for (number, run), row in zip(runs.items(), axes, strict=True):
    for ax, (key, limit) in zip(row, (("losses", (0, 4)), ("val_losses", (0, 4)), ("top1", (0, 1))), strict=True):
        epoch = np.linspace(0, 2, len(run[key]) + 1)[1:]
        ax.plot(epoch, sound[key], color="#718096", lw=1)
        ax.plot(epoch, run[key], color="#0072B2", lw=1.4)
        ax.set(ylim=limit, xlim=(0, 2))
    row[0].set_ylabel(number, rotation=0, labelpad=12, fontsize=12)
for ax, name in zip(axes[0], names, strict=True):
    ax.set_title(name, fontsize=10)
for ax in axes[-1]:
    ax.set_xlabel(T("轮", "epoch"), fontsize=9)
plt.show()
# %% [markdown] lang="zh" exercise="07.7" slide="subslide"
# ### 练习 07.7 · 六次训练，六个原因（★★★，12 分钟）
#
# 哪一次是哪个原因？按 1 到 6 的顺序写出六个字母，例如 `"ABCDEF"`。
#
# - **A** 峰值学习率大了 30 倍
# - **B** 训练集的标签都错了一位（第 $i$ 类标成第 $i+1$ 类）
# - **C** 验证的图没有归一化（0 到 255，不是 −1 到 1）
# - **D** 模型有 0.3 的 dropout，验证时还在训练模式（别的几次都没有 dropout）
# - **E** 学习率停在预热的第一步，一直没有升上去
# - **F** 分类头从 N(0, 1) 开始，而不是从 0
# %% [markdown] lang="en" exercise="07.7" slide="subslide"
# ### Exercise 07.7 · Six trainings, six causes (★★★, 12 minutes)
#
# Which has which cause? Write six letters in the order of 1 to 6, for instance `"ABCDEF"`.
#
# - **A** a peak rate 30 times as high
# - **B** all labels of the training set are off by one (class $i$ is labelled $i+1$)
# - **C** validation images are not normalised (0 to 255 instead of −1 to 1)
# - **D** the model has dropout of 0.3 and is still in training mode when validated (the others have no dropout)
# - **E** the rate stays at the first step of its warm-up and never rises
# - **F** the head begins from N(0, 1) instead of 0
# %% exercise="07.7"
causes = ""  # 第 1 到第 6 次，轮到你了 ¦ of runs 1 to 6, your turn
# %%
check("07.7", causes)


# hint("07.7")
# %% [markdown] lang="zh"
# <details><summary>07.7 通过之后再看</summary>
#
# 两件值得记住的事。训练损失好看，验证很差：不一定是过拟合，先查标签和预处理。第一步的损失不等于 $\log K$，是个信号，不是判决：分类头从 N(0, 1) 开始的那一次，两轮之后反而领先于做对的那次（一个种子，两轮；十二轮之后怎样，没有量）。
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once 07.7 has passed</summary>
#
# Two things to keep in mind. A fine training loss with a poor validation is not always overfitting: look at labels and preprocessing first. And a first loss other than $\log K$ is a warning sign, not a verdict: after two epochs the run whose head began from N(0, 1) is ahead of the sound one (one seed, two epochs; what twelve would do was not measured).
#
# </details>
# %% [markdown] lang="zh" exercise="07.9" slide="subslide"
# ### 练习 07.9 · 修好一个（★★，8 分钟）
#
# 有人的训练损失一路下降，验证准确率却连瞎猜都不如。图和网络都没有问题，毛病就在下面这几行。路径写作“类别/文件名”。先在这个玩具例子上看出它错在哪里，再改好：编号按类别名排序，与路径的先后无关；验证集可能缺几类。
# %% [markdown] lang="en" exercise="07.9" slide="subslide"
# ### Exercise 07.9 · Mend one (★★, 8 minutes)
#
# Somebody's training loss falls and falls, and the validation accuracy is worse than guessing. The images and the network are in order; the fault is in these few lines. A path is written "class/file". See on this toy what goes wrong, then mend it: classes are numbered alphabetically, whatever the order of the paths, and the validation set may lack some of them.
# %% exercise="07.9"
def labelled(train_paths, val_paths):
    # 路径 -> 标签，训练的和验证的 ¦ paths -> labels, of training and of validation
    found = []
    for paths in (train_paths, val_paths):
        names = sorted({path.split("/")[0] for path in paths})
        found.append([names.index(path.split("/")[0]) for path in paths])
    return found


# %%
toy_train = ["owl/1", "ant/1", "yak/2", "bee/0", "cat/5", "owl/8"]
toy_val = ["yak/7", "bee/3", "owl/2", "bee/4"]
print(labelled(toy_train, toy_val))
check("07.9", labelled(toy_train, toy_val))
# hint("07.9")
# %% [markdown] lang="zh"
# **C 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section C**:
# %%
checkin("C")
# %% [markdown] lang="zh" slide="slide" section="D"
# ## D · 9. 断点续训：要存什么
#
# 上面的训练停下后能接着走。要存什么才算“接上”？只存权重够吗？做个实验：走 10 步，存档，再走 5 步，记下损失；然后分别用**完整的状态**和**只有权重**重走这 5 步。
# %% [markdown] lang="en" slide="slide" section="D"
# ## D · 9. Stopping and resuming: what to save
#
# The training above can be stopped and resumed. What has to be saved for that? Are the weights enough? An experiment: ten steps, save, five more, and note the losses; then take these five steps again, once from the **whole state** and once from the **weights only**.
# %% slow=true
from vit.training.state import Progress, load_state, save_state
from vit.config import ViTConfig
from course.learner.home import lessons_folder

config = ViTConfig(16, 8, num_classes=4, embed_dim=16, depth=1, num_heads=2)
rng = np.random.default_rng(0)
some = rng.normal(size=(8, 3, 16, 16)).astype(np.float32), rng.integers(0, 4, 8)
state_file, toy_rates = lessons_folder() / "state.safetensors", warmup_cosine(1e-2, 15, warmup=5)


def toy_step():
    ms.set_seed(0)
    net = own_part("ViT").part.reference(
        config
    )  # 包里的网络：这里只看存档 ¦ the package's: only the state matters here
    return make_train_step(net, toy_rates, kind=TrainStep), net


def five_more(step):
    return [round(float(step(*some).asnumpy()), 6) for _ in range(5)]


first, first_net = toy_step()
for _ in range(10):
    first(*some)
save_state(state_file, first.cell, Progress(batch=10), settings={"rates": 15})
weights_only = {name: p.asnumpy().copy() for name, p in first_net.parameters_and_names()}
# %% slow=true
(resumed, _), (restarted, restarted_net) = toy_step(), toy_step()
load_state(state_file, resumed.cell, settings={"rates": 15})
for name, p in restarted_net.parameters_and_names():
    p.set_data(ms.Tensor(weights_only[name]))
print(T("没有停过：", "never stopped:"), unbroken := five_more(first))
print(T("完整状态：", "whole state:  "), whole := five_more(resumed))
print(T("只有权重：", "weights only: "), five_more(restarted))
assert whole == unbroken
# %% [markdown] lang="zh"
# 完整的状态接得一模一样，逐位相同。只有权重时，第一步的损失还一样，然后就走上了别的路：$m$、$v$ 归零，步数归零，学习率重新预热。（它最后的损失也许更低，不要误会：这里要的是“接上”，不是“更低”。）所以存档要有：权重、$m$ 和 $v$、步数（学习率跟着它走），还有数据走到哪一批（顺序由种子和轮数决定）。
#
# 在命令行里，这些都是现成的（按 Ctrl-C 停，再加 `--resume` 接上；文件先写完再改名，所以中途被强行结束也不会留下写了一半的文件）：
#
# ```
# vit train --data data/sample --model vit_sample_patch8_64 --out outputs/mine
# vit train --data data/sample --model vit_sample_patch8_64 --out outputs/mine --resume
# ```
# %% [markdown] lang="en"
# From the whole state the run goes on exactly, to the last digit. With the weights only, the first loss is still the same, and then the runs diverge: $m$, $v$ and the step count are back at zero, so the rate warms up again. (Its last loss may even be lower; do not be misled, the aim was to go on, not to be lower.) What has to be saved is therefore: weights, $m$ and $v$, the number of steps (the rate follows it), and how far the data have come (their order follows from seed and epoch).
#
# On the command line all this is there (stop with Ctrl-C, go on with `--resume`; a file is written under another name and renamed when it is complete, so a program killed in the middle leaves no half-written file):
#
# ```
# vit train --data data/sample --model vit_sample_patch8_64 --out outputs/mine
# vit train --data data/sample --model vit_sample_patch8_64 --out outputs/mine --resume
# ```
# %% [markdown] lang="zh" slide="slide"
# ## D · 10. 同样的网络，用 MindSpore 的 `Model` 训练
#
# 别的 MindSpore 程序多半用高层接口：`ImageFolderDataset` 读数据，`Model` 把网络、损失和优化器装在一起，**回调**（callback）负责打印和存档。你的网络照样能用。走 40 步看看：
# %% [markdown] lang="en" slide="slide"
# ## D · 10. The same network, trained with MindSpore's `Model`
#
# Most MindSpore programs use the high-level interface: `ImageFolderDataset` reads the data, `Model` holds network, loss and optimizer, **callbacks** print and save. Your network works there as well. Forty steps:
# %% slow=true
import mindspore.dataset as ds
from mindspore.dataset import transforms, vision
from mindspore.train import LossMonitor, Model

from vit.runtime.graph_mode import in_graph_mode

size = network.config.image_size
data = ds.ImageFolderDataset(
    str(task.folder / "train"), decode=True, shuffle=True
)  # 标签按文件夹名排序 ¦ labels in the order of the folders' names
data = data.map(
    [
        vision.RandomResizedCrop(size, (0.65, 1)),
        vision.RandomHorizontalFlip(),
        vision.Rescale(1 / 127.5, -1.0),
        vision.HWC2CHW(),
    ],
    "image",
)
data = data.map(transforms.TypeCast(ms.int32), "label").batch(task.batch_size, drop_remainder=True)
# %% slow=true
fresh = new_model().set_train()
optimizer = nn.Adam(fresh.trainable_params(), learning_rate=1e-3)
trainer = Model(fresh, nn.CrossEntropyLoss(), optimizer, amp_level="O0")
with in_graph_mode():
    trainer.train(1, data.take(40), callbacks=[LossMonitor(10)], dataset_sink_mode=False)
# %% [markdown] lang="zh"
# 四十步只是开头，损失降得不多是正常的，这里只看接口。它省了写循环，代价是循环看不见：裁剪梯度没有现成的参数，回调也碰不到梯度，要自己写训练步的 `Cell`（例如你的 `TrainStep`）交给 `Model`；每步不同的学习率，可以传一个列表给 `learning_rate`；衰减与梯度分开、又有偏差修正，得换优化器。换设备和精度时要改的：
#
# | | CPU | GPU | Ascend |
# |---|---|---|---|
# | `vit train` | `--device cpu` | `--device gpu` | `--device ascend` |
# | 自己的程序 | `ms.set_device("CPU")` | `ms.set_device("GPU")` | `ms.set_device("Ascend")` |
# | `Model(amp_level=…)` | `"O0"`（float32） | `"O2"`：黑名单里的 Cell（用 16 位太粗略的，例如归一化）留在 float32，其余用 float16；配损失缩放 | `"O2"` 同左；`"auto"` 混用白、黑名单 |
# | `dataset_sink_mode` | `False` | 可试 `True` | `True`：整轮数据送进设备 |
# | 本课程里 | 全部运行过 | **还没有在这里运行过** | **还没有在这里运行过** |
#
# （据 MindSpore 2.10 的 `mindspore.train.Model` 和 `mindspore.amp.auto_mixed_precision` 的文档。）
# %% [markdown] lang="en"
# Forty steps are only a beginning, and the loss has not far to fall in them; this is about the interface. It saves writing the loop, at the price that you do not see it: for clipping there is no argument, and callbacks see no gradients: you hand `Model` a training cell of your own (your `TrainStep`, for instance) instead of network, loss and optimizer; a rate for each step goes into `learning_rate` as a list; decoupled decay with bias correction takes another optimizer. What changes with device and precision:
#
# | | CPU | GPU | Ascend |
# |---|---|---|---|
# | `vit train` | `--device cpu` | `--device gpu` | `--device ascend` |
# | a program of your own | `ms.set_device("CPU")` | `ms.set_device("GPU")` | `ms.set_device("Ascend")` |
# | `Model(amp_level=...)` | `"O0"` (float32) | `"O2"`: cells on the black list (16 bits are too coarse for them: norms, for instance) stay float32, the rest is float16; with loss scaling | `"O2"` likewise; `"auto"` uses white and black list |
# | `dataset_sink_mode` | `False` | `True` may help | `True`: a whole epoch is sent to the device |
# | in this course | all of it was run | **not yet run here** | **not yet run here** |
#
# (From the documentation of `mindspore.train.Model` and `mindspore.amp.auto_mixed_precision` in MindSpore 2.10.)
# %% [markdown] lang="zh" slide="slide" optional=true
# ## D · 11. 16 位的代价
#
# 16 位的数省内存、算得快。`float16` 只有 5 位指数：比 $2^{-25}\approx3\times10^{-8}$ 更小的都成了 0，而梯度里可能有这么小的。补救是**损失缩放**（loss scale）：先把损失乘一个大数（梯度跟着大），裁剪和更新之前再除回去。`bfloat16` 的指数位数与 `float32` 相同，一般不需要损失缩放；所以 `vit train --precision` 只有 `fp32` 和 `bf16`。量一量你刚训练好的模型：
# %% [markdown] lang="en" slide="slide" optional=true
# ## D · 11. The price of 16 bits
#
# Numbers of 16 bits save memory and time. `float16` has five bits of exponent: everything below $2^{-25}\approx3\times10^{-8}$ becomes 0, and some gradients may be that small. The remedy is **loss scaling**: the loss is multiplied by a large number (and so are all gradients), which is divided out before clipping and update. `bfloat16` has as many bits of exponent as `float32` and does not need this; so `vit train --precision` offers `fp32` and `bf16` only. Measured on the model you have just trained:
# %% slow=true
network.set_train(False)
parameters, D = network.trainable_params(), network.config.embed_dim
loss_fn = ms.value_and_grad(lambda x, t: nn.CrossEntropyLoss()(network(x), t), None, parameters)
_, found = loss_fn(ms.Tensor(images), ms.Tensor(labels))
gradients = np.concatenate([g.asnumpy().ravel() for g in found])  # (P,)，全部参数的 ¦ (P,), of every parameter
alive = gradients[np.abs(gradients) > 0]
print(
    T(
        f"{len(gradients):,} 个梯度，典型大小 {np.median(np.abs(alive)):.1e}",
        f"{len(gradients):,} gradients; typical size {np.median(np.abs(alive)):.1e}",
    )
)
for scale in (1, 1024):
    gone = np.count_nonzero(np.float16(alive * scale) == 0)
    print(T(f"乘 {scale} 再转成 float16：{gone} 个变成 0", f"times {scale}, then float16: {gone} become 0"))
# qkv.bias 的三段是 q、k、v 的 ¦ the three parts of qkv.bias are q's, k's and v's
of_keys = np.concatenate(
    [g.asnumpy()[D : 2 * D] for p, g in zip(parameters, found, strict=True) if p.name.endswith("qkv.bias")]
)
print(
    T(
        f"不缩放时，其中键的偏置（共 {of_keys.size} 个）：{np.count_nonzero(np.float16(of_keys[of_keys != 0]) == 0)} 个",
        f"without scaling, of them biases of keys (there are {of_keys.size}): {np.count_nonzero(np.float16(of_keys[of_keys != 0]) == 0)}",
    )
)


# %% [markdown] lang="zh"
# 四十多万个里只有几百个变成 0，而且多半是注意力里**键的偏置**：它们的梯度在数学上就是 0（给一行分数都加同一个数，softmax 不变），算出来的只是舍入误差，丢了也无妨。这个小网络几乎不受影响；大网络训练时，反向传播的中间结果也会这样丢失，所以仍要缩放。
# %% [markdown] lang="en"
# Of more than four hundred thousand only some hundreds become 0, and most of those are **biases of keys** in attention: their gradient is truly 0 (one number added to a row of scores changes no softmax), what was computed is rounding, and losing it does no harm. This small network hardly suffers; in large ones intermediate results of the backward pass are lost in the same way, so scaling is needed all the same.
# %% [markdown] lang="zh" exercise="07.8" slide="subslide"
# ## D · 12. 预热值多少
#
# ### 练习 07.8 · 探究：不预热会怎样（★★，10 分钟）
#
# C·5 的学习率先用一成的步数升到峰值。省掉这一段会怎样？学习率更高时呢？做法同第 03 课的探究：先原样运行一次，写下预测，再运行（训练两轮，约一分钟）。可以改 `warmup`（占全部步数的比例，默认 0.1）和峰值 `rate`（默认 0.001）；表里是四种组合，每种六个种子。先预测 `warmup=0`、`rate=0.003` 的准确率；也可以换一组，例如 `warmup=0.5`。
# %% [markdown] lang="en" exercise="07.8" slide="subslide"
# ## D · 12. What is warm-up worth?
#
# ### Exercise 07.8 · Investigation: without warm-up (★★, 10 minutes)
#
# In C·5 the rate takes a tenth of the steps to climb to its peak. What if that is left out? And at a higher rate? As in lesson 03's investigation: run the cell once as it is, write down what you expect, run again (two epochs, about a minute). You can change `warmup` (its share of all steps, usually 0.1) and the peak `rate` (usually 0.001); the table has four combinations, six seeds each. Predict the accuracy with `warmup=0` and `rate=0.003`; or take another pair, `warmup=0.5` for instance.
# %% investigation="07.8" slow=true
predicted = ...  # 你的预测（0 到 1），轮到你了 ¦ what you expect (between 0 and 1), your turn
investigate("07.8", predicted, warmup=0, rate=0.003)
# %% [markdown] lang="zh"
# **哪一句由此得出？**
#
# - **A** 学习率 0.001 时，不预热反而领先，与预热的分得开
# - **B** 学习率 0.001 时，有没有预热分不开；0.003 时，不预热落后，分得开
# - **C** 两种学习率下，不预热都落后，都分得开
# %% [markdown] lang="en"
# **Which statement follows?**
#
# - **A** At the rate 0.001 the network is ahead without warm-up, and told apart
# - **B** At 0.001 the two are not told apart; at 0.003 it is behind without warm-up, and told apart
# - **C** At both rates it is behind without warm-up, and told apart
# %% exercise="07.8"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("07.8", conclusion)


# hint("07.8")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 一种可能的原因，这张表没有检验：头几步里 $v$ 只看过几个带噪声的梯度，更新的长短却不管梯度多小，都接近一个学习率（A·2）；学习率小，走偏了也不远，大三倍就不然。所以预热和学习率要一起挑。表里只有两轮的训练。
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# A possible reason, which this table does not test: in the first steps $v$ rests on a few noisy gradients, and yet a parameter moves by about a whole learning rate however small its gradient (A·2); at a small rate it does not go far astray, at three times the rate it does. Warm-up and rate are therefore chosen together. The table has trainings of two epochs only.
#
# </details>
# %% [markdown] lang="zh" slide="slide"
# ## D · 13. 常见误解
#
# **“权重衰减就是 L2 正则。”** 对 SGD 是的；对 Adam 不是。两个参数都等于 1，梯度的大小不同，各走 200 步（梯度是平均为 0 的噪声，所以变化只来自衰减）：
# %% [markdown] lang="en" slide="slide"
# ## D · 13. Common misconceptions
#
# **"Weight decay is L2 regularisation."** With SGD it is, with Adam it is not. Two parameters of value 1 with gradients of different size, 200 steps each (the gradients are noise of mean 0, so what shrinks, shrinks by the decay):
# %%
def walk(decoupled, size, lr=0.01, decay=0.1):
    noise, (p, m, v) = np.random.default_rng(0), (np.ones(2000), 0.0, 0.0)  # 一次 2000 条路 ¦ 2000 walks at once
    for t in range(1, 201):
        g = noise.normal(0, size, 2000) + (0 if decoupled else decay * p)
        m, v = m + 0.1 * (g - m), v + 0.001 * (g * g - v)
        moved = m / (1 - 0.9**t) / np.sqrt(v / (1 - 0.999**t))
        p = p - lr * (moved + (decay * p if decoupled else 0))
    return p.mean()


for name, decoupled in (("AdamW", True), ("Adam + L2", False)):
    print(
        T(
            f"{name}：梯度大小 0.1 时 {walk(decoupled, 0.1):.2f}，10 时 {walk(decoupled, 10):.2f}",
            f"{name}: {walk(decoupled, 0.1):.2f} with gradients of size 0.1, {walk(decoupled, 10):.2f} of size 10",
        )
    )
# %% [markdown] lang="zh"
# AdamW 让两个参数缩得一样多；L2 写进梯度后，也被 $\sqrt{\hat v}$ 除了：梯度大的参数几乎不缩，梯度小的却缩得过头。
#
# **“所有参数都要衰减。”** 偏置、归一化、位置和类别 token 不衰减（`vit/training/optimizer.py` 的 `decays`）：把归一化的 $\gamma$ 往 0 拉，没有道理。
# %% [markdown] lang="en"
# AdamW shrinks both parameters alike. L2 inside the gradient is divided by $\sqrt{\hat v}$ as well: with large gradients the parameter hardly shrinks, with small ones it shrinks far too much.
#
# **"All parameters decay."** Biases, norms, positions and class token do not (`decays` in `vit/training/optimizer.py`): there is no reason to pull the $\gamma$ of a norm towards 0.
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 一步 = 前向、损失、反向、裁剪、更新，编译成一张计算图；开始时的损失应是 $\log K$，先能过拟合一批，再谈训练。
# 2. 不算衰减，AdamW 的第一步里每个梯度远大于 $\epsilon$ 的参数都移动一个学习率，靠的是偏差修正；衰减不进梯度。
# 3. 接着训练要存的不只是权重：还有 $m$、$v$、步数和数据走到哪里。
#
# <details><summary>问题一：验证集上的准确率高，是不是因为学习率就是在它上面挑的？</summary>
#
# 不是：峰值是在另一个种子画的图上挑的，验证集在每轮之后量一量，只决定留下哪一轮的 `best.safetensors`；报告的是最后一轮，没有用它挑过。
#
# </details>
#
# <details><summary>问题二：最后一批不满 16 张，训练时丢掉，评估时却一张也不能丢，为什么？</summary>
#
# 训练每轮重新打乱，丢掉的每次不同，没有哪张图永远轮不到；而且新的形状要重新编译。评估丢掉的每次都是同样几张，报告的就不是这个数据集的准确率了。
#
# </details>
#
# **对照阅读**：[MindSpore 官方 ViT 教程](https://www.mindspore.cn/tutorials/zh-CN/master/cv/vit.html)的训练部分，用 `Model`、`LossMonitor` 和 `ModelCheckpoint`；逐项对照见 [`course/pages/beside_the_tutorial.zh.md`](../../course/pages/beside_the_tutorial.zh.md)。
#
# **亲手试试**：下面这一页；在 C 节训练过，里面就有你的网络，把它和没训练过的并排看。
#
# **下一课**（08）：刚训练好的模型到底学到了什么？证明评估的就是它，再和基线、和打乱的标签比。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. A step is forward, loss, backward, clipping, update, compiled to one graph; the loss starts at $\log K$, and one batch must be overfitted before any training makes sense.
# 2. Decay aside, AdamW's first step moves each parameter whose gradient is well above $\epsilon$ by one learning rate, thanks to bias correction; its decay stays out of the gradient.
# 3. To go on with a training, weights are not enough: $m$, $v$, the count of steps and the place in the data belong to it.
#
# <details><summary>Question 1: is the accuracy on the validation set so high because the learning rate was chosen on it?</summary>
#
# No: the peak was chosen on drawings of another seed. The validation set is measured after each epoch and decides only which epoch is kept in `best.safetensors`; what is reported is the last epoch, which it did not choose.
#
# </details>
#
# <details><summary>Question 2: training drops the last, partial batch; evaluation may not lose one image. Why?</summary>
#
# Training shuffles anew each epoch, so other images are dropped each time and none is left out for ever; and a new shape would have to be compiled. Evaluation would drop the same ones every time, and what it reports would not be the accuracy on this data set.
#
# </details>
#
# **To compare**: the training in [MindSpore's own ViT tutorial](https://www.mindspore.cn/tutorials/en/master/cv/vit.html), with `Model`, `LossMonitor` and `ModelCheckpoint`; piece by piece: [`course/pages/beside_the_tutorial.en.md`](../../course/pages/beside_the_tutorial.en.md).
#
# **Touch it** below: if you trained in section C, your network is there; see it beside one at random.
#
# **Next** (08): what has the model just trained really learned? Proof that it is the one evaluated, and a comparison with baselines and made-up labels.
# %%
explore(lesson="07")
# %% [markdown] lang="zh" slide="slide"
# ## D 节打卡
#
# 卡片里会写着：你的 ViT 里有几个部件出自你手。
# %% [markdown] lang="en" slide="slide"
# ## Check-in for section D
#
# The card says how many parts of your ViT are yours.
# %%
checkin("D")
