"""Ages and numbers for people."""

import pytest

from pongarena.cli.show import age, number


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "just now"), (59, "just now"), (60, "1 minute ago"), (7300, "2 hours ago"), (90_000, "1 day ago"),
     (86_400 * 65, "2 months ago"), (86_400 * 800, "2 years ago"), (-50, "just now")],
)  # fmt: skip
def test_ages_are_told_in_words(seconds, words):
    assert age(1e9, now=1e9 + seconds) == words


def test_numbers_and_their_absence():
    assert number(-20.55, 1) == "−20.6"
    assert number(1234.5, 0) == "1,234"
    assert number(None) == "–"
    assert age("") == ""
