"""The machine of the course: source -> notebooks, checks, hints, check-in."""

import ast
import itertools
import json
import re
import shutil
import sys

import jupytext
import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

from course.authoring import execute as executing
from course.authoring.execute import machine_path
from course.authoring.freeze import alike, answers_of
from course.document import lesson as source
from course.document.bilingual import in_language, missing_pairs, skeleton
from course.document.percent import read_cells
from course.editions import notebook as building
from course.editions import reading, slideshow
from course.language import LANGUAGES
from course.learner import check as checks
from course.learner import checkin as checking_in
from course.learner import progress
from course.learner.digest import MOST, UnreadableAnswer, fingerprint, same
from course.learner.session import session
from course.manifest import LESSONS, lesson_numbers, lessons, notebook_numbers, readme_table
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.paths import ROOT

NUMBERS = lesson_numbers()


@pytest.fixture(autouse=True)
def english(monkeypatch, tmp_path):
    monkeypatch.setenv("VIT_LANG", "en")
    monkeypatch.setenv("VIT_LEARNER", str(tmp_path / "learner"))
    session.restart("")


@pytest.fixture
def course_copy(tmp_path, monkeypatch):
    """A lesson in a folder of its own, which a test may change."""
    folder = shutil.copytree(source.read_lesson("04").folder, tmp_path / "lessons" / "04_attention")
    monkeypatch.setattr(source, "lessons", lambda: tuple(entry for entry in lessons() if entry.number == "04"))
    monkeypatch.setattr(building, "notebook_numbers", lambda: ["04"])
    assert lessons()
    monkeypatch.setattr("course.manifest.LESSONS", folder.parent)
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
        least = 4 if lesson.exercises[exercise].investigation else 5  # three statements, one of them right
        assert len(prints) >= least, f"{exercise}: right, placeholder and at least three mistakes"
        for name, value in prints.items():
            found = [other for other, known in frozen[exercise].items() if alike(exercise, value, known)]
            assert found == [name], (exercise, name)


def test_garbage_is_answered_with_a_sentence(everything_run):
    for number in NUMBERS:
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


def test_form_of_a_lesson():
    for number in NUMBERS:
        lesson = source.read_lesson(number)
        zh, en = (building.make_notebook(lesson, language) for language in ("zh", "en"))
        code = [[c.source for c in notebook.cells if c.cell_type == "code"] for notebook in (zh, en)]
        assert [skeleton(text) for text in code[0]] == [skeleton(text) for text in code[1]]  # the same program
        assert len(zh.cells) == len(en.cells)
        assert 2 <= len(lesson.exercises) <= 2 * len(lesson.sections)
        for cell in lesson.cells:
            for alt, target in re.findall(r"!\[(.*?)\]\((.*?)\)", cell.text):
                assert len(alt) > 5
                assert (ROOT / "notebooks" / "zh" / target).is_file(), target
        for notebook in (zh, en):
            for cell in notebook.cells:
                written = [line for line in cell.source.splitlines() if line.strip()]
                assert cell.cell_type != "code" or len(written) <= 18, cell.source[:60]
            text = "\n".join(
                cell.source for cell in notebook.cells if "shown" not in cell.metadata
            )  # not what is folded
            for exercise in lesson.exercises.values():
                for line in set(exercise.solution.splitlines()) - set(exercise.placeholder.splitlines()):
                    assert len(line.strip()) < 12 or f"\n{line}\n" not in f"\n{text}\n", (
                        "the learner's edition has no solution"
                    )
            assert len(re.findall(r"^checkin\(", text, re.MULTILINE)) == len(lesson.sections)


