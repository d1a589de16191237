"""The classes of ImageNet: index, WordNet id, English name, and a Chinese name for some."""

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

from vit.runtime.language import say


@dataclass(frozen=True)
class ClassName:
    """One class. `wnid` is its WordNet id ("n02123597"), or for other data the folder's name, as `name` is then."""

    wnid: str
    name: str
    name_zh: str = ""

    def __post_init__(self):
        if not all(isinstance(text, str) for text in (self.wnid, self.name, self.name_zh)):
            raise TypeError(f"a class is named by text, not by {self.name!r}")

    @property
    def synonyms(self) -> tuple[str, ...]:
        """WordNet's "tabby, tabby cat" are two names; a folder's "Pepper,_bell" is one."""
        return (self.name,) if self.name == self.wnid else tuple(name.strip() for name in self.name.split(","))

    def __str__(self) -> str:
        return self.synonyms[0]

    @property
    def called(self) -> str:
        """Its name in the reader's language, where it has one there."""
        return say(self.name_zh or str(self), str(self))


@functools.cache
def imagenet_classes() -> tuple[ClassName, ...]:
    """The 1000 classes in the order of the published weights' logits (`imagenet_classes.csv`, beside this file)."""
    with open(Path(__file__).with_name("imagenet_classes.csv"), encoding="utf-8", newline="") as file:
        return tuple(ClassName(row["wnid"], row["name"], row["name_zh"]) for row in csv.DictReader(file))
