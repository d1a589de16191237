"""A learner plays lesson 04 in a real kernel: all right, nothing, every second answer wrong; with a restart between."""

import json
import os
import re

import nbformat
import pytest
from nbclient import NotebookClient

from course.authoring.build import make_notebook
from course.language import LANGUAGES
from course.learner.my_vit import stand_in
from course.learner.parts import PARTS
from course.lesson import read_lesson

pytestmark = pytest.mark.slow
LESSON = read_lesson("04")


def answered(choose, language):
    """The notebook with the code that `choose(exercise)` gives in place of each placeholder (None: left as it is)."""
    notebook = make_notebook(LESSON, language)
    for cell in notebook.cells:
        if cell.cell_type == "code" and (number := cell.metadata.get("exercise")):
            cell.source = choose(LESSON.exercises[number]) or cell.source
    return notebook


def play(notebook, folder, language, tmp_path):
    """Run it in a new kernel; returns the text of all outputs."""
    home = tmp_path / "notebooks" / language
    home.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        notebook,
        timeout=300,
        resources={"metadata": {"path": str(home)}},
        extra_arguments=["--IPKernelApp.log_level=40"],
    )
    client.execute(env=os.environ | {"VIT_LEARNER": str(folder), "VIT_LANG": language})
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    text = "".join(output.get("text", "") for output in outputs)
    assert not re.search(r"Traceback|WARNING|\[ERROR\]|realpath", text)
    return text


def with_join(notebook, name):
    notebook.cells.insert(2, nbformat.v4.new_code_cell(f'from course import join\njoin("{name}")'))
    return notebook


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_right_then_a_restart_with_nothing(language, tmp_path):
    folder = tmp_path / "Zoë 家"
    marked = "\n        # mine: 我的"

    def right(exercise):
        text = exercise.solution
        return text.replace("super().__init__()", f"super().__init__(){marked}") if exercise.number == "04.3" else text

    said = play(with_join(answered(right, language), "李雷"), folder, language, tmp_path)
    assert said.count("✅") == 5
    assert "🔸" not in said
    assert marked.strip() in (folder / "my_vit" / "attention.py").read_text(encoding="utf-8")
    assert {path.stem[:3] for path in (folder / "checkin").glob("*.json")} == {"04A", "04B", "04C"}
    # the kernel is restarted and nothing is answered: what has passed is still there
    again = play(answered(lambda _: None, language), folder, language, tmp_path)
    assert again.count("⬜") == 5
    receipt = json.loads(next((folder / "checkin").glob("04B*.json")).read_text(encoding="utf-8"))
    assert receipt["exercises"]["04.3"]["outcome"] == "passed"
    assert receipt["parts"] == {"yours": 1, "all": 5}
    assert receipt["nickname"] == "李雷"
    assert "1.5e-07" in again or "e-0" in again  # own_part found the learner's class, and it agrees


def test_nothing_answered_reaches_the_end(tmp_path):
    folder = tmp_path / "learner"
    said = play(answered(lambda _: None, "zh"), folder, "zh", tmp_path)
    assert said.count("⬜") == 5
    assert said.count("join()") == 3
    assert not (folder / "my_vit" / "attention.py").exists()
    assert not (folder / "checkin").exists()


def test_every_second_wrong(tmp_path):
    """Wrong answers are named, the lesson goes on; then they are mended in the same folder."""
    folder = tmp_path / "learner"
    order = list(LESSON.exercises)

    def half(exercise):
        wrong = order.index(exercise.number) % 2 == 0  # 04.1, 04.3, 04.5
        return next(iter(exercise.wrong.values())) if wrong else exercise.solution

    said = play(with_join(answered(half, "en"), "Emmy"), folder, "en", tmp_path)
    assert said.count("✅") == 2
    for number in ("04.1", "04.3", "04.5"):
        assert next(iter(LESSON.exercises[number].messages.values()))["en"] in said
    assert "use the package's Attention" in said
    assert not (folder / "my_vit" / "attention.py").exists()
    said = play(answered(lambda exercise: exercise.solution, "en"), folder, "en", tmp_path)
    assert said.count("✅") == 5
    progress = json.loads((folder / "progress.json").read_text(encoding="utf-8"))["exercises"]
    assert progress["04.3"]["mistakes"] == ["no scale"]
    assert progress["04.3"]["attempts"] == 2
    others = [part for part in PARTS.values() if part.name != "Attention"]
    assert all((folder / "my_vit" / part.file).read_text("utf-8") == stand_in(part) for part in others)
