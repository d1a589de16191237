"""A camp's folder: camp.toml for what it is, keys.json for who is in it, checkins.jsonl for what they handed in.

camp.toml        dates, points, the sections of each day; to be edited
keys.json        the learners and their keys, for the organiser's eyes alone (mode 600)
codes.csv        each learner's code, to hand out (mode 600)
checkins.jsonl   the accepted lines as they were posted; every report opens them anew
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from filelock import FileLock

from course.learner.code import Key
from course.lesson import lesson_folders, read_lesson
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError, reason, unknown
from vit.runtime.language import say

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CORE = ("00", "03", "04", "05", "06", "07", "08")  # the lessons everybody does
PARTS = 6  # that a learner writes; course.learner.parts knows them, and needs MindSpore
POINTS = {"section": 10, "on_time": 2, "exercise": 2, "question": 3}


@dataclass
class Learner:
    name: str
    keys: list[Key]  # the last is the one in use
    replaced: list[str] = field(default_factory=list)  # when each earlier one was
    left: str | None = None  # the day, "2026-11-25"

    @property
    def key(self) -> Key:
        return self.keys[-1]

    @property
    def id(self) -> bytes:
        """The same for one learner whatever code they have; names may come again."""
        return self.keys[0].learner


@dataclass(frozen=True)
class Kept:
    """A line that was accepted once."""

    line: str
    seen: datetime  # when `verify` first met it
    source: str


@dataclass
class Camp:
    folder: Path
    id: str
    title: str
    start: date
    plan: dict[int, list[str]]  # day, from 1 -> places, "04A"
    optional: list[str]
    zone: ZoneInfo
    grace: int  # days
    needed: float  # share of the plan's sections for a certificate
    ranking: bool
    points: dict[str, int]
    versions: dict[str, list[str]]  # lesson -> first 8 digits of the hashes of accepted versions
    learners: list[Learner] = field(default_factory=list)

    @property
    def days(self) -> int:
        return max(self.plan)

    @property
    def core(self) -> list[str]:
        return [place for _, places in sorted(self.plan.items()) for place in places]

    def due(self, place: str) -> date | None:
        """The last day on which a section is in time; None for optional ones."""
        day = next((day for day, places in self.plan.items() if place in places), None)
        return None if day is None else self.date(day) + timedelta(days=self.grace)

    def date(self, day: int) -> date:
        return self.start + timedelta(days=day - 1)

    def day(self, when: datetime) -> int:
        """The camp's day at a moment, in its time zone; before the start 0 or less."""
        return (when.astimezone(self.zone).date() - self.start).days + 1

    def learner(self, name: str) -> Learner:
        for learner in self.learners:
            if learner.name == name and not learner.left:
                return learner
        there = [learner.name for learner in self.learners if not learner.left]
        raise unknown(say("名单里没有", "not on the roster:"), name, there)


def known_places() -> list[str]:
    """Every section of the course, "00A", ... "08", in order."""
    return [lesson.number + section for lesson in all_lessons() for section in lesson.sections]


def all_lessons() -> list:
    return [read_lesson(folder.name[:2]) for folder in lesson_folders()]


def now() -> datetime:
    """To the second; VIT_CAMP_NOW (ISO 8601) stands in for the clock when a camp is simulated."""
    told = os.environ.get("VIT_CAMP_NOW")
    try:
        moment = datetime.fromisoformat(told) if told else datetime.now(timezone.utc)
    except ValueError:
        raise UserError(say("VIT_CAMP_NOW 不是时间", "VIT_CAMP_NOW is no time")) from None
    return moment.astimezone(timezone.utc).replace(microsecond=0)


def read_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        raise UserError(
            say(f"没有时区 {name!r}；例如 Asia/Shanghai", f"no time zone {name!r}; for instance Asia/Shanghai")
        ) from None


