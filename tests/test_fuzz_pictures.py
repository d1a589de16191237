"""Mutated pictures and odd folders, in process: the right answer or one clear line and exit 2; the disk as before."""

import contextlib
import io
import json
import os

import numpy as np
import pytest
from PIL import Image
from rights import forbidden

from vit.cli import main
from vit.data.images import read_image
from vit.data.labels import Labelled
from vit.data.pipeline import scan, training_batches
from vit.data.preprocessing import Preprocessing
from vit.runtime.errors import UserError
from vit.weights import save_model

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::UserWarning")]
SMALL = Preprocessing(16, 16, "bicubic", (0.5,) * 3, (0.5,) * 3)
KINDS = {
    "JPEG": {"quality": 80}, "PNG": {}, "GIF": {}, "BMP": {}, "TIFF": {"compression": "tiff_lzw"},
    "WEBP": {"lossless": True},
}  # fmt: skip


def mutated(rng, data: bytes) -> bytes:
    """The bytes of a file as a broken disk, copy or program leaves them."""
    data, at = bytearray(data), int(rng.integers(len(data)))
    length = int(rng.integers(1, 40))
    match rng.integers(5):
        case 0:
            return bytes(data[:at])
        case 1:
            del data[at : at + length]
        case 2:
            data[at:at] = rng.bytes(length)
        case 3:
            data[at : at + length] = bytes(length)
        case _:
            for place in rng.integers(len(data), size=int(rng.integers(1, 5))):
                data[place] = rng.integers(256)
    return bytes(data)


def by_pillow(path):
    """The pixels that Pillow alone finds; None where it refuses."""
    try:
        with Image.open(path) as image:
            image.load()
            if image.mode in ("RGB", "L") and not image.has_transparency_data and "exif" not in image.info:
                return np.asarray(image.convert("RGB"))
    except Exception:
        return None
    return "other"


def ours(path) -> str:
    """ "pixels", or the line of the refusal."""
    try:
        read_image(path)
        return "pixels"
    except UserError as error:
        return str(error)


def test_mutated_pictures(tmp_path, monkeypatch):
    """Through the reader, the scan and a whole epoch: what one takes the others take, and Pillow is right."""
    rng, paths = np.random.default_rng(0), []
    (tmp_path / "pictures").mkdir()
    for kind, options in KINDS.items():
        for number in range(80):
            buffer = io.BytesIO()
            pixels = np.kron(rng.integers(0, 256, (4, 5, 3), dtype=np.uint8), np.ones((6, 6, 1), np.uint8))
            Image.fromarray(pixels).convert("L" if number % 3 == 0 else "RGB").save(buffer, kind, **options)
            paths.append(tmp_path / "pictures" / f"{number}.{kind.lower()}")
            paths[-1].write_bytes(mutated(rng, buffer.getvalue()))
    monkeypatch.chdir(tmp_path)
    found = scan(paths, progress=False)
    for place, path in enumerate(paths):
        expected, error = by_pillow(path), found.unreadable.get(place)
        assert ours(path) == (error or "pixels"), "reader and scan are one"
        if error:
            assert expected is None or path.suffix == ".tiff", (path, error)
        else:
            assert expected is not None, path
            if not isinstance(expected, str):
                np.testing.assert_array_equal(read_image(path), expected)
    kept = [place for place in range(len(paths)) if place not in found.unreadable]
    assert len(paths) / 5 < len(kept) < len(paths)
    pictures = Labelled([paths[place] for place in kept], kept, {})
    labels = [labels for _, labels in training_batches(pictures, SMALL, 1, 0)]
    assert sorted(np.concatenate(labels).tolist()) == kept
    assert not pictures.gone
    assert os.listdir(tmp_path) == ["pictures"]


PARTS = [
    "a",
    "ant",
    "Ant",
    "bee,fly",
    "$x$",
    "é",
    "e\u0301",
    "\n",
    "\u202e",
    " ",
    ".",
    "-",
    "字",
    "🐱",
    "\udcff",
    "%s",
    "{x}",
]


