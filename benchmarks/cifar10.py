"""The small ViT on CIFAR-10 from scratch, over pictures seen and minutes; part of `python -m benchmarks.learning`.

    python -m benchmarks.learning --data cifar10 [--folder DIR] [--epochs N]

A run of `vit train` that goes on where it was stopped. Prints a row for each epoch, and what others have reported.
"""

import csv
import sys
from pathlib import Path

from vit.runtime.machine import machine
from vit.runtime.paths import DATA, OUTPUTS, shown
from vit.training.fit import fit
from vit.training.recipe import Recipe

MODEL = "vit_cifar_patch4_32"
RECIPE = {"batch_size": 64, "lr": 2e-3, "warmup": 0.05, "weight_decay": 0.1, "label_smoothing": 0.1, "crop_scale": 0.5}
EPOCHS = 36
PUBLISHED = (  # what, top-1, source
    ("ViT of 3.2 M parameters, 180 epochs", 0.756, "UvA deep learning tutorial 15"),
    ("convolutional networks", 0.90, "the same, about"),
    ("ViT, patch 4, 200 epochs", 0.80, "kentaroy47/vision-transformers-cifar10"),
)


def learn(folder: Path | None, epochs: int) -> None:
    folder = folder or DATA / "cifar10"
    out = OUTPUTS / "benchmarks" / f"cifar10_{epochs}"
    resume = (out / "state.safetensors").is_file()
    try:
        metrics = fit(folder, out, MODEL, None, Recipe(epochs=epochs, **RECIPE), resume=resume)
    except KeyboardInterrupt:
        sys.exit("stopped; the same command goes on from here")
    jpeg = next((folder / "train").rglob("*.jp*g"), None)
    print(machine())
    print(f"{shown(folder)}: {'a JPEG copy of CIFAR-10' if jpeg else 'CIFAR-10'}; {MODEL}, {RECIPE}")
    print(f"{'epoch':>6}{'pictures seen':>15}{'minutes':>9}{'top-1':>8}")
    with (out / "log.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            seen = int(row["steps"]) * RECIPE["batch_size"]
            print(f"{row['epoch']:>6}{seen:15,}{float(row['seconds']) / 60:9.1f}{float(row['val_top1']):8.1%}")
    print(f"the last epoch: {metrics['top1']:.1%} of {metrics['images']}")
    for what, top1, source in PUBLISHED:
        print(f"    {what:42}{top1:6.1%}  {source}")
