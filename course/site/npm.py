"""Files of an npm package, by version and hash."""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from vit.runtime.errors import UserError
from vit.runtime.language import say

PACKAGES = {  # name -> version, SHA-256 of the archive
    "onnxruntime-web": ("1.30.0", "d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71"),
    "reveal.js": ("6.0.2", "2f0c20bfb02447a198a1ebe8a8c097a5437d035caa38f2820bf4ba887a3eac91"),
    "gift-pegjs": ("1.0.2", "b15e322e9f9145c753bee378a12c31b9f45526f472ac81186a0ff706722f1c7d"),  # of a test
    "axe-core": ("4.14.1", "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"),
}


def take(name: str, files: list[str], folder: Path) -> None:
    """Put files of a package's dist/ or root into a folder; npm fetches the archive from its registry.

    Raises:
        UserError: no npm on this machine, the archive cannot be had, or is another one than expected.
    """
    version, wanted = PACKAGES[name]
    npm = shutil.which("npm")
    if npm is None:
        raise UserError(
            say(f"{name} 要用 npm 取，这台机器上没有 npm", f"{name} is fetched by npm, which is not on this machine")
        )
    with tempfile.TemporaryDirectory() as scratch:
        got = subprocess.run([npm, "pack", f"{name}@{version}"], cwd=scratch, capture_output=True, check=False)
        archives = list(Path(scratch).glob("*.tgz"))
        if got.returncode or not archives:
            raise UserError(say(f"从 npm 取不到 {name} {version}", f"npm cannot fetch {name} {version}"))
        if hashlib.sha256(archives[0].read_bytes()).hexdigest() != wanted:
            raise UserError(
                say(
                    f"{name} {version} 和预期的不是同一份（SHA-256 不符）",
                    f"{name} {version} is another file than expected (SHA-256)",
                )
            )
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archives[0]) as archive:
            for file in files:
                content = archive.extractfile(f"package/{file}")
                (folder / Path(file).name).write_bytes(content.read())
