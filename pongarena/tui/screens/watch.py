"""The watch screen: matches in the terminal, also against sessions while they learn."""

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Resize
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from pongarena.core.errors import PongArenaError
from pongarena.game.cartridge import Side
from pongarena.match.driver import FULL_SPEED, SLOWER, SPEEDS
from pongarena.tui.data.match_ups import MatchUp, match_ups
from pongarena.tui.diff_compositor import SpanCompositor
from pongarena.tui.keys import key
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.services.match_jobs import MatchRequest, save_clip
from pongarena.tui.services.matchup import Follower, Table, set_table
from pongarena.tui.widgets.stage import FINE_ROWS, STEP_ROWS, Stage

if TYPE_CHECKING:
    from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot

__all__ = ["WatchScreen"]

_SETTLED_S = 0.4
"""Seconds after which a resize of the terminal is over."""

_OF_A_MATCH = frozenset(
    {
        *("again", "imitate", "clip", "checkpoint", "pause", "restart", "pace", "slow", "step"),
        *("minds", "colours", "lobby", "push", "nudge"),
    }
)
"""Actions that need a match."""

_GENERAL = ("help", "app.quit", "new", "settings", "app.command_palette")
"""Actions of every main screen that mean the same here."""


def _is_general(binding: BindingType) -> bool:
    return isinstance(binding, Binding) and binding.action.startswith(_GENERAL)


