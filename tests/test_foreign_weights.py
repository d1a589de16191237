"""Checkpoints as other people's programs leave them: wrapped, with a trainer's numbers, of other kinds of network."""

import json

import mindspore as ms
import numpy as np
import pytest
from conftest import SMALL, randomise
from mindspore import nn
from PIL import Image
from safetensors.numpy import load_file, save_file
from test_weights import as_jax, logits

import vit
from vit.cli import main
from vit.config import MODELS, NamedModel
from vit.weights import load_model, save_model
from vit.weights.conversion import NAMINGS, our_name, their_name
from vit.weights.opened import read

HEADS = {"num_heads": 4}


@pytest.fixture(scope="module")
def tensors(tmp_path_factory):
    """Those of a small ViT, under timm's names."""
    model = randomise(vit.ViT(vit.ViTConfig(**SMALL)))
    return load_file(save_model(model, tmp_path_factory.mktemp("timm") / "w.safetensors"))


@pytest.fixture
def saved(tensors, tmp_path):
    """Save tensors; what is None in `changes` goes."""

    def saved(changes=None, start=None, metadata=None):
        all_of_them = {**(tensors if start is None else start), **(changes or {})}
        path = tmp_path / "w.safetensors"
        save_file({n: np.ascontiguousarray(v) for n, v in all_of_them.items() if v is not None}, path, metadata)
        return path

    return saved


def as_hf(tensors, naming="hf"):
    """As transformers has them: query, key and value apart."""
    out = {}
    for name, value in tensors.items():
        if ".qkv." in name:
            for part, piece in zip(("query", "key", "value"), np.split(value, 3), strict=True):
                out[their_name(name.replace("qkv", part), naming)] = piece
        else:
            out[their_name(name, naming)] = value
    return out


def as_mindspore(tensors, naming="timm"):
    """As mindcv saves them since 0.3, or the published tutorial: norms with gamma and beta."""
    return {their_name(name, naming, in_mindspore_words=True): value for name, value in tensors.items()}


def grown(values: dict) -> nn.Cell:
    """A network that has these parameters, in cells one in the other, and does nothing."""
    root = nn.Cell()
    for name, value in values.items():
        cell, (*path, leaf) = root, name.split(".")
        for part in path:
            if part not in cell._cells:
                cell.insert_child_to_cell(part, nn.Cell())
            cell = cell._cells[part]
        attribute = "cls_token" if leaf == "cls" else leaf  # so it is in the tutorial
        cell.insert_param_to_cell(attribute, ms.Parameter(value, name=name))
    return root


class Wrapped(nn.Cell):
    def __init__(self, network):
        super().__init__()
        self.network = network


def test_what_a_training_saves_is_read_as_the_network_alone(real, tmp_path, capsys):
    """As `Model.train` with `ModelCheckpoint` saves it: the training cell, and `append_info`."""
    source = real / "formats" / "mindspore_tutorial.ckpt"
    bare = read(source).tensors
    values = {name: ms.Tensor(value.asnumpy()) for name, value in ms.load_checkpoint(str(source)).items()}
    optimizers = {
        "adam": lambda p: nn.Adam(p, nn.cosine_decay_lr(0.0, 0.1, 10, 5, 2)),
        "momentum": lambda p: nn.Momentum(p, 0.1, 0.9),
        "decay": lambda p: nn.AdamWeightDecay([{"params": p[:9], "lr": 0.1}, {"params": p[9:]}], 0.2),
        "sgd": lambda p: nn.SGD(p, 0.1, momentum=0.9),
        "rmsprop": lambda p: nn.RMSProp(p, 0.1, centered=True),
        "ftrl": lambda p: nn.FTRL(p),
        "lamb": lambda p: nn.Lamb(p, 0.1),
        "adagrad": lambda p: nn.Adagrad(p),
    }
    for kind, optimizer in optimizers.items():
        for network in (grown(values), Wrapped(grown(values))):
            loss = nn.WithLossCell(network, nn.CrossEntropyLoss())
            cell = nn.TrainOneStepCell(loss, optimizer(network.trainable_params()))
            path = tmp_path / f"{kind}.ckpt"
            notes = {"epoch_num": 3, "step_num": 90, "accuracy": 0.5, "remark": "good", "done": True}
            ms.save_checkpoint(cell, str(path), append_dict=notes)
            found = read(path)
            assert found.tensors.keys() == bare.keys(), kind
            assert all((found.tensors[name] == bare[name]).all() for name in bare), kind
            assert len(found.layout.aside) >= len(bare) + 5, kind
    capsys.readouterr()
    parity = np.load(real / "formats" / "mindspore_tutorial_parity.npz")
    model = load_model(tmp_path / "adam.ckpt", config=real / "formats" / "config.json")
    assert np.abs(logits(model, parity["input"]) - parity["logits"]).max() < 1e-4
    said = capsys.readouterr().err
    assert "adam.ckpt: 97 tensors are the training's" in said
    assert "moment1.*" in said


