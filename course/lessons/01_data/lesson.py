# %% [markdown] lang="zh" slide="slide" section="A"
# # 01 · 数据：从文件夹到标签
#
# ![ViT 全图，亮的部分是本课的数据](../../course/figures/map_data.zh.svg)
#
# 模型学得再好，也好不过它的数据。本课拿到数据集（离线画出来，或下载 ImageNet 子集），弄清文件夹、WordNet 编号和**标签**之间的关系，看看图片，再故意弄坏几个文件，看不同的程序各有什么反应。很多“模型不行”的故事，真凶都在这里。
#
# ![十类图画各若干张的总览](../../course/lessons/01_data/figures/opening.zh.png)
#
# *终点的样子：十类图画的总览，一行一类。A·2 会画出这张图。*
#
# **需要**：会用 Python 读文件；可单独运行，不需要网络。**两节**：A 图片和标签，B 坏文件和坏下载。每节阅读不超过 10 分钟，练习另算；第一次运行要画 6020 张图，用时见 `notebooks/TIMINGS.md`。
# %% [markdown] lang="en" slide="slide" section="A"
# # 01 · Data: from folders to labels
#
# ![Map of the whole ViT; the lit part, the data, is today's](../../course/figures/map_data.en.svg)
#
# A model is never better than its data. This lesson gets a data set (drawn offline, or the ImageNet subset downloaded), sorts out how folders, WordNet ids and **labels** belong together, looks at pictures, and then breaks some files on purpose to see what different programs make of them. Many a "the model does not work" comes down to one of these.
#
# ![An overview of the drawings, a row for each of ten classes](../../course/lessons/01_data/figures/opening.en.png)
#
# *Where we end: an overview of the drawings, a row for each class. A·2 draws it.*
#
# **You need** to know how to read files in Python; the lesson runs alone, offline. **Two sections**: A pictures and labels, B broken files and broken downloads. Each takes at most 10 minutes to read, not counting exercises. The first run draws 6020 pictures; running times are in `notebooks/TIMINGS.md`.
# %%
import io
import tempfile
import textwrap
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from course import begin, check, checkin, hint, signature
from vit.runtime.paths import DATA, shown

begin("01")
# %% [markdown] lang="zh" note=true
# 两节，各约 20 分钟，练习在内。A·3（标签不是文件夹的字母顺序）最值得慢讲：先让学员猜“goldfish 的标签是几”。B·4 的坏图片在投影上很直观。课堂没有网络时，一切照常；要用 ImageNet 子集，请提前 `vit data imagenet-subset`（513 MB），或把 zip 放到 `data/imagenet_subset.zip`。
# %% [markdown] lang="en" note=true
# Two sections of about 20 minutes each, exercises included. A·3 (a label is not the folder's place in the alphabet) deserves most time: let the class guess goldfish's label first. The broken pictures of B·4 show well on a projector. Without a network all works; for the ImageNet subset run `vit data imagenet-subset` beforehand (513 MB), or put the zip at `data/imagenet_subset.zip`.
# %% [markdown] lang="zh" slide="slide"
# ## A · 1. 拿到数据
#
# 公开教程用的 ImageNet 子集有 513 MB。为了没有网络也能学，这门课自带一个**画出来的**数据集：十个真实的 ImageNet 类别，文件夹结构与子集完全一样，同样的种子画出同样的像素。已经画过就什么也不做：
# %% [markdown] lang="en" slide="slide"
# ## A · 1. Getting the data
#
# The ImageNet subset of the published MindSpore tutorial is 513 MB. So that one can learn offline, this course brings a data set that is **drawn by program**: ten real ImageNet classes, the same folders as the subset, the same pixels for the same seed. If it has been drawn already, nothing happens:
# %%
from vit.data.sample.dataset import make_sample

