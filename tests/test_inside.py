"""vit/inside.py: what is changed is what was asked, held against the same done by hand, and nothing of it stays."""

import mindspore as ms
import numpy as np
import pytest
from conftest import randomise

import vit
from vit.data.preprocessing import Preprocessing
from vit.inference import make_forward
from vit.inside import inspect
from vit.runtime.errors import UserError

SHAPE = {"image_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 2, "num_heads": 3, "num_classes": 5}


@pytest.fixture(params=["token", "mean"])
def model(request):
    made = randomise(vit.ViT(vit.ViTConfig(**SHAPE, pool=request.param)))
    made.preprocessing = Preprocessing(32, 32, "bicubic", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    return made


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)


def logits(model, image):
    return model.set_train(False)(ms.Tensor(image[np.newaxis])).asnumpy()[0]


def test_unchanged_it_is_the_model_s_answer(model, pixels):
    seen = inspect(model, pixels)
    assert seen.grid == (4, 4)
    np.testing.assert_allclose(seen.image, (pixels.transpose(2, 0, 1) / 255 - 0.5) / 0.5, atol=1e-5)
    np.testing.assert_allclose(seen.logits, logits(model, seen.image), atol=1e-5)
    assert seen.attention.shape == (2, 3, 17, 17)
    np.testing.assert_allclose(seen.attention.sum(-1), 1, atol=1e-5)
    assert seen.tokens.shape == (3, 17, 24)
    embedded = model.patch_embed(ms.Tensor(seen.image[np.newaxis])).asnumpy()[0]
    positions = model.pos_embed.asnumpy()[0]
    np.testing.assert_allclose(seen.tokens[0, 1:], embedded + positions[1:], atol=1e-5)
    np.testing.assert_allclose(seen.tokens[0, 0], model.cls_token.asnumpy()[0, 0] + positions[0], atol=1e-5)
    weight, bias = model.head.weight.asnumpy(), model.head.bias.asnumpy()
    np.testing.assert_allclose(seen.logits, weight @ seen.features + bias, atol=1e-4)
    assert seen.probabilities.sum() == pytest.approx(1)


def test_hidden_patches_are_grey(model, pixels):
    image = inspect(model, pixels).image.copy()
    image[:, 8:16, 16:24] = 0  # row 1, column 2
    image[:, :8, :8] = 0
    seen = inspect(model, pixels, hide=[6, 0])
    np.testing.assert_array_equal(seen.image, image)
    np.testing.assert_allclose(seen.logits, logits(model, image), atol=1e-5)


def test_patches_change_places(model, pixels):
    order = np.random.default_rng(1).permutation(16)
    plain, moved = inspect(model, pixels), inspect(model, pixels, order=order)
    row, column = divmod(int(order[5]), 4)
    np.testing.assert_array_equal(
        moved.image[:, 8:16, 8:16], plain.image[:, row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
    )
    assert np.abs(moved.logits - plain.logits).max() > 1e-3
    # without positions the order is nothing
    blind = [inspect(model, pixels, positions=False, order=o).logits for o in (None, order)]
    np.testing.assert_allclose(*blind, atol=1e-4)


def test_without_positions(model, pixels):
    seen = inspect(model, pixels, positions=False)
    embedded = model.patch_embed(ms.Tensor(seen.image[np.newaxis])).asnumpy()[0]
    np.testing.assert_allclose(seen.tokens[0, 1:], embedded, atol=1e-5)


def test_silent_heads(model, pixels):
    """By hand: the columns of the last linear layer that read the head are 0."""
    plain, silent = inspect(model, pixels), inspect(model, pixels, heads_off=[(1, 2), (0, 0)])
    for block, head in ((1, 2), (0, 0)):
        weight = model.blocks[block].attn.proj.weight.asnumpy().copy()
        weight[:, head * 8 : head * 8 + 8] = 0
        model.blocks[block].attn.proj.weight.set_data(ms.Tensor(weight))
    np.testing.assert_allclose(silent.logits, logits(model, plain.image), atol=1e-5)
    assert np.abs(silent.logits - plain.logits).max() > 1e-3


def test_nothing_stays(model, pixels):
    model.set_train(True)
    before = inspect(model, pixels).logits
    with pytest.raises(UserError, match="2 blocks of 3 heads"):
        inspect(model, pixels, positions=False, heads_off=[(0, 0), (0, 3)])
    inspect(model, pixels, hide=[3], order=range(15, -1, -1), positions=False, heads_off=[(0, 1), (1, 0)])
    assert model.training
    np.testing.assert_array_equal(inspect(model, pixels).logits, before)
    image = inspect(model, pixels).image[np.newaxis]
    np.testing.assert_allclose(make_forward(model)(image).asnumpy()[0], before, atol=1e-4)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"hide": [16]}, "numbered 0 to 15"),
        ({"hide": [-1]}, "numbered 0 to 15"),
        ({"order": range(15)}, "each of 0 to 15 once"),
        ({"order": [0] * 16}, "each of 0 to 15 once"),
        ({"heads_off": [(2, 0)]}, "2 blocks of 3 heads"),
    ],
)
def test_what_is_no_number_of_the_model_s(model, pixels, asked, said):
    with pytest.raises(UserError, match=said):
        inspect(model, pixels, **asked)


