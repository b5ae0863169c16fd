"""Measure a model's strength against the cartridge's CPU: one measure, the same wherever it is shown.

For a bundled opponent it is the evaluation on its card, in the benchmark's setting. For a user's model it is
what `pongarena eval` measured, if the model has not trained since; else the share of the last points won in
training. The running reward is no such measure: it is a mean over games whose points were mostly played by
the network's earlier selves.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from pongarena.library.card import Rating, read_opponent_card
from pongarena.library.evaluations import read_evaluations
from pongarena.library.metrics import recent_points
from pongarena.library.model import Model
from pongarena.library.progress import ENOUGH_POINTS, Share, recent_share
from pongarena.library.score import score_of, share_of

__all__ = ["Source", "Strength", "strength_of"]

_SETTING = "benchmark"
"""Sticky actions 0.25, frame skip 4: as in training and in published results."""

_FEWEST_GAMES = 20
"""An evaluation of fewer games is less exact than the last points of a training."""


class Source(StrEnum):
    """What a strength was measured by."""

    TRAINING = "training"
    EVALUATION = "evaluation"


@dataclass(frozen=True)
class Strength:
    """How strong a network is against the CPU.

    Attributes:
        share: Points won ÷ points, 0..1; of an evaluation, computed from its mean score.
        score: Points won − lost in a game to 21, −21..21: measured, or computed from the share.
        source: What it was measured by.
        count: Number of points that the share is of, or of games evaluated.
        interval: The share's 95 % interval; None when the points are unknown.
    """

    share: float
    score: float
    source: Source
    count: int
    interval: tuple[float, float] | None = None

    @classmethod
    def of_share(cls, share: Share) -> "Strength":
        """Return the strength for a share of points in training."""
        interval = (share.low, share.high)
        return cls(share.value, score_of(share.value), Source.TRAINING, share.points, interval)

    @classmethod
    def of_rating(cls, rating: Rating) -> "Strength":
        """Return the strength for an evaluation."""
        return cls(share_of(rating.mean), rating.mean, Source.EVALUATION, rating.games)

    def __str__(self) -> str:
        """Describe it in a line: the measured value first, then the computed one."""
        score = f"{self.score:+.1f} a game".replace("-", "−")
        if self.source is Source.TRAINING:
            return f"{self.share:.0%} of the last {self.count:,} points won, about {score}"
        return f"{score} over {self.count:,} evaluated games, about {self.share:.0%} of points"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {**asdict(self), "source": str(self.source)}


def strength_of(model: Model) -> Strength | None:
    """Return a model's strength by the best measurement; None when there is none. Never raises."""
    if model.bundled:
        card = read_opponent_card(model.path)
        return _best(card.ratings) if card is not None else None
    checkpoints = model.checkpoints()
    if checkpoints and not model.status().active:
        latest = [each for each in read_evaluations(model.path) if each.checkpoint == checkpoints[-1]]
        if (measured := _best(latest)) is not None:
            return measured
    share = recent_share(recent_points(model.path / "metrics.jsonl", ENOUGH_POINTS))
    return None if share is None else Strength.of_share(share)


def _best(ratings: Sequence[Rating]) -> Strength | None:
    """Return the strength for the comparable evaluation with the most games."""
    fitting = [
        each
        for each in ratings
        if each.setting == _SETTING and not each.greedy and each.games >= _FEWEST_GAMES
    ]
    # the latest of equals
    chosen = max(reversed(fitting), key=lambda each: each.games, default=None)
    return None if chosen is None else Strength.of_rating(chosen)
