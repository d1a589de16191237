"""ViT-Ti fine-tuned on a few hundred photographs, beside a linear probe on the same features. Goes on where stopped.

    python -m benchmarks.fine_tuning [--data DIR] [--weights FILE]

DIR has train/ and val/ (data/real/hymenoptera: 245 and 153 photographs of ants and bees). The rate is chosen on a
quarter of train, twice over; val is looked at once for each of five seeds, after the last epoch.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

import mindspore as ms
import numpy as np

from course.learner.assets import PUBLISHED, REAL, published_file
from course.project.project import probe
from vit.data.labels import Labelled
from vit.data.pipeline import training_batches
from vit.data.training_set import training_set
from vit.evaluation import evaluate, logits_of
from vit.runtime.atomic import atomic_path
from vit.runtime.bars import bar
from vit.runtime.machine import machine
from vit.runtime.paths import OUTPUTS, shown
from vit.training import make_train_step, train
from vit.training.optimizer import warmup_cosine
from vit.training.recipe import Recipe
from vit.weights import create_model, model_for

RATES = (3e-5, 1e-4, 3e-4)
EPOCHS, BATCH, SEEDS = 4, 16, 5
FILE = OUTPUTS / "benchmarks" / "fine_tuning.json"


def part(pictures: Labelled, places) -> Labelled:
    return Labelled([pictures.paths[i] for i in places], [pictures.labels[i] for i in places], {})


def quarters(pictures: Labelled, fold: int) -> tuple[Labelled, Labelled]:
    """Three quarters of train to train on, one to choose by; the same share of each class."""
    order = np.random.default_rng(fold).permutation(len(pictures.paths))
    order = sorted(order, key=lambda i: pictures.labels[i])
    return part(pictures, [i for n, i in enumerate(order) if n % 4]), part(pictures, order[::4])


def tuned(pictures: Labelled, judged: Labelled, classes, weights, rate: float, seed: int) -> float:
    """Accuracy on `judged` after the last epoch."""
    ms.set_seed(seed)
    model = model_for(classes, PUBLISHED, weights)
    recipe = Recipe(lr=rate, weight_decay=0.05, crop_scale=0.65, seed=seed)
    steps = len(pictures.paths) // BATCH * EPOCHS
    step = make_train_step(model, warmup_cosine(rate, steps, round(0.1 * steps)), recipe.weight_decay)
    options = {"seed": seed, "crop_scale": (recipe.crop_scale, 1.0), "flip": recipe.flip}

    def batches():
        for epoch in range(EPOCHS):
            yield from training_batches(pictures, model.preprocessing, BATCH, epoch, **options)

    for _ in bar(train(step, batches()), total=steps, desc=f"{rate:g}, seed {seed}", leave=False):
        pass
    return evaluate(model, judged, 16, progress=False)["top1"]


def probed(pictures: Labelled, judged: Labelled, classes, weights) -> float:
    """The same of a linear head fitted by ridge regression on the frozen features, its strength the mean of the diagonal."""
    model = create_model(PUBLISHED, weights=weights, num_classes=0)
    model.config = replace(model.config, num_classes=model.config.embed_dim)  # so wide are its answers
    x, x_val = (logits_of(model, some.paths, 16, progress=False)[0] for some in (pictures, judged))
    guesses = probe(x, np.array(pictures.labels), x_val, len(classes))
    return float((guesses == np.array(judged.labels)).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=REAL / "hymenoptera", help="default: %(default)s")
    parser.add_argument("--weights", type=Path, default=published_file(), help="of ViT-Ti/16; default: what is here")
    arguments = parser.parse_args()
    pictures, val, classes = training_set(arguments.data, BATCH, progress=False)
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}

    def once(name: str, work, *given) -> float:
        if name not in known:
            begun = time.perf_counter()
            known[name] = {"top1": work(*given), "seconds": round(time.perf_counter() - begun, 1)}
            with atomic_path(FILE) as staged:
                staged.write_text(json.dumps(known, indent=1), encoding="utf-8")
        return known[name]["top1"]

    print(machine())
    print(
        f"{shown(arguments.data)}: {len(pictures.paths)} and {len(val.paths)} pictures; {EPOCHS} epochs, batch {BATCH}"
    )
    chosen = {}
    for rate in RATES:
        found = []
        for fold in range(2):
            inner, kept = quarters(pictures, fold)
            found.append(
                once(f"rate {rate:g}, quarter {fold}", tuned, inner, kept, classes, arguments.weights, rate, 0)
            )
        chosen[rate] = mean(found)
        print(f"rate {rate:g}, on a quarter of train: {chosen[rate]:.1%}  ({', '.join(f'{one:.1%}' for one in found)})")
    rate = max(RATES, key=chosen.get)
    found = [
        once(f"val, rate {rate:g}, seed {seed}", tuned, pictures, val, classes, arguments.weights, rate, seed)
        for seed in range(SEEDS)
    ]
    print(
        f"val, rate {rate:g}, {SEEDS} seeds: {mean(found):.1%} ± {stdev(found):.1%}  ({', '.join(f'{one:.1%}' for one in found)})"
    )
    of_probe = once("val, probe", probed, pictures, val, classes, arguments.weights)
    print(f"val, linear probe on the same features: {of_probe:.1%}; one picture is {1 / len(val.paths):.2%}")
    seconds = [run["seconds"] for name, run in known.items() if name.startswith("val, rate")]
    print(f"seconds of a fine-tuning, start to end: {min(seconds):.0f} to {max(seconds):.0f}")


if __name__ == "__main__":
    main()