def statements(code: str) -> set[str]:
    """The simple statements of some code, its names made equal; what is too short to give anything away is left out."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            for name in ast.walk(node):
                if isinstance(name, ast.Name):
                    name.id = "_"
            if len(text := ast.unparse(node)) > 25:
                found.add(text)
    return found


def test_no_statement_of_a_solution_stands_in_a_visible_cell():
    for number in NUMBERS:
        lesson = source.read_lesson(number)
        visible = [c for c in lesson.cells if c.kind == "code" and not c.for_authors and "show" not in c.marks]
        seen = set().union(*(statements(cell.text) for cell in visible))
        for exercise in lesson.exercises.values():
            assert not (statements(exercise.solution) - statements(exercise.placeholder)) & seen, exercise.number


def test_what_an_exercise_is_judged_by_is_only_the_learners():
    """A check-in evaluates the exercise's names again: no cell may give them the course's own function."""
    for number in NUMBERS:
        lesson = source.read_lesson(number)
        code = "\n".join(cell.text for cell in lesson.cells if cell.runs and "exercise" not in cell.marks)
        bound = set(re.findall(r"^(\w+) = checked\(", code, re.MULTILINE))
        judged = {
            name.id
            for e in lesson.exercises.values()
            for name in ast.walk(ast.parse(e.value))
            if isinstance(name, ast.Name)
        }
        assert not bound & judged


def test_a_section_is_read_in_a_quarter_of_an_hour():
    for number, language in itertools.product(NUMBERS, LANGUAGES):
        minutes = reading.minutes(source.read_lesson(number), language)
        assert max(minutes.values()) <= 15, minutes


def test_committed_outputs_come_from_one_run():
    for number, language in itertools.product(NUMBERS, LANGUAGES):
        path = building.notebook_path(source.read_lesson(number), language)
        cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
        assert path.stat().st_size < 600_000
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"Warning|\[ERROR\]|Traceback|PEAK \d", text)


TIME = re.compile(r"\d+(?:\.\d+)?\s*(?:毫?秒|m?s\b)")
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:,\d{3})*(?![\d⁰¹²³⁴-⁹])(?:\.\d*)?(?:e[-+]?\d+)?")


def numbers(cell) -> list[str]:
    """The numbers in what a cell has printed and shown, all but times."""
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return sorted(NUMBER.findall(TIME.sub("", "".join(texts))))


def test_the_stored_outputs_of_both_editions_hold_the_same_numbers():
    compared = 0
    for number in NUMBERS:
        lesson = source.read_lesson(number)
        zh, en = (nbformat.read(building.notebook_path(lesson, language), 4) for language in LANGUAGES)
        code = [[cell for cell in notebook.cells if cell.cell_type == "code"] for notebook in (zh, en)]
        for cell, one, other in zip([c for c in lesson.cells if c.runs], *code, strict=True):
            if "timed" not in cell.marks:
                assert numbers(one) == numbers(other), (number, cell.text[:60])
                compared += len(numbers(one))
    assert compared > 1000


def test_question_depends_on_the_nickname():
    for number in NUMBERS:
        lesson = source.read_lesson(number)
        section = lesson.sections[0]
        asked = {
            name: checking_in.question(lesson, section, nickname=name)
            for name in ("Ada", "ada ", "Emmy", "李雷", "韩梅梅")
        }
        assert asked["Ada"] == asked["ada "]
        assert len({text for text, _ in asked.values()}) == 4
        assert all(np.isfinite(right) for _, right in asked.values())


# ---- the format


def test_a_lesson_is_read_as_jupytext_reads_it():
    for number in NUMBERS:
        for path in sorted(source.read_lesson(number).folder.glob("[le]*.py")):
            theirs = jupytext.read(path, fmt="py:percent").cells
            ours = read_cells(path)
            assert [(c.kind, c.text) for c in ours] == [(c.cell_type, c.source) for c in theirs]
            for cell, other in zip(ours, theirs, strict=True):
                assert cell.marks == {k: v for k, v in other.metadata.items() if k != "lines_to_next_cell"}


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ('[markdown] lang="zh" notes=true', "there is no mark 'notes'; did you mean note"),
        ('show="vit.attention:Attention" foldd=true', "there is no mark 'foldd'; did you mean folded"),
        ('show="vit.attention:Attention" folded="true"', "folded"),
        ("folded=true", "folded needs show"),
        ("note=true", "note needs lang"),
        ('[markdown] lang="fr"', "lang"),
        ('wrong="04.1"', "wrong needs mistake"),
        ('exercise="4.1"', "exercise"),
        ("slow=true slow=true", "twice"),
        ("slow", "marks are written"),
        ('lang="zh', "marks are written"),
    ],
)
def test_a_mark_that_is_none_is_refused_with_its_line(tmp_path, head, says):
    path = tmp_path / "lesson.py"
    path.write_text(f"# %%\nx = 1\n# %% {head}\ny = 1\n", encoding="utf-8")
    with pytest.raises(UserError, match=f"line 3.*{re.escape(says)}"):
        read_cells(path)


def test_what_is_hidden_is_decided_in_one_place():
    """What a learner's notebook leaves out, what freezing runs, and what it shows to be read are of one mind."""
    for number in NUMBERS:
        lesson = source.read_lesson(number)
        made = [c.source for c in building.make_notebook(lesson, "en").cells if c.cell_type == "code"]
        shown = [in_language(c.text, "en") for c in lesson.cells if c.runs and "show" not in c.marks]
        assert set(shown) <= set(made)
        assert len(made) == sum(c.runs for c in lesson.cells)


