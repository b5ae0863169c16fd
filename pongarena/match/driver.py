"""Drive a match for a front end: time, people's inputs, rewinding, announcements, the log.

The window and the terminal both call `MatchDriver.tick` sixty times a second, change the match through its
commands, and draw its `state()`.
"""

import threading
import time
from collections.abc import Callable

from pongarena.core.arrays import BoolArray
from pongarena.core.errors import LibraryError, PongArenaError
from pongarena.game.cartridge import Control, Frame, Side
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.announcer import Announcer, Banner
from pongarena.match.field import Objects, find_objects
from pongarena.match.journal import Journal
from pongarena.match.log import log_match
from pongarena.match.match import Match, MatchResult
from pongarena.match.match_state import MatchState, Timeline
from pongarena.match.players import called
from pongarena.match.rewind import RewindBuffer
from pongarena.match.variant import Variant
from pongarena.nn.checkpoint import Checkpoint
from pongarena.nn.policy import PolicyNetwork

__all__ = ["ENDING", "FULL_SPEED", "SLOWER", "SPEEDS", "Hands", "MatchDriver"]

SPEEDS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 16.0)
"""Playback speeds, as multiples of the game's own speed."""

FULL_SPEED = SPEEDS.index(1.0)
"""Index of the game's own speed, the highest one for people."""

SLOWER = {1.0: 0.5, 0.5: 0.25, 0.25: 1.0}
"""The next speed for the slow-motion key, which cycles back to the game's own."""

ENDING = 45
"""Ticks between the last point and the end screen, in which its sound ends."""

_EVERY = 20
"""Frames between saved moments: going back replays at most this many frames."""

_SLOW_WIND, _FAST_WIND = 2, 6
"""Frames per tick of winding in the first second, and after it."""

_MEASURED_S = 1.0
"""The real speed is measured over this time."""

_NEWS = 1_000_000
"""How far `MatchDriver.number` jumps with a command; frames add 1."""

Hands = Callable[[Side, int], Control | None]
"""Returns a person's control for the next frame, given a side and its paddle's height (0 while hidden).
None when no person holds the paddle, whether it is their own or one that they can take over."""


