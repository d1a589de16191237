"""Where does the model look? Attention of a head and a layer, and rollout through all of them.

Rollout: Abnar and Zuidema, "Quantifying Attention Flow in Transformers" (arXiv:2005.00928).
"""

from collections.abc import Sequence
from pathlib import Path

import mindspore as ms
import numpy as np
from PIL import Image

from vit.data.images import read_image
from vit.data.pipeline import framing, normalisation
from vit.inside import record
from vit.model import ViT


def attention_weights(model: ViT, images) -> np.ndarray:
    """The attention of every layer and head for a batch.

    Args:
        images: (B, C, H, W) float32.

    Returns:
        (L, B, h, 1+N, 1+N): row i says how token i divides its attention; each row sums to 1.
    """
    model.set_train(False)
    outputs = record(model, ms.Tensor(images, ms.float32))
    return np.stack([outputs[f"blocks.{i}.attn.softmax"].asnumpy() for i in range(model.config.depth)])


def rollout(weights: np.ndarray) -> np.ndarray:
    """Follow attention from the last layer back to the tokens that came in.

    The residual connection hands every token on to itself as well, so each layer counts as the mean
    of its attention (over heads) and the identity; layers are multiplied.

    Args:
        weights: (L, B, h, T, T).

    Returns:
        (B, T, T): how much of incoming token j there is in outgoing token i; rows sum to 1.
    """
    tokens = weights.shape[-1]
    flow = np.eye(tokens, dtype=np.float64)
    for layer in weights.mean(axis=2):  # (B, T, T)
        flow = (0.5 * layer + 0.5 * np.eye(tokens)) @ flow
    return flow


def patch_map(attention: np.ndarray, grid: tuple[int, int], pool: str = "token") -> np.ndarray:
    """What the head of the model reads, laid out as the patches lie in the picture.

    Args:
        attention: (..., 1+N, 1+N), of one head or rolled out.
        grid: (rows, columns), rows * columns = N.
        pool: "token": the row of the class token; "mean": the mean over the patches' rows.

    Returns:
        (..., rows, columns), without the column of the class token.
    """
    read = attention[..., 0, 1:] if pool == "token" else attention[..., 1:, 1:].mean(axis=-2)  # (..., N)
    return read.reshape(*read.shape[:-1], *grid)


def attention_rollout(model: ViT, image) -> tuple[np.ndarray, np.ndarray]:
    """A picture as the model sees it, and the rollout of its attention.

    Args:
        model: with `preprocessing`, as `load_model` returns it.
        image: a path, or pixels (H, W, 3) uint8.

    Returns:
        pixels (S, S, 3) uint8, and the map (rows, columns).
    """
    pixels = framed(model, image)
    return pixels, rollout_maps(model, [pixels])[0]


def rollout_maps(model: ViT, pictures: Sequence[np.ndarray]) -> np.ndarray:
    """The rollout for each of some pictures, as `framed` gives them: (S, S, 3) uint8 -> (B, rows, columns)."""
    normalise, to_channels = normalisation(model.preprocessing)
    images = np.stack([to_channels(normalise(pixels)) for pixels in pictures])  # (B, 3, S, S)
    side = model.preprocessing.size // model.config.patch_size
    return patch_map(rollout(attention_weights(model, images)), (side, side), model.config.pool)


def framed(model: ViT, image) -> np.ndarray:
    """A picture cut as the model sees it: a path, or pixels (H, W, 3) uint8 -> (S, S, 3) uint8."""
    pixels = image if isinstance(image, np.ndarray) else read_image(image)
    for transform in framing(model.preprocessing):
        pixels = transform(pixels)
    return pixels


def framed_mask(mask, model: ViT) -> np.ndarray:
    """A mask cut as the model's pictures are: file -> (S, S) bool."""
    return framed(model, mask)[..., 0] > 127


def enlarge(patches: np.ndarray, height: int, width: int) -> np.ndarray:
    """A map (rows, columns) as a smooth one of (height, width), scaled to 0..1."""
    low, high = patches.min(), patches.max()
    scaled = ((patches - low) / (high - low + 1e-12)).astype(np.float32)
    return np.asarray(Image.fromarray(scaled).resize((width, height), Image.BICUBIC)).clip(0, 1)


def pointing(model: ViT, pictures: Sequence[Path], masks: Sequence[Path]) -> dict[str, float]:
    """The share of pictures where the peak of the rollout lies on the object, beside two blind guesses.

    Returns:
        {"rollout": ..., "centre": the middle of the picture, "random": the mean share of the
        picture that the object covers, "pictures": how many have a part of the object in view}.
    """
    inside = [framed_mask(mask, model) for mask in masks]  # (S, S) bool, of each picture
    shown = [(framed(model, picture), mask) for picture, mask in zip(pictures, inside, strict=True) if mask.any()]
    patch, hits = model.config.patch_size, []
    for start in range(0, len(shown), 25):
        some = shown[start : start + 25]
        for patches, (_, mask) in zip(rollout_maps(model, [pixels for pixels, _ in some]), some, strict=True):
            row, column = np.unravel_index(patches.argmax(), patches.shape)
            hits.append(mask[row * patch + patch // 2, column * patch + patch // 2])
    centre = [mask[mask.shape[0] // 2, mask.shape[1] // 2] for _, mask in shown]
    cover = [mask.mean() for _, mask in shown]
    shares = {"rollout": np.mean(hits), "centre": np.mean(centre), "random": np.mean(cover)}
    return {name: round(float(share), 4) for name, share in shares.items()} | {"pictures": len(hits)}
