"""Which checkpoints of a long run to keep: dense in the beginning, where it grows, and again at its end."""

from collections.abc import Collection, Iterable

__all__ = ["KEPT_CHECKPOINTS", "thin"]

KEPT_CHECKPOINTS = 40
"""Checkpoints that a model keeps: enough for a film of its growing up, 200 MB of classic networks."""

_END_WEIGHT = 0.25
"""How much the end counts beside the beginning."""


def thin(episodes: Iterable[int], keep: int = KEPT_CHECKPOINTS, pinned: Collection[int] = ()) -> list[int]:
    """Choose which checkpoints to keep.

    The first, the last and the pinned ones always stay. Of the others, the one that is dropped first has the
    least gap around it in proportion to its distance from the beginning or, less so, from the end. So what
    remains is spaced about logarithmically from both ends: ten hours keep as much of their first minutes as a
    film of the growth needs, and some of the last hour to go back to. Because one checkpoint is dropped at a
    time, thinning after every new one leaves the history of a long run as readable as thinning once.

    Args:
        episodes: Episode numbers of the checkpoints, in any order.
        keep: How many may stay, at least 2.
        pinned: Episodes that stay in any case; of more than ``keep - 2``, only the latest are honoured.

    Returns:
        The kept episodes in ascending order, at most ``keep``.

    >>> thin(range(0, 1100, 100), keep=5)
    [0, 100, 200, 600, 1000]
    """
    if keep < 2:
        raise ValueError(f"expected to keep at least the first and the last checkpoint, got keep={keep}")
    kept = sorted(set(episodes))
    inner_pins = sorted(set(pinned) & set(kept[1:-1]))
    protected = set(inner_pins[len(inner_pins) - min(len(inner_pins), keep - 2) :])
    while len(kept) > keep:
        candidates = [index for index in range(1, len(kept) - 1) if kept[index] not in protected]
        del kept[min(candidates, key=lambda index: _loss(kept, index))]
    return kept


def _loss(kept: list[int], index: int) -> float:
    """What a history loses with a checkpoint that is neither the first nor the last."""
    before, after = kept[index - 1], kept[index + 1]
    # measured from just after the end, so that the last but one has a distance too
    return (after - before) * (1 / (after - kept[0]) + _END_WEIGHT / (kept[-1] + 1 - before))
