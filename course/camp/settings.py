"""camp.toml, read and written: dates, rules, points, the sections of each day."""

import json
import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from course.camp.camp import POINTS, Camp, Rule, known_places
from course.camp.text import plain
from course.learner.camp_code import CAMP, SYMBOLS
from vit.runtime.errors import UserError
from vit.runtime.language import say

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


_SHARES = {"sections": "certificate_share", "exercises": "certificate_exercises", "questions": "certificate_questions"}


def read_settings(folder: Path) -> Camp:
    """What `camp.toml` says, looked at closely, for it is there to be edited; without the learners.

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
    except (OSError, ValueError, RecursionError) as error:
        why = plain(str(error), 200)
        raise UserError(say(f"{folder}/camp.toml 读不懂：{why}", f"{folder}/camp.toml: {why}")) from None
    try:
        camp = Camp(
            folder=folder,
            id=_typed(table, "id", str),
            title=_typed(table, "title", str),
            start=_typed(table, "start", date),
            plan=_read_days(_typed(table, "days", dict)),
            optional=_texts(table, "optional"),
            zone=read_zone(_typed(table, "time_zone", str)),
            versions={name: _texts(table["versions"], name) for name in _typed(table, "versions", dict)},
            grace=_typed(table, "grace_days", int),
            rule=Rule(**{name: _share(table, key, getattr(Rule, name)) for name, key in _SHARES.items()}),
            ranking=_typed(table, "ranking", bool),
            notes=_typed({"notes": True} | table, "notes", bool),
            points={name: int(_typed(table["points"], name, (int, float))) for name in POINTS},
            holidays=_read_holidays(_typed({"holidays": []} | table, "holidays", list)),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(
            say(f"{folder}/camp.toml：{error} 缺少或类型不对", f"{folder}/camp.toml: {error} is missing or of no use")
        ) from None
    if wrong := _wrong(camp):
        raise UserError(f"{folder}/camp.toml{say('：', ': ')}{wrong}")
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


def _read_holidays(dates: list) -> frozenset[date]:
    if not all(type(day) is date for day in dates) or len(dates) > 366:
        raise TypeError("holidays")
    return frozenset(dates)


def _share(table: dict, key: str, otherwise: float) -> float:
    """A camp.toml written before a rule was there has its default."""
    return float(_typed({key: otherwise} | table, key, (int, float)))


def _texts(table: dict, name: str) -> list[str]:
    if not all(isinstance(one, str) for one in _typed(table, name, list)):
        raise TypeError(name)
    return table[name]


def _wrong(camp: Camp) -> str:
    """What cannot be in values that are of the right kind; "" if nothing."""
    places = camp.core + camp.optional
    if len(camp.id) != CAMP or set(camp.id) - set(SYMBOLS):
        return say(
            f"id {plain(camp.id)!r} 不是营号：应当是营码的前四位（大写），请改回原样",
            f"id {plain(camp.id)!r} is no camp's: the first four symbols of each code, in capitals; put back what was there",
        )
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
    for name, key in _SHARES.items():
        if not 0 <= getattr(camp.rule, name) <= 1:
            return say(f"{key} 在 0 和 1 之间：80 % 写 0.8", f"{key} lies between 0 and 1: write 0.8 for 80 %")
    if not camp.rule.sections:
        return say("certificate_share 要大于 0", "certificate_share is more than 0")
    if (last := camp.date(camp.days + camp.grace)).year > 2210:
        return say(f"最后一天是 {last}，太晚了", f"the last day is {last}, which is too late")
    if not all(0 <= value <= 1_000_000 for value in camp.points.values()):
        return say("积分是 0 到一百万", "points are 0 to a million")
    return ""


def _typed(table: dict, name: str, kind):
    value = table[name]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool) or isinstance(value, datetime):
        raise TypeError(name)
    return value


def read_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        raise UserError(
            say(f"没有时区 {name!r}；例如 Asia/Shanghai", f"no time zone {name!r}; for instance Asia/Shanghai")
        ) from None


def settings_text(camp: Camp) -> str:
    """The camp.toml of a new camp, each line explained in the organiser's language."""

    def text(value):
        return json.dumps(value, ensure_ascii=False)

    plan_ = "\n".join(f"{day} = {text(places)}" for day, places in camp.plan.items())
    versions = "\n".join(f'"{number}" = {text(known)}' for number, known in camp.versions.items())
    points = "\n".join(f"{name} = {value}" for name, value in camp.points.items())
    return f"""\
title = {text(camp.title)}
id = {text(camp.id)}  # {say("营的编号，营码的前四位；不要改", "the first four symbols of each code; leave it")}
start = {camp.start.isoformat()}  # {say("第 1 天", "day 1")}
time_zone = {text(camp.zone.key)}
grace_days = {camp.grace}  # {say("晚几天仍算按时", "days after its own on which a section is still in time")}
certificate_share = {camp.rule.sections}  # {say("证书：[days] 的小节要交多大比例，0.8 即 80 %", "for a certificate: share of the sections of [days] handed in, 0.8 is 80 %")}
certificate_exercises = {camp.rule.exercises}  # {say("证书：这些小节的全部练习要通过多大比例；0 即不要求", "for a certificate: share of all their exercises passed; 0 asks for none")}
certificate_questions = {camp.rule.questions}  # {say("证书：专属问题要答对多大比例；0 即不要求", "for a certificate: share of their personal questions answered right; 0 asks for none")}
holidays = []  # {say("放假的日期，如 [2026-04-04, 2026-04-05]：后面的天顺延，编号不变", "dates that are free, such as [2026-04-04, 2026-04-05]: the days after them move, with their numbers")}
notes = {text(camp.notes)}  # {say("false：报告里不登留言", "false: no notes in the report")}
ranking = {text(camp.ranking)}  # {say("false：报告里不排名", "false: the report ranks nobody")}
optional = {text(camp.optional)}  # {say("选做，也计分", "if there is time; they count, too")}

[days]  # {say("每天的必做小节，可以改", "the sections of each day, yours to move")}
{plan_}

[points]
{points}

[versions]  # {say("接受的课程版本（课文散列值前 8 位），升级课程后在这里添加", "of the lessons: first 8 digits of the hash; add to them when the course is updated")}
{versions}
"""
