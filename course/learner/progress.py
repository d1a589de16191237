"""What the learner has done so far, kept in a file that outlives the kernel: FOLDER/progress.json.

    {"version": 1, "nickname": ..., "code": ...,
     "exercises": {"04.3": {"passed": time or null, "attempts": n, "mistakes": [...], "hints": n}},
     "parts": {"Attention": hash of the text that passed}, "lessons": {"04": {"begun": time}},
     "checkins": {"04A": time of the first}}

Two kernels may write at once, so each change is made under a lock. A damaged file is set aside, not lost.
"""

import json
import os
import time
from contextlib import contextmanager
from datetime import datetime, timezone

from filelock import FileLock

from course.language import say
from course.learner.my_vit import learner_folder
from vit.runtime.atomic import atomic_path
from vit.runtime.paths import shown

VERSION = 1


_TABLES = ("exercises", "parts", "lessons", "checkins")


def _empty() -> dict:
    return {"version": VERSION, "nickname": None, "code": None, **{name: {} for name in _TABLES}}


def path():
    return learner_folder() / "progress.json"


def read() -> dict:
    """What is known; a file that cannot be read is set aside and said."""
    try:
        known = json.loads(path().read_text(encoding="utf-8"))
        if isinstance(known, dict) and known.get("version") == VERSION:
            empty = _empty()
            words = {key: known[key] for key in ("nickname", "code") if isinstance(known.get(key), str)}
            tables = {key: known[key] for key in _TABLES if isinstance(known.get(key), dict)}
            return empty | words | tables
    except FileNotFoundError:
        return _empty()
    except (OSError, ValueError):
        pass
    aside = path().with_name(f"progress.damaged-{time.strftime('%Y%m%d-%H%M%S')}.json")
    try:
        os.replace(path(), aside)
        print(
            say(
                f"进度文件损坏，已改名为 {shown(aside)}，重新开始记录",
                f"the progress file was damaged; it is kept as {shown(aside)}, and a new one begins",
            )
        )
    except OSError:
        pass
    return _empty()


@contextmanager
def changing():
    """The progress, to be changed inside `with`; written at its end."""
    learner_folder().mkdir(parents=True, exist_ok=True)
    with FileLock(path().with_name(".progress.lock"), timeout=10):
        known = read()
        yield known
        with atomic_path(path()) as staged:
            staged.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def exercise(known: dict, number: str) -> dict:
    """The entry of an exercise, made where there is none."""
    fresh = {"passed": None, "attempts": 0, "mistakes": [], "hints": 0}
    return known["exercises"].setdefault(number, fresh)


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
