"""What is to be seen besides the match itself: a sheet, what lies on the glass, and the line below."""

from dataclasses import replace

from pongarena.game.cartridge import Side
from pongarena.game.paddle import Move
from pongarena.match.players import ModelPlayer
from pongarena.window import cards
from pongarena.window.card_stack import CardStack
from pongarena.window.filming import Filming
from pongarena.window.input_state import InputState
from pongarena.window.keys import Action, Bindings
from pongarena.window.layout import Ghost, Glass, Layout, View
from pongarena.window.match_driver import MatchDriver
from pongarena.window.menu import Menu
from pongarena.window.playback import PlaybackControl
from pongarena.window.screens import Badge, Sheet

__all__ = ["ViewModel"]


_INSIDE = "inside a mind: arrows choose a unit · B pin · M mute · U, D mute halves · F field · Esc leaves"


class ViewModel:
    """Looks at everybody's state and says what is to be shown of it.

    Attributes:
        strengths: What the title says of the left and the right player's strength; empty for nothing.
    """

    strengths = "", ""

    def __init__(
        self,
        bindings: Bindings,
        hands: InputState,
        playback: PlaybackControl,
        reader: CardStack,
        *,
        filming: Filming,
        menu: Menu,
        can_go_on: bool,
    ) -> None:
        self._bindings = bindings
        self._hands = hands
        self._playback = playback
        self._reader = reader
        self._filming = filming
        self._menu = menu
        self._can_go_on = can_go_on

    def view(self, driver: MatchDriver, *, fps: float, title: bool, lit: bool, scene: Layout) -> View:
        """What is to be seen now.

        Args:
            driver: The match and its calls.
            fps: Frames a second, measured.
            title: Whether the match has not begun.
            lit: Whether the title's call shines.
            scene: Knows what the minds show, and whether keys are meant for one.
        """
        sheet = self._reader.sheet() or self._sheet(driver, title=title, lit=lit)
        status = _INSIDE if scene.inside else self._status(driver)
        return View(fps=fps, status=status, sheet=sheet, glass=tuple(self._glass(driver, scene)))

    def _status(self, driver: MatchDriver) -> str:
        if words := self._playback.words(driver.back):
            return words
        if self._hands.caught:
            return "Esc frees the mouse"
        key = self._bindings.name
        return (
            f"{key(Action.HELP)} help · {key(Action.PAUSE)} pause · {key(Action.MINDS)} minds"
            f" · {key(Action.BACK)} back in time · {key(Action.CREDIT)} lesson · {key(Action.QUIT)} quit"
        )

    def _sheet(self, driver: MatchDriver, *, title: bool, lit: bool) -> Sheet | None:
        match, keys = driver.match, self._bindings
        if title:
            card = cards.title_card(match, keys, self._hands, lit=lit, can_go_on=self._can_go_on)
            return replace(card, strengths=self.strengths)
        # while frames are looked at one by one a card would hide them
        if self._playback.stepping:
            return None
        if driver.ended:
            return cards.end_card(match, driver.course, driver.standing, keys, can_go_on=self._can_go_on)
        return self._menu.card() if self._playback.paused and not match.over else None

    def _glass(self, driver: MatchDriver, scene: Layout) -> list[Glass]:
        """What lies over the running game: calls, who has taken a paddle, what was altered."""
        match, banner = driver.match, driver.banner()
        glass: list[Glass] = [] if banner is None else [banner]
        states = ["REPLAY"] if match.replays else []
        if self._filming.recording:
            states.append(f"REC · {self._bindings.name(Action.RECORD)} stops")
        if legend := scene.legend:
            states.append(legend)
        if states:
            glass.append(Badge("  ·  ".join(states)))
        if driver.back or self._playback.stepping:
            glass.append(driver.timeline)
        for side, player, decision in zip(Side, match.players, match.decisions, strict=True):
            if match.is_taken(side):
                glass.append(Badge(f"you play for {driver.name(side)}", side))
                if decision is not None:
                    glass.append(Ghost(side, up=decision.action is Move.UP))
            elif isinstance(player, ModelPlayer) and player.muted.any():
                glass.append(Badge(f"altered: {player.muted.sum()} muted", side))
        return glass
