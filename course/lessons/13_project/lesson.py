# %% [markdown] lang="zh" slide="slide" section="A"
# # 13 · 你的项目：从一个文件夹到一页报告
#
# ![ViT 全图，各部分全部点亮](../../course/figures/map_whole.zh.svg)
#
# 网络是你写的，训练是你写的，评估你也会了。现在换成**你的图片**、你的问题：检查图片，分成 train 和 val，定下要胜过的基线和必须失败的对照，微调，评判，看它错在哪里，导出，最后用自己的话写成一页可以交出去的报告。
#
# ![终点的样子：一部分验证图片、网络的回答和注意力](../../course/lessons/13_project/figures/opening.zh.png)
#
# *终点的一角：几张验证图片、网络的回答，和叠上去的注意力。B·6 会画出这张图。*
#
# **需要**：一个图片文件夹，一类一个子文件夹（两样你分得清、别人未必分得清的东西）。每类二三十张能跑通，要下结论得上百张：A·2 说为什么。没有也行，用课程的画。照片请先取 ViT-Ti 的权重（23 MB）：`vit weights get vit_tiny_patch16_224`；没有它，借的是只见过画的小网络。你写过的部件会用上，没写的由包里的顶替。**三节**：A 图片，B 训练与评判，C ViT 之后。每节阅读不超过 15 分钟，写报告另算；训练约两分钟。
# %% [markdown] lang="en" slide="slide" section="A"
# # 13 · A project of your own: from a folder to a page
#
# ![Map of the whole ViT, every part lit](../../course/figures/map_whole.en.svg)
#
# You wrote the network, you wrote the training, and you know how to evaluate. Now with **your pictures** and your question: check the pictures, divide them into train and val, settle the baseline to beat and the control that must fail, fine-tune, judge, see where it is wrong, export, and write it up in your own words on a page that can be handed in.
#
# ![Where we end: a few validation pictures, the network's answers and its attention](../../course/lessons/13_project/figures/opening.en.png)
#
# *A corner of where we end: validation pictures, the network's answers, and its attention over them. B·6 draws this.*
#
# **You need** a folder of pictures, a sub-folder for each class (two things that you can tell apart and others perhaps cannot). Twenty or thirty of each will run; to conclude anything takes a hundred and more, A·2 says why. Without a folder the course's drawings are used. For photographs fetch the weights of ViT-Ti first (23 MB), `vit weights get vit_tiny_patch16_224`; without them the network that is borrowed knows drawings only. Your own parts are used where they have passed; none is required. **Three sections**: A the pictures, B training and judging, C what came after ViT. Each takes at most 15 minutes to read, not counting the writing; training takes about two minutes.
# %%
import math
from pathlib import Path

import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import ops

from course import begin, check, checked, checkin, hint, signature
from course.project import Project
from course.project.folder import folder_at_hand

begin("13")
# %% [markdown] lang="zh" note=true
# 三节，A、B 各约 30 分钟，C 约 25 分钟；报告的文字最好留作一晚的作业。提前一周布置拍照：两类，每类 30 张，至少两个地点、两种光线。评分用 course/pages/rubric.zh.md，先发给学员。没有图片的人用课程的画，照样能做完全部步骤。
# %% [markdown] lang="en" note=true
# Three sections, about 30 minutes each for A and B, 25 for C; leave the writing for an evening. Ask for photographs a week ahead: two classes, 30 of each, at least two places and two kinds of light. Judge by course/pages/rubric.en.md, and hand that out first. Anyone without pictures uses the drawings and can do every step.
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 先看图片，再谈网络
#
# 把 `photos` 换成你的文件夹，写完整的路径（或者把图片放进 `data/photos/类别/`，一类一个文件夹）。检查（`vit data check`）会说：每类多少张、多大、哪些读不了、哪些**出现了两次**。手机里的 HEIC 读不了，先导出成 JPEG；照片里有人，先问过本人：报告会带着小图。
# %% [markdown] lang="en" slide="slide"
# ## A · 1. Pictures first, the network later
#
# Put your own folder into `photos`, with its whole path (or your pictures into `data/photos/CLASS/`, a folder for each class). The check (`vit data check`) tells how many there are of each class, how large they are, which cannot be read, and which are there **twice**. HEIC from a phone cannot be read, export it as JPEG; and ask whoever is in your pictures: the report carries small copies.
# %% slow=true
photos = folder_at_hand()  # 你自己的：Path(r"C:\我的\照片") ¦ your own: Path("/home/me/photographs")
project = Project(photos)
looked = project.look()
project.sheet(6)  # 每类六张 ¦ six of each class


