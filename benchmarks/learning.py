"""How the small ViT learns the sample data from scratch: seeds, pictures seen, seconds, both versions of the drawings.

    python -m benchmarks.learning [--runs "seed 0" "seed 1" ...]
    python -m benchmarks.learning --data cifar10        # see benchmarks/cifar10.py

Each run is that of `python start.py` (as many steps, the same recipe), in a process of its own. The
curve is measured on 1000 development drawings of another seed, val once at the end; and the development
drawings again in a style that training has not: other backgrounds, the hues of the things turned. The
shipped weights stand beside. Prints a table; writes outputs/benchmarks/learning.json and .png, and
shifted.png to look at.
"""

import argparse
import itertools
import json
import multiprocessing
import shutil
import statistics
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from benchmarks import cifar10
from vit.data.sample.dataset import make_sample
from vit.runtime.atomic import atomic_folder, atomic_path
from vit.runtime.digest import digest
from vit.runtime.machine import machine
from vit.runtime.paths import DATA, OUTPUTS, shown

MODEL = "vit_sample_patch8_64"
FOLDER = OUTPUTS / "benchmarks"
DEVELOPMENT, SHIFTED = FOLDER / "development", FOLDER / "shifted"
CALM, HARD = DATA / "sample", DATA / "sample_hard"
HARD_DEVELOPMENT = FOLDER / "development_hard"
# name: (seed, pictures of each class, positions, data, drawings that the curve is measured on)
RUNS = {
    "seed 0": (0, 500, True, CALM, DEVELOPMENT),
    "seed 1": (1, 500, True, CALM, DEVELOPMENT),
    "seed 2": (2, 500, True, CALM, DEVELOPMENT),
    "hard drawings": (0, 500, True, HARD, HARD_DEVELOPMENT),
    "1500 pictures": (0, 150, True, CALM, DEVELOPMENT),
    "500 pictures": (0, 50, True, CALM, DEVELOPMENT),
    "no positions": (0, 500, False, CALM, DEVELOPMENT),
}


def draw() -> None:
    """Training data, development drawings, and these once more in another style."""
    make_sample(CALM)
    make_sample(HARD, hard=True)
    make_sample(DEVELOPMENT, {"val": 100}, seed=7)
    make_sample(HARD_DEVELOPMENT, {"val": 100}, seed=7, hard=True)
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


def top1(model, folder) -> float:
    from vit.data.labels import from_folders
    from vit.evaluation import evaluate

    return evaluate(model, from_folders(folder / "val", model.classes), 100, progress=False)["top1"]


def learn(seed: int, per_class: int, positions: bool, data, development) -> dict:
    """One run from scratch; top-1 after each twelfth of the steps, on val and in the other style at the end."""
    import mindspore as ms

    from vit.data.labels import Labelled, from_folders
    from vit.data.pipeline import training_batches
    from vit.data.training_set import classes_of
    from vit.training import make_train_step, train
    from vit.training.optimizer import warmup_cosine
    from vit.training.recipe import Recipe
    from vit.training.run import Run
    from vit.weights import model_for

    recipe = Recipe(seed=seed)
    classes = classes_of(data / "train")
    everything = from_folders(data / "train", classes)
    chosen = [i for i, path in enumerate(everything.paths) if int(path.stem) < per_class]
    pictures = Labelled([everything.paths[i] for i in chosen], [everything.labels[i] for i in chosen], {})
    part = len(everything.paths) // recipe.batch_size  # steps of an epoch of all pictures
    total = part * recipe.epochs
    ms.set_seed(seed)
    model = model_for(classes, MODEL)
    if not positions:
        model.pos_embed.set_data(ms.ops.zeros(model.pos_embed.shape, ms.float32))
        model.pos_embed.requires_grad = False
    rates = warmup_cosine(recipe.lr, total, int(total * recipe.warmup))
    step = make_train_step(
        model, rates, recipe.weight_decay, recipe.clip_norm, recipe.label_smoothing, betas=(0.9, recipe.beta2)
    )
    step.compile(recipe.batch_size)
    of_these = len(pictures.paths) // recipe.batch_size  # steps until each of these pictures was seen

    def batches(epoch, skip):
        """A twelfth of all steps; fewer pictures come round more often."""
        turn, first = divmod(epoch * part + skip, of_these)
        options = {"seed": seed, "crop_scale": (recipe.crop_scale, 1.0), "flip": recipe.flip}
        turns = (
            training_batches(
                pictures, model.preprocessing, recipe.batch_size, n, skip=first if n == turn else 0, **options
            )
            for n in itertools.count(turn)
        )
        return itertools.islice(itertools.chain.from_iterable(turns), part - skip)

    about = {"pictures": pictures.digest, "positions": positions, "seed": seed}
    state = FOLDER / f"learning-{digest(json.dumps(about))}" / "state.safetensors"
    run = Run(
        step.cell, batches, epochs=recipe.epochs, steps=part, state=state, settings=step.settings | about, resume=None
    )
    with run:  # stopped, it goes on from here; a second measurement begins anew
        for epoch in run:
            for loss in train(step, epoch):
                epoch.note(loss)
            seen = (epoch.number + 1) * part * recipe.batch_size
            epoch.end(pictures=seen, seconds=round(run.progress.seconds, 1), top1=top1(model, development))
    curve = run.rows
    shutil.rmtree(state.parent)
    return {
        "top1": curve[-1]["top1"],
        "val": top1(model, data),
        "other_style": top1(model, SHIFTED),
        "hard": top1(model, HARD_DEVELOPMENT),
        "seconds": curve[-1]["seconds"],
        "curve": curve,
    }


