# %% solution="02.1"
def centre_crop(image, size):
    top, left = (image.shape[0] - size) // 2, (image.shape[1] - size) // 2
    return image[top : top + size, left : left + size]  # (size, size, 3)


# %% [markdown] hint="02.1" lang="zh"
# 上面要去掉多少行？下面呢？
# %% [markdown] hint="02.1" lang="en"
# How many rows go at the top, how many at the bottom?
# %% [markdown] hint="02.1" lang="zh"
# `top = (H - size) // 2`，左边同理。
# %% [markdown] hint="02.1" lang="en"
# `top = (H - size) // 2`, and the left side likewise.
# %% [markdown] hint="02.1" lang="zh"
# 两个轴都切片：从偏移开始，长 `size`。
# %% [markdown] hint="02.1" lang="en"
# Slice both axes: from the offset, `size` long.
# %% wrong="02.1" mistake="top left"
# zh: 这是左上角，不是中间
# en: this is the top left corner, not the middle
def centre_crop(image, size):
    return image[:size, :size]


# %% wrong="02.1" mistake="height and width exchanged"
# zh: 高和宽的偏移用反了：第 0 轴是高
# en: the offsets of height and width are exchanged: axis 0 is the height
def centre_crop(image, size):
    top, left = (image.shape[1] - size) // 2, (image.shape[0] - size) // 2
    return image[top : top + size, left : left + size]


# %% wrong="02.1" mistake="not halved"
# zh: 多出的像素全从一边去掉了：还要除以 2
# en: all spare pixels were taken from one side: halve them
def centre_crop(image, size):
    top, left = image.shape[0] - size, image.shape[1] - size
    return image[top : top + size, left : left + size]


# %% solution="02.2"
def crop_size(H, W, a, r):
    area = a * H * W
    return (area / r) ** 0.5, (area * r) ** 0.5


# %% [markdown] hint="02.2" lang="zh"
# 两个未知数、两个方程：$hw = aHW$，$w = rh$。
# %% [markdown] hint="02.2" lang="en"
# Two unknowns, two equations: $hw = aHW$ and $w = rh$.
# %% [markdown] hint="02.2" lang="zh"
# 代入得 $r h^2 = aHW$。
# %% [markdown] hint="02.2" lang="en"
# Put together: $r h^2 = aHW$.
# %% [markdown] hint="02.2" lang="zh"
# 由 $rh^2=aHW$ 解出 $h$，$w$ 就有了。
# %% [markdown] hint="02.2" lang="en"
# Solve $rh^2=aHW$ for $h$; $w$ follows.
# %% wrong="02.2" mistake="share of the sides"
# zh: a 是面积的比例，不是边长的比例
# en: a is a fraction of the area, not of the sides
def crop_size(H, W, a, r):
    return a * H, a * W


# %% wrong="02.2" mistake="ratio inverted"
# zh: 宽高比反了：r 大，应当更宽
# en: the ratio is inverted: a larger r means wider
def crop_size(H, W, a, r):
    return (a * H * W * r) ** 0.5, (a * H * W / r) ** 0.5


# %% wrong="02.2" mistake="no root"
# zh: 忘了开平方
# en: the square roots are missing
def crop_size(H, W, a, r):
    return a * H * W / r, a * H * W * r


# %% wrong="02.2" mistake="ratio of the picture kept"
# zh: 用了原图的宽高比，没有用 r
# en: this keeps the picture's own ratio and does not use r
def crop_size(H, W, a, r):
    return H * a**0.5, W * a**0.5


# %% solution="02.3"
def to_picture(x):
    values = (x.transpose(1, 2, 0) * 0.5 + 0.5) * 255  # (H, W, 3)
    return np.rint(values).clip(0, 255).astype(np.uint8)


