"""`python -m course kit --out DIR`: what an instructor opens to teach. So far the teacher's edition of each lesson."""

import base64
import mimetypes
import re
from pathlib import Path

import nbformat

from course.document.lesson import read_lesson
from course.editions.notebook import notebook_path
from course.editions.teacher import make_teacher
from vit.runtime.atomic import atomic_path

_IMAGE = re.compile(r"!\[([^\]]*)\]\((\.\./\.\./course/[^)]+)\)")


def kit(out: Path, languages: list[str], numbers: list[str]) -> list[Path]:
    """Write OUT/LANGUAGE/NN_name/teacher.ipynb; each opens wherever it lies, its drawings inside.

    Returns:
        What was written; a file that is there is replaced.
    """
    written = []
    for language in languages:
        for lesson in map(read_lesson, numbers):
            notebook = make_teacher(lesson, language)
            for cell in notebook.cells:
                if cell.cell_type == "markdown":
                    _carry(cell, notebook_path(lesson, language).parent)
            path = Path(out) / language / lesson.folder.name / "teacher.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(path) as staged:
                staged.write_text(nbformat.writes(notebook), encoding="utf-8")
            written.append(path)
    return written


def _carry(cell, folder: Path) -> None:
    """The drawings of a cell as its attachments."""

    def attached(found: re.Match) -> str:
        path = (folder / found[2]).resolve()
        kind = mimetypes.guess_type(path.name)[0] or "image/png"
        held = cell.setdefault("attachments", {})
        held[path.name] = {kind: base64.b64encode(path.read_bytes()).decode()}
        return f"![{found[1]}](attachment:{path.name})"

    cell.source = _IMAGE.sub(attached, cell.source)
