"""What the learner's folder keeps, and what becomes of it when a file is deleted, edited, damaged or of another version."""

import json
import shutil

import pytest
from cells import cell
from filelock import FileLock

from course.document.lesson import read_lesson
from course.learner import check as checks
from course.learner import my_vit, own_model, progress
from course.learner.own_part import own_part
from course.learner.own_source import digest
from course.learner.parts import PARTS
from vit.data.photographs import offline_photographs

PATCHES = read_lesson("03").exercises["03.3"].solution
ATTENTION, MLP, BLOCK = (read_lesson(number[:2]).exercises[number].solution for number in ("04.3", "05.2", "05.3"))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")
    monkeypatch.setenv("VIT_LEARNER", str(tmp_path))
    return tmp_path


def kept(name: str, text: str) -> None:
    """A part as if it had passed."""
    path = my_vit.keep(PARTS[name], my_vit.Source((), text))
    with progress.changing() as known:
        known["parts"][name] = digest(path.read_text("utf-8"))


IMPORTS = "import mindspore as ms\nfrom mindspore import nn, ops\n\nfrom vit.encoder import GELU\n\n\n"


# ---- parts


def test_a_deleted_part_is_said_and_not_counted(folder, capsys):
    kept("Attention", IMPORTS + ATTENTION)
    assert checks.own_parts() == (1, len(PARTS))
    (folder / "my_vit" / "attention.py").unlink()
    assert checks.own_parts() == (0, len(PARTS))
    assert own_part("Attention").cls is PARTS["Attention"].reference
    said = capsys.readouterr().out
    assert "attention.py is gone" in said
    assert "check 04.3 again" in said


def test_a_part_that_ends_the_program_is_told(folder, capsys):
    kept("MLP", IMPORTS + MLP)
    for text in ("raise SystemExit(3)\n", "import sys\nsys.exit()\n", "1 / 0\n", "x ="):
        (folder / "my_vit" / "mlp.py").write_text(text)
        assert own_part("MLP").own is False
        assert "mlp.py cannot be used" in capsys.readouterr().out, text
        assert checks.own_parts()[0] == 0


def test_a_wrong_class_leaves_the_one_that_passed(folder, capsys):
    mine = checks.check("05.2", cell(MLP)["MLP"])
    assert checks.check("05.2", cell(MLP.replace("self.act(", "ops.relu("))["MLP"]) is mine
    assert checks.check("05.2", PARTS["MLP"].reference) is mine
    assert capsys.readouterr().out.count("go on with the MLP that passed before") == 2
    assert checks.own_parts()[0] == 1


def test_a_right_class_made_of_a_wrong_part_passes_and_the_part_is_named(folder, capsys):
    kept("MLP", IMPORTS + MLP.replace("GELU(gelu)", "nn.ReLU()"))
    whole = checks.check("05.3", cell(BLOCK)["Block"])
    assert "passed; but your MLP" in (said := capsys.readouterr().out)
    assert "check 05.2 again" in said
    assert whole is not PARTS["Block"].reference
    kept("MLP", IMPORTS + MLP)
    assert "but" not in checks.judge("05.3", cell(BLOCK)["Block"])[1]


def test_snapshots_thrown_away_under_a_running_kernel(folder):
    text = MLP + "        # mine\n"
    assert checks.judge("05.2", cell(text)["MLP"])[0] == "passed"
    shutil.rmtree(folder / "my_vit" / ".snapshots")
    assert checks.judge("05.2", cell(text)["MLP"])[0] == "passed"


def test_a_class_that_does_not_stand_alone_is_told():
    text = "if __name__ != '__main__':\n    raise SystemExit\nHALF = 0.5\n" + ATTENTION.replace("0.5", "HALF")
    assert checks.judge("04.3", cell(text)["Attention"])[0] == "passed"  # the `if` is not needed, and stays behind
    text = "HALF = 0.5 if __name__ == '__main__' else 1 / 0\n" + ATTENTION.replace("0.5", "HALF")
    outcome, sentence = checks.judge("04.3", cell(text)["Attention"])
    assert outcome == "unreadable"
    assert "ZeroDivisionError" in sentence


def test_a_folder_that_cannot_be_written_is_one_line(folder, capsys):
    (folder / "my_vit").write_text("a file in the way")
    outcome = checks.check("03.3", cell(PATCHES)["PatchEmbedding"])
    assert outcome is PARTS["PatchEmbedding"].reference or outcome.__name__ == "PatchEmbedding"
    assert "my_vit" in capsys.readouterr().out


