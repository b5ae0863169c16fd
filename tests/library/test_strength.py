"""One measure of strength: where it comes from, and that all places show the same."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from pongarena.cli import cli
from pongarena.jobs.status import State, Status, write_status
from pongarena.library.card import Rating, read_opponent_card
from pongarena.library.evaluations import FILE, keep_evaluation, read_evaluations
from pongarena.library.metrics import MetricsWriter
from pongarena.library.models import Library, checkpoint_path
from pongarena.library.score import score_of, share_of
from pongarena.library.strength import Source, strength_of
from pongarena.nn.checkpoint import Card, Checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.registry import recipe
from pongarena.tui.data.library_watcher import LibraryWatcher
from pongarena.tui.words import strength as words_of


def rating(mean, games=100, setting="benchmark", greedy=False):
    return Rating(setting, greedy, games, mean, 5.0, games // 2, 0)


def run(*arguments):
    return CliRunner().invoke(cli, arguments, prog_name="pongarena")


@pytest.fixture
def library(home):
    return Library()


@pytest.fixture
def trained(library):
    """A model at 39 % of points whose running reward is still −19.6, as after some seconds of training."""
    model = library.create("mine", recipe("turbo", hidden_units=4), 0)
    writer = MetricsWriter(model.path / "metrics.jsonl")
    for number in range(1, 41):
        row = {"episode": 10 * number, "steps": 8192 * number, "won": 39, "lost": 61, "time": 1e9 + number}
        writer.append({"kind": "update", **row})
    writer.close()
    save(model, 400)
    write_status(
        model.path / "status.json",
        Status(State.STOPPED, episode=400, steps=327_680, running_reward=-19.6),
    )
    return model


def save(model, number):
    card = Card(
        model.name, "turbo", number, 1, 1, 0, -19.6, 1, 1, (), "2026-01-01T00:00:00+00:00", "0", number=number
    )
    policy = PolicyNetwork.random(4, np.random.default_rng(0))
    write_checkpoint(checkpoint_path(model.path, number), Checkpoint(policy, card))


@given(st.floats(0, 1))
@example(6.933854564677069e-18)
def test_a_score_is_the_mean_of_games_of_independent_points(share):
    score = score_of(share)
    assert -21 <= score <= 21
    assert score == pytest.approx(-score_of(1 - share), abs=1e-9)
    assert share_of(score) == pytest.approx(share, abs=1e-3) or abs(score) > 20.9


def test_a_score_is_what_playing_gives():
    rng = np.random.default_rng(0)
    for share in (0.1, 0.39, 0.5, 0.8):
        points = rng.random((20_000, 41)) < share
        won, lost = np.cumsum(points, axis=1), np.cumsum(~points, axis=1)
        end = ((won == 21) | (lost == 21)).argmax(axis=1)
        rows = np.arange(len(points))
        assert (won - lost)[rows, end].mean() == pytest.approx(score_of(share), abs=0.15)


def test_a_model_in_the_box_is_as_strong_as_its_card_says(library):
    for model in library.models():
        known = strength_of(model)
        measured = next(
            each for each in read_opponent_card(model.path).ratings
            if each.setting == "benchmark" and not each.greedy
        )  # fmt: skip
        assert known.source is Source.EVALUATION and known.score == measured.mean
        assert score_of(known.share) == pytest.approx(measured.mean, abs=1e-2)


def test_one_that_trained_is_as_strong_as_its_last_points(trained):
    known = strength_of(trained)
    assert (known.share, known.source, known.count) == (0.39, Source.TRAINING, 1000)
    assert known.score == pytest.approx(-7.5, abs=0.1)
    assert str(known) == "39% of the last 1,000 points won, about −7.5 a game"


def test_an_evaluation_counts_until_the_model_trains_further(trained):
    assert keep_evaluation(trained, 400, rating(-5.0))
    assert strength_of(trained).score == -5.0
    assert "−5.0 a game over 100 evaluated games" in str(strength_of(trained))
    keep_evaluation(trained, 400, rating(15.0, games=3))  # too few
    keep_evaluation(trained, 400, rating(15.0, greedy=True))
    keep_evaluation(trained, 400, rating(15.0, setting="match"))
    assert strength_of(trained).score == -5.0
    keep_evaluation(trained, 400, rating(-4.0))  # as many games, later
    assert strength_of(trained).score == -4.0
    save(trained, 500)
    assert strength_of(trained).source is Source.TRAINING


def test_what_nobody_knows_is_not_told(library):
    assert strength_of(library.create("fresh", recipe("turbo"), 0)) is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format_version": 9}', '{"format_version": 1, "evaluations": [{"checkpoint": "x"}]}'],
)
def test_damaged_evaluations_are_none_and_stay_as_they_are(trained, text):
    (trained.path / FILE).write_text(text)
    assert read_evaluations(trained.path) == ()
    assert strength_of(trained).source is Source.TRAINING
    assert not keep_evaluation(trained, 400, rating(0.0))
    assert (trained.path / FILE).read_text() == text


def test_nothing_is_written_into_the_box(library):
    rival = library.model("rival")
    assert not keep_evaluation(rival, 300, rating(0.0))
    assert not (rival.path / FILE).exists()


def test_app_and_commands_show_the_same(trained, library, monkeypatch):
    """Found: −19.6 beside 39 % of points, and the rival at −1.9 in one place and +6.5 in another."""
    monkeypatch.setenv("COLUMNS", "150")
    watcher = LibraryWatcher(library)
    look = watcher.look({"mine"})
    while look.busy:
        look = watcher.look({"mine"})
    by_command = {each["name"]: each for each in json.loads(run("models", "list", "--json").output)}
    for entry in look.entries:
        known = strength_of(entry.model)
        assert entry.strength == known
        assert by_command[entry.name]["strength"]["score"] == known.score
    assert look.curves["mine"].progress.share.value == look.entry("mine").strength.share
    table = run("models", "list").output
    mine, rival = (next(line for line in table.splitlines() if name in line) for name in ("mine", "rival"))
    assert "39%" in mine and "−7.5" in mine and "−19.6" not in mine
    measured = next(
        each
        for each in read_opponent_card(library.model("rival").path).ratings
        if each.setting == "benchmark"
    )
    score = f"{measured.mean:+.1f}".replace("-", "−")
    assert score in rival
    shown = run("models", "show", "rival").output
    assert f"{score} a game over {measured.games} evaluated games" in shown and "running reward" not in shown
    shown = run("models", "show", "mine").output
    assert "39% of the last 1,000 points won" in shown and "−19.6" in shown  # named as what it is
    assert words_of(look.entry("mine").strength) == "39% won, −7.5 a game"
    assert f"% won, {score} a game (evaluated)" in words_of(look.entry("rival").strength)


@pytest.mark.slow
def test_an_evaluation_by_command_is_kept(trained):
    assert run("eval", "mine", "--games", "2").exit_code == 0
    assert read_evaluations(trained.path)[0].games == 2
