"""Measure input to picture: how many frames pass until the window shows what a key or the mouse did.

Each trial waits until the right paddle rests, posts one event at a random moment, and looks at the window's
pictures until the paddle stands elsewhere. A second cartridge then tells after how many frames the console
itself would have shown it. The difference is the window's own delay.
"""

import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pygame

from pongarena.game.cartridge import Cartridge, CartridgeState, Control, Knob
from pongarena.game.paddle import Move
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.field import FIELD_BOTTOM, FIELD_TOP, PADDLE_CENTRE, RIGHT_COLOUR
from pongarena.match.match import Match
from pongarena.window.app import play
from pongarena.window.arrangement import arrange
from pongarena.window.pacing import FrameTimes

__all__ = ["InputDelays", "InputTimes", "measure_inputs"]

_REST = 12
"""Frames that the paddle must have stood still before a trial."""

_LONGEST = 40
"""Frames after which an event is given up: the paddle stood at its end, or was not in the picture."""

_LEAP = 50
"""Rows that the mouse moves the paddle by."""

_MIDDLE = 120
"""A paddle's y; trials move it across this height."""

_PADDLE_COLUMN = 141.5
"""Of the right paddle, among the console's 160."""

_SHOWN = (slice(FIELD_TOP, FIELD_BOTTOM), 141)
"""The same column in the console's own picture."""

_PADDLE_INDEX = 200
"""Its colour there."""


@dataclass
class InputDelays:
    """Frames from an input to its picture beyond the console's own, one entry a trial.

    Attributes:
        keys: Of keys.
        mouse: Of the mouse.
        lost: Events that no picture answered.
    """

    keys: list[int] = field(default_factory=list)
    mouse: list[int] = field(default_factory=list)
    lost: int = 0


@dataclass
class _Trial:
    """One event, and what is known of it.

    Attributes:
        by_mouse: Whether the mouse moves the paddle, else a key.
        control: What the event makes the person do.
        row: Where the paddle was drawn before.
        posted: Frames begun when the event was posted; None before.
        timer: Posts it.
    """

    by_mouse: bool
    control: Control
    row: int
    posted: int | None = None
    timer: threading.Timer | None = None


class InputTimes(FrameTimes):
    """Plays the right paddle of a match through events, and watches the window.

    Attributes:
        delays: What was measured so far.
    """

    def __init__(
        self,
        match: Match,
        delays: InputDelays,
        seed: int,
        rate_hz: float = FRAME_RATE_HZ,
        deliver: Callable[[pygame.event.Event], object] = pygame.event.post,
    ) -> None:
        super().__init__(rate_hz=rate_hz)
        self._deliver = deliver
        self.delays = delays
        self._match = match
        self._random = random.Random(seed)
        self._twin = Cartridge(left_ai=False)
        self._states: deque[tuple[int, CartridgeState]] = deque(maxlen=_LONGEST + 4)
        self._trial: _Trial | None = None
        self._row, self._still, self._turn = -1, 0, 0

    def end(self, work_s: float) -> None:
        """Look at the picture that was just shown, and go on with the trial."""
        super().end(work_s)
        row = self._paddle_row()
        self._still = self._still + 1 if row == self._row else 0
        self._row = row
        if self._trial is None:
            if self._still >= _REST and row >= 0 and self._match.frames:
                self._start()
        else:
            self._follow(self._trial)
        # an event may be posted before the next frame begins: this is the state that would meet it
        self._states.append((len(self.start_s), self._match.snapshot().cartridge))

    def close(self) -> None:
        """Free the second cartridge."""
        if self._trial is not None and self._trial.timer is not None:
            self._trial.timer.join()
        self._twin.close()

    def _start(self) -> None:
        """Post the next event at a random moment of the coming frame, from another thread."""
        y = self._match.paddles[1]
        down = y < _MIDDLE
        self._turn += 1
        by_mouse = self._turn % 2 == 0
        control: Control = Knob(y + (_LEAP if down else -_LEAP)) if by_mouse else Move(1 if down else -1)
        trial = self._trial = _Trial(by_mouse, control, self._row)
        trial.timer = threading.Timer(self._random.random() / self.rate_hz, self._post, (trial,))
        trial.timer.start()

    def _post(self, trial: _Trial) -> None:
        if isinstance(trial.control, Knob):
            event = pygame.event.Event(
                pygame.MOUSEMOTION, pos=self._at(trial.control.y), rel=(0, 0), buttons=(0, 0, 0)
            )
        else:
            event = pygame.event.Event(pygame.KEYDOWN, key=_key(trial.control), unicode="", mod=0)
        trial.posted = len(self.start_s)
        self._deliver(event)

    def _follow(self, trial: _Trial) -> None:
        if trial.posted is None:
            return
        shown = len(self.work_s)
        moved = self._row >= 0 and self._row != trial.row
        if not moved and shown - trial.posted < _LONGEST:
            return
        if not trial.by_mouse:
            pygame.event.post(pygame.event.Event(pygame.KEYUP, key=_key(trial.control), mod=0))
        self._trial, self._still = None, 0
        own = self._own_delay(trial)
        if not moved or own is None:
            self.delays.lost += 1
        else:
            (self.delays.mouse if trial.by_mouse else self.delays.keys).append(shown - trial.posted - own)

    def _own_delay(self, trial: _Trial) -> int | None:
        """After how many frames the console shows the input; None if it does not."""
        state = next((state for frames, state in self._states if frames == trial.posted), None)
        if state is None:
            return None
        self._twin.restore(state)
        before = self._twin.screen[_SHOWN].copy()
        for frames in range(1, _LONGEST):
            self._twin.step(Move.STAY, trial.control)
            if ((self._twin.screen[_SHOWN] == _PADDLE_INDEX) != (before == _PADDLE_INDEX)).any():
                return frames
        return None

    def _at(self, y: float) -> tuple[int, int]:
        """Where the mouse has to be to turn the knob to a height."""
        place = self._field
        return place.centerx, place.top + round((y - PADDLE_CENTRE) * place.height / 210)

    @property
    def _field(self) -> pygame.Rect:
        return arrange(pygame.display.get_window_size(), ()).field

    def _paddle_row(self) -> int:
        """The window's row in which the right paddle begins; -1 where none is seen."""
        window, place = pygame.display.get_surface(), self._field
        x = place.left + round(_PADDLE_COLUMN * place.width / 160)
        top, height = (round(rows * place.height / 210) for rows in (FIELD_TOP, FIELD_BOTTOM - FIELD_TOP))
        column = pygame.surfarray.array3d(window.subsurface((x, place.top + top, 1, height)))[0]
        rows = np.flatnonzero((column == RIGHT_COLOUR).all(axis=1))
        return int(rows[0]) if len(rows) else -1


def _key(move: Control) -> int:
    return pygame.K_UP if move is Move.UP else pygame.K_DOWN


def measure_inputs(
    match: Match,
    delays: InputDelays,
    *,
    seconds: float,
    seed: int,
    rate_hz: float = FRAME_RATE_HZ,
    deliver: Callable[[pygame.event.Event], object] = pygame.event.post,
) -> None:
    """Play a match of two people in a window, and measure the right one's inputs.

    Args:
        match: The match; closed in the end.
        delays: What is measured is added to these.
        seconds: For how long.
        seed: Where the moments of the events come from.
        rate_hz: Frames a second.
        deliver: How an event reaches the window; called in a thread.
    """
    times = InputTimes(match, delays, seed, rate_hz, deliver)
    try:
        play(match, mute=True, crt=False, log=False, recorder=times, seconds=seconds)
    finally:
        times.close()
