"""Store pictures of the hidden units while a session trains: ``snapshot.npz``.

A checkpoint has all weights, and comes less often. A snapshot is only for display: the strongest units, each
shrunk to 20 × 20 means and rounded to 1/127 of its largest; some 50 kB, replaced every few seconds.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import CheckpointError
from pongarena.nn.checkpoint import read_resume, write_resume
from pongarena.nn.policy import PolicyNetwork

__all__ = ["FILE", "SIDE", "Snapshot", "read_snapshot", "write_snapshot"]

FILE = "snapshot.npz"
"""The file's name in a model's folder."""

SIDE = 20
"""Side of a picture; each pixel is the mean of 4 × 4 weights."""

_VIEW = 80
_MOST = 128
"""Units in a snapshot."""


@dataclass(frozen=True)
class Snapshot:
    """The strongest units of a network, by the size of their weight in the output.

    Attributes:
        episode: Games played by then.
        steps: Agent steps learned from by then.
        numbers: Shape (n,), int: numbers of the units, the strongest first.
        outputs: Shape (n,), float32: their output weights; units above zero vote UP.
        pictures: Shape (n, 20, 20), float32: their incoming weights.
    """

    episode: int
    steps: int
    numbers: NDArray[np.int64]
    outputs: NDArray[np.float32]
    pictures: NDArray[np.float32]

    @classmethod
    def of(cls, policy: PolicyNetwork, episode: int, steps: int) -> "Snapshot":
        """Take a snapshot of a network; the arrays are copies."""
        outputs = policy.votes
        numbers = np.argsort(-np.abs(outputs), kind="stable")[:_MOST]
        factor = _VIEW // SIDE
        shown = [policy.spec.observation.picture(policy.w1[number]) for number in numbers]
        # one axis after the other takes a third of the time of both at once
        rows = np.array(shown).reshape(-1, SIDE, factor, _VIEW).mean(axis=2, dtype=np.float32)
        pictures: NDArray[np.float32] = rows.reshape(-1, SIDE, SIDE, factor).mean(axis=3, dtype=np.float32)
        return cls(episode, steps, numbers.astype(np.int64), outputs[numbers].astype(np.float32), pictures)


def write_snapshot(folder: Path, snapshot: Snapshot) -> None:
    """Replace the snapshot in a model's ``folder``.

    Raises:
        LibraryError: When the file cannot be written.
    """
    scale = np.maximum(np.abs(snapshot.pictures).max(axis=(1, 2)), np.finfo(np.float32).tiny) / 127
    arrays = {
        "numbers": snapshot.numbers.astype(np.int32),
        "outputs": snapshot.outputs,
        "scale": scale.astype(np.float32),
        "pictures": np.rint(snapshot.pictures / scale[:, None, None]).astype(np.int8),
    }
    write_resume(folder / FILE, arrays, {"episode": snapshot.episode, "steps": snapshot.steps})


def read_snapshot(folder: Path) -> Snapshot:
    """Read the snapshot in a model's folder.

    Raises:
        CheckpointError: When it is missing, damaged, or of another form.
    """
    arrays, state = read_resume(folder / FILE)
    try:
        numbers, outputs = arrays["numbers"].astype(np.int64), arrays["outputs"].astype(np.float32)
        scale, levels = arrays["scale"].astype(np.float32), arrays["pictures"]
        count = len(numbers)
        shapes = (numbers.shape, outputs.shape, scale.shape, levels.shape)
        if not 1 <= count <= _MOST or shapes != ((count,), (count,), (count,), (count, SIDE, SIDE)):
            raise ValueError(f"arrays of shape {shapes}")
        if levels.dtype != np.int8 or type(state["episode"]) is not int or type(state["steps"]) is not int:
            raise TypeError("an entry is of the wrong type")
        if numbers.min() < 0 or state["episode"] < 0 or state["steps"] < 0:
            raise ValueError("a number below zero")
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"expected pictures of hidden units in {folder / FILE}, got something else ({error}); the next "
            "session replaces it"
        ) from error
    pictures: NDArray[np.float32] = levels.astype(np.float32) * scale[:, None, None]
    return Snapshot(state["episode"], state["steps"], numbers, outputs, pictures)
