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

from vit.runtime.columns import pad
from vit.runtime.language import say
from vit.runtime.paths import ROOT

MINDSPORES = ("mindspore", "mindspore-gpu", "mindspore-ascend", "mindspore-cpu", "mindspore-dev")
PACKAGES = ("mindspore", "numpy", "pillow", "safetensors", "download", "huggingface-hub", "tqdm", "matplotlib")
GIB = 2**30
# what a check is called in Chinese, where it is not named after a package
TITLES = {
    "system": "系统",
    "device": "计算设备",
    "kernels": "算子",
    "gpu": "GPU",
    "ascend": "昇腾",
    "disk": "磁盘",
    "memory": "内存",
    "environment": "环境",
}

_PROBE = """
import json, time
start = time.time()
import numpy, mindspore as ms
x = ms.Tensor(numpy.arange(6, dtype=numpy.float32)).reshape(2, 3)
assert float((x @ x.T).sum()) == 83.0
seconds = round(time.time() - start, 1)
from vit.kernels import chosen
kernels = chosen()
about = {"way": kernels.way, "kernels": kernels.sentence}
print(json.dumps({"device": ms.get_context("device_target"), "seconds": seconds, **about}))
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
        return None, lines[-1] if lines else say(f"退出码 {done.returncode}", f"exit code {done.returncode}")


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
    absent = say("没有安装", "not installed")

    python = ".".join(map(str, facts.python))
    if (3, 10) <= facts.python <= (3, 12):
        checks.append(Check("python", "ok", python))
    else:
        checks.append(
            Check(
                "python",
                "fail",
                python,
                say(
                    "MindSpore 的安装包只支持 Python 3.10 到 3.12：运行 python start.py，它会找到一个，或者告诉你怎样安装",
                    "MindSpore has wheels for Python 3.10 to 3.12: python start.py finds one, or says how to install it",
                ),
            )
        )

    if len(facts.mindspores) > 1:
        names, remove = say("、", " and ").join(facts.mindspores), f"pip uninstall -y {' '.join(facts.mindspores)}"
        mend = say(
            f"它们会互相覆盖：先 {remove}，再安装要用的那一个",
            f"they overwrite each other: {remove}, then install the one you need",
        )
        checks.append(Check("mindspore", "fail", say(f"装了不止一个：{names}", f"several: {names}"), mend))
    elif not facts.mindspores:
        mend = say("运行 python start.py，会装好所需的一切", "python start.py sets everything up")
        checks.append(Check("mindspore", "fail", absent, mend))
    else:
        version = facts.packages.get("mindspore", facts.mindspores[0])
        old = version[0].isdecimal() and tuple(map(int, version.split(".")[:2])) < (2, 7)
        mend = say(
            "试过的最旧版本是 2.7.0：pip install -U 'mindspore>=2.7,<2.11'",
            "2.7.0 is the oldest that was tried: pip install -U 'mindspore>=2.7,<2.11'",
        )
        checks.append(Check("mindspore", "note" if old else "ok", version, mend if old else ""))

    numpy = facts.packages.get("numpy")
    if numpy and _major(numpy) >= 2:
        mend = say(
            "numpy 2 会让 MindSpore 的 reshape 崩溃：pip install 'numpy>=1.26,<2'",
            "MindSpore's reshape dies with numpy 2: pip install 'numpy>=1.26,<2'",
        )
        checks.append(Check("numpy", "fail", numpy, mend))
    for name in PACKAGES[1:]:
        version = facts.packages.get(name)
        if not version:
            checks.append(Check(name, "fail", absent, "pip install -r requirements.txt"))
        elif name != "numpy" or _major(version) < 2:
            checks.append(Check(name, "ok", version))

    if facts.probe:
        device, seconds = facts.probe["device"], facts.probe["seconds"]
        found = say(f"在 {device} 上计算，{seconds} 秒就绪", f"computes on {device}, ready in {seconds} s")
        checks.append(Check("device", "ok", found))
        if "way" in facts.probe:
            quick = facts.probe["way"] != "written out"
            off = say("unset VIT_KERNELS 再打开", "unset VIT_KERNELS to have them")
            install = say("Debian、Ubuntu：apt install g++", "Debian, Ubuntu: apt install g++")
            mend = "" if quick else off if "VIT_KERNELS" in facts.probe["kernels"] else install
            found = facts.probe["kernels"].partition(say("：", ": "))[2]
            checks.append(Check("kernels", "ok" if quick else "note", found, mend))
    elif facts.mindspores:
        known = any(check.status == "fail" for check in checks)
        first = say("先修好上面的问题", "mend what failed above first")
        mend = first if known else "pip install --force-reinstall -r requirements.txt"
        found = say(f"MindSpore 不能运行：{facts.probe_error}", f"MindSpore does not run: {facts.probe_error}")
        checks.append(Check("device", "fail", found, mend))

    on_cpu = not facts.probe or facts.probe.get("device") == "CPU"
    if facts.nvidia and on_cpu:
        here = say(
            "安装包里的 GPU 插件只支持 CUDA 11.1 和 11.6；这里有 CUDA 11，可以试试 --device gpu（尚未运行过）",
            "the wheel's GPU plugins are built for CUDA 11.1 and 11.6 only; CUDA 11 is here: try --device gpu (not yet run here)",
        )
        neither = say(
            "安装包里的 GPU 插件只支持 CUDA 11.1 和 11.6，这里都没有装，所以用 CPU",
            "the wheel's GPU plugins are built for CUDA 11.1 and 11.6 only, and neither is installed: the CPU is used",
        )
        checks.append(Check("gpu", "note", facts.nvidia, here if facts.cuda_11 else neither))
    if facts.ascend_card and not facts.cann:
        checks.append(
            Check(
                "ascend",
                "fail",
                say("有昇腾卡，但没有 CANN", "a card, but no CANN"),
                say(
                    "安装 CANN，执行 source 加载它的 set_env.sh，然后运行：python start.py --here",
                    "install CANN and source its set_env.sh, then: python start.py --here",
                ),
            )
        )
    elif facts.ascend_card and on_cpu:
        checks.append(
            Check(
                "ascend",
                "note",
                say("有昇腾卡，也有 CANN", "a card and CANN"),
                say(
                    "MindSpore 只看到 CPU：请用镜像自带的 MindSpore，运行 python start.py --here",
                    "MindSpore sees only the CPU: use the image's own MindSpore, python start.py --here",
                ),
            )
        )

    free, memory = facts.disk_free / GIB, facts.memory / GIB
    if free >= 3:
        checks.append(Check("disk", "ok", say(f"可用 {free:.0f} GiB", f"{free:.0f} GiB free")))
    else:
        mend = say(
            "请腾出空间：课程需要 3 GiB，ImageNet 子集另要 2 GiB",
            "make room: the course needs 3 GiB, the ImageNet subset 2 more",
        )
        checks.append(Check("disk", "fail", say(f"可用 {free:.1f} GiB", f"{free:.1f} GiB free"), mend))
    if memory >= 3.5:
        checks.append(Check("memory", "ok", f"{memory:.0f} GiB"))
    else:
        mend = say(
            "最好有 4 GiB：请关掉别的程序，批次用小一些",
            "4 GiB are wanted: close other programs, use small batches",
        )
        checks.append(Check("memory", "note", f"{memory:.1f} GiB", mend))
    if not facts.in_venv:
        checks.append(
            Check(
                "environment",
                "note",
                say("没有用虚拟环境", "no virtual environment"),
                say(
                    "在云端镜像上没有问题；在自己的电脑上，python start.py 会建一个",
                    "fine on a cloud image; at home, python start.py makes one",
                ),
            )
        )
    return checks


def examine() -> list[Check]:
    """Look and think: the whole examination."""
    return diagnose(gather())


def report(checks: list[Check]) -> str:
    """The checks as a person reads them, with the mend under what needs one."""
    signs = {
        "ok": say("正常", "ok  "),
        "note": say("注意", "note"),
        "fail": say("要修", "FAIL"),
    }
    lines = []
    for check in checks:
        title = say(TITLES.get(check.name, check.name), check.name)
        lines.append(f"{signs[check.status]}  {pad(title, 16)} {check.found}")
        if check.mend:
            lines.append(f"{'':24}-> {check.mend}")
    failed = sum(check.status == "fail" for check in checks)
    lines.append(say(f"要修的有 {failed} 项", f"{failed} to mend") if failed else say("一切正常", "all is well"))
    return "\n".join(lines)
