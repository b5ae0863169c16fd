"""Every chapter asks, and every answer is computed: another network, another number."""

import numpy as np
import pytest

from pongarena.library.models import Library
from pongarena.nn.checkpoint import Card, Checkpoint, read_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.school.book import read_book
from pongarena.school.lesson import record_lesson
from pongarena.school.questions import QUESTIONS
from pongarena.school.questions.question import between

SLOW = {"random", "steep"}
"""Questions that play games; each is answered once here."""


@pytest.fixture(scope="module")
def lessons():
    champion = record_lesson(read_checkpoint(Library().checkpoint("champion").path), 1)
    card = Card("m", "karpathy", 0, 0, 0, 0, None, 0, 0, (), "2026-01-01T00:00:00+00:00", "0")
    random = record_lesson(Checkpoint(PolicyNetwork.random(20, np.random.default_rng(2)), card), 1)
    return champion, random


def test_every_chapter_asks_and_every_question_is_asked_once():
    asked = [name for chapter in read_book() for name in chapter.questions]
    assert all(chapter.questions for chapter in read_book())
    assert sorted(asked) == sorted(QUESTIONS)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_an_answer_is_one_of_the_choices_and_tells_its_figures(lessons, name):
    question = QUESTIONS[name]
    assert 2 <= len(question.choices) <= 3 and len(set(question.choices)) == len(question.choices)
    for lesson in lessons[:1] if name in SLOW else lessons:
        done = []
        finding, used = question.answer(lesson, done.append)
        assert 0 <= finding.choice < len(question.choices)
        assert any(letter.isdigit() for letter in finding.words) or "point" in finding.words
        assert done[-1] == 1.0 or "No point" in finding.words
        assert used is lesson


def test_answers_depend_on_the_network(lessons):
    told = {name: {QUESTIONS[name].compute(each, lambda _: None).words for each in lessons}
            for name in ("ball-seen", "silenced", "sampled", "active", "sparse-times")}  # fmt: skip
    assert all(len(words) == 2 for words in told.values())


@pytest.mark.parametrize(
    ("name", "choice", "words"),
    [
        ("gamma", 2, "65%"),  # 1 − 0.9¹⁰ of long rallies
        ("surprise", 0, "1/50"),
        ("offset", 1, "1.5"),
        ("equal-steps", 0, "1.00 times"),
        ("softmax-share", 1, "0.576"),
        ("kl-twice", 1, "4.0 times"),
        ("decay", 1, "693 updates"),
        ("rating-points", 1, "7,6"),
    ],
)
def test_what_a_formula_foretells_comes_out(lessons, name, choice, words):
    finding = QUESTIONS[name].compute(lessons[0], lambda _: None)
    assert (finding.choice, words in finding.words) == (choice, True), finding


def test_who_leaves_ends_the_work(lessons):
    def leave(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        QUESTIONS["random"].compute(lessons[0], leave)


def test_a_value_on_a_bound_belongs_to_the_upper_range():
    assert [between(value, (0.2, 0.5)) for value in (0.1, 0.2, 0.4, 0.5, 0.9)] == [0, 1, 1, 2, 2]
