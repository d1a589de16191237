"""One command from a new machine to a running course. Needs Python 3.10 to 3.12 and pip, nothing else.

    python start.py           set up, then run the main job and print a summary
    python start.py lessons   set up, then run the notebooks from the top (--lang zh|en, --only NN)
    python start.py test      set up, then run the tests
    python start.py lab       set up, then open JupyterLab on copies of your own (--lang zh|en, --fresh NN)
    python start.py progress save|restore FILE    your parts and progress, to another machine

Everything goes into .venv beside this file; with --here, into the current environment, whose own
MindSpore stays as it is (a cloud or Ascend image). pip's own configuration, a mirror for instance,
applies as always.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHONS = ((3, 10), (3, 11), (3, 12))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", nargs="?", choices=("run", "lessons", "test", "lab", "progress"), default="run")
    parser.add_argument("--here", action="store_true", help="use the current environment instead of a new .venv")
    arguments, rest = parser.parse_known_args()
    if rest and arguments.job not in ("test", "lessons", "lab", "progress"):
        parser.error(f"unknown: {' '.join(rest)}")  # what follows `test` is pytest's; the others have their own options
    if sys.version_info[:2] not in PYTHONS:
        return other_python()
    try:
        python = sys.executable if arguments.here else make_venv()
        install(python, arguments.job, arguments.here)
    except subprocess.CalledProcessError as error:
        print(
            f"start.py: setting up failed (exit code {error.returncode}); pip's reason is above. Behind a slow network, "
            "choose a mirror (pip config set global.index-url ADDRESS) and run the same command again.",
            file=sys.stderr,
        )
        return 1
    commands = {
        "run": [python, "-m", "course.main_job"],
        "lessons": [python, "-m", "course", "lessons", *rest],
        "test": [python, "-m", "pytest", *rest],
        "lab": [python, "-m", "course", "lab", *rest],
        "progress": [python, "-m", "course", "progress", *(os.path.abspath(r) if r != rest[0] else r for r in rest)],
    }
    try:
        return subprocess.run(commands[arguments.job], cwd=ROOT).returncode
    except KeyboardInterrupt:
        return 130


def other_python() -> int:
    """Run this script again under a Python that MindSpore has wheels for, or say what to install."""
    for version in ("3.11", "3.12", "3.10"):
        candidates = [["py", f"-{version}"]] if os.name == "nt" else [[f"python{version}"]]
        for command in candidates:
            if shutil.which(command[0]) and not subprocess.run([*command, "-c", ""], capture_output=True).returncode:
                print(f"start.py: Python {sys.version.split()[0]} has no MindSpore; going on with {version}")
                return subprocess.run([*command, *sys.argv]).returncode
    print(
        f"start.py: MindSpore needs Python 3.10, 3.11 or 3.12; this is {sys.version.split()[0]} and no other was found. "
        "Install one of them and run this script with it.",
        file=sys.stderr,
    )
    return 2


def make_venv() -> str:
    """Make .venv if there is none that works; returns its Python."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists() or subprocess.run([python, "-c", "import pip"], capture_output=True).returncode:
        print(f"making {VENV.name}")
        try:
            venv.create(VENV, with_pip=True, clear=True)
        except subprocess.CalledProcessError:  # Debian and Ubuntu keep a part of it in a package of its own
            sys.exit(
                "start.py: this Python cannot make virtual environments; on Debian or Ubuntu: apt install python3-venv"
            )
    return str(python)


def install(python: str, job: str, here: bool) -> None:
    """Install what is missing; a stamp of the requirements makes a second run immediate."""
    extra = "[dev]" if job == "test" else ""
    wanted = hashlib.sha256((ROOT / "requirements.txt").read_bytes() + (ROOT / "pyproject.toml").read_bytes())
    stamp = f"{wanted.hexdigest()} {sys.version.split()[0]}"
    # one stamp each for learning and testing; --here keeps none, because others change that environment
    mark = VENV / f"set-up-{'test' if extra else 'run'}"
    if not here and mark.is_file() and mark.read_text() == stamp:
        return
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    print("installing; the first time, this fetches about 1 GB and takes some minutes", flush=True)
    lines = [
        line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    ]
    wanted_packages = [line for line in lines if line and not line.startswith("-e")]
    if here and (version := installed_mindspore()):
        print(f"keeping this environment's MindSpore {version}")
        wanted_packages = [line for line in wanted_packages if not line.startswith("mindspore")]
    if extra:
        wanted_packages += dev_packages()
    subprocess.run([*pip, *wanted_packages], check=True, cwd=ROOT)  # its own bars show that it lives
    # dependencies are complete by now; asking pip again could replace an image's own MindSpore
    subprocess.run([*pip, "--quiet", "--no-deps", "-e", str(ROOT)], check=True, cwd=ROOT)
    if not here:
        mark.write_text(stamp)


def dev_packages() -> list[str]:
    """The names under `dev` in pyproject.toml (Python 3.10 has no TOML reader)."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text.split("\ndev = [", 1)[1].split("\n]", 1)[0]
    return [line.split('"')[1] for line in block.splitlines() if '"' in line]


def installed_mindspore() -> str | None:
    for name in ("mindspore", "mindspore-ascend", "mindspore-gpu", "mindspore-cpu", "mindspore-dev"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("start.py: stopped; run the same command again to go on", file=sys.stderr)
        sys.exit(130)
