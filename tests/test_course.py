"""The machine of the course: source -> notebooks, checks, hints, check-in."""

import json
import re
import shutil
import sys

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

from course import lesson as source
from course.authoring import build as building
from course.authoring import decks
from course.authoring import execute as executing
from course.authoring.freeze import answers_of
from course.learner import check as checks
from course.learner import checkin as checking_in
from course.learner.digest import MOST, Unreadable, fingerprint, same
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.paths import ROOT

NUMBERS = [folder.name[:2] for folder in source.lesson_folders()]


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")
    checks.session.restart("")


@pytest.fixture
def course_copy(tmp_path, monkeypatch):
    """A lesson in a folder of its own, which a test may change."""
    folder = shutil.copytree(source.read_lesson("04").folder, tmp_path / "lessons" / "04_attention")
    monkeypatch.setattr(source, "LESSONS", folder.parent)
    monkeypatch.setattr(building, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(building, "ROOT", tmp_path)
    source.read_lesson.cache_clear()
    yield folder
    source.read_lesson.cache_clear()


# ---- lessons as they stand


def test_notebooks_are_in_step_with_their_sources():
    assert building.build(check=True) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", NUMBERS)
def test_every_check_knows_right_placeholder_and_wrong(number):
    """The lesson's own code, run now, still gives the frozen answers, and `judge` names each."""
    lesson, now = source.read_lesson(number), answers_of(source.read_lesson(number))
    frozen = checks.answers(number)
    assert now.keys() == frozen.keys() == lesson.exercises.keys()
    for exercise, prints in now.items():
        assert len(prints) >= 5, f"{exercise}: right, placeholder and at least three mistakes"
        for name, value in prints.items():
            assert [other for other, known in frozen[exercise].items() if same(value, known)] == [name], (
                exercise,
                name,
            )


@pytest.mark.parametrize("number", NUMBERS)
def test_garbage_is_answered_with_a_sentence(number):
    huge = np.broadcast_to(np.float32(1), (MOST + 1,))
    for exercise in source.read_lesson(number).exercises:
        for value in (
            None,
            print,
            object(),
            "",
            "?",
            [],
            [[1], [1, 2]],
            {"a": 1},
            np.nan,
            np.full(3, np.inf),
            huge,
            1e300,
        ):
            outcome, sentence = checks.judge(exercise, value)
            assert outcome in ("unreadable", "shape", "not yet", "placeholder"), (exercise, value)
            assert sentence


@pytest.mark.parametrize("number", NUMBERS)
def test_form_of_a_lesson(number):
    lesson = source.read_lesson(number)
    zh, en = (building.make_notebook(lesson, language) for language in ("zh", "en"))
    assert [c.source for c in zh.cells if c.cell_type == "code"] == [
        c.source for c in en.cells if c.cell_type == "code"
    ]
    assert len(zh.cells) == len(en.cells)
    assert 2 <= len(lesson.exercises) <= 4
    for cell in lesson.cells:
        lines = source.shown_source(cell.marks["show"]) if "show" in cell.marks else cell.text
        if cell.kind == "code" and not cell.marks.keys() & {"solution", "wrong"}:
            written = [line for line in lines.splitlines() if line.strip()]
            assert len(written) <= (60 if "show" in cell.marks else 18), cell.text[:60]
        for alt, target in re.findall(r"!\[(.*?)\]\((.*?)\)", cell.text):
            assert len(alt) > 5
            assert (ROOT / "notebooks" / "zh" / target).is_file(), target
    for notebook in (zh, en):
        text = "\n".join(cell.source for cell in notebook.cells)
        for exercise in lesson.exercises.values():
            for line in set(exercise.solution.splitlines()) - set(exercise.placeholder.splitlines()):
                assert len(line.strip()) < 12 or f"\n{line}\n" not in f"\n{text}\n", (
                    "the learner's edition has no solution"
                )
        assert text.count("checkin(") == 1


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_committed_outputs_come_from_one_run(number, language):
    path = building.notebook_path(source.read_lesson(number), language)
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert path.stat().st_size < 600_000
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"Warning|\[ERROR\]|Traceback|PEAK \d", text)


