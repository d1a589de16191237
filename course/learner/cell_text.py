"""The text of the cell that a class was written in, taken apart into what its statements take and give."""

import ast
import builtins
import inspect
import linecache
import symtable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import CodeType, FunctionType

from IPython import get_ipython


@dataclass(frozen=True)
class Chunk:
    """A statement at the top level of a cell, or several that share a line."""

    first: int  # line, a decorator's if it has any
    last: int
    text: str
    nodes: tuple[ast.stmt, ...]

    @cached_property
    def gives(self) -> set[str]:
        """The names that it binds in the cell."""
        symbols = symtable.symtable(self.text, "cell", "exec").get_symbols()
        return {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}

    @cached_property
    def takes(self) -> set[str]:
        """The names that it uses and does not bind itself, built-in ones apart."""
        found = set()

        def visit(table):
            found.update(s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global())
            for child in table.get_children():
                visit(child)

        visit(symtable.symtable(self.text, "cell", "exec"))
        return {name for name in found - self.gives if not hasattr(builtins, name)}

    @property
    def imports(self) -> bool:
        return all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in self.nodes)

    @property
    def checks(self) -> bool:
        """Whether it hands something to `check`."""
        calls = (call for node in self.nodes for call in ast.walk(node) if isinstance(call, ast.Call))
        return any(isinstance(call.func, ast.Name) and call.func.id == "check" for call in calls)


def chunks(text: str) -> list[Chunk]:
    lines, found = text.splitlines(), []
    for node in ast.parse(text).body:
        first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", ()))])
        nodes = [node]
        if found and first <= found[-1].last:  # `a = 1; b = 2`
            first, nodes = found[-1].first, [*found.pop().nodes, node]
        own = "\n".join(line.rstrip() for line in lines[first - 1 : node.end_lineno])
        found.append(Chunk(first, node.end_lineno, own, tuple(nodes)))
    return found


def functions_of(cls: type) -> list[FunctionType]:
    """The methods that the class's own text defines."""
    found = []
    for value in vars(cls).values():
        value = inspect.unwrap(getattr(value, "__func__", None) or getattr(value, "fget", None) or value)
        if isinstance(value, FunctionType) and value.__qualname__.startswith(cls.__qualname__ + "."):
            found.append(value)
    return found


def text_around(cls: type) -> str:
    """The text of the cell, or file, with the class; "" where it cannot be had.

    IPython keeps a cell's text in `linecache` under the name that its code carries. What ran under a magic
    such as %%time has no name there: then it is the last cell typed that defines such a class.
    """
    codes = [function.__code__ for function in functions_of(cls)]
    # a class without methods of its own may stand beside the one that it has them from
    inherited = [function.__code__ for base in cls.__mro__[1:] for function in functions_of(base)]
    for code in (codes or inherited)[:1]:
        text = "".join(linecache.getlines(code.co_filename))
        if text and _defines(text, cls, codes):
            return text
    return next((text for text in _typed() if _defines(text, cls, codes)), "")


def _typed() -> Iterator[str]:
    """The cells typed so far, the last first, without their magics."""
    shell = get_ipython()
    for raw in reversed(shell.history_manager.input_hist_raw if shell else []):
        lines = raw.splitlines(keepends=True)
        while lines and (not lines[0].strip() or lines[0].startswith("%%")):
            del lines[0]
        yield shell.transform_cell("".join(lines))


def _defines(text: str, cls: type, codes: list[CodeType]) -> bool:
    try:
        found = compile(text, "cell", "exec")
    except (SyntaxError, ValueError):
        return False
    bodies = [code for code in _inside(found) if code.co_name == cls.__name__]
    wanted = {(code.co_name, code.co_code) for code in codes}
    return any(wanted <= {(code.co_name, code.co_code) for code in _inside(body)} for body in bodies)


def _inside(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _inside(const)
