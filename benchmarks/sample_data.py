"""How hard is the sample data? Linear models on pixels and on colours, measured on val.

    python -m benchmarks.sample_data [--data data/sample]

Neither knows anything of shape: a template matches pixels in their places, a histogram sees colours
without places. What they reach is what the data gives away; a vision model must do better. Their
one setting (the strength of regularisation) is chosen on a part of train; val is used once.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from vit.data.labels import from_folders
from vit.data.pipeline import evaluation_batches
from vit.data.preprocessing import Preprocessing
from vit.data.training_set import classes_of
from vit.runtime.paths import DATA

AS_IS = Preprocessing(64, 64, "bicubic", (0.0,) * 3, (1.0,) * 3)  # the sample model's framing, 0..1


def pixels(images: np.ndarray) -> np.ndarray:
    """(n, 3, 64, 64) in 0..1 -> (n, 3072): every second pixel after averaging."""
    n = len(images)
    return images.reshape(n, 3, 32, 2, 32, 2).mean(axis=(3, 5)).reshape(n, -1)


def hsv_histogram(images: np.ndarray) -> np.ndarray:
    """(n, 3, 64, 64) in 0..1 -> (n, 256): shares of 16 hues x 4 saturations x 4 values."""
    rows = []
    for image in images:
        rgb = Image.fromarray((image.transpose(1, 2, 0) * 255).astype(np.uint8))
        h, s, v = np.asarray(rgb.convert("HSV")).reshape(-1, 3).T // np.array([[16], [64], [64]])
        rows.append(np.bincount(h * 16 + s * 4 + v, minlength=256) / h.size)
    return np.stack(rows)


def load(folder: Path, classes):
    data = from_folders(folder, classes)
    batches = evaluation_batches(data.paths, AS_IS, 100, {})
    images = np.concatenate([images[index >= 0] for images, index in tqdm(batches, desc=folder.name, file=sys.stderr)])
    return images, np.array(data.labels)


def accuracy(train_x, train_y, test_x, test_y, strength) -> float:
    scaler = StandardScaler().fit(train_x)
    model = LogisticRegression(C=strength, max_iter=200).fit(scaler.transform(train_x), train_y)
    return float((model.predict(scaler.transform(test_x)) == test_y).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA / "sample")
    arguments = parser.parse_args()
    classes = classes_of(arguments.data / "train")
    (train, train_y), (val, val_y) = (load(arguments.data / split, classes) for split in ("train", "val"))
    held = np.random.default_rng(0).random(len(train)) < 0.2
    results = {"majority": float(np.bincount(val_y).max() / len(val_y))}
    for name, feature in (("pixels", pixels), ("HSV histogram", hsv_histogram)):
        x, test = feature(train), feature(val)
        strengths = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
        scores = [
            accuracy(x[~held], train_y[~held], x[held], train_y[held], s)
            for s in tqdm(strengths, desc=name, file=sys.stderr)
        ]
        results[name] = accuracy(x, train_y, test, val_y, strengths[int(np.argmax(scores))])
    print(json.dumps({name: round(score, 4) for name, score in results.items()}))


if __name__ == "__main__":
    main()
