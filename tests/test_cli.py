"""The contract of the commands: answers, exit codes, and one clear line for what is wrong."""

import json
import os
import subprocess
import sys

import pytest
from conftest import SMALL
from PIL import Image

from vit.cli import main
from vit.data.class_names import ClassName
from vit.weights import save_model


@pytest.fixture
def weights(small_model, tmp_path):
    return save_model(small_model, tmp_path / "small.safetensors")


@pytest.fixture
def data(tmp_path):
    """Two classes of the small model, three pictures each."""
    for name, colour in (("ant", "red"), ("n00000001", "blue")):
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(3):
            Image.new("RGB", (40 + i, 50), colour).save(tmp_path / "data" / name / f"{i}.png")
    return tmp_path / "data"


def tree(folder):
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_eval_json_is_one_object_and_what_is_left_out_is_told(weights, data, capsys):
    (data / "ant" / "0.png").write_text("broken")
    assert main(["eval", "--weights", str(weights), "--data", str(data), "--json"]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert list(result) == ["images", "top1", "top5", "unreadable"]
    assert (result["images"], result["unreadable"]) == (5, [str(data / "ant" / "0.png")])
    assert "n00000001 -> class 1, bee" in err
    assert "left out" in err
    assert "0.png" in err
    assert main(["eval", "--weights", str(weights), "--data", str(data), "--strict"]) == 2


def test_eval_with_labels_says_it_in_a_line(weights, data, tmp_path, capsys):
    (tmp_path / "l.csv").write_text("file,class_index\nant/0.png,0\nant/1.png,6\n")
    arguments = ["--data", str(data), "--labels", str(tmp_path / "l.csv")]
    assert main(["eval", "--weights", str(weights), *arguments]) == 0
    assert capsys.readouterr().out.startswith("2 pictures  top-1 ")


def test_predict_saves_pages_that_stay_apart(weights, data, tmp_path, capsys):
    images = [str(data / "ant" / "0.png"), str(data / "n00000001" / "0.png")]
    out = tmp_path / "pages"
    assert main(["predict", "--weights", str(weights), *images, "--top", "3", "--save", str(out), "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)["images"]
    assert [len(answer["top"]) for answer in answers] == [3, 3]
    assert set(answers[0]["top"][0]) == {"class_index", "wnid", "name", "name_zh", "probability"}
    assert sorted(path.name for path in out.iterdir()) == ["0-2.png", "0.png"]
    assert all(Image.open(answer["saved"]).width > 500 for answer in answers)


def test_saving_never_overwrites_the_picture(weights, data, capsys):
    image = data / "ant" / "0.png"
    before = tree(data)
    assert main(["predict", "--weights", str(weights), str(image), "--save", str(image.parent)]) == 2
    assert "overwrite" in capsys.readouterr().err
    assert tree(data) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("eval --weights {w} --data {t}/none", "no such folder"),
        ("eval --weights {w} --data {t}/empty", "no class folders"),
        ("eval --weights {w} --data {t}/hollow", "no picture in class folder 'ant'"),
        ("eval --weights {w} --data {t}/data/ant", "no class folders"),
        ("eval --weights {w} --data {t}/strange", "no class of these weights"),
        ("eval --weights {w} --data {t}/text", "none of 1 pictures can be read"),
        ("eval --weights {t}/text/ant/a.jpg --data {t}/data", "neither safetensors nor npz"),
        ("eval --weights {t}/none.ckpt --data {t}/data", "no such file"),
        ("eval --weights {w} --data {t}/data --model vit_tiny_patch16_224", "another model"),
        ("eval --weights {w} --data {t}/data --model vit_tinny", "did you mean"),
        ("eval --weights {w} --data {t}/data --labels {t}/none.csv", "no such file"),
        ("eval --weights {w} --data {t}/data --config {t}/text/ant/a.jpg", "not a readable JSON"),
        ("predict --weights {w} {t}/text/ant/a.jpg", "not a picture"),
        ("predict --weights {w} {t}/none.jpg", "no such file"),
        ("predict --weights {w} {t}/data", "is a folder"),
        ("predict --weights {w} {t}/data/ant/0.png {t}/text/ant/a.jpg --save {t}/pages", "not a picture"),
        ("predict --weights vit_tinny {t}/data/ant/0.png", "did you mean"),
        ("weights use {t}/text/ant/a.jpg --model vit_tiny_patch16_224", "neither safetensors"),
        ("weights get nothing", "did you mean"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(weights, data, tmp_path, capsys, arguments, message):
    for folder in ("empty", "hollow/ant", "strange/xyzzy", "text/ant"):
        (tmp_path / folder).mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(tmp_path / "strange" / "xyzzy" / "a.png")
    (tmp_path / "text" / "ant" / "a.jpg").write_text("this is no picture")
    before = tree(tmp_path)
    assert main(arguments.format(w=weights, t=tmp_path).split()) == 2
    out, err = capsys.readouterr()
    assert not out
    last = err.strip().splitlines()[-1]
    assert last.startswith("vit: ")
    assert message in last
    assert tree(tmp_path) == before, "nothing on disk has changed"


@pytest.mark.parametrize(
    "arguments", ["", "eval", "predict --weights x", "eval --weights w --data d --batch-size 0", "sing"]
)
def test_bad_use_is_exit_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments.split())
    assert stop.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_help_loads_nothing_heavy():
    code = (
        "import sys, vit.cli\n"
        "try: vit.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('mindspore', 'numpy', 'matplotlib', 'huggingface_hub') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr


def test_a_good_run_is_quiet(weights, data, tmp_path):
    """No warning, no framework log: only the answer on one side, progress on the other."""
    done = subprocess.run(
        [sys.executable, "-m", "vit", "eval", "--weights", str(weights), "--data", str(data), "--json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0
    json.loads(done.stdout)
    lines = [line for line in done.stderr.replace("\r", "\n").splitlines() if line.strip()]
    assert all("->" in line or line.startswith("evaluate:") for line in lines), done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"small.safetensors", "data"}, "and leaves nothing behind"


def test_config_makes_a_silent_file_usable(small_model, data, tmp_path, capsys):
    from safetensors.numpy import load_file, save_file

    save_file(load_file(save_model(small_model, tmp_path / "a.safetensors")), tmp_path / "bare.safetensors")
    arguments = ["predict", "--weights", str(tmp_path / "bare.safetensors"), str(data / "ant" / "0.png"), "--json"]
    assert main(arguments) == 2
    assert "how many heads" in capsys.readouterr().err
    (tmp_path / "c.json").write_text(json.dumps(SMALL))
    assert main([*arguments, "--config", str(tmp_path / "c.json")]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["images"][0]["top"][0]["name"].startswith("class ")
    assert "assuming the way of vit_*" in err


def test_saving_never_overwrites_another_input(weights, data, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    Image.new("RGB", (9, 9), "green").save(out / "0.png")
    before = tree(out)
    images = [str(data / "ant" / "0.png"), str(out / "0.png")]
    assert main(["predict", "--weights", str(weights), *images, "--save", str(out)]) == 2
    assert "overwrite" in capsys.readouterr().err
    assert tree(out) == before


def test_names_on_any_code_page_and_figures_with_any_window_system(small_model, tmp_path):
    small_model.classes = tuple(ClassName(f"n{i:08}", "cat", "埃及猫") for i in range(7))
    weights, picture = save_model(small_model, tmp_path / "w.safetensors"), tmp_path / "一 $x$.png"
    Image.new("RGB", (40, 50), "red").save(picture)
    command = [sys.executable, "-m", "vit", "predict", "--weights", weights, picture, "--save", tmp_path / "out"]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "MPLBACKEND": "foo"}
    done = subprocess.run(command, capture_output=True, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "埃及猫" in done.stdout.decode("utf-8")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [picture.name]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("eval --weights x.mindir --data {t}", "can only be used by: vit predict"),
        (
            "predict --weights x.mindir --model vit_tiny_patch16_224 {t}/data/ant/0.png",
            "leave --model and --config out",
        ),
        ("data sample --out {t}/s --seed -1", "must not be negative"),
        ("data sample --out {t}/s --per-class 0", "between 1 and"),
        ("predict --weights " + "w" * 300 + " {t}/data/ant/0.png", "no such file"),
    ],
)
def test_misleading_combinations(data, tmp_path, capsys, arguments, message):
    assert main(arguments.format(t=tmp_path).split()) == 2
    assert message in capsys.readouterr().err


def test_device_and_precision_are_options_of_all_that_compute():
    from vit.cli import _parser

    start = {"train": "--data d --model m --out o", "eval": "--weights w --data d", "predict": "--weights w i.jpg"}
    for command, needed in start.items():
        arguments = _parser().parse_args([command, *needed.split(), "--device", "cpu", "--precision", "bf16"])
        assert (arguments.device, arguments.precision) == ("cpu", "bf16")
        with pytest.raises(SystemExit):  # fp16 would need its loss scaled
            _parser().parse_args([command, *needed.split(), "--precision", "fp16"])
