"""The parts of the ViT, in the order in which lessons ask for them, and the settings at which each is tried; and the
parts of its rivals in lesson 12.

The first line of numbers is the setting of the frozen answers, by which mistakes are known. At the others a class is
compared with the package's: each size, argument and rate differs in one of them, for what is written for one setting
passes there.
"""

from course.learner.part import Part, Setting, StepPart
from vit.config import ViTConfig

_SMALL = {"image_size": 16, "patch_size": 8, "num_classes": 3, "embed_dim": 12, "depth": 2, "num_heads": 3}
_ENCODED = (2, 5, 12)  # (B, N, D)
_OTHER_IMAGES = {"image_size": 12, "patch_size": 4, "in_channels": 2, "num_classes": 5}
_OTHER_NETWORK = {"embed_dim": 20, "depth": 1, "num_heads": 5, "mlp_ratio": 1.37}
_GELU = ("GELU 的形式（精确或 tanh）", "the form of GELU (exact or tanh)")
_GELU_OR_NORM = (f"{_GELU[0]}、归一化的 ε", f"{_GELU[1]}, or the epsilon of a norm")

PARTS = {
    part.name: part
    for part in (
        Part(
            "PatchEmbedding",
            "vit.patch_embedding",
            "patch_embedding.py",
            "03.3",
            {"patch_size": 2, "in_channels": 3, "embed_dim": 12},
            (2, 3, 4, 6),  # (B, C, H, W), no square
            others=(
                Setting(inputs=(3, 3, 8, 2)),
                Setting({"in_channels": 1}, (2, 1, 4, 6)),
                Setting({"patch_size": 3, "in_channels": 4, "embed_dim": 10}, (1, 4, 6, 9)),
            ),
            rates=(Setting(),),
        ),
        Part(
            "Attention",
            "vit.attention",
            "attention.py",
            "04.3",
            {"embed_dim": 12, "num_heads": 3},
            _ENCODED,
            others=(
                Setting({"qkv_bias": False}),
                Setting(inputs=(3, 7, 12)),
                Setting({"num_heads": 2}),
                Setting({"embed_dim": 40, "num_heads": 5}, (1, 4, 40)),
            ),
            rates=(
                Setting({"attn_drop_rate": 0.3}),
                Setting({"drop_rate": 0.3}),
                Setting({"num_heads": 2, "attn_drop_rate": 0.45, "drop_rate": 0.2}, (3, 4, 12)),
            ),
            simpler={"num_heads": 1},
        ),
        Part(
            "MLP",
            "vit.encoder",
            "mlp.py",
            "05.2",
            {"embed_dim": 12, "hidden_dim": 20},
            _ENCODED,
            others=(
                Setting({"gelu": "tanh"}),
                Setting(inputs=(3, 7, 12)),
                Setting({"embed_dim": 10, "hidden_dim": 7}, (1, 4, 10)),
            ),
            rates=(
                Setting({"drop_rate": 0.3}),
                Setting({"drop_rate": 0.15, "gelu": "tanh"}),
                Setting({"embed_dim": 8, "hidden_dim": 24, "drop_rate": 0.45}, (3, 4, 8)),
            ),
            near=_GELU,
        ),
        Part(
            "Block",
            "vit.encoder",
            "block.py",
            "05.3",
            {"embed_dim": 12, "num_heads": 3, "mlp_ratio": 2.0},
            _ENCODED,
            others=(
                Setting(tiny=True),
                Setting({"gelu": "tanh", "mlp_ratio": 2.3}),  # 27.6: rounded, not cut off
                Setting({"num_heads": 2}, (3, 7, 12)),
                Setting({"embed_dim": 20, "num_heads": 5, "mlp_ratio": 1.37}, (1, 4, 20)),  # 27.4: nor rounded up
            ),
            rates=(
                Setting({"drop_rate": 0.3}),
                Setting({"attn_drop_rate": 0.3}),
                Setting({"num_heads": 2, "drop_rate": 0.2, "attn_drop_rate": 0.45, "gelu": "tanh"}, (3, 4, 12)),
            ),
            near=_GELU_OR_NORM,
            needs=("Attention", "MLP"),
        ),
        Part(
            "ViT",
            "vit.model",
            "model.py",
            "06.2",
            {"config": ViTConfig(**_SMALL)},
            (2, 3, 16, 16),  # (B, C, H, W)
            others=(
                Setting(tiny=True),
                Setting({"pool": "mean"}),
                Setting({"gelu": "tanh", "mlp_ratio": 2.3, "depth": 3, "num_heads": 2}),
                Setting(_OTHER_IMAGES | {"depth": 1}, (3, 2, 12, 12)),
            ),
            rates=(
                Setting({"drop_rate": 0.3, "depth": 1}),
                Setting({"attn_drop_rate": 0.3, "depth": 1}),
                Setting(_OTHER_NETWORK | {"drop_rate": 0.2, "attn_drop_rate": 0.45, "pool": "mean"}, (1, 3, 16, 16)),
            ),
            near=_GELU_OR_NORM,
            needs=("PatchEmbedding", "Block"),
        ),
        StepPart(
            "TrainStep",
            "vit.training",
            "train_step.py",
            "07.3",
            {
                "config": ViTConfig(**_SMALL | {"depth": 1}),
                "settings": {"clip_norm": 0.5, "label_smoothing": 0.1},
            },
            (4, 3, 16, 16),  # (B, C, H, W)
            rates=(
                # longer than the gradients: they stay as they are
                Setting({"clip_norm": 1000.0, "label_smoothing": 0.35}),
                Setting({"clip_norm": 0.05, "label_smoothing": 0.0, "drop_rate": 0.3, "attn_drop_rate": 0.2}),
                Setting(_OTHER_IMAGES | {"clip_norm": 2.0, "label_smoothing": 0.2}, (6, 2, 12, 12)),
            ),
        ),
    )
}

RIVALS = {
    part.name: part
    for part in (
        Part(
            "ResidualBlock",
            "course.investigations.rivals",
            "residual_block.py",
            "12.2",
            {"channels": 6},
            (2, 6, 5, 4),  # (B, C, H, W), no square
            others=(Setting(inputs=(3, 6, 7, 3)), Setting({"channels": 4}, (1, 4, 3, 5))),
            rates=(Setting(),),
        ),
        Part(
            "ConvStem",
            "course.investigations.rivals",
            "conv_stem.py",
            "12.3",
            {"patch_size": 4, "in_channels": 3, "embed_dim": 8},
            (2, 3, 8, 12),  # (B, C, H, W)
            others=(
                Setting({"patch_size": 8}, (1, 3, 16, 8)),
                Setting({"in_channels": 1, "embed_dim": 12}, (2, 1, 4, 8)),
                Setting({"patch_size": 2, "embed_dim": 10}, (1, 3, 6, 6)),
            ),
            rates=(Setting(),),
        ),
    )
}
EVERY = PARTS | RIVALS  # class -> what a learner may write


def part_of(exercise: str) -> Part | None:
    return next((part for part in EVERY.values() if exercise and part.exercise == exercise), None)
