"""`python -m course class grade DIR`: read, run only where that is safe, write the tables, and say it in a few lines."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from course.camp.folder import read_camp
from course.classroom import sandbox
from course.classroom.grade import counts, feedback, results, tables, write
from course.classroom.handed_in import HandedIn, read_class
from course.classroom.likeness import alike
from course.document.lesson import read_lesson
from course.learner.parts import PARTS
from vit.runtime.bars import bar
from vit.runtime.errors import UserError
from vit.runtime.language import language, say
from vit.runtime.paths import shown

PATIENCE = 900  # seconds for all parts of a learner
MOST_SAID = 12
PARTS_ALONE = frozenset(part.exercise for part in PARTS.values())  # what a sandbox can judge again


def grade(folder: Path, out: Path, camp_folder: Path | None = None, run: bool = False) -> int:
    """Grade what lies in a folder; OUT gets exercises.csv, grades.csv, likeness.csv and feedback/NAME.md.

    Args:
        camp_folder: of the camp whose keys open the lines.
        run: run learners' parts in a sandbox.

    Raises:
        UserError: nothing to grade, no such camp, no sandbox, or OUT lies in the folder.
    """
    if folder.resolve() in (out.resolve(), *out.resolve().parents):
        raise UserError(
            say(
                f"{out} 在交上来的文件夹里，下次会被当作学员：写到旁边去",
                f"{out} lies among what was handed in and would be taken for a learner next time: write beside it",
            )
        )
    camp = read_camp(camp_folder) if camp_folder else None
    if run:
        sandbox.wanted()
    learners = read_class(folder)
    if not any(one.archives or one.lines or one.said for one in learners):
        raise UserError(
            say(
                f"{folder}：里面没有学习进度、打卡行或笔记本",
                f"{folder}: no progress, no check-in line and no notebook in it",
            )
        )
    marks, noticed = {}, {}
    for learner in bar(learners, desc=say("批改", "grading"), unit=say("人", "learner")):
        seen = in_sandbox(learner) if run else None
        if seen is not None and "error" in seen:
            learner.left_out.append(seen.pop("error"))
        name = _unlike(learner.name, marks)
        marks[name], noticed[name] = results(learner, camp, seen)
    proof = camp is not None or run
    likeness = alike(learners)
    texts = tables(marks, proof, likeness, PARTS_ALONE if run and camp is None else None)
    words = {}
    for name, of_learner in marks.items():
        words[_unlike(_file_name(name), words)] = feedback(name, of_learner, noticed[name], proof)
    write(out, texts | {f"feedback/{name}.md": text for name, text in words.items()})
    gone = sorted(path.name for path in (out / "feedback").glob("*.md") if path.stem not in words)
    if gone:
        print(
            say(
                f"feedback/ 里还有以前批改的：{'、'.join(gone)}",
                f"feedback/ has these of an earlier grading still: {', '.join(gone)}",
            ),
            file=sys.stderr,
        )
    if run and camp is None:
        print(
            say(
                f"只批改了 ViT 的部件（{'、'.join(sorted(PARTS_ALONE))}）：满分也只算它们，别的练习没有凭据",
                f"the parts of the ViT alone are graded ({', '.join(sorted(PARTS_ALONE))}), max_score counts these; nothing proves the others",
            )
        )
    _tell(marks, noticed, proof, likeness, out)
    return 0


def in_sandbox(learner: HandedIn) -> dict:
    """Exercise -> (outcome, sentence); {"error": why} where it came to nothing."""
    if not learner.archives or not any(learner.archives[-1]["texts"]):
        return {}
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        (home / "my_vit").mkdir()
        for name, text in learner.archives[-1]["texts"].items():
            (home / "my_vit" / name).write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "course.classroom.rerun", str(home)]
        try:
            done = subprocess.run(
                [*sandbox.within(home, ["env", f"VIT_LANG={language()}", *command])],
                capture_output=True,
                timeout=PATIENCE,
            )
            found = json.loads(done.stdout.decode("utf-8", "replace").rstrip().splitlines()[-1])
            exercises = {
                number for lesson in map(read_lesson, {key[:2] for key in found}) for number in lesson.exercises
            }
            return {key: (str(value[0]), str(value[1])) for key, value in found.items() if key in exercises}
        except subprocess.TimeoutExpired:
            return {"error": say("在沙箱里没有按时结束", "did not end in time in the sandbox")}
        except (ValueError, IndexError, TypeError, AttributeError, KeyError, LookupError):
            return {"error": say("在沙箱里没有给出结果", "gave no result in the sandbox")}


def _tell(marks: dict, noticed: dict, proof: bool, likeness: list, out: Path) -> None:
    width = max(map(len, marks))
    for name, of_learner in marks.items():
        passed = sum(counts(one, proof) for one in of_learner.values())
        claimed = sum(one.passed for one in of_learner.values()) - passed
        more = say(f"，另有 {claimed} 道没有凭据", f", {claimed} more without proof") if claimed else ""
        left = say(f"；{len(noticed[name])} 处要看", f"; {len(noticed[name])} to look at") if noticed[name] else ""
        print(f"{name:{width}}  " + say(f"通过 {passed} 道{more}{left}", f"{passed} passed{more}{left}"))
    lines = [f"{name}: {one}" for name, some in noticed.items() for one in some]
    for line in lines[:MOST_SAID]:
        print(line, file=sys.stderr)
    if len(lines) > MOST_SAID:
        gone = len(lines) - MOST_SAID
        print(say(f"还有 {gone} 处，见 feedback/", f"and {gone} more, in feedback/"), file=sys.stderr)
    if not proof:
        print(
            say(
                "这些成绩来自学员能改的文件；有营的班级加上 --camp，就只认有签名的打卡行",
                "these marks come from files that learners can edit; with a camp, --camp takes sealed lines alone",
            )
        )
    if likeness:
        print(
            say(
                f"{len(likeness)} 处雷同，只列出，不判断：likeness.csv",
                f"{len(likeness)} things are alike; listed, not judged: likeness.csv",
            )
        )
    print(say(f"写在 {shown(out)}", f"written to {shown(out)}"))


def _unlike(name: str, taken: dict) -> str:
    """A name that nobody has yet: two learners may be called alike."""
    number, made = 2, name or "?"
    while made.casefold() in {one.casefold() for one in taken}:  # Bo.md and bo.md are one file on Windows and macOS
        made, number = f"{name} ({number})", number + 1
    return made


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in name)[:40].strip() or "learner"
