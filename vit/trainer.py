"""A whole training run: epochs, evaluation of the very model in training, files that survive a stop.

OUT/best.safetensors    the model with the best top-1 on val so far
OUT/last.safetensors    the model as it is
OUT/state.safetensors   what resuming needs; beside it the state before, if this one should be damaged
OUT/log.csv             a line for each epoch
OUT/metrics.json        the result: of best.safetensors, on all of val
OUT/loss.png            loss and accuracy
OUT/compile_cache/      makes resuming start sooner; may be deleted
"""

import hashlib
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import mindspore as ms
import numpy as np

from vit.checkpoint import Progress, has_state, load_state, save_state
from vit.data.labels import Labelled
from vit.data.pipeline import training_batches
from vit.data.training_set import training_set
from vit.data_parallel import DataParallelStep, all_stop, join
from vit.evaluation import evaluate
from vit.hub import find
from vit.model import ViT
from vit.models import model_for
from vit.optimizer import warmup_cosine
from vit.plots import save_figure, training_page
from vit.recipe import Recipe
from vit.run_log import COLUMNS, read_log, write_log
from vit.runtime.atomic import atomic_path
from vit.runtime.compile_cache import compile_cache
from vit.runtime.devices import PRECISIONS
from vit.runtime.errors import RunFailed, UserError, reason
from vit.runtime.language import say
from vit.runtime.progress import bar
from vit.runtime.signals import CtrlC
from vit.training import Step, TrainStep, make_train_step, train
from vit.weights import load_model, save_model


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

    Started by `msrun`, the processes share each batch, and the first of them writes the files.

    Args:
        data: that folder.
        out: where the files listed above go.
        model_name: one of `vit.list_models()`.
        weights: a file or published name to start from; its head is replaced unless its classes are
            those of the data.
        resume: go on with the run in `out`.
        precision: "fp32" or "bf16", of the matrix products; see `vit.runtime.devices`.

    Returns:
        The contents of metrics.json.

    Raises:
        UserError: the data, the weights or the folder are not in order; nothing was changed then.
        RunFailed: the loss is no longer a number.
    """
    recipe = recipe or Recipe()
    out = Path(out)
    rank, size = join()
    if recipe.batch_size % size:
        raise UserError(
            say(
                f"{size} 个进程不能平分一批 {recipe.batch_size} 张图片",
                f"{size} processes cannot share a batch of {recipe.batch_size}",
            )
        )
    progress = progress and rank == 0
    pictures, val, classes = training_set(data, recipe.batch_size, progress)
    state_file = out / "state.safetensors"
    if resume and not has_state(state_file):
        raise UserError(
            say(f"{out}: 这里没有可以接着进行的训练；请从头开始", f"{out}: no run to resume here; start it anew")
        )
    if not resume and has_state(state_file):
        raise UserError(
            say(
                f"{out}: 里面已经有一次训练；请接着训练（--resume），或者换一个文件夹",
                f"{out}: holds a run already; resume it, or choose another folder",
            )
        )

    ms.set_seed(recipe.seed)
    model = model_for(classes, model_name, weights)
    if precision != "fp32":
        model.to_float(PRECISIONS[precision])
    total = len(pictures.paths) // recipe.batch_size * recipe.epochs
    rates = warmup_cosine(recipe.lr, total, int(total * recipe.warmup))
    step = make_train_step(
        model,
        rates,
        recipe.weight_decay,
        recipe.clip_norm,
        recipe.label_smoothing,
        betas=(0.9, recipe.beta2),
        kind=DataParallelStep if size > 1 else TrainStep,
    )
    settings = {
        "model": model_name,
        "pictures": len(pictures.paths),
        "classes": [c.wnid for c in classes],
        "precision": precision,
        "start": _digest(weights),
        "processes": size,
        **asdict(recipe),
    }
    done = load_state(state_file, step.cell, settings) if resume else Progress()
    _make_folder(out)
    run = _Run(model, step, rates, recipe, pictures, val, out, done, settings, progress, rank, size)
    return run.go(resume)


def _digest(weights) -> str | None:
    """Which weights a run starts from, in a few letters; None: from random numbers."""
    return None if weights is None else hashlib.sha256(find(weights).read_bytes()).hexdigest()[:16]


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        with atomic_path(out / ".writable"):
            pass
        (out / ".writable").unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            say(f"{out}: 无法写入（{reason(error)}）", f"{out}: cannot be written ({reason(error)})")
        ) from None


@dataclass
class _Run:
    model: ViT
    step: Step
    rates: np.ndarray
    recipe: Recipe
    pictures: Labelled
    val: Labelled
    out: Path
    done: Progress
    settings: dict
    progress: bool
    rank: int  # of this process among `size`
    size: int

    @property
    def steps_per_epoch(self) -> int:
        return len(self.pictures.paths) // self.recipe.batch_size

    def go(self, resumed: bool) -> dict:
        compile_seconds = self._compile()
        rows = read_log(self.out / "log.csv", self.done.epoch) if resumed else []
        while self.done.epoch < self.recipe.epochs:
            loss, speed = self._epoch()
            result = evaluate(self.model, self.val, min(100, len(self.val.paths)), progress=False)
            better = result["top1"] > self.done.best_top1
            best = max(result["top1"], self.done.best_top1)
            self.done = Progress(self.done.epoch + 1, 0, best, self.done.seconds)
            rows.append(self._row(loss, speed, result))
            if self.rank == 0:
                if better:
                    save_model(self.model, self.out / "best.safetensors")
                save_model(self.model, self.out / "last.safetensors")
                save_state(self.out / "state.safetensors", self.step.cell, self.done, self.settings)
                write_log(self.out / "log.csv", rows)
            if self.progress:
                print(f"  val top-1 {result['top1']:.1%}  loss {loss:.3f}", file=sys.stderr)
        return self._finish(rows, compile_seconds)

    def _compile(self) -> float:
        """Compile before the clock of the epochs starts; nothing is learned by it."""
        if self.progress:
            print("compiling the training step ...", end=" ", file=sys.stderr, flush=True)
        start = time.time()
        graph = {"config": asdict(self.model.config), "rank": self.rank, **self.settings}
        with compile_cache(self.out / "compile_cache", graph, self.step.cell, use=self.size == 1):
            self.step.compile(self.recipe.batch_size // self.size)
        seconds = time.time() - start
        if self.progress:
            print(f"{seconds:.1f} s", file=sys.stderr)
        return seconds

    def _batches(self):
        """What is left of this epoch; of each batch, this process's part."""
        recipe = self.recipe
        batches = training_batches(
            self.pictures,
            self.model.preprocessing,
            recipe.batch_size,
            self.done.epoch,
            seed=recipe.seed,
            crop_scale=(recipe.crop_scale, 1.0),
            flip=recipe.flip,
            skip=self.done.batch,
        )
        for images, labels in batches:
            yield images[self.rank :: self.size], labels[self.rank :: self.size]

    def _epoch(self) -> tuple[float, float]:
        """One epoch of steps; returns the mean loss and images per second."""
        done, batch_size = self.done, self.recipe.batch_size
        losses, start, first, stop = list(done.losses), time.time(), done.batch, False
        meter = bar(
            total=self.steps_per_epoch * batch_size,
            initial=first * batch_size,
            unit="img",
            desc=f"epoch {done.epoch + 1}/{self.recipe.epochs}",
            disable=not self.progress,
        )
        try:
            with meter, CtrlC() as ctrl_c:
                for loss in train(self.step, self._batches()):
                    losses.append(loss)
                    done.batch += 1
                    meter.set_postfix(loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
                    meter.update(batch_size)
                    stop = all_stop(ctrl_c.heard) if self.size > 1 else ctrl_c.heard
                    if stop:
                        break
        except RunFailed as error:
            number, last = done.epoch * self.steps_per_epoch + done.batch + 1, self.out / "last.safetensors"
            raise RunFailed(
                say(
                    f"第 {number} 步：{error}；最后一个好的模型是 {last}（如果已经完成过一轮）。请试试更小的学习率",
                    f"{error} at step {number}; the last good model is {last} (if an epoch was finished). "
                    "Try a lower learning rate",
                )
            ) from None
        seconds = time.time() - start
        done.seconds += seconds
        if stop:
            done.losses = tuple(losses)
            if self.rank == 0:
                save_state(self.out / "state.safetensors", self.step.cell, done, self.settings)
                print(f"stopped in epoch {done.epoch + 1}; nothing is lost", file=sys.stderr)
            raise KeyboardInterrupt
        return float(np.mean(losses)), (done.batch - first) * batch_size / seconds

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
        return dict(zip(COLUMNS, values, strict=True))

    def _finish(self, rows, compile_seconds: float) -> dict:
        if self.rank:  # the first process has written all that is read here, or is about to
            return {"processes": self.size, "rank": self.rank, "losses": [row["train_loss"] for row in rows]}
        save_figure(training_page(rows), self.out / "loss.png")
        best = load_model(self.out / "best.safetensors")
        result = evaluate(best, self.val, min(100, len(self.val.paths)), progress=False)
        metrics = {
            "weights": "best.safetensors",
            **{key: result[key] for key in ("images", "top1", "top5", "unreadable")},
            "epochs": self.done.epoch,
            "train_seconds": round(self.done.seconds, 1),
            "compile_seconds": round(compile_seconds, 1),
            "settings": self.settings,
        }
        with atomic_path(self.out / "metrics.json") as staged:
            staged.write_text(json.dumps(metrics, ensure_ascii=False, indent=1), encoding="utf-8")
        return metrics
