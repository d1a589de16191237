"""The five files of the network, against loops in numpy."""

import mindspore as ms
import numpy as np
import pytest
from conftest import SMALL, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import vit_reference
from safetensors.numpy import load_file

import vit
import vit.model
from vit.config import named_model
from vit.encoder import DropPath, encoder
from vit.inference import make_forward
from vit.inside import record
from vit.patch_embedding import PatchEmbedding, cubic_matrix, resample_positions, sincos_positions
from vit.runtime.digest import parameters_digest
from vit.weights import save_model


def weights_of(model, tmp_path):
    return load_file(save_model(model, tmp_path / "model.safetensors"))


@settings(max_examples=15, deadline=None)
@given(
    grid=st.integers(1, 4),
    patch=st.sampled_from([2, 4, 5]),
    heads=st.integers(1, 4),
    head_dim=st.sampled_from([3, 8]),
    depth=st.integers(1, 3),
    ratio=st.sampled_from([1.0, 2.0, 4.0]),
    classes=st.integers(1, 9),
    seed=st.integers(0, 99),
)
def test_logits_are_those_of_the_reference(tmp_path_factory, grid, patch, heads, head_dim, depth, ratio, classes, seed):
    config = vit.ViTConfig(
        image_size=grid * patch,
        patch_size=patch,
        embed_dim=heads * head_dim,
        num_heads=heads,
        depth=depth,
        mlp_ratio=ratio,
        num_classes=classes,
    )
    model = randomise(vit.ViT(config), seed)
    x = np.random.default_rng(seed).normal(size=(2, 3, grid * patch, grid * patch)).astype(np.float32)
    expected = vit_reference(weights_of(model, tmp_path_factory.mktemp("w")), x, heads)
    scale = np.abs(expected).max() + 1
    np.testing.assert_allclose(model(ms.Tensor(x)).asnumpy() / scale, expected / scale, atol=2e-5)


def test_graph_and_eager_agree(small_model, images):
    eager = small_model(ms.Tensor(images)).asnumpy()
    np.testing.assert_allclose(make_forward(small_model)(images).asnumpy(), eager, atol=1e-5)
    assert ms.get_context("mode") == ms.PYNATIVE_MODE


def test_patches_are_in_reading_order():
    embed = PatchEmbedding(patch_size=2, in_channels=1, embed_dim=4)
    embed.proj.weight.set_data(ms.ops.eye(4, 4, ms.float32))
    embed.proj.bias.set_data(ms.ops.zeros(4, ms.float32))
    image = np.arange(24, dtype=np.float32).reshape(1, 1, 4, 6)  # 2 rows of 3 patches: not square
    tokens = embed(ms.Tensor(image)).asnumpy()[0]
    assert tokens.shape == (6, 4)
    np.testing.assert_array_equal(tokens[1], [2, 3, 8, 9])
    np.testing.assert_array_equal(tokens[3], [12, 13, 18, 19])


def test_an_image_that_cannot_be_cut_is_an_error(small_model):
    with pytest.raises(ValueError, match="33 x 32"):
        small_model(ms.Tensor(np.zeros((1, 3, 33, 32), np.float32)))


def test_drop_path_drops_whole_pictures_and_keeps_the_mean():
    ms.set_seed(0)
    drop = DropPath(0.25).set_train()
    out = drop(ms.ops.ones((4000, 3, 5), ms.float32)).asnumpy().reshape(4000, -1)
    assert (out == out[:, :1]).all(), "a picture's branch is dropped whole or not at all"
    np.testing.assert_allclose(np.unique(out), [0, 1 / 0.75], rtol=1e-6)
    assert abs((out[:, 0] == 0).mean() - 0.25) < 0.03
    drop.set_train(False)
    assert (drop(ms.ops.ones((8, 3, 5), ms.float32)).asnumpy() == 1).all()


