"""A learner plays the lessons in real kernels: wrong at first and then right, and with nothing answered; restarted before each."""

import json
import os
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from PIL import Image

from course.document.lesson import read_lesson
from course.editions.solved import make_solved
from course.investigations.experiment import key
from course.investigations.known import EXPERIMENTS
from course.learner.camp_code import key_of
from course.learner.line import take_apart
from course.learner.my_vit import stand_in
from course.learner.parts import PARTS
from vit.data.photographs import offline_photographs

pytestmark = pytest.mark.slow
MAIN_LINE = ("03", "04", "05", "06", "07")


def play(notebook, folder, language, tmp_path):
    """Run it in a new kernel, lesson 07 with one epoch of training; returns the text of all outputs."""
    home = tmp_path / "notebooks" / language
    home.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        notebook,
        timeout=600,
        resources={"metadata": {"path": str(home)}},
        extra_arguments=["--IPKernelApp.log_level=40"],
    )
    own = {
        "VIT_LEARNER": str(folder),
        "VIT_OUTPUTS": str(tmp_path / "outputs"),
        "VIT_LANG": language,
        "VIT_EPOCHS": "1",
    }
    client.execute(env=os.environ | own)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    text = "".join(output.get("text", "") for output in outputs)
    assert not re.search(r"Traceback|WARNING|\[ERROR\]|realpath", text)
    return text


def without_slow_cells(notebook):
    """Without the long experiments, which no exercise needs and which `start.py lessons` runs."""
    notebook.cells = [c for c in notebook.cells if "slow" not in c.metadata or "investigation" in c.metadata]
    return notebook


def ran_before(folder):
    """The runs that the solved investigations ask for, as if made on another day: they take minutes."""
    runs = {}
    for lesson in MAIN_LINE:
        for number, exercise in read_lesson(lesson).exercises.items():
            call = exercise.investigation and exercise.investigation.splitlines()[-1]
            asked = call and eval(call, {"investigate": lambda *_, **change: change, "predicted": 0.5})
            if call:
                run = {"change": key(EXPERIMENTS[number].read(asked)), "seed": 100, "predicted": 0.5, "result": 0.5}
                runs[number] = [run | {"time": "2026-01-01T00:00:00+00:00"}]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "progress.json").write_text(json.dumps({"version": 1, "investigations": runs}), encoding="utf-8")


CODE = "43GDNX-SHHXF3-BFZU67"  # of a camp that nobody runs


def with_join(notebook, name, code=None):
    notebook.cells.insert(2, nbformat.v4.new_code_cell(f"from course import join\njoin({name!r}, {code!r})"))
    return notebook


def handed_in(folder, key) -> dict:
    """Section -> what the line of its receipt says, opened with the learner's key."""
    receipts = [json.loads(path.read_text(encoding="utf-8")) for path in (folder / "checkin").glob("*.json")]
    records = [take_apart(receipt["line"]).opened(key) for receipt in receipts]
    return {record.place: record for record in records}


def first_wrong(exercise):
    """The code of its first mistake."""
    return next(iter(exercise.wrong.values()))


def marked(exercise):
    """The solution; of a part with a mark, by which its class is known again."""
    if exercise.number in {part.exercise for part in PARTS.values()}:
        return exercise.solution.replace(
            "super().__init__()", f"super().__init__()\n        # 我的 {exercise.number}", 1
        )
    return exercise.solution


