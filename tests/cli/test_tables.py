"""Tables on the command line fit, and cut no word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from pongarena.cli.tables import fold
from pongarena.match.tournament import tournaments
from tests.cli.running import run
from tests.tui.conftest import library, make_model  # noqa: F401 (fixtures)
from tests.tui.test_text_fits import LONG, SIZES, cut_words, fill

COMMANDS = (
    ("models", "list"), ("models", "show", LONG[0]), ("models", "trash"), ("sessions", "--all"), ("jobs",),
    ("ratings",), ("ladder",), ("tournament",), ("tournament", "show"), ("replay", "--list"), ("lab", "list"),
)  # fmt: skip


@pytest.fixture
def much(home, make_model):  # noqa: F811
    fill(make_model)
    return home


@pytest.mark.parametrize("width", [width for width, _ in SIZES])
def test_no_table_cuts_a_word_or_is_wider_than_the_terminal(much, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    for command in COMMANDS:
        done = run(*command)
        assert done.exit_code == 0, done.output
        assert not cut_words(done.stdout), command
        assert max(len(line.rstrip()) for line in done.stdout.splitlines()) <= width, command


def test_what_a_pipe_gets_is_not_folded(much, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    assert all(f"{name}@60" in run("tournament", "show", tournaments()[0].id).stdout for name in LONG)


@given(st.text(alphabet="ab-@/_ \n", max_size=40), st.integers(1, 12))
def test_folding_loses_nothing_but_spaces_and_fits(text, width):
    lines = fold(Text(text), width).plain.split("\n")
    assert all(len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_folding_goes_on_after_a_whole_word_or_a_part_of_a_name():
    assert fold(Text("first-steps@100 won it"), 8).plain.split("\n") == ["first-", "steps@", "100 won", "it"]
    assert fold(Text("2: @100, @200"), 9).plain.split("\n") == ["2: @100,", "@200"]
    assert fold(Text("abcdefgh"), 3).plain.split("\n") == ["abc", "def", "gh"]
