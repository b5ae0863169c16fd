"""A match that is played in a thread at the game's own pace, for whoever looks on now and then.

The thread keeps the game's time: whoever draws may be as slow as the terminal is, and misses pictures, never
frames.
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
"""Rows a frame that a paddle moves towards where the keys want it: about what the console's knob does."""


class Hand:
    """A person's hand on one paddle: a mouse puts it somewhere, a key pushes it some way from there.

    A terminal tells that a key was pressed, never that it was let go. So a press is a step, and a key that is
    held is as many steps as the terminal repeats it.
    """

    def __init__(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Forgets everything: a new match begins."""
        self._goal: float | None = None
        self._steps = 0.0
        self._at_once = False

    def put(self, y: float) -> None:
        """Turns the knob to a height, as the cartridge counts it."""
        self._goal, self._at_once = min(max(y, TOP), BOTTOM), True

    def push(self, rows: float) -> None:
        """Pushes the paddle down, or up if `rows` is below zero."""
        self._steps += rows
        self._at_once = False

    def control(self, y: int) -> Control:
        """What this hand does in the coming frame.

        Args:
            y: The paddle's present height; 0 while it is not shown.
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
    """A driver that ticks by itself, in a thread of its own.

    Attributes:
        hands: The sides that are people's, and their hands.
    """

    def __init__(self, match: Match, *, log: bool = True, paused: bool = False, speed: float = 1.0) -> None:
        """Takes over a match; `start` begins.

        Args:
            match: The match; closed by `stop`.
            log: Whether ended and left matches are added to the match log.
            paused: Whether it stands still at first.
            speed: In times of the game's own, one of `SPEEDS`.
        """
        # nobody winds here: each second to go back to would take half a megabyte
        super().__init__(match, hands=self._control, log=log, paused=paused, speed=speed, rewind_s=0)
        self.hands = {side: Hand() for side in self.humans}
        self._ends = False
        self._thread = threading.Thread(target=self._run, name="match", daemon=True)

    def start(self) -> None:
        """Begins to play, at most until the interpreter ends."""
        atexit.register(self._end_thread)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread, logs the match as it stands and closes it. Twice does no harm."""
        self._end_thread()
        atexit.unregister(self._end_thread)
        self.write_log()
        self.match.close()

    def rematch(self) -> None:
        """A new match of the same players with the next seed; the one that is left is logged."""
        super().rematch()
        for hand in self.hands.values():
            hand.let_go()

    def _end_thread(self) -> None:
        """Also at the interpreter's end: a console in a thread would outlive the emulator's module."""
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
            # the thread's edge: whoever looks on must be told
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
