"""Choose what to show besides the match itself: a sheet, banners and states, and the status line."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Thread

from pongarena.core.errors import PongArenaError
from pongarena.game.cartridge import Side
from pongarena.game.paddle import Move
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.driver import MatchDriver
from pongarena.match.match import Match
from pongarena.window import cards
from pongarena.window.card_stack import CardStack
from pongarena.window.filming import Filming
from pongarena.window.input_state import InputState
from pongarena.window.keys import Action, Bindings
from pongarena.window.layout import Ghost, Glass, Layout, View
from pongarena.window.menu import Menu
from pongarena.window.screens import Badge, Sheet

__all__ = ["ViewModel"]


_INSIDE = "inside a mind: arrows choose a unit · B pin · M mute · U, D mute halves · F field · Esc leaves"


class ViewModel:
    """Derives the view from the state of the window's parts.

    Attributes:
        strengths: Ratings of the left and the right player in words, for the title; empty for none.
    """

    strengths = "", ""

    def __init__(
        self,
        bindings: Bindings,
        hands: InputState,
        reader: CardStack,
        *,
        filming: Filming,
        menu: Menu,
        can_go_on: bool,
    ) -> None:
        self._bindings = bindings
        self._hands = hands
        self._reader = reader
        self._filming = filming
        self._menu = menu
        self._can_go_on = can_go_on

    def look_up_strengths(self, match: Match, ask: Callable[[str], str]) -> None:
        """Look up what the title says of both players, in a thread, because it reads the whole log."""

        def look_up() -> None:
            with suppress(PongArenaError):  # the title then shows none
                self.strengths = ask(match.specs[0].name), ask(match.specs[1].name)

        Thread(target=look_up, name="strengths", daemon=True).start()

    def view(self, driver: MatchDriver, *, fps: float, title: bool, lit: bool, scene: Layout) -> View:
        """Return what to show now.

        Args:
            driver: The match's driver.
            fps: Measured frames per second.
            title: Whether the title screen is open.
            lit: Whether the title's call is bright.
            scene: The layout, with the minds.
        """
        sheet = self._reader.sheet() or self._sheet(driver, title=title, lit=lit)
        status = _INSIDE if scene.inside else self._status(driver, minds=bool(scene.networks))
        glass = tuple(self._glass(driver, scene))
        return View(fps=fps, status=status, sheet=sheet, glass=glass, still=driver.paused)

    def _status(self, driver: MatchDriver, *, minds: bool) -> str:
        key = self._bindings.name
        if driver.paused:
            wind = f"{self._bindings.names(Action.BACK, Action.FORTH)} wind"
            where = f"{driver.back / FRAME_RATE_HZ:.1f} s back" if driver.back else "paused"
            return f"{where} · {wind} · {key(Action.STEP)} one frame · {key(Action.PAUSE)} play on from here"
        if driver.speed < 1:
            return f"slow motion 1/{1 / driver.speed:g} · {key(Action.SLOW)} changes"
        if self._hands.caught:
            return "Esc frees the mouse"
        hints = {Action.HELP: "help", Action.PAUSE: "pause"}
        if minds:
            hints |= {Action.MINDS: "minds", Action.CONNECTIONS: "how it decides", Action.CREDIT: "lesson"}
        hints |= {Action.BACK: "wind back", Action.QUIT: "quit"}
        return " · ".join(f"{key(action)} {words}" for action, words in hints.items())

    def _sheet(self, driver: MatchDriver, *, title: bool, lit: bool) -> Sheet | None:
        match, keys = driver.match, self._bindings
        if title:
            card = cards.title_card(match, keys, self._hands, lit=lit, can_go_on=self._can_go_on)
            return replace(card, strengths=self.strengths)
        # while frames are viewed one by one, a card would hide them
        if driver.stepping:
            return None
        if driver.ended:
            return cards.end_card(match, driver.course, driver.standing, keys, can_go_on=self._can_go_on)
        return self._menu.card() if driver.paused and not match.over else None

    def _glass(self, driver: MatchDriver, scene: Layout) -> list[Glass]:
        """What to show over the running game: announcements, taken paddles, alterations."""
        match, banner = driver.match, driver.banner()
        glass: list[Glass] = [] if banner is None else [banner]
        states = ["REPLAY"] if match.replays else []
        if self._filming.recording:
            states.append(f"REC · {self._bindings.name(Action.RECORD)} stops")
        if legend := scene.legend:
            states.append(legend)
        if states:
            glass.append(Badge("  ·  ".join(states)))
        if driver.back or driver.stepping:
            glass.append(driver.timeline)
        for side, player, decision in zip(Side, match.players, match.decisions, strict=True):
            if match.is_taken(side):
                glass.append(Badge(f"you play for {driver.name(side)}", side))
                if decision is not None:
                    glass.append(Ghost(side, up=decision.action is Move.UP))
            elif player.muted is not None and player.muted.any():
                glass.append(Badge(f"altered: {player.muted.sum()} muted", side))
        return glass