def test_wrappers_are_taken_off(tensors, saved):
    """Names of every program, in wrappers one in the other, beside copies of them."""
    rng = np.random.default_rng(0)

    def noise(start, prefix):
        return {f"{prefix}{name}": rng.normal(size=v.shape).astype(np.float32) for name, v in start.items()}

    def wrapped(start, prefix, but=()):
        return {name if name.startswith(but) else f"{prefix}{name}": v for name, v in start.items()}

    timm, hf, tutorial = tensors, as_hf(tensors), as_mindspore(tensors, "tutorial")
    bare_hf = {name: value for name, value in hf.items() if not name.startswith("classifier")}
    pooler = {"pooler.dense.weight": np.ones((48, 48), np.float32), "pooler.dense.bias": np.ones(48, np.float32)}
    old_mindcv = wrapped(tutorial, "backbone.", ("dense", "cls"))
    old_mindcv = {
        name.replace("dense.", "head.classifier.", name.startswith("dense")): v for name, v in old_mindcv.items()
    }
    old_mindcv["backbone.cls_token"] = old_mindcv.pop("cls")
    counters = {"global_step": np.zeros(1, np.int32), "learning_rate": np.float32(0.1), "best_acc": np.float64(0.9)}
    cases = [
        *(
            wrapped(timm, prefix)
            for prefix in ("model.", "module.", "_orig_mod.", "state_dict.model.", "vit.", "net.0.")
        ),
        *(wrapped(start, "model_state.network.") for start in (hf, tutorial)),
        wrapped(timm, "backbone.", "head."),
        wrapped(hf, "vit.", "classifier"),
        wrapped(hf, "module.deit.", "classifier"),
        wrapped(as_hf(tensors, "hf5"), "vit.", "classifier"),
        wrapped(as_jax(timm, 4), "params/"),
        hf,
        tutorial,
        old_mindcv,
        as_mindspore(timm),
        wrapped(as_mindspore(timm), "network."),
        timm | noise(timm, "ema.") | counters,
        wrapped(timm, "model.") | noise(timm, "model_ema.") | noise(timm, "optimizer.exp_avg.") | counters,
        wrapped(timm, "network.") | noise(wrapped(timm, "network."), "some_new_optimizer.") | counters,
        timm | noise(timm, "teacher."),  # the network without a name in front is the one that is meant
        wrapped(timm, "model_ema."),  # smoothed weights alone are weights
        wrapped(timm, "model.") | noise(timm, "adamw_m.model.") | {"adamw_steps": np.int32(7)},
    ]
    headless = [bare_hf | pooler, wrapped(bare_hf, "encoder.") | wrapped(pooler, "encoder.")]
    for case in cases + headless:
        found = read(saved(start={name: np.asarray(value) for name, value in case.items()}))
        names = {name for name in tensors if not any(case is one for one in headless) or not name.startswith("head.")}
        assert found.tensors.keys() == names, sorted(found.tensors.keys() ^ names)[:3]
        assert all((found.tensors[name] == tensors[name]).all() for name in names), next(iter(case))
        assert len(found.layout.aside) + len(found.layout.names) == len(case)


def test_what_is_no_network_or_more_than_one(tensors, saved):
    def wrapped(prefix):
        return {f"{prefix}{name}": value for name, value in tensors.items()}

    for start, message in [
        (wrapped("student.") | wrapped("teacher."), r"more than one network \(student\., teacher\.\)"),
        (wrapped("moment1.") | wrapped("moment2."), "an optimizer's numbers only"),
        (wrapped("exp_avg."), "an optimizer's numbers only"),
        (tensors | {"norm.gamma": tensors["norm.weight"]}, r"norm\.weight is there twice: norm\.\w+, norm\.\w+"),
        ({"layer1.0.conv1.weight": tensors["norm.weight"]}, r"not the weights of a Vision Transformer.*layer1\.0"),
        ({"embeddings.weight": tensors["norm.weight"]}, "called as in no program known here"),
        ({}, "not the weights of a Vision Transformer: 0 tensors"),
        (tensors | {"blocks.0.attn.norm.weight": tensors["norm.weight"]}, "blocks.0.attn.norm.weight is not part"),
        (tensors | {"patch_embed.norm.weight": tensors["norm.weight"]}, "a norm before the encoder"),
    ]:
        with pytest.raises(vit.UserError, match=message):
            load_model(saved(start=start), HEADS)


