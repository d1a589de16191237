"""Streams that are closed, full, or read no further: the right exit code, one line or none, never a traceback."""

import os
import subprocess
import sys

import pytest
from PIL import Image

from vit.runtime.atomic import atomic_folder, atomic_path
from vit.runtime.errors import UserError

PYTHON = [sys.executable]
VIT = [*PYTHON, "-m", "vit"]
ANSWER = [
    *PYTHON,
    "-c",
    "import sys; from vit.runtime.streams import as_a_process as run\n"
    "sys.exit(run(lambda: print('x' * 99999, file=sys.stderr) or print('answer' * 50000) or 0))",
]
FAILURE = [*PYTHON, "-c", "import sys; from vit.runtime.streams import as_a_process as run\n"
           "sys.exit(run(lambda: print('what is wrong', file=sys.stderr) or 2))"]  # fmt: skip

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full and no shell's streams here")


def shell(command, streams, before=""):
    """What a shell makes of `command` with these redirections: exit code and what is heard on standard error."""
    quoted = subprocess.list2cmdline(command) if len(command) < 3 or command[1] != "-c" else None
    line = before + (f"{quoted} {streams}" if quoted else f'"$0" -c "$1" {streams}')
    arguments = [] if quoted else [command[0], command[2]]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}", *arguments], capture_output=True, text=True, env=buffered
    )
    return done.returncode, done.stderr.replace("x" * 99999 + "\n", "").splitlines()


def test_nobody_reads_the_answer():
    for command in (ANSWER, [*VIT, "--help"], [*VIT, "--version"]):
        code, errors = shell(command, "| true")
        assert code in (0, 141), "0: it was quicker than the other end"
        assert not errors
    assert shell(ANSWER, "| head -c 9 > /dev/null") == (141, [])
    for unbuffered in ("", "PYTHONUNBUFFERED=1 "):
        assert shell(ANSWER, "| wc -c | grep -x 300001 > /dev/null", unbuffered) == (0, []), "all of it, else"


def test_a_full_disk():
    for command in (ANSWER, [*VIT, "--help"], [*VIT, "--version"]):
        code, (error,) = shell(command, "> /dev/full")
        assert code == 1
        assert error == "vit: standard output cannot be written (No space left on device)"
    assert shell(ANSWER, "2> /dev/full > /dev/null") == (0, [])
    assert shell(FAILURE, "2> /dev/full") == (2, [])


def test_closed_streams():
    code, (error,) = shell(ANSWER, ">&-")
    assert code == 2
    assert error.startswith("vit: standard output is closed")
    assert shell(ANSWER, "2>&- > /dev/null") == (0, [])
    assert shell(FAILURE, "2>&-") == (2, [])
    assert shell(ANSWER, ">&- 2>&-") == (2, [])
    assert shell([*VIT, "--version"], "<&- > /dev/null") == (0, [])


def test_a_file_never_takes_the_place_of_a_closed_stream(tmp_path):
    write = (
        "import os, sys; from vit.runtime.streams import as_a_process as run\n"
        f"def work():\n    with open({str(tmp_path / 'file')!r}, 'w') as file:\n"
        "        os.write(2, b'a library speaks')\n        file.write('good')\n    return 0\n"
        "sys.exit(run(work))"
    )
    assert shell([*PYTHON, "-c", write], "2>&-") == (0, [])
    assert (tmp_path / "file").read_text() == "good"


def test_the_module_itself_is_the_command():
    done = subprocess.run([*PYTHON, "-m", "vit.cli", "weights", "nonsense"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: vit weights" in done.stderr


def test_an_error_of_a_source_does_not_blame_the_target(tmp_path):
    for atomic in (atomic_path, atomic_folder):
        with pytest.raises(UserError, match=r"/source: No such file or directory$"), atomic(tmp_path / "target"):
            (tmp_path / "source").read_bytes()
        with pytest.raises(UserError, match=r"/source: No such file"), atomic(tmp_path / "target"):
            os.replace(tmp_path / "source", tmp_path / "elsewhere")
        with pytest.raises(OSError, match="cannot identify"), atomic(tmp_path / "target"):
            Image.open(__file__)
        with pytest.raises(ConnectionResetError), atomic(tmp_path / "target"):
            raise ConnectionResetError(104, "reset by peer")
        with pytest.raises(UserError, match=r"/target: cannot be written \(No space"), atomic(tmp_path / "target"):
            raise OSError(28, "No space left on device")
        with pytest.raises(UserError, match="/target: cannot be written"), atomic(tmp_path / "target") as staged:
            (staged / "no folder" / "file").write_text("x")
        assert not list(tmp_path.iterdir())
    with atomic_path(tmp_path / ("n" * 251 + ".txt")) as staged:  # as long as a name may be
        staged.write_text("x")
