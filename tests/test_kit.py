"""What an instructor gets of a lesson: plans that add up, both languages alike, files that platforms read."""

import csv
import io
import json
import re
import shutil
import subprocess
from itertools import pairwise

import pytest

from course.cli import make_kit
from course.document.classroom import LENGTHS, read_deck, read_handout, read_quiz
from course.document.lesson import read_lesson
from course.editions import pdf, quiz
from course.editions.bound import NOT_YET
from course.editions.deck import make_deck
from course.editions.handout import make_handout
from course.editions.paper import LONGEST, PLACE, Paper
from course.editions.run_sheet import BREAK, kind, make_run_sheet, plan
from course.editions.teacher import exercise_minutes
from course.language import LANGUAGES
from course.manifest import lesson_numbers, singles
from course.site.npm import take
from vit.runtime.errors import UserError
from vit.runtime.paths import ROOT

TAUGHT = [number for number in lesson_numbers() if (read_lesson(number).folder / "deck.py").is_file()]
SINGLES = [entry.number for entry in singles()]  # each has a deck, for a class of 90 minutes
each = pytest.mark.parametrize("number", TAUGHT)
every_deck = pytest.mark.parametrize("number", TAUGHT + SINGLES)
spoken = pytest.mark.parametrize("language", LANGUAGES)


def test_every_lesson_has_its_class():
    assert lesson_numbers() == TAUGHT


@every_deck
def test_a_class_ends_when_the_bell_rings(number):
    pages = read_deck(read_lesson(number).folder)
    assert 12 <= len(pages) <= 16
    for length in LENGTHS if number in TAUGHT else [90]:
        rows = plan(pages, length)
        assert rows[0].start == 0
        assert all(one.start + one.minutes == other.start for one, other in pairwise(rows))
        assert rows[-1].start + rows[-1].minutes == length
        assert [row.minutes for row in rows if not row.page] == ([BREAK] * 2 if length == 180 else [])
        assert {1, len(pages)} <= {row.page for row in rows}  # no class without its beginning and its end


@every_deck
def test_an_exercise_gets_the_minutes_that_its_heading_promises(number):
    lesson = read_lesson(number)
    promised = {
        one: long for other in lesson_numbers() for one, long in exercise_minutes(read_lesson(other), "en").items()
    }
    for page in read_deck(lesson.folder):
        for one in re.findall(r"\{exercise ([\d.]+)\}", page.texts["en"])[:1]:
            assert all(minutes >= promised[one] for minutes in page.minutes.values())


@every_deck
def test_a_bet_is_settled_on_the_next_page(number):
    pages = read_deck(read_lesson(number).folder)
    bets = [place for place, page in enumerate(pages) if page.bet]
    assert len(bets) >= 2
    for place in bets:
        after = pages[place + 1]
        assert kind(after) in ("output", "figure") or "![](" in after.texts["en"]
        assert set(pages[place].minutes) == set(after.minutes)  # in a class of any length, both or neither


@every_deck
def test_both_languages_show_the_same(number):
    lesson = read_lesson(number)
    for page in read_deck(lesson.folder):
        zh, en = (_shown(page.texts[language]) for language in LANGUAGES)
        assert zh == en
        assert page.texts["zh"].count("\n+ ") == page.texts["en"].count("\n+ ")
    if number in SINGLES:
        return
    zh, en = (read_handout(lesson.folder)[language] for language in LANGUAGES)
    for pattern in (r"\[\[", r"!\[\]\((\w+)\)", r"\$\$.+?\$\$", r"^## ", r"^\|"):
        found = [re.findall(pattern, text, re.MULTILINE) for text in (zh, en)]
        assert found[0] == found[1], pattern


def _shown(text: str) -> list:
    places = [(kind, what.split("|")[0].strip()) for kind, what in PLACE.findall(text)]
    return places + re.findall(r"!\[\]\(([\w#.]+)\)", text) + re.findall(r"\$\$(.+?)\$\$", text)


@spoken
@each
def test_everything_is_made_and_nothing_is_left_to_fill_in(number, language):
    lesson = read_lesson(number)
    texts = [make_deck(lesson, language), make_run_sheet(lesson, language), make_handout(lesson, language)]
    texts += [make_handout(lesson, language, key=True)]
    for text in texts:
        seen = re.sub(r"<(script|style|pre|code)\b.*?</\1>", "", text, flags=re.DOTALL)
        assert not re.search(r"\{\{|\[\[|\{(code|output|figure|exercise|explorer) |%[A-Z]{4,}%|\ue000|\$\$", seen)
        assert NOT_YET not in seen  # a number that no output has
        assert 'alt=""' not in seen
        assert not re.search(r'(src|href)="(?!data:|#)', seen)  # nothing lies elsewhere
    key = set(re.findall(r'<b class="filled">(.+?)</b>', texts[3]))
    assert len(key) >= 8
    assert "filled" not in re.sub(r"<style.*?</style>", "", texts[2], flags=re.DOTALL)


@each
def test_five_questions_each_with_a_reason_for_every_choice(number):
    questions = read_quiz(read_lesson(number).folder)
    assert len(questions) == 5
    rights = []
    for question in questions:
        assert len(question.choices) == 4
        rights.append([choice["right"] for choice in question.choices].index(True))
        for language in LANGUAGES:
            assert len({choice[language] for choice in question.choices}) == 4
            assert all(choice["why"][language].strip() for choice in question.choices)
    assert len(set(rights)) >= 2  # not always the same letter


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", TAUGHT)
def test_the_right_choice_is_not_known_by_its_length(number, language):
    def longest(question):
        return max(question.choices, key=lambda choice: (len(choice[language]), not choice["right"]))["right"]

    assert sum(map(longest, read_quiz(read_lesson(number).folder))) <= 2  # of five, four choices each


