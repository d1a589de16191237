"""Where somebody else's code may run: bubblewrap, without a network, with limits of memory, processes, files and time.

Without it nothing is run. The code sees the system's files, this course and Python read-only; homes and /tmp are
empty; it can write to one folder alone.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.runtime.paths import ROOT

MEMORY, PROCESSES, FILE, SECONDS = 24 << 30, 400, 50 << 20, 300  # addresses, threads included, bytes of a file, CPU


def within(home: Path, command: list[str]) -> list[str]:
    """The command, to be run in a sandbox that can write to `home` alone."""
    hidden = [
        word
        for place in (f"/{name}" for name in ("home", "root", "tmp", "run", "mnt", "media"))
        for word in ("--tmpfs", place)
        if Path(place).is_dir()
    ]
    seen = [
        word
        for place in dict.fromkeys((str(ROOT), sys.prefix, sys.base_prefix))
        for word in ("--ro-bind", place, place)
    ]
    box = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/"]
    box += ["--dev", "/dev", "--proc", "/proc", *hidden, *seen, "--bind", str(home), str(home), "--chdir", str(home)]
    box += ["--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", str(home)]
    box += ["--setenv", "PYTHONPATH", str(ROOT), "--setenv", "VIT_OUTPUTS", str(home)]
    limits = [f"--as={MEMORY}", f"--nproc={PROCESSES}", f"--fsize={FILE}", f"--cpu={SECONDS}", "--core=0"]
    return [*box, "prlimit", *limits, "--", *command]


def wanted() -> None:
    """Raises:
    UserError: there is no sandbox here, or it does not hold.
    """
    missing = [name for name in ("bwrap", "prlimit") if shutil.which(name) is None]
    if missing:
        names = ", ".join(missing)
        raise UserError(
            say(
                f"--run 只在沙箱里运行学员的代码，这台机器上没有 {names}（Debian、Ubuntu：sudo apt install bubblewrap）；不加 --run 就不运行任何代码",
                f"--run runs learners' code in a sandbox only, and {names} is not on this machine (Debian, Ubuntu: sudo apt install bubblewrap); without --run no code is run",
            )
        )
    tried = subprocess.run(
        within(ROOT / "course" / "classroom", ["true"]), capture_output=True, encoding="utf-8", errors="replace"
    )
    if tried.returncode:
        raise UserError(
            say(
                f"沙箱在这台机器上打不开：{tried.stderr.strip()[:200]}",
                f"the sandbox cannot be opened here: {tried.stderr.strip()[:200]}",
            )
        )
