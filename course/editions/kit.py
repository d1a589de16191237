"""`python -m course kit --out DIR`: what an instructor opens to teach tomorrow."""

import base64
import html
import mimetypes
import os
import re
from pathlib import Path

import nbformat

from course.document.classroom import has_classroom, read_deck
from course.document.lesson import Lesson, read_lesson
from course.editions import quiz
from course.editions.deck import make_deck
from course.editions.handout import make_handout, sheet
from course.editions.notebook import notebook_path
from course.editions.pdf import print_pdf
from course.editions.run_sheet import make_run_sheet
from course.editions.teacher import make_teacher
from course.explorer.build import drawings, page_of, shipped
from course.explorer.in_notebook import still_picture
from course.language import language as language_now
from course.learner.fonts import use_course_font
from vit.runtime.atomic import atomic_path

_IMAGE = re.compile(r"!\[([^\]]*)\]\((\.\./\.\./course/[^)]+)\)")
FILES = {  # file -> what it is, in the index
    "deck.html": ("课件（按 S 打开讲者备注，F 全屏）", "deck (S: speaker notes, F: whole screen)"),
    "deck.pdf": ("课件，PDF", "deck, PDF"),
    "run_sheet.html": (
        "流程：45、90、180 分钟，和出岔子时怎么办",
        "run-sheet for 45, 90 and 180 minutes, and what to do when something fails",
    ),
    "handout.html": ("讲义，留空供填写", "hand-out with gaps"),
    "handout.pdf": ("讲义，PDF", "hand-out, PDF"),
    "handout_key.html": ("讲义的答案", "the hand-out's key"),
    "quiz.md": ("小测验，答案在后面", "quiz, its key behind it"),
    "quiz.gift.txt": ("小测验，Moodle 导入（GIFT）", "quiz for Moodle (GIFT)"),
    "quiz.csv": ("小测验，表格", "quiz as a table"),
    "teacher.ipynb": ("教师版笔记本", "the teacher's notebook"),
}


def kit(out: Path, languages: list[str], numbers: list[str]) -> dict:
    """Write OUT/LANGUAGE/NN_name/ and an index; every file opens wherever it lies and asks no network.

    Returns:
        {"files": how many, "bytes": of all, "pdf": whether a browser could print, "without": lessons that have no deck yet}.
        A file that is there is replaced.
    """
    written, printed = [], True
    lessons = [read_lesson(number) for number in numbers]
    for language in languages:
        before = os.environ.get("VIT_LANG")
        os.environ["VIT_LANG"] = language  # of the explorer, and of what the drawings say
        try:
            explorer = _explorer() if any(map(has_classroom, lessons)) else (None, "")
        finally:
            os.environ.pop("VIT_LANG") if before is None else os.environ.update(VIT_LANG=before)
        for lesson in lessons:
            folder = Path(out) / language / lesson.folder.name
            for name, text in _texts(lesson, language, *explorer).items():
                written.append(_write(folder / name, text))
            for name, query in (("deck.html", "?print-pdf"), ("handout.html", "")):
                if (folder / name).is_file():
                    made = print_pdf(folder / name, query)
                    printed = printed and made is not None
                    written += [made] if made else []
        written.append(_write(Path(out) / language / "index.html", _index(Path(out) / language, language)))
    return {
        "files": len(written),
        "bytes": sum(path.stat().st_size for path in written),
        "pdf": printed,
        "without": [lesson.number for lesson in lessons if not has_classroom(lesson)],
    }


def _texts(lesson: Lesson, language: str, explorer: str | None, still: str) -> dict[str, str]:
    """File -> text."""
    teacher = make_teacher(lesson, language)
    for cell in teacher.cells:
        if cell.cell_type == "markdown":
            _carry(cell, notebook_path(lesson, language).parent)
    texts = {"teacher.ipynb": nbformat.writes(teacher)}
    if has_classroom(lesson):
        texts["deck.html"] = make_deck(lesson, language, explorer, still)
        texts["run_sheet.html"] = make_run_sheet(lesson, language)
    if (lesson.folder / "handout.py").is_file():
        texts["handout.html"] = make_handout(lesson, language)
        texts["handout_key.html"] = make_handout(lesson, language, key=True)
    if (lesson.folder / "quiz.toml").is_file():
        texts["quiz.md"] = quiz.markdown(lesson, language)
        texts["quiz.gift.txt"] = quiz.gift(lesson, language)
        texts["quiz.csv"] = quiz.table(lesson, language)
    return texts


def _explorer() -> tuple[str, str]:
    """The page to touch, with the course's small network, and a still picture of it for paper."""
    use_course_font(language_now())

    trained = shipped()[-1:]
    return page_of(trained), still_picture(trained[0].model, drawings()[0])


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as staged:
        staged.write_bytes(text.encode("utf-8"))
    return path


def _index(folder: Path, language: str) -> str:
    """What lies where, of all lessons that are there, this time's and earlier ones."""
    side = language == "en"
    parts = [f"<h1>{html.escape(('课堂材料', 'For the class')[side])}</h1>"]
    for place in sorted(one for one in folder.iterdir() if one.is_dir()):
        lesson = read_lesson(place.name[:2])
        items = "".join(
            f'<li><a href="{place.name}/{name}">{html.escape(what[side])}</a>{_plans(lesson, place, name, side)}</li>'
            for name, what in FILES.items()
            if (place / name).is_file()
        )
        title = lesson.title(language)
        parts.append(f"<h2>{html.escape(title)}</h2><ul>{items}</ul>")
    return sheet("\n".join(parts), ("课堂材料", "For the class")[side], language)


def _plans(lesson: Lesson, place: Path, name: str, side: bool) -> str:
    """The deck with the pages of a class of 45, 90 or 180 minutes alone."""
    lengths = {length for page in read_deck(lesson.folder) for length in page.minutes} if name == "deck.html" else ()
    if len(lengths) < 2:  # a single class has one length
        return ""
    links = " · ".join(f'<a href="{place.name}/{name}?minutes={one}">{one}</a>' for one in sorted(lengths))
    return (f"；只有这么多分钟的页：{links}", f"; with the pages of so many minutes only: {links}")[side]


def _carry(cell, folder: Path) -> None:
    """The drawings of a cell as its attachments."""

    def attached(found: re.Match) -> str:
        path = (folder / found[2]).resolve()
        kind = mimetypes.guess_type(path.name)[0] or "image/png"
        held = cell.setdefault("attachments", {})
        held[path.name] = {kind: base64.b64encode(path.read_bytes()).decode()}
        return f"![{found[1]}](attachment:{path.name})"

    cell.source = _IMAGE.sub(attached, cell.source)
