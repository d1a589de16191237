def field(rng):
    """A receptive field for a nickname: a stride in the middle is what is forgotten."""
    kernels, strides = rng.choice([3, 5, 7], 4).tolist(), [1, int(rng.integers(2, 5)), 1, 2]
    between, seen = 1, 1
    for kernel, stride in zip(kernels, strides, strict=True):
        seen += (kernel - 1) * between
        between *= stride
    told = "，".join(f"{k}×{k} 步长 {s}" for k, s in zip(kernels, strides, strict=True))
    told_en = ", ".join(f"{k} x {k} stride {s}" for k, s in zip(kernels, strides, strict=True))
    zh = f"四个卷积，从靠近图像的排起：{told}。最后一层一个位置的感受野边长是多少像素？（整数）"
    en = f"four convolutions, the one nearest the image first: {told_en}. How wide is the receptive field of a place of the last? (pixels, an integer)"
    return zh, en, seen


def stem(rng):
    """Parameters of a convolutional stem: gamma and beta, and the bias of the last, are what is forgotten."""
    layers, dim = int(rng.integers(2, 5)), 32 * int(rng.integers(3, 13))
    channels = [3, *(dim // 2 ** (layers - 1 - i) for i in range(layers))]
    count = sum(9 * channels[i] * channels[i + 1] + 2 * channels[i + 1] for i in range(layers)) + dim * dim + dim
    zh = f"ConvStem：P = {2**layers}，D = {dim}，3 个输入通道：一共多少个可训练的参数？（BN 的 γ 和 β 算上，滑动平均不算；整数）"
    en = f"a ConvStem with P = {2**layers}, D = {dim} and 3 input channels: how many trainable parameters? (gamma and beta of BN count, running averages do not; an integer)"
    return zh, en, count


def repeats(rng):
    """How often a picture is seen in a run of fixed length: the batch is what is forgotten."""
    updates, batch, pictures = (
        100 * int(rng.integers(5, 30)),
        int(rng.choice([32, 64, 128])),
        100 * int(rng.integers(3, 40)),
    )
    zh = f"{updates} 次更新，每次 {batch} 张，训练集只有 {pictures} 张不同的图：平均每张图被看了多少遍？（两位小数）"
    en = f"{updates} updates of {batch} pictures with {pictures} distinct ones to train on: how often has each been seen on average? (two decimals)"
    return zh, en, updates * batch / pictures


SECTIONS = {"A": field, "B": stem, "C": repeats}
