"""For authors: python -m course build | freeze | run. For all: python -m course lessons | lab | progress.
For organisers: python -m course camp. See CONTRIBUTING.md and course/camp/GUIDE.en.md."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from course.authoring.build import build
from course.authoring.execute import execute, run_lessons
from course.authoring.freeze import freeze
from course.authoring.timings import write_timings
from course.language import LANGUAGES, system_language
from course.learner.transfer import restore, save
from course.learner.workspace import lab_command, prepare
from course.lesson import lesson_folders, read_lesson
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.paths import shown


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m course", description=__doc__)
    jobs = parser.add_subparsers(dest="job", required=True)
    parts = {
        "build": "write notebooks/ from course/lessons/",
        "freeze": "run the solutions and wrong answers of the exercises, and keep their fingerprints",
        "run": "execute notebooks from the top and keep their outputs",
    }
    for name, text in parts.items():
        part = jobs.add_parser(name, help=text)
        part.add_argument("lessons", nargs="*", metavar="NN", help="default: all")
        if name == "build":
            part.add_argument("--check", action="store_true", help="write nothing; fail where something is not in step")
            part.add_argument(
                "--agreed", action="store_true", help="the languages say the same, though one changed alone"
            )
    part = jobs.add_parser("lessons", help="run notebooks from the top, whichever fail; keeps nothing in notebooks/")
    part.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0], help="zh holds the same code as en")
    part.add_argument("--only", nargs="+", metavar="NN", dest="lessons", default=[], help="default: all")
    part = jobs.add_parser("lab", help="open JupyterLab on copies of your own, which Git does not see")
    part.add_argument("--lang", choices=LANGUAGES, help="default: VIT_LANG, else the system's")
    part.add_argument("--fresh", nargs="+", metavar="NN", default=[], help="set these lessons back; yours are kept")
    part.add_argument("--no-open", action="store_true", help="only make the copies")
    part = jobs.add_parser("progress", help="your parts and progress in one file, to another machine")
    part.add_argument("what", choices=("save", "restore"))
    part.add_argument("file", type=Path)
    jobs.add_parser("camp", help="for organisers: from roster to certificates", add_help=False)
    arguments = parser.parse_args()
    if arguments.job == "lab":
        return lab(arguments)
    if arguments.job == "progress":
        return move_progress(arguments)
    numbers = arguments.lessons or [folder.name[:2] for folder in lesson_folders()]
    try:
        if arguments.job == "build":
            wrong = build(numbers, arguments.check, arguments.agreed)
            print("\n".join(wrong) if wrong else "in step", file=sys.stderr)
            return 1 if wrong else 0
        if arguments.job == "lessons":
            return run_lessons([read_lesson(number) for number in numbers], arguments.lang)
        for lesson in map(read_lesson, numbers):
            if arguments.job == "freeze":
                freeze(lesson)
            else:
                runs = [execute(lesson, language, keep=True) for language in LANGUAGES]
                write_timings(runs)
                for run in runs:
                    print(f"{lesson.folder.name} {run.language}: {run.seconds:.0f} s; {run.signature}", flush=True)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    except RunFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def move_progress(arguments) -> int:
    os.environ.setdefault("VIT_LANG", system_language())
    try:
        print((save if arguments.what == "save" else restore)(arguments.file))
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def lab(arguments) -> int:
    language = arguments.lang or system_language()
    os.environ["VIT_LANG"] = language  # for what is said here; a kernel goes by its notebook's folder
    try:
        first = prepare(language, arguments.fresh)
        command = lab_command(first, language)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    del os.environ["VIT_LANG"]
    print(f"notebooks of your own: {shown(first.parent)}", flush=True)
    return 0 if arguments.no_open else subprocess.run(command).returncode
