"""Files of weights opened: safetensors, npz, MindSpore ckpt; nothing in them is ever executed."""

import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import mindspore as ms
import numpy as np
from safetensors import safe_open

from vit import conversion
from vit.runtime.errors import UserError, reason
from vit.runtime.language import say

METADATA = "vit"  # the key of our JSON in a safetensors header


@dataclass
class WeightsFile:
    """The contents of a file, before a model is made of them: tensors under timm's names."""

    path: Path
    tensors: conversion.Tensors
    naming: str
    num_heads: int | None = None  # where the tensors tell
    metadata: dict = field(default_factory=dict)


def read(path) -> WeightsFile:
    """Read a safetensors, npz or MindSpore ckpt file; what it is, its first bytes decide.

    Nothing in a file is ever executed: pickles, PyTorch's among them, are refused.

    Raises:
        UserError: no such file, none of the three, broken, or not a Vision Transformer.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            start = file.read(9)
    except OSError as error:
        raise UserError(f"{path}: {reason(error).lower()}") from None
    is_safetensors = start[8:9] == b"{"  # after the header's length, its JSON
    if not is_safetensors and (start[:1] == b"\x80" or _is_torch_zip(path)):
        raise UserError(
            say(
                f"{path}: 是 Python 的 pickle 文件（可能来自 PyTorch），打开它就可能运行任何程序；请改用这些权重的 safetensors 文件",
                f"{path}: a Python pickle (PyTorch?), which could run any program when opened; "
                "get the safetensors file of these weights instead",
            )
        )
    try:
        if is_safetensors:
            tensors, metadata = _read_safetensors(path)
        elif start[:2] == b"PK":
            tensors, metadata = _read_npz(path), {}
        elif start[:1] == b"\x0a":  # the first field of MindSpore's protobuf
            tensors, metadata = _read_ckpt(path), {}
        else:
            raise UserError(
                say(
                    f"{path}: 既不是 safetensors 或 npz 文件，也不是 MindSpore 检查点",
                    f"{path}: neither safetensors nor npz nor a MindSpore checkpoint",
                )
            )
        kind = conversion.detect(tensors)
    except UserError as error:
        raise UserError(str(error) if str(path) in str(error) else f"{path}: {error}") from None
    except Exception as error:  # the readers raise whatever a broken file drives them to
        why = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UserError(
            say(f"{path}: 已损坏或不完整（{why}）；请重新下载", f"{path}: broken or cut off ({why}); fetch it again")
        ) from None
    tensors = {name: _as_float32(path, name, value) for name, value in tensors.items()}
    heads = conversion.jax_num_heads(tensors)
    return WeightsFile(path, conversion.to_timm(tensors, kind), kind, heads, metadata)


def _is_torch_zip(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def _read_safetensors(path: Path):
    with safe_open(path, "numpy") as file:
        metadata = json.loads((file.metadata() or {}).get(METADATA, "{}"))
        if not isinstance(metadata, dict):
            raise UserError(say("元数据不是 JSON 对象", "its metadata is not a JSON object"))
        return {name: file.get_tensor(name) for name in file.keys()}, metadata  # noqa: SIM118


def _read_npz(path: Path):
    with np.load(path, allow_pickle=False) as file:
        return {name: np.asarray(file[name]) for name in file.files}


def _read_ckpt(path: Path):
    # the suffix must be .ckpt for MindSpore; it logs errors to the terminal before it raises them
    if path.suffix != ".ckpt":
        raise UserError(
            say(
                "看起来是 MindSpore 检查点；请把文件名改成以 .ckpt 结尾",
                "looks like a MindSpore checkpoint; rename it to end in .ckpt",
            )
        )
    return {name: value.asnumpy() for name, value in ms.load_checkpoint(str(path)).items()}


def _as_float32(path: Path, name: str, value: np.ndarray) -> np.ndarray:
    if value.dtype.kind != "f" and value.dtype.name != "bfloat16":
        raise UserError(
            say(
                f"{path}: 张量 {name} 里是 {value.dtype}，不是浮点数",
                f"{path}: tensor {name} holds {value.dtype}, not floating point numbers",
            )
        )
    value = value.astype(np.float32)
    bad = value.size - np.isfinite(value).sum()
    if bad:
        raise UserError(
            say(
                f"{path}: {name} 的 {value.size} 个值里有 {bad} 个是 NaN 或无穷大",
                f"{path}: {bad} of {value.size} values of {name} are NaN or infinite",
            )
        )
    return value
