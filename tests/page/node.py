"""Runs the page's JavaScript outside of a browser."""

import shutil
import subprocess

import pytest

from pongarena.page.build import RULES, script_of

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node (apt-get install nodejs)")


def run_node(script, folder, data=b""):
    """What a script writes to its output; it comes after the page's rules and finds its input in `data`."""
    frame = "const data = require('fs').readFileSync(0), out = [];"
    write = "require('fs').writeSync(1, Buffer.concat(out));"
    file = folder / "script.cjs"
    file.write_text(f"{script_of(RULES)}\n{frame}\n{script}\n{write}", "utf-8")
    done = subprocess.run(["node", file], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
