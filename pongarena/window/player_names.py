"""Ask the people of a match what they are called: once by itself, and again by key."""

from collections.abc import Callable

from pongarena.match.driver import MatchDriver
from pongarena.match.people import keep_names, kept_names
from pongarena.window.card_stack import CardStack
from pongarena.window.prompt import Prompt

__all__ = ["PlayerNames"]


class PlayerNames:
    """Asks, keeps the names for the next time, and gives them to the match.

    Attributes:
        asked: How many people were asked so far, now or earlier.
    """

    def __init__(
        self,
        driver: MatchDriver,
        reader: CardStack,
        *,
        asked: int,
        renamed: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        """Learn whom to tell.

        Args:
            driver: Drives the match at the table.
            reader: Shows the cards.
            asked: How many people were asked earlier.
            renamed: Called when the people of the match have other names.
            say: Tells the person something.
        """
        self.asked = asked
        self._driver, self._reader = driver, reader
        self._renamed, self._say = renamed, say

    def ask_once(self) -> None:
        """Ask the people of this match who were not asked yet."""
        people = len(self._driver.humans)
        if not self._driver.match.replays and people > self.asked:
            self._ask(self.asked)

    def ask(self) -> None:
        """Ask all people of this match."""
        if self._driver.match.replays:
            self._say("this is a recording: its players keep their names")
        elif not self._driver.humans:
            self._say("nobody here plays by hand: models have their own names")
        else:
            self._ask(0)

    def _ask(self, number: int) -> None:
        """Ask one person, then the next one."""
        people = self._driver.humans
        names = kept_names()

        def take(name: str) -> None:
            kept = [*kept_names()]
            kept[number] = name
            keep_names(kept[: number + 1])
            self._driver.match.name_people(*kept_names())
            self._renamed()
            go_on()

        def go_on() -> None:
            self.asked = max(self.asked, number + 1)
            if number + 1 < len(people):
                self._ask(number + 1)

        title = "Your name" if len(people) == 1 else f"{people[number]} player"
        usual = "you" if len(people) == 1 else str(people[number])
        about = f"for the score and the high scores; empty: {usual}"
        self._reader.begin(Prompt(title, "name", about, take, names[number], leave=go_on))
