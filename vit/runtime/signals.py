"""Stopping in good order: Ctrl-C, Jupyter's interrupt button, or a cluster that wants its node back."""

import signal
import threading
from contextlib import contextmanager

STOPS = (signal.SIGINT, signal.SIGTERM)


class CtrlC:
    """Inside `with`, Ctrl-C (SIGINT) and SIGTERM are noted in `heard` instead of being obeyed at once.

    Both are needed: whenever MindSpore runs a graph it puts its own handler of Ctrl-C in place of
    Python's, and does not put it back. That handler sends the process a SIGTERM, which would end it
    without a word; here it arrives as a note like any other.
    """

    def __enter__(self):
        self.heard = self._obey = False
        # elsewhere than in the main thread, Python has no say about signals
        self._before = {}
        if threading.current_thread() is threading.main_thread():
            for kind in STOPS:
                self._before[kind] = signal.signal(kind, self._hear)
        return self

    def _hear(self, *_):
        first, self.heard = not self.heard, True
        if self._obey and first:
            raise KeyboardInterrupt

    @contextmanager
    def obeyed(self):
        """Inside, the first signal raises KeyboardInterrupt at once: for work that can be done again."""
        if self.heard:
            raise KeyboardInterrupt
        self._obey = True
        try:
            yield
        finally:
            self._obey = False

    def __exit__(self, *_):
        for kind, handler in self._before.items():
            signal.signal(kind, handler)


def sigterm_is_ctrl_c() -> None:
    """Make SIGTERM raise KeyboardInterrupt, so that a Ctrl-C which MindSpore turned into one is caught."""

    def interrupt(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def deaf() -> None:
    """From now on no signal to stop is heard: the program is stopping already, and has a line to say."""
    for kind in STOPS:
        signal.signal(kind, signal.SIG_IGN)


def take_ctrl_c_back() -> None:
    """After a graph run, put Python's handler of Ctrl-C in place of MindSpore's.

    The latter would kill the process, or the notebook's kernel, at the next Ctrl-C.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))
