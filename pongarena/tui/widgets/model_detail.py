"""The details of one model."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static, TabbedContent, TabPane

from pongarena.core.errors import PongArenaError
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.training.settings import setting_label
from pongarena.tui import words
from pongarena.tui.data.curves import Axis, Measure, detailed
from pongarena.tui.data.library_watcher import CurveView, Entry, LibrarySnapshot
from pongarena.tui.widgets.card_text import card_text
from pongarena.tui.widgets.explore_plot import ExplorePlot
from pongarena.tui.widgets.family_tree import FamilyTree
from pongarena.tui.widgets.learning import LearningView
from pongarena.tui.widgets.neurons import Neurons, NeuronWall
from pongarena.tui.widgets.rivals import RivalsView
from pongarena.tui.widgets.timeline import TimelineView

TABS = (
    ("curve", "Curve"),
    ("learning", "Learning?"),
    ("rivals", "Rivals"),
    ("saved", "Checkpoints"),
    ("family", "Family"),
    ("neurons", "Neurons"),
    ("card", "About"),
    ("settings", "Settings"),
    ("log", "Log"),
)


class ModelDetail(Vertical):
    """Title, learning curve, and tabs; in a small terminal the curve is the first tab."""

    DEFAULT_CSS = """
    ModelDetail {
        & > #title { height: 1; padding: 0 1; text-style: bold; }
        & > #large { height: 1fr; padding: 0 1; }
        & TabPane { padding: 0 1; }
        & Tab { padding: 0 1 0 0; }
        & > TabbedContent { height: 1fr; }
        & ContentSwitcher { height: 1fr; }
        & TabPane { height: 1fr; }
        & VerticalScroll { scrollbar-size-vertical: 1; }
    }
    """

    @dataclass
    class Seen(Message):
        """A thread has made the pictures of a checkpoint's neurons, or failed."""

        path: Path
        neurons: Neurons | None

    def __init__(self) -> None:
        super().__init__(id="detail")
        self._entry: Entry | None = None
        self._curve: CurveView | None = None
        self._pictured: Path | None = None
        self._axis, self._measure = Axis.DECISIONS, Measure.WON

    def compose(self) -> ComposeResult:
        """Make the curve twice, above the tabs and as a tab; `fit` shows one of them."""
        yield Static("", id="title")
        yield ExplorePlot(x_label="games", id="large")
        with TabbedContent(id="tabs"):
            for name, title in TABS:
                with TabPane(title, id=f"tab-{name}"):
                    yield from self._compose_tab(name)

    def _compose_tab(self, name: str) -> ComposeResult:
        views: dict[str, Callable[[], Widget]] = {
            "learning": LearningView,
            "rivals": RivalsView,
            "saved": TimelineView,
            "family": FamilyTree,
        }
        if name == "curve":
            yield ExplorePlot(x_label="games", id="small")
        elif name in views:
            yield views[name]()
        elif name == "neurons":
            with VerticalScroll():
                yield NeuronWall()
        else:
            with VerticalScroll(id=f"{name}-scroll"):
                yield Static("", id=name, markup=False)

    def fit(self, wide: bool) -> None:
        """Show the curve above the tabs if there is room, else as a tab."""
        tabs = self.query_one(TabbedContent)
        self.query_one("#large").display = wide
        if wide:
            if tabs.active == "tab-curve":
                tabs.active = "tab-learning"
            tabs.hide_tab("tab-curve")
        else:
            tabs.show_tab("tab-curve")

    def turn_page(self, by: int) -> None:
        """Show the next (1) or the previous tab (−1)."""
        tabs = self.query_one(TabbedContent)
        names = [f"tab-{name}" for name, _ in TABS]
        if self.query_one("#large").display:
            names.remove("tab-curve")
        tabs.active = names[(names.index(tabs.active) + by) % len(names)]

    def look_closer(self) -> None:
        """Focus the curve; from there, the content of the open tab."""
        large = self.query_one("#large", ExplorePlot)
        pane = self.query_one(TabbedContent).active_pane
        inside = [each for each in pane.query("*") if each.focusable] if pane else []
        if large.display and not large.has_focus:
            large.focus()
        elif inside:
            inside[0].focus()

    def turn_axis(self) -> None:
        """Switch the curve to the next axis: steps, minutes, games."""
        self._axis = self._axis.next()
        self._draw_curve()

    def turn_measure(self) -> None:
        """Switch between the share of points won and the results of games."""
        self._measure = self._measure.other()
        self._draw_curve()

    def show(self, entry: Entry | None, look: LibrarySnapshot) -> None:
        name = entry.name if entry else ""
        curve = look.curves.get(name)
        other = entry is None or self._entry is None or entry.name != self._entry.name
        if other or entry != self._entry or curve is not self._curve:
            self.query_one(LearningView).show(entry, curve)
            self._show_texts(entry, curve)
        if other:
            for plot in self.query(ExplorePlot):
                plot.forget()
        redraw = other or curve is not self._curve
        self._entry, self._curve = entry, curve
        if redraw:
            self._draw_curve()
        self.query_one(TimelineView).show(entry, look.strengths)
        self.query_one(RivalsView).show(entry, curve, look.strengths)
        self.query_one(FamilyTree).show(entry, look)
        self._show_log(entry, look.logs.get(name, ""))
        self._picture_neurons()

    def _draw_curve(self) -> None:
        entry, curve = self._entry, self._curve
        empty = "too few points played yet; space starts its training"
        if entry is not None and entry.status.active:
            empty = "the first points are being played …"
        elif curve is not None and len(curve.history.games):
            empty = "too few points played yet; y shows the results of games"
        if curve is not None and curve.share_read < 1:
            empty = f"reading the curve: {curve.share_read:.0%} …"
        if entry is not None and entry.model.fault is not None:
            empty = "this model's folder is damaged; see the Log tab"
        series = detailed(curve, self._axis, self._measure)
        label = f"{self._axis} ({self._measure})"
        for plot in self.query(ExplorePlot):
            plot.show(series, empty, x_label=label)

    def _show_texts(self, entry: Entry | None, curve: CurveView | None) -> None:
        title, settings, card = (self.query_one(f"#{name}", Static) for name in ("title", "settings", "card"))
        if entry is None:
            for part in (title, settings, card):
                part.update("")
            return
        title.update(_title(entry, curve))
        settings.update(_settings(entry))
        card.update(card_text(entry))

    def _show_log(self, entry: Entry | None, log: str) -> None:
        parts = []
        if entry is not None:
            parts = [entry.model.fault or "", entry.notes.fault, entry.status.message]
            if self._curve is not None and self._curve.damaged:
                parts.append(
                    f"{entry.model.path / 'metrics.jsonl'} has {self._curve.damaged:,} lines that cannot be "
                    "read; the curve is drawn without them"
                )
            parts += [entry.status.traceback, log]
        text = "\n\n".join(part.strip() for part in parts if part.strip())
        self.query_one("#log", Static).update(text or "the log is empty")

    def on_tabbed_content_tab_activated(self) -> None:
        """Read the weights when the tab of neurons opens."""
        self._picture_neurons()

    def _picture_neurons(self) -> None:
        if self.query_one(TabbedContent).active != "tab-neurons" or self._entry is None:
            return
        path = None
        if self._entry.checkpoints and self._entry.model.fault is None:
            path = self._entry.model.checkpoint(self._entry.checkpoints[-1]).path
        if path == self._pictured:
            return
        self._pictured = path
        if path is None:
            self.query_one(NeuronWall).show(None)
        else:
            self._look_inside(path)

    @work(thread=True, exclusive=True, group="neurons")
    def _look_inside(self, path: Path) -> None:
        try:
            neurons = Neurons.of(read_checkpoint(path).policy)
        except PongArenaError:
            neurons = None
        self.post_message(self.Seen(path, neurons))

    def on_model_detail_seen(self, message: Seen) -> None:
        message.stop()
        if message.path == self._pictured:
            self.query_one(NeuronWall).show(message.neurons)


