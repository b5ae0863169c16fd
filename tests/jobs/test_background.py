"""Commands that outlive whoever starts them."""

import pytest

from pongarena import __version__
from pongarena.core.errors import LibraryError
from pongarena.jobs.background import last_words, start_in_background, wait_for_start
from tests.waiting import PATIENCE_S


def test_what_a_command_says_goes_to_its_log(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("before\n")
    assert start_in_background(["--version"], log, what="it").wait(PATIENCE_S) == 0
    assert last_words(log) == f"before\npongarena, version {__version__}"
    assert start_in_background(["no-such-command"], log, what="it", anew=True).wait(PATIENCE_S) == 2
    assert "before" not in last_words(log)
    assert "no-such-command" in last_words(log)


def test_a_log_that_cannot_be_written_is_an_error_that_says_what_to_do(tmp_path):
    with pytest.raises(LibraryError, match=r"cannot start the thing: .* make .* writable"):
        start_in_background([], tmp_path / "none" / "a.log", what="the thing")
    assert last_words(tmp_path / "none" / "a.log") == ""


def test_last_words_are_few_and_safe_to_print(tmp_path):
    log = tmp_path / "a.log"
    log.write_bytes(b"x" * 1000 + b"\x1b[31mred\n")
    assert len(last_words(log)) <= 610
    assert "\x1b" not in last_words(log)
    assert last_words(log).endswith("red")


def test_a_process_that_ended_without_beginning_gives_its_exit_code(tmp_path):
    process = start_in_background(["no-such-command"], tmp_path / "a.log", what="it")
    assert wait_for_start(process, lambda: False) == 2


def test_what_began_and_ended_since_has_begun(tmp_path):
    process = start_in_background(["--version"], tmp_path / "a.log", what="it")
    assert wait_for_start(process, lambda: process.poll() is not None) is None


def test_a_slow_start_is_no_error_and_can_be_left(tmp_path):
    process = start_in_background(["--version"], tmp_path / "a.log", what="it")
    looks = []
    assert wait_for_start(process, lambda: looks.append(1), patience_s=0.0) is None
    assert wait_for_start(process, lambda: looks.append(1), leave=lambda: len(looks) > 1) is None
    process.wait(PATIENCE_S)
