"""The wheel: all that the program opens is in it, and it works where there is no clone."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile

import pytest

from course.manifest import lesson_numbers
from vit.data.sample.dataset import THINGS
from vit.runtime.paths import ROOT

pytestmark = pytest.mark.slow

LEFT_OUT = {"figures", "__pycache__", ".ipynb_checkpoints"}  # figures are for the notebooks, which a clone has


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Made of a copy, for a build leaves its own folders in the source."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in ("vit", "course"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("registered", "__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "-w", folder, source]
    if importlib.util.find_spec("setuptools.command.bdist_wheel"):  # else pip fetches setuptools
        command.append("--no-build-isolation")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, "--target", folder, wheel], check=True)
    return folder


@pytest.fixture
def run(installed, tmp_path):
    """Runs Python elsewhere, with the wheel and the environment's packages, and without this clone."""

    def run(*arguments):
        home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
        folders = [str(installed), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
        environment = {**os.environ, **home, "PYTHONPATH": os.pathsep.join(folders)}
        environment.pop("VIT_OUTPUTS", None)
        command = [sys.executable, "-S", *arguments]  # reads no .pth file, so no editable install of the clone
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8")

    return run


def test_it_has_every_file_of_both_packages(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT)
        for package in ("vit", "course")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".md" and not LEFT_OUT & set(path.parts)
    }
    assert {path.as_posix() for path in wanted} <= names
    assert not [name for name in names if name.split("/")[0] not in ("vit", "course") and ".dist-info/" not in name]


def test_the_commands_work(run):
    done = run("-m", "vit", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "predict" in done.stdout
    done = run("-m", "vit", "doctor", "--json")
    assert done.returncode in (0, 1), done.stderr  # 1: this machine lacks something, not the wheel
    checks = {check["name"]: check["status"] for check in json.loads(done.stdout)["checks"]}
    assert checks["mindspore"] != "fail"


def test_the_program_works(run, installed, tmp_path):
    done = run(
        "-c",
        "import sys, vit, course.learner.fonts\n"
        "from course.document.lesson import read_lesson\nfrom course.manifest import lesson_numbers\n"
        "from vit.data.class_names import imagenet_classes\n"
        "from vit.runtime.paths import DATA, OUTPUTS\n"
        "vit.create_model('vit_sample_patch8_64')\n"
        "model = vit.create_model('vit_sample_patch8_64', weights='vit_sample_patch8_64')\n"
        "print(model.classes[0].wnid, len(imagenet_classes()), course.learner.fonts.FILE.is_file())\n"
        "print(*[read_lesson(number).number for number in lesson_numbers()])\n"
        "print(OUTPUTS, DATA, sep='\\n')\n"
        "ours = [m for name, m in sys.modules.items() if name.split('.')[0] in ('vit', 'course')]\n"
        "print(*{m.__file__ for m in ours}, sep='\\n')\n",
    )
    assert done.returncode == 0, done.stderr
    first, lessons, outputs, data, *files = done.stdout.splitlines()
    assert first == f"{THINGS[0].wnid} 1000 True"
    assert lessons.split() == lesson_numbers()
    assert outputs == str(tmp_path / "vit-course")
    assert data == str(tmp_path / "vit-course" / "data")
    assert not [file for file in files if not file.startswith(str(installed))]


def test_what_only_a_clone_has_is_said_in_a_line(run):
    done = run("-m", "course", "lab", "--lang", "en")
    assert done.returncode == 2
    assert "clone" in done.stderr
    assert len(done.stderr.splitlines()) == 1
