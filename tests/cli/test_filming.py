"""What cannot be filmed is refused in words."""

import pytest

from tests.cli.running import run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("record", "human", "ai", "-o", "a.gif"), "nobody can play without a window"),
        (("record", "ai", "ai", "-o", "a.gif"), "put a model on one side"),
        (("record", "ai", "nobody", "-o", "a.gif"), "a player is ai, a model"),
        (("record", "ai", "ada", "-o", "a.avi"), "ends in .gif or .mp4"),
        (("record", "ai", "ada", "-o", "/no/where/a.gif"), "there is no folder"),
        (("reel", "nobody", "-o", "a.gif"), "nobody"),
        (("replay",), "no match to play again yet"),
        (("replay", "x"), "--list"),
    ],
)
def test_refusals(ada, arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert words in done.output
    assert not list(tmp_path.glob("a.*"))
