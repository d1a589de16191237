"""Standard output and standard error of a command, either of which may be closed, full, or read no further."""

import contextlib
import errno
import io
import os
import sys
from collections.abc import Callable

from vit.runtime.errors import reason
from vit.runtime.language import say

NOT_READ = 128 + 13  # the exit code of what ends by SIGPIPE, as a shell has it


class _Forgiving(io.TextIOWrapper):
    """Standard error on a full disk, or read no further: what it says is lost, the work is not."""

    def write(self, text):
        with contextlib.suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self):
        with contextlib.suppress(OSError):
            super().flush()


def as_a_process(command: Callable[[], int]) -> int:
    """Run a command whose answer goes to standard output at the end, in one piece.

    Returns:
        The exit code: the command's; 2 where there is no standard output; 1 where the answer could not
        be written; 141 where nobody reads it, as in `vit … | true`.
    """
    # else the next file that is opened would take the place of a closed stream, and its messages
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    errors = sys.stderr.buffer if sys.stderr else os.fdopen(2, "wb", closefd=False)
    # Chinese names, whatever code page Windows has
    sys.stderr = _Forgiving(errors, "utf-8", "backslashreplace", line_buffering=True)
    if sys.stdout is None:
        closed = say("标准输出是关闭的，没有地方给出结果", "standard output is closed, so the answer has nowhere to go")
        print(f"vit: {closed}", file=sys.stderr)
        return 2
    answer = io.StringIO()
    with contextlib.redirect_stdout(answer):
        try:
            code = command()
        except SystemExit as stop:  # argparse: help, or bad use
            code = stop.code or 0
    return _deliver(answer.getvalue(), code)


def _deliver(answer: str, code: int) -> int:
    try:
        rest = memoryview(answer.encode("utf-8", "backslashreplace"))
        while rest:  # with PYTHONUNBUFFERED a pipe takes a part at a time
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.flush()
        return code
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left in the buffer must go somewhere
        if error.errno == (errno.EINVAL if sys.platform == "win32" else errno.EPIPE):
            return code or NOT_READ
        full = say(f"标准输出无法写入（{reason(error)}）", f"standard output cannot be written ({reason(error)})")
        print(f"vit: {full}", file=sys.stderr)
        return code or 1
