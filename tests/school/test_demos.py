"""What the school shows is computed, right, and fits."""

import re
from dataclasses import replace

import numpy as np
import pytest

from pongarena.core.errors import LibraryError
from pongarena.envs.observation import Observation, SparseFrames
from pongarena.game.compiled import State
from pongarena.library.models import Library
from pongarena.nn.checkpoint import Card, Checkpoint, read_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import AgentSpec
from pongarena.school.book import Live, Prose, read_book
from pongarena.school.demos import EXHIBITS, rules
from pongarena.school.demos.numbers import power, shrink, times
from pongarena.school.demos.seeing import moved_ball
from pongarena.school.lesson import record_lesson
from pongarena.school.parts import WIDTH, Chart, Image, Parameters, Words
from pongarena.training.algorithms.a2c import A2CRecipe


def lesson_of(checkpoint):
    return record_lesson(checkpoint, 1)


@pytest.fixture(scope="module", params=["champion", "random", "faded"])
def lesson(request):
    if request.param == "champion":
        return lesson_of(read_checkpoint(Library().checkpoint("champion").path))
    card = Card("m", "karpathy", 0, 0, 0, 0, None, 0, 0, (), "2026-01-01T00:00:00+00:00", "0")
    fade = 0.5 if request.param == "faded" else 1.0
    return lesson_of(
        Checkpoint(PolicyNetwork.random(20, np.random.default_rng(2), AgentSpec(Observation(fade))), card)
    )


def texts(parts):
    return [
        part.text if isinstance(part, Words) else part.beside for part in parts if not isinstance(part, Chart)
    ]


def test_the_book_asks_for_what_there_is_and_for_all_of_it():
    asked = [piece.name for chapter in read_book() for piece in chapter.pieces if isinstance(piece, Live)]
    assert sorted(asked) == sorted(EXHIBITS)
    assert not any("<!--" in getattr(piece, "text", "") for each in read_book() for piece in each.pieces)


def test_a_book_without_chapters_is_refused(tmp_path):
    with pytest.raises(LibraryError, match="cannot read"):
        read_book(tmp_path / "none.md")
    (tmp_path / "empty.md").write_text("# Title\n")
    with pytest.raises(LibraryError, match="no chapters"):
        read_book(tmp_path / "empty.md")


@pytest.mark.parametrize("name", sorted(EXHIBITS))
def test_exhibits_fit_and_their_checks_hold(lesson, name):
    for parameters in (Parameters(moment=lesson.first), Parameters(moment=0, ball=-30, gamma=1.0, rate=1e-5)):
        parts = EXHIBITS[name].show(lesson, parameters)
        assert parts
        for part in parts:
            if isinstance(part, Image):
                rows, columns, colours = part.pixels.shape
                assert rows % 2 == 0 and columns <= 40 and colours == 3
        for text in texts(parts):
            assert "✗" not in text, text
            assert max(map(len, text.splitlines())) <= WIDTH, text
            assert not re.search(r"\bnan\b", text)


@pytest.mark.parametrize(
    ("spec", "deeper", "words"),
    [
        (AgentSpec(actions=3), (), "may also stay"),
        (AgentSpec(Observation(crop=2)), (), "sees a part of the view"),
        (AgentSpec(Observation(shuffle=3)), (6,), "has 2 hidden layers, sees shuffled pixels"),
    ],
)
def test_equations_that_do_not_fit_are_shown_by_another_network(lesson, spec, deeper, words):
    card = Card("m", "karpathy", 0, 0, 0, 0, None, 0, 0, (), "2026-01-01T00:00:00+00:00", "0")
    policy = PolicyNetwork.random(10, np.random.default_rng(2), spec, deeper=deeper)
    other = replace(lesson_of(Checkpoint(policy, card)), stand_in=lesson)
    parameters = Parameters(moment=len(other.moments) - 1)
    assert not other.is_classic and lesson.is_classic
    for name, exhibit in EXHIBITS.items():
        shown = texts(exhibit.parts(other, parameters))
        assert "✗" not in "".join(shown), (name, shown)
        assert exhibit.classic == (words in shown[0]), name
        assert max(len(line) for text in shown for line in text.splitlines()) <= WIDTH


