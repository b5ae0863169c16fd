"""The match window. Sixty times a second it polls events, advances the match, and draws.

``play(match)`` opens it and returns the match's result when it is closed::

    match = Match(PlayerSpec.human(), PlayerSpec.model(read_checkpoint(path)), seed=1, sound=True)
    result = play(match, scale=3)
"""

import gc
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

import pygame

from pongarena.core.errors import InvalidSettingError, MatchError
from pongarena.core.interrupts import asking
from pongarena.game.cartridge import Control, Frame, Side
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.driver import ENDING, SLOWER, MatchDriver
from pongarena.match.match import Match, MatchResult
from pongarena.window.arrangement import MAX_SCALE
from pongarena.window.attract import SHOW, Attract, is_hand
from pongarena.window.card_stack import CardStack
from pongarena.window.controls import Controls
from pongarena.window.devices import Devices
from pongarena.window.display import close_display, open_display
from pongarena.window.filming import Filming
from pongarena.window.guard import Guard
from pongarena.window.high_scores import HighScores, Rows
from pongarena.window.input_state import InputState
from pongarena.window.keys import Action, Bindings
from pongarena.window.menu import Menu
from pongarena.window.messages import Messages
from pongarena.window.new_match import NewMatch, NextOpponent
from pongarena.window.own_command import Clones
from pongarena.window.pacing import FrameTimes, run_frames
from pongarena.window.player_names import PlayerNames
from pongarena.window.saved_states import SavedStates
from pongarena.window.screens import Badge
from pongarena.window.settings import Memory
from pongarena.window.sound import Sound
from pongarena.window.view_model import ViewModel
from pongarena.window.window_state import WindowState

__all__ = ["NextOpponent", "play"]

_BLINK = 60
"""Period in frames of the blinking call on the title."""

_SELF_START = 3 * FRAME_RATE_HZ
"""Frames after which a match without people starts by itself."""

_POINT_SOUND = 14
"""Frames that the last point's sound lasts after the match."""


def play(
    match: Match,
    *,
    scale: int | None = None,
    overlay: bool = True,
    mute: bool = False,
    fullscreen: bool = False,
    crt: bool | None = None,
    title: bool = False,
    log: bool = True,
    attract: Attract | None = None,
    next_opponent: NextOpponent | None = None,
    standing: Callable[[], str] | None = None,
    strength: Callable[[str], str] | None = None,
    scores: Callable[[], Rows] | None = None,
    recorder: FrameTimes | None = None,
    seconds: float | None = None,
) -> MatchResult:
    """Play a match in a window until the window is closed.

    Args:
        match: The match; closed at the end. It has sound only if it was created with `sound`.
        scale: Size of the picture, 1..24; None for the largest that fits the screen.
        overlay: Whether to show the networks' minds at first.
        mute: Whether to start without sound.
        fullscreen: Whether to start in full screen.
        crt: Whether the picture looks like that of an old television; None for the last choice.
        title: Whether to start with the title screen.
        log: Whether to log matches that end or are left. If the log cannot be written, a message goes to
            stderr and the match goes on.
        attract: The show on the title screen after a while without input.
        next_opponent: Chooses the next opponent when the user asks for one.
        standing: Returns a line or two about the user's rank; called in a thread after a whole match.
        strength: Returns a player's rating in words; called in a thread while the title is shown.
        scores: Returns the high-score table; called in a thread when the user asks for it.
        recorder: Collects frame times.
        seconds: Close the window after this time.

    Returns:
        The result of the last match in the window, finished or not.

    Raises:
        DisplayError: When there is no screen.
        MatchError: When `scale` is out of range.
    """
    window: _Window | None = None
    try:
        if scale is not None and not 1 <= scale <= MAX_SCALE:
            raise MatchError(
                f"expected a scale of 1 to {MAX_SCALE}, got {scale}; leave it out to fill the screen"
            )
        open_display()
        window = _Window(
            match,
            scale=scale,
            overlay=overlay,
            mute=mute,
            fullscreen=fullscreen,
            crt=crt,
            title=title,
            log=log,
            attract=attract,
            next_opponent=next_opponent,
            standing=standing,
            strength=strength,
            scores=scores,
        )
        with asking(_close_window):
            return window.run(recorder, seconds)
    finally:
        close_display()
        match.close()
        if window is not None:
            window.leave()
        del window
        gc.collect()  # a window's pictures are in reference cycles, and take many megabytes


