"""The form of a new training session."""

from dataclasses import dataclass
from itertools import count
from typing import Any, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import DescendantFocus
from textual.message import Message
from textual.widgets import Button, Input, Select, Static
from textual.worker import get_current_worker

from pongarena.core.errors import InvalidSettingError, PongArenaError
from pongarena.library.measured import Estimate, estimate, outlook
from pongarena.library.preferences import read_preferences
from pongarena.library.sessions.client import LEAST_SHARE, MOST_MINUTES, Plan
from pongarena.training.presets import PRESETS, Preset
from pongarena.training.recipe import Recipe
from pongarena.training.registry import DEFAULT_RECIPE, RECIPES, recipe
from pongarena.training.settings import Setting, check_setting, settings_of
from pongarena.tui.keys import key
from pongarena.tui.screens.dialog import Fault, Form
from pongarena.tui.services.measuring import measure
from pongarena.tui.services.shelf import check_new_name
from pongarena.tui.widgets.setting_field import ChoiceField, Explanation, SettingField

_LARGEST_SEED = 2**31 - 1
_OWN = "custom"
"""The preset's name when the form matches no preset."""

_CHOICES = {"emulator": ("play on", "the same game", (("the rules, compiled", "0"), ("the emulator", "1")))}
"""Settings with a list of choices: label, hint, and the text of each value."""


