"""Rows of the metrics: one a game while games are few, one for many when they come fast."""

import json

import numpy as np
import pytest

from pongarena.library.curve import Curve
from pongarena.library.metrics import MetricsTail, MetricsWriter, read_curve
from pongarena.library.sessions.journal import Journal
from pongarena.library.training_series import GaugesTail
from pongarena.training.events import EpisodeFinished, Updated
from tests.clock import FakeClock


def game(number, reward=-19, running=-20.0):
    return EpisodeFinished(
        episode=number, won=21 + reward, lost=21, reward=reward, running_reward=running, steps=1000,
        total_steps=1000 * number, truncated=False,
    )  # fmt: skip


def update(number, episode, **words):
    values = {
        "gradient_norm": 2.0,
        "weight_norm": 14.0,
        "mean_p_up": 0.5,
        "entropy": 0.69,
        "won": 3,
        "lost": 30,
    }
    return Updated(update=number, episode=episode, steps=1000 * episode, **(values | words))


@pytest.fixture
def writer(tmp_path):
    writer = MetricsWriter(tmp_path / "metrics.jsonl")
    yield writer
    writer.close()


@pytest.fixture
def journal(writer):
    return Journal(writer.append)


def rows(path, kind):
    return [row for row in MetricsTail(path).read_new() if row["kind"] == kind]


def test_a_game_alone_is_told_as_it_was(tmp_path, journal):
    journal.add(game(1))
    (row,) = rows(tmp_path / "metrics.jsonl", "episode")
    assert "games" not in row
    assert (row["episode"], row["won"], row["reward"], row["total_steps"]) == (1, 2, -19, 1000)


def test_a_curve_of_groups_is_that_of_all_games(tmp_path, writer):
    rewards = np.random.default_rng(1).integers(-21, 22, 1000).tolist()
    single, grouped = [], Journal(writer.append)
    every = Journal(single.append, every=True)
    for number, reward in enumerate(rewards, 1):
        for journal in (every, grouped):
            journal.add(game(number, reward, running=number / 100))
            journal.add(update(number, number, won=21 + reward, lost=21))
    grouped.flush()
    one, other = Curve(single), read_curve(tmp_path / "metrics.jsonl")
    assert len(one) == 1000 and len(other) < 100
    assert other.games.sum() == one.games.sum() == 1000
    assert (other.rewards * other.games).sum() == pytest.approx(sum(rewards))
    assert other.squares.sum() == one.squares.sum()
    assert (other.lows.min(), other.highs.max()) == (min(rewards), max(rewards))
    assert (other.running[-1], other.steps[-1]) == (10.0, 1_000_000)
    assert other.points.won.sum() == one.points.won.sum()
    assert other.points.steps[-1] == 1_000_000


def test_a_night_of_the_fastest_training_is_some_ten_megabytes(tmp_path, writer):
    """By the clock no more than a pair of rows in two seconds, once the training is old."""
    lines, clock = [], FakeClock()
    journal = Journal(lines.append, now=clock)
    for number in range(1, 1251):  # 2.5 seconds
        # ten billion decisions are behind it: a hundredth more takes longer than two seconds
        event = game(10_000_000 + number)
        journal.add(event)
        journal.add(update(number, event.episode, kl=0.001234567, explained=0.5))
        clock.sleep(0.002)
    assert len(lines) == 3  # the first game, and all after two seconds
    size = sum(len(json.dumps({"format_version": 2, **line})) for line in lines[-2:])
    assert size * 10 * 3600 / 2 < 20e6


def test_early_rows_lie_close_together():
    lines, clock = [], FakeClock()
    journal = Journal(lines.append, now=clock)
    for number in range(1, 131):  # 0.65 seconds
        journal.add(game(number))
        clock.sleep(0.005)
    assert len(lines) == 7


