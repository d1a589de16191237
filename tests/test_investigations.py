"""Investigations: nothing runs before a prediction, a run is kept, a conclusion needs one, and the answers fit the table."""

import math
from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from course.document.lesson import read_lesson
from course.investigations import measured
from course.investigations.experiment import key
from course.investigations.known import EXPERIMENTS
from course.investigations.short_training import Setup, equal_width, network
from course.learner import answers, check, investigate, line, progress
from course.learner.retired import RETIRED
from course.manifest import lesson_numbers
from vit.runtime.errors import UserError

IN_LESSONS = {
    number: exercise
    for lesson in lesson_numbers()
    for number, exercise in read_lesson(lesson).exercises.items()
    if exercise.investigation
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A learner who has done nothing, figures as they are shown, and runs that take no time."""
    monkeypatch.setenv("VIT_LEARNER", str(tmp_path))
    monkeypatch.setenv("VIT_LANG", "en")
    shown, ran = [], []

    def at_once(settings, seed):
        ran.append((settings, seed))
        return 0.5

    monkeypatch.setattr(investigate, "display", shown.append)
    monkeypatch.setattr(investigate, "experiment", lambda number: replace(EXPERIMENTS[number], run=at_once))
    return shown, ran


def test_every_lesson_from_03_to_12_has_one_and_its_table_is_whole():
    assert {number[:2] for number in IN_LESSONS} == {f"{n:02}" for n in range(3, 13)}
    assert IN_LESSONS.keys() == EXPERIMENTS.keys()
    for one in EXPERIMENTS.values():
        for change in one.table:
            assert len(measured.results(one.kind, key(one.read(change)))) >= one.seeds >= 2, (one.number, change)
        assert measured.read()[one.kind]["machine"]


@pytest.mark.parametrize("number", EXPERIMENTS)
def test_the_right_statement_is_the_one_that_follows_from_the_table(number):
    one = EXPERIMENTS[number]
    found = [measured.results(one.kind, key(change))[: one.seeds] for change in one.table]
    letter = one.follows(found)
    assert answers.answers(number[:2])[number]["right"]["letters"] == letter
    assert len(IN_LESSONS[number].messages) == 2  # two that are tempting
    # where all changes gave the same, another statement would fit, or none
    assert number == "08.6" or one.follows([found[0]] * len(found)) != letter


def test_nothing_runs_before_a_prediction_and_none_of_the_table_is_shown(here, capsys):
    shown, ran = here
    for predicted in (None, ...):
        investigate.investigate("04.6", predicted, heads=1)
    assert (shown, ran, investigate.runs_of("04.6")) == ([], [], [])
    assert capsys.readouterr().out.count("nothing has been run yet") == 2


@pytest.mark.parametrize(
    ("predicted", "change", "said"),
    [
        ("0.5", {"heads": 1}, "predicted is a number"),
        (True, {"heads": 1}, "predicted is a number"),
        (60, {"heads": 1}, "predicted is a number between 0 and 1"),
        (math.nan, {"heads": 1}, "predicted is a number"),
        (0.5, {"heads": 5}, "heads cannot be '5'"),
        (0.5, {"haeds": 1}, "did you mean heads"),
    ],
)
def test_what_cannot_be_is_said_in_a_line_and_nothing_runs(here, capsys, predicted, change, said):
    shown, ran = here
    investigate.investigate("04.6", predicted, **change)
    assert said in capsys.readouterr().out
    assert (shown, ran, investigate.runs_of("04.6")) == ([], [], [])


@pytest.mark.parametrize("value", [0, -1, 25, 2.5, True, "two", None, math.inf])
def test_a_number_out_of_reach_is_refused(value):
    with pytest.raises(UserError, match="depth"):
        EXPERIMENTS["06.5"].read({"depth": value})


def test_a_run_is_kept_with_the_prediction_that_stood_before_it(here, capsys):
    shown, ran = here
    investigate.investigate("04.6", 0.6, heads=1)
    investigate.investigate("04.6", 0.5, heads=1)  # after the fact
    assert ran == [({"heads": 1}, 100)]
    (run,) = investigate.runs_of("04.6")
    assert (run["change"], run["predicted"], run["result"]) == ("heads=1", 0.6, 0.5)
    said = capsys.readouterr().out
    assert said.count("you predicted 60.0%") == 2
    assert "are told apart when they differ by more than" in said
    assert all(isinstance(figure, Figure) for figure in shown)
    investigate.investigate("04.6", 0.4, heads=1, seed=7)  # another seed is another run
    assert [run["seed"] for run in investigate.runs_of("04.6")] == [100, 7]


def test_a_run_that_was_stopped_leaves_nothing_behind(here, monkeypatch):
    def stopped(settings, seed):
        raise KeyboardInterrupt

    monkeypatch.setattr(investigate, "experiment", lambda number: replace(EXPERIMENTS[number], run=stopped))
    with pytest.raises(KeyboardInterrupt):
        investigate.investigate("04.6", 0.6, heads=1)
    assert investigate.runs_of("04.6") == []


@pytest.mark.parametrize("number", EXPERIMENTS)
def test_a_conclusion_counts_once_something_was_predicted_and_run(here, capsys, number):
    right = answers.answers(number[:2])[number]["right"]["letters"]
    assert check.judge(number, right)[0] == "not run"
    assert check.judge(number, "?")[0] == "placeholder"
    with progress.changing() as known:
        run = {"change": "as it is", "seed": 100, "predicted": 0.5, "result": 0.5, "time": progress.now()}
        known["investigations"][number] = [run]
    assert check.judge(number, right)[0] == "passed"
    assert {check.judge(number, letter)[0] for letter in "ABC" if letter != right} == set(IN_LESSONS[number].messages)


def test_a_damaged_list_of_runs_is_taken_as_far_as_it_is_understood(here):
    with progress.changing() as known:
        good = {"change": "heads=1", "seed": 1, "predicted": 0.5, "result": 0.6, "time": "t"}
        known["investigations"] = {"04.6": [good, {"change": 3}, None], "05.6": "no"}
    assert progress.read()["investigations"] == {"04.6": [good]}


def test_the_networks_differ_in_what_is_changed_and_in_nothing_else():
    from mindspore import set_seed

    def parameters(setup):
        set_seed(0)
        return {p.name: p.asnumpy() for p in network(setup).get_parameters()}

    usual = parameters(Setup())
    for setup in (Setup(heads=1), Setup(norm="post"), Setup(positions="none"), Setup(positions="random")):
        other = parameters(setup)
        assert other.keys() == usual.keys()
        changed = {name for name in usual if (other[name] != usual[name]).any()}
        assert changed == ({"pos_embed"} if setup.positions != "waves" else set())
    count = {
        depth: sum(p.size for p in network(Setup(depth=depth, dim=equal_width(depth))).blocks.get_parameters())
        for depth in (1, 2, 6, 11, 24)
    }
    assert all(0.85 < one / count[6] < 1.15 for one in count.values()), count


def test_post_norm_is_what_its_formula_says():
    import mindspore as ms
    import numpy as np

    from course.investigations.short_training import PostNormBlock

    block, x = PostNormBlock(24, 3), ms.Tensor(np.random.default_rng(0).normal(size=(2, 5, 24)).astype(np.float32))
    one = block.norm1(x + block.attn(x))
    wanted = block.norm2(one + block.mlp(one))
    assert np.array_equal(block(x).asnumpy(), wanted.asnumpy())
    assert np.allclose(block(x).asnumpy().mean(-1), 0, atol=1e-5)  # the norm comes last


def test_retired_numbers_are_used_no_more_and_are_explained(here, capsys):
    every = {number for lesson in lesson_numbers() for number in read_lesson(lesson).exercises}
    assert not RETIRED.keys() & every
    assert set(RETIRED.values()) <= every
    check.check("04.5", "AC")
    assert "04.6 stands in its place" in capsys.readouterr().out


def test_a_line_of_a_section_with_an_investigation_has_the_new_mark(here):
    from a_camp import a_record
    from test_camp_lines import KEY

    packed = line.pack(a_record("04C"), KEY)
    assert packed.startswith("VITLINE2")
    assert len(packed) <= 300
    assert line.take_apart(packed).opened(KEY).found == ((0.5, 0.625),)
    assert line.pack(a_record("04A"), KEY).startswith("VITLINE1")
    other = "VITLINE1" + packed[8:]
    assert line.take_apart(other).opened(KEY) is None  # the seal is of the mark, too


def test_what_passed_under_a_retired_number_stays(here):
    entry = {"passed": "2026-03-01T00:00:00+00:00", "attempts": 1, "mistakes": ["only A"], "hints": 2}
    with progress.changing() as known:
        known["exercises"]["04.5"] = dict(entry)
    with progress.changing() as known:
        progress.exercise(known, "04.6")["attempts"] += 1
    assert progress.read()["exercises"]["04.5"] == entry


def test_a_camp_of_yesterday_takes_the_lines_of_both_versions(camp, tmp_path):
    """A learner who has not updated hands in VITLINE1 with the exercises of before; one who has, VITLINE2."""
    from a_camp import a_record, judged

    old = a_record("04C", version=b"\1\2\3\4", found=(), exercises=(line.tried("passed", 1, 0, []),) * 3)
    lines = [line.pack(old, camp.learners[0].key), line.pack(a_record("04C"), camp.learners[1].key)]
    assert [one[:8] for one in lines] == ["VITLINE1", "VITLINE2"]
    verdicts, kept = judged(camp, "\n".join(lines), tmp_path)
    assert [verdict.refused for verdict in verdicts] == ["", ""]
    assert len(kept) == 2
    missing = line.pack(
        a_record("04C", found=()), camp.learners[2].key
    )  # of this version, and without its investigation
    (verdict,), _ = judged(camp, missing, tmp_path)
    assert "says 0 investigations" in verdict.refused
