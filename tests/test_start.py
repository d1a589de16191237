"""start.py, requirements.txt and pyproject.toml say the same."""

import importlib.util
import re
import subprocess
import sys

import pytest

from vit.runtime.paths import ROOT

spec = importlib.util.spec_from_file_location("start", ROOT / "start.py")
start = importlib.util.module_from_spec(spec)
spec.loader.exec_module(start)


def test_requirements_are_those_of_the_package():
    lines = [line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    block = (ROOT / "pyproject.toml").read_text().split("\ndependencies = [", 1)[1].split("\n]", 1)[0]
    assert [line for line in lines if line and line != "-e ."] == re.findall(r'"(.+?)"', block)
    assert "-e ." in lines


def test_dev_packages_are_read_without_a_toml_reader():
    names = [re.split(r"[<>=]", package)[0] for package in start.dev_packages()]
    assert names == ["pytest", "hypothesis", "ruff", "playwright"]


def test_start_needs_the_standard_library_only():
    source = (ROOT / "start.py").read_text()
    modules = set(re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE))
    assert modules <= set(sys.stdlib_module_names)


def recorded(monkeypatch):
    calls = []
    monkeypatch.setattr(start.subprocess, "run", lambda command, **_: calls.append([str(c) for c in command]))
    return calls


def test_here_keeps_the_mindspore_of_the_image(monkeypatch, capsys):
    calls = recorded(monkeypatch)
    monkeypatch.setattr(start, "installed_mindspore", lambda: "2.7.0")
    start.install("python", "run", here=True)
    assert not [word for call in calls for word in call if word.startswith("mindspore")]
    assert "numpy>=1.26,<2" in calls[0]
    assert "--no-deps" in calls[1]
    assert "keeping this environment's MindSpore 2.7.0" in capsys.readouterr().out


def test_a_second_run_installs_nothing(monkeypatch, tmp_path):
    calls = recorded(monkeypatch)
    monkeypatch.setattr(start, "VENV", tmp_path)
    start.install("python", "run", here=False)
    assert len(calls) == 2
    start.install("python", "run", here=False)
    assert len(calls) == 2
    start.install("python", "test", here=False)
    assert len(calls) == 4
    assert any("pytest" in word for word in calls[2])


def test_a_wrong_python_is_told_which_ones_are_right(monkeypatch, capsys):
    monkeypatch.setattr(start.shutil, "which", lambda _: None)
    assert start.other_python() == 2
    assert "3.10, 3.11 or 3.12" in capsys.readouterr().err


def test_bad_use_is_exit_2():
    done = subprocess.run([sys.executable, ROOT / "start.py", "dance"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "usage" in done.stderr


@pytest.mark.parametrize("word", ["run", "lessons", "test", "lab", "--here"])
def test_help_names_every_job(word):
    done = subprocess.run([sys.executable, ROOT / "start.py", "--help"], capture_output=True, text=True)
    assert word in done.stdout


def test_start_and_doctor_know_the_same_names_of_mindspore():
    from vit.runtime.doctor import MINDSPORES

    source = (ROOT / "start.py").read_text()
    assert all(f'"{name}"' in source for name in MINDSPORES)
