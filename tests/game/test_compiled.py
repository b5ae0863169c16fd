"""The compiled game by itself; `test_same.py` holds it against the emulator."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.envs.comparison import views_of
from pongarena.envs.observation import crop, mirror
from pongarena.game.cartridge import Ball, Cartridge, Knob
from pongarena.game.compiled import State, begin_game, decide, draw, play_frame, see, uniform
from pongarena.game.paddle import BOTTOM, TOP, Move
from pongarena.game.ram import Ram
from pongarena.game.rules import MAX_FRAMES

UP, DOWN = -1, 1


def game(variation=0, **places):
    row = np.zeros(len(State), np.int32)
    begin_game(row, variation)
    for name, value in places.items():
        row[State[name.upper()]] = value
    return row


def chance(*seeds):
    return np.array(seeds, np.uint64)


def seen(row, side=0):
    return views_of(np.array([see(row, side)], np.int32))[0]


def play_out(row, dice, *, left=0, frame_skip=4, sticky=0.25, max_frames=MAX_FRAMES, number=0):
    """Decisions until the end, the right side moving at random; the rewards, and the rows in between."""
    rewards, rows = [], []
    rng = np.random.default_rng(number)
    while max(row[State.SCORE_LEFT], row[State.SCORE_RIGHT]) < 21 and row[State.FRAMES] < max_frames:
        up = UP if rng.random() < 0.5 else DOWN
        rewards.append(decide(row, dice, number, left, up, frame_skip, sticky, max_frames))
        rows.append(row.copy())
    return rewards, rows


@pytest.mark.parametrize("left_ai", [True, False])
@pytest.mark.parametrize("ball", list(Ball))
def test_it_is_the_game_that_the_cartridge_plays(ball, left_ai):
    """That one drives both paddles through the memory, serves by itself, and lets the button go."""
    rng = np.random.default_rng(3)
    cartridge = Cartridge(seed=4, ball=ball, left_ai=left_ai)
    row = game(2 * (not left_ai) + (ball is Ball.FASTER))
    if not left_ai:
        row[State.SERVER], row[State.BALL_VY] = cartridge._ram[Ram.SERVER], cartridge._ram[Ram.BALL_VY]
    aims = [4, 4]
    for number in range(6000):
        if number % 50 == 0:
            aims = rng.integers(-4, 16, 2)
        place = cartridge.ball_position
        y = 120 if place is None else place[1]
        moves = [int(np.sign(y - aim - held)) for aim, held in zip(aims, cartridge.paddles, strict=True)]
        frame = cartridge.step(*map(Move, moves))
        play_frame(row, *moves)
        assert cartridge.score == (row[State.SCORE_LEFT], row[State.SCORE_RIGHT])
        assert cartridge.paddles == (row[State.SHOWN_LEFT], row[State.SHOWN_RIGHT])
        here = (row[State.BALL_X], row[State.BALL_Y]) if row[State.BALL_Y] else None
        assert cartridge.ball_position == here, frame
        assert (cartridge._ram[Ram.SERVE_BUTTON] < 128) == row[State.BUTTON]
    assert sum(cartridge.score) > 1


@pytest.mark.parametrize("side", [0, 1])
def test_the_reset_shows_what_the_emulators_does(side):
    screen = Cartridge(left_ai=True).screen
    assert (seen(game(), side) == crop(mirror(screen) if side else screen)).all()


@given(
    st.integers(TOP, BOTTOM), st.integers(TOP, BOTTOM), st.integers(49, 207), st.integers(40, 210),
    st.integers(0, 255),
)  # fmt: skip
def test_a_view_has_two_paddles_and_a_ball_of_two_or_three_pixels(left, right, x, y, clock):
    row = game(shown_left=left, shown_right=right, ball_x=x, ball_y=y, clock=clock, frames=9)
    for side, (far, near) in ((0, (left, right)), (1, (right, left))):
        picture = seen(row, side)
        rest = picture.copy()
        for column, height, above in ((8, far, 15 - side), (70, near, 14 + side)):
            top = height - above + (height & 1)
            rows = [each for each in range(80) if top <= 35 + 2 * each < top + 16]
            assert picture[rows, column].all() and picture[rows, column + 1].all()
            rest[rows, column : column + 2] = False
        rows, columns = rest.nonzero()
        assert len(rows) <= 3 and len(set(columns)) <= 1
        on_screen = x - 49 if side == 0 else 159 - (x - 49)
        assert all(abs(column - on_screen / 2) <= 1 for column in columns)
        assert all(abs(each - (y - 48) / 2) <= 3 for each in rows)


def test_without_a_ball_two_paddles_are_seen_alike_from_both_sides():
    row = game(ball_y=0, frames=9, shown_left=100, shown_right=150)
    right, left = seen(row, 0), seen(row, 1)
    assert right.sum() == left.sum() == 2 * 16
    assert (right[:, 8] != left[:, 8]).any()
    for picture in (right, left):
        assert np.flatnonzero(picture.any(0)).tolist() == [8, 9, 70, 71]


@pytest.mark.parametrize("variation", range(4))
def test_a_game_goes_to_21_and_its_rewards_are_its_points(variation):
    row, rng = game(variation), np.random.default_rng(variation)
    total = 0
    dice = chance(0)
    while max(row[State.SCORE_LEFT], row[State.SCORE_RIGHT]) < 21:
        left, right = (int(each) for each in rng.integers(-1, 2, 2))
        total += decide(row, dice, 0, left, right, 3, 0.0, MAX_FRAMES)
        assert ((row[:15] >= 0) & (row[:15] <= 255)).all()
        for paddle in (State.PADDLE_LEFT, State.PADDLE_RIGHT):
            assert TOP <= row[paddle] <= BOTTOM
        assert min(row[State.BALL_VX], 256 - row[State.BALL_VX]) <= (4 if variation & 1 else 1)
    assert total == row[State.SCORE_RIGHT] - row[State.SCORE_LEFT]
    stands = row.copy()
    assert decide(row, dice, 0, 0, 0, 4, 0.0, MAX_FRAMES) == 0
    places = [State.HITS, State.SCORE_LEFT, State.SCORE_RIGHT, State.BALL_X, State.BALL_Y, State.WAIT]
    assert (row[places] == stands[places]).all()


@pytest.mark.parametrize("frame_skip", [1, 3, 4, 16])
def test_the_cap_ends_a_decision_in_its_middle(frame_skip):
    row = game()
    rewards, _ = play_out(row, chance(5), frame_skip=frame_skip, max_frames=250)
    assert row[State.FRAMES] == 250
    assert row[State.DECISIONS] == len(rewards) == -(-250 // frame_skip)


def test_the_last_point_ends_a_decision_in_its_middle():
    row = game(score_left=20)
    while row[State.SCORE_LEFT] < 21:
        frames = row[State.FRAMES]
        decide(row, chance(0), 0, 0, UP, 15, 0.0, MAX_FRAMES)
    assert 0 < row[State.FRAMES] - frames < 15


@pytest.mark.parametrize("variation", [0, 2])
def test_a_sticky_console_keeps_the_last_direction_as_its_chance_says(variation):
    """One draw a frame, and a second one where a second player is outside."""
    row, other, dice, foretold = game(variation), game(variation), chance(9), chance(9)
    rng = np.random.default_rng(1)
    held, kept = [0, 0], 0
    for _ in range(500):
        left, right = (int(each) for each in rng.choice([UP, DOWN], 2))
        decide(row, dice, 0, left, right, 4, 0.25, MAX_FRAMES)
        for _ in range(4):
            if stays := uniform(foretold, 0) < 0.25:
                kept += 1
            held[1] = held[1] if stays else right
            if variation == 2:
                held[0] = held[0] if uniform(foretold, 0) < 0.25 else left
            play_frame(other, *held)
        places = [each for each in State if each not in {State.DECISIONS, State.HELD_LEFT, State.HELD_RIGHT}]
        assert (row[places] == other[places]).all()
    assert dice == foretold
    assert kept == pytest.approx(500, abs=100)


def test_without_stickiness_no_chance_is_used():
    dice = chance(3)
    play_out(game(), dice, sticky=0.0, max_frames=400)
    assert dice == chance(3)


def test_a_begin_forgets_everything_but_the_chance():
    row, dice = game(1), chance(1)
    play_out(row, dice, max_frames=2000)
    begin_game(row, 0)
    assert (row == game()).all()
    assert dice != chance(1)


def test_a_seed_gives_the_same_game_among_any_neighbours_and_others_give_others():
    alone, _, other = (
        play_out(game(), chance(*seeds), number=0, max_frames=2000)[1] for seeds in ((7,), (8,), (8,))
    )
    dice = chance(7, 8)
    beside = play_out(game(), dice, number=0, max_frames=2000)[1]
    assert dice[1] == 8
    assert (np.array(beside) == np.array(alone)).all()
    assert any((one != two).any() for one, two in zip(alone, other, strict=False))


def test_the_chance_is_splitmix64():
    """The first numbers of the seed 1234567, as its authors publish them."""
    dice = chance(1234567)
    assert [int(draw(dice, 0)) for _ in range(5)] == [
        6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431,
        16408922859458223821,
    ]  # fmt: skip
    drawn = [uniform(dice, 0) for _ in range(2000)]
    assert min(drawn) >= 0 and max(drawn) < 1 and abs(np.mean(drawn) - 0.5) < 0.02


def test_the_right_knob_of_the_cartridge_is_the_rows_paddle():
    cartridge, row = Cartridge(left_ai=True), game()
    for number in range(600):
        y = TOP + number % (BOTTOM - TOP + 1)
        cartridge.step(Move.STAY, Knob(y))
        row[State.PADDLE_RIGHT] = y
        play_frame(row, 0, 0)
        assert cartridge.paddles[1] == row[State.SHOWN_RIGHT] == y
        assert (seen(row) == crop(cartridge.screen)).all()
        assert (seen(row, 1) == crop(mirror(cartridge.screen))).all()
