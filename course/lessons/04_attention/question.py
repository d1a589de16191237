import numpy as np


def weight(rng):
    """The largest of three attention weights, for a nickname; drawn until scaling matters and it is no near-certainty."""
    while True:
        q, keys = rng.integers(1, 5, 4), rng.integers(-2, 4, (3, 4))
        largest = [
            float((e := np.exp(keys @ q / scale)).max() / e.sum()) for scale in (2, 1, 4)
        ]  # right, and both slips
        if 0.4 < largest[0] < 0.85 and all(abs(slip - largest[0]) > 0.05 for slip in largest[1:]):
            break
    zh = f"q = {q.tolist()}，三个键 {keys.tolist()}，d = 4：最大的注意力权重是多少？（三位小数）"
    en = f"q = {q.tolist()}, three keys {keys.tolist()}, d = 4: what is the largest attention weight? (three decimals)"
    return zh, en, largest[0]


def parameters(rng):
    """How many parameters an Attention has, for a nickname: biases are what is forgotten."""
    heads, width = int(rng.integers(2, 7)), int(rng.integers(8, 40))
    dim = heads * width
    zh = f"Attention({dim}, {heads}) 连同偏置共有多少个参数？（整数）"
    en = f"how many parameters does Attention({dim}, {heads}) have, biases included? (an integer)"
    return zh, en, dim * 3 * dim + 3 * dim + dim * dim + dim


def memory(rng):
    """The attention weights of one image, for a nickname; the class token is what is forgotten."""
    side, heads, depth = 16 * int(rng.integers(10, 40)), int(rng.integers(3, 17)), int(rng.integers(6, 25))
    tokens = (side // 16) ** 2 + 1
    zh = f"边长 {side} 的图，图像块边长 16，有类别 token，{depth} 层、{heads} 个头：各层的注意力权重一共多少个数？（整数）"
    en = f"an image of {side} x {side}, patches of 16, a class token, {depth} layers of {heads} heads: how many attention weights in all layers? (an integer)"
    return zh, en, depth * heads * tokens**2


SECTIONS = {"A": weight, "B": parameters, "C": memory}
