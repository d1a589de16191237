def depth(rng):
    """Parameters of a stack of blocks of one's own width, for a nickname."""
    width = 64 * int(rng.integers(2, 20))
    layers = int(rng.integers(3, 25))
    zh = f"D = {width}、MLP 的隐藏层宽 4 倍、都有偏置的编码器层，{layers} 层一共有多少参数？（整数）"
    en = f"how many parameters do {layers} encoder blocks of D = {width} have (an MLP four times as wide, biases everywhere)? (an integer)"
    return zh, en, layers * (12 * width * width + 13 * width)


def outside(rng):
    """What a ViT has outside its blocks, for a nickname: the class token and its position are what is forgotten."""
    width, patch, classes = 64 * int(rng.integers(2, 13)), int(rng.choice([8, 16, 32])), int(rng.integers(5, 500))
    zh = f"D = {width}、块边长 {patch}、图像边长 224、{classes} 类的 ViT，编码器层以外（含最后的归一化）有多少参数？（整数）"
    en = f"a ViT with D = {width}, patches of {patch}, images of 224, {classes} classes: how many parameters outside its blocks, the last norm included? (an integer)"
    return (
        zh,
        en,
        3 * patch**2 * width + width + width + (1 + (224 // patch) ** 2) * width + 2 * width + classes * (width + 1),
    )


def probability(rng):
    """The softmax of three logits, for a nickname: all classes count."""
    logits = (rng.integers(-10, 31, 3) / 10).tolist()
    powers = [2.718281828459045**value for value in logits]
    zh = f"只有三个类别，logits 是 {logits}：第 0 类的概率是多少？（三位小数）"
    en = f"there are three classes, with logits {logits}: what is the probability of class 0? (three decimals)"
    return zh, en, powers[0] / sum(powers)


SECTIONS = {"A": depth, "B": outside, "C": probability}
