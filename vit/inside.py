"""Looking inside: every intermediate of a model, without a second copy of its code; and what becomes of its answer
if patches are hidden or change places, positions are taken away, or heads are silent.
"""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import mindspore as ms
import numpy as np

from vit.data.images import read_image
from vit.data.pipeline import preprocess
from vit.model import ViT
from vit.runtime.errors import UserError
from vit.runtime.graph_mode import in_eager_mode
from vit.runtime.language import say


@dataclass(frozen=True)
class Inside:
    """What `inspect` finds, for one picture. N patches, in reading order; T = 1 + N tokens, the class token first."""

    grid: tuple[int, int]  # (rows, columns) of patches
    image: np.ndarray  # (3, S, S) float32, what the network was given
    tokens: np.ndarray  # (L + 1, T, D): with positions, and after each block
    attention: np.ndarray  # (L, h, T, T), each row sums to 1
    features: np.ndarray  # (D,), what the head reads
    logits: np.ndarray  # (K,)

    @property
    def probabilities(self) -> np.ndarray:
        """(K,), the softmax of the logits."""
        e = np.exp(self.logits.astype(np.float64) - self.logits.max())
        return e / e.sum()


def inspect(
    model: ViT,
    pixels,
    *,
    hide: Iterable[int] = (),
    order: Sequence[int] | None = None,
    positions: bool = True,
    heads_off: Iterable[tuple[int, int]] = (),
) -> Inside:
    """Run a model once on a picture, changed as asked, eagerly; the model is afterwards as it was.

    Args:
        model: with `preprocessing`, as `load_model` returns it; one of a learner's own parts will do.
        pixels: a path, or (H, W, 3) uint8; framed and normalised as the model's preprocessing says.
        hide: numbers of patches whose pixels become 0, after normalisation middle grey.
        order: all patch numbers; the patch in place i becomes that of number order[i], before positions are added.
        positions: False: nothing is added that tells where a patch is.
        heads_off: (block, head), counted from 0: its part of the block's attention becomes 0.

    Raises:
        UserError: a number that is none of the model's, or `order` is no permutation.
    """
    image = preprocess(pixels if isinstance(pixels, np.ndarray) else read_image(pixels), model.preprocessing)
    p, config = model.config.patch_size, model.config
    grid = image.shape[1] // p, image.shape[2] // p
    hide, heads_off, count = list(hide), list(heads_off), grid[0] * grid[1]
    _check(
        all(0 <= patch < count for patch in hide),
        say(f"图像块的编号是 0 到 {count - 1}", f"patches are numbered 0 to {count - 1}"),
    )
    _check(
        order is None or sorted(order) == list(range(count)),
        say(f"order 要把 0 到 {count - 1} 各用一次", f"order needs each of 0 to {count - 1} once"),
    )
    _check(
        all(0 <= block < config.depth and 0 <= head < config.num_heads for block, head in heads_off),
        say(
            f"有 {config.depth} 层，每层 {config.num_heads} 个头",
            f"there are {config.depth} blocks of {config.num_heads} heads",
        ),
    )
    patches = image.reshape(3, grid[0], p, grid[1], p).transpose(1, 3, 0, 2, 4).reshape(count, 3, p, p).copy()
    patches[hide] = 0
    if order is not None:
        patches = patches[list(order)]
    image = patches.reshape(*grid, 3, p, p).transpose(2, 0, 3, 1, 4).reshape(image.shape)
    training, first = model.training, []
    model.set_train(False)
    with ExitStack() as changed:
        changed.callback(model.set_train, training)
        if not positions:
            changed.enter_context(_without_positions(model))
        for block, head in heads_off:
            changed.enter_context(_silent(model, block, head))
        changed.callback(model.blocks[0].register_forward_pre_hook(lambda _, given: first.append(given[0])).remove)
        found = {name: value.asnumpy() for name, value in record(model, ms.Tensor(image[np.newaxis])).items()}
    blocks = range(config.depth)
    _check(
        "blocks.0.attn.softmax" in found,
        say("这个网络的 Attention 里没有名叫 softmax 的子层", "this network's Attention has no child called softmax"),
    )
    last = found["norm"][0]  # (T, D)
    return Inside(
        grid,
        image,
        np.stack([first[0].asnumpy()[0], *(found[f"blocks.{i}"][0] for i in blocks)]),
        np.stack([found[f"blocks.{i}.attn.softmax"][0] for i in blocks]),
        last[1:].mean(axis=0) if config.pool == "mean" else last[0],
        found["logits"][0],
    )


def _check(right: bool, sentence: str) -> None:
    if not right:
        raise UserError(sentence)


@contextmanager
def _without_positions(model: ViT):
    kept = model.pos_embed.asnumpy().copy()
    model.pos_embed.set_data(ms.Tensor(np.zeros_like(kept)))
    try:
        yield
    finally:
        model.pos_embed.set_data(ms.Tensor(kept))


@contextmanager
def _silent(model: ViT, block: int, head: int):
    """What a head has to say stands in its own columns of what the last linear layer of attention is given."""
    width = model.config.embed_dim // model.config.num_heads
    heard = np.ones(model.config.embed_dim, np.float32)
    heard[head * width : (head + 1) * width] = 0
    mask = ms.Tensor(heard)
    handle = model.blocks[block].attn.proj.register_forward_pre_hook(lambda _, given: (given[0] * mask,))
    try:
        yield
    finally:
        handle.remove()


def record(model: ViT, images) -> dict[str, ms.Tensor]:
    """Run a model once, eagerly, and keep what every part of it put out.

    Args:
        model: used as it is, in training or in evaluation mode.
        images: (B, C, H, W) float32.

    Returns:
        Outputs by the name of the part, in order of computation, "logits" last. Some of them:

        | name                  | what                                          | shape        |
        |-----------------------|-----------------------------------------------|--------------|
        | patch_embed           | tokens                                        | (B, N, D)    |
        | pos_drop              | with class token and positions                | (B, 1+N, D)  |
        | blocks.3.attn.softmax | attention weights of block 3, each row sums to 1 | (B, h, 1+N, 1+N) |
        | blocks.3              | the tokens after block 3                      | (B, 1+N, D)  |
        | pool                  | the features of the image                     | (B, D)       |
    """
    outputs: dict[str, ms.Tensor] = {}

    def keep(name):
        def hook(cell, inputs, output):
            if isinstance(output, ms.Tensor):  # what puts out several is a part of a part, of GELU or of a norm
                outputs[name] = output

        return hook

    handles = [cell.register_forward_hook(keep(name)) for name, cell in model.cells_and_names() if name]
    try:
        with in_eager_mode():  # a compiled graph calls no hooks
            outputs["logits"] = model(images)
    finally:
        for handle in handles:
            handle.remove()
    return outputs
