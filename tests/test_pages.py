"""What the pages for readers say of MindSpore, asked of MindSpore; links that lead somewhere; one table in two languages."""

import inspect
import re

import numpy as np
import pytest
from mindspore import nn

from course.camp.difficulty import OUTCOMES
from course.document.lesson import read_lesson
from course.editions import troubleshooting
from course.language import LANGUAGES
from course.manifest import lesson_numbers
from vit.runtime.paths import ROOT

PAGES = ROOT / "course" / "pages"


def default(cell, argument):
    return inspect.signature(cell.__init__).parameters[argument].default


def test_defaults_are_as_the_sheet_says():
    assert not nn.Dense(2, 3).training
    assert nn.Dense(2, 3).weight.shape == (3, 2)
    assert [p.name for p in nn.LayerNorm((4,)).get_parameters()] == ["gamma", "beta"]
    assert np.isclose(default(nn.LayerNorm, "epsilon"), 1e-7)
    assert default(nn.GELU, "approximate") is True
    assert (default(nn.Conv2d, "pad_mode"), default(nn.Conv2d, "has_bias")) == ("same", False)
    assert list(inspect.signature(nn.Dropout.__init__).parameters)[1] == "keep_prob"


def test_both_languages_have_the_same_tables():
    for english in PAGES.glob("*.en.md"):
        chinese = english.with_name(english.name.replace(".en.", ".zh."))
        rows = [
            sum(line.startswith("|") for line in page.read_text("utf-8").splitlines()) for page in (english, chinese)
        ]
        assert rows[0] == rows[1] > 5, english.name


def test_links_in_the_repository_lead_somewhere():
    for page in [*PAGES.glob("*.md"), ROOT / "README.md", ROOT / "README.zh.md"]:
        for link in re.findall(r"\]\((?!http|#)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_term_of_the_glossary_stands_in_the_lesson_that_it_names(language):
    missing = []
    for row in (PAGES / f"glossary.{language}.md").read_text("utf-8").splitlines():
        if not row.startswith("| ") or not row.endswith(tuple(f"| {number} |" for number in lesson_numbers())):
            continue
        term, *_, number = (cell.strip() for cell in row.strip("|").split("|"))
        lesson = read_lesson(number)
        text = "\n".join(c.text for c in lesson.cells if c.marks.get("lang", language) == language).lower()
        names = [name.strip().lower() for name in re.split("[,、，（）()]", term) if name.strip()]
        if not any(name in text for name in names):
            missing.append((number, term))
    assert missing == []


def test_the_glossary_has_the_same_words_in_both_languages():
    rows = {
        language: [
            [cell.strip() for cell in row.strip("|").split("|")]
            for row in (PAGES / f"glossary.{language}.md").read_text("utf-8").splitlines()
            if row.startswith("| ")
        ][1:]
        for language in LANGUAGES
    }
    assert [(row[2], row[0], row[4]) for row in rows["en"]] == [(row[0], row[1], row[4]) for row in rows["zh"]]


def test_the_troubleshooting_page_knows_every_outcome_and_every_mend():
    assert troubleshooting._DO.keys() == OUTCOMES.keys()
    for text in troubleshooting.pages().values():
        assert text.count("\n| ") > 30
    english = troubleshooting.pages()[PAGES / "troubleshooting.en.md"]
    assert "numpy>=1.26,<2" in english
    assert not re.search("[一-鿿]", english.replace("[中文]", ""))
