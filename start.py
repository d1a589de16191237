"""One command from a new machine to a running course: see `python start.py --help`.

Needs Python 3.10 to 3.12 and pip; under any other Python from 3.7 on it finds one, or says how to get it. So
this file is written for 3.7, and with the standard library alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import locale
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PYTHONS = ((3, 11), (3, 12), (3, 10))  # those that MindSpore has wheels for
JOBS = ("run", "lessons", "test", "lab", "explore", "progress", "project", "kit", "pack", "doctor")

HELP_ZH = """\
用法: python start.py [run|lessons|test|lab|explore|project|progress|kit|pack
                       |doctor] [--here] [--shared] [--wheels DIR]

一条命令，从一台新机器到能运行的课程。需要 Python 3.10 到 3.12 和 pip。

  python start.py           装好环境，跑通全程，打印汇总表
  python start.py lessons   装好环境，从头运行笔记本（--lang zh|en，--only NN）
  python start.py test      装好环境，运行测试（后面的参数交给 pytest）
  python start.py lab       装好环境，打开 JupyterLab，用你自己的笔记本副本
                            （--lang zh|en，--fresh NN）
  python start.py explore   装好环境，在浏览器里看进你自己的网络
  python start.py project DIR
                            装好环境，从一个图片文件夹做出一页报告（第 13 课）
  python start.py progress save|hand-in|restore FILE
                            把你写的部件和学习进度带到另一台机器；hand-in 是交给
                            老师的，不含营码
  python start.py doctor    这台机器上有什么、缺什么、怎样修
  python start.py kit --out DIR
                            讲师用：课件、流程、讲义、小测验、教师版
  python start.py pack --wheels DIR
                            讲师用：把安装所需的一切收进一个文件夹（U 盘）

  --here                    不新建 .venv，直接用当前环境，不动它的 MindSpore
                            （云端或昇腾镜像）
  --shared                  大家共用一份课程：各人的笔记本和进度在自己的
                            家目录 vit-course/ 里
  --wheels DIR              从 pack 收好的文件夹安装，不用网络
  -h, --help                显示这段帮助

依赖都装在旁边的 .venv 里。pip 自己的配置（例如镜像源）照常生效。
说哪种语言由系统决定，或由环境变量 VIT_LANG（zh 或 en）指定。
"""
HELP_EN = """\
usage: python start.py [run|lessons|test|lab|explore|project|progress|kit|pack
                       |doctor] [--here] [--shared] [--wheels DIR]

