"""Numbers in the prose are those of the outputs: filled in by the build, refused where they are gone."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course.document.lesson import read_lesson
from course.editions.bound import NOT_YET, fill
from course.editions.notebook import make_notebook, notebook_path
from course.language import LANGUAGES
from course.manifest import lesson_numbers
from vit.runtime.errors import UserError

VALUES = "top1 = 准确率 #% ¦ top-1 #%; images = top-1 ~% of #; who = by @"


def filled(prose, said=None):
    """A text behind a cell that names two numbers and printed something."""
    printed = [] if said is None else [new_output("stream", name="stdout", text=said)]
    cells = [new_code_cell("run()", metadata={"values": VALUES}, outputs=printed), new_markdown_cell(prose)]
    notebook = new_notebook(cells=cells)
    gone = fill(notebook, "07_training", "en")
    return notebook.cells[1].source, gone


def test_numbers_come_from_the_output():
    text = "{{who}}: {{top1}} % of {{images}}, about {{top1:.0f}} %; $\\frac{{1}{2}}$"
    assert filled(text, "top-1 87.35%   of\n1,000 by ViT")[0] == "ViT: 87.35 % of 1,000, about 87 %; $\\frac{{1}{2}}$"
    assert filled("{{images:.1e}}", "top-1 1% of 1,000 by ViT") == ("1.0e+03", [])


def test_before_the_first_run_there_is_a_placeholder():
    assert filled("{{top1}} %") == (f"{NOT_YET} %", [])


def test_what_the_output_no_longer_holds_is_named():
    prose, gone = filled("{{top1}} %", "accuracy 87%, by ViT")
    assert prose == f"{NOT_YET} %"
    assert ["top1" in gone[0], "images" in gone[1], len(gone)] == [True, True, 2]


def test_what_no_cell_names_is_refused():
    with pytest.raises(UserError, match="loss"):
        filled("{{loss}}", "top-1 1% of 10 by ViT")


@pytest.mark.parametrize("values", ["top1", "top1 = no number", "top1 = # and #", "a b = #"])
def test_a_pattern_that_is_none_is_refused(values):
    notebook = new_notebook(cells=[new_code_cell("run()", metadata={"values": values})])
    with pytest.raises(UserError, match="one # in it"):
        fill(notebook, "07_training", "en")


KNOWN = {"0.5", "0.1", "0.001", "2.303", "2.10"}  # settings, log 10, MindSpore's version: no measurements


def printed_numbers(notebook) -> set[str]:
    """Without those of an investigation that waits: settings, and the committed table."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and "investigation" not in cell.metadata]
    outputs = [out for cell in code for out in cell.outputs]
    return set(re.findall(r"\d+\.\d+", "\n".join(out.get("text", "") for out in outputs))) - KNOWN


@pytest.mark.parametrize("number", lesson_numbers())
def test_no_number_of_an_output_is_typed_into_the_prose(number):
    """Decimals of the lesson's stored outputs, in its source; whole numbers meet by chance."""
    lesson = read_lesson(number)
    typed = set()
    for language in LANGUAGES:
        printed = printed_numbers(nbformat.read(notebook_path(lesson, language), 4))
        for cell in make_notebook(lesson, language).cells:
            if cell.cell_type == "markdown" and "shown" not in cell.metadata:
                said = re.findall(r"(?<![\w.=^{])\d+\.\d+(?![\w.])", cell.source)
                exercises = {value for value in said if value.startswith(f"{number}.")}
                typed |= {(language, value, cell.source[:30]) for value in (set(said) & printed) - exercises}
    assert not typed
