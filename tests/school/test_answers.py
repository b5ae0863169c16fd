"""Answers given in the school are kept, whatever stands in their file."""

import json

import pytest

from pongarena.school.answers import FILE, Answer, add_answer, read_answers

ANSWER = Answer("What if γ = 0.9?", "more", "less", "0.35 of it", "champion@200")


def test_answers_are_kept_and_replaced(home):
    assert read_answers(home).answers == {}
    add_answer(home, "gamma", ANSWER)
    again = Answer("What if γ = 0.9?", "less", "less", "0.35 of it", "champion@200")
    add_answer(home, "coin", ANSWER)
    assert not ANSWER.right and again.right
    add_answer(home, "gamma", again)
    assert read_answers(home).answers == {"coin": ANSWER, "gamma": again}


@pytest.mark.parametrize(
    "content",
    [
        "[1]",
        "{}",
        '{"format_version": 2, "answers": {}}',
        '{"format_version": 1, "answers": {"../x": {}}}',
        '{"format_version": 1, "answers": {"gamma": {"question": 1}}}',
    ],
)
def test_a_damaged_file_is_told_of_and_kept(home, content):
    home.mkdir()
    (home / FILE).write_text(content)
    assert FILE in read_answers(home).fault and read_answers(home).answers == {}
    add_answer(home, "gamma", ANSWER)
    assert (home / f"{FILE}.old").read_text() == content
    assert read_answers(home).answers == {"gamma": ANSWER}


def test_what_a_terminal_would_obey_is_not_read(home):
    add_answer(home, "gamma", ANSWER)
    record = json.loads((home / FILE).read_text())
    record["answers"]["gamma"]["told"] = "\x1b]0;owned\x07"
    (home / FILE).write_text(json.dumps(record))
    assert "\x1b" not in read_answers(home).answers["gamma"].told
