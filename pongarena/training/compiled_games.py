"""Many compiled games, played by one network in a few calls."""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from pongarena.envs.observation import PIXELS, Observation
from pongarena.game.compiled import State, begin_game, see
from pongarena.game.rules import MAX_FRAMES
from pongarena.nn.frames import Frames
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.training.recipe import Recipe
from pongarena.training.rollout_kernels import ENTRIES, RolloutBuffer, Table, play

__all__ = ["CompiledGames"]

_ROW = 32
"""Length of a game's row: `State` padded, so that rows start at cache lines."""

_LEAST, _MOST = np.zeros(_ROW, np.int32), np.zeros(_ROW, np.int32)
"""Valid range of each number in an unfinished game's row."""

_MOST[: State.POT_LEFT] = 255
_MOST[[State.SCORE_LEFT, State.SCORE_RIGHT]] = 20
_MOST[[State.POT_LEFT, State.POT_RIGHT]] = 1_000_000
_MOST[State.TOUCH] = 7
_MOST[State.VARIATION] = 3
_MOST[State.BUTTON] = 1
_LEAST[[State.HELD_LEFT, State.HELD_RIGHT]], _MOST[[State.HELD_LEFT, State.HELD_RIGHT]] = -1, 1
_MOST[[State.FRAMES, State.DECISIONS]] = MAX_FRAMES
_CODES = [State.OLDER, State.NEWER, State.OLDER_LEFT, State.NEWER_LEFT]
_MOST[_CODES] = 2**30 - 1

_LAST_BIT = np.array([0, 0, 1, 1, 2, 2, 2, 2])
"""Index of the highest bit, for numbers from 0 to 7."""

for _array in (_LEAST, _MOST, _LAST_BIT):
    _array.flags.writeable = False


def _shows_pixels(states: NDArray[np.int32]) -> bool:
    """Return whether the balls in the games' codes of `see` lie within the view."""
    codes = states[:, _CODES]
    lowest = (codes >> 14 & 8191) + 80 * _LAST_BIT[codes >> 27]
    return bool((lowest < PIXELS).all())


class CompiledGames:
    """Games against the cartridge's CPU, each with its own random stream; for two networks see `two_sided`.

    Attributes:
        games: Number of games.
        frames: The frames of the last rollout; overwritten by the next.
        order: Shape (T + 1, n): index of each game's frame; the last row is after the last decision.
        buffer: Everything else of the last rollout.
    """

    def __init__(
        self,
        games: int,
        *,
        steps: int,
        frame_skip: int,
        sticky: float,
        max_frames: int,
        threads: Threads | None = None,
        endless: bool = True,
        outputs: int = 1,
        observation: Observation | None = None,
        two_players: bool = False,
    ) -> None:
        self.games, self._steps, self._threads = games, steps, threads
        self._variation, seats = (2, 2 * games) if two_players else (0, games)
        shown = observation or Observation()
        self._rules = Table(frame_skip, sticky, max_frames, shown.fade, int(endless), shown.places)
        self._states = np.zeros((games, _ROW), np.int32)
        self._chance = np.zeros(games, np.uint64)
        frames, played = (seats, steps + 1), (seats, steps)
        self.buffer = RolloutBuffer(
            columns=np.zeros((*frames, ENTRIES), np.int16),
            values=np.zeros((*frames, ENTRIES), np.float32),
            middle=np.zeros(frames, np.int64),
            end=np.zeros(frames, np.int64),
            logits=np.zeros((*played, outputs), np.float32),
            actions=np.zeros(played, np.int8),
            rewards=np.zeros(played, np.int8),
            ended=np.zeros(played, np.int8),
            final=np.zeros((*played, 3), np.int32),
            played=np.zeros(seats, np.int64),
        )
        buffer = self.buffer
        begin = np.arange(seats * (steps + 1), dtype=np.int64) * ENTRIES
        self.frames = Frames(
            buffer.columns.reshape(-1),
            buffer.values.reshape(-1),
            begin,
            buffer.middle.reshape(-1),
            buffer.end.reshape(-1),
        )
        self.order = np.arange(seats * (steps + 1)).reshape(frames).T.copy()

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        games: int,
        *,
        steps: int,
        threads: Threads | None = None,
        endless: bool = True,
        two_players: bool = False,
    ) -> Self:
        """Create games with a recipe's frame skip, sticky actions, frame limit and observation."""
        return cls(
            games,
            steps=steps,
            frame_skip=recipe.frame_skip,
            sticky=recipe.sticky,
            max_frames=recipe.max_frames,
            threads=threads,
            endless=endless,
            outputs=recipe.spec.outputs,
            observation=recipe.spec.observation,
            two_players=two_players,
        )

    def begin(self, chance: NDArray[np.uint64]) -> None:
        """Start all games from the beginning with these random states."""
        self._chance[:] = chance
        for state in self._states:
            begin_game(state, self._variation)
            state[State.OLDER] = state[State.NEWER] = see(state, 0)
            if self._variation:
                state[State.OLDER_LEFT] = state[State.NEWER_LEFT] = see(state, 1)

    def state(self) -> tuple[NDArray[np.int32], NDArray[np.uint64]]:
        """Return copies of the games' states, for `go_on`."""
        return self._states.copy(), self._chance.copy()

    def go_on(self, state: tuple[NDArray[np.int32], NDArray[np.uint64]]) -> None:
        """Continue from what `state` returned.

        Raises:
            ValueError: When the states are invalid; compiled code would access memory out of bounds.
        """
        states, chance = state
        for own, given in ((self._states, states), (self._chance, chance)):
            if own.shape != given.shape or own.dtype != given.dtype:
                raise ValueError(
                    f"expected games as {own.shape} {own.dtype}, got {given.shape} {given.dtype}"
                )
        wrong = ((states < _LEAST) | (states > _MOST)).any() or (
            states[:, State.VARIATION] != self._variation
        ).any()
        if wrong or not _shows_pixels(states):
            raise ValueError("expected games as they are saved, got numbers out of range")
        self._states[:], self._chance[:] = states, chance

    def play(self, net: SparseNet, games: int | None = None) -> RolloutBuffer:
        """Play a rollout in the first `games` games, by default all; the rest of the buffer is stale."""

        def part(first: int, last: int) -> None:
            play(
                self._states,
                self._chance,
                first,
                last,
                self._steps,
                self._rules,
                net.table,
                net.deeper,
                net.widths,
                net.head,
                self.buffer,
            )

        if self._threads is None:
            part(0, games or self.games)
        else:
            self._threads.split(part, games or self.games)
        return self.buffer
