"""Numbers on the command line: every option has its bounds; an output that is full ends softly."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.cli import cli
from pongarena.core.options import Real, Whole
from tests.waiting import PATIENCE_S


@cache
def numbers():
    """Every option and argument that takes a number, with the command that it belongs to."""
    found = []

    def walk(command, context):
        found.extend(
            (context.command_path, each)
            for each in command.params
            if isinstance(each.type, (click.types.IntParamType, click.types.FloatParamType))
        )
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                walk(below, click.Context(below, info_name=name, parent=context))

    walk(cli, click.Context(cli, info_name="pongarena"))
    return tuple(found)


@settings(max_examples=40)  # the first one imports every command
@given(
    st.floats() | st.integers() | st.sampled_from(["nan", "-nan", "inf", "1e30", "-1", "", "0x", "٣", "1_0"])
)
def test_an_option_takes_what_is_in_its_range_or_refuses_it(value):
    for place, option in numbers():
        try:
            taken = option.type(str(value), option, None)
        except click.BadParameter:
            continue
        assert 0 <= taken <= 2**63, f"{place} {option.opts} takes {value}"


def test_every_option_has_a_greatest_number():
    assert len(numbers()) > 40
    for place, option in numbers():
        for much in ("9" * 30, "1e30", "nan", "inf", "-1"):
            with pytest.raises(click.BadParameter):
                print(place, option.opts, option.type(much, option, None))


def test_the_bounds_themselves_are_taken():
    assert [Whole(2, 9).convert(each, None, None) for each in ("2", "9")] == [2, 9]
    assert [Real(0.5, 9).convert(each, None, None) for each in ("0.5", "9")] == [0.5, 9]
    with pytest.raises(click.BadParameter):
        Real(0, 9, above=True).convert("0", None, None)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", [["--help"], ["models", "list"]])
def test_an_output_that_is_full_is_named_without_a_traceback(command):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pongarena", *command], stdout=full, stderr=subprocess.PIPE, check=False
        )
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert "No space left on device" in said and "Traceback" not in said


def test_an_output_that_nobody_reads_ends_the_command_in_silence():
    process = subprocess.Popen(
        [sys.executable, "-m", "pongarena", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    with process:
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX closes outputs")
def test_no_file_takes_the_place_of_an_output_that_was_closed():
    code = (
        "import os, sys; from pongarena import cli; cli.cli = lambda **_: None; cli.main();"
        "assert os.open(os.devnull, os.O_RDONLY) > 2"
    )
    done = subprocess.run(
        ["sh", "-c", f'exec "{sys.executable}" -c "$0" >&- 2>&-', code], check=False, timeout=PATIENCE_S
    )
    assert done.returncode == 0
