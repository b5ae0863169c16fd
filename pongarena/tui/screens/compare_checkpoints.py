"""Two checkpoints of one model side by side: what changed between them."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from pongarena.core.errors import PongArenaError
from pongarena.library.model import CheckpointRef
from pongarena.nn.checkpoint import Card, Checkpoint, read_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.tui import words
from pongarena.tui.data.match_records import Strengths
from pongarena.tui.screens.dialog import Dialog
from pongarena.tui.widgets.keybar import KeyBar
from pongarena.tui.widgets.neurons import Neurons, NeuronWall


@dataclass(frozen=True)
class Change:
    """How far a network has changed.

    Attributes:
        alike: Cosine of the angle between the incoming weights then and now: 1 for the same direction.
        turned: Number of hidden units that vote for the other direction now.
        units: Number of hidden units.
    """

    alike: float
    turned: int
    units: int

    @classmethod
    def between(cls, then: PolicyNetwork, now: PolicyNetwork) -> "Change":
        """Compare two networks; when their sizes differ, compare the units that both have."""
        units = min(then.hidden_units, now.hidden_units)
        old, new = (np.asarray(each.w1[:units], np.float64).ravel() for each in (then, now))
        lengths = float(np.linalg.norm(old) * np.linalg.norm(new))
        contributions = np.sign(then.votes[:units]) != np.sign(now.votes[:units])
        return cls(float(old @ new) / lengths if lengths else 0.0, int(contributions.sum()), units)


class ThenAndNow(Dialog[None]):
    """Shows facts about both checkpoints, then each unit then and now."""

    DEFAULT_CSS = """
    ThenAndNow {
        & #facts { height: auto; padding: 0 0 1 0; }
        & VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,v", "cancel", "Back", show=False)]

    @dataclass
    class Seen(Message):
        """A thread has read both checkpoints, or failed."""

        cards: tuple[Card, Card] | None
        change: Change | None
        neurons: Neurons | None
        fault: str = ""

    def __init__(self, then: CheckpointRef, now: CheckpointRef, strengths: Strengths) -> None:
        """Compare an earlier checkpoint with a later one."""
        super().__init__()
        self._refs, self._strengths = (then, now), strengths

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large"):
            yield Static(f"{self._refs[0]} and {self._refs[1]}", classes="heading", markup=False)
            yield Static("reading both networks …", id="facts")
            with VerticalScroll():
                yield NeuronWall()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self._read()

    @work(thread=True)
    def _read(self) -> None:
        try:
            then, now = (read_checkpoint(ref.path) for ref in self._refs)
        except PongArenaError as error:
            self.post_message(self.Seen(None, None, None, str(error)))
            return
        self.post_message(self._compare(then, now))

    def _compare(self, then: Checkpoint, now: Checkpoint) -> Seen:
        neurons = Neurons.then_and_now(then.policy, now.policy)
        return self.Seen((then.card, now.card), Change.between(then.policy, now.policy), neurons)

    def on_then_and_now_seen(self, message: Seen) -> None:
        facts = self.query_one("#facts", Static)
        if message.cards is None or message.change is None:
            facts.update(Text(message.fault))
            return
        facts.update(self._facts(message.cards, message.change))
        self.query_one(NeuronWall).show(message.neurons)

    def _facts(self, cards: tuple[Card, Card], change: Change) -> Table:
        table = Table.grid(padding=(0, 3))
        rated = [self._strengths.rated.get(ref.model, {}).get(ref.episode) for ref in self._refs]
        rows = [
            ("games", [words.count(card.episode) for card in cards]),
            ("steps", [words.count(card.steps) for card in cards]),
            ("running reward", [words.signed(card.running_reward) for card in cards]),
            ("points won since the start", [_share(card) for card in cards]),
            ("rating", [f"{each.rating:,.0f} ± {each.uncertainty:,.0f}" if each else "–" for each in rated]),
        ]
        table.add_row("", *(Text(f"@{ref.episode}", style="bold") for ref in self._refs))
        for title, cells in rows:
            table.add_row(Text(title, style="$muted"), *(Text(cell, justify="right") for cell in cells))
        text = (
            f"\nThe cosine between the incoming weights then and now is {change.alike:.3f};\n"
            f"{change.turned} of {change.units} units vote for the other direction now.\n"
            "Below, strongest first: each unit then (left) and now (right)."
        )
        outer = Table.grid()
        outer.add_row(table)
        outer.add_row(Text(text, style="$muted"))
        return outer


def _share(card: Card) -> str:
    points = card.points_won + card.points_lost
    return f"{card.points_won / points:.0%}" if points else "–"
