"""Work of different learners that is the same. A list to be looked at, not a judgement: short answers come out alike."""

import ast
import hashlib
from collections import defaultdict
from dataclasses import dataclass

from course.classroom.handed_in import HandedIn
from course.document.bilingual import in_language
from course.document.lesson import read_lesson
from course.language import say
from course.learner.parts import EVERY
from course.manifest import lesson_numbers

MOST = 100_000  # characters of code that are looked at
SHORT = 60  # nodes: below it, being alike says nothing


@dataclass(frozen=True)
class Alike:
    what: str
    where: str
    names: tuple[str, ...]


def alike(learners: list[HandedIn]) -> list[Alike]:
    """Files that are equal byte by byte, and code that is the same but for names, comments and layout."""
    files, code, solutions = defaultdict(set), defaultdict(set), _solutions()
    for learner in learners:
        for name, digest in learner.files.items():
            files[digest].add((learner.name, name))
        for place, text in learner.code.items():
            if shape := shape_of(text):
                code[_exercise(place), shape].add(learner.name)
    found = []
    for same in files.values():
        names = tuple(sorted({name for name, _ in same}))
        if len(names) > 1:
            found.append(Alike(say("同一个文件", "the same file"), min(file for _, file in same), names))
    for (place, shape), who in code.items():
        if len(who) > 1:
            what = say("除名字外相同的代码", "the same code but for names")
            published = say("（和公布的答案一样）", " (as the published solution)")
            found.append(Alike(what + published * (shape in solutions.get(place, ())), place, tuple(sorted(who))))
    return sorted(found, key=lambda one: (one.where, one.names))


def shape_of(text: str) -> str:
    """A digest of code with its own names numbered, without comments and docstrings; "" where it is too short."""
    if len(text) > MOST:
        return ""
    try:
        tree = ast.parse(text)
        body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
        numbered, parts = {}, []
        for node in (one for statement in body for one in ast.walk(statement)):
            if (
                isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            ):
                continue
            names = [value for field, value in ast.iter_fields(node) if field in ("id", "arg", "name", "attr")]
            parts.append(type(node).__name__ + "".join(str(numbered.setdefault(one, len(numbered))) for one in names))
            if isinstance(node, ast.Constant) and not isinstance(node.value, str):
                parts.append(repr(node.value))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    return hashlib.sha256(" ".join(parts).encode()).hexdigest() if len(parts) >= SHORT else ""


def _exercise(place: str) -> str:
    """ "attention.py" is the exercise that asks for it, 04.3."""
    return next((part.exercise for part in EVERY.values() if part.file == place), place)


def _solutions() -> dict[str, set[str]]:
    found = defaultdict(set)
    for lesson in map(read_lesson, lesson_numbers()):
        for number, exercise in lesson.exercises.items():
            for text in (exercise.solution, *exercise.right):
                found[number] |= {shape_of(in_language(text, one)) for one in ("zh", "en")} - {""}
    return found
