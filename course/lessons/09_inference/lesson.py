# %% [markdown] lang="zh" slide="slide" section="A"
# # 09 · 推理：它说什么，它看哪里
#
# ![ViT 全图，亮的部分是推理](../../course/figures/map_inference.zh.svg)
#
# 模型训练好了，现在用它：给照片起名字，读懂它给的概率，看看它的注意力落在哪里，最后导出成一个不需要 Python 网络代码的文件。两个大家爱问的问题，本课用测量来回答：**“90 %”真的是十次对九次吗？注意力图真的说明了它为什么这样答吗？**
#
# ![三张图片、最后一层三个头的注意力、以及贯穿所有层的 rollout](../../course/lessons/09_inference/figures/opening.zh.png)
#
# *终点的样子：每行一张图，最后一层三个头的注意力，以及穿过所有层的 rollout。B·4 会画出这张图。*
#
# **需要**：第 04 课的注意力权重，第 06 课的模型（会用即可）；可单独运行。**三节**：A 名字和概率，B 它看了哪里，C 给注意力打分，再导出。每节阅读不超过 15 分钟，练习另算；运行时间见 `notebooks/TIMINGS.md`。有公开权重（ViT-Ti）就用它认真实的照片，没有就用课程自带的小模型。
# %% [markdown] lang="en" slide="slide" section="A"
# # 09 · Inference: what it says, and where it looks
#
# ![Map of the whole ViT; the lit part is inference](../../course/figures/map_inference.en.svg)
#
# The model is trained; now we use it: names for photographs, what its probabilities mean, where its attention lies, and finally we export it to a file that runs without the network's Python code. Two favourite questions are answered by measuring: **is "90 %" really nine times in ten? And does an attention map really tell why the model answers so?**
#
# ![Three pictures, the attention of the last layer's three heads, and the rollout through all layers](../../course/lessons/09_inference/figures/opening.en.png)
#
# *Where we end: a picture in each row, the attention of three heads of the last layer, and the rollout through all layers. B·4 draws this figure.*
#
# **You need** attention weights (lesson 04) and the model of lesson 06 (to use); the lesson runs alone. **Three sections**: A names and probabilities, B where it looks, C attention maps scored, and the export. Each takes at most 15 minutes to read, not counting exercises; running times are in `notebooks/TIMINGS.md`. With published weights (ViT-Ti) it names real photographs, without them the small model of the course is used.
# %%
import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np

from course import begin, check, checked, checkin, explore, hint, investigate, signature

begin("09")
# %% [markdown] lang="zh" note=true
# A 节约 30 分钟，B、C 各约 20 分钟，练习在内。请学员带一张自己的照片来，A·1 之后新开一个单元格：`from vit.data.images import read_image; names_of(read_image("我的.jpg"))`（要有公开权重）。C·5 画图之前先让大家说：“遮住模型看得最多的四分之一，准确率会掉到多少？随便遮四分之一呢？”两个猜测写在黑板上。
# %% [markdown] lang="en" note=true
# A takes about 30 minutes, B and C about 20 each, exercises included. Ask learners to bring a photograph; after A·1, in a new cell: `from vit.data.images import read_image; names_of(read_image("mine.jpg"))` (with published weights). Before the figure of C·5 ask: "Hide the quarter of the picture it looks at most: how far does accuracy fall? And a random quarter?" and write both guesses on the board.
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 从文件到名字
#
# 五步：读文件、预处理、前向得到 logits $(1, K)$、softmax 变成概率、排序取前五。预处理**跟着权重走**（第 02 课），和评估时完全一样：
# %% [markdown] lang="en" slide="slide"
# ## A · 1. From a file to names
#
# Five steps: read the file, preprocess it, forward to logits $(1, K)$, softmax to probabilities, the five best. The preprocessing **comes with the weights** (lesson 02) and is exactly that of evaluation:
# %%
from course.learner.assets import model_at_hand, pictures_at_hand
from vit.data.pipeline import preprocess
from vit.inference import class_names

model = model_at_hand()
model.set_train(False)
pictures = pictures_at_hand(model)  # 名称 -> (H, W, 3) uint8 ¦ name -> (H, W, 3) uint8


def names_of(pixels, k=5):
    x = preprocess(pixels, model.preprocessing)[np.newaxis]  # (1, 3, S, S)
    logits = model(ms.Tensor(x)).asnumpy()[0]  # (K,)
    e = np.exp(logits - logits.max())
    p = e / e.sum()
    order = np.argsort(-p)[:k]
    return [(class_names(model)[i].called, float(p[i])) for i in order]


# %% slow=true
figure, axes = plt.subplots(2, 3, figsize=(9, 4.6), height_ratios=(3, 2), dpi=65)
for column, (name, pixels) in zip(axes.T, pictures.items(), strict=True):
    column[0].imshow(pixels)
    column[0].axis("off")
    answers = names_of(pixels)
    column[1].barh(range(5), [p for _, p in answers], color=["#2b6cb0"] + ["#a9c4de"] * 4)
    column[1].set_yticks(range(5), [n[:18] for n, _ in answers], fontsize=8)
    column[1].set(xlim=(0, 1), xticks=(0, 0.5, 1))
    column[1].invert_yaxis()
    print(
        T(
            f"{name}：{answers[0][0]} {answers[0][1]:.1%}，其次 {answers[1][0]} {answers[1][1]:.1%}",
            f"{name}: {answers[0][0]} {answers[0][1]:.1%}, then {answers[1][0]} {answers[1][1]:.1%}",
        )
    )
plt.tight_layout()
plt.show()
# %% [markdown] lang="zh"
# 预处理要是换一种，比如不裁剪，直接压成正方形，答案会变多少？
# %% [markdown] lang="en"
# What if the preprocessing is another one, for instance squeezing to a square instead of cropping?
# %% slow=true
from PIL import Image

