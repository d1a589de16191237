"""A whole training run: epochs, evaluation of the very model in training, files that survive a stop.

OUT/best.safetensors    the model with the best top-1 on val so far
OUT/last.safetensors    the model as it is
OUT/state.safetensors   what --resume needs; beside it the state before, if this one should be damaged
OUT/log.csv             a line for each epoch
OUT/metrics.json        the result: of best.safetensors, on all of val
OUT/loss.png            loss and accuracy
OUT/compile_cache/      makes --resume start sooner; may be deleted
"""

import csv
import hashlib
import json
import math
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import mindspore as ms
import numpy as np
from tqdm.auto import tqdm

from vit.atomic import atomic_path
from vit.compile_cache import compile_cache
from vit.ctrl_c import CtrlC
from vit.data.class_names import ClassName, imagenet_classes
from vit.data.labels import Labelled, class_folders, from_folders
from vit.data.pipeline import scan, training_batches
from vit.data.preprocessing import preprocessing_for
from vit.devices import PRECISIONS
from vit.errors import RunFailed, UserError
from vit.evaluation import evaluate
from vit.model import ViT
from vit.optimizer import warmup_cosine
from vit.registry import create_model
from vit.run_state import Progress, has_state, load_state, save_state
from vit.training import make_train_step
from vit.weights import save_model

LOG_COLUMNS = ("epoch", "steps", "seconds", "lr", "train_loss", "images_per_s", "val_top1", "val_top5")