# %% [markdown] lang="zh"
# 每一行都是一个要做的决定：
#
# | 看到什么 | 为什么要紧 | 怎么办 |
# |---|---|---|
# | 读不了、已略过 | 缺图不会报错 | 重新存一遍，或者删掉；写进报告 |
# | train 和 val 里都有 | 拿训练过的图来考：准确率不作数 | 放到同一边 |
# | 在两类里 | 多半有一个标签是错的（也可能只是长得像） | 亲眼看，改 |
# | 在同一类里 | 一张图算了几遍 | 留一张；要留几张，就都放在同一边 |
# | 一类里没有图，或只有一张 | 分不出 train 和 val，程序会停下 | 补几张，或者把文件夹移走 |
# | 不在类别文件夹里的图片；子文件夹 | 前者没有类别，略过；后者算进那一类 | 放到该放的地方 |
# | 各类张数相差很多 | 总猜大类也能得高分 | 和多数类基线比，看每一类答对多少 |
# | 一类图的大小、来源与众不同 | 网络可能在认相机，不在认东西 | 每一类都混几种来源 |
#
# 最后一条检查看不出来，只有你知道图片是怎么来的。改过图片，从 `project = Project(photos)` 那一格起重新运行，后面各步会重新做。
# %% [markdown] lang="en"
# Each line is a decision to take:
#
# | what you see | why it matters | what to do |
# |---|---|---|
# | cannot be read, passed over | missing pictures do not complain | re-save or remove them; say so in the report |
# | in train and in val | tested on pictures it trained on: the accuracy means nothing | both on one side |
# | in two classes | most likely one of the labels is wrong (or they only look alike) | look, and correct it |
# | in one class | one picture counts several times | keep one, or all of them on one side |
# | no picture in a class, or a single one | train and val cannot be made, and the program stops | add some, or move the folder away |
# | pictures outside class folders; sub-folders | the first have no class and are passed over, the second count for their class | put them where they belong |
# | classes of very different size | guessing the large one scores well | compare with the commonest class; look at each class |
# | one class differs in size or source | the network may know the camera, not the thing | several sources in every class |
#
# The last one no check can see; only you know where the pictures come from. When you have changed pictures, run again from the cell with `project = Project(photos)`: later steps are done anew.
# %% [markdown] lang="zh" exercise="13.1" slide="subslide"
# ### 练习 13.1 · 找出相像的图片（★★，8 分钟）
#
# 检查怎么认得重新压缩过、缩小过的同一张图？用**感知哈希**（pHash）：图片缩小、变灰，取离散余弦变换里最粗的 8×8 个数，各和中位数比大小，得到 64 位。同一张图存两遍，只差几位；两张不同的照片，大约差一半。裁剪过的，它认不出；旋转 90°、180°、270° 的和镜像的，检查另外各比一次。最危险的它也看不出：从同一张大图里裁出的小块，各不相同，却不是独立的图片。
#
# 写 `near(hashes, most)`：`hashes (n, 64)` 是布尔数组，返回所有相差不超过 `most` 位的对 `[(i, j), ...]`，$i<j$，先按 $i$、再按 $j$ 排。
# %% [markdown] lang="en" exercise="13.1" slide="subslide"
# ### Exercise 13.1 · Find near doubles (★★, 8 minutes)
#
# How does the check know a picture that was recompressed, or made smaller? By a **perceptual hash** (pHash): the picture is made small and grey, and the 8 x 8 lowest-frequency coefficients of its discrete cosine transform are each compared with their median: 64 bits. One picture saved twice differs in a few of them; two different photographs in about half. It misses crops; the check also hashes every quarter turn and mirror image. The worst it cannot see: pieces cut from one large picture differ from each other and yet are not independent.
#
# Write `near(hashes, most)`: `hashes (n, 64)` are booleans; return all pairs that differ in at most `most` bits, `[(i, j), ...]` with $i<j$, sorted by $i$, then $j$.
# %% exercise="13.1"
def near(hashes, most):
    return []  # [(i, j), ...]，轮到你了 ¦ [(i, j), ...], your turn


# %%
toy = np.random.default_rng(3).integers(0, 2, (12, 64)).astype(bool)
toy[[4, 7, 9]] = toy[[1, 1, 2]]
toy[7, :6] ^= True  # 差 6 位 ¦ 6 bits off
toy[9, 10:17] ^= True  # 差 7 位 ¦ 7 bits off
check("13.1", [np.array(near(toy, most)) for most in (0, 6, 7, 28)])
# hint("13.1")
# %% [markdown] lang="zh"
# 在你的图片上：相差位数的分布（每一对算一次，不比旋转和镜像的），和最像的两张。
# %% [markdown] lang="en"
# On your pictures: in how many bits pairs differ (turned and mirrored copies left aside), and the two that are most alike.
# %% slow=true
from PIL import Image

from vit.data.doubles import looks
from vit.data.images import read_image

paths = project.every_picture(400)
known = [(path, look.bits[0]) for path, look in zip(paths, looks(paths), strict=True) if look and look.bits is not None]
hashes = np.array([bits for _, bits in known])
passed_near = checked("13.1", near)
closest = next(pairs for most in range(65) if (pairs := passed_near(hashes, most)))[
    0
]  # 至少两张图 ¦ of two pictures at least
apart = (hashes[:, None] != hashes[None]).sum(-1)[np.triu_indices(len(hashes), 1)]
# %% slow=true
figure, axes = plt.subplots(1, 3, figsize=(8, 2), width_ratios=(1.6, 1, 1), layout="constrained", dpi=65)
axes[0].hist(apart, bins=range(0, 65, 2), color="#2b6cb0")
axes[0].axvline(6, color="#c05621")
axes[0].set(xlabel=T("相差的位数（橙线：检查的界限 6）", "bits that differ (orange: the check's limit, 6)"), yticks=[])
for ax, place in zip(axes[1:], closest, strict=True):
    thumbnail = Image.fromarray(read_image(known[place][0]))
    thumbnail.thumbnail((120, 120))
    ax.imshow(thumbnail)
    ax.axis("off")
