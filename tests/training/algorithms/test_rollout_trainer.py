"""Training with a critic, by every recipe that has one and every kind of network."""

import numpy as np
import pytest

from pongarena.nn.checkpoint import read_resume, write_resume
from pongarena.training.events import Updated
from pongarena.training.registry import new_trainer, recipe, resume_trainer
from tests.training.running import differing, of, train, weights

SMALL = {"hidden_units": 8, "critic_units": 4, "games": 4, "rollout_steps": 32, "max_frames": 1000}

RECIPES = ["a2c", "line-search"]
ALL = [*RECIPES, "turbo", "self-play", "karpathy"]

KINDS = [{}, {"actions": 3}, {"second_layer": 6, "third_layer": 4}, {"crop": 1, "shuffle": 5}, {"crop": 2}]


def a_recipe(name, **settings):
    return recipe(name, **{**SMALL, **settings})


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_stopped_and_resumed_equals_never_stopped_on_any_number_of_cores(name, kind, tmp_path):
    """More hidden units than two cache lines hold: each thread then has some of its own."""
    small = {"hidden_units": 40, "games": 4, "max_frames": 800}
    small |= {"batch_episodes": 2} if name == "karpathy" else {"critic_units": 34, "rollout_steps": 16}
    small |= {"first_games": 4} if name in ("turbo", "self-play") else {}
    small |= {"check_games": 2, "swap_every": 1000} if name == "self-play" else {}
    made = recipe(name, **small, **kind)
    straight = new_trainer(made, seed=5)
    train(straight, 6)
    stopped = type(straight)(made, seed=5, threads=1)
    train(stopped, 2)
    write_resume(tmp_path / "resume.npz", *stopped.resume_state())
    stopped.close()
    resumed = resume_trainer(made, *read_resume(tmp_path / "resume.npz"))
    train(resumed, 6)
    assert not differing(straight, resumed)
    assert straight.policy.layers == made.layers and straight.policy.spec == made.spec


@pytest.mark.parametrize("kind", KINDS[1:], ids=str)
def test_a_training_goes_on_from_weights_of_its_own_kind_only(kind):
    policy = a_recipe("a2c", **kind).new_network(np.random.default_rng(0))
    trainer = new_trainer(a_recipe("a2c", **kind), seed=1, policy=policy)
    assert np.array_equal(trainer.policy.w1, policy.w1)
    trainer.close()
    with pytest.raises(Exception, match="as in the network to start from"):
        new_trainer(a_recipe("a2c"), seed=1, policy=policy)


def test_every_step_of_a_line_search_keeps_to_its_limit():
    """A trial that is too long is halved; one that is never safe leaves the weights alone."""
    trainer = new_trainer(a_recipe("line-search", kl_limit=1e-4, learning_rate=0.05, halvings=3), seed=3)
    before, shares = weights(trainer), []
    for update in of(Updated, train(trainer, 12)):
        assert update.kl <= 1e-4
        assert update.accepted in (0.0, 0.125, 0.25, 0.5, 1.0)
        shares.append(update.accepted)
    assert 0.0 in shares, "no trial was given up"
    assert any(shares), "every trial was given up"
    assert weights(trainer) != before


def test_a_step_that_is_given_up_changes_nothing():
    trainer = new_trainer(a_recipe("line-search", kl_limit=1e-12, learning_rate=0.05, halvings=0), seed=3)
    before = weights(trainer)
    (update,) = of(Updated, train(trainer, 1))
    assert (update.accepted, update.kl) == (0.0, 0.0)
    assert weights(trainer) == before
    assert update.learning_rate < 0.05, "the next trial is shorter"


def test_a_trained_network_is_left_alone_until_its_critic_knows_something():
    policy = a_recipe("a2c").new_network(np.random.default_rng(0))
    trainer = new_trainer(a_recipe("a2c"), seed=1, policy=policy)
    train(trainer, 20)
    assert np.array_equal(trainer.policy.w1, policy.w1)
    trainer = new_trainer(a_recipe("a2c"), seed=1, policy=policy)
    train(trainer, 21)
    assert not np.array_equal(trainer.policy.w1, policy.w1)


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_it_learns_to_win_points(name):
    """Whoever moves at random wins 1 to 2 of 100 points: twice as many among 1,000 are no luck."""
    trainer = new_trainer(recipe(name, hidden_units=64, critic_units=32), seed=1)
    won = lost = 0
    for event in trainer.events():
        if isinstance(event, Updated):
            recent = event.steps > 250_000
            won, lost = won + event.won * recent, lost + event.lost * recent
            if event.steps > 350_000:
                break
    trainer.close()
    assert won / (won + lost) > 0.05, (won, lost)


@pytest.mark.parametrize("name", ["turbo", "karpathy"])
def test_weights_fade_and_turns_become_rare_where_the_settings_say_so(name):
    small = {"hidden_units": 8, "games": 4, "max_frames": 1000, "learning_rate": 1e-3}
    plain, faded, calm = (
        new_trainer(recipe(name, **small, **more), seed=2)
        for more in ({}, {"l2": 0.05}, {"jitter_penalty": 0.2})
    )
    events = {each: of(Updated, train(each, 40 if each is calm else 3)) for each in (plain, faded, calm)}
    assert events[faded][-1].weight_norm < events[plain][-1].weight_norm
    assert 0.3 < events[plain][0].turns < 0.7
    assert events[calm][-1].turns < events[calm][0].turns
