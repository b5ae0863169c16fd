"""Outputs that cannot say every letter: a redirect on Windows, an old login; no command ends in an error."""

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from pongarena import cli
from pongarena.core.output import encoding_of
from pongarena.core.text import printable
from pongarena.doctor import Level, encoding_finding
from pongarena.library.models import Library
from pongarena.library.notes import write_notes
from pongarena.training.registry import recipe

ENCODINGS = ("cp437", "cp1252", "latin-1", "ascii", "utf-8")

COMMANDS = (
    "models", "models list", "models list --json", "models show champion", "models show deep",
    "models show deep --json", "models note deep", "models trash", "models show nobody",
    "models delete champion --yes", "ladder", "ratings", "sessions", "sessions --json", "replay --list",
    "lab list", "tournament list", "estimate", "import {folder}/missing", "import {folder}/naïve→.p",
    "export champion {folder}/none/“x”.npz", "record ai ai -o x.gif", "record ai champion -o x.→",
    "reel deep -o {folder}/x.gif", "watch ai", "play ai ai", "stop deep", "pause deep", "resume champion",
    "learning-rate deep 0.1", "checkpoint deep", "eval deep", "train champion --episodes 1", "train “x”",
    "jobs", "doctor", "ladder --scores", "completion bash", "man", "docs {folder}/manual",
    "lesson export → x",
    "models duplicate deep “twin”", "models duplicate deep twin", "models fork deep branch --at 5",
    "models rename twin bränch", "models restore nobody", "models export champion -o {folder}/→.pongarena",
    "models import {folder}/naïve→.p", "tournament show nö", "tournament delete nö", "tournament restore nö",
    "tournament resume nö", "tournament run nö", "tournament stop nö", "tournament start champion “x”",
    "lab delete nö", "lab report nö", "lab restore nö", "lab run nö", "lab session nö", "lab stop nö",
    "sweep deep --over “x”=1:2", "population deep --seeds nö", "session nö", "mödels", "",
    "bench box nö", "bench cluster --rounds nö", "bench idle --wrong", "bench learn --nö",
    "bench library --models nö", "bench match --nö", "bench opponent nö", "bench reference nö",
    "bench same --nö", "bench startup --nö", "bench train --nö", "bench window --nö",
)  # fmt: skip


@pytest.fixture
def library(home, tmp_path):
    library = Library()
    write_notes(
        library.create("deep", recipe("karpathy", hidden_units=8), 7), "schön → “tief” 深い ▲", ("é",)
    )
    (tmp_path / "naïve→.p").write_bytes(b"\x93NUMPY")
    return library


def say(encoding, words, monkeypatch):
    """Runs a command with outputs of this encoding; returns its status and what it said."""
    with CliRunner(charset=encoding).isolation() as (out, err, *_):
        monkeypatch.setattr(sys, "argv", ["pongarena", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        sys.stdout.flush()
        sys.stderr.flush()
        return end.value.code or 0, (out.getvalue() + err.getvalue()).decode(
            # click takes an output in ASCII for a mistake, and writes UTF-8
            "utf-8" if encoding == "ascii" else encoding
        )


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_command_says_what_can_be_said(library, encoding, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for line in COMMANDS:
        words = [each.format(folder=tmp_path) for each in line.split()]
        status, said = say(encoding, words, monkeypatch)
        assert status in (0, 2), (line, said)
        assert said.strip(), line


def leaves(group, before=()):
    """The words of every command that has no commands of its own."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*before, name))
        else:
            yield " ".join((*before, name))


def test_no_command_is_left_out():
    said = {" ".join(line.split()[:n]) for line in COMMANDS for n in (1, 2)}
    assert not set(leaves(cli.cli)) - said


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_help_can_be_said(encoding, monkeypatch):
    for line in leaves(cli.cli):
        status, said = say(encoding, [*line.split(), "--help"], monkeypatch)
        assert status == 0 and "Usage: pongarena" in said


def test_letters_are_replaced_by_such_that_look_alike_and_columns_stay_in_line(library, monkeypatch):
    status, said = say("cp437", ["models", "note", "deep"], monkeypatch)
    assert (status, said) == (0, '#é\nschön > "tief" ?? ^\n')


def test_half_a_letter_in_a_files_name_is_replaced_too(library, monkeypatch):
    assert printable("\udce9") == "\ufffd"
    status, said = say("utf-8", ["record", "ai", "champion", "-o", "caf\udce9.gi"], monkeypatch)
    assert status == 2 and "caf" in said


def test_the_doctor_says_that_letters_are_replaced(monkeypatch):
    with CliRunner(charset="cp437").isolation():
        assert encoding_of(sys.stdout) == "cp437"
        finding = encoding_finding(sys.stdout)
    assert (finding.level, "cp437" in finding.found, "UTF-8" in finding.advice) == (Level.WARN, True, True)
    with CliRunner().isolation():
        assert encoding_finding(sys.stdout).level is Level.OK


@pytest.mark.skipif(os.name != "posix", reason="a shell of POSIX")
@pytest.mark.parametrize(
    "line", ["man >&-", "models list >&- 2>&-", "eval ai 2>&-", "doctor >&- <&-", "ladder 2>&-"]
)
def test_closed_streams_are_no_error(home, line):
    command = f"{sys.executable} -m pongarena {line}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert done.returncode in (0, 2), done
    assert b"Traceback" not in done.stdout + done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a shell of POSIX")
def test_a_bar_without_an_output_is_none(home, tmp_path):
    command = f"{sys.executable} -m pongarena record ai equal -o x.gif --points 1 --seconds 1 2>&-"
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)
    assert (tmp_path / "x.gif").exists()
