"""`python -m course class grade DIR`: what learners have handed in, as tables and as a word to each of them.

What counts, the strongest first: a check-in line whose seal is that of a learner of the camp (`--camp`); what the
sandbox has seen pass (`--run`); the progress file; a notebook's stored output. Only the first two cannot be edited by
whoever hands them in, so with either of them nothing else counts. No code of a learner's is run here.
"""

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from course.camp.camp import Camp
from course.camp.difficulty import exercises as of_line
from course.camp.difficulty import names_of
from course.camp.text import cell, plain
from course.camp.verify import verify
from course.classroom.handed_in import HandedIn
from course.classroom.likeness import Alike
from course.document.lesson import read_lesson
from course.language import LANGUAGES, say
from course.learner.line import tag
from course.manifest import lesson_numbers
from vit.runtime.atomic import atomic_path
from vit.runtime.language import language

SEALED, RUN, PROGRESS, NOTEBOOK = "sealed line", "sandbox", "progress", "notebook"
PROVEN = (SEALED, RUN)
_WORDS = {
    SEALED: ("打卡行（有签名）", "sealed line"),
    RUN: ("沙箱里运行", "run in the sandbox"),
    PROGRESS: ("进度文件（可改）", "progress file (can be edited)"),
    NOTEBOOK: ("笔记本的输出（可改）", "notebook's output (can be edited)"),
}


@dataclass
class Result:
    """Of one exercise of one learner."""

    passed: bool
    evidence: str
    attempts: int | None = None
    hints: int | None = None
    mistake: str = ""  # the last one, in words


def results(learner: HandedIn, camp: Camp | None, run: dict | None = None) -> tuple[dict[str, Result], list[str]]:
    """Exercise -> result, and what was noticed.

    Args:
        camp: whose keys the lines are opened by; without one no line is proof.
        run: exercise -> (outcome, sentence) of what the sandbox has seen.
    """
    found: dict[str, Result] = {}
    noticed = list(learner.left_out)

    def take(number: str, result: Result) -> None:
        before = found.get(number)
        if before is None or _rank(result) > _rank(before):
            found[number] = result

    for number, (sign, sentence) in learner.said.items():
        if _exists(number):
            take(number, Result(sign == "✅", NOTEBOOK, mistake="" if sign == "✅" else sentence))
    for archive in learner.archives:
        for number, entry in archive["exercises"].items():
            if _exists(number):
                names = names_of(number)
                last = [plain(str(one), 60) for one in entry["mistakes"]][-1:]
                said = "" if entry["passed"] else "".join(_said(names, one) for one in last)
                take(number, Result(bool(entry["passed"]), PROGRESS, entry["attempts"], entry["hints"], said))
    for number, (outcome, sentence) in (run or {}).items():
        take(number, Result(outcome == "passed", RUN, mistake="" if outcome == "passed" else plain(sentence, 200)))
    if camp:
        verdicts, _ = verify(camp, learner.lines, [], datetime.now(timezone.utc))
        owners = {verdict.learner.name for verdict in verdicts if verdict.learner}
        if owners - {learner.name}:
            names = ", ".join(sorted(owners - {learner.name}))
            noticed.append(say(f"有些打卡行是 {names} 的，不计", f"some lines are those of {names} and do not count"))
        for verdict in verdicts:
            if verdict.refused:
                noticed.append(f"{verdict.where}: {verdict.refused}")
            elif verdict.learner.name == learner.name:
                for number, tried in of_line(verdict):
                    names = names_of(number)
                    said = "" if tried.passed else "".join(_of(names.get(one)) for one in tried.mistakes[-1:])
                    take(number, Result(tried.passed, SEALED, tried.attempts, tried.hints, said))
    elif learner.lines:
        number = len(learner.lines)
        noticed.append(
            say(
                f"{number} 条打卡行没有核对：要用 --camp 指出营的文件夹",
                f"{number} lines not verified: name the camp's folder by --camp",
            )
        )
    return found, noticed


