"""A match without a window: two players on one cartridge, repeatable from its seed and inputs.

The cartridge's own CPU can only hold the left paddle. To put it on the right, the match plays a mirrored
game: it swaps screen, paddles, events and score on the way out, and controls on the way in. Callers do not
notice: for them left is left.
"""

import secrets
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from pongarena.core.arrays import BoolArray, UInt8Array
from pongarena.core.errors import MatchError
from pongarena.envs.colours import mirror_picture
from pongarena.envs.observation import mirror
from pongarena.game.cartridge import Ball, Cartridge, Control, Event, Frame, Side
from pongarena.game.paddle import Move
from pongarena.game.rules import POINTS_TO_WIN
from pongarena.game.types import Serve, SmallPaddles
from pongarena.match.input_log import InputLog, MuteEvent, Snapshot, check_same_match
from pongarena.match.players import Decision, Player, PlayerSpec, check_meeting, name_people, nicknames
from pongarena.match.result import MatchResult, RallyRecord
from pongarena.match.turned import turn_frame
from pongarena.match.variant import PLAIN, Variant
from pongarena.nn.checkpoint import Checkpoint

__all__ = ["Match", "MatchResult", "RallyRecord"]


class Match:
    """Two players on one cartridge.

    `step` plays it. Its commands change it from the next frame on: `take_over`, `mute`, `unmute`, `replace`,
    `swap`, `vary`, `restart`, `restore`.

    Attributes:
        specs: The specs of the left and the right player.
        players: The left and the right player.
        seed: Seeds the cartridge and the networks' sampling.
        variant: How the game differs from the usual one, the ball's speed included.
        serve: When the serve button is released.
        points: Points to win.
        frame: The latest frame, with left and right as the players see them; None before the first.
        longest_rally: The most hits in one rally of this match.
        rallies: The points so far.
        input_log: Both players' inputs in every frame; after `restore` also those of later frames.
        id: Unique id; it changes with a restart, or when the match is continued from an earlier moment.
        origin: The first id since the last restart.
        rewound: Whether the match was continued from an earlier moment.
    """

    specs: tuple[PlayerSpec, PlayerSpec]
    _has_ai: bool

    def __init__(
        self,
        left: Player | PlayerSpec,
        right: Player | PlayerSpec,
        *,
        seed: int = 0,
        ball: Ball | None = None,
        variant: Variant = PLAIN,
        serve: Serve = Serve.RELEASED,
        points: int = POINTS_TO_WIN,
        sound: bool = False,
        input_log: InputLog | None = None,
    ) -> None:
        """Prepare a match; `step` plays its first frame.

        Args:
            left: The left player, or a spec from which to create one.
            right: The right player, or a spec.
            seed: Seeds the cartridge and the networks' sampling.
            ball: The ball's speed; None for the variant's.
            variant: How the game differs from the usual one.
            serve: When the serve button is released; a replay needs the original's.
            points: Points to win.
            sound: Whether to produce sound for `audio`.
            input_log: Inputs of a match to replay; they replace the players' controls.

        Raises:
            MatchError: When the two cannot meet, or `points` or `seed` is out of range.
        """
        self.variant = variant if ball is None else replace(variant, ball=ball)
        self.players = (self._seated(left), self._seated(right))
        _check(self.players, points, seed, replays=input_log is not None)
        self.seed = seed
        self.serve = serve
        self.points = points
        self._recorded = input_log
        self.input_log = InputLog()
        self._sit_down()
        self._cartridge = Cartridge(
            seed=seed,
            left_ai=self._has_ai,
            ball=self.ball,
            serve=serve,
            small=self._small,
            sound=sound,
        )
        self.frame: Frame | None = None
        self.id = self.origin = ""
        self._points: list[RallyRecord] = []
        self._taken: list[Control | None] = [None, None]
        self._begin()

    def restart(self, seed: int | None = None) -> None:
        """Start again, from the same seed or another one; a replay keeps its seed."""
        if seed is not None and not self.replays:
            self.seed = seed % 2**31
        self._cartridge.small, self._cartridge.ball = self._small, self.ball
        self._cartridge.reset(self.seed)
        self._begin()

    def vary(self, variant: Variant, seed: int | None = None) -> None:
        """Start again with another ball or other paddles, the same players, and nothing muted.

        Raises:
            MatchError: When the match is a replay.
        """
        if self.replays:
            raise MatchError("this is a recording: its ball and its paddles stay as they were")
        self.variant = replace(self.variant, ball=variant.ball, small=variant.small)
        for side in Side:
            self.unmute(side)
        self.restart(seed)

    def step(self) -> Frame:
        """Play one frame (1/60 s): ask both players, then advance the cartridge.

        After the end of the match nothing moves, and the last frame is returned again.
        """
        if self.over and self.frame is not None:
            return self.frame
        if self.replays:
            return self.redo()
        if self.frames < len(self.input_log):
            self.input_log.cut(self.frames)
            self.rewound = True
            self.id = _new_id()
        if self._muting_changed:
            self._log_muting()
        asked = self._ask()
        left, right = (asked[i] if taken is None else taken for i, taken in enumerate(self._taken))
        self.input_log.add(left, right)
        return self._advance(left, right)

    def redo(self) -> Frame:
        """Replay the next frame of the input log; the networks also decide, for display only.

        Raises:
            MatchError: At the end of the input log.
        """
        if self.frames >= len(self.input_log):
            raise MatchError(
                f"expected a frame below {len(self.input_log)} to replay, got the end of the input log; "
                "play on with step()"
            )
        if self.replays:
            self._apply_muting()
        self._ask()
        return self._advance(*self.input_log[self.frames])

    def go_on(self, so_far: MatchResult) -> None:
        """Continue a replay from here as a live match with a new id.

        Args:
            so_far: The recorded result; a match that was altered or taken over stays marked as such.

        Raises:
            MatchError: When the match is not a replay, is won, or one of its players is gone.
        """
        if not self.replays or self._won:
            raise MatchError("expected a recorded match that was left, to continue it; this one is over")
        for spec in self.specs:
            if spec.traits.absent:
                raise MatchError(f"{spec.name} is no longer there, so the match cannot go on; replay it")
        self.input_log = self.input_log.copy(self.frames)
        self._recorded = None
        self._taken_over, self._altered = list(so_far.taken_over), list(so_far.altered)
        self.rewound = True
        self.id = _new_id()

    def take_over(self, side: Side, control: Control | None) -> None:
        """Control a paddle instead of its player from the next frame on, until None hands it back.

        The network goes on deciding; `decisions` shows what it would do.
        """
        i = _index(side)
        self._taken[i] = control
        self._taken_over[i] |= self.is_taken(side)

    def is_taken(self, side: Side) -> bool:
        """Whether a person now controls this paddle instead of its player."""
        i = _index(side)
        return self._taken[i] is not None and not self.specs[i].is_person

    def mute(self, side: Side, units: BoolArray) -> None:
        """Set the activations of exactly these hidden units to 0, until they are unmuted.

        A restart keeps them muted. Snapshots do not contain what is muted.

        Args:
            side: The network's side.
            units: Shape (hidden,): which units.

        Raises:
            MatchError: When no network plays that side, or one of another size.
        """
        self.player(side).mute(units)
        self._muting_changed = True

    def unmute(self, side: Side) -> None:
        """Unmute all hidden units of a side; does nothing without a network there."""
        if (muted := self.player(side).muted) is not None:
            self.mute(side, np.zeros_like(muted))

    def replace(self, side: Side, checkpoint: Checkpoint) -> None:
        """Replace a network's weights during the match, which then no longer counts for ratings.

        Raises:
            MatchError: When no network plays that side, or one of another shape.
        """
        self.player(side).replace(checkpoint)
        self._altered[_index(side)] = True

    def swap(self, seed: int | None = None) -> None:
        """Start again with the sides exchanged, and nothing muted.

        Raises:
            MatchError: When the match is a replay.
        """
        if self.replays:
            raise MatchError("this is a recording: its players keep their sides")
        self.players = self.players[::-1]
        self._sit_down()
        for side in Side:
            self.unmute(side)
        self.restart(seed)

    def name_people(self, *names: str) -> None:
        """Call the people of this match by other names; see `player.name_people`."""
        self.specs = name_people(self.specs, names)
        for player, spec in zip(self.players, self.specs, strict=True):
            if spec.is_person:
                player.spec = spec

    def player(self, side: Side) -> Player:
        """The player on a side."""
        return self.players[_index(side)]

    def snapshot(self) -> Snapshot:
        """Save this moment for `restore`."""
        left, right = self.players
        return Snapshot(
            match=self.origin,
            cartridge=self._cartridge.state(),
            frame=self.frame,
            longest_rally=self.longest_rally,
            rallies=self.rallies,
            served=self._served,
            players=(left.state(), right.state()),
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go to a saved moment of this match. The input log stays whole until the next `step`.

        Raises:
            MatchError: For a moment of another match.
        """
        check_same_match(snapshot, self.origin)
        self._cartridge.restore(snapshot.cartridge)
        self.frame = snapshot.frame
        self.longest_rally = snapshot.longest_rally
        self._points = list(snapshot.rallies)
        self._served = snapshot.served
        self._taken = [None, None]
        self._muting_changed = True  # other units may have been muted then
        for player, state in zip(self.players, snapshot.players, strict=True):
            player.restore(state)

    @property
    def ball(self) -> Ball:
        """The ball's speed."""
        return self.variant.ball

    @property
    def replays(self) -> bool:
        """Whether this is a replay of a recorded match."""
        return self._recorded is not None

    @property
    def over(self) -> bool:
        """Whether somebody has won, or a replay is at the end of its log."""
        return self._won or (self.replays and self.frames >= len(self.input_log))

    @property
    def rallies(self) -> tuple[RallyRecord, ...]:
        """The points so far."""
        return tuple(self._points)

    @property
    def screen(self) -> UInt8Array:
        """The screen as the players see it: shape (210, 160), palette indices. Copy it to keep it."""
        screen: UInt8Array = self._cartridge.screen
        return mirror(screen) if self._swapped else screen

    @property
    def frames(self) -> int:
        """Frames played so far."""
        return 0 if self.frame is None else self.frame.number

    @property
    def score(self) -> tuple[int, int]:
        """Points of the left and of the right player."""
        return self._pair(self._cartridge.score)

    @property
    def paddles(self) -> tuple[int, int]:
        """Heights of the left and of the right paddle."""
        return self._pair(self._cartridge.paddles)

    @property
    def rally(self) -> int:
        """Hits in this rally."""
        return self._cartridge.rally

    @property
    def ball_speed(self) -> int:
        """Columns that the ball moves in a frame."""
        return self._cartridge.ball_speed

    @property
    def winner(self) -> Side | None:
        """The winner's side; None while the match goes on."""
        if not self._won or self.score[0] == self.score[1]:
            return None
        return Side.LEFT if self.score[0] > self.score[1] else Side.RIGHT

    @property
    def decisions(self) -> tuple[Decision | None, Decision | None]:
        """The latest decisions of left and right; None for players that show none, or before the first."""
        return self.players[0].decision, self.players[1].decision

    @property
    def names(self) -> tuple[str, str]:
        """The players' current names; `specs` has those at the start."""
        return self.players[0].spec.name, self.players[1].spec.name

    def rgb(self) -> UInt8Array:
        """The picture as the players see it: shape (210, 160, 3)."""
        picture: UInt8Array = self._cartridge.rgb()
        return mirror_picture(picture) if self._swapped else picture

    def audio(self) -> UInt8Array:
        """The last frame's sound: 512 samples, uint8 around 128, at 30,720 Hz; needs `sound`."""
        samples: UInt8Array = self._cartridge.audio()
        return samples

    def result(self) -> MatchResult:
        """The result, or the score so far."""
        winner = self.winner
        return MatchResult(
            left=self.specs[0].name,
            right=self.specs[1].name,
            score=self.score,
            winner=None if winner is None else winner.value,
            finished=winner is not None,
            frames=self.frames,
            seed=self.seed,
            ball=self.ball.value,
            points=self.points,
            longest_rally=self.longest_rally,
            id=self.id,
            kinds=(self.specs[0].kind, self.specs[1].kind),
            rallies=self.rallies,
            altered=(self._altered[0], self._altered[1]),
            taken_over=(self._taken_over[0], self._taken_over[1]),
            greedy=(self.specs[0].greedy, self.specs[1].greedy),
            rewound=self.rewound,
            serve=self.serve.value,
            people=nicknames(self.specs),
            variant=self.variant,
        )

    def close(self) -> None:
        """Release the emulator and close the players."""
        self._cartridge.close()
        for player in self.players:
            player.close()

    @property
    def _won(self) -> bool:
        frame = self.frame
        return frame is not None and (frame.over or max(frame.score) >= self.points)

    def _seated(self, player: Player | PlayerSpec) -> Player:
        return self.variant.applied(player).player() if isinstance(player, PlayerSpec) else player

    @property
    def _small(self) -> SmallPaddles:
        return self.variant.small.mirrored if self._swapped else self.variant.small

    def _sit_down(self) -> None:
        """Assign the players their sides."""
        left, right = self.players
        left.side, right.side = Side
        self.specs = (left.spec, right.spec)
        self._swapped = right.spec.traits.by_cartridge
        self._has_ai = self._swapped or left.spec.traits.by_cartridge

    def _begin(self) -> None:
        self.frame = None
        self.longest_rally = 0
        self.id = self.origin = _new_id()
        self.input_log = InputLog() if self._recorded is None else self._recorded
        self.rewound = False
        self._taken_over, self._altered = [False, False], [False, False]
        self._points.clear()
        self._served = 0
        self._taken = [None, None]
        self._muting_changed = True
        for player, seed in zip(
            self.players, np.random.SeedSequence(self.seed).generate_state(2), strict=True
        ):
            player.reset(int(seed))

    def _ask(self) -> list[Control | None]:
        """Ask both players for their controls in the next frame; None where the cartridge plays."""
        screen = self.screen
        left, right = self.players
        return [left.act(mirror(screen)), right.act(screen)]

    def _advance(self, left: Control | None, right: Control | None) -> Frame:
        """Advance the cartridge by one frame, and update the counts."""
        if self._swapped:
            left, right = right, left
        if self._has_ai:
            self._cartridge.let_ai_play(left is None)
        stay = Move.STAY  # ignored where the cartridge plays
        frame = self._cartridge.step(left or stay, right or stay)
        self.frame = turn_frame(frame) if self._swapped else frame
        self.longest_rally = max(self.longest_rally, self.rally)
        if Event.SERVE in self.frame.events:
            self._served = self.frame.number
        if self.frame.scorer is not None:
            self._end_rally(self.frame.scorer)
        return self.frame

    def _end_rally(self, winner: Side) -> None:
        self._points.append(RallyRecord(winner.value, self.rally, self.frames - self._served))
        for side, player in zip(Side, self.players, strict=True):
            player.end_rally(1 if side is winner else -1)

    def _log_muting(self) -> None:
        """Record in the input log what is muted from the next frame on, so that replays show it."""
        self._muting_changed = False
        for i, player in enumerate(self.players):
            if player.muted is None:
                continue
            last, mutes = self.input_log.muted(i), bool(player.muted.any())
            self._altered[i] |= mutes
            if mutes if last is None else not np.array_equal(player.muted, last):
                self.input_log.mutings.append(MuteEvent(self.frames, i, player.muted))

    def _apply_muting(self) -> None:
        """In a replay, mute the units that were muted at this frame."""
        for i, (side, player) in enumerate(zip(Side, self.players, strict=True)):
            if player.muted is None or not self.input_log.mutings:
                continue
            muted = self.input_log.muted(i, self.frames)
            if muted is None:
                self.unmute(side)
            elif len(muted) == len(player.muted):
                player.mute(muted)

    def _pair(self, pair: tuple[int, int]) -> tuple[int, int]:
        return (pair[1], pair[0]) if self._swapped else pair


def _index(side: Side) -> int:
    return 0 if side is Side.LEFT else 1


def _new_id() -> str:
    """An id that sorts by time: date, time, six random digits."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def _check(players: tuple[Player, Player], points: int, seed: int, *, replays: bool) -> None:
    specs = [player.spec for player in players]
    if any(spec.traits.absent for spec in specs) and not replays:
        raise MatchError("expected players, got a recorded one in a new match; name who is to play")
    if players[0] is players[1]:
        raise MatchError(f"expected two players, got one object of {specs[0].name} twice; create another")
    check_meeting(*specs)
    if not 1 <= points <= POINTS_TO_WIN:
        raise MatchError(
            f"expected 1 to {POINTS_TO_WIN} points to win, got {points}; the cartridge ends every game at "
            f"{POINTS_TO_WIN}: choose fewer"
        )
    if not 0 <= seed < 2**31:
        raise MatchError(f"expected a seed of 0 to {2**31 - 1}, got {seed}; choose another one")
