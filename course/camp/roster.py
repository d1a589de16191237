"""Who is in a camp: read, add, remove, rename, reissue, forget; and one step back.

keys.json is the truth, codes and all, and is written first; codes.csv follows from it. A command that is cut off
between the two loses nothing: `camp codes` writes codes.csv again. What both were before is kept in undo/.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from course.camp.camp import Camp, Learner, now
from course.camp.codes import read_codes, updated, write_codes, write_messages
from course.camp.folder import locked, read_camp, write_learners, write_private
from course.camp.names import LONGEST, composed, same, strange
from course.camp.text import plain
from course.learner.camp_code import Key, key_of, new_code
from vit.data.tables import read_table
from vit.runtime.bars import bar
from vit.runtime.errors import UserError
from vit.runtime.language import say

MOST = 5000  # learners
_UNDONE = ("keys.json", "codes.csv")


@contextmanager
def changing(folder: Path) -> Iterator[tuple[Camp, list[str]]]:
    """A camp, to be changed inside `with`, and the names whose code is new; both files are written at its end."""
    with locked(folder):
        camp = read_camp(folder)
        rows, fresh = read_codes(camp), []
        _take_codes(camp, rows or [])
        yield camp, fresh
        _keep_step(folder)
        write_learners(camp)
        write_codes(folder, updated(camp, rows, fresh))


def _take_codes(camp: Camp, rows: list[dict[str, str]]) -> None:
    """Codes of a camp that was made before keys.json held them."""
    for row in rows:
        for learner in camp.learners:
            if learner.code is None and not learner.left and learner.name == row["name"]:
                learner.code = row["code"]


def _keep_step(folder: Path) -> None:
    """What is there now goes to undo/."""
    for name in _UNDONE:
        if (contents := _contents(folder / name)) is not None:
            write_private(folder / "undo" / name, contents)
        else:
            (folder / "undo" / name).unlink(missing_ok=True)


def _contents(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def undo(folder: Path) -> None:
    """The roster as it was before the last change; once more, and the change is back."""
    with locked(folder):
        before = {name: _contents(folder / "undo" / name) for name in _UNDONE}
        if before["keys.json"] is None:
            raise UserError(say(f"{folder}：没有可以撤销的改动", f"{folder}: there is nothing to undo"))
        _keep_step(folder)
        for name, contents in before.items():
            if contents is not None:
                write_private(folder / name, contents)


def add(folder: Path, names: list[str]) -> None:
    names = checked_names(names)
    with changing(folder) as (camp, fresh):
        _not_there(camp, names)
        if len(camp.learners) + len(names) > MOST:
            raise UserError(say(f"最多 {MOST} 人", f"at most {MOST} learners"))
        enrol(camp, names)
        fresh += names


def _not_there(camp: Camp, names: list[str]) -> None:
    present = {learner.name for learner in camp.learners if not learner.left}
    if double := sorted(present & set(names)):
        raise UserError(
            say(
                f"名单里已有 {double[0]!r}：请加上能区分的字（要他的营码：camp codes）",
                f"{double[0]!r} is on the roster already: add what tells them apart (for their code: camp codes)",
            )
        )


def remove(folder: Path, names: list[str]) -> None:
    with changing(folder) as (camp, _):
        for learner in [camp.learner(name) for name in names]:
            learner.left = now().astimezone(camp.zone).date().isoformat()


def rename(folder: Path, old: str, new: str) -> None:
    """Another name for a learner; their code and lines stay."""
    (new,) = checked_names([new])
    with changing(folder) as (camp, fresh):
        _not_there(camp, [new])
        camp.learner(old).name = new
        fresh += [old, new]


def reissue(folder: Path, names: list[str]) -> None:
    """A new code; what was handed in with the old one stays, nothing made later is taken with it."""
    with changing(folder) as (camp, fresh):
        for name in dict.fromkeys(names):
            learner = camp.learner(name)
            learner.code, key = _new(camp)
            learner.keys.append(key)
            learner.replaced.append(now().isoformat())
            fresh.append(name)


def hand_out(folder: Path, names: list[str]) -> list[Path]:
    """codes.csv and messages.csv, made anew from keys.json: of these learners, or of all."""
    with locked(folder):
        camp = read_camp(folder)
        rows = read_codes(camp)
        _take_codes(camp, rows or [])
        chosen = [camp.learner(name) for name in names] or [one for one in camp.learners if not one.left]
        if lost := [one.name for one in chosen if one.code is None]:
            name = plain(lost[0])
            raise UserError(
                say(
                    f"{name} 的营码没有存下来：用 camp reissue 换一个",
                    f"{name}'s code was not kept: give a new one by camp reissue",
                )
            )
        names = [one.name for one in chosen]
        rows = [row for row in updated(camp, rows, names) if row["name"] in names]
        write_codes(folder, rows)
        return [folder / "codes.csv", write_messages(camp, rows)]


def read_roster(path: Path, encoding: str | None = None) -> list[str]:
    """The column `name` (or 姓名) of a table.

    Raises:
        UserError: it cannot be read, has no such column, or names that cannot be used; all of those at once.
    """
    how = say(
        "请另存为“CSV UTF-8”，或用 --encoding 指明（如 gb18030、cp1252）",
        "save it as 'CSV UTF-8', or say which it is with --encoding (gb18030, cp1252 ...)",
    )
    table = read_table(path, {"name": ("names", "姓名", "名字", "昵称")}, encoding=encoding, how=how)
    first: dict[str, int] = {}
    for row in table.rows:
        if not (name := composed(row.cells["name"])):
            table.wrong(row.number, say("没有名字", "has no name"))
            continue
        for what in strange(name):
            table.wrong(row.number, what)
        if (earlier := first.setdefault(same(name), row.number)) != row.number:
            shown = plain(name, LONGEST)
            table.wrong(
                row.number,
                say(
                    f"名字 {shown!r} 在第 {earlier} 行已有：请加上能区分的字",
                    f"the name {shown!r} stands in row {earlier}, too: tell them apart",
                ),
            )
    table.refuse()
    if not table.rows:
        raise UserError(say(f"{path}：一个名字也没有", f"{path}: there is no name in it"))
    if len(table.rows) > MOST:
        raise UserError(say(f"{path}：最多 {MOST} 人", f"{path}: at most {MOST} learners"))
    return [composed(row.cells["name"]) for row in table.rows]


def checked_names(names: list[str]) -> list[str]:
    """Names as they shall stand, from a command line."""
    names = [composed(name.strip()) for name in names]
    for name in names:
        for what in strange(name):
            raise UserError(what)
    double = [name for name, count in Counter(map(same, names)).items() if count > 1]
    if double:
        shown = plain(double[0], LONGEST)
        raise UserError(say(f"名字 {shown!r} 出现了两次", f"the name {shown!r} stands there twice"))
    return names


def enrol(camp: Camp, names: list[str]) -> None:
    """Learners with a code each, added to the camp."""
    for name in bar(names, desc=say("营码", "codes"), unit="", leave=False):
        code, key = _new(camp)
        camp.learners.append(Learner(name, [key], code=code))


def _new(camp: Camp) -> tuple[str, Key]:
    """A code whose public number nobody of the camp has had."""
    taken = {key.learner for learner in camp.learners for key in learner.keys}
    while True:
        code = new_code(camp.id)
        key = key_of(code)
        if key.learner not in taken:
            return code, key
