"""The two lines above the dashboard of a session: what it is, and how it does."""

from rich.text import Text

from pongarena.jobs.status import State
from pongarena.tui import words
from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot

__all__ = ["session_head"]


def session_head(entry: Entry, look: LibrarySnapshot, share_of_bare: float | None) -> Text:
    """Format the two lines at the top: what the session is, and how it does."""
    status, recipe = entry.status, entry.model.recipe
    text = Text().append(words.shorten(entry.name, 30), style="bold")
    text.append("  ").append_text(words.state(status))
    text.append(f"  {recipe.name if recipe else ''}  seed {entry.model.seed}", style="$muted")
    games = words.count(status.episode)
    if status.target_episode is not None:
        games += f" of {words.count(status.target_episode)}"
    text.append(f"  {games} games  {words.count(status.steps)} steps")
    facts = [words.strength(entry.strength)] if entry.strength is not None else []
    if status.active and status.steps_per_s:
        facts.append(f"{words.rate(status.steps_per_s, 'steps a second')}")
    if (left := words.time_left(status)) is not None:
        facts.append(f"ready in about {words.duration(left)}")
    if status.active and share_of_bare is not None:
        facts.append(_times_the_emulator(share_of_bare))
    if status.memory_mb:
        facts.append(f"{status.memory_mb:.0f} MB")
    if status.share < 1:
        facts.append(f"{status.share:.0%} of the processor")
    if status.waits:
        facts = [words.place_in_line(entry.name, look)]
    elif status.message and (not status.active or status.state is State.STARTING):
        facts.append(status.message)
    return text.append("\n" + "  ·  ".join(facts))


def _times_the_emulator(ratio: float) -> str:
    if ratio < 2:
        return f"{ratio:.0%} of the bare emulator's speed"
    return f"{ratio:.0f} times the bare emulator's speed"
