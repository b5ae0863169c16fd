"""Order, filter and columns of the table; curves; families: what needs no app."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.jobs.status import State, Status
from pongarena.library.curve import Curve
from pongarena.library.models import Model
from pongarena.library.notes import Notes
from pongarena.library.progress import Points, Share, measure, recent_share, share_band
from pongarena.library.score import share_of
from pongarena.library.strength import Source, Strength
from pongarena.training.registry import recipe
from pongarena.tui.data.curves import smoothed, window_for
from pongarena.tui.data.family import family_of
from pongarena.tui.data.library_watcher import Entry, History
from pongarena.tui.data.match_records import Strengths
from pongarena.tui.data.model_columns import COLUMNS, arrange, fitting, matches
from pongarena.tui.data.model_stats import Facts

NAMED = {column.name: column for column in COLUMNS}


def entry(name, score=None, episode=0, tags=(), lineage=(), state=State.STOPPED, **model):
    known = Model(name, None, recipe=recipe("turbo"), lineage=lineage, **model)
    strength = None if score is None else Strength(share_of(score), score, Source.TRAINING, 1000)
    return Entry(known, Status(state), (), episode, Facts(strength), notes=Notes("", tags))


@pytest.mark.parametrize("width", [8, 20, 40, 60, 73, 77, 80, 100, 140, 300])
def test_columns_fit(width):
    columns = fitting(width)
    assert columns[0][0].name == "name"
    taken = sum(cells + 2 for _, cells in columns) - 2
    assert taken <= width or len(columns) == 3  # name, score and state are never given up
    assert [each.name for each, _ in fitting(300)] == [each.name for each in COLUMNS]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "abcd"), ("deep", "a"), ("DEEP", "a"), ("turbo", "abcd"), ("recipe:turbo", "abcd"),
        ("recipe:kar", ""), ("tag:good", "b"), ("#good", "b"), ("good", "bc"), ("state:running", "d"),
        ("running", "d"), ("good new", "b"), ("name:good", "c"), ("x:y", ""),
    ],
)  # fmt: skip
def test_words_find_models(query, found):
    entries = {
        "a": entry("deep"),
        "b": entry("new", tags=("good",)),
        "c": entry("goodness"),
        "d": entry("other", state=State.RUNNING),
    }
    assert "".join(key for key, each in entries.items() if matches(each, query)) == found


@given(st.lists(st.one_of(st.none(), st.floats(-21, 21)), max_size=30), st.booleans())
def test_whatever_is_not_known_comes_last(scores, turned):
    entries = [entry(f"m{number}", score) for number, score in enumerate(scores)]
    order = arrange(entries, Strengths(), query="", column=NAMED["score"], turned=turned)
    assert sorted(each.name for each in order) == sorted(each.name for each in entries)
    known = [each.score for each in order if each.score is not None]
    assert known == sorted(known, reverse=not turned)
    assert all(each.score is None for each in order[len(known) :])


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_every_column_shows_a_damaged_a_new_and_a_built_in_model(column):
    broken = replace(entry("broken"), model=Model("broken", None, fault="x"))
    for each in (broken, entry("new"), entry("given", bundled=True)):
        assert column.cell(each, Strengths(), 1e9).plain
        column.order(each, Strengths())
    arrange([broken, entry("new")], Strengths(), query="", column=column, turned=False)


def test_a_family_is_a_tree_with_those_that_are_gone():
    entries = [
        entry("child", lineage=("root@100",)),
        entry("other", lineage=("root@50",)),
        entry("grandchild", lineage=("root@100", "child@7")),
        entry("stranger"),
    ]
    found = [(each.name, each.depth, each.episode, each.present) for each in family_of("grandchild", entries)]
    assert found == [
        ("root", 0, None, False),
        ("child", 1, "100", True),
        ("grandchild", 2, "7", True),
        ("other", 1, "50", True),
    ]
    assert [each.name for each in family_of("stranger", entries)] == ["stranger"]


@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.lists(st.sampled_from(["a@1", "b@2", "c", "@", ""]))),
        max_size=6,
    )
)
def test_no_lineage_makes_a_family_endless(members):
    entries = [entry(name, lineage=tuple(lineage)) for name, lineage in dict(members).items()]
    for each in entries:
        family = family_of(each.name, entries)
        names = [relative.name for relative in family]
        assert each.name in names
        assert len(names) == len(set(names))
        assert all(b.depth <= a.depth + 1 for a, b in itertools.pairwise(family))


def history(rewards, most=1 << 16):
    rows = [
        {"kind": "episode", "episode": n, "reward": float(reward), "running_reward": 0, "total_steps": 9 * n,
         "time": 1e9 + 2 * n}
        for n, reward in enumerate(rewards, 1)
    ]  # fmt: skip
    return History.of(Curve(rows, most=most))


@given(st.lists(st.integers(-21, 21), min_size=1, max_size=300), st.sampled_from([8, 64, 1000]))
def test_a_smoothed_curve_stays_inside_its_band_and_the_games(rewards, most):
    means, low, high = smoothed(history(rewards, most))
    assert np.isfinite(means).all()
    assert (low <= means).all() and (means <= high).all()
    assert (means >= min(rewards) - 1e-6).all() and (means <= max(rewards) + 1e-6).all()


def test_the_band_holds_the_true_mean_nineteen_times_out_of_twenty():
    rng = np.random.default_rng(0)
    inside = []
    for _ in range(200):
        _, low, high = smoothed(history(rng.normal(3.0, 4.0, 400)))
        inside.append(low[200] <= 3.0 <= high[200])
    assert 0.88 <= np.mean(inside) <= 0.99
    assert window_for(10) == 10 and window_for(1e9) == 500


def test_the_band_allows_for_streaks_and_not_for_learning():
    rng = np.random.default_rng(0)
    games, true, middle = 3000, 3.0, 1500
    streaks, steady = [], []
    for _ in range(30):
        noise = rng.normal(0, 4, games)
        good_days = np.repeat(rng.normal(0, 4, games // 25), 25)  # 25 games share a fortune
        _, low, high = smoothed(history(true + good_days + noise))
        streaks.append((low[middle] <= true <= high[middle], high[middle] - low[middle]))
        rising = np.linspace(-18, 18, games)
        _, low, high = smoothed(history(rising + noise))
        steady.append(high[middle] - low[middle])
    assert np.mean([inside for inside, _ in streaks]) >= 0.85  # as independent games: half of the time
    assert np.mean([width for _, width in streaks]) > 1.7 * np.mean(steady)


def test_long_pauses_are_no_training_time():
    curve = Curve(
        {"kind": "episode", "episode": n, "reward": 0, "running_reward": 0, "total_steps": n, "time": time}
        for n, time in enumerate((0, 60, 120, 90_000, 90_060), 1)
    )
    assert History.of(curve).minutes.tolist() == pytest.approx([0, 1, 2, 2, 3])


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=80))
def test_the_share_of_the_table_is_the_share_of_the_detail(pairs):
    won, lost = (np.array(column) for column in zip(*pairs, strict=True))
    points = Points(np.arange(1, len(pairs) + 1) * 100, won, lost)
    assert recent_share(points) == measure(points, None).share
    _steps, shares, low, high = share_band(points)
    assert (low <= shares + 1e-9).all() and (shares <= high + 1e-9).all()


def test_the_band_of_a_share_is_wilsons():
    points = Points(np.array([100]), np.array([150]), np.array([250]))
    _, shares, low, high = share_band(points)
    expected = Share.of(150, 400)
    assert (shares[0], low[0], high[0]) == pytest.approx((expected.value, expected.low, expected.high))
