"""The command line as scripts and people use it: real processes, real exit codes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pongarena.cli.lazy import LazyGroup
from pongarena.library.models import Library
from tests.cli.running import run


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", ["models", "tournament"])
def test_an_output_that_takes_nothing_is_told_in_a_sentence(home, command):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pongarena", command],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ") and "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_system_refuses_is_told_in_a_sentence():
    group = LazyGroup("group", lazy={})

    @group.command()
    def look():
        list(Path("/dev/null/\x1bnowhere").iterdir())

    done = CliRunner().invoke(group, ["look"])
    assert done.exit_code == 2
    assert "Not a directory (/dev/null/\ufffdnowhere)" in done.output


def test_without_a_terminal_the_app_says_so():
    done = subprocess.run(
        [sys.executable, "-m", "pongarena"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("models", "show", "depe"), "did you mean 'deep'"),
        (("models", "fork", "deep@7", "new"), "no checkpoint of game 7"),
        (("models", "fork", "deep", "new", "--set", "gamma=9"), "gamma"),
        (("models", "fork", "deep", "new", "--set", "gamma"), "KEY=VALUE"),
        (("models", "fork", "deep", "new", "--set", "hidden_units=9"), "hidden units to be 8"),
        (("models", "rename", "deep", "../x"), "letters, digits"),
        (("models", "rename", "deep", "Origin"), "already"),
        (("models", "export", "origin", "x.npz"), "no checkpoint yet"),
        (("models", "import", "missing.npz", "new"), "cannot read"),
        (("models", "delete", "nobody"), "no model"),
        (("train", "human", "--background"), "player"),
        (("train", "new", "--learning-rate", "7"), "learning rate"),
        (("train", "new", "--set", "nonsense=1"), "nonsense"),
        (("train", "deep", "--seed", "1"), "keeps its recipe"),
        (("pause", "deep"), "not training"),
        (("play", "ai", "ai"), "one paddle only"),
        (("play", "human", "depe"), "a player is human, ai"),
        (("play", "human", "deep@5"), "no checkpoint of game 5"),
        (("stop", "nobody"), "no model"),
        (("eval", "deep@5", "--games", "2"), "no checkpoint of game 5"),
    ],
)
def test_bad_input_is_one_message_exit_code_2_and_changes_nothing(model, arguments, words):
    root = Library().root
    before = sorted(root.rglob("*"))
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert sorted(root.rglob("*")) == before


def test_of_imported_weights_it_is_not_said_that_they_began_at_random(model):
    said = run("models", "show", "deep").output
    assert "the file save.p" in said and "random" not in said
    assert "1: @0" in said


def test_no_command_writes_over_a_file_that_it_was_not_told_to(home, tmp_path, monkeypatch):
    mine = {kind: tmp_path / f"mine.{kind}" for kind in ("gif", "npz", "pongarena", "png", "json")}
    for path in mine.values():
        path.write_text("years of work")
    for command in (
        ("record", "ai", "champion", "-o", mine["gif"]),
        ("reel", "champion", "-o", mine["gif"]),
        ("replay", "-o", mine["gif"]),
        ("export", "champion", mine["npz"]),
        ("export", "champion", "-o", mine["pongarena"]),
        ("bench", "learn", "--png", mine["png"]),
        ("bench", "reference", "champion", "--made", "by hand", "-o", mine["json"]),
    ):
        done = run(*command)
        assert done.exit_code == 2, (command, done.output)
        assert "exists already; choose another name, or overwrite it with --force" in done.output
    assert {path.read_text() for path in mine.values()} == {"years of work"}
    assert run("record", "ai", "champion", "-o", mine["gif"], "--force", "--seconds", 1).exit_code == 0
    assert mine["gif"].read_bytes().startswith(b"GIF89a")


@pytest.mark.skipif(os.name != "posix", reason="terminals are POSIX's")
@pytest.mark.parametrize("words", [(), ("watch", "ai", "champion"), ("play", "ai", "champion", "--terminal")])
def test_a_terminal_that_cannot_draw_is_refused_kindly(home, words, monkeypatch):
    import pty

    monkeypatch.setenv("TERM", "dumb")
    master, slave = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "pongarena", *words], stdin=slave, stdout=slave, stderr=subprocess.PIPE,
        text=True, check=False,
    )  # fmt: skip
    os.close(master)
    os.close(slave)
    assert done.returncode == 2
    assert "this one says that it cannot (TERM=dumb)" in done.stderr and "Traceback" not in done.stderr
