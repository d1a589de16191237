"""Chinese or English: which one, and that what is said in one is said in the other."""

import ast
import errno
import os
import re
import subprocess
import sys
from types import SimpleNamespace
from typing import ClassVar

import pytest

import vit
from course import language as of_course
from course.cli import _parser as course_parser
from course.document.bilingual import CHINESE, agree
from course.language import system_language
from course.learner.session import begin
from course.project.cli import _parser as project_parser
from vit.cli import _parser as vit_parser
from vit.config import ViTConfig, named_model
from vit.data.images import read_image
from vit.runtime import language as module
from vit.runtime.atomic import atomic_path
from vit.runtime.columns import columns, pad, wrap
from vit.runtime.command_line import _ERRORS, _OWN, Parser
from vit.runtime.language import language, say
from vit.runtime.paths import ROOT

PROGRAM = sorted((ROOT / "vit").rglob("*.py"))
# what only authors hear is English; a lesson's text has pairs of its own, T(...)
AUTHORS = {"lessons", "drawings", "notebook.py", "bound.py", "font.py", "lesson.py", "percent.py", "manifest.py"} | {
    "classroom.py",
    "paper.py",
}
COURSE = [path for path in sorted((ROOT / "course").rglob("*.py")) if not AUTHORS & set(path.parts)]
FILES = [*PROGRAM, *COURSE, ROOT / "start.py"]
ERRORS = ("UserError", "RunFailed", "_Failed", "unknown")
PARSERS = [vit_parser(), course_parser(), project_parser()]


# ---- which language


