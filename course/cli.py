"""For authors: python -m course build | freeze | run | site. For instructors: python -m course kit. For all: python -m course lessons | lab | progress | explore.
For organisers: python -m course camp. See CONTRIBUTING.md and course/camp/GUIDE.en.md."""

import os
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

from course.authoring.execute import execute, run_lessons
from course.authoring.freeze import freeze
from course.document.lesson import read_lesson
from course.editions.notebook import build
from course.editions.timings import write_timings
from course.language import LANGUAGES, say, system_language
from course.learner.transfer import hand_in, restore, save
from course.learner.workspace import lab_command, prepare
from course.manifest import notebook_numbers
from course.store import stale, write_stamp
from vit.runtime.command_line import Parser, exit_code
from vit.runtime.errors import UserError
from vit.runtime.language import speak_utf8
from vit.runtime.paths import shown


class CourseParser(Parser):
    chinese: ClassVar = {
        __doc__: "作者用：python -m course build | freeze | run | site。讲师用：python -m course kit。所有人用：python -m course lessons | lab | progress | explore。"
        "组织者用：python -m course camp。见 CONTRIBUTING.md 和 course/camp/GUIDE.zh.md。",
        "write notebooks/ from course/lessons/": "由 course/lessons/ 生成 notebooks/",
        "run the solutions and wrong answers of the exercises, and keep their fingerprints": "运行练习的参考答案和错误答案，保存它们的指纹",
        "execute notebooks from the top and keep their outputs (default: those whose outputs are stale)": "从头执行笔记本，保存输出（默认：输出已过期的）",
        "only those whose stored outputs are older than their code, and two others in turn": "只运行输出比代码旧的，另加轮到的两课",
        "with every exercise solved": "每道练习都写上参考答案",
        "default: all": "默认：全部",
        "for instance 04 (default: all)": "例如 04（默认：全部）",
        "write nothing; fail where something is not in step": "什么也不写；有不一致就报错",
        "the languages say the same, though one changed alone": "虽然只改了一种语言，两种语言说的仍是同一件事",
        "run notebooks from the top, whichever fail; keeps nothing in notebooks/": "从头运行笔记本，有的出错也继续；notebooks/ 不变",
        "both hold the same code; default: VIT_LANG, else the system's": "两种语言代码相同；默认：VIT_LANG，否则看系统",
        "open JupyterLab on copies of your own, which Git does not see": "打开 JupyterLab，用的是你自己的副本，Git 看不见",
        "default: VIT_LANG, else the system's": "默认：VIT_LANG，否则看系统",
        "set these back, for instance 04; yours are kept": "把这些课恢复原样，例如 04；你原来的会保留",
        "only make the copies": "只建立副本，不打开",
        "your parts and progress in one file, to another machine": "把你写的部件和学习进度存成一个文件，带到另一台机器",
        "write the file (hand-in: without a camp's code), or put what is in it in place": "存成文件（hand-in：不含营码），或从文件恢复",
        "for instance my_progress.zip": "例如 my_progress.zip",
        "for organisers: from roster to certificates": "组织者用：从名单到证书",
        "see inside your own network: a page that opens in the browser": "看进你自己的网络：在浏览器里打开的一页",
        "only write the page": "只写出那一页，不打开",
        "the course as a site of both languages, built without a network": "把课程做成两种语言的网站，不需要网络",
        "ViT-Ti in its explorer, too; npm fetches onnxruntime-web": "探索页里也放上 ViT-Ti；由 npm 取 onnxruntime-web",
        "for instructors: decks, run-sheets, hand-outs, quizzes, the teacher's editions": "给讲师：课件、流程、讲义、小测验、教师版",
        "for instructors: a folder for a stick, from which laptops install without a network": "给讲师：收好一个文件夹（U 盘），几十台电脑不用网络就能安装",
        "the folder; what is there is kept": "那个文件夹；里面已有的保留",
        "linux, windows, macos (default: all)": "linux、windows、macos（默认：全部）",
        "11 is Python 3.11": "11 就是 Python 3.11",
        "do not ask after the size has been told": "说了大小之后不再问",
        "for instructors: what learners hand in, as tables and feedback": "给讲师：学员交来的东西，变成表格和反馈",
        "the only thing there is to do": "目前只有这一件事",
        "a folder or file for each learner, called by their name": "每位学员一个文件夹或文件，以姓名命名",
        "the camp whose keys open their lines: only sealed work counts": "营的文件夹，用它的密钥核对打卡行：只认有签名的",
        "run their parts of the ViT, in a sandbox (bubblewrap) or not at all": "在沙箱（bubblewrap）里运行他们写的部件；没有沙箱就不运行",
        "default: beside the folder, with -grades": "默认：在旁边，名字后面加 -grades",
        "a folder; files of an earlier kit are replaced": "一个文件夹；里面以前的文件会被替换",
        "default: both": "默认：两种语言",
        "a folder; an earlier build in it is replaced": "一个文件夹；里面以前建的会被替换",
    }


