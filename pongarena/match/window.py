"""The match window: sixty times a second poll, step, draw, show.

``play(match)`` opens it and returns how the match stood when it was closed::

    match = Match(PlayerSpec.human(), PlayerSpec.model(read_checkpoint(path)), seed=1, sound=True)
    result = play(match, scale=3)
"""

import gc
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pygame

from pongarena import paths
from pongarena.errors import MatchError, PongArenaError
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match import cards
from pongarena.match.announcer import Banner
from pongarena.match.display import close_display, open_display
from pongarena.match.editor import KeyEditor
from pongarena.match.hands import Hands
from pongarena.match.keys import Action, Bindings
from pongarena.match.match import Match, MatchResult
from pongarena.match.pacing import FrameTimes, Pacer
from pongarena.match.players import PlayerSpec
from pongarena.match.referee import Referee
from pongarena.match.scene import MAX_SCALE, Scene, View, best_scale, window_size
from pongarena.match.screens import Sheet, Toast
from pongarena.match.settings import Memory
from pongarena.match.sound import Sound

__all__ = ["NextOpponent", "play"]

NextOpponent = Callable[[MatchResult], tuple[PlayerSpec, PlayerSpec] | None]
"""Given how the last match stood, who plays on the left and on the right next; None when nobody is left."""

