# %% solution="10.1"
def nearest_mean(x, y, queries):
    means = np.stack([x[y == k].mean(0) for k in range(y.max() + 1)])  # (K, D)
    distance = ((queries[:, None] - means) ** 2).sum(-1)  # (m, K)
    return distance.argmin(1)


# %% [markdown] hint="10.1" lang="zh"
# 先求每一类的平均：`x[y == k].mean(0)`。
# %% [markdown] hint="10.1" lang="en"
# First the mean of each class: `x[y == k].mean(0)`.
# %% [markdown] hint="10.1" lang="zh"
# `queries[:, None] - means` 的形状是 `(m, K, D)`。
# %% [markdown] hint="10.1" lang="en"
# `queries[:, None] - means` has the shape `(m, K, D)`.
# %% [markdown] hint="10.1" lang="zh"
# 平方、对最后一个轴求和、`argmin(1)`。
# %% [markdown] hint="10.1" lang="en"
# Square, sum along the last axis, `argmin(1)`.
# %% wrong="10.1" mistake="farthest"
# zh: 取了最远的中心：距离要取最小
# en: this is the farthest mean: the distance should be smallest
def nearest_mean(x, y, queries):
    means = np.stack([x[y == k].mean(0) for k in range(y.max() + 1)])
    return ((queries[:, None] - means) ** 2).sum(-1).argmax(1)


# %% wrong="10.1" mistake="largest product"
# zh: 这是点积最大，不是距离最近：长的中心会占便宜
# en: this is the largest dot product, not the smallest distance: long means win too often
def nearest_mean(x, y, queries):
    means = np.stack([x[y == k].mean(0) for k in range(y.max() + 1)])
    return (queries @ means.T).argmax(1)


# %% wrong="10.1" mistake="nearest image"
# zh: 这是最近的一张图（1-NN），不是最近的类中心
# en: this is the nearest single image (1-NN), not the nearest mean
def nearest_mean(x, y, queries):
    return y[((queries[:, None] - x) ** 2).sum(-1).argmin(1)]


# %% wrong="10.1" mistake="sum instead of mean"
# zh: 用了每类的和：图多的类，中心会跑远
# en: sums instead of means: the centre of a class with many images moves away
def nearest_mean(x, y, queries):
    sums = np.stack([x[y == k].sum(0) for k in range(y.max() + 1)])
    return ((queries[:, None] - sums) ** 2).sum(-1).argmin(1)


# %% solution="10.3"
def resample(positions, M):
    (m, n), D = M.shape, positions.shape[2]
    grid = positions[0, 1:].reshape(n, n, D)  # (n, n, D)
    grid = np.einsum("ar,bc,rcd->abd", M, M, grid)  # (m, m, D)
    return np.concatenate([positions[:, :1], grid.reshape(1, m * m, D)], axis=1)


# %% [markdown] hint="10.3" lang="zh"
# 先把类别 token 的位置拿开，其余排成 `(n, n, D)`。
# %% [markdown] hint="10.3" lang="en"
# Put the class token's position aside, and lay the others out as `(n, n, D)`.
# %% [markdown] hint="10.3" lang="zh"
# 两次矩阵乘：一次沿行，一次沿列。`np.einsum("ar,bc,rcd->abd", M, M, grid)` 一步做完。
# %% [markdown] hint="10.3" lang="en"
# Two products, one along the rows and one along the columns; `np.einsum("ar,bc,rcd->abd", M, M, grid)` does both.
# %% [markdown] hint="10.3" lang="zh"
# 最后展平成 `(1, m*m, D)`，把类别 token 的位置接在**前面**。
# %% [markdown] hint="10.3" lang="en"
# Flatten to `(1, m*m, D)` and put the class token's position **in front**.
# %% wrong="10.3" mistake="class token last"
# zh: 类别 token 的位置接到了最后；它应当是第 0 个
# en: the class token's position stands last; it should be number 0
def resample(positions, M):
    (m, n), D = M.shape, positions.shape[2]
    grid = np.einsum("ar,bc,rcd->abd", M, M, positions[0, 1:].reshape(n, n, D))
    return np.concatenate([grid.reshape(1, m * m, D), positions[:, :1]], axis=1)


# %% wrong="10.3" mistake="grid transposed"
# zh: 行和列换了：第一个下标是行
# en: rows and columns are exchanged: the first index is the row
def resample(positions, M):
    (m, n), D = M.shape, positions.shape[2]
    grid = np.einsum("ar,bc,rcd->bad", M, M, positions[0, 1:].reshape(n, n, D))
    return np.concatenate([positions[:, :1], grid.reshape(1, m * m, D)], axis=1)


# %% wrong="10.3" mistake="class token in the grid"
# zh: 网格从第 0 个取起了：类别 token 混了进去，整个网格错开一位
# en: the grid was taken from number 0 on: the class token got in, and all places are off by one
def resample(positions, M):
    (m, n), D = M.shape, positions.shape[2]
    grid = np.einsum("ar,bc,rcd->abd", M, M, positions[0, :-1].reshape(n, n, D))
    return np.concatenate([positions[:, :1], grid.reshape(1, m * m, D)], axis=1)


