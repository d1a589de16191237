"""How the small ViT learns the sample data from scratch: seeds, time, number of pictures, positions, style.

    python -m benchmarks.learning

Each run is that of `python start.py` (as many steps, the same recipe), in a process of its own. Accuracy
is measured on 1000 development drawings of another seed, never on val; and on the same drawings in a
style that training has not: other backgrounds, the hues of the things turned. The shipped weights
stand beside. Prints a table; writes outputs/benchmarks/learning.json and .png, and shifted.png to look at.
"""

import argparse
import json
import multiprocessing
import shutil
import statistics
import sys
import time

import numpy as np
from PIL import Image
from tqdm import tqdm

from benchmarks.machine import machine
from vit.data.sample.dataset import make_sample
from vit.runtime.atomic import atomic_folder, atomic_path
from vit.runtime.paths import DATA, OUTPUTS, shown

MODEL, EPOCHS = "vit_sample_patch8_64", 8
FOLDER = OUTPUTS / "benchmarks"
DEVELOPMENT, SHIFTED = FOLDER / "development", FOLDER / "shifted"
# name: (seed, pictures of each class, positions)
RUNS = {
    "seed 0": (0, 500, True),
    "seed 1": (1, 500, True),
    "seed 2": (2, 500, True),
    "1500 pictures": (0, 150, True),
    "500 pictures": (0, 50, True),
    "no positions": (0, 500, False),
}