@pytest.mark.parametrize("number", NUMBERS)
def test_question_depends_on_the_nickname(number):
    lesson = source.read_lesson(number)
    asked = {name: checking_in.question(lesson, name) for name in ("Ada", "ada ", "Emmy", "李雷", "韩梅梅")}
    assert asked["Ada"] == asked["ada "]
    assert len({text for text, _ in asked.values()}) == 4
    assert all(np.isfinite(right) for _, right in asked.values())


# ---- building


def test_an_edited_notebook_is_reported(course_copy):
    assert building.build() == []
    assert building.build(check=True) == []
    path = building.NOTEBOOKS / "en" / "04_attention.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("three tokens", "four tokens", 1), encoding="utf-8")
    assert building.build(check=True) == [
        "notebooks/en/04_attention.ipynb: not made from 04_attention; run python -m course build"
    ]


def test_a_build_keeps_outputs(course_copy):
    building.build()
    path = building.NOTEBOOKS / "zh" / "04_attention.ipynb"
    notebook = nbformat.read(path, 4)
    next(c for c in notebook.cells if c.cell_type == "code").outputs = [nbformat.v4.new_output("stream", text="kept")]
    nbformat.write(notebook, path)
    building.build()
    assert "kept" in path.read_text(encoding="utf-8")


def test_outputs_stay_while_the_code_stays(course_copy):
    building.build()
    path, file = building.NOTEBOOKS / "zh" / "04_attention.ipynb", course_copy / "lesson.py"
    notebook = nbformat.read(path, 4)
    next(c for c in notebook.cells if c.cell_type == "code").outputs = [nbformat.v4.new_output("stream", text="kept")]
    nbformat.write(notebook, path)
    for old, new, kept in (("三个 token，徒手算", "三个 token，用手算", True), ('begin("04")', 'begin("04") ', False)):
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
        source.read_lesson.cache_clear()
        building.build()
        assert ("kept" in path.read_text(encoding="utf-8")) is kept


def test_prose_changed_in_one_language_is_reported_until_the_other_follows(course_copy):
    building.build()
    file = course_copy / "lesson.py"
    text = file.read_text(encoding="utf-8")

    def change(old, new):
        nonlocal text
        assert text.count(old) == 1
        text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
        source.read_lesson.cache_clear()

    change("## 1. 三个 token，徒手算", "## 1. 三个 token，用手算")
    for _ in range(2):  # building again does not make it forget
        report = building.build()
        assert len(report) == 1
        assert "the Chinese text changed alone" in report[0]
        assert "by hand" in report[0]
    change("## 1. Three tokens, by hand", "## 1. Three tokens, on paper")
    assert building.build() == []
    change("tokens, on paper", "tokens, by pencil")
    assert "the English text changed alone" in building.build()[0]
    assert building.build(agreed=True) == []
    assert building.build(check=True) == []


def test_broken_sources_are_refused(course_copy):
    file = course_copy / "lesson.py"
    text = file.read_text(encoding="utf-8")
    for old, new, word in (
        ('# %% [markdown] hint="04.1" lang="zh"', '# %% [markdown] lang="zh"', "no Chinese"),
        ("# zh: 看起来没有除以 √d：权重太尖了\n", "", "begins with"),
    ):
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        source.read_lesson.cache_clear()
        with pytest.raises(UserError, match=word):
            building.build()
    with pytest.raises(UserError, match="no lesson '77'"):
        source.read_lesson("77")


# ---- running notebooks


def test_the_peak_is_read_though_its_line_comes_in_pieces():
    client = NotebookClient(nbformat.v4.new_notebook(), timeout=60)
    with client.setup_kernel():
        said = 'import time; print("noise"); print("PEAK", end=" ", flush=True); time.sleep(0.5); print(5)'
        assert executing._peak(client, said) in (5, 5 * 1024)  # macOS counts bytes
        assert executing._peak(client, "print('PEAK unknown')") == 0
        assert executing._peak(client, "pass") == 0
    assert client.nb.cells == []


