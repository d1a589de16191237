"""Files that people give for weights: each that is none, or not whole, has its own sentence, and nothing else happens."""

import gzip
import io
import json
import os
import pickle
import tarfile
import zipfile

import mindspore as ms
import numpy as np
import pytest
from conftest import SMALL, randomise
from safetensors.numpy import save_file

import vit
from vit.cli import main
from vit.weights import load_model, save_model
from vit.weights.opened import read


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same weights in the three formats, and with checksums: name -> bytes."""
    folder = tmp_path_factory.mktemp("whole")
    model = randomise(vit.ViT(vit.ViTConfig(**SMALL)))
    file = read(save_model(model, folder / "w.safetensors"))
    np.savez(folder / "w.npz", **file.tensors)
    values = [{"name": name, "data": ms.Tensor(value)} for name, value in file.tensors.items()]
    ms.save_checkpoint(values, str(folder / "w.ckpt"))
    ms.save_checkpoint(values, str(folder / "crc.ckpt"), crc_check=True)
    ms.save_checkpoint(values, str(folder / "crc.safetensors"), crc_check=True, format="safetensors")
    ms.save_checkpoint(values, str(folder / "gcm.ckpt"), enc_key=b"0123456789ABCDEF")
    ms.save_checkpoint(values, str(folder / "cbc.ckpt"), enc_key=b"0123456789ABCDEF", enc_mode="AES-CBC")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def refused(tmp_path):
    """Write some bytes and see them refused with a message, and the folder left as it is."""

    def refused(name, data, message):
        path = tmp_path / name
        path.write_bytes(data)
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(vit.UserError) as error:
            load_model(path, {"num_heads": 4})
        said = str(error.value)
        assert said.startswith(f"{path}: ")
        assert message in said, f"{name}: {said}"
        assert "\n" not in said
        assert sorted(tmp_path.rglob("*")) == before
        assert path.read_bytes() == data
        return said

    return refused


def zipped(members: dict) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(name, data) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def npy(array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def f8(kind="F8_E4M3") -> bytes:
    header = json.dumps({"blocks.0.attn.qkv.weight": {"dtype": kind, "shape": [4], "data_offsets": [0, 4]}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(4)


def test_only_what_is_broken_is_to_be_fetched_again(whole, refused):
    for name in ("w.safetensors", "w.npz", "w.ckpt", "crc.ckpt", "crc.safetensors"):
        data = whole[name]
        for size in (9, 200, len(data) // 2, len(data) - 1):
            assert "fetch it again" in refused(name, data[:size], "broken or cut off")
    for name, size in (("w.safetensors", 0), ("w.ckpt", 0), ("w.npz", 0)):
        refused(name, whole[name][:size], "is empty; fetch it again")
    for name in ("crc.ckpt", "crc.safetensors", "w.npz"):  # one bit of a weight: a checksum tells
        data = bytearray(whole[name])
        data[len(data) // 2] ^= 1
        refused(name, bytes(data), "CRC-32")


def test_what_is_whole_but_cannot_be_read_is_not(whole, refused, tmp_path):
    html = b"<!DOCTYPE html><html>please log in</html>"
    lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 22887336\n"
    index = json.dumps({"metadata": {}, "weight_map": {"head.bias": "model-00001-of-00002.safetensors"}}).encode()
    objects = npy(np.array([{"a": 1}], dtype=object))
    locked = bytearray(whole["w.npz"])
    start = 0
    while (start := locked.find(b"PK\x01\x02", start)) >= 0:  # as a zip program with a password marks its members
        locked[start + 8] |= 1
        start += 4
    cases = [
        ("w.ckpt", whole["w.ckpt"] + b"epoch 3, top-1 0.75\n", "20 bytes follow them"),
        ("w.safetensors", whole["w.safetensors"] + b"\nmy notes", "9 bytes follow them"),
        ("crc.safetensors", whole["crc.safetensors"] + bytes(5), "5 bytes follow them"),
        ("w.safetensors", f8(), "8 bits or fewer (blocks.0.attn.qkv.weight: F8_E4M3)"),
        ("w.safetensors", f8("F8_E5M2"), "8 bits or fewer"),
        ("w.safetensors", lfs, "git lfs pull"),
        ("w.ckpt", lfs, "git lfs pull"),
        ("gcm.ckpt", whole["gcm.ckpt"], "encrypted MindSpore checkpoint"),
        ("cbc.ckpt", whole["cbc.ckpt"], "encrypted MindSpore checkpoint"),
        ("w.npz", zipped({"norm.weight.npy": objects}), "a Python pickle"),
        ("w.npz", bytes(locked), "has a password"),
        ("w.npy", npy(np.zeros((3, 4), np.float32)), "one array (npy)"),
        ("w.zip", zipped({"w.safetensors": whole["w.safetensors"]}), "an archive (zip, with w.safetensors): unpack it"),
        ("w.ckpt", zipped({"a/w.ckpt": b"1", "a/readme.txt": b"2"}), "an archive (zip, with a/w.ckpt, a/readme.txt)"),
        ("w.tar", tarred("w.ckpt", whole["w.ckpt"]), "an archive (tar): unpack it"),
        ("w.safetensors.gz", gzip.compress(whole["w.safetensors"]), "an archive (gzip): unpack it"),
        ("w.safetensors", html, "a web page"),
        ("w.ckpt", b"\n\n" + html, "a web page"),
        ("w.npz", b"<html>404 not found</html>", "a web page"),
        ("w.ckpt", b"\nepoch 1\nepoch 2\n", "neither safetensors nor npz nor a MindSpore checkpoint; text"),
        ("w.txt", "权重在网盘里".encode(), "nor a MindSpore checkpoint; text"),
        ("model.safetensors.index.json", index, "the index of several files"),
        ("config.json", json.dumps(SMALL).encode(), "nor a MindSpore checkpoint; text"),
        ("w.h5", b"\x89HDF\r\n\x1a\n" + bytes(100), "an HDF5 file"),
        ("w.onnx", b"\x08\x08\x12\x07pytorch" + bytes(100), "an ONNX model"),
        ("w.mindir", b"\x12\x050.1.0" + bytes(100), "an exported model"),
        ("w.bin", bytes(range(256)), "a Python pickle"),
        ("w.dat", bytes(range(1, 256)), "of no format known here"),
        ("w.safetensors", bytes(1000), "of no format known here"),
    ]
    for name, data, message in cases:
        assert "fetch it again" not in refused(name, data, message).replace("or fetch the file again", "")


def test_what_is_no_file(tmp_path, capsys):
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"")
    for path, message in [
        (folder, r"a folder; name the file of weights in it \(model\.safetensors\)"),
        (tmp_path, "a folder; .*there is none"),
        (tmp_path / "none.ckpt", "no such file"),
        (folder / "model.safetensors" / "x.ckpt", "no such file"),
        ("w\0.ckpt", "no such file"),
        ("x" * 5000 + ".ckpt", "no such file"),
        *([(os.devnull, "not a regular file")] if os.name == "posix" else []),
    ]:
        with pytest.raises(vit.UserError, match=message):
            load_model(path)
    assert main(["predict", "--weights", str(folder), str(folder / "model.safetensors")]) == 2
    assert capsys.readouterr().err.startswith("vit: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "w.ckpt")
    with pytest.raises(vit.UserError, match="not a regular file"):
        load_model(tmp_path / "w.ckpt")


class Bomb:
    """A pickle of this makes a folder when it is opened."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_pickle_is_never_executed(tmp_path, refused):
    trap = tmp_path.parent / f"{tmp_path.name}-executed"
    pickles = [pickle.dumps({"patch_embed.proj.weight": Bomb(trap)}, protocol) for protocol in range(2, 6)]
    for raw in pickles:
        for name in ("w.ckpt", "w.safetensors", "w.npz", "w.pth", "pytorch_model.bin"):
            refused(name, raw, "a Python pickle")
    refused("torch.pth", zipped({"archive/data.pkl": pickles[0], "archive/data/0": b"1"}), "a Python pickle")
    refused("lightning.ckpt", zipped({"archive/data.pkl": pickles[0]}), "a Python pickle")
    refused("objects.npz", zipped({"norm.weight.npy": npy(np.array([Bomb(trap)], dtype=object))}), "a Python pickle")
    assert not trap.exists()
    pickle.loads(pickles[0])
    assert trap.exists(), "the trap works: opened, it would have gone off"
    trap.rmdir()


