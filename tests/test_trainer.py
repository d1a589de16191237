"""Training runs: what they write, what they prove, how they stop and go on."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import replace

import mindspore as ms
import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file

import vit
from vit import inference
from vit.cli import main
from vit.data.labels import from_folders
from vit.evaluation import evaluate
from vit.training import fit as trainer_module
from vit.training.fit import Recipe, fit
from vit.training.state import has_state
from vit.weights import load_model, model_for, save_model

MODEL = "vit_sample_patch8_64"


@pytest.fixture(autouse=True, scope="module")
def two_blocks_are_enough():
    """The sample model with two blocks: compiles in a third of the time."""
    from vit.config import MODELS

    with pytest.MonkeyPatch.context() as patch:
        line = MODELS[MODEL]
        patch.setitem(MODELS, MODEL, replace(line, config=replace(line.config, depth=2)))
        yield


COLOURS = {"n01443537": (220, 120, 30), "n02165456": (30, 60, 200)}


def make_data(folder, train=12, val=5):
    """Two classes that differ in colour: learned in a few steps."""
    rng = np.random.default_rng(0)
    for split, count in (("train", train), ("val", val)):
        for name, colour in COLOURS.items():
            (folder / split / name).mkdir(parents=True)
            for i in range(count):
                pixels = np.clip(np.array(colour) + rng.normal(0, 25, (70, 80, 3)), 0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(folder / split / name / f"{i}.jpg")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return make_data(tmp_path_factory.mktemp("two colours"))


class Nudge:
    """In place of a training step: moves the head a little for each batch, and compiles nothing."""

    def __init__(self, model, *arguments, **options):
        self.cell, self.model = self, model
        self.steps = ms.Parameter(ms.Tensor(0, ms.int32), name="adamw_steps")

    def parameters_and_names(self):
        return [*self.model.parameters_and_names(), ("steps", self.steps)]

    def compile(self, batch_size):
        pass

    def __call__(self, images, labels):
        bias, loss = self.model.head.bias, np.float32(np.mean(images) + np.mean(labels))
        bias.set_data(ms.Tensor(bias.asnumpy() * np.float32(0.9) + np.float32(1e-9) * loss))
        self.steps.set_data(ms.Tensor(int(self.steps.asnumpy()) + 1, ms.int32))
        return ms.Tensor(loss)


@pytest.fixture
def quick(monkeypatch):
    """For runs in which it is files and messages that are looked at."""
    monkeypatch.setattr(trainer_module, "make_train_step", Nudge)
    monkeypatch.setattr(inference, "in_graph_mode", nullcontext)


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "first"
    metrics = fit(data, out, MODEL, recipe=Recipe(epochs=3, batch_size=8, lr=1e-3), progress=False)
    return out, metrics


def test_a_run_writes_what_it_says(run):
    out, metrics = run
    assert {path.name for path in out.iterdir()} - {"compile_cache"} == {  # a worker of pytest-xdist has no main script
        "best.safetensors", "last.safetensors", "state.safetensors", "state.previous.safetensors", "log.csv",
        "metrics.json", "loss.png", ".state.lock",
    }  # fmt: skip
    assert json.loads((out / "metrics.json").read_text()) == metrics
    with open(out / "log.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert [row["steps"] for row in rows] == ["3", "6", "9"]
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"])
    assert Image.open(out / "loss.png").width > 500


def test_the_accuracy_is_that_of_the_model_trained_and_of_the_file_saved(run, data):
    out, metrics = run
    model = load_model(out / "best.safetensors")
    result = evaluate(model, from_folders(data / "val", model.classes), progress=False)
    assert (result["images"], result["top1"]) == (10, metrics["top1"])
    assert metrics["top1"] >= 0.9
    assert [str(known) for known in model.classes] == ["goldfish", "ladybug"]
    ms.set_seed(0)
    untrained = vit.create_model(MODEL, num_classes=2)
    changed = [
        name
        for (name, a), (_, b) in zip(model.parameters_and_names(), untrained.parameters_and_names(), strict=True)
        if not np.array_equal(a.asnumpy(), b.asnumpy())
    ]
    assert len(changed) == len(list(untrained.get_parameters())), "every parameter has moved"


class StopAt:
    """Ctrl-C during a step: wraps the batches, and sends the signal in the middle of an epoch."""

    def __init__(self, steps):
        self.steps, self.real = steps, trainer_module.training_batches

    def __call__(self, *arguments, **options):
        for batch in self.real(*arguments, **options):
            yield batch
            self.steps -= 1
            if self.steps == 0:
                os.kill(os.getpid(), signal.SIGINT)


def test_a_stopped_run_goes_on_as_if_nothing_had_been(run, data, tmp_path, monkeypatch):
    """Stopped in its first epoch; at every other moment: `tests/test_run.py`. The seed repeats a run, too."""
    out, metrics = run
    recipe = Recipe(epochs=3, batch_size=8, lr=1e-3)
    with monkeypatch.context() as patch:
        patch.setattr(trainer_module, "training_batches", StopAt(2))
        with pytest.raises(KeyboardInterrupt):
            fit(data, tmp_path, MODEL, recipe=recipe, progress=False)
    resumed = fit(data, tmp_path, MODEL, recipe=recipe, resume=True, progress=False)
    assert resumed["top1"] == metrics["top1"]
    a, b = load_file(out / "state.safetensors"), load_file(tmp_path / "state.safetensors")
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_allclose(b[name], a[name], atol=1e-6, err_msg=name)
    with open(out / "log.csv") as first, open(tmp_path / "log.csv") as second:
        losses = [[row["train_loss"] for row in csv.DictReader(file)] for file in (first, second)]
    assert losses[0] == losses[1]


def test_stopped_in_its_evaluation_nothing_is_trained_again(data, tmp_path, monkeypatch, quick, capsys):
    recipe, seen = Recipe(epochs=2, batch_size=8), []

    def stopped(*arguments, **options):
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("the evaluation is left at once")

    def counted(*arguments, **options):
        for batch in batches(*arguments, **options):
            seen.append(arguments[3])
            yield batch

    batches = trainer_module.training_batches
    with monkeypatch.context() as patch:
        patch.setattr(trainer_module, "evaluate", stopped)
        with pytest.raises(KeyboardInterrupt):
            fit(data, tmp_path, MODEL, recipe=recipe, progress=False)
    monkeypatch.setattr(trainer_module, "training_batches", counted)
    fit(data, tmp_path, MODEL, recipe=recipe, resume=True, progress=False)
    assert seen == [1, 1, 1]


class Killed(BaseException):
    """Nothing catches it."""


@pytest.mark.slow
def test_killed_before_any_rename_the_files_are_in_the_end_those_of_an_unbroken_run(tmp_path, quick, monkeypatch):
    data = make_data(tmp_path / "data", train=1, val=1)
    recipe, real, count = Recipe(epochs=1, batch_size=2), os.replace, [0]
    monkeypatch.setattr(trainer_module, "save_figure", lambda figure, path: path)  # slow, and nothing reads it

    def replace_until(number):
        def call(*arguments):
            count[0] += 1
            if count[0] == number:
                raise Killed
            return real(*arguments)

        return call

    def contents(out):
        files = {path.name: path.read_bytes() for path in out.iterdir() if path.suffix == ".safetensors"}
        rows = list(csv.DictReader((out / "log.csv").read_text().splitlines()))
        about = json.loads((out / "metrics.json").read_text())
        state = load_file(out / "state.safetensors")
        return (
            {name: files[name] for name in ("best.safetensors", "last.safetensors")},
            {name: value.tobytes() for name, value in state.items()},
            [(row["epoch"], row["train_loss"], row["val_top1"]) for row in rows],
            (about["top1"], about["epochs"]),
        )

    monkeypatch.setattr(os, "replace", replace_until(0))
    fit(data, tmp_path / "whole", MODEL, recipe=recipe, progress=False)
    many, whole = count[0], contents(tmp_path / "whole")
    assert many > 8
    for number in range(1, many + 1):
        out, count[0] = tmp_path / str(number), 0
        monkeypatch.setattr(os, "replace", replace_until(number))
        with pytest.raises(Killed):
            fit(data, out, MODEL, recipe=recipe, progress=False)
        monkeypatch.setattr(os, "replace", real)
        for name in ("best", "last"):
            (out / f".{name}-abcd_123.safetensors").write_text("half")  # a real kill cleans nothing up
        fit(data, out, MODEL, recipe=recipe, resume=has_state(out / "state.safetensors"), progress=False)
        assert contents(out) == whole, number
        assert not list(out.glob(".*-abcd_123*"))


def test_exchanged_labels_are_another_run(data, tmp_path, quick):
    """As many pictures, the same names of classes; but two folders have changed places."""
    copy = shutil.copytree(data, tmp_path / "data")
    recipe = Recipe(epochs=1, batch_size=8)
    fit(copy, tmp_path / "run", MODEL, recipe=recipe, progress=False)
    moved = shutil.move(copy, tmp_path / "moved")  # the folder may lie elsewhere
    fit(moved, tmp_path / "run", MODEL, recipe=recipe, resume=True, progress=False)
    (moved / "train" / "n02165456" / "0.jpg").rename(moved / "train" / "n01443537" / "99.jpg")
    (moved / "train" / "n01443537" / "0.jpg").rename(moved / "train" / "n02165456" / "99.jpg")
    with pytest.raises(vit.UserError, match="labels was"):
        fit(moved, tmp_path / "run", MODEL, recipe=recipe, resume=True, progress=False)


@pytest.mark.slow
def test_ctrl_c_in_a_real_process(data, tmp_path):
    command = [
        sys.executable,
        "-m",
        "vit",
        "train",
        "--data",
        str(data),
        "--model",
        MODEL,
        "--out",
        str(tmp_path / "run"),
    ]
    command += ["--epochs", "400", "--batch-size", "8"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for _ in range(600):
        time.sleep(0.1)
        if (tmp_path / "run" / "state.safetensors").exists():
            break
    for _ in range(3):  # an impatient one
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "--resume goes on" in err
    assert "Traceback" not in err
    assert has_state(tmp_path / "run" / "state.safetensors")


def test_stopped_before_it_began_nothing_is_promised(data, tmp_path, capsys, monkeypatch):
    def scanning(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(trainer_module, "training_set", scanning)
    command = ["train", "--data", str(data), "--model", MODEL, "--out", str(tmp_path / "run")]
    assert main(command) == 130
    assert "no training had begun" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_weights_with_the_same_classes_keep_their_head(run, data, tmp_path, capsys, quick):
    out, _ = run
    metrics = fit(
        data, tmp_path, MODEL, out / "best.safetensors", Recipe(epochs=1, batch_size=8, lr=1e-9), progress=False
    )
    assert "replaced" not in capsys.readouterr().err
    assert metrics["top1"] >= 0.9, "it went on from what it knew"


def test_weights_of_other_classes_get_a_new_head(run, tmp_path, capsys):
    out, _ = run
    model = load_model(out / "best.safetensors")
    classes = model.classes
    model.classes = tuple(reversed(classes))  # as many, but other ones
    new = model_for(classes, MODEL, save_model(model, tmp_path / "other.safetensors"))
    assert new.classes == classes
    assert np.abs(new.head.weight.asnumpy()).max() == 0
    assert "the head is new" in capsys.readouterr().err


def test_a_loss_that_is_no_number_stops_at_the_step(data, tmp_path, monkeypatch, quick):
    real = trainer_module.training_batches

    def poisoned(*arguments, **options):
        for i, (images, labels) in enumerate(real(*arguments, **options)):
            epoch = arguments[3]
            yield (images * np.nan if (epoch, i) == (1, 1) else images), labels

    monkeypatch.setattr(trainer_module, "training_batches", poisoned)
    with pytest.raises(vit.runtime.errors.RunFailed, match="step 5"):
        fit(data, tmp_path / "run", MODEL, recipe=Recipe(epochs=3, batch_size=8), progress=False)
    load_model(tmp_path / "run" / "last.safetensors")  # refuses NaN
    assert not (tmp_path / "run" / "metrics.json").exists()


def test_pictures_that_need_pillow_train_too(tmp_path, quick):
    data = make_data(tmp_path / "data", train=4, val=2)
    folder = data / "train" / "n01443537"
    image = Image.open(folder / "0.jpg")
    image.save(folder / "moving.gif")
    image.convert("CMYK").save(folder / "print.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(folder / "turned.jpg", exif=exif)
    (folder / "broken.jpg").write_bytes((folder / "1.jpg").read_bytes()[:300])
    (data / "train" / "n01443537" / "表情😀.jpg").write_bytes((folder / "2.jpg").read_bytes())
    metrics = fit(data, tmp_path / "run", MODEL, recipe=Recipe(epochs=1, batch_size=6), progress=False)
    assert metrics["settings"]["pictures"] == 12  # 4 + 4 good ones, 3 that need Pillow, 1 with an emoji


def test_recipes_that_cannot_be(data, tmp_path):
    for change, message in (
        ({"epochs": 0}, "epochs must lie between 1"),
        ({"batch_size": 100}, "24 readable pictures do not fill a batch of 100"),
        ({"lr": -1.0}, "lr must lie between"),
        ({"lr": float("nan")}, "lr must lie between"),
        ({"beta2": 1.0}, "beta2"),
        ({"label_smoothing": 2.0}, "label_smoothing"),
        ({"warmup": -1.0}, "warmup"),
        ({"weight_decay": -1.0}, "weight_decay"),
        ({"seed": -1}, "seed"),
        ({"crop_scale": 0.0}, "crop_scale"),
    ):
        with pytest.raises(vit.UserError, match=message):
            fit(data, tmp_path / "run", MODEL, recipe=Recipe(**change), progress=False)
        assert not (tmp_path / "run").exists()


def test_one_picture_a_class_is_enough_for_a_batch_of_two(tmp_path, quick):
    data = make_data(tmp_path / "data", train=1, val=1)
    assert fit(data, tmp_path / "run", MODEL, recipe=Recipe(epochs=1, batch_size=2), progress=False)["images"] == 2


def test_chinese_and_emoji_names(tmp_path, quick):
    data = make_data(tmp_path / "数据 🐟", train=3, val=2)
    for split in ("train", "val"):
        (data / split / "n01443537").rename(data / split / "金鱼 🐠")
    fit(data, tmp_path / "结果", MODEL, recipe=Recipe(epochs=1, batch_size=2), progress=False)
    assert {str(c) for c in load_model(tmp_path / "结果" / "best.safetensors").classes} == {"金鱼 🐠", "ladybug"}


def test_resuming_what_is_not_the_same_run(run, data, tmp_path):
    out, _ = run
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    with pytest.raises(vit.UserError, match=r"lr was 0\.001, now 0\.002"):
        fit(data, out, MODEL, recipe=Recipe(epochs=3, batch_size=8, lr=2e-3), resume=True, progress=False)
    with pytest.raises(vit.UserError, match="model was"):
        fit(
            data,
            out,
            "vit_tiny_patch16_224",
            recipe=Recipe(epochs=3, batch_size=8, lr=1e-3),
            resume=True,
            progress=False,
        )
    with pytest.raises(vit.UserError, match="holds a run already"):
        fit(data, out, MODEL, recipe=Recipe(epochs=3, batch_size=8, lr=1e-3), progress=False)
    with pytest.raises(vit.UserError, match="no run to resume"):
        fit(data, tmp_path / "none", MODEL, recipe=Recipe(batch_size=8), resume=True, progress=False)
    assert before == {path.name: path.stat().st_mtime_ns for path in out.iterdir()}


def test_a_broken_state(run, data, tmp_path):
    (tmp_path / "state.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{broken")
    with pytest.raises(vit.UserError, match="not the state of a run"):
        fit(data, tmp_path, MODEL, recipe=Recipe(epochs=3, batch_size=8), resume=True, progress=False)
    save_file({"x": np.zeros(3, np.float32)}, tmp_path / "state.safetensors")
    with pytest.raises(vit.UserError, match="not the state of a run"):
        fit(data, tmp_path, MODEL, recipe=Recipe(epochs=3, batch_size=8), resume=True, progress=False)


def test_an_output_folder_that_cannot_be_written(data, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(vit.UserError, match="cannot be written"):
        fit(data, tmp_path / "file" / "run", MODEL, recipe=Recipe(epochs=1, batch_size=8), progress=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--device gpu", "cannot compute on GPU"),
        ("--precision bf16", "CPU kernels have no bf16"),
        ("--epochs 0", "epochs must lie between"),
        ("--model vit_smaple", "did you mean"),
        ("--weights nothing.safetensors", "no such file"),
    ],
)
def test_said_before_the_run(data, tmp_path, capsys, arguments, message):
    base = ["train", "--data", str(data), "--model", MODEL, "--out", str(tmp_path / "run"), "--batch-size", "8"]
    base += arguments.split()
    assert main(base) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_data_that_is_none(tmp_path, capsys):
    (tmp_path / "train" / "a").mkdir(parents=True)
    assert main(["train", "--data", str(tmp_path), "--model", MODEL, "--out", str(tmp_path / "run")]) == 2
    assert "no folder val/" in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["train"]


def test_the_command_s_defaults_are_the_recipe_s():
    from dataclasses import asdict

    from vit.cli import _parser

    arguments = vars(_parser().parse_args(["train", "--data", "d", "--model", "m", "--out", "o"]))
    recipe = asdict(Recipe())
    assert {name: arguments[name] for name in recipe if name in arguments} == {
        name: value for name, value in recipe.items() if name in arguments
    }
    assert len(recipe.keys() & arguments.keys()) >= 9
