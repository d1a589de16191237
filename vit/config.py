"""What decides the shape of a network, and the table of the models that have names.

A new model is one line of `MODELS`: its shape, how its pictures are prepared, and where its published weights lie.
"""

from dataclasses import dataclass

from vit.data.preprocessing import HALF, IMAGENET, Normalisation, Preprocessing
from vit.runtime.config_check import check_config
from vit.runtime.errors import unknown
from vit.runtime.language import say


@dataclass(frozen=True)
class ViTConfig:
    """Everything that decides the shape of the network. Rates are probabilities in [0, 1)."""

    image_size: int = 224  # pixels, the side the positions are learned for
    patch_size: int = 16  # pixels
    in_channels: int = 3
    num_classes: int = 1000  # K; 0 gives the features (B, D) themselves
    embed_dim: int = 768  # D
    depth: int = 12  # blocks
    num_heads: int = 12  # h, divides D
    mlp_ratio: float = 4.0  # hidden width of the MLP over D
    qkv_bias: bool = True
    pool: str = "token"  # or "mean"
    positions: str = "normal"  # how they start: at random, or "sincos", as waves along both axes
    norm_eps: float = 1e-6
    gelu: str = "exact"  # or "tanh"
    drop_rate: float = 0.0  # after the positions, attention's output and both layers of an MLP; not on the head
    attn_drop_rate: float = 0.0  # on the attention weights
    drop_path_rate: float = 0.0  # of the last block; the first has 0

    def __post_init__(self):
        check_config(self)

    @property
    def num_patches(self) -> int:
        return (self.image_size // self.patch_size) ** 2


@dataclass(frozen=True)
class Published:
    """Where weights lie on the hub. All of those below are Apache-2.0 and in timm's naming."""

    repo: str  # the name after the dot is timm's name of the training recipe
    megabytes: int


@dataclass(frozen=True)
class NamedModel:
    """A line of the table."""

    config: ViTConfig
    normalisation: Normalisation = HALF
    published: Published | None = None

    def preprocessing(self, size: int | None = None) -> Preprocessing:
        """How its pictures are prepared, for another size than the published one too: crop ratio 0.9, bicubic.

        Of the sample model, too: training's random crops show things larger than they are, and a little cut
        off in evaluation does so as well ("Fixing the train-test resolution discrepancy", arXiv:1906.06423).
        """
        size = size or self.config.image_size
        return Preprocessing(size, int(size / 0.9), "bicubic", *self.normalisation)


_TINY = {"embed_dim": 192, "depth": 12, "num_heads": 3}
_SMALL = {"embed_dim": 384, "depth": 12, "num_heads": 6}
_BASE = {"embed_dim": 768, "depth": 12, "num_heads": 12}
_LARGE = {"embed_dim": 1024, "depth": 24, "num_heads": 16}
# for the sample data and for CIFAR-10: ten classes, 64 patches, trained on a laptop
_SAMPLE = {"num_classes": 10, "embed_dim": 96, "depth": 6, "num_heads": 3, "mlp_ratio": 2.0}
_SAMPLE |= {"pool": "mean", "positions": "sincos", "gelu": "tanh"}


def _augreg(patch: int, shape: dict, repo: str | None = None, megabytes: int = 0) -> NamedModel:
    """ViT as trained in "How to train your ViT?" (arXiv:2106.10270)."""
    published = Published(f"timm/{repo}.augreg_in21k_ft_in1k", megabytes) if repo else None
    return NamedModel(ViTConfig(patch_size=patch, **shape), HALF, published)


def _deit(shape: dict, repo: str, megabytes: int) -> NamedModel:
    """The same network with ImageNet's mean and deviation (Touvron et al., arXiv:2012.12877)."""
    return NamedModel(ViTConfig(**shape), IMAGENET, Published(f"timm/{repo}.fb_in1k", megabytes))


MODELS = {
    "vit_tiny_patch16_224": _augreg(16, _TINY, "vit_tiny_patch16_224", 23),
    "vit_tiny_patch32_224": _augreg(32, _TINY),
    "vit_small_patch16_224": _augreg(16, _SMALL, "vit_small_patch16_224", 88),
    "vit_small_patch32_224": _augreg(32, _SMALL, "vit_small_patch32_224", 92),
    "vit_base_patch16_224": _augreg(16, _BASE, "vit_base_patch16_224", 346),
    "vit_base_patch32_224": _augreg(32, _BASE, "vit_base_patch32_224", 353),
    "vit_large_patch16_224": _augreg(16, _LARGE, "vit_large_patch16_224", 1217),
    "vit_large_patch32_224": _augreg(32, _LARGE),
    "deit_tiny_patch16_224": _deit(_TINY, "deit_tiny_patch16_224", 23),
    "deit_small_patch16_224": _deit(_SMALL, "deit_small_patch16_224", 88),
    "deit_base_patch16_224": _deit(_BASE, "deit_base_patch16_224", 346),
    "vit_sample_patch8_64": NamedModel(ViTConfig(image_size=64, patch_size=8, **_SAMPLE)),
    "vit_cifar_patch4_32": NamedModel(ViTConfig(image_size=32, patch_size=4, **_SAMPLE)),
}


def list_models() -> list[str]:
    """The names that `vit.create_model` knows."""
    return list(MODELS)


def named_model(name: str) -> NamedModel:
    """The line of the table.

    Raises:
        UserError: there is no such model; the nearest names are in the message.
    """
    if name not in MODELS:
        raise unknown(say("没有模型", "there is no model"), name, MODELS)
    return MODELS[name]


def list_published() -> list[str]:
    """The names of models with published weights."""
    return [name for name, model in MODELS.items() if model.published]


def published(name: str) -> Published:
    """Where the published weights of a name lie.

    Raises:
        UserError: there are none.
    """
    if name not in list_published():
        raise unknown(say("没有公开权重", "no published weights are called"), name, list_published())
    return MODELS[name].published