# ---- fingerprints


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(2, 6))
def test_a_fingerprint_tells_arrays_apart(seed, rows, columns):
    rng = np.random.default_rng(seed)
    array = rng.normal(size=(rows, columns)).astype(np.float32)
    own = fingerprint(array)
    assert same(own, fingerprint(array * np.float32(1 + 1e-6)))
    assert same(own, fingerprint(array.tolist()))
    assert not same(own, fingerprint(array[:, ::-1] if not np.allclose(array, array[:, ::-1], 0.1) else array + 1))
    assert not same(own, fingerprint(array * 1.05))
    assert not same(own, fingerprint(array.ravel()))


def test_letters_are_a_set():
    assert same(fingerprint("a, d"), fingerprint("DA"))
    assert same(fingerprint(["A", "D"]), fingerprint("AD"))
    assert not same(fingerprint("AD"), fingerprint("ADF"))
    with pytest.raises(Unreadable):
        fingerprint(None)


# ---- check and hint


def test_check_tells_the_mistake_and_remembers_it(capsys):
    keys = np.array([[2, 0, 1, 0], [2, 0, 0, 1], [0, 2, 0, 0]], float)
    scores = keys @ [1, 2, 0, -1]

    def softmax(x):
        return np.exp(x) / np.exp(x).sum()

    checks.check("04.1", softmax(scores))
    checks.check("04.1", softmax(scores / 2))
    checks.check("04.1", np.full(3, 1 / 3))
    out = capsys.readouterr().out.splitlines()
    assert "not divided by √d" in out[0]
    assert out[1] == "✅ 04.1: passed"
    assert out[2].startswith("⬜")
    assert checks.session.mistakes == {"04.1": ["no scale"]}


def test_parts_are_compared_each_with_its_shape():
    a, b = np.arange(24.0).reshape(2, 3, 4), np.arange(6.0).reshape(2, 3)
    assert same(fingerprint((a, b)), fingerprint((a, b)))
    for other in ((a, b.T), (a.reshape(3, 2, 4), b), (a,), (a, b, b), a):
        assert not same(fingerprint((a, b)), fingerprint(other))


def test_check_says_which_part_is_right(capsys):
    right = checks.answers("05")["05.4"]["right"]["values"]
    checks.check("05.4", [right[0], 1, right[2]])
    checks.check("05.4", [1, 2, 3])
    checks.check("5.4", right)
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "🔸 05.4: partly: right are no. 1, 3; not yet no. 2"
    assert out[1].startswith("🔸 05.4: not yet;")
    assert out[2] == "🔸 there is no exercise '5.4'; there are 05.1, 05.2, 05.3, 05.4"


def test_check_speaks_chinese(capsys, monkeypatch):
    monkeypatch.setenv("VIT_LANG", "zh")
    checks.check("04.1", np.zeros(4))
    assert "形状应为 (3,)" in capsys.readouterr().out


def test_three_hints_then_the_solution(monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda markdown: shown.append(markdown.data))
    for _ in range(5):
        checks.hint("04.2")
    assert [text[:5] for text in shown[:3]] == ["💡 1/3", "💡 2/3", "💡 3/3"]
    assert len(set(shown)) == 4
    assert "swapaxes(-1, -2)" in shown[3]
    assert shown[3] == shown[4]


# ---- check-in


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """As in a kernel where lesson 04 was begun and one exercise solved."""
    monkeypatch.setattr(checking_in, "FOLDER", tmp_path / "checkin")
    checks.session.lesson = "04"
    monkeypatch.setattr(sys.modules["__main__"], "unchanged", "ADF", raising=False)
    return tmp_path / "checkin"


def test_checkin_writes_receipt_card_and_post(kernel, capsys):
    from PIL import Image

    _, right = checking_in.question(source.read_lesson("04"), "小明")
    checking_in.checkin("小明", answer=round(right, 3), note="day 5\n第五天")
    files = sorted(kernel.iterdir())
    assert [file.suffix for file in files] == [".json", ".md", ".png"]
    receipt = json.loads(files[0].read_text(encoding="utf-8"))
    assert receipt["exercises"]["04.4"]["outcome"] == "passed"
    assert receipt["exercises"]["04.1"]["outcome"] == "error: NameError"
    assert receipt["question"]["right"] is True
    assert receipt["nickname"] == "小明"
    assert Image.open(files[2]).size == (1200, 630)
    assert "> 第五天" in files[1].read_text(encoding="utf-8")
    out = capsys.readouterr().out
    assert "missing: 04.1, 04.2, 04.3" in out
    assert "nothing is sent" in out