side = model.preprocessing.size
for name, pixels in pictures.items():
    squeezed = np.asarray(Image.fromarray(pixels).resize((side, side), Image.BICUBIC))
    (a, p), (b, q) = names_of(pixels, 1)[0], names_of(squeezed, 1)[0]
    print(
        T(
            f"{name:14} {pixels.shape[1]} x {pixels.shape[0]}：裁剪 {a} {p:.1%}；压成正方形 {b} {q:.1%}",
            f"{name:14} {pixels.shape[1]} x {pixels.shape[0]}: cropped {a} {p:.1%}; squeezed {b} {q:.1%}",
        )
    )


# %% [markdown] lang="zh"
# 数字变了。这三张里变高还是变低不重要：**评估的是一套做法，用的是另一套**，评估得到的准确率就不再是使用时的准确率了。
# %% [markdown] lang="en"
# The numbers change. Whether up or down in these three does not matter: **one procedure was evaluated and another is used**, so the reported accuracy no longer describes what is used.
# %% [markdown] lang="zh" exercise="09.1" slide="subslide"
# ### 练习 09.1 · 前 k 个，带温度（★，6 分钟）
#
# 上面的 `names_of` 里已经有前几名。写 `top(logits, k, T)`，多一样**温度** $T$：`logits (K,)` 先除以 $T$ 再 softmax，返回 `(indices, p)`：概率最大的 `k` 个类别的编号和它们的概率，从大到小，都是 `(k,)`。
# %% [markdown] lang="en" exercise="09.1" slide="subslide"
# ### Exercise 09.1 · The best k, with a temperature (★, 6 minutes)
#
# `names_of` above has the best few. Write `top(logits, k, T)` with one thing more, a **temperature** $T$: `logits (K,)` are divided by $T$, then softmax; return `(indices, p)`: the numbers of the `k` most probable classes and their probabilities, the largest first, both `(k,)`.
# %% exercise="09.1"
def top(logits, k, T):
    return np.arange(k), np.full(k, 1 / len(logits))  # (k,)、(k,)，轮到你了 ¦ (k,), (k,), your turn


# %%
toy_logits = np.array([1.2, -0.3, 3.1, 0.4, 2.6, -1.0, 2.2])  # (K=7,)
check("09.1", top(toy_logits, 3, 2.0))
# hint("09.1")
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. “90 %”是什么意思？
#
# softmax 的输出非负、和为 1，看上去是概率。它**配不配**叫概率，要看事实：在所有说“90 % 左右”的图里，真的有九成对吗？对得上，叫**校准**（calibrated）。用课程自带的小模型和 1000 张验证图来量（它的准确率是知道的）：
# %% [markdown] lang="en" slide="slide"
# ## A · 2. What does "90 %" mean?
#
# Softmax outputs are non-negative and add up to 1, so they look like probabilities. Whether it **deserves** the name is a matter of fact: of all images for which the model says about 90 %, are nine in ten right? If so, it is **calibrated**. We measure it with the small model of the course on 1000 validation images:
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
print(
    T(
        f"{len(labels)} 张图，top-1 准确率 {(logits.argmax(1) == labels).mean():.1%}",
        f"{len(labels)} images, top-1 {(logits.argmax(1) == labels).mean():.1%}",
    )
)


# %%
def confidence(logits, T=1.0):
    # 最可能的那个答案的概率，(n,) ¦ the probability of the best answer, (n,)
    e = np.exp((logits - logits.max(1, keepdims=True)) / T)
    return e.max(1) / e.sum(1)


