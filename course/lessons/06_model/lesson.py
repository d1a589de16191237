# %% [markdown] lang="zh" slide="slide"
# # 06 · 完整的 ViT：装起来，数清楚，认出照片
#
# ![ViT 全图，亮的部分是把部件装成模型](../../course/figures/map_model.zh.svg)
#
# 零件都齐了：块嵌入（03）、注意力（04）、编码器（05）。本课把它们装成完整的 ViT，用公式和程序各数一遍参数，载入训练好的权重，用不到 30 行 numpy **独立地**重算一遍来核对，最后让它说出照片里是什么。
#
# ![模型对几张图片的回答，附概率](../../course/lessons/06_model/figures/opening.png)
#
# *终点的样子：图片、模型注意的地方、五个答案。第 6 步会画出这张图。*
#
# **需要**：大致知道 03 到 05 课的三个零件。**阅读** 约 20 分钟，**运行** 约半分钟（两核 CPU，见 `notebooks/TIMINGS.md`）。可单独运行。本机有 ViT-Ti 的公开权重（`vit weights get vit_tiny_patch16_224`，23 MB）就用真的；没有也能从头跑到尾，用课程自带的小模型。
# %% [markdown] lang="en" slide="slide"
# # 06 · The whole ViT: assembled, counted, looking at photographs
#
# ![Map of the whole ViT; lit is what makes a model of the parts](../../course/figures/map_model.en.svg)
#
# All parts are there: patch embedding (03), attention (04), encoder (05). This lesson assembles them into a whole ViT, counts its parameters by formula and by program, loads trained weights, checks the result **independently** with fewer than 30 lines of numpy, and has it say what photographs show.
#
# ![What the model says of some pictures, with probabilities](../../course/lessons/06_model/figures/opening.png)
#
# *Where we end: pictures, where the model looks, five answers. Step 6 draws this figure.*
#
# **You need**: an idea of the three parts of lessons 03 to 05. About 20 minutes **to read**, about half a minute **to run** (two CPU cores, see `notebooks/TIMINGS.md`). Runs alone. With ViT-Ti's published weights on this machine (`vit weights get vit_tiny_patch16_224`, 23 MB) you see the real thing; without, it runs to the end with the course's own small model.
# %%
import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

import vit
from course import begin, check, checkin, hint, say, signature

begin("06")
# %% [markdown] lang="zh" note=true
# 约 45 分钟。第 4 步（用 numpy 重算）是全课的核心：它说明“数值对得上”是什么意思。课前在投影的机器上运行 `vit weights get vit_tiny_patch16_224`；没有网络时可以用 U 盘拷来文件，再 `vit weights use 文件`。
# %% [markdown] lang="en" note=true
# About 45 minutes. Step 4 (numpy again) is the heart: it shows what "the numbers match" means. Before class run `vit weights get vit_tiny_patch16_224` on the machine at the projector; without a network bring the file on a stick and run `vit weights use FILE`.
# %% [markdown] lang="zh" slide="slide"
# ## 1. 全部的路
#
# | 步骤 | 形状 | 在哪一课 |
# |---|---|---|
# | 图像 | $(B, 3, H, W)$ | |
# | 块嵌入 | $(B, N, D)$ | 03 |
# | 加类别 token 和位置 | $(B, 1+N, D)$ | 03 |
# | $L$ 个块 | $(B, 1+N, D)$ | 04、05 |
# | 归一化，取类别 token（或各块的平均） | $(B, D)$ | |
# | 线性分类头 | $(B, K)$，logits | |
#
# $L$ 是块数，$K$ 是类别数；logit 是一个类别的原始得分，还没有过 softmax。
#
# 前四行都学过，后两行很简单。用 `record` 把每一步的形状都看一眼（随机权重的 ViT-Ti，一张随机的图）：
# %% [markdown] lang="en" slide="slide"
# ## 1. The whole way
#
# | step | shape | lesson |
# |---|---|---|
# | image | $(B, 3, H, W)$ | |
# | patch embedding | $(B, N, D)$ | 03 |
# | class token and positions added | $(B, 1+N, D)$ | 03 |
# | $L$ blocks | $(B, 1+N, D)$ | 04, 05 |
# | normalise, take the class token (or the mean of the patches) | $(B, D)$ | |
# | linear head | $(B, K)$, logits | |
#
# $L$ is the number of blocks, $K$ that of classes; a logit is the raw score of a class, before the softmax.
#
# The first four rows are known; the last two are simple. `record` shows the shape at each step (ViT-Ti with random weights, one random image):
# %%
from vit.intermediates import record

