"""Judging a class that a learner wrote: built, filled with fixed numbers, run eagerly and compiled, and held
against frozen answers."""

import re
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

import mindspore as ms
import numpy as np
from mindspore import nn

from course.language import say
from course.learner.my_vit import package_of, siblings, snapshots
from course.learner.own_source import Leans, NotFound, Source, imported, source_of
from course.learner.parts import PARTS, Part, StepPart, input_of, parameter_shapes
from vit.runtime.graph_mode import in_graph_mode

# the largest difference allowed, in units of the answer's root mean square
TOLERANCE = {"CPU": 1e-4, "GPU": 2e-3, "Ascend": 5e-3}


@dataclass(frozen=True)
class Verdict:
    outcome: str  # "passed", "placeholder", "package", the name of a mistake, or one of those below
    sentence: str
    source: Source | None = None
    cls: type | None = None  # the class imported from its snapshot, where it passed


class _Refused(Exception):
    """What stops a check early."""

    def __init__(self, outcome: str, zh: str, en: str):
        super().__init__(en)
        self.verdict = Verdict(outcome, say(zh, en))


def judge_class(part: Part, value, frozen: dict, messages: dict, passed: dict) -> Verdict:
    """Hold a class against a part of the package.

    Args:
        part: which.
        value: what the learner hands in.
        frozen: {"right": {"shape", "values"}, "placeholder": ..., mistake: ...}.
        messages: mistake -> {"zh", "en"}.
        passed: the parts that have passed before, class -> digest of the text.
    """
    try:
        source, cls = _stand_alone(part, value, passed)
        return _judge(part, cls, source, frozen, messages)
    except _Refused as refused:
        return refused.verdict


def _stand_alone(part: Part, value, passed: dict) -> tuple[Source, type]:
    """The class's source, and the class imported from a file."""
    if value is part.reference:
        raise _Refused(
            "package",
            f"这是 vit 包自带的 {part.name}，不算你写的；先运行你写类的那个单元，再运行这里",
            f"this is the package's own {part.name}, so it does not count as yours; run the cell with your class first",
        )
    if not isinstance(value, type) or not issubclass(value, nn.Cell):
        raise _Refused(
            "unreadable",
            f"这里要的是类 {part.name} 本身（继承 nn.Cell），不是它的实例或结果",
            f"wanted is the class {part.name} itself, a subclass of nn.Cell, not an instance or a result",
        )
    try:
        source = source_of(value, siblings(part))
    except Leans as leans:
        if leans.name in PARTS:
            raise _Refused(
                "leans",
                f"类里用到的 {leans.name} 是别的单元里刚定义、还没有检查过的：先用 check 检查它",
                f"the class uses {leans.name} as another cell has just defined it: put that through its check first",
            ) from None
        raise _Refused(
            "leans",
            f"类里用到了别的单元定义的 {leans.name}。它要能单独存成一个文件：把 {leans.name} 写进类里",
            f"the class uses {leans.name}, which another cell made. It must stand alone in a file: move it into the class",
        ) from None
    except (NotFound, SyntaxError):
        raise _Refused(
            "unreadable",
            "找不到这个类的源代码：请在一个单元的最外层用 class 定义它",
            "the source of this class cannot be found: define it with `class` at the top level of a cell",
        ) from None
    return source, getattr(imported(package_of(part, source.module, passed), part.stem, snapshots()), value.__name__)


