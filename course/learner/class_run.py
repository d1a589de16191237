"""Running a class that a learner wrote: eagerly and compiled; what it raises is told with the line and, if known, the mend."""

import io
import os
import re
import sys
import traceback
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import mindspore as ms
import numpy as np

from course.language import say
from course.learner.habits import advice
from course.learner.own_source import Source
from course.learner.part import USUAL, Part, Setting
from vit.runtime.errors import UserError
from vit.runtime.graph_mode import before_first_call, in_graph_mode


@dataclass(frozen=True)
class Verdict:
    outcome: str  # "passed", "placeholder", "package", the name of a mistake, or what `class_check` calls it
    sentence: str
    source: Source | None = None
    cls: type | None = None  # the class imported from its snapshot, where it passed


class Refused(Exception):
    """What stops a check early."""

    def __init__(self, outcome: str, zh: str, en: str):
        super().__init__(en)
        self.verdict = Verdict(outcome, say(zh, en))


def built(part: Part, cls: type, setting: Setting = USUAL):
    """One of the class, filled with fixed numbers."""
    return _attempt(cls, "__init__", lambda: part.build(cls, setting))


def run(part: Part, cls: type, cell, training: bool = False, setting: Setting = USUAL) -> np.ndarray:
    """Its answer, eagerly. What it prints is shown once, at the usual setting."""
    with nullcontext() if setting is USUAL and not training else redirect_stdout(io.StringIO()):
        return attempt(cls, lambda: _answer(part, cell, training, setting))


def attempt(cls: type, work):
    """Do something with its `construct`; an error stops the check with a sentence."""
    return _attempt(cls, "construct", work)


def compiled(part: Part, cls: type) -> np.ndarray:
    """Its answer in evaluation, compiled to a graph. Called when it has answered eagerly."""
    cell = part.build(cls)
    before_first_call(cell)
    try:
        with _quiet(), in_graph_mode():
            return _answer(part, cell)
    except Exception as error:
        line = _line_of(error, _file(cls)) or f"class {cls.__name__}"
        says = _first_sentence(error)
        zh, en = advice(str(error), line, compiling=True) or (says, says)
        raise Refused(
            "not compilable",
            f"动态图下是对的，但编译成静态图失败，出在 `{line}`：{zh}",
            f"right when run eagerly, but it cannot be compiled to a graph, because of `{line}`: {en}",
        ) from None


def _answer(part: Part, cell, training: bool = False, setting: Setting = USUAL) -> np.ndarray:
    answer = part.respond(cell, training, setting)
    if isinstance(answer, (tuple, list)):
        raise Refused(
            "unreadable",
            f"construct 返回了 {len(answer)} 样东西，应当只返回输出这一个张量",
            f"construct returns {len(answer)} things: return the output alone, one tensor",
        )
    if not isinstance(answer, ms.Tensor):
        kind = type(answer).__name__
        raise Refused(
            "unreadable",
            f"construct 返回的是 {kind}，应当是张量：最后有 return 吗？",
            f"construct returns {kind} instead of a tensor: does it end with return?",
        )
    return answer.asnumpy()


def _attempt(cls: type, where: str, work):
    try:
        return work()
    except Refused:
        raise
    except UserError as error:  # of a parameter
        raise Refused("parameters", str(error), str(error)) from None
    except Exception as error:
        file = _file(cls)
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.line for frame in reversed(frames) if frame.filename == file), "")
        # MindSpore's own errors may surface lines after the one that made them; the compiler knows the line
        if where == "construct" and frames[-1].filename != file:
            try:
                with _quiet(), in_graph_mode():
                    work()
            except Exception as compiled_error:
                line = _line_of(compiled_error, file) or line
        says = f"{type(error).__name__}: {_first_sentence(error)}"
        zh, en = advice(says, line) or (says, says)
        raise Refused(
            f"error: {type(error).__name__}",
            f"运行时出错（{where}{f'：`{line}`' if line else ''}）：{zh}",
            f"it raises ({where}{f': `{line}`' if line else ''}): {en}",
        ) from None


def _first_sentence(error: Exception) -> str:
    lines = [line.strip(" -") for line in str(error).splitlines()]
    return next((line for line in lines if line and not line.endswith("failed:")), type(error).__name__)[:200]


def _file(cls: type) -> str:
    return sys.modules[cls.__module__].__file__


def _line_of(error: Exception, file: str) -> str:
    """The line that MindSpore's message is about: of all places that it names in this file, the narrowest; or none."""
    places = re.findall(re.escape(file) + r":(\d+)(?:~(\d+))?", str(error))
    spans = sorted((int(last or first) - int(first), -place, int(first)) for place, (first, last) in enumerate(places))
    return Path(file).read_text(encoding="utf-8").splitlines()[spans[0][2] - 1].strip() if spans else ""


@contextmanager
def _quiet():
    """Without the pages that MindSpore's compiler writes to standard error when it fails: the check says it in a line."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