class NewSessionScreen(Form[None]):
    """Asks for a name and a preset; the advanced part has recipe, seed, and every setting of the recipe."""

    BOX = "dialog -large"
    YES = "Start training"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", "Start training", priority=True),
        Binding("ctrl+e", "measure", "Measure the speed", priority=True),
        key(
            "f2",
            "advanced",
            "Advanced",
            "Show every setting, or only name and preset",
            shown_as="F2",
            priority=True,
        ),
    ]

    DEFAULT_CSS = """
    NewSessionScreen {
        & #columns { height: 1fr; layout: vertical; }
        & #form { height: 1fr; }
        & #side { height: 9; border-top: solid $border; }
        & #explained { height: 1fr; color: $foreground; }
        & #estimate { height: 3; color: $muted; }
        & .choice { height: auto; }
        & .choice Select { width: 34; }
        & #about-preset { height: auto; padding: 0 1 0 22; color: $muted; }
        & #advanced { display: none; height: auto; }
        &.-advanced #advanced { display: block; }
    }
    NewSessionScreen.-wide {
        & #columns { layout: horizontal; }
        & #form { width: 1fr; }
        & #side { width: 46; height: 1fr; border-top: none; border-left: solid $border; padding: 0 0 0 2; }
        & #estimate { height: auto; border-top: solid $border; }
        & #about-preset { padding: 0 1 1 22; }
    }
    """

    @dataclass
    class Estimated(Message):
        """A thread has estimated the training speed on this machine, or found no measurement."""

        kind: Recipe
        found: Estimate | None
        fault: str = ""

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self._start_wanted = self._measuring = self._started = self._changed = False

    def compose_fields(self) -> ComposeResult:
        yield Static("New training session", classes="heading")
        with Vertical(id="columns"):
            with VerticalScroll(id="form", can_focus=False):
                yield self._name_field()
                presets = [*((each.title, name) for name, each in PRESETS.items()), ("custom", _OWN)]
                yield from _choice("preset", presets)
                yield Static("", id="about-preset", markup=False)
                with Vertical(id="advanced"):
                    yield from _choice("recipe", [(name, name) for name in RECIPES])
                    yield from _plan_fields()
                    yield Vertical(id="settings-fields")
                    yield Button("Measure the speed", id="measure")
            with Vertical(id="side"):
                yield Static("", id="explained", markup=False)
                yield Static("", id="estimate", markup=False)

    def compose_buttons(self) -> ComposeResult:
        yield Button("Advanced", id="more")
        yield from super().compose_buttons()

    def _name_field(self) -> SettingField:
        taken = self.arcade.look.taken_names
        return SettingField(
            "name",
            label="name",
            text=next(name for number in count(1) if (name := f"agent-{number}") not in taken),
            hint="letters, digits, - and _",
            explanation=Explanation("The model's name, in the library and on the ladder."),
            check=lambda text: check_new_name(text, self.arcade.look.taken_names),
        )

    async def on_mount(self) -> None:
        preferred = read_preferences(self.arcade.library.root.parent).default_recipe
        first = next(
            (key for key, each in PRESETS.items() if each.recipe_name == preferred), next(iter(PRESETS))
        )
        self.query_one("#preset", Select).value = first
        await self._take_preset(PRESETS[first])
        self.query_one("#field-name Input").focus()

    async def on_select_changed(self, event: Select.Changed) -> None:
        value = str(event.value)
        if event.select.id == "preset" and value in PRESETS and self._preset() != value:
            await self._take_preset(PRESETS[value])
        elif event.select.id == "preset" and value == _OWN and self._preset() != _OWN:
            self.add_class("-advanced")
        elif event.select.id == "recipe" and value in RECIPES and value != self._shown:
            await self._show_recipe(value)
            self._explain_recipes()
            self._note_preset()

    async def _take_preset(self, preset: Preset) -> None:
        self._field("minutes").text = "" if preset.minutes is None else f"{preset.minutes:g}"
        self._field("share").text = f"{100 * preset.share:g}"
        with self.prevent(Select.Changed):
            self.query_one("#recipe", Select).value = preset.recipe_name
        if self._shown != preset.recipe_name:
            await self._show_recipe(preset.recipe_name)
        for setting in settings_of(RECIPES[preset.recipe_name]):
            self._field(setting.name).text = _text_of(preset.settings.get(setting.name, setting.default))
        self._note_preset()

    async def _show_recipe(self, name: str) -> None:
        kind, self._shown = RECIPES[name], ""
        fields = self.query_one("#settings-fields", Vertical)
        await fields.remove_children()
        await fields.mount_all(_field(kind, each) for each in settings_of(kind))
        self._shown = name
        self.judge()
        if self._start_wanted:
            self._start_wanted = False
            self.action_submit()

    def on_setting_field_changed(self, event: SettingField.Changed) -> None:
        event.stop()
        if not self._changed:  # a preset changes thirty fields at once; judge them together
            self._changed = True
            self.call_after_refresh(self._note_changes)

    def _note_changes(self) -> None:
        self._changed = False
        if self._shown:
            self.judge()
            self._note_preset()

    def _note_preset(self) -> None:
        """Show which preset the form matches, and estimate its speed."""
        name = self._preset()
        with self.prevent(Select.Changed):
            self.query_one("#preset", Select).value = name
        words = PRESETS[name].about if name in PRESETS else "Changed by hand: this matches no preset."
        self.query_one("#about-preset", Static).update(words)
        kind = self._recipe()
        if kind is not None and not self._measuring:
            self._estimate(kind)

    def _preset(self) -> str:
        """Return the short name of the preset that the form matches."""
        kind, plan = self._recipe(), self._plan()
        if kind is None or plan is None:
            return _OWN
        for name, preset in PRESETS.items():
            if preset.recipe == kind and (preset.minutes, preset.share, None) == (
                plan.minutes,
                plan.share,
                plan.episodes,
            ):
                return name
        return _OWN

    def _field(self, name: str) -> SettingField:
        return self.query_one(f"#field-{name}", SettingField)

    def _recipe(self) -> Recipe | None:
        """Read the recipe from the form; None while a setting is wrong."""
        if not self._shown:
            return None
        try:
            texts = {each.name: self._field(each.name).text for each in settings_of(RECIPES[self._shown])}
            return recipe(self._shown, **texts)
        except PongArenaError:
            return None

    def _plan(self) -> Plan | None:
        try:
            return _plan({name: self._field(name).text for name in ("episodes", "minutes", "share")})
        except PongArenaError:
            return None

    # -- explanations and estimates

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        field = next((each for each in event.widget.ancestors if isinstance(each, SettingField)), None)
        if field is not None:
            self.query_one("#explained", Static).update(field.explanation.words(field.label))
        elif event.widget.id == "recipe":
            self._explain_recipes()
        elif event.widget.id == "preset":
            words = "A preset fills in this form. You can still change every setting below."
            self.query_one("#explained", Static).update(words)

    def _explain_recipes(self) -> None:
        """Explain the recipes, the chosen one first, as there may be no room for all."""
        names = sorted(RECIPES, key=lambda name: name != self._shown)
        words = "\n".join(f"{name}: {RECIPES[name].summary}" for name in names)
        self.query_one("#explained", Static).update(words)

    @work(thread=True, exclusive=True, group="estimate")
    def _estimate(self, kind: Recipe) -> None:
        models = [entry.model for entry in self.arcade.look.entries]
        found = estimate(self.arcade.library.root.parent, kind, models)
        if not get_current_worker().is_cancelled:
            self.post_message(self.Estimated(kind, found))

    def action_measure(self) -> None:
        kind = self._recipe()
        if kind is None or self._measuring:
            return
        self._measuring = True
        self.query_one("#measure", Button).disabled = True
        self.query_one("#estimate", Static).update("measuring: it trains for a moment, as a test …")
        self._measure(kind)

    @work(thread=True)
    def _measure(self, kind: Recipe) -> None:
        worker = get_current_worker()
        try:
            found, fault = measure(kind, lambda: worker.is_cancelled), ""
        except PongArenaError as error:
            found, fault = None, str(error)
        if not worker.is_cancelled:
            self._measuring = False
            self.post_message(self.Estimated(kind, found, fault))

    def on_new_session_screen_estimated(self, message: Estimated) -> None:
        message.stop()
        self.query_one("#measure", Button).disabled = self._measuring
        kind = self._recipe()
        if self._measuring or kind is None:
            return
        if message.kind != kind:
            self._estimate(kind)  # the form was changed meanwhile
            return
        plan = self._plan()
        share = (plan.share if plan else None) or 1.0
        text = Text().append("Estimate", style="bold")
        if message.fault:
            text.append(f"  {message.fault}")
        elif message.found is None:
            text.append("  no speed was measured for it on this machine yet; ctrl+e measures it")
        else:
            wide = self.has_class("-wide")
            text.append("\n" if wide else "  ")
            text.append(("\n" if wide else " · ").join(outlook(kind, message.found, share)))
        self.query_one("#estimate", Static).update(text)

    # -- starting

    def fault(self) -> Fault | None:
        wrong = [field for field in self.query(SettingField) if field.fault]
        if not wrong:
            return None
        first, place = wrong[0], f"#field-{wrong[0].key}"
        place = f"{place} Input, {place} Select"
        if not first.text:
            return Fault(f"{first.label} is empty: fill it in", place, empty=True)
        return Fault(f"please look again at: {', '.join(field.label for field in wrong)}", place)

    def go_to(self, field: str) -> None:
        """Focus a field; show the advanced part first if it is there."""
        widget = self.query_one(field)
        if self.query_one("#advanced") in widget.ancestors:
            self.add_class("-advanced")
        self.call_after_refresh(widget.focus)

    def action_advanced(self) -> None:
        self.toggle_class("-advanced")
        if not self.has_class("-advanced"):
            self.go_to("#field-name Input")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "measure":
            self.action_measure()
        elif event.button.id == "more":
            self.action_advanced()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.prevent_default()
        self.focus_next()

    def action_submit(self) -> None:
        if not self._shown:
            self._start_wanted = True
            return
        for field in self.query(SettingField):
            field.judge()
        super().action_submit()

    def answer(self) -> None:
        texts = {field.key: field.text for field in self.query(SettingField)}
        chosen = self._shown
        self.wait("starting: the games are being loaded …")
        self.query_one("#form").disabled = True  # the session would not get changes from now on
        self.arcade.attempt(lambda: self._start(chosen, texts), self._leave, self.refuse)

    def _start(self, chosen: str, texts: dict[str, str]) -> str:
        name, seed = texts.pop("name"), int(texts.pop("seed"))
        plan = _plan({each: texts.pop(each) for each in ("episodes", "minutes", "share")})
        kind = RECIPES[chosen]
        settings: dict[str, Any] = {key: check_setting(kind, key, text) for key, text in texts.items()}
        model = self.arcade.library.create(name, recipe(chosen, **settings), seed)
        return self.arcade.sessions.start(model, plan, cancelled=self.arcade.is_cancelled)

    def _leave(self) -> None:
        self._started = True
        self.on_screen_resume()

    def on_screen_resume(self) -> None:
        """Close when the session has started and no other screen lies above."""
        if self._started and self.is_active:
            self.dismiss(None)
            self.arcade.navigation.go("training")

    def refuse(self, reason: str) -> None:
        super().refuse(reason)
        if self.is_mounted:
            self.query_one("#form").disabled = False
            self.go_to("#field-name Input")


