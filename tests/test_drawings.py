"""The schematic drawings: what lies in course/figures/ is what the code draws, and stands alone."""

import re

import matplotlib as mpl
import numpy as np
import pytest

from course.drawings import ALT, alt
from course.drawings.__main__ import DRAWINGS, FIGURES, differing, file, same
from course.drawings.attention import numbers
from course.drawings.positions import stretched
from course.drawings.shapes import BLOCK, BLOCK_TOTAL, NETWORK, TOTAL
from course.drawings.style import DRAWN_WITH
from course.language import LANGUAGES
from vit.weights import create_model

EACH = [(name, language) for name in DRAWINGS for language in LANGUAGES]


def test_the_files_are_what_the_code_draws():
    if not mpl.__version__.startswith(f"{DRAWN_WITH}."):
        pytest.skip(f"drawn with matplotlib {DRAWN_WITH}, this is {mpl.__version__}")
    assert differing() == []


def test_the_comparison_sees_a_change_and_forgives_the_last_digit():
    svg = '<path d="m18.25 44l3-1.5" style="fill: #a2d6f3"/>'
    assert same(svg, svg.replace("18.25", "18.26"))
    for before, after in (("18.25", "18.5"), ("#a2d6f3", "#a2d6f4"), ("l3", "c3"), ("m18.25 44", "m18.25")):
        assert not same(svg, svg.replace(before, after)), after


@pytest.mark.parametrize(("name", "language"), EACH)
def test_a_drawing_stands_alone(name, language):
    svg = file(name, language).read_text(encoding="utf-8")
    width, height = re.search(r'width="(\d+)" height="(\d+)" viewBox="0 0 \1 \2"', svg).groups()
    assert width == "900"
    assert len(svg.encode()) < 125_000
    # letters are outlines, and none was missing from the fonts
    assert "<text" not in svg
    assert "LastResort" not in svg
    # nothing from outside: every address is a name space's, every reference one of its own
    assert not re.search("<!DOCTYPE|<image|@import|<script", svg)
    assert all("xmlns" in before for before in re.findall(r'(\S*)="https?:', svg))
    assert set(re.findall(r'href="(.)', svg)) == {"#"}
    assert set(re.findall(r'href="#([^"]+)"', svg)) <= set(re.findall(r'id="([^"]+)"', svg))
    # the first thing drawn covers the page with white
    first = re.search(r'<path d="([^"]*)" style="fill: (#\w+)"/>', svg)
    assert first[1].startswith(f"m0 {height}l{width} 0l0-{height}"), first[1]
    assert first[2] == "#ffffff"


@pytest.mark.parametrize(("name", "language"), EACH)
def test_a_drawing_has_words_for_those_who_do_not_see_it(name, language):
    text = alt(name, language)
    assert len(text) > 40
    assert bool(re.search(r"[\u4e00-\u9fff]", text)) == (language == "zh")
    assert not set(text) & set('[]"\n')  # it stands in Markdown


def test_no_drawing_is_left_over():
    assert {path.name for path in FIGURES.glob("*.svg")} == {file(*one).name for one in EACH}


def test_every_drawing_and_no_other_has_an_alt_text():
    assert set(ALT) == set(DRAWINGS)
    assert len({ALT[name]["zh"] for name in ALT}) == len(ALT)


def test_the_numbers_of_attention_are_computed():
    made = numbers()
    np.testing.assert_allclose(made["weights"].sum(axis=1), 1)
    by_hand = np.exp(made["q"] @ made["k"].T / np.sqrt(made["q"].shape[1]))
    np.testing.assert_allclose(made["weights"], by_hand / by_hand.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(made["out"], made["weights"] @ made["v"])


def test_the_parameters_are_the_models():
    model = create_model("vit_tiny_patch16_224")
    sizes = {p.name: int(np.prod(p.shape)) for p in model.get_parameters()}

    def count(*starts):
        return sum(size for name, size in sizes.items() if name.startswith(starts))

    drawn = [row[2] for row in NETWORK if row[2]]
    assert drawn == [count(start) for start in ("patch_embed", "cls", "pos", "blocks.", "norm.", "head")]
    assert sum(drawn) == TOTAL == count("")
    parts = ("norm1", "attn.qkv", "attn.proj", "norm2", "mlp.fc1", "mlp.fc2")
    assert [row[2] for row in BLOCK if row[2]] == [count(f"blocks.0.{part}") for part in parts]
    assert count("blocks.0.") == BLOCK_TOTAL


def test_the_weights_of_a_new_position_sum_to_1():
    new, weights = stretched()
    assert new.shape == (6, 6, 3)
    np.testing.assert_allclose(weights.sum(), 1, atol=1e-6)
