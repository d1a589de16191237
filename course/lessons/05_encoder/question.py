def normalised(rng):
    """One number of a normalised token, for a nickname."""
    token = rng.integers(-5, 6, 4)
    token[0] += 1 if len(set(token.tolist())) == 1 else 0
    value = (token - token.mean()) / (token.var() + 1e-6) ** 0.5
    place = int(abs(value).argmax())
    zh = f"token {token.tolist()} 做层归一化（γ=1，β=0，ε 忽略；方差 = 离差平方和 ÷ 4）：第 {place} 个数（从 0 数）变成多少？（三位小数）"
    en = (
        f"Layer normalisation of the token {token.tolist()} (γ=1, β=0, ε left out; variance = sum of squared differences / 4): what does number {place} "
        "(from 0) become? (three decimals)"
    )
    return zh, en, value[place]


def hidden(rng):
    """How many parameters a Block has with an MLP of another width, for a nickname: biases and norms are what is forgotten."""
    dim, ratio = 16 * int(rng.integers(3, 20)), int(rng.integers(2, 6))
    zh = f"Block：D = {dim}，mlp_ratio = {ratio}，所有 Dense 都有偏置：一共多少个参数？（整数）"
    en = f"a Block with D = {dim} and mlp_ratio = {ratio}, biases in every Dense: how many parameters? (an integer)"
    return zh, en, 4 * dim**2 + 4 * dim + 2 * ratio * dim**2 + ratio * dim + dim + 4 * dim


def kept(rng):
    """What a branch's number becomes under drop path, for a nickname: the rescaling is what is forgotten."""
    rate, value = float(rng.choice([0.1, 0.2, 0.3, 0.4])), int(rng.integers(2, 20))
    zh = f"随机深度，丢弃概率 {rate}：分支里的一个数 {value} 留了下来，训练时它变成多少？（三位小数）"
    en = f"drop path with rate {rate}: the branch is kept: what does a number {value} in it become in training? (three decimals)"
    return zh, en, value / (1 - rate)


SECTIONS = {"A": normalised, "B": hidden, "C": kept}
