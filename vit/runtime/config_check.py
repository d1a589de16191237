"""What cannot be a network is refused before one is made, with a sentence; a learner need not read it."""

from dataclasses import fields

from vit.runtime.errors import UserError
from vit.runtime.language import say


def check_config(config) -> None:
    """Refuse a `vit.config.ViTConfig` of wrong types or impossible numbers.

    Raises:
        UserError: the first thing that is wrong.
    """
    for field in fields(config):
        value, kind = getattr(config, field.name), field.type
        fits = isinstance(value, (int, float) if kind is float else kind)
        _demand(
            fits and (kind is bool or not isinstance(value, bool)),
            f"{field.name} 应当是 {kind.__name__}，而不是 {value!r}",
            f"{field.name} must be {kind.__name__}, not {value!r}",
        )
    for name in ("image_size", "patch_size", "in_channels", "embed_dim", "depth", "num_heads"):
        value = getattr(config, name)
        _demand(value >= 1, f"{name} 至少是 1，而不是 {value}", f"{name} must be at least 1, not {value}")
    _demand(
        config.num_classes >= 0 and 0 < config.norm_eps < 1,
        "num_classes 不能是负数；norm_eps 要在 0 和 1 之间",
        "num_classes must not be negative; norm_eps must lie between 0 and 1",
    )
    _demand(
        1 <= config.mlp_ratio * config.embed_dim < 1e6,
        f"mlp_ratio 是 {config.mlp_ratio}，得不到合理的 MLP 宽度",
        f"mlp_ratio {config.mlp_ratio} gives the MLP no sensible width",
    )
    for name in ("drop_rate", "attn_drop_rate", "drop_path_rate"):
        rate = getattr(config, name)
        _demand(0 <= rate < 1, f"{name} 要在 [0, 1) 之内，而不是 {rate}", f"{name} must lie in [0, 1), not {rate}")
    for whole, part in (("image_size", "patch_size"), ("embed_dim", "num_heads")):
        long, short = getattr(config, whole), getattr(config, part)
        _demand(
            long % short == 0,
            f"{whole} {long} 不是 {part} {short} 的整数倍",
            f"{whole} {long} is not a multiple of {part} {short}",
        )
    for name, known in (("pool", "token mean"), ("positions", "normal sincos"), ("gelu", "exact tanh")):
        _demand(
            getattr(config, name) in known.split(), f"{name} 只能是其中之一：{known}", f"{name} must be one of: {known}"
        )


def _demand(holds: bool, zh: str, en: str) -> None:
    if not holds:
        raise UserError(say(zh, en))