def test_drop_path_grows_with_depth():
    blocks = encoder(vit.ViTConfig(**SMALL | {"depth": 5}, drop_path_rate=0.2))
    rates = [getattr(getattr(block.drop_path1, "mask", None), "p", 0.0) for block in blocks]
    np.testing.assert_allclose(rates, [0, 0.05, 0.1, 0.15, 0.2])


def test_every_rate_does_something_in_training_and_nothing_in_evaluation(small_model, images):
    x = ms.Tensor(images)
    expected = small_model(x).asnumpy()
    for rate in ("drop_rate", "attn_drop_rate", "drop_path_rate"):
        model = randomise(vit.ViT(vit.ViTConfig(**SMALL, **{rate: 0.5})))
        np.testing.assert_allclose(model.set_train(False)(x).asnumpy(), expected, atol=1e-6)
        assert np.abs(model.set_train(True)(x).asnumpy() - expected).max() > 1e-3


def test_record_sees_every_intermediate(small_model, images):
    out = record(small_model, ms.Tensor(images))
    assert out["patch_embed"].shape == (2, 16, 48)
    for i in range(3):
        weights = out[f"blocks.{i}.attn.softmax"].asnumpy()
        assert weights.shape == (2, 4, 17, 17)
        np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-5)
    assert out["pool"].shape == (2, 48)
    np.testing.assert_array_equal(out["logits"].asnumpy(), small_model(ms.Tensor(images)).asnumpy())
    before = len(out)
    small_model(ms.Tensor(images))
    assert len(out) == before, "the hooks are gone afterwards"


def test_mean_pooling_leaves_the_class_token_out(images):
    out = record(vit.ViT(vit.ViTConfig(**SMALL, pool="mean")), ms.Tensor(images))
    np.testing.assert_allclose(out["pool"].asnumpy(), out["norm"].asnumpy()[:, 1:].mean(1), atol=1e-6)


def test_initialisation_is_the_published_one():
    ms.set_seed(5)
    model = vit.create_model("vit_tiny_patch16_224", depth=2)
    value = {name: parameter.asnumpy() for name, parameter in model.parameters_and_names()}
    assert abs(value["pos_embed"].std() - 0.02) < 5e-4
    assert not value["cls_token"].any()
    assert not value["head.weight"].any()
    assert abs(value["patch_embed.proj.weight"].std() - 768**-0.5) < 5e-4
    assert np.abs(value["patch_embed.proj.weight"]).max() <= 2 * 768**-0.5 / 0.8796 + 1e-6
    for name, fan in (
        ("attn.qkv", 192 + 192),
        ("attn.proj", 192 + 192),
        ("mlp.fc1", 192 + 768),
        ("mlp.fc2", 768 + 192),
    ):
        weight = value[f"blocks.1.{name}.weight"]
        limit = (6 / fan) ** 0.5
        assert 0.99 * limit < np.abs(weight).max() <= limit, name
        assert abs(weight.std() - limit / 3**0.5) < 0.01 * limit, name
    assert 5e-7 < value["blocks.0.mlp.fc1.bias"].std() < 2e-6
    assert not value["blocks.0.attn.qkv.bias"].any()
    assert (value["norm.gamma"] == 1).all()


def test_the_seed_repeats_the_model():
    def first():
        ms.set_seed(7)
        return vit.create_model("vit_sample_patch8_64").patch_embed.proj.weight.asnumpy()

    a, b = first(), first()
    np.testing.assert_array_equal(a, b)
    ms.set_seed(8)
    assert (a != vit.create_model("vit_sample_patch8_64").patch_embed.proj.weight.asnumpy()).any()


def test_cubic_matrix_keeps_a_line_and_sums_to_one():
    for size_in, size_out in ((14, 24), (14, 9), (4, 4), (1, 3)):
        matrix = cubic_matrix(size_in, size_out)
        np.testing.assert_allclose(matrix.sum(1), 1, atol=1e-6)
    np.testing.assert_allclose(cubic_matrix(5, 5), np.eye(5), atol=1e-7)


