"""Games of two networks: what each side sees and does, who learns, and what a save holds."""

import numpy as np
import pytest

from pongarena.envs.duel import make_duel
from pongarena.envs.observation import PIXELS, Observation, SparseFrames
from pongarena.game.compiled import State, begin_game, decide, see, uniform
from pongarena.game.paddle import Move
from pongarena.nn.distributions import draw
from pongarena.nn.spec import CLASSIC, AgentSpec
from pongarena.nn.threads import Threads
from pongarena.training.algorithms.actor_critic_learner import advantages
from pongarena.training.pool import Pool
from pongarena.training.registry import recipe
from pongarena.training.two_sided import TwoSidedGames, TwoSidedRollouts
from tests.training.made import ALONE, a_network, dense
from tests.training.test_compiled_games import view_of

CHANCE = np.random.SeedSequence(5).generate_state(4, np.uint64)


def a_pool(spec=CLASSIC, deeper=(), window=2):
    """A network with a self that plays quite differently."""
    net = a_network(spec, deeper=deeper)
    pool = Pool(net, spec, window)
    net.head *= -3
    return net, pool


def games_of(spec=CLASSIC, games=2, steps=150, threads=ALONE, max_frames=500, sticky=0.25):
    made = TwoSidedGames(
        games,
        steps=steps,
        frame_skip=spec.frame_skip,
        sticky=sticky,
        max_frames=max_frames,
        threads=threads,
        outputs=spec.outputs,
        observation=spec.observation,
        two_players=True,
    )
    made.begin(CHANCE[:games])
    return made


@pytest.mark.parametrize(
    ("spec", "deeper"), [(CLASSIC, ()), (AgentSpec(Observation(0.5, crop=2, shuffle=3), 2, 3), (5, 4))]
)
def test_each_side_sees_and_plays_as_the_rules_and_its_network_say(spec, deeper):
    """Frame by frame, with `PolicyNetwork` on whole views, the left one's mirrored."""
    net, pool = a_pool(spec, deeper)
    steps, players = 150, np.array([[0, 1], [1, 0]])
    buffer = games_of(spec).play_both(pool, players, 2)
    older = a_network(spec, deeper=deeper)
    older.head[:], older.deeper[:] = pool.heads[1], pool.deeper[1]
    older.table[:] = pool.tables[1]
    ends = 0
    for game in range(2):
        seats = [(2 * side + game, side, (net, older)[players[side, game]]) for side in (0, 1)]
        policies = [each.policy(spec) for _, _, each in seats]
        state, chance = np.zeros(32, np.int32), CHANCE[game : game + 1].copy()
        begin_game(state, 2)
        now = [view_of(see(state, side)) > 0 for side in (0, 1)]
        before = list(now)
        for t in range(steps):
            moves = []
            for (seat, side, _), policy in zip(seats, policies, strict=True):
                views = (each.reshape(1, 80, 80) for each in (now[side], before[side]))
                shown = spec.observation.frames(SparseFrames.from_views(*views, spec.observation.fade))
                forward = policy.forward(shown)
                np.testing.assert_allclose(buffer.logits[seat, t], forward.logits[0], rtol=1e-3, atol=1e-3)
                action = int(draw(forward.probabilities, np.array([uniform(chance, 0)]))[0])
                assert buffer.actions[seat, t] == action
                moves.append(int(spec.moves[action]))
            reward = decide(state, chance, 0, moves[1], moves[0], spec.frame_skip, 0.25, 500)
            assert [buffer.rewards[seat, t] for seat, _, _ in seats] == [reward, -reward]
            before, now = now, [view_of(see(state, side)) > 0 for side in (0, 1)]
            ended = 2 * (state[State.FRAMES] >= 500)
            assert [buffer.ended[seat, t] for seat, _, _ in seats] == [ended, ended]
            if ended:
                ends += 1
                score = state[[State.SCORE_RIGHT, State.SCORE_LEFT, State.DECISIONS]].tolist()
                assert buffer.final[game, t].tolist() == score
                assert buffer.final[2 + game, t].tolist() == [score[1], score[0], score[2]]
                begin_game(state, 2)
                now = [view_of(see(state, side)) > 0 for side in (0, 1)]
                before = list(now)
    assert ends or spec.frame_skip == 2


