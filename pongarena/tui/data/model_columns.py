"""The table of models: its columns, its order, and its filter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text

from pongarena.tui import words
from pongarena.tui.data.library_watcher import Entry
from pongarena.tui.data.match_records import Strengths

__all__ = ["COLUMNS", "Column", "arrange", "fitting", "matches"]

_NAME_AT_LEAST = 16
_NAME_AT_MOST = 40
_GAP = 2

Key = float | str


@dataclass(frozen=True)
class Column:
    """One column of the table.

    Attributes:
        name: Its heading.
        width: Width of its cells.
        right: Whether its cells are right-aligned, as numbers are.
        cell: Makes the cell of a model; takes the present unix time for ages.
        order: The key to sort by; None for an unknown value, which comes last in both directions.
        falling: Whether the highest value comes first by default.
        words: What it means, for the help.
    """

    name: str
    width: int
    right: bool
    cell: Callable[[Entry, Strengths, float], Text]
    order: Callable[[Entry, Strengths], Key | None]
    falling: bool
    words: str


def _share(entry: Entry) -> float | None:
    return entry.strength.share if entry.strength else None


def _rating(entry: Entry, strengths: Strengths) -> float | None:
    rated = strengths.of(entry.name)
    return rated.rating if rated else None


def _made(entry: Entry) -> float:
    """Return when a model was made, unix time in seconds; 0 for built-in models."""
    return 0.0 if entry.model.bundled else entry.created


def _dash(text: str | None) -> Text:
    return Text(text) if text else Text("–", style="$muted")


def _won(entry: Entry, _strengths: Strengths, _now: float) -> Text:
    share = _share(entry)
    return _dash(None if share is None else f"{share:.0%}")


def _strength(entry: Entry, strengths: Strengths, _now: float) -> Text:
    rating = _rating(entry, strengths)
    return _dash(None if rating is None else f"{rating:,.0f}")


def _state(entry: Entry, _strengths: Strengths, _now: float) -> Text:
    if entry.model.fault is not None:
        return Text("! damaged", style="#e8695a")
    return Text("▣ built in") if entry.model.bundled else words.state(entry.status)


def state_word(entry: Entry) -> str:
    """Return the state as one word, to filter and sort by."""
    if entry.model.fault is not None:
        return "damaged"
    return "built in" if entry.model.bundled else str(entry.status.state)


COLUMNS = (
    Column("name", _NAME_AT_MOST, False, lambda e, _s, _n: Text(e.name), lambda e, _s: e.name.lower(), False,
           "the model's name"),
    Column("recipe", 8, False, lambda e, _s, _n: _dash(e.model.recipe.name if e.model.recipe else None),
           lambda e, _s: e.model.recipe.name if e.model.recipe else None, False, "how it is trained"),
    Column("won", 5, True, _won, lambda e, _s: _share(e), True,
           "share of points won against the CPU: of the last 1,000 in training, or evaluated"),
    Column("score", 5, True, lambda e, _s, _n: _dash(None if e.score is None else words.signed(e.score)),
           lambda e, _s: e.score, True, "the same as points won minus lost in a game to 21"),
    Column("rating", 6, True, _strength, _rating, True, "strength in matches; the CPU has 1,000"),
    Column("games", 8, True, lambda e, _s, _n: _dash(None if e.model.fault else words.count(e.episode)),
           lambda e, _s: None if e.model.fault else e.episode, True, "games of training"),
    Column("age", 6, True,
           lambda e, _s, now: _dash(words.duration(now - _made(e)) if _made(e) else None),
           lambda e, _s: -_made(e) or None, False, "since it was made"),
    Column("size", 7, True, lambda e, _s, _n: _dash(words.megabytes(e.facts.size) if e.facts else None),
           lambda e, _s: e.facts.size if e.facts else None, True, "on the disk"),
    Column("state", 10, False, _state, lambda e, _s: state_word(e), False, "what its session does"),
)  # fmt: skip
"""All columns, in display order."""

_GIVEN_UP = ("size", "age", "recipe", "rating", "games", "won")
"""Columns to drop in a narrow table, in this order."""


def fitting(width: int) -> tuple[tuple[Column, int], ...]:
    """Choose the columns that fit, each with its width; the name takes what is left.

    Args:
        width: Width of a row in cells.
    """
    chosen = [column for column in COLUMNS if column.name != "name"]
    for name in _GIVEN_UP:
        if width - sum(column.width + _GAP for column in chosen) >= _NAME_AT_LEAST:
            break
        chosen = [column for column in chosen if column.name != name]
    left = width - sum(column.width + _GAP for column in chosen)
    name_width = max(4, min(_NAME_AT_MOST, left))
    return ((COLUMNS[0], name_width), *((column, column.width) for column in chosen))


def matches(entry: Entry, query: str) -> bool:
    """Return whether a model matches a filter.

    Every word of ``query`` must occur in its name, recipe, state or tags; ``tag:x`` (or ``#x``),
    ``recipe:x``, ``state:x`` and ``name:x`` search only there.
    """
    places = {
        "name": entry.name.lower(),
        "recipe": entry.model.recipe.name if entry.model.recipe else "",
        "state": state_word(entry),
        "tag": " ".join(f"#{tag}" for tag in entry.notes.tags),
    }
    for word in query.lower().split():
        place, colon, rest = word.partition(":")
        if colon and place in places:
            if rest not in places[place]:
                return False
        elif not any(word in each for each in places.values()):
            return False
    return True


def arrange(
    entries: Sequence[Entry], strengths: Strengths, *, query: str, column: Column | None, turned: bool
) -> list[Entry]:
    """Filter and sort models.

    Args:
        entries: All models, in the library's order.
        strengths: The source of the ratings.
        query: The filter, see ``matches``.
        column: The column to sort by; None keeps the library's order.
        turned: Whether to reverse the default direction of that column.
    """
    chosen = [entry for entry in entries if matches(entry, query)] if query.strip() else list(entries)
    if column is None:
        return chosen[::-1] if turned else chosen
    known = [(column.order(entry, strengths), entry) for entry in chosen]
    order = sorted(
        (pair for pair in known if pair[0] is not None),
        key=lambda pair: pair[0],  # type: ignore[arg-type,return-value]  # one column, one kind of key
        reverse=column.falling != turned,
    )
    return [entry for _, entry in order] + [entry for key, entry in known if key is None]
