"""One game, frame by frame, with external players, on the emulator or the compiled rules."""

from typing import Literal, Protocol, TypeAlias

import numpy as np

from pongarena.core.arrays import BoolArray, UInt8Array
from pongarena.core.errors import InvalidSettingError
from pongarena.envs.colours import mirror_picture
from pongarena.envs.comparison import views_of
from pongarena.envs.observation import crop, mirror
from pongarena.envs.picture import picture_of
from pongarena.game.cartridge import Cartridge
from pongarena.game.compiled import State, begin_game, play_frame, see
from pongarena.game.paddle import Move

__all__ = ["BACKENDS", "Backend", "Duel", "make_duel"]

Backend: TypeAlias = Literal["emulator", "compiled"]

BACKENDS: tuple[Backend, ...] = ("emulator", "compiled")


class Duel(Protocol):
    """A game between two sides; the left one may be the cartridge's own player."""

    @property
    def score(self) -> tuple[int, int]:
        """Points (left, right)."""

    def reset(self, seed: int) -> None:
        """Start a new game; with two players, the seed determines the direction of the first serve."""

    def step(self, left: Move, right: Move) -> None:
        """Play one frame: a sixtieth of a second."""

    def view(self, *, mirrored: bool) -> BoolArray:
        """Return the right side's view, or mirrored the left side's: shape (80, 80)."""

    def rgb(self, *, mirrored: bool) -> UInt8Array:
        """Return the picture, shape (210, 160, 3); mirrored, the right player is on the left."""

    def close(self) -> None:
        """Release the game."""


def make_duel(backend: str, *, left_ai: bool) -> Duel:
    """Create a game; `left_ai` gives the left paddle to the cartridge's own player.

    Raises:
        InvalidSettingError: When the backend is unknown.
    """
    if backend not in BACKENDS:
        raise InvalidSettingError(f"backend: expected one of {', '.join(BACKENDS)}, got {backend!r}")
    return _Emulated(left_ai) if backend == "emulator" else _Compiled(left_ai)


class _Emulated:
    """A duel on the emulator."""

    def __init__(self, left_ai: bool) -> None:
        self._cartridge = Cartridge(left_ai=left_ai)

    @property
    def score(self) -> tuple[int, int]:
        return self._cartridge.score

    def reset(self, seed: int) -> None:
        self._cartridge.reset(seed)

    def step(self, left: Move, right: Move) -> None:
        self._cartridge.step(left, right)

    def view(self, *, mirrored: bool) -> BoolArray:
        screen = self._cartridge.screen
        return crop(mirror(screen) if mirrored else screen)

    def rgb(self, *, mirrored: bool) -> UInt8Array:
        picture = self._cartridge.rgb()
        return mirror_picture(picture) if mirrored else picture.copy()

    def close(self) -> None:
        self._cartridge.close()


class _Compiled:
    """A duel on the compiled rules."""

    def __init__(self, left_ai: bool) -> None:
        self._variation = 0 if left_ai else 2
        self._row = np.zeros(len(State), np.int32)
        self.reset(0)

    @property
    def score(self) -> tuple[int, int]:
        return int(self._row[State.SCORE_LEFT]), int(self._row[State.SCORE_RIGHT])

    def reset(self, seed: int) -> None:
        begin_game(self._row, self._variation)
        if self._variation:
            direction = int(np.random.default_rng(seed % 2**31).integers(4))  # as `Cartridge` does
            self._row[State.SERVER] = 4 + (direction & 1)
            self._row[State.BALL_VY] = 1 if direction & 2 else 255

    def step(self, left: Move, right: Move) -> None:
        play_frame(self._row, int(left), int(right))

    def view(self, *, mirrored: bool) -> BoolArray:
        view: BoolArray = views_of(np.array([see(self._row, int(mirrored))], np.int32))[0]
        return view

    def rgb(self, *, mirrored: bool) -> UInt8Array:
        return picture_of(self._row, mirrored=mirrored)

    def close(self) -> None:
        """Do nothing: there is nothing to release."""