def test_what_others_write_into_the_header_is_left_alone(whole, tmp_path):
    """Metadata of other programs are no concern of ours, under any key but our own."""
    tensors = read_bytes(whole["w.safetensors"], tmp_path)
    save_file(tensors, tmp_path / "w.safetensors", metadata={"format": "pt", "VIT": "[", "crc": "1"})
    assert load_model(tmp_path / "w.safetensors", SMALL).config.num_heads == 4


def read_bytes(data, folder):
    (folder / "copy.safetensors").write_bytes(data)
    return read(folder / "copy.safetensors").tensors


def test_every_float_and_every_piece(whole, tmp_path):
    """Half precision, 64 bits, bfloat16; a large tensor that MindSpore saved in pieces; any name of a checkpoint."""
    tensors = read_bytes(whole["w.safetensors"], tmp_path)
    for kind in (ms.float16, ms.bfloat16, ms.float64):
        for form in ("ckpt", "safetensors"):
            values = [{"name": name, "data": ms.Tensor(value).astype(kind)} for name, value in tensors.items()]
            ms.save_checkpoint(values, str(tmp_path / f"half.{form}"), format=form)
            found = read(tmp_path / f"half.{form}").tensors
            assert all(np.allclose(found[name], tensors[name], rtol=1e-2) for name in tensors), (kind, form)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mindspore.train.serialization.SLICE_SIZE", 4)  # KB
        values = [{"name": name, "data": ms.Tensor(value)} for name, value in tensors.items()]
        ms.save_checkpoint(values, str(tmp_path / "pieces.ckpt"))
    assert (tmp_path / "pieces.ckpt").read_bytes().count(b"pos_embed") == 1 < whole["w.ckpt"].count(b"norm1")
    (tmp_path / "pieces.ckpt").rename(tmp_path / "any name")
    found = read(tmp_path / "any name").tensors
    assert all((found[name] == tensors[name]).all() for name in tensors)
