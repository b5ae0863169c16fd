"""What a shell is told while somebody presses TAB."""

import os
import subprocess
import sys

import click
import pytest
from click.shell_completion import CompletionItem, get_completion_class

from pongarena.shell_answers import SHELLS, VARIABLE, form, question, suggest


def values(*before, begun=""):
    return [word for _, word, _ in suggest(list(before), begun)]


def test_commands_options_and_their_words(home):
    assert values(begun="mod") == ["models"]
    assert "fork" in values("models") and "session" not in values()
    assert values("play", "ai", "human", begun="--ba") == ["--ball"]
    assert values("play", "--ball") == ["constant", "faster"]
    assert values("train", "x", "--seed") == []
    assert "learning-rates" in values("lab", "run")
    assert values("completion") == list(SHELLS)
    assert [kind for kind, _, _ in suggest(["import"], "a")] == ["file"]
    assert [kind for kind, _, _ in suggest(["play", "human"], "./bo")] == ["file"]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("pongarena play a", "a"),
        ("pongarena play ", ""),
        ("pongarena train 'my a", "my a"),
        ("pongarena ", ""),
    ],
)
def test_questions_and_answers_are_in_the_form_of_the_scripts(shell, line, word, monkeypatch):
    """Those of PowerShell are our own, and told apart below."""
    if shell == "powershell":
        told = question(shell, {"COMP_WORDS": line, "COMP_CWORD": line.split("'")[-1].split()[-1]})
        assert told[0][-1:] != ["a"]
        assert form(shell, ("plain", "champion", "an opponent")) == "champion\tan opponent"
        return
    number = str(len(line.split()) - (0 if line.endswith(" ") else 1) - line.count("'"))
    environment = {"COMP_WORDS": line, "COMP_CWORD": word if shell == "fish" else number}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    theirs = get_completion_class(shell)(click.Command("pongarena"), {}, "pongarena", VARIABLE)
    assert question(shell, environment) == theirs.get_completion_args()
    for kind, name, said in (("plain", "a:b", "with: colon"), ("plain", "a:b", ""), ("file", "./b", "")):
        item = CompletionItem(name, type=kind, help=said or None)
        assert form(shell, (kind, name, said)) == theirs.format_completion(item)


def test_a_shell_waits_little_longer_than_for_python_itself(home):
    """In processor time, which other work on the machine lengthens little; with click it was six times."""
    resource = pytest.importorskip("resource", reason="POSIX")
    variables = {VARIABLE: "bash_complete", "COMP_WORDS": "pongarena play ai cham", "COMP_CWORD": "3"}

    def seconds(*words):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, *words]
        subprocess.run(command, env=os.environ | variables, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    ratios = (seconds("-m", "pongarena") / seconds("-c", "pass") for _ in range(5))
    assert min(ratios) < 4
