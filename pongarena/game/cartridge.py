"""Run the real Pong cartridge frame by frame, and control both paddles.

The emulator controls only the right paddle. The cartridge itself (Atari's Video Olympics) also holds a
two-player Pong. This module selects it and moves the paddles by writing to the console's memory. The
addresses were measured on ale-py 0.12.1 and are checked against the screen in `tests/game/test_cartridge.py`.
"""

import weakref
from dataclasses import dataclass

import numpy as np

from pongarena.core.arrays import UInt8Array
from pongarena.core.errors import InvalidSettingError
from pongarena.game.console import give_back, take_console
from pongarena.game.emulator import ale_py
from pongarena.game.paddle import Move, Paddle
from pongarena.game.ram import Ram
from pongarena.game.rules import POINTS_TO_WIN, SCREEN_SHAPE
from pongarena.game.types import Ball, Control, Event, Frame, Knob, Serve, Side, SmallPaddles

__all__ = [
    "AUDIO_SAMPLES",
    "Ball",
    "BareConsole",
    "Cartridge",
    "CartridgeState",
    "Control",
    "Event",
    "Frame",
    "Knob",
    "Side",
]

AUDIO_SAMPLES = 512
"""Sound samples of one frame."""

_ATTRACT_LIMIT = 128
"""The attract timer is reset at this value; at 256 the cartridge would leave the game."""

_WALL_MARGIN_TOP, _WALL_MARGIN_BOTTOM = 60, 190
"""A ball that turns round above the first height or below the second has bounced off a wall."""

_AI_FLAG = 16
"""The variation's flag that lets the cartridge move the left paddle itself."""

_DIFFICULTY = {SmallPaddles.NONE: 0, SmallPaddles.LEFT: 1, SmallPaddles.RIGHT: 2, SmallPaddles.BOTH: 3}
"""Settings of the console's difficulty switches. A reset does not change them."""

_PRESSED, _RELEASED = 0, 192
"""Values of the serve button in memory; the cartridge reads the highest bit only."""

_NOBODY = 255
"""The server in a one-player game before the first point."""

_NATIVE_ACTION = {Move.UP: 3, Move.STAY: 0, Move.DOWN: 4}
"""The emulator's RIGHT, NOOP and LEFT, which turn the right paddle's knob."""


@dataclass(frozen=True)
class CartridgeState:
    """A moment of a game, saved by `Cartridge.state` and restored by `Cartridge.restore`.

    Attributes:
        emulator: The console's own state.
        left: Height and potentiometer of the left paddle.
        right: The same of the right paddle.
        counts: Rally, frame number, the ball's last vertical direction.
        over: Whether a side has 21 points.
        ai_plays: Whether the cartridge's own player holds the left paddle.
        ram: The memory, 128 bytes.
        screen: Shape (210, 160); the emulator's own state does not include it.
        rgb: Shape (210, 160, 3).
    """

    emulator: ale_py.ALEState
    left: tuple[int, float]
    right: tuple[int, float]
    counts: tuple[int, int, int]
    over: bool
    ai_plays: bool
    ram: UInt8Array
    screen: UInt8Array
    rgb: UInt8Array


