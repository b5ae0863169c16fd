"""Comparison of the compiled game with the emulator's, over any number of frames."""

from collections.abc import Callable
from dataclasses import dataclass

from pongarena.envs.comparison import Comparison
from pongarena.envs.same import compare
from pongarena.envs.same_decisions import compare_decisions

__all__ = ["SameFigures", "measure_same"]

_DECISION_SHARE = 10
"""A tenth as many frames are compared in whole decisions."""


@dataclass(frozen=True)
class SameFigures:
    """The results frame by frame, in all variations, and in whole decisions, at all frame skips."""

    frames: Comparison
    decisions: Comparison

    @property
    def differing(self) -> int:
        """Number of frames and decisions that differ."""
        return self.frames.differing + self.decisions.differing

    def lines(self) -> list[str]:
        """Describe the result."""
        lines = []
        for part in (self.frames, self.decisions):
            how, hits = "in four variations", f", {part.hits:,} hits"
            if part.decisions:
                how, hits = (
                    f"in {part.decisions:,} steps of 1 to 16 frames, with and without stickiness",
                    "",
                )
            counts = f"{part.games:,} games, {part.points:,} points{hits}"
            lines.append(f"{part.frames:,} frames {how}, {counts}: {part.differing:,} differ")
            if part.first:
                lines.append(f"  the first: {part.first}")
        return lines


def measure_same(frames: int, seed: int, on_progress: Callable[[str, float], None]) -> SameFigures:
    """Compare the compiled game with the emulator.

    Args:
        frames: Frames to compare one by one; a tenth as many more are compared in whole decisions.
        seed: Seed of all randomness.
        on_progress: Called with a description of the current work and the share done.
    """
    more = frames // _DECISION_SHARE

    def tell(words: str, base: int) -> Callable[[int], None]:
        return lambda done: on_progress(words, min((base + done) / (frames + more), 1.0))

    on_progress("compiling, once", 0.0)
    return SameFigures(
        compare(frames, seed=seed, on_progress=tell("frame by frame", 0)),
        compare_decisions(more, seed=seed, on_progress=tell("whole steps", frames)),
    )
