"""A whole training run: epochs, evaluation of the very model in training, files that survive a stop.

OUT/best.safetensors    the model with the best top-1 on val so far
OUT/last.safetensors    the model as it is
OUT/state.safetensors   what resuming needs, from before the first step on; beside it the state before
OUT/log.csv             a line for each epoch, as the state knows it
OUT/metrics.json        the result: of best.safetensors, on all of val
OUT/loss.png            loss and accuracy
OUT/compile_cache/      makes resuming start sooner; may be deleted
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import mindspore as ms
import numpy as np

from vit.data.labels import Labelled
from vit.data.pipeline import training_batches, workers
from vit.data.training_set import training_set
from vit.evaluation import evaluate
from vit.kernels import chosen
from vit.model import ViT
from vit.plots import save_figure, training_page
from vit.runtime.atomic import atomic_path, remove_leftovers
from vit.runtime.bars import bar
from vit.runtime.compile_cache import compile_cache
from vit.runtime.devices import PRECISIONS
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.language import say
from vit.training import Step, TrainStep, make_train_step, train
from vit.training.data_parallel import DataParallelStep, all_stop, join
from vit.training.log import COLUMNS, write_log
from vit.training.optimizer import warmup_cosine
from vit.training.recipe import Recipe
from vit.training.run import Epoch, Run, check_resume
from vit.weights import load_model, model_for, save_model
from vit.weights.hub import find

FILES = ("best.safetensors", "last.safetensors", "log.csv", "metrics.json", "loss.png")


def fit(
    data,
    out,
    model_name: str,
    weights=None,
    recipe: Recipe | None = None,
    resume: bool = False,
    precision: str = "fp32",
    progress: bool = True,
    build: Callable[..., ViT] = model_for,
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
        build: (classes, model_name, weights) -> the network to train, with `config`, `preprocessing` and `classes`.

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
    state_file = out / "state.safetensors"
    if rank == 0:
        check_resume(state_file, resume)
    pictures, val, classes = training_set(data, recipe.batch_size, progress)
    ms.set_seed(recipe.seed)
    model = build(classes, model_name, weights)
    if precision != "fp32":
        model.to_float(PRECISIONS[precision])
    steps = len(pictures.paths) // recipe.batch_size  # of an epoch
    rates = warmup_cosine(recipe.lr, steps * recipe.epochs, int(steps * recipe.epochs * recipe.warmup))
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
        "labels": pictures.digest,
        "classes": [c.wnid for c in classes],
        "precision": precision,
        "kernels": chosen().setting,
        "start": _digest(weights),
        "processes": size,
        "workers": workers(),  # random crops depend on it
        **asdict(recipe),
    }

    def batches(epoch, skip):
        """Of each batch, this process's part."""
        options = {"seed": recipe.seed, "crop_scale": (recipe.crop_scale, 1.0), "flip": recipe.flip, "skip": skip}
        for images, labels in training_batches(pictures, model.preprocessing, recipe.batch_size, epoch, **options):
            yield images[rank::size], labels[rank::size]

    run = Run(
        step.cell,
        batches,
        epochs=recipe.epochs,
        steps=steps,
        state=state_file,
        settings=settings,
        resume=resume,
        writes=rank == 0,
        agree=all_stop if size > 1 else bool,
    )
    with run:
        if rank == 0:
            for name in FILES:
                remove_leftovers(out / name)
            _write_log(out, run)  # a stop may have come between the state and it
        compile_seconds = _compile(step, out, run.settings, recipe.batch_size // size, size == 1, progress)
        for epoch in run:
            loss, speed = _train(epoch, step, recipe.batch_size, progress)
            with run.ctrl_c.obeyed() if size == 1 else nullcontext():  # what has been trained is in the state
                result = evaluate(model, val, min(100, len(val.paths)), progress=False)
            row = _row(epoch, loss, speed, float(rates[(epoch.number + 1) * steps - 1]), result)
            epoch.end(before=lambda: _save(model, out, run, row), **row)  # noqa: B023  called at once
            if rank == 0:
                _write_log(out, run)
            if progress:
                top1 = result["top1"]
                print(
                    say(
                        f"  val 上 top-1 {top1:.1%}，训练损失 {loss:.3f}",
                        f"  val top-1 {top1:.1%}, training loss {loss:.3f}",
                    ),
                    file=sys.stderr,
                )
        if rank:  # the first process has written all that is read here, or is about to
            return {"processes": size, "rank": rank, "losses": [row["train_loss"] for row in run.rows]}
        with run.ctrl_c.obeyed():
            return _finish(out, run, model, val, compile_seconds)


def _digest(weights) -> str | None:
    """Which weights a run starts from, in a few letters; None: from random numbers."""
    return None if weights is None else hashlib.sha256(find(weights).read_bytes()).hexdigest()[:16]


def _compile(step: Step, out: Path, settings: dict, batch_size: int, cached: bool, progress: bool) -> float:
    """Compile before the clock of the epochs starts; nothing is learned by it. Returns seconds."""
    if progress:
        print(chosen().sentence, file=sys.stderr)
        print(say("正在编译训练步 ……", "compiling the training step ..."), end=" ", file=sys.stderr, flush=True)
    start = time.time()
    # a graph knows its kernels by their path
    graph = {"config": asdict(step.cell.model.config), "kernels_at": chosen().file, **settings}
    with compile_cache(out / "compile_cache", graph, use=cached):
        step.compile(batch_size)
    seconds = time.time() - start
    if progress:
        print(say(f"{seconds:.1f} 秒", f"{seconds:.1f} s"), file=sys.stderr)
    return seconds


def _train(epoch: Epoch, step: Step, batch_size: int, progress: bool) -> tuple[float, float]:
    """The batches of an epoch; returns their mean loss, and pictures per second since the last start."""
    run = epoch.run
    before = run.progress.seconds
    meter = bar(
        total=run.steps * batch_size,
        initial=epoch.first * batch_size,
        unit="img",
        desc=say(f"第 {epoch.number + 1}/{run.epochs} 轮", f"epoch {epoch.number + 1}/{run.epochs}"),
        disable=not progress,
    )
    try:
        with meter:
            for loss in train(step, epoch):
                epoch.note(loss)
                meter.set_postfix(loss=f"{np.mean(epoch.losses[-50:]):.3f}", refresh=False)
                meter.update(batch_size)
    except RunFailed as error:
        number, last = epoch.number * run.steps + run.progress.batch + 1, run.state.with_name("last.safetensors")
        raise RunFailed(
            say(
                f"第 {number} 步：{error}；最后一个好的模型是 {last}（如果已经完成过一轮）。请试试更小的学习率",
                f"{error} at step {number}; the last good model is {last} (if an epoch was finished). "
                "Try a lower learning rate",
            )
        ) from None
    seconds = run.progress.seconds - before
    speed = (run.steps - epoch.first) * batch_size / seconds if seconds else 0.0
    return float(np.mean(epoch.losses)), speed


def _row(epoch: Epoch, loss: float, speed: float, rate: float, result: dict) -> dict:
    """A line of log.csv."""
    done = epoch.number + 1
    values = (
        done,
        done * epoch.run.steps,
        epoch.run.progress.seconds,
        rate,
        loss,
        speed,
        result["top1"],
        result["top5"],
    )
    return dict(zip(COLUMNS, values, strict=True))


def _save(model: ViT, out: Path, run: Run, row: dict) -> None:
    if not run.writes:
        return
    if row["val_top1"] > max((done["val_top1"] for done in run.rows), default=-1.0):
        save_model(model, out / "best.safetensors")
    save_model(model, out / "last.safetensors")


def _write_log(out: Path, run: Run) -> None:
    if run.rows:
        write_log(out / "log.csv", run.rows)


def _finish(out: Path, run: Run, model: ViT, val: Labelled, compile_seconds: float) -> dict:
    save_figure(training_page(run.rows), out / "loss.png")
    best = dict(load_model(out / "best.safetensors").parameters_and_names())
    for name, parameter in model.parameters_and_names():  # into the network at hand, which is compiled already
        parameter.set_data(best[name])
    result = evaluate(model, val, min(100, len(val.paths)), progress=False)
    metrics = {
        "weights": "best.safetensors",
        **{key: result[key] for key in ("images", "top1", "top5", "unreadable")},
        "epochs": run.progress.epoch,
        "train_seconds": round(run.progress.seconds, 1),
        "compile_seconds": round(compile_seconds, 1),
        "settings": run.settings,
    }
    with atomic_path(out / "metrics.json") as staged:
        staged.write_text(json.dumps(metrics, ensure_ascii=False, indent=1), encoding="utf-8")
    return metrics
