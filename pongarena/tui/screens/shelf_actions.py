"""What can be done with models and their checkpoints: fork, rename, copy, delete, undo, hand out, note."""

from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from pongarena.core.errors import InvalidNameError
from pongarena.library.duplicate import duplicate
from pongarena.library.exchange import export_file, import_file
from pongarena.library.model import CheckpointRef, checkpoint_path
from pongarena.library.names import check_name, fresh_name
from pongarena.library.notes import write_notes
from pongarena.library.trash import Trash, Trashed
from pongarena.page.build import is_page, write_page
from pongarena.tui import words
from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot
from pongarena.tui.screens.ask import AskScreen
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.screens.card_editor import CardEditor
from pongarena.tui.screens.compare_checkpoints import ThenAndNow
from pongarena.tui.screens.confirm import ask_before
from pongarena.tui.screens.play import PlayScreen
from pongarena.tui.screens.trash import TrashAnswer, TrashScreen
from pongarena.tui.widgets.timeline import Timeline

__all__ = ["ShelfActions", "check_new_name", "fresh_name"]

_EXPORT = "Export {} to which file? (.pongarena: all of it, .npz: only the weights)"


class ShelfActions(ArcadeScreen):
    """The keys that change the library; subclasses show it, and put the cursor on what is ``_awaited``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "fork", "Fork", tooltip="Make a new model from one of the chosen one's checkpoints"),
        Binding("r", "rename", "Rename", tooltip="Give the chosen model another name"),
        Binding("d", "delete", "Delete", tooltip="Delete the chosen model; u brings it back"),
        Binding("u", "undo", "Undo", tooltip="Bring back what was deleted"),
        Binding(
            "t",
            "trash",
            "Trash",
            show=False,
            tooltip="What was deleted: bring it back, or remove it for good",
        ),
        Binding("w", "notes", "Notes", tooltip="Write notes and tags about the chosen model"),
        Binding("C", "duplicate", "Copy", tooltip="Make a second model just like the chosen one"),
        Binding("i", "import", "Import", tooltip="Make a model from a file"),
        Binding("e", "export", "Export", tooltip="Save one of the chosen model's checkpoints as a file"),
        Binding("h", "web_page", "Page", tooltip="Make a web page in which anybody plays the chosen model"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._awaited: str | None = None
        self._deleted: list[Trashed] = []

    def action_fork(self) -> None:
        """Make a new model that starts from a checkpoint of the chosen one."""
        entry = self._trainable()
        if entry is not None and self._has_checkpoint(entry):
            self._ask_fork(entry)

    def _ask_fork(self, entry: Entry, episode: int | None = None) -> None:
        def answered(answer: tuple[str, int | None] | None) -> None:
            if answer is not None:
                self.arcade.attempt(lambda: self._fork(entry, *answer))

        question = f"Fork {entry.name}: the new model starts with its weights. Name of the new model?"
        self.app.push_screen(
            AskScreen(
                question,
                "Fork",
                text=fresh_name(f"{entry.name[:36]}-2", self._taken()),
                check=self._check_new,
                checkpoints=entry.checkpoints,
                chosen=episode,
            ),
            answered,
        )

    def _changeable(self, deed: str) -> Entry | None:
        """The chosen model, unless it came with pongarena: then say so, before any question."""
        entry = self._trainable()
        if entry is None or not entry.model.bundled:
            return entry
        refusal = f"{entry.name} came with pongarena; f forks it, and the fork {deed}"
        self.notify(refusal, severity="warning", markup=False)
        return None

    def action_rename(self) -> None:
        """Give the chosen model another name."""
        if (entry := self._changeable("can be renamed")) is None:
            return

        def answered(answer: tuple[str, int | None] | None) -> None:
            if answer is not None:
                self.arcade.attempt(lambda: self._rename(entry, answer[0]))

        question = f"New name of {entry.name}?"
        self.app.push_screen(AskScreen(question, "Rename", text=entry.name, check=check_name), answered)

    def action_delete(self) -> None:
        """Delete the chosen model, after a question."""
        if (entry := self._changeable("can be deleted")) is None:
            return
        if entry.status.active:
            self.notify(
                f"{entry.name} is {entry.status.state}; s stops it, then it can be deleted",
                severity="error",
                markup=False,
            )
            return

        saved = words.counted(len(entry.checkpoints), "checkpoint")
        games = words.counted(entry.episode, "game")
        question = f"Delete {entry.name} with {saved} and {games} of training?\nu brings it back."
        ask_before(self.app, question, "Delete", lambda: self.arcade.attempt(lambda: self._delete(entry)))

    def action_import(self) -> None:
        """Make a model from a file."""

        def answered(answer: tuple[str, int | None] | None) -> None:
            if answer is not None:
                path = Path(answer[0].strip("'\"")).expanduser()
                self.arcade.attempt(lambda: self._import(path))

        self.app.push_screen(
            AskScreen("Import which file (.pongarena, .npz or save.p)?", "Import"),
            answered,
        )

    def action_export(self) -> None:
        """Copy a checkpoint of the chosen model to a file."""
        entry = self._trainable()
        if entry is not None and self._has_checkpoint(entry):
            self._ask_export(entry, _EXPORT, ".pongarena")

    def action_web_page(self) -> None:
        """Write the page of a checkpoint of the chosen model."""
        entry = self._trainable()
        if entry is not None and self._has_checkpoint(entry):
            self._ask_export(entry, "Page to play {} in a browser: which file?", ".html")

    def _ask_export(self, entry: Entry, question: str, suffix: str, episode: int | None = None) -> None:
        def answered(answer: tuple[str, int | None] | None) -> None:
            if answer is not None:
                self.arcade.attempt(lambda: self._export(entry, *answer))

        self.app.push_screen(
            AskScreen(
                question.format(entry.name),
                "Export",
                text=str(Path.home() / f"{entry.name}{suffix}"),
                checkpoints=entry.checkpoints,
                chosen=episode,
            ),
            answered,
        )

    def action_duplicate(self) -> None:
        """Make a second model just like the chosen one."""
        if (entry := self._changeable("can be duplicated")) is None:
            return

        def answered(answer: tuple[str, int | None] | None) -> None:
            if answer is not None:
                self.arcade.attempt(lambda: self._duplicate(entry, answer[0]))

        question = f"Duplicate {entry.name} with all its checkpoints. Name of the copy?"
        text = fresh_name(f"{entry.name[:35]}-copy", self._taken())
        self.app.push_screen(AskScreen(question, "Duplicate", text=text, check=self._check_new), answered)

    def action_undo(self) -> None:
        """Bring back what was deleted last; what was deleted another day is chosen from a list."""
        if self._deleted:
            item = self._deleted.pop()
            self.arcade.attempt(lambda: self._restore(item))
            return

        self.action_trash()

    def action_trash(self) -> None:
        """Show all that was deleted: to bring it back, or to remove it for good."""
        found: list[tuple[Trashed, int]] = []

        def look() -> str:
            found.extend((item, item.size) for item in Trash(self.arcade.library).items())
            return "" if found else "The trash is empty."

        def answered(answer: TrashAnswer | None) -> None:
            if answer is None:
                return
            if answer.for_good:
                self.arcade.attempt(lambda: self._remove(answer.items), self.action_trash)
            else:
                self.arcade.attempt(lambda: self._restore(answer.items[0]))

        def show() -> None:
            if found and self.is_current:
                self.app.push_screen(TrashScreen(found, self.arcade.library.trash_dir), answered)

        self.arcade.attempt(look, show)

    def action_notes(self) -> None:
        """Write notes and tags about the chosen model."""
        if (entry := self._changeable("can have notes")) is None:
            return

        def answered(answer: tuple[str, tuple[str, ...]] | None) -> None:
            if answer is not None:
                self.arcade.attempt(lambda: self._write_notes(entry, *answer))

        self.app.push_screen(CardEditor(entry.name, entry.notes), answered)

    def on_timeline_asked(self, message: Timeline.Asked) -> None:
        """Do something with one checkpoint of the chosen model."""
        entry = self.chosen()
        if entry is None or message.episode not in entry.checkpoints:
            return
        episode = message.episode
        if message.verb == "play":
            self.app.push_screen(PlayScreen(f"{entry.name}@{episode}"))
        elif message.verb == "fork":
            self._ask_fork(entry, episode)
        elif message.verb == "export":
            self._ask_export(entry, _EXPORT, ".pongarena", episode)
        elif message.verb == "compare":
            self._then_and_now(entry, episode)
        else:
            self._ask_delete_checkpoint(entry, episode)

    def _then_and_now(self, entry: Entry, episode: int) -> None:
        latest = entry.checkpoints[-1]
        if episode == latest:  # the latest one is compared with the first
            episode = entry.checkpoints[0]
        if episode == latest:
            self.notify(f"{entry.name} has one checkpoint only; train it on, then compare", markup=False)
            return
        name, folder = entry.name, entry.model.path
        refs = [CheckpointRef(name, each, checkpoint_path(folder, each)) for each in (episode, latest)]
        self.app.push_screen(ThenAndNow(refs[0], refs[1], self.arcade.look.strengths))

    def _ask_delete_checkpoint(self, entry: Entry, episode: int) -> None:
        ref = CheckpointRef(entry.name, episode, checkpoint_path(entry.model.path, episode))

        def delete() -> str:
            self._deleted.append(Trash(self.arcade.library).delete_checkpoint(ref))
            return f"{ref} is deleted; u brings it back"

        question = f"Delete the checkpoint {ref}? The model keeps its others; u brings this one back."
        ask_before(self.app, question, "Delete", lambda: self.arcade.attempt(delete))

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
        self._deleted.append(Trash(self.arcade.library).delete(entry.name))
        return f"{entry.name} is deleted; u brings it back"

    def _duplicate(self, entry: Entry, name: str) -> str:
        self._awaited = duplicate(self.arcade.library, entry.name, name).name
        return f"{name} is a copy of {entry.name}"

    def _restore(self, item: Trashed) -> str:
        name = None
        if item.episode is None:
            taken = {path.name.lower() for path in self.arcade.library.folders()}
            name = fresh_name(item.model, taken)
        self._awaited = Trash(self.arcade.library).restore(item, name).name
        return f"{item} is back" + (f" as {name}" if name not in (None, item.model) else "")

    def _remove(self, items: tuple[Trashed, ...]) -> str:
        for item in items:
            Trash(self.arcade.library).remove(item)
        self._deleted = [item for item in self._deleted if item not in items]
        return f"{items[0] if len(items) == 1 else words.counted(len(items), 'thing')} removed for good"

    def _write_notes(self, entry: Entry, text: str, tags: tuple[str, ...]) -> str:
        write_notes(entry.model, text, tags)
        return f"noted about {entry.name}"

    def _taken(self) -> set[str]:
        return {entry.name.lower() for entry in self.arcade.look.entries}

    def _import(self, path: Path) -> str:
        name = self._awaited = import_file(self.arcade.library, path).name
        return f"imported as {name}; r renames it"

    def _export(self, entry: Entry, text: str, episode: int | None) -> str:
        ref, path = entry.model.checkpoint(episode), Path(text).expanduser()
        if is_page(path):
            write_page(ref, path)
            return f"{ref} plays in {path}; open it in a browser"
        export_file(ref, path)
        return f"{ref} is saved as {path}"


def check_new_name(name: str, look: LibrarySnapshot) -> None:
    """See whether a new model may be called so.

    Raises:
        InvalidNameError: When it may not, or another model is.
    """
    check_name(name)
    if any(entry.name.lower() == name.lower() for entry in look.entries):
        raise InvalidNameError(f"there is a model {name!r} already; choose another name")
