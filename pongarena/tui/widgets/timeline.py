"""A timeline of a model's checkpoints: choose one to play, fork, compare, export or delete it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from pongarena.core.errors import PongArenaError
from pongarena.core.text import local_time
from pongarena.library.model import CheckpointRef, checkpoint_path
from pongarena.nn.checkpoint import Card, read_card
from pongarena.tui import words
from pongarena.tui.data.library_watcher import Entry
from pongarena.tui.data.match_records import Strengths
from pongarena.tui.keys import key
from pongarena.tui.widgets import braille


class Timeline(Widget, can_focus=True):
    """Shows a mark for each checkpoint on an axis of games; arrow keys and clicks choose one."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"timeline--axis", "timeline--mark", "timeline--chosen"}

    DEFAULT_CSS = """
    Timeline {
        height: 3; width: 1fr;
        & .timeline--axis { color: $muted; }
        & .timeline--mark { color: $right; }
        & .timeline--chosen { color: $left; text-style: bold; }
        &:focus .timeline--chosen { text-style: bold reverse; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        key("left,h", "step(-1)", "", "Previous checkpoint", shown_as="←"),
        key("right,l", "step(1)", "", "Next checkpoint", shown_as="→"),
        key("home", "step(-1000000)", "", "First checkpoint"),
        key("end", "step(1000000)", "", "Latest checkpoint"),
        key("p", "ask('play')", "Play", "Play against the chosen checkpoint"),
        key("f", "ask('fork')", "Fork", "Make a new model from the chosen checkpoint"),
        key("v,enter", "ask('compare')", "Compare", "Compare the chosen one with the latest", shown_as="v"),
        key("e", "ask('export')", "", "Save the chosen checkpoint as a file"),
        key("d", "ask('delete')", "Delete", "Delete the chosen checkpoint; u brings it back"),
    ]  # fmt: skip

    @dataclass
    class Chosen(Message):
        """Another checkpoint was chosen."""

        episode: int | None

    @dataclass
    class Asked(Message):
        """The user wants to play, fork, compare, export or delete a checkpoint."""

        verb: str
        episode: int

    def __init__(self) -> None:
        super().__init__(id="timeline")
        self._episodes: tuple[int, ...] = ()
        self._place = 0
        self._latest = True

    def show(self, episodes: tuple[int, ...], *, other: bool) -> None:
        """Show these checkpoints; keep the choice, unless they belong to an ``other`` model."""
        before = self.chosen
        self._episodes = episodes
        if other or self._latest or before not in episodes:
            self._place = max(0, len(episodes) - 1)
        else:
            self._place = episodes.index(before)
        self._latest = self._place == len(episodes) - 1
        self.refresh()
        self.post_message(self.Chosen(self.chosen))

    @property
    def chosen(self) -> int | None:
        """The episode of the chosen checkpoint."""
        return self._episodes[self._place] if self._place < len(self._episodes) else None

    def action_step(self, by: int) -> None:
        self._go(self._place + by)

    def action_ask(self, verb: str) -> None:
        if self.chosen is not None:
            self.post_message(self.Asked(verb, self.chosen))

    def on_click(self, event: Click) -> None:
        if self._episodes:
            columns = self._columns()
            self._go(min(range(len(columns)), key=lambda place: abs(columns[place] - event.x)))

    def _go(self, place: int) -> None:
        place = max(0, min(place, len(self._episodes) - 1))
        if place != self._place:
            self._place, self._latest = place, place == len(self._episodes) - 1
            self.refresh()
            self.post_message(self.Chosen(self.chosen))

    def _columns(self) -> list[int]:
        last = max(self._episodes[-1], 1)
        return [1 + round(episode / last * (self.size.width - 3)) for episode in self._episodes]

    def render_line(self, y: int) -> Strip:
        axis, width = self.get_component_rich_style("timeline--axis"), self.size.width
        if not self._episodes or width < 8:
            text = "no checkpoint yet: training saves the first one" if y == 0 else ""
            return Strip([Segment(text, axis)]).adjust_cell_length(width)
        if y == 0:
            return self._marks()
        labels = [" "] * width
        ticks = ["─"] * width
        last, end = max(self._episodes[-1], 1), 0
        for tick in braille.ticks(0, last, max(2, width // 14)):
            at = 1 + round(tick / last * (width - 3))
            ticks[at] = "┴"
            text = words.count(tick)
            start = max(end, min(at - len(text) // 2, width - len(text)))
            if start + len(text) <= width:
                labels[start : start + len(text)] = text
                end = start + len(text) + 1
        return Strip([Segment("".join(ticks if y == 1 else labels)[:width], axis)]).adjust_cell_length(width)

    def _marks(self) -> Strip:
        line: dict[int, bool] = {}
        for place, column in enumerate(self._columns()):
            line[column] = line.get(column, False) or place == self._place
        plain, chosen = (self.get_component_rich_style(f"timeline--{name}") for name in ("mark", "chosen"))
        segments, at = [], 0
        for column in sorted(line):
            segments.append(Segment(" " * (column - at), self.rich_style))
            segments.append(Segment("◆" if line[column] else "•", chosen if line[column] else plain))
            at = column + 1
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)


class TimelineView(Vertical):
    """The timeline, and facts about the chosen checkpoint."""

    DEFAULT_CSS = """
    TimelineView { height: 1fr; & #moment { height: auto; padding: 1 0 0 0; } }
    """

    @dataclass
    class Read(Message):
        """A thread has read a checkpoint's card, or failed."""

        ref: CheckpointRef
        card: Card | None
        size: int
        fault: str = ""

    def __init__(self) -> None:
        super().__init__()
        self._entry: Entry | None = None
        self._strengths = Strengths()
        self._read: TimelineView.Read | None = None

    def compose(self) -> ComposeResult:
        yield Timeline()
        yield Static("", id="moment")

    def show(self, entry: Entry | None, strengths: Strengths) -> None:
        before, self._entry = self._entry, entry
        self._strengths = strengths
        other = before is None or entry is None or before.name != entry.name
        checkpoints = entry.checkpoints if entry else ()
        if other or before is None or before.checkpoints != checkpoints:
            self.query_one(Timeline).show(checkpoints, other=other)

    def on_timeline_chosen(self, message: Timeline.Chosen) -> None:
        message.stop()
        if self._entry is None or message.episode is None:
            self.query_one("#moment", Static).update("")
            return
        path = checkpoint_path(self._entry.model.path, message.episode)
        self._find_out(CheckpointRef(self._entry.name, message.episode, path))

    @work(thread=True, exclusive=True, group="moment")
    def _find_out(self, ref: CheckpointRef) -> None:
        try:
            self.post_message(self.Read(ref, read_card(ref.path), ref.path.stat().st_size))
        except (PongArenaError, OSError) as error:
            self.post_message(self.Read(ref, None, 0, str(error)))

    def on_timeline_view_read(self, message: Read) -> None:
        """Show the card, unless another checkpoint was chosen meanwhile."""
        message.stop()
        chosen = self.query_one(Timeline).chosen
        if self._entry is not None and (message.ref.model, message.ref.episode) == (self._entry.name, chosen):
            self.query_one("#moment", Static).update(Text("\n").join(self._lines(message)))

    def _lines(self, found: Read) -> Iterator[Text]:
        ref, card = found.ref, found.card
        yield Text(str(ref), style="bold")
        if card is None:
            yield Text(found.fault)
            return
        yield Text(f"after {card.episode:,} games, {card.steps:,} steps, {card.updates:,} updates")
        points = card.points_won + card.points_lost
        share = f", {card.points_won / points:.0%} of all points won" if points else ""
        yield Text(f"running reward {words.signed(card.running_reward)}{share}")
        rated = self._strengths.rated.get(ref.model, {}).get(ref.episode)
        if rated is not None:
            matches = f"{rated.matches:,} match{'es' if rated.matches != 1 else ''}"
            yield Text(f"rating {rated.rating:,.0f} ± {rated.uncertainty:,.0f} from {matches}")
        saved = local_time(card.created, "%d %b %Y, %H:%M")
        yield Text(f"saved {saved}, {found.size / 1e6:.1f} MB", style="$muted")
