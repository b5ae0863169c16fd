"""Games on the compiled rules: what is noted, what a save holds, and entries against whole views."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.envs.observation import Observation, SparseFrames
from pongarena.game.compiled import State, begin_game, decide, see, uniform
from pongarena.game.rules import MAX_FRAMES
from pongarena.nn.distributions import draw
from pongarena.nn.frames import Frames
from pongarena.nn.spec import AgentSpec
from pongarena.nn.threads import Threads
from pongarena.training.compiled_games import CompiledGames
from pongarena.training.rollout_kernels import ENTRIES, write_frame
from tests.training.made import a_network, dense

CODES = st.tuples(
    st.integers(0, 127), st.integers(0, 127), st.integers(0, 77), st.integers(0, 79), st.integers(0, 7)
)
"""Paddles' positions, the ball's first row and column, and which of its three pixels are lit."""


def view_of(code):
    """The picture that a code of `see` stands for."""
    view = np.zeros((80, 80))
    for position, left in ((code & 127, 8), (code >> 7 & 127, 70)):
        view[max(position - 32, 0) : max(position - 24, 0), left : left + 2] = 1
    for k in range(3):
        if code >> 27 >> k & 1:
            row, column = divmod((code >> 14 & 8191) + 80 * k, 80)
            view[row, column] += 1
    return view.ravel()


def code_of(far, near, row, column, mask):
    """A code with a ball that no paddle hides."""
    for k in range(3):
        for position, left in ((far, 8), (near, 70)):
            if left <= column <= left + 1 and position - 32 <= row + k < position - 24:
                mask &= ~(1 << k)
    ball = (row * 80 + column) << 14 | mask << 27 if mask else 0
    return far | near << 7 | ball


@given(CODES, CODES, st.sampled_from([1.0, 0.5, 0.25]))
def test_the_entries_of_a_frame_are_the_difference_of_its_views(newer, older, fade):
    newer, older = code_of(*newer), code_of(*older)
    columns, values = np.zeros(ENTRIES, np.int16), np.zeros(ENTRIES, np.float32)
    end = write_frame(older, newer, fade, Observation().places, columns, values, 0)
    assert end <= ENTRIES - 5
    frames = Frames(columns, values, *(np.array([each]) for each in (0, end, end)))
    np.testing.assert_array_equal(dense(frames, [0])[0], view_of(newer) - fade * view_of(older))
    if fade == 1 and newer == older:
        assert end == 0


def make(games=3, steps=60, **settings):
    settings = {"frame_skip": 4, "sticky": 0.25, "max_frames": 700, **settings}
    return CompiledGames(games, steps=steps, **settings)


CHANCE = np.random.SeedSequence(5).generate_state(3, np.uint64)


def test_what_is_noted_is_what_the_rules_say():
    """Against the same games played frame by frame with a network in float64."""
    games, net = make(steps=400), a_network()
    games.begin(CHANCE)
    buffer = games.play(net)
    x = dense(games.frames, games.order[:-1].ravel()).reshape(400, 3, -1)
    seen = dense(games.frames, games.order.ravel(), 2).reshape(401, 3, -1)[:, :, 6400:]
    logits = np.maximum(x @ net.table[:6400].astype(np.float64), 0) @ net.head[0]
    np.testing.assert_allclose(buffer.logits[:, :, 0].T, logits, rtol=1e-4, atol=1e-5)
    for game in range(3):
        state, chance = np.zeros(32, np.int32), CHANCE[game : game + 1].copy()
        begin_game(state, 0)
        now = before = view_of(see(state, 0))
        for t in range(400):
            np.testing.assert_array_equal(x[t, game], now - before)
            np.testing.assert_array_equal(seen[t, game], now)
            coin = uniform(chance, 0)
            down = coin >= 1 / (1 + np.exp(-np.float64(buffer.logits[game, t, 0])))
            assert buffer.actions[game, t] == down
            reward = decide(state, chance, 0, 0, 1 if down else -1, 4, 0.25, 700)
            assert buffer.rewards[game, t] == reward
            before, now = now, view_of(see(state, 0))
            ended = state[State.FRAMES] >= 700
            assert buffer.ended[game, t] == (2 if ended else 0)
            if ended:
                scores = state[[State.SCORE_RIGHT, State.SCORE_LEFT, State.DECISIONS]]
                assert buffer.final[game, t].tolist() == scores.tolist()
                begin_game(state, 0)
                now = before = view_of(see(state, 0))
        np.testing.assert_array_equal(seen[400, game], now)


def test_decisions_are_drawn_with_the_networks_probability():
    games, net = make(games=64, steps=256), a_network()
    net.head *= 30
    games.begin(np.random.SeedSequence(1).generate_state(64, np.uint64))
    buffer = games.play(net)
    p = 1 / (1 + np.exp(-buffer.logits[:, :, 0].astype(np.float64)))
    assert p.std() > 0.1
    surprise = ((buffer.actions == 0) - p) / np.sqrt(p * (1 - p))
    for part in (p < 0.4, (p >= 0.4) & (p < 0.6), p >= 0.6):
        assert abs(surprise[part].mean()) < 4 / np.sqrt(part.sum())


@pytest.mark.parametrize("count", [None, 1, 2, 3])
def test_a_game_goes_its_own_way_whoever_plays_beside_it(count):
    net = a_network()
    threads = None if count is None else Threads(count)
    together = make(threads=threads)
    together.begin(CHANCE)
    for _ in range(4):
        buffer = together.play(net)
    for game in range(3):
        alone = make(games=1)
        alone.begin(CHANCE[game : game + 1])
        for _ in range(4):
            own = alone.play(net)
        for name in ("logits", "actions", "rewards", "ended"):
            assert np.array_equal(getattr(own, name)[0], getattr(buffer, name)[game]), name
    if threads:
        threads.close()


def test_a_long_rollout_is_several_short_ones():
    net = a_network()
    long, short = make(steps=200), make(steps=50)
    for games in (long, short):
        games.begin(CHANCE)
    whole = long.play(net)
    for t in range(0, 200, 50):
        part = short.play(net)
        assert np.array_equal(part.logits, whole.logits[:, t : t + 50])
        # the frame after the last decision is the next rollout's first
        both = dense(short.frames, short.order[-1], 2), dense(long.frames, long.order[t + 50], 2)
        assert np.array_equal(*both)


def test_a_game_that_is_not_endless_stops_at_its_end():
    net = a_network()
    games = make(steps=250, endless=False)
    games.begin(CHANCE)
    buffer = games.play(net)
    assert buffer.played.tolist() == [175] * 3
    assert (buffer.ended[:, 174] == 2).all() and not buffer.ended[:, :174].any()


def test_whole_games_go_to_21():
    net = a_network()
    games = make(steps=4000, endless=False, max_frames=MAX_FRAMES)
    games.begin(CHANCE)
    buffer = games.play(net)
    for game, count in enumerate(buffer.played.tolist()):
        won, lost, steps = buffer.final[game, count - 1].tolist()
        assert buffer.ended[game, count - 1] == 1
        assert max(won, lost) == 21 and steps == count
        rewards = buffer.rewards[game, :count]
        assert ((rewards > 0).sum(), (rewards < 0).sum()) == (won, lost)


def test_games_go_on_where_they_were_saved():
    net = a_network()
    one, other = make(), make()
    one.begin(CHANCE)
    one.play(net)
    saved = one.state()
    expected = one.play(net)
    shown = dense(one.frames, one.order.ravel(), 2)
    assert not np.array_equal(saved[0], one.state()[0])  # a save does not change when the games go on
    other.go_on(saved)
    found = other.play(net)
    for name in ("logits", "actions", "rewards", "ended", "played"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    assert np.array_equal(dense(other.frames, other.order.ravel(), 2), shown)


@given(st.integers(0, 400), st.integers(0, 2**32 - 1))
def test_every_state_of_a_game_may_be_gone_on_from(steps, seed):
    games = make(games=1, steps=max(1, steps), max_frames=MAX_FRAMES)
    games.begin(np.random.SeedSequence(seed).generate_state(1, np.uint64))
    net = a_network()
    games.play(net)
    games.go_on(games.state())


@given(
    st.sampled_from([*State, 27, 31]), st.sampled_from([-(2**31), -2, 2**30, 2**31 - 1]), st.integers(0, 2)
)
def test_numbers_that_no_game_has_are_refused(place, number, game):
    """Compiled code would follow them out of its arrays, or never end."""
    games = make()
    games.begin(CHANCE)
    states, chance = games.state()
    states[game, place] = number
    with pytest.raises(ValueError, match="numbers out of range"):
        games.go_on((states, chance))
    assert np.array_equal(games.state()[1], CHANCE)


def test_a_ball_outside_of_the_view_is_refused():
    games = make()
    games.begin(CHANCE)
    for place in (State.OLDER, State.NEWER):
        states, chance = games.state()
        states[1, place] = 8191 << 14 | 7 << 27
        with pytest.raises(ValueError, match="numbers out of range"):
            games.go_on((states, chance))


def test_games_of_another_shape_are_refused():
    games, fewer = make(), make(games=2)
    games.begin(CHANCE)
    states, chance = games.state()
    for wrong in (
        fewer.state(),
        (states.astype(np.int64), chance),
        (states, chance[:2]),
        (states[:, :9], chance),
    ):
        with pytest.raises(ValueError, match="expected games as"):
            games.go_on(wrong)


def test_frames_lie_where_order_says():
    games = make()
    assert len(games.frames) == 3 * 61
    assert all((after > before).all() for before, after in pairwise(games.order))


@pytest.mark.parametrize(
    ("spec", "deeper"),
    [
        (AgentSpec(Observation(1.0, crop=1), 4, 3), ()),
        (AgentSpec(Observation(0.5, crop=2), 2, 2), (5,)),
        (AgentSpec(Observation(0.5, shuffle=3), 4, 3), (5, 4)),
        (AgentSpec(Observation(1.0, crop=1, shuffle=8)), ()),
    ],
)
def test_games_are_seen_and_played_as_the_network_that_plays_says(spec, deeper):
    """Logits against `PolicyNetwork` on whole views, actions against the noise that draws them."""
    net = a_network(spec, deeper=deeper)
    policy, steps = net.policy(spec), 150
    games = CompiledGames(
        2,
        steps=steps,
        frame_skip=spec.frame_skip,
        sticky=0.25,
        max_frames=5000,
        outputs=spec.outputs,
        observation=spec.observation,
    )
    games.begin(CHANCE[:2])
    buffer = games.play(net)
    for game in range(2):
        state, chance = np.zeros(32, np.int32), CHANCE[game : game + 1].copy()
        begin_game(state, 0)
        now = before = view_of(see(state, 0)) > 0
        for t in range(steps):
            pair = (each.reshape(1, 80, 80) for each in (now, before))
            seen = spec.observation.frames(SparseFrames.from_views(*pair, spec.observation.fade))
            forward = policy.forward(seen)
            np.testing.assert_allclose(buffer.logits[game, t], forward.logits[0], rtol=1e-3, atol=1e-4)
            action = int(draw(forward.probabilities, np.array([uniform(chance, 0)]))[0])
            assert buffer.actions[game, t] == action
            decide(state, chance, 0, 0, int(spec.moves[action]), spec.frame_skip, 0.25, 5000)
            before, now = now, view_of(see(state, 0)) > 0