class WatchScreen(ArcadeScreen, inherit_bindings=False):
    """Shows a list of suggested matches, then the chosen match."""

    HERE: ClassVar[str] = "watch"
    RARE_KEYS: ClassVar[tuple[str, ...]] = (
        "app.command_palette",
        "play",
    )  # a second line would cost the court
    BINDINGS: ClassVar[list[BindingType]] = [
        key("space,p", "pause", "Pause", "Pause the match, or go on"),
        key("enter", "again", "", "Begin, or play again when the match is over", shown_as="⏎"),
        key("r", "restart", "Restart", "Start a new match of the same two players"),
        key("up", "push('right', -1)", "", "Move your paddle up; hold to go on", shown_as="↑"),
        key("down", "push('right', 1)", "", "Move your paddle down; hold to go on", shown_as="↓"),
        key("shift+up", "nudge('right', -1)", "", "Move it up a little"),
        key("shift+down", "nudge('right', 1)", "", "Move it down a little"),
        key("w", "push('left', -1)", "", "Move the left paddle up, if two people play"),
        key("s", "push('left', 1)", "", "Move the left paddle down, if two people play"),
        key("minus", "pace(-1)", "Slow", "Slow motion, down to an eighth", shown_as="-"),
        key(
            "plus,equals_sign",
            "pace(1)",
            "Fast",
            "Faster; people play at the game's own speed at most",
            shown_as="+",
        ),
        key("t", "slow", "", "Slow motion: 1, 1/2, 1/4"),
        key("full_stop,n", "step", "", "Pause, and play one frame", shown_as="."),
        key("o", "minds", "Minds", "Show the networks' minds, or the game alone"),
        key("f8", "colours", "", "Show the cartridge's colours, or the app's"),
        key("u", "checkpoint", "Newest", "Have the session save a checkpoint, and play with that"),
        key("i", "imitate", "", "Train a model that imitates you in the finished match"),
        key("f9", "clip", "Clip", "Save the last 15 seconds of the finished match as a clip"),
        key("p", "play", "Choose players", "Choose any two players"),
        key("escape", "lobby", "List", "Leave the match and choose another one"),
        *(each for each in ArcadeScreen.BINDINGS if _is_general(each)),
    ]

    DEFAULT_CSS = """
    WatchScreen #lobby { width: 1fr; height: 1fr; padding: 1 2; }
    WatchScreen #lobby-head { height: auto; padding: 0 0 1 0; }
    WatchScreen #match-ups { height: 1fr; border: none; background: $background; padding: 0;
        scrollbar-size-vertical: 1; }
    WatchScreen #lobby-foot { height: auto; padding: 1 0 0 0; color: $muted; }
    WatchScreen #stage { display: none; }
    WatchScreen.-playing #stage { display: block; }
    WatchScreen.-playing #lobby { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._compositor = SpanCompositor()
        self._table: Table | None = None
        self._offers: tuple[MatchUp, ...] = ()
        self._away = False
        self._reloading = False

    def compose_body(self) -> ComposeResult:
        with Vertical(id="lobby"):
            yield Static(
                "[b]Watch and play[/] here in the terminal: Enter or a click begins. Beside each: its points "
                "a game against the CPU, and your matches and points against it.",
                id="lobby-head",
            )
            yield OptionList(id="match-ups", markup=False)
            yield Static("", id="lobby-foot", markup=False)
        yield Stage()

    def chosen(self) -> "Entry | None":
        """Return the model that plays; with two, the right one."""
        request = self._table.request if self._table else None
        for name in (request.right, request.left) if request else ():
            if (entry := self.arcade.look.entry(name.partition("@")[0])) is not None:
                return entry
        return None

    @property
    def stage(self) -> Stage:
        """The widget that shows the match."""
        return self.query_one(Stage)

    def on_mount(self) -> None:
        self._offer(self.arcade.look)

    def on_unmount(self) -> None:
        self._end_match()

    def on_screen_resume(self) -> None:
        """Begin a match that another screen requested; a match of machines goes on, a person's waits."""
        super().on_screen_resume()
        request, self.arcade.pending_match = self.arcade.pending_match, None
        if request is not None:
            self.begin(request)
        elif self._table is not None:
            if self._away and not self._table.showing.hands:
                self._table.showing.resume()
            self.stage.watch_on(True)
        self._away = False
        self._paint_all_soon()

    def on_resize(self, event: Resize) -> None:
        """Redraw everything, as the terminal may have changed what it showed."""
        self._paint_all_soon()

    def _paint_all_soon(self) -> None:
        self.set_timer(_SETTLED_S, self.refresh)

    def on_screen_suspend(self) -> None:
        """Pause the match, as nobody sees it."""
        self.stage.watch_on(False)
        if self._table is not None and not self._table.showing.paused:
            self._table.showing.pause()
            self._away = True

    def show_look(self, look: "LibrarySnapshot") -> None:
        """Update the list, or the networks of running sessions in the match."""
        super().show_look(look)
        if self._table is None:
            self._offer(look)
        else:
            self._follow(look)

    @work(thread=True, exclusive=True, group="table")
    def begin(self, request: MatchRequest) -> None:
        """Read the networks, and begin the match."""
        try:
            table = set_table(self.arcade.library, request)
        except PongArenaError as error:
            self.app.call_from_thread(self._refuse, str(error))
        else:
            self.app.call_from_thread(self._sit_down, table)

    def _sit_down(self, table: Table) -> None:
        if not self.is_mounted or self.arcade.is_leaving:
            table.showing.stop()
            return
        self._leave_table()
        self._table = table
        table.showing.start()
        self.add_class("-playing")
        self.stage.note = ""
        self._follow(self.arcade.look)
        self.set_focus(None)
        self.stage.take(table.showing)
        if self.is_active:
            self.stage.watch_on(True)
        self.refresh_bindings()

    def _refuse(self, reason: str) -> None:
        self.notify(reason, title="No match", severity="error", timeout=10, markup=False)

    def _leave_table(self) -> None:
        self.stage.watch_on(False)
        self.stage.take(None)
        self._end_match()

    def _end_match(self) -> None:
        table, self._table = self._table, None
        if table is None:
            return
        table.showing.stop()
        self.arcade.last_match = table.showing.result()
        if table.showing.fault:
            self._refuse(table.showing.fault)

    def _follow(self, look: "LibrarySnapshot") -> None:
        table = self._table
        if table is None or not table.followers or self._reloading:
            return
        news = [(each, each.news(look)) for each in table.followers]
        stale = [(follower, episode) for follower, episode in news if episode is not None]
        self.stage.note = " · ".join(each.words for each in table.followers)
        if stale:
            self._reloading = True
            self._reload(table, stale)

    @work(thread=True, group="reload")
    def _reload(self, table: Table, stale: list[tuple[Follower, int]]) -> None:
        for follower, episode in stale:
            table.reload(self.arcade.library, follower, episode)
        self._reloading = False
        self.app.call_from_thread(self._follow, self.arcade.look)

    def _offer(self, look: "LibrarySnapshot") -> None:
        """Fill the list if it has changed; keep the highlighted place."""
        offers = match_ups(look)
        if offers == self._offers:
            return
        options = self.query_one("#match-ups", OptionList)
        marked = options.highlighted
        self._offers = offers
        options.set_options([Option(each.prompt(), id=str(i)) for i, each in enumerate(offers)])
        options.highlighted = min(marked or 0, len(offers) - 1)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index < len(self._offers):
            self.query_one("#lobby-foot", Static).update(self._offers[event.option_index].words)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        request = self._offers[event.option_index].request
        if request is None:
            self.action_play()
        else:
            self.begin(request)

    def on_stage_begin(self) -> None:
        self.action_again()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow keys of the match only during a match, and keys of the paddles only for people."""
        table = self._table
        if table is None:
            return action not in _OF_A_MATCH
        over, hands = table.showing.match.over, bool(table.showing.hands)
        allowed = {
            "again": over or table.showing.paused,
            "imitate": over and hands,
            "clip": over,
            "checkpoint": bool(table.followers),
            "new": False,
            "play": False,
            "push": hands,
            "nudge": hands,
        }
        return allowed.get(action, True)

    def action_pause(self) -> None:
        if self._table is not None:
            self._table.showing.toggle_pause()
            self.stage.look()

    def action_again(self) -> None:
        """Begin or resume the match; after its end, play again."""
        if self._table is None:
            return
        showing = self._table.showing
        if showing.match.over:
            showing.rematch()
        showing.resume()
        self.stage.look()

    def action_imitate(self) -> None:
        """Ask for the name of a clone; the match was logged when it ended."""
        from pongarena.tui.screens.model_actions import imitate_and_train  # noqa: PLC0415

        if self._table is not None:
            imitate_and_train(self.arcade, (self._table.showing.match.id,))

    def action_clip(self) -> None:
        """Film the end of the match; it was logged when it ended."""
        if self._table is not None:
            match = self._table.showing.match
            name, frames = match.id, match.frames
            self.notify("the clip is being made …")
            self.arcade.attempt(lambda: save_clip(name, frames, self.arcade.is_cancelled))

    def action_restart(self) -> None:
        if self._table is not None:
            self._table.showing.rematch()
            self.stage.look()

    def action_push(self, side: str, direction: int) -> None:
        self.stage.push(Side(side), direction * STEP_ROWS)

    def action_nudge(self, side: str, direction: int) -> None:
        self.stage.push(Side(side), direction * FINE_ROWS)

    def action_pace(self, change: int) -> None:
        if self._table is None:
            return
        showing = self._table.showing
        fastest = FULL_SPEED if showing.hands else len(SPEEDS) - 1
        place = SPEEDS.index(showing.speed) + change
        showing.set_speed(SPEEDS[min(max(place, 0), fastest)])
        self.stage.look()

    def action_slow(self) -> None:
        """Step down through the slow speeds, then return to normal speed, as in the window."""
        if self._table is not None:
            showing = self._table.showing
            showing.set_speed(SLOWER.get(showing.speed, 1.0))
            self.stage.look()

    def action_step(self) -> None:
        if self._table is not None:
            self._table.showing.step()
            self.stage.look()

    def action_minds(self) -> None:
        self.stage.minds = not self.stage.minds
        self.stage.lay_out()
        self.stage.look()

    def action_colours(self) -> None:
        self.stage.court.themed = not self.stage.court.themed

    def action_lobby(self) -> None:
        """Return to the list; the unfinished match is logged."""
        self._leave_table()
        self.remove_class("-playing")
        self._offer(self.arcade.look)
        self.query_one("#match-ups", OptionList).focus()
        self.refresh_bindings()

    def action_play(self) -> None:
        entry = self.chosen()
        name = entry.name if entry is not None and entry.checkpoints else None
        self.arcade.navigation.open_match_form(name, here=True)
