"""Judging a class that a learner wrote: built, filled with fixed numbers, run eagerly and compiled, and held
against frozen answers, which know the usual mistakes; then, at other settings, against the package's class."""

import numpy as np
from mindspore import nn

from course.document.lesson import read_lesson
from course.language import say
from course.learner import class_reference as reference
from course.learner.answers import answers
from course.learner.class_compare import (
    close,
    compare_gradients,
    compare_parameters,
    compare_settings,
    compare_training,
    differs,
    off,
)
from course.learner.class_run import Refused, Verdict, built, compiled, run
from course.learner.home import snapshots
from course.learner.my_vit import package_of, siblings
from course.learner.own_source import NeedsAnotherCell, NotFound, Source, imported, source_of
from course.learner.part import USUAL, Part, Setting, StepPart, parameter_shapes
from course.learner.parts import EVERY


def judge_class(part: Part, value, passed: dict) -> Verdict:
    """Hold a class against a part of the package.

    What it is made of is the package's while it is judged, so that only its own mistakes are told.

    Args:
        part: which.
        value: what the learner hands in.
        passed: the parts that have passed before, class -> digest of the text.
    """
    try:
        source, cls = stand_alone(part, value, {})
        _judge(part, cls)
        whole = _imported(part, source, passed)
        sentence = say("通过", "passed") if whole is cls else _passed_with(part, whole, passed)
        return Verdict("passed", sentence, source, whole)
    except Refused as refused:
        return refused.verdict


def stand_alone(part: Part, value, passed: dict) -> tuple[Source, type]:
    """The class's source, and the class imported from a file, made of the parts that have passed."""
    if value is part.reference:
        raise Refused(
            "package",
            f"这是 vit 包自带的 {part.name}，不算你写的；先运行你写类的那个单元格，再运行这里",
            f"this is the package's own {part.name}, so it does not count as yours; run the cell with your class first",
        )
    if not isinstance(value, type) or not issubclass(value, nn.Cell):
        raise Refused(
            "unreadable",
            f"这里要的是类 {part.name} 本身（继承 nn.Cell），不是它的实例或结果",
            f"wanted is the class {part.name} itself, a subclass of nn.Cell, not an instance or a result",
        )
    try:
        source = source_of(value, siblings(part), part.name)
    except NeedsAnotherCell as other:
        if other.name in EVERY:
            raise Refused(
                "leans",
                f"类里用到的 {other.name} 是别的单元格里刚定义、还没有检查过的：先用 check 检查它",
                f"the class uses {other.name} as another cell has just defined it: put that through its check first",
            ) from None
        raise Refused(
            "leans",
            f"类里用到了别的单元格定义的 {other.name}。它要能单独存成一个文件：把 {other.name} 写进同一个单元格",
            f"the class uses {other.name}, which another cell made. It must stand alone in a file: "
            f"put {other.name} into the same cell",
        ) from None
    except (NotFound, SyntaxError):
        raise Refused(
            "unreadable",
            "找不到这个类的源代码：请在一个单元格里用 class 定义它，运行那个单元格，再运行这里",
            "the source of this class cannot be found: define it with `class` in a cell, run that, then this",
        ) from None
    return source, _imported(part, source, passed)


def _imported(part: Part, source: Source, passed: dict) -> type:
    try:
        return getattr(imported(package_of(part, source.module, passed), part.stem, snapshots()), part.name)
    except (Exception, SystemExit) as error:  # what stands beside the class in its cell may do anything
        says = f"{type(error).__name__}: {error}"
        raise Refused(
            "unreadable",
            f"把这个类和它用到的几行单独存成文件后，运行不了：{says}",
            f"with the lines it uses, the class does not run from a file of its own: {says}",
        ) from None


def _judge(part: Part, cls: type) -> None:
    lesson = part.exercise.split(".")[0]
    frozen, messages = answers(lesson)[part.exercise], read_lesson(lesson).exercises[part.exercise].messages
    _has_construct(cls)
    trains = isinstance(part, StepPart)
    cell = built(part, cls)
    bare = not trains and not parameter_shapes(cell)  # the placeholder of a network has none
    answer = run(part, cls, cell) if trains or bare else None
    if answer is not None and _looks_like(answer, frozen["placeholder"]):
        raise Refused("placeholder", "还没有作答：这里仍是占位的类", "not answered yet: the placeholder is still there")
    if not trains:
        compare_parameters(part, cell, USUAL)
        answer = run(part, cls, cell)
    right = frozen["right"]
    _compare_shape(answer, () if trains else tuple(right["shape"]), tuple(right["shape"]))
    if not np.isfinite(answer).all():
        raise Refused("not finite", "输出里有 NaN 或无穷大", "the output has NaN or infinite numbers")
    if not trains:
        _compare_evaluation(part, cls, answer)
    if not _looks_like(answer, right) or differs(part, answer, USUAL):
        raise _wrong_numbers(part, cls, answer, frozen, messages)
    compare_settings(part, cls)
    compare_training(part, cls)
    if not trains:
        compare_gradients(part, cls)
    if not _looks_like(answer := compiled(part, cls), right):
        far = off(answer, _numbers(right))
        raise Refused(
            "compiled differs",
            f"动态图下是对的，编译成静态图后结果不同（相差 {far:.1e}）",
            f"right when run eagerly, but the compiled graph answers otherwise (off by {far:.1e})",
        )


