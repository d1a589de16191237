"""What the learner has done so far, kept in a file that outlives the kernel: progress.json.

    {"version": 1, "nickname": ..., "code": ...,
     "exercises": {"04.3": {"passed": time or null, "attempts": n, "mistakes": [...], "hints": n}},
     "parts": {"Attention": hash of the text that passed}, "lessons": {"04": {"begun": time}},
     "checkins": {"04A": time of the first},
     "investigations": {"04.6": [{"change", "seed", "predicted", "result", "time"}, ...]}}

Two kernels may write at once, so each change is made under a lock. A damaged file is set aside, not lost; one of
another version is taken as far as it is understood.
"""

import json
import os
import time
from contextlib import contextmanager
from datetime import datetime, timezone

from filelock import FileLock, Timeout

from course.language import say
from course.learner.home import progress_file
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError, reason
from vit.runtime.paths import shown

VERSION = 1
WAIT = 10  # seconds, for another kernel to finish writing
_TABLES = ("exercises", "parts", "lessons", "checkins", "investigations")


def _empty() -> dict:
    return {"version": VERSION, "nickname": None, "code": None, **{name: {} for name in _TABLES}}


def read() -> dict:
    """What is known. A file that is no JSON is set aside, and it is said; one that cannot be read now is left alone."""
    try:
        return _load()
    except OSError as error:
        print(_cannot(error))
        return _empty()


def _load() -> dict:
    try:
        known = json.loads(progress_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _empty()
    except (ValueError, RecursionError):
        known = None
    if isinstance(known, dict):
        return of_this_version(known)
    aside = progress_file().with_name(f"progress.damaged-{time.strftime('%Y%m%d-%H%M%S')}.json")
    os.replace(progress_file(), aside)
    print(
        say(
            f"进度文件损坏，已改名为 {shown(aside)}，重新开始记录",
            f"the progress file was damaged; it is kept as {shown(aside)}, and a new one begins",
        )
    )
    return _empty()


def of_this_version(known: dict) -> dict:
    """Of any version, what has the form of today; what is not known today stays as it is."""
    words = {key: known[key] for key in ("nickname", "code") if isinstance(known.get(key), str)}
    tables = {key: known[key] for key in _TABLES if isinstance(known.get(key), dict)}
    exercises = tables.get("exercises", {})
    tables["exercises"] = {number: _entry(entry) for number, entry in exercises.items() if isinstance(entry, dict)}
    runs = tables.get("investigations", {})
    tables["investigations"] = {
        number: [run for run in done if _is_run(run)] for number, done in runs.items() if isinstance(done, list)
    }
    version = known.get("version")
    newer = {"version": version} if isinstance(version, int) and version > VERSION else {}
    return known | _empty() | words | tables | newer


def _is_run(run) -> bool:
    words, numbers = ("change", "time"), ("predicted", "result")
    return (
        isinstance(run, dict)
        and all(isinstance(run.get(name), str) for name in words)
        and all(isinstance(run.get(name), int | float) for name in numbers)
        and isinstance(run.get("seed"), int)
    )


def _entry(entry: dict) -> dict:
    numbers = {key: entry[key] for key in ("attempts", "hints") if isinstance(entry.get(key), int)}
    lists = {key: entry[key] for key in ("mistakes",) if isinstance(entry.get(key), list)}
    return entry | _fresh() | numbers | lists | {"passed": entry.get("passed") or None}


@contextmanager
def changing():
    """The progress, to be changed inside `with`; written at its end. Where it cannot be, a line says so."""
    try:
        progress_file().parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(progress_file().with_name(".progress.lock"), timeout=WAIT)
        lock.acquire()
    except OSError as error:  # a time-out is one, too
        print(_cannot(error))
        yield _empty()
        return
    try:
        try:
            known, writable = _load(), True
        except OSError as error:
            print(_cannot(error))
            known, writable = _empty(), False
        yield known
        if writable:
            _write(known)
    finally:
        lock.release()


def _write(known: dict) -> None:
    try:
        with atomic_path(progress_file()) as staged:
            staged.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except UserError as error:
        print(say(f"进度没有记下：{error}", f"your progress was not noted: {error}"))


def _cannot(error: OSError) -> str:
    why = say("另一个程序正占用着它", "another program holds it") if isinstance(error, Timeout) else reason(error)
    return say(
        f"进度没有记下：{shown(progress_file())} 现在读写不了（{why}）；解决后再运行这个单元格",
        f"your progress was not noted: {shown(progress_file())} cannot be used now ({why}); mend that and run the cell again",
    )


def exercise(known: dict, number: str) -> dict:
    """The entry of an exercise, made where there is none."""
    return known["exercises"].setdefault(number, _fresh())


def _fresh() -> dict:
    return {"passed": None, "attempts": 0, "mistakes": [], "hints": 0}


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
