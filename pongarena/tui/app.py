"""The terminal app: what one trained, trains and plays, in one place.

What reads the library, and numpy with it, is imported by the thread that reads: the first paint comes before.
"""

import asyncio
import gc
import os
import shutil
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
from textual.geometry import Size
from textual.worker import get_current_worker

from pongarena.core import paths
from pongarena.core.errors import PongArenaError
from pongarena.core.interrupts import Interrupted, asking
from pongarena.core.notification import notification
from pongarena.library.preferences import read_preferences, update_preferences
from pongarena.tui.cached_stylesheet import Sheets
from pongarena.tui.data.wake_event import WakeEvent
from pongarena.tui.driver import end_at_once, tolerant
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
"""How long leaving may take that a signal asks for."""

_SETTLED_S = 0.25
"""After a change of the terminal's size; by then it is what it will be."""


def arcade_commands() -> "type[ArcadeCommands]":
    """The command palette's commands, imported when it is opened."""
    from pongarena.tui.commands import ArcadeCommands  # noqa: PLC0415 (the first paint does not need them)

    return ArcadeCommands


class PongArenaApp(App[None]):
    """The app. Files are read and processes started in threads, which send messages back.

    Attributes:
        navigation: Goes to screens.
        has_looked: Whether the library was looked at yet.
        wanted: The models whose curves and logs are to be followed, besides those with a session.
        matches: How many match windows are open.
        pending_match: A match that is to be shown here; the screen of matches takes it.
        last_match: How the last match that was shown here stood when it was left.
    """

    TITLE = "pongarena"
    CSS_PATH = Path(__file__).with_name("pongarena.tcss")
    COMMANDS: ClassVar = {arcade_commands}
    COMMAND_PALETTE_BINDING = (
        "ctrl+backslash"  # ctrl+p is the screens' own, because theirs is in the line of keys
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
        self.DEFAULT_MODE = mode  # type: ignore[misc]  # Textual reads it while it makes itself
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

    # numpy comes with these four, and the first paint without them

    @cached_property
    def library(self) -> "Library":
        """The user's models."""
        from pongarena.library.models import Library  # noqa: PLC0415

        return Library()

    @cached_property
    def sessions(self) -> "Sessions":
        """The sessions that train them."""
        from pongarena.tui.services.sessions import Sessions  # noqa: PLC0415

        return Sessions(self.library)

    @cached_property
    def look(self) -> "LibrarySnapshot":
        """What the library's files showed last."""
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

    def get_driver_class(self) -> "type[Driver]":
        """What reads the keys: it survives all bytes."""
        return tolerant(super().get_driver_class())

    def leave_by_signal(self, number: int) -> None:
        """Leave as if the user had; restore the terminal by hand if that takes too long.

        Note: a signal's handler calls this, between any two instructions.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # nothing is shown yet, or any more
            raise Interrupted from None
        loop.call_soon_threadsafe(self.exit)
        if self._last_resort is None:
            self._last_resort = Timer(_LEAVING_S, end_at_once, (self._driver, 128 + number))
            self._last_resort.daemon = True
            self._last_resort.start()

    def _fatal_error(self) -> None:
        """End on an error; who is made to leave while a screen is put together shows no traceback."""
        if self._last_resort is None:
            super()._fatal_error()
        else:
            self._close_messages_no_wait()

    def has_left(self) -> None:
        """The terminal is as it was."""
        if self._last_resort is not None:
            self._last_resort.cancel()

    def on_unmount(self) -> None:
        self._wake_event.end()

    def follow(self, *names: str) -> None:
        """Also follow these models' curves and logs, soon."""
        self.wanted = frozenset(names)
        self._wake_event.ring()

    def on_library_changed(self, message: LibraryChanged) -> None:
        before, knew = self.look, self.has_looked
        self.look, self.has_looked = message.look, True
        if self.is_leaving:
            return
        if knew:
            self._tell_news(before)
        for screen in self.screen_stack:
            if isinstance(screen, ArcadeScreen) and screen.is_mounted:
                screen.show_look(self.look)

    def _tell_news(self, before: "LibrarySnapshot") -> None:
        """Say what became of the trainings since a look, as the settings want it."""
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
        """Tell the user's command what the session could not tell it: that its process vanished."""
        from pongarena.library.sessions.milestones import Milestone, command_of, tell  # noqa: PLC0415
        from pongarena.tui.data.news import died_silently  # noqa: PLC0415

        if news.milestone is Milestone.DIED and died_silently(status):
            self.attempt(lambda: tell(command_of(self.library.root.parent), news))

    def choose_theme(self, name: str) -> None:
        """Change all colours, and remember it."""
        self.theme = name

        def task() -> str:
            update_preferences(paths.data_dir(), theme=name)
            return ""

        self.attempt(task)

    def play_against(self, player: str) -> None:
        """Open a match window at once; where there is no display for one, the match is played here.

        Args:
            player: ``ai``, or ``model@game``.
        """
        self.start_match(MatchRequest("human", player, here=bool(missing_display(os.environ, sys.platform))))

    def action_go(self, name: str) -> None:
        self.navigation.go(name)

    @staticmethod
    def is_cancelled() -> bool:
        """Whether nobody waits any more for what the asking thread does."""
        return get_current_worker().is_cancelled

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
    """Run the app until the user leaves; then say which sessions and tournaments go on without it.

    Args:
        mode: The main screen to begin with.
        match: A match to begin there, on the screen of matches.

    Returns:
        How the last match stood that was shown in the terminal; None when there was none.
    """
    app = PongArenaApp(mode)
    app.pending_match = match
    with asking(app.leave_by_signal):
        app.run()
    app.has_left()
    # for who has left at once, this was not loaded yet
    from pongarena.tui.data.library_watcher import LibraryWatcher  # noqa: PLC0415
    from pongarena.tui.services import tournaments  # noqa: PLC0415

    for words in (app.sessions.farewell(LibraryWatcher(app.library).look(set())), tournaments.farewell()):
        if words:
            print(words)
    return app.last_match
