"""`vit doctor`: what this machine has, what is missing, and how to mend it.

It must speak even where MindSpore cannot be imported, so MindSpore is tried in a process of its own.
`gather` looks at the machine; `diagnose` only thinks about what was seen.
"""

import contextlib
import ctypes.util
import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from vit.runtime.paths import ROOT

MINDSPORES = ("mindspore", "mindspore-gpu", "mindspore-ascend", "mindspore-cpu", "mindspore-dev")
PACKAGES = ("mindspore", "numpy", "pillow", "safetensors", "download", "huggingface-hub", "tqdm", "matplotlib")
GIB = 2**30

_PROBE = """
import json, time
start = time.time()
import numpy, mindspore as ms
x = ms.Tensor(numpy.arange(6, dtype=numpy.float32)).reshape(2, 3)
assert float((x @ x.T).sum()) == 83.0
print(json.dumps({"device": ms.get_context("device_target"), "seconds": round(time.time() - start, 1)}))
"""


@dataclass
class Check:
    """One line of the report. `status`: "ok", "note" (works, but know this) or "fail"."""

    name: str
    status: str
    found: str
    mend: str = ""


@dataclass
class Facts:
    """What `gather` saw."""

    python: tuple[int, int]
    system: str
    packages: dict[str, str]  # name -> version
    mindspores: list[str] = field(default_factory=list)
    probe: dict | None = None  # MindSpore's own answer, or None where it died
    probe_error: str = ""
    nvidia: str = ""  # the name of the first GPU
    cuda_11: bool = False
    ascend_card: bool = False
    cann: bool = False
    disk_free: int = 100 * GIB
    memory: int = 16 * GIB
    in_venv: bool = True


def gather() -> Facts:
    """Look at the machine. Takes as long as MindSpore needs to start (2 to 10 s)."""
    packages = {}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            packages[name] = metadata.version(name)
    installed = {(dist.metadata["Name"] or "").lower().replace("_", "-") for dist in metadata.distributions()}
    probe, probe_error = _probe() if installed & set(MINDSPORES) else (None, "not installed")
    return Facts(
        python=sys.version_info[:2],
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        packages=packages,
        mindspores=sorted(installed & set(MINDSPORES)),
        probe=probe,
        probe_error=probe_error,
        nvidia=_output("nvidia-smi", "--query-gpu=name", "--format=csv,noheader"),
        cuda_11=any(ctypes.util.find_library(f"cudart-{v}") for v in ("11.1", "11.6")) or _has_cudart_11(),
        ascend_card=bool(list(Path("/dev").glob("davinci[0-9]*"))) if Path("/dev").is_dir() else False,
        cann=bool(os.environ.get("ASCEND_TOOLKIT_HOME") or os.environ.get("ASCEND_HOME_PATH"))
        or Path("/usr/local/Ascend/ascend-toolkit").exists(),
        disk_free=shutil.disk_usage(ROOT).free,
        memory=_memory(),
        in_venv=sys.prefix != sys.base_prefix,
    )