def main() -> int:
    speak_utf8()
    arguments = _parser().parse_args()
    if arguments.job == "lab":
        return lab(arguments)
    if arguments.job == "progress":
        return move_progress(arguments)
    if arguments.job == "explore":
        return explore(arguments)
    if arguments.job == "site":
        return make_site(arguments.out, arguments.tiny)
    if arguments.job == "kit":
        return make_kit(arguments.out, [arguments.lang] if arguments.lang else list(LANGUAGES), arguments.lesson)
    if arguments.job == "class":
        return grade_class(arguments)
    if arguments.job == "pack":
        return make_stick(arguments)
    return exit_code(lambda: _author(arguments))


def _author(arguments) -> int:
    """build, freeze, run and lessons."""
    everything = notebook_numbers()
    numbers = arguments.lessons or everything
    if arguments.job == "build":
        wrong = build(numbers, arguments.check, arguments.agreed)
        print("\n".join(wrong) or say("一致", "in step"), file=sys.stderr)
        return 1 if wrong else 0
    if arguments.job == "lessons":
        language = arguments.lang or system_language()
        if arguments.stale:
            numbers = _stale_and_two(numbers, language)
        return run_lessons([read_lesson(number) for number in numbers], language, arguments.solved)
    if arguments.job == "run" and not arguments.lessons:
        numbers = [number for number in everything if any(stale(read_lesson(number), one) for one in LANGUAGES)]
        print(say(f"要重新执行的：{_listed(numbers)}", f"to be executed again: {_listed(numbers)}"), flush=True)
    for lesson in map(read_lesson, numbers):
        if arguments.job == "freeze":
            freeze(lesson)
        else:
            runs = [execute(lesson, language, keep=True) for language in LANGUAGES]
            write_timings(runs)
            for run in runs:
                write_stamp(lesson, run.language, version("mindspore"))
                print(f"{lesson.folder.name} {run.language}: {run.seconds:.0f} s; {run.signature}", flush=True)
    return 0


def _stale_and_two(numbers: list[str], language: str) -> list[str]:
    """The lessons whose stored outputs are older than their code, and two of the others in turn, day by day."""
    old = [number for number in numbers if stale(read_lesson(number), language)]
    fresh = [number for number in numbers if number not in old]
    today = date.today().toordinal()
    others = sorted({fresh[(2 * today + place) % len(fresh)] for place in range(2)}) if fresh else []
    print(
        say(
            f"输出已过期的：{_listed(old)}；另外轮到的：{_listed(others)}",
            f"outputs stale: {_listed(old)}; in turn: {_listed(others)}",
        )
    )
    return sorted(old + others)


def _listed(numbers: list[str]) -> str:
    return ", ".join(numbers) or "-"


MOVES = {"save": save, "hand-in": hand_in, "restore": restore}


def move_progress(arguments) -> int:
    os.environ.setdefault("VIT_LANG", system_language())
    return exit_code(lambda: print(MOVES[arguments.what](arguments.file)))


def explore(arguments) -> int:
    from course.explorer.explore import explore as opened  # late: it fetches MindSpore

    os.environ["VIT_LANG"] = arguments.lang or system_language()
    return exit_code(lambda: opened(arguments.no_open))


def make_site(out: Path, tiny: bool = False) -> int:
    from course.site.build import site  # late: it fetches MindSpore

    os.environ.setdefault("VIT_LANG", system_language())

    def made() -> None:
        built = site(out, tiny)
        size = f"{built['bytes'] / 1e6:.0f} MB"
        print(
            say(
                f"{shown(out)}：{built['pages']} 页，{size}；打开里面的 index.html",
                f"{shown(out)}: {built['pages']} pages, {size}; open its index.html",
            )
        )

    return exit_code(made)


def make_kit(out: Path, languages: list[str], numbers: list[str]) -> int:
    from course.editions.kit import kit  # late: it fetches MindSpore

    os.environ.setdefault("VIT_LANG", system_language())

    def make() -> None:
        made = kit(out, languages, numbers or notebook_numbers())
        size = f"{made['bytes'] / 1e6:.0f} MB"
        print(
            say(
                f"{shown(out)}：{made['files']} 个文件，{size}；从 {languages[0]}/index.html 看起",
                f"{shown(out)}: {made['files']} files, {size}; begin with {languages[0]}/index.html",
            )
        )
        if made["without"]:
            numbers_without = ", ".join(made["without"])
            print(
                say(
                    f"这几课还只有教师版：{numbers_without}",
                    f"only the teacher's edition so far: {numbers_without}",
                )
            )
        if not made["pdf"]:
            print(
                say(
                    "没有 PDF：本机找不到 Chromium、Chrome 或 Edge；HTML 可以直接放映和打印",
                    "no PDF: neither Chromium, Chrome nor Edge on this machine; the HTML can be shown and printed",
                )
            )

    return exit_code(make)


def grade_class(arguments) -> int:
    from course.classroom.commands import grade  # late: it fetches MindSpore

    os.environ["VIT_LANG"] = arguments.lang or os.environ.get("VIT_LANG") or system_language()
    out = arguments.out or arguments.folder.resolve().with_name(f"{arguments.folder.resolve().name}-grades")
    return exit_code(lambda: grade(arguments.folder, out, arguments.camp, arguments.run))


