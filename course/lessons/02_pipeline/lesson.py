# %% [markdown] lang="zh" slide="slide" section="A"
# # 02 · 管道：从文件到一批批张量
#
# ![ViT 全图，亮的部分是本课的数据管道](../../course/figures/map_data.zh.svg)
#
# 网络需要形状固定、数值归一化的张量，一批接一批及时送到，不能让网络空等。本课一步一步拆开看两条管道：**评估**用的（每次都一样）和**训练**用的（每次都不同，但可以重现），把每个变换都画在图上看，最后量一量每秒能处理多少张。
#
# ![同一张照片，八次随机裁剪](../../course/lessons/02_pipeline/figures/opening.zh.png)
#
# *终点的样子：同一张照片，八次随机裁剪和翻转。A·3 会画出这张图。*
#
# **需要**：知道图像是 `(H, W, 3)` 的数组；可单独运行，不需要网络。**两节**：A 两条管道的每一步，B 插值、批次和速度。每节阅读不超过 10 分钟，练习另算；运行时间见 `notebooks/TIMINGS.md`。
# %% [markdown] lang="en" slide="slide" section="A"
# # 02 · The pipeline: from files to batches of tensors
#
# ![Map of the whole ViT; the lit part, the data, is today's](../../course/figures/map_data.en.svg)
#
# A network wants tensors of a fixed shape and range, batch after batch, and should not be kept waiting. Step by step this lesson takes apart two pipelines, one for **evaluation** (always the same) and one for **training** (different each time, yet repeatable), shows what each transform does, and measures how many images pass in a second.
#
# ![One photograph, eight random crops of it](../../course/lessons/02_pipeline/figures/opening.en.png)
#
# *Where we end: one photograph in eight random crops and flips. A·3 draws this figure.*
#
# **You need** to know that a picture is an array `(H, W, 3)`; the lesson runs alone, offline. **Two sections**: A both pipelines step by step, B interpolation, batches, speed. Each takes at most 10 minutes to read, not counting exercises; running times are in `notebooks/TIMINGS.md`.
# %%
import time

import matplotlib.pyplot as plt
import mindspore.dataset as ds
import numpy as np
from mindspore.dataset import vision
from PIL import Image

from course import begin, check, checkin, hint, signature

begin("02")
# %% [markdown] lang="zh" note=true
# 两节；自学各约 20 分钟，上课的时间见流程表。A·2 先问：“一张 600×400 的照片怎样变成 224×224？”让学员说出至少两种办法（压扁、裁剪），再看图。B·4 的插值差别要放大看。B·6 的速度因机器而异，请学员比较彼此的结果。
# %% [markdown] lang="en" note=true
# Two sections; alone about 20 minutes each, in class see the run-sheet. Before A·2 ask: "How does a photograph of 600 x 400 become 224 x 224?" and collect at least two ways (squeeze, crop). Enlarge the figure of B·4. The speeds of B·6 depend on the machine; let learners compare theirs.
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 目标
#
# | | 评估 | 训练 |
# |---|---|---|
# | 裁剪 | 短边缩放到 248，取中间 224 | 随机取一个区域，缩放到 224 |
# | 翻转 | 不 | 一半的概率左右翻转 |
# | 归一化 | $(p/255-0.5)/0.5$ | 相同 |
# | 顺序 | 固定 | 每轮打乱，由种子决定 |
# | 最后不满一批 | 一张也不能丢 | 可以丢 |
#
# 这些数（224、248（224 / 0.9 = 248.9，舍去小数）、0.5、插值方式）**跟着权重走**：权重发布时是用哪套预处理评估的，就得用哪套。
# %% [markdown] lang="en" slide="slide"
# ## A · 1. The goal
#
# | | evaluation | training |
# |---|---|---|
# | crop | shorter side to 248, the middle 224 of it | a random part, resized to 224 |
# | flip | no | left to right, half of the time |
# | normalise | $(p/255-0.5)/0.5$ | the same |
# | order | fixed | shuffled each epoch, as the seed says |
# | last, partial batch | not one picture may be lost | may be dropped |
#
# These numbers (224, 248, which is 224 / 0.9 with the fraction cut off, 0.5, the interpolation) **travel with the weights**: the preprocessing they were published with is the one to evaluate them with.
# %%
from vit.data.images import read_image
from vit.data.photographs import offline_photographs
from vit.data.pipeline import evaluation_transforms, training_transforms
from vit.data.preprocessing import Preprocessing