tiny = vit.create_model("vit_tiny_patch16_224")
image = ms.Tensor(np.random.default_rng(0).normal(size=(1, 3, 224, 224)).astype(np.float32))
inside = record(tiny, image)
for name in ("patch_embed", "pos_drop", "blocks.0.attn.softmax", "blocks.0", "blocks.11", "norm", "pool", "logits"):
    print(f"{name:22}", inside[name].shape)
# %% [markdown] lang="zh"
# 下面是 `vit/model.py` 里的类，原样放进来。`construct` 的次序就是上表的次序。
# %% [markdown] lang="en"
# The class as it stands in `vit/model.py`. `construct` follows the table from top to bottom (`pos_drop` is the dropout after the positions).
# %%
from vit.encoder import encoder
from vit.head import Pool, head
from vit.layer_norm import LayerNorm
from vit.model import ViTConfig, initialise
from vit.patch_embedding import PatchEmbedding, resample_positions

# %% show="vit.model:ViT"
# %% [markdown] lang="zh" exercise="06.1" slide="subslide"
# ### 练习 06.1 · 自己走一遍（★★，8 分钟）
#
# 不调用 `model(x)`，只用它的零件写出 `forward(model, x)`：`model.patch_embed`、`model.cls_token`、`model.pos_embed`、`model.blocks`、`model.norm`，返回类别 token 的特征 `(B, D)`（这个小网络没有分类头）。占位的代码返回零。
# %% [markdown] lang="en" exercise="06.1" slide="subslide"
# ### Exercise 06.1 · Walk it yourself (★★, 8 minutes)
#
# Without calling `model(x)`, write `forward(model, x)` with its parts: `model.patch_embed`, `model.cls_token`, `model.pos_embed`, `model.blocks`, `model.norm`; return the class token's features `(B, D)` (this small network has no head). The placeholder returns zeros.
# %%
config = ViTConfig(32, 8, num_classes=0, embed_dim=24, depth=2, num_heads=3)
walk = vit.ViT(config)
values = np.random.default_rng(7)
for p in walk.get_parameters():  # values of its own for every parameter, so that nothing is zero
    p.set_data(ms.Tensor(values.normal(0, 0.5, p.shape).astype(np.float32)))
walk_images = ms.Tensor(values.normal(size=(2, 3, 32, 32)).astype(np.float32))  # (B=2, C, H, W)


# %% exercise="06.1"
def forward(model, x):
    return ops.zeros((x.shape[0], 24), ms.float32)  # (B, D), your turn


# %% solution="06.1"
def forward(model, x):
    tokens = model.patch_embed(x)  # (B, N, D)
    first = ops.broadcast_to(model.cls_token, (x.shape[0], 1, tokens.shape[2]))  # (B, 1, D)
    z = ops.concat((first, tokens), axis=1) + model.pos_embed  # (B, 1+N, D)
    for block in model.blocks:
        z = block(z)  # (B, 1+N, D)
    return model.norm(z)[:, 0]  # (B, D)


