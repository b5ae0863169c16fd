"""The lab screen: experiments on learning; one key starts a run, which ends with a report."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

import numpy as np
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from pongarena.jobs.status import State, Status
from pongarena.lab.client import estimate_s
from pongarena.lab.experiments import EXPERIMENTS, Experiment, Length
from pongarena.lab.report import Results
from pongarena.lab.store import LabRun
from pongarena.tui import words
from pongarena.tui.data.curves import axes_of_arms, of_arms
from pongarena.tui.data.lab_watcher import LabSnapshot, look_at_lab
from pongarena.tui.data.library_watcher import Entry
from pongarena.tui.keys import key
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.screens.confirm import ask_before
from pongarena.tui.services import lab_runs
from pongarena.tui.widgets.plot import LinePlot
from pongarena.tui.widgets.progress_line import bar

__all__ = ["LabScreen"]

_LOOK_EVERY_S = 1.0

_BAR = 20


class LabScreen(ArcadeScreen):
    """The experiments on the left (above on a narrow screen), and the chosen one with its results."""

    HERE: ClassVar[str] = "lab"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("r", "begin('short')", "Short run", "Run the experiment briefly, for a first impression"),
        key("l", "begin('proper')", "Long run", "Run it with enough seeds to tell a difference"),
        key("space", "pause", "Pause", "Pause the shown run, or resume it"),
        key("s", "stop", "Stop", "Stop the shown run; what was played is kept"),
        key("d", "delete", "Delete", "Delete the shown run; it can be brought back"),
        key("left_square_bracket", "other(-1)", "Run", "Show the previous run", shown_as="["),
        key("right_square_bracket", "other(1)", "Run", "Show the next run", shown_as="]"),
        key("pagedown", "scroll(1)", "Scroll", "Scroll the report", shown_as="PgDn"),
        Binding("pageup", "scroll(-1)", "Scroll up", show=False),
    ]

    DEFAULT_CSS = """
    LabScreen {
        #body { layout: horizontal; }
        #side { width: 26; height: 1fr; border-right: solid $border; }
        #experiments { height: 1fr; width: 1fr; border: none; padding: 1 0 0 1; background: $background; }
        #experiments:focus { border: none; }
        #bench { width: 1fr; height: 1fr; padding: 1 1 0 2; scrollbar-size-vertical: 1; }
        #bench > Static { height: auto; max-width: 92; margin: 0 0 1 0; }
        #arms { height: 14; max-width: 110; margin: 0 0 1 0; }
        &.-narrow #body { layout: vertical; }
        &.-narrow #side { width: 1fr; height: 6; border-right: none; border-bottom: solid $border; }
        &.-narrow #experiments { padding: 0 1; }
        &.-narrow #bench { padding: 0 1; }
        &.-narrow #arms { height: 12; }
    }
    """

    @dataclass
    class Seen(Message):
        """A thread has read the lab's folder."""

        sight: LabSnapshot

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, LabScreen.Seen)

    def __init__(self) -> None:
        super().__init__()
        self._sight = LabSnapshot()
        self._number = 0
        self._wanted: dict[str, str] = {}
        self._starting = ""

    @property
    def _experiment(self) -> Experiment:
        return EXPERIMENTS[self._number]

    def compose_body(self) -> ComposeResult:
        with Vertical(id="side"):
            yield OptionList(*(Option(each.title) for each in EXPERIMENTS), id="experiments")
        with VerticalScroll(id="bench", can_focus=False):
            yield Static("", id="state")
            yield Static("", id="claims")
            yield LinePlot(x_label="k steps (points won, %)", empty="no points yet", id="arms")
            yield Static("", id="table")
            yield Static("", id="about")

    def on_mount(self) -> None:
        experiments = self.query_one("#experiments", OptionList)
        experiments.highlighted = 0
        experiments.focus()
        self._draw()
        self.set_interval(_LOOK_EVERY_S, self._look_if_seen)
        self._look()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.is_mounted:
            self._look()

    def chosen(self) -> Entry | None:
        """Return None: the lab's networks are no models of the library."""
        return None

    # -- looking

    def _look_if_seen(self) -> None:
        if self.is_active:
            self._look()

    @work(thread=True, exclusive=True, group="look")
    def _look(self) -> None:
        worker = get_current_worker()
        sight = look_at_lab(self._experiment, self._wanted.get(self._experiment.name))
        if not worker.is_cancelled:
            self.post_message(self.Seen(sight))

    def on_lab_screen_seen(self, message: Seen) -> None:
        self._sight = message.sight
        self._draw()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index != self._number:
            self._number = event.option_index
            self._draw()
            self.query_one("#bench").scroll_home(animate=False)
            self._look()

    def _shown(self) -> tuple[LabRun, Status] | None:
        """Return the shown run of the chosen experiment."""
        return self._sight.chosen(self._experiment, self._wanted.get(self._experiment.name))

    # -- drawing

    def _draw(self) -> None:
        self._draw_list()
        shown = self._shown()
        results = self._sight.results if shown and self._sight.shown == shown[0].id else None
        self.query_one("#state", Static).update(self._state_words(shown))
        plot = self.query_one("#arms", LinePlot)
        plot.display = results is not None and any(np.isfinite(arm.median).any() for arm in results.arms)
        for name in ("claims", "table"):
            self.query_one(f"#{name}").display = results is not None
        if shown and results:
            timed = bool(shown[0].length.seconds)
            series = of_arms(results.arms, seconds=timed)
            y_range, unit = axes_of_arms(series, seconds=timed)
            plot.show(series, y_range=y_range, x_label=f"{unit} (points won, %)")
            self.query_one("#claims", Static).update(_claims(results))
            self.query_one("#table", Static).update(_table(results, shown[0]))
        self.query_one("#about", Static).update(_about(self._experiment))
        self.refresh_bindings()

    def _draw_list(self) -> None:
        experiments = self.query_one("#experiments", OptionList)
        for number, each in enumerate(EXPERIMENTS):
            mine = self._sight.of(each)
            glyph = words.GLYPHS[mine[-1][1].state] if mine else " "
            text = f"{glyph} {each.title}"
            if str(experiments.get_option_at_index(number).prompt) != text:
                experiments.replace_option_prompt_at_index(number, text)

    def _state_words(self, shown: tuple[LabRun, Status] | None) -> Content:
        lines = [Content.from_markup("[b]$question[/]", question=self._experiment.question)]
        if self._starting:
            lines.append(Content(f"◌ {self._starting} begins: the games are being loaded …"))
        elif shown is not None:
            lines.append(self._progress(*shown))
        else:
            lines.append(Content.from_markup("[$muted]Not tried yet.[/]"))
        estimates = " · ".join(
            f"{each.name}: {each.seeds} seeds × {each}, "
            f"about {words.duration(estimate_s(self._experiment, each, self._sight.speeds))}"
            for each in self._experiment.lengths
        )
        if not self._experiment.lengths[0].seconds:
            known = self._sight.speeds
            estimates += f" ({'as fast as earlier runs here' if known else 'a guess until the first run'})"
        lines.append(Content.from_markup("[$muted]$text[/]", text=estimates))
        broken = [run for run, _ in self._sight.runs if run.fault is not None]
        for reason in [self._sight.fault] * bool(self._sight.fault) + [run.fault or "" for run in broken]:
            lines.append(Content.from_markup("[$error]✗ $text[/]", text=reason))
        return Content("\n").join(lines)

    def _progress(self, run: LabRun, status: Status) -> Content:
        share = min(1.0, status.steps / run.amount)
        if status.state is State.FINISHED:
            length = run.length
            head = f"✓ {run.id} is complete: seeds 1–{length.seeds}, {length} each"
            head += f"\nits report: {run.report}"
            return Content.from_markup("[$success]$text[/]", text=head)
        now = f"\n  {status.message}" if status.active and status.message else ""
        hint = "" if status.active else "  (space resumes)"
        if status.state is State.STARTING:
            now = "\n  the games are being loaded …"
        done = f"{bar(status.steps, run.amount, _BAR)} {share:.0%}"
        text = f"{words.GLYPHS[status.state]} {run.id} {status.state}  {done}{now}{hint}"
        content = Content(text)
        if status.state is State.CRASHED:
            content += Content.from_markup("\n[$error]$text[/]", text=status.message)
        return content

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "checkpoint":
            return False
        if action == "other":
            return len(self._sight.of(self._experiment)) > 1
        if action == "delete":
            shown = self._shown()
            return shown is not None and not shown[1].active
        if action in ("pause", "stop"):
            shown = self._shown()
            is_open = shown is not None and shown[1].state is not State.FINISHED
            return is_open if action == "pause" else is_open and shown is not None and shown[1].active
        return super().check_action(action, parameters)

    def action_begin(self, name: str) -> None:
        if self._starting:
            return
        size = next(each for each in self._experiment.lengths if each.name == name)
        if size is self._experiment.lengths[0]:
            self._begin(size)
            return
        how_long = words.duration(estimate_s(self._experiment, size, self._sight.speeds))
        question = (
            f"Run {self._experiment.title!r} in full? It takes about {how_long} of this machine, in the "
            "background; it can be paused and stopped at any time."
        )
        ask_before(self.app, question, "Begin", lambda: self._begin(size))

    def _begin(self, size: Length) -> None:
        asked = self._experiment
        self._starting = asked.title

        def task() -> str:
            words = lab_runs.begin(asked, size, self.arcade.is_cancelled)
            self._wanted.pop(asked.name, None)
            return words

        self._attempt(task)

    def _attempt(self, task: Callable[[], str]) -> None:
        self._draw()

        def done() -> None:
            self._starting = ""
            self._look()

        def failed(reason: str) -> None:
            done()
            self.notify(reason, severity="error", timeout=10, markup=False)

        self.arcade.attempt(task, done, failed)

    def action_pause(self) -> None:
        shown = self._shown()
        if shown is None:
            self.notify("There is no run here yet; r begins one", severity="warning")
            return
        self._attempt(lambda: lab_runs.pause_or_go_on(*shown, self.arcade.is_cancelled))

    def action_stop(self) -> None:
        shown = self._shown()
        if shown is None or not shown[1].active:
            self.notify("No run is active here; r begins one", severity="warning")
            return
        run = shown[0]
        question = f"Stop {run.id}? What was played is kept; space resumes it from there."
        ask_before(self.app, question, "Stop", lambda: self._attempt(lambda: lab_runs.stop(run)))

    def action_delete(self) -> None:
        shown = self._shown()
        if shown is None:
            self.notify("There is no run here yet; r begins one", severity="warning")
            return
        run = shown[0]
        question = f"Delete {run.id} with all its results? It can be brought back."
        ask_before(self.app, question, "Delete", lambda: self._attempt(lambda: lab_runs.delete(run)))

    def action_other(self, by: int) -> None:
        mine, shown = [run.id for run, _ in self._sight.of(self._experiment)], self._shown()
        if shown is not None:
            place = min(max(mine.index(shown[0].id) + by, 0), len(mine) - 1)
            self._wanted[self._experiment.name] = mine[place]
            self._draw()
            self._look()

    def action_scroll(self, by: int) -> None:
        bench = self.query_one("#bench")
        bench.scroll_relative(y=by * max(1, bench.size.height - 2), animate=False)


