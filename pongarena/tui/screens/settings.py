"""The settings: theme, first recipe, limit of sessions, notifications."""

import os
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Select, Static

from pongarena.core import paths
from pongarena.core.errors import PongArenaError
from pongarena.jobs.own_command import check_command
from pongarena.library.preferences import MOST_SESSIONS, read_preferences, update_preferences
from pongarena.training.registry import DEFAULT_RECIPE, RECIPES
from pongarena.tui.screens.dialog import Fault, Form
from pongarena.tui.theme import DEFAULT_THEME, THEMES

__all__ = ["SettingsScreen"]

_TELL = (
    ("in the app", "app"),
    ("in the app, with a bell", "bell"),
    ("in the app, with a bell and a notification", "terminal"),
    ("not at all", "off"),
)


class SettingsScreen(Form[None]):
    """Edits the preferences; a theme is applied as it is chosen, and taken back on cancel."""

    YES = "Save"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "submit", "Save", priority=True)]

    DEFAULT_CSS = """
    SettingsScreen {
        & .row { height: 1; }
        & .row > Static { width: 20; }
        & .row Select { width: 1fr; }
        & .row Input { width: 12; }
        & .row #command { width: 1fr; }
        & .about { padding: 0 0 0 20; color: $muted; height: auto; }
        & .rows { height: auto; }
        & .where { color: $muted; height: auto; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._preferences = read_preferences(paths.data_dir())
        self._theme_before = ""

    def compose_fields(self) -> ComposeResult:
        now = self._preferences
        theme = now.theme if now.theme in THEMES else DEFAULT_THEME
        recipe = now.default_recipe if now.default_recipe in RECIPES else DEFAULT_RECIPE
        limit = "" if now.session_limit is None else str(now.session_limit)
        cores = os.cpu_count() or 1
        yield Static("Settings", classes="heading")
        with Vertical(classes="rows"):
            with Horizontal(classes="row"):
                yield Static("colours")
                yield self._select("theme", [(words, name) for name, (words, _) in THEMES.items()], theme)
            yield Static("Applied at once; no meaning depends on colour alone.", classes="about")
            with Horizontal(classes="row"):
                yield Static("first recipe")
                yield self._select("recipe", [(name, name) for name in RECIPES], recipe)
            yield Static("", id="about-recipe", classes="about", markup=False)
            with Horizontal(classes="row"):
                yield Static("sessions at once")
                yield Input(limit, placeholder=str(max(1, cores // 2)), id="limit", compact=True)
            yield Static(
                f"The others wait in line. This machine has {cores} cores; "
                "empty: half as many sessions as cores.",
                classes="about",
            )
            with Horizontal(classes="row"):
                yield Static("tell me when")
                yield self._select("tell", [*_TELL], now.tell or "app")
            with Horizontal(classes="row"):
                yield Static("and run")
                yield Input(now.tell_command, placeholder="no command", id="command", compact=True)
            yield Static(
                "At the first point, at 25 % of points, past the CPU, at the end; the command runs even "
                "when the app is closed.",
                classes="about",
            )
        yield Static(f"kept in {paths.data_dir() / 'preferences.json'}", classes="where", markup=False)

    def _select(self, name: str, options: list[tuple[str, str]], value: str) -> Select[str]:
        return Select(options, value=value, allow_blank=False, compact=True, id=name)

    def on_mount(self) -> None:
        self._theme_before = self.app.theme
        if self._preferences.fault:
            self.say(f"{self._preferences.fault}; saving replaces the file")
        self.query_one("#theme").focus()

    def on_select_changed(self, event: Select.Changed) -> None:
        if event.select.id == "theme":
            self.app.theme = str(event.value)
        elif event.select.id == "recipe":
            self.query_one("#about-recipe", Static).update(RECIPES[str(event.value)].summary)

    def _limit(self) -> int | None:
        text = self.query_one("#limit", Input).value.strip()
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1 if text else None

    def fault(self) -> Fault | None:
        limit = self._limit()
        if limit is not None and not 1 <= limit <= MOST_SESSIONS:
            return Fault(
                f"sessions at once: expected a whole number from 1 to {MOST_SESSIONS}, or nothing", "#limit"
            )
        try:
            check_command(self._command())
        except PongArenaError as error:
            return Fault(str(error), "#command")
        return None

    def _command(self) -> str:
        return self.query_one("#command", Input).value.strip()

    def action_cancel(self) -> None:
        self.app.theme = self._theme_before
        self.dismiss(None)

    def answer(self) -> None:
        names = {"theme": "theme", "default_recipe": "recipe", "tell": "tell"}
        changes = {each: str(self.query_one(f"#{name}", Select).value) for each, name in names.items()}
        limit, command = self._limit(), self._command()

        def task() -> str:
            update_preferences(paths.data_dir(), session_limit=limit, tell_command=command, **changes)
            return "the settings are saved"

        self.arcade.attempt(task, lambda: self.dismiss(None), self.refuse)
