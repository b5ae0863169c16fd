"""Clean exit on a signal: files tidied, terminal restored, no traceback, status 128 + n.

Every terminating signal acts like Ctrl-C: it raises a `KeyboardInterrupt`, so every ``with`` and ``finally``
on the way out runs. Code that can stop at a better point, for example after the current game, handles the
signals itself for a while: `asking`.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from types import FrameType, TracebackType
from typing import Any, NoReturn

__all__ = [
    "SIGNALS",
    "Interrupted",
    "Interruption",
    "asking",
    "own_signals",
    "uninterrupted",
    "without_interrupts",
]

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")

SIGNALS: tuple[signal.Signals, ...] = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""The terminating signals that can be handled; fewer on Windows."""

_ONE_WISH_S = 0.5
"""Signals within this time count as one: a closing terminal sends two, a held Ctrl-C many."""


class Interrupted(KeyboardInterrupt):
    """A signal came. A subclass, since Python kills itself by SIGINT after a plain one inside ``exec``."""


class Interruption:
    """The handler of the terminating signals.

    Attributes:
        number: The first signal that came; 0 if none.
    """

    def __init__(self) -> None:
        self.number = 0
        self._since = 0.0
        self._ends_at_once = self._is_held = False

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        if self._ends_at_once:
            os._exit(128 + (self.number or number))
        if self.number and time.monotonic() < self._since + _ONE_WISH_S:
            return
        self.note(number)
        if not self._is_held:
            raise Interrupted

    @contextmanager
    def held(self) -> Iterator[None]:
        """Postpone signals until the end of the ``with`` block."""
        before, self._is_held = self.number, True
        try:
            yield
        finally:
            self._is_held = False
        if self.number != before:
            raise Interrupted

    def note(self, number: int) -> None:
        """Record the first signal: it determines the exit status."""
        self.number = self.number or number
        self._since = time.monotonic()

    def end(self, status: object) -> NoReturn:
        """Exit: with 128 + n when a signal came, else with the given status.

        Note: nothing catches exceptions from here on, so another signal ends the process at once.
        """
        self._ends_at_once = True
        if self.number:
            _show_cursor()
        sys.exit(128 + self.number if self.number else status)  # type: ignore[arg-type]

    def uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """End without a traceback after an interrupt in the last moments, which nothing catches."""
        if not issubclass(kind, Interrupted):
            sys.__excepthook__(kind, error, trace)
            return
        _show_cursor()
        for output in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                output.flush()
        os._exit(128 + self.number)

    def retry(self, unraisable: "sys.UnraisableHookArgs") -> None:
        """Send an interrupt again that was raised where Python drops it, such as in a finalizer."""
        if not (self.number and issubclass(unraisable.exc_type, KeyboardInterrupt)):
            sys.__unraisablehook__(unraisable)
            return
        timer = threading.Timer(2 * _ONE_WISH_S, _send, (self.number,))
        timer.daemon = True
        timer.start()


def _send(number: int) -> None:
    from pongarena.core.system import interrupt  # noqa: PLC0415 - signals are handled before slower imports

    interrupt(number)


def _show_cursor() -> None:
    """Show the cursor that a starting progress bar may have hidden."""
    with suppress(OSError, ValueError, AttributeError):
        if sys.stderr.isatty():
            print("\x1b[?25h", end="", file=sys.stderr, flush=True)


@contextmanager
def own_signals() -> Iterator[Interruption]:
    """Handle this process's signals until it ends; an ignored signal, as under nohup, stays ignored."""
    interruption = Interruption()
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interruption)
    sys.unraisablehook = interruption.retry
    sys.excepthook = interruption.uncaught
    try:
        yield interruption
    except SystemExit as end:
        interruption.end(end.code)
    except BaseException:
        if not interruption.number:
            raise
    interruption.end(None)


@contextmanager
def asking(ask: Callable[[signal.Signals], None], *, ignored: Collection[int] = ()) -> Iterator[None]:
    """Call a function for each signal instead of raising; the exit status still reports the signal.

    Args:
        ask: Called between two bytecode instructions of the main thread.
        ignored: Signals that this process ignores.

    Note: does nothing outside the main thread, since only that one can handle signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[signal.Signals, Any] = {}

    def handle(number: int, _frame: FrameType | None) -> None:
        if isinstance(own := before.get(signal.Signals(number)), Interruption):
            own.note(number)
        ask(signal.Signals(number))

    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            before[number] = signal.signal(number, signal.SIG_IGN if number in ignored else handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def uninterrupted() -> AbstractContextManager[None]:
    """Postpone signals until the end of a ``with`` block, such as one that C++ runs, which must not raise."""
    own = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()  # only this one is interrupted
    return own.held() if is_main and isinstance(own, Interruption) else nullcontext()


@contextmanager
def without_interrupts(*more: signal.Signals) -> Iterator[None]:
    """Shield child processes started meanwhile from the terminal, and their start from interruption.

    A terminal sends Ctrl-C and its own end to all its processes, even before their first instruction, but
    only the parent should act on it. And an interrupt during a start would leave a half-started process.

    Args:
        more: Further signals to shield them from.
    """
    with uninterrupted():
        if not hasattr(signal, "pthread_sigmask"):
            yield
            return
        from multiprocessing.resource_tracker import ensure_running  # noqa: PLC0415 - POSIX's, and slow

        # the first process of multiprocessing starts its tracker, which unblocks Ctrl-C in this thread
        ensure_running()
        blocked = {signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, *more}
        before = signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
