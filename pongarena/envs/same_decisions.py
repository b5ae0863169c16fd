"""Comparison of the compiled game with the vector of emulators, in whole decisions as in training."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray
from pongarena.envs.comparison import Comparison, Progress, tell_picture, views_of
from pongarena.envs.observation import SparseFrames
from pongarena.envs.same_kernels import Plan, rehearse_decisions
from pongarena.envs.vector import VectorPong, VectorStep
from pongarena.game.compiled import State
from pongarena.game.rules import MAX_FRAMES

__all__ = ["FRAME_SKIPS", "Stickiness", "compare_decisions"]

FRAME_SKIPS = tuple(range(1, 17))

_GAMES, _STRETCH = 1, 64
"""Parallel games, as opening one takes half a second; and decisions per compiled stretch."""

_STICKY = 0.25


def compare_decisions(
    frames: int,
    *,
    seed: int,
    frame_skips: tuple[int, ...] = FRAME_SKIPS,
    emulators: type[VectorPong] = VectorPong,
    on_progress: Progress | None = None,
) -> Comparison:
    """Play whole decisions against the CPU: difference frames, rewards and ends must be equal.

    Every second frame skip has sticky actions, and every second pair a low frame limit. A frame skip stops
    at its first difference.

    Args:
        frames: Number of frames, divided equally among the frame skips.
        seed: Seed of the inputs and of the emulators.
        frame_skips: The frame skips to play with.
        emulators: Class of the emulators to compare with.
        on_progress: Called with the number of frames compared so far.
    """
    total = Comparison()
    for number, frame_skip in enumerate(frame_skips):
        rng = np.random.default_rng([seed, frame_skip])
        sticky = _STICKY if (number + seed) % 2 else 0.0
        max_frames = int(rng.integers(700, 3000)) if (number + seed) // 2 % 2 else MAX_FRAMES
        rehearsal = _Rehearsal(emulators, rng, frame_skip, sticky, max_frames)
        try:
            for part in rehearsal.play(frames // len(frame_skips)):
                total += part
                if on_progress is not None:
                    on_progress(total.frames)
        finally:
            rehearsal.close()
    return total


class Stickiness:
    """Predicts when ALE repeats the last action.

    ALE draws two numbers per frame, one per player, from a Mersenne Twister seeded with the game's seed. It
    repeats the action if the number ÷ 2³² is below the probability (``Random.cxx``,
    ``stella_environment.cpp``). A reset draws nothing.
    """

    def __init__(self, seed: int, sticky: float) -> None:
        self._twister = np.random.RandomState(seed)  # seeds like std::mt19937
        self._limit = int(sticky * 2**32)
        self._ahead = np.zeros(0, np.bool_)

    def ahead(self, frames: int) -> BoolArray:
        """Return, for each of the next frames, whether the last action is repeated."""
        if (missing := frames - len(self._ahead)) > 0:
            draws = self._twister.randint(0, 2**32, 2 * missing, np.uint32)
            self._ahead = np.concatenate([self._ahead, draws[::2] < self._limit])
        return self._ahead[:frames]

    def pass_by(self, frames: int) -> None:
        """Advance by the number of frames played."""
        self._ahead = self._ahead[frames:]


class _Rehearsal:
    """A few games, played on both the compiled rules and the emulator."""

    def __init__(
        self,
        emulators: type[VectorPong],
        rng: np.random.Generator,
        frame_skip: int,
        sticky: float,
        max_frames: int,
    ) -> None:
        self._frame_skip, self._sticky, self._max_frames = frame_skip, sticky, max_frames
        seeds = [int(each) for each in rng.integers(2**31, size=_GAMES)]
        self._stickiness = [Stickiness(seed, sticky) for seed in seeds]
        self._chance = rng.integers(0, 2**64, _GAMES, np.uint64)
        self._states = np.zeros((_GAMES, len(State)), np.int32)
        self._plans = np.zeros((_GAMES, len(Plan)), np.int32)
        self._up = np.zeros((_STRETCH, _GAMES), np.bool_)
        self._rewards = np.zeros((_STRETCH, _GAMES), np.int32)
        self._ended = np.zeros((_STRETCH, _GAMES), np.int32)
        self._seen = np.zeros((_STRETCH, _GAMES, 2), np.int32)
        self._decisions = 0
        self._emulators = emulators(
            _GAMES, frame_skip=frame_skip, sticky=sticky, max_frames=max_frames, threads=1
        )
        self._emulators.reset(seeds)

    def close(self) -> None:
        self._emulators.close()

    def play(self, frames: int) -> Iterator[Comparison]:
        """Play and compare stretches, up to this many frames or the first difference."""
        while frames > 0:
            played = self._rehearse()
            part = self._compare(self._repeat(), played)
            yield part
            frames = frames - part.frames if not part.differing else 0

    def _rehearse(self) -> int:
        """Play a stretch on the compiled game; return the number of frames."""
        most = _STRETCH * self._frame_skip if self._sticky else 0
        stuck = np.stack([each.ahead(most) for each in self._stickiness])
        used = np.zeros(_GAMES, np.int64)
        begin = int(self._decisions == 0)
        notes = (self._up, self._rewards, self._ended, self._seen)
        rules = (self._frame_skip, self._max_frames)
        rehearse_decisions(self._states, self._chance, self._plans, begin, *rules, stuck, used, *notes)
        for each, count in zip(self._stickiness, used, strict=True):
            each.pass_by(int(count))
        return int(used.sum())

    def _repeat(self) -> list[VectorStep]:
        """Play the same stretch on the emulators."""
        steps = []
        for up in self._up:
            steps.append(self._emulators.step(np.where(up, -1, 1)))
            if steps[-1].over.any():
                self._emulators.reset(None, steps[-1].over)
        return steps

    def _compare(self, steps: list[VectorStep], frames: int) -> Comparison:
        seen = self._seen.reshape(-1, 2)
        here = SparseFrames.from_views(views_of(seen[:, 1]), views_of(seen[:, 0]))
        there = SparseFrames.concatenate([step.frames for step in steps])
        rewards = np.stack([step.rewards for step in steps])
        over = np.stack([step.over for step in steps])
        cut = np.stack([step.truncated for step in steps])
        differing = (self._rewards != rewards) | ((self._ended > 0) != over) | ((self._ended == 2) != cut)
        differing |= _differing(here, there).reshape(differing.shape)
        part = Comparison(
            frames=frames,
            games=int((self._ended > 0).sum()),
            points=int(abs(self._rewards).sum()),
            differing=int(differing.sum()),
            decisions=differing.size,
        )
        self._decisions += _STRETCH
        if not part.differing:
            return part
        at = int(differing.argmax())
        t, game = divmod(at, _GAMES)
        pictures = [each.dense()[at].reshape(80, 80) for each in (there, here)]
        told = (
            f"frame skip {self._frame_skip}, stickiness {self._sticky}, frame cap {self._max_frames:,}, "
            f"game {game + 1}, step {self._decisions - _STRETCH + t + 1:,}: in the emulator the reward "
            f"is {rewards[t, game]} and the game {_END[int(over[t, game]) + int(cut[t, game])]}, "
            f"in the compiled game {self._rewards[t, game]} and {_END[self._ended[t, game]]}"
        )
        if (pictures[0] != pictures[1]).any():
            lit = [each != 0 for each in pictures]
            told += f", of the difference frame {tell_picture(lit[0], lit[1])}"
        return replace(part, first=told)


_END = ("going on", "over", "cut off")


def _differing(here: SparseFrames, there: SparseFrames) -> BoolArray:
    """Return which frames of two batches differ."""
    same = (here.starts == there.starts).all() and (
        (here.columns == there.columns) & (here.values == there.values)
    ).all()
    if same:
        return np.zeros(len(here), np.bool_)
    differing: NDArray[np.bool_] = (here.dense() != there.dense()).any(1)
    return differing
