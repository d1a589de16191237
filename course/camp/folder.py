"""A camp's folder: camp.toml for what it is, keys.json for who is in it, checkins.jsonl for what they handed in.

camp.toml        dates, points, the sections of each day; to be edited
keys.json        the learners and their keys, for the organiser's eyes alone (mode 600)
codes.csv        each learner's code, to hand out (mode 600)
checkins.jsonl   the accepted lines as they were posted; every report opens them anew
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock

from course.camp.camp import Camp, Learner
from course.camp.settings import read_settings
from course.learner.code import Key
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError, reason
from vit.runtime.language import say


@dataclass(frozen=True)
class Kept:
    """A line that was accepted once."""

    line: str
    seen: datetime  # when `verify` first met it
    source: str


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
