"""Ratings are read off the log alone: the same for the same matches, and as sure as they say."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.match.log import log_match, read_log
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.ratings import fit, played
from pongarena.match.result import MatchResult

ELO = 400 / np.log(10)


def kind(name):
    return name if name in {"human", "ai"} else "model"


def match(left, right, score, seed=0, **other):
    """A line of the log."""
    finished = max(score) == 21
    record = {
        "left": left, "right": right, "kinds": (kind(left), kind(right)), "score": tuple(score),
        "winner": None, "finished": finished, "frames": 9000, "seed": seed, "ball": "constant",
        "points": 21, "longest_rally": 7,
    }  # fmt: skip
    return MatchResult(**record | other)


def rated(results):
    return {each.player: each for each in fit(results).rated}


NAMES = ("ai", "human", "a@1", "b@2", "c@30", "d@30")
LOSER = st.integers(0, 20)


@st.composite
def logs(draw):
    """Up to 30 matches between six players, of every kind of score, with a seed each."""
    rows = []
    for seed in range(draw(st.integers(0, 30))):
        left, right = draw(st.permutations(NAMES))[:2]
        score = draw(st.sampled_from([(21, draw(LOSER)), (draw(LOSER), 21), (draw(LOSER), draw(LOSER))]))
        rows.append(match(left, right, score, seed))
    return rows


@settings(max_examples=50)
@given(logs(), st.randoms())
def test_the_order_of_the_lines_changes_nothing(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert fit(shuffled) == fit(rows)


@settings(max_examples=50)
@given(logs())
def test_sides_change_nothing(rows):
    turned = [match(each.right, each.left, each.score[::-1], each.seed) for each in rows]
    one, other = rated(rows), rated(turned)
    assert one.keys() == other.keys()
    for name, each in one.items():
        assert other[name].rating == pytest.approx(each.rating, abs=1e-4)
        assert other[name].uncertainty == pytest.approx(each.uncertainty, abs=1e-4)


@settings(max_examples=50)
@given(logs())
def test_with_all_results_turned_round_everybody_stands_as_far_on_the_other_side_of_the_ai(rows):
    turned = [match(each.left, each.right, each.score[::-1], each.seed) for each in rows]
    one, other = rated(rows), rated(turned)
    for name, each in one.items():
        assert other[name].rating - 1000 == pytest.approx(1000 - each.rating, abs=1e-4)


@settings(max_examples=50)
@given(logs(), st.permutations(NAMES), st.integers(1, 21))
def test_further_points_won_never_lower_the_winner(rows, names, points):
    winner, loser = names[:2]
    rows.append(match(winner, loser, (0, 1), 998, finished=True))
    before = rated(rows)
    after = rated([*rows, match(winner, loser, (points, 0), 999, finished=True)])
    assert after[winner].rating >= before[winner].rating - 1e-4
    assert after[loser].rating <= before[loser].rating + 1e-4


@settings(max_examples=50)
@given(logs())
def test_every_figure_is_finite_and_the_ai_stands_still(rows):
    ratings = fit(rows)
    assert ratings.overdispersion >= 1
    values = [(each.rating, each.uncertainty) for each in ratings.rated]
    assert np.isfinite(values).all()
    assert [rating for rating, _ in values] == sorted((rating for rating, _ in values), reverse=True)
    ai = ratings.of("ai")
    assert ai is None or (ai.rating, ai.uncertainty) == (1000.0, 0.0)
    assert all(each.uncertainty > 0 for each in ratings.rated if each.player != "ai")


def test_equal_points_give_equal_ratings_and_more_points_higher_ones():
    even = rated([match("human", "ai", (21, 20), 1), match("ai", "human", (21, 20), 2)])
    assert even["human"].rating == pytest.approx(1000)
    three = rated([match("a@1", "b@1", (21, 7), 1), match("b@1", "c@1", (21, 7), 2)])
    assert three["a@1"].rating > three["b@1"].rating > three["c@1"].rating
    assert three["b@1"].rating == pytest.approx(1000)


def test_more_matches_make_surer():
    def uncertainty(matches):
        scores = [(21, 9), (9, 21), (21, 14), (14, 21)]
        rows = [match("human", "ai", scores[seed % 4], seed) for seed in range(matches)]
        return rated(rows)["human"].uncertainty

    few, more, many = uncertainty(4), uncertainty(40), uncertainty(400)
    assert few > more > many
    # from here the prior has no say, and the error falls with the root of the matches
    assert more / many == pytest.approx(10**0.5, rel=0.25)


@pytest.mark.parametrize(
    "rows",
    [
        [match(f"m@{each}", f"m@{each + 1}", (21, 0), seed) for each in range(60) for seed in range(30)],
        [match("a@1", "b@1", (21, 0), seed) for seed in range(3000)],
        [match("a@1", "b@1", (21, 0), 1), match("c@1", "d@1", (0, 21), 2), match("human", "ai", (0, 21), 3)],
    ],
    ids=["a long chain", "thousands to nil", "strangers"],
)
def test_hopeless_matches_still_come_to_an_end(rows):
    ratings = fit(rows).rated
    assert np.isfinite([(each.rating, each.uncertainty) for each in ratings]).all()
    players = {each.player: each for each in ratings}
    for each in rows:
        winner, loser = each.left, each.right
        if each.score[0] == 0:
            winner, loser = loser, winner
        assert players[winner].rating > players[loser].rating


def test_a_shutout_goes_as_far_as_the_prior_lets_it():
    """Compared with the slope of the posterior, worked out by hand: its zero lies between the two."""

    def slope(rating):
        strength = (rating - 1000) / ELO
        return 21 / 5 / (1 + np.exp(strength)) - strength * (ELO / 500) ** 2

    rating = rated([match("human", "ai", (21, 0))])["human"].rating
    assert slope(rating - 0.01) > 0 > slope(rating + 0.01)
    assert 1400 < rating < 1500


def test_where_newtons_full_steps_would_run_away_the_fit_arrives():
    """Five players, contradictory results by the thousand: found by a search for logs that diverge."""
    shutouts = (
        ("ai", "c@1", 0, 1), ("c@1", "ai", 0, 1000), ("d@1", "b@1", 0, 20), ("d@1", "b@1", 0, 1000),
        ("e@1", "ai", 0, 1000), ("b@1", "c@1", 1, 1000), ("ai", "c@1", 0, 20), ("d@1", "e@1", 1, 1),
        ("e@1", "c@1", 0, 20), ("c@1", "b@1", 1000, 0),
    )  # fmt: skip
    results = [
        match(*players, score, seed)
        for *players, won, lost in shutouts
        for score, count in (((21, 0), won), ((0, 21), lost))
        for seed in range(count)
    ]
    ratings = fit([replace(each, seed=number) for number, each in enumerate(results)]).rated
    assert np.isfinite([(each.rating, each.uncertainty) for each in ratings]).all()
    assert max(abs(each.rating) for each in ratings) < 10_000


def simulated(rng, strengths, matches, habit=0.0):
    """Matches of players of these strengths; a habit is the chance that a point goes just as the last one."""
    names = ["ai", *(f"m@{each}" for each in range(1, len(strengths)))]
    for seed in range(matches):
        first, second = rng.choice(len(strengths), 2, replace=False)
        chance = 1 / (1 + np.exp(strengths[second] - strengths[first]))
        score, winner = [0, 0], int(rng.random() > chance)
        while max(score) < 21:
            if rng.random() >= habit:
                winner = int(rng.random() > chance)
            score[winner] += 1
        yield match(names[first], names[second], score, seed)


@pytest.mark.parametrize("habit", [0.0, 0.6], ids=["independent points", "points that hang together"])
def test_known_strengths_lie_within_the_stated_intervals(habit):
    """About 19 of 20 do; a few more where the log is calmer than is expected of a short one."""
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(30):
        strengths = np.concatenate([[0.0], rng.normal(0, 1, 11)])
        found = rated(simulated(rng, strengths, 150, habit))
        for number, strength in enumerate(strengths[1:], 1):
            each = found[f"m@{number}"]
            inside.append(abs(each.rating - 1000 - ELO * strength) <= each.uncertainty)
    assert 0.91 <= np.mean(inside) <= 0.99


def test_scores_that_hang_together_are_told_from_independent_ones():
    rng = np.random.default_rng(3)
    strengths = np.concatenate([[0.0], rng.normal(0, 0.5, 9)])
    calm = fit(simulated(rng, strengths, 600)).overdispersion
    wild = fit(simulated(rng, strengths, 600, 0.6)).overdispersion
    assert calm < 1.5
    assert wild == pytest.approx((1 + 0.6) / (1 - 0.6), rel=0.2)


def test_players_that_the_scores_were_spent_on_do_not_make_the_log_look_calm():
    rng = np.random.default_rng(8)
    found = [
        fit(simulated(rng, np.concatenate([[0.0], rng.normal(0, 0.5, 59)]), 90, 0.6)).overdispersion
        for _ in range(20)
    ]
    assert np.mean(found) == pytest.approx(4, rel=0.15)


def test_two_hundred_players_are_told_apart():
    rng = np.random.default_rng(1)
    strengths = np.concatenate([[0.0], rng.normal(0, 1.5, 199)])
    ratings = fit(simulated(rng, strengths, 4000))
    found = [ratings.of(f"m@{number}").rating for number in range(1, 200)]
    assert len(ratings.rated) == 200
    assert np.corrcoef(found, strengths[1:])[0, 1] > 0.98


@pytest.mark.parametrize(
    "other",
    [{"altered": (False, True)}, {"taken_over": (True, False)}, {"rewound": True}, {"score": (0, 0)},
     {"left": "ai", "right": "ai"}, {"score": (3, 1)}],
    ids=["altered", "taken over", "rewound", "without a point", "against itself", "a glimpse"],
)  # fmt: skip
def test_matches_that_do_not_count(other):
    fair = match("human", "ai", (21, 3))
    unfair = match(**{"left": "human", "right": "a@1", "score": (21, 3), "seed": 1} | other)
    assert fit([fair, unfair]) == fit([fair])


def test_an_unfinished_match_counts_with_its_points():
    (first, second) = fit([match("human", "ai", (3, 2), finished=False)]).rated
    assert (first.player, first.points_won, first.points_lost, first.matches) == ("human", 3, 2, 1)
    assert (second.player, second.points_won, second.points_lost, second.matches) == ("ai", 2, 3, 1)


def test_a_short_match_that_was_played_to_its_end_counts():
    assert rated([match("a@1", "ai", (1, 0), finished=True, points=1)])["a@1"].matches == 1


def test_a_match_of_networks_that_is_watched_again_counts_once():
    whole = match("a@1", "b@1", (21, 12), 5, frames=9000)
    left_early = match("a@1", "b@1", (3, 4), 5, frames=1500)
    once = fit([whole])
    assert fit([left_early, whole, whole]) == once
    assert fit([whole, replace(whole, seed=6)]) != once
    assert fit([whole, replace(whole, ball="faster")]) != once
    assert fit([whole, replace(whole, greedy=(True, False))]) != once
    person = match("human", "ai", (21, 12), 5)
    assert rated([person, person])["human"].matches == 2


def test_places_are_found_by_name():
    ratings = fit([match("human", "ai", (21, 3)), match("a@1", "ai", (3, 21))])
    assert [ratings.rank(name) for name in ("human", "ai", "a@1", "nobody")] == [1, 2, 3, None]
    assert ratings.of("nobody") is None
    assert ratings.of("human").kind == "human"


def test_a_real_match_is_rated_from_the_log(model):
    game = Match(model(1), PlayerSpec.ai(), seed=3, points=2)
    while not game.over:
        game.step()
    log_match(game)
    game.close()
    ai, network = fit(read_log().results).rated
    assert (ai.player, ai.kind) == ("ai", "ai")
    assert (network.player, network.kind, network.matches) == ("m@100", "model", 1)
    assert (network.points_won, network.points_lost) == game.score


def test_lines_of_the_first_version_are_read_by_names():
    old = match("human", "ai", (21, 9), kinds=(), pongarena="")
    (found,) = played([old, match("human", "ai", (21, 9), frames=-1)])
    assert found.kinds == ("human", "ai")
    assert found.counts
    assert found.whole
    assert played([match("ada@3", "ai", (21, 9), kinds=())])[0].kinds == ("model", "ai")


@pytest.mark.parametrize(
    "other",
    [{"left": ""}, {"left": "x\x1b[31m"}, {"right": "x" * 81}, {"score": (21, -1)}, {"score": (22, 0)},
     {"score": (10**400, 0)}, {"seed": -1}, {"frames": 10**400}, {"longest_rally": -7}],
    ids=[0, 1, 2, 3, 4, 5, 6, 7, 8],
)  # fmt: skip
def test_an_edited_line_that_cannot_be_is_no_match(other):
    good = {"left": "human", "right": "ai", "score": (21, 9)}
    assert played([match(**good), match(**good | other)]) == played([match(**good)])


def test_ratings_and_ladder_need_no_window():
    code = "import sys, pongarena.match.ladder\nassert not {'pygame', 'ale_py'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
