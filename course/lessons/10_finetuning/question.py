import numpy as np


def nearest(rng):
    """The distance to the nearest class mean; to the nearest picture, or squared, are the slips."""
    while True:
        points = rng.integers(-9, 10, (2, 2, 2))  # class, picture, feature
        new = rng.integers(-9, 10, 2)
        right = float(np.linalg.norm(points.mean(1) - new, axis=1).min())
        if right > 1.1 and abs(np.linalg.norm(points - new, axis=2).min() - right) > 0.1:
            break
    one, other = points.tolist()
    zh = f"特征是两个数。甲类两张图 {one}，乙类两张图 {other}，新图 {new.tolist()}：它离最近的类中心有多远？（欧氏距离，三位小数）"
    en = f"features are two numbers. Class a has the images {one}, class b {other}; a new one is {new.tolist()}: how far is it from the nearest class mean? (Euclidean distance, three decimals)"
    return zh, en, right


def kept(rng):
    """What AdamW keeps when the head alone is trained: two running means for each of its parameters."""
    dim, classes = 64 * int(rng.integers(2, 13)), int(rng.integers(2, 60))
    zh = f"只训练新的头（宽 {dim}，{classes} 类，有偏置），其余冻住。AdamW 的两个滑动平均一共要存多少个数？（整数）"
    en = f"only a new head is trained (width {dim}, {classes} classes, with a bias), the rest is frozen. How many numbers do AdamW's two running means hold? (an integer)"
    return zh, en, 2 * (dim * classes + classes)


def weights(rng):
    """The number of attention weights at another resolution, for a nickname."""
    patch = int(rng.choice([8, 14, 16, 32]))
    rows, cols = (int(n) for n in rng.integers(8, 30, 2))
    layers, heads = int(rng.integers(4, 13)), int(rng.integers(2, 13))
    tokens = 1 + rows * cols
    size = f"{rows * patch} × {cols * patch}"
    zh = f"{size} 像素的图，{patch}×{patch} 的图像块，一个类别 token，{layers} 层，每层 {heads} 个头：一次前向一共有多少个注意力权重？（整数）"
    en = f"an image of {size} pixels, patches of {patch} x {patch}, one class token, {layers} layers of {heads} heads: how many attention weights are there in one forward pass? (an integer)"
    return zh, en, layers * heads * tokens**2


SECTIONS = {"A": nearest, "B": kept, "C": weights}
