"""The family tree of a model: forks and their origins, including deleted models."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pongarena.tui.data.library_watcher import Entry

__all__ = ["Relative", "family_of"]

_MOST = 400
"""The most relatives that are shown."""


@dataclass(frozen=True)
class Relative:
    """One member of a family; it follows its parent and precedes its own children.

    Attributes:
        name: Name of the model.
        depth: Number of forks from the first ancestor.
        episode: Episode of the parent's checkpoint that it was forked from; None when not known.
        present: Whether it is in the library; else it was deleted or renamed, or never was here.
    """

    name: str
    depth: int
    episode: str | None
    present: bool


def family_of(name: str, entries: Iterable[Entry]) -> list[Relative]:
    """List the family of a model: its first known ancestor, and all descendants of that one.

    A model's own lineage overrules what its descendants say of it. Lineages come from files that somebody may
    have edited: a circular one is cut.
    """
    parents: dict[str, tuple[str, str | None]] = {}
    known = {entry.name: entry for entry in entries}
    for told_by_descendants in (False, True):
        for entry in (each for each in known.values() if each.model.lineage):
            chain = [_split(each) for each in entry.model.lineage]
            for (parent, episode), child in zip(
                chain, [*(each for each, _ in chain[1:]), entry.name], strict=True
            ):
                if told_by_descendants != (child == entry.name) and parent != child:
                    parents.setdefault(child, (parent, episode))
    children: dict[str, list[str]] = defaultdict(list)
    for child, (parent, _) in parents.items():
        children[parent].append(child)
    first, seen = name, {name}
    while first in parents and parents[first][0] not in seen:
        first = parents[first][0]
        seen.add(first)
    found: list[Relative] = []
    waiting, met = [(first, 0)], {first}
    while waiting and len(found) < _MOST:
        each, depth = waiting.pop()
        episode = parents[each][1] if depth and each in parents else None
        found.append(Relative(each, depth, episode, each in known))
        following = [child for child in sorted(children[each], reverse=True) if child not in met]
        met.update(following)
        waiting += [(child, depth + 1) for child in following]
    return found


def _split(reference: str) -> tuple[str, str | None]:
    model, at, episode = reference.partition("@")
    return model, episode if at else None
