"""The weights that come with the course: small, self-describing, and as good as their record says."""

import json

import numpy as np
import pytest

import vit
from vit.data.labels import Labelled
from vit.data.sample.dataset import THINGS, picture
from vit.evaluation import evaluate
from vit.inference import predict
from vit.weights import load_model
from vit.weights.hub import find, shipped_path

NAME = "vit_sample_patch8_64"
RECORD = shipped_path(NAME).with_suffix(".json")


@pytest.fixture(scope="module")
def model():
    return load_model(NAME)


def test_they_are_found_by_name_and_small():
    assert find(NAME) == shipped_path(NAME)
    assert shipped_path(NAME).stat().st_size < 6e6


def test_they_say_everything_of_themselves(model):
    assert [known.wnid for known in model.classes] == [thing.wnid for thing in THINGS]
    assert model.preprocessing.size == model.config.image_size == 64
    assert vit.create_model(NAME, weights=NAME).config == model.config


def test_they_are_as_good_as_their_record(model, tmp_path):
    """On drawings of val, made here, the same pixels as in data/sample; and on one of infer, named by itself."""
    paths, labels = [], []
    for thing in range(10):
        for number in range(20):
            image, _, quality = picture("val", thing, number)
            paths.append(tmp_path / f"{thing}-{number}.jpg")
            image.save(paths[-1], quality=quality)
            labels.append(thing)
    result = evaluate(model, Labelled(paths, labels, {}), batch_size=50, progress=False)
    recorded = json.loads(RECORD.read_text())["top1"]
    # 200 of the 1000 pictures: three standard errors
    assert abs(result["top1"] - recorded) < 3 * np.sqrt(recorded * (1 - recorded) / 200)
    drawing = np.asarray(picture("infer", 3, 0)[0])
    assert predict(model, drawing, top=1)[0].index == 3


def test_the_ten_classes_have_chinese_names(model):
    """The file holds English ones; the table of ImageNet adds the Chinese."""
    assert [known.name_zh for known in model.classes][:2] == ["金鱼", "瓢虫"]
    assert all(known.name_zh for known in model.classes)
