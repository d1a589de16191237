"""How long to train: as long as usual, or VIT_EPOCHS."""

import os

from vit.runtime.errors import UserError
from vit.runtime.language import say


def epochs_wanted(usual: int) -> int:
    """As many as usual, or VIT_EPOCHS: for a quick look, a class in a hurry, a test.

    Raises:
        UserError: VIT_EPOCHS is no whole number above 0.
    """
    wanted = os.environ.get("VIT_EPOCHS", str(usual))
    if not (wanted.isascii() and wanted.isdigit() and int(wanted) > 0):
        raise UserError(
            say(f"VIT_EPOCHS 应是正整数，不是 {wanted!r}", f"VIT_EPOCHS is a positive whole number, not {wanted!r}")
        )
    return int(wanted)
