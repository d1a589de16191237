"""Which tensors of a checkpoint are the network's: under which naming, in which wrapper, and what else is there.

Whoever trains saves more than the network: an optimizer's moments and counters, smoothed copies. And whoever
wraps a network in another cell puts the wrapper's name before every tensor.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.weights.conversion import LEAVES, NAMINGS, Tensors, our_name, their_name

_HEADS = ("head", "classifier", "head.classifier", "dense")  # beside a wrapped network: backbone.norm, but head

# what optimizers keep beside the network: copies of every tensor, under a word of their own
_COPIES = re.compile(
    r"optim(izer)?|(adamw?_|lamb_)[mv]|moments?[12]?|momentum|vhat|accum(_update)?|accu_grads|(max_)?exp_avg(_sq)?"
    r"(_row|_col)?|mean_(grad|square)|(\w+_)?ema(_\w+)?"
)
_MARKS = ("patch_embed.proj.weight", "pos_embed")  # without one of them, other networks share too many names
_NOTES = re.compile(
    r"learning_rate\w*|weight_decay\w*|beta[12]_power|fake_\w+"  # one number, or one for each step
    r"|pooler\.dense\.(weight|bias)"  # of Hugging Face's bare model: not on the way to the head
)


@dataclass
class Layout:
    """What the tensors of a file are: those of the network, with their naming and wrapper, and those of a trainer."""

    naming: str
    prefix: str  # the wrapper's, with its dot
    names: dict[str, str]  # timm's name -> the file's own; what is in no table keeps its own, without the wrapper's
    aside: list[str] = field(default_factory=list)  # of a trainer, by the file's names

    @property
    def in_mindspore_words(self) -> bool:
        """Whether the norms have gamma and beta, as MindSpore's own layer calls them."""
        return any(own.endswith(".gamma") and ours.endswith("norm1.weight") for ours, own in self.names.items())

    def spelling(self, ours: str) -> str:
        """A tensor as messages call it, by timm's name and the one that it has, or would have, in the file."""
        own = self.names.get(ours) or self.prefix + their_name(ours, self.naming, self.in_mindspore_words)
        return ours if own == ours else f"{ours} ({own})"


def recognise(tensors: Tensors) -> Layout:
    """Find the network among the tensors of a file.

    Raises:
        UserError: there is none, or more than one, or only an optimizer's numbers, or a tensor is there twice.
    """
    names = list(tensors)
    naming, prefix = _network_among(names)
    layout, rest = Layout(naming, prefix, {}), []
    for name in names:
        ours = our_name(name[len(prefix) :], naming) if name.startswith(prefix) else _head_beside(name)
        if ours is None:
            rest.append(name)
        elif ours in layout.names:
            both = f"{layout.names[ours]}, {name}"
            raise UserError(say(f"{ours} 在文件里有两份：{both}", f"{ours} is there twice: {both}"))
        else:
            layout.names[ours] = name
    copied = _copied(rest, {own for name in layout.names.values() for own in (name, name.removeprefix(prefix))})
    for name in rest:
        bare = name.removeprefix(prefix)
        if name in copied or _COPIES.fullmatch(bare.partition(".")[0]) or _is_note(bare, tensors[name]):
            layout.aside.append(name)
        else:
            layout.names.setdefault(bare, name)
    return layout


def _network_among(names: list[str]) -> tuple[str, str]:
    """The naming and the wrapper that know most of the names."""
    known = Counter(
        (naming, name[:start])
        for name in names
        for start in _starts(name)
        for naming in NAMINGS
        if our_name(name[start:], naming)
    )
    marks = {naming: [their_name(ours, naming) for ours in _MARKS] for naming in NAMINGS}
    there = set(names)
    found = {key: many for key, many in known.items() if any(f"{key[1]}{mark}" in there for mark in marks[key[0]])}
    most = max(found.values(), default=0)
    if most < 3:
        some = ", ".join(names[:3])
        raise UserError(
            say(
                f"不是 Vision Transformer 的权重：{len(names)} 个张量的名字（{some} ……）不属于任何已知的命名",
                f"not the weights of a Vision Transformer: {len(names)} tensors ({some} ...), "
                "called as in no program known here",
            )
        )
    likely = [key for key, many in found.items() if 2 * many > most]
    own = [key for key in likely if not any(map(_COPIES.fullmatch, re.split(r"[./]", key[1])))]
    own = own or [key for key in likely if "ema" in key[1]]  # smoothed weights serve where there are no others
    if not own:
        some = ", ".join(prefix for _, prefix in likely)
        raise UserError(
            say(
                f"里面只有优化器的数（{some}），没有网络的权重",
                f"holds an optimizer's numbers only ({some}), no weights",
            )
        )
    # moment.model.norm copies model.norm
    own = [a for a in own if not any(a[1] != b[1] and f".{a[1]}".endswith(f".{b[1]}") for b in own)]
    prefixes = sorted({prefix for _, prefix in own})
    if len(prefixes) > 1:
        some = ", ".join(prefixes if len(prefixes) < 5 else [*prefixes[:3], "..."])
        raise UserError(
            say(
                f"里面不止一个网络（{some}）；请只留下一个，另存为一个文件",
                f"holds more than one network ({some}); keep one, in a file of its own",
            )
        )
    return max(own, key=found.__getitem__)


def _copied(names: list[str], network: set[str]) -> set[str]:
    """Of some names, those that are a prefix and a name of the network, where the prefix has most of the network."""
    copies = [(name, name[:i]) for name in names for i in _starts(name)[1:] if name[i:] in network]
    many = Counter(prefix for _, prefix in copies)
    return {name for name, prefix in copies if 4 * many[prefix] > len(network)}


def _is_note(name: str, value) -> bool:
    """Whether it is a trainer's: a counter, a rate, an accuracy, a remark (`append_dict` of `ms.save_checkpoint`)."""
    return _NOTES.fullmatch(name) is not None or value.dtype.kind in "US" or (value.size == 1 and "." not in name)


def _starts(name: str) -> list[int]:
    """Where the parts of a name begin."""
    return [0, *(i + 1 for i, letter in enumerate(name) if letter in "./")]


def _head_beside(name: str) -> str | None:
    part, _, leaf = name.rpartition(".")
    return f"head.{LEAVES[leaf]}" if part in _HEADS and leaf in LEAVES else None
