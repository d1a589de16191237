# %% solution="13.1"
def near(hashes, most):
    different = (hashes[:, None] != hashes[None]).sum(-1)  # (n, n) 位 ¦ (n, n) bits
    return [(i, j) for i in range(len(hashes)) for j in range(i + 1, len(hashes)) if different[i, j] <= most]


# %% [markdown] hint="13.1" lang="zh"
# 两张图差几位：`(hashes[i] != hashes[j]).sum()`。
# %% [markdown] hint="13.1" lang="en"
# How many bits two pictures differ in: `(hashes[i] != hashes[j]).sum()`.
# %% [markdown] hint="13.1" lang="zh"
# 每一对只数一次：外层 $i$ 从 0 起，内层 $j$ 从 $i+1$ 起。
# %% [markdown] hint="13.1" lang="en"
# Each pair once: $i$ from 0 in the outer loop, $j$ from $i+1$ in the inner one.
# %% [markdown] hint="13.1" lang="zh"
# 恰好差 `most` 位的也算：用 $\le$。
# %% [markdown] hint="13.1" lang="en"
# A pair that differs by exactly `most` counts: use $\le$.
# %% wrong="13.1" mistake="fewer than most"
# zh: 恰好差 most 位的一对也算
# en: a pair that differs by exactly `most` bits counts, too
def near(hashes, most):
    different = (hashes[:, None] != hashes[None]).sum(-1)
    return [(i, j) for i in range(len(hashes)) for j in range(i + 1, len(hashes)) if different[i, j] < most]


# %% wrong="13.1" mistake="with itself"
# zh: 一张图和自己不算一对
# en: a picture and itself are no pair
def near(hashes, most):
    different = (hashes[:, None] != hashes[None]).sum(-1)
    return [(i, j) for i in range(len(hashes)) for j in range(i, len(hashes)) if different[i, j] <= most]


# %% wrong="13.1" mistake="each pair twice"
# zh: 每一对数了两遍，(i, j) 和 (j, i)
# en: each pair is there twice, as (i, j) and as (j, i)
def near(hashes, most):
    different = (hashes[:, None] != hashes[None]).sum(-1)
    n = len(hashes)
    return [(i, j) for i in range(n) for j in range(n) if i != j and different[i, j] <= most]


# %% wrong="13.1" mistake="same bits counted"
# zh: 数的是相同的位，应当数不同的
# en: equal bits were counted; it is those that differ
def near(hashes, most):
    same = (hashes[:, None] == hashes[None]).sum(-1)
    return [(i, j) for i in range(len(hashes)) for j in range(i + 1, len(hashes)) if same[i, j] <= most]


# %% solution="13.2"
def compare(one, other):
    b = int((one & ~other).sum())  # 只有第一个答对 ¦ right by the first alone
    c = int((other & ~one).sum())
    return min(1, 2 * sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c))


# %% [markdown] hint="13.2" lang="zh"
# `b = int((one & ~other).sum())`，$c$ 反过来。`int` 不能省：NumPy 的整数到 $2^{63}$ 就溢出，Python 的不会。
# %% [markdown] hint="13.2" lang="en"
# `b = int((one & ~other).sum())`, and $c$ the other way round. The `int` matters: integers of NumPy overflow at $2^{63}$, those of Python do not.
# %% [markdown] hint="13.2" lang="zh"
# $\binom nk$ 是 `math.comb(n, k)`；$n=b+c$，不是图片的总数。
# %% [markdown] hint="13.2" lang="en"
# $\binom nk$ is `math.comb(n, k)`; $n=b+c$, not the number of pictures.
# %% [markdown] hint="13.2" lang="zh"
# 求和从 $k=0$ 到 $\min(b,c)$，含两端；乘 2，最多为 1。
# %% [markdown] hint="13.2" lang="en"
# The sum runs from $k=0$ to $\min(b,c)$, both included; times 2, and at most 1.
# %% wrong="13.2" mistake="one side"
# zh: 少乘了 2：两个方向都要算
# en: the factor 2 is missing: both directions count
def compare(one, other):
    b, c = int((one & ~other).sum()), int((other & ~one).sum())
    return min(1, sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c))


# %% wrong="13.2" mistake="last term left out"
# zh: 求和少了最后一项，k = min(b, c)
# en: the last term is missing from the sum, k = min(b, c)
def compare(one, other):
    b, c = int((one & ~other).sum()), int((other & ~one).sum())
    return min(1, 2 * sum(math.comb(b + c, k) for k in range(min(b, c))) / 2 ** (b + c))


# %% wrong="13.2" mistake="of all pictures"
# zh: n 是两者答案对错不同的图片数 b + c，不是全部图片
# en: n is the number of pictures on which they differ, b + c, not of all pictures
def compare(one, other):
    b, c = int((one & ~other).sum()), int((other & ~one).sum())
    n = len(one)
    return min(1, 2 * sum(math.comb(n, k) for k in range(min(b, c) + 1)) / 2**n)


# %% wrong="13.2" mistake="more than one"
# zh: 概率不会超过 1：取 min(1, …)
# en: a probability is at most 1: take min(1, ...)
def compare(one, other):
    b, c = int((one & ~other).sum()), int((other & ~one).sum())
    return 2 * sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)


# %% solution="13.3"
def keep_some(tokens, order, keep):
    B, N, D = tokens.shape
    some = order[:, :keep]  # (B, keep)
    kept = ops.gather_elements(tokens, 1, ops.broadcast_to(some.expand_dims(-1), (B, keep, D)))
    return kept, order.argsort(1)