# ---- python -m my_vit


def test_my_vit_speaks_the_language_of_the_system(folder, monkeypatch, capsys):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    for system, says in (
        ("en_US.UTF-8", "names what pictures show"),
        ("zh_CN.UTF-8", "说出图片里是什么"),
        ("de_DE.UTF-8", "names"),
    ):
        monkeypatch.delenv("VIT_LANG", raising=False)
        monkeypatch.setenv("LANG", system)
        with pytest.raises(SystemExit):
            own_model.name_pictures(folder / "my_vit", ["--help"])
        assert says in capsys.readouterr().out


def test_my_vit_says_which_parts_it_cannot_use(folder, monkeypatch, capsys):
    kept("PatchEmbedding", IMPORTS + PATCHES)
    monkeypatch.setenv("VIT_LEARNER", "elsewhere")  # it is the folder that it lies in
    picture = str(offline_photographs()["grace_hopper"][0])
    assert own_model.name_pictures(folder / "my_vit", [picture]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(picture)
    assert said.err == ""
    path = folder / "my_vit" / "patch_embedding.py"
    path.write_text(path.read_text("utf-8").replace("x.transpose(0, 2, 4, 1, 3, 5)", "x"), encoding="utf-8")
    assert own_model.name_pictures(folder / "my_vit", [picture]) == 0
    again = capsys.readouterr()
    assert "patch_embedding.py cannot be used" in again.err
    assert again.out == said.out
    path.unlink()
    assert own_model.name_pictures(folder / "my_vit", [picture, "no.jpg"]) == 2
    assert "patch_embedding.py is gone" in capsys.readouterr().err


# ---- progress


def test_progress_of_another_version_is_taken_as_far_as_it_is_understood(folder):
    entry = {"passed": "2026-01-01", "attempts": 3, "mistakes": ["no scale"], "hints": 1, "last": "passed"}
    for version in ({"version": 2}, {"version": 0}, {"version": "1.5"}, {}, {"version": None}):
        known = version | {
            "exercises": {"04.3": entry, "04.4": "?", "05.1": {"attempts": "x"}},
            "parts": [],
            "new": {"a": 1},
        }
        progress.progress_file().write_text(json.dumps(known))
        with progress.changing() as now:
            now["parts"]["MLP"] = "0"
            progress.exercise(now, "05.1")["attempts"] += 1
        kept_now = json.loads(progress.progress_file().read_text())
        assert kept_now["exercises"]["04.3"] == entry
        assert kept_now["exercises"]["05.1"]["attempts"] == 1
        assert kept_now["new"] == {"a": 1}
        assert kept_now["version"] == (2 if version.get("version") == 2 else progress.VERSION)
        assert kept_now["code"] is None
    assert not list(folder.glob("*damaged*"))


def test_only_what_is_no_json_is_put_aside(folder, capsys):
    for text in (b"{", b"\xff\xfe", b"[1]", b"", b"[" * 5000):
        progress.progress_file().write_bytes(text)
        assert progress.read()["exercises"] == {}
        assert "damaged" in capsys.readouterr().out, text[:9]
        (aside,) = folder.glob("progress.damaged-*.json")
        assert aside.read_bytes() == text
        aside.unlink()


def test_what_cannot_be_read_now_is_left_alone_and_said_in_a_line(folder, capsys, monkeypatch):
    progress.progress_file().mkdir()  # reading a folder is an OSError on every system
    assert progress.read()["exercises"] == {}
    with progress.changing() as known:
        progress.exercise(known, "04.1")["attempts"] += 1
    assert progress.progress_file().is_dir()
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2
    assert all("was not noted" in line for line in said)
    progress.progress_file().rmdir()
    monkeypatch.setattr(progress, "WAIT", 0.1)
    with FileLock(folder / ".progress.lock"):
        checks.check("00.1", 196)
    said = capsys.readouterr().out.splitlines()
    assert "another program holds it" in said[0]
    assert said[1] == "✅ 00.1: passed"
    assert not progress.progress_file().exists()


def test_an_error_inside_goes_through_and_frees_the_lock(folder):
    change = progress.changing()
    change.__enter__()["nickname"] = "Zoë"
    assert change.__exit__(ValueError, ValueError("mine"), None) in (None, False)
    assert progress.read()["nickname"] is None
    with progress.changing() as known:
        known["nickname"] = "Zoë"
    assert progress.read()["nickname"] == "Zoë"
