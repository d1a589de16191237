# %% [markdown] lang="zh" slide="slide" section="A"
# # 08 · 评估：它真的学到了吗
#
# ![ViT 全图，亮的部分是评估](../../course/figures/map_evaluation.zh.svg)
#
# “top-1 93 %”，一份报告这样写。先别急着高兴：评估之前，程序是不是又载入了下载的权重？最后不满一批的图丢了没有？瞎猜能得多少？一个数要可信，得回答四个问题：评估的是谁？每张图都数了吗？这个数有多准？和什么比？本课一个一个回答，最后做一个**必须失败**的对照：用打乱的标签训练。
#
# ![各种做法在同一个验证集上的准确率](../../course/lessons/08_evaluation/figures/opening.zh.png)
#
# *终点的样子：刚训练的模型、基线和对照，放在一起。C·6 会画出这张图。*
#
# **需要**：第 07 课训练的模型（没有的话，会先训练一个，要几分钟）；可单独运行，不用联网。**三节**：A 评估的是谁、数了几张，B 有多准、错在哪，C 和什么比。每节阅读不超过 15 分钟，练习另算；运行时间见 `notebooks/TIMINGS.md`。
# %% [markdown] lang="en" slide="slide" section="A"
# # 08 · Evaluation: did it really learn?
#
# ![Map of the whole ViT; the lit part is evaluation](../../course/figures/map_evaluation.en.svg)
#
# "Top-1 93 %", says a report. Before anyone celebrates: did the program load downloaded weights once more before it evaluated? Was the last, partial batch dropped? How much would guessing get? A number deserves trust when four questions are answered. Who was evaluated? Was every image counted? How precise is it? Compared with what? This lesson answers them one by one, and ends with a control that **must fail**: training on shuffled labels.
#
# ![Accuracy of several ways of guessing on the same validation set](../../course/lessons/08_evaluation/figures/opening.en.png)
#
# *Where we end: the model just trained, baselines and a control side by side. C·6 draws this figure.*
#
# **You need** the model that lesson 07 trained (if it is not there, one is trained first, which takes some minutes); the lesson runs alone and works offline. **Three sections**: A who is evaluated and on how many images, B how precise the number is and where the mistakes are, C what to compare it with. Each takes at most 15 minutes to read, not counting exercises; running times are in `notebooks/TIMINGS.md`.
# %%
import hashlib

import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np

from course import begin, check, checked, checkin, hint, investigate, signature

begin("08")
# %% [markdown] lang="zh" note=true
# 三节，各 30 到 40 分钟，练习在内。开场先问：“有人告诉你他的模型 93 %，你会问他什么？”把答案写在黑板上，最后对照四个问题。C·6 的对照要先让学员押注：打乱标签之后，验证集上会是多少？
# %% [markdown] lang="en" note=true
# Three sections of 30 to 40 minutes each, exercises included. Open with: "Somebody tells you that their model has 93 %. What do you ask them?" and collect the questions on the board; compare at the end. Before the control in C·6 take bets: what will it be on validation images after training on shuffled labels?
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. top-1 和 top-5
#
# 模型对每张图给出 $K$ 个 logits。**top-1**：最大的那个就是正确类别的图占多少；**top-$k$**：正确类别排在前 $k$ 个之内的占多少。只看排名，不需要 softmax（它不改变顺序）。三张图、五个类别，徒手数：
# %% [markdown] lang="en" slide="slide"
# ## A · 1. Top-1 and top-5
#
# For each image the model gives $K$ logits. **Top-1** is the fraction of images whose largest logit is that of the right class; **top-$k$** the fraction with the right class among the $k$ largest. Only the ranks count, and softmax is not needed: it does not change them. Three images, five classes, counted by hand:
# %%
toy = np.array([[0.1, 2.0, 0.3, 1.0, -1.0], [1.5, 0.2, 0.9, 0.8, 0.1], [0.0, 0.4, 0.6, -0.2, 0.5]])  # (n=3, K=5)
truth = np.array([1, 3, 4])
for row, right in zip(toy, truth, strict=True):
    order = np.argsort(-row)  # 最好的在前 ¦ the best first
    print(
        T(
            f"从好到差 {order.tolist()}，正确的是 {right}：第 {order.tolist().index(right) + 1} 名",
            f"best first {order.tolist()}, right is {right}: rank {order.tolist().index(right) + 1}",
        )
    )


# %% [markdown] lang="zh"
# 排名是 1、3、2，所以 top-1 = 1/3，top-2 = 2/3，top-3 = 1。
# %% [markdown] lang="en"
# The ranks are 1, 3 and 2; so top-1 is 1/3, top-2 is 2/3, top-3 is 1.


# %% [markdown] lang="zh" exercise="08.1" slide="subslide"
# ### 练习 08.1 · top-k（★，6 分钟）
#
# 写 `topk(logits, labels, k)`：`logits (n, K)`，`labels (n,)`，返回比例（0 到 1）。检查用的 logits 里没有并列。
# %% [markdown] lang="en" exercise="08.1" slide="subslide"
# ### Exercise 08.1 · Top-k (★, 6 minutes)
#
# Write `topk(logits, labels, k)`: `logits (n, K)`, `labels (n,)`; it returns a fraction between 0 and 1. There are no ties in the logits of the check.
# %% exercise="08.1"
def topk(logits, labels, k):
    return 0.0  # 轮到你了 ¦ your turn


