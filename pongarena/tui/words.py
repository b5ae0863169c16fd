"""Format numbers, times and states as short texts."""

from typing import TYPE_CHECKING

from rich.text import Text

from pongarena.core.text import duration
from pongarena.jobs.status import State, Status
from pongarena.library.sessions.queue import in_line
from pongarena.tui.theme import GREEN, ORANGE

if TYPE_CHECKING:
    from pongarena.library.strength import Strength
    from pongarena.tui.data.library_watcher import LibrarySnapshot

__all__ = [
    "GLYPHS",
    "count",
    "counted",
    "duration",
    "megabytes",
    "place_in_line",
    "rate",
    "shorten",
    "signed",
    "state",
    "strength",
    "time_left",
]

GLYPHS = {
    State.NEW: "○",
    State.QUEUED: "◔",
    State.STARTING: "◌",
    State.RUNNING: "●",
    State.PAUSED: "‖",
    State.STOPPED: "■",
    State.FINISHED: "✓",
    State.CRASHED: "✗",
}
"""One shape for each state, to tell them apart without colour."""

_COLOURS = {
    State.QUEUED: "$warning",
    State.STARTING: ORANGE,
    State.RUNNING: GREEN,
    State.PAUSED: "$warning",
    State.FINISHED: GREEN,
    State.CRASHED: "$error",
}


def state(status: Status) -> Text:
    """Format a state as glyph and word."""
    return Text(f"{GLYPHS[status.state]} {status.state}", style=_COLOURS.get(status.state, ""))


def signed(value: float | None, digits: int = 1) -> str:
    """Format a score with its sign, ``−14.3``; a dash for None."""
    return "–" if value is None else f"{value:+.{digits}f}".replace("-", "−")


def strength(known: "Strength | None") -> str:
    """Format the strength against the CPU: ``39% won, −7.5 a game``; a dash when it is not known."""
    if known is None:
        return "–"
    words = f"{known.share:.0%} won, {signed(known.score)} a game"
    return words if known.source == "training" else f"{words} (evaluated)"


def count(value: float) -> str:
    """Format a whole number with thousands separators."""
    return f"{value:,.0f}"


def counted(number: int, thing: str) -> str:
    """Format a number of things: ``1 game``, ``1,200 games``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def rate(value: float | None, unit: str) -> str:
    """Format a rate with its unit; a dash when it is not known yet."""
    if value is None:
        return f"– {unit}"
    return (
        f"{value:,.0f} {unit}"
        if value >= 100
        else f"{value:.2g} {unit}"
        if value < 10
        else f"{value:.1f} {unit}"
    )


def megabytes(size: float) -> str:
    """Format a file size in bytes: ``57 MB``, and ``12 GB`` from ten on."""
    return f"{size / 1e6:,.0f} MB" if size < 1e10 else f"{size / 1e9:,.0f} GB"


def shorten(text: str, width: int) -> str:
    """Cut a text to a width, with an ellipsis at its end."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


def place_in_line(name: str, look: "LibrarySnapshot") -> str:
    """Say where a model stands in the queue, and what it waits for."""
    line = in_line((entry.model, entry.status) for entry in look.entries)
    place = next((number for number, (model, _) in enumerate(line, 1) if model.name == name), 0)
    ahead = "the next in line" if place == 1 else f"number {place} of {len(line)} in line"
    return f"{ahead}; it begins by itself when a session ends. space starts it now, s takes it out"


def time_left(status: Status) -> float | None:
    """Estimate the seconds until the requested end; None without such an end, or without a rate."""
    ends = []
    if status.state is State.RUNNING and status.seconds_left is not None:
        ends.append(status.seconds_left)
    if status.state is State.RUNNING and status.target_episode is not None and status.episodes_per_s:
        ends.append(max(0, status.target_episode - status.episode) / status.episodes_per_s)
    return min(ends, default=None)
