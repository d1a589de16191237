"""A training short enough for a lesson: two epochs of the drawings by the recipe of `python start.py`, one thing changed."""

from dataclasses import dataclass, replace

import mindspore as ms
import numpy as np
from mindspore import nn

from course.language import say
from vit.config import ViTConfig, named_model
from vit.data.labels import from_folders
from vit.data.pipeline import training_batches
from vit.data.sample.dataset import make_sample
from vit.data.training_set import classes_of
from vit.encoder import Block
from vit.evaluation import evaluate
from vit.model import ViT
from vit.runtime.bars import bar
from vit.runtime.errors import RunFailed
from vit.runtime.paths import DATA
from vit.training import make_train_step, train
from vit.training.optimizer import warmup_cosine
from vit.training.recipe import Recipe

MODEL, EPOCHS = "vit_sample_patch8_64", 2


@dataclass(frozen=True)
class Setup:
    """What an investigation may change; as it stands here, it is the small ViT and its recipe."""

    positions: str = "waves"  # how they start: "waves", "random", "large" (random, as large as waves); "none"
    heads: int = 3
    norm: str = "pre"  # before each branch, or "post", after it
    depth: int = 6
    dim: int = 96
    rate: float = 1e-3  # at its peak
    warmup: float = 0.1  # share of the steps in which the rate rises
    smoothing: float = 0.0  # of the labels

    @property
    def config(self) -> ViTConfig:
        return replace(named_model(MODEL).config, num_heads=self.heads, depth=self.depth, embed_dim=self.dim)


def equal_width(depth: int) -> int:
    """The width at which so many blocks have about as many parameters as the small ViT's: 8 D^2 each, D a multiple of 12."""
    usual = Setup()
    return max(1, round((usual.depth / depth) ** 0.5 * usual.dim / 12)) * 12


class PostNormBlock(Block):
    """x = norm1(x + attention(x)), then norm2(x + MLP(x)), as in the Transformer of 2017: (B, N, D) -> (B, N, D)."""

    def construct(self, x):
        x = self.norm1(x + self.attn(x))
        return self.norm2(x + self.mlp(x))


def network(setup: Setup) -> ViT:
    """The network of a setup, its parameters from the seed given to `ms.set_seed`: what is not changed starts the same."""
    config = setup.config
    model = ViT(config)
    model.preprocessing = named_model(MODEL).preprocessing()
    if setup.norm == "post":
        plain, model.blocks = (
            model.blocks,
            nn.CellList(
                [
                    PostNormBlock(config.embed_dim, config.num_heads, config.mlp_ratio, gelu=config.gelu)
                    for _ in range(config.depth)
                ]
            ),
        )
        ms.load_param_into_net(model.blocks, {p.name: p for p in plain.get_parameters()})
    if setup.positions in ("random", "large"):  # normal, sigma 0.02 as in the paper, or as large as the waves
        waves = model.pos_embed.asnumpy()[:, 1:]
        size = 0.02 if setup.positions == "random" else float((waves**2).mean() ** 0.5)
        values = np.random.default_rng([ms.get_seed(), 1]).normal(0, size, model.pos_embed.shape)
        model.pos_embed.set_data(ms.Tensor(values.astype(np.float32)))
    elif setup.positions == "none":
        model.pos_embed.set_data(ms.ops.zeros_like(model.pos_embed))
        model.pos_embed.requires_grad = False
    return model


def top1(setup: Setup, seed: int) -> float:
    """Accuracy on the 1,000 validation drawings after two epochs; 1/10 by guessing, and where the loss is no number.

    Args:
        setup: what is trained, and how.
        seed: of parameters, order and crops.
    """
    folder, recipe = DATA / "sample", Recipe(lr=setup.rate, warmup=setup.warmup, label_smoothing=setup.smoothing)
    make_sample(folder)
    classes = classes_of(folder / "train")
    pictures, val = (from_folders(folder / split, classes) for split in ("train", "val"))
    ms.set_seed(seed)
    model = network(setup)
    steps = len(pictures.paths) // recipe.batch_size
    rates = warmup_cosine(recipe.lr, EPOCHS * steps, round(EPOCHS * steps * recipe.warmup))
    step = make_train_step(
        model, rates, recipe.weight_decay, recipe.clip_norm, recipe.label_smoothing, betas=(0.9, recipe.beta2)
    )
    options = {"seed": seed, "crop_scale": (recipe.crop_scale, 1.0), "flip": recipe.flip}

    def batches():
        for epoch in range(EPOCHS):
            yield from training_batches(pictures, model.preprocessing, recipe.batch_size, epoch, **options)

    try:
        for _ in bar(train(step, batches()), total=EPOCHS * steps, desc=say("训练", "training"), leave=False):
            pass
        return evaluate(model, val, 100, progress=False)["top1"]
    except RunFailed:  # loss or logits are no numbers: what a rate far too high may come to
        return 1 / len(classes)
