"""The terminal app: what one trained, trains and plays, in one place.

What reads the library, and numpy with it, is imported by the thread that reads: the first paint comes before.
"""

import threading
from collections.abc import Callable, Set
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App
from textual.worker import get_current_worker

from pongarena.errors import PongArenaError
from pongarena.tui.messages import Done, Failed, LibraryChanged, MatchEnded
from pongarena.tui.places import MODES
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.theme import PHOSPHOR

if TYPE_CHECKING:
    from pongarena.library.models import Library, Model
    from pongarena.tui.jobs import MatchRequest
    from pongarena.tui.watch import Look

__all__ = ["PongArenaApp", "run"]

_LOOK_EVERY_S = 0.5


class PongArenaApp(App[None]):
    """The app. Files are read and processes started in threads, which send messages back.

    Attributes:
        has_looked: Whether the library was looked at yet.
        wanted: The models whose curves and logs are to be followed, besides those with a session.
        matches: How many match windows are open.
        starting: The models whose session was started and has not answered yet.
    """

    TITLE = "pongarena"
    CSS_PATH = "pongarena.tcss"
    ENABLE_COMMAND_PALETTE = False
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
        self.register_theme(PHOSPHOR)
        self.theme = PHOSPHOR.name
        self.has_looked = False
        self.wanted: frozenset[str] = frozenset()
        self.matches = 0
        self.starting: set[str] = set()
        self._wake = threading.Event()

    @cached_property
    def library(self) -> "Library":
        """The user's models."""
        from pongarena.library.models import Library  # noqa: PLC0415

        return Library()

    @cached_property
    def look(self) -> "Look":
        """What the library's files showed last."""
        from pongarena.tui.watch import Look  # noqa: PLC0415

        return Look()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colour names, for the style sheets."""
        return dict(PHOSPHOR.variables)

    def on_mount(self) -> None:
        """Begin to follow the library."""
        self._follow()

    def on_unmount(self) -> None:
        """Let the following thread end at once."""
        self._wake.set()

    def follow(self, name: str | None) -> None:
        """Also follow this model's curve and log, soon."""
        self.wanted = frozenset({name} if name else ())
        self._wake.set()

    @work(thread=True)
    def _follow(self) -> None:
        from pongarena.tui.watch import Watcher  # noqa: PLC0415

        worker, watcher, last = get_current_worker(), Watcher(self.library), None
        while not worker.is_cancelled:
            look = watcher.look(self.wanted)
            if look is not last:
                self.post_message(LibraryChanged(look))
                last = look
            self._wake.wait(_LOOK_EVERY_S)
            self._wake.clear()

    def on_library_changed(self, message: LibraryChanged) -> None:
        """Pass the new look on to the screens that show it."""
        self.look, self.has_looked = message.look, True
        for screen in self.screen_stack:
            if isinstance(screen, ArcadeScreen) and screen.is_mounted:
                screen.show_look(self.look)

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
        self._wake.set()

    def start_session(self, model: "Model", episodes: int | None = None) -> str:
        """Start a model's session; for ``attempt``. Waits for it no longer than the app is there.

        Returns:
            What to tell the user.

        Raises:
            PongArenaError: When it cannot begin.
        """
        from pongarena.library import session  # noqa: PLC0415

        worker = get_current_worker()
        self.starting.add(model.name)
        try:
            session.start_session(model, episodes=episodes, cancelled=lambda: worker.is_cancelled)
        finally:
            if not worker.is_cancelled:
                self.starting.discard(model.name)
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
        from pongarena.tui import jobs  # noqa: PLC0415

        worker = get_current_worker()
        try:
            end = jobs.play(request, lambda: worker.is_cancelled)
        except PongArenaError as error:
            end = jobs.MatchEnd(request, error=str(error))
        if end is not None:
            self.post_message(MatchEnded(end))

    def start_match(self, request: "MatchRequest") -> None:
        """Open a match window and say so."""
        self.matches += 1
        words = f"{request.left} against {request.right}: the window opens; close it to see the result here"
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


def run() -> None:
    """Run the app until the user leaves; then say which sessions go on without it."""
    app = PongArenaApp()
    app.run()
    from pongarena.tui.watch import Watcher  # noqa: PLC0415

    if words := farewell(Watcher(app.library).look(set()), app.starting):
        print(words)
    if words := tournament_farewell():
        print(words)


def tournament_farewell() -> str:
    """Which tournaments are played on without the app; empty when none is."""
    from pongarena.errors import LibraryError  # noqa: PLC0415
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


def farewell(look: "Look", starting: Set[str] = frozenset()) -> str:
    """Which sessions keep running, those included that are just starting; empty when none does."""
    names = sorted({entry.name for entry in look.live} | starting)
    if not names:
        return ""
    keep = "1 session keeps" if len(names) == 1 else f"{len(names)} sessions keep"
    return f"{keep} running: {', '.join(names)}; `pongarena sessions` lists them"
