"""The strongest hidden units of a session, as pictures that change while it learns."""

from pathlib import Path

import numpy as np
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll

from pongarena.core.errors import PongArenaError
from pongarena.core.files import stamp_of
from pongarena.library.models import Model
from pongarena.library.sessions.snapshot import FILE, Snapshot, read_snapshot
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.tui.widgets import palette
from pongarena.tui.widgets.neurons import Neurons, NeuronWall
from pongarena.tui.widgets.steady_text import SteadyText

__all__ = ["SnapshotReader", "WeightsView"]

_UNITS = 24
"""Number of pictures."""


class SnapshotReader:
    """Reads a model's snapshot whenever it has changed; without one, its last checkpoint."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._seen: tuple[object, ...] = ()

    def read(self) -> Snapshot | None:
        """Return the latest pictures; None when there are no new ones."""
        for path, load in (
            (self._model.path / FILE, self._snapshot),
            (self._checkpoint(), self._from_weights),
        ):
            if path is None or (stamp := stamp_of(path)) is None:
                continue
            if (path, stamp) == self._seen:
                return None
            try:
                found = load(path)
            except PongArenaError:
                continue
            self._seen = (path, stamp)
            return found
        return None

    def _snapshot(self, path: Path) -> Snapshot:
        return read_snapshot(path.parent)

    def _from_weights(self, path: Path) -> Snapshot:
        checkpoint = read_checkpoint(path)
        return Snapshot.of(checkpoint.policy, checkpoint.card.episode, checkpoint.card.steps)

    def _checkpoint(self) -> Path | None:
        try:
            return self._model.checkpoint().path
        except PongArenaError:
            return None


class WeightsView(Vertical):
    """Shows the units in fixed places, or how they changed since the view was opened."""

    DEFAULT_CSS = """
    WeightsView {
        height: 1fr;
        & > Static { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._first: Snapshot | None = None
        self._latest: Snapshot | None = None
        self.changes = False

    def compose(self) -> ComposeResult:
        yield SteadyText()
        with VerticalScroll(can_focus=False):
            yield NeuronWall()

    def forget(self) -> None:
        """Forget the pictures: another model follows."""
        self._first = self._latest = None
        self._draw()

    def show(self, snapshot: Snapshot) -> None:
        self._first = self._first or snapshot
        self._latest = snapshot
        self._draw()

    def toggle(self) -> None:
        """Switch between the weights and how they changed."""
        self.changes = not self.changes
        self._draw()

    def _draw(self) -> None:
        words, wall = self.query_one(SteadyText), self.query_one(NeuronWall)
        if self._first is None or self._latest is None:
            words.say("")
            wall.show(None)
            return
        now = _in_the_order_of(self._first, self._latest)
        change = now.pictures - self._first.pictures[:_UNITS]
        moved = np.abs(change).sum() / max(np.abs(now.pictures).sum(), 1e-12)
        pictures, note = now.pictures, f"{moved:.1%} changed since you came; w shows it"
        if self.changes:
            pictures, note = change, "how they changed since you came; w shows the weights"
        text = Text().append("what it looks for", style="bold")
        text.append(f"  after {self._latest.steps:,} steps; {note}", style="$muted")
        words.say(text)
        bounds = np.abs(now.pictures).max(axis=(1, 2))
        levels = [
            palette.quantise(picture, float(bound)) for picture, bound in zip(pictures, bounds, strict=True)
        ]
        wall.show(
            Neurons(
                tuple(int(each) for each in now.numbers),
                tuple(float(each) for each in now.outputs),
                np.array(levels),
            )
        )


def _in_the_order_of(first: Snapshot, latest: Snapshot) -> Snapshot:
    """Return the first units in their latest state; those missing in the latest snapshot are unchanged."""
    numbers, outputs, pictures = first.numbers[:_UNITS], first.outputs.copy(), first.pictures.copy()
    place = {int(number): index for index, number in enumerate(latest.numbers)}
    for index, number in enumerate(numbers):
        if (now := place.get(int(number))) is not None:
            outputs[index], pictures[index] = latest.outputs[now], latest.pictures[now]
    return Snapshot(latest.episode, latest.steps, numbers, outputs[:_UNITS], pictures[:_UNITS])
