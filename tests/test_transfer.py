"""Parts and progress in one file: back on another machine as they were, and nothing else comes out of an archive."""

import json
import os
import zipfile

import pytest

from course.__main__ import main
from course.learner import progress, transfer
from vit.runtime.errors import UserError


@pytest.fixture
def learner(tmp_path, monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")
    monkeypatch.setenv("VIT_LEARNER", str(tmp_path / "here"))
    with progress.changing() as known:
        progress.exercise(known, "04.3")["passed"] = "2026-01-01"
    (tmp_path / "here" / "my_vit").mkdir()
    (tmp_path / "here" / "my_vit" / "attention.py").write_text("# 我的\n", encoding="utf-8")
    (tmp_path / "here" / "my_vit" / ".snapshots").mkdir()
    (tmp_path / "here" / "my_vit" / ".snapshots" / "x.py").write_text("")
    return tmp_path


def test_there_and_back(learner, monkeypatch):
    file = learner / "进度.zip"
    assert "2 files" in transfer.save(file)
    monkeypatch.setenv("VIT_LEARNER", str(learner / "there"))
    transfer.restore(file)
    assert progress.read()["exercises"]["04.3"]["passed"] == "2026-01-01"
    assert (learner / "there" / "my_vit" / "attention.py").read_text(encoding="utf-8") == "# 我的\n"
    with progress.changing() as known:
        known["nickname"] = "later"
    transfer.restore(file)  # what was there is kept beside
    assert progress.read()["nickname"] is None
    kept = next((learner / "there").glob("before-restore-*.zip"))
    assert json.loads(zipfile.ZipFile(kept).read("progress.json"))["nickname"] == "later"


def test_what_is_handed_in_has_everything_but_the_camps_code(learner, capsys, monkeypatch):
    with progress.changing() as known:
        known["nickname"], known["code"] = "小明", "43GDNX-SHHXF3-BFZU67"
    (learner / "here" / "checkins").mkdir()
    (learner / "here" / "checkins" / "04A.txt").write_text("VITLINE2 ...\n", encoding="utf-8")
    file, whole = learner / "小明.zip", learner / "whole.zip"
    monkeypatch.setattr("sys.argv", ["course", "progress", "hand-in", str(file)])
    assert main() == 0
    assert "code" not in capsys.readouterr().out
    transfer.save(whole)
    with zipfile.ZipFile(file) as made, zipfile.ZipFile(whole) as kept:
        assert made.namelist() == kept.namelist()
        assert not [name for name in made.namelist() if b"43GDNX" in made.read(name)]
        same = json.loads(made.read("progress.json")) | {"code": "43GDNX-SHHXF3-BFZU67"}
        assert same == json.loads(kept.read("progress.json"))
    transfer.restore(file)
    assert progress.read()["code"] == "43GDNX-SHHXF3-BFZU67"  # that of this machine stays


def test_whose_check_ins_follow_is_said_and_a_code_that_is_here_stays(learner, monkeypatch):
    with progress.changing() as known:
        known["nickname"], known["code"] = "小明", "43GDNX-SHHXF3-BFZU67"
    file = learner / "a.zip"
    assert "give it to nobody" in transfer.save(file)
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0
    assert "check-ins" not in transfer.restore(file)
    for before, said, after in [
        ((None, None), "check-ins are 小明's from now on", ("小明", "43GDNX-SHHXF3-BFZU67")),
        (("friend", None), "check-ins are 小明's from now on", ("小明", "43GDNX-SHHXF3-BFZU67")),
        (("friend", "K7QM2X-94HDTN-3WPRZ5"), "go on with the code of friend", ("friend", "K7QM2X-94HDTN-3WPRZ5")),
    ]:
        monkeypatch.setenv("VIT_LEARNER", str(learner / str(before)))
        with progress.changing() as known:
            known["nickname"], known["code"] = before
        assert said in transfer.restore(file)
        known = progress.read()
        assert (known["nickname"], known["code"]) == after
        assert known["exercises"]["04.3"]["passed"] == "2026-01-01"


@pytest.mark.parametrize(
    "members",
    [
        {"progress.json": "{}"},
        {"progress.json": "not json"},
        {"my_vit/attention.py": ""},
        {"progress.json": '{"version": 1}', "../escape.py": ""},
        {"progress.json": '{"version": 1}', "/etc/passwd": ""},
        {"progress.json": '{"version": 1}', "my_vit/sub/x.py": ""},
        {"progress.json": '{"version": 1}', "my_vit/attention.py": b"\xff\xfe"},
        {"progress.json": '{"version": 1}', "my_vit/attention.py": b"0" * (transfer.MOST_BYTES + 1)},
        {"progress.json": '{"version": 1}', **{f"checkin/{n}.md": "" for n in range(transfer.MOST_FILES + 1)}},
        None,
    ],
)
def test_a_hostile_or_broken_archive_changes_nothing(learner, members, capsys):
    file = learner / "bad.zip"
    if members is None:
        transfer.save(file)
        file.write_bytes(file.read_bytes()[:100])
    else:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
    before = {path: path.read_bytes() for path in (learner / "here").rglob("*") if path.is_file()}
    with pytest.raises(UserError):
        transfer.restore(file)
    assert {path: path.read_bytes() for path in (learner / "here").rglob("*") if path.is_file()} == before
    assert not list(learner.glob("escape*"))


def test_progress_of_another_version_moves_too(learner):
    file = learner / "newer.zip"
    known = {"version": 99, "exercises": {"05.1": {"passed": "2027-01-01"}}, "something": "new"}
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("progress.json", json.dumps(known))
    transfer.restore(file)
    assert progress.read()["exercises"]["05.1"]["passed"] == "2027-01-01"


def test_the_command(learner, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["course", "progress", "save", str(learner / "a.zip")])
    assert main() == 0
    monkeypatch.setattr("sys.argv", ["course", "progress", "restore", str(learner / "missing.zip")])
    assert main() == 2
    assert "no such file" in capsys.readouterr().err
    monkeypatch.setenv("VIT_LEARNER", str(learner / "empty"))
    monkeypatch.setattr("sys.argv", ["course", "progress", "save", str(learner / "b.zip")])
    assert main() == 2
    assert not (learner / "b.zip").exists()