settings = Preprocessing(size=224, resize=248, interpolation="bicubic", mean=(0.5,) * 3, std=(0.5,) * 3)
photo_file = offline_photographs()["coffee"][0]
photo = read_image(photo_file)
print(photo.shape, photo.dtype)
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. 评估：一步一步
#
# `evaluation_transforms` 就是一个变换的列表，每个都能单独调用。看每一步之后的形状和范围：
# %% [markdown] lang="en" slide="slide"
# ## A · 2. Evaluation, step by step
#
# `evaluation_transforms` is a list of transforms, and each can be called by itself. Shape and range after each:
# %%
step = photo
print(
    T(
        f"文件        {step.shape!s:18}{step.dtype!s:9}{step.min():7.2f} 到 {step.max():.2f}",
        f"file        {step.shape!s:18}{step.dtype!s:9}{step.min():7.2f} to {step.max():.2f}",
    )
)
for transform in evaluation_transforms(settings):
    step = transform(step)
    print(
        T(
            f"{type(transform).__name__:12}{step.shape!s:18}{step.dtype!s:9}{step.min():7.2f} 到 {step.max():.2f}",
            f"{type(transform).__name__:12}{step.shape!s:18}{step.dtype!s:9}{step.min():7.2f} to {step.max():.2f}",
        )
    )
# %%
cropped = vision.CenterCrop(224)(vision.Resize(248, vision.Inter.PILCUBIC)(photo))
squeezed = vision.Resize((224, 224), vision.Inter.PILCUBIC)(photo)
figure, axes = plt.subplots(1, 3, figsize=(9, 3), dpi=65)
for ax, image, title in zip(
    axes,
    (photo, cropped, squeezed),
    (T("文件", "file"), T("先缩放再裁剪", "resize, then crop"), T("压扁", "squeezed")),
    strict=True,
):
    ax.imshow(image)
    ax.set_title(f"{title} {image.shape[1]} x {image.shape[0]}")
    ax.axis("off")
plt.show()


# %% [markdown] lang="zh"
# 压扁（右）保住了整张图，却改变了形状；裁剪（中）保住了形状，却丢了边。本课用的这组公开权重（AugReg）是按裁剪评估的。评估用裁剪、推理却用压扁，报告的准确率就不能保证是使用时的准确率（第 09 课用三张图看概率怎样变）。
# %% [markdown] lang="en"
# Squeezing (right) keeps the whole picture and changes shapes; cropping (middle) keeps shapes and loses the edges. The published weights that this course uses (named AugReg) are evaluated with crops. Whoever evaluates with crops and then squeezes in use reports an accuracy that need not be that of the use (lesson 09 shows on three pictures how probabilities change).
# %% [markdown] lang="zh" exercise="02.1" slide="subslide"
# ### 练习 02.1 · 从中间裁剪（★，5 分钟）
#
# 写 `centre_crop(image, size)`：`(H, W, 3)` → `(size, size, 3)`，取正中间（`H - size` 和 `W - size` 都是偶数，不用操心取整）。
# %% [markdown] lang="en" exercise="02.1" slide="subslide"
# ### Exercise 02.1 · The middle (★, 5 minutes)
#
# Write `centre_crop(image, size)`: `(H, W, 3)` → `(size, size, 3)`, the middle (`H - size` and `W - size` are even, so rounding is no concern).
# %% exercise="02.1"
def centre_crop(image, size):
    return np.zeros((size, size, 3))  # (size, size, 3)，轮到你了 ¦ (size, size, 3), your turn


# %%
grid = np.arange(10 * 12 * 3).reshape(10, 12, 3) % 97
check("02.1", centre_crop(grid, 4))
# hint("02.1")
# %% [markdown] lang="zh" slide="slide"
# ## A · 3. 训练：每次都不同
#
# 训练时，随机取图像面积的一部分（这里 35 % 到 100 %，好让差别看得清楚；第 07 课训练时用 65 % 到 100 %），宽高比也略有变化，再缩放到固定大小，一半的概率左右翻转。同一张照片，每一轮都是新的：这叫**数据增强**（data augmentation），是对抗“死记硬背”最便宜的办法。解码和裁剪是一步（`RandomCropDecodeResize`），只解码要用的那部分，省时间：
# %% [markdown] lang="en" slide="slide"
# ## A · 3. Training: different each time
#
# In training a random fraction of the picture's area (here 35 % to 100 %, so that the difference is plain to see; lesson 07 trains with 65 % to 100 %) is taken, with a slightly random shape, resized to the fixed size, and flipped half of the time. The same photograph is new in every epoch: this is **data augmentation**, the cheapest remedy against memorising. Decoding and cropping are one step (`RandomCropDecodeResize`), which decodes only the part needed and so saves time:
# %% figure="opening"
import io

