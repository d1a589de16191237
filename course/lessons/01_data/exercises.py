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
# 图、行、列都要合在一起统计，剩下的是哪一轴？尺度是 0 到 1。
# %% [markdown] hint="01.1" lang="en"
# Pictures, rows and columns are taken together; which axis is left? The scale is 0 to 1.
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
# 做一个有十项的字典，按参数名交给它。
# %% [markdown] hint="01.4" lang="en"
# Build a dictionary with ten entries, and hand it over by the argument's name.
# %% wrong="01.4" mistake="counted from 1"
# zh: 类别从 0 数起，不是从 1
# en: classes are counted from 0, not from 1
def read_folder(folder):
    known = {wnid: index[wnid] + 1 for wnid in counts["infer"]}
    return ds.ImageFolderDataset(str(folder), class_indexing=known, decode=True)


# %% wrong="01.4" mistake="labels of other folders"
# zh: 类别号对了，却配给了别的文件夹：字典的键和值要一一对应
# en: the numbers are right, but they belong to other folders: keys and values must go together
def read_folder(folder):
    numbers = sorted((index[wnid] for wnid in counts["infer"]), reverse=True)
    known = dict(zip(sorted(counts["infer"]), numbers, strict=True))
    return ds.ImageFolderDataset(str(folder), class_indexing=known, decode=True)


# %% wrong="01.4" mistake="one label for all"
# zh: 所有文件夹得到了同一个标签
# en: all folders got the same label
def read_folder(folder):
    known = dict.fromkeys(counts["infer"], index[next(iter(counts["infer"]))])
    return ds.ImageFolderDataset(str(folder), class_indexing=known, decode=True)


# %% solution="01.3"
def hold_out(y, k):
    return np.sort(np.concatenate([np.flatnonzero(y == c)[: (y == c).sum() // k] for c in np.unique(y)]))


# %% right="01.3"
def hold_out(y, k):
    seen, chosen = {}, []
    for i, c in enumerate(y):
        seen[c] = seen.get(c, 0) + 1
        if seen[c] <= (y == c).sum() // k:
            chosen.append(i)
    return np.array(chosen)


# %% [markdown] hint="01.3" lang="zh"
# 一类一类地做：`np.flatnonzero(y == c)` 给出这一类的编号。


# %% [markdown] hint="01.3" lang="en"
# One class at a time: `np.flatnonzero(y == c)` gives the numbers of that class.


# %% [markdown] hint="01.3" lang="zh"
# 一类有几张，就留它的 1/k，舍去小数：整除。


# %% [markdown] hint="01.3" lang="en"
# Of as many as a class has, keep 1/k, rounded down: integer division.


# %% [markdown] hint="01.3" lang="zh"
# 各类的编号合在一起以后，次序还对吗？


# %% [markdown] hint="01.3" lang="en"
# Once the numbers of all classes are together, are they still in order?


# %% wrong="01.3" mistake="last part"
# zh: 取了每类最后的 1/k；要最前面的
# en: this is the last part of each class; the first is wanted
def hold_out(y, k):
    return np.sort(np.concatenate([np.flatnonzero(y == c)[-((y == c).sum() // k) :] for c in np.unique(y)]))


# %% wrong="01.3" mistake="class by class"
# zh: 编号一类接一类；要从小到大
# en: the numbers come class by class; they should ascend
def hold_out(y, k):
    return np.concatenate([np.flatnonzero(y == c)[: (y == c).sum() // k] for c in np.unique(y)])


# %% wrong="01.3" mistake="every k-th"
# zh: 取了每类的第 0、k、2k……张；要最前面的 1/k
# en: this takes every k-th of a class; the first 1/k is wanted
def hold_out(y, k):
    return np.sort(np.concatenate([np.flatnonzero(y == c)[::k][: (y == c).sum() // k] for c in np.unique(y)]))


# %% wrong="01.3" mistake="rounded up"
# zh: 数目进位了；要舍去小数
# en: the number was rounded up; it should be rounded down
def hold_out(y, k):
    return np.sort(np.concatenate([np.flatnonzero(y == c)[: -(-(y == c).sum() // k)] for c in np.unique(y)]))


# %% solution="01.5"
def complete(data):
    return data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9"


# %% right="01.5"
def complete(data):
    return data.startswith(bytes([255, 216])) and data.endswith(bytes([255, 217]))


# %% [markdown] hint="01.5" lang="zh"
# `bytes` 也能切片，得到的还是 `bytes`。


# %% [markdown] hint="01.5" lang="en"
# `bytes` can be sliced, which gives `bytes` again.


# %% [markdown] hint="01.5" lang="zh"
# 两个字节写成 `b"\\xff\\xd8"`。


# %% [markdown] hint="01.5" lang="en"
# Two bytes are written `b"\\xff\\xd8"`.


# %% [markdown] hint="01.5" lang="zh"
# 两头都要对：用 `and`。


# %% [markdown] hint="01.5" lang="en"
# Both ends have to be right: `and`.


# %% wrong="01.5" mistake="the beginning only"
# zh: 只看了开头：下载到一半的文件开头也是对的
# en: only the beginning was looked at: a file half downloaded begins well, too
def complete(data):
    return data[:2] == b"\xff\xd8"


# %% wrong="01.5" mistake="the end only"
# zh: 只看了结尾
# en: only the end was looked at
def complete(data):
    return data[-2:] == b"\xff\xd9"


# %% wrong="01.5" mistake="anywhere"
# zh: 只看了里面有没有；要的是在开头和结尾
# en: the two pairs may stand anywhere; they should be the beginning and the end
def complete(data):
    return b"\xff\xd8" in data and b"\xff\xd9" in data
