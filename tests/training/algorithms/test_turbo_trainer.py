"""Training by the turbo recipe: what is reported, what resuming gives, and that it learns.

On the compiled game, where it is not said otherwise; a few tests go on the emulator, as the setting has it.
"""

import json
from itertools import pairwise

import numpy as np
import pytest

from pongarena.core.errors import CheckpointError, DivergedError, InvalidSettingError
from pongarena.nn.checkpoint import read_resume, write_resume
from pongarena.nn.policy import PolicyNetwork
from pongarena.training import rollouts
from pongarena.training.algorithms.turbo_trainer import TurboTrainer
from pongarena.training.events import CheckpointDue, EpisodeFinished, Tick, Updated
from pongarena.training.registry import recipe
from tests.training.running import differing, of, train, weights

SMALL = {
    "hidden_units": 8,
    "critic_units": 4,
    "games": 4,
    "first_games": 4,
    "rollout_steps": 32,
    "epochs": 4,
    "minibatches": 4,
    "max_frames": 1000,
    "fade": 1.0,
    "checkpoint_every": 4,
}


def a_recipe(**settings):
    return recipe("turbo", **{**SMALL, **settings})


@pytest.fixture(scope="module", params=[0, 1], ids=["compiled", "emulator"])
def straight(request):
    """Some updates without a stop: games are cut off after eight of them."""
    trainer = TurboTrainer(a_recipe(emulator=request.param), seed=5)
    return trainer, train(trainer, 18)


def test_the_numbers_fit_together(straight):
    trainer, events = straight
    updates = of(Updated, events)
    assert [each.update for each in updates] == list(range(1, 19))
    assert [each.steps for each in updates] == [4 * 32 * n for n in range(1, 19)]
    games = of(EpisodeFinished, events)
    assert [each.episode for each in games] == list(range(1, 9))
    running = None
    for each in games:
        assert each.reward == each.won - each.lost
        assert each.truncated
        assert each.steps == 250
        running = each.reward if running is None else 0.99 * running + 0.01 * each.reward
        assert each.running_reward == pytest.approx(running)
    # the points of the games that ended, and those of the games that go on
    for name in ("won", "lost"):
        counted = [sum(getattr(each, name) for each in those) for those in (updates[:16], updates, games)]
        assert counted[0] <= counted[2] <= counted[1]
    assert sum(each.lost for each in games) > 0
    assert (trainer.points_won, trainer.points_lost) == tuple(
        sum(getattr(each, name) for each in games) for name in ("won", "lost")
    )
    assert (trainer.episode, trainer.updates, trainer.steps) == (8, 18, 18 * 128)
    assert len(of(Tick, events)) >= (18 * 32 if trainer.is_emulated else 18)
    for update in updates:
        assert update.gradient_norm > 0
        assert 0 < update.mean_p_up < 1
        assert 0 < update.entropy <= np.log(2) + 1e-9
        assert update.kl >= 0
        assert update.learning_rate > 0
    assert [each.episode for each in of(CheckpointDue, events)] == [4, 8]


def test_the_same_seed_gives_the_same_network_bit_for_bit():
    one, same, other = (TurboTrainer(a_recipe(), seed=seed) for seed in (5, 5, 6))
    for each in (one, same, other):
        train(each, 10)
    assert not differing(one, same)
    assert weights(one) != weights(other)


def test_how_the_emulators_games_are_divided_changes_nothing(monkeypatch):
    told = []
    for most in (1, 4):
        monkeypatch.setattr(rollouts, "_MOST_SETS", most)
        trainer = TurboTrainer(a_recipe(emulator=1), seed=5)
        train(trainer, 9)  # beyond the games' first end
        told.append(weights(trainer))
    assert told[0] == told[1]


