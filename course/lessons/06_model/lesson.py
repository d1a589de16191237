# %% [markdown] lang="zh" slide="slide" section="A"
# # 06 · 完整的 ViT：你的网络，别人的权重
#
# 几个研究者在 2021 年训练好的 570 万个数，能装进你自己写的网络里，让它认出一只猫吗？
#
# ![ViT 全图，亮的部分是把部件装成模型](../../course/figures/map_model.zh.svg)
#
# 能，只要你的每个部件都分毫不差。本课把图像块嵌入（03）、注意力（04）、编码器层（05）**装成你的 `ViT` 类**，数清它的参数，载入公开的权重，把 logits 和另外两份程序逐个比对，最后让它说出图片里是什么。
#
# ![几张图片，旁边是模型看的地方和五个答案](../../course/lessons/06_model/figures/opening.zh.png)
#
# *终点的样子：图片、模型看的地方、五个答案。C 节会画出这张图。*
#
# **需要**：大致知道 03 到 05 课的部件；没有写过的由包里的顶替，可单独运行。本机有 ViT-Ti 的公开权重（`vit weights get vit_tiny_patch16_224`，23 MB）就用真的；没有就用课程自带的小模型和画（只有 C·6 的四个小错，在那里一个答案也不改）。**三节**：A 形状与参数量，B 你的 `ViT`，C 核对与使用。每节阅读不超过 15 分钟（练习另计），运行时间见 `notebooks/TIMINGS.md`。
# %% [markdown] lang="en" slide="slide" section="A"
# # 06 · The whole ViT: your network, somebody else's weights
#
# Can 5.7 million numbers that researchers trained in 2021 be put into a network that you wrote yourself, so that it recognises a cat?
#
# ![Map of the whole ViT; what makes a model of the parts is lit](../../course/figures/map_model.en.svg)
#
# They can, if every part of yours is exactly right. In this lesson patch embedding (03), attention (04) and encoder block (05) **become your class `ViT`**; you count its parameters, load published weights, compare its logits one by one with two other programs, and let it name what is in pictures.
#
# ![Some pictures, beside them where the model looks and its five answers](../../course/lessons/06_model/figures/opening.en.png)
#
# *Where we end: pictures, where the model looks, five answers. Section C draws this figure.*
#
# **You need** an idea of the parts of lessons 03 to 05; for those you have not written the package's stand in, so the lesson runs alone. With ViT-Ti's published weights on this machine (`vit weights get vit_tiny_patch16_224`, 23 MB) you see the real thing; without, the course's small model and drawings take its place (there C·6's four slips change no answer). **Three sections**: A shapes and parameters, B your `ViT`, C checking and using it. Each takes at most 15 minutes to read, not counting exercises; running times are in `notebooks/TIMINGS.md`.
# %%
import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

import vit
from course import begin, check, checkin, explore, hint, investigate, say, signature

begin("06")
# %% [markdown] lang="zh" note=true
# 三节，每节约 25 分钟（含练习）。B 节是全课的高潮：学员自己的类装上公开权重，logits 与参考一致。课前在投影的机器上运行 `vit weights get vit_tiny_patch16_224`；没有网络时可以用 U 盘拷来文件，再 `vit weights use 文件`。C 节第 5 步（用 numpy 重算）说明“数值对得上”是什么意思。
# %% [markdown] lang="en" note=true
# Three sections of about 25 minutes, exercises included. Section B is the climax of the course: the learner's own class takes published weights and its logits agree with the reference. Before class run `vit weights get vit_tiny_patch16_224` on the machine at the projector; without a network bring the file on a stick and run `vit weights use FILE`. Step 5 in C (numpy again) shows what "the numbers match" means.
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 完整的前向过程
#
# ![ViT-Ti 每一步的形状和参数量](../../course/figures/shapes.zh.svg)
#
# 前七行都学过。最后两步：取一个向量代表整张图（**类别 token**，或各图像块的**平均**），过一个线性的**分类头**，得到 $K$ 个 **logits**，即各类别的原始得分，还没有过 softmax。
#
# `record` 可以把每一步的输出都记下来。用随机参数的 ViT-Ti 和一张随机的图，对照上面的图看形状：
# %% [markdown] lang="en" slide="slide"
# ## A · 1. The whole forward pass
#
# ![Shapes and parameter counts of each step of ViT-Ti](../../course/figures/shapes.en.svg)
#
# All but the last two steps are known. Those take one vector for the whole picture (the **class token**, or the **mean** of the patches) and send it through a linear **head**, which gives $K$ **logits**, the raw scores of the classes, before softmax.
#
# `record` keeps the output of every step. With random parameters and one random image, compare the shapes with the drawing:
# %% slow=true
from vit.inside import record

