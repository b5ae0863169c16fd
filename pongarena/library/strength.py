"""How strong a model is against the cartridge's CPU: one measure, the same wherever it is shown.

What is known best counts. Of an opponent in the box that is the evaluation on its card, in the benchmark's
setting. Of one's own model it is the share of the last points won in training, or, when the model did not
train any further since, what `pongarena eval` measured. The running reward of a training is not it: it is a
mean over games, most of whose points were played by the network's earlier selves.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from pongarena.library.card import Rating, read_opponent_card
from pongarena.library.evaluations import read_evaluations
from pongarena.library.metrics import recent_points
from pongarena.library.model import Model
from pongarena.library.progress import Share, recent_share
from pongarena.library.score import score_of, share_of

__all__ = ["Source", "Strength", "strength_of"]

_SETTING = "benchmark"
"""Sticky actions 0.25, frame skip 4: as trainings play, and as others publish."""


_FEWEST_GAMES = 20
"""An evaluation of fewer says less than the last points of a training."""


class Source(StrEnum):
    """Where a strength is known from."""

    TRAINING = "training"
    EVALUATION = "evaluation"


@dataclass(frozen=True)
class Strength:
    """How strong a network is against the CPU.

    Attributes:
        share: Points won ÷ points, 0..1; of an evaluation, what its mean score amounts to.
        score: Points won − lost in a game to 21, −21..21: measured, or what the share amounts to.
        source: Where it is known from.
        count: The points that the share is of; the games of an evaluation.
        interval: The share's 95 % interval; None where the points are not known.
    """

    share: float
    score: float
    source: Source
    count: int
    interval: tuple[float, float] | None = None

    @classmethod
    def of_share(cls, share: Share) -> "Strength":
        """Of points in training."""
        interval = (share.low, share.high)
        return cls(share.value, score_of(share.value), Source.TRAINING, share.points, interval)

    @classmethod
    def of_rating(cls, rating: Rating) -> "Strength":
        """Of an evaluation."""
        return cls(share_of(rating.mean), rating.mean, Source.EVALUATION, rating.games)

    def __str__(self) -> str:
        """In a line: what was measured, and what it amounts to."""
        score = f"{self.score:+.1f} a game".replace("-", "−")
        if self.source is Source.TRAINING:
            return f"{self.share:.0%} of the last {self.count:,} points won, about {score}"
        return f"{score} over {self.count:,} evaluated games, about {self.share:.0%} of points"

    def to_json(self) -> dict[str, Any]:
        """For scripts."""
        return {**asdict(self), "source": str(self.source)}


def strength_of(model: Model) -> Strength | None:
    """How strong a model is, as well as it is known; None when it is not. Never raises."""
    if model.bundled:
        card = read_opponent_card(model.path)
        return _best(card.ratings) if card is not None else None
    checkpoints = model.checkpoints()
    if checkpoints and not model.status().active:
        latest = [each for each in read_evaluations(model.path) if each.checkpoint == checkpoints[-1]]
        if (measured := _best(latest)) is not None:
            return measured
    share = recent_share(recent_points(model.path / "metrics.jsonl"))
    return None if share is None else Strength.of_share(share)


def _best(ratings: Sequence[Rating]) -> Strength | None:
    """Of the evaluations of one network that can be compared, the one with the most games."""
    fitting = [
        each
        for each in ratings
        if each.setting == _SETTING and not each.greedy and each.games >= _FEWEST_GAMES
    ]
    # of equal ones the latest
    chosen = max(reversed(fitting), key=lambda each: each.games, default=None)
    return None if chosen is None else Strength.of_rating(chosen)
