"""Accuracy: counted rightly on small data, and as published on real photographs."""

import numpy as np
import pytest
from PIL import Image

import vit
from vit.data.labels import Labelled, from_csv, from_folders
from vit.evaluation import evaluate, logits_of
from vit.inference import class_names, predict
from vit.weights import load_model


@pytest.fixture
def pictures(tmp_path):
    rng = np.random.default_rng(0)
    paths = []
    for i in range(11):
        Image.fromarray(rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)).save(tmp_path / f"{i:02}.png")
        paths.append(tmp_path / f"{i:02}.png")
    return paths


def test_top_1_and_top_5_count_every_readable_picture(small_model, pictures):
    logits, _ = logits_of(small_model, pictures, batch_size=11, progress=False)
    order = np.argsort(-logits, axis=1)
    pictures[4].write_text("broken")
    # right answers at ranks 0, 4, 5, then 0 for the rest
    labels = [int(order[i][{1: 4, 2: 5}.get(i, 0)]) for i in range(11)]
    result = evaluate(small_model, Labelled(pictures, labels, {}), batch_size=4, progress=False)
    assert result == {"images": 10, "top1": 0.8, "top5": 0.9, "unreadable": [str(pictures[4])]}


def test_logits_are_of_the_readable_pictures(small_model, pictures):
    whole, _ = logits_of(small_model, pictures, batch_size=4, progress=False)
    for i in (0, 5):
        pictures[i].write_text("broken")
    logits, unreadable = logits_of(small_model, pictures, batch_size=4, progress=False)
    assert sorted(unreadable) == [0, 5]
    assert "not a picture" in unreadable[5]
    np.testing.assert_allclose(logits, np.delete(whole, [0, 5], axis=0), atol=1e-4)


def test_logits_do_not_depend_on_the_batch(small_model, pictures):
    one, _ = logits_of(small_model, pictures, batch_size=4, progress=False)
    other, _ = logits_of(small_model, pictures, batch_size=11, progress=False)
    np.testing.assert_allclose(one, other, atol=1e-4)


def test_a_model_that_says_nothing_scores_nothing(small_model, pictures):
    for parameter in small_model.head.get_parameters():
        parameter.set_data(parameter * 0)
    result = evaluate(small_model, Labelled(pictures, [0] * 11, {}), progress=False)
    assert (result["top1"], result["top5"]) == (0, 0), "equal logits are no right answer"


def test_nothing_readable(small_model, tmp_path):
    (tmp_path / "a.jpg").write_text("x")
    with pytest.raises(vit.UserError, match="none of 1 pictures"):
        evaluate(small_model, Labelled([tmp_path / "a.jpg"], [0], {}), progress=False)


def test_evaluation_and_prediction_agree(small_model, pictures):
    logits, _ = logits_of(small_model, pictures[:1], progress=False)
    guesses = predict(small_model, pictures[0], top=99)
    assert len(guesses) == 7
    assert guesses[0].index == logits[0].argmax()
    assert abs(sum(guess.probability for guess in guesses) - 1) < 1e-9
    assert str(guesses[0].class_name) == ["ant", "bee", "cat", "dog", "elk", "fox", "gnu"][guesses[0].index]
    np.testing.assert_allclose(
        np.log(guesses[0].probability / guesses[1].probability),
        np.sort(logits[0])[-1] - np.sort(logits[0])[-2],
        atol=1e-3,
    )


def test_unknown_classes_are_numbered(small_model):
    small_model.classes = None
    assert str(class_names(small_model)[3]) == "class 3"


@pytest.fixture(scope="module")
def vit_tiny(real):
    return load_model(real / "vit_tiny_patch16_224.safetensors", model_name="vit_tiny_patch16_224")


@pytest.mark.slow
def test_the_200_photographs(vit_tiny, real):
    data = from_csv(real / "photos" / "labels.csv", real / "photos", 1000)
    logits, unreadable = logits_of(vit_tiny, data.paths, progress=False)
    assert not unreadable
    parity = np.load(real / "vit_tiny_parity.npz")
    assert np.abs(logits - parity["photo_logits"]).max() < 1e-3, "the whole way, from file to logit"
    order = np.argsort(-logits, 1)
    hits = order == np.array(data.labels)[:, None]
    assert abs(hits[:, 0].mean() - 0.895) <= 0.01
    assert abs(hits[:, :5].any(1).mean() - 0.980) <= 0.01
    # what `evaluate` counts, on those of them that are hard, and some more
    some = np.flatnonzero(~hits[:, 0])[:20].tolist() + list(range(20))
    result = evaluate(
        vit_tiny, Labelled([data.paths[i] for i in some], [data.labels[i] for i in some], {}), progress=False
    )
    assert result["images"] == 40
    assert result["top1"] == pytest.approx(hits[some, 0].mean())
    assert result["top5"] == pytest.approx(hits[some, :5].any(1).mean())


@pytest.mark.slow
def test_ants_and_bees_are_scored_by_1000_way_weights(vit_tiny, real):
    data = from_folders(real / "hymenoptera" / "val", vit_tiny.classes)
    assert data.folders == {"ants": 310, "bees": 309}
    assert evaluate(vit_tiny, data, progress=False)["top1"] > 0.8
    few = range(0, len(data.paths), 8)
    alphabetical = Labelled([data.paths[i] for i in few], [[310, 309].index(data.labels[i]) for i in few], {})
    assert evaluate(vit_tiny, alphabetical, progress=False)["top1"] < 0.01, "the common mistake shows"


def test_the_offline_photographs(vit_tiny):
    from vit.data.photographs import offline_photographs

    names = {name: str(predict(vit_tiny, path)[0].class_name) for name, (path, _) in offline_photographs().items()}
    assert names == {"cat": "Egyptian cat", "coffee": "espresso", "grace_hopper": "military uniform"}


def test_a_model_of_nan_is_no_good_model(small_model, pictures):
    import mindspore as ms

    small_model.head.bias.set_data(ms.Tensor(np.full(7, np.nan, np.float32)))
    with pytest.raises(vit.runtime.errors.RunFailed, match="NaN"):
        evaluate(small_model, Labelled(pictures, [0] * 11, {}), progress=False)


def test_no_pictures(small_model):
    with pytest.raises(vit.UserError, match="no pictures"):
        evaluate(small_model, Labelled([], [], {}), progress=False)


def test_an_interrupt_after_a_forward_pass_can_be_caught(tmp_path):
    """MindSpore leaves a handler behind that kills; in a notebook that would be the kernel."""
    import subprocess
    import sys

    (tmp_path / "stop.py").write_text(
        "import os, signal, numpy as np, vit\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job in the background starts with it ignored
        "model = vit.create_model('vit_sample_patch8_64', depth=1)\n"
        "vit.inference.make_forward(model)(np.zeros((1, 3, 64, 64), np.float32)).asnumpy()\n"
        "try:\n    os.kill(os.getpid(), signal.SIGINT)\n    sum(range(10**7))\n"
        "except KeyboardInterrupt:\n    print('caught')\n"
    )
    done = subprocess.run([sys.executable, tmp_path / "stop.py"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "caught\n"), done.stderr


def test_a_model_without_preprocessing_says_so():
    picture = np.zeros((70, 70, 3), np.uint8)
    model = vit.create_model("vit_sample_patch8_64")
    assert len(vit.inference.predict(model, picture)) == 5, "a named model knows its own"
    with pytest.raises(vit.UserError, match="how its pictures are prepared"):
        vit.inference.predict(vit.ViT(model.config), picture)
