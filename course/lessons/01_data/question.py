import numpy as np


def deviation(rng):
    """The standard deviation of a channel on the scale from 0 to 1; the scale and n - 1 are the slips."""
    values = np.array([0, 0, 0, 0])
    while np.ptp(values) < 60:
        values = 4 * rng.integers(2, 62, 4)
    zh = f"一个通道的四个像素 {values.tolist()}（0 到 255）：在 0 到 1 的尺度上，标准差是多少？（求方差时除以 n，不是 n−1；四位小数）"
    en = f"four pixels of a channel are {values.tolist()} (0 to 255): what is their standard deviation on the scale from 0 to 1? (the variance divides by n, not n - 1; four decimals)"
    return zh, en, float(values.std() / 255)


def lost(rng):
    """Pictures lost with the last batch, for a nickname."""
    while (count := int(rng.integers(800, 5000))) % (batch := int(rng.choice([24, 32, 48, 64, 96]))) == 0:
        pass
    zh = f"{count} 张图，批大小 {batch}：若丢掉最后不满的一批，会丢掉几张？（整数）"
    en = (
        f"{count} pictures in batches of {batch}: how many are lost if the last, partial batch is dropped? (an integer)"
    )
    return zh, en, count % batch


SECTIONS = {"A": deviation, "B": lost}