def test_a_block_left_out(model, pixels):
    """By hand: a network without that block."""
    from mindspore import nn

    seen = inspect(model, pixels, layers_off=[0])
    np.testing.assert_array_equal(seen.tokens[0], seen.tokens[1])
    model.blocks = nn.CellList([model.blocks[1]])
    np.testing.assert_allclose(seen.logits, logits(model, seen.image), atol=1e-5)


def test_temperature_divides_the_scores(model, pixels):
    """By hand: queries are smaller by as much."""
    plain = inspect(model, pixels)
    warm, even = inspect(model, pixels, temperature=2.5), inspect(model, pixels, temperature=1e6)
    np.testing.assert_allclose(even.attention, 1 / 17, atol=1e-5)
    scores = np.log(plain.attention[0]) / 2.5  # of the first block, whose input is the same
    wanted = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    np.testing.assert_allclose(warm.attention[0], wanted, atol=1e-4)
    for block in model.blocks:
        for part in (block.attn.qkv.weight, block.attn.qkv.bias):
            values = part.asnumpy().copy()
            values[:24] /= 2.5
            part.set_data(ms.Tensor(values))
    np.testing.assert_allclose(warm.logits, logits(model, plain.image), atol=1e-4)


def test_the_answer_block_by_block(model, pixels):
    seen = inspect(model, pixels, heads_off=[(0, 1)])
    assert seen.by_block.shape == (3, 5)
    np.testing.assert_allclose(seen.by_block[-1], seen.logits, atol=1e-5)
    norm, weight, bias = model.norm, model.head.weight.asnumpy(), model.head.bias.asnumpy()
    tokens = norm(ms.Tensor(seen.tokens[1])).asnumpy()  # (T, D)
    pooled = tokens[1:].mean(0) if model.config.pool == "mean" else tokens[0]
    np.testing.assert_allclose(seen.by_block[1], weight @ pooled + bias, atol=1e-4)


def test_similarities_are_cosines(model, pixels):
    seen = inspect(model, pixels)
    assert seen.token_similarity.shape == (3, 17, 17)
    a, b = seen.tokens[1, 4], seen.tokens[1, 9]
    assert seen.token_similarity[1, 4, 9] == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-5)
    p, q = model.pos_embed.asnumpy()[0, [3, 8]]
    assert seen.position_similarity[2, 7] == pytest.approx(p @ q / np.linalg.norm(p) / np.linalg.norm(q), abs=1e-5)
    assert not inspect(model, pixels, positions=False).position_similarity.any()


@pytest.mark.parametrize(
    "asked", [{"layers_off": [2]}, {"layers_off": [-1]}, {"temperature": 0}, {"temperature": float("nan")}]
)
def test_blocks_and_temperatures_that_are_none(model, pixels, asked):
    with pytest.raises(UserError, match=r"2 blocks|above 0"):
        inspect(model, pixels, **asked)


def test_all_of_it_together_leaves_nothing(model, pixels):
    before = inspect(model, pixels).logits
    inspect(model, pixels, layers_off=[1], temperature=0.5, positions=False, heads_off=[(0, 1)], hide=[2])
    np.testing.assert_array_equal(inspect(model, pixels).logits, before)
