def question(rng):
    """The number of tokens at another resolution, for a nickname."""
    patch = int(rng.choice([8, 14, 16, 32]))
    rows, cols = (int(n) for n in rng.integers(8, 30, 2))
    layers, heads = int(rng.integers(4, 13)), int(rng.integers(2, 13))
    tokens = 1 + rows * cols
    size = f"{rows * patch} × {cols * patch}"
    zh = f"{size} 像素的图，{patch}×{patch} 的图像块，一个类别 token，{layers} 层，每层 {heads} 个头：一次前向一共有多少个注意力权重？（整数）"
    en = f"an image of {size} pixels, patches of {patch} x {patch}, one class token, {layers} layers of {heads} heads: how many attention weights are there in one forward pass? (an integer)"
    return zh, en, layers * heads * tokens**2
