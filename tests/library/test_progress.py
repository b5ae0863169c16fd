"""Is it learning? The intervals, the trend, the comparison with reference runs, and the words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.library.metrics import Curve, Points
from pongarena.library.progress import (
    WINDOW_POINTS,
    Against,
    Share,
    Trend,
    measure,
    measure_rating,
    recent_share,
    share_band,
    share_curve,
)
from pongarena.library.reference import Reference


def points(shares, each=50, steps=4096):
    """A run that wins these shares of `each` points, update by update."""
    won = np.rint(np.array(shares) * each).astype(np.int64)
    return Points(steps * np.arange(1, len(won) + 1), won, each - won)


def reference(*runs, steps=None):
    length = len(runs[0])
    grid = np.linspace(4096, 4096 * 100, length) if steps is None else np.array(steps, float)
    return Reference("turbo", tuple(range(len(runs))), grid, np.array(runs, float), "by hand")


@given(st.integers(1, 10_000), st.data())
def test_the_interval_holds_the_share_and_stays_within_zero_and_one(played, data):
    won = data.draw(st.integers(0, played))
    share = Share.of(won, played)
    assert 0 <= share.low <= share.value + 1e-12
    assert share.value - 1e-12 <= share.high <= 1


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    for truth in (0.02, 0.3, 0.9):
        shares = [Share.of(int(won), 400) for won in rng.binomial(400, truth, 2000)]
        assert 0.93 < np.mean([each.low <= truth <= each.high for each in shares]) < 0.98


def test_too_few_points_say_nothing():
    for run in (points([]), points([0.5] * 3)):
        progress = measure(run, reference([0.1, 0.2]))
        assert progress.share is None
        assert "Too early" in progress.verdict()
        assert progress.outlook(1000) == ""


def test_the_share_is_of_the_last_points():
    progress = measure(points([0.1] * 60 + [0.4] * 20), None)
    assert progress.share.value == pytest.approx(0.4)
    assert progress.share.points == WINDOW_POINTS
    assert progress.trend is Trend.RISING
    assert "40% of the last 1,000 points won" in progress.standing()
    assert "▲ rising" in progress.standing()


@pytest.mark.parametrize(
    ("shares", "trend"),
    [([0.3] * 80, Trend.LEVEL), ([0.5] * 40 + [0.2] * 20, Trend.FALLING), ([0.0] * 80, Trend.LEVEL)],
)
def test_chance_is_no_trend(shares, trend):
    assert measure(points(shares), None).trend is trend


def test_a_run_is_compared_after_as_many_decisions():
    runs = reference(np.linspace(0, 0.5, 100), np.linspace(0, 0.6, 100))
    assert measure(points(np.linspace(0, 0.55, 100)), runs).against is Against.WITHIN
    ahead = measure(points([0.6] * 50), runs)
    assert ahead.against is Against.AHEAD
    assert "faster than usual" in ahead.verdict()
    stuck = measure(points([0.1] * 100), runs)
    assert stuck.against is Against.BEHIND
    assert "stuck" in stuck.verdict()
    assert "own settings" in measure(points([0.1] * 100), runs, own_settings=False).verdict()


def test_a_slow_recipe_is_called_normal():
    slow = reference([0.02] * 100, [0.03] * 100)
    progress = measure(points([0.02] * 100), slow)
    assert progress.against is Against.WITHIN
    assert "On track" in progress.verdict()


def test_nothing_is_compared_beyond_the_reference():
    progress = measure(points([0.3] * 100), reference([0.1, 0.2], [0.1, 0.3], steps=[4096, 8192]))
    assert progress.expected is None
    assert progress.against is None
    assert "end at 8,192 steps, where they won 20%–30%" in progress.verdict()
    patient = measure(points([0.02] * 100), reference([0.01, 0.02], [0.02, 0.03], steps=[4096, 8192]))
    assert "patience" in patient.verdict()


def test_the_time_is_a_range_over_the_runs_and_absent_when_one_never_got_there():
    rising = measure(points([0.3] * 20), reference(np.linspace(0, 1, 100), np.linspace(0, 0.8, 100)))
    assert rising.goal == 0.5
    low, high = rising.goal_steps
    assert 0 < low < high
    words = rising.outlook(1000.0)
    assert "CPU's equal" in words
    assert "min" in words
    assert rising.outlook(None) == ""
    plateau = measure(points([0.3] * 20), reference(np.linspace(0, 1, 100), np.full(100, 0.4)))
    assert plateau.goal_steps is None
    assert plateau.outlook(1000.0) == ""


def test_the_curve_is_the_moving_share():
    steps, shares = share_curve(points([0.1] * 40 + [0.5] * 40), most=80)
    assert shares[0] == pytest.approx(0.1)
    assert shares[-1] == pytest.approx(0.5)
    assert np.all(np.diff(steps) > 0)
    assert len(share_curve(points([0.5] * 5000))[0]) <= 400


def test_updates_played_again_after_a_crash_count_once():
    row = {"kind": "update", "episode": 5, "steps": 100, "won": 1, "lost": 9}
    later = {**row, "episode": 9, "steps": 200}
    curve = Curve([row, later, {"kind": "resume", "episode": 5}, {**later, "won": 4, "lost": 6}])
    assert curve.points.steps.tolist() == [100, 200]
    assert curve.points.won.tolist() == [1, 4]
    # two updates between the same two games, the second lost in a crash
    same = Curve(
        [row, {**row, "steps": 150}, {"kind": "resume", "episode": 5}, {**row, "steps": 150, "won": 7}]
    )
    assert same.points.won.tolist() == [1, 7]


@pytest.mark.parametrize("whole", [True, False])
def test_ratings_are_known_where_an_update_had_one(whole):
    row = {"kind": "update", "episode": 5, "won": 1, "lost": 9}
    found = [None, 12.5, "x", float("nan"), 2**70, -3]
    rows = [{**row, "steps": 100 * n, "rating": rating} for n, rating in enumerate(found)]
    curve = Curve([*rows, {**row, "steps": 900}] if whole else [{**rows[0], "won": 2**30}, *rows[1:]])
    steps, ratings = curve.ratings
    assert (steps.tolist(), ratings.tolist()) == ([100, 500], [12.5, -3])


@pytest.mark.parametrize(
    ("ratings", "trend", "words"),
    [
        (np.linspace(-30, 212, 100), Trend.RISING, ("rating +212 ▲ rising", "Yes: it beats")),
        (np.full(100, -7.0), Trend.LEVEL, ("rating −7 ▬ level", "holds its level")),
        (np.linspace(300, 100, 100), Trend.FALLING, ("rating +100 ▼ falling", "loses to its older selves")),
        (np.arange(9.0), None, ("rating +8, among", "Too early")),
    ],
)
def test_a_rating_is_told_with_its_trend_and_the_ai_as_a_check(ratings, trend, words):
    rating = measure_rating((4096.0 * np.arange(1, len(ratings) + 1), ratings))
    assert rating.trend is trend
    assert words[0] in rating.standing() and words[1] in rating.verdict()
    check = rating.check(measure(points([0.3] * 30), None))
    assert check.startswith("Check against the CPU, not learned from: 30% of the last")
    assert measure_rating(Curve().ratings) is None


def test_damaged_updates_are_skipped():
    good = {"kind": "update", "episode": 5, "steps": 100, "won": 1, "lost": 9}
    for bad in ({"steps": "x"}, {"won": None}, {"lost": 2**70}):
        assert len(Curve([good, {**good, **bad}]).points.steps) == 1
    assert len(Curve([{"kind": "update", "episode": 3}]).points.steps) == 0


def test_a_dead_run_is_not_called_patient_and_gets_no_time():
    usual = reference(np.linspace(0, 0.5, 100), np.linspace(0, 0.6, 100))
    for run in (points([0.0] * 90), points([0.0] * 300)):
        dead = measure(run, usual)
        assert "stuck" in dead.verdict()
        assert dead.outlook(1000.0) == ""


def test_a_falling_run_is_not_praised():
    usual = reference(np.linspace(0, 0.1, 100), np.linspace(0, 0.2, 100))
    fallen = measure(points([0.9] * 40 + [0.5] * 30), usual)
    assert fallen.trend is Trend.FALLING
    assert fallen.verdict().startswith("It loses ground")
    assert fallen.outlook(1000.0) == ""


def test_other_settings_get_no_time():
    usual = reference(np.linspace(0, 1, 100), np.linspace(0, 0.9, 100))
    assert measure(points([0.3] * 30), usual).goal_steps is not None
    assert measure(points([0.3] * 30), usual, own_settings=False).goal_steps is None


def test_a_fast_run_is_judged_by_a_tenth_of_it_and_not_by_a_moment():
    """Thousands of points a second: two neighbouring windows of a thousand would differ by chance alone."""
    rng = np.random.default_rng(3)
    played, trends = 4000, []
    shares = 0.9 - 0.8 * np.exp(-np.arange(400) / 150)
    won = rng.binomial(played, shares)
    for end in range(100, 400, 10):
        trends.append(measure(Points(65_536 * np.arange(1, end + 1), won[:end], played - won[:end]), None))
    assert all(each.trend is Trend.RISING for each in trends)
    assert all(each.share.points == played for each in trends)  # a whole row is the least there is
    level = rng.binomial(played, 0.8, 400)
    for end in range(100, 400, 10):
        run = Points(65_536 * np.arange(1, end + 1), level[:end], played - level[:end])
        assert measure(run, None).trend is Trend.LEVEL
    # a collapse is seen at once
    won[-8:] = rng.binomial(played, 0.3, 8)
    assert measure(Points(65_536 * np.arange(1, 401), won, played - won), None).trend is Trend.FALLING


def test_the_band_is_that_of_the_points_a_share_stands_for():
    _, shares, lows, highs = share_band(points([0.5] * 20, each=4000))
    share = Share.of(2000, 4000)
    assert (shares[-1], lows[-1], highs[-1]) == pytest.approx((share.value, share.low, share.high))
    assert recent_share(points([0.5] * 20, each=4000)).low == pytest.approx(share.low)


def test_a_time_of_seconds_is_told_in_seconds():
    rising = measure(points([0.3] * 20), reference(np.linspace(0, 1, 100), np.linspace(0, 0.9, 100)))
    low, high = rising.goal_steps
    assert f"in {low / (high / 20):.0f}–20 s," in rising.outlook(high / 20)


def test_one_update_has_no_trend():
    assert measure(points([0.02], each=300), None).trend is None