def test_wrong_and_then_right_through_the_main_line_with_a_restart_before_each_lesson(tmp_path):
    """Every mistake is named, the lesson goes on with the package's part, the right answer is kept and used."""
    folder = tmp_path / "Zoë 家"
    ran_before(folder)
    for number in MAIN_LINE:
        exercises = read_lesson(number).exercises
        notebook = make_solved(read_lesson(number), "zh", lambda exercise: [first_wrong(exercise), marked(exercise)])
        if number < "06":
            without_slow_cells(notebook)
        said = play(with_join(notebook, "李雷", CODE) if number == "03" else notebook, folder, "zh", tmp_path)
        assert (said.count("✅"), said.count("🔸")) == (len(exercises), len(exercises)), number
        for exercise in exercises.values():
            assert next(iter(exercise.messages.values()))["zh"] in said, exercise.number
        if number in ("06", "07"):  # whose classes work: the learner's
            assert re.search(r"my_vit_model_[0-9a-f]{12}\.model", said)
    for part in PARTS.values():
        text = (folder / "my_vit" / part.file).read_text(encoding="utf-8")
        assert f"# 我的 {part.exercise}" in text
    progress = json.loads((folder / "progress.json").read_text(encoding="utf-8"))["exercises"]
    for number in MAIN_LINE:
        for exercise in read_lesson(number).exercises.values():
            assert progress[exercise.number]["mistakes"] == [next(iter(exercise.wrong))]
            assert progress[exercise.number]["attempts"] == 2
    sections = {f"{number}{section}" for number in MAIN_LINE for section in read_lesson(number).sections}
    assert {path.stem[:3] for path in (folder / "checkin").glob("*.json")} == sections
    assert "6 个部件中有 6 个" in next((folder / "checkin").glob("07D*.md")).read_text(encoding="utf-8")
    # the camp's lines, one a section, and the card with the learner's own figure instead of the blue pattern
    records = handed_in(folder, key_of(CODE))
    assert records.keys() == sections
    assert all(tried.passed for record in records.values() for tried in record.exercises)
    assert records["07D"].parts == len(PARTS)
    card = np.asarray(Image.open(next((folder / "checkin").glob("04C*.png"))).convert("RGB")).astype(int)
    figure = card[35:335, 750:1170]
    assert (figure[..., 0] > figure[..., 2] + 40).any()
    # restarted with nothing answered: what has passed is still there, and lesson 05 is that of the learner's classes
    again = play(without_slow_cells(make_solved(read_lesson("05"), "zh", lambda _: None)), folder, "zh", tmp_path)
    assert again.count("⬜") == len(read_lesson("05").exercises)
    assert again.count("这一次已经运行过") == 1  # an investigation
    receipt = json.loads(next((folder / "checkin").glob("05B*.json")).read_text(encoding="utf-8"))
    assert receipt["exercises"]["05.3"]["outcome"] == "passed"
    # the package of their own, in a terminal
    picture, _ = offline_photographs()["grace_hopper"]
    command = [sys.executable, "-m", "my_vit", str(picture), "no.jpg"]
    own = os.environ | {"VIT_LEARNER": str(folder), "VIT_LANG": "en"}
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, encoding="utf-8")
    assert done.stdout.startswith(f"{picture}: ")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no.jpg" in done.stderr


def test_nothing_answered_and_then_only_mistakes_reach_the_end(tmp_path):
    """The whole course with nothing answered is what `start.py lessons` runs."""
    folder = tmp_path / "learner"
    said = play(without_slow_cells(make_solved(read_lesson("04"), "en", lambda _: None)), folder, "en", tmp_path)
    assert said.count("⬜") == 6
    assert said.count("join()") == 3
    assert not (folder / "my_vit" / "attention.py").exists()
    assert not (folder / "checkin").exists()
    # then one part right, all else wrong: the right one is kept, the package's stand in for the others
    exercises = read_lesson("05").exercises
    ran_before(folder)

    def one_right(exercise):
        return [exercise.solution if exercise.number == "05.2" else first_wrong(exercise)]

    said = play(
        with_join(without_slow_cells(make_solved(read_lesson("05"), "en", one_right)), "Emmy"), folder, "en", tmp_path
    )
    assert said.count("✅") == 1
    for exercise in exercises.values():
        assert exercise.number == "05.2" or next(iter(exercise.messages.values()))["en"] in said
    for part in PARTS.values():
        assert ((folder / "my_vit" / part.file).read_text("utf-8") == stand_in(part)) == (part.name != "MLP")