tiny = vit.create_model("vit_tiny_patch16_224")
image = ms.Tensor(np.random.default_rng(0).normal(size=(1, 3, 224, 224)).astype(np.float32))
inside = record(tiny, image)
for name in ("patch_embed", "pos_drop", "blocks.0.attn.softmax", "blocks.0", "blocks.11", "norm", "pool", "logits"):
    print(f"{name:22}", inside[name].shape)
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. 数参数：公式对程序
#
# ViT 有几种标准尺寸，只差宽、深、头数（[论文](https://arxiv.org/abs/2010.11929)表 1；Ti 和 S 出自 [DeiT](https://arxiv.org/abs/2012.12877)）：
#
# | 名字 | 层数 $L$ | 宽 $D$ | 头数 $h$ | 每头 $d$ | 参数量（/16，224，1000 类） |
# |---|---|---|---|---|---|
# | ViT-Ti | 12 | 192 | 3 | 64 | 5.7 M |
# | ViT-S | 12 | 384 | 6 | 64 | 22.1 M |
# | ViT-B | 12 | 768 | 12 | 64 | 86.6 M |
# | ViT-L | 24 | 1024 | 16 | 64 | 304.3 M |
#
# 这些数能用一个公式算出来。第 05 课数过一层：注意力 $4D^2+4D$，MLP（隐藏层宽 $4D$）$8D^2+5D$，两个归一化 $4D$。整个网络另有：图像块嵌入、类别 token、位置、最后的归一化、分类头。
# %% [markdown] lang="en" slide="slide"
# ## A · 2. Counting parameters: formula against program
#
# ViT comes in a few standard sizes, which differ in width, depth and heads (table 1 of [the paper](https://arxiv.org/abs/2010.11929); Ti and S are from [DeiT](https://arxiv.org/abs/2012.12877)):
#
# | name | blocks $L$ | width $D$ | heads $h$ | width of a head $d$ | parameters (/16, 224, 1000 classes) |
# |---|---|---|---|---|---|
# | ViT-Ti | 12 | 192 | 3 | 64 | 5.7 M |
# | ViT-S | 12 | 384 | 6 | 64 | 22.1 M |
# | ViT-B | 12 | 768 | 12 | 64 | 86.6 M |
# | ViT-L | 24 | 1024 | 16 | 64 | 304.3 M |
#
# One formula gives these numbers. Lesson 05 counted a block: attention $4D^2+4D$, MLP (four times as wide) $8D^2+5D$, two normalisations $4D$. The whole network adds patch embedding, class token, positions, the last normalisation, and the head.
# %% slow=true
for name in ("vit_tiny_patch16_224", "vit_small_patch16_224"):
    print(f"{name}: {sum(p.size for p in vit.create_model(name).get_parameters()):,}")


# %% [markdown] lang="zh" exercise="06.1" slide="subslide"
# ### 练习 06.1 · 一个公式（★★，10 分钟）
#
# 写 `count(D, L, P, K, side)`，返回整个 ViT 的参数个数（彩色图，MLP 隐藏层宽 $4D$，都有偏置，有类别 token；$P$ 是块边长，`side` 是图的边长）。检查看的是它对三种尺寸的答案。
# %% [markdown] lang="en" exercise="06.1" slide="subslide"
# ### Exercise 06.1 · One formula (★★, 10 minutes)
#
# Write `count(D, L, P, K, side)`, the number of parameters of a whole ViT (colour images, MLP four times as wide, biases everywhere, a class token; $P$ is the side of a patch, `side` that of the image). The check looks at its answers for three sizes.
# %% exercise="06.1"
def count(D, L, P, K, side):
    return 0  # 轮到你了 ¦ your turn


# %%
sizes = ((192, 12, 16, 1000, 224), (768, 12, 32, 21843, 384), (8, 1, 8, 10, 64))
# 减去最大的一项，小的差别才看得见 ¦ the largest term is taken off, so that small differences show
check("06.1", [count(*size) - 12 * size[1] * size[0] ** 2 for size in sizes])
# hint("06.1")
# %% [markdown] lang="zh"
# **A 节打卡**：汇总练习，再给你一道只属于你的小题；算出后写成 `checkin("A", answer=数值)` 再运行一次。
# %% [markdown] lang="en"
# **Check-in for section A**: it sums up the exercise and poses a question made for you; work it out and run `checkin("A", answer=number)`.
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 3. 装成你的 `ViT`
#
# 取回你的部件。没有写过的，由包里的顶替；下面逐行说明谁是谁的：
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 3. Your `ViT`, assembled
#
# Fetch your parts. For what you have not written the package's stands in; the cell says which is whose:
# %%
from course.learner.own_part import own_part
from vit.config import ViTConfig
from vit.layer_norm import LayerNorm

