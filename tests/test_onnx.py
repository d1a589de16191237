"""The .onnx file: held against MindSpore by onnxruntime, in every form of the network; by command; and what is no such file."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
from conftest import SMALL, randomise
from PIL import Image

import vit
from vit.cli import main
from vit.data.class_names import ClassName
from vit.data.images import read_image
from vit.data.pipeline import preprocess
from vit.data.preprocessing import Preprocessing
from vit.inference import make_forward
from vit.inside import inspect
from vit.onnx_file import export_onnx, graph_of, load_onnx
from vit.runtime.errors import RunFailed
from vit.weights import load_model, save_model

FORMS = [
    {},
    {"pool": "mean"},
    {"gelu": "tanh", "mlp_ratio": 2.3},
    {"qkv_bias": False, "norm_eps": 1e-2},
    {"patch_size": 16, "num_heads": 3, "depth": 1, "num_classes": 2},
]


def model_of(**changes):
    model = randomise(vit.ViT(vit.ViTConfig(**SMALL | changes)))
    size = model.config.image_size
    model.preprocessing = Preprocessing(size, size + 4, "bicubic", (0.5, 0.4, 0.3), (0.5, 0.2, 0.9))
    model.classes = tuple(ClassName(f"n{i}", f"thing {i}", f"东西{i}") for i in range(model.config.num_classes))
    return model.set_train(False)


@pytest.mark.parametrize("changes", FORMS, ids=str)
def test_it_answers_as_mindspore_does_for_any_batch(changes, tmp_path):
    model = model_of(**changes)
    assert export_onnx(model, tmp_path / "m.onnx") < 1e-4
    other = load_onnx(tmp_path / "m.onnx")
    assert (other.config, other.preprocessing, other.classes) == (model.config, model.preprocessing, model.classes)
    forward = make_forward(model)
    for batch in (1, 5):
        images = np.random.default_rng(batch).normal(size=(batch, 3, 32, 32)).astype(np.float32)
        wanted = forward(images).asnumpy()
        np.testing.assert_allclose(other(images).asnumpy(), wanted, atol=1e-4 * np.abs(wanted).max())


def test_what_goes_on_inside_is_put_out(tmp_path):
    model = model_of()
    export_onnx(model, tmp_path / "m.onnx", inside=True)
    pixels = np.random.default_rng(0).integers(0, 256, (36, 36, 3), np.uint8)
    seen = inspect(model, pixels)
    session = onnxruntime.InferenceSession(str(tmp_path / "m.onnx"), providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    found = dict(zip(names, session.run(None, {"images": seen.image[None]}), strict=True))
    assert names == ["logits", *(f"tokens.{i}" for i in range(4)), *(f"attention.{i}" for i in range(3))]
    for i in range(4):
        np.testing.assert_allclose(found[f"tokens.{i}"][0], seen.tokens[i], atol=1e-4 * np.abs(seen.tokens).max())
    for i in range(3):
        np.testing.assert_allclose(found[f"attention.{i}"][0], seen.attention[i], atol=1e-4)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"positions": False},
        {"heads_off": [(0, 1), (2, 0)]},
        {"layers_off": [1]},
        {"temperature": 2.5},
        {"layers_off": [0, 2], "heads_off": [(1, 1)], "temperature": 0.5, "positions": False},
    ],
    ids=lambda one: "+".join(one) or "nothing",
)
@pytest.mark.parametrize("form", [{}, {"pool": "mean"}], ids=str)
def test_what_can_be_changed_is_changed_as_inspect_does(changes, form):
    model = model_of(**form)
    depth, heads = model.config.depth, model.config.num_heads
    seen = inspect(model, np.random.default_rng(0).integers(0, 256, (36, 36, 3), np.uint8), **changes)
    made = graph_of(model, inside=True, changes=True).SerializeToString()
    session = onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"])
    given = {
        "images": seen.image[None],
        "positions": np.array([changes.get("positions", True)], np.float32),
        "heads": np.ones((depth, heads), np.float32),
        "layers": np.ones(depth, np.float32),
        "temperature": np.array([changes.get("temperature", 1)], np.float32),
    }
    for block, head in changes.get("heads_off", ()):
        given["heads"][block, head] = 0
    given["layers"][changes.get("layers_off", [])] = 0
    found = dict(zip([one.name for one in session.get_outputs()], session.run(None, given), strict=True))
    wanted = {"logits": seen.logits[None], "by_block": seen.by_block}
    wanted |= {f"tokens.{i}": seen.tokens[i][None] for i in range(depth + 1)}
    wanted |= {f"attention.{i}": seen.attention[i][None] for i in range(depth)}
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], values, atol=1e-4 * np.abs(values).max(), err_msg=name)


def test_the_versions_are_those_that_old_programs_read():
    made = graph_of(model_of())
    assert (made.ir_version, [(one.domain, one.version) for one in made.opset_import]) == (10, [("", 20)])
    assert made.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"


@pytest.fixture
def folder(tmp_path):
    for k in range(3):
        (tmp_path / "data" / f"n{k}").mkdir(parents=True)
        for i in range(3):
            noise = np.random.default_rng(10 * k + i).integers(0, 256, (40, 50, 3), np.uint8)
            Image.fromarray(noise).save(tmp_path / "data" / f"n{k}" / f"{i}.png")
    return tmp_path


def test_by_command(folder, capsys):
    weights, file = save_model(model_of(), folder / "w.safetensors"), folder / "模型 1.onnx"
    assert main(["export", "--weights", str(weights), "--out", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["difference"] < 1e-4
    picture, answers, accuracies = str(folder / "data" / "n0" / "0.png"), [], []
    for source in (weights, file):
        assert main(["predict", "--weights", str(source), picture, "--json"]) == 0
        answers.append(json.loads(capsys.readouterr().out)["images"][0]["top"])
        assert main(["eval", "--weights", str(source), "--data", str(folder / "data"), "--json"]) == 0
        accuracies.append(json.loads(capsys.readouterr().out))
    for one, other in zip(*answers, strict=True):
        assert (one["name"], one["name_zh"]) == (other["name"], other["name_zh"])
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-4)
    assert accuracies[0] == accuracies[1]
    assert main(["predict", "--weights", str(file), picture, "--save", str(folder / "out")]) == 0
    for command in (["eval", "--weights", str(file), "--data", str(folder / "data"), "--model", "vit_tiny_patch16_224"],
                    ["export", "--weights", str(file), "--out", str(folder / "again.onnx")],
                    ["export", "--weights", str(weights), "--out", str(folder / "m.pb")],
                    ["export", "--weights", str(weights), "--out", str(folder / "m.mindir"), "--inside"],
                    ["export", "--weights", str(weights), "--format", "onnx", "--out", str(folder / "m.txt")]):  # fmt: skip
        assert main(command) == 2, command
    err = capsys.readouterr().err
    for part in (
        "leave --model and --config out",
        "can only be used by",
        "end in .mindir or .onnx",
        "for .onnx only",
        "must end in .onnx",
    ):
        assert part in err
    assert {path.name for path in folder.iterdir()} == {"data", "w.safetensors", file.name, "out"}


def test_what_is_no_such_file(folder, capsys):
    file = folder / "m.onnx"
    export_onnx(model_of(depth=1), file)
    whole, picture = file.read_bytes(), str(folder / "data" / "n0" / "0.png")
    other = onnx.load_from_string(whole)
    del other.metadata_props[:]
    damaged = onnx.load_from_string(whole)
    damaged.metadata_props[0].value = '{"config": 3}'
    no_json = onnx.load_from_string(whole)
    no_json.metadata_props[0].value = "{"
    for content, said in (
        (b"", "no ONNX file that works"),
        (b"hello", "no ONNX file that works"),
        (whole[: len(whole) // 2], "no ONNX file that works"),
        (other.SerializeToString(), "not one of vit export's"),
        (damaged.SerializeToString(), "broken metadata"),
        (no_json.SerializeToString(), "no ONNX file that works"),
    ):
        file.write_bytes(content)
        assert main(["predict", "--weights", str(file), picture]) == 2
        assert said in capsys.readouterr().err
    assert main(["predict", "--weights", str(folder / "none.onnx"), picture]) == 2
    assert "no such file" in capsys.readouterr().err


def test_without_the_packages_a_line_says_what_to_install(folder, monkeypatch):
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnxruntime" else real(name))
    with pytest.raises(vit.UserError, match="not installed: onnxruntime; pip install onnxruntime 'numpy<2'"):
        export_onnx(model_of(), folder / "m.onnx")
    assert not (folder / "m.onnx").exists()


def test_a_disagreement_leaves_nothing(folder, monkeypatch):
    monkeypatch.setattr("vit.onnx_file.make_forward", lambda model: lambda images: _Answer(np.ones((2, 7), np.float32)))
    with pytest.raises(RunFailed, match="answers otherwise"):
        export_onnx(model_of(), folder / "m.onnx")
    assert not (folder / "m.onnx").exists()


class _Answer:
    def __init__(self, values):
        self.values = values

    def asnumpy(self):
        return self.values


@pytest.mark.slow
def test_published_weights_on_photographs(real, tmp_path):
    model = load_model(real / "vit_tiny_patch16_224.safetensors")
    export_onnx(model, tmp_path / "ti.onnx")
    other = load_onnx(tmp_path / "ti.onnx")
    for photo in sorted((real / "photos").glob("*.jpg"))[:4]:
        images = preprocess(read_image(photo), model.preprocessing)[None]
        wanted = make_forward(model)(images).asnumpy()
        assert np.abs(other(images).asnumpy() - wanted).max() < 1e-4 * np.abs(wanted).max()
