"""Training on what people bring: odd names, damaged files, files that go away. No epoch is lost to any of them."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import vit
from vit.cli import main
from vit.config import MODELS
from vit.data.images import read_image
from vit.data.labels import Labelled
from vit.data.pipeline import preprocess, scan, training_batches
from vit.data.preprocessing import Preprocessing
from vit.data.training_set import training_set
from vit.runtime.errors import RunFailed
from vit.training import fit as trainer
from vit.weights import load_model

MODEL = "vit_sample_patch8_64"
SMALL = Preprocessing(32, 36, "bicubic", (0.5,) * 3, (0.5,) * 3)
NOT_UTF8 = os.fsdecode(b"caf\xe9")


@pytest.fixture(autouse=True, scope="module")
def one_block_is_enough():
    with pytest.MonkeyPatch.context() as patch:
        line = MODELS[MODEL]
        patch.setitem(MODELS, MODEL, replace(line, config=replace(line.config, depth=1)))
        yield


def noise(seed=0, size=(40, 50)):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8))


def data_of(folder, classes, train=4, val=2, ending=".jpg"):
    for split, count in (("train", train), ("val", val)):
        for number, name in enumerate(classes):
            (folder / split / name).mkdir(parents=True)
            for i in range(count):
                noise(100 * number + i).save(folder / split / name / f"{i}{ending}")
    return folder


def damaged(folder):
    """Pictures that Pillow reads and another decoder may not; and the pixels of each."""
    good = noise(1)
    good.save(folder / "whole.png")
    png = (folder / "whole.png").read_bytes()
    (folder / "cut.png").write_bytes(png[:-7])
    (folder / "end.png").write_bytes(png[:-12])
    at = png.index(b"IDAT") + 4 + int.from_bytes(png[png.index(b"IDAT") - 4 : png.index(b"IDAT")], "big")
    (folder / "checksum.png").write_bytes(png[:at] + bytes(4) + png[at + 4 :])
    text = b"tEXtComment\0x"
    broken = (len(text) - 4).to_bytes(4, "big") + text + bytes(4)
    (folder / "comment.png").write_bytes(png[:33] + broken + png[33:])
    (folder / "tail.png").write_bytes(png + b"tail" * 99)
    Image.new("L", (1, 20000), 7).save(folder / "strip.png")
    Image.new("L", (20000, 1), 7).save(folder / "strip.jpg")
    Image.new("RGB", (1, 60000), (7, 7, 7)).save(folder / "strip colour.jpg")
    Image.new("1", (2_000_000, 1)).save(folder / "long.png")  # longer than MindSpore takes
    Image.new("RGB", (1, 1)).save(folder / "dot.jpg")
    good.save(folder / "progressive.jpg", progressive=True, quality=30)
    good.convert("CMYK").save(folder / "cmyk.jpg")
    good.convert("L").save(folder / "grey.jpg")
    jpeg = folder / "holes.jpg"
    good.save(jpeg)
    jpeg.write_bytes(jpeg.read_bytes()[:900] + bytes(200) + jpeg.read_bytes()[1100:])
    (folder / "before.jpg").write_bytes((folder / "progressive.jpg").read_bytes() + b"tail" * 50)
    good.save(folder / "five.bmp")
    good.quantize(5).save(folder / "five.gif")
    good.save(folder / "x.webp")
    return sorted(folder.iterdir())


def test_what_the_scan_took_training_decodes(tmp_path, monkeypatch):
    (tmp_path / "pictures").mkdir()
    monkeypatch.chdir(tmp_path)
    paths = damaged(tmp_path / "pictures")
    found = scan(paths, progress=False)
    taken = [place for place in range(len(paths)) if place not in found.unreadable]
    assert len(taken) >= 15, found.unreadable
    pictures = Labelled([paths[i] for i in taken], list(range(len(taken))), {})
    for _ in range(2):  # the second time MindSpore reads what it was seen to read the first time
        ((images, labels),) = training_batches(pictures, SMALL, len(taken), 0, crop_scale=(1, 1), flip=0)
        assert sorted(labels) == list(range(len(taken)))
        assert np.isfinite(images).all()
    strips = [images[list(labels).index(i)] for i, place in enumerate(taken) if "strip" in paths[place].name]
    assert all(abs(strip * 127.5 + 127.5 - 7).max() < 2 for strip in strips)
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"], "MindSpore leaves nothing behind"


def test_strips_are_read_for_an_answer_too(tmp_path):
    for size in ((1, 20000), (20000, 1), (3, 9999), (2, 65)):
        Image.new("RGB", size, (9, 99, 199)).save(tmp_path / "x.png")
        x = preprocess(read_image(tmp_path / "x.png"), SMALL)
        np.testing.assert_allclose(x.reshape(3, -1).mean(1) * 127.5 + 127.5, [9, 99, 199], atol=0.6)
    big = replace(SMALL, size=224, resize=248)  # whole, the strip would fill 3.7 GB, which MindSpore refuses
    assert preprocess(np.zeros((1, 20000, 3), np.uint8), big).shape == (3, 224, 224)
    wide = np.zeros((4, 400, 3), np.uint8)
    wide[:, 199:201] = 255
    framed = preprocess(wide, SMALL)
    assert framed[:, :, 15:17].min() > 0.9, "the middle stays in the middle"
    assert framed[:, :, [0, -1]].max() < -0.9


def batches(pictures, **options):
    return list(training_batches(pictures, SMALL, 3, 0, crop_scale=(1, 1), flip=0, **options))


def test_a_picture_that_goes_away_is_named_once_and_replaced_by_the_next(tmp_path, capsys):
    paths = []
    for i in range(9):
        noise(i).save(tmp_path / f"{i}.jpg")
        paths.append(tmp_path / f"{i}.jpg")
    found = scan(paths, progress=False)
    pictures = Labelled(paths, list(range(9)), {}, dict(found.checksums))
    before = batches(pictures)
    paths[4].unlink()
    paths[7].write_text("another file since")
    noise(77).save(paths[2])  # another picture: it is read, and proved again
    after = batches(pictures)
    assert sorted(capsys.readouterr().err.splitlines()) == [
        f"{paths[4]}: no such file; the next in the list stands in for it",
        f"{paths[7]}: not a picture that Pillow knows; the next in the list stands in for it",
    ]
    for (images, labels), (others, theirs) in zip(before, after, strict=True):
        assert [{4: 5, 7: 8}.get(y, y) for y in labels.tolist()] == theirs.tolist(), "each with its own label"
        for x, other, y in zip(images, others, labels, strict=True):
            assert np.array_equal(x, other) == (y not in (2, 4, 7)), "the others are the very same"
    batches(pictures)
    assert not capsys.readouterr().err
    whole, rest = batches(pictures), batches(pictures, skip=1)
    for (a, _), (b, _) in zip(whole[1:], rest, strict=True):
        np.testing.assert_array_equal(a, b)
    for path in paths:
        path.unlink(missing_ok=True)
    with pytest.raises(RunFailed, match="not one picture of train"):
        batches(pictures)


def test_the_digest_knows_files_labels_and_contents(tmp_path, capsys):
    data = data_of(tmp_path / "data", ["ant", "bee"])
    train, val, _ = training_set(data, 4, progress=False)
    assert train.digest != val.digest
    assert training_set(data, 4, progress=False)[0].digest == train.digest
    data.rename(tmp_path / "moved")
    data = tmp_path / "moved"
    assert training_set(data, 4, progress=False)[0].digest == train.digest
    (data / "train" / "ant").rename(data / "x")
    (data / "train" / "bee").rename(data / "train" / "ant")
    (data / "x").rename(data / "train" / "bee")
    exchanged = training_set(data, 4, progress=False)
    assert exchanged[0].digest != train.digest, "the same names, each on the other's pictures"
    assert exchanged[1].digest == val.digest
    (data / "val" / "ant" / "0.jpg").rename(data / "val" / "bee" / "9.jpg")
    assert training_set(data, 4, progress=False)[1].digest != val.digest
    assert not capsys.readouterr().err


def test_both_splits_are_looked_through_before_training(tmp_path, capsys):
    data = data_of(tmp_path / "data", ["ant", "bee", "cat"])
    (data / "val" / "cat" / "0.jpg").unlink()
    (data / "val" / "cat" / "1.jpg").write_text("broken")
    Image.fromarray(np.full((9, 9), 4000, np.uint16)).save(data / "train" / "ant" / "deep.png")
    (data / "train" / "ant" / "IMG.heic").write_bytes(b"\0\0\0\x18ftypheic")
    training_set(data, 4, progress=False)
    told = capsys.readouterr().err
    for part in ("val/cat: no readable picture of this class", "left out: ", "1.jpg: not a picture", "taken as 12 bits",
                 "IMG.heic: passed over"):  # fmt: skip
        assert part in told
    for path in (data / "val" / "ant", data / "val" / "bee"):
        for picture in path.iterdir():
            picture.write_text("broken")
    with pytest.raises(vit.UserError, match=r"val: not one picture can be read; the first: .*0\.jpg"):
        training_set(data, 4, progress=False)
    with pytest.raises(vit.UserError, match="no such folder"):
        training_set(tmp_path / "none", 4)


def test_check_says_it_before_training_does(tmp_path, capsys):
    data = data_of(tmp_path / "data", ["Pepper,_bell", "n02123045"])
    (data / "val" / "n02123045" / "0.jpg").write_text("broken")
    (data / "train" / "n02123045" / "list.txt").write_text("x")
    assert main(["data", "check", str(data), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["splits"]["train"] == {
        "pictures": 8,
        "classes": {"Pepper,_bell": 4, "n02123045": 4},
        "left_out": {},
    }
    assert result["splits"]["val"]["classes"] == {"Pepper,_bell": 2, "n02123045": 1}
    ((file, why),) = result["splits"]["val"]["left_out"].items()
    assert file.endswith("0.jpg")
    assert why.endswith("not a picture that Pillow knows")
    assert len(result["notes"]) == 1
    assert main(["data", "check", str(data)]) == 0
    out = capsys.readouterr().out
    for line in ("in all  train 8  val 3", "n02123045 (tabby)  train 4  val 1", "left out: "):
        assert line in out
    assert main(["data", "check", str(data / "train")]) == 0
    assert "in all  8" in capsys.readouterr().out
    for wrong, message in (("none", "no such folder"), ("data/train/n02123045", "no class folders")):
        assert main(["data", "check", str(tmp_path / wrong)]) == 2
        assert message in capsys.readouterr().err


def test_a_run_on_odd_names_and_damaged_files_loses_nothing(tmp_path, capsys, monkeypatch):
    """Commas, dollars, line ends, bytes that are no UTF-8: in class names, in names of files, in what is unreadable."""
    odd = ["a$b$", "Pepper,_bell___healthy", "Pepper,_bell___spot", "two\nlines", "\u202egpj", "字" * 60]
    try:
        data = data_of(tmp_path / "data", [*odd, NOT_UTF8], train=2)
    except (OSError, UnicodeError):
        pytest.skip("a file system that takes no such names")
    folder = data / "train" / NOT_UTF8
    damaged(folder)
    noise(5).save(folder / f"{NOT_UTF8}.jpg")
    noise(6).save(data / "val" / NOT_UTF8 / f"$x_{NOT_UTF8}$.jpg")
    (data / "val" / NOT_UTF8 / f"{NOT_UTF8}.jpg").write_text("broken")
    vanishing = folder / "0.jpg"
    real = trainer.training_batches

    def gone(*arguments, **options):
        vanishing.unlink(missing_ok=True)
        return real(*arguments, **options)

    monkeypatch.setattr(trainer, "training_batches", gone)
    command = ["train", "--data", str(data), "--out", str(tmp_path / "out"), "--model", MODEL, "--epochs", "1"]
    assert main([*command, "--batch-size", "8", "--json"]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out.encode().decode())
    (unreadable,) = result["unreadable"]
    assert unreadable.endswith("caf\\udce9.jpg")
    assert "Traceback" not in err
    written = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert written["unreadable"] == [unreadable]
    model = load_model(tmp_path / "out" / "best.safetensors")
    assert sorted(map(str, model.classes)) == sorted([*odd, "caf\\udce9"])

    weights = str(tmp_path / "out" / "best.safetensors")
    pictures = [str(path) for path in (data / "val" / NOT_UTF8).glob("$x*")]
    for name in ("price_$5_$6.jpg", "a\nb.jpg", "\u202egpj.exe.jpg", "x" * 240 + ".jpg", "con.jpg", "a:b?.jpg"):
        noise(1).save(tmp_path / name)
        pictures.append(str(tmp_path / name))
    save = ["--save", str(tmp_path / "pages")]
    assert main(["predict", "--weights", weights, *pictures, *save, "--json"]) == 0
    answers = json.loads(capsys.readouterr().out.encode())["images"]
    assert all(Image.open(answer["saved"]).width > 500 for answer in answers)
    saved = {path.name for path in (tmp_path / "pages").iterdir()}
    assert {"price_$5_$6.png", "a_b.png", "_con.png", "a_b_.png", "x" * 200 + ".png", "$x_caf_$.png"} <= saved
    assert main(["predict", "--weights", weights, *pictures[-4:]]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6 * 4, "a name never breaks a line"
    assert not any("\u202e" in line for line in lines)
    assert main(["predict", "--weights", weights, str(tmp_path / f"{NOT_UTF8}.jpg")]) == 2
    assert "caf\\udce9.jpg: no such file" in capsys.readouterr().err
