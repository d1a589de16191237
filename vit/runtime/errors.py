"""Two kinds of error: the user's to mend, and nobody's."""

import difflib
from collections.abc import Iterable


class UserError(ValueError):
    """Bad use or bad input, exit code 2. Its message is one line: what is wrong, then how to mend it."""


class RunFailed(RuntimeError):
    """A run that cannot go on though its input was in order, exit code 1."""


def unknown(what: str, name, known: Iterable[str]) -> UserError:
    """The error for a name that does not exist, with the nearest that do."""
    known = list(known)
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.4) or known
    return UserError(f"{what} {name!r}; did you mean {' or '.join(near)}?")
