"""Training: the step and its optimizer, the one loop that goes on, and a whole run as `vit train` makes it (`fit`)."""

from vit.runtime.on_demand import on_demand

# imported when first used: `vit --help` needs the recipe, and none of MindSpore
_HOMES = {
    "Step": "vit.training.step",
    "TrainStep": "vit.training.step",
    "make_train_step": "vit.training.step",
    "train": "vit.training.step",
    "AdamW": "vit.training.optimizer",
    "warmup_cosine": "vit.training.optimizer",
    "Recipe": "vit.training.recipe",
    "Run": "vit.training.run",
}
__all__ = list(_HOMES)
__getattr__ = on_demand(__name__, _HOMES)
