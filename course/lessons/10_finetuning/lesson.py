# %% [markdown] lang="zh" slide="slide" section="A"
# # 10 · 微调：几张照片才够
#
# ![ViT 全图，亮的部分是微调](../../course/figures/map_finetuning.zh.svg)
#
# 从零训练一个大网络要非常多的图，你手里只有几十张。好在别人已经用大量的图训练过网络，“看图”的本事可以借来，这叫**迁移学习**（transfer learning）：只换一个**分类头**，或者再把整个网络轻轻调一调。本课用数字回答三个问题：**每类要几张？只换分类头，还是全部微调？换一个分辨率，位置怎么办？**
#
# ![左：真实照片，准确率随每类张数的变化；右：底片，三种做法的比较](../../course/lessons/10_finetuning/figures/opening.zh.png)
#
# *终点的样子：左边是照片，每类五张已经很准；右边是底片（亮暗颠倒的画），借来的网络对从零开始的网络。B·4 会画出这张图。*
#
# **需要**：第 06 课的模型，第 07 课的训练（会用即可）；可单独运行。**三节**：A 每类要几张照片，B 离得远的任务，C 换分辨率。每节阅读不超过 15 分钟，练习另算；运行时间见 `notebooks/TIMINGS.md`。想用自己的照片：放进 `data/photos/train/类别名/` 和 `data/photos/val/类别名/`，同样的单元格就会用它们。
# %% [markdown] lang="en" slide="slide" section="A"
# # 10 · Fine-tuning: how few photographs will do?
#
# ![Map of the whole ViT; the lit part is fine-tuning](../../course/figures/map_finetuning.en.svg)
#
# Training a large network from scratch takes a great many images, and you have a few dozen. Fortunately others have trained networks on plenty, and the skill of seeing can be borrowed, which is called **transfer learning**: replace only the **head**, or gently adjust the whole network as well. This lesson answers three questions with numbers: **how many images a class? The head alone, or everything? And at another resolution, what of the positions?**
#
# ![Left: real photographs, accuracy against images per class; right: negatives, three ways compared](../../course/lessons/10_finetuning/figures/opening.en.png)
#
# *Where we end: left, photographs, where five of each class already do well; right, negatives (the drawings with light and dark exchanged), the borrowed network against one from scratch. B·4 draws this figure.*
#
# **You need** the model of lesson 06 and the training of lesson 07 (to use); the lesson runs alone. **Three sections**: A how many photographs a class, B a task far away, C another resolution. Each takes at most 15 minutes to read, not counting exercises; running times are in `notebooks/TIMINGS.md`. For photographs of your own: put them into `data/photos/train/NAME/` and `data/photos/val/NAME/`, and the same cells use them.
# %%
import time

import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn

from course import begin, check, checked, checkin, hint, investigate, signature

begin("10")
# %% [markdown] lang="zh" note=true
# 三节，各约 20 分钟，练习在内。课前请学员每人拍 20 张：两样东西各 10 张，当场就能训练。A·2 先让大家猜：每类 1 张、5 张、20 张，准确率各能到多少？B·4 训练约一分半，这段时间请大家为探究 10.5 押注：冻住多少最好？
# %% [markdown] lang="en" note=true
# Three sections of about 20 minutes each, exercises included. Ask learners to bring twenty photographs, ten each of two things; they can train on them at once. Before A·2 let them guess the accuracy with 1, 5 and 20 images a class. The training of B·4 takes a minute and a half, time to take bets for investigation 10.5: how much should be frozen?
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 两种借法，以及从零开始
#
# | | 训练什么 | 要多少数据 |
# |---|---|---|
# | 线性探测（linear probe） | 只有新的分类头，网络冻住 | 最少 |
# | 全部微调（full fine-tuning） | 所有参数，从借来的权重开始，学习率通常比从零训练小（大模型常用 1e-5 到 1e-4；本课没有量这一条） | 多一些 |
# | 从零开始 | 所有参数，从随机数开始 | 非常多 |
#
# 冻住网络的好处：特征只要算**一次**，之后训练分类头只是线性代数，几毫秒。
# %% [markdown] lang="en" slide="slide"
# ## A · 1. Two ways to borrow, and one without
#
# | | what is trained | how much data |
# |---|---|---|
# | linear probe | the new head only, the network is frozen | the least |
# | full fine-tuning | all parameters, from borrowed weights, usually at a smaller rate than from scratch (1e-5 to 1e-4 for large models; not measured here) | more |
# | from scratch | all parameters, from random numbers | a great deal |
#
# The merit of a frozen network: features are computed **once**; then training the head is linear algebra, and takes milliseconds.
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. 每类要几张？
#
# 先算特征：网络去掉分类头，每张图得到 $D$ 个数。然后用**最简单**的分类器：每类特征的平均（类中心），新图归给最近的中心。一步训练也没有。
# %% [markdown] lang="en" slide="slide"
# ## A · 2. How many images a class?
#
# First the features: without its head the network turns an image into $D$ numbers. Then the **simplest** classifier there is: the mean of each class's features, and a new image goes to the nearest mean. Not one step of training.
# %% slow=true
from course.learner.assets import features_at_hand, photos_at_hand
from vit.data.labels import from_folders
from vit.data.pipeline import evaluation_batches
from vit.data.training_set import classes_of
from vit.inference import make_forward

network = features_at_hand()
forward = make_forward(network)
folder = photos_at_hand()
names = [c.name for c in classes_of(folder / "train")]


def features_of(split, most):
    # 特征 (n, D) 和标签 (n,)，每类最多取 `most` 张 ¦ features (n, D) and labels (n,), of at most `most` images a class
    data = from_folders(folder / split, classes_of(folder / "train"))
    chosen = [i for k in range(len(names)) for i in np.flatnonzero(np.array(data.labels) == k)[:most]]
    batches = evaluation_batches([data.paths[i] for i in chosen], network.preprocessing, 8, {})
    rows, kept = zip(*((forward(x).asnumpy()[i >= 0], i[i >= 0]) for x, i in batches), strict=True)
    return np.concatenate(rows), np.array(data.labels)[chosen][np.concatenate(kept)]


