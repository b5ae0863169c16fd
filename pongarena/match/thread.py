"""Play a match in a thread at the game's own speed, for front ends that draw less often.

The thread keeps the game's time: a slow terminal misses pictures, never frames.
"""

import atexit
import threading

from pongarena.core.errors import PongArenaError
from pongarena.game.cartridge import Control, Knob, Side
from pongarena.game.paddle import BOTTOM, TOP, Move
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.driver import MatchDriver
from pongarena.match.match import Match
from pongarena.match.pacing import Pacer

__all__ = ["Hand", "MatchThread"]

_IDLE_S = 0.25
_GLIDE = 6.0
"""Rows per frame that a paddle moves towards the position set by keys, about as with the console's knob."""


class Hand:
    """A person's control of one paddle: a mouse sets its position, a key moves it a step.

    A terminal reports key presses, but no releases. So each press is a step, and a held key gives as many
    steps as the terminal repeats it.
    """

    def __init__(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Forget all input, before a new match."""
        self._goal: float | None = None
        self._steps = 0.0
        self._at_once = False

    def put(self, y: float) -> None:
        """Turn the knob to a height, as the cartridge counts it."""
        self._goal, self._at_once = min(max(y, TOP), BOTTOM), True

    def push(self, rows: float) -> None:
        """Move the paddle down, or up if `rows` is negative."""
        self._steps += rows
        self._at_once = False

    def control(self, y: int) -> Control:
        """Return the control for the next frame.

        Args:
            y: The paddle's current height; 0 while it is hidden.
        """
        if self._steps:
            start = self._goal if self._goal is not None else y or (TOP + BOTTOM) / 2
            self._goal, self._steps = min(max(start + self._steps, TOP), BOTTOM), 0.0
        if self._goal is None:
            return Move.STAY
        if self._at_once or not y:
            return Knob(self._goal)
        return Knob(y + min(max(self._goal - y, -_GLIDE), _GLIDE))


class MatchThread(MatchDriver):
    """A driver that ticks by itself, in its own thread.

    Attributes:
        hands: The sides that people play, and their controls.
    """

    def __init__(self, match: Match, *, log: bool = True, paused: bool = False, speed: float = 1.0) -> None:
        """Take over a match; `start` begins to play.

        Args:
            match: The match; `stop` closes it.
            log: Whether to log matches that end or are left.
            paused: Whether to start paused.
            speed: Playback speed, one of `SPEEDS`.
        """
        # nobody rewinds here, and each second in the buffer would take half a megabyte
        super().__init__(match, hands=self._control, log=log, paused=paused, speed=speed, rewind_s=0)
        self.hands = {side: Hand() for side in self.humans}
        self._ends = False
        self._thread = threading.Thread(target=self._run, name="match", daemon=True)

    def start(self) -> None:
        """Start to play, until `stop` or the interpreter's end."""
        atexit.register(self._end_thread)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, then log and close the match. Stopping twice is harmless."""
        self._end_thread()
        atexit.unregister(self._end_thread)
        self.write_log()
        self.match.close()

    def rematch(self) -> None:
        """See `MatchDriver.rematch`; also forget the people's input."""
        super().rematch()
        for hand in self.hands.values():
            hand.let_go()

    def _end_thread(self) -> None:
        """End the thread. At the interpreter's end, its console would outlive the emulator's module."""
        self._ends = True
        self._news.set()
        if self._thread.is_alive():
            self._thread.join()

    def _control(self, side: Side, y: int) -> Control | None:
        return self.hands[side].control(y) if side in self.hands else None

    def _run(self) -> None:
        try:
            self._keep_time()
        except Exception as error:
            # the thread's edge: the front end shows the fault
            words = str(error) if isinstance(error, PongArenaError) else repr(error)
            self.fault = f"the match stopped with an error ({words}); start another one"
            self.pause()

    def _keep_time(self) -> None:
        pacer = Pacer(FRAME_RATE_HZ)
        while not self._ends:
            if self.paused or self.match.over:
                self._measure(0)
                self._news.wait(_IDLE_S)
                self._news.clear()
                pacer.restart()
            else:
                pacer.wait()
                self.tick()
