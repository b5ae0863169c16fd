"""Attract mode: a show on the title screen after a minute without input; any input ends it."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

import pygame

from pongarena.core.errors import PongArenaError
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.driver import MatchDriver
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.high_scores import Rows, score_card
from pongarena.window.screens import Card

__all__ = ["SHOW", "Attract", "is_hand"]

SHOW = "demonstration · any key goes back to the title"

_AFTER_S = 60.0
_END_FRAMES = 5 * FRAME_RATE_HZ
"""Frames that a match's end is shown before the next match."""

_TABLE_FRAMES = 8 * FRAME_RATE_HZ
"""How long the high scores are shown before each match."""

_PUSHED = 0.5
"""A stick that is pushed less far does not count as input, as it may just be jolted."""

Players = tuple[PlayerSpec, PlayerSpec]


class Attract:
    """Lets two networks play after a while without input. Such matches are not logged.

    Attributes:
        driver: Drives the show; None while there is none.
    """

    def __init__(
        self,
        choose: Callable[[], Players | None],
        scores: Callable[[], Rows] | None = None,
        *,
        after_s: float = _AFTER_S,
    ) -> None:
        """Start to wait.

        Args:
            choose: Returns the left and the right player, or None for no show. Called in a thread, because
                it reads files.
            scores: Returns the high-score table, shown before each match. Called in the same thread.
            after_s: Time without input until the show starts.
        """
        self.driver: MatchDriver | None = None
        self._choose, self._scores = choose, scores
        self._rows: Rows = ()
        self._table = 0
        self._after = round(after_s * FRAME_RATE_HZ)
        self._idle = self._over = 0
        self._found: Players | None = None

    @property
    def match(self) -> Match:
        """The match of the show.

        Raises:
            RuntimeError: When there is none.
        """
        if self.driver is None:
            raise RuntimeError("expected a show that has started; call `rest` first")
        return self.driver.match

    @property
    def card(self) -> Card | None:
        """The high-score table, while it is shown."""
        return score_card(self._rows, "any key goes back to the title") if self._table > 0 else None

    def rest(self) -> bool:
        """Count a frame without input, or advance the show.

        Returns:
            Whether the show starts with this frame.
        """
        if self.driver is not None:
            self._play_on(self.driver)
            return False
        self._idle += 1
        if self._idle == self._after:
            Thread(target=self._look_up, name="attract mode", daemon=True).start()
        if self._idle < self._after or self._found is None:
            return False
        self._table = _TABLE_FRAMES if self._rows else 0
        self.driver = MatchDriver(Match(*self._found, seed=secrets.randbelow(2**31)), log=False, rewind_s=0)
        return True

    def end(self) -> bool:
        """End the show because of an input, and wait again.

        Returns:
            Whether there was a show.
        """
        driver, self.driver = self.driver, None
        self._idle, self._found = 0, None
        if driver is not None:
            driver.match.close()
        return driver is not None

    def _play_on(self, driver: MatchDriver) -> None:
        if self._table > 0:
            self._table -= 1
            return
        driver.tick()
        self._over = self._over + 1 if driver.ended else 0
        if self._over > _END_FRAMES:
            self._table = _TABLE_FRAMES if self._rows else 0
            driver.rematch()

    def _look_up(self) -> None:
        with suppress(PongArenaError):  # then there is no table
            self._rows = () if self._scores is None else self._scores()
        with suppress(PongArenaError):  # then the title stays
            self._found = self._choose()


def is_hand(event: pygame.event.Event) -> bool:
    """Whether an event is input from a key, the mouse or a gamepad."""
    if event.type == pygame.JOYAXISMOTION:
        return bool(abs(event.value) > _PUSHED)
    kinds = pygame.KEYDOWN, pygame.MOUSEBUTTONDOWN, pygame.MOUSEMOTION, pygame.MOUSEWHEEL
    return event.type in (*kinds, pygame.JOYBUTTONDOWN, pygame.JOYHATMOTION)