def test_checkin_judges_afresh(kernel, monkeypatch):
    """A solution that was right and has been broken since does not pass."""
    checks.check("04.4", "ADF")
    monkeypatch.setattr(sys.modules["__main__"], "unchanged", "A")
    checking_in.checkin("x")
    receipt = json.loads(next(kernel.glob("*.json")).read_text(encoding="utf-8"))
    assert receipt["exercises"]["04.4"]["outcome"] == "only A"
    assert receipt["question"]["right"] is None


def test_a_wrong_answer_is_wrong_and_full_width_digits_are_digits(kernel):
    _, right = checking_in.question(source.read_lesson("04"), "x")
    assert checking_in.write("x", answer=1)[0]["question"]["right"] is False
    wide = f"{right:.3f}".translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    assert checking_in.write("x", answer=wide)[0]["question"]["right"] is True


def test_running_the_cell_again_keeps_answer_and_note(kernel):
    _, right = checking_in.question(source.read_lesson("04"), "x")
    checking_in.write("x", answer=right, note="<b>hello</b>")
    receipt, stem = checking_in.write("x")
    assert receipt["question"]["right"] is True
    assert receipt["note"] == "<b>hello</b>"
    assert "<b>" not in stem.with_suffix(".md").read_text(encoding="utf-8")
    stem.with_suffix(".json").write_text("not json")
    assert checking_in.write("x")[0]["question"]["right"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        *({"nickname": name} for name in ("", " ", None, 7, "x" * 41, "a\nb", "\x00")),
        *({"nickname": "x", "answer": answer} for answer in ("x", [1], np.nan, "0.5 or so", 1e300)),
        {"nickname": "x", "note": "n" * 501},
        {"nickname": "x", "note": 3},
    ],
)
def test_what_cannot_be_used_is_said_in_a_line_and_nothing_written(kernel, capsys, arguments):
    with pytest.raises(UserError):
        checking_in.write(**arguments)
    checking_in.checkin(**arguments)
    out = capsys.readouterr().out
    assert out.startswith("🔸")
    assert out.count("\n") == 1
    assert not kernel.exists()


def test_checkin_without_a_lesson(kernel, capsys):
    checks.session.lesson = ""
    checking_in.checkin("x")
    assert "first code cell" in capsys.readouterr().out


def test_an_unknown_exercise_is_said(capsys):
    for number in ("04.9", "4.1", "77.1", 4.1, None):
        checks.check(number, 1)
        checks.hint(number)
    assert capsys.readouterr().out.count("there is no exercise") == 10


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_of_a_deck_do_not_overflow(number, language):
    pages = [[]]
    for cell in building.make_notebook(source.read_lesson(number), language).cells:
        place = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if place in ("slide", "subslide"):
            pages.append([])
        if place not in ("notes", "skip"):
            pages[-1].append(cell)
    assert pages[0] == [], "the first cell begins a slide"
    for page in pages[1:]:
        # a class of the package, shown whole, may be higher: the page then scrolls
        assert len(page) == 1 or sum(map(decks.height, page)) <= decks.PAGE, page[0].source[:60]


def test_a_failing_lesson_is_named_and_the_others_go_on(monkeypatch, capsys):
    def run(lesson, language, keep):
        if lesson.number == "01":
            raise RunFailed("01_data (zh), cell 3: ValueError: no such thing")
        return executing.Run(lesson.number, language, 1.0, 0, "well")

    monkeypatch.setattr(executing, "execute", run)
    assert executing.run_lessons([source.read_lesson(number) for number in ("00", "01", "02")], "zh") == 1
    said = capsys.readouterr()
    assert "01_data (zh), cell 3: ValueError: no such thing" in said.err
    assert "02_pipeline" in said.out
    assert "2 of 3" in said.out
    assert executing.run_lessons([source.read_lesson("00")], "zh") == 0
