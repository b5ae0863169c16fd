"""Rollouts of a network against itself and its older selves, with some games against the CPU.

They use the compiled game for two players: a network drives each side, and the left one sees the mirror
image. The games against the CPU are only a check: nothing is learned from them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.training.compiled_games import CompiledGames
from pongarena.training.pool import Pool
from pongarena.training.recipe import Recipe
from pongarena.training.rollout_kernels import RolloutBuffer
from pongarena.training.rollouts import CompiledRollouts, Finished, Rollout
from pongarena.training.two_sided_kernels import play_both

__all__ = ["TwoSidedRollouts"]


class TwoSidedGames(CompiledGames):
    """Games for two players; see `play_both` for the seats."""

    def play_both(self, pool: Pool, players: NDArray[np.int64], games: int) -> RolloutBuffer:
        """Play a rollout in the first `games` games; the rest of the buffer is stale."""
        pool.follow()

        def part(first: int, last: int) -> None:
            play_both(
                self._states,
                self._chance,
                players,
                first,
                last,
                self._steps,
                self._rules,
                pool.tables,
                pool.deeper,
                pool.widths,
                pool.heads,
                self.buffer,
            )

        assert self._threads is not None, "many games"
        self._threads.split(part, games)
        return self.buffer


class TwoSidedRollouts:
    """Implements `Rollouts`; the finished games that it reports are those against the CPU.

    In games against the latest self, both sides are learned from; in games against an older self, only the
    latest self's side. Every other older self plays on the right, because the console treats the sides
    differently.

    Attributes:
        players: Shape (2, n): the players on the right and on the left of each game, as indices in the
            pool's stacks; 0 is the latest self.
        points: Shape (2, n): points that the latest self won and lost in each game of the last rollout; if
            it plays both sides, those of the right side.
        checked: Points won and lost against the CPU in the last rollout.
    """

    def __init__(
        self,
        recipe: Recipe,
        threads: Threads,
        pool: Pool,
        *,
        games: int,
        steps: int,
        latest_share: float,
        check_games: int,
    ) -> None:
        """Prepare games.

        Args:
            recipe: Gives the frame skip, sticky actions, frame limit and observation.
            threads: Threads to play with.
            pool: The network and its older selves.
            games: Maximum number of games.
            steps: Decisions per game in a rollout.
            latest_share: Share of the games against the latest self, 0..1.
            check_games: Number of games against the CPU.
        """
        self._pool = pool
        self._games = TwoSidedGames.of(recipe, games, steps=steps, threads=threads, two_players=True)
        self._check = CompiledRollouts(recipe, threads, games=check_games, steps=steps)
        self._check_games = check_games
        # spread evenly, because training may start with only the first games
        self._is_latest = np.diff(np.floor(np.arange(games + 1) * latest_share + 1e-9)) > 0
        is_older = ~self._is_latest
        self._is_older = np.stack([is_older & (np.cumsum(is_older) % 2 == 0), is_older])
        self._is_older[1] &= ~self._is_older[0]
        self.players = self._is_older.astype(np.int64)
        self.points = np.zeros((2, games), np.int64)
        self.checked = 0, 0

    def begin(self, source: np.random.SeedSequence) -> None:
        """As `Rollouts.begin`."""
        played, checked, drawn = source.spawn(3)
        self._games.begin(played.generate_state(self._games.games, np.uint64).astype(np.uint64, copy=False))
        self._check.begin(checked)
        self.swap(np.random.default_rng(drawn))

    def swap(self, rng: np.random.Generator) -> None:
        """Draw a new older self for each game against one."""
        drawn = rng.integers(1, self._pool.size + 1, len(self._is_latest))
        self.players[:] = np.where(self._is_older, drawn, 0)

    def play(self, net: SparseNet, count: int) -> Iterator[tuple[Rollout, list[Finished]] | None]:
        """As `Rollouts.play`."""
        games, learns = self._games, self.players[:, :count] == 0
        buffer = games.play_both(self._pool, self.players, count)
        yield None
        own = np.where(learns[0], np.arange(count), games.games + np.arange(count))
        self.points[:] = 0
        self.points[:, :count] = [(buffer.rewards[own] == sign).sum(axis=1) for sign in (1, -1)]
        side, game = np.nonzero(learns)
        seats = side * games.games + game
        logits, actions, rewards, ended, order = (
            np.ascontiguousarray(np.swapaxes(each[seats], 0, 1))
            for each in (buffer.logits, buffer.actions, buffer.rewards, buffer.ended, games.order.T)
        )
        finished: list[Finished] = []
        for played in self._check.play(net, self._check_games):
            if played is not None:
                check, finished = played
                self.checked = int((check.rewards > 0).sum()), int((check.rewards < 0).sum())
        yield Rollout(games.frames, order, logits, actions, rewards, ended > 0), finished

    def state(self) -> dict[str, NDArray[Any]]:
        """As `Rollouts.state`."""
        states, chance = self._games.state()
        check = {f"games_check_{name}": array for name, array in self._check.state().items()}
        return {
            "games_states": states,
            "games_chance": chance,
            "games_players": self.players.copy(),
            **check,
        }

    def go_on(self, arrays: Mapping[str, NDArray[Any]]) -> bool:
        """As `Rollouts.go_on`."""
        if "games_states" not in arrays:
            return False
        players = arrays["games_players"]
        if players.shape != self.players.shape or players.dtype != self.players.dtype:
            raise ValueError(f"expected players of {len(self._is_latest)} games, got {players.shape}")
        if ((players > 0) != self._is_older).any() or (players < 0).any():
            raise ValueError("expected players as they are drawn, got others")
        if players.max(initial=0) > self._pool.size:
            raise ValueError("its pool is damaged: an older self that a game is played against is missing")
        self._games.go_on((arrays["games_states"], arrays["games_chance"]))
        self._check.go_on({name: arrays[f"games_check_{name}"] for name in self._check.state()})
        self.players[:] = players
        return True

    def close(self) -> None:
        """As `Rollouts.close`."""
