"""The ladder is read off the log and the library; nothing else is stored."""

import json
import os

import numpy as np
import pytest

from pongarena.core.errors import LibraryError
from pongarena.library.models import Library, checkpoint_path
from pongarena.match.ladder import LADDER_FILE, Achievement, climb
from pongarena.match.result import MatchResult
from pongarena.nn.checkpoint import Card, Checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.registry import recipe

RUNGS = ("newborn", "rookie", "champion")


@pytest.fixture
def bundled(tmp_path):
    """A folder of three opponents, the champion with an earlier checkpoint as well."""
    folder = tmp_path / "bundled"
    maker = Library(root=folder, bundled=tmp_path / "none")
    for name, episodes in zip(RUNGS, ((0,), (300,), (600, 1200)), strict=True):
        add(maker, name, *episodes)
    (folder / LADDER_FILE).write_text(json.dumps(RUNGS))
    return folder


@pytest.fixture
def library(bundled):
    return Library(bundled=bundled)


def add(library, name, *episodes):
    model = library.create(name, recipe("karpathy", hidden_units=4), 7)
    policy = PolicyNetwork.random(4, np.random.default_rng(0))
    for episode in episodes:
        card = Card(name, "karpathy", episode, 1, 1, 0, -20.0, 0, 0, (), "2026-01-01T00:00:00+00:00", "0")
        write_checkpoint(checkpoint_path(model.path, episode), Checkpoint(policy, card))


def match(left, right, score, seed=0, **other):
    """A line of the log."""
    kinds = tuple(name if name in {"human", "ai"} else "model" for name in (left, right))
    record = {
        "left": left, "right": right, "kinds": kinds, "score": score, "winner": None,
        "finished": max(score) == 21, "frames": 9000, "seed": seed, "ball": "constant", "points": 21,
        "longest_rally": 7,
    }  # fmt: skip
    return MatchResult(**record | other)


def stand(library, *results):
    return climb(results, library)


def beaten(ladder):
    return [rung.name for rung in ladder.rungs if rung.beaten]


def test_before_the_first_match_one_stands_below_the_weakest_opponent(library):
    ladder = stand(library)
    assert [(rung.name, rung.player) for rung in ladder.rungs] == [
        ("newborn", "newborn@0"), ("rookie", "rookie@300"), ("champion", "champion@1200"),
    ]  # fmt: skip
    assert (ladder.height, beaten(ladder)) == (0, [])
    assert ladder.command == "pongarena play human newborn@0"
    assert (ladder.you, ladder.rank, ladder.plays_like) == (None, None, None)
    assert (ladder.record.matches, ladder.record.best_streak) == (0, 0)
    assert ladder.record.highest_win is ladder.record.longest_rally is None


def test_a_win_from_either_side_climbs_a_rung(library):
    ladder = stand(library, match("human", "newborn@0", (21, 3)), match("rookie@300", "human", (19, 21)))
    assert beaten(ladder) == ["newborn", "rookie"]
    assert (ladder.height, ladder.next_rival) == (2, "champion@1200")
    assert ladder.rungs[0].rated.points_won == 3
    assert ladder.rungs[2].rated is None


def test_a_rung_left_out_is_the_next_one(library):
    ladder = stand(library, match("human", "champion@1200", (21, 3)))
    assert (ladder.height, beaten(ladder), ladder.next_rival) == (0, ["champion"], "newborn@0")


@pytest.mark.parametrize(
    "result",
    [
        match("human", "newborn@0", (3, 21)),
        match("human", "newborn@0", (20, 0)),
        match("human", "newborn@0", (5, 0), points=5, finished=True),
        match("human", "newborn@0", (21, 0), altered=(False, True)),
        match("human", "newborn@0", (21, 0), taken_over=(False, True)),
        match("human", "newborn@0", (21, 0), rewound=True),
        match("human", "newborn@5", (21, 0)),
        match("ai", "newborn@0", (21, 0)),
        match("human", "newborn@0", (21, 0), kinds=("human", "human")),
    ],
    ids=["lost", "left", "shortened", "altered", "taken over", "rewound", "another checkpoint", "by the ai",
         "against a person"],
)  # fmt: skip
def test_what_beats_nobody(library, result):
    assert beaten(stand(library, result)) == []


def test_an_early_checkpoint_of_an_opponent_is_not_the_opponent(library):
    assert beaten(stand(library, match("human", "champion@600", (21, 3)))) == []


def test_streaks_are_of_whole_fair_matches(library):
    win, loss = match("human", "ai", (21, 9)), match("ai", "human", (21, 9))
    left, altered = match("human", "ai", (3, 9)), match("human", "a@1", (2, 21), altered=(False, True))
    record = stand(library, win, win, left, win, altered, loss, win, win).record
    assert (record.streak, record.best_streak) == (2, 3)
    assert (record.matches, record.wins, record.losses) == (8, 5, 1)
    assert stand(library, win, loss).record.streak == 0


