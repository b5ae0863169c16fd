"""The library: all models, and everything about the chosen one."""

import itertools
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.events import Resize
from textual.widgets import DataTable, Static

from pongarena.errors import InvalidNameError
from pongarena.library.exchange import export_file, import_file
from pongarena.library.names import check_name
from pongarena.tui.screens.ask import AskScreen
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.screens.confirm import ConfirmScreen
from pongarena.tui.watch import Entry, Look
from pongarena.tui.widgets.model_detail import ModelDetail
from pongarena.tui.widgets.model_table import ModelTable

_WIDE = 110

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
and does more often what came before a point. You can watch,
leave, come back, and challenge it at any age.[/]"""


_NEWCOMER = (
    "Welcome! These came with pongarena: [b $left]p[/] plays the one you choose, in a window.\n"
    "[b $left]n[/] trains a network of your own: in a quarter of an hour it is the AI's equal."
)


class LibraryScreen(ArcadeScreen):
    """Table and detail: one above the other, side by side where there is room."""

    HERE: ClassVar[str] = "library"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "fork", "Fork", tooltip="Make a new model from one of the chosen one's checkpoints"),
        Binding("r", "rename", "Rename", tooltip="Give the chosen model another name"),
        Binding("d", "delete", "Delete", tooltip="Delete the chosen model; asks first"),
        Binding("i", "import", "Import", tooltip="Make a model from a file: .npz or save.p"),
        Binding("e", "export", "Export", tooltip="Save one of the chosen model's checkpoints as a file"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._awaited: str | None = None

    def compose_body(self) -> ComposeResult:
        """Welcome or table and detail."""
        with Container(id="welcome"):
            yield Static(_WELCOME)
        with Vertical(id="list"):
            yield Static(_NEWCOMER, id="newcomer")
            yield ModelTable()
        yield ModelDetail()

    def on_mount(self) -> None:
        """Begin in the table."""
        self.query_one(ModelTable).focus()

    def on_resize(self, event: Resize) -> None:
        """Use the room."""
        self.query_one(ModelDetail).fit(event.size.width >= _WIDE)

    def chosen(self) -> Entry | None:
        """The model under the cursor."""
        return self.arcade.look.entry(self.query_one(ModelTable).chosen())

    def choose(self, name: str) -> None:
        """Put the cursor on this model, as soon as it is there."""
        self._awaited = name
        self.show_look(self.arcade.look)

    def show_look(self, look: Look) -> None:
        """Show the library as it is now."""
        super().show_look(look)
        self.set_class(not look.entries, "-empty")
        self.set_class(all(entry.model.bundled for entry in look.entries), "-newcomer")
        table = self.query_one(ModelTable)
        table.show(look.entries)
        if look.entry(self._awaited) is not None:
            table.choose(str(self._awaited))
            self._awaited = None
        if look.fault:
            self.query_one("#welcome Static", Static).update(look.fault)
        self._show_chosen()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Follow the cursor."""
        self._show_chosen()

    def _show_chosen(self) -> None:
        entry, look = self.chosen(), self.arcade.look
        name = entry.name if entry else None
        if frozenset({name} if name else ()) != self.arcade.wanted:
            self.arcade.follow(name)
        self.query_one(ModelDetail).show(entry, look.curves.get(name or ""), look.logs.get(name or "", ""))

    def action_fork(self) -> None:
        """Make a new model that starts from a checkpoint of the chosen one."""
        entry = self._trainable()
        if entry is None or not self._has_checkpoint(entry):
            return

        def answered(answer: tuple[str, int | None] | None) -> None:
            if answer is not None:
                self.arcade.attempt(lambda: self._fork(entry, *answer))

        question = f"Fork {entry.name}: the new model starts with its weights. Name of the new model?"
        self.app.push_screen(
            AskScreen(
                question,
                "Fork",
                text=f"{entry.name[:36]}-2",
                check=self._check_new,
                checkpoints=entry.checkpoints,
            ),
            answered,
        )

    def action_rename(self) -> None:
        """Give the chosen model another name."""
        if (entry := self._trainable()) is None:
            return

        def answered(answer: tuple[str, int | None] | None) -> None:
            if answer is not None:
                self.arcade.attempt(lambda: self._rename(entry, answer[0]))

        question = f"New name of {entry.name}?"
        self.app.push_screen(AskScreen(question, "Rename", text=entry.name, check=check_name), answered)

    def action_delete(self) -> None:
        """Delete the chosen model, after a question."""
        if (entry := self._trainable()) is None:
            return
        if entry.status.active:
            self.notify(
                f"{entry.name} is {entry.status.state}; s stops it, then it can be deleted",
                severity="error",
                markup=False,
            )
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.arcade.attempt(lambda: self._delete(entry))

        question = (
            f"Delete {entry.name} with {len(entry.checkpoints)} checkpoints and {entry.episode:,} games of "
            "training? There is no way back."
        )
        self.app.push_screen(ConfirmScreen(question, "Delete"), answered)

    def action_import(self) -> None:
        """Make a model from a file."""

        def answered(answer: tuple[str, int | None] | None) -> None:
            if answer is not None:
                path = Path(answer[0]).expanduser()
                self.arcade.attempt(lambda: self._import(path))

        self.app.push_screen(AskScreen("Import which file (.npz checkpoint or save.p)?", "Import"), answered)

    def action_export(self) -> None:
        """Copy a checkpoint of the chosen model to a file."""
        entry = self._trainable()
        if entry is None or not self._has_checkpoint(entry):
            return

        def answered(answer: tuple[str, int | None] | None) -> None:
            if answer is not None:
                self.arcade.attempt(lambda: self._export(entry, *answer))

        text = str(Path.home() / f"{entry.name}.npz")
        question = f"Export {entry.name} to which file?"
        self.app.push_screen(
            AskScreen(question, "Export", text=text, checkpoints=entry.checkpoints), answered
        )

    def _has_checkpoint(self, entry: Entry) -> bool:
        if not entry.checkpoints:
            self.notify(
                f"{entry.name} has no checkpoint yet; train it first", severity="warning", markup=False
            )
        return bool(entry.checkpoints)

    def _check_new(self, name: str) -> None:
        check_new_name(name, self.arcade.look)

    def _fork(self, entry: Entry, name: str, episode: int | None) -> str:
        ref = entry.model.checkpoint(episode)
        self._awaited = self.arcade.library.fork(ref, name).name
        return f"{name} starts from {ref}; space trains it"

    def _rename(self, entry: Entry, name: str) -> str:
        self._awaited = self.arcade.library.rename(entry.name, name).name
        return f"{entry.name} is called {name} now"

    def _delete(self, entry: Entry) -> str:
        self.arcade.library.delete(entry.name)
        return f"{entry.name} is deleted"

    def _import(self, path: Path) -> str:
        taken = {entry.name.lower() for entry in self.arcade.look.entries}
        name = fresh_name(path.stem, taken)
        self._awaited = import_file(self.arcade.library, path, name).name
        return f"imported as {name}; r renames it"

    def _export(self, entry: Entry, text: str, episode: int | None) -> str:
        ref, path = entry.model.checkpoint(episode), Path(text).expanduser()
        export_file(ref, path)
        return f"{ref} is saved as {path}"


def fresh_name(wish: str, taken: set[str]) -> str:
    """A valid name like ``wish`` that no model has.

    Args:
        wish: Any text.
        taken: The models' names in lower case.
    """
    letters = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "-" for letter in wish
    )
    base = letters.strip("-_")[:30] or "model"
    names = (base if number == 1 else f"{base}-{number}" for number in itertools.count(1))
    return next(name for name in names if name.lower() not in {*taken, "human", "ai"})


def check_new_name(name: str, look: Look) -> None:
    """See whether a new model may be called so.

    Raises:
        InvalidNameError: When it may not, or another model is.
    """
    check_name(name)
    if any(entry.name.lower() == name.lower() for entry in look.entries):
        raise InvalidNameError(f"there is a model {name!r} already; choose another name")