def read_camp(folder: Path) -> Camp:
    """What `camp.toml` and `keys.json` say, looked at closely: both may have been edited.

    Raises:
        UserError: it is no camp's folder, or something in it cannot be used.
    """
    try:
        table = tomllib.loads((folder / "camp.toml").read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(
            say(
                f"{folder} 里没有 camp.toml：先用 camp new 建营",
                f"{folder}: no camp.toml there; make a camp with 'camp new'",
            )
        ) from None
    except UnicodeDecodeError:
        raise UserError(say(f"{folder}/camp.toml：请存为 UTF-8", f"{folder}/camp.toml: save it as UTF-8")) from None
    except (OSError, ValueError) as error:
        raise UserError(say(f"{folder}/camp.toml 读不懂：{error}", f"{folder}/camp.toml: {error}")) from None
    try:
        camp = Camp(
            folder,
            _typed(table, "id", str),
            _typed(table, "title", str),
            _typed(table, "start", date),
            _read_days(_typed(table, "days", dict)),
            list(map(str, _typed(table, "optional", list))),
            read_zone(_typed(table, "time_zone", str)),
            _typed(table, "grace_days", int),
            float(_typed(table, "certificate_share", (int, float))),
            _typed(table, "ranking", bool),
            {name: int(_typed(table["points"], name, (int, float))) for name in POINTS},
            {name: list(map(str, known)) for name, known in _typed(table, "versions", dict).items()},
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(
            say(f"{folder}/camp.toml：{error} 缺少或类型不对", f"{folder}/camp.toml: {error} is missing or of no use")
        ) from None
    if wrong := _wrong(camp):
        raise UserError(f"{folder}/camp.toml{say('：', ': ')}{wrong}")
    camp.learners = _read_learners(camp)
    return camp


def _read_days(table: dict) -> dict[int, list[str]]:
    days = {}
    for day, places in table.items():
        if not day.isdecimal() or not 1 <= int(day) <= 366 or not isinstance(places, list):
            raise UserError(
                say(
                    f'camp.toml 的 [days]：{plain(day)} 应当像 3 = ["00A"]，天数从 1 到 366',
                    f'[days] of camp.toml: {plain(day)} should look like 3 = ["00A"], with a day from 1 to 366',
                )
            )
        days[int(day)] = list(map(str, places))
    return days


def _wrong(camp: Camp) -> str:
    """What cannot be in values that are of the right kind; "" if nothing."""
    places = camp.core + camp.optional
    if strange := sorted(set(places) - set(known_places())):
        return say(f"课程里没有小节 {strange[0]!r}", f"the course has no section {strange[0]!r}")
    if double := [place for place in places if places.count(place) > 1]:
        return say(f"小节 {double[0]} 出现了两次", f"section {double[0]} stands there twice")
    if not camp.core:
        return say("[days] 里一个小节也没有", "[days] has no section at all")
    if not 2000 <= camp.start.year <= 2200:
        return say("start 应在 2000 到 2200 年之间", "start lies between the years 2000 and 2200")
    if not 0 <= camp.grace <= 366:
        return say("grace_days 是 0 到 366", "grace_days is 0 to 366")
    if not 0 < camp.needed <= 1:
        return say(
            "certificate_share 在 0 和 1 之间：80 % 写 0.8",
            "certificate_share lies between 0 and 1: write 0.8 for 80 %",
        )
    if not all(0 <= value <= 1_000_000 for value in camp.points.values()):
        return say("积分是 0 到一百万", "points are 0 to a million")
    return ""


def _typed(table: dict, name: str, kind):
    value = table[name]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool) or isinstance(value, datetime):
        raise TypeError(name)
    return value


def _read_learners(camp: Camp) -> list[Learner]:
    path = camp.folder / "keys.json"
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        return [
            Learner(
                str(one["name"]),
                [Key(camp.id, bytes.fromhex(key)) for key in one["keys"]],
                list(map(str, one["replaced"])),
                one["left"],
            )
            for one in table["learners"]
            if one["keys"]
        ]
    except OSError as error:
        raise UserError(say(f"{path}：{reason(error)}", f"{path}: {reason(error)}")) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(
            say(f"{path} 已损坏：请用备份的那一份", f"{path} is damaged: put back the copy you have kept")
        ) from None


def write_learners(camp: Camp, folder: Path | None = None) -> None:
    table = [
        {"name": one.name, "keys": [key.secret.hex() for key in one.keys], "replaced": one.replaced, "left": one.left}
        for one in camp.learners
    ]
    write_private((folder or camp.folder) / "keys.json", json.dumps({"learners": table}, ensure_ascii=False, indent=1))


def write_private(path: Path, text: str) -> None:
    """A file that only its owner may read, where the system knows of such (Windows: the folder's rights)."""
    with atomic_path(path, 0o600) as staged:
        staged.write_text(text, encoding="utf-8")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Two commands on one folder: one after the other. Nothing is made where no camp is."""
    if not (folder / "camp.toml").is_file():
        read_camp(folder)  # says so
    with FileLock(folder / ".lock", timeout=60):
        yield


def read_kept(camp: Camp) -> list[Kept]:
    """The lines handed in so far; what is no entry is passed over."""
    path, kept = camp.folder / "checkins.jsonl", []
    if not path.exists():
        return kept
    with path.open(encoding="utf-8", errors="replace") as stream:
        for text in stream:
            try:
                one = json.loads(text)
                kept.append(Kept(str(one["line"]), datetime.fromisoformat(one["seen"]), str(one["from"])))
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
    return kept


def write_kept(camp: Camp, kept: list[Kept]) -> None:
    with atomic_path(camp.folder / "checkins.jsonl") as staged, staged.open("w", encoding="utf-8") as stream:
        for one in kept:
            entry = {"line": one.line, "seen": one.seen.isoformat(), "from": one.source}
            stream.write(json.dumps(entry, ensure_ascii=False) + "\n")


def plain(text: str, most: int = 60) -> str:
    """Somebody's text for a terminal or a page: no line breaks, nothing invisible, nothing that turns the direction."""
    text = "".join(c if c.isprintable() else " " for c in text)
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= most else text[: most - 1] + "…"
