"""Many games at once: the same as one, whatever the neighbours do."""

import ale_py
import numpy as np
import pytest

from pongarena.core.errors import InvalidSettingError
from pongarena.envs.observation import FrameDifferencer
from pongarena.envs.vector import BareGames, VectorPong
from pongarena.game.cartridge import Cartridge
from pongarena.game.paddle import Move
from pongarena.game.rules import MAX_FRAMES, POINTS_TO_WIN


@pytest.fixture
def consoles():
    made = []

    def make(games, **settings):
        made.append(VectorPong(games, threads=2, **settings))
        return made[-1]

    yield make
    for each in made:
        each.close()


def choices(steps, games, seed=0):
    return np.random.default_rng(seed).random((steps, games)) < 0.5


def moves(up):
    return np.where(up, Move.UP, Move.DOWN)


def record(step, game):
    """All that one game got from a step."""
    return (
        step.frames.dense()[game].tobytes(),
        int(step.rewards[game]),
        bool(step.over[game]),
        bool(step.truncated[game]),
    )


def test_a_game_is_bit_for_bit_the_cartridges_own(consoles):
    games = consoles(1)
    games.reset([5])
    cartridge, eye = Cartridge(seed=5, left_ai=True), FrameDifferencer()
    eye.look(cartridge.screen)
    rewards = []
    for (up,) in choices(2000, 1):
        before = cartridge.score
        for _ in range(4):
            frame = cartridge.step(Move.STAY, Move.UP if up else Move.DOWN)
            if frame.over:
                break
        step = games.step(moves(np.array([up])))
        gained = [now - then for now, then in zip(cartridge.score, before, strict=True)]
        assert step.rewards[0] == gained[1] - gained[0], frame.number
        assert step.over[0] == frame.over
        if not frame.over:  # of a finished game the emulators show an earlier frame; nobody decides on it
            assert np.array_equal(step.frames.dense(), eye.look(cartridge.screen).dense()), frame.number
        rewards.append(int(step.rewards[0]))
        if frame.over:
            break
    assert frame.over
    assert max(frame.score) == POINTS_TO_WIN
    assert not step.truncated[0]
    assert (rewards.count(-1), rewards.count(1)) == frame.score


@pytest.mark.parametrize("sticky", [0.0, 0.25])
def test_a_seed_gives_the_same_game_at_any_place_and_among_any_neighbours(consoles, sticky):
    up = choices(250, 4)
    many, alone = consoles(4, sticky=sticky), consoles(1, sticky=sticky)
    many.reset([11, 7, 7, 12])
    alone.reset([7])
    decisions = up.copy()
    decisions[:, 2] = decisions[:, 1]
    for row in decisions:
        step, single = many.step(moves(row)), alone.step(moves(row[1:2]))
        assert record(step, 1) == record(step, 2) == record(single, 0)


def test_sticky_games_differ_between_seeds_and_repeat_after_a_reset(consoles):
    games = consoles(2, sticky=0.25)
    runs = []
    for _ in range(2):
        assert not games.reset([1, 2]).dense().any()
        runs.append(
            [
                [record(games.step(moves(np.array([up, up]))), game) for game in (0, 1)]
                for up in choices(120, 1)[:, 0]
            ]
        )
    assert runs[0] == runs[1]
    assert [row[0] for row in runs[0]] != [row[1] for row in runs[0]]


@pytest.mark.parametrize("chosen", [[1], np.array([False, True, False])])
def test_starting_some_games_leaves_the_others_untouched(consoles, chosen):
    up = choices(120, 3)
    disturbed, calm, fresh = (consoles(games, sticky=0.25) for games in (3, 3, 1))
    disturbed.reset([1, 2, 3])
    calm.reset([1, 2, 3])
    for number, row in enumerate(up):
        if number == 60:
            assert not disturbed.reset([9], chosen).dense()[1].any()
            fresh.reset([9])
        step, expected = disturbed.step(moves(row)), calm.step(moves(row))
        assert record(step, 0) == record(expected, 0)
        assert record(step, 2) == record(expected, 2)
        if number >= 60:
            assert record(step, 1) == record(fresh.step(moves(row[1:2])), 0)


def test_a_finished_game_stays_idle_until_it_is_started_again(consoles):
    games = consoles(2)
    games.reset([0, 0])
    lazy = np.array([True, True])
    while not (step := games.step(moves(lazy))).over.all():
        pass
    assert step.over.tolist() == [True, True]
    assert step.truncated.tolist() == [False, False]
    assert step.rewards.tolist() == [-1, -1]
    # long enough for a point in the game that the emulator meanwhile plays behind the scenes
    for _ in range(150):
        step = games.step(moves(lazy))
        assert not step.frames.dense().any()
        assert step.rewards.tolist() == [0, 0]
        assert step.over.tolist() == [True, True]
        assert step.truncated.tolist() == [False, False]
    games.reset([3], [1])
    again = [games.step(moves(lazy)) for _ in range(90)]
    assert all(step.over.tolist() == [True, False] for step in again)
    assert not any(step.frames.dense()[0].any() for step in again)
    assert any(step.frames.dense()[1].any() for step in again)
    assert sum(step.rewards[1] for step in again) < 0


