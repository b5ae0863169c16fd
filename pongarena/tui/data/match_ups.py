"""Suggest matches to watch or play, from the models in the library."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from pongarena.tui.services.match_jobs import MatchRequest
from pongarena.tui.words import signed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot
    from pongarena.tui.data.match_records import Record

__all__ = ["MatchUp", "match_ups"]

_TITLE = 30
"""Width of the players' names; strength and record follow."""

_MOST_OWN = 12
"""How many of the user's own models are offered, the newest first."""


@dataclass(frozen=True)
class MatchUp:
    """One line of the list.

    Attributes:
        kind: A word for the margin: ``live``, ``play``, ``watch``.
        title: The two players.
        words: What one will see.
        request: The match; None to open the form and choose the players.
        strength: Points a game against the cartridge's own player; empty when not known.
        record: The person's record against it; empty when they never met.
    """

    kind: str
    title: str
    words: str
    request: MatchRequest | None
    strength: str = ""
    record: str = ""

    def prompt(self) -> Content:
        """Format the line for the list."""
        mark, colour = {"live": ("●", "bold"), "play": ("▶", "bold"), "watch": ("▪", "")}.get(
            self.kind, ("…", "")
        )
        parts = [(f" {mark} {self.kind:<6}", "$muted"), (self.title, colour)]
        if self.strength or self.record:
            gap = " " * max(1, _TITLE - len(self.title))
            parts.append((f"{gap}{self.strength:>6}  {self.record}", "$muted"))
        return Content.assemble(*parts)


def match_ups(look: "LibrarySnapshot") -> tuple[MatchUp, ...]:
    """List the matches that can begin now: running sessions, opponents, and own models then and now."""
    usable = [entry for entry in look.entries if entry.checkpoints and entry.model.fault is None]
    own = sorted((each for each in usable if not each.model.bundled), key=lambda each: -each.created)
    bundled = sorted((each for each in usable if each.model.bundled), key=_strength)
    found = [_live(entry) for entry in own if entry.status.active]
    yours = look.strengths.yours
    found += [_against(entry, yours) for entry in bundled]
    found.append(
        MatchUp(
            "play", "you – CPU", "You against the cartridge's own player, which is on every Pong cartridge.",
            MatchRequest("human", "ai", here=True), "0.0", _record("ai", yours),
        )
    )  # fmt: skip
    found += [_of_machines(entry) for entry in bundled[-1:]]
    for entry in own[:_MOST_OWN]:
        found += [_against(entry, yours), _of_machines(entry)]
        if len(entry.checkpoints) > 1:
            found.append(_growth(entry))
    found.append(MatchUp("other", "any other two players", "A form: both sides, ball, points.", None))
    return tuple(found)


def _live(entry: "Entry") -> MatchUp:
    return MatchUp(
        "live",
        f"CPU – {entry.name}, while it learns",
        f"{entry.name} plays the cartridge's own player with its newest checkpoint, reloaded as it learns.",
        MatchRequest("ai", f"{entry.name}@live", here=True),
    )


def _record(name: str, yours: "Mapping[str, Record]") -> str:
    return f"you: {yours[name]}" if name in yours else ""


def _score(entry: "Entry") -> str:
    return "" if entry.score is None else signed(entry.score)


def _against(entry: "Entry", yours: "Mapping[str, Record]") -> MatchUp:
    score = f" Score against the CPU: {signed(entry.score)}." if entry.score is not None else ""
    return MatchUp(
        "play",
        f"you – {entry.name}",
        f"You on the left, {entry.name} on the right.{score}",
        MatchRequest("human", f"{entry.name}@latest", here=True),
        _score(entry),
        _record(entry.name, yours),
    )


def _of_machines(entry: "Entry") -> MatchUp:
    return MatchUp(
        "watch",
        f"CPU – {entry.name}",
        f"The cartridge's own player against {entry.name}: see it think.",
        MatchRequest("ai", f"{entry.name}@latest", here=True),
        _score(entry),
    )


def _growth(entry: "Entry") -> MatchUp:
    first, last = entry.checkpoints[0], entry.checkpoints[-1]
    return MatchUp(
        "watch",
        f"{entry.name}@{first} – {entry.name}@{last}",
        f"How far {entry.name} has come: its first checkpoint against its last.",
        MatchRequest(f"{entry.name}@{first}", f"{entry.name}@{last}", here=True),
    )


def _strength(entry: "Entry") -> float:
    return entry.score if entry.score is not None else -22.0
