# %% [markdown] lang="zh" slide="slide"
# # 09 · 推理：它说什么，它看哪里
#
# ![ViT 全图，亮的部分是推理](../../course/figures/map_inference.zh.svg)
#
# 模型训练好了，现在用它：给照片起名字，读懂它给的概率，看看它的注意力落在哪里，最后导出成一个不需要 Python 网络代码的文件。两个大家爱问的问题，本课用测量来回答：**“90 %”真的是十次对九次吗？注意力图真的说明了它为什么这样答吗？**
#
# ![三张图片、最后一层三个头的注意力、以及贯穿所有层的 rollout](../../course/lessons/09_inference/figures/opening.png)
#
# *终点的样子：每行一张图，最后一层三个头的注意力，以及穿过所有层的 rollout。第 4 步会画出这张图。*
#
# **需要**：第 04 课的注意力权重，第 06 课的模型（会用即可）。**阅读** 约 20 分钟，**运行** 约一分钟（两核 CPU，见 `notebooks/TIMINGS.md`）。可单独运行；有公开权重（ViT-Ti）就用它认真实的照片，没有就用课程自带的小模型。
# %% [markdown] lang="en" slide="slide"
# # 09 · Inference: what it says, and where it looks
#
# ![Map of the whole ViT; the lit part is inference](../../course/figures/map_inference.en.svg)
#
# The model is trained; now we use it: names for photographs, what its probabilities mean, where its attention lies, and at last the export to one file that needs no Python code of the network. Two favourite questions are answered by measuring: **is "90 %" really nine times in ten? And does an attention map really tell why the model answers so?**
#
# ![Three pictures, the attention of the last layer's three heads, and the rollout through all layers](../../course/lessons/09_inference/figures/opening.png)
#
# *Where we end: a picture in each row, the attention of three heads of the last layer, and the rollout through all layers. Step 4 draws this figure.*
#
# **You need**: attention weights (lesson 04) and the model of lesson 06 (to use). About 20 minutes **to read**, about a minute **to run** (two CPU cores, see `notebooks/TIMINGS.md`). Runs alone; with published weights (ViT-Ti) it names real photographs, without them the small model of the course is used.
# %%
import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np

from course import begin, check, checkin, hint, signature

begin("09")
# %% [markdown] lang="zh" note=true
# 约 45 分钟。请学员带一张自己的照片来，第 1 步的单元里把路径换掉就能认。第 5 步画图之前先让大家说：“遮住模型看得最多的四分之一，正确率会掉到多少？随便遮四分之一呢？”两个猜测写在黑板上。
# %% [markdown] lang="en" note=true
# About 45 minutes. Ask learners to bring a photograph; in step 1 any path will do. Before the figure of step 5 ask: "Hide the quarter of the picture it looks at most: how far does accuracy fall? And a random quarter?" and write both guesses on the board.
# %% [markdown] lang="zh" slide="slide"
# ## 1. 从文件到名字
#
# 五步：读文件、预处理、前向得到 logits $(1, K)$、softmax 变成概率、排序取前五。预处理**跟着权重走**（第 02 课），和评估时完全一样：
# %% [markdown] lang="en" slide="slide"
# ## 1. From a file to names
#
# Five steps: read the file, preprocess it, forward to logits $(1, K)$, softmax to probabilities, the five best. The preprocessing **comes with the weights** (lesson 02) and is exactly that of evaluation:
# %%
from course.learner.assets import model_at_hand, pictures_at_hand
from vit.data.pipeline import preprocess
from vit.inference import class_names

model = model_at_hand()
model.set_train(False)
pictures = pictures_at_hand(model)  # name -> (H, W, 3) uint8


def names_of(pixels, k=5):
    x = preprocess(pixels, model.preprocessing)[np.newaxis]  # (1, 3, S, S)
    logits = model(ms.Tensor(x)).asnumpy()[0]  # (K,)
    e = np.exp(logits - logits.max())
    p = e / e.sum()
    order = np.argsort(-p)[:k]
    return [(class_names(model)[i].name.split(",")[0], float(p[i])) for i in order]


# %%
figure, axes = plt.subplots(2, 3, figsize=(9, 4.6), height_ratios=(3, 2), dpi=65)
for column, (name, pixels) in zip(axes.T, pictures.items(), strict=True):
    column[0].imshow(pixels)
    column[0].axis("off")
    answers = names_of(pixels)
    column[1].barh(range(5), [p for _, p in answers], color=["#2b6cb0"] + ["#a9c4de"] * 4)
    column[1].set_yticks(range(5), [n[:18] for n, _ in answers], fontsize=8)
    column[1].set(xlim=(0, 1), xticks=(0, 0.5, 1))
    column[1].invert_yaxis()
    print(f"{name}: {answers[0][0]} {answers[0][1]:.1%}, then {answers[1][0]} {answers[1][1]:.1%}")
plt.tight_layout()
plt.show()
# %% [markdown] lang="zh"
# 预处理要是换一种，比如不裁剪，直接压成正方形（一份公开教程的推理就是这样，它的评估却是裁剪的），答案会变多少？
# %% [markdown] lang="en"
# What if the preprocessing is another one, for instance squeezing to a square instead of cropping (as a published tutorial does in inference, though its evaluation crops)?
# %%
from PIL import Image

side = model.preprocessing.size
for name, pixels in pictures.items():
    squeezed = np.asarray(Image.fromarray(pixels).resize((side, side), Image.BICUBIC))
    (a, p), (b, q) = names_of(pixels, 1)[0], names_of(squeezed, 1)[0]
    print(f"{name:14} {pixels.shape[1]} x {pixels.shape[0]}: cropped {a} {p:.1%}; squeezed {b} {q:.1%}")


