"""Everything about one model."""

from dataclasses import dataclass, fields
from pathlib import Path

from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static, TabbedContent, TabPane

from pongarena.agent.checkpoint import read_card, read_checkpoint
from pongarena.errors import PongArenaError
from pongarena.library.card import read_opponent_card
from pongarena.tui import words
from pongarena.tui.theme import GREEN, ORANGE
from pongarena.tui.watch import CurveView, Entry
from pongarena.tui.widgets.learning import LearningView
from pongarena.tui.widgets.neurons import Neurons, NeuronWall
from pongarena.tui.widgets.plot import LinePlot, Series


def curve_series(curve: CurveView | None) -> list[Series]:
    """The two curves of a model: each game as a dot, the running reward as a line above them."""
    if curve is None:
        return []
    return [
        Series("each game", curve.episodes, curve.rewards, dots=True),
        Series("running reward", curve.episodes, curve.running),
    ]


class ModelDetail(Vertical):
    """Title, learning curve, and tabs; where there is little room the curve is the first tab."""

    DEFAULT_CSS = """
    ModelDetail {
        & > #title { height: 1; padding: 0 1; text-style: bold; }
        & > #large { height: 1fr; padding: 0 1; }
        & TabPane { padding: 0 1; }
        & > TabbedContent { height: 1fr; }
        & ContentSwitcher { height: 1fr; }
        & TabPane { height: 1fr; }
    }
    """

    @dataclass
    class Seen(Message):
        """The pictures of a checkpoint's neurons, made in a thread."""

        path: Path
        neurons: Neurons | None

    def __init__(self) -> None:
        super().__init__(id="detail")
        self._entry: Entry | None = None
        self._curve: CurveView | None = None
        self._pictured: Path | None = None

    def compose(self) -> ComposeResult:
        """The curve twice: large above the tabs, and as a tab; the style sheet shows one of them."""
        yield Static("", id="title")
        yield LinePlot(x_label="games", id="large")
        with TabbedContent(id="tabs"):
            with TabPane("Curve", id="tab-curve"):
                yield LinePlot(x_label="games", id="small")
            with TabPane("Learning?", id="tab-learning"):
                yield LearningView()
            with TabPane("Card", id="tab-card"), VerticalScroll():
                yield Static("", id="card")
            with TabPane("Settings", id="tab-settings"), VerticalScroll():
                yield Static("", id="settings")
            with TabPane("Family", id="tab-family"), VerticalScroll():
                yield Static("", id="family")
            with TabPane("Neurons", id="tab-neurons"), VerticalScroll():
                yield NeuronWall()
            with TabPane("Log", id="tab-log"), VerticalScroll(id="log-scroll"):
                yield Static("", id="log", markup=False)

    def fit(self, wide: bool) -> None:
        """Use the room: the large curve where there is some, the tab elsewhere."""
        tabs = self.query_one(TabbedContent)
        self.query_one("#large").display = wide
        if wide:
            if tabs.active == "tab-curve":
                tabs.active = "tab-learning"
            tabs.hide_tab("tab-curve")
        else:
            tabs.show_tab("tab-curve")

    def show(self, entry: Entry | None, curve: CurveView | None, log: str) -> None:
        """Show a model."""
        other = entry is None or self._entry is None or entry.name != self._entry.name
        if other or entry != self._entry or curve is not self._curve:
            self.query_one(LearningView).show(entry, curve)
        if entry != self._entry:
            self._entry = entry
            self._show_texts(entry)
        if other or curve is not self._curve:
            self._curve = curve
            empty = "no game finished yet; space starts its training"
            if entry is not None and entry.status.active:
                empty = "the first game is being played …"
            if entry is not None and entry.model.fault is not None:
                empty = "this model's folder is damaged; see the Log tab"
            for plot in self.query("#large, #small").results(LinePlot):
                plot.show(curve_series(curve), empty)
        self._show_log(entry, log)
        self._picture_neurons()

    def _show_texts(self, entry: Entry | None) -> None:
        title, settings, family, card = (
            self.query_one(f"#{name}", Static) for name in ("title", "settings", "family", "card")
        )
        tabs = self.query_one(TabbedContent)
        if entry is not None and entry.model.bundled:
            tabs.show_tab("tab-card")
            card.update(_card(entry))
        else:
            tabs.hide_tab("tab-card")
        if entry is None:
            for part in (title, settings, family):
                part.update("")
            return
        title.update(_title(entry))
        settings.update(_settings(entry))
        family.update(_family(entry))

    def _show_log(self, entry: Entry | None, log: str) -> None:
        parts = []
        if entry is not None:
            parts = [entry.model.fault or "", entry.status.message, entry.status.traceback, log]
        text = "\n\n".join(part.strip() for part in parts if part.strip())
        self.query_one("#log", Static).update(text or "the log is empty")

    def on_tabbed_content_tab_activated(self) -> None:
        """Read the weights when somebody looks at them."""
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
        """Show the neurons, unless another model was chosen meanwhile."""
        message.stop()
        if message.path == self._pictured:
            self.query_one(NeuronWall).show(message.neurons)


def _title(entry: Entry) -> Text:
    text = Text.assemble((words.shorten(entry.name, 30), "bold"), "  ")
    if entry.model.fault is not None:
        return text.append("! damaged", style="$error")
    text.append_text(words.state(entry.status) if not entry.model.bundled else Text("▣ built in"))
    if entry.score is not None:
        text.append(f"  {words.signed(entry.score)} running reward", style="$muted")
    return text


def _played(entry: Entry) -> str:
    """How many games and decisions its card tells of."""
    try:
        known = read_card(entry.model.checkpoint().path)
    except PongArenaError:
        return "trained"
    return f"trained in {known.episode:,} games, {known.steps:,} decisions, seed {known.seed},"


def _card(entry: Entry) -> Text:
    """What a bundled opponent's card tells."""
    card = read_opponent_card(entry.model.path)
    if card is None:
        return Text("no card", style="$muted")
    text = Text.assemble((f"{card.about}\n\n", "bold"))
    for rating in card.ratings:
        text.append(f"{rating}\n")
    text.append(f"\n{_played(entry)} in {card.time} on {card.machine}, by\n", style="$muted")
    for command in card.commands:
        text.append(f"  {command}\n")
    return text.append("\nbuilt in: play it or fork it; it cannot be changed", style="$muted")


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
            Text(field.name.replace("_", " "), style="$muted"),
            Text(f"{value:,}" if isinstance(value, int) else str(value)),
        )
    return table


def _family(entry: Entry) -> Text:
    text = Text()
    for depth, ancestor in enumerate((*entry.model.lineage, entry.name)):
        mine = ancestor == entry.name
        text.append("   " * max(0, depth - 1) + ("└─ " if depth else ""), style="$faint")
        text.append(ancestor, style=f"bold {GREEN}" if mine else "")
        text.append("\n" if not mine else "")
    if not entry.model.lineage:
        text.append("  began with random weights", style="$muted")
    text.append(f"\n\n{len(entry.checkpoints)} checkpoints\n", style="$muted")
    for index, episode in enumerate(entry.checkpoints):
        text.append("  " if index else "")
        text.append(f"@{episode}", style=ORANGE)
    return text