# %% slow=true
start = time.time()
(x, y), (x_val, y_val) = features_of("train", 60), features_of("val", 100)
print(
    T(
        f"{len(x)} + {len(x_val)} 张照片，类别：{', '.join(names[:10])}；特征 {x.shape}；{time.time() - start:.0f} 秒",
        f"{len(x)} + {len(x_val)} photographs of {', '.join(names[:10])}; features {x.shape}; {time.time() - start:.0f} s",
    )
)


# %% [markdown] lang="zh" exercise="10.1" slide="subslide"
# ### 练习 10.1 · 最近的类中心（★★，8 分钟）
#
# 写 `nearest_mean(x, y, queries)`：`x (n, D)`，`y (n,)` 是 $0\dots K-1$，`queries (m, D)`；返回 `(m,)` 的类别编号，按欧氏距离。
# %% [markdown] lang="en" exercise="10.1" slide="subslide"
# ### Exercise 10.1 · The nearest mean (★★, 8 minutes)
#
# Write `nearest_mean(x, y, queries)`: `x (n, D)`, `y (n,)` from $0$ to $K-1$, `queries (m, D)`; it returns class numbers `(m,)`, by Euclidean distance.
# %% exercise="10.1"
def nearest_mean(x, y, queries):
    return np.zeros(len(queries), int)  # (m,)，轮到你了 ¦ (m,), your turn


# %%
toy = np.random.default_rng(8)
toy_y = np.array([0] * 4 + [1] * 7 + [2] * 5)
toy_x = toy.normal(size=(16, 3)) * 1.4 + np.array([[1, 0, 0], [0, 2, 0], [3, 0, 4]])[toy_y]
toy_queries, toy_sizes = toy.normal(size=(200, 3)) * 2 + 1, np.array([1, 4, 0.3])  # (m, D), (D,)
check("10.1", nearest_mean(toy_x * toy_sizes, toy_y, toy_queries * toy_sizes))


# hint("10.1")
# %% [markdown] lang="zh"
# 再加一个**线性探测**：最小二乘拟合的线性分类头（岭回归，有解析解，几毫秒）。每个张数都用 10 个不同的种子抽图，看平均和散布：
# %% [markdown] lang="en"
# Beside it a **linear probe**: a linear head fitted by least squares (ridge regression, which has a closed form and takes milliseconds). For each number of images ten seeds draw which ones, so that mean and spread can be seen:
# %%
passed_mean = checked("10.1", nearest_mean)


def by_mean(x, y, queries, K):
    return passed_mean(x, y, queries)


def by_probe(x, y, queries, K):
    # 所有特征共用一个尺度：每个特征各算标准差，两张图是不够的 ¦ one scale for all: a deviation for each needs more than two images
    mean, scale = x.mean(0), x.std() + 1e-6
    x, queries = (x - mean) / scale, (queries - mean) / scale
    kernel = (
        x @ x.T
    )  # (n, n)：图比特征少，按图解方程更省 ¦ (n, n): fewer images than features, so it is solved by images
    # 正则的强度取对角线的平均 ¦ the ridge is as strong as the mean of the diagonal
    ridge = np.eye(len(x)) * np.diag(kernel).mean()
    return (queries @ (x.T @ np.linalg.solve(kernel + ridge, np.eye(K)[y] - 1 / K))).argmax(1)


def accuracies(classifier, x, y, x_val, y_val, per_class, seeds=10):
    K, found = y.max() + 1, []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        some = np.concatenate([rng.permutation(np.flatnonzero(y == k))[:per_class] for k in range(K)])
        found.append((classifier(x[some], y[some], x_val, K) == y_val).mean())
    return np.array(found)


# %% slow=true values="worst = 1 张 ~%（#% 到 ¦ : 1: ~% (#% to; best = 1 张 ~%（~% 到 #% ¦ : 1: ~% (~% to #%; five = 5 张 #% ¦ 5: #%"
numbers = (1, 2, 5, 10, 20, 50)
nearest, probing = T("最近类中心", "nearest mean"), T("线性探测", "linear probe")
few = {}
for name, classifier in ((nearest, by_mean), (probing, by_probe)):
    few[name] = np.array([accuracies(classifier, x, y, x_val, y_val, n) for n in numbers])  # (6, 10)
    row = "  ".join(
        T(
            f"{n} 张 {a.mean():.0%}（{a.min():.0%} 到 {a.max():.0%}）",
            f"{n}: {a.mean():.0%} ({a.min():.0%} to {a.max():.0%})",
        )
        for n, a in zip(numbers, few[name], strict=True)
    )
    print(T(f"{name}：{row}", f"{name}: {row}"))
