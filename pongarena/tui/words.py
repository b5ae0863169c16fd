"""Numbers, ages and states in few words."""

from rich.text import Text

from pongarena.library.status import State, Status
from pongarena.tui.theme import GREEN, ORANGE

GLYPHS = {
    State.NEW: "○",
    State.STARTING: "◌",
    State.RUNNING: "●",
    State.PAUSED: "‖",
    State.STOPPED: "■",
    State.FINISHED: "✓",
    State.CRASHED: "✗",
}
"""One shape a state, so that colour is not needed to tell them apart."""

_COLOURS = {
    State.STARTING: ORANGE,
    State.RUNNING: GREEN,
    State.PAUSED: "$warning",
    State.FINISHED: GREEN,
    State.CRASHED: "$error",
}

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def state(status: Status) -> Text:
    """The state as glyph and word."""
    return Text(f"{GLYPHS[status.state]} {status.state}", style=_COLOURS.get(status.state, ""))


def signed(value: float | None, digits: int = 1) -> str:
    """A score with its sign, ``−14.3``; a dash when there is none."""
    return "–" if value is None else f"{value:+.{digits}f}".replace("-", "−")


def count(value: float) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,.0f}"


def rate(value: float | None, unit: str) -> str:
    """A rate, or that it cannot be told yet."""
    if value is None:
        return f"– {unit}"
    return (
        f"{value:,.0f} {unit}"
        if value >= 100
        else f"{value:.2g} {unit}"
        if value < 10
        else f"{value:.1f} {unit}"
    )


def duration(seconds: float) -> str:
    """A length of time in its largest unit: ``42 s``, ``7 min``, ``3.5 h``, ``12 d``."""
    if seconds < _MINUTE:
        return f"{max(0, seconds):.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < _DAY:
        return f"{seconds / _HOUR:.1f} h"
    return f"{seconds / _DAY:.0f} d"


def shorten(text: str, width: int) -> str:
    """The text, its end replaced by an ellipsis when it is too long."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


def time_left(status: Status) -> float | None:
    """Seconds until the asked-for episode; None without such an end, or a rate to tell it from."""
    if status.state is not State.RUNNING or status.target_episode is None or not status.episodes_per_s:
        return None
    return max(0, status.target_episode - status.episode) / status.episodes_per_s