drawn = make_sample(DATA / "sample")
print(shown(DATA / "sample"), T("刚画好", "drawn now") if drawn else T("已经有了", "was there already"))
counts = {}
for split in ("train", "val", "infer"):
    folders = sorted(path for path in (DATA / "sample" / split).iterdir())
    counts[split] = {folder.name: len(list(folder.glob("*.jpg"))) for folder in folders}
    print(
        T(
            f"{split:6}{len(folders)} 个文件夹，{sum(counts[split].values())} 张图，例如 {folders[0].name}",
            f"{split:6}{len(folders)} folders, {sum(counts[split].values())} pictures, for instance {folders[0].name}",
        )
    )
# %% [markdown] lang="zh"
# 三份各有用处：`train` 用来学，`val` 用来评估，`infer` 用来演示。**评估用的图不能参与训练，也不能用来反复挑选设置**，否则测出来的只是记性（挑选要用 val 的话，正式报告就得另留一份 test，见第 08 课）。
#
# 有网络时，`vit data imagenet-subset` 下载真的子集，放在 `data/imagenet_subset/`。带着环境变量启动，`VIT_TIER=subset python start.py lab`，第 07、08 课就用它来训练和评估（还要有 ViT-Ti 的公开权重）。
# %% [markdown] lang="en"
# Each of the three has its use: `train` to learn from, `val` to evaluate on, `infer` to show. **Pictures for evaluation take no part in training, nor in choosing settings again and again**; otherwise what is measured is memory (where val is needed to choose by, a formal report keeps a test set besides: lesson 08).
#
# With an internet connection, `vit data imagenet-subset` fetches the real subset to `data/imagenet_subset/`. Started as `VIT_TIER=subset python start.py lab`, lessons 07 and 08 train on it and evaluate with it (ViT-Ti's published weights are needed, too).
# %% [markdown] lang="zh" slide="slide"
# ## A · 2. 看图，永远先看图
#
# 一张总览，一行一类。看什么：类别认得出吗？大小、颜色、背景、姿态够不够多样？有没有能“作弊”的线索，比如某一类总是同一种颜色？
# %% [markdown] lang="en" slide="slide"
# ## A · 2. Look, always look first
#
# An overview, a row for each class. What to look for: can you name each? Are sizes, colours, backgrounds and poses varied? Is there a clue to cheat by, such as one class always in one colour?
# %% figure="opening"
from vit.data.images import read_image

figure, axes = plt.subplots(10, 8, figsize=(6.4, 8), dpi=50)
for row, folder in zip(axes, sorted((DATA / "sample" / "train").iterdir()), strict=True):
    for ax, file in zip(row, sorted(folder.iterdir())[:8], strict=True):
        ax.imshow(Image.fromarray(read_image(file)).resize((72, 72)))
        ax.axis("off")
