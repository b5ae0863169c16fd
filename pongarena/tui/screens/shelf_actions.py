"""The keys and dialogs that change the library; ``services.shelf`` holds the actions."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from pongarena.library.names import check_name, fresh_name
from pongarena.tui import words
from pongarena.tui.keys import key
from pongarena.tui.screens.ask import ask
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.screens.card_editor import CardEditor
from pongarena.tui.screens.compare_checkpoints import ThenAndNow
from pongarena.tui.screens.confirm import ask_before
from pongarena.tui.screens.trash import TrashAnswer, TrashScreen
from pongarena.tui.services.shelf import Change, Shelf, check_new_name, checkpoint_of

if TYPE_CHECKING:
    from pongarena.library.trash import Trashed
    from pongarena.tui.data.library_watcher import Entry
    from pongarena.tui.widgets.timeline import Timeline

__all__ = ["ShelfActions"]

_EXPORT = "Export {} to which file? (.pongarena: all of it, .npz: only the weights)"


class ShelfActions(ArcadeScreen):
    """Offers changes to the library; subclasses show it, and move the cursor to the model ``awaited``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("f", "fork", "Fork", "Make a new model from one of the chosen one's checkpoints"),
        key("r", "rename", "Rename", "Give the chosen model another name"),
        key("d", "delete", "Delete", "Delete the chosen model; u brings it back"),
        key("u", "undo", "Undo", "Bring back what was deleted"),
        key("t", "trash", "", "Open the trash: bring things back, or remove them for good"),
        key("w", "notes", "Notes", "Write notes and tags about the chosen model"),
        key("C", "duplicate", "Copy", "Copy the chosen model with all its checkpoints"),
        key("i", "import", "Import", "Make a model from a file"),
        key("e", "export", "Export", "Save one of the chosen model's checkpoints as a file"),
        key("h", "web_page", "Page", "Make a web page on which anybody can play the chosen model"),
    ]

    awaited: str | None = None

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf(self.arcade.library)

    def _change(self, change: Callable[[], Change], then: Callable[[], object] | None = None) -> None:
        """Change the library in a thread, and notify the user."""

        def task() -> str:
            done = change()
            self.awaited = done.model or self.awaited
            return done.words

        self.arcade.attempt(task, then)

    def _changeable(self, deed: str) -> "Entry | None":
        """Return the chosen model; for a built-in one, tell that it cannot be changed, and return None."""
        entry = self._trainable()
        if entry is None or not entry.model.bundled:
            return entry
        refusal = f"{entry.name} came with pongarena; f forks it, and the fork {deed}"
        self.notify(refusal, severity="warning", markup=False)
        return None

    def _saved(self) -> "Entry | None":
        """Return the chosen model if it has a checkpoint; else tell that it has none."""
        entry = self._trainable()
        if entry is None or entry.checkpoints:
            return entry
        refusal = f"{entry.name} has no checkpoint yet; train it first"
        self.notify(refusal, severity="warning", markup=False)
        return None

    def _check_new(self, name: str) -> None:
        check_new_name(name, self.arcade.look.taken_names)

    def action_fork(self) -> None:
        if (entry := self._saved()) is not None:
            self._ask_fork(entry)

    def _ask_fork(self, entry: "Entry", episode: int | None = None) -> None:
        ask(
            self.app,
            f"Fork {entry.name}: the new model starts with its weights. Name of the new model?",
            "Fork",
            lambda name, chosen: self._change(lambda: self._shelf.fork(entry.model, name, chosen)),
            text=fresh_name(f"{entry.name[:36]}-2", self.arcade.look.taken_names),
            check=self._check_new,
            checkpoints=entry.checkpoints,
            chosen=episode,
        )

    def action_rename(self) -> None:
        if (entry := self._changeable("can be renamed")) is not None:
            name, question = entry.name, f"New name of {entry.name}?"

            def rename(new: str, _: int | None) -> None:
                self._change(lambda: self._shelf.rename(name, new))

            ask(self.app, question, "Rename", rename, text=name, check=check_name)

    def action_duplicate(self) -> None:
        if (entry := self._changeable("can be duplicated")) is not None:
            name = entry.name
            ask(
                self.app,
                f"Duplicate {name} with all its checkpoints. Name of the copy?",
                "Duplicate",
                lambda copy, _: self._change(lambda: self._shelf.duplicate(name, copy)),
                text=fresh_name(f"{name[:35]}-copy", self.arcade.look.taken_names),
                check=self._check_new,
            )

    def action_delete(self) -> None:
        if (entry := self._changeable("can be deleted")) is None:
            return
        name = entry.name
        if entry.status.active:
            refusal = f"{name} is {entry.status.state}; s stops it, then it can be deleted"
            self.notify(refusal, severity="error", markup=False)
            return
        saved = words.counted(len(entry.checkpoints), "checkpoint")
        games = words.counted(entry.episode, "game")
        question = f"Delete {name} with {saved} and {games} of training?\nu brings it back."
        ask_before(self.app, question, "Delete", lambda: self._change(lambda: self._shelf.delete(name)))

    def action_import(self) -> None:
        def read(line: str, _: int | None) -> None:
            self._change(lambda: self._shelf.import_file(Path(line.strip("'\"")).expanduser()))

        ask(self.app, "Import which file (.pongarena, .npz or save.p)?", "Import", read)

    def action_export(self) -> None:
        if (entry := self._saved()) is not None:
            self._ask_export(entry, _EXPORT, ".pongarena")

    def action_web_page(self) -> None:
        if (entry := self._saved()) is not None:
            self._ask_export(entry, "Page to play {} in a browser: which file?", ".html")

    def _ask_export(self, entry: "Entry", question: str, suffix: str, episode: int | None = None) -> None:
        def export(line: str, chosen: int | None) -> None:
            self._change(lambda: self._shelf.export(entry.model, Path(line).expanduser(), chosen))

        ask(
            self.app,
            question.format(entry.name),
            "Export",
            export,
            text=str(Path.home() / f"{entry.name}{suffix}"),
            checkpoints=entry.checkpoints,
            chosen=episode,
        )

    def action_undo(self) -> None:
        """Restore the last deletion; without any since the app was opened, show the trash."""
        if (item := self._shelf.pop_deleted()) is not None:
            self._change(lambda: self._shelf.restore(item))
        else:
            self.action_trash()

    def action_trash(self) -> None:
        found: list[tuple[Trashed, int]] = []

        def look() -> str:
            found.extend(self._shelf.trash())
            return "" if found else "The trash is empty."

        def answered(answer: TrashAnswer | None) -> None:
            if answer is not None and answer.for_good:
                self._change(lambda: self._shelf.remove(answer.items), self.action_trash)
            elif answer is not None:
                self._change(lambda: self._shelf.restore(answer.items[0]))

        def show() -> None:
            if found and self.is_active:
                self.app.push_screen(TrashScreen(found, self.arcade.library.trash_dir), answered)

        self.arcade.attempt(look, show)

    def action_notes(self) -> None:
        if (entry := self._changeable("can have notes")) is None:
            return

        def answered(answer: tuple[str, tuple[str, ...]] | None) -> None:
            if answer is not None:
                self._change(lambda: self._shelf.write_notes(entry.model, *answer))

        self.app.push_screen(CardEditor(entry.name, entry.notes), answered)

    def on_timeline_asked(self, message: "Timeline.Asked") -> None:
        entry, episode = self.chosen(), message.episode
        if entry is None or episode not in entry.checkpoints:
            return
        match message.verb:
            case "play":
                self.arcade.navigation.open_match_form(f"{entry.name}@{episode}")
            case "fork":
                self._ask_fork(entry, episode)
            case "export":
                self._ask_export(entry, _EXPORT, ".pongarena", episode)
            case "compare":
                self._compare(entry, episode)
            case "delete":
                ref = checkpoint_of(entry.model, episode)
                question = f"Delete the checkpoint {ref}? The model keeps its others; u brings this one back."
                ask_before(
                    self.app, question, "Delete", lambda: self._change(lambda: self._shelf.delete(ref))
                )

    def _compare(self, entry: "Entry", episode: int) -> None:
        latest = entry.checkpoints[-1]
        if episode == latest:  # compare it with the first
            episode = entry.checkpoints[0]
        if episode == latest:
            self.notify(f"{entry.name} has one checkpoint only; train it on, then compare", markup=False)
            return
        then, now = (checkpoint_of(entry.model, each) for each in (episode, latest))
        self.app.push_screen(ThenAndNow(then, now, self.arcade.look.strengths))
