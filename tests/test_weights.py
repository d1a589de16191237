"""Weights in and out: what is saved, what is read, and what must agree. (Files that are none: test_not_weights.py.)"""

import json

import mindspore as ms
import numpy as np
import pytest
from conftest import SMALL, randomise
from reference import vit_reference
from safetensors.numpy import load_file, save_file

import vit
from vit.config import MODELS, NamedModel, named_model
from vit.inside import record
from vit.weights import load_model, save_model


def logits(model, images):
    return model(ms.Tensor(images)).asnumpy()


def timm_tensors(model, tmp_path):
    return load_file(save_model(model, tmp_path / "timm.safetensors"))


def as_jax(tensors, heads):
    """The same weights as google-research/vision_transformer names and shapes them."""
    out, parts = {}, ("query", "key", "value")
    for name, value in tensors.items():
        kind = "kernel" if name.endswith("weight") else "bias"
        if name == "cls_token":
            out["cls"] = value
        elif name == "pos_embed":
            out["Transformer/posembed_input/pos_embedding"] = value
        elif name.startswith("patch_embed"):
            out[f"embedding/{kind}"] = value.transpose(2, 3, 1, 0) if value.ndim == 4 else value
        elif name.startswith("head"):
            out[f"head/{kind}"] = value.T
        elif name.startswith("norm"):
            out["Transformer/encoder_norm/" + ("scale" if kind == "kernel" else "bias")] = value
        else:
            _, i, rest = name.split(".", 2)
            block = f"Transformer/encoderblock_{i}/"
            dim = tensors["cls_token"].shape[-1]
            if rest.startswith("norm"):
                where = "LayerNorm_0" if rest[4] == "1" else "LayerNorm_2"
                out[f"{block}{where}/" + ("scale" if kind == "kernel" else "bias")] = value
            elif rest.startswith("attn.qkv"):
                for part, piece in zip(parts, np.split(value, 3), strict=True):
                    shape = (dim, heads, -1) if kind == "kernel" else (heads, -1)
                    out[f"{block}MultiHeadDotProductAttention_1/{part}/{kind}"] = piece.T.reshape(shape)
            elif rest.startswith("attn.proj"):
                piece = value.T.reshape(heads, -1, dim) if kind == "kernel" else value
                out[f"{block}MultiHeadDotProductAttention_1/out/{kind}"] = piece
            else:
                out[f"{block}MlpBlock_3/Dense_{int(rest[6]) - 1}/{kind}"] = value.T
    return out


def test_a_round_trip_keeps_everything(small_model, images, tmp_path):
    path = save_model(small_model, tmp_path / "sub" / "small.safetensors")
    again = load_model(path)
    np.testing.assert_array_equal(logits(again, images), logits(small_model, images))
    assert again.config == small_model.config
    assert again.preprocessing == small_model.preprocessing
    assert again.classes == small_model.classes
    assert sorted(p.name for p in path.parent.iterdir()) == ["small.safetensors"], "nothing else is left behind"


def test_saved_tensors_are_timm_s_and_the_reference_reads_them(small_model, images, tmp_path):
    tensors = timm_tensors(small_model, tmp_path)
    assert tensors["patch_embed.proj.weight"].shape == (48, 3, 8, 8)
    np.testing.assert_allclose(vit_reference(tensors, images, 4), logits(small_model, images), rtol=1e-3, atol=1e-3)


def test_jax_naming_tells_its_heads(small_model, images, tmp_path):
    np.savez(tmp_path / "w.npz", **as_jax(timm_tensors(small_model, tmp_path), heads=4))
    model = load_model(tmp_path / "w.npz")
    assert model.config.num_heads == 4
    np.testing.assert_allclose(logits(model, images), logits(small_model, images), atol=1e-5)


def test_three_namings_of_one_network_answer_the_same(real):
    parity = np.load(real / "formats" / "parity.npz")
    for file in ("timm.safetensors", "huggingface_hub.safetensors", "jax.npz"):
        model = load_model(real / "formats" / file, config=real / "formats" / "config.json")
        assert np.abs(logits(model, parity["input"]) - parity["logits"]).max() < 1e-4


def test_tutorial_checkpoint_brings_its_own_conventions(real):
    parity = np.load(real / "formats" / "mindspore_tutorial_parity.npz")
    path = real / "formats" / "mindspore_tutorial.ckpt"
    model = load_model(path, config=real / "formats" / "config.json")
    assert (model.config.gelu, model.config.norm_eps) == ("tanh", 1e-7)
    assert model.preprocessing.mean == (0.485, 0.456, 0.406)
    assert np.abs(logits(model, parity["input"]) - parity["logits"]).max() < 1e-4
    # the caller's word stands above the convention, and the numbers show it
    other = load_model(path, config={"num_heads": 4, "gelu": "exact", "norm_eps": 1e-3})
    assert np.abs(logits(other, parity["input"]) - parity["logits"]).max() > 1e-4