plt.show()
print(
    T(
        f"{len(hashes)} 张，最像的两张相差 {apart.min()} 位",
        f"{len(hashes)} pictures; the closest two differ in {apart.min()} bits",
    )
)
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. 分成 train 和 val
#
# 文件夹里没有 `train/` 和 `val/`，就随机分（每类五分之一给 val，种子固定）；查得出的相像图片放在同一边。已经分好的，照用。连拍的、同一段视频里截的，哈希可能看漏：自己建 `train/` 和 `val/`，同一个场景只放一边。
#
# val 要多大？两类各 30 张，val 只有 12 张，错一张，95 % 的区间是 65 % 到 99 %：只能说比瞎猜好，好多少说不清。各 100 张，val 有 40 张，错三张是 80 % 到 97 %。多分一些给 val：`project.divide(share=0.4)`；分过了要重分，先删掉项目的文件夹（`words.md` 先留一份）。
# %% [markdown] lang="en" slide="slide"
# ## A · 2. Train and val
#
# Where a folder has no `train/` and `val/`, it is split at random (a fifth of each class for val, with a fixed seed); near-duplicates that the check finds stay on one side. What is divided already is taken as it is. Bursts, or frames of one film, a hash can miss: make `train/` and `val/` by hand, each scene on one side only.
#
# How large should val be? Two classes of 30 give a val of 12; with one mistake the 95 % interval goes from 65 % to 99 %: better than guessing, and no more can be said. Two of 100 give 40, and with three mistakes it goes from 80 % to 97 %. A larger share for val: `project.divide(share=0.4)`; to divide anew remove the folder of the project (and keep its `words.md`).
# %% slow=true
divided = project.divide()
for side in ("train", "val"):
    pictures = project.pictures(side)
    print(side, len(pictures.paths), {name: pictures.labels.count(k) for name, k in pictures.folders.items()})
# %% [markdown] lang="zh"
# **A 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section A**:
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 3. 训练之前：要胜过什么，什么必须失败
#
# 先定标准，再看结果，不然什么数字都说得通：
#
# - **总猜最多的一类**：不看图也能得的分；
# - **线性探测**：网络冻住，只用公式解出线性分类头（第 10 课），几秒钟；微调要胜过的是它；
# - **对照**：把 train 的标签打乱，再做同样的线性探测（打乱 20 次，取平均）。这时没有东西可学，分数应当和不看图差不多；比总猜最多的一类还高出许多，就去查流程（多半是 val 的答案混了进来）。它只管探测这一段，不管微调；也**查不出**两边都有的图（那张图学到的也是乱标签），也查不出网络在认背景：前者靠 A·1，后者靠 B·6。
#
# 看下一格的结果之前，写下你的预测：微调之后，val 上的准确率会是多少？它会进报告。
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 3. Before training: what to beat, and what must fail
#
# Set the standard first, or any number will sound right afterwards:
#
# - **always the commonest class** (the majority-class baseline): what can be had without looking;
# - **a linear probe**: the network frozen, one linear head solved for (lesson 10), in seconds; this is what fine-tuning has to beat;
# - **a control**: shuffle the labels of train and fit the same probe (20 shuffles, their mean). There is nothing to learn then, and it should do about as well as without looking; where it is far above the commonest class, search the procedure (most likely val's answers have got in). It watches over the probe, not over fine-tuning, and does **not** find pictures that are on both sides (what is learned of those is a shuffled label, too), nor a network that knows the background: A·1 is for the one, B·6 for the other.
#
# Before you look at the next result, write down what you expect: the accuracy on val once it is fine-tuned? It goes into the report.
# %% slow=true
project.expect(...)  # 0 到 1 之间 ¦ between 0 and 1
# %% slow=true values="probe = 线性探测 #% ¦ linear probe #%; shuffled = 打乱标签 #% ¦ shuffled labels #%"
borrowed = project.borrow()
print(
    T(
        f"{borrowed['network']}，{borrowed['pictures']} 张：最多的一类 {borrowed['commonest']:.0%}，线性探测 {borrowed['probe']:.1%}，打乱标签 {borrowed['shuffled']:.0%}",
        f"{borrowed['network']}, {borrowed['pictures']} pictures: commonest class {borrowed['commonest']:.0%}, linear probe {borrowed['probe']:.1%}, shuffled labels {borrowed['shuffled']:.0%}",
    )
)
# %% [markdown] lang="zh" slide="slide"
# ## B · 4. 微调
#
# 训练的是**你的** `ViT`（第 06 课通过过的话），权重借公开的 ViT-Ti（本机有的话，峰值学习率 1e-4），否则借课程的小模型（1e-3）；轮数看图片多少，最多 12 轮或 30 轮。随时可以中断（■），再运行就接着来；训练好了再运行，什么也不做。评判用**最后一轮**的权重：挑 val 上最好的一轮，就是拿 val 训练（第 08 课）。
# %% [markdown] lang="en" slide="slide"
# ## B · 4. Fine-tuning
#
# What is trained is **your** `ViT` (if it passed in lesson 06), from the published weights of ViT-Ti where they are on this machine (a peak rate of 1e-4), else from the course's small model (1e-3); the number of epochs depends on how many pictures there are, 12 or 30 at most. Interrupt it (■) whenever you like, and run the cell again to go on; once it is trained the cell does nothing. What will be judged are the weights of the **last** epoch: to take the best one on val would be training on val (lesson 08).
# %% slow=true timed=true
import contextlib
import sys

