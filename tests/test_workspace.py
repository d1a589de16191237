"""The learner's copies of the notebooks: theirs to change, never overwritten, out of Git's sight."""

import importlib.util
import json
import os
import subprocess

import pytest

from course.learner import workspace
from course.learner.moved import MOVED
from vit.runtime.errors import UserError
from vit.runtime.paths import ROOT


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(workspace, "OUTPUTS", tmp_path / "my outputs é")
    monkeypatch.setattr(workspace, "LAB", tmp_path / "my outputs é" / "lab")
    originals = tmp_path / "notebooks"
    (originals / "zh").mkdir(parents=True)
    for name in ("00_a", "04_b"):
        (originals / "zh" / f"{name}.ipynb").write_text(f"{name}, as published")
    monkeypatch.setattr(workspace, "NOTEBOOKS", originals)
    return originals / "zh", tmp_path / "my outputs é" / "lab" / "zh"


def test_copies_are_made_once_and_stay_the_learners(home, capsys):
    originals, copies = home
    assert workspace.prepare("zh") == copies / "00_a.ipynb"
    (copies / "04_b.ipynb").write_text("my answer")
    workspace.prepare("zh")
    assert (copies / "04_b.ipynb").read_text() == "my answer"
    (originals / "04_b.ipynb").write_text("04_b, second edition")
    (originals / "00_a.ipynb").write_text("00_a, second edition")
    workspace.prepare("zh")
    assert (copies / "00_a.ipynb").read_text() == "00_a, second edition", "nobody had touched it"
    assert (copies / "04_b.ipynb").read_text() == "my answer"
    assert "--fresh 04" in capsys.readouterr().err


def test_a_course_that_may_only_be_read_gives_copies_that_may_be_written(home):
    drawing = ROOT / "course" / "figures" / "heads.zh.svg"
    rights = drawing.stat().st_mode
    drawing.chmod(0o444)
    try:
        workspace.prepare("zh")
        workspace.prepare("zh")
    finally:
        drawing.chmod(rights)
    copy = workspace.OUTPUTS / "course" / "figures" / drawing.name
    assert copy.read_bytes() == drawing.read_bytes()
    assert copy.stat().st_mode & 0o200
    copy.write_text("half of it")
    workspace.prepare("zh")
    assert copy.read_bytes() == drawing.read_bytes()


def test_fresh_sets_one_back_and_keeps_what_was(home):
    _, copies = home
    workspace.prepare("zh")
    for name in ("00_a", "04_b"):
        (copies / f"{name}.ipynb").write_text("my answer")
    workspace.prepare("zh", ["04"])
    assert (copies / "04_b.ipynb").read_text() == "04_b, as published"
    assert (copies / "00_a.ipynb").read_text() == "my answer"
    (kept,) = copies.glob("04_b.*-*.ipynb")
    assert kept.read_text() == "my answer"
    with pytest.raises(UserError, match="there is no lesson 77"):
        workspace.prepare("zh", ["77"])


def test_imports_of_what_has_moved_follow_and_answers_stay(home, capsys):
    workspace.prepare("zh")
    copy = home[1] / "04_b.ipynb"
    copy.write_text("my answer; from vit.models import create_model", encoding="utf-8")
    workspace.prepare("zh")
    assert copy.read_text(encoding="utf-8") == "my answer; from vit.weights import create_model"
    assert "imports in your copy follow" in capsys.readouterr().err
    workspace.prepare("zh")
    assert "imports" not in capsys.readouterr().err
    for old, new in MOVED.items():
        whole = new if new.split()[-1] != "import" else f"{new} __doc__"
        exec(whole)  # it is there
        assert old not in new


def test_a_damaged_record_costs_nothing(home):
    _, copies = home
    workspace.prepare("zh")
    (copies / "04_b.ipynb").write_text("my answer")
    (copies.parent / "originals.json").write_text("[")
    workspace.prepare("zh")
    assert (copies / "04_b.ipynb").read_text() == "my answer"


def test_a_folder_that_cannot_be_written_is_named(home, monkeypatch):
    _, copies = home
    copies.parent.parent.write_text("a file in the way")
    with pytest.raises(UserError, match="cannot be written"):
        workspace.prepare("zh")


def test_the_command_asks_for_no_news_and_speaks_the_language(home):
    first = workspace.prepare("zh")
    command = workspace.lab_command(first, "zh")
    overrides = json.loads((workspace.LAB / ".settings" / "overrides.json").read_text())
    assert overrides["@jupyterlab/translation-extension:plugin"] == {"locale": "zh_CN"}
    assert overrides["@jupyterlab/apputils-extension:notification"] == {"fetchNews": "false"}
    assert command[3] == str(first)


def test_git_does_not_see_the_copies():
    done = subprocess.run(
        ["git", "check-ignore", "outputs/lab/zh/04_attention.ipynb"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0


def places(monkeypatch, tmp_path, writable):
    """`vit.runtime.paths` as a new process would see it."""
    monkeypatch.setattr(os, "access", lambda path, mode: writable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    spec = importlib.util.spec_from_file_location("paths_anew", ROOT / "vit" / "runtime" / "paths.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_where_things_go(monkeypatch, tmp_path):
    monkeypatch.delenv("VIT_OUTPUTS", raising=False)
    own = places(monkeypatch, tmp_path, writable=True)
    assert (own.OUTPUTS, own.DATA) == (ROOT / "outputs", ROOT / "data")
    shared = places(monkeypatch, tmp_path, writable=False)
    assert (tmp_path / "vit-course", tmp_path / "vit-course" / "data") == (shared.OUTPUTS, shared.DATA)
    assert shared.SHIPPED == ROOT / "vit" / "weights" / "shipped"
    monkeypatch.setenv("VIT_OUTPUTS", str(tmp_path / "mine"))
    assert tmp_path / "mine" == places(monkeypatch, tmp_path, writable=True).OUTPUTS
