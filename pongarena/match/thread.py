"""A match that is played in a thread at the game's own pace, for whoever looks on now and then.

The thread keeps the game's time: whoever draws may be as slow as the terminal is, and misses pictures, never
frames. A `MatchState` is what is to be seen at one moment; nothing in it changes any more.
"""

import threading
import time
from dataclasses import dataclass
from typing import NamedTuple

from pongarena.core.errors import LibraryError, MatchError
from pongarena.game.cartridge import Event, Frame, Knob, Side
from pongarena.game.paddle import BOTTOM, TOP, Move
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.announcer import Announcer, Banner
from pongarena.match.field import Objects, find_objects
from pongarena.match.log import log_match
from pongarena.match.match import Match, MatchResult, RallyRecord
from pongarena.match.players import Decision, HumanPlayer, ModelPlayer, PlayerSpec
from pongarena.nn.checkpoint import Checkpoint

__all__ = ["FULL_SPEED", "SPEEDS", "Hand", "MatchState", "MatchThread", "Mind"]

SPEEDS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 16.0)
"""How fast a match can be shown, in times of the game's own speed."""

FULL_SPEED = SPEEDS.index(1.0)
"""The game's own speed, which a person never plays above."""

_MOST_BEHIND_S = 0.1
"""Further behind than this, frames are not made up for: a person could not follow."""

_IDLE_S = 0.25
_GLIDE = 6.0
"""Rows a frame that a paddle moves towards where the keys want it: about what the console's knob does."""

_MEASURED_S = 1.0
"""Over so long the real speed is measured."""


class Mind(NamedTuple):
    """A network at one moment.

    Attributes:
        decision: Its latest decision.
        past: P(UP) and whether UP was drawn, of its latest decisions, the last one last.
    """

    decision: Decision
    past: tuple[tuple[float, bool], ...]


@dataclass(frozen=True)
class MatchState:
    """A match at one moment.

    Attributes:
        number: Counts up whenever something is new.
        frames: Frames played.
        objects: Where paddles and ball are.
        score: Points, left and right.
        names: Who plays.
        minds: What the networks think, left and right; None for others and before the first decision.
        banner: What is called out.
        rally: Hits since the serve.
        course: Who made each point so far.
        over: Whether the match is over.
        winner: Who won.
        paused: Whether it stands still.
        pace: Frames that were played in the last second, in times of the game's own speed.
    """

    number: int
    frames: int
    objects: Objects
    score: tuple[int, int]
    names: tuple[str, str]
    minds: tuple[Mind | None, Mind | None]
    banner: Banner | None
    rally: int
    course: tuple[Side, ...]
    over: bool
    winner: Side | None
    paused: bool
    pace: float


