"""Checkpoints in and out: files of any maker read and written, published weights, models made by name."""

from vit.runtime.on_demand import on_demand

# imported when first used: `vit weights list` needs none of MindSpore
_HOMES = {
    "load_model": "vit.weights.files",
    "save_model": "vit.weights.files",
    "register": "vit.weights.files",
    "create_model": "vit.weights.create",
    "model_for": "vit.weights.create",
}
__all__ = list(_HOMES)
__getattr__ = on_demand(__name__, _HOMES)