# %% [markdown] hint="13.3" lang="zh"
# 要留下的编号是 `order[:, :keep]`，每张图各不相同，所以不能只用一个下标数组取全批。
# %% [markdown] hint="13.3" lang="en"
# Those to keep are `order[:, :keep]`, others for each image, so one array of indices for the whole batch will not do.
# %% [markdown] hint="13.3" lang="zh"
# `ops.gather_elements(x, 1, index)` 要求下标和结果同形：先把 `(B, keep)` 用 `expand_dims(-1)` 和 `ops.broadcast_to` 变成 `(B, keep, D)`。
# %% [markdown] hint="13.3" lang="en"
# `ops.gather_elements(x, 1, index)` wants an index of the result's shape: make `(B, keep)` into `(B, keep, D)` by `expand_dims(-1)` and `ops.broadcast_to`.
# %% [markdown] hint="13.3" lang="zh"
# `restore[b, i]` 是原来第 $i$ 块现在排在第几：`order` 的逆排列，`argsort` 就是。
# %% [markdown] hint="13.3" lang="en"
# `restore[b, i]` says at which place patch $i$ stands now: the inverse permutation of `order`, which is its `argsort`.
# %% wrong="13.3" mistake="restore is order"
# zh: restore 应当是 order 的逆排列（argsort），不是 order 本身
# en: `restore` is the inverse of `order` (argsort), not `order` itself
def keep_some(tokens, order, keep):
    B, N, D = tokens.shape
    some = order[:, :keep]
    return ops.gather_elements(tokens, 1, ops.broadcast_to(some.expand_dims(-1), (B, keep, D))), order


# %% wrong="13.3" mistake="the same for all images"
# zh: 每张图留下的块不同：你把第一张图的顺序用在了全批
# en: every image keeps other patches: the first image's order was used for all
def keep_some(tokens, order, keep):
    return tokens[:, order[0, :keep]], order.argsort(1)


# %% wrong="13.3" mistake="the first patches"
# zh: 留下的是原来的前 keep 块，没有按 order 抽
# en: the first `keep` patches were kept, not those that `order` names
def keep_some(tokens, order, keep):
    return tokens[:, :keep], order.argsort(1)


# %% wrong="13.3" mistake="the last of order"
# zh: 留下的应当是 order 的前 keep 个，不是后 keep 个
# en: it is the first `keep` of `order` that stay, not the last
def keep_some(tokens, order, keep):
    B, N, D = tokens.shape
    some = order[:, N - keep :]
    return ops.gather_elements(tokens, 1, ops.broadcast_to(some.expand_dims(-1), (B, keep, D))), order.argsort(1)


# %% solution="13.4"
def windows(x, rows, w):
    B, N, D = x.shape
    cols = N // rows
    x = x.reshape(B, rows // w, w, cols // w, w, D)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(-1, w * w, D)  # (B * N/w², w², D)


# %% [markdown] hint="13.4" lang="zh"
# 和第 03 课切图像块是同一回事，只是切的是 token 的网格：六个轴的 reshape，交换中间两个。
# %% [markdown] hint="13.4" lang="en"
# It is cutting patches as in lesson 03, only of a grid of tokens: a reshape to six axes, then two in the middle change places.
# %% [markdown] hint="13.4" lang="zh"
# `(B, rows/w, w, cols/w, w, D)`：窗口的行号、窗口里的行、窗口的列号、窗口里的列。
# %% [markdown] hint="13.4" lang="en"
# `(B, rows/w, w, cols/w, w, D)`: row of windows, row within one, column of windows, column within one.
# %% [markdown] hint="13.4" lang="zh"
# 把窗口的行号、列号换到前面，窗口里的行、列放到后面，再 `reshape(-1, w*w, D)`。
# %% [markdown] hint="13.4" lang="en"
# Bring the two that count windows to the front, those within a window behind them, then `reshape(-1, w*w, D)`.
# %% wrong="13.4" mistake="reshape alone"
# zh: 形状对，但每个窗口里是连续的 w² 个 token，不是 w × w 的一块
# en: right shape, but each window holds w² tokens in a row, not a square of w x w
def windows(x, rows, w):
    return x.reshape(-1, w * w, x.shape[2])


# %% wrong="13.4" mistake="columns of windows first"
# zh: 窗口的顺序是逐列的；应当逐行，从左到右
# en: windows come column by column; they should go row by row, left to right
def windows(x, rows, w):
    B, N, D = x.shape
    x = x.reshape(B, rows // w, w, N // rows // w, w, D)
    return x.transpose(0, 3, 1, 2, 4, 5).reshape(-1, w * w, D)


# %% wrong="13.4" mistake="turned within"
# zh: 窗口里面的行和列换了
# en: rows and columns within a window are exchanged
def windows(x, rows, w):
    B, N, D = x.shape
    x = x.reshape(B, rows // w, w, N // rows // w, w, D)
    return x.transpose(0, 1, 3, 4, 2, 5).reshape(-1, w * w, D)


# %% wrong="13.4" mistake="every w-th token"
# zh: 取的是每隔几个的 token；一个窗口里应当是相邻的
# en: tokens a stride apart were taken; those of a window are neighbours
def windows(x, rows, w):
    B, N, D = x.shape
    x = x.reshape(B, w, rows // w, w, N // rows // w, D)
    return x.transpose(0, 2, 4, 1, 3, 5).reshape(-1, w * w, D)