def _close_window(_: int) -> None:
    """Handle a signal like a click on the window's close button."""
    pygame.event.post(pygame.event.Event(pygame.QUIT))


class _Window:
    """The window: event handling and the main loop."""

    def __init__(
        self,
        match: Match,
        *,
        scale: int | None,
        overlay: bool,
        mute: bool,
        fullscreen: bool,
        crt: bool | None,
        title: bool,
        log: bool,
        attract: Attract | None,
        next_opponent: NextOpponent | None,
        standing: Callable[[], str] | None,
        strength: Callable[[str], str] | None,
        scores: Callable[[], Rows] | None,
    ) -> None:
        self.titled = title
        self._ask_strength = strength
        self._attract = attract
        self._memory = Memory()
        self._messages = Messages()
        self._say = self._messages.say
        self._stage = WindowState(
            match.specs,
            scale=scale,
            overlay=overlay,
            crt=self._memory.settings.crt if crt is None else crt,
            fullscreen=fullscreen,
            look=self._memory.settings.look,
            permit=lambda alter: self._guard.alter(self.match, "Mute?", alter),
        )
        self._sound = Sound(muted=mute, volume=self._memory.settings.volume)
        self._bindings = Bindings(self._memory.settings.keys, self._memory.settings.buttons)
        self._hands = InputState(self._bindings, ())
        self._hands.sensitivity = self._memory.settings.mouse
        self._hands.stick_is_speed = self._memory.settings.stick_is_speed
        self._driver = MatchDriver(match, hands=self._control, log=log, ask_standing=standing)
        self._reader = CardStack(self._bindings)
        self._guard = Guard(self._reader.ask)
        self._menu = Menu(self._bindings)
        self._filming = Filming()
        self._programme = ViewModel(
            self._bindings,
            self._hands,
            self._reader,
            filming=self._filming,
            menu=self._menu,
            can_go_on=next_opponent is not None,
        )
        self._new = NewMatch(
            self._driver, next_opponent, leave=self._stop_filming, introduce=self._introduce, say=self._say
        )
        self._states = SavedStates(
            self._driver, self._reader, self._guard, begin=self._go_on_from, say=self._say
        )
        self._names = PlayerNames(
            self._driver,
            self._reader,
            asked=self._memory.settings.asked,
            renamed=lambda: self._stage.rename(self.match),
            say=self._say,
        )
        self._scores = HighScores(self._reader, scores, say=self._say)
        self._clones = Clones(self._driver, say=self._say)
        self._devices = Devices(self._sound, self._hands, say=self._say)
        self._controls = Controls(
            self,
            self._stage,
            self._driver,
            hands=self._hands,
            reader=self._reader,
            guard=self._guard,
            menu=self._menu,
            bindings=self._bindings,
            say=self._say,
        )
        self._count = 0
        self._closing = False
        self._sit_down()
        self.commands: Mapping[Action, Callable[[], None]] = {
            Action.PAUSE: self.pause,
            Action.STEP: self._step_forward,
            Action.STEP_BACK: self._driver.step_back,
            Action.BACK: lambda: self._driver.wind(-1),
            Action.FORTH: lambda: self._driver.wind(1),
            Action.SLOW: self._change_speed,
            Action.MINDS: lambda: self._say(self._stage.toggle_minds()),
            Action.CREDIT: self._turn_lessons,
            Action.VOTES: lambda: self._say(self._stage.scene.show_contributions()),
            Action.CONNECTIONS: lambda: self._say(self._stage.scene.show_connections()),
            Action.MUTE: self._devices.toggle_sound,
            Action.QUIETER: lambda: self._devices.change_volume(-1),
            Action.LOUDER: lambda: self._devices.change_volume(1),
            Action.REMATCH: lambda: self._leave_match("Restart?", self.rematch),
            Action.SWAP: lambda: self._leave_match("Swap?", self._new.swap),
            Action.NEXT: lambda: self._leave_match("Another?", self._new.go_on),
            Action.HANDICAP: lambda: self._leave_match("Restart?", self._new.turn_handicap),
            Action.BALL: lambda: self._leave_match("Restart?", self._new.turn_ball),
            Action.CLONE: self._clones.start,
            Action.SAVE: self._states.save,
            Action.STATES: self._states.show,
            Action.SCORES: self._scores.show,
            Action.NAMES: self._names.ask,
            Action.MOUSE: self._devices.turn_mouse,
            Action.STICK: self._devices.turn_stick,
            Action.CLIP: lambda: self._say(self._filming.save_last(overlay=self._stage.overlay)),
            Action.RECORD: lambda: self._say(self._filming.toggle(overlay=self._stage.overlay)),
            Action.CRT: lambda: self._say(self._stage.toggle_crt()),
            Action.PALETTE: lambda: self._say(self._stage.turn_palette(), "palette"),
            Action.PHOSPHOR: lambda: self._say(self._stage.toggle_phosphor(), "phosphor"),
            Action.FULLSCREEN: lambda: self._say(self._stage.toggle_fullscreen()),
            Action.SCREENSHOT: lambda: self._say(self._stage.save_screenshot()),
            Action.SETTINGS: self._open_settings,
            Action.KEYS: self._reader.edit_keys,
            Action.TOUR: self._reader.show_tour,
            Action.HELP: self._turn_help,
            Action.QUIT: lambda: self._leave_match("Leave?", self.close),
        }
        if title and not self._memory.settings.toured:
            self._reader.show_tour()
        if title:
            self._names.ask_once()
        if not self._sound.available:
            self._say("no sound device: playing silently")
        if self._memory.trouble:
            self._say(self._memory.trouble)

    def run(self, recorder: FrameTimes | None, seconds: float | None) -> MatchResult:
        """Run until the window is closed."""
        gc.freeze()
        gc.disable()  # its pauses would be visible; garbage is collected between points
        try:
            run_frames(self._frame, recorder, seconds)
        finally:
            gc.enable()
            gc.unfreeze()
            self._stop_filming()
            self._driver.write_log()
            self._tell_fault()
            self._remember()
        return self.match.result()

    def leave(self) -> None:
        """Close the match, and wait for clips that are still being written."""
        self.match.close()
        self._states.stop()
        if self._attract is not None:
            self._attract.end()
        for news in self._filming.finish():
            print(news, file=sys.stderr)

    @property
    def match(self) -> Match:
        return self._driver.match

    def _sit_down(self) -> None:
        """Prepare everything for the driver's match."""
        match = self.match
        self._hands.seat(self._driver.humans)
        self._heard = self._sound.available and _has_sound(match)
        self._rewound = False
        self._programme.strengths = "", ""
        self._reader.close()
        self._filming.point_at(match)
        self._stage.show(match)
        if self.titled and self._ask_strength is not None:
            self._programme.look_up_strengths(match, self._ask_strength)

    def _frame(self, fps: float) -> bool:
        """Poll, step, draw and show one frame; return whether to go on."""
        for event in pygame.event.get():
            self._take(event)
        self._count += 1
        self._rest()
        self._step()
        self._say(self._filming.news())
        for each in (self._clones, self._states, self._scores):
            each.work()
        self._messages.tick(visible=self._stage.visible)
        lit = self._count % _BLINK < _BLINK * 2 // 3
        scene = self._stage.scene
        driver = self._driver if self._show is None else self._show
        titled = self.titled and driver is self._driver
        view = self._programme.view(driver, fps=fps, title=titled, lit=lit, scene=scene)
        view = replace(view, messages=self._messages.shown)
        if self._attract is not None and driver is not self._driver:
            sheet = self._attract.card or view.sheet
            view = replace(view, status=SHOW, sheet=sheet, glass=(*view.glass, Badge(SHOW)))
        pygame.display.update(scene.draw(view))
        return not self._closing

    @property
    def _show(self) -> MatchDriver | None:
        """The attract mode's match, if it is running."""
        return None if self._attract is None else self._attract.driver

    def _rest(self) -> None:
        """Start the attract mode after a while without input on the title screen."""
        waits = self.titled and bool(self._driver.humans) and not self._reader.reading
        if self._attract is not None and waits and self._attract.rest():
            self._stage.show(self._attract.match, overlay=True)

    def _step(self) -> None:
        """Advance the match, unless the title or a card covers it."""
        reading = self._reader.reading
        if self.titled and not self._driver.humans and self._count > _SELF_START and not reading:
            self.titled = False
        if self.titled or reading:
            self._sound.pause()
        else:
            self._take_in(self._driver.tick())

    def _take_in(self, played: list[Frame]) -> None:
        """Handle frames that were played: sound, messages, garbage collection."""
        driver = self._driver
        if played:
            self._hands.end_frame()
        if any(frame.scorer for frame in played):
            gc.collect()
        if not driver.full_speed or driver.after >= ENDING:
            self._sound.pause()
        elif self._heard and (played or 0 < driver.after <= _POINT_SOUND):
            self._sound.hear(self.match.audio())
        if self.match.rewound and not self._rewound:
            self._say("played on from here: this match no longer counts for ratings")
        self._rewound = self.match.rewound
        self._tell_fault()

    def _tell_fault(self) -> None:
        if self._driver.fault:
            print(self._driver.fault, file=sys.stderr)
            self._say("the match log cannot be written")
            self._driver.fault = ""

    def _control(self, side: Side, y: int) -> Control | None:
        return self._hands.control(side, y) if side in self._hands.sides else None

    def _take(self, event: pygame.event.Event) -> None:
        self._stage.take(event)
        if self._attract is not None and is_hand(event) and self._attract.end():
            self._stage.show(self.match)
        elif event.type == pygame.QUIT:
            self._closing = True
        elif self._show is not None:
            pass
        elif self._controls.take(event):
            self._remember()

    def pause(self) -> None:
        """Pause or resume. After rewinding, ask before resuming a match that counts."""
        self._menu.reset()
        if self._driver.paused and self._driver.back:
            self._guard.alter(self.match, "Play on?", self._driver.toggle_pause)
        else:
            self._driver.toggle_pause()

    def _open_settings(self) -> None:
        if not self.titled:
            self._driver.pause()
        self._menu.open_settings()

    def _leave_match(self, title: str, leave: Callable[[], None]) -> None:
        """Leave the match: at once from the menu, else ask first if a person has points."""
        if self._controls.people and not self.titled and not self._driver.paused:
            self._guard.leave(self.match, title, leave)
        else:
            leave()

    def begin(self) -> None:
        self.titled = False
        self._stage.scene.refresh()

    def close(self) -> None:
        self._closing = True

    def _step_forward(self) -> None:
        """Go one frame forward, or play a new one at the end."""
        if self._driver.back:
            self._driver.go_to(self.match.frames + 1)
        else:
            self._driver.step()
            self._hands.end_frame()

    def _go_on_from(self, match: Match) -> None:
        """A match that goes on from a saved moment, paused so that nobody is surprised."""
        old = self.match
        self._stop_filming()
        self._driver.take(match)
        old.close()
        self.titled = False
        self._sit_down()
        self._rewound = True  # which was just said
        self._tell_fault()
        self._menu.reset()
        self._driver.pause()

    def _change_speed(self) -> None:
        self._driver.set_speed(SLOWER[self._driver.speed])

    def _turn_help(self) -> None:
        self._reader.turn_help(self._stage.scene.pages)

    def _turn_lessons(self) -> None:
        if trouble := self._reader.turn_lessons(self.match):
            self._say(trouble)

    def rematch(self) -> None:
        self._stop_filming()
        self._driver.rematch()
        self._driver.resume()
        self.titled = False
        self._stage.scene.refresh()

    def _stop_filming(self) -> None:
        self._filming.stop(overlay=self._stage.overlay)

    def _introduce(self) -> None:
        """Start a match with its title."""
        self._tell_fault()
        self.titled, self._count = True, 0
        self._sit_down()
        self._driver.resume()

    def _remember(self) -> None:
        """Save settings that were changed."""
        self._memory.settings = replace(
            self._memory.settings,
            keys=self._bindings.to_json(),
            buttons=self._bindings.buttons_to_json(),
            crt=self._stage.crt,
            palette=self._stage.look.palette,
            phosphor=self._stage.look.phosphor,
            volume=self._sound.volume,
            toured=True,
            mouse=self._hands.sensitivity,
            stick_is_speed=self._hands.stick_is_speed,
            asked=self._names.asked,
        )
        if trouble := self._memory.save():
            self._say(trouble)


def _has_sound(match: Match) -> bool:
    try:
        match.audio()
    except InvalidSettingError:
        return False
    return True
