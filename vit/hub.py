"""Published weights by name: a file registered by hand, else one fetched before, else the hub.

`huggingface_hub` does the transfer (resume, hash, cache). Set HF_ENDPOINT to the address of a
mirror where the hub itself cannot be reached.
"""

import difflib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from vit.errors import UserError
from vit.paths import DATA, shown

FILENAME = "model.safetensors"


@dataclass(frozen=True)
class Published:
    """Where weights live. All of these are Apache-2.0 and in timm's naming."""

    repo: str  # on the hub; the name after the dot is timm's name of the training recipe
    megabytes: int


PUBLISHED = {
    "vit_tiny_patch16_224": Published("timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k", 23),
    "vit_small_patch16_224": Published("timm/vit_small_patch16_224.augreg_in21k_ft_in1k", 88),
    "vit_small_patch32_224": Published("timm/vit_small_patch32_224.augreg_in21k_ft_in1k", 92),
    "vit_base_patch16_224": Published("timm/vit_base_patch16_224.augreg_in21k_ft_in1k", 346),
    "vit_base_patch32_224": Published("timm/vit_base_patch32_224.augreg_in21k_ft_in1k", 353),
    "vit_large_patch16_224": Published("timm/vit_large_patch16_224.augreg_in21k_ft_in1k", 1217),
    "deit_tiny_patch16_224": Published("timm/deit_tiny_patch16_224.fb_in1k", 23),
    "deit_small_patch16_224": Published("timm/deit_small_patch16_224.fb_in1k", 88),
    "deit_base_patch16_224": Published("timm/deit_base_patch16_224.fb_in1k", 346),
}


def registered_path(name: str) -> Path:
    """Where `vit weights use` puts the file of a name."""
    return DATA / "weights" / "registered" / f"{name}.safetensors"


def shipped_path(name: str) -> Path:
    """Where weights lie that come with the course: small ones, trained by it."""
    return DATA / "weights" / f"{name}.safetensors"


def _published(name: str) -> Published:
    if name not in PUBLISHED:
        near = difflib.get_close_matches(name, PUBLISHED, n=3, cutoff=0.4) or list(PUBLISHED)
        raise UserError(f"no published weights are called {name!r}; did you mean {' or '.join(near)}?")
    return PUBLISHED[name]


def local_file(name: str) -> Path | None:
    """The file of published weights on this machine, registered or fetched before, or None."""
    repo = _published(name).repo
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
        raise UserError(f"{weights}: no such file ({error})") from None
    if shipped_path(path.name).is_file() and len(path.parts) == 1:
        return shipped_path(path.name)
    if path.suffix or len(path.parts) > 1:
        raise UserError(f"{weights}: no such file")
    return local_file(str(weights)) or fetch(str(weights))


def fetch(name: str) -> Path:
    """Fetch published weights from the hub into its cache, with a progress bar on standard error.

    Raises:
        UserError: it failed; the message has the reason and both ways out.
    """
    published = _published(name)
    # `hf_xet`, the hub's other protocol, bypasses HF_ENDPOINT; plain HTTP resumes and checks as well
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url

    print(f"fetching {name} ({published.megabytes} MB) from {constants.ENDPOINT}", file=sys.stderr)
    try:
        # asked once before the download, which would try for half a minute where there is no network
        get_hf_file_metadata(hf_hub_url(published.repo, FILENAME), timeout=10)
        return Path(hf_hub_download(published.repo, FILENAME))
    except Exception as error:  # the library lets through what its HTTP client raises
        while error.__cause__ is not None:
            error = error.__cause__
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        address = f"{constants.ENDPOINT}/{published.repo}/resolve/main/{FILENAME}"
        raise UserError(
            f"cannot fetch {name}: {reason}. Either set HF_ENDPOINT to a mirror of the hub and try again, "
            f"or fetch {address} by hand and run: vit weights use FILE --model {name}"
        ) from None


def use(file, name: str | None = None) -> tuple[str, Path]:
    """Register a file fetched by hand as the published weights of a name.

    The file is read and held against the model first; a copy that carries its own configuration,
    preprocessing and class names is kept in `data/weights/registered/`.

    Args:
        file: safetensors, npz or ckpt, in any naming that `vit.weights.read` knows.
        name: of the published weights; without it, the file's own name must be one.

    Returns:
        The name and the copy's path.

    Raises:
        UserError: unknown name, or the file does not fit that model.
    """
    from vit.weights import load_model, save_model

    file = Path(file)
    if not file.is_file():
        raise UserError(f"{file}: no such file")
    if name is None:
        name = file.stem
        if name not in PUBLISHED:
            raise UserError(
                f"whose weights are {file.name}? Say so: vit weights use {file} --model NAME (vit weights list)"
            )
    _published(name)
    model = load_model(file, model_name=name)
    return name, save_model(model, registered_path(name))


def overview() -> list[dict]:
    """Every published name with its size, source, and where it is on this machine (or None)."""
    rows = []
    for name, published in PUBLISHED.items():
        file = local_file(name)
        rows.append(
            {
                "name": name,
                "megabytes": published.megabytes,
                "repo": published.repo,
                "file": shown(file) if file else None,
            }
        )
    return rows