def test_positions_stretch_to_another_grid_and_keep_the_class_token(small_model):
    stretched = resample_positions(small_model.pos_embed, (4, 6)).asnumpy()
    assert stretched.shape == (1, 25, 48)
    original = small_model.pos_embed.asnumpy()
    np.testing.assert_array_equal(stretched[:, 0], original[:, 0])
    # rows keep their number: each is stretched alone, by the one-dimensional matrix
    by_hand = np.einsum("oi,rid->rod", cubic_matrix(4, 6), original[0, 1:].reshape(4, 4, 48))
    np.testing.assert_allclose(stretched[0, 1:].reshape(4, 6, 48), by_hand, atol=1e-5)
    assert small_model(ms.Tensor(np.zeros((1, 3, 32, 48), np.float32))).shape == (1, 7)


def test_parameter_counts_are_the_published_ones():
    for name, millions in {
        "vit_tiny_patch16_224": 5.717416,
        "vit_small_patch16_224": 22.050664,
        "vit_base_patch16_224": 86.567656,
        "vit_base_patch32_224": 88.224232,
        "deit_small_patch16_224": 22.050664,
    }.items():
        model = vit.create_model(name, depth=1)
        rest = sum(p.size for p in model.get_parameters())
        block = sum(p.size for p in model.blocks.get_parameters())
        assert rest + (named_model(name).config.depth - 1) * block == round(millions * 1e6)


def test_names_are_timm_s():
    names = {name for name, _ in vit.create_model("vit_sample_patch8_64").parameters_and_names()}
    assert {"cls_token", "pos_embed", "patch_embed.proj.weight", "blocks.0.norm1.gamma"} <= names
    assert {"blocks.0.attn.qkv.weight", "blocks.5.mlp.fc2.bias", "norm.beta", "head.weight"} <= names


def test_wrong_settings_are_named():
    for call, message in [
        (lambda: vit.create_model("vit_tniy_patch16_224"), "vit_tiny_patch16_224"),
        (lambda: vit.create_model("vit_tiny_patch16_224", heads=3), "heads"),
        (lambda: vit.ViTConfig(embed_dim=100, num_heads=12), "num_heads 12"),
        (lambda: vit.ViTConfig(image_size=225), "patch_size 16"),
        (lambda: vit.ViTConfig(drop_rate=1.0), "drop_rate"),
        (lambda: vit.ViTConfig(depth="12"), "depth must be int"),
        (lambda: vit.ViTConfig(pool="cls"), "pool"),
    ]:
        with pytest.raises(vit.UserError, match=message):
            call()


def test_sincos_positions_make_neighbours_alike():
    positions = sincos_positions(8, 96)[0]
    assert positions.shape == (65, 96)
    assert not positions[0].any()
    grid = positions[1:].reshape(8, 8, 96)
    alike = grid @ grid[3, 4]  # of all patches with the one in row 3, column 4
    assert np.unravel_index(alike.argmax(), alike.shape) == (3, 4)
    assert min(alike[2, 4], alike[4, 4], alike[3, 3], alike[3, 5]) > max(alike[0, 0], alike[7, 7], alike[0, 7])
    np.testing.assert_array_equal(grid[2, :, :48], grid[5, :, :48])  # the first half knows the column only
    np.testing.assert_array_equal(grid[:, 2, 48:], grid[:, 5, 48:])  # the second half the row only
    model = vit.create_model("vit_sample_patch8_64")
    np.testing.assert_allclose(model.pos_embed.asnumpy(), sincos_positions(8, 96), atol=1e-6)


def test_every_parameter_has_a_rule_to_start_by():
    model = vit.ViT(vit.ViTConfig(**SMALL))
    model.initialise(np.random.default_rng(5))
    before = parameters_digest(model)
    for parameter in model.get_parameters():
        if "norm" not in parameter.name and "head" not in parameter.name:  # 1 and 0, 0: as they are made
            parameter.set_data(ms.Tensor(np.full(parameter.shape, np.nan, np.float32)))
    model.initialise(np.random.default_rng(5))
    assert parameters_digest(model) == before
