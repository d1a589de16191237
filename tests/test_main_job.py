"""The main job of start.py: what it refuses before anything is done, and its closing table."""

import re
import signal

import pytest

from course import main_job
from course.epochs import epochs_wanted
from vit.runtime.columns import columns


@pytest.fixture(autouse=True)
def signals():
    """The main job takes SIGTERM for Ctrl-C; these tests give it back."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_epochs_that_are_no_number_are_a_line_and_exit_2(monkeypatch, capsys):
    monkeypatch.setattr(main_job, "draw", lambda: pytest.fail("nothing is drawn before"))
    for nonsense in ("abc", "0", "-1", "1.5", "1e3", "", " ", "１２", "0x10", "None"):
        monkeypatch.setenv("VIT_EPOCHS", nonsense)
        for language, words in (("en", "VIT_EPOCHS is a positive whole number"), ("zh", "VIT_EPOCHS 应是正整数")):
            monkeypatch.setenv("VIT_LANG", language)
            assert main_job.main() == 2
            out, err = capsys.readouterr()
            assert not out
            assert len(err.splitlines()) == 1
            assert err.startswith(words)
    for good in ("1", "007"):
        monkeypatch.setenv("VIT_EPOCHS", good)
        assert epochs_wanted(12) == int(good)
    monkeypatch.delenv("VIT_EPOCHS")
    assert epochs_wanted(12) == 12


def test_stopped_is_a_line_and_exit_130(monkeypatch, capsys):
    def stop(epochs):
        raise KeyboardInterrupt

    monkeypatch.setattr(main_job, "run", stop)
    monkeypatch.setattr(main_job, "deaf", lambda: None)
    assert main_job.main() == 130
    assert capsys.readouterr().err == "stopped; run it again, and training starts anew\n"


def test_the_closing_table_stands_in_columns(monkeypatch):
    for language, titles in (("en", ("sample data", "training")), ("zh", ("示例数据", "训练"))):
        monkeypatch.setenv("VIT_LANG", language)
        parts = {title: {"seconds": 7.4, "result": "R", "lines": ["R"]} for title in titles}
        head, *rows = main_job.closing_table(parts).splitlines()
        assert {columns(row[: row.index("R")]) for row in rows} == {28}
        assert columns(re.match(r"\s*\S+", head)[0]) == 26, "over the last digit of the seconds"
