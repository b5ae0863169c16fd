"""The paddle model against the emulator's own paddle."""

import ale_py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.game.cartridge import Cartridge
from pongarena.game.paddle import BOTTOM, TOP, Move, Paddle

NATIVE = {Move.UP: 3, Move.STAY: 0, Move.DOWN: 4}
PARITY, SCORES, RIGHT_PADDLE = 8, (13, 14), 60


def raw_emulator():
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    ale = ale_py.ALEInterface()
    ale.setFloat("repeat_action_probability", 0.0)
    ale.setInt("frame_skip", 1)
    ale.loadROM(ale_py.roms.get_rom_path("pong"))
    ale.reset_game()
    return ale


def random_moves(frames, seed, longest=30):
    """Directions held for a random time, long enough to reach both ends."""
    rng = np.random.default_rng(seed)
    moves = []
    while len(moves) < frames:
        moves += [Move(int(rng.integers(-1, 2)))] * int(rng.integers(1, longest))
    return moves[:frames]


@pytest.mark.parametrize("longest", [2, 30, 80])
def test_the_model_moves_like_the_emulators_right_paddle(longest):
    ale, paddle = raw_emulator(), Paddle()
    reached = set()
    for number, move in enumerate(random_moves(5000, seed=longest, longest=longest)):
        reads = bool(ale.getRAM()[PARITY] & 1)
        for score in SCORES:
            ale.setRAM(score, 0)  # the game must not end
        ale.act(NATIVE[move])
        assert paddle.push(move, reads=reads) == ale.getRAM()[RIGHT_PADDLE], f"frame {number}"
        reached.add(paddle.y)
    if longest > 2:
        assert {TOP, BOTTOM} <= reached


def test_a_cartridge_driven_by_moves_shows_what_the_bare_emulator_shows():
    ale, cartridge = raw_emulator(), Cartridge(left_ai=True)
    for number, move in enumerate(random_moves(2500, seed=1)):
        ale.act(NATIVE[move])
        frame = cartridge.step(Move.STAY, move)
        assert not frame.over
        assert np.array_equal(ale.getScreen(), cartridge.screen), f"frame {number}"


def heights_and_tops(moves, side, delay):
    """Paddle heights frame by frame and the top rows that the screen shows (0 where it shows none)."""
    cartridge = Cartridge()
    column, colour = ((16, 56), (140, 200))[side]
    heights, tops = [], []
    for move in [Move.STAY] * delay + moves:
        controls = (move, Move.STAY) if side == 0 else (Move.STAY, move)
        cartridge.step(*controls)
        heights.append(cartridge.paddles[side])
        rows = np.flatnonzero(cartridge.screen[34:194, column] == colour)
        tops.append(int(rows[0]) + 34 if rows.size else 0)
    return np.array(heights[delay:]), np.array(tops[delay:])


@pytest.mark.parametrize("start", [0, 1])
def test_the_left_paddle_moves_as_the_right_one_does_a_frame_later(start):
    # the console reads the two knobs in alternate frames
    moves = random_moves(2400, seed=7)
    left, left_top = heights_and_tops(moves, 0, delay=80 + start)
    right, right_top = heights_and_tops(moves, 1, delay=81 + start)
    both = (left > 0) & (right > 0)
    assert both.sum() > 1000
    assert np.array_equal(left[both], right[both])
    clear = both & (left_top > 34) & (right_top > 34) & (left_top > 0) & (right_top > 0)
    assert clear.sum() > 500
    assert set((right_top - left_top)[clear].tolist()) == {1}  # the left paddle is drawn a row higher


@given(st.lists(st.sampled_from(Move), max_size=200), st.booleans())
@settings(max_examples=50)
def test_a_paddle_stays_within_its_reach_and_returns_to_the_middle(moves, odd):
    paddle = Paddle()
    for number, move in enumerate(moves):
        assert TOP <= paddle.push(move, reads=(number + odd) % 2 == 0) <= BOTTOM
    paddle.reset()
    assert paddle.y == Paddle().y == paddle.push(Move.STAY, reads=True)


@given(st.floats(-1000, 1000))
def test_the_knob_is_clamped_and_stays_where_it_was_turned(y):
    paddle = Paddle()
    expected = min(max(round(y), TOP), BOTTOM)
    assert paddle.turn_to(y) == expected
    for _ in range(6):
        assert paddle.push(Move.STAY, reads=True) == expected


def test_a_paddle_goes_on_from_where_the_knob_left_it():
    paddle = Paddle()
    paddle.turn_to(150)
    heights = [paddle.push(Move.UP, reads=number % 2 == 1) for number in range(12)]
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] < 120
