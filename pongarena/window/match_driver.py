"""Whoever stands beside the table: lets the hands play, listens, calls the points and keeps the log."""

import gc
import sys
import threading
from collections.abc import Callable

from pongarena.core.errors import InvalidSettingError, LibraryError, PongArenaError
from pongarena.game.cartridge import Event, Frame, Side
from pongarena.match.announcer import Announcer, Banner
from pongarena.match.log import log_match
from pongarena.match.match import Match
from pongarena.match.players import HumanPlayer, called
from pongarena.match.rewind import RewindBuffer
from pongarena.window.input_state import InputState
from pongarena.window.sound import Sound
from pongarena.window.timeline import Timeline

__all__ = ["ENDING", "MatchDriver"]

ENDING = 45
"""Frames between the last point and the end screen; its sound is heard out meanwhile."""

_EVERY = 20
"""Frames between the moments that are kept: going back costs at most so many frames' play."""

_POINT_SOUND = 14


class MatchDriver:
    """Runs one match for the window.

    Attributes:
        match: The match.
        humans: The sides that are people's.
        history: The way back through the last minute.
        standing: What the end of the match means for the person; empty until that is known.
    """

    def __init__(
        self,
        match: Match,
        hands: InputState,
        sound: Sound,
        *,
        logs: bool,
        say: Callable[[str], None],
        ask_standing: Callable[[], str] | None,
    ) -> None:
        self.match = match
        self.humans = {
            side: player
            for side, player in zip(Side, match.players, strict=True)
            if isinstance(player, HumanPlayer)
        }
        self._hands, self._sound = hands, sound
        self._logs, self._say, self._ask_standing = logs, say, ask_standing
        self._heard = sound.available and _has_sound(match)
        hands.seat(self.humans)
        self._begin()

    def _begin(self) -> None:
        self.history = RewindBuffer(self.match, every=_EVERY)
        self._announcer = Announcer(self.match)
        self.standing = ""
        self._logged: set[str] = set()
        self._points: list[tuple[int, Side]] = []
        self._after = 0

    @property
    def course(self) -> tuple[Side, ...]:
        """Who made each point, in order."""
        return tuple(Side(rally.winner) for rally in self.match.rallies)

    @property
    def back(self) -> int:
        """How many frames the match was wound back; a recorded one can only be watched on."""
        return 0 if self.match.replays else self.history.last - self.match.frames

    @property
    def timeline(self) -> Timeline:
        """What can be wound through, and where the match stands in it."""
        first, last = self.history.first, self.history.last
        points = tuple(point for point in self._points if first <= point[0] <= last)
        return Timeline(first, self.match.frames, last, points)

    @property
    def ended(self) -> bool:
        """Whether the match is over and its last point was heard out."""
        return self.match.over and self._after >= ENDING

    def step(self, *, aloud: bool) -> None:
        """Plays one frame.

        Args:
            aloud: Whether it is played at its own speed and so can be heard.
        """
        if self.match.over:
            self._wind_down(aloud)
            return
        self._after = 0
        self._hold_paddles()
        frame = self.match.step()
        self.history.keep()
        if self._heard and aloud:
            self._sound.hear(self.match.audio())
        self._follow(frame)

    def _hold_paddles(self) -> None:
        """Tells the match what the people do, for themselves and for whom they have relieved."""
        for side in () if self.match.replays else Side:
            if side in self.humans:
                self.humans[side].control = self._hands.control(side)
            elif side in self._hands.taken:
                self.match.take_over(side, self._hands.control(side))
            elif self.match.is_taken(side):
                self.match.take_over(side, None)
        self._hands.end_frame()

    def rematch(self) -> None:
        """A new match of the same players with the next seed; the one that is left is logged."""
        self.write_log()
        self.match.restart((self.match.seed + 1) % 2**31)
        self._begin()

    def banner(self) -> Banner | None:
        """What is called now."""
        if not self.match.over:
            return self._announcer.banner()
        winner = self.match.winner
        return Banner("Game", "" if winner is None else self.name(winner), winner)

    def name(self, side: Side) -> str:
        """Who plays on a side."""
        return called(self.match.specs)[0 if side is Side.LEFT else 1]

    def write_log(self) -> None:
        """Logs the match once; a disk that is full must not end the play."""
        if not self._logs or self.match.id in self._logged or not self.match.frames:
            return
        self._logged.add(self.match.id)
        if self.back:
            self.history.go_to(self.history.last)
        try:
            log_match(self.match)
        except LibraryError as error:
            print(error, file=sys.stderr)
            self._say("the match log cannot be written")

    def _follow(self, frame: Frame) -> None:
        """What comes after a frame that was played."""
        self._announcer.hear(frame)
        if Event.POINT_LEFT in frame.events or Event.POINT_RIGHT in frame.events:
            gc.collect()
            now = self.match.frames
            self._points = [point for point in self._points if point[0] < now]
            self._points.append((now, self.course[-1]))
        if self.match.over:
            self.write_log()
            self._look_up_standing()

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

    def _wind_down(self, aloud: bool) -> None:
        self._after += 1
        if self._heard and aloud and self._after <= _POINT_SOUND:
            self._sound.hear(self.match.audio())
        elif self._after == ENDING:
            self._sound.pause()


def _has_sound(match: Match) -> bool:
    try:
        match.audio()
    except InvalidSettingError:
        return False
    return True
