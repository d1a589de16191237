# %% solution="12.1"
def receptive_field(layers):
    r, j = 1, 1  # 感受野；相邻位置相隔几个像素 ¦ the field; pixels between neighbouring places
    for k, s in layers:
        r += (k - 1) * j
        j *= s
    return r


# %% [markdown] hint="12.1" lang="zh"
# 第一层 3×3：从 1 变成 3，多了 $k-1=2$ 个像素。第二层横跨 3 个**位置**，位置之间相隔 $j$ 个像素。
# %% [markdown] hint="12.1" lang="en"
# A first layer of 3 x 3 turns 1 into 3: $k-1=2$ pixels more. The second spans 3 **places**, which lie $j$ pixels apart.
# %% [markdown] hint="12.1" lang="zh"
# 一层的核多跨出 $k-1$ 个间隔，每个间隔 $j$ 像素。先加 $r$，再更新 $j$：这一层的步长只影响后面的层。
# %% [markdown] hint="12.1" lang="en"
# A kernel spans $k-1$ gaps of $j$ pixels. Add to $r$ first, then update $j$: a layer's stride matters to the layers after it.
# %% [markdown] hint="12.1" lang="zh"
# 手推 [(7, 4), (3, 1)]：第一层之后 $r=7$。第二层的核跨两个间隔，每个间隔几个像素？
# %% [markdown] hint="12.1" lang="en"
# By hand, [(7, 4), (3, 1)]: after the first layer $r=7$. The second spans two gaps; how many pixels is each?
# %% wrong="12.1" mistake="stride too early"
# zh: 步长先乘了：一层的步长只影响它后面的层
# en: the stride was multiplied first: a layer's stride matters only to the layers after it
def receptive_field(layers):
    r, j = 1, 1
    for k, s in layers:
        j *= s
        r += (k - 1) * j
    return r


# %% wrong="12.1" mistake="no stride"
# zh: 没有用上步长：下采样之后，后面的核每跨一个位置就跨过好几个像素
# en: strides are not used: behind a stride, each place that a kernel spans is several pixels
def receptive_field(layers):
    return 1 + sum(k - 1 for k, s in layers)


# %% wrong="12.1" mistake="k instead of k - 1"
# zh: 每层多出的是 k-1 个间隔，不是 k 个
# en: each layer adds k - 1 gaps, not k
def receptive_field(layers):
    r, j = 1, 1
    for k, s in layers:
        r += k * j
        j *= s
    return r


# %% wrong="12.1" mistake="last layer first"
# zh: 看起来从最后一层往前数了；列表里靠近图像的一层在前
# en: it looks as if the last layer came first; the list begins with the layer nearest the image
def receptive_field(layers):
    r, j = 1, 1
    for k, s in reversed(layers):
        r += (k - 1) * j
        j *= s
    return r


# %% solution="12.2"
class ResidualBlock(nn.Cell):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, pad_mode="pad", padding=1, has_bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, pad_mode="pad", padding=1, has_bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()

    def construct(self, x):
        y = self.relu(self.norm1(self.conv1(x)))  # (B, C, H, W)
        y = self.norm2(self.conv2(y))  # (B, C, H, W)
        return self.relu(x + y)


# %% right="12.2"
# padding left to "same", which is the same with stride 1; ops.relu
class ResidualBlock(nn.Cell):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, kernel_size=3, stride=1, pad_mode="same", has_bias=False)
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3, stride=1, pad_mode="same", has_bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)

    def construct(self, x):
        branch = self.norm2(self.conv2(ops.relu(self.norm1(self.conv1(x)))))
        return ops.relu(branch + x)


# %% right="12.2"
# ReLU as a maximum
class ResidualBlock(nn.Cell):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, has_bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, has_bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def construct(self, x):
        y = self.conv1(x)
        y = self.norm1(y)
        y = ops.maximum(y, 0)
        y = self.conv2(y)
        y = self.norm2(y)
        return ops.maximum(x + y, 0)


