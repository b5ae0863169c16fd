"""Handle Ctrl-C in a long command: the first ends it when it can, the second at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pongarena.core.interrupts import Interrupted, asking

__all__ = ["ends_when_asked"]


@contextmanager
def ends_when_asked() -> Iterator[threading.Event]:
    """Set an event on Ctrl-C, SIGTERM or a closed terminal; raise `Interrupted` on the second."""
    asked = threading.Event()

    def ask(_number: object) -> None:
        if asked.is_set():
            raise Interrupted
        asked.set()

    with asking(ask):
        yield asked
