"""vit: a Vision Transformer on MindSpore. The network itself (model.py and what it imports) is read in one sitting."""

import importlib
import os

# MindSpore's own log starts at warnings, of which a good run has several; errors still show.
# It reads this when it is imported, which happens after us.
os.environ.setdefault("GLOG_v", "3")

__version__ = "0.3.0"

# Names at the top level, and where they live. They are imported when first used, so that
# `import vit` and `vit --help` do not wait for MindSpore.
_HOMES = {
    "ViT": "vit.model",
    "ViTConfig": "vit.config",
    "create_model": "vit.weights",
    "list_models": "vit.config",
    "UserError": "vit.runtime.errors",
    "weights": "vit.weights",
    "training": "vit.training",
    "inference": "vit.inference",
    "evaluation": "vit.evaluation",
}
__all__ = list(_HOMES)


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'vit' has no attribute {name!r}")
    module = importlib.import_module(_HOMES[name])
    return module if module.__name__ == f"vit.{name}" else getattr(module, name)


def __dir__():
    return sorted([*globals(), *_HOMES])