buffer = io.BytesIO()
Image.fromarray(photo).save(buffer, "jpeg", quality=90)
encoded = np.frombuffer(buffer.getvalue(), np.uint8)  # 文件的内容 ¦ what is in a file
transforms = training_transforms(settings, crop_scale=(0.35, 1.0))
print([type(transform).__name__ for transform in transforms])


def crops_of_one_file(count):
    source = ds.GeneratorDataset([(encoded,)] * count, ["image"], shuffle=False)
    return source.map(transforms, "image", num_parallel_workers=2)


figure, axes = plt.subplots(2, 4, figsize=(7, 3.6), dpi=70)
for ax, (crop,) in zip(axes.flat, crops_of_one_file(8).create_tuple_iterator(output_numpy=True), strict=True):
    ax.imshow(crop.transpose(1, 2, 0) / 2 + 0.5)  # (3, 224, 224) -> (224, 224, 3)
    ax.axis("off")
plt.show()


# %% [markdown] lang="zh" exercise="02.2" slide="subslide"
# ### 练习 02.2 · 裁多大（★★，6 分钟）
#
# 随机裁剪先抽两个数：面积的比例 $a$ 和宽高比 $r = w/h$。写 `crop_size(H, W, a, r)`，返回 `(h, w)`（小数也行），使面积是 $a\cdot H\cdot W$、宽高比是 $r$。
# %% [markdown] lang="en" exercise="02.2" slide="subslide"
# ### Exercise 02.2 · How large a part (★★, 6 minutes)
#
# A random crop first draws two numbers: the fraction of the area $a$ and the ratio $r = w/h$. Write `crop_size(H, W, a, r)`, which returns `(h, w)` (they need not be integers), so that the area is $a\cdot H\cdot W$ and the ratio is $r$.
# %% exercise="02.2"
def crop_size(H, W, a, r):
    return 0.0, 0.0  # (h, w)，轮到你了 ¦ (h, w), your turn


# %%
check("02.2", [*crop_size(400, 600, 0.25, 1.2), *crop_size(300, 200, 0.5, 0.8)])
# hint("02.2")
# %% [markdown] lang="zh"
# **A 节打卡**：汇总上面的练习，再给你一道只属于你的小题；算出后写成 `checkin("A", answer=数值)` 再运行一次。（还没报过名？先在新单元格里运行 `from course import join; join()`。）隔天再学下一节时，先把前面的单元格运行一遍。
# %% [markdown] lang="en"
# **Check-in for section A**: it sums up the exercises above and poses a question made for you; work it out and run `checkin("A", answer=number)`. (Not joined yet? Run `from course import join; join()` in a new cell first.) On another day, run the cells above before the next section.
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 4. 插值：名字一样，结果不同
#
# 把大图缩小，要对许多像素求平均，否则会出锯齿（混叠）。MindSpore 的 `Inter.BICUBIC` **不做**这个平均，`Inter.PILCUBIC` 才与 Pillow 一致；公开的权重是按 Pillow 那样评估的。用一张越往外越密的圆环图，差别一目了然：
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 4. Interpolation: one name, two results
#
# Shrinking a picture means averaging many pixels; otherwise there is aliasing. MindSpore's `Inter.BICUBIC` does **not** average; `Inter.PILCUBIC` agrees with Pillow, and published weights were evaluated as with Pillow. Rings that grow finer outwards make the difference plain:
# %%
y, x = np.mgrid[0:1600, 0:1600]
rings = (127 + 120 * np.sin((x**2 + y**2) / 2500)).astype(np.uint8)
rings = np.repeat(rings[..., None], 3, axis=2)  # (1600, 1600, 3)
by_pillow = np.asarray(Image.fromarray(rings).resize((200, 200), Image.BICUBIC))
results = {"Pillow": by_pillow}
for name in ("PILCUBIC", "BICUBIC"):
    results[name] = vision.Resize((200, 200), getattr(vision.Inter, name))(rings)
    off = np.abs(results[name].astype(int) - by_pillow)
    print(
        T(
            f"{name:9} 与 Pillow 平均相差 {off.mean():.2f} 个灰度级，最多 {off.max()}",
            f"{name:9} differs from Pillow by {off.mean():.2f} grey levels on average, {off.max()} at most",
        )
    )