def test_what_is_assumed_is_said(tensors, images, saved, capsys, monkeypatch):
    """A file that does not tell its GELU and epsilon; in mindcv's they are MindSpore's, elsewhere the paper's."""
    exact = {"gelu": "exact", "norm_eps": 1e-6}
    reference = load_model(saved(), HEADS | exact)
    told = capsys.readouterr().err
    assert "gelu" not in told
    assert "pool=token" in told
    for start, gelu, epsilon in (
        (tensors, "exact", 1e-6),
        (as_hf(tensors), "exact", 1e-12),
        (as_mindspore(tensors), "tanh", 1e-7),
        (as_mindspore(tensors, "tutorial"), "tanh", 1e-7),
    ):
        model = load_model(saved(start=start), HEADS)
        assert (model.config.gelu, model.config.norm_eps) == (gelu, epsilon)
        said = capsys.readouterr().err
        assert f"does not tell pool=token, gelu={gelu}, norm_eps={epsilon}" in said
        other = json.loads(said[said.index("{") : said.index("}") + 1])
        assert (other["gelu"], other["norm_eps"]) != (gelu, epsilon)
        load_model(saved(start=start), HEADS | other)  # what is offered can be given
        assert "gelu" not in capsys.readouterr().err
    model = load_model(saved(start=as_mindspore(tensors)), HEADS | exact)
    np.testing.assert_array_equal(logits(model, images), logits(reference, images))
    # a model named tells them, but not where the file's own words say otherwise
    monkeypatch.setitem(MODELS, "small", NamedModel(vit.ViTConfig(**SMALL)))
    capsys.readouterr()
    assert load_model(saved(), model_name="small").config.gelu == "exact"
    assert not capsys.readouterr().err
    assert load_model(saved(start=as_mindspore(tensors)), model_name="small").config.gelu == "tanh"
    assert "does not tell gelu=tanh, norm_eps=1e-07" in capsys.readouterr().err
    wide = {n: np.tile(v, [4 if s == 48 else 1 for s in v.shape]) for n, v in tensors.items() if "blocks" not in n}
    for i in range(3):  # 192 numbers a token: 3 heads of 64 are assumed
        wide |= {f"blocks.{i}.{n}": np.zeros(s, np.float32) for n, s in block_of(192).items()}
    assert load_model(saved(start=wide)).config.num_heads == 3
    assert "num_heads=3" in capsys.readouterr().err


def block_of(dim):
    """Shapes of a block's tensors, MLP twice as wide."""
    linear = {"attn.qkv": (3 * dim, dim), "attn.proj": (dim, dim), "mlp.fc1": (2 * dim, dim), "mlp.fc2": (dim, 2 * dim)}
    shapes = {f"{name}.weight": shape for name, shape in linear.items()} | {
        f"{n}.bias": s[:1] for n, s in linear.items()
    }
    return shapes | {f"norm{i}.{leaf}": (dim,) for i in (1, 2) for leaf in ("weight", "bias")}