PatchEmbedding, Block = own_part("PatchEmbedding").cls, own_part("Block").cls
for name in ("PatchEmbedding", "Attention", "MLP", "Block"):
    print(f"{name:15}", T("你的", "yours") if own_part(name).own else T("包里的", "the package's"))
print(ViTConfig(image_size=64, patch_size=8, num_classes=10, embed_dim=96, depth=6, num_heads=3))


# %% [markdown] lang="zh" exercise="06.2" slide="subslide"
# ### 练习 06.2 · 写出 `ViT`（★★★，20 分钟）
#
# 构造函数只收一个 `config`（上面打印的就是一个，字段名即含义）。子层和参数的名字，公开权重就这样叫：
#
# - `patch_embed`：`PatchEmbedding(块边长, 通道数, 宽)`；
# - `cls_token`：`ms.Parameter(ops.zeros((1, 1, D), ms.float32), name="cls_token")`；`pos_embed` 同样，形状 `(1, 1 + config.num_patches, D)`；
# - `blocks`：`nn.CellList([...])`，`config.depth` 个 `Block(D, config.num_heads, …)`，把 `mlp_ratio`、`drop_rate`、`attn_drop_rate`、`gelu` 都按关键字参数传给它；
# - `pos_drop`：`nn.Dropout(p=config.drop_rate)`，在加完位置之后；
# - `norm`：`LayerNorm(D)`；`head`：`nn.Dense`，$D\to K$（`config.num_classes`）。
#
# `construct`：`images (B, C, H, W)` → `(B, K)`。照 A·1 的图从上往下走：嵌入、类别 token 在前、加位置、过 dropout、逐层、归一化；然后 `config.pool` 是 `"token"` 就取类别 token，是 `"mean"` 就取各图像块的平均（不含类别 token）；最后过分类头。
# %% [markdown] lang="en" exercise="06.2" slide="subslide"
# ### Exercise 06.2 · Write `ViT` (★★★, 20 minutes)
#
# The constructor takes nothing but a `config` (one is printed above; its fields mean what they say). Layers and parameters are called what published weights call them:
#
# - `patch_embed`: `PatchEmbedding(side of a patch, channels, width)`;
# - `cls_token`: `ms.Parameter(ops.zeros((1, 1, D), ms.float32), name="cls_token")`; `pos_embed` likewise, of shape `(1, 1 + config.num_patches, D)`;
# - `blocks`: `nn.CellList([...])` of `config.depth` times `Block(D, config.num_heads, …)`, which gets `mlp_ratio`, `drop_rate`, `attn_drop_rate` and `gelu`, all by name;
# - `pos_drop`: `nn.Dropout(p=config.drop_rate)`, after the positions are added;
# - `norm`: `LayerNorm(D)`; `head`: `nn.Dense`, $D\to K$ (`config.num_classes`).
#
# `construct`: `images (B, C, H, W)` → `(B, K)`. Walk down the drawing of A·1: embed, class token in front, add positions, dropout, all blocks, normalise; then, where `config.pool` is `"token"`, take the class token, where it is `"mean"`, the mean of the patches (without the class token); finally the head.
# %% exercise="06.2"
class ViT(nn.Cell):
    def __init__(self, config):
        super().__init__()
        self.outputs = config.num_classes
        # 轮到你了：patch_embed、cls_token、pos_embed、pos_drop、blocks、norm、head ¦ your turn: patch_embed, cls_token, pos_embed, pos_drop, blocks, norm, head

    def construct(self, images):
        return ops.zeros((images.shape[0], self.outputs), ms.float32)  # (B, K)，轮到你了 ¦ (B, K), your turn