# %%
toy_logits = np.random.default_rng(3).normal(size=(40, 9))
toy_labels = np.random.default_rng(4).integers(0, 9, 40)
check("08.1", [topk(toy_logits, toy_labels, k) for k in (1, 2, 5)])
# hint("08.1")
# %% [markdown] lang="zh"
# 一个真实的陷阱：如果模型坏了，logits 全是 NaN，会报告多少？
# %% [markdown] lang="en"
# A real trap: if the model is broken and all its logits are NaN, what is reported?
# %%
broken = np.full((40, 9), np.nan)
right = broken[np.arange(40), toy_labels][:, None]
print(T("logits > right，再计数：top-1 =", "logits > right, then count: top-1 ="), ((broken > right).sum(1) < 1).mean())
print(
    T("argmax == label：       top-1 =", "argmax == label:            top-1 ="),
    (broken.argmax(1) == toy_labels).mean().round(3),
)
# %% [markdown] lang="zh"
# 与 NaN 的比较都是假，“没有谁比它大”，于是**一个坏掉的模型得了满分**（08.1 的提示也这样写；这个错误真的在本项目里出现过，是一位没参与编写的读者发现的）。全部 logits 相等时也一样。`argmax` 那一行同样不报错：NaN 的 `argmax` 是 0，等于一律猜第 0 类。`vit/evaluation.py` 让并列算错，遇到 NaN 就报错停下。
# %% [markdown] lang="en"
# Every comparison with NaN is false, so "nothing is larger", and **a broken model gets full marks** (08.1's hint counts that way, too; it did happen in this very project, and somebody other than its author found it). The same happens when all logits are equal. The line with `argmax` raises no error either: of NaN it is 0, so class 0 is guessed for everything. In `vit/evaluation.py` ties count against the model, and NaN stops with an error.
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. 评估的是谁？
#
# 取第 07 课训练的模型。给它的全部权重算一个**指纹**（SHA-256），权重变一个数，指纹就变：
# %% [markdown] lang="en" slide="slide"
# ## A · 2. Who is evaluated?
#
# We take the model that lesson 07 trained, and a **fingerprint** of all its weights (SHA-256), which changes if even one number does:
# %% slow=true
from course.learner.assets import task_at_hand, trained_at_hand
from vit import create_model
from vit.data.labels import from_folders
from vit.evaluation import logits_of
from vit.weights import model_for
from vit.weights import load_model

task = task_at_hand()
model = trained_at_hand(task)
classes = model.classes
train, val = (from_folders(task.folder / split, classes) for split in ("train", "val"))
labels = np.array(val.labels)  # (n,)
print(
    T(
        f"{task.model}，{len(classes)} 个类别，{len(labels)} 张验证图",
        f"{task.model}, {len(classes)} classes, {len(labels)} validation images",
    )
)


# %%
def digest(model):
    whole = hashlib.sha256()
    for name, p in sorted(model.parameters_and_names()):
        whole.update(name.encode() + p.asnumpy().tobytes())
    return whole.hexdigest()[:12]


# %% slow=true
# 公开的，或课程自带的 ¦ published, or shipped with the course
someone_else = create_model(task.model, weights=task.weights or task.model)
candidates = {
    T("同款但未训练", "the same, untrained"): model_for(classes, task.model, task.weights),
    T("刚训练的模型", "just trained"): model,
    T("存盘后读回的", "its file, loaded again"): load_model(task.trained),
    T("别人训练好的", "somebody else's"): someone_else,
}
logits = {}
for name, one in candidates.items():
    if name != T("同款但未训练", "the same, untrained"):  # 头全是零，都并列 ¦ its head is zero: every answer is a tie
        logits[name] = logits_of(one, val.paths, batch_size=50, progress=False)[0]  # (n, K)
    accuracy = f"top-1 {(logits[name].argmax(1) == labels).mean():.1%}" if name in logits else ""
    print(f"{name:24}{digest(one)}  {accuracy}")
assert digest(candidates[T("刚训练的模型", "just trained")]) == digest(
    candidates[T("存盘后读回的", "its file, loaded again")]
)
assert np.array_equal(logits[T("刚训练的模型", "just trained")], logits[T("存盘后读回的", "its file, loaded again")])
# %% [markdown] lang="zh"
# 读这张表：存下来再读回来的就是它，logits 逐位相同（第二、三行）；它不是一个刚建好的网络（第一行；它的头是零，十个 logits 并列，准确率没有意义。只凭这一行还不能证明训练过，两个种子不同的新网络也不一样：要给**同一个对象**在训练前后各算一次指纹，C·6 就这样做）；如果评估之前“顺手”载入了别人的权重（第四行），数字会好看得多，而指纹当场揭穿。
# %% [markdown] lang="en"
# How to read it: what was saved and read back is the same model, its logits equal to the last bit (second and third line). It differs from a freshly built network (first line; its head is zero and its logits are ties, so it has no accuracy. That line alone proves no training, since two fresh networks of different seeds differ as well: the proof is the fingerprint of **one object** before and after, as in C·6). And had somebody else's weights been loaded "by the way" before evaluation (fourth line), the number would look much better, and the fingerprint would give it away.
# %% [markdown] lang="zh" slide="slide"
# ## A · 3. 每张图都数了吗？
#
# 评估也常常一批一批地做。1000 张图、一批 300 张，最后剩 100 张。训练的数据管道习惯丢掉不满的一批（`drop_remainder=True`），照搬到评估会怎样？验证集通常**按类别排列**，丢掉的不是随机的 100 张，而是整整一个类别：
# %% [markdown] lang="en" slide="slide"
# ## A · 3. Was every image counted?
#
# Evaluation goes in batches, too. 1000 images in batches of 300 leave 100 over. A training pipeline drops the partial batch (`drop_remainder=True`); what if that is copied into evaluation? Validation sets usually are **sorted by class**, so it is not 100 random images that are lost but a whole class:
# %% slow=true
guesses = logits[T("刚训练的模型", "just trained")].argmax(1)
whole = (guesses == labels).mean()
for size in (300, 128, 64):
    kept = len(labels) // size * size
    lost = sorted({classes[i].called for i in labels[kept:]})
    some = (guesses[:kept] == labels[:kept]).mean()
    print(
        T(
            f"批大小 {size}：{some:.1%}，而不是 {whole:.1%}；丢了 {len(labels) - kept} 张，属于：{', '.join(lost)[:40]}",
            f"batch {size}: {some:.1%} instead of {whole:.1%}; {len(labels) - kept} images lost, of: {', '.join(lost)[:40]}",
        )
    )


