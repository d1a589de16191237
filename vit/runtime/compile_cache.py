"""A compiled graph kept on disk: the second start of the same run skips the front half of compiling."""

import hashlib
import json
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

import mindspore as ms

from vit.runtime.atomic import atomic_folder
from vit.runtime.paths import ROOT


@contextmanager
def compile_cache(folder, settings: dict, use: bool = True):
    """Let MindSpore read what is compiled inside from `folder`, or write it there.

    MindSpore tells graphs apart by their order in the program and by its source files, not by shapes
    or constants: with another batch size or learning rate it would read the wrong one. So each
    graph has a folder of its own here, named after all that decides it; those of others go.
    Of classes that are not `vit`'s own nothing is known here: only `vit`'s may be compiled inside.

    Args:
        folder: where the cache lives; may be deleted at any time.
        settings: all that decides the graph, as JSON can hold it; MindSpore's version, the device and our
            source files are added.
        use: False does nothing.
    """
    if not use or not os.path.isfile(_main_script()):
        # MindSpore's cache wants the main script's file, as sys.argv[0] named it when MindSpore was imported:
        # `python -c` and standard input have none, and during the imports of `python -m` it is "-m"
        yield
        return
    folder = Path(folder)
    home = folder / _key(settings)
    for other in folder.glob("*"):
        if other != home:
            shutil.rmtree(other, ignore_errors=True)
    before = {name: os.environ.get(name) for name in ("MS_COMPILER_CACHE_ENABLE", "MS_COMPILER_CACHE_PATH")}
    try:
        if home.is_dir():
            _use(home)
            yield
        else:
            with atomic_folder(home) as staged:  # a stop in the middle leaves nothing half written
                _use(staged)
                yield
    finally:
        for name, value in before.items():  # as the user had them
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _main_script() -> str:
    """The path that MindSpore noted of the main script; its module has moved between versions."""
    homes = (sys.modules.get(name) for name in ("mindspore.graph.api", "mindspore.common.api"))
    return next((path for home in homes if (path := getattr(home, "entry_script_path", None))), "")


def _use(folder) -> None:
    os.environ["MS_COMPILER_CACHE_ENABLE"] = "1"
    os.environ["MS_COMPILER_CACHE_PATH"] = str(folder)


def _key(settings: dict) -> str:
    decides = [ms.__version__, ms.get_context("device_target"), settings]
    digest = hashlib.sha256(json.dumps(decides, sort_keys=True).encode())
    for path in sorted((ROOT / "vit").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
