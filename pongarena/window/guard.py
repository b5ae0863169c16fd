"""Asks before one key or click spoils a match that counts."""

from collections.abc import Callable
from dataclasses import dataclass

from pongarena.match.match import Match
from pongarena.match.variant import PLAIN
from pongarena.window.screens import Card

__all__ = ["Guard", "Question", "counts"]


def counts(match: Match) -> bool:
    """Whether the match would count for ratings: the usual game, nobody altered it, and it is no replay."""
    result = match.result()
    spoiled = any(result.altered) or any(result.taken_over) or result.rewound
    return match.variant == PLAIN and not match.replays and not spoiled


@dataclass(frozen=True)
class Question:
    """Something that is done only after a yes.

    Attributes:
        card: What is asked.
        do: What to do then.
    """

    card: Card
    do: Callable[[], None]


class Guard:
    """Lets pass what spoils nothing, and what was permitted once in this match."""

    def __init__(self, ask: Callable[[Question], None]) -> None:
        """Says who shows a question."""
        self._ask = ask
        self._permitted = ""

    def permits(self, match: Match) -> bool:
        """Whether nothing is lost any more, or it was permitted."""
        return self._permitted == match.origin or not counts(match)

    def alter(self, match: Match, title: str, do: Callable[[], None]) -> None:
        """Does what makes the match count no more, after a question if it still counts.

        Args:
            match: The match at the table.
            title: The question, in block letters.
            do: What is to be done.
        """

        def permitted() -> None:
            self._permitted = match.origin
            do()

        if self.permits(match):
            do()
        else:
            self._ask(Question(_card(title, "yes: the match then no longer counts for ratings"), permitted))

    def leave(self, match: Match, title: str, do: Callable[[], None]) -> None:
        """Gives up a match in which somebody has points, after a question if it would count."""
        if match.over or not any(match.score) or not counts(match):
            do()
        else:
            self._ask(Question(_card(title, "yes: the match so far is given up"), do))


def _card(title: str, yes: str) -> Card:
    return Card(title, (("Enter", yes), ("Esc", "no, leave it as it is")))