def _choice(name: str, options: list[tuple[str, str]]) -> ComposeResult:
    with Horizontal(classes="choice"):
        yield Static(name, classes="label")
        value = DEFAULT_RECIPE if name == "recipe" else options[0][1]
        yield Select(options, value=value, allow_blank=False, compact=True, id=name)


def _plan_fields() -> ComposeResult:
    yield SettingField(
        "seed",
        label="seed",
        text="0",
        hint="a whole number",
        explanation=Explanation(
            "It determines all random numbers. Another seed is another run, luckier or not: judge a method "
            "by several seeds."
        ),
        check=lambda text: _whole(text, "seed", 0, _LARGEST_SEED),
    )
    yield SettingField(
        "minutes",
        label="minutes",
        text="",
        hint="empty: until you stop it",
        explanation=Explanation(
            "Training time after which it saves and ends by itself; pauses do not count."
        ),
        check=lambda text: text and _plan({"minutes": text}),
    )
    yield SettingField(
        "episodes",
        label="games to play",
        text="",
        hint="empty: until you stop it",
        explanation=Explanation("Games after which it saves and ends by itself, in whole batches."),
        check=lambda text: text and _plan({"episodes": text}),
    )
    yield SettingField(
        "share",
        label="processor %",
        text="100",
        hint=f"{100 * LEAST_SHARE:g} to 100",
        explanation=Explanation(
            "How much of the time it works; the result is the same.",
            "Quieter and cooler, and slower by as much.",
            "At 100 it takes what other programs leave.",
        ),
        check=lambda text: _plan({"share": text}),
    )