# %% [markdown] hint="12.2" lang="zh"
# 照式子从里往外：conv1、BN1、ReLU、conv2、BN2，加 x，再 ReLU。
# %% [markdown] hint="12.2" lang="en"
# Follow the formula from the inside: conv1, BN1, ReLU, conv2, BN2, add x, ReLU again.
# %% [markdown] hint="12.2" lang="zh"
# 保持大小：3×3、步长 1，四周补一圈零。不要偏置：`has_bias=False`。
# %% [markdown] hint="12.2" lang="en"
# To keep the size with 3 x 3 and stride 1, pad by a ring of zeros. No bias: `has_bias=False`.
# %% [markdown] hint="12.2" lang="zh"
# 最后一个 ReLU 在相加**之后**，把和一起截断；相加之前的那一支以 BN2 结束。
# %% [markdown] hint="12.2" lang="en"
# The last ReLU comes **after** the sum and cuts the sum; the branch before it ends with BN2.
# %% wrong="12.2" mistake="no skip connection"
# zh: 少了残差连接：没有把 x 加回来
# en: the skip connection is missing: x is not added
class ResidualBlock(nn.Cell):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, has_bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, has_bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def construct(self, x):
        return ops.relu(self.norm2(self.conv2(ops.relu(self.norm1(self.conv1(x))))))


# %% wrong="12.2" mistake="relu before the sum"
# zh: 最后一个 ReLU 应当在相加之后
# en: the last ReLU belongs after the sum
class ResidualBlock(nn.Cell):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, has_bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, has_bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def construct(self, x):
        return x + ops.relu(self.norm2(self.conv2(ops.relu(self.norm1(self.conv1(x))))))


# %% wrong="12.2" mistake="no last relu"
# zh: 少了相加之后的 ReLU
# en: the ReLU after the sum is missing
class ResidualBlock(nn.Cell):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, has_bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, has_bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def construct(self, x):
        return x + self.norm2(self.conv2(ops.relu(self.norm1(self.conv1(x)))))


# %% wrong="12.2" mistake="no relu between"
# zh: 两个卷积之间少了 ReLU：没有它，两层线性运算合起来还是一层
# en: the ReLU between the convolutions is missing: without it two linear layers are one
class ResidualBlock(nn.Cell):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, has_bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, has_bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def construct(self, x):
        return ops.relu(x + self.norm2(self.conv2(self.norm1(self.conv1(x)))))


# %% wrong="12.2" mistake="relu before the norm"
# zh: 第一个 ReLU 应当在 BN 之后，不是之前
# en: the first ReLU comes after its BN, not before
class ResidualBlock(nn.Cell):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, has_bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, has_bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def construct(self, x):
        return ops.relu(x + self.norm2(self.conv2(self.norm1(ops.relu(self.conv1(x))))))


