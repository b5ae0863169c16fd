"""Comparison of the compiled game with the emulator, frame by frame: memory, views, points and ends."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, UInt8Array
from pongarena.envs.comparison import Comparison, tell_picture, views_of
from pongarena.envs.observation import crop, mirror
from pongarena.envs.same_kernels import NO_KNOB, ON, Order, Plan, rehearse
from pongarena.game.compiled import State
from pongarena.game.emulator import ale_py
from pongarena.game.ram import Ram
from pongarena.game.rules import POINTS_TO_WIN, SCREEN_SHAPE

__all__ = ["Rehearsal"]

_STRETCH = 256
"""Frames per compiled stretch; the cartridge's attract timer advances once in as many frames."""

_ATTRACT_LIMIT = 128
"""At this value the attract timer is reset, as in `Cartridge`."""

_KEEP, _GO_BACK = 0.15, 0.05
"""Probabilities, after a stretch, of saving the state and of restoring the last saved one."""

_MOST_APART = 20
"""Divergences before a comparison is abandoned: another cartridge would differ in every frame."""

_PRESSED, _RELEASED = 0, 192
"""Values of the serve button."""

_MOVES = {-1: 3, 0: 0, 1: 4}
"""The emulator's RIGHT, NOOP and LEFT: RIGHT moves the right paddle up, LEFT down."""

_BYTES: dict[State, tuple[Ram, str]] = {
    State.HITS: (Ram.HITS, "the number of hits in the rally"),
    State.SERVER: (Ram.SERVER, "the side that serves"),
    State.WAIT: (Ram.BETWEEN_POINTS, "the wait for the serve"),
    State.SCORE_LEFT: (Ram.SCORE_LEFT, "the left side's score"),
    State.SCORE_RIGHT: (Ram.SCORE_RIGHT, "the right side's score"),
    State.CLOCK: (Ram.PARITY, "the clock"),
    State.AI: (Ram.AI_PADDLE, "the CPU's height"),
    State.BALL_X: (Ram.BALL_X, "the ball's x"),
    State.BALL_Y: (Ram.BALL_Y, "the ball's y"),
    State.BALL_VY: (Ram.BALL_VY, "the ball's vertical speed"),
    State.BALL_VX: (Ram.BALL_VX, "the ball's horizontal speed"),
    State.SHOWN_LEFT: (Ram.SHOWN_LEFT, "the left paddle shown"),
    State.SHOWN_RIGHT: (Ram.SHOWN_RIGHT, "the right paddle shown"),
    State.PADDLE_LEFT: (Ram.PADDLE_LEFT, "the left paddle"),
    State.PADDLE_RIGHT: (Ram.PADDLE_RIGHT, "the right paddle"),
    State.VARIATION: (Ram.VARIATION, "the variation"),
}
"""Bytes to compare. With two players, the left paddle is instead written into the memory in each frame."""

_SCORES = [State.SCORE_LEFT, State.SCORE_RIGHT]


