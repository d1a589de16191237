def question(rng):
    """A row of attention with three scores, for a nickname."""
    q = rng.integers(1, 5, 4)
    keys = rng.integers(-2, 4, (3, 4))
    scores = keys @ q / 2
    weights = 2.718281828459045 ** (scores - scores.max())
    weights /= weights.sum()
    best = int(weights.argmax())
    zh = f"q = {q.tolist()}，三个键 {keys.tolist()}，d = 4：最大的注意力权重是多少？（三位小数）"
    en = f"q = {q.tolist()}, three keys {keys.tolist()}, d = 4: what is the largest attention weight? (three decimals)"
    return zh, en, weights[best]
