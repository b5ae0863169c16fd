"""A network that plays against the CPU while it learns: small, beside the instruments of its session."""

from time import monotonic
from typing import TYPE_CHECKING, cast

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Click, Hide, Show
from textual.message import Message

from pongarena.core.errors import PongArenaError
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.jobs.status import State
from pongarena.match.players import called
from pongarena.tui.services.match_jobs import MatchRequest
from pongarena.tui.services.matchup import Follower, Table, set_table
from pongarena.tui.widgets.court import ASPECT, Court
from pongarena.tui.widgets.scoreboard import Scoreboard
from pongarena.tui.widgets.steady_text import SteadyText

if TYPE_CHECKING:
    from pongarena.tui.app import PongArenaApp
    from pongarena.tui.data.library_watcher import Entry

__all__ = ["LiveCorner"]

PICTURES_HZ = 8
"""Every seventh or eighth frame is drawn; more would cost the training more than they show."""

_MOST_AT_ONCE_S = 0.25
"""After a longer gap the match goes on from where it stood."""

_LONGEST = 60_000
"""Frames after which a match begins anew: two networks may rally for ever."""

_ON_HOLD = {
    State.PAUSED: "paused, as the training is",
    State.STARTING: "plays as soon as it learns",
}
"""What is said while the session is there and nothing is learned."""


class LiveCorner(Vertical):
    """One match after the other, none of them logged: score, court, and which checkpoint plays."""

    DEFAULT_CSS = """
    LiveCorner {
        height: 1fr; align-horizontal: center;
        & > Scoreboard { background: $background; }
        & > #live-words { height: 1; color: $muted; text-align: center; }
    }
    """

    class Pressed(Message):
        """Somebody clicked on the match, to see it large."""

    def __init__(self) -> None:
        super().__init__(id="live")
        self._entry: Entry | None = None
        self._table: Table | None = None
        self._is_shown = self._is_active = self._is_reading = False
        self._fault = ""
        self._played_at = 0.0

    def compose(self) -> ComposeResult:
        yield Scoreboard()
        court = Court()
        court.themed = True
        yield court
        yield SteadyText(id="live-words")

    def on_mount(self) -> None:
        self._clock = self.set_interval(1 / PICTURES_HZ, self._tick, pause=True)

    def on_unmount(self) -> None:
        self._end_match()

    @property
    def is_playing(self) -> bool:
        """Whether the match goes on now: not while it is covered or hidden, nor while nothing learns."""
        learns = self._entry is not None and self._entry.status.state is State.RUNNING
        return self._is_shown and self._is_active and self._table is not None and learns

    @property
    def table(self) -> Table | None:
        """The match, and whom it follows; None before there is a checkpoint."""
        return self._table

    def show(self, entry: "Entry") -> None:
        """Show a model's network, as it is saved by now."""
        if self._entry is None or entry.name != self._entry.name:
            self._end_match()
            self._fault = ""
            self.query_one(Court).show(None)
        self._entry = entry
        self._follow()

    def watch_on(self, wanted: bool) -> None:
        """Play on, or stand still while something else covers the screen."""
        self._is_active = wanted
        self._follow()

    def on_show(self, event: Show) -> None:
        self._is_shown = True
        self._follow()

    def on_hide(self, event: Hide) -> None:
        self._is_shown = False
        self._follow()

    def on_resize(self) -> None:
        """Give the court the shape of the field, and the lines above and below its width."""
        lines = max(1, self.size.height - 2)
        columns = max(1, min(self.size.width, round(ASPECT * lines)))
        self.query_one(Court).styles.height = lines
        for child in self.children:
            child.styles.width = columns

    def on_click(self, event: Click) -> None:
        event.stop()
        self.post_message(self.Pressed())

    # -- whom it follows

    def _follow(self) -> None:
        """Seat the network, or its newest checkpoint, where somebody looks on; then play."""
        entry, table = self._entry, self._table
        if entry is not None and self._is_shown and self._is_active and not self._is_reading:
            follower = table.followers[0] if table is not None else None
            if follower is None and entry.checkpoints and entry.status.active and not self._fault:
                self._is_reading = True
                self._sit_down(entry.name)
            elif table is not None and follower is not None:
                newest = follower.news(self._app.look)
                if newest is not None:
                    self._is_reading = True
                    self._reload(table, follower, newest)
        self._say()
        self._played_at = monotonic()
        (self._clock.resume if self.is_playing else self._clock.pause)()

    @property
    def _app(self) -> "PongArenaApp":
        return cast("PongArenaApp", self.app)

    @work(thread=True, group="live")
    def _sit_down(self, name: str) -> None:
        try:
            table = set_table(self._app.library, MatchRequest("ai", f"{name}@live"), log=False)
        except PongArenaError as error:
            self.app.call_from_thread(self._take, name, None, str(error))
        else:
            self.app.call_from_thread(self._take, name, table, "")

    def _take(self, name: str, table: Table | None, fault: str) -> None:
        self._is_reading = False
        if not self.is_mounted or self._entry is None or self._entry.name != name:
            if table is not None:
                table.showing.stop()
        else:
            self._table, self._fault = table, fault
        if self.is_mounted:
            self._follow()

    @work(thread=True, group="live")
    def _reload(self, table: Table, follower: Follower, episode: int) -> None:
        table.reload(self._app.library, follower, episode)
        self.app.call_from_thread(self._has_reloaded)

    def _has_reloaded(self) -> None:
        self._is_reading = False
        if self.is_mounted:
            self._follow()

    def _end_match(self) -> None:
        table, self._table = self._table, None
        if table is not None:
            table.showing.stop()

    def _say(self) -> None:
        self.query_one("#live-words", SteadyText).say(self._words())

    def _words(self) -> str:
        entry, follower = self._entry, self._table.followers[0] if self._table is not None else None
        if entry is None or self._fault:
            return self._fault
        if follower is None:
            return "waits for the first checkpoint" if entry.status.active else "no training now"
        if not entry.status.active:
            return f"as of game {follower.episode:,}; training ended"
        return follower.reason or _ON_HOLD.get(
            entry.status.state, f"as of game {follower.episode:,} · now {entry.episode:,}"
        )

    # -- the match

    def _tick(self) -> None:
        """Play what is due since the last picture, and draw it."""
        if self._table is None or not self.screen.is_active:
            return
        driver, now = self._table.showing, monotonic()
        gap, self._played_at = now - self._played_at, now
        frames = round(min(gap, _MOST_AT_ONCE_S) * FRAME_RATE_HZ)
        if driver.match.over or driver.match.frames >= _LONGEST:
            driver.rematch()
        for _ in range(frames):
            driver.tick()
        picture = driver.state()
        left, right = called(driver.match.specs, picture.names)
        names = (left, right.partition("@")[0])  # which checkpoint it is stands below
        self.query_one(Scoreboard).show(names, ("", ""), picture.score)
        self.query_one(Court).show(picture)
