"""A learner's class held against the package's: parameters, answers at other settings, dropout, gradients."""

from contextlib import contextmanager
from dataclasses import replace

import mindspore as ms
import numpy as np

from course.language import say
from course.learner import class_dropout
from course.learner import class_reference as reference
from course.learner.class_run import Refused, attempt, built, run
from course.learner.part import USUAL, Part, Setting, StepPart, parameter_shapes

# the largest difference allowed, in units of the answer's root mean square
TOLERANCE = {"CPU": 1e-4, "GPU": 2e-3, "Ascend": 5e-3}


def off(answer: np.ndarray, known: np.ndarray) -> float:
    """The largest difference, in units of the known answer's root mean square."""
    return float(np.abs(answer - known).max() / max(np.sqrt(np.mean(known**2)), 1e-12))


def close(answer: np.ndarray, known: np.ndarray, times: float = 1.0) -> bool:
    return answer.shape == known.shape and off(answer, known) <= times * TOLERANCE[ms.get_context("device_target")]


def differs(part: Part, answer: np.ndarray, setting: Setting, training: bool = False) -> bool:
    """Whether it is not what the package's class answers at this setting.

    MindSpore's tanh is 1e-4 off on a CPU, and the two forms of GELU differ by little more: so an answer may be
    that far from the right one, but not in the direction of what the other form answers.
    """
    wanted = (reference.trained if training else reference.evaluated)(part, setting)
    if close(answer, wanted, 0.2):
        return False
    other = reference.other_gelu(part, setting, training)
    if other is None or ms.get_context("device_target") != "CPU":
        return not close(answer, wanted, 10 if setting.tiny else 3)
    way = other - wanted
    return not close(answer, wanted, 10) or abs(np.sum((answer - wanted) * way)) > 0.4 * np.sum(way * way)


def compare_settings(part: Part, cls: type) -> None:
    """In evaluation, at all the other settings."""
    for setting in part.others:
        with _at(part, setting):
            cell = built(part, cls, setting)
            if not isinstance(part, StepPart):
                compare_parameters(part, cell, setting)
            answer = run(part, cls, cell, False, setting)
        if not differs(part, answer, setting):
            continue
        if setting.tiny:
            raise Refused(
                "other epsilon",
                "平常的输入上是对的，很小的输入上不对：每个归一化的 ε 都应为 1e-6（nn.LayerNorm 的默认值是 1e-7）",
                "right with ordinary input, wrong with tiny input: the epsilon of each norm should be 1e-6 (nn.LayerNorm's default is 1e-7)",
            )
        raise _other_arguments(part, cls, setting)


def _other_arguments(part: Part, cls: type, setting: Setting) -> Refused:
    """Names the change that is enough to go wrong, where one is."""
    for name, value in setting.changes.items() if len(setting.changes) > 1 and not setting.inputs else ():
        alone = Setting({name: value})
        if differs(part, run(part, cls, built(part, cls, alone), False, alone), alone):
            setting = alone
            break
    zh, en = told(part, setting)
    return Refused(
        "other arguments",
        f"检查的第一种设置下是对的，{zh} 时不对：这个设置用上了吗，是题目说的那样吗？",
        f"right with the first setting of the check, wrong with {en}: is that used, and as the task says?",
    )


@contextmanager
def _at(part: Part, setting: Setting):
    """What goes wrong inside is said together with the setting."""
    try:
        yield
    except Refused as refused:
        zh, en = told(part, setting)
        if refused.verdict.outcome.startswith("error") or refused.verdict.outcome == "unreadable":
            refused.verdict = replace(
                refused.verdict, sentence=say(f"{zh} 时", f"with {en}: ") + refused.verdict.sentence
            )
        raise


def told(part: Part, setting: Setting) -> tuple[str, str]:
    """What differs from the usual setting, in words."""
    names = ", ".join(f"{name}={value!r}" for name, value in setting.changes.items())
    if names or not setting.inputs:
        return names, names
    return f"输入形状为 {setting.inputs}", f"input of the shape {setting.inputs}"


def compare_parameters(part: Part, cell, setting: Setting) -> None:
    """Names and shapes."""
    mine, wanted = parameter_shapes(cell), reference.shapes(part, setting)
    missing, extra = sorted(wanted.keys() - mine.keys()), sorted(mine.keys() - wanted.keys())
    zh = en = f"{told(part, setting)[1]}: " if setting.changes else ""
    if missing:
        zh, en = f"{zh}缺少参数 {_few(missing, '、')}", f"{en}parameters are missing: {_few(missing)}"
        if extra:
            zh += f"；多出 {_few(extra, '、')}（名字要和公开权重一致）"
            en += f"; not expected: {_few(extra)} (names must be those of the published weights)"
        if {name.removeprefix("blocks.") for name in missing} & set(extra):
            zh += "（先把各层放进一个列表，再交给 nn.CellList：用 append 逐个加入时，名字里没有 blocks）"
            en += " (put the blocks into a list first and hand that to nn.CellList: names of what is appended lack `blocks`)"
        elif any(name.startswith("blocks.") for name in missing):
            zh += "（各层要放进 nn.CellList，每层一个新的 Block）"
            en += " (blocks go into an nn.CellList, a new Block for each)"
        raise Refused("parameters", zh, en)
    if extra:
        raise Refused("parameters", f"{zh}多出参数 {_few(extra, '、')}", f"{en}parameters not expected: {_few(extra)}")
    for name, shape in wanted.items():
        if mine[name] != shape:
            raise Refused(
                "parameters",
                f"{zh}参数 {name} 的形状应为 {shape}，现在是 {mine[name]}",
                f"{en}parameter {name} should have the shape {shape}, it has {mine[name]}",
            )


