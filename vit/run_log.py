"""log.csv of a run: a line for each epoch."""

import csv
from pathlib import Path

from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.language import say

COLUMNS = ("epoch", "steps", "seconds", "lr", "train_loss", "images_per_s", "val_top1", "val_top5")


def write_log(path, rows: list[dict]) -> None:
    """Replace the file in one step."""
    with atomic_path(path) as staged, open(staged, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_log(path, epochs: int) -> list[dict]:
    """The rows of the first `epochs` epochs; none where there is no file yet.

    Raises:
        UserError: the file has been changed and cannot be read.
    """
    try:
        with open(Path(path), encoding="utf-8-sig") as file:
            rows = [
                {key: (int if key in ("epoch", "steps") else float)(row[key]) for key in COLUMNS}
                for row in csv.DictReader(file)
            ]
    except FileNotFoundError:  # stopped before the first epoch ended
        return []
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            say(
                f"{path}: 被改动过，读不出来（{error}）；请删掉它",
                f"{path}: has been changed and cannot be read ({error}); remove it",
            )
        ) from None
    return [row for row in rows if row["epoch"] <= epochs]