# %% [markdown] hint="02.3" lang="zh"
# 归一化是 $x=(p/255-0.5)/0.5$，解出 $p$。
# %% [markdown] hint="02.3" lang="en"
# Normalisation is $x=(p/255-0.5)/0.5$; solve for $p$.
# %% [markdown] hint="02.3" lang="zh"
# 直接 `astype(np.uint8)` 会怎样处理 256.3 和 −2？
# %% [markdown] hint="02.3" lang="en"
# What does a bare `astype(np.uint8)` make of 256.3 and of −2?
# %% [markdown] hint="02.3" lang="zh"
# 把公式的各步倒过来做，再取整、截断、换类型，就按这个次序。
# %% [markdown] hint="02.3" lang="en"
# Undo the formula's steps in reverse, then round, clip, and change the type, in that order.
# %% wrong="02.3" mistake="not cut off"
# zh: 超出范围的数绕回去了（256 变成 0）：先 clip，再转类型
# en: numbers beyond the range wrapped round (256 became 0): clip before the type changes
def to_picture(x):
    return np.rint((x.transpose(1, 2, 0) * 0.5 + 0.5) * 255).astype(np.int64).astype(np.uint8)


# %% wrong="02.3" mistake="rounded down"
# zh: 小数被截掉了，没有四舍五入
# en: fractions were cut off instead of rounded
def to_picture(x):
    return ((x.transpose(1, 2, 0) * 0.5 + 0.5) * 255).clip(0, 255).astype(np.uint8)


# %% wrong="02.3" mistake="reshape"
# zh: 用了 reshape 而不是 transpose：颜色串了
# en: reshape instead of transpose: the colours are scrambled
def to_picture(x):
    values = (x.reshape(*x.shape[1:], 3) * 0.5 + 0.5) * 255
    return np.rint(values).clip(0, 255).astype(np.uint8)


# %% wrong="02.3" mistake="half the range"
# zh: 只乘了 255：负数全成了 0；先乘 0.5、加 0.5
# en: only multiplied by 255, so negative numbers became 0; first times 0.5, plus 0.5
def to_picture(x):
    return np.rint(x.transpose(1, 2, 0) * 255).clip(0, 255).astype(np.uint8)


# %% solution="02.4"
def evaluation_set(images, labels, transform, batch_size):
    data = ds.NumpySlicesDataset((images, labels), ["image", "label"], shuffle=False)
    return data.map(transform, "image").batch(batch_size)


# %% right="02.4"
def evaluation_set(images, labels, transform, batch_size):
    pairs = list(zip(images, labels, strict=True))
    data = ds.GeneratorDataset(pairs, ["image", "label"], shuffle=False)
    data = data.map(operations=[transform], input_columns=["image"])
    return data.batch(batch_size, drop_remainder=False)


# %% [markdown] hint="02.4" lang="zh"
# 先 `map`，再 `batch`：变换处理的是一张图。
# %% [markdown] hint="02.4" lang="en"
# First `map`, then `batch`: the transform takes one image.
# %% [markdown] hint="02.4" lang="zh"
# `shuffle=False` 写在建数据集的时候。
# %% [markdown] hint="02.4" lang="en"
# `shuffle=False` belongs where the data set is made.
# %% [markdown] hint="02.4" lang="zh"
# 不写 `drop_remainder` 时它是什么？查一查 `batch` 的说明。
# %% [markdown] hint="02.4" lang="en"
# What is `drop_remainder` if you do not say it? Look it up in the help of `batch`.
# %% wrong="02.4" mistake="partial batch dropped"
# zh: 最后不满一批的两张丢了
# en: the last two, a partial batch, were dropped
def evaluation_set(images, labels, transform, batch_size):
    data = ds.NumpySlicesDataset((images, labels), ["image", "label"], shuffle=False)
    return data.map(transform, "image").batch(batch_size, drop_remainder=True)


# %% wrong="02.4" mistake="not transformed"
# zh: 图像没有经过 transform
# en: the images have not gone through the transform
def evaluation_set(images, labels, transform, batch_size):
    data = ds.NumpySlicesDataset((images, labels), ["image", "label"], shuffle=False)
    return data.batch(batch_size)


# %% wrong="02.4" mistake="not in batches"
# zh: 没有分批
# en: there are no batches
def evaluation_set(images, labels, transform, batch_size):
    data = ds.NumpySlicesDataset((images, labels), ["image", "label"], shuffle=False)
    return data.map(transform, "image")


# %% wrong="02.4" mistake="order reversed"
# zh: 顺序变了：评估的顺序要固定
# en: the order has changed; in evaluation it is fixed
def evaluation_set(images, labels, transform, batch_size):
    data = ds.NumpySlicesDataset((images[::-1], labels[::-1]), ["image", "label"], shuffle=False)
    return data.map(transform, "image").batch(batch_size)
