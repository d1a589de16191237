"""`python start.py pack --wheels DIR`: a folder for a USB stick; forty laptops install from it without a network.

DIR/wheels/       everything that pip installs, for the systems that were named
DIR/course.zip    this repository, with the data that lie here
DIR/weights/      ViT-Ti's published weights, if they are on this machine
DIR/README.txt    what a learner does, and which Python installer belongs beside it
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlparse

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course.learner.assets import published_file
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.language import say
from vit.runtime.paths import ROOT


@dataclass(frozen=True)
class System:
    platforms: tuple[str, ...]  # pip's names of wheels that run there
    markers: dict = field(hash=False)  # what a requirement may ask of it
    installer: str  # of Python


_LINUX = tuple(f"manylinux_2_{minor}" for minor in (34, 28, 27, 17, 12, 5)) + (
    "manylinux2014",
    "manylinux2010",
    "manylinux1",
)
SYSTEMS = {
    "linux": System(
        tuple(f"{name}_x86_64" for name in _LINUX),
        {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
        "the distribution's python3.{minor} and python3.{minor}-venv",
    ),
    "windows": System(
        ("win_amd64",),
        {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
        "python-{version}-amd64.exe, from https://www.python.org/downloads/windows/",
    ),
    "macos": System(
        tuple(f"macosx_{major}_0_{kind}" for major in (12, 11) for kind in ("arm64", "universal2")),
        {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
        "python-{version}-macos11.pkg (macOS 12 or newer), from https://www.python.org/downloads/macos/",
    ),
}
DATA = ("sample", "imagenet_subset", "cifar10")  # what lessons use, if it lies here
# what travels; a kit with its answers, what learners have handed in, and the stick itself may lie beside it
TRAVELS = ("benchmarks", "course", "data", "notebooks", "tests", "vit")
TRAVELS += ("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "README.zh.md")
TRAVELS += ("pyproject.toml", "requirements.txt", "start.py")
INSTALLERS = {10: "3.10.11", 11: "3.11.9", 12: "3.12.10"}  # the last of each that python.org has an installer of
BUILD = ("setuptools>=68", "wheel")  # what the course itself is installed with
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "outputs", "__pycache__", "*.egg-info", ".*_cache", "rank_*", "kernel_meta"
)


def pack(folder: Path, systems: list[str], minor: int, go_on: bool = False) -> dict:
    """Say how large it will be, ask (unless `go_on`), and gather.

    Args:
        systems: of SYSTEMS.
        minor: of Python: 11 is 3.11.

    Returns:
        {"files": how many wheels, "bytes": of all}; {} where the answer was no.

    Raises:
        UserError: a package has no wheel for a system, or cannot be fetched.
    """
    print(say("正在查要哪些包，一两分钟", "looking up what is needed, a minute or two"), flush=True)
    packages = {system: resolved(SYSTEMS[system], minor) for system in systems}
    found = {package["url"]: package["size"] for of_system in packages.values() for package in of_system}
    known = sum(size or 0 for size in found.values())
    vague = sum(size is None for size in found.values())
    more = say(f"，另有 {vague} 个大小不明", f", and {vague} of unknown size") if vague else ""
    print(
        say(
            f"{', '.join(systems)}，Python 3.{minor}：{len(found)} 个包，{known / 1e6:.0f} MB{more}；Python 本身不在里面",
            f"{', '.join(systems)}, Python 3.{minor}: {len(found)} packages, {known / 1e6:.0f} MB{more}; Python itself is not among them",
        ),
        flush=True,
    )
    if not go_on and not _agreed():
        return {}
    wheels = folder / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    for system in systems:
        pins = [f"{one['name']}=={one['version']}" for one in packages[system]]
        _pip("download", "--no-deps", *_for(SYSTEMS[system], minor), "--dest", str(wheels), *pins)
    _course(folder / "course.zip")
    if weights := published_file():
        (folder / "weights").mkdir(exist_ok=True)
        with atomic_path(folder / "weights" / weights.name) as staged:
            shutil.copyfile(weights, staged)
    with atomic_path(folder / "README.txt") as staged:
        staged.write_text(_readme(systems, minor, weights), encoding="utf-8")
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {"files": len(list(wheels.iterdir())), "bytes": sum(path.stat().st_size for path in files)}


def _agreed() -> bool:
    try:
        return input(say("取到这里？[y/N] ", "Fetch them? [y/N] ")).strip().lower() in ("y", "yes")
    except EOFError:  # nobody is there to answer
        raise UserError(
            say("没有人回答；加上 --yes 就直接取", "nobody answered; --yes fetches without asking")
        ) from None


def resolved(system: System, minor: int) -> list[dict]:
    """What pip would install there: [{"name", "version", "url", "size"}], size in bytes or None.

    pip takes the wheels of the system that it is told, and yet reads a requirement's markers (`sys_platform ==
    "win32"`) as of the one it runs on. So what the markers ask for over there is looked up in what it found, and asked
    for until nothing is missing.
    """
    markers = system.markers | {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0"}
    wanted = [str(one) for one in _asked(_requirements(), "", markers)]
    while True:
        found = _report(system, minor, wanted)
        have = {canonicalize_name(one["metadata"]["name"]) for one in found}
        missing = {}
        for one in found:
            extras = one.get("requested_extras") or []
            asked = one["metadata"].get("requires_dist", [])
            for requirement in _asked(asked, extras, markers):
                if canonicalize_name(requirement.name) not in have:
                    missing[canonicalize_name(requirement.name)] = str(requirement)
        if not missing:
            break
        wanted += missing.values()
    return [
        {
            "name": one["metadata"]["name"],
            "version": one["metadata"]["version"],
            "url": one["download_info"]["url"],
            "size": _size(one["download_info"]["url"]),
        }
        for one in found
    ]


def _asked(lines: list[str], extras, markers: dict) -> list[Requirement]:
    """The requirements that hold there, without their markers."""
    found = []
    for requirement in map(Requirement, lines):
        if requirement.marker and not any(requirement.marker.evaluate(markers | {"extra": e}) for e in ("", *extras)):
            continue
        requirement.marker = None
        found.append(requirement)
    return found


def _requirements() -> list[str]:
    lines = (line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("-e")] + list(BUILD)


def _for(system: System, minor: int) -> list[str]:
    platforms = [word for name in system.platforms for word in ("--platform", name)]
    return ["--only-binary=:all:", "--python-version", f"3.{minor}", "--implementation", "cp", *platforms]


def _report(system: System, minor: int, wanted: list[str]) -> list[dict]:
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        where = ["--target", f"{scratch}/nowhere", "--report", str(report)]
        _pip("install", "--dry-run", "--ignore-installed", *_for(system, minor), *where, *wanted)
        return json.loads(report.read_text(encoding="utf-8"))["install"]


def _size(url: str) -> int | None:
    """Bytes, without fetching it."""
    if url.startswith("file:"):
        return os.stat(unquote(urlparse(url).path)).st_size
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=20) as answer:
            return int(answer.headers["Content-Length"])
    except (OSError, TypeError, ValueError):
        return None


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", *words, "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()[-1:]
        raise RunFailed(say("pip 没有成功：", "pip did not succeed: ") + " ".join(lines)[:400])


def _course(target: Path) -> None:
    """The repository as it lies here, its data included; a link is followed, nobody's outputs travel."""
    with atomic_path(target) as staged, zipfile.ZipFile(staged, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder, folders, files in os.walk(ROOT):
            ignored = _LEFT_OUT(folder, [*folders, *files])
            folders[:] = sorted(name for name in folders if name not in ignored)
            if Path(folder) == ROOT:
                folders[:] = [name for name in folders if name in TRAVELS]
                files = [name for name in files if name in TRAVELS]
            if Path(folder) == ROOT / "data":
                folders[:] = [name for name in folders if name in DATA]
            for name in sorted(files):
                path = Path(folder) / name
                if name not in ignored and path.is_file():
                    archive.write(path, Path("course") / path.relative_to(ROOT))


def _readme(systems: list[str], minor: int, weights: Path | None) -> str:
    installers = "\n".join(
        f"  {system}: {SYSTEMS[system].installer.format(minor=minor, version=INSTALLERS[minor])}" for system in systems
    )
    use = (
        f"\n\n    .venv/bin/vit weights use DIR/weights/{weights.name}      (Windows: .venv\\Scripts\\vit)"
        if weights
        else ""
    )
    return f"""从 U 盘安装 · Install from this stick

1. 装好 Python 3.{minor}（安装包要另外放进来） · install Python 3.{minor} (put the installer beside this file):
{installers}
2. 解压 course.zip，在终端进入 course 文件夹 · unpack course.zip and open a terminal in its folder
3. 不需要网络 · no network is needed:

    python3.{minor} start.py lab --wheels DIR      (Windows: py -3.{minor} start.py lab --wheels DIR)

   DIR 是本文件所在的文件夹 · DIR is the folder of this file{use}
"""


def main(folder: Path, systems: list[str], minor: int, go_on: bool) -> int:
    """`python -m course pack`."""
    unknown_ = [name for name in systems if name not in SYSTEMS]
    if unknown_:
        raise UserError(
            say(
                f"没有 {unknown_[0]!r} 这个系统；有 {', '.join(SYSTEMS)}",
                f"there is no system {unknown_[0]!r}; there are {', '.join(SYSTEMS)}",
            )
        )
    folder = folder.resolve()
    if folder == ROOT or folder.is_file() or any(ROOT / name in (folder, *folder.parents) for name in TRAVELS):
        raise UserError(
            say(
                f"{folder}：要一个在课程之外的文件夹，例如 U 盘",
                f"{folder}: name a folder outside of the course, a stick for instance",
            )
        )
    made = pack(folder, systems, minor, go_on)
    if made:
        print(
            say(
                f"{folder}：{made['files']} 个包，共 {made['bytes'] / 1e6:.0f} MB",
                f"{folder}: {made['files']} packages, {made['bytes'] / 1e6:.0f} MB in all",
            )
        )
    return 0