with contextlib.redirect_stderr(sys.stdout):  # 进度条不必是红的 ¦ a bar need not be red
    tuned = project.tune()
print(
    tuned["network"],
    T(f"{tuned['epochs']} 轮，{tuned['seconds']:.0f} 秒", f"{tuned['epochs']} epochs, {tuned['seconds']:.0f} s"),
)


# %% [markdown] lang="zh" slide="slide"
# ## B · 5. 评判：同样的图片上，成对地比
#
# 准确率 96 % 对 97 %，是不是更好？各自的误差有好几个百分点（第 08 课），看上去什么也说不了。但两个网络看的是**同样的图片**，可以成对地比（[McNemar，1947](https://doi.org/10.1007/BF02295996)；下面是它的精确形式，McNemar 精确检验）：两者都对、都错的图片什么也不说明，只有一个对一个错的才算。设只有甲答对的有 $b$ 张，只有乙答对的有 $c$ 张；如果两者一样好（图片又互相独立，A·1），这 $b+c$ 张就像抛硬币。分得这样不均、或更不均的概率是
#
# $$p=\min\Bigl(1,\ 2\sum_{k=0}^{\min(b,c)}\binom{b+c}{k}\Big/2^{\,b+c}\Bigr)$$
# %% [markdown] lang="en" slide="slide"
# ## B · 5. Judging: in pairs, on the same pictures
#
# Is 97 % better than 96 %? Each has an error of several points (lesson 08), so it seems that nothing can be said. But both networks see **the same pictures** and can be compared in pairs ([McNemar, 1947](https://doi.org/10.1007/BF02295996); what follows is its exact form): pictures that both name rightly, or both wrongly, say nothing; what counts are those on which one is right and the other wrong. Let $b$ be right by the first alone and $c$ by the second alone; if both are equally good (and the pictures independent, A·1), those $b+c$ are tosses of a coin, and a split as uneven or more comes about with
#
# $$p=\min\Bigl(1,\ 2\sum_{k=0}^{\min(b,c)}\binom{b+c}{k}\Big/2^{\,b+c}\Bigr)$$
# %% [markdown] lang="zh" exercise="13.2" slide="subslide"
# ### 练习 13.2 · 成对比较（★★，8 分钟）
#
# 写 `compare(one, other)`：两个布尔数组 `(n,)`，每张图答对没有；返回上面的 $p$。
# %% [markdown] lang="en" exercise="13.2" slide="subslide"
# ### Exercise 13.2 · Comparing in pairs (★★, 8 minutes)
#
# Write `compare(one, other)`: two arrays of booleans `(n,)`, whether each picture was named rightly; it returns $p$ as above.
# %% exercise="13.2"
def compare(one, other):
    return 1.0  # 轮到你了 ¦ your turn