def test_vit_tiny_is_right_to_the_last_digit(real):
    parity = np.load(real / "vit_tiny_parity.npz")
    model = vit.create_model("vit_tiny_patch16_224", weights=real / "vit_tiny_patch16_224.safetensors")
    out = record(model, ms.Tensor(parity["input"]))
    assert np.abs(out["logits"].asnumpy() - parity["logits"]).max() < 2e-4
    assert np.abs(out["pool"].asnumpy() - parity["cls_feature"]).max() < 2e-4


def test_preprocessing_follows_the_model_named(small_model, tmp_path):
    small_model.preprocessing = None  # a file that does not tell
    path = save_model(small_model, tmp_path / "w.safetensors")
    assert load_model(path).preprocessing == named_model("vit_tiny_patch16_224").preprocessing(32)
    for name, mean in (("vit_tiny_patch16_224", 0.5), ("deit_tiny_patch16_224", 0.485)):
        found = named_model(name).preprocessing()
        assert (found.resize, found.size, found.interpolation, found.mean[0]) == (248, 224, "bicubic", mean)


def test_a_head_is_replaced_only_when_asked(small_model, images, tmp_path, capsys):
    path = save_model(small_model, tmp_path / "w.safetensors")
    model = load_model(path, num_classes=3)
    assert "head of 7 classes is replaced by a new one of 3" in capsys.readouterr().err
    assert not logits(model, images).any(), "a new head starts at zero"
    assert model.classes is None
    features = record(model, ms.Tensor(images))["pool"].asnumpy()
    np.testing.assert_array_equal(features, record(small_model, ms.Tensor(images))["pool"].asnumpy())
    load_model(path, num_classes=7)
    assert not capsys.readouterr().err


def test_another_resolution_resamples_the_positions(small_model, tmp_path):
    path = save_model(small_model, tmp_path / "w.safetensors")
    model = load_model(path, config={"image_size": 48})
    assert model.pos_embed.shape == (1, 37, 48)
    assert (model.preprocessing.size, model.preprocessing.resize) == (48, 54)
    x = ms.Tensor(np.random.default_rng(0).normal(size=(1, 3, 48, 48)).astype(np.float32))
    np.testing.assert_allclose(model(x).asnumpy(), small_model(x).asnumpy(), atol=1e-4)


def broken(tmp_path, model, change):
    tensors = timm_tensors(model, tmp_path)
    change(tensors)
    save_file(tensors, tmp_path / "broken.safetensors")
    return tmp_path / "broken.safetensors"


def test_all_or_nothing(small_model, tmp_path):
    for change, message in [
        (lambda t: t.pop("blocks.1.mlp.fc1.bias"), "blocks.1.mlp.fc1.bias is missing"),
        (lambda t: t.update(extra=np.zeros(3, np.float32)), "extra is not part of the model"),
        (lambda t: t.update({"norm.weight": np.zeros(49, np.float32)}), r"norm.weight has shape \(49,\)"),
        (lambda t: t.update({"head.bias": np.full(7, np.nan, np.float32)}), "7 of 7 values of head.bias are NaN"),
        (lambda t: t.update({"head.bias": np.full(7, 1e300)}), "7 of 7 values of head.bias are NaN or infinite"),
        (lambda t: t.update({"head.bias": np.zeros(7, np.int64)}), "head.bias holds int64"),
        (lambda t: t.pop("patch_embed.proj.weight"), "patch_embed.proj.weight is missing"),
        (lambda t: t.pop("pos_embed"), "pos_embed is missing"),
        (lambda t: (t.pop("head.weight"), t.pop("head.bias")), "head.weight is missing"),
        (lambda t: t.update(pos_embed=np.zeros((1, 16, 48), np.float32)), "pos_embed has 16 positions"),
    ]:
        with pytest.raises(vit.UserError, match=message):
            load_model(broken(tmp_path, small_model, change), config={"num_heads": 4})


def test_heads_are_never_guessed(small_model, tmp_path):
    path = broken(tmp_path, small_model, lambda t: None)
    with pytest.raises(vit.UserError, match="how many heads"):
        load_model(path)


def test_weights_of_another_model(small_model, tmp_path):
    path = save_model(small_model, tmp_path / "w.safetensors")
    with pytest.raises(vit.UserError, match="weights of another model: patch_size is 8, vit_tiny_patch16_224 has 16"):
        load_model(path, model_name="vit_tiny_patch16_224")
    with pytest.raises(vit.UserError, match="patch_size is 8"):
        load_model(broken(tmp_path, small_model, lambda t: None), model_name="vit_tiny_patch16_224")


