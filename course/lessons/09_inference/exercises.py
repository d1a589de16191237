# %% solution="09.1"
def top(logits, k, T):
    z = logits / T
    e = np.exp(z - z.max())
    p = e / e.sum()  # (K,)
    best = np.argsort(-p)[:k]
    return best, p[best]


# %% [markdown] hint="09.1" lang="zh"
# 温度只改变概率有多集中，不改变顺序。
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
# zh: 顺序反了：最可能的应当排在最前
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
# The weight of a bin is its fraction of all images, `(bins == b).mean()`.
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
# zh: 少了残差：每层还有一半走残差连接（单位矩阵）
# en: the skip connection is missing: half of each layer goes straight on (the identity)
def roll(weights):
    flow = np.eye(weights.shape[-1])
    for layer in weights.mean(1):
        flow = layer @ flow
    return flow


# %% wrong="09.3" mistake="wrong order"
# zh: 乘的顺序反了：后面的层在左边
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


# %% solution="09.4"
def hide(images, chosen, p):
    B, _, H, W = images.shape
    mask = chosen.reshape(B, 1, H // p, W // p)  # (B, 1, 行, 列) ¦ (B, 1, rows, cols)
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
# zh: 反了：遮住的应当是选中的图像块
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
# zh: 行和列用反了：图像块是一行一行排的
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


# %% solution="09.5"
def output_of(model, cell, x):
    found = []
    handle = cell.register_forward_hook(lambda cell, inputs, output: found.append(output.asnumpy()))
    model(x)
    handle.remove()
    return found[0]


# %% right="09.5"
def output_of(model, cell, x):
    kept = {}

    def look(cell, inputs, output):
        kept["output"] = output

    handle = cell.register_forward_hook(look)
    try:
        model(x)
    finally:
        handle.remove()
    return kept["output"].asnumpy()


# %% [markdown] hint="09.5" lang="zh"
# 四步：挂上钩子，让 `model` 算一次，摘掉钩子，返回存下的输出。
# %% [markdown] hint="09.5" lang="en"
# Four steps: put the hook on, let `model` compute once, take it off, return what was kept.
# %% [markdown] hint="09.5" lang="zh"
# 钩子要把 `output` 存到外面的列表里：`found.append(…)`。
# %% [markdown] hint="09.5" lang="en"
# The hook puts `output` into a list outside: `found.append(...)`.
# %% [markdown] hint="09.5" lang="zh"
# `handle = cell.register_forward_hook(…)`，然后 `model(x)`，`handle.remove()`，`return found[0]`。
# %% [markdown] hint="09.5" lang="en"
# `handle = cell.register_forward_hook(...)`, then `model(x)`, `handle.remove()`, `return found[0]`.
# %% wrong="09.5" mistake="input instead"
# zh: 这是那一步的输入；要的是输出
# en: this is the input of that step; its output is wanted
def output_of(model, cell, x):
    found = []
    handle = cell.register_forward_hook(lambda cell, inputs, output: found.append(inputs[0].asnumpy()))
    model(x)
    handle.remove()
    return found[0]


# %% wrong="09.5" mistake="whole model"
# zh: 这是整个模型的输出，不是中间那一步的
# en: this is the output of the whole model, not of the step inside
def output_of(model, cell, x):
    return model(x).asnumpy()


# %% wrong="09.5" mistake="cell alone"
# zh: 把 x 直接给了那个 Cell：它该收到的是前面各层算出的结果
# en: the cell was given x itself; it should get what the layers before make of it
def output_of(model, cell, x):
    return cell(x).asnumpy()


# %% investigation="09.6"
predicted = 0.5
investigate("09.6", predicted, without=0)


# %% solution="09.6"
conclusion = "A"


# %% [markdown] hint="09.6" lang="zh"
# 先看哪两行分得开：输出的最后一行说出要相差多少。


# %% [markdown] hint="09.6" lang="en"
# See first which rows are told apart: the last line of the output says how far apart they must be.


# %% [markdown] hint="09.6" lang="zh"
# 把三句话各拆成几个“谁比谁高”，逐个到表里核对。


# %% [markdown] hint="09.6" lang="en"
# Take each statement apart into "this one above that one", and check each part against the table.


# %% [markdown] hint="09.6" lang="zh"
# 三句里有两句各有一处与表不符；剩下的那一句，处处都对得上。


# %% [markdown] hint="09.6" lang="en"
# Two of the three disagree with the table in one place each; what remains agrees everywhere.


# %% wrong="09.6" mistake="the last costs most"
# zh: 哪一行最低，哪一行最高？
# en: which row is lowest, and which highest?
conclusion = "C"


# %% wrong="09.6" mistake="all six"
# zh: 抽掉第 5 层那一行和不抽的那一行，相差够分得开吗？
# en: are the rows without block 5 and without none far enough apart?
conclusion = "B"
