import numpy as np


def nearest(rng):
    """The distance to the nearest class mean; to the nearest picture, or squared, are the slips."""
    while True:
        points = rng.integers(-9, 10, (2, 2, 2))  # class, picture, feature
        new = rng.integers(-9, 10, 2)
        right = float(np.linalg.norm(points.mean(1) - new, axis=1).min())
        if right > 1.1 and abs(np.linalg.norm(points - new, axis=2).min() / right - 1) > 0.05:
            break
    one, other = points.tolist()
    zh = f"特征是两个数。甲类两张图 {one}，乙类两张图 {other}，新图 {new.tolist()}：它离最近的类中心有多远？（欧氏距离，三位小数）"
    en = f"features are two numbers. Class a has the images {one}, class b {other}; a new one is {new.tolist()}: how far is it from the nearest class mean? (Euclidean distance, three decimals)"
    return zh, en, right


def kept(rng):
    """What AdamW keeps when the head alone is trained: two running means for each of its parameters."""
    dim, classes = 64 * int(rng.integers(2, 13)), int(rng.integers(2, 60))
    zh = f"用第 07 课的 AdamW（每个参数记两个滑动平均）只训练新的头（宽 {dim}，{classes} 类，有偏置），其余冻住：滑动平均一共有多少个数？（整数）"
    en = f"lesson 07's AdamW keeps two running means for each parameter it trains. Only a new head is trained (width {dim}, {classes} classes, with a bias), the rest is frozen: how many numbers are these means? (an integer)"
    return zh, en, 2 * (dim * classes + classes)


def positions(rng):
    """How many numbers the positions are at another resolution; the class token's is what is forgotten."""
    patch, dim = int(rng.choice([8, 14, 16, 32])), 64 * int(rng.integers(2, 17))
    rows, cols = (int(n) for n in rng.integers(8, 30, 2))
    size = f"{rows * patch} × {cols * patch}"
    zh = f"宽 {dim} 的 ViT，图像块 {patch}×{patch}，有类别 token。换成 {size} 像素的图，放大之后的 `pos_embed` 一共有多少个数？（整数）"
    en = f"a ViT of width {dim}, patches of {patch} x {patch}, with a class token, gets images of {size} pixels: how many numbers has its `pos_embed` after enlarging? (an integer)"
    return zh, en, (1 + rows * cols) * dim


SECTIONS = {"A": nearest, "B": kept, "C": positions}
