"""Drives a match for whoever shows it: its time, people's hands, going back, what is called, the log.

The window and the terminal both let a `MatchDriver` tick sixty times a second, change the match through its
commands, and draw what it says.
"""

import threading
import time
from collections.abc import Callable

from pongarena.core.arrays import BoolArray
from pongarena.core.errors import LibraryError, PongArenaError
from pongarena.game.cartridge import Control, Event, Frame, Side
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
"""How fast a match can be shown, in times of the game's own speed."""

FULL_SPEED = SPEEDS.index(1.0)
"""The game's own speed, which a person never plays above."""

SLOWER = {1.0: 0.5, 0.5: 0.25, 0.25: 1.0}
"""The speed that comes after each, for a key that slows down and goes back to the game's own."""

ENDING = 45
"""Ticks between the last point and the end screen; its sound is heard out meanwhile."""

_EVERY = 20
"""Frames between the moments that are kept: going back costs at most so many frames' play."""

_SLOW_WIND, _FAST_WIND = 2, 6
"""Frames that a tick of winding goes at first, and after a second."""

_MEASURED_S = 1.0
"""Over so long the real speed is measured."""

_NEWS = 1_000_000
"""How far the number of a moment jumps with a command; frames count up from there."""

Hands = Callable[[Side, int], Control | None]
"""What a person does in the coming frame, given a side and its paddle's height (0 while it is not shown);
None where nobody holds the paddle: for themselves, or for the player whom they relieve."""


class MatchDriver:
    """Drives one match. All of it may be used from several threads.

    Attributes:
        match: The match.
        standing: What the end of the match means for the person; empty until that is known.
        fault: Why the match could not be logged or went wrong; empty when all is well.
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
        """Takes over a match.

        Args:
            match: The match.
            hands: What people do.
            log: Whether ended and left matches are added to the match log.
            paused: Whether it stands still at first.
            speed: In times of the game's own.
            rewind_s: How far back one can go, in seconds of play.
            ask_standing: What the log means for the person, in a line; asked in a thread after a whole match.
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
        self._after = 0
        self._change()

    def _change(self) -> None:
        """Something else than a frame is new: whoever sleeps is to look."""
        self._changes += _NEWS
        self._news.set()

    # what there is to see

    @property
    def number(self) -> int:
        """Another one whenever there is something new to see; costs nothing to ask for."""
        return self.match.frames + self._changes

    @property
    def humans(self) -> tuple[Side, ...]:
        """The sides that are people's."""
        return tuple(side for side, spec in zip(Side, self.match.specs, strict=True) if spec.is_person)

    @property
    def paused(self) -> bool:
        """Whether the match stands still."""
        return self._paused

    @property
    def stepping(self) -> bool:
        """Whether it is looked at frame by frame, so that no card may hide it."""
        return self._stepping

    @property
    def speed(self) -> float:
        """In times of the game's own."""
        return self._speed

    @property
    def full_speed(self) -> bool:
        """Whether frames are played at their own speed, and so can be heard."""
        return self._speed == 1.0 and not self._paused

    @property
    def after(self) -> int:
        """Ticks since the last point of a match that is over."""
        return self._after if self.match.over else 0

    @property
    def ended(self) -> bool:
        """Whether the match is over and its last point was heard out."""
        return self.after >= ENDING

    @property
    def back(self) -> int:
        """How many frames the match was wound back; a recorded one can only be watched on."""
        return 0 if self.match.replays else self._history.last - self.match.frames

    @property
    def course(self) -> tuple[Side, ...]:
        """Who made each point, in order."""
        return tuple(Side(rally.winner) for rally in self.match.rallies)

    @property
    def timeline(self) -> Timeline:
        """What can be wound through, and where the match stands in it."""
        first, last = self._history.first, self._history.last
        points = tuple(point for point in self._points if first <= point[0] <= last)
        return Timeline(first, self.match.frames, last, points)

    def banner(self) -> Banner | None:
        """What is called now."""
        if not self.match.over:
            return self._announcer.banner()
        winner = self.match.winner
        return Banner("Game", "" if winner is None else self.name(winner), winner)

    def name(self, side: Side) -> str:
        """What the player on a side is called."""
        return called(self.match.specs, self.match.names)[tuple(Side).index(side)]

    def policy_of(self, side: Side) -> PolicyNetwork | None:
        """The network on a side, for a look into its weights; None for others."""
        checkpoint = self.match.player(side).spec.checkpoint
        return None if checkpoint is None else checkpoint.policy

    def result(self) -> MatchResult:
        """How the match stands."""
        with self._lock:
            return self.match.result()

    def state(self) -> MatchState:
        """The present moment."""
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
        """Stops."""
        self._paused, self._stepping, self._winding = True, False, 0
        self._change()

    def resume(self) -> None:
        """Goes on."""
        self._paused = self._stepping = False
        self._winding = 0
        self._change()

    def toggle_pause(self) -> None:
        """Stops, or goes on."""
        (self.resume if self._paused else self.pause)()

    def set_speed(self, speed: float) -> None:
        """Plays at so many times the game's own speed; with people at its own at most."""
        self._speed = min(speed, 1.0) if self.humans else speed
        self._change()

    def step(self) -> None:
        """Stops and plays one frame."""
        with self._lock:
            self._stand_still()
            if not self.match.over:
                self._play()

    def step_back(self) -> None:
        """Stops and goes back by one frame."""
        self.go_to(self.match.frames - 1)

    def go_to(self, frame: int) -> None:
        """Stops at another moment, the nearest one within reach."""
        with self._lock:
            self._stand_still()
            self._history.go_to(frame)

    def wind(self, direction: int) -> None:
        """Stops and winds: −1 back, +1 forth, 0 ends it."""
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
        """Drives another match from now on, which runs; the one that is left is logged, and not closed."""
        with self._lock:
            self.write_log()
            self.match = match
            self.set_speed(self._speed)
            self._begin()
            self.resume()

    def swap(self) -> None:
        """A new match, with the players on each other's side and the next seed; the old one is logged.

        Raises:
            MatchError: When a recorded match is played again.
        """
        self._begin_again(self.match.swap)

    def vary(self, variant: Variant) -> None:
        """A new match of the same players with another ball or other paddles; the old one is logged.

        Raises:
            MatchError: When a recorded match is played again.
        """
        self._begin_again(lambda seed: self.match.vary(variant, seed))

    def rematch(self) -> None:
        """A new match of the same players with the next seed; the one that is left is logged."""
        self._begin_again(self.match.restart)

    def _begin_again(self, how: Callable[[int], None]) -> None:
        with self._lock:
            self.write_log()
            how((self.match.seed + 1) % 2**31)
            self._begin()

    def write_log(self) -> None:
        """Logs the match once; a disk that is full must not end the play, and is told by `fault`."""
        match = self.match
        if not self._logs or match.id in self._logged or not match.frames:
            return
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
        """Lets a 60th of a second pass: plays the frames that are due, or winds.

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
        for event, side in ((Event.POINT_LEFT, Side.LEFT), (Event.POINT_RIGHT, Side.RIGHT)):
            if event in frame.events:
                self._points = [point for point in self._points if point[0] < match.frames]
                self._points.append((match.frames, side))
                if self._logs:
                    self._journal.keep(match)
        if match.over:
            self.write_log()
            self._look_up_standing()
        return frame

    def _look_up_standing(self) -> None:
        """In a thread, for it reads the whole log; the end screen comes a little later."""
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
