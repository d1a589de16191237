"""A camp's folder: camp.toml for what it is, keys.json for who is in it, checkins.jsonl for what they handed in.

camp.toml        dates, rules, points, the sections of each day; to be edited
keys.json        the learners, their keys and codes, for the organiser's eyes alone (mode 600); enough to restore
codes.csv        each learner's code, to hand out (mode 600)
checkins.jsonl   the accepted lines as they were posted; only ever added to, and every report opens them anew
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from filelock import FileLock, Timeout

from course.camp.camp import Camp, Learner
from course.camp.settings import read_settings
from course.learner.camp_code import Key
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError, reason
from vit.runtime.language import say

PATIENCE = 60  # seconds to wait for another command


@dataclass(frozen=True)
class Kept:
    """A line that was accepted once."""

    line: str
    seen: datetime  # when `verify` first met it
    source: str


@dataclass
class Journal:
    """What checkins.jsonl says, entry by entry."""

    kept: dict[str, Kept] = field(default_factory=dict)  # line -> where and when it was seen first
    dropped: dict[str, str] = field(default_factory=dict)  # line -> why the organiser dropped it
    unreadable: list[int] = field(default_factory=list)  # numbers of entries that stay, and count for nothing


def read_camp(folder: Path) -> Camp:
    """What `camp.toml` and `keys.json` say.

    Raises:
        UserError: it is no camp's folder, or something in it cannot be used.
    """
    camp = read_settings(folder)
    camp.learners = _read_learners(camp)
    return camp


def _read_learners(camp: Camp) -> list[Learner]:
    path = camp.folder / "keys.json"
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        learners = [
            Learner(
                str(one["name"]),
                [Key(camp.id, bytes.fromhex(key)) for key in one["keys"]],
                [aware(when).isoformat() for when in one["replaced"]],
                one["left"],
                one.get("code"),
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
    return learners


def aware(text: str) -> datetime:
    """A moment as this program writes it; one that an editor took the zone from is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def write_learners(camp: Camp, folder: Path | None = None) -> None:
    table = [
        {
            "name": one.name,
            "code": one.code,
            "keys": [key.secret.hex() for key in one.keys],
            "replaced": one.replaced,
            "left": one.left,
        }
        for one in camp.learners
    ]
    write_private((folder or camp.folder) / "keys.json", json.dumps({"learners": table}, ensure_ascii=False, indent=1))


def write_private(path: Path, contents: str | bytes) -> None:
    """A file that only its owner may read, where the system knows of such (Windows: the folder's rights)."""
    with atomic_path(path, 0o600) as staged:
        staged.write_bytes(contents.encode("utf-8") if isinstance(contents, str) else contents)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Two commands on one folder: one after the other. Nothing is made where no camp is."""
    if not (folder / "camp.toml").is_file():
        read_camp(folder)  # says so
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout:
        raise UserError(
            say(
                f"{folder}：另一条命令已占用 {PATIENCE} 秒；等它结束再试",
                f"{folder}: another command has held it for {PATIENCE} s; wait for its end and try again",
            )
        ) from None
    except (OSError, NotImplementedError) as error:
        raise UserError(
            say(f"{folder}：不能写入（{reason(error)}）", f"{folder}: cannot be written ({reason(error)})")
        ) from None
    try:
        yield
    finally:
        lock.release()


def read_journal(camp: Camp) -> Journal:
    """All entries; of a line that is there more than once the earliest."""
    path, journal = camp.folder / "checkins.jsonl", Journal()
    if not path.exists():
        return journal
    with path.open(encoding="utf-8", errors="replace", newline="\n") as stream:
        for number, text in enumerate(stream, 1):
            try:
                one = json.loads(text)
                if "dropped" in one:
                    journal.dropped[str(one["line"])] = str(one["dropped"])
                elif "restored" in one:
                    journal.dropped.pop(str(one["line"]), None)
                else:
                    kept = Kept(str(one["line"]), aware(one["seen"]), str(one["from"]))
                    earlier = journal.kept.get(kept.line, kept)
                    journal.kept[kept.line] = min(earlier, kept, key=lambda k: k.seen)
            except (ValueError, KeyError, TypeError, RecursionError):
                if text.strip():
                    journal.unreadable.append(number)
    return journal


def read_kept(camp: Camp) -> list[Kept]:
    """The lines handed in so far that stand."""
    journal = read_journal(camp)
    return [kept for kept in journal.kept.values() if kept.line not in journal.dropped]


def write_kept(camp: Camp, kept: list[Kept]) -> None:
    """Add the lines that are not there yet, or not as early."""
    known = read_journal(camp).kept
    new = [one for one in kept if one.line not in known or one.seen < known[one.line].seen]
    add_entries(camp, [{"line": one.line, "seen": one.seen.isoformat(), "from": one.source} for one in new])


def add_entries(camp: Camp, entries: list[dict]) -> None:
    """Whatever is in the file stays as it is, byte by byte: it is evidence."""
    path = camp.folder / "checkins.jsonl"
    if not entries:
        return
    old = path.read_bytes() if path.exists() else b""
    if old and not old.endswith(b"\n"):
        old += b"\n"
    new = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
    with atomic_path(path) as staged:
        staged.write_bytes(old + new.encode("utf-8"))
