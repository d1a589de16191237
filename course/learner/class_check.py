"""Judging a class that a learner wrote: built, filled with fixed numbers, run eagerly and compiled, and held
against frozen answers; in what those do not cover, against the package's class."""

import mindspore as ms
import numpy as np
from mindspore import nn

from course.language import say
from course.learner.class_run import Refused, Verdict, attempt, built, compiled, run
from course.learner.my_vit import package_of, siblings, snapshots
from course.learner.own_source import Leans, NotFound, Source, imported, source_of
from course.learner.parts import PARTS, Part, StepPart, input_of, parameter_shapes

# the largest difference allowed, in units of the answer's root mean square
TOLERANCE = {"CPU": 1e-4, "GPU": 2e-3, "Ascend": 5e-3}


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
        source, cls = stand_alone(part, value, passed)
        return _judge(part, cls, source, frozen, messages)
    except Refused as refused:
        return refused.verdict


def stand_alone(part: Part, value, passed: dict) -> tuple[Source, type]:
    """The class's source, and the class imported from a file."""
    if value is part.reference:
        raise Refused(
            "package",
            f"这是 vit 包自带的 {part.name}，不算你写的；先运行你写类的那个单元，再运行这里",
            f"this is the package's own {part.name}, so it does not count as yours; run the cell with your class first",
        )
    if not isinstance(value, type) or not issubclass(value, nn.Cell):
        raise Refused(
            "unreadable",
            f"这里要的是类 {part.name} 本身（继承 nn.Cell），不是它的实例或结果",
            f"wanted is the class {part.name} itself, a subclass of nn.Cell, not an instance or a result",
        )
    try:
        source = source_of(value, siblings(part))
    except Leans as leans:
        if leans.name in PARTS:
            raise Refused(
                "leans",
                f"类里用到的 {leans.name} 是别的单元里刚定义、还没有检查过的：先用 check 检查它",
                f"the class uses {leans.name} as another cell has just defined it: put that through its check first",
            ) from None
        raise Refused(
            "leans",
            f"类里用到了别的单元定义的 {leans.name}。它要能单独存成一个文件：把 {leans.name} 写进类里",
            f"the class uses {leans.name}, which another cell made. It must stand alone in a file: move it into the class",
        ) from None
    except (NotFound, SyntaxError):
        raise Refused(
            "unreadable",
            "找不到这个类的源代码：请在一个单元的最外层用 class 定义它",
            "the source of this class cannot be found: define it with `class` at the top level of a cell",
        ) from None
    return source, getattr(imported(package_of(part, source.module, passed), part.stem, snapshots()), value.__name__)


def _judge(part: Part, cls: type, source: Source, frozen: dict, messages: dict) -> Verdict:
    trains = isinstance(part, StepPart)
    cell = built(part, cls)
    if trains or not parameter_shapes(cell):  # the placeholder of a network has none
        if _close(run(part, cls, cell), frozen["placeholder"]):
            return Verdict(
                "placeholder", say("还没有作答：这里仍是占位的类", "not answered yet: the placeholder is still there")
            )
        cell = built(part, cls)
    if not trains:
        _compare_parameters(part, cell, {})
    answer = run(part, cls, cell)
    right = frozen["right"]
    _compare_shape(answer, () if trains else tuple(right["shape"]), tuple(right["shape"]))
    if not np.isfinite(answer).all():
        raise Refused("not finite", "输出里有 NaN 或无穷大", "the output has NaN or infinite numbers")
    if not trains:
        _compare_evaluation(part, cls, cell, answer)
    if not _close(answer, right):
        return _wrong_numbers(part, cls, answer, frozen, messages)
    if not trains:
        _compare_other_arguments(part, cls)
        _compare_dropout(part, cls)
        _compare_gradients(part, cls, cell)
    if not _close(answer := compiled(part, cls), right):
        raise Refused(
            "compiled differs",
            f"动态图下是对的，编译成静态图后结果不同（相差 {_off(answer, right):.1e}）",
            f"right when run eagerly, but the compiled graph answers otherwise (off by {_off(answer, right):.1e})",
        )
    return Verdict("passed", say("通过", "passed"), source, cls)