def _title(entry: Entry, curve: CurveView | None) -> Text:
    text = Text.assemble((words.shorten(entry.name, 30), "bold"), "  ")
    if entry.model.fault is not None:
        return text.append("! damaged", style="$error")
    text.append_text(words.state(entry.status) if not entry.model.bundled else Text("▣ built in"))
    if curve is not None and curve.share_read < 1:
        return text.append(f"  reading its curve: {curve.share_read:.0%}", style="$muted")
    if entry.strength is not None:
        text.append(f"  {words.strength(entry.strength)}", style="$muted")
    if entry.notes.tags:
        text.append("  " + " ".join(f"#{tag}" for tag in entry.notes.tags), style="italic")
    return text


def _settings(entry: Entry) -> Table | Text:
    recipe = entry.model.recipe
    if recipe is None:
        return Text(entry.model.fault or "unknown")
    table = Table.grid(padding=(0, 2))
    table.add_row(Text("recipe", style="$muted"), Text(recipe.name))
    table.add_row(Text("seed", style="$muted"), Text(str(entry.model.seed)))
    for field in fields(recipe):
        value = getattr(recipe, field.name)
        table.add_row(
            Text(setting_label(field.name), style="$muted"),
            Text(f"{value:,}" if isinstance(value, int) else str(value)),
        )
    return table
