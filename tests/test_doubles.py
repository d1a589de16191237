"""Doubles: the same pixels, the same picture saved anew or smaller; `vit data check` tells them, `split` keeps them together."""

import json
import shutil
from pathlib import Path

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vit.cli import main
from vit.data.doubles import NEAR, Look, doubles, looks
from vit.data.sample.dataset import picture


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")


def drawing(number: int, thing: int = 0, size: int = 160) -> Image.Image:
    return picture("train", thing, number)[0].resize((size, size))


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two classes of six drawings each."""
    for thing, name in enumerate(("ant", "bee")):
        (tmp_path / "all" / name).mkdir(parents=True)
        for number in range(6):
            drawing(number, thing).save(tmp_path / "all" / name / f"{number}.jpg")
    return tmp_path / "all"


def test_a_copy_is_known_however_it_was_saved(tmp_path):
    one = drawing(0)
    one.save(tmp_path / "a.png")
    one.save(tmp_path / "b.bmp")  # the same pixels in another file
    one.save(tmp_path / "c.jpg", quality=40)
    one.resize((90, 90)).save(tmp_path / "d.png")
    one.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "e.png")
    drawing(1).save(tmp_path / "f.png")
    (tmp_path / "g.png").write_text("broken")
    found = looks(sorted(tmp_path.iterdir()), progress=False)
    assert found[6] is None
    assert [(group.places, group.same) for group in doubles(found)] == [((0, 1, 2, 3, 4), False)]
    assert [group.same for group in doubles(found[:2])] == [True]


def test_turned_by_exif_is_the_same_picture(tmp_path):
    one = drawing(2)
    one.save(tmp_path / "a.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to show
    one.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "b.png", exif=exif)
    (group,) = doubles(looks(sorted(tmp_path.iterdir()), progress=False))
    assert group.same


@pytest.mark.parametrize("way", list(Image.Transpose), ids=lambda way: way.name)
def test_turned_and_mirrored_copies_are_found(tmp_path, way):
    """However the copy was saved besides; and nothing else is taken for one."""
    drawing(3).save(tmp_path / "a.jpg", quality=70)
    drawing(3).transpose(way).resize((110, 110)).save(tmp_path / "b.jpg", quality=80)
    for number in range(4, 12):
        drawing(number).save(tmp_path / f"c{number}.png")
    assert [group.places for group in doubles(looks(sorted(tmp_path.iterdir()), progress=False))] == [(0, 1)]


def test_flat_pictures_are_doubles_of_the_same_pixels_only(tmp_path):
    for name, grey in (("a", 10), ("b", 10), ("c", 200)):
        Image.new("RGB", (50, 40), (grey,) * 3).save(tmp_path / f"{name}.png")
    assert [group.places for group in doubles(looks(sorted(tmp_path.iterdir()), progress=False))] == [(0, 1)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 63), max_size=8)), min_size=2, max_size=24))
def test_groups_are_those_of_every_pair_compared(made):
    """Held against ImageHash's own distance, pair by pair."""
    bases = np.random.default_rng(0).integers(0, 2, (4, 64)).astype(bool)
    found = []
    for base, flips in made:
        bits = bases[base].copy()
        bits[flips] ^= True
        found.append(Look((9, 9), str(len(found)), np.tile(bits, (8, 1))))
    hashes = [imagehash.ImageHash(look.bits[0].reshape(8, 8)) for look in found]
    group = list(range(len(found)))
    for one in range(len(found)):
        for other in range(one):
            if hashes[one] - hashes[other] <= NEAR:
                old, new = group[one], group[other]
                group = [new if g == old else g for g in group]
    wanted = {tuple(i for i, g in enumerate(group) if g == root) for root in set(group)}
    assert {one.places for one in doubles(found)} == {places for places in wanted if len(places) > 1}


