import math


def question(rng):
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