def test_other_kinds_of_network_are_named(tensors, saved):
    one, vector = np.zeros((1, 1, 48), np.float32), np.zeros(48, np.float32)
    positions = tensors["pos_embed"]
    for changes, message in [
        ({"dist_token": one}, "a distillation token"),
        ({"head_dist.weight": np.zeros((7, 48), np.float32)}, "a distillation token"),
        ({"reg_token": np.zeros((1, 4, 48), np.float32)}, "register tokens"),
        ({"register_tokens": one}, "register tokens"),
        ({"cls_token": None}, r"no class token \(cls_token\)"),
        ({"blocks.0.ls1.gamma": vector}, r"layer scale \(blocks\.0\.ls1\.gamma\)"),
        ({"blocks.2.gamma_1": vector}, "layer scale"),
        ({"blocks.1.layer_scale1.lambda1": vector}, "layer scale"),
        ({"blocks.0.attn.q_norm.weight": vector[:12]}, "normalised queries and keys"),
        ({"blocks.0.attn.k_norm.gamma": vector[:12]}, "normalised queries and keys"),
        ({"blocks.0.mlp.w12.weight": one}, "SwiGLU"),
        ({"blocks.0.mlp.fc1_g.weight": one}, "SwiGLU"),
        ({"blocks.0.mlp.fc2.weight": np.zeros((48, 48), np.float32)}, "SwiGLU"),
        ({"blocks.0.attn.rel_pos_h": one}, "relative positions"),
        ({"blocks.0.attn.relative_position_bias_table": one}, "relative positions"),
        ({"rope.freqs": one}, "rotary positions"),
        ({"norm_pre.gamma": vector, "cls_token": None}, "a norm before the encoder"),
        ({"fc_norm.weight": vector, "norm.weight": None}, "a norm after pooling"),
        ({"norm_pre.weight": vector}, "a norm before the encoder"),
        ({"mask_token": one}, "pretraining by masking"),
        ({"decoder_embed.weight": one}, "pretraining by masking"),
        ({"patch_embed.proj.weight": np.zeros((48, 3, 8, 4), np.float32)}, "patches that are not square"),
        ({"patch_embed.proj.weight": np.zeros((48, 3, 2, 8, 8), np.float32)}, "2 or 4 axes"),
        ({"pos_embed": np.zeros((1, 18, 48), np.float32)}, "18 positions.*more tokens before the patches"),
        ({"pos_embed": positions[:, 1:]}, "16 positions.*none for a class token"),
        ({"pos_embed": np.zeros((1, 25, 48), np.float32)}, "25 positions.*none for a class token"),
        ({"pos_embed": np.zeros((1, 0, 48), np.float32)}, "none of length 0"),
        ({"blocks.5.norm1.weight": vector}, r"blocks\.3\.norm1\.weight is missing"),
        ({"blocks.99999999999.norm1.weight": vector}, r"blocks\.3\.norm1\.weight is missing"),
        ({n: None for n in tensors if n.startswith("blocks.")}, r"blocks\.0\.norm1\.weight is missing"),
    ]:
        for given in ({}, {"image_size": 48}):
            with pytest.raises(vit.UserError, match=message):
                load_model(saved(changes), HEADS | given)


def test_names_in_messages_are_the_file_s_and_ours(tensors, saved):
    jax = as_jax(tensors, 4)
    for start, gone, message in [
        (tensors, "head.bias", r"head\.bias is missing"),
        (tensors, "head.weight", r"head\.weight is missing"),
        (as_hf(tensors), "classifier.bias", r"head\.bias \(classifier\.bias\) is missing"),
        (as_mindspore(tensors, "tutorial"), "dense.bias", r"head\.bias \(dense\.bias\) is missing"),
        (as_mindspore(tensors, "tutorial"), "norm.gamma", r"norm\.weight \(norm\.gamma\) is missing"),
        (as_mindspore(tensors), "norm.beta", r"norm\.bias \(norm\.beta\) is missing"),
        (jax, "Transformer/encoder_norm/scale", r"norm\.weight \(Transformer/encoder_norm/scale\) is missing"),
        (
            as_hf(tensors),
            "encoder.layer.1.attention.attention.key.bias",
            r"attention\.attention\.key\.bias\) is missing",
        ),
        (
            {f"model.{n}": v for n, v in tensors.items()},
            "model.norm.bias",
            r"norm\.bias \(model\.norm\.bias\) is missing",
        ),
        (as_hf(tensors), "embeddings.cls_token", r"no class token \(cls_token \(embeddings\.cls_token\)\)"),
    ]:
        with pytest.raises(vit.UserError, match=message):
            load_model(saved({gone: None}, start=start), HEADS)
    beit = {"encoder.layer.0.attention.attention.key.bias": None, "encoder.layer.0.lambda_1": np.zeros(48, np.float32)}
    with pytest.raises(vit.UserError, match=r"layer scale \(encoder\.layer\.0\.lambda_1\)"):
        load_model(saved(beit, start=as_hf(tensors)), HEADS)
    wrong = {"classifier.weight": np.zeros((7, 47), np.float32)}
    with pytest.raises(vit.UserError, match=r"head\.weight \(classifier\.weight\) has shape \(7, 47\)"):
        load_model(saved(wrong, start=as_hf(tensors)), HEADS)


