"""The man page says what the commands take, and is what man and groff expect."""

import shutil
import subprocess
from pathlib import Path

import click
import pytest

from pongarena import __version__
from pongarena.cli import cli
from pongarena.manual.man_page import man_page

PAGE = Path(__file__).parents[2] / "assets/pongarena.1"


@click.group()
@click.option("--speed", type=click.Choice(["slow", "fast"]), default="slow", show_default=True, help="How.")
@click.option("--quiet/--loud", help="By night.")
@click.option("--secret", hidden=True)
def zoo(**_):
    """Keep animals.

    .hidden files stay; a back\\slash and "quotes" – too.
    """


@zoo.command()
@click.argument("animal", nargs=-1, required=True)
def feed(animal):
    """Feed them.

    \b
    hay   for some
    -     for others
    """


@zoo.command(hidden=True)
def escape():
    """Open the doors."""


def test_the_bundled_page_is_made_of_the_commands():
    """Made anew by: python -c 'from tests.cli.test_completion import write_table; write_table()'."""
    assert PAGE.read_text("ascii") == man_page(cli, "pongarena", __version__)


def test_every_command_and_option_is_described():
    lines = man_page(zoo, "zoo", "1.2").split("\n")
    assert lines[0] == '.TH "ZOO" 1 "" "zoo 1.2" "User Commands"'
    assert "zoo \\- Keep animals" in lines
    assert "\\fB\\-\\-speed\\fR \\fIslow|fast\\fR" in lines and "How. [default: slow]" in lines
    assert "\\fB\\-\\-quiet\\fR, \\fB\\-\\-loud\\fR" in lines
    assert '.SS "zoo feed"' in lines and "ANIMAL..." in lines
    assert not [line for line in lines if "secret" in line or "escape" in line]


def test_nothing_that_is_said_becomes_a_request():
    lines = man_page(zoo, "zoo", "1.2").split("\n")
    assert "\\&.hidden files stay; a back\\eslash and \\(dqquotes\\(dq \\[u2013] too." in lines
    start = lines.index(".nf")
    assert lines[start + 1 : start + 4] == ["hay   for some", "\\-     for others", ".fi"]


@pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff")
@pytest.mark.parametrize("source", ["bundled", "zoo"])
def test_groff_has_nothing_to_complain_about(source):
    page = PAGE.read_text("ascii") if source == "bundled" else man_page(zoo, "zoo", "1.2")
    command = ["groff", "-man", "-ww", "-Tutf8", "-rLL=78n", "-P-c"]
    done = subprocess.run(command, input=page, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "back\\slash" in done.stdout or source == "bundled"