@pytest.fixture
def system(monkeypatch):
    """A system with these variables and no others that tell a language."""

    def set_variables(**variables):
        for name in ("VIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_variables


@pytest.mark.parametrize(
    ("variables", "answer"),
    [
        ({"VIT_LANG": "zh"}, "zh"),
        ({"VIT_LANG": "zh", "LC_ALL": "en_US.UTF-8"}, "zh"),
        ({"VIT_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"VIT_LANG": "fr", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"VIT_LANG": "", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"VIT_LANG": "zh_CN", "LANG": "en_US.UTF-8"}, "zh"),
        ({"VIT_LANG": "EN", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.GB18030"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_variable_goes_before_the_locale(system, variables, answer):
    system(**variables)
    assert language() == system_language() == of_course.language() == answer
    assert of_course.say("中文", "English") == say("中文", "English")
    assert say("中文", "English") == {"zh": "中文", "en": "English"}[answer]


@pytest.mark.parametrize("variables", [{}, {"LANG": "C"}, {"LANG": "C.UTF-8"}, {"LC_ALL": "POSIX"}], ids=str)
def test_a_system_that_names_no_language(system, variables):
    system(**variables)
    assert language() == system_language() == of_course.language() == "en"


@pytest.mark.parametrize(
    ("name", "answer"),
    [("Chinese (Simplified)_China", "zh"), ("zh_CN", "zh"), ("English_United States", "en"), (None, "en")],
)
def test_windows_is_asked_itself(system, monkeypatch, name, answer):
    system()
    monkeypatch.setattr(module, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(module, "locale", SimpleNamespace(getlocale=lambda: (name, "cp936")))
    assert language() == answer


def test_without_vit_lang_the_system_decides_for_each_program():
    for system, word in (("en_US.UTF-8", "usage"), ("zh_CN.UTF-8", "用法"), ("C", "usage")):
        environment = {name: value for name, value in os.environ.items() if not re.match("VIT_LANG|LC_|LANG", name)}
        for command in ([ROOT / "start.py"], ["-m", "vit"]):
            done = subprocess.run(
                [sys.executable, *command, "--help"],
                cwd=ROOT,
                env=environment | {"LANG": system},
                capture_output=True,
                encoding="utf-8",
            )
            assert done.stdout.startswith(word), (system, command, done.stderr)


def test_a_notebook_decides_for_the_whole_process(system, monkeypatch, tmp_path):
    system(LANG="en_US.UTF-8")
    monkeypatch.setenv("VIT_LANG", "")  # so that the test's end takes back what `begin` sets
    monkeypatch.setenv("VIT_LEARNER", str(tmp_path))
    monkeypatch.setenv("JPY_SESSION_NAME", "/somewhere/notebooks/zh/04_attention.ipynb")
    assert language() == "en"
    begin("04")
    assert os.environ["VIT_LANG"] == language() == "zh"


# ---- pairs


def calls(path, *names):
    """Every call of a function by its plain name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def words(argument) -> str:
    """The text of a side, without its expressions and their keys."""
    keys = {id(node.slice) for node in ast.walk(argument) if isinstance(node, ast.Subscript)}
    texts = [n for n in ast.walk(argument) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return " ".join(n.value for n in texts if id(n) not in keys)


def bare(pair: ast.Call) -> ast.Call:
    """The pair without what may differ: what joins a list (、 or a comma), quotation marks, `zh` and `en` themselves."""
    for node in ast.walk(pair):
        if isinstance(node, ast.Attribute) and node.attr == "join" and isinstance(node.value, ast.Constant):
            node.value = ast.Constant("")
        elif isinstance(node, ast.FormattedValue):
            node.conversion = -1
        elif isinstance(node, ast.Name) and node.id in ("zh", "en"):
            node.id = "one side"
    return pair


def test_both_sides_hold_the_same_expressions():
    for path in FILES:
        for pair in calls(path, "say"):
            where = f"{path.relative_to(ROOT)}, line {pair.lineno}"
            assert len(pair.args) == 2, f"{where}: say(Chinese, English)"
            assert agree(bare(pair)), f"{where}: the two sides hold different expressions"
            zh, en = map(words, pair.args)
            if not zh + en or (zh, en) == ("zh", "en"):  # names alone
                continue
            assert re.search(r"[\u3000-\u9fff\uff00-\uffef]", zh), f"{where}: Chinese first"
            assert not CHINESE.search(en), f"{where}: English second"


def test_a_pair_that_lost_an_expression_is_seen():
    lost = ast.parse('say(f"{path}: 没有 {name}", f"{path}: missing")', mode="eval").body
    assert not agree(lost)
    turned = ast.parse('say(f"{b} 里有 {a:.1f}", f"{a:.1f} of {b}")', mode="eval").body
    assert agree(turned)


# what is the same in both: names of products and files, and units
SAME = re.compile(r"MindSpore|[\w/]+\.(py|toml)|\bvit\b|PEAK")
SAID = ("print", "Stop", "SystemExit", "exit", "error", "ArgumentTypeError", *ERRORS)


def said_in_one_language(text: str, exempt=()):
    """(line, words) of what a program says (prints, raises, shows beside a bar) that is not inside say(...)."""
    tree = ast.parse(text)
    pairs = [
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "say"
    ]
    inside = {id(node) for pair in pairs for node in ast.walk(pair)}

    def strings(node):
        """Of what is shown; not keys, not what a function is asked for."""
        if id(node) in inside or isinstance(node, ast.Compare):
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node
        elif isinstance(node, ast.Call):  # "…".join(…) and its like pass their text on; other functions do not
            if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant | ast.JoinedStr):
                yield from (found for part in (node.func.value, *node.args) for found in strings(part))
        elif isinstance(node, ast.Subscript | ast.FormattedValue):
            yield from strings(node.value)
        else:
            yield from (found for child in ast.iter_child_nodes(node) for found in strings(child))

    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            shown = [
                k.value
                for k in call.keywords
                if k.arg in ("desc", "help", "description", "title")
                if k.arg not in exempt
            ]
            for node in (found for part in [*shown, *call.args * (name in SAID)] for found in strings(part)):
                if re.search(r"[A-Za-z]{2}|[\u3400-\u9fff]", SAME.sub("", node.value)):
                    yield node.lineno, node.value


HELP_APART = (
    "vit/cli.py",
    "course/cli.py",
    "course/camp/cli.py",
    "course/project/cli.py",
)  # English in the code, with its Chinese in a table: see below


def test_everything_that_is_said_is_a_pair():
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        exempt = ("help", "description") if name in HELP_APART else ()
        assert not list(said_in_one_language(path.read_text(encoding="utf-8"), exempt)), name


def test_what_is_said_in_one_language_is_seen():
    for code in (
        'print("done", file=sys.stderr)',
        "print(f\"{path}: {'drawn' if drawn else 'there'}\")",
        'print(", ".join(["one", "two"]))',
        'raise UserError(f"{path}: no such file")',
        'raise argparse.ArgumentTypeError("不是整数")',
        'bar(total=3, desc="scan")',
        'parser.add_argument("--x", help="the way")',
        'print(say("好", "well") + " done")',
    ):
        assert list(said_in_one_language(code)), code
    for code in (
        'print(say("好", "well"), file=sys.stderr)',
        'print(row["name"], ms.get_context("device_target"), f"{share:.1%}  {seconds:8.0f}")',
        'print(f"vit: {error}")',
        'bar(total=3, desc=say("检查", "scan"), unit="img")',
    ):
        assert not list(said_in_one_language(code)), code


def texts_of(parser):
    """Every English text that a parser of ours and those of its subcommands show."""
    yield from filter(None, [parser.description, *(group.title for group in parser._action_groups)])
    for action in parser._actions:
        yield from filter(None, [action.help])
        if isinstance(action.choices, dict):
            yield from filter(None, (choice.help for choice in action._choices_actions))
            for sub in action.choices.values():
                yield from texts_of(sub)


def test_every_help_has_its_chinese():
    for parser in PARSERS:
        for english in texts_of(parser):
            chinese = (_OWN | parser.chinese).get(english)
            assert chinese, f"{parser.prog}: {english!r} has no Chinese"
            assert CHINESE.search(chinese)
            assert not CHINESE.search(english)
            same = re.compile(r"%\(default\)s|--[a-z-]+|\b\d+\b|\b[a-z_]+\.[a-z]+\b|\b[A-Z]{2,}\b")
            en, zh = (sorted(same.findall(text.replace("GUIDE.zh", "GUIDE.en"))) for text in (english, chinese))
            assert en == zh, (english, chinese)


def test_help_fits_into_80_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for spoken in ("zh", "en"):
        monkeypatch.setenv("VIT_LANG", spoken)
        for parser in PARSERS:
            subs = [a.choices for a in parser._actions if isinstance(a.choices, dict)]
            for one in (parser, *(sub for choices in subs for sub in choices.values())):
                text = one.format_help()
                assert max(map(columns, text.splitlines())) <= 80, text
                assert text.startswith({"zh": "用法", "en": "usage"}[spoken])


def test_long_help_in_chinese_is_broken_where_the_line_is_full(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("VIT_LANG", "zh")

    class Long(Parser):
        chinese: ClassVar = {"long": "把每张图片和它的名称存成一个文件，" * 8}

    parser = Long(prog="long", description="long")
    parser.add_argument("--way", help="long")
    text = parser.format_help()
    assert "".join(text.split()).count(Long.chinese["long"]) == 2
    assert 70 < max(map(columns, text.splitlines())) <= 80


def test_errors_of_the_command_line(monkeypatch, capsys):
    """Every error that argparse has for our commands, in Chinese; one of a newer Python stays in English."""
    monkeypatch.setenv("VIT_LANG", "zh")
    for arguments, message in (
        ("", "vit: 错误：缺少 COMMAND"),
        ("sing", "vit: 错误：COMMAND：不能是 'sing'；可以选："),
        ("eval", "vit eval: 错误：缺少 --weights, --data"),
        ("predict --weights", "vit predict: 错误：--weights：后面要有一个值"),
        ("predict --weights x", "vit predict: 错误：缺少 IMAGE"),
        ("eval --weights w --data d --batch-size 0", "--batch-size：'0' 不是正整数"),
        ("train --lr x", "--lr：'x' 不是数"),
        ("train --epochs 1.5", "--epochs：'1.5' 不是整数"),
        ("eval --weights w --data d --device tpu", "--device：不能是 'tpu'；可以选："),
        ("doctor --jsn", "vit: 错误：不认识的参数：--jsn"),
        ("doctor --json=3", "--json：不接受值 '3'"),
        ("train --w 1", "--w 可能是 --weights, --warmup, --weight-decay；请写全"),
    ):
        with pytest.raises(SystemExit) as stop:
            vit_parser().parse_args(arguments.split())
        usage, error = capsys.readouterr().err.rstrip().rsplit("\n", 1)
        assert stop.value.code == 2
        assert usage.startswith("用法")
        assert message in error
        assert not re.search(r"[a-z]{3,} [a-z]{3,}", error.split("错误", 1)[1]), error
    for english, chinese in _ERRORS.items():
        assert re.compile(english).groups == len(re.findall(r"\\\d", chinese)), english


def test_text_in_columns():
    assert [columns(text) for text in ("", "abc", "中文", "e\u0301", "（x）")] == [0, 3, 4, 1, 5]
    assert [pad(text, 6) + "|" for text in ("ab", "中文", "中文中文")] == ["ab    |", "中文  |", "中文中文|"]
    text = "训练：文件夹里有 train/ 和 val/（括号），其中每个类别一个文件夹；“引号”也一样……完"
    for width in range(12, 90):
        lines = wrap(text, width)
        assert max(map(columns, lines)) <= width
        assert not [line for line in lines if line[0] in "，；）”…" or line[-1] in "（“"]
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrap("a word andanotherthatistoolong", 10) == ["a word", "andanotherthatistoolong"]
    assert wrap("", 10) == [""]


# ---- what a learner reads


@pytest.fixture
def chinese(monkeypatch):
    monkeypatch.setenv("VIT_LANG", "zh")


def test_errors_of_a_chinese_notebook(chinese, tmp_path):
    (tmp_path / "broken.jpg").write_text("no picture")
    (tmp_path / "cut.safetensors").write_bytes(b"\x40\0\0\0\0\0\0\0{")
    for wrong, message in [
        (lambda: read_image(tmp_path / "none.jpg"), r"none\.jpg: 没有这个文件$"),
        (lambda: read_image(tmp_path / "broken.jpg"), r"broken\.jpg: 不是 Pillow 认识的图片$"),
        (lambda: vit.weights.load_model(tmp_path / "cut.safetensors"), r"已损坏或不完整（.+）；请重新下载$"),
        (lambda: vit.weights.load_model("nothing.safetensors"), r"nothing\.safetensors: 没有这个文件$"),
        (lambda: named_model("vit_tiny_patch16"), r"没有模型 'vit_tiny_patch16'；是不是想用 vit_tiny_patch16_224 或 "),
        (lambda: ViTConfig(num_heads=5), r"embed_dim 768 不是 num_heads 5 的整数倍$"),
    ]:
        with pytest.raises(vit.UserError, match=message):
            wrong()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "磁盘空间不足"),
        (OSError(errno.EACCES, "Permission denied"), "没有权限"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
    ],
)
def test_why_the_system_refused(chinese, tmp_path, error, why):
    with pytest.raises(vit.UserError, match=f"x: 无法写入（{why}）$"), atomic_path(tmp_path / "x"):
        raise error


def test_the_check_in_is_described_alike_in_both_languages():
    """The same tables: what a field or a byte is called and how long it is."""

    def firsts(name):
        text = (ROOT / "course" / name).read_text(encoding="utf-8")
        rows = [
            line.strip("| ").split(" | ")[0].replace("、", ", ") for line in text.splitlines() if line.startswith("|")
        ]
        return [row for row in rows if re.match(r"[`\d]", row)]

    assert firsts("CHECKIN.md") == firsts("CHECKIN.zh.md")
    assert len(firsts("CHECKIN.md")) > 20
