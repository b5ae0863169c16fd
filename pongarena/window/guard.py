"""Ask before a key or click makes a match no longer count."""

from collections.abc import Callable
from dataclasses import dataclass

from pongarena.match.match import Match
from pongarena.match.variant import PLAIN
from pongarena.window.screens import Card

__all__ = ["Guard", "Question", "counts"]


def counts(match: Match) -> bool:
    """Whether the match would count for ratings: the usual game, not altered, and not a replay."""
    result = match.result()
    spoiled = any(result.altered) or any(result.taken_over) or result.rewound
    return match.variant == PLAIN and not match.replays and not spoiled


@dataclass(frozen=True)
class Question:
    """A question before an action.

    Attributes:
        card: The question's card.
        do: The action after a yes.
    """

    card: Card
    do: Callable[[], None]


class Guard:
    """Asks before alterations; passes those that lose nothing, or were permitted before in this match."""

    def __init__(self, ask: Callable[[Question], None]) -> None:
        self._ask = ask
        self._permitted = ""

    def permits(self, match: Match) -> bool:
        """Whether the match no longer counts anyway, or the user has permitted alterations."""
        return self._permitted == match.origin or not counts(match)

    def alter(self, match: Match, title: str, do: Callable[[], None]) -> None:
        """Do something after which the match no longer counts; ask first if it still counts.

        Args:
            match: The current match.
            title: The question, in block letters.
            do: What to do.
        """

        def permitted() -> None:
            self._permitted = match.origin
            do()

        if self.permits(match):
            do()
        else:
            self._ask(Question(_card(title, "yes: the match then no longer counts for ratings"), permitted))

    def leave(self, match: Match, title: str, do: Callable[[], None]) -> None:
        """Leave a match; ask first if it counts and somebody has points."""
        if match.over or not any(match.score) or not counts(match):
            do()
        else:
            self._ask(Question(_card(title, "yes: give up this match"), do))


def _card(title: str, yes: str) -> Card:
    return Card(title, (("Enter", yes), ("Esc", "no, leave it as it is")))