def test_the_highest_win_and_the_longest_rally_name_the_opponent(library):
    record = stand(
        library,
        match("human", "ai", (21, 9), longest_rally=3),
        match("rookie@300", "human", (2, 21), longest_rally=5),
        match("human", "newborn@0", (4, 6), longest_rally=40),
        match("human", "newborn@0", (21, 0), longest_rally=90, taken_over=(True, False)),
        match("ai", "newborn@0", (21, 0), longest_rally=99),
    ).record
    assert record.highest_win == Achievement("rookie@300", (21, 2), 5)
    assert record.longest_rally == Achievement("newborn@0", (4, 6), 40)


def test_a_match_that_was_left_without_a_point_was_not_played(library):
    assert stand(library, match("human", "ai", (0, 0))).record.matches == 0


def ranking(library, *own):
    """A log in which everybody met the CPU, and the person beat the whole ladder."""
    rows = [match("human", rung, (21, 15)) for rung in ("newborn@0", "rookie@300", "champion@1200")]
    rows += [match("human", "ai", (21, 15), seed) for seed in range(10)]
    for seed in range(10):
        rows += [match(name, "ai", score, seed) for name, score in own]
    return climb(rows, library)


def test_above_the_ladder_the_next_rival_is_the_nearest_stronger_checkpoint_that_is_there(library, home):
    add(Library(bundled=home / "none"), "own", 100, 200, 300)
    ladder = ranking(
        library, ("own@100", (21, 1)), ("own@200", (21, 6)), ("gone@9", (21, 12)), ("own@300", (6, 21))
    )
    assert ladder.height == 3
    assert ladder.next_rival == "own@200"
    assert ladder.plays_like.player == "gone@9"
    assert (ladder.rank, ladder.rated) == (4, 9)
    assert ladder.you.rating > 1000


@pytest.mark.parametrize(
    ("score", "known"), [((0, 1), False), ((2, 3), False), ((21, 12), True), ((9, 21), True)]
)
def test_whom_one_plays_like_is_told_when_enough_was_played_to_tell(library, score, known):
    rows = [match("rookie@300", "ai", (21, 15), seed) for seed in range(10)]
    ladder = climb([*rows, match("human", "rookie@300", score)], library)
    assert (ladder.plays_like is not None) == known, ladder.you.uncertainty


def test_the_strongest_of_all_has_no_rival(library):
    ladder = ranking(library, ("own@100", (6, 21)))
    assert (ladder.height, ladder.rank) == (3, 1)
    assert (ladder.next_rival, ladder.command) == (None, None)


def test_without_bundled_opponents_the_ai_comes_first(tmp_path):
    library = Library(bundled=tmp_path / "none")
    assert stand(library).rungs == ()
    assert stand(library).next_rival == "ai"
    assert stand(library, match("human", "a@1", (21, 3))).next_rival == "ai"
    assert stand(library, match("human", "ai", (3, 21))).next_rival == "ai"
    assert stand(library, match("human", "ai", (21, 3))).next_rival is None


def test_the_ai_may_stand_on_the_ladder(bundled, library):
    (bundled / LADDER_FILE).write_text('["newborn", "ai", "champion"]')
    ladder = stand(library, match("human", "newborn@0", (21, 3)))
    assert [rung.player for rung in ladder.rungs] == ["newborn@0", "ai", "champion@1200"]
    assert ladder.next_rival == "ai"


def test_names_without_a_playable_model_are_no_rungs(bundled, library, home):
    (bundled / LADDER_FILE).write_text('["rookie", "nobody", "newborn", "champion", "rookie"]')
    (bundled / "champion" / "model.json").write_text("{")
    for file in (bundled / "newborn" / "checkpoints").iterdir():
        file.unlink()
    add(Library(bundled=home / "none"), "nobody", 5)
    assert [rung.player for rung in stand(library).rungs] == ["rookie@300"]


def test_without_a_list_there_is_no_ladder(bundled, library):
    (bundled / LADDER_FILE).unlink()
    assert stand(library).rungs == ()


@pytest.mark.parametrize(
    "text", ["{", "{}", "[1]", "[" * 50_000, "[" + " " * 70_000 + "]", "\udcff"], ids=range(6)
)
def test_a_damaged_list_says_what_to_do(bundled, library, text):
    (bundled / LADDER_FILE).write_text(text, errors="surrogateescape")
    with pytest.raises(LibraryError, match="install it again"):
        stand(library)


def test_looking_at_the_ladder_writes_nothing(library, bundled, home):
    before = sorted(os.walk(bundled))
    stand(library, match("human", "ai", (21, 3)))
    assert sorted(os.walk(bundled)) == before
    assert not home.exists()
