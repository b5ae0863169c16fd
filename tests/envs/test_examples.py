"""The examples of assets/envs.md run as they stand there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "assets" / "envs.md"
TEXT = GUIDE.read_text("utf-8")
EXAMPLES = re.findall(r"<!-- example -->\n```python\n(.*?)```", TEXT, re.DOTALL)
TRAININGS = re.findall(r"<!-- slow example: (\w+) -->\n```python\n(.*?)```", TEXT, re.DOTALL)
SAID = [r"\d+ points won, \d+ lost, in 64 games", r"\((21, \d+|\d+, 21)\)"]


@pytest.mark.parametrize(("example", "said"), list(zip(EXAMPLES, SAID, strict=True)))
def test_an_example_of_the_guide_runs(example, said, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(said, done.stdout.strip())


@pytest.mark.slow
@pytest.mark.parametrize(("library", "example"), TRAININGS, ids=[library for library, _ in TRAININGS])
def test_a_training_of_the_guide_runs(library, example, tmp_path):
    """For a few updates; where the library is installed."""
    pytest.importorskip(library)
    short, count = re.subn(r"STEPS(, [^=]*)? = [\d_]+", r"STEPS\1 = 8_192", example)
    assert count == 1
    short = short.replace('"max_frames": 20_000', '"max_frames": 2_000')
    done = subprocess.run(
        [sys.executable, "-c", short], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"points a game|points won, \d+ lost", done.stdout)


def test_the_trainings_of_the_guide_can_be_read():
    """Where their libraries are missing, too."""
    assert [library for library, _ in TRAININGS] == ["stable_baselines3", "torch"]
    for _, example in TRAININGS:
        compile(example, "example", "exec")
