"""How time runs in the window: on, slower, frame by frame, or back through the last minute."""

from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.rewind import RewindBuffer
from pongarena.window.keys import Action, Bindings

__all__ = ["PlaybackControl"]

_SLOWNESS = (1, 2, 4)
_SLOW_WIND, _FAST_WIND = 2, 6
"""Frames that a frame of winding goes at first, and after a second."""


class PlaybackControl:
    """Decides in every frame of the window how many frames of the match are played, and where it is wound.

    Attributes:
        paused: Whether the match stands still.
        stepping: Whether it is looked at frame by frame, so that no card may hide it.
    """

    def __init__(self, bindings: Bindings) -> None:
        self.paused = self.stepping = False
        self._bindings = bindings
        self._slow = self._count = self._steps = 0
        self._winding, self._wound = 0, 0

    @property
    def full_speed(self) -> bool:
        """Whether frames are played at their own speed."""
        return self._slow == 0 and not self.paused

    def begin(self) -> None:
        """A new match: it runs."""
        self.paused = self.stepping = False
        self._steps = self._winding = 0

    def pause(self) -> None:
        """Stops, or goes on."""
        self.paused, self.stepping, self._winding = not self.paused, False, 0

    def stand_still(self) -> None:
        """Stops, to look at one moment."""
        self.paused = self.stepping = True

    def step(self) -> None:
        """Stops and plays one frame."""
        self.stand_still()
        self._steps += 1

    def step_back(self, history: RewindBuffer, now: int) -> None:
        """Stops and goes back by one frame."""
        self.stand_still()
        history.go_to(now - 1)

    def change_speed(self) -> None:
        """Full, half, quarter speed."""
        self._slow = (self._slow + 1) % len(_SLOWNESS)

    def wind(self, direction: int) -> None:
        """Stops and winds: −1 back, +1 forth, 0 ends it."""
        if direction:
            self.stand_still()
        self._winding, self._wound = direction, 0

    def follow(self, history: RewindBuffer, now: int) -> bool:
        """Winds the match if it is to be wound.

        Returns:
            Whether it was.
        """
        if not self._winding:
            return False
        self._wound += 1
        speed = _SLOW_WIND if self._wound < FRAME_RATE_HZ else _FAST_WIND
        history.go_to(now + self._winding * speed)
        return True

    def due(self, *, halted: bool) -> bool:
        """Whether a frame of the match is to be played now; to be asked once a frame of the window."""
        self._count += 1
        if self._steps and not halted:
            self._steps -= 1
            return True
        return not (halted or self.paused or self._count % _SLOWNESS[self._slow])

    def words(self, back: int) -> str:
        """What is to be said about it; nothing while time just runs.

        Args:
            back: Frames between the present moment and the latest one.
        """
        key = self._bindings.name
        if self.paused:
            wind = f"{self._bindings.names(Action.BACK, Action.FORTH)} wind"
            where = f"{back / FRAME_RATE_HZ:.1f} s back" if back else "paused"
            return f"{where} · {wind} · {key(Action.STEP)} one frame · {key(Action.PAUSE)} play on from here"
        if self._slow:
            return f"slow motion 1/{_SLOWNESS[self._slow]} · {key(Action.SLOW)} changes"
        return ""