def _judge(part: Part, cls: type, source: Source, frozen: dict, messages: dict) -> Verdict:
    trains = isinstance(part, StepPart)
    cell = _built(part, cls)
    if trains or not parameter_shapes(cell):  # the placeholder of a network has none
        answer = _run(part, cls, cell)
        if _close(answer, frozen["placeholder"]):
            return Verdict(
                "placeholder", say("还没有作答：这里仍是占位的类", "not answered yet: the placeholder is still there")
            )
        cell = _built(part, cls)
    if not trains:
        _compare_parameters(part, cell)
    answer = _run(part, cls, cell)
    right = frozen["right"]
    if list(answer.shape) != right["shape"]:
        wanted = () if trains else tuple(right["shape"])
        raise _Refused(
            "shape",
            f"输出的形状应为 {wanted}，现在是 {answer.shape}",
            f"the output should have the shape {wanted}, it has {answer.shape}",
        )
    if not np.isfinite(answer).all():
        raise _Refused("not finite", "输出里有 NaN 或无穷大", "the output has NaN or infinite numbers")
    if not trains and not (np.allclose(answer, _run(part, cls, cell)) and np.allclose(answer, _dropped(part, cls), atol=1e-5)):
        raise _Refused(
            "dropout",
            "求值时（set_train(False)）dropout 仍在起作用：用 nn.Dropout，它会自己关掉",
            "dropout is still active in evaluation, set_train(False): nn.Dropout switches itself off",
        )
    if not _close(answer, right):
        for name, known in frozen.items():
            if name != "right" and _close(answer, known):
                return Verdict(name, messages[name][say("zh", "en")] if name in messages else name)
        return Verdict(
            "not yet",
            say(
                f"参数和形状都对，数值不对（最大相差 {_off(answer, right):.1e}）；需要时用 hint 看提示",
                f"names and shapes are right, the numbers are not (off by up to {_off(answer, right):.1e}); hint(...) helps",
            ),
        )
    if not trains:
        _compare_gradients(part, cls, cell)
    _compile(part, cls, right)
    return Verdict("passed", say("通过", "passed"), source, cls)


def run_part(part: Part, cls: type) -> dict:
    """What a class answers to the fixed numbers: {"shape", "values"}. For freezing; raises what the class raises."""
    answer = part.respond(part.build(cls)).asnumpy()
    return {"shape": list(answer.shape), "values": [round(float(number), 6) for number in answer.reshape(-1)]}


def distance(one: dict, other: dict) -> float:
    """Between two frozen answers, in tolerances of a CPU."""
    if one["shape"] != other["shape"]:
        return float("inf")
    return _off(np.reshape(one["values"], one["shape"]), other) / TOLERANCE["CPU"]


def _off(answer: np.ndarray, known: dict) -> float:
    values = np.reshape(known["values"], known["shape"])
    return float(np.abs(answer - values).max() / np.sqrt(np.mean(values**2)))


def _close(answer: np.ndarray, known: dict) -> bool:
    return list(answer.shape) == known["shape"] and _off(answer, known) <= TOLERANCE[ms.get_context("device_target")]


def _built(part: Part, cls: type, **changes):
    return _attempt(cls, "__init__", lambda: part.build(cls, **changes))


def _run(part: Part, cls: type, cell) -> np.ndarray:
    """Its answer, eagerly."""

    def work():
        answer = part.respond(cell)
        if not isinstance(answer, ms.Tensor):
            kind = type(answer).__name__
            raise _Refused(
                "unreadable",
                f"construct 返回的是 {kind}，应当是张量：最后有 return 吗？",
                f"construct returns {kind} instead of a tensor: does it end with return?",
            )
        return answer.asnumpy()

    return _attempt(cls, "construct", work)


def _dropped(part: Part, cls: type) -> np.ndarray:
    """The answer in evaluation of one that was built with high drop rates."""
    return _run(part, cls, _built(part, cls, **part.drop_rates))


