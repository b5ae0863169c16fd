"""The user's command: started without a shell, and no fault of it harms anybody."""

import shlex
import sys

import pytest

from pongarena.core.errors import InvalidSettingError
from pongarena.jobs.own_command import check_command, run_command
from tests.waiting import wait_until

WRITE = (
    "import os, sys; open(sys.argv[1], 'a').write(sys.argv[2] + '|' + os.environ['PONGARENA_MODEL'] + '\\n')"
)


def test_it_gets_the_words_as_one_argument_and_no_shell_reads_them(tmp_path):
    place = tmp_path / "told with space"
    command = shlex.join([sys.executable, "-c", WRITE, str(place)])
    assert run_command(command, "ada; touch /tmp/x $(id)\x1b]0;", {"MODEL": "a\x1bda"}) == ""
    wait_until(lambda: place.is_file() and place.read_text().endswith("\n"))
    assert place.read_text() == "ada; touch /tmp/x $(id)\ufffd]0;|a\ufffdda\n"


def test_a_command_that_cannot_be_run_is_told_of(tmp_path):
    assert "cannot be run" in run_command("/no/such/program --now", "x", {})
    assert "cannot be run" in run_command(str(tmp_path), "x", {})
    assert "cannot be run" in run_command("say 'x", "x", {})


@pytest.mark.parametrize("command", ["say 'x", "x" * 1001, "say\nx", "say \x1b]0;"])
def test_what_is_no_command_is_refused(command):
    with pytest.raises(InvalidSettingError):
        check_command(command)


def test_an_empty_command_is_none():
    assert check_command("") == "" and check_command("notify-send 'well done'")