@dataclass
class Recipe:
    """How to train. `crop_scale` is the least share of a picture that a random crop takes."""

    epochs: int = 10
    batch_size: int = 32
    lr: float = 1e-3  # the highest
    warmup: float = 0.1  # share of all steps
    weight_decay: float = 0.05
    clip_norm: float = 1.0
    label_smoothing: float = 0.1
    beta2: float = 0.98
    crop_scale: float = 0.35
    flip: float = 0.5
    seed: int = 0

    def __post_init__(self):
        if self.epochs < 1:
            raise UserError(f"--epochs must be at least 1, not {self.epochs}")
        if self.batch_size < 1:
            raise UserError(f"--batch-size must be at least 1, not {self.batch_size}")
        ranges = {  # name: (least, most); NaN lies in none of them
            "lr": (1e-12, 1e3),
            "warmup": (0, 1),
            "weight_decay": (0, 1e3),
            "clip_norm": (1e-9, 1e9),
            "label_smoothing": (0, 0.999),
            "beta2": (0, 0.99999),
            "crop_scale": (1e-3, 1),
            "flip": (0, 1),
            "seed": (0, 2**31 - 1),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                option = "--" + name.replace("_", "-")
                raise UserError(f"{option} must lie between {least:g} and {most:g}, not {getattr(self, name)}")


def classes_of(folder) -> tuple[ClassName, ...]:
    """The classes of a training folder in alphabetical order of its sub-folders, with ImageNet's names."""
    known = {known.wnid: known for known in imagenet_classes()}
    return tuple(known.get(path.name, ClassName(path.name, path.name)) for path in class_folders(folder))


def fit(
    data,
    out,
    model_name: str,
    weights=None,
    recipe: Recipe | None = None,
    resume: bool = False,
    precision: str = "fp32",
    progress: bool = True,
) -> dict:
    """Train a model on a folder with `train/` and `val/`, one folder a class in each.

    Args:
        data: that folder.
        out: where the files listed above go.
        model_name: one of `vit.list_models()`.
        weights: a file or published name to start from; its head is replaced unless its classes are
            those of the data.
        resume: go on with the run in `out`.
        precision: "fp32", "fp16" or "bf16", of the matrix products; see `vit.devices`.

    Returns:
        The contents of metrics.json.

    Raises:
        UserError: the data, the weights or the folder are not in order; nothing was changed then.
        RunFailed: the loss is no longer a number.
    """
    recipe = recipe or Recipe()
    data, out = Path(data), Path(out)
    train, val, classes = _read_data(data, recipe, progress)
    state_file = out / "state.safetensors"
    if resume and not has_state(state_file):
        raise UserError(f"{out}: no run to resume here; leave --resume out")
    if not resume and has_state(state_file):
        raise UserError(f"{out}: holds a run already; go on with --resume, or choose another folder")

    ms.set_seed(recipe.seed)
    model = new_model(model_name, weights, classes)
    if precision != "fp32":
        model.to_float(PRECISIONS[precision])
    steps_per_epoch = len(train.paths) // recipe.batch_size
    total = steps_per_epoch * recipe.epochs
    rates = warmup_cosine(recipe.lr, total, int(total * recipe.warmup))
    step = make_train_step(
        model,
        rates,
        recipe.weight_decay,
        recipe.clip_norm,
        recipe.label_smoothing,
        betas=(0.9, recipe.beta2),
    )
    settings = {
        "model": model_name,
        "pictures": len(train.paths),
        "classes": [c.wnid for c in classes],
        "precision": precision,
        "start": _digest(weights),
        **recipe.__dict__,
    }
    done = load_state(state_file, step.cell, settings) if resume else Progress()
    run = _Run(model, step, rates, recipe, train, val, out, done, settings, steps_per_epoch, precision, progress)
    _make_folder(out)
    return run.go(resume)


def _digest(weights) -> str | None:
    """Which weights a run starts from, in a few letters; None: from random numbers."""
    from vit.hub import find

    return None if weights is None else hashlib.sha256(find(weights).read_bytes()).hexdigest()[:16]


@dataclass
class _Readable:
    """Training pictures that can be read; `special` as in `vit.data.pipeline.scan`."""

    paths: list[Path]
    labels: list[int]
    special: set[int]


def _read_data(data: Path, recipe: Recipe, progress: bool):
    for split in ("train", "val"):
        if not (data / split).is_dir():
            raise UserError(f"{data}: no folder {split}/ in it; expected train/ and val/, one folder a class in each")
    classes = classes_of(data / "train")
    if len(classes) < 2:
        raise UserError(f"{data / 'train'}: one class only; there is nothing to tell apart")
    train = from_folders(data / "train", classes)
    val = from_folders(data / "val", classes)
    unreadable, special = scan(train.paths, progress)
    for index in sorted(unreadable)[:5]:
        print(f"left out: {unreadable[index]}", file=sys.stderr)
    good = [i for i in range(len(train.paths)) if i not in unreadable]
    if len(good) < recipe.batch_size:
        raise UserError(
            f"{data / 'train'}: {len(good)} readable pictures do not fill a batch of {recipe.batch_size}; use --batch-size"
        )
    kept = _Readable(
        paths=[train.paths[i] for i in good],
        labels=[train.labels[i] for i in good],
        special={new for new, old in enumerate(good) if old in special},
    )
    return kept, val, classes


def new_model(model_name: str, weights, classes) -> ViT:
    """A network for these classes, with its preprocessing; `weights` None: from random numbers."""
    if weights is None:
        model = create_model(model_name, num_classes=len(classes))
        model.preprocessing = preprocessing_for(model_name, model.config.image_size)
    else:
        model = create_model(model_name, weights=weights, num_classes=len(classes))
        if tuple(c.wnid for c in model.classes or ()) != tuple(c.wnid for c in classes):
            _renew_head(model)
    model.classes = classes
    return model


def _renew_head(model: ViT) -> None:
    """A head of the wanted size may still be of other classes: it starts from zero in any case."""
    print("the weights know other classes than the data: the head is new", file=sys.stderr)
    for parameter in model.head.get_parameters():
        parameter.set_data(ms.ops.zeros(parameter.shape, parameter.dtype))


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / ".writable").touch()
        (out / ".writable").unlink()
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error.strerror})") from None


