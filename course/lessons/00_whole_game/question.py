def patches(rng):
    """How many patches an image has that is no square, for a nickname."""
    side = int(rng.choice([8, 14, 16, 32]))
    height, width = side * int(rng.integers(5, 30)), side * int(rng.integers(5, 30))
    zh = f"{height}×{width} 的图切成 {side}×{side} 的图像块，一共几块？（整数）"
    en = f"an image of {height} x {width} is cut into patches of {side} x {side}: how many are there? (an integer)"
    return zh, en, (height // side) * (width // side)


def pixel(rng):
    """What a pixel becomes, for a nickname: both halves of the formula count."""
    value = int(rng.integers(1, 255))
    zh = f"按 x = (p/255 - 0.5)/0.5，像素值 {value} 变成多少？（三位小数）"
    en = f"by x = (p/255 - 0.5)/0.5, what does a pixel of {value} become? (three decimals)"
    return zh, en, (value / 255 - 0.5) / 0.5


SECTIONS = {"A": patches, "B": pixel}
