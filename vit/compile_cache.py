"""A compiled graph kept on disk: the second start of the same run skips the front half of compiling."""

import hashlib
import json
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

import mindspore as ms

from vit.atomic import atomic_folder


@contextmanager
def compile_cache(folder, settings: dict):
    """Let MindSpore read what is compiled inside from `folder`, or write it there.

    MindSpore tells graphs apart by their order in the program and by its source files, not by shapes
    or constants: with another batch size or learning rate it would read the wrong one. So each
    graph has a folder of its own here, named after all that decides it; those of others go.

    Args:
        folder: where the cache lives; may be deleted at any time.
        settings: all that decides the graph, as JSON can hold it; MindSpore's version, the device and
            our source files are added.
    """
    if not os.path.isfile(getattr(sys.modules["__main__"], "__file__", None) or ""):
        yield  # MindSpore's cache wants the main script's file; `python -c` and standard input have none
        return
    folder = Path(folder)
    home = folder / _key(settings)
    for other in folder.glob("*"):
        if other != home:
            shutil.rmtree(other, ignore_errors=True)
    try:
        if home.is_dir():
            _use(home)
            yield
        else:
            with atomic_folder(home) as staged:  # a stop in the middle leaves nothing half written
                _use(staged)
                yield
    finally:
        os.environ["MS_COMPILER_CACHE_ENABLE"] = "0"


def _use(folder) -> None:
    os.environ["MS_COMPILER_CACHE_ENABLE"] = "1"
    os.environ["MS_COMPILER_CACHE_PATH"] = str(folder)


def _key(settings: dict) -> str:
    decides = [ms.__version__, ms.get_context("device_target"), settings]
    digest = hashlib.sha256(json.dumps(decides, sort_keys=True).encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