# %% [markdown] hint="06.1" lang="zh"
# 就是上面 `construct` 的五行，`self` 换成 `model`。这里的网格是对的，不需要 `resample_positions`。
# %% [markdown] hint="06.1" lang="en"
# It is five lines of `construct` above, with `model` for `self`. The grid is right here, so `resample_positions` is not needed.
# %% [markdown] hint="06.1" lang="zh"
# 次序：块嵌入、拼上类别 token、加位置、逐个过块、归一化、取第 0 个 token。
# %% [markdown] hint="06.1" lang="en"
# The order: embed, put the class token in front, add positions, all blocks, normalise, take token 0.
# %% [markdown] hint="06.1" lang="zh"
# 用 `ops.broadcast_to(model.cls_token, (B, 1, D))` 和 `ops.concat((…, …), axis=1)`。
# %% [markdown] hint="06.1" lang="en"
# Use `ops.broadcast_to(model.cls_token, (B, 1, D))` and `ops.concat((..., ...), axis=1)`.
# %% wrong="06.1" mistake="no final norm"
# zh: 少了最后的归一化 model.norm
# en: the last normalisation, model.norm, is missing
def forward(model, x):
    first = ops.broadcast_to(model.cls_token, (x.shape[0], 1, 24))
    z = ops.concat((first, model.patch_embed(x)), axis=1) + model.pos_embed
    for block in model.blocks:
        z = block(z)
    return z[:, 0]


# %% wrong="06.1" mistake="no positions"
# zh: 没有加位置 model.pos_embed
# en: the positions, model.pos_embed, were not added
def forward(model, x):
    first = ops.broadcast_to(model.cls_token, (x.shape[0], 1, 24))
    z = ops.concat((first, model.patch_embed(x)), axis=1)
    for block in model.blocks:
        z = block(z)
    return model.norm(z)[:, 0]


# %% wrong="06.1" mistake="class token last"
# zh: 类别 token 放到了最后（或取了最后一个 token）；它在第 0 个
# en: the class token stands last, or the last token was taken; it is token 0
def forward(model, x):
    first = ops.broadcast_to(model.cls_token, (x.shape[0], 1, 24))
    z = ops.concat((first, model.patch_embed(x)), axis=1) + model.pos_embed
    for block in model.blocks:
        z = block(z)
    return model.norm(z)[:, -1]


# %% wrong="06.1" mistake="mean of the patches"
# zh: 这是各块的平均；题目要的是类别 token
# en: this is the mean of the patches; the class token is wanted
def forward(model, x):
    first = ops.broadcast_to(model.cls_token, (x.shape[0], 1, 24))
    z = ops.concat((first, model.patch_embed(x)), axis=1) + model.pos_embed
    for block in model.blocks:
        z = block(z)
    return model.norm(z)[:, 1:].mean(axis=1)


# %% wrong="06.1" mistake="one block"
# zh: 只过了一个块；每个块都要过
# en: only one block was used; every block has its turn
def forward(model, x):
    first = ops.broadcast_to(model.cls_token, (x.shape[0], 1, 24))
    z = ops.concat((first, model.patch_embed(x)), axis=1) + model.pos_embed
    return model.norm(model.blocks[0](z))[:, 0]


# %%
check("06.1", forward(walk, walk_images))


# hint("06.1")
# %% [markdown] lang="zh" slide="slide"
# ## 2. 数参数：公式对程序
#
# 第 05 课数过一个块：注意力 $4D^2+4D$，MLP（隐藏层宽 $4D$）$8D^2+5D$，两个归一化 $4D$，合计 $12D^2+13D$。整个网络再加：块嵌入 $3P^2D+D$，类别 token $D$，位置 $(1+N)D$，最后的归一化 $2D$，分类头 $DK+K$。
# %% [markdown] lang="en" slide="slide"
# ## 2. Counting parameters: formula against program
#
# Lesson 05 counted one block: attention $4D^2+4D$, MLP (four times as wide) $8D^2+5D$, two normalisations $4D$, together $12D^2+13D$. The whole network adds: patch embedding $3P^2D+D$, class token $D$, positions $(1+N)D$, the last normalisation $2D$, the head $DK+K$.
# %%
def count_by_program(name):
    model = vit.create_model(name)
    return sum(p.size for p in model.get_parameters())


