def question(rng):
    """Amdahl's law for a nickname; drawn until the usual slips give something else."""
    while True:
        share, factor = int(rng.integers(20, 95)), int(rng.integers(2, 30))
        part = share / 100
        right = 1 / (1 - part + part / factor)
        if all(abs(slip - right) > 0.05 * right for slip in (part * factor, 1 - part + part * factor, 1 / right)):
            break
    zh = f"一层占总时间的 {share} %，它的速度变为原来的 {factor} 倍，整体的速度变为原来的多少倍？（三位小数）"
    en = f"one layer takes {share} % of the time and is made {factor} times as fast: how many times as fast is the whole? (three decimals)"
    return zh, en, right
