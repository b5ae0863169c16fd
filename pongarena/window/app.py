"""The match window. Sixty times a second it polls events, advances the match, and draws.

``play(match)`` opens it and returns the match's result when it is closed::

    match = Match(PlayerSpec.human(), PlayerSpec.model(read_checkpoint(path)), seed=1, sound=True)
    result = play(match, scale=3)
"""

import gc
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pygame

from pongarena.core.errors import InvalidSettingError, MatchError, PongArenaError
from pongarena.core.interrupts import asking
from pongarena.game.cartridge import Control, Frame, Side
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.driver import ENDING, SLOWER, MatchDriver
from pongarena.match.match import Match, MatchResult
from pongarena.match.pacing import Pacer
from pongarena.window.arrangement import MAX_SCALE
from pongarena.window.attract import SHOW, Attract, is_hand
from pongarena.window.card_stack import CardStack
from pongarena.window.display import close_display, open_display
from pongarena.window.filming import Filming
from pongarena.window.guard import Guard
from pongarena.window.input_state import TAKING, InputState, button_of
from pongarena.window.keys import BUTTON_KEYS, NO, YES, Action, Bindings
from pongarena.window.menu import Menu
from pongarena.window.messages import Messages
from pongarena.window.new_match import NewMatch, NextOpponent
from pongarena.window.own_command import Cloning
from pongarena.window.pacing import FrameTimes
from pongarena.window.screens import Badge
from pongarena.window.settings import Memory
from pongarena.window.sound import Sound
from pongarena.window.view_model import ViewModel
from pongarena.window.window_state import WindowState

__all__ = ["NextOpponent", "play"]

_FPS_FRAMES = 60
_BLINK = 60
"""Period in frames of the blinking call on the title."""

_TIME = (Action.PAUSE, Action.STEP, Action.STEP_BACK, Action.BACK, Action.FORTH)
"""On the title screen these keys start the match, like any other key."""

_SELF_START = 3 * FRAME_RATE_HZ
"""Frames after which a match without people starts by itself."""

