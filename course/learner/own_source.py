"""The text of a class that was written in a notebook's cell, and the same class imported from a file.

A class of a cell has no file: Python cannot show its source, and MindSpore compiles it under a flood of
log lines. IPython keeps the cell's text in `linecache` under the name that the code objects carry; that
text goes, with the parts that it is made of, to a package named by its content and is imported from there.
MindSpore reads the files again whenever it compiles, so they are never overwritten, and their modules stay
in `sys.modules`.
"""

import ast
import builtins
import hashlib
import importlib.util
import linecache
import symtable
import sys
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType

from vit.runtime.atomic import atomic_path

PREFIX = "my_vit_"  # of a snapshot's package: my_vit_attention_0123456789ab


class NotFound(Exception):
    """The class's text cannot be had."""


class Leans(Exception):
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


def source_of(cls: type, siblings: dict[str, str]) -> Source:
    """The class's own text, and the imports it needs to stand alone.

    Args:
        cls: a class of a cell, or one imported before.
        siblings: the other parts of the package, class -> module: {"Attention": "attention"}.

    Raises:
        NotFound: it has no method, or no text is known for it.
        Leans: it uses something that was made in another cell.
    """
    methods = [value for value in vars(cls).values() if isinstance(value, FunctionType)]
    if not methods:
        raise NotFound(cls.__name__)
    code = methods[0].__code__
    text = "".join(linecache.getlines(code.co_filename))
    # of two classes with one name, the one in whose lines the method begins
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and node.lineno <= code.co_firstlineno <= node.end_lineno:
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
            own = "\n".join(line.rstrip() for line in text.splitlines()[first - 1 : node.end_lineno])
            return Source(_imports(own, methods[0].__globals__, siblings), own)
    raise NotFound(cls.__name__)


def _imports(text: str, space: dict, siblings: dict[str, str]) -> tuple[str, ...]:
    lines = []
    for name in sorted(_free_names(text)):
        if name not in space:
            continue  # running it will say so, with the line
        value = space[name]
        home, called = getattr(value, "__module__", None), getattr(value, "__name__", None)
        if name in siblings and called == name and home not in ("__main__", "lesson"):
            lines.append(f"from .{siblings[name]} import {name}")
        elif isinstance(value, ModuleType):
            lines.append(f"import {called}" if called == name else _from(called, name))
        elif home not in (None, "__main__", "lesson") and getattr(sys.modules.get(home), called or "", None) is value:
            lines.append(f"from {home} import {called}" + (f" as {name}" if called != name else ""))
        else:
            raise Leans(name)
    return tuple(lines)


def _from(module: str, name: str) -> str:
    """`from mindspore import nn` where it says the same as `import mindspore.nn as nn`."""
    package, _, last = module.rpartition(".")
    return f"from {package} import {last}" if package and last == name else f"import {module} as {name}"


def _free_names(text: str) -> set[str]:
    """What the text takes from outside itself, built-in names apart."""
    free, bound = set(), set()

    def visit(table):
        for symbol in table.get_symbols():
            if table.get_type() == "module" and symbol.is_assigned():
                bound.add(symbol.get_name())
            if symbol.is_referenced() and symbol.is_global():
                free.add(symbol.get_name())
        for child in table.get_children():
            visit(child)

    visit(symtable.symtable(text, "cell", "exec"))
    return {name for name in free - bound if not hasattr(builtins, name)}


def imported(texts: dict[str, str], stem: str, folder: Path) -> ModuleType:
    """A module imported from a package whose files never change.

    Args:
        texts: module -> Python source, all that the package holds: {"attention": ...}.
        stem: the module wanted.
        folder: where such packages lie.
    """
    name = f"{PREFIX}{stem}_{digest(repr(sorted(texts.items())))}"
    if f"{name}.{stem}" in sys.modules:
        return sys.modules[f"{name}.{stem}"]
    home = folder / name
    for module, text in {"__init__": "", **texts}.items():
        path = home / f"{module}.py"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:  # cut short by a full disk, or touched
            with atomic_path(path) as staged:
                staged.write_text(text, encoding="utf-8", newline="\n")
    spec = importlib.util.spec_from_file_location(name, home / "__init__.py", submodule_search_locations=[str(home)])
    sys.modules[name] = importlib.util.module_from_spec(spec)
    importlib.invalidate_caches()  # the files are new
    try:
        return importlib.import_module(f"{name}.{stem}")
    except BaseException:
        for module in [module for module in sys.modules if module == name or module.startswith(name + ".")]:
            del sys.modules[module]
        raise
