# %% [markdown] lang="zh" slide="slide" section="A"
# # 九十分钟看懂 ViT
#
# 一张照片，在计算机里只是一串数。网络凭什么说“这是一只猫”？这堂课里，你亲手写出其中最关键的一块：**自注意力**，装进一个训练好的网络，再做试验：它看的地方要不要紧。
#
# ![整个 ViT 的地图](../../course/figures/map_attention.zh.svg)
#
# **需要**：Python 和矩阵乘法；一台笔记本的 CPU，不用网络。从头运行一遍不到三分钟。想把整个网络写完：[第 00 课](00_whole_game.ipynb)起的十四课。
# %% [markdown] lang="en" slide="slide" section="A"
# # ViT in 90 minutes
#
# To a computer a photograph is a row of numbers. On what grounds does a network say "this is a cat"? In this class you write the piece that matters most, **self-attention**, put it into a trained network, and find out by experiment whether the places it looks at matter.
#
# ![Map of the whole ViT](../../course/figures/map_attention.en.svg)
#
# **You need** Python and matrix products, the CPU of a laptop, and no network. Run from the top it takes less than three minutes. To write the whole of it: fourteen lessons, from [lesson 00](00_whole_game.ipynb) on.
# %%
import matplotlib.pyplot as plt
import mindspore as ms
import numpy as np
from mindspore import nn, ops

from course import begin, check, hint, investigate, signature

begin("90")
# %% [markdown] lang="zh" note=true
# 时间：1 图片进去 9 分钟（含开场），2 切块 10，3 徒手算 13，4 写 Attention 36，5 装进去 4，6 遮住 7，7 探究和收尾 11。上课前运行一遍，留着输出。下面存着的输出就是答案：开课时请大家先清空全部输出（Edit → Clear Outputs of All Cells）。
# %% [markdown] lang="en" note=true
# Minutes: 1 a picture goes in 9 (with the welcome), 2 patches 10, 3 by hand 13, 4 write Attention 36, 5 into the network 4, 6 hide patches 7, 7 investigation and end 11. Run it once before class and keep the outputs. Outputs stored below are the answers: let everybody clear them first (Edit, Clear Outputs of All Cells).
# %% [markdown] lang="zh" slide="slide"
# ## 1. 图片进去，名字出来
#
# 先跑一遍全程。本机有 ViT-Ti 的公开权重时用真实的照片，没有时用课程自带的小模型和画。**先猜**：网络会说什么，有几成把握？
# %% [markdown] lang="en" slide="slide"
# ## 1. A picture goes in, a name comes out
#
# The whole way first. With ViT-Ti's published weights on this machine the pictures are photographs, without them drawings and the course's small model. **Guess first**: what will the network say, and how sure will it be?
# %%
from course.learner.assets import model_at_hand, pictures_at_hand
from vit.inference import predict

large = model_at_hand()
photographs = list(pictures_at_hand(large).values())  # (H, W, 3)
figure, axes = plt.subplots(1, len(photographs), figsize=(9, 2.6))
for ax, pixels in zip(axes, photographs, strict=True):
    ax.imshow(pixels)
    ax.axis("off")
plt.show()
# %%
for pixels in photographs:
    best = predict(large, pixels, top=3)
    print(pixels.shape, "->", *(f"{guess.class_name.called} {guess.probability:.0%} " for guess in best))
# %% [markdown] lang="zh" slide="slide"
# ## 2. 图片变成一串 token
#
# ![图片切成图像块，展平，乘一个矩阵，前面加上类别 token，再加上位置](../../course/figures/patches.zh.svg)
#
# 下面用课程的小 ViT：图 64×64，块 8×8，所以是 8×8 = 64 块。把一张画切开，再拼成一排。**先预测**：少了 `transpose`，只用 `reshape`，切出来的是什么？
# %% [markdown] lang="en" slide="slide"
# ## 2. The picture becomes a row of tokens
#
# ![The picture is cut into patches, flattened, multiplied by a matrix; a class token is put in front, positions are added](../../course/figures/patches.en.svg)
#
# From here on it is the course's small ViT: pictures of 64 × 64, patches of 8 × 8, so 8 × 8 = 64 of them. We cut a drawing and lay the patches out. **Predict first**: without `transpose`, by `reshape` alone, what will the pieces be?
# %%
import vit
from vit.data.pipeline import preprocess
from vit.data.sample.dataset import picture

