"""The match window: sixty times a second poll, step, draw, show.

``play(match)`` opens it and returns how the match stood when it was closed::

    match = Match(PlayerSpec.human(), PlayerSpec.model(read_checkpoint(path)), seed=1)
    result = play(match, scale=3)
"""

import gc
import sys
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

import pygame

from pongarena import paths
from pongarena.errors import LibraryError, MatchError
from pongarena.game.cartridge import Event, Side
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.display import close_display, open_display
from pongarena.match.hands import Hands, keys_of
from pongarena.match.log import append_to_log
from pongarena.match.match import Match, MatchResult
from pongarena.match.pacing import FrameTimes, Pacer
from pongarena.match.players import HumanPlayer
from pongarena.match.scene import MAX_SCALE, Card, Scene, best_scale, window_size
from pongarena.match.sound import Sound

__all__ = ["HELP", "play"]

HELP = Card(
    "Keys",
    (
        ("W / S", "left paddle up, down"),
        ("Up / Down", "right paddle up, down"),
        ("mouse", "knob (of two people: the right one's)"),
        ("gamepad", "stick or cross; plug in at any time"),
        ("P or Space", "pause, go on"),
        ("N or .", "pause and step one frame"),
        ("T", "slow motion: 1, 1/2, 1/4"),
        ("O", "minds on, off"),
        ("M", "mute"),
        ("R", "restart"),
        ("F11", "full screen"),
        ("F12", "screenshot"),
        ("H, F1 or ?", "this card"),
        ("Esc or Q", "quit (Esc closes this card first)"),
    ),
)
"""The help card."""

_PAUSED = Card("Paused", (("", "P go on · N one frame"),))
_SLOWNESS = (1, 2, 4)
_TOAST_S = 3.0
_FPS_FRAMES = 60


def play(
    match: Match,
    *,
    scale: int | None = None,
    overlay: bool = True,
    mute: bool = False,
    fullscreen: bool = False,
    log: bool = True,
    recorder: FrameTimes | None = None,
    seconds: float | None = None,
) -> MatchResult:
    """Plays a match in a window until it is closed.

    Args:
        match: The match; closed in the end.
        scale: Size of the picture, 1..8; None takes what fits the screen.
        overlay: Whether the networks' minds are shown at first.
        mute: Whether to begin without sound.
        fullscreen: Whether to begin in full screen.
        log: Whether ended and left matches are added to the match log; if it cannot be written, a message
            goes to stderr and the play goes on.
        recorder: Collects the frames' times.
        seconds: Closes the window by itself after this time.

    Returns:
        The result of the last match that was played in the window, finished or not.

    Raises:
        DisplayError: When there is no screen.
        MatchError: When `scale` is out of range.
    """
    try:
        if scale is not None and not 1 <= scale <= MAX_SCALE:
            raise MatchError(
                f"expected a scale of 1 to {MAX_SCALE}, got {scale}; leave it out to fill the screen"
            )
        open_display()
        window = _Window(match, scale=scale, overlay=overlay, mute=mute, fullscreen=fullscreen, log=log)
        return window.run(recorder, seconds)
    finally:
        close_display()
        match.close()


