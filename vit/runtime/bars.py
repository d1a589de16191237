"""Progress bars: redrawn in place on a terminal or in a notebook, a line at most every ten seconds in a log."""

import sys

from tqdm import tqdm
from tqdm.auto import tqdm as tqdm_here  # in a notebook, a bar of the browser

LOG_SECONDS = 10


class _Lines(tqdm):
    """A bar for a file: whole lines, seldom."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, mininterval=LOG_SECONDS, maxinterval=LOG_SECONDS, miniters=1, **options)

    @staticmethod
    def status_printer(file):
        def print_status(text):
            if text:
                print(text.strip(), file=file, flush=True)

        return print_status

    def close(self):
        """One line at the end says how it went, not two."""
        self.leave = self.leave and self.n > 0
        super().close()


def bar(*arguments, **options):
    """`tqdm(...)` on standard error, in the form that suits where standard error goes."""
    if type(sys.stderr).__module__.startswith("ipykernel"):
        return tqdm_here(*arguments, file=sys.stderr, **options)
    return (tqdm if sys.stderr.isatty() else _Lines)(*arguments, file=sys.stderr, **options)