def _wrong_numbers(part: Part, cls: type, answer: np.ndarray, frozen: dict, messages: dict) -> Verdict:
    """Which mistake it looks like; else what can be said of it."""
    for name, known in frozen.items():
        if name in messages and _close(answer, known):
            return Verdict(name, messages[name][say("zh", "en")])
    if _close(answer, frozen["placeholder"]):
        sentence = say(
            "参数都对了；construct 还是占位的，接着写它", "the parameters are right; construct is still the placeholder"
        )
        return Verdict("half", sentence)
    off = _off(answer, frozen["right"])
    if isinstance(part, StepPart):
        return Verdict(
            "not yet",
            say(
                f"损失或参数走到的地方不对（最大相差 {off:.1e}）；需要时用 hint 看提示",
                f"the losses, or where the parameters went, are not right (off by up to {off:.1e}); hint(...) helps",
            ),
        )
    zh = f"参数和形状都对，数值不对（最大相差 {off:.1e}）"
    en = f"names and shapes are right, the numbers are not (off by up to {off:.1e})"
    if off < 5e-3:
        zh += "；很接近：GELU 的形式（精确或 tanh）、归一化的 ε 对吗？"
        en += "; very near: is it the form of GELU (exact or tanh), or the epsilon of a norm?"
    if part.simpler:
        mine, reference = (run(part, one, part.build(one, **part.simpler)) for one in (cls, part.reference))
        told = "、".join(f"{name}={value}" for name, value in part.simpler.items())
        if np.allclose(mine, reference, atol=1e-4 * np.abs(reference).max()):
            zh, en = (
                f"{zh}；{told} 时是对的，问题出在拆分或合并",
                f"{en}; with {told} it is right, so look at splitting and merging",
            )
        else:
            zh, en = f"{zh}；{told} 时也不对，先把这种写对", f"{en}; with {told} it is wrong, too: get that right first"
    return Verdict("not yet", say(f"{zh}；需要时用 hint 看提示", f"{en}; hint(...) helps"))


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
    return float(np.abs(answer - values).max() / max(np.sqrt(np.mean(values**2)), 1e-12))


def _close(answer: np.ndarray, known: dict) -> bool:
    return list(answer.shape) == known["shape"] and _off(answer, known) <= TOLERANCE[ms.get_context("device_target")]


def _compare_shape(answer: np.ndarray, wanted: tuple, frozen: tuple) -> None:
    """`wanted` is what the sentence says: of a training step the loss alone is asked for."""
    if answer.shape != frozen:
        raise Refused(
            "shape",
            f"输出的形状应为 {wanted}，现在是 {answer.shape}",
            f"the output should have the shape {wanted}, it has {answer.shape}",
        )


def _compare_parameters(part: Part, cell, changes: dict) -> None:
    mine, wanted = parameter_shapes(cell), parameter_shapes(part.build(part.reference, **changes))
    missing, extra = sorted(wanted.keys() - mine.keys()), sorted(mine.keys() - wanted.keys())
    built_with = f"{_told(part, changes)}: " if changes else ""
    if missing:
        zh, en = f"{built_with}缺少参数 {_few(missing, '、')}", f"{built_with}parameters are missing: {_few(missing)}"
        if extra:
            zh += f"；多出 {_few(extra, '、')}（名字要和公开权重一致）"
            en += f"; not expected: {_few(extra)} (names must be those of the published weights)"
        if any(name.startswith("blocks.") for name in missing):
            zh += "（各层要放进 nn.CellList，每层一个新的 Block）"
            en += " (blocks go into an nn.CellList, a new Block for each)"
        raise Refused("parameters", zh, en)
    if extra:
        zh, en = f"{built_with}多出参数 {_few(extra, '、')}", f"{built_with}parameters not expected: {_few(extra)}"
        raise Refused("parameters", zh, en)
    for name, shape in wanted.items():
        if mine[name] != shape:
            raise Refused(
                "parameters",
                f"{built_with}参数 {name} 的形状应为 {shape}，现在是 {mine[name]}",
                f"{built_with}parameter {name} should have the shape {shape}, it has {mine[name]}",
            )


def _few(names: list[str], comma: str = ", ") -> str:
    return comma.join(names[:4]) + (f" … ({len(names)})" if len(names) > 4 else "")


def _compare_evaluation(part: Part, cls: type, cell, answer: np.ndarray) -> None:
    """The same every time, whatever the drop rates."""
    dropped = run(part, cls, built(part, cls, **part.drop_rates))
    if not (np.allclose(answer, run(part, cls, cell)) and np.allclose(answer, dropped, atol=1e-5)):
        raise Refused(
            "dropout",
            "评估时（set_train(False)）dropout 仍在起作用：用 nn.Dropout，它会自己关掉",
            "dropout is still active in evaluation, set_train(False): nn.Dropout switches itself off",
        )