def draw() -> None:
    """Training data, development drawings, and these once more in another style."""
    make_sample(DATA / "sample")
    make_sample(DEVELOPMENT, {"val": 100}, seed=7)
    shutil.rmtree(SHIFTED, ignore_errors=True)
    files = sorted((DEVELOPMENT / "val").rglob("*.jpg"))
    with atomic_folder(SHIFTED) as staged:
        for number, path in enumerate(tqdm(files, desc="other style", file=sys.stderr)):
            mask = DEVELOPMENT / "masks" / path.relative_to(DEVELOPMENT).with_suffix(".png")
            target = staged / path.relative_to(DEVELOPMENT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shifted(Image.open(path), Image.open(mask), np.random.default_rng(number)).save(target, quality=90)


def shifted(image: Image.Image, mask: Image.Image, rng) -> Image.Image:
    """The thing with its hue turned by a quarter to three quarters, before rings, stripes or squares."""
    width, height = image.size
    y, x = np.mgrid[:height, :width] / max(width, height)
    angle, period = rng.uniform(0, np.pi), rng.uniform(0.05, 0.2)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    wave = {
        "stripes": np.sin(2 * np.pi * along / period),
        "squares": np.sin(2 * np.pi * along / period) * np.sin(2 * np.pi * across / period),
        "rings": np.sin(2 * np.pi * np.hypot(x - rng.uniform(), y - rng.uniform()) / period),
    }[str(rng.choice(["stripes", "squares", "rings"]))]
    one, other = rng.uniform(0, 255, (2, 3))
    pattern = np.where(wave[..., None] > 0, one, other).astype(np.uint8)  # (H, W, 3)
    hsv = np.asarray(image.convert("HSV")).copy()
    hsv[..., 0] += np.uint8(rng.integers(64, 192))  # 256 is a full turn
    thing = Image.fromarray(hsv, "HSV").convert("RGB")
    return Image.composite(thing, Image.fromarray(pattern), mask.convert("L"))


def learn(seed: int, per_class: int, positions: bool) -> dict:
    """One run from scratch; top-1 after each eighth of the steps, and in the other style at the end."""
    import mindspore as ms

    from vit.data.labels import from_folders
    from vit.data.pipeline import training_batches
    from vit.evaluation import evaluate
    from vit.optimizer import warmup_cosine
    from vit.trainer import Recipe, classes_of, new_model
    from vit.training import make_train_step

    recipe = Recipe(epochs=EPOCHS, seed=seed)
    classes = classes_of(DATA / "sample" / "train")
    train = from_folders(DATA / "sample" / "train", classes)
    chosen = [i for i, path in enumerate(train.paths) if int(path.stem) < per_class]
    paths, labels = [train.paths[i] for i in chosen], [train.labels[i] for i in chosen]
    part = len(train.paths) // recipe.batch_size  # steps of an epoch of all pictures
    total = part * EPOCHS
    ms.set_seed(seed)
    model = new_model(MODEL, None, classes)
    if not positions:
        model.pos_embed.set_data(ms.ops.zeros(model.pos_embed.shape, ms.float32))
        model.pos_embed.requires_grad = False
    rates = warmup_cosine(recipe.lr, total, int(total * recipe.warmup))
    step = make_train_step(
        model, rates, recipe.weight_decay, recipe.clip_norm, recipe.label_smoothing, betas=(0.9, recipe.beta2)
    )
    step.compile(recipe.batch_size)
    seconds, done, epoch, curve = 0.0, 0, 0, []
    while done < total:
        batches = training_batches(
            paths, labels, model.preprocessing, recipe.batch_size, epoch, seed, crop_scale=(recipe.crop_scale, 1.0)
        )
        epoch += 1
        start = time.perf_counter()
        for images, targets in batches:
            float(step(images, targets).asnumpy())
            done += 1
            if done % part == 0:
                seconds += time.perf_counter() - start
                top1 = evaluate(model, from_folders(DEVELOPMENT / "val", classes), progress=False)["top1"]
                curve.append({"steps": done, "seconds": round(seconds, 1), "top1": top1})
                start = time.perf_counter()
            if done == total:
                break
        seconds += time.perf_counter() - start
    other = evaluate(model, from_folders(SHIFTED / "val", classes), progress=False)["top1"]
    return {"top1": curve[-1]["top1"], "other_style": other, "seconds": curve[-1]["seconds"], "curve": curve}


def shipped() -> dict:
    from vit.data.labels import from_folders
    from vit.evaluation import evaluate
    from vit.models import create_model

    model = create_model(MODEL, weights=MODEL)
    here, other = (
        evaluate(model, from_folders(folder / "val", model.classes), progress=False)["top1"]
        for folder in (DEVELOPMENT, SHIFTED)
    )
    return {"top1": here, "other_style": other}


def plot(results):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3.6), layout="constrained", dpi=110)
    left, right = figure.subplots(1, 2, sharey=True)
    for name, result in results.items():
        if name.startswith("seed") or name == "no positions":
            curve = result["curve"]
            style = {"color": "#2b6cb0"} if name.startswith("seed") else {"color": "#c05621", "ls": "--"}
            left.plot(
                [0, *(p["seconds"] for p in curve)], [0.1, *(p["top1"] for p in curve)], "o-", ms=3, label=name, **style
            )
    left.set(xlabel="seconds of training", ylabel="top-1 on development drawings", ylim=(0, 1))
    left.legend(frameon=False, fontsize=9)
    points = [(500, "500 pictures"), (1500, "1500 pictures"), (5000, "seed 0")]
    for key, label, color in (("top1", "drawn as in training", "#2b6cb0"), ("other_style", "other style", "#2f855a")):
        right.semilogx(
            [n for n, _ in points], [results[name][key] for _, name in points], "o-", color=color, label=label
        )
    right.set_xticks([n for n, _ in points], [str(n) for n, _ in points])
    right.minorticks_off()
    right.set(xlabel="pictures trained on, as many steps")
    right.legend(frameon=False, fontsize=9)
    return figure


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    draw()
    context = multiprocessing.get_context("spawn")
    results = {}
    for name, arguments in tqdm(RUNS.items(), desc="learning", file=sys.stderr):
        with context.Pool(1) as pool:
            results[name] = pool.apply(learn, arguments)
    with context.Pool(1) as pool:
        results["shipped weights"] = pool.apply(shipped)
    print(machine())
    print(f"{'':18}{'top-1':>7}{'other style':>13}{'seconds':>9}")
    for name, result in results.items():
        print(f"{name:18}{result['top1']:7.3f}{result['other_style']:13.3f}{result.get('seconds', float('nan')):9.0f}")
    seeds = [result["top1"] for name, result in results.items() if name.startswith("seed")]
    print(f"three seeds: {statistics.mean(seeds):.3f} +- {statistics.stdev(seeds):.3f}")
    from vit.plots import contact_sheet, save_figure

    with atomic_path(FOLDER / "learning.json") as staged:
        staged.write_text(json.dumps({"machine": machine(), "runs": results}, indent=1), encoding="utf-8")
    folders = sorted((SHIFTED / "val").iterdir())
    save_figure(contact_sheet([sorted(f.iterdir())[:8] for f in folders]), FOLDER / "shifted.png")
    print(f"-> {shown(save_figure(plot(results), FOLDER / 'learning.png'))}")


if __name__ == "__main__":
    main()