def _plan(texts: dict[str, str]) -> Plan:
    """Make a plan from the texts of the form's three fields; each may be missing.

    Raises:
        InvalidSettingError: When one is invalid.
    """
    episodes, minutes, share = (texts.get(name, "") for name in ("episodes", "minutes", "share"))
    allowed = f"a number from {100 * LEAST_SHARE:g} to 100"
    return Plan(
        _whole(episodes, "number of games", 1, 10**9) if episodes else None,
        _number(minutes, f"minutes above 0, up to {MOST_MINUTES:,}") if minutes else None,
        _number(share, allowed) / 100 if "share" in texts else None,
    )


def _number(text: str, allowed: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidSettingError(f"expected {allowed}, got {text!r}") from None


def _text_of(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _field(kind: type[Recipe], setting: Setting) -> SettingField:
    def check(entered: str) -> object:
        return check_setting(kind, setting.name, entered)

    if setting.name in _CHOICES:
        label, hint, options = _CHOICES[setting.name]
        words = Explanation(f"{setting.help} {setting.too_high}")
        text = _text_of(setting.default)
        return ChoiceField(
            setting.name, label=label, text=text, hint=hint, explanation=words, options=options
        )
    return SettingField(
        setting.name,
        label=setting.label,
        text=_text_of(setting.default),
        hint=setting.allowed,
        explanation=Explanation(setting.help, setting.too_low, setting.too_high),
        check=check,
    )


def _whole(text: str, name: str, low: int, high: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise InvalidSettingError(f"expected a {name} from {low:,} to {high:,}, got {text!r}")
    return number
