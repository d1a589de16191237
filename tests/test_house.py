"""The house: arrows between files run one way, and nothing needs a system or a device that a learner lacks."""

import ast
import re
from pathlib import Path

import pytest

from vit.runtime.paths import ROOT

PROGRAM = sorted((ROOT / "vit").rglob("*.py"))
COURSE = [path for path in sorted((ROOT / "course").rglob("*.py")) if "lessons" not in path.parts]
BENCHMARKS = sorted((ROOT / "benchmarks").glob("*.py"))


def module(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {module(path): path for path in PROGRAM + COURSE}


def imports(path: Path):
    """(module of ours, whether it is imported inside a function) of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(node) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for node in ast.walk(f)}
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            found = name if name in MODULES else name.rsplit(".", 1)[0]
            if found in MODULES and found not in ("vit", "course"):
                yield found, id(node) in inside


def test_no_circle_of_imports():
    arrows = {name: {other for other, _ in imports(path)} for name, path in MODULES.items()}
    done: set[str] = set()

    def visit(name, way):
        assert name not in way, f"a circle: {' -> '.join([*way[way.index(name) :], name])}"
        if name not in done:
            for other in arrows[name]:
                visit(other, [*way, name])
            done.add(name)

    for name in arrows:
        visit(name, [])


def test_no_import_is_hidden_in_a_function():
    """But in what must answer before MindSpore has started: the command, the main job, what a notebook begins with."""
    quick = {
        "vit.cli",
        "course.cli",
        "course.project.cli",
        "course.camp.commands",
        "course.__main__",
        "course.main_job",
        "course.learner.assets",
    }
    hidden = {name: sorted(o for o, inside in imports(path) if inside) for name, path in MODULES.items()}
    assert {name: found for name, found in hidden.items() if found and name not in quick} == {}


def test_arrows_run_one_way():
    network = {"attention", "encoder", "head", "layer_norm", "patch_embedding", "config", "model"}
    for name, path in MODULES.items():
        for other, _ in imports(path):
            assert not (name.startswith("vit") and other.startswith("course")), f"{name} -> {other}"
            assert not (name.startswith("vit.runtime") and not other.startswith("vit.runtime")), f"{name} -> {other}"
            if name.removeprefix("vit.") in network:
                known = other.removeprefix("vit.") in network
                assert known or other.startswith(("vit.runtime", "vit.data.preprocessing")), f"{name} -> {other}"


# modules that only POSIX has; what needs one says so and has another way
POSIX_ONLY = [
    "curses",
    "fcntl",
    "grp",
    "nis",
    "posix",
    "pty",
    "pwd",
    "readline",
    "resource",
    "spwd",
    "syslog",
    "termios",
    "tty",
]


@pytest.mark.parametrize("path", [*PROGRAM, *COURSE, *BENCHMARKS, ROOT / "start.py"], ids=module)
def test_nothing_that_only_posix_has(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    spared = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.Try) and any("ImportError" in ast.dump(h) for h in block.handlers)
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not set(names) & set(POSIX_ONLY) or id(node) in spared, f"line {node.lineno}: {names}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            called = f"{node.value.id}.{node.attr}"
            posix = ("os.fork", "os.getuid", "os.geteuid", "os.uname", "os.mkfifo", "signal.SIGKILL", "signal.alarm")
            assert called not in posix or f'hasattr({node.value.id}, "{node.attr}")' in text, (
                f"{called}, line {node.lineno}"
            )
    for literal in re.findall(r'"(/(?:tmp|dev/shm|var|home)\b[^"]*)"', text):
        pytest.fail(f"a path that only POSIX has: {literal}")


def used_operations():
    """(nn or ops, name) of all that `vit/` takes from MindSpore."""
    found = set()
    for path in PROGRAM:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("nn", "ops", "ms.ops", "ms.nn"):
                found.add((ast.unparse(node.value).removeprefix("ms."), node.attr))
    return sorted(found)


@pytest.mark.parametrize(("home", "name"), used_operations())
def test_every_operation_is_there_on_ascend_and_gpu(home, name):
    """As far as MindSpore's own docstrings tell; some have no such line."""
    import mindspore as ms

    text = getattr(getattr(ms, home), name).__doc__ or ""
    said = re.search(r"Supported Platforms:\s*(.+)", text)
    if said is None or "deprecated" in said[1].lower():
        pytest.skip(f"{home}.{name} says nothing of platforms")
    assert {"Ascend", "GPU", "CPU"} <= set(re.findall(r"``(\w+)``", said[1])), said[1]