# ---- building


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("x = 1  # 中文 ¦ English words", None),
        ("x = y.reshape(2, 3)  # (B, N, D) -> (B, h)", None),
        ('print(T(f"共 {n} 个", f"{n} of them"))', None),
        ("x = 1  # only English here", "the comment"),
        ("x = 1  # 只有中文", "the comment"),
        ("x = 1  # English first ¦ 中文", "Chinese, ¦, English"),
        ('print("two words")', "the string"),
        ('print("中文")', "the string"),
        ('print(T(f"共 {n} 个", f"{m} of them"))', "different expressions"),
        ('print(T("甲" + T("乙", "b"), "a" + T("乙", "b")))', "a T(...) inside a T(...)"),
    ],
)
def test_words_in_one_language_only_are_named(code, says):
    found = missing_pairs(code)
    assert (found == []) if says is None else (len(found) == 1 and says in found[0]), found


def test_what_a_chinese_lesson_shows_of_the_package_is_chinese():
    marks = [cell.marks for number in NUMBERS for cell in source.read_lesson(number).cells]
    shown = "".join(source.shown_source(mark["show"]) for mark in marks if "show" in mark)
    table = json.loads(building.COMMENTS.read_text(encoding="utf-8"))
    assert all(english in shown for english in table)  # no entry is out of date
    assert not re.search(r"# [a-z]+ [a-z]+ ", building.commented(source.shown_source("vit.attention:Attention"), "zh"))


def test_code_is_built_in_either_language_and_is_the_same_program():
    code = 'x = f(T("甲", "a b"), T(f"{p} 共 {n:.1f}", f"{n:.1f} of {p}"))  # 很长的行 ¦ a long line\ny = T("一", "1") + T("二", "2")'
    zh, en = (in_language(code, language) for language in ("zh", "en"))
    assert zh == 'x = f("甲", f"{p} 共 {n:.1f}")  # 很长的行\ny = "一" + "二"'
    assert en == 'x = f("a b", f"{n:.1f} of {p}")  # a long line\ny = "1" + "2"'
    assert skeleton(zh) == skeleton(en)
    assert skeleton("x = 1") != skeleton("x = 2")
    assert skeleton('print(f"{a}")') != skeleton('print(f"{b}")')


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
    for old, new, kept in (
        ("三个 token，徒手算", "三个 token，用手算", True),
        ('begin("04")', 'begin("04")  # 开始 ¦ go', True),
        ('begin("04")', 'begin("04"), 1', False),
    ):
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

    change("## A · 1. 三个 token，徒手算", "## A · 1. 三个 token，用手算")
    for _ in range(2):  # building again does not make it forget
        report = building.build()
        assert len(report) == 1
        assert "the Chinese text changed alone" in report[0]
        assert "by hand" in report[0]
    change("## A · 1. Three tokens, by hand", "## A · 1. Three tokens, on paper")
    assert building.build() == []
    change("tokens, on paper", "tokens, by pencil")
    assert "the English text changed alone" in building.build()[0]
    assert building.build(agreed=True) == []
    assert building.build(check=True) == []