# %%
ViT = check("06.2", ViT)
# hint("06.2")
# %% [markdown] lang="zh"
# 写完之后，再展开看包里的写法。它多做两件事：图像换了大小时重采样位置（第 10 课），并按论文作者的程序初始化参数（第 07 课训练时要紧）。
# %% [markdown] lang="en"
# With yours written, unfold the package's. It does two things more: it resamples positions for images of another size (lesson 10), and it initialises parameters as the authors' program does (which matters for training, lesson 07).
# %% show="vit.model:ViT" folded=true
# %% [markdown] lang="zh" slide="slide"
# ## B · 4. 装上公开的权重
#
# 公开的权重是一张“名字 → 数组”的表；你的子层叫对了名字，就装得进去（只有归一化的 `weight`、`bias`，MindSpore 叫 `gamma`、`beta`，载入时会换）。MindSpore 自己的 `load_param_into_net` 有个陷阱：对不上的名字它**不报错**，只在返回值里列出来，不看就以为载入成功了：
# %% [markdown] lang="en" slide="slide"
# ## B · 4. Published weights go in
#
# Published weights are a table from names to arrays; since your layers have the right names, they fit (only the norms' `weight` and `bias` are called `gamma` and `beta` by MindSpore; the loader translates). MindSpore's own `load_param_into_net` has a trap: names that do not match raise **no error**; they are listed in the return value, and if you do not look, you will believe that everything was loaded:
# %%
small = ViT(ViTConfig(32, 8, num_classes=5, embed_dim=24, depth=1, num_heads=3))
typo = {"head.wieght": ms.Parameter(ops.ones((5, 24), ms.float32), name="head.wieght")}
not_loaded, not_used = ms.load_param_into_net(small, typo)
print(T("没有报错。没装上的参数：", "no error. parameters not loaded:"), len(not_loaded), " ", not_used)
# %% [markdown] lang="zh"
# `vit.weights.load_model` 反过来：少一个、多一个、形状不对，都给出一句话的错误，什么也不改；下面的 `with_weights` 把参数按名字放进你的类，名字对不上也会说。预处理方式和类别名也跟着权重走，不用再抄一遍。现在，**你的类**，公开的权重：
# %% [markdown] lang="en"
# `vit.weights.load_model` is the opposite: if a tensor is missing or extra or has the wrong shape, it raises an error of one sentence and changes nothing; `with_weights` below puts parameters into your class by name, and says so where a name does not match. Preprocessing and class names come with the weights; nobody types them again. Now **your class** and the published weights:
# %%
from course.learner.assets import model_at_hand, pictures_at_hand
from course.learner.own_model import with_weights
from vit.data.pipeline import preprocess
from vit.inference import predict

reference = model_at_hand()  # 包里的网络 ¦ the package's network
model = with_weights(ViT, reference)  # 你的网络，同样的权重 ¦ your network, the same weights
print(ViT.__module__, f"{sum(p.size for p in model.get_parameters()):,}")
pictures = pictures_at_hand(model)  # 名字 -> (H, W, 3) ¦ name -> (H, W, 3)
batch = np.stack([preprocess(pixels, model.preprocessing) for pixels in pictures.values()])  # (B, 3, S, S)
logits = model(ms.Tensor(batch)).asnumpy()  # (B, K)
difference = np.abs(logits - reference(ms.Tensor(batch)).asnumpy()).max()
assert difference < 1e-4
signature(
    T(
        f"我的 ViT 与参考的 logits 最多相差 {difference:.1e}",
        f"the logits of my ViT and of the reference differ by at most {difference:.1e}",
    )
)
# %% slow=true
for name, pixels in pictures.items():
    best = predict(model, pixels, top=1)[0]
    print(
        f"{name:10} ->",
        best.class_name.called,
        f"{best.probability:.0%}",
    )
# %% [markdown] lang="zh"
# 第一行的模块名说明装的是谁的类：`my_vit_…` 是你的，`vit.model` 是包里的（那样差必然是 0，写出你的再运行，才是检验）。部件都通过以后，在终端里也能用它：进入 `outputs/`，运行 `python -m my_vit 图片`。
# %% [markdown] lang="en"
# The module in the first line says whose class it is: `my_vit_...` is yours, `vit.model` the package's (then the difference must be 0, and it is a test only once yours is in). With your parts passed, it works in a terminal, too: in `outputs/`, run `python -m my_vit PICTURE`.
# %% [markdown] lang="zh"
# **B 节打卡**：
# %% [markdown] lang="en"
# **Check-in for section B**:
# %%
checkin("B")
# %% [markdown] lang="zh" slide="slide" section="C"
# ## C · 5. 核对数值：用 numpy 独立重算
#
# 你的和包里的一致，可是两份也许错在同一处。可靠的办法是用**另一份程序**重算，逐个 logit 比较。下面不用任何网络代码，从参数直接算，三十来行：
# %% [markdown] lang="en" slide="slide" section="C"
# ## C · 5. Matching numbers: numpy, independently
#
# Yours and the package's agree, but both might share a mistake. What works is **another program**, compared logit by logit. Here is one in some thirty lines, from the parameters alone, with no network code:
# %%
from scipy.special import erf


def norm(x, w, name):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6) * w[name + ".gamma"] + w[name + ".beta"]


def dense(x, w, name):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def gelu(x, kind):
    cubic = (2 / np.pi) ** 0.5 * (x + 0.044715 * x**3)
    return x / 2 * (1 + (erf(x / 2**0.5) if kind == "exact" else np.tanh(cubic)))


