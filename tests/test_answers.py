"""Answers that are no class: right ones written otherwise pass, and a small mistake is still a mistake."""

import itertools
import math

import mindspore as ms
import numpy as np
import pytest
from mindspore import ops

from course.authoring.freeze import alike
from course.document.lesson import read_lesson
from course.learner import check as checks
from course.learner.answers import IN_ORDER, answers
from course.learner.digest import FAINT
from course.learner.parts import part_of
from course.manifest import lesson_numbers


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")
    monkeypatch.setenv("VIT_LEARNER", str(tmp_path))


def exercises(kind):
    """(number, right answer) of all exercises whose right answer has this: "letters", "values", "parts"."""
    for lesson in lesson_numbers():
        for number, known in answers(lesson).items():
            if kind in known["right"] and not part_of(number):
                yield number, known["right"]


def array(right) -> np.ndarray:
    return np.reshape(np.array(right["values"]), right["shape"])


def whole(right) -> np.ndarray:
    return np.array([isinstance(number, int) for number in right["values"]])


def outcome(number, value) -> str:
    return checks.judge(number, value)[0]


def written_otherwise(right):
    """The same numbers in other containers, shapes and precisions."""
    value = array(right)
    yield "python", value.tolist()
    yield "tensor", ms.Tensor(value)
    yield "float64", value.astype(np.float64)
    yield "fortran", np.asfortranarray(value)
    yield "object", value.astype(object)
    if value.ndim:
        yield "tuple", tuple(value)
        yield "list of tensors", [ms.Tensor(row) for row in value]
        yield "generator", (row for row in value)
    if value.ndim == 1:
        yield "numbers of numpy", [np.float64(number) for number in value]
        yield "tensors of no axis", [ms.Tensor(number) for number in value]
    if 1 not in value.shape:
        yield "column", value[..., None]
        yield "batch of one", value[None]
        yield (
            "rows with kept axes",
            [row[None] if i % 2 else row for i, row in enumerate(value)] if value.ndim else [value],
        )
    if np.abs(value).max() < 2**24:
        yield "float32", value.astype(np.float32)
    if not whole(right).any():
        yield "other order of sums", value * (1 + 2e-7 * np.cos(np.arange(value.size).reshape(value.shape)))
        yield "five decimals", value.round(5)
        yield "float16", value.astype(np.float16)
    elif whole(right).all():
        yield "int32 or int64", value.astype(np.int32 if np.abs(value).max() < 2**31 else np.int64)


