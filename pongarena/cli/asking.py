"""What a long command does on Ctrl-C: it ends when it can, and asked twice, at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pongarena.core.interrupts import Interrupted, asking

__all__ = ["ends_when_asked"]


@contextmanager
def ends_when_asked() -> Iterator[threading.Event]:
    """Sets an event on Ctrl-C, a closed terminal or a polite kill; asked twice, it ends at once."""
    asked = threading.Event()

    def ask(_number: object) -> None:
        if asked.is_set():
            raise Interrupted
        asked.set()

    with asking(ask):
        yield asked
