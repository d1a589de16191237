"""Two kinds of error: the user's to mend, and nobody's."""


class UserError(ValueError):
    """Bad use or bad input, exit code 2. Its message is one line: what is wrong, then how to mend it."""


class RunFailed(RuntimeError):
    """A run that cannot go on though its input was in order, exit code 1."""
