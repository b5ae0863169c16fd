"""What the tests of the commands share."""

import pickle

import numpy as np
import pytest

from pongarena.library.exchange import import_file
from pongarena.library.models import Library, checkpoint_path
from pongarena.nn.checkpoint import Card, Checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.registry import recipe


@pytest.fixture
def model(home):
    """A model with a checkpoint that nobody trained."""
    library = Library()
    library.create("origin", recipe("karpathy", hidden_units=8), 7)
    file = home.parent / "save.p"
    file.write_bytes(pickle.dumps({"W1": np.zeros((8, 6400)), "W2": np.zeros(8)}))
    return import_file(library, file, "deep")


@pytest.fixture
def ada():
    """A model with checkpoints that nobody trained."""
    model = Library().create("ada", recipe("karpathy", hidden_units=8), 7)
    for episode in (0, 100, 200):
        card = Card("ada", "karpathy", episode, 10, 1, 0, -20.0, 0, 0, (), "2026-01-01T00:00:00+00:00", "0")
        policy = PolicyNetwork.random(8, np.random.default_rng(episode))
        path = checkpoint_path(model.path, episode)
        path.parent.mkdir(exist_ok=True)
        write_checkpoint(path, Checkpoint(policy, card))
    return model
