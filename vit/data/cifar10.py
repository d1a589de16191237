"""CIFAR-10: 60,000 photographs of 32 x 32 pixels in ten classes, fetched and put into folders.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009). The authors' binary archive holds rows of
3,073 bytes: the label, then 1,024 bytes each of red, green and blue. They become PNG files, which lose nothing:

    FOLDER/train/airplane/00029.png ...    50,000
    FOLDER/val/airplane/00003.png ...      10,000, the authors' test set
"""

import gzip
import tarfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from vit.data.download import Archive, Failed
from vit.runtime.bars import bar
from vit.runtime.language import say

SIDE = 32
_ROW = 1 + 3 * SIDE * SIDE  # bytes
_MOST = 64 * 2**20  # bytes of a member; those of the archive have 30 million
_CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
_MEMBERS = {**{f"data_batch_{n}.bin": "train" for n in range(1, 6)}, "test_batch.bin": "val"}


def _unpack(archive: Archive, file: Path, target: Path) -> None:
    """The six members that hold pictures, read in memory: nothing else of the archive reaches the disk."""
    found = {}
    try:
        with gzip.open(file) as stream:
            with tarfile.open(fileobj=stream, mode="r|") as opened:
                for member in opened:
                    if (name := Path(member.name).name) in _MEMBERS and member.isfile():
                        if member.size > _MOST:
                            raise Failed(say(f"{name} 大得不正常", f"{name} is larger than it should be"))
                        found[name] = _rows(opened.extractfile(member).read(), name)
            while stream.read(2**20):  # to the end, where the checksum stands
                pass
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Failed(say(f"压缩包已损坏（{error}）", f"the archive is broken ({error})")) from None
    if missing := ", ".join(name for name in _MEMBERS if name not in found):
        raise Failed(say(f"压缩包里没有 {missing}", f"the archive has no {missing}"))
    first = {"train": 0, "val": 0}
    for name, split in _MEMBERS.items():
        _write(found[name], target / split, first[split], name)
        first[split] += len(found[name])


def _rows(data: bytes, name: str) -> np.ndarray:
    """(n, 3073) uint8"""
    if not data or len(data) % _ROW:
        raise Failed(
            say(
                f"{name} 有 {len(data)} 字节，不是 {_ROW} 的倍数",
                f"{name} has {len(data)} bytes, no multiple of {_ROW}",
            )
        )
    rows = np.frombuffer(data, np.uint8).reshape(-1, _ROW)
    if rows[:, 0].max() >= len(_CLASSES):
        raise Failed(say(f"{name} 里有 0 到 9 以外的标签", f"{name} has labels other than 0 to 9"))
    return rows


def _write(rows: np.ndarray, folder: Path, first: int, name: str) -> None:
    """Each picture into its class's folder, named by its place among those of its split."""
    for label in _CLASSES:
        (folder / label).mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(bar(rows, desc=name, unit="img", leave=False), first):
        pixels = row[1:].reshape(3, SIDE, SIDE).transpose(1, 2, 0)  # (32, 32, 3)
        Image.fromarray(pixels).save(folder / _CLASSES[row[0]] / f"{number:05}.png")


CIFAR10 = Archive(
    "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    contains=("train", "val"),
    mirrors=("https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-10-binary.tar.gz",),
    md5="c32a1d4ab5d03f1284b67883e8d87530",  # as the authors' page states it
    ending=".tar.gz",
    begins=b"\x1f\x8b",
    unpack=_unpack,
)
