"""Three investigations of lesson 12: patches in another order, and how many pictures which network needs, drawn and real."""

from statistics import mean

from course.investigations.contest import Entry, top1
from course.investigations.experiment import OWN, Choice, Experiment
from course.investigations.measured import threshold, told_apart
from course.investigations.rivals import PART
from course.learner.own_part import own_part

_TOP1 = ("验证准确率", "accuracy on val")
_COMMAND = "python -m benchmarks.vit_or_cnn"
_NETWORK = Choice(("网络", "network"), "vit", options=("vit", "cnn", "hybrid"))
_PICTURES = Choice(("图片", "pictures"), 5000, least=500, most=50_000, step=10)
_SIZES = ({"pictures": 500}, {}, {"pictures": 50_000})
_BOTH = tuple(size | network for network in ({}, {"network": "cnn"}) for size in _SIZES)  # the ViT's, then the CNN's


def _run(settings: dict, seed: int) -> float:
    """One run of the contest; a learner's is made of their own block or stem."""
    entry = Entry(**settings)
    part = PART.get(entry.network) if seed == OWN else None
    return top1(entry, seed, *([own_part(part).cls] if part else []))


def _shuffled(found: list[list[float]]) -> str:
    """A: both lose as much. B: the CNN loses more. C: the ViT loses more."""
    vit, cnn = (mean(found[one]) - mean(found[one + 1]) for one in (0, 2))
    if abs(cnn - vit) <= 2**0.5 * threshold(found):  # a difference of differences
        return "A"
    return "B" if cnn > vit else "C"


def _sizes(found: list[list[float]]) -> str:
    """A: with 50,000 the ViT has overtaken. B: the CNN is ahead throughout, and 50,000 help both more than 5,000.
    C: ahead throughout, and they help neither."""
    more = [mean(found[one + 2]) - mean(found[one + 1]) if told_apart(found, one + 1, one + 2) else 0 for one in (0, 3)]
    ahead = [mean(found[size + 3]) - mean(found[size]) if told_apart(found, size, size + 3) else 0 for size in range(3)]
    if ahead[2] < 0:
        return "A"
    if min(ahead) <= 0:
        return "?"
    return "B" if min(more) > 0 else "C" if max(more) <= 0 else "?"


def _tenfold(found: list[list[float]]) -> str:
    """The ViT with ten times as many pictures, against the CNN: A: never behind. B: ahead of its 500, behind its 5,000.
    C: behind both."""
    ahead = [mean(found[vit]) - mean(found[cnn]) if told_apart(found, vit, cnn) else 0 for vit, cnn in ((1, 3), (2, 4))]
    if min(ahead) >= 0:
        return "A"
    return "B" if ahead[0] > 0 else "C" if max(ahead) < 0 else "?"


VIT_OR_CNN = (
    Experiment(
        number="12.4",
        kind="contest",
        measures=_TOP1,
        choices={
            "network": _NETWORK,
            "patches": Choice(("图像块", "patches"), "in order", options=("in order", "shuffled")),
        },
        table=({}, {"patches": "shuffled"}, {"network": "cnn"}, {"network": "cnn", "patches": "shuffled"}),
        seeds=2,
        run=_run,
        command=_COMMAND,
        follows=_shuffled,
    ),
    Experiment(
        number="12.5",
        kind="contest",
        measures=_TOP1,
        choices={
            "network": _NETWORK,
            "pictures": _PICTURES,
            "crops": Choice(("裁剪", "crops"), "random", options=("random", "none")),
        },
        table=_BOTH,
        seeds=2,
        run=_run,
        command=_COMMAND,
        follows=_sizes,
    ),
    Experiment(
        number="12.6",
        kind="contest",
        measures=_TOP1,
        choices={
            "data": Choice(("数据", "data"), "drawings", options=("drawings", "cifar10")),
            "network": _NETWORK,
            "pictures": _PICTURES,
        },
        table=tuple({"data": "cifar10"} | one for one in _BOTH),
        seeds=2,
        run=_run,
        command=_COMMAND,
        follows=_tenfold,
    ),
)
