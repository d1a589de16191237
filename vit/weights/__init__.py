"""Checkpoints in and out: files of any maker read and written, published weights, models made by name."""

import importlib

# imported when first used: `vit weights list` needs none of MindSpore
_HOMES = {
    "load_model": "vit.weights.files",
    "save_model": "vit.weights.files",
    "register": "vit.weights.files",
    "create_model": "vit.weights.create",
    "model_for": "vit.weights.create",
}
__all__ = list(_HOMES)


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'vit.weights' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
