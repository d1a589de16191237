import numpy as np


def question(rng):
    """One entry of a rollout through two layers of two tokens, for a nickname; the usual slips give something else."""
    while True:
        first, second = (np.array([[a, 10 - a], [b, 10 - b]]) / 10 for a, b in rng.integers(0, 11, (2, 2)))
        eye = np.eye(2)
        right = ((second + eye) @ (first + eye) / 4)[0, 1]
        slips = (
            (second @ first)[0, 1],
            ((first + eye) @ (second + eye) / 4)[0, 1],
            ((second + eye) @ (first + eye))[0, 1],
        )
        if 0.1 < right < 0.9 and all(abs(slip - right) > 0.02 for slip in slips):
            break
    zh = f"两层注意力（先 A1 后 A2，一个头）：A1 = {first.tolist()}，A2 = {second.tolist()}。rollout（含残差）的第 0 行第 1 列是多少？（三位小数）"
    en = f"two layers of attention (A1 first, then A2, one head): A1 = {first.tolist()}, A2 = {second.tolist()}. What is row 0, column 1 of the rollout, residuals included? (three decimals)"
    return zh, en, float(right)