model = vit.create_model("vit_sample_patch8_64", weights="vit_sample_patch8_64").set_train(False)
drawing = np.asarray(picture("infer", thing=4, number=1)[0])  # (H, W, 3)
small = preprocess(drawing, model.preprocessing).transpose(1, 2, 0) / 2 + 0.5  # (64, 64, 3)
cut = small.reshape(8, 8, 8, 8, 3).transpose(0, 2, 1, 3, 4).reshape(64, 8, 8, 3)  # (N, 8, 8, 3)
bare = small.reshape(64, 8, 8, 3)  # 只用 reshape ¦ reshape alone
# %%
figure, axes = plt.subplots(1, 3, figsize=(9, 3))
for ax, pieces, title in zip(
    axes,
    (None, cut, bare),
    (T("原图", "the picture"), "reshape + transpose", T("只有 reshape", "reshape alone")),
    strict=True,
):
    if pieces is None:
        shown = small
    else:  # 每块四周留一条白边 ¦ each patch with a white edge
        framed = np.pad(pieces, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=1)  # (N, 10, 10, 3)
        shown = framed.reshape(8, 8, 10, 10, 3).transpose(0, 2, 1, 3, 4).reshape(80, 80, 3)
    ax.imshow(shown)
    ax.set_title(title, fontsize=10)
    ax.axis("off")
plt.show()
# %% [markdown] lang="zh" slide="slide"
# ## 3. 三个 token，徒手算
#
# 每个 token 提出一个**查询** $q$，和每个 token 的**键** $k$ 比较，按匹配程度取**值** $v$ 的加权平均：
#
# $$w_j = \frac{e^{\,q\cdot k_j/\sqrt{d}}}{\sum_m e^{\,q\cdot k_m/\sqrt{d}}},\qquad \text{out} = \sum_j w_j\, v_j$$
#
# 三块：两块天空，一块草地，$d=4$。“天空 1”提问，$q=(2,0,1,0)$，三个分数是 2.5、2、0。**先在纸上写**：草地的权重会是 0 吗？然后轮到你：草地提问时的三个权重（`grass_q`，不用循环）。
# %% [markdown] lang="en" slide="slide"
# ## 3. Three tokens, by hand
#
# Each token asks with a **query** $q$, compares it with the **key** $k$ of every token, and takes the mean of their **values** $v$, weighted by how well query and key match:
#
# $$w_j = \frac{e^{\,q\cdot k_j/\sqrt{d}}}{\sum_m e^{\,q\cdot k_m/\sqrt{d}}},\qquad \text{out} = \sum_j w_j\, v_j$$
#
# Three patches, two of sky and one of grass, $d=4$. "Sky 1" asks with $q=(2,0,1,0)$; its scores are 2.5, 2 and 0. **Write down first**: will the weight of the grass be 0? Then it is your turn: the three weights when grass asks (`grass_q`, no loops).
# %%
K = np.array([[2, 0, 1, 0], [2, 0, 0, 1], [0, 2, 0, 0]], np.float32)  # (N, d)
scores = K @ np.array([2, 0, 1, 0], np.float32) / 2  # (N,): q·k / √4


def softmax(x):
    e = np.exp(x)  # (N,)
    return e / e.sum()


print(scores, "->", softmax(scores).round(3))
# %%
grass_q = np.array([1, 2, 0, -1], np.float32)  # (d,)
grass_weights = np.full(3, 1 / 3)  # (N,)，轮到你了 ¦ (N,), your turn
check("04.1", grass_weights)


