"""The checklist of players for a new tournament."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import SelectionList
from textual.widgets.selection_list import Selection

from pongarena.library.names import player_label
from pongarena.match.entrants import every
from pongarena.match.ratings import ANCHOR
from pongarena.tui import words
from pongarena.tui.data.library_watcher import Entry
from pongarena.tui.keys import key

__all__ = ["Choice", "EntrantList", "choices"]

_STEPS: tuple[int, ...] = tuple(digit * 10**power for power in range(1, 7) for digit in (1, 2, 5))
"""Round numbers of games between two checkpoints of a lineage (the checkpoints of one model)."""

_USUAL, _MOST = 8, 60
"""Checkpoints of a lineage by default, and at most."""

_FEWEST = 3
"""The fewest checkpoints that are offered as a lineage."""

_SHOWN = 400
"""The most lines; the filter finds the others."""


@dataclass(frozen=True)
class Choice:
    """A line of the list.

    Attributes:
        key: A unique key, which stays the same when the step changes.
        label: Its text.
        note: Muted text after it.
        names: The players that it adds when ticked.
    """

    key: str
    label: str
    note: str
    names: tuple[str, ...]


def choices(entries: Sequence[Entry], steps: dict[str, int], text: str = "") -> list[Choice]:
    """List the lines that match a filter: the CPU, every model's latest checkpoint, every lineage.

    Args:
        entries: The library's models.
        steps: The step of the lineage by model, where it is not the default.
        text: The filter; with an ``@`` it also finds single checkpoints.
    """
    name, at, moment = text.strip().lower().partition("@")
    found = [Choice(ANCHOR, player_label(ANCHOR), "the cartridge's own player", (ANCHOR,))]
    for entry in entries:
        if entry.model.fault is None and entry.checkpoints:
            found += _of_model(entry, steps)
            if at and name in entry.name.lower():
                found += [
                    Choice(spot, spot, "", (spot,))
                    for each in reversed(entry.checkpoints[:-1])
                    if str(each).startswith(moment) and (spot := f"{entry.name}@{each}")
                ]
    fitting = [each for each in found if name in each.label.lower() or (name and name in each.key.lower())]
    if at:
        fitting = [each for each in fitting if "@" in each.label]
    return fitting[:_SHOWN]


def _of_model(entry: Entry, steps: dict[str, int]) -> list[Choice]:
    latest = f"{entry.name}@{entry.checkpoints[-1]}"
    score = f", score {words.signed(entry.score)}" if entry.score is not None else ""
    note = f"{'built in' if entry.model.bundled else 'latest'}{score}"
    found = [Choice(latest, latest, note, (latest,))]
    if len(entry.checkpoints) >= _FEWEST:
        step = steps.get(entry.name) or usual_step(entry.checkpoints)
        names = tuple(f"{entry.name}@{each}" for each in every(entry.checkpoints, step))
        which = "all" if len(names) == len(entry.checkpoints) else f"every {step:,} games"
        note = f"{len(names)} checkpoints; ← → more, fewer"
        found.append(Choice(f"{entry.name}@every", f"{entry.name}, {which}", note, names))
    return found


def usual_step(episodes: Sequence[int]) -> int:
    """Return the smallest round step that leaves at most eight checkpoints."""
    return next((step for step in steps(episodes) if len(every(episodes, step)) <= _USUAL), _STEPS[-1])


def steps(episodes: Sequence[int]) -> list[int]:
    """Return the round steps that leave different numbers of checkpoints, at least two."""
    sensible = [step for step in _STEPS if step <= episodes[-1]]
    by_count = {len(every(episodes, step)): step for step in sensible}  # the largest step for each count
    return sorted(step for count, step in by_count.items() if 2 <= count <= _MOST)


class EntrantList(SelectionList[str]):
    """Space, Enter or a click ticks a line; left and right change the step of a lineage."""

    DEFAULT_CSS = """
    EntrantList {
        border: round $border; background: $surface; padding: 0; scrollbar-size-vertical: 1;
        & > .selection-list--button { color: $panel; background: $panel; }
        & > .selection-list--button-highlighted { color: $panel; background: $panel; }
        & > .selection-list--button-selected { color: $right; background: $panel; }
        & > .selection-list--button-selected-highlighted { color: $right; background: $panel; }
    }
    EntrantList:focus { border: round $left; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        key("space", "select", "Tick", "Tick or untick the player"),
        Binding("left", "step(-1)", "Finer", show=False),
        Binding("right", "step(1)", "Coarser", show=False),
    ]

    class Changed(Message):
        """The ticked players have changed."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = tuple(entries)
        self._by_name = {entry.name: entry for entry in entries}
        self._steps: dict[str, int] = {}
        self._ticked: dict[str, tuple[str, ...]] = {}
        self._choices: dict[str, Choice] = {}
        self._text = ""

    def on_mount(self) -> None:
        self._fill()

    def names(self) -> tuple[str, ...]:
        """Return all ticked players, each once, including those that the filter hides."""
        return tuple(dict.fromkeys(name for names in self._ticked.values() for name in names))

    def filter(self, text: str) -> None:
        self._text = text
        self._fill()

    def render_line(self, y: int) -> Strip:
        """Draw a line with or without a tick: Textual's own marks differ only in colour."""
        strip = super().render_line(y)
        place, segments = self.scroll_offset.y + y, list(strip)
        if 0 <= place < self.option_count and len(segments) > 2:
            ticked = self.get_option_at_index(place).value in self.selected
            segments[1] = Segment("✓" if ticked else " ", segments[1].style)
        return Strip(segments, strip.cell_length)

    def on_selection_list_selection_toggled(self, event: SelectionList.SelectionToggled[str]) -> None:
        key = event.selection.value
        if key in self._ticked:
            del self._ticked[key]
        else:
            self._ticked[key] = self._choices[key].names
        self.post_message(self.Changed())

    def action_select(self) -> None:
        """Tick or untick the line under the cursor at once.

        Textual would do so later, to the line to which the cursor has moved meanwhile.
        """
        if self.highlighted is not None:
            self.toggle(self.get_option_at_index(self.highlighted))

    def action_step(self, by: int) -> None:
        if self.highlighted is None:
            return
        key = self.get_option_at_index(self.highlighted).value
        name, _, kind = key.partition("@")
        if kind != "every":
            return
        episodes = self._by_name[name].checkpoints
        now = self._steps.get(name) or usual_step(episodes)
        allowed = steps(episodes) or [now]
        place = min(max(allowed.index(now) + by, 0), len(allowed) - 1) if now in allowed else 0
        self._steps[name] = allowed[place]
        self._fill()
        if key in self._ticked:
            self._ticked[key] = self._choices[key].names
            self.post_message(self.Changed())

    def _fill(self) -> None:
        at = self.highlighted
        key = None if at is None else self.get_option_at_index(at).value
        self._choices = {each.key: each for each in choices(self._entries, self._steps, self._text)}
        self.clear_options()
        self.add_options(
            [
                Selection(
                    Content.assemble(f"{each.label:<30} ", (each.note, "$muted")),
                    each.key,
                    each.key in self._ticked,
                )
                for each in self._choices.values()
            ]
        )
        keys = list(self._choices)
        self.highlighted = keys.index(key) if key in keys else 0 if keys else None
