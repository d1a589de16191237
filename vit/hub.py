"""Published weights by name: a file registered by hand, else one fetched before, else the hub.

`huggingface_hub` does the transfer (resume, hash, cache). Set HF_ENDPOINT to the address of a
mirror where the hub itself cannot be reached.
"""

import os
import sys
from pathlib import Path

from vit.config import list_published, published
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.runtime.paths import DATA, SHIPPED, shown

FILENAME = "model.safetensors"


def registered_path(name: str) -> Path:
    """Where `vit weights use` puts the file of a name."""
    return DATA / "weights" / "registered" / f"{name}.safetensors"


def shipped_path(name: str) -> Path:
    """Where weights lie that come with the course: small ones, trained by it."""
    return SHIPPED / f"{name}.safetensors"


def local_file(name: str) -> Path | None:
    """The file of published weights on this machine, registered or fetched before, or None."""
    repo = published(name).repo
    if registered_path(name).is_file():
        return registered_path(name)
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(repo, FILENAME)
    return Path(cached) if isinstance(cached, str) else None


def find(weights) -> Path:
    """The file meant by a path, or by the name of shipped or published weights; fetches it if need be.

    Raises:
        UserError: neither a file nor a published name; or it is not here and cannot be fetched.
    """
    path = Path(weights)
    try:
        if path.exists():
            return path
    except (OSError, ValueError) as error:
        raise UserError(say(f"{weights}: 没有这个文件（{error}）", f"{weights}: no such file ({error})")) from None
    if shipped_path(path.name).is_file() and len(path.parts) == 1:
        return shipped_path(path.name)
    if path.suffix or len(path.parts) > 1:
        raise UserError(say(f"{weights}: 没有这个文件", f"{weights}: no such file"))
    return local_file(str(weights)) or fetch(str(weights))


def fetch(name: str) -> Path:
    """Fetch published weights from the hub into its cache, with a progress bar on standard error.

    Raises:
        UserError: it failed; the message has the reason and both ways out.
    """
    source = published(name)
    # `hf_xet`, the hub's other protocol, bypasses HF_ENDPOINT; plain HTTP resumes and checks as well
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url

    print(f"fetching {name} ({source.megabytes} MB) from {constants.ENDPOINT}", file=sys.stderr)
    try:
        # asked once before the download, which would try for half a minute where there is no network
        get_hf_file_metadata(hf_hub_url(source.repo, FILENAME), timeout=10)
        return Path(hf_hub_download(source.repo, FILENAME))
    except Exception as error:  # the library lets through what its HTTP client raises
        while error.__cause__ is not None:
            error = error.__cause__
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        address = f"{constants.ENDPOINT}/{source.repo}/resolve/main/{FILENAME}"
        raise UserError(
            say(
                f"无法下载 {name}：{reason}。可以把 HF_ENDPOINT 设为镜像站的地址再试；"
                f"或者自己下载 {address}，再运行：vit weights use FILE --model {name}",
                f"cannot fetch {name}: {reason}. Either set HF_ENDPOINT to a mirror of the hub and try again, "
                f"or fetch {address} by hand and run: vit weights use FILE --model {name}",
            )
        ) from None


def overview() -> list[dict]:
    """Every published name with its size, source, and where it is on this machine (or None)."""
    rows = []
    for name in list_published():
        file = local_file(name)
        rows.append(
            {
                "name": name,
                "megabytes": published(name).megabytes,
                "repo": published(name).repo,
                "file": shown(file) if file else None,
            }
        )
    return rows
