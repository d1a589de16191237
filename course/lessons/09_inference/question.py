import numpy as np


def warmth(rng):
    """The largest probability at a temperature; multiplying by it, or leaving it out, are the slips."""
    while True:
        logits, temperature = rng.integers(-2, 6, 3), float(rng.choice([0.5, 1.5, 2, 2.5, 3]))
        right, *slips = (float((e := np.exp(logits * by)).max() / e.sum()) for by in (1 / temperature, temperature, 1))
        if 0.4 < right < 0.97 and all(abs(slip - right) > 0.02 for slip in slips):
            break
    zh = f"三个 logits {logits.tolist()}，温度 {temperature}：最大的概率是多少？（三位小数）"
    en = f"three logits {logits.tolist()}, temperature {temperature}: what is the largest probability? (three decimals)"
    return zh, en, right


def rollout(rng):
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
    zh = f"两层注意力（先 A1 后 A2，一个头）：A1 = {first.tolist()}，A2 = {second.tolist()}。rollout（含残差连接，各占一半）的第 0 行第 1 列是多少？（三位小数）"
    en = f"two layers of attention (A1 first, then A2, one head): A1 = {first.tolist()}, A2 = {second.tolist()}. What is row 0, column 1 of the rollout, with the skip connection, half and half? (three decimals)"
    return zh, en, float(right)


def hidden(rng):
    """How much better than chance a map finds the object: what it hides of it, over what a random mask would."""
    while True:
        side, share = 4 * int(rng.integers(2, 8)), int(rng.choice([2, 4, 8]))
        masked, covered = side**2 // share, int(rng.integers(side, side**2 // 2))
        found = int(rng.integers(1, min(masked, covered)))
        right = found / (covered / share)
        if right > 1.2 and all(abs(slip - right) > 0.05 for slip in (found / covered, found / masked)):
            break
    zh = f"{side}×{side} 个图像块，物体占 {covered} 个。遮住模型看得最多的 1/{share}，遮到物体的 {found} 个图像块。平均说来，这是随机遮住 1/{share} 时的几倍？（两位小数）"
    en = f"{side} x {side} patches, {covered} of them are the object's. The 1/{share} that the model looks at most is hidden; {found} of the hidden patches are the object's. How many times as many is that as with a random 1/{share}, on average? (two decimals)"
    return zh, en, right


SECTIONS = {"A": warmth, "B": rollout, "C": hidden}
