"""Two kinds of error: the user's to mend, and nobody's.

Their messages are pairs, `UserError(say(f"{path}: 没有这个文件", f"{path}: no such file"))`.
"""

import difflib
import errno
from collections.abc import Iterable

from vit.runtime.language import language, say

_SYSTEM_SAYS = {
    errno.EACCES: "没有权限",
    errno.EEXIST: "已经有同名的文件",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOENT: "没有这个文件或文件夹",
    errno.ENOSPC: "磁盘空间不足",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EPERM: "没有权限",
    errno.EROFS: "文件系统是只读的",
}


class OneLine:
    """An exception whose message says all there is to say: notebooks show it in the place of a traceback."""

    def _render_traceback_(self) -> list[str]:  # IPython asks for it by this name
        return [str(self)]


class UserError(OneLine, ValueError):
    """Bad use or bad input, exit code 2. Its message is one line: what is wrong, then how to mend it."""


class RunFailed(OneLine, RuntimeError):
    """A run that cannot go on though its input was in order, exit code 1."""


def unknown(what: str, name, known: Iterable[str]) -> UserError:
    """The error for a name that does not exist, with the nearest that do."""
    known = list(known)
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.4) or known
    names = say(" 或 ", " or ").join(near)
    return UserError(say(f"{what} {name!r}；是不是想用 {names}？", f"{what} {name!r}; did you mean {names}?"))


def reason(error: Exception) -> str:
    """Why the system refused, in the reader's language where it is one of the common reasons."""
    said = getattr(error, "strerror", None) or str(error)
    if language() == "en":
        return said
    full = "No space left" in said  # safetensors tells by its text alone
    return _SYSTEM_SAYS.get(errno.ENOSPC if full else getattr(error, "errno", None), said)
