"""The high-score table as a card; looked up in a thread, because it takes the whole match log."""

from collections.abc import Callable
from threading import Thread

from pongarena.core.errors import PongArenaError
from pongarena.window.card_stack import CardStack
from pongarena.window.screens import Card

__all__ = ["HighScores", "Rows", "score_card"]

Rows = tuple[tuple[str, str], ...]
"""Of the table: score and name, and against whom and when."""

_MOST = 12
"""Rows that are shown."""

_NONE = (("", "none yet: win or lose a whole match against a rival"),)


def score_card(rows: Rows, foot: str = "any key goes on") -> Card:
    """The table as a card."""
    return Card("High scores", rows[:_MOST] or _NONE, foot)


class HighScores:
    """Shows the table when a person asks for it."""

    def __init__(
        self, reader: CardStack, ask: Callable[[], Rows] | None, *, say: Callable[[str], None]
    ) -> None:
        """Learn whom to tell.

        Args:
            reader: Shows the card.
            ask: Returns the table; None where there is none.
            say: Shows a message.
        """
        self._reader, self._ask, self._say = reader, ask, say
        self._lookup: _Lookup | None = None

    def show(self) -> None:
        """Look the table up; `work` shows it."""
        if self._ask is None:
            self._say("no high scores here: start pongarena play")
        elif self._lookup is None:
            self._lookup = _Lookup(self._ask)
            self._lookup.start()

    def work(self) -> None:
        """Show the table once it is found."""
        lookup = self._lookup
        if lookup is None or lookup.is_alive():
            return
        self._lookup = None
        self._say(lookup.fault)
        if lookup.card is not None:
            self._reader.show(lookup.card)


class _Lookup(Thread):
    """Looks the table up.

    Attributes:
        card: The table; None while it is looked up, and when that failed.
        fault: Why it failed; empty if it did not.
    """

    def __init__(self, ask: Callable[[], Rows]) -> None:
        super().__init__(name="high scores", daemon=True)
        self._ask = ask
        self.card: Card | None = None
        self.fault = ""

    def run(self) -> None:
        try:
            self.card = score_card(self._ask())
        except PongArenaError as error:
            self.fault = str(error)
