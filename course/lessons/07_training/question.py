import math


def rate(rng):
    """The learning rate at one step of a schedule, for a nickname; drawn until the usual slips give something else."""
    while True:
        steps, share, peak = 100 * int(rng.integers(5, 40)), int(rng.integers(1, 4)), int(rng.integers(2, 9))
        warmup = steps * share // 10
        t = int(rng.integers(warmup + steps // 10, steps - steps // 10))
        right, *slips = (peak * 0.5 * (1 + math.cos(math.pi * x)) for x in ((t - warmup) / (steps - warmup), t / steps))
        if all(abs(slip - right) > 0.05 * right for slip in slips):
            break
    zh = f"峰值 {peak}e-4，一共 {steps} 步，预热 {warmup} 步，然后余弦降到 0。第 t={t} 步（从 0 数）的学习率是多少个 1e-4？（三位小数）"
    en = f"peak {peak}e-4, {steps} steps in all, {warmup} of them warm-up, then a cosine down to 0. What is the rate at step t={t} (counted from 0), in units of 1e-4? (three decimals)"
    return zh, en, right


def loss(rng):
    """The cross-entropy of one picture, for a nickname: the right class is not the first."""
    logits = (rng.integers(-20, 31, 4) / 10).tolist()
    right = int(rng.integers(1, 4))
    value = math.log(sum(math.exp(z) for z in logits)) - logits[right]
    zh = f"logits 是 {logits}，正确的是第 {right} 类（从 0 数），没有标签平滑：交叉熵是多少？（三位小数）"
    en = f"logits {logits}, the right class is number {right} (from 0), no label smoothing: what is the cross-entropy? (three decimals)"
    return zh, en, value


def clipped(rng):
    """One number of a gradient after clipping by the global norm, for a nickname: the norm is that of all together."""
    one, other = (3 * int(rng.integers(1, 9)), 4 * int(rng.integers(1, 9))), int(rng.integers(2, 13))
    norm = math.sqrt(one[0] ** 2 + one[1] ** 2 + other**2)
    zh = f"两个参数的梯度是 {list(one)} 和 [{other}]，按全局范数裁剪到 1：第一个参数的第 0 个数变成多少？（三位小数）"
    en = f"the gradients of two parameters are {list(one)} and [{other}]; clipped by their global norm to 1, what does number 0 of the first become? (three decimals)"
    return zh, en, one[0] / max(norm, 1)


def pictures_seen(rng):
    """How many steps a training takes, for a nickname: the partial batch is dropped in each epoch."""
    count, batch, epochs = int(rng.integers(1000, 9000)), int(rng.choice([16, 32, 64])), int(rng.integers(3, 20))
    zh = f"{count} 张训练图，每批 {batch} 张，不满的一批丢掉，{epochs} 轮：一共走多少步？（整数）"
    en = f"{count} training images, batches of {batch}, a partial batch is dropped, {epochs} epochs: how many steps in all? (an integer)"
    return zh, en, count // batch * epochs


SECTIONS = {"A": loss, "B": clipped, "C": rate, "D": pictures_seen}