class Rehearsal:
    """A variation of the game, played on both the compiled rules and the emulator."""

    def __init__(self, ale: ale_py.ALEInterface, variation: int, seed: int) -> None:
        self._ale = ale
        self._variation = variation
        self._two = variation >= 2
        self._rng = np.random.default_rng([seed, variation])
        self._chance = self._rng.integers(0, 2**64, 1, np.uint64)
        self._row = np.zeros(len(State), np.int32)
        self._plans = np.zeros((2, len(Plan)), np.int32)
        self._rows = np.zeros((_STRETCH, len(State)), np.int32)
        self._seen = np.zeros((_STRETCH, 2), np.int32)
        self._orders = np.zeros((_STRETCH, len(Order)), np.int32)
        self._memory = np.zeros((_STRETCH, 128), np.uint8)
        self._screens = np.zeros((_STRETCH, *SCREEN_SHAPE), np.uint8)
        self._rewards = np.zeros(_STRETCH, np.int32)
        self._over = np.zeros(_STRETCH, np.bool_)
        self._places = list(zip(self._memory, self._screens, strict=True))
        self._fields = [place for place in _BYTES if not (self._two and place is State.PADDLE_LEFT)]
        self._addresses = [_BYTES[place][0] for place in self._fields]
        self._ram = np.zeros(128, np.uint8)
        self._kept: tuple[ale_py.ALEState, NDArray[np.int32], UInt8Array] | None = None
        self._games = 0

    def play(self, frames: int) -> Iterator[Comparison]:
        """Play and compare stretches of frames; after a divergence, start a new game, up to a limit."""
        begins, apart = True, 0
        while frames > 0 and apart < _MOST_APART:
            before = self._row.copy()
            count = self._rehearse(begins, frames)
            self._repeat(begins, count)
            part = self._compare(before, begins, count)
            yield part
            frames -= part.frames
            apart += part.differing > 0
            begins = bool(part.differing or part.games)
            if not begins:
                self._travel()

    def _rehearse(self, begins: bool, most: int) -> int:
        begin = self._variation + 4 * int(self._rng.integers(4)) if begins else ON
        self._games += begins
        length = min(_STRETCH, most + begins)
        notes = (self._rows[:length], self._seen[:length], self._orders[:length])
        return int(rehearse(self._row, self._chance, self._plans, begin, *notes))

    def _repeat(self, begins: bool, count: int) -> None:
        """Play a stretch on the emulator with the same inputs."""
        ale = self._ale
        if begins:
            self._begin()
        elif self._ram[Ram.ATTRACT_TIMER] >= _ATTRACT_LIMIT:
            ale.setRAM(Ram.ATTRACT_TIMER, 1)
        ram, orders = self._ram, self._orders[:count].tolist()
        for at in range(int(begins), count):
            move, knob, left = orders[at]
            if self._two:
                ale.setRAM(Ram.PADDLE_LEFT, left)
                waits = ram[Ram.BETWEEN_POINTS] != 0 and ram[Ram.SERVER] != 255
                if waits:
                    ale.setRAM(Ram.SERVER, int(ram[Ram.SERVER]) | 4)
                ale.setRAM(Ram.SERVE_BUTTON, _PRESSED if waits else _RELEASED)
            if knob != NO_KNOB:
                ale.setRAM(Ram.PADDLE_RIGHT, knob)
            self._rewards[at] = ale.act(_MOVES[move])
            ram, screen = self._places[at]
            ale.getRAM(ram)
            ale.getScreen(screen)
            self._over[at] = ale.game_over()
        self._ram = ram.copy()

    def _begin(self) -> None:
        """Reset and select the variation, as `Cartridge` does; serve as the compiled game does."""
        ale, faster = self._ale, self._variation & 1
        ale.reset_game()
        ale.setRAM(Ram.VARIATION, self._variation)
        ale.setRAM(Ram.VARIATION_FLAGS, (136 if faster else 8) + (0 if self._two else 16))
        if faster:
            ale.setRAM(Ram.VARIATION_FLAGS_2, 0)
        if self._two:
            ale.setRAM(Ram.SERVER, int(self._rows[0, State.SERVER]))
            ale.setRAM(Ram.SERVE_BUTTON, _PRESSED)
            ale.setRAM(Ram.BALL_VY, int(self._rows[0, State.BALL_VY]))
        ram, screen = self._places[0]
        ale.getRAM(ram)
        ale.getScreen(screen)
        self._ram, self._rewards[0], self._over[0] = ram, 0, ale.game_over()

    def _compare(self, before: NDArray[np.int32], begins: bool, count: int) -> Comparison:
        """Compare a stretch up to the first frame where the games diverge; only count differing views."""
        rows, memory = self._rows[:count], self._memory[:count]
        scores = rows[:, _SCORES]
        gained = np.diff(scores, axis=0, prepend=scores[:1] if begins else before[None, _SCORES])
        won: NDArray[np.int32] = gained[:, 1] - gained[:, 0]
        over: BoolArray = np.greater_equal(scores.max(1), POINTS_TO_WIN)
        apart: BoolArray = (rows[:, self._fields] != memory[:, self._addresses]).any(1)
        apart |= np.not_equal(rows[:, State.BUTTON], memory[:, Ram.SERVE_BUTTON] < 128)
        apart |= np.not_equal(won, self._rewards[:count])
        apart |= np.not_equal(over, self._over[:count])
        if apart.any():
            count = int(apart.argmax()) + 1
        differing: BoolArray = apart[:count]
        for here, there in self._sides(slice(count)):
            differing |= _differ(here, there)
        hits = np.diff(
            rows[:count, State.HITS], prepend=rows[0, State.HITS] if begins else before[State.HITS]
        )
        part = Comparison(
            frames=count - begins,
            games=int(over[count - 1]),
            points=int(gained[:count].sum()),
            hits=int((hits == 1).sum()),
            differing=int(differing.sum()),
        )
        if not part.differing:
            return part
        at = int(differing.argmax())
        told = "; ".join(self._tell(at, int(won[at]), bool(over[at])))
        return replace(part, first=f"{self._tell_place(at)}: {told}")

    def _sides(self, frames: slice) -> Iterator[tuple[BoolArray, BoolArray]]:
        """Yield the right and then the left side's views, in the compiled game and in the emulator."""
        screens = self._screens[frames]
        yield views_of(self._seen[frames, 0]), crop(screens)
        yield views_of(self._seen[frames, 1]), crop(mirror(screens))

    def _tell(self, at: int, won: int, over: bool) -> Iterator[str]:
        """Describe all differences in a frame."""
        row, memory = self._rows[at], self._memory[at]
        for field, address in zip(self._fields, self._addresses, strict=True):
            if row[field] != memory[address]:
                yield _tell_two(_BYTES[field][1], memory[address], row[field])
        if row[State.BUTTON] != (memory[Ram.SERVE_BUTTON] < 128):
            buttons = (
                ("pressed", "not pressed") if memory[Ram.SERVE_BUTTON] < 128 else ("not pressed", "pressed")
            )
            yield _tell_two("the serve's button", *buttons)
        if won != self._rewards[at]:
            yield _tell_two("the reward", self._rewards[at], won)
        if over != self._over[at]:
            yield _tell_two("the game", *(("over", "going on") if self._over[at] else ("going on", "over")))
        for side, (here, there) in zip(("right", "left"), self._sides(slice(at, at + 1)), strict=True):
            if (here != there).any():
                yield f"of what the {side} side sees {tell_picture(there[0], here[0])}"

    def _tell_place(self, at: int) -> str:
        row = self._rows[at]
        ball = f"the ball at {row[State.BALL_X]}, {row[State.BALL_Y]}" if row[State.BALL_Y] else "no ball"
        score = f"{row[State.SCORE_LEFT]} : {row[State.SCORE_RIGHT]}"
        place = f"variation {self._variation}, game {self._games}, frame {row[State.FRAMES]:,}"
        return f"{place}, at {score} with {ball}"

    def _travel(self) -> None:
        """At random, save this state, restore the last saved one, or do neither."""
        noise = self._rng.random()
        if noise < _KEEP:
            self._kept = (self._ale.cloneState(), self._row.copy(), self._ram.copy())
        elif noise > 1 - _GO_BACK and self._kept is not None:
            state, row, ram = self._kept
            self._ale.restoreState(state)
            self._row[:], self._ram = row, ram.copy()


def _differ(here: BoolArray, there: BoolArray) -> BoolArray:
    """Return which views differ; compares eight pixels at once."""
    words = [views.reshape(len(views), -1).view(np.uint64) for views in (here, there)]
    differ: BoolArray = (words[0] != words[1]).any(1)
    return differ


def _tell_two(what: str, emulator: object, compiled: object) -> str:
    return f"{what} is {emulator} in the emulator and {compiled} in the compiled game"
