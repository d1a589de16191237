"""Making a camp, and who is in it: new, add, remove, reissue."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from course.camp.camp import POINTS, Camp, Learner, all_lessons, now
from course.camp.folder import locked, read_camp, write_learners, write_private
from course.camp.schedule import plan
from course.camp.settings import read_zone, settings_text
from course.camp.text import cell, plain, uncell
from course.learner.code import Key, key_of, new_camp, new_code
from vit.runtime.atomic import atomic_folder
from vit.runtime.errors import UserError, reason
from vit.runtime.language import say
from vit.runtime.progress import bar

MOST = 5000  # learners
_IGNORED = "# written by `camp new`: none of this belongs in Git\n*\n"


def new(folder: Path, roster: Path, start: date, days: int = 25, zone: str = "Asia/Shanghai") -> Camp:
    """Make a camp's folder. It appears whole or not at all."""
    names = read_roster(roster)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):  # said before the slow part
        raise UserError(say(f"{folder}：不是空的；请换一个文件夹", f"{folder}: is not empty; choose another folder"))
    if not 2000 <= start.year <= 2200:
        raise UserError(say("开营日期应在 2000 到 2200 年之间", "the start lies between the years 2000 and 2200"))
    core, optional = plan(days)
    versions = {lesson.number: [lesson.hash[:8]] for lesson in all_lessons()}
    camp = Camp(folder, new_camp(), folder.name, start, core, optional, read_zone(zone), 1, 0.8, True, POINTS, versions)
    codes = _enrol(camp, names)
    with atomic_folder(folder) as staged:
        (staged / "camp.toml").write_text(settings_text(camp), encoding="utf-8")
        (staged / ".gitignore").write_text(_IGNORED, encoding="utf-8")
        write_learners(camp, staged)
        _write_codes(staged, codes)
    return camp


@contextmanager
def _changing(folder: Path) -> Iterator[tuple[Camp, dict[str, str]]]:
    """A camp and its codes, to be changed inside `with`; written at its end, the codes last."""
    with locked(folder):
        camp, codes = read_camp(folder), _read_codes(folder)
        yield camp, codes
        write_learners(camp)
        _write_codes(folder, codes)


def add(folder: Path, names: list[str]) -> None:
    with _changing(folder) as (camp, codes):
        _check_names(names)
        present = {learner.name for learner in camp.learners if not learner.left}
        if double := sorted(present & set(names)):
            raise UserError(
                say(
                    f"名单里已有 {double[0]!r}：请加上能区分的字",
                    f"{double[0]!r} is on the roster already: add what tells them apart",
                )
            )
        codes |= _enrol(camp, names)


def remove(folder: Path, names: list[str]) -> None:
    with _changing(folder) as (camp, codes):
        for name in names:
            camp.learner(name).left = now().astimezone(camp.zone).date().isoformat()
            codes.pop(name, None)


def reissue(folder: Path, names: list[str]) -> None:
    """A new code; what was handed in with the old one stays, nothing new is taken with it."""
    with _changing(folder) as (camp, codes):
        for name in names:
            learner = camp.learner(name)
            codes[name], key = _fresh(camp)
            learner.keys.append(key)
            learner.replaced.append(now().isoformat())


def read_roster(path: Path) -> list[str]:
    """The column `name` (or 姓名) of a CSV file, UTF-8 or GB 18030.

    Raises:
        UserError: it cannot be read, or has no such column, or a name that cannot be used.
    """
    try:
        if path.stat().st_size > 10_000_000:
            raise UserError(say(f"{path}：太大，不是名单", f"{path}: too large for a roster"))
        data = path.read_bytes()
    except OSError as error:
        raise UserError(say(f"{path}：{reason(error)}", f"{path}: {reason(error)}")) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    try:
        first = text.partition("\n")[0]
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
        column = next((c for c in rows.fieldnames or [] if c and c.strip().lower() in ("name", "姓名")), None)
        names = [(row[column] or "").strip() for row in rows] if column else []
    except csv.Error as error:
        raise UserError(say(f"{path}：不是 CSV（{error}）", f"{path}: is no CSV ({error})")) from None
    names = [name for name in names if name]
    if not names:
        raise UserError(
            say(
                f"{path}：要有名为 name 的一列，每行一个名字",
                f"{path}: needs a column called name, with a name in each row",
            )
        )
    _check_names(names)
    return names


def _check_names(names: list[str]) -> None:
    double = [name for name, count in Counter(names).items() if count > 1]
    strange = [name for name in names if not name.isprintable() or len(name) > 40 or not name.strip()]
    if double:
        wrong = plain(double[0], 40)
        raise UserError(
            say(
                f"名字 {wrong!r} 出现了两次：请加上能区分的字",
                f"the name {wrong!r} stands there twice: tell them apart",
            )
        )
    if strange:
        wrong = plain(strange[0], 40)
        raise UserError(
            say(
                f"名字 {wrong!r} 不能用：1 到 40 个看得见的字符",
                f"the name {wrong!r} cannot be used: 1 to 40 visible characters",
            )
        )
    if len(names) > MOST:
        raise UserError(say(f"最多 {MOST} 人", f"at most {MOST} learners"))


def _enrol(camp: Camp, names: list[str]) -> dict[str, str]:
    """Name -> code for new learners, who are added to the camp."""
    codes = {}
    for name in bar(names, desc=say("营码", "codes"), unit="", leave=False):
        codes[name], key = _fresh(camp)
        camp.learners.append(Learner(name, [key]))
    return codes


def _fresh(camp: Camp) -> tuple[str, Key]:
    """A code whose public number nobody of the camp has had."""
    taken = {key.learner for learner in camp.learners for key in learner.keys}
    while True:
        code = new_code(camp.id)
        key = key_of(code)
        if key.learner not in taken:
            return code, key


def _read_codes(folder: Path) -> dict[str, str]:
    try:
        with (folder / "codes.csv").open(encoding="utf-8-sig", newline="") as stream:
            return {uncell(row["name"]): row["code"] for row in csv.DictReader(stream)}
    except FileNotFoundError:
        return {}  # handed out and put away
    except (OSError, KeyError, ValueError, csv.Error) as error:
        raise UserError(say(f"codes.csv 读不懂：{error}", f"codes.csv: {error}")) from None


def _write_codes(folder: Path, codes: dict[str, str]) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([("name", "code"), *((cell(name), code) for name, code in codes.items())])
    write_private(folder / "codes.csv", "\ufeff" + stream.getvalue())  # so that Excel knows it for UTF-8
