"""Names of a package that are imported when first used, so that `vit --help` waits for none of MindSpore."""

import importlib
from collections.abc import Callable


def on_demand(package: str, homes: dict[str, str]) -> Callable[[str], object]:
    """The `__getattr__` of a package.

    Args:
        package: its name.
        homes: name -> the module it lives in; a module of that name is the name itself.
    """

    def fetch(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(homes[name])
        return module if homes[name] == f"{package}.{name}" else getattr(module, name)

    return fetch
