"""The one kind of error that is the user's to mend: bad use or bad input, exit code 2."""


class UserError(ValueError):
    """Its message is one line: what is wrong, then how to mend it."""