figure.subplots_adjust(0, 0, 1, 1, 0.04, 0.04)
plt.show()
# %%
files = sorted((DATA / "sample" / "train").rglob("*.jpg"))
sizes = [Image.open(file).size for file in files[::10]]  # (宽, 高)；只读文件头 ¦ (width, height); opens the header only
print(
    T("边长：", "sizes, smallest and largest side:"),
    min(min(s) for s in sizes),
    T("到", "to"),
    max(max(s) for s in sizes),
    T("像素", "pixels"),
)
print(
    Counter(
        T("横幅", "landscape") if w > h else T("竖幅", "portrait") if w < h else T("正方形", "square") for w, h in sizes
    )
)
# %% [markdown] lang="zh" exercise="01.1" slide="subslide"
# ### 练习 01.1 · 每个通道的均值和标准差（★★，6 分钟）
#
# 归一化要用每个通道的均值和标准差。`pictures` 是 `(N, H, W, 3)` 的 0 到 255 的整数。算出 `mean` 和 `std`，各 `(3,)`，**在 0 到 1 的尺度上**，对所有图片的所有像素一起统计（求方差时除以像素数 n，不是 n−1，即 numpy 的默认）。
# %% [markdown] lang="en" exercise="01.1" slide="subslide"
# ### Exercise 01.1 · Mean and standard deviation of each channel (★★, 6 minutes)
#
# Normalisation needs mean and standard deviation of each channel. `pictures` is `(N, H, W, 3)`, integers from 0 to 255. Work out `mean` and `std`, `(3,)` each, **on the scale from 0 to 1**, over all pixels of all pictures together (the variance divides by their number n, not n − 1: numpy's default).
# %%
pictures = np.random.default_rng(3).integers(0, [[[100, 180, 256]]], (5, 6, 7, 3)).astype(np.uint8)  # (N, H, W, 3)
pictures[0] //= 4  # 一张很暗的图 ¦ one dark picture
# %% exercise="01.1"
mean, std = np.zeros(3), np.ones(3)  # 各 (3,)，轮到你了 ¦ (3,) each, your turn
# %%
check("01.1", [mean, std])
# hint("01.1")
# %% [markdown] lang="zh" slide="slide"
# ## A · 3. 标签：不是文件夹的字母顺序
#
# 文件夹名是 WordNet（ImageNet 取类别名的那部词典）的编号，如 `n01443537`；权重的第 $i$ 个 logit 对应 ImageNet 的第 $i$ 类。**标签就是这个 $i$。** 公开的权重有 1000 个 logit，你的文件夹只有 10 个：金鱼（goldfish）在文件夹里是 0 号，在 ImageNet 里却是 1 号。（1000 个类恰好是按编号的字母顺序排的；错在只在你的十个文件夹里排。）用这十个的顺序当标签去评估公开权重，再好的模型准确率也是 0（下面每一行，第一列和第三列都不同），而程序不会报错。（自己训练一个十类的分类头，像第 02 课准备的那样，0 到 9 就是对的：要紧的是标签与 logit 一致。）
# %% [markdown] lang="en" slide="slide"
# ## A · 3. Labels: not the alphabetical place of a folder
#
# A folder is named by its id in WordNet (the dictionary that ImageNet took its classes from), such as `n01443537`; output number $i$ of a model (its *logit*, one score for each class) belongs, with published weights, to class $i$ of ImageNet. **That $i$ is the label.** Published weights have 1000 logits, you have 10 folders: goldfish is folder 0 but class 1 of ImageNet. (The 1000 classes do stand in the order of their ids; the mistake is to number only your ten.) Evaluate published weights with places among the ten as labels, and even a perfect model has an accuracy of 0 (below, the first and the third column differ in every row), without any error. (Train a head of ten classes of your own, as lesson 02 prepares, and 0 to 9 is right: what counts is that labels and logits agree.)
# %%
from vit.data.class_names import imagenet_classes

classes = imagenet_classes()
index = {known.wnid: i for i, known in enumerate(classes)}
print(T("文件夹   WordNet 编号 ImageNet 名称", "folder   WordNet id   ImageNet  name"))
for place, wnid in enumerate(counts["train"]):
    print(f"{place:6}   {wnid}    {index[wnid]:7}  {classes[index[wnid]].called}")


