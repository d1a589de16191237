def scores(rng):
    """The multiply-adds of q k^T in one layer, all heads together; the class token is what is forgotten."""
    side, heads, width = int(rng.integers(6, 25)), int(rng.integers(2, 13)), 8 * int(rng.integers(4, 9))
    tokens = side**2 + 1
    zh = f"{side}×{side} 个图像块加一个类别 token，{heads} 个头，每个头宽 {width}：一层里算 QKᵀ（所有的头加起来）要多少次乘加？（一张图，整数）"
    en = f"{side} x {side} patches and a class token, {heads} heads of width {width}: how many multiply-adds does QKᵀ take in one layer, all heads together? (one image, an integer)"
    return zh, en, heads * tokens**2 * width


def amdahl(rng):
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


def steps(rng):
    """Steps of an epoch where processes share the batches; what does not fill the last is left out."""
    images, batch, processes = int(rng.integers(2000, 9000)), int(rng.choice([8, 16, 24, 32])), int(rng.integers(2, 9))
    zh = f"{images} 张训练图，{processes} 个进程，每个进程每步 {batch} 张，不满的一步丢掉：一轮有几步？（整数）"
    en = f"{images} training images, {processes} processes, each with {batch} images a step; a partial step is dropped: how many steps has an epoch? (an integer)"
    return zh, en, images // (batch * processes)


def traffic(rng):
    """Memory that a chain of ops moves, each reading and writing every number once, against one fused loop."""
    tokens, width, ops = int(rng.integers(500, 3000)), 64 * int(rng.integers(4, 25)), int(rng.integers(3, 9))
    zh = f"{tokens}×{width} 个 float32，{ops} 个逐元素的算子各读一遍、写一遍；合成一个循环只读一遍、写一遍，少搬多少字节？（整数）"
    en = f"{tokens} x {width} numbers of float32; {ops} element-wise ops read and write each of them once, a fused loop does so only once: how many bytes fewer are moved? (an integer)"
    return zh, en, (ops - 1) * 2 * 4 * tokens * width


SECTIONS = {"A": scores, "B": amdahl, "C": steps, "D": traffic}