def odd_name(rng) -> str:
    name = "".join(rng.choice(PARTS, size=int(rng.integers(1, 5))))
    return name if name not in (".", "..") else "dots"


def odd_folder(rng, folder):
    """A data set as nobody should have it; often in order all the same."""
    classes = [odd_name(rng) for _ in range(int(rng.integers(1, 4)))]
    for split in [("train", "val"), ("train", "val"), ("train", "val"), ("",), ("train", "test")][rng.integers(5)]:
        for name in classes if rng.random() < 0.9 else classes[1:]:
            home = folder / split / name
            with contextlib.suppress(OSError, UnicodeError):
                home.mkdir(parents=True, exist_ok=True)
                if rng.random() < 0.9:
                    Image.new("RGB", (9, 9)).save(home / "good.jpg")
                for _ in range(int(rng.integers(0, 4))):
                    odd_file(rng, folder, home)


def odd_file(rng, folder, home):
    path = home / (odd_name(rng) + str(rng.choice([".jpg", ".JPG", ".png", ".heic", "", ".txt", ".jfif"])))
    match rng.integers(7):
        case 0:
            path.write_bytes(rng.bytes(50))
        case 1:
            path.symlink_to(rng.choice([str(home), str(folder), "nothing", str(path)]))
        case 2:
            path.mkdir(exist_ok=True)
        case _:
            Image.new("RGB", (9, 9), tuple(rng.integers(0, 256, 3).tolist())).save(path, "JPEG")


def pictures_in(folder) -> int | None:
    """How many pictures Pillow alone finds in class folders; None where there are links."""
    everything = list(folder.rglob("*"))
    if any(path.is_symlink() for path in everything):
        return None
    homes = [folder / split for split in ("train", "val") if (folder / split).is_dir()] or [folder]
    return sum(
        by_pillow(path) is not None
        for home in homes
        for path in home.glob("*/**/*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def tree(folder):
    return {os.fsencode(path): path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_odd_folders(small_model, tmp_path, capsys):
    rng, codes, held = np.random.default_rng(1), [], 0
    weights = str(save_model(small_model, tmp_path / "w.safetensors"))
    for number in range(60):
        data = tmp_path / f"data{number}"
        data.mkdir()
        odd_folder(rng, data)
        before = tree(tmp_path)
        some = [path for path in data.rglob("*") if path.is_dir() and not path.is_symlink()]
        hidden = forbidden(some[int(rng.integers(len(some)))]) if some and number % 5 == 0 else contextlib.nullcontext()
        some_file = next((str(path) for path in data.rglob("*") if path.is_file()), "none")
        for command in (
            ["data", "check", str(data), "--json"],
            ["data", "check", str(data)],
            ["train", "--data", str(data), "--out", str(tmp_path / "out"), "--model", "vit_sample_patch8_64", "--batch-size", "999"],
            ["eval", "--weights", weights, "--data", str(data)] if number % 6 == 0 else ["data", "check", some_file],
        ):  # fmt: skip
            with hidden if command[:2] == ["data", "check"] and "--json" in command else contextlib.nullcontext():
                code = main(command)
            out, err = capsys.readouterr()
            codes.append(code)
            assert code in (0, 2), command
            if code == 2:
                assert not out
                assert err.strip().splitlines()[-1].startswith("vit: "), err
            elif "--json" in command:
                checked = json.loads(out.encode())["splits"]
                assert all(split["pictures"] == sum(split["classes"].values()) > 0 for split in checked.values())
                if not isinstance(hidden, contextlib.nullcontext):
                    continue
                expected = pictures_in(data)
                assert expected in (None, sum(split["pictures"] for split in checked.values()))
                held += expected is not None
            assert "Traceback" not in err
        assert tree(tmp_path) == before
    assert codes.count(0) > 5
    assert codes.count(2) > 5
    assert held > 5, "so often the number was held against Pillow's"