def counts(result: Result, proof: bool) -> bool:
    """Whether it is a mark: passed, and where there is proof to be had, proven."""
    return result.passed and (not proof or result.evidence in PROVEN)


def _rank(result: Result) -> tuple:
    """A proven pass before all; then any proven thing, then whatever else says that it passed."""
    proven = result.evidence in PROVEN
    return (proven and result.passed, proven, result.passed, result.evidence == PROGRESS)


def _exists(number: str) -> bool:
    return number[:2] in lesson_numbers() and number in read_lesson(number[:2]).exercises


def _said(names: dict, mistake: str) -> str:
    return _of(names.get(tag(mistake)))


def _of(pair) -> str:
    return pair[LANGUAGES.index(language())] if pair else ""


# --- what is written ------------------------------------------------------------------------------


def tables(
    marks: dict[str, dict[str, Result]], proof: bool, alike: list[Alike], graded: frozenset[str] | None = None
) -> dict[str, str]:
    """File -> text: every exercise, the marks in the columns of nbgrader's export, and likeness.

    Args:
        graded: the exercises that could be proven at all; a lesson without one has no row. None: all of them.
    """
    exercises, grades = [["learner", "exercise", "passed", "counts", "evidence", "attempts", "hints", "mistake"]], []
    for name, of_learner in marks.items():
        for number, one in sorted(of_learner.items()):
            numbers = ["" if value is None else value for value in (one.attempts, one.hints)]
            row = [name, number, one.passed, counts(one, proof), one.evidence, *numbers, one.mistake]
            exercises.append(row)
        score = defaultdict(int)
        for number, one in of_learner.items():
            score[number[:2]] += counts(one, proof)
        for lesson in sorted({number[:2] for other in marks.values() for number in other}):
            most = len([one for one in read_lesson(lesson).exercises if graded is None or one in graded])
            if not most:
                continue
            grades.append([lesson, "", "", name, "", "", "", score[lesson], 0, score[lesson], most])
    head = "assignment duedate timestamp student_id last_name first_name email raw_score late_submission_penalty score max_score"
    alike_rows = [["what", "where", "learners"], *([one.what, one.where, "; ".join(one.names)] for one in alike)]
    made = {"exercises.csv": exercises, "grades.csv": [head.split(), *grades], "likeness.csv": alike_rows}
    return {name: _csv(rows) for name, rows in made.items()}


def _csv(rows: list) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([cell(str(one)) for one in row] for row in rows)
    return "\ufeff" + out.getvalue()


def feedback(name: str, of_learner: dict[str, Result], noticed: list[str], proof: bool) -> str:
    """A word to a learner, Markdown: what has passed, what was the last mistake, and the first hint."""
    side = LANGUAGES.index(language())
    lines = [f"# {name}", ""]
    for lesson in sorted({number[:2] for number in of_learner}):
        lines += [f"## {read_lesson(lesson).title(language())}", ""]
        for number, one in sorted(of_learner.items()):
            if number[:2] != lesson:
                continue
            sign = "✅" if counts(one, proof) else "☑️" if one.passed else "🔸"
            said = f"：{one.mistake}" if one.mistake and side == 0 else f": {one.mistake}" if one.mistake else ""
            lines.append(f"- {sign} {number}{said}" + (f" ({_WORDS[one.evidence][side]})" if one.passed else ""))
            if not one.passed:
                hint = read_lesson(lesson).exercises[number].hints[0][language()]
                lines.append(f"  - {say('提示', 'hint')}: {' '.join(hint.split())}")
        missing = [number for number in read_lesson(lesson).exercises if number not in of_learner]
        if missing:
            lines.append(say(f"- ⬜ 没有交：{'、'.join(missing)}", f"- ⬜ not handed in: {', '.join(missing)}"))
        lines.append("")
    if noticed:
        lines += [
            f"## {say('没有看的，和要说明的', 'Left out, and worth a word')}",
            "",
            *(f"- {one}" for one in noticed),
            "",
        ]
    return "\n".join(lines)


def write(out: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as staged:
            staged.write_bytes(text.encode("utf-8"))