# %%
figure, axes = plt.subplots(1, 3, figsize=(9, 3), dpi=70)
for ax, (name, image) in zip(axes, results.items(), strict=True):
    ax.imshow(image)
    ax.set_title(name)
    ax.axis("off")
plt.show()
# %% [markdown] lang="zh"
# 原图只有左上角一个圆心。右图里另外几处“圆心”是**假的**：比一个像素还细的环，不求平均就变成了粗环，这就叫混叠（aliasing）。左、中两图把分辨不了的细环平均成灰色，才是对的。
# %% [markdown] lang="en"
# The rings have one centre, at the upper left. The other centres in the right picture are not there: rings finer than a pixel, not averaged, come out as coarse ones, which is **aliasing**. Left and middle show grey where nothing can be told apart, and grey is right.


# %% [markdown] lang="zh" exercise="02.3" slide="subslide"
# ### 练习 02.3 · 反归一化（★★，6 分钟）
#
# 画图时要把网络的输入还原成图像。写 `to_picture(x)`：`(3, H, W)`、大约 −1 到 1 的浮点数 → `(H, W, 3)`、0 到 255 的 `uint8`，四舍五入，超出范围的截断（clip）；是 A·2 那种归一化（0.5 和 0.5）的反过来。
# %% [markdown] lang="en" exercise="02.3" slide="subslide"
# ### Exercise 02.3 · The way back (★★, 6 minutes)
#
# To draw what a network gets, it has to become a picture again. Write `to_picture(x)`: `(3, H, W)`, floating point from about −1 to 1 → `(H, W, 3)`, `uint8` from 0 to 255, rounded, and clipped to that range: the inverse of A·2's normalisation (0.5 and 0.5).
# %% exercise="02.3"
def to_picture(x):
    return np.zeros((*x.shape[1:], 3), np.uint8)  # (H, W, 3)，轮到你了 ¦ (H, W, 3), your turn


# %%
network_input = np.random.default_rng(4).normal(0, 0.6, (3, 5, 4))  # (3, H, W)
check("02.3", to_picture(network_input))
# hint("02.3")
# %% [markdown] lang="zh" slide="slide"
# ## B · 5. 一批一批，乱而有序
#
# 把变换交给 MindSpore 的数据引擎：它在后台用多个工作线程准备下一批（不多于核数）。打乱的顺序由种子和轮次决定；随机裁剪还取决于工作线程数，也就是核数（各线程自己抽）。所以在同一台机器上实验可以重现，中断的训练也能从断点接着来；换一台核数不同的机器，顺序一样，裁剪不一样：
# %% [markdown] lang="en" slide="slide"
# ## B · 5. Batches: shuffled, yet reproducible
#
# The transforms go to MindSpore's data engine, whose workers (never more than cores) prepare the next batch in the background. The order is decided by seed and epoch; random crops depend on the number of workers, too, that is of cores (each draws its own). On one machine, then, an experiment can be repeated, and an interrupted training goes on where it stopped; with another number of cores the order is the same and the crops are not:
# %%
from vit.data.labels import Labelled
from vit.data.pipeline import training_batches
from vit.data.sample.dataset import make_sample
from vit.runtime.paths import DATA

make_sample(DATA / "sample")
folders = sorted((DATA / "sample" / "train").iterdir())
paths = [file for folder in folders for file in sorted(folder.iterdir())]
labels = [folders.index(path.parent) for path in paths]  # 0 to 9
pictures = Labelled(paths, labels, {})
small = Preprocessing(64, 64, "bicubic", (0.5,) * 3, (0.5,) * 3)


def first_batch(epoch, seed):
    images, y = next(iter(training_batches(pictures, small, 32, epoch, seed=seed)))
    return np.asarray(images), np.asarray(y)


one, again, other = first_batch(0, seed=1), first_batch(0, seed=1), first_batch(1, seed=1)
print(one[0].shape, one[0].dtype, T("标签", "labels"), one[1][:8])
print(T("种子和轮次相同，批次相同吗：", "same seed and epoch, same batch:"), (one[0] == again[0]).all())
print(T("换到下一轮，批次相同吗：", "next epoch, same batch:"), (one[0] == other[0]).all())


