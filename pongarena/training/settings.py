"""A recipe's settings for forms and the command line: ranges, explanations and checks."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from pongarena.core.errors import InvalidSettingError

__all__ = [
    "Setting",
    "check_setting",
    "parse_settings",
    "setting",
    "setting_label",
    "settings_of",
    "with_default",
]

Number = TypeVar("Number", int, float)

_LABELS = {
    "first_games": "first parallel games",
    "games": "parallel games",
    "settle_steps": "annealing steps",
    "sticky": "sticky actions",
}
"""Settings whose displayed name differs from the one in files; the latter can still be typed."""

_STORED = {label.replace(" ", "_"): name for name, label in _LABELS.items()}


def setting_label(name: str) -> str:
    """Return the displayed name of a setting that files call ``name``."""
    return _LABELS.get(name, name.replace("_", " "))


@dataclass(frozen=True)
class Setting:
    """One hyperparameter with its range and explanation; `name` is the recipe's field."""

    name: str
    type: type
    default: int | float
    low: int | float
    high: int | float
    exclusive_low: bool
    exclusive_high: bool
    help: str
    too_low: str = ""
    too_high: str = ""

    @property
    def about(self) -> str:
        """Its effect, and that of lower and higher values, in one line."""
        parts = [self.help]
        parts += [f"Lower: {_small(self.too_low)}"] if self.too_low else []
        parts += [f"Higher: {_small(self.too_high)}"] if self.too_high else []
        return " ".join(parts)

    @property
    def label(self) -> str:
        """The displayed name."""
        return setting_label(self.name)

    @property
    def key(self) -> str:
        """The name to type before ``=``; with dashes it is the option's name."""
        return self.label.replace(" ", "_")

    @property
    def allowed(self) -> str:
        """The range in words: "a whole number from 1 to 64"."""
        kind = "a whole number" if self.type is int else "a number"
        low = f"above {self.low:g}" if self.exclusive_low else f"from {_short(self.low)}"
        high = f"below {self.high:g}" if self.exclusive_high else f"to {_short(self.high)}"
        return f"{kind} {low} {high}"

    def admits(self, value: int | float) -> bool:
        """Return whether a number is within the range; NaN never is."""
        above = value > self.low if self.exclusive_low else value >= self.low
        below = value < self.high if self.exclusive_high else value <= self.high
        return above and below


def setting(
    default: Number,
    *,
    help: str,
    low: Number,
    high: Number,
    exclusive_low: bool = False,
    exclusive_high: bool = False,
    too_low: str = "",
    too_high: str = "",
    late: bool = False,
) -> Number:
    """Define a recipe's field with range and explanation, see `Setting`; late ones are listed last."""
    metadata = {
        "help": help,
        "too_low": too_low,
        "too_high": too_high,
        "low": low,
        "high": high,
        "exclusive_low": exclusive_low,
        "exclusive_high": exclusive_high,
        "late": late,
    }
    field: Number = dataclasses.field(default=default, metadata=metadata)
    return field


def with_default(recipe_type: type[Any], name: str, default: Number) -> Number:
    """Redefine a setting of a recipe with another default, in a derived recipe."""
    given = next(each for each in dataclasses.fields(recipe_type) if each.name == name)
    field: Number = dataclasses.field(default=default, metadata=given.metadata)
    return field


def settings_of(recipe_type: type[Any]) -> tuple[Setting, ...]:
    """Return the settings of a recipe in display order."""
    kind: Any = recipe_type  # mypy does not know that it is hashable
    return _settings_of(kind)


@cache
def _settings_of(recipe_type: Any) -> tuple[Setting, ...]:  # noqa: ANN401
    fields = sorted(dataclasses.fields(recipe_type), key=lambda each: bool(each.metadata["late"]))
    return tuple(
        Setting(
            name=field.name,
            type=type(field.default),
            default=_default(field),
            **{key: value for key, value in field.metadata.items() if key != "late"},
        )
        for field in fields
    )


@cache
def _by_name(recipe_type: Any) -> dict[str, Setting]:  # noqa: ANN401
    return {each.name: each for each in settings_of(recipe_type)}


def check_setting(recipe_type: type[Any], name: str, value: object) -> int | float:
    """Parse and check one setting, as typed into a form or found in a file.

    Args:
        recipe_type: The recipe.
        name: The setting's name.
        value: A number, or a text like "200" or "1e-3". A comma is refused: "1,000" is ambiguous.

    Returns:
        The number in the setting's own type.

    Raises:
        InvalidSettingError: When it is unknown, not a number, or out of range; the message has the range.
    """
    kind: Any = recipe_type
    known = _by_name(kind)
    if name not in known:
        raise InvalidSettingError(
            f"expected a setting of the {recipe_type.name} recipe, one of "
            f"{', '.join(each.key for each in known.values())}, got {name!r}; "
            "check its spelling"
        )
    setting = known[name]
    number = _number(value)
    if number is None or not setting.admits(number) or (setting.type is int and number != int(number)):
        raise InvalidSettingError(
            f"expected {setting.label} to be {setting.allowed}, got {value!r}; "
            f"the recipe's own value is {_short(setting.default)}"
        )
    return setting.type(number)  # type: ignore[no-any-return]


def parse_settings(pairs: Sequence[str]) -> dict[str, str]:
    """Split KEY=VALUE texts, as typed after ``--set``; `recipe` checks the values later.

    Raises:
        InvalidSettingError: When one has no "=".
    """
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise InvalidSettingError(
                f"expected --set KEY=VALUE, got {pair!r}; for instance learning_rate=1e-3"
            )
        name = key.strip().replace("-", "_")
        settings[_STORED.get(name, name)] = value
    return settings


def _default(field: dataclasses.Field[Any]) -> int | float:
    assert isinstance(field.default, (int, float))
    return field.default


def _number(value: object) -> int | float | None:
    """Parse a number, or return None; integers stay exact."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value
    if not isinstance(value, str):
        return None
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return None


def _small(sentence: str) -> str:
    """Start a sentence in lower case, to follow a colon."""
    return sentence[:1].lower() + sentence[1:]


def _short(number: int | float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"