def test_broken_sources_are_refused(course_copy):
    file = course_copy / "exercises.py"
    text = file.read_text(encoding="utf-8")
    for old, new, word in (
        ('# %% [markdown] hint="04.1" lang="zh"', '# %% [markdown] lang="zh"', "no Chinese"),
        ("# zh: 看起来没有除以 √d：分布过于尖锐\n", "", "begins with"),
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
    with pytest.raises(UnreadableAnswer):
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
    entry = progress.read()["exercises"]["04.1"]
    assert (entry["attempts"], entry["mistakes"], entry["passed"] is None) == (2, ["no scale"], False)


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
    assert out[2] == "🔸 there is no exercise '5.4'; there are 05.1, 05.2, 05.3, 05.4, 05.5, 05.6"


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
    session.lesson = "04"
    monkeypatch.setattr(sys.modules["__main__"], "diagnosis", "BDCA", raising=False)
    checking_in.join("小明")
    return tmp_path / "learner" / "checkin"


def test_checkin_writes_receipt_card_and_post(kernel, capsys):
    from PIL import Image

    _, right = checking_in.question(source.read_lesson("04"), "C", nickname="小明")
    checking_in.checkin("C", answer=right, note="day 5\n第五天")
    files = sorted(kernel.iterdir())
    assert [file.suffix for file in files] == [".json", ".md", ".png"]
    receipt = json.loads(files[0].read_text(encoding="utf-8"))
    assert {number: one["outcome"] for number, one in receipt["exercises"].items()} == {
        "04.4": "passed",
        "04.6": "error: NameError",
    }
    assert receipt["parts"] == {"yours": 0, "all": 6}
    assert receipt["question"]["right"] is True
    assert receipt["nickname"] == "小明"
    assert Image.open(files[2]).size == (1200, 630)
    assert "> 第五天" in files[1].read_text(encoding="utf-8")
    out = capsys.readouterr().out
    assert "missing: 04.6" in out
    assert "nothing is sent" in out


def test_what_has_passed_stays_passed_and_the_rest_is_judged_afresh(kernel, monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "diagnosis", "ADCB")
    assert checking_in.write("C")[0]["exercises"]["04.4"]["outcome"] == "0 and 3 exchanged"
    checks.check("04.4", "BACD")
    checks.hint("04.4")
    checks.check("04.4", "BDCA")
    monkeypatch.delattr(sys.modules["__main__"], "diagnosis")  # the kernel was restarted
    receipt, stem = checking_in.write("C")
    assert receipt["exercises"]["04.4"] == {
        "outcome": "passed",
        "attempts": 2,
        "mistakes": ["1 and 3 exchanged"],
        "hints": 1,
    }
    assert receipt["question"]["right"] is None
    assert stem.name.startswith("04C-")


def test_every_section_has_a_check_in_and_a_question_of_its_own(kernel):
    lesson = source.read_lesson("04")
    assert lesson.sections == ["A", "B", "C"]
    assert [exercise.section for exercise in lesson.exercises.values()] == ["A", "A", "B", "C", "C"]
    assert len({checking_in.write(section)[0]["question"]["text"] for section in lesson.sections}) == 3
    assert len(list(kernel.glob("*.json"))) == 3


@pytest.mark.parametrize("name", ["", " ", 7, "x" * 41, "a\nb", "\x00", "nickname", "你的昵称", "Your Name"])
def test_join_refuses_what_is_no_nickname(name, capsys):
    checking_in.join(name)
    assert capsys.readouterr().out.startswith("🔸")
    assert progress.read()["nickname"] is None


def test_join_asks_where_somebody_can_type(monkeypatch, capsys):
    def nobody(_):
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    checking_in.join()
    assert "join(" in capsys.readouterr().out
    answers = iter(["李雷", "43gdnx shhxf3 bfzu67"])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    checking_in.join()
    assert progress.read()["nickname"] == "李雷"
    assert progress.read()["code"] == "43GDNX-SHHXF3-BFZU67"


def test_a_damaged_progress_file_is_kept_aside(kernel, capsys):
    progress.progress_file().write_text("{", encoding="utf-8")
    assert progress.read()["nickname"] is None
    assert "damaged" in capsys.readouterr().out
    assert [path.read_text() for path in progress.progress_file().parent.glob("progress.damaged-*")] == ["{"]
    for strange in ("[]", "null", '{"version": 1, "exercises": [], "nickname": 3}'):
        progress.progress_file().write_text(strange, encoding="utf-8")
        assert progress.read()["exercises"] == {}


def test_a_wrong_answer_is_wrong_and_full_width_digits_are_digits(kernel):
    _, right = checking_in.question(source.read_lesson("04"), "A", nickname="小明")
    assert checking_in.write("A", answer=1)[0]["question"]["right"] is False
    wide = f"{right:.3f}".translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    assert checking_in.write("A", answer=wide)[0]["question"]["right"] is True


def test_running_the_cell_again_keeps_answer_and_note(kernel):
    _, right = checking_in.question(source.read_lesson("04"), "A", nickname="小明")
    checking_in.write("A", answer=right, note="<b>hello</b>")
    receipt, stem = checking_in.write("A")
    assert receipt["question"]["right"] is True
    assert receipt["note"] == "<b>hello</b>"
    assert "<b>" not in stem.with_suffix(".md").read_text(encoding="utf-8")
    stem.with_suffix(".json").write_text("not json")
    assert checking_in.write("A")[0]["question"]["right"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        *({"section": section} for section in ("", "D", None, 7, "a", "nickname")),
        *({"section": "A", "answer": answer} for answer in ("x", [1], np.nan, "0.5 or so", 1e300)),
        {"section": "A", "note": "n" * 501},
        {"section": "A", "note": 3},
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
    session.lesson = ""
    checking_in.checkin("A")
    assert "first code cell" in capsys.readouterr().out


def test_an_unknown_exercise_is_said(capsys):
    for number in ("04.9", "4.1", "77.1", 4.1, None):
        checks.check(number, 1)
        checks.hint(number)
    assert capsys.readouterr().out.count("there is no exercise") == 10


def test_pages_of_a_deck_do_not_overflow():
    for number, language in itertools.product(NUMBERS, LANGUAGES):
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
            assert len(page) == 1 or sum(map(slideshow.height, page)) <= slideshow.PAGE, page[0].source[:60]


def test_a_failing_lesson_is_named_and_the_others_go_on(monkeypatch, capsys):
    def run(lesson, language, keep, learner, solved):
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


def test_the_manifest_is_the_only_list_of_lessons(monkeypatch, tmp_path):
    """What the README's table says, which part of the map each lesson shows, and what lies in the folder."""
    for readme in ("README.md", "README.zh.md"):
        assert readme_table() in (ROOT / readme).read_text(encoding="utf-8")
    for entry in lessons():
        text = (entry.path / "lesson.py").read_text(encoding="utf-8")
        assert set(re.findall(r"figures/map_(\w+)\.(?:zh|en)\.svg", text)) == {entry.map}
    assert lesson_numbers() == sorted(lesson_numbers())
    shutil.copytree(LESSONS, tmp_path / "lessons", ignore=lambda *_: ["00_whole_game"])
    monkeypatch.setattr("course.manifest.LESSONS", tmp_path / "lessons")
    with pytest.raises(UserError, match="do not agree on 00_whole_game"):
        lessons.__wrapped__()


def test_no_stored_output_tells_where_it_was_made():
    for number, language in itertools.product(notebook_numbers(), LANGUAGES):
        lesson = source.read_lesson(number)
        assert machine_path(nbformat.read(building.notebook_path(lesson, language), 4)) == "", f"{number} {language}"
    for said in ("drawn to /srv/some/data/sample\n", "C:\\\\Users: no".replace("\\\\", "\\")):
        cell = nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output("stream", text=said)])
        assert machine_path(nbformat.v4.new_notebook(cells=[cell]))
    for said in ("https://one.org/two/three/four", "data/sample/train/cat", "1/2/3/4", "(3/4)"):
        cell = nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output("stream", text=said)])
        assert machine_path(nbformat.v4.new_notebook(cells=[cell])) == "", said
