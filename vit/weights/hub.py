"""Published weights by name: a file registered by hand, else one fetched before, else the hub.

`huggingface_hub` does the transfer (resume, hash, cache). Set HF_ENDPOINT to the address of a
mirror where the hub itself cannot be reached. Revision and SHA-256 of the first good fetch are
written down, and later ones are held to them.
"""

import os
import sys
from pathlib import Path

from vit.config import list_models, list_published, published
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.runtime.lock_file import differs, record, recorded, sha256_of
from vit.runtime.paths import DATA, SHIPPED, shown
from vit.weights.not_weights import first_bytes

FILENAME = "model.safetensors"


def registered_path(name: str) -> Path:
    """Where `vit weights use` puts the file of a name."""
    return DATA / "weights" / "registered" / f"{name}.safetensors"


def shipped_path(name: str) -> Path:
    """Where weights lie that come with the course: small ones, trained by it."""
    return SHIPPED / f"{name}.safetensors"


def lock_path(name: str) -> Path:
    """Where it is written down which file of a name was fetched first."""
    return DATA / "weights" / "fetched" / f"{name}.json"


def local_file(name: str) -> Path | None:
    """The file of published weights on this machine, registered or fetched before, or None."""
    repo = published(name).repo
    if registered_path(name).is_file():
        return registered_path(name)
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(repo, FILENAME, revision=recorded(lock_path(name)).get("revision"))
    return Path(cached) if isinstance(cached, str) else None


def find(weights) -> Path:
    """The file meant by a path, or by the name of shipped or published weights; fetches it if need be.

    Raises:
        UserError: neither a file nor a published name; or it is not here and cannot be fetched.
    """
    path = Path(weights)
    is_name = len(path.parts) == 1 and path.name == str(weights)
    try:
        is_meant = path.is_file() or (path.exists() and not (is_name and path.name in list_models()))
    except (OSError, ValueError) as error:
        raise UserError(say(f"{weights}: 没有这个文件（{error}）", f"{weights}: no such file ({error})")) from None
    if is_meant:
        first_bytes(path)  # a folder, a pipe, a file that nobody may read: said here, once for all who ask
        return path
    if is_name and shipped_path(path.name).is_file():
        return shipped_path(path.name)
    if path.suffix or not is_name:
        raise UserError(say(f"{weights}: 没有这个文件", f"{weights}: no such file"))
    return get(path.name)


def get(name: str) -> Path:
    """The file of published weights, from this machine or else from the hub; it is the one that was fetched first.

    Raises:
        UserError: no such name, it cannot be fetched, or it is another file than at first.
    """
    path = local_file(name)
    if path is None:
        return fetch(name)
    if path != registered_path(name):
        _hold(name, path)
    return path


def fetch(name: str) -> Path:
    """Fetch published weights from the hub into its cache, with a progress bar on standard error.

    Raises:
        UserError: it failed; the message has the reason and both ways out.
    """
    source = published(name)
    lock = lock_path(name)
    first = recorded(lock).get("revision")
    # `hf_xet`, the hub's other protocol, bypasses HF_ENDPOINT; plain HTTP resumes and checks as well
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url

    print(
        say(
            f"正在从 {constants.ENDPOINT} 下载 {name}（{source.megabytes} MB）",
            f"fetching {name} ({source.megabytes} MB) from {constants.ENDPOINT}",
        ),
        file=sys.stderr,
    )
    try:
        # asked once before the download, which would try for half a minute where there is no network
        now = get_hf_file_metadata(hf_hub_url(source.repo, FILENAME, revision=first), timeout=10)
        path = Path(hf_hub_download(source.repo, FILENAME, revision=first or now.commit_hash))
    except Exception as error:  # the library lets through what its HTTP client raises
        while error.__cause__ is not None:
            error = error.__cause__
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        address = f"{constants.ENDPOINT}/{source.repo}/resolve/{first or 'main'}/{FILENAME}"
        if first:
            reason += say(
                f"（要的是第一次下载的版本 {first[:12]}；删除 {lock} 就改用现在的版本）",
                f" (asked for was the revision of the first fetch, {first[:12]}; without {lock} it will be the newest)",
            )
        raise UserError(
            say(
                f"无法下载 {name}：{reason}。可以把 HF_ENDPOINT 设为镜像站的地址再试；"
                f"或者自己下载 {address}，再运行：vit weights use FILE --model {name}",
                f"cannot fetch {name}: {reason}. Either set HF_ENDPOINT to a mirror of the hub and try again, "
                f"or fetch {address} by hand and run: vit weights use FILE --model {name}",
            )
        ) from None
    try:
        _hold(name, path)
    except UserError:
        path.resolve().unlink()  # the next call must not find it
        path.unlink(missing_ok=True)
        raise
    return path


def _hold(name: str, path: Path) -> None:
    """Compare a file in the hub's cache with the one that was fetched first; or it is the first."""
    lock, digest = lock_path(name), sha256_of(path)
    first = recorded(lock)
    if not first:
        record(lock, repo=published(name).repo, revision=path.parent.name, sha256=digest)
    elif digest != first["sha256"]:
        raise UserError(f"{path}: {differs(first, digest, lock)}")


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
