"""Both players' inputs, frame by frame. Together with the seed they repeat a match exactly.

One byte per side and frame: a direction, a knob's height, or "the cartridge's own player". A replay asks no
network, so a log outlives the checkpoints that played it.
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
    """A change of the muted units of a network.

    Attributes:
        frame: Frames played before the change.
        side: 0 for left, 1 for right.
        muted: Shape (hidden,): True for each unit that is muted from then on.
    """

    frame: int
    side: int
    muted: BoolArray


class InputLog:
    """The controls that took effect in a match, left and right; None stands for the cartridge's own player.

    Attributes:
        mutings: All mute events, in the order of the frames. A replay shows them, but does not need them.
    """

    def __init__(self, codes: bytes = b"", mutings: tuple[MuteEvent, ...] = ()) -> None:
        self._codes = bytearray(codes)
        self.mutings = list(mutings)

    def __len__(self) -> int:
        return len(self._codes) // 2

    def __getitem__(self, frame: int) -> tuple[Control | None, Control | None]:
        return _CONTROLS[self._codes[2 * frame]], _CONTROLS[self._codes[2 * frame + 1]]

    def add(self, left: Control | None, right: Control | None) -> None:
        """Add the controls of one frame."""
        self._codes.append(_code(left))
        self._codes.append(_code(right))

    def cut(self, length: int) -> None:
        """Drop everything after this many frames."""
        del self._codes[2 * length :]
        self.mutings = [each for each in self.mutings if each.frame <= length]

    def muted(self, side: int, frame: int | None = None) -> BoolArray | None:
        """The units muted on a side at a frame, or at the end; None when none ever were."""
        for each in reversed(self.mutings):
            if each.side == side and (frame is None or each.frame <= frame):
                return each.muted
        return None

    def copy(self, length: int | None = None) -> "InputLog":
        """Return an independent copy, of all frames or the first ones."""
        twin = InputLog(bytes(self._codes), tuple(self.mutings))
        twin.cut(len(self) if length is None else length)
        return twin

    def to_array(self) -> UInt8Array:
        """Return the codes: shape (frames, 2), left and right."""
        return np.frombuffer(bytes(self._codes), np.uint8).reshape(-1, 2)

    @classmethod
    def from_array(cls, codes: UInt8Array, mutings: tuple[MuteEvent, ...] = ()) -> Self:
        """Read a log from the codes that `to_array` returned.

        Raises:
            ValueError: When the array is not such a log.
        """
        if codes.dtype != np.uint8 or codes.ndim != 2 or codes.shape[1] != 2:
            raise ValueError(
                f"expected controls of shape (frames, 2), uint8, got {codes.shape}, {codes.dtype}"
            )
        known = np.isin(codes, list(_CONTROLS))
        if not known.all():
            raise ValueError(f"expected known codes of controls, got {int(codes[~known][0])}")
        return cls(codes.tobytes(), mutings)


def _code(control: Control | None) -> int:
    if control is None:
        return _AI
    if isinstance(control, Knob):
        return min(max(round(control.y), TOP), BOTTOM)
    return _CODES[control]


@dataclass(frozen=True)
class Snapshot:
    """A moment of a match that can be restored; made by `Match.snapshot`.

    Attributes:
        match: The match's id; moments of other matches cannot be restored.
        cartridge: The state of the game.
        frame: The last frame; None before the first.
        longest_rally: The most hits in one rally so far.
        rallies: The points so far.
        served: When the current rally began, in frames.
        players: Each player's state; None for players without one.
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
        """Frames played up to this moment."""
        return 0 if self.frame is None else self.frame.number


def check_same_match(snapshot: Snapshot, name: str) -> None:
    """Check that a moment belongs to a match.

    Raises:
        MatchError: When it is a moment of another match.
    """
    if snapshot.match != name:
        raise MatchError(
            f"expected a moment of match {name}, got one of {snapshot.match}; take a new one with snapshot()"
        )
