"""Models by name."""

import difflib
from dataclasses import fields, replace

from vit.errors import UserError
from vit.model import ViT, ViTConfig

_SIZES = {
    "tiny": {"embed_dim": 192, "depth": 12, "num_heads": 3},
    "small": {"embed_dim": 384, "depth": 12, "num_heads": 6},
    "base": {"embed_dim": 768, "depth": 12, "num_heads": 12},
    "large": {"embed_dim": 1024, "depth": 24, "num_heads": 16},
}
_CONFIGS = {
    **{
        f"vit_{size}_patch{patch}_224": ViTConfig(patch_size=patch, **shape)
        for size, shape in _SIZES.items()
        for patch in (16, 32)
    },
    **{f"deit_{size}_patch16_224": ViTConfig(**_SIZES[size]) for size in ("tiny", "small", "base")},
    # for the sample data: ten classes, 64 pixels, trained in minutes on a laptop
    "vit_sample_patch8_64": ViTConfig(
        image_size=64,
        patch_size=8,
        num_classes=10,
        embed_dim=96,
        depth=6,
        num_heads=3,
        mlp_ratio=2.0,
        pool="mean",
        positions="sincos",
    ),
}


def list_models() -> list[str]:
    """The names that `create_model` knows."""
    return list(_CONFIGS)


def model_config(name: str) -> ViTConfig:
    """The configuration of a named model.

    Raises:
        UserError: there is no such model; the nearest names are in the message.
    """
    if name not in _CONFIGS:
        near = difflib.get_close_matches(str(name), _CONFIGS, n=3, cutoff=0.4) or list(_CONFIGS)
        raise UserError(f"there is no model {name!r}; did you mean {' or '.join(near)}?")
    return _CONFIGS[name]


def create_model(name: str, weights=None, num_classes: int | None = None, **overrides) -> ViT:
    """Build a model by name, with random or with trained weights.

    Args:
        name: one of `list_models()`.
        weights: None for random values; a file; or the name of published weights
            (`vit weights list`), taken from this machine, else fetched.
        num_classes: K. Another number than the weights have replaces their head, and says so.
        **overrides: fields of `ViTConfig`, for instance `drop_path_rate=0.1`.

    Raises:
        UserError: unknown name or field, or weights that do not fit.
    """
    config = model_config(name)
    unknown = overrides.keys() - {field.name for field in fields(ViTConfig)}
    if unknown:
        raise UserError(f"a ViT has no setting {', '.join(sorted(unknown))}; see vit.model.ViTConfig")
    if weights is not None:
        from vit.weights import load_model

        return load_model(weights, config=overrides, model_name=name, num_classes=num_classes)
    if num_classes is not None:
        overrides["num_classes"] = num_classes
    return ViT(replace(config, **overrides))
