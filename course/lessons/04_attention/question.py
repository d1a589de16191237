import numpy as np


def question(rng):
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
