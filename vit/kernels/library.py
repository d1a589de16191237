"""The C++ files of `source/`, compiled where they run, at first use, into a cache of the user's."""

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout

from vit.runtime.errors import reason
from vit.runtime.language import say

SOURCES = sorted(Path(__file__).with_name("source").iterdir())
# all of -ffast-math but what loses NaN and what makes the whole process round tiny numbers to zero
FLAGS = ("-std=c++17", "-O3", "-fPIC", "-shared", "-pthread", "-fno-math-errno", "-fno-trapping-math")
FLAGS += ("-fno-signed-zeros", "-fassociative-math", "-freciprocal-math")
FOR_THIS_PROCESSOR = "-mcpu=native" if platform.machine() == "aarch64" else "-march=native"
PATIENCE = 180  # seconds, for the compiler, and for another process that is compiling

TRIAL = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
x, y, shape = (ctypes.c_float * 64)(*[1.0] * 64), (ctypes.c_float * 64)(), (ctypes.c_int64 * 1)(64)
tensors = (ctypes.c_void_p * 2)(ctypes.addressof(x), ctypes.addressof(y))
shapes = (ctypes.c_void_p * 2)(ctypes.addressof(shape), ctypes.addressof(shape))
library.GeluExact(2, tensors, (ctypes.c_int * 2)(1, 1), shapes, None, None, None)
sys.exit(not all(abs(number - 0.8413447) < 1e-6 for number in y))
"""


class NoLibrary(Exception):
    """There is none, and why, in the user's language."""


@dataclass(frozen=True)
class Library:
    path: str
    compiler: str  # its name and version
    key: str  # of all that decides what it computes


@cache
def library() -> Library:
    """Compiled by the first process that asks; others wait for it.

    Raises:
        NoLibrary: none can be made or loaded here.
    """
    if sys.platform != "linux":
        raise NoLibrary(say("只在 Linux 上试过", "only Linux is known to take them"))
    compiler, version = _compiler()
    key = _key(compiler, version)
    target = _home() / f"kernels-{key}.so"
    try:
        if not _whole(target):
            with FileLock(target.with_suffix(".lock"), timeout=PATIENCE):
                if not _whole(target):
                    _build(compiler, target)
        ctypes.CDLL(str(target))  # a home on a disk mounted noexec, say
    except Timeout:
        raise NoLibrary(say("另一个进程编译得太久", "another process takes too long to compile them")) from None
    except OSError as error:
        raise NoLibrary(f"{target}: {reason(error)}") from None
    return Library(str(target), version, key)


def _compiler() -> tuple[str, str]:
    """The compiler's path, and its name and version."""
    for name in (os.environ.get("CXX"), "g++", "clang++", "c++"):
        if name and (path := shutil.which(name)):
            try:
                done = subprocess.run([path, "-dumpfullversion", "-dumpversion"], capture_output=True, timeout=PATIENCE)
            except (OSError, subprocess.SubprocessError):
                continue
            if not done.returncode:
                return path, f"{Path(path).name} {done.stdout.decode(errors='replace').strip()}"
    raise NoLibrary(say("没有 C++ 编译器", "no C++ compiler"))


def _key(compiler: str, version: str) -> str:
    """Of sources, flags, compiler and processor: a home may be shared by machines."""
    found = hashlib.sha256("\0".join([compiler, version, *FLAGS, FOR_THIS_PROCESSOR]).encode())
    for source in SOURCES:
        found.update(source.name.encode() + source.read_bytes())
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = [platform.processor()]
    named = ("model name", "flags", "Features", "CPU implementer", "CPU part")  # the last three: Arm
    found.update("\n".join(sorted({line for line in lines if line.startswith(named)})).encode())
    return found.hexdigest()[:16]


def _home() -> Path:
    """A folder that nobody else can write to: what lies in it is run."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mindspore-vit-course"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner, mode = folder.stat().st_uid, folder.stat().st_mode
    except (OSError, RuntimeError) as error:
        raise NoLibrary(f"{folder}: {reason(error) if isinstance(error, OSError) else error}") from None
    if (hasattr(os, "getuid") and owner != os.getuid()) or mode & 0o022:
        raise NoLibrary(say(f"{folder} 别人也能写入", f"{folder} can be written to by others"))
    return folder


def _sum_of(target: Path) -> Path:
    return target.with_suffix(".sha256")


def _whole(target: Path) -> bool:
    """Whether it is there as it was made: loading a truncated one would end the process."""
    try:
        return _sum_of(target).read_text() == hashlib.sha256(target.read_bytes()).hexdigest()
    except (FileNotFoundError, ValueError):
        return False


def _build(compiler: str, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        made = Path(work, target.name)
        _compile(compiler, made, [source for source in SOURCES if source.suffix == ".cc"])
        _try([sys.executable, "-c", TRIAL, str(made)])
        noted = Path(work, "sum")
        noted.write_text(hashlib.sha256(made.read_bytes()).hexdigest())
        os.replace(noted, _sum_of(target))
        os.replace(made, target)


def compile_to(target: Path, files: list[Path]) -> None:
    """Files of somebody else's, which may include the headers here, to a library.

    Raises:
        NoLibrary: there is no compiler, or what it says.
    """
    _compile(_compiler()[0], target, files)


def _compile(compiler: str, target: Path, files: list[Path]) -> None:
    headers = SOURCES[0].parent
    _try([compiler, *FLAGS, FOR_THIS_PROCESSOR, f"-I{headers}", "-o", str(target), *map(str, files)])


def _try(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise NoLibrary(say(f"{command[0]} 用时太久", f"{command[0]} takes too long")) from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        last = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "")
        raise NoLibrary(say(f"{command[0]} 失败：{last}", f"{command[0]} failed: {last}"))
