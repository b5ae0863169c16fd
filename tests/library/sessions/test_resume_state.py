"""What a session finds again: damage is told from what a later program wrote."""

import json

import numpy as np
import pytest

from pongarena.core.errors import CheckpointError, NewerFileError
from pongarena.library.models import Library
from pongarena.library.sessions.resume_state import open_trainer
from pongarena.training.registry import recipe


@pytest.fixture
def model(tmp_path):
    return Library(bundled=tmp_path / "bundled").create("newer", recipe("karpathy", hidden_units=3), 3)


def test_a_damaged_state_is_damage_whatever_the_model_is_called(model):
    (model.path / "resume.npz").write_bytes(b"no archive")
    with pytest.raises(CheckpointError, match=r"is damaged.*doctor --fix"):
        open_trainer(model)


def test_the_state_of_a_later_program_is_not_called_damaged(model):
    state = np.array(json.dumps({"format_version": 99, "state": {}}))
    np.savez(model.path / "resume.npz", state=state)
    with pytest.raises(NewerFileError, match="pipx upgrade"):
        open_trainer(model)