# %% [markdown] lang="zh" exercise="01.3" slide="subslide"
# ### 练习 01.3 · 分层划分（★★，8 分钟）
#
# 从训练集里留出一部分做验证，每一类都要按同样的比例留（叫**分层**，stratified），否则小类可能一张也留不下。写 `hold_out(y, k)`：`y (n,)` 是标签，返回每类中**排在最前面的 1/k**（舍去小数）的图的编号（从 0 数起），从小到大。（实际中先用种子把各类打乱；这里不打乱，答案才只有一个。）
# %% [markdown] lang="en" exercise="01.3" slide="subslide"
# ### Exercise 01.3 · A stratified split (★★, 8 minutes)
#
# Part of a training set is held out for validation; each class should give the same fraction (a **stratified** split), or a small class may give none. Write `hold_out(y, k)`: `y (n,)` has the labels; return the indices (from 0) of the pictures that are the **first 1/k of their class** (rounded down), in ascending order. (In practice each class is shuffled first, with a seed; here not, so that there is one answer.)
# %% exercise="01.3"
def hold_out(y, k):
    return np.arange(len(y) // k)  # 轮到你了 ¦ your turn


# %%
y = np.array([0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1])  # (n=12,)
check("01.3", (hold_out(y, 4), hold_out(np.arange(40) % 7 % 3, 5)))
# hint("01.3")
# %% [markdown] lang="zh"
# MindSpore 自己的 `ImageFolderDataset` 也按“一类一个文件夹”来读，一行就够；可它给的标签是什么？
# %% [markdown] lang="en"
# MindSpore's own `ImageFolderDataset` reads one folder per class, too, in a single line; but what are the labels it gives?
# %%
import mindspore.dataset as ds


def labels_of(dataset):
    # 每张图的标签，按图的平均亮度排：不管数据集按什么顺序给 ¦ the label of each picture, by the picture's mean: in whatever order they come
    pairs = dataset.create_tuple_iterator(output_numpy=True, num_epochs=1)
    return [label for _, label in sorted((float(image.mean()), int(label)) for image, label in pairs)]


print(sorted(labels_of(ds.ImageFolderDataset(str(DATA / "sample" / "infer"), decode=True)))[::2])


# %% [markdown] lang="zh" exercise="01.4" slide="subslide"
# ### 练习 01.4 · 让数据引擎给出对的标签（★★，6 分钟）
#
# 写 `read_folder(folder)`：返回读 `folder` 的 `ImageFolderDataset`（图要解码），标签是 ImageNet 的类别号。它的参数 `class_indexing` 是一个字典：文件夹名 → 标签。上面的 `index` 和 `counts["infer"]`（键是文件夹名）可以用。
# %% [markdown] lang="en" exercise="01.4" slide="subslide"
# ### Exercise 01.4 · The right labels from the data engine (★★, 6 minutes)
#
# Write `read_folder(folder)`, which returns an `ImageFolderDataset` of `folder` (pictures decoded) whose labels are the numbers of ImageNet's classes. Its argument `class_indexing` is a dictionary, folder's name → label. `index` from above and `counts["infer"]`, whose keys are the folders' names, may be used.
# %% exercise="01.4"
def read_folder(folder):
    return ds.ImageFolderDataset(
        str(folder), decode=True
    )  # 标签还是 0 到 9，轮到你了 ¦ its labels are 0 to 9, your turn


# %%
check("01.4", labels_of(read_folder(DATA / "sample" / "infer")))
# hint("01.4")
# %% [markdown] lang="zh"
# **A 节打卡**：汇总上面的练习，再给你一道只属于你的小题；算出后写成 `checkin("A", answer=数值)` 再运行一次。（还没报过名？先在新单元格里运行 `from course import join; join()`。）隔天再学下一节时，先把前面的单元格运行一遍。
# %% [markdown] lang="en"
# **Check-in for section A**: it sums up the exercises above and poses a question made for you; work it out and run `checkin("A", answer=number)`. (Not joined yet? Run `from course import join; join()` in a new cell first.) On another day, run the cells above before the next section.
# %%
checkin("A")
# %% [markdown] lang="zh" slide="slide" section="B"
# ## B · 4. 坏文件：谁发现，谁不吭声
#
# 网上收集的图片里总有坏的：下载了一半的、中间缺一段的、其实是网页的、手机竖着拍、像素却横着存、只在 EXIF 里注明方向的。拿一张好图，造出四个有毛病的，再看两个程序的反应：`vit` 的 `read_image`（用 Pillow）和 MindSpore 自己的 `Decode`：
# %% [markdown] lang="en" slide="slide" section="B"
# ## B · 4. Broken files: who notices, who keeps silent
#
# Among collected pictures there are always bad ones: half downloaded, with a hole in the middle, in truth a web page, or taken with the phone upright, stored on its side and rotated only by an EXIF tag. We make four from a good one and watch two programs: `vit`'s `read_image` (with Pillow) and MindSpore's own `Decode`:
# %%
good = (DATA / "sample" / "train" / "n04507155" / "0004.jpg").read_bytes()
turned = io.BytesIO()
exif = Image.Exif()
exif[0x0112] = 6  # 方向：显示时顺时针转 90 度 ¦ orientation: to be shown turned by 90 degrees clockwise
# 手机竖着拍，常常这样存 ¦ as phones often store what was taken upright
lying = Image.open(io.BytesIO(good)).rotate(90, expand=True)
lying.save(turned, "jpeg", exif=exif)
cases = {
    "good.jpg": good,
    "half.jpg": good[: len(good) * 6 // 10],
    "hole.jpg": good[: len(good) // 2] + bytes(len(good) // 4) + good[len(good) * 3 // 4 :],
    "page.jpg": b"<html>404 not found</html>",
    "turned.jpg": turned.getvalue(),
}
# %%
from mindspore.dataset import vision

from vit.runtime.errors import UserError


def try_both(name, data, folder):
    # 两个程序各把文件读成什么：像素，或一句话的原因 ¦ what both programs make of a file: pixels, or the reason in a few words
    file = Path(folder) / name
    file.write_bytes(data)
    try:
        ours = read_image(file)
    except UserError as error:
        ours = str(error).split(": ", 1)[1].split(T("（", " ("))[0]
    try:
        theirs = vision.Decode()(np.frombuffer(data, np.uint8))
    except (RuntimeError, ValueError, TypeError):
        theirs = T("报错", "raises")
    return ours, theirs


# %%
with tempfile.TemporaryDirectory() as folder:
    outcome = {name: try_both(name, data, folder) for name, data in cases.items()}
# Decode 会把解不开的文件留在当前文件夹 ¦ Decode leaves what it could not decode in the current folder
Path("abnormal_image.jpg").unlink(missing_ok=True)
figure, axes = plt.subplots(2, 5, figsize=(10, 4.2), dpi=60)
for column, (name, results) in zip(axes.T, outcome.items(), strict=True):
    for ax, who, result in zip(column, ("read_image", "Decode"), results, strict=True):
        ax.set_title(f"{name}: {who}", fontsize=9)
        ax.axis("off")
        if isinstance(result, str):
            ax.text(0.5, 0.5, textwrap.fill(result, int(T("8", "16"))), ha="center", va="center", fontsize=9)
        else:
            ax.imshow(result)
plt.show()
# %% [markdown] lang="zh"
# 三种结局：
#
# - 切掉一截的和其实是网页的，两边都**报错**。很好，错误看得见。
# - 方向写在 EXIF 里的，`Decode` **不理会**，图没有转过来；Pillow 可以转，但要记得调用；`read_image` 调用了。
# - 中间缺一段的最阴险：**两边都不报错**，图的下半部分成了别的东西，至多是底层的 JPEG 库在标准错误里警告一句“Corrupt JPEG data”，程序照样往下走。把警告当错误的工具（`djpeg -strict`）、与公布的哈希核对、亲眼看图，都发现得了。
#
# 后两种图混进训练或评估，不会报错，只会让结果变差。`vit` 的做法：训练前用 `scan` 把每个文件打开一遍，读不了的列出来；MindSpore 会读错或读不了的（EXIF、CMYK、透明、16 位、WebP）改由 Pillow 读。
# %% [markdown] lang="en"
# Three ways it can end:
#
# - Both programs **reject** the truncated file and the web page. Good: you see the error.
# - EXIF's orientation means **nothing** to `Decode`, which does not turn the picture; Pillow can, if one remembers to ask; `read_image` asks.
# - The hole in the middle is the nastiest: **neither raises an error**, and part of the picture is something else; at most the JPEG library below warns "Corrupt JPEG data" on standard error, and the program goes on. A tool that takes warnings for errors (`djpeg -strict`), a hash compared with a stated one, or looking at it would find it.
#
# Pictures of the last two kinds raise no error in training or evaluation; they only make results worse. What `vit` does: before training, `scan` opens every file once and lists those that cannot be read; those that MindSpore would read wrongly or not at all (EXIF, CMYK, transparent, 16 bit, WebP) are read by Pillow.
# %%
from vit.data.pipeline import scan

with tempfile.TemporaryDirectory() as folder:
    for name, data in cases.items():
        (Path(folder) / name).write_bytes(data)
    found = sorted(Path(folder).iterdir())
    unreadable, needs_pillow = scan(found, progress=False)
    print(T("读不了的：", "unreadable:"), sorted(found[i].name for i in unreadable))
    print(T("改由 Pillow 读的：", "read by Pillow instead:"), sorted(found[i].name for i in needs_pillow))
assert len(unreadable) == 2
total = sum(sum(split.values()) for split in counts.values())
signature(
    T(
        f"10 个类别共 {total} 张图；5 个试验文件里，scan 找出 {len(unreadable)} 个读不了的、{len(needs_pillow)} 个转了方向的，漏掉 1 个",
        f"{total} pictures in 10 classes; of 5 test files scan names {len(unreadable)} unreadable, {len(needs_pillow)} turned, and misses 1",
    )
)


# %% [markdown] lang="zh"
# `hole.jpg` 不在任何一张表里：`scan` 找的是读不了的、和 MindSpore 会读错的；读得出却不对的，它找不到。
# %% [markdown] lang="en"
# `hole.jpg` is in neither list: `scan` finds what cannot be read and what MindSpore would read wrongly, not what reads well and is wrong.
# %% [markdown] lang="zh" exercise="01.5" slide="subslide"
# ### 练习 01.5 · 头尾齐全吗（★，5 分钟）
#
# 一个完整的 JPEG 以两个字节 `FF D8` 开头，以 `FF D9` 结尾。写 `complete(data)`：`data` 是 `bytes`，头尾都对时返回 `True`。它抓得住上面五个文件里的哪几个，又抓不住哪个？
# %% [markdown] lang="en" exercise="01.5" slide="subslide"
# ### Exercise 01.5 · Both ends (★, 5 minutes)
#
# A whole JPEG begins with the two bytes `FF D8` and ends with `FF D9`. Write `complete(data)`: `data` is `bytes`, and the answer is `True` where both ends are right. Which of the five files above does it catch, and which can it not?
# %% exercise="01.5"
def complete(data):
    return True  # 轮到你了 ¦ your turn


# %%
print({name: complete(data) for name, data in cases.items()})
ends = [b"\xff\xd8", b"\xff\xd8 \xff\xd9", b"\xff\xd9 \xff\xd8", b"GIF \xff\xd9", b""]
check("01.5", [complete(data) for data in (*cases.values(), *ends)])
# hint("01.5")
# %% [markdown] lang="zh" slide="slide"
# ## B · 5. 下载也会撒谎
#
# 网络中断留下半个 zip，常见的下载代码会当它是好的：解压出一个空文件夹，下次一看“已经有了”，就再也不下载。`vit.data.download.fetch` 先下到旁边，核对长度、哈希和内容，最后一步改名；任何一步失败，目标文件夹里都不会出现半成品。用一个被截断的 zip 试试（手工放好的文件走同样的检查，不用联网）：
# %% [markdown] lang="en" slide="slide"
# ## B · 5. Downloads lie as well
#
# A broken connection leaves half a zip. Much download code takes it for a good one, unpacks an empty folder, and next time says "already there" and never fetches again. `vit.data.download.fetch` downloads to a staging folder, checks length, hash and content, and renames as the last step; if anything fails, no half-made folder is left. Tried with a truncated zip (a file put there by hand goes through the same checks, so nothing is downloaded here):
# %%
import zipfile

from vit.data.download import Archive, fetch

with tempfile.TemporaryDirectory() as folder:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("train/a/1.jpg", good)
        archive.writestr("val/a/1.jpg", good)
    # 少了最后 200 个字节 ¦ the last 200 bytes are missing
    (Path(folder) / "mine.zip").write_bytes(buffer.getvalue()[:-200])
    try:
        fetch(Archive("https://example.org/mine.zip", contains=("train", "val")), Path(folder) / "mine")
    except UserError as error:
        print(str(error).replace(folder, "...")[:160])
    print(T("留下的文件：", "left behind:"), [path.name for path in Path(folder).iterdir()])
# %% [markdown] lang="zh" slide="slide"
# ## B · 6. 常见误解
#
# **“评估时丢掉最后不满一批的图没关系。”** 丢掉的不是随机的，是排在最后的类别。1000 张图、批大小 128：
# %% [markdown] lang="en" slide="slide"
# ## B · 6. Common misconceptions
#
# **"In evaluation the last, partial batch may be dropped."** What is dropped is not random: it is the last class. With 1000 pictures in batches of 128:
# %%
ordered = np.repeat(np.arange(10), 100)  # val 的标签，一个文件夹接一个 ¦ labels of val, folder by folder
print(
    T("丢掉的：", "dropped:"), Counter(ordered[1000 // 128 * 128 :].tolist()), T("（类别：张数）", "(class: pictures)")
)
# %% [markdown] lang="zh"
# **“图片打得开，就是好的。”** B·4 的 `hole.jpg` 两个程序都打得开。
#
# ## 记住三句话
#
# 1. 先看图，再训练。
# 2. 标签是模型里 logit 的顺序，不是文件夹的字母顺序。
# 3. 有些坏文件和坏下载不报错；要主动去查：扫描、哈希、亲眼看。
#
# <details><summary>问题一：为什么画出来的数据要让十类共用背景，颜色也常常换？</summary>
#
# 否则只看颜色就能答对，模型学到的是调色板，不是形状。（约六成的画用物体自己的颜色，所以颜色并非毫无用处。）这套数据上，用颜色直方图的线性模型答对 49 %，直接用原始像素的线性模型答对 56 %（`python -m benchmarks.sample_data`）；瞎猜是 10 %，课程自带的小 ViT 是 99 %。
#
# </details>
#
# <details><summary>问题二：同一个物体的两张照片，一张在 train、一张在 val，有什么问题？</summary>
#
# val 不再是“没见过的”：模型可能记住了那个物体。分割应当按物体（或人、或拍摄地）来，不能只按文件。
#
# </details>
#
# **下一课**（02）：把文件变成一批批张量，而且要快。
# %% [markdown] lang="en"
# **"If a picture opens, it is good."** The `hole.jpg` of B·4 opens with both programs.
#
# ## Three sentences to remember
#
# 1. Look first, then train.
# 2. A label is the place of a logit in the model, not of a folder in the alphabet.
# 3. Some broken files and downloads raise no error; one has to look for them: scan, hash, eyes.
#
# <details><summary>Question 1: why do the ten drawn classes share their backgrounds, and often change their colours?</summary>
#
# Otherwise colour alone would answer, and a model would learn palettes instead of shapes. (About six in ten drawings wear the thing's own colours, so colour is of some use.) On these data a linear model on colour histograms is right in 49 %, on pixels in 56 % (`python -m benchmarks.sample_data`); guessing gives 10 %, and the small ViT that comes with the course 99 %.
#
# </details>
#
# <details><summary>Question 2: two photographs of one object, one in train and one in val. What is wrong with that?</summary>
#
# val is no longer unseen: the model may remember the object. Split by object (or person, or place), not merely by file.
#
# </details>
#
# **Next** (02): from files to batches of tensors, and fast.
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
