"""The terminal app.

The code that reads the library, and numpy with it, is imported in a thread, after the first paint.
"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Timer
from types import FrameType
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App
from textual.events import Resize
from textual.worker import get_current_worker

from pongarena.core import paths
from pongarena.core.errors import PongArenaError
from pongarena.core.interrupts import Interrupted, asking
from pongarena.core.notification import notification
from pongarena.library.preferences import read_preferences, update_preferences
from pongarena.tui.cached_stylesheet import Sheets
from pongarena.tui.data.wake_event import WakeEvent
from pongarena.tui.driver import end_at_once, terminal_size, tolerant
from pongarena.tui.messages import Done, Failed, LibraryChanged, MatchEnded
from pongarena.tui.navigation import PLACES, Navigation, Place
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.screens.too_small import TooSmallScreen, is_too_small
from pongarena.tui.services.match_jobs import MatchEnd, MatchRequest, missing_display, play
from pongarena.tui.theme import DEFAULT_THEME, THEMES, rich_styles

if TYPE_CHECKING:
    from textual.driver import Driver

    from pongarena.jobs.status import Status
    from pongarena.library.models import Library
    from pongarena.library.sessions.milestones import News
    from pongarena.match.result import MatchResult
    from pongarena.tui.commands import ArcadeCommands
    from pongarena.tui.data.library_watcher import LibrarySnapshot
    from pongarena.tui.services.sessions import Sessions

__all__ = ["PongArenaApp", "run"]

_LEAVING_S = 4.0
"""How long the app may take to exit after a signal."""

_SETTLED_S = 0.25
"""How long after a resize the size of the terminal is read again."""

_CRASHED = (
    "pongarena ended because of the error above; start it again (what runs in the background goes on), "
    "and if it recurs, report it with the output of pongarena doctor"
)


def arcade_commands() -> "type[ArcadeCommands]":
    """Return the provider of the command palette, imported when the palette opens."""
    from pongarena.tui.commands import ArcadeCommands  # noqa: PLC0415 (the first paint does not need them)

    return ArcadeCommands


class PongArenaApp(App[None]):
    """The app. Threads read files and start processes, and post messages back.

    Attributes:
        navigation: Opens screens.
        has_looked: Whether the library was read yet.
        wanted: The models whose curves and logs are followed, besides those with a session.
        matches: How many match windows are open.
        pending_match: A match to show in the terminal; the watch screen takes it.
        last_match: The score of the last match in the terminal when it was left.
    """

    TITLE = "pongarena"
    CSS_PATH = Path(__file__).with_name("pongarena.tcss")
    COMMANDS: ClassVar = {arcade_commands}
    COMMAND_PALETTE_BINDING = (
        "ctrl+backslash"  # the screens bind ctrl+p themselves, to show it in the key bar
    )
    DEFAULT_MODE = "home"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 (Textual's name)
        (0, "-narrow"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-low"),
        (32, "-high"),
    ]

    def __init__(self, mode: str = DEFAULT_MODE, places: Sequence[Place] = PLACES) -> None:
        """Make the app.

        Args:
            mode: The main screen to begin with.
            places: The main screens.
        """
        self.DEFAULT_MODE = mode  # type: ignore[misc]  # Textual's constructor reads it
        super().__init__()
        self.navigation = Navigation(self, places)
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
        self.pending_match: MatchRequest | None = None
        self.last_match: MatchResult | None = None
        self._wake_event = WakeEvent()
        self._last_resort: Timer | None = None

    # these four import numpy, which the first paint does not need

    @cached_property
    def library(self) -> "Library":
        """The user's models."""
        from pongarena.library.models import Library  # noqa: PLC0415

        return Library()

    @cached_property
    def sessions(self) -> "Sessions":
        """The training sessions."""
        from pongarena.tui.services.sessions import Sessions  # noqa: PLC0415

        return Sessions(self.library)

    @cached_property
    def look(self) -> "LibrarySnapshot":
        """The latest snapshot of the library."""
        from pongarena.tui.data.library_watcher import LibrarySnapshot  # noqa: PLC0415

        return LibrarySnapshot()

    @work(thread=True)
    def _follow(self) -> None:
        from pongarena.tui.following import follow  # noqa: PLC0415

        follow(
            self.library,
            self.sessions,
            self._wake_event,
            lambda: self.wanted,
            lambda look: self.post_message(LibraryChanged(look)),
        )

    @property
    def is_leaving(self) -> bool:
        """Whether the app exits: the screens may have lost their widgets."""
        return self._exit or not self.is_running

    def watch_theme(self, name: str) -> None:
        """Apply the theme to Rich texts too."""
        self._push_rich_styles()

    def _push_rich_styles(self) -> None:
        if self._has_rich_styles:
            self.console.pop_theme()
        self.console.push_theme(rich_styles(self.current_theme))
        self._has_rich_styles = True

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Add our own colour names for the style sheets."""
        return dict(THEMES[DEFAULT_THEME][1].variables)

    def on_mount(self) -> None:
        self.call_after_refresh(self._begin)
        self._take_care_of_continuing()
        if self._preferences.fault:
            self.notify(self._preferences.fault, severity="warning", timeout=10, markup=False)

    def _begin(self) -> None:
        if not gc.isenabled():  # the command line disabled it for a faster start
            gc.enable()
            gc.freeze()  # what is loaded by now stays loaded: later collections can skip it
        self._follow()

    def on_resize(self, event: Resize) -> None:
        """Redraw, and cover everything when the terminal has become too small."""
        # the terminal may have cut text off, even when it is back at its old size by now
        self.screen.refresh()
        self.set_timer(_SETTLED_S, self._look_at_the_terminal)
        if is_too_small(event.size) and not isinstance(self.screen, TooSmallScreen):
            self.push_screen(TooSmallScreen())

    def _look_at_the_terminal(self) -> None:
        """Read the size again: Linux signals a new size before it sets it; Textual may have read the old."""
        size = self.size if self.is_headless else terminal_size() or self.size
        if size != self.size:
            self.post_message(Resize(size, size))

    def _take_care_of_continuing(self) -> None:
        """Keep a stopped and continued process from reading its keys in two threads.

        Textual resumes at every SIGCONT, even when a debugger or ``kill -STOP`` stopped the process and
        Textual had not suspended itself. Then two threads read the keys, and the app cannot exit.
        """
        if self.is_headless or not hasattr(signal, "SIGCONT"):
            return
        resume, driver = signal.getsignal(signal.SIGCONT), self._driver

        def go_on(number: int, frame: FrameType | None) -> None:
            if callable(resume) and getattr(driver, "_must_signal_resume", True):
                resume(number, frame)

        signal.signal(signal.SIGCONT, go_on)

    def get_driver_class(self) -> "type[Driver]":
        """Return Textual's driver, made to survive invalid input."""
        return tolerant(super().get_driver_class())

    def leave_by_signal(self, number: int) -> None:
        """Exit as if the user had asked; when that takes too long, restore the terminal and end the process.

        Note: a signal handler calls this, between any two instructions.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # the app does not run yet, or no longer
            raise Interrupted from None
        loop.call_soon_threadsafe(self.exit)
        if self._last_resort is None:
            self._last_resort = Timer(_LEAVING_S, end_at_once, (self._driver, 128 + number))
            self._last_resort.daemon = True
            self._last_resort.start()

    def _fatal_error(self) -> None:
        """End on an error; show no traceback when a signal has asked the app to exit."""
        if self._last_resort is None:
            super()._fatal_error()
        else:
            self._close_messages_no_wait()

    @property
    def has_crashed(self) -> bool:
        """Whether an error ended the app, not the user or a signal."""
        return self.return_code != 0 and self._last_resort is None  # None: the input thread failed

    def has_left(self) -> None:
        """Cancel the forced end: the terminal is restored. One that has begun ends the process here."""
        if self._last_resort is not None:
            self._last_resort.cancel()
            self._last_resort.join()

    def on_unmount(self) -> None:
        self._wake_event.end()

    def follow(self, *names: str) -> None:
        """Follow the curves and logs of these models, besides those with a session."""
        self.wanted = frozenset(names)
        self._wake_event.ring()

    def on_library_changed(self, message: LibraryChanged) -> None:
        before, knew = self.look, self.has_looked
        self.look, self.has_looked = message.look, True
        if self.is_leaving:
            return
        if knew:
            self._tell_news(before)
        for screen in reversed(self.screen_stack):
            if isinstance(screen, ArcadeScreen) and screen.is_mounted:
                screen.show_look(self.look)
            if not screen.is_modal:
                break  # it covers all others; they are drawn when they come back

    def _tell_news(self, before: "LibrarySnapshot") -> None:
        """Notify of training news since an earlier snapshot, in the way the settings say."""
        from pongarena.tui.data.news import news_between  # noqa: PLC0415 (numpy)

        news = news_between(before, self.look)
        how = read_preferences(paths.data_dir()).tell if news else ""
        for each in news:
            if how != "off":
                self.notify(str(each), title="Training", timeout=10, markup=False)
            if how in ("bell", "terminal"):
                self.bell()
            if how == "terminal" and self._driver is not None and not self.is_headless:
                self._driver.write(notification(str(each), os.environ))
            if (entry := self.look.entry(each.model)) is not None:
                self._run_own_command(each, entry.status)

    def _run_own_command(self, news: "News", status: "Status") -> None:
        """Run the user's command for a session whose process was killed and could not run it itself."""
        from pongarena.library.sessions.milestones import Milestone, command_of, tell  # noqa: PLC0415
        from pongarena.tui.data.news import died_silently  # noqa: PLC0415

        if news.milestone is Milestone.DIED and died_silently(status):
            self.attempt(lambda: tell(command_of(self.library.root.parent), news))

    def choose_theme(self, name: str) -> None:
        """Change the theme, and save it in the preferences."""
        self.theme = name

        def task() -> str:
            update_preferences(paths.data_dir(), theme=name)
            return ""

        self.attempt(task)

    def play_against(self, player: str) -> None:
        """Start a match in a window at once, or in the terminal when there is no display.

        Args:
            player: ``ai``, or ``model@game``.
        """
        self.start_match(MatchRequest("human", player, here=bool(missing_display(os.environ, sys.platform))))

    def action_go(self, name: str) -> None:
        self.navigation.go(name)

    @staticmethod
    def is_cancelled() -> bool:
        """Return whether the worker of the calling thread was cancelled."""
        return get_current_worker().is_cancelled

    @work(thread=True)
    def attempt(
        self,
        task: Callable[[], str],
        then: Callable[[], object] | None = None,
        otherwise: Callable[[str], object] | None = None,
    ) -> None:
        """Run a task that may take a while or fail in a thread.

        Args:
            task: The task; it returns what to tell the user.
            then: Called in the app when the task is done.
            otherwise: Called in the app with the reason when the task failed, instead of a notification.
        """
        try:
            words = task()
        except PongArenaError as error:
            self.post_message(Failed(str(error), otherwise))
        else:
            self.post_message(Done(words, then))
        self._wake_event.ring()

    def on_done(self, message: Done) -> None:
        if message.words:
            self.notify(message.words, markup=False)
        if message.then is not None:
            message.then()

    def on_failed(self, message: Failed) -> None:
        if message.otherwise is not None:
            message.otherwise(message.reason)
        else:
            self.notify(message.reason, severity="error", timeout=10, markup=False)

    @work(thread=True)
    def open_match(self, request: MatchRequest) -> None:
        """Open a match window, and wait for its end in a thread."""
        try:
            end = play(request, self.is_cancelled)
        except PongArenaError as error:
            end = MatchEnd(request, error=str(error))
        if end is not None:
            self.post_message(MatchEnded(end))

    def start_match(self, request: MatchRequest) -> None:
        """Open a match window, or go to the watch screen for a match in the terminal."""
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
        self.matches -= 1
        end = message.end
        self.notify(
            end.words(),
            title="No match" if end.error else "Match",
            severity="error" if end.error else "information",
            timeout=15,
            markup=False,
        )


def run(mode: str = PongArenaApp.DEFAULT_MODE, match: MatchRequest | None = None) -> "MatchResult | None":
    """Run the app until the user quits; then print which sessions and tournaments keep running.

    Args:
        mode: The main screen to begin with.
        match: A match for the watch screen to begin with.

    Returns:
        The score of the last match in the terminal when it was left; None when there was none.

    Raises:
        SystemExit: With status 1 after an error that nothing caught; the traceback was printed.
    """
    app = PongArenaApp(mode)
    app.pending_match = match
    with asking(app.leave_by_signal):
        app.run()
    app.has_left()
    if app.has_crashed:
        print(_CRASHED, file=sys.stderr)
    if app.return_code != 0:
        sys.exit(1)
    # not loaded yet when the user quit at once
    from pongarena.tui.data.library_watcher import LibraryWatcher  # noqa: PLC0415
    from pongarena.tui.services import tournaments  # noqa: PLC0415

    for words in (app.sessions.farewell(LibraryWatcher(app.library).look(set())), tournaments.farewell()):
        if words:
            print(words)
    return app.last_match
