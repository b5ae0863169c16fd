"""Commands that are loaded when they are called."""

import subprocess
import sys

import click
import pexpect
import pytest

from pongarena.cli.lazy import LazyCommand, LazyGroup, exits_with_message
from tests.cli.running import run
from tests.waiting import PATIENCE_S

HEAVY = ("numpy", "pygame", "textual", "ale_py", "gymnasium", "rich", "psutil")


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom pongarena.cli import cli\n"
        "try:\n    cli(['--help'], prog_name='pongarena')\nexcept SystemExit as end:\n"
        "    assert not end.code\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\nassert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for command in ("train", "sessions", "models", "play", "eval", "doctor", "bench"):
        assert f"\n  {command} " in done.stdout
    assert "\n  session " not in done.stdout


def test_a_mistyped_command_brings_the_nearest():
    result = run("modles")
    assert result.exit_code == 2
    assert "did you mean models?" in result.stderr
    assert "see pongarena --help" in run("xyzzy").stderr


@pytest.mark.parametrize("words", [["estimate"], ["ladder"], ["jobs"], ["models", "list"], ["xyzzy"]])
@pytest.mark.parametrize("name", ["\x1b]0;owned\x07", "\u202eevil", "--\x1b[2J"])
def test_hostile_names_on_the_command_line_are_made_printable(words, name):
    done = run(*words, name, "another")
    assert done.exit_code == 2
    assert not set(name) & set("\x1b\x07\u202e") & set(done.output)


def test_a_command_that_names_no_click_command_is_a_fault_of_ours():
    group = LazyGroup("g", lazy={"bad": LazyCommand("os:getcwd", "")})
    with pytest.raises(AssertionError, match="no click command"):
        group.get_command(click.Context(group), "bad")


def test_commands_that_do_not_train_load_no_compiler():
    quick = ("models", "play", "watch", "record", "replay", "reel", "ladder", "tournament", "sessions")
    modules = ", ".join(f"pongarena.cli.{name}" for name in quick)
    code = f"import sys, {modules}; print([each for each in ('numba', 'llvmlite') if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space as Linux does")
@pytest.mark.parametrize("words", ["train tiny", "watch ai equal", ""])
@pytest.mark.parametrize("limit_kb", [200_000, 300_000])
def test_little_memory_is_named_before_a_library_dies_of_it(home, words, limit_kb, tmp_path):
    log = tmp_path / "said"
    command = f"ulimit -v {limit_kb}; {sys.executable} -m pongarena {words}"
    with log.open("wb") as output:
        child = pexpect.spawn("sh", ["-c", command], logfile=output, timeout=PATIENCE_S)
        child.expect(pexpect.EOF)
        child.close()
    said = log.read_text(errors="replace")
    assert child.exitstatus == 2 and "Traceback" not in said
    assert "MB of memory for" in said and "ulimit -v" in said


def test_a_library_that_cannot_be_loaded_is_told_in_words():
    def numpys():
        raise ImportError("\n\nIMPORTANT: PLEASE READ THIS\n\nOriginal error was: libx.so: failed to map\n")

    with pytest.raises(click.ClickException, match=r"error was: libx\.so: failed to map.*ulimit -v"):
        exits_with_message(numpys)


def test_a_name_that_is_too_long_is_to_be_shorter(tmp_path):
    done = run("export", "champion", "-o", str(tmp_path / ("x" * 252 + ".npz")))
    assert done.exit_code == 2
    assert "choose a shorter name" in done.output
