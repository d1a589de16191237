# %% solution="05.1"
def layer_norm(x, gamma, beta, eps):
    mean = x.mean(-1, keepdims=True)  # (B, N, 1)
    variance = x.var(-1, keepdims=True)  # (B, N, 1)
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta  # (B, N, D)


# %% [markdown] hint="05.1" lang="zh"
# 均值和方差都沿最后一个轴。怎样让结果还能和 `x` 相减？


# %% [markdown] hint="05.1" lang="en"
# Mean and variance both go along the last axis. How can the result still be subtracted from `x`?


# %% [markdown] hint="05.1" lang="zh"
# `keepdims=True` 让形状是 `(B, N, 1)`，可以广播。


# %% [markdown] hint="05.1" lang="en"
# `keepdims=True` gives the shape `(B, N, 1)`, which broadcasts.


# %% [markdown] hint="05.1" lang="zh"
# 减去均值；除以（方差 + ε）的平方根；最后才缩放和平移。


# %% [markdown] hint="05.1" lang="en"
# Subtract the mean; divide by the root of (variance + epsilon); scale and shift last.


# %% wrong="05.1" mistake="over the tokens"
# zh: 看起来沿 token 的轴归一化了；应当沿最后一个轴，每个 token 各算各的
# en: it looks as if you normalised along the tokens; it is the last axis, each token by itself
def layer_norm(x, gamma, beta, eps):
    return gamma * (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps) + beta


# %% wrong="05.1" mistake="over the image"
# zh: 看起来把一张图的所有 token 放在一起算了均值和方差
# en: it looks as if mean and variance were taken over all tokens of an image together
def layer_norm(x, gamma, beta, eps):
    return gamma * (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + eps) + beta


# %% wrong="05.1" mistake="over the batch"
# zh: 这是批归一化：沿批的轴算了；层归一化不看别的图像
# en: this is batch normalisation, along the batch; layer normalisation does not look at other images
def layer_norm(x, gamma, beta, eps):
    return gamma * (x - x.mean((0, 1))) / np.sqrt(x.var((0, 1)) + eps) + beta


# %% wrong="05.1" mistake="no gamma and beta"
# zh: 少了 gamma 和 beta
# en: gamma and beta are missing
def layer_norm(x, gamma, beta, eps):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)


# %% wrong="05.1" mistake="divided by the variance"
# zh: 除以了方差，应当除以标准差（开根号）
# en: divided by the variance; it is the standard deviation, the square root
def layer_norm(x, gamma, beta, eps):
    return gamma * (x - x.mean(-1, keepdims=True)) / (x.var(-1, keepdims=True) + eps) + beta


# %% wrong="05.1" mistake="divided by D - 1"
# zh: 方差除以了 D−1（ddof=1）；这里除以 D
# en: the variance was divided by D - 1 (ddof=1); here it is D
def layer_norm(x, gamma, beta, eps):
    return gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True, ddof=1) + eps) + beta


