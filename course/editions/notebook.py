"""From the source of a lesson to its two notebooks, and the proof that they are in step."""

import ast
import hashlib
import json

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course.document.bilingual import in_language, missing_pairs
from course.document.lesson import Lesson, read_lesson, shown_source
from course.editions.bound import fill
from course.editions.slideshow import break_pages
from course.editions.troubleshooting import pages
from course.language import LANGUAGES
from course.manifest import notebook_numbers
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.paths import ROOT

NOTEBOOKS = ROOT / "notebooks"
README = """# Generated: do not edit

`zh/` and `en/` are made from `course/lessons/` by `python -m course build` and executed by `python -m course run`.
Start with the lowest number. To change a lesson, edit its `lesson.py` (see `course/LESSON_FORMAT.md`) and build again.
"""
NOTES = {"zh": "讲师备注", "en": "For the instructor"}
SKIPPED = {"zh": "（可跳过）", "en": " (may be skipped)"}
FOLDED = {"zh": "写完再看：包里的", "en": "When yours is written: the package's"}


def make_notebook(lesson: Lesson, language: str, teacher: bool = False):
    """The learner's edition in one language, without outputs; a teacher's has the notes for the instructor as well."""
    cells = []
    for cell in lesson.cells:
        marks = cell.marks
        if marks.get("lang", language) != language or cell.for_authors or ("note" in marks and not teacher):
            continue
        text = cell.text
        metadata = {"slideshow": {"slide_type": marks.get("slide", "-")}} if "slide" in marks else {}
        if "note" in marks:
            quoted = "\n".join(f"> {line}".rstrip() for line in text.splitlines())
            text = f"> **{NOTES[language]}**\n>\n{quoted}"
        metadata.update(
            {
                mark: marks[mark]
                for mark in ("section", "exercise", "investigation", "figure", "slow", "values")
                if mark in marks
            }
        )
        if "show" in marks:
            text = commented(shown_source(marks["show"]), language)
        elif cell.kind == "code":
            text = in_language(text, language)
        elif "optional" in marks:
            heading, _, rest = text.partition("\n")
            text = f"{heading}{SKIPPED[language]}\n{rest}"
        if cell.to_read:
            metadata["shown"] = True
            text = f"```python\n{text.strip()}\n```"
        if "folded" in marks:
            summary = f"{FOLDED[language]} <code>{marks['show']}</code>"
            text = f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"
        make = new_markdown_cell if cell.kind == "markdown" or cell.to_read else new_code_cell
        cells.append(make(text, id=f"lesson-{lesson.number}-{len(cells):02}", metadata=metadata))
    break_pages(cells)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    slides = {"scroll": True}  # a page that is too high after all can be scrolled
    return new_notebook(
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}, "rise": slides}
    )


COMMENTS = ROOT / "course" / "lessons" / "comments.json"  # English words in `vit/`, line by line -> Chinese ones


def commented(source: str, language: str) -> str:
    """Code of the package with its comments in a language; one without its Chinese stays as it is."""
    if language == "en":
        return source
    for english, chinese in json.loads(COMMENTS.read_text(encoding="utf-8")).items():
        source = source.replace(english, chinese)
    return source


def unpaired(lesson: Lesson) -> list[str]:
    """Words in a lesson's code that are there in one language only."""
    cells = [c for c in lesson.cells if c.kind == "code" and "show" not in c.marks]
    texts = [(c.text.splitlines() or [""])[0][:30] for c in cells]
    return [
        f"{lesson.folder.name}, cell {title!r}: {what}"
        for c, title in zip(cells, texts, strict=True)
        for what in missing_pairs(c.text)
    ]


def notebook_path(lesson: Lesson, language: str):
    return NOTEBOOKS / language / f"{lesson.folder.name}.ipynb"


def sources(notebook) -> list:
    """What two notebooks must have in common: all but outputs and counts."""
    cells = [(cell.cell_type, cell.source, dict(cell.metadata)) for cell in notebook.cells]
    return [dict(notebook.metadata.get("rise", {})), *cells]


