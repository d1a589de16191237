def question(rng):
    """Pictures lost with the last batch, for a nickname."""
    while (count := int(rng.integers(800, 5000))) % (batch := int(rng.choice([24, 32, 48, 64, 96]))) == 0:
        pass
    zh = f"{count} 张图，批大小 {batch}：若丢掉最后不满的一批，会丢掉几张？（整数）"
    en = (
        f"{count} pictures in batches of {batch}: how many are lost if the last, partial batch is dropped? (an integer)"
    )
    return zh, en, count % batch
