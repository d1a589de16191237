"""codes.csv: the codes to hand out, as a table that the organiser may save again, widen, or put away."""

import csv
import io
from pathlib import Path

from course.camp.camp import Camp
from course.camp.folder import write_private
from course.camp.text import cell, plain, uncell
from vit.data.tables import read_table
from vit.runtime.language import say

_FIRST = ["name", "code"]


def read_codes(camp: Camp) -> list[dict[str, str]] | None:
    """The rows that are there, whatever a spreadsheet has made of them; None where the file was put away."""
    path = camp.folder / "codes.csv"
    if not path.exists():
        return None
    table = read_table(path, {"name": ("姓名",), "code": ("营码",)})
    table.refuse()
    return [{column: uncell(text) for column, text in row.cells.items()} for row in table.rows]


def updated(camp: Camp, rows: list[dict[str, str]] | None, fresh: list[str]) -> list[dict[str, str]]:
    """The rows with everybody's code of today; who has a new one is added, who has left is not there.

    Args:
        fresh: names whose code is new.
    """
    codes = {learner.name: learner.code for learner in camp.learners if not learner.left}
    gone = {learner.name for learner in camp.learners if learner.left} - codes.keys()
    found = [
        row | {"code": codes.get(row["name"]) or row["code"]}
        for row in rows or []
        if row["name"] not in gone and not (row["name"] in fresh and row["name"] not in codes)
    ]
    there = {row["name"] for row in found}
    return found + [{"name": name, "code": codes[name]} for name in fresh if name in codes and name not in there]


def write_codes(folder: Path, rows: list[dict[str, str]]) -> None:
    others = dict.fromkeys(column for row in rows for column in row if column not in _FIRST)
    _write(folder / "codes.csv", [*_FIRST, *others], rows)


def write_messages(camp: Camp, rows: list[dict[str, str]]) -> Path:
    """messages.csv: for a mail merge, or to copy from: a text for each learner with their code."""
    path = camp.folder / "messages.csv"
    texts = [
        row
        | {
            "message": say(
                f"{row['name']}，你好！{plain(camp.title)}从 {camp.start} 开始。在任意一课运行第一个单元格，再运行 join()，输入昵称和你的营码：{row['code']}。营码只属于你，请不要转发。",
                f"Hello {row['name']}, {plain(camp.title)} begins on {camp.start}. In any lesson run the first cell, then join(), and type a nickname and your code: {row['code']}. It is yours alone; please do not pass it on.",
            )
        }
        for row in rows
    ]
    others = dict.fromkeys(column for row in texts for column in row if column not in _FIRST)
    _write(path, [*_FIRST, *others], texts)
    return path


def _write(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(columns)
    writer.writerows([cell(row.get(column, "")) for column in columns] for row in rows)
    write_private(path, "\ufeff" + stream.getvalue())  # so that Excel knows it for UTF-8
