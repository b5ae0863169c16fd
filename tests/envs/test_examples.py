"""The examples of assets/envs.md run as they stand there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "assets" / "envs.md"
EXAMPLES = re.findall(r"<!-- example -->\n```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
SAID = [r"\d+ points won, \d+ lost, in 64 games", r"\((21, \d+|\d+, 21)\)"]


@pytest.mark.parametrize(("example", "said"), list(zip(EXAMPLES, SAID, strict=True)))
def test_an_example_of_the_guide_runs(example, said, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(said, done.stdout.strip())