class MatchDriver:
    """Drives one match. Thread-safe.

    Attributes:
        match: The match.
        standing: What the result means for the person's rank; empty until that is known.
        fault: Why the match failed or could not be logged; empty when all is well.
    """

    def __init__(
        self,
        match: Match,
        *,
        hands: Hands = lambda side, y: None,
        log: bool = True,
        paused: bool = False,
        speed: float = 1.0,
        rewind_s: float = 60.0,
        ask_standing: Callable[[], str] | None = None,
    ) -> None:
        """Take over a match.

        Args:
            match: The match.
            hands: Returns people's controls.
            log: Whether to log matches that end or are left.
            paused: Whether to start paused.
            speed: Playback speed, as a multiple of the game's own.
            rewind_s: How far back one can go, in seconds of play.
            ask_standing: Returns a line about the person's rank; called in a thread after a whole match.
        """
        self.match = match
        self.fault = ""
        self._hands, self._logs, self._ask_standing = hands, log, ask_standing
        self._rewind_s = rewind_s
        self._journal = Journal()
        self._lock = threading.RLock()
        self._news = threading.Event()
        self._paused, self._stepping = paused, False
        self._due, self._winding, self._wound, self._changes = 0.0, 0, 0, 0
        self._pace, self._counted, self._since = 0.0, 0, time.perf_counter()
        self.set_speed(speed)
        self._begin()

    def _begin(self) -> None:
        self._history = RewindBuffer(self.match, seconds=self._rewind_s, every=_EVERY)
        self._announcer = Announcer(self.match)
        self.standing = ""
        self._logged: set[str] = set()
        self._points: list[tuple[int, Side]] = []
        self._began = self.match.frames
        self._after = 0
        self._change()

    def _change(self) -> None:
        """Announce a change other than a new frame, and wake whoever waits for one."""
        self._changes += _NEWS
        self._news.set()

    # state

    @property
    def number(self) -> int:
        """A number that changes whenever there is something new to draw; cheap to read."""
        return self.match.frames + self._changes

    @property
    def humans(self) -> tuple[Side, ...]:
        """The sides that people play."""
        return tuple(side for side, spec in zip(Side, self.match.specs, strict=True) if spec.is_person)

    @property
    def paused(self) -> bool:
        """Whether the match is paused."""
        return self._paused

    @property
    def stepping(self) -> bool:
        """Whether the match is paused to look at frames one by one; no card should cover it then."""
        return self._stepping

    @property
    def speed(self) -> float:
        """Playback speed, as a multiple of the game's own."""
        return self._speed

    @property
    def full_speed(self) -> bool:
        """Whether the match plays at the game's own speed, so that its sound can be played."""
        return self._speed == 1.0 and not self._paused

    @property
    def after(self) -> int:
        """Ticks since a match ended; 0 before."""
        return self._after if self.match.over else 0

    @property
    def ended(self) -> bool:
        """Whether the match is over and the sound of its last point has ended."""
        return self.after >= ENDING

    @property
    def back(self) -> int:
        """How many frames the match is wound back; 0 for a replay, which nobody can continue differently."""
        return 0 if self.match.replays else self._history.last - self.match.frames

    @property
    def course(self) -> tuple[Side, ...]:
        """The winner of each point, in order."""
        return tuple(Side(rally.winner) for rally in self.match.rallies)

    @property
    def timeline(self) -> Timeline:
        """The range of frames that can be wound through, and the match's position in it."""
        first, last = self._history.first, self._history.last
        points = tuple(point for point in self._points if first <= point[0] <= last)
        return Timeline(first, self.match.frames, last, points)

    def banner(self) -> Banner | None:
        """The announcement for the current frame, if any."""
        if not self.match.over:
            return self._announcer.banner()
        winner = self.match.winner
        return Banner("Game", "" if winner is None else self.name(winner), winner)

    def name(self, side: Side) -> str:
        """The display name of the player on a side."""
        return called(self.match.specs, self.match.names)[tuple(Side).index(side)]

    def policy_of(self, side: Side) -> PolicyNetwork | None:
        """The network on a side; None when another kind of player is there."""
        checkpoint = self.match.player(side).spec.checkpoint
        return None if checkpoint is None else checkpoint.policy

    def result(self) -> MatchResult:
        """The match's result so far."""
        with self._lock:
            return self.match.result()

    def state(self) -> MatchState:
        """A snapshot of the current moment, to draw."""
        with self._lock:
            match = self.match
            return MatchState(
                number=self.number,
                frames=match.frames,
                objects=find_objects(match.screen) if match.frames else Objects(),
                score=match.score if match.frames else (0, 0),
                names=match.names,
                decisions=match.decisions,
                banner=self.banner(),
                rally=match.rally,
                longest_rally=match.longest_rally,
                over=match.over,
                winner=match.winner,
                paused=self._paused,
                pace=self._pace,
            )

    # commands

    def pause(self) -> None:
        """Pause the match."""
        self._paused, self._stepping, self._winding = True, False, 0
        self._change()

    def resume(self) -> None:
        """Resume the match."""
        self._paused = self._stepping = False
        self._winding = 0
        self._change()

    def toggle_pause(self) -> None:
        """Pause or resume the match."""
        (self.resume if self._paused else self.pause)()

    def set_speed(self, speed: float) -> None:
        """Set the playback speed, as a multiple of the game's own; at most 1 while people play."""
        self._speed = min(speed, 1.0) if self.humans else speed
        self._change()

    def step(self) -> None:
        """Pause and play one frame."""
        with self._lock:
            self._stand_still()
            if not self.match.over:
                self._play()

    def step_back(self) -> None:
        """Pause and go back one frame."""
        self.go_to(self.match.frames - 1)

    def go_to(self, frame: int) -> None:
        """Pause at another frame, or at the nearest one that can be reached."""
        with self._lock:
            self._stand_still()
            self._history.go_to(frame)

    def wind(self, direction: int) -> None:
        """Pause and wind: −1 back, +1 forward, 0 to stop winding."""
        if direction:
            self._stand_still()
        self._winding, self._wound = direction, 0

    def mute(self, side: Side, units: BoolArray) -> None:
        """See `Match.mute`."""
        with self._lock:
            self.match.mute(side, units)
            self._change()

    def replace(self, side: Side, checkpoint: Checkpoint) -> None:
        """See `Match.replace`."""
        with self._lock:
            self.match.replace(side, checkpoint)
            self._change()

    def take(self, match: Match) -> None:
        """Log the current match without closing it, then drive another one, which starts at once."""
        with self._lock:
            self.write_log()
            self.match = match
            self.set_speed(self._speed)
            self._begin()
            self.resume()

    def swap(self) -> None:
        """Log the match and start a new one with the sides exchanged and the next seed.

        Raises:
            MatchError: When a recorded match is played again.
        """
        self._begin_again(self.match.swap)

    def vary(self, variant: Variant) -> None:
        """Log the match and start a new one of the same players with another ball or other paddles.

        Raises:
            MatchError: When a recorded match is played again.
        """
        self._begin_again(lambda seed: self.match.vary(variant, seed))

    def rematch(self) -> None:
        """Log the match and start a new one of the same players with the next seed."""
        self._begin_again(self.match.restart)

    def _begin_again(self, how: Callable[[int], None]) -> None:
        with self._lock:
            self.write_log()
            how((self.match.seed + 1) % 2**31)
            self._begin()

    def write_log(self) -> None:
        """Log the match once. A full disk must not end the match: the error goes to `fault`."""
        match = self.match
        if not self._logs or match.id in self._logged or not match.frames:
            return
        if match.rewound and max(match.frames, self._history.last) == self._began:
            return  # it goes on from a saved moment, and did not yet
        self._logged.add(match.id)
        if self.back:
            self._history.go_to(self._history.last)
        try:
            log_match(match)
            self._journal.drop()
        except LibraryError as error:
            self.fault = str(error)

    # time

    def tick(self) -> list[Frame]:
        """Advance by 1/60 s: play the frames that are due, or wind.

        Returns:
            The frames that were played.
        """
        played: list[Frame] = []
        with self._lock:
            if self._winding:
                self._wound += 1
                speed = _SLOW_WIND if self._wound < FRAME_RATE_HZ else _FAST_WIND
                self._history.go_to(self.match.frames + self._winding * speed)
            elif self.match.over:
                self._after += not self._paused
            elif not self._paused:
                self._due += self._speed
                while self._due >= 1 and not self.match.over:
                    self._due -= 1
                    played.append(self._play())
            self._measure(len(played))
        return played

    def _stand_still(self) -> None:
        self._paused = self._stepping = True
        self._change()

    def _play(self) -> Frame:
        match = self.match
        self._after = 0
        if not match.replays:
            for side, y in zip(Side, match.paddles if match.frames else (0, 0), strict=True):
                match.take_over(side, self._hands(side, y))
        frame = match.step()
        self._history.keep()
        self._announcer.hear(frame)
        if frame.scorer is not None:
            self._points = [point for point in self._points if point[0] < match.frames]
            self._points.append((match.frames, frame.scorer))
            if self._logs:
                self._journal.keep(match)
        if match.over:
            self.write_log()
            self._look_up_standing()
        return frame

    def _look_up_standing(self) -> None:
        """Compute the standing in a thread, because that reads the whole log."""
        ask = self._ask_standing
        if ask is None or not self._logs or not self.humans:
            return

        def look_up() -> None:
            try:
                self.standing = ask()
            except PongArenaError as error:
                self.standing = str(error)

        threading.Thread(target=look_up, daemon=True).start()

    def _measure(self, frames: int) -> None:
        self._counted += frames
        now = time.perf_counter()
        if now - self._since >= _MEASURED_S:
            self._pace = self._counted / (now - self._since) / FRAME_RATE_HZ
            self._counted, self._since = 0, now