_SPIN_S = 0.001
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
    ) -> None:
        self._titled = title
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
        self._cloning: Cloning | None = None
        self._count = 0
        self._closing = False
        self._sit_down()
        self._commands: dict[Action, Callable[[], None]] = {
            Action.PAUSE: self._pause,
            Action.STEP: self._step_forward,
            Action.STEP_BACK: self._driver.step_back,
            Action.BACK: lambda: self._driver.wind(-1),
            Action.FORTH: lambda: self._driver.wind(1),
            Action.SLOW: self._change_speed,
            Action.MINDS: lambda: self._say(self._stage.toggle_minds()),
            Action.CREDIT: self._turn_lessons,
            Action.VOTES: lambda: self._say(self._stage.scene.show_contributions()),
            Action.CONNECTIONS: lambda: self._say(self._stage.scene.show_connections()),
            Action.MUTE: self._toggle_sound,
            Action.QUIETER: lambda: self._change_volume(-1),
            Action.LOUDER: lambda: self._change_volume(1),
            Action.REMATCH: lambda: self._leave_match("Restart?", self._rematch),
            Action.SWAP: lambda: self._leave_match("Swap?", self._new.swap),
            Action.NEXT: lambda: self._leave_match("Another?", self._new.go_on),
            Action.HANDICAP: lambda: self._leave_match("Restart?", self._new.turn_handicap),
            Action.BALL: lambda: self._leave_match("Restart?", self._new.turn_ball),
            Action.CLONE: self._clone,
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
            Action.QUIT: lambda: self._leave_match("Leave?", self._close),
        }
        if title and not self._memory.settings.toured:
            self._reader.show_tour()
        if not self._sound.available:
            self._say("no sound device: playing silently")
        if self._memory.trouble:
            self._say(self._memory.trouble)

    def run(self, recorder: FrameTimes | None, seconds: float | None) -> MatchResult:
        """Run until the window is closed."""
        gc.freeze()
        gc.disable()  # its pauses would be visible; garbage is collected between points
        try:
            self._loop(recorder, seconds)
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
        if self._titled and self._ask_strength is not None:
            threading.Thread(
                target=self._look_up_strengths, args=(match, self._ask_strength), daemon=True
            ).start()

    def _look_up_strengths(self, match: Match, ask: Callable[[str], str]) -> None:
        """Look up both players' ratings. Runs in a thread, because it reads the whole log."""
        with suppress(PongArenaError):  # the title then shows none
            self._programme.strengths = ask(match.specs[0].name), ask(match.specs[1].name)

    def _loop(self, recorder: FrameTimes | None, seconds: float | None) -> None:
        if recorder is not None:
            recorder.driver = pygame.display.get_driver()
        pacer = Pacer(FRAME_RATE_HZ if recorder is None else recorder.rate_hz, spin_s=_SPIN_S)
        starts: deque[float] = deque(maxlen=_FPS_FRAMES)
        end = None if seconds is None else time.perf_counter() + seconds
        fps = float(FRAME_RATE_HZ)
        while not self._closing and (end is None or time.perf_counter() < end):
            late = pacer.wait()
            start = time.perf_counter()
            starts.append(start)
            if len(starts) == _FPS_FRAMES and self._count % 30 == 0:
                fps = (_FPS_FRAMES - 1) / (starts[-1] - starts[0])
            self._frame(fps)
            if recorder is not None:
                recorder.start_s.append(start)
                recorder.work_s.append(time.perf_counter() - start)
                recorder.deviation_s.append(late)

    def _frame(self, fps: float) -> None:
        for event in pygame.event.get():
            self._take(event)
        self._count += 1
        self._rest()
        self._step()
        self._say(self._filming.news())
        if self._cloning is not None and not self._cloning.is_alive():
            self._say(self._cloning.message)
            self._cloning = None
        self._messages.tick(visible=self._stage.visible)
        lit = self._count % _BLINK < _BLINK * 2 // 3
        scene = self._stage.scene
        driver = self._driver if self._show is None else self._show
        titled = self._titled and driver is self._driver
        view = self._programme.view(driver, fps=fps, title=titled, lit=lit, scene=scene)
        view = replace(view, messages=self._messages.shown)
        if driver is not self._driver:
            view = replace(view, status=SHOW, glass=(*view.glass, Badge(SHOW)))
        pygame.display.update(scene.draw(view))

    @property
    def _show(self) -> MatchDriver | None:
        """The attract mode's match, if it is running."""
        return None if self._attract is None else self._attract.driver

    def _rest(self) -> None:
        """Start the attract mode after a while without input on the title screen."""
        waits = self._titled and bool(self._driver.humans) and not self._reader.reading
        if self._attract is not None and waits and self._attract.rest():
            self._stage.show(self._attract.match, overlay=True)

    def _step(self) -> None:
        """Advance the match, unless the title or a card covers it."""
        reading = self._reader.reading
        if self._titled and not self._driver.humans and self._count > _SELF_START and not reading:
            self._titled = False
        if self._titled or reading:
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
        return self._hands.control(side) if side in self._hands.sides else None

    def _take(self, event: pygame.event.Event) -> None:
        self._stage.take(event)
        if self._attract is not None and is_hand(event) and self._attract.end():
            self._stage.show(self.match)
        elif event.type == pygame.QUIT:
            self._closing = True
        elif self._show is not None:
            pass
        elif self._reads(event):
            self._remember()
        elif self._scrubs(event):
            pass
        elif self._reader.reading or self._hands.caught or not self._stage.scene.handle(event):
            self._act(event)

    def _reads(self, event: pygame.event.Event) -> bool:
        """Offer a key or a button to the open card; return whether it took it."""
        if event.type == pygame.KEYDOWN:
            return self._reader.press(event.key)
        button = button_of(event)
        return button is not None and self._reader.push(button)

    def _scrubs(self, event: pygame.event.Event) -> bool:
        """Go to the frame under the mouse on the timeline; return whether there was one."""
        pressed = event.type == pygame.MOUSEBUTTONDOWN and event.button == 1
        dragged = getattr(event, "buttons", (0,))[0]
        if not (pressed or dragged) or (frame := self._stage.scene.frame_under(event.pos)) is None:
            return False
        self._driver.go_to(frame)
        return True

    def _act(self, event: pygame.event.Event) -> None:
        """Handle an event as a command of the window, or as a player's input."""
        if event.type == pygame.KEYDOWN:
            self._press(event)
        elif event.type == pygame.KEYUP:
            if self._bindings.action(event.key) in (Action.BACK, Action.FORTH):
                self._driver.wind(0)
        elif event.type == pygame.MOUSEBUTTONDOWN:
            self._confirm(event)
        elif (button := button_of(event)) is not None:
            self._push(button)
        elif event.type == pygame.JOYBUTTONUP:
            if self._bindings.button_action(event.button) in (Action.BACK, Action.FORTH):
                self._driver.wind(0)
        elif event.type in (pygame.WINDOWFOCUSLOST, pygame.WINDOWMINIMIZED):
            self._driver.wind(0)
            self._stand_by()
        if self._relieves(event) and not self._guard.permits(self.match):
            hold = self._bindings.names(Action.TAKE_LEFT, Action.TAKE_RIGHT)
            told = f"now hold {hold} to take the left or right paddle"
            self._guard.alter(self.match, "Take over?", lambda: self._say(told))
        elif told := self._hands.take(event, self._stage.scene.field):
            self._say(told)
            self._stand_by()

    def _relieves(self, event: pygame.event.Event) -> bool:
        """Whether an event takes over the paddle of a network or the CPU."""
        action = self._bindings.action(event.key) if event.type == pygame.KEYDOWN else None
        side = None if action is None else TAKING.get(action)
        return side is not None and side not in self._people and not self.match.replays

    @property
    def _people(self) -> tuple[Side, ...]:
        """The sides of people who play now."""
        specs = zip(Side, self.match.specs, strict=True)
        return tuple(side for side, spec in specs if spec.is_person and not self.match.replays)

    def _stand_by(self) -> None:
        """Pause a match of people, because they cannot play now."""
        if self._people and not self.match.over and not self._titled and not self._driver.stepping:
            self._driver.pause()

    def _press(self, event: pygame.event.Event) -> None:
        action = self._bindings.action(event.key)
        if event.key == pygame.K_ESCAPE:
            self._escape()
        elif getattr(event, "unicode", "") == "?":
            self._reader.show_tour()
        elif self._in_menu and self._menu.takes(event.key):
            self._choose(event.key)
        elif self._titled and action in _TIME:
            self._confirm(event)
        elif action in self._commands:
            self._commands[action]()
        else:
            self._confirm(event)

    @property
    def _in_menu(self) -> bool:
        """Whether the pause menu is open."""
        driver = self._driver
        return driver.paused and not (self._titled or driver.ended or driver.stepping)

    def _choose(self, key: int) -> None:
        """Move through the menu, or run the chosen entry."""
        if (chosen := self._menu.press(key)) is not None:
            self._commands[chosen]()

    def _push(self, button: int) -> None:
        """Handle a gamepad's button: yes, back, the D-pad in the menu, or its binding."""
        action = self._bindings.button_action(button)
        if self._titled:
            self._begin()
        elif self._in_menu and button in BUTTON_KEYS and button != NO:
            self._choose(BUTTON_KEYS[button])
        elif self._driver.ended and button == YES:
            self._rematch()
        elif self._driver.paused and button in (YES, NO):
            self._pause()
        elif action in self._commands:
            self._commands[action]()

    def _escape(self) -> None:
        """Free the mouse, else open or close the menu; quit on the title and after the end."""
        if self._hands.free():
            return
        if self._titled or self._driver.ended:
            self._close()
        else:
            self._pause()

    def _pause(self) -> None:
        """Pause or resume. After rewinding, ask before resuming a match that counts."""
        self._menu.reset()
        if self._driver.paused and self._driver.back:
            self._guard.alter(self.match, "Play on?", self._driver.toggle_pause)
        else:
            self._driver.toggle_pause()

    def _open_settings(self) -> None:
        if not self._titled:
            self._driver.pause()
        self._menu.open_settings()

    def _leave_match(self, title: str, leave: Callable[[], None]) -> None:
        """Leave the match: at once from the menu, else ask first if a person has points."""
        if self._people and not self._titled and not self._driver.paused:
            self._guard.leave(self.match, title, leave)
        else:
            leave()

    def _clone(self) -> None:
        """Start to make a model that imitates the person of this match; `_frame` reports the result."""
        if not self._driver.ended or not self._people:
            self._say("play a match to its end, then train a clone of you")
        elif self._cloning is not None:
            self._say("a clone is already being made")
        else:
            self._driver.write_log()
            self._cloning = Cloning(self.match.id)
            self._cloning.start()
            self._say("reading the match: a clone of you will train …")

    def _confirm(self, event: pygame.event.Event) -> None:
        """Start the match from the title, or a rematch with Enter after the end."""
        if self._titled:
            self._begin()
        elif self._driver.ended and getattr(event, "key", None) in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self._rematch()

    def _begin(self) -> None:
        self._titled = False
        self._stage.scene.refresh()

    def _close(self) -> None:
        self._closing = True

    def _step_forward(self) -> None:
        """Go one frame forward, or play a new one at the end."""
        if self._driver.back:
            self._driver.go_to(self.match.frames + 1)
        else:
            self._driver.step()
            self._hands.end_frame()

    def _change_speed(self) -> None:
        self._driver.set_speed(SLOWER[self._driver.speed])

    def _turn_help(self) -> None:
        self._reader.turn_help(self._stage.scene.pages)

    def _turn_lessons(self) -> None:
        if trouble := self._reader.turn_lessons(self.match):
            self._say(trouble)

    def _toggle_sound(self) -> None:
        self._say("sound off" if self._sound.toggle() else "sound on", "sound")

    def _change_volume(self, steps: int) -> None:
        volume = self._sound.change_volume(steps)
        self._say(f"volume {volume:.0%}", "sound")

    def _rematch(self) -> None:
        self._stop_filming()
        self._driver.rematch()
        self._driver.resume()
        self._titled = False
        self._stage.scene.refresh()

    def _stop_filming(self) -> None:
        self._filming.stop(overlay=self._stage.overlay)

    def _introduce(self) -> None:
        """Start a match with its title."""
        self._tell_fault()
        self._titled, self._count = True, 0
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
        )
        if trouble := self._memory.save():
            self._say(trouble)


def _has_sound(match: Match) -> bool:
    try:
        match.audio()
    except InvalidSettingError:
        return False
    return True
