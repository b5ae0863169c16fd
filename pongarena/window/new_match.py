"""Start another match in the same window: sides swapped, another ball or paddles, another opponent."""

from collections.abc import Callable
from dataclasses import replace

from pongarena.core.errors import MatchError, PongArenaError
from pongarena.game.types import Ball, SmallPaddles
from pongarena.match.driver import MatchDriver
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.result import MatchResult
from pongarena.match.variant import Variant

__all__ = ["NewMatch", "NextOpponent"]

NextOpponent = Callable[[MatchResult], tuple[PlayerSpec, PlayerSpec] | None]
"""Returns the next left and right player, given the last match's result; None when nobody is left."""


class NewMatch:
    """Lets the driver start another match and log the one that is left."""

    def __init__(
        self,
        driver: MatchDriver,
        next_opponent: NextOpponent | None,
        *,
        leave: Callable[[], object],
        introduce: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        """Connect to the window.

        Args:
            driver: Drives the current match.
            next_opponent: Chooses the next opponent; None if there are no others.
            leave: Called before a match is left.
            introduce: Called when another match is ready.
            say: Called with the reason when there is no other match.
        """
        self._driver = driver
        self._next_opponent = next_opponent
        self._leave, self._introduce, self._say = leave, introduce, say

    def swap(self) -> None:
        """Exchange the players' sides."""
        self._begin(self._driver.swap)

    def turn_handicap(self) -> None:
        """Select the next setting of small paddles."""
        small, usual = list(SmallPaddles), self._driver.match.variant
        self._vary(replace(usual, small=small[(small.index(usual.small) + 1) % len(small)]))

    def turn_ball(self) -> None:
        """Select the other ball."""
        usual = self._driver.match.variant
        ball = Ball.FASTER if usual.ball is Ball.CONSTANT else Ball.CONSTANT
        self._vary(replace(usual, ball=ball))

    def go_on(self) -> None:
        """Select the next opponent."""
        if self._next_opponent is None:
            self._say("no other opponent: start pongarena again with another one")
            return
        try:
            specs = self._next_opponent(self._driver.match.result())
        except PongArenaError as error:
            self._say(str(error))
            return
        if specs is None:
            self._say("no opponents left")
        else:
            self._seat(specs)

    def _vary(self, variant: Variant) -> None:
        self._begin(lambda: self._driver.vary(variant))

    def _begin(self, begin: Callable[[], None]) -> None:
        if not self._driver.match.replays:
            self._leave()
        try:
            begin()
        except MatchError as error:
            self._say(str(error))
        else:
            self._introduce()

    def _seat(self, specs: tuple[PlayerSpec, PlayerSpec]) -> None:
        old = self._driver.match
        seed = (old.seed + 1) % 2**31
        try:
            match = Match(*specs, seed=seed, variant=old.variant, points=old.points, sound=True)
        except MatchError as error:
            self._say(str(error))
            return
        self._leave()
        self._driver.take(match)
        self._introduce()
        old.close()
