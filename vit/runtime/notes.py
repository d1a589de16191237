"""What was passed over or assumed on the way: told in a line for each kind, not for each of ten thousand files."""

import sys

from vit.runtime.language import say
from vit.runtime.text import one_line


class Notes:
    """Sentences, and the files of which they are true. Many threads may add to them."""

    def __init__(self):
        self._files: dict[str, list] = {}

    def add(self, sentence: str, path) -> None:
        self._files.setdefault(sentence, []).append(path)

    def take(self, others: "Notes") -> None:
        """Add what others hold."""
        for sentence, paths in others._files.items():
            self._files.setdefault(sentence, []).extend(paths)

    def lines(self) -> list[str]:
        """A line for each sentence: one of its files, how many there are, and what is so of them."""
        lines = []
        for sentence, paths in self._files.items():
            where, many = min(map(str, paths)), len(paths)  # threads add in any order
            if many > 1:
                where = say(f"{where} 等 {many} 个", f"{where} and others, {many} in all")
            lines.append(one_line(f"{where}: {sentence}"))
        return lines

    def tell(self) -> None:
        """Say them on standard error."""
        for line in self.lines():
            print(line, file=sys.stderr)


class Told(Notes):
    """Notes that are told at once, each sentence with the first of its files only."""

    def add(self, sentence: str, path) -> None:
        files = [path]
        if self._files.setdefault(sentence, files) is files:
            print(one_line(f"{path}: {sentence}"), file=sys.stderr)


TOLD = Told()  # for pictures that are read one by one
