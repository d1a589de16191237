"""What the pages for readers say of MindSpore, asked of MindSpore; links that lead somewhere; one table in two languages."""

import inspect
import re

import numpy as np
from mindspore import nn

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