def test_ratios_are_those_of_the_last_update_that_was_measured(tmp_path):
    lines = []
    journal = Journal(lines.append, now=lambda: 0.0)
    journal.add(update(1, 1, update_ratios=(0.00123456, 0.5)))
    assert {name: lines[-1][name] for name in lines[-1] if "ratio" in name} == {
        "update_ratio_1": 0.001235, "update_ratio_2": 0.5,
    }  # fmt: skip
    for number, ratios in ((2, (0.1, 0.2)), (3, None)):
        journal.add(update(number, number, update_ratios=ratios))
    journal.flush()
    assert (lines[-1]["updates"], lines[-1]["update_ratio_1"], lines[-1]["update_ratio_2"]) == (2, 0.1, 0.2)
    journal.add(update(4, 4))
    journal.flush()
    assert not [name for name in lines[-1] if "ratio" in name]


def test_rows_carry_the_time_of_their_update_not_of_their_writing():
    lines, clock = [], FakeClock()
    journal = Journal(lines.append, now=clock, clock=clock)
    for number in range(1, 4):
        clock.sleep(0.3)  # a round of a search; then its games come all at once
        journal.add(game(2 * number - 1))
        journal.add(game(2 * number))
        journal.add(update(number, 2 * number))
    journal.flush()  # as before a checkpoint
    times = [line["time"] for line in lines if line["kind"] == "update"]
    assert np.diff(times) == pytest.approx(0.3)
    assert all("time" in line for line in lines)


def test_no_row_stands_for_games_before_and_after_what_a_resume_goes_on_from(tmp_path, writer, journal):
    journal.add(game(1))
    for number in (2, 3, 4):
        journal.add(game(number))
    journal.add(update(1, 4))
    for number in (5, 6):  # of a batch that is not finished
        journal.add(game(number, reward=21))
    journal.flush()
    writer.append({"kind": "resume", "episode": 4, "steps": 4000})
    curve = read_curve(tmp_path / "metrics.jsonl")
    assert (curve.episodes.tolist(), curve.games.tolist()) == ([1, 4], [1, 3])
    assert curve.highs.max() == -19


def test_updates_between_which_no_game_ended_are_forgotten_too(tmp_path, writer):
    """Two trainings went on from the same moment, with rows of other lengths."""
    row = {"kind": "update", "episode": 7, "won": 1, "lost": 2, "time": 1.0, "entropy": 0.5}
    for steps in (100, 200, 300):
        writer.append({**row, "steps": steps})
    writer.append({"kind": "resume", "episode": 7, "steps": 100})
    writer.append({**row, "steps": 450, "entropy": 0.25})
    assert read_curve(tmp_path / "metrics.jsonl").points.steps.tolist() == [100, 450]
    tail = GaugesTail(tmp_path / "metrics.jsonl")
    tail.refresh(1.0)
    assert tail.gauges.known("entropy")[1].tolist() == [0.5, 0.25]


def test_instruments_of_a_group_are_means_and_its_rate_and_rating_the_last_ones(tmp_path, journal):
    journal.add(game(1))
    for number, entropy in ((1, 0.6), (2, 0.4)):
        journal.add(
            update(number, 1, entropy=entropy, kl=None, learning_rate=number / 1000, rating=50.0 * number)
        )
    journal.flush()
    (row,) = rows(tmp_path / "metrics.jsonl", "update")
    assert (row["updates"], row["update"], row["won"], row["lost"]) == (2, 2, 6, 60)
    assert row["entropy"] == pytest.approx(0.5)
    assert row["kl"] is None and row["learning_rate"] == 0.002 and row["rating"] == 100


@pytest.mark.parametrize("games", [0, -1, 1 << 40, "x", None, 1e400])
def test_a_row_for_an_impossible_number_of_games_is_left_out(games):
    row = {
        "kind": "episode",
        "episode": 1,
        "reward": 0.0,
        "running_reward": 0.0,
        "total_steps": 9,
        "time": 1.0,
    }
    for rest in ([], [{**row, "episode": 3}]):
        curve = Curve([{**row, "games": 5}, {**row, "episode": 2, "games": games}, *rest])
        assert curve.episodes.tolist() == [1, *(each["episode"] for each in rest)]
        assert curve.games.sum() == 5 + len(rest)