# %% solution="05.2"
class MLP(nn.Cell):
    def __init__(self, embed_dim, hidden_dim, drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.fc1 = nn.Dense(embed_dim, hidden_dim)
        self.act = GELU(gelu)
        self.drop1 = nn.Dropout(p=drop_rate)
        self.fc2 = nn.Dense(hidden_dim, embed_dim)
        self.drop2 = nn.Dropout(p=drop_rate)

    def construct(self, x):
        x = self.drop1(self.act(self.fc1(x)))  # (B, N, hidden_dim)
        return self.drop2(self.fc2(x))  # (B, N, D)


# %% right="05.2"
# MindSpore's own GELU, one dropout for both places
class MLP(nn.Cell):
    def __init__(self, embed_dim, hidden_dim, drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.fc1 = nn.Dense(embed_dim, hidden_dim)
        self.gelu = nn.GELU(approximate=(gelu == "tanh"))
        self.fc2 = nn.Dense(hidden_dim, embed_dim)
        self.drop = nn.Dropout(p=drop_rate)

    def construct(self, x):
        h = self.fc1(x)
        h = self.gelu(h)
        h = self.drop(h)
        out = self.fc2(h)
        return self.drop(out)


# %% right="05.2"
# the tokens of all images in one row, GELU from its definition
class MLP(nn.Cell):
    def __init__(self, embed_dim, hidden_dim, drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.tanh = gelu == "tanh"
        self.fc1 = nn.Dense(embed_dim, hidden_dim)
        self.fc2 = nn.Dense(hidden_dim, embed_dim)
        self.first, self.last = nn.Dropout(p=drop_rate), nn.Dropout(p=drop_rate)

    def construct(self, x):
        B, N, D = x.shape
        h = self.fc1(x.reshape(B * N, D))
        if self.tanh:
            h = 0.5 * h * (1 + ops.tanh(0.7978845608 * (h + 0.044715 * h * h * h)))
        else:
            h = 0.5 * h * (1 + ops.erf(h / 2**0.5))
        return self.last(self.fc2(self.first(h))).reshape(B, N, D)


# %% [markdown] hint="05.2" lang="zh"
# `__init__` 里五样东西：两个 `nn.Dense`、一个 `GELU(gelu)`、两个 `nn.Dropout(p=drop_rate)`。
# %% [markdown] hint="05.2" lang="en"
# Five things in `__init__`: two `nn.Dense`, one `GELU(gelu)`, two `nn.Dropout(p=drop_rate)`.
# %% [markdown] hint="05.2" lang="zh"
# `nn.Dense` 只作用在最后一个轴上，前面的轴（批、token）不用管。
# %% [markdown] hint="05.2" lang="en"
# `nn.Dense` acts on the last axis only; leave the others (batch, tokens) alone.
# %% [markdown] hint="05.2" lang="zh"
# 照公式从里往外写：先 $W_1x+b_1$，再 GELU，dropout，最后 $W_2$ 那一层和它的 dropout。GELU 只有一个，在两层之间。
# %% [markdown] hint="05.2" lang="en"
# Follow the formula from the inside: $W_1x+b_1$, then GELU, dropout, at last the layer of $W_2$ and its dropout. There is one GELU, between the layers.


# %% wrong="05.2" mistake="no activation"
# zh: 两层之间没有非线性：没有 GELU，两个矩阵合起来只是一个矩阵
# en: nothing non-linear between the layers: without GELU the two matrices are no more than one
class MLP(nn.Cell):
    def __init__(self, embed_dim, hidden_dim, drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.fc1 = nn.Dense(embed_dim, hidden_dim)
        self.act = GELU(gelu)
        self.fc2 = nn.Dense(hidden_dim, embed_dim)

    def construct(self, x):
        return self.fc2(self.fc1(x))


# %% wrong="05.2" mistake="relu"
# zh: 看起来用了 ReLU；这里是 GELU
# en: it looks like ReLU; here it is GELU
class MLP(nn.Cell):
    def __init__(self, embed_dim, hidden_dim, drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.fc1 = nn.Dense(embed_dim, hidden_dim)
        self.act = GELU(gelu)
        self.fc2 = nn.Dense(hidden_dim, embed_dim)

    def construct(self, x):
        return self.fc2(ops.relu(self.fc1(x)))


# %% wrong="05.2" mistake="activation at the end"
# zh: GELU 放到了最后；它在两层之间
# en: GELU stands at the end; it belongs between the layers
class MLP(nn.Cell):
    def __init__(self, embed_dim, hidden_dim, drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.fc1 = nn.Dense(embed_dim, hidden_dim)
        self.act = GELU(gelu)
        self.fc2 = nn.Dense(hidden_dim, embed_dim)

    def construct(self, x):
        return self.act(self.fc2(self.fc1(x)))


# %% wrong="05.2" mistake="activation twice"
# zh: GELU 用了两次：第二层之后没有
# en: GELU is used twice: there is none after the second layer
class MLP(nn.Cell):
    def __init__(self, embed_dim, hidden_dim, drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.fc1 = nn.Dense(embed_dim, hidden_dim)
        self.act = GELU(gelu)
        self.fc2 = nn.Dense(hidden_dim, embed_dim)

    def construct(self, x):
        return self.act(self.fc2(self.act(self.fc1(x))))


# %% wrong="05.2" mistake="residual inside"
# zh: 这里加上了输入：残差属于 Block，不属于 MLP
# en: the input was added here: the skip connection belongs to Block, not to MLP
class MLP(nn.Cell):
    def __init__(self, embed_dim, hidden_dim, drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.fc1 = nn.Dense(embed_dim, hidden_dim)
        self.act = GELU(gelu)
        self.fc2 = nn.Dense(hidden_dim, embed_dim)

    def construct(self, x):
        return x + self.fc2(self.act(self.fc1(x)))


# %% solution="05.3"
class Block(nn.Cell):
    def __init__(self, embed_dim, num_heads, mlp_ratio=4.0, drop_rate=0.0, attn_drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.norm1 = LayerNorm(embed_dim)
        self.attn = Attention(embed_dim, num_heads, attn_drop_rate=attn_drop_rate, drop_rate=drop_rate)
        self.norm2 = LayerNorm(embed_dim)
        self.mlp = MLP(embed_dim, round(embed_dim * mlp_ratio), drop_rate, gelu)

    def construct(self, x):
        x = x + self.attn(self.norm1(x))  # (B, N, D)
        return x + self.mlp(self.norm2(x))  # (B, N, D)


# %% right="05.3"
# MindSpore's LayerNorm, each step with a name
class Block(nn.Cell):
    def __init__(self, embed_dim, num_heads, mlp_ratio=4.0, drop_rate=0.0, attn_drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.attn = Attention(embed_dim, num_heads, True, attn_drop_rate, drop_rate)
        self.mlp = MLP(embed_dim, round(embed_dim * mlp_ratio), drop_rate=drop_rate, gelu=gelu)
        self.norm1 = nn.LayerNorm((embed_dim,), epsilon=1e-6)
        self.norm2 = nn.LayerNorm((embed_dim,), epsilon=1e-6)

    def construct(self, z):
        attended = self.attn(self.norm1(z))
        middle = attended + z
        return self.mlp(self.norm2(middle)) + middle


# %% right="05.3"
# a loop over the two branches
class Block(nn.Cell):
    def __init__(self, embed_dim, num_heads, mlp_ratio=4.0, drop_rate=0.0, attn_drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(embed_dim), LayerNorm(embed_dim)
        self.attn = Attention(embed_dim, num_heads, attn_drop_rate=attn_drop_rate, drop_rate=drop_rate)
        self.mlp = MLP(embed_dim, round(mlp_ratio * embed_dim), drop_rate, gelu)

    def construct(self, x):
        for norm, branch in ((self.norm1, self.attn), (self.norm2, self.mlp)):
            x = x + branch(norm(x))
        return x


# %% [markdown] hint="05.3" lang="zh"
# `construct` 只有两行，一行一个分支，就是式 2 和式 3。
# %% [markdown] hint="05.3" lang="en"
# `construct` is two lines, one for each branch: equations 2 and 3.
# %% [markdown] hint="05.3" lang="zh"
# 每个分支：先归一化，再变换，最后加到**归一化之前**的输入上。第二个分支从第一个分支的结果开始，不是从最初的 `x`。
# %% [markdown] hint="05.3" lang="en"
# Each branch normalises, transforms, and is added to its input **before** normalisation. The second one starts from the result of the first, not from the original `x`.
# %% [markdown] hint="05.3" lang="zh"
# `Attention` 的参数依次是宽度、头数、`qkv_bias`、`attn_drop_rate`、`drop_rate`；用名字传最保险。`gelu` 只有 `MLP` 用得着。
# %% [markdown] hint="05.3" lang="en"
# The arguments of `Attention` are width, heads, `qkv_bias`, `attn_drop_rate`, `drop_rate`; passing them by name is safest. Only `MLP` has a use for `gelu`.


# %% wrong="05.3" mistake="post-norm"
# zh: 这是 post-norm：先加再归一化；ViT 是先归一化、再变换、最后加
# en: this is post-norm, added and then normalised; ViT normalises, transforms, then adds
class Block(nn.Cell):
    def __init__(self, embed_dim, num_heads, mlp_ratio=4.0, drop_rate=0.0, attn_drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(embed_dim), LayerNorm(embed_dim)
        self.attn = Attention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, round(embed_dim * mlp_ratio), gelu=gelu)

    def construct(self, x):
        x = self.norm1(x + self.attn(x))
        return self.norm2(x + self.mlp(x))


# %% wrong="05.3" mistake="no skip connection"
# zh: 没有残差：分支的输出要加到输入上
# en: no skip connections: what a branch puts out is added to its input
class Block(nn.Cell):
    def __init__(self, embed_dim, num_heads, mlp_ratio=4.0, drop_rate=0.0, attn_drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(embed_dim), LayerNorm(embed_dim)
        self.attn = Attention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, round(embed_dim * mlp_ratio), gelu=gelu)

    def construct(self, x):
        return self.mlp(self.norm2(self.attn(self.norm1(x))))


# %% wrong="05.3" mistake="parallel"
# zh: 第二个分支用了最初的 x；它应当接在第一个分支之后
# en: the second branch starts from the original x; it should start from the first branch's result
class Block(nn.Cell):
    def __init__(self, embed_dim, num_heads, mlp_ratio=4.0, drop_rate=0.0, attn_drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(embed_dim), LayerNorm(embed_dim)
        self.attn = Attention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, round(embed_dim * mlp_ratio), gelu=gelu)

    def construct(self, x):
        return x + self.attn(self.norm1(x)) + self.mlp(self.norm2(x))


# %% wrong="05.3" mistake="skip after the norm"
# zh: 加上去的是归一化之后的 x；残差连接上应当是原来的 x
# en: what was added is the normalised x; the skip connection carries x itself
class Block(nn.Cell):
    def __init__(self, embed_dim, num_heads, mlp_ratio=4.0, drop_rate=0.0, attn_drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(embed_dim), LayerNorm(embed_dim)
        self.attn = Attention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, round(embed_dim * mlp_ratio), gelu=gelu)

    def construct(self, x):
        y = self.norm1(x)
        x = y + self.attn(y)
        y = self.norm2(x)
        return y + self.mlp(y)


# %% wrong="05.3" mistake="second skip missing"
# zh: 第二个分支没有残差
# en: the second branch has no skip connection
class Block(nn.Cell):
    def __init__(self, embed_dim, num_heads, mlp_ratio=4.0, drop_rate=0.0, attn_drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(embed_dim), LayerNorm(embed_dim)
        self.attn = Attention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, round(embed_dim * mlp_ratio), gelu=gelu)

    def construct(self, x):
        x = x + self.attn(self.norm1(x))
        return self.mlp(self.norm2(x))


# %% wrong="05.3" mistake="first norm twice"
# zh: 第二个分支用了 norm1；它有自己的 norm2
# en: the second branch uses norm1; it has its own, norm2
class Block(nn.Cell):
    def __init__(self, embed_dim, num_heads, mlp_ratio=4.0, drop_rate=0.0, attn_drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(embed_dim), LayerNorm(embed_dim)
        self.attn = Attention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, round(embed_dim * mlp_ratio), gelu=gelu)

    def construct(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm1(x))


# %% wrong="05.3" mistake="old x added"
# zh: 第二个分支的结果加到了最初的 x 上；应当加到第一个分支之后的结果上
# en: the second branch was added to the original x; it belongs to the first branch's result
class Block(nn.Cell):
    def __init__(self, embed_dim, num_heads, mlp_ratio=4.0, drop_rate=0.0, attn_drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(embed_dim), LayerNorm(embed_dim)
        self.attn = Attention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, round(embed_dim * mlp_ratio), gelu=gelu)

    def construct(self, x):
        middle = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(middle))


# %% wrong="05.3" mistake="MLP first"
# zh: 顺序反了：先注意力，再 MLP
# en: the order is the other way round: attention first, then the MLP
class Block(nn.Cell):
    def __init__(self, embed_dim, num_heads, mlp_ratio=4.0, drop_rate=0.0, attn_drop_rate=0.0, gelu="exact"):
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(embed_dim), LayerNorm(embed_dim)
        self.attn = Attention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, round(embed_dim * mlp_ratio), gelu=gelu)

    def construct(self, x):
        x = x + self.mlp(self.norm2(x))
        return x + self.attn(self.norm1(x))


# %% solution="05.4"
D = 192
attention = 3 * D * D + 3 * D + D * D + D  # qkv, proj: 4 D² + 4 D
mlp = 4 * D * D + 4 * D + 4 * D * D + D  # fc1, fc2: 8 D² + 5 D
norms = 2 * 2 * D  # gamma and beta, twice


# %% [markdown] hint="05.4" lang="zh"
# 一个 `Dense(a, b)` 有 `a*b + b` 个参数。


# %% [markdown] hint="05.4" lang="en"
# A `Dense(a, b)` has `a*b + b` parameters.


# %% [markdown] hint="05.4" lang="zh"
# `qkv` 是 D → 3D，`proj` 是 D → D，`fc1` 是 D → 4D，`fc2` 是 4D → D。


# %% [markdown] hint="05.4" lang="en"
# `qkv` is D → 3D, `proj` D → D, `fc1` D → 4D, `fc2` 4D → D.


# %% [markdown] hint="05.4" lang="zh"
# 逐个 `Dense` 数：`qkv` 是 $D\cdot3D$ 加 $3D$ 个偏置，别的照样；归一化各有 $\gamma$ 和 $\beta$。


# %% [markdown] hint="05.4" lang="en"
# One `Dense` at a time: `qkv` has $D\cdot3D$ and $3D$ biases, the others likewise; a normalisation has $\gamma$ and $\beta$.


# %% wrong="05.4" mistake="no biases"
# zh: 两个大的都少了偏置
# en: the biases are missing in both of the large ones
attention, mlp, norms = 4 * 192**2, 8 * 192**2, 4 * 192


# %% wrong="05.4" mistake="one norm"
# zh: 一个编码器层里有两个归一化，每个有 gamma 和 beta
# en: a block has two normalisations, each with gamma and beta
attention, mlp, norms = 4 * 192**2 + 4 * 192, 8 * 192**2 + 5 * 192, 2 * 192


# %% wrong="05.4" mistake="proj forgotten"
# zh: 注意力少了最后的 proj
# en: attention lacks proj, its last layer
attention, mlp, norms = 3 * 192**2 + 3 * 192, 8 * 192**2 + 5 * 192, 4 * 192


# %% wrong="05.4" mistake="one matrix"
# zh: MLP 有两个矩阵：升维一个，降维一个
# en: the MLP has two matrices, one to widen and one to come back
attention, mlp, norms = 4 * 192**2 + 4 * 192, 4 * 192**2 + 4 * 192, 4 * 192


# %% solution="05.5"
def drop_path(branch, keep, rate):
    return branch * keep[:, None, None] / (1 - rate)  # (B, N, D) * (B, 1, 1)


# %% [markdown] hint="05.5" lang="zh"
# 一张图一个数：把 `keep` 变成可以和 `(B, N, D)` 相乘的形状。


# %% [markdown] hint="05.5" lang="en"
# One number for each image: give `keep` a shape that multiplies `(B, N, D)`.


# %% [markdown] hint="05.5" lang="zh"
# `keep[:, None, None]` 的形状是 `(B, 1, 1)`。


# %% [markdown] hint="05.5" lang="en"
# `keep[:, None, None]` has the shape `(B, 1, 1)`.


# %% [markdown] hint="05.5" lang="zh"
# 保留的概率是 $1-p$。要让期望不变，留下的应当除以它。


# %% [markdown] hint="05.5" lang="en"
# A branch stays with probability $1-p$. To keep the expectation, what stays is divided by that.


# %% wrong="05.5" mistake="not rescaled"
# zh: 留下的分支没有除以 1−p，期望变小了
# en: what stays was not divided by 1 - p, so the expectation shrinks
def drop_path(branch, keep, rate):
    return branch * keep[:, None, None]


# %% wrong="05.5" mistake="multiplied"
# zh: 留下的分支乘了 1−p，应当除以它
# en: what stays was multiplied by 1 - p; it is divided by it
def drop_path(branch, keep, rate):
    return branch * keep[:, None, None] * (1 - rate)


# %% wrong="05.5" mistake="divided by p"
# zh: 除以了丢弃的概率 p，应当除以保留的概率 1−p
# en: divided by p, the probability to be dropped; it is 1 - p, to stay
def drop_path(branch, keep, rate):
    return branch * keep[:, None, None] / rate


# %% wrong="05.5" mistake="mask inverted"
# zh: 掩码反了：keep 为 1 的应当留下
# en: the mask is inverted: those with keep 1 stay
def drop_path(branch, keep, rate):
    return branch * (1 - keep)[:, None, None] / (1 - rate)


# %% investigation="05.6"
predicted = 0.4
investigate("05.6", predicted, norm="post", rate=0.003)


# %% solution="05.6"
conclusion = "A"


# %% [markdown] hint="05.6" lang="zh"
# 先看哪两行分得开：输出的最后一行说出要相差多少。


# %% [markdown] hint="05.6" lang="en"
# See first which rows are told apart: the last line of the output says how far apart they must be.


# %% [markdown] hint="05.6" lang="zh"
# 把三句话各拆成几个“谁比谁高”，逐个到表里核对。


# %% [markdown] hint="05.6" lang="en"
# Take each statement apart into "this one above that one", and check each part against the table.


# %% [markdown] hint="05.6" lang="zh"
# 三句里有两句各有一处与表不符；剩下的那一句，处处都对得上。


# %% [markdown] hint="05.6" lang="en"
# Two of the three disagree with the table in one place each; what remains agrees everywhere.


# %% wrong="05.6" mistake="catches up"
# zh: 看 post-norm 的两行：学习率提高三倍，准确率升了还是降了？
# en: look at the two rows of post-norm: at three times the rate, does accuracy rise or fall?
conclusion = "C"


# %% wrong="05.6" mistake="not told apart at 0.001"
# zh: 看学习率 0.001 的两行：相差够分得开吗？
# en: look at the two rows at 0.001: are they far enough apart?
conclusion = "B"
