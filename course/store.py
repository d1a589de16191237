"""What a lesson's stored outputs were made of, so that stale ones are seen: notebooks/stamps.json.

    {"07": {"zh": {"code": digest of the lesson and of all of `vit` and `course` that it imports, "mindspore": "2.10.0"}}}

Code is digested without comments and docstrings. Outputs may be stale between two releases; before one they are
made again (`python -m course run`).
"""

import ast
import json
from functools import cache
from pathlib import Path

from course.document.bilingual import in_language
from course.document.lesson import Lesson
from vit.runtime.atomic import atomic_path
from vit.runtime.digest import digest
from vit.runtime.paths import ROOT

STAMPS = ROOT / "notebooks" / "stamps.json"


def stamp(lesson: Lesson, language: str, mindspore: str) -> dict:
    """Of outputs made now."""
    cells = [in_language(cell.text, language) for cell in lesson.cells if cell.runs]
    found: dict[str, str] = {}
    for text in cells:
        _follow(ast.parse(text), found)
    data = [path.read_text("utf-8") for path in sorted(lesson.folder.glob("*.json")) if path.stem == "answers"]
    return {
        "code": digest(*map(_plain, cells), *data, *(found[name] for name in sorted(found))),
        "mindspore": mindspore,
    }


def read_stamps() -> dict:
    return json.loads(STAMPS.read_text(encoding="utf-8")) if STAMPS.is_file() else {}


def write_stamp(lesson: Lesson, language: str, mindspore: str) -> None:
    known = read_stamps()
    known.setdefault(lesson.number, {})[language] = stamp(lesson, language, mindspore)
    with atomic_path(STAMPS) as staged:
        staged.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")


def stale(lesson: Lesson, language: str) -> bool:
    """Whether the lesson or what it runs on has changed since; MindSpore's version is only told, not compared."""
    known = read_stamps().get(lesson.number, {}).get(language)
    return known is None or known["code"] != stamp(lesson, language, known["mindspore"])["code"]


def _visit(name: str, found: dict) -> None:
    """Add a module of ours, and what it imports in turn."""
    path = _file(name)
    if path is None or name in found:
        return
    tree, found[name] = _module(path)
    for source in sorted(path.parent.glob("source/*")):  # of the kernels
        found[source.name] = source.read_text(encoding="utf-8")
    _follow(tree, found, name if path.name == "__init__.py" else name.rpartition(".")[0])


def _follow(tree: ast.AST, found: dict, package: str = "") -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            home = f"{package}.{node.module or ''}".strip(".") if node.level else node.module
            names = [home, *(f"{home}.{alias.name}" for alias in node.names)]
        elif (
            isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_HOMES"
        ):  # imported when first used
            names = [home.value for home in node.value.values]
        else:
            continue
        for name in names:
            if name.partition(".")[0] in ("vit", "course"):
                _visit(name, found)


def _file(name: str) -> Path | None:
    place = ROOT.joinpath(*name.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


@cache
def _module(path: Path) -> tuple[ast.Module, str]:
    text = path.read_text(encoding="utf-8")
    return ast.parse(text), _plain(text)


def _plain(text: str) -> str:
    """The program alone: comments, docstrings and layout set aside."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            node.body = body[1:] or [ast.Pass()]
    return ast.unparse(tree)  # not `ast.dump`, which differs from one Python to the next