# %% [markdown] lang="zh"
# 数字变了。这三张里变高还是变低不重要：**评估的是一套做法，用的是另一套**，评估得到的正确率就不再是使用时的正确率了。
# %% [markdown] lang="en"
# The numbers change. Whether up or down in these three does not matter: **one procedure was evaluated and another is used**, so the accuracy reported is no longer that of the use.


# %% [markdown] lang="zh" exercise="09.1" slide="subslide"
# ### 练习 09.1 · 前 k 个，带温度（★★，8 分钟）
#
# 写 `top(logits, k, T)`：`logits (K,)`，先除以**温度** $T$ 再 softmax，返回 `(indices, p)`：概率最大的 `k` 个类别的编号和它们的概率，从大到小，都是 `(k,)`。
# %% [markdown] lang="en" exercise="09.1" slide="subslide"
# ### Exercise 09.1 · The best k, with a temperature (★★, 8 minutes)
#
# Write `top(logits, k, T)`: `logits (K,)` are divided by the **temperature** $T$, then softmax; return `(indices, p)`: the numbers of the `k` most probable classes and their probabilities, the largest first, both `(k,)`.
# %% exercise="09.1"
def top(logits, k, T):
    return np.arange(k), np.full(k, 1 / len(logits))  # (k,), (k,), your turn


# %% solution="09.1"
def top(logits, k, T):
    z = logits / T
    e = np.exp(z - z.max())
    p = e / e.sum()  # (K,)
    best = np.argsort(-p)[:k]
    return best, p[best]


# %% [markdown] hint="09.1" lang="zh"
# 温度只改变概率有多集中，不改变次序。
# %% [markdown] hint="09.1" lang="en"
# Temperature changes how concentrated the probabilities are, not their order.
# %% [markdown] hint="09.1" lang="zh"
# softmax 的分母是**全部** $K$ 个类别的和，先算完再挑前 `k` 个。
# %% [markdown] hint="09.1" lang="en"
# The denominator of softmax is the sum over **all** $K$ classes; pick the best `k` afterwards.
# %% [markdown] hint="09.1" lang="zh"
# `np.argsort(-p)[:k]` 是从大到小的前 `k` 个。
# %% [markdown] hint="09.1" lang="en"
# `np.argsort(-p)[:k]` are the first `k`, the largest first.
# %% wrong="09.1" mistake="smallest first"
# zh: 次序反了：最可能的应当排在最前
# en: the order is reversed: the most probable comes first
def top(logits, k, T):
    e = np.exp((logits - logits.max()) / T)
    best = np.argsort(e)[-k:]
    return best, (e / e.sum())[best]


# %% wrong="09.1" mistake="multiplied by T"
# zh: 乘了温度；应当除以温度
# en: multiplied by the temperature; it should be divided
def top(logits, k, T):
    e = np.exp((logits - logits.max()) * T)
    best = np.argsort(-e)[:k]
    return best, (e / e.sum())[best]


# %% wrong="09.1" mistake="softmax over the best only"
# zh: softmax 只算了前 k 个；分母应当是全部类别
# en: softmax went over the best k only; the denominator is all classes
def top(logits, k, T):
    best = np.argsort(-logits)[:k]
    e = np.exp((logits[best] - logits.max()) / T)
    return best, e / e.sum()


# %% wrong="09.1" mistake="no temperature"
# zh: 没有用到温度 T
# en: the temperature T was not used
def top(logits, k, T):
    e = np.exp(logits - logits.max())
    best = np.argsort(-e)[:k]
    return best, (e / e.sum())[best]


# %%
toy_logits = np.array([1.2, -0.3, 3.1, 0.4, 2.6, -1.0, 2.2])  # (K=7,)
check("09.1", top(toy_logits, 3, 2.0))
# hint("09.1")
# %% [markdown] lang="zh" slide="slide"
# ## 2. “90 %”是什么意思？
#
# softmax 的输出非负、和为 1，看上去是概率。它**配不配**叫概率，要看事实：在所有说“90 % 左右”的图里，真的有九成对吗？对得上，叫**校准**（calibrated）。用课程自带的小模型和 1000 张验证图来量（它的正确率是知道的）：
# %% [markdown] lang="en" slide="slide"
# ## 2. What does "90 %" mean?
#
# What softmax gives is not negative and adds up to 1, so it looks like probabilities. Whether it **deserves** the name is a matter of fact: of all images for which the model says about 90 %, are nine in ten right? If so, it is **calibrated**. We measure it with the small model of the course on 1000 validation images:
# %% slow=true
from vit import create_model
from vit.data.labels import from_folders
from vit.data.sample.dataset import make_sample
from vit.evaluation import logits_of
from vit.runtime.paths import DATA

make_sample(DATA / "sample")
small = create_model("vit_sample_patch8_64", weights="vit_sample_patch8_64")
val = from_folders(DATA / "sample" / "val", small.classes)
labels = np.array(val.labels)  # (n,)
logits, _ = logits_of(small, val.paths, batch_size=50, progress=False)  # (n, K)
print(f"{len(labels)} images, top-1 {(logits.argmax(1) == labels).mean():.1%}")


# %%
def confidence(logits, T=1.0):
    """The probability of the best answer, (n,)."""
    e = np.exp((logits - logits.max(1, keepdims=True)) / T)
    return e.max(1) / e.sum(1)