def test_check_tells_where_doubles_lie_and_how_large_pictures_are(folder, capsys):
    (folder / "train").mkdir()
    for name in ("ant", "bee"):
        shutil.move(folder / name, folder / "train" / name)
        (folder / "val" / name).mkdir(parents=True)
        drawing(50, name == "bee", size=40 if name == "bee" else 300).save(folder / "val" / name / "0.png")
    shutil.copy(folder / "train" / "ant" / "3.jpg", folder / "val" / "ant" / "copy.jpg")
    drawing(4, 1).save(folder / "train" / "ant" / "no_ant.png")
    drawing(5, 1, size=100).save(folder / "train" / "bee" / "smaller.jpg")
    assert main(["data", "check", str(folder), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [(one["splits"], one["classes"], one["same"]) for one in result["doubles"]] == [
        (["train", "val"], ["ant"], True),
        (["train"], ["ant", "bee"], False),
        (["train"], ["bee"], False),
    ]
    assert (result["sizes"]["least"], result["sizes"]["most"]) == ([40, 40], [300, 300])
    assert main(["data", "check", str(folder)]) == 0
    out = capsys.readouterr().out
    for part in ("in train and in val, the same: train/ant/3.jpg, val/ant/copy.jpg", "in two classes, nearly the same",
                 "in one class, nearly the same", "sizes: least 40 x 40"):  # fmt: skip
        assert part in out


def split(folder, *options) -> int:
    return main(["data", "split", str(folder), str(folder.parent / "out"), *map(str, options)])


def test_a_split_has_every_readable_picture_once_and_doubles_on_one_side(folder, capsys):
    for copy in range(3):
        drawing(0).resize((120 - copy, 120)).save(folder / "ant" / f"again_{copy}.jpg")
    (folder / "bee" / "broken.jpg").write_text("broken")
    (folder / "bee" / "more").mkdir()
    drawing(30, 1).save(folder / "bee" / "more" / "0.jpg")  # a name that the class has already
    made = []
    for seed in range(5):
        assert split(folder, "--seed", seed, "--val", 0.3, "--json") == 0
        result = json.loads(capsys.readouterr().out)
        out = folder.parent / "out"
        sides = {
            side: sorted(p.relative_to(out / side) for p in (out / side).rglob("*.jpg")) for side in ("train", "val")
        }
        names = [str(path) for paths in sides.values() for path in paths]
        assert len(names) == len(set(names)) == 9 + 7
        assert result["left_out"] == [str(folder / "bee" / "broken.jpg")]
        of_zero = {
            side
            for side, paths in sides.items()
            for p in paths
            if p.name in ("again_0.jpg", "again_1.jpg", "again_2.jpg") or str(p) == "ant/0.jpg"
        }
        assert len(of_zero) == 1
        assert all(min(result[side].values()) >= 1 for side in sides)
        assert result["val"]["bee"] == 2  # of seven
        made.append(sides)
        shutil.rmtree(out)
    assert split(folder, "--val", 0.3) == 0
    out = folder.parent / "out"
    assert {side: sorted(p.relative_to(out / side) for p in (out / side).rglob("*.jpg")) for side in made[0]} == made[0]
    assert "cannot be read, not copied" in capsys.readouterr().out
    assert split(folder) == 2
    assert "is not empty" in capsys.readouterr().err


def test_what_cannot_be_split_is_refused_and_leaves_nothing(folder, capsys):
    for share in (0, 1, -0.1, "nan"):
        assert split(folder, "--val", share) == 2
        assert "between 0 and 1" in capsys.readouterr().err
    for path in sorted((folder / "ant").iterdir())[1:]:
        shutil.copy(folder / "ant" / "0.jpg", path)
    assert split(folder) == 2
    assert "class 'ant' has no two readable pictures that differ" in capsys.readouterr().err
    shutil.rmtree(folder / "ant")
    assert split(folder) == 2
    assert "one class only" in capsys.readouterr().err
    assert split(folder / "none") == 2
    assert not (folder.parent / "out").exists()
