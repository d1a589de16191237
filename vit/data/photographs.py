"""Three real photographs that come inside installed packages, so that they need no network."""

from importlib.util import find_spec
from pathlib import Path

# name -> (package, file in it, what ImageNet calls it)
_PHOTOGRAPHS = {
    "cat": ("skimage", "data/chelsea.png", "n02124075"),  # Egyptian cat
    "coffee": ("skimage", "data/coffee.png", "n07920052"),  # espresso
    "grace_hopper": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", "n03763968"),  # military uniform
}


def offline_photographs() -> dict[str, tuple[Path, str]]:
    """Name -> (file, WordNet id of what it shows), of those whose package is installed."""
    found = {}
    for name, (package, file, wnid) in _PHOTOGRAPHS.items():
        spec = find_spec(package)
        path = Path(spec.origin).parent / file if spec and spec.origin else None
        if path and path.is_file():
            found[name] = (path, wnid)
    return found
