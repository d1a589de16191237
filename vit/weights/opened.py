"""A file of weights opened and understood, before a model is made of it."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.weights import conversion
from vit.weights.formats import read_tensors
from vit.weights.layout import Layout, recognise
from vit.weights.not_weights import broken
from vit.weights.strangers import refuse_strangers

METADATA = "vit"  # the key of our JSON in a safetensors header


@dataclass
class WeightsFile:
    """The contents of a file: tensors under timm's names, float32."""

    path: Path
    tensors: conversion.Tensors
    layout: Layout
    num_heads: int | None = None  # where the tensors tell
    metadata: dict = field(default_factory=dict)

    @property
    def num_classes(self) -> int:
        """K, the rows of the head; 0 where there is none."""
        rows = [self.tensors[name] for name in ("head.weight", "head.bias") if name in self.tensors]
        return rows[0].shape[0] if rows and rows[0].ndim else 0


def read(path) -> WeightsFile:
    """Read a safetensors, npz or MindSpore ckpt file; what it is, its first bytes decide.

    Nothing in a file is ever executed: pickles, PyTorch's among them, are refused.

    Raises:
        UserError: no such file, none of the three, broken, or not a Vision Transformer.
    """
    path = Path(path)
    raw, header = read_tensors(path)
    strange = next((name for name in raw if not name.isprintable() or len(name) > 200), None)
    if strange is not None:  # no program calls a tensor so, and no message could
        raise broken(path, repr(strange))
    metadata = _metadata(path, header.get(METADATA, "{}"))
    try:
        layout = recognise(raw)
        refuse_strangers(layout)
        tensors = {ours: _as_float32(own, raw[own]) for ours, own in layout.names.items()}
        heads = conversion.jax_num_heads(tensors) if layout.naming == "jax" else None
        return WeightsFile(path, conversion.to_timm(tensors, layout.naming, layout.spelling), layout, heads, metadata)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def _metadata(path: Path, text: str) -> dict:
    try:
        metadata = json.loads(text)
    except (ValueError, RecursionError):
        metadata = None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("config", {}), dict):
        raise UserError(
            say(
                f"{path}: 元数据 {METADATA!r} 不是这个程序写的；请去掉它再保存一次",
                f"{path}: its metadata {METADATA!r} were not written by this program; save it again without them",
            )
        )
    return metadata


def _as_float32(name: str, value: np.ndarray) -> np.ndarray:
    if value.dtype.kind != "f" and value.dtype.name != "bfloat16":
        raise UserError(
            say(
                f"张量 {name} 里是 {value.dtype}，不是浮点数",
                f"tensor {name} holds {value.dtype}, not floating point numbers",
            )
        )
    with np.errstate(over="ignore"):  # of 64 bits, too large for 32: infinite, and said below
        value = value.astype(np.float32)
    bad = value.size - np.isfinite(value).sum()
    if bad:
        raise UserError(
            say(
                f"{name} 的 {value.size} 个值里有 {bad} 个是 NaN 或无穷大",
                f"{bad} of {value.size} values of {name} are NaN or infinite",
            )
        )
    return value
