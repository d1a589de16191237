def question(rng):
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