def test_the_console_shows_both_sides_the_same_and_pays_them_the_same():
    """The decisions that were noted, played on the emulator by two hands, the left one's picture mirrored."""
    _, pool = a_pool()
    games = games_of(games=1, steps=250, max_frames=50_000, sticky=0.0)
    buffer = games.play_both(pool, np.array([[0], [1]]), 1)
    seen = dense(games.frames, games.order.T.ravel(), 2)[:, PIXELS:].reshape(2, 251, 80, 80)
    # the compiled game begins with a serve to the right and downwards, the emulator with one by its seed
    seed = next(seed for seed in range(99) if np.random.default_rng(seed).integers(4) == 2)
    duel = make_duel("emulator", left_ai=False)
    duel.reset(seed)
    right, left = (np.array(CLASSIC.moves)[buffer.actions[seat]].tolist() for seat in (0, 1))
    points = []
    for t in range(250):
        for side in (0, 1):
            assert np.array_equal(duel.view(mirrored=bool(side)), seen[side, t]), (t, side)
        before = duel.score
        for _ in range(CLASSIC.frame_skip):
            duel.step(Move(left[t]), Move(right[t]))
        mine, other = (now - then for now, then in zip(duel.score, before, strict=True))
        assert buffer.rewards[:, t].tolist() == [other - mine, mine - other]
        points.append(other - mine)
    duel.close()
    assert any(points)


def test_both_sides_move_the_ball_and_both_win_points():
    _, pool = a_pool()
    players = np.array([[0] * 4, [0, 0, 1, 1]])
    buffer = games_of(games=4, steps=600, max_frames=50_000).play_both(pool, players, 4)
    assert (buffer.rewards[:4] > 0).any() and (buffer.rewards[:4] < 0).any()
    assert len(np.unique(buffer.logits[4:])) > 100


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_game_goes_its_own_way_on_any_number_of_cores(count):
    _, pool = a_pool()
    threads, players = Threads(count), np.array([[0, 2, 0, 0], [0, 0, 1, 0]])
    together = games_of(games=4, threads=threads).play_both(pool, players, 4)
    alone = games_of(games=4).play_both(pool, players, 4)
    for name in ("columns", "values", "logits", "actions", "rewards", "ended"):
        assert np.array_equal(getattr(together, name), getattr(alone, name)), name
    threads.close()


def rollouts(net_and_pool, share=0.5, games=4, steps=40):
    made = recipe("self-play", max_frames=800)
    return TwoSidedRollouts(
        made, ALONE, net_and_pool[1], games=games, steps=steps, latest_share=share, check_games=2
    )


def played(rollout, net, count=4):
    *_, last = rollout.play(net, count)
    return last


@pytest.mark.parametrize(
    ("share", "count", "learners"), [(0.0, 4, 4), (0.5, 4, 6), (0.75, 4, 7), (0.5, 2, 3)]
)
def test_both_sides_of_a_game_against_itself_are_learned_from(share, count, learners):
    pair = a_pool(AgentSpec(Observation(0.5)))
    games = rollouts(pair, share)
    games.begin(np.random.SeedSequence(1))
    rollout, _ = played(games, pair[0], count)
    assert rollout.actions.shape == (40, learners) and rollout.order.shape == (41, learners)
    # every learner's logits are those of the network itself
    shown = pair[0].outputs(rollout.frames, rollout.order[:-1].ravel())
    np.testing.assert_allclose(shown.ravel(), rollout.logits.ravel(), rtol=1e-3, atol=1e-3)
    assert (games.players == 0).all(axis=0).sum() == 4 * share
    assert (games.players > 0).any(axis=0).sum() == 4 - 4 * share


