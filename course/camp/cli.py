"""python -m course camp COMMAND: what an organiser can call. What each says: course/camp/commands.py."""

import argparse
import os
import sys
from datetime import date
from pathlib import Path

from course.camp import commands
from course.camp.chinese_help import CampParser
from course.language import LANGUAGES, system_language
from vit.runtime.errors import RunFailed, UserError, reason
from vit.runtime.language import say, speak_utf8


def main(arguments: list[str]) -> int:
    speak_utf8()
    chosen = parser().parse_args(arguments)
    os.environ["VIT_LANG"] = chosen.lang or os.environ.get("VIT_LANG") or system_language()
    try:
        chosen.run(chosen)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    except RunFailed as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read has gone: `camp verify ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = error.filename or chosen.folder
        print(say(f"{where}：{reason(error)}", f"{where}: {reason(error)}"), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(say("已中断；没有写到一半的文件", "interrupted; nothing is half written"), file=sys.stderr)
        return 130
    return 0


def parser() -> CampParser:
    top = CampParser(prog="python -m course camp", description="A study camp, from roster to certificates.")
    top.add_argument("--lang", choices=LANGUAGES, help="default: VIT_LANG, else the system's")
    jobs = top.add_subparsers(dest="job", required=True, metavar="COMMAND")

    def job(name, run, text, names="", least="+"):
        part = jobs.add_parser(name, help=text, description=text)
        part.set_defaults(run=run)
        part.add_argument("folder", type=Path, metavar="FOLDER", help="the camp's")
        if names:
            part.add_argument("names", nargs=least, metavar="NAME", help=names)
        return part

    on_roster = "as on the roster"
    part = job("new", commands.new, "make a camp's folder")
    part.add_argument("--roster", type=Path, required=True, help="CSV with a column called name")
    part.add_argument("--encoding", help="of the roster, where it cannot be told: gb18030, cp1252 ...")
    part.add_argument("--start", type=_date, required=True, metavar="YYYY-MM-DD", help="day 1")
    part.add_argument("--days", type=int, default=25, help="of the camp (%(default)s)")
    part.add_argument("--zone", default="Asia/Shanghai", help="time zone in which a day ends; default: %(default)s")
    job("add", commands.add, "late joiners: a code for each", "a name as it shall stand on the roster")
    job("remove", commands.remove, "who leaves: their lines are refused from tomorrow on", on_roster)
    job("reissue", commands.reissue, "a new code for one that was lost", on_roster)
    part = job("rename", commands.rename, "another name for a learner")
    part.add_argument("old", metavar="OLD", help=on_roster)
    part.add_argument("new", metavar="NEW", help="the new name")
    job("undo", commands.undo, "take back the last change of the roster; once more: and do it again")
    job("codes", commands.codes, "codes.csv again, and messages.csv for a mail merge", "default: all", "*")
    job("schedule", commands.schedule, "the sections of each day: a table, schedule.md, schedule.ics")
    part = job("verify", commands.verify, "find and judge the lines in files, folders, zips, or '-' (standard input)")
    part.add_argument("sources", nargs="+", metavar="FILE|DIR|-", help="what is looked through")
    part.add_argument("--all", action="store_true", help="name the lines known from before, too")
    part = job("report", commands.report, "report/index.html and tables for you, public/index.html for everybody")
    job("show", commands.show, "all that one learner has handed in, and what is missing", on_roster, 1)
    part = job("drop", commands.drop, "a learner's lines of a section count no longer")
    part.add_argument("name", metavar="NAME", help=on_roster)
    part.add_argument("section", metavar="SECTION", help="such as 04A")
    part.add_argument("--why", default="", help="is told whenever the line is met again")
    part.add_argument("--undo", action="store_true", help="and they count again")
    job("forget", commands.forget, "delete a learner and all their lines, for good", on_roster, 1)
    part = job("merge", commands.merge, "take over learners and lines of another organiser's folder of the same camp")
    part.add_argument("other", type=Path, metavar="OTHER", help="the other folder")
    part = job("spot", commands.spot, "a few learners at random, with an oral question for each")
    part.add_argument("--count", type=_count, default=5, help="how many (%(default)s)")
    part.add_argument("--seed", type=int, help="the same choice again")
    part = job("certificates", commands.certificates, "one for each who has earned it")
    part.add_argument("--format", choices=("png", "pdf"), default="png", help="of the files (%(default)s)")
    part.add_argument("--find", metavar="NUMBER", help="whose certificate has this number? (nothing is written)")
    return top


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            say(f"没有这个日期：{text}；写成 2026-03-02", f"no such date: {text}; write it as 2026-03-02")
        ) from None


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(say("要从 1 开始的整数", "a number from 1 on"))
    return int(text)
