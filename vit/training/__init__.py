"""Training: the step and its optimizer, the one loop that goes on, and a whole run as `vit train` makes it (`fit`)."""

import importlib

# imported when first used: `vit --help` needs the recipe, and none of MindSpore
_HOMES = {
    "Step": "step",
    "TrainStep": "step",
    "make_train_step": "step",
    "train": "step",
    "AdamW": "optimizer",
    "warmup_cosine": "optimizer",
    "Recipe": "recipe",
    "Run": "run",
}
__all__ = list(_HOMES)


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'vit.training' has no attribute {name!r}")
    return getattr(importlib.import_module(f"vit.training.{_HOMES[name]}"), name)