# %% slow=true
says, right = confidence(logits), logits.argmax(1) == labels  # (n,), (n,)
print("it says      images   right")
for low in (0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
    inside = (says >= low) & (says < low + (0.2 if low == 0.2 else 0.1 + 1e-9))
    print(f"{low:.0%} to {low + (0.2 if low == 0.2 else 0.1):.0%}   {inside.sum():5}   {right[inside].mean():.0%}")
print(f"mean: says {says.mean():.1%}, is right {right.mean():.1%}")
# %% [markdown] lang="zh"
# 这个模型总体上**过分谦虚**：平均说的比实际对的少，差距主要来自说 80 % 以上的那些图。（低的几格图很少，看不出什么。）原因多半是第 07 课的标签平滑，它教模型永远不要说满；这里没有单独验证。（别的模型常常相反，过分自信；所以要量，不要猜。）补救很简单：在**一半**数据上挑一个温度，在**另一半**上看它管不管用。
# %% [markdown] lang="en"
# On the whole this model is **too modest**: what it says is less, on average, than what is right, mostly because of those where it says more than 80 %. (The low bins have few images and tell little.) The reason is probably the label smoothing of lesson 07, which teaches it never to be quite sure; that was not tested by itself. (Others are often the opposite, too confident; hence measure, do not guess.) The remedy is simple: choose a temperature on **one half** of the data and see on the **other half** whether it works.


# %% [markdown] lang="zh" exercise="09.2" slide="subslide"
# ### 练习 09.2 · 校准误差（★★，9 分钟）
#
# 期望校准误差（ECE）：把 `says` 按 $[0,0.1),[0.1,0.2),\dots,[0.9,1]$ 分成 10 格，每格算“平均说的”与“实际对的比例”之差的绝对值，按每格的张数加权平均；空的格跳过。写 `ece(says, right)`，返回一个数。
# %% [markdown] lang="en" exercise="09.2" slide="subslide"
# ### Exercise 09.2 · The calibration error (★★, 9 minutes)
#
# Expected calibration error (ECE): sort `says` into ten bins $[0,0.1),[0.1,0.2),\dots,[0.9,1]$; in each take the absolute difference between the mean of what it says and the share that is right; average these, weighted by the number of images in the bin, and skip empty bins. Write `ece(says, right)`, which returns one number.
# %% exercise="09.2"
def ece(says, right):
    return 1.0  # your turn


# %% solution="09.2"
def ece(says, right):
    bins = np.minimum((says * 10).astype(int), 9)  # (n,)
    total = 0.0
    for b in np.unique(bins):
        inside = bins == b
        total += inside.mean() * abs(says[inside].mean() - right[inside].mean())
    return total


# %% [markdown] hint="09.2" lang="zh"
# `np.minimum((says * 10).astype(int), 9)` 给出每张图在第几格。
# %% [markdown] hint="09.2" lang="en"
# `np.minimum((says * 10).astype(int), 9)` is the bin of each image.
# %% [markdown] hint="09.2" lang="zh"
# 每格的权重是它的张数占全部的份额，也就是 `(bins == b).mean()`。
# %% [markdown] hint="09.2" lang="en"
# The weight of a bin is its share of all images, `(bins == b).mean()`.
# %% [markdown] hint="09.2" lang="zh"
# 绝对值在每格**里面**取，不是最后才取。
# %% [markdown] hint="09.2" lang="en"
# The absolute value is taken **inside** each bin, not at the end.
# %% wrong="09.2" mistake="not weighted"
# zh: 各格一样重了；应当按张数加权
# en: all bins weigh the same; they should weigh by their images
def ece(says, right):
    bins = np.minimum((says * 10).astype(int), 9)
    return np.mean([abs(says[bins == b].mean() - right[bins == b].mean()) for b in np.unique(bins)])


# %% wrong="09.2" mistake="one bin"
# zh: 没有分格（或每格没有取绝对值，正负抵消了）：整体的平均对上了，各格仍可能对不上
# en: no bins (or no absolute value in each, so that plus and minus cancel): overall means may agree while those of the bins do not
def ece(says, right):
    return abs(says.mean() - right.mean())


# %% wrong="09.2" mistake="middle of the bin"
# zh: 用了每格的中点（如 0.95）；应当用这一格里实际说的平均值
# en: the middle of each bin (such as 0.95) was used; it should be the mean of what was said in it
def ece(says, right):
    bins = np.minimum((says * 10).astype(int), 9)
    return sum((bins == b).mean() * abs(b / 10 + 0.05 - right[bins == b].mean()) for b in np.unique(bins))


# %% wrong="09.2" mistake="counts"
# zh: 权重用了张数，没有除以总数
# en: the weights are counts, not divided by the number of images
def ece(says, right):
    bins = np.minimum((says * 10).astype(int), 9)
    return sum((bins == b).sum() * abs(says[bins == b].mean() - right[bins == b].mean()) for b in np.unique(bins))


# %%
toy_says = np.array([0.95, 0.92, 1.0, 0.55, 0.52, 0.58, 0.51, 0.31, 0.38, 0.35, 0.75, 0.78])
toy_right = np.array([1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1])
check("09.2", ece(toy_says, toy_right))
# hint("09.2")
# %% slow=true
half = np.random.default_rng(0).permutation(len(labels)) < len(labels) // 2  # chooses; the other half reports


def error_of(T, part):
    c, ok = confidence(logits[part], T), right[part]
    bins = np.minimum((c * 10).astype(int), 9)
    return sum((bins == b).mean() * abs(c[bins == b].mean() - ok[bins == b].mean()) for b in np.unique(bins))


temperatures = np.arange(0.4, 1.61, 0.05)
chosen = temperatures[np.argmin([error_of(T, half) for T in temperatures])]
print(f"temperature {chosen:.2f}; calibration error on the other half:", end=" ")
print(f"{error_of(1.0, ~half):.3f} before, {error_of(chosen, ~half):.3f} after; top-1 is the same")
# %% [markdown] lang="zh"
# 还有一件事校准也救不了：模型**必须**从它的类别里选一个。给它纯噪声，它也照答：
# %% [markdown] lang="en"
# One thing no calibration can mend: the model **must** choose one of its classes. Give it pure noise, and it answers all the same:
# %% slow=true
noise = np.random.default_rng(0).normal(size=(100, 3, 64, 64)).astype(np.float32)
answers = small(ms.Tensor(noise)).asnumpy()
favourite = np.bincount(answers.argmax(1)).argmax()
says_it = f"{small.classes[favourite].name.split(',')[0]} for {(answers.argmax(1) == favourite).mean():.0%}"
print(f"noise: says {says_it} of 100;", end=" ")
print(f"all 100: {confidence(answers).mean():.0%} sure on average, at most {confidence(answers).max():.0%}")
# %% [markdown] lang="zh" slide="slide"
# ## 3. 它看了哪里？一层一个头
#
# 第 04 课的注意力权重 $A$：第 $i$ 行说 token $i$ 从每个 token 取多少。用类别 token 分类的模型（ViT-Ti），看第 0 行；用平均分类的（小模型），看各块的行的平均。去掉类别 token 那一列，剩下 $N$ 个数，排回网格就是一张图。
#
# 一层有 $h$ 个头，各看各的；十二层就有三十六张图（ViT-Ti）。哪张才算数？
# %% [markdown] lang="en" slide="slide"
# ## 3. Where did it look? One layer, one head
#
# In lesson 04's attention weights $A$, row $i$ says how much token $i$ takes from each token. For a model that classifies by its class token (ViT-Ti) read row 0, for one that classifies by the mean (the small model) the mean of the patches' rows. Without the column of the class token there are $N$ numbers, which the grid makes a picture.
#
# A layer has $h$ heads that look differently; twelve layers make thirty-six pictures (ViT-Ti). Which one counts?
# %%
from vit.attention_maps import attention_weights, enlarge, patch_map
from vit.data.pipeline import framing

grid = model.preprocessing.size // model.config.patch_size
x = np.stack([preprocess(pixels, model.preprocessing) for pixels in pictures.values()])  # (3, 3, S, S)
weights = attention_weights(model, x)  # (L, 3, h, 1+N, 1+N)
last = patch_map(weights[-1], (grid, grid), model.config.pool)  # (3, h, grid, grid)
print(f"weights {weights.shape}, maps of the last layer {last.shape}")


# %% [markdown] lang="zh" slide="slide"
# ## 4. Rollout：穿过所有层
#
# 最后一层看的“块”，早已不是原来的块：它们经过前面各层，混进了别的块的信息。**Rollout**（Abnar 与 Zuidema，2020）把各层连起来：它**假定**每层有一半走残差的直路（单位矩阵 $I$），一半走注意力（各头平均的 $\bar A_l$），不管 MLP，一层层乘起来：
#
# $$R=\Big(\tfrac12\bar A_L+\tfrac12 I\Big)\cdots\Big(\tfrac12\bar A_2+\tfrac12 I\Big)\Big(\tfrac12\bar A_1+\tfrac12 I\Big)$$
#
# 先走的在右边。两个 token、两层，徒手算：
# %% [markdown] lang="en" slide="slide"
# ## 4. Rollout: through all layers
#
# The "patches" that the last layer looks at are no longer those of the image: on their way they have taken in others. **Rollout** (Abnar and Zuidema, 2020) joins the layers: it **assumes** that in each, half goes straight on along the residual (the identity $I$) and half through attention ($\bar A_l$, the mean over heads), leaves the MLP out, and multiplies the layers:
#
# $$R=\Big(\tfrac12\bar A_L+\tfrac12 I\Big)\cdots\Big(\tfrac12\bar A_2+\tfrac12 I\Big)\Big(\tfrac12\bar A_1+\tfrac12 I\Big)$$
#
# What comes first stands on the right. Two tokens, two layers, by hand:
# %%
A1, A2 = np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([[1.0, 0.0], [0.5, 0.5]])
M1, M2 = 0.5 * A1 + 0.5 * np.eye(2), 0.5 * A2 + 0.5 * np.eye(2)
print("M1", M1.tolist(), " M2", M2.tolist())
print("R = M2 @ M1:", (M2 @ M1).tolist(), " rows sum to", (M2 @ M1).sum(1).round(6))


# %% [markdown] lang="zh" exercise="09.3" slide="subslide"
# ### 练习 09.3 · Rollout（★★，8 分钟）
#
# 写 `roll(weights)`：`weights (L, h, T, T)`，第 0 层最先；返回 `(T, T)`。
# %% [markdown] lang="en" exercise="09.3" slide="subslide"
# ### Exercise 09.3 · Rollout (★★, 8 minutes)
#
# Write `roll(weights)`: `weights (L, h, T, T)`, layer 0 comes first; it returns `(T, T)`.
# %% exercise="09.3"
def roll(weights):
    return np.eye(weights.shape[-1])  # (T, T), your turn


# %% solution="09.3"
def roll(weights):
    T = weights.shape[-1]
    flow = np.eye(T)
    for layer in weights.mean(1):  # (T, T)
        flow = (0.5 * layer + 0.5 * np.eye(T)) @ flow
    return flow


# %% [markdown] hint="09.3" lang="zh"
# 从单位矩阵开始，每过一层，就从**左边**乘上这一层。
# %% [markdown] hint="09.3" lang="en"
# Start from the identity; each layer is multiplied from the **left**.
# %% [markdown] hint="09.3" lang="zh"
# 先对头取平均：`weights.mean(1)` 的形状是 `(L, T, T)`。
# %% [markdown] hint="09.3" lang="en"
# Take the mean over heads first: `weights.mean(1)` has shape `(L, T, T)`.
# %% [markdown] hint="09.3" lang="zh"
# `flow = (0.5 * layer + 0.5 * np.eye(T)) @ flow`
# %% [markdown] hint="09.3" lang="en"
# `flow = (0.5 * layer + 0.5 * np.eye(T)) @ flow`
# %% wrong="09.3" mistake="no residual"
# zh: 少了残差：每层还有一半走直路（单位矩阵）
# en: the residual is missing: half of each layer goes straight on (the identity)
def roll(weights):
    flow = np.eye(weights.shape[-1])
    for layer in weights.mean(1):
        flow = layer @ flow
    return flow


# %% wrong="09.3" mistake="wrong order"
# zh: 乘的次序反了：后面的层在左边
# en: multiplied in the wrong order: later layers stand on the left
def roll(weights):
    T = weights.shape[-1]
    flow = np.eye(T)
    for layer in weights.mean(1):
        flow = flow @ (0.5 * layer + 0.5 * np.eye(T))
    return flow


# %% wrong="09.3" mistake="not halved"
# zh: A + I 没有取一半，每行的和不再是 1
# en: A + I was not halved, so rows no longer sum to 1
def roll(weights):
    T = weights.shape[-1]
    flow = np.eye(T)
    for layer in weights.mean(1):
        flow = (layer + np.eye(T)) @ flow
    return flow


# %% wrong="09.3" mistake="one head"
# zh: 只用了第 0 个头；应当对头取平均
# en: only head 0 was used; take the mean over heads
def roll(weights):
    T = weights.shape[-1]
    flow = np.eye(T)
    for layer in weights[:, 0]:
        flow = (0.5 * layer + 0.5 * np.eye(T)) @ flow
    return flow


# %% wrong="09.3" mistake="layers averaged"
# zh: 各层取了平均；应当连乘
# en: the layers were averaged; they should be multiplied
def roll(weights):
    return 0.5 * weights.mean((0, 1)) + 0.5 * np.eye(weights.shape[-1])


# %%
toy_scores = np.exp(np.random.default_rng(2).normal(0, 2, (3, 2, 4, 4)))  # (L=3, h=2, T=4, T)
check("09.3", roll(toy_scores / toy_scores.sum(-1, keepdims=True)))
# hint("09.3")
# %%
from vit.attention_maps import rollout

rolled = patch_map(rollout(weights), (grid, grid), model.config.pool)  # (3, grid, grid)
# %% figure="opening"
figure, axes = plt.subplots(3, 5, figsize=(8, 5), dpi=54)
for line, pixels, heads, flow in zip(axes, pictures.values(), last, rolled, strict=True):
    for transform in framing(model.preprocessing):
        pixels = transform(pixels)  # what the model sees: (S, S, 3)
    for ax, patches in zip(line, (None, *heads[:3], flow), strict=True):
        ax.imshow(pixels)
        if patches is not None:
            ax.imshow(enlarge(patches, *pixels.shape[:2]), cmap="inferno", alpha=0.6)
        ax.axis("off")
for ax, title in zip(axes[0], ("as the model sees it", "head 0", "head 1", "head 2", "rollout"), strict=True):
    ax.set_title(title, fontsize=10)
plt.tight_layout()
plt.show()


# %% [markdown] lang="zh"
# 图很好看，也很容易让人编故事：“这个头看杯口”。可是用 ViT-Ti 运行时，还有一件不好编的事：**四个角几乎总是亮的**，那里什么也没有。Darcet 等（2024，《Vision Transformers Need Registers》）在更大的模型里描述过类似的现象：没有内容的块被拿去存放全局的信息。这里是不是同一回事，本课没有验证。可以验证的是：它看得多的地方，对答案**要紧**吗？各遮住四分之一的块（填成中灰），看第一名的概率剩多少：
# %% [markdown] lang="en"
# Pretty, and an invitation to tell stories ("this head looks at the rim of the cup"). With ViT-Ti there is also something that does not fit a story: **the four corners are nearly always bright**, and there is nothing in them. Darcet et al. (2024, "Vision Transformers Need Registers") describe the like in larger models: patches without content are used to keep global information. Whether it is the same here this lesson does not test. What can be tested: do the places it looks at **matter**? Hide a quarter of the patches (middle grey) and see what is left of the best answer's probability:
# %%
def probability(x, chosen, best):
    """Of class `best` for one image (3, S, S) with patches `chosen` (N,) hidden."""
    mask = chosen.reshape(grid, grid).repeat(model.config.patch_size, 0).repeat(model.config.patch_size, 1)
    logits = model(ms.Tensor(np.where(mask, 0, x)[np.newaxis], ms.float32)).asnumpy()[0]
    e = np.exp(logits - logits.max())
    return (e / e.sum())[best]


def first_quarter(order):
    chosen = np.zeros(grid * grid, bool)
    chosen[order[: grid * grid // 4]] = True
    return chosen


rng = np.random.default_rng(0)
for name, image, heads, flow in zip(pictures, x, last, rolled, strict=True):
    best = model(ms.Tensor(image[np.newaxis])).asnumpy()[0].argmax()
    shares = [probability(image, first_quarter(np.argsort(-m.ravel())), best) for m in (heads.mean(0), flow)]
    randoms = [probability(image, first_quarter(rng.permutation(grid * grid)), best) for _ in range(4)]
    whole = probability(image, np.zeros(grid * grid, bool), best)
    print(f"{name:13} all {whole:.0%}; hidden by last layer {shares[0]:.0%}, by rollout {shares[1]:.0%}", end="")
    print(f", at random {np.mean(randoms):.0%} ({min(randoms):.0%} to {max(randoms):.0%})")
# %% [markdown] lang="zh"
# 三张图，结果各不相同：有的很要紧，有的和随便遮差不多。三张照片说明不了什么；要许多张知道答案的图，才能打分。
# %% [markdown] lang="en"
# Three pictures, three different results: here it matters much, there hardly more than hiding at random. Three photographs prove little; marks need many images with known answers.
# %% [markdown] lang="zh" slide="slide"
# ## 5. 给注意力打分
#
# 课程的画有一个好处：画的时候就知道物体在哪里（`masks/`）。200 张验证图，问两件事：
#
# - **指得准吗？** 图上最亮的那一块，落在物体上吗？对照：永远指正中间；随机指；还有**没训练过的**同一个网络的 rollout。
# - **管用吗？** 遮住它看得最多的四分之一（16 块），正确率掉多少？对照：遮住看得最少的、随机的、正中间的四分之一。
# %% [markdown] lang="en" slide="slide"
# ## 5. Marks for attention
#
# The drawings of the course have a merit: it is known where the object is (`masks/`). Two questions, on 200 validation images:
#
# - **Does it point well?** Is the brightest patch of the map on the object? Its rivals: always the centre; at random; and the rollout of the same network **untrained**.
# - **Does it matter?** Hide the quarter (16 patches) that it looks at most: how far does accuracy fall? Its rivals: the quarter it looks at least, a random one, the one in the centre.
# %% slow=true
from vit.attention_maps import framed_mask
from vit.data.pipeline import evaluation_batches

some = val.paths[::5]
truth = labels[::5]
masks = [DATA / "sample" / "masks" / "val" / path.parent.name / f"{path.stem}.png" for path in some]
images = np.concatenate(
    [x[i >= 0] for x, i in evaluation_batches(some, small.preprocessing, 100, {})]
)  # (n, 3, 64, 64)
on_object = np.stack([framed_mask(mask, small) for mask in masks])  # (n, 64, 64) bool
attention = attention_weights(small, images)  # (L, n, h, 65, 65)
maps = {"rollout": rollout(attention), "last layer alone": attention[-1].mean(1)}
maps["rollout, untrained"] = rollout(attention_weights(create_model("vit_sample_patch8_64", num_classes=10), images))
maps = {name: patch_map(one, (8, 8), "mean") for name, one in maps.items()}  # (n, 8, 8)
# %% slow=true
print("the peak lies on the object:")
for name, one in maps.items():
    row, col = np.unravel_index(one.reshape(len(one), -1).argmax(1), (8, 8))
    print(f"  {name:20}{on_object[np.arange(len(one)), 8 * row + 4, 8 * col + 4].mean():.0%}")
print(f"  {'always the centre':20}{on_object[:, 32, 32].mean():.0%}")
print(f"  {'at random':20}{on_object.mean():.0%}")


# %% [markdown] lang="zh" exercise="09.4" slide="subslide"
# ### 练习 09.4 · 遮住几块（★★，8 分钟）
#
# 写 `hide(images, chosen, p)`：`p` 是块的边长（像素），`images (B, C, H, W)`，`chosen (B, N)` 是布尔数组，$N=(H/p)(W/p)$，块从左上角起逐行编号；把选中的块的像素（所有通道）变成 0，返回新的数组。图不一定是正方形。
# %% [markdown] lang="en" exercise="09.4" slide="subslide"
# ### Exercise 09.4 · Hiding patches (★★, 8 minutes)
#
# Write `hide(images, chosen, p)`: `p` is the side of a patch in pixels, `images (B, C, H, W)`, `chosen (B, N)` boolean with $N=(H/p)(W/p)$, the patches row by row from the top left; set all pixels (of all channels) of the chosen patches to 0 and return a new array. Images need not be square.
# %% exercise="09.4"
def hide(images, chosen, p):
    return images.copy()  # (B, C, H, W), your turn


# %% solution="09.4"
def hide(images, chosen, p):
    B, _, H, W = images.shape
    mask = chosen.reshape(B, 1, H // p, W // p)  # (B, 1, rows, cols)
    mask = mask.repeat(p, axis=2).repeat(p, axis=3)  # (B, 1, H, W)
    return np.where(mask, 0, images)  # (B, C, H, W)


# %% [markdown] hint="09.4" lang="zh"
# 先把 `chosen` 变成 `(B, 1, 行, 列)`，再放大到像素。
# %% [markdown] hint="09.4" lang="en"
# First make `chosen` `(B, 1, rows, columns)`, then enlarge it to pixels.
# %% [markdown] hint="09.4" lang="zh"
# 放大用 `repeat`，每个值重复 `p` 次；`tile` 会把整个网格重复 `p` 遍。
# %% [markdown] hint="09.4" lang="en"
# Enlarge by `repeat`, each value `p` times; `tile` would repeat the whole grid.
# %% [markdown] hint="09.4" lang="zh"
# `np.where(mask, 0, images)`，`mask` 的形状 `(B, 1, H, W)` 会自动广播到各通道。
# %% [markdown] hint="09.4" lang="en"
# `np.where(mask, 0, images)`; a mask `(B, 1, H, W)` broadcasts over the channels.
# %% wrong="09.4" mistake="inverted"
# zh: 反了：遮住的应当是选中的块
# en: inverted: the chosen patches are to be hidden
def hide(images, chosen, p):
    B, _, H, W = images.shape
    mask = chosen.reshape(B, 1, H // p, W // p).repeat(p, axis=2).repeat(p, axis=3)
    return np.where(mask, images, 0)


# %% wrong="09.4" mistake="tiled"
# zh: 用 tile 把整个网格重复了；应当用 repeat 放大每一格
# en: tile repeated the whole grid; repeat enlarges each of its cells
def hide(images, chosen, p):
    B, _, H, W = images.shape
    return np.where(np.tile(chosen.reshape(B, 1, H // p, W // p), (1, 1, p, p)), 0, images)


# %% wrong="09.4" mistake="rows and columns exchanged"
# zh: 行和列用反了：块是一行一行排的
# en: rows and columns are exchanged: patches come row by row
def hide(images, chosen, p):
    B, _, H, W = images.shape
    mask = chosen.reshape(B, 1, W // p, H // p).transpose(0, 1, 3, 2)
    return np.where(mask.repeat(p, axis=2).repeat(p, axis=3), 0, images)


# %% wrong="09.4" mistake="first channel only"
# zh: 只遮了第 0 个通道
# en: only channel 0 was hidden
def hide(images, chosen, p):
    B, _, H, W = images.shape
    out = images.copy()
    mask = chosen.reshape(B, H // p, W // p).repeat(p, axis=1).repeat(p, axis=2)
    out[:, 0][mask] = 0
    return out


# %%
toy_images = np.random.default_rng(6).normal(size=(2, 3, 8, 12))  # (B=2, C=3, H=8, W=12)
toy_chosen = np.array([[1, 0, 0, 0, 0, 1], [0, 1, 1, 0, 0, 0]], bool)  # (B, N=2*3)
check("09.4", hide(toy_images, toy_chosen, 4))


# hint("09.4")
# %%
def hidden(images, order, count, p=8):
    """The images without the first `count` patches of each row of `order` (n, N)."""
    chosen = np.zeros(order.shape, bool)
    np.put_along_axis(chosen, order[:, :count], True, axis=1)
    mask = chosen.reshape(-1, 1, 8, 8).repeat(p, axis=2).repeat(p, axis=3)
    return np.where(mask, 0, images).astype(np.float32)  # 0 is middle grey after normalisation


# %% slow=true
from vit.inference import make_forward

forward = make_forward(small)
by_attention = np.argsort(-maps["rollout"].reshape(len(images), 64), axis=1)  # (n, N), most first
distance = np.hypot(*(np.indices((8, 8)) - 3.5)).ravel()
orders = {
    "looked at most": by_attention,
    "in the centre": np.tile(np.argsort(distance), (len(images), 1)),
    "at random": np.argsort(np.random.default_rng(0).random((len(images), 64)), axis=1),
    "looked at least": by_attention[:, ::-1],
}
# %% slow=true
counts, falls = (0, 4, 8, 16, 32), {}
for name, order in orders.items():
    falls[name] = [(forward(hidden(images, order, k)).asnumpy().argmax(1) == truth).mean() for k in counts]
    print(f"hidden {name:16}", "  ".join(f"{k}: {a:.0%}" for k, a in zip(counts, falls[name], strict=True)))
signature(
    f"a quarter of the patches hidden: {falls['looked at most'][3]:.0%} right without those it looks at most, {falls['at random'][3]:.0%} without random ones"
)
assert falls["looked at most"][3] < falls["in the centre"][3] < falls["at random"][3]
# %% slow=true
figure, axes = plt.subplots(1, 2, figsize=(8.5, 2.9), width_ratios=(1.3, 1))
for (name, fall), color in zip(falls.items(), ("#c05621", "#d69e2e", "#718096", "#2b6cb0"), strict=True):
    axes[0].plot(counts, fall, ".-", color=color, label=name)
axes[0].set(xlabel="patches hidden, of 64", ylabel="top-1", ylim=(0, 1))
axes[0].legend(frameon=False, fontsize=8, title="hidden patches", title_fontsize=8)
example = hidden(images[40:41], by_attention[40:41], 16)[0]
axes[1].imshow(np.hstack([one.transpose(1, 2, 0) / 2 + 0.5 for one in (images[40], example)]).clip(0, 1))
axes[1].set_title("a drawing, and without the 16 looked at most", fontsize=9)
axes[1].axis("off")
plt.show()
# %% [markdown] lang="zh"
# 两个结论都来自测量：
#
# - rollout **指得准**，但要看和谁比：这些画的物体又大又居中，“永远指中间”已经很准，rollout 只比它好一点。最后一层单独就差些，还不如永远指中间。没训练的网络（它的位置一开始就是波浪，并不是白纸）好于随机，却不如永远指中间。可见对照不是多余的。
# - 它**管用**：遮住看得最多的四分之一，比随便遮四分之一，代价大得多；遮住看得最少的，几乎没有代价。
#
# 但这仍不等于“解释”：它说明这些块对答案**要紧**，没有说明**怎么**要紧。rollout 对每个类别都给同一张图，不能说“因为这里，所以是茶壶而不是雨伞”。
# %% [markdown] lang="en"
# Both conclusions are measured:
#
# - Rollout **points well**, but mind with what it is compared: the things in these drawings are large and near the middle, so always pointing at the centre does well already, and rollout is only a little better. The last layer alone does worse than the centre. The untrained network (whose positions begin as waves, so it is no blank sheet) is above random and below the centre. The controls were not idle.
# - It **matters**: hiding the quarter it looks at most costs far more than hiding a random one, and hiding what it looks at least costs almost nothing.
#
# Still, this is not yet an explanation: it shows **that** these patches matter, not **how**. Rollout gives the same map for every class; it cannot say "a teapot and no umbrella, because of this".
# %% [markdown] lang="zh" slide="slide"
# ## 6. 导出成一个文件
#
# 部署的机器上不一定有 `vit` 的代码。**MindIR** 把网络的计算图和权重放进一个文件，装了 MindSpore 的机器可以直接载入（端侧的 MindSpore Lite 要先转换格式，本课没有运行）。导出之后一定要核对：同一个输入，两边的 logits 差多少？
# %% [markdown] lang="en" slide="slide"
# ## 6. Export to one file
#
# The machine that uses a model may not have the code of `vit`. **MindIR** holds graph and weights in one file, which runs wherever MindSpore is (MindSpore Lite on devices wants it converted first; not run here). After an export always compare: how far apart are the logits of both for the same input?
# %% slow=true
from vit.export import export, load_exported
from vit.inference import predict
from vit.runtime.paths import OUTPUTS

file = OUTPUTS / "lessons" / "small.mindir"
difference = export(small, file)
exported = load_exported(file)
print(f"{file.name}: {file.stat().st_size / 2**20:.1f} MiB; largest difference of two logits {difference:.1e}")
for one in (small, exported):
    best = predict(one, some[0], top=1)[0]
    print(f"{type(one).__name__:10}{best.class_name.name.split(',')[0]} {best.probability:.4%}")
# %% [markdown] lang="zh"
# 导出的计算图里没有预处理，也没有类别名，所以旁边还有一个 `small.mindir.json`；输入的形状是固定的（一次一张）。命令行：`vit export --weights FILE --format mindir`，然后 `vit predict --weights FILE.mindir 照片.jpg`。
# %% [markdown] lang="en"
# The graph holds neither preprocessing nor class names, so there is a `small.mindir.json` beside it; its input shape is fixed, one image at a time. On the command line: `vit export --weights FILE --format mindir`, then `vit predict --weights FILE.mindir photo.jpg`.
# %% [markdown] lang="zh" slide="slide"
# ## 7. 常见的错误说法
#
# **“模型不会的时候，概率就会低。”** 平均说来低一些，但靠不住：第 2 步的纯噪声，有一张它说得很有把握。
#
# **“看最后一层的注意力就够了。”** 第 5 步量过：最后一层单独指得比 rollout 差。哪一层指得最准？不一定是最后一层：
# %% [markdown] lang="en" slide="slide"
# ## 7. Wrong statements people repeat
#
# **"When the model does not know, its probability is low."** On average it is lower, but do not rely on it: for one of the images of pure noise in step 2 it was quite sure.
#
# **"The last layer's attention is all one needs."** Step 5 measured it: the last layer alone points worse than rollout. Which layer points best? Not necessarily the last:
# %% slow=true
for layer in range(len(attention)):
    one = patch_map(attention[layer].mean(1), (8, 8), "mean")  # (n, 8, 8)
    row, col = np.unravel_index(one.reshape(len(one), -1).argmax(1), (8, 8))
    print(f"layer {layer}: {on_object[np.arange(len(one)), 8 * row + 4, 8 * col + 4].mean():.0%}", end="   ")
# %% [markdown] lang="zh"
# 中间有的层单独就和 rollout 一样准，甚至更准（200 张图，误差约正负五个百分点）。但“哪一层最准”是在同一批图上挑出来的，要换一批图才能算数（第 08 课）。
# %% [markdown] lang="en"
# A layer in the middle may do as well as rollout by itself, or better (200 images: plus or minus five points). But "which layer is best" was chosen on the same images, and would have to be tested on others (lesson 08).
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 推理的预处理必须和评估的一样；它跟着权重走，不要重新写一遍。
# 2. softmax 的数配不配叫概率，要用数据来量；一个温度常常就能校准，而且不改变答案。
# 3. 注意力图要打分才算数：指得准不准，遮住了要不要紧，和没训练的网络比。
#
# <details><summary>问题一：为什么挑温度的图和报告误差的图要分开？</summary>
#
# 和第 08 课一样：在同一份数据上挑选，误差自然会变小。只有没参与挑选的那一半，才说明温度真的管用。
#
# </details>
#
# <details><summary>问题二：rollout 里为什么要加单位矩阵？不加会怎样？</summary>
#
# 每个块的输出是“输入 + 注意力分支”，信息有一条直路。不加单位矩阵，就等于说每一层都把原来的内容全换掉了；几层相乘之后，各行变得几乎一样：不管从哪个 token 看，都是同一张图（和第 05 课没有残差时 token 变得一样，是同一个道理）。
#
# </details>
#
# **下一课**（10）：类别换成你自己的，图只有几十张：微调。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. Inference must preprocess as evaluation does; the settings come with the weights and are not typed again.
# 2. Whether the numbers of softmax deserve to be called probabilities, data must tell; one temperature often calibrates them and changes no answer.
# 3. An attention map counts once it has marks: does it point well, does hiding matter, how does an untrained network do?
#
# <details><summary>Question 1: why are the images that choose the temperature not those that report the error?</summary>
#
# As in lesson 08: where something is chosen, the error shrinks by the choice itself. Only the half that took no part shows that the temperature works.
#
# </details>
#
# <details><summary>Question 2: why does rollout add the identity, and what happens without it?</summary>
#
# Each block gives "input + attention branch", so information has a straight road. Without the identity we would say that every layer replaces all there was; after a few products all rows are nearly equal: the same map, whichever token one starts from (the reason for which tokens become alike without residuals in lesson 05).
#
# </details>
#
# **Next** (10): your own classes, and only a few dozen images: fine-tuning.
# %% [markdown] lang="zh" slide="slide"
# ## 打卡
#
# 运行它。它会重新检查上面的练习，给你一道只属于你的小题；算出后把 `answer=数值` 加进括号再运行一次。
# %% [markdown] lang="en" slide="slide"
# ## Check-in
#
# Run it. It checks the exercises above again and poses a question made for you; work it out, add `answer=number` and run once more.
# %%
checkin()
