"""What comes in the box is made by one command from nothing, and not made twice."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from pongarena.bench import opponents
from pongarena.bench.box import fill_box, read_plan
from pongarena.bench.command import bench
from pongarena.bench.opponents import (
    Wanted,
    checkpoint_with_share,
    earlier_checkpoints,
    make_opponent,
    nearest_checkpoint,
    training_command,
    training_hours,
)
from pongarena.core.errors import InvalidSettingError, PongArenaError
from pongarena.envs.observation import Observation
from pongarena.library.card import read_opponent_card
from pongarena.library.metrics import MetricsWriter
from pongarena.library.models import Library, checkpoint_path
from pongarena.library.reference import read_references
from pongarena.match.ladder import climb
from pongarena.nn.checkpoint import Card, Checkpoint, read_checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import AgentSpec
from pongarena.training.registry import recipe

TINY = {"hidden_units": 4, "max_frames": 1000, "batch_episodes": 2, "checkpoint_every": 2}
PLAN = {
    "format_version": 1,
    "machine": "a test",
    "games": 1,
    "seed": 5,
    "sessions": [
        {
            "name": "tiny-{seed}",
            "recipe": "karpathy",
            "settings": TINY,
            "seeds": [1, 2],
            "games": 4,
            "reference": True,
        },
        {
            "name": "quick",
            "recipe": "karpathy",
            "settings": {**TINY, "learning_rate": 1e-3},
            "seeds": [1],
            "minutes": 0.02,
            "reference": True,
        },
    ],
    "opponents": [
        {"name": "beginner", "source": "tiny-2@4", "about": "Knows nothing."},
        {"name": "expert", "source": "quick", "about": "Knows no more.", "history": 3},
    ],
}


def silent(_words, _done):
    """Nobody watches."""


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path / "models", tmp_path / "none")


def trained(library, name="source", numbers=(10, 20, 40), fade=1.0):
    """A model with checkpoints and a metrics file of grouped rows."""
    model = library.create(name, recipe("karpathy", hidden_units=4, learning_rate=1e-3, fade=fade), 3)
    for number in numbers:
        policy = PolicyNetwork.random(4, np.random.default_rng(number), AgentSpec(Observation(fade)))
        card = Card(
            name, "karpathy", number, number // 10, 1000 * number, 3, -20.0, 9, 90, (),
            "2026-01-01T00:00:00+00:00", "0", number=number,
        )  # fmt: skip
        write_checkpoint(checkpoint_path(model.path, number), Checkpoint(policy, card))
    writer = MetricsWriter(model.path / "metrics.jsonl")
    writer.append({"kind": "start", "episode": 0, "steps": 0, "seed": 3, "time": 1000.0})
    for row in range(1, 2001):
        last, now = 10 * row, 1000.0 + row
        game = {"episode": last, "games": 10, "reward": -19.5, "squares": 3803.0, "least": -21, "most": -18}
        moment = {"running_reward": -20.0, "steps": 9000, "total_steps": 1000 * last, "time": now}
        writer.append({"kind": "episode", **game, **moment})
        update = {"episode": last, "updates": 1, "steps": 1000 * last, "won": 15, "lost": 210, "time": now}
        writer.append({"kind": "update", **update})
    writer.append({"kind": "finish", "episode": 20_000, "time": 3000.5})
    writer.close()
    return library.model(name)


def test_a_plan_is_made_from_nothing_and_not_made_twice(tmp_path, monkeypatch):
    plan, output, models = tmp_path / "plan.json", tmp_path / "assets", tmp_path / "models"
    plan.write_text(json.dumps(PLAN))
    (output / "opponents" / "former").mkdir(parents=True)
    (output / "opponents" / "former" / "card.json").write_text("{}")
    command = ["box", "--library", str(models), "--output", str(output), "--plan", str(plan)]
    run = CliRunner().invoke(bench, command)
    assert run.exit_code == 0, run.output
    assert "beginner" in run.output
    given = Library(tmp_path / "own", output / "opponents")
    assert sorted(model.name for model in given.models()) == ["beginner", "expert"]
    assert {rung.name for rung in climb([], given).rungs} == {"beginner", "expert"}
    expert = given.model("expert")
    assert 2 <= len(expert.checkpoints()) <= 4
    card = read_opponent_card(expert.path)
    assert [each.setting for each in card.ratings] == ["benchmark", "match"]
    assert card.machine == "a test"
    assert card.hours > 0
    assert card.commands[0].startswith(
        "pongarena train quick --recipe karpathy --seed 1 --set hidden_units=4"
    )
    assert card.commands[1].startswith("pongarena bench opponent quick@")
    own, other = sorted(
        read_references("karpathy", output / "reference"), key=lambda each: len(each.settings)
    )
    assert (own.seeds, other.seeds) == ((1, 2), (1,))
    assert other.settings == {**own.settings, "learning_rate": 0.001}

    before = {
        path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and ".lock" not in path.name
    }
    for name in ("evaluate", "evaluate_in_matches"):
        monkeypatch.setattr(opponents, name, None)  # would fail
    again = CliRunner().invoke(bench, command)
    assert again.exit_code == 0, again.output
    changed = {
        str(path.relative_to(tmp_path)) for path, content in before.items() if path.read_bytes() != content
    }
    assert changed == set()


def test_a_plan_goes_on_with_what_was_trained_less(tmp_path, library):
    sessions = PLAN["sessions"][0]
    for games in (2, 6):
        path = tmp_path / "plan.json"
        path.write_text(
            json.dumps({**PLAN, "sessions": [{**sessions, "seeds": [1], "games": games}], "opponents": []})
        )
        assert fill_box(read_plan(path), library, tmp_path / "assets", silent) == []
        assert library.model("tiny-1").status().episode == games


def test_a_model_of_other_settings_is_not_taken_for_the_planned_one(tmp_path, library):
    library.create("tiny-1", recipe("karpathy", hidden_units=5), 1)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(PLAN))
    with pytest.raises(PongArenaError, match="'tiny-1' to have the plan's recipe"):
        fill_box(read_plan(path), library, tmp_path / "assets", silent)


@pytest.mark.parametrize(
    "change",
    [
        {"format_version": 2},
        {"sessions": [{"name": "a", "recipe": "karpathy", "seeds": [1, 2], "games": 1}]},
        {"sessions": [{"name": "a", "recipe": "karpathy", "seeds": [1]}]},
        {"sessions": [{"name": "a", "recipe": "none", "seeds": [1], "games": 1}]},
        {"opponents": [{"name": "../x", "source": "a@1", "about": ""}]},
        {"opponents": 5},
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(tmp_path, change):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({**PLAN, **change}))
    with pytest.raises(PongArenaError, match="expected"):
        read_plan(path)


def test_an_opponent_is_small_and_tells_how_it_was_made(tmp_path, library):
    source = trained(library)
    output = tmp_path / "opponents"
    command = ["opponent", "source@40", "small", "--about", "A test.", "--history", "20,10", "--games", "1"]
    run = CliRunner().invoke(bench, [*command, "--library", str(library.root), "-o", str(output)])
    assert run.exit_code == 0, run.output
    made = Library(tmp_path / "own", output).model("small")
    assert made.checkpoints() == [10, 20, 40]
    assert (made.recipe, made.seed, made.lineage) == (source.recipe, 3, ())
    checkpoint = read_checkpoint(made.checkpoint().path)
    assert (checkpoint.card.model, checkpoint.card.steps) == ("small", 40_000)
    exact = read_checkpoint(source.checkpoint(40).path).policy
    assert np.abs(checkpoint.policy.w1 - exact.w1).max() <= np.abs(exact.w1).max() / 15 / 2 + 1e-6
    card = read_opponent_card(made.path)
    assert (
        card.commands[0] == "pongarena train source --recipe karpathy --seed 3 --set hidden_units=4 "
        "--set learning_rate=0.001"
    )
    assert "--history 10,20 --games 1" in card.commands[1]
    # as many seconds as the rows up to the checkpoint's game tell
    assert card.hours == pytest.approx(4 / 3600, abs=1e-5)
    assert card.time == "4 s"


def test_an_opponents_curve_is_short_and_tells_of_every_game_and_point(tmp_path, library):
    trained(library, numbers=(20_000,))
    model = library.model("source")
    make_opponent(Wanted("small", model, 20_000, "", games=1), tmp_path / "opponents", silent)
    path = tmp_path / "opponents" / "small"
    assert (path / "metrics.jsonl").stat().st_size < 30_000
    curve, whole = Library(tmp_path / "own", path.parent).model("small").curve(), model.curve()
    assert len(curve) < len(whole) / 10
    assert curve.games.sum() == whole.games.sum() == 20_000
    assert (curve.rewards * curve.games).sum() == pytest.approx((whole.rewards * whole.games).sum())
    assert curve.squares.sum() == pytest.approx(whole.squares.sum())
    assert (curve.lows.min(), curve.highs.max()) == (-21, -18)
    for ours, theirs in zip(curve.points[1:], whole.points[1:], strict=True):
        assert ours.sum() == theirs.sum()
    assert curve.points.steps[-1] == whole.points.steps[-1]


def test_an_evaluation_of_other_weights_is_not_taken(tmp_path, library):
    model, folder = trained(library, fade=0.5), tmp_path / "opponents"
    path = folder / "small"
    path.mkdir(parents=True)
    former = {"setting": "benchmark", "greedy": False, "games": 1, "seed": 2026, "mean": 99.0}
    (path / "card.json").write_text(json.dumps({"weights": "others", "evaluations": [former]}))
    made = make_opponent(Wanted("small", model, 40, "words", games=1, greedy=True), folder, silent)
    assert made.mean("benchmark") < 22
    card = json.loads((path / "card.json").read_text())
    assert [(each["setting"], each["greedy"]) for each in card["evaluations"]] == [
        ("benchmark", False),
        ("match", False),
        ("benchmark", True),
    ]
    # what the network sees is kept, too
    assert read_checkpoint(checkpoint_path(path, 40)).policy.spec.fade == 0.5


def test_a_history_lies_before_what_plays(tmp_path, library):
    model = trained(library)
    with pytest.raises(InvalidSettingError, match="history before 20"):
        make_opponent(Wanted("small", model, 20, "", history=(40,)), tmp_path / "opponents", silent)


def test_checkpoints_are_found_by_what_is_there(library):
    model = trained(library, numbers=(1, 2, 3, 5, 8, 13, 21, 34, 55))
    assert nearest_checkpoint(model, 30) == 34
    assert nearest_checkpoint(model, 4) == 3
    earlier = earlier_checkpoints(model, 34, 4)
    assert len(earlier) == 4
    assert earlier[0] == 1
    assert max(earlier) < 34
    assert earlier_checkpoints(model, 34, 0) == []
    assert training_hours(model) == pytest.approx(2000.5 / 3600)


def test_a_checkpoint_is_found_by_its_share_of_points(library):
    model = trained(library, numbers=(500, 5000, 10_000, 15_000, 20_000))
    writer = MetricsWriter(model.path / "metrics.jsonl")
    writer.append({"kind": "start", "episode": 0, "steps": 0, "seed": 3, "time": 1000.0})
    for row in range(1, 201):
        update = {"episode": 100 * row, "steps": 100_000 * row, "won": 5 * row, "lost": 1000 - 5 * row}
        writer.append({"kind": "update", **update})
    writer.close()
    for share, number in ((0.0, 500), (0.25, 5000), (0.6, 10_000), (0.7, 15_000), (1.0, 20_000)):
        assert checkpoint_with_share(model, share) == number
    with pytest.raises(InvalidSettingError, match="some hundred points"):
        checkpoint_with_share(quiet(library), 0.5)


def quiet(library):
    """A model with a checkpoint and no curve."""
    return library.add(
        "quiet", recipe("karpathy", hidden_units=4), 1, (), PolicyNetwork.random(4, np.random.default_rng(1))
    )


def test_a_training_command_names_what_differs():
    assert training_command("a", recipe("turbo"), 4) == "pongarena train a --recipe turbo --seed 4"
    assert training_command("a", recipe("karpathy", learning_rate=1e-3, games=4), 0) == (
        "pongarena train a --recipe karpathy --seed 0 --set learning_rate=0.001 --set games=4"
    )


def test_the_plan_in_the_box_can_be_read():
    assert read_plan(Path(__file__).parent.parent.parent / "assets" / "box.json").opponents
