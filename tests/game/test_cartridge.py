"""The cartridge: both paddles in our hands, no stall, no attract mode, and events that tell the truth."""

import itertools

import numpy as np
import pytest

from pongarena.core.errors import InvalidSettingError
from pongarena.envs.observation import crop
from pongarena.game.cartridge import (
    AUDIO_SAMPLES,
    POINTS_TO_WIN,
    Ball,
    Cartridge,
    Event,
    Frame,
    Knob,
    Side,
)
from pongarena.game.paddle import BOTTOM, TOP, Move
from pongarena.game.types import Serve

POINTS = {Event.POINT_LEFT, Event.POINT_RIGHT}
BACKGROUND, LEFT_COLOUR, RIGHT_COLOUR, WHITE = 34, 56, 200, 14


def follow(cartridge, offset=4):
    """A knob at the ball's height: never misses."""
    ball = cartridge.ball_position
    return Knob(110 if ball is None else ball[1] - offset)


def random_play(cartridge, frames, seed):
    rng = np.random.default_rng(seed)
    for _ in range(frames):
        left, right = (Move(int(move)) for move in rng.integers(-1, 2, size=2))
        yield cartridge.step(left, right)


def ball_velocity(cartridge, before):
    now = cartridge.ball_position
    return None if now is None or before is None else (now[0] - before[0], now[1] - before[1])


@pytest.mark.parametrize("scorer", list(Side))
@pytest.mark.parametrize("ball", list(Ball))
def test_the_ball_is_served_again_after_every_point(scorer, ball):
    cartridge = Cartridge(ball=ball)
    last, over = 0, False
    while not over:
        _, y = cartridge.ball_position or (0, 0)
        away = Knob(TOP if y > 120 else BOTTOM)
        holds = follow(cartridge)
        frame = cartridge.step(*((holds, away) if scorer is Side.LEFT else (away, holds)))
        if POINTS & set(frame.events):
            last = frame.number
        assert cartridge.ball_position is not None or frame.number - last < 70
        over = frame.over
    assert cartridge.score == ((21, 0) if scorer is Side.LEFT else (0, 21))


@pytest.mark.parametrize("ball", list(Ball))
def test_against_the_cartridges_player_the_ball_is_served_after_points_of_either_side(ball):
    cartridge = Cartridge(left_ai=True, ball=ball)
    last, rng = 0, np.random.default_rng(4)
    offset = 4
    while min(cartridge.score) < 2:
        # the cartridge's player is beaten by steep balls from the paddle's ends; then let it have a point
        right = Knob(TOP) if cartridge.score[1] > cartridge.score[0] else follow(cartridge, offset)
        frame = cartridge.step(Move.STAY, right)
        if Event.HIT in frame.events:
            offset = int(rng.choice([-2, 13, 14]))
        if POINTS & set(frame.events):
            last = frame.number
        assert cartridge.ball_position is not None or frame.number - last < 70
        assert not frame.over


@pytest.mark.slow
def test_70000_frames_bring_no_attract_mode():
    cartridge = Cartridge(left_ai=True)
    while (frame := cartridge.step(follow(cartridge), follow(cartridge))).number < 70_000:
        assert not frame.over
    assert cartridge.ball_position is not None
    assert frame.score == cartridge.score == (0, 0)
    assert {int(colour) for colour in np.unique(cartridge.screen[34:194])} == {
        BACKGROUND,
        LEFT_COLOUR,
        RIGHT_COLOUR,
        WHITE,
    }
    points = sum(bool(POINTS & set(cartridge.step(Knob(TOP), Knob(TOP)).events)) for _ in range(1000))
    assert points > 0
    assert sum(cartridge.score) == points


