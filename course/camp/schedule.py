"""Sections laid over the days of a camp; a table, a page to post, a calendar."""

import math
import re
from datetime import datetime, timedelta
from itertools import groupby

import icalendar

from course.camp.camp import Camp, all_lessons
from course.document.lesson import read_lesson
from course.editions import reading
from course.manifest import lessons
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.language import LANGUAGES, language, say

A_DAY = 15  # minutes of reading, exercises not counted


def plan(days: int) -> tuple[dict[int, list[str]], list[str]]:
    """Lay the core over the days, evenly, each within a quarter of an hour in either language.

    A section a day where the days suffice, else short ones together.

    Returns:
        Day -> sections, and the optional sections.

    Raises:
        UserError: there are too few days.
    """
    core, optional = [], []
    everybody = {entry.number for entry in lessons() if entry.core}
    for lesson in all_lessons():
        costs = [reading.minutes(lesson, language) for language in LANGUAGES]
        for section in lesson.sections:
            one = (lesson.number + section, max(cost[section] for cost in costs))
            (core if lesson.number in everybody else optional).append(one)
    units = next((laid for together in range(A_DAY + 1) if len(laid := _units(core, together)) <= days), None)
    if units is None or days > 366:
        least = len(_units(core, A_DAY))
        raise UserError(
            say(
                f"每天 {A_DAY} 分钟的话至少要 {least} 天（最多 366），而不是 {days} 天",
                f"at {A_DAY} minutes a day it takes {least} days or more (at most 366), not {days}",
            )
        )
    laid = {1 + place * days // len(units): unit for place, unit in enumerate(units)}
    return {day: laid.get(day, []) for day in range(1, days + 1)}, [place for place, _ in optional]


def _units(core: list[tuple[str, float]], together: float) -> list[list[str]]:
    """A day's work each: several sections where they take `together` minutes at most."""
    units, left = [], 0.0
    for place, cost in core:
        if cost <= left:
            units[-1].append(place)
            left -= cost
        else:
            units.append([place])
            left = together - cost
    return units


def rows(camp: Camp) -> list[tuple[int, str, str, int]]:
    """(day, date, what is to be done, minutes of reading) for each day."""
    tongue, minutes = language(), {}
    for lesson in all_lessons():
        for section, cost in reading.minutes(lesson, tongue).items():
            minutes[lesson.number + section] = cost
    found = []
    for day in range(1, camp.days + 1):
        places = camp.plan.get(day, [])
        what = say("；", "; ").join(named(place, tongue) for place in places)
        cost = sum(minutes[place] for place in places)
        if cost > A_DAY:
            before = math.ceil(cost / A_DAY) - 1
            what += say(f"（较长，提前 {before} 天开始读）", f" (long: begin {before} day(s) before)")
        when = camp.date(day).isoformat()
        found.append((day, when, what or say("补课、选做", "to catch up, or an optional section"), round(cost)))
    return found


def named(place: str, tongue: str) -> str:
    """ "04A Attention" """
    title = read_lesson(place[:2]).title(tongue).partition("·")[2].strip()
    return f"{place} {re.split('[：:]', title)[0]}"


def _lessons(places: list[str]) -> list[str]:
    """ "01 Data (A, B)" for each lesson that has sections among the places"""
    lessons = groupby(sorted(places), key=lambda place: place[:2])
    return [f"{named(number, language())} ({', '.join(place[2:] for place in some)})" for number, some in lessons]


def page(camp: Camp) -> str:
    """Markdown to post."""
    head = say("| 天 | 日期 | 小节 | 阅读分钟 |", "| day | date | section | minutes to read |")
    lines = [f"# {camp.title}", "", head, "|---|---|---|---|"]
    lines += [f"| {day} | {when} | {what} | {minutes or ''} |" for day, when, what, minutes in rows(camp)]
    optional = say("；", "; ").join(_lessons(camp.optional))
    lines += ["", say(f"选做：{optional}", f"Optional: {optional}"), ""]
    lines += [
        say(
            f"每天读不超过 {A_DAY} 分钟，练习另算；做完一节运行 checkin()，把那一行发到群里。晚 {camp.grace} 天以内仍算按时。",
            f"At most {A_DAY} minutes of reading a day, exercises come on top. At a section's end run checkin() and paste its line here. Up to {camp.grace} day(s) later is still in time.",
        )
    ]
    return "\n".join(lines) + "\n"


def calendar(camp: Camp) -> bytes:
    """All-day events, one for each day that has a section."""
    found = icalendar.Calendar()
    found.add("prodid", "-//mindspore-vit-course//camp//EN")
    found.add("version", "2.0")
    for day, _, what, minutes in rows(camp):
        if not minutes:
            continue
        event = icalendar.Event()
        event.add("uid", f"{camp.id}-{day}@mindspore-vit-course")
        event.add("dtstamp", datetime(camp.start.year, camp.start.month, camp.start.day, tzinfo=camp.zone))
        event.add("dtstart", camp.date(day))
        event.add("dtend", camp.date(day) + timedelta(days=1))
        event.add("summary", f"{camp.title} · {say(f'第 {day} 天', f'day {day}')} · {what}")
        found.add_component(event)
    return found.to_ical()


def write(camp: Camp) -> list:
    """schedule.md and schedule.ics in the camp's folder."""
    written = []
    for name, data in (("schedule.md", page(camp).encode("utf-8")), ("schedule.ics", calendar(camp))):
        with atomic_path(camp.folder / name) as staged:
            staged.write_bytes(data)
        written.append(camp.folder / name)
    return written
