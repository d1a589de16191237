"""Numbers in the prose that come from outputs, so that the two cannot drift apart.

A code cell names what it prints: `values="top1 = top-1 ([\\d.]+)%; epochs = after (\\d+)"`, each a pattern whose first
group is the number, as both languages print it. Prose says `{{top1}}`, or `{{top1:.0f}}` for fewer digits.
"""

import re

from vit.runtime.errors import UserError

NOT_YET = "…"  # stands in the prose until the cell has run
_PLACE = re.compile(r"\{\{(\w+)(?::([.,\d]*[a-z%]))?\}\}")


def fill(notebook, name: str, lenient: bool = False) -> None:
    """Write the numbers into the prose.

    Args:
        notebook: an edition that has just been made, with the outputs it has; changed.
        name: the lesson's, for errors.
        lenient: what an output does not hold (another machine, a part left out) stays a placeholder.

    Raises:
        UserError: the prose speaks of a number that no cell names, or a cell's output no longer holds it.
    """
    known = {}
    for cell in notebook.cells:
        for value, pattern in _patterns(cell, name):
            text = "".join(out.get("text", "") for out in cell.get("outputs", ()) if out.output_type == "stream")
            match = re.search(pattern, text)
            if text and not match and not lenient:
                raise UserError(f"{name}: the output has no {value} (by {pattern!r}) any more")
            known[value] = match[1] if match else None
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _PLACE.sub(lambda place: _number(place, known, name), cell.source)


def _patterns(cell, name: str) -> list[tuple[str, str]]:
    pairs = [pair.partition(" = ") for pair in cell.metadata.get("values", "").split("; ") if pair]
    if wrong := [value for value, _, pattern in pairs if not (value.isidentifier() and pattern)]:
        raise UserError(f'{name}: values="name = pattern; ...", not {wrong[0]!r}')
    return [(value, pattern) for value, _, pattern in pairs]


def _number(place, known: dict, name: str) -> str:
    value, form = place[1], place[2]
    if value not in known:
        raise UserError(f"{name}: the prose says {place[0]}, and no cell names this value")
    if known[value] is None:
        return NOT_YET
    return format(float(known[value].replace(",", "")), form) if form else known[value]
