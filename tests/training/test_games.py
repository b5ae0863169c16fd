"""Whole games for the karpathy recipe."""

import numpy as np
import pytest

from pongarena.nn.threads import Threads
from pongarena.training.compiled_games import CompiledGames
from pongarena.training.consoles import episode_seed
from pongarena.training.games import open_episodes
from pongarena.training.registry import recipe
from tests.training.made import ALONE, a_network, dense


@pytest.fixture(scope="module")
def network():
    return a_network(hidden=4, seed=0)


def a_recipe(**settings):
    return recipe("karpathy", **{"hidden_units": 4, "games": 2, "max_frames": 800, **settings})


def test_a_game_longer_than_one_call_goes_on_where_it_stopped(network):
    made = a_recipe(frame_skip=1, max_frames=60_000)
    ((game,),) = open_episodes(made, ALONE, at_once=1, emulated=False).play(network, 7, [3])
    count = len(game.actions)
    assert [len(rows) for _, rows in game.parts] == [2048, count - 2048]
    settings = {"frame_skip": 1, "sticky": made.sticky, "max_frames": 60_000, "endless": False}
    whole = CompiledGames(1, steps=count + 100, **settings)
    whole.begin(episode_seed(7, 3).generate_state(1, np.uint64))
    buffer = whole.play(network)
    assert buffer.played[0] == count
    assert not game.truncated and abs(game.rewards.sum(dtype=int)) <= 21 == (game.rewards < 0).sum()
    for name in ("actions", "logits", "rewards"):
        assert np.array_equal(getattr(game, name), getattr(buffer, name)[0, :count]), name
    for part, (frames, rows) in enumerate(game.parts):
        some = rows[::50]
        expected = dense(whole.frames, whole.order[2048 * part + some, 0])
        assert np.array_equal(dense(frames, some), expected)


@pytest.mark.parametrize(
    ("emulated", "at_once", "count"), [(False, 1, 1), (False, 3, 2), (False, 5, 3), (True, 5, 3)]
)
def test_a_game_is_its_number_whichever_are_played_beside_it(emulated, at_once, count, network):
    threads = Threads(count)
    episodes = open_episodes(a_recipe(), threads, at_once=at_once, emulated=emulated)
    games = [game for some in episodes.play(network, 7, range(1, 6)) for game in some]
    episodes.close()
    threads.close()
    assert len(games) == 5
    alone = open_episodes(a_recipe(), ALONE, at_once=1, emulated=emulated)
    for number in (2, 5):
        (game,) = [game for some in alone.play(network, 7, [number]) for game in some]
        for name in ("actions", "rewards", "logits"):
            assert np.array_equal(getattr(game, name), getattr(games[number - 1], name)), name
    alone.close()