def test_the_lesson_is_a_real_game(lesson):
    assert lesson.rallies and len(lesson.moments) >= 100
    first = lesson.rally_moments(0)
    decisions = lesson.rallies[0].decisions
    assert [each.up for each in lesson.moments[first]] == [each.up for each in decisions]
    assert [each.p_up for each in lesson.moments[first]] == [each.p_up for each in decisions]
    played = sum(len(rally.decisions) for rally in lesson.rallies)
    assert len(lesson.rewards()) == played and np.count_nonzero(lesson.rewards()) == len(lesson.rallies)
    assert len(repr(lesson)) < 200  # it is written out whenever a thread gets it


def test_moving_the_ball_there_and_back_changes_nothing(lesson):
    seen = lesson.moments[lesson.first].seen
    for shift in (1, 3, -2):
        moved = moved_ball(moved_ball(seen, shift), -shift)
        if len(moved.columns) == len(seen.columns):
            assert np.array_equal(moved.dense(), seen.dense())
    assert np.array_equal(moved_ball(seen, 0).dense(), seen.dense())


def test_a_wrong_formula_would_be_seen(lesson, monkeypatch):
    """A program whose gradient is off by a sign is found out before the reader's eyes."""
    gradient = PolicyNetwork.gradient

    def wrong(self, frames: SparseFrames, forward, dlogit):
        return gradient(self, frames, forward, -dlogit)

    monkeypatch.setattr(PolicyNetwork, "gradient", wrong)
    assert "✗" in texts(EXHIBITS["equations"].show(lesson, Parameters(moment=lesson.first)))[0]


def test_large_factors_have_room_in_a_sentence():
    assert (times(2.34), times(1300.4), times(2.77e26)) == ("2.3", "1,300", "3·10²⁶")
    assert times(float("inf")) == "∞"


def test_small_numbers_are_powers_of_ten():
    assert power(3.2e-9) == "3·10⁻⁹" and power(9.7e-4) == "1·10⁻³" and power(0.0) == "0"


def test_shrinking_keeps_the_ball():
    pixels = np.full((8, 8, 3), 40, np.uint8)
    pixels[5, 6] = 236
    small = shrink(pixels, 4, 4)
    assert small.shape == (2, 2, 3) and small[1, 1].tolist() == [236] * 3 and small[0, 0].tolist() == [40] * 3


def test_the_rules_are_played_and_not_recited(lesson, monkeypatch):
    """With another formula, or a slower AI, the exhibits would say so."""
    assert texts(EXHIBITS["angles"].show(lesson, Parameters()))[0].count("✓") == 5
    monkeypatch.setattr(rules, "_formula", lambda offset: 1)
    assert texts(EXHIBITS["angles"].show(lesson, Parameters()))[0].count("✗") == 4
    play_frame = rules.play_frame

    def lazy(row, left, right):
        before = int(row[State.AI])
        play_frame(row, left, right)
        row[State.AI] = (before + int(row[State.AI])) // 2

    monkeypatch.setattr(rules, "play_frame", lazy)
    assert "✗" in texts(EXHIBITS["chase"].show(lesson, Parameters()))[0]
    assert "✗" in texts(EXHIBITS["same"].show(lesson, Parameters()))[0]


def test_headings_and_equations_fit_into_a_small_terminal():
    for chapter in read_book():
        assert len(chapter.title) <= 31, chapter.title
        text = "\n".join(each.text for each in chapter.pieces if isinstance(each, Prose))
        for line in text.splitlines():
            assert not line.startswith("    ") or len(line) <= 4 + 74, line


def test_the_text_says_how_long_a2c_waits():
    text = " ".join(
        each.text for chapter in read_book() for each in chapter.pieces if isinstance(each, Prose)
    )
    assert f"plays {A2CRecipe().rollout_steps} steps in every game" in " ".join(text.split())