@pytest.mark.parametrize("left_ai", [False, True])
def test_a_game_is_a_function_of_seed_and_inputs(left_ai):
    def screens(cartridge):
        return [(frame.events, cartridge.screen.tobytes()) for frame in random_play(cartridge, 700, seed=5)]

    first = Cartridge(seed=3, left_ai=left_ai)
    expected = screens(first)
    assert screens(Cartridge(seed=3, left_ai=left_ai)) == expected
    first.reset()
    assert screens(first) == expected
    first.reset(4)
    other = screens(first)
    assert other == screens(Cartridge(seed=4, left_ai=left_ai))
    first.reset(3)
    assert screens(first) == expected


@pytest.mark.parametrize("ball", list(Ball))
def test_a_reset_leaves_no_trace_of_the_game_before(ball):
    used, fresh = Cartridge(seed=1, ball=ball), Cartridge(seed=1, ball=ball)
    for number in range(1800):
        used.step(Knob(TOP + number % 160), follow(used))
    assert used.score != (0, 0)
    used.reset(1)
    assert (used.score, used.rally, used.winner, used.paddles) == ((0, 0), 0, None, fresh.paddles)
    assert np.array_equal(used.screen, fresh.screen)
    for ours, theirs in zip(random_play(used, 600, 2), random_play(fresh, 600, 2), strict=True):
        assert ours == theirs
        assert np.array_equal(used.screen, fresh.screen)
        assert used._ram.tobytes() == fresh._ram.tobytes()


def test_seeds_choose_the_first_serve():
    directions = set()
    cartridge = Cartridge()
    for seed in range(12):
        cartridge.reset(seed)
        while Event.SERVE not in cartridge.step(Move.STAY, Move.STAY).events:
            pass
        before = cartridge.ball_position
        for _ in range(8):
            cartridge.step(Move.STAY, Move.STAY)
        directions.add(tuple(np.sign(ball_velocity(cartridge, before)).tolist()))
    assert directions == set(itertools.product((-1, 1), repeat=2))


def serve_speeds(cartridge, serves=6):
    """Rows that the ball moves in the frames from a serve to the first hit, wall or point."""
    speeds, flies = [], False
    while len(speeds) < serves:
        before = cartridge.ball_position
        frame = cartridge.step(Knob(TOP), Knob(TOP))
        if Event.SERVE in frame.events:
            flies, speed = True, set()
        elif frame.events and before is not None and flies:
            flies = False
            speeds.append(speed)
        elif before is not None and flies:
            speed.add(abs(ball_velocity(cartridge, before)[1]))
        if frame.over:
            cartridge.reset()
    return speeds


@pytest.mark.parametrize("ball", list(Ball))
def test_a_serve_flies_at_its_own_vertical_speed(ball):
    """The serve's button, while it is pressed, doubles the vertical speed of a faster ball."""
    assert serve_speeds(Cartridge(seed=1, ball=ball)) == [{1}] * 6


def test_against_the_cartridges_player_only_the_first_serve_flies_faster():
    """After a reset nobody is the server whose button would be read: so the cartridge is."""
    assert serve_speeds(Cartridge(seed=1, ball=Ball.FASTER, left_ai=True)) == [{2}] + [{1}] * 5


@pytest.mark.parametrize("before", [0, 1, 30])
@pytest.mark.parametrize("held", [10, 1000])
def test_who_takes_the_paddle_before_the_first_serve_is_served_to(before, held):
    cartridge = Cartridge(seed=1, left_ai=True)
    play = [Move.STAY] * 1100
    for move in play[:before]:
        cartridge.step(move, move)
    cartridge.let_ai_play(False)
    held_events = [event for move in play[:held] for event in cartridge.step(move, move).events]
    assert (Event.SERVE in held_events) == (held > 100)
    cartridge.let_ai_play(True)
    assert held_events or Event.SERVE in [
        event for move in play for event in cartridge.step(move, move).events
    ]


def test_a_serve_with_the_button_held_flies_as_in_old_matches():
    assert serve_speeds(Cartridge(seed=1, ball=Ball.FASTER, serve=Serve.HELD)) == [{2}] * 6


