"""An investigation: how much of a borrowed network is trained, when there are ten pictures of each class."""

from functools import cache
from statistics import mean

import mindspore as ms
import numpy as np

from course.investigations.experiment import Choice, Experiment
from course.investigations.measured import told_apart
from vit.data.labels import from_folders
from vit.data.pipeline import evaluation_batches
from vit.data.sample.dataset import make_sample
from vit.inference import make_forward
from vit.runtime.bars import bar
from vit.runtime.paths import DATA
from vit.training import make_train_step
from vit.training.optimizer import warmup_cosine
from vit.weights import create_model

MODEL, STEPS, BATCH = "vit_sample_patch8_64", 60, 20
DEPTH = 6


@cache
def _negatives(split: str, per_class: int) -> tuple[np.ndarray, np.ndarray]:
    """(n, 3, S, S) and (n,): drawings with light and dark exchanged."""
    make_sample(DATA / "sample")
    model = create_model(MODEL, weights=MODEL)
    data = from_folders(DATA / "sample" / split, model.classes)
    labels = np.array(data.labels)
    chosen = [i for k in range(10) for i in np.flatnonzero(labels == k)[:per_class]]
    batches = evaluation_batches([data.paths[i] for i in chosen], model.preprocessing, 100, {})
    return -np.concatenate([x[i >= 0] for x, i in batches]), labels[chosen]


def _freeze(model, trained: int) -> None:
    """All but the last `trained` blocks, the norm behind them and the head; with all blocks, what stands before them, too."""
    for parameter in model.get_parameters():
        name = parameter.name
        block = int(name.split(".")[1]) if name.startswith("blocks.") else -1
        last = name.startswith(("norm.", "head.")) if trained else name.startswith("head.")
        parameter.requires_grad = last or trained == DEPTH or block >= DEPTH - trained > 0


def _run(settings: dict, seed: int) -> float:
    """Accuracy on the negatives of 1,000 drawings after 60 steps of 20, as in lesson 10."""
    rng = np.random.default_rng(seed)
    images, labels = _negatives("train", 500)
    some = np.concatenate([rng.permutation(np.flatnonzero(labels == k))[: settings["pictures"]] for k in range(10)])
    ms.set_seed(seed)
    model = create_model(MODEL, weights=MODEL, num_classes=10)
    for parameter in model.head.get_parameters():  # new: it starts from zero
        parameter.set_data(ms.ops.zeros_like(parameter))
    _freeze(model, settings["blocks"])
    step = make_train_step(model, warmup_cosine(1e-3, STEPS, warmup=STEPS // 10), betas=(0.9, 0.98))
    for _ in bar(range(STEPS), leave=False):
        batch = rng.choice(some, BATCH)
        flip = np.where(rng.random(BATCH) < 0.5, -1, 1)
        step(np.stack([images[i][..., ::f] for i, f in zip(batch, flip, strict=True)]), labels[batch])
    forward, (val, truth) = make_forward(model), _negatives("val", 100)
    guesses = np.concatenate([forward(part).asnumpy().argmax(1) for part in np.split(val, 20)])
    return float((guesses == truth).mean())


def _follows(found: list[list[float]]) -> str:
    """A: the fewer are trained the better. B: up to four more is better, then not told apart. C: each more is better."""
    means = [mean(group) for group in found]
    steps = [told_apart(found, one, one + 1) for one in range(4)]
    if means == sorted(means, reverse=True):
        return "A"
    rising = means[:4] == sorted(means[:4]) and all(steps[:3])
    return (
        ("C" if steps[3] and means[4] > means[3] else "B") if rising and not (steps[3] and means[4] < means[3]) else "?"
    )


FINE_TUNING = Experiment(
    number="10.5",
    kind="fine-tuning",
    measures=("底片的验证准确率", "accuracy on negatives of val"),
    choices={
        "blocks": Choice(("训练最后几层：", "last blocks trained"), DEPTH, least=0, most=DEPTH),
        "pictures": Choice(("每类几张：", "pictures a class"), 10, least=1, most=500),
    },
    table=({"blocks": 0}, {"blocks": 1}, {"blocks": 2}, {"blocks": 4}, {}),
    seeds=5,
    run=_run,
    follows=_follows,
)