def test_a_frame_cap_truncates(consoles):
    games = consoles(1, max_frames=200)
    games.reset([0])
    steps = [games.step(moves(np.array([True]))) for _ in range(60)]
    ends = [number for number, step in enumerate(steps) if step.over[0]]
    assert ends == list(range(ends[0], 60))
    assert 4 * (ends[0] + 1) in range(196, 205)
    assert [bool(step.truncated[0]) for step in steps] == [bool(step.over[0]) for step in steps]
    games.reset([0])
    step = games.step(moves(np.array([True])))
    assert not step.over[0]
    assert not step.truncated[0]


def test_sending_and_receiving_is_stepping(consoles):
    one, other = consoles(2), consoles(2)
    one.reset([1, 2])
    other.reset([1, 2])
    for row in choices(30, 2):
        one.send(moves(row))
        step, expected = one.receive(), other.step(moves(row))
        assert [record(step, game) for game in (0, 1)] == [record(expected, game) for game in (0, 1)]
    one.send(moves(row))
    with pytest.raises(ValueError, match="expected the last actions to be received"):
        one.send(moves(row))
    with pytest.raises(ValueError, match="expected the actions sent to be received"):
        one.reset([1], [0])
    one.reset([1, 2])  # drops what was sent
    other.reset([1, 2])
    assert record(one.step(moves(row)), 0) == record(other.step(moves(row)), 0)
    with pytest.raises(ValueError, match="expected actions to be sent"):
        one.receive()


def test_games_may_start_without_seeds(consoles):
    games = consoles(2, sticky=0.25)
    games.reset([1, 2])
    assert not games.reset(None, [0]).dense().any()
    assert not games.step(moves(np.array([True, False]))).over.any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"games": 0}, "games: expected at least 1, got 0"),
        ({"games": 1, "frame_skip": 0}, "frame_skip: expected at least 1"),
        ({"games": 1, "sticky": 1.0}, "sticky: expected a probability"),
        ({"games": 1, "sticky": -0.1}, "sticky: expected a probability"),
        ({"games": 1, "max_frames": 0}, "max_frames: expected at least 1"),
        ({"games": 1, "max_frames": MAX_FRAMES + 1}, "max_frames: expected at most 60000"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(InvalidSettingError, match=message):
        VectorPong(**settings)


def test_impossible_requests_are_refused(consoles):
    games = consoles(2)
    with pytest.raises(ValueError, match="expected a reset before the first step"):
        games.step(moves(np.array([True, True])))
    with pytest.raises(ValueError, match="expected the first reset to start all games"):
        games.reset([1], [0])
    with pytest.raises(ValueError, match="expected 2 seeds, one per game to start, got 1"):
        games.reset([1])
    games.reset([1, 2])
    for chosen, message in (
        ([1, 0], "increasing game numbers"),
        ([0, 2], "from 0 to 1"),
        ([-1, 0], "from 0 to 1"),
        (np.array([True]), r"expected a mask of shape \(2,\)"),
    ):
        with pytest.raises(ValueError, match=message):
            games.reset([1, 2], chosen)
    with pytest.raises(ValueError, match=r"expected 2 moves, got \(1,\)"):
        games.step(moves(np.array([True])))


def test_the_bare_games_run():
    games = BareGames(2, frame_skip=4, sticky=0.25, seed=0, threads=2)
    assert games.run(20) > 0
    games.close()


@pytest.mark.slow
def test_the_longest_game_ends_before_the_cartridge_gives_it_up():
    timer, scores, ball_y = 9, (13, 14), 54
    ale = ale_py.ALEInterface()
    ale.setFloat("repeat_action_probability", 0.0)
    ale.loadROM(ale_py.roms.get_rom_path("pong"))
    ale.reset_game()
    rewards = np.zeros(70_000, int)
    served = np.zeros(70_000, bool)
    for number in range(70_000):
        if number % 200 == 0 and number < 65_000:
            for score in scores:
                ale.setRAM(score, 0)  # the game must not end by itself
        rewards[number] = ale.act(0)
        served[number] = ale.getRAM()[ball_y] != 0
        if number == MAX_FRAMES:
            assert ale.getRAM()[timer] < 255
    assert served[MAX_FRAMES - 1000 : MAX_FRAMES].any()
    # why there is a limit: later nothing is played any more
    assert not rewards[66_000:].any()
    assert not ale.game_over()