def test_what_one_side_wins_the_other_loses_and_each_learns_from_its_own_decisions():
    pair = a_pool(AgentSpec(Observation(0.5)))
    games = rollouts(pair, steps=200)
    games.begin(np.random.SeedSequence(1))
    rollout, _ = played(games, pair[0])
    buffer, against_itself = games._games.buffer, np.flatnonzero((games.players == 0).all(axis=0))
    assert len(against_itself) == 2 and not np.array_equal(rollout.rewards, 0 * rollout.rewards)
    side, game = np.nonzero(games.players == 0)
    of = {(each, which): column for column, (which, each) in enumerate(zip(side, game, strict=True))}
    right, left = ([of[each, which] for each in against_itself] for which in (0, 1))
    values = np.random.default_rng(2).standard_normal((201, 6)).astype(np.float32)
    values[:, left] = -values[:, right]
    settings = {"gamma": 0.99, "gae_lambda": 0.95}
    found = advantages(rollout.rewards, rollout.ended, values[:-1], values[-1], **settings)
    # what is good for one side is as bad for the other, decision by decision
    np.testing.assert_array_equal(found[:, left], -found[:, right])
    for column, seat in enumerate((4 * side + game).tolist()):
        assert rollout.rewards[:, column].any()
        assert np.array_equal(rollout.actions[:, column], buffer.actions[seat])
        assert np.array_equal(rollout.logits[:, column], buffer.logits[seat])
        assert np.array_equal(rollout.order[:, column], seat * 201 + np.arange(201))
    assert not np.array_equal(rollout.actions[:, left], rollout.actions[:, right])


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_the_points_against_older_selves_are_its_own_on_whichever_side_it_plays(share):
    pair = a_pool(AgentSpec(Observation(0.5)))
    games = rollouts(pair, share=share, steps=200)
    games.begin(np.random.SeedSequence(1))
    played(games, pair[0])
    buffer, sides = games._games.buffer, []
    for game in range(4):
        side = int(games.players[0, game] > 0)
        rewards = buffer.rewards[4 * side + game]
        assert games.points[:, game].tolist() == [(rewards > 0).sum(), (rewards < 0).sum()]
        sides.append(side)
    assert sum(sides) == 2 - 2 * share and games.points.any(axis=1).all()


def test_games_that_end_are_those_against_the_ai():
    pair = a_pool(AgentSpec(Observation(0.5)))
    games = rollouts(pair)
    games.begin(np.random.SeedSequence(1))
    ended, won, lost = [], 0, 0
    for _ in range(6):
        _, finished = played(games, pair[0])
        ended += finished
        won, lost = won + games.checked[0], lost + games.checked[1]
    assert len(ended) == 2 and all(each.truncated for each in ended)
    assert (sum(each.won for each in ended), sum(each.lost for each in ended)) <= (won, lost)
    assert lost > won, "a random network against the CPU"


def test_other_selves_are_drawn_at_a_swap():
    net, pool = a_pool(AgentSpec(Observation(0.5)), window=4)
    for _ in range(3):
        pool.save()
    games = rollouts((net, pool), share=0.0, games=64)
    games.begin(np.random.SeedSequence(1))
    assert set(games.players.ravel().tolist()) == {0, 1, 2, 3, 4}
    assert (games.players > 0).sum(axis=1).tolist() == [32, 32], "on both sides as often"
    before = games.players.copy()
    games.swap(np.random.default_rng(3))
    assert not np.array_equal(before, games.players)


def test_games_go_on_where_they_were_saved():
    pair = a_pool(AgentSpec(Observation(0.5)))
    one, other = rollouts(pair), rollouts(pair)
    one.begin(np.random.SeedSequence(1))
    played(one, pair[0])
    saved = one.state()
    expected, _ = played(one, pair[0])
    assert other.go_on(saved)
    found, _ = played(other, pair[0])
    for name in ("logits", "actions", "rewards", "ended"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    assert other.checked == one.checked
    assert not rollouts(pair).go_on({})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (lambda players: players[:, :3], "expected players of 4 games"),
        (lambda players: 2 * players, "older self that a game is played against is missing"),
        (lambda players: 0 * players, "as they are drawn"),
        (lambda players: players - 1, "as they are drawn"),
    ],
)
def test_players_that_are_not_there_are_refused(changed, words):
    """Compiled code would follow them out of the stacks."""
    pair = a_pool(AgentSpec(Observation(0.5)))
    games = rollouts(pair)
    games.begin(np.random.SeedSequence(1))
    state = games.state()
    with pytest.raises(ValueError, match=words):
        games.go_on({**state, "games_players": changed(state["games_players"])})


def test_games_for_one_player_are_refused():
    games = games_of()
    states, chance = games.state()
    states[:, State.VARIATION] = 0
    with pytest.raises(ValueError, match="numbers out of range"):
        games.go_on((states, chance))