class _Window:
    """The window's state: what the keys change."""

    def __init__(
        self, match: Match, *, scale: int | None, overlay: bool, mute: bool, fullscreen: bool, log: bool
    ) -> None:
        self._match = match
        self._log = log
        self._logged = False
        pygame.display.set_caption(f"{match.specs[0].name} – {match.specs[1].name} · pongarena")
        networks = sum(spec.kind == "model" for spec in match.specs) if overlay else 0
        desktop = pygame.display.get_desktop_sizes()[0]
        fitting = best_scale((desktop[0], desktop[1] - 48), networks)  # room for title and task bar
        self._size = window_size(scale or min(fitting, 4), networks)
        self._fullscreen = fullscreen
        self._scene = Scene(match, self._set_mode(), overlay=overlay, scale=scale)
        self._sound = Sound(muted=mute)
        humans = {
            side: player
            for side, player in zip(Side, match.players, strict=True)
            if isinstance(player, HumanPlayer)
        }
        self._hands = Hands(humans)
        self._hint = "   ".join(f"{side}: {keys_of(side, alone=len(humans) == 1)}" for side in humans)
        self._paused = self._stepping = self._help = self._closing = False
        self._steps = self._slow = self._count = 0
        self._toast, self._toast_until = "", 0.0
        self._commands: dict[int, Callable[[], None]] = {
            pygame.K_t: self._change_speed,
            pygame.K_o: self._toggle_overlay,
            pygame.K_m: self._toggle_sound,
            pygame.K_r: self._restart,
            pygame.K_F11: self._toggle_fullscreen,
            pygame.K_F12: self._save_screenshot,
        }
        if not self._sound.available:
            self._say("no sound device: playing silently")

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
        self._write_log()
        return self._match.result()

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
        toast = self._toast if now < self._toast_until else ""
        changed = self._scene.draw(fps=fps, status=self._status(), toast=toast, card=self._card())
        pygame.display.update(changed)

    def _step(self) -> None:
        """Plays a frame if it is time for one."""
        runs = not (self._paused or self._help) and self._count % _SLOWNESS[self._slow] == 0
        if self._match.over or not (runs or self._steps):
            return
        self._steps = max(0, self._steps - 1)
        self._hands.apply()
        frame = self._match.step()
        if self._slow == 0 and not self._paused:
            self._sound.hear(frame.events)
        if Event.POINT_LEFT in frame.events or Event.POINT_RIGHT in frame.events:
            gc.collect()
        if self._match.over:
            self._write_log()

    def _status(self) -> str:
        if self._paused:
            return "paused · P goes on · N steps one frame · H help"
        if self._slow:
            return f"slow motion 1/{_SLOWNESS[self._slow]} · T changes · H help"
        if self._hint and self._match.frames < 10 * FRAME_RATE_HZ:
            return f"{self._hint}   ·   H help"
        return "H help · P pause · O minds · Q quit"

    def _card(self) -> Card | None:
        if self._help:
            return HELP
        if self._match.over:
            return self._end_card()
        # while frames are stepped through a card would hide what is looked at
        return _PAUSED if self._paused and not self._stepping else None

    def _end_card(self) -> Card:
        winner, score = self._match.winner, self._match.score
        names = dict(zip(Side, (spec.name for spec in self._match.specs), strict=True))
        title = "No winner" if winner is None else f"{names[winner]} wins"
        return Card(
            title,
            (
                ("", f"{score[0]} : {score[1]}"),
                (
                    "",
                    f"longest rally {self._match.longest_rally} · {self._match.frames / FRAME_RATE_HZ:.0f} s",
                ),
                ("", "R rematch · Q quit"),
            ),
        )

    def _take(self, event: pygame.event.Event) -> None:
        if event.type == pygame.QUIT:
            self._closing = True
        elif event.type == pygame.KEYDOWN:
            self._press(event)
        elif event.type in (pygame.VIDEORESIZE, pygame.WINDOWSIZECHANGED):
            self._scene.lay_out(pygame.display.get_surface())
        elif event.type == pygame.WINDOWEXPOSED:
            self._scene.refresh()
        self._hands.take(event, self._scene.field)

    def _press(self, event: pygame.event.Event) -> None:
        key = event.key
        if key == pygame.K_ESCAPE and self._help:
            self._toggle_help()
        elif key in (pygame.K_ESCAPE, pygame.K_q):
            self._closing = True
        elif key in (pygame.K_h, pygame.K_F1) or getattr(event, "unicode", "") == "?":
            self._toggle_help()
        elif key in (pygame.K_p, pygame.K_SPACE):
            self._paused, self._stepping = not self._paused, False
        elif key in (pygame.K_n, pygame.K_PERIOD):
            self._paused = self._stepping = True
            self._steps += 1
        elif key in self._commands:
            self._commands[key]()

    def _toggle_help(self) -> None:
        self._help = not self._help

    def _change_speed(self) -> None:
        self._slow = (self._slow + 1) % len(_SLOWNESS)

    def _toggle_overlay(self) -> None:
        self._scene.overlay = not self._scene.overlay
        self._scene.lay_out(pygame.display.get_surface())
        if not self._scene.networks:
            self._say("no network plays: nothing to look into")

    def _toggle_sound(self) -> None:
        self._say("sound off" if self._sound.toggle() else "sound on")

    def _restart(self) -> None:
        """A new match with the next seed; the one that is left is logged."""
        self._write_log()
        self._match.restart(self._match.seed + 1)
        self._logged = self._paused = self._stepping = False
        self._scene.refresh()

    def _toggle_fullscreen(self) -> None:
        self._fullscreen = not self._fullscreen
        self._scene.lay_out(self._set_mode())

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

    def _write_log(self) -> None:
        """Logs a match once; a disk that is full must not end the play."""
        if not self._log or self._logged or not self._match.frames:
            return
        self._logged = True
        try:
            append_to_log(self._match.result())
        except LibraryError as error:
            print(error, file=sys.stderr)
            self._say("the match log cannot be written")

    def _set_mode(self) -> pygame.Surface:
        if self._fullscreen:
            return pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
        return pygame.display.set_mode(self._size, pygame.RESIZABLE)

    def _say(self, words: str) -> None:
        self._toast, self._toast_until = words, time.perf_counter() + _TOAST_S
