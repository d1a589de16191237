"""Three investigations of lesson 12: patches in another order, and how many pictures which network needs, drawn and real."""

from course.investigations.experiment import OWN, Choice

_TOP1 = ("验证准确率", "accuracy on val")
_NETWORK = Choice(("网络", "network"), "vit", options=("vit", "cnn", "hybrid"))
_PICTURES = Choice(("图片", "pictures"), 5000, least=500, most=50_000, step=10)
_DATA = ("drawings", "cifar10")


def _run(settings: dict, seed: int) -> float:
    """One run of the contest; a learner's is made of their own block or stem."""
    from course.investigations.contest import Entry, top1  # late: it settles how this process convolves
    from course.investigations.rivals import PART
    from course.learner.own_part import own_part

    entry = Entry(**settings)
    part = PART.get(entry.network) if seed == OWN else None
    return top1(entry, seed, *([own_part(part).cls] if part else []))


def _shuffled(found: list[list[float]]) -> str:
    return "?"


def _drawings(found: list[list[float]]) -> str:
    return "?"


def _real(found: list[list[float]]) -> str:
    return "?"
