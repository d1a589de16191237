# %% solution="11.1"
def macs(side, P, D, L, K):
    N = (side // P) ** 2
    T = 1 + N
    block = 12 * T * D * D + 2 * T * T * D
    return N * 3 * P * P * D + L * block + D * K


# %% [markdown] hint="11.1" lang="zh"
# 三项：图像块嵌入、$L$ 个编码器层、分类头。
# %% [markdown] hint="11.1" lang="en"
# Three terms: patch embedding, $L$ blocks, head.
# %% [markdown] hint="11.1" lang="zh"
# 编码器层里有 $T=1+N$ 个 token；图像块嵌入只有 $N$ 个；分类头只看一个。
# %% [markdown] hint="11.1" lang="en"
# Blocks see $T=1+N$ tokens, the patch embedding only $N$, the head just one.
# %% [markdown] hint="11.1" lang="zh"
# $3NP^2D + L(12TD^2+2T^2D) + DK$
# %% [markdown] hint="11.1" lang="en"
# $3NP^2D + L(12TD^2+2T^2D) + DK$
# %% wrong="11.1" mistake="no class token"
# zh: 编码器层里是 T = 1+N 个 token，少了类别 token
# en: blocks see T = 1 + N tokens; the class token is missing
def macs(side, P, D, L, K):
    N = (side // P) ** 2
    return N * 3 * P * P * D + L * (12 * N * D * D + 2 * N * N * D) + D * K


# %% wrong="11.1" mistake="one product of attention"
# zh: 注意力有两个乘积：QKᵀ 和 AV
# en: attention has two products, QKᵀ and AV
def macs(side, P, D, L, K):
    N = (side // P) ** 2
    T = 1 + N
    return N * 3 * P * P * D + L * (12 * T * D * D + T * T * D) + D * K


# %% wrong="11.1" mistake="no patch embedding"
# zh: 少了图像块嵌入
# en: the patch embedding is missing
def macs(side, P, D, L, K):
    T = 1 + (side // P) ** 2
    return L * (12 * T * D * D + 2 * T * T * D) + D * K


# %% wrong="11.1" mistake="head on every token"
# zh: 分类头只看类别 token，不是每个 token
# en: the head sees the class token only, not every token
def macs(side, P, D, L, K):
    N = (side // P) ** 2
    T = 1 + N
    return N * 3 * P * P * D + L * (12 * T * D * D + 2 * T * T * D) + T * D * K


# %% solution="11.2"
def speedup(share, factor):
    return 1 / (1 - share + share / factor)


# %% [markdown] hint="11.2" lang="zh"
# 设总时间为 1。加快之后，那一部分要多久？其余的呢？
# %% [markdown] hint="11.2" lang="en"
# Let the whole time be 1. How long does the part take afterwards, and the rest?
# %% [markdown] hint="11.2" lang="zh"
# 其余的 `1 - share` 一点没变。
# %% [markdown] hint="11.2" lang="en"
# The rest, `1 - share`, has not changed.
# %% [markdown] hint="11.2" lang="zh"
# 新的时间是 `1 - share + share / factor`；倍数是它的倒数。
# %% [markdown] hint="11.2" lang="en"
# The new time is `1 - share + share / factor`; the answer is its inverse.
# %% wrong="11.2" mistake="share of the factor"
# zh: 像是 share × factor：没有变快的部分也要时间
# en: this looks like share times factor: the part that is no faster takes time as well
def speedup(share, factor):
    return share * factor


# %% wrong="11.2" mistake="time instead of speed"
# zh: 这是新的时间；倍数是它的倒数
# en: this is the new time; the answer is its inverse
def speedup(share, factor):
    return 1 - share + share / factor


# %% wrong="11.2" mistake="rest forgotten"
# zh: 忘了其余的部分也要时间（1 − share）
# en: the rest, 1 - share, takes time as well
def speedup(share, factor):
    return factor / share


# %% wrong="11.2" mistake="weighted mean"
# zh: 这是倍数的加权平均；相加的是时间，不是倍数
# en: this is a weighted mean of factors; times add up, factors do not
def speedup(share, factor):
    return (1 - share) + share * factor


# %% solution="11.3"
def shard(n, rank, size):
    return np.arange(rank, n - n % size, size)


# %% [markdown] hint="11.3" lang="zh"
# `np.arange(起点, 终点, 步长)`：起点和步长各是什么？
# %% [markdown] hint="11.3" lang="en"
# `np.arange(start, stop, step)`: what are start and step?
# %% [markdown] hint="11.3" lang="zh"
# 能被 `size` 整除的部分有 `n - n % size` 张。
# %% [markdown] hint="11.3" lang="en"
# The part that `size` divides has `n - n % size` images.
# %% [markdown] hint="11.3" lang="zh"
# `np.arange(rank, n - n % size, size)`
# %% [markdown] hint="11.3" lang="en"
# `np.arange(rank, n - n % size, size)`
# %% wrong="11.3" mistake="one piece each"
# zh: 这是一段一段地分；题目要交错着取
# en: these are consecutive pieces; take turns instead
def shard(n, rank, size):
    return np.arange(rank * (n // size), (rank + 1) * (n // size))


# %% wrong="11.3" mistake="not equally many"
# zh: 没有去掉多出来的几张，各进程的张数不一样
# en: what is left over was not dropped, so processes have different numbers
def shard(n, rank, size):
    return np.arange(rank, n, size)


# %% wrong="11.3" mistake="the same for all"
# zh: 每个进程拿到的都一样：没有用到 rank
# en: all processes get the same: rank was not used
def shard(n, rank, size):
    return np.arange(0, n - n % size, size)


# %% solution="11.5"
loop = """
for (long r = 0; r < rows; ++r) {
    for (long i = 0; i < width; ++i) {
        const float u = x[r * width + i] + bias[i];
        y[r * width + i] = u * sigmoid(1.5957691f * (u + 0.044715f * u * u * u));
    }
}
"""
# %% right="11.5"
loop = """
for (long r = 0; r < rows; ++r) {
    for (long i = 0; i < width; ++i) {
        const float u = x[r * width + i] + bias[i];
        y[r * width + i] = 0.5f * u * (1 + std::tanh(0.7978846f * (u + 0.044715f * u * u * u)));
    }
}
"""
# %% [markdown] hint="11.5" lang="zh"
# 先算 $u$：第 `r` 行第 `i` 列的数，加上第 `i` 个偏置。
# %% [markdown] hint="11.5" lang="en"
# First $u$: the number in row `r` and column `i`, plus bias number `i`.
# %% [markdown] hint="11.5" lang="zh"
# C++ 没有乘方运算符，$u^3$ 写成三个 `u` 相乘。
# %% [markdown] hint="11.5" lang="en"
# C++ has no operator for powers: $u^3$ is a product of three `u`.
# %% [markdown] hint="11.5" lang="zh"
# `const float u = …;` 一行，`y[r * width + i] = u * sigmoid(…);` 一行；括号里照公式写。
# %% [markdown] hint="11.5" lang="en"
# One line `const float u = ...;`, one line `y[r * width + i] = u * sigmoid(...);`, with the formula between the brackets.
# %% wrong="11.5" mistake="no bias"
# zh: 没有加偏置
# en: the bias is not added
loop = """
for (long r = 0; r < rows; ++r) {
    for (long i = 0; i < width; ++i) {
        const float u = x[r * width + i];
        y[r * width + i] = u * sigmoid(1.5957691f * (u + 0.044715f * u * u * u));
    }
}
"""
# %% wrong="11.5" mistake="bias by row"
# zh: 偏置按列取，是 bias[i]，不是 bias[r]
# en: the bias goes by column: bias[i], not bias[r]
loop = """
for (long r = 0; r < rows; ++r) {
    for (long i = 0; i < width; ++i) {
        const float u = x[r * width + i] + bias[r];
        y[r * width + i] = u * sigmoid(1.5957691f * (u + 0.044715f * u * u * u));
    }
}
"""
# %% wrong="11.5" mistake="no factor u"
# zh: sigmoid 还要乘 u
# en: sigmoid is to be multiplied by u
loop = """
for (long r = 0; r < rows; ++r) {
    for (long i = 0; i < width; ++i) {
        const float u = x[r * width + i] + bias[i];
        y[r * width + i] = sigmoid(1.5957691f * (u + 0.044715f * u * u * u));
    }
}
"""
# %% wrong="11.5" mistake="half the factor"
# zh: 系数是 1.5957691；0.7978846 是写成 tanh 时的
# en: the factor is 1.5957691; 0.7978846 belongs to the form with tanh
loop = """
for (long r = 0; r < rows; ++r) {
    for (long i = 0; i < width; ++i) {
        const float u = x[r * width + i] + bias[i];
        y[r * width + i] = u * sigmoid(0.7978846f * (u + 0.044715f * u * u * u));
    }
}
"""
# %% wrong="11.5" mistake="no cube"
# zh: 少了三次项 0.044715 u³
# en: the cubic term 0.044715 u³ is missing
loop = """
for (long r = 0; r < rows; ++r) {
    for (long i = 0; i < width; ++i) {
        const float u = x[r * width + i] + bias[i];
        y[r * width + i] = u * sigmoid(1.5957691f * u);
    }
}
"""


# %% investigation="11.6"
predicted = 0.5
investigate("11.6", predicted, depth=24)


# %% solution="11.6"
conclusion = "A"


# %% [markdown] hint="11.6" lang="zh"
# 先看哪两行分得开：输出的最后一行说出要相差多少。


# %% [markdown] hint="11.6" lang="en"
# See first which rows are told apart: the last line of the output says how far apart they must be.


# %% [markdown] hint="11.6" lang="zh"
# 把三句话各拆成几个“谁比谁高”，逐个到表里核对。


# %% [markdown] hint="11.6" lang="en"
# Take each statement apart into "this one above that one", and check each part against the table.


# %% [markdown] hint="11.6" lang="zh"
# 三句里有两句各有一处与表不符；剩下的那一句，处处都对得上。


# %% [markdown] hint="11.6" lang="en"
# Two of the three disagree with the table in one place each; what remains agrees everywhere.


# %% wrong="11.6" mistake="about equal"
# zh: 最快和最慢的两行，差几成？
# en: by how much do the fastest and the slowest row differ?
conclusion = "C"


# %% wrong="11.6" mistake="narrow is faster"
# zh: 看最后一行：24 层是小 ViT 的几倍？
# en: look at the last row: what is 24 blocks, relative to the small ViT?
conclusion = "B"