def _compare_dropout(part: Part, cls: type) -> None:
    """Each rate by itself makes the output vary in training: as much as it should, with as many zeros as it should."""
    for name, value in part.drop_rates.items():
        (noise, zeros), (wanted, wanted_zeros) = (_variation(part, one, {name: value}) for one in (cls, part.reference))
        name = "drop_rate" if name == "config" else name
        if noise == 0:
            raise Refused(
                "no dropout",
                f"评估时的数值都对；训练时 {name} 却不起作用：它的 dropout 在哪里？",
                f"in evaluation all numbers are right; in training {name} does nothing: where is its dropout?",
            )
        if not (0.7 < noise / wanted < 1.45 and abs(zeros - wanted_zeros) < 0.15):
            raise Refused(
                "dropout elsewhere",
                f"评估时的数值都对；训练时 {name} 的作用却不对：少了一处、放错了地方，或用了别的概率",
                f"in evaluation all numbers are right; in training {name} does not act as it should: "
                "a dropout is missing, in the wrong place, or of another rate",
            )


def _variation(part: Part, cls: type, changes: dict) -> tuple[float, float]:
    """The mean square by which answers in training differ from the one in evaluation, and the share of zeros."""
    ms.set_seed(0)
    cell = part.build(cls, **changes)
    calm = run(part, cls, cell)
    answers = np.stack([run(part, cls, cell, training=True) for _ in range(part.draws)])
    noise = np.mean((answers - calm) ** 2)
    return (0.0 if np.allclose(answers, calm, atol=1e-6) else float(noise)), float((answers == 0).mean())


def _compare_other_arguments(part: Part, cls: type) -> None:
    for changes in part.others:
        cell = built(part, cls, **changes)
        _compare_parameters(part, cell, changes)
        mine, reference = run(part, cls, cell), run(part, cls, part.build(part.reference, **changes))
        if not np.allclose(mine, reference, atol=2.5e-4 * np.abs(reference).max()):
            told = _told(part, changes)
            raise Refused(
                "other arguments",
                f"默认的设置下是对的，{told} 时不对：这个设置用上了吗，是题目说的那样吗？",
                f"right with the defaults, wrong with {told}: is that setting used, and as the task says?",
            )
    if part.faint:
        mine, reference = (run(part, cls, part.build(one), scale=1e-3) for one in (cls, part.reference))
        if not np.allclose(mine, reference, atol=1e-3 * np.abs(reference).max()):
            raise Refused(
                "other epsilon",
                "平常的输入上是对的，很小的输入上不对：归一化的 ε 应为 1e-6（nn.LayerNorm 的默认值是 1e-7）",
                "right with ordinary input, wrong with tiny input: the epsilon of the norms should be 1e-6 (nn.LayerNorm's default is 1e-7)",
            )


def _told(part: Part, changes: dict) -> str:
    """Changed arguments in words; of a whole config only the fields that differ."""
    flat = {}
    for name, value in changes.items():
        if name == "config":
            usual = vars(part.arguments["config"])
            flat |= {field: new for field, new in vars(value).items() if usual[field] != new}
        else:
            flat[name] = value
    return ", ".join(f"{name}={value!r}" for name, value in flat.items())


def _compare_gradients(part: Part, cls: type, cell) -> None:
    """A detour through numpy gives right numbers and no gradient: such a part would never learn."""

    def gradients(one):
        x = ms.Tensor(input_of(part))
        shape = one(x).shape
        away = ms.Tensor(np.cos(np.arange(np.prod(shape), dtype=np.float32)).reshape(shape))
        names = [parameter.name for parameter in one.trainable_params()]
        found = ms.grad(lambda x: (one(x) * away).sum(), grad_position=None, weights=one.trainable_params())(x)
        return {name: gradient.asnumpy() for name, gradient in zip(names, found, strict=True)}

    wanted, mine = gradients(part.build(part.reference)), attempt(cls, lambda: gradients(cell))
    size = max(np.abs(gradient).max() for gradient in wanted.values())
    for name, gradient in wanted.items():
        if name not in mine or np.abs(mine[name] - gradient).max() > 1e-2 * size:
            raise Refused(
                "no gradient",
                f"数值对了，但传到 {name} 的梯度不对：construct 里全程用 MindSpore 的运算，不要转成 numpy",
                f"the numbers are right, the gradient that reaches {name} is not: use MindSpore's operations all the way, no numpy",
            )
