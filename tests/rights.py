"""A folder that may not be read, for the superuser too: its rights are put down while it is looked at."""

import contextlib
import os

import pytest

NOBODY = 65534


@contextlib.contextmanager
def forbidden(path):
    """Inside, `path` may not be read; skipped where the system knows no such rights."""
    if not hasattr(os, "geteuid"):
        pytest.skip("no rights of this kind on this system")
    before, user = path.stat().st_mode, os.geteuid()
    opened = [folder for folder in path.parents if user == 0 and not folder.stat().st_mode & 0o001]
    path.chmod(0)
    for folder in opened:
        folder.chmod(0o755)
    try:
        if user == 0:
            os.seteuid(NOBODY)
        yield
    finally:
        if user == 0:
            os.seteuid(0)
        for folder in opened:
            folder.chmod(0o700)
        path.chmod(before)
