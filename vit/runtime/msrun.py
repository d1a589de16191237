"""Several processes of one program on this machine, by MindSpore's launcher."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from vit.runtime.errors import RunFailed, UserError
from vit.runtime.language import say
from vit.runtime.paths import ROOT, shown

_SEARCH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
MSRUN = shutil.which("msrun", path=_SEARCH)


def run_together(command: list[str], folder: Path, processes: int = 2, timeout: float = 300) -> list[str]:
    """Start a Python program several times; they find each other on a free port of this machine.

    Args:
        command: the program's file and its arguments.
        folder: where they run; their logs go to logs/ in it.
        processes: how many.
        timeout: seconds after which all are stopped.

    Returns:
        What each of them said, by rank.

    Raises:
        UserError: there is no msrun here.
        RunFailed: one of them failed.
    """
    if MSRUN is None:
        raise UserError(say("这个系统上没有 msrun", "there is no msrun on this system"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    logs = folder / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    options = [f"--worker_num={processes}", f"--local_worker_num={processes}", f"--master_port={port}", "--join=True"]
    environment = os.environ | {"PATH": _SEARCH, "PYTHONPATH": str(ROOT), "GLOG_v": "3"}
    with open(folder / "msrun.log", "w") as log:  # a pipe would be held open by whatever msrun leaves running
        try:
            done = subprocess.run(
                [MSRUN, *options, f"--log_dir={logs}", *command],
                cwd=folder,
                env=environment,
                stdout=log,
                stderr=log,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            raise RunFailed(say(f"{timeout:.0f} 秒还没有跑完", f"not done after {timeout:.0f} s")) from None
    if done.returncode:
        raise RunFailed(say(f"出错了，日志在 {shown(logs)}", f"failed; the logs are in {shown(logs)}"))
    return [(logs / f"worker_{rank}.log").read_text(encoding="utf-8", errors="replace") for rank in range(processes)]
