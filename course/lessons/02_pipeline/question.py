def normalised(rng):
    """One normalised pixel, for a nickname."""
    value = 0.0
    while abs(value) < 0.1:
        pixel = int(rng.integers(1, 60)) * 4
        mean, std = round(float(rng.uniform(0.4, 0.5)), 3), round(float(rng.uniform(0.2, 0.3)), 3)
        value = (pixel / 255 - mean) / std
    zh = f"像素值 {pixel}，均值 {mean}、标准差 {std}（都在 0 到 1 的尺度上）：归一化之后是多少？（三位小数）"
    en = (
        f"a pixel of {pixel}, mean {mean}, standard deviation {std} (both on the scale from 0 to 1): what is it after "
        "normalisation? (three decimals)"
    )
    return zh, en, value


def epoch(rng):
    """Seconds of an epoch: pipeline and network work at the same time, so the slower one decides."""
    pipeline, network = 10 * int(rng.integers(5, 60)), 10 * int(rng.integers(5, 60))
    images = 100 * int(rng.integers(20, 90))
    zh = f"管道每秒准备 {pipeline} 张，网络每秒能训练 {network} 张，两者同时工作；一轮 {images} 张图大约要几秒？（一位小数）"
    en = f"a pipeline prepares {pipeline} images a second, the network can train on {network} a second, both at the same time: about how many seconds does an epoch of {images} images take? (one decimal)"
    return zh, en, images / min(pipeline, network)


SECTIONS = {"A": normalised, "B": epoch}