def attend(x, w, name, heads):
    n, dim = x.shape
    q, k, v = dense(x, w, name + ".qkv").reshape(n, 3, heads, dim // heads).transpose(1, 2, 0, 3)  # (h, N, d)
    scores = np.exp(q @ k.swapaxes(1, 2) / (dim // heads) ** 0.5)  # (h, N, N)
    out = scores / scores.sum(-1, keepdims=True) @ v  # (h, N, d)
    return dense(out.transpose(1, 0, 2).reshape(n, dim), w, name + ".proj")


# %%
def numpy_vit(image, w, config):
    # 一张图 (3, H, W) -> logits (K,) ¦ one image (3, H, W) -> logits (K,)
    p, (rows, cols) = config.patch_size, np.array(image.shape[1:]) // config.patch_size
    x = image.reshape(3, rows, p, cols, p).transpose(1, 3, 0, 2, 4).reshape(rows * cols, -1)  # (N, 3*P*P)
    x = np.concatenate([w["cls_token"][0], dense(x, w, "patch_embed.proj")]) + w["pos_embed"][0]  # (1+N, D)
    for i in range(config.depth):
        block = f"blocks.{i}."
        x = x + attend(norm(x, w, block + "norm1"), w, block + "attn", config.num_heads)
        y = dense(norm(x, w, block + "norm2"), w, block + "mlp.fc1")
        x = x + dense(gelu(y, config.gelu), w, block + "mlp.fc2")
    x = norm(x, w, "norm")
    return dense(x[0] if config.pool == "token" else x[1:].mean(0), w, "head")  # (K,)


# %%
weights = {p.name: p.asnumpy().astype(np.float64) for p in model.get_parameters()}
again = np.stack([numpy_vit(one, weights, model.config) for one in batch.astype(np.float64)])
print(
    T(
        f"MindSpore 与 numpy 最多相差 {np.abs(logits - again).max():.1e}",
        f"MindSpore and numpy differ by at most {np.abs(logits - again).max():.1e}",
    )
)
# %% [markdown] lang="zh"
# 差在 $10^{-5}$ 上下，是 float32 的舍入（参数转成了 float64，让参照比被检查的更准）。这样核对的是网络；文件读得对不对，要与别人写的程序比才知道（`vit` 的测试对照 transformers）。
# %% [markdown] lang="en"
# The difference is about $10^{-5}$, float32's rounding (the parameters were turned to float64, so that the reference is more exact than what is checked). This checks the network; whether files are read correctly shows only against a program by somebody else (the tests of `vit` do that, against transformers).
# %% [markdown] lang="zh" slide="slide" optional=true
# ## C · 6. “差不多”差多少
#
# 常见的小错都能跑，都不报错：$\epsilon$ 用了默认值、GELU 换了另一种、图片压成方形而不是裁剪，以及用错了**池化**（该取类别 token 却取了平均，或反过来）。看看 logits 被带偏了多少，答案又变了几个：
# %% [markdown] lang="en" slide="slide" optional=true
# ## C · 6. How far off is "almost"?
#
# Common slips run without any error: the default $\epsilon$, the other form of GELU, an image squeezed to a square instead of cropped, and the wrong **pooling** (the mean where the class token is meant, or the other way round). How far do they move the logits, and how many answers change?
# %%
from dataclasses import replace

from PIL import Image


def with_setting(**changes):
    other = vit.ViT(replace(model.config, **changes))
    assert ms.load_param_into_net(other, model.parameters_dict()) == ([], [])  # 名字全部对上 ¦ all names match
    return other.set_train(False)(ms.Tensor(batch)).asnumpy()


size = model.config.image_size
squeezed = [np.asarray(Image.fromarray(p).resize((size, size), Image.BICUBIC)) for p in pictures.values()]
squeezed = np.stack([preprocess(p, replace(model.preprocessing, resize=size)) for p in squeezed])
slips = {
    "epsilon 1e-7": with_setting(norm_eps=1e-7),
    T("另一种 GELU", "other GELU"): with_setting(gelu={"exact": "tanh", "tanh": "exact"}[model.config.gelu]),
    T("压扁的图", "squeezed image"): model(ms.Tensor(squeezed)).asnumpy(),
    T("另一种池化", "other pooling"): with_setting(pool={"token": "mean", "mean": "token"}[model.config.pool]),
}
# %%
for name, other in slips.items():
    off, changed = np.abs(other - logits).max(), (other.argmax(-1) != logits.argmax(-1)).sum()
    print(
        T(
            f"{name}：logits 最多变了 {off:.1e}，答案变了 {changed} 个",
            f"{name}: logits moved by up to {off:.1e}, answers changed: {changed}",
        ),
        f"/ {len(batch)}",
    )


# %% [markdown] lang="zh"
# 前三种错，单看“认对了没有”都可能漏过。核对数值能发现 GELU；压扁的图要从**文件**开始核对才看得见（第 5 步从同一批张量开始，看不见）；$\epsilon$ 要靠读文档，或像第 05 课那样用方差很小的输入。
#
# 池化不同：两种都行，但分类头是配着其中一种训练的。换成另一种，logits 的变化比别的错大得多，用 ViT-Ti 时三个答案全变了（小模型只有十类，答案可能碰巧不变）。论文（附录 D.3）发现，各自配上合适的学习率来训练，两者一样好；公开的 ViT 用类别 token，课程的小模型用平均。
# %% [markdown] lang="en"
# The first three may all slip through "it got this picture right". Comparing logits catches the GELU; the squeezed image shows only if one begins at the **file** (step 5 began at a common batch and could not see it); the $\epsilon$ shows only in the documentation, or on inputs of small variance as in lesson 05.
#
# Pooling is another matter: either will do, but the head was trained with one of them. With the other the logits move far more than by any other slip, and with ViT-Ti all three answers change (the small model has ten classes only, and its answers may happen to stay). The paper (appendix D.3) found both equally good, each trained with a learning rate that suits it; the published ViT has the class token, the course's small model the mean.
# %% [markdown] lang="zh" slide="slide"
# ## C · 7. 它看见了什么
#
# 左：图片；中：倒数第二层的注意力读了哪些图像块（类别 token 那一行，或各块的平均；取各头的平均，最亮的 4 % 用同一种颜色）；右：五个答案和概率。画注意力要读出中间结果，所以用包里的 `reference`（参数和你的一样）：
# %% [markdown] lang="en" slide="slide"
# ## C · 7. What it sees
#
# Left, the picture; middle, which patches the attention of the last layer but one reads (the class token's row, or the mean over the patches'; averaged over heads, the brightest 4 % of the places share one colour); right, five answers with probabilities. To draw attention one must read what is inside, so here the package's `reference` looks, with the same parameters as yours:
# %%
from vit.attention_maps import attention_weights, enlarge, patch_map


def read_by(model, x):
    weights = attention_weights(model, x[None])[-2, 0].mean(0)  # (1+N, 1+N)
    side = x.shape[1] // model.config.patch_size
    read = patch_map(weights, (side, side), model.config.pool)  # (side, side)
    return enlarge(read.clip(max=np.quantile(read, 0.96)), *x.shape[1:])  # (S, S)


# %% figure="opening" slow=true
figure, axes = plt.subplots(len(pictures), 3, figsize=(9, 2.6 * len(pictures)), layout="constrained")
for row, (name, pixels), x in zip(axes, pictures.items(), batch, strict=True):
    row[0].imshow(x.transpose(1, 2, 0) / 2 + 0.5)
    row[1].imshow(read_by(reference, x), cmap="inferno")
    guesses = predict(model, pixels, top=5)[::-1]
    row[2].barh(
        [guess.class_name.called[:22] for guess in guesses], [guess.probability for guess in guesses], color="#0072B2"
    )
    row[2].set(xlim=(0, 1), title=name)
    row[0].axis("off"), row[1].axis("off")
plt.show()
# %% [markdown] lang="zh"
# 用 ViT-Ti 时，猫的眼睛和鼻子、杯里的咖啡、帽子的上沿都亮了；四个角也很亮，不管那里是旗子、皮毛还是单色的背景（为什么，第 09 课再说），所以要限制色标，免得角上的亮度盖过一切。它只是一层的注意力，不等于解释：第 09 课会给这种图打分。概率是模型的自信，不是正确的保证：它必须把全部概率分给它认识的类，哪怕图里的东西一个都不在其中。试试把自己的照片交给 `predict(model, "路径")`。
# %% [markdown] lang="en"
# With ViT-Ti the cat's eyes and nose, the coffee in the cup and the top of the cap light up. So do the four corners, whether they hold a flag, fur or plain background (lesson 09 comes back to it), which is why colours are capped: otherwise the corners would outshine all else. It is the attention of one layer and no explanation: lesson 09 scores such maps. A probability says how sure the model is and promises nothing: 100 % must be shared out among the classes it knows, even if none of them is in the picture. Try `predict(model, "path")` with a photograph of your own.
# %% [markdown] lang="zh" exercise="06.4" slide="subslide"
# ### 练习 06.4 · 还装得进去吗（★★，8 分钟）
#
# 拿着 ViT-B/16（224，1000 类）的权重，改动网络的一处设置。哪些改动之后，**全部参数的名字和形状仍然对得上**（装得进去，不等于结果好）？把字母写进 `fits`，例如 `"AB"`。
#
# - **A** 头数从 12 改成 6
# - **B** 块边长从 16 改成 32
# - **C** 池化从类别 token 改成平均
# - **D** 图像边长从 224 改成 384，位置不重采样
# - **E** `drop_rate` 从 0 改成 0.1
# - **F** 类别数从 1000 改成 10
# - **G** $\epsilon$ 从 $10^{-6}$ 改成 $10^{-5}$
# %% [markdown] lang="en" exercise="06.4" slide="subslide"
# ### Exercise 06.4 · Do they still fit? (★★, 8 minutes)
#
# You have the weights of ViT-B/16 (224, 1000 classes) and change one setting of the network. After which changes do **the names and shapes of all parameters still match** (to fit is not to work well)? Write the letters into `fits`, for instance `"AB"`.
#
# - **A** 6 heads instead of 12
# - **B** patches of 32 instead of 16
# - **C** the mean instead of the class token for pooling
# - **D** images of 384 instead of 224, positions not resampled
# - **E** `drop_rate` 0.1 instead of 0
# - **F** 10 classes instead of 1000
# - **G** $\epsilon$ of $10^{-5}$ instead of $10^{-6}$
# %% exercise="06.4"
fits = ""  # 轮到你了 ¦ your turn
# %%
check("06.4", fits)
# hint("06.4")
# %% [markdown] lang="zh" exercise="06.5" slide="subslide"
# ### 练习 06.5 · 探究：要深还是要宽（★★，10 分钟）
#
# 一层约有 $8D^2$ 个参数（小 ViT 的 MLP 是 2 倍宽）。同样多的参数，可以叠许多窄层，也可以叠几个宽层。`depth` 从 1 到 24（默认 6），宽度跟着变，使各层的参数总数与小 ViT 差不多（表里的五种相差不到 4 %，别的深度最多两成）。
#
# 做法同第 03 课的探究：先原样运行一次，写下预测，再运行（训练两轮，约一分钟）。先预测 `depth=2` 的准确率；也可以选别的深度（24 层要一分半）。
# %% [markdown] lang="en" exercise="06.5" slide="subslide"
# ### Exercise 06.5 · Investigation: deep or wide? (★★, 10 minutes)
#
# A block has about $8D^2$ parameters (the small ViT's MLP is twice as wide as a token). The same number of parameters makes many narrow blocks or a few wide ones. `depth` goes from 1 to 24 (usually 6); the width follows, so that the blocks together have about as many parameters as the small ViT's (the five of the table within 4 %, other depths within 20 %).
#
# As in lesson 03's investigation: run the cell once as it is, write down what you expect, run again (two epochs, about a minute). Predict the accuracy for `depth=2`; another depth will do as well (24 takes a minute and a half).
# %% investigation="06.5" slow=true
predicted = ...  # 你的预测（0 到 1），轮到你了 ¦ what you expect (between 0 and 1), your turn
investigate("06.5", predicted, depth=2)
# %% [markdown] lang="zh"
# **哪一句由此得出？**
#
# - **A** 同样多的参数，层数越多越好，每一步都分得开
# - **B** 同样多的参数，学得一样好：五种形状之间都分不开
# - **C** 1 层和 2 层分不开，从 2 层起，层数越多越差，每一步都分得开
# %% [markdown] lang="en"
# **Which statement follows?**
#
# - **A** At the same number of parameters more blocks are better, and each step is told apart
# - **B** At the same number of parameters all learn equally well: none of the five are told apart
# - **C** One block and two are not told apart; from two on, more blocks are worse, and each step is told apart
# %% exercise="06.5"
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
# %%
check("06.5", conclusion)
# hint("06.5")
# %% [markdown] lang="zh"
# <details><summary>写下结论之后再看</summary>
#
# 和“深度学习”这个名字正相反，但要看清条件：只训练两轮；数据简单；学习率都是 0.001，是为 6 层 96 维挑的，没有按形状各自调过；头数都是 3（宽 240 时每头 80 维，宽 48 时只有 16 维）；图像块嵌入也跟着变宽。训练更久会不会反过来，表里没有。公开的 ViT 都是 12 层起，看的图是这里的成千上万倍。宽和深还差在**时间**：第 11 课的探究量的就是这几个网络的速度。
#
# </details>
# %% [markdown] lang="en"
# <details><summary>Once you have concluded</summary>
#
# The opposite of what "deep learning" suggests; but mind the conditions: two epochs only; simple data; one and the same rate of 0.001, chosen for six blocks of 96 and not tuned for each shape; always 3 heads (80 numbers each at width 240, 16 at width 48); and the patch embedding gets wider, too. Whether a longer training turns this round the table does not say. Published ViTs have 12 blocks or more and see many thousand times as many images. Wide and deep differ in **time** as well: the investigation of lesson 11 measures the speed of these very networks.
#
# </details>
# %% [markdown] lang="zh" slide="slide"
# ## C · 8. 常见误解
#
# **“参数量决定了计算量。”** 不。图像变大，参数几乎不变（只有位置变多），计算却成倍增长（ViT-B/16）：
# %% [markdown] lang="en" slide="slide"
# ## C · 8. Common misconceptions
#
# **"The number of parameters decides the amount of computing."** It does not. A larger image leaves the parameters almost as they are (only positions are added) and multiplies the computing (ViT-B/16):
# %%
for side in (224, 384):
    n, D, L = (side // 16) ** 2 + 1, 768, 12
    products = L * (
        12 * n * D * D + 2 * n * n * D
    )  # 各层矩阵乘法的乘加次数 ¦ multiply-adds of all matrix products in the blocks
    print(
        side,
        T(
            f"像素：位置 {n * D:,} 个参数，乘加 {products / 1e9:.1f} G 次",
            f"px: {n * D:,} parameters of positions, {products / 1e9:.1f} G multiply-adds",
        ),
    )
# %% [markdown] lang="zh"
# **“换一个类别数就得换整个模型。”** 只换分类头，其余参数照用（第 10 课的微调就靠它）：分类头的形状是 $(K, D)$，别的参数里没有 $K$。
#
# **“网络能跑、不报错，就是装对了。”** 第 6 步的四种错都不报错。
# %% [markdown] lang="en"
# **"A different number of classes needs a different model."** Only the head is replaced; all other parameters stay (fine-tuning in lesson 10 rests on that): the head is $(K, D)$, and there is no $K$ in any other.
#
# **"It runs without an error, so it is right."** None of the four slips of step 6 raised one.
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. ViT = 图像块嵌入 + 类别 token 和位置 + $L$ 个结构相同的编码器层 + 归一化 + 线性的分类头。
# 2. 一层约 $12D^2$ 个参数；用公式数一遍，是最便宜的自检。
# 3. 载入权重后要**核对数值**：独立的程序，同一张图，逐个 logit 比较。
#
# <details><summary>问题一：<code>load_model</code> 为什么宁可报错，也不“尽量载入”？</summary>
#
# 少载入一层，网络照样运行，答案也许还照样对，你会花几天在别处找原因。明确的错误只花一分钟。
#
# </details>
#
# <details><summary>问题二：改成 6 个头，参数都对得上，为什么结果会错？</summary>
#
# 头数不改变任何参数的形状，但改变了哪 $d$ 个通道算一个头、除以多少。权重是按 12 个头学来的。
#
# </details>
#
# **论文**：[ViT](https://arxiv.org/abs/2010.11929)（表 1、附录 D.3）；[DeiT](https://arxiv.org/abs/2012.12877)（Ti 与 S）；[How to train your ViT?](https://arxiv.org/abs/2106.10270)（这里的公开权重）。**对照阅读**：[MindSpore 官方 ViT 教程](https://www.mindspore.cn/tutorials/zh-CN/master/cv/vit.html)里的 `ViT`，部件与这里一一对应。
#
# **亲手试试**：课末的那一页（整页：`python start.py explore`）。
#
# **下一课**（07）：从随机参数开始，训练**你的** `ViT`。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. ViT = patch embedding + class token and positions + $L$ blocks of one structure + normalisation + a linear head.
# 2. A block has about $12D^2$ parameters; counting by formula is the cheapest check there is.
# 3. After loading weights, **match numbers**: an independent program, the same image, logit by logit.
#
# <details><summary>Question 1: why does <code>load_model</code> raise an error rather than load what fits?</summary>
#
# With one layer not loaded the network still runs, its answers may even stay right, and you look for the reason elsewhere for days. A clear error costs a minute.
#
# </details>
#
# <details><summary>Question 2: with 6 heads all parameters fit. Why are the results wrong?</summary>
#
# The number of heads changes the shape of no parameter, but it changes which $d$ channels make a head, and what scores are divided by. The weights were learned for 12.
#
# </details>
#
# **Papers**: [ViT](https://arxiv.org/abs/2010.11929) (table 1, appendix D.3); [DeiT](https://arxiv.org/abs/2012.12877) (Ti and S); [How to train your ViT?](https://arxiv.org/abs/2106.10270) (the published weights used here). **To compare**: `ViT` in [MindSpore's own ViT tutorial](https://www.mindspore.cn/tutorials/en/master/cv/vit.html), whose parts correspond to these one to one.
#
# **Touch it**: at the end of this lesson (whole page: `python start.py explore`).
#
# **Next** (07): **your** `ViT` is trained, from random parameters.
# %%
explore(lesson="06")
# %% [markdown] lang="zh" slide="slide"
# ## C 节打卡
#
# 卡片里会写着：你的 ViT 里有几个部件出自你手。
# %% [markdown] lang="en" slide="slide"
# ## Check-in for section C
#
# The card says how many parts of your ViT are yours.
# %%
checkin("C")