# %% [markdown] lang="zh" exercise="02.4" slide="subslide"
# ### 练习 02.4 · 评估用的数据集（★★，8 分钟）
#
# 用 MindSpore 的数据引擎写 `evaluation_set(images, labels, transform, batch_size)`：依次给出一批批 `(图像, 标签)`，每张图都经过 `transform`，顺序不变，**最后不满一批的也要给出**。从 `ds.NumpySlicesDataset((images, labels), ["image", "label"])` 开始，接着用 `.map(变换, 列名)` 和 `.batch(批大小)`；数据集默认会打乱（`shuffle`）。
# %% [markdown] lang="en" exercise="02.4" slide="subslide"
# ### Exercise 02.4 · A data set for evaluation (★★, 8 minutes)
#
# With MindSpore's data engine, write `evaluation_set(images, labels, transform, batch_size)`: it gives batches `(images, labels)`, each image having gone through `transform`, in the given order, **the last, partial batch included**. Begin with `ds.NumpySlicesDataset((images, labels), ["image", "label"])`, then `.map(transform, column)` and `.batch(size)`; mind that a data set shuffles unless told otherwise (`shuffle`).
# %% exercise="02.4"
def evaluation_set(images, labels, transform, batch_size):
    # 还没有变换，也没有分批，轮到你了 ¦ neither transformed nor in batches yet, your turn
    return ds.NumpySlicesDataset((images, labels), ["image", "label"])


# %%
def all_of(dataset):
    # 各批的大小、全部图像、全部标签 ¦ sizes of the batches, all images, all labels
    batches = list(dataset.create_tuple_iterator(output_numpy=True, num_epochs=1))
    x, y = (np.concatenate([np.atleast_1d(batch[column]) for batch in batches]) for column in (0, 1))
    return np.array([len(np.atleast_1d(labels)) for _, labels in batches]), x, y


def to_input(image):
    return (image.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)  # (3, H, W)


toy_images = np.random.default_rng(2).integers(0, 256, (10, 4, 6, 3), np.uint8)  # (n=10, H=4, W=6, 3)
toy_labels = np.arange(10) * 7 % 5
check("02.4", all_of(evaluation_set(toy_images, toy_labels, to_input, 4)))


# hint("02.4")
# %% [markdown] lang="zh" slide="slide" optional=true
# ## B · 6. 够快吗
#
# 管道只要供得上网络就够了；供不上，网络就得空等。与最直白的写法比一比：一个循环，Pillow 逐张解码、裁剪、缩放到 224。同一张 600×400 的照片，循环处理 300 次，引擎处理 1000 次。引擎用两个工作线程，循环只有一个；比值在 2 以内，可能只是多了一个线程的功劳：
# %% [markdown] lang="en" slide="slide" optional=true
# ## B · 6. Fast enough?
#
# A pipeline only has to keep ahead of the network; if it is slower, the network waits. We compare it with the plainest way: a loop in which Pillow decodes, crops and resizes one picture after the other to 224. The same photograph of 600 × 400, 300 times in the loop, 1000 times through the engine. The engine has two workers and the loop is one thread; a ratio of up to 2 may be due to the second thread alone:
# %%
def by_loop(count):
    rng = np.random.default_rng(0)
    for _ in range(count):
        image = Image.open(io.BytesIO(encoded))
        area, ratio = rng.uniform(0.35, 1) * 400 * 600, np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3)))
        w, h = min(600, int((area * ratio) ** 0.5)), min(400, int((area / ratio) ** 0.5))
        left, top = rng.integers(0, 601 - w), rng.integers(0, 401 - h)
        image = image.resize((224, 224), Image.BICUBIC, box=(left, top, left + w, top + h))
        x = np.asarray(image, np.float32)[:, :: rng.choice((-1, 1))]
        yield ((x / 255 - 0.5) / 0.5).transpose(2, 0, 1)  # (3, 224, 224)


def images_per_second(source):
    start = time.perf_counter()
    return sum(1 for _ in source) / (time.perf_counter() - start)


