def pixel(rng):
    """Which patch a pixel ends up in, for a nickname: row and column are what is confused."""
    patch = int(rng.choice([8, 14, 16, 28, 32]))
    side = 224
    row, column = (int(v) for v in rng.integers(0, side, 2))
    zh = f"{side}×{side} 的图，块边长 {patch}：第 {row} 行、第 {column} 列的像素（都从 0 数）落在第几个图像块？（从 0 数，阅读顺序）"
    en = (
        f"an image of {side} x {side}, patches of {patch}: the pixel in row {row}, column {column} (from 0) "
        "is in which patch? (from 0, reading order)"
    )
    return zh, en, row // patch * (side // patch) + column // patch


def element(rng):
    """Where a pixel stands in its flattened patch, for a nickname: the order channel, row, column."""
    patch = int(rng.choice([8, 14, 16, 32]))
    channel, row, column = int(rng.integers(1, 3)), int(rng.integers(0, patch)), int(rng.integers(0, patch))
    zh = f"块边长 {patch}，3 个通道：块内通道 {channel}、第 {row} 行、第 {column} 列的数，展平后是第几个？（都从 0 数）"
    en = f"patches of {patch} with 3 channels: the number in channel {channel}, row {row}, column {column} inside a patch is which one after flattening? (all from 0)"
    return zh, en, channel * patch**2 + row * patch + column


def sequence(rng):
    """How many numbers the class token and the positions have together, for a nickname."""
    patch, side = int(rng.choice([8, 16, 32])), 32 * int(rng.integers(3, 13))
    dim = 64 * int(rng.integers(2, 17))
    places = 1 + (side // patch) ** 2
    zh = f"边长 {side} 的图，块边长 {patch}，D = {dim}：类别 token 和位置一共有多少个参数？（整数）"
    en = f"an image of {side} x {side}, patches of {patch}, D = {dim}: how many parameters have class token and positions together? (an integer)"
    return zh, en, dim + places * dim


SECTIONS = {"A": pixel, "B": element, "C": sequence}
