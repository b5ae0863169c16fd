"""Populations: the best is kept and trains on, and the spread is told."""

import json

import pytest

from pongarena.jobs.executor import ProcessExecutor
from pongarena.lab.piece import Row
from pongarena.lab.population import Member, Population, train_population
from pongarena.library.models import Library
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.training.registry import recipe
from tests.cli.running import run

TINY = ("--set", "hidden_units=4", "--set", "max_frames=1000", "--set", "batch_episodes=1")


def test_the_spread_is_of_all_and_the_best_is_one_that_has_its_state():
    def member(seed, won, **more):
        return Member(seed, [Row(1, 500, won, 100 - won, 1.0)], **more)

    found = Population((member(3, 60, state=({}, {})), member(1, 50), member(2, 10)))
    assert found.best.seed == 3
    assert found.spread() == pytest.approx((0.1, 0.5, 0.6, 0.26457513))
    assert Member(1, [Row(1, 500, 50, 50, 1.0)], diverged=True).value == 0


def test_seeds_do_not_depend_on_each_other_and_the_best_is_kept(home):
    result = run(
        "population", "karpathy", "kept", *TINY, "--seeds", 3, "--steps", 900, "--games", 1, "--json"
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [each["share"] for each in told["members"]] == sorted(
        (each["share"] for each in told["members"]), reverse=True
    )
    assert told["evaluation"]["games"] == 1
    best = told["members"][0]["seed"]
    model = Library().model("kept")
    assert (model.seed, model.recipe.hidden_units) == (best, 4)
    tiny = recipe("karpathy", hidden_units=4, max_frames=1000, batch_episodes=1)
    with ProcessExecutor(1) as executor:
        alone = train_population(tiny, [best], executor, decisions=900).best
    assert alone.value == told["members"][0]["share"]
    kept = read_checkpoint(model.checkpoint().path).policy
    assert (kept.w1 == alone.state[0]["w1"]).all()
    before = model.checkpoint().episode
    assert run("train", "kept", "--episodes", 1).exit_code == 0
    assert model.checkpoint().episode > before


def test_bad_populations_are_refused_before_the_training(home):
    for words, said in (
        (("turbo", "--seeds", 1), "2"),
        (("turbo", "champion"), "champion"),
        (("turbo", "--minutes", 1, "--steps", 9), "got both"),
        (("turbo", "--set", "nonsense=1"), "nonsense"),
    ):
        result = run("population", *words)
        assert result.exit_code == 2 and said in result.stderr, result.output
    assert not home.exists()
