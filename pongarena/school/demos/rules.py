"""Exhibits on the cartridge's rules: where the ball goes, what the CPU can reach, how a serve goes.

Every number is measured by playing frames of the compiled game, and compared with the formula.
"""

from collections.abc import Iterator
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from pongarena.game.cartridge import Cartridge
from pongarena.game.compiled import State, begin_game, play_frame
from pongarena.game.paddle import Move
from pongarena.school.demos.numbers import bar, num, tick
from pongarena.school.lesson import Lesson
from pongarena.school.parts import Parameters, Part, Words

__all__ = ["returned", "show_angles", "show_chase", "show_same", "show_serve"]

Row = NDArray[np.int32]

_LEFT_EDGE = 49
"""The ball's x in memory at the left edge of the screen."""

_RIGHT_PADDLE, _MIDDLE = _LEFT_EDGE + 139, _LEFT_EDGE + 128
_HEIGHTS = range(54, 200, 5)
_AI_FRAMES = 8
_SERVES = 6
_LONGEST = 20_000
"""Frames after which waiting for points ends; a game has some thousands."""

_COMPARED = 1_200
"""Frames that the emulator and the rules both play: twenty seconds of a match."""


def show_angles(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show how steeply the ball leaves, by where it meets the paddle."""
    found = list(_hits())
    lines = [
        "A level ball, at every height that meets the resting right paddle:",
        "",
        f"  {'rows below its top':<20}{'rows a frame after':>20}   {'formula':>7}",
    ]
    for steepness in sorted({measured for _, measured in found}):
        offsets = [offset for offset, measured in found if measured == steepness]
        holds = all(_formula(offset) == steepness for offset in offsets)
        arrow = "↑" * -steepness if steepness < 0 else "↓" * steepness or "→"
        span = f"{offsets[0]} to {offsets[-1]}".replace("-", "−")
        lines.append(
            f"  {tick(holds)} {span:<18}{num(steepness, 0, sign=True):>13} {arrow:<6}"
            f"   {num(_formula(offsets[0]), 0, sign=True):>7}"
        )
    lines += [
        "",
        "  Only the place on the paddle counts, not how the paddle moves: the middle",
        "  returns level balls, and its two ends the steep ones.",
    ]
    return [Words("\n".join(lines))]


def show_chase(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show how fast the CPU is, and which balls it returns."""
    moved = _ai_moves()
    lines = [
        f"  {tick(moved == 2 * (_AI_FRAMES - 1))} with the ball far below, the CPU moved {moved} rows in "
        f"{_AI_FRAMES} frames: {moved / _AI_FRAMES:g} a frame",
        "",
        "From the right paddle, at many heights, with the CPU at the ball's height:",
        "",
        f"  {'the ball leaves with':<24}{'the CPU returns':>15}",
    ]
    shares = {steepness: returned(steepness) for steepness in (0, 1, 2)}
    for steepness, share in shares.items():
        words = f"{steepness} row{'s' if steepness != 1 else ''} a frame"
        lines.append(f"  {words:<24}{share:>15.0%}   {bar(share, 20)}")
    holds = shares[0] == shares[1] == 1 > shares[2]
    lines += [
        "",
        f"  {tick(holds)} it returns all balls slower than itself; of faster ones only those that",
        "    a wall sends back to it in time. A steep ball beats it: that is what a",
        "    network has to find out.",
    ]
    return [Words("\n".join(lines))]


def show_serve(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show what happens between two points."""
    lines = [
        f"  {'point for':<12}{'frames until the serve':>24}   {'column':>6}   {'it flies':<8}   rows a frame"
    ]
    to_the_loser = True
    for side, waited, column, vx, vy in _serves():
        to_the_loser &= (vx < 0) == (side == 1)
        lines.append(
            f"  {'the CPU' if side == 0 else 'the right':<12}{waited:>24}   {column:>6}   "
            f"{'← left' if vx < 0 else 'right →':<8}   {num(vy, 0, sign=True)}"
        )
    lines += [
        "",
        f"  {tick(to_the_loser)} always to the side that has just lost a point, always one row a",
        "    frame, up or down as the last ball flew: there is no chance in it.",
    ]
    return [Words("\n".join(lines))]


def show_same(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Compare the emulator and the rules, frame by frame."""
    rng = np.random.default_rng(lesson.seed)
    row, apart, spent = _begun(), 0, np.zeros(2)
    play_frame(_begun(), 0, 0)  # compile or load it before timing
    cartridge = Cartridge(left_ai=True)
    try:
        for _ in range(_COMPARED):
            up = bool(row[State.BALL_Y] < row[State.SHOWN_RIGHT] + 4) != bool(rng.random() < 0.1)
            begin = perf_counter()
            cartridge.step(Move.STAY, Move.UP if up else Move.DOWN)
            between = perf_counter()
            play_frame(row, 0, -1 if up else 1)
            spent += (between - begin, perf_counter() - between)
            ball = (int(row[State.BALL_X]), int(row[State.BALL_Y])) if row[State.BALL_Y] else None
            apart += (
                cartridge.score != (row[State.SCORE_LEFT], row[State.SCORE_RIGHT])
                or cartridge.paddles != (row[State.SHOWN_LEFT], row[State.SHOWN_RIGHT])
                or cartridge.ball_position != ball
            )
    finally:
        cartridge.close()
    slow, fast = 1e6 * spent / _COMPARED
    lines = [
        f"{_COMPARED:,} frames, played both on the emulator and by the rules:",
        "",
        f"  the emulator    {slow:>8.1f} µs a frame   {bar(1.0, 20)}",
        f"  the rules       {fast:>8.1f} µs a frame   {bar(fast / slow, 20)}",
        f"  {tick(not apart)} {apart} frames in which ball, paddles or score differ",
        "",
        "  Here Python calls the rules frame by frame, which takes most of that time.",
        "  Training plays thousands of frames in one call, on all cores.",
    ]
    return [Words("\n".join(lines))]


def _begun() -> Row:
    row: Row = np.zeros(len(State), np.int32)
    begin_game(row, 0)
    return row


def _ball_in_play(x: int, y: int, vx: int, vy: int) -> Row:
    """Return a game in a rally, with both paddles at rest.

    Args:
        x: The ball's x in memory.
        y: The ball's y in memory.
        vx: Columns a frame, above 0 to the right.
        vy: Rows a frame, above 0 down.
    """
    row = _begun()
    for _ in range(200):  # the paddle comes to rest, and the first serve is over
        play_frame(row, 0, 0)
    row[[State.WAIT, State.HITS, State.TOUCH, State.SCORE_LEFT, State.SCORE_RIGHT, State.SERVER]] = 0
    row[State.BALL_X], row[State.BALL_Y] = x, y
    row[State.BALL_VX], row[State.BALL_VY] = -vx & 255, vy & 255  # the console subtracts vx
    return row


def _signed(byte: np.int32) -> int:
    return ((int(byte) + 128) & 255) - 128


def _hits() -> Iterator[tuple[int, int]]:
    """Yield, for each height that hits, the rows below the paddle's top, and the rows a frame after it."""
    for y in range(60, 200):
        row = _ball_in_play(_MIDDLE, y, 1, 0)
        while not row[State.HITS] and row[State.BALL_Y]:
            offset = int(row[State.BALL_Y] - row[State.SHOWN_RIGHT])
            play_frame(row, 0, 0)
        if row[State.HITS]:
            yield offset, _signed(row[State.BALL_VY])


def _formula(offset: int) -> int:
    """Compute the rows a frame after a hit `offset` rows below the paddle's top."""
    halved = ((6 - offset) & 63) >> 1
    return -(halved if halved < 16 else halved - 32) >> 1


def _ai_moves() -> int:
    row = _ball_in_play(_MIDDLE, 190, 0, 0)
    row[State.AI] = 60
    for _ in range(_AI_FRAMES):
        play_frame(row, 0, 0)
    return int(row[State.AI]) - 60


def returned(steepness: int) -> float:
    """Measure the share of balls that the CPU returns, of those that leave the right paddle so steeply."""
    hits = played = 0
    start = _ball_in_play(_RIGHT_PADDLE - 1, 100, -1, 0)
    for y in _HEIGHTS:
        for vy in (steepness, -steepness):
            for clock in (0, 3, 5):
                row = start.copy()
                row[State.CLOCK], row[State.SERVER] = 64 + clock, 1
                row[State.BALL_Y], row[State.AI], row[State.BALL_VY] = y, y & ~1, vy & 255
                while not row[State.HITS] and not row[State.SCORE_RIGHT]:
                    play_frame(row, 0, 0)
                hits += int(row[State.HITS] > 0)
                played += 1
    return hits / played


def _serves() -> Iterator[tuple[int, int, int, int, int]]:
    """Yield the serve after each point: who scored, frames until the serve, column, vx to the right, vy."""
    row, rng, frames = _begun(), np.random.default_rng(4), 0
    aim, seen = 0, 0
    while seen < _SERVES and frames < _LONGEST:
        before = (int(row[State.SCORE_LEFT]), int(row[State.SCORE_RIGHT]))
        # hitting with an end of the paddle wins some points and loses others
        target = int(row[State.BALL_Y]) - 6 + aim
        play_frame(row, 0, int(np.sign(target - int(row[State.SHOWN_RIGHT]))))
        frames += 1
        if row[State.HITS] == 0:
            aim = int(rng.choice((-8, 8)))
        after = (int(row[State.SCORE_LEFT]), int(row[State.SCORE_RIGHT]))
        if after == before:
            continue
        side, waited = int(after[1] > before[1]), 0
        if max(after) == 21:
            return
        while row[State.WAIT]:
            play_frame(row, 0, 0)
            waited += 1
        column, vx = int(row[State.BALL_X]) - _LEFT_EDGE, -_signed(row[State.BALL_VX])
        yield side, waited, column, vx, _signed(row[State.BALL_VY])
        seen += 1
