"""Numbers in the prose that come from outputs, so that the two cannot drift apart.

A code cell names what it prints: `values="top1 = 准确率 #%，瞎猜 ¦ accuracy #%; epochs = # 轮 ¦ after # epochs"`: the text around
the number in Chinese ¦ in English, where # is the number, @ a word that is wanted, ~ any number, * any word. Prose
says `{{top1}}`, or `{{top1:.0f}}` for fewer digits.
"""

import re

from vit.runtime.errors import UserError

NOT_YET = "…"  # stands in the prose until the cell has run
_PLACE = re.compile(r"\{\{(\w+)(?::([.,\d]*[a-z%]))?\}\}")
_NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?"
_WORD = r"[^\W\d]\w*"
_SIGNS = {"#": f"({_NUMBER})", "~": _NUMBER, "@": f"({_WORD})", "*": _WORD, " ": r"\s+"}


def fill(notebook, name: str, language: str) -> list[str]:
    """Write the numbers into the prose.

    Args:
        notebook: an edition that has just been made, with the outputs it has; changed.
        name: the lesson's, for errors.
        language: "zh" or "en".

    Returns:
        A line for each value that an output does not hold any more; it stays a placeholder (on another machine a part
        may be left out).

    Raises:
        UserError: the prose speaks of a number that no cell names.
    """
    known, gone = {}, []
    for cell in notebook.cells:
        for value, around in _named(cell, name, language):
            text = "".join(out.get("text", "") for out in cell.get("outputs", ()) if out.output_type == "stream")
            match = re.search(_pattern(around), text)
            if text and not match:
                gone.append(f"{name}, {language}: the output has no {value} ({around!r}) any more")
            known[value] = match[1] if match else None
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _PLACE.sub(lambda place: _number(place, known, name), cell.source)
    return gone


def _named(cell, name: str, language: str) -> list[tuple[str, str]]:
    """[(value, text around it)]"""
    found = []
    for pair in filter(None, cell.metadata.get("values", "").split("; ")):
        value, _, around = pair.partition(" = ")
        around = around.split(" ¦ ")[-1 if language == "en" else 0]
        if not value.isidentifier() or len(re.findall("[#@]", around)) != 1:
            raise UserError(f'{name}: values="name = text with one # in it; ...", not {pair!r}')
        found.append((value, around))
    return found


def _pattern(around: str) -> str:
    return "".join(_SIGNS.get(part, re.escape(part)) for part in re.split(r"([#~@*]| +)", re.sub(" +", " ", around)))


def _number(place, known: dict, name: str) -> str:
    value, form = place[1], place[2]
    if value not in known:
        raise UserError(f"{name}: the prose says {place[0]}, and no cell names this value")
    if known[value] is None:
        return NOT_YET
    return format(float(known[value].replace(",", "")), form) if form else known[value]