@pytest.mark.parametrize("emulator", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_how_many_threads_work_changes_no_bit(emulator):
    """More hidden units than two cache lines hold: each thread then has some of its own."""
    told = []
    for threads in (1, 3) if emulator else (1, 2, 3):  # emulators take long to load
        settings = {
            "hidden_units": 70,
            "critic_units": 40,
            "games": 5,
            "first_games": 5,
            "emulator": emulator,
        }
        trainer = TurboTrainer(a_recipe(**settings), seed=5, threads=threads)
        events = train(trainer, 2 if emulator else 10)
        told.append((trainer, of(EpisodeFinished, events), of(Updated, events)))
    for trainer, games, updates in told[1:]:
        assert (games, updates) == told[0][1:]
        assert not differing(trainer, told[0][0])


def resumed_at(stop, path, emulator=0):
    """A training stopped after some events, saved, and taken up again; and how far it was."""
    trainer = TurboTrainer(a_recipe(emulator=emulator), seed=5)
    running = trainer.events()
    for _ in range(stop):
        next(running)
    write_resume(path, *trainer.resume_state())
    running.close()
    trainer.close()
    return TurboTrainer.resume(a_recipe(emulator=emulator), *read_resume(path))


def test_stopped_anywhere_and_resumed_equals_never_stopped(tmp_path):
    """The games are saved, too; a rollout that was left unfinished is played again."""
    straight = TurboTrainer(a_recipe(), seed=5)
    events = train(straight, 12)
    assert of(EpisodeFinished, events)
    for stop in (0, 1, 3, 8, 16, 18, len(events) - 1):
        resumed = resumed_at(stop, tmp_path / "resume.npz")
        rest = train(resumed, 12)
        assert weights(resumed) == weights(straight), stop
        assert not differing(resumed, straight), stop
        counts = {(each.episode, each.won, each.lost) for each in of(EpisodeFinished, events)}
        assert {(each.episode, each.won, each.lost) for each in of(EpisodeFinished, rest)} <= counts


def test_a_training_whose_games_grow_is_resumed_exactly(tmp_path):
    """Games that were not played for a while are saved with the others."""
    made = a_recipe(games=8, first_games=2, growth_steps=1000, minibatches=8)
    straight = TurboTrainer(made, seed=5)
    steps = [0, *(each.steps for each in of(Updated, train(straight, 40)))]
    assert sorted({after - before for before, after in pairwise(steps)}) == [2 * 32, 4 * 32, 8 * 32]
    trainer = TurboTrainer(made, seed=5)
    for until in (4, 15, 16, 25, 40):
        train(trainer, until)
        write_resume(tmp_path / "resume.npz", *trainer.resume_state())
        trainer = TurboTrainer.resume(made, *read_resume(tmp_path / "resume.npz"))
    assert not differing(trainer, straight)


@pytest.mark.parametrize("emulator", [0, 1])
def test_what_a_network_sees_goes_with_it(emulator):
    made = a_recipe(fade=0.5, emulator=emulator)
    trainer = TurboTrainer(made, seed=5)
    train(trainer, 2)
    assert trainer.policy.spec.fade == 0.5
    resumed = TurboTrainer.resume(made, *trainer.resume_state())
    assert resumed.policy.spec.fade == 0.5
    plain = TurboTrainer(a_recipe(emulator=emulator), seed=5)
    assert np.array_equal(plain.policy.w1, TurboTrainer(made, seed=5).policy.w1)
    train(plain, 2)
    assert weights(plain) != weights(trainer)
    for each in (resumed, plain):
        each.close()


def test_a_resume_on_the_emulator_has_everything_but_the_games(tmp_path):
    """Its games begin anew, in each resume the same ones."""
    made = a_recipe(emulator=1)
    trainer = TurboTrainer(made, seed=5)
    train(trainer, 3)
    arrays, state = trainer.resume_state()
    assert not any(name.startswith("games_") for name in arrays)
    write_resume(tmp_path / "resume.npz", arrays, state)
    both = [TurboTrainer.resume(made, *read_resume(tmp_path / "resume.npz")) for _ in range(2)]
    for resumed in both:
        assert not differing(resumed, trainer)
        events = train(resumed, 5)
        assert [each.update for each in of(Updated, events)] == [4, 5]
        assert of(Updated, events)[-1].steps == 5 * 128
        assert weights(resumed) != weights(trainer)
    assert not differing(*both)


@pytest.mark.parametrize("emulator", [0, 1])
def test_a_file_without_games_begins_new_ones(emulator):
    """As those are that earlier versions wrote, or that come from the emulator."""
    trainer = TurboTrainer(a_recipe(), seed=5)
    train(trainer, 2)
    arrays, state = trainer.resume_state()
    old = {name: array.copy() for name, array in arrays.items() if not name.startswith("games_")}
    made = a_recipe(emulator=emulator)
    resumed = TurboTrainer.resume(made, old, state)
    assert weights(resumed) == weights(trainer)
    assert of(Updated, train(resumed, 4))[-1].steps == 4 * 128
    # and the emulator has no use for the compiled game's
    resumed = TurboTrainer.resume(a_recipe(emulator=1), arrays, state)
    assert of(Updated, train(resumed, 3))[-1].steps == 3 * 128


@pytest.mark.parametrize("emulator", [0, 1])
def test_a_stop_in_the_middle_of_a_rollout_loses_only_that(emulator):
    trainer = TurboTrainer(a_recipe(emulator=emulator), seed=5)
    events = trainer.events()
    for event in events:
        if isinstance(event, Updated) and event.update == 7:
            break
    arrays, state = trainer.resume_state()
    saved, expected = {name: array.copy() for name, array in arrays.items()}, json.dumps(state)
    while isinstance(event, Updated) or trainer.episode == 0:  # the first games end in the next rollout
        event = next(events)
    arrays, state = trainer.resume_state()
    assert json.dumps(state) == expected
    assert all(np.array_equal(arrays[name], saved[name]) for name in saved)
    events.close()
    trainer.close()


def test_a_network_to_start_from_is_left_alone_until_the_critic_knows_something():
    parent = PolicyNetwork.random(8, np.random.default_rng(9))
    trainer = TurboTrainer(a_recipe(), seed=1, policy=parent)
    assert trainer.policy is not parent
    assert trainer.resume_state()[1]["learner"]["played"] > trainer.recipe.settle_steps
    events = trainer.events()
    for event in events:
        if isinstance(event, Updated) and event.update == 20:
            break
    assert np.array_equal(trainer.policy.w1, parent.w1)
    for event in events:
        if isinstance(event, Updated) and event.update == 22:
            break
    assert not np.array_equal(trainer.policy.w1, parent.w1)
    trainer.close()
    with pytest.raises(InvalidSettingError, match="hidden units to be 8"):
        TurboTrainer(a_recipe(hidden_units=9), seed=1, policy=parent)


def test_bad_seeds_and_foreign_states_are_refused():
    with pytest.raises(InvalidSettingError, match="seed"):
        TurboTrainer(a_recipe(), seed=-1)
    arrays, state = TurboTrainer(a_recipe(), seed=1).resume_state()
    for broken in (
        {**state, "recipe": "karpathy"},
        {**state, "episode": -1},
        {**state, "learner": {}},
        {key: value for key, value in state.items() if key != "warm_up"},
    ):
        with pytest.raises(CheckpointError, match="fork the model"):
            TurboTrainer.resume(a_recipe(), arrays, broken)
    with pytest.raises(CheckpointError, match="fork the model"):
        TurboTrainer.resume(a_recipe(hidden_units=9), arrays, state)


def more_games(arrays):
    arrays["games_states"] = np.repeat(arrays["games_states"], 2, axis=0)


def other_numbers(arrays):
    arrays["games_states"] = arrays["games_states"].astype(np.float32)


def no_chance(arrays):
    del arrays["games_chance"]


def an_endless_ball(arrays):
    arrays["games_states"][2, 24] = -1


@pytest.mark.parametrize("spoil", [more_games, other_numbers, no_chance, an_endless_ball])
def test_games_that_do_not_fit_are_refused(spoil):
    trainer = TurboTrainer(a_recipe(), seed=1)
    train(trainer, 1)
    arrays, state = trainer.resume_state()
    spoiled = {name: array.copy() for name, array in arrays.items()}
    spoil(spoiled)
    with pytest.raises(CheckpointError, match="fork the model"):
        TurboTrainer.resume(a_recipe(), spoiled, state)


@pytest.mark.parametrize("settings", [{"critic_learning_rate": 1.0, "max_gradient_norm": 1000.0}])
def test_a_diverging_run_stops_itself_with_its_last_good_weights(settings):
    trainer = TurboTrainer(a_recipe(**settings), seed=1)
    trainer._learner._critic.head_bias[:] = 3e38
    with pytest.raises(DivergedError, match="fork the model from an earlier checkpoint"):
        train(trainer, 2)
    assert np.isfinite(trainer.policy.w1).all()
    arrays, _ = trainer.resume_state()
    assert all(np.isfinite(array).all() for array in arrays.values())
    trainer.close()


def test_a_diverging_actor_goes_back_to_its_last_good_weights():
    trainer = TurboTrainer(a_recipe(), seed=1)
    events = trainer.events()
    for event in events:
        if isinstance(event, Updated):
            break
    before = weights(trainer)
    # what a step far too long does to the next update
    trainer._learner._actor_steps._first[:] = 3e38
    with pytest.raises(DivergedError, match="last good weights"):
        for _ in events:
            pass
    assert weights(trainer) == before
    arrays, state = trainer.resume_state()
    assert state["steps"] == 128
    trainer.close()
    resumed = TurboTrainer.resume(a_recipe(), arrays, state)
    assert of(Updated, train(resumed, 2))[-1].steps == 256


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("games", 0),
        ("games", 4097),
        ("learning_rate", -1e-3),
        ("kl_target", 0),
        ("hidden_units", 0),
        ("hidden_units", 100_000_000),
        ("rollout_steps", 0),
        ("minibatches", 0),
        ("clip", float("nan")),
        ("settle_steps", 0),
    ],
)
def test_impossible_settings_are_refused_with_the_allowed_range(name, value):
    with pytest.raises(InvalidSettingError, match="to be a"):
        a_recipe(**{name: value})


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_short_run_is_better_than_chance_with_a_margin():
    """Random play wins about 2 % of the points; 200,000 decisions give some 11 %."""
    trainer = TurboTrainer(recipe("turbo"), seed=1)
    won, lost = [], []
    for event in trainer.events():
        if isinstance(event, Updated):
            won.append(event.won)
            lost.append(event.lost)
            if event.steps >= 200_000:
                break
    trainer.close()
    first, last = slice(0, 10), slice(-10, None)
    played = [sum(won[part]) + sum(lost[part]) for part in (first, last)]
    share = [sum(won[part]) / count for part, count in zip((first, last), played, strict=True)]
    deviation = np.sqrt(sum(p * (1 - p) / n for p, n in zip(share, played, strict=True)))
    assert share[1] - share[0] > 3 * deviation
    assert share[1] > 0.05


