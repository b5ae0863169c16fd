"""A shell completes commands, options and names, and waits for nothing heavy."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from pongarena import __version__
from pongarena.cli import cli
from pongarena.cli.completion import describe
from pongarena.core import paths
from pongarena.manual.man_page import man_page
from pongarena.shell_answers import SHELLS, VARIABLE, suggest
from tests.cli.running import run


def ask(line, shell="bash", **more):
    """What a shell is told."""
    variables = {
        VARIABLE: f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split()) - 1),
        **more,
    }
    command = [sys.executable, "-X", "importtime", "-m", "pongarena"]
    done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=True)
    return done.stdout.split("\n"), done.stderr


def test_the_table_says_what_the_commands_take():
    """Made anew by: python -c 'from tests.cli.test_completion import write_table; write_table()'."""
    told = describe(cli, click.Context(cli, info_name="pongarena"))
    assert json.loads((Path(__file__).parents[2] / "pongarena/cli/words.json").read_text()) == told


def write_table():
    """And the man page, which is made of the same commands."""
    told = describe(cli, click.Context(cli, info_name="pongarena"))
    root = Path(__file__).parents[2]
    table = root / "pongarena/cli/words.json"
    table.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (root / "assets/pongarena.1").write_text(man_page(cli, "pongarena", __version__), encoding="ascii")


def test_names_of_what_is_there(ada, home):
    assert {"human", "ai", "ada", "champion"} <= set(_values("play", "human"))
    assert _values("play", "ai", begun="ada@") == ["ada@0", "ada@100"] or "ada@100" in _values(
        "play", "ai", begun="ada@"
    )
    assert "human" not in _values("eval") and _values("eval", begun="ada") == ["ada"]
    assert _values("models", "rename", "ada") == []  # a new name
    assert _values("play", "human", "ai") == []
    assert _values("tournament", "start", "ai", "ada", begun="cham") == ["champion"]
    for folder in (paths.matches_dir() / "20260101-000000-aaaaaa.npz", paths.lab_dir() / "gamma-1"):
        folder.mkdir(parents=True)
    (paths.models_dir() / "evil\x1b[31m").mkdir()
    assert _values("replay") == ["20260101-000000-aaaaaa"] and _values("lab", "stop") == ["gamma-1"]
    assert not [each for each in _values("eval") if "\x1b" in each]


def _values(*before, begun=""):
    return [word for _, word, _ in suggest(list(before), begun)]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_its_script_and_its_answer(shell, home):
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("its script asks bash for its version")
    script = run("completion", shell)
    assert script.exit_code == 0 and VARIABLE in script.output
    word = {"COMP_CWORD": "to"} if shell in ("fish", "powershell") else {}
    told, loaded = ask("pongarena to", shell, **word)
    assert any("tournament" in line for line in told)
    assert not [
        name for name in ("numpy", "textual", "pygame", "rich", "click", "typing") if f"| {name}\n" in loaded
    ]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes(home, tmp_path):
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "pongarena").write_text(f'#!/bin/sh\nexec {sys.executable} -m pongarena "$@"\n')
    (bin_ / "pongarena").chmod(0o755)
    script = (
        'eval "$(pongarena completion bash)"; COMP_WORDS=(pongarena play ai champ); COMP_CWORD=3; '
        '_pongarena_completion pongarena; echo "${COMPREPLY[@]}"'
    )
    root = str(Path(__file__).parents[2])
    environment = os.environ | {"PATH": f"{bin_}:{os.environ['PATH']}", "PYTHONPATH": root}
    told = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["champion"]


def test_nonsense_from_a_shell_is_answered_by_nothing(home):
    told, _ = ask("pongarena x", "no")
    assert told == [""]