class Hand:
    """A person's hand on one paddle: a mouse puts it somewhere, a key pushes it some way from there.

    A terminal tells that a key was pressed, never that it was let go. So a press is a step, and a key that is
    held is as many steps as the terminal repeats it.
    """

    def __init__(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Forgets everything: a new match begins."""
        self._goal: float | None = None
        self._steps = 0.0
        self._at_once = False

    def put(self, y: float) -> None:
        """Turns the knob to a height, as the cartridge counts it."""
        self._goal, self._at_once = min(max(y, TOP), BOTTOM), True

    def push(self, rows: float) -> None:
        """Pushes the paddle down, or up if `rows` is below zero."""
        self._steps += rows
        self._at_once = False

    def control(self, y: int) -> Knob | Move:
        """What this hand does in the coming frame.

        Args:
            y: The paddle's present height; 0 while it is not shown.
        """
        if self._steps:
            start = self._goal if self._goal is not None else y or (TOP + BOTTOM) / 2
            self._goal, self._steps = min(max(start + self._steps, TOP), BOTTOM), 0.0
        if self._goal is None:
            return Move.STAY
        if self._at_once or not y:
            return Knob(self._goal)
        return Knob(y + min(max(self._goal - y, -_GLIDE), _GLIDE))


class MatchThread:
    """Plays one match in a thread of its own.

    Attributes:
        hands: The sides that are people's, and their hands.
        fault: Why the match could not be logged or went wrong; empty when all is well.
    """

    def __init__(self, match: Match, *, log: bool = True, paused: bool = False, speed: float = 1.0) -> None:
        """Takes over a match; `start` begins.

        Args:
            match: The match; closed by `stop`.
            log: Whether ended and left matches are added to the match log.
            paused: Whether it stands still at first.
            speed: In times of the game's own, one of `SPEEDS`.
        """
        self._match = match
        self._log = log
        self._paused, self._speed = paused, speed
        self.hands = {
            side: Hand()
            for side, player in zip(Side, match.players, strict=True)
            if isinstance(player, HumanPlayer)
        }
        self.fault = ""
        self._names = [spec.name for spec in match.specs]
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._ends = False
        self._changes = 0
        self._pace, self._counted, self._since = 0.0, 0, time.perf_counter()
        self._begin()
        self._thread = threading.Thread(target=self._run, name="match", daemon=True)

    @property
    def specs(self) -> tuple[PlayerSpec, PlayerSpec]:
        """Who plays, as they were ordered."""
        return self._match.specs

    @property
    def points(self) -> int:
        """Who reaches them first has won."""
        return self._match.points

    @property
    def number(self) -> int:
        """Another one whenever there is something new to see; costs nothing to ask for."""
        return self._match.frames + self._changes

    @property
    def over(self) -> bool:
        """Whether the match is over."""
        return self._match.over

    @property
    def rallies(self) -> tuple[RallyRecord, ...]:
        """The points so far."""
        return self._match.rallies

    def result(self) -> MatchResult:
        """How the match stands."""
        with self._lock:
            return self._match.result()

    @property
    def paused(self) -> bool:
        """Whether the match stands still; may be set."""
        return self._paused

    @paused.setter
    def paused(self, value: bool) -> None:
        self._change()
        self._paused = value
        self._news.set()

    @property
    def speed(self) -> float:
        """In times of the game's own; may be set. People play at most at the game's own."""
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        self._change()
        self._speed = min(value, 1.0) if self.hands else value
        self._news.set()

    def start(self) -> None:
        """Begins to play."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread, logs the match as it stands and closes it. Twice does no harm."""
        self._ends = True
        self._news.set()
        if self._thread.is_alive():
            self._thread.join()
        self._write_log()
        self._match.close()

    def restart(self) -> None:
        """A new match of the same players with the next seed; the one that is left is logged."""
        with self._lock:
            self._write_log()
            self._match.restart((self._match.seed + 1) % 2**31)
            self._begin()
        self._news.set()

    def step(self) -> None:
        """Plays one frame of a match that stands still."""
        with self._lock:
            self._play_frame()

    def replace(self, side: Side, checkpoint: Checkpoint) -> None:
        """Gives a network its newer weights in the middle of the match, which then counts for no ladder.

        Raises:
            MatchError: When that side is no network, or one of another size.
        """
        player = self._match.players[_index(side)]
        if not isinstance(player, ModelPlayer):
            raise MatchError(f"expected a network on the {side}, got {self._names[_index(side)]}")
        new, old = checkpoint.policy, player.policy
        if (new.hidden_units, new.spec) != (old.hidden_units, old.spec):
            raise MatchError(
                f"expected a network of {old.hidden_units} hidden units that {old.spec}, got one of "
                f"{new.hidden_units} that {new.spec}; start a new match with it"
            )
        with self._lock:
            player.policy = checkpoint.policy
            self._match.mark_altered(side)
            self._names[_index(side)] = PlayerSpec.model(checkpoint).name
            self._change()

    def policy_of(self, side: Side) -> ModelPlayer | None:
        """The network on a side, for a look into its weights; None for others."""
        player = self._match.players[_index(side)]
        return player if isinstance(player, ModelPlayer) else None

    def picture(self) -> MatchState:
        """The present moment."""
        with self._lock:
            match = self._match
            left, right = (_mind(decision) for decision in match.decisions)
            return MatchState(
                number=self.number,
                frames=match.frames,
                objects=find_objects(match.screen) if match.frames else Objects(),
                score=match.score if match.frames else (0, 0),
                names=(self._names[0], self._names[1]),
                minds=(left, right),
                banner=self._banner(),
                rally=match.rally,
                course=tuple(Side(rally.winner) for rally in match.rallies),
                over=match.over,
                winner=match.winner,
                paused=self._paused,
                pace=self._pace,
            )

    def _begin(self) -> None:
        self._announcer = Announcer(self._match)
        self._logged: set[str] = set()
        for hand in self.hands.values():
            hand.let_go()
        self._changes += 1_000_000  # the frames begin at 0 again

    def _run(self) -> None:
        try:
            self._keep_time()
        except Exception as error:
            # the thread's edge: whoever looks on must be told
            self._change()
            self.fault = f"the match stopped with an error ({error!r}); start another one"
            self._paused = True

    def _keep_time(self) -> None:
        due = time.perf_counter()
        while not self._ends:
            if self._paused or self._match.over:
                self._count(0)
                self._news.wait(_IDLE_S)
                self._news.clear()
                due = time.perf_counter()
                continue
            period = 1 / (FRAME_RATE_HZ * self._speed)
            wait = due - time.perf_counter()
            if wait > 0.0005:
                # longer waits end early when something else is wanted
                self._news.wait(min(wait, _IDLE_S))
                self._news.clear()
                if due - time.perf_counter() > 0.0005:
                    continue
            elif wait < -_MOST_BEHIND_S:
                due = time.perf_counter()
            due += period
            with self._lock:
                if not self._paused and not self._ends:
                    self._play_frame()
                    self._count(1)

    def _play_frame(self) -> None:
        match = self._match
        if match.over:
            return
        for side, hand in self.hands.items():
            player = match.players[_index(side)]
            if isinstance(player, HumanPlayer):
                player.control = hand.control(match.paddles[_index(side)] if match.frames else 0)
        self._follow(match.step())

    def _follow(self, frame: Frame) -> None:
        if Event.POINT_LEFT in frame.events or Event.POINT_RIGHT in frame.events:
            self._announcer.hear(frame)
        if self._match.over:
            self._write_log()

    def _banner(self) -> Banner | None:
        if not self._match.over:
            return self._announcer.banner()
        winner = self._match.winner
        return Banner("Game", "" if winner is None else self._names[_index(winner)], winner)

    def _write_log(self) -> None:
        """Logs the match once; a disk that is full must not end the play."""
        if not self._log or self._match.id in self._logged or not self._match.frames:
            return
        self._logged.add(self._match.id)
        try:
            log_match(self._match)
        except LibraryError as error:
            self.fault = str(error)

    def _count(self, frames: int) -> None:
        self._counted += frames
        now = time.perf_counter()
        if now - self._since >= _MEASURED_S:
            self._pace = self._counted / (now - self._since) / FRAME_RATE_HZ
            self._counted, self._since = 0, now

    def _change(self) -> None:
        self._changes += 1_000_000


def _mind(decision: Decision | None) -> Mind | None:
    if decision is None:
        return None
    return Mind(decision, tuple((p_up, action is Move.UP) for p_up, action in decision.history))


def _index(side: Side) -> int:
    return 0 if side is Side.LEFT else 1
