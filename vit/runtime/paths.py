"""Where things lie: always seen from the repository's root, never from the current folder.

What is made goes to `OUTPUTS` and `DATA`. Where the repository cannot be written (a class shares one copy of
it), or there is none (`vit` was installed from a wheel), both lie in the home folder, under vit-course/;
VIT_OUTPUTS names another folder.
"""

import os
from pathlib import Path

from vit.runtime.text import one_line

PACKAGE, ROOT = Path(__file__).resolve().parents[1:3]
CLONE = (ROOT / "pyproject.toml").is_file()  # else a wheel
SHIPPED = PACKAGE / "weights" / "shipped"  # what comes with the program


def _outputs() -> Path:
    if named := os.environ.get("VIT_OUTPUTS"):
        return Path(named).expanduser().absolute()
    return ROOT / "outputs" if CLONE and os.access(ROOT, os.W_OK) else Path.home() / "vit-course"


OUTPUTS = _outputs()
DATA = ROOT / "data" if CLONE and os.access(ROOT / "data", os.W_OK) else OUTPUTS / "data"


def shown(path) -> str:
    """A path as a person wants to read it: from the repository's root where it lies inside."""
    path = Path(os.path.realpath(path))  # unlike Path.resolve, not bothered by links in a circle
    return one_line(path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path)