# %%
toy_rng = np.random.default_rng(4)
toy_pairs = [
    (toy_rng.random(n) < p, toy_rng.random(n) < q) for n, p, q in ((40, 0.9, 0.6), (30, 0.5, 0.5), (200, 0.95, 0.9))
]
toy_pairs.append((np.array([True, False, True]), np.array([False, True, True])))  # b = c = 1
toy_pairs += [
    (toy_rng.random(n) < 0.62, toy_rng.random(n) < 0.5) for n in (140, 500)
]  # b + c 也可能很大 ¦ b + c may be large
check("13.2", np.array([compare(one, other) for one, other in toy_pairs]))
# hint("13.2")
# %% slow=true values="right = 微调 #% ¦ fine-tuned #%; low = 区间 #% 到 ¦ interval #% to; high = 区间 ~% 到 #% ¦ interval ~% to #%; b = 只有微调 # 张 ¦ by it alone #,; c = 只有探测 # 张 ¦ by the probe alone #:"
judged = project.judge()
right = judged["right"] / judged["pictures"]
low, high = judged["interval"]
print(
    T(
        f"微调 {right:.1%}，95 % 区间 {low:.1%} 到 {high:.1%}",
        f"fine-tuned {right:.1%}, 95 % interval {low:.1%} to {high:.1%}",
    )
)
versus = judged["against_probe"]
p = checked("13.2", compare)(
    np.arange(versus["one"] + versus["other"]) < versus["one"],
    np.arange(versus["one"] + versus["other"]) >= versus["one"],
)
print(
    T(
        f"只有微调 {versus['one']} 张，只有探测 {versus['other']} 张：p = {p:.3f}",
        f"right by it alone {versus['one']}, by the probe alone {versus['other']}: p = {p:.3f}",
    )
)
# %% [markdown] lang="zh"
# （区间用的是 Wilson 的公式：接近 100 % 时，第 08 课的“准确率 ± 1.96 se”会伸出 100 %，它不会。）$p$ 大，不是说“一样好”，而是“这些图片分不出”。本笔记本里存着的输出（课程的画，每类五张）：微调 {{right}} %，线性探测 {{probe}} %；只有微调答对的 {{b}} 张，只有探测答对的 {{c}} 张。谁胜，要看任务离借来的权重有多远、图有多少；一个种子说明不了问题。蚂蚁和蜜蜂的 245 张照片、五个种子（`python -m benchmarks.fine_tuning`，学习率在 train 的一部分上挑）：微调 95.7 % ± 0.6 %，同样特征上的线性探测 97.4 %，一张图是 0.65 个百分点。那里探测赢，而且省事。
# %% [markdown] lang="en"
# (The interval is Wilson's: near 100 % lesson 08's "accuracy ± 1.96 se" reaches beyond it, and this one does not.) A large $p$ does not say "equally good" but "these pictures cannot tell". In the stored run (five drawings a class) fine-tuning has {{right}} %, the probe {{probe}} %; {{b}} pictures are right by the first alone, {{c}} by the probe alone. Which of them wins depends on how far the task is from the borrowed weights and on how many pictures there are, and one seed decides nothing. On 245 photographs of ants and bees, five seeds (`python -m benchmarks.fine_tuning`, the rate chosen on a part of train): 95.7 % ± 0.6 % fine-tuned, 97.4 % by a linear probe on the same features, where one picture is 0.65 points. There the probe wins, and costs less.
# %% [markdown] lang="zh" slide="slide"
# ## B · 6. 它错在哪里，看着哪里
#
# 最有把握的几张错图（有的话），然后是答对的，各类轮流，叠上注意力；上面是回答，下面是真的类别（第 09 课：看着哪里，不等于为什么）：
# %% [markdown] lang="en" slide="slide"
# ## B · 6. Where it is wrong, and where it looks
#
# The mistakes it was most confident of, if there are any, then right answers of one class after another, with attention over them; above what it says, below what it is (lesson 09: where it looks is not why):
# %% figure="opening" slow=true
from vit.plots import attention_page

seen = project.looked_at()[:5]
figure = attention_page(project.network(own=False), seen, [project.truth(path) for path in seen])
figure.set_dpi(65)
figure
# %% slow=true
for one in judged["mistakes"][:8]:
    name = Path(one["file"]).name
    print(
        T(
            f"{name}：是 {one['is']}，说成 {one['says']}（{one['sure']:.0%}）",
            f"{name}: is {one['is']}, said {one['says']} ({one['sure']:.0%})",
        )
    )