# %% wrong="10.3" mistake="class token lost"
# zh: 形状对了，但类别 token 的位置变成了零；它要原样留下
# en: the shape is right, but the class token's position became zero; it stays as it is
def resample(positions, M):
    (m, n), D = M.shape, positions.shape[2]
    grid = np.einsum("ar,bc,rcd->abd", M, M, positions[0, 1:].reshape(n, n, D))
    return np.concatenate([np.zeros((1, 1, D)), grid.reshape(1, m * m, D)], axis=1)


# %% solution="10.4"
class Probe(nn.Cell):
    def __init__(self, backbone, dim, classes):
        super().__init__()
        self.backbone = backbone
        for parameter in backbone.get_parameters():
            parameter.requires_grad = False
        self.head = nn.Dense(dim, classes)

    def construct(self, x):
        return self.head(self.backbone(x))


# %% right="10.4"
class Probe(nn.Cell):
    def __init__(self, backbone, dim, classes):
        super().__init__()
        for parameter in backbone.trainable_params():
            parameter.requires_grad = False
        self.features, self.head = backbone, nn.Dense(dim, classes, has_bias=True)

    def construct(self, images):
        features = ms.ops.stop_gradient(self.features(images))
        return self.head(features)


# %% [markdown] hint="10.4" lang="zh"
# 冻住：遍历 `backbone.get_parameters()`。
# %% [markdown] hint="10.4" lang="en"
# To freeze: go through `backbone.get_parameters()`.
# %% [markdown] hint="10.4" lang="zh"
# `self.head = nn.Dense(dim, classes)`，写在 `__init__` 里。
# %% [markdown] hint="10.4" lang="en"
# `self.head = nn.Dense(dim, classes)`, in `__init__`.
# %% [markdown] hint="10.4" lang="zh"
# `construct` 里先 `self.backbone(x)`，再 `self.head(…)`；不要加 softmax，损失函数里有。
# %% [markdown] hint="10.4" lang="en"
# In `construct` first `self.backbone(x)`, then `self.head(...)`; no softmax, the loss has one.
# %% wrong="10.4" mistake="not frozen"
# zh: backbone 没有冻住：它的参数也会被训练
# en: the backbone is not frozen: its parameters would be trained as well
class Probe(nn.Cell):
    def __init__(self, backbone, dim, classes):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Dense(dim, classes)

    def construct(self, x):
        return self.head(self.backbone(x))


# %% wrong="10.4" mistake="all frozen"
# zh: head 也冻住了：没有什么可训练的
# en: the head is frozen, too: nothing is left to train
class Probe(nn.Cell):
    def __init__(self, backbone, dim, classes):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Dense(dim, classes)
        for parameter in self.get_parameters():
            parameter.requires_grad = False

    def construct(self, x):
        return self.head(self.backbone(x))


# %% wrong="10.4" mistake="probabilities"
# zh: 这是概率；要的是 logits，softmax 在损失函数里
# en: these are probabilities; logits are wanted, the loss has a softmax of its own
class Probe(nn.Cell):
    def __init__(self, backbone, dim, classes):
        super().__init__()
        self.backbone = backbone
        for parameter in backbone.get_parameters():
            parameter.requires_grad = False
        self.head = nn.Dense(dim, classes)

    def construct(self, x):
        return ms.ops.softmax(self.head(self.backbone(x)), -1)


# %% wrong="10.4" mistake="no head"
# zh: 只有特征，没有 head
# en: there are features only, no head
class Probe(nn.Cell):
    def __init__(self, backbone, dim, classes):
        super().__init__()
        self.backbone = backbone
        for parameter in backbone.get_parameters():
            parameter.requires_grad = False
        self.head = nn.Dense(dim, classes)

    def construct(self, x):
        return self.backbone(x)


# %% investigation="10.5"
predicted = 0.6
investigate("10.5", predicted, blocks=2)


# %% solution="10.5"
conclusion = "B"


# %% [markdown] hint="10.5" lang="zh"
# 先看哪两行分得开：输出的最后一行说出要相差多少。


# %% [markdown] hint="10.5" lang="en"
# See first which rows are told apart: the last line of the output says how far apart they must be.


# %% [markdown] hint="10.5" lang="zh"
# 把三句话各拆成几个“谁比谁高”，逐个到表里核对。


# %% [markdown] hint="10.5" lang="en"
# Take each statement apart into "this one above that one", and check each part against the table.


# %% [markdown] hint="10.5" lang="zh"
# 三句里有两句各有一处与表不符；剩下的那一句，处处都对得上。


# %% [markdown] hint="10.5" lang="en"
# Two of the three disagree with the table in one place each; what remains agrees everywhere.


# %% wrong="10.5" mistake="fewer is better"
# zh: 从上到下看平均值：放开的层越多，准确率往哪边走？
# en: follow the means from top to bottom: as more blocks are trained, which way does accuracy go?
conclusion = "A"


# %% wrong="10.5" mistake="each step"
# zh: 4 层和全部两行，相差够分得开吗？
# en: are the rows of four blocks and of all far enough apart?
conclusion = "C"
