"""Checkpoints in and out: files of any maker read and written, published weights, models made by name."""

import importlib

# imported when first used: `vit weights list` needs none of MindSpore
_HOMES = {
    "load_model": "files",
    "save_model": "files",
    "register": "files",
    "create_model": "create",
    "model_for": "create",
}
__all__ = list(_HOMES)


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'vit.weights' has no attribute {name!r}")
    return getattr(importlib.import_module(f"vit.weights.{_HOMES[name]}"), name)
