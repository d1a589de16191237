"""What learners wrote is used afterwards, and their C++ can do no harm."""

import numpy as np
import pytest

from course.document.lesson import read_lesson
from course.learner.check import check
from course.learner.own_function import checked
from course.learner.own_loop import run_loop
from course.learner.session import session
from course.learner.toy_run import played
from vit.kernels.library import NoLibrary, library

try:
    library()
    COMPILER = ""
except NoLibrary as error:
    COMPILER = str(error)
needs_compiler = pytest.mark.skipif(bool(COMPILER), reason=COMPILER or "there is a compiler")

LOOP = "for (long i = 0; i < rows * width; ++i) {{ {} }}"
X, BIAS = np.linspace(-3, 3, 35, dtype=np.float32).reshape(5, 7), np.arange(7, dtype=np.float32)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("VIT_LEARNER", str(tmp_path))
    monkeypatch.setenv("VIT_LANG", "en")
    session.restart("11")


def speedup(share, factor):
    return 1.0


def test_the_courses_function_stands_in_until_the_learners_has_passed(here, capsys):
    assert checked("11.2", speedup)(0.8, 4) == pytest.approx(2.5)
    assert "has not passed yet" in capsys.readouterr().out

    def mine(share, factor):
        return 1 / (share / factor + 1 - share)

    check("11.2", [mine(0.8, 4), mine(0.8, 1000), mine(0.05, 1000)])
    assert checked("11.2", mine) is mine
    assert "has not passed" not in capsys.readouterr().out


def test_what_is_broken_again_is_no_longer_used(here):
    check("11.2", [2.5, 4.98007968, 1.0525792])
    assert checked("11.2", speedup) is speedup
    check("11.2", [1.0, 1.0, 1.0])
    assert checked("11.2", speedup) is not speedup


@needs_compiler
def test_a_loop_is_compiled_and_run():
    y, _ = run_loop(LOOP.format("y[i] = x[i] + bias[i % width];"), X, BIAS, repeats=3)
    np.testing.assert_array_equal(y, X + BIAS)
    y, _ = run_loop(LOOP.format("y[i] = sigmoid(20 * x[i]);"), X, BIAS)
    np.testing.assert_allclose(y, 1 / (1 + np.exp(-20 * X.astype(float))), rtol=1e-5)


@needs_compiler
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("y[i] = x[i]", "loop:1"),  # the compiler's own line
        ("y[i + 900000000] = 1;", "outside the arrays"),
        ("for (volatile int j = 0;;) j = 1;", "has not ended"),
    ],
)
def test_a_loop_that_fails_is_told_and_nothing_else_fails(monkeypatch, capsys, code, said):
    monkeypatch.setattr("course.learner.own_loop.LONGEST", 3)
    monkeypatch.setenv("VIT_LANG", "en")
    y, seconds = run_loop(LOOP.format(code), X, BIAS)
    assert said in capsys.readouterr().out
    assert seconds == 0
    np.testing.assert_array_equal(y, X)


def test_without_a_compiler_it_says_so(monkeypatch, capsys):
    def none(*_):
        raise NoLibrary("no C++ compiler")

    monkeypatch.setattr("course.learner.own_loop.compile_to", none)
    assert run_loop("", X, BIAS)[1] == 0
    assert "no C++ compiler" in capsys.readouterr().out


def test_a_loop_of_training_is_seen_for_what_it_does():
    def fit(run, step, validate, keep):
        best = max(row["top1"] for row in run.rows)
        for epoch in run:
            for images, labels in epoch:
                epoch.note(step(images, labels).asnumpy())
            loss, top1 = validate()
            epoch.end(loss, top1)
            if top1 > best:  # too late for an epoch stopped in `end`, and yet what was asked
                best = top1
                keep()
        return best

    rows = played(fit)
    assert rows.shape == (4, 6)
    assert list(rows[:, 0]) == [4, 8, 12, 0.75]  # steps before each validation; the best
    assert list(rows[:3, 5]) == [0, 1, 0]  # kept once: the first was below that of the epoch before

    def compares_too_late(run, step, validate, keep):
        for epoch in run:
            for images, labels in epoch:
                epoch.note(step(images, labels).asnumpy())
            seen = validate()
            epoch.end(*seen)
            if seen[1] > max(row["top1"] for row in run.rows):  # which has this epoch by now
                keep()
        return max(row["top1"] for row in run.rows)

    assert not played(compares_too_late)[:3, 5].any()


def test_every_solution_of_the_loop_keeps_before_it_ends():
    """`end` may stop the run: what is kept after it would be lost."""
    solution = read_lesson("07").exercises["07.6"].solution
    assert solution.index("keep()") < solution.index("epoch.end(")
