"""Which models, pictures and data a lesson works with: the published ones where they are at hand."""

import contextlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course.epochs import epochs_wanted
from course.language import say
from course.learner.home import lessons_folder
from vit.data.images import read_image
from vit.data.photographs import offline_photographs
from vit.model import ViT
from vit.runtime.errors import UserError
from vit.runtime.paths import DATA
from vit.weights import create_model
from vit.weights.hub import local_file

PUBLISHED = "vit_tiny_patch16_224"
SMALL = "vit_sample_patch8_64"
# Real weights and photographs that are too large, or not ours, to be kept in the repository.
REAL = Path(os.environ.get("VIT_REAL", DATA / "real"))


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


def features_at_hand() -> ViT:
    """The same network without its head: it answers with features (B, D)."""
    file = published_file()
    name = PUBLISHED if file else SMALL
    return create_model(name, weights=file or name, num_classes=0)


def pictures_at_hand(model: ViT) -> dict[str, np.ndarray]:
    """Name -> pixels (H, W, 3) uint8, that this model can name: real photographs, or drawings for the small model."""
    if model.config.num_classes == 1000:
        return {name: read_image(path) for name, (path, _) in offline_photographs().items()}
    from vit.data.sample.dataset import picture

    chosen = {"butterfly": (2, 0), "umbrella": (7, 1), "teapot": (6, 0)}
    return {name: np.asarray(picture("infer", *which)[0]) for name, which in chosen.items()}


def photos_at_hand() -> Path:
    """A folder with train/ and val/ to fine-tune on: the learner's own, real ones beside, or the drawings."""
    for folder in (DATA / "photos", REAL / "hymenoptera"):
        if (folder / "train").is_dir() and (folder / "val").is_dir():
            return folder
    from vit.data.sample.dataset import make_sample

    print(
        say(
            "data/photos/ 里还没有你的照片（train/类别名/ 和 val/类别名/），先用课程的画",
            "no photographs of yours in data/photos/ (train/NAME/ and val/NAME/), so the drawings are used",
        )
    )
    make_sample(DATA / "sample")
    return DATA / "sample"


@dataclass(frozen=True)
class Task:
    """What lessons 07 and 08 train on: data, network, and the few numbers that suit them."""

    folder: Path  # with train/ and val/
    model: str
    weights: Path | None  # to start from; None: from random numbers
    peak: float  # the highest learning rate
    batch_size: int
    epochs: int

    @property
    def trained(self) -> Path:
        """Where lesson 07 leaves the model that it trained."""
        return lessons_folder() / f"trained_{self.model}.safetensors"


def task_at_hand() -> Task:
    """Drawings and the small ViT; with VIT_TIER=subset the ImageNet subset and ViT-Ti.

    Raises:
        UserError: VIT_TIER asks for what is not on this machine.
    """
    if os.environ.get("VIT_TIER", "sample") != "subset":
        from vit.data.sample.dataset import make_sample

        make_sample(DATA / "sample")
        return Task(DATA / "sample", SMALL, None, 1e-3, 16, 12)
    subset, weights = DATA / "imagenet_subset", published_file()
    if weights is None or not (subset / "train").is_dir():
        raise UserError(
            say(
                f"VIT_TIER=subset 需要 data/imagenet_subset（vit data imagenet-subset）和权重（vit weights get {PUBLISHED}）",
                f"VIT_TIER=subset needs data/imagenet_subset (vit data imagenet-subset) and weights (vit weights get {PUBLISHED})",
            )
        )
    return Task(subset, PUBLISHED, weights, 2e-5, 16, 1)


def trained_at_hand(task: Task) -> ViT:
    """The model that lesson 07 trained; trained now, with a bar, where it is not there."""
    from vit.training.fit import fit
    from vit.training.recipe import Recipe
    from vit.weights import load_model

    if not task.trained.is_file():
        print(
            say(
                "还没有第 07 课训练的模型，现在训练一个（要几分钟）",
                "lesson 07's model is not there: training one, which takes some minutes",
            )
        )
        run = task.trained.with_suffix("")
        shutil.rmtree(run, ignore_errors=True)
        recipe = Recipe(epochs=epochs_wanted(task.epochs), batch_size=task.batch_size, lr=task.peak)
        with contextlib.redirect_stderr(sys.stdout):  # red in a notebook otherwise
            fit(task.folder, run, task.model, task.weights, recipe)
        os.replace(run / "last.safetensors", task.trained)
    return load_model(task.trained)