# hint("04.1")
# %% [markdown] lang="zh" slide="slide"
# ## 4. 写出 `Attention`
#
# 所有 token 同时提问：
#
# ![从 token 到 Q、K、V，再到分数、权重和输出](../../course/figures/qkv.zh.svg)
#
# 而且同时看几个地方：宽度 $D$ 分给 $h$ 个**头**，各做各的，再拼回去。
#
# ![把通道分给各头再合并；直接 reshape 得到的形状对，数是错的](../../course/figures/heads.zh.svg)
#
# 轮到你了：两个子层 `qkv`（`Dense`，$D\to 3D$，`has_bias=qkv_bias`；先分 q、k、v，再分头）和 `proj`（$D\to D$）；两个 dropout 已经写好，一个用在权重上，一个用在输出上；`construct`：`(B, N, D)` → `(B, N, D)`。`ops.softmax`、`@`、`reshape`、`transpose` 够用了（`construct` 里用 `ops`，不用 `np`）。没写完也能往下走：下面会用包里的。
# %% [markdown] lang="en" slide="slide"
# ## 4. Write `Attention`
#
# All tokens ask at once:
#
# ![From tokens to Q, K, V, to scores, weights and output](../../course/figures/qkv.en.svg)
#
# And they look at several places at once: the width $D$ is shared among $h$ **heads**, each attends by itself, and the results are put side by side again.
#
# ![Sharing channels among heads and merging them again; a bare reshape has the right shape and wrong numbers](../../course/figures/heads.en.svg)
#
# Your turn: two layers, `qkv` (`Dense`, $D\to 3D$, `has_bias=qkv_bias`; first q, k, v, then heads) and `proj` ($D\to D$); the two dropouts are there, one for the weights, one for the output; `construct`: `(B, N, D)` → `(B, N, D)`. `ops.softmax`, `@`, `reshape` and `transpose` are enough (in `construct` use `ops`, not `np`). Not finished? Go on: the package's stands in.
# %%
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.attn_drop = nn.Dropout(p=attn_drop_rate)
        self.proj_drop = nn.Dropout(p=drop_rate)
        # 轮到你了：qkv 和 proj ¦ your turn: qkv and proj

    def construct(self, x):
        B, N, D = x.shape
        # (B, N, 3D) -> (B, N, 3, h, d) -> 3 × (B, h, N, d) -> (B, h, N, N) -> (B, h, N, d) -> (B, N, D)
        return x  # (B, N, D)，轮到你了 ¦ (B, N, D), your turn


# %%
Attention = check("04.3", Attention)
# hint("04.3")
# %% [markdown] lang="zh" slide="slide"
# ## 5. 装进训练好的网络
#
# 小 ViT 有六层，每一层的注意力都换成 `Attention`，参数照搬。**先猜**：logits 会差多少？
# %% [markdown] lang="en" slide="slide"
# ## 5. Into the trained network
#
# The small ViT has six blocks; `Attention` takes the place of the attention in each, with its parameters. **Guess first**: by how much will the logits differ?
# %%
x = ms.Tensor(preprocess(drawing, model.preprocessing)[None])  # (1, 3, 64, 64)
before = model(x).asnumpy()  # (1, 10)
for block in model.blocks:
    theirs = {parameter.name.split("attn.")[-1]: parameter for parameter in block.attn.get_parameters()}
    mine = Attention(model.config.embed_dim, model.config.num_heads)
    for parameter in mine.get_parameters():
        parameter.set_data(theirs[parameter.name])
    block.attn = mine.set_train(False)
difference = np.abs(model(x).asnumpy() - before).max()
signature(
    T(
        f"装进去的是 {Attention.__module__}，logits 最多相差 {difference:.0e}",
        f"inside is {Attention.__module__}; logits differ by at most {difference:.0e}",
    )
)
assert difference < 1e-3
# %% [markdown] lang="zh" slide="slide"
# ## 6. 遮住几块，答案还在不在
#
# 网络看的地方，是不是答案所在的地方？做个试验。“亮”是指：最后一层里，所有块平均给了它多少注意力；“遮”是把那些块的像素填成中灰。从最亮的遮起，从最暗的遮起，随机地遮，三种比一比。**先预测**：遮住一半（32 块），哪一种先认错？
# %% [markdown] lang="en" slide="slide"
# ## 6. Hide some patches: is the answer still there?
#
# Is where the network looks where the answer is? An experiment. "Bright" is: how much attention a patch gets in the last block, the mean over all patches that ask; "hidden" is: its pixels become middle grey. Brightest first, darkest first, and at random. **Predict first**: with half of them hidden (32), which goes wrong first?
# %%
from vit.inside import inspect

plain = vit.create_model("vit_sample_patch8_64", weights="vit_sample_patch8_64").set_train(False)
counts = range(0, 65, 8)