def test_sizes_that_do_not_agree(tensors, saved, monkeypatch):
    monkeypatch.setitem(MODELS, "small", NamedModel(vit.ViTConfig(**SMALL)))
    monkeypatch.setitem(MODELS, "larger", NamedModel(vit.ViTConfig(**SMALL | {"image_size": 48})))
    two = saved({"pos_embed": np.zeros((1, 18, 48), np.float32)})
    for given in (None, {"image_size": 48}):
        with pytest.raises(vit.UserError, match="18 positions"):
            load_model(two, given, "small")
    path = saved()
    with pytest.raises(vit.UserError, match=r'image_size is 32, larger has 48; .*config={"image_size": 32}'):
        load_model(path, model_name="larger")
    assert load_model(path, {"image_size": 32}, "larger").pos_embed.shape == (1, 17, 48)
    assert load_model(path, {"image_size": 64}, "small").preprocessing.size == 64
    for given, message in [
        ({"image_size": 33}, "image_size 33 is not a multiple of patch_size 8"),
        ({"patch_size": 16}, "patch_size is 8, config has 16"),
        ({"in_channels": 1}, "in_channels is 3, config has 1"),
        ({"depth": 10**9}, "depth is 3, config has 1000000000"),
        ({"embed_dim": 10**9}, "embed_dim is 48"),
        ({"mlp_ratio": 4.0}, "mlp_ratio is 2.0"),
        ({"qkv_bias": False}, "qkv_bias is True"),
        ({"num_heads": 5}, "not a multiple of num_heads 5"),
    ]:
        with pytest.raises(vit.UserError, match=message):
            load_model(path, HEADS | given)
    said = SMALL | {"depth": 10**9}
    with pytest.raises(vit.UserError, match="depth is 3, its own metadata has 1000000000"):
        load_model(saved(metadata={"vit": json.dumps({"config": said})}))
    with pytest.raises(vit.UserError, match="says 5 classes, its head has 7"):
        load_model(saved(metadata={"vit": json.dumps({"config": SMALL | {"num_classes": 5}})}))


def test_other_channels_than_a_picture_s(tensors, saved, tmp_path, capsys, monkeypatch):
    """Such a network serves who prepares its input; the commands, which read pictures, say that they do not."""
    place, picture = tmp_path / "here", tmp_path / "picture.png"
    place.mkdir()
    Image.new("RGB", (40, 40)).save(picture)
    monkeypatch.chdir(place)
    for channels in (1, 4):
        kernel = np.ones((48, channels, 8, 8), np.float32)
        config = json.dumps({"config": SMALL | {"in_channels": channels}})
        path = saved({"patch_embed.proj.weight": kernel}, metadata={"vit": config})
        model = load_model(path)
        assert model.preprocessing is None
        assert logits(model, np.zeros((1, channels, 32, 32), np.float32)).shape == (1, 7)
        for command in (["predict", str(picture)], ["eval", "--data", str(place)], ["export", "--out", "x.mindir"]):
            assert main([command[0], "--weights", str(path), *command[1:]]) == 2
            assert f"reads {channels} channels" in capsys.readouterr().err
    assert not list(place.iterdir()), "nothing is left in the folder"
    assert vit.create_model("vit_sample_patch8_64", in_channels=1).preprocessing is None


def test_names_there_and_back():
    for ours in (
        "cls_token",
        "blocks.11.norm1.weight",
        "blocks.0.mlp.fc2.bias",
        "head.weight",
        "patch_embed.proj.bias",
    ):
        for naming in NAMINGS:
            for words in (False, True):
                assert our_name(their_name(ours, naming, words), naming) == ours


def test_patches_laid_flat(tensors, saved):
    """Our own kernels, as MindSpore saves them: whoever says the size of a patch is held against the rest."""
    flat = {"patch_embed.proj.weight": tensors["patch_embed.proj.weight"].reshape(48, -1)}
    assert load_model(saved(flat), HEADS | {"patch_size": 8}).config.image_size == 32
    for given, message in [
        ({"patch_size": 4}, r"patch_embed.proj.weight has shape \(48, 192\), the model wants \(48, 48\)"),
        ({"patch_size": 8, "image_size": 33}, "not a multiple of patch_size 8"),
        ({"patch_size": 8, "in_channels": 1}, r"the model wants \(48, 64\)"),
        ({"patch_size": 0}, "patch_size must be at least 1"),
        ({"patch_size": "8"}, "patch_size must be int"),
        ({}, "name the model"),
    ]:
        with pytest.raises(vit.UserError, match=message):
            load_model(saved(flat), HEADS | given)
    said = SMALL | {"image_size": 8 * 10**6}
    with pytest.raises(vit.UserError, match="image_size is 32, its own metadata has 8000000"):
        load_model(saved(flat, metadata={"vit": json.dumps({"config": said})}))


def test_many_names_take_no_time(saved):
    """Thousands of networks in one file: each name is looked at once, and the message stays a line."""
    names = [f"{i}.{mark}" for i in range(900) for mark in ("pos_embed", "patch_embed.proj.weight", "norm.weight")]
    with pytest.raises(vit.UserError, match=r"more than one network \(0\., 1\., 10\., \.\.\.\)"):
        load_model(saved(start=dict.fromkeys(names, np.zeros(1, np.float32))), HEADS)
