"""Chinese or English: which one, and that what is said in one is said in the other."""

import ast
import errno
import os
import re
from types import SimpleNamespace

import pytest

import vit
from course.bilingual import CHINESE, agree
from course.language import system_language
from course.learner.session import begin
from vit.config import ViTConfig, named_model
from vit.data.images import read_image
from vit.runtime import language as module
from vit.runtime.atomic import atomic_path
from vit.runtime.language import language, say
from vit.runtime.paths import ROOT

FILES = sorted((ROOT / "vit").rglob("*.py"))
ERRORS = ("UserError", "RunFailed", "_Failed", "unknown")


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
    assert language() == system_language() == answer
    assert say("中文", "English") == {"zh": "中文", "en": "English"}[answer]


@pytest.mark.parametrize("variables", [{}, {"LANG": "C"}, {"LANG": "C.UTF-8"}, {"LC_ALL": "POSIX"}], ids=str)
def test_a_system_that_names_no_language(system, variables):
    system(**variables)
    assert language() == "en"
    assert language(otherwise="zh") == system_language() == "zh"


@pytest.mark.parametrize(
    ("name", "answer"),
    [("Chinese (Simplified)_China", "zh"), ("zh_CN", "zh"), ("English_United States", "en"), (None, "en")],
)
def test_windows_is_asked_itself(system, monkeypatch, name, answer):
    system()
    monkeypatch.setattr(module, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(module, "locale", SimpleNamespace(getlocale=lambda: (name, "cp936")))
    assert language() == answer


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
    """The text of a side, without its expressions."""
    return " ".join(n.value for n in ast.walk(argument) if isinstance(n, ast.Constant) and isinstance(n.value, str))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_both_sides_hold_the_same_expressions(path):
    for pair in calls(path, "say"):
        assert agree(pair), f"line {pair.lineno}: the two sides hold different expressions"
        zh, en = map(words, pair.args)
        if not zh + en:  # names alone
            continue
        assert re.search(r"[\u3000-\u9fff\uff00-\uffef]", zh), f"line {pair.lineno}: Chinese first"
        assert not CHINESE.search(en), f"line {pair.lineno}: English second"


def test_a_pair_that_lost_an_expression_is_seen():
    lost = ast.parse('say(f"{path}: 没有 {name}", f"{path}: missing")', mode="eval").body
    assert not agree(lost)
    turned = ast.parse('say(f"{b} 里有 {a:.1f}", f"{a:.1f} of {b}")', mode="eval").body
    assert agree(turned)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_error_of_the_program_is_a_pair(path):
    for error in calls(path, *ERRORS):
        for argument in error.args[:1]:
            paired = {
                id(inner)
                for node in ast.walk(argument)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
                for inner in ast.walk(node)
            }
            for node in ast.walk(argument):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in paired:
                    assert not re.search(r"[A-Za-z]{2}|[\u3400-\u9fff]", node.value), (
                        f"line {error.lineno}: in one language"
                    )


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
