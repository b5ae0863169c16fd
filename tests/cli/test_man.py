"""The manual page, shown where man is and printed elsewhere."""

import os
import sys

import pexpect
import pytest

from tests.cli.running import run


def test_over_a_pipe_it_prints_the_source():
    done = run("man")
    assert done.exit_code == 0 and done.output.startswith('.TH "PONGARENA" 1')


@pytest.mark.skipif(os.name == "nt", reason="a terminal of POSIX")
def test_at_a_terminal_man_shows_it_or_the_way_out_is_named(tmp_path):
    reader = tmp_path / "man"
    reader.write_text('#!/bin/sh\nhead -c 18 "$1"\nexit 3\n')
    reader.chmod(0o755)
    for path, said, code in (
        (tmp_path, '.TH "PONGARENA" 1', 3),
        ("/nowhere", "program man is not installed", 2),
    ):
        environment = os.environ | {"PATH": str(path) + (":/usr/bin:/bin" if path == tmp_path else "")}
        child = pexpect.spawn(sys.executable, ["-m", "pongarena", "man"], env=environment, encoding="utf-8")
        child.expect_exact(said)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == code