# %% slow=true timed=true
loop = images_per_second(by_loop(300))
engine = images_per_second(crops_of_one_file(1000).create_tuple_iterator(output_numpy=True))
signature(
    T(
        f"引擎每秒 {engine:.0f} 张，循环每秒 {loop:.0f} 张：{engine / loop:.1f} 倍",
        f"{engine:.0f} images/s through the engine, {loop:.0f} in a loop: {engine / loop:.1f} times",
    )
)
# %% [markdown] lang="zh"
# 够快吗？第 00 课里 ViT-Ti 一张图要几十毫秒，每秒约二三十张，训练一步更慢：这台机器上连循环都绰绰有余。网络快到每秒几百张（用 GPU，或像课程的小 ViT 那样小），才轮到管道。（`training_batches` 里没有循环：先由种子和轮次排好编号，交给 `NumpySlicesDataset`，再 `.map` 读文件、变换，最后 `.batch`。）
# %% [markdown] lang="en"
# Fast enough? In lesson 00 ViT-Ti took some tens of milliseconds an image, twenty or thirty a second, and a training step takes longer: on this machine even the loop keeps far ahead. Only a network that eats hundreds a second (on a GPU, or as small as the course's ViT) would have to wait. (`training_batches` has no loop: seed and epoch put numbers in order, `NumpySlicesDataset` takes them, `.map` reads and transforms, `.batch` makes batches.)
# %% [markdown] lang="zh" slide="slide"
# ## B · 7. 常见误解
#
# **“评估也该打乱，这样公平。”** 打乱不改变平均值，却让你找不到哪张图答错了；再丢掉最后一批，每次丢的还都不一样。
#
# **“归一化的均值和标准差要用我自己数据的。”** 从头训练可以。用公开权重，就得用**它训练时**的那一组。换一组，输入就偏了：
# %% [markdown] lang="en" slide="slide"
# ## B · 7. Common misconceptions
#
# **"Evaluation should be shuffled too, to be fair."** It does not change a mean, but you cannot find which picture went wrong; and with the last batch dropped, other pictures are lost each time.
#
# **"Mean and deviation for normalising are those of my own data."** For training from scratch, if you like. For published weights they are those **of their training**. With others the input is off:
# %%
white = np.full((1, 1, 3), 255, np.uint8)
for name, mean, std in (
    ("ViT (AugReg)", 0.5, 0.5),
    (T("ImageNet 统计值，红色通道", "ImageNet statistics, red"), 0.485, 0.229),
):
    print(
        T(
            f"{name}：白色变成 {(white[0, 0, 0] / 255 - mean) / std:.2f}",
            f"white becomes {(white[0, 0, 0] / 255 - mean) / std:.2f} with {name}",
        )
    )
# %% [markdown] lang="zh" slide="slide"
# ## 记住三句话
#
# 1. 评估的管道固定、完整、与权重配套；训练的管道随机、可重现。
# 2. 缩小图像要抗混叠：MindSpore 里用 `PILCUBIC`。
# 3. 管道和网络都量成每秒多少张：慢的那个决定快慢。
#
# <details><summary>问题一：随机裁剪最小只取 8 % 的面积，ImageNet 上常用，为什么用在这些画上太狠？</summary>
#
# 裁到 8 %，多半只剩物体的一角，甚至只有背景，标签却不变：等于教模型把背景叫作物体。所以第 07 课训练时最少取 65 %。
#
# </details>
#
# <details><summary>问题二：顺序为什么由（种子，轮次）一起决定，而不用一个一直往下走的随机数发生器？</summary>
#
# 这样第 7 轮的顺序不依赖前 6 轮跑没跑过；在同一台机器上，中断后从第 7 轮接着训练，看到的图与没有中断时完全一样。（用“种子＋轮次”也不好：种子 1 的第 1 轮会等于种子 2 的第 0 轮。）
#
# </details>
#
# **下一课**（03）：把图像变成 token。
# %% [markdown] lang="en" slide="slide"
# ## Three sentences to remember
#
# 1. Evaluation's pipeline is fixed, complete, and belongs to the weights; training's is random and repeatable.
# 2. Shrinking needs antialiasing: in MindSpore, `PILCUBIC`.
# 3. Measure both, pipeline and network, in images per second: the slower one sets the pace.
#
# <details><summary>Question 1: random crops down to 8 % of the area are usual on ImageNet. Why are they too much for our drawings?</summary>
#
# A crop of 8 % mostly holds a corner of the object, or nothing but background, and keeps the label: the model is taught to call background by the name of the object. That is why lesson 07 trains with 65 % and more.
#
# </details>
#
# <details><summary>Question 2: why is order decided by seed and epoch together, not by a generator that runs on?</summary>
#
# So epoch 7 does not depend on epochs 1 to 6 having been run; training that goes on there after an interruption sees, on the same machine, exactly the pictures it would have seen without one. (Seed plus epoch would not do: epoch 1 of seed 1 would be epoch 0 of seed 2.)
#
# </details>
#
# **Next** (03): images become tokens.
# %% [markdown] lang="zh" slide="slide"
# ## B 节打卡
#
# 本课到此结束。
# %% [markdown] lang="en" slide="slide"
# ## Check-in for section B
#
# The lesson ends here.
# %%
checkin("B")
