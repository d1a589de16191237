"""Tensors out of files: safetensors, npz, MindSpore ckpt. nothing in them is ever executed."""

import binascii
import json
import re
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
from mindspore.train.checkpoint_pb2 import Checkpoint  # imports MindSpore, which teaches numpy bfloat16
from safetensors import SafetensorError, safe_open

from vit.runtime.errors import UserError, reason
from vit.runtime.language import say
from vit.weights.not_weights import brief, broken, first_bytes, is_text, neither, pickled, too_long


def read_tensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The tensors of a file, and the metadata of its header; what it is, its first bytes decide.

    Raises:
        UserError: none of the three, or broken, or in a variant that cannot be read; the message says which.
    """
    start = first_bytes(path)
    try:
        if start[8:9] == b"{" and start[:4] != b"PK\x03\x04":  # after the header's length, its JSON
            return _read_safetensors(path)
        if start[:2] == b"PK":
            return _read_npz(path), {}
        if start[:1] == b"\x0a" and not is_text(start):  # the first field of MindSpore's protobuf
            return _read_ckpt(path), {}
    except MemoryError:
        raise UserError(
            say(f"{path}: 内存不足，装不下这些张量", f"{path}: its tensors do not fit into memory")
        ) from None
    except OSError as error:
        raise UserError(f"{path}: {reason(error).lower()}") from None
    raise neither(path, start)


def _read_safetensors(path: Path):
    with open(path, "rb") as file:
        size = path.stat().st_size
        length = int.from_bytes(file.read(8), "little")
        if 8 + length > size:
            raise broken(
                path,
                say(f"应有 {8 + length} 字节以上，只有 {size}", f"more than {8 + length} bytes expected, {size} there"),
            )
        text = file.read(length)
    try:
        entries = {name: entry for name, entry in json.loads(text).items() if name != "__metadata__"}
        kinds = {name: str(entry["dtype"]) for name, entry in entries.items()}
        end = 8 + length + max((int(entry["data_offsets"][1]) for entry in entries.values()), default=0)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise broken(path, error) from None
    if size < end:
        raise broken(path, say(f"应有 {end} 字节，只有 {size}", f"{end} bytes expected, {size} there"))
    if size > end:
        raise too_long(path, size - end)
    small = {name: kind for name, kind in kinds.items() if re.match("F[468](_|$)", kind)}
    if small:
        name, kind = map(brief, next(iter(small.items())))
        raise UserError(
            say(
                f"{path}: {len(small)} 个张量是 8 位或更短的浮点数（{name}：{kind}）；请用 16 或 32 位的权重",
                f"{path}: {len(small)} tensors are floating point numbers of 8 bits or fewer ({name}: {kind}); "
                "get the weights in 16 or 32 bits",
            )
        )
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise broken(path, error) from None
    if "crc_num" in metadata:  # of MindSpore's save_checkpoint(format="safetensors", crc_check=True)
        checksum = 0
        for name in sorted(tensors):
            checksum = binascii.crc32(tensors[name].tobytes(), binascii.crc32(name.encode(), checksum))
        if str(checksum) != metadata["crc_num"]:
            raise broken(path, say("CRC-32 校验和不符", "its CRC-32 does not match"))
    return tensors, metadata


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise broken(path, error) from None
    names = [member.filename for member in members]
    if any(name.endswith(".pkl") for name in names):
        raise pickled(path)
    others = [name for name in names if not name.endswith(".npy")]
    if others:
        some = brief(", ".join(others[:3]))
        raise UserError(
            say(
                f"{path}: 是压缩包（zip，里面有 {some}）：请先解开，再给出其中的权重文件",
                f"{path}: an archive (zip, with {some}): unpack it and name the file of weights",
            )
        )
    if any(member.flag_bits & 1 for member in members):
        raise UserError(
            say(f"{path}: 这个 npz 有密码；请不加密再保存一次", f"{path}: has a password; save it without one")
        )
    if len(names) > len({*names}):
        twice = brief(Counter(names).most_common(1)[0][0])
        raise UserError(say(f"{path}: {twice} 在里面有两份", f"{path}: {twice} is there twice"))
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: np.asarray(file[name]) for name in file.files}
    except (ValueError, TypeError, KeyError, EOFError, SyntaxError, RecursionError) as error:
        raise (pickled(path) if "allow_pickle" in str(error) else broken(path, error)) from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OverflowError) as error:
        raise broken(path, error) from None


_NUMPY = {
    **{f"Int{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"Float{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
    "BFloat16": np.dtype("<u2"),  # the upper half of a float32
    "Bool": np.dtype(bool),
    "str": np.dtype("<U1"),
}


def _read_ckpt(path: Path) -> dict[str, np.ndarray]:
    """MindSpore's own reader needs the suffix, logs before it raises, and asks for no checksum unless told to."""
    raw = path.read_bytes()
    if raw[-17:-10] == b"crc_num":
        raw, stated, found = raw[:-17], int.from_bytes(raw[-10:], "big"), binascii.crc32(raw[:-17])
        if stated != found:
            raise broken(path, say("CRC-32 校验和不符", "its CRC-32 does not match"))
    end = _end_of_records(raw)
    if end < len(raw) and end and is_text(raw[end : end + 512]):
        raise too_long(path, len(raw) - end)
    contents = Checkpoint()
    try:
        contents.ParseFromString(raw)
    except Exception as error:  # protobuf's own, which has no common name in its versions
        raise broken(path, error) from None
    kinds, shapes, pieces = {}, {}, {}
    last = None
    for value in contents.value:  # a large tensor comes in pieces, one after the other
        kind, shape = value.tensor.tensor_type, tuple(value.tensor.dims)
        if kind not in _NUMPY or not value.HasField("tensor"):
            name, of = brief(value.tag), brief(kind)
            raise UserError(
                say(
                    f"{path}: 张量 {name} 的类型 {of} 读不了",
                    f"{path}: tensor {name} is of a kind that cannot be read: {of}",
                )
            )
        if value.tag in pieces and (value.tag != last or shapes[value.tag] != shape):
            raise broken(path, say(f"{value.tag} 有两份", f"{value.tag} is there twice"))
        kinds[value.tag], shapes[value.tag] = kind, shape
        pieces.setdefault(value.tag, []).append(value.tensor.tensor_content)
        last = value.tag
    return {name: _array(path, name, kinds[name], shapes[name], b"".join(parts)) for name, parts in pieces.items()}


def _end_of_records(raw: bytes) -> int:
    """Where the last whole record of a protobuf with one repeated field ends: a mark, its length, its bytes."""
    end = 0
    while raw[end : end + 1] == b"\x0a":
        length, shift, at = 0, 0, end + 1
        while at < len(raw) and shift < 64:
            length |= (raw[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if raw[at - 1] < 0x80:
                break
        if at + length > len(raw):
            break
        end = at + length
    return end


def _array(path: Path, name: str, kind: str, shape: tuple[int, ...], content: bytes) -> np.ndarray:
    if kind == "str":
        return np.array(content.decode("utf-32-le", errors="replace"))
    shape = () if shape == (0,) else shape  # so MindSpore writes a single number
    if min(shape, default=0) < 0:  # which numpy would take for a size to be found out
        raise broken(path, f"{name}: {shape}")
    try:
        value = np.frombuffer(content, _NUMPY[kind]).reshape(shape)
    except ValueError as error:
        raise broken(path, f"{name}: {error}") from None
    return (value.astype(np.uint32) << 16).view(np.float32) if kind == "BFloat16" else value