def build(numbers=(), check: bool = False, agreed: bool = False) -> list[str]:
    """Write the notebooks of some lessons (default: all), or only compare.

    A notebook keeps its outputs as long as its code stays: prose may change around them.

    Args:
        numbers: ("04", ...); empty: all.
        check: write nothing.
        agreed: the two languages say the same again, though only one of them was changed.

    Returns:
        What is not in step, a line each. Without `check` these are the translations only.
    """
    wrong = []
    for lesson in map(read_lesson, numbers or notebook_numbers()):
        wrong += translations(lesson, write=not check, agreed=agreed) + unpaired(lesson)
        for language in LANGUAGES:
            path, made = notebook_path(lesson, language), make_notebook(lesson, language)
            old = nbformat.read(path, 4) if path.is_file() else None
            if old:
                keep_outputs(old, made)
            wrong += fill(made, lesson.folder.name, language)
            if old and sources(old) == sources(made):
                continue
            if check:
                wrong.append(
                    f"{path.relative_to(ROOT)}: not made from {lesson.folder.name}; run python -m course build"
                )
            else:
                save(made, path)
    if not check:
        (NOTEBOOKS / "README.md").write_text(README, encoding="utf-8")
    for path, text in pages().items():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if check:
            wrong.append(f"{path.relative_to(ROOT)}: not as the program speaks; run python -m course build")
        else:
            path.write_text(text, encoding="utf-8")
    return wrong


def keep_outputs(old, made) -> None:
    """Carry outputs and counts over where the code is the same from first cell to last: comments, line breaks, and
    where things are imported from, aside. Whether they are older than the program, the stamps tell."""
    before, after = ([cell for cell in notebook.cells if cell.cell_type == "code"] for notebook in (old, made))
    if [_without_imports(c.source) for c in before] == [_without_imports(c.source) for c in after]:
        for one, other in zip(before, after, strict=True):
            other.outputs, other.execution_count = one.outputs, one.execution_count


def _without_imports(code: str) -> str:
    body = [node for node in ast.parse(code).body if not isinstance(node, ast.Import | ast.ImportFrom)]
    return ast.dump(ast.Module(body, []))


def save(notebook, path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as staged:
        nbformat.write(notebook, staged)


def translations(lesson: Lesson, write: bool, agreed: bool) -> list[str]:
    """Compare each pair of prose cells with how it stood when both languages were last in step.

    translations.json keeps a hash of each text. A pair of which one text changed alone is reported
    until the other follows, or `agreed` says that it need not.
    """
    pairs = _pairs(lesson)
    file = lesson.folder / "translations.json"
    known = {tuple(pair) for pair in json.loads(file.read_text())} if file.is_file() else set()
    by_zh, by_en = dict(known), {en: zh for zh, en in known}
    wrong, kept = [], []
    for place, (zh, en, title) in enumerate(pairs):
        old = (zh, by_zh[zh]) if zh in by_zh else (by_en.get(en), en)
        if (zh, en) in known or agreed or (zh not in by_zh and en not in by_en):
            kept.append((zh, en))
        else:
            changed = "English" if zh in by_zh else "Chinese"
            wrong.append(f"{lesson.folder.name}, prose {place} ({title}): the {changed} text changed alone")
            kept.append(old)
    if write:
        file.write_text(json.dumps(kept, indent=0) + "\n")
    return wrong


def _pairs(lesson: Lesson) -> list:
    """[(hash of the Chinese text, of the English text, title)]; prose comes in pairs, Chinese first."""
    pairs, waiting = [], None
    for cell in lesson.cells:
        spoken = cell.marks.get("lang")
        if (waiting is None) != (spoken != "en") or (waiting is not None and spoken is None):
            raise UserError(
                f"{lesson.folder.name}: a Chinese cell is followed by its English one; see {cell.text[:40]!r}"
            )
        if spoken == "zh":
            waiting = cell
        elif spoken == "en":
            pairs.append((_hash(waiting.text), _hash(cell.text), cell.text.splitlines()[0][:40]))
            waiting = None
    return pairs


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
