"""A place for spoiled files."""

import shutil

import pytest

from pongarena.core import paths
from tests.test_formats import FORMATS

KARPATHY = FORMATS / "models" / "karpathy"


@pytest.fixture
def place(home):
    """A data directory that holds what the readers want to see beside their file."""
    model = home / "models" / "karpathy"
    model.mkdir(parents=True)
    (model / "model.json").write_bytes((KARPATHY / "model.json").read_bytes())
    shutil.copytree(KARPATHY, home / "given" / "champion")
    (home / "gift").mkdir()
    shutil.copytree(FORMATS / "tournaments", home / "tournaments")
    shutil.copytree(FORMATS / "lab", home / "lab")
    shutil.copytree(FORMATS / "sweeps", home / "sweeps")
    paths.matches_dir().mkdir()
    paths.states_dir().mkdir()
    return home
