"""Cells of a network exchanged for quicker ones that compute the same, while it is compiled."""

import os
from dataclasses import dataclass
from functools import cache

import mindspore as ms
from mindspore import nn

from vit.attention import Attention
from vit.encoder import GELU, MLP
from vit.kernels.attention import FusedAttention, HalfFusedAttention, WrittenOutAttention, fused_dense
from vit.kernels.custom import try_one
from vit.kernels.gelu import FusedGELU, WrittenOutGELU
from vit.kernels.layer_norm import FusedLayerNorm, WrittenOutLayerNorm
from vit.kernels.library import Library, NoLibrary, library
from vit.kernels.mlp import FusedMLP
from vit.layer_norm import LayerNorm
from vit.runtime.language import say


@dataclass(frozen=True)
class Chosen:
    """Which way is taken here."""

    way: str  # "fused", "written out", or "MindSpore's own"
    sentence: str  # in the user's language
    key: str = ""  # of the compiled kernels
    file: str = ""  # where they lie

    @property
    def setting(self) -> str:
        """What a run notes: numbers differ in their last bits where it differs."""
        return f"{self.way} {self.key}".strip()


def chosen() -> Chosen:
    """Kernels where they can be had, on a CPU; VIT_KERNELS=0 does without."""
    if ms.get_context("device_target") != "CPU":
        own = say(f"{ms.get_context('device_target')} 自带的算子", f"those of {ms.get_context('device_target')}")
        return Chosen("MindSpore's own", say(f"算子：{own}", f"kernels: {own}"))
    if os.environ.get("VIT_KERNELS") == "0":
        return _written_out("VIT_KERNELS=0")
    made = _tried()
    if isinstance(made, NoLibrary):
        return _written_out(say(f"{made}；装上 g++ 会更快", f"{made}; with g++ installed it would be faster"))
    sentence = say(f"算子：融合（{made.compiler}）", f"kernels: fused ({made.compiler})")
    return Chosen("fused", sentence, made.key, made.path)


@cache
def _tried() -> Library | NoLibrary:
    """Once in a process: a compiler that fails takes seconds, and every graph asks."""
    try:
        made = library()
        try_one()
    except NoLibrary as why:
        return why
    return made


def _written_out(why) -> Chosen:
    return Chosen("written out", say(f"算子：逐个（{why}）", f"kernels: written out ({why})"))


def _with_its_settings(other: nn.Cell, plain: nn.Cell) -> nn.Cell:
    """What a network's own code may ask a cell of: `fc1.out_channels`, `norm.epsilon`."""
    for name, value in vars(plain).items():
        if not name.startswith("_") and name not in vars(other) and isinstance(value, int | float | str | tuple):
            object.__setattr__(other, name, value)
    return other


class Swap:
    """A network's cells exchanged inside a `with`; every place is as it was behind it.

    Args:
        cell: the network, or a training step of it.
        trains: whether gradients will be asked for.
    """

    def __init__(self, cell: nn.Cell, trains: bool):
        self.way = chosen().way
        self.places = []  # (children of a cell, name, plain, other)
        if self.way != "MindSpore's own":
            self._collect(cell, trains, {})

    def _collect(self, parent: nn.Cell, trains: bool, made: dict) -> None:
        if isinstance(parent, nn.SequentialCell):
            return  # it calls a list of its own
        for name, plain in parent._cells.items():
            if plain is None:
                continue
            if id(plain) not in made:
                made[id(plain)] = _with_its_settings(self._other(plain, trains), plain)
            if (other := made[id(plain)]) is not plain:
                self.places.append((parent._cells, name, plain, other))
            else:
                self._collect(plain, trains, made)

    def _other(self, plain: nn.Cell, trains: bool) -> nn.Cell:
        """The quicker cell; `plain` itself where there is none. A class derived from one of these is left alone."""
        fused, kind = self.way == "fused", type(plain)
        if kind in (LayerNorm, nn.LayerNorm) and len(plain.normalized_shape) == 1:
            return FusedLayerNorm(plain) if fused else WrittenOutLayerNorm(plain)
        if kind in (GELU, nn.GELU):
            return FusedGELU(plain) if fused else WrittenOutGELU(plain)
        if kind is nn.Dense and fused and plain.activation is None:
            return fused_dense(plain)
        if kind is MLP and fused:
            return FusedMLP(plain)
        if kind is Attention and not fused:
            return WrittenOutAttention(plain)
        if kind is Attention:
            fits = plain.head_dim % 16 == 0 and not plain.attn_drop.p
            return FusedAttention(plain, trains) if fits else HalfFusedAttention(plain)
        return plain

    def __enter__(self):
        for children, name, _, other in self.places:
            children[name] = other

    def __exit__(self, *_):
        for children, name, plain, _ in self.places:
            children[name] = plain