# %% slow=true values="says = 模型说 #% ¦ mean: says #%; right = 实际答对 #% ¦ is right #%"
says, right = confidence(logits), logits.argmax(1) == labels  # (n,), (n,)
print(T("模型说的      张数   答对", "it says      images   right"))
for low in (0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
    inside = (says >= low) & (says < low + (0.2 if low == 0.2 else 0.1 + 1e-9))
    print(
        T(
            f"{low:.0%} 到 {low + (0.2 if low == 0.2 else 0.1):.0%}   {inside.sum():5}   {right[inside].mean():.0%}",
            f"{low:.0%} to {low + (0.2 if low == 0.2 else 0.1):.0%}   {inside.sum():5}   {right[inside].mean():.0%}",
        )
    )
print(
    T(
        f"平均：模型说 {says.mean():.1%}，实际答对 {right.mean():.1%}",
        f"mean: says {says.mean():.1%}, is right {right.mean():.1%}",
    )
)


# %% [markdown] lang="zh"
# 这个模型总体上**自信不足**（underconfident）：平均说 {{says}} %，实际对了 {{right}} %，差距主要来自说 80 % 以上的那些图。（低的几格图很少，看不出什么。）原因多半是训练这些权重时用的标签平滑（0.1，记在它的 JSON 里；第 07 课没有用），它教模型永远不要说满；这里没有单独验证。（别的模型常常相反，过度自信；所以要量，不要猜。）补救很简单，叫**温度缩放**（temperature scaling，[Guo 等，2017](https://arxiv.org/abs/1706.04599)，他们按交叉熵挑）：在**一半**数据上挑一个温度，在**另一半**上看它管不管用。
# %% [markdown] lang="en"
# On the whole this model is **underconfident**: it says {{says}} % on average, and {{right}} % are right, mostly because of those where it says more than 80 %. (The low bins have few images and tell little.) The reason is probably the label smoothing with which these weights were trained (0.1, as their JSON says; lesson 07 uses none): it teaches a model never to be quite sure. We did not test this separately. (Others are often the opposite, overconfident; hence measure, do not guess.) The remedy is simple and called **temperature scaling** ([Guo et al., 2017](https://arxiv.org/abs/1706.04599), who choose by cross-entropy): choose a temperature on **one half** of the data and see on the **other half** whether it works.
# %% [markdown] lang="zh" exercise="09.2" slide="subslide"
# ### 练习 09.2 · 校准误差（★★，9 分钟）
#
# 期望校准误差（ECE）：把 `says` 按 $[0,0.1),[0.1,0.2),\dots,[0.9,1]$ 分成 10 格，每格算“平均说的”与“实际对的比例”之差的绝对值，按每格的张数加权平均；空的格跳过。写 `ece(says, right)`，返回一个数。
# %% [markdown] lang="en" exercise="09.2" slide="subslide"
# ### Exercise 09.2 · The calibration error (★★, 9 minutes)
#
# Expected calibration error (ECE): sort `says` into ten bins $[0,0.1),[0.1,0.2),\dots,[0.9,1]$; in each take the absolute difference between the mean of what it says and the fraction that is right; average these, weighted by the number of images in the bin, and skip empty bins. Write `ece(says, right)`, which returns one number.
# %% exercise="09.2"
def ece(says, right):
    return 1.0  # 轮到你了 ¦ your turn


# %%
toy_says = np.array([0.95, 0.92, 1.0, 0.55, 0.52, 0.58, 0.51, 0.31, 0.38, 0.35, 0.75, 0.78])
toy_right = np.array([1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1])
check("09.2", ece(toy_says, toy_right))
# hint("09.2")
# %% slow=true
passed_ece = checked("09.2", ece)
# 这一半用来挑温度，另一半用来报告 ¦ this half chooses; the other half reports
half = np.random.default_rng(0).permutation(len(labels)) < len(labels) // 2


def error_of(T, part):
    return passed_ece(confidence(logits[part], T), right[part])


temperatures = np.arange(0.4, 1.61, 0.05)
chosen = temperatures[np.argmin([error_of(T, half) for T in temperatures])]
print(
    T(f"温度 {chosen:.2f}；另一半上的校准误差：", f"temperature {chosen:.2f}; calibration error on the other half:"),
    end=T("", " "),
)
print(
    T(
        f"之前 {error_of(1.0, ~half):.3f}，之后 {error_of(chosen, ~half):.3f}；top-1 准确率不变",
        f"{error_of(1.0, ~half):.3f} before, {error_of(chosen, ~half):.3f} after; top-1 is the same",
    )
)
# %% slow=true
figure, axes = plt.subplots(1, 2, figsize=(5.6, 2.6), sharey=True, dpi=55)
for ax, T_used, title in zip(
    axes,
    (1.0, chosen),
    (T("之前", "before"), T(f"温度 {chosen:.2f} 之后", f"at temperature {chosen:.2f}")),
    strict=True,
):
    said, hit = confidence(logits[~half], T_used), right[~half]
    bins = [(said >= low) & (said < low + 0.1 + 1e-9) for low in np.arange(0, 1, 0.1)]
    points = [(said[b].mean(), hit[b].mean(), b.sum()) for b in bins if b.sum()]
    ax.plot([0, 1], [0, 1], "--", color="#718096", lw=1)
    ax.scatter(*zip(*[p[:2] for p in points], strict=True), s=[10 + p[2] for p in points], color="#0072B2", alpha=0.6)
    ax.set(title=title, xlabel=T("模型说的", "it says"), xlim=(0, 1.02), ylim=(0, 1.05))
axes[0].set_ylabel(T("实际答对", "is right"))
plt.show()
# %% [markdown] lang="zh"
# 圆点越大图越多；落在虚线上就是校准的。绝大多数图在最右边一格，一个温度就把“说的”和“对的”拉到了一起；图少的几格说明不了什么。
#
# 还有一件事校准也救不了：模型**必须**从它的类别里选一个。给它纯噪声，它也照答；用刚挑出的温度，它对噪声还更有把握：
# %% [markdown] lang="en"
# The larger a dot, the more images; on the dashed line it is calibrated. Nearly all images are in the last bin, and one temperature brings what it says and what is right together there; the bins with few images tell nothing.
#
# One thing no calibration can mend: the model **must** choose one of its classes. Give it pure noise, and it answers all the same; at the temperature just chosen it is even surer of noise:
# %% slow=true
noise = np.random.default_rng(0).normal(size=(100, 3, 64, 64)).astype(np.float32)
answers = small(ms.Tensor(noise)).asnumpy()
favourite = np.bincount(answers.argmax(1)).argmax()
says_it = T(
    f"{small.classes[favourite].called}（{(answers.argmax(1) == favourite).mean():.0%}）",
    f"{small.classes[favourite].called} for {(answers.argmax(1) == favourite).mean():.0%}",
)
print(T(f"噪声：100 张里答得最多的是 {says_it}；", f"noise: says {says_it} of 100;"), end=T("", " "))
print(
    T(
        f"全部 100 张：平均把握 {confidence(answers).mean():.0%}，最高 {confidence(answers).max():.0%}；温度 {chosen:.2f} 时平均 {confidence(answers, chosen).mean():.0%}",
        f"all 100: {confidence(answers).mean():.0%} sure on average, at most {confidence(answers).max():.0%}; at temperature {chosen:.2f}, {confidence(answers, chosen).mean():.0%} on average",
    )
)
# %% [markdown] lang="zh"
# **A 节打卡**：汇总上面的练习，再给你一道只属于你的小题；算出后写成 `checkin("A", answer=数值)` 再运行一次。（还没报过名？先在新单元格里运行 `from course import join; join()`。）隔天再学下一节时，先把前面的单元格运行一遍。
# %% [markdown] lang="en"
# **Check-in for section A**: it sums up the exercises above and poses a question made for you; work it out and run `checkin("A", answer=number)`. (Not joined yet? Run `from course import join; join()` in a new cell first.) On another day, run the cells above before the next section.
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 3. 它看了哪里？一层一个头
#
# 第 04 课的注意力权重 $A$：第 $i$ 行说 token $i$ 从每个 token 取多少。用类别 token 分类的模型（ViT-Ti），看第 0 行；用平均分类的（小模型），看各图像块那些行的平均。去掉类别 token 那一列，剩下 $N$ 个数，排回网格就是一张图。
#
# 一层有 $h$ 个头，各看各的；十二层就有三十六张图（ViT-Ti）。哪张才算数？
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 3. Where did it look? One layer, one head
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
print(
    T(
        f"权重 {weights.shape}，最后一层的图 {last.shape}",
        f"weights {weights.shape}, maps of the last layer {last.shape}",
    )
)


# %% [markdown] lang="zh" exercise="09.5" slide="subslide"
# ### 练习 09.5 · 用钩子读出中间结果（★★，8 分钟）
#
# `attention_weights` 是怎样读到网络内部的？用**钩子**（hook）：`cell.register_forward_hook(f)` 之后，每当这个 Cell 算完，就会调用 `f(cell, inputs, output)`；它返回一个句柄（handle），`.remove()` 把钩子摘掉。只有动态图会调用钩子，编译成静态图就不会。写 `output_of(model, cell, x)`：让 `model` 处理 `x`，返回其中 `cell` 这一步的输出（numpy 数组），不留下钩子。
# %% [markdown] lang="en" exercise="09.5" slide="subslide"
# ### Exercise 09.5 · A hook reads what is inside (★★, 8 minutes)
#
# How does `attention_weights` read what is inside a network? By a **hook**: after `cell.register_forward_hook(f)`, `f(cell, inputs, output)` is called whenever that cell has computed; it returns a handle whose `.remove()` takes the hook away. Hooks are called in eager mode only, not in a compiled graph. Write `output_of(model, cell, x)`: it lets `model` work on `x` and returns the output of its step `cell`, as a numpy array, and leaves no hook behind.
# %% exercise="09.5"
def output_of(model, cell, x):
    return np.zeros(x.shape)  # 轮到你了 ¦ your turn


# %%
from mindspore import nn

toy_net = nn.SequentialCell(nn.Dense(4, 4), nn.ReLU(), nn.Dense(4, 4), nn.Tanh())
for number, p in enumerate(toy_net.get_parameters()):
    p.set_data(ms.Tensor(np.cos(np.arange(p.size) + number).reshape(p.shape).astype(np.float32)))
toy_x = ms.Tensor(np.sin(np.arange(12)).reshape(3, 4).astype(np.float32))
check("09.5", output_of(toy_net, toy_net[2], toy_x))
# hint("09.5")
# %% slow=true
by_hook = checked("09.5", output_of)(model, model.blocks[-1].attn.softmax, ms.Tensor(x))  # (3, h, 1+N, 1+N)
print(
    T("与 attention_weights 最多相差", "differs from attention_weights by at most"), np.abs(by_hook - weights[-1]).max()
)
# %% [markdown] lang="zh" slide="slide"
# ## B · 4. Rollout：穿过所有层
#
# 最后一层看的“图像块”，早已不是原来的图像块：它们经过前面各层，混进了别的图像块的信息。**Rollout**（Abnar 与 Zuidema，2020）把各层连起来：它**假定**每层有一半走残差连接（单位矩阵 $I$），一半走注意力（各头平均的 $\bar A_l$），不管 MLP，一层层乘起来：
#
# $$R=\Big(\tfrac12\bar A_L+\tfrac12 I\Big)\cdots\Big(\tfrac12\bar A_2+\tfrac12 I\Big)\Big(\tfrac12\bar A_1+\tfrac12 I\Big)$$
#
# 先走的在右边。两个 token、两层，徒手算：
# %% [markdown] lang="en" slide="slide"
# ## B · 4. Rollout: through all layers
#
# The "patches" that the last layer looks at are no longer those of the image: on their way they have taken in others. **Rollout** (Abnar and Zuidema, 2020) joins the layers: it **assumes** that in each, half goes straight on along the skip connection (the identity $I$) and half through attention ($\bar A_l$, the mean over heads), leaves the MLP out, and multiplies the layers:
#
# $$R=\Big(\tfrac12\bar A_L+\tfrac12 I\Big)\cdots\Big(\tfrac12\bar A_2+\tfrac12 I\Big)\Big(\tfrac12\bar A_1+\tfrac12 I\Big)$$
#
# What comes first stands on the right. Two tokens, two layers, by hand:
# %%
A1, A2 = np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([[1.0, 0.0], [0.5, 0.5]])
M1, M2 = 0.5 * A1 + 0.5 * np.eye(2), 0.5 * A2 + 0.5 * np.eye(2)
print("M1", M1.tolist(), " M2", M2.tolist())
print("R = M2 @ M1:", (M2 @ M1).tolist(), T(" 每行之和", " rows sum to"), (M2 @ M1).sum(1).round(6))


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
    return np.eye(weights.shape[-1])  # (T, T)，轮到你了 ¦ (T, T), your turn


# %%
toy_scores = np.exp(np.random.default_rng(2).normal(0, 2, (3, 2, 4, 4)))  # (L=3, h=2, T=4, T)
check("09.3", roll(toy_scores / toy_scores.sum(-1, keepdims=True)))
# hint("09.3")
# %%
passed_roll = checked("09.3", roll)


def rollouts(weights):
    # (L, n, h, T, T) -> (n, T, T)，每张图一次 ¦ (L, n, h, T, T) -> (n, T, T), image by image
    return np.stack([passed_roll(weights[:, i]) for i in range(weights.shape[1])])


rolled = patch_map(rollouts(weights), (grid, grid), model.config.pool)  # (3, grid, grid)
# %% figure="opening" slow=true
figure, axes = plt.subplots(3, 5, figsize=(8, 5), dpi=56)
for line, pixels, heads, flow in zip(axes, pictures.values(), last, rolled, strict=True):
    for transform in framing(model.preprocessing):
        pixels = transform(pixels)  # 模型看到的：(S, S, 3) ¦ what the model sees: (S, S, 3)
    for ax, patches in zip(line, (None, *heads[:3], flow), strict=True):
        ax.imshow(pixels)
        if patches is not None:
            ax.imshow(enlarge(patches, *pixels.shape[:2]), cmap="inferno", alpha=0.6)
        ax.axis("off")
for ax, title in zip(
    axes[0],
    (T("模型所见", "as the model sees it"), T("头 0", "head 0"), T("头 1", "head 1"), T("头 2", "head 2"), "rollout"),
    strict=True,
):
    ax.set_title(title, fontsize=10)
plt.tight_layout()
plt.show()


# %% [markdown] lang="zh"
# 图很好看，也很容易让人编故事：“这个头看杯口”。可是用 ViT-Ti 运行时，还有一个现象，没法这样编过去：**四个角几乎总是亮的**，不管那里是旗子、皮毛还是单色的背景。[Darcet 等（2024）](https://arxiv.org/abs/2309.16588)在更大的模型里描述过一种可能相关的现象：内容单调的图像块被拿去存放全局的信息。这里是不是同一回事，本课没有验证。可以验证的是：它看得多的地方，对答案**要紧**吗？各遮住四分之一的图像块（填成中灰），看第一名的概率剩多少：
# %% [markdown] lang="en"
# Pretty, and an invitation to tell stories ("this head looks at the rim of the cup"). With ViT-Ti there is also something that does not fit a story: **the four corners are nearly always bright**, whether they hold a flag, fur or plain background. [Darcet et al. (2024)](https://arxiv.org/abs/2309.16588) describe something that may be related in larger models: patches of little content are used to keep global information. Whether that is so here this lesson does not test. What can be tested: do the places it looks at **matter**? Hide a quarter of the patches (middle grey) and see what is left of the best answer's probability:
# %%
from vit.inside import inspect

quarter = grid * grid // 4
rng = np.random.default_rng(0)


def probability(pixels, order, best):
    # 遮住 `order` 里前四分之一的图像块之后，这张图属于类别 `best` 的概率 ¦ of class `best` without the first quarter of the patches in `order`
    return inspect(model, pixels, hide=order[:quarter]).probabilities[best]


# %% slow=true
for (name, pixels), heads, flow in zip(pictures.items(), last, rolled, strict=True):
    known = inspect(model, pixels).probabilities
    best, whole = known.argmax(), known.max()
    shares = [probability(pixels, np.argsort(-m.ravel()), best) for m in (heads.mean(0), flow)]
    randoms = [probability(pixels, rng.permutation(grid * grid), best) for _ in range(4)]
    print(
        T(
            f"{name:13} 全图 {whole:.0%}；按最后一层遮 {shares[0]:.0%}，按 rollout 遮 {shares[1]:.0%}",
            f"{name:13} all {whole:.0%}; hidden by last layer {shares[0]:.0%}, by rollout {shares[1]:.0%}",
        ),
        end="",
    )
    print(
        T(
            f"，随机遮 {np.mean(randoms):.0%}（{min(randoms):.0%} 到 {max(randoms):.0%}）",
            f", at random {np.mean(randoms):.0%} ({min(randoms):.0%} to {max(randoms):.0%})",
        )
    )
# %% [markdown] lang="zh"
# 三张图，结果各不相同：有的很要紧，有的和随便遮差不多；同一张图，两种注意力图的结论也可能相反。三张照片说明不了什么；要许多张知道答案的图，才能打分。
# %% [markdown] lang="en"
# Three pictures, three different results: some places matter a great deal, others no more than random ones; and for one and the same picture the two maps may disagree. Three photographs prove little; a score needs many images with known answers.
# %% [markdown] lang="zh"
# **B 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section B**:
# %%
checkin("B")
# %% [markdown] lang="zh" slide="slide" section="C"
# ## C · 5. 给注意力打分
#
# 课程的画有一个好处：画的时候就知道物体在哪里（`masks/`）。200 张验证图，问两件事：
#
# - **指得准吗？** 图上最亮的图像块，落在物体上吗？对照：永远指正中间；随机指；还有**没训练过的**同一个网络的 rollout。
# - **管用吗？** 遮住它看得最多的四分之一（16 个图像块），准确率掉多少？对照：遮住看得最少的、随机的、正中间的四分之一。
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 5. Scoring attention maps
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
maps = {"rollout": rollouts(attention), T("只看最后一层", "last layer alone"): attention[-1].mean(1)}
maps[T("rollout，未训练", "rollout, untrained")] = rollouts(
    attention_weights(create_model("vit_sample_patch8_64", num_classes=10), images)
)
maps = {name: patch_map(one, (8, 8), "mean") for name, one in maps.items()}  # (n, 8, 8)
# %% slow=true
print(T("最亮的图像块落在物体上：", "the peak lies on the object:"))
for name, one in maps.items():
    row, col = np.unravel_index(one.reshape(len(one), -1).argmax(1), (8, 8))
    print(
        T(
            f"  {on_object[np.arange(len(one)), 8 * row + 4, 8 * col + 4].mean():.0%}  {name:20}",
            f"  {name:20}{on_object[np.arange(len(one)), 8 * row + 4, 8 * col + 4].mean():.0%}",
        )
    )
print(
    T(f"  {on_object[:, 32, 32].mean():.0%}  永远指正中间", f"  always the centre   {on_object[:, 32, 32].mean():.0%}")
)
print(T(f"  {on_object.mean():.0%}  随机", f"  at random           {on_object.mean():.0%}"))


# %% [markdown] lang="zh" exercise="09.4" slide="subslide"
# ### 练习 09.4 · 遮住几个图像块（★★，8 分钟）
#
# 写 `hide(images, chosen, p)`：`p` 是图像块的边长（像素），`images (B, C, H, W)`，`chosen (B, N)` 是布尔数组，$N=(H/p)(W/p)$，图像块从左上角起逐行编号；把选中的图像块的像素（所有通道）变成 0，返回新的数组。图不一定是正方形。
# %% [markdown] lang="en" exercise="09.4" slide="subslide"
# ### Exercise 09.4 · Hiding patches (★★, 8 minutes)
#
# Write `hide(images, chosen, p)`: `p` is the side of a patch in pixels, `images (B, C, H, W)`, `chosen (B, N)` boolean with $N=(H/p)(W/p)$, the patches row by row from the top left; set all pixels (of all channels) of the chosen patches to 0 and return a new array. Images need not be square.
# %% exercise="09.4"
def hide(images, chosen, p):
    return images.copy()  # (B, C, H, W)，轮到你了 ¦ (B, C, H, W), your turn


# %%
toy_images = np.random.default_rng(6).normal(size=(2, 3, 8, 12))  # (B=2, C=3, H=8, W=12)
toy_chosen = np.array([[1, 0, 0, 0, 0, 1], [0, 1, 1, 0, 0, 0]], bool)  # (B, N=2*3)
check("09.4", hide(toy_images, toy_chosen, 4))


# hint("09.4")
# %%
passed_hide = checked("09.4", hide)


def hidden(images, order, count):
    # 每张图遮住 `order` (n, N) 那一行的前 `count` 个图像块 ¦ the images without the first `count` patches of each row of `order` (n, N)
    chosen = np.zeros(order.shape, bool)
    np.put_along_axis(chosen, order[:, :count], True, axis=1)
    return passed_hide(images, chosen, 8).astype(np.float32)  # 归一化后 0 是中灰 ¦ 0 is middle grey after normalisation


# %% slow=true
from vit.inference import make_forward

forward = make_forward(small)
# (n, N)，看得最多的在前 ¦ (n, N), most first
by_attention = np.argsort(-maps["rollout"].reshape(len(images), 64), axis=1)
distance = np.hypot(*(np.indices((8, 8)) - 3.5)).ravel()
most, centre = T("看得最多的", "looked at most"), T("位于中间的", "in the centre")
chance, least = T("随机抽取的", "at random"), T("看得最少的", "looked at least")
thing = T("物体上随机的", "of the object")
covered = (
    on_object.reshape(-1, 8, 8, 8, 8).mean((2, 4)).reshape(-1, 64) > 0.5
)  # (n, N)：块的大半在物体上 ¦ (n, N): most of the patch
orders = {
    most: by_attention,
    centre: np.tile(np.argsort(distance), (len(images), 1)),
    thing: np.argsort(np.random.default_rng(1).random((len(images), 64)) - covered, axis=1),
    chance: np.argsort(np.random.default_rng(0).random((len(images), 64)), axis=1),
    least: by_attention[:, ::-1],
}
# %% slow=true values="looked = 遮住看得最多的 0: ~% 4: ~% 8: ~% 16: #% ¦ hidden looked at most 0: ~% 4: ~% 8: ~% 16: #%; thing = 遮住物体上随机的 0: ~% 4: ~% 8: ~% 16: #% ¦ hidden of the object 0: ~% 4: ~% 8: ~% 16: #%"
counts, falls = (0, 4, 8, 16, 32), {}
for name, order in orders.items():
    falls[name] = [(forward(hidden(images, order, k)).asnumpy().argmax(1) == truth).mean() for k in counts]
    print(
        T(f"遮住{name:16}", f"hidden {name:16}"),
        "  ".join(f"{k}: {a:.0%}" for k, a in zip(counts, falls[name], strict=True)),
    )
signature(
    T(
        f"遮住四分之一的图像块：遮看得最多的，准确率剩 {falls[most][3]:.0%}；随机遮，还有 {falls[chance][3]:.0%}",
        f"a quarter of the patches hidden: {falls[most][3]:.0%} right without those it looks at most, {falls[chance][3]:.0%} without random ones",
    )
)
assert falls[most][3] < falls[centre][3] < falls[chance][3]
# %% slow=true
figure, axes = plt.subplots(1, 2, figsize=(8.5, 2.9), width_ratios=(1.3, 1))
for (name, fall), color in zip(falls.items(), ("#c05621", "#d69e2e", "#2f855a", "#718096", "#2b6cb0"), strict=True):
    axes[0].plot(counts, fall, ".-", color=color, label=name)
axes[0].set(
    xlabel=T("遮住的图像块数（共 64）", "patches hidden, of 64"), ylabel=T("top-1 准确率", "top-1"), ylim=(0, 1)
)
axes[0].legend(frameon=False, fontsize=8, title=T("遮住的图像块", "hidden patches"), title_fontsize=8)
example = hidden(images[40:41], by_attention[40:41], 16)[0]
axes[1].imshow(np.hstack([one.transpose(1, 2, 0) / 2 + 0.5 for one in (images[40], example)]).clip(0, 1))
axes[1].set_title(T("一张画，遮住看得最多的 16 个图像块", "a drawing, and without the 16 looked at most"), fontsize=9)
axes[1].axis("off")
plt.show()
# %% [markdown] lang="zh"
# 两个结论都来自测量：
#
# - rollout **指得准**，但要看和谁比：这些画的物体又大又居中，“永远指中间”已经很准；200 张图上几个百分点的差，分不出高下（各有约 ±5 个百分点的误差），最后一层单独与“永远指中间”也分不出，只有 rollout 明显好于最后一层。没训练的网络（它的位置一开始就是波浪，并不是白纸）好于随机，却不如永远指中间。可见对照不是多余的。
# - 它**管用**：遮住看得最多的四分之一，比随便遮四分之一，代价大得多；遮住看得最少的，几乎没有代价。可是这可能只因为看得最多的就是物体。所以还有一个更严的对照：先遮物体上的块，顺序随机。两条线差多少，**至多**就是注意力图在“指出物体”之外还说出的（它挑的块也可能更集中；物体平均不到 32 块，再往后遮的就是背景）：遮 16 块时是 {{looked}} % 对 {{thing}} %，遮 8 块、32 块时也是看得最多的一方掉得多。另外，填灰的图模型从没见过，掉分可能部分由此而来。同一批图要成对地比（第 08 课问题一）才能下结论。
#
# 但这仍不等于“解释”：它说明这些图像块对答案**要紧**，没有说明**怎么**要紧。rollout 对每个类别都给同一张图，不能说“因为这里，所以是茶壶而不是雨伞”。
# %% [markdown] lang="en"
# Both conclusions are measured:
#
# - Rollout **points well**, but look at what it is compared with: the things in these drawings are large and near the middle, so always pointing at the centre does well already; a few points of difference on 200 images decide nothing (each has an error of about ±5 points), nor is the last layer told apart from the centre; rollout against the last layer is. The untrained network (whose positions begin as waves, so it is no blank sheet) is above random and below the centre. So the controls were needed.
# - It **matters**: hiding the quarter it looks at most costs far more than hiding a random one, and hiding what it looks at least costs almost nothing. But that may be so merely because what it looks at is the object. Hence a stricter control: patches of the object first, in random order. How far apart these two lines are is **at most** what the map says beyond "here is the object" (its patches may also lie closer together, and an object has fewer than 32 patches on average, so that the rest are background): with 16 patches hidden {{looked}} % against {{thing}} %, with 8 and with 32 it falls further as well. Besides, the network has never seen images with grey squares, which may account for a part. To conclude anything, the same images have to be compared in pairs (lesson 08, question 1).
#
# Still, this is not yet an explanation: it shows **that** these patches matter, not **how**. Rollout gives the same map for every class; it cannot say "a teapot and no umbrella, because of this".
# %% [markdown] lang="zh" exercise="09.6" slide="subslide"
# ### 练习 09.6 · 探究：少一层会怎样（★★，10 分钟）
#
# 残差连接让每一层只往 token 上“加”一点东西；抽掉一层，它的输入直接交给下一层，网络照样能算。rollout 把各层一视同仁；它们真的一样要紧吗？
#
# 做法同第 03 课的探究：先原样运行一次，写下预测，再运行。`without` 是 0 到 5 中的一层。网络是你在第 07 课训练的那个（没有就用课程自带的），不再训练，重新认 1000 张验证图，几秒钟就好。先预测抽掉第 0 层之后的准确率；再试别的层，每次都先预测。
# %% [markdown] lang="en" exercise="09.6" slide="subslide"
# ### Exercise 09.6 · Investigation: one block fewer (★★, 10 minutes)
#
# With skip connections each block only *adds* something to the tokens; leave a block out, its input goes straight on to the next, and the network still computes. Rollout treats all layers alike; do they matter alike?
#
# As in lesson 03's investigation: run the cell once as it is, write down what you expect, run again. `without` is one of the blocks 0 to 5. The network is the one that you trained in lesson 07 (or the course's, where there is none); it is not trained again and names the 1,000 validation images anew, which takes seconds. Predict the accuracy without block 0; then try others, each with a prediction of its own.
# %% investigation="09.6" slow=true
predicted = ...  # 你的预测（0 到 1），轮到你了 ¦ what you expect (between 0 and 1), your turn
investigate("09.6", predicted, without=0)
# %% [markdown] lang="zh"
# 表里是三个种子训练出来的三个网络。**哪一句由此得出？**
#
# - **A** 抽掉第 0 层损失最大，第 1 层其次，都分得开；抽掉后四层中的任何一层，与不抽分不开
# - **B** 六层都要紧：抽掉哪一层，都与不抽分得开
# - **C** 越靠后越要紧：抽掉最后一层损失最大，它离答案最近
# %% [markdown] lang="en"
# The table has three networks, trained with three seeds. **Which statement follows?**
#
# - **A** Leaving block 0 out costs most, block 1 next, both told apart; leaving out any of the last four is not told apart from leaving out none
# - **B** All six matter: leaving out any of them is told apart from leaving out none
# - **C** The later the more it matters: leaving the last out costs most, it is nearest to the answer
# %% exercise="09.6"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("09.6", conclusion)
# hint("09.6")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 为什么前两层最要紧，这张表没有说。也别把它读成“后面的层没有用，可以不要”：训练时就没有它们，别的层会学得不一样。（[Bhojanapalli 等，2021](https://arxiv.org/abs/2103.14586) 在大的 ViT 上做过同样的实验：几乎任何单独一层都可以抽掉。）
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# Why the first two matter so much, this table does not say. Nor does it say that later blocks are useless: trained without them, the others would have learned otherwise. ([Bhojanapalli et al., 2021](https://arxiv.org/abs/2103.14586), do the same with large ViTs: almost any single block can be left out.)
#
# </details>
# %% [markdown] lang="zh" slide="slide"
# ## C · 6. 导出成一个文件
#
# 部署的机器上不一定有 `vit` 的代码。**MindIR** 把网络的计算图和权重放进一个文件，装了 MindSpore 的机器可以直接载入（端侧的 MindSpore Lite 要先转换格式，本课没有运行）。导出之后一定要核对：同一个输入，两边的 logits 差多少？
# %% [markdown] lang="en" slide="slide"
# ## C · 6. Export to one file
#
# The machine that uses a model may not have the code of `vit`. **MindIR** holds graph and weights in one file, which runs wherever MindSpore is (MindSpore Lite on devices needs it converted first; not run here). After an export always compare: how far apart are the logits of both for the same input?
# %% slow=true
from vit.export import export, load_exported
from vit.inference import predict
from vit.runtime.paths import OUTPUTS

file = OUTPUTS / "lessons" / "small.mindir"
difference = export(small, file)
exported = load_exported(file)
print(
    T(
        f"{file.name}：{file.stat().st_size / 2**20:.1f} MiB；logits 最多相差 {difference:.1e}",
        f"{file.name}: {file.stat().st_size / 2**20:.1f} MiB; largest difference of two logits {difference:.1e}",
    )
)
for one in (small, exported):
    best = predict(one, some[0], top=1)[0]
    print(f"{type(one).__name__:10}{best.class_name.called} {best.probability:.4%}")
# %% [markdown] lang="zh"
# 导出的计算图里没有预处理，也没有类别名，所以旁边还有一个 `small.mindir.json`；输入的形状是固定的（一次一张）。命令行：`vit export --weights FILE --format mindir`，然后 `vit predict --weights FILE.mindir 照片.jpg`。
# %% [markdown] lang="en"
# The graph holds neither preprocessing nor class names, so there is a `small.mindir.json` beside it; its input shape is fixed, one image at a time. On the command line: `vit export --weights FILE --format mindir`, then `vit predict --weights FILE.mindir photo.jpg`.
# %% [markdown] lang="zh" slide="slide"
# ## C · 7. 常见误解
#
# **“模型不会的时候，概率就会低。”** 平均说来低一些，但靠不住：A·2 的纯噪声，有一张它说得很有把握。
#
# **“看最后一层的注意力就够了。”** C·5 量过：最后一层单独指得比 rollout 差。哪一层指得最准？不一定是最后一层：
# %% [markdown] lang="en" slide="slide"
# ## C · 7. Common misconceptions
#
# **"When the model does not know, its probability is low."** On average it is lower, but do not rely on it: for one of the images of pure noise in A·2 it was quite sure.
#
# **"The last layer's attention is all one needs."** C·5 measured it: the last layer alone points worse than rollout. Which layer points best? Not necessarily the last:
# %% slow=true
for layer in range(len(attention)):
    one = patch_map(attention[layer].mean(1), (8, 8), "mean")  # (n, 8, 8)
    row, col = np.unravel_index(one.reshape(len(one), -1).argmax(1), (8, 8))
    print(
        T(
            f"第 {layer} 层：{on_object[np.arange(len(one)), 8 * row + 4, 8 * col + 4].mean():.0%}",
            f"layer {layer}: {on_object[np.arange(len(one)), 8 * row + 4, 8 * col + 4].mean():.0%}",
        ),
        end="   ",
    )
# %% [markdown] lang="zh"
# 中间有的层单独就和 rollout 一样准，甚至更准（200 张图，误差约正负五个百分点）。但“哪一层最准”是在同一批图上挑出来的，要换一批图才能算数（第 08 课）。
# %% [markdown] lang="en"
# A layer in the middle may do as well as rollout by itself, or better (200 images: plus or minus five points). But "which layer is best" was chosen on the same images, and would have to be tested on others (lesson 08).
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 推理的预处理必须和评估的一样；它跟着权重走，不要重新写一遍。
# 2. softmax 的数配不配叫概率，要在数据上量；在这里一个温度就校准了，而且不改变答案。
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
# 每个编码器层（Block）的输出是“输入 + 注意力分支”，信息可以沿残差连接直接通过。不加单位矩阵，就等于说每一层都把原来的内容全换掉了；几层相乘之后，各行变得几乎一样：不管从哪个 token 看，都是同一张图（和第 05 课没有残差时 token 变得一样，是同一个道理）。
#
# </details>
#
# **亲手试试**：课末的那一页（整页：`python start.py explore`）。
#
# **下一课**（10）：类别换成你自己的，图只有几十张：微调。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. Inference must preprocess as evaluation does; the settings come with the weights and are not typed again.
# 2. Whether the numbers of softmax deserve to be called probabilities has to be measured; here one temperature brought what it says and what is right together on average, and changed no answer.
# 3. An attention map counts once it is scored: does it point well, does hiding matter, how does an untrained network do?
#
# <details><summary>Question 1: why are the images that choose the temperature not those that report the error?</summary>
#
# As in lesson 08: where something is chosen, the error shrinks by the choice itself. Only the half that took no part shows that the temperature works.
#
# </details>
#
# <details><summary>Question 2: why does rollout add the identity, and what happens without it?</summary>
#
# Each block gives "input + attention branch", so information passes along the skip connection. Without the identity we would say that every layer replaces all there was; after a few products all rows are nearly equal: the same map, whichever token one starts from (for the same reason tokens became alike without skip connections in lesson 05).
#
# </details>
#
# **Touch it**: at the end of this lesson (whole page: `python start.py explore`).
#
# **Next** (10): your own classes, and only a few dozen images: fine-tuning.
# %%
explore(lesson="09")
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
