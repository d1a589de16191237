"""The drawings are what the code draws, in both languages, and need nothing from elsewhere."""

import re

import matplotlib
import pytest

from course.drawings.__main__ import DRAWINGS, FIGURES, differing
from course.language import LANGUAGES


@pytest.mark.slow
@pytest.mark.skipif(not matplotlib.__version__.startswith("3.11."), reason="drawn with matplotlib 3.11")
def test_the_files_are_what_the_code_draws():
    assert differing() == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_stands_alone(name, language):
    text = (FIGURES / f"{name}.{language}.svg").read_text(encoding="utf-8")
    assert "<text" not in text  # letters are paths: no font is needed
    assert not re.search(r'(href|src)="(?!#)', text)
    assert "fill: #ffffff" in text  # an opaque background: also on a dark page
    assert len(text) < 200_000


def test_no_drawing_is_left_over():
    assert {path.name for path in FIGURES.glob("*.svg")} == {f"{n}.{lang}.svg" for n in DRAWINGS for lang in LANGUAGES}