def shipped() -> dict:
    from vit.weights import create_model

    model = create_model(MODEL, weights=MODEL)
    return {
        "top1": top1(model, DEVELOPMENT),
        "val": top1(model, CALM),
        "other_style": top1(model, SHIFTED),
        "hard": top1(model, HARD_DEVELOPMENT),
    }


def plot(results):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3.6), layout="constrained", dpi=110)
    axes = figure.subplots(1, 2, sharey=True)
    styles = {"no positions": ("#c05621", "--"), "hard drawings": ("#2f855a", "-.")}
    for side, key, label in zip(axes, ("pictures", "seconds"), ("pictures seen", "seconds of training"), strict=True):
        for name, result in results.items():
            if name.startswith("seed") or name in styles:
                color, line = styles.get(name, ("#2b6cb0", "-"))
                x, y = ([0, *(p[key] for p in result["curve"])], [0.1, *(p["top1"] for p in result["curve"])])
                side.plot(x, y, "o", ms=3, ls=line, color=color, label=name)
        side.set(xlabel=label, ylim=(0, 1))
        side.grid(alpha=0.25)
    axes[0].set_ylabel("top-1 on development drawings")
    axes[1].legend(frameon=False, fontsize=9)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", nargs="+", choices=RUNS, default=list(RUNS), help="default: all")
    parser.add_argument("--data", choices=("sample", "cifar10"), default="sample", help="default: %(default)s")
    parser.add_argument("--folder", type=Path, help="of CIFAR-10; default: data/cifar10")
    parser.add_argument("--epochs", type=int, default=cifar10.EPOCHS, help="of CIFAR-10 (%(default)s)")
    arguments = parser.parse_args()
    if arguments.data == "cifar10":
        cifar10.learn(arguments.folder, arguments.epochs)
        return
    draw()
    context = multiprocessing.get_context("spawn")
    results = {}
    for name in tqdm(arguments.runs, desc="learning", file=sys.stderr):
        with context.Pool(1) as pool:
            results[name] = pool.apply(learn, RUNS[name])
    with context.Pool(1) as pool:
        results["shipped weights"] = pool.apply(shipped)
    print(machine())
    print(f"{'':18}{'top-1':>7}{'val':>7}{'other style':>13}{'hard':>7}{'seconds':>9}")
    for name, result in results.items():
        print(
            f"{name:18}{result['top1']:7.3f}{result['val']:7.3f}{result['other_style']:13.3f}{result['hard']:7.3f}"
            f"{result.get('seconds', float('nan')):9.0f}"
        )
    for key in ("top1", "val"):
        seeds = [result[key] for name, result in results.items() if name.startswith("seed")]
        if len(seeds) > 1:
            print(f"{len(seeds)} seeds, {key}: {statistics.mean(seeds):.3f} +- {statistics.stdev(seeds):.3f}")
    from vit.plots import contact_sheet, save_figure

    with atomic_path(FOLDER / "learning.json") as staged:
        staged.write_text(json.dumps({"machine": machine(), "runs": results}, indent=1), encoding="utf-8")
    folders = sorted((SHIFTED / "val").iterdir())
    save_figure(contact_sheet([sorted(f.iterdir())[:8] for f in folders]), FOLDER / "shifted.png")
    print(f"-> {shown(save_figure(plot(results), FOLDER / 'learning.png'))}")


if __name__ == "__main__":
    main()
