"""The quiz of a lesson: to read, to print, and for the import of learning platforms."""

import csv
import io
import re

from course.document.classroom import read_quiz
from course.document.lesson import Lesson

_WORDS = {
    "zh": {
        "key": "答案和误解",
        "question": "题目",
        "correct": "正确选项",
        "choice": "选项 {}",
        "why": "反馈 {}",
    },
    "en": {
        "key": "Key, and what is behind each choice",
        "question": "question",
        "correct": "correct",
        "choice": "choice {}",
        "why": "feedback {}",
    },
}
LETTERS = "ABCD"


def markdown(lesson: Lesson, language: str) -> str:
    """Questions first, the key behind them."""
    words, questions = _WORDS[language], read_quiz(lesson.folder)
    lines, key = [f"# {lesson.title(language)}", ""], [f"## {words['key']}", ""]
    for number, question in enumerate(questions, 1):
        lines += [f"**{number}.** {question.asked[language]}", ""]
        lines += [
            f"- **{letter}** {choice[language]}" for letter, choice in zip(LETTERS, question.choices, strict=False)
        ]
        lines.append("")
        for letter, choice in zip(LETTERS, question.choices, strict=False):
            key.append(f"- **{number}{letter}**{' ✓' * choice['right']} {choice['why'][language]}")
        key.append("")
    return "\n".join([*lines, "---", "", *key])


def gift(lesson: Lesson, language: str) -> str:
    """Moodle's format, https://docs.moodle.org/en/GIFT_format: = is right, ~ wrong, # what is answered."""
    blocks = []
    for number, question in enumerate(read_quiz(lesson.folder), 1):
        choices = "\n".join(
            f"  {'=' if choice['right'] else '~'}{_escaped(choice[language])}#{_escaped(choice['why'][language])}"
            for choice in question.choices
        )
        blocks.append(f"::{lesson.number} Q{number}::[markdown]{_escaped(question.asked[language])}{{\n{choices}\n}}")
    return "\n\n".join(blocks) + "\n"


def table(lesson: Lesson, language: str) -> str:
    """CSV: question, four choices, the number of the right one, four reasons."""
    words, out = _WORDS[language], io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    numbers = range(1, len(LETTERS) + 1)
    writer.writerow(
        [words["question"], *map(words["choice"].format, numbers), words["correct"], *map(words["why"].format, numbers)]
    )
    for question in read_quiz(lesson.folder):
        right = next(number for number, choice in enumerate(question.choices, 1) if choice["right"])
        empty = [""] * (len(LETTERS) - len(question.choices))
        asked, given = question.asked[language], [choice[language] for choice in question.choices]
        writer.writerow(
            [asked, *given, *empty, right, *(choice["why"][language] for choice in question.choices), *empty]
        )
    return "\ufeff" + out.getvalue()  # spreadsheets need the mark to read Chinese


def _escaped(text: str) -> str:
    return re.sub(r"([~=#{}:\\])", r"\\\1", text)