def _attempt(cls: type, where: str, work):
    """Run the learner's code; what it raises is told with the line."""
    try:
        return work()
    except _Refused:
        raise
    except Exception as error:
        file = _file(cls)
        frames = [frame.line for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        line = frames[-1] if frames else ""
        if where == "construct":  # eagerly an error may surface lines after the one that made it; the compiler knows
            try:
                with in_graph_mode():
                    work()
            except Exception as compiled:
                line = _line_of(compiled, file) or line
        says = f"{type(error).__name__}: {_first_sentence(error)}"
        raise _Refused(
            f"error: {type(error).__name__}",
            f"运行时出错（{where}：`{line}`）：{says}",
            f"it raises ({where}: `{line}`): {says}",
        ) from None


def _first_sentence(error: Exception) -> str:
    lines = [line.strip(" -") for line in str(error).splitlines()]
    return next((line for line in lines if line and not line.endswith("failed:")), type(error).__name__)[:200]


def _compare_parameters(part: Part, cell) -> None:
    mine, wanted = parameter_shapes(cell), parameter_shapes(part.build(part.reference))
    missing, extra = sorted(wanted.keys() - mine.keys()), sorted(mine.keys() - wanted.keys())
    if missing:
        zh, en = f"缺少参数 {'、'.join(missing)}", f"parameters are missing: {', '.join(missing)}"
        if extra:
            zh += f"；多出 {'、'.join(extra)}（名字要和公开权重一致）"
            en += f"; not expected: {', '.join(extra)} (names must be those of the published weights)"
        raise _Refused("parameters", zh, en)
    if extra:
        raise _Refused("parameters", f"多出参数 {'、'.join(extra)}", f"parameters not expected: {', '.join(extra)}")
    for name, shape in wanted.items():
        if mine[name] != shape:
            raise _Refused(
                "parameters",
                f"参数 {name} 的形状应为 {shape}，现在是 {mine[name]}",
                f"parameter {name} should have the shape {shape}, it has {mine[name]}",
            )


def _compare_gradients(part: Part, cls: type, cell) -> None:
    """A detour through numpy gives right numbers and no gradient: such a part would never learn."""

    def gradients(one):
        x = ms.Tensor(input_of(part))
        away = ms.Tensor(np.cos(np.arange(x.size, dtype=np.float32)).reshape(x.shape))
        names = [parameter.name for parameter in one.trainable_params()]
        found = ms.grad(lambda x: (one(x) * away).sum(), grad_position=None, weights=one.trainable_params())(x)
        return {name: gradient.asnumpy() for name, gradient in zip(names, found, strict=True)}

    wanted, mine = gradients(part.build(part.reference)), _attempt(cls, "construct", lambda: gradients(cell))
    size = max(np.abs(gradient).max() for gradient in wanted.values())
    for name, gradient in wanted.items():
        if name not in mine or np.abs(mine[name] - gradient).max() > 1e-2 * size:
            raise _Refused(
                "no gradient",
                f"数值对了，但传到 {name} 的梯度不对：construct 里全程用 MindSpore 的运算，不要转成 numpy",
                f"the numbers are right, the gradient that reaches {name} is not: use MindSpore's operations all the way, no numpy",
            )


def _compile(part: Part, cls: type, right: dict) -> None:
    cell = part.build(cls)
    try:
        with in_graph_mode():
            answer = part.respond(cell).asnumpy()
    except Exception as error:
        line = _line_of(error, _file(cls)) or f"class {cls.__name__}"
        raise _Refused(
            "not compilable",
            f"动态图下是对的，但编译成静态图失败，出在 `{line}`：{_first_sentence(error)}",
            f"right when run eagerly, but it cannot be compiled to a graph, because of `{line}`: {_first_sentence(error)}",
        ) from None
    if not _close(answer, right):
        raise _Refused(
            "compiled differs",
            f"动态图下是对的，编译成静态图后结果不同（相差 {_off(answer, right):.1e}）",
            f"right when run eagerly, but the compiled graph answers otherwise (off by {_off(answer, right):.1e})",
        )


def _file(cls: type) -> str:
    return sys.modules[cls.__module__].__file__


def _line_of(error: Exception, file: str) -> str:
    """The line that MindSpore's message is about: of all places that it names in this file, the narrowest; or none."""
    places = re.findall(re.escape(file) + r":(\d+)(?:~(\d+))?", str(error))
    spans = sorted((int(last or first) - int(first), -place, int(first)) for place, (first, last) in enumerate(places))
    return Path(file).read_text(encoding="utf-8").splitlines()[spans[0][2] - 1].strip() if spans else ""
