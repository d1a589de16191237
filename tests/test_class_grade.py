"""Twenty hand-ins, five of them hostile: what counts, what is named, what is never run."""

import csv
import io
import json
import os
import shutil
import zipfile
from datetime import datetime, timezone

import nbformat
import pytest
from a_camp import known_codes
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course.camp import new
from course.classroom import sandbox
from course.classroom.commands import PARTS_ALONE, grade
from course.classroom.grade import RUN, Result, tables
from course.classroom.handed_in import MOST_FILES, read_class
from course.classroom.likeness import shape_of
from course.document.bilingual import in_language
from course.document.lesson import read_lesson
from course.learner import line
from course.learner.own_source import digest
from vit.runtime.errors import UserError

IMPORTS = "from mindspore import nn, ops\n\n\n"
SOLUTION = IMPORTS + in_language(read_lesson("04").exercises["04.3"].solution, "en")
NOW = datetime.now(timezone.utc)


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")


def archive(path, exercises=None, parts=None, **changes):
    """As `progress save` writes it."""
    known = {"version": 1, "nickname": "x", "code": None, "exercises": exercises or {}, "lessons": {}, "checkins": {}}
    known |= {"parts": {name: digest(text) for name, text in (parts or {}).items()}, "investigations": {}} | changes
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("progress.json", json.dumps(known))
        for name, text in (parts or {}).items():
            made.writestr(f"my_vit/{name}", text)


def passed(*numbers):
    return {number: {"passed": "2026-03-01", "attempts": 2, "hints": 1, "mistakes": []} for number in numbers}


def notebook(path, said, code="grass_weights = attention(q)"):
    cell = new_code_cell(code, metadata={"exercise": "04.1"}, outputs=[new_output("stream", text=said)])
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[cell]), path)


def a_line(learner, camp, number="04", section="A", passes=True):
    lesson = read_lesson(number)
    mine = [one for one in lesson.exercises.values() if one.section == section]
    tries = tuple(
        line.tried("passed" if passes else next(iter(one.messages)), 3, 0, list(one.messages)[:1]) for one in mine
    )
    record = line.Record(
        number, section, int(NOW.timestamp()), bytes.fromhex(lesson.hash)[:4], "en", "CPU", 60, 1, None, tries
    )
    return line.pack(record, camp.learners[learner].key)


