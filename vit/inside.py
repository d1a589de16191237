"""Looking inside: every intermediate of a model, without a second copy of its code; and what becomes of its answer
if patches are hidden or change places, positions are taken away, heads or whole blocks are silent, or attention is made
sharper or more even.
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
    by_block: np.ndarray  # (L + 1, K), what norm and head say of `tokens` at each stage; the last are the logits
    positions: np.ndarray  # (T, D), as added

    @property
    def token_similarity(self) -> np.ndarray:
        """(L + 1, T, T), cosines between the tokens of each stage."""
        return _cosines(self.tokens)

    @property
    def position_similarity(self) -> np.ndarray:
        """(N, N), cosines between the positions of patches; 0 where there are none."""
        return _cosines(self.positions[1:])

    @property
    def probabilities(self) -> np.ndarray:
        """(K,), the softmax of the logits."""
        e = np.exp(self.logits.astype(np.float64) - self.logits.max())
        return e / e.sum()


def _cosines(rows: np.ndarray) -> np.ndarray:
    """(..., n, D) -> (..., n, n)"""
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit = rows / np.where(length > 0, length, 1)
    return unit @ unit.swapaxes(-1, -2)


def inspect(
    model: ViT,
    pixels,
    *,
    hide: Iterable[int] = (),
    order: Sequence[int] | None = None,
    positions: bool = True,
    heads_off: Iterable[tuple[int, int]] = (),
    layers_off: Iterable[int] = (),
    temperature: float = 1.0,
) -> Inside:
    """Run a model once on a picture, changed as asked, eagerly; the model is afterwards as it was.

    Args:
        model: with `preprocessing`, as `load_model` returns it; one of a learner's own parts will do.
        pixels: a path, or (H, W, 3) uint8, framed and normalised as the model's preprocessing says; or (3, S, S)
            float32, framed and normalised already.
        hide: numbers of patches whose pixels become 0, after normalisation middle grey.
        order: all patch numbers; the patch in place i becomes that of number order[i], before positions are added.
        positions: False: nothing is added that tells where a patch is.
        heads_off: (block, head), counted from 0: its part of the block's attention becomes 0.
        layers_off: blocks, counted from 0, whose input goes straight on to the next.
        temperature: the scores of attention are divided by it before each softmax; above 1 attention is more even.

    Raises:
        UserError: a number that is none of the model's, `order` is no permutation, or `temperature` is not above 0.
    """
    image = pixels
    if not (isinstance(pixels, np.ndarray) and pixels.dtype == np.float32):
        image = preprocess(pixels if isinstance(pixels, np.ndarray) else read_image(pixels), model.preprocessing)
    p, config = model.config.patch_size, model.config
    grid = image.shape[1] // p, image.shape[2] // p
    hide, heads_off, layers_off, count = list(hide), list(heads_off), list(layers_off), grid[0] * grid[1]
    _check(
        all(0 <= patch < count for patch in hide),
        say(f"图像块的编号是 0 到 {count - 1}", f"patches are numbered 0 to {count - 1}"),
    )
    _check(
        order is None or sorted(order) == list(range(count)),
        say(f"order 要把 0 到 {count - 1} 各用一次", f"order needs each of 0 to {count - 1} once"),
    )
    _check(
        all(0 <= block < config.depth and 0 <= head < config.num_heads for block, head in heads_off)
        and all(0 <= block < config.depth for block in layers_off),
        say(
            f"有 {config.depth} 层，每层 {config.num_heads} 个头",
            f"there are {config.depth} blocks of {config.num_heads} heads",
        ),
    )
    _check(
        0 < temperature < float("inf"),
        say(f"温度要大于 0，而不是 {temperature:g}", f"the temperature is above 0, not {temperature:g}"),
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
        for block in layers_off:
            changed.enter_context(_left_out(model.blocks[block]))
        for block in model.blocks if temperature != 1 else ():
            changed.callback(_cooled(block.attn.softmax, temperature).remove)
        changed.callback(model.blocks[0].register_forward_pre_hook(lambda _, given: first.append(given[0])).remove)
        found = {name: value.asnumpy() for name, value in record(model, ms.Tensor(image[np.newaxis])).items()}
        tokens = np.stack([first[0].asnumpy()[0], *(found[f"blocks.{i}"][0] for i in range(config.depth))])
        with in_eager_mode():
            by_block = model.head(model.pool(model.norm(ms.Tensor(tokens)))).asnumpy()
        positions_added = model.pos_embed.asnumpy()[0].copy()
    blocks = range(config.depth)
    _check(
        "blocks.0.attn.softmax" in found,
        say("这个网络的 Attention 里没有名叫 softmax 的子层", "this network's Attention has no child called softmax"),
    )
    last = found["norm"][0]  # (T, D)
    return Inside(
        grid,
        image,
        tokens,
        np.stack([found[f"blocks.{i}.attn.softmax"][0] for i in blocks]),
        last[1:].mean(axis=0) if config.pool == "mean" else last[0],
        found["logits"][0],
        by_block,
        positions_added,
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


@contextmanager
def _left_out(block):
    """What goes into the block comes out of it."""
    given = []
    handles = [
        block.register_forward_pre_hook(lambda _, inputs: given.append(inputs[0])),
        block.register_forward_hook(lambda *_: given.pop()),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _cooled(softmax, temperature: float):
    """A handle; as long as it is there, scores are divided first."""
    return softmax.register_forward_pre_hook(lambda _, given: (given[0] / temperature,))


def record(model: ViT, images) -> dict[str, ms.Tensor]:
    """Run a model once, eagerly, and keep what every part of it put out.

    Args:
        model: used as it is, in training or in evaluation mode.
        images: (B, C, H, W) float32.

    Returns:
        Outputs by the name of the part, in order of computation, "logits" last. Some of them:

        - patch_embed: the tokens, (B, N, D)
        - pos_drop: with class token and positions, (B, 1+N, D)
        - blocks.3.attn.softmax: attention weights of block 3, each row sums to 1, (B, h, 1+N, 1+N)
        - blocks.3: the tokens after block 3, (B, 1+N, D)
        - pool: the features of the image, (B, D)
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
