"""Which trained model and which pictures a lesson works with: the published ones where they are at hand."""

import os
from pathlib import Path

import numpy as np

from course.language import say
from vit.data.images import read_image
from vit.data.photographs import offline_photographs
from vit.hub import local_file
from vit.model import ViT
from vit.paths import ROOT
from vit.registry import create_model

PUBLISHED = "vit_tiny_patch16_224"
SMALL = "vit_sample_patch8_64"
# Real weights and photographs that are too large, or not ours, to be kept in the repository.
REAL = Path(os.environ.get("VIT_REAL", ROOT.parent / "shared" / "real"))


def published_file() -> Path | None:
    """The file of ViT-Ti's published weights on this machine, or None; asks no network."""
    beside = REAL / f"{PUBLISHED}.safetensors"
    return local_file(PUBLISHED) or (beside if beside.is_file() else None)


def model_at_hand() -> ViT:
    """ViT-Ti with published weights where they are on this machine, else the small model of the course."""
    file = published_file()
    if file is not None:
        return create_model(PUBLISHED, weights=file)
    print(
        say(
            f"本机没有公开权重，先用课程自带的小模型；想用真的：vit weights get {PUBLISHED}（约 23 MB）",
            f"no published weights here, so the course's own small model is used; to get them: vit weights get {PUBLISHED} (23 MB)",
        )
    )
    return create_model(SMALL, weights=SMALL)


def pictures_at_hand(model: ViT) -> dict[str, np.ndarray]:
    """Name -> pixels (H, W, 3) uint8, that this model can name: real photographs, or drawings for the small model."""
    if model.config.num_classes == 1000:
        return {name: read_image(path) for name, (path, _) in offline_photographs().items()}
    from vit.data.sample.dataset import picture

    chosen = {"butterfly": (2, 0), "umbrella": (7, 1), "teapot": (6, 0)}
    return {name: np.asarray(picture("infer", *which)[0]) for name, which in chosen.items()}
