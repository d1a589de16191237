# %% solution="01.1"
mean = (pictures / 255).mean((0, 1, 2))  # (3,)
std = (pictures / 255).std((0, 1, 2))  # (3,)
# %% [markdown] hint="01.1" lang="zh"
# 沿哪些轴求平均，才会剩下通道那一轴？
# %% [markdown] hint="01.1" lang="en"
# Along which axes must the mean go, so that the channels remain?
# %% [markdown] hint="01.1" lang="zh"
# numpy 的 `mean` 可以一次沿多个轴：`mean((0, 1, 2))`。
# %% [markdown] hint="01.1" lang="en"
# numpy's `mean` takes several axes at once: `mean((0, 1, 2))`.
# %% [markdown] hint="01.1" lang="zh"
# 先除以 255，再分别 `.mean((0, 1, 2))` 和 `.std((0, 1, 2))`。
# %% [markdown] hint="01.1" lang="en"
# Divide by 255 first, then `.mean((0, 1, 2))` and `.std((0, 1, 2))`.
# %% wrong="01.1" mistake="0 to 255"
# zh: 还在 0 到 255 的尺度上；要除以 255
# en: still on the scale from 0 to 255; divide by 255
mean, std = pictures.mean((0, 1, 2)), pictures.std((0, 1, 2))
# %% wrong="01.1" mistake="one number"
# zh: 三个通道混在一起算了；每个通道各算各的
# en: the three channels were taken together; each has its own
mean, std = np.full(3, (pictures / 255).mean()), np.full(3, (pictures / 255).std())
# %% wrong="01.1" mistake="mean of the deviations"
# zh: 这是每张图标准差的平均；图与图之间的差别也要算进去，应对所有像素一起统计
# en: this is the mean of each picture's deviation; it leaves out how pictures differ. Take all pixels together
mean, std = (pictures / 255).mean((0, 1, 2)), (pictures / 255).std((1, 2)).mean(0)
# %% wrong="01.1" mistake="variance"
# zh: 第二个是方差，还要开根号
# en: the second is the variance; take its square root
mean, std = (pictures / 255).mean((0, 1, 2)), (pictures / 255).var((0, 1, 2))
# %% solution="01.2"
labels = [index[Path(path).parent.name] for path in paths]
# %% [markdown] hint="01.2" lang="zh"
# `Path(path).parent.name` 是文件夹名。
# %% [markdown] hint="01.2" lang="en"
# `Path(path).parent.name` is the folder's name.
# %% [markdown] hint="01.2" lang="zh"
# `index` 是一个字典，从 WordNet 编号到类别号。
# %% [markdown] hint="01.2" lang="en"
# `index` is a dictionary from WordNet ids to classes.
# %% [markdown] hint="01.2" lang="zh"
# `[index[Path(path).parent.name] for path in paths]`
# %% [markdown] hint="01.2" lang="en"
# `[index[Path(path).parent.name] for path in paths]`
# %% wrong="01.2" mistake="place among the ten"
# zh: 这是文件夹在十个里的顺序；要的是 ImageNet 的类别号
# en: these are places among the ten folders; the classes of ImageNet are wanted
labels = [sorted(counts["train"]).index(Path(path).parent.name) for path in paths]
# %% wrong="01.2" mistake="from one"
# zh: 都大了 1：类别从 0 数起
# en: each is one too large: classes count from 0
labels = [index[Path(path).parent.name] + 1 for path in paths]
# %% wrong="01.2" mistake="place in this list"
# zh: 这是编号在这串路径里的字母顺序，和 ImageNet 无关
# en: these are places in the alphabet of this very list, which ImageNet knows nothing of
labels = [sorted({Path(p).parent.name for p in paths}).index(Path(path).parent.name) for path in paths]
# %% solution="01.3"
held_out = sorted(int(i) for c in (0, 1) for i in np.flatnonzero(y == c)[: (y == c).sum() // 4])
# %% [markdown] hint="01.3" lang="zh"
# 一类一类地做：`np.flatnonzero(y == c)` 给出这一类的编号。
# %% [markdown] hint="01.3" lang="en"
# One class at a time: `np.flatnonzero(y == c)` gives the numbers of that class.
# %% [markdown] hint="01.3" lang="zh"
# 0 类有 8 张，取 2 张；1 类有 4 张，取 1 张。
# %% [markdown] hint="01.3" lang="en"
# Class 0 has 8 pictures and gives 2; class 1 has 4 and gives 1.
# %% [markdown] hint="01.3" lang="zh"
# 两类的结果合起来，再 `sorted`。
# %% [markdown] hint="01.3" lang="en"
# Join the results of both classes, then `sorted`.
# %% wrong="01.3" mistake="first quarter of all"
# zh: 这是全体的前四分之一，没有按类来
# en: this is the first quarter of all pictures, not of each class
held_out = [0, 1, 2]
# %% wrong="01.3" mistake="last quarter"
# zh: 取了每类最后的四分之一；要最前面的
# en: this is the last quarter of each class; the first is wanted
held_out = sorted(int(i) for c in (0, 1) for i in np.flatnonzero(y == c)[-((y == c).sum() // 4) :])
# %% wrong="01.3" mistake="equal numbers"
# zh: 每类取了一样多（各 1 张）；要的是一样的比例
# en: each class gave the same number, one; the same fraction is wanted
held_out = [0, 3]
# %% wrong="01.3" mistake="labels"
# zh: 这是标签，不是图片的编号
# en: these are labels, not the numbers of pictures
held_out = [0, 0, 1]


# %% solution="01.4"
def read_folder(folder):
    known = {wnid: index[wnid] for wnid in counts["infer"]}
    return ds.ImageFolderDataset(str(folder), class_indexing=known, decode=True)


# %% right="01.4"
def read_folder(folder):
    names = sorted(path.name for path in Path(folder).iterdir())
    return ds.ImageFolderDataset(
        str(folder), class_indexing={name: index[name] for name in names}, decode=True, shuffle=False
    )


# %% [markdown] hint="01.4" lang="zh"
# `class_indexing` 的键是文件夹名，值是你要的标签。
# %% [markdown] hint="01.4" lang="en"
# The keys of `class_indexing` are the folders' names, its values the labels you want.
# %% [markdown] hint="01.4" lang="zh"
# 只放这里有的文件夹：遍历 `counts["infer"]`。
# %% [markdown] hint="01.4" lang="en"
# Only the folders that are there: go through `counts["infer"]`.
# %% [markdown] hint="01.4" lang="zh"
# `{wnid: index[wnid] for wnid in …}`，再交给 `ImageFolderDataset(…, class_indexing=…)`。
# %% [markdown] hint="01.4" lang="en"
# `{wnid: index[wnid] for wnid in ...}`, handed to `ImageFolderDataset(..., class_indexing=...)`.
# %% wrong="01.4" mistake="counted from 1"
# zh: 类别从 0 数起，不是从 1
# en: classes are counted from 0, not from 1
def read_folder(folder):
    known = {wnid: index[wnid] + 1 for wnid in counts["infer"]}
    return ds.ImageFolderDataset(str(folder), class_indexing=known, decode=True)


# %% wrong="01.4" mistake="places by name"
# zh: 这是按英文名排的第几个，不是 ImageNet 的类别号
# en: these are places by English name, not the numbers of ImageNet
def read_folder(folder):
    names = sorted(counts["infer"], key=lambda wnid: -index[wnid])
    return ds.ImageFolderDataset(str(folder), class_indexing={n: i for i, n in enumerate(names)}, decode=True).take(5)


# %% wrong="01.4" mistake="one label for all"
# zh: 所有文件夹得到了同一个标签
# en: all folders got the same label
def read_folder(folder):
    known = dict.fromkeys(counts["infer"], index[next(iter(counts["infer"]))])
    return ds.ImageFolderDataset(str(folder), class_indexing=known, decode=True)