def rows(out, name):
    with (out / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def camp(tmp_path):
    (tmp_path / "roster.csv").write_text("name\nAda\nBo\nCai\n", encoding="utf-8")
    with known_codes():
        return new.make(tmp_path / "camp", tmp_path / "roster.csv", NOW.date())


def test_twenty_hand_ins_five_of_them_hostile(tmp_path, camp, capsys):
    top, out, witness = tmp_path / "handed in", tmp_path / "marks", tmp_path / "was here"
    for number in range(12):
        archive(
            top / f"learner {number:02}.zip", passed("04.1", "04.2"), {"attention.py": f"{SOLUTION}\nN = {number}\n"}
        )
    archive(top / "Ada" / "work.zip", passed("04.1"))
    (top / "Ada" / "line.txt").write_text("my check-in\n" + a_line(0, camp), encoding="utf-8")
    (top / "Bo").mkdir()
    (top / "Bo" / "line.txt").write_text(a_line(1, camp, passes=False), encoding="utf-8")
    notebook(top / "Cai" / "04.ipynb", "✅ 04.1: passed\n")
    # five that want something else
    evil = f"import pathlib\npathlib.Path({str(witness)!r}).write_text('ran')\n"
    archive(top / "evil code.zip", passed("04.3"), {"attention.py": evil + SOLUTION})
    with zipfile.ZipFile(top / "slip.zip", "w") as made:
        made.writestr("../../slipped.txt", "out")
        made.writestr("progress.json", "{}")
    with zipfile.ZipFile(top / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("progress.json", " " * 60_000_000)
    archive(top / "=HYPERLINK(1).zip", {"04.1": {"passed": True, "attempts": 1, "hints": 0, "mistakes": ["=cmd|x"]}})
    (top / "deep.ipynb").write_text("[" * 200_000, encoding="utf-8")
    assert grade(top, out) == 0
    said = capsys.readouterr()
    assert not witness.exists()
    assert not list(tmp_path.rglob("slipped.txt"))
    assert "files that learners can edit" in said.out
    for name in ("slip", "bomb", "deep"):
        assert f"{name}: {name}." in said.err
    found = rows(out, "exercises.csv")
    assert len({row["learner"] for row in found}) == 16  # three gave nothing that can be read, and Bo a line
    assert all(not row["learner"].startswith("=") for row in found)
    assert {row["student_id"] for row in rows(out, "grades.csv")} >= {"Ada", "Cai", "'=HYPERLINK(1)"}
    assert len(list((out / "feedback").iterdir())) == 20


def test_with_a_camp_only_its_seals_count(tmp_path, camp, capsys):
    top, out = tmp_path / "in", tmp_path / "out"
    archive(top / "Ada" / "work.zip", passed("04.1", "04.2", "04.3"))
    (top / "Ada" / "line.txt").write_text(a_line(0, camp), encoding="utf-8")
    archive(top / "Bo.zip", passed("04.1", "04.2"))
    (top / "Cai").mkdir()
    (top / "Cai" / "line.txt").write_text(a_line(0, camp), encoding="utf-8")  # Ada's
    assert grade(top, out, tmp_path / "camp") == 0
    marks = {row["student_id"]: row["score"] for row in rows(out, "grades.csv")}
    assert marks == {"Ada": "2", "Bo": "0", "Cai": "0"}
    by = {(row["learner"], row["exercise"]): row for row in rows(out, "exercises.csv")}
    assert by["Ada", "04.1"]["evidence"] == "sealed line"
    assert by["Ada", "04.1"]["attempts"] == "3"
    assert (by["Ada", "04.3"]["passed"], by["Ada", "04.3"]["counts"]) == ("True", "False")
    said = capsys.readouterr()
    assert "some lines are those of Ada and do not count" in said.err
    assert "2 more without proof" in said.out


def test_a_line_is_no_proof_without_the_camp(tmp_path, camp, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Ada.txt").write_text(a_line(0, camp), encoding="utf-8")
    assert grade(tmp_path / "in", tmp_path / "out") == 0
    assert rows(tmp_path / "out", "exercises.csv") == []
    assert "1 lines not verified" in capsys.readouterr().err


def test_feedback_names_the_mistake_and_the_first_hint(tmp_path):
    exercise = read_lesson("04").exercises["04.1"]
    name, sentence = next(iter(exercise.messages.items()))
    wrong = {"04.1": {"passed": None, "attempts": 4, "hints": 0, "mistakes": [name]}}
    archive(tmp_path / "in" / "Bo.zip", wrong | passed("04.2"))
    grade(tmp_path / "in", tmp_path / "out")
    text = (tmp_path / "out" / "feedback" / "Bo.md").read_text(encoding="utf-8")
    assert sentence["en"] in text
    assert " ".join(exercise.hints[0]["en"].split()) in text
    assert "✅ 04.2" in text
    assert "⬜ not handed in: 04.3" in text


def test_likeness_sees_through_names_and_names_files_that_are_equal(tmp_path):
    renamed = SOLUTION.replace("num_heads", "h").replace("scale", "s") + "\n# my own words\n"
    assert shape_of(renamed) == shape_of(SOLUTION)
    assert shape_of(SOLUTION.replace("** -0.5", "** 0.5")) != shape_of(SOLUTION) or "** -0.5" not in SOLUTION
    assert shape_of("x = 1") == ""
    assert shape_of("(" * 99_000) == ""
    archive(tmp_path / "in" / "Ada.zip", passed("04.3"), {"attention.py": SOLUTION})
    archive(tmp_path / "in" / "Bo.zip", passed("04.3"), {"attention.py": renamed})
    shutil.copyfile(tmp_path / "in" / "Bo.zip", tmp_path / "in" / "Cai.zip")
    grade(tmp_path / "in", tmp_path / "out")
    found = {(row["what"], row["learners"]) for row in rows(tmp_path / "out", "likeness.csv")}
    assert found == {
        ("the same file", "Bo; Cai"),
        ("the same code but for names (as the published solution)", "Ada; Bo; Cai"),
    }


def test_links_and_floods_are_left_out(tmp_path):
    (tmp_path / "secret.txt").write_text("VITLINE1")
    mine = tmp_path / "in" / "Ada"
    mine.mkdir(parents=True)
    if os.name != "nt":
        (mine / "link.txt").symlink_to(tmp_path / "secret.txt")
    for number in range(MOST_FILES + 5):
        (mine / f"{number}.txt").write_text("x")
    (learner,) = read_class(tmp_path / "in")
    assert not learner.lines
    assert any("too many files, 5 left out" in one for one in learner.left_out)
    assert os.name == "nt" or any("1 links" in one for one in learner.left_out)


def test_bad_use_changes_nothing(tmp_path):
    with pytest.raises(UserError, match="no such folder"):
        grade(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="nothing in it"):
        grade(tmp_path / "empty", tmp_path / "out")
    archive(tmp_path / "in" / "Ada.zip")
    with pytest.raises(UserError):
        grade(tmp_path / "in", tmp_path / "out", tmp_path / "no camp")
    assert not (tmp_path / "out").exists()


def test_without_a_sandbox_nothing_is_run(tmp_path, monkeypatch):
    archive(tmp_path / "in" / "Ada.zip", {}, {"attention.py": SOLUTION})
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    with pytest.raises(UserError, match="in a sandbox only, and bwrap, prlimit"):
        grade(tmp_path / "in", tmp_path / "out", run=True)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_in_the_sandbox_parts_are_judged_and_nothing_gets_out(tmp_path, capsys):
    try:
        sandbox.wanted()
    except UserError as error:
        pytest.skip(str(error))
    witness = tmp_path / "was here"
    reach = (
        f"import pathlib, socket\ntry:\n    pathlib.Path({str(witness)!r}).write_text('ran')\nexcept OSError: pass\n"
        "try:\n    socket.create_connection(('192.0.2.1', 80), 2); raise SystemExit('a network')\nexcept OSError: pass\n"
    )
    archive(tmp_path / "in" / "Ada.zip", {}, {"attention.py": SOLUTION})
    archive(tmp_path / "in" / "Bo.zip", passed("04.3"), {"attention.py": SOLUTION.replace("softmax", "sigmoid")})
    archive(tmp_path / "in" / "Cai.zip", passed("04.3"), {"attention.py": reach + SOLUTION})
    archive(tmp_path / "in" / "Dee.zip", passed("04.3"), {"attention.py": "x = bytearray(1 << 40)\n" + SOLUTION})
    assert grade(tmp_path / "in", tmp_path / "out", run=True) == 0
    assert not witness.exists()
    by = {row["learner"]: row for row in rows(tmp_path / "out", "exercises.csv") if row["exercise"] == "04.3"}
    assert (by["Ada"]["passed"], by["Ada"]["evidence"]) == ("True", "sandbox")
    assert (by["Bo"]["counts"], by["Bo"]["evidence"]) == ("False", "sandbox")
    assert by["Cai"]["passed"] == "True"  # its code is right; what it tried besides came to nothing
    assert by["Dee"]["counts"] == "False"
    assert "MemoryError" in by["Dee"]["mistake"]
    capsys.readouterr()


def test_graded_again_everybody_keeps_their_file(tmp_path, capsys):
    top, out = tmp_path / "in", tmp_path / "out"
    archive(top / "bo.zip", passed("04.1"))
    notebook(top / "bo.ipynb", "✅ 04.2: passed\n")  # of the same learner
    (top / "Thumbs.db").write_bytes(b"x")
    assert grade(top, out) == 0
    archive(top / "abel.zip", passed("04.1"))
    assert grade(top, out) == 0
    assert sorted(path.name for path in (out / "feedback").iterdir()) == ["abel.md", "bo.md"]
    assert {row["student_id"]: row["score"] for row in rows(out, "grades.csv")} == {"abel": "1", "bo": "2"}
    (top / "abel.zip").unlink()
    archive(top / "BO.zip", passed("04.1"))  # one file with bo.md on Windows and macOS
    capsys.readouterr()
    assert grade(top, out) == 0
    assert "of an earlier grading still: abel.md" in capsys.readouterr().err
    assert len({path.name.casefold() for path in (out / "feedback").iterdir()}) == 3


def test_a_wrong_folder_is_refused(tmp_path):
    (tmp_path / "essays").mkdir()
    (tmp_path / "essays" / "anna.docx").write_bytes(b"PK")
    with pytest.raises(UserError, match="no progress, no check-in line and no notebook"):
        grade(tmp_path / "essays", tmp_path / "out")
    archive(tmp_path / "in" / "bo.zip", passed("04.1"))
    for inside in (tmp_path / "in", tmp_path / "in" / "marks"):
        with pytest.raises(UserError, match="would be taken for a learner"):
            grade(tmp_path / "in", inside)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "in" / "marks").exists()


def test_where_parts_alone_can_be_proven_nothing_else_is_owed():
    marks = {"bo": {"04.1": Result(True, "progress file"), "04.3": Result(True, RUN), "08.1": Result(True, "progress")}}
    table = tables(marks, True, [], PARTS_ALONE)["grades.csv"]
    found = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert [(row["assignment"], row["score"], row["max_score"]) for row in found] == [("04", "1", "1")]
