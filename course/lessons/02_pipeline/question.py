def question(rng):
    """One normalised pixel, for a nickname."""
    value = 0.0
    while abs(value) < 0.1:
        pixel = int(rng.integers(1, 60)) * 4
        mean, std = round(float(rng.uniform(0.4, 0.5)), 3), round(float(rng.uniform(0.2, 0.3)), 3)
        value = (pixel / 255 - mean) / std
    zh = f"像素值 {pixel}，均值 {mean}、标准差 {std}（都在 0 到 1 的尺度上）：归一化之后是多少？（三位小数）"
    en = (
        f"A pixel of {pixel}, mean {mean}, standard deviation {std} (both on the scale from 0 to 1): what is it after "
        "normalisation? (three decimals)"
    )
    return zh, en, value
