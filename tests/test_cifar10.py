"""CIFAR-10 from a server on this machine: its rows become pictures as MindSpore's own reader sees them; damage is refused."""

import io
import tarfile
from dataclasses import replace

import mindspore.dataset as ds
import numpy as np
import pytest
from PIL import Image
from test_download import Server, server, tree  # noqa: F401

import vit
from vit.data.cifar10 import CIFAR10
from vit.data.download import fetch

NAMES = [*(f"data_batch_{n}.bin" for n in range(1, 6)), "test_batch.bin"]


def rows(count, seed):
    """Labels and pixels (count, 3073) uint8; every picture differs in its three colours and along both axes."""
    rng = np.random.default_rng(seed)
    made = rng.integers(0, 256, (count, 3073), np.uint8)
    made[:, 0] = rng.integers(0, 10, count)
    return made


def packed(members) -> bytes:
    """A .tar.gz of (name, bytes), or of TarInfo with bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(data) if info.isfile() else 0
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def small(**other):
    return [(name, other.get(name, rows(4, seed).tobytes())) for seed, name in enumerate(NAMES)]


@pytest.fixture
def archive(server):  # noqa: F811
    """CIFAR-10, had it four pictures a batch and lay on this machine."""
    server.data = packed([*small(), ("batches.meta.txt", b"airplane\n")])
    return replace(CIFAR10, url=server.url, mirrors=(), md5=None, timeout=1.0)


def test_pictures_and_labels_are_those_that_mindspore_reads(archive, server, tmp_path):  # noqa: F811
    assert fetch(archive, tmp_path / "cifar10")
    assert not fetch(archive, tmp_path / "cifar10")
    raw = tmp_path / "raw"  # their reader wants 10,000 pictures in a file
    raw.mkdir()
    for name, data in small():
        (raw / name).write_bytes(data + bytes(10_000 * 3073 - len(data)))
    classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    for split, usage, batches in (("train", "train", 5), ("val", "test", 1)):
        theirs = ds.Cifar10Dataset(str(raw), usage=usage, shuffle=False)
        theirs = list(theirs.create_tuple_iterator(num_epochs=1, output_numpy=True))
        ours = sorted((tmp_path / "cifar10" / split).rglob("*.png"), key=lambda path: path.stem)
        assert len(ours) == 4 * batches
        for number, path in enumerate(ours):
            pixels, label = theirs[10_000 * (number // 4) + number % 4]
            assert np.array_equal(np.asarray(Image.open(path)), pixels)
            assert path.parent.name == classes[int(label)]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (small()[:-1], "has no test_batch.bin"),
        (small(**{"data_batch_2.bin": rows(4, 0).tobytes()[:-1]}), "no multiple of 3073"),
        (small(**{"data_batch_2.bin": b""}), "no multiple of 3073"),
        (small(**{"data_batch_3.bin": bytes([10]) + rows(1, 0).tobytes()[1:]}), "labels other than 0 to 9"),
        (small(**{"data_batch_1.bin": b"\0" * (65 * 2**20)}), "larger than it should be"),
    ],
)
def test_what_is_not_of_its_form_is_refused_and_leaves_nothing(archive, server, tmp_path, members, said):  # noqa: F811
    server.data = packed(members)
    with pytest.raises(vit.UserError, match=said):
        fetch(archive, tmp_path / "cifar10")
    assert tree(tmp_path) == set()


def test_a_hostile_archive_writes_nothing_outside(archive, server, tmp_path):  # noqa: F811
    link = tarfile.TarInfo("cifar-10-batches-bin/test_batch.bin")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    server.data = packed([*small()[:-1], (link, b"")])
    with pytest.raises(vit.UserError, match="has no test_batch"):
        fetch(archive, tmp_path / "a" / "cifar10")
    server.data = packed([*small(), (tarfile.TarInfo("../../evil.txt"), b"evil")])
    assert fetch(archive, tmp_path / "a" / "b" / "cifar10")
    assert not list(tmp_path.rglob("evil.txt"))


@pytest.mark.parametrize("damage", ["cut", "flipped", "page"])
def test_a_damaged_archive_is_refused(archive, server, tmp_path, damage):  # noqa: F811
    good = bytearray(server.data)
    if damage == "cut":
        server.data = bytes(good[: len(good) // 2])
    elif damage == "flipped":
        good[len(good) // 2] ^= 0xFF
        server.data = bytes(good)
    else:
        server.data = b"<!DOCTYPE html><html>please log in</html>"
    with pytest.raises(vit.UserError, match=r"broken|no tar.gz file"):
        fetch(archive, tmp_path / "cifar10")
    assert tree(tmp_path) == set()


def test_the_published_md5_is_checked_and_another_address_tried(archive, server, tmp_path, capsys):  # noqa: F811
    import hashlib

    with pytest.raises(vit.UserError, match="not the one that was published"):
        fetch(replace(archive, md5="0" * 32), tmp_path / "cifar10")
    right = replace(
        archive, md5=hashlib.md5(server.data).hexdigest(), url="http://127.0.0.1:9/x", mirrors=(server.url,)
    )
    assert fetch(right, tmp_path / "cifar10")
    assert "trying another address" in capsys.readouterr().err
    assert (tmp_path / "cifar10.lock.json").is_file()