# %% solution="12.3"
class ConvStem(nn.Cell):
    def __init__(self, patch_size, in_channels, embed_dim):
        super().__init__()
        layers = patch_size.bit_length() - 1  # log2(P)
        channels = [in_channels] + [embed_dim // 2 ** (layers - 1 - i) for i in range(layers)]
        self.convs = nn.CellList(
            [
                nn.Conv2d(channels[i], channels[i + 1], 3, stride=2, pad_mode="pad", padding=1, has_bias=False)
                for i in range(layers)
            ]
        )
        self.norms = nn.CellList([nn.BatchNorm2d(channels[i + 1]) for i in range(layers)])
        self.relu = nn.ReLU()
        self.proj = nn.Conv2d(embed_dim, embed_dim, 1, has_bias=True)

    def construct(self, images):
        x = images
        for conv, norm in zip(self.convs, self.norms):
            x = self.relu(norm(conv(x)))
        x = self.proj(x)  # (B, D, H/P, W/P)
        B, D, H, W = x.shape
        return x.reshape(B, D, H * W).swapaxes(1, 2)  # (B, N, D)


# %% right="12.3"
# indices instead of zip, channels doubled on the way, channels last before the tokens are laid out
class ConvStem(nn.Cell):
    def __init__(self, patch_size, in_channels, embed_dim):
        super().__init__()
        convs, norms, wide = [], [], embed_dim * 2 // patch_size
        for i in range(patch_size.bit_length() - 1):
            convs.append(nn.Conv2d(wide // 2 if i else in_channels, wide, 3, 2, "pad", 1, has_bias=False))
            norms.append(nn.BatchNorm2d(wide))
            wide = wide * 2
        self.convs, self.norms = nn.CellList(convs), nn.CellList(norms)
        self.proj = nn.Conv2d(embed_dim, embed_dim, 1, has_bias=True)

    def construct(self, images):
        x = images
        for i in range(len(self.convs)):
            x = ops.relu(self.norms[i](self.convs[i](x)))
        x = self.proj(x).transpose(0, 2, 3, 1)  # (B, H/P, W/P, D)
        return x.reshape(x.shape[0], -1, x.shape[3])


# %% right="12.3"
# lists in a comprehension over pairs, ReLU as a maximum
class ConvStem(nn.Cell):
    def __init__(self, patch_size, in_channels, embed_dim):
        super().__init__()
        widths = [embed_dim]
        while patch_size > 2:
            widths.insert(0, widths[0] // 2)
            patch_size //= 2
        pairs = list(zip([in_channels, *widths], widths))
        self.convs = nn.CellList(
            [nn.Conv2d(a, b, 3, stride=2, pad_mode="pad", padding=1, has_bias=False) for a, b in pairs]
        )
        self.norms = nn.CellList([nn.BatchNorm2d(b) for _, b in pairs])
        self.proj = nn.Conv2d(embed_dim, embed_dim, kernel_size=1, has_bias=True)

    def construct(self, images):
        for conv, norm in zip(self.convs, self.norms):
            images = ops.maximum(norm(conv(images)), 0)
        return ops.flatten(self.proj(images), start_dim=2).swapaxes(1, 2)


# %% [markdown] hint="12.3" lang="zh"
# 先在纸上写 $P=8$、$D=96$：通道 3 → 24 → 48 → 96，大小 64 → 32 → 16 → 8。
# %% [markdown] hint="12.3" lang="en"
# On paper, for $P=8$ and $D=96$: channels 3 → 24 → 48 → 96, sides 64 → 32 → 16 → 8.
# %% [markdown] hint="12.3" lang="zh"
# 通道列表：第 $i$ 层（从 0 数）之后是 $D / 2^{\,\text{层数}-1-i}$。最后的形状是 `(B, D, H/P, W/P)`，还不是 token。
# %% [markdown] hint="12.3" lang="en"
# After layer $i$ (from 0) there are $D / 2^{\,\text{layers}-1-i}$ channels. What comes out last is `(B, D, H/P, W/P)`, not yet tokens.
# %% [markdown] hint="12.3" lang="zh"
# 先把后两个轴合成 $N$：`(B, D, N)`；再交换后两个轴。直接 `reshape(B, N, D)` 会把数打乱（第 04 课拆头时的同一个错误）。
# %% [markdown] hint="12.3" lang="en"
# Merge the last two axes into $N$, `(B, D, N)`, then swap the last two. A bare `reshape(B, N, D)` mixes the numbers up, the mistake of splitting heads in lesson 04.
# %% wrong="12.3" mistake="reshape alone"
# zh: 形状对，数乱了：(B, D, H, W) 直接 reshape 成了 (B, N, D)；要先合成 (B, D, N)，再交换后两个轴
# en: right shape, mixed-up numbers: (B, D, H, W) was reshaped to (B, N, D) directly; merge to (B, D, N) first, then swap the last two axes
class ConvStem(nn.Cell):
    def __init__(self, patch_size, in_channels, embed_dim):
        super().__init__()
        layers = patch_size.bit_length() - 1
        channels = [in_channels] + [embed_dim // 2 ** (layers - 1 - i) for i in range(layers)]
        pairs = list(zip(channels, channels[1:]))
        self.convs = nn.CellList([nn.Conv2d(a, b, 3, 2, "pad", 1, has_bias=False) for a, b in pairs])
        self.norms = nn.CellList([nn.BatchNorm2d(b) for _, b in pairs])
        self.proj = nn.Conv2d(embed_dim, embed_dim, 1, has_bias=True)

    def construct(self, images):
        x = images
        for conv, norm in zip(self.convs, self.norms):
            x = ops.relu(norm(conv(x)))
        x = self.proj(x)
        B, D, H, W = x.shape
        return x.reshape(B, H * W, D)


# %% wrong="12.3" mistake="columns first"
# zh: token 的顺序是从上到下、再从左到右；应当逐行，从左到右
# en: tokens go column by column; they should go row by row, left to right
class ConvStem(nn.Cell):
    def __init__(self, patch_size, in_channels, embed_dim):
        super().__init__()
        layers = patch_size.bit_length() - 1
        channels = [in_channels] + [embed_dim // 2 ** (layers - 1 - i) for i in range(layers)]
        pairs = list(zip(channels, channels[1:]))
        self.convs = nn.CellList([nn.Conv2d(a, b, 3, 2, "pad", 1, has_bias=False) for a, b in pairs])
        self.norms = nn.CellList([nn.BatchNorm2d(b) for _, b in pairs])
        self.proj = nn.Conv2d(embed_dim, embed_dim, 1, has_bias=True)

    def construct(self, images):
        x = images
        for conv, norm in zip(self.convs, self.norms):
            x = ops.relu(norm(conv(x)))
        x = self.proj(x).transpose(0, 3, 2, 1)  # (B, W/P, H/P, D)
        return x.reshape(x.shape[0], -1, x.shape[3])


# %% wrong="12.3" mistake="pad_mode same"
# zh: 步长 2 时 pad_mode="same"（nn.Conv2d 的默认）只补右边和下边；要 pad_mode="pad", padding=1
# en: with stride 2 pad_mode="same", nn.Conv2d's default, pads on the right and below only; take pad_mode="pad", padding=1
class ConvStem(nn.Cell):
    def __init__(self, patch_size, in_channels, embed_dim):
        super().__init__()
        layers = patch_size.bit_length() - 1
        channels = [in_channels] + [embed_dim // 2 ** (layers - 1 - i) for i in range(layers)]
        pairs = list(zip(channels, channels[1:]))
        self.convs = nn.CellList([nn.Conv2d(a, b, 3, 2, has_bias=False) for a, b in pairs])
        self.norms = nn.CellList([nn.BatchNorm2d(b) for _, b in pairs])
        self.proj = nn.Conv2d(embed_dim, embed_dim, 1, has_bias=True)

    def construct(self, images):
        x = images
        for conv, norm in zip(self.convs, self.norms):
            x = ops.relu(norm(conv(x)))
        return self.proj(x).flatten(start_dim=2).swapaxes(1, 2)


# %% wrong="12.3" mistake="no relu"
# zh: 卷积之间少了 ReLU：没有它，几层线性运算合起来还是一层
# en: ReLU is missing: without it several linear layers are one
class ConvStem(nn.Cell):
    def __init__(self, patch_size, in_channels, embed_dim):
        super().__init__()
        layers = patch_size.bit_length() - 1
        channels = [in_channels] + [embed_dim // 2 ** (layers - 1 - i) for i in range(layers)]
        pairs = list(zip(channels, channels[1:]))
        self.convs = nn.CellList([nn.Conv2d(a, b, 3, 2, "pad", 1, has_bias=False) for a, b in pairs])
        self.norms = nn.CellList([nn.BatchNorm2d(b) for _, b in pairs])
        self.proj = nn.Conv2d(embed_dim, embed_dim, 1, has_bias=True)

    def construct(self, images):
        x = images
        for conv, norm in zip(self.convs, self.norms):
            x = norm(conv(x))
        return self.proj(x).flatten(start_dim=2).swapaxes(1, 2)


# %% wrong="12.3" mistake="relu at the end"
# zh: proj 之后不接 ReLU：token 也要能是负数
# en: no ReLU behind proj: tokens may be negative
class ConvStem(nn.Cell):
    def __init__(self, patch_size, in_channels, embed_dim):
        super().__init__()
        layers = patch_size.bit_length() - 1
        channels = [in_channels] + [embed_dim // 2 ** (layers - 1 - i) for i in range(layers)]
        pairs = list(zip(channels, channels[1:]))
        self.convs = nn.CellList([nn.Conv2d(a, b, 3, 2, "pad", 1, has_bias=False) for a, b in pairs])
        self.norms = nn.CellList([nn.BatchNorm2d(b) for _, b in pairs])
        self.proj = nn.Conv2d(embed_dim, embed_dim, 1, has_bias=True)

    def construct(self, images):
        x = images
        for conv, norm in zip(self.convs, self.norms):
            x = ops.relu(norm(conv(x)))
        return ops.relu(self.proj(x)).flatten(start_dim=2).swapaxes(1, 2)


# %% investigation="12.4"
predicted = 0.7
investigate("12.4", predicted, network="cnn", patches="shuffled")


# %% solution="12.4"
conclusion = "B"


# %% [markdown] hint="12.4" lang="zh"
# 先各自算差：同一个网络，打乱和不打乱，平均值差多少。


# %% [markdown] hint="12.4" lang="en"
# Take differences first: for one network, how far are the means with and without shuffling?


# %% [markdown] hint="12.4" lang="zh"
# 三句话比的是两个**差**，不是谁的准确率高。


# %% [markdown] hint="12.4" lang="en"
# The statements compare two **differences**, not who is more accurate.


# %% [markdown] hint="12.4" lang="zh"
# 谁的差更大？大出来的部分，比输出最后一行说的还多吗？


# %% [markdown] hint="12.4" lang="en"
# Whose difference is larger, and is it larger by more than the last line of the output says?


# %% wrong="12.4" mistake="equal"
# zh: 两个差各是多少？相差够大吗？
# en: how large are the two differences, and are they far enough apart?
conclusion = "A"


# %% wrong="12.4" mistake="the ViT loses more"
# zh: 算反了？每个网络都用“不打乱”减“打乱”。
# en: the wrong way round? For each network, take in order minus shuffled.
conclusion = "C"


# %% investigation="12.5"
predicted = 0.8
investigate("12.5", predicted, network="cnn", pictures=500)


# %% solution="12.5"
conclusion = "C"


# %% [markdown] hint="12.5" lang="zh"
# 先看哪两行分得开：输出的最后一行说出要相差多少。


# %% [markdown] hint="12.5" lang="en"
# See first which rows are told apart: the last line of the output says how far apart they must be.


# %% [markdown] hint="12.5" lang="zh"
# 同样的张数，谁高？三种张数都要看。


# %% [markdown] hint="12.5" lang="en"
# With the same number of pictures, who is higher? Look at all three.


# %% [markdown] hint="12.5" lang="zh"
# 同一个网络的 5,000 张和 50,000 张，差得比门槛大吗？两个网络都要看。


# %% [markdown] hint="12.5" lang="en"
# Within one network, are 5,000 and 50,000 further apart than the threshold? Look at both networks.


# %% wrong="12.5" mistake="overtaken"
# zh: 看 50,000 张的两行：谁高？
# en: look at the two rows with 50,000: who is higher?
conclusion = "A"


# %% wrong="12.5" mistake="new pictures help"
# zh: 同一个网络，5,000 张和 50,000 张的平均值分得开吗？
# en: for one network, are the means of 5,000 and of 50,000 told apart?
conclusion = "B"


# %% investigation="12.6"
predicted = 0.5
investigate("12.6", predicted, data="cifar10")


# %% solution="12.6"
conclusion = "B"


# %% [markdown] hint="12.6" lang="zh"
# 先看哪两行分得开：输出的最后一行说出要相差多少。


# %% [markdown] hint="12.6" lang="en"
# See first which rows are told apart: the last line of the output says how far apart they must be.


# %% [markdown] hint="12.6" lang="zh"
# 只比两对：ViT 5,000 张对 CNN 500 张，ViT 50,000 张对 CNN 5,000 张。


# %% [markdown] hint="12.6" lang="en"
# Compare two pairs only: the ViT's 5,000 with the CNN's 500, the ViT's 50,000 with the CNN's 5,000.


# %% [markdown] hint="12.6" lang="zh"
# 每一对：谁的平均值高，分得开吗？


# %% [markdown] hint="12.6" lang="en"
# For each pair: whose mean is higher, and are they told apart?


# %% wrong="12.6" mistake="never behind"
# zh: ViT 用 50,000 张、CNN 用 5,000 张：谁高？
# en: the ViT's 50,000 and the CNN's 5,000: who is higher?
conclusion = "A"


# %% wrong="12.6" mistake="always behind"
# zh: ViT 用 5,000 张、CNN 用 500 张：谁高？
# en: the ViT's 5,000 and the CNN's 500: who is higher?
conclusion = "C"
