"""The home screen: what to do next, sessions, ladder, last matches and clips."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.events import Resize
from textual.message import Message
from textual.worker import get_current_worker

from pongarena.core.errors import PongArenaError
from pongarena.tui.keys import key
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.services.match_jobs import no_window, replay
from pongarena.tui.widgets.masthead import Masthead
from pongarena.tui.widgets.picks import Picks

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.notifications import SeverityLevel

    from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot
    from pongarena.tui.data.player_rank import Standing, StandingReader

_NEXT = "What next?"
_WELCOME = "Welcome! Play Atari Pong against networks that you train yourself"

_READ_LOG_EVERY_S = 2.0

_MASTHEAD_FROM = 30
"""Lines of the terminal from which on the masthead is shown."""

_THREE_FROM = 170
"""Columns of the terminal from which on three lists stand side by side."""


class RecentMatches(Picks):
    """The last matches; those of a person can be used to train a clone."""

    BINDINGS: ClassVar[list["BindingType"]] = [
        key("i", "imitate(True)", "Clone me", "Train a model that imitates you in this match"),
        key("I", "imitate(False)", "", "Train a model that imitates you in your latest matches"),
    ]

    @dataclass
    class Imitate(Message):
        """A clone was requested from these matches, or from the latest ones when there are none."""

        matches: tuple[str, ...]

    def action_imitate(self, this: bool) -> None:
        if not this or self.current:
            self.post_message(self.Imitate((self.current,) if this and self.current else ()))


class HomeScreen(ArcadeScreen):
    """Four or five lists; Enter or a click opens any of their entries."""

    HERE: ClassVar[str] = "home"
    AUTO_FOCUS = "#next"
    BINDINGS: ClassVar[list["BindingType"]] = [
        ("left", "sideways(-1)"),
        ("right", "sideways(1)"),
    ]

    DEFAULT_CSS = """
    HomeScreen {
        & #body {
            layout: grid; grid-size: 2; grid-columns: 1fr 1fr; grid-rows: auto auto 1fr; grid-gutter: 1 2;
            padding: 0 1;
        }
        & Masthead { display: none; column-span: 2; }
        & #next, & #sessions { column-span: 2; }
        & #ladder, & #matches { height: 1fr; }
    }
    HomeScreen {
        & #clips { display: none; }
        &.-roomy #body { grid-rows: auto 1fr 1fr; grid-gutter: 1 4; padding: 0 2; }
        &.-roomy Masthead { display: block; }
        &.-roomy #next, &.-roomy #sessions { column-span: 1; height: 1fr; }
        &.-clips #body { grid-rows: auto 1fr 1fr 6; }
        &.-clips #ladder { row-span: 2; }
        &.-clips #clips { display: block; height: 1fr; }
        &.-vast #body { grid-size: 3; grid-columns: 4fr 5fr 4fr; }
        &.-vast Masthead { column-span: 3; }
        &.-vast #sessions { column-span: 2; }
        &.-vast.-clips #body { grid-rows: auto 1fr 1fr; }
        &.-vast.-clips #ladder { row-span: 1; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._reader: StandingReader | None = None
        self._standing: Standing | None = None

    def compose_body(self) -> ComposeResult:
        yield Masthead()
        yield Picks(_NEXT, id="next")
        yield Picks("Training", id="sessions")
        yield Picks("Ladder", id="ladder")
        yield RecentMatches("Last matches", id="matches")
        yield Picks("Last clips", id="clips")

    def on_mount(self) -> None:
        """Read the match log regularly; snapshots of the library do not contain it."""
        self.set_interval(_READ_LOG_EVERY_S, self._read_log)

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= 110 and event.size.height >= _MASTHEAD_FROM, "-roomy")
        self.set_class(self.has_class("-roomy") and event.size.width >= _THREE_FROM, "-vast")
        if self.arcade.has_looked:
            self._show()

    def on_screen_resume(self) -> None:
        self._read_log()

    def show_look(self, look: "LibrarySnapshot") -> None:
        super().show_look(look)
        if self._standing is None:
            self._read_log()
        self._show()

    def _show(self) -> None:
        # these import numpy, which the first paint does not need
        from pongarena.tui.data.suggestions import suggest  # noqa: PLC0415
        from pongarena.tui.widgets import home_rows as rows  # noqa: PLC0415

        look, standing, roomy = self.arcade.look, self._standing, self.has_class("-roomy")
        found = suggest(look, standing)
        newcomer = {"Play your first match", "Train your first agent"} <= {each.title for each in found}
        found = found[: 6 if roomy else max(1, min(3, 7 - len(look.live) - len(look.jobs)))]
        self._list("next").show(
            lambda *_: rows.next_rows(found, tall=roomy), title=_WELCOME if newcomer else _NEXT
        )
        self._list("sessions").show(
            lambda *size: rows.session_rows(look, *size, tall=roomy),
            title="Background work" if look.jobs else "Training",
        )
        if standing is not None:
            self._list("ladder").show(
                lambda *size: rows.ladder_rows(standing, *size, tall=roomy),
                title=rows.ladder_title(standing.ladder),
                begin_at=standing.ladder.next_rival if standing.ladder else None,
            )
            self._list("matches").show(lambda width, _: rows.match_rows(standing, width))
            vast = self.has_class("-vast")
            self.set_class(roomy and (vast or bool(standing.clips)), "-clips")
            self._list("clips").show(lambda width, _: rows.clip_rows(standing, width))

    def _list(self, name: str) -> Picks:
        return self.query_one(f"#{name}", Picks)

    @work(thread=True, exclusive=True, group="standing")
    def _read_log(self) -> None:
        if not self.arcade.has_looked:
            return  # the first snapshot calls this again
        from pongarena.tui.data.player_rank import StandingReader  # noqa: PLC0415 (numpy, as above)

        worker = get_current_worker()
        if self._reader is None:
            self._reader = StandingReader(self.arcade.library)
        standing = self._reader.read()
        if standing is not self._standing and not worker.is_cancelled:
            self.app.call_from_thread(self._take, standing)

    def _take(self, standing: "Standing") -> None:
        self._standing = standing
        if not self.arcade.is_leaving:
            self._show()

    def chosen(self) -> "Entry | None":
        """Return the model under the cursor, else the first live one; None on other background work."""
        look, focused = self.arcade.look, self.focused
        key = focused.current if isinstance(focused, Picks) else None
        if isinstance(focused, Picks) and focused.id == "sessions" and key is not None:
            return look.entry(key)
        name = key.partition("@")[0].rpartition(" ")[2] if key is not None else None
        return look.entry(name) or next(iter(look.live), None)

    def _columns(self) -> list[list[str]]:
        """Return the lists by column, as they are laid out."""
        if self.has_class("-vast"):
            return [["next", "ladder"], ["sessions", "matches"], ["sessions", "clips"]]
        if self.has_class("-roomy"):
            clips = ["clips"] if self.has_class("-clips") else []
            return [["next", "ladder"], ["sessions", "matches", *clips]]
        return [["next", "sessions", "ladder"], ["next", "sessions", "matches"]]

    def on_picks_leaving(self, event: Picks.Leaving) -> None:
        column = next(each for each in self._columns() if event.picks.id in each)
        place = column.index(event.picks.id or "") + event.by
        if 0 <= place < len(column):
            self._list(column[place]).focus()

    def action_sideways(self, by: int) -> None:
        """Go to the list in the next column, at the same height if possible."""
        columns, here = self._columns(), getattr(self.focused, "id", None)
        places = [number for number, each in enumerate(columns) if here in each]
        if not places:
            return
        beside = (places[-1] if by > 0 else places[0]) + by
        if 0 <= beside < len(columns) and here is not None:
            row = columns[places[0]].index(here)
            name = columns[beside][min(row, len(columns[beside]) - 1)]
            if name != here:
                self._list(name).focus()

    def on_picks_picked(self, event: Picks.Picked) -> None:
        event.stop()
        match event.picks.id:
            case "next":
                deed, _, target = event.key.partition(" ")
                self._do(deed, target)
            case "sessions":
                kind, space, _ = event.key.partition(" ")
                if space:
                    self.arcade.navigation.go(kind)
                else:
                    self.arcade.navigation.show_model("training", event.key)
            case "clips":
                self.notify(event.key, title="Clip", markup=False)
                self.app.open_url(Path(event.key).as_uri())
            case "ladder":
                self.arcade.play_against(event.key)
            case "matches":
                self._replay(event.key)

    def on_recent_matches_imitate(self, event: RecentMatches.Imitate) -> None:
        # it imports numpy, which the first paint does not need
        from pongarena.tui.screens.model_actions import imitate_and_train  # noqa: PLC0415

        imitate_and_train(self.arcade, event.matches)

    def _do(self, deed: str, target: str) -> None:
        match deed:
            case "play":
                self.arcade.play_against(target)
            case "train":
                self.action_new()
            case "resume":
                self.action_pause()
                self.arcade.navigation.show_model("training", target)
            case "show":
                self.arcade.navigation.show_model("library", target)
            case "go":
                self.arcade.navigation.go(target)

    def _replay(self, match: str) -> None:
        if self._standing is None or match not in self._standing.recorded:
            words = "This match was not recorded, so it cannot be replayed; only its result was saved."
            self.notify(words, severity="warning")
            return
        if reason := no_window(match):
            self.notify(reason, title="Replay", severity="warning", timeout=10, markup=False)
            return
        self.notify("the window opens and replays the match exactly", title="Replay")
        self._open_replay(match)

    @work(thread=True, group="replays")
    def _open_replay(self, match: str) -> None:
        worker = get_current_worker()
        try:
            words, failed = replay(match, lambda: worker.is_cancelled), False
        except PongArenaError as error:
            words, failed = str(error), True
        if words and not worker.is_cancelled:
            self.app.call_from_thread(self._tell, words, failed)

    def _tell(self, words: str, failed: bool) -> None:
        severity: SeverityLevel = "error" if failed else "information"
        self.notify(words, title="Replay", severity=severity, timeout=10, markup=False)
