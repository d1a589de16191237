from math import comb


def bits(rng):
    """Pairs that a check must compare, for a nickname: each once, and none with itself."""
    train, val = int(rng.integers(100, 900)), int(rng.integers(40, 300))
    zh = f"train 有 {train} 张，val 有 {val} 张：要找出 train 和 val 之间相像的图片，需要比较多少对？（整数，同一边的不比）"
    en = f"{train} pictures in train and {val} in val: how many pairs have to be compared to find doubles between train and val? (an integer; pairs on one side are not compared)"
    return zh, en, train * val


def pairs(rng):
    """The binomial test of a comparison in pairs, for a nickname."""
    one, other = int(rng.integers(0, 5)), int(rng.integers(5, 13))
    many = one + other
    p = min(1.0, 2 * sum(comb(many, k) for k in range(one + 1)) / 2**many)
    zh = f"同样 200 张图：只有 A 答对的 {one} 张，只有 B 答对的 {other} 张，其余两者一样。成对比较的 p 是多少？（四位小数）"
    en = f"the same 200 pictures: {one} are right by A alone, {other} by B alone, on the others they agree. What is p of the comparison in pairs? (four decimals)"
    return zh, en, p


def masked(rng):
    """Tokens that an MAE encoder works on, for a nickname: the class token is not hidden."""
    side, share = int(rng.integers(8, 24)), int(rng.choice([50, 60, 75, 80]))
    kept = side * side - side * side * share // 100
    zh = f"{side}×{side} 个图像块，MAE 遮住其中的 {share} %（块数向下取整），类别 token 不遮：编码器处理几个 token？（整数）"
    en = f"{side} x {side} patches, of which MAE hides {share} % (rounded down to whole patches); the class token stays: how many tokens does the encoder work on? (an integer)"
    return zh, en, kept + 1


SECTIONS = {"A": bits, "B": pairs, "C": masked}
