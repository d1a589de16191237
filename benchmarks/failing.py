"""Trainings of the small ViT that fail, one mistake each, for lesson 07 to be diagnosed.

    python -m benchmarks.failing

Two epochs of the sample data with the recipe of `python start.py`, and one thing done wrong. Prints a table; writes
the curves to course/lessons/07_training/failing.json.
"""

import argparse
import json
import sys

import mindspore as ms
import numpy as np
from tqdm import tqdm

from vit.data.labels import from_folders
from vit.data.pipeline import evaluation_batches, training_batches
from vit.data.sample.dataset import make_sample
from vit.data.training_set import classes_of
from vit.runtime.atomic import atomic_path
from vit.runtime.graph_mode import in_graph_mode
from vit.runtime.machine import machine
from vit.runtime.paths import DATA, ROOT, shown
from vit.training import make_train_step, train
from vit.training.optimizer import warmup_cosine
from vit.training.recipe import Recipe
from vit.weights import create_model

MODEL = "vit_sample_patch8_64"
TARGET = ROOT / "course" / "lessons" / "07_training" / "failing.json"
EPOCHS, LOOKS, WINDOW = 2, 6, 12  # validations in all; steps that a point of the loss stands for
SOUND = "sound"
CASES = [
    SOUND,
    "rate far too high",
    "training labels shifted by one",
    "validation images not normalised",
    "validated in training mode",
    "rate never warms up",
    "head initialised wrongly",
]


def logits_of(model, images: np.ndarray, training: bool) -> np.ndarray:
    """(n, 3, S, S) -> (n, K)"""
    model.set_train(training)
    with in_graph_mode():
        found = [model(ms.Tensor(part)).asnumpy() for part in np.split(images, 10)]
    return np.concatenate(found)


def measured(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Cross-entropy and top-1."""
    shifted = logits - logits.max(1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(1)) - shifted[np.arange(len(labels)), labels]
    return round(float(losses.mean()), 4), float((logits.argmax(1) == labels).mean())


def run(case: str) -> dict:
    recipe, folder = Recipe(), DATA / "sample"
    classes = classes_of(folder / "train")
    pictures, val = (from_folders(folder / split, classes) for split in ("train", "val"))
    ms.set_seed(recipe.seed)
    drop = 0.3 if case == "validated in training mode" else 0.0
    model = create_model(MODEL, num_classes=len(classes), drop_rate=drop)
    if case == "head initialised wrongly":
        shape = model.head.weight.shape
        model.head.weight.set_data(ms.Tensor(np.random.default_rng(0).normal(size=shape).astype(np.float32)))
    steps = len(pictures.paths) // recipe.batch_size
    total = EPOCHS * steps
    peak = recipe.lr * (30 if case == "rate far too high" else 1)
    rates = warmup_cosine(peak, total, int(total * recipe.warmup))
    if case == "rate never warms up":
        rates = np.full_like(rates, rates[0])
    step = make_train_step(
        model, rates, recipe.weight_decay, recipe.clip_norm, recipe.label_smoothing, betas=(0.9, recipe.beta2)
    )
    images = np.concatenate([x[i >= 0] for x, i in evaluation_batches(val.paths, model.preprocessing, 100, {})])
    if case == "validation images not normalised":
        images = (images + 1) * np.float32(127.5)  # 0 to 255, as they lie in the file
    labels, training = np.array(val.labels), case == "validated in training mode"

    def batches():
        options = {"seed": recipe.seed, "crop_scale": (recipe.crop_scale, 1.0), "flip": recipe.flip}
        for epoch in range(EPOCHS):
            for x, y in training_batches(pictures, model.preprocessing, recipe.batch_size, epoch, **options):
                yield x, (y + 1) % len(classes) if case == "training labels shifted by one" else y

    losses, seen = [], []
    for number, loss in enumerate(tqdm(train(step, batches()), total=total, desc=case, file=sys.stderr), 1):
        losses.append(loss)
        if number % (total // LOOKS) == 0:
            seen.append(measured(logits_of(model, images, training), labels))
            step.cell.set_train()
    again = measured(logits_of(model, images, training), labels)
    parts = np.array(losses[: total // WINDOW * WINDOW]).reshape(-1, WINDOW).mean(1)
    return {
        "first": round(losses[0], 3),
        "losses": [round(float(part), 4) for part in parts],
        "val_losses": [loss for loss, _ in seen],
        "top1": [top1 for _, top1 in seen],
        "again": again[1],  # the same weights and pictures, validated once more
    }


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    make_sample(DATA / "sample")
    runs = {case: run(case) for case in CASES}
    print(machine())
    print(f"{'':36}{'first':>8}{'last':>8}{'val loss':>10}{'top-1':>8}{'again':>8}")
    for case, one in runs.items():
        print(
            f"{case:36}{one['first']:8.3f}{one['losses'][-1]:8.3f}{one['val_losses'][-1]:10.3f}"
            f"{one['top1'][-1]:8.1%}{one['again']:8.1%}"
        )
    about = {"command": "python -m benchmarks.failing", "machine": machine(), "window": WINDOW, "epochs": EPOCHS}
    with atomic_path(TARGET) as staged:
        staged.write_text(json.dumps({**about, "runs": runs}, indent=1) + "\n", encoding="utf-8")
    print(f"-> {shown(TARGET)}")


if __name__ == "__main__":
    main()