print({name: f"{a}/{b}" for name, (a, b) in judged["classes"].items()})
# %% [markdown] lang="zh"
# 看过错图，写一个**可以检验**的猜想（“它认的是花，不是蜜蜂”），再检验它。`project.answer` 说任何一张图的答案，`hide` 可以遮住图像块；`project.numbered` 画出网络看到的那一块图（取自中央）和各块的编号，要认的东西不在中间时，照着编号挑。
#
# 检验要有对照。把要认的东西**整个**遮住，还答得出，说明背景也起了作用；**同样多的块遮在别处**，答案应当变得少得多（灰块本身也陌生）；别的类也同样遮一遍，免得它本来就爱答那一类。换一张别处拍的、没有用过的图，更好。问过的（最后四十次）连同遮了哪些块都记进报告；猜错了也写。
# %% [markdown] lang="en"
# Having looked, write down a guess that **can be tested** ("it knows the flower, not the bee"), and test it. `project.answer` gives the answer for any picture, and `hide` covers patches; `project.numbered` draws what the network sees of it (the middle) with the numbers of the patches, for things that do not lie in the middle.
#
# A test needs a control. If it still answers with the thing **wholly** hidden, the background has a part in it; **as many patches hidden elsewhere** should change much less (grey squares are unfamiliar, too); and hide the same of the other classes, lest it simply prefers that answer. A picture from elsewhere, never used before, is better still. What you asked (the last forty times), and which patches were hidden, goes into the report by itself; a guess that fails belongs there, too.
# %% slow=true
rows = int(project.network(own=False).config.num_patches ** 0.5)
middle = [r * rows + c for r in range(rows // 4, rows - rows // 4) for c in range(rows // 4, rows - rows // 4)]
around = [n for n in range(rows**2) if n not in middle]
half = len(middle) // 2
edge = around[:half] + around[-half:]  # 一样多，靠上下两边 ¦ as many, along top and bottom
for path in project.right_ones(4):  # 答对的，各类轮流 ¦ right answers, of one class after another
    told = [project.answer(path, hide) for hide in ((), middle, edge)]
    print(
        T(
            f"{project.truth(path)}（{path.name}）：{told[0]}；遮住中间 {told[1]}；遮住上下 {told[2]}",
            f"{project.truth(path)} ({path.name}): {told[0]}; middle hidden {told[1]}; top and bottom hidden {told[2]}",
        )
    )
project.numbered(project.right_ones(1)[0])
# %% [markdown] lang="zh"
# 导出的文件给别处的 MindSpore 用；导出之后，答案还一样吗？它在 `outputs/projects/项目名/` 里，和旁边的 `model.mindir.json` 要一起带走。以后给一张新图起名：`vit predict --weights outputs/projects/项目名/model.mindir 图片`。给别的程序：`vit export --weights outputs/projects/项目名/run/last.safetensors --out model.onnx`。
# %% [markdown] lang="en"
# To run it elsewhere in MindSpore, export it; does the file still answer the same? It lies in `outputs/projects/NAME/`, and `model.mindir.json` beside it must travel with it. To name a new picture later: `vit predict --weights outputs/projects/NAME/model.mindir PICTURE`. For other programs: `vit export --weights outputs/projects/NAME/run/last.safetensors --out model.onnx`.
# %% slow=true
handed = project.hand_over()
print(
    T(
        f"{handed['file']}：val 里取 {handed['pictures']} 张，{handed['same']} 张答案相同，logits 最多相差 {handed['differ']:.0e}",
        f"{handed['file']}: the same answer on {handed['same']} of {handed['pictures']} of val, logits differ by {handed['differ']:.0e} at most",
    )
)
assert handed["same"] == handed["pictures"]
# %% [markdown] lang="zh" slide="slide"
# ## B · 7. 用自己的话写报告
#
# 五个问题：
#
# 1. 问题：要分清什么？谁用得上？认错一次，代价是什么？
# 2. 图片：从哪里来？检查发现了什么，你怎么处理的？还缺什么样的？
# 3. 结果：带区间，和基线、对照比
# 4. 错在哪里：看过错图和注意力之后，你认为为什么？怎样验证这个猜想？
# 5. 边界：谁不该用它？每个数都对而结论仍可能不对，会是怎样？再给你一天，先做什么？
#
# 怎样算写得好，见[评分标准](../../course/pages/rubric.zh.md)，每一档都有例子。写进下面五个字符串再运行，报告就带上你的话；也可以先运行一次 `python start.py project 文件夹 --page --lang zh`：它建好 `outputs/projects/项目名/words.md`，五个标题都在里面；写好，再运行一次。
# %% [markdown] lang="en" slide="slide"
# ## B · 7. In your words
#
# Five questions:
#
# 1. The question: what is to be told apart, who needs it, and what does a mistake cost?
# 2. The pictures: where are they from, what did the check find, what did you do about it, and what do they lack?
# 3. The result, with its interval, beside baseline and control
# 4. Where it is wrong: after looking at mistakes and attention, why, do you think? How could that guess be tested?
# 5. Limits: who should not use it? How could the conclusion be untrue though every number is right? With one more day, what would you do first?
#
# The [rubric](../../course/pages/rubric.en.md) says what makes an answer good, with an example at each level. Write into the five strings below and run, and the report has your words; or run `python start.py project FOLDER --page --lang en` once: it makes `outputs/projects/NAME/words.md` with the five headings in it; fill it in and run that again.
# %% slow=true timed=true
from course.project.report import questions, write_report
from vit.runtime.paths import shown

answers = [
    "...",  # 1 问题 ¦ the question
    "...",  # 2 图片 ¦ the pictures
    "...",  # 3 结果 ¦ the result
    "...",  # 4 错在哪里 ¦ where it is wrong
    "...",  # 5 边界 ¦ limits
]
words = dict(zip(questions(), answers, strict=True))
title, by = ..., ...  # 标题；名字和日期 ¦ its title; your name, and when
if title is not ... or any(answer != "..." for answer in words.values()):
    project.write(words, title, by)
report = write_report(project)
print(T("报告：", "the report:"), shown(report), f"{report.stat().st_size / 1e3:.0f} kB")
signature(
    T(
        f"我的项目：{judged['pictures']} 张没见过的图，答对 {right:.1%}",
        f"my project: {right:.1%} of {judged['pictures']} unseen pictures",
    )
)
# %% [markdown] lang="zh"
# 报告在 `outputs/projects/` 里，一个文件，双击就能打开，也能打印。
#
# **B 节打卡**：
# %% [markdown] lang="en"
# The report lies in `outputs/projects/`: one file, which opens by a double click and prints.
#
# **Check-in for section B**:
# %%
checkin("B")


# %% [markdown] lang="zh" slide="slide" section="C"
# ## C · 8. ViT 之后
#
# ![ViT 之后的六个想法，各一格：DeiT、MAE、DINO、Swin、CLIP、寄存器](../../course/figures/after.zh.svg)
#
# 你写的网络，骨架今天还在用；后来的工作许多改的是“拿什么训练”，或者只改几行。[这一页](../../course/pages/after_vit.zh.md)说了六个：论文、想法、对你的代码做的那一处改动。其中两处由你来写。
#
# **MAE** 在进编码器之前拿掉大部分图像块。每张图拿掉哪些由一个随机排列决定：`order (B, N)`，每行是 $0\dots N-1$ 的一个排列，留下**前** `keep` 个编号的块。解码器要把它们放回原位，所以还要逆排列 `restore`：`restore[b, i]` 是第 $i$ 块在排列里的位置。
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 8. What came after
#
# ![Six ideas after ViT, a panel each: DeiT, MAE, DINO, Swin, CLIP, registers](../../course/figures/after.en.svg)
#
# The bones of the network you wrote are still in use; much of what followed changes what it is trained on, or a few lines. [This page](../../course/pages/after_vit.en.md) has six: the paper, the idea, the one change to your code. Two of the changes you write yourself.
#
# **MAE** takes most patches away before the encoder. Which ones, a random permutation decides for each image: `order (B, N)`, each row a permutation of $0\dots N-1$, and the patches named by its **first** `keep` entries stay. The decoder has to put them back into place, so it needs the inverse, `restore`: `restore[b, i]` is the place of patch $i$ in the permutation.
# %% [markdown] lang="zh" exercise="13.3" slide="subslide"
# ### 练习 13.3 · MAE：留下一部分（★★，10 分钟）
#
# 用 MindSpore 写 `keep_some(tokens, order, keep)`：`tokens (B, N, D)`，`order (B, N)` 整数；返回 `kept (B, keep, D)` 和 `restore (B, N)`。
# %% [markdown] lang="en" exercise="13.3" slide="subslide"
# ### Exercise 13.3 · MAE: keep some (★★, 10 minutes)
#
# In MindSpore, write `keep_some(tokens, order, keep)`: `tokens (B, N, D)`, `order (B, N)` integers; it returns `kept (B, keep, D)` and `restore (B, N)`.
# %% exercise="13.3"
def keep_some(tokens, order, keep):
    return tokens[:, :keep], order  # 轮到你了 ¦ your turn


# %%
mae_rng = np.random.default_rng(6)
toy_tokens = ms.Tensor(mae_rng.normal(size=(3, 9, 4)), ms.float32)  # (B=3, N=9, D=4)
toy_order = ms.Tensor(mae_rng.permuted(np.tile(np.arange(9), (3, 1)), axis=1), ms.int32)  # (B, N)
check("13.3", keep_some(toy_tokens, toy_order, 4))
# hint("13.3")
# %% [markdown] lang="zh"
# 用你的函数：一张图留下四分之一的块，放回原位看一看。
# %% [markdown] lang="en"
# Your function at work: a quarter of a picture's patches, put back into place.
# %% slow=true
from vit.data.sample.dataset import picture

whole = np.asarray(picture("infer", 2, 0)[0].resize((64, 64)), np.float32)  # (64, 64, 3)
patches = whole.reshape(8, 8, 8, 8, 3).transpose(0, 2, 1, 3, 4).reshape(1, 64, 192)  # (1, N, P*P*3)
order = ms.Tensor(np.random.default_rng(1).permutation(64)[None], ms.int32)
kept, restore = checked("13.3", keep_some)(ms.Tensor(patches), order, 16)
filled = np.full((1, 64, 192), 200, np.float32)  # 灰色是“掩码” ¦ grey stands for "mask"
filled[:, :16] = kept.asnumpy()
back = filled[:, restore.asnumpy()[0]].reshape(8, 8, 8, 8, 3).transpose(0, 2, 1, 3, 4).reshape(64, 64, 3)
figure, axes = plt.subplots(1, 2, figsize=(5, 2.5), dpi=65)
for ax, image in zip(axes, (whole, back), strict=True):
    ax.imshow(image.astype(np.uint8))
    ax.axis("off")
plt.show()
same = (
    (back == whole).reshape(8, 8, 8, 8, 3).all((1, 3, 4)).reshape(64)
)  # (N,)，哪些块原样回来了 ¦ (N,), which patches are back
assert set(np.flatnonzero(same)) == set(order.asnumpy()[0, :16].tolist())


# %% [markdown] lang="zh" exercise="13.4" slide="subslide"
# ### 练习 13.4 · Swin：切成窗口（★★，8 分钟）
#
# 写 `windows(x, rows, w)`：`x (B, N, D)` 是 `rows` 行的网格，逐行排列；切成 `w × w` 的窗口（行数、列数都能被 `w` 整除），返回 `(B * N / w², w², D)`：先是第一张图的窗口，逐行、从左到右；窗口里的 token 也逐行。
# %% [markdown] lang="en" exercise="13.4" slide="subslide"
# ### Exercise 13.4 · Swin: cut into windows (★★, 8 minutes)
#
# Write `windows(x, rows, w)`: `x (B, N, D)` is a grid of `rows` rows, row by row; cut it into windows of `w x w` (both sides can be divided by `w`) and return `(B * N / w², w², D)`: the windows of the first image first, row by row and left to right; tokens within a window row by row, too.
# %% exercise="13.4"
def windows(x, rows, w):
    return x  # (B * N/w², w², D)，轮到你了 ¦ (B * N/w², w², D), your turn


# %%
check("13.4", windows(ms.Tensor(np.cos(np.arange(144)).reshape(2, 24, 3), ms.float32), 4, 2))
# hint("13.4")
# %% [markdown] lang="zh"
# 窗口省多少？用第 11 课的数法，注意力的两个乘积是 $2T^2D$：
# %% [markdown] lang="en"
# What do windows save? As counted in lesson 11, the two products of attention take $2T^2D$:
# %%
for side in (14, 56, 224):
    tokens, in_windows = side**2, (side // 7) ** 2 * 49**2
    print(
        T(
            f"{side} × {side} 个 token：窗口 7 × 7 省到 1/{tokens**2 // in_windows}",
            f"{side} x {side} tokens: windows of 7 x 7 take 1/{tokens**2 // in_windows}",
        )
    )
# %% [markdown] lang="zh" slide="slide"
# ## C · 9. 常见误解
#
# **“准确率高，项目就好。”** 对照也高、两边有同样的图、基线已经 97 %，都能让 98 % 一文不值。评的是你怎么知道的。
#
# **“p > 0.05，所以两个网络一样好。”** 图片少，小的差别就分不开：
# %% [markdown] lang="en" slide="slide"
# ## C · 9. Common misconceptions
#
# **"High accuracy, good project."** A control that is high as well, the same pictures on both sides, a baseline of 97 %: each makes 98 % worthless. What is judged is how you know.
#
# **"p > 0.05, so both networks are equally good."** With few pictures no small difference can be told:
# %%
passed_compare = checked("13.2", compare)
for many in (20, 100, 500):
    b, c = many // 10, many // 20  # 甲多对了 5 % 的图 ¦ the first is right on 5 % more
    one = np.arange(b + c) < b
    print(
        T(
            f"{many} 张图，甲多对 5 %：p = {passed_compare(one, ~one):.3f}",
            f"{many} pictures, one right on 5 % more: p = {passed_compare(one, ~one):.3f}",
        )
    )
# %% [markdown] lang="zh"
# **“新的结构总比旧的好。”** 论文里的表各有各的数据、配方和算力；只换结构、其余不变的比较很少。第 12 课那样比，才说得清。
# %% [markdown] lang="en"
# **"A newer architecture is better."** The tables of papers come with data, recipes and compute of their own; comparisons in which only the architecture differs are rare. Compare as lesson 12 does.
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 先检查图片、定下基线和对照，再训练；顺序反了，什么结果都能自圆其说。
# 2. 同样的图片上成对地比；分不出，不等于一样好。
# 3. 你写的 ViT，骨架今天还在用：后来的改动，许多只是几行，或者换了拿来训练的东西。
#
# <details><summary>问题一：为什么对照用打乱的标签，而不是打乱的像素？</summary>
#
# 打乱标签，图片和流程都原封不动，只有“图片和标签的关系”没有了；这时还能得高分，多半是 val 的答案从别的路进来了。打乱像素会连别的东西一起改掉。（两边都有的图、认背景的网络，这个对照都查不出来。）
#
# </details>
#
# <details><summary>问题二：val 上挑了三次学习率，再报告 val 上最好的一次，错在哪里？</summary>
#
# 挑选本身就是一种训练：三次里最好的一次，带着 val 这些图片的运气。要么在 train 里留一部分来挑（`benchmarks.fine_tuning` 就是这样），要么另留一份最后才看的图片。
#
# </details>
#
# **课程到此结束。** 写完的报告发给一个不懂 ViT 的人看：他能说出你的网络什么时候不该信，你就学会了。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. Check the pictures, set baseline and control, then train; the other way round any result can be explained.
# 2. Compare in pairs on the same pictures; not told apart is not equally good.
# 3. The bones of the ViT you wrote are those of today's: much of what followed is a few lines, or something else to train on.
#
# <details><summary>Question 1: why does the control shuffle labels, and not pixels?</summary>
#
# With labels shuffled, pictures and procedure stay as they are, and only the relation of picture and label is gone; whatever still scores high then most likely gets val's answers by another way. Shuffling pixels would change other things as well. (Pictures on both sides, and a network that knows the background, this control does not find.)
#
# </details>
#
# <details><summary>Question 2: three learning rates were tried on val, and the best result on val is reported. What is wrong?</summary>
#
# Choosing is a kind of training: the best of three carries the luck of these very pictures. Choose on a part of train (`benchmarks.fine_tuning` does), or keep another set of pictures that is looked at once, at the end.
#
# </details>
#
# **This is the end of the course.** Give your report to somebody who knows nothing of ViT: if they can say when your network should not be believed, you have learned it.
# %% [markdown] lang="zh" slide="slide"
# ## C 节打卡
# %% [markdown] lang="en" slide="slide"
# ## Check-in for section C
# %%
checkin("C")
