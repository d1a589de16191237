def question(rng):
    """Parameters of a block of one's own width, for a nickname."""
    width = 64 * int(rng.integers(2, 20))
    depth = int(rng.integers(3, 25))
    zh = f"D={width}、MLP 放宽 4 倍、都有偏置的块，{depth} 个一共有多少参数？（整数）"
    en = f"How many parameters have {depth} blocks of D={width}, an MLP four times as wide, biases everywhere? (whole number)"
    return zh, en, depth * (12 * width * width + 13 * width)
