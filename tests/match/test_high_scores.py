"""The high-score table: whole matches that count, and nothing else."""

from pongarena.game.types import SmallPaddles
from pongarena.match.high_scores import best_against, high_scores, new_best
from pongarena.match.variant import Variant
from tests.match.test_ladder import match

WON = match("human", "ai", (21, 9), people=("Anna", ""), id="a")


def scores(*results, **settings):
    return [(each.opponent, each.name, each.score) for each in high_scores(results, **settings)]


def test_the_highest_margin_is_first_and_of_equal_ones_the_earlier():
    results = [
        match("human", "ai", (15, 21)),
        match("ai", "human", (9, 21), people=("", "Ben")),
        WON,
        match("human", "ai", (21, 3), people=("Cleo", "")),
        match("human", "ada@3", (3, 21)),
    ]
    table = [
        ("ada@3", "you", (3, 21)),
        ("ai", "Cleo", (21, 3)),
        ("ai", "Ben", (21, 9)),
        ("ai", "Anna", (21, 9)),
    ]
    assert scores(*results) == table
    assert scores(*results, order=["ai"], most=1) == [table[1], table[0]]
    assert best_against(results, "ai").margin == 18
    assert best_against(results, "nobody@1") is None


def test_only_whole_matches_that_count_of_one_person_are_in_it():
    spoiled = [
        {"finished": False}, {"rewound": True}, {"altered": (False, True)}, {"taken_over": (True, False)},
        {"variant": Variant(small=SmallPaddles.RIGHT)}, {"score": (11, 3), "points": 11},
    ]  # fmt: skip
    assert scores(*(match("human", "ai", **{"score": (21, 9), **each}) for each in spoiled)) == []
    assert scores(match("human", "human", (21, 9)), match("ada@3", "ai", (21, 9))) == []
    assert scores(match("human", "x.py", (21, 0), kinds=("human", "foreign"))) == []


def test_a_new_best_beats_the_old_one_or_is_a_first_win():
    assert new_best([]) is None
    assert new_best([WON]).name == "Anna"
    assert new_best([match("human", "ai", (9, 21))]) is None
    assert new_best([WON, match("human", "ai", (21, 9))]) is None
    assert new_best([WON, match("human", "ai", (21, 8))]).score == (21, 8)
    assert new_best([match("human", "ai", (1, 21)), match("human", "ai", (9, 21))]).score == (9, 21)
    assert new_best([WON, match("human", "ai", (21, 0), rewound=True)]) is None
