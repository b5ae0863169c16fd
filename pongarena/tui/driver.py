"""Survive invalid input from the terminal, and restore the terminal on a forced exit."""

import os
import sys
import time
from contextlib import suppress
from typing import Any, NoReturn

from textual.driver import Driver
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message

__all__ = ["end_at_once", "terminal_size", "tolerant"]

_BREATH_S = 0.05

_RESTORING_S = 1.0
"""How long a forced end tries to restore a terminal that takes no output."""

_MOST = Size(1000, 500)
"""The largest size that is believed of a terminal whose system knows none, in columns and rows."""

_RESTORE = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u"
    b"\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""Escape codes that end what Textual's drivers began: bracketed paste, mouse, alternate screen, no cursor."""


def tolerant(kind: type[Driver]) -> type[Driver]:
    """Return a driver class that survives invalid bytes and invented sizes; Textual's own ends the app."""
    if not hasattr(kind, "run_input_thread"):
        return kind

    class TolerantDriver(kind):  # type: ignore[valid-type,misc]  # a class that is only known now
        def run_input_thread(self) -> None:
            while True:
                try:
                    super().run_input_thread()
                    return
                except (ValueError, LookupError, ArithmeticError):  # invalid UTF-8, or an invalid report
                    time.sleep(_BREATH_S)
                except OSError:  # the terminal is gone
                    self._app.call_later(self._app.exit)
                    return

        def process_message(self, message: Message) -> None:
            if isinstance(message, Resize):  # anything can type such a report
                if (size := _believed(message.size)) is None:
                    return
                message = Resize(size, size)
            super().process_message(message)

    return TolerantDriver


def terminal_size() -> Size | None:
    """Return the terminal's size as the system knows it; None when it does not.

    Note: not by shutil, which believes COLUMNS and LINES: a shell may have set them for an earlier size.
    """
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        with suppress(AttributeError, OSError, ValueError):
            width, height = os.get_terminal_size(stream.fileno())  # type: ignore[union-attr]
            if width > 0 and height > 0:
                return Size(width, height)
    return None


def _believed(reported: Size) -> Size | None:
    """Return the terminal's size; when the system does not know it the reported one, if it is possible."""
    is_possible = 0 < reported.width <= _MOST.width and 0 < reported.height <= _MOST.height
    return terminal_size() or (reported if is_possible else None)


def end_at_once(driver: Any, status: int) -> NoReturn:  # noqa: ANN401 - of any system
    """Restore the terminal without the app's help, and end the process."""
    with suppress(Exception):
        handle = sys.__stderr__.fileno()  # type: ignore[union-attr]
        if sys.platform == "win32":
            os.write(handle, _RESTORE)
        else:
            _restore_settings(driver)
            _write_first(handle, _RESTORE)
    os._exit(status)


if sys.platform != "win32":
    import termios

    def _restore_settings(driver: Any) -> None:  # noqa: ANN401
        """Set the terminal's input as it was before the app."""
        if getattr(driver, "attrs_before", None) is not None:
            with suppress(OSError, termios.error):
                termios.tcsetattr(driver.fileno, termios.TCSANOW, driver.attrs_before)

    def _write_first(handle: int, sequences: bytes) -> None:
        """Write to a terminal whose reader may be slow; give up after a while.

        Note: discards what waits to be shown, since it may never be.
        """
        limit = time.monotonic() + _RESTORING_S
        was_blocking = os.get_blocking(handle)  # for all that share the terminal, the shell among them
        os.set_blocking(handle, False)
        try:
            while not _was_written(handle, sequences) and time.monotonic() < limit:
                with suppress(termios.error):  # not a terminal
                    termios.tcflow(handle, termios.TCOOFF)
                    termios.tcflush(handle, termios.TCOFLUSH)
                    termios.tcflow(handle, termios.TCOON)  # wakes the thread that writes; it holds the lock
                time.sleep(_BREATH_S)
        finally:
            os.set_blocking(handle, was_blocking)

    def _was_written(handle: int, sequences: bytes) -> bool:
        """Try to write all at once; half of it would be discarded before the next try."""
        try:
            return os.write(handle, sequences) == len(sequences)
        except BlockingIOError:
            return False