def nearly(right):
    """What a small mistake makes of it."""
    value, integers = array(right).astype(np.float64), whole(right)
    for place in (0, value.size // 2, value.size - 1):
        for change in (1, -1) if integers[place] else ():
            other = value.copy()
            other.flat[place] += change
            yield f"no. {place} off by {change}", other
        if integers[place]:
            other = value.copy()
            other.flat[place] += 0.01
            yield f"no. {place} no whole number", other
        elif (size := abs(value.flat[place]) / np.abs(value).max()) > 2 * FAINT:
            for factor in (1.002, -1, 0) if size > 1000 * FAINT else (-1, 0):
                other = value.copy()
                other.flat[place] *= factor
                yield f"no. {place} times {factor}", other
    if not integers.any() and value.any():
        yield "1.002 times", value * 1.002
    if value.ndim and value.size > 1:
        yield "one too few", value.reshape(-1)[:-1]
        yield "twice", np.concatenate([value, value])
    if value.ndim > 1 and max(value.shape) > 1 and not np.array_equal(value, value[::-1]):
        yield "reversed", value[::-1]


def test_numbers_written_otherwise_pass():
    tried = 0
    for number, right in exercises("values"):
        for way, value in written_otherwise(right):
            if way == "batch of one" and number in IN_ORDER:
                continue
            tried += 1
            assert outcome(number, value) == "passed", (number, way)
    assert tried > 300


def test_small_mistakes_do_not_pass():
    tried = 0
    for number, right in exercises("values"):
        for mistake, value in nearly(right):
            tried += 1
            assert outcome(number, value) != "passed", (number, mistake)
    assert tried > 200


def test_arrays_of_several_lengths_in_any_container():
    for number, right in exercises("parts"):
        parts = [array(part) for part in right["parts"]]
        for value in (
            parts,
            tuple(parts),
            [part.tolist() for part in parts],
            tuple(map(ms.Tensor, parts)),
            iter(parts),
        ):
            assert outcome(number, value) == "passed", number
        for wrong in (parts[::-1], parts[:-1], [part + 1 for part in parts], [*parts[:-1], parts[-1][::-1]]):
            assert outcome(number, wrong) != "passed", number


def test_letters_in_any_dress(everything_run):
    for number, right in exercises("letters"):
        letters = list(right["letters"])
        wide = "".join(chr(ord(letter) + 0xFEE0) for letter in letters)
        for value in (
            "".join(letters).lower(),
            "、".join(letters),
            "，".join(letters),
            " ; ".join(letters),
            wide,
            "和".join(letters),
            " and ".join(letters),
            ", ".join(letters[:-1]) + " and " + letters[-1].lower(),
            f"选 {'、'.join(letters)}。",
            f"Answer: {''.join(letters)}",
            letters[::-1],
            tuple(letters),
            set(letters),
            [f" {letter} " for letter in letters],
        ):
            assert outcome(number, value) == "passed", (number, value)
        for wrong in (letters[:-1], [*letters, "Z"], "", "和", "and", 3, [1, 2]):
            assert outcome(number, wrong) != "passed", (number, wrong)


def test_order_matters_where_it_is_the_point():
    for value in ("bdca", "B、D、C、A", "ＢＤＣＡ", ["B", "D", "C", "A"], "b, d, c and a", [1, 3, 2, 0]):
        assert outcome("04.4", value) == "passed", value
    for value in ("ABCD", "BDC", "BDCAA", "DBCA", "b d a c"):
        assert outcome("04.4", value) != "passed", value


def test_a_shape_that_is_the_point_is_told():
    right = array(answers("10")["10.3"]["right"])
    assert checks.judge("10.3", right[0]) == ("shape", "the shape should be (1, 17, 3), it is (17, 3)")
    assert outcome("10.3", right) == "passed"


def test_a_mistake_is_known_in_other_containers_too():
    for lesson in lesson_numbers():
        for number, known in answers(lesson).items():
            for name, print_ in known.items() if not part_of(number) else ():
                if name in ("right", "placeholder") or "values" not in print_ or 1 in print_["shape"]:
                    continue
                value = array(print_)
                for way in (value.tolist(), ms.Tensor(value), value[..., None], tuple(value) if value.ndim else value):
                    found = outcome(number, way)
                    assert found == name or alike(number, print_, known[found]), (number, name)


def test_whole_numbers_that_are_nearly_right_are_told_so():
    assert (
        "whole numbers must be exact"
        in checks.judge("05.4", [n + 5 for n in answers("05")["05.4"]["right"]["values"]])[1]
    )
    assert "partly" in checks.judge("03.2", [144, 3072, 3072 * 768 + 768 + 236])[1]


# ---- functions: each wrong one differs from the right one in one thing that its lesson talks about

CHECKS = {  # the names that a check uses, where the lesson makes them in other cells
    "05.1": {"x": np.random.default_rng(0).normal(3, 2, size=(2, 5, 8)).astype(np.float32)},
    "10.3": {"M": np.array([[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]])},
}


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def answered(number: str, text: str):
    """What the lesson's own check of an exercise is given, where the learner has typed this."""
    exercise = read_lesson(number[:2]).exercises[number]
    space = {"np": np, "ms": ms, "ops": ops, "math": math, "softmax": softmax, "itertools": itertools}
    space |= CHECKS.get(number, {}) | {"check": lambda *_: None}
    for code in (exercise.solution if exercise.solution.startswith("def ") else "", text, exercise.check):
        exec(code, space)
    return eval(exercise.value, space)


OF_FUNCTIONS = [
    # (exercise, from the solution, to, whether it is right)
    ("03.1", ".reshape(-1, C * p * p)", ".reshape((H // p) * (W // p), -1)", True),
    ("03.1", "x.transpose(1, 3, 0, 2, 4)", "np.moveaxis(x, (1, 3), (0, 1))", True),
    ("03.1", ".reshape(-1, C * p * p)", ".reshape(-1, C * p * p)[::-1]", False),
    ("03.4", "ops.broadcast_to(cls, (B, 1, D))", "ops.tile(cls, (B, 1, 1))", True),
    ("03.4", "axis=1) + pos", "axis=1) + 2 * pos", False),
    ("04.2", "Q.shape[-1] ** 0.5", "math.sqrt(K.shape[2])", True),
    ("04.2", "K.swapaxes(-1, -2)", "np.transpose(K, (0, 2, 1))", True),
    ("04.2", "Q.shape[-1] ** 0.5", "Q.shape[1] ** 0.5", False),
    ("04.2", "Q.shape[-1] ** 0.5", "2.01", False),
    ("05.1", "x.var(-1, keepdims=True)", "((x - mean) ** 2).mean(-1, keepdims=True)", True),
    ("05.1", "x.var(-1, keepdims=True)", "(x**2).mean(-1, keepdims=True) - mean**2", True),
    ("05.1", "gamma * (x - mean) / np.sqrt(variance + eps)", "(x - mean) * (variance + eps) ** -0.5 * gamma", True),
    ("05.1", "+ eps", "", False),
    ("05.1", "+ eps", "+ 1e-5", False),
    ("05.1", "+ eps", "+ 1e-6", False),
    ("05.1", "+ eps", "+ 1e-3", False),
    ("05.1", "np.sqrt(variance + eps)", "(np.sqrt(variance) + eps)", False),
    ("05.1", "x.var(-1, keepdims=True)", "x.var(-1, keepdims=True, ddof=1)", False),
    ("05.5", "keep[:, None, None]", "keep.reshape(-1, 1, 1)", True),
    ("05.5", "/ (1 - rate)", "/ 0.81", False),
    ("06.1", "places * D", "(places - 1) * D", False),
    ("06.1", "+ D + places", "+ places", False),
    ("06.1", "13 * D", "12 * D", False),
    ("06.1", "12 * D * D", "12 * D**2", True),
    ("07.1", "log_p.mean(-1)", "log_p.sum(-1) / K", True),
    ("07.1", "right = log_p[np.arange(B), labels]", "right = np.take_along_axis(log_p, labels[:, None], 1)[:, 0]", True),
    ("07.1", "s * log_p.mean(-1)", "0.1 * log_p.mean(-1)", False),
    ("07.1", "(1 - s) * right + s", "0.9 * right + 0.1", False),
    ("07.1", "(1 - s) * right", "right", False),
    ("07.1", "logits - logits.max(-1, keepdims=True)", "logits - 1000", False),
    ("07.2", "g**2", "g * g", True),
    ("07.2", "0.1 * g", "(1 - 0.9) * g", True),
    ("07.2", "(np.sqrt(v_hat) + 1e-8)", "np.sqrt(v_hat)", False),
    ("07.2", "(np.sqrt(v_hat) + 1e-8)", "np.sqrt(v_hat + 1e-8)", False),
    ("07.2", "(np.sqrt(v_hat) + 1e-8)", "(np.sqrt(v_hat) + 1e-6)", False),
    ("07.2", "1 - 0.9**t", "1 - 0.9", False),
    ("07.2", "decay * p), m, v", "decay * p), m_hat, v_hat", False),
    ("07.4", "peak * (t + 1) / warmup", "peak / warmup * (t + 1)", True),
    ("07.4", "(1 + math.cos(math.pi * (t - warmup) / (steps - warmup)))", "(1 + np.cos(np.pi * (t - warmup) / (steps - warmup)))", True),
    ("07.4", "/ (steps - warmup)))", "/ (steps - warmup - 1)))", False),
    ("07.4", "t < warmup", "t <= warmup", False),
    ("07.4", "return peak * 0.5", "return 0.0 if t == steps - 1 else peak * 0.5", False),
    ("08.1", "(better < k).mean()", "float(np.mean(better < k))", True),
    ("08.1", "better < k", "better < k + 1", False),
    ("08.2", "int(np.ceil(1.96**2 * p * (1 - p) / half_width**2))", "math.ceil(1.96**2 * p * (1 - p) / half_width**2)", True),
    ("08.2", "int(np.ceil(", "round((", False),
    ("08.2", "int(np.ceil(1.96**2 * p * (1 - p) / half_width**2))", "1.96**2 * p * (1 - p) / half_width**2", False),
    ("08.2", "1.96**2", "2**2", False),
    ("08.3", "np.add.at(matrix, (labels, guesses), 1)", "[matrix.__setitem__((a, b), matrix[a, b] + 1) for a, b in zip(labels, guesses)]", True),
    ("08.3", "np.zeros((K, K), int)", "np.zeros((K, K))", True),
    ("08.3", "labels, guesses), 1)", "labels[1:], guesses[1:]), 1)", False),
    ("09.1", "return best, p[best]", "return [best.tolist(), p[best].tolist()]", True),
    ("09.1", "return best, p[best]", "return p[best], best", False),
    ("09.2", "return total", "return np.array([total])", True),
    ("09.2", "(says * 10).astype(int)", "(says * 5).astype(int)", False),
    ("09.3", "weights.mean(1)", "weights.max(1)", False),
    ("09.3", "return flow", "return flow.astype(np.float32)", True),
    ("09.4", "np.where(mask, 0, images)", "images * ~mask", True),
    ("09.4", "np.where(mask, 0, images)", "np.where(mask, images.mean(), images)", False),
    ("10.1", "** 2).sum(-1)", "** 2).sum(-1) ** 0.5", True),
    ("10.1", "distance.argmin(1)", "[int(row.argmin()) for row in distance]", True),
    ("10.1", "distance = ((queries[:, None] - means) ** 2)", "distance = (((queries[:, None] - means) / x.std(0)) ** 2)", False),
    ("10.1", "distance = ((queries[:, None] - means) ** 2)", "distance = (((queries[:, None] - means) / queries.std(0)) ** 2)", False),
    ("10.1", "distance = ((queries[:, None] - means) ** 2)", "distance = np.abs(queries[:, None] - means)", False),
    ("10.1", "x[y == k].mean(0)", "np.median(x[y == k], 0)", False),
    ("10.3", 'np.einsum("ar,bc,rcd->abd", M, M, grid)', "np.stack([M @ grid[..., d] @ M.T for d in range(D)], -1)", True),
    ("10.3", 'np.einsum("ar,bc,rcd->abd", M, M, grid)', 'np.einsum("ar,bc,rcd->abd", M, M, grid) * 1.001', False),
    ("11.1", "12 * T * D * D", "12 * T * D * D + D", False),
    ("11.1", "(side // P) ** 2", "(side / P) ** 2", True),
    ("11.1", "N * 3 * P * P * D", "T * 3 * P * P * D", False),
    ("11.2", "1 / (1 - share + share / factor)", "1 / ((1 - share) + share * factor**-1)", True),
    ("11.3", "np.arange(rank, n - n % size, size)", "list(range(rank, n - n % size, size))", True),
    ("11.3", "np.arange(rank, n - n % size, size)", "range(rank, n // size * size, size)", True),
    ("11.3", "n - n % size", "n - size", False),
]  # fmt: skip


def test_functions_right_and_wrong():
    failed = []
    for number, old, new, right in OF_FUNCTIONS:
        solution = read_lesson(number[:2]).exercises[number].solution
        assert old in solution, (number, old)
        with np.errstate(all="ignore"):
            found = outcome(number, answered(number, solution.replace(old, new)))
        if (found == "passed") is not right or found == "placeholder":
            failed.append((number, new, found))
    assert failed == []
    assert sum(not right for *_, right in OF_FUNCTIONS) >= 40


def test_numbers_counted_wrong_do_not_pass():
    for number, wrong in (
        ("00.1", 196.01),
        ("03.2", (144, 3072, 3072 * 768 + 769)),
        ("03.2", (144, 3072, 3072 * 768 + 768 - 236)),
        ("03.2", (144.4, 3072, 3072 * 768 + 768)),
        ("05.4", (4 * 192**2 + 4 * 192 + 1, 8 * 192**2 + 5 * 192, 768)),
        ("05.4", (4 * 192**2 + 4 * 192, 8 * 192**2 + 5 * 192 - 20, 768)),
    ):
        assert outcome(number, wrong) != "passed", (number, wrong)
    assert outcome("00.1", np.array([196.0])) == "passed"