published = {"vit_tiny_patch16_224": "5.7 M", "vit_small_patch16_224": "22.1 M", "vit_base_patch16_224": "86.6 M"}
for name, paper in published.items():
    print(f"{name}: {count_by_program(name):>11,} (published as {paper})")


# %% [markdown] lang="zh" exercise="06.2" slide="subslide"
# ### 练习 06.2 · 一个公式（★★，8 分钟）
#
# 写 `count(D, L, P, K, side)`，返回整个 ViT 的参数个数（RGB，MLP 隐藏层宽 $4D$，都有偏置，类别 token 分类）。检查看的是它对三种尺寸的答案。
# %% [markdown] lang="en" exercise="06.2" slide="subslide"
# ### Exercise 06.2 · One formula (★★, 8 minutes)
#
# Write `count(D, L, P, K, side)`, the number of parameters of a whole ViT (RGB, MLP four times as wide, biases everywhere, classified by the class token). The check looks at its answers for three sizes.
# %% exercise="06.2"
def count(D, L, P, K, side):
    return 0  # your turn


# %% solution="06.2"
def count(D, L, P, K, side):
    block = 12 * D * D + 13 * D
    embedding = 3 * P * P * D + D
    places = 1 + (side // P) ** 2
    return embedding + D + places * D + L * block + 2 * D + D * K + K


# %% [markdown] hint="06.2" lang="zh"
# 六项：块嵌入、类别 token、位置、$L$ 个块、最后的归一化、分类头。
# %% [markdown] hint="06.2" lang="en"
# Six terms: patch embedding, class token, positions, $L$ blocks, the last normalisation, the head.
# %% [markdown] hint="06.2" lang="zh"
# 和程序对照：`count(192, 12, 16, 1000, 224)` 应等于上面打印的 ViT-Ti。差了多少，往往就说明少了什么。
# %% [markdown] hint="06.2" lang="en"
# Compare with the program: `count(192, 12, 16, 1000, 224)` should be what was printed for ViT-Ti. The difference often tells what is missing.
# %% [markdown] hint="06.2" lang="zh"
# $3P^2D+D \;+\; D \;+\; (1+(\text{side}/P)^2)D \;+\; L(12D^2+13D) \;+\; 2D \;+\; DK+K$
# %% [markdown] hint="06.2" lang="en"
# $3P^2D+D \;+\; D \;+\; (1+(\text{side}/P)^2)D \;+\; L(12D^2+13D) \;+\; 2D \;+\; DK+K$
# %% wrong="06.2" mistake="no position for the class token"
# zh: 少了 D 个：类别 token 也有自己的位置
# en: D too few: the class token has a position, too
def count(D, L, P, K, side):
    n = (side // P) ** 2
    return 3 * P * P * D + D + D + n * D + L * (12 * D * D + 13 * D) + 2 * D + D * K + K


# %% wrong="06.2" mistake="no last norm"
# zh: 少了 2D 个：是最后的归一化，还是类别 token 和它的位置？
# en: 2D too few: is it the last normalisation, or the class token and its position?
def count(D, L, P, K, side):
    n = 1 + (side // P) ** 2
    return 3 * P * P * D + D + D + n * D + L * (12 * D * D + 13 * D) + D * K + K


# %% wrong="06.2" mistake="no head bias"
# zh: 少了 K 个：分类头的偏置
# en: K too few: the bias of the head
def count(D, L, P, K, side):
    n = 1 + (side // P) ** 2
    return 3 * P * P * D + D + D + n * D + L * (12 * D * D + 13 * D) + 2 * D + D * K


# %% wrong="06.2" mistake="one channel"
# zh: 块嵌入少算了三个通道
# en: the patch embedding leaves out that there are three channels
def count(D, L, P, K, side):
    n = 1 + (side // P) ** 2
    return P * P * D + D + D + n * D + L * (12 * D * D + 13 * D) + 2 * D + D * K + K


# %%
sizes = ((192, 12, 16, 1000, 224), (768, 12, 32, 21843, 384), (8, 1, 8, 10, 64))
# the largest term is taken off, so that small ones show
check("06.2", [count(*size) - 12 * size[1] * size[0] ** 2 for size in sizes])
# hint("06.2")
# %% [markdown] lang="zh" slide="slide"
# ## 3. 载入权重：名字、形状、以及一个沉默的陷阱
#
# 公开的权重是一张“名字 → 数组”的表。`vit` 的名字与 timm 一一对应（只有归一化的两个，MindSpore 叫 `gamma`、`beta`，载入时自动换名）。MindSpore 自己的 `load_param_into_net` 有个陷阱：对不上的名字它**不报错**，只写一行日志警告（很容易淹没在别的日志里，本课程还关掉了警告），并在返回值里列出来，不看就以为载入成功了：
# %% [markdown] lang="en" slide="slide"
# ## 3. Loading weights: names, shapes, and a silent trap
#
# Published weights are a table from names to arrays. The names in `vit` are those of timm, one to one (except for the norms, whose two MindSpore calls `gamma` and `beta`; loading renames them). MindSpore's own `load_param_into_net` has a trap: names that do not match raise **no error**; there is a warning in the log, easily lost among others (and switched off in this course), and a list in the return value. If you do not look, you will believe that everything was loaded:
# %%
small = vit.ViT(ViTConfig(32, 8, num_classes=5, embed_dim=24, depth=1, num_heads=3))
typo = {"head.wieght": ms.Parameter(ops.ones((5, 24), ms.float32), name="head.wieght")}
not_loaded, not_used = ms.load_param_into_net(small, typo)
print("no error. not loaded:", len(not_loaded), "of", len(list(small.get_parameters())), " not used:", not_used)
# %% [markdown] lang="zh"
# `vit.weights.load_model` 反过来：少一个、多一个、形状不对，都给出一句话的错误，什么也不改。预处理和类别名也跟着权重走，不用再抄一遍：
# %% [markdown] lang="en"
# `vit.weights.load_model` is the opposite: if a tensor is missing or extra or has the wrong shape, it raises an error of one sentence and changes nothing. Preprocessing and class names come with the weights; nobody types them again:
# %%
from course.learner.assets import model_at_hand, pictures_at_hand

model = model_at_hand()
pictures = pictures_at_hand(model)
print(model.preprocessing)
print(len(model.classes), "classes, for instance", model.classes[1])
# %% [markdown] lang="zh" slide="slide"
# ## 4. 核对数值：用 numpy 独立重算
#
# 怎么知道装对了？“准确率看着不错”不够，很多错只让它差一点。可靠的办法是**核对数值**：同一张图，用另一份程序算 logits，逐个比较。下面就是一份：从载入的权重直接算，不用 `vit` 的任何网络代码。它核对的是网络；文件载入得对不对，要与别人写的程序比才知道（`vit` 的测试就是这样做的，对照 transformers）。
# %% [markdown] lang="en" slide="slide"
# ## 4. Matching numbers: numpy, independently
#
# How do we know that it is put together rightly? "The accuracy looks fine" is not enough; many mistakes cost only a little. What works is **matching numbers**: the logits of one image, computed by another program, compared one by one. Here is one: from the loaded weights, with none of `vit`'s network code. It checks the network; whether files are loaded rightly shows only against a program by somebody else (the tests of `vit` do that, against transformers).
# %%
from scipy.special import erf


def norm(x, w, name):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6) * w[name + ".gamma"] + w[name + ".beta"]


def dense(x, w, name):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def attend(x, w, name, heads):
    n, dim = x.shape
    q, k, v = dense(x, w, name + ".qkv").reshape(n, 3, heads, dim // heads).transpose(1, 2, 0, 3)  # (h, N, d)
    scores = np.exp(q @ k.swapaxes(1, 2) / (dim // heads) ** 0.5)  # (h, N, N)
    out = scores / scores.sum(-1, keepdims=True) @ v  # (h, N, d)
    return dense(out.transpose(1, 0, 2).reshape(n, dim), w, name + ".proj")


# %%
def numpy_vit(image, w, config):
    """One image (3, H, W) -> logits (K,)."""
    p, (rows, cols) = config.patch_size, np.array(image.shape[1:]) // config.patch_size
    x = image.reshape(3, rows, p, cols, p).transpose(1, 3, 0, 2, 4).reshape(rows * cols, -1)  # (N, 3*P*P)
    x = np.concatenate([w["cls_token"][0], dense(x, w, "patch_embed.proj")]) + w["pos_embed"][0]  # (1+N, D)
    for i in range(config.depth):
        block = f"blocks.{i}."
        x = x + attend(norm(x, w, block + "norm1"), w, block + "attn", config.num_heads)
        y = dense(norm(x, w, block + "norm2"), w, block + "mlp.fc1")
        x = x + dense(y * 0.5 * (1 + erf(y / 2**0.5)), w, block + "mlp.fc2")
    x = norm(x, w, "norm")
    return dense(x[0] if config.pool == "token" else x[1:].mean(0), w, "head")  # (K,)


# %%
from vit.data.pipeline import preprocess

weights = {p.name: p.asnumpy().astype(np.float64) for p in model.get_parameters()}
batch = np.stack([preprocess(pixels, model.preprocessing) for pixels in pictures.values()])  # (B, 3, H, W)
model.set_train(False)
logits = model(ms.Tensor(batch)).asnumpy()  # (B, K)
again = np.stack([numpy_vit(one, weights, model.config) for one in batch.astype(np.float64)])
difference = np.abs(logits - again).max()
assert difference < 1e-3
signature(f"{len(batch)} images, {logits.shape[1]} logits each: MindSpore and numpy differ by at most {difference:.1e}")
# %% [markdown] lang="zh" slide="slide"
# ## 5. “差不多”差多少
#
# 常见的三个小错：$\epsilon$ 用了默认值、GELU 用了默认的 tanh、图片压成方形而不是裁剪。都能跑，都不报错。看看 logits 被带偏了多少：
# %% [markdown] lang="en" slide="slide"
# ## 5. How far off is "almost"?
#
# Three common slips: the default $\epsilon$, the default tanh GELU, an image squeezed to a square instead of cropped. Each runs and none raises an error. How far do they move the logits?
# %%
from dataclasses import replace

from PIL import Image


def with_setting(**changes):
    other = vit.ViT(replace(model.config, **changes))
    ms.load_param_into_net(other, model.parameters_dict())
    other.set_train(False)
    return other(ms.Tensor(batch)).asnumpy()


size = model.config.image_size
squeezed = [np.asarray(Image.fromarray(p).resize((size, size), Image.BICUBIC)) for p in pictures.values()]
squeezed = np.stack([preprocess(p, replace(model.preprocessing, resize=size)) for p in squeezed])
slips = {
    "epsilon 1e-7": with_setting(norm_eps=1e-7),
    "tanh GELU": with_setting(gelu="tanh"),
    "squeezed image": model(ms.Tensor(squeezed)).asnumpy(),
}
for name, other in slips.items():
    print(f"{name:15} largest change of a logit {np.abs(other - logits).max():.1e}")


# %% [markdown] lang="zh"
# 用 ViT-Ti 时，$\epsilon$ 的影响与舍入误差（上一步）差不多，tanh GELU 大几百倍，压扁图片又大一百多倍。单看“认对了没有”，三个错都可能漏过。核对数值能发现 tanh；压扁图片要从**文件**开始核对才看得见（第 4 步从同一批张量开始，看不见）；$\epsilon$ 要靠读文档，或像第 05 课那样用方差很小的输入。
# %% [markdown] lang="en"
# With ViT-Ti the $\epsilon$ is hardly above rounding (the step before), tanh GELU several hundred times as large, the squeezed image more than a hundred times that. "It got this picture right" may miss all three. Matching numbers finds the tanh; the squeezed image shows only if one begins at the **file** (step 4 began at a common batch and could not see it); the $\epsilon$ takes reading the documentation, or input of small variance as in lesson 05.
# %% [markdown] lang="zh" exercise="06.3" slide="subslide"
# ### 练习 06.3 · 从 logits 到前三名（★，6 分钟）
#
# 写 `top3(logits)`：`(K,)` → 最大的三个**概率**，从大到小，形状 `(3,)`。概率是对**全部** $K$ 类做 softmax。
# %% [markdown] lang="en" exercise="06.3" slide="subslide"
# ### Exercise 06.3 · From logits to the best three (★, 6 minutes)
#
# Write `top3(logits)`: `(K,)` → the three largest **probabilities**, largest first, `(3,)`. Probabilities are the softmax over **all** $K$ classes.
# %% exercise="06.3"
def top3(logits):
    return np.zeros(3)  # (3,), your turn


# %% solution="06.3"
def top3(logits):
    e = np.exp(logits - logits.max())  # (K,)
    return np.sort(e / e.sum())[::-1][:3]  # (3,)


# %% [markdown] hint="06.3" lang="zh"
# 先 softmax，再挑三个；次序不能反。
# %% [markdown] hint="06.3" lang="en"
# First softmax, then pick three; not the other way round.
# %% [markdown] hint="06.3" lang="zh"
# `np.sort` 从小到大；`[::-1]` 倒过来。
# %% [markdown] hint="06.3" lang="en"
# `np.sort` goes from small to large; `[::-1]` turns it round.
# %% [markdown] hint="06.3" lang="zh"
# `e = np.exp(logits - logits.max())`，`np.sort(e / e.sum())[::-1][:3]`。
# %% [markdown] hint="06.3" lang="en"
# `e = np.exp(logits - logits.max())`, `np.sort(e / e.sum())[::-1][:3]`.
# %% wrong="06.3" mistake="softmax of three"
# zh: 只在前三名之间做了 softmax；应当对全部类
# en: the softmax went over the best three only; it goes over all classes
def top3(logits):
    best = np.sort(logits)[::-1][:3]
    return np.exp(best) / np.exp(best).sum()


# %% wrong="06.3" mistake="logits"
# zh: 这是 logits，还不是概率
# en: these are logits, not probabilities yet
def top3(logits):
    return np.sort(logits)[::-1][:3]


# %% wrong="06.3" mistake="smallest first"
# zh: 次序反了（或取了最小的三个）：要从大到小
# en: the wrong order, or the smallest three: largest first
def top3(logits):
    e = np.exp(logits - logits.max())
    return np.sort(e / e.sum())[-3:]


# %% wrong="06.3" mistake="smallest three"
# zh: 取了最小的三个概率
# en: these are the three smallest probabilities
def top3(logits):
    e = np.exp(logits - logits.max())
    return np.sort(e / e.sum())[:3]


# %%
check("06.3", top3(np.array([1.0, -2.0, 3.5, 0.3, 2.9, -1.0])))
# hint("06.3")
# %% [markdown] lang="zh" slide="slide"
# ## 6. 它看见了什么
#
# 左：图片；中：把各层注意力连乘得到的热图（rollout，第 09 课细说）；右：五个答案和概率。
# %% [markdown] lang="en" slide="slide"
# ## 6. What it sees
#
# Left, the picture; middle, the attention of all layers multiplied together (rollout, see lesson 09); right, five answers with probabilities.
# %% figure="opening"
from IPython.display import display

from vit.attention_maps import attention_rollout
from vit.plots import prediction_page
from vit.inference import predict

pages = [(name, pixels, predict(model, pixels), attention_rollout(model, pixels)) for name, pixels in pictures.items()]
page = prediction_page(pages)
page.set_dpi(60)
display(page)
# %% [markdown] lang="zh"
# 热图有几处亮在角落而不在物体上：注意力图不等于解释，第 09 课再说。概率是模型的自信，不是正确的保证：它必须把全部概率分给它认识的类，哪怕图里的东西一个都不在其中。试试把自己的照片交给 `predict(model, "路径")`。
# %% [markdown] lang="en"
# Some bright spots lie in corners, not on the thing: a map of attention is no explanation; more in lesson 09. A probability says how sure the model is and promises nothing: 100 % must be shared out among the classes it knows, even if none of them is in the picture. Try `predict(model, "path")` with a photograph of your own.
# %% [markdown] lang="zh" slide="slide"
# ## 7. 常见的错误说法
#
# **“参数量决定了计算量。”** 不。图像变大，参数几乎不变（只有位置变多），计算却成倍增长：
# %% [markdown] lang="en" slide="slide"
# ## 7. Wrong statements people repeat
#
# **"The number of parameters decides the amount of computing."** It does not. A larger image leaves the parameters almost as they are (only positions are added) and multiplies the computing:
# %%
for side in (224, 384):
    n, D, L = (side // 16) ** 2 + 1, 768, 12
    parameters = L * (12 * D * D + 13 * D) + 3 * 16 * 16 * D + D + D + n * D + 2 * D + D * 1000 + 1000
    products = L * (12 * n * D * D + 2 * n * n * D)  # multiply-adds of all matrix products in the blocks
    print(f"{side} px: {parameters / 1e6:.1f} M parameters, {products / 1e9:.1f} G multiply-adds")
# %% [markdown] lang="zh"
# **“换一个类别数就得换整个模型。”** 只换分类头，其余权重照用（第 10 课的微调就靠它）：
# %% [markdown] lang="en"
# **"A different number of classes needs a different model."** Only the head is replaced; all other weights stay (fine-tuning in lesson 10 rests on that):
# %%
print("features of this model:", record(model, ms.Tensor(batch[:1]))["pool"].shape, "-> any linear head D -> K fits")
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. ViT = 块嵌入 + 类别 token 和位置 + $L$ 个结构相同的块 + 归一化 + 线性头。
# 2. 一个块约 $12D^2$ 个参数；用公式数一遍，是最便宜的自检。
# 3. 载入权重后要**核对数值**：独立的程序，同一张图，逐个 logit 比较。
#
# <details><summary>问题一：<code>load_model</code> 为什么宁可报错，也不“尽量载入”？</summary>
#
# 少载入一层，网络照样运行，只是差一点，你会花几天在别处找原因。明确的错误只花一分钟。
#
# </details>
#
# <details><summary>问题二：核对时为什么把权重转成 float64？</summary>
#
# 让参照比被检查的更准：这样量到的差就是 float32 的舍入加上真正的错误，而不是两份舍入混在一起。
#
# </details>
#
# **下一课**（07）：从随机权重开始训练。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. ViT = patch embedding + class token and positions + $L$ blocks of one structure + normalisation + a linear head.
# 2. A block has about $12D^2$ parameters; counting by formula is the cheapest check there is.
# 3. After loading weights, **match numbers**: an independent program, the same image, logit by logit.
#
# <details><summary>Question 1: why does <code>load_model</code> raise an error rather than load what fits?</summary>
#
# With one layer not loaded the network still runs, only a little worse, and you look for the reason elsewhere for days. A clear error costs a minute.
#
# </details>
#
# <details><summary>Question 2: why are the weights turned to float64 for the comparison?</summary>
#
# The reference should be more exact than what is checked: then the difference is float32's rounding plus real mistakes, not two roundings mixed.
#
# </details>
#
# **Next** (07): training, from random weights.
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
