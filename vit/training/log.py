"""log.csv of a run: a line for each epoch."""

import csv

from vit.runtime.atomic import atomic_path

COLUMNS = {  # and how each is written
    "epoch": "d",
    "steps": "d",
    "seconds": ".1f",
    "lr": ".3g",
    "train_loss": ".4f",
    "images_per_s": ".1f",
    "val_top1": ".4f",
    "val_top5": ".4f",
}


def write_log(path, rows: list[dict]) -> None:
    """Replace the file in one step."""
    with atomic_path(path) as staged, open(staged, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([format(row[name], form) for name, form in COLUMNS.items()] for row in rows)