def test_our_checkpoint_of_another_network_is_named(tmp_path):
    ms.save_checkpoint(ms.nn.Dense(3, 4), str(tmp_path / "dense.ckpt"))
    with pytest.raises(vit.UserError, match="not the weights of a Vision Transformer"):
        load_model(tmp_path / "dense.ckpt")


def test_hostile_metadata(small_model, tmp_path):
    good = {"size": 32, "resize": 36, "interpolation": "bicubic", "mean": [0.5] * 3, "std": [0.5] * 3}
    tensors = timm_tensors(small_model, tmp_path)
    for metadata, message in [
        ("[1, 2]", "not written by this program"),
        ("{broken", "not written by this program"),
        ("vit-base, trained by somebody", "not written by this program"),
        ("[" * 100_000, "not written by this program"),
        ({"config": "vit"}, "not written by this program"),
        ({"config": {"colour": "red"}}, "no setting colour"),
        ({"config": SMALL, "classes": [{"name": "x"}]}, "class names are not in order"),
        ({"config": SMALL, "classes": 5}, "class names are not in order"),
        ({"config": SMALL | {"embed_dim": "48"}}, "embed_dim is 48"),
        ({"config": SMALL | {"norm_eps": "small"}}, "norm_eps must be"),
        ({"config": SMALL, "preprocessing": {"size": "large"}}, "needs exactly the fields"),
        *(
            ({"config": SMALL, "preprocessing": good | wrong}, "preprocessing")
            for wrong in ({"mean": ["a", "b", "c"]}, {"mean": [np.nan, 0, 0]}, {"size": 32.5})
        ),
    ]:
        text = metadata if isinstance(metadata, str) else json.dumps(metadata)
        save_file(tensors, tmp_path / "w.safetensors", metadata={"vit": text})
        with pytest.raises(vit.UserError, match=f"w.safetensors: .*{message}"):
            load_model(tmp_path / "w.safetensors")


def test_saving_where_nothing_can_be_written(small_model, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(vit.UserError, match="cannot be written"):
        save_model(small_model, tmp_path / "file" / "w.safetensors")


def test_random_models_differ_so_that_the_tests_above_can_fail(images):
    a, b = (randomise(vit.ViT(vit.ViTConfig(**SMALL)), seed) for seed in (0, 1))
    assert np.abs(logits(a, images) - logits(b, images)).max() > 0.1


def test_weights_without_a_head_say_so_themselves(images, tmp_path):
    model = randomise(vit.ViT(vit.ViTConfig(**SMALL | {"num_classes": 0})))
    again = load_model(save_model(model, tmp_path / "features.safetensors"))
    assert logits(again, images).shape == (2, 48)


def test_a_model_saved_by_mindspore(small_model, images, tmp_path):
    """Our own, by `ms.save_checkpoint`: patches laid flat, which do not tell their size."""
    sample = vit.create_model("vit_sample_patch8_64")
    ms.save_checkpoint(sample, str(tmp_path / "own.ckpt"))
    again = load_model(tmp_path / "own.ckpt", model_name="vit_sample_patch8_64")
    assert again.config == sample.config
    with pytest.raises(vit.UserError, match="name the model"):
        load_model(tmp_path / "own.ckpt", config={"num_heads": 3})
    ms.save_checkpoint(small_model, str(tmp_path / "small"), format="safetensors", crc_check=True)
    again = load_model(tmp_path / "small.safetensors", config=SMALL)
    np.testing.assert_array_equal(logits(again, images), logits(small_model, images))


def test_an_mlp_of_no_width():
    for ratio in (float("nan"), 0.0001, float("inf")):
        with pytest.raises(vit.UserError, match="mlp_ratio"):
            vit.ViTConfig(**SMALL | {"mlp_ratio": ratio})


def test_a_model_of_other_heads_is_refused(small_model, tmp_path, monkeypatch):
    """JAX files tell the number of heads by their shapes: a name that means another is not believed."""
    np.savez(tmp_path / "w.npz", **as_jax(timm_tensors(small_model, tmp_path), heads=4))
    monkeypatch.setitem(MODELS, "three_heads", NamedModel(vit.ViTConfig(**SMALL | {"num_heads": 3})))
    monkeypatch.setitem(MODELS, "four_heads", NamedModel(vit.ViTConfig(**SMALL)))
    with pytest.raises(vit.UserError, match="num_heads is 4, three_heads has 3"):
        load_model(tmp_path / "w.npz", model_name="three_heads")
    assert load_model(tmp_path / "w.npz", model_name="four_heads").config.num_heads == 4
