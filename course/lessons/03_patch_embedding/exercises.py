# %% solution="03.1"
def patchify(image, p):
    C, H, W = image.shape
    x = image.reshape(C, H // p, p, W // p, p)  # (C, rows, P, cols, P)
    return x.transpose(1, 3, 0, 2, 4).reshape(-1, C * p * p)  # (N, C*P*P)


# %% [markdown] hint="03.1" lang="zh"
# 照表做三个动作，先只写第一个，打印 `.shape` 看看。高和宽各拆成两个轴，一共五个轴。
# %% [markdown] hint="03.1" lang="en"
# Follow the table; write only the first move, then print `.shape`. Height and width become two axes each, five in all.
# %% [markdown] hint="03.1" lang="zh"
# 拆开后的轴是 `0: C, 1: 第几行块, 2: 块内第几行, 3: 第几列块, 4: 块内第几列`。想要的顺序，是这五个数字的哪一种排列？
# %% [markdown] hint="03.1" lang="en"
# After the split the axes are `0: C, 1: row of patches, 2: row inside, 3: column of patches, 4: column inside`. Which order of these five numbers is wanted?
# %% [markdown] hint="03.1" lang="zh"
# 换轴之后，前两个轴是“哪一块”，后三个是“块内哪个数”；最后一个动作只需要说出每块有几个数，块数写 `-1`。
# %% [markdown] hint="03.1" lang="en"
# After the exchange the first two axes say which patch and the last three which number inside; the last move only needs the length of a patch, the number of patches can be `-1`.
# %% wrong="03.1" mistake="reshape only"
# zh: 只有 reshape，没有 transpose：每一“块”其实是图像里连续的一段，不是方块
# en: a bare reshape, no transpose: each "patch" is a run of consecutive pixels, not a square
def patchify(image, p):
    return image.reshape(-1, image.shape[0] * p * p)


# %% wrong="03.1" mistake="column by column"
# zh: 块的顺序是先上下、后左右；应当先左右、后上下
# en: the patches run top to bottom first; they should run left to right first
def patchify(image, p):
    C, H, W = image.shape
    return image.reshape(C, H // p, p, W // p, p).transpose(3, 1, 0, 2, 4).reshape(-1, C * p * p)


# %% wrong="03.1" mistake="channels last"
# zh: 块内把通道放在了最后；这里应当先通道、再行、再列（与卷积核的顺序相同）
# en: inside a patch the channels come last; here they come first, then rows, then columns (as in a convolution kernel)
def patchify(image, p):
    C, H, W = image.shape
    return image.reshape(C, H // p, p, W // p, p).transpose(1, 3, 2, 4, 0).reshape(-1, C * p * p)


# %% wrong="03.1" mistake="inside transposed"
# zh: 块内的行和列换了位：每个小块都被沿对角线翻转了
# en: rows and columns inside the patches are exchanged: each patch is flipped along its diagonal
def patchify(image, p):
    C, H, W = image.shape
    return image.reshape(C, H // p, p, W // p, p).transpose(1, 3, 0, 4, 2).reshape(-1, C * p * p)


# %% wrong="03.1" mistake="p and the number of patches exchanged"
# zh: 拆轴时把“第几块”和“块内第几行”弄反了：应拆成 (H // p, p)，不是 (p, H // p)
# en: the split has "which patch" and "row inside" the wrong way round: it is (H // p, p), not (p, H // p)
def patchify(image, p):
    C, H, W = image.shape
    return image.reshape(C, p, H // p, p, W // p).transpose(2, 4, 0, 1, 3).reshape(-1, C * p * p)


# %% solution="03.2"
n = (384 // 32) ** 2  # 12 x 12
length = 3 * 32 * 32
parameters = length * 768 + 768  # 矩阵与偏置 ¦ weight and bias
# %% [markdown] hint="03.2" lang="zh"
# 每边有几块？全图的块数是两边相乘。
# %% [markdown] hint="03.2" lang="en"
# How many patches are there along one side? The image has the product of both sides.
# %% [markdown] hint="03.2" lang="zh"
# 一块有 32×32 个像素，每个像素有三个数。
# %% [markdown] hint="03.2" lang="en"
# A patch has 32 × 32 pixels, and each pixel has three numbers.
# %% [markdown] hint="03.2" lang="zh"
# 矩阵把长度 `length` 变成 768；偏置是每个输出一个。
# %% [markdown] hint="03.2" lang="en"
# The matrix takes `length` numbers to 768; there is one bias for each output.
# %% wrong="03.2" mistake="one channel"
# zh: 一块的长度少算了三个通道
# en: the length of a patch leaves out that there are three channels
n, length, parameters = 144, 1024, 1024 * 768 + 768
# %% wrong="03.2" mistake="no bias"
# zh: n 和 length 都对；parameters 少了 768 个偏置
# en: n and length are right; parameters lacks the 768 biases
n, length, parameters = 144, 3072, 3072 * 768
# %% wrong="03.2" mistake="class token counted"
# zh: n 只数图像块；145 是加上类别 token 之后的序列长度
# en: n counts patches; 145 is the length of the sequence with the class token
n, length, parameters = 145, 3072, 3072 * 768 + 768
# %% wrong="03.2" mistake="one side"
# zh: n 只数了一条边上的块，应当是两边相乘
# en: n counts the patches along one side; it is the product of both sides
n, length, parameters = 12, 3072, 3072 * 768 + 768
# %% wrong="03.2" mistake="32 patches a side"
# zh: “/32”是块的边长，不是每边的块数
# en: "/32" is the side of a patch, not the number of patches along a side
n, length, parameters = 1024, 3 * 12 * 12, 3 * 12 * 12 * 768 + 768


# %% solution="03.3"
class PatchEmbedding(nn.Cell):
    def __init__(self, patch_size=16, in_channels=3, embed_dim=768):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Dense(in_channels * patch_size**2, embed_dim)

    def construct(self, images):
        B, C, H, W = images.shape
        p = self.patch_size
        x = images.reshape(B, C, H // p, p, W // p, p)  # (B, C, rows, P, cols, P)
        x = x.transpose(0, 2, 4, 1, 3, 5)  # (B, rows, cols, C, P, P)
        x = x.reshape(B, (H // p) * (W // p), C * p * p)  # (B, N, C*P*P)
        return self.proj(x)  # (B, N, D)


# %% right="03.3"
# view, permute and flatten, as PyTorch has them
class PatchEmbedding(nn.Cell):
    def __init__(self, patch_size=16, in_channels=3, embed_dim=768):
        super().__init__()
        self.p = patch_size
        self.proj = nn.Dense(in_channels * patch_size * patch_size, embed_dim, has_bias=True)

    def construct(self, images):
        B, C, H, W = images.shape
        rows, cols = H // self.p, W // self.p
        x = images.view(B, C, rows, self.p, cols, self.p).permute(0, 2, 4, 1, 3, 5)
        return self.proj(x.flatten(start_dim=3).flatten(start_dim=1, end_dim=2))


# %% right="03.3"
# one patch after the other
class PatchEmbedding(nn.Cell):
    def __init__(self, patch_size=16, in_channels=3, embed_dim=768):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Dense(in_channels * patch_size**2, embed_dim)

    def construct(self, images):
        B, C, H, W = images.shape
        p = self.patch_size
        tokens = []
        for row in range(0, H, p):
            for col in range(0, W, p):
                patch = images[:, :, row : row + p, col : col + p]
                tokens.append(self.proj(patch.reshape(B, -1)))
        return ops.stack(tokens, axis=1)


# %% right="03.3"
# first the rows of patches, then the columns
class PatchEmbedding(nn.Cell):
    def __init__(self, patch_size=16, in_channels=3, embed_dim=768):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Dense(in_channels * patch_size**2, embed_dim)

    def construct(self, images):
        B, C, H, W = images.shape
        p = self.patch_size
        strips = ops.transpose(images.reshape(B, C, H // p, p * W), (0, 2, 1, 3))
        strips = strips.reshape(B, H // p, C * p, W // p, p)
        x = ops.transpose(strips, (0, 1, 3, 2, 4)).reshape(B, -1, C * p * p)
        return self.proj(x)


# %% [markdown] hint="03.3" lang="zh"
# `__init__` 里两件事：记下 `patch_size`，建 `nn.Dense`；它的输入长度就是 03.2 里的 `length`。
# %% [markdown] hint="03.3" lang="en"
# Two things in `__init__`: keep `patch_size`, make the `nn.Dense`; its input length is the `length` of 03.2.
# %% [markdown] hint="03.3" lang="zh"
# 批的轴一直在最前面不动，所以 03.1 里每个轴的号码都加 1。
# %% [markdown] hint="03.3" lang="en"
# The batch axis stays in front all the way, so each axis of 03.1 has a number one higher.
# %% [markdown] hint="03.3" lang="zh"
# 每一步都写上形状注释：六个轴，六个轴（换过顺序），三个轴，最后 `(B, N, D)`。哪一步的形状对不上，错就在哪一步。
# %% [markdown] hint="03.3" lang="en"
# Write the shape behind every step: six axes, six axes in another order, three axes, at last `(B, N, D)`. Where the shape does not fit, there is the mistake.
# %% wrong="03.3" mistake="reshape only"
# zh: 只有 reshape，没有换轴：每一“块”是图像里连续的一段，不是方块
# en: a bare reshape without exchanging axes: each "patch" is a run of consecutive pixels, not a square
class PatchEmbedding(nn.Cell):
    def __init__(self, patch_size=16, in_channels=3, embed_dim=768):
        super().__init__()
        self.p = patch_size
        self.proj = nn.Dense(in_channels * patch_size**2, embed_dim)

    def construct(self, images):
        B, C, H, W = images.shape
        return self.proj(images.reshape(B, H * W // self.p**2, C * self.p**2))


# %% wrong="03.3" mistake="column by column"
# zh: 块的顺序是先上下、后左右；应当先左右、后上下
# en: the patches run top to bottom first; they should run left to right first
class PatchEmbedding(nn.Cell):
    def __init__(self, patch_size=16, in_channels=3, embed_dim=768):
        super().__init__()
        self.p = patch_size
        self.proj = nn.Dense(in_channels * patch_size**2, embed_dim)

    def construct(self, images):
        B, C, H, W = images.shape
        p = self.p
        x = images.reshape(B, C, H // p, p, W // p, p).transpose(0, 4, 2, 1, 3, 5)
        return self.proj(x.reshape(B, -1, C * p * p))


# %% wrong="03.3" mistake="channels last"
# zh: 块内把通道放在了最后；应当先通道、再行、再列，公开权重就是这样排的
# en: inside a patch the channels come last; they come first, then rows, then columns, as published weights have it
class PatchEmbedding(nn.Cell):
    def __init__(self, patch_size=16, in_channels=3, embed_dim=768):
        super().__init__()
        self.p = patch_size
        self.proj = nn.Dense(in_channels * patch_size**2, embed_dim)

    def construct(self, images):
        B, C, H, W = images.shape
        p = self.p
        x = images.reshape(B, C, H // p, p, W // p, p).transpose(0, 2, 4, 3, 5, 1)
        return self.proj(x.reshape(B, -1, C * p * p))


# %% wrong="03.3" mistake="inside transposed"
# zh: 块内的行和列换了位：每个小块都被沿对角线翻转了
# en: rows and columns inside the patches are exchanged: each patch is flipped along its diagonal
class PatchEmbedding(nn.Cell):
    def __init__(self, patch_size=16, in_channels=3, embed_dim=768):
        super().__init__()
        self.p = patch_size
        self.proj = nn.Dense(in_channels * patch_size**2, embed_dim)

    def construct(self, images):
        B, C, H, W = images.shape
        p = self.p
        x = images.reshape(B, C, H // p, p, W // p, p).transpose(0, 2, 4, 1, 5, 3)
        return self.proj(x.reshape(B, -1, C * p * p))


# %% wrong="03.3" mistake="p and the number of patches exchanged"
# zh: 拆轴时把“第几块”和“块内第几行”弄反了：应拆成 (H // p, p)，不是 (p, H // p)
# en: the split has "which patch" and "row inside" the wrong way round: it is (H // p, p), not (p, H // p)
class PatchEmbedding(nn.Cell):
    def __init__(self, patch_size=16, in_channels=3, embed_dim=768):
        super().__init__()
        self.p = patch_size
        self.proj = nn.Dense(in_channels * patch_size**2, embed_dim)

    def construct(self, images):
        B, C, H, W = images.shape
        p = self.p
        x = images.reshape(B, C, p, H // p, p, W // p).transpose(0, 3, 5, 1, 2, 4)
        return self.proj(x.reshape(B, -1, C * p * p))


# %% solution="03.4"
def assemble(tokens, cls, pos):
    B, N, D = tokens.shape
    first = ops.broadcast_to(cls, (B, 1, D))  # 每张图都一样 ¦ the same for every image
    return ops.concat((first, tokens), axis=1) + pos  # (B, 1+N, D)


# %% [markdown] hint="03.4" lang="zh"
# 先拼接，再加位置：位置比块多一个，正好给类别 token。
# %% [markdown] hint="03.4" lang="en"
# First concatenate, then add the positions: there is one more of them than patches, for the class token.
# %% [markdown] hint="03.4" lang="zh"
# `ops.concat` 要求批的大小相同，而 `cls` 的批大小是 1。`ops.broadcast_to` 或 `ops.tile` 可以让它变成 `(B, 1, D)`。
# %% [markdown] hint="03.4" lang="en"
# `ops.concat` wants equal batch sizes, and `cls` has a batch of 1. `ops.broadcast_to` or `ops.tile` makes it `(B, 1, D)`.
# %% [markdown] hint="03.4" lang="zh"
# 类别 token 在前，沿第 1 轴拼；`pos` 的第 0 轴是 1，加法会自动对每张图重复。
# %% [markdown] hint="03.4" lang="en"
# The class token first, joined along axis 1; axis 0 of `pos` is 1, so the addition repeats it for every image.
# %% wrong="03.4" mistake="class token last"
# zh: 类别 token 放到了最后；它应当在最前面（第 0 个）
# en: the class token stands last; it belongs in front, at index 0
def assemble(tokens, cls, pos):
    B, N, D = tokens.shape
    return ops.concat((tokens, ops.broadcast_to(cls, (B, 1, D))), axis=1) + pos


# %% wrong="03.4" mistake="no positions"
# zh: 还没有加位置
# en: the positions have not been added
def assemble(tokens, cls, pos):
    B, N, D = tokens.shape
    return ops.concat((ops.broadcast_to(cls, (B, 1, D)), tokens), axis=1)


# %% wrong="03.4" mistake="class token without position"
# zh: 类别 token 没有得到它的位置 pos[:, 0]
# en: the class token did not get its own position, pos[:, 0]
def assemble(tokens, cls, pos):
    B, N, D = tokens.shape
    return ops.concat((ops.broadcast_to(cls, (B, 1, D)), tokens + pos[:, 1:]), axis=1)


# %% wrong="03.4" mistake="positions shifted"
# zh: 块用了 pos[:, :-1]，错开了一位：pos[:, 0] 属于类别 token
# en: the patches took pos[:, :-1], one place off: pos[:, 0] belongs to the class token
def assemble(tokens, cls, pos):
    B, N, D = tokens.shape
    return ops.concat((ops.broadcast_to(cls, (B, 1, D)) + pos[:, -1:], tokens + pos[:, :-1]), axis=1)


# %% investigation="03.6"
predicted = 0.4
investigate("03.6", predicted, positions="none")


# %% solution="03.6"
conclusion = "C"


# %% [markdown] hint="03.6" lang="zh"
# 先看哪两行分得开：输出的最后一行说出要相差多少。


# %% [markdown] hint="03.6" lang="en"
# See first which rows are told apart: the last line of the output says how far apart they must be.


# %% [markdown] hint="03.6" lang="zh"
# 把三句话各拆成几个“谁比谁高”，逐个到表里核对。


# %% [markdown] hint="03.6" lang="en"
# Take each statement apart into "this one above that one", and check each part against the table.


# %% [markdown] hint="03.6" lang="zh"
# 三句里有两句各有一处与表不符；剩下的那一句，处处都对得上。


# %% [markdown] hint="03.6" lang="en"
# Two of the three disagree with the table in one place each; what remains agrees everywhere.


# %% wrong="03.6" mistake="better than none"
# zh: 看 `random` 和 `none` 两行：平均相差够分得开吗？
# en: look at the rows of `random` and `none`: are their means far enough apart?
conclusion = "A"


# %% wrong="03.6" mistake="equally good"
# zh: 看 `waves` 和 `large` 两行：平均相差够分得开吗？
# en: look at the rows of `waves` and `large`: are their means far enough apart?
conclusion = "B"
