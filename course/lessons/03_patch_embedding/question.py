def question(rng):
    """Where a pixel ends up, for a nickname."""
    patch = int(rng.choice([8, 14, 16, 28, 32]))
    side = 224
    row, column = (int(v) for v in rng.integers(0, side, 2))
    zh = f"{side}×{side} 的图，块边长 {patch}：第 {row} 行、第 {column} 列的像素（都从 0 数）落在第几个块？（从 0 数，阅读次序）"
    en = (
        f"An image of {side} x {side}, patches of {patch}: the pixel in row {row}, column {column} (from 0) "
        "is in which patch? (from 0, reading order)"
    )
    return zh, en, row // patch * (side // patch) + column // patch
