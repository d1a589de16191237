"""The exported model: the same answers, through the command too, and files that are no such thing."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vit
from vit.cli import main
from vit.export import about_path, export, load_exported
from vit.inference import predict
from vit.weights import save_model


@pytest.fixture
def picture(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 60, 3), dtype=np.uint8)).save(tmp_path / "p.png")
    return tmp_path / "p.png"


def test_the_exported_model_names_the_same(small_model, picture, tmp_path):
    path = tmp_path / "model.mindir"
    assert export(small_model, path) < 1e-5
    again = predict(load_exported(path), picture)
    for a, b in zip(predict(small_model, picture), again, strict=True):
        assert (a.index, str(a.class_name)) == (b.index, str(b.class_name))
        assert abs(a.probability - b.probability) < 1e-5
    assert {p.name for p in tmp_path.iterdir()} == {"p.png", "model.mindir", "model.mindir.json"}


def test_by_command_into_the_home_of_anybody(small_model, picture, tmp_path, capsys, monkeypatch):
    """MindSpore itself takes no space, +, parenthesis or letter beyond ASCII in a path."""
    weights = save_model(small_model, tmp_path / "w.safetensors")
    home = tmp_path / "张三 (é+ü)"
    home.mkdir()
    monkeypatch.chdir(home)
    path = home / "模型 1.mindir"
    assert main(["export", "--weights", str(weights), "--out", path.name, "--json"]) == 0
    assert Path.cwd() == home
    assert {p.name for p in home.iterdir()} == {path.name, f"{path.name}.json"}
    assert json.loads(capsys.readouterr().out)["difference"] < 1e-5
    answers = []
    for source in (weights, path):
        assert main(["predict", "--weights", str(source), str(picture), "--json"]) == 0
        answers.append([guess["name"] for guess in json.loads(capsys.readouterr().out)["images"][0]["top"]])
    assert answers[0] == answers[1]


def test_what_is_no_exported_model(small_model, picture, tmp_path):
    path = tmp_path / "m.mindir"
    with pytest.raises(vit.UserError, match=r"must end in \.mindir"):
        export(small_model, tmp_path / "m.onnx")
    (tmp_path / "folder.mindir").mkdir()
    with pytest.raises(vit.UserError, match="is a folder"):
        export(small_model, tmp_path / "folder.mindir")
    with pytest.raises(vit.UserError, match="not in Unicode"):
        export(small_model, tmp_path / os.fsdecode(b"caf\xe9.mindir"))
    with pytest.raises(vit.UserError, match="no such file"):
        load_exported(path)
    path.write_text("no graph")
    with pytest.raises(vit.UserError, match="belongs beside"):
        load_exported(path)
    about_path(path).write_text(json.dumps({"preprocessing": asdict(small_model.preprocessing), "classes": []}))
    with pytest.raises(vit.UserError, match="not a MindIR file"):
        load_exported(path)
    about_path(path).write_text("{}")
    with pytest.raises(vit.UserError, match="broken"):
        load_exported(path)
