"""`argparse` in both languages: its own words, its errors, and lines that Chinese characters do not make too long."""

import argparse
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from vit.runtime.columns import wrap
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.language import say

_OWN = {
    "positional arguments": "参数",
    "options": "选项",
    "show this help message and exit": "显示这段帮助，然后退出",
    "show program's version number and exit": "显示版本号，然后退出",
}
# argparse's errors; in Python 3.10 to 3.12 a choice may stand with or without quotation marks
_ERRORS = {
    r"the following arguments are required: (.+)": r"缺少 \1",
    r"one of the arguments (.+) is required": r"\1 中要有一个",
    r"unrecognized arguments: (.+)": r"不认识的参数：\1",
    r"invalid choice: (.+?) \(choose from (.+)\)": r"不能是 \1；可以选：\2",
    r"invalid int value: (.+)": r"\1 不是整数",
    r"invalid float value: (.+)": r"\1 不是数",
    r"invalid \w+ value: (.+)": r"\1 不是合适的值",
    r"expected one argument": "后面要有一个值",
    r"expected at least one argument": "后面至少要有一个值",
    r"expected at most one argument": "后面最多一个值",
    r"expected (\d+) arguments?": r"后面要有 \1 个值",
    r"ambiguous option: (.+) could match (.+)": r"\1 可能是 \2；请写全",
    r"not allowed with argument (.+)": r"不能和 \1 一起用",
    r"ignored explicit argument (.+)": r"不接受值 \1",
}


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that speaks the reader's language, and so do the parsers of its subcommands.

    A program derives a class of its own, with its help in Chinese; a test finds what is missing there.
    """

    chinese: ClassVar[dict[str, str]] = {}  # English -> Chinese

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **{"formatter_class": partial(_Formatter, self.chinese)} | options)

    def error(self, message):
        """The usage and one line, exit code 2."""
        self.print_usage(sys.stderr)
        what = say(_chinese(message), message)
        self.exit(2, say(f"{self.prog}: 错误：{what}\n", f"{self.prog}: error: {what}\n"))


class _Formatter(argparse.HelpFormatter):
    def __init__(self, chinese, **options):
        super().__init__(**options)
        self._words = _OWN | chinese

    def _in_language(self, english):
        return say(self._words.get(english, english), english)

    def start_section(self, heading):
        super().start_section(self._in_language(heading))

    def add_text(self, text):
        super().add_text(self._in_language(text))

    def _get_help_string(self, action):
        return self._in_language(action.help)

    def _split_lines(self, text, width):
        return wrap(text, width)

    def _fill_text(self, text, width, indent):
        return "\n".join(indent + line for line in wrap(text, width - len(indent)))

    def format_help(self):
        text = super().format_help()  # wrapped and indented for "usage: ": what stands for it is as wide
        return say("用法:  ", "usage: ") + text[7:] if text.startswith("usage: ") else text


def _chinese(message: str) -> str:
    """An error of argparse; one that is not in the table is ours, and in the reader's language already."""
    if found := re.fullmatch(r"argument (.+?): (.+)", message, re.DOTALL):
        return f"{found[1]}：{_chinese(found[2])}"
    for english, chinese in _ERRORS.items():
        if found := re.fullmatch(english, message, re.DOTALL):
            return found.expand(chinese)
    return message


def exit_code(work: Callable[[], int | None], stopped: str = "") -> int:
    """Run a command: an error that is the user's is one line and 2, one that is nobody's 1, Ctrl-C 130."""
    try:
        return work() or 0
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    except RunFailed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(stopped or say("已停止", "stopped"), file=sys.stderr)
        return 130