# %% [markdown] lang="zh"
# 课程保存的输出用的是蚂蚁和蜜蜂的照片和 ViT-Ti。注意：ImageNet 的 1000 类里本来就有 ant 和 bee，这是特别有利的情形（见文末问题二）；在这里，每类五张就有 {{five}} %，换成别的类别要自己量。每类一张时，全看抽到哪一张：差的只有 {{worst}} %，不如抛硬币，好的有 {{best}} %。**只报告一个种子，想要什么结论都能得到。** 另外，每类一张时两种办法是同一条规则（为什么？画一画），图多了线性探测略好一两个百分点（153 张里的三张，算不得定论；每类 50 张时，各种子抽到的图大半相同，散布偏窄）。（代码里所有特征共用一个尺度：只有两张图时，单个特征的标准差说明不了什么。）
# %% [markdown] lang="en"
# The outputs kept with the course are of photographs of ants and bees, and of ViT-Ti. Mind that ant and bee are among the 1000 classes of ImageNet, which makes this an easy case (question 2 at the end); here five images a class give {{five}} %, and for other classes you have to measure. With a single image a class, everything depends on which one is drawn: accuracy ranges from {{worst}} %, worse than tossing a coin, to {{best}} %. **With a single seed you can report any conclusion you like.** And with one image a class the two are the same rule (why? draw it); with more the linear probe is ahead by a point or two (three photographs of 153: not established; and at 50 a class the seeds share most of their images, so the spread is too narrow). (The code uses one scale for all features: of two images, the deviation of a single feature tells nothing.)
# %% [markdown] lang="zh"
# **A 节打卡**：汇总上面的练习，再给你一道只属于你的小题；算出后写成 `checkin("A", answer=数值)` 再运行一次。（还没报过名？先在新单元格里运行 `from course import join; join()`。）隔天再学下一节时，先把前面的单元格运行一遍。
# %% [markdown] lang="en"
# **Check-in for section A**: it sums up the exercise above and poses a question made for you; work it out and run `checkin("A", answer=number)`. (Not joined yet? Run `from course import join; join()` in a new cell first.) On another day, run the cells above before the next section.
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 3. 离得远的任务：底片
#
# A·2 的照片和 ImageNet 很像，借来的特征正好合用。差得远时呢？拿课程的画做个难题：**底片**，亮暗颠倒、颜色变成补色。小模型没有见过，认画认得很好，认底片却不行：
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 3. A task far away: negatives
#
# The photographs of A·2 are much like ImageNet, and the borrowed features fit. What if the task is far away? The drawings of the course make a hard one: **negatives**, light and dark exchanged and every colour its complement. The small model has never seen any; it knows drawings well, and their negatives badly:
# %% slow=true
from vit import create_model
from vit.data.sample.dataset import make_sample
from vit.runtime.paths import DATA

make_sample(DATA / "sample")
small = create_model("vit_sample_patch8_64", weights="vit_sample_patch8_64")


def drawings(split, per_class):
    data = from_folders(DATA / "sample" / split, small.classes)
    chosen = [i for k in range(10) for i in np.flatnonzero(np.array(data.labels) == k)[:per_class]]
    batches = evaluation_batches([data.paths[i] for i in chosen], small.preprocessing, 100, {})
    return np.concatenate([x[i >= 0] for x, i in batches]), np.array(data.labels)[chosen]


# %% slow=true
(draw, t), (draw_val, t_val) = drawings("train", 50), drawings("val", 30)
negative, negative_val = -draw, -draw_val  # 像素在 -1 到 1 之间 ¦ pixels lie in -1..1


