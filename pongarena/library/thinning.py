"""Choose which checkpoints of a long run to keep: dense at its beginning, where it learns, and at its end."""

from collections.abc import Collection, Iterable

__all__ = ["KEPT_CHECKPOINTS", "thin"]

KEPT_CHECKPOINTS = 40
"""Checkpoints that a model keeps: enough to show how it developed, in 200 MB for the classic network."""

_END_WEIGHT = 0.25
"""The weight of the end; that of the beginning is 1."""


def thin(episodes: Iterable[int], keep: int = KEPT_CHECKPOINTS, pinned: Collection[int] = ()) -> list[int]:
    """Choose which checkpoints to keep.

    The first, the last and the pinned ones always stay. Of the others, the first to go has the smallest gap
    around it in proportion to its distance from the beginning and, with less weight, from the end. So the
    rest is spaced about logarithmically from both ends: a run of ten hours keeps several checkpoints of its
    first minutes and some of its last hour. One checkpoint goes at a time, so thinning after every new one
    gives about the same history as thinning once.

    Args:
        episodes: Episode numbers of the checkpoints, in any order.
        keep: How many may stay, at least 2.
        pinned: Episodes that always stay; of more than ``keep - 2``, only the latest do.

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
    """Return the cost of dropping a checkpoint that is neither the first nor the last."""
    before, after = kept[index - 1], kept[index + 1]
    # distances are measured from just after the end, so that none is 0
    return (after - before) * (1 / (after - kept[0]) + _END_WEIGHT / (kept[-1] + 1 - before))