def _probe() -> tuple[dict | None, str]:
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=300,
            env={**os.environ, "GLOG_v": "3"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    try:
        return json.loads(done.stdout.strip().splitlines()[-1]), ""
    except (IndexError, ValueError):
        lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
        return None, lines[-1] if lines else f"exit code {done.returncode}"


def _output(*command) -> str:
    if not shutil.which(command[0]):
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().splitlines()[0] if done.returncode == 0 and done.stdout.strip() else ""


def _has_cudart_11() -> bool:
    folders = [Path("/usr/local") / f"cuda-{v}" for v in ("11.1", "11.6")]
    return any(folder.is_dir() for folder in folders)


def _memory() -> int:
    try:
        import psutil

        return psutil.virtual_memory().total
    except ImportError:
        return 16 * GIB  # unknown: do not complain


def _major(version: str) -> int:
    head = version.split(".")[0]
    return int(head) if head.isdecimal() else 0


def diagnose(facts: Facts) -> list[Check]:
    """Turn facts into a report, the checks in the order in which they are worth mending."""
    checks = [Check("system", "ok", facts.system)]

    python = ".".join(map(str, facts.python))
    if (3, 10) <= facts.python <= (3, 12):
        checks.append(Check("python", "ok", python))
    else:
        checks.append(
            Check(
                "python",
                "fail",
                python,
                "MindSpore has wheels for Python 3.10 to 3.12: install one of them and run start.py with it",
            )
        )

    if len(facts.mindspores) > 1:
        names = " and ".join(facts.mindspores)
        mend = (
            f"they overwrite each other: pip uninstall -y {' '.join(facts.mindspores)}, then install the one you need"
        )
        checks.append(Check("mindspore", "fail", f"several: {names}", mend))
    elif not facts.mindspores:
        checks.append(Check("mindspore", "fail", "not installed", "python start.py sets everything up"))
    else:
        version = facts.packages.get("mindspore", facts.mindspores[0])
        old = version[0].isdecimal() and tuple(map(int, version.split(".")[:2])) < (2, 7)
        mend = "2.7.0 is the oldest that was tried: pip install -U 'mindspore>=2.7,<2.11'" if old else ""
        checks.append(Check("mindspore", "note" if old else "ok", version, mend))

    numpy = facts.packages.get("numpy")
    if numpy and _major(numpy) >= 2:
        mend = "MindSpore's reshape dies with numpy 2: pip install 'numpy>=1.26,<2'"
        checks.append(Check("numpy", "fail", numpy, mend))
    for name in PACKAGES[1:]:
        version = facts.packages.get(name)
        if not version:
            checks.append(Check(name, "fail", "not installed", "pip install -r requirements.txt"))
        elif name != "numpy" or _major(version) < 2:
            checks.append(Check(name, "ok", version))

    if facts.probe:
        found = f"computes on {facts.probe['device']}, ready in {facts.probe['seconds']} s"
        checks.append(Check("device", "ok", found))
    elif facts.mindspores:
        known = any(check.status == "fail" for check in checks)
        mend = "mend what failed above first" if known else "pip install --force-reinstall -r requirements.txt"
        checks.append(Check("device", "fail", f"MindSpore does not run: {facts.probe_error}", mend))

    on_cpu = not facts.probe or facts.probe.get("device") == "CPU"
    if facts.nvidia and on_cpu:
        wants = "the wheel's GPU plugins are built for CUDA 11.1 and 11.6 only"
        if facts.cuda_11:
            checks.append(
                Check("gpu", "note", facts.nvidia, f"{wants}; CUDA 11 is here: try --device gpu (not yet run here)")
            )
        else:
            checks.append(Check("gpu", "note", facts.nvidia, f"{wants}, and neither is installed: the CPU is used"))
    if facts.ascend_card and not facts.cann:
        checks.append(
            Check(
                "ascend",
                "fail",
                "a card, but no CANN",
                "install CANN and source its set_env.sh, then: python start.py --here",
            )
        )
    elif facts.ascend_card and on_cpu:
        checks.append(
            Check(
                "ascend",
                "note",
                "a card and CANN",
                "MindSpore sees only the CPU: use the image's own MindSpore, python start.py --here",
            )
        )

    free, memory = facts.disk_free / GIB, facts.memory / GIB
    checks.append(
        Check("disk", "ok", f"{free:.0f} GiB free")
        if free >= 3
        else Check(
            "disk", "fail", f"{free:.1f} GiB free", "make room: the course needs 3 GiB, the ImageNet subset 2 more"
        )
    )
    checks.append(
        Check("memory", "ok", f"{memory:.0f} GiB")
        if memory >= 3.5
        else Check("memory", "note", f"{memory:.1f} GiB", "4 GiB are wanted: close other programs, use small batches")
    )
    if not facts.in_venv:
        checks.append(
            Check(
                "environment",
                "note",
                "no virtual environment",
                "fine on a cloud image; at home, python start.py makes one",
            )
        )
    return checks


def examine() -> list[Check]:
    """Look and think: the whole examination."""
    return diagnose(gather())


def report(checks: list[Check]) -> str:
    """The checks as a person reads them, with the mend under what needs one."""
    signs = {"ok": "ok  ", "note": "note", "fail": "FAIL"}
    lines = []
    for check in checks:
        lines.append(f"{signs[check.status]}  {check.name:16} {check.found}")
        if check.mend:
            lines.append(f"{'':24}-> {check.mend}")
    failed = sum(check.status == "fail" for check in checks)
    lines.append("all is well" if not failed else f"{failed} to mend")
    return "\n".join(lines)
