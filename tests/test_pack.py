"""A stick for forty laptops: what another system's markers ask for is on it, and installing from it asks no network."""

import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from test_start import start

from course.classroom import pack
from course.cli import main
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.paths import ROOT


def _found(name, *requires, extras=(), size=10):
    told = {"metadata": {"name": name, "version": "1.0", "requires_dist": list(requires)}}
    return told | {"download_info": {"url": f"https://nowhere.invalid/{name}.whl"}, "requested_extras": list(extras)}


@pytest.fixture
def index(monkeypatch):
    """A pip that knows some packages, and reads markers as of Linux, as the real one does."""
    known = {
        "shell": _found("shell", 'winpty>=2; os_name == "nt"', 'fork; os_name != "nt"', "Colours[bright]"),
        "colours": _found("Colours", 'lamp; extra == "bright" and sys_platform == "win32"', 'oil; extra == "dim"'),
        **{name: _found(name) for name in ("winpty", "fork", "lamp", "oil")},
    }
    known["winpty"]["metadata"]["requires_dist"] = ['console; platform_system == "Windows"']
    known["console"] = _found("console")
    asked = []

    def report(system, minor, wanted):
        asked.append(list(wanted))
        names = [pack.Requirement(one).name.lower() for one in wanted] + ["fork", "colours"]
        return [
            known[name] | ({"requested_extras": ["bright"]} if name == "colours" else {})
            for name in dict.fromkeys(names)
        ]

    monkeypatch.setattr(pack, "_report", report)
    monkeypatch.setattr(pack, "_requirements", lambda: ["shell>=1", 'oil; python_version < "3.11"'])
    monkeypatch.setattr(pack, "_size", lambda url: 10)
    return asked


def test_what_another_system_asks_for_is_found_to_the_last(index):
    names = {one["name"] for one in pack.resolved(pack.SYSTEMS["windows"], 11)}
    assert names == {"shell", "fork", "Colours", "winpty", "lamp", "console"}  # fork is for nobody there, and harmless
    assert len(index) == 3  # each round asks for what the last one brought to light
    names = {one["name"] for one in pack.resolved(pack.SYSTEMS["macos"], 10)}
    assert names == {"shell", "fork", "Colours", "oil"}


def test_the_size_is_told_before_anything_is_fetched(index, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VIT_LANG", "en")
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert pack.pack(tmp_path / "stick", ["windows"], 11) == {}
    assert "6 packages, 0 MB" in capsys.readouterr().out
    assert not (tmp_path / "stick").exists()


def test_where_nobody_answers_a_line_says_how_to_go_on(index, tmp_path, monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(UserError, match="--yes fetches without asking"):
        pack.pack(tmp_path / "stick", ["windows"], 11)
    assert not (tmp_path / "stick").exists()


def test_a_stick_holds_the_course_and_nobodys_work(index, tmp_path, monkeypatch):
    place = tmp_path / "repo"
    for name in (
        "start.py",
        "outputs/progress.json",
        ".git/config",
        "data/sample/a.png",
        "data/mine/b.png",
        ".venv/x",
        "kit/en/teacher.ipynb",
        "handed-in/dora.zip",
        "stick/old.whl",
        "vit/net.py",
        "notes.txt",
    ):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("x")
    monkeypatch.setattr(pack, "ROOT", place)
    monkeypatch.setattr(
        pack, "_pip", lambda *words: (Path(words[words.index("--dest") + 1]) / "shell.whl").write_text("x")
    )
    monkeypatch.setattr(pack, "published_file", lambda: None)
    made = pack.pack(place / "stick", ["windows"], 11, go_on=True)
    assert made["files"] == 1
    with zipfile.ZipFile(place / "stick" / "course.zip") as archive:
        assert sorted(archive.namelist()) == ["course/data/sample/a.png", "course/start.py", "course/vit/net.py"]
    read_me = (place / "stick" / "README.txt").read_text(encoding="utf-8")
    assert "python-3.11.9-amd64.exe" in read_me
    assert "py -3.11 start.py lab --wheels DIR" in read_me
    for inside in (place, place / "course" / "stick", place / "vit"):
        with pytest.raises(UserError):
            pack.main(inside, ["windows"], 11, True)


def test_what_travels_is_what_git_has():
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("no clone")
    tops = {name.split("/")[0] for name in done.stdout.splitlines()}
    assert {name for name in tops if not name.startswith(".")} == set(pack.TRAVELS)


def test_a_pip_that_fails_is_a_line(monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")
    with pytest.raises(RunFailed, match="pip did not succeed: ERROR"):
        pack._pip("download", "--no-index", "--dest", "/nowhere", "no-such-package-at-all")


def test_unknown_systems_are_refused(monkeypatch, capsys):
    monkeypatch.setenv("VIT_LANG", "en")
    monkeypatch.setattr("sys.argv", ["course", "pack", "--wheels", "/nowhere/stick", "--systems", "amiga"])
    assert main() == 2
    assert "there is no system 'amiga'" in capsys.readouterr().err
    with pytest.raises(UserError):
        pack.main(Path("/nowhere"), ["amiga"], 11, True)


@pytest.mark.slow
def test_windows_gets_its_own_packages():
    """Asks the package index; without one it is skipped."""
    try:
        found = pack.resolved(pack.SYSTEMS["windows"], 11)
    except RunFailed as error:
        pytest.skip(str(error))
    names = {one["name"].lower() for one in found}
    assert {"mindspore", "pywinpty", "colorama", "tzdata", "setuptools"} <= names
    assert all(one["url"].endswith(("win_amd64.whl", "none-any.whl")) for one in found)


# ---- and from it


def test_start_takes_its_packages_from_the_folder(tmp_path, monkeypatch, capsys):
    (tmp_path / "wheels").mkdir()
    assert start.understand(["lab", "--wheels", str(tmp_path), "--lang", "zh"]) == (
        "lab",
        ["--lang", "zh"],
        False,
        (tmp_path / "wheels").resolve(),
    )
    assert start.understand(["--wheels", str(tmp_path)])[0] == "run"
    asked = []
    monkeypatch.setattr(start, "pip", lambda python, *words: asked.append(words))
    monkeypatch.setattr(start, "VENV", tmp_path)
    start.install("python", "lab", False, tmp_path / "wheels")
    assert len(asked) == 2
    assert all(words[:3] == ("--no-index", "--find-links", str(tmp_path / "wheels")) for words in asked)
    assert str(tmp_path) in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--wheels"], ["lab", "--wheels", "/nowhere/at/all"]])
def test_a_folder_that_is_none_is_bad_use(words):
    with pytest.raises(start.Stop) as stopped:
        start.understand(words)
    assert stopped.value.code == 2


def test_pack_keeps_its_option_and_its_place(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    job, rest, _, wheels = start.understand(["pack", "--wheels", "stick"])
    assert (job, rest, wheels) == ("pack", ["--wheels", "stick"], None)
    assert start.command_of(job, rest, "python")[-1] == str(tmp_path / "stick")
    assert start.command_of("kit", ["--out", "kit"], "python")[-1] == str(tmp_path / "kit")
