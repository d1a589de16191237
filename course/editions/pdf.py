"""HTML to PDF by a browser of the Chromium family, where one is found; the kit is whole without it."""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from vit.runtime.atomic import atomic_path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "microsoft-edge", "msedge")
PLACES = (  # where Windows and macOS keep theirs
    r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
    r"%ProgramFiles%\Microsoft\Edge\Application\msedge.exe",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)


def browser() -> str | None:
    found = (shutil.which(name) for name in NAMES)
    places = (place for place in map(os.path.expandvars, PLACES) if os.path.isfile(place))
    return next(filter(None, (*found, *places)), None)


def print_pdf(page: Path, query: str = "") -> Path | None:
    """Write PAGE.pdf beside PAGE.html.

    Args:
        query: behind the address, "?print-pdf" for a deck.

    Returns:
        None where there is no browser, or it could not.
    """
    program = browser()
    if program is None:
        return None
    target = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "made.pdf"
        command = [program, "--headless=new", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"]
        command += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # it refuses to run as root
        command += [f"--user-data-dir={scratch}/profile", "--virtual-time-budget=15000", f"--print-to-pdf={made}"]
        with suppress(subprocess.SubprocessError, OSError):
            subprocess.run([*command, page.resolve().as_uri() + query], capture_output=True, timeout=120, check=True)
        if not made.is_file() or not made.read_bytes().startswith(b"%PDF"):
            return None
        with atomic_path(target) as staged:
            staged.write_bytes(made.read_bytes())
    return target
