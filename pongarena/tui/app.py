"""The terminal app: what one trained, trains and plays, in one place.

What reads the library, and numpy with it, is imported by the thread that reads: the first paint comes before.
"""

import gc
import os
import shutil
import signal
import sys
from collections.abc import Callable, Set
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App
from textual.events import Resize
from textual.geometry import Size
from textual.worker import get_current_worker

from pongarena.core import paths
from pongarena.core.errors import PongArenaError
from pongarena.library.preferences import read_preferences, update_preferences
from pongarena.tui.cached_stylesheet import Sheets
from pongarena.tui.data.wake_event import WakeEvent
from pongarena.tui.main_screens import MODES
from pongarena.tui.messages import Done, Failed, LibraryChanged, MatchEnded
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.theme import DEFAULT_THEME, THEMES, rich_styles

if TYPE_CHECKING:
    from textual.screen import Screen

    from pongarena.library.models import Library, Model
    from pongarena.library.sessions.client import Plan
    from pongarena.match.result import MatchResult
    from pongarena.tui.commands import ArcadeCommands
    from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot
    from pongarena.tui.services.match_jobs import MatchRequest

__all__ = ["PongArenaApp", "run"]

_LOOK_EVERY_S = 1.5
"""Twice as often costs twice as much; what the user does is looked at without waiting."""

_START_PATIENCE_S = 2.0
"""How long a form waits for a session to train; one that takes longer is followed on its card."""

_BREATH_S = 0.02

_SETTLED_S = 0.25
"""After a change of the terminal's size; by then it is what it will be."""


def arcade_commands() -> "type[ArcadeCommands]":
    """The command palette's commands, imported when it is opened."""
    from pongarena.tui.commands import ArcadeCommands  # noqa: PLC0415

    return ArcadeCommands


