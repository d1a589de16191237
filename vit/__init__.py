"""vit: a Vision Transformer on MindSpore. The network itself (model.py and what it imports) is read in one sitting."""

import os

from vit.runtime.on_demand import on_demand

# MindSpore's own log starts at warnings, of which a good run has several; errors still show.
# It reads this when it is imported, which happens after us.
os.environ.setdefault("GLOG_v", "3")

__version__ = "0.4.0"

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
__getattr__ = on_demand(__name__, _HOMES)


def __dir__():
    return sorted([*globals(), *_HOMES])
