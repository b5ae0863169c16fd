"""Which checkpoints of a long run to keep: a readable history, denser near the end."""

from collections.abc import Collection, Iterable

__all__ = ["KEPT_CHECKPOINTS", "thin"]

KEPT_CHECKPOINTS = 40
"""Checkpoints that a model keeps: enough for a film of its growing up, 200 MB of classic networks."""


def thin(episodes: Iterable[int], keep: int = KEPT_CHECKPOINTS, pinned: Collection[int] = ()) -> list[int]:
    """Choose which checkpoints to keep.

    The first, the last and the pinned ones always stay. Of the others, the one that is dropped first has the
    least gap around it in proportion to its age, so what remains is spaced about logarithmically, seen from
    the end; and because one checkpoint is dropped at a time, thinning after every new one leaves the history
    of a long run just as readable as thinning once.

    Args:
        episodes: Episode numbers of the checkpoints, in any order.
        keep: How many may stay, at least 2.
        pinned: Episodes that stay in any case; of more than ``keep - 2``, only the latest are honoured.

    Returns:
        The kept episodes in ascending order, at most ``keep``.

    >>> thin(range(0, 1100, 100), keep=5)
    [0, 600, 800, 900, 1000]
    """
    if keep < 2:
        raise ValueError(f"expected to keep at least the first and the last checkpoint, got keep={keep}")
    kept = sorted(set(episodes))
    inner_pins = sorted(set(pinned) & set(kept[1:-1]))
    protected = set(inner_pins[len(inner_pins) - min(len(inner_pins), keep - 2) :])
    while len(kept) > keep:
        candidates = [index for index in range(1, len(kept) - 1) if kept[index] not in protected]
        # measured from just after the end, so that the last but one has an age too
        end = kept[-1] + 1
        del kept[
            min(candidates, key=lambda index: (kept[index + 1] - kept[index - 1]) / (end - kept[index - 1]))
        ]
    return kept
