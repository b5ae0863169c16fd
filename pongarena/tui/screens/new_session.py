"""The form of a new training session."""

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Select, Static

from pongarena.errors import InvalidSettingError
from pongarena.library.names import fresh_name
from pongarena.library.session import Plan
from pongarena.training.recipes import (
    DEFAULT_RECIPE,
    RECIPES,
    Recipe,
    Setting,
    check_setting,
    recipe,
    settings_of,
)
from pongarena.tui.screens.dialog import Dialog
from pongarena.tui.screens.library import check_new_name
from pongarena.tui.widgets.keybar import KeyBar
from pongarena.tui.widgets.setting_field import SettingField

_LARGEST_SEED = 2**31 - 1


class NewSessionScreen(Dialog[None]):
    """Name, recipe, seed, and every setting of the recipe; starts only when all are right."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "start", "Start training", priority=True)]

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self._start_wanted = False

    def compose(self) -> ComposeResult:
        """The fields in a scrolled part, the button always in sight."""
        with Vertical(classes="dialog -large"):
            yield Static("New training session", classes="heading")
            with VerticalScroll(id="form", can_focus=False):
                yield from self._first_fields()
                with Horizontal(id="recipe-row"):
                    yield Static("recipe", classes="label")
                    yield Select(
                        [(name, name) for name in RECIPES],
                        value=DEFAULT_RECIPE,
                        allow_blank=False,
                        compact=True,
                        id="recipe",
                    )
                yield Static("", id="summary", markup=False)
                yield Vertical(id="settings-fields")
            yield Static("", id="verdict", classes="reason", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="no")
                yield Button("Start training", id="yes", variant="primary")
        yield KeyBar()

    def _first_fields(self) -> ComposeResult:
        entries = self.arcade.look.entries
        taken = {entry.name.lower() for entry in entries}
        is_first = all(entry.model.bundled for entry in entries)
        yield SettingField(
            "name",
            label="name",
            text=fresh_name("first" if is_first else "agent", taken),
            hint="letters, digits, - and _",
            check=lambda text: check_new_name(text, self.arcade.look),
        )
        yield SettingField(
            "seed",
            label="seed",
            text="0",
            hint="a whole number",
            help="The same seed and settings give the same network, bit for bit.",
            check=lambda text: _whole(text, "seed", 0, _LARGEST_SEED),
        )
        yield SettingField(
            "episodes",
            label="games to play",
            text="",
            hint="empty: until you stop it",
            check=lambda text: text and _whole(text, "number of games", 1, 10**9),
        )

    async def on_mount(self) -> None:
        """Begin in the name."""
        await self._show_recipe(DEFAULT_RECIPE)
        self.query_one("#field-name Input").focus()

    async def on_select_changed(self, event: Select.Changed) -> None:
        """Show the settings of another recipe."""
        if event.select.id == "recipe" and event.value != self._shown:
            await self._show_recipe(str(event.value))

    async def _show_recipe(self, name: str) -> None:
        kind, self._shown = RECIPES[name], ""
        self.query_one("#summary", Static).update(kind.summary)
        fields = self.query_one("#settings-fields", Vertical)
        await fields.remove_children()
        await fields.mount_all(_field(kind, each) for each in settings_of(kind))
        self._shown = name
        self._judge()
        if self._start_wanted:
            self._start_wanted = False
            self.action_start()

    def on_setting_field_changed(self, event: SettingField.Changed) -> None:
        """Say what is still wrong."""
        event.stop()
        self._judge()

    def _judge(self) -> bool:
        wrong = [field.key.replace("_", " ") for field in self.query(SettingField) if field.fault]
        words = f"please look again at: {', '.join(wrong)}" if wrong else ""
        self.query_one("#verdict", Static).update(words)
        self.query_one("#yes", Button).disabled = bool(wrong)
        return not wrong

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Start, or leave."""
        if event.button.id == "yes":
            self.action_start()
        else:
            self.dismiss(None)

    def on_input_submitted(self) -> None:
        """Enter goes on to the next field."""
        self.focus_next()

    def action_start(self) -> None:
        """Make the model and start its session, when all fields are there and right."""
        if not self._shown:
            self._start_wanted = True
            return
        for field in self.query(SettingField):
            field.judge()
        if not self._judge() or self.query_one("#yes", Button).disabled:
            return
        texts = {field.key: field.text for field in self.query(SettingField)}
        chosen = str(self.query_one("#recipe", Select).value)
        self.query_one("#yes", Button).disabled = True
        self.query_one("#verdict", Static).update("starting: the games are being loaded …")
        self.arcade.attempt(lambda: self._start(chosen, texts), self._started, self._refused)

    def _start(self, chosen: str, texts: dict[str, str]) -> str:
        name, seed, episodes = texts.pop("name"), int(texts.pop("seed")), texts.pop("episodes")
        kind = RECIPES[chosen]
        settings: dict[str, Any] = {key: check_setting(kind, key, text) for key, text in texts.items()}
        model = self.arcade.library.create(name, recipe(chosen, **settings), seed)
        return self.arcade.start_session(model, Plan(int(episodes) if episodes else None))

    def _started(self) -> None:
        if self.is_current:
            self.dismiss(None)
            self.app.switch_mode("training")

    def _refused(self, reason: str) -> None:
        if self.is_mounted:
            self.query_one("#yes", Button).disabled = False
            self.query_one("#verdict", Static).update(reason)


def _field(kind: type[Recipe], setting: Setting) -> SettingField:
    text = f"{setting.default:g}" if setting.type is float else str(setting.default)

    def check(entered: str) -> object:
        return check_setting(kind, setting.name, entered)

    return SettingField(
        setting.name, label=setting.label, text=text, hint=setting.allowed, help=setting.help, check=check
    )


def _whole(text: str, name: str, low: int, high: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise InvalidSettingError(f"expected a {name} from {low:,} to {high:,}, got {text!r}")
    return number
