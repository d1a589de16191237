"""How long a section takes to read, by a formula: prose by characters or words, code by lines."""

import re

from course.document.lesson import Lesson
from course.editions.notebook import make_notebook

A_MINUTE = {"zh": 300, "en": 180}  # characters, words
LINES_A_MINUTE = 12  # of code


def minutes(lesson: Lesson, language: str) -> dict[str, float]:
    """Section -> minutes, without the exercises; what is folded costs nothing."""
    found, section = dict.fromkeys(lesson.sections, 0.0), lesson.sections[0]
    for cell in make_notebook(lesson, language).cells:
        section = cell.metadata.get("section", section)
        if cell.source.startswith("<details>"):
            continue
        words = re.findall(r"[\u3400-\u9fff]" if language == "zh" else r"[A-Za-z']+", cell.source)
        lines = [line for line in cell.source.splitlines() if line.strip()]
        found[section] += (
            len(words) / A_MINUTE[language] if cell.cell_type == "markdown" else len(lines) / LINES_A_MINUTE
        )
    return found
