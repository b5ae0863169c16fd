"""The bundled opponents: each has its card, can be read, and the whole set is small."""

import json

import pytest

from pongarena.core import paths
from pongarena.library.card import read_opponent_card
from pongarena.library.models import Library
from pongarena.nn.checkpoint import read_checkpoint

OPPONENTS = paths.assets_dir() / "opponents"
LADDER = json.loads((OPPONENTS / "ladder.json").read_text())["opponents"]
MOST_BYTES = 12_500_000


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path / "models")


def test_there_are_at_least_six_and_all_are_on_the_ladder(library):
    assert len(LADDER) >= 6
    assert sorted(LADDER) == sorted(model.name for model in library.models())
    assert all(model.bundled and model.fault is None for model in library.models())


def test_the_set_is_small():
    assert sum(path.stat().st_size for path in OPPONENTS.rglob("*") if path.is_file()) <= MOST_BYTES


@pytest.mark.parametrize("name", LADDER)
def test_each_has_its_card_and_plays(name, library):
    card = read_opponent_card(library.model(name).path)
    assert card.about
    assert any("train" in command for command in card.commands)
    assert card.hours > 0
    settings = {(each.setting, each.greedy) for each in card.ratings}
    assert {("benchmark", False), ("match", False)} <= settings
    assert all(each.games >= 100 for each in card.ratings)
    checkpoint = read_checkpoint(library.model(name).checkpoint().path)
    assert checkpoint.card.steps > 0
    assert checkpoint.card.recipe in ("turbo", "karpathy")
    assert "sampled moves" in str(card.ratings[0])
    assert card.time.endswith((" s", "min", "h"))


def test_each_rung_is_higher_than_the_one_below(library):
    means = []
    for name in LADDER:
        ratings = read_opponent_card(library.model(name).path).ratings
        means.append(next(each.mean for each in ratings if each.setting == "benchmark" and not each.greedy))
    assert means == sorted(means)


def test_a_damaged_card_is_no_card(tmp_path):
    assert read_opponent_card(tmp_path) is None
    for text in ("{", "[]", '{"format_version": 9}', '{"format_version": 1}', "[" * 100_000):
        (tmp_path / "card.json").write_text(text)
        assert read_opponent_card(tmp_path) is None


@pytest.mark.parametrize(
    "change",
    [
        {"hours": "nan"},
        {"hours": 1e300},
        {"hours": -1},
        {"commands": "x" * 100_000},
        {"commands": ["x"] * 1000},
    ],
)
def test_a_card_of_other_types_or_sizes_is_no_card(tmp_path, change):
    card = {"format_version": 1, "about": "a", "commands": [], "hours": 1, "machine": "m", "evaluations": []}
    (tmp_path / "card.json").write_text(json.dumps(card))
    assert read_opponent_card(tmp_path) is not None
    (tmp_path / "card.json").write_text(json.dumps({**card, **change}))
    assert read_opponent_card(tmp_path) is None