def curves_of(drawing):
    # 遮住 0、8、……、64 块，原来那个答案还剩几成 ¦ share of the first answer with 0, 8, ..., 64 patches hidden
    seen = inspect(plain, drawing)
    answer = int(seen.probabilities.argmax())
    order = np.argsort(seen.attention[-1].mean(0)[1:, 1:].mean(0))[::-1]  # (N,)，从最亮的起 ¦ (N,), brightest first
    orders = {T("从最亮的遮起", "brightest first"): order, T("从最暗的遮起", "darkest first"): order[::-1]}
    orders[T("随机", "at random")] = np.random.default_rng(0).permutation(64)
    return {
        name: [float(inspect(plain, drawing, hide=one[:n].tolist()).probabilities[answer]) for n in counts]
        for name, one in orders.items()
    }


# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
for ax, thing in zip(axes, (4, 2), strict=True):  # 换成别的画：0 到 9 ¦ other drawings: 0 to 9
    curves = curves_of(np.asarray(picture("infer", thing=thing, number=1)[0]))
    for (name, values), style in zip(curves.items(), ("o-", "^-", "s--"), strict=True):
        ax.plot(counts, values, style, label=name)
        print(thing, f"{name}:", f"{values[4]:.0%}")
    ax.set(title=plain.classes[thing].called, xlabel=T("遮住几块", "patches hidden"))
axes[0].set_ylabel(T("原来那个答案的概率", "share of the first answer"))
axes[0].legend(frameon=False)
plt.show()
# %% [markdown] lang="zh"
# 两张画，两个样子：左边那张，亮处要紧；右边那张，遮住最亮的一半毫发无损，遮住最暗的一半反而认错。两张画、一次随机，不能下结论：换几张（`thing`）再看。第 09 课用 200 张图来打分。想自己动手点：`python start.py explore`。
# %% [markdown] lang="en"
# Two drawings, two stories: on the left bright places matter; on the right the brightest half can be hidden without harm, and hiding the darkest half is what hurts. Two drawings and one draw of lots prove nothing: take others (`thing`). Lesson 09 scores such maps on 200 pictures. To touch it yourself: `python start.py explore`.
# %% [markdown] lang="zh" slide="slide"
# ## 7. 探究：要几个头
#
# 宽度 96 不变，参数量和头数无关。1 个头还是 3 个头，哪一种学得好？先原样运行一次，写下预测（0 到 1），再运行：训练两轮，约一分钟。
# %% [markdown] lang="en" slide="slide"
# ## 7. An investigation: how many heads?
#
# At a width of 96 the number of parameters does not depend on the heads. One head or three: which learns better? Run the cell once as it is, write down what you expect (between 0 and 1), run again: a training of two epochs, about a minute.
# %% slow=true
predicted = ...  # 你的预测，轮到你了 ¦ what you expect, your turn
investigate("04.6", predicted, heads=1)
# %% [markdown] lang="zh"
# **哪一句由此得出？** **A** 头越多越好，每一步都分得开；**B** 1 个头落后，3、6、12 个之间分不开；**C** 四种头数之间都分不开。
# %% [markdown] lang="en"
# **Which follows?** **A** more heads are better, each step told apart; **B** one head is behind, 3, 6 and 12 are not told apart; **C** none of the four are told apart.
# %%
conclusion = "?"  # A、B 或 C，轮到你了 ¦ A, B or C, your turn
check("04.6", conclusion)
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 图片切块，每块变成一个 token；位置是另外加上去的。
# 2. 注意力是加权平均：每个 token 一行权重，和为 1；多头是几套权重并排。
# 3. 网络看的地方，不一定是答案所在的地方：要做试验，不要讲故事。
#
# **接下去**：[第 03 课](03_patch_embedding.ipynb)写 `PatchEmbedding`，[第 06 课](06_model.ipynb)把别人的权重装进你写的整个 ViT，[第 07 课](07_training.ipynb)从随机数训练它。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. The picture is cut into patches, each becomes a token; positions are added apart.
# 2. Attention is a weighted mean, a row of weights for each token, each row summing to 1; heads are several sets of weights side by side.
# 3. Where a network looks need not be where the answer is: experiment, and tell no stories.
#
# **From here**: [lesson 03](03_patch_embedding.ipynb) writes `PatchEmbedding`, in [lesson 06](06_model.ipynb) published weights go into the whole ViT that you wrote, [lesson 07](07_training.ipynb) trains it from random numbers.