def in_batches(forward, images):
    # 一次 50 张，省内存 ¦ 50 at a time, which saves memory
    return np.concatenate([forward(part).asnumpy() for part in np.split(images, len(images) // 50)])


answer = make_forward(small)
for name, images in ((T("画", "drawings"), draw_val), (T("底片", "their negatives"), negative_val)):
    print(
        T(
            f"{name}：{len(images)} 张，答对 {(in_batches(answer, images).argmax(1) == t_val).mean():.0%}",
            f"{name}: {(in_batches(answer, images).argmax(1) == t_val).mean():.0%} of {len(images)}",
        )
    )
# %% slow=true
figure, axes = plt.subplots(2, 8, figsize=(8, 2.1), dpi=70)
for column, k in zip(axes.T, range(0, 400, 50), strict=True):
    for ax, image in zip(column, (draw[k], negative[k]), strict=True):
        ax.imshow(image.transpose(1, 2, 0) / 2 + 0.5)
        ax.axis("off")
plt.show()
# %% [markdown] lang="zh" slide="slide"
# ## B · 4. 只换分类头、全部微调、从零开始
#
# 同样的底片，三种做法。线性探测和全部微调用每类 2、10、50 张，从零开始只用 50 张；各三个种子（换的是抽到的图和顺序，起点不变；每类 50 张时总是同样的 500 张，只有顺序不同，所以线性探测没有波动；± 是标准差）。微调和从零开始用第 07 课的训练步：60 步，每批 20 张，随机左右翻转，峰值都是 1e-3（为了只比较起点，都没有各自调优；微调大模型通常更小）。编译一次，每次训练前把参数放回起点：
# %% [markdown] lang="en" slide="slide"
# ## B · 4. Head only, everything, from scratch
#
# The same negatives, three ways. Linear probe and full fine-tuning get 2, 10 and 50 of each class, from scratch 50 only; three seeds each (other images and another order, the same start; at 50 a class always the same 500, so only the order differs and the probe has no spread; ± is the standard deviation). Fine-tuning and training from scratch use the step of lesson 07: 60 steps of 20 images, flipped at random, both with a peak of 1e-3 (so that only the start differs; neither was tuned, and large models are usually fine-tuned at less). It is compiled once, and parameters are put back to their start before each run:
# %% slow=true
from tqdm.auto import tqdm

from vit.training.optimizer import warmup_cosine
from vit.training import make_train_step

# 只要特征 ¦ features only
frozen = create_model("vit_sample_patch8_64", weights="vit_sample_patch8_64", num_classes=0)
model = create_model(
    "vit_sample_patch8_64", num_classes=10
)  # 新的分类头，从零开始 ¦ a new head, which starts from zero
step = make_train_step(model, warmup_cosine(1e-3, 60, warmup=6), betas=(0.9, 0.98))
predict = make_forward(model)
scratch = {name: p.asnumpy().copy() for name, p in model.parameters_and_names()}
borrowed = scratch | {name: p.asnumpy().copy() for name, p in frozen.parameters_and_names()}


# %% slow=true
def train_from(start, images, labels, seed, steps=60):
    # 模型的参数，还有优化器的：后者从 0 开始 ¦ the model's, and the optimizer's: those begin at 0
    for name, p in step.cell.parameters_and_names():
        value = start.get(name.removeprefix("model."))
        p.set_data(ms.ops.zeros_like(p) if value is None else ms.Tensor(value))
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        some = rng.integers(0, len(images), 20)
        flip = np.where(rng.random(20) < 0.5, -1, 1)
        step(np.stack([images[i][..., ::f] for i, f in zip(some, flip, strict=True)]), labels[some])
    return (in_batches(predict, negative_val).argmax(1) == t_val).mean()


# %% slow=true
tuning, fresh = T("全部微调", "full fine-tuning"), T("从零开始", "from scratch")
ways = {probing: {}, tuning: {}, fresh: {}}
# 特征只算一次 ¦ features, once
z, z_val = (in_batches(make_forward(frozen), images) for images in (negative, negative_val))
runs = [
    (start, n, seed) for start, n in ((borrowed, 2), (borrowed, 10), (borrowed, 50), (scratch, 50)) for seed in range(3)
]
for n in (2, 10, 50):
    ways[probing][n] = accuracies(by_probe, z, t, z_val, t_val, n, seeds=3)
for start, n, seed in tqdm(runs, desc=T("训练", "trainings"), leave=False):
    rng = np.random.default_rng(seed)
    some = np.concatenate([rng.permutation(np.flatnonzero(t == k))[:n] for k in range(10)])
    way = tuning if start is borrowed else fresh
    ways[way].setdefault(n, []).append(train_from(start, negative[some], t[some], seed))
# %% slow=true
for way, found in ways.items():
    shares = (
        T(f"每类 {n} 张 {np.mean(a):.0%} ± {np.std(a):.0%}", f"{n} a class: {np.mean(a):.0%} ± {np.std(a):.0%}")
        for n, a in found.items()
    )
    print(f"{way:17}", "  ".join(shares))
signature(
    T(
        f"照片每类五张：{few[nearest][2].mean():.0%}；底片每类 50 张：微调 {np.mean(ways[tuning][50]):.0%}，从零开始 {np.mean(ways[fresh][50]):.0%}",
        f"five photographs a class: {few[nearest][2].mean():.0%}; negatives, 50 a class: fine-tuned {np.mean(ways[tuning][50]):.0%}, from scratch {np.mean(ways[fresh][50]):.0%}",
    )
)
assert np.mean(ways[tuning][50]) > np.mean(ways[fresh][50]) + 0.1
# %% figure="opening" slow=true
figure, axes = plt.subplots(1, 2, figsize=(9, 3.1))
for (name, found), color in zip(few.items(), ("#2f855a", "#2b6cb0"), strict=True):
    axes[0].plot(numbers, found.mean(1), "o-", color=color, label=name)
    axes[0].fill_between(numbers, found.min(1), found.max(1), color=color, alpha=0.15, lw=0)
axes[0].set(xscale="log", xticks=numbers, xticklabels=numbers, xlabel=T("每类张数", "images of each class"))
axes[0].set(ylabel=T("准确率", "accuracy"), ylim=(min(0.4, few[probing].min()), 1))
axes[0].set(title=T("照片（色带：10 个种子）", "photographs (bands: 10 seeds)"))
for (way, found), color in zip(ways.items(), ("#2b6cb0", "#c05621", "#718096"), strict=True):
    mean, spread = [np.mean(a) for a in found.values()], [np.std(a) for a in found.values()]
    axes[1].errorbar(list(found), mean, yerr=spread, fmt="o-", capsize=3, color=color, label=way)
axes[1].set(xscale="log", xticks=(2, 10, 50), xticklabels=(2, 10, 50), xlabel=T("每类张数", "images of each class"))
axes[1].set(title=T("画的底片（3 个种子）", "negatives of drawings (3 seeds)"), ylim=(0, 1))
axes[1].minorticks_off(), axes[0].minorticks_off()
for ax in axes:
    ax.legend(frameon=False, fontsize=8)
plt.tight_layout()
plt.show()


# %% [markdown] lang="zh"
# 这样读右图：
#
# - 全部微调和从零开始都是 60 步（分类头用公式）：借来的网络远好于从零开始（从零开始远没有训练完）。
# - 每类两张时，**只换分类头**不比全部微调差，而分类头只要几毫秒：先试它。图多一些，全部微调明显领先。走更多步会怎样，这里没有量，可以自己试。
# - 右边的任务难得多；差在图不够还是步数不够，这里没有分开。± 只是换种子的标准差；300 张验证图本身还有约 ±5 个百分点的误差（95 % 区间，第 08 课），相差三个百分点分不出高下。（左右两图的模型和类数都不同，不能直接相比。）
# %% [markdown] lang="en"
# How to read the right figure:
#
# - With 60 steps for everything and for scratch (the head is solved by formula), the borrowed network is far better than one from scratch (which is far from trained by then).
# - With two images a class **the head alone** is no worse than full fine-tuning, and takes milliseconds: try it first. With more images full fine-tuning is clearly ahead. What more steps would do was not measured here; try it.
# - The task on the right is much harder; whether it lacks images or steps was not separated here. ± is the spread of the seeds alone; 300 validation images add an error of about ±5 points (95 %, lesson 08), so three points decide nothing. (Model and number of classes differ between the two figures, so they cannot be compared directly.)
# %% [markdown] lang="zh" exercise="10.4" slide="subslide"
# ### 练习 10.4 · 写出线性探测（★★，8 分钟）
#
# A·2 的线性探测是用公式解的；要和别的层一起训练、导出，它得是一个 Cell。写 `Probe(backbone, dim, classes)`：`backbone` 把图变成 `(B, dim)` 的特征，参数**冻住**（`parameter.requires_grad = False`）；`head` 是 `nn.Dense`；`construct` 返回 logits `(B, classes)`。
# %% [markdown] lang="en" exercise="10.4" slide="subslide"
# ### Exercise 10.4 · Write the linear probe (★★, 8 minutes)
#
# The linear probe of A·2 was solved by a formula; to be trained or exported with other layers it has to be a cell. Write `Probe(backbone, dim, classes)`: `backbone` turns images into features `(B, dim)`, and its parameters are **frozen** (`parameter.requires_grad = False`); `head` is an `nn.Dense`; `construct` returns logits `(B, classes)`.
# %% exercise="10.4"
class Probe(nn.Cell):
    def __init__(self, backbone, dim, classes):
        super().__init__()
        self.backbone = backbone
        # 轮到你了：冻住 backbone，加上 head ¦ your turn: freeze the backbone, add the head

    def construct(self, x):
        return self.backbone(x)


# %%
def described(kind):
    # 可训练的参数个数，和填上固定参数后的输出 ¦ numbers trained, and the output with fixed parameters
    probe = kind(nn.Dense(4, 6), 6, 3)
    for number, p in enumerate(probe.get_parameters()):
        p.set_data(ms.Tensor(np.cos(np.arange(p.size) + number).reshape(p.shape).astype(np.float32)))
    x = ms.Tensor(np.sin(np.arange(8)).reshape(2, 4).astype(np.float32))
    return np.array([sum(p.size for p in probe.trainable_params())]), probe(x).asnumpy()


check("10.4", described(Probe))
# hint("10.4")
# %% [markdown] lang="zh"
# 用它训练 60 步，与 B·4 里用公式解的分类头比一比（同样的图，每类 10 张）。公式一步到位；训练 60 步走到哪里了？
# %% [markdown] lang="en"
# Train it for 60 steps beside the head that B·4 solved by the formula (the same images, ten a class). The formula is there at once; how far do 60 steps get?
# %% slow=true
probe = checked("10.4", Probe)(frozen, 96, 10)
for p in probe.head.get_parameters():
    p.set_data(ms.ops.zeros_like(p))  # 新的头从零开始，和上面一样 ¦ a new head begins at zero, as above
optimizer = nn.Adam(probe.trainable_params(), learning_rate=warmup_cosine(1e-3, 60, warmup=6).tolist())
loss_and_gradients = ms.value_and_grad(lambda x, y: nn.CrossEntropyLoss()(probe(x), y), None, probe.trainable_params())
rng = np.random.default_rng(0)
some = np.concatenate([rng.permutation(np.flatnonzero(t == k))[:10] for k in range(10)])
for _ in range(60):
    batch = rng.choice(some, 20)
    _, gradients = loss_and_gradients(ms.Tensor(negative[batch]), ms.Tensor(t[batch], ms.int32))
    optimizer(gradients)
# %% slow=true
by_steps = (in_batches(lambda part: probe(ms.Tensor(part)), negative_val).argmax(1) == t_val).mean()
by_formula = (by_probe(z[some], t[some], z_val, 10) == t_val).mean()
print(T(f"训练 60 步 {by_steps:.0%}，公式 {by_formula:.0%}", f"60 steps {by_steps:.0%}, formula {by_formula:.0%}"))
# %% [markdown] lang="zh"
# 微调会覆盖借来的能力：微调之后，它还认得原来的画吗？
# %% [markdown] lang="en"
# Fine-tuning overwrites what was borrowed: after fine-tuning, does it still know the drawings it came from?
# %% slow=true
# 连同它自己的分类头，它认得画 ¦ its own head, which knows drawings
with_head = {name: p.asnumpy().copy() for name, p in small.parameters_and_names()}
train_from(with_head, negative, t, seed=0)
for name, images in ((T("底片", "negatives"), negative_val), (T("原来的画", "the drawings as they were"), draw_val)):
    print(
        T(
            f"在底片上微调之后：{name}答对 {(in_batches(predict, images).argmax(1) == t_val).mean():.0%}",
            f"fine-tuned on negatives: {(in_batches(predict, images).argmax(1) == t_val).mean():.0%} of {name}",
        )
    )
print(
    T(
        f"微调之前：        原来的画答对 {(in_batches(answer, draw_val).argmax(1) == t_val).mean():.0%}",
        f"before:                  {(in_batches(answer, draw_val).argmax(1) == t_val).mean():.0%} of the drawings",
    )
)
# %% [markdown] lang="zh"
# 旧本事丢了一截：同一个分类头、同一个网络，只训练了 60 步底片。这叫**灾难性遗忘**（catastrophic forgetting）。想保住旧本事：冻住网络，旧分类头留着，新分类头另装一个；或者把旧图掺进来一起训练。
#
# 在命令行里，微调就是训练加上 `--weights`（类别不同会换新的分类头，学习率调小）：
#
# ```
# vit train --data data/photos --model vit_tiny_patch16_224 --weights vit_tiny_patch16_224 --lr 5e-5 --epochs 5 --out outputs/mine
# ```
# %% [markdown] lang="en"
# A good part of the old skill is gone: the same head, the same network, and only 60 steps on negatives. This is called **catastrophic forgetting**. To keep the old skill, freeze the network, keep the old head and put a new one beside it; or mix old images into the training.
#
# On the command line, fine-tuning is training plus `--weights` (other classes get a new head; the learning rate goes down):
#
# ```
# vit train --data data/photos --model vit_tiny_patch16_224 --weights vit_tiny_patch16_224 --lr 5e-5 --epochs 5 --out outputs/mine
# ```
# %% [markdown] lang="zh" exercise="10.5" slide="subslide"
# ### 练习 10.5 · 探究：冻住多少（★★，10 分钟）
#
# 每类只有 10 张底片，是该把大部分网络冻住，免得过拟合，还是全部放开？`blocks` 是除新的分类头以外还训练最后几层：0 只训练分类头，1 到 5 再加最后的归一化和那几层，6 全部训练（默认）。
#
# 做法同第 03 课的探究：先原样运行一次，写下预测，再运行：60 步，每批 20 张，峰值 1e-3，和上面一样，再认 1000 张验证画的底片，十几秒。先预测 `blocks=2` 的准确率。还可以改 `pictures`（每类几张）。
# %% [markdown] lang="en" exercise="10.5" slide="subslide"
# ### Exercise 10.5 · Investigation: how much to freeze (★★, 10 minutes)
#
# With ten negatives a class: should most of the network be frozen, lest it overfit, or all of it be set free? `blocks` says how many of the last blocks are trained besides the new head: 0 means the head alone, 1 to 5 add the last norm and those blocks, 6 is everything (the usual).
#
# As in lesson 03's investigation: run the cell once as it is, write down what you expect, run again: 60 steps of 20 images with a peak of 1e-3, as above, then the negatives of the 1,000 validation drawings; some ten seconds. Predict the accuracy with `blocks=2`. You can change `pictures` (how many a class), too.
# %% investigation="10.5" slow=true
predicted = ...  # 你的预测（0 到 1），轮到你了 ¦ what you expect (between 0 and 1), your turn
investigate("10.5", predicted, blocks=2)
# %% [markdown] lang="zh"
# **哪一句由此得出？**
#
# - **A** 训练的层越少越好：每多放开一步，准确率就降一步
# - **B** 在这 60 步里，放开到 4 层为止越多越好，每一步都分得开；4 层和全部分不开
# - **C** 在这 60 步里，越多越好，从 0 层直到全部放开，每一步都分得开
# %% [markdown] lang="en"
# **Which statement follows?**
#
# - **A** The fewer blocks are trained the better: each step towards more lowers the accuracy
# - **B** In these 60 steps more is better up to four blocks, each step told apart; four and all are not told apart
# - **C** In these 60 steps more is better, from none to all of them, and each step is told apart
# %% exercise="10.5"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("10.5", conclusion)
# hint("10.5")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# “图少就冻住”是常见的忠告；任务相近、特征现成可用时是好的（A·2 的蚂蚁和蜜蜂）。这里特征不合用，放开就有好处，虽然每张图看了十来遍。两点保留：60 步还没把分类头练够（B·4 直接求解，每类同样多的图有六成多），所以头一步里有一部分只是快慢；最前面的两层冻住也没看出损失，可表里只试了从后往前放开（[Lee 等，2022](https://arxiv.org/abs/2210.11466) 在受损的图上发现只调最前面几层最好）。
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# "Few images: freeze" is common advice, and good where the features fit as they are (the ants and bees of A·2). Here they do not, and setting blocks free helps, although each image is seen about twelve times. Two reservations: sixty steps do not train the head out (B·4's formula gets more than sixty percent from as many images a class), so part of the first step is mere speed; and freezing the first two blocks showed no loss, but the table sets blocks free from the back only ([Lee et al., 2022](https://arxiv.org/abs/2210.11466), find for corrupted images that tuning the first few alone is best).
#
# </details>
# %% [markdown] lang="zh"
# **B 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section B**:
# %%
checkin("B")
# %% [markdown] lang="zh" slide="slide" section="C"
# ## C · 5. 换一个分辨率：位置怎么办
#
# 图大一些，看得清一些，可图像块的个数变了：224 像素是 14×14，384 像素是 24×24，而位置只学了 196 个（加上类别 token 的一个）。办法：把位置看成一张 14×14 的“图”，每个通道一张，**放大**到 24×24；类别 token 的位置原样不动。
#
# ![位置排成网格，逐通道放大成更大的网格；类别 token 的位置不动](../../course/figures/positions.zh.svg)
#
# 放大是线性的：行方向乘一个 $24\times14$ 的矩阵，列方向再乘一次。最简单的例子，一条线上 2 个位置放大到 4 个（线性插值，边上重复）：
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 5. Another resolution: what of the positions?
#
# A larger image shows more, but the number of patches changes: 224 pixels make 14 × 14, 384 make 24 × 24, and only 196 positions were learned (and one for the class token). The remedy: take the positions for an "image" of 14 × 14, one for each channel, and **enlarge** it to 24 × 24; the class token's position stays as it is.
#
# ![Positions laid out as a grid and enlarged channel by channel to a larger grid; the class token's stays as it is](../../course/figures/positions.en.svg)
#
# Enlarging is linear: a matrix of $24\times14$ along the rows, and again along the columns. The simplest case, a line of 2 positions made 4 (linear, borders repeated):
# %%
# (4, 2)，每个新位置是旧位置的加权平均 ¦ (4, 2): each new place is a mean of old ones
M = np.array([[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]])
line = np.array([10.0, 20.0])
print(T("一条线：", "a line:"), M @ line)
square = np.array([[10.0, 20.0], [30.0, 40.0]])  # 2×2 的网格，一个通道 ¦ a grid of 2 x 2, one channel
print(T("网格：\n", "a grid:\n"), M @ square @ M.T)


# %% [markdown] lang="zh" exercise="10.3" slide="subslide"
# ### 练习 10.3 · 放大位置（★★★，10 分钟）
#
# 写 `resample(positions, M)`：`positions (1, 1+n*n, D)`，第 0 个属于类别 token；`M (m, n)` 沿行、沿列都用它；返回 `(1, 1+m*m, D)`。
# %% [markdown] lang="en" exercise="10.3" slide="subslide"
# ### Exercise 10.3 · Enlarging positions (★★★, 10 minutes)
#
# Write `resample(positions, M)`: `positions (1, 1+n*n, D)`, of which number 0 is the class token's; `M (m, n)` serves rows and columns; it returns `(1, 1+m*m, D)`.
# %% exercise="10.3"
def resample(positions, M):
    m, D = len(M), positions.shape[2]
    return np.zeros((1, 1 + m * m, D))  # (1, 1+m*m, D)，轮到你了 ¦ (1, 1+m*m, D), your turn


# %%
toy_positions = np.random.default_rng(1).normal(size=(1, 5, 3))  # (1, 1+2*2, D=3)
check("10.3", resample(toy_positions, M))
# hint("10.3")
# %% [markdown] lang="zh"
# `vit/patch_embedding.py` 用三次（bicubic）插值做同一件事，只是矩阵 `M` 不同，并且与 PyTorch 的结果核对过（`tests/`）。换上那个矩阵，你的函数应当和它一致。然后看真实的照片：同一个模型，除了原来的分辨率，其余的都没有训练过：
# %% [markdown] lang="en"
# `vit/patch_embedding.py` does the same with cubic interpolation, which is another matrix `M`, and is held against PyTorch's result (`tests/`). With that matrix your function should agree with it. Then real photographs, at the resolution of training and at others the model has never seen:
# %%
from dataclasses import replace

from course.learner.assets import model_at_hand, pictures_at_hand
from vit.data.pipeline import preprocess
from vit.inference import class_names

whole = model_at_hand()
settings, p = whole.preprocessing, whole.config.patch_size
# %% slow=true
from vit.patch_embedding import cubic_matrix, resample_positions

grid = settings.size // p
yours = checked("10.3", resample)(whole.pos_embed.asnumpy(), cubic_matrix(grid, grid + 6))
theirs = resample_positions(whole.pos_embed, (grid + 6, grid + 6)).asnumpy()
print(
    T(
        f"{grid}×{grid} -> {grid + 6}×{grid + 6}：两种写法最多相差 {np.abs(yours - theirs).max():.1e}",
        f"{grid} x {grid} -> {grid + 6} x {grid + 6}: the two differ by at most {np.abs(yours - theirs).max():.1e}",
    )
)
# %% slow=true
for grid in [round(settings.size // p * f) for f in (0.7, 1, 1.4, 1.7)]:
    side = grid * p
    framing = replace(settings, size=side, resize=round(settings.resize * side / settings.size))
    answers = []
    for pixels in pictures_at_hand(whole).values():
        logits = whole(ms.Tensor(preprocess(pixels, framing)[np.newaxis])).asnumpy()[0]
        e = np.exp(logits - logits.max())
        answers.append(f"{class_names(whole)[logits.argmax()].called} {e.max() / e.sum():.0%}")
    print(
        T(
            f"{side:4} 像素，{grid}×{grid} 个图像块：{'; '.join(answers)}",
            f"{side:4} px, {grid} x {grid} patches: {'; '.join(answers)}",
        )
    )
# %% [markdown] lang="zh"
# 用 ViT-Ti 时，三张照片的答案都没变（用小模型时以你的输出为准）。可是“位置真的放大对了”吗？要有对照：把所有位置当成**一条线**来插值。这是个常见的错误，形状完全正确，程序不会报错：
# %% [markdown] lang="en"
# With ViT-Ti all three keep their answers (with the small model see your output). But were the positions enlarged correctly? A control: interpolate all positions as **one line**. It is a common mistake; the shapes are right, and nothing complains:
# %%
from vit import ViT

learned = whole.pos_embed.asnumpy()  # (1, 1+N, D)


def as_a_line(positions, count):
    old, new = np.linspace(0, 1, positions.shape[1] - 1), np.linspace(0, 1, count)
    line = np.stack([np.interp(new, old, channel) for channel in positions[0, 1:].T], axis=1)  # (count, D)
    return np.concatenate([positions[0, :1], line])[np.newaxis].astype(np.float32)


def with_a_line(side):
    wrong = ViT(replace(whole.config, image_size=side))
    for name, p_wrong in wrong.parameters_dict().items():
        value = as_a_line(learned, (side // p) ** 2) if name == "pos_embed" else whole.parameters_dict()[name].asnumpy()
        p_wrong.set_data(ms.Tensor(value))
    return wrong.set_train(False)


# %% slow=true
side = round(settings.size // p * 1.4) * p
framing = replace(settings, size=side, resize=round(settings.resize * side / settings.size))
for name, pixels in pictures_at_hand(whole).items():
    said = []
    for one in (whole, with_a_line(side)):
        logits = one(ms.Tensor(preprocess(pixels, framing)[np.newaxis])).asnumpy()[0]
        e = np.exp(logits - logits.max())
        said.append(f"{class_names(whole)[logits.argmax()].called} {e.max() / e.sum():.0%}")
    print(
        T(
            f"{name}，{side} 像素：当作网格 {said[0]}；当作一条线 {said[1]}",
            f"{name} at {side} px: as a grid {said[0]}; as a line {said[1]}",
        )
    )
# %% [markdown] lang="zh"
# 这三张照片上，ViT-Ti 的答案不是错了，就是没了把握；三张不成定论，但错得足够显眼。（只有课程自带的小模型时，差别很小：第 03 课量过，打乱图像块的顺序，它的准确率几乎不变。可见“形状对、答案没变”证明不了什么，要拿独立的结果来核对数值。）
# %% [markdown] lang="en"
# On these three photographs ViT-Ti is wrong now, or far less sure; three prove little, but the fault is plain enough to look for. (With the course's own small model the difference is small: lesson 03 measured that shuffled patches hardly change its accuracy. So "right shapes and the same answers" prove nothing; compare numbers with an independent result.)
# %% [markdown] lang="zh" slide="slide"
# ## C · 6. 常见误解
#
# **“学习率大一点，微调就快一点。”** B·4 的任务（每类 10 张底片，60 步），峰值放大 10 倍；旁边是从零开始的同样两种，看看是不是只有借来的才怕大步：
# %% [markdown] lang="en" slide="slide"
# ## C · 6. Common misconceptions
#
# **"A larger learning rate makes fine-tuning faster."** The task of B·4 (10 negatives a class, 60 steps) at ten times the peak; beside it the same two from scratch, to see whether only what is borrowed minds large steps:
# %% slow=true values="tuned_fast = 峰值 1e-2 #%，1e-3 ~% ¦ peak 1e-2 #%, 1e-3 ~%; scratch_fast = 从零开始：峰值 1e-2 #% ¦ from scratch: peak 1e-2 #%; scratch_slow = 从零开始：峰值 1e-2 ~%，1e-3 #% ¦ from scratch: peak 1e-2 ~%, 1e-3 #%"
usual = step
some = np.concatenate([np.random.default_rng(0).permutation(np.flatnonzero(t == k))[:10] for k in range(10)])
step = make_train_step(model, warmup_cosine(1e-2, 60, warmup=6), betas=(0.9, 0.98))
large = [train_from(start, negative[some], t[some], seed=0) for start in (borrowed, scratch)]
step = usual
small_steps = [ways[tuning][10][0], train_from(scratch, negative[some], t[some], seed=0)]
for name, fast, slow in zip((tuning, fresh), large, small_steps, strict=True):
    print(T(f"{name}：峰值 1e-2 {fast:.0%}，1e-3 {slow:.0%}", f"{name}: peak 1e-2 {fast:.0%}, 1e-3 {slow:.0%}"))
# %% [markdown] lang="zh"
# 峰值 1e-2 时微调只有 {{tuned_fast}} %；可是从零开始的也从 {{scratch_slow}} % 掉到 {{scratch_fast}} %：这样的步子对谁都太大（一个种子），不能说明借来的权重特别娇气，只能说明在这里大步没有更快。
# %% [markdown] lang="en"
# At a peak of 1e-2 fine-tuning reaches no more than {{tuned_fast}} %. But from scratch, too, it falls from {{scratch_slow}} % to {{scratch_fast}} %: such steps are too large for either (one seed). It does not show that borrowed weights are more delicate, only that here large steps are not faster.
# %% [markdown] lang="zh"
# **“验证集随机分就行。”** 自己拍的照片常常是连拍：同一个东西、同一秒、好几张。随机分开，训练集和验证集里就有几乎一样的图，准确率虚高。要按**拍摄的场合**分：同一个东西的照片全在一边。用抽来的数做个极端的演示，图与标签毫无关系，每张“拍”了三次：
# %% [markdown] lang="en"
# **"Split off the validation set at random."** Photographs of one's own often come in bursts: one thing, one second, several pictures. Split at random, and nearly the same picture is on both sides, and accuracy is too good to be true. Split by **occasion**: all pictures of one thing on one side. An extreme case with random numbers, where image and label have nothing to do with each other and each was "taken" three times:
# %%
rng = np.random.default_rng(0)
things, thing_labels = rng.normal(size=(100, 20)), rng.integers(0, 2, 100)
shots = np.repeat(things, 3, axis=0) + rng.normal(0, 0.1, (300, 20))  # 连拍三张 ¦ bursts of three
shot_labels, thing_of = np.repeat(thing_labels, 3), np.repeat(np.arange(100), 3)
for name, held in ((T("随机", "at random"), rng.random(300) < 0.3), (T("按场合", "by occasion"), thing_of < 30)):
    distance = ((shots[held][:, None] - shots[~held]) ** 2).sum(-1)  # 到每张训练图的距离 ¦ to each training picture
    guess = shot_labels[~held][distance.argmin(1)]  # 最近那张的标签 ¦ the label of the nearest one
    print(
        T(
            f"{name}分：答对 {(guess == shot_labels[held]).mean():.0%}，其实没有什么可学",
            f"split {name}: {(guess == shot_labels[held]).mean():.0%} right, where nothing can be learned",
        )
    )
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 先只换分类头：特征算一次，每类几张就有结果；不够再全部微调，学习率要试过。
# 2. 图少的时候，换一个种子结果就大不一样：至少报告几个种子的平均和散布。
# 3. 换分辨率要把位置当成网格来放大，类别 token 的位置不动。
#
# <details><summary>问题一：为什么不把图缩小到 224，而要换分辨率？</summary>
#
# 东西很小、细节要紧的时候（零件的裂缝、远处的字），缩小就看不见了。代价是图像块变多：边长 1.7 倍，图像块将近 3 倍，注意力的计算量与图像块数的平方成正比。所以先看够不够用。
#
# </details>
#
# <details><summary>问题二：蚂蚁和蜜蜂的照片，为什么不用训练就分得这么好？</summary>
#
# ImageNet 的 1000 类里就有 ant 和 bee。ViT-Ti 的特征里早已有区分它们的方向，类中心只是把它找出来。底片就没有这样的运气。借来的特征好不好用，取决于新任务离原来的任务有多远。
#
# </details>
#
# **下一课**（11）：它为什么慢，怎样快起来。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. First the head alone: features are computed once, and a few images a class give a result; if that is not enough fine-tune everything, at a rate you have tried.
# 2. With few images another seed is another result: report mean and spread of several at least.
# 3. For another resolution enlarge the positions as a grid, and leave the class token's alone.
#
# <details><summary>Question 1: why change the resolution instead of shrinking the image to 224?</summary>
#
# Where things are small and details matter (a crack in a part, letters far away), shrinking loses them. The price is more patches: 1.7 times the side makes nearly 3 times the patches, and attention costs their square. So see first whether 224 will do.
#
# </details>
#
# <details><summary>Question 2: why are ants and bees told apart so well without training?</summary>
#
# Ant and bee are among the 1000 classes of ImageNet. The features of ViT-Ti hold a direction between them already, and the means only find it. Negatives are not so lucky. How good borrowed features are depends on how far the new task is from the old.
#
# </details>
#
# **Next** (11): why it is slow, and how to make it fast.
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
