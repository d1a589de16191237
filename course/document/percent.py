"""A lesson's source taken into cells: `# %%` begins code, `# %% [markdown]` prose, and marks stand behind.

It is jupytext's percent format, and a test holds this reader against jupytext. That takes seconds to import,
and every kernel, camp command and test reads lessons.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from vit.runtime.errors import UserError, unknown

# mark -> what may stand behind it; what each means: course/LESSON_FORMAT.md
_NUMBER, _YES = r'"\d\d\.\d"', "true"
MARKS = {
    "lang": '"(zh|en)"',
    "section": '"[A-Z]"',
    "slide": '"(slide|subslide|fragment|skip)"',
    "note": _YES,
    "show": r'"[\w.]+:\w+"',
    "read": _YES,
    "folded": _YES,
    "figure": r'"\w+"',
    "slow": _YES,
    "timed": _YES,
    "values": '"[^"]+"',
    "exercise": _NUMBER,
    "investigation": _NUMBER,
    "solution": _NUMBER,
    "right": _NUMBER,
    "hint": _NUMBER,
    "wrong": _NUMBER,
    "mistake": '"[^"]+"',
    "minutes": r'"(\d+|-) (\d+|-) (\d+|-)"',
    "bet": _YES,
    "optional": _YES,
}
_NEEDS = {"read": "show", "folded": "show", "wrong": "mistake", "mistake": "wrong", "hint": "lang", "note": "lang"}
_HEAD = re.compile(r"# %%(?P<markdown> \[markdown\])?(?P<marks>( .*)?)")
_ONE = re.compile(r'\s+(?P<mark>\w+)=(?P<value>"[^"]*"|\w+)')


@dataclass
class Cell:
    kind: str  # "markdown" or "code"
    text: str
    marks: dict  # mark -> its text, or True

    @property
    def for_authors(self) -> bool:
        """Answers, hints and mistakes: in no learner's edition."""
        return bool(self.marks.keys() & {"solution", "right", "wrong", "hint"})

    @property
    def to_read(self) -> bool:
        """A class of the package, shown as text: running it would take the name from the learner's."""
        return bool(self.marks.keys() & {"read", "folded"})

    @property
    def runs(self) -> bool:
        """Code that a learner's kernel runs."""
        return self.kind == "code" and not self.for_authors and not self.to_read


def read_cells(path: Path) -> list[Cell]:
    """The cells of a source file.

    Raises:
        UserError: a mark that is none, has a value it cannot have, or lacks its companion; with its line.
    """
    cells, lines = [], path.read_text(encoding="utf-8").splitlines()
    heads = [number for number, line in enumerate(lines) if _HEAD.fullmatch(line)]
    for first, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        head = _HEAD.fullmatch(lines[first])
        marks = _marks(head["marks"], f"{path.parent.name}/{path.name}, line {first + 1}")
        body, kind = lines[first + 1 : end], "markdown" if head["markdown"] else "code"
        if kind == "markdown":
            body = [line.removeprefix("#").removeprefix(" ") for line in body]
        cells.append(Cell(kind, "\n".join(body).strip("\n"), marks))
    return cells


def _marks(text: str, where: str) -> dict:
    found, place = {}, 0
    while place < len(text):
        one = _ONE.match(text, place)
        if one is None:
            raise UserError(f'{where}: marks are written mark="text" or mark=true, not {text[place:].strip()!r}')
        mark, value, place = one["mark"], one["value"], one.end()
        if mark not in MARKS:
            raise unknown(f"{where}: there is no mark", mark, MARKS)
        if mark in found or not re.fullmatch(MARKS[mark], value):
            raise UserError(f"{where}: {mark}={value} stands twice, or is not of the form {MARKS[mark]}")
        found[mark] = True if value == _YES else value.strip('"')
    for mark, companion in _NEEDS.items():
        if mark in found and companion not in found:
            raise UserError(f"{where}: {mark} needs {companion}")
    return found