@dataclass
class _Run:
    model: ViT
    step: object
    rates: np.ndarray
    recipe: Recipe
    train: _Readable
    val: Labelled
    out: Path
    done: Progress
    settings: dict
    steps_per_epoch: int
    precision: str
    progress: bool

    def go(self, resumed: bool) -> dict:
        self.compile_seconds = self._compile()
        rows = self._read_log() if resumed else []
        while self.done.epoch < self.recipe.epochs:
            loss, speed = self._epoch()
            result = evaluate(self.model, self.val, min(100, len(self.val.paths)), progress=False)
            self.done = Progress(self.done.epoch + 1, 0, self.done.best_top1, self.done.seconds)
            rows.append(self._row(loss, speed, result))
            if result["top1"] > self.done.best_top1:
                self.done.best_top1 = result["top1"]
                save_model(self.model, self.out / "best.safetensors")
            self._save(rows)
            self._say(rows[-1])
        return self._finish(rows)

    def _compile(self) -> float:
        """Compile before the clock of the epochs starts; nothing is learned by it."""
        if self.progress:
            print("compiling the training step ...", end=" ", file=sys.stderr, flush=True)
        start = time.time()
        graph = {"config": asdict(self.model.config), **self.settings}
        with compile_cache(self.out / "compile_cache", graph):
            self.step.compile(self.recipe.batch_size)
        seconds = time.time() - start
        if self.progress:
            print(f"{seconds:.1f} s", file=sys.stderr)
        return seconds

    def _epoch(self) -> tuple[float, float]:
        """One epoch of steps; returns the mean loss and images per second."""
        recipe, done = self.recipe, self.done
        losses, start, first = list(done.losses), time.time(), done.batch
        batches = training_batches(
            self.train.paths,
            self.train.labels,
            self.model.preprocessing,
            recipe.batch_size,
            done.epoch,
            recipe.seed,
            self.train.special,
            (recipe.crop_scale, 1.0),
            recipe.flip,
            skip=first,
        )
        size = recipe.batch_size
        title = f"epoch {done.epoch + 1}/{recipe.epochs}"
        bar = tqdm(
            total=self.steps_per_epoch * size,
            initial=first * size,
            unit="img",
            desc=title,
            file=sys.stderr,
            disable=not self.progress,
        )
        with bar, CtrlC() as ctrl_c:
            for images, labels in batches:
                loss = float(self.step(images, labels).asnumpy())
                if not math.isfinite(loss):
                    raise RunFailed(
                        f"the loss is {loss} at step {done.epoch * self.steps_per_epoch + done.batch + 1}; the last good model is "
                        f"{self.out / 'last.safetensors'} (if an epoch was finished). Try a lower --lr"
                    )
                losses.append(loss)
                done.batch += 1
                bar.set_postfix(loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
                bar.update(size)
                if ctrl_c.heard:
                    break
        if ctrl_c.heard:
            done.losses = tuple(losses)
            done.seconds += time.time() - start
            save_state(self.out / "state.safetensors", self.step.cell, done, self.settings)
            print(f"stopped in epoch {done.epoch + 1}; nothing is lost: go on with --resume", file=sys.stderr)
            raise KeyboardInterrupt
        seconds = time.time() - start
        done.seconds += seconds
        return float(np.mean(losses)), (done.batch - first) * size / seconds

    def _row(self, loss, speed, result) -> dict:
        steps = self.done.epoch * self.steps_per_epoch
        values = (
            self.done.epoch,
            steps,
            round(self.done.seconds, 1),
            float(f"{self.rates[steps - 1]:.3g}"),
            round(loss, 4),
            round(speed, 1),
            round(result["top1"], 4),
            round(result["top5"], 4),
        )
        return dict(zip(LOG_COLUMNS, values, strict=True))

    def _say(self, row) -> None:
        if self.progress:
            print(f"  val top-1 {row['val_top1']:.1%}  loss {row['train_loss']:.3f}", file=sys.stderr)

    def _save(self, rows) -> None:
        save_model(self.model, self.out / "last.safetensors")
        save_state(self.out / "state.safetensors", self.step.cell, self.done, self.settings)
        with atomic_path(self.out / "log.csv") as staged, open(staged, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, LOG_COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def _read_log(self) -> list[dict]:
        try:
            with open(self.out / "log.csv", encoding="utf-8-sig") as file:
                rows = list(csv.DictReader(file))
            rows = [
                {key: (int if key in ("epoch", "steps") else float)(row[key]) for key in LOG_COLUMNS} for row in rows
            ]
        except FileNotFoundError:  # stopped before the first epoch ended
            return []
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(
                f"{self.out / 'log.csv'}: has been changed and cannot be read ({error}); remove it"
            ) from None
        return [row for row in rows if row["epoch"] <= self.done.epoch]

    def _finish(self, rows) -> dict:
        from vit.drawing import save_figure, training_page
        from vit.weights import load_model

        save_figure(training_page(rows), self.out / "loss.png")
        best = load_model(self.out / "best.safetensors")
        result = evaluate(best, self.val, min(100, len(self.val.paths)), progress=False)
        metrics = {
            "weights": "best.safetensors",
            **{key: result[key] for key in ("images", "top1", "top5", "unreadable")},
            "epochs": self.done.epoch,
            "train_seconds": round(self.done.seconds, 1),
            "compile_seconds": round(self.compile_seconds, 1),
            "settings": self.settings,
        }
        with atomic_path(self.out / "metrics.json") as staged:
            staged.write_text(json.dumps(metrics, ensure_ascii=False, indent=1), encoding="utf-8")
        return metrics
