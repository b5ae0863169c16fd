"""The screen of one session: points, instruments, weights, log, and the actions on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import numpy as np
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.worker import get_current_worker

from pongarena.core.errors import PongArenaError
from pongarena.library.measured import share_of_bare
from pongarena.library.model import Model
from pongarena.library.sessions.snapshot import Snapshot
from pongarena.library.training_series import GaugesTail, TrainingSeries
from pongarena.nn.checkpoint import read_card
from pongarena.tui.data.library_watcher import CurveView, Entry, LibrarySnapshot
from pongarena.tui.data.wake_event import WakeEvent
from pongarena.tui.keys import key
from pongarena.tui.screens import model_actions
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.services.match_jobs import MatchRequest
from pongarena.tui.widgets.explore_plot import ExplorePlot
from pongarena.tui.widgets.gauge import KINDS, GaugeView
from pongarena.tui.widgets.learning import LearningView
from pongarena.tui.widgets.live_corner import LiveCorner
from pongarena.tui.widgets.panel_tabs import PanelTabs
from pongarena.tui.widgets.session_head import session_head
from pongarena.tui.widgets.steady_text import SteadyText
from pongarena.tui.widgets.weights import SnapshotReader, WeightsView

__all__ = ["SessionScreen"]

_LOOK_EVERY_S = 1.0
_READ_S = 0.2
_LOG_LINES = 60
_MOST_PLACES = 50
"""Checkpoints whose cards are read at a time."""

PANELS = ("points", "instruments", "weights", "live", "log")
"""A small terminal shows one of them at a time."""


class SessionScreen(ArcadeScreen):
    """Shows all details of one session while it trains."""

    HERE: ClassVar[str] = "training"
    RARE_KEYS: ClassVar[tuple[str, ...]] = ("app.command_palette", "new")
    BINDINGS: ClassVar[list[BindingType]] = [
        key("escape", "back", "Back", "Back to all sessions", shown_as="esc"),
        key("left_square_bracket", "cursor(-1)", "Cursor", "Curve: previous value", shown_as="["),
        key("right_square_bracket", "cursor(1)", "Cursor", "Curve: next value", shown_as="]"),
        key("v", "watch_checkpoint", "Watch", "Watch the checkpoint under the cursor, at once"),
        key(
            "enter",
            "play_checkpoint",
            "",
            "Play against the checkpoint under the cursor, at once",
            shown_as="⏎",
        ),
        key("e", "export", "Export", "Save the curve as a table or a picture: .csv, .svg or .png"),
        key("plus,equals_sign", "zoom(1)", "", "Curve: zoom in", shown_as="+"),
        key("minus", "zoom(-1)", "", "Curve: zoom out", shown_as="−"),
        key("0", "whole", "", "Curve: show all of it, without the cursor"),
        key("l", "rate", "Rate", "Change the learning rate of the running session"),
        key("f", "fork", "Fork", "Make a new model from a checkpoint, and train it"),
        key("g", "live", "Game", "Watch it play while it learns; once more for the full size"),
        key("w", "weights", "Weights", "Show the weights, or how they changed since you came"),
        Binding("right,tab", "panel(1)", "Next view", key_display="→", show=False),
        Binding("left,shift+tab", "panel(-1)", "Previous view", key_display="←", show=False),
        Binding("pagedown", "scroll_panel(1)", "Scroll down", show=False),
        Binding("pageup", "scroll_panel(-1)", "Scroll up", show=False),
        Binding("down,j", "other(1)", "Next session", key_display="↓", show=False),
        Binding("up,k", "other(-1)", "Previous session", key_display="↑", show=False),
    ]

    DEFAULT_CSS = """
    SessionScreen {
        & #head { height: auto; padding: 0 1; }
        & #panels { height: 1fr; layout: vertical; }
        & .panel { display: none; height: 1fr; padding: 0 1; }
        & .panel.-here { display: block; }
        & #gauges { layout: grid; grid-size: 2; grid-rows: 1fr; height: 1fr; }
        & #session-log { height: auto; color: $muted; }
        & #panel-log { scrollbar-size-vertical: 1; }
        & #upper, & #lower { display: none; height: 1fr; }
        & #upper.-here, & #lower.-here { display: block; }
        & #upper > .panel, & #lower > .panel { width: 1fr; }
    }
    SessionScreen.-wide {
        & #gauges { grid-size: 4; }
    }
    SessionScreen.-wide.-high {
        & PanelTabs { display: none; }
        & .panel { display: block; }
        & #upper { display: block; height: 1fr; min-height: 10; }
        & #lower { display: block; height: 14; border-top: solid $border; }
        & #panel-points { width: 3fr; }
        & #panel-log { width: 2fr; border-left: solid $border; }
        & #panel-instruments { height: 13; }
        & #lower > #panel-live { width: 38; border-left: solid $border; }
    }
    """

    @dataclass
    class Noticed(Message):
        """A thread has read gauges, weights or checkpoints of a model."""

        name: str
        gauges: TrainingSeries | None
        snapshot: Snapshot | None
        places: dict[int, int] | None = None

    def __init__(self, name: str) -> None:
        """Show the session of the model ``name``."""
        super().__init__()
        self._model_name = name
        self._panel = PANELS[0]
        self._gauges: TrainingSeries | None = None
        self._snapshot: Snapshot | None = None
        self._places: dict[int, int] = {}
        self._share_of_bare: float | None = None
        self._wake_event = WakeEvent()

    def compose_body(self) -> ComposeResult:
        yield SteadyText(id="head")
        yield PanelTabs(dict.fromkeys(PANELS, ""))
        with Vertical(id="panels"):
            with Horizontal(id="upper"):
                with Vertical(id="panel-points", classes="panel"):
                    yield LearningView(explore=True)
                with VerticalScroll(id="panel-log", classes="panel", can_focus=False):
                    yield SteadyText(id="session-log")
            with Vertical(id="panel-instruments", classes="panel"), Container(id="gauges"):
                for kind in KINDS:
                    yield GaugeView(kind)
            with Horizontal(id="lower"):
                with Vertical(id="panel-weights", classes="panel"):
                    yield WeightsView()
                with Vertical(id="panel-live", classes="panel"):
                    yield LiveCorner()

    def on_mount(self) -> None:
        self.show_panel(self._panel)
        self._follow_gauges(self._model_name)

    def on_unmount(self) -> None:
        self._wake_event.end()

    def on_screen_resume(self) -> None:
        self.query_one(LiveCorner).watch_on(True)

    def on_screen_suspend(self) -> None:
        self.query_one(LiveCorner).watch_on(False)

    def chosen(self) -> Entry | None:
        """Return the shown model."""
        return self.arcade.look.entry(self._model_name)

    def choose(self, name: str) -> None:
        """Show another session."""
        if name == self._model_name:
            return
        self._model_name, self._gauges, self._share_of_bare = name, None, None
        self._places, self._snapshot = {}, None
        self._plot.forget()
        self.query_one(WeightsView).forget()
        self._wake_event.ring()
        self._follow_gauges(name)
        self.show_look(self.arcade.look)

    def show_look(self, look: LibrarySnapshot) -> None:
        super().show_look(look)
        entry = self.chosen()
        if entry is None:
            if self.is_active:
                self.notify(f"{self._model_name} is gone", severity="warning", markup=False)
                self.action_back()
            return
        if not self.is_active:
            return  # nobody sees it; it is drawn when it comes back
        if self.arcade.wanted != (wanted := frozenset({self._model_name})):
            self.arcade.follow(*wanted)
        curve = look.curves.get(self._model_name)
        self.query_one("#head", SteadyText).say(session_head(entry, look, self._share_of_bare))
        self.query_one(LearningView).show(entry, curve)
        self.query_one(LiveCorner).show(entry)
        self._show_gauges(entry, curve)
        self._show_weights()
        self._show_log(entry, look.logs.get(self._model_name, ""))

    def _show_gauges(self, entry: Entry, curve: CurveView | None) -> None:
        for view in self.query(GaugeView):
            if view.kind.key == "update_ratio":
                curves = self._gauges.layers("update_ratio") if self._gauges else []
            else:
                curves = [self._history(view.kind.key, entry, curve)]
            view.display = any(len(ys) for _, ys in curves)
            if view.display:
                view.show(*curves)

    def _show_weights(self) -> None:
        if self._snapshot is not None and self.is_active:
            self.query_one(WeightsView).show(self._snapshot)
            self._snapshot = None

    def _history(
        self, key: str, entry: Entry, curve: CurveView | None
    ) -> "tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]":
        nothing = np.zeros(0)
        if key == "running":
            return (curve.history.steps, curve.running) if curve is not None else (nothing, nothing)
        if self._gauges is None:
            return nothing, nothing
        xs, ys = self._gauges.known(key)
        recipe = entry.model.recipe
        if key == "learning_rate" and recipe is not None and not len(ys) and len(self._gauges.steps):
            # a constant rate, which the rows do not repeat
            return self._gauges.steps, np.full(len(self._gauges.steps), recipe.learning_rate)
        return xs, ys

    def _show_log(self, entry: Entry, log: str) -> None:
        panel = self.query_one("#panel-log", VerticalScroll)
        parts = [log.strip(), entry.status.traceback.strip()]
        lines = "\n".join(part for part in parts if part).splitlines()[-_LOG_LINES:]
        at_end = panel.max_scroll_y - panel.scroll_y < 2
        today = f"{datetime.now():%Y-%m-%d} "  # the log has the machine's own time
        text = "\n".join(line.removeprefix(today) for line in lines)
        if self.query_one("#session-log", SteadyText).say(text or "the log is empty") and at_end:
            panel.scroll_end(animate=False)

    # -- gauges and weights, read in a thread

    @work(thread=True, exclusive=True, group="gauges")
    def _follow_gauges(self, name: str) -> None:
        worker = get_current_worker()
        model = self.arcade.library.model(name)
        tail, reader = GaugesTail(model.path / "metrics.jsonl"), SnapshotReader(model)
        places: dict[int, int] = {}
        while not (worker.is_cancelled or self._wake_event.ended):
            try:
                grown = tail.refresh(_READ_S)
            except PongArenaError:
                grown = False
            snapshot, new = reader.read(), _new_places(model, places)
            places |= new
            if grown or new or snapshot is not None:
                gauges = tail.gauges if grown else None
                self.post_message(self.Noticed(name, gauges, snapshot, dict(places) if new else None))
            self._wake_event.sleep(0.02 if tail.is_behind or len(new) == _MOST_PLACES else _LOOK_EVERY_S)

    def on_session_screen_noticed(self, message: Noticed) -> None:
        message.stop()
        entry = self.chosen()
        if message.name != self._model_name or entry is None:
            return
        if message.gauges is not None:
            self._gauges = message.gauges
            self._share_of_bare = share_of_bare(self.arcade.library.root.parent, entry.model, entry.status)
            if self.is_active:
                self._show_gauges(entry, self.arcade.look.curves.get(self._model_name))
        if message.snapshot is not None:
            self._snapshot = message.snapshot
            self._show_weights()
        if message.places is not None:
            self._places = message.places
            self._show_checkpoint()

    # -- the cursor

    @property
    def _plot(self) -> ExplorePlot:
        return self.query_one("#share", ExplorePlot)

    def on_explore_plot_moved(self) -> None:
        self._show_checkpoint()

    def _under_cursor(self) -> str | None:
        """Return the last checkpoint before the cursor, or the latest without one; None if there is none."""
        if not self._places:
            return None
        cursor = self._plot.cursor()
        numbers = sorted(self._places)
        if cursor is None:
            return f"{self._model_name}@{numbers[-1]}"
        before = [each for each in numbers if self._places[each] <= 1000 * cursor]
        return f"{self._model_name}@{(before or numbers)[-1 if before else 0]}"

    def _show_checkpoint(self) -> None:
        found = self._under_cursor() if self._plot.cursor() is not None else None
        words = ""
        if found is not None:
            steps = self._places[int(found.rpartition("@")[2])]
            words = f"checkpoint {found}, after {steps:,} steps: v watches it, ⏎ plays against it"
        self.query_one(LearningView).say(words)

    def action_cursor(self, by: int) -> None:
        self._plot.action_step(by)

    def action_zoom(self, by: int) -> None:
        self._plot.action_zoom(by)

    def action_whole(self) -> None:
        self._plot.action_whole()

    def _checkpoint(self) -> str | None:
        found = self._under_cursor()
        if found is None:
            self.notify(f"{self._model_name} has no checkpoint yet", severity="warning", markup=False)
        return found

    def action_watch_checkpoint(self) -> None:
        if (found := self._checkpoint()) is not None:
            self.arcade.start_match(MatchRequest("ai", found, here=True))

    def action_play_checkpoint(self) -> None:
        if (found := self._checkpoint()) is not None:
            self.arcade.play_against(found)

    def action_export(self) -> None:
        if (entry := self.chosen()) is not None:
            model_actions.export_curve(self.arcade, (entry.name,))

    # -- keys

    def show_panel(self, panel: str) -> None:
        """Show one of the panels; a large terminal shows all of them anyway."""
        self._panel = panel
        for each in PANELS:
            self.query_one(f"#panel-{each}").set_class(each == panel, "-here")
        self.query_one("#upper").set_class(panel in ("points", "log"), "-here")
        self.query_one("#lower").set_class(panel in ("weights", "live"), "-here")
        self.query_one(PanelTabs).show(panel)

    def on_panel_tabs_pressed(self, event: PanelTabs.Pressed) -> None:
        self.show_panel(event.panel)

    def action_panel(self, by: int) -> None:
        self.show_panel(PANELS[(PANELS.index(self._panel) + by) % len(PANELS)])

    def action_scroll_panel(self, by: int) -> None:
        """Scroll the log when it is chosen, else the weights."""
        place = "#panel-log" if self._panel == "log" else "#panel-weights VerticalScroll"
        self.query_one(place, VerticalScroll).scroll_relative(y=10 * by)

    def action_other(self, by: int) -> None:
        names = [entry.name for entry in self.arcade.look.live]
        if self._model_name in names:
            self.choose(names[(names.index(self._model_name) + by) % len(names)])
        elif names:
            self.choose(names[0])

    def action_back(self) -> None:
        self.app.pop_screen()

    def action_weights(self) -> None:
        self.show_panel("weights")
        self.query_one(WeightsView).toggle()

    def action_live(self) -> None:
        if self._panel == "live" or self._shows_all:
            self.watch_live()
        else:
            self.show_panel("live")

    def on_live_corner_pressed(self) -> None:
        self.watch_live()

    def watch_live(self) -> None:
        """Watch the network at full size, while it goes on learning."""
        if self._checkpoint() is not None:
            self.arcade.start_match(MatchRequest("ai", f"{self._model_name}@live", here=True))

    @property
    def _shows_all(self) -> bool:
        """Whether there is room for all panels at a time."""
        return self.has_class("-wide") and self.has_class("-high")

    def action_rate(self) -> None:
        if (entry := self.chosen()) is not None:
            latest = self._gauges.latest("learning_rate") if self._gauges else None
            model_actions.change_learning_rate(self.arcade, entry, latest)

    def action_fork(self) -> None:
        if (entry := self.chosen()) is not None:
            model_actions.fork_and_train(self.arcade, entry)


def _new_places(model: Model, known: Mapping[int, int]) -> dict[int, int]:
    """Read the steps of checkpoints that are not known yet, some at a time."""
    found: dict[int, int] = {}
    for number in [each for each in model.checkpoints() if each not in known][:_MOST_PLACES]:
        try:
            found[number] = read_card(model.checkpoint(number).path).steps
        except PongArenaError:
            continue
    return found
