"""The report: static pages in both languages that ask nothing of any network, and tables beside them.

report/ has names, notes, who is missing: for the organiser. public/ has numbers alone: to publish as it is.
"""

import base64
import csv
import hashlib
import io
from datetime import datetime
from pathlib import Path

import jinja2

from course.camp.camp import PART_COUNT, Camp
from course.camp.difficulty import failing, investigated, investigations, machines
from course.camp.likeness import Likeness, alike
from course.camp.standing import Standing, earned, every_line, lacking, lines, standings
from course.camp.text import cell, plain
from vit.runtime.atomic import atomic_path

_HERE = Path(__file__).parent
NOTES = 200  # the newest, on the page
# a day of a learner: sign, what it means
SIGNS = {
    "time": ("●", "按时", "in time"),
    "late": ("◐", "晚交", "late"),
    "part": ("◒", "交了一部分", "partly"),
    "missing": ("✕", "缺", "missing"),
    "open": ("·", "还没到期", "not due yet"),
    "free": ("", "当天没有必做小节", "no section that day"),
}


def write(camp: Camp, when: datetime) -> list[Path]:
    """report/index.html and tables, likeness.csv, all for the organiser; public/index.html for everybody."""
    every = every_line(camp)
    found = standings(camp, when, every)
    return [
        _keep(camp.folder / "report" / "index.html", _page(camp, found, when, private=True)),
        _keep(camp.folder / "report" / "learners.csv", _learners(camp, found)),
        _keep(camp.folder / "report" / "checkins.csv", _checkins(lines(found))),
        _keep(camp.folder / "likeness.csv", _likeness(alike(every))),
        _keep(camp.folder / "public" / "index.html", _page(camp, found, when, private=False)),
    ]


def _keep(path: Path, text: str) -> Path:
    with atomic_path(path) as staged:
        staged.write_text(text, encoding="utf-8")
    return path


def signs(camp: Camp, one: Standing, when: datetime) -> list[str]:
    """What each day of the plan came to, by the keys of `SIGNS`."""
    today, found = when.astimezone(camp.zone).date(), []
    for day in range(1, camp.days + 1):
        places = camp.plan.get(day, [])
        done = [place for place in places if place in one.done]
        if not places:
            found.append("free")
        elif len(done) == len(places):
            found.append("late" if set(done) & one.late else "time")
        elif done:
            found.append("part")
        else:
            found.append("missing" if today > camp.due(places[0]) else "open")
    return found


def _page(camp: Camp, found: list[Standing], when: datetime, private: bool) -> str:
    verdicts = lines(found)
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["plain"] = plain
    if not camp.ranking:
        found = sorted(found, key=lambda one: one.learner.name)
    newest = sorted((v for v in verdicts if v.record.texts[2].strip()), key=lambda v: v.time, reverse=True)
    notes = [(v.learner.name, v.record.place, v.record.texts[2]) for v in newest] if camp.notes else []
    return environment.get_template("report.html").render(
        camp=camp,
        when=when.astimezone(camp.zone),
        day=max(0, min(camp.day(when), camp.days)),
        rows=[(one, signs(camp, one, when), 1 + sum(o.points > one.points for o in found)) for one in found],
        missing=[one for one in found if one.missing],
        earned=sum(earned(camp, one) for one in found),
        lines=len(verdicts),
        failing=failing(verdicts)[:20],
        investigations=investigations(verdicts),
        machines=machines(verdicts),
        notes=notes[:NOTES],
        more_notes=len(notes[NOTES:]),
        private=private,
        by_day=_by_day(camp, found, when),
        parts=PART_COUNT,
        signs=SIGNS,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def _by_day(camp: Camp, found: list[Standing], when: datetime) -> list[tuple[int, str, int]]:
    """(day, its sections, how many have handed in all of them) of each day with a section that has come."""
    return [
        (day, " ".join(places), sum(set(places) <= one.done.keys() for one in found))
        for day, places in sorted(camp.plan.items())
        if places and day <= camp.day(when)
    ]


def _hash(text: str) -> str:
    """As a content security policy names a text that may stand in the page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


def _table(head: tuple, rows) -> str:
    stream = io.StringIO()
    stream.write("\ufeff")  # so that a spreadsheet knows it for UTF-8
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([cell(plain(v, 500)) if isinstance(v, str) else v for v in row] for row in rows)
    return stream.getvalue()


def _learners(camp: Camp, found: list[Standing]) -> str:
    head = ("name", "points", "sections", "share_of_plan", "streak", "days", "parts", "missing", "certificate")
    head += ("share_of_exercises", "share_of_questions", "lacks_for_certificate")
    return _table(
        head,
        (
            (
                one.learner.name,
                one.points,
                len(one.done),
                f"{one.share:.2f}",
                one.streak,
                len(one.days),
                one.parts,
                " ".join(one.missing),
                "yes" if earned(camp, one) else "no",
                f"{one.exercises:.2f}",
                f"{one.questions:.2f}",
                "; ".join(lacking(camp, one)),
            )
            for one in found
        ),
    )


def _checkins(verdicts) -> str:
    head = (
        "name",
        "section",
        "time_utc",
        "first_seen_utc",
        "passed",
        "exercises",
        "question",
        "device",
        "seconds",
        "parts",
    )
    head += ("nickname", "result", "note", "investigations", "remarks")
    asked = {True: "right", False: "wrong", None: "open"}
    return _table(
        head,
        (
            (
                v.learner.name,
                v.record.place,
                v.time.isoformat(),
                v.seen.isoformat(),
                v.passed,
                len(v.record.exercises),
                asked[v.right],
                v.record.device,
                v.record.seconds,
                v.record.parts,
                *v.record.texts,
                "; ".join(f"{number} {run[0]:.3g} -> {run[1]:.3g}" for number, run in investigated(v) if run),
                "; ".join(v.notes),
            )
            for v in verdicts
        ),
    )


def _likeness(found: list[Likeness]) -> str:
    return _table(
        ("section", "what", "names"), ((one.place, " / ".join(one.kind), ", ".join(one.names)) for one in found)
    )