# %% [markdown] lang="zh" exercise="08.5" slide="subslide"
# ### 练习 08.5 · 评估循环（★★，8 分钟）
#
# 写 `accuracy(model, dataset)`：`dataset` 是 MindSpore 的数据集，用 `dataset.create_tuple_iterator(num_epochs=1)` 一批批取出 `(图像, 标签)`（张量；最后一批可能不满）；返回 top-1 准确率。模型来的时候也许还在训练模式。
# %% [markdown] lang="en" exercise="08.5" slide="subslide"
# ### Exercise 08.5 · The evaluation loop (★★, 8 minutes)
#
# Write `accuracy(model, dataset)`: `dataset` is one of MindSpore's, and `dataset.create_tuple_iterator(num_epochs=1)` gives batches `(images, labels)`, tensors, of which the last may be partial; it returns the top-1 accuracy. The model may still be in training mode when it comes.
# %% exercise="08.5"
def accuracy(model, dataset):
    return 0.0  # 轮到你了 ¦ your turn


# %%
import mindspore.dataset as ds
from mindspore import nn


class Answers(nn.Cell):
    # 训练模式下答得不一样，像有 dropout 的网络 ¦ answers differently in training mode, as a network with dropout does
    def construct(self, x):
        return x[:, ::-1] if self.training else x  # (B, K)


toy = np.random.default_rng(5).normal(size=(11, 4)).astype(np.float32)  # (n=11, K=4)
toy_classes = np.where(np.arange(11) < 5, toy.argmax(1), (toy.argmax(1) + np.arange(11) % 3) % 4)
toy_data = ds.NumpySlicesDataset((toy, toy_classes), shuffle=False).batch(4)
check("08.5", accuracy(Answers().set_train(), toy_data))
# hint("08.5")
# %% [markdown] lang="zh"
# 你的循环，用在真的验证集上，应当和上面的数一样：
# %% [markdown] lang="en"
# Your loop on the real validation set should give the number from above:
# %% slow=true
from vit.data.pipeline import evaluation_batches

batches = evaluation_batches(val.paths, model.preprocessing, 100, {})
pixels = np.concatenate([images[index >= 0] for images, index in batches])  # (n, 3, S, S)
val_data = ds.NumpySlicesDataset((pixels, labels), shuffle=False).batch(300)
print(f"{checked('08.5', accuracy)(model, val_data):.1%}")
# %% [markdown] lang="zh"
# **A 节打卡**：汇总上面的练习，再给你一道只属于你的小题；算出后写成 `checkin("A", answer=数值)` 再运行一次。（还没报过名？先在新单元格里运行 `from course import join; join()`。）隔天再学下一节时，先把前面的单元格运行一遍。
# %% [markdown] lang="en"
# **Check-in for section A**: it sums up both exercises and poses a question made for you; work it out and run `checkin("A", answer=number)`. (Not joined yet? Run `from course import join; join()` in a new cell first.) On another day, run the cells above before the next section.
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 4. 这个数有多准？
#
# 验证集只是一个样本。换 $n$ 张同样来源的图，准确率会不一样。每张图对或错，像抛一枚正面概率为 $p$ 的硬币，所以这个比例的标准误差（standard error）是
#
# $$\mathrm{SE}=\sqrt{\frac{p(1-p)}{n}}$$
#
# 大约 95 % 的时候，真实的值在 $\pm1.96\,\mathrm{SE}$ 之内。另一个办法是自助法（bootstrap）：从这 $n$ 张里有放回地再抽 $n$ 张，重复两千次，看看准确率散得多开。对“对或错”它应当与公式一样（重抽 0 和 1 就是抛硬币）；好处是没有公式的量也能用，例如各类准确率的平均：
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 4. How precise is the number?
#
# A validation set is a sample. Another $n$ images from the same source would give another accuracy. Each image is right or wrong, like a coin that shows heads with probability $p$; so the standard error of the fraction is
#
# $$\mathrm{SE}=\sqrt{\frac{p(1-p)}{n}}$$
#
# and about 95 times in 100 the true value lies within $\pm1.96\,\mathrm{SE}$. Another way is the bootstrap: draw $n$ of the $n$ images with replacement, two thousand times, and look how far the accuracies spread. For right or wrong it should agree with the formula (redrawing zeros and ones is tossing a coin); its merit is that it works for quantities without a formula, too, the mean over the classes for instance:
# %% slow=true
correct = (guesses == labels).astype(float)  # (n,)：对为 1 ¦ (n,): 1 where right
rng = np.random.default_rng(0)
redrawn = correct[rng.integers(0, len(correct), (2000, len(correct)))].mean(1)  # (2000,)
formula = np.sqrt(whole * (1 - whole) / len(correct))
print(
    T(
        f"top-1 {whole:.1%}；标准误差：公式 {formula:.2%}，自助法 {redrawn.std():.2%}",
        f"top-1 {whole:.1%}; standard error by formula {formula:.2%}, by bootstrap {redrawn.std():.2%}",
    )
)
print(
    T(
        f"95% 区间：{whole - 1.96 * formula:.1%} 到 {whole + 1.96 * formula:.1%}",
        f"95 % interval: {whole - 1.96 * formula:.1%} to {whole + 1.96 * formula:.1%}",
    )
)


