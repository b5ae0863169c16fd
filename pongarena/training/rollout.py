"""Playing many games at once with one fixed network, each as if it were alone.

Every game has its own seed and its own dice, so that it goes the same way whichever games are played beside
it, and however many.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pongarena.agent.policy import PolicyNetwork
from pongarena.game.vector import VectorPong
from pongarena.game.vision import BoolArray, FloatArray, SparseFrames

__all__ = ["IDLE", "Episode", "PlayStep", "episode_seed", "episodes_of", "play_games"]

IDLE = -1
"""In place of a game's number: nobody plays here any more."""


@dataclass(frozen=True)
class PlayStep:
    """One decision in each of the games played at once; every array has one entry a seat.

    Attributes:
        frames: What the network saw.
        playing: Which game sits there, counted from 0; `IDLE` for an empty seat.
        p_up: P(UP) as the network gave it.
        up: What the dice made of it.
        rewards: What came of it: −1, 0 or +1.
        finished: Where the game ended with this decision.
        truncated: Where it ended because it was cut off.
    """

    frames: SparseFrames
    playing: NDArray[np.int64]
    p_up: FloatArray
    up: BoolArray
    rewards: NDArray[np.int8]
    finished: BoolArray
    truncated: BoolArray


@dataclass(frozen=True)
class Episode:
    """One whole game: a row a decision."""

    frames: SparseFrames
    p_up: FloatArray
    up: BoolArray
    rewards: NDArray[np.int8]


def episode_seed(seed: int, episode: int) -> np.random.SeedSequence:
    """The source of all chance in one game: the console's seed and the dice."""
    return np.random.SeedSequence([seed, episode])


def play_games(
    games: VectorPong, seats: int, policy: PolicyNetwork, seeds: Sequence[np.random.SeedSequence]
) -> Iterator[PlayStep]:
    """Plays one game for each seed; a seat that becomes free takes the next.

    Args:
        games: The consoles.
        seats: How many consoles there are; at most as many as games to be played.
        policy: Decides; must not change meanwhile.
        seeds: One for each game, as `episode_seed` gives them.
    """
    playing = np.arange(seats)
    dice = [np.random.default_rng(seed) for seed in seeds[:seats]]
    frames = games.reset([_console_seed(seed) for seed in seeds[:seats]])
    following = seats
    thrown = np.ones(seats)
    while (playing != IDLE).any():
        p_up = policy.forward(frames).up
        for seat in np.flatnonzero(playing != IDLE).tolist():
            thrown[seat] = dice[seat].random()
        up = thrown < p_up
        step = games.step(up)
        finished = (step.over | step.truncated) & (playing != IDLE)
        yield PlayStep(frames, playing.copy(), p_up, up, step.rewards, finished, step.truncated)
        frames = step.frames
        if finished.any():
            # a game that just begins, and an empty seat, show nothing
            frames = _blank(frames, finished)
            for seat in np.flatnonzero(finished).tolist():
                playing[seat] = IDLE
                if following < len(seeds):
                    games.reset([_console_seed(seeds[following])], np.array([seat]))
                    dice[seat] = np.random.default_rng(seeds[following])
                    playing[seat] = following
                    following += 1


def episodes_of(steps: Sequence[PlayStep], count: int) -> list[Episode]:
    """Sorts the decisions of games played at once into one game after the other.

    Args:
        steps: Everything that `play_games` gave.
        count: How many games were played.
    """
    frames = SparseFrames.concatenate([step.frames for step in steps])
    playing = np.concatenate([step.playing for step in steps])
    p_up = np.concatenate([step.p_up for step in steps])
    up = np.concatenate([step.up for step in steps])
    rewards = np.concatenate([step.rewards for step in steps])
    rows = [np.flatnonzero(playing == game) for game in range(count)]
    return [Episode(_select(frames, own), p_up[own], up[own], rewards[own]) for own in rows]


def _console_seed(seed: np.random.SeedSequence) -> int:
    """A seed as ALE takes it: 31 bits."""
    return int(seed.generate_state(1)[0] >> 1)


def _select(frames: SparseFrames, rows: NDArray[np.int64]) -> SparseFrames:
    """Some of the frames, in the order of `rows`."""
    counts = np.diff(frames.starts)[rows]
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    pixels = np.arange(starts[-1]) + np.repeat(frames.starts[rows] - starts[:-1], counts)
    return SparseFrames(starts, frames.columns[pixels], frames.values[pixels])


def _blank(frames: SparseFrames, which: BoolArray) -> SparseFrames:
    """The same frames, some of them empty."""
    counts = np.diff(frames.starts)
    keep = np.repeat(~which, counts)
    starts = np.zeros_like(frames.starts)
    np.cumsum(np.where(which, 0, counts), out=starts[1:])
    return SparseFrames(starts, frames.columns[keep], frames.values[keep])
