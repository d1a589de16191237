"""The course's font: it has the characters of Chinese prose, and figures with it are quiet on a bare machine."""

import os
import subprocess
import sys

import pytest
from fontTools.ttLib import TTFont

from course.authoring.font import BEYOND_GB2312, gb2312, wanted
from course.learner.fonts import FAMILY, FILE
from vit.runtime.paths import ROOT


@pytest.fixture(scope="module")
def font():
    return TTFont(FILE, lazy=True)


def test_all_characters_of_both_standards_are_there(font):
    has = set(font.getBestCmap())
    assert len(gb2312()) > 7400  # 6763 Chinese characters and 682 signs
    assert gb2312() - has == set()
    assert {ord(letter) for letter in BEYOND_GB2312.read_text(encoding="utf-8").replace("\n", "")} <= has
    assert len(wanted() & has) > 9000


def test_it_has_its_own_name_and_licence(font):
    names = {number: font["name"].getDebugName(number) for number in (0, 1, 4, 6, 13)}
    assert names[1] == names[4] == FAMILY
    assert "Noto" not in names[6]
    assert "Adobe" in names[0]
    assert "Open Font License" in names[13]
    assert "SIL OPEN FONT LICENSE Version 1.1" in FILE.with_name("OFL.txt").read_text(encoding="utf-8")
    assert FILE.stat().st_size < 3e6


DRAW = """
import logging, sys, warnings
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager

# a machine that has only what matplotlib brings
entries = font_manager.fontManager.ttflist
entries[:] = [entry for entry in entries if "mpl-data" in entry.fname.replace("\\\\", "/")]

from course.learner.fonts import use_course_font

def picture(text, weight="normal"):
    figure = plt.figure(figsize=(2, 1))
    figure.text(0.1, 0.3, text, fontsize=20, weight=weight)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba()).copy()
    plt.close(figure)
    return pixels

use_course_font(sys.argv[1])
use_course_font(sys.argv[1])  # a cell that is run twice
texts = ["猫", "狗", "注意力", "镕", "A α → √ −1", "𪚥", "𪚦猫"]
pictures = [picture(text) for text in texts]
assert all((p < 128).any() for p in pictures), "a picture is blank"
assert len({p.tobytes() for p in pictures}) == len(texts), "two texts look the same"
picture("准确率", weight="bold")
print("drawn")
"""


def draw(tmp_path, language):
    environment = {**os.environ, "MPLCONFIGDIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"}
    return subprocess.run(
        [sys.executable, "-c", DRAW, language],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_chinese_is_drawn_and_nothing_is_said_where_no_chinese_font_is_installed(tmp_path):
    done = draw(tmp_path, "zh")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "drawn", "")


def test_the_test_sees_what_is_missing_without_the_font(tmp_path):
    done = draw(tmp_path, "en")
    assert "missing from font" in done.stderr
