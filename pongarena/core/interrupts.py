"""How a process ends that a signal asks to: files tidied, terminal restored, no traceback, status 128 + n.

All signals that end a process are Ctrl-C to it: a `KeyboardInterrupt`, which every ``with`` and ``finally``
between here and there answers. Who can end better, at the next game for instance, takes the signals over for
a while: `asking`.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext, suppress
from types import FrameType
from typing import Any, NoReturn

__all__ = ["SIGNALS", "Interrupted", "Interruption", "asking", "own_signals", "without_interrupts"]

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")

SIGNALS: tuple[signal.Signals, ...] = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""Those that end a process and can be answered; fewer on Windows."""

_ONE_WISH_S = 0.5
"""A closing terminal sends two signals, and one who holds Ctrl-C many: the tidying up is not disturbed."""


class Interrupted(KeyboardInterrupt):
    """A signal came. Of its own class: Python kills itself by SIGINT after a plain one inside an ``exec``."""


class Interruption:
    """The handler of those signals.

    Attributes:
        number: Of the signal that came, 0 as long as none did.
    """

    def __init__(self) -> None:
        self.number = 0
        self._since = 0.0
        self._ends_at_once = self._is_held = False

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Answer a signal."""
        if self._ends_at_once:
            os._exit(128 + (self.number or number))
        if self.number and time.monotonic() < self._since + _ONE_WISH_S:
            return
        self.note(number)
        if not self._is_held:
            raise Interrupted

    @contextmanager
    def held(self) -> Iterator[None]:
        """Answer a signal that comes meanwhile only afterwards."""
        before, self._is_held = self.number, True
        try:
            yield
        finally:
            self._is_held = False
        if self.number != before:
            raise Interrupted

    def note(self, number: int) -> None:
        """Keep the first signal: it gives the exit status."""
        self.number = self.number or number
        self._since = time.monotonic()

    def end(self, status: object) -> NoReturn:
        """End the process: with 128 + n when a signal came, else with its own status.

        Note: from here on nobody answers an exception any more, so a signal ends at once.
        """
        self._ends_at_once = True
        if self.number:
            _show_cursor()
        sys.exit(128 + self.number if self.number else status)  # type: ignore[arg-type]

    def retry(self, unraisable: "sys.UnraisableHookArgs") -> None:
        """Repeat an interrupt that was raised where Python drops it, as in a collected object's end."""
        if not (self.number and issubclass(unraisable.exc_type, KeyboardInterrupt)):
            sys.__unraisablehook__(unraisable)
            return
        timer = threading.Timer(2 * _ONE_WISH_S, os.kill, (os.getpid(), self.number))
        timer.daemon = True
        timer.start()


def _show_cursor() -> None:
    """A progress bar that was about to begin had hidden it."""
    with suppress(OSError, ValueError, AttributeError):
        if sys.stderr.isatty():
            print("\x1b[?25h", end="", file=sys.stderr, flush=True)


@contextmanager
def own_signals() -> Iterator[Interruption]:
    """Answer this process's signals until it ends; a signal that is ignored, as under nohup, stays so."""
    interruption = Interruption()
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interruption)
    sys.unraisablehook = interruption.retry
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
    """Call a function for each signal instead; the exit status will tell of it all the same.

    Args:
        ask: Called between two of the main thread's instructions.
        ignored: Signals that mean nothing to this process.

    Note: in another thread than the main one, nothing happens: only that one can answer signals.
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


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Start processes that never hear of Ctrl-C, each of them as a whole.

    A terminal sends it to all its processes, also before their first instruction; it is for the one that
    waits for the others. And who is interrupted in the middle of a start leaves half a process.
    """
    own = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()  # no other is interrupted
    with own.held() if is_main and isinstance(own, Interruption) else nullcontext():
        if not hasattr(signal, "pthread_sigmask"):
            yield
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
