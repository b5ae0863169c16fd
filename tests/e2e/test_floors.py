"""The lowest versions that are allowed resolve together, and pass the tests; it takes long: when asked for.

PONGARENA_FLOORS=1 pytest -m slow tests/e2e/test_floors.py
"""

import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

TESTED = ("tests/core", "tests/cli", "tests/nn", "tests/jobs", "tests/tui/test_textual.py")


def floors():
    """Each dependency at exactly its floor, for this Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for line in project["dependencies"]:
        found = re.match(r"([\w-]+)>=([\d.]+)[^;]*(?:; python_version (<|>=) '3\.(\d+)')?$", line)
        assert found, f"a dependency without a floor: {line}"
        name, floor, sign, minor = found.groups()
        if sign is None or (sys.version_info.minor >= int(minor)) == (sign == ">="):
            yield f"{name}=={floor}"


def test_every_dependency_has_a_floor():
    assert len(list(floors())) >= 12


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif(not os.environ.get("PONGARENA_FLOORS"), reason="installs all anew: PONGARENA_FLOORS=1")
def test_the_floors_resolve_together_and_pass_the_tests(tmp_path):
    venv.create(tmp_path / "floors", with_pip=True)
    python = tmp_path / "floors" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = ("pytest", "hypothesis", "pexpect", "pyte", "matplotlib")
    tools = [each for each in project["optional-dependencies"]["dev"] if each.startswith(named)]
    subprocess.run([python, "-m", "pip", "install", "-q", *floors(), *tools], check=True)
    subprocess.run([python, "-m", "pip", "check"], check=True)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([python, "-m", "pytest", "-q", *TESTED], check=True, cwd=ROOT, env=environment)