def _has_construct(cls: type) -> None:
    if cls.construct is not nn.Cell.construct or hasattr(cls, "forward"):
        return  # a forward is told when it is run
    raise Refused(
        "unreadable",
        "类里没有 construct 方法：它是不是缩进到 __init__ 里面去了？",
        "the class has no method construct: is it indented into __init__?",
    )


def _compare_shape(answer: np.ndarray, wanted: tuple, frozen: tuple) -> None:
    """`wanted` is what the sentence says: of a training step the loss alone is asked for."""
    if answer.shape != frozen:
        raise Refused(
            "shape",
            f"输出的形状应为 {wanted}，现在是 {answer.shape}",
            f"the output should have the shape {wanted}, it has {answer.shape}",
        )


def _compare_evaluation(part: Part, cls: type, answer: np.ndarray) -> None:
    """The same again, whatever the drop rates."""
    rates = {name: 0.4 for setting in part.rates for name in setting.changes if name.endswith("rate")}
    dropped = run(part, cls, built(part, cls, Setting(rates)))
    if not np.allclose(answer, dropped, atol=1e-5):
        raise Refused(
            "dropout",
            "评估时（set_train(False)）dropout 仍在起作用：用 nn.Dropout，它会自己关掉",
            "dropout is still active in evaluation, set_train(False): nn.Dropout switches itself off",
        )


def _wrong_numbers(part: Part, cls: type, answer: np.ndarray, frozen: dict, messages: dict) -> Refused:
    """Which mistake it looks like; else what can be said of it."""
    for name, known in frozen.items():
        if name in messages and _looks_like(answer, known):
            return Refused(name, messages[name]["zh"], messages[name]["en"])
    if _looks_like(answer, frozen["placeholder"]):
        return Refused(
            "half",
            "参数都对了；construct 还是占位的，接着写它",
            "the parameters are right; construct is still the placeholder",
        )
    far = off(answer, _numbers(frozen["right"]))
    if isinstance(part, StepPart):
        return Refused(
            "not yet",
            f"损失或参数走到的地方不对（最大相差 {far:.1e}）；需要时用 hint 看提示",
            f"the losses, or where the parameters went, are not right (off by up to {far:.1e}); hint(...) helps",
        )
    zh = f"参数和形状都对，数值不对（最大相差 {far:.1e}）"
    en = f"names and shapes are right, the numbers are not (off by up to {far:.1e})"
    if far < 5e-3:
        near_zh, near_en = part.near or ("是不是有一步用了 float16", "was a step done in float16")
        zh, en = f"{zh}；很接近：{near_zh}？", f"{en}; very near: {near_en}?"
    if part.simpler:
        simple = Setting(part.simpler)
        told = "、".join(f"{name}={value}" for name, value in part.simpler.items())
        if close(run(part, cls, built(part, cls, simple), False, simple), reference.evaluated(part, simple)):
            zh, en = (
                f"{zh}；{told} 时是对的，问题出在拆分或合并",
                f"{en}; with {told} it is right, so look at splitting and merging",
            )
        else:
            zh, en = f"{zh}；{told} 时也不对，先把这种写对", f"{en}; with {told} it is wrong, too: get that right first"
    return Refused("not yet", f"{zh}；需要时用 hint 看提示", f"{en}; hint(...) helps")


def _passed_with(part: Part, cls: type, passed: dict) -> str:
    """The sentence for a class that has passed: one of the learner's own parts in it may be wrong."""
    if close(run(part, cls, built(part, cls)), reference.evaluated(part, USUAL)):
        return say("通过", "passed")
    for name in part.needs:
        others = {known: digest for known, digest in passed.items() if known != name}
        _, without = stand_alone(part, cls, others)
        if close(run(part, without, built(part, without)), reference.evaluated(part, USUAL)):
            number = EVERY[name].exercise
            return say(
                f"通过；但它用到的、你以前通过的 {name} 有错，请再检查一遍 {number}",
                f"passed; but your {name} that it is made of, though it once passed, is wrong: check {number} again",
            )
    return say(
        "通过；但它用到的部件不止一个有错", "passed; but more than one of your parts that it is made of is wrong"
    )


def run_part(part: Part, cls: type) -> dict:
    """What a class answers to the fixed numbers: {"shape", "values"}. For freezing; raises what the class raises."""
    answer = part.respond(part.build(cls)).asnumpy()
    return {"shape": list(answer.shape), "values": [round(float(number), 6) for number in answer.reshape(-1)]}


def distance(one: dict, other: dict) -> float:
    """Between two frozen answers, in tolerances of a CPU."""
    if one["shape"] != other["shape"]:
        return float("inf")
    return off(_numbers(one), _numbers(other)) / 1e-4


def _numbers(frozen: dict) -> np.ndarray:
    return np.reshape(frozen["values"], frozen["shape"])


def _looks_like(answer: np.ndarray, frozen: dict) -> bool:
    return list(answer.shape) == frozen["shape"] and close(answer, _numbers(frozen))
