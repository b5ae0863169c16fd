"""The commands that messages advise can be typed as they stand."""

import re
import shlex

import click
import pytest

from tests.manual.test_site import understood
from tests.test_words import ROOT, spoken

ADVISED = re.compile(r"(?:[:·→`]|\btype) pongarena ([a-z][^;·,()\"`→\n—:]*)")
"""After a colon, a dot or an arrow, up to the end of the clause; names stand in braces."""


def advised():
    """The place of each command line that the package's texts advise, and its words."""
    for path in sorted((ROOT / "pongarena").rglob("*.py")):
        for line, text in spoken(path):
            for found in ADVISED.finditer(text):
                words = shlex.split(found[1].rstrip(". ").replace("{}", "NAME"))
                yield f"{path.relative_to(ROOT)}:{line}", words


def test_every_command_line_that_a_message_advises_exists():
    wrong = []
    for place, words in advised():
        try:
            understood(words)
        except click.UsageError as error:
            wrong.append(f"{place}: pongarena {shlex.join(words)}: {error.message}")
    assert not wrong, "\n".join(wrong)


def test_commands_in_messages_are_found():
    found = [" ".join(words) for _, words in advised()]
    assert len(found) > 60 and "models fork NAME NEW-NAME" in found
    with pytest.raises(click.UsageError, match="RIGHT is missing"):
        understood(["play", "NAME"])