def make_stick(arguments) -> int:
    from course.classroom.pack import main as packed  # late: it fetches MindSpore

    os.environ.setdefault("VIT_LANG", system_language())
    return exit_code(lambda: packed(arguments.wheels, arguments.systems, arguments.python, arguments.yes))


def lab(arguments) -> int:
    language = arguments.lang or system_language()
    os.environ["VIT_LANG"] = language  # for what is said here; a kernel goes by its notebook's folder
    try:
        first = prepare(language, arguments.fresh)
        command = lab_command(first, language)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    print(say(f"你自己的笔记本在 {shown(first.parent)}", f"notebooks of your own: {shown(first.parent)}"), flush=True)
    del os.environ["VIT_LANG"]
    return 0 if arguments.no_open else _wait_for(command)


def _wait_for(command: list[str]) -> int:
    """JupyterLab to its end. Ctrl-C reaches it as well, and it asks back: it must not be killed meanwhile."""
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def _parser() -> CourseParser:
    parser = CourseParser(prog="python -m course", description=__doc__)
    jobs = parser.add_subparsers(dest="job", required=True, metavar="COMMAND")
    parts = {
        "build": "write notebooks/ from course/lessons/",
        "freeze": "run the solutions and wrong answers of the exercises, and keep their fingerprints",
        "run": "execute notebooks from the top and keep their outputs (default: those whose outputs are stale)",
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
    part.add_argument("--lang", choices=LANGUAGES, help="both hold the same code; default: VIT_LANG, else the system's")
    part.add_argument(
        "--only", nargs="+", metavar="NN", dest="lessons", default=[], help="for instance 04 (default: all)"
    )
    part.add_argument(
        "--stale",
        action="store_true",
        help="only those whose stored outputs are older than their code, and two others in turn",
    )
    part.add_argument("--solved", action="store_true", help="with every exercise solved")
    part = jobs.add_parser("lab", help="open JupyterLab on copies of your own, which Git does not see")
    part.add_argument("--lang", choices=LANGUAGES, help="default: VIT_LANG, else the system's")
    part.add_argument(
        "--fresh", nargs="+", metavar="NN", default=[], help="set these back, for instance 04; yours are kept"
    )
    part.add_argument("--no-open", action="store_true", help="only make the copies")
    part = jobs.add_parser("progress", help="your parts and progress in one file, to another machine")
    part.add_argument(
        "what",
        choices=tuple(MOVES),
        help="write the file (hand-in: without a camp's code), or put what is in it in place",
    )
    part.add_argument("file", type=Path, metavar="FILE", help="for instance my_progress.zip")
    part = jobs.add_parser("explore", help="see inside your own network: a page that opens in the browser")
    part.add_argument("--lang", choices=LANGUAGES, help="default: VIT_LANG, else the system's")
    part.add_argument("--no-open", action="store_true", help="only write the page")
    part = jobs.add_parser("site", help="the course as a site of both languages, built without a network")
    part.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a folder; an earlier build in it is replaced"
    )
    part.add_argument("--tiny", action="store_true", help="ViT-Ti in its explorer, too; npm fetches onnxruntime-web")
    part = jobs.add_parser("kit", help="for instructors: decks, run-sheets, hand-outs, quizzes, the teacher's editions")
    part.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a folder; files of an earlier kit are replaced"
    )
    part.add_argument("--lang", choices=LANGUAGES, help="default: both")
    part.add_argument("--lesson", nargs="+", metavar="NN", default=[], help="for instance 04 (default: all)")
    part = jobs.add_parser(
        "pack", help="for instructors: a folder for a stick, from which laptops install without a network"
    )
    part.add_argument("--wheels", type=Path, required=True, metavar="DIR", help="the folder; what is there is kept")
    part.add_argument(
        "--systems",
        nargs="+",
        default=["linux", "windows", "macos"],
        metavar="NAME",
        help="linux, windows, macos (default: all)",
    )
    part.add_argument("--python", type=int, default=11, choices=(10, 11, 12), metavar="MINOR", help="11 is Python 3.11")
    part.add_argument("--yes", action="store_true", help="do not ask after the size has been told")
    part = jobs.add_parser("class", help="for instructors: what learners hand in, as tables and feedback")
    part.add_argument("what", choices=("grade",), help="the only thing there is to do")
    part.add_argument(
        "folder", type=Path, metavar="DIR", help="a folder or file for each learner, called by their name"
    )
    part.add_argument(
        "--camp", type=Path, metavar="DIR", help="the camp whose keys open their lines: only sealed work counts"
    )
    part.add_argument(
        "--run", action="store_true", help="run their parts of the ViT, in a sandbox (bubblewrap) or not at all"
    )
    part.add_argument("--out", type=Path, metavar="DIR", help="default: beside the folder, with -grades")
    part.add_argument("--lang", choices=LANGUAGES, help="default: VIT_LANG, else the system's")
    jobs.add_parser("camp", help="for organisers: from roster to certificates", add_help=False)
    return parser