def test_a_paddle_that_is_handed_back_before_the_serve_lets_the_button_go():
    cartridge = Cartridge(seed=1, ball=Ball.FASTER, left_ai=True)
    cartridge.let_ai_play(False)
    for _ in range(20):
        cartridge.step(Knob(TOP), Knob(TOP))
    cartridge.let_ai_play(True)
    assert serve_speeds(cartridge, 1) == [{1}]


def test_to_a_constant_ball_the_button_makes_no_difference():
    held, released = (Cartridge(seed=6, serve=serve) for serve in (Serve.HELD, Serve.RELEASED))
    for _ in range(1500):
        # the first hit is where a button might count
        assert held.step(follow(held, -2), Knob(TOP)) == released.step(follow(released, -2), Knob(TOP))
        assert np.array_equal(held.screen, released.screen)
    assert min(held.score[0], released.score[0]) > 1


@pytest.mark.parametrize("left_ai", [False, True])
def test_a_full_game_goes_to_21_and_then_stands_still(left_ai):
    cartridge = Cartridge(left_ai=left_ai)
    frames = [cartridge.step(Move.STAY, Move.UP)]
    while not frames[-1].over:
        assert cartridge.winner is None
        frames.append(cartridge.step(Knob(100 + frames[-1].number % 7), Move.UP))
    events = [event for frame in frames for event in frame.events]
    assert max(cartridge.score) == POINTS_TO_WIN
    assert cartridge.winner is (Side.LEFT if cartridge.score[0] == POINTS_TO_WIN else Side.RIGHT)
    assert cartridge.winner.other is not cartridge.winner
    assert events.count(Event.GAME_OVER) == 1
    assert events.count(Event.POINT_LEFT) == cartridge.score[0]
    assert events.count(Event.POINT_RIGHT) == cartridge.score[1]
    assert events.count(Event.SERVE) == sum(cartridge.score)
    still = cartridge.screen.copy()
    for _ in range(200):
        assert cartridge.step(Move.DOWN, Knob(50)) == Frame(
            frames[-1].number, (), frames[-1].score, over=True, truncated=False
        )
    assert np.array_equal(cartridge.screen, still)


def test_a_frame_cap_truncates():
    cartridge = Cartridge(max_frames=300)
    frames = [cartridge.step(Move.STAY, Move.STAY) for _ in range(310)]
    assert [frame.truncated for frame in frames] == [False] * 299 + [True] * 11
    assert not any(frame.over for frame in frames)
    assert frames[-1].number == 300
    assert not any(Event.GAME_OVER in frame.events for frame in frames)
    assert cartridge.winner is None
    cartridge.reset()
    assert not cartridge.step(Move.STAY, Move.STAY).truncated
    with pytest.raises(InvalidSettingError, match="max_frames: expected at least 1, got 0"):
        Cartridge(max_frames=0)


@pytest.mark.parametrize("left_ai", [False, True])
def test_every_turn_of_the_ball_is_told_as_a_hit_or_a_wall(left_ai):
    cartridge = Cartridge(seed=2, left_ai=left_ai)
    rng = np.random.default_rng(0)
    told = dict.fromkeys(Event, 0)
    offset, velocity, score = 4, None, (0, 0)
    for _ in range(4000):
        before = cartridge.ball_position
        frame = cartridge.step(follow(cartridge, offset), follow(cartridge, offset))
        for event in frame.events:
            told[event] += 1
        gained = (frame.score[0] - score[0], frame.score[1] - score[1])
        assert gained == (Event.POINT_LEFT in frame.events, Event.POINT_RIGHT in frame.events)
        score = frame.score
        if Event.SERVE in frame.events:
            assert before is None
            assert cartridge.ball_position is not None
        earlier, velocity = velocity, ball_velocity(cartridge, before)
        if earlier is None or velocity is None:
            continue
        assert (earlier[0] * velocity[0] < 0) == (Event.HIT in frame.events), frame.number
        if Event.HIT in frame.events:
            offset = int(rng.integers(-2, 14))
        else:
            assert (earlier[1] * velocity[1] < 0) == (Event.WALL in frame.events), frame.number
    assert told[Event.HIT] > 20
    assert told[Event.WALL] > 10
    assert told[Event.SERVE] in (sum(score), sum(score) + 1)