def test_a_rate_set_by_hand_holds_through_a_resume_until_it_is_given_back():
    trainer = TurboTrainer(a_recipe(), seed=5)
    assert "learning_rate" not in trainer.resume_state()[1]
    with pytest.raises(InvalidSettingError, match="learning rate"):
        trainer.set_learning_rate(2.0)
    trainer.set_learning_rate(4e-4)
    assert {each.learning_rate for each in of(Updated, train(trainer, 4))} == {4e-4}
    arrays, state = trainer.resume_state()
    resumed = TurboTrainer.resume(a_recipe(), arrays, json.loads(json.dumps(state)))
    resumed.set_learning_rate(4e-4)
    again = TurboTrainer.resume(a_recipe(), arrays, json.loads(json.dumps(state)))
    assert again.own_rate == 4e-4
    assert {each.learning_rate for each in of(Updated, train(again, 6))} == {4e-4}
    resumed.set_learning_rate(None)
    assert resumed.own_rate is None and "learning_rate" not in resumed.resume_state()[1]
    assert len({each.learning_rate for each in of(Updated, train(resumed, 9))}) > 1  # steered again
    broken = {**state, "learning_rate": "fast"}
    with pytest.raises(CheckpointError):
        TurboTrainer.resume(a_recipe(), arrays, broken)
