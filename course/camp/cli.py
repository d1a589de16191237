"""python -m course camp new | add | remove | reissue | schedule | verify | report | spot | certificates"""

import argparse
import os
import sys
from collections import Counter
from datetime import date
from pathlib import Path

from course.camp import certificates, report, roster, schedule, spot
from course.camp.camp import now
from course.camp.folder import locked, read_camp, read_kept, write_kept
from course.camp.sources import look_through
from course.camp.standing import alike, every_line, standings
from course.camp.text import plain
from course.camp.verify import Verdict, told, verify
from course.language import LANGUAGES, system_language
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.language import language, say


def main(arguments: list[str]) -> int:
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
    except KeyboardInterrupt:
        print(say("已中断；没有写到一半的文件", "interrupted; nothing is half written"), file=sys.stderr)
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m course camp", description="A study camp, from roster to certificates."
    )
    top.add_argument("--lang", choices=LANGUAGES, help="default: VIT_LANG, else the system's")
    jobs = top.add_subparsers(dest="job", required=True)

    def job(name, run, text, names=""):
        part = jobs.add_parser(name, help=text)
        part.set_defaults(run=run)
        part.add_argument("folder", type=Path, metavar="FOLDER", help="the camp's")
        if names:
            part.add_argument("names", nargs="+", metavar="NAME", help=names)
        return part

    part = job("new", _new, "make a camp's folder")
    part.add_argument("--roster", type=Path, required=True, help="CSV with a column called name")
    part.add_argument("--start", type=_date, required=True, metavar="YYYY-MM-DD", help="day 1")
    part.add_argument("--days", type=int, default=25)
    part.add_argument("--zone", default="Asia/Shanghai", help="time zone in which a day ends; default: %(default)s")
    job("add", _add, "late joiners: a code for each", "a name as it shall stand on the roster")
    job("remove", _remove, "who leaves: their lines are refused from tomorrow on", "as on the roster")
    job("reissue", _reissue, "a new code for one that was lost", "as on the roster")
    job("schedule", _schedule, "the sections of each day: a table, schedule.md, schedule.ics")
    part = job("verify", _verify, "find and judge the lines in files, folders, zips, or '-' (standard input)")
    part.add_argument("sources", nargs="+", metavar="FILE|DIR|-")
    job("report", _report, "report/index.html and tables, from all lines so far")
    part = job("spot", _spot, "a few learners at random, with an oral question for each")
    part.add_argument("--count", type=_count, default=5)
    part.add_argument("--seed", type=int, help="the same choice again")
    part = job("certificates", _certificates, "one for each who has earned it")
    part.add_argument("--format", choices=("png", "pdf"), default="png")
    return top


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"no such date: {text}; write it as 2026-03-02") from None


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError("a number from 1 on")
    return int(text)


def _new(chosen) -> None:
    camp = roster.new(chosen.folder, chosen.roster, chosen.start, chosen.days, chosen.zone)
    print(
        say(
            f"{chosen.folder}：{len(camp.learners)} 人，{camp.days} 天，从 {camp.start} 开始（{camp.zone}）。",
            f"{chosen.folder}: {len(camp.learners)} learners, {camp.days} days from {camp.start} ({camp.zone}).",
        )
    )
    print(
        say(
            "把 codes.csv 里的营码私下发给每个人。keys.json 请备份，只有组织者可以看：有它就能伪造任何人的打卡。",
            "Give each their code from codes.csv, in private. Keep a copy of keys.json where only organisers see it: with it anybody's line can be forged.",
        )
    )
    print(
        say(
            "日期、积分、每天的小节在 camp.toml，可以改。",
            "Dates, points and the sections of each day are in camp.toml, yours to edit.",
        )
    )


def _changed(folder: Path) -> None:
    print(
        say(
            f"名单已更新，营码在 {folder / 'codes.csv'}",
            f"the roster is up to date; codes are in {folder / 'codes.csv'}",
        )
    )


def _add(chosen) -> None:
    roster.add(chosen.folder, chosen.names)
    _changed(chosen.folder)


def _remove(chosen) -> None:
    roster.remove(chosen.folder, chosen.names)
    print(
        say(
            f"已退营：{'、'.join(map(plain, chosen.names))}。报告里不再出现，明天起的打卡不再接受。",
            f"gone: {', '.join(map(plain, chosen.names))}. No longer in the report; lines from tomorrow on are refused.",
        )
    )


def _reissue(chosen) -> None:
    roster.reissue(chosen.folder, chosen.names)
    _changed(chosen.folder)


def _schedule(chosen) -> None:
    camp = read_camp(chosen.folder)
    for day, when, what, minutes in schedule.rows(camp):
        print(f"{day:>3}  {when}  {minutes or '':>3}  {what}")
    _written(schedule.write(camp))


def _verify(chosen) -> None:
    with locked(chosen.folder):
        camp = read_camp(chosen.folder)
        kept = read_kept(camp)
        if missing := next((s for s in chosen.sources if s != "-" and not Path(s).exists()), None):
            raise UserError(say(f"{missing}：没有这个文件或文件夹", f"{missing}: no such file or folder"))
        found = (one for source in chosen.sources for one in look_through(source))
        verdicts, lines_ = verify(camp, found, kept, now())
        if len(lines_) > len(kept):
            write_kept(camp, lines_)
    for text in _told(verdicts):
        print(text)
    refused = sum(bool(verdict.refused) for verdict in verdicts)
    new = len(lines_) - len(kept)
    different = {verdict.line for verdict in verdicts if not verdict.refused}
    print(
        say(
            f"接受 {len(different)} 行（其中新增 {new} 行），拒绝或跳过 {refused} 处",
            f"{len(different)} accepted ({new} new), {refused} refused or left out",
        )
    )


def _told(verdicts: list[Verdict]) -> list[str]:
    """A line each; of a source's refusals the first twenty, and how many more there are."""
    texts, refused = [], Counter()
    for verdict in verdicts:
        source = verdict.where.rpartition(":")[0] or verdict.where
        refused[source] += bool(verdict.refused)
        if not verdict.refused or refused[source] <= 20:
            texts.append(told(verdict))
    for source, count in refused.items():
        if count > 20:
            texts.append(say(f"🔸 {source}：这样的还有 {count - 20} 处", f"🔸 {source}: and {count - 20} more refused"))
    return texts


def _report(chosen) -> None:
    camp = read_camp(chosen.folder)
    _written(report.write(camp, now()))
    if likeness := alike(every_line(camp)):
        print(
            say(
                f"likeness.csv 列出 {len(likeness)} 处相似：正确答案本来就相似，只供你查看。",
                f"likeness.csv lists {len(likeness)} likenesses: right answers are alike by nature, so look, do not judge by it.",
            )
        )


def _spot(chosen) -> None:
    camp = read_camp(chosen.folder)
    for one, what in spot.choose(standings(camp, now()), chosen.count, chosen.seed):
        print(f"- {plain(one.learner.name)}: {what}")


def _certificates(chosen) -> None:
    camp = read_camp(chosen.folder)
    written = certificates.write(camp, now(), chosen.format, language())
    folder = camp.folder / "certificates"
    if not written:
        print(say(f"还没有人完成 {camp.needed:.0%}", f"nobody has reached {camp.needed:.0%} yet"))
        return
    print(say(f"{len(written)} 张证书在 {folder}", f"{len(written)} certificates in {folder}"))


def _written(paths: list[Path]) -> None:
    print(say("已写入 ", "wrote ") + ", ".join(map(str, paths)))
