"""A camp for the tests: five learners, day 9, and what they hand in."""

import csv
import random
import shutil
from contextlib import contextmanager
from datetime import date, datetime, timezone

import pytest

from course.camp import folder, new, sources
from course.camp.verify import verify
from course.document.lesson import read_lesson
from course.learner import camp_code, line

START = date(2026, 3, 2)
NOON = datetime(2026, 3, 10, 4, tzinfo=timezone.utc)  # day 9, noon in Shanghai
NAMES = ["小明", "李雷", "Ada", "<img src=x onerror=alert(1)>", '=HYPERLINK("http://x")']


@pytest.fixture
def clock(monkeypatch):
    """The camp's commands think that it is NOON."""
    monkeypatch.setenv("VIT_CAMP_NOW", NOON.isoformat())


@contextmanager
def known_codes():
    """Codes made within are the same every time: what is tested does not hang on who drew which question."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(camp_code, "secrets", random.Random(0))
        yield


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A camp, made once: keys are slow on purpose."""
    top = tmp_path_factory.mktemp("camps")
    with (top / "roster.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["name"], *([name] for name in NAMES)])
    with known_codes():
        new.make(top / "camp", top / "roster.csv", START)
    return top / "camp"


@pytest.fixture
def camp(made, tmp_path, clock):
    """A copy of it."""
    shutil.copytree(made, tmp_path / "camp")
    return folder.read_camp(tmp_path / "camp")


def a_record(place="03A", **changes) -> line.Record:
    lesson = read_lesson(place[:2])
    mine = [one for one in lesson.exercises.values() if one.section == place[2:]]
    fields = {
        "lesson": place[:2],
        "section": place[2:],
        "time": int(NOON.timestamp()) - 3600,
        "version": bytes.fromhex(lesson.hash)[:4],
        "language": "zh",
        "device": "CPU",
        "seconds": 700,
        "parts": 1,
        "answer": None,
        "exercises": tuple(line.tried("passed", 1, 0, []) for _ in mine),
        "texts": ("nick", "top-1 86.8 %", ""),
        "found": tuple((0.5, 0.625) for one in mine if one.investigation),
    }
    return line.Record(**(fields | changes))


def judged(camp, text, tmp_path, seen=NOON):
    path = tmp_path / "chat.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return verify(camp, sources.look_through(str(path)), folder.read_kept(camp), seen)


@pytest.fixture
def busy(camp, tmp_path):
    """A camp in which some have handed in something."""
    note = "<script>alert('note')</script>\u202e"
    posts = [
        line.pack(a_record(place, texts=("n", "r", note), exercises=exercises(place)), learner.key)
        for learner in camp.learners[1:]
        for place in ("00A", "00B", "03A", "04A", "01A")
    ]
    _, kept = judged(camp, "\n".join(posts), tmp_path)
    folder.write_kept(camp, kept)
    return camp


def exercises(place):
    found = []
    for one in read_lesson(place[:2]).exercises.values():
        if one.section == place[2:]:
            found.append(line.tried("passed", 2, 1, list(one.messages)[:1]))
    return tuple(found)
