"""python -m course project DIR: a project from a folder of pictures to its page, the steps of lesson 13 in one command."""

import os
from pathlib import Path
from typing import ClassVar

from course.language import LANGUAGES, say, system_language
from vit.runtime.command_line import Parser, exit_code
from vit.runtime.language import speak_utf8
from vit.runtime.paths import shown


class ProjectParser(Parser):
    chinese: ClassVar = {
        __doc__: "python -m course project DIR：从一个图片文件夹到一页报告，第 13 课的各步合成一条命令。",
        "train/ and val/ in it, or one folder of pictures a class": "其中有 train/ 和 val/，或者每个类别一个文件夹",
        "of the project; default: the folder's": "项目的名字；默认：文件夹的名字",
        "of each class, where the folder has no val/; default: 0.2": "文件夹里没有 val/ 时，每类分给它的份额；默认 0.2",
        "make the page again from what is there, and run nothing": "只用已有的结果重新生成那一页，什么也不运行",
        "of the page; default: VIT_LANG, else the system's": "页面的语言；默认：VIT_LANG，否则看系统",
    }


def _parser() -> ProjectParser:
    parser = ProjectParser(prog="python -m course project", description=__doc__)
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="train/ and val/ in it, or one folder of pictures a class"
    )
    parser.add_argument("--name", help="of the project; default: the folder's")
    parser.add_argument(
        "--val",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="of each class, where the folder has no val/; default: 0.2",
    )
    parser.add_argument("--page", action="store_true", help="make the page again from what is there, and run nothing")
    parser.add_argument("--lang", choices=LANGUAGES, help="of the page; default: VIT_LANG, else the system's")
    return parser


def main(arguments: list[str]) -> int:
    speak_utf8()
    given = _parser().parse_args(arguments)
    os.environ["VIT_LANG"] = given.lang or system_language()
    return exit_code(lambda: _run(given), say("已停止；再运行同一条命令就接着做", "stopped; the same command goes on"))


def _run(given) -> int:
    from course.project import Project
    from course.project.report import measured_against, outcome, questions, write_report

    project = Project(given.folder, given.name)
    if not given.page:
        project.look()
        project.divide(given.val)
        project.borrow()
        print(measured_against(project.facts))
        project.tune()
        project.judge()
        print(outcome(project.facts))
        project.hand_over()
    page = write_report(project)
    if not (project.home / "words.md").is_file():
        project.write(dict.fromkeys(questions(), ""))
    empty = [head for head in questions() if not project.words().get(head)]
    if empty:
        print(
            say(
                f"还有 {len(empty)} 个问题没有写：写进 {shown(project.home / 'words.md')}（标题和署名在开头），再加 --page 运行一次",
                f"{len(empty)} questions are not answered yet: write into {shown(project.home / 'words.md')} (title and your name at its top), then run again with --page",
            )
        )
    print(shown(page))
    return 0
