"""Suggest what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pongarena.jobs.status import State
from pongarena.library.names import player_label
from pongarena.match.ratings import ANCHOR, HUMAN

if TYPE_CHECKING:
    from pongarena.match.ladder import Ladder
    from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot
    from pongarena.tui.data.player_rank import Standing

__all__ = ["Suggestion", "suggest"]


@dataclass(frozen=True)
class Suggestion:
    """One suggestion.

    Attributes:
        deed: ``play``, ``train``, ``resume``, ``show`` or ``go``.
        target: The player, model or main screen for the deed; empty for ``train``.
        title: A short title.
        why: A reason to do it.
    """

    deed: str
    target: str
    title: str
    why: str

    @property
    def key(self) -> str:
        """A unique key."""
        return f"{self.deed} {self.target}"


def suggest(look: "LibrarySnapshot", standing: "Standing | None") -> list[Suggestion]:
    """List suggestions, the most useful first.

    Args:
        look: The snapshot of the library.
        standing: The match log; None until it was read.
    """
    own = [entry for entry in look.entries if not entry.model.bundled and entry.model.fault is None]
    ladder = standing.ladder if standing is not None else None
    newcomer = ladder is not None and not ladder.record.matches
    found = [*_crashed(own), *_rival(ladder), *_training(own), *_own_rivals(own, standing)]
    if newcomer or not own:
        found.append(
            Suggestion("go", "school", "How it works", "the method in plain words, with live numbers")
        )
        watch = "two networks play each other, here in the terminal"
        found.append(Suggestion("go", "watch", "Watch a match", watch))
    if own and not any(each.deed == "train" for each in found):
        found.append(Suggestion("train", "", "Train another agent", "other settings, or from a fork"))
    return found


def _crashed(own: "list[Entry]") -> Iterator[Suggestion]:
    for entry in own:
        if entry.status.state is State.CRASHED:
            yield Suggestion("show", entry.name, f"See why {entry.name} stopped", "its session crashed")


def _rival(ladder: "Ladder | None") -> Iterator[Suggestion]:
    if ladder is None or ladder.next_rival is None:
        return
    player = ladder.next_rival
    name = player_label(player.partition("@")[0])
    rated = next((rung.rated for rung in ladder.rungs if rung.player == player), None)
    if not ladder.record.matches:
        which = "the cartridge's own player" if player == ANCHOR else "the weakest on the ladder"
        yield Suggestion("play", player, "Play your first match", f"against {name}, {which}")
        return
    strength = f", rated {rated.rating:,.0f}" if rated is not None else ""
    yield Suggestion("play", player, f"Play {name}", f"your next rival{strength}")


def _training(own: "list[Entry]") -> Iterator[Suggestion]:
    if not own:
        yield Suggestion("train", "", "Train your first agent", "an agent of your own in a minute")
        return
    waiting = [entry for entry in own if entry.status.state in (State.PAUSED, State.NEW, State.STOPPED)]
    if waiting and not any(entry.status.state in (State.RUNNING, State.STARTING) for entry in own):
        entry = max(waiting, key=lambda each: (each.status.state is State.PAUSED, each.status.updated or 0.0))
        games = f"{entry.episode:,} games so far" if entry.episode else "it has not begun"
        yield Suggestion("resume", entry.name, f"Go on training {entry.name}", games)


def _own_rivals(own: "list[Entry]", standing: "Standing | None") -> Iterator[Suggestion]:
    """Suggest the latest of the user's own models that the user has not played yet."""
    if standing is None:
        return
    met = {
        name.partition("@")[0] for each in standing.matches for name in _against_you(each.left, each.right)
    }
    # a network that has not learned yet plays at random: no rival
    fresh = [entry for entry in own if any(entry.checkpoints) and entry.name not in met]
    if fresh:
        entry = max(fresh, key=lambda each: each.created)
        why = "your own network; you never played it"
        yield Suggestion("play", f"{entry.name}@{entry.checkpoints[-1]}", f"Play {entry.name}", why)


def _against_you(left: str, right: str) -> tuple[str, ...]:
    return (right,) if left == HUMAN else (left,) if right == HUMAN else ()
