"""start.py: on a Python that is wrong, with a .venv that is half made, stopped, without a network; in both languages."""

import ast
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import vit
from vit.runtime import language as of_vit
from vit.runtime.columns import columns
from vit.runtime.paths import ROOT

spec = importlib.util.spec_from_file_location("start", ROOT / "start.py")
start = importlib.util.module_from_spec(spec)
spec.loader.exec_module(start)

SCRIPTS = pytest.mark.skipif(
    os.name == "nt", reason="the programs that stand in for Python, py and uv are POSIX scripts"
)


def test_requirements_are_those_of_the_package():
    lines = [line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    block = (ROOT / "pyproject.toml").read_text().split("\ndependencies = [", 1)[1].split("\n]", 1)[0]
    assert [line for line in lines if line and line != "-e ."] == re.findall(r'"(.+?)"', block)
    assert "-e ." in lines


def test_dev_packages_are_read_without_a_toml_reader():
    if sys.version_info >= (3, 11):
        import tomllib as reader
    else:
        import tomli as reader
    project = reader.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert start.dev_packages() == project["optional-dependencies"]["dev"]


def test_start_and_doctor_know_the_same_names_of_mindspore():
    from vit.runtime.doctor import MINDSPORES

    source = (ROOT / "start.py").read_text(encoding="utf-8")
    assert all(f'"{name}"' in source for name in MINDSPORES)


def test_the_changelog_begins_with_this_version():
    versions = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert versions[0] == vit.__version__
    assert versions == sorted(versions, key=lambda version: [*map(int, version.split("."))], reverse=True)


# ---- what it is written in


def test_it_needs_the_standard_library_only():
    source = (ROOT / "start.py").read_text(encoding="utf-8")
    modules = set(re.findall(r"^\s*(?:import|from) (\w+)", source, re.MULTILINE))
    assert modules <= set(sys.stdlib_module_names)


def test_it_is_read_by_every_python_from_3_7_on():
    """By the grammar, and by those that are on this machine."""
    source = (ROOT / "start.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))
    assert "from __future__ import annotations" in source, "3.7 knows no list[str]"
    installed = [*filter(None, (shutil.which(f"python3.{minor}") for minor in range(7, 20)))]
    for python in [*installed, *Path.home().glob(".pyenv/versions/3.[!0-6]*/bin/python")]:
        if subprocess.run([python, "-c", ""], capture_output=True).returncode == 0:
            done = subprocess.run([python, ROOT / "start.py", "--help"], capture_output=True, encoding="utf-8")
            assert (done.returncode, done.stderr) == (0, ""), python
            assert "lessons" in done.stdout


# ---- what it says


def test_it_chooses_the_language_as_vit_does(monkeypatch):
    for named in ("", "zh", "zh_CN", "ZH", "en", "English", "fr"):
        for system in ("", "C", "C.UTF-8", "POSIX", "zh_CN.UTF-8", "zh_TW", "en_US.UTF-8", "de_DE.UTF-8"):
            for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
                for name in ("VIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
                    monkeypatch.delenv(name, raising=False)
                monkeypatch.setenv("VIT_LANG", named)
                monkeypatch.setenv(variable, system)
                assert start.language() == of_vit.language(), (named, variable, system)


def run(*arguments, script=ROOT / "start.py", **environment):
    """start.py as a process, with these variables."""
    return subprocess.run(
        [sys.executable, script, *arguments], capture_output=True, encoding="utf-8", env={**os.environ, **environment}
    )


def test_help_names_every_job_in_both_languages():
    for language, word in (("zh", "用法"), ("en", "usage")):
        done = run("--help", VIT_LANG=language, PYTHONIOENCODING="cp1252")  # whatever code page Windows has
        assert done.stdout.startswith(word)
        assert all(job in done.stdout for job in (*start.JOBS, "--here"))
        assert max(map(columns, done.stdout.splitlines())) <= 80
    assert run("lab", "--help", VIT_LANG="en").stdout == done.stdout


def test_what_the_documents_call_is_a_job():
    texts = [*ROOT.glob("*.md"), *ROOT.glob("course/**/*.md"), *ROOT.glob("course/lessons/*/*.py")]
    called = {
        word
        for path in texts
        for word in re.findall(r"`(?:python )?start\.py ([a-z]+)\b", path.read_text(encoding="utf-8"))
    }
    assert {"lab", "doctor"} <= called <= set(start.JOBS)


def test_bad_use_is_exit_2():
    for arguments in (["dance"], ["run", "-x"], ["--fresh"], ["--here", "sing"]):
        for language, words in (("en", ("unknown", "usage")), ("zh", ("不认识的参数", "用法"))):
            done = run(*arguments, VIT_LANG=language)
            assert (done.returncode, done.stdout) == (2, "")
            assert all(word in done.stderr for word in words)


def test_the_file_of_progress_is_seen_from_where_one_is():
    assert start.command_of("progress", ["save", "save"], "py")[-2:] == ["save", os.path.abspath("save")]
    assert start.command_of("lab", ["--fresh", "04"], "py") == ["py", "-m", "course", "lab", "--fresh", "04"]


def test_a_shared_course_leaves_everybody_s_work_at_home(monkeypatch, tmp_path):
    monkeypatch.setenv("VIT_OUTPUTS", "")
    monkeypatch.delenv("VIT_OUTPUTS")
    monkeypatch.setattr(start.Path, "home", lambda: tmp_path)
    assert start.of_ones_own(["lab", "--shared", "--no-open"]) == ["lab", "--no-open"]
    assert os.environ["VIT_OUTPUTS"] == str(tmp_path / "vit-course")
    monkeypatch.setenv("VIT_OUTPUTS", "elsewhere")  # whoever names a folder keeps it
    start.of_ones_own(["--shared"])
    assert os.environ["VIT_OUTPUTS"] == "elsewhere"


# ---- what it installs


def recorded(monkeypatch):
    calls = []

    def run(command, **_):
        calls.append([str(word) for word in command])
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(start.subprocess, "run", run)
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


# ---- a .venv that a set-up left half made


@pytest.fixture
def venv(monkeypatch, tmp_path):
    monkeypatch.setattr(start, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(start, "VENV_PYTHON", tmp_path / ".venv" / start.VENV_PYTHON.relative_to(ROOT / ".venv"))
    return tmp_path / ".venv"


def program(path: Path, text: str) -> Path:
    """A small Python script that can be called by its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable} -IS\nimport sys\narguments = sys.argv[1:]\n{text}\n")
    path.chmod(0o755)
    return path


@SCRIPTS
def test_what_is_no_whole_environment(venv):
    """Each is what a set-up leaves that was cut off, or what somebody else made."""
    assert not start.is_whole()
    answers = {
        "print(3, 11, True)": True,
        "print(3, 13, True)": False,
        "print(3, 11, False)": False,
        "sys.exit(1)": False,
    }
    for answer, whole in answers.items():
        program(start.VENV_PYTHON, answer)
        assert start.is_whole() == whole, answer
    start.VENV_PYTHON.chmod(0o644)
    assert not start.is_whole()
    start.VENV_PYTHON.unlink()
    start.VENV_PYTHON.symlink_to(venv / "gone")
    assert not start.is_whole()
    start.VENV_PYTHON.unlink()
    start.VENV_PYTHON.write_bytes(b"")
    assert not start.is_whole()


def test_a_half_made_environment_is_mended(venv, capsys):
    """Really: as it stands when Ctrl-C came before pip was in it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (venv / "set-up-run").write_text("all is here, it says")
    assert not start.is_whole()
    assert start.make_venv() == str(start.VENV_PYTHON)
    assert start.is_whole()
    assert capsys.readouterr().out == "mending .venv\n"
    assert not (venv / "set-up-run").exists(), "so everything is installed again"
    assert start.make_venv() == str(start.VENV_PYTHON)
    assert not capsys.readouterr().out
    (venv / "pyvenv.cfg").unlink()  # now it is the Python that it was made of, and pip would install into that
    assert not start.is_whole()


@SCRIPTS
def test_a_python_that_cannot_make_one(venv, monkeypatch, tmp_path):
    """Debian and Ubuntu without python3-venv; where uv is, it helps."""
    monkeypatch.setattr(
        start.sys, "_base_executable", str(program(tmp_path / "python", "sys.exit('no ensurepip here')"))
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(start.Stop, match="cannot make virtual environments: no ensurepip here"):
        start.make_venv()
    program(tmp_path / "bin" / "apt", "")
    with pytest.raises(start.Stop, match=r"run: sudo apt install python3\.\d+-venv"):
        start.make_venv()
    program(tmp_path / "bin" / "uv", MAKES_A_VENV)
    assert start.make_venv() == str(start.VENV_PYTHON)


# ---- a Python that MindSpore has no wheels for

ECHO = "print(3, 11, True) if arguments[0] == '-c' else print('with', *arguments)"
# what uv does: makes the environment that it is told to, whose Python here says what it is asked to do
MAKES_A_VENV = f"""
import os, pathlib
assert arguments[:3] == ["venv", "--seed", "--python"], arguments
python = pathlib.Path(arguments[-1]) / "bin" / "python"
python.parent.mkdir(parents=True)
python.write_text("#!{sys.executable} -IS\\nimport sys; arguments = sys.argv[1:]\\n" + {ECHO!r})
python.chmod(0o755)
"""
PRETEND = "import runpy, sys; sys.version_info = (3, {minor}); sys.version = '3.{minor}.0'; sys.argv = sys.argv[1:]; "


@pytest.fixture
def machine(tmp_path):
    """A copy of start.py on a machine with nothing but what a test puts into bin/; call it to run start.py there."""
    root = tmp_path / "course"
    root.mkdir()
    for name in ("start.py", "requirements.txt", "pyproject.toml"):
        shutil.copyfile(ROOT / name, root / name)
    environment = {
        "PATH": str(tmp_path / "bin"),
        "HOME": str(tmp_path),
        "VIT_LANG": "en",
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def run(*arguments, minor=13, language="en", wait=True):
        code = PRETEND.format(minor=minor) + "runpy.run_path('start.py', run_name='__main__')"
        process = subprocess.Popen(
            [sys.executable, "-c", code, "start.py", *arguments],
            cwd=root,
            env=environment | {"VIT_LANG": language},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,  # so that Ctrl-C can be sent to all of it, and to nobody else
        )
        if not wait:
            return process
        out, err = process.communicate(timeout=60)
        return SimpleNamespace(code=process.returncode, out=out, err=err)

    run.bin, run.root = tmp_path / "bin", root
    return run


@SCRIPTS
def test_it_goes_on_with_the_python_that_is_there(machine):
    """pythonX.Y, `py`, uv, in this order; and .venv, where one is whole. Whatever follows comes along."""
    version = "print(3, 12) if arguments[-2] == '-c' else print('with', *arguments)"
    for name, text, said in (
        ("uv", MAKES_A_VENV, "uv fetches Python 3.12 and makes .venv"),
        ("py", f"sys.exit(9) if arguments[0] != '-3.12' else {version}", "going on with py -3.12"),
        ("python3.12", version, "going on with python3.12"),
        ("python3.11", "sys.exit('pyenv: python3.11: command not found')", "going on with python3.12"),
    ):
        program(machine.bin / name, text)
        for minor in (7, 9, 13, 15):
            shutil.rmtree(machine.root / ".venv", ignore_errors=True)
            done = machine("lessons", "--only", "04", minor=minor)
            assert (done.code, done.err) == (0, ""), name
            assert said in done.out, name
            assert done.out.rstrip().endswith("start.py lessons --only 04")
    program(machine.root / ".venv" / "bin" / "python", "print(3, 12, *[True] * ('pip' in arguments[1]))")
    assert ".venv/bin/python" in machine("test").out


@SCRIPTS
def test_without_one_it_says_how_to_get_one(machine):
    for language, words in (("en", "MindSpore needs Python 3.10 to 3.12, this is 3.13.0. Run: "), ("zh", "请运行：")):
        done = machine(language=language)
        assert (done.code, done.out) == (2, "")
        assert words in done.err
        assert len(done.err.splitlines()) == 1
    program(machine.bin / "uv", "sys.exit('no network')")
    done = machine()
    assert done.code == 2
    assert "no network\nstart.py: MindSpore needs" in done.err
    done = machine("--here")  # an environment of its own choice is not exchanged
    assert done.code == 2
    assert "leave --here out" in done.err


def test_how_to_get_one_on_each_system(tmp_path):
    ubuntu, debian = {"ID": "ubuntu", "ID_LIKE": "debian"}, {"ID": "debian"}
    for platform, release, programs, get, then in (
        ("win32", {}, ["winget", "py"], "winget install Python.Python.3.12", "py -3.12 start.py"),
        ("win32", {}, ["py"], "py install 3.12", "py -3.12 start.py"),
        ("win32", {}, [], "pip install uv", "this command again"),
        ("win32", {}, ["winget", "conda"], "conda create -y -n vit python=3.12", "conda activate vit; python start.py"),
        ("darwin", {}, ["brew"], "brew install python@3.12", "python3.12 start.py"),
        ("darwin", {}, [], start.UV_LINUX, "this command again"),
        ("darwin", {}, ["conda"], "conda create -y -n vit python=3.12", "conda activate vit; python start.py"),
        (
            "linux",
            ubuntu | {"VERSION_ID": "22.04"},
            [],
            "sudo apt install python3.10 python3.10-venv",
            "python3.10 start.py",
        ),
        (
            "linux",
            ubuntu | {"VERSION_ID": "24.04"},
            [],
            "sudo apt install python3.12 python3.12-venv",
            "python3.12 start.py",
        ),
        ("linux", ubuntu | {"VERSION_ID": "25.10"}, [], start.UV_LINUX, "this command again"),
        (
            "linux",
            debian | {"VERSION_ID": "12"},
            [],
            "sudo apt install python3.11 python3.11-venv",
            "python3.11 start.py",
        ),
        ("linux", debian | {"VERSION_ID": "13"}, [], start.UV_LINUX, "this command again"),
        (
            "linux",
            {"ID": "linuxmint", "ID_LIKE": "ubuntu debian", "VERSION_ID": "12"},
            [],
            start.UV_LINUX,
            "this command again",
        ),
        ("linux", {"ID": "fedora", "VERSION_ID": "42"}, [], "sudo dnf install python3.12", "python3.12 start.py"),
        (
            "linux",
            {"ID": "rocky", "ID_LIKE": "rhel centos fedora"},
            [],
            "sudo dnf install python3.12",
            "python3.12 start.py",
        ),
        ("linux", {"ID": "openEuler", "VERSION_ID": "24.03"}, [], "sudo dnf install python3", "python3 start.py"),
        ("linux", {"ID": "opensuse-leap"}, [], "sudo zypper install python312", "python3.12 start.py"),
        ("linux", {"ID": "manjaro", "ID_LIKE": "arch"}, [], "sudo pacman -S uv", "this command again"),
        ("linux", {"ID": "something"}, [], start.UV_LINUX, "this command again"),
        ("linux", {}, [], start.UV_LINUX, "this command again"),
        ("linux", ubuntu, ["conda"], "conda create -y -n vit python=3.12", "conda activate vit; python start.py"),
    ):
        found = dict.fromkeys(programs, "/there").get
        assert start.remedy(platform, release, found) == (get, then), (platform, release, programs)
    file = tmp_path / "os-release"
    file.write_text('NAME="Ubuntu"\n# a remark\n\nID=ubuntu\nVERSION_ID="24.04"\n')
    assert start.os_release(str(file)) == {"NAME": "Ubuntu", "ID": "ubuntu", "VERSION_ID": "24.04"}
    assert start.os_release(str(tmp_path / "none")) == {}


# ---- stopped, or without a network

PYTHON_WITH_PIP = """
import pathlib, time
here = pathlib.Path(__file__).parent
(here / "calls").open("a").write(" ".join(arguments) + "\\n")
if arguments[0] == "-c":
    print(3, 11, True)
elif (here / "pip-fails").exists():
    sys.exit(23)
elif (here / "slow").exists():
    print("waiting", flush=True)
    time.sleep(60)
"""


@SCRIPTS
def test_ctrl_c_in_the_set_up_is_one_line_and_the_next_run_goes_on(machine):
    python = program(machine.root / ".venv" / "bin" / "python", PYTHON_WITH_PIP)
    (python.parent / "slow").touch()
    for language, words in (("en", "stopped; run the same command again"), ("zh", "已停止；再次运行")):
        for whole_group in (True, False):
            process = machine("lab", minor=11, language=language, wait=False)
            while process.stdout.readline().strip() != "waiting":
                assert process.poll() is None
            (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=60)
            assert process.returncode == 130
            mine = [line for line in err.splitlines() if line.startswith("start.py")]
            assert len(mine) == 1
            assert words in mine[0]
            assert "start.py" not in err.replace(mine[0], ""), "no traceback of ours"
    (python.parent / "slow").unlink()
    (python.parent / "calls").unlink()
    assert machine("lab", "--no-open", minor=11).code == 0
    calls = (python.parent / "calls").read_text().splitlines()
    assert [call.split()[:3] for call in calls[1:3]] == [["-m", "pip", "install"]] * 2
    assert calls[3] == "-m course lab --no-open"


@SCRIPTS
def test_pip_that_fails_is_a_line(machine):
    python = program(machine.root / ".venv" / "bin" / "python", PYTHON_WITH_PIP)
    (python.parent / "pip-fails").touch()
    for language, words in (
        ("en", ("setting up failed (exit code 23)", "again to go on")),
        ("zh", ("退出码 23", "接着安装")),
    ):
        done = machine(minor=11, language=language)
        assert done.code == 1
        assert len(done.err.splitlines()) == 1
        assert all(word in done.err for word in words)
    assert not (machine.root / ".venv" / "set-up-run").exists()


@SCRIPTS
def test_a_folder_that_cannot_be_written_is_a_line(machine):
    if os.access("/", os.W_OK):  # root may write everywhere: a file is in the way instead
        (machine.root / ".venv").write_text("in the way")
    else:
        machine.root.chmod(0o555)
    done = machine(minor=11)
    assert done.code == 1
    assert len(done.err.splitlines()) == 1
    assert ".venv" in done.err


@SCRIPTS
def test_the_job_s_exit_code_is_its_own_and_ctrl_c_lets_it_end_in_good_order():
    slow = (
        "import time\ntry: print('ready', flush=True); time.sleep(60)\nexcept KeyboardInterrupt: time.sleep(1); exit(7)"
    )
    assert start.wait_for([sys.executable, "-c", "exit(5)"]) == 5
    assert start.wait_for([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]) == 137
    for module, wait in (("start", "wait_for"), ("course.cli", "_wait_for")):
        code = f"import sys, {module} as m; sys.exit(m.{wait}([sys.executable, '-c', {slow!r}]))"
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", start_new_session=True
        )
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=60) == 7


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="rights are another matter there")
def test_a_shared_course_whose_python_one_may_not_use_says_whose_it_is(venv, monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")
    venv.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(start.os, "access", lambda path, mode: False)
    with pytest.raises(start.Stop, match="is shared and you cannot write to it"):
        start.make_venv()
    assert venv.exists()  # nothing of it is removed
