"""Attention maps against sums written out by hand, and on a model that must look at one patch."""

import mindspore as ms
import numpy as np
import pytest
from PIL import Image

from vit.attention_maps import (
    attention_rollout,
    attention_weights,
    enlarge,
    framed,
    patch_map,
    pointing,
    rollout,
    rollout_maps,
)


def test_rollout_by_hand():
    a = np.array([[1.0, 0.0], [0.5, 0.5]])
    b = np.array([[0.2, 0.8], [0.0, 1.0]])
    weights = np.stack([a, b])[:, None, None]  # (L, B, h, T, T)
    half = np.eye(2) / 2
    np.testing.assert_allclose(rollout(weights)[0], (b / 2 + half) @ (a / 2 + half))
    # the order of the layers and the residual both matter here
    assert np.abs(rollout(weights)[0] - (a / 2 + half) @ (b / 2 + half)).max() > 0.05
    assert np.abs(rollout(weights)[0] - b @ a).max() > 0.05


def test_weights_of_all_layers(small_model, images):
    weights = attention_weights(small_model, images)
    assert weights.shape == (3, 2, 4, 17, 17)
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-5)
    np.testing.assert_allclose(rollout(weights).sum(-1), 1, rtol=1e-6)


def test_patch_map_reads_what_the_head_reads():
    attention = np.arange(49.0).reshape(7, 7)
    np.testing.assert_array_equal(patch_map(attention, (2, 3)), [[1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(patch_map(attention, (2, 3), "mean"), attention[1:, 1:].mean(0).reshape(2, 3))


def test_enlarge_keeps_the_peak():
    patches = np.zeros((4, 4))
    patches[1, 2] = 3
    big = enlarge(patches, 32, 32)
    assert big.shape == (32, 32)
    row, column = np.unravel_index(big.argmax(), big.shape)
    assert (row // 8, column // 8) == (1, 2)
    assert 0 <= big.min() <= big.max() <= 1


@pytest.fixture
def gazing(small_model):
    """A model whose every token looks at bright patches: keys and queries grow with the red channel."""
    dim = 48
    for name, parameter in small_model.parameters_and_names():
        value = np.zeros(parameter.shape, np.float32)
        if name == "patch_embed.proj.weight":
            value[0, :64] = 1 / 64  # token[0] = mean of red
        if name == "patch_embed.proj.bias":
            value[1] = 1.0  # so that the norm does not wipe token[0] out
        if name.endswith("gamma"):
            value[:] = 1
        if name.endswith("qkv.weight"):
            value[dim, 0] = 8.0  # key[0] = norm(token)[0]
        if name.endswith("qkv.bias"):
            value[0] = 8.0  # query[0]
        parameter.set_data(ms.Tensor(value))
    return small_model


def test_the_model_looks_at_the_bright_patch(gazing, tmp_path):
    pixels = np.zeros((36, 36, 3), np.uint8)
    pixels[2 + 8 : 2 + 16, 2 + 16 : 2 + 24] = 255  # patch (1, 2) after the centre crop of 32 out of 36
    _, patches = attention_rollout(gazing, pixels)
    assert np.unravel_index(patches.argmax(), patches.shape) == (1, 2)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    Image.fromarray(pixels[..., 0]).save(tmp_path / "on.png")
    Image.fromarray(255 - pixels[..., 0]).save(tmp_path / "off.png")
    picture = tmp_path / "picture.png"
    shares = pointing(gazing, [picture, picture], [tmp_path / "on.png", tmp_path / "off.png"])
    assert shares["rollout"] == 0.5
    assert shares["pictures"] == 2
    assert abs(shares["random"] - 0.5) < 0.01


def test_pictures_together_are_as_each_alone(gazing):
    pictures = np.random.default_rng(0).integers(0, 256, (3, 40, 50, 3)).astype(np.uint8)
    together = rollout_maps(gazing, [framed(gazing, pixels) for pixels in pictures])
    assert np.abs(together[0] - together[1]).max() > 1e-3
    for patches, pixels in zip(together, pictures, strict=True):
        np.testing.assert_allclose(patches, attention_rollout(gazing, pixels)[1], atol=1e-6)
