"""The progress of a tournament: a bar, the figures, and the estimated time left."""

from textual.content import Content

from pongarena.tui import words
from pongarena.tui.data.tournament_watcher import TournamentEntry, TournamentSnapshot

__all__ = ["bar", "progress_line"]


def progress_line(entry: TournamentEntry, look: TournamentSnapshot, width: int) -> Content:
    """Format the head of a tournament: one line, and a second one for remarks if any.

    Args:
        entry: The tournament.
        look: The snapshot with its estimate.
        width: Width in characters.
    """
    if entry.tournament.fault:
        return Content.assemble(("! ", "$error"), entry.tournament.fault)
    made = entry.tournament
    colour = "$right" if entry.run.running or entry.complete else "$left"
    figures = f" {entry.played:,} of {made.matches:,} matches"
    if entry.run.running:
        left = "" if look.seconds_left is None else f", about {words.duration(look.seconds_left)} left"
        tail = figures + left + ("" if look.seconds_left is None else " (an estimate)")
    elif entry.complete:
        tail = f"{figures}: {words.counted(made.rounds, 'round')}, to {words.counted(made.points, 'point')}"
        tail += f"; {made.variant}" if str(made.variant) else ""
    else:
        tail = f"{figures}; space goes on"
    room = max(6, min(30, width - len(entry.state) - len(tail) - 3))
    line = Content.assemble(
        (f"{entry.state} ", colour), (bar(entry.played, made.matches, room), colour), tail
    )
    said = _remarks(entry, look)
    return line if not said else line + Content("\n") + Content.styled(words.shorten(said, width), "$left")


def bar(done: int, total: int, width: int) -> str:
    """Draw a progress bar of blocks."""
    full = 0 if total == 0 else min(width, int(done / total * width))
    return "█" * full + "░" * (width - full)


def _remarks(entry: TournamentEntry, look: TournamentSnapshot) -> str:
    said = [f"{player} cannot play: {reason}" for player, reason in entry.run.missing.items()]
    if entry.run.message:
        said.append(entry.run.message)
    if look.complaint:
        said.append(look.complaint)
    return "; ".join(" ".join(each.split()) for each in said)