@pytest.mark.parametrize("y", [-50, TOP, 39, 120.4, BOTTOM, 400])
def test_the_knob_puts_both_paddles_anywhere_at_once_and_never_beyond(y):
    cartridge = Cartridge()
    while cartridge.ball_position is None:
        cartridge.step(Move.STAY, Move.STAY)
    for _ in range(2):
        cartridge.step(Knob(y), Knob(y))
    expected = min(max(round(y), TOP), BOTTOM)
    assert cartridge.paddles == (expected, expected)
    left = np.flatnonzero(cartridge.screen[34:194, 16] == LEFT_COLOUR)
    right = np.flatnonzero(cartridge.screen[34:194, 140] == RIGHT_COLOUR)
    assert abs(int(left[-1]) + 35 - (expected + 1)) <= 1 or expected == BOTTOM
    assert abs(int(right[-1]) + 35 - (expected + 2)) <= 1 or expected == BOTTOM


@pytest.mark.parametrize("left_ai", [False, True])
@pytest.mark.parametrize("ball", list(Ball))
def test_the_balls_speed_in_a_long_rally(left_ai, ball):
    cartridge = Cartridge(left_ai=left_ai, ball=ball)
    speeds = {}
    while cartridge.rally < 18:
        frame = cartridge.step(follow(cartridge), follow(cartridge))
        if Event.HIT in frame.events:
            speeds[cartridge.rally] = cartridge.ball_speed
    assert frame.score == (0, 0)
    faster = {hits: min(4, 1 + hits // 4) for hits in range(1, 19)}
    assert speeds == (faster if ball is Ball.FASTER else dict.fromkeys(faster, 1))


def test_a_point_ends_the_rally_and_the_speed():
    cartridge = Cartridge(ball=Ball.FASTER)
    while cartridge.rally < 9:
        cartridge.step(follow(cartridge), follow(cartridge))
    while Event.SERVE not in cartridge.step(Knob(TOP), Knob(TOP)).events:
        pass
    assert cartridge.rally == 0
    while cartridge.rally < 1:
        cartridge.step(follow(cartridge), follow(cartridge))
    assert cartridge.ball_speed == 1


def test_sound_beeps_at_a_hit_and_is_silent_before():
    cartridge = Cartridge(sound=True)
    silent = True
    while True:
        frame = cartridge.step(follow(cartridge), follow(cartridge))
        samples = cartridge.audio()
        assert samples.shape == (AUDIO_SAMPLES,)
        assert samples.dtype == np.uint8
        if Event.HIT in frame.events:
            break
        silent = np.ptp(samples) == 0
    assert silent
    beep = [samples.copy()]
    for _ in range(3):
        cartridge.step(follow(cartridge), follow(cartridge))
        beep.append(cartridge.audio().copy())
    assert max(np.ptp(each) for each in beep) > 4


def test_sound_must_be_asked_for():
    with pytest.raises(InvalidSettingError, match="expected a cartridge with sound=True"):
        Cartridge().audio()


def test_sound_changes_nothing_in_the_game():
    loud, mute = Cartridge(sound=True), Cartridge()
    for _ in zip(random_play(loud, 300, 1), random_play(mute, 300, 1), strict=True):
        assert np.array_equal(loud.screen, mute.screen)


@pytest.mark.parametrize("left_ai", [False, True])
def test_the_first_frames_after_a_reset_show_an_empty_view(left_ai):
    cartridge = Cartridge(left_ai=left_ai)
    counts = [int(crop(cartridge.screen).sum())]
    backgrounds = {int(cartridge.screen[22, 80])}
    for _ in range(4):
        cartridge.step(Move.STAY, Move.STAY)
        counts.append(int(crop(cartridge.screen).sum()))
        backgrounds.add(int(cartridge.screen[22, 80]))
    assert 228 in backgrounds  # the other background does occur
    assert BACKGROUND in backgrounds
    assert max(counts) < 100


def test_the_colours_are_those_of_the_console():
    cartridge = Cartridge()
    while cartridge.ball_position is None:
        cartridge.step(Move.STAY, Move.STAY)
    rgb = cartridge.rgb()
    assert rgb.shape == (210, 160, 3)
    for index, colour in (
        (BACKGROUND, (144, 72, 17)),
        (LEFT_COLOUR, (213, 130, 74)),
        (RIGHT_COLOUR, (92, 186, 92)),
    ):
        assert np.all(rgb[cartridge.screen == index] == colour)


def test_a_closed_cartridge_keeps_its_score_names_no_winner_and_plays_no_more():
    cartridge = Cartridge()
    for _ in range(500):
        cartridge.step(Knob(TOP), Knob(TOP))
    score = cartridge.score
    cartridge.close()
    cartridge.close()
    assert cartridge.winner is None
    assert cartridge.score == score != (0, 0)
    for use in (cartridge.reset, lambda: cartridge.step(Move.STAY, Move.STAY)):
        with pytest.raises(ValueError, match="expected an open cartridge"):
            use()


@pytest.mark.parametrize("ball", list(Ball))
@pytest.mark.parametrize("left_ai", [False, True])
def test_a_restored_moment_repeats_memory_and_picture_bit_for_bit(left_ai, ball):
    """Played on twice from each of many moments, in the same cartridge and in a fresh one."""
    rng = np.random.default_rng(4)
    cartridge = Cartridge(seed=3, left_ai=left_ai, ball=ball)

    def play(table, moves):
        seen = []
        for left, right in moves:
            frame = table.step(left, right)
            seen.append((frame, table.screen.tobytes(), table._ram.tobytes(), table.rgb().tobytes()))
        return seen

    def moves(count):
        return [tuple(Move(int(x)) for x in rng.integers(-1, 2, 2)) for _ in range(count)]

    for _ in range(10):
        play(cartridge, moves(int(rng.integers(1, 200))))
        state, coming = cartridge.state(), moves(150)
        present = cartridge.screen.copy(), cartridge.rgb().copy(), cartridge.rally, cartridge.score
        straight = play(cartridge, coming)
        other = Cartridge(seed=99, left_ai=left_ai, ball=ball)
        for table in (cartridge, other):
            table.restore(state)
            assert np.array_equal(table.screen, present[0])
            assert np.array_equal(table.rgb(), present[1])
            assert (table.rally, table.score) == present[2:]
            assert play(table, coming) == straight


@pytest.mark.parametrize("ball", list(Ball))
def test_the_ai_can_be_relieved_and_goes_on_where_the_paddle_stands(ball):
    rng = np.random.default_rng(1)
    cartridge = Cartridge(left_ai=True, ball=ball)
    held, since, last, alone = False, 0, 0, 0
    for number in range(6000):
        if rng.random() < 0.02:
            held, since = not held, number
            cartridge.let_ai_play(not held)
        here = cartridge.ball_position
        frame = cartridge.step(Knob(90 if number % 2 else 92), Knob(here[1]) if here else Move.STAY)
        y = cartridge.paddles[0]
        if held and y:
            assert y in {90, 92}
        elif y and last and since != number and Event.SERVE not in frame.events:
            assert abs(y - last) <= 2
            alone += 1
        last = y
        if frame.over:
            break
    assert alone > 500
    with pytest.raises(InvalidSettingError, match="left_ai=True"):
        Cartridge().let_ai_play(False)
