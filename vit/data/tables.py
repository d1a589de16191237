"""Tables as people send them: CSV of any spreadsheet, separator and encoding, read by one reader.

What is guessed is said on standard error, what cannot be told is refused, and all that is wrong is said at once,
with the numbers of the rows as a spreadsheet shows them.
"""

import csv
import io
import sys
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vit.data.encodings import decode, samples
from vit.runtime.errors import UserError, reason
from vit.runtime.language import say

MOST_BYTES = 100_000_000
_SHOWN = 8  # of what is wrong


@dataclass
class Row:
    number: int  # as a spreadsheet counts, the header is 1
    cells: dict[str, str]  # column -> text, without spaces around it


@dataclass
class Table:
    path: Path
    columns: list[str]  # those that were asked for by their asked-for names, the others as they stand
    rows: list[Row] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)  # row, what is wrong with it

    def wrong(self, row: int, what: str) -> None:
        self.problems.append((row, what))

    def refuse(self) -> None:
        """Raises:
        UserError: something is wrong, all of it in a line.
        """
        if self.problems:
            shown = [say(f"第 {n} 行 {text}", f"row {n}: {text}") for n, text in sorted(self.problems)[:_SHOWN]]
            more = len(self.problems) - len(shown)
            shown += [say(f"这样的还有 {more} 处", f"and {more} more")] if more else []
            listed = say("；", "; ").join(shown)
            raise UserError(f"{self.path}: {listed}")


def read_table(
    path: Path, columns: Mapping[str, Collection[str]], *, encoding: str | None = None, how: str = ""
) -> Table:
    """A CSV file's rows; rows of another length than the header are among the table's problems.

    Args:
        columns: those that must be there: name -> headers that mean it, compared without case, spaces and signs.
        encoding: what the reader says it is; else it is found out.
        how: to mend an encoding that cannot be told.

    Raises:
        UserError: it cannot be read, or lacks a column, or has one twice.
    """
    text = _text(path, encoding, how)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:  # a spreadsheet's own first line
        mark, text = first.strip()[4], "\n" + rest
    else:
        mark = max(",;\t", key=lambda one: _outside_quotes(_first_line(text)).count(one))
    numbered, broken = _records(text, mark)
    if not numbered:
        raise UserError(say(f"{path}: 是空的", f"{path}: is empty"))
    head, body = numbered[0][1], numbered[1:]
    while head and not head[-1].strip():  # columns that a spreadsheet has added
        head.pop()
    table = Table(path, _columns(path, head, columns))
    for number, cells in body:
        while len(cells) > len(head) and not cells[-1].strip():
            cells.pop()
        if len(cells) == len(head):
            table.rows.append(Row(number, dict(zip(table.columns, map(str.strip, cells), strict=True))))
            continue
        have, want = len(cells), len(head)
        quotes = say("：含分隔符的内容要加引号", ": put quotes around a text that holds the separator")
        hint = quotes if have > want else ""
        table.wrong(number, say(f"有 {have} 格，表头有 {want} 格{hint}", f"{have} cells, the header has {want}{hint}"))
    if broken:
        table.problems.append(broken)
    return table


def _text(path: Path, encoding: str | None, how: str) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(say(f"{path}: 太大，不是表格", f"{path}: too large for a table"))
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(say(f"{path}: 没有这个文件", f"{path}: no such file")) from None
    except OSError as error:
        raise UserError(say(f"{path}：{reason(error)}", f"{path}: {reason(error)}")) from None
    if what := _other(data):
        raise UserError(say(f"{path}: 是{what}：请另存为“CSV UTF-8”", f"{path}: is {what}: save it as 'CSV UTF-8'"))
    try:
        text, name, guessed = decode(data, encoding, how)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    if guessed:
        how = how or say("请另存为“CSV UTF-8”", "save it as 'CSV UTF-8'")
        print(
            say(
                f"{path}: 不是 UTF-8，按 {name} 读作 {samples(text)}；若不对，{how}",
                f"{path}: no UTF-8, read as {name}: {samples(text)}; if that is wrong, {how}",
            ),
            file=sys.stderr,
        )
    return text


def _other(data: bytes) -> str | None:
    """What else it is, by how it begins."""
    known = {
        b"PK\x03\x04": say("Excel 工作簿（.xlsx）或压缩包", "an Excel workbook (.xlsx) or a zip"),
        b"\xd0\xcf\x11\xe0": say("旧式 Excel 工作簿（.xls）", "an old Excel workbook (.xls)"),
        b"%PDF": say("PDF 文档", "a PDF"),
        b"\x1f\x8b": say("gzip 压缩文件", "a gzip archive"),
        b"{\\rtf": say("RTF 文档", "an RTF document"),
    }
    return next((what for begins, what in known.items() if data.startswith(begins)), None)


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _records(text: str, mark: str) -> tuple[list[tuple[int, list[str]]], tuple[int, str] | None]:
    """(row, cells) of each row with something in it, and where and why reading had to end, if it had."""
    found, number = [], 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return found, None
        except csv.Error as error:
            return found, (
                number,
                say(
                    f"引号不成对，后面的没有读（{error}）",
                    f"a quote that does not end, the rest was not read ({error})",
                ),
            )
        if any(cell.strip() for cell in cells):
            found.append((number, cells))


def _columns(path: Path, head: list[str], wanted: Mapping[str, Collection[str]]) -> list[str]:
    """The header with the asked-for names where they are meant."""
    meant = {_folded(header): name for name, headers in wanted.items() for header in (name, *headers)}
    found = [meant.get(_folded(header), header.strip()) for header in head]
    if double := [name for name in wanted if found.count(name) > 1]:
        raise UserError(say(f"{path}: 列 {double[0]} 出现了两次", f"{path}: column {double[0]} stands there twice"))
    if missing := [name for name in wanted if name not in found]:
        lacking, there = say("、", " and ").join(missing), say("、", ", ").join(repr(header.strip()) for header in head)
        raise UserError(say(f"{path}: 缺少列 {lacking}；有 {there}", f"{path}: no column {lacking}; there are {there}"))
    for place, name in enumerate(found):
        if not name or name in found[:place]:
            found[place] = f"{name}#{place + 1}"  # without a name, or with another's: kept apart
    return found


def _folded(header: str) -> str:
    """A header without case, width, spaces, signs, and what cannot be seen."""
    return "".join(c for c in unicodedata.normalize("NFKC", header).casefold() if c.isalnum())


def invisible(text: str) -> list[str]:
    """The names of characters in it that cannot be seen, but for those that join two signs of one emoji."""
    found = []
    for place, c in enumerate(text):
        around = text[place - 1 : place] + text[place + 1 : place + 2]
        joins = c == "\u200d" and len(around) == 2 and not any(n.isalnum() or n.isspace() for n in around)
        if not c.isprintable() and not joins:
            found.append(f"{unicodedata.name(c, 'control character')} U+{ord(c):04X}")
    return found
