"""The solved run: the learner's edition by somebody who has answered every exercise and given a name."""

from collections.abc import Callable, Iterable

from nbformat.v4 import new_code_cell

from course.document.lesson import Exercise, Lesson
from course.editions.notebook import make_notebook

NAMES = {"zh": "学员", "en": "learner"}


def solution(exercise: Exercise) -> list[str]:
    return [exercise.solution]


def make_solved(lesson: Lesson, language: str, answers: Callable[[Exercise], Iterable[str]] = solution):
    """The notebook, without outputs, in which each placeholder has been replaced by answers, each with its check.

    Args:
        lesson: to be solved.
        language: "zh" or "en".
        answers: the code of the tries at an exercise, one after the other; none leaves it as the learner finds it.
    """
    notebook = make_notebook(lesson, language)
    cells, exercise, tries = [], None, []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type != "code":
            continue
        cell.source = cell.source.replace("# join()", f"join({NAMES[language]!r})")
        if "investigation" in cell.metadata:
            one = lesson.exercises[cell.metadata["investigation"]]
            cell.source = one.investigation if answers(one) else cell.source
        if "exercise" in cell.metadata:
            exercise = lesson.exercises[cell.metadata["exercise"]]
            cell.source, *tries = answers(exercise) or [cell.source]
        elif exercise and f'check("{exercise.number}"' in cell.source:
            for code in tries:
                cells += [new_code_cell(code), new_code_cell(cell.source)]
            exercise = None
    notebook.cells = cells
    return notebook
