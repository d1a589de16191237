def question(rng):
    """Operations of a matrix product, for a nickname."""
    m, k, n = (int(v) * 8 for v in rng.integers(3, 60, 3))
    zh = f"({m}, {k}) 的矩阵乘 ({k}, {n}) 的矩阵，一共多少次浮点运算？（乘和加都算，整数）"
    en = f"A matrix ({m}, {k}) times a matrix ({k}, {n}): how many floating point operations? (multiplications and additions, a whole number)"
    return zh, en, 2 * m * k * n
