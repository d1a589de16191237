"""The rivals of lesson 12: held against SciPy's correlation, of equal size, quick, and given what they should be given."""

import os
import subprocess
import sys

import mindspore as ms
import numpy as np
import pytest
from scipy.signal import correlate

from course.investigations import contest
from course.investigations.contest import Entry, Pictures, batches, chosen, network, order_of, reordered
from course.investigations.rivals import ConvStem, ResidualBlock
from course.learner.part import fill
from vit.data.labels import Labelled
from vit.data.sample.dataset import make_sample
from vit.kernels.convolution import quick_convolutions


def convolved(x, cell, stride=1):
    """x (C, H, W), zeros around it -> (C', H/stride, W/stride), by SciPy."""
    weight = cell.weight.asnumpy()
    made = np.stack([sum(correlate(x[c], kernel[c], "same") for c in range(len(x))) for kernel in weight])
    bias = cell.bias.asnumpy()[:, None, None] if cell.has_bias else 0
    return made[:, ::stride, ::stride] + bias


def normed(x, cell):
    gamma, beta, mean, variance = (
        part.asnumpy()[:, None, None] for part in (cell.gamma, cell.beta, cell.moving_mean, cell.moving_variance)
    )
    return gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta


def test_a_residual_block_by_its_formula():
    block = ResidualBlock(4).set_train(False)
    fill(block)
    x = np.random.default_rng(0).normal(size=(4, 7, 5)).astype(np.float32)
    y = np.maximum(normed(convolved(x, block.conv1), block.norm1), 0)
    wanted = np.maximum(x + normed(convolved(y, block.conv2), block.norm2), 0)
    np.testing.assert_allclose(block(ms.Tensor(x[None])).asnumpy()[0], wanted, atol=1e-4 * np.abs(wanted).max())


def test_a_stem_by_its_formula_and_tokens_in_reading_order():
    stem = ConvStem(4, 3, 8).set_train(False)
    fill(stem)
    x = images = np.random.default_rng(1).normal(size=(3, 8, 12)).astype(np.float32)
    for conv, norm in zip(stem.convs, stem.norms, strict=True):
        x = np.maximum(normed(convolved(x, conv, 2), norm), 0)
    wanted = np.einsum("oc,chw->hwo", stem.proj.weight.asnumpy()[:, :, 0, 0], x) + stem.proj.bias.asnumpy()
    wanted = wanted.reshape(2 * 3, 8)
    np.testing.assert_allclose(stem(ms.Tensor(images[None])).asnumpy()[0], wanted, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.parametrize("data", ["drawings", "cifar10"])
def test_networks_are_of_equal_size_and_start_from_the_seed(data):
    sizes = {}
    for one in ("vit", "cnn", "hybrid"):
        first, again, other = (network(Entry(data, one), seed) for seed in (1, 1, 2))
        sizes[one] = sum(p.size for p in first.trainable_params())
        pairs = [(p.asnumpy(), q.asnumpy(), r.asnumpy()) for p, q, r in zip(*(m.get_parameters() for m in (first, again, other)), strict=True)]  # fmt: skip
        assert all((p == q).all() for p, q, _ in pairs)
        assert any((p != r).any() for p, _, r in pairs)
        size = first.config.image_size
        assert first.set_train(False)(ms.ops.zeros((2, 3, size, size), ms.float32)).shape == (2, 10)
    assert all(0.88 < size / sizes["vit"] < 1.12 for size in sizes.values()), sizes


def test_patches_in_another_order_are_the_same_patches():
    config = network(Entry(), 0).config
    images = np.random.default_rng(0).normal(size=(2, 3, 64, 64)).astype(np.float32)
    order = order_of(config)
    assert sorted(order) == list(range(64))
    mixed = reordered(images, order)
    assert np.array_equal(
        mixed[:, :, 8:16, 24:32], images[:, :, order[11] // 8 * 8 :, order[11] % 8 * 8 :][:, :, :8, :8]
    )
    assert np.array_equal(reordered(mixed, np.argsort(order)), images)
    each = np.stack([order, np.arange(64)])
    assert np.array_equal(reordered(images, each)[1], images[1])
    assert np.array_equal(reordered(images, each)[0], mixed[0])


def test_a_run_is_given_every_picture_as_often(tmp_path, monkeypatch):
    """And the smaller choice is part of the larger one."""
    make_sample(tmp_path / "sample", {"train": 6, "val": 2}, progress=False)
    monkeypatch.setattr(contest, "folder_of", lambda data, pictures: tmp_path / "sample")
    few, more = chosen("drawings", 20), chosen("drawings", 50)
    assert len(few.paths) == 20
    assert set(few.paths) < set(more.paths)
    assert {few.labels.count(k) for k in range(10)} == {2}
    model = network(Entry(), 0)
    for crops in ("random", "none"):
        given = list(batches(Entry(crops=crops, updates=5), few, model, 0))
        assert len(given) == 5
        assert np.bincount(np.concatenate([labels for _, labels in given])).tolist() == [32] * 10
    plain = np.concatenate([images for images, _ in given]).reshape(320, -1)
    assert len(np.unique(plain, axis=0)) == 20  # without crops a picture is always the same


def test_moved_and_turned(tmp_path):
    make_sample(tmp_path / "sample", {"train": 1, "val": 1}, progress=False)
    drawings = Labelled(sorted((tmp_path / "sample" / "val").rglob("*.jpg")), list(range(10)), {})
    pictures = Pictures(drawings, network(Entry(), 0).preprocessing)
    moved = pictures.moved(5, -3)
    assert np.array_equal(moved[:, :-3, 5:], pictures.pixels[:, 3:, :-5])
    assert np.array_equal(moved[:, 0, 0], pictures.pixels[:, 3, 0])  # what comes in repeats the border
    assert np.array_equal(pictures.turned(180), pictures.pixels[:, ::-1, ::-1])
    assert np.array_equal(pictures.turned(90), np.rot90(pictures.pixels, axes=(1, 2)))


def test_convolutions_do_not_fall_back_on_reference_loops():
    program = (
        "from vit.kernels.convolution import quick_convolutions; quick_convolutions()\n"
        "import mindspore as ms; from mindspore import nn\n"
        "ms.set_context(mode=ms.GRAPH_MODE)\n"
        "nn.Conv2d(8, 16, 3, stride=2, pad_mode='pad', padding=1)(ms.ops.ones((2, 8, 16, 16), ms.float32)).asnumpy()"
    )
    settings = {name: value for name, value in os.environ.items() if name != "ONEDNN_MAX_CPU_ISA"} | {
        "ONEDNN_VERBOSE": "1"
    }
    said = subprocess.run(
        [sys.executable, "-c", program], env=settings, capture_output=True, text=True, check=True
    ).stdout
    lines = [line for line in said.splitlines() if ",convolution," in line]
    if not lines:
        pytest.skip("this MindSpore does not convolve by oneDNN")
    assert not [line for line in lines if "ref:any" in line]


def test_what_the_user_has_chosen_stays(monkeypatch):
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "SSE41")
    quick_convolutions()
    assert os.environ["ONEDNN_MAX_CPU_ISA"] == "SSE41"
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA")
    quick_convolutions()
    assert os.environ["ONEDNN_MAX_CPU_ISA"] == "AVX2"