# %% [markdown] lang="zh" exercise="08.2" slide="subslide"
# ### 练习 08.2 · 要多少张（★★，8 分钟）
#
# 写 `images_needed(p, half_width)`：准确率大约是 `p`，要让 95 % 区间的**半宽**不超过 `half_width`，至少要多少张图？返回向上取整的整数。用 1.96。
# %% [markdown] lang="en" exercise="08.2" slide="subslide"
# ### Exercise 08.2 · How many images (★★, 8 minutes)
#
# Write `images_needed(p, half_width)`: for an accuracy of about `p`, how many images make **half the width** of the 95 % interval at most `half_width`? Return an integer, rounded up. Use 1.96.
# %% exercise="08.2"
def images_needed(p, half_width):
    return 1  # 轮到你了 ¦ your turn


# %%
check("08.2", [images_needed(0.9, 0.02), images_needed(0.4, 0.01), images_needed(0.5, 0.05)])
# hint("08.2")
# %% [markdown] lang="zh" exercise="08.6" slide="subslide"
# ### 练习 08.6 · 探究：真的高了 1 个百分点吗（★★，10 分钟）
#
# 上面说的是**验证图**换一批会怎样。还有一层：训练换个种子，初始参数、顺序、裁剪都变，训练出来的网络也不同。有人给训练加上 0.1 的标签平滑（07.1），说“准确率高了 1 个百分点”：两种做法，他各训练了一次。你来查一查。
#
# 两组各 $n$ 次，平均值之差的标准误差约是 $\sigma\sqrt{2/n}$，$\sigma$ 是同一做法里换种子的标准差；差超过它的两倍才算分得开。做法同第 03 课的探究：先原样运行一次，预测 `smoothing=0.1` 的准确率，再运行（训练两轮，约一分钟）。想多要几次，两种做法都加上 `seed=101`、`seed=102`……（表里是 0 到 5）。
# %% [markdown] lang="en" exercise="08.6" slide="subslide"
# ### Exercise 08.6 · Investigation: really one point more? (★★, 10 minutes)
#
# So far it was the **validation images** that might have been others. There is more: with another seed of the training, starting parameters, order and crops change, and so does the network that comes of it. Somebody adds label smoothing of 0.1 (07.1) to a training and says: "one percentage point more". They trained once each way. Look into it.
#
# With $n$ runs each way the standard error of the difference between the means is about $\sigma\sqrt{2/n}$, where $\sigma$ is the standard deviation between seeds of one way; the means are told apart when they differ by more than twice that. As in lesson 03's investigation: run the cell once as it is, predict the accuracy with `smoothing=0.1`, run again (two epochs, about a minute). For more runs of your own, add `seed=101`, `seed=102` and so on to both ways (the table has 0 to 5).
# %% investigation="08.6" slow=true
predicted = ...  # 你的预测（0 到 1），轮到你了 ¦ what you expect (between 0 and 1), your turn
investigate("08.6", predicted, smoothing=0.1)
# %% [markdown] lang="zh"
# **哪一句由此得出？**
#
# - **A** 平滑更好：六个种子的平均领先，分得开
# - **B** 平滑更差：六个种子的平均落后，分得开
# - **C** 六个种子也分不开；各跑一次，更说明不了 1 个百分点
# %% [markdown] lang="en"
# **Which statement follows?**
#
# - **A** Smoothing is better: the mean of six seeds is ahead, and told apart
# - **B** Smoothing is worse: the mean of six seeds is behind, and told apart
# - **C** Six seeds each do not tell them apart; one run each can show one point even less
# %% exercise="08.6"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("08.6", conclusion)
# hint("08.6")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 反过来可以算要跑几次。真有 $\delta$ 的差，要它刚好等于两倍标准误差，每组约 $8\sigma^2/\delta^2$ 次，那也只有一半的机会看出来；要八成把握，再多一倍。$\sigma$ 约 2.5 个百分点、$\delta$ 是 1 个百分点时，是 50 次和 100 次。“分不开”不等于“没有用”：表里只有两轮的训练。还要小心：试的花样多了，总有一个碰巧领先。（$\sigma$ 里已经包含了验证图有限带来的波动吗？没有：六个种子用的是同一批验证图。）
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# The other way round, one can work out how many runs it takes. For a true difference of $\delta$ to equal twice the standard error takes about $8\sigma^2/\delta^2$ runs of each, and even then it is seen only every second time; to see it four times in five takes twice as many. With $\sigma$ about 2.5 points and $\delta$ of one, that is 50 and 100. "Not told apart" is not "useless": the table has trainings of two epochs only. And beware: of many things tried, one is always ahead by luck. (Does $\sigma$ contain what another validation set would change? It does not: all seeds were measured on the same images.)
#
# </details>
# %% [markdown] lang="zh" slide="slide"
# ## B · 5. 错在哪里？混淆矩阵
#
# 一个数说不出错在哪里。**混淆矩阵** $C$ 的第 $i$ 行第 $j$ 列，是真实类别 $i$ 被认成 $j$ 的张数：对角线是对的，每一行的和是该类的张数。
# %% [markdown] lang="en" slide="slide"
# ## B · 5. Where is it wrong? The confusion matrix
#
# One number does not say where the mistakes are. In the **confusion matrix** $C$, row $i$ and column $j$ hold how many images of class $i$ were taken for $j$: the diagonal is right, and each row adds up to the images of its class.


