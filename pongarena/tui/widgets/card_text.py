"""The text about a model: the user's notes and tags, or the card of a built-in opponent."""

from contextlib import suppress

from rich.text import Text

from pongarena.core.errors import PongArenaError
from pongarena.library.card import read_opponent_card
from pongarena.nn.checkpoint import read_card
from pongarena.tui import words
from pongarena.tui.data.library_watcher import Entry

__all__ = ["card_text"]


def card_text(entry: Entry) -> Text:
    """Return the text about a model."""
    return _built_in(entry) if entry.model.bundled else _own(entry)


def _own(entry: Entry) -> Text:
    text = Text()
    if entry.notes.fault:
        return text.append(entry.notes.fault)
    if entry.notes.tags:
        text.append(" ".join(f"#{tag}" for tag in entry.notes.tags), style="bold").append("\n\n")
    text.append(entry.notes.text or "There are no notes about this model yet.")
    text.append("\n\nw writes notes and tags; / finds models by their tags", style="$muted")
    if entry.model.cloned is not None:
        text.append(f"\n{entry.model.cloned}")
    size = words.megabytes(entry.facts.size) if entry.facts else "–"
    made = entry.model.created.partition("T")[0] or "–"
    text.append(
        f"\nmade {made}, {size} in\n{entry.model.path.parent}/\n{entry.model.path.name}", style="$muted"
    )
    with suppress(PongArenaError):
        card = read_card(entry.model.checkpoint().path)
        text.append(f"\ntrained on {card.trained_on}; it sees {card.sees}", style="$muted")
    return text


def _built_in(entry: Entry) -> Text:
    card = read_opponent_card(entry.model.path)
    if card is None:
        return Text("no card", style="$muted")
    text = Text.assemble((f"{card.about}\n\n", "bold"))
    for rating in card.ratings:
        text.append(f"{rating}\n")
    text.append(f"\n{_played(entry)} in {card.time} on {card.machine}, by\n", style="$muted")
    for command in card.commands:
        text.append(f"  {command}\n")
    return text.append("\nbuilt in: play it or fork it; it cannot be changed", style="$muted")


def _played(entry: Entry) -> str:
    """Say how long it was trained, from its checkpoint."""
    try:
        known = read_card(entry.model.checkpoint().path)
    except PongArenaError:
        return "trained"
    return f"trained in {known.episode:,} games, {known.steps:,} steps, seed {known.seed},"