class PongArenaApp(App[None]):
    """The app. Files are read and processes started in threads, which send messages back.

    Attributes:
        has_looked: Whether the library was looked at yet.
        wanted: The models whose curves and logs are to be followed, besides those with a session.
        matches: How many match windows are open.
        starting: The models whose session was started and has not answered yet.
        pending_match: A match that is to be shown here; the screen of matches takes it.
        last_match: How the last match that was shown here stood when it was left.
    """

    TITLE = "pongarena"
    CSS_PATH = Path(__file__).with_name("pongarena.tcss")
    COMMANDS: ClassVar = {arcade_commands}
    COMMAND_PALETTE_BINDING = (
        "ctrl+backslash"  # ctrl+p is the screens' own, because theirs is in the line of keys
    )
    MODES: ClassVar = dict(MODES)
    DEFAULT_MODE = "home"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 (Textual's name)
        (0, "-narrow"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-low"),
        (32, "-high"),
    ]

    def __init__(self, mode: str = DEFAULT_MODE) -> None:
        """Make the app.

        Args:
            mode: The main screen to begin with.
        """
        self.DEFAULT_MODE = mode  # type: ignore[misc]  # Textual reads it while it makes itself
        super().__init__()
        self.stylesheet = Sheets(variables=self.get_css_variables())
        for _, theme in THEMES.values():
            self.register_theme(theme)
        self._has_rich_styles = False
        self._preferences = read_preferences(paths.data_dir())
        self.theme = self._preferences.theme if self._preferences.theme in THEMES else DEFAULT_THEME
        self._push_rich_styles()
        self.has_looked = False
        self.wanted: frozenset[str] = frozenset()
        self.matches = 0
        self.starting: set[str] = set()
        self.pending_match: MatchRequest | None = None
        self.last_match: MatchResult | None = None
        self._wake_event = WakeEvent()

    @cached_property
    def library(self) -> "Library":
        """The user's models."""
        from pongarena.library.models import Library  # noqa: PLC0415

        return Library()

    @cached_property
    def look(self) -> "LibrarySnapshot":
        """What the library's files showed last."""
        from pongarena.tui.data.library_watcher import LibrarySnapshot  # noqa: PLC0415

        return LibrarySnapshot()

    @property
    def is_leaving(self) -> bool:
        """Whether the screens are being taken apart, and must not be asked for their widgets."""
        return self._exit or not self.is_running

    def watch_theme(self, name: str) -> None:
        """Let rich's texts follow the theme, too."""
        self._push_rich_styles()

    def _push_rich_styles(self) -> None:
        if self._has_rich_styles:
            self.console.pop_theme()
        self.console.push_theme(rich_styles(self.current_theme))
        self._has_rich_styles = True

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colour names, for the style sheets."""
        return dict(THEMES[DEFAULT_THEME][1].variables)

    def on_mount(self) -> None:
        """Begin to follow the library, as soon as there is something to see."""
        self.call_after_refresh(self._begin)
        self._take_care_of_continuing()
        if self._preferences.fault:
            self.notify(self._preferences.fault, severity="warning", timeout=10, markup=False)

    def _begin(self) -> None:
        if not gc.isenabled():  # the command line switched it off, for a faster start
            gc.enable()
            gc.freeze()  # what was loaded so far stays: later collections need not look at it
        self._follow()

    def on_resize(self, event: Resize) -> None:
        """Draw all anew, and say so when the terminal has become too small for anything else."""
        # what it cut off is gone even when it is back at its size before anybody looked
        self.screen.refresh()
        self.set_timer(_SETTLED_S, self._look_at_the_terminal)
        from pongarena.tui.screens.too_small import TooSmallScreen, is_too_small  # noqa: PLC0415

        if is_too_small(event.size) and not isinstance(self.screen, TooSmallScreen):
            self.push_screen(TooSmallScreen())

    def _look_at_the_terminal(self) -> None:
        """Take its size again: Linux signals a new size before it sets it; the old one may have been read."""
        size = self.size if self.is_headless else Size(*shutil.get_terminal_size(self.size))
        if size != self.size:
            self.post_message(Resize(size, size))

    def _take_care_of_continuing(self) -> None:
        """See to it that a process that was stopped and continued reads its keys in one thread.

        Textual starts anew at every SIGCONT, even when it was a debugger or ``kill -STOP`` that stopped the
        process, and nothing was suspended: then two threads read the keys, and leaving never ends.
        """
        if self.is_headless or not hasattr(signal, "SIGCONT"):
            return
        resume, driver = signal.getsignal(signal.SIGCONT), self._driver

        def go_on(number: int, frame: FrameType | None) -> None:
            if callable(resume) and getattr(driver, "_must_signal_resume", True):
                resume(number, frame)

        signal.signal(signal.SIGCONT, go_on)

    def on_unmount(self) -> None:
        """Let the following thread end at once."""
        self._wake_event.end()

    def follow(self, *names: str) -> None:
        """Also follow these models' curves and logs, soon."""
        self.wanted = frozenset(names)
        self._wake_event.ring()

    @work(thread=True)
    def _follow(self) -> None:
        from pongarena.tui.data.library_watcher import LibraryWatcher  # noqa: PLC0415

        watcher, last = LibraryWatcher(self.library), None
        while not self._wake_event.ended:
            look = watcher.look(self.wanted)
            if look is not last:
                self.post_message(LibraryChanged(look))
                last = look
            self._move_line_up(look)
            # a large library, or a long curve, takes several looks
            self._wake_event.sleep(_BREATH_S if look.busy else _LOOK_EVERY_S)

    def _move_line_up(self, look: "LibrarySnapshot") -> None:
        """Start who waits in line, when there is a place: the session that held it may have been killed."""
        from pongarena.library.sessions.queue import session_limit, start_waiting  # noqa: PLC0415

        waits = any(entry.status.waits for entry in look.entries)
        if waits and len(look.live) < session_limit(self.library.root):
            with suppress(PongArenaError):
                start_waiting(self.library)

    def on_library_changed(self, message: LibraryChanged) -> None:
        """Pass the new look on to the screens that show it."""
        self.look, self.has_looked = message.look, True
        if self.is_leaving:
            return
        for screen in self.screen_stack:
            if isinstance(screen, ArcadeScreen) and screen.is_mounted:
                screen.show_look(self.look)

    def choose_theme(self, name: str) -> None:
        """Change all colours, and remember it."""
        self.theme = name

        def task() -> str:
            update_preferences(paths.data_dir(), theme=name)
            return ""

        self.attempt(task)

    # -- what a screen opens above itself: it knows the app, and no other screen

    def show_help(self, screen: "Screen[Any]") -> None:
        """Show all keys of a screen."""
        from pongarena.tui.screens.help import HelpScreen  # noqa: PLC0415

        self.push_screen(HelpScreen.of(screen))

    def open_settings(self) -> None:
        """Open the settings."""
        from pongarena.tui.screens.settings import SettingsScreen  # noqa: PLC0415

        self.push_screen(SettingsScreen())

    def open_new_session(self) -> None:
        """Open the form of a new training session."""
        from pongarena.tui.screens.new_session import NewSessionScreen  # noqa: PLC0415

        self.push_screen(NewSessionScreen())

    def open_match_form(self, right: str | None) -> None:
        """Open the form of a match, with a model on the right."""
        from pongarena.tui.screens.play import PlayScreen  # noqa: PLC0415

        self.push_screen(PlayScreen(right))

    def pause_or_go_on(self, entry: "Entry") -> None:
        """Pause a running session, resume any other."""
        from pongarena.tui.screens import model_actions  # noqa: PLC0415

        model_actions.pause_or_go_on(self, entry)

    def stop(self, entry: "Entry") -> None:
        """Stop a session, after a question: what it learned is kept."""
        from pongarena.tui.screens import model_actions  # noqa: PLC0415

        model_actions.stop(self, entry)

    def save_checkpoint(self, entry: "Entry") -> None:
        """Save a checkpoint of a running session now."""
        from pongarena.tui.screens import model_actions  # noqa: PLC0415

        model_actions.save_checkpoint(self, entry)

    def play_against(self, player: str) -> None:
        """Open a match window at once; where there is no display for one, the match is played here.

        Args:
            player: ``ai``, or ``model@episode``.
        """
        from pongarena.tui.services.match_jobs import MatchRequest, missing_display  # noqa: PLC0415

        self.start_match(MatchRequest("human", player, here=bool(missing_display(os.environ, sys.platform))))

    def show_model(self, mode: str, name: str) -> None:
        """Go to a main screen, and choose a model there.

        Args:
            mode: The main screen.
            name: The model; one that is just being made is chosen as soon as it is seen.
        """
        self.switch_mode(mode)
        if isinstance(self.screen, ArcadeScreen):
            self.call_after_refresh(self.screen.choose, name)

    @work(thread=True)
    def attempt(
        self,
        task: Callable[[], str],
        then: Callable[[], object] | None = None,
        otherwise: Callable[[str], object] | None = None,
    ) -> None:
        """Do something that may take a while or fail, in a thread.

        Args:
            task: Does it, and returns what to tell the user.
            then: Called in the app when it was done.
            otherwise: Called in the app with the reason when it failed, instead of a notification.
        """
        try:
            words = task()
        except PongArenaError as error:
            self.post_message(Failed(str(error), otherwise))
        else:
            self.post_message(Done(words, then))
        self._wake_event.ring()

    def start_session(self, model: "Model", plan: "Plan | None" = None, *, now: bool = False) -> str:
        """Start a model's session, or let it wait in line; for ``attempt``.

        Waits a moment for it to train, so that a session that cannot begin says why.

        Args:
            model: The model.
            plan: How long to train, and how much of the processor to take.
            now: Start it however many others there are.

        Returns:
            What to tell the user.

        Raises:
            PongArenaError: When it cannot begin.
        """
        from pongarena.jobs.status import State  # noqa: PLC0415
        from pongarena.library.sessions.queue import session_limit, start_or_wait  # noqa: PLC0415

        worker = get_current_worker()
        self.starting.add(model.name)
        try:
            status = start_or_wait(
                self.library,
                model,
                plan,
                now=now,
                patience_s=_START_PATIENCE_S,
                # what it says is shown on its card
                leave=lambda status: worker.is_cancelled or bool(status.message),
            )
        finally:
            if not worker.is_cancelled:
                self.starting.discard(model.name)
        if status.state is State.QUEUED:
            limit = session_limit(self.library.root)
            busy = "another session trains" if limit == 1 else f"{limit} sessions train"
            return f"{model.name} waits in line: {busy} already, and it begins when one ends"
        if status.state is State.STARTING:
            return f"{model.name} is starting{f': {status.message}' if status.message else ''}"
        return f"{model.name} trains"

    def on_done(self, message: Done) -> None:
        """Tell the user, and go on."""
        if message.words:
            self.notify(message.words, markup=False)
        if message.then is not None:
            message.then()

    def on_failed(self, message: Failed) -> None:
        """Tell the user why not."""
        if message.otherwise is not None:
            message.otherwise(message.reason)
        else:
            self.notify(message.reason, severity="error", timeout=10, markup=False)

    @work(thread=True)
    def open_match(self, request: "MatchRequest") -> None:
        """Open a match window, and wait for its end in a thread."""
        from pongarena.tui.services import match_jobs as jobs  # noqa: PLC0415

        worker = get_current_worker()
        try:
            end = jobs.play(request, lambda: worker.is_cancelled)
        except PongArenaError as error:
            end = jobs.MatchEnd(request, error=str(error))
        if end is not None:
            self.post_message(MatchEnded(end))

    def start_match(self, request: "MatchRequest") -> None:
        """Open a match window and say so; or go to where matches are shown here."""
        from pongarena.match.result import call  # noqa: PLC0415

        if request.here:
            self.pending_match = request
            self.switch_mode("watch")
            return
        self.matches += 1
        left, right = call(request.left, request.right)
        words = f"{left} against {right}: the window opens; close it to see the result here"
        self.notify(words, title="Match", markup=False)
        self.open_match(request)

    def on_match_ended(self, message: MatchEnded) -> None:
        """Tell the result, or why there is none."""
        self.matches -= 1
        end = message.end
        self.notify(
            end.words(),
            title="No match" if end.error else "Match",
            severity="error" if end.error else "information",
            timeout=15,
            markup=False,
        )


def run(mode: str = PongArenaApp.DEFAULT_MODE, match: "MatchRequest | None" = None) -> "MatchResult | None":
    """Run the app until the user leaves; then say which sessions go on without it.

    Args:
        mode: The main screen to begin with.
        match: A match to begin there, on the screen of matches.

    Returns:
        How the last match stood that was shown in the terminal; None when there was none.
    """
    app = PongArenaApp(mode)
    app.pending_match = match
    app.run()
    from pongarena.tui.data.library_watcher import LibraryWatcher  # noqa: PLC0415

    if words := farewell(LibraryWatcher(app.library).look(set()), app.starting):
        print(words)
    if words := tournament_farewell():
        print(words)
    return app.last_match


def tournament_farewell() -> str:
    """Which tournaments are played on without the app; empty when none is."""
    from pongarena.core.errors import LibraryError  # noqa: PLC0415
    from pongarena.match.tournament import tournaments  # noqa: PLC0415
    from pongarena.match.tournament_run import read_run  # noqa: PLC0415

    try:
        names = [each.id[-6:] for each in tournaments() if not each.fault and read_run(each).running]
    except LibraryError:
        return ""
    if not names:
        return ""
    keep = "1 tournament is" if len(names) == 1 else f"{len(names)} tournaments are"
    return f"{keep} played on: {', '.join(names)}; `pongarena tournament stop {names[0]}` ends it"


def farewell(look: "LibrarySnapshot", starting: Set[str] = frozenset()) -> str:
    """Which sessions keep running, just start, or wait in line; empty when none does."""
    waiting = {entry.name for entry in look.entries if entry.status.waits}
    names = sorted(({entry.name for entry in look.live} | starting) - waiting)
    if not names and not waiting:
        return ""
    keep = "1 session keeps" if len(names) == 1 else f"{len(names)} sessions keep"
    parts = [f"{keep} running: {', '.join(names)}"] if names else []
    parts += [f"in line: {', '.join(sorted(waiting))}"] if waiting else []
    return f"{'; '.join(parts)}; `pongarena sessions` lists them"
