"""Cross tables and the ratings of a field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.match.ratings import fit
from pongarena.match.result import MatchResult
from pongarena.match.standings import Meeting, table
from pongarena.match.tournament import Entrant, Tournament

NAMES = ("ai", "a@1", "b@2", "c@3")


def result(left, right, score, seed=0):
    return MatchResult(
        left=left, right=right, score=score, winner=None, finished=max(score) == 21, frames=900, seed=seed,
        ball="constant", points=21, longest_rally=3, id=f"{seed}",
        kinds=tuple("ai" if each == "ai" else "model" for each in (left, right)),
    )  # fmt: skip


@st.composite
def results(draw, players=NAMES):
    pairs = [(a, b) for a in players for b in players if a != b]
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(pairs), st.tuples(st.integers(0, 21), st.integers(0, 21))), max_size=20
        )
    )
    return [result(*pair, score, seed) for seed, (pair, score) in enumerate(rows)]


def cup(players=NAMES):
    return Tournament("t", tuple(Entrant(name) for name in players))


@given(results(), st.randoms())
def test_a_table_adds_up_and_its_order_is_of_the_matches_alone(rows, random):
    standing = table(cup(), rows)
    for (a, b), meeting in standing.meetings.items():
        other = standing.meetings[b, a]
        assert (meeting.wins, meeting.points_won) == (other.losses, other.points_lost)
        assert meeting.difference == -other.difference
    for each in standing.standings:
        own = [meeting for (a, _), meeting in standing.meetings.items() if a == each.player]
        assert each.total.wins == sum(meeting.wins for meeting in own)
        assert each.total.difference == sum(meeting.difference for meeting in own)
    assert sum(each.total.wins for each in standing.standings) == len(rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert table(cup(), shuffled) == standing
    shares = [each.total.wins / each.total.matches for each in standing.standings if each.total.matches]
    assert shares == sorted(shares, reverse=True)


def test_a_tie_of_a_match_that_was_cut_off_is_half_a_win_each():
    standing = table(cup(("a@1", "b@2")), [result("a@1", "b@2", (7, 7)), result("b@2", "a@1", (3, 9), 1)])
    assert standing.meetings["a@1", "b@2"] == Meeting(1.5, 0.5, 16, 10)
    assert standing.standings[0].total.matches == 2


def test_before_the_first_match_everybody_is_there_and_nobody_rated():
    standing = table(cup(), [])
    assert [each.player for each in standing.standings] == list(NAMES)
    assert all(each.rated is None and each.total == Meeting() for each in standing.standings)
    assert [each.player for each in standing.by_rating] == list(NAMES)


@given(results(players=("a@1", "b@2", "c@3")))
def test_without_the_ai_the_players_mean_is_1000_and_differences_stay(rows):
    free, anchored = fit(rows, anchored=False), fit(rows)
    assert [each.player for each in free.rated] == [each.player for each in anchored.rated]
    if not free.rated:
        return
    assert sum(each.rating for each in free.rated) / len(free.rated) == pytest.approx(1000)
    shifts = [b.rating - a.rating for a, b in zip(free.rated, anchored.rated, strict=True)]
    assert shifts == pytest.approx([shifts[0]] * len(shifts), abs=1e-6)
    for a, b in zip(free.rated, anchored.rated, strict=True):
        assert a.uncertainty <= b.uncertainty + 1e-6


def test_among_themselves_players_are_surer_than_against_an_ai_that_nobody_met():
    rows = [result("a@1", "b@2", (21, 15), seed) for seed in range(40)]
    free, anchored = fit(rows, anchored=False), fit(rows)
    assert free.of("a@1").uncertainty < 40 < 300 < anchored.of("a@1").uncertainty