# %% [markdown] lang="zh" exercise="08.3" slide="subslide"
# ### 练习 08.3 · 混淆矩阵（★★，7 分钟）
#
# 写 `confusion(labels, guesses, K)`，返回 `(K, K)` 的张数。行是真实类别，列是预测的。注意同一对 (i, j) 会出现很多次。
# %% [markdown] lang="en" exercise="08.3" slide="subslide"
# ### Exercise 08.3 · The confusion matrix (★★, 7 minutes)
#
# Write `confusion(labels, guesses, K)`, which returns counts `(K, K)`. Rows are the true classes, columns the guesses. Mind that the same pair (i, j) occurs many times.
# %% exercise="08.3"
def confusion(labels, guesses, K):
    return np.zeros((K, K), int)  # (K, K)，轮到你了 ¦ (K, K), your turn


# %%
many = np.random.default_rng(5)
toy_truth = np.concatenate([np.arange(5), many.integers(0, 5, 80)])
toy_guess = np.concatenate([np.arange(5), (toy_truth[5:] + many.integers(0, 3, 80) ** 2) % 5])
check("08.3", confusion(toy_truth, toy_guess, 5))
# hint("08.3")
# %% slow=true
counted = checked("08.3", confusion)(labels, guesses, len(classes))  # (K, K)
shares = counted / counted.sum(1, keepdims=True)
figure, ax = plt.subplots(figsize=(5.4, 4.6))
ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
if len(classes) <= 20:
    names = [c.called[:14] for c in classes]
    ax.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize=8)
    ax.set_yticks(range(len(names)), names, fontsize=8)
    for i, j in np.ndindex(*shares.shape):
        ax.text(j, i, counted[i, j], ha="center", va="center", fontsize=7, color="w" if shares[i, j] > 0.5 else "k")
ax.set(xlabel=T("预测类别", "predicted class"), ylabel=T("真实类别", "true class"))
ax.spines[:].set_visible(False)
plt.show()
# %% slow=true
from vit.data.images import read_image

mistakes = counted * (1 - np.eye(len(classes), dtype=int))
i, j = np.unravel_index(mistakes.argmax(), mistakes.shape)
print(
    T(
        f"最常见的错：{classes[i].called} 被认成 {classes[j].called}，{counted[i].sum()} 张里有 {mistakes[i, j]} 张",
        f"most often: {classes[i].called} taken for {classes[j].called}, {mistakes[i, j]} times of {counted[i].sum()}",
    )
)
confused = np.flatnonzero((labels == i) & (guesses == j))[:5]
figure, axes = plt.subplots(1, len(confused), figsize=(9, 2), dpi=70, squeeze=False)
for ax, index in zip(axes[0], confused, strict=True):
    ax.imshow(read_image(val.paths[index]))
    ax.axis("off")
plt.show()
# %% [markdown] lang="zh"
# 先看对角线：哪几类明显低于平均？总的准确率会把它们藏起来。A·3 里丢掉最后一批，分数只变了一点，往哪边变要看丢掉的类别高于还是低于平均：一百张里差十个百分点，摊到一千张上只剩一个。所以要看矩阵，不能只看总分。
#
# 把认错的图拿出来看，比只看数字更有用：是太小、被挡住、颜色像别的东西，还是标签本身有问题？每次评估都值得花五分钟看一看最常见的那种错。
# %% [markdown] lang="en"
# First go down the diagonal: which classes are clearly below the mean? One number for all hides them. When the last batch was lost in A·3 the score moved only a little, up or down as the lost class lies below or above the mean: a class of a hundred images that is ten points worse lowers the accuracy on all thousand by a single point. So look at the matrix, not only at the total.
#
# Looking at the images that went wrong tells you more than numbers: are they small, hidden, coloured like something else, or is the label itself at fault? Five minutes with the most frequent mistake are well spent after every evaluation.
# %% [markdown] lang="zh"
# **B 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section B**:
# %%
checkin("B")
# %% [markdown] lang="zh" slide="slide" section="C"
# ## C · 6. 和什么比？基线，和一个必须失败的对照
#
# 这个数是好还是坏？要看不用 ViT 能做到多少：
#
# - **多数类**：永远猜训练集里最多的那一类。
# - **逻辑回归**：把图缩成 32×32，每个像素的三个通道对每个类别各有一个权重，是一个线性模型。它相当于每类一张固定的模板，物体一移动就对不上。
#
# - **只看颜色**：64 种颜色各占多少，不管在哪里，也用线性模型。
#
# 基线也要认真做：两个线性模型的正则强度，都用训练图的五分之一来挑。第 01 课里像素和颜色的名次是反过来的：特征和调法不同，线性基线就能差几个百分点，所以要和最强的那个比。
#
# 还要一个**对照**：标签打乱之后，用同样的网络、同样的步数训练。图和标签没有关系了，在没见过的图上它**必须**只有瞎猜的水平。如果它也有好成绩，说明评估的程序有错，例如评估前载入了别的权重，或正确答案泄漏（leakage）进了程序。（它查不出验证图混进了训练集：混进去的图，标签也被打乱了；那要另外按内容去重来查。）
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 6. Compared with what? Baselines, and a control that must fail
#
# Is the number good or bad? That depends on how far one gets without a ViT:
#
# - **Majority**: always the class that is most frequent in training.
# - **Logistic regression**: the image at 32 × 32, a weight for each channel of each pixel and each class: a linear model. It is one fixed template for each class, which no longer fits when the object moves.
#
# - **Colours only**: the fraction of each of 64 colours, wherever they are, in a linear model as well.
#
# A baseline deserves care, too: for both linear models a fifth of the training images chooses the strength of the regularisation. In lesson 01 pixels and colours come in the other order: other features and other tuning make a linear baseline several points better or worse, so compare with the strongest.
#
# And a **control**: the same network, trained for as many steps on shuffled labels. Image and label have nothing to do with each other any more, so on images never seen it **must** be no better than guessing. If it does well, the evaluation is wrong: other weights were loaded before it, say, or the right answers leaked in by another way. (It does not reveal validation images among the training images, because their labels are shuffled, too; that takes a comparison of contents.)
# %% slow=true
from scipy.optimize import minimize