def _about(asked: Experiment) -> Content:
    parts = [
        Content.from_markup("[b $left]What is varied[/]\n$text", text=asked.varied),
        Content.from_markup("[b $left]What to expect, and why[/]\n$text", text=asked.expectation),
    ]
    return Content("\n\n").join(parts)


def _claims(results: Results) -> Content:
    heading = "What came out" if results.complete else "So far (not complete)"
    lines = [Content.from_markup("[b $left]$text[/]", text=heading)]
    lines += [Content(f"• {claim}") for claim in results.claims()]
    if follows := results.outlook("do the long run (l)"):
        lines.append(Content.from_markup("[b $left]What follows[/]"))
        lines.append(Content(follows))
    return Content("\n").join(lines)


def _table(results: Results, run: LabRun) -> Content:
    lines = [f"  {'variant':<22}{'seeds':>6}  {'median at end':>15}   {'lowest – highest seed':<22}"]
    for number, arm in enumerate(results.arms, 1):
        ends = [part.end for part in arm.parts if part.end is not None]
        values = [share.value for share in ends]
        spread = f"{min(values):.1%} – {max(values):.1%}" if values else "–"
        middle = f"{median(values):.1%}" if values else "–"
        done = f"{len(arm.ends)}/{run.length.seeds}"
        lines.append(f"{number} {arm.name:<22}{done:>6}  {middle:>15}   {spread:<22}")
    return Content("\n".join(lines))