@spoken
@each
def test_a_table_holds_the_quiz(number, language):
    lesson = read_lesson(number)
    rows = list(csv.reader(io.StringIO(quiz.table(lesson, language).removeprefix("\ufeff"))))
    for row, question in zip(rows[1:], read_quiz(lesson.folder), strict=True):
        assert row[0] == question.asked[language]
        assert row[1:5] == [choice[language] for choice in question.choices]
        assert question.choices[int(row[5]) - 1]["right"]
        assert row[6:] == [choice["why"][language] for choice in question.choices]


@pytest.mark.slow
def test_another_programs_parser_reads_the_moodle_file(tmp_path):
    """gift-pegjs, a grammar of GIFT by somebody else; special characters included."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine")
    try:
        take("gift-pegjs", ["pegjs-gift.js"], tmp_path)
    except UserError as error:
        pytest.skip(str(error))
    (tmp_path / "read.js").write_text(
        'const { parse } = require("./pegjs-gift.js"), { readFileSync } = require("fs");\n'
        'process.stdout.write(JSON.stringify(parse(readFileSync(process.argv[2], "utf8"))));\n'
    )
    for number in TAUGHT:
        for language in LANGUAGES:
            lesson = read_lesson(number)
            (tmp_path / "quiz.txt").write_text(quiz.gift(lesson, language), encoding="utf-8")
            done = subprocess.run([node, "read.js", "quiz.txt"], cwd=tmp_path, capture_output=True, check=True)
            read = json.loads(done.stdout.decode("utf-8"))
            for one, question in zip(read, read_quiz(lesson.folder), strict=True):
                assert one["stem"]["text"] == question.asked[language]
                assert [choice["isCorrect"] for choice in one["choices"]] == [c["right"] for c in question.choices]
                assert [choice["text"]["text"] for choice in one["choices"]] == [c[language] for c in question.choices]
                reasons = [choice["feedback"]["text"] for choice in one["choices"]]
                assert reasons == [c["why"][language] for c in question.choices]


def test_signs_that_mean_something_in_gift_are_escaped():
    assert quiz._escaped("a: {1} ~ b = c # d \\ e") == "a\\: \\{1\\} \\~ b \\= c \\# d \\\\ e"


def test_a_page_that_cannot_be_made_says_why():
    paper = Paper(read_lesson("04"), "en")
    with pytest.raises(UserError, match="has no cell with 'nothing like this'"):
        paper.html("{output nothing like this}")
    with pytest.raises(UserError, match=f"more than {LONGEST} lines"):
        paper.html("{code def look_from}")
    with pytest.raises(UserError, match="no drawing or figure 'nowhere'"):
        paper.html("![](nowhere)")
    with pytest.raises(UserError, match="has no exercise"):
        paper.html("{exercise 04.9}")
    with pytest.raises(UserError, match="printed nothing"):
        paper.html("{output import matplotlib.pyplot}\n\n{output class Attention(nn.Cell)}")
    with pytest.raises(UserError, match="no cell names this value"):
        paper.html("{{nobody}}")


def test_a_kit_without_a_browser_is_whole_and_says_what_is_missing(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")
    monkeypatch.setattr(pdf, "browser", lambda: None)
    assert make_kit(tmp_path / "kit", ["en"], ["04", "05"]) == 0
    out = capsys.readouterr().out
    assert "no PDF" in out
    assert "only the teacher's edition so far: 05" in out or "05" in TAUGHT
    folder = tmp_path / "kit" / "en"
    files = {path.name for path in (folder / "04_attention").iterdir()}
    assert {"deck.html", "run_sheet.html", "handout.html", "handout_key.html", "quiz.csv", "teacher.ipynb"} <= files
    index = (folder / "index.html").read_text(encoding="utf-8")
    for link in re.findall(r'href="([^"]+)"', index):
        assert (folder / link.partition("?")[0]).is_file()


@pytest.mark.slow
def test_paper_has_the_pages_of_the_deck_and_a_hand_out_has_two(tmp_path, monkeypatch):
    if pdf.browser() is None:
        pytest.skip("no browser that prints on this machine")
    pypdf = pytest.importorskip("pypdf")
    monkeypatch.setenv("VIT_LANG", "zh")
    assert make_kit(tmp_path, ["zh"], ["00", "04"]) == 0
    for number in ("00", "04"):
        lesson = read_lesson(number)
        pages = pypdf.PdfReader(tmp_path / "zh" / lesson.folder.name / "deck.pdf").pages
        assert len(pages) == len(read_deck(lesson.folder))
        assert all(page.extract_text().strip() or page.images for page in pages)
    for number in TAUGHT:
        for language in LANGUAGES:
            file = tmp_path / "handout.html"
            file.write_text(make_handout(read_lesson(number), language), encoding="utf-8")
            assert len(pypdf.PdfReader(pdf.print_pdf(file)).pages) <= 2, (number, language)


@pytest.mark.slow
def test_reveal_is_the_package_of_that_hash(tmp_path):
    files = {"dist/reveal.js": "reveal.js", "dist/reveal.css": "reveal.css", "dist/plugin/notes.js": "notes.js"}
    try:
        take("reveal.js", [*files, "LICENSE"], tmp_path)
    except UserError as error:
        pytest.skip(str(error))
    for name in (*files.values(), "LICENSE"):
        assert (tmp_path / name).read_bytes() == (ROOT / "course" / "editions" / "reveal" / name).read_bytes(), name
