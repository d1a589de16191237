"""The text of a class that was written in a notebook's cell, and the same class imported from a file.

A class of a cell has no file: Python cannot show its source, and MindSpore compiles it under a flood of
log lines. IPython keeps the cell's text in `linecache` under the name that the code objects carry; that
text goes, with the parts that it is made of, to a package named by its content and is imported from there.
MindSpore reads the files again whenever it compiles, so they are never overwritten, and their modules stay
in `sys.modules`.
"""

import hashlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from course.learner.cell_text import Chunk, chunks, functions_of, text_around
from vit.runtime.atomic import atomic_path

PREFIX = "my_vit_"  # of a snapshot's package: my_vit_attention_0123456789ab
_TYPED = (None, "__main__", "lesson")  # modules of what was typed into a cell


class NotFound(Exception):
    """The class's text cannot be had."""


class NeedsAnotherCell(Exception):
    """The class uses a name that only another cell has."""

    def __init__(self, name: str):
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Source:
    imports: tuple[str, ...]  # a line each
    text: str  # of the class

    @property
    def module(self) -> str:
        return "\n".join([*self.imports, "", "", self.text, ""])

    @property
    def digest(self) -> str:
        return digest(self.module)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def source_of(cls: type, siblings: dict[str, str], called: str = "") -> Source:
    """The class's own text, what it uses of its cell, and the imports that it needs to stand alone.

    Args:
        cls: a class of a cell, or one imported before.
        siblings: the other parts of the package, class -> module: {"Attention": "attention"}.
        called: the name that the module shall have for it; as a rule its own.

    Raises:
        NotFound: no text is known for it.
        NeedsAnotherCell: it uses something that was made in another cell.
        SyntaxError: its cell cannot be read.
    """
    cell = chunks(text_around(cls))
    functions = [function for base in cls.__mro__ for function in functions_of(base)]
    space = functions[0].__globals__ if functions else {}
    wanted, name = _chunk_of(cls, cell, space)
    imports, taken = {}, [wanted]
    for chunk in taken:  # grows while it is gone through
        for free in sorted(chunk.takes - {name}):
            line = _import_of_sibling(free, space, siblings)
            own = [] if line else [other for other in cell if free in other.gives and not other.checks]
            if own and all(other.imports for other in own):
                line = own[-1].text
            elif own:
                taken += [other for other in own if other not in taken]
            elif not line and free in space:  # if it is nowhere, running it will say so, with the line
                line = _import_of(free, space[free])
            if line:
                imports[free] = line
    future = [chunk.text for chunk in cell if chunk.text.startswith("from __future__ ")]
    lines = dict.fromkeys([*future, *(imports[free] for free in sorted(imports))])
    texts = [chunk.text for chunk in sorted(taken, key=lambda chunk: chunk.first)]
    if called and called != name:
        texts.append(f"{called} = {name}")
    return Source(tuple(lines), "\n\n\n".join(texts))


def _chunk_of(cls: type, cell: list[Chunk], space: dict) -> tuple[Chunk, str]:
    """The statement that makes the class, and the name that it has there.

    Of two classes with one name it is the one in whose lines a method begins. A class made by a function has
    its name from the statement that calls the function.
    """
    if "<locals>" in cls.__qualname__:
        names = sorted(name for name, value in space.items() if value is cls)
    else:
        names = [cls.__name__]
        for line in [function.__code__.co_firstlineno for function in functions_of(cls)][:1]:
            cell = [chunk for chunk in cell if chunk.first <= line <= chunk.last]
    for name in names:
        for chunk in reversed(cell):
            if name in chunk.gives and not chunk.checks:
                return chunk, name
    raise NotFound(cls.__name__)


def _import_of_sibling(name: str, space: dict, siblings: dict[str, str]) -> str:
    value = space.get(name)
    if name in siblings and getattr(value, "__name__", "") and getattr(value, "__module__", None) not in _TYPED:
        return f"from .{siblings[name]} import {name}"
    return ""


def _import_of(name: str, value) -> str:
    home, called = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if isinstance(value, ModuleType):
        return f"import {called}" if called == name else _from(called, name)
    if home not in _TYPED and getattr(sys.modules.get(home), called or "", None) is value:
        return f"from {home} import {called}" + (f" as {name}" if called != name else "")
    raise NeedsAnotherCell(name)


def _from(module: str, name: str) -> str:
    """`from mindspore import nn` where it says the same as `import mindspore.nn as nn`."""
    package, _, last = module.rpartition(".")
    return f"from {package} import {last}" if package and last == name else f"import {module} as {name}"


def imported(texts: dict[str, str], stem: str, folder: Path) -> ModuleType:
    """A module imported from a package whose files never change.

    Args:
        texts: module -> Python source, all that the package holds: {"attention": ...}.
        stem: the module wanted.
        folder: where such packages lie.
    """
    name = f"{PREFIX}{stem}_{digest(repr(sorted(texts.items())))}"
    known = sys.modules.get(f"{name}.{stem}")
    home = Path(known.__file__).parent if known else folder / name
    for module, text in {"__init__": "", **texts}.items():
        path = home / f"{module}.py"  # may be cut short by a full disk, touched, or thrown away
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            with atomic_path(path) as staged:
                staged.write_text(text, encoding="utf-8", newline="\n")
    if known:
        return known
    spec = importlib.util.spec_from_file_location(name, home / "__init__.py", submodule_search_locations=[str(home)])
    sys.modules[name] = importlib.util.module_from_spec(spec)
    importlib.invalidate_caches()  # the files are new
    try:
        return importlib.import_module(f"{name}.{stem}")
    except BaseException:
        for module in [module for module in sys.modules if module == name or module.startswith(name + ".")]:
            del sys.modules[module]
        raise