One command from a new machine to a running course. Needs Python 3.10 to 3.12
and pip.

  python start.py           set up, run the main job, print a summary
  python start.py lessons   set up, run the notebooks from the top
                            (--lang zh|en, --only NN)
  python start.py test      set up, run the tests (what follows is pytest's)
  python start.py lab       set up, open JupyterLab on copies of your own
                            (--lang zh|en, --fresh NN)
  python start.py explore   set up, see inside your own network, in the browser
  python start.py project DIR
                            set up, from a folder of pictures to a page (lesson
                            13)
  python start.py progress save|hand-in|restore FILE
                            your parts and progress, to another machine; hand-in
                            is for a teacher and has no camp's code in it
  python start.py doctor    what this machine has, what it lacks, and the mend
  python start.py kit --out DIR
                            for instructors: decks, run-sheets, hand-outs,
                            quizzes, the teacher's editions
  python start.py pack --wheels DIR
                            for instructors: all that an installation needs, in
                            a folder for a stick

  --here                    use the current environment instead of a new .venv
                            and keep its MindSpore (a cloud or Ascend image)
  --shared                  one course for many: notebooks and progress go to
                            vit-course/ in each learner's home
  --wheels DIR              install from a folder that pack has made, without a
                            network
  -h, --help                show this help

Everything goes into .venv beside this file. pip's own configuration (a mirror,
for instance) applies as always. The system decides which language is spoken,
or the environment variable VIT_LANG (zh or en).
"""


def language() -> str:
    """As vit/runtime/language.py, which a test holds this to."""
    named = os.environ.get("VIT_LANG", "").lower()[:2]
    if named in ("zh", "en"):
        return named
    system = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if not system and sys.platform == "win32":
        system = locale.getlocale()[0] or ""
    return "zh" if system.lower().startswith(("zh", "chinese")) else "en"


def say(zh: str, en: str) -> str:
    return zh if language() == "zh" else en


class Stop(Exception):
    """What ends the set-up: a line, and the exit code."""

    def __init__(self, line: str, code: int = 1):
        super().__init__(line)
        self.code = code


def main() -> int:
    for stream in (sys.stdout, sys.stderr):  # both languages, whatever code page Windows has
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        job, rest, here, wheels = understand(of_ones_own(sys.argv[1:]))
        if job == "help":
            print(say(HELP_ZH, HELP_EN), end="")
            return 0
        if sys.version_info[:2] not in PYTHONS:
            return wait_for([*other_python(here), str(ROOT / "start.py"), *sys.argv[1:]])
        python = sys.executable if here else make_venv()
        install(python, job, here, wheels)
    except Stop as stop:
        print(f"start.py: {stop}", file=sys.stderr)
        return stop.code
    except OSError as error:  # a folder that cannot be written, a full disk, a .venv that is in use on Windows
        advice = say("环境要建在课程的文件夹里", "the environment is made in the course's folder")
        print(f"start.py: {error}; {advice}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # one line, however often the key is pressed
        again = say("已停止；再次运行同一条命令会接着安装", "stopped; run the same command again to go on")
        print(f"start.py: {again}", file=sys.stderr)
        return 130
    return wait_for(command_of(job, rest, python), str(ROOT))


def of_ones_own(words: list[str]) -> list[str]:
    """The words without --shared, which puts what is made into the home folder, as where the course cannot be written."""
    if "--shared" in words:
        os.environ.setdefault("VIT_OUTPUTS", str(Path.home() / "vit-course"))
    return [word for word in words if word != "--shared"]


def understand(words: list[str]) -> tuple[str, list[str], bool, Path | None]:
    """(job or "help", what follows it, whether --here is among them, the folder of wheels to install from)."""
    here, words = "--here" in words, [word for word in words if word != "--here"]
    if {"-h", "--help"} & set(words):
        return "help", [], here, None
    wheels = None
    if "--wheels" in words and words[0] != "pack":  # pack fills that folder
        place = words.index("--wheels")
        folder = words[place + 1] if place + 1 < len(words) else ""
        wheels = Path(folder).resolve() / "wheels"
        if not folder or not wheels.is_dir():
            raise Stop(
                say(
                    "--wheels 后面要写 start.py pack 收好的文件夹，里面有 wheels/",
                    "--wheels takes a folder that start.py pack has made, with wheels/ in it",
                ),
                2,
            )
        words = words[:place] + words[place + 2 :]
    job, rest = (words[0], words[1:]) if words else ("run", [])
    if job not in JOBS or (job == "run" and rest):
        what, usage = " ".join(rest if job == "run" else words), say(HELP_ZH, HELP_EN).splitlines()[0]
        raise Stop(say(f"不认识的参数：{what}\n{usage}", f"unknown: {what}\n{usage}"), 2)
    return job, rest, here, wheels


def command_of(job: str, rest: list[str], python: str) -> list[str]:
    if job == "run":
        return [python, "-m", "course.main_job"]
    if job == "test":
        share = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"] if (os.cpu_count() or 1) > 1 else []
        return [python, "-m", "pytest", *share, *rest]
    if job == "progress":  # its file is seen from the folder in which the command was given
        rest = rest[:1] + [word if word.startswith("-") else os.path.abspath(word) for word in rest[1:]]
    for option in ("--out", "--wheels"):  # of kit and of pack
        if job in ("kit", "pack") and option in rest[:-1]:
            place = rest.index(option) + 1
            rest = [*rest[:place], os.path.abspath(rest[place]), *rest[place + 1 :]]
    if job == "doctor":
        return [python, "-m", "vit", job, *rest]
    if job == "project":
        rest = [os.path.abspath(rest[0]), *rest[1:]] if rest and not rest[0].startswith("-") else rest
    return [python, "-m", "course", job, *rest]


def wait_for(command: list[str], folder: str | None = None) -> int:
    """Run the job to its end. Ctrl-C reaches it as well, and it stops in good order; three quick ones end it."""
    process = subprocess.Popen(command, cwd=folder)
    pressed = [float("-inf")] * 2
    while True:
        try:
            code = process.wait()
            return code if code >= 0 else 128 - code
        except KeyboardInterrupt:
            pressed.append(time.monotonic())
            if pressed[-1] - pressed[-3] < 3:
                process.kill()
                return 130


# ---- a Python that MindSpore has wheels for


def other_python(here: bool) -> list[str]:
    """The command of a Python that is right: .venv's, one on this machine, or one that uv fetches into .venv.

    Raises:
        Stop: there is none; the line says how to get one on this system.
    """
    version = sys.version.split()[0]
    if here:
        raise Stop(
            say(
                f"MindSpore 需要 Python 3.10 到 3.12，当前环境是 {version}；请换一个环境，或者去掉 --here",
                f"MindSpore needs Python 3.10 to 3.12, this environment has {version}; use another, or leave --here out",
            ),
            2,
        )
    names = [f"{major}.{minor}" for major, minor in PYTHONS]
    found = [[str(VENV_PYTHON)]] if is_whole() else []
    found += [[f"python{name}"] for name in names] + [["py", f"-{name}"] for name in names]
    for command in found:
        if version_of(command) in PYTHONS:
            print(
                say(f"Python {version} 没有 MindSpore；改用", f"Python {version} has no MindSpore; going on with"),
                *command,
                flush=True,
            )
            return command
    if uv():
        print(say("用 uv 取得 Python 3.12，建立 .venv", "uv fetches Python 3.12 and makes .venv"), flush=True)
        if uv_venv("3.12"):
            return [str(VENV_PYTHON)]
    get, then = remedy(sys.platform, os_release(), shutil.which)
    raise Stop(
        say(
            f"MindSpore 需要 Python 3.10 到 3.12，这里是 {version}。请运行：{get}；然后：{then}",
            f"MindSpore needs Python 3.10 to 3.12, this is {version}. Run: {get}; then: {then}",
        ),
        2,
    )


def version_of(command: list[str]) -> tuple[int, int] | None:
    """(3, 12) of a command that is a Python, else None."""
    try:
        code = "import sys; print(*sys.version_info[:2])"
        done = subprocess.run([*command, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
        major, minor = map(int, done.stdout.split())
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return (major, minor) if done.returncode == 0 else None


UV_LINUX = "curl -LsSf https://astral.sh/uv/install.sh | sh"
# (ID in /etc/os-release, what VERSION_ID begins with) -> what brings a right Python there, and its name
LINUX = [
    ("ubuntu", "22.04", "sudo apt install python3.10 python3.10-venv", "python3.10"),
    ("ubuntu", "24.", "sudo apt install python3.12 python3.12-venv", "python3.12"),
    ("debian", "12", "sudo apt install python3.11 python3.11-venv", "python3.11"),
    ("openEuler", "24.", "sudo dnf install python3", "python3"),
    ("fedora", "", "sudo dnf install python3.12", "python3.12"),
    ("rhel", "", "sudo dnf install python3.12", "python3.12"),  # and all that are like it
    ("opensuse", "", "sudo zypper install python312", "python3.12"),
    ("suse", "", "sudo zypper install python312", "python3.12"),
    ("arch", "", "sudo pacman -S uv", ""),
]


def remedy(platform: str, release: dict[str, str], which) -> tuple[str, str]:
    """(the command that gets a right Python on this system, the command after it)."""
    again = say("再次运行这条命令", "this command again")
    if which("conda"):
        return "conda create -y -n vit python=3.12", "conda activate vit; python start.py"
    if platform == "win32":
        if which("winget"):
            return "winget install Python.Python.3.12", "py -3.12 start.py"
        if which("py"):
            return "py install 3.12", "py -3.12 start.py"
        return "pip install uv", again
    if platform == "darwin" and which("brew"):
        return "brew install python@3.12", "python3.12 start.py"
    for identity in [release.get("ID", ""), *release.get("ID_LIKE", "").split()]:
        for name, version, get, python in LINUX:
            own = identity == release.get("ID")  # the version of what it is like is another
            if identity.startswith(name) and (
                not version or (own and release.get("VERSION_ID", "").startswith(version))
            ):
                return get, f"{python} start.py" if python else again
    return UV_LINUX, again


def os_release(file: str = "/etc/os-release") -> dict[str, str]:
    """What a Linux says of itself; nothing elsewhere."""
    try:
        lines = Path(file).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = [line.partition("=") for line in lines if "=" in line]
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}


# ---- the environment

WHOLE = (
    "import sys, pip._internal.cli.main; print(sys.version_info[0], sys.version_info[1], sys.prefix != sys.base_prefix)"
)


def is_whole() -> bool:
    """Whether .venv works: a right Python of its own, with pip. Half a one is left by a set-up that was cut off."""
    try:
        done = subprocess.run([str(VENV_PYTHON), "-c", WHOLE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return False
    return done.stdout.decode().split() in [[str(major), str(minor), "True"] for major, minor in PYTHONS]


def make_venv() -> str:
    """Make .venv if there is none, or one that does not work; returns its Python.

    Raises:
        Stop: this Python cannot; the line says what it lacks.
    """
    if is_whole():
        return str(VENV_PYTHON)
    if VENV.exists() and not os.access(str(ROOT), os.W_OK):  # one installation for a class
        raise Stop(
            say(
                f"{ROOT} 是大家共用的，你不能写；它的 .venv 在你这里不能用。请装它的人用大家都读得到的 Python 重装（不要用自己家目录里的）",
                f"{ROOT} is shared and you cannot write to it; its .venv does not work for you. Whoever installed it should use a Python that everybody can read (none in a home folder)",
            )
        )
    repair = say("修复", "mending") if VENV.exists() else say("建立", "making")
    print(repair, VENV.name, flush=True)
    python = getattr(sys, "_base_executable", None) or sys.executable  # .venv's own goes away with it
    remove_venv()
    done = subprocess.run([python, "-m", "venv", str(VENV)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if is_whole() or (uv() and uv_venv(python)):
        return str(VENV_PYTHON)
    name = "python{}.{}-venv".format(*sys.version_info[:2])
    reason = " ".join(done.stdout.decode(errors="replace").split())[:300]
    if shutil.which("apt"):  # Debian and Ubuntu keep a part of it in a package of its own
        raise Stop(
            say(
                f"这个 Python 建不了虚拟环境；请运行：sudo apt install {name}",
                f"this Python cannot make virtual environments; run: sudo apt install {name}",
            )
        )
    raise Stop(say(f"这个 Python 建不了虚拟环境：{reason}", f"this Python cannot make virtual environments: {reason}"))


def remove_venv() -> None:
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(str(VENV))


def uv() -> list[str]:
    """The command `uv`, if it is here: on PATH, where its installer puts it, or as a package of this Python."""
    found = shutil.which("uv") or shutil.which("uv", path=str(Path.home() / ".local" / "bin"))
    if found:
        return [found]
    return [sys.executable, "-m", "uv"] if importlib.util.find_spec("uv") else []


def uv_venv(python: str) -> bool:
    """Let uv make .venv, with pip in it; whether it did."""
    remove_venv()
    return subprocess.run([*uv(), "venv", "--seed", "--python", python, str(VENV)]).returncode == 0 and is_whole()


def install(python: str, job: str, here: bool, wheels: Path | None = None) -> None:
    """Install what is missing; a stamp of the requirements makes a second run immediate.

    Args:
        wheels: a folder that holds all of it: no network is asked.

    Raises:
        Stop: pip failed.
    """
    extra = "[dev]" if job == "test" else ""
    stamp = hashlib.sha256(
        (ROOT / "requirements.txt").read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    ).hexdigest()
    # one stamp each for learning and testing; --here keeps none, because others change that environment
    mark = VENV / ("set-up-test" if extra else "set-up-run")
    if not here and mark.is_file() and mark.read_text() == stamp:
        return
    if wheels:
        print(say(f"正在从 {wheels} 安装，不用网络", f"installing from {wheels}, without a network"), flush=True)
    else:
        print(
            say(
                "正在安装；第一次要下载约 1 GB，需要几分钟",
                "installing; the first time, this fetches about 1 GB and takes some minutes",
            ),
            flush=True,
        )
    source = ["--no-index", "--find-links", str(wheels)] if wheels else []
    lines = [
        line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    ]
    packages = [line for line in lines if line and not line.startswith("-e")]
    version = installed_mindspore() if here else None
    if version:
        print(say(f"保留这个环境的 MindSpore {version}", f"keeping this environment's MindSpore {version}"), flush=True)
        packages = [line for line in packages if not line.startswith("mindspore")]
    if extra:
        packages += dev_packages()
    pip(python, *source, *packages)  # its own bars show that it lives
    # dependencies are complete by now; asking pip again could replace an image's own MindSpore
    pip(python, *source, "--quiet", "--no-deps", "-e", str(ROOT))
    if not here:
        mark.write_text(stamp)


def pip(python: str, *arguments: str) -> None:
    stick = "--no-index" in arguments
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", *arguments]
    code = subprocess.run(command, cwd=str(ROOT)).returncode
    if code and stick:
        minor = sys.version_info[1]
        raise Stop(
            say(
                f"从文件夹安装没有完成（退出码 {code}），pip 的原因见上。这里是 Python 3.{minor}：pack 时选的版本和系统要与它一致（--python {minor}，--systems）；文件坏了就再拷一次",
                f"setting up from the folder failed (exit code {code}); pip's reason is above. This is Python 3.{minor}: the stick must be packed for it and for this system (--python {minor}, --systems); where a file is damaged, copy it again",
            )
        )
    if code:
        raise Stop(
            say(
                f"安装没有完成（退出码 {code}），pip 的原因见上。网络慢就换一个镜像源（pip config set global.index-url 地址）；再次运行同一条命令会接着安装",
                f"setting up failed (exit code {code}); pip's reason is above. Behind a slow network, choose a mirror (pip config set global.index-url ADDRESS); run the same command again to go on",
            )
        )


def dev_packages() -> list[str]:
    """The names under `dev` in pyproject.toml (Python 3.10 has no TOML reader)."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text.split("\ndev = [", 1)[1].split("\n]", 1)[0]
    return [line.split('"')[1] for line in block.splitlines() if '"' in line]


def installed_mindspore() -> str | None:
    from importlib import metadata  # not in Python 3.7

    for name in ("mindspore", "mindspore-ascend", "mindspore-gpu", "mindspore-cpu", "mindspore-dev"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


if __name__ == "__main__":
    sys.exit(main())
