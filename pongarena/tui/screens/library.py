"""The library screen: all models, and everything about the chosen one."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.events import Resize
from textual.widgets import Input, Static

from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot
from pongarena.tui.keys import key
from pongarena.tui.screens.compare import MOST_COMPARED, CompareScreen
from pongarena.tui.screens.shelf_actions import ShelfActions
from pongarena.tui.widgets.family_tree import FamilyTree
from pongarena.tui.widgets.model_detail import ModelDetail
from pongarena.tui.widgets.model_table import ModelTable

__all__ = ["LibraryScreen"]

_WIDE = 110
_ULTRA = 170

_WELCOME = """\
[$left]▌[/]                                    [$right]▐[/]
[$left]▌[/]        [$ball]▪[/]  [b]P O N G A R E N A[/b]        [$right]▐[/]
[$left]▌[/]                                    [$right]▐[/]

Play Atari Pong against a network that you
trained yourself, and see it think.

[b $left]n[/]  train your first network: fill in a name, press Start
[b $left]p[/]  play right now, against the cartridge's own player
[b $left]?[/]  all keys, and what the words mean

[$muted]A network begins knowing nothing. It plays thousands of games
and repeats more often what came before a point. You can watch,
leave, come back, and play it at any time.[/]"""

_NEWCOMER = (
    "Welcome! These came with pongarena: [b $left]p[/] plays the one you choose, in a window.\n"
    "[b $left]n[/] trains a network of your own: it equals the CPU in a minute."
)


class LibraryScreen(ShelfActions):
    """The table above the details of the chosen model, or beside them on a wide screen."""

    HERE: ClassVar[str] = "library"

    DEFAULT_CSS = """
    LibraryScreen {
        & #body { layout: vertical; }
        & #list { height: 1fr; min-height: 5; max-height: 45%; }
        & #detail { height: 1fr; border-top: solid $border; }
        & #filter { display: none; height: 1; padding: 0 1; background: $panel; border: none; }
        & #shelf-words { display: none; height: 1; padding: 0 1; color: $muted; }
        & #newcomer { display: none; height: auto; padding: 0 1; }
        & #welcome { display: none; align: center middle; width: 1fr; height: 1fr; }
        & #welcome Static { width: auto; max-width: 76; height: auto; }
        &.-wide #body { layout: horizontal; }
        &.-wide #list { width: 73; height: 1fr; max-height: 100%; }
        &.-wide #detail { width: 1fr; border-top: none; border-left: solid $border; }
        &.-ultra #list { width: 94; }
        &.-newcomer #newcomer { display: block; }
        &.-filtered #filter { display: block; }
        &.-words #shelf-words { display: block; }
        &.-empty #welcome { display: block; }
        &.-empty #list, &.-empty #detail { display: none; }
        &.-solo #list { display: none; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        key("slash", "filter", "Filter", "Show only some models: by name, recipe, state, #tag", shown_as="/"),
        key("m", "mark", "Mark", "Mark the chosen model, to compare it with others"),
        key("v", "compare", "Compare", "Compare the marked models' curves, up to six"),
        key("o", "sort", "", "Sort by the next column, or click a heading"),
        key("O", "turn", "", "Reverse the order"),
        key("enter", "closer", "", "Look closer: at the curve, then at the tab"),
        key("z", "solo", "", "Show the chosen model alone, or with the table"),
        key("x", "axis", "", "Curve over games, steps, or minutes of training"),
        key("y", "measure", "", "Curve of the points won, or of the results of games"),
        key("left_square_bracket", "page(-1)", "", "Show the previous tab", shown_as="["),
        key("right_square_bracket", "page(1)", "", "Show the next tab", shown_as="]"),
        key("escape", "back", "", "Back to the table, then to all models"),
    ]  # fmt: skip

    def compose_body(self) -> ComposeResult:
        with Container(id="welcome"):
            yield Static(_WELCOME)
        with Vertical(id="list"):
            yield Static(_NEWCOMER, id="newcomer")
            yield Input(placeholder="name, recipe, state or #tag; enter keeps it, esc ends it", id="filter",
                        compact=True, disabled=True)  # fmt: skip
            yield ModelTable()
            yield Static("", id="shelf-words", markup=False)
        yield ModelDetail()

    def on_mount(self) -> None:
        self.query_one(ModelTable).focus()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= _ULTRA, "-ultra")
        self.query_one(ModelDetail).fit(event.size.width >= _WIDE)

    def focus_what_is_seen(self) -> None:
        """Focus the table, or the details of the model when the table is hidden."""
        if self.has_class("-solo"):
            self.query_one(ModelDetail).look_closer()
        else:
            self.query_one(ModelTable).focus()

    def chosen(self) -> Entry | None:
        """Return the model under the cursor."""
        return self.arcade.look.entry(self.query_one(ModelTable).chosen())

    def choose(self, name: str) -> None:
        """Move the cursor to this model as soon as it is listed."""
        self.awaited = name
        self.show_look(self.arcade.look)

    def show_look(self, look: LibrarySnapshot) -> None:
        super().show_look(look)
        self.set_class(not look.entries and not look.unread, "-empty")
        self.set_class(bool(look.entries) and all(entry.model.bundled for entry in look.entries), "-newcomer")
        table = self.query_one(ModelTable)
        table.show(look.entries, look.strengths)
        if look.entry(self.awaited) is not None:
            table.choose(str(self.awaited))
            self.awaited = None
        if look.fault:
            self.query_one("#welcome Static", Static).update(look.fault)
        self._show_words(look)
        self._show_chosen()

    def _show_words(self, look: LibrarySnapshot) -> None:
        table = self.query_one(ModelTable)
        shown, every = table.counts
        parts = []
        if look.unread:
            parts.append(f"reading {every:,} of {every + look.unread:,} models …")
        if table.query_text.strip():
            parts.append(f"{shown:,} of {every:,} models")
        if table.marked:
            parts.append(f"{len(table.marked)} marked: v compares them, m takes a mark away")
        if look.strengths.fault:
            parts.append(look.strengths.fault)
        self.query_one("#shelf-words", Static).update(" · ".join(parts))
        self.set_class(bool(parts), "-words")

    def on_model_table_moved(self, message: ModelTable.Moved) -> None:
        self._show_chosen()

    def on_model_table_opened(self, message: ModelTable.Opened) -> None:
        self.query_one(ModelDetail).look_closer()

    def on_family_tree_picked(self, message: FamilyTree.Picked) -> None:
        table = self.query_one(ModelTable)
        if self.arcade.look.entry(message.name) is None:
            self.notify(f"{message.name} is not in the library any more", severity="warning", markup=False)
            return
        if table.query_text:
            self._end_filter()
        table.choose(message.name)

    def _show_chosen(self) -> None:
        entry, look = self.chosen(), self.arcade.look
        name = entry.name if entry else None
        names = (name,) if name else ()
        if self.is_active and frozenset(names) != self.arcade.wanted:
            self.arcade.follow(*names)
        self.query_one(ModelDetail).show(entry, look)

    # -- filter and order

    def action_filter(self) -> None:
        self.remove_class("-solo")
        self.add_class("-filtered")
        words = self.query_one("#filter", Input)
        words.disabled = False
        words.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one(ModelTable).filter(event.value)
        self._show_words(self.arcade.look)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.query_one(ModelTable).focus()
        if not event.value.strip():
            self._end_filter()

    def _end_filter(self) -> None:
        words = self.query_one("#filter", Input)
        words.value, words.disabled = "", True  # or the hidden field would keep taking keys
        self.query_one(ModelTable).filter("")
        self.remove_class("-filtered")
        self.query_one(ModelTable).focus()
        self._show_words(self.arcade.look)

    def action_back(self) -> None:
        """Go one step back: from the details to the table, then end the filter or the marks."""
        table = self.query_one(ModelTable)
        self.remove_class("-solo")
        if self.has_class("-filtered") and (self.query_one("#filter").has_focus or table.has_focus):
            self._end_filter()
        elif table.has_focus and table.marked:
            table.marked = ()
            self._after_marking()
        table.focus()

    def action_sort(self) -> None:
        self.query_one(ModelTable).sort_next()

    def action_turn(self) -> None:
        table = self.query_one(ModelTable)
        table.sort(table.sorted_by, not table.turned)

    # -- comparing and looking

    def action_mark(self) -> None:
        if not self.query_one(ModelTable).mark(MOST_COMPARED):
            self.notify(f"{MOST_COMPARED} models are marked already; m takes a mark away", severity="warning")
        self._after_marking()

    def _after_marking(self) -> None:
        table = self.query_one(ModelTable)
        table.refresh()
        self._show_words(self.arcade.look)

    def action_compare(self) -> None:
        marked, chosen = self.query_one(ModelTable).marked, self.chosen()
        names = marked
        if len(marked) < MOST_COMPARED and chosen is not None and chosen.name not in marked:
            names = (*marked, chosen.name)
        if len(names) < 2:
            self.notify("Mark the models to compare with m, then press v")
            return
        self.app.push_screen(CompareScreen(names), lambda _: self._show_chosen())

    def action_solo(self) -> None:
        self.toggle_class("-solo")
        self.focus_what_is_seen()

    def action_closer(self) -> None:
        self.query_one(ModelDetail).look_closer()

    def action_axis(self) -> None:
        self.query_one(ModelDetail).turn_axis()

    def action_measure(self) -> None:
        self.query_one(ModelDetail).turn_measure()

    def action_page(self, by: int) -> None:
        self.query_one(ModelDetail).turn_page(by)