from vit.data.pipeline import evaluation_batches


def pixels_of(paths):
    # (n, 3072)：每张图缩成 32×32，排成一行 ¦ (n, 3072): each image at 32 x 32, as one row
    batches = evaluation_batches(paths, model.preprocessing, 100, {})
    images = np.concatenate([images[index >= 0] for images, index in batches])  # (n, 3, S, S)
    n, _, S, _ = images.shape
    return images.reshape(n, 3, 32, S // 32, 32, S // 32).mean((3, 5)).reshape(n, -1)


# %% slow=true
def logistic_regression(x, y, K, strength, steps=60):
    # 权重 (D+1, K)，使交叉熵加上 strength/2 |W|² 最小 ¦ weights (D+1, K) that minimise cross-entropy plus strength/2 |W|²
    x, one_hot = np.c_[x, np.ones(len(x))], np.eye(K)[y]  # (n, D+1), (n, K)

    def loss(w):
        w = w.reshape(-1, K)
        z = x @ w
        log_p = z - z.max(1, keepdims=True)
        log_p -= np.log(np.exp(log_p).sum(1, keepdims=True))
        gradient = x.T @ (np.exp(log_p) - one_hot) / len(x) + strength * w
        return -(one_hot * log_p).sum() / len(x) + strength / 2 * (w**2).sum(), gradient.ravel()

    start = np.zeros(x.shape[1] * K)
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": steps}).x.reshape(-1, K)


# %% slow=true
def colours_of(pixels):
    # (n, 3072)，−1 到 1 -> (n, 64)：4×4×4 种颜色各占多少，不管在哪里 ¦ (n, 3072) in -1..1 -> (n, 64): the fraction of each of 4 x 4 x 4 colours, wherever they are
    level = ((pixels.reshape(len(pixels), 3, -1) + 1) * 2).clip(0, 3).astype(int)  # (n, 3, 1024)
    colour = level[:, 0] * 16 + level[:, 1] * 4 + level[:, 2]  # (n, 1024)
    return np.stack([np.bincount(row, minlength=64) for row in colour]) / colour.shape[1]


# %% slow=true
K, y = len(classes), np.array(train.labels)
x, x_val = pixels_of(train.paths), pixels_of(val.paths)
hues, hues_val = np.sqrt(colours_of(x)) * 4, np.sqrt(colours_of(x_val)) * 4
mean, scale = x.mean(0), x.std(0) + 1e-6
x, x_val = (x - mean) / scale, (x_val - mean) / scale


def linear_accuracy(weights, x, y):
    return ((np.c_[x, np.ones(len(x))] @ weights).argmax(1) == y).mean()


# %% slow=true
def best_linear(x, strengths, name):
    # 用五分之一的训练图挑强度，不用 val ¦ a fifth of the training images chooses the strength; val does not
    held = np.arange(len(y)) % 5 == 0
    tried = {
        strength: linear_accuracy(logistic_regression(x[~held], y[~held], K, strength), x[held], y[held])
        for strength in strengths
    }
    print(
        name,
        T("强度：留出图准确率", "strength: accuracy on the fifth held out"),
        {f"{s:.0e}": f"{a:.1%}" for s, a in tried.items()},
    )
    return logistic_regression(x, y, K, strength=max(tried, key=tried.get))


# %% slow=true
pixels_linear, colours_linear = T("像素，线性", "pixels, linear"), T("颜色，线性", "colours, linear")
results = {
    T("只猜多数类", "majority class"): (labels == np.bincount(y).argmax()).mean(),
    pixels_linear: linear_accuracy(best_linear(x, (0.1, 1, 10), pixels_linear), x_val, labels),
    colours_linear: linear_accuracy(best_linear(hues, (1e-4, 1e-3, 1e-2), colours_linear), hues_val, labels),
    T("第 07 课训练的 ViT", "ViT of lesson 07"): whole,
}
for name, share in results.items():
    print(f"{name:22}{share:.1%}")
# %% [markdown] lang="zh"
# 现在做对照。为了公平，真标签和打乱的标签各训练一轮，起点、步数、学习率都相同：
# %% [markdown] lang="en"
# Now the control. To be fair, true and shuffled labels get one epoch each, with the same start, steps and rates:
# %% slow=true
from dataclasses import replace

from tqdm.auto import tqdm

from vit.data.pipeline import training_batches
from vit.training.optimizer import warmup_cosine
from vit.training import make_train_step

steps = len(train.paths) // task.batch_size
fresh = model_for(classes, task.model, task.weights)
step = make_train_step(fresh, warmup_cosine(task.peak, steps, steps // 10), weight_decay=0.3, betas=(0.9, 0.95))
start_values = {name: p.asnumpy().copy() for name, p in step.cell.parameters_and_names()}


# %% slow=true
def one_epoch(targets, title):
    for name, p in step.cell.parameters_and_names():
        p.set_data(ms.Tensor(start_values[name]))  # 同样的起点 ¦ the same start
    pictures = replace(train, labels=targets)
    batches = training_batches(pictures, fresh.preprocessing, task.batch_size, 0, crop_scale=(0.65, 1))
    before = digest(fresh)
    losses = [float(step(*batch).asnumpy()) for batch in tqdm(batches, total=steps, desc=title, leave=False)]
    assert digest(fresh) != before, T("什么也没学到", "nothing was learned")
    answers = logits_of(fresh, val.paths, batch_size=50, progress=False)[0].argmax(1)
    last, top1 = np.mean(losses[-20:]), (answers == labels).mean()
    print(
        T(f"{title}：指纹 {before} -> {digest(fresh)}，", f"{title}: fingerprint {before} -> {digest(fresh)}, "), end=""
    )
    print(
        T(f"最后 20 步的损失 {last:.3f}，top-1 {top1:.1%}", f"loss of the last 20 steps {last:.3f}, top-1 {top1:.1%}")
    )
    return (answers == labels).mean()


# %% slow=true
results[T("一轮，真标签", "one epoch, true labels")] = one_epoch(y, T("真标签", "true labels"))
results[T("一轮，打乱的标签", "one epoch, shuffled labels")] = one_epoch(
    np.random.default_rng(0).permutation(y), T("打乱的标签", "shuffled labels")
)
control = results[T("一轮，打乱的标签", "one epoch, shuffled labels")]
assert abs(control - 1 / K) < 4 * np.sqrt(1 / K * (1 - 1 / K) / len(labels)), T(
    "对照本该失败", "the control should have failed"
)
assert results[T("一轮，真标签", "one epoch, true labels")] > control
linear = max(results[pixels_linear], results[colours_linear])
signature(
    T(
        f"刚训练的 {whole:.1%} ± {1.96 * formula:.1%}；线性模型 {linear:.1%}；打乱标签 {control:.1%}",
        f"just trained {whole:.1%} ± {1.96 * formula:.1%}; linear {linear:.1%}; shuffled labels {control:.1%}",
    )
)
# %% figure="opening" slow=true
figure, ax = plt.subplots(figsize=(7.5, 2.8))
values = np.array(list(results.values()))
spread = 1.96 * np.sqrt(values * (1 - values) / len(labels))
colors = ["#a0aec0", "#d69e2e", "#ecc94b", "#2b6cb0", "#63b3ed", "#c05621"]
ax.barh(range(len(values)), values, xerr=spread, color=colors, height=0.65, error_kw={"lw": 1})
ax.axvline(1 / K, ls="--", lw=1, color="#4a5568")
ax.set_yticks(range(len(values)), results.keys())
ax.invert_yaxis()
ax.set(
    xlabel=T("val 上的 top-1，附 95% 区间（虚线：瞎猜）", "top-1 on val, with 95 % intervals (dashed: guessing)"),
    xlim=(0, 1),
)
plt.show()
# %% [markdown] lang="zh"
# 这样读这张图：ViT 明显好于两个线性模型（区间不相交），所以它学到的比线性模型能从像素或颜色里得到的多（只训练一轮的 ViT 与它们差不多，在误差之内；第 07 课训练完 12 轮的那个远远超过。这一轮比第 07 课的第一轮高，是因为学习率在这一轮里就降到了 0）；对照停在瞎猜的水平，所以评估的程序不会凭空给出好成绩。同时也要诚实：它离课程自带的权重（同样的网络，看了二十多倍的图）还有差距；数据少、轮数少，ViT 的成绩就是这样。
# %% [markdown] lang="en"
# How to read it: the ViT is clearly better than both linear models (the intervals do not meet), so it learned more than a linear model gets from pixels or from colours (after one epoch it is about level with them; that of lesson 07, trained for twelve, is far ahead. This one epoch does better than lesson 07's first because its rate falls to 0 within it). The control stays at guessing, so the evaluation does not hand out good marks by itself. And in fairness: it is still behind the weights that come with the course (the same network, shown more than twenty times as many images). With few images and few epochs, that is what a ViT gives.
# %% [markdown] lang="zh" slide="slide"
# ## C · 7. 常见误解
#
# **“挑验证集上最好的那个，报告它的成绩。”** 挑选本身就会抬高分数。100 个**瞎猜**的“模型”，10 类、200 张图，最好的一个有多好？换一批图再考它呢？
# %% [markdown] lang="en" slide="slide"
# ## C · 7. Common misconceptions
#
# **"Take the best on the validation set and report its score."** Choosing raises the score by itself. Of 100 "models" that **guess**, ten classes, 200 images: how good is the best? And how good on new images?
# %%
dice = np.random.default_rng(0)
answers_a, answers_b = dice.integers(0, 10, (2, 100, 200))  # 100 个模型、200 张图，两份 ¦ 100 models, 200 images, twice
truth_a, truth_b = dice.integers(0, 10, (2, 200))
best = (answers_a == truth_a).mean(1).argmax()
print(
    T(
        f"100 个瞎猜的里最好的：{(answers_a[best] == truth_a).mean():.1%}",
        f"best of 100 guessers: {(answers_a[best] == truth_a).mean():.1%}",
    )
)
print(
    T(
        f"同一个，换一批新图：{(answers_b[best] == truth_b).mean():.1%}",
        f"the same one on new images: {(answers_b[best] == truth_b).mean():.1%}",
    )
)
# %% [markdown] lang="zh"
# 所以有三份数据：训练用的、挑选用的（val）、只用一次的（test）。本课的数都是 val 上的：轮数和学习率在看 val 之前就定好了；要正式报告，还应另留一份 test。
#
# **“top-5 有 95 %，很好了。”** 那要看有几个类别。只有 10 类时，瞎猜的 top-5 就是一半：
# %% [markdown] lang="en"
# Hence three sets of data: one to train on, one to choose by (val), one that is used once (test). The numbers of this lesson are from val, with epochs and rate fixed before looking at it; a formal report would keep a test set besides.
#
# **"Top-5 is 95 %, which is good."** That depends on the number of classes. With ten, guessing has a top-5 of one half:
# %%
for K_all in (10, 100, 1000):
    print(
        T(
            f"{K_all} 类：瞎猜的 top-1 是 {1 / K_all:.1%}，top-5 是 {5 / K_all:.1%}",
            f"{K_all} classes: guessing has top-1 {1 / K_all:.1%}, top-5 {5 / K_all:.1%}",
        )
    )


# %% [markdown] lang="zh" exercise="08.4" slide="subslide"
# ### 练习 08.4 · 哪些数可以报告（★★，6 分钟）
#
# 下面六个数，哪些可以当作“我训练的模型在新图上的准确率”报告出去？
#
# - A 训练结束，重新载入下载的权重，在 val 上评估
# - B 训练 30 轮，每轮在 val 上评估，报告最高的那个
# - C 用 val 挑轮数，然后在从没用过的 test 上评估一次
# - D 用 val 挑过轮数，又在 val 上评估，管道还打乱顺序并丢掉不满的一批，每次运行得到的数略有不同
# - E 在 test 上评估，用训练的管道（随机裁剪）
# - F 在一个只用这一次的 test 上评估，3 张坏图打不开，报告“997 张的准确率，3 张无法读取”
#
# 答案写成字母，如 `"AB"`。
# %% [markdown] lang="en" exercise="08.4" slide="subslide"
# ### Exercise 08.4 · Which numbers may be reported (★★, 6 minutes)
#
# Which of these six may be reported as "the accuracy of the model that I trained, on new images"?
#
# - A after training, load the downloaded weights again and evaluate on val
# - B train 30 epochs, evaluate on val after each, report the highest
# - C choose the number of epochs by val, then evaluate once on a test set never used before
# - D choose the number of epochs by val and evaluate on val, with a pipeline that shuffles and drops the partial batch, so that every run gives a slightly different number
# - E evaluate on test with the pipeline of training (random crops)
# - F evaluate on a test set used only this once, where 3 broken images cannot be opened, and report "accuracy on 997 images, 3 unreadable"
#
# Answer by letters, such as `"AB"`.
# %% exercise="08.4"
honest = "?"  # 轮到你了 ¦ your turn
# %%
check("08.4", honest)
# hint("08.4")
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 先问评估的是谁：权重的指纹变了吗？存下再读回来，logits 一样吗？
# 2. 一个准确率要带上张数和误差；1000 张图、准确率一半左右时，误差大约是正负三个百分点。
# 3. 没有基线的数没有意义；必须失败的对照能查出一类错误（不是全部）。
#
# <details><summary>问题一：两个模型在同样 1000 张图上是 90 % 和 91 %，第二个更好吗？</summary>
#
# 单看区间（各约 ±1.8 个百分点）说不准。但它们答的是同样的图，可以成对比较：只看两个模型一个对、一个错的那些图。若只有第二个答对的有 15 张、只有第一个答对的有 5 张，差别就很可能是真的（McNemar 检验，$p\approx0.04$）；若是 60 对 50，就说不准。
#
# </details>
#
# <details><summary>问题二：打乱标签训练很久，训练损失会怎样？验证准确率呢？</summary>
#
# 起初什么也不会发生：这里一轮之后仍是 2.3 左右，即 $\log K$。训练更久，网络可能把标签背下来，损失才下降（第 07 课用一批图演示过；5000 张带裁剪的图要多久，没有量过）。验证准确率仍是瞎猜的水平，因为没有规律可学。所以训练损失说明不了学到了东西。
#
# </details>
#
# **下一课**（09）：把模型用起来：名字、概率、它看了图的哪里，再导出成一个文件。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. First ask who was evaluated: did the fingerprint of the weights change, and are the logits the same after saving and loading?
# 2. An accuracy comes with the number of images and an error; 1000 images at about one half mean plus or minus three points.
# 3. Without baselines a number means nothing, and a control that must fail catches one kind of error (not all).
#
# <details><summary>Question 1: two models have 90 % and 91 % on the same 1000 images. Is the second better?</summary>
#
# The intervals (about ±1.8 points each) do not tell. But both answered the same images, so compare in pairs: look only at images where one is right and the other wrong. If the second alone is right on 15 and the first alone on 5, the difference is likely real; with 60 against 50 it is not clear.
#
# </details>
#
# <details><summary>Question 2: after a long training on shuffled labels, what happens to the training loss, and to the validation accuracy?</summary>
#
# For a while nothing: after one epoch here it is still about 2.3, $\log K$. In a longer training it can fall, as the network memorises the labels (lesson 07 showed it with one batch; how long 5,000 cropped images would take was not measured). Validation stays at guessing, because there is nothing to be found. So a training loss does not prove that anything was learned.
#
# </details>
#
# **Next** (09): the model in use: names, probabilities, where it looks, and the export to one file.
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