_SLOWNESS = (1, 2, 4)
_TOAST_S = 3.0
_FPS_FRAMES = 60
_SELF_START = 3 * FRAME_RATE_HZ
"""Frames after which a match without people begins by itself."""


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
    next_opponent: NextOpponent | None = None,
    recorder: FrameTimes | None = None,
    seconds: float | None = None,
) -> MatchResult:
    """Plays a match in a window until it is closed.

    Args:
        match: The match; closed in the end. Heard only if it was made with `sound`.
        scale: Size of the picture, 1..8; None takes what fits the screen.
        overlay: Whether the networks' minds are shown at first.
        mute: Whether to begin without sound.
        fullscreen: Whether to begin in full screen.
        crt: Whether the picture looks like an old television's; None takes what was last chosen.
        title: Whether to begin with the title screen.
        log: Whether ended and left matches are added to the match log; if it cannot be written, a message
            goes to stderr and the play goes on.
        next_opponent: Who comes next, when a person asks for it.
        recorder: Collects the frames' times.
        seconds: Closes the window by itself after this time.

    Returns:
        The result of the last match that was played in the window, finished or not.

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
            next_opponent=next_opponent,
        )
        return window.run(recorder, seconds)
    finally:
        close_display()
        match.close()
        if window is not None:
            window.match.close()


class _Window:
    """The window's state: what the keys change.

    Attributes:
        match: The match at the table.
    """

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
        next_opponent: NextOpponent | None,
    ) -> None:
        self._titled, self._logs, self._next_opponent = title, log, next_opponent
        self._memory = Memory()
        self._toast, self._toast_until = "", 0.0
        networks = sum(spec.kind == "model" for spec in match.specs) if overlay else 0
        desktop = pygame.display.get_desktop_sizes()[0]
        fitting = best_scale((desktop[0], desktop[1] - 48), networks)  # room for title and task bar
        self._size = window_size(scale or min(fitting, 4), networks)
        self._scale, self._fullscreen, self._overlay = scale, fullscreen, overlay
        self._crt = self._memory.settings.crt if crt is None else crt
        self._sound = Sound(muted=mute, volume=self._memory.settings.volume)
        self._bindings = Bindings(self._memory.settings.keys)
        self._hands = Hands(self._bindings, ())
        self._count = self._slow = self._steps = 0
        self._paused = self._stepping = self._closing = False
        self._help: int | None = None
        self._editor: KeyEditor | None = None
        self._set_mode()
        self._sit_down(match)
        self._commands: dict[Action, Callable[[], None]] = {
            Action.PAUSE: self._pause,
            Action.STEP: self._step_once,
            Action.SLOW: self._change_speed,
            Action.MINDS: self._toggle_minds,
            Action.MUTE: self._toggle_sound,
            Action.QUIETER: lambda: self._change_volume(-1),
            Action.LOUDER: lambda: self._change_volume(1),
            Action.REMATCH: self._rematch,
            Action.SWAP: self._swap,
            Action.NEXT: self._go_on,
            Action.CRT: self._toggle_crt,
            Action.FULLSCREEN: self._toggle_fullscreen,
            Action.SCREENSHOT: self._save_screenshot,
            Action.KEYS: self._edit_keys,
            Action.HELP: self._turn_help,
            Action.QUIT: self._close,
        }
        if not self._sound.available:
            self._say("no sound device: playing silently")
        if self._memory.trouble:
            self._say(self._memory.trouble)

    def run(self, recorder: FrameTimes | None, seconds: float | None) -> MatchResult:
        """Runs until the window is closed."""
        gc.collect()
        gc.freeze()
        gc.disable()  # its pauses would be seen; garbage is collected between the points
        try:
            self._loop(recorder, seconds)
        finally:
            gc.enable()
            gc.unfreeze()
            self._referee.write_log()
            self._remember()
        return self.match.result()

    def _sit_down(self, match: Match) -> None:
        """Takes a match to the table."""
        self.match = match
        self._referee = Referee(match, self._hands, self._sound, logs=self._logs, say=self._say)
        pygame.display.set_caption(f"{match.specs[0].name} – {match.specs[1].name} · pongarena")
        surface = pygame.display.get_surface()
        self._scene = Scene(match, surface, overlay=self._overlay, scale=self._scale, crt=self._crt)

    def _loop(self, recorder: FrameTimes | None, seconds: float | None) -> None:
        if recorder is not None:
            recorder.driver = pygame.display.get_driver()
        pacer = Pacer(FRAME_RATE_HZ)
        starts: deque[float] = deque(maxlen=_FPS_FRAMES)
        end = None if seconds is None else time.perf_counter() + seconds
        fps = float(FRAME_RATE_HZ)
        while not self._closing and (end is None or time.perf_counter() < end):
            late = pacer.wait()
            start = time.perf_counter()
            starts.append(start)
            if len(starts) == _FPS_FRAMES and self._count % 30 == 0:
                fps = (_FPS_FRAMES - 1) / (starts[-1] - starts[0])
            self._frame(fps, start)
            if recorder is not None:
                recorder.start_s.append(start)
                recorder.work_s.append(time.perf_counter() - start)
                recorder.deviation_s.append(late)

    def _frame(self, fps: float, now: float) -> None:
        for event in pygame.event.get():
            self._take(event)
        self._count += 1
        self._step()
        sheet = self._sheet()
        glass: list[Banner | Toast] = []
        if sheet is None and (banner := self._referee.banner()) is not None:
            glass.append(banner)
        if now < self._toast_until:
            glass.append(Toast(self._toast))
        view = View(fps=fps, status=self._status(), sheet=sheet, glass=tuple(glass))
        pygame.display.update(self._scene.draw(view))

    def _step(self) -> None:
        """Plays a frame if it is time for one."""
        if self._titled and not self._referee.humans and self._count > _SELF_START and not self._leafing:
            self._titled = False
        halted = self._paused or self._titled or self._leafing
        if self._steps or not (halted or self._count % _SLOWNESS[self._slow]):
            self._steps = max(0, self._steps - 1)
            self._referee.step(aloud=not halted and self._slow == 0)
        elif halted:
            self._sound.pause()

    @property
    def _leafing(self) -> bool:
        """Whether a card is open that a person reads."""
        return self._help is not None or self._editor is not None

    def _status(self) -> str:
        key = self._bindings.name
        if self._paused:
            return f"paused · {key(Action.PAUSE)} goes on · {key(Action.STEP)} steps one frame"
        if self._slow:
            return f"slow motion 1/{_SLOWNESS[self._slow]} · {key(Action.SLOW)} changes"
        if self._hands.caught:
            return "Esc frees the mouse"
        return (
            f"{key(Action.HELP)} help · {key(Action.PAUSE)} pause · {key(Action.MINDS)} minds"
            f" · {key(Action.QUIT)} quit"
        )

    def _sheet(self) -> Sheet | None:
        can_go_on = self._next_opponent is not None
        if self._editor is not None:
            return self._editor.card()
        if self._help is not None:
            return cards.help_card(self._bindings, self._help)
        if self._titled:
            lit = self._count % 60 < 40
            return cards.title_card(self.match, self._bindings, self._hands, lit=lit, can_go_on=can_go_on)
        if self.match.over:
            course = tuple(self._referee.course)
            end = cards.end_card(self.match, course, self._bindings, can_go_on=can_go_on)
            return end if self._referee.ended else None
        # while frames are stepped through a card would hide what is looked at
        return cards.pause_card(self._bindings) if self._paused and not self._stepping else None

    def _take(self, event: pygame.event.Event) -> None:
        if event.type == pygame.QUIT:
            self._closing = True
        elif event.type == pygame.KEYDOWN:
            self._press(event)
        elif event.type in (pygame.JOYBUTTONDOWN, pygame.MOUSEBUTTONDOWN):
            self._confirm(event)
        elif event.type in (pygame.VIDEORESIZE, pygame.WINDOWSIZECHANGED):
            self._scene.lay_out(pygame.display.get_surface())
        elif event.type == pygame.WINDOWEXPOSED:
            self._scene.refresh()
        if self._leafing:
            return
        if told := self._hands.take(event, self._scene.field):
            self._say(told)
            self._paused = not self.match.over and not self._titled

    def _press(self, event: pygame.event.Event) -> None:
        if self._editor is not None:
            self._editor.press(event.key)
            if not self._editor.open:
                self._editor = None
                self._remember()
            return
        action = self._bindings.action(event.key)
        if event.key == pygame.K_ESCAPE:
            self._escape()
        elif getattr(event, "unicode", "") == "?":
            self._turn_help()
        elif action in self._commands:
            if self._help is not None and action is not Action.HELP:
                self._help = None
            elif self._titled and action in (Action.PAUSE, Action.STEP):
                self._confirm(event)
            else:
                self._commands[action]()
        else:
            self._confirm(event)

    def _confirm(self, event: pygame.event.Event) -> None:
        """Any key on the title, Enter or a gamepad's button at the end: on with it."""
        if self._titled:
            self._titled = False
            self._scene.refresh()
        elif event.type == pygame.JOYBUTTONDOWN and self._paused:
            self._pause()
        elif self._referee.ended and (
            event.type == pygame.JOYBUTTONDOWN
            or (event.type == pygame.KEYDOWN and event.key in (pygame.K_RETURN, pygame.K_KP_ENTER))
        ):
            self._rematch()

    def _escape(self) -> None:
        if self._help is not None:
            self._help = None
        elif not self._hands.free():
            self._close()

    def _close(self) -> None:
        self._closing = True

    def _pause(self) -> None:
        self._paused, self._stepping = not self._paused, False

    def _step_once(self) -> None:
        self._paused = self._stepping = True
        self._steps += 1

    def _turn_help(self) -> None:
        """The next page; after the last one the card is closed."""
        pages = self._scene.pages(cards.help_card(self._bindings, 0))
        page = 0 if self._help is None else self._help + 1
        self._help = page if page < pages else None
        self._hands.let_go()

    def _edit_keys(self) -> None:
        self._editor = KeyEditor(self._bindings)
        self._hands.let_go()

    def _change_speed(self) -> None:
        self._slow = (self._slow + 1) % len(_SLOWNESS)
        self._sound.pause()

    def _toggle_minds(self) -> None:
        self._overlay = self._scene.overlay = not self._overlay
        self._scene.lay_out(pygame.display.get_surface())
        if not self._scene.networks:
            self._say("no network plays: nothing to look into")

    def _toggle_crt(self) -> None:
        self._crt = self._scene.crt = not self._crt
        self._scene.lay_out(pygame.display.get_surface())
        self._say("old television" if self._crt else "sharp pixels")

    def _toggle_sound(self) -> None:
        self._say("sound off" if self._sound.toggle() else "sound on")

    def _change_volume(self, steps: int) -> None:
        volume = self._sound.change_volume(steps)
        self._say(f"volume {volume:.0%}")

    def _rematch(self) -> None:
        """A new match with the next seed; the one that is left is logged."""
        self._referee.rematch()
        self._paused = self._stepping = False
        self._scene.refresh()

    def _swap(self) -> None:
        left, right = self.match.specs
        self._seat_others((right, left))

    def _go_on(self) -> None:
        if self._next_opponent is None:
            self._say("no other opponent: start pongarena again with another one")
            return
        try:
            specs = self._next_opponent(self.match.result())
        except PongArenaError as error:
            self._say(str(error))
            return
        if specs is None:
            self._say("no opponent is left")
        else:
            self._seat_others(specs)

    def _seat_others(self, specs: tuple[PlayerSpec, PlayerSpec]) -> None:
        """A new match in the same window, begun with its title; the one that is left is logged."""
        old = self.match
        try:
            match = Match(*specs, seed=(old.seed + 1) % 2**31, ball=old.ball, points=old.points, sound=True)
        except MatchError as error:
            self._say(str(error))
            return
        self._referee.write_log()
        self._sit_down(match)
        old.close()
        self._titled, self._paused, self._stepping, self._count = True, False, False, 0

    def _toggle_fullscreen(self) -> None:
        self._fullscreen = not self._fullscreen
        self._set_mode()
        self._scene.lay_out(pygame.display.get_surface())

    def _save_screenshot(self) -> None:
        name = datetime.now(UTC).strftime("pong-%Y%m%d-%H%M%S-%f.png")
        path = paths.screenshots_dir() / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            pygame.image.save(pygame.display.get_surface(), str(path))
        except (OSError, pygame.error) as error:
            self._say(f"cannot save the screenshot: {error}")
            return
        self._say(f"saved {path}")

    def _remember(self) -> None:
        """Keeps what was changed for the next time."""
        keys = self._bindings.to_json()
        self._memory.settings = replace(
            self._memory.settings, keys=keys, crt=self._crt, volume=self._sound.volume
        )
        if trouble := self._memory.save():
            self._say(trouble)

    def _set_mode(self) -> None:
        if self._fullscreen:
            pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
        else:
            pygame.display.set_mode(self._size, pygame.RESIZABLE)

    def _say(self, words: str) -> None:
        self._toast, self._toast_until = words, time.perf_counter() + _TOAST_S
