"""Thousands of damaged files of weights: a clear line or the right numbers, whatever the bytes are."""

import random

import mindspore as ms
import numpy as np
import pytest
from conftest import SMALL, randomise

import vit
from vit.weights import load_model, save_model
from vit.weights.opened import read

CASES = 80  # of each format and kind of damage; about 15 seconds in all
TEXT = b"<html>\n\x00\xff{}[]\"'blocks.0.norm1.weight 1e400 -1 null \x0a\x80"


def flip(data, rng):
    """A few bits, most of them where the format keeps its own: near the start or the end."""
    for _ in range(rng.choice((1, 1, 2, 8))):
        where = rng.choice((rng.randrange(len(data)), rng.randrange(min(400, len(data))), -rng.randint(1, 300)))
        data[where] ^= 1 << rng.randrange(8)


def cut(data, rng):
    del data[rng.choice((rng.randrange(len(data)), -rng.randint(1, 64))) :]


def insert(data, rng):
    where = rng.choice((0, rng.randrange(400), rng.randrange(len(data)), len(data)))
    data[where:where] = rng.choice((TEXT, bytes(rng.randint(1, 32)), rng.randbytes(9)))


def remove(data, rng):
    where = rng.choice((0, 8, rng.randrange(400), rng.randrange(len(data))))
    del data[where : where + rng.randint(1, 40)]


def move(data, rng):
    """A piece of it over another piece."""
    length, a, b = rng.randint(4, 200), rng.randrange(len(data)), rng.randrange(len(data))
    piece = data[a : a + length]
    data[b : b + len(piece)] = piece


def rename(data, rng):
    """Another letter, digit or dot in a word of the format's: a name, a kind, a size."""
    printable = [i for i in range(min(len(data), 6000)) if 32 < data[i] < 127]
    for _ in range(rng.choice((1, 1, 3))):
        data[rng.choice(printable)] = rng.choice(b'abgmnorstw0123456789.,:"-_{}[]')


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A very small ViT in every format: path -> its tensors."""
    folder = tmp_path_factory.mktemp("whole")
    small = SMALL | {"image_size": 8, "patch_size": 4, "embed_dim": 8, "num_heads": 2, "depth": 2, "num_classes": 3}
    tensors = read(save_model(randomise(vit.ViT(vit.ViTConfig(**small))), folder / "w.safetensors")).tensors
    np.savez(folder / "w.npz", **tensors)
    values = [{"name": name, "data": ms.Tensor(value)} for name, value in tensors.items()]
    ms.save_checkpoint(values, str(folder / "w.ckpt"))
    ms.save_checkpoint(values, str(folder / "sum.ckpt"), crc_check=True)
    ms.save_checkpoint(values, str(folder / "sum.safetensors"), crc_check=True, format="safetensors")
    return dict.fromkeys(sorted(folder.iterdir()), tensors)


@pytest.mark.slow
def test_damaged_files(whole, tmp_path, capfd):
    rng = random.Random(0)
    loaded = refused = 0
    for source, tensors in whole.items():
        for damage in (flip, cut, insert, remove, move, rename):
            for _ in range(CASES):
                data = bytearray(source.read_bytes())
                damage(data, rng)
                path = tmp_path / f"damaged{source.suffix}"
                path.write_bytes(data)
                try:
                    model = load_model(path, {"num_heads": 2})
                except vit.UserError as error:
                    refused += 1
                    said = str(error)
                    assert str(path) in said, said
                    assert "\n" not in said, said
                    assert len(said) < 1000, said
                    capfd.readouterr()
                    continue
                finally:
                    assert path.read_bytes() == data
                loaded += 1
                found = read(path).tensors
                changed = sum(int((found[name] != value).sum()) for name, value in tensors.items() if name in found)
                told = capfd.readouterr().err
                assert found.keys() == tensors.keys(), damage.__name__
                # bytes of weights are all alike, and only a checksum tells one from another
                exact = source.suffix == ".npz" or (source.stem == "sum" and b"crc_num" in data)
                assert changed <= (0 if exact else 200), (source.name, damage.__name__, changed)
                assert model.config.depth == 2
                assert "Traceback" not in told
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted({f"damaged{p.suffix}" for p in whole})
    assert refused > 5 * loaded > 50