def _few(names: list[str], comma: str = ", ") -> str:
    return comma.join(names[:4]) + (f" … ({len(names)})" if len(names) > 4 else "")


def compare_training(part: Part, cls: type) -> None:
    """In training, at each rate: dropout where it should be, as strong as it should be, and nothing else changed."""
    for setting in part.rates:
        with _at(part, setting):
            answer = class_dropout.bent(part, cls, setting)
        if isinstance(part, StepPart):
            _compare_step(part, cls, answer, setting)
            continue
        if not differs(part, answer, setting, training=True):
            continue
        calm = run(part, cls, built(part, cls, setting), False, setting)
        if differs(part, calm, setting):
            raise _other_arguments(part, cls, setting)
        names = "、".join(name for name in setting.changes if name.endswith("rate"))
        if not names:
            raise Refused(
                "training differs",
                "评估时的数值都对；训练时（set_train()）却不同：这里训练时不该多做什么",
                "in evaluation all numbers are right; in training, set_train(), they are not: training should change nothing here",
            )
        if close(answer, calm):
            raise Refused(
                "no dropout",
                f"评估时的数值都对；训练时 {names} 却不起作用：它的 dropout 在哪里？",
                f"in evaluation all numbers are right; in training {names} does nothing: where is its dropout?",
            )
        if not class_dropout.draws_by_itself(part, cls, setting) or _varies_otherwise(part, cls, setting):
            raise Refused(
                "dropout elsewhere",
                f"评估时的数值都对；训练时 {names} 的作用却不对：少了一处、多了一处、放错了地方，或用了别的概率",
                f"in evaluation all numbers are right; in training {names} does not act as it should: "
                "a dropout is missing, one too many, in the wrong place, or of another rate",
            )


def _compare_step(part: StepPart, cls: type, answer: np.ndarray, setting: Setting) -> None:
    if not differs(part, answer, setting, training=True):
        return
    rates = {name: value for name, value in setting.changes.items() if name.endswith("rate")}
    calm = Setting({name: value for name, value in setting.changes.items() if name not in rates}, setting.inputs)
    if rates and not differs(part, run(part, cls, built(part, cls, calm), True, calm), calm):
        zh, en = told(part, Setting(rates))
        raise Refused(
            "no training mode",
            f"模型没有 dropout 时是对的，有 dropout（{zh}）时不对：训练步里，模型要一直处于训练模式",
            f"right for a model without dropout, wrong for one with it ({en}): the step leaves the model in training mode",
        )
    raise _other_arguments(part, cls, calm)


def _varies_otherwise(part: Part, cls: type, setting: Setting) -> bool:
    """For a class that draws by itself: as much noise as the package's, and as many zeros, or not."""
    (noise, zeros), (wanted, wanted_zeros) = (
        class_dropout.variation(part, cls, setting),
        reference.varied(part, setting),
    )
    return not (0.7 < noise / wanted < 1.45 and abs(zeros - wanted_zeros) < 0.15)


def compare_gradients(part: Part, cls: type) -> None:
    """In training: a part through which no gradient passes has right numbers, and would never learn."""
    setting = part.rates[-1]
    refused = _where_cut(part, cls, setting)
    if refused and class_dropout.draws_by_itself(part, cls, setting):
        refused = _where_cut(part, cls, USUAL)
    if refused:
        raise refused


def _where_cut(part: Part, cls: type, setting: Setting) -> Refused | None:
    wanted, mine = (
        reference.differentiated(part, setting),
        attempt(cls, lambda: reference.gradients(part, cls, setting)),
    )
    largest = max(np.abs(gradient).max() for gradient in wanted.values())
    for name, gradient in wanted.items():
        if name not in mine:
            return Refused(
                "no gradient",
                f"数值对了，但参数 {name} 不参加训练：不要设 requires_grad=False",
                f"the numbers are right, but parameter {name} is not trained: do not set requires_grad=False",
            )
        size = np.abs(gradient).max()
        if np.abs(mine[name] - gradient).max() <= 1e-2 * size + 1e-4 * largest:
            continue
        zh, en = ("输入", "the input") if name == "input" else (name, name)
        if np.abs(mine[name]).max() <= 1e-3 * size:
            return Refused(
                "no gradient",
                f"数值对了，但没有梯度传到 {zh}：不要转成 numpy，也不要用 stop_gradient",
                f"the numbers are right, but no gradient reaches {en}: use neither numpy nor stop_gradient",
            )
        return Refused(
            "no gradient",
            f"数值对了，但传到 {zh} 的梯度不对：有一段路断了（numpy、stop_gradient）或算了两次",
            f"the numbers are right, the gradient that reaches {en} is not: a way is cut (numpy, stop_gradient) or taken twice",
        )
    return None