class Cartridge:
    """A game of Pong.

    Attributes:
        screen: Palette indices, shape (210, 160), uint8; overwritten by every step, so copy it to keep it.
        rally: Hits since the last serve.
        small: Which paddles have half their height, from the next reset on.
        ball: How the ball's speed changes in a rally, from the next reset on.

    Note:
        `Paddle` moves both paddles. A direction takes effect one frame later, as on the console; a knob at
        once.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        left_ai: bool = False,
        ball: Ball = Ball.CONSTANT,
        serve: Serve = Serve.RELEASED,
        small: SmallPaddles = SmallPaddles.NONE,
        max_frames: int | None = None,
        sound: bool = False,
    ) -> None:
        """Insert the cartridge and start a game.

        Args:
            seed: Chooses the direction of the first serve in a two-player game. Nothing else is random, so
                the seed changes nothing against the cartridge's own player.
            left_ai: Whether the cartridge's own player holds the left paddle.
            ball: How the ball's speed changes in a rally.
            serve: When the serve button is released.
            small: Which paddles have half their height.
            max_frames: Frames after which an unfinished game is truncated; None for no cap.
            sound: Whether to produce sound for `audio`.

        Raises:
            InvalidSettingError: `max_frames` is not positive.
        """
        if max_frames is not None and max_frames < 1:
            raise InvalidSettingError(
                f"max_frames: expected at least 1, got {max_frames}; leave it out for no limit"
            )
        self._has_ai = self._ai_plays = left_ai
        self.ball = Ball(ball)
        self._releases = Serve(serve) is Serve.RELEASED
        self.small = SmallPaddles(small)
        self._max_frames = max_frames
        self._sound = sound
        self._ale = take_console(sound=sound)
        self._leave = weakref.finalize(self, give_back, self._ale, sound=sound)
        self._left, self._right = Paddle(), Paddle()
        self.screen: UInt8Array = np.zeros(SCREEN_SHAPE, np.uint8)
        self._rgb: UInt8Array = np.zeros((*SCREEN_SHAPE, 3), np.uint8)
        self._ram: UInt8Array = np.zeros(128, np.uint8)
        self._memory = bytes(128)
        self._seed = seed
        self.reset(seed)

    def reset(self, seed: int | None = None) -> None:
        """Start a new game.

        Args:
            seed: A new seed; None keeps the last one.

        Raises:
            ValueError: The cartridge was closed.
        """
        if seed is not None:
            self._seed = seed
        self._check_open()
        self._ale.setDifficulty(_DIFFICULTY[self.small])
        self._ale.reset_game()
        self._ai_plays = self._has_ai
        self._restored = False
        self._left.reset()
        self._right.reset()
        self._select_variation()
        self.rally = 0
        self._number = 0
        self._over = False
        self._vertical = 0
        self._read_memory()
        self._ale.getScreen(self.screen)

    def step(self, left: Control, right: Control) -> Frame:
        """Run one frame (1/60 s).

        Serves are automatic. After the end of a game nothing moves.

        Args:
            left: The left player's control; ignored while the cartridge's own player holds the paddle.
            right: The right player's control.

        Raises:
            ValueError: The cartridge was closed.
        """
        self._check_open()
        if self._over or self._truncated:
            return Frame(self._number, (), self.score, self._over, self._truncated)
        before = self._memory
        if not self._ai_plays:
            self._hold(self._left, left, Ram.PADDLE_LEFT)
            self._keep_serving()
        self._hold(self._right, right, Ram.PADDLE_RIGHT)
        if before[Ram.ATTRACT_TIMER] >= _ATTRACT_LIMIT:
            self._ale.setRAM(Ram.ATTRACT_TIMER, 1)
        self._ale.act(_NATIVE_ACTION[right] if isinstance(right, Move) else 0)
        odd = before[Ram.PARITY] & 1 == 1
        if isinstance(left, Move):
            self._left.push(left, reads=not odd)
        if isinstance(right, Move):
            self._right.push(right, reads=odd)
        self._read_memory()
        self._ale.getScreen(self.screen)
        self._restored = False
        self._number += 1
        score = self.score
        self._over = max(score) >= POINTS_TO_WIN
        return Frame(self._number, self._events(before), score, self._over, self._truncated)

    def rgb(self) -> UInt8Array:
        """The screen in colour, shape (210, 160, 3); a reused buffer."""
        if not self._restored:
            self._ale.getScreenRGB(self._rgb)
        return self._rgb

    def audio(self) -> UInt8Array:
        """The last frame's sound: shape (512,), uint8, silence near 128, sampled at 512 × 60 Hz.

        Raises:
            InvalidSettingError: The cartridge was made without sound.
            ValueError: It was closed.
        """
        if not self._sound:
            raise InvalidSettingError("audio: expected a cartridge with sound=True, got one without sound")
        self._check_open()
        samples: UInt8Array = self._ale.getAudio()
        return samples

    def let_ai_play(self, plays: bool) -> None:
        """Take the left paddle from the cartridge's own player, or hand it back without moving it.

        Raises:
            InvalidSettingError: The cartridge was made without its own player.
        """
        if not self._has_ai:
            raise InvalidSettingError(
                "let_ai_play: expected a cartridge with left_ai=True, got one without its own player"
            )
        if plays == self._ai_plays:
            return
        self._ai_plays = plays
        if plays:
            self._ale.setRAM(Ram.AI_PADDLE, self._left.y)
            self._ale.setRAM(Ram.PADDLE_LEFT, self._left.y)
            self._release_serve()  # the cartridge's own player never releases it
        else:
            self._left.turn_to(int(self._ram[Ram.AI_PADDLE]))
        self._write_variation()
        if not plays and self._memory[Ram.SERVER] == _NOBODY:
            self._choose_server()  # only the one-player game makes the first serve by itself

    def state(self) -> CartridgeState:
        """Save this moment for `restore`.

        Note:
            The sound chip's phase is not saved. Memory and picture repeat bit for bit.
        """
        self._check_open()
        return CartridgeState(
            emulator=self._ale.cloneState(include_rng=True),
            left=(self._left.y, self._left.pot),
            right=(self._right.y, self._right.pot),
            counts=(self.rally, self._number, self._vertical),
            over=self._over,
            ai_plays=self._ai_plays,
            ram=self._ram.copy(),
            screen=self.screen.copy(),
            rgb=self.rgb().copy(),
        )

    def restore(self, state: CartridgeState) -> None:
        """Go back to a saved moment of this cartridge, or of one created with the same settings."""
        self._check_open()
        self._ale.restoreState(state.emulator)
        self._left.y, self._left.pot = state.left
        self._right.y, self._right.pot = state.right
        self.rally, self._number, self._vertical = state.counts
        self._over, self._ai_plays = state.over, state.ai_plays
        self._ram[:] = state.ram
        self._memory = self._ram.tobytes()
        self.screen[:] = state.screen
        self._rgb[:] = state.rgb
        self._restored = True  # the emulator holds another moment's picture until the next frame

    @property
    def score(self) -> tuple[int, int]:
        """Points (left, right)."""
        return self._memory[Ram.SCORE_LEFT], self._memory[Ram.SCORE_RIGHT]

    @property
    def paddles(self) -> tuple[int, int]:
        """Heights (left, right) as the cartridge counts them; 0 while it hides a paddle."""
        return self._memory[Ram.SHOWN_LEFT], self._memory[Ram.SHOWN_RIGHT]

    @property
    def ball_position(self) -> tuple[int, int] | None:
        """The ball's (x, y) as the cartridge counts them; None between points."""
        if self._memory[Ram.BALL_Y] == 0:
            return None
        return self._memory[Ram.BALL_X], self._memory[Ram.BALL_Y]

    @property
    def ball_speed(self) -> int:
        """The ball's horizontal speed in pixels a frame."""
        speed = self._memory[Ram.BALL_VX]  # a signed byte
        return min(speed, 256 - speed)

    @property
    def winner(self) -> Side | None:
        """The side with 21 points; None while the game goes on."""
        if not self._over:
            return None
        left, right = self.score
        return Side.LEFT if left > right else Side.RIGHT

    def close(self) -> None:
        """Release the console; the last picture stays readable. Closing twice is harmless."""
        if self._leave.alive:
            self.rgb()
            self._restored = True  # the console may show another game from now on
            self._leave()

    def _check_open(self) -> None:
        if not self._leave.alive:
            raise ValueError("expected an open cartridge, got one that was closed; make a new one")

    @property
    def _truncated(self) -> bool:
        return not self._over and self._max_frames is not None and self._number >= self._max_frames

    def _select_variation(self) -> None:
        """Select the variation, since every reset falls back to variation 0, and prepare the first serve."""
        self._write_variation()
        if not self._has_ai:
            self._choose_server()

    def _choose_server(self) -> None:
        """Let the seed choose who serves first and in which direction."""
        direction = int(np.random.default_rng(self._seed % 2**31).integers(4))
        self._ale.setRAM(Ram.SERVER, 4 + (direction & 1))
        self._ale.setRAM(Ram.SERVE_BUTTON, _PRESSED)
        self._ale.setRAM(Ram.BALL_VY, 1 if direction & 2 else 255)

    def _write_variation(self) -> None:
        """Select one or two players. Write the flags too: the cartridge would set them one frame late."""
        faster, two = self.ball is Ball.FASTER, not self._ai_plays
        self._ale.setRAM(Ram.VARIATION, 2 * two + faster)
        self._ale.setRAM(Ram.VARIATION_FLAGS, (136 if faster else 8) + (0 if two else _AI_FLAG))
        if faster:
            self._ale.setRAM(Ram.VARIATION_FLAGS_2, 0)

    def _hold(self, paddle: Paddle, control: Control, address: Ram) -> None:
        """Write a paddle's height into memory."""
        y = paddle.turn_to(control.y) if isinstance(control, Knob) else paddle.y
        self._ale.setRAM(address, y)

    def _keep_serving(self) -> None:
        """Serve automatically in the two-player game, as the one-player game does."""
        if self._memory[Ram.BETWEEN_POINTS] != 0 and self._memory[Ram.SERVER] != _NOBODY:
            self._ale.setRAM(Ram.SERVER, self._memory[Ram.SERVER] | 4)
            self._ale.setRAM(Ram.SERVE_BUTTON, _PRESSED)
        else:
            self._release_serve()

    def _release_serve(self) -> None:
        """Release the button, which the cartridge reads again only after the first hit."""
        if self._releases:
            self._ale.setRAM(Ram.SERVE_BUTTON, _RELEASED)

    def _read_memory(self) -> None:
        self._ale.getRAM(self._ram)
        self._memory = self._ram.tobytes()  # reading one byte takes a fifth of the time

    def _events(self, before: bytes) -> tuple[Event, ...]:
        """Compare the memory before and after the last frame to find its events."""
        now = self._memory
        events: list[Event] = []
        if now[Ram.BALL_Y] and not before[Ram.BALL_Y]:
            events.append(Event.SERVE)
            self.rally = 0
        hit = now[Ram.HITS] != before[Ram.HITS] and now[Ram.HITS] != 0
        if hit:
            events.append(Event.HIT)
            self.rally += 1
        if self._turned(before) and not hit:
            events.append(Event.WALL)
        if now[Ram.SCORE_LEFT] != before[Ram.SCORE_LEFT]:
            events.append(Event.POINT_LEFT)
        if now[Ram.SCORE_RIGHT] != before[Ram.SCORE_RIGHT]:
            events.append(Event.POINT_RIGHT)
        if self._over:
            events.append(Event.GAME_OVER)
        return tuple(events)

    def _turned(self, before: bytes) -> bool:
        """Whether the ball has just turned round at a wall."""
        y, earlier = self._memory[Ram.BALL_Y], before[Ram.BALL_Y]
        if y == 0 or earlier == 0:
            self._vertical = 0
            return False
        direction = (y > earlier) - (y < earlier)
        if direction == 0:
            return False
        last, self._vertical = self._vertical, direction
        near = y < _WALL_MARGIN_TOP if direction > 0 else y > _WALL_MARGIN_BOTTOM
        return last == -direction and near


class BareConsole:
    """The bare emulator with one game: the baseline of `pongarena bench match`."""

    def __init__(self) -> None:
        self._ale = take_console(sound=False)
        self._ale.reset_game()

    def run(self, frames: int) -> None:
        """Play a number of frames with one direction held; restart a game that ends."""
        for _ in range(frames):
            if self._ale.game_over():
                self._ale.reset_game()
            self._ale.act(_NATIVE_ACTION[Move.UP])
