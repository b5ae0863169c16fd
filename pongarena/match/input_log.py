"""What both players did, frame by frame: seed and log repeat a match exactly.

One byte a side and frame: a direction, a knob's height, or "the cartridge's own player". Networks need not be
asked again, so a log outlives the checkpoints that played it.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from pongarena.core.arrays import BoolArray, UInt8Array
from pongarena.core.errors import MatchError
from pongarena.game.cartridge import CartridgeState, Control, Frame, Knob
from pongarena.game.paddle import BOTTOM, TOP, Move
from pongarena.match.result import RallyRecord

__all__ = ["InputLog", "MuteEvent", "Snapshot"]

_AI = 3
_CODES: dict[Move, int] = {Move.UP: 0, Move.STAY: 1, Move.DOWN: 2}
_CONTROLS: dict[int, Control | None] = {
    **{code: move for move, code in _CODES.items()},
    _AI: None,
    **{y: Knob(y) for y in range(TOP, BOTTOM + 1)},
}


@dataclass(frozen=True)
class MuteEvent:
    """A change of what is muted in a network.

    Attributes:
        frame: Frames played before it.
        side: 0 for left, 1 for right.
        muted: Shape (hidden,).
    """

    frame: int
    side: int
    muted: BoolArray


class InputLog:
    """The controls of a match that took effect, left and right; None stands for the cartridge's own player.

    Attributes:
        mutings: What was muted when, in the order of the frames; it is for showing, not for playing.
    """

    def __init__(self, codes: bytes = b"", mutings: tuple[MuteEvent, ...] = ()) -> None:
        self._codes = bytearray(codes)
        self.mutings = list(mutings)

    def __len__(self) -> int:
        return len(self._codes) // 2

    def __getitem__(self, frame: int) -> tuple[Control | None, Control | None]:
        return _CONTROLS[self._codes[2 * frame]], _CONTROLS[self._codes[2 * frame + 1]]

    def add(self, left: Control | None, right: Control | None) -> None:
        """Records one frame."""
        self._codes.append(_code(left))
        self._codes.append(_code(right))

    def cut(self, length: int) -> None:
        """Forgets what came after this many frames."""
        del self._codes[2 * length :]
        self.mutings = [each for each in self.mutings if each.frame <= length]

    def muted(self, side: int, frame: int | None = None) -> BoolArray | None:
        """What was last muted on a side up to a frame, or up to the end; None when nothing ever was."""
        for each in reversed(self.mutings):
            if each.side == side and (frame is None or each.frame <= frame):
                return each.muted
        return None

    def copy(self, length: int | None = None) -> "InputLog":
        """An independent log, of all frames or the first ones."""
        twin = InputLog(bytes(self._codes), tuple(self.mutings))
        twin.cut(len(self) if length is None else length)
        return twin

    def to_array(self) -> UInt8Array:
        """Shape (frames, 2), left and right."""
        return np.frombuffer(bytes(self._codes), np.uint8).reshape(-1, 2)

    @classmethod
    def from_array(cls, codes: UInt8Array, mutings: tuple[MuteEvent, ...] = ()) -> Self:
        """Reads what `to_array` gave.

        Raises:
            ValueError: When it is no such log.
        """
        if codes.dtype != np.uint8 or codes.ndim != 2 or codes.shape[1] != 2:
            raise ValueError(
                f"expected controls of shape (frames, 2), uint8, got {codes.shape}, {codes.dtype}"
            )
        known = np.isin(codes, list(_CONTROLS))
        if not known.all():
            raise ValueError(f"expected controls that are known, got {int(codes[~known][0])}")
        return cls(codes.tobytes(), mutings)


def _code(control: Control | None) -> int:
    if control is None:
        return _AI
    if isinstance(control, Knob):
        return min(max(round(control.y), TOP), BOTTOM)
    return _CODES[control]


@dataclass(frozen=True)
class Snapshot:
    """A moment of a match, to go back to; made by `Match.snapshot`.

    Attributes:
        match: The match's name: a moment of another one cannot be restored.
        cartridge: The game.
        frame: What its last frame brought; None before the first.
        longest_rally: The most hits in one rally so far.
        rallies: The points so far.
        served: When the present rally began, in frames.
        players: What each player remembers; None for those who remember nothing.
    """

    match: str
    cartridge: CartridgeState
    frame: Frame | None
    longest_rally: int
    rallies: tuple[RallyRecord, ...]
    served: int
    players: tuple[Any, Any]

    @property
    def frames(self) -> int:
        """Frames played by then."""
        return 0 if self.frame is None else self.frame.number


def check_same_match(snapshot: Snapshot, name: str) -> None:
    """Refuses a moment of another match.

    Raises:
        MatchError: When it is one.
    """
    if snapshot.match != name:
        raise MatchError(
            f"expected a moment of match {name}, got one of {snapshot.match}; take a new one with snapshot()"
        )
