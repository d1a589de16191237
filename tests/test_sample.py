"""The sample data: the same seed draws the same pixels, and the folders are those of the subset."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

import vit
from vit.cli import main
from vit.data.class_names import imagenet_classes
from vit.data.images import read_image
from vit.data.sample import dataset
from vit.data.sample.curves import ellipse, smooth, star, stroke
from vit.data.sample.dataset import THINGS, make_sample, picture

FEW = {"train": 2, "val": 1, "infer": 1}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn") / "sample"
    assert make_sample(folder, FEW, progress=False)
    return folder


def test_the_folders_are_those_of_the_subset(drawn):
    assert {path.name for path in drawn.iterdir()} == {"train", "val", "infer", "masks", "about.json"}
    wnids = {thing.wnid for thing in THINGS}
    assert len(wnids) == 10
    assert wnids <= {known.wnid for known in imagenet_classes()}
    for split, count in FEW.items():
        assert {path.name for path in (drawn / split).iterdir()} == wnids
        assert all(len(list(path.iterdir())) == count for path in (drawn / split).iterdir())


def test_masks_lie_on_the_pictures_of_val(drawn):
    for path in (drawn / "val").rglob("*.jpg"):
        mask = Image.open(drawn / "masks" / "val" / path.parent.name / f"{path.stem}.png")
        assert mask.size == Image.open(path).size
        values = np.asarray(mask)
        assert set(np.unique(values)) <= {0, 255}
        assert 0.02 < (values > 0).mean() < 0.8


def test_the_same_seed_draws_the_same_pixels(drawn, tmp_path):
    make_sample(tmp_path / "again", FEW, progress=False)
    for path in drawn.rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(drawn)).read_bytes(), path


def test_pictures_differ_by_every_part_of_their_address():
    first = np.asarray(picture("train", 0, 0)[0].resize((32, 32)))
    for address in (("val", 0, 0, 0), ("train", 1, 0, 0), ("train", 0, 1, 0), ("train", 0, 0, 1)):
        assert (np.asarray(picture(*address)[0].resize((32, 32))) != first).any(), address


def test_the_drawings_are_frozen():
    """A change here makes the shipped weights and every measured figure untrue: raise VERSION with it."""

    def digest(version):
        drawn = [picture("val", thing, 0, version=version)[0] for thing in range(10)]
        coarse = [np.asarray(image.resize((4, 4), Image.BOX)) // 16 for image in drawn]
        return hashlib.sha256(np.stack(coarse).tobytes()).hexdigest()[:16]

    assert (dataset.VERSION, digest(dataset.VERSION)) == (2, "76a01517c8d7b67b")
    assert (dataset.HARD_VERSION, digest(dataset.HARD_VERSION)) == (1, "15a7189f98b90a6b")


def test_the_hard_drawings_are_a_folder_of_their_own(tmp_path, capsys):
    make_sample(tmp_path / "hard", FEW, hard=True, progress=False)
    assert not make_sample(tmp_path / "hard", FEW, hard=True, progress=False)
    make_sample(tmp_path / "calm", FEW, progress=False)
    name = "train/n01443537/0000.jpg"
    assert (tmp_path / "hard" / name).read_bytes() != (tmp_path / "calm" / name).read_bytes()
    with pytest.raises(vit.UserError, match="the first version of the drawings"):
        make_sample(tmp_path / "hard", FEW, progress=False)


def test_calm_things_stand_upright_and_fill_the_frame():
    def cover(version):
        return np.mean(
            [(np.asarray(picture("val", t, n, version=version)[1]) > 0).mean() for t in range(10) for n in range(5)]
        )

    assert cover(2) > 1.2 * cover(1)


def test_a_second_call_draws_nothing(drawn):
    before = {path: path.stat().st_mtime_ns for path in drawn.rglob("*")}
    assert not make_sample(drawn, FEW, progress=False)
    assert before == {path: path.stat().st_mtime_ns for path in drawn.rglob("*")}


def test_what_is_in_the_way_is_left_alone(drawn, tmp_path, capsys):
    with pytest.raises(vit.UserError, match="another version, number or seed"):
        make_sample(drawn, FEW, seed=1, progress=False)
    (tmp_path / "mine.txt").write_text("precious")
    assert main(["data", "sample", "--out", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
    with pytest.raises(vit.UserError, match="cannot be written"):
        make_sample(tmp_path / "mine.txt" / "sample", FEW, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_interrupted_drawing_leaves_nothing(tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(dataset, "_draw_all", stop)
    with pytest.raises(KeyboardInterrupt):
        make_sample(tmp_path / "sample", FEW, progress=False)
    assert [path.name for path in tmp_path.iterdir()] in ([], [".sample.lock"])


def test_two_at_once_draw_it_once(tmp_path):
    """Two notebooks opened at once: the second waits for the first, and finds the drawings."""
    with ThreadPoolExecutor(2) as both:
        drawn = [both.submit(make_sample, tmp_path / "sample", FEW, progress=False) for _ in range(2)]
    assert sorted(one.result() for one in drawn) == [False, True]


def test_pictures_are_readable_and_varied(drawn):
    sizes = {read_image(path).shape for path in drawn.rglob("*.jpg")}
    assert len(sizes) > 15
    assert all(min(size[:2]) >= 60 and max(size[:2]) <= 160 for size in sizes)


def test_curves():
    circle = ellipse(1, 2, 3, n=60)
    np.testing.assert_allclose(np.hypot(*(circle - (1, 2)).T), 3)
    corners = [(0, 0), (2, 0), (2, 2), (0, 2)]
    np.testing.assert_allclose(smooth(corners, n=5)[::5], corners)
    band = stroke([(0, 0), (5, 0), (10, 0)], 2)
    np.testing.assert_allclose([band.min(0), band.max(0)], [[0, -1], [10, 1]])
    assert len(star(5, 1, 0.5, soft=False)) == 10


@pytest.mark.slow
def test_drawing_works_from_standard_input_and_without_a_guard(tmp_path):
    text = f"from vit.data.sample.dataset import make_sample; make_sample({str(tmp_path / 'drawn')!r}, {FEW}, progress=False)"
    done = subprocess.run([sys.executable, "-"], input=text, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    program = tmp_path / "program.py"
    program.write_text(text.replace("drawn", "again"))
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
